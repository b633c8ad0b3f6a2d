/* Unit tests of the C hash table and of time arithmetic. */

#include "Python.h"
#include "cpython/pytime.h"
#include "pycore_hashtable.h"

#include "unit.h"

static Py_uhash_t
bad_hash(const void *key)
{
    return (Py_uhash_t)(uintptr_t)key & 7;
}

static void
check_model(struct unit_result *result, _Py_hashtable_hash_func hash)
{
    enum { KEYS = 500 };
    static const _Py_hashtable_allocator_t alloc = {malloc, free};
    _Py_hashtable_allocator_t copy = alloc;
    _Py_hashtable_t *table = _Py_hashtable_new_full(hash, _Py_hashtable_compare_direct,
                                                    NULL, NULL, &copy);
    char present[KEYS] = {0};
    size_t count = 0;
    unsigned seed = 7;
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1103515245u + 12345u;
        uintptr_t i = (seed >> 8) % KEYS;
        const void *key = (const void *)(i + 1);
        void *value = (void *)(i * 2 + 1);
        void *found = _Py_hashtable_get(table, key);
        if (found != (present[i] ? value : NULL)) {
            CHECK(!"found what was stored");
        }
        if (present[i]) {
            if (_Py_hashtable_steal(table, key) != value) {
                CHECK(!"stole what was stored");
            }
            count--;
        }
        else {
            _Py_hashtable_set(table, key, value);
            count++;
        }
        present[i] = !present[i];
    }
    CHECK(_Py_hashtable_len(table) == count);
    _Py_hashtable_clear(table);
    CHECK(_Py_hashtable_len(table) == 0);
    _Py_hashtable_destroy(table);
}

static void
test_good_hash(struct unit_result *result)
{
    check_model(result, _Py_hashtable_hash_ptr);
}

static void
test_bad_hash(struct unit_result *result)
{
    check_model(result, bad_hash);
}

static void
test_time(struct unit_result *result)
{
    CHECK(_PyTime_Add(_PyTime_MAX, 1) == _PyTime_MAX);
    CHECK(_PyTime_Add(_PyTime_MIN, -1) == _PyTime_MIN);
    CHECK(_PyTime_MulDiv(7, 3, 2) == 10);
    CHECK(_PyTime_MulDiv(_PyTime_MAX, 1000, 1000) == _PyTime_MAX);
    CHECK(_PyTime_AsMicroseconds(1500, _PyTime_ROUND_HALF_EVEN) == 2);
    CHECK(_PyTime_AsMicroseconds(2500, _PyTime_ROUND_HALF_EVEN) == 2);
    CHECK(_PyTime_AsMicroseconds(-1, _PyTime_ROUND_FLOOR) == -1);
    CHECK(_PyTime_AsMicroseconds(-1, _PyTime_ROUND_CEILING) == 0);
    CHECK(_PyTime_AsMicroseconds(-1, _PyTime_ROUND_UP) == -1);
    CHECK(_PyTime_AsMilliseconds(1, _PyTime_ROUND_UP) == 1);
    struct timespec ts;
    CHECK(_PyTime_AsTimespec(-1, &ts) == 0 && ts.tv_sec == -1 && ts.tv_nsec == 999999999);
    struct timeval tv;
    CHECK(_PyTime_AsTimeval(-1, &tv, _PyTime_ROUND_FLOOR) == 0
          && tv.tv_sec == -1 && tv.tv_usec == 999999);
    CHECK(_PyTime_AsSecondsDouble(1500000000) == 1.5);
    _PyTime_t t;
    CHECK(_PyTime_FromTimespec(&t, &ts) == 0 && t == -1);
    CHECK(_PyTime_FromMicrosecondsClamp(_PyTime_MAX) == _PyTime_MAX);
}

static const struct unit_test tests[] = {
    {"hash table, good hash", test_good_hash},
    {"hash table, bad hash", test_bad_hash},
    {"time", test_time},
};

UNIT_MAIN(tests)
