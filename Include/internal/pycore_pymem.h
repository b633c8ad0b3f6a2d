#ifndef Py_INTERNAL_PYMEM_H
#define Py_INTERNAL_PYMEM_H
/* The allocator's fast paths and the functions behind them (Objects/heap.c, Objects/obmalloc.c).
   Structs: pycore_heap.h. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_pystate.h"     // _PyRuntime, _Py_tss_tstate

/* Fill bytes of the debug hooks. */
#define PYMEM_CLEANBYTE      0xCD   /* fresh */
#define PYMEM_DEADBYTE       0xDD   /* freed */
#define PYMEM_FORBIDDENBYTE  0xFD   /* around a block */

/* True if the pointer holds one of the fill bytes eight times: memory that is not an object. */
static inline int
_PyMem_IsPtrFreed(const void *ptr)
{
    uintptr_t value = (uintptr_t)ptr;
    return (value == 0
            || value == (uintptr_t)0xCDCDCDCDCDCDCDCD
            || value == (uintptr_t)0xDDDDDDDDDDDDDDDD
            || value == (uintptr_t)0xFDFDFDFDFDFDFDFD);
}

static inline struct _heap_pool *
_PyHeap_PageOf(const void *ptr)
{
    return (struct _heap_pool *)((uintptr_t)ptr & ~(uintptr_t)(_Py_HEAP_POOL_SIZE - 1));
}

static inline struct _heap_arena *
_PyHeap_ArenaOf(const void *ptr)
{
    return (struct _heap_arena *)((uintptr_t)ptr & ~(uintptr_t)(_Py_HEAP_ARENA_SIZE - 1));
}

/* True if the address lies in a pool arena.  One load; needs the runtime to be started. */
static inline int
_PyHeap_InArena(const void *ptr)
{
    uintptr_t mib = (uintptr_t)ptr >> _Py_HEAP_ARENA_BITS;
    if (mib >> (_Py_HEAP_ADDRESS_BITS - _Py_HEAP_ARENA_BITS)) {
        return 0;
    }
    uint64_t word = __atomic_load_n(&_PyRuntime.memory.arena_map[mib >> 6], __ATOMIC_RELAXED);
    return (int)(word >> (mib & 63)) & 1;
}

static inline struct _heap_block *
_PyHeap_BlockOf(const void *ptr)
{
    return (struct _heap_block *)((char *)ptr - sizeof(struct _heap_block));
}

/* ---- heap.c: no hooks; `heap` may be NULL where said ---- */

/* The pool from which nothing can be taken; stands for "no pool" in heap->pools. */
extern const struct _heap_pool _PyHeap_EmptyPool;

/* A block of size class `cls` when heap->pools[cls] has none left.  NULL: out of memory. */
extern void *_PyHeap_SmallSlow(struct _heap *heap, size_t cls);
/* Any size; heap NULL makes an ownerless block.  NULL: out of memory. */
extern void *_PyHeap_Malloc(struct _heap *heap, size_t size);
extern void *_PyHeap_Calloc(struct _heap *heap, size_t size);
extern void *_PyHeap_Realloc(struct _heap *heap, void *ptr, size_t size);
/* Free any block of any heap; `heap` is the current one or NULL. */
extern void _PyHeap_FreeAny(struct _heap *heap, void *ptr);
/* The rare half of a free into the current heap: the pool became empty or was full. */
extern void _PyHeap_PoolChanged(struct _heap *heap, struct _heap_pool *pool);
extern size_t _PyHeap_UsableSize(const void *ptr);

static inline void *
_PyHeap_SmallFast(struct _heap *heap, size_t cls)
{
    struct _heap_pool *pool = heap->pools[cls];
    void *block = pool->free;
    if (__builtin_expect(block != NULL, 1)) {
        pool->free = *(void **)block;
        pool->used++;
        return block;
    }
    return _PyHeap_SmallSlow(heap, cls);
}

static inline void
_PyHeap_PoolFree(struct _heap *heap, struct _heap_pool *pool, void *ptr)
{
    *(void **)ptr = pool->free;
    pool->free = ptr;
    /* 0 wraps to 0xFFFF; a pool outside the lists has the high bit set. */
    uint16_t used = --pool->used;
    if (__builtin_expect((uint16_t)(used - 1) >= _Py_POOL_UNLINKED - 1, 0)) {
        _PyHeap_PoolChanged(heap, pool);
    }
}

/* ---- heap_process.c: called by heap.c with the right lock held ---- */

extern void *_PyProcessHeap_LargeMalloc(size_t size);
extern void _PyProcessHeap_LargeFree(struct _heap_block *block);
extern void *_PyProcessHeap_NewArena(void);
extern int _PyProcessHeap_Reserve(void);
extern void _PyOrphans_AdoptArena(struct _heap_arena *arena);
extern void _PyOrphans_AdoptBlocks(struct _heap_block *first);
extern void _PyOrphans_Free(void *ptr);
extern void _PyHeap_ReleaseArena(struct _heap_arena *arena);
extern void _PyHeap_PutPage(struct _heap_arena *arena, struct _heap_pool *page);
extern struct _heap_arena *_PyHeap_NewArena(struct _heap *heap);

/* ---- obmalloc.c ---- */

extern void *_PyMem_LibcMalloc(void *ctx, size_t size);
extern void *_PyMem_LibcCalloc(void *ctx, size_t nelem, size_t elsize);
extern void *_PyMem_LibcRealloc(void *ctx, void *ptr, size_t size);
extern void _PyMem_LibcFree(void *ctx, void *ptr);
extern void *_PyMem_HeapMalloc(void *ctx, size_t size);
extern void *_PyMem_HeapCalloc(void *ctx, size_t nelem, size_t elsize);
extern void *_PyMem_HeapRealloc(void *ctx, void *ptr, size_t size);
extern void _PyMem_HeapFree(void *ctx, void *ptr);
extern void *_PyMem_ArenaMmap(void *ctx, size_t size);
extern void _PyMem_ArenaMunmap(void *ctx, void *ptr, size_t size);

#define _PyMem_LIBC_ALLOCATOR \
    {NULL, _PyMem_LibcMalloc, _PyMem_LibcCalloc, _PyMem_LibcRealloc, _PyMem_LibcFree}
#define _PyMem_HEAP_ALLOCATOR \
    {NULL, _PyMem_HeapMalloc, _PyMem_HeapCalloc, _PyMem_HeapRealloc, _PyMem_HeapFree}
#define _PyMem_DEBUG_ALLOCATOR(CTX) \
    {(CTX), _PyMem_DebugMalloc, _PyMem_DebugCalloc, _PyMem_DebugRealloc, _PyMem_DebugFree}

/* Under AddressSanitizer every block comes from the C library, so that it is watched. */
#ifdef __SANITIZE_ADDRESS__
#  define _PyMem_POOLED 0
#else
#  define _PyMem_POOLED 1
#endif

/* Initialiser of _PyRuntime.memory: allocation works before anything was started. */
#ifdef Py_DEBUG
#  define _PyMem_INIT_DOMAINS \
    .raw = _PyMem_DEBUG_ALLOCATOR(&_PyRuntime.memory.debug_raw), \
    .mem = _PyMem_DEBUG_ALLOCATOR(&_PyRuntime.memory.debug_mem), \
    .obj = _PyMem_DEBUG_ALLOCATOR(&_PyRuntime.memory.debug_obj), \
    .debug_raw = _PyMem_LIBC_ALLOCATOR, \
    .debug_mem = _PyMem_HEAP_ALLOCATOR, \
    .debug_obj = _PyMem_HEAP_ALLOCATOR, \
    .debug_hooks = 1
#else
#  define _PyMem_INIT_DOMAINS \
    .raw = _PyMem_LIBC_ALLOCATOR, \
    .mem = _PyMem_HEAP_ALLOCATOR, \
    .obj = _PyMem_HEAP_ALLOCATOR
#endif
#define _PyMem_INIT { \
        _PyMem_INIT_DOMAINS, \
        .pooled = _PyMem_POOLED, \
        .arena_alloc = {NULL, _PyMem_ArenaMmap, _PyMem_ArenaMunmap}, \
        .lock = _PyProcessLock_INIT(_Py_LOCK_MEMORY), \
    }

/* Start the heaps; first thing of all, needs nothing.  Returns 0, -1: out of memory. */
extern int _PyMem_Start(void);
PyAPI_FUNC(int) _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain,
                                           PyMemAllocatorEx *old_alloc);
PyAPI_FUNC(int) _PyMem_GetAllocatorName(const char *name, PyMemAllocatorName *result);
PyAPI_FUNC(int) _PyMem_SetupAllocators(PyMemAllocatorName allocator);
extern int _PyMem_DebugEnabled(void);
extern Py_ssize_t _PyInterpreterState_GetAllocatedBlocks(PyInterpreterState *interp);
extern Py_ssize_t _Py_GetGlobalAllocatedBlocks(void);
extern Py_ssize_t _Py_GetAllocatedBlocks(void);
PyAPI_FUNC(int) _PyObject_DebugMallocStats(FILE *out);
/* Set or clear heap->pooled of the heap by the allocators now in force. */
extern void _PyMem_UpdateHeap(struct _heap *heap);
/* Size classes that the fast path serves: 0 as soon as anything wants to see every call. */
static inline size_t
_PyMem_FastClasses(void)
{
    return __atomic_load_n(&_PyRuntime.memory.fast_classes, __ATOMIC_RELAXED);
}

/* After memory tracing was switched on or off. */
extern void _PyMem_UpdateTracing(void);
/* Failure injection (builds with LADON_FAIL_NTH): the n-th allocation from now fails, and
   every `every`-th after it.  Returns 0, or -1 in other builds. */
extern int _PyMem_SetFailNth(int64_t nth, int64_t every);

/* ---- obmalloc_debug.c ---- */

extern void *_PyMem_DebugMalloc(void *ctx, size_t size);
extern void *_PyMem_DebugCalloc(void *ctx, size_t nelem, size_t elsize);
extern void *_PyMem_DebugRealloc(void *ctx, void *ptr, size_t size);
extern void _PyMem_DebugFree(void *ctx, void *ptr);
/* Bytes in front of a block that the debug hooks use for themselves. */
#define _PyMem_DEBUG_HEAD (2 * sizeof(size_t))

#endif  /* !Py_INTERNAL_PYMEM_H */
