/* The module _heapq: heaps in lists.
 *
 * A comparison may run any code, even code that changes the list: items are held by references of
 * their own while they are compared, and a list that changed its length ends the operation with
 * RuntimeError.  The places of the list are swapped, never empty.
 *
 * Written from the library reference (heapq, "Theory").
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"

#include <stdbool.h>

#include "sig/_heapqmodule.sig.h"

/* Must the item at index i be above the one at j?  In a max-heap the larger is above the smaller.
 * 1, 0, or -1 with an exception. */
static int
is_above(PyObject *heap, Py_ssize_t i, Py_ssize_t j, bool max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap);
    assert(i < n && j < n);
    PyObject *a = Py_NewRef(PyList_GET_ITEM(heap, i));
    PyObject *b = Py_NewRef(PyList_GET_ITEM(heap, j));
    int result = max ? PyObject_RichCompareBool(b, a, Py_LT)
                     : PyObject_RichCompareBool(a, b, Py_LT);
    Py_DECREF(a);
    Py_DECREF(b);
    if (result >= 0 && PyList_GET_SIZE(heap) != n) {
        PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
        return -1;
    }
    return result;
}

static inline void
swap(PyObject *heap, Py_ssize_t i, Py_ssize_t j)
{
    PyObject *item = PyList_GET_ITEM(heap, i);
    PyList_SET_ITEM(heap, i, PyList_GET_ITEM(heap, j));
    PyList_SET_ITEM(heap, j, item);
}

/* Let the item at `place` rise to where it belongs, not above `top`. */
static int
rise(PyObject *heap, Py_ssize_t top, Py_ssize_t place, bool max)
{
    while (place > top) {
        Py_ssize_t parent = (place - 1) / 2;
        int above = is_above(heap, place, parent, max);
        if (above <= 0) {
            return above;
        }
        swap(heap, place, parent);
        place = parent;
    }
    return 0;
}

/* Let the item at `top` sink.  It mostly belongs near the bottom: the better child goes up all
 * the way down, then the item rises from there, which saves comparisons. */
static int
sink(PyObject *heap, Py_ssize_t top, bool max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap), place = top;
    while (place < n / 2) {
        Py_ssize_t child = 2 * place + 1;
        if (child + 1 < n) {
            int above = is_above(heap, child, child + 1, max);
            if (above < 0) {
                return -1;
            }
            child += !above;
        }
        swap(heap, place, child);
        place = child;
    }
    return rise(heap, top, place, max);
}

static int
heapify(PyObject *heap, bool max)
{
    for (Py_ssize_t i = PyList_GET_SIZE(heap) / 2 - 1; i >= 0; i--) {
        if (sink(heap, i, max) < 0) {
            return -1;
        }
    }
    return 0;
}

/* 0, or -1 with IndexError. */
static int
check_not_empty(PyObject *heap)
{
    if (PyList_GET_SIZE(heap) == 0) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    return 0;
}

/* Put the item in the place of the first one, which is returned (new reference). */
static PyObject *
replace_first(PyObject *heap, PyObject *item, bool max)
{
    PyObject *first = PyList_GET_ITEM(heap, 0);     /* the list's reference becomes ours */
    PyList_SET_ITEM(heap, 0, Py_NewRef(item));
    if (sink(heap, 0, max) < 0) {
        Py_DECREF(first);
        return NULL;
    }
    return first;
}

static PyObject *
pop(PyObject *heap, bool max)
{
    if (check_not_empty(heap) < 0) {
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(heap);
    PyObject *last = Py_NewRef(PyList_GET_ITEM(heap, n - 1));
    if (PyList_SetSlice(heap, n - 1, n, NULL) < 0) {
        Py_DECREF(last);
        return NULL;
    }
    if (n == 1) {
        return last;
    }
    PyObject *first = replace_first(heap, last, max);
    Py_DECREF(last);
    return first;
}

/*sig _heapq.heappush(module, heap: list, item, /) -> None

Push item onto heap, maintaining the heap invariant.
*/
static int
_heapq_heappush_impl(PyObject *Py_UNUSED(module), PyObject *heap, PyObject *item)
{
    if (PyList_Append(heap, item) < 0) {
        return -1;
    }
    return rise(heap, 0, PyList_GET_SIZE(heap) - 1, false);
}

/*sig _heapq.heappop(module, heap: list, /)

Pop the smallest item off the heap, maintaining the heap invariant.
*/
static PyObject *
_heapq_heappop_impl(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return pop(heap, false);
}

/*sig _heapq.heapreplace(module, heap: list, item, /)

Pop and return the current smallest value, and add the new item.

This is more efficient than heappop() followed by heappush(), and can be
more appropriate when using a fixed-size heap.  Note that the value
returned may be larger than item!  That constrains reasonable uses of
this routine unless written as part of a conditional replacement:

    if item > heap[0]:
        item = heapreplace(heap, item)
*/
static PyObject *
_heapq_heapreplace_impl(PyObject *Py_UNUSED(module), PyObject *heap, PyObject *item)
{
    return check_not_empty(heap) < 0 ? NULL : replace_first(heap, item, false);
}

/*sig _heapq.heappushpop(module, heap: list, item, /)

Push item on the heap, then pop and return the smallest item from the heap.

The combined action runs more efficiently than heappush() followed by
a separate call to heappop().
*/
static PyObject *
_heapq_heappushpop_impl(PyObject *Py_UNUSED(module), PyObject *heap, PyObject *item)
{
    if (PyList_GET_SIZE(heap) == 0) {
        return Py_NewRef(item);
    }
    PyObject *first = Py_NewRef(PyList_GET_ITEM(heap, 0));
    int smaller = PyObject_RichCompareBool(first, item, Py_LT);
    Py_DECREF(first);
    if (smaller <= 0) {
        return smaller < 0 ? NULL : Py_NewRef(item);
    }
    return check_not_empty(heap) < 0 ? NULL : replace_first(heap, item, false);
}

/*sig _heapq.heapify(module, heap: list, /) -> None

Transform list into a heap, in-place, in O(len(heap)) time.
*/
static int
_heapq_heapify_impl(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return heapify(heap, false);
}

/*sig _heapq._heappop_max(module, heap: list, /)

Maxheap variant of heappop.
*/
static PyObject *
_heapq__heappop_max_impl(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return pop(heap, true);
}

/*sig _heapq._heapreplace_max(module, heap: list, item, /)

Maxheap variant of heapreplace.
*/
static PyObject *
_heapq__heapreplace_max_impl(PyObject *Py_UNUSED(module), PyObject *heap, PyObject *item)
{
    return check_not_empty(heap) < 0 ? NULL : replace_first(heap, item, true);
}

/*sig _heapq._heapify_max(module, heap: list, /) -> None

Maxheap variant of heapify.
*/
static int
_heapq__heapify_max_impl(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return heapify(heap, true);
}

static PyMethodDef heapq_functions[] = {
    _HEAPQ_HEAPPUSH_METHODDEF
    _HEAPQ_HEAPPUSHPOP_METHODDEF
    _HEAPQ_HEAPPOP_METHODDEF
    _HEAPQ_HEAPREPLACE_METHODDEF
    _HEAPQ_HEAPIFY_METHODDEF
    _HEAPQ__HEAPPOP_MAX_METHODDEF
    _HEAPQ__HEAPIFY_MAX_METHODDEF
    _HEAPQ__HEAPREPLACE_MAX_METHODDEF
    {NULL}
};

static int
heapq_exec(PyObject *module)
{
    PyObject *about = PyUnicode_FromString(
        "Heaps are partial orders kept in a list: see the documentation of the module heapq,\n"
        "section \"Theory\".\n");
    int result = PyModule_AddObjectRef(module, "__about__", about);
    Py_XDECREF(about);
    return result;
}

static PyModuleDef_Slot heapq_slots[] = {
    {Py_mod_exec, heapq_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(heapq_doc,
"Heap queue algorithm (a.k.a. priority queue).\n"
"\n"
"A heap is a list with heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2] for all k;\n"
"heap[0] is its smallest item.  The functions take the list as it is.");

static _Py_SHARED struct PyModuleDef heapq_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_heapq",
    .m_doc = heapq_doc,
    .m_methods = heapq_functions,
    .m_slots = heapq_slots,
};

PyMODINIT_FUNC
PyInit__heapq(void)
{
    return PyModuleDef_Init(&heapq_module);
}
