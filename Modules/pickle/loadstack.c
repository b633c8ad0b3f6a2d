/* pickle: what the reader keeps: its stack, the marks on it, and the memo.
 *
 * Invariants: marks never fall, and the last one is the fence: a pop takes nothing from below it.
 */
#include "pickle.h"

int
_PyPickle_GrowStack(struct stack *stack)
{
    size_t more = (size_t)stack->allocated + ((size_t)stack->allocated >> 1) + 16;
    PyObject **items = PyMem_Realloc(stack->items, more * sizeof(PyObject *));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    stack->items = items;
    stack->allocated = (Py_ssize_t)more;
    return 0;
}

int
_PyPickle_Underflow(struct loading *u)
{
    PyErr_SetString(u->state->UnpicklingError,
                    u->mark_count > 0 ? "unexpected MARK found" : "unpickling stack underflow");
    return -1;
}

void
_PyPickle_CutStack(struct stack *stack, Py_ssize_t height)
{
    assert(height >= 0);
    while (stack->used > height) {
        Py_DECREF(stack->items[--stack->used]);
    }
}

int
_PyPickle_PushMark(struct loading *u)
{
    if (u->mark_count == u->marks_allocated) {
        size_t more = 2 * (size_t)u->marks_allocated + 20;
        Py_ssize_t *marks = PyMem_Realloc(u->marks, more * sizeof(Py_ssize_t));
        if (marks == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        u->marks = marks;
        u->marks_allocated = (Py_ssize_t)more;
    }
    u->marks[u->mark_count++] = u->stack->fence = u->stack->used;
    return 0;
}

Py_ssize_t
_PyPickle_PopMark(struct loading *u)
{
    if (u->mark_count < 1) {
        PyErr_SetString(u->state->UnpicklingError, "could not find MARK");
        return -1;
    }
    Py_ssize_t mark = u->marks[--u->mark_count];
    u->stack->fence = u->mark_count > 0 ? u->marks[u->mark_count - 1] : 0;
    assert(mark <= u->stack->used && u->stack->fence <= mark);
    return mark;
}

PyObject *
_PyPickle_PopTuple(struct loading *u, Py_ssize_t height)
{
    struct stack *stack = u->stack;
    if (height < stack->fence) {
        _PyPickle_Underflow(u);
        return NULL;
    }
    PyObject *tuple = PyTuple_New(stack->used - height);
    if (tuple != NULL) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
            PyTuple_SET_ITEM(tuple, i, stack->items[height + i]);
        }
        stack->used = height;
    }
    return tuple;
}

PyObject *
_PyPickle_PopList(struct loading *u, Py_ssize_t height)
{
    struct stack *stack = u->stack;
    assert(height >= stack->fence);
    PyObject *list = PyList_New(stack->used - height);
    if (list != NULL) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
            PyList_SET_ITEM(list, i, stack->items[height + i]);
        }
        stack->used = height;
    }
    return list;
}

/* --- The memo --------------------------------------------------------------------------------- */

int
_PyPickle_MemoBegin(struct load_memo *memo, Py_ssize_t size)
{
    memo->used = 0;
    memo->others = NULL;
    memo->size = size;
    memo->table = PyMem_Calloc((size_t)size, sizeof(PyObject *));
    if (memo->table == NULL) {
        memo->size = 0;
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

PyObject *
_PyPickle_MemoGet(struct load_memo *memo, size_t number)
{
    if (number < (size_t)memo->size && memo->table[number] != NULL) {
        return memo->table[number];
    }
    if (memo->others == NULL) {
        return NULL;
    }
    PyObject *key = PyLong_FromSize_t(number);
    PyObject *found = key != NULL ? PyDict_GetItemWithError(memo->others, key) : NULL;
    Py_XDECREF(key);
    return found;
}

/* Twice as many numbers as needed. */
static int
grow_memo(struct load_memo *memo, size_t number)
{
    size_t more = Py_MAX(number * 2, 32);
    PyObject **table = PyMem_Realloc(memo->table, more * sizeof(PyObject *));
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(table + memo->size, 0, (more - (size_t)memo->size) * sizeof(PyObject *));
    memo->table = table;
    memo->size = (Py_ssize_t)more;
    return 0;
}

static int
put_other(struct load_memo *memo, size_t number, PyObject *object)
{
    if (memo->others == NULL && (memo->others = PyDict_New()) == NULL) {
        return -1;
    }
    Py_ssize_t before = PyDict_GET_SIZE(memo->others);
    PyObject *key = PyLong_FromSize_t(number);
    int result = key != NULL ? PyDict_SetItem(memo->others, key, object) : -1;
    Py_XDECREF(key);
    memo->used += PyDict_GET_SIZE(memo->others) - before;
    return result;
}

int
_PyPickle_MemoPut(struct load_memo *memo, size_t number, PyObject *object)
{
    if (number >= (size_t)memo->size) {
        /* A number far from the others would cost memory for all between. */
        if (number > 2 * (size_t)memo->size + 65536) {
            return put_other(memo, number, object);
        }
        if (grow_memo(memo, number) < 0) {
            return -1;
        }
    }
    PyObject *old = memo->table[number];
    memo->table[number] = Py_NewRef(object);
    if (old == NULL) {
        memo->used++;
    }
    Py_XDECREF(old);
    return 0;
}

void
_PyPickle_MemoClear(struct load_memo *memo)
{
    struct load_memo old = *memo;
    memset(memo, 0, sizeof(*memo));
    for (Py_ssize_t i = 0; i < old.size; i++) {
        Py_XDECREF(old.table[i]);
    }
    PyMem_Free(old.table);
    Py_XDECREF(old.others);
}
