/* The classes of the _ast module: ast.AST and one heap class for each row of _PyAST_classes.

   They are made per interpreter on first use.  An instance is a plain object with a dict; the
   meaning of its fields is checked only when a tree is turned into C structs (ast_convert.c).
   Written from the ast module's documentation and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_ast.h"             // PyAST_Check
#include "pycore_ast_tables.h"      // _PyAST_classes

#include <stddef.h>                 // offsetof()

typedef struct {
    PyObject_HEAD
    PyObject *dict;
} AST_object;

static int
ast_traverse(AST_object *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->dict);
    return 0;
}

static int
ast_clear(AST_object *self)
{
    Py_CLEAR(self->dict);
    return 0;
}

static void
ast_dealloc(AST_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, ast_dealloc)
    ast_clear(self);
    freefunc free_slot = (freefunc)PyType_GetSlot(type, Py_tp_free);
    free_slot(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

/* The class's _fields: new reference, or NULL without exception if there are none. */
static PyObject *
get_fields(PyObject *self)
{
    PyObject *fields = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "_fields");
    if (fields == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
    }
    return fields;
}

static int
init_positional(PyObject *self, PyObject *args, PyObject *fields, Py_ssize_t nfields)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs > nfields) {
        PyErr_Format(PyExc_TypeError, "%.400s constructor takes at most %zd positional argument%s",
                     Py_TYPE(self)->tp_name, nfields, nfields == 1 ? "" : "s");
        return -1;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject *name = PySequence_GetItem(fields, i);
        if (name == NULL) {
            return -1;
        }
        int err = PyObject_SetAttr(self, name, PyTuple_GET_ITEM(args, i));
        Py_DECREF(name);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

static int
init_keywords(PyObject *self, PyObject *kwargs, PyObject *fields, Py_ssize_t nargs)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(kwargs, &pos, &key, &value)) {
        if (nargs > 0) {
            int contains = PySequence_Contains(fields, key);
            if (contains < 0) {
                return -1;
            }
            if (contains) {
                Py_ssize_t index = PySequence_Index(fields, key);
                if (index < 0) {
                    return -1;
                }
                if (index < nargs) {
                    PyErr_Format(PyExc_TypeError, "%.400s got multiple values for argument '%U'",
                                 Py_TYPE(self)->tp_name, key);
                    return -1;
                }
            }
        }
        if (PyObject_SetAttr(self, key, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
ast_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *fields = get_fields(self);
    if (fields == NULL && PyErr_Occurred()) {
        return -1;
    }
    Py_ssize_t nfields = 0;
    int result = -1;
    if (fields != NULL && (nfields = PySequence_Size(fields)) < 0) {
        goto done;
    }
    if (init_positional(self, args, fields, nfields) < 0) {
        goto done;
    }
    if (kwargs != NULL && init_keywords(self, kwargs, fields, PyTuple_GET_SIZE(args)) < 0) {
        goto done;
    }
    result = 0;
done:
    Py_XDECREF(fields);
    return result;
}

static PyObject *
ast_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dict = PyObject_GetAttrString(self, "__dict__");
    if (dict == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return NULL;
        }
        PyErr_Clear();
        return Py_BuildValue("O()", Py_TYPE(self));
    }
    return Py_BuildValue("O()N", Py_TYPE(self), dict);
}

static const PyMemberDef ast_members[] = {
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(AST_object, dict), Py_READONLY},
    {NULL},
};

static const PyMethodDef ast_methods[] = {
    {"__reduce__", ast_reduce, METH_NOARGS, NULL},
    {NULL},
};

static const PyGetSetDef ast_getsets[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict},
    {NULL},
};

static const PyType_Slot ast_slots[] = {
    {Py_tp_dealloc, ast_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_traverse, ast_traverse},
    {Py_tp_clear, ast_clear},
    {Py_tp_members, (PyMemberDef *)ast_members},
    {Py_tp_methods, (PyMethodDef *)ast_methods},
    {Py_tp_getset, (PyGetSetDef *)ast_getsets},
    {Py_tp_init, ast_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_free, PyObject_GC_Del},
    {0, 0},
};

static const PyType_Spec ast_spec = {
    .name = "ast.AST",
    .basicsize = sizeof(AST_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = (PyType_Slot *)ast_slots,
};

/* A tuple of the names with these ids. */
static PyObject *
name_tuple(struct ast_state *state, Py_ssize_t n, const struct ast_field_info *fields)
{
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        int id = fields ? fields[i].name : AST_NAME_lineno + (int)i;
        assert(id < AST_NAME_COUNT);
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(state->names[id]));
    }
    return tuple;
}

static int
make_base(struct ast_state *state)
{
    state->AST_type = PyType_FromSpec((PyType_Spec *)&ast_spec);
    PyObject *empty = PyTuple_New(0);
    int result = -1;
    if (state->AST_type != NULL && empty != NULL
        && PyObject_SetAttrString(state->AST_type, "_fields", empty) == 0
        && PyObject_SetAttrString(state->AST_type, "__match_args__", empty) == 0
        && PyObject_SetAttrString(state->AST_type, "_attributes", empty) == 0)
    {
        result = 0;
    }
    Py_XDECREF(empty);
    return result;
}

/* Optional fields and ends of places are None on the class. */
static int
set_defaults(struct ast_state *state, PyObject *type, const struct ast_class_info *info)
{
    const struct ast_field_info *fields = &_PyAST_fields[info->first_field];
    for (int i = 0; i < info->nfields; i++) {
        if (fields[i].mark == AST_OPTIONAL
            && PyObject_SetAttr(type, state->names[fields[i].name], Py_None) < 0)
        {
            return -1;
        }
    }
    if (info->form == AST_NODE) {
        return 0;
    }
    int n = info->position == AST_NO_POSITION ? 0 : 4;
    PyObject *attributes = name_tuple(state, n, NULL);
    if (attributes == NULL) {
        return -1;
    }
    int err = PyObject_SetAttrString(type, "_attributes", attributes);
    Py_DECREF(attributes);
    if (err < 0) {
        return -1;
    }
    if (info->position == AST_PLACE
        && (PyObject_SetAttr(type, state->names[AST_NAME_end_lineno], Py_None) < 0
            || PyObject_SetAttr(type, state->names[AST_NAME_end_col_offset], Py_None) < 0))
    {
        return -1;
    }
    return 0;
}

static int
make_class(struct ast_state *state, int id)
{
    const struct ast_class_info *info = &_PyAST_classes[id];
    assert(info->form != AST_NODE || info->family < id);
    PyObject *base = info->form == AST_NODE ? state->types[info->family] : state->AST_type;
    PyObject *fields = name_tuple(state, info->nfields, &_PyAST_fields[info->first_field]);
    if (fields == NULL) {
        return -1;
    }
    PyObject *type = PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){sOsOssss}", info->name,
                                           base, "_fields", fields, "__match_args__", fields,
                                           "__module__", "ast", "__doc__", info->doc);
    Py_DECREF(fields);
    if (type == NULL) {
        return -1;
    }
    state->types[id] = type;
    if (set_defaults(state, type, info) < 0) {
        return -1;
    }
    if (info->form == AST_NODE && _PyAST_classes[info->family].form == AST_ENUM) {
        state->singletons[id] = PyType_GenericNew((PyTypeObject *)type, NULL, NULL);
        if (state->singletons[id] == NULL) {
            return -1;
        }
    }
    return 0;
}

static int
fill_state(struct ast_state *state)
{
    for (int i = 0; i < AST_NAME_COUNT; i++) {
        state->names[i] = PyUnicode_InternFromString(_PyAST_names[i]);
        if (state->names[i] == NULL) {
            return -1;
        }
    }
    if (make_base(state) < 0) {
        return -1;
    }
    for (int id = 0; id < AST_CLASS_COUNT; id++) {
        if (make_class(state, id) < 0) {
            return -1;
        }
    }
    state->initialized = 1;
    return 0;
}

struct ast_state *
_PyAST_State(void)
{
    struct ast_state *state = _PyAST_StateStorage();
    if (!state->initialized) {
        // Made aside: making classes runs code that may come here again.
        struct ast_state *made = PyMem_Calloc(1, sizeof(*made));
        if (made == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        if (fill_state(made) < 0) {
            _PyAST_ClearState(made);
            PyMem_Free(made);
            return NULL;
        }
        if (!state->initialized) {
            *state = *made;
        }
        else {
            _PyAST_ClearState(made);
        }
        PyMem_Free(made);
    }
    return state;
}

void
_PyAST_ClearState(struct ast_state *state)
{
    state->initialized = 0;
    for (int i = 0; i < AST_CLASS_COUNT; i++) {
        Py_CLEAR(state->singletons[i]);
        Py_CLEAR(state->types[i]);
    }
    Py_CLEAR(state->AST_type);
    for (int i = 0; i < AST_NAME_COUNT; i++) {
        Py_CLEAR(state->names[i]);
    }
}

int
PyAST_Check(PyObject *obj)
{
    struct ast_state *state = _PyAST_State();
    if (state == NULL) {
        return -1;
    }
    return PyObject_IsInstance(obj, state->AST_type);
}
