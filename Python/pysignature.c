/* Helpers of the argument-parsing wrappers that Tools/signature/generate.py writes.

   The wrappers do the common case in line (all arguments by position, the right
   number of them) and come here when there are keywords, too many or too few
   arguments.  Everything about a function is in one const _PyArg_Signature.

   Invariants: `out` is filled completely before the first look at arguments, so a
   wrapper never sees a stale slot; on failure nothing in `out` is owned.
   Written from the C API reference (parsing arguments) and the messages that
   CPython 3.12 gives for wrong calls. */

#include "Python.h"
#include "pycore_signature.h"   // _PyArg_Signature


/* ------------------------------------------------------------ keyword names */

#ifdef Py_BUILD_CORE

static inline int
name_is(_PyArg_Name name, PyObject *key)
{
    return name == key;
}

/* `key` is a str; both are ASCII if they are equal. */
static inline int
name_equals(_PyArg_Name name, PyObject *key)
{
    return PyUnicode_GET_LENGTH(name) == PyUnicode_GET_LENGTH(key)
        && PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND
        && memcmp(PyUnicode_1BYTE_DATA(name), PyUnicode_1BYTE_DATA(key),
                  (size_t)PyUnicode_GET_LENGTH(key)) == 0;
}

static inline const char *
name_text(_PyArg_Name name)
{
    return (const char *)PyUnicode_1BYTE_DATA(name);
}

#else

static inline int
name_is(_PyArg_Name Py_UNUSED(name), PyObject *Py_UNUSED(key))
{
    return 0;
}

static inline int
name_equals(_PyArg_Name name, PyObject *key)
{
    return PyUnicode_CompareWithASCIIString(key, name) == 0;
}

static inline const char *
name_text(_PyArg_Name name)
{
    return name;
}

#endif

/* The index of the parameter that `key` names, or -1. */
static int
find_parameter(const _PyArg_Signature *sig, PyObject *key)
{
    const _PyArg_Name *names = sig->names;
    int count = sig->total - sig->positional_only;
    for (int i = 0; i < count; i++) {
        if (name_is(names[i], key)) {
            return sig->positional_only + i;
        }
    }
    for (int i = 0; i < count; i++) {
        if (name_equals(names[i], key)) {
            return sig->positional_only + i;
        }
    }
    return -1;
}


/* -------------------------------------------------------- walking keywords */

/* The keywords of one call in either form; `pos` is the place in the walk. */
typedef struct {
    PyObject *names;            // tuple or NULL
    PyObject *const *values;    // parallel to names
    PyObject *dict;             // or this one, or NULL
    Py_ssize_t pos;
} keyword_walk;

/* Step to the next keyword (borrowed); 0 at the end. */
static int
next_keyword(keyword_walk *walk, PyObject **key, PyObject **value)
{
    if (walk->names != NULL) {
        if (walk->pos >= PyTuple_GET_SIZE(walk->names)) {
            return 0;
        }
        *key = PyTuple_GET_ITEM(walk->names, walk->pos);
        *value = walk->values[walk->pos];
        walk->pos++;
        return 1;
    }
    return walk->dict != NULL && PyDict_Next(walk->dict, &walk->pos, key, value);
}


/* ------------------------------------------------------------------ errors */

static int
check_counts(const _PyArg_Signature *sig, Py_ssize_t nargs, Py_ssize_t nkeywords)
{
    if (sig->flags == 0 && nargs + nkeywords > sig->total) {
        PyErr_Format(PyExc_TypeError, "%.200s() takes at most %d %sargument%s (%zd given)",
                     sig->fname, (int)sig->total, nargs == 0 ? "keyword " : "",
                     sig->total == 1 ? "" : "s", nargs + nkeywords);
        return -1;
    }
    if (!(sig->flags & _PyArg_VARARG) && nargs > sig->positional) {
        if (sig->positional == 0) {
            PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", sig->fname);
        }
        else {
            PyErr_Format(PyExc_TypeError,
                         "%.200s() takes %s %d positional argument%s (%zd given)", sig->fname,
                         sig->min_positional < sig->positional ? "at most" : "exactly",
                         (int)sig->positional, sig->positional == 1 ? "" : "s", nargs);
        }
        return -1;
    }
    int need = Py_MIN(sig->min_positional, sig->positional_only);
    if (nargs < need) {
        int more = (sig->flags & _PyArg_VARARG) || need < sig->positional;
        PyErr_Format(PyExc_TypeError, "%.200s() takes %s %d positional argument%s (%zd given)",
                     sig->fname, more ? "at least" : "exactly", need, need == 1 ? "" : "s",
                     nargs);
        return -1;
    }
    return 0;
}

static int
check_required(const _PyArg_Signature *sig, PyObject **out)
{
    for (int i = 0; i < sig->total; i++) {
        if (out[i] == NULL && (sig->required >> i & 1)) {
            assert(i >= sig->positional_only);
            PyErr_Format(PyExc_TypeError, "%.200s() missing required argument '%s' (pos %d)",
                         sig->fname, name_text(sig->names[i - sig->positional_only]), i + 1);
            return -1;
        }
    }
    return 0;
}

/* Raise for the first keyword that found no parameter of its own. */
static void
report_keyword(const _PyArg_Signature *sig, Py_ssize_t nargs, keyword_walk walk)
{
    PyObject *key, *value;
    walk.pos = 0;
    while (next_keyword(&walk, &key, &value)) {
        int index = find_parameter(sig, key);
        if (index < 0) {
            PyErr_Format(PyExc_TypeError, "'%S' is an invalid keyword argument for %.200s()",
                         key, sig->fname);
            return;
        }
        if (index < nargs) {
            PyErr_Format(PyExc_TypeError,
                         "argument for %.200s() given by name ('%S') and position (%d)",
                         sig->fname, key, index + 1);
            return;
        }
    }
    Py_UNREACHABLE();
}


/* ------------------------------------------------------------------ unpack */

/* Put each keyword in its slot.  *strays counts those that have none: unknown
   names (collected in *rest if the signature has **kwargs) and parameters that were
   given by position. */
static int
place_keywords(const _PyArg_Signature *sig, Py_ssize_t nargs, keyword_walk walk,
               PyObject **out, PyObject **rest, Py_ssize_t *strays)
{
    PyObject *key, *value;
    while (next_keyword(&walk, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return -1;
        }
        int index = find_parameter(sig, key);
        if (index >= 0 && index >= nargs) {
            out[index] = value;
        }
        else if (index < 0 && (sig->flags & _PyArg_VARKW)) {
            if (*rest == NULL && (*rest = PyDict_New()) == NULL) {
                return -1;
            }
            if (PyDict_SetItem(*rest, key, value) < 0) {
                return -1;
            }
        }
        else {
            (*strays)++;
        }
    }
    return 0;
}

int
_PyArg_UnpackSignature(const _PyArg_Signature *sig, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames, PyObject *kwargs, PyObject **out)
{
    assert(kwnames == NULL || kwargs == NULL);
    assert(kwnames == NULL || PyTuple_CheckExact(kwnames));
    assert(kwargs == NULL || PyDict_Check(kwargs));
    assert(sig->positional_only <= sig->positional && sig->positional <= sig->total);
    assert(sig->min_positional <= sig->positional && sig->total <= 64);
    Py_ssize_t nkeywords = kwnames != NULL ? PyTuple_GET_SIZE(kwnames)
                         : kwargs != NULL ? PyDict_GET_SIZE(kwargs) : 0;
    int slots = sig->total;
    if (check_counts(sig, nargs, nkeywords) < 0) {
        return -1;
    }
    Py_ssize_t taken = Py_MIN(nargs, sig->positional);
    for (int i = 0; i < slots; i++) {
        out[i] = i < taken ? args[i] : NULL;
    }

    PyObject *tuple = NULL, *rest = NULL;
    if (nkeywords > 0) {
        keyword_walk walk = {kwnames, args + nargs, kwargs, 0};
        Py_ssize_t strays = 0;
        if (place_keywords(sig, taken, walk, out, &rest, &strays) < 0
            || check_required(sig, out) < 0) {
            goto error;
        }
        if (strays > 0) {
            report_keyword(sig, taken, walk);
            goto error;
        }
    }
    else if (check_required(sig, out) < 0) {
        return -1;
    }
    if (sig->flags & _PyArg_VARARG) {
        tuple = _PyArg_TupleFromArray(args + taken, nargs - taken);
        if (tuple == NULL) {
            goto error;
        }
        out[slots++] = tuple;
    }
    if (sig->flags & _PyArg_VARKW) {
        out[slots] = rest;
    }
    return 0;

error:
    Py_XDECREF(rest);
    return -1;
}

PyObject *
_PyArg_TupleFromArray(PyObject *const *array, Py_ssize_t n)
{
    assert(n >= 0);
    PyObject *tuple = PyTuple_New(n);
    if (tuple != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(array[i]));
        }
    }
    return tuple;
}


/* ------------------------------------------- constructors without keywords */

/* Whether `type` uses tp_new `own` together with the tp_init that belongs to it: that
   of the topmost type in its line of bases that has this tp_new. */
static int
new_has_own_init(PyTypeObject *type, newfunc own)
{
    PyTypeObject *top = type;
    for (PyTypeObject *base = type; base != NULL; base = base->tp_base) {
        if (base->tp_new == own) {
            top = base;
        }
    }
    return type->tp_init == top->tp_init;
}

static int
init_has_own_new(PyTypeObject *type, initproc own)
{
    PyTypeObject *top = type;
    for (PyTypeObject *base = type; base != NULL; base = base->tp_base) {
        if (base->tp_init == own) {
            top = base;
        }
    }
    return type->tp_new == top->tp_new;
}

int
_PyArg_NewNoKeywords(PyTypeObject *type, newfunc own, const char *fname, PyObject *kwargs)
{
    return !new_has_own_init(type, own) || _PyArg_NoKeywords(fname, kwargs);
}

int
_PyArg_InitNoKeywords(PyTypeObject *type, initproc own, const char *fname, PyObject *kwargs)
{
    return !init_has_own_new(type, own) || _PyArg_NoKeywords(fname, kwargs);
}

int
_PyArg_NewNoArguments(PyTypeObject *type, newfunc own, const char *fname, PyObject *args,
                      PyObject *kwargs)
{
    return !new_has_own_init(type, own)
        || (_PyArg_NoPositional(fname, args) && _PyArg_NoKeywords(fname, kwargs));
}

int
_PyArg_InitNoArguments(PyTypeObject *type, initproc own, const char *fname, PyObject *args,
                       PyObject *kwargs)
{
    return !init_has_own_new(type, own)
        || (_PyArg_NoPositional(fname, args) && _PyArg_NoKeywords(fname, kwargs));
}


/* -------------------------------------------------------------- converters */

int
_PyArg_AsSsize(PyObject *arg, Py_ssize_t *value)
{
    Py_ssize_t result = -1;
    if (PyLong_CheckExact(arg)) {
        result = PyLong_AsSsize_t(arg);
    }
    else {
        PyObject *index = PyNumber_Index(arg);
        if (index != NULL) {
            result = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
    }
    *value = result;
    return !(result == -1 && PyErr_Occurred());
}

int
_PyArg_AsBufferOrUTF8(PyObject *arg, Py_buffer *view)
{
    if (!PyUnicode_Check(arg)) {
        return PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) == 0;
    }
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(arg, &length);
    return text != NULL
        && PyBuffer_FillInfo(view, arg, (void *)text, length, 1, PyBUF_SIMPLE) == 0;
}

const char *
_PyArg_AsUTF8NoNull(PyObject *str)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(str, &length);
    if (text != NULL && strlen(text) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}
