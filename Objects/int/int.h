/* int.h - what the files of the int type share.
 *
 * Results are built in a fresh object of enough digits and then passed through
 * _PyLong_Finish, which strips leading zeros and swaps in the shared small ints; nobody may keep
 * a pointer to the object from before.
 */
#ifndef Py_INT_INT_H
#define Py_INT_INT_H

#include "pycore_number.h"      // _PyLong_FromCompact(); includes pycore_long.h
#include "digits.h"

#define MIN_SMALL_INT (-5)
#define MAX_SMALL_INT 256
#define IS_SMALL_INT(V) (MIN_SMALL_INT <= (V) && (V) <= MAX_SMALL_INT)

#define MAX_LONG_DIGITS \
    ((Py_ssize_t)((PY_SSIZE_T_MAX - offsetof(PyLongObject, long_value.ob_digit)) / sizeof(digit)))

#define DIGITS(V) ((V)->long_value.ob_digit)

/* The operand of an int slot: anything else is somebody else's business. */
#define CHECK_BINOP(V, W)                               \
    do {                                                \
        if (!PyLong_Check(V) || !PyLong_Check(W)) {     \
            Py_RETURN_NOTIMPLEMENTED;                   \
        }                                               \
    } while (0)

/* Value of an int of at most one digit. */
static inline stwodigits
compact_value(const PyLongObject *v)
{
    assert(_PyLong_IsCompact(v));
    return (stwodigits)_PyLong_CompactValue(v);
}

/* At most two digits: a value below 2**60, so that sums and differences fit 64 bits. */
static inline bool
is_short(const PyLongObject *v)
{
    return _PyLong_DigitCount(v) <= 2;
}

static inline int64_t
short_value(const PyLongObject *v)
{
    assert(is_short(v));
    int64_t value = DIGITS(v)[0];
    if (_PyLong_DigitCount(v) == 2) {
        value |= (int64_t)DIGITS(v)[1] << PyLong_SHIFT;
    }
    return _PyLong_IsNegative(v) ? -value : value;
}

/* Shared object of a small value. */
static inline PyObject *
get_small_int(int v)
{
    assert(IS_SMALL_INT(v));
    return _PyLong_GetSmallInt(v);
}

/* Normalises `v` (owned, unshared) and returns what stands for its value; NULL stays NULL. */
extern PyLongObject *_PyLong_Finish(PyLongObject *v);
/* New int from a C integer. */
static inline PyObject *
long_from_i64(int64_t value)
{
    return _PyLong_FromCompact(_PyThreadState_GET(), value);
}

/* Floor division of ints that may be subclasses; either result pointer may be NULL. */
extern int _PyLong_DivMod(PyLongObject *v, PyLongObject *w, PyLongObject **pdiv,
                          PyLongObject **pmod);
extern int _PyLong_DivRem(PyLongObject *v, PyLongObject *w, PyLongObject **pdiv,
                          PyLongObject **prem);

/* slots, by file */
extern PyObject *_PyLong_SlotAdd(PyObject *, PyObject *);           /* arith.c */
extern PyObject *_PyLong_SlotSub(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotMul(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotPow(PyObject *, PyObject *, PyObject *);
extern PyObject *_PyLong_SlotNeg(PyObject *);
extern PyObject *_PyLong_SlotAbs(PyObject *);
extern PyObject *_PyLong_SlotDivmod(PyObject *, PyObject *);        /* divide.c */
extern PyObject *_PyLong_SlotMod(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotFloorDiv(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotTrueDiv(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotLshift(PyObject *, PyObject *);        /* bits.c */
extern PyObject *_PyLong_SlotRshift(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotAnd(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotXor(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotOr(PyObject *, PyObject *);
extern PyObject *_PyLong_SlotInvert(PyObject *);
extern PyObject *_PyLong_Decimal(PyObject *);                       /* text.c */

#endif /* !Py_INT_INT_H */
