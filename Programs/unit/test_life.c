/* Life and death in a process with several interpreters and threads: the end of the runtime with
 * interpreters left over, exit callbacks, signals, asynchronous exceptions, pending calls,
 * callbacks of foreign threads, fork.  Bare mode, as in test_embed.c.
 * Written from the C API reference and InternalDocs/interpreters.rst. */

#include "Python.h"
#include "pycore_atexit.h"      // PyUnstable_AtExit()
#include "pycore_heap.h"        // _PyHeap_CountOrphans()
#include "pycore_initconfig.h"
#include "pycore_interp.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "tracemalloc.h"        // _PyTraceMalloc_Start()

#include "unit.h"

#include <malloc.h>             // mallinfo2()
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const PyInterpreterConfig isolated = {
    .allow_threads = 1,
    .allow_daemon_threads = 1,
    .check_multi_interp_extensions = 1,
    .gil = PyInterpreterConfig_OWN_GIL,
};

static const PyInterpreterConfig legacy = {
    .use_main_obmalloc = 1,
    .allow_fork = 1,
    .allow_threads = 1,
    .allow_daemon_threads = 1,
    .gil = PyInterpreterConfig_SHARED_GIL,
};

static const char program[] =
    "def work(n):\n"
    "    table = {}\n"
    "    for i in range(n):\n"
    "        table[i & 63] = [i, str(i), {i: (i,)}]\n"
    "    return len(table)\n"
    "assert work(2000) == 64\n";

static PyThreadState *
start(int signals)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config._install_importlib = 0;
    config.site_import = 0;
    config.install_signal_handlers = signals;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "no runtime: %s\n", status.err_msg);
        exit(2);
    }
    return PyThreadState_Get();
}

/* A new interpreter; its state is attached.  Exits if there is none. */
static PyThreadState *
new_interpreter(const PyInterpreterConfig *config)
{
    PyThreadState *tstate = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "no interpreter: %s\n", status.err_msg);
        exit(2);
    }
    return tstate;
}

static int64_t
leaked(void)
{
    return __atomic_load_n(&_PyRuntime.interpreters.leaked_blocks, __ATOMIC_RELAXED);
}

static int
load(int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void
wait_for(int *flag, int value)
{
    for (int i = 0; i < 20000 && load(flag) < value; i++) {
        usleep(1000);
    }
}

/* ---- interpreters that are left when the runtime ends --------------------------------- */

static struct {
    char order[32];             /* one letter for each exit callback that ran */
    int running;                /* threads that are at work, interpreters that were made */
    int computing;              /* a thread computes for ever */
    int returned;               /* threads that came back, which they must not */
} seen;

static void
note_exit(void *data)
{
    size_t n = strlen(seen.order);
    if (n + 1 < sizeof(seen.order)) {
        seen.order[n] = *(char *)data;
    }
}

static void
test_leftovers(struct unit_result *result)
{
    int64_t before = leaked();
    for (int round = 0; round < 3; round++) {
        memset(&seen, 0, sizeof(seen));
        PyThreadState *main = start(0);
        CHECK(PyUnstable_AtExit(main->interp, note_exit, "m") == 0);
        for (int i = 0; i < 3; i++) {
            PyThreadState *tstate = new_interpreter(i == 1 ? &legacy : &isolated);
            CHECK(PyRun_SimpleString(program) == 0);
            CHECK(PyUnstable_AtExit(tstate->interp, note_exit, i == 0 ? "a" : "c") == 0);
            CHECK(PyUnstable_AtExit(tstate->interp, note_exit, i == 0 ? "b" : "d") == 0);
            PyThreadState_Swap(main);
        }
        CHECK(Py_FinalizeEx() == 0);
        /* The newest interpreter first, main last; callbacks in the opposite order. */
        CHECK(strcmp(seen.order, "dcdcbam") == 0);
        CHECK(PyInterpreterState_Head() == NULL);
        CHECK(leaked() == before);
        CHECK(_PyHeap_CountOrphans() == 0);
    }
}

static void *
run_for_ever(void *arg)
{
    PyThreadState *tstate = new_interpreter(arg);
    __atomic_add_fetch(&seen.running, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&seen.computing, 1, __ATOMIC_RELEASE);
    PyRun_SimpleString("while True:\n    n = [1, 2, 3]\n");
    __atomic_store_n(&seen.returned, 1, __ATOMIC_RELEASE);
    Py_EndInterpreter(tstate);
    return NULL;
}

static void *
make_for_ever(void *arg)
{
    for (;;) {
        PyThreadState *tstate = NULL;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        __atomic_add_fetch(&seen.running, 1, __ATOMIC_RELEASE);
        if (PyStatus_Exception(status)) {
            return arg;             /* the runtime ends: refused */
        }
        PyRun_SimpleString(program);
        Py_EndInterpreter(tstate);
    }
}

/* One thread computes in an interpreter of its own, one in a legacy one, one makes and ends
 * interpreters: the end of the runtime stops them all. */
static void
test_busy_leftovers(struct unit_result *result)
{
    for (int round = 0; round < 2; round++) {
        memset(&seen, 0, sizeof(seen));
        start(0);
        pthread_t threads[3];
        CHECK(pthread_create(&threads[0], NULL, run_for_ever, (void *)&isolated) == 0);
        CHECK(pthread_create(&threads[1], NULL, make_for_ever, NULL) == 0);
        Py_BEGIN_ALLOW_THREADS
        wait_for(&seen.computing, 1);
        wait_for(&seen.running, 5);
        Py_END_ALLOW_THREADS
        CHECK(Py_FinalizeEx() == 0);
        CHECK(PyInterpreterState_Head() == NULL);
        CHECK(!load(&seen.returned));
        pthread_detach(threads[0]);
        pthread_detach(threads[1]);
        usleep(20000);
    }
    CHECK(!load(&seen.returned));
}

/* ---- exit callbacks of one interpreter ------------------------------------------------ */

static void
test_exit_callbacks(struct unit_result *result)
{
    memset(&seen, 0, sizeof(seen));
    PyThreadState *main = start(0);
    PyThreadState *tstate = new_interpreter(&isolated);
    for (int i = 0; i < 3; i++) {
        CHECK(PyUnstable_AtExit(tstate->interp, note_exit, &"123"[i]) == 0);
    }
    Py_EndInterpreter(tstate);
    CHECK(strcmp(seen.order, "321") == 0);
    PyThreadState_Swap(main);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(strcmp(seen.order, "321") == 0);
}

/* ---- signals -------------------------------------------------------------------------- */

struct sender {
    pthread_t target;
    int number;
};

static void *
send_signal(void *arg)
{
    struct sender *sender = arg;
    usleep(50000);
    pthread_kill(sender->target, sender->number);
    return NULL;
}

/* Run a script while a signal is on its way to this (the main) thread. */
static int
run_with_signal(const char *script, int number)
{
    struct sender sender = {pthread_self(), number};
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_signal, &sender) != 0) {
        return -1;
    }
    int rc = PyRun_SimpleString(script);
    Py_BEGIN_ALLOW_THREADS
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    return rc;
}

static void
test_signals(struct unit_result *result)
{
    PyThreadState *main = start(1);
    CHECK(PyRun_SimpleString(
        "import _signal\n"
        "hits = []\n"
        "class Own(ValueError): pass\n"
        "def raises(number, frame):\n"
        "    hits.append(number)\n"
        "    raise Own('text')\n"
        "_signal.signal(_signal.SIGUSR1, raises)\n"
        "_signal.signal(_signal.SIGUSR2, lambda number, frame: hits.append(number))\n") == 0);
    for (int i = 0; i < 2; i++) {
        PyThreadState *tstate = new_interpreter(i == 0 ? &isolated : &legacy);
        CHECK(run_with_signal("try:\n"
                              "    while True: pass\n"
                              "except KeyboardInterrupt as e:\n"
                              "    kept = e\n"
                              "assert type(kept) is KeyboardInterrupt\n", SIGINT) == 0);
        CHECK(run_with_signal("try:\n"
                              "    while True: pass\n"
                              "except ValueError as e:\n"
                              "    kept = e\n"
                              "assert type(kept) is ValueError and kept.args == ('text',)\n",
                              SIGUSR1) == 0);
        CHECK(run_with_signal("import time\n"
                              "end = time.monotonic() + 0.2\n"
                              "while time.monotonic() < end: pass\n", SIGUSR2) == 0);
        Py_EndInterpreter(tstate);
        PyThreadState_Swap(main);
    }
    CHECK(PyRun_SimpleString("assert hits == [10, 12, 10, 12], hits\n") == 0);
    /* In main itself, after all this. */
    CHECK(run_with_signal("try:\n"
                          "    while True: pass\n"
                          "except KeyboardInterrupt:\n"
                          "    pass\n", SIGINT) == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* ---- asynchronous exceptions and pending calls ---------------------------------------- */

static struct {
    PyInterpreterState *interp;
    unsigned long ident;
    int looping;
    int rc;
    int calls;
    int wrong;
} foreign;

static void *
loop_until_raised(void *arg)
{
    PyThreadState *tstate = PyThreadState_New(foreign.interp);
    PyEval_RestoreThread(tstate);
    foreign.ident = PyThread_get_thread_ident();
    __atomic_store_n(&foreign.looping, 1, __ATOMIC_RELEASE);
    foreign.rc = PyRun_SimpleString("try:\n"
                                    "    while True: pass\n"
                                    "except SystemError as e:\n"
                                    "    kept = type(e)\n"
                                    "assert kept is SystemError\n");
    PyThreadState_Clear(tstate);
    PyThreadState_DeleteCurrent();
    return arg;
}

static void
test_async_exception(struct unit_result *result)
{
    PyThreadState *main = start(0);
    PyThreadState *tstate = new_interpreter(&isolated);
    memset(&foreign, 0, sizeof(foreign));
    foreign.interp = tstate->interp;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, loop_until_raised, NULL) == 0);
    Py_BEGIN_ALLOW_THREADS
    wait_for(&foreign.looping, 1);
    Py_END_ALLOW_THREADS
    CHECK(PyThreadState_SetAsyncExc(foreign.ident + 1, PyExc_SystemError) == 0);
    /* The thread belongs to another interpreter than main. */
    PyThreadState_Swap(main);
    CHECK(PyThreadState_SetAsyncExc(foreign.ident, PyExc_SystemError) == 0);
    PyThreadState_Swap(tstate);
    CHECK(PyThreadState_SetAsyncExc(foreign.ident, PyExc_ValueError) == 1);
    CHECK(PyThreadState_SetAsyncExc(foreign.ident, PyExc_SystemError) == 1);
    Py_BEGIN_ALLOW_THREADS
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    CHECK(foreign.rc == 0);
    Py_EndInterpreter(tstate);
    PyThreadState_Swap(main);
    CHECK(Py_FinalizeEx() == 0);
}

/* ---- threads that are cut off ------------------------------------------------------------- */

enum { NESTED = 9 };            /* more states than a thread's record has room for */
static PyThreadState *nested[NESTED];

/* Leaves its states as they are, like a thread that is cancelled. */
static void *
exit_among_states(void *arg)
{
    for (int i = 0; i < NESTED; i++) {
        PyThreadState_Swap(nested[i] = PyThreadState_New(arg));
    }
    PyThreadState_Swap(NULL);
    pthread_exit(NULL);
}

static void
test_cut_off(struct unit_result *result)
{
    PyThreadState *main = start(0);
    size_t first = 0;
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, exit_among_states, main->interp) == 0);
        Py_BEGIN_ALLOW_THREADS
        pthread_join(thread, NULL);
        Py_END_ALLOW_THREADS
        for (int i = 0; i < NESTED; i++) {
            PyThreadState_Clear(nested[i]);
            PyThreadState_Delete(nested[i]);
        }
        if (round == 2) {
            first = mallinfo2().uordblks;       /* states are kept for the next ones */
        }
    }
    CHECK(mallinfo2().uordblks == first);
    CHECK(Py_FinalizeEx() == 0);
}

#define CALLS 200

static int
count_call(void *arg)
{
    foreign.wrong += !_Py_IsMainThread() || !_Py_IsMainInterpreter(PyInterpreterState_Get());
    foreign.wrong += arg != &foreign;
    if (++foreign.calls == CALLS) {
        PyObject *module = PyImport_AddModule("__main__");
        return module != NULL ? PyObject_SetAttrString(module, "done", Py_True) : -1;
    }
    return 0;
}

static void *
add_calls(void *arg)
{
    for (int i = 0; i < CALLS / 2; i++) {
        while (Py_AddPendingCall(count_call, &foreign) < 0) {
            usleep(100);
        }
    }
    return arg;
}

/* Threads that Python knows nothing of queue calls; the main thread runs them between
 * instructions. */
static void
test_pending_calls(struct unit_result *result)
{
    start(0);
    memset(&foreign, 0, sizeof(foreign));
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, add_calls, NULL) == 0);
    }
    CHECK(PyRun_SimpleString("done = False\n"
                             "while not done: pass\n") == 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK(foreign.calls == CALLS && foreign.wrong == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* ---- PyGILState and the end ------------------------------------------------------------ */

static struct {
    int ready;
    int go;
    int inside;
} callback;

static void *
call_back(void *arg)
{
    PyGILState_STATE state = PyGILState_Ensure();
    int in_main = _Py_IsMainInterpreter(PyInterpreterState_Get());
    PyGILState_Release(state);
    __atomic_store_n(&callback.ready, in_main ? 1 : -1, __ATOMIC_RELEASE);
    wait_for(&callback.go, 1);
    state = PyGILState_Ensure();        /* the runtime has ended: never comes back */
    __atomic_store_n(&callback.inside, 1, __ATOMIC_RELEASE);
    PyGILState_Release(state);
    return arg;
}

static void
test_late_callback(struct unit_result *result)
{
    start(0);
    memset(&callback, 0, sizeof(callback));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, call_back, NULL) == 0);
    Py_BEGIN_ALLOW_THREADS
    wait_for(&callback.ready, 1);
    Py_END_ALLOW_THREADS
    CHECK(load(&callback.ready) == 1);
    CHECK(Py_FinalizeEx() == 0);
    __atomic_store_n(&callback.go, 1, __ATOMIC_RELEASE);
    usleep(50000);
    CHECK(!load(&callback.inside));
    pthread_detach(thread);
}

/* ---- fork ------------------------------------------------------------------------------ */

static int stop_churning;

static void *
churn(void *arg)
{
    while (!load(&stop_churning)) {
        PyThreadState *tstate = NULL;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        if (PyStatus_Exception(status)) {
            return arg;
        }
        PyRun_SimpleString(program);
        Py_EndInterpreter(tstate);
    }
    return arg;
}

/* What a forked child must be able to do; the number of the step that fails, or 0. */
static int
child_work(PyInterpreterState *interp)
{
    PyThreadState *mine = PyThreadState_Get();
    if (PyInterpreterState_Main() != interp || mine->interp != interp || !_Py_IsMainThread()) {
        return 1;
    }
    if (PyInterpreterState_Head() != interp || PyInterpreterState_Next(interp) != NULL
        || mine->next != NULL || mine->prev != NULL) {
        return 2;
    }
    if (PyRun_SimpleString(program) != 0) {
        return 3;
    }
    PyThreadState *tstate = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
    if (PyStatus_Exception(status) || PyRun_SimpleString(program) != 0) {
        return 4;
    }
    Py_EndInterpreter(tstate);
    PyThreadState_Swap(mine);
    if (Py_FinalizeEx() != 0) {
        return 5;
    }
    start(0);
    if (PyRun_SimpleString(program) != 0 || Py_FinalizeEx() != 0) {
        return 6;
    }
    return 0;
}

/* Fork from the current interpreter; the child's exit status, or -1 if it died or hung. */
static int
fork_and_work(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    int status = -1;
    fflush(NULL);
    PyOS_BeforeFork();
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        PyOS_AfterFork_Child();
        _exit(child_work(interp));
    }
    PyOS_AfterFork_Parent();
    Py_BEGIN_ALLOW_THREADS
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        status = -1;
    }
    Py_END_ALLOW_THREADS
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* From main, from an isolated and from a legacy interpreter, while two threads make and end others
 * and a third computes. */
static void
test_fork(struct unit_result *result)
{
#ifdef __SANITIZE_ADDRESS__
    /* gcc 12's AddressSanitizer does not take the locks of its own allocator before fork(): with
     * threads that allocate, the child's first malloc() may wait for ever. */
    printf("not with AddressSanitizer: ");
    return;
#endif
    memset(&seen, 0, sizeof(seen));
    __atomic_store_n(&stop_churning, 0, __ATOMIC_RELEASE);
    PyThreadState *main = start(0);
    pthread_t threads[2], computing;
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, churn, NULL) == 0);
    }
    CHECK(pthread_create(&computing, NULL, run_for_ever, (void *)&isolated) == 0);
    Py_BEGIN_ALLOW_THREADS
    wait_for(&seen.running, 1);
    Py_END_ALLOW_THREADS
    for (int i = 0; i < 9; i++) {
        const PyInterpreterConfig *config = i % 3 == 1 ? &isolated : i % 3 == 2 ? &legacy : NULL;
        PyThreadState *tstate = config != NULL ? new_interpreter(config) : NULL;
        int status = fork_and_work();
        CHECK(status == 0);
        if (status != 0) {
            fprintf(stderr, "fork %d: child ended with %d\n", i, status);
        }
        CHECK(PyRun_SimpleString(program) == 0);
        if (tstate != NULL) {
            Py_EndInterpreter(tstate);
            PyThreadState_Swap(main);
        }
    }
    __atomic_store_n(&stop_churning, 1, __ATOMIC_RELEASE);
    Py_BEGIN_ALLOW_THREADS
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    Py_END_ALLOW_THREADS
    pthread_detach(computing);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(!load(&seen.returned));
}

/* A static type as extension modules of old have them: its count is not immortal to begin with. */
static PyTypeObject foreign_type = {
    .ob_base = {.ob_base = {.ob_refcnt = 1}},
    .tp_name = "unit.Foreign",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew,
};

/* Readied, subclassed and used in one runtime after the other: pristine again in between. */
static void
test_static_types(struct unit_result *result)
{
    static const char use[] =
        "class Sub(Foreign):\n"
        "    pass\n"
        "keep = [Sub(), Foreign(), Foreign.__mro__, Foreign.__dict__]\n"
        "assert Foreign.__subclasses__() == [Sub]\n";
    for (int i = 0; i < 3; i++) {
        start(0);
        CHECK(foreign_type.tp_dict == NULL && foreign_type.tp_mro == NULL);
        CHECK(PyType_Ready(&foreign_type) == 0);
        PyObject *module = PyImport_AddModule("__main__");
        CHECK(module != NULL &&
              PyObject_SetAttrString(module, "Foreign", (PyObject *)&foreign_type) == 0);
        CHECK(PyRun_SimpleString(use) == 0);
        CHECK(Py_FinalizeEx() == 0);
    }
}

/* ---- finding by id -------------------------------------------------------------------- */

#define MANY 2000

static PyInterpreterState *
find(int64_t id)
{
    PyInterpreterState *interp = _PyInterpreterState_LookUpID(id);
    PyErr_Clear();
    return interp;
}

/* The most interpreters that a look-up by id walks over; *palive: how many there are. */
static int
longest_chain(int *palive)
{
    int longest = 0;
    *palive = 0;
    for (int i = 0; i < _Py_INTERPRETER_BUCKETS; i++) {
        int length = 0;
        PyInterpreterState *p = _PyRuntime.interpreters.by_id[i];
        for (; p != NULL; p = p->next_in_bucket) {
            length++;
        }
        *palive += length;
        longest = Py_MAX(longest, length);
    }
    return longest;
}

/* Of many alive each is found in a few steps; the list and the table agree as they come and go. */
static void
test_find_many(struct unit_result *result)
{
    static PyInterpreterState *interps[MANY];
    int64_t ids[MANY];
    int alive, wrong = 0;
    PyThreadState *main = start(0);
    for (int i = 0; i < MANY; i++) {
        interps[i] = PyInterpreterState_New();
        ids[i] = PyInterpreterState_GetID(interps[i]);
    }
    CHECK(longest_chain(&alive) <= MANY / _Py_INTERPRETER_BUCKETS + 1);
    CHECK(alive == MANY + 1);
    for (int step = 0; step < 7; step++) {
        for (int i = step; i < MANY; i += 7) {
            PyInterpreterState_Clear(interps[i]);
            PyInterpreterState_Delete(interps[i]);
            interps[i] = NULL;
        }
        for (int i = 0; i < MANY; i++) {
            wrong += find(ids[i]) != interps[i];
        }
        int listed = 0;
        for (PyInterpreterState *p = PyInterpreterState_Head(); p != NULL; p = p->next) {
            wrong += p->next != NULL && p->next->prev != p;
            listed++;
        }
        (void)longest_chain(&alive);
        CHECK(alive == listed);
    }
    CHECK(wrong == 0);
    CHECK(alive == 1 && find(main->interp->id) == main->interp && find(-1) == NULL);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(longest_chain(&alive) == 0);
}

/* Memory is traced up to the end of the runtime, and nothing of that is left for the next. */
static void
test_tracemalloc(struct unit_result *result)
{
    for (int i = 0; i < 100; i++) {
        PyThreadState *main = start(0);
        CHECK(!_PyTraceMalloc_IsTracing() && PyTraceMalloc_Track(7, 0x1000, 10) == -2);
        CHECK(_PyTraceMalloc_Start(5) == 0 && _PyTraceMalloc_GetTracebackLimit() == 5);
        CHECK(PyTraceMalloc_Track(7, 0x1000, 10) == 0);
        CHECK(PyTraceMalloc_Track(7, 0x1000, 20) == 0);
        PyObject *traceback = _PyTraceMalloc_GetTraceback(7, 0x1000);
        CHECK(traceback != NULL && PyTuple_Check(traceback) && PyTuple_GET_SIZE(traceback) == 1);
        Py_XDECREF(traceback);
        CHECK(PyTraceMalloc_Untrack(7, 0x1000) == 0 && PyTraceMalloc_Untrack(7, 0x1000) == 0);
        traceback = _PyTraceMalloc_GetTraceback(7, 0x1000);
        CHECK(traceback == Py_None);
        Py_XDECREF(traceback);
        PyThreadState *other = new_interpreter(i & 1 ? &isolated : &legacy);
        CHECK(PyRun_SimpleString(program) == 0);
        if (i & 2) {
            Py_EndInterpreter(other);
            PyThreadState_Swap(main);
        }
        else {
            PyThreadState_Swap(main);       /* left over */
        }
        CHECK(PyRun_SimpleString(program) == 0);
        CHECK(_PyTraceMalloc_GetMemory() > 0);
        CHECK(Py_FinalizeEx() == 0);
        CHECK(_PyTraceMalloc_GetMemory() == 0);
    }
}

static const struct unit_test tests[] = {
    {"exit callbacks", test_exit_callbacks},
    {"interpreters left over", test_leftovers},
    {"busy interpreters left over", test_busy_leftovers},
    {"signals reach a subinterpreter", test_signals},
    {"asynchronous exceptions", test_async_exception},
    {"threads that are cut off", test_cut_off},
    {"pending calls of foreign threads", test_pending_calls},
    {"a callback after the end", test_late_callback},
    {"fork among interpreters and threads", test_fork},
    {"static types of extensions", test_static_types},
    {"many found by id", test_find_many},
    {"memory traced to the end", test_tracemalloc},
};

int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    return unit_run(tests, Py_ARRAY_LENGTH(tests));
}
