/* Birth and death of the runtime and of interpreters.
 *
 * Start of the main interpreter: preconfiguration, configuration, core (types, sys, builtins,
 * importlib from frozen code), main (encodings, signals, warnings, site).  A further interpreter
 * goes the same way, but inherits configuration and everything that is shared.  What may wait is
 * lazy: importlib and the additions of site (lateparts.c), file finders, the standard streams.
 *
 * Every step reports its failure; new_interpreter() and Py_InitializeFromConfig() undo all steps
 * before it.  End: threads, exit callbacks, modules, cycles, state; then every block of the
 * heap is counted.
 * Written from PEP 432, 587, 684, the C API reference and InternalDocs/lifecycle.rst. */
#include "Python.h"
#include "pycore_breaker.h"     // _Py_FinishPendingCalls()
#include "pycore_errors.h"      // _PyExc_InitState()
#include "pycore_fileutils.h"
#include "pycore_freelist.h"    // _PyFreeLists_Clear()
#include "pycore_perf.h"        // _PyPerfTrampoline_Activate()
#include "pycore_private_api.h" // _PyObject_DebugMallocStats()
#include "pycore_heap.h"
#include "pycore_import.h"      // _PyFrozen_SetPaths()
#include "pycore_initconfig.h"
#include "pycore_lifecycle.h"
#include "pycore_moduleobject.h" // _PyModule_GetDict()
#include "pycore_object.h"      // _PyTypes_InitTypes()
#include "pycore_pystate.h"
#include "pycore_shared.h"      // _PyShared_Check()
#include "pycore_runtime.h"
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_code.h"        // _PyCode_FiniInterpreter()
#include "pycore_type.h"        // _PyTypes_FiniInterpreter()

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#ifdef __GLIBC__
#  include <malloc.h>           // malloc_trim()
#endif
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TRY(CALL)                                   \
    do {                                            \
        PyStatus _status = (CALL);                  \
        if (_PyStatus_EXCEPTION(_status)) {         \
            return _status;                         \
        }                                           \
    } while (0)

int
Py_IsInitialized(void)
{
    return _PyRuntime.initialized;
}

int
_Py_IsCoreInitialized(void)
{
    return _PyRuntime.core_initialized;
}

int
_Py_IsFinalizing(void)
{
    return _PyRuntimeState_GetFinalizing(&_PyRuntime) != NULL;
}

int
_Py_IsInterpreterFinalizing(PyInterpreterState *interp)
{
    return __atomic_load_n(&interp->finalizing, __ATOMIC_RELAXED) != NULL || _Py_IsFinalizing();
}

/* -X bare: scripts run without importlib, site and standard library. */
int
_Py_IsBare(const PyConfig *config)
{
    return _Py_get_xoption(&config->xoptions, L"bare") != NULL || !config->_install_importlib;
}

/* ---- steps of a birth -------------------------------------------------------------- */

/* Types and the state that objects need.  In an interpreter that is not the first of the
 * process, the shared static types are ready already. */
static PyStatus
init_objects(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    _PyGC_InitInterpreter(interp);
    TRY(_PyTypes_InitTypes(tstate));
    TRY(_PyExc_InitTypes(tstate));
    TRY(_PyUnicode_InitTypes(interp));
    TRY(_PyTypes_InitInterpreter(tstate));
    if (_PyStatus_EXCEPTION(_PyExc_InitState(tstate))) {
        return _PyStatus_ERR("failed to initialize an exception type");
    }
    interp->ceval.recursion_limit = Py_DEFAULT_RECURSION_LIMIT;
    interp->long_state.max_str_digits = interp->config.int_max_str_digits;
    TRY(_PyAtExit_Init(interp));
    return _PyStatus_OK();
}

/* The module __main__ with what every module has; __loader__ comes with importlib. */
static PyStatus
add_main_module(PyThreadState *tstate, int parts_wait)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *module = PyImport_AddModule("__main__");      /* borrowed */
    PyObject *dict = module != NULL ? _PyModule_GetDict(module) : NULL;
    PyObject *annotations = PyDict_New();
    int failed = dict == NULL || annotations == NULL ||
                 PyDict_SetItem(dict, &_Py_ID(__annotations__), annotations) < 0 ||
                 PyDict_SetItem(dict, &_Py_ID(__builtins__), interp->builtins_module) < 0 ||
                 (parts_wait ? _Py_DeferLateParts(tstate, dict)
                             : _PyImport_SetMainLoader(tstate)) < 0;
    Py_XDECREF(annotations);
    return failed ? _PyStatus_ERR("can't create __main__ module") : _PyStatus_OK();
}

/* May importlib and the additions of site wait for somebody who needs them? */
static int
late_parts_may_wait(const PyInterpreterState *interp)
{
    const struct _PyFrozenModule *row = _PyFrozen_Find("_frozen_importlib");
    return !_Py_IsMainInterpreter((PyInterpreterState *)interp) && !interp->config.verbose &&
           !interp->config.import_time && row != NULL && row->code != NULL;
}

/* sys, builtins, importlib and __main__. */
static PyStatus
init_core_modules(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    TRY(_PySys_Create(tstate));
    PyObject *builtins = _PyBuiltin_Init(interp);
    if (builtins == NULL) {
        return _PyStatus_ERR("can't initialize builtins module");
    }
    interp->builtins_module = builtins;
    interp->builtins = Py_NewRef(_PyModule_GetDict(builtins));
    PyObject *modules = _PyImport_GetModules(interp);
    if (PyDict_SetItem(modules, &_Py_ID(builtins), builtins) < 0) {
        return _PyStatus_ERR("can't register the builtins module");
    }
    interp->builtins_copy = PyDict_Copy(interp->builtins);
    if (interp->builtins_copy == NULL) {
        return _PyStatus_ERR("can't copy the builtins module");
    }
    if (_PyWarnings_InitState(interp) < 0) {
        return _PyStatus_ERR("can't initialize warnings");
    }
    int bare = _Py_IsBare(&interp->config);
    TRY(_PyImport_InitCore(tstate, !bare));
    int parts_wait = !bare && late_parts_may_wait(interp);
    if (!bare && !parts_wait) {
        TRY(_PyImport_InitImportlib(tstate));
    }
    return add_main_module(tstate, parts_wait);
}

/* The streams need encodings: where it is missing there is no library. */
static PyStatus
init_fs_encoding(PyInterpreterState *interp)
{
    PyObject *module = PyImport_ImportModule("encodings");
    if (module == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ImportError)) {
            _PyConfig_DumpPaths(&interp->config);
        }
        return _PyStatus_ERR("failed to get the Python codec of the filesystem encoding");
    }
    Py_DECREF(module);
    return _PyStatus_OK();
}

/* `import warnings` when options for it were given. */
static PyStatus
init_warnings(PyThreadState *tstate)
{
    if (tstate->interp->config.warnoptions.length > 0 &&
        !_Py_IsBare(&tstate->interp->config)) {
        PyObject *module = PyImport_ImportModule("warnings");
        if (module == NULL) {
            fprintf(stderr, "'import warnings' failed; traceback:\n");
            PyErr_Print();
        }
        Py_XDECREF(module);
    }
    return _PyStatus_OK();
}

/* The part of a start that runs Python code. */
static PyStatus
init_main(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    int is_main = _Py_IsMainInterpreter(interp);
    if (_PySys_UpdateConfig(tstate) < 0) {
        return _PyStatus_ERR("failed to update the Python config");
    }
    if (is_main && _PySignal_Init(interp->config.install_signal_handlers) < 0) {
        return _PyStatus_ERR("can't initialize signals");
    }
    if (_Py_IsBare(&interp->config)) {
        return _PyStatus_OK();
    }
    if (is_main && _PyFrozen_SetPaths(tstate) < 0) {
        return _PyStatus_ERR("can't set the file names of frozen code");
    }
    if (is_main) {
        TRY(_PyImport_InitExternal(tstate));
        TRY(init_fs_encoding(interp));
    }
    TRY(_PyUnicode_InitEncodings(tstate));
    if (is_main) {
        TRY(_PyFaulthandler_Init(interp->config.faulthandler));
        if (interp->config.tracemalloc != 0
            && _PyTraceMalloc_Start(interp->config.tracemalloc) < 0)
        {
            return _PyStatus_ERR("can't start tracemalloc");
        }
    }
    if (!is_main && !interp->config.verbose) {
        _PySys_DeferStreams(tstate);
    }
    else if (_PySys_EnsureStreams(tstate) < 0) {
        return _PyStatus_ERR("can't initialize sys standard streams");
    }
    TRY(init_warnings(tstate));
    if (is_main && interp->config.perf_profiling && _PyPerfTrampoline_Activate(tstate) < 0) {
        return _PyStatus_ERR("can't initialize the perf trampoline");
    }
    TRY(_Py_EnsureSite(tstate));
    if (interp->site.stage == _Py_SITE_PENDING && !_Py_LatePartsWait(interp) &&
        _PySite_Complete(tstate) < 0) {
        return _PyStatus_ERR("can't inherit what site added to builtins");
    }
    if (!is_main && _PySite_PrependPath0(tstate) < 0) {
        return _PyStatus_ERR("can't prepend the program's path to sys.path");
    }
    return _PyStatus_OK();
}

static void clear_interpreter(PyThreadState *tstate);

/* ---- the main interpreter -------------------------------------------------------------- */

static PyStatus
create_main_interpreter(PyThreadState **ptstate)
{
    PyInterpreterState *interp = NULL;
    TRY(_PyInterpreterState_New(NULL, NULL, &interp));
    PyThreadState *tstate = _PyThreadState_New(interp);
    if (tstate == NULL) {
        return _PyStatus_ERR("can't make first thread");
    }
    _PyThreadState_Bind(tstate);
    _PyThreadState_Attach(tstate);
    *ptstate = tstate;
    return _PyStatus_OK();
}

static PyStatus
init_core(const PyConfig *source, PyThreadState **ptstate)
{
    PyThreadState *tstate = NULL;
    PyConfig config;
    _PyConfig_InitCompatConfig(&config);
    PyStatus status = _PyConfig_Copy(&config, source);
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyConfig_Read(&config);
    }
    if (!_PyStatus_EXCEPTION(status)) {
        _PyConfig_WriteGlobals(&config);
        status = _Py_HashRandomization_Init(&config);
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = create_main_interpreter(&tstate);
    }
    if (_PyStatus_EXCEPTION(status)) {
        PyConfig_Clear(&config);
        return status;
    }
    *ptstate = tstate;
    tstate->interp->config = config;    /* takes over the strings */
    TRY(_PyImport_Init());
    TRY(init_objects(tstate));
    TRY(init_core_modules(tstate));
    _PyShared_Remember();
    _PyRuntime.core_initialized = 1;
    return _PyStatus_OK();
}

/* Takes back a failed start: another Py_InitializeFromConfig() may follow. */
static void
undo_main(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyErr_Clear();
    _PyRuntimeState_SetFinalizing(&_PyRuntime, tstate);
    __atomic_store_n(&interp->finalizing, tstate, __ATOMIC_RELEASE);
    __atomic_store_n(&interp->stage, _INTERP_FINALIZING, __ATOMIC_RELEASE);
    _PyRuntime.initialized = 0;
    _PyRuntime.core_initialized = 0;
    _PySignal_Fini();
    _PyFaulthandler_Fini();
    clear_interpreter(tstate);
    _PyTraceMalloc_Stop();
    PyConfig_Clear(&interp->config);
    PyInterpreterState_Delete(interp);
    _PySite_Fini();
    _PyRuntime_Finalize();
}

static void
configure_c_stdio(const PyConfig *config)
{
    if (!config->buffered_stdio) {
        setvbuf(stdin, NULL, _IONBF, BUFSIZ);
        setvbuf(stdout, NULL, _IONBF, BUFSIZ);
        setvbuf(stderr, NULL, _IONBF, BUFSIZ);
    }
    else if (config->interactive) {
        setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
        setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    }
}

PyStatus
_Py_InitializeMain(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyRuntime.core_initialized) {
        return _PyStatus_ERR("runtime core not initialized");
    }
    TRY(init_main(tstate));
    _PyRuntime.initialized = 1;
    _PyRuntime.init_count++;
    __atomic_store_n(&tstate->interp->stage, _INTERP_READY, __ATOMIC_RELEASE);
    return _PyStatus_OK();
}

PyStatus
Py_InitializeFromConfig(const PyConfig *config)
{
    if (config == NULL) {
        return _PyStatus_ERR("initialization config is NULL");
    }
    TRY(_PyRuntime_Initialize());
    if (_PyRuntime.initialized) {
        return _PyStatus_OK();
    }
    PyThreadState *tstate = NULL;
    PyStatus status = init_core(config, &tstate);
    if (!_PyStatus_EXCEPTION(status)) {
        if (tstate->interp->config.configure_c_stdio) {
            configure_c_stdio(&tstate->interp->config);
        }
        if (tstate->interp->config._init_main) {
            status = _Py_InitializeMain();
        }
    }
    if (_PyStatus_EXCEPTION(status)) {
        if (tstate != NULL) {
            if (PyErr_Occurred() && tstate->interp->sysdict != NULL) {
                PyErr_PrintEx(0);       /* without sys, the status must do */
            }
            undo_main(tstate);
        }
    }
    return status;
}

void
Py_InitializeEx(int install_sigs)
{
    PyStatus status = _PyRuntime_Initialize();
    if (!_PyStatus_EXCEPTION(status) && !_PyRuntime.initialized) {
        PyConfig config;
        _PyConfig_InitCompatConfig(&config);
        config.install_signal_handlers = install_sigs;
        status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
    }
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
}

void
Py_Initialize(void)
{
    Py_InitializeEx(1);
}

/* ---- the end of an interpreter --------------------------------------------------------------- */

/* Whether the module threading was imported by the OS thread that ends the interpreter; also 1 if
   that cannot be found out. */
static int
is_threadings_main(PyObject *threading)
{
    PyObject *thread = PyObject_GetAttr(threading, &_Py_ID(_main_thread));
    PyObject *ident = thread != NULL ? PyObject_GetAttr(thread, &_Py_ID(ident)) : NULL;
    int same = ident == NULL || !PyLong_Check(ident)
               || PyLong_AsUnsignedLong(ident) == PyThread_get_thread_ident();
    Py_XDECREF(thread);
    Py_XDECREF(ident);
    PyErr_Clear();
    return same;
}

/* threading._shutdown(): waits for the non-daemon threads.  It would wait for the thread that
   imported it too; if that used the state which ends the interpreter, it is done here. */
static void
wait_for_thread_shutdown(PyThreadState *tstate)
{
    PyObject *modules = _PyImport_GetModules(tstate->interp);
    PyObject *threading = modules == NULL ? NULL
        : PyDict_GetItemWithError(modules, &_Py_ID(threading));
    if (threading == NULL) {
        PyErr_Clear();
        return;
    }
    Py_INCREF(threading);
    if (tstate->on_delete != NULL && !is_threadings_main(threading)) {
        void (*on_delete)(void *) = tstate->on_delete;
        tstate->on_delete = NULL;
        on_delete(tstate->on_delete_data);
        tstate->on_delete_data = NULL;
    }
    PyObject *result = PyObject_CallMethodNoArgs(threading, &_Py_ID(_shutdown));
    if (result == NULL) {
        PyErr_WriteUnraisable(threading);
    }
    Py_XDECREF(result);
    Py_DECREF(threading);
}

/* Everything that runs Python code at the end. */
static void
run_exit_work(PyThreadState *tstate)
{
    /* Threads that are waited for may start others (CPython's issue 113964). */
    wait_for_thread_shutdown(tstate);
    _Py_FinishPendingCalls(tstate);
    __atomic_store_n(&tstate->interp->stage, _INTERP_EXITING, __ATOMIC_RELEASE);
    _PyAtExit_Call(tstate->interp);
}

/* Drops the interpreter's objects, then its state.  The thread stays attached. */
static void
clear_interpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    _PyImport_FinalizeModules(tstate, interp->config.verbose);
    _PyAtExit_Fini(interp);
    _PyGC_CollectNoFail(tstate);
    _PyInterpreterState_Clear(tstate);
    _PyImport_FiniCore(interp);
    _PySys_FiniStreams(interp);
    _PyWarnings_Fini(interp);
    _PyCodec_Fini(interp);
    _PyAST_Fini(interp);
    _PyExc_FiniState(interp);
    _PyGC_CollectNoFail(tstate);
    _PyGC_Fini(interp);
    _PyCode_FiniInterpreter(interp);
    _PyPerfTrampoline_Fini(interp);
    _PyTypes_FiniInterpreter(interp);
    _PyUnicode_Fini(interp);
    _PyFreeLists_Clear(interp->heap);
}

/* ---- the end of the runtime ------------------------------------------------------------------ */

int
Py_FinalizeEx(void)
{
    if (!_PyRuntime.initialized) {
        return 0;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL || !_Py_IsMainInterpreter(tstate->interp)) {
        Py_FatalError("Py_FinalizeEx() must be called from the main interpreter");
    }
    PyInterpreterState *interp = tstate->interp;
    run_exit_work(tstate);
    _PyInterpreterState_EndAll(tstate);
    int status = 0;
    if (_Py_FlushStdFiles(tstate) < 0) {
        status = -1;
    }
    int malloc_stats = interp->config.malloc_stats;

    /* From here on only this thread runs Python code in the main interpreter. */
    _PyRuntimeState_SetFinalizing(&_PyRuntime, tstate);
    __atomic_store_n(&interp->finalizing, tstate, __ATOMIC_RELEASE);
    __atomic_store_n(&interp->stage, _INTERP_FINALIZING, __ATOMIC_RELEASE);
    _PyRuntime.initialized = 0;
    _PyRuntime.core_initialized = 0;
    _PyThreadState_DeleteExcept(tstate);
    _PySignal_Fini();
    _PyGC_CollectNoFail(tstate);
    _PyImport_FinalizeModules(tstate, interp->config.verbose);
    if (_Py_FlushStdFiles(tstate) < 0) {
        status = -1;
    }
    _PyFaulthandler_Fini();
    clear_interpreter(tstate);
    _PyTraceMalloc_Stop();
    _PySys_ClearAuditHooks(tstate);
    if (malloc_stats) {
        _PyObject_DebugMallocStats(stderr);
    }
    PyConfig_Clear(&interp->config);
    _PyImport_Fini();
    _PySite_Fini();
    PyInterpreterState_Delete(interp);
    _PyShared_Check();
    _PyRuntime_Finalize();
    return status;
}

void
Py_Finalize(void)
{
    (void)Py_FinalizeEx();
}

/* ---- further interpreters -------------------------------------------------------------------- */

/* The steps that can fail once the state exists and is current. */
static PyStatus
fill_interpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    _PyConfig_Inherit(&interp->config, &_PyInterpreterState_Main()->config);
    interp->config_inherited = 1;
    TRY(init_objects(tstate));
    TRY(init_core_modules(tstate));
    TRY(init_main(tstate));
    __atomic_store_n(&interp->stage, _INTERP_READY, __ATOMIC_RELEASE);
    return _PyStatus_OK();
}

/* The large blocks of interpreters lie in the C library's heap, which keeps what is freed.  After
 * this many bytes it is told to give memory back. */
#define TRIM_BYTES (8 << 20)

static void
destroy_interpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    int64_t bytes = interp->heap == &interp->heap_storage ? (int64_t)interp->heap->large_bytes : 0;
    clear_interpreter(tstate);
    if (!interp->config_inherited) {
        PyConfig_Clear(&interp->config);
    }
    PyInterpreterState_Delete(interp);
    int64_t *untrimmed = &_PyRuntime.interpreters.untrimmed;
    if (__atomic_add_fetch(untrimmed, bytes, __ATOMIC_RELAXED) >= TRIM_BYTES) {
        __atomic_store_n(untrimmed, 0, __ATOMIC_RELAXED);
#ifdef __GLIBC__
        malloc_trim(0);
#endif
    }
}

/* Makes an interpreter and attaches to its first thread state.  On failure everything is undone and
 * the caller's thread state is current again. */
static PyStatus
new_interpreter(PyThreadState **ptstate, const PyInterpreterConfig *config)
{
    *ptstate = NULL;
    TRY(_PyRuntime_Initialize());
    if (!_PyRuntime.initialized) {
        return _PyStatus_ERR("Py_Initialize must be called first");
    }
    PyThreadState *save = _PyThreadState_GET();
    PyInterpreterState *interp = NULL;
    TRY(_PyInterpreterState_New(save, config, &interp));
    PyThreadState *tstate = _PyThreadState_New(interp);
    if (tstate == NULL) {
        PyInterpreterState_Delete(interp);
        return _PyStatus_NO_MEMORY();
    }
    _PyThreadState_Bind(tstate);
    if (save != NULL) {
        _PyThreadState_Detach(save);
    }
    _PyThreadState_Attach(tstate);
    PyStatus status = fill_interpreter(tstate);
    if (!_PyStatus_EXCEPTION(status)) {
        *ptstate = tstate;
        return status;
    }
    PyErr_Clear();
    destroy_interpreter(tstate);
    if (save != NULL) {
        _PyThreadState_Attach(save);
    }
    return status;
}

PyStatus
Py_NewInterpreterFromConfig(PyThreadState **tstate_p, const PyInterpreterConfig *config)
{
    return new_interpreter(tstate_p, config);
}

PyThreadState *
Py_NewInterpreter(void)
{
    static const PyInterpreterConfig config = _PyInterpreterConfig_LEGACY_INIT;
    PyThreadState *tstate = NULL;
    PyStatus status = new_interpreter(&tstate, &config);
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
    return tstate;
}

/* Ends the interpreter of the current thread state, which must be its only one that runs.
 * Afterwards no thread state is current. */
void
Py_EndInterpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (tstate != _PyThreadState_GET()) {
        Py_FatalError("thread is not current");
    }
    if (tstate->cframe->current_frame != NULL) {
        Py_FatalError("thread still has a frame");
    }
    if (!_PyInterpreterState_MayEnd(interp)) {
        /* Another thread ends it: this one is refused. */
        _PyThreadState_Detach(tstate);
        _PyThread_Park();
    }
    run_exit_work(tstate);
    if (_Py_FlushStdFiles(tstate) < 0) {
        PyErr_Clear();
    }
    __atomic_store_n(&interp->finalizing, tstate, __ATOMIC_RELEASE);
    __atomic_store_n(&interp->stage, _INTERP_FINALIZING, __ATOMIC_RELEASE);
    _PyThreadState_DeleteExcept(tstate);
    destroy_interpreter(tstate);
}

/* ---- fatal errors and exit ------------------------------------------------------------------- */

/* Prints the message, what is known of the state, a pending exception and the Python stack. */
static void
report_fatal_error(const char *func, const char *msg)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\n", func != NULL ? func : "",
            func != NULL ? ": " : "", msg != NULL ? msg : "<message not set>");
    fprintf(stderr, "Python runtime state: %s\n",
            _Py_IsFinalizing() ? "finalizing"
            : _PyRuntime.initialized ? "initialized"
            : _PyRuntime.core_initialized ? "core initialized"
            : _PyRuntime.preinitialized ? "preinitialized"
            : _PyRuntime.preinitializing ? "preinitializing"
            : "unknown");
    fflush(stderr);
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL && PyErr_Occurred() && !_Py_IsFinalizing()) {
        PyErr_Print();
        fflush(stderr);
    }
    PyInterpreterState *interp = tstate != NULL ? tstate->interp : _PyRuntime.main;
    int fd = fileno(stderr);
    fputc('\n', stderr);
    fflush(stderr);
    if (tstate == NULL && !_PyRuntime.core_initialized) {
        return;                 /* no Python runs yet */
    }
    if (_Py_DumpTracebackThreads(fd, tstate != NULL ? interp : NULL, tstate) == NULL) {
        _Py_DumpExtensionModules(fd, interp);
    }
}

void
Py_ExitStatusException(PyStatus status)
{
    if (_PyStatus_IS_EXIT(status)) {
        exit(status.exitcode);
    }
    if (_PyStatus_IS_ERROR(status)) {
        report_fatal_error(status.func, status.err_msg);
        exit(1);
    }
    Py_FatalError("Py_ExitStatusException() must not be called on success");
}

static void _Py_NO_RETURN
fatal_error(const char *func, const char *msg)
{
    report_fatal_error(func, msg);
    if (_PyRuntime.faulthandler.enabled) {
        signal(SIGABRT, SIG_DFL);       /* it would print the same again */
    }
    abort();
}

void
_Py_FatalErrorFunc(const char *func, const char *msg)
{
    fatal_error(func, msg);
}

#undef Py_FatalError
void
Py_FatalError(const char *msg)
{
    fatal_error(NULL, msg);
}

void
_Py_FatalErrorFormat(const char *func, const char *format, ...)
{
    char msg[512];
    va_list vargs;
    va_start(vargs, format);
    vsnprintf(msg, sizeof(msg), format, vargs);
    va_end(vargs);
    fatal_error(func, msg);
}

void
Py_Exit(int sts)
{
    if (Py_FinalizeEx() < 0) {
        sts = 120;
    }
    exit(sts);
}

/* C exit functions of the process, run when the runtime is gone: 0, or -1 if there is no room. */
int
Py_AtExit(void (*func)(void))
{
    return atexit(func) == 0 ? 0 : -1;
}

/* ---- signals --------------------------------------------------------------------------------- */

PyOS_sighandler_t
PyOS_getsig(int sig)
{
    struct sigaction context;
    if (sigaction(sig, NULL, &context) == -1) {
        return SIG_ERR;
    }
    return context.sa_handler;
}

PyOS_sighandler_t
PyOS_setsig(int sig, PyOS_sighandler_t handler)
{
    struct sigaction context, old;
    memset(&context, 0, sizeof(context));
    context.sa_handler = handler;
    sigemptyset(&context.sa_mask);
    context.sa_flags = SA_ONSTACK;
    if (sigaction(sig, &context, &old) == -1) {
        return SIG_ERR;
    }
    return old.sa_handler;
}

/* Signals that the start set to ignored get their default action back (for child processes). */
void
_Py_RestoreSignals(void)
{
    PyOS_setsig(SIGPIPE, SIG_DFL);
    PyOS_setsig(SIGXFSZ, SIG_DFL);
}

/* ---- interactive files ----------------------------------------------------------------------- */

int
Py_FdIsInteractive(FILE *fp, const char *filename)
{
    if (isatty(fileno(fp))) {
        return 1;
    }
    if (!_PyInterpreterState_GET()->config.interactive) {
        return 0;
    }
    return filename == NULL || strcmp(filename, "<stdin>") == 0 || strcmp(filename, "???") == 0;
}

int
_Py_FdIsInteractive(FILE *fp, PyObject *filename)
{
    if (isatty(fileno(fp))) {
        return 1;
    }
    if (!_PyInterpreterState_GET()->config.interactive) {
        return 0;
    }
    return filename == NULL || PyUnicode_CompareWithASCIIString(filename, "<stdin>") == 0 ||
           PyUnicode_CompareWithASCIIString(filename, "???") == 0;
}
