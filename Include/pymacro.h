/* Small macros: arithmetic, text, alignment, compile-time checks, docstrings.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYMACRO_H
#define Py_PYMACRO_H

#include "pyport.h"

/* Evaluate an argument twice, as macros do. */
#define Py_MIN(x, y) (((x) > (y)) ? (y) : (x))
#define Py_MAX(x, y) (((x) > (y)) ? (x) : (y))
#define Py_ABS(x) ((x) < 0 ? -(x) : (x))

#define _Py_XSTRINGIFY(x) #x
/* The text of x after macro expansion. */
#define Py_STRINGIFY(x) _Py_XSTRINGIFY(x)

#define Py_MEMBER_SIZE(type, member) sizeof(((type *)0)->member)
/* A character as a value 0..255. */
#define Py_CHARMASK(c) ((unsigned char)((c) & 0xff))

/* Refuse to compile when cond is false; the first form is an expression of value 0. */
#define Py_BUILD_ASSERT_EXPR(cond) (sizeof(char[1 - 2 * !(cond)]) - 1)
#define Py_BUILD_ASSERT(cond) \
    do { \
        (void)Py_BUILD_ASSERT_EXPR(cond); \
    } while (0)

/* Elements of an array; a pointer in its place does not compile (GNU C). */
#if (defined(__GNUC__) || defined(__clang__)) && !defined(__cplusplus) && !defined(__STRICT_ANSI__)
#  define Py_ARRAY_LENGTH(array) \
       (sizeof(array) / sizeof((array)[0]) \
        + Py_BUILD_ASSERT_EXPR(!__builtin_types_compatible_p( \
              __typeof__(array), __typeof__(&(array)[0]))))
#else
#  define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Docstrings: PyDoc_STRVAR(name, "text") defines one. */
#define PyDoc_VAR(name) static const char name[]
#define PyDoc_STRVAR(name, str) PyDoc_VAR(name) = PyDoc_STR(str)
#ifdef WITH_DOC_STRINGS
#  define PyDoc_STR(str) str
#else
#  define PyDoc_STR(str) ""
#endif

/* Alignment to a, a power of two. */
#define _Py_SIZE_ROUND_DOWN(n, a) ((size_t)(n) & ~(size_t)((a) - 1))
#define _Py_SIZE_ROUND_UP(n, a) (((size_t)(n) + (size_t)((a) - 1)) & ~(size_t)((a) - 1))
#define _Py_ALIGN_DOWN(p, a) ((void *)((uintptr_t)(p) & ~(uintptr_t)((a) - 1)))
#define _Py_ALIGN_UP(p, a) \
    ((void *)(((uintptr_t)(p) + (uintptr_t)((a) - 1)) & ~(uintptr_t)((a) - 1)))
#define _Py_IS_ALIGNED(p, a) (!((uintptr_t)(p) & (uintptr_t)((a) - 1)))

/* Name a parameter that is not used. */
#if defined(__GNUC__) || defined(__clang__)
#  define Py_UNUSED(name) _unused_##name __attribute__((unused))
#else
#  define Py_UNUSED(name) _unused_##name
#endif

/* A point that control never reaches. Checked in debug builds, assumed otherwise. */
#if defined(Py_DEBUG) && !defined(Py_LIMITED_API)
#  define Py_UNREACHABLE() Py_FatalError("reached a point thought to be unreachable")
#elif defined(__GNUC__) || defined(__clang__)
#  define Py_UNREACHABLE() __builtin_unreachable()
#else
#  define Py_UNREACHABLE() Py_FatalError("Unreachable C code path reached")
#endif

/* An expression that cannot be assigned to. */
#define _Py_RVALUE(EXPR) ((void)0, (EXPR))
#define _Py_IS_TYPE_SIGNED(type) ((type)(-1) <= 0)

#endif  /* !Py_PYMACRO_H */
