/* Unit tests of the heaps: pools, nursery, large blocks, foreign frees, process heap, orphans. */

#include "Python.h"
#include "pycore_heap.h"
#include "pycore_pymem.h"
#include "pycore_initconfig.h"
#include "pycore_pystate.h"
#include "pycore_shared.h"

#include "unit.h"

#include <pthread.h>

#define SLOTS 3000

/* A fresh interpreter with an attached thread state, and nothing in it. */
static PyThreadState *
fresh_interpreter(void)
{
    PyInterpreterConfig config = {
        .check_multi_interp_extensions = 1,
        .gil = PyInterpreterConfig_OWN_GIL,
    };
    PyInterpreterState *interp;
    PyStatus status = _PyRuntime_Initialize();
    if (!_PyStatus_EXCEPTION(status)) {
        int first = _PyRuntime.interpreters.head == NULL;
        status = _PyInterpreterState_New(NULL, first ? NULL : &config, &interp);
    }
    if (_PyStatus_EXCEPTION(status)) {
        fprintf(stderr, "no interpreter: %s\n", status.err_msg);
        exit(2);
    }
    PyThreadState *tstate = _PyThreadState_New(interp);
    _PyThreadState_Bind(tstate);
    PyThreadState_Swap(tstate);
    return tstate;
}

static void
end_interpreter(PyThreadState *tstate)
{
    PyInterpreterState_Delete(tstate->interp);
}

static unsigned
next_random(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 8;
}

static size_t
some_size(unsigned *seed)
{
    unsigned r = next_random(seed);
    return r % 16 == 0 ? next_random(seed) % 5000 : next_random(seed) % 520;
}

static int
holds(const unsigned char *p, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++) {
        if (p[i] != byte) {
            return 0;
        }
    }
    return 1;
}

static void
test_random(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    struct _heap *heap = tstate->heap;
    unsigned char **slot = calloc(SLOTS, sizeof(*slot));
    size_t *size = calloc(SLOTS, sizeof(*size));
    unsigned seed = 1;
    for (int round = 0; round < 200000; round++) {
        unsigned i = next_random(&seed) % SLOTS;
        unsigned char mark = (unsigned char)(i * 7 + 1);
        if (slot[i] != NULL) {
            if (!holds(slot[i], size[i], mark)) {
                CHECK(!"contents kept");
            }
            if (next_random(&seed) % 4 == 0) {
                size_t larger = some_size(&seed);
                slot[i] = PyObject_Realloc(slot[i], larger);
                if (!holds(slot[i], larger < size[i] ? larger : size[i], mark)) {
                    CHECK(!"contents kept by realloc");
                }
                size[i] = larger;
                memset(slot[i], mark, larger);
                continue;
            }
            PyObject_Free(slot[i]);
            slot[i] = NULL;
        }
        else {
            size[i] = some_size(&seed);
            slot[i] = PyObject_Malloc(size[i]);
            if (((uintptr_t)slot[i] & 15) != 0) {
                CHECK(!"aligned");
            }
            memset(slot[i], mark, size[i]);
        }
    }
    CHECK(_PyHeap_CheckConsistency(heap));
    size_t live = 0;
    for (int i = 0; i < SLOTS; i++) {
        live += slot[i] != NULL;
    }
    CHECK(_PyHeap_CountBlocks(heap) == live);
    for (int i = 0; i < SLOTS; i++) {
        PyObject_Free(slot[i]);
    }
    CHECK(_PyHeap_CountBlocks(heap) == 0);
    CHECK(_PyHeap_CheckConsistency(heap));
    CHECK(heap->large == NULL && heap->large_bytes == 0);
    free(slot);
    free(size);
    end_interpreter(tstate);
    CHECK(_PyHeap_CountOrphans() == 0);
}

static void
test_arenas_go_back(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    struct _heap *heap = tstate->heap;
    enum { COUNT = 40000 };
    void **block = malloc(COUNT * sizeof(*block));
    for (int i = 0; i < COUNT; i++) {
        block[i] = PyMem_Malloc(128);
    }
    CHECK(heap->arena_count >= 5);
    for (int i = 0; i < COUNT; i++) {
        PyMem_Free(block[i]);
    }
    CHECK(heap->arena_count <= 2);
    CHECK(heap->arenas_highwater >= 5);
    CHECK(_PyHeap_CheckConsistency(heap));
    free(block);
    end_interpreter(tstate);
}

static void
test_nursery(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    struct _heap *heap = tstate->heap;
    void *block[_Py_HEAP_CLASSES];
    for (size_t i = 0; i < _Py_HEAP_CLASSES; i++) {
        block[i] = PyMem_Malloc((i + 1) * 16);
        CHECK(_PyHeap_PageOf(block[i])->kind == _Py_PAGE_NURSERY);
        CHECK(_PyHeap_UsableSize(block[i]) == (i + 1) * 16);
    }
    CHECK(heap->arenas->live_pages <= 4);
    for (size_t i = 0; i < _Py_HEAP_CLASSES; i++) {
        PyMem_Free(block[i]);
    }
    for (size_t i = 0; i < _Py_HEAP_CLASSES; i++) {
        CHECK(PyMem_Malloc((i + 1) * 16) == block[i]);
        PyMem_Free(block[i]);
    }
    CHECK(_PyHeap_CountBlocks(heap) == 0);
    end_interpreter(tstate);
}

static void
test_owners(struct unit_result *result)
{
    PyThreadState *a = fresh_interpreter();
    void *small = PyMem_Malloc(40), *large = PyMem_Malloc(4000);
    void *pooled[100];
    for (int i = 0; i < 100; i++) {
        pooled[i] = PyMem_Malloc(48);
    }
    struct _heap *heap_a = a->heap;
    PyThreadState_Swap(NULL);
    PyThreadState *b = fresh_interpreter();
    CHECK(b->heap != heap_a);
    CHECK(_PyHeap_OwnerOf(small) == heap_a);
    CHECK(_PyHeap_OwnerOf(large) == heap_a);
    /* Builds that fail allocations on demand keep no free lists: no block counts as owned. */
    CHECK(_PyHeap_OwnsBlock(heap_a, pooled[99]) == (_PyRuntime.memory.fast_classes != 0));
    CHECK(!_PyHeap_OwnsBlock(b->heap, pooled[99]));
    /* Freed through the wrong heap: goes back to its owner. */
    PyMem_Free(small);
    PyMem_Free(large);
    for (int i = 0; i < 100; i++) {
        PyMem_Free(pooled[i]);
    }
    CHECK(_PyHeap_CountBlocks(b->heap) == 0);
    PyThreadState_Swap(a);
    CHECK(_PyHeap_CountBlocks(heap_a) == 102);
    _PyHeap_DrainReturned(heap_a);
    CHECK(_PyHeap_CountBlocks(heap_a) == 0);
    /* A large block changes hands. */
    large = PyMem_Malloc(100000);
    CHECK(_PyHeap_DetachBlock(heap_a, large));
    small = PyMem_Malloc(100);
    CHECK(!_PyHeap_DetachBlock(heap_a, small));
    PyMem_Free(small);
    PyThreadState_Swap(b);
    _PyHeap_AdoptBlock(b->heap, large);
    CHECK(_PyHeap_OwnerOf(large) == b->heap);
    PyMem_Free(large);
    CHECK(_PyHeap_CountBlocks(b->heap) == 0 && _PyHeap_CountBlocks(heap_a) == 0);
    end_interpreter(b);
    PyThreadState_Swap(a);
    end_interpreter(a);
}

static void
test_no_state(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    PyThreadState_Swap(NULL);
    void *block = PyMem_Malloc(30);
    CHECK(block != NULL && _PyHeap_OwnerOf(block) == NULL);
    block = PyMem_Realloc(block, 3000);
    CHECK(_PyHeap_OwnerOf(block) == NULL);
    PyThreadState_Swap(tstate);
    PyMem_Free(block);
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 0);
    end_interpreter(tstate);
}

static void
test_process_heap(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    void *block[300];
    _PyHeap_EnterShared(tstate);
    _PyHeap_EnterShared(tstate);
    for (int i = 0; i < 300; i++) {
        block[i] = PyObject_Malloc((size_t)i * 37);
        CHECK(_PyProcessArena_Contains(block[i]));
        memset(block[i], 1, (size_t)i * 37);
    }
    _PyHeap_LeaveShared(tstate);
    CHECK(tstate->heap == &_PyRuntime.process_heap);
    for (int i = 0; i < 300; i += 2) {
        PyObject_Free(block[i]);
    }
    void *again = PyObject_Malloc(298 * 37);
    CHECK(again == block[298]);
    again = PyObject_Realloc(again, 60000);
    CHECK(_PyProcessArena_Contains(again));
    _PyHeap_LeaveShared(tstate);
    CHECK(tstate->heap == tstate->interp->heap);
    void *own = PyObject_Malloc(64);
    CHECK(!_PyProcessArena_Contains(own));
    PyObject_Free(own);
    PyObject_Free(again);       /* without the lock: is returned */
    _PyHeap_EnterShared(tstate);
    _PyHeap_DrainReturned(tstate->heap);
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 150);
    for (int i = 1; i < 300; i += 2) {
        PyObject_Free(block[i]);
    }
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 0);
    CHECK(_PyHeap_CheckConsistency(tstate->heap));
    _PyHeap_LeaveShared(tstate);
    end_interpreter(tstate);
}

static void
test_orphans(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    void *block[60];
    for (int i = 0; i < 60; i++) {
        block[i] = PyMem_Malloc(i % 2 ? 64 : 1000);
    }
    int64_t before = _PyRuntime.interpreters.leaked_blocks;
    end_interpreter(tstate);
    CHECK(_PyRuntime.interpreters.leaked_blocks - before == 60);
    CHECK(_PyHeap_CountOrphans() == 31);    /* one arena, thirty large blocks */
    for (int i = 0; i < 60; i++) {
        PyMem_Free(block[i]);
    }
    CHECK(_PyHeap_CountOrphans() == 0);
}

static void *
free_all(void *arg)
{
    void **block = arg;
    for (int i = 0; i < 20000; i++) {
        PyMem_Free(block[i]);
    }
    return NULL;
}

/* Another thread frees while the owner allocates. */
static void
test_foreign_thread(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    void **block = malloc(20000 * sizeof(*block));
    for (int i = 0; i < 20000; i++) {
        block[i] = PyMem_Malloc(1 + (size_t)i % 700);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, free_all, block);
    for (int i = 0; i < 200000; i++) {
        void *p = PyMem_Malloc(1 + (size_t)i % 700);
        *(char *)p = 1;
        PyMem_Free(p);
    }
    pthread_join(thread, NULL);
    _PyHeap_DrainReturned(tstate->heap);
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 0);
    CHECK(_PyHeap_CheckConsistency(tstate->heap));
    free(block);
    end_interpreter(tstate);
}

static void
test_debug_hooks(struct unit_result *result)
{
    PyThreadState *tstate = fresh_interpreter();
    CHECK(strcmp(_PyMem_GetCurrentAllocatorName(), "pymalloc") == 0);
    PyMem_SetupDebugHooks();
    CHECK(strcmp(_PyMem_GetCurrentAllocatorName(), "pymalloc_debug") == 0);
    unsigned char *p = PyObject_Malloc(20);
    CHECK(holds(p, 20, PYMEM_CLEANBYTE));
    CHECK(p[-8] == 'o' && p[-9] == 20 && holds(p - 7, 7, PYMEM_FORBIDDENBYTE)
          && holds(p + 20, 8, PYMEM_FORBIDDENBYTE));
    CHECK(_PyHeap_OwnerOf(p) == tstate->heap);
    p = PyObject_Realloc(p, 2000);
    CHECK(holds(p, 2000, PYMEM_CLEANBYTE) && _PyHeap_OwnerOf(p) == tstate->heap);
    PyObject_Free(p);
    p = PyMem_RawCalloc(3, 5);
    CHECK(p[-8] == 'r' && holds(p, 15, 0));
    PyMem_RawFree(p);
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 0);
    _PyMem_SetupAllocators(PYMEM_ALLOCATOR_MALLOC);
    CHECK(strcmp(_PyMem_GetCurrentAllocatorName(), "malloc") == 0);
    p = PyObject_Malloc(20);
    CHECK(!_PyHeap_InArena(p) && _PyHeap_OwnerOf(p) == tstate->heap);
    _PyMem_SetupAllocators(PYMEM_ALLOCATOR_PYMALLOC);
    PyObject_Free(p);
    CHECK(_PyHeap_CountBlocks(tstate->heap) == 0);
    CHECK(PyObject_Malloc((size_t)PY_SSIZE_T_MAX + 1) == NULL);
    CHECK(PyMem_Calloc(PY_SSIZE_T_MAX, 3) == NULL);
    end_interpreter(tstate);
}

static const struct unit_test tests[] = {
    {"random allocations", test_random},
    {"empty arenas go back", test_arenas_go_back},
    {"nursery", test_nursery},
    {"owners and foreign frees", test_owners},
    {"no thread state", test_no_state},
    {"process heap", test_process_heap},
    {"orphans", test_orphans},
    {"frees by another thread", test_foreign_thread},
    {"debug hooks and PYTHONMALLOC", test_debug_hooks},
};

/* The tests look at addresses of blocks, which debug hooks would shift; and they are about pools,
   which AddressSanitizer builds do not use. */
int
main(void)
{
    _PyMem_SetupAllocators(PYMEM_ALLOCATOR_PYMALLOC);
    _PyRuntime.memory.pooled = 1;
    return unit_run(tests, sizeof(tests) / sizeof(tests[0]));
}
