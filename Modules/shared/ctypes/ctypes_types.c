/* Simple types, arrays and pointers: their metatypes' work and their instances.
 *
 * Invariants: the memory of a simple instance, array or pointer is as large as its type says, or
 * larger (resize()); an index is checked against the length of the array, never against the memory
 * of a pointer, which is the user's business.
 *
 * Written from the library reference (ctypes), PEP 3118 and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

/* Whether a datum still has the memory that its type needs (the type can be assigned); false with
   ValueError. */
static bool
check_memory(datum *self)
{
    ctype_info *info = info_of(self);
    if (!info->ready || self->size < info->size) {
        PyErr_SetString(PyExc_ValueError, "the instance has less memory than its type needs");
        return false;
    }
    return true;
}

/* The information of the type of items, or NULL with TypeError. */
static ctype_info *
item_info(datum *self)
{
    PyObject *proto = info_of(self)->proto;
    ctype_info *item = proto != NULL ? ctypes_type_info(state_of(self), proto) : NULL;
    if (item == NULL) {
        PyErr_SetString(PyExc_TypeError, "_type_ must have storage info");
    }
    return item;
}

/* ------------------------------------------------------------------------- PyCSimpleType */

/* The code that `_type_` names, or NULL with an exception. */
static const struct ctype_code *
read_code(PyObject *self)
{
    PyObject *proto;
    int found = ctypes_lookup(self, "_type_", &proto);
    const struct ctype_code *code = NULL;
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_AttributeError, "class must define a '_type_' attribute");
        }
        return NULL;
    }
    if (!PyUnicode_Check(proto)) {
        PyErr_SetString(PyExc_TypeError, "class must define a '_type_' string attribute");
    }
    else if (PyUnicode_GET_LENGTH(proto) != 1) {
        PyErr_SetString(PyExc_ValueError, "class must define a '_type_' attribute "
                        "which must be a string of length 1");
    }
    else {
        Py_UCS4 c = PyUnicode_READ_CHAR(proto, 0);
        code = c < 128 ? ctypes_find_code((char)c) : NULL;
        if (code == NULL && c < 128 && c != 0 && strchr(CTYPES_CODES, (int)c) != NULL) {
            PyErr_Format(PyExc_ValueError, "_type_ '%U' not supported", proto);
        }
        else if (code == NULL) {
            PyErr_SetString(PyExc_AttributeError, "class must define a '_type_' attribute which "
                            "must be\na single character string containing one of '"
                            CTYPES_CODES "'.");
        }
    }
    Py_DECREF(proto);
    return code;
}

static int
init_simple(PyObject *self, const struct ctype_code *code, bool swapped)
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    assert(!info->ready && info->format == NULL);
    assert(!swapped || ctypes_can_swap(code));
    bool big = (PY_BIG_ENDIAN != 0) != swapped;
    info->format = PyMem_Malloc(3);
    if (info->format == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    snprintf(info->format, 3, "%c%c", big ? '>' : '<', code->format);
    ctypes_info_init(info, C_SIMPLE, code->size, code->align, 0);
    info->ffi = code->ffi;
    info->access = (struct ctype_access){.code = code, .swapped = swapped};
    info->has_pointer = code->ffi == &ffi_type_pointer;
    uint16_t bytes = (uint16_t)((1u << code->size) - 1);
    if (code->kind == K_FLOAT || code->kind == K_DOUBLE || code->kind == K_LONGDOUBLE) {
        info->bytes.floating = bytes;
        info->bytes.long_double = code->kind == K_LONGDOUBLE;
    }
    else {
        info->bytes.other = bytes;
    }
    return 0;
}

/* Make the type of the same values in the other byte order, and let both know each other; 0, or
   -1 with an exception. */
static int
make_swapped(PyObject *self, PyObject *args, const struct ctype_code *code)
{
    static const char *const native = PY_BIG_ENDIAN ? "__ctype_be__" : "__ctype_le__";
    static const char *const other = PY_BIG_ENDIAN ? "__ctype_le__" : "__ctype_be__";
    PyObject *name = PyUnicode_FromFormat("%U_%s", PyTuple_GET_ITEM(args, 0),
                                          PY_BIG_ENDIAN ? "le" : "be");
    if (name == NULL) {
        return -1;
    }
    PyObject *fresh = PyTuple_Pack(3, name, PyTuple_GET_ITEM(args, 1), PyTuple_GET_ITEM(args, 2));
    Py_DECREF(name);
    if (fresh == NULL) {
        return -1;
    }
    PyObject *swapped = PyType_Type.tp_new(Py_TYPE(self), fresh, NULL);
    Py_DECREF(fresh);
    if (swapped == NULL) {
        return -1;
    }
    int result = init_simple(swapped, code, true);
    if (result == 0 && (PyObject_SetAttrString(self, native, self) < 0
                        || PyObject_SetAttrString(self, other, swapped) < 0
                        || PyObject_SetAttrString(swapped, native, self) < 0
                        || PyObject_SetAttrString(swapped, other, swapped) < 0))
    {
        result = -1;
    }
    Py_DECREF(swapped);
    return result;
}

/* Whether a class may be initialised: it was not, and by type.__new__'s arguments; 0, or -1 with
   an exception. */
static int
check_new_type(PyObject *self, PyObject *args)
{
    if (info_of_type((PyTypeObject *)self)->ready) {
        PyErr_Format(PyExc_TypeError, "type '%s' is already initialized",
                     ((PyTypeObject *)self)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(args) != 3 || !PyUnicode_Check(PyTuple_GET_ITEM(args, 0))
        || !PyDict_Check(PyTuple_GET_ITEM(args, 2)))
    {
        PyErr_SetString(PyExc_TypeError, "a C type needs a name, bases and a namespace");
        return -1;
    }
    return 0;
}

int
ctypes_simple_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    if (check_new_type(self, args) < 0) {
        return -1;
    }
    const struct ctype_code *code = read_code(self);
    if (code == NULL || init_simple(self, code, false) < 0) {
        return -1;
    }
    ctypes_state *state = state_of_type((PyTypeObject *)self);
    bool direct = Py_IS_TYPE(self, state->simple_meta)
                  && ((PyTypeObject *)self)->tp_base == state->simple_type;
    return direct && ctypes_can_swap(code) ? make_swapped(self, args, code) : 0;
}

/* --------------------------------------------------------------- from_param of simple types */

/* Whether a parameter or pointer-like datum fits a text pointer of items with this code. */
static bool
fits_text(ctypes_state *state, PyObject *value, enum code_kind item)
{
    ctype_info *info = NULL;
    if (Py_IS_TYPE(value, state->param_type)) {         /* byref(c_char(...)) */
        PyObject *object = ((param_object *)value)->object;
        info = object != NULL ? ctypes_object_info(state, object) : NULL;
    }
    else {
        info = ctypes_object_info(state, value);
        if (info == NULL || (info->kind != C_ARRAY && info->kind != C_POINTER)
            || info->proto == NULL)
        {
            return false;
        }
        info = ctypes_type_info(state, info->proto);
    }
    return info != NULL && info->kind == C_SIMPLE && info->access.code->kind == item;
}

/* A parameter with the value stored by a code, or NULL with an exception. */
static PyObject *
stored_param(ctypes_state *state, const struct ctype_access *access, PyObject *value)
{
    param_object *param = ctypes_new_param(state, access->code->letter, access->code->ffi, NULL);
    if (param != NULL) {
        param->object = ctypes_store(access, (char *)&param->value, value, access->code->size);
        if (param->object == NULL) {
            Py_CLEAR(param);
        }
    }
    return (PyObject *)param;
}

/* The parameter for c_char_p, c_wchar_p and c_void_p, if the value itself is of a type that fits:
   1 and a new reference, 0, or -1 with an exception. */
static int
pointer_param(ctypes_state *state, enum code_kind kind, PyObject *value, PyObject **result)
{
    *result = NULL;
    ctype_info *info = ctypes_object_info(state, value);
    struct ctype_access access = {NULL};
    if (value == Py_None) {
        *result = Py_NewRef(Py_None);
        return 1;
    }
    if (kind != K_WCHAR_PTR && PyBytes_Check(value)) {
        access.code = ctypes_find_code('z');
    }
    else if (kind != K_CHAR_PTR && PyUnicode_Check(value)) {
        access.code = ctypes_find_code('Z');
    }
    else if (kind == K_POINTER && PyLong_Check(value)) {
        access.code = ctypes_find_code('P');
    }
    else if (kind != K_POINTER) {
        if (fits_text(state, value, kind == K_CHAR_PTR ? K_CHAR : K_WCHAR)) {
            *result = Py_NewRef(value);
        }
        return *result != NULL;
    }
    else if (info != NULL && (info->kind == C_ARRAY || info->kind == C_POINTER)) {
        *result = Py_NewRef(value);
    }
    else if (Py_IS_TYPE(value, state->param_type)) {
        if (((param_object *)value)->tag == 'P') {
            *result = Py_NewRef(value);
        }
        return *result != NULL;
    }
    else if (info != NULL && info->kind == C_FUNCTION) {
        *result = ctypes_address_param(state, 'P', address_in((datum *)value), value);
    }
    else if (info != NULL && info->kind == C_SIMPLE
             && (info->access.code->kind == K_CHAR_PTR || info->access.code->kind == K_WCHAR_PTR))
    {
        *result = ctypes_address_param(state, 'Z', address_in((datum *)value), value);
    }
    else {
        return 0;
    }
    if (access.code != NULL) {
        *result = stored_param(state, &access, value);
    }
    return *result != NULL ? 1 : -1;
}

PyObject *
ctypes_simple_from_param(PyObject *type, PyObject *value)
{
    ctype_info *info = info_of_type((PyTypeObject *)type);
    ctypes_state *state = state_of_type((PyTypeObject *)type);
    PyObject *result;
    int found = PyObject_IsInstance(value, type);
    if (found != 0) {
        return found > 0 ? Py_NewRef(value) : NULL;
    }
    if (!info->ready) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    enum code_kind kind = info->access.code->kind;
    if (kind == K_CHAR_PTR || kind == K_WCHAR_PTR || kind == K_POINTER) {
        found = pointer_param(state, kind, value, &result);
        if (found == 0) {
            found = ctypes_as_parameter(ctypes_simple_from_param, type, value, &result);
        }
        if (found == 0) {
            PyErr_SetString(PyExc_TypeError, "wrong type");
        }
        return result;
    }
    result = stored_param(state, &info->access, value);
    if (result != NULL) {
        return result;
    }
    PyObject *error = PyErr_GetRaisedException();
    found = ctypes_as_parameter(ctypes_simple_from_param, type, value, &result);
    if (found == 0) {
        PyErr_SetRaisedException(error);
        return NULL;
    }
    Py_DECREF(error);
    return result;
}

/* -------------------------------------------------------------------------- _SimpleCData */

static PyObject *
simple_get_value(PyObject *op, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    if (!check_memory(self)) {
        return NULL;
    }
    return ctypes_load(&info_of(self)->access, self->ptr, self->size);
}

static int
simple_set_value(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete attribute");
        return -1;
    }
    if (!check_memory(self)) {
        return -1;
    }
    ctype_info *info = info_of(self);
    PyObject *keep = ctypes_store(&info->access, self->ptr, value, info->size);
    return keep != NULL ? ctypes_keep(self, 0, keep) : -1;
}

static int
simple_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *value = NULL;
    if (!PyArg_UnpackTuple(args, "__init__", 0, 1, &value)) {
        return -1;
    }
    return value != NULL ? simple_set_value(self, value, NULL) : 0;
}

static PyObject *
simple_repr(PyObject *self)
{
    if (ctypes_is_derived(state_of(self), Py_TYPE(self))) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
    }
    PyObject *value = simple_get_value(self, NULL);
    if (value == NULL) {
        if (info_of(self)->access.code->kind != K_OBJECT) {
            return NULL;
        }
        PyErr_Clear();          /* a py_object without an object */
        return PyUnicode_FromFormat("%s(<NULL>)", Py_TYPE(self)->tp_name);
    }
    PyObject *repr = PyUnicode_FromFormat("%s(%R)", Py_TYPE(self)->tp_name, value);
    Py_DECREF(value);
    return repr;
}

/* The slot nb_bool of simple types, pointers and functions: whether a byte of it is not zero. */
static int
memory_bool(PyObject *op)
{
    datum *self = (datum *)op;
    Py_ssize_t size = Py_MIN(self->size, info_of(self)->size);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (self->ptr[i] != 0) {
            return 1;
        }
    }
    return 0;
}

static PyObject *
simple_from_outparam(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (ctypes_is_derived(state_of(self), Py_TYPE(self))) {
        return Py_NewRef(self);
    }
    return simple_get_value(self, NULL);
}

static PyMethodDef simple_methods[] = {
    {"__ctypes_from_outparam__", simple_from_outparam, METH_NOARGS, NULL},
    {NULL}
};

static PyGetSetDef simple_getset[] = {
    {"value", simple_get_value, simple_set_value, "current value", NULL},
    {NULL}
};

#define DATA_SLOTS \
    {Py_tp_traverse, ctypes_data_traverse}, \
    {Py_tp_clear, ctypes_data_clear}, \
    {Py_tp_dealloc, ctypes_data_dealloc}, \
    {Py_bf_getbuffer, ctypes_data_getbuffer}

#define DATA_FLAGS \
    (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE)

static PyType_Slot simple_slots[] = {
    DATA_SLOTS,
    {Py_tp_doc, (void *)"Base class of all fundamental ctypes data types."},
    {Py_tp_new, ctypes_data_new},
    {Py_tp_init, simple_init},
    {Py_tp_repr, simple_repr},
    {Py_tp_methods, simple_methods},
    {Py_tp_getset, simple_getset},
    {Py_nb_bool, memory_bool},
    {0, NULL}
};

PyType_Spec ctypes_simple_spec = {
    .name = "_ctypes._SimpleCData",
    .basicsize = sizeof(datum),
    .flags = DATA_FLAGS,
    .slots = simple_slots,
};

/* --------------------------------------------------------------------------- PyCArrayType */

/* Read `_length_`; -1 with an exception. */
static Py_ssize_t
read_length(PyObject *self)
{
    PyObject *value;
    int found = ctypes_lookup(self, "_length_", &value);
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_AttributeError, "class must define a '_length_' attribute");
        }
        return -1;
    }
    Py_ssize_t length = -1;
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "The '_length_' attribute must be an integer");
    }
    else if (_PyLong_Sign(value) < 0) {
        PyErr_SetString(PyExc_ValueError, "The '_length_' attribute must not be negative");
    }
    else {
        length = PyLong_AsSsize_t(value);
        if (length < 0 && PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_OverflowError, "The '_length_' attribute is too large");
        }
    }
    Py_DECREF(value);
    return length;
}

/* Set format and shape of an array type from those of its items. */
static int
set_array_format(ctype_info *info, const ctype_info *item)
{
    const char *format = item->format != NULL ? item->format : "B";
    assert(info->format == NULL && info->shape == NULL);
    info->format = PyMem_Malloc(strlen(format) + 1);
    info->shape = PyMem_New(Py_ssize_t, item->ndim + 1);
    if (info->format == NULL || info->shape == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    strcpy(info->format, format);
    info->ndim = item->ndim + 1;
    info->shape[0] = info->length;
    for (int i = 0; i < item->ndim; i++) {
        info->shape[i + 1] = item->shape[i];
    }
    return 0;
}

static int add_text_attributes(PyObject *self, enum code_kind kind);

/* Initialise an array type from its _length_ and the type (borrowed) of its items. */
static int
init_array(PyObject *self, Py_ssize_t length, PyObject *proto)
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    ctype_info *item = ctypes_type_info(state_of_type((PyTypeObject *)self), proto);
    if (item == NULL) {
        PyErr_SetString(PyExc_TypeError, "_type_ must have storage info");
        return -1;
    }
    if (item->size != 0 && length > PY_SSIZE_T_MAX / item->size) {
        PyErr_SetString(PyExc_OverflowError, "array too large");
        return -1;
    }
    info->length = length;
    if (set_array_format(info, item) < 0) {
        return -1;
    }
    info->proto = Py_NewRef(proto);
    info->has_pointer = item->has_pointer;
    for (Py_ssize_t i = 0, at = 0; i < length && at < 16 && item->size > 0; i++) {
        ctypes_add_bytes(&info->bytes, item, at);
        at += item->size;
    }
    ctypes_info_init(info, C_ARRAY, length * item->size, item->align, length);
    return item->kind == C_SIMPLE ? add_text_attributes(self, item->access.code->kind) : 0;
}

int
ctypes_array_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    if (check_new_type(self, args) < 0) {
        return -1;
    }
    PyObject *proto;
    Py_ssize_t length = read_length(self);
    if (length < 0) {
        return -1;
    }
    int found = ctypes_lookup(self, "_type_", &proto);
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_AttributeError, "class must define a '_type_' attribute");
        }
        return -1;
    }
    int result = init_array(self, length, proto);
    Py_DECREF(proto);
    return result;
}

/* -------------------------------------------------------------- arrays of characters as text */

static PyObject *
chars_get_raw(PyObject *op, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    return PyBytes_FromStringAndSize(self->ptr, self->size);
}

static int
chars_set_raw(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    Py_buffer view;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int result = 0;
    if (view.len > self->size) {
        PyErr_SetString(PyExc_ValueError, "byte string too long");
        result = -1;
    }
    else {
        memmove(self->ptr, view.buf, (size_t)view.len);
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
chars_get_value(PyObject *op, void *closure)
{
    struct ctype_access access = {.code = closure};
    assert(closure == &ctypes_bytes_code || closure == &ctypes_str_code);
    return ctypes_load(&access, ((datum *)op)->ptr, ((datum *)op)->size);
}

/* The setter of `value`; the texts of errors are not those of fields. */
static int
chars_set_value(PyObject *op, PyObject *value, void *closure)
{
    datum *self = (datum *)op;
    struct ctype_access access = {.code = closure};
    bool bytes = closure == &ctypes_bytes_code;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete attribute");
        return -1;
    }
    if (bytes && !PyBytes_Check(value)) {
        PyErr_Format(PyExc_TypeError, "bytes expected instead of %s instance",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (bytes) {                /* all of it, and a zero if there is room */
        Py_ssize_t size = PyBytes_GET_SIZE(value);
        if (size > self->size) {
            PyErr_SetString(PyExc_ValueError, "byte string too long");
            return -1;
        }
        memcpy(self->ptr, PyBytes_AS_STRING(value), (size_t)(size + (size < self->size)));
        return 0;
    }
    PyObject *keep = ctypes_store(&access, self->ptr, value, self->size);
    if (keep == NULL && PyErr_ExceptionMatches(PyExc_ValueError) && PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_ValueError, "string too long");
    }
    Py_XDECREF(keep);
    return keep != NULL ? 0 : -1;
}

static PyGetSetDef chars_getset[] = {
    {"raw", chars_get_raw, chars_set_raw, "value", NULL},
    {"value", chars_get_value, chars_set_value, "string value", (void *)&ctypes_bytes_code},
    {NULL}
};

static PyGetSetDef wide_getset[] = {
    {"value", chars_get_value, chars_set_value, "string value", (void *)&ctypes_str_code},
    {NULL}
};

/* Give an array type of characters its attributes; 0, or -1 with an exception. */
static int
add_text_attributes(PyObject *self, enum code_kind kind)
{
    PyGetSetDef *getset = kind == K_CHAR ? chars_getset : kind == K_WCHAR ? wide_getset : NULL;
    for (; getset != NULL && getset->name != NULL; getset++) {
        PyObject *descriptor = PyDescr_NewGetSet((PyTypeObject *)self, getset);
        if (descriptor == NULL) {
            return -1;
        }
        int failed = PyObject_SetAttrString(self, getset->name, descriptor);
        Py_DECREF(descriptor);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* --------------------------------------------------------------------------------- Array */

/* The address of an item of an array, or NULL with IndexError. */
static char *
array_item_at(datum *self, const ctype_info *item, Py_ssize_t index)
{
    if (index < 0 || index >= self->length
        || (item->size > 0 && index >= self->size / item->size))
    {
        PyErr_SetString(PyExc_IndexError, "invalid index");
        return NULL;
    }
    return self->ptr + index * item->size;
}

static PyObject *
array_item(PyObject *op, Py_ssize_t index)
{
    datum *self = (datum *)op;
    ctype_info *item = item_info(self);
    char *ptr = item != NULL ? array_item_at(self, item, index) : NULL;
    if (ptr == NULL) {
        return NULL;
    }
    return ctypes_get(info_of(self)->proto, NULL, op, index, item->size, ptr);
}

static int
array_ass_item(PyObject *op, Py_ssize_t index, PyObject *value)
{
    datum *self = (datum *)op;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Array does not support item deletion");
        return -1;
    }
    ctype_info *item = item_info(self);
    char *ptr = item != NULL ? array_item_at(self, item, index) : NULL;
    if (ptr == NULL) {
        return -1;
    }
    return ctypes_set(self, info_of(self)->proto, NULL, value, index, item->size, ptr);
}

/* Items of an array or pointer as bytes, str or list; memory is valid for them. */
static PyObject *
collect_items(PyObject *op, char *ptr, const ctype_info *item, Py_ssize_t start, Py_ssize_t step,
              Py_ssize_t count)
{
    assert(count >= 0);
    enum code_kind kind = item->kind == C_SIMPLE ? item->access.code->kind : K_OBJECT;
    PyObject *proto = info_of(op)->proto;
    if (kind == K_CHAR) {
        PyObject *bytes = PyBytes_FromStringAndSize(NULL, count);
        for (Py_ssize_t i = 0; bytes != NULL && i < count; i++) {
            PyBytes_AS_STRING(bytes)[i] = ptr[start + i * step];
        }
        return bytes;
    }
    if (kind == K_WCHAR) {
        wchar_t *text = PyMem_New(wchar_t, count > 0 ? count : 1);
        if (text == NULL) {
            return PyErr_NoMemory();
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            memcpy(&text[i], ptr + (start + i * step) * (Py_ssize_t)sizeof(wchar_t),
                   sizeof(wchar_t));
        }
        PyObject *str = PyUnicode_FromWideChar(text, count);
        PyMem_Free(text);
        return str;
    }
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        Py_ssize_t index = start + i * step;
        PyObject *value = ctypes_get(proto, NULL, op, index, item->size,
                                     ptr + index * item->size);
        if (value == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, value);
    }
    return list;
}

static PyObject *
array_subscript(PyObject *op, PyObject *key)
{
    datum *self = (datum *)op;
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return array_item(op, index < 0 ? index + self->length : index);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step;
    ctype_info *item = item_info(self);
    if (item == NULL || PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t count = PySlice_AdjustIndices(self->length, &start, &stop, step);
    if (item->size > 0 && self->length > self->size / item->size) {
        PyErr_SetString(PyExc_ValueError, "the instance has less memory than its type needs");
        return NULL;
    }
    return collect_items(op, self->ptr, item, start, step, count);
}

static int
array_set_slice(PyObject *op, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t count = PySlice_AdjustIndices(((datum *)op)->length, &start, &stop, step);
    Py_ssize_t given = PySequence_Check(value) ? PySequence_Size(value) : -1;
    if (given < 0 && PyErr_Occurred()) {
        return -1;
    }
    if (given != count) {
        PyErr_SetString(PyExc_ValueError, "Can only assign sequence of same size");
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(value, i);
        int failed = item != NULL ? array_ass_item(op, start + i * step, item) : -1;
        Py_XDECREF(item);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static int
array_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Array does not support item deletion");
        return -1;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return -1;
        }
        return array_ass_item(op, index < 0 ? index + ((datum *)op)->length : index, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "indices must be integer");
        return -1;
    }
    return array_set_slice(op, key, value);
}

static Py_ssize_t
array_length(PyObject *self)
{
    return ((datum *)self)->length;
}

static int
array_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (array_ass_item(self, i, PyTuple_GET_ITEM(args, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyMethodDef array_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL}
};

static PyType_Slot array_slots[] = {
    DATA_SLOTS,
    {Py_tp_doc, (void *)"Abstract base class for arrays."},
    {Py_tp_new, ctypes_data_new},
    {Py_tp_init, array_init},
    {Py_tp_methods, array_methods},
    {Py_sq_length, array_length},
    {Py_sq_item, array_item},
    {Py_sq_ass_item, array_ass_item},
    {Py_mp_length, array_length},
    {Py_mp_subscript, array_subscript},
    {Py_mp_ass_subscript, array_ass_subscript},
    {0, NULL}
};

PyType_Spec ctypes_array_spec = {
    .name = "_ctypes.Array",
    .basicsize = sizeof(datum),
    .flags = DATA_FLAGS,
    .slots = array_slots,
};

/* ------------------------------------------------------------------------- PyCPointerType */

/* Set what a pointer type points to; 0, or -1 with an exception. */
static int
set_pointed(PyObject *self, PyObject *proto)
{
    ctypes_state *state = state_of_type((PyTypeObject *)self);
    if (!PyType_Check(proto)) {
        PyErr_SetString(PyExc_TypeError, "_type_ must be a type");
        return -1;
    }
    ctype_info *info = info_of_type((PyTypeObject *)self);
    ctype_info *pointed = ctypes_type_info(state, proto);
    if (pointed == NULL) {
        PyErr_SetString(PyExc_TypeError, "_type_ must have storage info");
        return -1;
    }
    char *format = ctypes_make_format("&", pointed, "");
    if (format == NULL) {
        return -1;
    }
    if (info->format == NULL) {
        info->format = format;
    }
    else {
        PyMem_Free(format);         /* a view may have the old one */
    }
    Py_XSETREF(info->proto, Py_NewRef(proto));
    return 0;
}

int
ctypes_pointer_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    if (check_new_type(self, args) < 0) {
        return -1;
    }
    ctype_info *info = info_of_type((PyTypeObject *)self);
    PyObject *proto;
    int found = ctypes_lookup_item(PyTuple_GET_ITEM(args, 2), "_type_", &proto);
    if (found < 0 || (found && set_pointed(self, proto) < 0)) {
        Py_XDECREF(proto);
        return -1;
    }
    Py_XDECREF(proto);
    ctypes_info_init(info, C_POINTER, sizeof(void *), _Alignof(void *), 1);
    info->bytes.other = (1u << sizeof(void *)) - 1;
    info->has_pointer = true;
    return 0;
}

PyObject *
ctypes_pointer_set_type(PyObject *self, PyObject *type)
{
    if (set_pointed(self, type) < 0 || PyObject_SetAttrString(self, "_type_", type) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
ctypes_pointer_from_param(PyObject *type, PyObject *value)
{
    ctypes_state *state = state_of_type((PyTypeObject *)type);
    PyObject *proto = info_of_type((PyTypeObject *)type)->proto;
    if (value == Py_None) {
        Py_RETURN_NONE;
    }
    if (proto == NULL) {
        return ctypes_from_param(type, value);
    }
    int match = PyObject_IsInstance(value, proto);
    if (match < 0) {
        return NULL;
    }
    if (match && is_datum(state, value)) {
        return ctypes_address_param(state, 'P', ((datum *)value)->ptr, value);
    }
    ctype_info *info = ctypes_object_info(state, value);
    if (info != NULL && (info->kind == C_POINTER || info->kind == C_ARRAY) && info->proto != NULL) {
        match = PyObject_IsSubclass(info->proto, proto);
        if (match != 0) {
            return match > 0 ? Py_NewRef(value) : NULL;
        }
    }
    return ctypes_from_param(type, value);
}

/* ------------------------------------------------------------------------------ _Pointer */

/* What a pointer points to, or NULL with ValueError. */
static char *
pointer_target(datum *self)
{
    char *target = address_in(self);
    if (target == NULL) {
        PyErr_SetString(PyExc_ValueError, "NULL pointer access");
    }
    return target;
}

static PyObject *
pointer_get_contents(PyObject *op, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    char *target = pointer_target(self);
    if (target == NULL || item_info(self) == NULL) {
        return NULL;
    }
    return ctypes_new_part((PyTypeObject *)info_of(self)->proto, op, 0, target);
}

static int
pointer_set_contents(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    datum *self = (datum *)op;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Pointer does not support item deletion");
        return -1;
    }
    if (item_info(self) == NULL || !check_memory(self)) {
        return -1;
    }
    PyObject *proto = info_of(self)->proto;
    int match = PyObject_IsInstance(value, proto);
    if (match <= 0 || !is_datum(state_of(self), value)) {
        if (match >= 0) {
            PyErr_Format(PyExc_TypeError, "expected %s instead of %s",
                         ((PyTypeObject *)proto)->tp_name, Py_TYPE(value)->tp_name);
        }
        return -1;
    }
    datum *target = (datum *)value;
    PyObject *kept = Py_XNewRef(ctypes_kept_objects(target));
    if (kept == NULL) {
        return -1;
    }
    memcpy(self->ptr, &target->ptr, sizeof(target->ptr));
    target->shared = true;
    if (ctypes_keep(self, 1, Py_NewRef(value)) < 0) {
        Py_DECREF(kept);
        return -1;
    }
    return ctypes_keep(self, 0, kept);
}

/* The address of an item; the arithmetic may wrap as C's pointers do not. */
static char *
pointer_item_at(char *target, const ctype_info *item, Py_ssize_t index)
{
    return (char *)((uintptr_t)target + (uintptr_t)index * (uintptr_t)item->size);
}

static PyObject *
pointer_item(PyObject *op, Py_ssize_t index)
{
    datum *self = (datum *)op;
    char *target = pointer_target(self);
    ctype_info *item = target != NULL ? item_info(self) : NULL;
    if (item == NULL) {
        return NULL;
    }
    return ctypes_get(info_of(self)->proto, NULL, op, index, item->size,
                      pointer_item_at(target, item, index));
}

static int
pointer_ass_item(PyObject *op, Py_ssize_t index, PyObject *value)
{
    datum *self = (datum *)op;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Pointer does not support item deletion");
        return -1;
    }
    char *target = pointer_target(self);
    ctype_info *item = target != NULL ? item_info(self) : NULL;
    if (item == NULL) {
        return -1;
    }
    return ctypes_set(self, info_of(self)->proto, NULL, value, index, item->size,
                      pointer_item_at(target, item, index));
}

/* A slice of a pointer has no length to take negative or missing indices from. */
static PyObject *
pointer_slice(PyObject *op, PySliceObject *slice)
{
    Py_ssize_t start = 0, stop, step = 1;
    if (slice->step != Py_None) {
        step = PyNumber_AsSsize_t(slice->step, PyExc_ValueError);
        if (step == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (step == 0) {
            PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
            return NULL;
        }
    }
    if (slice->start != Py_None) {
        start = PyNumber_AsSsize_t(slice->start, PyExc_ValueError);
        if (start == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    else if (step < 0) {
        PyErr_SetString(PyExc_ValueError, "slice start is required for step < 0");
        return NULL;
    }
    if (slice->stop == Py_None) {
        PyErr_SetString(PyExc_ValueError, "slice stop is required");
        return NULL;
    }
    stop = PyNumber_AsSsize_t(slice->stop, PyExc_ValueError);
    if (stop == -1 && PyErr_Occurred()) {
        return NULL;
    }
    bool empty = step > 0 ? start >= stop : start <= stop;
    size_t distance = step > 0 ? (size_t)stop - (size_t)start : (size_t)start - (size_t)stop;
    size_t stride = step > 0 ? (size_t)step : -(size_t)step;
    size_t count = empty ? 0 : (distance - 1) / stride + 1;
    char *target = pointer_target((datum *)op);
    ctype_info *item = target != NULL ? item_info((datum *)op) : NULL;
    if (item == NULL) {
        return NULL;
    }
    if (count > PY_SSIZE_T_MAX) {
        return PyErr_NoMemory();
    }
    return collect_items(op, target, item, start, step, (Py_ssize_t)count);
}

static PyObject *
pointer_subscript(PyObject *op, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        return index == -1 && PyErr_Occurred() ? NULL : pointer_item(op, index);
    }
    if (PySlice_Check(key)) {
        return pointer_slice(op, (PySliceObject *)key);
    }
    PyErr_SetString(PyExc_TypeError, "Pointer indices must be integer");
    return NULL;
}

static PyObject *
pointer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (info_of_type(type)->proto == NULL) {
        PyErr_SetString(PyExc_TypeError, "Cannot create instance: has no _type_");
        return NULL;
    }
    return ctypes_data_new(type, args, kwargs);
}

static int
pointer_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *value = NULL;
    if (!PyArg_UnpackTuple(args, "POINTER", 0, 1, &value)) {
        return -1;
    }
    return value != NULL ? pointer_set_contents(self, value, NULL) : 0;
}

static PyGetSetDef pointer_getset[] = {
    {"contents", pointer_get_contents, pointer_set_contents,
     "the object this pointer points to (read-write)", NULL},
    {NULL}
};

static PyType_Slot pointer_slots[] = {
    DATA_SLOTS,
    {Py_tp_doc, (void *)"Abstract base class for pointers."},
    {Py_tp_new, pointer_new},
    {Py_tp_init, pointer_init},
    {Py_tp_getset, pointer_getset},
    {Py_nb_bool, memory_bool},
    {Py_sq_item, pointer_item},
    {Py_sq_ass_item, pointer_ass_item},
    {Py_mp_subscript, pointer_subscript},
    {0, NULL}
};

PyType_Spec ctypes_pointer_spec = {
    .name = "_ctypes._Pointer",
    .basicsize = sizeof(datum),
    .flags = DATA_FLAGS,
    .slots = pointer_slots,
};
