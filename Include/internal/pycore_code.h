/* Code objects inside the core: units, construction, and the per-interpreter record.
 *
 * A PyCodeObject is immutable after publication.  Whatever else an interpreter knows
 * about it (running form or warmth, weak references, co_extra, cached views, monitoring
 * data) is in a struct _PyCodeRecord of that interpreter:
 *   - shared (frozen) code: interp->code_state.records[co->co_state_index], made at need;
 *   - code made at run time: behind co->co_record, made with the object's first need.
 * Only the accessors here look at those two places.
 * Written from InternalDocs/code_objects.rst, PEP 626, PEP 657 and the fact tables. */
#ifndef Py_INTERNAL_CODE_H
#define Py_INTERNAL_CODE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_code_state.h"  // struct _PyCodeRecord

#include <assert.h>
#include <limits.h>

/* The const units of the generic form. */
#define _PyCode_UNITS(CO) ((CO)->co_units)
#define _PyCode_NBYTES(CO) ((Py_ssize_t)(CO)->co_nunits * (Py_ssize_t)sizeof(_Py_CODEUNIT))

/* The record if there is one, else NULL.  `interp` must be the running interpreter. */
#define _PyCode_PeekRecord(interp, co) \
    _PyCode_PeekRecordIn(&(interp)->code_state, (co))
static inline struct _PyCodeRecord *
_PyCode_PeekRecordIn(const struct _code_state *state, const PyCodeObject *co)
{
    uint32_t index = co->co_state_index;
    if (index == 0) {
        return co->co_record;
    }
    return (Py_ssize_t)index < state->n_records ? state->records[index] : NULL;
}

/* The record, made at need; NULL with MemoryError set.  Objects/codeobject.c */
extern struct _PyCodeRecord *_PyCode_GetRecord(PyInterpreterState *interp, PyCodeObject *co);
/* Frees a record with all it holds (weak references cleared first). */
extern void _PyCodeRecord_Free(PyInterpreterState *interp, struct _PyCodeRecord *record);
/* Frees all records of shared code; at the end of an interpreter. */
extern void _PyCode_FiniInterpreter(PyInterpreterState *interp);

/* 3.12 takes a frame for started if its instruction pointer is at or above code + 192 + 2 *
 * _co_firsttraceable, and greenlet, which has that compiled in, hides the others.  Our units do not
 * lie behind their code object: these values make the test true for them wherever they are.
 * Run-time code has 4 GiB of room below it, or what there is; frozen code the 6 MiB that separate
 * the shared objects and their units at most. */
#define _Py_SHARED_CODE_LOOKS_STARTED (-(3 << 20))

static inline int
_PyCode_LooksStarted(const PyCodeObject *co)
{
    uintptr_t below = (uintptr_t)co / sizeof(_Py_CODEUNIT);
    return below > INT_MAX ? -INT_MAX : -(int)below;
}

/* What a code object is made of.  All references are borrowed by _PyCode_New. */
struct _PyCodeConstructor {
    PyObject *filename;
    PyObject *name;
    PyObject *qualname;
    int flags;

    PyObject *code;             /* bytes: generic instructions, caches zero */
    int firstlineno;
    PyObject *linetable;

    PyObject *consts;
    PyObject *names;

    PyObject *localsplusnames;
    PyObject *localspluskinds;  /* bytes of CO_FAST_* */

    int argcount;
    int posonlyargcount;
    int kwonlyargcount;
    int stacksize;

    PyObject *exceptiontable;
};

/* Kinds of entries in co_localspluskinds (interface facts of 3.12). */
#define CO_FAST_HIDDEN  0x10
#define CO_FAST_LOCAL   0x20
#define CO_FAST_CELL    0x40
#define CO_FAST_FREE    0x80
typedef unsigned char _PyLocals_Kind;

static inline _PyLocals_Kind
_PyLocals_GetKind(PyObject *kinds, int i)
{
    assert(PyBytes_Check(kinds) && 0 <= i && i < PyBytes_GET_SIZE(kinds));
    return (_PyLocals_Kind)PyBytes_AS_STRING(kinds)[i];
}

PyAPI_FUNC(int) _PyCode_Validate(struct _PyCodeConstructor *con);
PyAPI_FUNC(PyCodeObject *) _PyCode_New(struct _PyCodeConstructor *con);
extern PyObject *_PyCode_GetCode(PyCodeObject *co);
extern PyObject *_PyCode_GetVarnames(PyCodeObject *co);
extern PyObject *_PyCode_GetCellvars(PyCodeObject *co);
extern PyObject *_PyCode_GetFreevars(PyCodeObject *co);
extern int _PyCode_GetWeakrefList(PyCodeObject *co, PyObject ***slot);
extern PyObject *_PyCode_ConstantKey(PyObject *op);

/* Walking the line table: opaque.lo_next... are 3.12's names (PyCodeAddressRange). */
extern int _PyCode_InitAddressRange(PyCodeObject *co, PyCodeAddressRange *bounds);
extern int _PyLineTable_NextAddressRange(PyCodeAddressRange *range);
extern int _PyLineTable_PreviousAddressRange(PyCodeAddressRange *range);
extern int _PyCode_CheckLineNumber(int lasti, PyCodeAddressRange *bounds);

#endif /* !Py_INTERNAL_CODE_H */
