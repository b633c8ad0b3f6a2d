/* Interpreter states: their list, birth, death; the start and end of _PyRuntime; fork.

   The memory of an interpreter state is type-stable, as that of its first thread state, GIL
   and heap inside it: it comes from mmap once, goes to a free list when the interpreter is
   deleted and is never unmapped.  A thread that comes back late finds the generation changed
   and the GIL's mutex still usable.  A recycled state is zeroed around what must stay: the
   GIL, the heap's stack of returned blocks, the generation of the first thread.

   The first state is embedded in _PyRuntime and is used for the main interpreter whenever it
   is free.

   fork(): all process locks are taken first; in the child, the forking interpreter becomes
   main, the forking thread its only thread, and the memory of other interpreters is forgotten
   without running anything.

   Written from the C API reference and InternalDocs/interpreters.rst.  */

#include "Python.h"
#include "pycore_atexit.h"      // _PyAtExit_Fini()
#include "pycore_breaker.h"     // _PY_GC_SCHEDULED_BIT
#include "pycore_channels.h"    // _PyChannels_ClearInterpreter()
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_gil.h"         // _PyEval_InitGIL()
#include "pycore_heap.h"        // _PyHeap_Init()
#include "pycore_initconfig.h"  // _PyStatus_ERR()
#include "pycore_lifecycle.h"   // _PySys_AfterForkStreams()
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_message.h"     // _PyXIDRegistry_ClearInterpreter()
#include "pycore_perf.h"        // _PyPerfMap_AfterForkChild()
#include "pycore_private_api.h" // _PySignal_AfterFork()
#include "pycore_pymem.h"       // _PyMem_Start()
#include "pycore_pystate.h"     // _PyRuntime
#include "pycore_signal.h"      // _PySignal_AfterFork()

#include <sys/mman.h>
#include <unistd.h>

#define DEFAULT_RECURSION_LIMIT 1000

#define LOCK_INTERPRETERS() _PyProcessLock_Lock(&_PyRuntime.interpreters.lock)
#define UNLOCK_INTERPRETERS() _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock)

/* ---- Runtime ------------------------------------------------------------ */

/* Threads of an earlier runtime may be reading these. */
static void
set_main(PyInterpreterState *interp, unsigned long thread)
{
    __atomic_store_n(&_PyRuntime.main, interp, __ATOMIC_RELAXED);
    __atomic_store_n(&_PyRuntime.main_thread, thread, __ATOMIC_RELAXED);
}

/* Start the runtime: memory and the main thread's identity.  Does nothing the second time. */
PyStatus
_PyRuntimeState_Init(_PyRuntimeState *runtime)
{
    assert(runtime == &_PyRuntime);
    if (_PyMem_Start() < 0) {
        return _PyStatus_NO_MEMORY();
    }
    /* Threads that make interpreters come here at any time. */
    LOCK_INTERPRETERS();
    if (runtime->interpreters.head == NULL) {
        runtime->interpreters.next_id = 0;
        runtime->interpreters.closed = 0;
        set_main(&runtime->_main_interpreter, PyThread_get_thread_ident());
        _PyRuntimeState_SetFinalizing(runtime, NULL);
        runtime->pending_main.closed = 0;
        runtime->signals.wakeup_fd = -1;
        runtime->signals.warn_on_full_buffer = 1;
    }
    UNLOCK_INTERPRETERS();
    return _PyStatus_OK();
}

PyStatus
_PyRuntime_Initialize(void)
{
    return _PyRuntimeState_Init(&_PyRuntime);
}

/* The runtime needs nothing torn down: what it keeps (shared objects, type-stable states,
   locks) serves the next Py_Initialize(). */
void
_PyRuntimeState_Fini(_PyRuntimeState *runtime)
{
    _PyRuntimeState_SetFinalizing(runtime, NULL);
    runtime->core_initialized = 0;
    runtime->initialized = 0;
    runtime->preinitialized = 0;
    runtime->preinitializing = 0;
}

void
_PyRuntime_Finalize(void)
{
    PyUnstable_PerfMapState_Fini();
    _PyRuntimeState_Fini(&_PyRuntime);
}

/* ---- Memory ------------------------------------------------------------- */

/* Memory for an interpreter; called under the interpreters lock. */
static PyInterpreterState *
obtain_interpreter(void)
{
    PyInterpreterState *interp = &_PyRuntime._main_interpreter;
    if (interp->stage == _INTERP_FREE && _PyRuntime.interpreters.head == NULL) {
        return interp;
    }
    interp = _PyRuntime.interpreters.free;
    if (interp != NULL) {
        _PyRuntime.interpreters.free = interp->next;
        return interp;
    }
    void *ptr = mmap(NULL, sizeof(*interp), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ptr != MAP_FAILED ? ptr : NULL;
}

/* Give it back; called under the interpreters lock. */
static void
put_interpreter(PyInterpreterState *interp)
{
    __atomic_store_n(&interp->stage, _INTERP_FREE, __ATOMIC_RELEASE);
    if (interp != &_PyRuntime._main_interpreter) {
        interp->next = _PyRuntime.interpreters.free;
        _PyRuntime.interpreters.free = interp;
    }
}

static void
zero_range(PyInterpreterState *interp, size_t from, size_t to)
{
    assert(from <= to && to <= sizeof(*interp));
    memset((char *)interp + from, 0, to - from);
}

#define END_OF(FIELD) (offsetof(PyInterpreterState, FIELD) \
                       + sizeof(((PyInterpreterState *)0)->FIELD))

/* Zero everything but the generation and the stage (late threads may read them; it is "free"), the
   GIL's mutex, the heap (_PyHeap_Init does that) and the first thread state. */
static void
zero_interpreter(PyInterpreterState *interp)
{
    assert(interp->stage == _INTERP_FREE);
    zero_range(interp, 0, offsetof(PyInterpreterState, generation));
    static_assert(END_OF(generation) == offsetof(PyInterpreterState, stage), "nothing between");
    zero_range(interp, END_OF(stage), offsetof(PyInterpreterState, heap_storage));
    zero_range(interp, END_OF(heap_storage), offsetof(PyInterpreterState, own_gil));
    zero_range(interp, END_OF(own_gil), offsetof(PyInterpreterState, first_thread));
    zero_range(interp, END_OF(first_thread), sizeof(*interp));
}

/* ---- The list of interpreters, and the table by id: all under its lock -- */

static inline PyInterpreterState **
bucket_of(int64_t id)
{
    return &_PyRuntime.interpreters.by_id[(uint64_t)id % _Py_INTERPRETER_BUCKETS];
}

PyInterpreterState *
_PyInterpreterState_Find(int64_t id)
{
    assert(_PyProcessLock_IsHeld(&_PyRuntime.interpreters.lock));
    PyInterpreterState *interp = *bucket_of(id);
    while (interp != NULL && interp->id != id) {
        interp = interp->next_in_bucket;
    }
    return interp;
}

static void
link_interpreter(PyInterpreterState *interp)
{
    PyInterpreterState *head = _PyRuntime.interpreters.head;
    interp->prev = NULL;
    interp->next = head;
    if (head != NULL) {
        head->prev = interp;
    }
    _PyRuntime.interpreters.head = interp;
    PyInterpreterState **bucket = bucket_of(interp->id);
    interp->next_in_bucket = *bucket;
    *bucket = interp;
}

static void
unlink_interpreter(PyInterpreterState *interp)
{
    PyInterpreterState **link = bucket_of(interp->id);
    while (*link != interp) {
        if (*link == NULL) {
            UNLOCK_INTERPRETERS();
            Py_FatalError("the interpreter is not in the list of interpreters");
        }
        link = &(*link)->next_in_bucket;
    }
    *link = interp->next_in_bucket;
    if (interp->prev != NULL) {
        interp->prev->next = interp->next;
    }
    else {
        _PyRuntime.interpreters.head = interp->next;
    }
    if (interp->next != NULL) {
        interp->next->prev = interp->prev;
    }
}

/* ---- Birth -------------------------------------------------------------- */

static PyStatus
check_config(const PyInterpreterConfig *config)
{
    if (config->gil != PyInterpreterConfig_DEFAULT_GIL
        && config->gil != PyInterpreterConfig_SHARED_GIL
        && config->gil != PyInterpreterConfig_OWN_GIL) {
        return _PyStatus_ERR("invalid interpreter config 'gil' value");
    }
    if (config->use_main_obmalloc) {
        if (config->gil == PyInterpreterConfig_OWN_GIL) {
            return _PyStatus_ERR("an interpreter with its own GIL needs its own heap "
                                 "(use_main_obmalloc must be 0)");
        }
    }
    else if (!config->check_multi_interp_extensions) {
        return _PyStatus_ERR("per-interpreter obmalloc does not support "
                             "single-phase init extension modules");
    }
    if (config->allow_daemon_threads && !config->allow_threads) {
        return _PyStatus_ERR("daemon threads need threads "
                             "(allow_daemon_threads without allow_threads)");
    }
    return _PyStatus_OK();
}

static unsigned long
config_flags(const PyInterpreterConfig *config)
{
    unsigned long flags = 0;
    if (config->use_main_obmalloc) {
        flags |= Py_RTFLAGS_USE_MAIN_OBMALLOC;
    }
    if (config->allow_fork) {
        flags |= Py_RTFLAGS_FORK;
    }
    if (config->allow_exec) {
        flags |= Py_RTFLAGS_EXEC;
    }
    if (config->allow_threads) {
        flags |= Py_RTFLAGS_THREADS;
    }
    if (config->allow_daemon_threads) {
        flags |= Py_RTFLAGS_DAEMON_THREADS;
    }
    if (config->check_multi_interp_extensions) {
        flags |= Py_RTFLAGS_MULTI_INTERP_EXTENSIONS;
    }
    return flags;
}

/* What the main interpreter is configured with. */
static const PyInterpreterConfig main_config = {
    .use_main_obmalloc = 0,
    .allow_fork = 1,
    .allow_exec = 1,
    .allow_threads = 1,
    .allow_daemon_threads = 1,
    .check_multi_interp_extensions = 0,
    .gil = PyInterpreterConfig_OWN_GIL,
};

/* Heap, GIL and the plain fields of a fresh state; -1: the system refuses a mutex. */
static int
init_interpreter(PyInterpreterState *interp, int64_t id, const PyInterpreterConfig *config)
{
    PyInterpreterState *main = _PyRuntime.main;
    interp->id = id;
    interp->generation = __atomic_add_fetch(&_PyRuntime.interpreters.next_generation, 1,
                                            __ATOMIC_RELAXED);
    interp->feature_flags = config_flags(config);
    interp->ceval.recursion_limit = DEFAULT_RECURSION_LIMIT;
    interp->id_refcount = -1;
    interp->threads.stacksize = 0;
    if (config->use_main_obmalloc) {
        assert(main != interp);
        interp->heap = main->heap;
    }
    else {
        interp->heap = &interp->heap_storage;
        _PyHeap_Init(interp->heap, _Py_HEAP_OWN, id);
    }
    int own = config->gil == PyInterpreterConfig_OWN_GIL;
    return _PyEval_InitGIL(interp, own ? NULL : main->gil);
}

PyStatus
_PyInterpreterState_New(PyThreadState *Py_UNUSED(tstate), const PyInterpreterConfig *config,
                        PyInterpreterState **pinterp)
{
    *pinterp = NULL;
    if (config == NULL) {
        config = &main_config;
    }
    else {
        PyStatus status = check_config(config);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    LOCK_INTERPRETERS();
    if (config != &main_config && _PyRuntime.main->gil == NULL) {
        UNLOCK_INTERPRETERS();
        return _PyStatus_ERR("the main interpreter must be initialized first");
    }
    if (_PyRuntime.interpreters.closed) {
        UNLOCK_INTERPRETERS();
        return _PyStatus_ERR("the runtime is being finalized");
    }
    if (_PyRuntime.interpreters.next_id == INT64_MAX) {
        UNLOCK_INTERPRETERS();
        return _PyStatus_ERR("failed to get an interpreter ID");
    }
    PyInterpreterState *interp = obtain_interpreter();
    if (interp == NULL) {
        UNLOCK_INTERPRETERS();
        return _PyStatus_NO_MEMORY();
    }
    zero_interpreter(interp);
    if (config == &main_config) {
        /* After a fork from a legacy interpreter the embedded state stays in use by its heap. */
        set_main(interp, _PyRuntime.main_thread);
    }
    if (init_interpreter(interp, _PyRuntime.interpreters.next_id, config) < 0) {
        put_interpreter(interp);
        UNLOCK_INTERPRETERS();
        return _PyStatus_ERR("failed to initialize the GIL");
    }
    _PyRuntime.interpreters.next_id++;
    link_interpreter(interp);
    __atomic_store_n(&interp->stage, _INTERP_BUILDING, __ATOMIC_RELEASE);
    UNLOCK_INTERPRETERS();
    *pinterp = interp;
    return _PyStatus_OK();
}

/* A bare interpreter that shares GIL and heap with main.  NULL without an exception. */
PyInterpreterState *
PyInterpreterState_New(void)
{
    static const PyInterpreterConfig legacy = _PyInterpreterConfig_LEGACY_INIT;
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp;
    if (tstate != NULL && PySys_Audit("cpython.PyInterpreterState_New", NULL) < 0) {
        return NULL;
    }
    PyStatus status = _PyInterpreterState_New(tstate, &legacy, &interp);
    if (_PyStatus_EXCEPTION(status)) {
        return NULL;
    }
    __atomic_store_n(&interp->stage, _INTERP_READY, __ATOMIC_RELEASE);
    return interp;
}

/* ---- Death -------------------------------------------------------------- */

static void
clear_objects(PyInterpreterState *interp)
{
    Py_CLEAR(interp->audit_hooks);
    Py_CLEAR(interp->codecs.search_path);
    Py_CLEAR(interp->codecs.search_cache);
    Py_CLEAR(interp->codecs.error_registry);
    interp->codecs.initialized = 0;
    Py_CLEAR(interp->imports.modules_by_index);
    Py_CLEAR(interp->imports.importlib);
    Py_CLEAR(interp->imports.importlib_external);
    Py_CLEAR(interp->imports.import_func);
    Py_CLEAR(interp->imports.legacy_copies);
    Py_CLEAR(interp->imports.modules);
    Py_CLEAR(interp->builtins_copy);
    Py_CLEAR(interp->builtin_open);
    Py_CLEAR(interp->io_unsupported);
    Py_CLEAR(interp->dict);
    Py_CLEAR(interp->before_forkers);
    Py_CLEAR(interp->after_forkers_parent);
    Py_CLEAR(interp->after_forkers_child);
    Py_CLEAR(interp->warnings.filters);
    Py_CLEAR(interp->warnings.once_registry);
    Py_CLEAR(interp->warnings.default_action);
    Py_CLEAR(interp->context_state.missing);
    Py_CLEAR(interp->context_state.empty_map);
}

/* Drop everything the interpreter holds; `tstate` is attached and belongs to it (or to an
   interpreter with the same heap, when the state never ran anything). */
static void
clear_interpreter(PyInterpreterState *interp, PyThreadState *tstate)
{
    assert(tstate != NULL && tstate == _PyThreadState_GET());
    if (PySys_Audit("cpython.PyInterpreterState_Clear", NULL) < 0) {
        PyErr_Clear();
    }
    for (PyThreadState *p = interp->threads.head; p != NULL; p = p->next) {
        if (p != tstate) {
            PyThreadState_Clear(p);
        }
    }
    _PyXIDRegistry_ClearInterpreter(interp);
    _PyChannels_ClearInterpreter(interp);
    clear_objects(interp);
    _PyAtExit_Fini(interp);
    _PyGC_CollectNoFail(tstate);
    /* The dicts of sys and builtins go last: destructors run until here. */
    Py_CLEAR(interp->sysdict);
    Py_CLEAR(interp->builtins);
    Py_CLEAR(interp->sys_module);
    Py_CLEAR(interp->builtins_module);
    if (tstate->interp == interp) {
        PyThreadState_Clear(tstate);
    }
    _PyGC_Fini(interp);
    if (!interp->config_inherited) {
        PyConfig_Clear(&interp->config);
    }
    if (interp->imports.lock != NULL) {
        PyThread_free_lock(interp->imports.lock);
        interp->imports.lock = NULL;
    }
    __atomic_store_n(&interp->stage, _INTERP_CLEARED, __ATOMIC_RELEASE);
}

void
_PyInterpreterState_Clear(PyThreadState *tstate)
{
    clear_interpreter(tstate->interp, tstate);
}

void
PyInterpreterState_Clear(PyInterpreterState *interp)
{
    clear_interpreter(interp, PyThreadState_Get());
}

/* Free a cleared interpreter with what is left of its threads.  If the caller's state belongs
   to it, that is detached first, and there is no current state afterwards. */
void
PyInterpreterState_Delete(PyInterpreterState *interp)
{
    PyThreadState *current = _PyThreadState_GET();
    int was_current = current != NULL && current->interp == interp;
    struct _heap *heap = interp->heap;
    int own_heap = heap == &interp->heap_storage;
    if (was_current) {
        /* Whoever waits for the GIL must not get it now. */
        __atomic_store_n(&interp->finalizing, current, __ATOMIC_RELEASE);
        _PyThreadState_Detach(current);
    }
    while (interp->threads.head != NULL) {
        PyThreadState_Delete(interp->threads.head);
    }
    if (own_heap) {
        size_t left = _PyHeap_Fini(heap);
        __atomic_add_fetch(&_PyRuntime.interpreters.leaked_blocks, (int64_t)left,
                           __ATOMIC_RELAXED);
    }
    LOCK_INTERPRETERS();
    if (own_heap) {
        _PyRuntime.interpreters.leaked_references += heap->reftotal;
        heap->reftotal = 0;
    }
    unlink_interpreter(interp);
    interp->generation = __atomic_add_fetch(&_PyRuntime.interpreters.next_generation, 1,
                                            __ATOMIC_RELAXED);
    UNLOCK_INTERPRETERS();
    _PyEval_FiniGIL(interp);
    LOCK_INTERPRETERS();
    put_interpreter(interp);
    UNLOCK_INTERPRETERS();
}

/* ---- Finding ------------------------------------------------------------ */

PyInterpreterState *
PyInterpreterState_Get(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    if (tstate->interp == NULL) {
        Py_FatalError("no current interpreter");
    }
    return tstate->interp;
}

PyInterpreterState *
PyInterpreterState_Main(void)
{
    return _PyRuntime.interpreters.head != NULL ? _PyRuntime.main : NULL;
}

PyInterpreterState *
PyInterpreterState_Head(void)
{
    return _PyRuntime.interpreters.head;
}

PyInterpreterState *
PyInterpreterState_Next(PyInterpreterState *interp)
{
    return interp->next;
}

int64_t
PyInterpreterState_GetID(PyInterpreterState *interp)
{
    if (interp == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no interpreter provided");
        return -1;
    }
    return interp->id;
}

static void
set_unrecognized(int64_t id)
{
    PyErr_Format(PyExc_RuntimeError, "unrecognized interpreter ID %lld", (long long)id);
}

/* The interpreter with this id; NULL with RuntimeError.  Another thread may be about to end it: who
   is to run something there asks for it by _PyInterpreterState_BeginRun(). */
PyInterpreterState *
_PyInterpreterState_LookUpID(int64_t id)
{
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    UNLOCK_INTERPRETERS();
    if (interp == NULL && !PyErr_Occurred()) {
        set_unrecognized(id);
    }
    return interp;
}

/* The ids of all interpreters, oldest first; *pids is PyMem_RawMalloc'ed.  Returns their number, or
   -1 without an exception if there is no memory. */
Py_ssize_t
_PyInterpreterState_ListIDs(int64_t **pids)
{
    Py_ssize_t room = 0, count = 0;
    int64_t *ids = NULL;
    do {
        PyMem_RawFree(ids);
        room = count + 8;
        ids = PyMem_RawMalloc((size_t)room * sizeof(*ids));
        if (ids == NULL) {
            return -1;
        }
        LOCK_INTERPRETERS();
        count = 0;
        for (PyInterpreterState *p = _PyRuntime.interpreters.head; p != NULL; p = p->next) {
            if (count < room) {
                ids[count] = p->id;
            }
            count++;
        }
        UNLOCK_INTERPRETERS();
    } while (count > room);
    for (Py_ssize_t i = 0, k = count - 1; i < k; i++, k--) {
        int64_t id = ids[i];
        ids[i] = ids[k];
        ids[k] = id;
    }
    *pids = ids;
    return count;
}

/* ---- Who may run in it, who may end it ---------------------------------- */

/* Find an interpreter in order to run something in it; until _PyInterpreterState_EndRun() nobody
   but the end of the runtime ends it.  NULL with RuntimeError: there is none, or it is in use. */
PyInterpreterState *
_PyInterpreterState_BeginRun(int64_t id)
{
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    int gone = interp == NULL || interp->ending != 0;
    int busy = !gone && (interp->runners > 0 || _PyInterpreterState_IsRunningMain(interp));
    if (!gone && !busy) {
        interp->runners++;
    }
    UNLOCK_INTERPRETERS();
    if (gone) {
        set_unrecognized(id);
        return NULL;
    }
    if (busy) {
        PyErr_SetString(PyExc_RuntimeError, "interpreter already running");
        return NULL;
    }
    return interp;
}

/* 1 if the interpreter is this one or something runs in it, 0 if not; -1 with RuntimeError. */
int
_PyInterpreterState_IsRunningByID(int64_t id)
{
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    int running = interp == NULL ? -1
        : interp == _PyInterpreterState_GET() || interp->runners > 0
          || _PyInterpreterState_IsRunningMain(interp);
    UNLOCK_INTERPRETERS();
    if (running < 0) {
        set_unrecognized(id);
    }
    return running;
}

/* Called under the interpreters lock: claim the end of an interpreter that nobody needs. */
static int
claim_if_unused(PyInterpreterState *interp)
{
    if (!interp->requires_idref || interp->id_refcount != 0 || interp->runners != 0
        || interp->ending != 0) {
        return 0;
    }
    interp->ending = PyThread_get_thread_ident();
    return 1;
}

/* End an interpreter that this thread has claimed.  The caller's state and exception stay. */
static void
end_claimed(PyInterpreterState *interp)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyThreadState *save = _PyThreadState_GET();
    LOCK_INTERPRETERS();
    PyThreadState *tstate = interp->runners == 0 ? interp->threads.home : NULL;
    UNLOCK_INTERPRETERS();
    if (tstate == NULL) {
        tstate = _PyThreadState_New(interp);
    }
    if (tstate == NULL) {
        /* No memory: it ends with the process instead. */
        LOCK_INTERPRETERS();
        interp->ending = 0;
        UNLOCK_INTERPRETERS();
    }
    else {
        PyThreadState_Swap(tstate);
        Py_EndInterpreter(tstate);
        PyThreadState_Swap(save);
    }
    PyErr_SetRaisedException(exc);
}

void
_PyInterpreterState_EndRun(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    assert(interp->runners > 0);
    interp->runners--;
    int ends = claim_if_unused(interp);
    UNLOCK_INTERPRETERS();
    if (ends) {
        end_claimed(interp);
    }
}

/* Claim the end of an interpreter for this thread: 1, or 0 if somebody runs in it or ends it. */
static int
claim_end(PyInterpreterState *interp)
{
    int claimed = interp->ending == 0 && interp->runners == 0
                  && !_PyInterpreterState_IsRunningMain(interp);
    if (claimed) {
        interp->ending = PyThread_get_thread_ident();
    }
    return claimed;
}

/* End the interpreter with this id.  0, or -1 with RuntimeError: unknown, main, current or
   running. */
int
_PyInterpreterState_EndByID(int64_t id)
{
    PyInterpreterState *current = _PyInterpreterState_GET();
    const char *error = NULL;
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    int found = interp != NULL;
    if (interp == current) {
        error = "cannot destroy the current interpreter";
    }
    else if (found && _Py_IsMainInterpreter(interp)) {
        error = "cannot destroy the main interpreter";
    }
    else if (found && !claim_end(interp)) {
        error = "interpreter running";
    }
    UNLOCK_INTERPRETERS();
    if (!found) {
        set_unrecognized(id);
        return -1;
    }
    if (error != NULL) {
        PyErr_SetString(PyExc_RuntimeError, error);
        return -1;
    }
    end_claimed(interp);
    return 0;
}

/* True if this thread is the one that ends the interpreter; if nobody was, it is now. */
int
_PyInterpreterState_MayEnd(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    if (interp->ending == 0) {
        interp->ending = PyThread_get_thread_ident();
    }
    int mine = interp->ending == PyThread_get_thread_ident();
    UNLOCK_INTERPRETERS();
    return mine;
}

/* Called under the interpreters lock: claim some interpreter other than main that is ready.
   NULL: there is none; *pothers tells whether one is being made or ended by another thread. */
static PyInterpreterState *
claim_any(int *pothers)
{
    *pothers = 0;
    for (PyInterpreterState *p = _PyRuntime.interpreters.head; p != NULL; p = p->next) {
        if (p == _PyRuntime.main) {
            continue;
        }
        if (p->ending == 0 && __atomic_load_n(&p->stage, __ATOMIC_ACQUIRE) == _INTERP_READY) {
            p->ending = PyThread_get_thread_ident();
            return p;
        }
        *pothers = 1;
    }
    return NULL;
}

/* The runtime ends: end all interpreters but main, the newest first.  Whoever runs in one of them
   is stopped at his next look at the eval breaker; no new ones are made.  The GIL is released. */
void
_PyInterpreterState_EndAll(PyThreadState *tstate)
{
    assert(_Py_IsMainInterpreter(tstate->interp));
    for (;;) {
        int others;
        LOCK_INTERPRETERS();
        _PyRuntime.interpreters.closed = 1;
        PyInterpreterState *interp = claim_any(&others);
        UNLOCK_INTERPRETERS();
        if (interp != NULL) {
            end_claimed(interp);
        }
        else if (others) {
            _PyThreadState_Detach(tstate);
            usleep(200);
            _PyThreadState_Attach(tstate);
        }
        else {
            return;
        }
    }
}

/* ---- Attributes --------------------------------------------------------- */

PyObject *
PyInterpreterState_GetDict(PyInterpreterState *interp)
{
    if (interp->dict == NULL) {
        interp->dict = PyDict_New();
        if (interp->dict == NULL) {
            PyErr_Clear();
        }
    }
    return interp->dict;
}

PyObject *
_PyInterpreterState_GetMainModule(PyInterpreterState *interp)
{
    PyObject *modules = interp->imports.modules;
    if (modules == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "interpreter not initialized");
        return NULL;
    }
    return PyMapping_GetItemString(modules, "__main__");
}

_PyFrameEvalFunction
_PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *interp)
{
    return interp->eval_frame != NULL ? interp->eval_frame : _PyEval_EvalFrameDefault;
}

void
_PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *interp, _PyFrameEvalFunction func)
{
    interp->eval_frame = func != _PyEval_EvalFrameDefault ? func : NULL;
}

const PyConfig *
_PyInterpreterState_GetConfig(PyInterpreterState *interp)
{
    return &interp->config;
}

int
_PyInterpreterState_GetConfigCopy(PyConfig *config)
{
    PyStatus status = _PyConfig_Copy(config, &_PyInterpreterState_GET()->config);
    if (_PyStatus_EXCEPTION(status)) {
        if (status.err_msg != NULL) {
            PyErr_SetString(PyExc_RuntimeError, status.err_msg);
        }
        else {
            PyErr_NoMemory();
        }
        return -1;
    }
    return 0;
}

const PyConfig *
_Py_GetConfig(void)
{
    return &_PyThreadState_GET()->interp->config;
}

int
_PyInterpreterState_HasFeature(PyInterpreterState *interp, unsigned long feature)
{
    return (interp->feature_flags & feature) != 0;
}

/* ---- References by InterpreterID objects -------------------------------- */

int
_PyInterpreterState_IDInitref(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    if (interp->id_refcount < 0) {
        interp->id_refcount = 0;
    }
    UNLOCK_INTERPRETERS();
    return 0;
}

/* Called under the interpreters lock. */
static void
incref_id(PyInterpreterState *interp)
{
    if (interp->id_refcount < 0) {
        interp->id_refcount = 0;
    }
    interp->id_refcount++;
}

int
_PyInterpreterState_IDIncref(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    incref_id(interp);
    UNLOCK_INTERPRETERS();
    return 0;
}

/* The last reference ends an interpreter that is kept only by references, unless somebody runs
   there. */
void
_PyInterpreterState_IDDecref(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    assert(interp->id_refcount > 0);
    interp->id_refcount--;
    int ends = claim_if_unused(interp);
    UNLOCK_INTERPRETERS();
    if (ends) {
        end_claimed(interp);
    }
}

/* The same by id.  1, or 0 if there is no such interpreter. */
int
_PyInterpreterState_IncrefID(int64_t id)
{
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    if (interp != NULL) {
        incref_id(interp);
    }
    UNLOCK_INTERPRETERS();
    return interp != NULL;
}

void
_PyInterpreterState_DecrefID(int64_t id)
{
    int ends = 0;
    LOCK_INTERPRETERS();
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    if (interp != NULL && interp->id_refcount > 0) {
        interp->id_refcount--;
        ends = claim_if_unused(interp);
    }
    UNLOCK_INTERPRETERS();
    if (ends) {
        end_claimed(interp);
    }
}

int
_PyInterpreterState_RequiresIDRef(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    int required = interp->requires_idref;
    UNLOCK_INTERPRETERS();
    return required;
}

void
_PyInterpreterState_RequireIDRef(PyInterpreterState *interp, int required)
{
    LOCK_INTERPRETERS();
    interp->requires_idref = required != 0;
    UNLOCK_INTERPRETERS();
}

/* ---- Who runs __main__ -------------------------------------------------- */

int
_PyInterpreterState_SetRunningMain(PyInterpreterState *interp)
{
    if (_PyInterpreterState_IsRunningMain(interp)) {
        PyErr_Format(PyExc_RuntimeError, "interpreter already running");
        return -1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->interp != interp) {
        PyErr_Format(PyExc_RuntimeError, "current tstate has wrong interpreter");
        return -1;
    }
    __atomic_store_n(&interp->threads.main, tstate, __ATOMIC_RELEASE);
    return 0;
}

void
_PyInterpreterState_SetNotRunningMain(PyInterpreterState *interp)
{
    assert(interp->threads.main == _PyThreadState_GET());
    __atomic_store_n(&interp->threads.main, NULL, __ATOMIC_RELEASE);
}

int
_PyInterpreterState_IsRunningMain(PyInterpreterState *interp)
{
    return __atomic_load_n(&interp->threads.main, __ATOMIC_ACQUIRE) != NULL;
}

/* ---- fork --------------------------------------------------------------- */

/* Call the functions of a list in order; errors are unraisable. */
static void
run_fork_hooks(PyObject *hooks, int reverse)
{
    if (hooks == NULL) {
        return;
    }
    PyObject *copy = PyList_GetSlice(hooks, 0, PyList_GET_SIZE(hooks));
    if (copy == NULL || (reverse && PyList_Reverse(copy) < 0)) {
        PyErr_WriteUnraisable(hooks);
        Py_XDECREF(copy);
        return;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(copy); i++) {
        PyObject *func = PyList_GET_ITEM(copy, i);
        PyObject *result = PyObject_CallNoArgs(func);
        if (result == NULL) {
            PyErr_WriteUnraisable(func);
        }
        else {
            Py_DECREF(result);
        }
    }
    Py_DECREF(copy);
}

void
PyOS_BeforeFork(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    run_fork_hooks(interp->before_forkers, 1);
    _PyImport_AcquireLock(interp);
    _PyProcessLocks_BeforeFork();
}

void
PyOS_AfterFork_Parent(void)
{
    _PyProcessLocks_AfterForkParent();
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (_PyImport_ReleaseLock(interp) < 0) {
        Py_FatalError("failed releasing import lock after fork");
    }
    run_fork_hooks(interp->after_forkers_parent, 0);
}

/* The other interpreters' threads do not exist here: forget their memory.  Only their large
   blocks could be found and freed; they are part of a process image that is copied on write,
   so it is not worth it. */
void
_PyInterpreterState_DeleteExceptMain(_PyRuntimeState *runtime)
{
    PyInterpreterState *interp = runtime->interpreters.head;
    PyInterpreterState *main = runtime->main;
    runtime->interpreters.head = NULL;
    memset(runtime->interpreters.by_id, 0, sizeof(runtime->interpreters.by_id));
    while (interp != NULL) {
        PyInterpreterState *next = interp->next;
        if (interp == main) {
            link_interpreter(interp);
        }
        else if (main->heap != &interp->heap_storage) {
            interp->generation = ++runtime->interpreters.next_generation;
            interp->heap_storage.returned = NULL;
            interp->own_gil.initialized = 0;
            interp->own_gil.waiters = 0;
            if (interp->gil == main->gil && interp->own_gil_used) {
                /* Its GIL stays in use by the new main interpreter. */
                interp->stage = _INTERP_CLEARED;
            }
            else {
                _PyThreadState_ForgetAll(interp);
                put_interpreter(interp);
            }
        }
        else {
            interp->stage = _INTERP_CLEARED;    /* its heap serves the new main interpreter */
        }
        interp = next;
    }
}

void
PyOS_AfterFork_Child(void)
{
    _PyRuntimeState *runtime = &_PyRuntime;
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    PyInterpreterState *interp = tstate->interp;
    _PyProcessLocks_AfterForkChild();
    struct _PyOSThread *os = _PyOSThread_Get();
    os->native_id = PyThread_get_thread_native_id();
    tstate->native_thread_id = os->native_id;
    runtime->main_thread = os->ident;
    runtime->main = interp;
    runtime->main_tstate = tstate;
    interp->pending.mutex.word = 0;
    runtime->pending_main.mutex.word = 0;
    _PyInterpreterState_DeleteExceptMain(runtime);
    if (_PyEval_ReInitGIL(tstate) < 0) {
        Py_FatalError("cannot make a GIL in the forked child");
    }
    if (_PyImport_ReInitLock(interp) < 0) {
        Py_FatalError("cannot make an import lock in the forked child");
    }
    _PySys_AfterForkStreams(interp);
    _PySignal_AfterFork();
    _PyPerfMap_AfterForkChild();
    _PyThreadState_DeleteExcept(tstate);
    run_fork_hooks(interp->after_forkers_child, 0);
}

void
PyOS_AfterFork(void)
{
    PyOS_AfterFork_Child();
}
