/* Searching and scanning of character arrays, one family per character width.
   bytes, bytearray and one-byte str share the UCS1 family. */
#ifndef Py_INTERNAL_STRINGOPS_H
#define Py_INTERNAL_STRINGOPS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _Py_DECLARE_STRINGOPS(NAME, CHAR) \
    /* First / last position of p[:m] in s[:n], or -1.  Linear in n + m. */ \
    extern Py_ssize_t _Py##NAME##_Find(const CHAR *s, Py_ssize_t n, \
                                       const CHAR *p, Py_ssize_t m); \
    extern Py_ssize_t _Py##NAME##_RFind(const CHAR *s, Py_ssize_t n, \
                                        const CHAR *p, Py_ssize_t m); \
    extern Py_ssize_t _Py##NAME##_FindChar(const CHAR *s, Py_ssize_t n, CHAR c); \
    extern Py_ssize_t _Py##NAME##_RFindChar(const CHAR *s, Py_ssize_t n, CHAR c); \
    /* Non-overlapping occurrences, at most max; an empty p counts n + 1. */ \
    extern Py_ssize_t _Py##NAME##_Count(const CHAR *s, Py_ssize_t n, \
                                        const CHAR *p, Py_ssize_t m, Py_ssize_t max);

_Py_DECLARE_STRINGOPS(UCS1, Py_UCS1)
_Py_DECLARE_STRINGOPS(UCS2, Py_UCS2)
_Py_DECLARE_STRINGOPS(UCS4, Py_UCS4)

#undef _Py_DECLARE_STRINGOPS

#endif
