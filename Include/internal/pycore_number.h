/* Ints of one digit and floats, made and dropped inline: for the evaluation loop and the
 * number types themselves.
 *
 * Both come from the free lists of the current heap.  An int in the free list has room for
 * _PyLong_RECYCLED_DIGITS digits and no more, so that any of them serves.
 * The expected cost of making or dropping one is a dozen instructions.
 * Written from pycore_freelist.h and pycore_long.h. */
#ifndef Py_INTERNAL_NUMBER_H
#define Py_INTERNAL_NUMBER_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_freelist.h"    // _Py_FREELIST_POP()
#include "pycore_long.h"        // _PyLong_SetSignAndDigitCount()
#include "pycore_object.h"      // _PyObject_Revive()

/* Ints of up to this many digits have blocks of one size, which are recycled. */
#define _PyLong_RECYCLED_DIGITS 2

#define _PyLong_IS_SMALL(V) (-_PY_NSMALLNEGINTS <= (V) && (V) < _PY_NSMALLPOSINTS)

/* New int of a value of at most three digits (Objects/longobject.c). */
extern PyObject *_PyLong_FromSTwoDigits(stwodigits value);

/* Room for the decimal text of an int of two digits with its sign. */
#define _PyLong_SHORT_TEXT 20

/* Writes the decimal text of an int of at most two digits in front of `end` and returns where it
 * begins; NULL for longer ones (Objects/int/text.c). */
extern char *_PyLong_ShortDecimal(PyLongObject *v, char *end);

/* What stands for `value` in a block of one digit that nobody else has. */
static inline void
_PyLong_SetCompact(PyLongObject *v, stwodigits value)
{
    assert(!_PyLong_IS_SMALL(value) && -(stwodigits)PyLong_MASK <= value && value <= PyLong_MASK);
    _PyLong_SetSignAndDigitCount(v, value < 0 ? -1 : 1, 1);
    v->long_value.ob_digit[0] = (digit)(value < 0 ? -value : value);
}

/* New reference to an int of this value (any that fits three digits), or NULL with
 * MemoryError. */
static inline PyObject *
_PyLong_FromCompact(PyThreadState *tstate, stwodigits value)
{
    if (_PyLong_IS_SMALL(value)) {
        return _PyLong_GetSmallInt((int)value);
    }
    if ((uint64_t)value + PyLong_MASK <= 2 * (uint64_t)PyLong_MASK) {
        PyLongObject *v = _Py_FREELIST_POP(PyLongObject, tstate, ints);
        if (__builtin_expect(v != NULL, 1)) {
            _PyObject_Revive((PyObject *)v);
            _PyLong_SetCompact(v, value);
            return (PyObject *)v;
        }
    }
    return _PyLong_FromSTwoDigits(value);
}

/* Takes the block of an exact int whose count is 0. */
static inline void
_PyLong_Drop(PyObject *op)
{
    assert(PyLong_CheckExact(op));
    if (_PyLong_DigitCount((PyLongObject *)op) > _PyLong_RECYCLED_DIGITS
        || !_Py_FREELIST_PUSH(_PyThreadState_GET(), ints, op))
    {
        PyObject_Free(op);
    }
}

/* New reference to a float, or NULL with MemoryError. */
static inline PyObject *
_PyFloat_FromDouble(PyThreadState *tstate, double value)
{
    PyFloatObject *op = _Py_FREELIST_POP(PyFloatObject, tstate, floats);
    if (__builtin_expect(op == NULL, 0)) {
        return PyFloat_FromDouble(value);
    }
    _PyObject_Revive((PyObject *)op);
    op->ob_fval = value;
    return (PyObject *)op;
}

/* Takes the block of an exact float whose count is 0. */
static inline void
_PyFloat_Drop(PyObject *op)
{
    assert(PyFloat_CheckExact(op));
    if (!_Py_FREELIST_PUSH(_PyThreadState_GET(), floats, op)) {
        PyObject_Free(op);
    }
}

#endif /* !Py_INTERNAL_NUMBER_H */
