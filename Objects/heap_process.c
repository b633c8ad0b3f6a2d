/* The process heap (shared objects) and the orphan heap (what dead heaps left behind).

   The process heap lies in one reserved range of addresses, so that "is shared" is a compare.
   Pool arenas grow upwards from its start, large blocks downwards from its end; pages are made
   accessible as the two grow.  It is used only between _PyHeap_EnterShared() and
   _PyHeap_LeaveShared(), under the types lock, and is never given back: shared objects survive
   Py_Finalize().  Its large blocks come in few sizes (four per power of two), so that freed ones
   are found again by a bin number.

   The orphan heap owns the arenas and large blocks that still had live blocks when their heap
   ended.  Nothing is allocated from it; frees go through the memory lock, and an arena whose
   last block is freed goes back to the system.

   Written from InternalDocs/heap.rst.  */

#include "Python.h"
#include "pycore_heap.h"        // struct _heap
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_pymem.h"       // _PyHeap_InArena()
#include "pycore_shared.h"      // _PyProcessArena_Contains()

#include <stdlib.h>
#include <sys/mman.h>

#define COMMIT_STEP ((size_t)256 << 10)

/* ---- Process arena ------------------------------------------------------ */

/* Reserve the address range; called once, by the start of the runtime.  0, or -1: no memory. */
int
_PyProcessHeap_Reserve(void)
{
    struct _process_arena *process = &_PyRuntime.memory.process;
    if (process->base != 0) {
        return 0;       /* kept from an earlier Py_Initialize() */
    }
    size_t size = _Py_PROCESS_ARENA_SIZE + _Py_HEAP_ARENA_SIZE;
    void *ptr = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ptr == MAP_FAILED) {
        return -1;
    }
    uintptr_t base = ((uintptr_t)ptr + _Py_HEAP_ARENA_SIZE - 1) & ~(_Py_HEAP_ARENA_SIZE - 1);
    process->low = base;
    process->high = process->high_committed = base + _Py_PROCESS_ARENA_SIZE;
    process->end = base + _Py_PROCESS_ARENA_SIZE;
    process->base = base;
    return 0;
}

/* The next MiB of the range, for pools; NULL if it is full. */
void *
_PyProcessHeap_NewArena(void)
{
    struct _process_arena *process = &_PyRuntime.memory.process;
    assert(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    void *arena = (void *)process->low;
    if (process->high_committed - process->low < _Py_HEAP_ARENA_SIZE
        || mprotect(arena, _Py_HEAP_ARENA_SIZE, PROT_READ | PROT_WRITE) != 0)
    {
        return NULL;
    }
    process->low += _Py_HEAP_ARENA_SIZE;
    return arena;
}

/* Size of bin `bin`: 512, 640, 768, 896, 1024, 1280, ... */
static size_t
bin_size(int bin)
{
    return ((size_t)(4 + (bin & 3)) << (bin >> 2)) * 128;
}

static int
bin_of(size_t total)
{
    int bin = 0;
    while (bin_size(bin) < total) {
        bin++;
    }
    return bin;
}

/* Move the lower end of the large blocks down; NULL if the range is full. */
static void *
take_from_top(size_t total)
{
    struct _process_arena *process = &_PyRuntime.memory.process;
    if (process->high - process->low < total) {
        return NULL;
    }
    uintptr_t start = process->high - total;
    if (start < process->high_committed) {
        uintptr_t commit = start & ~(COMMIT_STEP - 1);
        if (commit < process->low) {
            commit = process->low;
        }
        if (mprotect((void *)commit, process->high_committed - commit,
                     PROT_READ | PROT_WRITE) != 0) {
            return NULL;
        }
        process->high_committed = commit;
    }
    process->high = start;
    return (void *)start;
}

void *
_PyProcessHeap_LargeMalloc(size_t size)
{
    struct _process_arena *process = &_PyRuntime.memory.process;
    assert(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    size_t total = size + sizeof(struct _heap_block);
    if (total > _Py_PROCESS_ARENA_SIZE / 2) {
        return NULL;
    }
    int bin = bin_of(total);
    assert(bin < _Py_PROCESS_BINS);
    struct _heap_block *block = process->bins[bin];
    if (block != NULL) {
        process->bins[bin] = block->next;
    }
    else {
        block = take_from_top(bin_size(bin));
        if (block == NULL) {
            return NULL;
        }
    }
    block->heap = &_PyRuntime.process_heap;
    block->size = bin_size(bin) - sizeof(struct _heap_block);
    block->magic = _Py_BLOCK_MAGIC;
    block->next = block->prev = NULL;
    block->heap->large_count++;
    block->heap->large_bytes += block->size;
    return block + 1;
}

void
_PyProcessHeap_LargeFree(struct _heap_block *block)
{
    struct _process_arena *process = &_PyRuntime.memory.process;
    assert(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    int bin = bin_of(block->size + sizeof(struct _heap_block));
    block->heap->large_count--;
    block->heap->large_bytes -= block->size;
    block->magic = 0;
    block->next = process->bins[bin];
    process->bins[bin] = block;
}

void
_PyHeap_EnterShared(PyThreadState *tstate)
{
    _PyProcessLock_Lock(&_PyRuntime.types_lock);
    assert(_PyRuntime.process_heap.live);
    tstate->heap = &_PyRuntime.process_heap;
}

void
_PyHeap_LeaveShared(PyThreadState *tstate)
{
    struct _PyProcessLock *lock = &_PyRuntime.types_lock;
    assert(_PyProcessLock_IsHeld(lock));
    assert(tstate->heap == &_PyRuntime.process_heap);
    if (lock->depth == 1) {
        tstate->heap = tstate->interp->heap;
    }
    _PyProcessLock_Unlock(lock);
}

/* ---- Orphans ------------------------------------------------------------ */

/* Called under the memory lock: the arena has live blocks and its heap ends. */
void
_PyOrphans_AdoptArena(struct _heap_arena *arena)
{
    struct _heap *orphans = &_PyRuntime.memory.orphans;
    arena->owner = orphans;
    for (size_t i = 1; i < arena->fresh; i++) {
        struct _heap_pool *page;
        page = (struct _heap_pool *)((char *)arena + i * _Py_HEAP_POOL_SIZE);
        if (page->kind != _Py_PAGE_POOL && page->kind != _Py_PAGE_NURSERY) {
            continue;
        }
        page->used &= (uint16_t)~_Py_POOL_UNLINKED;
        if (page->used == 0) {
            _PyHeap_PutPage(arena, page);
        }
        else if (page->kind == _Py_PAGE_NURSERY) {
            struct _heap_nursery *nursery = (struct _heap_nursery *)page;
            __atomic_store_n(&nursery->owner, orphans, __ATOMIC_RELAXED);
        }
        else {
            __atomic_store_n(&page->heap, orphans, __ATOMIC_RELAXED);
        }
    }
    assert(arena->live_pages > 0);
    arena->usable = 0;
    arena->prev = NULL;
    arena->next = orphans->arenas;
    if (orphans->arenas != NULL) {
        orphans->arenas->prev = arena;
    }
    orphans->arenas = arena;
    orphans->arena_count++;
}

/* Called under the memory lock with the list of large blocks of a heap that ends. */
void
_PyOrphans_AdoptBlocks(struct _heap_block *first)
{
    struct _heap *orphans = &_PyRuntime.memory.orphans;
    struct _heap_block *last = first;
    for (struct _heap_block *block = first; block != NULL; block = block->next) {
        __atomic_store_n(&block->heap, orphans, __ATOMIC_RELAXED);
        orphans->large_count++;
        orphans->large_bytes += block->size;
        last = block;
    }
    last->next = orphans->large;
    if (last->next != NULL) {
        last->next->prev = last;
    }
    orphans->large = first;
}

static void
free_orphan_block(struct _heap *orphans, struct _heap_block *block)
{
    if (block->prev != NULL) {
        block->prev->next = block->next;
    }
    else {
        assert(orphans->large == block);
        orphans->large = block->next;
    }
    if (block->next != NULL) {
        block->next->prev = block->prev;
    }
    orphans->large_count--;
    orphans->large_bytes -= block->size;
    block->magic = 0;
    free(block);
}

void
_PyOrphans_Free(void *ptr)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    struct _heap *orphans = &memory->orphans;
    _PyProcessLock_Lock(&memory->lock);
    if (!_PyHeap_InArena(ptr)) {
        free_orphan_block(orphans, _PyHeap_BlockOf(ptr));
        _PyProcessLock_Unlock(&memory->lock);
        return;
    }
    struct _heap_arena *arena = _PyHeap_ArenaOf(ptr);
    struct _heap_pool *page = _PyHeap_PageOf(ptr);
    assert(arena->owner == orphans && page->used > 0);
    if (--page->used == 0) {
        _PyHeap_PutPage(arena, page);
        if (arena->live_pages == 0) {
            if (arena->prev != NULL) {
                arena->prev->next = arena->next;
            }
            else {
                orphans->arenas = arena->next;
            }
            if (arena->next != NULL) {
                arena->next->prev = arena->prev;
            }
            orphans->arena_count--;
            _PyHeap_ReleaseArena(arena);
        }
    }
    _PyProcessLock_Unlock(&memory->lock);
}

size_t
_PyHeap_CountOrphans(void)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    _PyProcessLock_Lock(&memory->lock);
    size_t total = memory->orphans.arena_count + memory->orphans.large_count;
    _PyProcessLock_Unlock(&memory->lock);
    return total;
}

/* ---- Owners of objects -------------------------------------------------- */

/* Start of the block that holds the object. */
static const char *
block_start(PyObject *op)
{
    unsigned long flags = Py_TYPE(op)->tp_flags;
    const char *start = (const char *)op;
    if (flags & Py_TPFLAGS_HAVE_GC) {
        start -= sizeof(PyGC_Head);
    }
    if (flags & (Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_MANAGED_WEAKREF)) {
        start -= 2 * sizeof(PyObject *);
    }
    return start;
}

/* Not watched by AddressSanitizer: in front of an object of unknown origin lies anything. */
__attribute__((no_sanitize("address")))
struct _heap *
_PyHeap_OwnerOfObject(PyObject *op)
{
    if (_Py_IsShared(op)) {
        return _PyProcessArena_Contains(op) ? &_PyRuntime.process_heap : NULL;
    }
    const char *start = block_start(op);
    if (!_PyHeap_InArena(start)) {
        /* Static, of another allocator, or large: only the magic tells. */
        const char *header = start - sizeof(struct _heap_block);
        if (_PyRuntime.memory.debug_hooks) {
            header -= _PyMem_DEBUG_HEAD;
        }
        if (((uintptr_t)header & (_Py_HEAP_ALIGNMENT - 1)) != 0
            || ((struct _heap_block *)header)->magic != _Py_BLOCK_MAGIC) {
            return NULL;
        }
        return ((struct _heap_block *)header)->heap;
    }
    return _PyHeap_OwnerOf(start);
}

void
_PyObject_CheckOwner(PyObject *op)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL || op == NULL) {
        return;
    }
    struct _heap *owner = _PyHeap_OwnerOfObject(op);
    if (owner == NULL || owner->kind != _Py_HEAP_OWN
        || owner == tstate->heap || owner == tstate->interp->heap)
    {
        return;
    }
    _Py_FatalErrorFormat(__func__,
                         "object %p of type %.100s belongs to interpreter %lld "
                         "but was touched by interpreter %lld",
                         (void *)op, Py_TYPE(op)->tp_name, (long long)owner->owner_id,
                         (long long)tstate->interp->id);
}
