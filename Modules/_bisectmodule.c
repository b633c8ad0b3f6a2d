/* The module _bisect: binary search in sorted sequences, and insertion.
 *
 * Written from the library reference (bisect) and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"

#include <stdbool.h>

/* An upper bound: None, or -1, is the length of the sequence. */
static int
convert_hi(PyObject *arg, void *result)
{
    Py_ssize_t *hi = result;
    if (arg == Py_None) {
        *hi = -1;
        return 1;
    }
    if (!PyIndex_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                     Py_TYPE(arg)->tp_name);
        return 0;
    }
    *hi = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    return *hi != -1 || !PyErr_Occurred();
}

#include "sig/_bisectmodule.sig.h"

/* Does x come on the left side of the item?  1, 0, or -1 with an exception. */
static int
goes_left(PyObject *item, PyObject *x, PyObject *key, bool left)
{
    PyObject *value = key == Py_None ? Py_NewRef(item) : PyObject_CallOneArg(key, item);
    if (value == NULL) {
        return -1;
    }
    /* bisect_left: not item < x; bisect_right: x < item */
    int result = left ? PyObject_RichCompareBool(value, x, Py_LT)
                      : PyObject_RichCompareBool(x, value, Py_LT);
    Py_DECREF(value);
    return result < 0 ? -1 : left ? !result : result;
}

/* Where x belongs in a[lo:hi]; -1 with an exception. */
static Py_ssize_t
bisect(PyObject *a, PyObject *x, Py_ssize_t lo, Py_ssize_t hi, PyObject *key, bool left)
{
    if (lo < 0) {
        PyErr_SetString(PyExc_ValueError, "lo must be non-negative");
        return -1;
    }
    if (hi == -1) {
        hi = PySequence_Size(a);
        if (hi < 0) {
            return -1;
        }
    }
    while (lo < hi) {
        Py_ssize_t mid = lo + (hi - lo) / 2;
        PyObject *item = PySequence_GetItem(a, mid);
        if (item == NULL) {
            return -1;
        }
        int goes = goes_left(item, x, key, left);
        Py_DECREF(item);
        if (goes < 0) {
            return -1;
        }
        if (goes) {
            hi = mid;
        }
        else {
            lo = mid + 1;
        }
    }
    return lo;
}

/* Insert x where it belongs; 0, or -1 with an exception. */
static int
insort(PyObject *a, PyObject *x, Py_ssize_t lo, Py_ssize_t hi, PyObject *key, bool left)
{
    PyObject *value = key == Py_None ? Py_NewRef(x) : PyObject_CallOneArg(key, x);
    if (value == NULL) {
        return -1;
    }
    Py_ssize_t index = bisect(a, value, lo, hi, key, left);
    Py_DECREF(value);
    if (index < 0) {
        return -1;
    }
    if (PyList_CheckExact(a)) {
        return PyList_Insert(a, index, x);
    }
    PyObject *result = _PyObject_CallMethod(a, &_Py_ID(insert), "nO", index, x);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/*sig _bisect.bisect_right(module, a, x, lo: ssize = 0,
                          hi: conv[convert_hi, Py_ssize_t] = c"-1" py"None", *, key=None) -> ssize

Return the index where to insert item x in list a, assuming a is sorted.

The return value i is such that all e in a[:i] have e <= x, and all e in
a[i:] have e > x.  So if x already appears in the list, a.insert(i, x) will
insert just after the rightmost x already there.

Optional args lo (default 0) and hi (default len(a)) bound the
slice of a to be searched.

A custom key function can be supplied to customize the sort order.
*/
static Py_ssize_t
_bisect_bisect_right_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *x, Py_ssize_t lo,
                          Py_ssize_t hi, PyObject *key)
{
    return bisect(a, x, lo, hi, key, false);
}

/*sig _bisect.insort_right(module, a, x, lo: ssize = 0,
                          hi: conv[convert_hi, Py_ssize_t] = c"-1" py"None", *, key=None) -> None

Insert item x in list a, and keep it sorted assuming a is sorted.

If x is already in a, insert it to the right of the rightmost x.

Optional args lo (default 0) and hi (default len(a)) bound the
slice of a to be searched.

A custom key function can be supplied to customize the sort order.
*/
static int
_bisect_insort_right_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *x, Py_ssize_t lo,
                          Py_ssize_t hi, PyObject *key)
{
    return insort(a, x, lo, hi, key, false);
}

/*sig _bisect.bisect_left(module, a, x, lo: ssize = 0,
                          hi: conv[convert_hi, Py_ssize_t] = c"-1" py"None", *, key=None) -> ssize

Return the index where to insert item x in list a, assuming a is sorted.

The return value i is such that all e in a[:i] have e < x, and all e in
a[i:] have e >= x.  So if x already appears in the list, a.insert(i, x) will
insert just before the leftmost x already there.

Optional args lo (default 0) and hi (default len(a)) bound the
slice of a to be searched.

A custom key function can be supplied to customize the sort order.
*/
static Py_ssize_t
_bisect_bisect_left_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *x, Py_ssize_t lo,
                         Py_ssize_t hi, PyObject *key)
{
    return bisect(a, x, lo, hi, key, true);
}

/*sig _bisect.insort_left(module, a, x, lo: ssize = 0,
                          hi: conv[convert_hi, Py_ssize_t] = c"-1" py"None", *, key=None) -> None

Insert item x in list a, and keep it sorted assuming a is sorted.

If x is already in a, insert it to the left of the leftmost x.

Optional args lo (default 0) and hi (default len(a)) bound the
slice of a to be searched.

A custom key function can be supplied to customize the sort order.
*/
static int
_bisect_insort_left_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *x, Py_ssize_t lo,
                         Py_ssize_t hi, PyObject *key)
{
    return insort(a, x, lo, hi, key, true);
}

static PyMethodDef bisect_functions[] = {
    _BISECT_BISECT_RIGHT_METHODDEF
    _BISECT_INSORT_RIGHT_METHODDEF
    _BISECT_BISECT_LEFT_METHODDEF
    _BISECT_INSORT_LEFT_METHODDEF
    {NULL}
};

static PyModuleDef_Slot bisect_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(bisect_doc,
"Bisection algorithms.\n"
"\n"
"This module provides support for maintaining a list in sorted order without\n"
"having to sort the list after each insertion. For long lists of items with\n"
"expensive comparison operations, this can be an improvement over the more\n"
"common approach.\n");

static _Py_SHARED struct PyModuleDef bisect_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_bisect",
    .m_doc = bisect_doc,
    .m_methods = bisect_functions,
    .m_slots = bisect_slots,
};

PyMODINIT_FUNC
PyInit__bisect(void)
{
    return PyModuleDef_Init(&bisect_module);
}
