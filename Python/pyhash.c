/* Hash functions: bytes (SipHash-1-3), doubles, pointers.
 *
 * The secret is chosen once per process, before the first string is hashed, and never changes.
 * A hash is never -1, which means "error" in tp_hash.
 *
 * SipHash after J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), with
 * one compression and three finalisation rounds.  Numbers hash as the library reference says
 * ("Hashing of numeric types"): modulo the prime 2**61 - 1.
 */
#include "Python.h"
#include "pycore_hash.h"

_Py_HashSecret_t _Py_HashSecret = {{0}};

#define ROTL64(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static inline uint64_t
load64(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
#if PY_BIG_ENDIAN
    word = __builtin_bswap64(word);
#endif
    return word;
}

struct sip_state {
    uint64_t v0, v1, v2, v3;
};

static inline void
sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = ROTL64(s->v1, 13) ^ s->v0;
    s->v3 = ROTL64(s->v3, 16) ^ s->v2;
    s->v0 = ROTL64(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = ROTL64(s->v1, 17) ^ s->v2;
    s->v3 = ROTL64(s->v3, 21) ^ s->v0;
    s->v2 = ROTL64(s->v2, 32);
}

static uint64_t
siphash13(uint64_t k0, uint64_t k1, const unsigned char *p, Py_ssize_t n)
{
    struct sip_state s = {
        k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
        k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    uint64_t last = (uint64_t)n << 56;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t m = load64(p);
        s.v3 ^= m;
        sip_round(&s);
        s.v0 ^= m;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        last |= (uint64_t)p[i] << (8 * i);
    }
    s.v3 ^= last;
    sip_round(&s);
    s.v0 ^= last;
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static Py_hash_t
hash_bytes(const void *src, Py_ssize_t len)
{
    return (Py_hash_t)siphash13(_Py_HashSecret.siphash.k0, _Py_HashSecret.siphash.k1, src, len);
}

/* Hash of len bytes; empty input gives 0. */
Py_hash_t
_Py_HashBytes(const void *src, Py_ssize_t len)
{
    assert(len >= 0);
    if (len == 0) {
        return 0;
    }
    Py_hash_t hash = hash_bytes(src, len);
    return hash == -1 ? -2 : hash;
}

/* Keyed hash with the caller's key (source-hash of .pyc files). */
uint64_t
_Py_KeyedHash(uint64_t key, const void *src, Py_ssize_t len)
{
    return siphash13(key, 0, src, len);
}

PyHash_FuncDef *
PyHash_GetFuncDef(void)
{
    static const PyHash_FuncDef def = {hash_bytes, "siphash13", 64, 128};
    return (PyHash_FuncDef *)&def;
}

/* Alignment makes the low four bits of an address equal: they go to the top. */
Py_hash_t
_Py_HashPointerRaw(const void *p)
{
    size_t y = (size_t)p;
    return (Py_hash_t)((y >> 4) | (y << (8 * sizeof(void *) - 4)));
}

Py_hash_t
_Py_HashPointer(const void *p)
{
    Py_hash_t hash = _Py_HashPointerRaw(p);
    return hash == -1 ? -2 : hash;
}

/* Hash of a float: equal to that of an equal int or fraction.  A NaN hashes by its object. */
Py_hash_t
_Py_HashDouble(PyObject *inst, double v)
{
    if (!isfinite(v)) {
        if (isinf(v)) {
            return v > 0 ? _PyHASH_INF : -_PyHASH_INF;
        }
        return _Py_HashPointer(inst);
    }
    int exponent;
    double m = frexp(v, &exponent);
    int negative = m < 0;
    m = fabs(m);
    /* v = m * 2**exponent; take 28 bits of m at a time, reducing modulo 2**61 - 1, where
       multiplication by a power of two is rotation of 61 bits */
    Py_uhash_t x = 0;
    while (m != 0.0) {
        x = ((x << 28) & _PyHASH_MODULUS) | x >> (_PyHASH_BITS - 28);
        m *= 268435456.0;
        exponent -= 28;
        Py_uhash_t part = (Py_uhash_t)m;
        m -= (double)part;
        x += part;
        if (x >= _PyHASH_MODULUS) {
            x -= _PyHASH_MODULUS;
        }
    }
    exponent = exponent >= 0 ? exponent % _PyHASH_BITS
                             : _PyHASH_BITS - 1 - ((-1 - exponent) % _PyHASH_BITS);
    x = ((x << exponent) & _PyHASH_MODULUS) | x >> (_PyHASH_BITS - exponent);
    Py_hash_t hash = negative ? -(Py_hash_t)x : (Py_hash_t)x;
    return hash == -1 ? -2 : hash;
}

/* --- The secret ------------------------------------------------------------------------------- */

/* Fill the secret from a seed: 0 means all zero (hashing is not randomised).  The generator is the
   linear congruential one that PYTHONHASHSEED has always meant, so that hashes agree between
   Pythons. */
void
_Py_HashSecret_FromSeed(unsigned long seed)
{
    unsigned char *out = (unsigned char *)&_Py_HashSecret;
    unsigned int x = (unsigned int)seed;
    for (size_t i = 0; i < sizeof(_Py_HashSecret); i++) {
        if (seed == 0) {
            out[i] = 0;
        }
        else {
            x = x * 214013 + 2531011;
            out[i] = (unsigned char)(x >> 16 & 0xff);
        }
    }
}
