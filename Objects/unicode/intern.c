/* str: the table of interned strings, and identifiers.
 *
 * Two levels.  The static strings of the build are found by a perfect hash over their bytes; that
 * table never changes.  A string met at run time goes to the table of the heap: open addressing
 * with linear probing over borrowed pointers, keyed by the string's hash.  An interned string is
 * mortal: its deallocation takes it out of the table and leaves a tombstone.
 *
 * Invariants: fill <= 2/3 of the slots, so a probe ends; a string of state INTERNED_MORTAL or
 * INTERNED_IMMORTAL is in the table of its heap exactly once.
 *
 * Written from the C API reference and the design page on strings.
 */
#include "Python.h"
#include "pycore_heap.h"            // struct _heap
#include "pycore_interp.h"          // interp->unicode
#include "pycore_object.h"
#include "pycore_private_api.h"     // PyUnicode_InternImmortal
#include "pycore_pystate.h"         // _PyThreadState_GET
#include "pycore_runtime.h"         // _PyRuntime.unicode
#include "pycore_strings.h"         // _Py_static_string_lookup
#include "pycore_unicode.h"

#define MIN_SLOTS 128

/* Marks a slot whose string has gone; never dereferenced. */
#define TOMBSTONE ((PyObject *)(uintptr_t)1)

static void
set_interned(PyObject *op, unsigned state)
{
    ((PyASCIIObject *)op)->state.interned = state & 3;
}

static struct _Py_interned_table *
current_table(void)
{
    return &_PyThreadState_GET()->heap->interned;
}

static PyObject **
slots_of(struct _Py_interned_table *t)
{
    return t->entries;
}

/* The slot that holds the text of op, or with `same` this very object, or NULL. */
static PyObject **
find(struct _Py_interned_table *t, PyObject *op, Py_hash_t hash, int same)
{
    PyObject **slots = slots_of(t);
    if (slots == NULL) {
        return NULL;
    }
    assert(t->fill < t->size && hash != -1);
    size_t mask = (size_t)t->size - 1;
    for (size_t i = (size_t)hash & mask; slots[i] != NULL; i = (i + 1) & mask) {
        PyObject *entry = slots[i];
        if (entry == op || (!same && entry != TOMBSTONE && _PyUnicode_CachedHash(entry) == hash
                            && _PyUnicode_EQ(entry, op)))
        {
            return &slots[i];
        }
    }
    return NULL;
}

static void
put(struct _Py_interned_table *t, PyObject *op, Py_hash_t hash)
{
    PyObject **slots = slots_of(t);
    size_t mask = (size_t)t->size - 1;
    size_t i = (size_t)hash & mask;
    while (slots[i] != NULL) {
        i = (i + 1) & mask;
    }
    slots[i] = op;
    t->used++;
    t->fill++;
}

/* Make room for one more; also drops the tombstones.  -1 without an exception if out of memory. */
static int
make_room(struct _Py_interned_table *t)
{
    if (t->entries != NULL && (t->fill + 1) * 3 <= t->size * 2) {
        return 0;
    }
    ptrdiff_t size = MIN_SLOTS;
    while (size < (t->used + 1) * 3) {
        size *= 2;
    }
    PyObject **slots = PyMem_Calloc((size_t)size, sizeof(PyObject *));
    if (slots == NULL) {
        return -1;
    }
    struct _Py_interned_table old = *t;
    *t = (struct _Py_interned_table){.entries = slots, .size = size};
    for (ptrdiff_t i = 0; i < old.size; i++) {
        PyObject *entry = slots_of(&old)[i];
        if (entry != NULL && entry != TOMBSTONE) {
            put(t, entry, _PyUnicode_CachedHash(entry));
        }
    }
    assert(t->used == old.used && t->fill == t->used);
    PyMem_Free(old.entries);
    return 0;
}

/* Replace *p by the interned string of the same text; never raises: when memory is short or *p is
   not an exact str, *p stays as it is. */
void
PyUnicode_InternInPlace(PyObject **p)
{
    PyObject *op = *p;
    if (op == NULL || !PyUnicode_CheckExact(op) || PyUnicode_CHECK_INTERNED(op)) {
        assert(op == NULL || PyUnicode_Check(op));
        return;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    PyObject *found = NULL;
    if (PyUnicode_KIND(op) == 1 && n <= 1) {
        found = n == 0 ? _PyUnicode_GetEmpty()
                       : _PyUnicode_FromChar(PyUnicode_1BYTE_DATA(op)[0]);
    }
    else if (PyUnicode_IS_ASCII(op)) {
        found = _Py_static_string_lookup(PyUnicode_DATA(op), (size_t)n);
    }
    if (found == NULL) {
        struct _Py_interned_table *t = current_table();
        Py_hash_t hash = _PyUnicode_Hash(op);
        PyObject **slot = find(t, op, hash, 0);
        if (slot != NULL) {
            found = *slot;
        }
        else {
            if (make_room(t) == 0) {
                put(t, op, hash);
                set_interned(op, SSTATE_INTERNED_MORTAL);
            }
            return;
        }
    }
    if (found != op) {
        *p = Py_NewRef(found);
        Py_DECREF(op);
    }
}

/* Deprecated.  Interns, and keeps the string for as long as its heap. */
void
PyUnicode_InternImmortal(PyObject **p)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "PyUnicode_InternImmortal() is deprecated; "
                     "use PyUnicode_InternInPlace() instead", 1) < 0)
    {
        /* no way to report a failure: the warning was turned into an exception */
        PyErr_WriteUnraisable(NULL);
    }
    PyUnicode_InternInPlace(p);
    if (PyUnicode_CHECK_INTERNED(*p) == SSTATE_INTERNED_MORTAL) {
        set_interned(*p, SSTATE_INTERNED_IMMORTAL);
        Py_INCREF(*p);
    }
}

PyObject *
PyUnicode_InternFromString(const char *cp)
{
    PyObject *found = _Py_static_string_lookup(cp, strlen(cp));
    if (found != NULL) {
        return Py_NewRef(found);
    }
    PyObject *s = PyUnicode_FromString(cp);
    if (s != NULL) {
        PyUnicode_InternInPlace(&s);
    }
    return s;
}

int
_PyUnicode_Unintern(PyObject *op)
{
    struct _Py_interned_table *t = current_table();
    PyObject **slot = find(t, op, _PyUnicode_CachedHash(op), 1);
    if (slot == NULL) {
        return 0;
    }
    size_t next = ((size_t)(slot - slots_of(t)) + 1) & ((size_t)t->size - 1);
    t->used--;
    if (slots_of(t)[next] == NULL) {
        *slot = NULL;           /* nobody probes past an empty neighbour */
        t->fill--;
    }
    else {
        *slot = TOMBSTONE;
    }
    set_interned(op, SSTATE_NOT_INTERNED);
    return 1;
}

/* Strings that are still alive stop being interned. */
void
_PyUnicode_ClearInternedTable(struct _Py_interned_table *t)
{
    for (ptrdiff_t i = 0; i < t->size; i++) {
        PyObject *entry = slots_of(t)[i];
        if (entry != NULL && entry != TOMBSTONE) {
            set_interned(entry, SSTATE_NOT_INTERNED);
        }
    }
    PyMem_Free(t->entries);
    *t = (struct _Py_interned_table){0};
}

/* --- Identifiers ----------------------------------------------------------------------------- */

/* The interned string of a C identifier, borrowed from the interpreter; NULL with an exception. */
PyObject *
_PyUnicode_FromId(_Py_Identifier *id)
{
    struct _unicode_state *state = &_PyInterpreterState_GET()->unicode;
    Py_ssize_t index = __atomic_load_n(&id->index, __ATOMIC_RELAXED);
    if (index < 0) {
        Py_ssize_t fresh = __atomic_fetch_add(&_PyRuntime.next_unicode_id, 1,
                                              __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&id->index, &index, fresh, 0,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        {
            index = fresh;
        }
    }
    assert(index >= 0);
    if (index < state->ids.size && state->ids.array[index] != NULL) {
        return state->ids.array[index];
    }
    PyObject *op = PyUnicode_InternFromString(id->string);
    if (op == NULL) {
        return NULL;
    }
    if (index >= state->ids.size) {
        Py_ssize_t size = Py_MAX(index * 2, 16);
        PyObject **array = PyMem_Realloc(state->ids.array, (size_t)size * sizeof(PyObject *));
        if (array == NULL) {
            Py_DECREF(op);
            PyErr_NoMemory();
            return NULL;
        }
        memset(array + state->ids.size, 0,
               (size_t)(size - state->ids.size) * sizeof(PyObject *));
        state->ids.array = array;
        state->ids.size = size;
    }
    assert(state->ids.array[index] == NULL);
    state->ids.array[index] = op;
    return op;
}

void
_PyUnicode_ClearIds(PyInterpreterState *interp)
{
    struct _unicode_state *state = &interp->unicode;
    for (Py_ssize_t i = 0; i < state->ids.size; i++) {
        Py_CLEAR(state->ids.array[i]);
    }
    PyMem_Free(state->ids.array);
    state->ids.array = NULL;
    state->ids.size = 0;
}
