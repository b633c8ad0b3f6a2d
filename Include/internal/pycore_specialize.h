/* Specialisation of instructions in executables (PEP 659): counters and the functions that
 * choose a specialised form.
 *
 * The first cache unit of a family is a counter: value << 4 | backoff.  In the adaptive form it
 * counts down to the next attempt; in a specialised form it counts the misses that are left
 * before the instruction becomes adaptive again.  Every failed attempt doubles the wait.
 * Owner: Python/specialize.c and specialize_*.c. */
#ifndef Py_INTERNAL_SPECIALIZE_H
#define Py_INTERNAL_SPECIALIZE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_code.h"        // _Py_CODEUNIT
#include "pycore_dict.h"        // PyDictValues
#include "pycore_frame.h"       // _PyInterpreterFrame

#include <string.h>

#define _Py_ADAPTIVE_BACKOFF_BITS   4
#define _Py_ADAPTIVE_BACKOFF_MAX    11      /* at most 2**11 - 1 executions between attempts */
#define _Py_ADAPTIVE_START          ((1 << _Py_ADAPTIVE_BACKOFF_BITS) | 1)
#define _Py_ADAPTIVE_MISSES         ((52 << _Py_ADAPTIVE_BACKOFF_BITS) | 4)

static inline uint16_t
_Py_ReadCache16(const _Py_CODEUNIT *p)
{
    return p->cache;
}

static inline uint32_t
_Py_ReadCache32(const _Py_CODEUNIT *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uintptr_t
_Py_ReadCache64(const _Py_CODEUNIT *p)
{
    uintptr_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void
_Py_WriteCache32(_Py_CODEUNIT *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

static inline void
_Py_WriteCache64(_Py_CODEUNIT *p, const void *v)
{
    memcpy(p, &v, sizeof(v));
}

/* Time to try?  Counts down otherwise. */
static inline int
_PyAdaptive_Triggers(const _Py_CODEUNIT *instr)
{
    _Py_CODEUNIT *counter = (_Py_CODEUNIT *)instr + 1;
    if (counter->cache >> _Py_ADAPTIVE_BACKOFF_BITS == 0) {
        return 1;
    }
    counter->cache -= 1 << _Py_ADAPTIVE_BACKOFF_BITS;
    return 0;
}

/* A specialised instruction did not fit; after too many misses it is adaptive again. */
static inline void
_PyAdaptive_Miss(const _Py_CODEUNIT *instr, int adaptive)
{
    _Py_CODEUNIT *unit = (_Py_CODEUNIT *)instr;
    if (unit[1].cache >> _Py_ADAPTIVE_BACKOFF_BITS == 0) {
        unit->op.code = (uint8_t)adaptive;
    }
    else {
        unit[1].cache -= 1 << _Py_ADAPTIVE_BACKOFF_BITS;
    }
}

/* The attempt found a form: from now on the counter holds the misses. */
static inline void
_PyAdaptive_Success(_Py_CODEUNIT *unit, int opcode)
{
    unit->op.code = (uint8_t)opcode;
    unit[1].cache = _Py_ADAPTIVE_MISSES;
}

static inline void
_PyAdaptive_Failure(_Py_CODEUNIT *unit)
{
    unsigned backoff = unit[1].cache & ((1 << _Py_ADAPTIVE_BACKOFF_BITS) - 1);
    if (backoff < _Py_ADAPTIVE_BACKOFF_MAX) {
        backoff++;
    }
    unit[1].cache = (uint16_t)((((1u << backoff) - 1) << _Py_ADAPTIVE_BACKOFF_BITS) | backoff);
}

/* left OP right, given how they compare (all zero: unordered). */
static inline int
_Py_CompareHolds(int op, int less, int greater, int equal)
{
    switch (op) {
    case Py_LT: return less;
    case Py_LE: return less | equal;
    case Py_EQ: return equal;
    case Py_NE: return !equal;
    case Py_GT: return greater;
    default:    return greater | equal;
    }
}

/* ---- guards (of types whose version has been compared) ------------------- */

/* The values block of an instance whose type has managed dicts; NULL: it has a dict. */
static inline PyDictValues *
_PyEval_InlineValues(PyObject *obj)
{
    PyDictOrValues dorv = *_PyObject_DictOrValuesPointer(obj);
    return _PyDictOrValues_IsValues(dorv) ? _PyDictOrValues_GetValues(dorv) : NULL;
}

/* The materialised dict of such an instance, or NULL. */
static inline PyDictObject *
_PyEval_ManagedDict(PyObject *obj)
{
    PyDictOrValues dorv = *_PyObject_DictOrValuesPointer(obj);
    return _PyDictOrValues_IsValues(dorv) ? NULL : (PyDictObject *)_PyDictOrValues_GetDict(dorv);
}

/* The value of `name`, if the entry `hint` of a combined unicode dict is its; borrowed or NULL. */
static inline PyObject *
_PyEval_DictAtHint(PyDictObject *dict, uint16_t hint, PyObject *name)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (dict->ma_values != NULL || !DK_IS_UNICODE(keys) || (Py_ssize_t)hint >= keys->dk_nentries) {
        return NULL;
    }
    PyDictUnicodeEntry *entry = &DK_UNICODE_ENTRIES(keys)[hint];
    return entry->me_key == name ? entry->me_value : NULL;
}

/* ---- attempts: `instr` is the adaptive instruction in an executable ------ */

extern void _Py_Specialize_LoadGlobal(PyThreadState *, PyObject *globals, PyObject *builtins,
                                      const _Py_CODEUNIT *instr, PyObject *name);
extern void _Py_Specialize_BinaryOp(_PyInterpreterFrame *frame, PyObject *lhs, PyObject *rhs,
                                    const _Py_CODEUNIT *instr, int oparg);
extern void _Py_Specialize_BinarySubscr(PyThreadState *, PyObject *container, PyObject *sub,
                                        const _Py_CODEUNIT *instr);
extern void _Py_Specialize_StoreSubscr(PyObject *container, PyObject *sub,
                                       const _Py_CODEUNIT *instr);
extern void _Py_Specialize_CompareOp(PyObject *left, PyObject *right, const _Py_CODEUNIT *instr,
                                     int oparg);
extern void _Py_Specialize_UnpackSequence(PyObject *seq, const _Py_CODEUNIT *instr, int oparg);
extern void _Py_Specialize_StoreAttr(PyThreadState *, PyObject *owner, const _Py_CODEUNIT *instr,
                                     PyObject *name);
extern void _Py_Specialize_LoadAttr(PyThreadState *, PyObject *owner, const _Py_CODEUNIT *instr,
                                    PyObject *name, int method);
extern void _Py_Specialize_LoadSuperAttr(PyObject *super, PyObject *cls,
                                         const _Py_CODEUNIT *instr, int method);
extern void _Py_Specialize_ForIter(PyThreadState *, PyObject *iter, const _Py_CODEUNIT *instr,
                                   int oparg);
extern void _Py_Specialize_Send(PyThreadState *, PyObject *receiver, const _Py_CODEUNIT *instr);
extern void _Py_Specialize_Call(PyThreadState *, PyObject *callable, const _Py_CODEUNIT *instr,
                                int nargs, PyObject *kwnames, int no_self);

#endif /* !Py_INTERNAL_SPECIALIZE_H */
