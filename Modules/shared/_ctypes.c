/* _ctypes: C data types and calls of functions in shared libraries.
 *
 * This file has the module, its functions and state; the rest is in the folder ctypes.
 *
 * Invariants: all state is the module's: a type finds it through its metatype, and an object
 * through its type.  Three C functions have their addresses in the module, and ctypes calls them as
 * it calls any other (with the GIL): they get the state from their arguments.
 *
 * Written from the library reference (ctypes), the table of audit events, dlopen(3) and observed
 * behaviour of CPython 3.12.
 */
#include "ctypes/ctypes.h"

#include <dlfcn.h>
#include <time.h>

static ctypes_state *
get_state(PyObject *module)
{
    ctypes_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* ------------------------------------------------------------------------------ shared helpers */

int
ctypes_lookup(PyObject *op, const char *name, PyObject **result)
{
    *result = NULL;
    PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL) {
        return -1;
    }
    int found = _PyObject_LookupAttr(op, key, result);
    Py_DECREF(key);
    return found;
}

int
ctypes_lookup_item(PyObject *dict, const char *name, PyObject **result)
{
    assert(PyDict_Check(dict));
    *result = NULL;
    PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL) {
        return -1;
    }
    *result = Py_XNewRef(PyDict_GetItemWithError(dict, key));
    Py_DECREF(key);
    return *result != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

void
ctypes_extend_error(PyObject *exception, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *error = PyErr_GetRaisedException();
    assert(error != NULL);
    PyObject *prefix = PyUnicode_FromFormatV(format, args);
    va_end(args);
    PyObject *text = prefix != NULL ? PyObject_Str(error) : NULL;
    if (prefix != NULL && text == NULL) {
        PyErr_Clear();
        text = PyUnicode_FromString("???");
    }
    PyObject *name = text != NULL ? PyType_GetName(Py_TYPE(error)) : NULL;
    PyObject *message = name != NULL ? PyUnicode_FromFormat("%U%U: %U", prefix, name, text) : NULL;
    if (message != NULL) {
        PyErr_SetObject(exception, message);
    }
    Py_XDECREF(message);
    Py_XDECREF(name);
    Py_XDECREF(text);
    Py_XDECREF(prefix);
    Py_DECREF(error);
}

int
ctypes_symbol_of(PyObject *dll, const char *name, PyObject *exception, void **result)
{
    PyObject *handle = PyObject_GetAttrString(dll, "_handle");
    if (handle == NULL) {
        return -1;
    }
    if (!PyLong_Check(handle)) {
        PyErr_SetString(PyExc_TypeError,
                        "the _handle attribute of the second argument must be an integer");
        Py_DECREF(handle);
        return -1;
    }
    void *library = PyLong_AsVoidPtr(handle);
    Py_DECREF(handle);
    if (library == NULL && PyErr_Occurred()) {
        return -1;
    }
    *result = dlsym(library, name);
    if (*result == NULL) {
        const char *problem = dlerror();
        PyErr_SetString(exception, problem != NULL ? problem : "symbol with the address 0");
        return -1;
    }
    return 0;
}

/* ----------------------------------------------------------------------------------- libraries */

static int
address_converter(PyObject *value, void *result)
{
    *(void **)result = PyLong_AsVoidPtr(value);
    return *(void **)result != NULL || !PyErr_Occurred();
}

static PyObject *
ctypes_dlopen(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *name, *path = NULL;
    int mode = RTLD_NOW;
    if (!PyArg_ParseTuple(args, "O|i:dlopen", &name, &mode)) {
        return NULL;
    }
    if (name != Py_None && !PyUnicode_FSConverter(name, &path)) {
        return NULL;
    }
    if (PySys_Audit("ctypes.dlopen", "O", name) < 0) {
        Py_XDECREF(path);
        return NULL;
    }
    const char *file = path != NULL ? PyBytes_AS_STRING(path) : NULL;
    void *handle;
    const char *problem = NULL;
    Py_BEGIN_ALLOW_THREADS
    handle = dlopen(file, mode | RTLD_NOW);
    if (handle == NULL) {
        problem = dlerror();            /* the thread's */
    }
    Py_END_ALLOW_THREADS
    Py_XDECREF(path);
    if (handle == NULL) {
        PyErr_SetString(PyExc_OSError, problem != NULL ? problem : "dlopen() error");
        return NULL;
    }
    return PyLong_FromVoidPtr(handle);
}

static PyObject *
ctypes_dlclose(PyObject *Py_UNUSED(module), PyObject *args)
{
    void *handle;
    if (!PyArg_ParseTuple(args, "O&:dlclose", address_converter, &handle)) {
        return NULL;
    }
    if (handle == NULL || dlclose(handle) != 0) {
        const char *problem = handle != NULL ? dlerror() : NULL;
        PyErr_SetString(PyExc_OSError, problem != NULL ? problem : "invalid handle");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
ctypes_dlsym(PyObject *Py_UNUSED(module), PyObject *args)
{
    void *handle;
    const char *name;
    if (!PyArg_ParseTuple(args, "O&s:dlsym", address_converter, &handle, &name)
        || PySys_Audit("ctypes.dlsym/handle", "O", args) < 0)
    {
        return NULL;
    }
    void *address = dlsym(handle, name);
    if (address == NULL) {
        const char *problem = dlerror();
        PyErr_SetString(PyExc_OSError, problem != NULL ? problem : "symbol with the address 0");
        return NULL;
    }
    return PyLong_FromVoidPtr(address);
}

static PyObject *
call_with_flags(PyObject *module, PyObject *args, int flags)
{
    void *function;
    PyObject *arguments;
    if (!PyArg_ParseTuple(args, "O&O!", address_converter, &function, &PyTuple_Type, &arguments)
        || PySys_Audit("ctypes.call_function", "nO", (Py_ssize_t)function, arguments) < 0)
    {
        return NULL;
    }
    return ctypes_call(get_state(module), function, arguments, flags, NULL, NULL, NULL);
}

static PyObject *
ctypes_call_function(PyObject *module, PyObject *args)
{
    return call_with_flags(module, args, 0);
}

static PyObject *
ctypes_call_cdeclfunction(PyObject *module, PyObject *args)
{
    return call_with_flags(module, args, FUNC_CDECL);
}

/* ---------------------------------------------------------------------------- types and objects */

static PyObject *
ctypes_sizeof(PyObject *module, PyObject *op)
{
    ctypes_state *state = get_state(module);
    ctype_info *info = ctypes_type_info(state, op);
    if (info != NULL) {
        return PyLong_FromSsize_t(info->size);
    }
    if (is_datum(state, op)) {
        return PyLong_FromSsize_t(((datum *)op)->size);
    }
    PyErr_SetString(PyExc_TypeError, "this type has no size");
    return NULL;
}

/* The information of a C type or of a datum's type, or NULL without an exception. */
static ctype_info *
any_info(ctypes_state *state, PyObject *op)
{
    ctype_info *info = ctypes_type_info(state, op);
    return info != NULL ? info : ctypes_object_info(state, op);
}

static PyObject *
ctypes_alignment(PyObject *module, PyObject *op)
{
    ctype_info *info = any_info(get_state(module), op);
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "no alignment info");
        return NULL;
    }
    return PyLong_FromSsize_t(info->align);
}

static PyObject *
ctypes_buffer_info(PyObject *module, PyObject *op)
{
    ctype_info *info = any_info(get_state(module), op);
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "not a ctypes type or object");
        return NULL;
    }
    PyObject *shape = PyTuple_New(info->ndim);
    for (int i = 0; shape != NULL && i < info->ndim; i++) {
        PyObject *n = PyLong_FromSsize_t(info->shape[i]);
        if (n == NULL) {
            Py_CLEAR(shape);
            break;
        }
        PyTuple_SET_ITEM(shape, i, n);
    }
    return shape != NULL ? Py_BuildValue("siN", info->format, info->ndim, shape) : NULL;
}

static PyObject *
ctypes_byref(PyObject *module, PyObject *args)
{
    ctypes_state *state = get_state(module);
    PyObject *op, *number = NULL;
    Py_ssize_t offset = 0;
    if (!PyArg_UnpackTuple(args, "byref", 1, 2, &op, &number)) {
        return NULL;
    }
    if (number != NULL) {
        offset = PyNumber_AsSsize_t(number, NULL);
        if (offset == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (!is_datum(state, op)) {
        return PyErr_Format(PyExc_TypeError,
                            "byref() argument must be a ctypes instance, not '%s'",
                            Py_TYPE(op)->tp_name);
    }
    char *address = (char *)((uintptr_t)((datum *)op)->ptr + (uintptr_t)offset);
    return ctypes_address_param(state, 'P', address, op);
}

static PyObject *
ctypes_addressof(PyObject *module, PyObject *op)
{
    if (!is_datum(get_state(module), op)) {
        PyErr_SetString(PyExc_TypeError, "invalid type");
        return NULL;
    }
    if (PySys_Audit("ctypes.addressof", "(O)", op) < 0) {
        return NULL;
    }
    ((datum *)op)->shared = true;
    return PyLong_FromVoidPtr(((datum *)op)->ptr);
}

static PyObject *
ctypes_resize(PyObject *module, PyObject *args)
{
    PyObject *op;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "On:resize", &op, &size)) {
        return NULL;
    }
    ctypes_state *state = get_state(module);
    ctype_info *info = is_datum(state, op) ? ctypes_object_info(state, op) : NULL;
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected ctypes instance");
        return NULL;
    }
    if (size < info->size) {
        return PyErr_Format(PyExc_ValueError, "minimum size is %zd", info->size);
    }
    if (!((datum *)op)->owned) {
        PyErr_SetString(PyExc_ValueError,
                        "Memory cannot be resized because this object doesn't own it");
        return NULL;
    }
    return ctypes_resize_data((datum *)op, size) == 0 ? Py_NewRef(Py_None) : NULL;
}

/* A class of pointers; for a name it points to nothing yet. */
static PyObject *
new_pointer_type(ctypes_state *state, PyObject *pointed)
{
    PyObject *meta = (PyObject *)state->pointer_meta;
    if (PyUnicode_Check(pointed)) {
        PyObject *name = PyUnicode_FromFormat("LP_%U", pointed);
        return name != NULL ? PyObject_CallFunction(meta, "N(O){}", name, state->pointer_type)
                            : NULL;
    }
    if (!PyType_Check(pointed)) {
        PyErr_SetString(PyExc_TypeError, "must be a ctypes type");
        return NULL;
    }
    PyObject *name = PyUnicode_FromFormat("LP_%s", ((PyTypeObject *)pointed)->tp_name);
    return name != NULL ? PyObject_CallFunction(meta, "N(O){sO}", name, state->pointer_type,
                                                "_type_", pointed)
                        : NULL;
}

static PyObject *
ctypes_POINTER(PyObject *module, PyObject *pointed)
{
    ctypes_state *state = get_state(module);
    PyObject *type = PyDict_GetItemWithError(state->pointer_cache, pointed);
    if (type != NULL || PyErr_Occurred()) {
        return Py_XNewRef(type);
    }
    type = new_pointer_type(state, pointed);
    if (type == NULL) {
        return NULL;
    }
    PyObject *key = PyUnicode_Check(pointed) ? PyLong_FromVoidPtr(type) : Py_NewRef(pointed);
    if (key == NULL || PyDict_SetItem(state->pointer_cache, key, type) < 0) {
        Py_CLEAR(type);
    }
    Py_XDECREF(key);
    return type;
}

static PyObject *
ctypes_pointer(PyObject *module, PyObject *op)
{
    PyObject *type = ctypes_POINTER(module, (PyObject *)Py_TYPE(op));
    if (type == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(type, op);
    Py_DECREF(type);
    return result;
}

static PyObject *
ctypes_unpickle(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *type, *state;
    if (!PyArg_ParseTuple(args, "OO!", &type, &PyTuple_Type, &state)) {
        return NULL;
    }
    PyObject *op = PyObject_CallMethod(type, "__new__", "O", type);
    PyObject *method = op != NULL ? PyObject_GetAttrString(op, "__setstate__") : NULL;
    PyObject *done = method != NULL ? PyObject_Call(method, state, NULL) : NULL;
    Py_XDECREF(method);
    if (done == NULL) {
        Py_XDECREF(op);
        return NULL;
    }
    Py_DECREF(done);
    return op;
}

/* --------------------------------------------------------------------------- errno and objects */

static PyObject *
ctypes_get_errno(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (PySys_Audit("ctypes.get_errno", NULL) < 0) {
        return NULL;
    }
    int *copy = ctypes_errno();
    return copy != NULL ? PyLong_FromLong(*copy) : NULL;
}

static PyObject *
ctypes_set_errno(PyObject *Py_UNUSED(module), PyObject *args)
{
    int value;
    if (PySys_Audit("ctypes.set_errno", "O", args) < 0 || !PyArg_ParseTuple(args, "i", &value)) {
        return NULL;
    }
    int *copy = ctypes_errno();
    if (copy == NULL) {
        return NULL;
    }
    int old = *copy;
    *copy = value;
    return PyLong_FromLong(old);
}

static PyObject *
ctypes_PyObj_FromPtr(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *op;
    if (!PyArg_ParseTuple(args, "O&:PyObj_FromPtr", address_converter, &op)
        || PySys_Audit("ctypes.PyObj_FromPtr", "(n)", (Py_ssize_t)op) < 0)
    {
        return NULL;
    }
    if (op == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyObject is NULL");
    }
    return Py_XNewRef(op);
}

static PyObject *
ctypes_Py_INCREF(PyObject *Py_UNUSED(module), PyObject *op)
{
    Py_INCREF(op);
    return Py_NewRef(op);
}

static PyObject *
ctypes_Py_DECREF(PyObject *Py_UNUSED(module), PyObject *op)
{
    PyObject *result = Py_NewRef(op);
    Py_DECREF(op);
    return result;
}

/* ------------------------------------------------------------------ functions by their address */

/* string_at() */
static PyObject *
string_at(const char *ptr, int size)
{
    if (PySys_Audit("ctypes.string_at", "ni", (Py_ssize_t)ptr, size) < 0) {
        return NULL;
    }
    if (ptr == NULL && size != 0) {
        PyErr_SetString(PyExc_ValueError, "NULL pointer access");
        return NULL;
    }
    return PyBytes_FromStringAndSize(ptr, size == -1 ? (Py_ssize_t)strlen(ptr) : size);
}

/* wstring_at() */
static PyObject *
wstring_at(const wchar_t *ptr, int size)
{
    if (PySys_Audit("ctypes.wstring_at", "ni", (Py_ssize_t)ptr, size) < 0) {
        return NULL;
    }
    if (ptr == NULL && size != 0) {
        PyErr_SetString(PyExc_ValueError, "NULL pointer access");
        return NULL;
    }
    return PyUnicode_FromWideChar(ptr, size);
}

/* The C type that cast() can give; NULL with TypeError for others. */
static ctypes_state *
cast_state(PyObject *type)
{
    if (PyType_Check(type)) {
        PyObject *module = PyType_GetModuleByDef(Py_TYPE(type), &ctypes_module);
        if (module != NULL) {
            ctypes_state *state = get_state(module);
            ctype_info *info = ctypes_type_info(state, type);
            if (info != NULL && info->ffi == &ffi_type_pointer && info->kind != C_ARRAY) {
                return state;
            }
            if (PyObject_TypeCheck(type, state->pointer_meta)) {
                return state;
            }
        }
        PyErr_Clear();
    }
    PyErr_Format(PyExc_TypeError, "cast() argument 2 must be a pointer type, not %s",
                 PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : Py_TYPE(type)->tp_name);
    return NULL;
}

/* Let the result of a cast keep what the source keeps, and the source; both share the dict. */
static int
share_objects(datum *result, datum *source)
{
    PyObject *kept = ctypes_kept_dict(source);
    if (kept == NULL) {
        return -1;
    }
    Py_XSETREF(result->objects, Py_NewRef(kept));
    if (!PyDict_CheckExact(kept)) {
        return 0;
    }
    PyObject *key = PyLong_FromVoidPtr(source);
    int failed = key == NULL || PyDict_SetItem(kept, key, (PyObject *)source) < 0;
    Py_XDECREF(key);
    return failed ? -1 : 0;
}

/* cast() */
static PyObject *
cast(void *ptr, PyObject *source, PyObject *type)
{
    ctypes_state *state = cast_state(type);
    PyObject *result = state != NULL ? PyObject_CallNoArgs(type) : NULL;
    if (result == NULL) {
        return NULL;
    }
    if (!is_datum(state, result) || ((datum *)result)->size < (Py_ssize_t)sizeof(ptr)) {
        PyErr_SetString(PyExc_TypeError, "cast() needs a pointer type");
        Py_DECREF(result);
        return NULL;
    }
    if (is_datum(state, source) && share_objects((datum *)result, (datum *)source) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    memcpy(((datum *)result)->ptr, &ptr, sizeof(ptr));
    return result;
}

/* ---------------------------------------------------------------------------------- the module */

static PyMethodDef ctypes_functions[] = {
    {"get_errno", ctypes_get_errno, METH_NOARGS, NULL},
    {"set_errno", ctypes_set_errno, METH_VARARGS, NULL},
    {"POINTER", ctypes_POINTER, METH_O, NULL},
    {"pointer", ctypes_pointer, METH_O, NULL},
    {"_unpickle", ctypes_unpickle, METH_VARARGS, NULL},
    {"buffer_info", ctypes_buffer_info, METH_O, "Return buffer interface information"},
    {"resize", ctypes_resize, METH_VARARGS, "Resize the memory buffer of a ctypes instance"},
    {"dlopen", ctypes_dlopen, METH_VARARGS,
     "dlopen(name, flag={RTLD_GLOBAL|RTLD_LOCAL}) open a shared library"},
    {"dlclose", ctypes_dlclose, METH_VARARGS, "dlclose a library"},
    {"dlsym", ctypes_dlsym, METH_VARARGS, "find symbol in shared library"},
    {"alignment", ctypes_alignment, METH_O,
     "alignment(C type) -> integer\nalignment(C instance) -> integer\n"
     "Return the alignment requirements of a C instance"},
    {"sizeof", ctypes_sizeof, METH_O,
     "sizeof(C type) -> integer\nsizeof(C instance) -> integer\n"
     "Return the size in bytes of a C instance"},
    {"byref", ctypes_byref, METH_VARARGS,
     "byref(C instance[, offset=0]) -> byref-object\nReturn a pointer lookalike to a C instance, "
     "only usable\nas function argument"},
    {"addressof", ctypes_addressof, METH_O,
     "addressof(C instance) -> integer\n"
     "Return the address of the C instance internal buffer"},
    {"call_function", ctypes_call_function, METH_VARARGS, NULL},
    {"call_cdeclfunction", ctypes_call_cdeclfunction, METH_VARARGS, NULL},
    {"PyObj_FromPtr", ctypes_PyObj_FromPtr, METH_VARARGS, NULL},
    {"Py_INCREF", ctypes_Py_INCREF, METH_O, NULL},
    {"Py_DECREF", ctypes_Py_DECREF, METH_O, NULL},
    {NULL}
};

/* Make a type with a metatype and a base (or NULL), public unless its name is not. */
static int
add_type(PyObject *module, PyTypeObject **place, PyTypeObject *meta, PyType_Spec *spec,
         PyTypeObject *base, bool public)
{
    *place = (PyTypeObject *)PyType_FromMetaclass(meta, module, spec, (PyObject *)base);
    if (*place == NULL) {
        return -1;
    }
    return public ? PyModule_AddType(module, *place) : 0;
}

static int
add_types(PyObject *module, ctypes_state *state)
{
    if (ctypes_make_metatypes(module, state) < 0
        || add_type(module, &state->data_type, NULL, &ctypes_data_spec, NULL, false) < 0
        || add_type(module, &state->field_type, NULL, &ctypes_field_spec, NULL, false) < 0
        || add_type(module, &state->param_type, NULL, &ctypes_param_spec, NULL, false) < 0
        || add_type(module, &state->callback_type, NULL, &ctypes_callback_spec, NULL, false) < 0)
    {
        return -1;
    }
    PyTypeObject *base = state->data_type;
    if (add_type(module, &state->struct_type, state->struct_meta, &ctypes_struct_spec, base,
                 true) < 0
        || add_type(module, &state->union_type, state->union_meta, &ctypes_union_spec, base,
                    true) < 0
        || add_type(module, &state->pointer_type, state->pointer_meta, &ctypes_pointer_spec, base,
                    true) < 0
        || add_type(module, &state->array_type, state->array_meta, &ctypes_array_spec, base,
                    true) < 0
        || add_type(module, &state->simple_type, state->simple_meta, &ctypes_simple_spec, base,
                    true) < 0
        || add_type(module, &state->function_type, state->function_meta, &ctypes_function_spec,
                    base, true) < 0)
    {
        return -1;
    }
    return 0;
}

/* Add an object (consumed, NULL with an exception) to the module. */
static int
add_object(PyObject *module, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(module, name, value);
    Py_XDECREF(value);
    return result;
}

static int
add_constants(PyObject *module)
{
    static const struct {
        const char *name;
        long value;
    } numbers[] = {
        {"FUNCFLAG_CDECL", FUNC_CDECL},
        {"FUNCFLAG_USE_ERRNO", FUNC_USE_ERRNO},
        {"FUNCFLAG_USE_LASTERROR", FUNC_USE_LASTERROR},
        {"FUNCFLAG_PYTHONAPI", FUNC_PYTHONAPI},
        {"RTLD_LOCAL", RTLD_LOCAL},
        {"RTLD_GLOBAL", RTLD_GLOBAL},
        {"CTYPES_MAX_ARGCOUNT", MAX_ARGUMENTS},
        {"SIZEOF_TIME_T", sizeof(time_t)},
    };
    const struct {
        const char *name;
        void *address;
    } functions[] = {
        {"_memmove_addr", (void *)memmove},
        {"_memset_addr", (void *)memset},
        {"_string_at_addr", (void *)string_at},
        {"_cast_addr", (void *)cast},
        {"_wstring_at_addr", (void *)wstring_at},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        if (PyModule_AddIntConstant(module, numbers[i].name, numbers[i].value) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(functions); i++) {
        if (add_object(module, functions[i].name, PyLong_FromVoidPtr(functions[i].address)) < 0) {
            return -1;
        }
    }
    return PyModule_AddStringConstant(module, "__version__", "1.1.0");
}

static int
ctypes_exec(PyObject *module)
{
    ctypes_state *state = get_state(module);
    if (add_types(module, state) < 0) {
        return -1;
    }
    state->unpickle = PyObject_GetAttrString(module, "_unpickle");
    state->pointer_cache = PyDict_New();
    state->argument_error = state->unpickle != NULL
                            ? PyErr_NewException("ctypes.ArgumentError", NULL, NULL) : NULL;
    if (state->argument_error == NULL
        || PyModule_AddObjectRef(module, "_pointer_type_cache", state->pointer_cache) < 0
        || PyModule_AddObjectRef(module, "ArgumentError", state->argument_error) < 0)
    {
        return -1;
    }
    return add_constants(module);
}

/* The objects of the state: X(member). */
#define STATE_OBJECTS(X) \
    X(struct_meta) X(union_meta) X(pointer_meta) X(array_meta) X(simple_meta) X(function_meta) \
    X(data_type) X(struct_type) X(union_type) X(pointer_type) X(array_type) X(simple_type) \
    X(function_type) X(field_type) X(param_type) X(callback_type) X(argument_error) \
    X(pointer_cache) X(unpickle)

static int
ctypes_traverse(PyObject *module, visitproc visit, void *arg)
{
    ctypes_state *state = get_state(module);
#define X(MEMBER) Py_VISIT(state->MEMBER);
    STATE_OBJECTS(X)
#undef X
    return 0;
}

static int
ctypes_clear(PyObject *module)
{
    ctypes_state *state = get_state(module);
#define X(MEMBER) Py_CLEAR(state->MEMBER);
    STATE_OBJECTS(X)
#undef X
    return 0;
}

static void
ctypes_free(void *module)
{
    ctypes_clear((PyObject *)module);
}

static PyModuleDef_Slot ctypes_slots[] = {
    {Py_mod_exec, ctypes_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

struct PyModuleDef ctypes_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ctypes",
    .m_doc = "Create and manipulate C compatible data types in Python.",
    .m_size = sizeof(ctypes_state),
    .m_methods = ctypes_functions,
    .m_slots = ctypes_slots,
    .m_traverse = ctypes_traverse,
    .m_clear = ctypes_clear,
    .m_free = ctypes_free,
};

PyMODINIT_FUNC
PyInit__ctypes(void)
{
    return PyModuleDef_Init(&ctypes_module);
}
