/* The memory API: domains raw, mem and obj, their allocators, the arena allocator.

   raw is the C library and needs no thread state.  mem and obj are the same allocator, the heap of
   the current thread state (heap.c); without a thread state they make ownerless blocks from
   the C library, so that embedding code may allocate before Py_Initialize().

   The fast path asks one process-wide word, memory.fast_classes: it is 32 while both domains
   go straight to pools, and 0 as soon as a hook, PYTHONMALLOC or a build option wants to see
   every call.  Then everything goes through the PyMemAllocatorEx tables.

   Which function frees a block is decided by its address and header, never by the mode, so
   pools may be switched off while blocks from pools live.

   Written from the C API reference ("Memory Management") and InternalDocs/heap.rst.  */

#include "Python.h"
#include "pycore_gil.h"         // _PyEval_HoldIfIdle()
#include "pycore_heap.h"        // struct _heap
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_pymem.h"       // _PyHeap_SmallFast()
#include "pycore_tracemalloc.h" // _PyTraceMalloc_Malloc()

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* ---- Failure injection -------------------------------------------------- */

#ifdef LADON_FAIL_NTH
static int
should_fail(void)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (__atomic_load_n(&memory->fail_after, __ATOMIC_RELAXED) <= 0
        || __atomic_sub_fetch(&memory->fail_after, 1, __ATOMIC_RELAXED) != 0)
    {
        return 0;
    }
    __atomic_store_n(&memory->fail_after, memory->fail_every, __ATOMIC_RELAXED);
    return 1;
}
#define MAY_FAIL() do { if (should_fail()) { return NULL; } } while (0)
#define FAST_CLASSES 0
#else
#define MAY_FAIL()
#define FAST_CLASSES _Py_HEAP_CLASSES
#endif

int
_PyMem_SetFailNth(int64_t nth, int64_t every)
{
#ifdef LADON_FAIL_NTH
    _PyRuntime.memory.fail_every = every;
    __atomic_store_n(&_PyRuntime.memory.fail_after, nth, __ATOMIC_RELAXED);
    return 0;
#else
    (void)nth;
    (void)every;
    return -1;
#endif
}

/* ---- Domain raw: the C library ------------------------------------------ */

void *
_PyMem_LibcMalloc(void *Py_UNUSED(ctx), size_t size)
{
    MAY_FAIL();
    return malloc(size != 0 ? size : 1);
}

void *
_PyMem_LibcCalloc(void *Py_UNUSED(ctx), size_t nelem, size_t elsize)
{
    MAY_FAIL();
    if (nelem == 0 || elsize == 0) {
        nelem = elsize = 1;
    }
    return calloc(nelem, elsize);
}

void *
_PyMem_LibcRealloc(void *Py_UNUSED(ctx), void *ptr, size_t size)
{
    MAY_FAIL();
    return realloc(ptr, size != 0 ? size : 1);
}

void
_PyMem_LibcFree(void *Py_UNUSED(ctx), void *ptr)
{
    free(ptr);
}

/* ---- Domains mem and obj: the heap -------------------------------------- */

/* Heap of the current thread state, or NULL. */
static inline struct _heap *
current_heap(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return tstate != NULL ? tstate->heap : NULL;
}

void *
_PyMem_HeapMalloc(void *Py_UNUSED(ctx), size_t size)
{
    MAY_FAIL();
    return _PyHeap_Malloc(current_heap(), size);
}

void *
_PyMem_HeapCalloc(void *Py_UNUSED(ctx), size_t nelem, size_t elsize)
{
    MAY_FAIL();
    size_t size;
    if (__builtin_mul_overflow(nelem, elsize, &size)) {
        return NULL;
    }
    return _PyHeap_Calloc(current_heap(), size);
}

void *
_PyMem_HeapRealloc(void *Py_UNUSED(ctx), void *ptr, size_t size)
{
    MAY_FAIL();
    if (_PyRuntime.memory.arena_map == NULL) {
        /* Before the start of the runtime every block is ownerless. */
        if (_PyMem_Start() < 0) {
            return NULL;
        }
    }
    return _PyHeap_Realloc(current_heap(), ptr, size);
}

void
_PyMem_HeapFree(void *Py_UNUSED(ctx), void *ptr)
{
    if (ptr == NULL) {
        return;
    }
    if (_PyRuntime.memory.arena_map == NULL) {
        free(_PyHeap_BlockOf(ptr));
        return;
    }
    _PyHeap_FreeAny(current_heap(), ptr);
}

/* ---- Arena allocator ---------------------------------------------------- */

void *
_PyMem_ArenaMmap(void *Py_UNUSED(ctx), size_t size)
{
    void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ptr != MAP_FAILED ? ptr : NULL;
}

void
_PyMem_ArenaMunmap(void *Py_UNUSED(ctx), void *ptr, size_t size)
{
    munmap(ptr, size);
}

void
PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = _PyRuntime.memory.arena_alloc;
}

/* Replaces the functions that arenas come from.  Arenas in use are given to the new `free`
   later, so set it before Py_Initialize(). */
void
PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    _PyRuntime.memory.arena_alloc = *allocator;
}

/* ---- Choosing allocators ------------------------------------------------ */

static const PyMemAllocatorEx libc_allocator = _PyMem_LIBC_ALLOCATOR;
static const PyMemAllocatorEx heap_allocator = _PyMem_HEAP_ALLOCATOR;

static bool
same_allocator(const PyMemAllocatorEx *a, const PyMemAllocatorEx *b)
{
    return a->malloc == b->malloc && a->calloc == b->calloc
           && a->realloc == b->realloc && a->free == b->free;
}

static PyMemAllocatorEx *
domain_allocator(PyMemAllocatorDomain domain)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        return &memory->raw;
    case PYMEM_DOMAIN_MEM:
        return &memory->mem;
    case PYMEM_DOMAIN_OBJ:
        return &memory->obj;
    default:
        return NULL;
    }
}

static PyMemAllocatorEx *
debug_allocator(PyMemAllocatorDomain domain)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        return &memory->debug_raw;
    case PYMEM_DOMAIN_MEM:
        return &memory->debug_mem;
    default:
        assert(domain == PYMEM_DOMAIN_OBJ);
        return &memory->debug_obj;
    }
}

void
_PyMem_UpdateHeap(struct _heap *heap)
{
    __atomic_store_n(&heap->pooled, _PyRuntime.memory.fast_classes != 0, __ATOMIC_RELAXED);
}

/* Work out the words that the fast paths read, after any change of the allocators.  Tracing is
   switched on and off while other threads allocate. */
static void
update_fast_path(void)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    bool direct = same_allocator(&memory->mem, &heap_allocator)
                  && same_allocator(&memory->obj, &heap_allocator) && !_PyTraceMalloc_IsOn();
    __atomic_store_n(&memory->fast_classes,
                     direct && memory->pooled && memory->arena_map != NULL ? FAST_CLASSES : 0,
                     __ATOMIC_RELAXED);
    if (memory->arena_map == NULL) {
        _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
        return;     /* no heap exists yet */
    }
    for (PyInterpreterState *p = _PyRuntime.interpreters.head; p != NULL; p = p->next) {
        _PyMem_UpdateHeap(&p->heap_storage);
    }
    _PyMem_UpdateHeap(&_PyRuntime.process_heap);
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
}

void
_PyMem_UpdateTracing(void)
{
    update_fast_path();
}

int
_PyMem_Start(void)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (memory->arena_map != NULL) {
        return 0;
    }
    size_t bytes = ((size_t)1 << (_Py_HEAP_ADDRESS_BITS - _Py_HEAP_ARENA_BITS)) / 8;
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) {
        return -1;
    }
    if (_PyProcessHeap_Reserve() < 0) {
        munmap(map, bytes);
        return -1;
    }
    memory->arena_map = map;
    _PyHeap_Init(&memory->orphans, _Py_HEAP_ORPHANS, -2);
    _PyHeap_Init(&_PyRuntime.process_heap, _Py_HEAP_PROCESS, -1);
    update_fast_path();
    return 0;
}

void
PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    PyMemAllocatorEx *alloc = domain_allocator(domain);
    if (alloc == NULL) {
        memset(allocator, 0, sizeof(*allocator));
        return;
    }
    *allocator = *alloc;
}

void
PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    PyMemAllocatorEx *alloc = domain_allocator(domain);
    if (alloc != NULL) {
        *alloc = *allocator;
        update_fast_path();
    }
}

static void
hook_domain(PyMemAllocatorDomain domain)
{
    PyMemAllocatorEx *alloc = domain_allocator(domain);
    PyMemAllocatorEx *wrapped = debug_allocator(domain);
    if (alloc->malloc == _PyMem_DebugMalloc) {
        return;
    }
    *wrapped = *alloc;
    *alloc = (PyMemAllocatorEx)_PyMem_DEBUG_ALLOCATOR(wrapped);
}

void
PyMem_SetupDebugHooks(void)
{
    hook_domain(PYMEM_DOMAIN_RAW);
    hook_domain(PYMEM_DOMAIN_MEM);
    hook_domain(PYMEM_DOMAIN_OBJ);
    _PyRuntime.memory.debug_hooks = 1;
    update_fast_path();
}

int
_PyMem_DebugEnabled(void)
{
    return _PyRuntime.memory.debug_hooks;
}

/* Put the default allocator of one domain in place; the former one goes to *old_alloc if that
   is not NULL.  Returns 0, or -1 for an unknown domain. */
int
_PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *old_alloc)
{
    PyMemAllocatorEx *alloc = domain_allocator(domain);
    if (alloc == NULL) {
        return -1;
    }
    if (old_alloc != NULL) {
        *old_alloc = *alloc;
    }
    *alloc = domain == PYMEM_DOMAIN_RAW ? libc_allocator : heap_allocator;
    if (_PyRuntime.memory.debug_hooks) {
        hook_domain(domain);
    }
    update_fast_path();
    return 0;
}

static const struct {
    const char *name;
    PyMemAllocatorName value;
} allocator_names[] = {
    {"default", PYMEM_ALLOCATOR_DEFAULT},
    {"debug", PYMEM_ALLOCATOR_DEBUG},
    {"pymalloc", PYMEM_ALLOCATOR_PYMALLOC},
    {"pymalloc_debug", PYMEM_ALLOCATOR_PYMALLOC_DEBUG},
    {"malloc", PYMEM_ALLOCATOR_MALLOC},
    {"malloc_debug", PYMEM_ALLOCATOR_MALLOC_DEBUG},
};

/* The allocator that a PYTHONMALLOC value names: 0, or -1 if unknown.  NULL and "" mean
   "not set". */
int
_PyMem_GetAllocatorName(const char *name, PyMemAllocatorName *result)
{
    if (name == NULL || *name == '\0') {
        *result = PYMEM_ALLOCATOR_NOT_SET;
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(allocator_names); i++) {
        if (strcmp(name, allocator_names[i].name) == 0) {
            *result = allocator_names[i].value;
            return 0;
        }
    }
    return -1;
}

int
_PyMem_SetupAllocators(PyMemAllocatorName allocator)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    int debug;
    switch (allocator) {
    case PYMEM_ALLOCATOR_NOT_SET:
        return 0;
    case PYMEM_ALLOCATOR_DEFAULT:
    case PYMEM_ALLOCATOR_DEBUG:
#ifdef Py_DEBUG
        debug = 1;
#else
        debug = allocator == PYMEM_ALLOCATOR_DEBUG;
#endif
        memory->pooled = _PyMem_POOLED;
        break;
    case PYMEM_ALLOCATOR_PYMALLOC:
    case PYMEM_ALLOCATOR_PYMALLOC_DEBUG:
        debug = allocator == PYMEM_ALLOCATOR_PYMALLOC_DEBUG;
        memory->pooled = _PyMem_POOLED;
        break;
    case PYMEM_ALLOCATOR_MALLOC:
    case PYMEM_ALLOCATOR_MALLOC_DEBUG:
        debug = allocator == PYMEM_ALLOCATOR_MALLOC_DEBUG;
        memory->pooled = 0;
        break;
    default:
        return -1;
    }
    memory->raw = libc_allocator;
    memory->mem = memory->obj = heap_allocator;
    memory->debug_hooks = 0;
    if (debug) {
        PyMem_SetupDebugHooks();
    }
    update_fast_path();
    return 0;
}

const char *
_PyMem_GetCurrentAllocatorName(void)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    int debug = memory->mem.malloc == _PyMem_DebugMalloc
                && memory->obj.malloc == _PyMem_DebugMalloc
                && memory->raw.malloc == _PyMem_DebugMalloc;
    const PyMemAllocatorEx *raw = debug ? &memory->debug_raw : &memory->raw;
    const PyMemAllocatorEx *mem = debug ? &memory->debug_mem : &memory->mem;
    const PyMemAllocatorEx *obj = debug ? &memory->debug_obj : &memory->obj;
    if (!same_allocator(raw, &libc_allocator) || !same_allocator(mem, &heap_allocator)
        || !same_allocator(obj, &heap_allocator)) {
        return NULL;
    }
    if (memory->pooled) {
        return debug ? "pymalloc_debug" : "pymalloc";
    }
    return debug ? "malloc_debug" : "malloc";
}

/* ---- Calls of an allocator, traced or not -------------------------------- */

static inline void *
call_malloc(PyMemAllocatorEx *alloc, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX) {
        return NULL;
    }
    if (unlikely(_PyTraceMalloc_IsOn())) {
        return _PyTraceMalloc_Malloc(alloc, size);
    }
    return alloc->malloc(alloc->ctx, size);
}

static inline void *
call_calloc(PyMemAllocatorEx *alloc, size_t nelem, size_t elsize)
{
    if (elsize != 0 && nelem > (size_t)PY_SSIZE_T_MAX / elsize) {
        return NULL;
    }
    if (unlikely(_PyTraceMalloc_IsOn())) {
        return _PyTraceMalloc_Calloc(alloc, nelem, elsize);
    }
    return alloc->calloc(alloc->ctx, nelem, elsize);
}

static inline void *
call_realloc(PyMemAllocatorEx *alloc, void *ptr, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX) {
        return NULL;
    }
    if (unlikely(_PyTraceMalloc_IsOn())) {
        return _PyTraceMalloc_Realloc(alloc, ptr, size);
    }
    return alloc->realloc(alloc->ctx, ptr, size);
}

static inline void
call_free(PyMemAllocatorEx *alloc, void *ptr)
{
    if (unlikely(_PyTraceMalloc_IsOn())) {
        _PyTraceMalloc_Free(alloc, ptr);
        return;
    }
    alloc->free(alloc->ctx, ptr);
}

/* ---- API of domain raw -------------------------------------------------- */

void *
PyMem_RawMalloc(size_t size)
{
    return call_malloc(&_PyRuntime.memory.raw, size);
}

void *
PyMem_RawCalloc(size_t nelem, size_t elsize)
{
    return call_calloc(&_PyRuntime.memory.raw, nelem, elsize);
}

void *
PyMem_RawRealloc(void *ptr, size_t size)
{
    return call_realloc(&_PyRuntime.memory.raw, ptr, size);
}

void
PyMem_RawFree(void *ptr)
{
    call_free(&_PyRuntime.memory.raw, ptr);
}

/* ---- API of domains mem and obj ----------------------------------------- */

/* The common fast path: about ten instructions.  NULL: take the slow one. */
static inline void *
fast_malloc(size_t size)
{
    size_t cls = (size - 1) / _Py_HEAP_ALIGNMENT;      /* size 0 becomes huge */
    PyThreadState *tstate = _PyThreadState_GET();
    if (likely(cls < _PyMem_FastClasses() && tstate != NULL)) {
        return _PyHeap_SmallFast(tstate->heap, cls);
    }
    return NULL;
}

/* True if done. */
static inline bool
fast_free(void *ptr)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (likely(_PyMem_FastClasses() != 0 && tstate != NULL)
        && _PyHeap_InArena(ptr))
    {
        struct _heap_pool *pool = _PyHeap_PageOf(ptr);
        struct _heap *heap = tstate->heap;
        if (likely(pool->heap == heap)) {
            _PyHeap_PoolFree(heap, pool, ptr);
            return true;
        }
    }
    return false;
}

static void *
fast_calloc(PyMemAllocatorEx *alloc, size_t nelem, size_t elsize)
{
    if (nelem == 1) {
        void *ptr = fast_malloc(elsize);
        if (likely(ptr != NULL)) {
            return memset(ptr, 0, elsize);
        }
    }
    return call_calloc(alloc, nelem, elsize);
}

void *
PyMem_Malloc(size_t size)
{
    void *ptr = fast_malloc(size);
    return likely(ptr != NULL) ? ptr : call_malloc(&_PyRuntime.memory.mem, size);
}

void *
PyMem_Calloc(size_t nelem, size_t elsize)
{
    return fast_calloc(&_PyRuntime.memory.mem, nelem, elsize);
}

void *
PyMem_Realloc(void *ptr, size_t size)
{
    return call_realloc(&_PyRuntime.memory.mem, ptr, size);
}

void
PyMem_Free(void *ptr)
{
    if (ptr != NULL && !fast_free(ptr)) {
        call_free(&_PyRuntime.memory.mem, ptr);
    }
}

void *
PyObject_Malloc(size_t size)
{
    void *ptr = fast_malloc(size);
    return likely(ptr != NULL) ? ptr : call_malloc(&_PyRuntime.memory.obj, size);
}

void *
PyObject_Calloc(size_t nelem, size_t elsize)
{
    return fast_calloc(&_PyRuntime.memory.obj, nelem, elsize);
}

void *
PyObject_Realloc(void *ptr, size_t size)
{
    return call_realloc(&_PyRuntime.memory.obj, ptr, size);
}

void
PyObject_Free(void *ptr)
{
    if (ptr != NULL && !fast_free(ptr)) {
        call_free(&_PyRuntime.memory.obj, ptr);
    }
}

/* ---- Strings ------------------------------------------------------------ */

char *
_PyMem_RawStrdup(const char *str)
{
    assert(str != NULL);
    size_t size = strlen(str) + 1;
    char *copy = PyMem_RawMalloc(size);
    return copy != NULL ? memcpy(copy, str, size) : NULL;
}

char *
_PyMem_Strdup(const char *str)
{
    assert(str != NULL);
    size_t size = strlen(str) + 1;
    char *copy = PyMem_Malloc(size);
    return copy != NULL ? memcpy(copy, str, size) : NULL;
}

wchar_t *
_PyMem_RawWcsdup(const wchar_t *str)
{
    assert(str != NULL);
    size_t len = wcslen(str);
    if (len > (size_t)PY_SSIZE_T_MAX / sizeof(wchar_t) - 1) {
        return NULL;
    }
    size_t size = (len + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);
    return copy != NULL ? memcpy(copy, str, size) : NULL;
}

/* ---- Counts and statistics ---------------------------------------------- */

/* Live blocks of the heap of an interpreter. */
Py_ssize_t
_PyInterpreterState_GetAllocatedBlocks(PyInterpreterState *interp)
{
    return (Py_ssize_t)_PyHeap_CountBlocks(interp->heap);
}

/* sys.getallocatedblocks(): live blocks of the current interpreter's heap. */
Py_ssize_t
_Py_GetAllocatedBlocks(void)
{
    return _PyInterpreterState_GetAllocatedBlocks(_PyInterpreterState_GET());
}

/* Live blocks of all heaps but those in which other threads run just now. */
Py_ssize_t
_Py_GetGlobalAllocatedBlocks(void)
{
    size_t total = 0;
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    for (PyInterpreterState *p = _PyRuntime.interpreters.head; p != NULL; p = p->next) {
        if (p->heap == &p->heap_storage && _PyEval_HoldIfIdle(p)) {
            total += _PyHeap_CountBlocks(p->heap);
            _PyEval_Unhold(p);
        }
    }
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
    return (Py_ssize_t)(total + _PyHeap_CountOrphans());
}

static void
print_total(FILE *out, const char *label, size_t value)
{
    fprintf(out, "%-34s = %15zu\n", label, value);
}

void
_PyDebugAllocatorStats(FILE *out, const char *block_name, int num_blocks, size_t sizeof_block)
{
    char label[128];
    PyOS_snprintf(label, sizeof(label), "%d %ss * %zd bytes each",
                  num_blocks, block_name, sizeof_block);
    print_total(out, label, num_blocks * sizeof_block);
}

/* Print the state of the current heap.  Returns 1 if small blocks are pooled, else 0. */
int
_PyObject_DebugMallocStats(FILE *out)
{
    struct _heap *heap = _PyThreadState_GET()->heap;
    size_t pools[_Py_HEAP_CLASSES] = {0}, used[_Py_HEAP_CLASSES] = {0};
    size_t nursery_pages = 0, nursery_blocks = 0, free_pages = 0;
    for (struct _heap_arena *arena = heap->arenas; arena != NULL; arena = arena->next) {
        free_pages += _Py_HEAP_ARENA_PAGES - 1 - arena->live_pages;
        for (size_t i = 1; i < arena->fresh; i++) {
            struct _heap_pool *page;
            page = (struct _heap_pool *)((char *)arena + i * _Py_HEAP_POOL_SIZE);
            if (page->kind == _Py_PAGE_POOL) {
                pools[page->cls]++;
                used[page->cls] += page->used & ~_Py_POOL_UNLINKED;
            }
            else if (page->kind == _Py_PAGE_NURSERY) {
                nursery_pages++;
                nursery_blocks += page->used;
            }
        }
    }
    fprintf(out, "Small block threshold = %d, in %d size classes.\n\n",
            _Py_HEAP_SMALL_MAX, _Py_HEAP_CLASSES);
    fprintf(out, "class   size   num pools   blocks in use  avail blocks\n"
                 "-----   ----   ---------   -------------  ------------\n");
    size_t bytes = 0, avail_bytes = 0;
    for (size_t cls = 0; cls < _Py_HEAP_CLASSES; cls++) {
        if (pools[cls] == 0) {
            continue;
        }
        size_t size = (cls + 1) * _Py_HEAP_ALIGNMENT;
        size_t capacity = (_Py_HEAP_POOL_SIZE - sizeof(struct _heap_pool)) / size;
        size_t avail = pools[cls] * capacity - used[cls];
        fprintf(out, "%5zu %6zu %11zu %15zu %13zu\n", cls, size, pools[cls], used[cls], avail);
        bytes += used[cls] * size;
        avail_bytes += avail * size;
    }
    fputc('\n', out);
    print_total(out, "# arenas allocated total", heap->arenas_allocated_total);
    print_total(out, "# arenas highwater mark", heap->arenas_highwater);
    print_total(out, "# arenas allocated current", heap->arena_count);
    print_total(out, "# bytes in allocated blocks", bytes);
    print_total(out, "# bytes in available blocks", avail_bytes);
    print_total(out, "# unused pages", free_pages);
    print_total(out, "# nursery pages", nursery_pages);
    print_total(out, "# nursery blocks in use", nursery_blocks);
    print_total(out, "# large blocks", heap->large_count);
    print_total(out, "# bytes in large blocks", heap->large_bytes);
    return _PyRuntime.memory.pooled;
}
