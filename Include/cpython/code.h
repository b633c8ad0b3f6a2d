/* Code objects: what the compiler makes from a scope.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_CODE_H
#define Py_CPYTHON_CODE_H

#ifndef Py_LIMITED_API

#include "../object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Monitoring (PEP 669) ---- */

/* Events that can be set for one code object. */
#define _PY_MONITORING_LOCAL_EVENTS 10
/* Events that a tool can set; C_RETURN and C_RAISE go with CALL. */
#define _PY_MONITORING_UNGROUPED_EVENTS 15
#define _PY_MONITORING_EVENTS 17

/* For each event the set of tools that want it. */
typedef struct _Py_LocalMonitors {
    uint8_t tools[15];
} _Py_LocalMonitors;

typedef struct _Py_GlobalMonitors {
    uint8_t tools[15];
} _Py_GlobalMonitors;

/* ---- Instructions ---- */

/* One unit of bytecode: an instruction or a cache entry. */
typedef union {
    uint16_t cache;
    struct {
        uint8_t code;
        uint8_t arg;
    } op;
} _Py_CODEUNIT;

#define _Py_OPCODE(word) ((word).op.code)
#define _Py_OPARG(word) ((word).op.arg)

static inline _Py_CODEUNIT
_py_make_codeunit(uint8_t opcode, uint8_t oparg)
{
    _Py_CODEUNIT word;
    word.op.code = opcode;
    word.op.arg = oparg;
    return word;
}
#define _Py_MAKE_CODEUNIT(opcode, oparg) _py_make_codeunit((opcode), (oparg))

static inline void
_py_set_opcode(_Py_CODEUNIT *word, uint8_t opcode)
{
    word->op.code = opcode;
}
#define _Py_SET_OPCODE(word, opcode) _py_set_opcode(&(word), (opcode))

/* ---- Code objects ---- */

/* Attributes that are computed on first use. */
typedef struct {
    PyObject *_co_code;      /* bytes of co_code */
    PyObject *_co_varnames;  /* tuple */
    PyObject *_co_cellvars;  /* tuple */
    PyObject *_co_freevars;  /* tuple */
} _PyCoCached;

/* What instrumentation keeps for each line and each code object. */
typedef struct {
    uint8_t original_opcode;  /* what INSTRUMENTED_LINE stands for */
    int8_t line_delta;        /* line of the instruction relative to the one computed */
} _PyCoLineInstrumentationData;

typedef struct {
    _Py_LocalMonitors local_monitors;     /* set for this code object */
    _Py_LocalMonitors active_monitors;    /* in force, global ones included */
    uint8_t *tools;                       /* for each instruction the tools of its event */
    _PyCoLineInstrumentationData *lines;  /* for each instruction */
    uint8_t *line_tools;                  /* for each instruction */
    /* for each instruction, what INSTRUMENTED_INSTRUCTION stands for */
    uint8_t *per_instruction_opcodes;
    uint8_t *per_instruction_tools;       /* for each instruction */
} _PyCoMonitoringData;

struct PyCodeObject {
    PyObject_VAR_HEAD
    PyObject *co_consts;                   /* tuple */
    PyObject *co_names;                    /* tuple of str */
    PyObject *co_exceptiontable;           /* bytes */
    int co_flags;                          /* CO_... flags */
    int co_argcount;                       /* positional parameters, without *args */
    int co_posonlyargcount;                /* those that are positional-only */
    int co_kwonlyargcount;                 /* keyword-only parameters, without **kwargs */
    int co_stacksize;                      /* entries of the evaluation stack */
    int co_firstlineno;                    /* first source line */
    int co_nlocalsplus;                    /* locals, cells and free variables */
    int co_framesize;                      /* words of a frame */
    int co_nlocals;                        /* all parameters and locals */
    int co_ncellvars;                      /* cells, those of parameters included */
    int co_nfreevars;                      /* free variables */
    uint32_t co_version;                   /* for specialisation, 0 when there is none */
    PyObject *co_localsplusnames;          /* tuple of names */
    PyObject *co_localspluskinds;          /* bytes, a kind for each name */
    PyObject *co_filename;                 /* str */
    PyObject *co_name;                     /* str */
    PyObject *co_qualname;                 /* str */
    PyObject *co_linetable;                /* bytes, positions of the instructions */
    PyObject *co_weakreflist;              /* weak references to this object */
    _PyCoCached *_co_cached;               /* attributes computed so far, or NULL */
    uint64_t _co_instrumentation_version;  /* version of monitoring it was instrumented for */
    _PyCoMonitoringData *_co_monitoring;   /* NULL when not monitored */
    int _co_firsttraceable;                /* see _PyCode_LooksStarted() (pycore_code.h) */
    void *co_extra;                        /* data of PyUnstable_Code_SetExtra() */
    /* From here on the layout is this core's own. */
    struct _PyCodeRecord *co_record;       /* per-interpreter record of run-time code */
    const _Py_CODEUNIT *co_units;          /* instruction units, immutable */
    uint32_t co_nunits;
    uint32_t co_state_index;               /* index in interp->code_state; 0: code is not shared */
    int co_firsttraceable;                 /* index of the first instruction to trace */
};

/* co_flags */
#define CO_OPTIMIZED               0x0001
#define CO_NEWLOCALS               0x0002
#define CO_VARARGS                 0x0004
#define CO_VARKEYWORDS             0x0008
#define CO_NESTED                  0x0010
#define CO_GENERATOR               0x0020
#define CO_COROUTINE               0x0080
#define CO_ITERABLE_COROUTINE      0x0100
#define CO_ASYNC_GENERATOR         0x0200
#define CO_FUTURE_DIVISION         0x20000
#define CO_FUTURE_ABSOLUTE_IMPORT  0x40000
#define CO_FUTURE_WITH_STATEMENT   0x80000
#define CO_FUTURE_PRINT_FUNCTION   0x100000
#define CO_FUTURE_UNICODE_LITERALS 0x200000
#define CO_FUTURE_BARRY_AS_BDFL    0x400000
#define CO_FUTURE_GENERATOR_STOP   0x800000
#define CO_FUTURE_ANNOTATIONS      0x1000000
#define CO_MAXBLOCKS 20  /* most blocks that can be nested in one scope */

/* The parser takes future statements into account. */
#define PY_PARSER_REQUIRES_FUTURE_KEYWORD

PyAPI_DATA(PyTypeObject) PyCode_Type;

#define PyCode_Check(op) Py_IS_TYPE((op), &PyCode_Type)

static inline Py_ssize_t
PyCode_GetNumFree(PyCodeObject *op)
{
    assert(PyCode_Check(op));
    return op->co_nfreevars;
}

/* Index of the first free variable among the fast locals. */
static inline int
PyCode_GetFirstFree(PyCodeObject *op)
{
    assert(PyCode_Check(op));
    return op->co_nlocalsplus - op->co_nfreevars;
}

/* ---- Watchers ---- */

#define PY_FOREACH_CODE_EVENT(V) \
    V(CREATE) \
    V(DESTROY)

typedef enum {
#define PY_DEF_EVENT(op) PY_CODE_EVENT_##op,
    PY_FOREACH_CODE_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyCodeEvent;

typedef int (*PyCode_WatchCallback)(PyCodeEvent, PyCodeObject *);

/* ---- Tables of positions ---- */

/* A range of instructions that belongs to one line, and where its reader stands. */
struct _opaque {
    int computed_line;
    const uint8_t *lo_next;
    const uint8_t *limit;
};

typedef struct _line_offsets {
    int ar_start;
    int ar_end;
    int ar_line;
    struct _opaque opaque;
} PyCodeAddressRange;

/* Kinds of entries of co_linetable. */
typedef enum _PyCodeLocationInfoKind {
    /* 0 to 9: same line, short columns */
    PY_CODE_LOCATION_INFO_SHORT0 = 0,
    /* 10 to 12: one line, columns of a byte each */
    PY_CODE_LOCATION_INFO_ONE_LINE0 = 10,
    PY_CODE_LOCATION_INFO_ONE_LINE1 = 11,
    PY_CODE_LOCATION_INFO_ONE_LINE2 = 12,
    PY_CODE_LOCATION_INFO_NO_COLUMNS = 13,
    PY_CODE_LOCATION_INFO_LONG = 14,
    PY_CODE_LOCATION_INFO_NONE = 15
} _PyCodeLocationInfoKind;

/* ---- Functions ---- */

PyAPI_FUNC(int) PyCode_AddWatcher(PyCode_WatchCallback);
PyAPI_FUNC(int) PyCode_Addr2Line(PyCodeObject *, int);
PyAPI_FUNC(int) PyCode_Addr2Location(PyCodeObject *, int, int *, int *, int *, int *);
PyAPI_FUNC(int) PyCode_ClearWatcher(int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCode_GetCellvars(PyCodeObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCode_GetCode(PyCodeObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCode_GetFreevars(PyCodeObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCode_GetVarnames(PyCodeObject *);
PyAPI_FUNC(Py_NEWREF PyCodeObject *) PyCode_NewEmpty(const char *, const char *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCode_Optimize(PyObject *, PyObject *, PyObject *,
    PyObject *);

PyAPI_FUNC(int) PyUnstable_Code_GetExtra(PyObject *, Py_ssize_t, void **);
PyAPI_FUNC(Py_NEWREF PyCodeObject *) PyUnstable_Code_New(int, int, int, int, int, PyObject *,
    PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *,
    PyObject *, int, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyCodeObject *) PyUnstable_Code_NewWithPosOnlyArgs(
    int, int, int, int, int, int, PyObject *, PyObject *, PyObject *, PyObject *, PyObject *,
    PyObject *, PyObject *, PyObject *, PyObject *, int, PyObject *, PyObject *);
PyAPI_FUNC(int) PyUnstable_Code_SetExtra(PyObject *, Py_ssize_t, void *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyCode_CheckLineNumber(int, PyCodeAddressRange *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCode_ConstantKey(PyObject *);

/* Names of old of the PyUnstable functions. */
static inline PyCodeObject *
PyCode_New(int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags, PyObject
    *code, PyObject *consts, PyObject *names, PyObject *varnames, PyObject *freevars, PyObject
    *cellvars, PyObject *filename, PyObject *name, PyObject *qualname, int firstlineno, PyObject
    *linetable, PyObject *exceptiontable)
{
    return PyUnstable_Code_New(argcount, kwonlyargcount, nlocals, stacksize, flags, code,
        consts, names, varnames, freevars, cellvars, filename, name, qualname, firstlineno,
        linetable, exceptiontable);
}

static inline PyCodeObject *
PyCode_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount, int nlocals,
    int stacksize, int flags, PyObject *code, PyObject *consts, PyObject *names, PyObject
    *varnames, PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
    PyObject *qualname, int firstlineno, PyObject *linetable, PyObject *exceptiontable)
{
    return PyUnstable_Code_NewWithPosOnlyArgs(argcount, posonlyargcount, kwonlyargcount,
        nlocals, stacksize, flags, code, consts, names, varnames, freevars, cellvars,
        filename, name, qualname, firstlineno, linetable, exceptiontable);
}

static inline int
_PyCode_GetExtra(PyObject *code, Py_ssize_t index, void **extra)
{
    return PyUnstable_Code_GetExtra(code, index, extra);
}

static inline int
_PyCode_SetExtra(PyObject *code, Py_ssize_t index, void *extra)
{
    return PyUnstable_Code_SetExtra(code, index, extra);
}

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_CODE_H */
