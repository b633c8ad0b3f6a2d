/* print() and input().
 *
 * Written from the library reference (Built-in Functions) and observed behaviour. */

#include "Python.h"
#include "pycore_bltin.h"       // prototypes
#include "pycore_errors.h"      // _PyErr_*
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()

/* ---- print --------------------------------------------------------------- */

const char _PyBuiltin_Print__doc__[] =
"print($module, /, *args, sep=\' \', end=\'\\n\', file=None, flush=False)\n"
"--\n\n"
"Prints the values to a stream, or to sys.stdout by default.\n\n"
"  sep\n"
"    string inserted between values, default a space.\n"
"  end\n"
"    string appended after the last value, default a newline.\n"
"  file\n"
"    a file-like object (stream); defaults to the current sys.stdout.\n"
"  flush\n"
"    whether to forcibly flush the stream.";

struct print_options {
    PyObject *sep, *end, *file;     /* borrowed; NULL: the default */
    int flush;
};

static int
print_keywords(PyObject *const *values, PyObject *kwnames, struct print_options *opt)
{
    Py_ssize_t n = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *kw = PyTuple_GET_ITEM(kwnames, i);
        if (_PyUnicode_EqualToASCIIString(kw, "sep")) {
            opt->sep = values[i];
        }
        else if (_PyUnicode_EqualToASCIIString(kw, "end")) {
            opt->end = values[i];
        }
        else if (_PyUnicode_EqualToASCIIString(kw, "file")) {
            opt->file = values[i];
        }
        else if (_PyUnicode_EqualToASCIIString(kw, "flush")) {
            opt->flush = PyObject_IsTrue(values[i]);
            if (opt->flush < 0) {
                return -1;
            }
        }
        else {
            PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for print()", kw);
            return -1;
        }
    }
    return 0;
}

static int
check_separator(PyObject **value, const char *name)
{
    if (*value == Py_None) {
        *value = NULL;
    }
    if (*value != NULL && !PyUnicode_Check(*value)) {
        PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s",
                     name, Py_TYPE(*value)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *
_PyBuiltin_Print(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
                 PyObject *kwnames)
{
    struct print_options opt = {NULL, NULL, NULL, 0};
    if (print_keywords(args + nargs, kwnames, &opt) < 0) {
        return NULL;
    }
    PyObject *file = opt.file;
    if (file == NULL || Py_IsNone(file)) {
        file = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(stdout));
        if (file == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
            return NULL;
        }
        if (Py_IsNone(file)) {      /* no console */
            Py_RETURN_NONE;
        }
    }
    if (check_separator(&opt.sep, "sep") < 0 || check_separator(&opt.end, "end") < 0) {
        return NULL;
    }
    Py_INCREF(file);                /* a write may replace sys.stdout */
    int err = 0;
    for (Py_ssize_t i = 0; err == 0 && i < nargs; i++) {
        if (i > 0) {
            err = opt.sep == NULL ? PyFile_WriteString(" ", file)
                                  : PyFile_WriteObject(opt.sep, file, Py_PRINT_RAW);
        }
        if (err == 0) {
            err = PyFile_WriteObject(args[i], file, Py_PRINT_RAW);
        }
    }
    if (err == 0) {
        err = opt.end == NULL ? PyFile_WriteString("\n", file)
                              : PyFile_WriteObject(opt.end, file, Py_PRINT_RAW);
    }
    if (err == 0 && opt.flush) {
        PyObject *res = PyObject_CallMethodNoArgs(file, &_Py_ID(flush));
        err = res == NULL ? -1 : 0;
        Py_XDECREF(res);
    }
    Py_DECREF(file);
    if (err != 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- input --------------------------------------------------------------- */

const char _PyBuiltin_Input__doc__[] =
"input($module, prompt=\'\', /)\n"
"--\n\n"
"Read a string from standard input.  The trailing newline is stripped.\n\n"
"The prompt string, if given, is printed to standard output without a\n"
"trailing newline before reading input.\n\n"
"If the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.\n"
"On *nix systems, readline is used if available.";

/* A stream of sys, new reference; NULL with RuntimeError. */
static PyObject *
get_stream(const char *name)
{
    PyObject *f = PySys_GetObject(name);
    if (f == NULL || Py_IsNone(f)) {
        PyErr_Format(PyExc_RuntimeError, "input(): lost sys.%s", name);
        return NULL;
    }
    return Py_NewRef(f);
}

/* f is a terminal and the descriptor it should be.  1, 0, or -1 with an exception that the
 * caller may ignore. */
static int
is_terminal(PyObject *f, FILE *standard)
{
    PyObject *number = PyObject_CallMethodNoArgs(f, &_Py_ID(fileno));
    if (number == NULL) {
        return -1;
    }
    long fd = PyLong_AsLong(number);
    Py_DECREF(number);
    if (fd == -1 && PyErr_Occurred()) {
        return -1;
    }
    return fd == fileno(standard) && isatty((int)fd);
}

static int
flush_stream(PyObject *f)
{
    PyObject *res = PyObject_CallMethodNoArgs(f, &_Py_ID(flush));
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

/* The attributes `encoding` and `errors` of a stream as C strings, owned by the two objects. */
static int
stream_encoding(PyObject *f, PyObject **enc, PyObject **err)
{
    *enc = PyObject_GetAttr(f, &_Py_ID(encoding));
    *err = *enc == NULL ? NULL : PyObject_GetAttr(f, &_Py_ID(errors));
    return *err != NULL && PyUnicode_Check(*enc) && PyUnicode_Check(*err) ? 0 : -1;
}

/* A line from the terminal by readline (or what stands for it); NULL without an exception if
 * the streams do not say what their encodings are. */
static PyObject *
terminal_input(PyObject *fin, PyObject *fout, PyObject *prompt, int *done)
{
    PyObject *in_enc = NULL, *in_err = NULL, *out_enc = NULL, *out_err = NULL;
    PyObject *bytes = NULL, *result = NULL;
    char *line = NULL;
    *done = 0;
    if (stream_encoding(fin, &in_enc, &in_err) < 0) {
        PyErr_Clear();
        goto out;
    }
    if (flush_stream(fout) < 0) {
        PyErr_Clear();
    }
    if (prompt != NULL) {
        if (stream_encoding(fout, &out_enc, &out_err) < 0) {
            PyErr_Clear();
            goto out;
        }
        PyObject *str = PyObject_Str(prompt);
        *done = 1;
        if (str == NULL) {
            goto out;
        }
        bytes = PyUnicode_AsEncodedString(str, PyUnicode_AsUTF8(out_enc),
                                          PyUnicode_AsUTF8(out_err));
        Py_DECREF(str);
        if (bytes == NULL) {
            goto out;
        }
        if (strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
            PyErr_SetString(PyExc_ValueError,
                            "input: prompt string cannot contain null characters");
            goto out;
        }
    }
    *done = 1;
    line = PyOS_Readline(stdin, stdout, bytes == NULL ? "" : PyBytes_AS_STRING(bytes));
    if (line == NULL) {
        PyErr_CheckSignals();
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
        goto out;
    }
    size_t len = strlen(line);
    if (len == 0) {
        PyErr_SetNone(PyExc_EOFError);
        goto out;
    }
    if (len > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "input: input too long");
        goto out;
    }
    len--;                          /* the newline */
    if (len != 0 && line[len - 1] == '\r') {
        len--;
    }
    result = PyUnicode_Decode(line, (Py_ssize_t)len, PyUnicode_AsUTF8(in_enc),
                              PyUnicode_AsUTF8(in_err));
out:
    Py_XDECREF(in_enc);
    Py_XDECREF(in_err);
    Py_XDECREF(out_enc);
    Py_XDECREF(out_err);
    Py_XDECREF(bytes);
    PyMem_Free(line);
    return result;
}

PyObject *
_PyBuiltin_Input(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("input", nargs, 0, 1)) {
        return NULL;
    }
    PyObject *prompt = nargs > 0 ? args[0] : NULL;
    PyObject *fin = get_stream("stdin");
    PyObject *fout = fin == NULL ? NULL : get_stream("stdout");
    PyObject *ferr = fout == NULL ? NULL : get_stream("stderr");
    PyObject *result = NULL;
    if (ferr == NULL) {
        goto done;
    }
    if (PySys_Audit("builtins.input", "O", prompt ? prompt : Py_None) < 0) {
        goto done;
    }
    if (flush_stream(ferr) < 0) {
        PyErr_Clear();
    }
    int tty = is_terminal(fin, stdin);
    if (tty > 0) {
        tty = is_terminal(fout, stdout);
    }
    if (tty < 0) {
        PyErr_Clear();
    }
    if (tty > 0) {
        int finished;
        result = terminal_input(fin, fout, prompt, &finished);
        if (finished) {
            goto result_ready;
        }
    }
    if (prompt != NULL && PyFile_WriteObject(prompt, fout, Py_PRINT_RAW) != 0) {
        goto done;
    }
    if (flush_stream(fout) < 0) {
        PyErr_Clear();
    }
    result = PyFile_GetLine(fin, -1);
result_ready:
    if (result != NULL && PySys_Audit("builtins.input/result", "O", result) < 0) {
        Py_CLEAR(result);
    }
done:
    Py_XDECREF(fin);
    Py_XDECREF(fout);
    Py_XDECREF(ferr);
    return result;
}
