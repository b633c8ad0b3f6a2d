/* Running source text: strings, files and the interactive prompt; Py_CompileString*.
 *
 * Each way parses into an arena, compiles and evaluates in the given namespaces.  The simple ones
 * work in __main__ and print what goes wrong.
 * Written from "The Very High Level Layer" of the C API reference and observed behaviour. */
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_initconfig.h"
#include "pycore_lifecycle.h"
#include "pycore_parser.h"      // _PyParser_ASTFromString()
#include "pycore_private_api.h" // _PyAST_Compile(), _PyRun_*
#include "pycore_pyarena.h"     // _PyArena_New()
#include "pycore_pystate.h"
#include "pycore_strings.h"     // _Py_ID()
#include "marshal.h"

#include <errno.h>

/* ---- evaluation --------------------------------------------------------------------- */

/* Shows what the program has written so far.  What cannot be written is tried again, and reported,
   at the end of the process.  Streams that nobody looked at yet are not made for this. */
static void
flush_io(PyThreadState *tstate)
{
    PyObject *sysdict = tstate->interp->sysdict;
    if (sysdict == NULL) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *const names[] = {&_Py_ID(stderr), &_Py_ID(stdout)};
    for (int i = 0; i < 2; i++) {
        PyObject *file = Py_XNewRef(PyDict_GetItemWithError(sysdict, names[i]));
        PyObject *res = file != NULL ? PyObject_CallMethodNoArgs(file, &_Py_ID(flush)) : NULL;
        PyErr_Clear();
        Py_XDECREF(res);
        Py_XDECREF(file);
    }
    PyErr_SetRaisedException(exc);
}

/* Whether the main program ended by KeyboardInterrupt: Py_RunMain() then dies by SIGINT. */
void
_PyErr_NoteKeyboardInterrupt(int unhandled)
{
    __atomic_store_n(&_PyRuntime.signals.unhandled_keyboard_interrupt, unhandled,
                     __ATOMIC_RELAXED);
}

static PyObject *
run_code(PyThreadState *tstate, PyCodeObject *co, PyObject *globals, PyObject *locals)
{
    if (globals == NULL || !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_SystemError, "globals must be a real dict; try eval(code, {}, {})");
        return NULL;
    }
    int has = PyDict_Contains(globals, &_Py_ID(__builtins__));
    if (has < 0 || (has == 0 && PyDict_SetItem(globals, &_Py_ID(__builtins__),
                                               tstate->interp->builtins) < 0)) {
        return NULL;
    }
    /* What nobody below can catch decides how the process ends: a nested run does not count. */
    int outermost = tstate->cframe->current_frame == NULL && _Py_IsMainInterpreter(tstate->interp);
    PyObject *result = PyEval_EvalCode((PyObject *)co, globals, locals);
    if (outermost) {
        _PyErr_NoteKeyboardInterrupt(result == NULL
                                     && PyErr_Occurred() == PyExc_KeyboardInterrupt);
    }
    return result;
}

static PyObject *
run_mod(PyThreadState *tstate, mod_ty mod, PyObject *filename, PyObject *globals, PyObject *locals,
        PyCompilerFlags *flags, PyArena *arena)
{
    PyCodeObject *co = _PyAST_Compile(mod, filename, flags, -1, arena);
    if (co == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (PySys_Audit("exec", "O", co) == 0) {
        result = run_code(tstate, co, globals, locals);
        flush_io(tstate);
    }
    Py_DECREF(co);
    return result;
}

/* Result of running the text, a new reference, or NULL with an error set. */
PyObject *
PyRun_StringFlags(const char *str, int start, PyObject *globals, PyObject *locals,
                  PyCompilerFlags *flags)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *filename = &_Py_STR(anon_string);
    _Py_DECLARE_STR(anon_string, "<string>")
    mod_ty mod = _PyParser_ASTFromString(str, filename, start, flags, arena);
    PyObject *result = NULL;
    if (mod != NULL) {
        result = run_mod(tstate, mod, filename, globals, locals, flags, arena);
    }
    _PyArena_Free(arena);
    return result;
}

static PyObject *
run_file(PyThreadState *tstate, FILE *fp, PyObject *filename, int start, PyObject *globals,
         PyObject *locals, int closeit, PyCompilerFlags *flags)
{
    PyArena *arena = _PyArena_New();
    PyObject *result = NULL;
    mod_ty mod = NULL;
    if (arena != NULL) {
        mod = _PyParser_ASTFromFile(fp, filename, NULL, start, NULL, NULL, flags, NULL, arena);
    }
    if (closeit) {
        fclose(fp);
    }
    if (mod != NULL) {
        result = run_mod(tstate, mod, filename, globals, locals, flags, arena);
    }
    if (arena != NULL) {
        _PyArena_Free(arena);
    }
    return result;
}

PyObject *
PyRun_FileExFlags(FILE *fp, const char *filename, int start, PyObject *globals, PyObject *locals,
                  int closeit, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        return NULL;
    }
    PyObject *result = run_file(_PyThreadState_GET(), fp, name, start, globals, locals, closeit,
                                flags);
    Py_DECREF(name);
    return result;
}

/* ---- __main__ ----------------------------------------------------------------------------- */

/* The module's dict, borrowed, or NULL after printing an error. */
static PyObject *
main_dict(void)
{
    PyObject *module = PyImport_AddModule("__main__");
    if (module == NULL) {
        PyErr_Print();
        return NULL;
    }
    return PyModule_GetDict(module);
}

/* Runs the text in __main__: 0, or -1 after printing the exception. */
int
PyRun_SimpleStringFlags(const char *command, PyCompilerFlags *flags)
{
    PyObject *dict = main_dict();
    if (dict == NULL) {
        return -1;
    }
    PyObject *result = PyRun_StringFlags(command, Py_file_input, dict, dict, flags);
    if (result == NULL) {
        PyErr_Print();
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* 1 if the file is compiled code, by name and magic number. */
static int
maybe_pyc(FILE *fp, PyObject *filename, int closeit)
{
    if (PyUnicode_Tailmatch(filename, &_Py_STR(dot_pyc), 0, PY_SSIZE_T_MAX, 1) == 1) {
        return 1;
    }
    _Py_DECLARE_STR(dot_pyc, ".pyc")
    if (!closeit || ftell(fp) != 0) {
        return 0;
    }
    unsigned char buf[4];
    long magic = PyImport_GetMagicNumber();
    int is_pyc = fread(buf, 1, 4, fp) == 4 &&
                 ((long)buf[0] | (long)buf[1] << 8 | (long)buf[2] << 16 | (long)buf[3] << 24)
                 == magic;
    rewind(fp);
    return is_pyc;
}

/* Sets __main__.__loader__ so that the sources are found for tracebacks. */
static int
set_main_loader(PyThreadState *tstate, PyObject *dict, PyObject *filename, const char *loader_name)
{
    if (_Py_IsBare(&tstate->interp->config)) {
        return 0;
    }
    PyObject *external = PyImport_ImportModule("importlib._bootstrap_external");
    if (external == NULL) {
        /* Start-up without path based import still runs scripts. */
        PyErr_Clear();
        return 0;
    }
    PyObject *type = PyObject_GetAttrString(external, loader_name);
    Py_DECREF(external);
    if (type == NULL) {
        return -1;
    }
    PyObject *loader = PyObject_CallFunction(type, "sO", "__main__", filename);
    Py_DECREF(type);
    if (loader == NULL) {
        return -1;
    }
    int res = PyDict_SetItem(dict, &_Py_ID(__loader__), loader);
    Py_DECREF(loader);
    return res;
}

static PyObject *
run_pyc_file(PyThreadState *tstate, FILE *fp, PyObject *globals)
{
    long magic = PyMarshal_ReadLongFromFile(fp);
    if (magic != PyImport_GetMagicNumber()) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "Bad magic number in .pyc file");
        }
        fclose(fp);
        return NULL;
    }
    for (int i = 0; i < 3; i++) {       /* flags, mtime or hash, size */
        (void)PyMarshal_ReadLongFromFile(fp);
    }
    PyObject *code = PyErr_Occurred() ? NULL : PyMarshal_ReadLastObjectFromFile(fp);
    fclose(fp);
    if (code == NULL || !PyCode_Check(code)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "Bad code object in .pyc file");
        }
        Py_XDECREF(code);
        return NULL;
    }
    PyObject *result = run_code(tstate, (PyCodeObject *)code, globals, globals);
    Py_DECREF(code);
    return result;
}

/* Takes __file__ and __cached__ from __main__ again, if that module is still there. */
static void
forget_main_file(void)
{
    PyObject *module = PyImport_GetModule(&_Py_ID(__main__));
    PyObject *dict = module != NULL && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
    if (dict != NULL && (PyDict_DelItem(dict, &_Py_ID(__file__)) < 0 ||
                         PyDict_DelItem(dict, &_Py_ID(__cached__)) < 0)) {
        PyErr_Clear();
    }
    PyErr_Clear();
    Py_XDECREF(module);
}

/* Runs a script or a .pyc in __main__: 0, or -1 after printing the exception. */
int
_PyRun_SimpleFileObject(FILE *fp, PyObject *filename, int closeit, PyCompilerFlags *flags)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *module = PyImport_AddModule("__main__");
    if (module == NULL) {
        PyErr_Print();
        return -1;
    }
    Py_INCREF(module);
    PyObject *dict = PyModule_GetDict(module);
    PyObject *result = NULL;
    int ret = -1, set_file = 0;
    int has_file = PyDict_Contains(dict, &_Py_ID(__file__));
    if (has_file < 0) {
        goto done;
    }
    if (!has_file) {
        if (PyDict_SetItem(dict, &_Py_ID(__file__), filename) < 0 ||
            PyDict_SetItem(dict, &_Py_ID(__cached__), Py_None) < 0) {
            goto done;
        }
        set_file = 1;
    }
    if (maybe_pyc(fp, filename, closeit)) {
        FILE *pyc = closeit ? (fclose(fp), _Py_fopen_obj(filename, "rb")) : fp;
        if (pyc == NULL) {
            goto done;
        }
        if (set_main_loader(tstate, dict, filename, "SourcelessFileLoader") < 0) {
            fprintf(stderr, "python: failed to set __main__.__loader__\n");
            fclose(pyc);
            goto done;
        }
        result = run_pyc_file(tstate, pyc, dict);
    }
    else {
        if (PyUnicode_CompareWithASCIIString(filename, "<stdin>") != 0 &&
            set_main_loader(tstate, dict, filename, "SourceFileLoader") < 0) {
            fprintf(stderr, "python: failed to set __main__.__loader__\n");
            goto done;
        }
        result = run_file(tstate, fp, filename, Py_file_input, dict, dict, closeit, flags);
    }
    flush_io(tstate);
    ret = result == NULL ? -1 : 0;
done:
    Py_XDECREF(result);
    /* PyErr_Print() may end the process: what __main__ holds is then finalized with the rest. */
    Py_DECREF(module);
    if (ret < 0) {
        PyErr_Print();
    }
    if (set_file) {
        forget_main_file();
    }
    return ret;
}

int
PyRun_SimpleFileExFlags(FILE *fp, const char *filename, int closeit, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        PyErr_Print();
        return -1;
    }
    int res = _PyRun_SimpleFileObject(fp, name, closeit, flags);
    Py_DECREF(name);
    return res;
}

/* ---- the prompt ------------------------------------------------------------------------------ */

/* sys.ps1 or sys.ps2 as text: new reference, or NULL without an error ("" is used then). */
static PyObject *
prompt(PyObject *name)
{
    PyObject *value = _PySys_GetAttr(_PyThreadState_GET(), name);
    PyObject *text = value != NULL ? PyObject_Str(value) : NULL;
    if (text == NULL) {
        PyErr_Clear();
    }
    return text;
}

static const char *
prompt_utf8(PyObject *text)
{
    const char *utf8 = text != NULL ? PyUnicode_AsUTF8(text) : NULL;
    if (utf8 == NULL) {
        PyErr_Clear();
        return "";
    }
    return utf8;
}

/* sys.stdin.encoding as UTF-8 text in *holder, or NULL. */
static const char *
stdin_encoding(PyObject **holder)
{
    PyObject *in = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(stdin));
    *holder = NULL;
    if (in == NULL || in == Py_None) {
        return NULL;
    }
    *holder = PyObject_GetAttr(in, &_Py_ID(encoding));
    const char *encoding = NULL;
    if (*holder != NULL && PyUnicode_Check(*holder)) {
        encoding = PyUnicode_AsUTF8(*holder);
    }
    if (encoding == NULL) {
        PyErr_Clear();
    }
    return encoding;
}

#define E_EOF 11

/* Reads and runs one statement.  0; -1 with an exception set; E_EOF at the end of input. */
static int
interactive_one(FILE *fp, PyObject *filename, PyCompilerFlags *flags)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return -1;
    }
    PyObject *encoding_holder;
    const char *encoding = stdin_encoding(&encoding_holder);
    PyObject *ps1 = prompt(&_Py_ID(ps1));
    PyObject *ps2 = prompt(&_Py_ID(ps2));
    int errcode = 0;
    mod_ty mod = _PyParser_ASTFromFile(fp, filename, encoding, Py_single_input, prompt_utf8(ps1),
                                       prompt_utf8(ps2), flags, &errcode, arena);
    Py_XDECREF(ps1);
    Py_XDECREF(ps2);
    Py_XDECREF(encoding_holder);
    int ret = -1;
    if (mod == NULL) {
        if (errcode == E_EOF) {
            PyErr_Clear();
            ret = E_EOF;
        }
        else if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            PySys_WriteStderr("\n");    /* the cursor is behind the prompt */
        }
        goto done;
    }
    PyObject *module = PyImport_AddModule("__main__");
    if (module == NULL) {
        goto done;
    }
    Py_INCREF(module);
    PyObject *dict = PyModule_GetDict(module);
    PyObject *result = run_mod(tstate, mod, filename, dict, dict, flags, arena);
    Py_DECREF(module);
    if (result != NULL) {
        Py_DECREF(result);
        flush_io(tstate);
        ret = 0;
    }
done:
    _PyArena_Free(arena);
    return ret;
}

int
PyRun_InteractiveOneObject(FILE *fp, PyObject *filename, PyCompilerFlags *flags)
{
    int res = interactive_one(fp, filename, flags);
    if (res == -1) {
        PyErr_Print();
        flush_io(_PyThreadState_GET());
    }
    return res;
}

int
PyRun_InteractiveOneFlags(FILE *fp, const char *filename, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        PyErr_Print();
        return -1;
    }
    int res = PyRun_InteractiveOneObject(fp, name, flags);
    Py_DECREF(name);
    return res;
}

static int
set_default_prompt(PyObject *name, const char *text)
{
    if (_PySys_GetAttr(_PyThreadState_GET(), name) != NULL) {
        return 0;
    }
    PyObject *str = PyUnicode_FromString(text);
    int res = str != NULL ? _PySys_SetAttr(name, str) : -1;
    Py_XDECREF(str);
    return res;
}

int
_PyRun_InteractiveLoopObject(FILE *fp, PyObject *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local_flags = _PyCompilerFlags_INIT;
    if (flags == NULL) {
        flags = &local_flags;
    }
    if (set_default_prompt(&_Py_ID(ps1), ">>> ") < 0 ||
        set_default_prompt(&_Py_ID(ps2), "... ") < 0) {
        PyErr_Print();
    }
    int err = 0, memory_errors = 0, res;
    do {
        res = interactive_one(fp, filename, flags);
        if (res == -1) {
            /* No memory again and again: give up instead of looping. */
            if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
                if (++memory_errors > 16) {
                    PyErr_Clear();
                    err = -1;
                    break;
                }
            }
            else {
                memory_errors = 0;
            }
            PyErr_Print();
            flush_io(_PyThreadState_GET());
        }
        else {
            memory_errors = 0;
        }
    } while (res != E_EOF);
    return err;
}

int
PyRun_InteractiveLoopFlags(FILE *fp, const char *filename, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        PyErr_Print();
        return -1;
    }
    int res = _PyRun_InteractiveLoopObject(fp, name, flags);
    Py_DECREF(name);
    return res;
}

int
_PyRun_AnyFileObject(FILE *fp, PyObject *filename, int closeit, PyCompilerFlags *flags)
{
    PyObject *unknown = NULL;
    if (filename == NULL) {
        filename = unknown = PyUnicode_FromString("???");
        if (filename == NULL) {
            PyErr_Print();
            return -1;
        }
    }
    int res;
    if (_Py_FdIsInteractive(fp, filename)) {
        res = _PyRun_InteractiveLoopObject(fp, filename, flags);
        if (closeit) {
            fclose(fp);
        }
    }
    else {
        res = _PyRun_SimpleFileObject(fp, filename, closeit, flags);
    }
    Py_XDECREF(unknown);
    return res;
}

int
PyRun_AnyFileExFlags(FILE *fp, const char *filename, int closeit, PyCompilerFlags *flags)
{
    PyObject *name = NULL;
    if (filename != NULL) {
        name = PyUnicode_DecodeFSDefault(filename);
        if (name == NULL) {
            PyErr_Print();
            return -1;
        }
    }
    int res = _PyRun_AnyFileObject(fp, name, closeit, flags);
    Py_XDECREF(name);
    return res;
}

/* ---- compiling ------------------------------------------------------------------------------- */

/* A code object, or an AST with PyCF_ONLY_AST: new reference, or NULL with an error set. */
PyObject *
Py_CompileStringObject(const char *str, PyObject *filename, int start, PyCompilerFlags *flags,
                       int optimize)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    mod_ty mod = _PyParser_ASTFromString(str, filename, start, flags, arena);
    if (mod != NULL) {
        if (flags != NULL && (flags->cf_flags & PyCF_ONLY_AST)) {
            result = PyAST_mod2obj(mod);
        }
        else {
            result = (PyObject *)_PyAST_Compile(mod, filename, flags, optimize, arena);
        }
    }
    _PyArena_Free(arena);
    return result;
}

PyObject *
Py_CompileStringExFlags(const char *str, const char *filename, int start, PyCompilerFlags *flags,
                        int optimize)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        return NULL;
    }
    PyObject *result = Py_CompileStringObject(str, name, start, flags, optimize);
    Py_DECREF(name);
    return result;
}

/* The source as NUL-terminated text, borrowed from `cmd` or from *cmd_copy (a new reference the
 * caller drops); NULL with an error set. */
const char *
_Py_SourceAsString(PyObject *cmd, const char *funcname, const char *what, PyCompilerFlags *cf,
                   PyObject **cmd_copy)
{
    const char *str;
    Py_ssize_t size;
    *cmd_copy = NULL;
    if (PyUnicode_Check(cmd)) {
        cf->cf_flags |= PyCF_IGNORE_COOKIE;
        str = PyUnicode_AsUTF8AndSize(cmd, &size);
        if (str == NULL) {
            return NULL;
        }
    }
    else if (PyBytes_Check(cmd)) {
        str = PyBytes_AS_STRING(cmd);
        size = PyBytes_GET_SIZE(cmd);
    }
    else if (PyByteArray_Check(cmd) || PyObject_CheckBuffer(cmd)) {
        Py_buffer view;
        if (PyObject_GetBuffer(cmd, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        *cmd_copy = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (*cmd_copy == NULL) {
            return NULL;
        }
        str = PyBytes_AS_STRING(*cmd_copy);
        size = PyBytes_GET_SIZE(*cmd_copy);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() arg 1 must be a %s object", funcname, what);
        return NULL;
    }
    if (strlen(str) != (size_t)size) {
        PyErr_SetString(PyExc_SyntaxError, "source code string cannot contain null bytes");
        Py_CLEAR(*cmd_copy);
        return NULL;
    }
    return str;
}

/* ---- the exported functions that are macros for C code --------------------------------------- */

#undef PyRun_AnyFile
int
PyRun_AnyFile(FILE *fp, const char *name)
{
    return PyRun_AnyFileExFlags(fp, name, 0, NULL);
}

#undef PyRun_AnyFileEx
int
PyRun_AnyFileEx(FILE *fp, const char *name, int closeit)
{
    return PyRun_AnyFileExFlags(fp, name, closeit, NULL);
}

#undef PyRun_AnyFileFlags
int
PyRun_AnyFileFlags(FILE *fp, const char *name, PyCompilerFlags *flags)
{
    return PyRun_AnyFileExFlags(fp, name, 0, flags);
}

#undef PyRun_File
PyObject *
PyRun_File(FILE *fp, const char *p, int s, PyObject *g, PyObject *l)
{
    return PyRun_FileExFlags(fp, p, s, g, l, 0, NULL);
}

#undef PyRun_FileEx
PyObject *
PyRun_FileEx(FILE *fp, const char *p, int s, PyObject *g, PyObject *l, int c)
{
    return PyRun_FileExFlags(fp, p, s, g, l, c, NULL);
}

#undef PyRun_FileFlags
PyObject *
PyRun_FileFlags(FILE *fp, const char *p, int s, PyObject *g, PyObject *l, PyCompilerFlags *flags)
{
    return PyRun_FileExFlags(fp, p, s, g, l, 0, flags);
}

#undef PyRun_SimpleFile
int
PyRun_SimpleFile(FILE *f, const char *p)
{
    return PyRun_SimpleFileExFlags(f, p, 0, NULL);
}

#undef PyRun_SimpleFileEx
int
PyRun_SimpleFileEx(FILE *f, const char *p, int c)
{
    return PyRun_SimpleFileExFlags(f, p, c, NULL);
}

#undef PyRun_String
PyObject *
PyRun_String(const char *str, int s, PyObject *g, PyObject *l)
{
    return PyRun_StringFlags(str, s, g, l, NULL);
}

#undef PyRun_SimpleString
int
PyRun_SimpleString(const char *s)
{
    return PyRun_SimpleStringFlags(s, NULL);
}

#undef Py_CompileString
PyObject *
Py_CompileString(const char *str, const char *p, int s)
{
    return Py_CompileStringExFlags(str, p, s, NULL, -1);
}

#undef Py_CompileStringFlags
PyAPI_FUNC(PyObject *)
Py_CompileStringFlags(const char *str, const char *p, int s, PyCompilerFlags *flags)
{
    return Py_CompileStringExFlags(str, p, s, flags, -1);
}

#undef PyRun_InteractiveOne
int
PyRun_InteractiveOne(FILE *f, const char *p)
{
    return PyRun_InteractiveOneFlags(f, p, NULL);
}

#undef PyRun_InteractiveLoop
int
PyRun_InteractiveLoop(FILE *f, const char *p)
{
    return PyRun_InteractiveLoopFlags(f, p, NULL);
}
