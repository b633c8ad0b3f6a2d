/* The sequence and mapping protocols.
 *
 * Negative indexes are made positive here, once, for types with sq_length; slots see them as
 * they are otherwise.  Slices of sequences go through mp_subscript with a slice object.
 * Written from the C API reference (sequence, mapping protocol) and the messages of
 * CPython 3.12. */

#include "Python.h"
#include "pycore_abstract.h"    // _PyAbstract_NullError()
#include "pycore_call.h"        // PyObject_CallMethodNoArgs()
#include "pycore_errors.h"      // _PyErr_ExceptionMatches()
#include "pycore_strings.h"     // _Py_ID()

#define TYPE_NAME(O) (Py_TYPE(O)->tp_name)

static inline int
null_error(void)
{
    _PyAbstract_NullError();
    return -1;
}

/* "X is not a sequence" for mappings, `format` (with %.200s for the type) for the others. */
static void
sequence_error(PyObject *s, int is_mapping, const char *format)
{
    PyErr_Format(PyExc_TypeError, is_mapping ? "%.200s is not a sequence" : format, TYPE_NAME(s));
}


/* -------------------------------------------------------------------- sequences */

int
PySequence_Check(PyObject *s)
{
    if (PyDict_Check(s)) {
        return 0;
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    return seq != NULL && seq->sq_item != NULL;
}

Py_ssize_t
PySequence_Size(PyObject *s)
{
    if (s == NULL) {
        return null_error();
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (seq != NULL && seq->sq_length != NULL) {
        Py_ssize_t len = seq->sq_length(s);
        assert((len < 0) == (PyErr_Occurred() != NULL));
        return len;
    }
    PyMappingMethods *map = Py_TYPE(s)->tp_as_mapping;
    sequence_error(s, map != NULL && map->mp_length != NULL,
                   "object of type '%.200s' has no len()");
    return -1;
}

#undef PySequence_Length
Py_ssize_t
PySequence_Length(PyObject *s)
{
    return PySequence_Size(s);
}

/* Classes in Python fill nb_add only, which counts for two sequences.  Py_NotImplemented if
   that does not apply. */
static PyObject *
concat_as_numbers(PyObject *s, PyObject *o, int inplace)
{
    if (PySequence_Check(s) && PySequence_Check(o)) {
        return _PyNumber_TryAdd(s, o, inplace);
    }
    return Py_NewRef(Py_NotImplemented);
}

PyObject *
PySequence_Concat(PyObject *s, PyObject *o)
{
    if (s == NULL || o == NULL) {
        return _PyAbstract_NullError();
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (seq != NULL && seq->sq_concat != NULL) {
        return seq->sq_concat(s, o);
    }
    PyObject *result = concat_as_numbers(s, o, 0);
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PyErr_Format(PyExc_TypeError, "'%.200s' object can't be concatenated", TYPE_NAME(s));
    return NULL;
}

/* The same for s * count. */
static PyObject *
repeat_as_number(PyObject *o, Py_ssize_t count, int inplace)
{
    if (!PySequence_Check(o)) {
        return Py_NewRef(Py_NotImplemented);
    }
    PyObject *n = PyLong_FromSsize_t(count);
    if (n == NULL) {
        return NULL;
    }
    PyObject *result = _PyNumber_TryMultiply(o, n, inplace);
    Py_DECREF(n);
    return result;
}

PyObject *
PySequence_Repeat(PyObject *o, Py_ssize_t count)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL && seq->sq_repeat != NULL) {
        return seq->sq_repeat(o, count);
    }
    PyObject *result = repeat_as_number(o, count, 0);
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PyErr_Format(PyExc_TypeError, "'%.200s' object can't be repeated", TYPE_NAME(o));
    return NULL;
}

PyObject *
PySequence_InPlaceConcat(PyObject *s, PyObject *o)
{
    if (s == NULL || o == NULL) {
        return _PyAbstract_NullError();
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (seq != NULL && seq->sq_inplace_concat != NULL) {
        return seq->sq_inplace_concat(s, o);
    }
    if (seq != NULL && seq->sq_concat != NULL) {
        return seq->sq_concat(s, o);
    }
    PyObject *result = concat_as_numbers(s, o, 1);
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PyErr_Format(PyExc_TypeError, "'%.200s' object can't be concatenated", TYPE_NAME(s));
    return NULL;
}

PyObject *
PySequence_InPlaceRepeat(PyObject *o, Py_ssize_t count)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL && seq->sq_inplace_repeat != NULL) {
        return seq->sq_inplace_repeat(o, count);
    }
    if (seq != NULL && seq->sq_repeat != NULL) {
        return seq->sq_repeat(o, count);
    }
    PyObject *result = repeat_as_number(o, count, 1);
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PyErr_Format(PyExc_TypeError, "'%.200s' object can't be repeated", TYPE_NAME(o));
    return NULL;
}

/* Adds the length to a negative index: 0, or -1 with an exception. */
static int
adjust_index(PyObject *s, Py_ssize_t *i)
{
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (*i < 0 && seq->sq_length != NULL) {
        Py_ssize_t length = seq->sq_length(s);
        if (length < 0) {
            assert(PyErr_Occurred());
            return -1;
        }
        *i += length;
    }
    return 0;
}

PyObject *
PySequence_GetItem(PyObject *s, Py_ssize_t i)
{
    if (s == NULL) {
        return _PyAbstract_NullError();
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (seq != NULL && seq->sq_item != NULL) {
        if (adjust_index(s, &i) < 0) {
            return NULL;
        }
        PyObject *item = seq->sq_item(s, i);
        assert((item == NULL) == (PyErr_Occurred() != NULL));
        return item;
    }
    PyMappingMethods *map = Py_TYPE(s)->tp_as_mapping;
    sequence_error(s, map != NULL && map->mp_subscript != NULL,
                   "'%.200s' object does not support indexing");
    return NULL;
}

static int
assign_item(PyObject *s, Py_ssize_t i, PyObject *value)
{
    if (s == NULL) {
        return null_error();
    }
    PySequenceMethods *seq = Py_TYPE(s)->tp_as_sequence;
    if (seq != NULL && seq->sq_ass_item != NULL) {
        if (adjust_index(s, &i) < 0) {
            return -1;
        }
        int res = seq->sq_ass_item(s, i, value);
        assert((res < 0) == (PyErr_Occurred() != NULL));
        return res;
    }
    PyMappingMethods *map = Py_TYPE(s)->tp_as_mapping;
    sequence_error(s, map != NULL && map->mp_ass_subscript != NULL,
                   value != NULL ? "'%.200s' object does not support item assignment"
                                 : "'%.200s' object doesn't support item deletion");
    return -1;
}

int
PySequence_SetItem(PyObject *s, Py_ssize_t i, PyObject *o)
{
    return assign_item(s, i, o);
}

int
PySequence_DelItem(PyObject *s, Py_ssize_t i)
{
    return assign_item(s, i, NULL);
}

/* slice(i1, i2): new reference or NULL. */
static PyObject *
make_slice(Py_ssize_t i1, Py_ssize_t i2)
{
    PyObject *start = PyLong_FromSsize_t(i1);
    PyObject *stop = start == NULL ? NULL : PyLong_FromSsize_t(i2);
    PyObject *slice = stop == NULL ? NULL : PySlice_New(start, stop, NULL);
    Py_XDECREF(start);
    Py_XDECREF(stop);
    return slice;
}

PyObject *
PySequence_GetSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2)
{
    if (s == NULL) {
        return _PyAbstract_NullError();
    }
    PyMappingMethods *map = Py_TYPE(s)->tp_as_mapping;
    if (map == NULL || map->mp_subscript == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is unsliceable", TYPE_NAME(s));
        return NULL;
    }
    PyObject *slice = make_slice(i1, i2);
    if (slice == NULL) {
        return NULL;
    }
    PyObject *result = map->mp_subscript(s, slice);
    Py_DECREF(slice);
    return result;
}

static int
assign_slice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2, PyObject *value)
{
    if (s == NULL) {
        return null_error();
    }
    PyMappingMethods *map = Py_TYPE(s)->tp_as_mapping;
    if (map == NULL || map->mp_ass_subscript == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object doesn't support slice %s", TYPE_NAME(s),
                     value != NULL ? "assignment" : "deletion");
        return -1;
    }
    PyObject *slice = make_slice(i1, i2);
    if (slice == NULL) {
        return -1;
    }
    int res = map->mp_ass_subscript(s, slice, value);
    Py_DECREF(slice);
    return res;
}

int
PySequence_SetSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2, PyObject *o)
{
    return assign_slice(s, i1, i2, o);
}

int
PySequence_DelSlice(PyObject *s, Py_ssize_t i1, Py_ssize_t i2)
{
    return assign_slice(s, i1, i2, NULL);
}

PyObject *
PySequence_List(PyObject *v)
{
    if (v == NULL) {
        return _PyAbstract_NullError();
    }
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    PyObject *none = _PyList_Extend((PyListObject *)result, v);
    if (none == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    Py_DECREF(none);
    return result;
}

PyObject *
PySequence_Tuple(PyObject *v)
{
    if (v == NULL) {
        return _PyAbstract_NullError();
    }
    if (PyTuple_CheckExact(v)) {
        return Py_NewRef(v);
    }
    if (PyList_CheckExact(v)) {
        return PyList_AsTuple(v);
    }
    /* By way of a list: a tuple that grows could be seen half filled through gc.get_objects(). */
    PyObject *list = PySequence_List(v);
    if (list == NULL) {
        return NULL;
    }
    PyObject *result = PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
}

/* v itself if it is a list or tuple, else a list; `m` is the message if it is not iterable. */
PyObject *
PySequence_Fast(PyObject *v, const char *m)
{
    if (v == NULL) {
        return _PyAbstract_NullError();
    }
    if (PyList_CheckExact(v) || PyTuple_CheckExact(v)) {
        return Py_NewRef(v);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *it = PyObject_GetIter(v);
    if (it == NULL) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError)) {
            _PyErr_SetString(tstate, PyExc_TypeError, m);
        }
        return NULL;
    }
    PyObject *list = PySequence_List(it);
    Py_DECREF(it);
    return list;
}


/* ------------------------------------------------------------------------ search */

/* Counts, finds or tests for obj by iterating: the number, the index, 0 or 1; -1 with an
   exception. */
Py_ssize_t
_PySequence_IterSearch(PyObject *seq, PyObject *obj, int operation)
{
    if (seq == NULL || obj == NULL) {
        return null_error();
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *it = PyObject_GetIter(seq);
    if (it == NULL) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError)) {
            _PyErr_Format(tstate, PyExc_TypeError, "argument of type '%.200s' is not iterable",
                          TYPE_NAME(seq));
        }
        return -1;
    }
    Py_ssize_t n = 0;           /* matches, or the index of the item */
    Py_ssize_t result = -1;
    for (;;) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            if (_PyErr_Occurred(tstate)) {
                break;
            }
            if (operation == PY_ITERSEARCH_INDEX) {
                _PyErr_SetString(tstate, PyExc_ValueError,
                                 "sequence.index(x): x not in sequence");
                break;
            }
            result = n;
            break;
        }
        int equal = PyObject_RichCompareBool(item, obj, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            break;
        }
        if (equal && operation != PY_ITERSEARCH_COUNT) {
            result = operation == PY_ITERSEARCH_INDEX ? n : 1;
            break;
        }
        if (equal || operation == PY_ITERSEARCH_INDEX) {
            if (n == PY_SSIZE_T_MAX) {
                _PyErr_SetString(tstate, PyExc_OverflowError,
                                 operation == PY_ITERSEARCH_COUNT
                                 ? "count exceeds C integer size" : "index exceeds C integer size");
                break;
            }
            n++;
        }
    }
    Py_DECREF(it);
    return result;
}

Py_ssize_t
PySequence_Count(PyObject *s, PyObject *o)
{
    return _PySequence_IterSearch(s, o, PY_ITERSEARCH_COUNT);
}

Py_ssize_t
PySequence_Index(PyObject *s, PyObject *o)
{
    return _PySequence_IterSearch(s, o, PY_ITERSEARCH_INDEX);
}

int
PySequence_Contains(PyObject *seq, PyObject *ob)
{
    PySequenceMethods *methods = Py_TYPE(seq)->tp_as_sequence;
    if (methods != NULL && methods->sq_contains != NULL) {
        int res = methods->sq_contains(seq, ob);
        assert((res < 0) == (PyErr_Occurred() != NULL));
        return res;
    }
    return (int)_PySequence_IterSearch(seq, ob, PY_ITERSEARCH_CONTAINS);
}

#undef PySequence_In
int
PySequence_In(PyObject *w, PyObject *v)
{
    return PySequence_Contains(w, v);
}


/* ---------------------------------------------------------------------- mappings */

int
PyMapping_Check(PyObject *o)
{
    PyMappingMethods *map = o == NULL ? NULL : Py_TYPE(o)->tp_as_mapping;
    return map != NULL && map->mp_subscript != NULL;
}

Py_ssize_t
PyMapping_Size(PyObject *o)
{
    if (o == NULL) {
        return null_error();
    }
    PyMappingMethods *map = Py_TYPE(o)->tp_as_mapping;
    if (map != NULL && map->mp_length != NULL) {
        Py_ssize_t len = map->mp_length(o);
        assert((len < 0) == (PyErr_Occurred() != NULL));
        return len;
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL && seq->sq_length != NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s is not a mapping", TYPE_NAME(o));
    }
    else {
        PyErr_Format(PyExc_TypeError, "object of type '%.200s' has no len()", TYPE_NAME(o));
    }
    return -1;
}

#undef PyMapping_Length
Py_ssize_t
PyMapping_Length(PyObject *o)
{
    return PyMapping_Size(o);
}

PyObject *
PyMapping_GetItemString(PyObject *o, const char *key)
{
    if (key == NULL) {
        return _PyAbstract_NullError();
    }
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetItem(o, name);
    Py_DECREF(name);
    return result;
}

int
PyMapping_SetItemString(PyObject *o, const char *key, PyObject *value)
{
    if (key == NULL) {
        return null_error();
    }
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return -1;
    }
    int res = PyObject_SetItem(o, name, value);
    Py_DECREF(name);
    return res;
}

/* These two cannot report errors: any counts as "no". */
int
PyMapping_HasKeyString(PyObject *o, const char *key)
{
    PyObject *value = PyMapping_GetItemString(o, key);
    if (value == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(value);
    return 1;
}

int
PyMapping_HasKey(PyObject *o, PyObject *key)
{
    PyObject *value = PyObject_GetItem(o, key);
    if (value == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(value);
    return 1;
}

/* The list of what o.<method>() yields. */
static PyObject *
method_output_as_list(PyObject *o, PyObject *method)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *output = PyObject_CallMethodNoArgs(o, method);
    if (output == NULL || PyList_CheckExact(output)) {
        return output;
    }
    PyObject *it = PyObject_GetIter(output);
    PyObject *result = NULL;
    if (it != NULL) {
        result = PySequence_List(it);
        Py_DECREF(it);
    }
    else if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError)) {
        _PyErr_Format(tstate, PyExc_TypeError, "%.200s.%U() returned a non-iterable (type %.200s)",
                      TYPE_NAME(o), method, TYPE_NAME(output));
    }
    Py_DECREF(output);
    return result;
}

PyObject *
PyMapping_Keys(PyObject *o)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    return PyDict_CheckExact(o) ? PyDict_Keys(o) : method_output_as_list(o, &_Py_ID(keys));
}

PyObject *
PyMapping_Items(PyObject *o)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    return PyDict_CheckExact(o) ? PyDict_Items(o) : method_output_as_list(o, &_Py_ID(items));
}

PyObject *
PyMapping_Values(PyObject *o)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    return PyDict_CheckExact(o) ? PyDict_Values(o) : method_output_as_list(o, &_Py_ID(values));
}
