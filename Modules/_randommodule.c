/* _randommodule.c - the module _random: the generator MT19937.
 *
 * The generator is that of M. Matsumoto and T. Nishimura, "Mersenne Twister: A 623-Dimensionally
 * Equidistributed Uniform Pseudorandom Number Generator", ACM TOMACS 8 (1998), with the seeding
 * by an array that the authors published in 2002.  `index` is the next word of the state to be
 * tempered; N means that all are used and the next block of words is due.
 *
 * Written from that paper, the documentation of the module random and observed behaviour.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define N 624
#define M 397
#define MATRIX_A 0x9908b0dfU
#define UPPER_BIT 0x80000000U

typedef struct {
    PyObject_HEAD
    int index;
    uint32_t state[N];
} RandomObject;

typedef struct {
    PyTypeObject *random_type;
} random_state;

static inline random_state *
get_state(PyObject *module)
{
    random_state *state = (random_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_randommodule.sig.h"

/* ---------------------------------------------------------------------------------- generator */

/* x[k+N] = x[k+M] xor (upper bit of x[k] | other bits of x[k+1]) A, for a whole block. */
static void
next_block(uint32_t *x)
{
    for (int k = 0; k < N; k++) {
        uint32_t y = (x[k] & UPPER_BIT) | (x[(k + 1) % N] & ~UPPER_BIT);
        x[k] = x[(k + M) % N] ^ (y >> 1) ^ (y & 1 ? MATRIX_A : 0);
    }
}

static uint32_t
next_word(RandomObject *self)
{
    assert(self->index >= 0 && self->index <= N);
    if (self->index >= N) {
        next_block(self->state);
        self->index = 0;
    }
    uint32_t y = self->state[self->index++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

/* The recurrence of the seed: a linear congruence mixed with the upper bits. */
static inline uint32_t
mix(uint32_t x)
{
    return x ^ (x >> 30);
}

static void
seed_by_word(RandomObject *self, uint32_t seed)
{
    uint32_t *x = self->state;
    x[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        x[i] = 1812433253U * mix(x[i - 1]) + i;
    }
    self->index = N;
}

static void
seed_by_words(RandomObject *self, const uint32_t *key, size_t length)
{
    assert(length > 0);
    seed_by_word(self, 19650218U);
    uint32_t *x = self->state;
    size_t i = 1, j = 0;
    for (size_t count = length > N ? length : N; count > 0; count--) {
        x[i] = (x[i] ^ (mix(x[i - 1]) * 1664525U)) + key[j] + (uint32_t)j;
        j = (j + 1) % length;
        if (++i == N) {
            x[0] = x[N - 1];
            i = 1;
        }
    }
    for (int count = N - 1; count > 0; count--) {
        x[i] = (x[i] ^ (mix(x[i - 1]) * 1566083941U)) - (uint32_t)i;
        if (++i == N) {
            x[0] = x[N - 1];
            i = 1;
        }
    }
    x[0] = UPPER_BIT;
}

/* ------------------------------------------------------------------------------------ seeding */

static void
seed_by_system(RandomObject *self)
{
    uint32_t key[N];
    ssize_t n = getrandom(key, 256, GRND_NONBLOCK);
    size_t filled = 0;
    while (n > 0 && (filled += (size_t)n) < sizeof(key)) {
        size_t rest = sizeof(key) - filled;
        n = getrandom((char *)key + filled, rest < 256 ? rest : 256, GRND_NONBLOCK);
    }
    if (filled == sizeof(key)) {
        seed_by_words(self, key, N);
        return;
    }
    /* No entropy yet: clocks and process. */
    struct timespec now, since;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &since);
    const uint32_t parts[] = {
        (uint32_t)now.tv_sec, (uint32_t)now.tv_nsec, (uint32_t)getpid(),
        (uint32_t)since.tv_sec, (uint32_t)since.tv_nsec,
    };
    seed_by_words(self, parts, Py_ARRAY_LENGTH(parts));
}

/* Seed by the words of |n|, lowest first.  0, or -1 with an exception. */
static int
seed_by_int(RandomObject *self, PyObject *n)
{
    size_t bits = _PyLong_NumBits(n);
    if (bits == (size_t)-1 && PyErr_Occurred()) {
        return -1;
    }
    size_t words = bits == 0 ? 1 : (bits - 1) / 32 + 1;
    unsigned char *bytes = PyMem_Malloc(words * 4);
    uint32_t *key = PyMem_New(uint32_t, words);
    int err = -1;
    if (bytes == NULL || key == NULL) {
        PyErr_NoMemory();
    }
    else if (_PyLong_AsByteArray((PyLongObject *)n, bytes, words * 4, 1, 0) == 0) {
        for (size_t i = 0; i < words; i++) {
            const unsigned char *b = bytes + 4 * i;
            key[i] = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        }
        seed_by_words(self, key, words);
        err = 0;
    }
    PyMem_Free(bytes);
    PyMem_Free(key);
    return err;
}

/* Seed by an object: an int by its absolute value, others by their hash.  0, or -1. */
static int
seed_by_object(RandomObject *self, PyObject *arg)
{
    if (arg == Py_None) {
        seed_by_system(self);
        return 0;
    }
    PyObject *n;
    if (PyLong_CheckExact(arg)) {
        n = PyNumber_Absolute(arg);
    }
    else if (PyLong_Check(arg)) {
        /* not through a method of a subclass */
        n = PyLong_Type.tp_as_number->nb_absolute(arg);
    }
    else {
        Py_hash_t hash = PyObject_Hash(arg);
        if (hash == -1) {
            return -1;
        }
        n = PyLong_FromSize_t((size_t)hash);
    }
    if (n == NULL) {
        return -1;
    }
    int err = seed_by_int(self, n);
    Py_DECREF(n);
    return err;
}

static int
random_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_SetString(PyExc_TypeError, "Random() takes no keyword arguments");
        return -1;
    }
    if (PyTuple_GET_SIZE(args) > 1) {
        PyErr_SetString(PyExc_TypeError, "Random() requires 0 or 1 argument");
        return -1;
    }
    PyObject *arg = PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : Py_None;
    return seed_by_object((RandomObject *)self, arg);
}

/* ------------------------------------------------------------------------------------ methods */

/*sig Random.random(self)

random() -> x in the interval [0, 1).
*/
static PyObject *
random_random_impl(RandomObject *self)
{
    /* 27 and 26 bits: a multiple of 2**-53, all of them equally likely. */
    uint64_t high = next_word(self) >> 5, low = next_word(self) >> 6;
    return PyFloat_FromDouble((double)(high << 26 | low) * 0x1p-53);
}

/*sig Random.seed(self, n=None, /)

seed([n]) -> None.

Defaults to use urandom and falls back to a combination
of the current time and the process identifier.
*/
static PyObject *
random_seed_impl(RandomObject *self, PyObject *n)
{
    if (seed_by_object(self, n) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig Random.getstate(self)

getstate() -> tuple containing the current state.
*/
static PyObject *
random_getstate_impl(RandomObject *self)
{
    PyObject *result = PyTuple_New(N + 1);
    for (int i = 0; result != NULL && i <= N; i++) {
        PyObject *word = PyLong_FromUnsignedLong(i < N ? self->state[i]
                                                 : (unsigned long)self->index);
        if (word == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, word);
    }
    return result;
}

/*sig Random.setstate(self, state, /)

setstate(state) -> None.  Restores generator state.
*/
static PyObject *
random_setstate_impl(RandomObject *self, PyObject *state)
{
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state vector must be a tuple");
        return NULL;
    }
    if (PyTuple_GET_SIZE(state) != N + 1) {
        PyErr_SetString(PyExc_ValueError, "state vector is the wrong size");
        return NULL;
    }
    uint32_t words[N];
    for (int i = 0; i < N; i++) {
        unsigned long word = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(state, i));
        if (word == (unsigned long)-1 && PyErr_Occurred()) {
            return NULL;
        }
        words[i] = (uint32_t)word;
    }
    long index = PyLong_AsLong(PyTuple_GET_ITEM(state, N));
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (index < 0 || index > N) {
        PyErr_SetString(PyExc_ValueError, "invalid state");
        return NULL;
    }
    memcpy(self->state, words, sizeof(words));
    self->index = (int)index;
    Py_RETURN_NONE;
}

/*sig Random.getrandbits(self, k: int, /)

getrandbits(k) -> x.  Generates an int with k random bits.
*/
static PyObject *
random_getrandbits_impl(RandomObject *self, int k)
{
    if (k < 0) {
        PyErr_SetString(PyExc_ValueError, "number of bits must be non-negative");
        return NULL;
    }
    if (k == 0) {
        return PyLong_FromLong(0);
    }
    if (k <= 32) {
        return PyLong_FromUnsignedLong(next_word(self) >> (32 - k));
    }
    size_t size = ((size_t)(k - 1) / 32 + 1) * 4;
    unsigned char *bytes = PyMem_Malloc(size);
    if (bytes == NULL) {
        return PyErr_NoMemory();
    }
    for (size_t i = 0; i < size; i += 4, k -= 32) {
        uint32_t word = next_word(self) >> (k < 32 ? 32 - k : 0);
        for (int j = 0; j < 4; j++) {
            bytes[i + (size_t)j] = (unsigned char)(word >> (8 * j));
        }
    }
    PyObject *result = _PyLong_FromByteArray(bytes, size, 1, 0);
    PyMem_Free(bytes);
    return result;
}

/* --------------------------------------------------------------------------------------- type */

static void
random_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static const PyMethodDef random_methods[] = {
    RANDOM_RANDOM_METHODDEF
    RANDOM_SEED_METHODDEF
    RANDOM_GETSTATE_METHODDEF
    RANDOM_SETSTATE_METHODDEF
    RANDOM_GETRANDBITS_METHODDEF
    {NULL, NULL, 0, NULL}
};

PyDoc_STRVAR(random_doc,
"Random() -> create a random number generator with its own internal state.");

static const PyType_Slot random_slots[] = {
    {Py_tp_dealloc, random_dealloc},
    {Py_tp_doc, (void *)random_doc},
    {Py_tp_methods, (PyMethodDef *)random_methods},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, random_init},
    {Py_tp_free, PyObject_Free},
    {0, NULL},
};

static const PyType_Spec random_spec = {
    .name = "_random.Random",
    .basicsize = sizeof(RandomObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = (PyType_Slot *)random_slots,
};

static int
module_exec(PyObject *module)
{
    random_state *state = get_state(module);
    state->random_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&random_spec, NULL);
    if (state->random_type == NULL) {
        return -1;
    }
    return PyModule_AddType(module, state->random_type);
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->random_type);
    return 0;
}

static int
module_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->random_type);
    return 0;
}

static void
module_free(void *module)
{
    module_clear((PyObject *)module);
}

static const PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(module_doc, "Module implements the Mersenne Twister random number generator.");

static _Py_SHARED struct PyModuleDef randommodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_random",
    .m_doc = module_doc,
    .m_size = sizeof(random_state),
    .m_slots = (PyModuleDef_Slot *)module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__random(void)
{
    return PyModuleDef_Init(&randommodule);
}
