/* pickle: the numbers of written objects, found by address.
 *
 * The table owns its keys, so that an address means one object as long as the memo lives.
 * Invariants: the size of the table is a power of two, and a third of it is free.
 */
#include "pickle.h"

#define FIRST_BITS 3

/* A table of 1 << bits free entries. */
static int
set_table(struct memo *memo, int bits)
{
    size_t size = (size_t)1 << bits;
    struct memo_entry *table = PyMem_Calloc(size, sizeof(struct memo_entry));
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memo->table = table;
    memo->mask = size - 1;
    memo->shift = (size_t)(64 - bits);
    return 0;
}

static struct memo *
new_memo(int bits)
{
    struct memo *memo = PyMem_Malloc(sizeof(struct memo));
    if (memo == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memo->used = 0;
    if (set_table(memo, bits) < 0) {
        PyMem_Free(memo);
        return NULL;
    }
    return memo;
}

struct memo *
_PyPickleMemo_New(void)
{
    return new_memo(FIRST_BITS);
}

struct memo *
_PyPickleMemo_Copy(const struct memo *memo)
{
    struct memo *copy = new_memo((int)(64 - memo->shift));
    if (copy == NULL) {
        return NULL;
    }
    assert(copy->mask == memo->mask);
    copy->used = memo->used;
    memcpy(copy->table, memo->table, (memo->mask + 1) * sizeof(struct memo_entry));
    for (size_t i = 0; i <= copy->mask; i++) {
        Py_XINCREF(copy->table[i].key);
    }
    return copy;
}

/* Release the keys of a table and the table. */
static void
free_table(struct memo_entry *table, size_t mask)
{
    for (size_t i = 0; i <= mask; i++) {
        Py_XDECREF(table[i].key);
    }
    PyMem_Free(table);
}

void
_PyPickleMemo_Free(struct memo *memo)
{
    if (memo != NULL) {
        free_table(memo->table, memo->mask);
        PyMem_Free(memo);
    }
}

int
_PyPickleMemo_Clear(struct memo *memo)
{
    /* The end of a key may run code that looks at the memo: it is empty by then. */
    struct memo_entry *old = memo->table;
    size_t mask = memo->mask;
    if (set_table(memo, FIRST_BITS) < 0) {
        return -1;
    }
    memo->used = 0;
    free_table(old, mask);
    return 0;
}

/* A table four times as big; of many objects only twice. */
static int
grow(struct memo *memo)
{
    struct memo_entry *old = memo->table;
    size_t old_mask = memo->mask;
    if (set_table(memo, (int)(64 - memo->shift) + (memo->used > 50000 ? 1 : 2)) < 0) {
        return -1;
    }
    for (size_t i = 0; i <= old_mask; i++) {
        if (old[i].key != NULL) {
            *memo_slot(memo, old[i].key) = old[i];
        }
    }
    PyMem_Free(old);
    return 0;
}

int
_PyPickleMemo_Set(struct memo *memo, PyObject *key, Py_ssize_t number)
{
    struct memo_entry *entry = memo_slot(memo, key);
    if (entry->key == NULL) {
        /* Room is made before, so that a failure leaves the memo as it was. */
        if ((size_t)(memo->used + 1) * 3 >= (memo->mask + 1) * 2) {
            if (grow(memo) < 0) {
                return -1;
            }
            entry = memo_slot(memo, key);
        }
        entry->key = Py_NewRef(key);
        memo->used++;
    }
    entry->number = number;
    return 0;
}
