/* pickle: objects are written by their reducer, or by name.
 *
 * A reducer (__reduce_ex__(), a function of the dispatch table, reducer_override()) says how an
 * object can be made: by calling something, which makes it; then items are added and its state is
 * set.
 *
 * Written from the library reference (pickle), PEP 307 and 3154, and observed behaviour.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

/* What a reducer has said; all borrowed from its tuple.  NULL: not there. */
struct reduced {
    PyObject *callable, *args, *state, *list_items, *dict_items, *state_setter;
};

static int
pickling_error(struct pickling *p, const char *message)
{
    PyErr_SetString(p->state->PicklingError, message);
    return -1;
}

/* An element must be None or right; the message says where it is not, and what it is. */
static int
optional_element(struct pickling *p, PyObject **element, int (*is_right)(PyObject *),
                 const char *message)
{
    if (*element == Py_None) {
        *element = NULL;
    }
    if (*element != NULL && !is_right(*element)) {
        PyErr_Format(p->state->PicklingError, message, Py_TYPE(*element)->tp_name);
        return -1;
    }
    return 0;
}

static int
any_object(PyObject *Py_UNUSED(object))
{
    return 1;
}

static int
read_tuple(struct pickling *p, PyObject *tuple, struct reduced *r)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    PyObject **elements[] = {&r->callable, &r->args, &r->state, &r->list_items, &r->dict_items,
                             &r->state_setter};
    if (size < 2 || size > 6) {
        return pickling_error(p, "tuple returned by __reduce__ must contain 2 through 6 elements");
    }
    memset(r, 0, sizeof(*r));
    for (Py_ssize_t i = 0; i < size; i++) {
        *elements[i] = PyTuple_GET_ITEM(tuple, i);
    }
    if (!PyCallable_Check(r->callable)) {
        return pickling_error(p, "first item of the tuple returned by __reduce__ "
                                 "must be callable");
    }
    if (!PyTuple_Check(r->args)) {
        return pickling_error(p, "second item of the tuple returned by __reduce__ "
                                 "must be a tuple");
    }
    return optional_element(p, &r->state, any_object, "") < 0
           || optional_element(p, &r->list_items, PyIter_Check,
                               "fourth element of the tuple returned by __reduce__ "
                               "must be an iterator, not %s") < 0
           || optional_element(p, &r->dict_items, PyIter_Check,
                               "fifth element of the tuple returned by __reduce__ "
                               "must be an iterator, not %s") < 0
           || optional_element(p, &r->state_setter, PyCallable_Check,
                               "sixth element of the tuple returned by __reduce__ "
                               "must be a function, not %s") < 0 ? -1 : 0;
}

/* --- The call that makes the object ----------------------------------------------------------- */

static int
save_plain_call(struct pickling *p, PyObject *callable, PyObject *args)
{
    if (_PyPickle_Save(p, callable) < 0 || _PyPickle_Save(p, args) < 0) {
        return -1;
    }
    return write_opcode(p, OP_REDUCE);
}

/* The arguments of copyreg.__newobj_ex__ must be a class, a tuple and a dict. */
static int
check_newobj_ex(struct pickling *p, PyObject *args)
{
    PyObject *error = p->state->PicklingError;
    if (PyTuple_GET_SIZE(args) != 3) {
        PyErr_Format(error, "length of the NEWOBJ_EX argument tuple must be exactly 3, not %zd",
                     PyTuple_GET_SIZE(args));
        return -1;
    }
    static const char *const messages[] = {
        "first item from NEWOBJ_EX argument tuple must be a class, not %.200s",
        "second item from NEWOBJ_EX argument tuple must be a tuple, not %.200s",
        "third item from NEWOBJ_EX argument tuple must be a dict, not %.200s",
    };
    for (Py_ssize_t i = 0; i < 3; i++) {
        PyObject *item = PyTuple_GET_ITEM(args, i);
        bool is_right = i == 0 ? PyType_Check(item) : i == 1 ? PyTuple_Check(item)
                                                             : PyDict_Check(item);
        if (!is_right) {
            PyErr_Format(error, messages[i], Py_TYPE(item)->tp_name);
            return -1;
        }
    }
    return 0;
}

/* cls.__new__(cls, *args, **kwargs) as an object that can be called without arguments. */
static PyObject *
bind_arguments(struct pickling *p, PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *new = PyObject_GetAttr(cls, &_Py_ID(__new__));
    PyObject *head = new != NULL ? PyTuple_Pack(2, new, cls) : NULL;
    PyObject *all = head != NULL ? PySequence_Concat(head, args) : NULL;
    PyObject *result = all != NULL ? PyObject_Call(p->state->partial, all, kwargs) : NULL;
    Py_XDECREF(new);
    Py_XDECREF(head);
    Py_XDECREF(all);
    return result;
}

static int
save_newobj_ex(struct pickling *p, PyObject *args)
{
    if (check_newobj_ex(p, args) < 0) {
        return -1;
    }
    PyObject *cls = PyTuple_GET_ITEM(args, 0), *kwargs = PyTuple_GET_ITEM(args, 2);
    if (p->protocol >= 4) {
        return _PyPickle_Save(p, cls) < 0 || _PyPickle_Save(p, PyTuple_GET_ITEM(args, 1)) < 0
               || _PyPickle_Save(p, kwargs) < 0 ? -1 : write_opcode(p, OP_NEWOBJ_EX);
    }
    PyObject *callable = bind_arguments(p, cls, PyTuple_GET_ITEM(args, 1), kwargs);
    PyObject *empty = callable != NULL ? PyTuple_New(0) : NULL;
    int result = empty != NULL ? save_plain_call(p, callable, empty) : -1;
    Py_XDECREF(callable);
    Py_XDECREF(empty);
    return result;
}

static int
save_newobj(struct pickling *p, PyObject *args, PyObject *object)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        return pickling_error(p, "__newobj__ arglist is empty");
    }
    PyObject *cls = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(cls)) {
        return pickling_error(p, "args[0] from __newobj__ args is not a type");
    }
    if (object != NULL) {
        PyObject *its_class = PyObject_GetAttr(object, &_Py_ID(__class__));
        if (its_class == NULL) {
            return -1;
        }
        Py_DECREF(its_class);       /* only its address counts */
        if (its_class != cls) {
            return pickling_error(p, "args[0] from __newobj__ args has the wrong class");
        }
    }
    if (_PyPickle_Save(p, cls) < 0
        || _PyPickle_SaveNew(p, PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args))) < 0)
    {
        return -1;
    }
    return write_opcode(p, OP_NEWOBJ);
}

/* Is the callable copyreg.__newobj__ or __newobj_ex__, by its name?  1 or 2, 0, or -1. */
static int
new_function(struct pickling *p, PyObject *callable)
{
    PyObject *name;
    if (p->protocol < 2) {
        return 0;
    }
    if (_PyObject_LookupAttr(callable, &_Py_ID(__name__), &name) < 0) {
        return -1;
    }
    int result = name == NULL || !PyUnicode_Check(name) ? 0
                 : _PyUnicode_EqualToASCIIString(name, "__newobj__") ? 1
                 : _PyUnicode_EqualToASCIIString(name, "__newobj_ex__") ? 2 : 0;
    Py_XDECREF(name);
    return result;
}

/* --- What is done with the object ------------------------------------------------------------- */

static int
save_state(struct pickling *p, const struct reduced *r, PyObject *object)
{
    if (r->state_setter == NULL) {
        return _PyPickle_Save(p, r->state) < 0 ? -1 : write_opcode(p, OP_BUILD);
    }
    /* state_setter(object, state); the object is on the stack still, the result is dropped. */
    return _PyPickle_Save(p, r->state_setter) < 0 || _PyPickle_Save(p, object) < 0
           || _PyPickle_Save(p, r->state) < 0 || write_opcode(p, OP_TUPLE2) < 0
           || write_opcode(p, OP_REDUCE) < 0 ? -1 : write_opcode(p, OP_POP);
}

static int
save_reduced(struct pickling *p, const struct reduced *r, PyObject *object)
{
    int which = new_function(p, r->callable);
    if (which < 0
        || (which == 2 ? save_newobj_ex(p, r->args) : which == 1 ? save_newobj(p, r->args, object)
            : save_plain_call(p, r->callable, r->args)) < 0)
    {
        return -1;
    }
    if (object != NULL) {
        Py_ssize_t number = memo_find(p->memo, object);
        if (number >= 0) {
            /* Its own arguments have led to it: it was written there. */
            return write_opcode(p, OP_POP) < 0 ? -1 : _PyPickle_WriteGet(p, number);
        }
        if (_PyPickle_Memoize(p, object) < 0) {
            return -1;
        }
    }
    return (r->list_items != NULL && _PyPickle_SaveAppends(p, r->list_items) < 0)
           || (r->dict_items != NULL && _PyPickle_SaveSetItems(p, r->dict_items) < 0)
           || (r->state != NULL && save_state(p, r, object) < 0) ? -1 : 0;
}

int
_PyPickle_SaveCall(struct pickling *p, PyObject *callable, PyObject *args, PyObject *object)
{
    struct reduced reduced = {.callable = callable, .args = args};
    return save_reduced(p, &reduced, object);
}

/* --- Globals ---------------------------------------------------------------------------------- */

/* The name by which a module has the object: new reference, or NULL with an exception. */
static PyObject *
global_name(PyObject *object)
{
    PyObject *name;
    if (_PyObject_LookupAttr(object, &_Py_ID(__qualname__), &name) < 0) {
        return NULL;
    }
    return name != NULL ? name : PyObject_GetAttr(object, &_Py_ID(__name__));
}

/* A module's global must be the object.  *parent gets what has it as an attribute: a new reference,
 * NULL if that is the module.  0, or -1 with PicklingError. */
static int
check_global(struct pickling *p, PyObject *object, PyObject *module_name, PyObject *name,
             PyObject **parent)
{
    PyObject *error = p->state->PicklingError;
    PyObject *module = PyImport_Import(module_name);
    if (module == NULL) {
        PyErr_Format(error, "Can't pickle %R: import of module %R failed", object, module_name);
        return -1;
    }
    PyObject *found = _PyPickle_GetDotted(module, name, parent);
    if (found == NULL) {
        PyErr_Format(error, "Can't pickle %R: attribute lookup %S on %S failed", object, name,
                     module_name);
    }
    else if (found != object) {
        PyErr_Format(error, "Can't pickle %R: it's not the same object as %S.%S", object,
                     module_name, name);
        Py_CLEAR(*parent);
    }
    else if (*parent == module) {
        Py_CLEAR(*parent);
    }
    Py_DECREF(module);
    Py_XDECREF(found);          /* only its address counts */
    return found == object ? 0 : -1;
}

/* Write the global's code if copyreg has one: 1, 0, or -1. */
static int
save_extension(struct pickling *p, PyObject *object, PyObject *module_name, PyObject *name)
{
    PyObject *key = PyTuple_Pack(2, module_name, name);
    if (key == NULL) {
        return -1;
    }
    PyObject *number = PyDict_GetItemWithError(p->state->extension_registry, key);
    Py_DECREF(key);
    if (number == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (!PyLong_CheckExact(number)) {
        PyErr_Format(p->state->PicklingError,
                     "Can't pickle %R: extension code %R isn't an integer", object, number);
        return -1;
    }
    long code = PyLong_AsLong(number);
    if (code <= 0 || code > INT32_MAX) {
        if (!PyErr_Occurred()) {
            PyErr_Format(p->state->PicklingError,
                         "Can't pickle %R: extension code %ld is out of range", object, code);
        }
        return -1;
    }
    int bytes = code <= 0xff ? 1 : code <= 0xffff ? 2 : 4;
    return _PyPickle_WriteOpcode(p, bytes == 1 ? OP_EXT1 : bytes == 2 ? OP_EXT2 : OP_EXT4,
                                 (size_t)code, bytes) < 0 ? -1 : 1;
}

/* A name and the end of its line: 0, -1 with an exception, which is UnicodeEncodeError if the
 * protocol cannot have the name. */
static int
write_name(struct pickling *p, PyObject *name)
{
    PyObject *bytes = p->protocol >= 3 ? PyUnicode_AsUTF8String(name)
                                       : PyUnicode_AsASCIIString(name);
    if (bytes == NULL) {
        return -1;
    }
    int result = _PyPickle_Write(p, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes)) < 0
                 ? -1 : _PyPickle_Write(p, "\n", 1);
    Py_DECREF(bytes);
    return result;
}

/* The opcode GLOBAL with two lines. */
static int
save_names(struct pickling *p, PyObject *module_name, PyObject *name)
{
    if (write_opcode(p, OP_GLOBAL) < 0) {
        return -1;
    }
    if (write_name(p, module_name) < 0) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyErr_Format(p->state->PicklingError,
                         "can't pickle module identifier '%S' using pickle protocol %i",
                         module_name, p->protocol);
        }
        return -1;
    }
    if (write_name(p, name) < 0) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyErr_Format(p->state->PicklingError,
                         "can't pickle global identifier '%S.%S' using pickle protocol %i",
                         module_name, name, p->protocol);
        }
        return -1;
    }
    return 0;
}

/* The same, with the names that Python 2 knows. */
static int
save_old_names(struct pickling *p, PyObject *module_name, PyObject *name)
{
    if (p->protocol >= 3 || !p->fix_imports) {
        return save_names(p, module_name, name);
    }
    Py_INCREF(module_name);
    Py_INCREF(name);
    int result = _PyPickle_NamesForOld(p->state, &module_name, &name) < 0
                 ? -1 : save_names(p, module_name, name);
    Py_DECREF(module_name);
    Py_DECREF(name);
    return result;
}

/* Protocols below 4 have no dots in names: an attribute of another object than the module is
 * getattr(parent, last part of the name). */
static int
save_last_name(struct pickling *p, PyObject *module_name, PyObject *name, PyObject *parent)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    PyObject *last = dot >= -1 ? PyUnicode_Substring(name, dot + 1, length) : NULL;
    int result = -1;
    if (last != NULL && parent == NULL) {
        result = save_old_names(p, module_name, last);
    }
    else if (last != NULL) {
        PyObject *args = PyTuple_Pack(2, parent, last);
        result = args != NULL ? _PyPickle_SaveCall(p, p->state->getattr, args, NULL) : -1;
        Py_XDECREF(args);
    }
    Py_XDECREF(last);
    return result;
}

/* An object that is known to be a global. */
static int
save_checked_global(struct pickling *p, PyObject *object, PyObject *module_name, PyObject *name,
                    PyObject *parent)
{
    int done = p->protocol >= 2 ? save_extension(p, object, module_name, name) : 0;
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    if (p->protocol >= 4) {
        if (_PyPickle_Save(p, module_name) < 0 || _PyPickle_Save(p, name) < 0
            || write_opcode(p, OP_STACK_GLOBAL) < 0)
        {
            return -1;
        }
    }
    else if (save_last_name(p, module_name, name, parent) < 0) {
        return -1;
    }
    return _PyPickle_Memoize(p, object);
}

int
_PyPickle_SaveGlobal(struct pickling *p, PyObject *object, PyObject *name)
{
    PyObject *parent = NULL, *module_name = NULL;
    int result = -1;
    name = name != NULL ? Py_NewRef(name) : global_name(object);
    if (name == NULL) {
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "must be str, not %.200s", Py_TYPE(name)->tp_name);
    }
    else if (_PyPickle_CheckNoLocals(name, NULL) == 0) {
        module_name = _PyPickle_WhichModule(object, name);
        if (module_name != NULL && check_global(p, object, module_name, name, &parent) == 0) {
            result = save_checked_global(p, object, module_name, name, parent);
        }
    }
    Py_DECREF(name);
    Py_XDECREF(module_name);
    Py_XDECREF(parent);
    return result;
}

int
_PyPickle_SaveType(struct pickling *p, PyObject *type)
{
    /* These types have no names of their own. */
    PyObject *instance = type == (PyObject *)Py_TYPE(Py_None) ? Py_None
                         : type == (PyObject *)Py_TYPE(Py_Ellipsis) ? Py_Ellipsis
                         : type == (PyObject *)Py_TYPE(Py_NotImplemented) ? Py_NotImplemented
                                                                          : NULL;
    if (instance == NULL) {
        return _PyPickle_SaveGlobal(p, type, NULL);
    }
    PyObject *args = PyTuple_Pack(1, instance);
    int result = args != NULL ? _PyPickle_SaveCall(p, (PyObject *)&PyType_Type, args, type) : -1;
    Py_XDECREF(args);
    return result;
}

/* --- Objects of any type ---------------------------------------------------------------------- */

/* What the dispatch table has for a type: *reducer is a new reference, NULL: nothing. */
static int
registered_reducer(struct pickling *p, PyTypeObject *type, PyObject **reducer)
{
    if (p->dispatch_table == NULL) {
        *reducer = Py_XNewRef(PyDict_GetItemWithError(p->state->dispatch_table,
                                                      (PyObject *)type));
        return *reducer == NULL && PyErr_Occurred() ? -1 : 0;
    }
    PyObject *table = Py_NewRef(p->dispatch_table);
    *reducer = PyObject_GetItem(table, (PyObject *)type);
    Py_DECREF(table);
    if (*reducer == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

/* What the object itself says: new reference, or NULL with an exception. */
static PyObject *
reduce_itself(struct pickling *p, PyObject *object)
{
    PyObject *method, *result = NULL;
    if (_PyObject_LookupAttr(object, &_Py_ID(__reduce_ex__), &method) < 0) {
        return NULL;
    }
    if (method != NULL) {
        PyObject *protocol = PyLong_FromLong(p->protocol);
        if (protocol != NULL) {
            result = PyObject_CallOneArg(method, protocol);
            Py_DECREF(protocol);
        }
    }
    else if (_PyObject_LookupAttr(object, &_Py_ID(__reduce__), &method) == 0) {
        PyErr_Format(p->state->PicklingError, "can't pickle '%.200s' object: %R",
                     Py_TYPE(object)->tp_name, object);
    }
    else if (method != NULL) {
        result = PyObject_CallNoArgs(method);
    }
    Py_XDECREF(method);
    return result;
}

/* Ask the Pickler's reducer_override(): 1 and *value a new reference, 0, or -1. */
static int
overridden(struct pickling *p, PyObject *object, PyObject **value)
{
    if (p->reducer_override == NULL) {
        return 0;
    }
    *value = _PyPickle_CallHook(p->reducer_override, NULL, object);
    if (*value == Py_NotImplemented) {
        Py_CLEAR(*value);
        return 0;
    }
    return *value != NULL ? 1 : -1;
}

/* Find out how the object is to be written: 0 and *value a new reference, NULL: by its own name;
 * or -1. */
static int
ask_reducer(struct pickling *p, PyObject *object, PyObject **value)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject *reducer;
    *value = NULL;
    int done = overridden(p, object, value);
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    if (type == &PyType_Type || type == &PyFunction_Type) {
        return 0;
    }
    if (registered_reducer(p, type, &reducer) < 0) {
        return -1;
    }
    if (reducer != NULL) {
        *value = PyObject_CallOneArg(reducer, object);
        Py_DECREF(reducer);
    }
    else if (PyType_IsSubtype(type, &PyType_Type)) {
        return 0;
    }
    else {
        *value = reduce_itself(p, object);
    }
    return *value != NULL ? 0 : -1;
}

int
_PyPickle_SaveOther(struct pickling *p, PyObject *object)
{
    PyObject *value;
    struct reduced reduced;
    int result = -1;
    if (ask_reducer(p, object, &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        return Py_TYPE(object) == &PyType_Type ? _PyPickle_SaveType(p, object)
                                               : _PyPickle_SaveGlobal(p, object, NULL);
    }
    if (PyUnicode_Check(value)) {
        result = _PyPickle_SaveGlobal(p, object, value);
    }
    else if (!PyTuple_Check(value)) {
        pickling_error(p, "__reduce__ must return a string or tuple");
    }
    else if (read_tuple(p, value, &reduced) == 0) {
        result = save_reduced(p, &reduced, object);
    }
    Py_DECREF(value);
    return result;
}
