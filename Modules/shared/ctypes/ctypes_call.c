/* Calls of C functions: conversion of arguments (CArgObject), libffi's work, the result, and the
 * thread's copy of errno.
 *
 * Invariants: the tuple of arguments and the parameter objects live during the call, and so does
 * all memory they refer to.  A result is a fresh datum or value: it never refers to the memory of
 * the call.  Between the release and the taking of the GIL only the C function runs.
 *
 * Written from the library reference (ctypes), libffi's manual and observed behaviour of CPython
 * 3.12.
 */
#include "ctypes.h"
#include "structmember.h"       // PyMemberDef

#include <errno.h>

/* --------------------------------------------------------------------------------- parameters */

param_object *
ctypes_new_param(ctypes_state *state, char tag, ffi_type *ffi, PyObject *object)
{
    param_object *param = PyObject_GC_New(param_object, state->param_type);
    if (param == NULL) {
        Py_XDECREF(object);
        return NULL;
    }
    param->tag = tag;
    param->ffi = ffi;
    param->object = object;
    memset(&param->value, 0, sizeof(param->value));
    PyObject_GC_Track(param);
    return param;
}

PyObject *
ctypes_address_param(ctypes_state *state, char tag, void *ptr, PyObject *object)
{
    assert(tag == 'P' || tag == 'Z');
    param_object *param = ctypes_new_param(state, tag, &ffi_type_pointer, Py_XNewRef(object));
    if (param != NULL) {
        param->value.p = ptr;
        if (object != NULL && is_datum(state, object)) {
            ((datum *)object)->shared = true;
        }
    }
    return (PyObject *)param;
}

static int
param_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((param_object *)self)->object);
    return 0;
}

static int
param_clear(PyObject *self)
{
    Py_CLEAR(((param_object *)self)->object);
    return 0;
}

static void
param_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    param_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
float_param_repr(char tag, double value)
{
    PyObject *number = PyFloat_FromDouble(value);
    PyObject *repr = number != NULL ? PyUnicode_FromFormat("<cparam '%c' (%R)>", tag, number)
                                    : NULL;
    Py_XDECREF(number);
    return repr;
}

static PyObject *
param_repr(PyObject *op)
{
    param_object *self = (param_object *)op;
    int c = (unsigned char)self->value.c;
    switch (self->tag) {
    case 'b':
    case 'B':
        return PyUnicode_FromFormat("<cparam '%c' (%d)>", self->tag, (int)self->value.b);
    case 'h':
    case 'H':
        return PyUnicode_FromFormat("<cparam '%c' (%d)>", self->tag, (int)self->value.h);
    case 'i':
    case 'I':
        return PyUnicode_FromFormat("<cparam '%c' (%d)>", self->tag, self->value.i);
    case 'l':
    case 'L':
        return PyUnicode_FromFormat("<cparam '%c' (%ld)>", self->tag, self->value.l);
    case 'q':
    case 'Q':
        return PyUnicode_FromFormat("<cparam '%c' (%lld)>", self->tag, self->value.q);
    case 'f':
        return float_param_repr('f', self->value.f);
    case 'd':
        return float_param_repr('d', self->value.d);
    case 'c':
        if (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\') {
            return PyUnicode_FromFormat("<cparam 'c' ('%c')>", c);
        }
        return PyUnicode_FromFormat("<cparam 'c' ('\\x%02x')>", c);
    case 'z':
    case 'Z':
    case 'P':
        return PyUnicode_FromFormat("<cparam '%c' (%p)>", self->tag, self->value.p);
    default:
        return PyUnicode_FromFormat("<cparam '%c' at %p>", self->tag, self);
    }
}

static PyMemberDef param_members[] = {
    {"_obj", T_OBJECT, offsetof(param_object, object), READONLY, "the wrapped object"},
    {NULL}
};

static PyType_Slot param_slots[] = {
    {Py_tp_traverse, param_traverse},
    {Py_tp_clear, param_clear},
    {Py_tp_dealloc, param_dealloc},
    {Py_tp_repr, param_repr},
    {Py_tp_members, param_members},
    {0, NULL}
};

PyType_Spec ctypes_param_spec = {
    .name = "_ctypes.CArgObject",
    .basicsize = sizeof(param_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = param_slots,
};

/* -------------------------------------------------------------------------------------- errno */

static void
free_errno(PyObject *capsule)
{
    PyMem_Free(PyCapsule_GetPointer(capsule, "ctypes.error_object"));
}

int *
ctypes_errno(void)
{
    PyObject *dict = PyThreadState_GetDict();
    if (dict == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "cannot get thread state");
        return NULL;
    }
    PyObject *key = PyUnicode_InternFromString("ctypes.error_object");
    if (key == NULL) {
        return NULL;
    }
    PyObject *capsule = PyDict_GetItemWithError(dict, key);
    if (capsule == NULL && !PyErr_Occurred()) {
        int *space = PyMem_Calloc(1, sizeof(int));
        PyObject *fresh = space != NULL
                          ? PyCapsule_New(space, "ctypes.error_object", free_errno)
                          : PyErr_NoMemory();
        if (fresh == NULL) {
            PyMem_Free(space);
        }
        else {
            capsule = PyDict_SetItem(dict, key, fresh) == 0 ? fresh : NULL;
            Py_DECREF(fresh);           /* the dict has it */
        }
    }
    Py_DECREF(key);
    return capsule != NULL ? PyCapsule_GetPointer(capsule, "ctypes.error_object") : NULL;
}

int
ctypes_swap_errno(void)
{
    int now = errno, *copy = ctypes_errno();
    if (copy == NULL) {
        return -1;
    }
    errno = *copy;
    *copy = now;
    return 0;
}

/* ---------------------------------------------------------------------------------- arguments */

/* One argument as libffi wants it. */
struct argument {
    ffi_type *ffi;
    union ctype_value value;
    PyObject *keep;                 // a new reference, or NULL
    void *copy;                     // PyMem block: the argument, a large structure; or NULL
};

static int convert(ctypes_state *state, PyObject *op, Py_ssize_t position, struct argument *arg);

/* The argument that a datum is: structures are copied, so that the called function's work on
   them cannot be seen. */
static int
convert_datum(ctypes_state *state, datum *self, struct argument *arg)
{
    ctype_info *info = ctypes_object_info(state, (PyObject *)self);
    if (info == NULL || self->size < info->size) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return -1;
    }
    arg->ffi = info->ffi;
    if (info->kind == C_ARRAY) {
        arg->value.p = self->ptr;
        self->shared = true;
    }
    else if ((size_t)info->size <= sizeof(arg->value)) {
        memcpy(&arg->value, self->ptr, (size_t)info->size);
    }
    else {
        arg->copy = PyMem_Malloc((size_t)info->size);
        if (arg->copy == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(arg->copy, self->ptr, (size_t)info->size);
    }
    arg->keep = Py_NewRef(self);
    return 0;
}

/* int that fits either of signed and unsigned long is passed as int. */
static int
convert_int(PyObject *op, struct argument *arg)
{
    arg->ffi = &ffi_type_sint;
    arg->value.i = (int)PyLong_AsUnsignedLong(op);
    if (arg->value.i == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        arg->value.i = (int)PyLong_AsLong(op);
        if (arg->value.i == -1 && PyErr_Occurred()) {
            PyErr_SetString(PyExc_OverflowError, "int too long to convert");
            return -1;
        }
    }
    return 0;
}

static int
convert_str(PyObject *op, struct argument *arg)
{
    struct ctype_access access = {.code = ctypes_find_code('Z')};
    arg->ffi = &ffi_type_pointer;
    arg->keep = ctypes_store(&access, (char *)&arg->value, op, sizeof(void *));
    return arg->keep != NULL ? 0 : -1;
}

/* The argument of an object that says itself what it is as one. */
static int
convert_as_parameter(ctypes_state *state, PyObject *op, Py_ssize_t position, struct argument *arg)
{
    PyObject *parameter;
    int found = ctypes_lookup(op, "_as_parameter_", &parameter);
    if (found <= 0) {
        if (found == 0) {
            PyErr_Format(PyExc_TypeError, "Don't know how to convert parameter %zd", position);
        }
        return -1;
    }
    int result = -1;
    if (Py_EnterRecursiveCall(" while processing _as_parameter_") == 0) {
        result = convert(state, parameter, position, arg);
        Py_LeaveRecursiveCall();
    }
    if (result == 0 && arg->keep == NULL) {
        arg->keep = parameter;
        return 0;
    }
    if (result == 0) {
        /* What is kept may be only a part of the parameter. */
        Py_SETREF(arg->keep, Py_BuildValue("(NN)", Py_NewRef(arg->keep), Py_NewRef(parameter)));
        result = arg->keep != NULL ? 0 : -1;
    }
    Py_DECREF(parameter);
    return result;
}

/* Convert an object, the position-th argument: 0, or -1 with an exception. */
static int
convert(ctypes_state *state, PyObject *op, Py_ssize_t position, struct argument *arg)
{
    if (is_datum(state, op)) {
        return convert_datum(state, (datum *)op, arg);
    }
    if (Py_IS_TYPE(op, state->param_type)) {
        param_object *param = (param_object *)op;
        arg->ffi = param->ffi;
        arg->value = param->value;
        arg->keep = Py_NewRef(op);
        return 0;
    }
    if (op == Py_None) {
        arg->ffi = &ffi_type_pointer;
        return 0;
    }
    if (PyLong_Check(op)) {
        return convert_int(op, arg);
    }
    if (PyBytes_Check(op)) {
        arg->ffi = &ffi_type_pointer;
        arg->value.p = PyBytes_AS_STRING(op);
        arg->keep = Py_NewRef(op);
        return 0;
    }
    if (PyUnicode_Check(op)) {
        return convert_str(op, arg);
    }
    return convert_as_parameter(state, op, position, arg);
}

/* Convert all arguments, with converters (from_param methods) for the first of them. */
static int
convert_all(ctypes_state *state, PyObject *args, PyObject *converters, struct argument *out)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    Py_ssize_t n_converters = converters != NULL ? PyTuple_GET_SIZE(converters) : 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *value = PyTuple_GET_ITEM(args, i);
        if (i < n_converters) {
            value = PyObject_CallOneArg(PyTuple_GET_ITEM(converters, i), value);
        }
        else {
            Py_INCREF(value);
        }
        int failed = value != NULL ? convert(state, value, i + 1, &out[i]) : -1;
        Py_XDECREF(value);
        if (failed) {
            ctypes_extend_error(state->argument_error, "argument %zd: ", i + 1);
            return -1;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------------ the call */

/* What libffi has to know of a call; the arrays are one PyMem block. */
struct call {
    ffi_cif cif;
    struct argument *arguments;
    ffi_type **types;
    void **values;
};

/* Call the function, errno and GIL as the flags say; 0, or -1 with an exception. */
static int
call_function(ffi_cif *cif, void *function, void *result, void **values, int flags)
{
    if ((flags & FUNC_USE_ERRNO) && ctypes_swap_errno() < 0) {
        return -1;
    }
    if (flags & FUNC_PYTHONAPI) {
        ffi_call(cif, FFI_FN(function), result, values);
    }
    else {
        /* The errno of the call must survive the taking of the GIL. */
        int error = errno;
        Py_BEGIN_ALLOW_THREADS
        errno = error;
        ffi_call(cif, FFI_FN(function), result, values);
        error = errno;
        Py_END_ALLOW_THREADS
        errno = error;
    }
    if ((flags & FUNC_USE_ERRNO) && ctypes_swap_errno() < 0) {
        return -1;
    }
    return (flags & FUNC_PYTHONAPI) && PyErr_Occurred() ? -1 : 0;
}

/* The value that the bytes of a result mean: a new reference, or NULL with an exception. */
static PyObject *
make_result(ctypes_state *state, PyObject *restype, ctype_info *info, char *memory,
            PyObject *check)
{
    if (restype == Py_None) {
        Py_RETURN_NONE;
    }
    if (restype == NULL) {
        return PyLong_FromLong(*(int *)memory);
    }
    if (info == NULL) {
        return PyObject_CallFunction(restype, "i", *(int *)memory);
    }
    PyObject *value;
    if (info->kind == C_SIMPLE && !ctypes_is_derived(state, (PyTypeObject *)restype)) {
        value = ctypes_load(&info->access, memory, info->size);
        if (value != NULL && info->access.code->kind == K_OBJECT) {
            Py_DECREF(value);           /* the function returned a reference too */
        }
    }
    else {
        value = ctypes_new_part((PyTypeObject *)restype, NULL, 0, memory);
    }
    if (value == NULL || check == NULL) {
        return value;
    }
    PyObject *checked = PyObject_CallOneArg(check, value);
    Py_DECREF(value);
    return checked;
}

/* Prepare and do a call whose arguments are converted. */
static PyObject *
do_call(ctypes_state *state, struct call *call, Py_ssize_t n, void *function, int flags,
        PyObject *restype, PyObject *check)
{
    ctype_info *info = restype != NULL ? ctypes_type_info(state, restype) : NULL;
    ffi_type *result_type = restype == Py_None ? &ffi_type_void
                            : info != NULL ? info->ffi : &ffi_type_sint;
    for (Py_ssize_t i = 0; i < n; i++) {
        struct argument *arg = &call->arguments[i];
        assert(arg->ffi != NULL);
        call->types[i] = arg->ffi;
        call->values[i] = arg->copy != NULL ? arg->copy : &arg->value;
    }
    if (ffi_prep_cif(&call->cif, FFI_DEFAULT_ABI, (unsigned)n, result_type, call->types)
        != FFI_OK)
    {
        PyErr_SetString(PyExc_RuntimeError, "ffi_prep_cif failed");
        return NULL;
    }
    /* libffi writes whole registers. */
    size_t size = Py_MAX(result_type->size, sizeof(union ctype_value));
    size = Py_MAX(size, info != NULL ? (size_t)info->size : 0);
    char *memory = PyMem_Calloc(1, size + sizeof(ffi_arg) * 2);
    if (memory == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    if (call_function(&call->cif, function, memory, call->values, flags) == 0) {
        result = make_result(state, restype, info, memory, check);
    }
    PyMem_Free(memory);
    return result;
}

PyObject *
ctypes_call(ctypes_state *state, void *function, PyObject *args, int flags, PyObject *converters,
            PyObject *restype, PyObject *check)
{
    assert(PyTuple_Check(args) && (converters == NULL || PyTuple_Check(converters)));
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > MAX_ARGUMENTS) {
        return PyErr_Format(state->argument_error, "too many arguments (%zi), maximum is %i", n,
                            MAX_ARGUMENTS);
    }
    if (function == NULL) {
        PyErr_SetString(PyExc_ValueError, "attempt to call a NULL function pointer");
        return NULL;
    }
    struct call call;
    call.arguments = PyMem_Calloc((size_t)n, sizeof(struct argument) + 2 * sizeof(void *));
    if (call.arguments == NULL) {
        return PyErr_NoMemory();
    }
    call.types = (ffi_type **)(call.arguments + n);
    call.values = (void **)(call.types + n);
    PyObject *result = NULL;
    if (convert_all(state, args, converters, call.arguments) == 0) {
        result = do_call(state, &call, n, function, flags, restype, check);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyMem_Free(call.arguments[i].copy);
        Py_XDECREF(call.arguments[i].keep);
    }
    PyMem_Free(call.arguments);
    return result;
}
