/* What the types bytes and bytearray have in common: one set of methods for both.
 *
 * Glossary
 *   view   self as (start, length, maker); a result is made by `make`, which is the constructor of
 *          self's own kind, and bytes give themselves back when a result equals them
 */
#ifndef Py_INTERNAL_BYTES_METHODS_H
#define Py_INTERNAL_BYTES_METHODS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _bytes_view {
    PyObject *self;
    const char *s;
    Py_ssize_t n;
    PyObject *(*make)(const char *, Py_ssize_t);
    int is_bytearray;
};

static inline struct _bytes_view
_PyBytes_View(PyObject *self)
{
    if (PyByteArray_Check(self)) {
        return (struct _bytes_view){self, PyByteArray_AS_STRING(self), PyByteArray_GET_SIZE(self),
                                    PyByteArray_FromStringAndSize, 1};
    }
    assert(PyBytes_Check(self));
    return (struct _bytes_view){self, PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self),
                                PyBytes_FromStringAndSize, 0};
}

/* Positions of a slice for searching: negative ones count from the end; a start behind the end
   stays there, so that nothing is found. */
static inline void
_PyBytes_Clip(Py_ssize_t *start, Py_ssize_t *end, Py_ssize_t n)
{
    if (*end > n) {
        *end = n;
    }
    else if (*end < 0) {
        *end = *end + n < 0 ? 0 : *end + n;
    }
    if (*start < 0) {
        *start = *start + n < 0 ? 0 : *start + n;
    }
}

/* --- Objects/bytes_methods.c: the method tables ----------------------------------------------- */

extern const PyMethodDef _PyBytes_methods[];
extern const PyMethodDef _PyByteArray_methods[];

/* --- Objects/bytes/ops.c ---------------------------------------------------------------------- */

enum _bytes_predicate {
    _PyBytes_IS_ALPHA, _PyBytes_IS_ALNUM, _PyBytes_IS_DIGIT, _PyBytes_IS_SPACE,
    _PyBytes_IS_ASCII, _PyBytes_IS_LOWER, _PyBytes_IS_UPPER, _PyBytes_IS_TITLE,
};
enum _bytes_case {
    _PyBytes_LOWER, _PyBytes_UPPER, _PyBytes_TITLE, _PyBytes_CAPITALIZE, _PyBytes_SWAPCASE,
};

extern int _PyBytes_Test(const struct _bytes_view *v, enum _bytes_predicate what);
extern PyObject *_PyBytes_ChangeCase(const struct _bytes_view *v, enum _bytes_case how);
/* The bytes [i, j) as an object of self's kind. */
extern PyObject *_PyBytes_Slice(const struct _bytes_view *v, Py_ssize_t i, Py_ssize_t j);
extern PyObject *_PyBytes_Pad(const struct _bytes_view *v, Py_ssize_t left, Py_ssize_t right,
                              char fill);
extern PyObject *_PyBytes_ZFill(const struct _bytes_view *v, Py_ssize_t width);
extern PyObject *_PyBytes_ExpandTabs(const struct _bytes_view *v, int tabsize);
/* which: -1 left, 0 both, 1 right; chars NULL: ASCII white space. */
extern PyObject *_PyBytes_Strip(const struct _bytes_view *v, int which, const Py_buffer *chars);
extern PyObject *_PyBytes_SplitBy(const struct _bytes_view *v, PyObject *sep, Py_ssize_t max,
                                  int backwards);
extern PyObject *_PyBytes_SplitLines(const struct _bytes_view *v, int keepends);
extern PyObject *_PyBytes_Partition(const struct _bytes_view *v, const Py_buffer *sep,
                                    PyObject *sep_obj, int direction);
extern PyObject *_PyBytes_Replace(const struct _bytes_view *v, const Py_buffer *old,
                                  const Py_buffer *new_, Py_ssize_t max);
extern PyObject *_PyBytes_Translate(const struct _bytes_view *v, PyObject *table,
                                    PyObject *deletechars);
extern PyObject *_PyBytes_MakeTrans(const Py_buffer *from, const Py_buffer *to);
extern PyObject *_PyBytes_JoinView(const struct _bytes_view *v, PyObject *iterable);
/* A subsequence argument: a bytes-like object or an int in range(256).  0, or -1 with an exception.
   `buffer` is always initialised; *byte holds a single byte. */
extern int _PyBytes_ParseSub(PyObject *sub, Py_buffer *buffer, char *byte);
/* Arguments (sub[, start[, end]]) of find() and the like, of str too; -1 with an exception. */
extern int _PyText_ParseSubSlice(const char *name, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject **sub, Py_ssize_t *start, Py_ssize_t *end);
extern int _PyBytes_Contains(PyObject *self, PyObject *arg);        /* sq_contains */
/* startswith (direction -1) and endswith (1); a bool object or NULL. */
extern PyObject *_PyBytes_TailMatchAny(PyObject *self, PyObject *subs, Py_ssize_t start,
                                       Py_ssize_t end, int direction);

/* --- Objects/bytearrayobject.c: what only bytearray has --------------------------------------- */

extern PyObject *_PyByteArray_Append(PyObject *self, int value);
extern PyObject *_PyByteArray_Insert(PyObject *self, Py_ssize_t index, int value);
extern PyObject *_PyByteArray_Pop(PyObject *self, Py_ssize_t index);
extern PyObject *_PyByteArray_Remove(PyObject *self, int value);
extern PyObject *_PyByteArray_Extend(PyObject *self, PyObject *iterable);
extern PyObject *_PyByteArray_Reverse(PyObject *self);
extern PyObject *_PyByteArray_ReduceEx(PyObject *self, int proto);
/* "byte must be in range(0, 256)"; 0 or -1 with an exception. */
extern int _PyBytes_GetByte(PyObject *arg, int *value);
/* The same as an argument converter; 1 or 0. */
extern int _PyBytes_GetByteArg(PyObject *arg, void *value);

#endif
