/* A hash table of C pointers, for marshal, tracing and other uses without Python objects.

   Open addressing with linear probing in one array; at most two thirds of the slots are used.
   A removed entry is closed by moving later ones of its run back, so there are no tombstones.
   The array shrinks when it is mostly empty.  Memory comes from the allocator given at
   creation.

   Written from the ABI tables.  */

#include "Python.h"
#include "pycore_hashtable.h"   // _Py_hashtable_t

#define MIN_SLOTS 16

struct slot {
    const void *key;
    void *value;
    Py_uhash_t hash;
    int used;
};

struct _Py_hashtable_t {
    size_t used;                /* entries */
    size_t mask;                /* slots - 1; slots is a power of two */
    struct slot *slots;
    _Py_hashtable_hash_func hash;
    _Py_hashtable_compare_func equal;
    _Py_hashtable_destroy_func destroy_key;     /* or NULL */
    _Py_hashtable_destroy_func destroy_value;   /* or NULL */
    _Py_hashtable_allocator_t alloc;
};

Py_uhash_t
_Py_hashtable_hash_ptr(const void *key)
{
    return (Py_uhash_t)_Py_HashPointerRaw(key);
}

int
_Py_hashtable_compare_direct(const void *key1, const void *key2)
{
    return key1 == key2;
}

/* Spreads the hash: callers' functions may vary only in few bits. */
static inline size_t
start_of(const _Py_hashtable_t *table, Py_uhash_t hash)
{
    return (size_t)((hash * (Py_uhash_t)0x9E3779B97F4A7C15u) >> 20) & table->mask;
}

static struct slot *
new_slots(const _Py_hashtable_t *table, size_t count)
{
    struct slot *slots = table->alloc.malloc(count * sizeof(struct slot));
    if (slots != NULL) {
        memset(slots, 0, count * sizeof(struct slot));
    }
    return slots;
}

_Py_hashtable_t *
_Py_hashtable_new_full(_Py_hashtable_hash_func hash_func,
                       _Py_hashtable_compare_func compare_func,
                       _Py_hashtable_destroy_func key_destroy_func,
                       _Py_hashtable_destroy_func value_destroy_func,
                       _Py_hashtable_allocator_t *allocator)
{
    _Py_hashtable_allocator_t alloc = {PyMem_Malloc, PyMem_Free};
    if (allocator != NULL) {
        alloc = *allocator;
    }
    _Py_hashtable_t *table = alloc.malloc(sizeof(*table));
    if (table == NULL) {
        return NULL;
    }
    *table = (_Py_hashtable_t){
        .mask = MIN_SLOTS - 1,
        .hash = hash_func,
        .equal = compare_func,
        .destroy_key = key_destroy_func,
        .destroy_value = value_destroy_func,
        .alloc = alloc,
    };
    table->slots = new_slots(table, MIN_SLOTS);
    if (table->slots == NULL) {
        alloc.free(table);
        return NULL;
    }
    return table;
}

_Py_hashtable_t *
_Py_hashtable_new(_Py_hashtable_hash_func hash_func, _Py_hashtable_compare_func compare_func)
{
    return _Py_hashtable_new_full(hash_func, compare_func, NULL, NULL, NULL);
}

/* The slot of the key, or the free one where it belongs. */
static struct slot *
find_slot(const _Py_hashtable_t *table, const void *key, Py_uhash_t hash)
{
    assert(table->used <= table->mask);
    for (size_t i = start_of(table, hash); ; i = (i + 1) & table->mask) {
        struct slot *slot = &table->slots[i];
        if (!slot->used
            || (slot->hash == hash && (slot->key == key || table->equal(key, slot->key)))) {
            return slot;
        }
    }
}

static int
resize(_Py_hashtable_t *table, size_t count)
{
    assert(count > table->used && (count & (count - 1)) == 0);
    struct slot *old = table->slots;
    size_t old_count = table->mask + 1;
    struct slot *slots = new_slots(table, count);
    if (slots == NULL) {
        return -1;
    }
    table->slots = slots;
    table->mask = count - 1;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].used) {
            size_t j = start_of(table, old[i].hash);
            while (slots[j].used) {
                j = (j + 1) & table->mask;
            }
            slots[j] = old[i];
        }
    }
    table->alloc.free(old);
    return 0;
}

/* Add an entry; the key must not be in the table.  Returns 0, or -1: out of memory. */
int
_Py_hashtable_set(_Py_hashtable_t *table, const void *key, void *value)
{
    if ((table->used + 1) * 3 > (table->mask + 1) * 2
        && resize(table, (table->mask + 1) * 2) < 0) {
        return -1;
    }
    Py_uhash_t hash = table->hash(key);
    struct slot *slot = find_slot(table, key, hash);
    assert(!slot->used);
    *slot = (struct slot){key, value, hash, 1};
    table->used++;
    return 0;
}

void *
_Py_hashtable_get(_Py_hashtable_t *table, const void *key)
{
    struct slot *slot = find_slot(table, key, table->hash(key));
    return slot->used ? slot->value : NULL;
}

/* Close the gap at index i: move back whatever could not lie where it should because of it. */
static void
close_gap(_Py_hashtable_t *table, size_t i)
{
    struct slot *slots = table->slots;
    size_t mask = table->mask;
    for (size_t j = (i + 1) & mask; slots[j].used; j = (j + 1) & mask) {
        size_t home = start_of(table, slots[j].hash);
        if (((j - home) & mask) >= ((j - i) & mask)) {
            slots[i] = slots[j];
            i = j;
        }
    }
    slots[i] = (struct slot){NULL, NULL, 0, 0};
}

/* Remove an entry without destroying key and value; returns the value, or NULL. */
void *
_Py_hashtable_steal(_Py_hashtable_t *table, const void *key)
{
    struct slot *slot = find_slot(table, key, table->hash(key));
    if (!slot->used) {
        return NULL;
    }
    void *value = slot->value;
    close_gap(table, (size_t)(slot - table->slots));
    table->used--;
    if (table->mask + 1 > MIN_SLOTS && table->used * 8 < table->mask + 1) {
        (void)resize(table, (table->mask + 1) / 2);     /* no memory: stays large */
    }
    return value;
}

int
_Py_hashtable_foreach(_Py_hashtable_t *table, _Py_hashtable_foreach_func func, void *user_data)
{
    for (size_t i = 0; i <= table->mask; i++) {
        struct slot *slot = &table->slots[i];
        if (slot->used) {
            int rc = func(table, slot->key, slot->value, user_data);
            if (rc != 0) {
                return rc;
            }
        }
    }
    return 0;
}

size_t
_Py_hashtable_len(const _Py_hashtable_t *table)
{
    return table->used;
}

/* Bytes in use. */
size_t
_Py_hashtable_size(const _Py_hashtable_t *table)
{
    return sizeof(*table) + (table->mask + 1) * sizeof(struct slot);
}

static void
destroy_entries(_Py_hashtable_t *table)
{
    for (size_t i = 0; i <= table->mask; i++) {
        struct slot *slot = &table->slots[i];
        if (!slot->used) {
            continue;
        }
        if (table->destroy_key != NULL) {
            table->destroy_key((void *)slot->key);
        }
        if (table->destroy_value != NULL) {
            table->destroy_value(slot->value);
        }
        slot->used = 0;
    }
    table->used = 0;
}

void
_Py_hashtable_clear(_Py_hashtable_t *table)
{
    destroy_entries(table);
    if (table->mask + 1 > MIN_SLOTS) {
        (void)resize(table, MIN_SLOTS);     /* no memory: stays large */
    }
}

void
_Py_hashtable_destroy(_Py_hashtable_t *table)
{
    destroy_entries(table);
    table->alloc.free(table->slots);
    table->alloc.free(table);
}
