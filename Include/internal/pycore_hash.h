/* Python/pyhash.c: hashing inside the core. */
#ifndef Py_INTERNAL_HASH_H
#define Py_INTERNAL_HASH_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* SipHash-1-3 with the caller's key (source hash of .pyc files). */
extern uint64_t _Py_KeyedHash(uint64_t key, const void *src, Py_ssize_t len);
/* Set _Py_HashSecret for PYTHONHASHSEED=seed; only before anything was hashed. */
extern void _Py_HashSecret_FromSeed(unsigned long seed);

#endif
