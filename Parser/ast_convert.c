/* Between the tree of C structs and the tree of ast objects.

   Both directions walk the tables of the generated ast_nodes.c: a field is a pointer, an int
   or a sequence at a known offset of its family's struct.  A family's struct begins with its kind.
   Required fields, types and integer ranges are checked here; what makes sense beyond that is
   checked by ast_validate.c. */

#include "Python.h"
#include "pycore_ast.h"             // mod_ty
#include "pycore_ast_tables.h"      // _PyAST_classes

static PyObject *node_to_object(struct ast_state *state, int family, void *node);

/* From structs to objects. */

static PyObject *
value_to_object(struct ast_state *state, int type, void *slot)
{
    if (type == AST_VALUE_int) {
        return PyLong_FromLong(*(int *)slot);
    }
    if (type >= AST_CLASS_COUNT) {
        PyObject *value = *(PyObject **)slot;
        return Py_NewRef(value ? value : Py_None);
    }
    if (_PyAST_classes[type].form == AST_ENUM) {
        int member = type + *(int *)slot;
        assert(_PyAST_classes[member].family == type);
        return Py_NewRef(state->singletons[member]);
    }
    return node_to_object(state, type, *(void **)slot);
}

static PyObject *
sequence_to_list(struct ast_state *state, int type, asdl_seq *seq)
{
    Py_ssize_t n = asdl_seq_LEN(seq);
    PyObject *list = PyList_New(n);
    if (list == NULL) {
        return NULL;
    }
    int is_enum = type < AST_CLASS_COUNT && _PyAST_classes[type].form == AST_ENUM;
    for (Py_ssize_t i = 0; i < n; i++) {
        void *slot = is_enum ? (void *)&((asdl_int_seq *)seq)->typed_elements[i]
                             : (void *)&seq->elements[i];
        PyObject *item = value_to_object(state, type, slot);
        if (item == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static int
set_field(struct ast_state *state, PyObject *result, int name, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    int err = PyObject_SetAttr(result, state->names[name], value);
    Py_DECREF(value);
    return err;
}

static int
set_fields(struct ast_state *state, PyObject *result, const struct ast_class_info *info,
           char *node)
{
    const struct ast_field_info *field = &_PyAST_fields[info->first_field];
    for (int i = 0; i < info->nfields; i++, field++) {
        void *slot = node + field->offset;
        PyObject *value = field->mark == AST_SEQUENCE
                          ? sequence_to_list(state, field->type, *(asdl_seq **)slot)
                          : value_to_object(state, field->type, slot);
        if (set_field(state, result, field->name, value) < 0) {
            return -1;
        }
    }
    if (info->position != AST_NO_POSITION) {
        const int *place = (const int *)(void *)(node + info->place);
        for (int i = 0; i < 4; i++) {
            if (set_field(state, result, AST_NAME_lineno + i, PyLong_FromLong(place[i])) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static PyObject *
node_to_object(struct ast_state *state, int family, void *node)
{
    if (node == NULL) {
        return Py_NewRef(Py_None);
    }
    if (Py_EnterRecursiveCall(" during ast construction")) {
        return NULL;
    }
    int id = family;
    if (_PyAST_classes[family].form == AST_FAMILY) {
        id += *(int *)node;         // the kind
        assert(_PyAST_classes[id].family == family);
    }
    PyObject *result = PyType_GenericNew((PyTypeObject *)state->types[id], NULL, NULL);
    if (result != NULL && set_fields(state, result, &_PyAST_classes[id], node) < 0) {
        Py_CLEAR(result);
    }
    Py_LeaveRecursiveCall();
    return result;
}

PyObject *
PyAST_mod2obj(mod_ty tree)
{
    struct ast_state *state = _PyAST_State();
    if (state == NULL) {
        return NULL;
    }
    return node_to_object(state, AST_CLASS_mod, tree);
}

/* From objects to structs. */

struct loader {
    struct ast_state *state;
    PyArena *arena;
};

static int load_node(struct loader *l, int family, PyObject *obj, void **out);

/* The attribute: new reference.  *value is NULL if it is missing. */
static int
get_attribute(PyObject *obj, PyObject *name, PyObject **value)
{
    *value = PyObject_GetAttr(obj, name);
    if (*value == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

static int
missing_field(struct loader *l, int name, const struct ast_class_info *info)
{
    PyErr_Format(PyExc_TypeError, "required field \"%U\" missing from %s", l->state->names[name],
                 info->name);
    return -1;
}

static int
load_int(PyObject *obj, int *out)
{
    if (!PyLong_Check(obj)) {
        PyErr_Format(PyExc_ValueError, "invalid integer value: %R", obj);
        return -1;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(obj, &overflow);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || value > INT_MAX || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    *out = (int)value;
    return 0;
}

/* An identifier, string or constant; NULL for None except as a constant. */
static int
load_object(struct loader *l, int type, PyObject *obj, PyObject **out)
{
    if (type == AST_VALUE_identifier && !PyUnicode_CheckExact(obj) && obj != Py_None) {
        PyErr_SetString(PyExc_TypeError, "AST identifier must be of type str");
        return -1;
    }
    if (type == AST_VALUE_string && !PyUnicode_CheckExact(obj) && !PyBytes_CheckExact(obj)) {
        PyErr_SetString(PyExc_TypeError, "AST string must be of type str");
        return -1;
    }
    if (obj == Py_None && type != AST_VALUE_constant) {
        *out = NULL;
        return 0;
    }
    Py_INCREF(obj);
    if (_PyArena_AddPyObject(l->arena, obj) < 0) {
        Py_DECREF(obj);
        return -1;
    }
    *out = obj;
    return 0;
}

/* Which member of the family obj is: its class id, 0 if none, -1 with an exception. */
static int
find_member(struct loader *l, int family, PyObject *obj)
{
    int last = family + _PyAST_classes[family].members;
    for (int id = family + 1; id <= last; id++) {
        if ((PyObject *)Py_TYPE(obj) == l->state->types[id]) {
            return id;
        }
    }
    for (int id = family + 1; id <= last; id++) {
        int is_instance = PyObject_IsInstance(obj, l->state->types[id]);
        if (is_instance) {
            return is_instance < 0 ? -1 : id;
        }
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R",
                 _PyAST_classes[family].name, obj);
    return -1;
}

static int
load_value(struct loader *l, int type, PyObject *obj, void *slot)
{
    if (type == AST_VALUE_int) {
        return load_int(obj, slot);
    }
    if (type >= AST_CLASS_COUNT) {
        return load_object(l, type, obj, slot);
    }
    if (_PyAST_classes[type].form == AST_ENUM) {
        int id = find_member(l, type, obj);
        if (id < 0) {
            return -1;
        }
        *(int *)slot = _PyAST_classes[id].kind;
        return 0;
    }
    return load_node(l, type, obj, slot);
}

/* Elements that no later check looks at must not be missing. */
static int
check_element(const struct ast_field_info *field, void *element)
{
    if (element != NULL || field->type == AST_CLASS_expr || field->type == AST_CLASS_stmt) {
        return 0;
    }
    const char *what = field->type == AST_VALUE_identifier ? "identifier"
                       : _PyAST_classes[field->type].name;
    PyErr_Format(PyExc_ValueError, "None disallowed in %s list", what);
    return -1;
}

static int
load_sequence(struct loader *l, const struct ast_class_info *info,
              const struct ast_field_info *field, PyObject *list, asdl_seq **out)
{
    if (!PyList_Check(list)) {
        PyErr_Format(PyExc_TypeError, "%s field \"%U\" must be a list, not a %.200s", info->name,
                     l->state->names[field->name], Py_TYPE(list)->tp_name);
        return -1;
    }
    Py_ssize_t n = PyList_GET_SIZE(list);
    int is_enum = field->type < AST_CLASS_COUNT && _PyAST_classes[field->type].form == AST_ENUM;
    asdl_seq *seq = is_enum ? (void *)_Py_asdl_int_seq_new(n, l->arena)
                            : (void *)_Py_asdl_generic_seq_new(n, l->arena);
    if (seq == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        void *slot = is_enum ? (void *)&((asdl_int_seq *)seq)->typed_elements[i]
                             : (void *)&seq->elements[i];
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        int err = load_value(l, field->type, item, slot);
        Py_DECREF(item);
        if (err < 0 || (!is_enum && check_element(field, seq->elements[i]) < 0)) {
            return -1;
        }
        if (PyList_GET_SIZE(list) != n) {
            PyErr_Format(PyExc_RuntimeError, "%s field \"%U\" changed size during iteration",
                         info->name, l->state->names[field->name]);
            return -1;
        }
    }
    *out = seq;
    return 0;
}

static int
enter_node(const struct ast_class_info *info)
{
    char where[64];
    snprintf(where, sizeof(where), " while traversing '%s' node", info->name);
    return Py_EnterRecursiveCall(where);
}

static int
load_field(struct loader *l, const struct ast_class_info *info,
           const struct ast_field_info *field, PyObject *obj, char *node)
{
    void *slot = node + field->offset;
    PyObject *value;
    if (get_attribute(obj, l->state->names[field->name], &value) < 0) {
        return -1;
    }
    if (value == NULL || (value == Py_None && field->mark == AST_OPTIONAL)) {
        // The struct is zeroed: nothing, 0 or an empty sequence.
        Py_XDECREF(value);
        if (field->mark != AST_ONE) {
            return 0;
        }
        return missing_field(l, field->name, info);
    }
    int err = enter_node(info);
    if (!err) {
        err = field->mark == AST_SEQUENCE ? load_sequence(l, info, field, value, slot)
                                          : load_value(l, field->type, value, slot);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(value);
    return err ? -1 : 0;
}

/* The four numbers of a position.  A missing end is taken from the start. */
static int
load_position(struct loader *l, const struct ast_class_info *family, PyObject *obj, int place[4])
{
    for (int i = 0; i < 4; i++) {
        PyObject *value;
        if (get_attribute(obj, l->state->names[AST_NAME_lineno + i], &value) < 0) {
            return -1;
        }
        if (i >= 2 && family->position == AST_PLACE && (value == NULL || value == Py_None)) {
            Py_XDECREF(value);
            place[i] = place[i - 2];
            continue;
        }
        if (value == NULL) {
            return missing_field(l, AST_NAME_lineno + i, family);
        }
        int err = enter_node(family);
        if (!err) {
            err = load_int(value, &place[i]);
            Py_LeaveRecursiveCall();
        }
        Py_DECREF(value);
        if (err) {
            return -1;
        }
    }
    return 0;
}

/* None may stand for a node in a field, but not in a required one. */
static int
check_required(struct loader *l, const struct ast_class_info *info, char *node)
{
    const struct ast_field_info *field = &_PyAST_fields[info->first_field];
    for (int i = 0; i < info->nfields; i++, field++) {
        int by_value = field->type == AST_VALUE_int
                       || (field->type < AST_CLASS_COUNT
                           && _PyAST_classes[field->type].form == AST_ENUM);
        if (field->mark == AST_ONE && !by_value && *(void **)(node + field->offset) == NULL) {
            PyErr_Format(PyExc_ValueError, "field '%U' is required for %s",
                         l->state->names[field->name], info->name);
            return -1;
        }
    }
    return 0;
}

static int
load_node(struct loader *l, int family, PyObject *obj, void **out)
{
    const struct ast_class_info *info = &_PyAST_classes[family];
    *out = NULL;
    if (info->form == AST_FAMILY && obj == Py_None) {
        return 0;
    }
    char *node = _PyArena_Malloc(l->arena, info->size);
    if (node == NULL) {
        return -1;
    }
    memset(node, 0, info->size);
    int *place = (int *)(void *)(node + info->place);
    if (info->form == AST_FAMILY) {
        if (info->position != AST_NO_POSITION && load_position(l, info, obj, place) < 0) {
            return -1;
        }
        int id = find_member(l, family, obj);
        if (id < 0) {
            return -1;
        }
        info = &_PyAST_classes[id];
        *(int *)node = info->kind;
    }
    for (int i = 0; i < info->nfields; i++) {
        if (load_field(l, info, &_PyAST_fields[info->first_field + i], obj, node) < 0) {
            return -1;
        }
    }
    if (info->form == AST_RECORD && info->position != AST_NO_POSITION
        && load_position(l, info, obj, place) < 0)
    {
        return -1;
    }
    if (check_required(l, info, node) < 0) {
        return -1;
    }
    *out = node;
    return 0;
}

mod_ty
PyAST_obj2mod(PyObject *ast, PyArena *arena, int mode)
{
    static const uint8_t wanted[] = {
        AST_CLASS_Module, AST_CLASS_Expression, AST_CLASS_Interactive, AST_CLASS_FunctionType,
    };
    if (PySys_Audit("compile", "OO", ast, Py_None) < 0) {
        return NULL;
    }
    struct ast_state *state = _PyAST_State();
    if (state == NULL) {
        return NULL;
    }
    assert(0 <= mode && mode < (int)sizeof(wanted));
    int is_instance = PyObject_IsInstance(ast, state->types[wanted[mode]]);
    if (is_instance < 0) {
        return NULL;
    }
    if (!is_instance) {
        PyErr_Format(PyExc_TypeError, "expected %s node, got %.400s",
                     _PyAST_classes[wanted[mode]].name, Py_TYPE(ast)->tp_name);
        return NULL;
    }
    struct loader loader = {state, arena};
    void *tree;
    if (load_node(&loader, AST_CLASS_mod, ast, &tree) < 0) {
        return NULL;
    }
    return tree;
}
