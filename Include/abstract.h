/* Operations on objects by protocol: object, call, number, sequence, mapping, iterator.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_ABSTRACT_H
#define Py_ABSTRACT_H

#include "object.h"
#include "listobject.h"
#include "tupleobject.h"
#include "unicodeobject.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyAIter_Check(PyObject *);

PyAPI_FUNC(int) PyIndex_Check(PyObject *);

PyAPI_FUNC(int) PyIter_Check(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyIter_Next(PyObject *);

PyAPI_FUNC(int) PyMapping_Check(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMapping_GetItemString(PyObject *, const char *);
PyAPI_FUNC(int) PyMapping_HasKey(PyObject *, PyObject *);
PyAPI_FUNC(int) PyMapping_HasKeyString(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMapping_Items(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMapping_Keys(PyObject *);
PyAPI_FUNC(Py_ssize_t) PyMapping_Length(PyObject *);
PyAPI_FUNC(int) PyMapping_SetItemString(PyObject *, const char *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyMapping_Size(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMapping_Values(PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Absolute(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Add(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_And(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyNumber_AsSsize_t(PyObject *, PyObject *);
PyAPI_FUNC(int) PyNumber_Check(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Divmod(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Float(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_FloorDivide(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceAdd(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceAnd(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceFloorDivide(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceLshift(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceMultiply(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceOr(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlacePower(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceRemainder(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceRshift(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceSubtract(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceTrueDivide(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceXor(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Index(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Invert(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Long(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Lshift(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Multiply(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Negative(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Or(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Positive(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Power(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Remainder(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Rshift(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Subtract(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_ToBase(PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_TrueDivide(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_Xor(PyObject *, PyObject *);

_Py_DEPRECATED_EXTERNALLY(3.0) PyAPI_FUNC(int) PyObject_AsCharBuffer(PyObject *, const char **,
    Py_ssize_t *);
_Py_DEPRECATED_EXTERNALLY(3.0) PyAPI_FUNC(int) PyObject_AsReadBuffer(PyObject *, const void **,
    Py_ssize_t *);
_Py_DEPRECATED_EXTERNALLY(3.0) PyAPI_FUNC(int) PyObject_AsWriteBuffer(PyObject *, void **,
    Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Call(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallFunction(PyObject *, const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallFunctionObjArgs(PyObject *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallMethod(PyObject *, const char *, const char *,
    ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallMethodObjArgs(PyObject *, PyObject *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallObject(PyObject *, PyObject *);
_Py_DEPRECATED_EXTERNALLY(3.0) PyAPI_FUNC(int) PyObject_CheckReadBuffer(PyObject *);
PyAPI_FUNC(int) PyObject_DelItem(PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_DelItemString(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Format(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GetAIter(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GetItem(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GetIter(PyObject *);
PyAPI_FUNC(int) PyObject_IsInstance(PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_IsSubclass(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyObject_Length(PyObject *);
PyAPI_FUNC(int) PyObject_SetItem(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyObject_Size(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Type(PyObject *);

PyAPI_FUNC(int) PySequence_Check(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_Concat(PyObject *, PyObject *);
PyAPI_FUNC(int) PySequence_Contains(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PySequence_Count(PyObject *, PyObject *);
PyAPI_FUNC(int) PySequence_DelItem(PyObject *, Py_ssize_t);
PyAPI_FUNC(int) PySequence_DelSlice(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_Fast(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_GetItem(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) PySequence_In(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_InPlaceConcat(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_InPlaceRepeat(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_ssize_t) PySequence_Index(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PySequence_Length(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_List(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_Repeat(PyObject *, Py_ssize_t);
PyAPI_FUNC(int) PySequence_SetItem(PyObject *, Py_ssize_t, PyObject *);
PyAPI_FUNC(int) PySequence_SetSlice(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
PyAPI_FUNC(Py_ssize_t) PySequence_Size(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySequence_Tuple(PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyVectorcall_Call(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyVectorcall_NARGS(size_t);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_InPlaceMatrixMultiply(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyNumber_MatrixMultiply(PyObject *, PyObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallNoArgs(PyObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
PyAPI_FUNC(PySendResult) PyIter_Send(PyObject *, PyObject *, PyObject **);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Vectorcall(PyObject *, PyObject *const *, size_t,
    PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_VectorcallMethod(PyObject *, PyObject *const *,
    size_t, PyObject *);
#endif

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallFunction_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallMethod_SizeT(PyObject *, const char *,
    const char *, ...);

/* ---- Names and forms of the same functions ---- */

#ifdef PY_SSIZE_T_CLEAN
#  define PyObject_CallFunction _PyObject_CallFunction_SizeT
#  define PyObject_CallMethod _PyObject_CallMethod_SizeT
#endif

#define PyObject_DelAttr(O, A) PyObject_SetAttr((O), (A), NULL)
#define PyObject_DelAttrString(O, A) PyObject_SetAttrString((O), (A), NULL)

#define PyObject_Length PyObject_Size
#define PySequence_Length PySequence_Size
#define PyMapping_Length PyMapping_Size
#define PySequence_In PySequence_Contains
#define PyMapping_DelItemString(O, K) PyObject_DelItemString((O), (K))
#define PyMapping_DelItem(O, K) PyObject_DelItem((O), (K))

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
/* In the argument count of a vectorcall: args[-1] may be written to for the time of the
   call. */
#  define PY_VECTORCALL_ARGUMENTS_OFFSET \
    (_Py_STATIC_CAST(size_t, 1) << (8 * sizeof(size_t) - 1))
#endif

/* For the result of PySequence_Fast(); borrowed references. */
#define PySequence_Fast_GET_SIZE(o) \
    (PyList_Check(o) ? PyList_GET_SIZE(o) : PyTuple_GET_SIZE(o))
#define PySequence_Fast_GET_ITEM(o, i) \
    (PyList_Check(o) ? PyList_GET_ITEM((o), (i)) : PyTuple_GET_ITEM((o), (i)))
#define PySequence_Fast_ITEMS(sf) \
    (PyList_Check(sf) ? ((PyListObject *)(sf))->ob_item : ((PyTupleObject *)(sf))->ob_item)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/abstract.h"
#endif

#endif  /* !Py_ABSTRACT_H */
