/* The C API around running code: evaluation, imports, sys, code and frame objects, context
 * variables, threads and PyGILState, memory domains and their hooks, watchers, time, hashes.
 * Written from the C API reference and by running it in CPython 3.12. */
#include "capi.h"

#include "frameobject.h"
#include "marshal.h"

#include <pthread.h>

/* ---- running source, compiling, evaluation ---- */

static void
test_run(struct unit_result *result)
{
    PyObject *globals = PyDict_New(), *locals = PyDict_New();
    EQ(PyRun_String("1 + 1", Py_eval_input, globals, locals), "2");
    CHECK(PyDict_GetItemString(globals, "__builtins__") != NULL);
    EQ(PyRun_String("x = 5\ny = x * 2\n", Py_file_input, globals, locals), "None");
    EQ(PyRun_String("(x, y)", Py_eval_input, globals, locals), "(5, 10)");
    EQ(PyRun_String("z = 1", Py_single_input, globals, globals), "None");
    RAISES(PyRun_String("1 +", Py_eval_input, globals, locals) == NULL, PyExc_SyntaxError,
           "invalid syntax (<string>, line 1)");
    RAISES(PyRun_String("nothing", Py_eval_input, globals, locals) == NULL, PyExc_NameError,
           "name 'nothing' is not defined");
    PyObject *code = Py_CompileString("a + b", "some file", Py_eval_input);
    FINE(code != NULL && PyCode_Check(code) && PyCode_GetNumFree((PyCodeObject *)code) == 0);
    EQ(PyObject_GetAttrString(code, "co_filename"), "'some file'");
    PyObject *ab = V("{'a': 1, 'b': 2}");
    EQ(PyEval_EvalCode(code, ab, ab), "3");
    Py_DECREF(code);
    RAISES(Py_CompileString("a b", "f", Py_eval_input) == NULL, PyExc_SyntaxError,
           "invalid syntax (f, line 1)");
    RAISES(Py_CompileString("x = \0", "f", Py_file_input) == NULL, PyExc_SyntaxError, NULL);
    PyCompilerFlags flags = {PyCF_ONLY_AST, PY_MINOR_VERSION};
    PyObject *tree = Py_CompileStringExFlags("1", "f", Py_eval_input, &flags, -1);
    FINE(tree != NULL && strcmp(Py_TYPE(tree)->tp_name, "Expression") >= 0);
    Py_XDECREF(tree);
    code = Py_CompileStringExFlags("assert 0", "f", Py_file_input, NULL, 1);
    EQ(PyEval_EvalCode(code, ab, ab), "None");
    Py_DECREF(code);
    code = Py_CompileString("def f(a, /, b, *, c=3):\n x = a\n return x + b + c + sum(d)\n",
                            "module.py", Py_file_input);
    PyObject *none = PyEval_EvalCode(code, globals, globals);
    Py_XDECREF(none);
    PyObject *f = PyDict_GetItemString(globals, "f");
    FINE(f != NULL && PyFunction_Check(f) && PyFunction_GetGlobals(f) == globals);
    PyCodeObject *co = (PyCodeObject *)PyFunction_GetCode(f);
    PyObject *names = PyCode_GetVarnames(co);
    EQ(names, "('a', 'b', 'c', 'x')");
    EQ(PyCode_GetFreevars(co), "()");
    EQ(PyCode_GetCellvars(co), "()");
    CHECK(PyCode_Addr2Line(co, 0) == 1);
    EQ(Py_NewRef(PyFunction_GetKwDefaults(f)), "{'c': 3}");
    CHECK(PyFunction_GetDefaults(f) == NULL && PyFunction_GetClosure(f) == NULL);
    RAISES(PyFunction_SetDefaults(f, globals) == -1, PyExc_SystemError, "non-tuple default args");
    FINE(PyFunction_SetDefaults(f, Py_None) == 0);
    PyObject *d = V("[10]"), *one = V("1"), *two = V("2");
    PyDict_SetItemString(globals, "d", d);
    PyObject *args[] = {one, two};
    EQ(PyEval_EvalCodeEx((PyObject *)co, globals, NULL, args, 2, NULL, 0, NULL, 0,
                         PyFunction_GetKwDefaults(f), NULL), "16");
    PyObject *method = PyFunction_New((PyObject *)co, globals);
    EQ(PyObject_CallFunction(method, "ii", 1, 2) == NULL ? (PyErr_Clear(), V("'missing c'"))
       : V("0"), "'missing c'");
    Py_DECREF(method);
    code = (PyObject *)PyCode_NewEmpty("file.c", "func", 42);
    FINE(code != NULL && ((PyCodeObject *)code)->co_firstlineno == 42);
    RAISES(PyEval_EvalCode(code, ab, ab) == NULL, PyExc_AssertionError, "");
    Py_DECREF(code);
    CHECK(PyRun_SimpleString("import sys; sys.capi_seen = 5") == 0);
    EQ(Py_NewRef(PySys_GetObject("capi_seen")), "5");
    FINE(PySys_SetObject("capi_seen", NULL) == 0 && PySys_GetObject("capi_seen") == NULL);
    EQ(Py_NewRef(PyEval_GetBuiltins() != NULL ? Py_True : Py_False), "True");
    CHECK(PyEval_GetGlobals() == NULL || PyDict_Check(PyEval_GetGlobals()));
    CHECK(strcmp(PyEval_GetFuncName(f), "f") == 0 && strcmp(PyEval_GetFuncDesc(f), "()") == 0);
    CHECK(strcmp(PyEval_GetFuncName(one), "int") == 0);
    Py_DECREF(d);
    Py_DECREF(one);
    Py_DECREF(two);
    Py_DECREF(ab);
    PyDict_Clear(globals);
    Py_DECREF(globals);
    Py_DECREF(locals);
}

/* ---- frames, tracing from C ---- */


struct trace_log {
    int calls, lines, returns;
    int last_line;
};

static int
trace_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    struct trace_log *log = PyCapsule_GetPointer(self, NULL);
    (void)arg;
    if (what == PyTrace_CALL) {
        log->calls++;
    }
    else if (what == PyTrace_LINE) {
        log->lines++;
        log->last_line = PyFrame_GetLineNumber(frame);
    }
    else if (what == PyTrace_RETURN) {
        log->returns++;
    }
    return 0;
}

static PyObject *
inspect_frame(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    PyFrameObject *frame = PyEval_GetFrame();       /* borrowed: the caller's */
    PyCodeObject *code = PyFrame_GetCode(frame);
    PyFrameObject *back = PyFrame_GetBack(frame);
    PyObject *locals = PyFrame_GetLocals(frame), *globals = PyFrame_GetGlobals(frame);
    PyObject *builtins = PyFrame_GetBuiltins(frame), *generator = PyFrame_GetGenerator(frame);
    PyObject *value = PyFrame_GetVarString(frame, "local");
    PyObject *name = PyUnicode_FromString("absent");
    PyObject *absent = PyFrame_GetVar(frame, name);
    PyErr_Clear();
    PyFrame_FastToLocals(frame);
    PyObject *result = Py_BuildValue(
        "(OOiOOiiii)", code->co_name, value, PyFrame_GetLineNumber(frame), locals,
        generator == NULL ? Py_None : Py_True, back != NULL, PyDict_Check(globals),
        PyDict_Check(builtins), absent == NULL);
    PyFrame_LocalsToFast(frame, 0);
    Py_DECREF(name);
    Py_XDECREF(value);
    Py_XDECREF(generator);
    Py_DECREF(builtins);
    Py_DECREF(globals);
    Py_DECREF(locals);
    Py_XDECREF(back);
    Py_DECREF(code);
    return result;
}

static PyMethodDef inspect_def = {"inspect", inspect_frame, METH_NOARGS, NULL};

static void
test_frames(struct unit_result *result)
{
    PyObject *inspect = PyCFunction_New(&inspect_def, NULL);
    PyObject *globals = PyDict_New();
    PyDict_SetItemString(globals, "inspect", inspect);
    PyObject *done = PyRun_String(
        "def f(x):\n"
        "    local = x * 2\n"
        "    return inspect()\n"
        "def g():\n"
        "    local = 1\n"
        "    yield inspect()\n", Py_file_input, globals, globals);
    Py_XDECREF(done);
    EQ(PyRun_String("f(4)", Py_eval_input, globals, globals),
       "('f', 8, 3, {'x': 4, 'local': 8}, None, 1, 1, 1, 1)");
    EQ(PyRun_String("next(g())", Py_eval_input, globals, globals),
       "('g', 1, 6, {'local': 1}, True, 1, 1, 1, 1)");
    struct trace_log log = {0, 0, 0, 0};
    PyObject *capsule = PyCapsule_New(&log, NULL, NULL);
    PyEval_SetTrace(trace_event, capsule);
    done = PyRun_String("f(4)", Py_eval_input, globals, globals);
    PyEval_SetTrace(NULL, NULL);
    Py_XDECREF(done);
    CHECK(log.calls == 2 && log.returns == 2 && log.lines == 3);
    memset(&log, 0, sizeof(log));
    PyEval_SetProfile(trace_event, capsule);
    done = PyRun_String("f(4)", Py_eval_input, globals, globals);
    PyEval_SetProfile(NULL, NULL);
    Py_XDECREF(done);
    CHECK(log.calls == 2 && log.returns == 2 && log.lines == 0);
    Py_DECREF(capsule);
    /* A frame made by hand, as Cython does for its tracebacks. */
    PyCodeObject *code = PyCode_NewEmpty("made.pyx", "made", 77);
    PyFrameObject *frame = PyFrame_New(PyThreadState_Get(), code, globals, NULL);
    FINE(frame != NULL && PyFrame_Check((PyObject *)frame));
    CHECK(PyFrame_GetLineNumber(frame) == 77);
    PyErr_SetString(PyExc_ValueError, "with traceback");
    CHECK(PyTraceBack_Here(frame) == 0);
    PyObject *exc = PyErr_GetRaisedException();
    EQ(capi_eval("(a.__traceback__.tb_lineno, a.__traceback__.tb_frame.f_code.co_name, "
                 "a.__traceback__.tb_frame.f_locals)", exc, NULL, NULL), "(77, 'made', {})");
    Py_DECREF(exc);
    Py_DECREF(frame);
    Py_DECREF(code);
    PyDict_Clear(globals);
    Py_DECREF(globals);
    Py_DECREF(inspect);
}

/* ---- import ---- */

static void
test_import(struct unit_result *result)
{
    PyObject *sys = PyImport_ImportModule("sys"), *name = V("'sys'");
    FINE(sys != NULL && PyModule_Check(sys));
    PyObject *again = PyImport_Import(name);
    FINE(again == sys);
    Py_XDECREF(again);
    again = PyImport_GetModule(name);
    FINE(again == sys);
    Py_XDECREF(again);
    CHECK(PyDict_GetItem(PyImport_GetModuleDict(), name) == sys);
    PyObject *missing = V("'no_such_module_here'");
    FINE(PyImport_GetModule(missing) == NULL);
    RAISES(PyImport_ImportModule("no_such_module_here") == NULL, PyExc_ModuleNotFoundError,
           "No module named 'no_such_module_here'");
    RAISES(PyImport_ImportModuleLevel("sys", NULL, NULL, NULL, -1) == NULL, PyExc_ValueError,
           "level must be >= 0");
    RAISES(PyImport_ImportModuleLevel("", NULL, NULL, NULL, 0) == NULL, PyExc_ValueError,
           "Empty module name");
    PyObject *globals = PyDict_New();
    RAISES(PyImport_ImportModuleLevel("x", globals, NULL, NULL, 1) == NULL, PyExc_KeyError,
           "\"'__name__' not in globals\"");
    PyObject *made = PyImport_AddModule("made_by_test");
    FINE(made != NULL && PyImport_AddModule("made_by_test") == made);
    PyObject *code = Py_CompileString("value = __name__ + '!'", "made.py", Py_file_input);
    if (PyDict_GetItemString(PyImport_GetModuleDict(), "_frozen_importlib_external") != NULL) {
        PyObject *executed = PyImport_ExecCodeModule("executed_by_test", code);
        EQ(PyObject_GetAttrString(executed, "value"), "'executed_by_test!'");
        Py_XDECREF(executed);
        PyDict_DelItemString(PyImport_GetModuleDict(), "executed_by_test");
    }
    Py_DECREF(code);
    FINE(PyImport_ImportFrozenModule("no_such_frozen") == 0);
    CHECK(PyImport_GetMagicNumber() != -1 && PyImport_GetMagicTag() != NULL);
    PyDict_DelItemString(PyImport_GetModuleDict(), "made_by_test");
    Py_DECREF(globals);
    Py_DECREF(missing);
    Py_DECREF(name);
    Py_DECREF(sys);
}

/* A table of frozen modules, as an embedding program sets it. */
static void
test_frozen_table(struct unit_result *result)
{
    PyObject *code = Py_CompileString("value = 42\nname = __name__\n", "<frozen>", Py_file_input);
    PyObject *data = PyMarshal_WriteObjectToString(code, Py_MARSHAL_VERSION);
    Py_DECREF(code);
    struct _frozen table[] = {
        {"frozen_by_test", (const unsigned char *)PyBytes_AS_STRING(data),
         (int)PyBytes_GET_SIZE(data), 0, NULL},
        {"frozen_damaged", (const unsigned char *)"damaged", 7, 0, NULL},
        {"frozen_excluded", NULL, 0, 0, NULL},
        {"frozen_package", (const unsigned char *)PyBytes_AS_STRING(data),
         (int)PyBytes_GET_SIZE(data), 1, NULL},
        {NULL, NULL, 0, 0, NULL},
    };
    const struct _frozen *saved = PyImport_FrozenModules;
    PyImport_FrozenModules = table;
    FINE(PyImport_ImportFrozenModule("frozen_by_test") == 1);
    PyObject *modules = PyImport_GetModuleDict();
    EQ(capi_eval("(a['frozen_by_test'].value, a['frozen_by_test'].name)", modules, NULL, NULL),
       "(42, 'frozen_by_test')");
    FINE(PyImport_ImportFrozenModule("frozen_package") == 1);
    EQ(capi_eval("a['frozen_package'].__path__", modules, NULL, NULL), "[]");
    RAISES(PyImport_ImportFrozenModule("frozen_damaged") == -1, PyExc_ImportError,
           "Frozen object named 'frozen_damaged' is invalid");
    RAISES(PyImport_ImportFrozenModule("frozen_excluded") == -1, PyExc_ImportError,
           "Excluded frozen object named 'frozen_excluded'");
    PyImport_FrozenModules = saved;
    PyDict_DelItemString(modules, "frozen_by_test");
    PyDict_DelItemString(modules, "frozen_package");
    Py_DECREF(data);
}

/* ---- context variables ---- */

static void
test_context(struct unit_result *result)
{
    PyObject *five = V("5"), *six = V("6"), *value;
    PyObject *var = PyContextVar_New("var", NULL), *with_default = PyContextVar_New("d", five);
    FINE(PyContextVar_CheckExact(var) && PyContextVar_Get(var, NULL, &value) == 0);
    CHECK(value == NULL);
    FINE(PyContextVar_Get(var, six, &value) == 0);
    EQ(value, "6");
    FINE(PyContextVar_Get(with_default, six, &value) == 0);
    EQ(value, "6");
    FINE(PyContextVar_Get(with_default, NULL, &value) == 0);
    EQ(value, "5");
    PyObject *token = PyContextVar_Set(var, five);
    FINE(PyContextToken_CheckExact(token) && PyContextVar_Get(var, NULL, &value) == 0);
    EQ(value, "5");
    PyObject *copy = PyContext_CopyCurrent();
    FINE(PyContext_CheckExact(copy));
    FINE(PyContextVar_Reset(var, token) == 0 && PyContextVar_Get(var, NULL, &value) == 0);
    CHECK(value == NULL);
    RAISES(PyContextVar_Reset(var, token) == -1, PyExc_RuntimeError, NULL);
    RAISES(PyContextVar_Reset(with_default, token) == -1, PyExc_RuntimeError, NULL);
    FINE(PyContext_Enter(copy) == 0);
    RAISES(PyContext_Enter(copy) == -1, PyExc_RuntimeError, NULL);
    FINE(PyContextVar_Get(var, NULL, &value) == 0);
    EQ(value, "5");
    FINE(PyContext_Exit(copy) == 0);
    RAISES(PyContext_Exit(copy) == -1, PyExc_RuntimeError, NULL);
    RAISES(PyContextVar_Get(five, NULL, &value) == -1, PyExc_TypeError,
           "an instance of ContextVar was expected");
    RAISES(PyContext_Enter(five) == -1, PyExc_TypeError, "an instance of Context was expected");
    PyObject *empty = PyContext_New(), *other = PyContext_Copy(copy);
    FINE(PyObject_Size(empty) == 0 && PyObject_Size(other) == 1);
    Py_DECREF(empty);
    Py_DECREF(other);
    Py_DECREF(copy);
    Py_DECREF(token);
    Py_DECREF(var);
    Py_DECREF(with_default);
    Py_DECREF(five);
    Py_DECREF(six);
}

/* ---- threads ---- */

static void *
use_gilstate(void *arg)
{
    int *ok = arg;
    PyGILState_STATE outer = PyGILState_Ensure();
    PyGILState_STATE inner = PyGILState_Ensure();
    *ok = PyGILState_Check() && PyGILState_GetThisThreadState() == PyThreadState_Get();
    PyObject *list = PyList_New(100);
    *ok = *ok && list != NULL;
    Py_XDECREF(list);
    PyGILState_Release(inner);
    PyThreadState *saved = PyEval_SaveThread();
    *ok = *ok && !PyGILState_Check();
    PyEval_RestoreThread(saved);
    PyGILState_Release(outer);
    *ok = *ok && PyGILState_GetThisThreadState() == NULL;
    return NULL;
}

static int
pending(void *arg)
{
    ++*(int *)arg;
    return 0;
}

static int
pending_fails(void *arg)
{
    (void)arg;
    PyErr_SetString(PyExc_ValueError, "from a pending call");
    return -1;
}

static void
test_threads(struct unit_result *result)
{
    PyThreadState *me = PyThreadState_Get();
    CHECK(PyGILState_Check() && PyThreadState_GetInterpreter(me) == PyInterpreterState_Get());
    CHECK(PyThreadState_GetID(me) > 0 && PyInterpreterState_GetID(PyInterpreterState_Get()) >= 0);
    PyObject *dict = PyThreadState_GetDict();
    CHECK(dict != NULL && PyDict_Check(dict) && PyInterpreterState_GetDict(me->interp) != NULL);
    PyFrameObject *frame = PyThreadState_GetFrame(me);
    Py_XDECREF(frame);
    pthread_t thread;
    int ok = 0;
    CHECK(pthread_create(&thread, NULL, use_gilstate, &ok) == 0);
    Py_BEGIN_ALLOW_THREADS
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    CHECK(ok);
    PyThreadState *saved = PyThreadState_Swap(NULL);
    CHECK(saved == me);
    PyThreadState_Swap(saved);
    PyThreadState *fresh = PyThreadState_New(me->interp);
    CHECK(fresh != NULL && PyThreadState_Next(PyInterpreterState_ThreadHead(me->interp)) != NULL);
    PyThreadState_Swap(fresh);
    EQ(V("[1] * 2"), "[1, 1]");
    PyThreadState_Swap(me);
    PyThreadState_Clear(fresh);
    PyThreadState_Delete(fresh);
    int count = 0;
    CHECK(Py_AddPendingCall(pending, &count) == 0);
    FINE(Py_MakePendingCalls() == 0 && count == 1);
    CHECK(Py_AddPendingCall(pending_fails, NULL) == 0);
    RAISES(Py_MakePendingCalls() == -1, PyExc_ValueError, "from a pending call");
    CHECK(PyThreadState_SetAsyncExc(123456789, PyExc_ValueError) == 0);
    Py_tss_t key = Py_tss_NEEDS_INIT;
    CHECK(!PyThread_tss_is_created(&key) && PyThread_tss_create(&key) == 0);
    CHECK(PyThread_tss_get(&key) == NULL && PyThread_tss_set(&key, &count) == 0);
    CHECK(PyThread_tss_get(&key) == &count);
    PyThread_tss_delete(&key);
    PyThread_type_lock lock = PyThread_allocate_lock();
    CHECK(PyThread_acquire_lock(lock, WAIT_LOCK) == 1 && PyThread_acquire_lock(lock, 0) == 0);
    CHECK(PyThread_acquire_lock_timed(lock, 1000, 0) == PY_LOCK_FAILURE);
    PyThread_release_lock(lock);
    PyThread_free_lock(lock);
    CHECK(PyThread_get_thread_ident() != 0 && PyThread_get_thread_native_id() != 0);
    int was = PyGC_Disable();
    CHECK(was == 1 && !PyGC_IsEnabled() && PyGC_Enable() == 0 && PyGC_IsEnabled());
}

/* ---- memory ---- */

struct counting {
    PyMemAllocatorEx next;
    int mallocs, callocs, reallocs, frees;
    int fail;
};

static void *
count_malloc(void *ctx, size_t size)
{
    struct counting *c = ctx;
    c->mallocs++;
    return c->fail ? NULL : c->next.malloc(c->next.ctx, size);
}

static void *
count_calloc(void *ctx, size_t n, size_t size)
{
    struct counting *c = ctx;
    c->callocs++;
    return c->fail ? NULL : c->next.calloc(c->next.ctx, n, size);
}

static void *
count_realloc(void *ctx, void *p, size_t size)
{
    struct counting *c = ctx;
    c->reallocs++;
    return c->fail ? NULL : c->next.realloc(c->next.ctx, p, size);
}

static void
count_free(void *ctx, void *p)
{
    struct counting *c = ctx;
    c->frees++;
    c->next.free(c->next.ctx, p);
}

static void
test_memory(struct unit_result *result)
{
    void *p = PyMem_Malloc(0), *q = PyMem_Calloc(0, 8), *r = PyObject_Malloc(0);
    CHECK(p != NULL && q != NULL && r != NULL && PyMem_Malloc(PY_SSIZE_T_MAX + (size_t)1) == NULL);
    CHECK(PyMem_Calloc(SIZE_MAX / 2, 4) == NULL && PyObject_Calloc(SIZE_MAX / 2, 4) == NULL);
    CHECK(PyMem_RawMalloc(SIZE_MAX) == NULL && PyMem_RawCalloc(SIZE_MAX, SIZE_MAX) == NULL);
    PyMem_Free(q);
    PyObject_Free(r);
    PyMem_Free(NULL);
    PyObject_Free(NULL);
    PyMem_RawFree(NULL);
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        p = PyMem_Realloc(p, size);
        CHECK(p != NULL);
        memset(p, 0x5a, size);
    }
    p = PyMem_Realloc(p, 10);
    CHECK(p != NULL && ((char *)p)[9] == 0x5a);
    PyMem_Free(p);
    char *zero = PyObject_Calloc(100, 7);
    int sum = 0;
    for (int i = 0; i < 700; i++) {
        sum |= zero[i];
    }
    CHECK(sum == 0);
    PyObject_Free(zero);
    static const PyMemAllocatorDomain domains[] = {
        PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(domains); i++) {
        struct counting c = {.fail = 0};
        PyMemAllocatorEx mine = {&c, count_malloc, count_calloc, count_realloc, count_free};
        PyMem_GetAllocator(domains[i], &c.next);
        PyMem_SetAllocator(domains[i], &mine);
        PyMemAllocatorEx seen;
        PyMem_GetAllocator(domains[i], &seen);
        CHECK(seen.ctx == &c && seen.malloc == count_malloc);
        if (i == 0) {
            PyMem_RawFree(PyMem_RawRealloc(PyMem_RawMalloc(10), 1000));
            PyMem_RawFree(PyMem_RawCalloc(1, 10));
        }
        else if (i == 1) {
            PyMem_Free(PyMem_Realloc(PyMem_Malloc(10), 1000));
            PyMem_Free(PyMem_Calloc(1, 10));
        }
        else {
            PyObject_Free(PyObject_Realloc(PyObject_Malloc(10), 1000));
            PyObject_Free(PyObject_Calloc(1, 10));
        }
        CHECK(c.mallocs >= 1 && c.callocs >= 1 && c.reallocs >= 1 && c.frees >= 2);
        if (i == 2) {
            int before = c.mallocs + c.callocs;
            PyObject *list = V("[(i, {i: str(i)}) for i in range(50)]");
            CHECK(c.mallocs + c.callocs > before);
            Py_DECREF(list);
            c.fail = 1;
            PyObject *text = PyUnicode_New(1000, 127);
            c.fail = 0;
            RAISES(text == NULL, PyExc_MemoryError, "");
        }
        PyMem_SetAllocator(domains[i], &c.next);
    }
    char *copy = _PyMem_Strdup("copied");
    CHECK(copy != NULL && strcmp(copy, "copied") == 0);
    PyMem_Free(copy);
    PyObject *object = PyType_GenericAlloc(&PyList_Type, 0);
    CHECK(object != NULL && PyObject_GC_IsTracked(object) && !PyObject_GC_IsFinalized(object));
    Py_DECREF(object);
}

/* ---- sys, warnings, output, hashes, version ---- */

static void
test_sys(struct unit_result *result)
{
    CHECK(PySys_GetObject("no such attribute") == NULL && !PyErr_Occurred());
    CHECK(PySys_GetXOptions() != NULL && PyDict_Check(PySys_GetXOptions()));
    CHECK(strncmp(Py_GetVersion(), "3.12.1", 6) == 0 && Py_Version == PY_VERSION_HEX);
    CHECK(Py_GetPlatform() != NULL && Py_GetCopyright() != NULL && Py_GetCompiler() != NULL);
    CHECK(Py_GetBuildInfo() != NULL && Py_IsInitialized());
    FINE(PyErr_WarnEx(NULL, "ignored or shown", 1) == 0 || PyErr_Occurred());
    PyErr_Clear();
    FINE(PySys_Audit("test.event", NULL) == 0 && PySys_Audit("test.event", "is", 5, "x") == 0);
    PyHash_FuncDef *def = PyHash_GetFuncDef();
    CHECK(def != NULL && def->hash_bits == 64);
    char buffer[4];
    CHECK(PyOS_snprintf(buffer, 4, "%s", "abcdef") == 6 && strcmp(buffer, "abc") == 0);
    CHECK(PyOS_mystricmp("ABC", "abd") < 0 && PyOS_mystrnicmp("ABCx", "abcy", 3) == 0);
    CHECK(Py_GetRecursionLimit() > 10);
    wchar_t *decoded = Py_DecodeLocale("text", NULL);
    CHECK(decoded != NULL && decoded[3] == L't' && decoded[4] == 0);
    size_t error;
    char *encoded = Py_EncodeLocale(decoded, &error);
    CHECK(encoded != NULL && strcmp(encoded, "text") == 0 && error == (size_t)-1);
    PyMem_Free(encoded);
    PyMem_RawFree(decoded);
    PyObject *path = V("type('P', (), {'__fspath__': lambda s: 'a/b'})()");
    EQ(PyOS_FSPath(path), "'a/b'");
    PyObject *number = V("5");
    RAISES(PyOS_FSPath(number) == NULL, PyExc_TypeError,
           "expected str, bytes or os.PathLike object, not int");
    Py_DECREF(path);
    Py_DECREF(number);
    PyObject *data = V("{'k': [1, 2.5, 'x', b'y', None, (True,)]}");
    PyObject *bytes = PyMarshal_WriteObjectToString(data, Py_MARSHAL_VERSION);
    EQ(PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes)),
       "{'k': [1, 2.5, 'x', b'y', None, (True,)]}");
    RAISES(PyMarshal_ReadObjectFromString("", 0) == NULL, PyExc_EOFError,
           "EOF read where object expected");
    Py_DECREF(bytes);
    Py_DECREF(data);
    EQ(PyObject_CallFunction((PyObject *)&PyType_Type, "s()N", "C", PyDict_New()) != NULL
       ? V("1") : V("0"), "1");
    PyObject *args = V("(int, str)");
    PyObject *alias = Py_GenericAlias((PyObject *)&PyDict_Type, args);
    EQ(PyObject_Repr(alias), "'dict[int, str]'");
    Py_DECREF(alias);
    Py_DECREF(args);
}

/* ---- watchers ---- */

static int
dict_event(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value)
{
    (void)key;
    PyObject *log = PySys_GetObject("capi_log");
    if (log == NULL) {
        return 0;
    }
    PyObject *row = Py_BuildValue("(in)", (int)event, value != NULL ? PyDict_Size(dict) : -1);
    int res = row != NULL ? PyList_Append(log, row) : -1;
    Py_XDECREF(row);
    return res;
}

static int
type_event(PyTypeObject *type)
{
    PyObject *log = PySys_GetObject("capi_log");
    return log != NULL ? PyList_Append(log, (PyObject *)type) : 0;
}

static void
test_watchers(struct unit_result *result)
{
    PyObject *log = PyList_New(0), *d = V("{'a': 1}"), *key = V("'a'"), *value = V("2");
    PySys_SetObject("capi_log", log);
    int id = PyDict_AddWatcher(dict_event);
    FINE(id >= 0 && PyDict_Watch(id, d) == 0);
    FINE(PyDict_SetItem(d, key, value) == 0 && PyDict_SetItemString(d, "b", value) == 0);
    FINE(PyDict_DelItem(d, key) == 0);
    PyDict_Clear(d);
    FINE(PyDict_Unwatch(id, d) == 0 && PyDict_SetItem(d, key, value) == 0);
    EQ(PySequence_List(log), "[(1, 1), (0, 1), (2, -1), (4, -1)]");
    RAISES(PyDict_Watch(id, value) == -1, PyExc_ValueError, "Cannot watch non-dictionary");
    RAISES(PyDict_Watch(99, d) == -1, PyExc_ValueError, "Invalid dict watcher ID 99");
    FINE(PyDict_ClearWatcher(id) == 0);
    RAISES(PyDict_ClearWatcher(id) == -1, PyExc_ValueError, NULL);
    PyList_SetSlice(log, 0, 100, NULL);
    PyObject *type = V("type('T', (), {})");
    id = PyType_AddWatcher(type_event);
    FINE(id >= 0 && PyType_Watch(id, type) == 0);
    FINE(PyObject_SetAttrString(type, "x", value) == 0 && PyList_GET_SIZE(log) == 1);
    FINE(PyType_Unwatch(id, type) == 0 && PyType_ClearWatcher(id) == 0);
    RAISES(PyType_Watch(id, value) == -1, PyExc_ValueError, "Cannot watch non-type");
    PyType_Modified((PyTypeObject *)type);
    PySys_SetObject("capi_log", NULL);
    Py_DECREF(type);
    Py_DECREF(log);
    Py_DECREF(d);
    Py_DECREF(key);
    Py_DECREF(value);
}

static const struct unit_test tests[] = {
    {"running code", test_run},
    {"frames and tracing", test_frames},
    {"import", test_import},
    {"frozen modules of a program", test_frozen_table},
    {"context variables", test_context},
    {"threads", test_threads},
    {"memory", test_memory},
    {"sys and utilities", test_sys},
    {"watchers", test_watchers},
};

CAPI_MAIN(tests)
