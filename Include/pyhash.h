/* Hashing of numbers and of memory.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYHASH_H
#define Py_PYHASH_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Numbers: residue modulo the prime 2**61 - 1, so that equal numbers of different
   types hash alike ---- */

#ifndef Py_LIMITED_API
#  define _PyHASH_MULTIPLIER 1000003UL
#  define _PyHASH_BITS 61
#  define _PyHASH_MODULUS (((size_t)1 << _PyHASH_BITS) - 1)
#  define _PyHASH_INF 314159
#  define _PyHASH_IMAG _PyHASH_MULTIPLIER

/* ---- Memory: a keyed hash ---- */

/* The key. The forms overlap: each hash function takes the bytes it needs. */
typedef union {
    unsigned char uc[24];
    struct {
        Py_hash_t prefix;
        Py_hash_t suffix;
    } fnv;
    struct {
        uint64_t k0;
        uint64_t k1;
    } siphash;
    struct {
        unsigned char padding[16];
        Py_hash_t suffix;
    } djbx33a;
    struct {
        unsigned char padding[16];
        Py_hash_t hashsalt;
    } expat;
} _Py_HashSecret_t;
#ifndef Py_LIMITED_API
PyAPI_DATA(_Py_HashSecret_t) _Py_HashSecret;
#endif

/* What sys.hash_info tells about the hash function of str and bytes. */
typedef struct {
    Py_hash_t (* const hash)(const void *, Py_ssize_t);
    const char *name;
    const int hash_bits;  /* of the result */
    const int seed_bits;  /* of the key */
} PyHash_FuncDef;
#endif

#ifndef Py_LIMITED_API
PyAPI_FUNC(PyHash_FuncDef *) PyHash_GetFuncDef(void);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(Py_hash_t) _Py_HashBytes(const void *, Py_ssize_t);
PyAPI_FUNC(Py_hash_t) _Py_HashDouble(PyObject *, double);
PyAPI_FUNC(Py_hash_t) _Py_HashPointer(const void *);
PyAPI_FUNC(Py_hash_t) _Py_HashPointerRaw(const void *);
#endif

/* Buffers shorter than this use a cheaper function; none do. */
#ifndef Py_HASH_CUTOFF
#  define Py_HASH_CUTOFF 0
#endif

#define Py_HASH_EXTERNAL 0
#define Py_HASH_SIPHASH24 1
#define Py_HASH_FNV 2
#define Py_HASH_SIPHASH13 3
#ifndef Py_HASH_ALGORITHM
#  define Py_HASH_ALGORITHM Py_HASH_SIPHASH13
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_PYHASH_H */
