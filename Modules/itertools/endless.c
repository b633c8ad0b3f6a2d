/* endless.c - itertools: count, cycle, repeat. */
#include "itertools.h"

/* ----------------------------------------------------------------------------------- count */

/* Two modes: a C counter with step 1 (cnt < PY_SSIZE_T_MAX, long_cnt NULL), and Python numbers
   (cnt == PY_SSIZE_T_MAX). */
typedef struct {
    PyObject_HEAD
    PyObject *long_cnt;
    PyObject *long_step;
    Py_ssize_t cnt;
} countobject;

ITERTOOL_REFS(count, countobject, 2)

static PyObject *
count_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"start", "step", NULL};
    PyObject *start = NULL, *step = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|OO:count", (char **)kwlist, &start, &step)) {
        return NULL;
    }
    if ((start != NULL && !PyNumber_Check(start)) || (step != NULL && !PyNumber_Check(step))) {
        PyErr_SetString(PyExc_TypeError, "a number is required");
        return NULL;
    }
    bool fast = start == NULL || PyLong_Check(start);
    Py_ssize_t cnt = 0;
    if (fast && start != NULL) {
        cnt = PyLong_AsSsize_t(start);
        if (cnt == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            fast = false;
        }
    }
    if (step != NULL) {
        long one = PyLong_Check(step) ? PyLong_AsLong(step) : 0;
        if (one != 1) {
            fast = false;
            PyErr_Clear();
        }
    }
    PyObject *long_cnt = NULL, *long_step;
    if (!fast || cnt == PY_SSIZE_T_MAX) {
        cnt = PY_SSIZE_T_MAX;
        long_cnt = start == NULL ? PyLong_FromLong(0) : Py_NewRef(start);
        if (long_cnt == NULL) {
            return NULL;
        }
    }
    long_step = step == NULL ? PyLong_FromLong(1) : Py_NewRef(step);
    countobject *lz = long_step == NULL ? NULL : (countobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_XDECREF(long_cnt);
        Py_XDECREF(long_step);
        return NULL;
    }
    lz->cnt = cnt;
    lz->long_cnt = long_cnt;
    lz->long_step = long_step;
    return (PyObject *)lz;
}

static PyObject *
count_next(PyObject *self)
{
    countobject *lz = (countobject *)self;
    if (lz->cnt != PY_SSIZE_T_MAX) {
        return PyLong_FromSsize_t(lz->cnt++);
    }
    PyObject *value = lz->long_cnt;
    if (value == NULL) {
        value = PyLong_FromSsize_t(PY_SSIZE_T_MAX);
        if (value == NULL) {
            return NULL;
        }
    }
    PyObject *next = PyNumber_Add(value, lz->long_step);
    if (next == NULL) {
        if (lz->long_cnt == NULL) {
            Py_DECREF(value);
        }
        return NULL;
    }
    lz->long_cnt = next;
    return value;
}

static PyObject *
count_repr(PyObject *self)
{
    countobject *lz = (countobject *)self;
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    name = name == NULL ? Py_TYPE(self)->tp_name : name + 1;
    if (lz->long_cnt == NULL) {
        return PyUnicode_FromFormat("%s(%zd)", name, lz->cnt);
    }
    if (PyLong_Check(lz->long_step)) {
        long step = PyLong_AsLong(lz->long_step);
        if (step == -1 && PyErr_Occurred()) {
            PyErr_Clear();
        }
        if (step == 1) {
            return PyUnicode_FromFormat("%s(%R)", name, lz->long_cnt);
        }
    }
    return PyUnicode_FromFormat("%s(%R, %R)", name, lz->long_cnt, lz->long_step);
}

static PyObject *
count_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    countobject *lz = (countobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (lz->long_cnt == NULL) {
        return Py_BuildValue("O(n)", Py_TYPE(self), lz->cnt);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(self), lz->long_cnt, lz->long_step);
}

static const PyMethodDef count_methods[] = {
    {"__reduce__", count_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(count_doc,
"count(start=0, step=1)\n--\n\n\
Return a count object whose .__next__() method returns consecutive values.\n\
\n\
Equivalent to:\n\
    def count(firstval=0, step=1):\n\
        x = firstval\n\
        while 1:\n\
            yield x\n\
            x += step");

static const PyType_Slot count_slots[] = {
    ITERTOOL_SLOTS(count),
    {Py_tp_repr, count_repr},
    {Py_tp_methods, (void *)count_methods},
    {0, NULL}
};

ITERTOOL_SPEC(count, countobject, Py_TPFLAGS_BASETYPE);

/* ----------------------------------------------------------------------------------- cycle */

typedef struct {
    PyObject_HEAD
    PyObject *it;               /* NULL when it has been used up */
    PyObject *saved;            /* list of the items so far */
    Py_ssize_t index;           /* of the next item, when `it` is used up */
    int firstpass;              /* unpickled in a later pass: items are saved already */
} cycleobject;

ITERTOOL_REFS(cycle, cycleobject, 2)

static PyObject *
cycle_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable;
    if (_PyItertools_NoKeywords(type, "cycle", kwds) < 0
        || !PyArg_UnpackTuple(args, "cycle", 1, 1, &iterable))
    {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    PyObject *saved = PyList_New(0);
    cycleobject *lz = saved == NULL ? NULL : (cycleobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(it);
        Py_XDECREF(saved);
        return NULL;
    }
    lz->it = it;
    lz->saved = saved;
    lz->index = 0;
    lz->firstpass = 0;
    return (PyObject *)lz;
}

static PyObject *
cycle_next(PyObject *self)
{
    cycleobject *lz = (cycleobject *)self;
    if (lz->it != NULL) {
        PyObject *item = PyIter_Next(lz->it);
        if (item != NULL) {
            if (!lz->firstpass && PyList_Append(lz->saved, item) < 0) {
                Py_DECREF(item);
                return NULL;
            }
            return item;
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
        Py_CLEAR(lz->it);
    }
    if (lz->saved == NULL || PyList_GET_SIZE(lz->saved) == 0) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyList_GET_ITEM(lz->saved, lz->index));
    if (++lz->index >= PyList_GET_SIZE(lz->saved)) {
        lz->index = 0;
    }
    return item;
}

static PyObject *
cycle_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    cycleobject *lz = (cycleobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (lz->it != NULL) {
        return Py_BuildValue("O(O)(OO)", Py_TYPE(self), lz->it, lz->saved,
                             lz->firstpass ? Py_True : Py_False);
    }
    /* In later passes: an iterator over the list, advanced to where we are. */
    PyObject *it = PyObject_GetIter(lz->saved);
    if (it == NULL) {
        return NULL;
    }
    if (lz->index != 0) {
        PyObject *res = PyObject_CallMethod(it, "__setstate__", "n", lz->index);
        if (res == NULL) {
            Py_DECREF(it);
            return NULL;
        }
        Py_DECREF(res);
    }
    return Py_BuildValue("O(N)(OO)", Py_TYPE(self), it, lz->saved, Py_True);
}

static PyObject *
cycle_setstate(PyObject *self, PyObject *state)
{
    cycleobject *lz = (cycleobject *)self;
    PyObject *saved = NULL;
    int firstpass;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "O!i", &PyList_Type, &saved, &firstpass)) {
        return NULL;
    }
    Py_XSETREF(lz->saved, Py_NewRef(saved));
    lz->firstpass = firstpass != 0;
    lz->index = 0;
    Py_RETURN_NONE;
}

static const PyMethodDef cycle_methods[] = {
    {"__reduce__", cycle_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", cycle_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(cycle_doc,
"cycle(iterable, /)\n--\n\n\
Return elements from the iterable until it is exhausted. \
Then repeat the sequence indefinitely.");

static const PyType_Slot cycle_slots[] = {
    ITERTOOL_SLOTS(cycle),
    {Py_tp_methods, (void *)cycle_methods},
    {0, NULL}
};

ITERTOOL_SPEC(cycle, cycleobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------------------------------- repeat */

typedef struct {
    PyObject_HEAD
    PyObject *element;
    Py_ssize_t cnt;             /* times left; -1: endless */
} repeatobject;

ITERTOOL_REFS(repeat, repeatobject, 1)

static PyObject *
repeat_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"object", "times", NULL};
    PyObject *element;
    Py_ssize_t cnt = -1;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args) + (kwds == NULL ? 0 : PyDict_GET_SIZE(kwds));
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|n:repeat", (char **)kwlist, &element,
                                     &cnt))
    {
        return NULL;
    }
    /* A count was given: none below zero. */
    if (nargs == 2 && cnt < 0) {
        cnt = 0;
    }
    repeatobject *ro = (repeatobject *)type->tp_alloc(type, 0);
    if (ro != NULL) {
        ro->element = Py_NewRef(element);
        ro->cnt = cnt;
    }
    return (PyObject *)ro;
}

static PyObject *
repeat_next(PyObject *self)
{
    repeatobject *ro = (repeatobject *)self;
    if (ro->cnt == 0) {
        return NULL;
    }
    if (ro->cnt > 0) {
        ro->cnt--;
    }
    return Py_NewRef(ro->element);
}

static PyObject *
repeat_repr(PyObject *self)
{
    repeatobject *ro = (repeatobject *)self;
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    name = name == NULL ? Py_TYPE(self)->tp_name : name + 1;
    if (ro->cnt == -1) {
        return PyUnicode_FromFormat("%s(%R)", name, ro->element);
    }
    return PyUnicode_FromFormat("%s(%R, %zd)", name, ro->element, ro->cnt);
}

static PyObject *
repeat_len(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    repeatobject *ro = (repeatobject *)self;
    if (ro->cnt == -1) {
        PyErr_SetString(PyExc_TypeError, "len() of unsized object");
        return NULL;
    }
    return PyLong_FromSsize_t(ro->cnt);
}

static PyObject *
repeat_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    repeatobject *ro = (repeatobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (ro->cnt >= 0) {
        return Py_BuildValue("O(On)", Py_TYPE(self), ro->element, ro->cnt);
    }
    return Py_BuildValue("O(O)", Py_TYPE(self), ro->element);
}

static const PyMethodDef repeat_methods[] = {
    {"__length_hint__", repeat_len, METH_NOARGS,
     PyDoc_STR("Private method returning an estimate of len(list(it)).")},
    {"__reduce__", repeat_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(repeat_doc,
"repeat(object [,times]) -> create an iterator which returns the object\n\
for the specified number of times.  If not specified, returns the object\n\
endlessly.");

static const PyType_Slot repeat_slots[] = {
    ITERTOOL_SLOTS(repeat),
    {Py_tp_repr, repeat_repr},
    {Py_tp_methods, (void *)repeat_methods},
    {0, NULL}
};

ITERTOOL_SPEC(repeat, repeatobject, Py_TPFLAGS_BASETYPE);
