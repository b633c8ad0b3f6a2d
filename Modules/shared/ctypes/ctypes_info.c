/* C types: their information, the six metatypes and the methods that all classes have.
 *
 * Invariants: a type is `ready` from the moment its size is known; a type that is not is treated as
 * no C type.  The array types of a type are found in its own `arrays`, by weak references: neither
 * keeps the other alive longer than needed.
 *
 * Structures are described to libffi by one to three integers or floating point numbers for each
 * eight bytes: what the System V ABI looks at is only whether a byte is floating point.
 *
 * Written from the library reference (ctypes), PEP 3118, the x86-64 System V ABI, libffi's manual
 * and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

ctype_info *
ctypes_type_info(ctypes_state *state, PyObject *type)
{
    PyTypeObject *const metas[] = {
        state->simple_meta, state->struct_meta, state->pointer_meta, state->array_meta,
        state->function_meta, state->union_meta,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(metas); i++) {
        if (PyObject_TypeCheck(type, metas[i])) {
            ctype_info *info = info_of_type((PyTypeObject *)type);
            return info->ready ? info : NULL;
        }
    }
    return NULL;
}

ctype_info *
ctypes_object_info(ctypes_state *state, PyObject *op)
{
    return ctypes_type_info(state, (PyObject *)Py_TYPE(op));
}

void
ctypes_info_init(ctype_info *info, enum ctype_kind kind, Py_ssize_t size, Py_ssize_t align,
                 Py_ssize_t length)
{
    assert(size >= 0 && align > 0 && length >= 0);
    info->kind = kind;
    info->size = size;
    info->align = align;
    info->length = length;
    info->ffi = &ffi_type_pointer;
    info->ready = true;
}

int
ctypes_info_copy(ctype_info *info, ctype_info *from)
{
    assert(from->ready && (from->kind == C_STRUCT || from->kind == C_UNION));
    char *format = from->format != NULL ? PyMem_Malloc(strlen(from->format) + 1) : NULL;
    if (from->format != NULL) {
        if (format == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        strcpy(format, from->format);
    }
    ctypes_info_init(info, from->kind, from->size, from->align, from->length);
    info->format = format;
    info->has_pointer = from->has_pointer;
    info->big_endian_bits = from->big_endian_bits;
    info->bytes = from->bytes;
    ctypes_set_struct_ffi(info);
    return 0;
}

/* Release all that an information has, and make it that of an abstract type. */
static void
release_info(ctype_info *info)
{
    info->ready = false;
    PyMem_Free(info->format);
    info->format = NULL;
    PyMem_Free(info->shape);
    info->shape = NULL;
    info->ndim = 0;
    Py_CLEAR(info->proto);
    Py_CLEAR(info->arrays);
    Py_CLEAR(info->argtypes);
    Py_CLEAR(info->converters);
    Py_CLEAR(info->restype);
    Py_CLEAR(info->check);
}

/* --------------------------------------------------------------------------- libffi's types */

void
ctypes_add_bytes(struct ctype_bytes *bytes, const ctype_info *part, Py_ssize_t offset)
{
    if (offset < 16) {
        assert(offset >= 0);
        bytes->floating |= (uint16_t)(part->bytes.floating << offset);
        bytes->other |= (uint16_t)(part->bytes.other << offset);
    }
    bytes->long_double |= part->bytes.long_double;
}

/* Integers that fill so many bytes (1 to 8); the place behind them. */
static ffi_type **
add_integers(ffi_type **element, Py_ssize_t size)
{
    assert(size > 0 && size <= 8);
    static ffi_type *const integers[] = {
        &ffi_type_uint64, &ffi_type_uint32, &ffi_type_uint16, &ffi_type_uint8
    };
    for (int i = 0, width = 8; i < 4; i++, width /= 2) {
        if (size & width) {
            *element++ = integers[i];
        }
    }
    return element;
}

void
ctypes_set_struct_ffi(ctype_info *info)
{
    ffi_type **element = info->elements;
    if (info->size > 16) {
        for (int i = 0; i < 3; i++) {       /* no register takes it */
            *element++ = &ffi_type_uint64;
        }
    }
    else if (info->bytes.long_double && info->bytes.other == 0) {
        *element++ = &ffi_type_longdouble;
    }
    else {
        for (Py_ssize_t at = 0; at < info->size; at += 8) {
            Py_ssize_t size = Py_MIN(info->size - at, 8);
            unsigned floating = (info->bytes.floating >> at) & 0xff;
            if ((info->bytes.other >> at) & 0xff || floating == 0) {
                element = add_integers(element, size);
            }
            else {
                *element++ = size <= 4 ? &ffi_type_float : &ffi_type_double;
            }
        }
    }
    assert(element < info->elements + Py_ARRAY_LENGTH(info->elements));
    *element = NULL;
    info->own_ffi = (ffi_type){
        .size = (size_t)info->size, .alignment = (unsigned short)info->align,
        .type = FFI_TYPE_STRUCT, .elements = info->elements,
    };
    info->ffi = &info->own_ffi;
}

/* -------------------------------------------------------------------------------- formats */

char *
ctypes_make_format(const char *head, const ctype_info *info, const char *tail)
{
    const char *middle = info->format != NULL ? info->format : "B";
    size_t size = strlen(head) + (size_t)info->ndim * 21 + strlen(middle) + strlen(tail) + 3;
    char *format = PyMem_Malloc(size);
    if (format == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    char *end = format + size, *p = stpcpy(format, head);
    for (int i = 0; i < info->ndim; i++) {
        p += snprintf(p, (size_t)(end - p), "%c%zd", i == 0 ? '(' : ',', info->shape[i]);
    }
    if (info->ndim > 0) {
        *p++ = ')';
    }
    p = stpcpy(stpcpy(p, middle), tail);
    assert(p < end);
    return format;
}

/* ---------------------------------------------------------------------------- array types */

/* Remove the entries of types that are no more. */
static int
clean_arrays(ctype_info *info)
{
    PyObject *fresh = PyDict_New(), *key, *ref;
    if (fresh == NULL) {
        return -1;
    }
    for (Py_ssize_t pos = 0; PyDict_Next(info->arrays, &pos, &key, &ref);) {
        if (PyWeakref_GET_OBJECT(ref) != Py_None && PyDict_SetItem(fresh, key, ref) < 0) {
            Py_DECREF(fresh);
            return -1;
        }
    }
    Py_SETREF(info->arrays, fresh);
    info->arrays_limit = 2 * PyDict_GET_SIZE(info->arrays) + 16;
    return 0;
}

static int
remember_array(ctype_info *info, PyObject *length, PyObject *array)
{
    if (info->arrays == NULL) {
        info->arrays = PyDict_New();
        info->arrays_limit = 16;
    }
    if (info->arrays == NULL
        || (PyDict_GET_SIZE(info->arrays) >= info->arrays_limit && clean_arrays(info) < 0))
    {
        return -1;
    }
    PyObject *ref = PyWeakref_NewRef(array, NULL);
    int result = ref != NULL ? PyDict_SetItem(info->arrays, length, ref) : -1;
    Py_XDECREF(ref);
    return result;
}

PyObject *
ctypes_array_type(ctypes_state *state, PyTypeObject *item, Py_ssize_t length)
{
    ctype_info *info = ctypes_type_info(state, (PyObject *)item);
    PyObject *number = PyLong_FromSsize_t(length), *array = NULL;
    if (number == NULL) {
        return NULL;
    }
    if (info != NULL && info->arrays != NULL) {
        PyObject *ref = PyDict_GetItemWithError(info->arrays, number);
        if (ref != NULL && PyWeakref_GET_OBJECT(ref) != Py_None) {
            array = Py_NewRef(PyWeakref_GET_OBJECT(ref));
        }
    }
    if (array == NULL && !PyErr_Occurred()) {
        PyObject *name = PyUnicode_FromFormat("%s_Array_%zd", item->tp_name, length);
        if (name != NULL) {
            array = PyObject_CallFunction((PyObject *)state->array_meta, "N(O){sOsO}", name,
                                          state->array_type, "_length_", number, "_type_", item);
        }
        if (array != NULL && info != NULL && remember_array(info, number, array) < 0) {
            Py_CLEAR(array);
        }
    }
    Py_DECREF(number);
    return array;
}

/* The slot sq_repeat of the metatypes. */
static PyObject *
meta_repeat(PyObject *self, Py_ssize_t length)
{
    if (length < 0) {
        return PyErr_Format(PyExc_ValueError, "Array length must be >= 0, not %zd", length);
    }
    return ctypes_array_type(state_of_type((PyTypeObject *)self), (PyTypeObject *)self, length);
}

/* ------------------------------------------------------------------------- common methods */

int
ctypes_as_parameter(PyObject *(*from_param)(PyObject *, PyObject *), PyObject *type,
                    PyObject *value, PyObject **result)
{
    PyObject *parameter;
    int found = ctypes_lookup(value, "_as_parameter_", &parameter);
    *result = NULL;
    if (found <= 0) {
        return found;
    }
    if (Py_EnterRecursiveCall(" while processing _as_parameter_") == 0) {
        *result = from_param(type, parameter);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(parameter);
    return *result != NULL ? 1 : -1;
}

/* The name of what an object is, for messages. */
static const char *
type_name(PyObject *op)
{
    return Py_TYPE(op)->tp_name;
}

PyObject *
ctypes_from_param(PyObject *type, PyObject *value)
{
    ctypes_state *state = state_of_type((PyTypeObject *)type);
    int match = PyObject_IsInstance(value, type);
    if (match != 0) {
        return match > 0 ? Py_NewRef(value) : NULL;
    }
    if (Py_IS_TYPE(value, state->param_type)) {
        PyObject *object = ((param_object *)value)->object;
        ctype_info *info = ctypes_type_info(state, type);
        if (info != NULL && info->proto != NULL && object != NULL) {
            match = PyObject_IsInstance(object, info->proto);
            if (match != 0) {
                return match > 0 ? Py_NewRef(value) : NULL;
            }
        }
        return PyErr_Format(PyExc_TypeError, "expected %s instance instead of pointer to %s",
                            ((PyTypeObject *)type)->tp_name,
                            object != NULL ? type_name(object) : "??");
    }
    PyObject *result;
    if (ctypes_as_parameter(ctypes_from_param, type, value, &result) == 0) {
        PyErr_Format(PyExc_TypeError, "expected %s instance instead of %s",
                     ((PyTypeObject *)type)->tp_name, type_name(value));
    }
    return result;
}

/* Whether a type has instances; false with TypeError. */
static bool
check_concrete(PyObject *type)
{
    if (!info_of_type((PyTypeObject *)type)->ready) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return false;
    }
    return true;
}

static PyObject *
meta_from_address(PyObject *type, PyObject *value)
{
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "integer expected");
        return NULL;
    }
    char *ptr = PyLong_AsVoidPtr(value);
    if ((ptr == NULL && PyErr_Occurred()) || !check_concrete(type)) {
        return NULL;
    }
    return ctypes_new_at((PyTypeObject *)type, ptr);
}

/* Whether an instance fits behind the offset in a buffer; false with ValueError. */
static bool
check_room(ctype_info *info, Py_ssize_t offset, Py_ssize_t size)
{
    if (offset < 0) {
        PyErr_SetString(PyExc_ValueError, "offset cannot be negative");
        return false;
    }
    if (offset > size || info->size > size - offset) {
        PyErr_Format(PyExc_ValueError, "Buffer size too small (%zd instead of at least %zd bytes)",
                     size, offset > PY_SSIZE_T_MAX - info->size ? PY_SSIZE_T_MAX
                                                                 : info->size + offset);
        return false;
    }
    return true;
}

static PyObject *
new_in_view(PyObject *type, PyObject *memory, Py_ssize_t offset)
{
    ctype_info *info = info_of_type((PyTypeObject *)type);
    Py_buffer *view = PyMemoryView_GET_BUFFER(memory);
    if (view->readonly) {
        PyErr_SetString(PyExc_TypeError, "underlying buffer is not writable");
        return NULL;
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyErr_SetString(PyExc_TypeError, "underlying buffer is not C contiguous");
        return NULL;
    }
    if (!check_room(info, offset, view->len)
        || PySys_Audit("ctypes.cdata/buffer", "nnn", (Py_ssize_t)view->buf, view->len, offset) < 0)
    {
        return NULL;
    }
    PyObject *self = ctypes_new_at((PyTypeObject *)type, (char *)view->buf + offset);
    if (self != NULL && ctypes_keep((datum *)self, -1, Py_NewRef(memory)) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static PyObject *
meta_from_buffer(PyObject *type, PyObject *args)
{
    PyObject *object;
    Py_ssize_t offset = 0;
    if (!check_concrete(type) || !PyArg_ParseTuple(args, "O|n:from_buffer", &object, &offset)) {
        return NULL;
    }
    PyObject *memory = PyMemoryView_FromObject(object);
    if (memory == NULL) {
        return NULL;
    }
    PyObject *self = new_in_view(type, memory, offset);
    Py_DECREF(memory);
    return self;
}

static PyObject *
meta_from_buffer_copy(PyObject *type, PyObject *args)
{
    Py_buffer view;
    Py_ssize_t offset = 0;
    if (!check_concrete(type)
        || !PyArg_ParseTuple(args, "y*|n:from_buffer_copy", &view, &offset))
    {
        return NULL;
    }
    PyObject *self = NULL;
    ctype_info *info = info_of_type((PyTypeObject *)type);
    if (check_room(info, offset, view.len)
        && PySys_Audit("ctypes.cdata/buffer", "nnn", (Py_ssize_t)view.buf, view.len, offset) == 0)
    {
        self = ctypes_new_part((PyTypeObject *)type, NULL, 0, (char *)view.buf + offset);
    }
    PyBuffer_Release(&view);
    return self;
}

static PyObject *
meta_in_dll(PyObject *type, PyObject *args)
{
    PyObject *dll;
    const char *name;
    if (!check_concrete(type) || !PyArg_ParseTuple(args, "Os:in_dll", &dll, &name)
        || PySys_Audit("ctypes.dlsym", "O", args) < 0)
    {
        return NULL;
    }
    void *ptr;
    if (ctypes_symbol_of(dll, name, PyExc_ValueError, &ptr) < 0) {
        return NULL;
    }
    return ctypes_new_at((PyTypeObject *)type, ptr);
}

/* ------------------------------------------------------------------- classes as objects */

static int
meta_traverse(PyObject *self, visitproc visit, void *arg)
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(info->proto);
    Py_VISIT(info->arrays);
    Py_VISIT(info->argtypes);
    Py_VISIT(info->converters);
    Py_VISIT(info->restype);
    Py_VISIT(info->check);
    return PyType_Type.tp_traverse(self, visit, arg);
}

static int
meta_clear(PyObject *self)
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    /* Instances may be left, whose memory needs no more than the size: what holds other objects
       goes. */
    Py_CLEAR(info->proto);
    Py_CLEAR(info->arrays);
    Py_CLEAR(info->argtypes);
    Py_CLEAR(info->converters);
    Py_CLEAR(info->restype);
    Py_CLEAR(info->check);
    return PyType_Type.tp_clear(self);
}

static void
meta_dealloc(PyObject *self)
{
    PyTypeObject *meta = Py_TYPE(self);
    release_info(info_of_type((PyTypeObject *)self));
    PyType_Type.tp_dealloc(self);
    Py_DECREF(meta);
}

static PyObject *
meta_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    PyObject *plain = PyObject_CallMethod((PyObject *)&PyType_Type, "__sizeof__", "O", self);
    if (plain == NULL) {
        return NULL;
    }
    size_t size = PyLong_AsSize_t(plain) + sizeof(ctype_info);
    Py_DECREF(plain);
    size += (size_t)info->ndim * sizeof(Py_ssize_t);
    size += info->format != NULL ? strlen(info->format) + 1 : 0;
    return PyErr_Occurred() ? NULL : PyLong_FromSize_t(size);
}

#define COMMON_METHODS \
    {"from_address", meta_from_address, METH_O, \
     "C.from_address(integer) -> C instance\naccess a C instance at the specified address"}, \
    {"from_buffer", meta_from_buffer, METH_VARARGS, \
     "C.from_buffer(object, offset=0) -> C instance\n" \
     "create a C instance from a writeable buffer"}, \
    {"from_buffer_copy", meta_from_buffer_copy, METH_VARARGS, \
     "C.from_buffer_copy(object, offset=0) -> C instance\n" \
     "create a C instance from a readable buffer"}, \
    {"in_dll", meta_in_dll, METH_VARARGS, \
     "C.in_dll(dll, name) -> C instance\naccess a C instance in a dll"}, \
    {"__sizeof__", meta_sizeof, METH_NOARGS, NULL}

#define FROM_PARAM(FUNCTION) \
    {"from_param", FUNCTION, METH_O, "Convert a Python object into a function call parameter."}

static PyMethodDef meta_methods[] = {
    FROM_PARAM(ctypes_from_param), COMMON_METHODS, {NULL}
};

static PyMethodDef simple_methods[] = {
    FROM_PARAM(ctypes_simple_from_param), COMMON_METHODS, {NULL}
};

static PyMethodDef pointer_methods[] = {
    COMMON_METHODS, FROM_PARAM(ctypes_pointer_from_param),
    {"set_type", ctypes_pointer_set_type, METH_O, NULL},
    {NULL}
};

/* Make a metatype: its name, doc, methods and slots; 0, or -1 with an exception. */
static int
make_metatype(PyObject *module, PyTypeObject **place, const char *name, const char *doc,
              PyMethodDef *methods, initproc init, setattrofunc setattro)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, (void *)doc},
        {Py_tp_methods, methods},
        {Py_tp_init, init},
        {Py_tp_traverse, meta_traverse},
        {Py_tp_clear, meta_clear},
        {Py_tp_dealloc, meta_dealloc},
        {Py_sq_repeat, meta_repeat},
        {setattro != NULL ? Py_tp_setattro : 0, setattro},
        {0, NULL}
    };
    PyType_Spec spec = {
        .name = name,
        .basicsize = sizeof(ctype_object),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, (PyObject *)&PyType_Type);
    return *place != NULL ? 0 : -1;
}

int
ctypes_make_metatypes(PyObject *module, ctypes_state *state)
{
    if (make_metatype(module, &state->struct_meta, "_ctypes.PyCStructType",
                      "metatype for the CData Objects", meta_methods, ctypes_struct_type_init,
                      ctypes_struct_type_setattro) < 0
        || make_metatype(module, &state->union_meta, "_ctypes.UnionType",
                         "metatype for the CData Objects", meta_methods, ctypes_union_type_init,
                         ctypes_struct_type_setattro) < 0
        || make_metatype(module, &state->pointer_meta, "_ctypes.PyCPointerType",
                         "metatype for the Pointer Objects", pointer_methods,
                         ctypes_pointer_type_init, NULL) < 0
        || make_metatype(module, &state->array_meta, "_ctypes.PyCArrayType",
                         "metatype for the Array Objects", meta_methods, ctypes_array_type_init,
                         NULL) < 0
        || make_metatype(module, &state->simple_meta, "_ctypes.PyCSimpleType",
                         "metatype for the PyCSimpleType Objects", simple_methods,
                         ctypes_simple_type_init, NULL) < 0
        || make_metatype(module, &state->function_meta, "_ctypes.PyCFuncPtrType",
                         "metatype for C function pointers", meta_methods,
                         ctypes_function_type_init, NULL) < 0)
    {
        return -1;
    }
    return 0;
}
