/* Function objects (CFuncPtr): function types, where functions come from, and calls with the flags
 * of parameters.
 *
 * Invariants: the memory of a function object is one pointer, the address of the function.  What
 * the code needs to live (the library or the callback) is kept like any other object, at index 0.
 * `argtypes` is what the user set and `converters` the tuple of from_param methods of it: both are
 * NULL or neither is.
 *
 * Written from the library reference (ctypes) and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

/* Directions in paramflags. */
#define PARAM_IN 1
#define PARAM_OUT 2
#define PARAM_LCID 4                // "default input of 0"
#define PARAM_MASK 7

/* The methods from_param of a sequence of types: a new tuple, or NULL with an exception. */
static PyObject *
make_converters(PyObject *types)
{
    assert(PyTuple_Check(types));
    Py_ssize_t n = PyTuple_GET_SIZE(types);
    PyObject *converters = PyTuple_New(n);
    for (Py_ssize_t i = 0; converters != NULL && i < n; i++) {
        PyObject *method;
        int found = ctypes_lookup(PyTuple_GET_ITEM(types, i), "from_param", &method);
        if (found <= 0) {
            if (found == 0) {
                PyErr_Format(PyExc_TypeError, "item %zd in _argtypes_ has no from_param method",
                             i + 1);
            }
            Py_CLEAR(converters);
            break;
        }
        PyTuple_SET_ITEM(converters, i, method);
    }
    return converters;
}

/* A tuple of the types and their converters: 0 and new references, or -1 with an exception. */
static int
read_argtypes(ctypes_state *state, PyObject *value, PyObject **types, PyObject **converters)
{
    *types = PySequence_Tuple(value);
    if (*types == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "_argtypes_ must be a sequence of types");
        }
        return -1;
    }
    if (PyTuple_GET_SIZE(*types) > MAX_ARGUMENTS) {
        PyErr_Format(state->argument_error,
                     "_argtypes_ has too many arguments (%zi), maximum is %i",
                     PyTuple_GET_SIZE(*types), MAX_ARGUMENTS);
        Py_CLEAR(*types);
        return -1;
    }
    *converters = make_converters(*types);
    if (*converters == NULL) {
        Py_CLEAR(*types);
        return -1;
    }
    return 0;
}

/* Whether it can be the type of a result. */
static bool
is_restype(ctypes_state *state, PyObject *op)
{
    return op == Py_None || ctypes_type_info(state, op) != NULL || PyCallable_Check(op);
}

/* --------------------------------------------------------------------------- PyCFuncPtrType */

/* Read `_flags_`; 0, or -1 with an exception. */
static int
read_flags(ctype_info *info, PyObject *namespace)
{
    PyObject *flags;
    int found = ctypes_lookup_item(namespace, "_flags_", &flags);
    if (found < 0) {
        return -1;
    }
    if (found == 0 || !PyLong_Check(flags)) {
        PyErr_SetString(PyExc_TypeError, "class must define _flags_ which must be an integer");
        Py_XDECREF(flags);
        return -1;
    }
    info->flags = _PyLong_AsInt(flags);
    Py_DECREF(flags);
    return info->flags == -1 && PyErr_Occurred() ? -1 : 0;
}

/* Read what the namespace of a function type says; 0, or -1 with an exception. */
static int
read_prototype(ctypes_state *state, ctype_info *info, PyObject *namespace)
{
    PyObject *argtypes, *restype;
    if (read_flags(info, namespace) < 0
        || ctypes_lookup_item(namespace, "_argtypes_", &argtypes) < 0)
    {
        return -1;
    }
    if (argtypes != NULL) {
        int failed = read_argtypes(state, argtypes, &info->argtypes, &info->converters);
        Py_DECREF(argtypes);
        if (failed) {
            return -1;
        }
    }
    int found = ctypes_lookup_item(namespace, "_restype_", &restype);
    if (found <= 0) {
        return found;
    }
    info->restype = restype;
    if (!is_restype(state, restype)) {
        PyErr_SetString(PyExc_TypeError, "_restype_ must be a type, a callable, or None");
        return -1;
    }
    return ctypes_lookup(restype, "_check_retval_", &info->check) < 0 ? -1 : 0;
}

int
ctypes_function_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    if (info->ready || info->argtypes != NULL || info->restype != NULL
        || PyTuple_GET_SIZE(args) != 3 || !PyDict_Check(PyTuple_GET_ITEM(args, 2)))
    {
        PyErr_Format(PyExc_TypeError, "type '%s' is already initialized or has no namespace",
                     ((PyTypeObject *)self)->tp_name);
        return -1;
    }
    ctypes_state *state = state_of_type((PyTypeObject *)self);
    if (read_prototype(state, info, PyTuple_GET_ITEM(args, 2)) < 0) {
        return -1;
    }
    info->format = PyMem_Malloc(sizeof("X{}"));
    if (info->format == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    strcpy(info->format, "X{}");
    ctypes_info_init(info, C_FUNCTION, sizeof(void *), _Alignof(void *), 1);
    info->bytes.other = (1u << sizeof(void *)) - 1;
    info->has_pointer = true;
    return 0;
}

/* ----------------------------------------------------------------------------- checking flags */

/* Whether an argument's type can be an output parameter; false with TypeError. */
static bool
check_output(ctypes_state *state, PyObject *type, Py_ssize_t index)
{
    ctype_info *info = ctypes_type_info(state, type);
    if (info != NULL) {
        if (info->kind == C_POINTER || info->kind == C_ARRAY) {
            return true;
        }
        if (info->kind == C_SIMPLE && info->ffi == &ffi_type_pointer
            && info->access.code->kind != K_OBJECT)
        {
            return true;
        }
    }
    PyErr_Format(PyExc_TypeError, "'out' parameter %zd must be a pointer type, not %s", index + 1,
                 PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : Py_TYPE(type)->tp_name);
    return false;
}

/* An element of paramflags; borrowed, NULL for what is not there. */
struct param_flag {
    unsigned flag;
    PyObject *name, *value;
};

static int
read_flag(PyObject *item, struct param_flag *out)
{
    PyObject *name = Py_None;
    *out = (struct param_flag){0};
    if (PyTuple_Check(item) && PyArg_ParseTuple(item, "I|OO", &out->flag, &name, &out->value)
        && (name == Py_None || PyUnicode_Check(name)))
    {
        out->name = name != Py_None ? name : NULL;
        return 0;
    }
    PyErr_SetString(PyExc_TypeError,
                    "paramflags must be a sequence of (int [,string [,value]]) tuples");
    return -1;
}

/* Check the flags against the argument types of a function; 0, or -1 with an exception. */
static int
check_paramflags(ctypes_state *state, ctype_info *info, PyObject *paramflags)
{
    if (paramflags == NULL || paramflags == Py_None) {
        return 0;
    }
    if (!PyTuple_Check(paramflags)) {
        PyErr_SetString(PyExc_TypeError, "paramflags must be a tuple or None");
        return -1;
    }
    if (info->argtypes == NULL) {
        return 0;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(paramflags);
    if (n != PyTuple_GET_SIZE(info->argtypes)) {
        PyErr_SetString(PyExc_ValueError, "paramflags must have the same length as argtypes");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        struct param_flag flag;
        if (read_flag(PyTuple_GET_ITEM(paramflags, i), &flag) < 0) {
            return -1;
        }
        switch (flag.flag & PARAM_MASK) {
        case 0:
        case PARAM_IN:
        case PARAM_IN | PARAM_LCID:
        case PARAM_IN | PARAM_OUT:
            break;
        case PARAM_OUT:
            if (!check_output(state, PyTuple_GET_ITEM(info->argtypes, i), i)) {
                return -1;
            }
            break;
        default:
            PyErr_Format(PyExc_TypeError, "paramflag value %d not supported", (int)flag.flag);
            return -1;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------ new functions */

/* A function object with an address, or NULL with an exception. */
static function_object *
new_function(PyTypeObject *type, void *address)
{
    function_object *self = (function_object *)ctypes_data_new(type, NULL, NULL);
    assert(self == NULL || self->data.size == sizeof(address));
    if (self != NULL) {
        memcpy(self->data.ptr, &address, sizeof(address));
    }
    return self;
}

/* ((name, dll), paramflags) */
static PyObject *
function_from_dll(PyTypeObject *type, PyObject *args)
{
    PyObject *spec, *paramflags = NULL, *name, *dll;
    if (!PyArg_ParseTuple(args, "O|O", &spec, &paramflags)) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(spec) != 2) {
        PyErr_SetString(PyExc_TypeError, "illegal func_spec argument");
        return NULL;
    }
    name = PyTuple_GET_ITEM(spec, 0);
    dll = PyTuple_GET_ITEM(spec, 1);
    const char *text = PyBytes_Check(name) ? PyBytes_AS_STRING(name)
                       : PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (text == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError,
                            "function name must be string, bytes object or integer");
        }
        return NULL;
    }
    ctypes_state *state = state_of_type(type);
    void *address;
    if (PySys_Audit("ctypes.dlsym", "OO", dll, name) < 0
        || ctypes_symbol_of(dll, text, PyExc_AttributeError, &address) < 0
        || check_paramflags(state, info_of_type(type), paramflags) < 0)
    {
        return NULL;
    }
    function_object *self = new_function(type, address);
    if (self == NULL) {
        return NULL;
    }
    self->paramflags = paramflags != Py_None ? Py_XNewRef(paramflags) : NULL;
    if (ctypes_keep(&self->data, 0, Py_NewRef(dll)) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* A function that calls a Python object. */
static PyObject *
function_from_callable(PyTypeObject *type, PyObject *callable)
{
    ctype_info *info = info_of_type(type);
    if (!PyCallable_Check(callable)) {
        PyErr_SetString(PyExc_TypeError, "argument must be callable or integer function address");
        return NULL;
    }
    if (info->argtypes == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot construct instance of this class: no argtypes");
        return NULL;
    }
    void *code;
    PyObject *callback = ctypes_new_callback(state_of_type(type), callable, info->argtypes,
                                             info->restype != NULL ? info->restype : Py_None,
                                             info->flags, &code);
    if (callback == NULL) {
        return NULL;
    }
    function_object *self = new_function(type, code);
    if (self == NULL) {
        Py_DECREF(callback);
        return NULL;
    }
    if (ctypes_keep(&self->data, 0, callback) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyObject *
function_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *arg;
    if (PyTuple_GET_SIZE(args) == 0) {
        return ctypes_data_new(type, args, kwargs);
    }
    if (!info_of_type(type)->ready) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) <= 2 && PyTuple_Check(PyTuple_GET_ITEM(args, 0))) {
        return function_from_dll(type, args);
    }
    if (!PyArg_ParseTuple(args, "O", &arg)) {
        return NULL;
    }
    if (PyLong_Check(arg)) {
        void *address = PyLong_AsVoidPtr(arg);
        return address == NULL && PyErr_Occurred() ? NULL
                                                   : (PyObject *)new_function(type, address);
    }
    return function_from_callable(type, arg);
}

/* --------------------------------------------------------------------- arguments by the flags */

/* A call by paramflags that is being prepared. */
struct flagged_call {
    PyObject *given, *keywords;     // arguments of the call; keywords may be NULL
    Py_ssize_t next;                // how many of both are used
    PyObject *args;                 // the result: a tuple
};

/* The next input argument: a new reference, or NULL with an exception. */
static PyObject *
next_input(struct flagged_call *call, const struct param_flag *flag)
{
    PyObject *value = NULL;
    if (call->next < PyTuple_GET_SIZE(call->given)) {
        value = PyTuple_GET_ITEM(call->given, call->next);
        call->next++;
        return Py_NewRef(value);
    }
    if (call->keywords != NULL && flag->name != NULL) {
        value = PyDict_GetItemWithError(call->keywords, flag->name);
        if (value != NULL) {
            call->next++;
            return Py_NewRef(value);
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    if (flag->value != NULL) {
        return Py_NewRef(flag->value);
    }
    if (flag->name != NULL) {
        PyErr_Format(PyExc_TypeError, "required argument '%S' missing", flag->name);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "not enough arguments");
    }
    return NULL;
}

/* The object for an output parameter: a new reference, or NULL with an exception. */
static PyObject *
make_output(ctypes_state *state, PyObject *type, const struct param_flag *flag)
{
    if (flag->value != NULL) {
        return Py_NewRef(flag->value);
    }
    ctype_info *info = ctypes_type_info(state, type);
    if (info == NULL || (info->kind != C_ARRAY && (info->kind != C_POINTER || info->proto == NULL)))
    {
        PyErr_Format(PyExc_TypeError, "%s 'out' parameter must be passed as default value",
                     PyType_Check(type) ? ((PyTypeObject *)type)->tp_name
                                        : Py_TYPE(type)->tp_name);
        return NULL;
    }
    return PyObject_CallNoArgs(info->kind == C_ARRAY ? type : info->proto);
}

/* Make the tuple of arguments; 0, or -1 with an exception. */
static int
fill_flagged(ctypes_state *state, struct flagged_call *call, PyObject *argtypes,
             PyObject *paramflags)
{
    Py_ssize_t n = PyTuple_GET_SIZE(argtypes);
    assert(n == PyTuple_GET_SIZE(call->args) && n <= PyTuple_GET_SIZE(paramflags));
    for (Py_ssize_t i = 0; i < n; i++) {
        struct param_flag flag;
        PyObject *value;
        if (read_flag(PyTuple_GET_ITEM(paramflags, i), &flag) < 0) {
            return -1;
        }
        switch (flag.flag & PARAM_MASK) {
        case PARAM_IN | PARAM_LCID:
            value = flag.value != NULL ? Py_NewRef(flag.value) : PyLong_FromLong(0);
            break;
        case PARAM_OUT:
            value = make_output(state, PyTuple_GET_ITEM(argtypes, i), &flag);
            break;
        default:
            value = next_input(call, &flag);
        }
        if (value == NULL) {
            return -1;
        }
        PyTuple_SET_ITEM(call->args, i, value);
    }
    Py_ssize_t given = PyTuple_GET_SIZE(call->given)
                       + (call->keywords != NULL ? PyDict_GET_SIZE(call->keywords) : 0);
    if (given != call->next) {
        PyErr_Format(PyExc_TypeError, "call takes exactly %zd arguments (%zd given)", call->next,
                     given);
        return -1;
    }
    return 0;
}

/* Whether a function's flags rule its calls. */
static bool
has_flags(function_object *self, PyObject *argtypes)
{
    return self->paramflags != NULL && argtypes != NULL && PyTuple_Check(argtypes)
           && PyTuple_GET_SIZE(self->paramflags) >= PyTuple_GET_SIZE(argtypes)
           && PyTuple_GET_SIZE(argtypes) > 0;
}

/* The arguments of a call: a new tuple, or NULL with an exception. */
static PyObject *
make_arguments(function_object *self, PyObject *argtypes, PyObject *args, PyObject *kwargs)
{
    if (!has_flags(self, argtypes)) {
        return Py_NewRef(args);
    }
    struct flagged_call call = {.given = args, .keywords = kwargs};
    call.args = PyTuple_New(PyTuple_GET_SIZE(argtypes));
    if (call.args != NULL
        && fill_flagged(state_of(self), &call, argtypes, self->paramflags) < 0)
    {
        Py_CLEAR(call.args);
    }
    return call.args;
}

/* The values of the output parameters in place of the result (consumed), if there are any. */
static PyObject *
make_outputs(function_object *self, PyObject *argtypes, PyObject *args, PyObject *result)
{
    if (!has_flags(self, argtypes)) {
        return result;
    }
    assert(PyTuple_GET_SIZE(args) <= PyTuple_GET_SIZE(self->paramflags));
    PyObject *outputs = PyList_New(0);
    for (Py_ssize_t i = 0; outputs != NULL && i < PyTuple_GET_SIZE(args); i++) {
        struct param_flag flag;
        if (read_flag(PyTuple_GET_ITEM(self->paramflags, i), &flag) < 0) {
            Py_CLEAR(outputs);
            break;
        }
        if (!(flag.flag & PARAM_OUT)) {
            continue;
        }
        PyObject *value = Py_NewRef(PyTuple_GET_ITEM(args, i));
        if (!(flag.flag & PARAM_IN)) {
            Py_SETREF(value, PyObject_CallMethod(value, "__ctypes_from_outparam__", NULL));
        }
        if (value == NULL || PyList_Append(outputs, value) < 0) {
            Py_CLEAR(outputs);
        }
        Py_XDECREF(value);
    }
    if (outputs != NULL && PyList_GET_SIZE(outputs) == 0) {
        Py_DECREF(outputs);
        return result;
    }
    Py_DECREF(result);
    if (outputs == NULL) {
        return NULL;
    }
    result = PyList_GET_SIZE(outputs) == 1 ? Py_NewRef(PyList_GET_ITEM(outputs, 0))
                                           : PyList_AsTuple(outputs);
    Py_DECREF(outputs);
    return result;
}

/* ------------------------------------------------------------------------------------ the call */

/* Whether there are enough arguments; false with TypeError. */
static bool
check_count(ctype_info *info, PyObject *converters, PyObject *args)
{
    Py_ssize_t required = PyTuple_GET_SIZE(converters), given = PyTuple_GET_SIZE(args);
    bool exact = !(info->flags & FUNC_CDECL) && given != required;
    if (given >= required && !exact) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "this function takes %s%zd argument%s (%zd given)",
                 exact ? "" : "at least ", required, required == 1 ? "" : "s", given);
    return false;
}

/* Call with arguments in order; then errcheck and outputs. */
static PyObject *
call_with(function_object *self, PyObject *argtypes, PyObject *args)
{
    ctype_info *info = info_of(self);
    PyObject *converters = self->converters != NULL ? self->converters : info->converters;
    PyObject *restype = self->restype != NULL ? self->restype : info->restype;
    PyObject *check = self->restype != NULL ? self->check : info->check;
    assert((self->argtypes == NULL) == (self->converters == NULL));
    if (converters != NULL && !check_count(info, converters, args)) {
        return NULL;
    }
    /* The call may set attributes of the function. */
    Py_XINCREF(converters);
    Py_XINCREF(restype);
    Py_XINCREF(check);
    PyObject *errcheck = Py_XNewRef(self->errcheck);
    PyObject *result = ctypes_call(state_of(self), address_in(&self->data), args, info->flags,
                                   converters, restype, check);
    Py_XDECREF(converters);
    Py_XDECREF(restype);
    Py_XDECREF(check);
    bool final = false;
    if (result != NULL && errcheck != NULL) {
        PyObject *checked = PyObject_CallFunctionObjArgs(errcheck, result, (PyObject *)self, args,
                                                         NULL);
        final = checked != args;        /* the arguments mean: go on */
        Py_SETREF(result, checked);
    }
    Py_XDECREF(errcheck);
    return result != NULL && !final ? make_outputs(self, argtypes, args, result) : result;
}

static PyObject *
function_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    function_object *self = (function_object *)op;
    ctype_info *info = info_of(self);
    if (!info->ready) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    /* The flags were checked against the types of the class. */
    PyObject *argtypes = Py_XNewRef(self->argtypes != NULL ? self->argtypes : info->argtypes);
    if (argtypes != NULL && !PyTuple_Check(argtypes)) {
        Py_SETREF(argtypes, PySequence_Tuple(argtypes));
        if (argtypes == NULL) {
            return NULL;
        }
    }
    PyObject *result = NULL, *all = make_arguments(self, argtypes, args, kwargs);
    if (all != NULL) {
        result = call_with(self, argtypes, all);
        Py_DECREF(all);
    }
    Py_XDECREF(argtypes);
    return result;
}

/* ---------------------------------------------------------------------------------- attributes */

static PyObject *
function_get_errcheck(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *value = ((function_object *)op)->errcheck;
    return Py_NewRef(value != NULL ? value : Py_None);
}

static int
function_set_errcheck(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value != NULL && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "the errcheck attribute must be callable");
        return -1;
    }
    Py_XSETREF(((function_object *)op)->errcheck, Py_XNewRef(value));
    return 0;
}

static PyObject *
function_get_restype(PyObject *op, void *Py_UNUSED(closure))
{
    function_object *self = (function_object *)op;
    PyObject *value = self->restype != NULL ? self->restype : info_of(self)->restype;
    return Py_NewRef(value != NULL ? value : Py_None);
}

static int
function_set_restype(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    function_object *self = (function_object *)op;
    PyObject *check = NULL;
    if (value != NULL) {
        if (!is_restype(state_of(self), value)) {
            PyErr_SetString(PyExc_TypeError, "restype must be a type, a callable, or None");
            return -1;
        }
        if (ctypes_lookup(value, "_check_retval_", &check) < 0) {
            return -1;
        }
    }
    Py_XSETREF(self->check, check);
    Py_XSETREF(self->restype, Py_XNewRef(value));
    return 0;
}

static PyObject *
function_get_argtypes(PyObject *op, void *Py_UNUSED(closure))
{
    function_object *self = (function_object *)op;
    PyObject *value = self->argtypes != NULL ? self->argtypes : info_of(self)->argtypes;
    return Py_NewRef(value != NULL ? value : Py_None);
}

static int
function_set_argtypes(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    function_object *self = (function_object *)op;
    PyObject *types = NULL, *converters = NULL;
    if (value == NULL || value == Py_None) {
        value = NULL;
    }
    else if (read_argtypes(state_of(self), value, &types, &converters) < 0) {
        return -1;
    }
    Py_XDECREF(types);
    Py_XSETREF(self->converters, converters);
    Py_XSETREF(self->argtypes, Py_XNewRef(value));
    return 0;
}

static PyObject *
function_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
}

static int
function_bool(PyObject *op)
{
    return address_in((datum *)op) != NULL;
}

static int
function_traverse(PyObject *op, visitproc visit, void *arg)
{
    function_object *self = (function_object *)op;
    Py_VISIT(self->argtypes);
    Py_VISIT(self->converters);
    Py_VISIT(self->restype);
    Py_VISIT(self->check);
    Py_VISIT(self->errcheck);
    Py_VISIT(self->paramflags);
    return ctypes_data_traverse(op, visit, arg);
}

static int
function_clear(PyObject *op)
{
    function_object *self = (function_object *)op;
    Py_CLEAR(self->argtypes);
    Py_CLEAR(self->converters);
    Py_CLEAR(self->restype);
    Py_CLEAR(self->check);
    Py_CLEAR(self->errcheck);
    Py_CLEAR(self->paramflags);
    return ctypes_data_clear(op);
}

static void
function_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    function_clear(op);
    ctypes_data_dealloc(op);
}

static PyGetSetDef function_getset[] = {
    {"errcheck", function_get_errcheck, function_set_errcheck, "a function to check for errors",
     NULL},
    {"restype", function_get_restype, function_set_restype, "specify the result type", NULL},
    {"argtypes", function_get_argtypes, function_set_argtypes, "specify the argument types", NULL},
    {NULL}
};

static PyType_Slot function_slots[] = {
    {Py_tp_doc, (void *)"Function Pointer"},
    {Py_tp_new, function_new},
    {Py_tp_traverse, function_traverse},
    {Py_tp_clear, function_clear},
    {Py_tp_dealloc, function_dealloc},
    {Py_bf_getbuffer, ctypes_data_getbuffer},
    {Py_tp_repr, function_repr},
    {Py_tp_call, function_call},
    {Py_tp_getset, function_getset},
    {Py_nb_bool, function_bool},
    {0, NULL}
};

PyType_Spec ctypes_function_spec = {
    .name = "_ctypes.CFuncPtr",
    .basicsize = sizeof(function_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = function_slots,
};
