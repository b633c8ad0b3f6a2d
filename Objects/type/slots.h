/* slots.h - the functions that fill the slots of Python classes: each calls the special method of
 * the same meaning (slotfuncs.c).  The table that names them is in slotdefs.c. */
#ifndef Ly_OBJECTS_TYPE_SLOTS_H
#define Ly_OBJECTS_TYPE_SLOTS_H

#include "Python.h"

#define _PyType_UNARY_SLOTS(V) \
    V(nb_negative, __neg__) V(nb_positive, __pos__) V(nb_absolute, __abs__) \
    V(nb_invert, __invert__) V(nb_int, __int__) V(nb_float, __float__) V(nb_index, __index__)

#define _PyType_BINARY_SLOTS(V) \
    V(nb_add, __add__, __radd__) V(nb_subtract, __sub__, __rsub__) \
    V(nb_multiply, __mul__, __rmul__) V(nb_remainder, __mod__, __rmod__) \
    V(nb_divmod, __divmod__, __rdivmod__) V(nb_lshift, __lshift__, __rlshift__) \
    V(nb_rshift, __rshift__, __rrshift__) V(nb_and, __and__, __rand__) \
    V(nb_xor, __xor__, __rxor__) V(nb_or, __or__, __ror__) \
    V(nb_floor_divide, __floordiv__, __rfloordiv__) \
    V(nb_true_divide, __truediv__, __rtruediv__) \
    V(nb_matrix_multiply, __matmul__, __rmatmul__)

#define _PyType_INPLACE_SLOTS(V) \
    V(nb_inplace_add, __iadd__) V(nb_inplace_subtract, __isub__) \
    V(nb_inplace_multiply, __imul__) V(nb_inplace_remainder, __imod__) \
    V(nb_inplace_lshift, __ilshift__) V(nb_inplace_rshift, __irshift__) \
    V(nb_inplace_and, __iand__) V(nb_inplace_xor, __ixor__) V(nb_inplace_or, __ior__) \
    V(nb_inplace_floor_divide, __ifloordiv__) V(nb_inplace_true_divide, __itruediv__) \
    V(nb_inplace_matrix_multiply, __imatmul__)

#define DECLARE_UNARY(SLOT, NAME) extern PyObject *_PyType_slot_##SLOT(PyObject *);
#define DECLARE_BINARY(SLOT, NAME, RNAME) \
    extern PyObject *_PyType_slot_##SLOT(PyObject *, PyObject *);
#define DECLARE_INPLACE(SLOT, NAME) extern PyObject *_PyType_slot_##SLOT(PyObject *, PyObject *);
_PyType_UNARY_SLOTS(DECLARE_UNARY)
_PyType_BINARY_SLOTS(DECLARE_BINARY)
_PyType_INPLACE_SLOTS(DECLARE_INPLACE)
#undef DECLARE_UNARY
#undef DECLARE_BINARY
#undef DECLARE_INPLACE

extern PyObject *_PyType_slot_nb_power(PyObject *, PyObject *, PyObject *);
extern PyObject *_PyType_slot_nb_inplace_power(PyObject *, PyObject *, PyObject *);
extern int _PyType_slot_nb_bool(PyObject *);
extern PyObject *_PyType_slot_am_await(PyObject *);
extern PyObject *_PyType_slot_am_aiter(PyObject *);
extern PyObject *_PyType_slot_am_anext(PyObject *);
extern Py_ssize_t _PyType_slot_sq_length(PyObject *);
extern PyObject *_PyType_slot_sq_item(PyObject *, Py_ssize_t);
extern int _PyType_slot_sq_ass_item(PyObject *, Py_ssize_t, PyObject *);
extern int _PyType_slot_sq_contains(PyObject *, PyObject *);
extern PyObject *_PyType_slot_mp_subscript(PyObject *, PyObject *);
extern int _PyType_slot_mp_ass_subscript(PyObject *, PyObject *, PyObject *);
extern PyObject *_PyType_slot_tp_repr(PyObject *);
extern PyObject *_PyType_slot_tp_str(PyObject *);
extern Py_hash_t _PyType_slot_tp_hash(PyObject *);
extern PyObject *_PyType_slot_tp_call(PyObject *, PyObject *, PyObject *);
extern int _PyType_slot_tp_setattro(PyObject *, PyObject *, PyObject *);
extern PyObject *_PyType_slot_tp_richcompare(PyObject *, PyObject *, int);
extern PyObject *_PyType_slot_tp_iter(PyObject *);
extern PyObject *_PyType_slot_tp_iternext(PyObject *);
extern PyObject *_PyType_slot_tp_descr_get(PyObject *, PyObject *, PyObject *);
extern int _PyType_slot_tp_descr_set(PyObject *, PyObject *, PyObject *);
extern void _PyType_slot_tp_finalize(PyObject *);
extern int _PyType_slot_bf_getbuffer(PyObject *, Py_buffer *, int);
extern void _PyType_slot_bf_releasebuffer(PyObject *, Py_buffer *);

#endif
