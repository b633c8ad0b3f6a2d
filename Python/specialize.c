/* Specialisation of operators, subscripts, globals, iteration: which form fits what was seen.
 *
 * Attributes are in specialize_attr.c, calls in specialize_call.c.  An attempt either rewrites the
 * instruction, fills its cache and sets the counter of misses, or leaves it adaptive with a longer
 * wait.  Nothing here runs Python code or leaves an exception.
 * Written from PEP 659 and the descriptions of the instructions in bytecodes.c. */

#include "Python.h"
#include "opcode.h"             // NB_ADD
#include "pycore_dict.h"        // _PyDictKeys_StringLookup()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_function.h"    // _PyFunction_GetVersionForCurrentState()
#include "pycore_long.h"        // _PyLong_IsCompact()
#include "pycore_opcode.h"      // codes
#include "pycore_specialize.h"  // prototypes
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

/* The unit to rewrite: adaptive instructions are in executables only, which are writable. */
static _Py_CODEUNIT *
writable(const _Py_CODEUNIT *instr)
{
    return (_Py_CODEUNIT *)instr;
}

static void
finish(_Py_CODEUNIT *unit, int opcode)
{
    if (opcode) {
        _PyAdaptive_Success(unit, opcode);
    }
    else {
        _PyAdaptive_Failure(unit);
    }
}

/* ---- operators ----------------------------------------------------------- */

/* The str on the left is the local that the next instruction stores to. */
static int
appends_to_local(_PyInterpreterFrame *frame, PyObject *lhs, const _Py_CODEUNIT *instr)
{
    const _Py_CODEUNIT *next = instr + 2;
    return _PyOpcode_Deopt[next->op.code] == STORE_FAST
           && PyStackRef_IsObject(frame->localsplus[next->op.arg], lhs);
}

void
_Py_Specialize_BinaryOp(_PyInterpreterFrame *frame, PyObject *lhs, PyObject *rhs,
                        const _Py_CODEUNIT *instr, int oparg)
{
    int opcode = 0;
    int ints = PyLong_CheckExact(lhs) && PyLong_CheckExact(rhs);
    int floats = PyFloat_CheckExact(lhs) && PyFloat_CheckExact(rhs);
    switch (oparg) {
    case NB_ADD:
    case NB_INPLACE_ADD:
        if (PyUnicode_CheckExact(lhs) && PyUnicode_CheckExact(rhs)) {
            opcode = appends_to_local(frame, lhs, instr) ? BINARY_OP_INPLACE_ADD_UNICODE
                                                         : BINARY_OP_ADD_UNICODE;
        }
        else {
            opcode = ints ? BINARY_OP_ADD_INT : floats ? BINARY_OP_ADD_FLOAT : 0;
        }
        break;
    case NB_SUBTRACT:
    case NB_INPLACE_SUBTRACT:
        opcode = ints ? BINARY_OP_SUBTRACT_INT : floats ? BINARY_OP_SUBTRACT_FLOAT : 0;
        break;
    case NB_MULTIPLY:
    case NB_INPLACE_MULTIPLY:
        opcode = ints ? BINARY_OP_MULTIPLY_INT : floats ? BINARY_OP_MULTIPLY_FLOAT : 0;
        break;
    case NB_TRUE_DIVIDE:
    case NB_INPLACE_TRUE_DIVIDE:
        opcode = floats ? BINARY_OP_TRUE_DIVIDE_FLOAT : 0;
        break;
    case NB_AND:
    case NB_OR:
    case NB_XOR:
    case NB_LSHIFT:
    case NB_RSHIFT:
    case NB_FLOOR_DIVIDE:
    case NB_REMAINDER:
    case NB_INPLACE_AND:
    case NB_INPLACE_OR:
    case NB_INPLACE_XOR:
    case NB_INPLACE_LSHIFT:
    case NB_INPLACE_RSHIFT:
    case NB_INPLACE_FLOOR_DIVIDE:
    case NB_INPLACE_REMAINDER:
        if (ints && _PyLong_BothAreCompact((PyLongObject *)lhs, (PyLongObject *)rhs)) {
            opcode = BINARY_OP_COMPACT_INTS;
        }
        break;
    }
    finish(writable(instr), opcode);
}

void
_Py_Specialize_CompareOp(PyObject *left, PyObject *right, const _Py_CODEUNIT *instr, int oparg)
{
    int opcode = 0;
    if (PyLong_CheckExact(left) && PyLong_CheckExact(right)) {
        if (_PyLong_BothAreCompact((PyLongObject *)left, (PyLongObject *)right)) {
            opcode = COMPARE_OP_INT;
        }
    }
    else if (PyFloat_CheckExact(left) && PyFloat_CheckExact(right)) {
        opcode = COMPARE_OP_FLOAT;
    }
    else if (PyUnicode_CheckExact(left) && PyUnicode_CheckExact(right)
             && ((oparg >> 4) == Py_EQ || (oparg >> 4) == Py_NE)) {
        opcode = COMPARE_OP_STR;
    }
    finish(writable(instr), opcode);
}

/* ---- subscripts ---------------------------------------------------------- */

static int
small_index(PyObject *sub)
{
    return PyLong_CheckExact(sub) && _PyLong_IsNonNegativeCompact((PyLongObject *)sub);
}

/* A class with a simple Python __getitem__: the function is remembered in the type, which
 * forgets it when it changes. */
static int
specialize_getitem(PyThreadState *tstate, PyTypeObject *tp)
{
    if (!PyType_HasFeature(tp, Py_TPFLAGS_HEAPTYPE) || tstate->interp->eval_frame != NULL) {
        return 0;
    }
    PyObject *descr = _PyType_Lookup(tp, &_Py_ID(__getitem__));
    if (descr == NULL || !PyFunction_Check(descr)
        || !_PyFunction_IsSimple((PyFunctionObject *)descr, 2)) {
        return 0;
    }
    uint32_t version = _PyFunction_GetVersionForCurrentState((PyFunctionObject *)descr);
    if (version == 0 || _PyType_GetVersionTag(tp) == 0) {
        return 0;
    }
    struct _specialization_cache *cache = &((PyHeapTypeObject *)tp)->_spec_cache;
    cache->getitem = descr;         /* borrowed: gone with the type's version */
    cache->getitem_version = version;
    return BINARY_SUBSCR_GETITEM;
}

void
_Py_Specialize_BinarySubscr(PyThreadState *tstate, PyObject *container, PyObject *sub,
                            const _Py_CODEUNIT *instr)
{
    int opcode;
    if (PyList_CheckExact(container)) {
        opcode = small_index(sub) ? BINARY_SUBSCR_LIST_INT : 0;
    }
    else if (PyTuple_CheckExact(container)) {
        opcode = small_index(sub) ? BINARY_SUBSCR_TUPLE_INT : 0;
    }
    else if (PyDict_CheckExact(container)) {
        opcode = BINARY_SUBSCR_DICT;
    }
    else {
        opcode = specialize_getitem(tstate, Py_TYPE(container));
    }
    finish(writable(instr), opcode);
}

void
_Py_Specialize_StoreSubscr(PyObject *container, PyObject *sub, const _Py_CODEUNIT *instr)
{
    int opcode = 0;
    if (PyList_CheckExact(container)) {
        opcode = small_index(sub) ? STORE_SUBSCR_LIST_INT : 0;
    }
    else if (PyDict_CheckExact(container)) {
        opcode = STORE_SUBSCR_DICT;
    }
    finish(writable(instr), opcode);
}

void
_Py_Specialize_UnpackSequence(PyObject *seq, const _Py_CODEUNIT *instr, int oparg)
{
    int opcode = 0;
    if (PyTuple_CheckExact(seq) && PyTuple_GET_SIZE(seq) == oparg) {
        opcode = oparg == 2 ? UNPACK_SEQUENCE_TWO_TUPLE : UNPACK_SEQUENCE_TUPLE;
    }
    else if (PyList_CheckExact(seq) && PyList_GET_SIZE(seq) == oparg) {
        opcode = UNPACK_SEQUENCE_LIST;
    }
    finish(writable(instr), opcode);
}

/* ---- iteration ----------------------------------------------------------- */

/* A jump further than this does not fit a frame's return_offset. */
#define MAX_INLINE_JUMP 60000

void
_Py_Specialize_ForIter(PyThreadState *tstate, PyObject *iter, const _Py_CODEUNIT *instr, int oparg)
{
    int opcode = 0;
    PyTypeObject *tp = Py_TYPE(iter);
    if (tp == &PyListIter_Type) {
        opcode = FOR_ITER_LIST;
    }
    else if (tp == &PyTupleIter_Type) {
        opcode = FOR_ITER_TUPLE;
    }
    else if (tp == &PyRangeIter_Type) {
        opcode = FOR_ITER_RANGE;
    }
    else if (tp == &PyGen_Type && oparg < MAX_INLINE_JUMP && tstate->interp->eval_frame == NULL) {
        opcode = FOR_ITER_GEN;
    }
    finish(writable(instr), opcode);
}

void
_Py_Specialize_Send(PyThreadState *tstate, PyObject *receiver, const _Py_CODEUNIT *instr)
{
    PyTypeObject *tp = Py_TYPE(receiver);
    int ok = (tp == &PyGen_Type || tp == &PyCoro_Type) && tstate->interp->eval_frame == NULL;
    finish(writable(instr), ok ? SEND_GEN : 0);
}

/* ---- globals ------------------------------------------------------------- */

/* Entry number and keys version of a name, both of 16 bits.  False: not to be had. */
static int
find_in_keys(PyThreadState *tstate, PyObject *dict, PyObject *name, Py_ssize_t *index,
             uint32_t *version)
{
    if (!PyDict_CheckExact(dict) || ((PyDictObject *)dict)->ma_values != NULL) {
        return 0;
    }
    PyDictKeysObject *keys = ((PyDictObject *)dict)->ma_keys;
    if (!DK_IS_UNICODE(keys)) {
        return 0;
    }
    *index = _PyDictKeys_StringLookup(keys, name);
    if (*index > UINT16_MAX || *index < DKIX_EMPTY) {
        return 0;
    }
    *version = _PyDictKeys_GetVersionForCurrentState(tstate->interp, keys);
    return *version != 0 && *version <= UINT16_MAX;
}

void
_Py_Specialize_LoadGlobal(PyThreadState *tstate, PyObject *globals, PyObject *builtins,
                          const _Py_CODEUNIT *instr, PyObject *name)
{
    _Py_CODEUNIT *unit = writable(instr);
    Py_ssize_t index;
    uint32_t globals_version, builtins_version;
    int opcode = 0;
    if (find_in_keys(tstate, globals, name, &index, &globals_version)) {
        if (index != DKIX_EMPTY) {
            unit[2].cache = (uint16_t)index;
            unit[3].cache = (uint16_t)globals_version;
            opcode = LOAD_GLOBAL_MODULE;
        }
        else if (find_in_keys(tstate, builtins, name, &index, &builtins_version)
                 && index != DKIX_EMPTY) {
            unit[2].cache = (uint16_t)index;
            unit[3].cache = (uint16_t)globals_version;
            unit[4].cache = (uint16_t)builtins_version;
            opcode = LOAD_GLOBAL_BUILTIN;
        }
    }
    finish(unit, opcode);
}

/* ---- super --------------------------------------------------------------- */

void
_Py_Specialize_LoadSuperAttr(PyObject *super, PyObject *cls, const _Py_CODEUNIT *instr, int method)
{
    int ok = super == (PyObject *)&PySuper_Type && PyType_Check(cls);
    finish(writable(instr), !ok ? 0 : method ? LOAD_SUPER_ATTR_METHOD : LOAD_SUPER_ATTR_ATTR);
}
