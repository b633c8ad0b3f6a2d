/* BaseExceptionGroup and ExceptionGroup (PEP 654): splitting, and what `except*` raises.
 *
 * A group has a message and a non-empty tuple of exceptions, both fixed by tp_new.  Splitting
 * walks the tree of groups recursively and keeps its shape: parts are made by the derive()
 * method of the group they come from and get its traceback, context, cause and notes.
 * BaseExceptionGroup is shared; ExceptionGroup has two bases and is a heap type.
 * Written from PEP 654, the library reference and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_LIFE
#include "pycore_ceval.h"           // _Py_EnterRecursiveCallTstate()
#include "pycore_type.h"            // _PyType_Name()

#define BASEEXCEPTIONGROUP_FIELDS(X) X(msg) X(excs)
_PyExc_LIFE(BaseExceptionGroup, PyBaseExceptionGroupObject, BASEEXCEPTIONGROUP_FIELDS)

static inline int
is_group(PyObject *op)
{
    return PyObject_TypeCheck(op, &_PyExc_BaseExceptionGroup);
}

static inline PyBaseExceptionGroupObject *
as_group(PyObject *op)
{
    assert(is_group(op));
    return (PyBaseExceptionGroupObject *)op;
}


/* -------------------------------------------------------------------- creation */

/* Checks the items of a tuple: 1 if there is one that is no Exception, 0 if all are, -1 with
   an exception if one is no exception at all. */
static int
has_base_exceptions(PyObject *excs)
{
    int found = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(excs); i++) {
        PyObject *exc = PyTuple_GET_ITEM(excs, i);
        if (!PyExceptionInstance_Check(exc)) {
            PyErr_Format(PyExc_ValueError,
                         "Item %zd of second argument (exceptions) is not an exception", i);
            return -1;
        }
        found |= !PyObject_TypeCheck(exc, &_PyExc_Exception);
    }
    return found;
}

/* The class to instantiate (borrowed), or NULL with TypeError if the contents do not fit. */
static PyTypeObject *
choose_class(PyTypeObject *type, int has_base)
{
    PyTypeObject *group = (PyTypeObject *)_PyInterpreterState_GET()->exc_state.exc_group_type;
    if (type == &_PyExc_BaseExceptionGroup) {
        return has_base ? type : group;
    }
    if (!has_base) {
        return type;
    }
    if (type == group) {
        PyErr_SetString(PyExc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        return NULL;
    }
    int is_exception = PyObject_IsSubclass((PyObject *)type, PyExc_Exception);
    if (is_exception < 0) {
        return NULL;
    }
    if (is_exception) {
        PyErr_Format(PyExc_TypeError, "Cannot nest BaseExceptions in '%.200s'", type->tp_name);
        return NULL;
    }
    return type;
}

static PyObject *
BaseExceptionGroup_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *message, *exceptions;
    if (!PyArg_ParseTuple(args, "UO:BaseExceptionGroup.__new__", &message, &exceptions)) {
        return NULL;
    }
    if (!PySequence_Check(exceptions)) {
        PyErr_SetString(PyExc_TypeError, "second argument (exceptions) must be a sequence");
        return NULL;
    }
    PyObject *excs = PySequence_Tuple(exceptions);
    if (excs == NULL) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(excs) == 0) {
        PyErr_SetString(PyExc_ValueError,
                        "second argument (exceptions) must be a non-empty sequence");
        goto error;
    }
    int has_base = has_base_exceptions(excs);
    if (has_base < 0 || (type = choose_class(type, has_base)) == NULL) {
        goto error;
    }
    PyObject *self = _PyBaseException_New(type, args, kwargs);
    if (self == NULL) {
        goto error;
    }
    as_group(self)->msg = Py_NewRef(message);
    as_group(self)->excs = excs;
    return self;

error:
    Py_DECREF(excs);
    return NULL;
}

static int
BaseExceptionGroup_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords(Py_TYPE(op)->tp_name, kwargs)) {
        return -1;
    }
    Py_XSETREF(as_group(op)->args, Py_NewRef(args));
    return 0;
}

PyObject *
_PyExc_CreateExceptionGroup(const char *message, PyObject *exceptions)
{
    PyObject *text = PyUnicode_FromString(message);
    if (text == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(PyExc_BaseExceptionGroup, text, exceptions,
                                                    NULL);
    Py_DECREF(text);
    return result;
}

static PyObject *
BaseExceptionGroup_str(PyObject *op)
{
    PyBaseExceptionGroupObject *self = as_group(op);
    assert(self->msg != NULL && PyTuple_Check(self->excs));
    Py_ssize_t n = PyTuple_GET_SIZE(self->excs);
    return PyUnicode_FromFormat("%S (%zd sub-exception%s)", self->msg, n, n == 1 ? "" : "s");
}


/* -------------------------------------------------------------------- splitting */

static PyObject *
BaseExceptionGroup_derive(PyObject *op, PyObject *args)
{
    PyObject *excs;
    if (!PyArg_ParseTuple(args, "O", &excs)) {
        return NULL;
    }
    return PyObject_CallFunctionObjArgs(PyExc_BaseExceptionGroup, as_group(op)->msg, excs, NULL);
}

static int
copy_notes(PyObject *from, PyObject *to)
{
    PyObject *notes;
    if (_PyObject_LookupAttr(from, &_Py_ID(__notes__), &notes) < 0) {
        return -1;
    }
    int res = 0;
    /* Anything else is somebody's mistake, which is not to be reported here. */
    if (notes != NULL && PySequence_Check(notes)) {
        PyObject *copy = PySequence_List(notes);
        res = copy == NULL ? -1 : PyObject_SetAttr(to, &_Py_ID(__notes__), copy);
        Py_XDECREF(copy);
    }
    Py_XDECREF(notes);
    return res;
}

/* A group like `orig` with the exceptions of a list: new reference, None if the list is empty,
   NULL with an exception. */
static PyObject *
subset(PyObject *orig, PyObject *excs)
{
    if (PyList_GET_SIZE(excs) == 0) {
        return Py_NewRef(Py_None);
    }
    PyObject *part = PyObject_CallMethodOneArg(orig, &_Py_ID(derive), excs);
    if (part == NULL) {
        return NULL;
    }
    if (!is_group(part)) {
        PyErr_SetString(PyExc_TypeError, "derive must return an instance of BaseExceptionGroup");
        Py_DECREF(part);
        return NULL;
    }
    PyObject *traceback = PyException_GetTraceback(orig);
    if (traceback != NULL) {
        int res = PyException_SetTraceback(part, traceback);
        Py_DECREF(traceback);
        if (res < 0) {
            Py_DECREF(part);
            return NULL;
        }
    }
    PyException_SetContext(part, PyException_GetContext(orig));
    PyException_SetCause(part, PyException_GetCause(orig));
    if (copy_notes(orig, part) < 0) {
        Py_DECREF(part);
        return NULL;
    }
    return part;
}

enum matcher_kind { MATCH_BY_TYPE, MATCH_BY_PREDICATE, MATCH_INSTANCES };

/* What exceptions are compared with. */
struct matcher {
    enum matcher_kind kind;
    PyObject *value;            /* class or tuple of classes; function; set of ids (borrowed) */
};

static int
init_matcher(struct matcher *matcher, PyObject *value)
{
    matcher->value = value;
    if (PyFunction_Check(value)) {
        matcher->kind = MATCH_BY_PREDICATE;
        return 0;
    }
    matcher->kind = MATCH_BY_TYPE;
    if (PyExceptionClass_Check(value)) {
        return 0;
    }
    if (PyTuple_CheckExact(value)) {
        Py_ssize_t i = 0;
        while (i < PyTuple_GET_SIZE(value) && PyExceptionClass_Check(PyTuple_GET_ITEM(value, i))) {
            i++;
        }
        if (i == PyTuple_GET_SIZE(value)) {
            return 0;
        }
    }
    PyErr_SetString(PyExc_TypeError,
                    "expected a function, exception type or tuple of exception types");
    return -1;
}

/* 1, 0, or -1 with an exception. */
static int
matches(const struct matcher *matcher, PyObject *exc)
{
    switch (matcher->kind) {
    case MATCH_BY_TYPE:
        return PyErr_GivenExceptionMatches(exc, matcher->value);
    case MATCH_BY_PREDICATE: {
        PyObject *answer = PyObject_CallOneArg(matcher->value, exc);
        if (answer == NULL) {
            return -1;
        }
        int truth = PyObject_IsTrue(answer);
        Py_DECREF(answer);
        return truth;
    }
    case MATCH_INSTANCES: {
        if (is_group(exc)) {
            return 0;           /* leaves only */
        }
        PyObject *id = PyLong_FromVoidPtr(exc);
        if (id == NULL) {
            return -1;
        }
        int found = PySet_Contains(matcher->value, id);
        Py_DECREF(id);
        return found;
    }
    }
    Py_UNREACHABLE();
}

/* Splits `exc` in the part that matches and the rest; each is a new reference or NULL for
   nothing.  Without `want_rest` *rest stays NULL.  0, or -1 with an exception. */
static int split(PyThreadState *tstate, PyObject *exc, const struct matcher *matcher,
                 int want_rest, PyObject **match, PyObject **rest);

/* Splits each exception of a group, adding to the two lists (the second may be NULL). */
static int
split_items(PyThreadState *tstate, PyObject *excs, const struct matcher *matcher,
            PyObject *matched, PyObject *others)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(excs); i++) {
        PyObject *match, *rest;
        if (split(tstate, PyTuple_GET_ITEM(excs, i), matcher, others != NULL, &match, &rest) < 0) {
            return -1;
        }
        int res = match != NULL ? PyList_Append(matched, match) : 0;
        if (res == 0 && rest != NULL) {
            res = PyList_Append(others, rest);
        }
        Py_XDECREF(match);
        Py_XDECREF(rest);
        if (res < 0) {
            return -1;
        }
    }
    return 0;
}

/* subset() with NULL, no exception, for nothing in *part. */
static int
take_subset(PyObject *orig, PyObject *excs, PyObject **part)
{
    PyObject *result = subset(orig, excs);
    if (result == NULL) {
        return -1;
    }
    if (result == Py_None) {
        Py_DECREF(result);
        result = NULL;
    }
    *part = result;
    return 0;
}

static int
split_group(PyThreadState *tstate, PyObject *group, const struct matcher *matcher, int want_rest,
            PyObject **match, PyObject **rest)
{
    PyObject *excs = Py_NewRef(as_group(group)->excs);
    PyObject *matched = PyList_New(0);
    PyObject *others = want_rest ? PyList_New(0) : NULL;
    int res = -1;
    if (matched != NULL && (others != NULL || !want_rest)
        && !_Py_EnterRecursiveCallTstate(tstate, " in exceptiongroup_split_recursive"))
    {
        res = split_items(tstate, excs, matcher, matched, others);
        _Py_LeaveRecursiveCallTstate(tstate);
        if (res == 0) {
            res = take_subset(group, matched, match);
        }
        if (res == 0 && want_rest && take_subset(group, others, rest) < 0) {
            Py_CLEAR(*match);
            res = -1;
        }
    }
    Py_XDECREF(matched);
    Py_XDECREF(others);
    Py_DECREF(excs);
    return res;
}

static int
split(PyThreadState *tstate, PyObject *exc, const struct matcher *matcher, int want_rest,
      PyObject **match, PyObject **rest)
{
    *match = *rest = NULL;
    int whole = matches(matcher, exc);
    if (whole < 0) {
        return -1;
    }
    if (whole) {
        *match = Py_NewRef(exc);
        return 0;
    }
    if (!is_group(exc)) {
        *rest = want_rest ? Py_NewRef(exc) : NULL;
        return 0;
    }
    return split_group(tstate, exc, matcher, want_rest, match, rest);
}

static PyObject *
BaseExceptionGroup_split(PyObject *op, PyObject *args)
{
    PyObject *value, *match, *rest;
    struct matcher matcher;
    if (!PyArg_UnpackTuple(args, "split", 1, 1, &value)
        || init_matcher(&matcher, value) < 0
        || split(_PyThreadState_GET(), op, &matcher, 1, &match, &rest) < 0)
    {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(2, match != NULL ? match : Py_None,
                                    rest != NULL ? rest : Py_None);
    Py_XDECREF(match);
    Py_XDECREF(rest);
    return result;
}

static PyObject *
BaseExceptionGroup_subgroup(PyObject *op, PyObject *args)
{
    PyObject *value, *match, *rest;
    struct matcher matcher;
    if (!PyArg_UnpackTuple(args, "subgroup", 1, 1, &value)
        || init_matcher(&matcher, value) < 0
        || split(_PyThreadState_GET(), op, &matcher, 0, &match, &rest) < 0)
    {
        return NULL;
    }
    return match != NULL ? match : Py_NewRef(Py_None);
}


/* ---------------------------------------------------------------- except* clauses */

/* Adds the ids of all leaves below an exception to a set. */
static int
collect_leaf_ids(PyThreadState *tstate, PyObject *exc, PyObject *ids)
{
    if (exc == Py_None) {
        return 0;
    }
    if (!is_group(exc)) {
        PyObject *id = PyLong_FromVoidPtr(exc);
        int res = id == NULL ? -1 : PySet_Add(ids, id);
        Py_XDECREF(id);
        return res;
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " in collect_exception_group_leaf_ids")) {
        return -1;
    }
    PyObject *excs = as_group(exc)->excs;
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyTuple_GET_SIZE(excs); i++) {
        res = collect_leaf_ids(tstate, PyTuple_GET_ITEM(excs, i), ids);
    }
    _Py_LeaveRecursiveCallTstate(tstate);
    return res;
}

/* The part of `group` whose leaves are in the exceptions of the list `keep`: new reference, None if
   nothing is, NULL with an exception. */
static PyObject *
project(PyThreadState *tstate, PyObject *group, PyObject *keep)
{
    PyObject *match = NULL, *rest = NULL;
    PyObject *ids = PySet_New(NULL);
    if (ids == NULL) {
        return NULL;
    }
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(keep); i++) {
        res = collect_leaf_ids(tstate, PyList_GET_ITEM(keep, i), ids);
    }
    if (res == 0) {
        struct matcher matcher = {MATCH_INSTANCES, ids};
        res = split(tstate, group, &matcher, 0, &match, &rest);
    }
    Py_DECREF(ids);
    assert(rest == NULL);
    if (res < 0) {
        return NULL;
    }
    return match != NULL ? match : Py_NewRef(Py_None);
}

/* Parts of one group that were re-raised have all this in common with it. */
static int
same_metadata(PyObject *a, PyObject *b)
{
    PyBaseExceptionObject *x = (PyBaseExceptionObject *)a, *y = (PyBaseExceptionObject *)b;
    return x->notes == y->notes && x->traceback == y->traceback && x->cause == y->cause
        && x->context == y->context;
}

/* Sorts what the clauses left into newly raised exceptions and re-raised parts of `orig`. */
static int
sort_raised(PyObject *orig, PyObject *excs, PyObject *raised, PyObject *reraised)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(excs); i++) {
        PyObject *exc = PyList_GET_ITEM(excs, i);
        if (exc != Py_None
            && PyList_Append(same_metadata(exc, orig) ? reraised : raised, exc) < 0)
        {
            return -1;
        }
    }
    return 0;
}

/* What to raise behind the except* clauses for `orig`: `excs` lists what each of them raised
   (or None) and the unhandled rest.  New reference, None for nothing, NULL with an exception. */
PyObject *
_PyExc_PrepReraiseStar(PyObject *orig, PyObject *excs)
{
    assert(PyExceptionInstance_Check(orig) && PyList_Check(excs));
    Py_ssize_t n = PyList_GET_SIZE(excs);
    if (n == 0) {
        return Py_NewRef(Py_None);
    }
    if (!is_group(orig)) {
        /* A naked exception was wrapped and fits one clause at most. */
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyList_GET_ITEM(excs, i) != Py_None) {
                return Py_NewRef(PyList_GET_ITEM(excs, i));
            }
        }
        return Py_NewRef(Py_None);
    }
    PyObject *result = NULL, *again = NULL;
    PyObject *raised = PyList_New(0);
    PyObject *reraised = PyList_New(0);
    if (raised == NULL || reraised == NULL || sort_raised(orig, excs, raised, reraised) < 0) {
        goto done;
    }
    again = project(_PyThreadState_GET(), orig, reraised);
    if (again == NULL) {
        goto done;
    }
    if (PyList_GET_SIZE(raised) == 0) {
        result = Py_NewRef(again);
        goto done;
    }
    if (again != Py_None && PyList_Append(raised, again) < 0) {
        goto done;
    }
    result = PyList_GET_SIZE(raised) == 1 ? Py_NewRef(PyList_GET_ITEM(raised, 0))
                                          : _PyExc_CreateExceptionGroup("", raised);
done:
    Py_XDECREF(again);
    Py_XDECREF(raised);
    Py_XDECREF(reraised);
    return result;
}

PyObject *
PyUnstable_Exc_PrepReraiseStar(PyObject *orig, PyObject *excs)
{
    if (orig == NULL || !PyExceptionInstance_Check(orig)) {
        PyErr_SetString(PyExc_TypeError, "orig must be an exception instance");
        return NULL;
    }
    if (excs == NULL || !PyList_Check(excs)) {
        PyErr_SetString(PyExc_TypeError, "excs must be a list of exception instances");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(excs);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *exc = PyList_GET_ITEM(excs, i);
        if (exc == NULL || !(PyExceptionInstance_Check(exc) || Py_IsNone(exc))) {
            PyErr_Format(PyExc_TypeError, "item %zd of excs is not an exception", i);
            return NULL;
        }
    }
    if (((PyBaseExceptionObject *)orig)->traceback == NULL) {
        PyErr_SetString(PyExc_ValueError, "orig must be a raised exception");
        return NULL;
    }
    return _PyExc_PrepReraiseStar(orig, excs);
}


/* ------------------------------------------------------------------------ types */

static PyMemberDef BaseExceptionGroup_members[] = {
    {"message", T_OBJECT, offsetof(PyBaseExceptionGroupObject, msg), READONLY,
     PyDoc_STR("exception message")},
    {"exceptions", T_OBJECT, offsetof(PyBaseExceptionGroupObject, excs), READONLY,
     PyDoc_STR("nested exceptions")},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef BaseExceptionGroup_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {"derive", BaseExceptionGroup_derive, METH_VARARGS, NULL},
    {"split", BaseExceptionGroup_split, METH_VARARGS, NULL},
    {"subgroup", BaseExceptionGroup_subgroup, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject _PyExc_BaseExceptionGroup = {
    _PyExc_TYPE_HEAD(BaseExceptionGroup, PyBaseExceptionGroupObject, _PyExc_BaseException,
                     BaseExceptionGroup, "A combination of multiple unrelated exceptions."),
    .tp_str = BaseExceptionGroup_str,
    .tp_methods = BaseExceptionGroup_methods,
    .tp_members = BaseExceptionGroup_members,
    .tp_init = BaseExceptionGroup_init,
    .tp_new = BaseExceptionGroup_new,
};
PyObject *PyExc_BaseExceptionGroup = (PyObject *)&_PyExc_BaseExceptionGroup;

PyObject *
_PyExc_MakeExceptionGroupType(void)
{
    PyObject *bases = PyTuple_Pack(2, PyExc_BaseExceptionGroup, PyExc_Exception);
    if (bases == NULL) {
        return NULL;
    }
    PyObject *type = PyErr_NewException("builtins.ExceptionGroup", bases, NULL);
    Py_DECREF(bases);
    return type;
}
