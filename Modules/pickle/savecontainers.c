/* pickle: tuples, lists, dicts and sets are written.
 *
 * A container that may contain itself gets its number before its contents are written; a tuple or
 * frozenset cannot.  If it has a number afterwards, it was reached again through what it contains
 * and is complete already: what was put on the stack is dropped and that one is taken.
 *
 * Contents may change while they are written (a reducer is foreign code): lists are read by index,
 * changed dicts and sets are an error.
 */
#include "pickle.h"

/* In fast mode, which has no memo, containers are looked for in themselves from this depth on. */
#define FAST_DEPTH 50

/* A container is written in fast mode: 0, or -1 with ValueError if it contains itself. */
static int
enter_fast(struct pickling *p, PyObject *object)
{
    if (++p->fast_nesting < FAST_DEPTH) {
        return 0;
    }
    if (p->fast_memo == NULL) {
        p->fast_memo = PyDict_New();
    }
    PyObject *id = p->fast_memo != NULL ? PyLong_FromVoidPtr(object) : NULL;
    if (id == NULL) {
        return -1;
    }
    int known = PyDict_Contains(p->fast_memo, id);
    if (known > 0) {
        PyErr_Format(PyExc_ValueError, "fast mode: can't pickle cyclic objects including object "
                     "type %.200s at %p", Py_TYPE(object)->tp_name, object);
    }
    int result = known != 0 ? -1 : PyDict_SetItem(p->fast_memo, id, Py_None);
    Py_DECREF(id);
    return result;
}

static int
leave_fast(struct pickling *p, PyObject *object)
{
    if (p->fast_nesting-- < FAST_DEPTH || p->fast_memo == NULL) {
        return 0;
    }
    PyObject *id = PyLong_FromVoidPtr(object);
    int result = id != NULL ? PyDict_DelItem(p->fast_memo, id) : -1;
    Py_XDECREF(id);
    return result;
}

/* --- Tuples ----------------------------------------------------------------------------------- */

static int
save_items(struct pickling *p, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (_PyPickle_Save(p, PyTuple_GET_ITEM(tuple, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Instead of `pops` things on the stack, take the object that got a number. */
static int
take_known(struct pickling *p, Py_ssize_t pops, Py_ssize_t number)
{
    while (pops-- > 0) {
        if (write_opcode(p, OP_POP) < 0) {
            return -1;
        }
    }
    return _PyPickle_WriteGet(p, number);
}

int
_PyPickle_SaveTuple(struct pickling *p, PyObject *tuple)
{
    static const unsigned char opcodes[] = {OP_EMPTY_TUPLE, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3};
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    if (size == 0) {
        return p->bin ? write_opcode(p, OP_EMPTY_TUPLE)
               : write_opcode(p, OP_MARK) < 0 ? -1 : write_opcode(p, OP_TUPLE);
    }
    bool is_short = size <= 3 && p->protocol >= 2;
    if ((!is_short && write_opcode(p, OP_MARK) < 0) || save_items(p, tuple) < 0) {
        return -1;
    }
    Py_ssize_t number = memo_find(p->memo, tuple);
    if (number >= 0) {
        if (is_short || !p->bin) {
            return take_known(p, is_short ? size : size + 1, number);
        }
        return write_opcode(p, OP_POP_MARK) < 0 ? -1 : take_known(p, 0, number);
    }
    if (write_opcode(p, is_short ? opcodes[size] : OP_TUPLE) < 0) {
        return -1;
    }
    return _PyPickle_Memoize(p, tuple);
}

/* --- What is added to a container ------------------------------------------------------------- */

static int
save_pair(struct pickling *p, PyObject *pair)
{
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, "dict items iterator must return 2-tuples");
        return -1;
    }
    return save_items(p, pair);
}

/* How many of what an iterator yields are added: opcodes for one and for many. */
struct adding {
    int (*save)(struct pickling *p, PyObject *object);
    enum opcode one, many;
};

/* Add one after the other (protocol 0). */
static int
add_singly(struct pickling *p, const struct adding *adding, PyObject *iterator)
{
    PyObject *object;
    while ((object = PyIter_Next(iterator)) != NULL) {
        int failed = adding->save(p, object);
        Py_DECREF(object);
        if (failed < 0 || write_opcode(p, adding->one) < 0) {
            return -1;
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Add `first` and what follows, at most a batch; *next (owned by the caller) is what was read last
 * and does not belong to it. */
static int
add_batch(struct pickling *p, const struct adding *adding, PyObject *iterator, PyObject *first,
          PyObject **next)
{
    Py_ssize_t n = 1;
    *next = PyIter_Next(iterator);
    if (*next == NULL) {
        return PyErr_Occurred() || adding->save(p, first) < 0 ? -1 : write_opcode(p, adding->one);
    }
    if (write_opcode(p, OP_MARK) < 0 || adding->save(p, first) < 0) {
        return -1;
    }
    while (*next != NULL) {
        if (adding->save(p, *next) < 0) {
            return -1;
        }
        Py_CLEAR(*next);
        if (++n == BATCH) {
            break;
        }
        *next = PyIter_Next(iterator);
    }
    if (PyErr_Occurred() || write_opcode(p, adding->many) < 0) {
        return -1;
    }
    if (n == BATCH) {
        *next = PyIter_Next(iterator);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int
add_all(struct pickling *p, const struct adding *adding, PyObject *iterator)
{
    if (p->protocol == 0) {
        return add_singly(p, adding, iterator);
    }
    PyObject *first = PyIter_Next(iterator);
    while (first != NULL) {
        PyObject *next = NULL;
        int failed = add_batch(p, adding, iterator, first, &next);
        Py_SETREF(first, next);
        if (failed < 0) {
            Py_XDECREF(first);
            return -1;
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

int
_PyPickle_SaveAppends(struct pickling *p, PyObject *iterator)
{
    static const struct adding adding = {_PyPickle_Save, OP_APPEND, OP_APPENDS};
    return add_all(p, &adding, iterator);
}

int
_PyPickle_SaveSetItems(struct pickling *p, PyObject *iterator)
{
    static const struct adding adding = {save_pair, OP_SETITEM, OP_SETITEMS};
    return add_all(p, &adding, iterator);
}

/* --- Lists and dicts -------------------------------------------------------------------------- */

/* An empty container, with a number. */
static int
begin(struct pickling *p, PyObject *object, enum opcode empty, enum opcode text)
{
    if (p->bin ? write_opcode(p, empty) < 0
               : write_opcode(p, OP_MARK) < 0 || write_opcode(p, text) < 0)
    {
        return -1;
    }
    return _PyPickle_Memoize(p, object);
}

static int
save_list_item(struct pickling *p, PyObject *list, Py_ssize_t i)
{
    return _PyPickle_SaveNew(p, Py_NewRef(PyList_GET_ITEM(list, i)));
}

static int
save_list_items(struct pickling *p, PyObject *list)
{
    Py_ssize_t i = 0;
    if (PyList_GET_SIZE(list) == 1) {
        return save_list_item(p, list, 0) < 0 ? -1 : write_opcode(p, OP_APPEND);
    }
    while (i < PyList_GET_SIZE(list)) {
        if (write_opcode(p, OP_MARK) < 0) {
            return -1;
        }
        for (int n = 0; n < BATCH && i < PyList_GET_SIZE(list); n++, i++) {
            if (save_list_item(p, list, i) < 0) {
                return -1;
            }
        }
        if (write_opcode(p, OP_APPENDS) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A list or dict by what can be iterated (stolen; NULL is an error that happened). */
static int
save_iterated(struct pickling *p, PyObject *iterable,
              int (*save)(struct pickling *p, PyObject *iterator))
{
    PyObject *iterator = iterable != NULL ? PyObject_GetIter(iterable) : NULL;
    int result = iterator != NULL ? save(p, iterator) : -1;
    Py_XDECREF(iterable);
    Py_XDECREF(iterator);
    return result;
}

/* Begin a container, and write what is in it unless it is empty. */
static int
save_container(struct pickling *p, PyObject *object, enum opcode empty, enum opcode text,
               int (*save_contents)(struct pickling *p, PyObject *object))
{
    bool fast = p->fast != 0;
    if ((fast && enter_fast(p, object) < 0) || begin(p, object, empty, text) < 0) {
        return -1;
    }
    if (PyObject_Size(object) != 0 && save_contents(p, object) < 0) {
        return -1;
    }
    /* After an error the next dump() begins with a depth of 0. */
    return fast ? leave_fast(p, object) : 0;
}

static int
save_list_contents(struct pickling *p, PyObject *list)
{
    return p->protocol > 0 ? save_list_items(p, list)
                           : save_iterated(p, Py_NewRef(list), _PyPickle_SaveAppends);
}

int
_PyPickle_SaveList(struct pickling *p, PyObject *list)
{
    return save_container(p, list, OP_EMPTY_LIST, OP_LIST, save_list_contents);
}

/* Two objects that are held while they are written. */
static int
save_two(struct pickling *p, PyObject *key, PyObject *value)
{
    Py_INCREF(value);
    int result = _PyPickle_SaveNew(p, Py_NewRef(key)) < 0 ? -1 : _PyPickle_Save(p, value);
    Py_DECREF(value);
    return result;
}

static int
save_dict_items(struct pickling *p, PyObject *dict)
{
    Py_ssize_t size = PyDict_GET_SIZE(dict), position = 0;
    PyObject *key, *value;
    if (size == 1) {
        PyDict_Next(dict, &position, &key, &value);
        return save_two(p, key, value) < 0 ? -1 : write_opcode(p, OP_SETITEM);
    }
    int n;
    do {
        n = 0;
        if (write_opcode(p, OP_MARK) < 0) {
            return -1;
        }
        while (n < BATCH && PyDict_Next(dict, &position, &key, &value)) {
            if (save_two(p, key, value) < 0) {
                return -1;
            }
            if (PyDict_GET_SIZE(dict) != size) {
                PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
                return -1;
            }
            n++;
        }
        if (write_opcode(p, OP_SETITEMS) < 0) {
            return -1;
        }
    } while (n == BATCH);
    return 0;
}

static int
save_dict_contents(struct pickling *p, PyObject *dict)
{
    return p->protocol > 0 ? save_dict_items(p, dict)
                           : save_iterated(p, PyDict_Items(dict), _PyPickle_SaveSetItems);
}

int
_PyPickle_SaveDict(struct pickling *p, PyObject *dict)
{
    return save_container(p, dict, OP_EMPTY_DICT, OP_DICT, save_dict_contents);
}

/* --- Sets ------------------------------------------------------------------------------------- */

/* type([items]) */
static int
save_set_by_list(struct pickling *p, PyObject *set)
{
    PyObject *items = PySequence_List(set);
    PyObject *args = items != NULL ? PyTuple_Pack(1, items) : NULL;
    int result = args != NULL ? _PyPickle_SaveCall(p, (PyObject *)Py_TYPE(set), args, set) : -1;
    Py_XDECREF(items);
    Py_XDECREF(args);
    return result;
}

/* Write at most n items from a position on: how many, or -1. */
static Py_ssize_t
save_set_items(struct pickling *p, PyObject *set, Py_ssize_t size, Py_ssize_t *position,
               Py_ssize_t n)
{
    PyObject *item;
    Py_hash_t hash;
    Py_ssize_t done = 0;
    while (done < n && _PySet_NextEntry(set, position, &item, &hash)) {
        if (_PyPickle_SaveNew(p, Py_NewRef(item)) < 0) {
            return -1;
        }
        if (PySet_GET_SIZE(set) != size) {
            PyErr_SetString(PyExc_RuntimeError, "set changed size during iteration");
            return -1;
        }
        done++;
    }
    return done;
}

int
_PyPickle_SaveSet(struct pickling *p, PyObject *set)
{
    Py_ssize_t size = PySet_GET_SIZE(set), position = 0, n;
    if (p->protocol < 4) {
        return save_set_by_list(p, set);
    }
    if (write_opcode(p, OP_EMPTY_SET) < 0 || _PyPickle_Memoize(p, set) < 0) {
        return -1;
    }
    if (size == 0) {
        return 0;
    }
    do {
        n = write_opcode(p, OP_MARK) < 0 ? -1 : save_set_items(p, set, size, &position, BATCH);
        if (n < 0 || write_opcode(p, OP_ADDITEMS) < 0) {
            return -1;
        }
    } while (n == BATCH);
    return 0;
}

int
_PyPickle_SaveFrozenSet(struct pickling *p, PyObject *set)
{
    Py_ssize_t position = 0;
    if (p->protocol < 4) {
        return save_set_by_list(p, set);
    }
    if (write_opcode(p, OP_MARK) < 0
        || save_set_items(p, set, PySet_GET_SIZE(set), &position, PY_SSIZE_T_MAX) < 0)
    {
        return -1;
    }
    Py_ssize_t number = memo_find(p->memo, set);
    if (number >= 0) {
        return write_opcode(p, OP_POP_MARK) < 0 ? -1 : _PyPickle_WriteGet(p, number);
    }
    return write_opcode(p, OP_FROZENSET) < 0 ? -1 : _PyPickle_Memoize(p, set);
}
