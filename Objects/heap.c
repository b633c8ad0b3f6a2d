/* Heaps: pools, arenas, the nursery, large blocks.

   The structs and the glossary are in pycore_heap.h.  The fast paths are inlines in
   pycore_pymem.h; this file has what they fall back to.

   How a small block is found: heap->pools[cls] is the head of a list of pools of that class;
   allocation takes from the head only.  A pool found empty is unlinked there (its `used` gets
   the bit _Py_POOL_UNLINKED) and comes back to the head of the list with its first free.
   When no pool is left, the first 2 KiB of each class are cut from the nursery,
   and only then a new page is taken.  A pool without live blocks gives its page back unless
   it is the only one of its class.

   How a block finds its owner: its address is in a pool arena (bit map) and the page header
   names the heap; otherwise struct _heap_block lies in front of it.

   Who may do what: every function takes the current heap, whose GIL (or, for the process heap, the
   types lock) the caller holds.  A block of another heap is pushed on that heap's `returned`
   stack, which its owner empties on its slow path.

   Written from InternalDocs/heap.rst.  */

#include "Python.h"
#include "pycore_heap.h"        // struct _heap
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_pymem.h"       // _PyHeap_InArena()

#include <stdlib.h>
#include <sys/mman.h>

#define NURSERY_SHARE 2048      /* bytes of each class that may come from the nursery */
#define KEPT_PAGES 32           /* pages that a cached arena keeps: enough for a small heap */

const struct _heap_pool _PyHeap_EmptyPool = {.used = _Py_POOL_UNLINKED};

#define EMPTY_POOL ((struct _heap_pool *)&_PyHeap_EmptyPool)
#define FIRST_BLOCK sizeof(struct _heap_pool)

_Static_assert(sizeof(struct _heap_pool) == 48, "pool header keeps 16-byte alignment");
_Static_assert(sizeof(struct _heap_block) == 32, "header of large blocks");
_Static_assert(sizeof(struct _heap_nursery) < 512, "header of nursery pages");

static inline size_t
class_size(size_t cls)
{
    assert(cls < _Py_HEAP_CLASSES);
    return (cls + 1) * _Py_HEAP_ALIGNMENT;
}

static inline size_t
class_of(size_t size)
{
    assert(size >= 1 && size <= _Py_HEAP_SMALL_MAX);
    return (size - 1) / _Py_HEAP_ALIGNMENT;
}

static inline size_t
live_blocks(const struct _heap_pool *pool)
{
    return pool->used & ~_Py_POOL_UNLINKED;
}

/* ---- Arenas ------------------------------------------------------------- */

static void
mark_arena(const void *base, int on)
{
    uintptr_t mib = (uintptr_t)base >> _Py_HEAP_ARENA_BITS;
    uint64_t *word = &_PyRuntime.memory.arena_map[mib >> 6];
    uint64_t bit = (uint64_t)1 << (mib & 63);
    if (on) {
        __atomic_or_fetch(word, bit, __ATOMIC_RELEASE);
    }
    else {
        __atomic_and_fetch(word, ~bit, __ATOMIC_RELEASE);
    }
}

/* Memory for one arena: from the cache or from the arena allocator, which knows nothing of
   alignment; so ask for one arena, and for two if that one does not fit.  Called under the
   memory lock. */
static void *
obtain_arena(void **raw, size_t *raw_size)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (memory->cached > 0) {
        *raw = memory->cache[--memory->cached];
        *raw_size = _Py_HEAP_ARENA_SIZE;
        return *raw;
    }
    PyObjectArenaAllocator *alloc = &memory->arena_alloc;
    for (size_t size = _Py_HEAP_ARENA_SIZE; ; size = 2 * _Py_HEAP_ARENA_SIZE) {
        void *ptr = alloc->alloc(alloc->ctx, size);
        if (ptr == NULL) {
            return NULL;
        }
        uintptr_t start = (uintptr_t)ptr;
        uintptr_t aligned = (start + _Py_HEAP_ARENA_SIZE - 1) & ~(_Py_HEAP_ARENA_SIZE - 1);
        int fits = (aligned + _Py_HEAP_ARENA_SIZE <= start + size);
        if (fits && (aligned >> _Py_HEAP_ADDRESS_BITS) == 0) {
            *raw = ptr;
            *raw_size = size;
            return (void *)aligned;
        }
        alloc->free(alloc->ctx, ptr, size);
        if (fits || size > _Py_HEAP_ARENA_SIZE) {
            return NULL;
        }
    }
}

/* Give the memory of an arena back to the system.  Called under the memory lock. */
void
_PyHeap_ReleaseArena(struct _heap_arena *arena)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    void *raw = arena->raw;
    size_t raw_size = arena->raw_size;
    assert(_PyHeap_InArena(arena));
    mark_arena(arena, 0);
    if (raw == (void *)arena && raw_size == _Py_HEAP_ARENA_SIZE
        && memory->cached < (int)Py_ARRAY_LENGTH(memory->cache)
        && madvise((char *)raw + KEPT_PAGES * _Py_HEAP_POOL_SIZE,
                   raw_size - KEPT_PAGES * _Py_HEAP_POOL_SIZE, MADV_DONTNEED) == 0)
    {
        memory->cache[memory->cached++] = raw;
        return;
    }
    memory->arena_alloc.free(memory->arena_alloc.ctx, raw, raw_size);
}

static void
link_usable(struct _heap *heap, struct _heap_arena *arena)
{
    assert(!arena->usable && arena->owner == heap);
    arena->usable = 1;
    arena->prev_usable = NULL;
    arena->next_usable = heap->usable;
    if (heap->usable != NULL) {
        heap->usable->prev_usable = arena;
    }
    heap->usable = arena;
}

static void
unlink_usable(struct _heap *heap, struct _heap_arena *arena)
{
    assert(arena->usable && arena->owner == heap);
    arena->usable = 0;
    if (arena->prev_usable != NULL) {
        arena->prev_usable->next_usable = arena->next_usable;
    }
    else {
        assert(heap->usable == arena);
        heap->usable = arena->next_usable;
    }
    if (arena->next_usable != NULL) {
        arena->next_usable->prev_usable = arena->prev_usable;
    }
}

static void
unlink_arena(struct _heap *heap, struct _heap_arena *arena)
{
    if (arena->usable) {
        unlink_usable(heap, arena);
    }
    if (arena->prev != NULL) {
        arena->prev->next = arena->next;
    }
    else {
        assert(heap->arenas == arena);
        heap->arenas = arena->next;
    }
    if (arena->next != NULL) {
        arena->next->prev = arena->prev;
    }
    assert(heap->arena_count > 0);
    heap->arena_count--;
}

/* A new arena of the heap, linked and usable; NULL: out of memory. */
struct _heap_arena *
_PyHeap_NewArena(struct _heap *heap)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    struct _heap_arena *arena;
    void *raw = NULL;
    size_t raw_size = 0;
    if (heap->kind == _Py_HEAP_PROCESS) {
        arena = _PyProcessHeap_NewArena();
        raw = arena;
    }
    else {
        _PyProcessLock_Lock(&memory->lock);
        arena = obtain_arena(&raw, &raw_size);
        _PyProcessLock_Unlock(&memory->lock);
    }
    if (arena == NULL) {
        return NULL;
    }
    memset(arena, 0, sizeof(*arena));
    arena->page.kind = _Py_PAGE_ARENA;
    arena->owner = heap;
    arena->fresh = 1;
    arena->raw = raw;
    arena->raw_size = raw_size;
    arena->next = heap->arenas;
    if (heap->arenas != NULL) {
        heap->arenas->prev = arena;
    }
    heap->arenas = arena;
    link_usable(heap, arena);
    heap->arena_count++;
    heap->arenas_allocated_total++;
    if (heap->arena_count > heap->arenas_highwater) {
        heap->arenas_highwater = heap->arena_count;
    }
    mark_arena(arena, 1);
    return arena;
}

/* ---- Pages -------------------------------------------------------------- */

/* An unused page of the heap, its header not yet filled in; NULL: out of memory. */
static struct _heap_pool *
take_page(struct _heap *heap)
{
    struct _heap_arena *arena = heap->usable;
    if (arena == NULL) {
        arena = _PyHeap_NewArena(heap);
        if (arena == NULL) {
            return NULL;
        }
    }
    struct _heap_pool *page = arena->free_pages;
    if (page != NULL) {
        assert(page->kind == _Py_PAGE_FREE);
        arena->free_pages = page->next;
    }
    else {
        assert(arena->fresh < _Py_HEAP_ARENA_PAGES);
        page = (struct _heap_pool *)((char *)arena + arena->fresh * _Py_HEAP_POOL_SIZE);
        page->index = arena->fresh++;
    }
    arena->live_pages++;
    if (arena->free_pages == NULL && arena->fresh == _Py_HEAP_ARENA_PAGES) {
        unlink_usable(heap, arena);
    }
    return page;
}

/* Put a page on the free list of its arena. */
void
_PyHeap_PutPage(struct _heap_arena *arena, struct _heap_pool *page)
{
    assert(arena->live_pages > 0);
    page->heap = NULL;
    page->kind = _Py_PAGE_FREE;
    page->next = arena->free_pages;
    arena->free_pages = page;
    arena->live_pages--;
}

/* Give a page back; an arena that becomes empty goes back to the system, unless it is the
   only one with room. */
static void
give_page(struct _heap *heap, struct _heap_pool *page)
{
    struct _heap_arena *arena = _PyHeap_ArenaOf(page);
    assert(arena->owner == heap);
    _PyHeap_PutPage(arena, page);
    if (!arena->usable) {
        link_usable(heap, arena);
    }
    if (arena->live_pages == 0 && heap->kind == _Py_HEAP_OWN
        && (heap->usable != arena || arena->next_usable != NULL))
    {
        struct _process_memory *memory = &_PyRuntime.memory;
        unlink_arena(heap, arena);
        _PyProcessLock_Lock(&memory->lock);
        _PyHeap_ReleaseArena(arena);
        _PyProcessLock_Unlock(&memory->lock);
    }
}

/* ---- Pools -------------------------------------------------------------- */

static void
link_pool(struct _heap *heap, struct _heap_pool *pool)
{
    struct _heap_pool *head = heap->pools[pool->cls];
    assert(pool != head);
    pool->prev = NULL;
    pool->next = head;
    if (head != EMPTY_POOL) {
        head->prev = pool;
    }
    heap->pools[pool->cls] = pool;
}

static void
unlink_pool(struct _heap *heap, struct _heap_pool *pool)
{
    assert(!(pool->used & _Py_POOL_UNLINKED));
    if (pool->prev != NULL) {
        pool->prev->next = pool->next;
    }
    else {
        assert(heap->pools[pool->cls] == pool);
        heap->pools[pool->cls] = pool->next;
    }
    if (pool->next != EMPTY_POOL) {
        pool->next->prev = pool->prev;
    }
}

/* Cut a fresh page into blocks of the class, all free, and make it the head of its list. */
static struct _heap_pool *
new_pool(struct _heap *heap, size_t cls)
{
    struct _heap_pool *pool = take_page(heap);
    if (pool == NULL) {
        return NULL;
    }
    size_t size = class_size(cls);
    size_t count = (_Py_HEAP_POOL_SIZE - FIRST_BLOCK) / size;
    pool->cls = (uint8_t)cls;
    pool->kind = _Py_PAGE_POOL;
    pool->used = 0;
    pool->capacity = (uint16_t)count;
    char *block = (char *)pool + FIRST_BLOCK;
    pool->free = block;
    for (size_t i = 1; i < count; i++, block += size) {
        *(void **)block = block + size;
    }
    *(void **)block = NULL;
    __atomic_store_n(&pool->heap, heap, __ATOMIC_RELAXED);
    link_pool(heap, pool);
    return pool;
}

void
_PyHeap_PoolChanged(struct _heap *heap, struct _heap_pool *pool)
{
    assert(pool->heap == heap);
    if (pool->used & _Py_POOL_UNLINKED) {
        pool->used &= ~_Py_POOL_UNLINKED;
        link_pool(heap, pool);
    }
    if (pool->used == 0 && (pool->next != EMPTY_POOL || pool->prev != NULL)) {
        unlink_pool(heap, pool);
        give_page(heap, pool);
    }
}

/* ---- Nursery ------------------------------------------------------------ */

/* A block cut from the nursery, or NULL if the class had its share (or memory is short). */
static void *
nursery_cut(struct _heap *heap, size_t cls)
{
    size_t size = class_size(cls);
    if (heap->nursery_given[cls] * size >= NURSERY_SHARE) {
        return NULL;
    }
    struct _heap_nursery *page = heap->nursery;
    if (page == NULL || page->fill + size > _Py_HEAP_POOL_SIZE) {
        page = (struct _heap_nursery *)take_page(heap);
        if (page == NULL) {
            return NULL;
        }
        page->page.heap = NULL;
        page->page.kind = _Py_PAGE_NURSERY;
        page->page.used = 0;
        page->owner = heap;
        page->next = heap->nursery;
        page->fill = (uint16_t)((sizeof(*page) + _Py_HEAP_ALIGNMENT - 1)
                                & ~(size_t)(_Py_HEAP_ALIGNMENT - 1));
        heap->nursery = page;
    }
    char *block = (char *)page + page->fill;
    page->cls[page->fill / _Py_HEAP_ALIGNMENT] = (uint8_t)cls;
    page->fill = (uint16_t)(page->fill + size);
    page->page.used++;
    heap->nursery_given[cls]++;
    return block;
}

static inline size_t
nursery_class(const struct _heap_nursery *page, const void *ptr)
{
    return page->cls[((uintptr_t)ptr & (_Py_HEAP_POOL_SIZE - 1)) / _Py_HEAP_ALIGNMENT];
}

static void
nursery_free_block(struct _heap *heap, struct _heap_nursery *page, void *ptr)
{
    size_t cls = nursery_class(page, ptr);
    assert(page->page.used > 0);
    page->page.used--;
    *(void **)ptr = heap->nursery_free[cls];
    heap->nursery_free[cls] = ptr;
}

/* ---- Small blocks ------------------------------------------------------- */

void *
_PyHeap_SmallSlow(struct _heap *heap, size_t cls)
{
    assert(heap->live);
    if (__atomic_load_n(&heap->returned, __ATOMIC_RELAXED) != NULL) {
        _PyHeap_DrainReturned(heap);
    }
    struct _heap_pool *pool;
    while ((pool = heap->pools[cls])->free == NULL && pool != EMPTY_POOL) {
        assert(pool->used == pool->capacity);
        unlink_pool(heap, pool);
        pool->used |= _Py_POOL_UNLINKED;
    }
    if (pool == EMPTY_POOL) {
        void *block = heap->nursery_free[cls];
        if (block != NULL) {
            heap->nursery_free[cls] = *(void **)block;
            _PyHeap_PageOf(block)->used++;
            return block;
        }
        block = nursery_cut(heap, cls);
        if (block != NULL) {
            return block;
        }
        pool = new_pool(heap, cls);
        if (pool == NULL) {
            return NULL;
        }
    }
    void *block = pool->free;
    pool->free = *(void **)block;
    pool->used++;
    return block;
}

/* ---- Large blocks ------------------------------------------------------- */

static void
link_large(struct _heap *heap, struct _heap_block *block)
{
    block->prev = NULL;
    block->next = heap->large;
    if (heap->large != NULL) {
        heap->large->prev = block;
    }
    heap->large = block;
    heap->large_count++;
    heap->large_bytes += block->size;
}

static void
unlink_large(struct _heap *heap, struct _heap_block *block)
{
    assert(block->heap == heap && heap->large_count > 0);
    if (block->prev != NULL) {
        block->prev->next = block->next;
    }
    else {
        assert(heap->large == block);
        heap->large = block->next;
    }
    if (block->next != NULL) {
        block->next->prev = block->prev;
    }
    heap->large_count--;
    heap->large_bytes -= block->size;
}

static void *
large_malloc(struct _heap *heap, size_t size, int zero)
{
    if (size > PY_SSIZE_T_MAX - sizeof(struct _heap_block)
        || size >= ((size_t)1 << 48)) {
        return NULL;
    }
    if (heap != NULL && heap->kind == _Py_HEAP_PROCESS) {
        void *ptr = _PyProcessHeap_LargeMalloc(size);
        if (ptr != NULL && zero) {
            memset(ptr, 0, size);
        }
        return ptr;
    }
    if (size < sizeof(void *)) {
        size = sizeof(void *);      /* room for the link of a returned block */
    }
    size_t total = size + sizeof(struct _heap_block);
    struct _heap_block *block = zero ? calloc(1, total) : malloc(total);
    if (block == NULL) {
        return NULL;
    }
    block->heap = heap;
    block->size = size;
    block->magic = _Py_BLOCK_MAGIC;
    block->next = block->prev = NULL;
    if (heap != NULL) {
        link_large(heap, block);
    }
    return block + 1;
}

static void
large_free(struct _heap *heap, struct _heap_block *block)
{
    assert(block->heap == heap);
    if (heap != NULL) {
        if (heap->kind == _Py_HEAP_PROCESS) {
            _PyProcessHeap_LargeFree(block);
            return;
        }
        unlink_large(heap, block);
    }
    block->magic = 0;
    free(block);
}

/* Resize by the C library; the block keeps its owner.  NULL: out of memory, block unchanged. */
static void *
large_realloc(struct _heap *heap, struct _heap_block *block, size_t size)
{
    if (size > PY_SSIZE_T_MAX - sizeof(struct _heap_block)
        || size >= ((size_t)1 << 48)) {
        return NULL;
    }
    if (heap != NULL) {
        unlink_large(heap, block);
    }
    struct _heap_block *moved = realloc(block, size + sizeof(struct _heap_block));
    struct _heap_block *result = moved != NULL ? moved : block;
    if (moved != NULL) {
        moved->size = size;
    }
    if (heap != NULL) {
        link_large(heap, result);
    }
    return moved != NULL ? moved + 1 : NULL;
}

int
_PyHeap_DetachBlock(struct _heap *heap, void *ptr)
{
    assert(heap->kind == _Py_HEAP_OWN);
    if (_PyHeap_InArena(ptr)) {
        return 0;
    }
    struct _heap_block *block = _PyHeap_BlockOf(ptr);
    if (block->heap != heap) {
        return 0;
    }
    unlink_large(heap, block);
    block->heap = NULL;
    return 1;
}

void
_PyHeap_AdoptBlock(struct _heap *heap, void *ptr)
{
    assert(heap->kind == _Py_HEAP_OWN && !_PyHeap_InArena(ptr));
    struct _heap_block *block = _PyHeap_BlockOf(ptr);
    assert(block->heap == NULL && block->magic == _Py_BLOCK_MAGIC);
    block->heap = heap;
    link_large(heap, block);
}

/* ---- Any block ---------------------------------------------------------- */

void *
_PyHeap_Malloc(struct _heap *heap, size_t size)
{
    if (heap != NULL && size <= _Py_HEAP_SMALL_MAX && _PyRuntime.memory.pooled) {
        return _PyHeap_SmallFast(heap, class_of(size != 0 ? size : 1));
    }
    return large_malloc(heap, size, 0);
}

void *
_PyHeap_Calloc(struct _heap *heap, size_t size)
{
    if (heap != NULL && size <= _Py_HEAP_SMALL_MAX && _PyRuntime.memory.pooled) {
        if (size == 0) {
            size = 1;
        }
        void *ptr = _PyHeap_SmallFast(heap, class_of(size));
        if (ptr != NULL) {
            memset(ptr, 0, size);
        }
        return ptr;
    }
    return large_malloc(heap, size, 1);
}

size_t
_PyHeap_UsableSize(const void *ptr)
{
    if (_PyHeap_InArena(ptr)) {
        struct _heap_pool *page = _PyHeap_PageOf(ptr);
        if (page->kind == _Py_PAGE_NURSERY) {
            return class_size(nursery_class((struct _heap_nursery *)page, ptr));
        }
        assert(page->kind == _Py_PAGE_POOL);
        return class_size(page->cls);
    }
    assert(_PyHeap_BlockOf(ptr)->magic == _Py_BLOCK_MAGIC);
    return _PyHeap_BlockOf(ptr)->size;
}

void *
_PyHeap_Realloc(struct _heap *heap, void *ptr, size_t size)
{
    if (ptr == NULL) {
        return _PyHeap_Malloc(heap, size);
    }
    if (size == 0) {
        size = 1;
    }
    size_t old = _PyHeap_UsableSize(ptr);
    int small = _PyHeap_InArena(ptr);
    if (!small) {
        struct _heap_block *block = _PyHeap_BlockOf(ptr);
        int becomes_small = (heap != NULL && size <= _Py_HEAP_SMALL_MAX
                             && _PyRuntime.memory.pooled);
        if (block->heap != NULL && block->heap->kind == _Py_HEAP_PROCESS) {
            if (size <= old && size > old / 2) {
                return ptr;
            }
        }
        else if (!becomes_small && (block->heap == heap || block->heap == NULL)) {
            return large_realloc(block->heap, block,
                                 size < sizeof(void *) ? sizeof(void *) : size);
        }
    }
    else if (size <= old && size > old - old / 4) {
        return ptr;         /* fits, and not a waste */
    }
    void *moved = _PyHeap_Malloc(heap, size);
    if (moved == NULL) {
        return size <= old ? ptr : NULL;
    }
    memcpy(moved, ptr, size < old ? size : old);
    _PyHeap_FreeAny(heap, ptr);
    return moved;
}

/* Push a block on its owner's stack of returned blocks: any thread, no lock. */
static void
return_block(struct _heap *owner, void *ptr)
{
    void *head = __atomic_load_n(&owner->returned, __ATOMIC_RELAXED);
    do {
        *(void **)ptr = head;
    } while (!__atomic_compare_exchange_n(&owner->returned, &head, ptr, 1,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

/* Owner of the block, with the page or header it lies in. */
static struct _heap *
owner_of(const void *ptr, struct _heap_pool **page)
{
    *page = NULL;
    if (!_PyHeap_InArena(ptr)) {
        assert(_PyHeap_BlockOf(ptr)->magic == _Py_BLOCK_MAGIC);
        return __atomic_load_n(&_PyHeap_BlockOf(ptr)->heap, __ATOMIC_RELAXED);
    }
    *page = _PyHeap_PageOf(ptr);
    if ((*page)->kind == _Py_PAGE_NURSERY) {
        return __atomic_load_n(&((struct _heap_nursery *)*page)->owner, __ATOMIC_RELAXED);
    }
    assert((*page)->kind == _Py_PAGE_POOL);
    return __atomic_load_n(&(*page)->heap, __ATOMIC_RELAXED);
}

void
_PyHeap_FreeAny(struct _heap *heap, void *ptr)
{
    struct _heap_pool *page;
    struct _heap *owner = owner_of(ptr, &page);
    if (owner != heap) {
        if (owner == NULL) {
            large_free(NULL, _PyHeap_BlockOf(ptr));
        }
        else if (owner->kind == _Py_HEAP_ORPHANS) {
            _PyOrphans_Free(ptr);
        }
        else {
            return_block(owner, ptr);
        }
        return;
    }
    if (page == NULL) {
        large_free(heap, _PyHeap_BlockOf(ptr));
    }
    else if (page->kind == _Py_PAGE_NURSERY) {
        nursery_free_block(heap, (struct _heap_nursery *)page, ptr);
    }
    else {
        _PyHeap_PoolFree(heap, page, ptr);
    }
}

void
_PyHeap_DrainReturned(struct _heap *heap)
{
    void *ptr = __atomic_exchange_n(&heap->returned, NULL, __ATOMIC_ACQUIRE);
    while (ptr != NULL) {
        void *next = *(void **)ptr;
        _PyHeap_FreeAny(heap, ptr);
        ptr = next;
    }
}

int
_PyHeap_OwnsBlockSlow(struct _heap *heap, const void *block)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (_PyMem_FastClasses() == 0 && (memory->debug_hooks || !memory->pooled)) {
        return 0;       /* free lists would hide errors from the tools in use */
    }
    struct _heap_pool *page;
    return __atomic_load_n(&heap->pooled, __ATOMIC_RELAXED) && _PyHeap_InArena(block)
           && owner_of(block, &page) == heap;
}

struct _heap *
_PyHeap_OwnerOf(const void *ptr)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (!_PyHeap_InArena(ptr) && memory->debug_hooks) {
        ptr = (const char *)ptr - _PyMem_DEBUG_HEAD;
    }
    struct _heap_pool *page;
    return owner_of(ptr, &page);
}

/* ---- Life of a heap ----------------------------------------------------- */

void
_PyHeap_Init(struct _heap *heap, int kind, int64_t owner_id)
{
    /* Blocks that others return late may still be on the list of the heap's former life;
       DrainReturned looks up where they belong now. */
    size_t after = offsetof(struct _heap, returned) + sizeof(heap->returned);
    memset((char *)heap + after, 0, sizeof(*heap) - after);
    for (size_t cls = 0; cls < _Py_HEAP_CLASSES; cls++) {
        heap->pools[cls] = EMPTY_POOL;
    }
    heap->kind = kind;
    heap->owner_id = owner_id;
    heap->next_type_version = 1 << 16;
    heap->next_keys_version = _Py_FIRST_KEYS_VERSION;
    heap->next_func_version = 1 << 16;
    heap->next_code_version = 1 << 16;
    heap->live = 1;
    _PyGC_InitHeap(heap);
    _PyMem_UpdateHeap(heap);
}

static size_t
count_arena(struct _heap_arena *arena)
{
    size_t total = 0;
    for (size_t i = 1; i < arena->fresh; i++) {
        struct _heap_pool *page;
        page = (struct _heap_pool *)((char *)arena + i * _Py_HEAP_POOL_SIZE);
        if (page->kind == _Py_PAGE_POOL || page->kind == _Py_PAGE_NURSERY) {
            total += live_blocks(page);
        }
    }
    return total;
}

size_t
_PyHeap_CountBlocks(struct _heap *heap)
{
    size_t total = heap->large_count;
    for (struct _heap_arena *arena = heap->arenas; arena != NULL; arena = arena->next) {
        total += count_arena(arena);
    }
    return total;
}

size_t
_PyHeap_Fini(struct _heap *heap)
{
    assert(heap->kind == _Py_HEAP_OWN && heap->live);
    struct _process_memory *memory = &_PyRuntime.memory;
    _PyGC_FiniHeap(heap);
    _PyHeap_DrainReturned(heap);
    size_t left = _PyHeap_CountBlocks(heap);
    _PyProcessLock_Lock(&memory->lock);
    struct _heap_arena *next;
    for (struct _heap_arena *arena = heap->arenas; arena != NULL; arena = next) {
        next = arena->next;
        if (count_arena(arena) == 0) {
            _PyHeap_ReleaseArena(arena);
        }
        else {
            _PyOrphans_AdoptArena(arena);
        }
    }
    if (heap->large != NULL) {
        _PyOrphans_AdoptBlocks(heap->large);
    }
    _PyProcessLock_Unlock(&memory->lock);
    for (size_t cls = 0; cls < _Py_HEAP_CLASSES; cls++) {
        heap->pools[cls] = EMPTY_POOL;
        heap->nursery_free[cls] = NULL;
    }
    heap->arenas = heap->usable = NULL;
    heap->nursery = NULL;
    heap->large = NULL;
    heap->arena_count = heap->large_count = heap->large_bytes = 0;
    heap->live = 0;
    return left;
}

/* ---- Is-valid ----------------------------------------------------------- */

#define CHECK(expr) \
    do { if (!(expr)) { _Py_FatalErrorFunc(__func__, "heap is broken: " #expr); } } while (0)

static void
check_pool(struct _heap *heap, struct _heap_pool *pool)
{
    CHECK(pool->heap == heap);
    CHECK(pool->cls < _Py_HEAP_CLASSES);
    CHECK(pool->capacity == (_Py_HEAP_POOL_SIZE - FIRST_BLOCK) / class_size(pool->cls));
    size_t free = 0;
    for (void *block = pool->free; block != NULL; block = *(void **)block) {
        CHECK(_PyHeap_PageOf(block) == pool);
        CHECK(((char *)block - (char *)pool - FIRST_BLOCK) % class_size(pool->cls) == 0);
        CHECK(++free <= pool->capacity);
    }
    CHECK(free + live_blocks(pool) == pool->capacity);
    CHECK(!(pool->used & _Py_POOL_UNLINKED) || free == 0);
}

static void
check_arena(struct _heap *heap, struct _heap_arena *arena)
{
    CHECK(arena->owner == heap);
    CHECK(arena->page.kind == _Py_PAGE_ARENA);
    CHECK(_PyHeap_InArena(arena));
    size_t live = 0, unused = 0;
    for (size_t i = 1; i < arena->fresh; i++) {
        struct _heap_pool *page;
        page = (struct _heap_pool *)((char *)arena + i * _Py_HEAP_POOL_SIZE);
        CHECK(page->index == i);
        switch (page->kind) {
        case _Py_PAGE_POOL:
            live++;
            check_pool(heap, page);
            break;
        case _Py_PAGE_NURSERY:
            live++;
            CHECK(((struct _heap_nursery *)page)->owner == heap);
            break;
        default:
            CHECK(page->kind == _Py_PAGE_FREE);
            unused++;
        }
    }
    for (struct _heap_pool *page = arena->free_pages; page != NULL; page = page->next) {
        CHECK(unused-- > 0);
    }
    CHECK(unused == 0);
    CHECK(live == arena->live_pages);
    CHECK(arena->usable == (arena->free_pages != NULL
                            || arena->fresh < _Py_HEAP_ARENA_PAGES));
}

int
_PyHeap_CheckConsistency(struct _heap *heap)
{
    size_t arenas = 0, large = 0;
    for (struct _heap_arena *arena = heap->arenas; arena != NULL; arena = arena->next) {
        check_arena(heap, arena);
        arenas++;
    }
    CHECK(arenas == heap->arena_count);
    for (size_t cls = 0; cls < _Py_HEAP_CLASSES; cls++) {
        struct _heap_pool *pool = heap->pools[cls];
        for (; pool != EMPTY_POOL; pool = pool->next) {
            CHECK(pool->cls == cls && pool->kind == _Py_PAGE_POOL);
            CHECK(!(pool->used & _Py_POOL_UNLINKED));
        }
    }
    for (struct _heap_block *block = heap->large; block != NULL; block = block->next) {
        CHECK(block->heap == heap && block->magic == _Py_BLOCK_MAGIC);
        CHECK(block->next == NULL || block->next->prev == block);
        large++;
    }
    CHECK(large == (heap->kind == _Py_HEAP_PROCESS ? 0 : heap->large_count));
    return 1;
}
