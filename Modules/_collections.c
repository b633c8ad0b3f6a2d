/* _collections.c - deque, defaultdict and small helpers of the module collections.
 *
 * A deque is a doubly linked list of blocks of BLOCKLEN items.  Items run from
 * leftblock->data[leftindex] to rightblock->data[rightindex]:
 *
 *     0 <= leftindex < BLOCKLEN,  0 <= rightindex < BLOCKLEN
 *     there is always a block; leftblock->left and rightblock->right are undefined
 *     empty: leftblock == rightblock and leftindex == rightindex + 1 (which may be -1 + 1)
 *
 * `state` changes with every change of the structure, so that iterators and searches, which run
 * code, notice.
 *
 * Written from the documentation of collections and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>

typedef struct {
    PyTypeObject *deque_type;
    PyTypeObject *defdict_type;
    PyTypeObject *dequeiter_type;
    PyTypeObject *dequereviter_type;
    PyTypeObject *tuplegetter_type;
} collections_state;

static struct PyModuleDef collections_module;

static inline collections_state *
get_state(PyObject *module)
{
    return (collections_state *)PyModule_GetState(module);
}

/* State by (a subclass of) one of the module's types; never fails for those. */
static inline collections_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &collections_module);
    return module == NULL ? NULL : get_state(module);
}

/* By either operand of a binary operator; no exception is left. */
static collections_state *
state_of_operands(PyObject *left, PyObject *right)
{
    collections_state *state = state_of_type(Py_TYPE(left));
    if (state == NULL) {
        PyErr_Clear();
        state = state_of_type(Py_TYPE(right));
        if (state == NULL) {
            PyErr_Clear();
        }
    }
    return state;
}

/* ----------------------------------------------------------------------------------- deque */

#define BLOCKLEN 64
#define CENTER ((BLOCKLEN - 1) / 2)
#define MAXFREEBLOCKS 16

typedef struct BLOCK {
    struct BLOCK *left;
    PyObject *data[BLOCKLEN];   /* owned within the bounds of the deque */
    struct BLOCK *right;
} block;

typedef struct {
    PyObject_VAR_HEAD           /* ob_size: number of items */
    block *leftblock;
    block *rightblock;
    Py_ssize_t leftindex;
    Py_ssize_t rightindex;
    size_t state;
    Py_ssize_t maxlen;          /* -1: unbounded */
    Py_ssize_t numfreeblocks;
    block *freeblocks[MAXFREEBLOCKS];   /* kept for reuse */
    PyObject *weakreflist;
} dequeobject;

#include "sig/_collections.sig.h"

static block *
newblock(dequeobject *deque)
{
    if (deque->numfreeblocks > 0) {
        return deque->freeblocks[--deque->numfreeblocks];
    }
    block *b = PyMem_New(block, 1);
    if (b == NULL) {
        PyErr_NoMemory();
    }
    return b;
}

static void
freeblock(dequeobject *deque, block *b)
{
    if (deque->numfreeblocks < MAXFREEBLOCKS) {
        deque->freeblocks[deque->numfreeblocks++] = b;
    }
    else {
        PyMem_Free(b);
    }
}

/* Empty, with room on both sides. */
static void
center(dequeobject *deque)
{
    assert(deque->leftblock == deque->rightblock && Py_SIZE(deque) == 0);
    deque->leftindex = CENTER + 1;
    deque->rightindex = CENTER;
}

static PyObject *
deque_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    dequeobject *deque = (dequeobject *)type->tp_alloc(type, 0);
    if (deque == NULL) {
        return NULL;
    }
    deque->numfreeblocks = 0;
    block *b = newblock(deque);
    if (b == NULL) {
        Py_DECREF(deque);
        return NULL;
    }
    Py_SET_SIZE(deque, 0);
    deque->leftblock = b;
    deque->rightblock = b;
    center(deque);
    deque->state = 0;
    deque->maxlen = -1;
    deque->weakreflist = NULL;
    return (PyObject *)deque;
}

/* The four primitive moves.  Pushing steals the item, also when it fails; popping passes the
   reference on and needs a deque that is not empty. */

static int
push_right(dequeobject *deque, PyObject *item)
{
    if (deque->rightindex == BLOCKLEN - 1) {
        block *b = newblock(deque);
        if (b == NULL) {
            Py_DECREF(item);
            return -1;
        }
        b->left = deque->rightblock;
        deque->rightblock->right = b;
        deque->rightblock = b;
        deque->rightindex = -1;
    }
    Py_SET_SIZE(deque, Py_SIZE(deque) + 1);
    deque->rightblock->data[++deque->rightindex] = item;
    deque->state++;
    return 0;
}

static int
push_left(dequeobject *deque, PyObject *item)
{
    if (deque->leftindex == 0) {
        block *b = newblock(deque);
        if (b == NULL) {
            Py_DECREF(item);
            return -1;
        }
        b->right = deque->leftblock;
        deque->leftblock->left = b;
        deque->leftblock = b;
        deque->leftindex = BLOCKLEN;
    }
    Py_SET_SIZE(deque, Py_SIZE(deque) + 1);
    deque->leftblock->data[--deque->leftindex] = item;
    deque->state++;
    return 0;
}

static PyObject *
pop_right(dequeobject *deque)
{
    assert(Py_SIZE(deque) > 0);
    PyObject *item = deque->rightblock->data[deque->rightindex--];
    Py_SET_SIZE(deque, Py_SIZE(deque) - 1);
    deque->state++;
    if (Py_SIZE(deque) == 0) {
        center(deque);
    }
    else if (deque->rightindex < 0) {
        block *prev = deque->rightblock->left;
        freeblock(deque, deque->rightblock);
        deque->rightblock = prev;
        deque->rightindex = BLOCKLEN - 1;
    }
    return item;
}

static PyObject *
pop_left(dequeobject *deque)
{
    assert(Py_SIZE(deque) > 0);
    PyObject *item = deque->leftblock->data[deque->leftindex++];
    Py_SET_SIZE(deque, Py_SIZE(deque) - 1);
    deque->state++;
    if (Py_SIZE(deque) == 0) {
        center(deque);
    }
    else if (deque->leftindex == BLOCKLEN) {
        block *next = deque->leftblock->right;
        freeblock(deque, deque->leftblock);
        deque->leftblock = next;
        deque->leftindex = 0;
    }
    return item;
}

static inline bool
too_long(const dequeobject *deque)
{
    return deque->maxlen >= 0 && Py_SIZE(deque) > deque->maxlen;
}

/* Appends within maxlen; steals the item. */
static int
append_right(dequeobject *deque, PyObject *item)
{
    if (push_right(deque, item) < 0) {
        return -1;
    }
    if (too_long(deque)) {
        Py_DECREF(pop_left(deque));
    }
    return 0;
}

static int
append_left(dequeobject *deque, PyObject *item)
{
    if (push_left(deque, item) < 0) {
        return -1;
    }
    if (too_long(deque)) {
        Py_DECREF(pop_right(deque));
    }
    return 0;
}

static PyObject *
deque_append(PyObject *self, PyObject *item)
{
    if (append_right((dequeobject *)self, Py_NewRef(item)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
deque_appendleft(PyObject *self, PyObject *item)
{
    if (append_left((dequeobject *)self, Py_NewRef(item)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
deque_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
        return NULL;
    }
    return pop_right((dequeobject *)self);
}

static PyObject *
deque_popleft(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
        return NULL;
    }
    return pop_left((dequeobject *)self);
}

/* Appends all items of an iterable, to the right or to the left. */
static int
extend(dequeobject *deque, PyObject *iterable, bool left)
{
    PyObject *list = NULL;
    if (iterable == (PyObject *)deque) {
        list = PySequence_List(iterable);
        if (list == NULL) {
            return -1;
        }
        iterable = list;
    }
    PyObject *it = PyObject_GetIter(iterable), *item;
    Py_XDECREF(list);
    if (it == NULL) {
        return -1;
    }
    if (Py_SIZE(deque) == 0) {
        /* Most likely no other side is needed: use the whole block. */
        deque->leftindex = left ? BLOCKLEN - 1 : 1;
        deque->rightindex = left ? BLOCKLEN - 2 : 0;
    }
    while ((item = PyIter_Next(it)) != NULL) {
        if (deque->maxlen == 0) {
            Py_DECREF(item);
        }
        else if ((left ? append_left(deque, item) : append_right(deque, item)) < 0) {
            break;
        }
    }
    Py_DECREF(it);
    if (Py_SIZE(deque) == 0) {
        center(deque);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
deque_extend(PyObject *self, PyObject *iterable)
{
    if (extend((dequeobject *)self, iterable, false) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
deque_extendleft(PyObject *self, PyObject *iterable)
{
    if (extend((dequeobject *)self, iterable, true) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
deque_inplace_concat(PyObject *self, PyObject *other)
{
    return extend((dequeobject *)self, other, false) < 0 ? NULL : Py_NewRef(self);
}

/* Removes all items.  The deque is empty before the first is released. */
static int
deque_clear_items(PyObject *self)
{
    dequeobject *deque = (dequeobject *)self;
    Py_ssize_t n = Py_SIZE(deque);
    if (n == 0) {
        return 0;
    }
    block *b = PyMem_New(block, 1);
    if (b == NULL) {
        /* Without a block for the empty deque: one by one. */
        while (Py_SIZE(deque) > 0) {
            Py_DECREF(pop_right(deque));
        }
        return 0;
    }
    block *old = deque->leftblock;
    Py_ssize_t i = deque->leftindex;
    deque->leftblock = deque->rightblock = b;
    Py_SET_SIZE(deque, 0);
    center(deque);
    deque->state++;
    while (n-- > 0) {
        Py_DECREF(old->data[i++]);
        if (i == BLOCKLEN && n > 0) {
            block *next = old->right;
            PyMem_Free(old);
            old = next;
            i = 0;
        }
    }
    PyMem_Free(old);
    return 0;
}

static PyObject *
deque_clearmethod(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    deque_clear_items(self);
    Py_RETURN_NONE;
}

/* ---- copies, sums, products ---- */

static int
append_all(dequeobject *deque, dequeobject *other)
{
    if (deque == other) {
        return extend(deque, (PyObject *)other, false);
    }
    block *b = other->leftblock;
    Py_ssize_t i = other->leftindex;
    for (Py_ssize_t n = Py_SIZE(other); n > 0; n--) {
        if (i == BLOCKLEN) {
            b = b->right;
            i = 0;
        }
        if (append_right(deque, Py_NewRef(b->data[i++])) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
deque_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dequeobject *deque = (dequeobject *)self;
    collections_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    if (Py_IS_TYPE(self, state->deque_type)) {
        PyObject *copy = deque_new(state->deque_type, NULL, NULL);
        if (copy == NULL) {
            return NULL;
        }
        dequeobject *new_deque = (dequeobject *)copy;
        new_deque->maxlen = deque->maxlen;
        new_deque->leftindex = 1;
        new_deque->rightindex = 0;
        if (append_all(new_deque, deque) < 0) {
            Py_DECREF(copy);
            return NULL;
        }
        if (Py_SIZE(copy) == 0) {
            center(new_deque);
        }
        return copy;
    }
    PyObject *copy = deque->maxlen < 0
                         ? PyObject_CallOneArg((PyObject *)Py_TYPE(self), self)
                         : PyObject_CallFunction((PyObject *)Py_TYPE(self), "On", self,
                                                 deque->maxlen);
    if (copy != NULL && !PyObject_TypeCheck(copy, state->deque_type)) {
        PyErr_Format(PyExc_TypeError, "%.200s() must return a deque, not %.200s",
                     Py_TYPE(self)->tp_name, Py_TYPE(copy)->tp_name);
        Py_CLEAR(copy);
    }
    return copy;
}

static PyObject *
deque_concat(PyObject *self, PyObject *other)
{
    collections_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    int is_deque = PyObject_IsInstance(other, (PyObject *)state->deque_type);
    if (is_deque <= 0) {
        if (is_deque == 0) {
            PyErr_Format(PyExc_TypeError, "can only concatenate deque (not \"%.200s\") to deque",
                         Py_TYPE(other)->tp_name);
        }
        return NULL;
    }
    PyObject *sum = deque_copy(self, NULL);
    if (sum != NULL && extend((dequeobject *)sum, other, false) < 0) {
        Py_CLEAR(sum);
    }
    return sum;
}

static PyObject *
deque_inplace_repeat(PyObject *self, Py_ssize_t n)
{
    dequeobject *deque = (dequeobject *)self;
    Py_ssize_t size = Py_SIZE(deque);
    if (size == 0 || n == 1) {
        return Py_NewRef(self);
    }
    if (n <= 0) {
        deque_clear_items(self);
        return Py_NewRef(self);
    }
    if (size > PY_SSIZE_T_MAX / n) {
        return PyErr_NoMemory();
    }
    if (deque->maxlen >= 0) {
        /* More copies than fit would only push each other out. */
        n = Py_MIN(n, deque->maxlen / size + 2);
    }
    PyObject *list = PySequence_List(self);
    if (list == NULL) {
        return NULL;
    }
    size = PyList_GET_SIZE(list);
    for (Py_ssize_t k = 1; k < n; k++) {
        for (Py_ssize_t i = 0; i < size; i++) {
            if (append_right(deque, Py_NewRef(PyList_GET_ITEM(list, i))) < 0) {
                Py_DECREF(list);
                return NULL;
            }
        }
    }
    Py_DECREF(list);
    return Py_NewRef(self);
}

static PyObject *
deque_repeat(PyObject *self, Py_ssize_t n)
{
    PyObject *copy = deque_copy(self, NULL);
    if (copy == NULL) {
        return NULL;
    }
    PyObject *result = deque_inplace_repeat(copy, n);
    Py_DECREF(copy);
    return result;
}

/* ---- rotation, reversal ---- */

/* n steps to the right, or to the left if negative. */
static int
rotate(dequeobject *deque, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(deque);
    if (size <= 1) {
        return 0;
    }
    n %= size;
    if (n > size / 2) {
        n -= size;
    }
    else if (n < -(size / 2)) {
        n += size;
    }
    for (; n > 0; n--) {
        PyObject *item = pop_right(deque);
        if (push_left(deque, item) < 0) {
            return -1;
        }
    }
    for (; n < 0; n++) {
        PyObject *item = pop_left(deque);
        if (push_right(deque, item) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
deque_rotate(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("deque.rotate", nargs, 0, 1)) {
        return NULL;
    }
    Py_ssize_t n = 1;
    if (nargs > 0) {
        PyObject *index = PyNumber_Index(args[0]);
        if (index == NULL) {
            return NULL;
        }
        n = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (n == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (rotate((dequeobject *)self, n) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* A position that walks over the items. */
struct cursor {
    block *b;
    Py_ssize_t i;
};

static inline struct cursor
first(const dequeobject *deque)
{
    return (struct cursor){deque->leftblock, deque->leftindex};
}

static inline void
advance(struct cursor *c)
{
    if (++c->i == BLOCKLEN) {
        c->b = c->b->right;
        c->i = 0;
    }
}

static inline void
retreat(struct cursor *c)
{
    if (--c->i < 0) {
        c->b = c->b->left;
        c->i = BLOCKLEN - 1;
    }
}

/* Slot of item i. */
static PyObject **
slot_of(const dequeobject *deque, Py_ssize_t i)
{
    assert(0 <= i && i < Py_SIZE(deque));
    Py_ssize_t at = deque->leftindex + i, nblocks = at / BLOCKLEN;
    block *b;
    if (i < Py_SIZE(deque) / 2) {
        b = deque->leftblock;
        while (nblocks-- > 0) {
            b = b->right;
        }
    }
    else {
        Py_ssize_t last = (deque->leftindex + Py_SIZE(deque) - 1) / BLOCKLEN;
        b = deque->rightblock;
        while (nblocks++ < last) {
            b = b->left;
        }
    }
    return &b->data[at % BLOCKLEN];
}

static PyObject *
deque_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dequeobject *deque = (dequeobject *)self;
    struct cursor l = first(deque), r = {deque->rightblock, deque->rightindex};
    for (Py_ssize_t n = Py_SIZE(deque) / 2; n > 0; n--) {
        PyObject *t = l.b->data[l.i];
        l.b->data[l.i] = r.b->data[r.i];
        r.b->data[r.i] = t;
        if (n > 1) {
            advance(&l);
            retreat(&r);
        }
    }
    Py_RETURN_NONE;
}

/* ---- searching ---- */

/* Index of the first item in start..stop that is equal to value; -1 none, -2 exception (`changed`
   is raised if comparing changed the deque). */
static Py_ssize_t
search(dequeobject *deque, PyObject *value, Py_ssize_t start, Py_ssize_t stop, PyObject *changed)
{
    size_t state = deque->state;
    struct cursor c = first(deque);
    for (Py_ssize_t i = 0; i < stop; i++) {
        if (i >= start) {
            PyObject *item = Py_NewRef(c.b->data[c.i]);
            int equal = PyObject_RichCompareBool(item, value, Py_EQ);
            Py_DECREF(item);
            if (equal < 0) {
                return -2;
            }
            if (state != deque->state) {
                PyErr_SetString(changed, "deque mutated during iteration");
                return -2;
            }
            if (equal) {
                return i;
            }
        }
        if (i + 1 < stop) {
            advance(&c);
        }
    }
    return -1;
}

static PyObject *
deque_count(PyObject *self, PyObject *value)
{
    dequeobject *deque = (dequeobject *)self;
    Py_ssize_t count = 0, at = -1;
    for (;;) {
        at = search(deque, value, at + 1, Py_SIZE(deque), PyExc_RuntimeError);
        if (at == -2) {
            return NULL;
        }
        if (at == -1) {
            return PyLong_FromSsize_t(count);
        }
        count++;
    }
}

static int
deque_contains(PyObject *self, PyObject *value)
{
    Py_ssize_t at = search((dequeobject *)self, value, 0, Py_SIZE(self), PyExc_RuntimeError);
    return at == -2 ? -1 : at >= 0;
}

static PyObject *
deque_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start = 0, stop = Py_SIZE(self), n = Py_SIZE(self);
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)
        || (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], &start))
        || (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], &stop)))
    {
        return NULL;
    }
    PyObject *value = args[0];
    start = start < 0 ? Py_MAX(start + n, 0) : start;
    stop = stop < 0 ? Py_MAX(stop + n, 0) : Py_MIN(stop, n);
    Py_ssize_t at = search((dequeobject *)self, value, start, stop, PyExc_RuntimeError);
    if (at == -1) {
        PyErr_Format(PyExc_ValueError, "%R is not in deque", value);
    }
    return at < 0 ? NULL : PyLong_FromSsize_t(at);
}

/* Takes item i out. */
static int
delete_item(dequeobject *deque, Py_ssize_t i)
{
    assert(0 <= i && i < Py_SIZE(deque));
    if (rotate(deque, -i) < 0) {
        return -1;
    }
    PyObject *item = pop_left(deque);
    int err = rotate(deque, i);
    Py_DECREF(item);
    return err;
}

static PyObject *
deque_remove(PyObject *self, PyObject *value)
{
    dequeobject *deque = (dequeobject *)self;
    Py_ssize_t at = search(deque, value, 0, Py_SIZE(self), PyExc_IndexError);
    if (at == -1) {
        PyErr_Format(PyExc_ValueError, "%R is not in deque", value);
    }
    if (at < 0 || delete_item(deque, at) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
deque_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    dequeobject *deque = (dequeobject *)self;
    if (nargs != 2) {
        PyErr_Format(PyExc_TypeError, "insert() takes exactly 2 arguments (%zd given)", nargs);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(deque);
    PyObject *number = PyNumber_Index(args[0]);
    if (number == NULL) {
        return NULL;
    }
    Py_ssize_t index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (deque->maxlen == n) {
        PyErr_SetString(PyExc_IndexError, "deque already at its maximum size");
        return NULL;
    }
    PyObject *value = Py_NewRef(args[1]);
    int err;
    if (index >= n) {
        err = append_right(deque, value);
    }
    else if (index <= -n || index == 0) {
        err = append_left(deque, value);
    }
    else if (rotate(deque, -index) < 0) {
        Py_DECREF(value);
        err = -1;
    }
    else {
        err = index < 0 ? append_right(deque, value) : append_left(deque, value);
        if (err == 0) {
            err = rotate(deque, index);
        }
    }
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- items ---- */

static Py_ssize_t
deque_len(PyObject *self)
{
    return Py_SIZE(self);
}

static bool
valid_index(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i < (size_t)Py_SIZE(self)) {
        return true;
    }
    PyErr_SetString(PyExc_IndexError, "deque index out of range");
    return false;
}

static PyObject *
deque_item(PyObject *self, Py_ssize_t i)
{
    return valid_index(self, i) ? Py_NewRef(*slot_of((dequeobject *)self, i)) : NULL;
}

static int
deque_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if (!valid_index(self, i)) {
        return -1;
    }
    if (value == NULL) {
        return delete_item((dequeobject *)self, i);
    }
    PyObject **slot = slot_of((dequeobject *)self, i);
    Py_SETREF(*slot, Py_NewRef(value));
    return 0;
}

/* ---- birth, death, pickling ---- */

static void
deque_dealloc(PyObject *self)
{
    dequeobject *deque = (dequeobject *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (deque->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    if (deque->leftblock != NULL) {
        deque_clear_items(self);
        assert(deque->leftblock == deque->rightblock);
        PyMem_Free(deque->leftblock);
    }
    for (Py_ssize_t i = 0; i < deque->numfreeblocks; i++) {
        PyMem_Free(deque->freeblocks[i]);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static int
deque_traverse(PyObject *self, visitproc visit, void *arg)
{
    dequeobject *deque = (dequeobject *)self;
    Py_VISIT(Py_TYPE(self));
    struct cursor c = first(deque);
    for (Py_ssize_t n = Py_SIZE(deque); n > 0; n--) {
        Py_VISIT(c.b->data[c.i]);
        if (n > 1) {
            advance(&c);
        }
    }
    return 0;
}

static int
deque_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"iterable", "maxlen", NULL};
    dequeobject *deque = (dequeobject *)self;
    PyObject *iterable = NULL, *maxlen_O = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|OO:deque", (char **)kwlist, &iterable,
                                     &maxlen_O))
    {
        return -1;
    }
    Py_ssize_t maxlen = -1;
    if (maxlen_O != NULL && maxlen_O != Py_None) {
        maxlen = PyLong_AsSsize_t(maxlen_O);
        if (maxlen == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (maxlen < 0) {
            PyErr_SetString(PyExc_ValueError, "maxlen must be non-negative");
            return -1;
        }
    }
    deque->maxlen = maxlen;
    deque_clear_items(self);
    return iterable == NULL ? 0 : extend(deque, iterable, false);
}

static PyObject *
deque_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dequeobject *deque = (dequeobject *)self;
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(self);
    if (it == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    if (deque->maxlen < 0) {
        return Py_BuildValue("O()NN", Py_TYPE(self), state, it);
    }
    return Py_BuildValue("O(()n)NN", Py_TYPE(self), deque->maxlen, state, it);
}

static PyObject *
deque_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromString("[...]");
    }
    PyObject *result = NULL, *list = PySequence_List(self);
    PyObject *name = list == NULL ? NULL : PyType_GetName(Py_TYPE(self));
    if (name != NULL) {
        Py_ssize_t maxlen = ((dequeobject *)self)->maxlen;
        result = maxlen >= 0 ? PyUnicode_FromFormat("%U(%R, maxlen=%zd)", name, list, maxlen)
                             : PyUnicode_FromFormat("%U(%R)", name, list);
        Py_DECREF(name);
    }
    Py_XDECREF(list);
    Py_ReprLeave(self);
    return result;
}

/* Items of two iterators that differ: *x and *y (new references, NULL behind the end), or both
   NULL if there are none. */
static int
first_difference(PyObject *it1, PyObject *it2, PyObject **x, PyObject **y)
{
    for (;;) {
        *y = NULL;
        *x = PyIter_Next(it1);
        if (*x == NULL && PyErr_Occurred()) {
            return -1;
        }
        *y = PyIter_Next(it2);
        if (*x == NULL || *y == NULL) {
            return PyErr_Occurred() ? -1 : 0;
        }
        int equal = PyObject_RichCompareBool(*x, *y, Py_EQ);
        if (equal <= 0) {
            return equal;
        }
        Py_CLEAR(*x);
        Py_CLEAR(*y);
    }
}

static PyObject *
deque_richcompare(PyObject *v, PyObject *w, int op)
{
    collections_state *state = state_of_type(Py_TYPE(v));
    if (state == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(w, state->deque_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (v == w || (Py_SIZE(v) != Py_SIZE(w) && (op == Py_EQ || op == Py_NE))) {
        return PyBool_FromLong(v == w ? op == Py_EQ || op == Py_LE || op == Py_GE : op == Py_NE);
    }
    PyObject *it1 = PyObject_GetIter(v), *it2 = NULL, *x = NULL, *y = NULL, *result = NULL;
    if (it1 != NULL) {
        it2 = PyObject_GetIter(w);
    }
    if (it2 != NULL && first_difference(it1, it2, &x, &y) == 0) {
        if (x != NULL && y != NULL) {
            result = op == Py_EQ || op == Py_NE ? PyBool_FromLong(op == Py_NE)
                                                : PyObject_RichCompare(x, y, op);
        }
        else {
            /* One ended: the shorter one is less. */
            int cmp = (x != NULL) - (y != NULL);
            switch (op) {
                case Py_LT: result = PyBool_FromLong(cmp < 0); break;
                case Py_LE: result = PyBool_FromLong(cmp <= 0); break;
                case Py_EQ: result = PyBool_FromLong(cmp == 0); break;
                case Py_NE: result = PyBool_FromLong(cmp != 0); break;
                case Py_GT: result = PyBool_FromLong(cmp > 0); break;
                case Py_GE: result = PyBool_FromLong(cmp >= 0); break;
            }
        }
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(it1);
    Py_XDECREF(it2);
    return result;
}

static PyObject *
deque_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dequeobject *deque = (dequeobject *)self;
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    size_t blocks = ((size_t)deque->leftindex + (size_t)Py_SIZE(deque) + BLOCKLEN - 1) / BLOCKLEN;
    size += (Py_SIZE(deque) == 0 ? 1 : blocks) * sizeof(block);
    return PyLong_FromSize_t(size);
}

static PyObject *
deque_get_maxlen(PyObject *self, void *Py_UNUSED(closure))
{
    Py_ssize_t maxlen = ((dequeobject *)self)->maxlen;
    return maxlen < 0 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(maxlen);
}

static const PyGetSetDef deque_getset[] = {
    {"maxlen", deque_get_maxlen, NULL, PyDoc_STR("maximum size of a deque or None if unbounded"),
     NULL},
    {NULL}
};

static PyObject *deque_iter(PyObject *self);
static PyObject *deque_reviter(PyObject *self, PyObject *ignored);

#define COPY_DOC PyDoc_STR("Return a shallow copy of a deque.")
#define REDUCE_DOC PyDoc_STR("Return state information for pickling.")

static const PyMethodDef deque_methods[] = {
    {"append", deque_append, METH_O, PyDoc_STR("Add an element to the right side of the deque.")},
    {"appendleft", deque_appendleft, METH_O,
     PyDoc_STR("Add an element to the left side of the deque.")},
    {"clear", deque_clearmethod, METH_NOARGS, PyDoc_STR("Remove all elements from the deque.")},
    {"__copy__", deque_copy, METH_NOARGS, COPY_DOC},
    {"copy", deque_copy, METH_NOARGS, COPY_DOC},
    {"count", deque_count, METH_O,
     PyDoc_STR("D.count(value) -- return number of occurrences of value")},
    {"extend", deque_extend, METH_O,
     PyDoc_STR("Extend the right side of the deque with elements from the iterable")},
    {"extendleft", deque_extendleft, METH_O,
     PyDoc_STR("Extend the left side of the deque with elements from the iterable")},
    {"index", (PyCFunction)(void (*)(void))deque_index, METH_FASTCALL,
     PyDoc_STR("D.index(value, [start, [stop]]) -- return first index of value.\n"
               "Raises ValueError if the value is not present.")},
    {"insert", (PyCFunction)(void (*)(void))deque_insert, METH_FASTCALL,
     PyDoc_STR("D.insert(index, object) -- insert object before index")},
    {"pop", deque_pop, METH_NOARGS, PyDoc_STR("Remove and return the rightmost element.")},
    {"popleft", deque_popleft, METH_NOARGS,
     PyDoc_STR("Remove and return the leftmost element.")},
    {"__reduce__", deque_reduce, METH_NOARGS, REDUCE_DOC},
    {"remove", deque_remove, METH_O,
     PyDoc_STR("D.remove(value) -- remove first occurrence of value.")},
    {"__reversed__", deque_reviter, METH_NOARGS,
     PyDoc_STR("D.__reversed__() -- return a reverse iterator over the deque")},
    {"reverse", deque_reverse, METH_NOARGS, PyDoc_STR("D.reverse() -- reverse *IN PLACE*")},
    {"rotate", (PyCFunction)(void (*)(void))deque_rotate, METH_FASTCALL,
     PyDoc_STR("Rotate the deque n steps to the right (default n=1).  "
               "If n is negative, rotates left.")},
    {"__sizeof__", deque_sizeof, METH_NOARGS,
     PyDoc_STR("D.__sizeof__() -- size of D in memory, in bytes")},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static const PyMemberDef deque_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(dequeobject, weakreflist), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(deque_doc,
"deque([iterable[, maxlen]]) --> deque object\n\
\n\
A list-like sequence optimized for data accesses near its endpoints.");

static const PyType_Slot deque_slots[] = {
    {Py_tp_dealloc, deque_dealloc},
    {Py_tp_repr, deque_repr},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, (void *)deque_doc},
    {Py_tp_traverse, deque_traverse},
    {Py_tp_clear, deque_clear_items},
    {Py_tp_richcompare, deque_richcompare},
    {Py_tp_iter, deque_iter},
    {Py_tp_getset, (void *)deque_getset},
    {Py_tp_init, deque_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, deque_new},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_methods, (void *)deque_methods},
    {Py_tp_members, (void *)deque_members},
    {Py_sq_length, deque_len},
    {Py_sq_concat, deque_concat},
    {Py_sq_repeat, deque_repeat},
    {Py_sq_item, deque_item},
    {Py_sq_ass_item, deque_ass_item},
    {Py_sq_contains, deque_contains},
    {Py_sq_inplace_concat, deque_inplace_concat},
    {Py_sq_inplace_repeat, deque_inplace_repeat},
    {0, NULL}
};

static const PyType_Spec deque_spec = {
    .name = "collections.deque",
    .basicsize = sizeof(dequeobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)deque_slots,
};

/* --------------------------------------------------------------------------- deque iterators */

typedef struct {
    PyObject_HEAD
    block *b;                   /* position; valid while the deque's state is `state` */
    Py_ssize_t index;
    dequeobject *deque;         /* owned */
    size_t state;
    Py_ssize_t counter;         /* items still to come */
} dequeiterobject;

/* New iterator at one end of a deque. */
static PyObject *
iterator_on(PyTypeObject *type, dequeobject *deque, bool reverse)
{
    dequeiterobject *it = PyObject_GC_New(dequeiterobject, type);
    if (it == NULL) {
        return NULL;
    }
    it->b = reverse ? deque->rightblock : deque->leftblock;
    it->index = reverse ? deque->rightindex : deque->leftindex;
    it->deque = (dequeobject *)Py_NewRef((PyObject *)deque);
    it->state = deque->state;
    it->counter = Py_SIZE(deque);
    PyObject_GC_Track((PyObject *)it);
    return (PyObject *)it;
}

static PyObject *
deque_iter(PyObject *self)
{
    collections_state *state = state_of_type(Py_TYPE(self));
    return state == NULL ? NULL
                         : iterator_on(state->dequeiter_type, (dequeobject *)self, false);
}

static PyObject *
deque_reviter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    collections_state *state = state_of_type(Py_TYPE(self));
    return state == NULL ? NULL
                         : iterator_on(state->dequereviter_type, (dequeobject *)self, true);
}

static int
dequeiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((dequeiterobject *)self)->deque);
    return 0;
}

static int
dequeiter_clear(PyObject *self)
{
    Py_CLEAR(((dequeiterobject *)self)->deque);
    return 0;
}

static void
dequeiter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    dequeiter_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *
step(dequeiterobject *it, bool reverse)
{
    if (it->deque->state != it->state) {
        it->counter = 0;
        PyErr_SetString(PyExc_RuntimeError, "deque mutated during iteration");
        return NULL;
    }
    if (it->counter == 0) {
        return NULL;
    }
    PyObject *item = Py_NewRef(it->b->data[it->index]);
    if (--it->counter > 0) {
        struct cursor c = {it->b, it->index};
        if (reverse) {
            retreat(&c);
        }
        else {
            advance(&c);
        }
        it->b = c.b;
        it->index = c.i;
    }
    return item;
}

static PyObject *
dequeiter_next(PyObject *self)
{
    return step((dequeiterobject *)self, false);
}

static PyObject *
dequereviter_next(PyObject *self)
{
    return step((dequeiterobject *)self, true);
}

/* _deque_iterator(deque, index=0): what __reduce__() gives. */
static PyObject *
make_iterator(PyTypeObject *type, PyObject *args, bool reverse)
{
    PyObject *deque;
    Py_ssize_t index = 0;
    collections_state *state = state_of_type(type);
    if (state == NULL || !PyArg_ParseTuple(args, "O!|n", state->deque_type, &deque, &index)) {
        return NULL;
    }
    PyObject *it = iterator_on(type, (dequeobject *)deque, reverse);
    for (Py_ssize_t i = 0; it != NULL && i < index; i++) {
        PyObject *item = step((dequeiterobject *)it, reverse);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                Py_CLEAR(it);
            }
            break;
        }
        Py_DECREF(item);
    }
    return it;
}

static PyObject *
dequeiter_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwds))
{
    return make_iterator(type, args, false);
}

static PyObject *
dequereviter_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwds))
{
    return make_iterator(type, args, true);
}

static PyObject *
dequeiter_len(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(((dequeiterobject *)self)->counter);
}

static PyObject *
dequeiter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dequeiterobject *it = (dequeiterobject *)self;
    return Py_BuildValue("O(On)", Py_TYPE(self), it->deque, Py_SIZE(it->deque) - it->counter);
}

static const PyMethodDef dequeiter_methods[] = {
    {"__length_hint__", dequeiter_len, METH_NOARGS,
     PyDoc_STR("Private method returning an estimate of len(list(it)).")},
    {"__reduce__", dequeiter_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

static const PyType_Slot dequeiter_slots[] = {
    {Py_tp_dealloc, dequeiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, dequeiter_traverse},
    {Py_tp_clear, dequeiter_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, dequeiter_next},
    {Py_tp_methods, (void *)dequeiter_methods},
    {Py_tp_new, dequeiter_new},
    {0, NULL}
};

static const PyType_Slot dequereviter_slots[] = {
    {Py_tp_dealloc, dequeiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, dequeiter_traverse},
    {Py_tp_clear, dequeiter_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, dequereviter_next},
    {Py_tp_methods, (void *)dequeiter_methods},
    {Py_tp_new, dequereviter_new},
    {0, NULL}
};

#define ITERATOR_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE)

static const PyType_Spec dequeiter_spec = {
    .name = "collections._deque_iterator",
    .basicsize = sizeof(dequeiterobject),
    .flags = ITERATOR_FLAGS,
    .slots = (PyType_Slot *)dequeiter_slots,
};

static const PyType_Spec dequereviter_spec = {
    .name = "collections._deque_reverse_iterator",
    .basicsize = sizeof(dequeiterobject),
    .flags = ITERATOR_FLAGS,
    .slots = (PyType_Slot *)dequereviter_slots,
};

/* ------------------------------------------------------------------------------- defaultdict */

typedef struct {
    PyDictObject dict;
    PyObject *default_factory;  /* owned; NULL like None: no default */
} defdictobject;

static PyObject *
defdict_missing(PyObject *self, PyObject *key)
{
    PyObject *factory = ((defdictobject *)self)->default_factory;
    if (factory == NULL || factory == Py_None) {
        /* A tuple, or a key that is a tuple would be taken apart. */
        PyObject *tuple = PyTuple_Pack(1, key);
        if (tuple != NULL) {
            PyErr_SetObject(PyExc_KeyError, tuple);
            Py_DECREF(tuple);
        }
        return NULL;
    }
    PyObject *value = PyObject_CallNoArgs(factory);
    if (value != NULL && PyObject_SetItem(self, key, value) < 0) {
        Py_CLEAR(value);
    }
    return value;
}

/* type(self)(default_factory, items) */
static PyObject *
new_defdict(PyObject *self, PyObject *items)
{
    PyObject *factory = ((defdictobject *)self)->default_factory;
    return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self),
                                        factory == NULL ? Py_None : factory, items, NULL);
}

static PyObject *
defdict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_defdict(self, self);
}

static PyObject *
defdict_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *factory = ((defdictobject *)self)->default_factory;
    PyObject *args = factory == NULL || factory == Py_None ? PyTuple_New(0)
                                                           : PyTuple_Pack(1, factory);
    if (args == NULL) {
        return NULL;
    }
    PyObject *items = PyObject_CallMethod(self, "items", NULL);
    PyObject *iter = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iter == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    return Py_BuildValue("ONOON", Py_TYPE(self), args, Py_None, Py_None, iter);
}

PyDoc_STRVAR(defdict_missing_doc,
"__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n\
  if self.default_factory is None: raise KeyError((key,))\n\
  self[key] = value = self.default_factory()\n\
  return value\n");

#define DEFDICT_COPY_DOC PyDoc_STR("D.copy() -> a shallow copy of D.")

static const PyMethodDef defdict_methods[] = {
    {"__missing__", defdict_missing, METH_O, defdict_missing_doc},
    {"copy", defdict_copy, METH_NOARGS, DEFDICT_COPY_DOC},
    {"__copy__", defdict_copy, METH_NOARGS, DEFDICT_COPY_DOC},
    {"__reduce__", defdict_reduce, METH_NOARGS, REDUCE_DOC},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static const PyMemberDef defdict_members[] = {
    {"default_factory", T_OBJECT, offsetof(defdictobject, default_factory), 0,
     PyDoc_STR("Factory for default value called by __missing__().")},
    {NULL}
};

static void
defdict_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((defdictobject *)self)->default_factory);
    PyDict_Type.tp_dealloc(self);
    Py_DECREF(type);
}

static int
defdict_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((defdictobject *)self)->default_factory);
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int
defdict_tp_clear(PyObject *self)
{
    Py_CLEAR(((defdictobject *)self)->default_factory);
    return PyDict_Type.tp_clear(self);
}

static PyObject *
defdict_repr(PyObject *self)
{
    PyObject *factory = ((defdictobject *)self)->default_factory, *shown;
    PyObject *base = PyDict_Type.tp_repr(self);
    if (base == NULL) {
        return NULL;
    }
    if (factory == NULL) {
        shown = PyUnicode_FromString("None");
    }
    else {
        /* The factory may be a method of this very object. */
        int entered = Py_ReprEnter(factory);
        if (entered < 0) {
            Py_DECREF(base);
            return NULL;
        }
        shown = entered > 0 ? PyUnicode_FromString("...") : PyObject_Repr(factory);
        if (entered == 0) {
            Py_ReprLeave(factory);
        }
    }
    PyObject *result = NULL, *name = shown == NULL ? NULL : PyType_GetName(Py_TYPE(self));
    if (name != NULL) {
        result = PyUnicode_FromFormat("%U(%U, %U)", name, shown, base);
        Py_DECREF(name);
    }
    Py_XDECREF(shown);
    Py_DECREF(base);
    return result;
}

static PyObject *
defdict_or(PyObject *left, PyObject *right)
{
    collections_state *state = state_of_operands(left, right);
    if (state == NULL) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *self = PyObject_TypeCheck(left, state->defdict_type) ? left : right;
    PyObject *other = self == left ? right : left;
    if (!PyObject_TypeCheck(self, state->defdict_type) || !PyDict_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    /* Like copy(), but the items come from the left operand. */
    PyObject *result = new_defdict(self, left);
    if (result != NULL && PyDict_Update(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static int
defdict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    defdictobject *dd = (defdictobject *)self;
    PyObject *factory = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        factory = PyTuple_GET_ITEM(args, 0);
        if (!PyCallable_Check(factory) && factory != Py_None) {
            PyErr_SetString(PyExc_TypeError, "first argument must be callable or None");
            return -1;
        }
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, n);
    if (rest == NULL) {
        return -1;
    }
    PyObject *old = dd->default_factory;
    dd->default_factory = Py_XNewRef(factory);
    int err = PyDict_Type.tp_init(self, rest, kwds);
    Py_DECREF(rest);
    Py_XDECREF(old);
    return err;
}

PyDoc_STRVAR(defdict_doc,
"defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\
\n\
The default factory is called without arguments to produce\n\
a new value when a key is not present, in __getitem__ only.\n\
A defaultdict compares equal to a dict with the same items.\n\
All remaining arguments are treated the same as if they were\n\
passed to the dict constructor, including keyword arguments.\n");

static const PyType_Slot defdict_slots[] = {
    {Py_tp_dealloc, defdict_dealloc},
    {Py_tp_repr, defdict_repr},
    {Py_nb_or, defdict_or},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, (void *)defdict_doc},
    {Py_tp_traverse, defdict_traverse},
    {Py_tp_clear, defdict_tp_clear},
    {Py_tp_methods, (void *)defdict_methods},
    {Py_tp_members, (void *)defdict_members},
    {Py_tp_init, defdict_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL}
};

static const PyType_Spec defdict_spec = {
    .name = "collections.defaultdict",
    .basicsize = sizeof(defdictobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)defdict_slots,
};

/* ---------------------------------------------------------------------------- _count_elements */

/* Adds one to the count of a key in an exact-enough dict. */
static int
count_in_dict(PyObject *mapping, PyObject *key, PyObject *one)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        return -1;
    }
    PyObject *old = _PyDict_GetItem_KnownHash(mapping, key, hash);
    if (old == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        return _PyDict_SetItem_KnownHash(mapping, key, one, hash);
    }
    Py_INCREF(old);
    PyObject *sum = PyNumber_Add(old, one);
    Py_DECREF(old);
    if (sum == NULL) {
        return -1;
    }
    int err = _PyDict_SetItem_KnownHash(mapping, key, sum, hash);
    Py_DECREF(sum);
    return err;
}

/* mapping[key] = get(key, 0) + 1 */
static int
count_in_mapping(PyObject *mapping, PyObject *get, PyObject *key, PyObject *zero, PyObject *one)
{
    PyObject *args[2] = {key, zero};
    PyObject *old = PyObject_Vectorcall(get, args, 2, NULL);
    if (old == NULL) {
        return -1;
    }
    PyObject *sum = PyNumber_Add(old, one);
    Py_DECREF(old);
    if (sum == NULL) {
        return -1;
    }
    int err = PyObject_SetItem(mapping, key, sum);
    Py_DECREF(sum);
    return err;
}

/* True if a type has its own or dict's version of a method. */
static int
same_method(PyTypeObject *type, const char *name)
{
    PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL) {
        return -1;
    }
    PyObject *have = _PyType_Lookup(type, key), *base = _PyType_Lookup(&PyDict_Type, key);
    Py_DECREF(key);
    return have != NULL && have == base;
}

/*sig _collections._count_elements(module, mapping, iterable, /)

Count elements in the iterable, updating the mapping
*/
static PyObject *
collections__count_elements_impl(PyObject *Py_UNUSED(module), PyObject *mapping,
                                 PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable), *get = NULL, *key;
    if (it == NULL) {
        return NULL;
    }
    PyObject *zero = PyLong_FromLong(0), *one = PyLong_FromLong(1);
    int plain = zero == NULL || one == NULL ? -1 : PyDict_Check(mapping);
    if (plain > 0) {
        plain = same_method(Py_TYPE(mapping), "get");
    }
    if (plain > 0) {
        plain = same_method(Py_TYPE(mapping), "__setitem__");
    }
    if (plain == 0) {
        get = PyObject_GetAttrString(mapping, "get");
    }
    if (plain > 0 || get != NULL) {
        while ((key = PyIter_Next(it)) != NULL) {
            int err = plain ? count_in_dict(mapping, key, one)
                            : count_in_mapping(mapping, get, key, zero, one);
            Py_DECREF(key);
            if (err < 0) {
                break;
            }
        }
    }
    Py_DECREF(it);
    Py_XDECREF(get);
    Py_XDECREF(zero);
    Py_XDECREF(one);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* -------------------------------------------------------------------------------- _tuplegetter */

/* Descriptor of a field of a named tuple. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *doc;              /* owned */
} tuplegetterobject;

static PyObject *
tuplegetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_SetString(PyExc_TypeError, "_tuplegetter() takes no keyword arguments");
        return NULL;
    }
    PyObject *number, *doc;
    if (!PyArg_UnpackTuple(args, "_tuplegetter", 2, 2, &number, &doc)) {
        return NULL;
    }
    PyObject *index = PyNumber_Index(number);
    if (index == NULL) {
        return NULL;
    }
    Py_ssize_t i = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    tuplegetterobject *self = (tuplegetterobject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->index = i;
        self->doc = Py_NewRef(doc);
    }
    return (PyObject *)self;
}

static PyObject *
tuplegetter_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == NULL || obj == Py_None) {
        return Py_NewRef(self);
    }
    Py_ssize_t index = ((tuplegetterobject *)self)->index;
    if (!PyTuple_Check(obj)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor for index '%zd' for tuple subclasses doesn't apply to '%s' "
                     "object", index, Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if ((size_t)index >= (size_t)PyTuple_GET_SIZE(obj)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(obj, index));
}

static int
tuplegetter_descr_set(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(obj), PyObject *value)
{
    PyErr_SetString(PyExc_AttributeError,
                    value == NULL ? "can't delete attribute" : "can't set attribute");
    return -1;
}

static int
tuplegetter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((tuplegetterobject *)self)->doc);
    return 0;
}

static int
tuplegetter_clear(PyObject *self)
{
    Py_CLEAR(((tuplegetterobject *)self)->doc);
    return 0;
}

static void
tuplegetter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    tuplegetter_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
tuplegetter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    tuplegetterobject *tg = (tuplegetterobject *)self;
    return Py_BuildValue("(O(nO))", Py_TYPE(self), tg->index, tg->doc);
}

static PyObject *
tuplegetter_repr(PyObject *self)
{
    tuplegetterobject *tg = (tuplegetterobject *)self;
    PyObject *result = NULL, *name = PyType_GetName(Py_TYPE(self));
    if (name != NULL) {
        result = PyUnicode_FromFormat("%U(%zd, %R)", name, tg->index, tg->doc);
        Py_DECREF(name);
    }
    return result;
}

static const PyMemberDef tuplegetter_members[] = {
    {"__doc__", T_OBJECT, offsetof(tuplegetterobject, doc), 0, NULL},
    {NULL}
};

static const PyMethodDef tuplegetter_methods[] = {
    {"__reduce__", tuplegetter_reduce, METH_NOARGS, NULL},
    {NULL, NULL}
};

static const PyType_Slot tuplegetter_slots[] = {
    {Py_tp_dealloc, tuplegetter_dealloc},
    {Py_tp_repr, tuplegetter_repr},
    {Py_tp_traverse, tuplegetter_traverse},
    {Py_tp_clear, tuplegetter_clear},
    {Py_tp_methods, (void *)tuplegetter_methods},
    {Py_tp_members, (void *)tuplegetter_members},
    {Py_tp_descr_get, tuplegetter_descr_get},
    {Py_tp_descr_set, tuplegetter_descr_set},
    {Py_tp_new, tuplegetter_new},
    {0, NULL}
};

static const PyType_Spec tuplegetter_spec = {
    .name = "collections._tuplegetter",
    .basicsize = sizeof(tuplegetterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)tuplegetter_slots,
};

/* ------------------------------------------------------------------------------------ module */

static const PyMethodDef collections_methods[] = {
    COLLECTIONS__COUNT_ELEMENTS_METHODDEF
    {NULL, NULL}
};

static PyTypeObject *
add_type(PyObject *module, const PyType_Spec *spec, PyTypeObject *base)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, (PyType_Spec *)spec,
                                                                  (PyObject *)base);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

static int
collections_exec(PyObject *module)
{
    collections_state *state = get_state(module);
    if ((state->deque_type = add_type(module, &deque_spec, NULL)) == NULL
        || (state->defdict_type = add_type(module, &defdict_spec, &PyDict_Type)) == NULL
        || (state->dequeiter_type = add_type(module, &dequeiter_spec, NULL)) == NULL
        || (state->dequereviter_type = add_type(module, &dequereviter_spec, NULL)) == NULL
        || (state->tuplegetter_type = add_type(module, &tuplegetter_spec, NULL)) == NULL
        || PyModule_AddType(module, &PyODict_Type) < 0)
    {
        return -1;
    }
    return 0;
}

static int
collections_traverse(PyObject *module, visitproc visit, void *arg)
{
    collections_state *state = get_state(module);
    Py_VISIT(state->deque_type);
    Py_VISIT(state->defdict_type);
    Py_VISIT(state->dequeiter_type);
    Py_VISIT(state->dequereviter_type);
    Py_VISIT(state->tuplegetter_type);
    return 0;
}

static int
collections_clear(PyObject *module)
{
    collections_state *state = get_state(module);
    Py_CLEAR(state->deque_type);
    Py_CLEAR(state->defdict_type);
    Py_CLEAR(state->dequeiter_type);
    Py_CLEAR(state->dequereviter_type);
    Py_CLEAR(state->tuplegetter_type);
    return 0;
}

static void
collections_free(void *module)
{
    collections_clear((PyObject *)module);
}

static const PyModuleDef_Slot collections_slots[] = {
    {Py_mod_exec, collections_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(collections_doc,
"High performance data structures.\n\
- deque:        ordered collection accessible from endpoints only\n\
- defaultdict:  dict subclass with a default value factory\n\
");

static _Py_SHARED struct PyModuleDef collections_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_collections",
    .m_doc = collections_doc,
    .m_size = sizeof(collections_state),
    .m_methods = (PyMethodDef *)collections_methods,
    .m_slots = (PyModuleDef_Slot *)collections_slots,
    .m_traverse = collections_traverse,
    .m_clear = collections_clear,
    .m_free = collections_free,
};

PyMODINIT_FUNC
PyInit__collections(void)
{
    return PyModuleDef_Init(&collections_module);
}
