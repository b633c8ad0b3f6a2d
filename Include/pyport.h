/* Platform and compiler: basic integer types, declaration macros, casts, attributes. Needs
   nothing of the API and is needed by all of it.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYPORT_H
#define Py_PYPORT_H

#include "pyconfig.h"
#include "exports.h"
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- C and C++ ---- */

#ifdef __cplusplus
#  define _Py_NULL nullptr
#  define _Py_STATIC_CAST(type, expr) static_cast<type>(expr)
#else
#  define _Py_NULL NULL
#  define _Py_STATIC_CAST(type, expr) ((type)(expr))
#endif
#define _Py_CAST(type, expr) ((type)(expr))

#if defined(__has_builtin)
#  define _Py__has_builtin(x) __has_builtin(x)
#else
#  define _Py__has_builtin(x) 0
#endif

#if defined(__GNUC__) || defined(__clang__)
#  define _Py_TYPEOF(expr) __typeof__(expr)
#endif

/* ---- Integers ---- */

typedef ssize_t Py_ssize_t;
typedef Py_ssize_t Py_hash_t;
typedef size_t Py_uhash_t;
typedef intptr_t Py_intptr_t;
typedef uintptr_t Py_uintptr_t;
/* What "#" formats of argument parsing store: always Py_ssize_t. */
typedef Py_ssize_t Py_ssize_clean_t;

#define PY_SSIZE_T_MAX ((Py_ssize_t)(((size_t)-1) >> 1))
#define PY_SSIZE_T_MIN (-PY_SSIZE_T_MAX - 1)
#define PY_SIZE_MAX SIZE_MAX
#define SIZEOF_PY_HASH_T SIZEOF_SIZE_T
#define SIZEOF_PY_UHASH_T SIZEOF_SIZE_T
#define PY_FORMAT_SIZE_T "z"

/* Old spellings of standard types. */
#ifndef HAVE_LONG_LONG
#  define HAVE_LONG_LONG 1
#endif
#define PY_LONG_LONG long long
#define PY_LLONG_MIN LLONG_MIN
#define PY_LLONG_MAX LLONG_MAX
#define PY_ULLONG_MAX ULLONG_MAX
#define PY_UINT32_T uint32_t
#define PY_UINT64_T uint64_t
#define PY_INT32_T int32_t
#define PY_INT64_T int64_t
#define PY_DWORD_MAX 4294967295U

/* Bits in a digit of int objects. */
#ifndef PYLONG_BITS_IN_DIGIT
#  define PYLONG_BITS_IN_DIGIT 30
#endif

#ifdef WORDS_BIGENDIAN
#  define PY_BIG_ENDIAN 1
#  define PY_LITTLE_ENDIAN 0
#else
#  define PY_BIG_ENDIAN 0
#  define PY_LITTLE_ENDIAN 1
#endif

#define Py_LL(x) x##LL
#define Py_ULL(x) Py_LL(x##U)

/* I >> J with the sign kept. TYPE is that of I. */
#define Py_ARITHMETIC_RIGHT_SHIFT(TYPE, I, J) ((I) >> (J))

/* Cast VALUE from WIDE to NARROW; a debug build checks that nothing is lost. */
#ifdef Py_DEBUG
#  define Py_SAFE_DOWNCAST(VALUE, WIDE, NARROW) \
       (assert(_Py_STATIC_CAST(WIDE, _Py_STATIC_CAST(NARROW, (VALUE))) == (VALUE)), \
        _Py_STATIC_CAST(NARROW, (VALUE)))
#else
#  define Py_SAFE_DOWNCAST(VALUE, WIDE, NARROW) _Py_STATIC_CAST(NARROW, (VALUE))
#endif

/* Expand X once more. */
#define Py_FORCE_EXPANSION(X) X

/* ---- Declarations ---- */

#define PyAPI_FUNC(RTYPE) Py_EXPORTED_SYMBOL RTYPE
#define PyAPI_DATA(RTYPE) extern Py_EXPORTED_SYMBOL RTYPE
#ifdef __cplusplus
#  define PyMODINIT_FUNC extern "C" Py_EXPORTED_SYMBOL PyObject *
#else
#  define PyMODINIT_FUNC Py_EXPORTED_SYMBOL PyObject *
#endif

#define Py_LOCAL(type) static type
#define Py_LOCAL_INLINE(type) static inline type

/* Ownership, shown in prototypes. They expand to nothing. */
#define Py_NEWREF    /* the caller owns the reference returned */
#define Py_BORROWED  /* the reference returned belongs to somebody else */
#define Py_STEALS    /* the callee takes over the caller's reference to this argument */

#if defined(__GNUC__) || defined(__clang__)
#  define Py_GCC_ATTRIBUTE(x) __attribute__(x)
#  define Py_ALIGNED(n) __attribute__((aligned(n)))
#  define Py_DEPRECATED(VERSION_UNUSED) __attribute__((__deprecated__))
#  define Py_NO_INLINE __attribute__((noinline))
#  define _Py_HOT_FUNCTION __attribute__((hot))
#  define _Py_NO_RETURN __attribute__((__noreturn__))
#  define _Py_COMP_DIAG_PUSH _Pragma("GCC diagnostic push")
#  define _Py_COMP_DIAG_POP _Pragma("GCC diagnostic pop")
#  define _Py_COMP_DIAG_IGNORE_DEPR_DECLS \
       _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
#else
#  define Py_GCC_ATTRIBUTE(x)
#  define Py_ALIGNED(n)
#  define Py_DEPRECATED(VERSION_UNUSED)
#  define Py_NO_INLINE
#  define _Py_HOT_FUNCTION
#  define _Py_NO_RETURN
#  define _Py_COMP_DIAG_PUSH
#  define _Py_COMP_DIAG_POP
#  define _Py_COMP_DIAG_IGNORE_DEPR_DECLS
#endif

/* In a debug build a forced inline only hinders the debugger. */
#if defined(Py_DEBUG) || !(defined(__GNUC__) || defined(__clang__))
#  define Py_ALWAYS_INLINE
#else
#  define Py_ALWAYS_INLINE __attribute__((always_inline))
#endif

/* Deprecated for everybody but the core itself. */
#ifdef Py_BUILD_CORE
#  define _Py_DEPRECATED_EXTERNALLY(version)
#else
#  define _Py_DEPRECATED_EXTERNALLY(version) Py_DEPRECATED(version)
#endif

#ifdef Py_BUILD_CORE
#  ifdef __cplusplus
#    define _Py_thread_local thread_local
#  else
#    define _Py_thread_local _Thread_local
#  endif
#endif

#define Py_VA_COPY va_copy
#define Py_MEMCPY memcpy

/* Threads are always there. */
#ifndef WITH_THREAD
#  define WITH_THREAD
#endif

#endif  /* !Py_PYPORT_H */
