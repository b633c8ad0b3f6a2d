/* Callbacks: C functions (libffi's closures) that call a Python object.
 *
 * Invariants: the code of a callback lives as long as its CThunkObject, which the function object
 * keeps; who gives the address away must keep that.  A callback belongs to the interpreter that
 * made it: whatever thread calls it, the Python object runs in that interpreter, under its GIL.
 *
 * A thread comes here in one of three ways: with the GIL of this interpreter (from a call that
 * keeps it); as a thread that PyGILState knows to be this interpreter's; or otherwise (a foreign
 * thread, or one of another interpreter), and then it gets a thread state for the time of the call.
 *
 * Written from the library reference (ctypes), libffi's manual, the C API reference (thread states)
 * and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

typedef struct {
    PyObject_HEAD
    ffi_closure *closure;           // owned, or NULL
    ffi_cif cif;
    ffi_type **types;               // PyMem block: of the arguments
    PyInterpreterState *interp;
    ctypes_state *state;            // valid while the type of this object lives
    PyObject *callable, *argtypes, *restype;
    int flags;
} callback_object;

static int
callback_traverse(PyObject *op, visitproc visit, void *arg)
{
    callback_object *self = (callback_object *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->callable);
    Py_VISIT(self->argtypes);
    Py_VISIT(self->restype);
    return 0;
}

static int
callback_clear(PyObject *op)
{
    callback_object *self = (callback_object *)op;
    Py_CLEAR(self->callable);
    Py_CLEAR(self->argtypes);
    Py_CLEAR(self->restype);
    return 0;
}

static void
callback_dealloc(PyObject *op)
{
    callback_object *self = (callback_object *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->closure != NULL) {
        ffi_closure_free(self->closure);
    }
    PyMem_Free(self->types);
    callback_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot callback_slots[] = {
    {Py_tp_doc, (void *)"CThunkObject"},
    {Py_tp_traverse, callback_traverse},
    {Py_tp_clear, callback_clear},
    {Py_tp_dealloc, callback_dealloc},
    {0, NULL}
};

PyType_Spec ctypes_callback_spec = {
    .name = "_ctypes.CThunkObject",
    .basicsize = sizeof(callback_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = callback_slots,
};

/* ---------------------------------------------------------------------------------- arguments */

/* The Python value of an argument: a new reference, or NULL with an exception. */
static PyObject *
load_argument(ctypes_state *state, PyObject *type, void *memory)
{
    ctype_info *info = ctypes_type_info(state, type);
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot build parameter");
        return NULL;
    }
    if (info->kind == C_SIMPLE && !ctypes_is_derived(state, (PyTypeObject *)type)) {
        return ctypes_load(&info->access, memory, info->size);
    }
    PyObject *value = PyObject_CallNoArgs(type);
    if (value == NULL) {
        return NULL;
    }
    if (!is_datum(state, value)) {
        PyErr_SetString(PyExc_TypeError, "unexpected result of create argument");
        Py_DECREF(value);
        return NULL;
    }
    datum *self = (datum *)value;
    /* An array comes as the address of its first item. */
    const void *source = info->kind == C_ARRAY ? *(void **)memory : memory;
    if (source != NULL) {
        memcpy(self->ptr, source, (size_t)Py_MIN(self->size, info->size));
    }
    return value;
}

static PyObject *
load_arguments(callback_object *self, void **memory)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->argtypes);
    PyObject *args = PyTuple_New(n);
    for (Py_ssize_t i = 0; args != NULL && i < n; i++) {
        PyObject *value = load_argument(self->state, PyTuple_GET_ITEM(self->argtypes, i),
                                        memory[i]);
        if (value == NULL) {
            Py_CLEAR(args);
            break;
        }
        PyTuple_SET_ITEM(args, i, value);
    }
    return args;
}

/* ------------------------------------------------------------------------------------ the call */

/* Store the result for C; errors have nowhere to go but sys.unraisablehook. */
static void
store_result(callback_object *self, PyObject *result, void *memory)
{
    ctype_info *info = self->restype != Py_None ? ctypes_type_info(self->state, self->restype)
                                                : NULL;
    if (info == NULL) {
        return;
    }
    assert(info->kind == C_SIMPLE);
    PyObject *keep = ctypes_store(&info->access, memory, result, info->size);
    if (keep == NULL) {
        _PyErr_WriteUnraisableMsg("on converting result of ctypes callback function",
                                  self->callable);
    }
    else if (info->access.code->kind == K_OBJECT) {
        /* The caller gets the reference. */
    }
    else if (keep == Py_None) {
        Py_DECREF(keep);
    }
    else if (PyErr_WarnEx(PyExc_RuntimeWarning, "memory leak in callback function.", 1) < 0) {
        /* The memory that the result refers to stays for ever: nobody can tell when C is done. */
        PyErr_WriteUnraisable(self->callable);
    }
}

/* Call the Python object; the GIL of its interpreter is held. */
static void
call_object(callback_object *self, void *result_memory, void **memory)
{
    assert(PyThreadState_GetInterpreter(PyThreadState_Get()) == self->interp);
    if (self->argtypes == NULL || self->restype == NULL) {
        return;                     /* its garbage was collected */
    }
    PyObject *args = load_arguments(self, memory);
    if (args == NULL) {
        PyErr_Print();
        return;
    }
    if ((self->flags & FUNC_USE_ERRNO) && ctypes_swap_errno() < 0) {
        PyErr_Print();
    }
    PyObject *result = PyObject_CallObject(self->callable, args);
    if (result == NULL) {
        _PyErr_WriteUnraisableMsg("on calling ctypes callback function", self->callable);
    }
    if ((self->flags & FUNC_USE_ERRNO) && ctypes_swap_errno() < 0) {
        PyErr_Print();
    }
    Py_DECREF(args);
    if (result != NULL) {
        store_result(self, result, result_memory);
        Py_DECREF(result);
    }
}

/* call_object() while the object cannot go away, and with no exception set that was not the
   caller's. */
static void
call_safely(callback_object *self, void *result_memory, void **memory)
{
    PyObject *pending = PyErr_GetRaisedException();
    Py_INCREF(self);
    call_object(self, result_memory, memory);
    Py_DECREF(self);
    PyErr_SetRaisedException(pending);
}

/* What libffi calls. */
static void
callback_entry(ffi_cif *cif, void *result, void **arguments, void *data)
{
    callback_object *self = data;
    if (cif->rtype->type != FFI_TYPE_VOID) {
        memset(result, 0, Py_MAX(cif->rtype->size, sizeof(ffi_arg)));
    }
    if (!Py_IsInitialized()) {
        return;
    }
    PyThreadState *attached = _PyThreadState_UncheckedGet();
    if (attached != NULL && PyThreadState_GetInterpreter(attached) == self->interp) {
        call_safely(self, result, arguments);
        return;
    }
    PyThreadState *known = attached == NULL ? PyGILState_GetThisThreadState() : NULL;
    if (known != NULL && PyThreadState_GetInterpreter(known) == self->interp) {
        PyGILState_STATE gil = PyGILState_Ensure();
        call_safely(self, result, arguments);
        PyGILState_Release(gil);
        return;
    }
    if (attached != NULL) {
        (void)PyEval_SaveThread();
    }
    PyThreadState *tstate = PyThreadState_New(self->interp);
    if (tstate != NULL) {
        PyEval_RestoreThread(tstate);
        call_safely(self, result, arguments);
        PyThreadState_Clear(tstate);
        PyThreadState_DeleteCurrent();
    }
    if (attached != NULL) {
        PyEval_RestoreThread(attached);
    }
}

/* ---------------------------------------------------------------------------------- a new one */

/* The type for libffi of a callback's result, or NULL with TypeError. */
static ffi_type *
result_type(ctypes_state *state, PyObject *restype)
{
    if (restype == Py_None) {
        return &ffi_type_void;
    }
    ctype_info *info = ctypes_type_info(state, restype);
    if (info == NULL || info->kind != C_SIMPLE) {
        PyErr_SetString(PyExc_TypeError, "invalid result type for callback function");
        return NULL;
    }
    return info->ffi;
}

/* Prepare the closure of a callback that has all else; 0, or -1 with an exception. */
static int
prepare(callback_object *self, void **code)
{
    assert(self->closure == NULL && self->types == NULL);
    Py_ssize_t n = PyTuple_GET_SIZE(self->argtypes);
    ffi_type *result = result_type(self->state, self->restype);
    if (result == NULL) {
        return -1;
    }
    if (n > MAX_ARGUMENTS) {
        PyErr_Format(self->state->argument_error, "too many arguments (%zi), maximum is %i", n,
                     MAX_ARGUMENTS);
        return -1;
    }
    self->types = PyMem_New(ffi_type *, n + 1);
    self->closure = ffi_closure_alloc(sizeof(ffi_closure), code);
    if (self->types == NULL || self->closure == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        ctype_info *info = ctypes_type_info(self->state, PyTuple_GET_ITEM(self->argtypes, i));
        self->types[i] = info != NULL ? info->ffi : &ffi_type_sint;
    }
    if (ffi_prep_cif(&self->cif, FFI_DEFAULT_ABI, (unsigned)n, result, self->types) != FFI_OK) {
        PyErr_SetString(PyExc_RuntimeError, "ffi_prep_cif failed");
        return -1;
    }
    if (ffi_prep_closure_loc(self->closure, &self->cif, callback_entry, self, *code) != FFI_OK) {
        PyErr_SetString(PyExc_RuntimeError, "ffi_prep_closure failed");
        return -1;
    }
    return 0;
}

PyObject *
ctypes_new_callback(ctypes_state *state, PyObject *callable, PyObject *argtypes,
                    PyObject *restype, int flags, void **code)
{
    assert(PyTuple_Check(argtypes) && PyCallable_Check(callable));
    callback_object *self = PyObject_GC_New(callback_object, state->callback_type);
    if (self == NULL) {
        return NULL;
    }
    self->closure = NULL;
    self->types = NULL;
    self->interp = PyInterpreterState_Get();
    self->state = state;
    self->callable = Py_NewRef(callable);
    self->argtypes = Py_NewRef(argtypes);
    self->restype = Py_NewRef(restype);
    self->flags = flags;
    PyObject_GC_Track(self);
    if (prepare(self, code) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}
