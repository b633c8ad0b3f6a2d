#ifndef Py_INTERNAL_HEAP_H
#define Py_INTERNAL_HEAP_H
/* Structs of the heaps (Objects/heap*.c, Objects/obmalloc.c).

   Glossary.
   heap     what owns blocks: an interpreter's own, main's (also used by interpreters that
            share it), the process heap (shared objects) and the orphan heap (what dead heaps
            left behind).
   arena    1 MiB of address space, aligned to its size; page 0 begins with struct _heap_arena.
   pool     one 4 KiB page of an arena, cut into blocks of one size class.
   class    multiple of 16 bytes; class c holds sizes 16*c+1 .. 16*c+16, up to 512.
   nursery  a page in which blocks of different classes lie side by side, so that the first
            few blocks of a class do not cost a page each.
   large    a block above 512 bytes (or any block when small ones are switched off): from the
            C library, with struct _heap_block in front.

   Invariants: only the holder of the heap's GIL touches its pools, lists and counts; anybody
   else who frees one of its blocks pushes it on `returned`.  `pool->heap` names the owner; it
   is NULL in pages that are no pools (arena header, nursery). */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"             // PyMemAllocatorEx
#include "pycore_freelist_state.h"  // struct _Py_freelists
#include "pycore_gc.h"          // struct _gc_heap
#include "pycore_lock.h"        // struct _PyProcessLock

#include <stddef.h>
#include <stdint.h>

#define _Py_HEAP_ALIGNMENT   16
#define _Py_HEAP_SMALL_MAX   512
#define _Py_HEAP_CLASSES     (_Py_HEAP_SMALL_MAX / _Py_HEAP_ALIGNMENT)
#define _Py_HEAP_POOL_BITS   12
#define _Py_HEAP_POOL_SIZE   ((size_t)1 << _Py_HEAP_POOL_BITS)
#define _Py_HEAP_ARENA_BITS  20
#define _Py_HEAP_ARENA_SIZE  ((size_t)1 << _Py_HEAP_ARENA_BITS)
#define _Py_HEAP_ARENA_PAGES (_Py_HEAP_ARENA_SIZE / _Py_HEAP_POOL_SIZE)
#define _Py_HEAP_ADDRESS_BITS 47
/* Address space reserved for the process heap: all shared objects made at run time. */
#define _Py_PROCESS_ARENA_SIZE ((size_t)256 << 20)
/* Bins of the process heap's large blocks: four per power of two from 512 up. */
#define _Py_PROCESS_BINS     80

struct _heap;
struct static_ext_type;         /* Objects/type/statics.c */

/* Header of a pool: 48 bytes. */
struct _heap_pool {
    struct _heap *heap;         /* owner; NULL: page is no pool */
    void *free;                 /* first free block; each links to the next by its first word */
    struct _heap_pool *next;    /* pools of the class that may have a free block ... */
    struct _heap_pool *prev;    /* ... or next free page of the arena */
    uint16_t used;              /* live blocks, plus _Py_POOL_UNLINKED when in no list */
    uint8_t cls;                /* size class */
    uint8_t kind;               /* _Py_PAGE_* */
    uint16_t capacity;          /* blocks in the pool */
    uint16_t index;             /* page number in the arena */
    void *reserved;             /* keeps the first block aligned */
};

#define _Py_POOL_UNLINKED 0x8000

enum { _Py_PAGE_FREE, _Py_PAGE_POOL, _Py_PAGE_ARENA, _Py_PAGE_NURSERY };

/* Page 0 of an arena. */
struct _heap_arena {
    struct _heap_pool page;     /* heap NULL, kind _Py_PAGE_ARENA */
    struct _heap *owner;
    struct _heap_arena *next;   /* all arenas of the owner */
    struct _heap_arena *prev;
    struct _heap_arena *next_usable;    /* arenas of the owner that have a free page */
    struct _heap_arena *prev_usable;
    struct _heap_pool *free_pages;      /* pages given back, linked by `next` */
    uint16_t fresh;             /* pages from here on were never used */
    uint16_t live_pages;        /* pages in use, page 0 not counted */
    void *raw;                  /* what the arena allocator gave, and its size */
    size_t raw_size;
    uint8_t usable;             /* is in the list of usable arenas */
};

/* Page of mixed blocks: the class of each 16-byte step is in `cls`. */
struct _heap_nursery {
    struct _heap_pool page;     /* heap NULL, kind _Py_PAGE_NURSERY; used = live blocks */
    struct _heap *owner;
    struct _heap_nursery *next;
    uint16_t fill;              /* offset of the first free byte */
    uint8_t cls[_Py_HEAP_POOL_SIZE / _Py_HEAP_ALIGNMENT];
};

/* Header in front of a large block: 32 bytes. */
struct _heap_block {
    struct _heap *heap;         /* owner; NULL: made without a thread state, owned by nobody */
    uint64_t size : 48;         /* bytes usable behind the header */
    uint64_t magic : 16;        /* _Py_BLOCK_MAGIC: tells it from other memory (debug checks) */
    struct _heap_block *next;
    struct _heap_block *prev;   /* NULL: first of the owner's list */
};

#define _Py_BLOCK_MAGIC 0xA110

/* Table of the strings interned at run time in one heap (Objects/unicode/intern.c). */
struct _Py_interned_table {
    void *entries;
    ptrdiff_t used;
    ptrdiff_t size;
    ptrdiff_t fill;
};

/* Versions of keys of dicts: LOAD_GLOBAL has 16 bits for one, so they begin low.  1 stands for the
   empty keys, 0 for none. */
#define _Py_FIRST_KEYS_VERSION 2

struct _heap {
    struct _heap_pool *pools[_Py_HEAP_CLASSES]; /* per class: pool to take from, or the empty one */
    void *returned;             /* blocks freed by others, atomic, linked by their first word */
    int64_t owner_id;           /* id of the interpreter that owns it; -1 process, -2 orphans */
    int kind;                   /* _Py_HEAP_* */
    int live;                   /* between _PyHeap_Init and _PyHeap_Fini */
    int pooled;                 /* small objects lie in pools, no hook in between */
    struct _heap_arena *arenas;
    struct _heap_arena *usable;
    struct _heap_nursery *nursery;              /* page being filled, then the older ones */
    void *nursery_free[_Py_HEAP_CLASSES];       /* freed blocks of the nursery */
    uint8_t nursery_given[_Py_HEAP_CLASSES];    /* blocks of the class cut from the nursery */
    struct _heap_block *large;                  /* all large blocks */
    size_t large_count;
    size_t large_bytes;
    size_t arena_count;
    size_t arenas_highwater;
    size_t arenas_allocated_total;
    /* sum of reference counts (Py_DEBUG); atomic, written by the owner */
    ptrdiff_t reftotal;
    uint32_t next_type_version;     /* version counters: see objects.md, "Types" */
    uint32_t next_keys_version;
    uint32_t next_func_version;
    uint32_t next_code_version;
    struct _gc_heap gc;
    struct _Py_freelists freelists;
    struct _Py_interned_table interned;
    struct static_ext_type *ext_types;  /* static types of extension modules made ready here */
};

enum { _Py_HEAP_OWN, _Py_HEAP_PROCESS, _Py_HEAP_ORPHANS };

/* Address range of the process heap, and what is left of it.  Guarded by the types lock;
   `base` and `end` are written once. */
struct _process_arena {
    uintptr_t base;             /* 0 until the runtime is initialised */
    uintptr_t end;
    uintptr_t low;              /* pool arenas lie in [base, low) */
    uintptr_t high;             /* large blocks lie in [high, end) */
    uintptr_t high_committed;   /* [high_committed, end) is readable and writable */
    struct _heap_block *bins[_Py_PROCESS_BINS]; /* freed large blocks by size */
};

/* State of memory management in the process (`_PyRuntime.memory`).  The first field
   is read on every allocation and written while others read it (tracing); the next two are written
   only while a single thread allocates: at the start of the runtime and by PyMem_SetAllocator(). */
struct _process_memory {
    size_t fast_classes;        /* size classes that the fast path serves: 32, or 0 if hooks are
                                   set, memory is traced or small blocks are not pooled; atomic */
    int pooled;                 /* small blocks come from pools, not from the C library */
    uint64_t *arena_map;        /* bit per MiB of address space: 1 = pool arena; written under
                                   `lock`, read without */
    PyMemAllocatorEx raw;       /* the three domains, as PyMem_SetAllocator() left them */
    PyMemAllocatorEx mem;
    PyMemAllocatorEx obj;
    PyMemAllocatorEx debug_raw; /* what the debug hooks call */
    PyMemAllocatorEx debug_mem;
    PyMemAllocatorEx debug_obj;
    PyObjectArenaAllocator arena_alloc;
    int debug_hooks;            /* the debug hooks are in place */
    int started;                /* the default allocators were filled in */
    struct _PyProcessLock lock; /* guards arena_map, cache, orphans; innermost of all locks */
    void *cache[4];             /* unused arenas, pages given back to the system */
    int cached;
    struct _heap orphans;       /* heap that owns what dead heaps left; used under `lock` */
    struct _process_arena process;
    int64_t fail_after;         /* LADON_FAIL_NTH: allocations until the next failure; atomic */
    int64_t fail_every;         /* then again after so many; 0: only once */
    int fail_armed;             /* _ladontest: a failure was asked for and not yet looked at */
};

/* ---- heap.c ---- */

struct _ts;
struct _object;

/* Make an empty heap in zeroed or formerly used memory.  Cannot fail: arenas come on demand. */
extern void _PyHeap_Init(struct _heap *heap, int kind, int64_t owner_id);
/* End a heap: frees what lists hold, gives arenas back.  Returns the number of live blocks left,
   which join the orphans. */
extern size_t _PyHeap_Fini(struct _heap *heap);
/* Live blocks of a heap, small and large. */
extern size_t _PyHeap_CountBlocks(struct _heap *heap);
/* Owner of a block that came from a heap (small or large); NULL for ownerless blocks.
   `ptr` must be the address that the allocator returned. */
extern struct _heap *_PyHeap_OwnerOf(const void *ptr);
/* True if `block` is memory of this heap. */
extern int _PyHeap_OwnsBlockSlow(struct _heap *heap, const void *block);

static inline int
_PyHeap_OwnsBlock(struct _heap *heap, const void *block)
{
    if (__atomic_load_n(&heap->pooled, __ATOMIC_RELAXED)) {
        uintptr_t page = (uintptr_t)block & ~(uintptr_t)(_Py_HEAP_POOL_SIZE - 1);
        if (((struct _heap_pool *)page)->heap == heap) {
            return 1;
        }
    }
    return _PyHeap_OwnsBlockSlow(heap, block);
}

/* Owner of an object, or NULL when it is static or of unknown origin. */
extern struct _heap *_PyHeap_OwnerOfObject(struct _object *op);
/* A large block leaves its heap (and is nobody's until a heap adopts it).  Small blocks and
   blocks of other heaps are refused.  Returns 1 if done. */
extern int _PyHeap_DetachBlock(struct _heap *heap, void *ptr);
extern void _PyHeap_AdoptBlock(struct _heap *heap, void *ptr);
/* Allocate in the process heap until the matching Leave; takes the types lock, nests. */
extern void _PyHeap_EnterShared(struct _ts *tstate);
extern void _PyHeap_LeaveShared(struct _ts *tstate);
/* Free the blocks that others returned. */
extern void _PyHeap_DrainReturned(struct _heap *heap);
/* Check all invariants of a heap; aborts with a message.  Returns 1. */
extern int _PyHeap_CheckConsistency(struct _heap *heap);
/* Number of arenas and large blocks that dead heaps left behind. */
extern size_t _PyHeap_CountOrphans(void);

#endif  /* !Py_INTERNAL_HEAP_H */
