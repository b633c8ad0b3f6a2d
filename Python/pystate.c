/* Thread states, and the OS thread's own record of them.  Interpreter states: interpstate.c.

   Life of a state (enum _tstate_stage):

       FREE -> ALLOCATED -> BOUND -> ATTACHED <-> SUSPENDED -> CLEARED -> DELETED (-> FREE)

   A state belongs to an interpreter from its making, to an OS thread when it is bound.
   Attached means: it is _Py_tss_tstate of that thread, which holds the interpreter's GIL.

   Each OS thread keeps a stack of the states bound to it, with the generation each had.  The
   memory of states is type-stable: deleted ones go to a free list and change their
   generation.  So a thread that wants to attach a state can tell that it was deleted behind
   its back, and parks.  The order of the stack is that of last use, which is what
   PyGILState_Ensure() asks for.

   A state may move to another OS thread while it is suspended; the former thread's entry
   becomes stale, since `os_thread` no longer names it.

   Lists of states and the free list are guarded by _PyRuntime.interpreters.lock.

   Written from the C API reference ("Initialization, Finalization, and Threads") and
   InternalDocs/interpreters.rst.  */

#include "Python.h"
#include "pycore_breaker.h"     // _PyEval_CheckMissedEvents()
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_frame.h"       // _PyFrame_GetFrameObject()
#include "pycore_gil.h"         // _PyEval_TakeGIL()
#include "pycore_lifecycle.h"   // _PyThreadState_ForgetAll()
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_private_api.h" // _PyThreadState_GetCurrent()
#include "pycore_pystate.h"     // _PyRuntime
#include "pycore_thread.h"      // _Py_STACK_FACTOR

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

_Py_thread_local PyThreadState *_Py_tss_tstate;
_Py_thread_local struct _PyOSThread _Py_os_thread;

#define LOCK_INTERPRETERS() _PyProcessLock_Lock(&_PyRuntime.interpreters.lock)
#define UNLOCK_INTERPRETERS() _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock)

void
_Py_FatalError_TstateNULL(const char *func)
{
    _Py_FatalErrorFunc(func,
        "the function must be called with the GIL held, "
        "after Python initialization and before Python finalization, "
        "but the GIL is released (the current Python thread state is NULL)");
}

void
_PyThread_Park(void)
{
    for (;;) {
        pause();
    }
}

/* ---- The OS thread's record --------------------------------------------- */

/* Part of a thread's C stack kept free for error handling and foreign code; of a small one less. */
#define C_STACK_MARGIN ((size_t)(160 << 10) * _Py_STACK_FACTOR)
#define SMALL_C_STACK ((size_t)(512 << 10) * _Py_STACK_FACTOR)

static size_t
stack_margin(size_t size)
{
    return size >= SMALL_C_STACK ? C_STACK_MARGIN : size / 16 * 5;
}

/* Bounds of this thread's C stack.  For the first thread the system gives them only by a
   file in /proc; its limit will do. */
static void
find_stack(struct _PyOSThread *os)
{
    if ((unsigned long)getpid() == os->native_id) {
        struct rlimit limit;
        size_t size = (size_t)8 << 20;
        if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
            size = (size_t)limit.rlim_cur;
        }
        os->stack_base = (char *)__builtin_frame_address(0) + 4096;
        os->stack_size = size > ((size_t)512 << 10) ? size - ((size_t)256 << 10) : size / 2;
        return;
    }
    pthread_attr_t attr;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        void *low;
        size_t size, guard;
        if (pthread_attr_getstack(&attr, &low, &size) == 0
            && pthread_attr_getguardsize(&attr, &guard) == 0 && guard < size) {
            os->stack_base = (char *)low + size;
            os->stack_size = size - guard;
        }
        pthread_attr_destroy(&attr);
    }
}

static void
record_stack(struct _PyOSThread *os)
{
    find_stack(os);
    if (os->stack_base != NULL) {
        /* What is in use already (thread-local data of the C library, with ThreadSanitizer most of
           a small stack) does not make the margin larger. */
        char *here = __builtin_frame_address(0);
        size_t room = (size_t)(here - ((char *)os->stack_base - os->stack_size));
        os->stack_soft_size = os->stack_size - stack_margin(Py_MIN(room, os->stack_size));
        os->stack_soft_low = (char *)os->stack_base - os->stack_soft_size;
    }
}

struct _PyOSThread *
_PyOSThread_Get(void)
{
    struct _PyOSThread *os = &_Py_os_thread;
    if (os->ident == 0) {
        os->bound = os->inline_bound;
        os->capacity = _Py_OS_THREAD_INLINE_STATES;
        os->ident = PyThread_get_thread_ident();
        os->native_id = (unsigned long)syscall(SYS_gettid);
        record_stack(os);
    }
    return os;
}

static inline uint64_t
generation_of(_PyThreadStateImpl *impl)
{
    return __atomic_load_n(&impl->generation, __ATOMIC_RELAXED);
}

/* The record of the thread that the state is bound to.  A state that is deleted gets its new
   generation before this changes: whoever reads this first and then finds the generation that he
   expects has read an owner of that generation. */
static inline struct _PyOSThread *
owner_of(_PyThreadStateImpl *impl)
{
    return __atomic_load_n(&impl->os_thread, __ATOMIC_ACQUIRE);
}

static inline void
set_owner(_PyThreadStateImpl *impl, struct _PyOSThread *os)
{
    __atomic_store_n(&impl->os_thread, os, __ATOMIC_RELEASE);
}

static inline enum _tstate_stage
stage_of(_PyThreadStateImpl *impl)
{
    return __atomic_load_n(&impl->stage, __ATOMIC_RELAXED);
}

static inline void
set_stage(_PyThreadStateImpl *impl, enum _tstate_stage stage)
{
    __atomic_store_n(&impl->stage, stage, __ATOMIC_RELAXED);
}

static int
entry_is_live(struct _PyOSThread *os, struct _PyBoundState *entry)
{
    return owner_of(entry->state) == os && generation_of(entry->state) == entry->generation;
}

/* Index of the state in the record, or -1. */
static int
find_bound(struct _PyOSThread *os, _PyThreadStateImpl *impl)
{
    for (int i = os->nbound - 1; i >= 0; i--) {
        if (os->bound[i].state == impl) {
            return i;
        }
    }
    return -1;
}

/* Back to the inline entries, with those that were used last. */
static void
release_bound(void *arg)
{
    struct _PyOSThread *os = arg;
    int kept = Py_MIN(os->nbound, _Py_OS_THREAD_INLINE_STATES);
    assert(os->bound != os->inline_bound);
    memcpy(os->inline_bound, os->bound + os->nbound - kept, kept * sizeof(os->bound[0]));
    free(os->bound);
    os->bound = os->inline_bound;
    os->nbound = kept;
    os->capacity = _Py_OS_THREAD_INLINE_STATES;
}

/* What C++ compilers call for the destructors of thread-local variables: it needs no key that
   somebody has to keep.  In glibc. */
extern int __cxa_thread_atexit_impl(void (*func)(void *), void *arg, void *dso)
    __attribute__((weak));
extern void *__dso_handle;

/* A longer array is the thread's until it ends, however it ends; where the C library cannot tell
   us of that, until it is no longer needed. */
static inline int
stays_until_exit(void)
{
    return __cxa_thread_atexit_impl != NULL;
}

static void
remove_bound(struct _PyOSThread *os, int i)
{
    assert(i >= 0 && i < os->nbound);
    memmove(&os->bound[i], &os->bound[i + 1], (os->nbound - i - 1) * sizeof(os->bound[0]));
    os->nbound--;
    if (os->bound != os->inline_bound && os->nbound <= _Py_OS_THREAD_INLINE_STATES &&
        !stays_until_exit()) {
        release_bound(os);
    }
}

static void
push_bound(struct _PyOSThread *os, _PyThreadStateImpl *impl)
{
    for (int i = os->nbound - 1; i >= 0; i--) {
        if (!entry_is_live(os, &os->bound[i]) || os->bound[i].state == impl) {
            remove_bound(os, i);
        }
    }
    if (os->nbound == os->capacity) {
        struct _PyBoundState *longer = malloc(2 * os->capacity * sizeof(*longer));
        if (longer == NULL || (os->bound == os->inline_bound && stays_until_exit() &&
                               __cxa_thread_atexit_impl(release_bound, os, &__dso_handle) != 0)) {
            Py_FatalError("no memory to bind a thread state to its thread");
        }
        memcpy(longer, os->bound, os->nbound * sizeof(*longer));
        if (os->bound != os->inline_bound) {
            free(os->bound);
        }
        os->bound = longer;
        os->capacity *= 2;
    }
    assert(os->nbound < os->capacity);
    os->bound[os->nbound++] = (struct _PyBoundState){impl, generation_of(impl)};
}

/* The last used state of this thread that is alive, or NULL. */
static _PyThreadStateImpl *
last_bound(struct _PyOSThread *os)
{
    while (os->nbound > 0) {
        struct _PyBoundState *top = &os->bound[os->nbound - 1];
        if (entry_is_live(os, top)) {
            return top->state;
        }
        remove_bound(os, os->nbound - 1);
    }
    return NULL;
}

/* The state of the interpreter that this thread used last, or NULL. */
PyThreadState *
_PyThreadState_BoundHere(PyInterpreterState *interp)
{
    struct _PyOSThread *os = _PyOSThread_Get();
    for (int i = os->nbound - 1; i >= 0; i--) {
        PyThreadState *tstate = &os->bound[i].state->base;
        if (entry_is_live(os, &os->bound[i])
            && __atomic_load_n(&tstate->interp, __ATOMIC_RELAXED) == interp)
        {
            return tstate;
        }
    }
    return NULL;
}

/* ---- Birth -------------------------------------------------------------- */

static void
init_state(_PyThreadStateImpl *impl, PyInterpreterState *interp)
{
    PyThreadState *tstate = &impl->base;
    assert(stage_of(impl) == _TSTATE_FREE);
    uint64_t generation = __atomic_add_fetch(&_PyRuntime.interpreters.next_generation, 1,
                                             __ATOMIC_RELAXED);
    /* All zero, but for `interp`: a late thread may be looking at it. */
    size_t after = offsetof(PyThreadState, interp) + sizeof(tstate->interp);
    memset(tstate, 0, offsetof(PyThreadState, interp));
    memset((char *)tstate + after, 0, sizeof(*tstate) - after);
    set_owner(impl, NULL);
    impl->next_free = NULL;
    impl->gilstate_made = impl->daemon_parked = 0;
    __atomic_store_n(&tstate->interp, interp, __ATOMIC_RELAXED);
    tstate->heap = interp->heap;
    int limit = interp->ceval.recursion_limit;
    tstate->py_recursion_limit = tstate->py_recursion_remaining = limit;
    tstate->c_recursion_remaining = C_RECURSION_LIMIT;
    tstate->exc_info = &tstate->exc_state;
    tstate->cframe = &tstate->root_cframe;
    tstate->what_event = -1;
    tstate->context_ver = 1;
    tstate->gilstate_counter = 1;
    /* Code compares this word's version with its own: see pycore_breaker.h. */
    tstate->eval_breaker = (uintptr_t)interp->instruments.version << _PY_EVAL_EVENTS_BITS;
    impl->first_chunk.chunk.size = 0;       /* frame.c: nobody uses it */
    impl->spare_chunk = NULL;
    impl->import_context = NULL;
    __atomic_store_n(&impl->generation, generation, __ATOMIC_RELAXED);
    tstate->_status.initialized = 1;
    set_stage(impl, _TSTATE_ALLOCATED);
}

/* Memory for a state; called under the interpreters lock.  NULL: none left. */
static _PyThreadStateImpl *
obtain_state(PyInterpreterState *interp)
{
    if (!interp->first_thread_used) {
        interp->first_thread_used = 1;
        return &interp->first_thread;
    }
    _PyThreadStateImpl *impl = _PyRuntime.interpreters.free_threads;
    if (impl != NULL) {
        _PyRuntime.interpreters.free_threads = impl->next_free;
        return impl;
    }
    return calloc(1, sizeof(*impl));    /* never freed: type-stable */
}

PyThreadState *
_PyThreadState_New(PyInterpreterState *interp)
{
    LOCK_INTERPRETERS();
    int stage = __atomic_load_n(&interp->stage, __ATOMIC_ACQUIRE);
    if (stage == _INTERP_FREE || stage >= _INTERP_FINALIZING) {
        UNLOCK_INTERPRETERS();
        return NULL;    /* it accepts no more threads */
    }
    _PyThreadStateImpl *impl = obtain_state(interp);
    if (impl == NULL) {
        UNLOCK_INTERPRETERS();
        return NULL;
    }
    init_state(impl, interp);
    PyThreadState *tstate = &impl->base;
    tstate->id = ++interp->threads.next_unique_id;
    tstate->next = interp->threads.head;
    if (tstate->next != NULL) {
        tstate->next->prev = tstate;
    }
    interp->threads.head = tstate;
    UNLOCK_INTERPRETERS();
    return tstate;
}

void
_PyThreadState_Bind(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    struct _PyOSThread *os = _PyOSThread_Get();
    assert(stage_of(impl) == _TSTATE_ALLOCATED || stage_of(impl) == _TSTATE_BOUND
           || stage_of(impl) == _TSTATE_SUSPENDED);
    set_owner(impl, os);
    tstate->thread_id = os->ident;
    tstate->native_thread_id = os->native_id;
    tstate->_status.bound = 1;
    tstate->_status.bound_gilstate = 1;
    if (stage_of(impl) == _TSTATE_ALLOCATED) {
        set_stage(impl, _TSTATE_BOUND);
    }
    push_bound(os, impl);
}

/* For a thread that was just started: bind the state to it unless the state was deleted since
   `generation` was noted.  Returns 1 if bound. */
int
_PyThreadState_BindIfLive(PyThreadState *tstate, uint64_t generation)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    (void)_PyOSThread_Get();
    LOCK_INTERPRETERS();
    int live = generation_of(impl) == generation;
    if (live) {
        _PyThreadState_Bind(tstate);
    }
    UNLOCK_INTERPRETERS();
    return live;
}

/* New state, bound to the calling thread unless that already has a state of the interpreter. */
PyThreadState *
PyThreadState_New(PyInterpreterState *interp)
{
    PyThreadState *tstate = _PyThreadState_New(interp);
    if (tstate != NULL) {
        _PyThreadState_Bind(tstate);
    }
    return tstate;
}

PyThreadState *
_PyThreadState_Prealloc(PyInterpreterState *interp)
{
    return _PyThreadState_New(interp);
}

/* The second half of _PyThreadState_Prealloc(): kept for callers of the old pair. */
void
_PyThreadState_Init(PyThreadState *Py_UNUSED(tstate))
{
}

/* ---- Attach and detach -------------------------------------------------- */

/* The attached state of the main OS thread is known to signal handlers. */
static inline int
note_main_thread(struct _PyOSThread *os, PyThreadState *tstate)
{
    if (os->ident != __atomic_load_n(&_PyRuntime.main_thread, __ATOMIC_RELAXED)) {
        return 0;
    }
    /* Comes before the look at what is announced (set_current): whoever announces does so first
       and looks for a state then. */
    __atomic_store_n(&_PyRuntime.main_tstate, tstate, __ATOMIC_SEQ_CST);
    return 1;
}

/* Bring the state's entry to the top of the record, binding it if need be; park if it was deleted
   (or is not this thread's).  Returns its generation. */
static uint64_t
claim_state(struct _PyOSThread *os, _PyThreadStateImpl *impl)
{
    int i = find_bound(os, impl);
    struct _PyOSThread *owner = owner_of(impl);
    if (i >= 0 && generation_of(impl) != os->bound[i].generation) {
        _PyThread_Park();
    }
    if (i < 0 || owner != os) {
        if (stage_of(impl) == _TSTATE_FREE || stage_of(impl) >= _TSTATE_DELETED) {
            Py_FatalError("the thread state was deleted");
        }
        _PyThreadState_Bind(&impl->base);
        return generation_of(impl);
    }
    struct _PyBoundState entry = os->bound[i];
    if (i != os->nbound - 1) {
        /* Turned, not removed and added: removing may make the array shorter. */
        memmove(&os->bound[i], &os->bound[i + 1], (os->nbound - 1 - i) * sizeof(entry));
        os->bound[os->nbound - 1] = entry;
    }
    return entry.generation;
}

static void
set_current(struct _PyOSThread *os, PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    assert(_Py_tss_tstate == NULL);
    assert(stage_of(impl) == _TSTATE_BOUND || stage_of(impl) == _TSTATE_SUSPENDED
           || stage_of(impl) == _TSTATE_CLEARED);
    _Py_tss_tstate = tstate;
    tstate->_status.active = 1;
    if (stage_of(impl) != _TSTATE_CLEARED) {
        set_stage(impl, _TSTATE_ATTACHED);
    }
    _PyEval_CheckMissedEvents(tstate, note_main_thread(os, tstate));
}

static void
unset_current(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    assert(_Py_tss_tstate == tstate);
    assert(_PyProcessLock_NoneHeld());
    note_main_thread(&_Py_os_thread, NULL);
    _Py_tss_tstate = NULL;
    tstate->_status.active = 0;
    if (stage_of(impl) == _TSTATE_ATTACHED) {
        set_stage(impl, _TSTATE_SUSPENDED);
    }
}

void
_PyThreadState_Attach(PyThreadState *tstate)
{
    struct _PyOSThread *os = _PyOSThread_Get();
    if (_Py_tss_tstate != NULL) {
        _Py_FatalErrorFunc(__func__, "non-NULL old thread state");
    }
    uint64_t generation = claim_state(os, _PyThreadState_IMPL(tstate));
    _PyEval_TakeGIL(tstate, generation);
    set_current(os, tstate);
}

void
_PyThreadState_Detach(PyThreadState *tstate)
{
    unset_current(tstate);
    _PyEval_DropGIL(tstate, 0);
}

void
_PyThreadState_Yield(PyThreadState *tstate)
{
    uint64_t generation = generation_of(_PyThreadState_IMPL(tstate));
    unset_current(tstate);
    _PyEval_DropGIL(tstate, 1);
    _PyEval_TakeGIL(tstate, generation);
    set_current(&_Py_os_thread, tstate);
}

PyThreadState *
_PyThreadState_Swap(_PyRuntimeState *Py_UNUSED(runtime), PyThreadState *newts)
{
    PyThreadState *oldts = _PyThreadState_GET();
    if (oldts == newts) {
        return oldts;
    }
    if (oldts != NULL) {
        _PyThreadState_Detach(oldts);
    }
    if (newts != NULL) {
        _PyThreadState_Attach(newts);
    }
    return oldts;
}

PyThreadState *
PyThreadState_Swap(PyThreadState *newts)
{
    return _PyThreadState_Swap(&_PyRuntime, newts);
}

/* ---- Death -------------------------------------------------------------- */

void
PyThreadState_Clear(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    assert(_PyThreadState_GET() != NULL && _PyThreadState_GET()->heap == tstate->heap);
    if (stage_of(impl) == _TSTATE_CLEARED) {
        return;
    }
    const PyConfig *config = &tstate->interp->config;
    if (config->verbose && tstate->cframe->current_frame != NULL) {
        fputs("PyThreadState_Clear: warning: thread still has a frame\n", stderr);
    }
    if (config->verbose && tstate->current_exception != NULL) {
        fputs("PyThreadState_Clear: warning: thread has an exception set\n", stderr);
    }
    Py_CLEAR(tstate->dict);
    PyObject *async_exc = __atomic_exchange_n(&tstate->async_exc, NULL, __ATOMIC_ACQ_REL);
    Py_XDECREF(async_exc);
    Py_CLEAR(tstate->current_exception);
    Py_CLEAR(tstate->exc_state.exc_value);
    tstate->exc_info = &tstate->exc_state;
    if (tstate->c_profilefunc != NULL) {
        tstate->interp->ceval.profile_threads--;
        tstate->c_profilefunc = NULL;
    }
    if (tstate->c_tracefunc != NULL) {
        tstate->interp->ceval.trace_threads--;
        tstate->c_tracefunc = NULL;
    }
    Py_CLEAR(tstate->c_profileobj);
    Py_CLEAR(tstate->c_traceobj);
    Py_CLEAR(tstate->async_gen_firstiter);
    Py_CLEAR(tstate->async_gen_finalizer);
    Py_CLEAR(tstate->context);
    if (tstate->on_delete != NULL) {
        void (*on_delete)(void *) = tstate->on_delete;
        tstate->on_delete = NULL;
        on_delete(tstate->on_delete_data);
    }
    tstate->_status.cleared = 1;
    set_stage(impl, _TSTATE_CLEARED);
}

/* Unlink from the interpreter's list; called under the interpreters lock. */
static void
unlink_state(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (tstate->prev != NULL) {
        tstate->prev->next = tstate->next;
    }
    else {
        assert(interp->threads.head == tstate);
        interp->threads.head = tstate->next;
    }
    if (tstate->next != NULL) {
        tstate->next->prev = tstate->prev;
    }
    if (interp->threads.main == tstate) {
        interp->threads.main = NULL;
    }
}

void
_PyThreadState_Free(PyThreadState *tstate)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    PyInterpreterState *interp = tstate->interp;
    _PyThreadState_ClearDataStack(tstate);
    set_stage(impl, _TSTATE_DELETED);
    tstate->_status.finalized = 1;
    if (owner_of(impl) == &_Py_os_thread) {
        int i = find_bound(&_Py_os_thread, impl);
        if (i >= 0) {
            remove_bound(&_Py_os_thread, i);
        }
    }
    LOCK_INTERPRETERS();
    __atomic_store_n(&impl->generation,
                     __atomic_add_fetch(&_PyRuntime.interpreters.next_generation, 1,
                                        __ATOMIC_RELAXED),
                     __ATOMIC_RELAXED);
    if (interp->threads.home == tstate) {
        interp->threads.home = NULL;
    }
    set_owner(impl, NULL);
    set_stage(impl, _TSTATE_FREE);
    if (impl == &interp->first_thread) {
        interp->first_thread_used = 0;
    }
    else {
        impl->next_free = _PyRuntime.interpreters.free_threads;
        _PyRuntime.interpreters.free_threads = impl;
    }
    UNLOCK_INTERPRETERS();
}

/* In the child of a fork: the memory of the interpreter's thread states may be used again, whatever
   stage the threads that are gone left them in.  Called before any lock can be contended. */
void
_PyThreadState_ForgetAll(PyInterpreterState *interp)
{
    for (PyThreadState *tstate = interp->threads.head, *next; tstate != NULL; tstate = next) {
        _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
        next = tstate->next;
        impl->generation = ++_PyRuntime.interpreters.next_generation;
        set_owner(impl, NULL);
        set_stage(impl, _TSTATE_FREE);
        if (impl != &interp->first_thread) {
            impl->next_free = _PyRuntime.interpreters.free_threads;
            _PyRuntime.interpreters.free_threads = impl;
        }
    }
    /* One that was being deleted is in no list. */
    set_owner(&interp->first_thread, NULL);
    set_stage(&interp->first_thread, _TSTATE_FREE);
    interp->first_thread_used = 0;
    interp->threads.head = NULL;
}

void
PyThreadState_Delete(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    if (tstate == _PyThreadState_GET()) {
        _Py_FatalErrorFormat(__func__, "tstate %p is still current", (void *)tstate);
    }
    LOCK_INTERPRETERS();
    unlink_state(tstate);
    UNLOCK_INTERPRETERS();
    _PyThreadState_Free(tstate);
}

void
_PyThreadState_DeleteCurrent(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    LOCK_INTERPRETERS();
    unlink_state(tstate);
    UNLOCK_INTERPRETERS();
    unset_current(tstate);
    _PyEval_DropGIL(tstate, 0);
    _PyThreadState_Free(tstate);
}

void
PyThreadState_DeleteCurrent(void)
{
    _PyThreadState_DeleteCurrent(_PyThreadState_GET());
}

void
_PyThreadState_DeleteExcept(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    LOCK_INTERPRETERS();
    PyThreadState *list = interp->threads.head;
    if (list == tstate) {
        list = tstate->next;
    }
    if (tstate->prev != NULL) {
        tstate->prev->next = tstate->next;
    }
    if (tstate->next != NULL) {
        tstate->next->prev = tstate->prev;
    }
    tstate->prev = tstate->next = NULL;
    interp->threads.head = tstate;
    UNLOCK_INTERPRETERS();
    while (list != NULL) {
        PyThreadState *next = list->next;
        PyThreadState_Clear(list);
        _PyThreadState_Free(list);
        list = next;
    }
}

/* ---- Asking ------------------------------------------------------------- */

PyThreadState *
_PyThreadState_UncheckedGet(void)
{
    return _PyThreadState_GET();
}

/* The same under the name that the inline functions of 3.12's internal headers call. */
PyThreadState *
_PyThreadState_GetCurrent(void)
{
    return _PyThreadState_GET();
}

PyThreadState *
PyThreadState_Get(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    return tstate;
}

PyInterpreterState *
PyThreadState_GetInterpreter(PyThreadState *tstate)
{
    assert(tstate != NULL);
    return tstate->interp;
}

uint64_t
PyThreadState_GetID(PyThreadState *tstate)
{
    assert(tstate != NULL);
    return tstate->id;
}

/* The innermost complete frame; new reference or NULL (no frame, or no memory for its object). */
PyFrameObject *
PyThreadState_GetFrame(PyThreadState *tstate)
{
    assert(tstate != NULL);
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        return NULL;
    }
    PyFrameObject *op = _PyFrame_GetFrameObject(frame);
    if (op == NULL) {
        PyErr_Clear();
    }
    return (PyFrameObject *)Py_XNewRef(op);
}

PyObject *
_PyThreadState_GetDict(PyThreadState *tstate)
{
    assert(tstate != NULL);
    if (tstate->dict == NULL) {
        tstate->dict = PyDict_New();
        if (tstate->dict == NULL) {
            PyErr_Clear();
        }
    }
    return tstate->dict;
}

PyObject *
PyThreadState_GetDict(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return tstate != NULL ? _PyThreadState_GetDict(tstate) : NULL;
}

PyThreadState *
PyInterpreterState_ThreadHead(PyInterpreterState *interp)
{
    return interp->threads.head;
}

PyThreadState *
PyThreadState_Next(PyThreadState *tstate)
{
    return tstate->next;
}

void
PyThreadState_EnterTracing(PyThreadState *tstate)
{
    assert(tstate->tracing >= 0);
    tstate->tracing++;
}

void
PyThreadState_LeaveTracing(PyThreadState *tstate)
{
    assert(tstate->tracing > 0);
    tstate->tracing--;
}

/* Ask the thread with this ident, in the current interpreter, to raise `exc` (borrowed; NULL
   takes a former request back).  Returns the number of states found: 0 or 1. */
int
PyThreadState_SetAsyncExc(unsigned long id, PyObject *exc)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *old = NULL;
    int found = 0;
    LOCK_INTERPRETERS();
    for (PyThreadState *p = interp->threads.head; p != NULL && !found; p = p->next) {
        if (p->thread_id == id) {
            found = 1;
            old = __atomic_exchange_n(&p->async_exc, Py_XNewRef(exc), __ATOMIC_ACQ_REL);
            if (exc != NULL) {
                _Py_set_eval_breaker_bit(p, _PY_ASYNC_EXCEPTION_BIT);
            }
        }
    }
    UNLOCK_INTERPRETERS();
    Py_XDECREF(old);
    return found;
}

/* {thread ident: make(state)} of the current interpreter's threads.  The list cannot change
   meanwhile in a way that matters: other threads of the interpreter need the GIL to run, and
   a state that is added is not followed. */
static PyObject *
map_threads(PyObject *(*make)(PyThreadState *))
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = PyDict_New();
    if (result == NULL) {
        return NULL;
    }
    for (PyThreadState *p = tstate->interp->threads.head; p != NULL; p = p->next) {
        PyObject *value = make(p);
        if (value == NULL) {
            if (PyErr_Occurred()) {
                goto fail;
            }
            continue;
        }
        PyObject *ident = PyLong_FromUnsignedLong(p->thread_id);
        int rc = ident != NULL ? PyDict_SetItem(result, ident, value) : -1;
        Py_XDECREF(ident);
        Py_DECREF(value);
        if (rc < 0) {
            goto fail;
        }
    }
    return result;

fail:
    Py_DECREF(result);
    return NULL;
}

static PyObject *
current_frame_of(PyThreadState *tstate)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        return NULL;
    }
    return Py_XNewRef((PyObject *)_PyFrame_GetFrameObject(frame));
}

static PyObject *
handled_exception_of(PyThreadState *tstate)
{
    _PyErr_StackItem *item = _PyErr_GetTopmostException(tstate);
    if (item == NULL) {
        return NULL;
    }
    assert(item->exc_value == NULL || item->exc_value == Py_None
           || PyExceptionInstance_Check(item->exc_value));
    return Py_NewRef(item->exc_value != NULL ? item->exc_value : Py_None);
}

PyObject *
_PyThread_CurrentFrames(void)
{
    if (PySys_Audit("sys._current_frames", NULL) < 0) {
        return NULL;
    }
    return map_threads(current_frame_of);
}

PyObject *
_PyThread_CurrentExceptions(void)
{
    if (PySys_Audit("sys._current_exceptions", NULL) < 0) {
        return NULL;
    }
    return map_threads(handled_exception_of);
}

/* ---- PyGILState --------------------------------------------------------- */

int
PyGILState_Check(void)
{
    return _PyThreadState_GET() != NULL;
}

PyThreadState *
PyGILState_GetThisThreadState(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    struct _PyOSThread *os = &_Py_os_thread;
    /* Signal handlers ask: the record is only read, and not made for a thread that has none. */
    for (int i = os->nbound - 1; i >= 0 && tstate == NULL; i--) {
        if (entry_is_live(os, &os->bound[i])) {
            tstate = &os->bound[i].state->base;
        }
    }
    return tstate;
}

PyInterpreterState *
_PyGILState_GetInterpreterStateUnsafe(void)
{
    return _PyRuntime.main;
}

/* The main interpreter is being ended, or was by another thread. */
static int
has_ended(PyInterpreterState *interp)
{
    int stage = __atomic_load_n(&interp->stage, __ATOMIC_ACQUIRE);
    return stage >= _INTERP_FINALIZING || (stage == _INTERP_FREE && !_Py_IsMainThread());
}

/* Attached: count up.  Else go back to the state that this thread used last; a thread that
   has none gets a new one in the main interpreter. */
PyGILState_STATE
PyGILState_Ensure(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL) {
        tstate->gilstate_counter++;
        return PyGILState_LOCKED;
    }
    _PyThreadStateImpl *impl = last_bound(_PyOSThread_Get());
    if (impl == NULL) {
        PyInterpreterState *interp = _PyInterpreterState_Main();
        if (interp == NULL || interp->gil == NULL) {
            Py_FatalError("PyGILState_Ensure: Python is not initialized");
        }
        tstate = PyThreadState_New(interp);
        if (tstate == NULL && has_ended(interp)) {
            _PyThread_Park();
        }
        if (tstate == NULL) {
            Py_FatalError("Couldn't create thread-state for new thread");
        }
        impl = _PyThreadState_IMPL(tstate);
        impl->gilstate_made = 1;
        tstate->gilstate_counter = 0;
    }
    tstate = &impl->base;
    _PyThreadState_Attach(tstate);
    tstate->gilstate_counter++;
    return PyGILState_UNLOCKED;
}

void
PyGILState_Release(PyGILState_STATE oldstate)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL) {
        _Py_FatalErrorFormat(__func__, "auto-releasing thread-state, "
                             "but no thread-state for this thread");
    }
    tstate->gilstate_counter--;
    assert(tstate->gilstate_counter >= 0);
    if (tstate->gilstate_counter == 0) {
        assert(oldstate == PyGILState_UNLOCKED);
        /* A destructor run by Clear may call Ensure and Release: keep the count up. */
        tstate->gilstate_counter++;
        PyThreadState_Clear(tstate);
        tstate->gilstate_counter--;
        _PyThreadState_DeleteCurrent(tstate);
    }
    else if (oldstate == PyGILState_UNLOCKED) {
        _PyThreadState_Detach(tstate);
    }
}
