/* pickle: the machine that reads a pickle: opcodes, containers, marks and the memo.
 *
 * A pickle is a program, and may be hostile: an opcode finds what it needs on the stack or raises
 * UnpicklingError.  What a find_class() of the user's lets through is called, whatever it is.
 *
 * A call of load() has its own stack and marks, so that a hook may call load() of the same
 * Unpickler again; from two threads at once it cannot be called.
 *
 * Written from the library reference (pickle, pickletools) and observed messages.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

/* --- Containers ------------------------------------------------------------------------------- */

static int
load_tuple(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    return mark < 0 ? -1 : push(u, _PyPickle_PopTuple(u, mark));
}

/* A tuple of the last n objects. */
static int
load_short_tuple(struct loading *u, Py_ssize_t n)
{
    if (u->stack->used - n < u->stack->fence) {
        return _PyPickle_Underflow(u);
    }
    return push(u, _PyPickle_PopTuple(u, u->stack->used - n));
}

static int
load_list(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    return mark < 0 ? -1 : push(u, _PyPickle_PopList(u, mark));
}

static int
load_frozenset(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    PyObject *items = mark >= 0 ? _PyPickle_PopTuple(u, mark) : NULL;
    if (items == NULL) {
        return -1;
    }
    PyObject *set = PyFrozenSet_New(items);
    Py_DECREF(items);
    return push(u, set);
}

/* Store the pairs from a height on; they are dropped. */
static int
set_pairs(struct loading *u, PyObject *dict, Py_ssize_t height)
{
    struct stack *stack = u->stack;
    bool exact = PyDict_CheckExact(dict);
    int result = 0;
    for (Py_ssize_t i = height; result == 0 && i < stack->used; i += 2) {
        PyObject *key = stack->items[i], *value = stack->items[i + 1];
        result = exact ? PyDict_SetItem(dict, key, value) : PyObject_SetItem(dict, key, value);
    }
    _PyPickle_CutStack(stack, height);
    return result < 0 ? -1 : 0;
}

static int
load_dict(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    PyObject *dict = mark >= 0 ? PyDict_New() : NULL;
    if (dict == NULL) {
        return -1;
    }
    if ((u->stack->used - mark) % 2 != 0) {
        PyErr_SetString(u->state->UnpicklingError, "odd number of items for DICT");
    }
    else if (set_pairs(u, dict, mark) == 0) {
        return push(u, dict);
    }
    Py_DECREF(dict);
    return -1;
}

/* The container below a height, borrowed; NULL with UnpicklingError. */
static PyObject *
container_below(struct loading *u, Py_ssize_t height)
{
    if (height > u->stack->used || height <= u->stack->fence) {
        _PyPickle_Underflow(u);
        return NULL;
    }
    return u->stack->items[height - 1];
}

static int
load_set_items(struct loading *u, Py_ssize_t height)
{
    PyObject *dict = container_below(u, height);
    if (dict == NULL) {
        return -1;
    }
    if ((u->stack->used - height) % 2 != 0) {
        PyErr_SetString(u->state->UnpicklingError, "odd number of items for SETITEMS");
        return -1;
    }
    return set_pairs(u, dict, height);
}

/* Call a method (stolen) with every object from a height on; they are dropped. */
static int
call_for_each(struct loading *u, PyObject *method, Py_ssize_t height)
{
    struct stack *stack = u->stack;
    int failed = method == NULL;
    for (Py_ssize_t i = height; !failed && i < stack->used; i++) {
        PyObject *result = PyObject_CallOneArg(method, stack->items[i]);
        failed = result == NULL;
        Py_XDECREF(result);
    }
    Py_XDECREF(method);
    _PyPickle_CutStack(stack, height);
    return failed ? -1 : 0;
}

/* Add the objects from a height on to something like a list: at once, if it can do that. */
static int
extend(struct loading *u, PyObject *list, Py_ssize_t height)
{
    PyObject *method;
    if (_PyObject_LookupAttr(list, &_Py_ID(extend), &method) < 0) {
        return -1;
    }
    if (method == NULL) {
        return call_for_each(u, PyObject_GetAttr(list, &_Py_ID(append)), height);
    }
    PyObject *items = _PyPickle_PopList(u, height);
    PyObject *result = items != NULL ? PyObject_CallOneArg(method, items) : NULL;
    Py_DECREF(method);
    Py_XDECREF(items);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static int
load_appends(struct loading *u, Py_ssize_t height)
{
    PyObject *list = container_below(u, height);
    if (list == NULL) {
        return -1;
    }
    if (u->stack->used == height) {
        return 0;
    }
    if (!PyList_CheckExact(list)) {
        return extend(u, list, height);
    }
    int result = 0;
    for (Py_ssize_t i = height; result == 0 && i < u->stack->used; i++) {
        result = PyList_Append(list, u->stack->items[i]);
    }
    _PyPickle_CutStack(u->stack, height);
    return result;
}

static int
load_add_items(struct loading *u, Py_ssize_t height)
{
    PyObject *set = container_below(u, height);
    if (set == NULL) {
        return -1;
    }
    if (u->stack->used == height) {
        return 0;
    }
    if (!PySet_Check(set)) {
        return call_for_each(u, PyObject_GetAttr(set, &_Py_ID(add)), height);
    }
    int result = 0;
    for (Py_ssize_t i = height; result == 0 && i < u->stack->used; i++) {
        result = PySet_Add(set, u->stack->items[i]);
    }
    _PyPickle_CutStack(u->stack, height);
    return result;
}

/* Add what lies above the last mark. */
static int
add_from_mark(struct loading *u, int (*add)(struct loading *u, Py_ssize_t height))
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    return mark < 0 ? -1 : add(u, mark);
}

/* --- The stack and the memo ------------------------------------------------------------------- */

static int
load_pop(struct loading *u)
{
    if (u->mark_count > 0 && u->marks[u->mark_count - 1] == u->stack->used) {
        return _PyPickle_PopMark(u) < 0 ? -1 : 0;
    }
    PyObject *object = pop(u);
    Py_XDECREF(object);
    return object != NULL ? 0 : -1;
}

static int
load_pop_mark(struct loading *u)
{
    Py_ssize_t mark = _PyPickle_PopMark(u);
    if (mark >= 0) {
        _PyPickle_CutStack(u->stack, mark);
    }
    return mark < 0 ? -1 : 0;
}

/* The last object, borrowed; NULL with an exception. */
static PyObject *
top(struct loading *u)
{
    if (u->stack->used <= u->stack->fence) {
        _PyPickle_Underflow(u);
        return NULL;
    }
    return u->stack->items[u->stack->used - 1];
}

static int
load_dup(struct loading *u)
{
    return push(u, Py_XNewRef(top(u)));
}

static int
get_number(struct loading *u, Py_ssize_t number)
{
    PyObject *object = number >= 0 ? _PyPickle_MemoGet(&u->memo, (size_t)number) : NULL;
    if (object == NULL && !PyErr_Occurred()) {
        PyErr_Format(u->state->UnpicklingError, "Memo value not found at index %ld",
                     (long)number);
    }
    return push(u, Py_XNewRef(object));
}

static int
load_get(struct loading *u)
{
    Py_ssize_t number;
    return _PyPickle_FetchIndex(u, &number, false) < 0 ? -1 : get_number(u, number);
}

static int
load_bin_get(struct loading *u, int bytes)
{
    const char *at = fetch(u, bytes);
    return at == NULL ? -1 : get_number(u, (Py_ssize_t)get_little(at, bytes));
}

static int
put_number(struct loading *u, size_t number)
{
    PyObject *object = top(u);
    return object == NULL ? -1 : _PyPickle_MemoPut(&u->memo, number, object);
}

static int
load_put(struct loading *u)
{
    Py_ssize_t number;
    if (_PyPickle_FetchIndex(u, &number, true) < 0) {
        return -1;
    }
    if (number < 0) {
        PyErr_SetString(PyExc_ValueError, "negative PUT argument");
        return -1;
    }
    return put_number(u, (size_t)number);
}

static int
load_bin_put(struct loading *u, int bytes)
{
    const char *at = fetch(u, bytes);
    return at == NULL ? -1 : put_number(u, get_little(at, bytes));
}

/* --- The machine ------------------------------------------------------------------------------ */

static int
load_protocol(struct loading *u)
{
    const char *at = fetch(u, 1);
    if (at == NULL) {
        return -1;
    }
    if (get_little(at, 1) > HIGHEST_PROTOCOL) {
        PyErr_Format(PyExc_ValueError, "unsupported pickle protocol: %d", (int)get_little(at, 1));
        return -1;
    }
    u->protocol = (int)get_little(at, 1);
    return 0;
}

static int
load_frame(struct loading *u)
{
    const char *at = fetch(u, 8);
    if (at == NULL) {
        return -1;
    }
    size_t size = get_little(at, 8);
    if (size > (size_t)PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "FRAME length exceeds system's maximum of %zd bytes",
                     PY_SSIZE_T_MAX);
        return -1;
    }
    return _PyPickle_FetchFrame(u, (Py_ssize_t)size);
}

static int
load_bin_int(struct loading *u, int bytes)
{
    const char *at = fetch(u, bytes);
    if (at == NULL) {
        return -1;
    }
    size_t value = get_little(at, bytes);
    return push(u, PyLong_FromLong(bytes == 4 ? (int32_t)value : (long)value));
}

static int
bad_opcode(struct loading *u, unsigned char opcode)
{
    PyObject *error = u->state->UnpicklingError;
    if (opcode >= 0x20 && opcode < 0x7f && opcode != '\'' && opcode != '\\') {
        PyErr_Format(error, "invalid load key, '%c'.", opcode);
    }
    else {
        PyErr_Format(error, "invalid load key, '\\x%02x'.", opcode);
    }
    return -1;
}

/* Do what an opcode says: 0, or -1 with an exception. */
static int
execute(struct loading *u, unsigned char opcode)
{
    switch (opcode) {
    case OP_NONE:           return push(u, Py_NewRef(Py_None));
    case OP_NEWTRUE:        return push(u, Py_NewRef(Py_True));
    case OP_NEWFALSE:       return push(u, Py_NewRef(Py_False));
    case OP_BININT:         return load_bin_int(u, 4);
    case OP_BININT1:        return load_bin_int(u, 1);
    case OP_BININT2:        return load_bin_int(u, 2);
    case OP_INT:            return _PyPickle_LoadInt(u);
    case OP_LONG:           return _PyPickle_LoadLong(u);
    case OP_LONG1:          return _PyPickle_LoadCountedLong(u, 1);
    case OP_LONG4:          return _PyPickle_LoadCountedLong(u, 4);
    case OP_FLOAT:          return _PyPickle_LoadFloat(u);
    case OP_BINFLOAT:       return _PyPickle_LoadBinFloat(u);
    case OP_SHORT_BINBYTES: return _PyPickle_LoadCountedBytes(u, 1);
    case OP_BINBYTES:       return _PyPickle_LoadCountedBytes(u, 4);
    case OP_BINBYTES8:      return _PyPickle_LoadCountedBytes(u, 8);
    case OP_BYTEARRAY8:     return _PyPickle_LoadByteArray(u);
    case OP_NEXT_BUFFER:    return _PyPickle_LoadNextBuffer(u);
    case OP_READONLY_BUFFER:    return _PyPickle_LoadReadOnlyBuffer(u);
    case OP_STRING:         return _PyPickle_LoadString(u);
    case OP_SHORT_BINSTRING:    return _PyPickle_LoadCountedString(u, 1);
    case OP_BINSTRING:      return _PyPickle_LoadCountedString(u, 4);
    case OP_UNICODE:        return _PyPickle_LoadUnicode(u);
    case OP_SHORT_BINUNICODE:   return _PyPickle_LoadCountedUnicode(u, 1);
    case OP_BINUNICODE:     return _PyPickle_LoadCountedUnicode(u, 4);
    case OP_BINUNICODE8:    return _PyPickle_LoadCountedUnicode(u, 8);
    case OP_EMPTY_TUPLE:    return push(u, PyTuple_New(0));
    case OP_TUPLE1:         return load_short_tuple(u, 1);
    case OP_TUPLE2:         return load_short_tuple(u, 2);
    case OP_TUPLE3:         return load_short_tuple(u, 3);
    case OP_TUPLE:          return load_tuple(u);
    case OP_EMPTY_LIST:     return push(u, PyList_New(0));
    case OP_LIST:           return load_list(u);
    case OP_APPEND:         return load_appends(u, u->stack->used - 1);
    case OP_APPENDS:        return add_from_mark(u, load_appends);
    case OP_EMPTY_DICT:     return push(u, PyDict_New());
    case OP_DICT:           return load_dict(u);
    case OP_SETITEM:        return load_set_items(u, u->stack->used - 2);
    case OP_SETITEMS:       return add_from_mark(u, load_set_items);
    case OP_EMPTY_SET:      return push(u, PySet_New(NULL));
    case OP_ADDITEMS:       return add_from_mark(u, load_add_items);
    case OP_FROZENSET:      return load_frozenset(u);
    case OP_GLOBAL:         return _PyPickle_LoadGlobal(u);
    case OP_STACK_GLOBAL:   return _PyPickle_LoadStackGlobal(u);
    case OP_EXT1:           return _PyPickle_LoadExtension(u, 1);
    case OP_EXT2:           return _PyPickle_LoadExtension(u, 2);
    case OP_EXT4:           return _PyPickle_LoadExtension(u, 4);
    case OP_PERSID:         return _PyPickle_LoadPersistentId(u);
    case OP_BINPERSID:      return _PyPickle_LoadBinPersistentId(u);
    case OP_REDUCE:         return _PyPickle_LoadReduce(u);
    case OP_NEWOBJ:         return _PyPickle_LoadNewObject(u, false);
    case OP_NEWOBJ_EX:      return _PyPickle_LoadNewObject(u, true);
    case OP_OBJ:            return _PyPickle_LoadObject(u);
    case OP_INST:           return _PyPickle_LoadInstance(u);
    case OP_BUILD:          return _PyPickle_LoadBuild(u);
    case OP_MARK:           return _PyPickle_PushMark(u);
    case OP_POP:            return load_pop(u);
    case OP_POP_MARK:       return load_pop_mark(u);
    case OP_DUP:            return load_dup(u);
    case OP_GET:            return load_get(u);
    case OP_BINGET:         return load_bin_get(u, 1);
    case OP_LONG_BINGET:    return load_bin_get(u, 4);
    case OP_PUT:            return load_put(u);
    case OP_BINPUT:         return load_bin_put(u, 1);
    case OP_LONG_BINPUT:    return load_bin_put(u, 4);
    case OP_MEMOIZE:        return put_number(u, (size_t)u->memo.used);
    case OP_PROTO:          return load_protocol(u);
    case OP_FRAME:          return load_frame(u);
    default:                return bad_opcode(u, opcode);
    }
}

/* Execute opcodes up to STOP: new reference, or NULL with an exception. */
static PyObject *
run(struct loading *u)
{
    for (;;) {
        const char *at = fetch(u, 1);
        if (at == NULL) {
            if (PyErr_ExceptionMatches(u->state->UnpicklingError)) {
                PyErr_SetString(PyExc_EOFError, "Ran out of input");
            }
            return NULL;
        }
        unsigned char opcode = (unsigned char)*at;
        if (opcode == OP_STOP) {
            return _PyPickle_EndInput(u) < 0 ? NULL : pop(u);
        }
        if (execute(u, opcode) < 0) {
            return NULL;
        }
    }
}

PyObject *
_PyPickle_Load(struct loading *u)
{
    struct stack stack = {.thread = PyThread_get_thread_ident()}, *outer = u->stack;
    if (outer != NULL && outer->thread != stack.thread) {
        PyErr_SetString(PyExc_RuntimeError, "load() of this Unpickler runs in another thread");
        return NULL;
    }
    Py_ssize_t *outer_marks = u->marks, outer_count = u->mark_count;
    Py_ssize_t outer_allocated = u->marks_allocated;
    if (outer != NULL) {
        u->marks = NULL;
        u->marks_allocated = 0;
    }
    u->stack = &stack;
    u->mark_count = 0;
    u->protocol = 0;
    PyObject *result = run(u);
    _PyPickle_CutStack(&stack, 0);
    PyMem_Free(stack.items);
    u->stack = outer;
    u->mark_count = outer_count;
    if (outer != NULL) {
        PyMem_Free(u->marks);
        u->marks = outer_marks;
        u->marks_allocated = outer_allocated;
    }
    return result;
}
