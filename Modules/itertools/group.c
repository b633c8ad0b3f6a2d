/* group.c - itertools: groupby and tee. */
#include "itertools.h"

/* --------------------------------------------------------------------------------- groupby */

typedef struct {
    PyObject_HEAD
    PyObject *it;
    PyObject *keyfunc;          /* or None */
    PyObject *tgtkey;           /* key of the group that is being given out; NULL at the start */
    PyObject *currkey;          /* key and value of the last item read; NULL before the first */
    PyObject *currvalue;
    const void *currgrouper;    /* the valid _grouper; only compared, not followed */
} groupbyobject;

ITERTOOL_REFS(groupby, groupbyobject, 5)

static PyObject *
groupby_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"iterable", "key", NULL};
    PyObject *iterable, *keyfunc = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O:groupby", (char **)kwlist, &iterable,
                                     &keyfunc))
    {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    groupbyobject *gbo = (groupbyobject *)type->tp_alloc(type, 0);
    if (gbo == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    gbo->it = it;
    gbo->keyfunc = Py_NewRef(keyfunc);
    return (PyObject *)gbo;
}

/* Reads one item and its key.  0, or -1 at the end or with an exception. */
static int
groupby_read(groupbyobject *gbo)
{
    PyObject *value = PyIter_Next(gbo->it);
    if (value == NULL) {
        return -1;
    }
    PyObject *key = gbo->keyfunc == Py_None ? Py_NewRef(value)
                                            : PyObject_CallOneArg(gbo->keyfunc, value);
    if (key == NULL) {
        Py_DECREF(value);
        return -1;
    }
    Py_XSETREF(gbo->currvalue, value);
    Py_XSETREF(gbo->currkey, key);
    return 0;
}

/* Compares two keys of the object, which the comparison may replace. */
static int
keys_equal(PyObject *a, PyObject *b)
{
    Py_INCREF(a);
    Py_INCREF(b);
    int equal = PyObject_RichCompareBool(a, b, Py_EQ);
    Py_DECREF(a);
    Py_DECREF(b);
    return equal;
}

static PyObject *grouper_make(groupbyobject *parent, PyObject *tgtkey);

static PyObject *
groupby_next(PyObject *self)
{
    groupbyobject *gbo = (groupbyobject *)self;
    gbo->currgrouper = NULL;
    /* On to the first item of another key. */
    for (;;) {
        if (gbo->currkey != NULL) {
            if (gbo->tgtkey == NULL) {
                break;
            }
            int equal = keys_equal(gbo->tgtkey, gbo->currkey);
            if (equal < 0) {
                return NULL;
            }
            if (equal == 0) {
                break;
            }
        }
        if (groupby_read(gbo) < 0) {
            return NULL;
        }
    }
    Py_XSETREF(gbo->tgtkey, Py_NewRef(gbo->currkey));
    PyObject *grouper = grouper_make(gbo, gbo->tgtkey);
    if (grouper == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(2, gbo->currkey, grouper);
    Py_DECREF(grouper);
    return result;
}

static PyObject *
groupby_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    groupbyobject *gbo = (groupbyobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (gbo->tgtkey != NULL && gbo->currkey != NULL && gbo->currvalue != NULL) {
        return Py_BuildValue("O(OO)(OOO)", Py_TYPE(self), gbo->it, gbo->keyfunc, gbo->currkey,
                             gbo->currvalue, gbo->tgtkey);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(self), gbo->it, gbo->keyfunc);
}

static PyObject *
groupby_setstate(PyObject *self, PyObject *state)
{
    groupbyobject *gbo = (groupbyobject *)self;
    PyObject *currkey, *currvalue, *tgtkey;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "OOO", &currkey, &currvalue, &tgtkey)) {
        return NULL;
    }
    Py_XSETREF(gbo->currkey, Py_NewRef(currkey));
    Py_XSETREF(gbo->currvalue, Py_NewRef(currvalue));
    Py_XSETREF(gbo->tgtkey, Py_NewRef(tgtkey));
    Py_RETURN_NONE;
}

static const PyMethodDef groupby_methods[] = {
    {"__reduce__", groupby_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", groupby_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(groupby_doc,
"groupby(iterable, key=None)\n--\n\n\
make an iterator that returns consecutive keys and groups from the iterable\n\
\n\
  iterable\n\
    Elements to divide into groups according to the key function.\n\
  key\n\
    A function for computing the group category for each element.\n\
    If the key function is not specified or is None, the element itself\n\
    is used for grouping.");

static const PyType_Slot groupby_slots[] = {
    ITERTOOL_SLOTS(groupby),
    {Py_tp_methods, (void *)groupby_methods},
    {0, NULL}
};

ITERTOOL_SPEC(groupby, groupbyobject, Py_TPFLAGS_BASETYPE);

/* ---- one group ---- */

typedef struct {
    PyObject_HEAD
    PyObject *parent;           /* groupby */
    PyObject *tgtkey;
} grouperobject;

ITERTOOL_REFS(_grouper, grouperobject, 2)

static PyObject *
grouper_make(groupbyobject *parent, PyObject *tgtkey)
{
    itertools_state *state = itertools_state_of(Py_TYPE(parent));
    grouperobject *igo = state == NULL ? NULL : PyObject_GC_New(grouperobject,
                                                                state->grouper_type);
    if (igo == NULL) {
        return NULL;
    }
    igo->parent = Py_NewRef((PyObject *)parent);
    igo->tgtkey = Py_NewRef(tgtkey);
    parent->currgrouper = igo;
    PyObject_GC_Track((PyObject *)igo);
    return (PyObject *)igo;
}

static PyObject *
_grouper_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    itertools_state *state = itertools_state_of(type);
    PyObject *parent, *tgtkey;
    if (state == NULL || _PyItertools_NoKeywords(type, "_grouper", kwds) < 0
        || !PyArg_UnpackTuple(args, "_grouper", 2, 2, &parent, &tgtkey))
    {
        return NULL;
    }
    if (!PyObject_TypeCheck(parent, state->groupby_type)) {
        PyErr_Format(PyExc_TypeError, "_grouper() argument 1 must be %.50s, not %.50s",
                     state->groupby_type->tp_name,
                     parent == Py_None ? "None" : Py_TYPE(parent)->tp_name);
        return NULL;
    }
    return grouper_make((groupbyobject *)parent, tgtkey);
}

static PyObject *
_grouper_next(PyObject *self)
{
    grouperobject *igo = (grouperobject *)self;
    groupbyobject *gbo = (groupbyobject *)igo->parent;
    if (gbo == NULL || gbo->currgrouper != igo) {
        return NULL;
    }
    if (gbo->currvalue == NULL && groupby_read(gbo) < 0) {
        return NULL;
    }
    int equal = keys_equal(igo->tgtkey, gbo->currkey);
    if (equal <= 0) {
        /* Another group begins, or an exception. */
        return NULL;
    }
    PyObject *value = gbo->currvalue;
    gbo->currvalue = NULL;
    Py_CLEAR(gbo->currkey);
    return value;
}

static PyObject *
_grouper_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    grouperobject *igo = (grouperobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (((groupbyobject *)igo->parent)->currgrouper != igo) {
        /* Its group is over: an empty iterator. */
        PyObject *name = PyUnicode_InternFromString("iter");
        PyObject *iter = name == NULL ? NULL : _PyEval_GetBuiltin(name);
        Py_XDECREF(name);
        return iter == NULL ? NULL : Py_BuildValue("N(())", iter);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(self), igo->parent, igo->tgtkey);
}

static const PyMethodDef _grouper_methods[] = {
    {"__reduce__", _grouper_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

static const PyType_Slot _grouper_slots[] = {
    {Py_tp_dealloc, _grouper_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, _grouper_traverse},
    {Py_tp_clear, _grouper_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, _grouper_next},
    {Py_tp_methods, (void *)_grouper_methods},
    {Py_tp_new, _grouper_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

ITERTOOL_SPEC(_grouper, grouperobject, 0);

/* ------------------------------------------------------------------------------------- tee */

/* The items that the iterators of one tee() have read and not all given out are in a linked list
   of blocks.  Each iterator points to a block and an index; a block that no iterator points to
   (or to one before it) dies. */
#define LINKCELLS 57

typedef struct {
    PyObject_HEAD
    PyObject *it;
    int numread;                /* items in the block */
    int running;                /* reading from `it` now: reading again is refused */
    PyObject *nextlink;         /* the next block, or NULL */
    PyObject *values[LINKCELLS];
} teedataobject;

typedef struct {
    PyObject_HEAD
    PyObject *dataobj;          /* teedataobject */
    int index;
    PyObject *weakreflist;
    itertools_state *state;     /* of the module, which the type keeps alive */
} teeobject;

static PyObject *
teedata_make(itertools_state *state, PyObject *it)
{
    teedataobject *tdo = PyObject_GC_New(teedataobject, state->teedataobject_type);
    if (tdo == NULL) {
        return NULL;
    }
    tdo->running = 0;
    tdo->numread = 0;
    tdo->nextlink = NULL;
    tdo->it = Py_NewRef(it);
    PyObject_GC_Track((PyObject *)tdo);
    return (PyObject *)tdo;
}

/* The block behind a full one; new reference. */
static PyObject *
teedata_next(itertools_state *state, teedataobject *tdo)
{
    if (tdo->nextlink == NULL) {
        tdo->nextlink = teedata_make(state, tdo->it);
    }
    return Py_XNewRef(tdo->nextlink);
}

static PyObject *
teedata_item(teedataobject *tdo, int i)
{
    assert(i < LINKCELLS);
    if (i >= tdo->numread) {
        assert(i == tdo->numread);
        if (tdo->running) {
            PyErr_SetString(PyExc_RuntimeError, "cannot re-enter the tee iterator");
            return NULL;
        }
        tdo->running = 1;
        PyObject *value = PyIter_Next(tdo->it);
        tdo->running = 0;
        if (value == NULL) {
            return NULL;
        }
        tdo->values[tdo->numread++] = value;
    }
    return Py_NewRef(tdo->values[i]);
}

static int
teedata_traverse(PyObject *self, visitproc visit, void *arg)
{
    teedataobject *tdo = (teedataobject *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(tdo->it);
    for (int i = 0; i < tdo->numread; i++) {
        Py_VISIT(tdo->values[i]);
    }
    Py_VISIT(tdo->nextlink);
    return 0;
}

/* Releases a chain of blocks without recursion. */
static void
release_chain(PyTypeObject *type, PyObject *block)
{
    while (block != NULL && Py_IS_TYPE(block, type) && Py_REFCNT(block) == 1) {
        PyObject *next = ((teedataobject *)block)->nextlink;
        ((teedataobject *)block)->nextlink = NULL;
        Py_SETREF(block, next);
    }
    Py_XDECREF(block);
}

static int
teedata_clear(PyObject *self)
{
    teedataobject *tdo = (teedataobject *)self;
    Py_CLEAR(tdo->it);
    for (int i = 0; i < tdo->numread; i++) {
        Py_CLEAR(tdo->values[i]);
    }
    PyObject *next = tdo->nextlink;
    tdo->nextlink = NULL;
    release_chain(Py_TYPE(self), next);
    return 0;
}

static void
teedata_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    teedata_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *
teedata_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    teedataobject *tdo = (teedataobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    PyObject *values = PyList_New(tdo->numread);
    if (values == NULL) {
        return NULL;
    }
    for (int i = 0; i < tdo->numread; i++) {
        PyList_SET_ITEM(values, i, Py_NewRef(tdo->values[i]));
    }
    return Py_BuildValue("O(ONO)", Py_TYPE(self), tdo->it, values,
                         tdo->nextlink != NULL ? tdo->nextlink : Py_None);
}

/* _tee_dataobject(iterable, values, next) */
static PyObject *
teedata_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    itertools_state *state = itertools_state_of(type);
    PyObject *it, *values, *next;
    if (state == NULL || _PyItertools_NoKeywords(type, "teedataobject", kwds) < 0
        || !PyArg_UnpackTuple(args, "teedataobject", 3, 3, &it, &values, &next))
    {
        return NULL;
    }
    if (!PyList_Check(values)) {
        PyErr_Format(PyExc_TypeError, "teedataobject() argument 2 must be list, not %.50s",
                     values == Py_None ? "None" : Py_TYPE(values)->tp_name);
        return NULL;
    }
    assert(type == state->teedataobject_type);
    PyObject *self = teedata_make(state, it);
    if (self == NULL) {
        return NULL;
    }
    teedataobject *tdo = (teedataobject *)self;
    Py_ssize_t n = PyList_GET_SIZE(values);
    if (n > LINKCELLS || !PyIter_Check(it)) {
        goto invalid;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        tdo->values[i] = Py_NewRef(PyList_GET_ITEM(values, i));
    }
    tdo->numread = (int)n;
    if (n == LINKCELLS) {
        if (next != Py_None) {
            if (!Py_IS_TYPE(next, state->teedataobject_type)) {
                goto invalid;
            }
            tdo->nextlink = Py_NewRef(next);
        }
    }
    else if (next != Py_None) {
        /* A block that is not full has no next one. */
        goto invalid;
    }
    return self;
invalid:
    Py_DECREF(self);
    PyErr_SetString(PyExc_ValueError, "Invalid arguments");
    return NULL;
}

static const PyMethodDef teedata_methods[] = {
    {"__reduce__", teedata_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(teedataobject_doc,
"teedataobject(iterable, values, next, /)\n--\n\n\
Data container common to multiple tee objects.");

static const PyType_Slot _tee_dataobject_slots[] = {
    {Py_tp_dealloc, teedata_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, (void *)teedataobject_doc},
    {Py_tp_traverse, teedata_traverse},
    {Py_tp_clear, teedata_clear},
    {Py_tp_methods, (void *)teedata_methods},
    {Py_tp_new, teedata_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

ITERTOOL_SPEC(_tee_dataobject, teedataobject, 0);

/* ---- the iterators ---- */

static PyObject *
tee_next(PyObject *self)
{
    teeobject *to = (teeobject *)self;
    if (to->index >= LINKCELLS) {
        PyObject *link = teedata_next(to->state, (teedataobject *)to->dataobj);
        if (link == NULL) {
            return NULL;
        }
        Py_SETREF(to->dataobj, link);
        to->index = 0;
    }
    PyObject *value = teedata_item((teedataobject *)to->dataobj, to->index);
    if (value != NULL) {
        to->index++;
    }
    return value;
}

static int
tee_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((teeobject *)self)->dataobj);
    return 0;
}

/* New iterator at the same place; steals `dataobj`. */
static PyObject *
tee_at(itertools_state *state, PyObject *dataobj, int index)
{
    if (dataobj == NULL) {
        return NULL;
    }
    teeobject *to = PyObject_GC_New(teeobject, state->tee_type);
    if (to == NULL) {
        Py_DECREF(dataobj);
        return NULL;
    }
    to->dataobj = dataobj;
    to->index = index;
    to->weakreflist = NULL;
    to->state = state;
    PyObject_GC_Track((PyObject *)to);
    return (PyObject *)to;
}

static PyObject *
tee_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    teeobject *to = (teeobject *)self;
    return tee_at(to->state, Py_NewRef(to->dataobj), to->index);
}

static PyObject *
tee_from_iterable(itertools_state *state, PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable), *result;
    if (it == NULL) {
        return NULL;
    }
    if (PyObject_TypeCheck(it, state->tee_type)) {
        result = tee_copy(it, NULL);
    }
    else {
        result = tee_at(state, teedata_make(state, it), 0);
    }
    Py_DECREF(it);
    return result;
}

static PyObject *
tee_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    itertools_state *state = itertools_state_of(type);
    PyObject *iterable;
    if (state == NULL || _PyItertools_NoKeywords(type, "_tee", kwds) < 0
        || !PyArg_UnpackTuple(args, "_tee", 1, 1, &iterable))
    {
        return NULL;
    }
    return tee_from_iterable(state, iterable);
}

static int
tee_clear(PyObject *self)
{
    teeobject *to = (teeobject *)self;
    if (to->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(to->dataobj);
    return 0;
}

static void
tee_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    tee_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *
tee_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    teeobject *to = (teeobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    return Py_BuildValue("O(())(Oi)", Py_TYPE(self), to->dataobj, to->index);
}

static PyObject *
tee_setstate(PyObject *self, PyObject *state)
{
    teeobject *to = (teeobject *)self;
    PyObject *tdo;
    int index;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "O!i", to->state->teedataobject_type, &tdo, &index)) {
        return NULL;
    }
    if (index < 0 || index > LINKCELLS || index > ((teedataobject *)tdo)->numread) {
        PyErr_SetString(PyExc_ValueError, "Index out of range");
        return NULL;
    }
    Py_XSETREF(to->dataobj, Py_NewRef(tdo));
    to->index = index;
    Py_RETURN_NONE;
}

static const PyMethodDef tee_methods[] = {
    {"__copy__", tee_copy, METH_NOARGS, PyDoc_STR("Returns an independent iterator.")},
    {"__reduce__", tee_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", tee_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

static const PyMemberDef tee_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(teeobject, weakreflist), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(teeobject_doc,
"_tee(iterable, /)\n--\n\n\
Iterator wrapped to make it copyable.");

static const PyType_Slot _tee_slots[] = {
    {Py_tp_dealloc, tee_dealloc},
    {Py_tp_doc, (void *)teeobject_doc},
    {Py_tp_traverse, tee_traverse},
    {Py_tp_clear, tee_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, tee_next},
    {Py_tp_methods, (void *)tee_methods},
    {Py_tp_members, (void *)tee_members},
    {Py_tp_new, tee_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

ITERTOOL_SPEC(_tee, teeobject, 0);

/* tee(iterable, n=2): a tuple of n iterators that share what has been read. */
PyObject *
_PyItertools_Tee(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("tee", nargs, 1, 2)) {
        return NULL;
    }
    Py_ssize_t n = 2;
    if (nargs > 1) {
        PyObject *number = PyNumber_Index(args[1]);
        if (number == NULL) {
            return NULL;
        }
        n = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (n == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "n must be >= 0");
        return NULL;
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL || n == 0) {
        return result;
    }
    itertools_state *state = PyModule_GetState(module);
    PyObject *it = PyObject_GetIter(args[0]), *copyfunc = NULL;
    if (it == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    /* An iterator that can copy itself need not be wrapped. */
    copyfunc = PyObject_GetAttrString(it, "__copy__");
    if (copyfunc == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            goto error;
        }
        PyErr_Clear();
        Py_SETREF(it, tee_from_iterable(state, it));
        if (it == NULL) {
            goto error;
        }
        copyfunc = PyObject_GetAttrString(it, "__copy__");
        if (copyfunc == NULL) {
            goto error;
        }
    }
    PyTuple_SET_ITEM(result, 0, it);
    for (Py_ssize_t i = 1; i < n; i++) {
        PyObject *copy = PyObject_CallNoArgs(copyfunc);
        if (copy == NULL) {
            it = NULL;
            goto error;
        }
        PyTuple_SET_ITEM(result, i, copy);
    }
    Py_DECREF(copyfunc);
    return result;
error:
    Py_XDECREF(it);
    Py_XDECREF(copyfunc);
    Py_DECREF(result);
    return NULL;
}
