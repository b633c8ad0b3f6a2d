/* pickle: globals are found, objects are made and get their state.
 *
 * Written from the library reference (pickle, pickletools), PEP 307 and 3154, and
 * observed messages.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

/* --- Globals ---------------------------------------------------------------------------------- */

/* The global of that name, by find_class() of the Unpickler. */
static PyObject *
find_class(struct loading *u, PyObject *module_name, PyObject *name)
{
    if (u->self == NULL || Py_IS_TYPE(u->self, u->state->Unpickler_Type)) {
        return _PyPickle_FindClass(u->state, module_name, name, u->protocol, u->fix_imports);
    }
    return PyObject_CallMethodObjArgs(u->self, &_Py_ID(find_class), module_name, name, NULL);
}

/* A line as a str; INST is older than UTF-8. */
static PyObject *
fetch_name(struct loading *u, bool ascii)
{
    const char *line;
    Py_ssize_t size = _PyPickle_FetchLine(u, &line);
    if (size < 0) {
        return NULL;
    }
    if (size < 2) {
        _PyPickle_Truncated(u);
        return NULL;
    }
    return ascii ? PyUnicode_DecodeASCII(line, size - 1, "strict")
                 : PyUnicode_DecodeUTF8(line, size - 1, "strict");
}

/* The global whose name the next two lines have. */
static PyObject *
fetch_global(struct loading *u, bool ascii)
{
    PyObject *module_name = fetch_name(u, ascii);
    PyObject *name = module_name != NULL ? fetch_name(u, ascii) : NULL;
    PyObject *found = name != NULL ? find_class(u, module_name, name) : NULL;
    Py_XDECREF(module_name);
    Py_XDECREF(name);
    return found;
}

int
_PyPickle_LoadGlobal(struct loading *u)
{
    return push(u, fetch_global(u, false));
}

int
_PyPickle_LoadStackGlobal(struct loading *u)
{
    PyObject *name = pop(u);
    PyObject *module_name = name != NULL ? pop(u) : NULL, *found = NULL;
    if (module_name != NULL && PyUnicode_CheckExact(module_name) && PyUnicode_CheckExact(name)) {
        found = find_class(u, module_name, name);
    }
    else if (module_name != NULL) {
        PyErr_SetString(u->state->UnpicklingError, "STACK_GLOBAL requires str");
    }
    Py_XDECREF(name);
    Py_XDECREF(module_name);
    return push(u, found);
}

/* The global with a code in copyreg's registry; it is put into copyreg's cache. */
static PyObject *
find_extension(struct loading *u, long code, PyObject *key)
{
    pickle_state *state = u->state;
    PyObject *found = PyDict_GetItemWithError(state->extension_cache, key);
    if (found != NULL || PyErr_Occurred()) {
        return Py_XNewRef(found);
    }
    PyObject *pair = PyDict_GetItemWithError(state->inverted_registry, key);
    if (pair == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "unregistered extension code %ld", code);
        }
        return NULL;
    }
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2
        || !PyUnicode_Check(PyTuple_GET_ITEM(pair, 0))
        || !PyUnicode_Check(PyTuple_GET_ITEM(pair, 1)))
    {
        PyErr_Format(PyExc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings", code);
        return NULL;
    }
    Py_INCREF(pair);
    found = find_class(u, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
    Py_DECREF(pair);
    if (found != NULL && PyDict_SetItem(state->extension_cache, key, found) < 0) {
        Py_CLEAR(found);
    }
    return found;
}

int
_PyPickle_LoadExtension(struct loading *u, int bytes)
{
    const char *at = fetch(u, bytes);
    if (at == NULL) {
        return -1;
    }
    long code = (int32_t)get_little(at, bytes);
    if (code <= 0) {
        PyErr_SetString(u->state->UnpicklingError, "EXT specifies code <= 0");
        return -1;
    }
    PyObject *key = PyLong_FromLong(code);
    PyObject *found = key != NULL ? find_extension(u, code, key) : NULL;
    Py_XDECREF(key);
    return push(u, found);
}

/* --- Persistent ids --------------------------------------------------------------------------- */

/* The object with an id (stolen; NULL is an error that happened). */
static int
push_persistent(struct loading *u, PyObject *id)
{
    if (id == NULL) {
        return -1;
    }
    PyObject *object = _PyPickle_CallHook(u->persistent_load, u->persistent_self, id);
    Py_DECREF(id);
    return push(u, object);
}

static int
check_persistent(struct loading *u)
{
    if (u->persistent_load == NULL) {
        PyErr_SetString(u->state->UnpicklingError,
                        "A load persistent id instruction was encountered, "
                        "but no persistent_load function was specified.");
        return -1;
    }
    return 0;
}

int
_PyPickle_LoadPersistentId(struct loading *u)
{
    const char *line;
    if (check_persistent(u) < 0) {
        return -1;
    }
    Py_ssize_t size = _PyPickle_FetchLine(u, &line);
    if (size < 0) {
        return -1;
    }
    PyObject *id = PyUnicode_DecodeASCII(line, size - 1, "strict");
    if (id == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_SetString(u->state->UnpicklingError,
                        "persistent IDs in protocol 0 must be ASCII strings");
    }
    return push_persistent(u, id);
}

int
_PyPickle_LoadBinPersistentId(struct loading *u)
{
    return check_persistent(u) < 0 ? -1 : push_persistent(u, pop(u));
}

/* --- Calls ------------------------------------------------------------------------------------ */

int
_PyPickle_LoadReduce(struct loading *u)
{
    PyObject *args = pop(u), *result = NULL;
    if (args == NULL) {
        return -1;
    }
    PyObject *callable = pop(u);
    if (callable != NULL) {
        result = PyObject_CallObject(callable, args);
        Py_DECREF(callable);
    }
    Py_DECREF(args);
    return push(u, result);
}

/* cls.__new__(cls, *args, **kwargs), with what came from the pickle. */
static PyObject *
new_object(struct loading *u, const char *opcode, PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *error = u->state->UnpicklingError;
    if (!PyType_Check(cls)) {
        PyErr_Format(error, "%s class argument must be a type, not %.200s", opcode,
                     Py_TYPE(cls)->tp_name);
    }
    else if (((PyTypeObject *)cls)->tp_new == NULL) {
        PyErr_Format(error, "%s class argument '%.200s' doesn't have __new__", opcode,
                     ((PyTypeObject *)cls)->tp_name);
    }
    else if (!PyTuple_Check(args)) {
        PyErr_Format(error, "%s args argument must be a tuple, not %.200s", opcode,
                     Py_TYPE(args)->tp_name);
    }
    else if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_Format(error, "%s kwargs argument must be a dict, not %.200s", opcode,
                     Py_TYPE(kwargs)->tp_name);
    }
    else {
        return ((PyTypeObject *)cls)->tp_new((PyTypeObject *)cls, args, kwargs);
    }
    return NULL;
}

int
_PyPickle_LoadNewObject(struct loading *u, bool with_kwargs)
{
    PyObject *kwargs = NULL, *args = NULL, *cls = NULL, *object = NULL;
    if ((!with_kwargs || (kwargs = pop(u)) != NULL) && (args = pop(u)) != NULL
        && (cls = pop(u)) != NULL)
    {
        object = new_object(u, with_kwargs ? "NEWOBJ_EX" : "NEWOBJ", cls, args, kwargs);
    }
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    Py_XDECREF(cls);
    return push(u, object);
}

/* An instance as old pickles mean it: made without __init__() if there are no arguments.  Both
 * arguments are stolen; NULL is an error that happened. */
static int
push_instance(struct loading *u, PyObject *cls, PyObject *args)
{
    PyObject *object = NULL;
    if (cls != NULL && args != NULL) {
        PyObject *has_arguments = NULL;
        int failed = 0;
        bool bare = PyTuple_GET_SIZE(args) == 0 && PyType_Check(cls);
        if (bare) {
            failed = _PyObject_LookupAttr(cls, &_Py_ID(__getinitargs__), &has_arguments);
        }
        if (failed >= 0) {
            object = bare && has_arguments == NULL
                     ? PyObject_CallMethodOneArg(cls, &_Py_ID(__new__), cls)
                     : PyObject_CallObject(cls, args);
        }
        Py_XDECREF(has_arguments);
    }
    Py_XDECREF(cls);
    Py_XDECREF(args);
    return push(u, object);
}

int
_PyPickle_LoadObject(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    if (mark < 0) {
        return -1;
    }
    if (u->stack->used - mark < 1) {
        return _PyPickle_Underflow(u);
    }
    PyObject *args = _PyPickle_PopTuple(u, mark + 1);
    return push_instance(u, args != NULL ? pop(u) : NULL, args);
}

int
_PyPickle_LoadInstance(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    if (mark < 0) {
        return -1;
    }
    PyObject *cls = fetch_global(u, true);
    return push_instance(u, cls, cls != NULL ? _PyPickle_PopTuple(u, mark) : NULL);
}

/* --- State ------------------------------------------------------------------------------------ */

/* Update the object's __dict__; its keys are interned, as those of attributes are. */
static int
set_dict_state(struct loading *u, PyObject *object, PyObject *state)
{
    if (!PyDict_Check(state)) {
        PyErr_SetString(u->state->UnpicklingError, "state is not a dictionary");
        return -1;
    }
    PyObject *dict = PyObject_GetAttr(object, &_Py_ID(__dict__));
    Py_ssize_t position = 0;
    PyObject *key, *value;
    int result = dict != NULL ? 0 : -1;
    while (result == 0 && PyDict_Next(state, &position, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        if (PyUnicode_CheckExact(key)) {
            PyUnicode_InternInPlace(&key);
        }
        result = PyObject_SetItem(dict, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    Py_XDECREF(dict);
    return result;
}

static int
set_slot_state(struct loading *u, PyObject *object, PyObject *state)
{
    if (!PyDict_Check(state)) {
        PyErr_SetString(u->state->UnpicklingError, "slot state is not a dictionary");
        return -1;
    }
    Py_ssize_t position = 0;
    PyObject *key, *value;
    int result = 0;
    while (result == 0 && PyDict_Next(state, &position, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        result = PyObject_SetAttr(object, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return result;
}

/* Give an object its state, by its own method or as object.__getstate__() has taken it. */
static int
build(struct loading *u, PyObject *object, PyObject *state)
{
    PyObject *method, *slots = NULL;
    if (_PyObject_LookupAttr(object, &_Py_ID(__setstate__), &method) < 0) {
        return -1;
    }
    if (method != NULL) {
        PyObject *result = PyObject_CallOneArg(method, state);
        Py_DECREF(method);
        Py_XDECREF(result);
        return result != NULL ? 0 : -1;
    }
    if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == 2) {
        slots = PyTuple_GET_ITEM(state, 1);
        state = PyTuple_GET_ITEM(state, 0);
    }
    if (state != Py_None && set_dict_state(u, object, state) < 0) {
        return -1;
    }
    return slots != NULL ? set_slot_state(u, object, slots) : 0;
}

int
_PyPickle_LoadBuild(struct loading *u)
{
    struct stack *stack = u->stack;
    if (stack->used - 2 < stack->fence) {
        return _PyPickle_Underflow(u);
    }
    PyObject *state = pop(u);
    int result = build(u, stack->items[stack->used - 1], state);
    Py_DECREF(state);
    return result;
}
