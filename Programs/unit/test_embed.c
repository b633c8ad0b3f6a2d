/* Embedding: the runtime and interpreters are made, used and ended over and over in one process.
 *
 * Everything runs in bare mode (no importlib, no standard library), so that it works in a build
 * tree without modules.  The yardstick is the number of blocks that dead heaps left behind
 * (_PyRuntime.interpreters.leaked_blocks) and of the memory that only they keep
 * (_PyHeap_CountOrphans()): both stay 0.
 * Written from the C API reference and PEP 587, 684. */

#include "Python.h"
#include "pycore_heap.h"        // _PyHeap_CountBlocks(), _PyHeap_CountOrphans()
#include "pycore_initconfig.h"  // _PyConfig_InitCompatConfig()
#include "pycore_interp.h"
#include "pycore_lifecycle.h"
#include "pycore_pystate.h"
#include "pycore_runtime.h"
#include "pycore_strings.h"     // _Py_ID()

#include "unit.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNTIME_ROUNDS 100
#define INTERPRETERS 1000
#define SECONDS 5.0

static const PyInterpreterConfig isolated = {
    .allow_threads = 1,
    .allow_daemon_threads = 1,
    .check_multi_interp_extensions = 1,
    .gil = PyInterpreterConfig_OWN_GIL,
};

/* A program with most kinds of objects: classes, closures, generators, cycles, exceptions. */
static const char program[] =
    "class A:\n"
    "    x = 1\n"
    "    def __init__(self, n):\n"
    "        self.n = n\n"
    "        self.me = self\n"
    "    def method(self):\n"
    "        return self.n + self.x\n"
    "    def __del__(self):\n"
    "        pass\n"
    "class B(A, ValueError if False else object):\n"
    "    __slots__ = ('s',)\n"
    "    def method(self):\n"
    "        return super().method() * 2\n"
    "def gen(n):\n"
    "    for i in range(n):\n"
    "        yield i\n"
    "def closure(k):\n"
    "    return lambda v: v + k\n"
    "table = {('k%d' % i): [i, str(i) * 3, float(i), {i}] for i in range(50)}\n"
    "g = gen(5)\n"
    "next(g)\n"
    "total = 0\n"
    "for i in range(300):\n"
    "    total += B(i).method() + closure(i)(1)\n"
    "try:\n"
    "    1 / 0\n"
    "except ZeroDivisionError as e:\n"
    "    kept = e\n"
    "import sys\n"
    "sys.modules['mine'] = kept\n"
    "assert total == 135450, total\n";

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t
leaked(void)
{
    return __atomic_load_n(&_PyRuntime.interpreters.leaked_blocks, __ATOMIC_RELAXED);
}

/* Start the runtime in bare mode; exits if it cannot. */
static PyThreadState *
start(void)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config._install_importlib = 0;
    config.site_import = 0;
    config.install_signal_handlers = 0;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "no runtime: %s\n", status.err_msg);
        exit(2);
    }
    return PyThreadState_Get();
}

/* ---- the runtime over and over ----------------------------------------------------- */

static void
test_runtime_again(struct unit_result *result)
{
    for (int i = 0; i < RUNTIME_ROUNDS; i++) {
        int64_t before = leaked();
        start();
        CHECK(Py_IsInitialized());
        CHECK(PyRun_SimpleString(program) == 0);
        CHECK(Py_FinalizeEx() == 0);
        CHECK(!Py_IsInitialized());
        CHECK(leaked() == before);
        if (leaked() != before) {
            fprintf(stderr, "round %d: %lld blocks left\n", i, (long long)(leaked() - before));
            break;
        }
        CHECK(_PyHeap_CountOrphans() == 0);
    }
}

/* ---- isolated interpreters ---------------------------------------------------------- */

static void
test_thousand_interpreters(struct unit_result *result)
{
    PyThreadState *main = start();
    int64_t before = leaked();
    size_t main_blocks = 0, arenas = 0;
    size_t c_library = 0;
    for (int i = 0; i < INTERPRETERS; i++) {
        PyThreadState *tstate = NULL;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        CHECK(!PyStatus_Exception(status) && tstate != NULL && tstate == PyThreadState_Get());
        if (tstate == NULL) {
            break;
        }
        if (i % 10 == 0) {
            CHECK(PyRun_SimpleString(program) == 0);
        }
        Py_EndInterpreter(tstate);
        PyThreadState_Swap(main);
        if (leaked() != before) {
            fprintf(stderr, "interpreter %d: %lld blocks left\n", i,
                    (long long)(leaked() - before));
            CHECK(leaked() == before);
            break;
        }
        if (i == 20) {
            main_blocks = _PyHeap_CountBlocks(main->heap);
            arenas = main->heap->arena_count;
            c_library = mallinfo2().uordblks;
        }
    }
    CHECK(_PyHeap_CountOrphans() == 0);
    CHECK(_PyHeap_CountBlocks(main->heap) == main_blocks);
    CHECK(main->heap->arena_count == arenas);
    size_t c_now = mallinfo2().uordblks;
    /* Buffers of the C library may come and go; a block an interpreter would be more. */
    CHECK(c_now < c_library + 16 * INTERPRETERS);
    if (c_now > c_library) {
        fprintf(stderr, "%zu bytes of the C library more than after 20\n", c_now - c_library);
    }
    CHECK(Py_FinalizeEx() == 0);
    CHECK(leaked() == before);
}

struct worker {
    pthread_t thread;
    double until;
    int rounds;
    int failures;
    double spent;
};

/* Make, use and destroy interpreters until the time is over. */
static void *
churn(void *arg)
{
    struct worker *w = arg;
    while (now() < w->until) {
        PyThreadState *tstate = NULL;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        if (PyStatus_Exception(status)) {
            w->failures++;
            break;
        }
        w->failures += PyRun_SimpleString(program) != 0;
        Py_EndInterpreter(tstate);
        w->failures += _PyThreadState_UncheckedGet() != NULL;
        w->rounds++;
    }
    return NULL;
}

static void
test_two_threads_churn(struct unit_result *result)
{
    start();
    int64_t before = leaked();
    PyThreadState *save = PyEval_SaveThread();
    struct worker workers[2];
    double until = now() + SECONDS;
    for (int i = 0; i < 2; i++) {
        workers[i] = (struct worker){.until = until};
        CHECK(pthread_create(&workers[i].thread, NULL, churn, &workers[i]) == 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK(workers[i].failures == 0);
        CHECK(workers[i].rounds > 0);
    }
    printf("  %d interpreters made and ended by two threads\n",
           workers[0].rounds + workers[1].rounds);
    PyEval_RestoreThread(save);
    CHECK(leaked() == before);
    CHECK(_PyHeap_CountOrphans() == 0);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(leaked() == before);
}

static void *
compute(void *arg)
{
    struct worker *w = arg;
    PyThreadState *tstate = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
    if (PyStatus_Exception(status)) {
        w->failures++;
        return NULL;
    }
    double begin = now();
    w->failures += PyRun_SimpleString(
        "def work(n):\n"
        "    total = 0\n"
        "    d = {}\n"
        "    for i in range(n):\n"
        "        d[i & 1023] = [i, str(i)]\n"
        "        total += i * i % 7 + len(d)\n"
        "    return total\n"
        "result = work(300000)\n"
        "assert result == work(300000)\n") != 0;
    w->spent = now() - begin;
    Py_EndInterpreter(tstate);
    return NULL;
}

/* The time is printed, not judged: how quiet the machine is, is not known here. */
static void
test_parallel_computing(struct unit_result *result)
{
    start();
    int64_t before = leaked();
    PyThreadState *save = PyEval_SaveThread();
    struct worker alone = {0}, workers[2] = {{0}, {0}};
    CHECK(pthread_create(&alone.thread, NULL, compute, &alone) == 0);
    pthread_join(alone.thread, NULL);
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&workers[i].thread, NULL, compute, &workers[i]) == 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK(workers[i].failures == 0);
    }
    CHECK(alone.failures == 0);
    printf("  alone %.3f s, side by side %.3f and %.3f s\n", alone.spent, workers[0].spent,
           workers[1].spent);
    PyEval_RestoreThread(save);
    CHECK(leaked() == before);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(leaked() == before);
}

/* ---- threads that sleep while their world ends ------------------------------------------ */

struct sleeper {
    pthread_t thread;
    PyInterpreterState *interp;
    int pipe[2];
    int asleep;         /* atomic */
    int woke;           /* atomic: the system call has returned */
    int attached;       /* atomic: the thread came back, which it must not */
};

/* A daemon thread: attaches, then sleeps in a system call with the GIL released. */
static void *
sleep_in_call(void *arg)
{
    struct sleeper *s = arg;
    PyThreadState *tstate = PyThreadState_New(s->interp);
    PyEval_RestoreThread(tstate);
    char byte;
    Py_BEGIN_ALLOW_THREADS
    __atomic_store_n(&s->asleep, 1, __ATOMIC_RELEASE);
    while (read(s->pipe[0], &byte, 1) < 0) {
    }
    __atomic_store_n(&s->woke, 1, __ATOMIC_RELEASE);
    Py_END_ALLOW_THREADS
    __atomic_store_n(&s->attached, 1, __ATOMIC_RELEASE);
    return NULL;
}

static int
begin_sleeper(struct sleeper *s, PyInterpreterState *interp)
{
    memset(s, 0, sizeof(*s));
    s->interp = interp;
    if (pipe(s->pipe) < 0 || pthread_create(&s->thread, NULL, sleep_in_call, s) != 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    while (!__atomic_load_n(&s->asleep, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
    usleep(5000);
    Py_END_ALLOW_THREADS
    return 0;
}

/* Wake it up and give it time to do harm.  The thread parks for ever: it is not joined. */
static int
woken_sleeper_stays_out(struct sleeper *s)
{
    if (write(s->pipe[1], "x", 1) != 1) {
        return 0;
    }
    double limit = now() + 10;
    while (!__atomic_load_n(&s->woke, __ATOMIC_ACQUIRE) && now() < limit) {
        usleep(1000);
    }
    usleep(50000);
    pthread_detach(s->thread);
    return __atomic_load_n(&s->woke, __ATOMIC_ACQUIRE)
           && !__atomic_load_n(&s->attached, __ATOMIC_ACQUIRE);
}

static void
test_daemon_and_interpreter(struct unit_result *result)
{
    struct sleeper *sleepers = calloc(2, sizeof(*sleepers));    /* threads keep it */
    PyThreadState *main = start();
    int64_t before = leaked();
    for (int i = 0; i < 2; i++) {
        PyThreadState *tstate = NULL;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        CHECK(!PyStatus_Exception(status));
        CHECK(begin_sleeper(&sleepers[i], tstate->interp) == 0);
        Py_EndInterpreter(tstate);
        PyThreadState_Swap(main);
        /* Its memory serves the next interpreter before the thread wakes up. */
        status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        CHECK(!PyStatus_Exception(status));
        CHECK(woken_sleeper_stays_out(&sleepers[i]));
        CHECK(PyRun_SimpleString(program) == 0);
        Py_EndInterpreter(tstate);
        PyThreadState_Swap(main);
    }
    CHECK(leaked() == before);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(leaked() == before);
}

static void
test_daemon_and_runtime(struct unit_result *result)
{
    struct sleeper *sleepers = calloc(3, sizeof(*sleepers));    /* threads keep it */
    int64_t before = leaked();
    for (int i = 0; i < 3; i++) {
        PyThreadState *main = start();
        CHECK(begin_sleeper(&sleepers[i], main->interp) == 0);
        CHECK(Py_FinalizeEx() == 0);
        CHECK(leaked() == before);
        if (i > 0) {
            /* A new runtime lives at the old one's address. */
            start();
            CHECK(woken_sleeper_stays_out(&sleepers[i]));
            CHECK(PyRun_SimpleString(program) == 0);
            CHECK(Py_FinalizeEx() == 0);
        }
        else {
            CHECK(woken_sleeper_stays_out(&sleepers[i]));
        }
    }
    CHECK(leaked() == before);
}

/* ---- failures ---------------------------------------------------------------------------- */

/* Whoever could not make an interpreter gets a PyStatus and has his own thread state back. */
static void
refused(struct unit_result *result, const PyInterpreterConfig *config, const char *words)
{
    PyThreadState *mine = PyThreadState_Get();
    PyThreadState *tstate = mine;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, config);
    CHECK(PyStatus_IsError(status) && strstr(status.err_msg, words) != NULL);
    CHECK(tstate == NULL);
    CHECK(_PyThreadState_UncheckedGet() == mine);
    CHECK(!PyErr_Occurred());
}

static int
count_interpreters(void)
{
    int count = 0;
    for (PyInterpreterState *p = PyInterpreterState_Head(); p != NULL;
         p = PyInterpreterState_Next(p)) {
        count++;
    }
    return count;
}

static void
test_impossible_configs(struct unit_result *result)
{
    start();
    PyInterpreterConfig config = isolated;
    config.use_main_obmalloc = 1;
    refused(result, &config, "heap");
    config = isolated;
    config.check_multi_interp_extensions = 0;
    refused(result, &config, "single-phase");
    config = isolated;
    config.gil = 7;
    refused(result, &config, "gil");
    config = isolated;
    config.allow_threads = 0;
    refused(result, &config, "daemon");
    CHECK(count_interpreters() == 1);
    CHECK(PyRun_SimpleString(program) == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* Allocators that fail at the n-th request of one thread, and count. */
struct failing {
    PyMemAllocatorEx below;
    long *countdown;
    long *calls;
};

static int
fails_now(struct failing *f)
{
    ++*f->calls;
    return *f->countdown > 0 && --*f->countdown == 0;
}

static void *
failing_malloc(void *ctx, size_t size)
{
    struct failing *f = ctx;
    return fails_now(f) ? NULL : f->below.malloc(f->below.ctx, size);
}

static void *
failing_calloc(void *ctx, size_t count, size_t size)
{
    struct failing *f = ctx;
    return fails_now(f) ? NULL : f->below.calloc(f->below.ctx, count, size);
}

static void *
failing_realloc(void *ctx, void *ptr, size_t size)
{
    struct failing *f = ctx;
    return fails_now(f) ? NULL : f->below.realloc(f->below.ctx, ptr, size);
}

static void
failing_free(void *ctx, void *ptr)
{
    struct failing *f = ctx;
    f->below.free(f->below.ctx, ptr);
}

static void
hook_allocators(struct failing hooks[3], long *countdown, long *calls)
{
    for (int i = 0; i < 3; i++) {
        hooks[i].countdown = countdown;
        hooks[i].calls = calls;
        PyMem_GetAllocator((PyMemAllocatorDomain)i, &hooks[i].below);
        PyMemAllocatorEx hook = {&hooks[i], failing_malloc, failing_calloc, failing_realloc,
                                 failing_free};
        PyMem_SetAllocator((PyMemAllocatorDomain)i, &hook);
    }
}

static void
unhook_allocators(struct failing hooks[3])
{
    for (int i = 0; i < 3; i++) {
        PyMem_SetAllocator((PyMemAllocatorDomain)i, &hooks[i].below);
    }
}

/* Every allocation of a birth fails once.  An allocation that the birth can do without may let it
 * succeed; then the interpreter must end well. */
static void
test_birth_without_memory(struct unit_result *result)
{
    PyThreadState *main = start();
    int64_t before = leaked();
    struct failing hooks[3];
    long countdown = 0, calls = 0, nth = 0, failed = 0;
    hook_allocators(hooks, &countdown, &calls);
    for (nth = 1; nth < 1000000; nth++) {
        PyThreadState *tstate = NULL;
        countdown = nth;
        PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
        int reached = countdown == 0;
        countdown = 0;
        if (PyStatus_Exception(status)) {
            failed++;
            CHECK(tstate == NULL);
        }
        else {
            Py_EndInterpreter(tstate);
            CHECK(_PyThreadState_UncheckedGet() == NULL);
            PyThreadState_Swap(main);
        }
        CHECK(_PyThreadState_UncheckedGet() == main);
        CHECK(!PyErr_Occurred());
        CHECK(count_interpreters() == 1);
        if (leaked() != before) {
            fprintf(stderr, "allocation %ld: %lld blocks left (%s)\n", nth,
                    (long long)(leaked() - before),
                    PyStatus_Exception(status) ? status.err_msg : "made");
            CHECK(leaked() == before);
            before = leaked();
        }
        if (!reached) {
            break;
        }
    }
    unhook_allocators(hooks);
    printf("  %ld of %ld allocations, failing, stop a birth\n", failed, nth - 1);
    CHECK(failed > 0 && failed > (nth - 1) / 2);
    CHECK(PyRun_SimpleString(program) == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* Every allocation of the runtime's start fails once, in one process: the next start is as good as
 * the first.  0, or the number of the step that went wrong. */
static int
starts_without_memory(void)
{
    struct failing hooks[3];
    long countdown = 0, calls = 0, nth = 0, failed = 0;
    PyConfig config;
    hook_allocators(hooks, &countdown, &calls);
    for (nth = 1; nth < 1000000; nth++) {
        PyConfig_InitIsolatedConfig(&config);
        config._install_importlib = 0;
        config.site_import = 0;
        config.install_signal_handlers = 0;
        countdown = nth;
        PyStatus status = Py_InitializeFromConfig(&config);
        int reached = countdown == 0;
        countdown = 0;
        PyConfig_Clear(&config);
        if (PyStatus_Exception(status)) {
            failed++;
            if (_PyThreadState_UncheckedGet() != NULL || count_interpreters() != 0) {
                return 1;
            }
        }
        else if (Py_FinalizeEx() < 0) {
            return 2;
        }
        if (leaked() != 0) {
            printf("  allocation %ld of a start: %lld blocks left (%s)\n", nth, (long long)leaked(),
                   PyStatus_Exception(status) ? status.err_msg : "made");
            return 3;
        }
        if (!reached) {
            break;
        }
    }
    unhook_allocators(hooks);
    printf("  %ld of %ld allocations, failing, stop a start\n", failed, nth - 1);
    fflush(stdout);
    start();
    int right = PyRun_SimpleString(program) == 0;
    return Py_FinalizeEx() == 0 && right && leaked() == 0 ? 0 : 4;
}

static int status_of_child(int (*run)(void), int *signal_number);

static void
test_start_without_memory(struct unit_result *result)
{
    int signal_number = 0, saved = dup(2);
    FILE *sink = tmpfile();         /* each failed start prints its MemoryError */
    CHECK(sink != NULL && dup2(fileno(sink), 2) == 2);
    int status = status_of_child(starts_without_memory, &signal_number);
    dup2(saved, 2);
    close(saved);
    CHECK(status == 0 && signal_number == 0);
    if (status != 0) {
        fprintf(stderr, "step %d, signal %d\n", status, signal_number);
        char tail[2000];
        fseek(sink, 0, SEEK_END);
        fseek(sink, ftell(sink) > 1900 ? -1900 : 0, ftell(sink) > 1900 ? SEEK_END : SEEK_SET);
        fwrite(tail, 1, fread(tail, 1, sizeof(tail), sink), stderr);
    }
    fclose(sink);
}

/* ---- nothing is allocated for the first states ---------------------------------------------- */

/* In a fresh process, so that nothing was made before: 0 when making the runtime, the main
 * interpreter and its first thread state asks neither the domains nor the C library. */
static int
first_states_allocate(void)
{
    struct failing hooks[3];
    long countdown = 0, calls = 0;
    hook_allocators(hooks, &countdown, &calls);
    size_t library = mallinfo2().uordblks;
    PyStatus status = _PyRuntime_Initialize();
    PyInterpreterState *interp = NULL;
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyInterpreterState_New(NULL, NULL, &interp);
    }
    PyThreadState *tstate = interp != NULL ? _PyThreadState_New(interp) : NULL;
    if (tstate == NULL) {
        return 1;
    }
    _PyThreadState_Bind(tstate);
    _PyThreadState_Attach(tstate);
    size_t library_after = mallinfo2().uordblks;
    if (calls != 0) {
        return 2;
    }
    if (library_after != library) {
        return 3;
    }
    if (interp != &_PyRuntime._main_interpreter || tstate != &interp->first_thread.base) {
        return 4;
    }
    if (_PyHeap_CountBlocks(interp->heap) != 0 || interp->heap->arena_count != 0) {
        return 5;
    }
    unhook_allocators(hooks);
    return 0;
}

static int
status_of_child(int (*run)(void), int *signal_number)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int status = run();
        fflush(stdout);
        _exit(status);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        return -1;
    }
    *signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_first_states_allocate_nothing(struct unit_result *result)
{
    int signal_number = 0;
    CHECK(_PyRuntime.interpreters.next_generation == 0);    /* nothing ran before this test */
    int status = status_of_child(first_states_allocate, &signal_number);
    CHECK(status == 0 && signal_number == 0);
    if (status != 0) {
        fprintf(stderr, "step %d, signal %d\n", status, signal_number);
    }
}

/* ---- objects of another interpreter (debug builds) ------------------------------------------- */

#ifdef Py_DEBUG
/* Touches, from a second interpreter, a list that belongs to the first one. */
static int
touch_foreign_list(void)
{
    start();
    PyObject *list = PyList_New(0);
    PyThreadState *tstate = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, &isolated);
    if (list == NULL || PyStatus_Exception(status)) {
        return 1;
    }
    PyList_Append(list, Py_None);
    Py_DECREF(list);
    return 0;
}

/* Writes into the character data of a shared string. */
static int
change_shared_string(void)
{
    start();
    char *data = (char *)PyUnicode_AsUTF8(&_Py_ID(append));     /* the characters themselves */
    data[0] = 'A';
    Py_Finalize();
    return 0;
}

/* The child must abort and say `expected` on its standard error. */
static void
check_abort(struct unit_result *result, int (*run)(void), const char *expected)
{
    int pipes[2], signal_number = 0;
    CHECK(pipe(pipes) == 0);
    int saved = dup(2);
    dup2(pipes[1], 2);
    int status = status_of_child(run, &signal_number);
    dup2(saved, 2);
    close(saved);
    close(pipes[1]);
    char text[4096];
    size_t fill = 0;
    ssize_t got;
    while (fill < sizeof(text) - 1
           && (got = read(pipes[0], text + fill, sizeof(text) - 1 - fill)) > 0) {
        fill += (size_t)got;
    }
    text[fill] = 0;
    close(pipes[0]);
    CHECK(status == -1 && signal_number == SIGABRT);
    CHECK(strstr(text, expected) != NULL);
    if (signal_number != SIGABRT || strstr(text, expected) == NULL) {
        fprintf(stderr, "the child said: %s\n", text);
    }
}

static void
test_owner_check(struct unit_result *result)
{
    check_abort(result, touch_foreign_list,
                "of type list belongs to interpreter 0 but was touched by interpreter 1");
}

static void
test_shared_check(struct unit_result *result)
{
    check_abort(result, change_shared_string, "shared object was changed");
}
#endif

static const struct unit_test tests[] = {
    {"first states allocate nothing", test_first_states_allocate_nothing},
    {"start without memory", test_start_without_memory},
    {"runtime over and over", test_runtime_again},
    {"a thousand interpreters", test_thousand_interpreters},
    {"impossible configurations", test_impossible_configs},
    {"birth without memory", test_birth_without_memory},
    {"interpreters computing side by side", test_parallel_computing},
    {"two threads make and end interpreters", test_two_threads_churn},
    {"daemon asleep, its interpreter ends", test_daemon_and_interpreter},
    {"daemon asleep, the runtime ends", test_daemon_and_runtime},
#ifdef Py_DEBUG
    {"object of another interpreter", test_owner_check},
    {"write to a shared object", test_shared_check},
#endif
};

/* With arguments: only the tests whose names contain one of them. */
int
main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 1) {
        return unit_run(tests, Py_ARRAY_LENGTH(tests));
    }
    int failed = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(tests); i++) {
        for (int k = 1; k < argc; k++) {
            if (strstr(tests[i].name, argv[k]) != NULL) {
                failed |= unit_run(&tests[i], 1);
                break;
            }
        }
    }
    return failed;
}
