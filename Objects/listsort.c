/* listsort.c - list.sort(): a stable, adaptive merge sort.
 *
 * The list is cut into natural runs (ascending, or strictly descending and then reversed); runs
 * that are too short are extended by binary insertion.  Which neighbours are merged when is the
 * powersort policy of Munro and Wild ("Nearly-Optimal Mergesorts", 2018): each border between
 * two runs has a power, its depth in a nearly optimal merge tree, and borders with a higher
 * power are merged first.  A merge copies the shorter run away and switches to galloping
 * (exponential search) when one run keeps winning, as Tim Peters described for timsort.
 *
 * Comparisons are specialised: if all keys are ints of one digit, one-byte strs, floats, or at
 * least of one type, the less-than function skips the general dispatch; so for the first items
 * of tuples.  Each specialised function gives what `<` gives, but for the time it takes.
 *
 * Invariant: whatever happens, base arrays and scratch together hold every object exactly once,
 * and every exit puts them all back into the base array.  Code that a comparison runs sees an
 * empty list; if it changes that, sort() raises ValueError.
 *
 * Cost: n log2 n + O(n) comparisons at worst, n - 1 for a sorted list; n/2 pointers of scratch.
 */
#include "Python.h"
#include "pycore_list.h"
#include "pycore_long.h"        // _PyLong_CompactValue()
#include "pycore_tuple.h"

#include <stdbool.h>

/* Wins in a row before galloping starts; adapted while sorting. */
#define MIN_GALLOP 7
/* Runs on the stack have strictly increasing powers, and a power is at most 64. */
#define MAX_PENDING 66
/* Scratch slots that are part of the sorter itself. */
#define LOCAL_SCRATCH 256

struct run {
    Py_ssize_t start;
    Py_ssize_t len;
    int power;                      /* of the border to the run below it on the stack */
};

struct sorter {
    PyObject **keys;                /* what is compared */
    PyObject **values;              /* what moves along; NULL if the keys are the items */
    Py_ssize_t n;
    int (*less)(struct sorter *, PyObject *, PyObject *);   /* 1, 0, -1 */
    int (*first_less)(struct sorter *, PyObject *, PyObject *); /* first items of tuples */
    bool first_is_float;
    richcmpfunc compare;            /* tp_richcompare of the one type of all keys */
    Py_ssize_t min_gallop;
    struct run pending[MAX_PENDING];
    int npending;
    PyObject **scratch;             /* for keys, then (if there are) values */
    PyObject **scratch_values;
    Py_ssize_t scratch_size;
    PyObject *local[LOCAL_SCRATCH];
};

/* ---------------------------------------------------------------------------- comparison */

static int
less_any(struct sorter *Py_UNUSED(s), PyObject *a, PyObject *b)
{
    return PyObject_RichCompareBool(a, b, Py_LT);
}

/* All keys are of one type, whose tp_richcompare is known. */
static int
less_same_type(struct sorter *s, PyObject *a, PyObject *b)
{
    /* Something may have changed the type behind our back. */
    if (Py_TYPE(a)->tp_richcompare != s->compare) {
        return PyObject_RichCompareBool(a, b, Py_LT);
    }
    PyObject *result = s->compare(a, b, Py_LT);
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return PyObject_RichCompareBool(a, b, Py_LT);
    }
    if (result == NULL) {
        return -1;
    }
    int less = PyBool_Check(result) ? result == Py_True : PyObject_IsTrue(result);
    Py_DECREF(result);
    return less;
}

static int
less_latin(struct sorter *Py_UNUSED(s), PyObject *a, PyObject *b)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(a), m = PyUnicode_GET_LENGTH(b);
    int cmp = memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)Py_MIN(n, m));
    return cmp != 0 ? cmp < 0 : n < m;
}

static int
less_compact(struct sorter *Py_UNUSED(s), PyObject *a, PyObject *b)
{
    return _PyLong_CompactValue((PyLongObject *)a) < _PyLong_CompactValue((PyLongObject *)b);
}

static int
less_float(struct sorter *Py_UNUSED(s), PyObject *a, PyObject *b)
{
    return PyFloat_AS_DOUBLE(a) < PyFloat_AS_DOUBLE(b);
}

/* Tuples compare by the first items that differ (by ==), or by length. */
static int
less_tuple(struct sorter *s, PyObject *a, PyObject *b)
{
    Py_ssize_t n = PyTuple_GET_SIZE(a), m = PyTuple_GET_SIZE(b), i = 0;
    if (s->first_less != less_any) {
        /* None of these is empty, and no comparison of first items can fail. */
        PyObject *x = PyTuple_GET_ITEM(a, 0), *y = PyTuple_GET_ITEM(b, 0);
        if (x != y) {
            if (s->first_less(s, x, y)) {
                return 1;
            }
            if (s->first_less(s, y, x)) {
                return 0;
            }
            if (s->first_is_float && PyFloat_AS_DOUBLE(x) != PyFloat_AS_DOUBLE(y)) {
                return 0;       /* a NaN: different, but not less */
            }
        }
        i = 1;
    }
    for (; i < n && i < m; i++) {
        PyObject *x = PyTuple_GET_ITEM(a, i), *y = PyTuple_GET_ITEM(b, i);
        int equal = PyObject_RichCompareBool(x, y, Py_EQ);
        if (equal < 0) {
            return -1;
        }
        if (!equal) {
            return PyObject_RichCompareBool(x, y, Py_LT);
        }
    }
    return n < m;
}

/* What all keys seen so far have in common. */
struct common {
    PyTypeObject *type;             /* NULL: nothing */
    bool latin;                     /* strs of one byte a character */
    bool compact;                   /* ints of at most one digit */
};

static void
note_key(struct common *c, PyObject *key, bool first)
{
    if (first) {
        *c = (struct common){Py_TYPE(key), true, true};
    }
    else if (c->type != Py_TYPE(key)) {
        c->type = NULL;
    }
    if (c->type == &PyUnicode_Type) {
        c->latin = c->latin && PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND;
    }
    else if (c->type == &PyLong_Type) {
        c->compact = c->compact && _PyLong_IsCompact((PyLongObject *)key);
    }
}

/* The less-than function for such keys, or NULL if only the type helps, or nothing. */
static int
(*special_less(const struct common *c))(struct sorter *, PyObject *, PyObject *)
{
    if (c->type == &PyUnicode_Type && c->latin) {
        return less_latin;
    }
    if (c->type == &PyLong_Type && c->compact) {
        return less_compact;
    }
    if (c->type == &PyFloat_Type) {
        return less_float;
    }
    return NULL;
}

static void
choose_comparison(struct sorter *s)
{
    struct common all = {0}, first = {0};
    bool tuples = PyTuple_CheckExact(s->keys[0]);
    for (Py_ssize_t i = 0; i < s->n; i++) {
        PyObject *key = s->keys[i];
        note_key(&all, key, i == 0);
        tuples = tuples && PyTuple_CheckExact(key) && PyTuple_GET_SIZE(key) > 0;
        if (tuples) {
            note_key(&first, PyTuple_GET_ITEM(key, 0), i == 0);
        }
        if (all.type == NULL) {
            break;
        }
    }
    s->less = special_less(&all);
    if (s->less == NULL && tuples && all.type != NULL) {
        s->first_less = special_less(&first);
        if (s->first_less == NULL) {
            s->first_less = less_any;
        }
        s->first_is_float = first.type == &PyFloat_Type;
        s->less = less_tuple;
    }
    if (s->less == NULL && all.type != NULL && all.type->tp_richcompare != NULL) {
        s->compare = all.type->tp_richcompare;
        s->less = less_same_type;
    }
    if (s->less == NULL) {
        s->less = less_any;
    }
}

#define LESS(S, A, B) ((S)->less((S), (A), (B)))

/* ------------------------------------------------------------------------------- moving */

static void
reverse_slots(PyObject **slots, Py_ssize_t n)
{
    for (Py_ssize_t i = 0, j = n - 1; i < j; i++, j--) {
        PyObject *t = slots[i];
        slots[i] = slots[j];
        slots[j] = t;
    }
}

static void
reverse_range(struct sorter *s, Py_ssize_t start, Py_ssize_t n)
{
    reverse_slots(s->keys + start, n);
    if (s->values != NULL) {
        reverse_slots(s->values + start, n);
    }
}

/* Moves n slots within the base arrays. */
static inline void
move_slots(struct sorter *s, Py_ssize_t to, Py_ssize_t from, Py_ssize_t n)
{
    memmove(s->keys + to, s->keys + from, (size_t)n * sizeof(PyObject *));
    if (s->values != NULL) {
        memmove(s->values + to, s->values + from, (size_t)n * sizeof(PyObject *));
    }
}

static inline void
to_scratch(struct sorter *s, Py_ssize_t from, Py_ssize_t n)
{
    assert(n <= s->scratch_size);
    memcpy(s->scratch, s->keys + from, (size_t)n * sizeof(PyObject *));
    if (s->values != NULL) {
        memcpy(s->scratch_values, s->values + from, (size_t)n * sizeof(PyObject *));
    }
}

static inline void
from_scratch(struct sorter *s, Py_ssize_t to, Py_ssize_t from, Py_ssize_t n)
{
    memcpy(s->keys + to, s->scratch + from, (size_t)n * sizeof(PyObject *));
    if (s->values != NULL) {
        memcpy(s->values + to, s->scratch_values + from, (size_t)n * sizeof(PyObject *));
    }
}

/* One slot. */
static inline void
move_one(struct sorter *s, Py_ssize_t to, Py_ssize_t from)
{
    s->keys[to] = s->keys[from];
    if (s->values != NULL) {
        s->values[to] = s->values[from];
    }
}

static inline void
move_one_back(struct sorter *s, Py_ssize_t to, Py_ssize_t from)
{
    s->keys[to] = s->scratch[from];
    if (s->values != NULL) {
        s->values[to] = s->scratch_values[from];
    }
}

/* Scratch for n slots.  The old contents are lost. */
static int
need_scratch(struct sorter *s, Py_ssize_t n)
{
    if (n <= s->scratch_size) {
        return 0;
    }
    if (s->scratch != s->local) {
        PyMem_Free(s->scratch);
    }
    Py_ssize_t slots = s->values != NULL ? 2 * n : n;
    s->scratch = PyMem_New(PyObject *, slots);
    if (s->scratch == NULL) {
        s->scratch = s->local;
        s->scratch_size = 0;
        PyErr_NoMemory();
        return -1;
    }
    s->scratch_size = n;
    s->scratch_values = s->scratch + n;
    return 0;
}

/* --------------------------------------------------------------------------------- runs */

/* Length of the run that begins at lo; a descending one is reversed.  -1: exception. */
static Py_ssize_t
count_run(struct sorter *s, Py_ssize_t lo, Py_ssize_t hi)
{
    assert(lo < hi);
    Py_ssize_t i = lo + 1;
    if (i == hi) {
        return 1;
    }
    PyObject **k = s->keys;
    int less = LESS(s, k[i], k[i - 1]);
    if (less < 0) {
        return -1;
    }
    bool descending = less;
    for (i++; i < hi; i++) {
        less = LESS(s, k[i], k[i - 1]);
        if (less < 0) {
            return -1;
        }
        if ((bool)less != descending) {
            break;
        }
    }
    if (descending) {
        reverse_range(s, lo, i - lo);
    }
    return i - lo;
}

/* Sorts lo..hi, of which lo..start is sorted already. */
static int
insertion_sort(struct sorter *s, Py_ssize_t lo, Py_ssize_t hi, Py_ssize_t start)
{
    for (; start < hi; start++) {
        Py_ssize_t left = lo, right = start;
        PyObject *pivot = s->keys[start];
        /* keys[lo..left) <= pivot < keys[right..start) */
        while (left < right) {
            Py_ssize_t mid = left + ((right - left) >> 1);
            int less = LESS(s, pivot, s->keys[mid]);
            if (less < 0) {
                return -1;
            }
            if (less) {
                right = mid;
            }
            else {
                left = mid + 1;
            }
        }
        PyObject *value = s->values != NULL ? s->values[start] : NULL;
        move_slots(s, left + 1, left, start - left);
        s->keys[left] = pivot;
        if (value != NULL) {
            s->values[left] = value;
        }
    }
    return 0;
}

/* Shortest run worth keeping: n / 2**k in 32..63, rounded up, so that the number of runs is just
   below a power of two. */
static Py_ssize_t
min_run(Py_ssize_t n)
{
    Py_ssize_t rest = 0;
    while (n >= 64) {
        rest |= n & 1;
        n >>= 1;
    }
    return n + rest;
}

/* ---------------------------------------------------------------------------- galloping */

/* Where `key` goes in the sorted slots[0..n): behind all that are less (`right` false), or behind
   all that are less or equal (`right` true).  The search starts at `hint` and doubles its
   steps.  -1: exception. */
static Py_ssize_t
gallop(struct sorter *s, PyObject *key, PyObject **slots, Py_ssize_t n, Py_ssize_t hint,
       bool right)
{
    assert(n > 0 && 0 <= hint && hint < n);
    /* `below(i)`: slot i is on the left of where the key goes. */
#define BELOW(I) (right ? LESS(s, key, slots[I]) : LESS(s, slots[I], key))
    Py_ssize_t lo, hi, step = 1;
    int r = BELOW(hint);
    if (r < 0) {
        return -1;
    }
    if (right ? !r : r) {
        /* Upwards: slots[lo] is below, slots[hi] (or the end) is not known to be. */
        lo = hint;
        hi = n;
        while (step < n - hint) {
            r = BELOW(hint + step);
            if (r < 0) {
                return -1;
            }
            if (!(right ? !r : r)) {
                hi = hint + step;
                break;
            }
            lo = hint + step;
            step = 2 * step + 1;
        }
        lo++;
    }
    else {
        /* Downwards: slots[hi] is not below. */
        hi = hint;
        lo = 0;
        while (hi > 0) {
            Py_ssize_t at = hint - step;
            if (at < 0) {
                at = 0;
            }
            r = BELOW(at);
            if (r < 0) {
                return -1;
            }
            if (right ? !r : r) {
                lo = at + 1;
                break;
            }
            hi = at;
            step = 2 * step + 1;
        }
    }
    /* slots[lo - 1] is below, slots[hi] is not: halve. */
    while (lo < hi) {
        Py_ssize_t mid = lo + ((hi - lo) >> 1);
        r = BELOW(mid);
        if (r < 0) {
            return -1;
        }
        if (right ? !r : r) {
            lo = mid + 1;
        }
        else {
            hi = mid;
        }
    }
    return lo;
#undef BELOW
}

/* ------------------------------------------------------------------------------ merging */

/* Merges a[0..na) with b[0..nb) that follows it, na <= nb, from the left: `a` goes to scratch. */
static int
merge_low(struct sorter *s, Py_ssize_t a, Py_ssize_t na, Py_ssize_t b, Py_ssize_t nb)
{
    assert(na > 0 && nb > 0 && a + na == b);
    if (need_scratch(s, na) < 0) {
        return -1;
    }
    to_scratch(s, a, na);
    Py_ssize_t dest = a, x = 0;         /* x: next of the scratch; b: next of the right run */
    int err = -1;
    Py_ssize_t min_gallop = s->min_gallop;
    /* The caller has trimmed: the first of b goes first. */
    move_one(s, dest++, b++);
    nb--;
    while (na > 0 && nb > 0) {
        Py_ssize_t wins_a = 0, wins_b = 0;
        while (na > 0 && nb > 0 && wins_a < min_gallop && wins_b < min_gallop) {
            int less = LESS(s, s->keys[b], s->scratch[x]);
            if (less < 0) {
                goto done;
            }
            if (less) {
                move_one(s, dest++, b++);
                nb--;
                wins_b++;
                wins_a = 0;
            }
            else {
                move_one_back(s, dest++, x++);
                na--;
                wins_a++;
                wins_b = 0;
            }
        }
        /* One of them wins all the time: look for the end of its streak. */
        min_gallop++;
        while (na > 0 && nb > 0) {
            if (min_gallop > 1) {
                min_gallop--;
            }
            Py_ssize_t k = gallop(s, s->keys[b], s->scratch + x, na, 0, true);
            if (k < 0) {
                goto done;
            }
            from_scratch(s, dest, x, k);
            dest += k;
            x += k;
            na -= k;
            if (na == 0) {
                break;
            }
            Py_ssize_t m = gallop(s, s->scratch[x], s->keys + b, nb, 0, false);
            if (m < 0) {
                goto done;
            }
            move_slots(s, dest, b, m);
            dest += m;
            b += m;
            nb -= m;
            if (k < MIN_GALLOP && m < MIN_GALLOP) {
                min_gallop++;           /* leaving costs a little */
                break;
            }
        }
        s->min_gallop = min_gallop;
    }
    err = 0;
done:
    /* What is left of the scratch fits exactly in front of what is left of b. */
    from_scratch(s, dest, x, na);
    return err;
}

/* The mirror image, nb <= na, from the right: `b` goes to scratch. */
static int
merge_high(struct sorter *s, Py_ssize_t a, Py_ssize_t na, Py_ssize_t b, Py_ssize_t nb)
{
    assert(na > 0 && nb > 0 && a + na == b);
    if (need_scratch(s, nb) < 0) {
        return -1;
    }
    to_scratch(s, b, nb);
    Py_ssize_t dest = b + nb;           /* one behind the next free slot */
    int err = -1;
    Py_ssize_t min_gallop = s->min_gallop;
    /* The caller has trimmed: the last of a goes last. */
    move_one(s, --dest, a + --na);
    while (na > 0 && nb > 0) {
        Py_ssize_t wins_a = 0, wins_b = 0;
        while (na > 0 && nb > 0 && wins_a < min_gallop && wins_b < min_gallop) {
            int less = LESS(s, s->scratch[nb - 1], s->keys[a + na - 1]);
            if (less < 0) {
                goto done;
            }
            if (less) {
                move_one(s, --dest, a + --na);
                wins_a++;
                wins_b = 0;
            }
            else {
                move_one_back(s, --dest, --nb);
                wins_b++;
                wins_a = 0;
            }
        }
        min_gallop++;
        while (na > 0 && nb > 0) {
            if (min_gallop > 1) {
                min_gallop--;
            }
            Py_ssize_t k = gallop(s, s->scratch[nb - 1], s->keys + a, na, na - 1, true);
            if (k < 0) {
                goto done;
            }
            k = na - k;
            dest -= k;
            na -= k;
            move_slots(s, dest, a + na, k);
            if (na == 0) {
                break;
            }
            Py_ssize_t m = gallop(s, s->keys[a + na - 1], s->scratch, nb, nb - 1, false);
            if (m < 0) {
                goto done;
            }
            m = nb - m;
            dest -= m;
            nb -= m;
            from_scratch(s, dest, nb, m);
            if (k < MIN_GALLOP && m < MIN_GALLOP) {
                min_gallop++;
                break;
            }
        }
        s->min_gallop = min_gallop;
    }
    err = 0;
done:
    from_scratch(s, dest - nb, 0, nb);
    return err;
}

/* Merges the two topmost runs. */
static int
merge_top(struct sorter *s)
{
    assert(s->npending >= 2);
    struct run *lower = &s->pending[s->npending - 2], *upper = lower + 1;
    Py_ssize_t a = lower->start, na = lower->len, b = upper->start, nb = upper->len;
    assert(a + na == b);
    lower->len = na + nb;
    s->npending--;
    /* What is in place already needs no merging: the head of a, the tail of b. */
    Py_ssize_t k = gallop(s, s->keys[b], s->keys + a, na, 0, true);
    if (k < 0) {
        return -1;
    }
    a += k;
    na -= k;
    if (na == 0) {
        return 0;
    }
    nb = gallop(s, s->keys[a + na - 1], s->keys + b, nb, nb - 1, false);
    if (nb <= 0) {
        return (int)nb;
    }
    return na <= nb ? merge_low(s, a, na, b, nb) : merge_high(s, a, na, b, nb);
}

/* Power of the border between two runs of n slots in all: the number of leading bits in which the
   midpoints of the runs, as fractions of n, agree, plus one. */
static int
border_power(const struct run *left, Py_ssize_t right_len, Py_ssize_t n)
{
    /* Twice the midpoints. */
    Py_ssize_t l = 2 * left->start + left->len;
    Py_ssize_t r = l + left->len + right_len;
    for (int power = 1; ; power++) {
        assert(power < MAX_PENDING - 1);
        bool left_bit = l >= n, right_bit = r >= n;
        if (left_bit != right_bit) {
            return power;
        }
        if (left_bit) {
            l -= n;
            r -= n;
        }
        l <<= 1;
        r <<= 1;
    }
}

static int
push_run(struct sorter *s, Py_ssize_t start, Py_ssize_t len)
{
    int power = 0;
    if (s->npending > 0) {
        power = border_power(&s->pending[s->npending - 1], len, s->n);
        while (s->npending > 1 && s->pending[s->npending - 1].power > power) {
            if (merge_top(s) < 0) {
                return -1;
            }
        }
    }
    assert(s->npending < MAX_PENDING);
    s->pending[s->npending++] = (struct run){start, len, power};
    return 0;
}

static int
sort_slots(struct sorter *s)
{
    Py_ssize_t least = min_run(s->n);
    for (Py_ssize_t lo = 0; lo < s->n; ) {
        Py_ssize_t len = count_run(s, lo, s->n);
        if (len < 0) {
            return -1;
        }
        if (len < least) {
            Py_ssize_t want = Py_MIN(least, s->n - lo);
            if (insertion_sort(s, lo, lo + want, lo + len) < 0) {
                return -1;
            }
            len = want;
        }
        if (push_run(s, lo, len) < 0) {
            return -1;
        }
        lo += len;
    }
    while (s->npending > 1) {
        if (merge_top(s) < 0) {
            return -1;
        }
    }
    assert(s->npending == 1 && s->pending[0].len == s->n);
    return 0;
}

/* Sorts n > 1 slots, with keys or without. */
static int
run_sorter(PyObject **keys, PyObject **values, Py_ssize_t n, int reverse)
{
    struct sorter s = {
        .keys = keys,
        .values = values,
        .n = n,
        .min_gallop = MIN_GALLOP,
    };
    s.scratch = s.local;
    s.scratch_size = values != NULL ? LOCAL_SCRATCH / 2 : LOCAL_SCRATCH;
    s.scratch_values = s.local + LOCAL_SCRATCH / 2;
    choose_comparison(&s);
    /* Descending and stable: reverse, sort ascending, reverse. */
    if (reverse) {
        reverse_range(&s, 0, n);
    }
    int err = sort_slots(&s);
    if (reverse) {
        reverse_range(&s, 0, n);
    }
    if (s.scratch != s.local) {
        PyMem_Free(s.scratch);
    }
    return err;
}

/* Items lie anywhere in memory; so many further on, one is fetched while a key is computed. */
#define AHEAD 4

/* Array of keyfunc(item) for all items; NULL with an exception. */
static PyObject **
make_keys(PyObject *keyfunc, PyObject **items, Py_ssize_t n)
{
    PyObject **keys = PyMem_New(PyObject *, n);
    if (keys == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        __builtin_prefetch(items[Py_MIN(i + AHEAD, n - 1)]);
        keys[i] = PyObject_CallOneArg(keyfunc, items[i]);
        if (keys[i] == NULL) {
            while (--i >= 0) {
                Py_DECREF(keys[i]);
            }
            PyMem_Free(keys);
            return NULL;
        }
    }
    return keys;
}

int
_PyList_Sort(PyListObject *self, PyObject *keyfunc, int reverse)
{
    assert(self != NULL && PyList_Check((PyObject *)self));
    if (keyfunc == Py_None) {
        keyfunc = NULL;
    }
    /* While it is sorted, the list is empty and marked, so that changes are noticed. */
    Py_ssize_t n = Py_SIZE(self), allocated = self->allocated;
    PyObject **items = self->ob_item;
    Py_SET_SIZE(self, 0);
    self->ob_item = NULL;
    self->allocated = -1;

    int err = 0;
    PyObject **keys = NULL;
    if (keyfunc != NULL && n > 0) {
        keys = make_keys(keyfunc, items, n);
        err = keys == NULL ? -1 : 0;
    }
    if (err == 0 && n > 1) {
        err = keys != NULL ? run_sorter(keys, items, n, reverse)
                           : run_sorter(items, NULL, n, reverse);
    }
    if (keys != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(keys[i]);
        }
        PyMem_Free(keys);
    }
    if (self->allocated != -1 && err == 0) {
        PyErr_SetString(PyExc_ValueError, "list modified during sort");
        err = -1;
    }
    PyObject **strange = self->ob_item;
    Py_ssize_t nstrange = Py_SIZE(self);
    Py_SET_SIZE(self, n);
    self->ob_item = items;
    self->allocated = allocated;
    for (Py_ssize_t i = 0; i < nstrange; i++) {
        Py_DECREF(strange[i]);
    }
    PyMem_Free(strange);
    return err;
}
