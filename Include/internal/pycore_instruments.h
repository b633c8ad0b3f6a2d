/* Monitoring (PEP 669) as the evaluation loop sees it.
 *
 * Events reach tools (ids 0-5: sys.monitoring; 6: sys.setprofile; 7: sys.settrace).  Only
 * executables are instrumented; with no tool registered nothing of this runs.
 * Functions return 0, or -1 with an exception set by a tool.
 * Owner: Python/instrumentation.c; state: pycore_instruments_state.h. */
#ifndef Py_INTERNAL_INSTRUMENTS_H
#define Py_INTERNAL_INSTRUMENTS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_interp.h"      // instruments

/* Local events: those that belong to an instruction. */
#define PY_MONITORING_EVENT_PY_START        0
#define PY_MONITORING_EVENT_PY_RESUME       1
#define PY_MONITORING_EVENT_PY_RETURN       2
#define PY_MONITORING_EVENT_PY_YIELD        3
#define PY_MONITORING_EVENT_CALL            4
#define PY_MONITORING_EVENT_LINE            5
#define PY_MONITORING_EVENT_INSTRUCTION     6
#define PY_MONITORING_EVENT_JUMP            7
#define PY_MONITORING_EVENT_BRANCH          8
#define PY_MONITORING_EVENT_STOP_ITERATION  9
#define PY_MONITORING_INSTRUMENTED_EVENTS  10
/* Events that are not bound to an instruction. */
#define PY_MONITORING_EVENT_RAISE           10
#define PY_MONITORING_EVENT_EXCEPTION_HANDLED 11
#define PY_MONITORING_EVENT_PY_UNWIND       12
#define PY_MONITORING_EVENT_PY_THROW        13
#define PY_MONITORING_EVENT_RERAISE         14
/* Sent along with CALL. */
#define PY_MONITORING_EVENT_C_RETURN        15
#define PY_MONITORING_EVENT_C_RAISE         16
#define PY_MONITORING_EVENTS                17

#define PY_MONITORING_SYS_PROFILE_ID        6
#define PY_MONITORING_SYS_TRACE_ID          7

/* One code object's instrumentation in one interpreter (behind the code record). */
struct _PyCodeMonitoring {
    uint8_t local[PY_MONITORING_INSTRUMENTED_EVENTS];   /* tools set for this code */
    uint8_t active[PY_MONITORING_INSTRUMENTED_EVENTS];  /* tools the units are made for */
    uint64_t restarts;          /* sys.monitoring.restart_events() seen */
    uint32_t n_units;           /* length of the arrays below */
    uint8_t *tools;             /* per unit: tools that want the instruction's event */
    uint8_t *line_tools;        /* per unit: tools that want LINE; 0 where no line begins */
    uint8_t *line_opcode;       /* per unit: what INSTRUMENTED_LINE stands for; 0: none */
    uint8_t *instr_tools;       /* per unit: tools that want INSTRUCTION */
    uint8_t *instr_opcode;      /* per unit: what INSTRUMENTED_INSTRUCTION stands for */
};

static inline int
_PyInstrument_Wanted(PyThreadState *tstate, int event)
{
    return tstate->interp->instruments.tools[event] != 0 && tstate->tracing == 0;
}

/* Calls of the loop; `instr` is the instruction in the executable. */
extern int _Py_call_instrumentation(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                                    const _Py_CODEUNIT *instr);
extern int _Py_call_instrumentation_arg(PyThreadState *tstate, int event,
                                        _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr,
                                        PyObject *arg);
extern int _Py_call_instrumentation_2args(PyThreadState *tstate, int event,
                                          _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr,
                                          PyObject *arg0, PyObject *arg1);
/* Event of an exception (RAISE, RERAISE, PY_THROW, PY_UNWIND, EXCEPTION_HANDLED): the current
 * exception is handed over and stays current. */
extern int _Py_call_instrumentation_exc(PyThreadState *tstate, int event,
                                        _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr);
/* JUMP and BRANCH: returns where to go on, or NULL. */
extern const _Py_CODEUNIT *_Py_call_instrumentation_jump(PyThreadState *tstate, int event,
                                                         _PyInterpreterFrame *frame,
                                                         const _Py_CODEUNIT *instr,
                                                         const _Py_CODEUNIT *target);
/* Return the code of the instruction that stands at `instr`, or -1.  frame->instr_ptr differs
 * from instr afterwards if a tracer moved the frame to another line. */
extern int _Py_call_instrumentation_line(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                         const _Py_CODEUNIT *instr, const _Py_CODEUNIT *prev);
/* The code of the instruction at `instr`, or the one that its line event hides. */
extern int _PyInstrument_BehindLine(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                    const _Py_CODEUNIT *instr);
extern int _Py_call_instrumentation_instruction(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                                const _Py_CODEUNIT *instr);

/* CALL events.  Before...: 0 the callee is a Python function, -1 error, else it is not one and
 * the value goes to the function that calls. */
extern int _PyInstrument_BeforeCall(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                    const _Py_CODEUNIT *instr, _PyStackRef method,
                                    _PyStackRef callable, _PyStackRef *args, int nargs);
extern int _PyInstrument_BeforeCallEx(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                      const _Py_CODEUNIT *instr, PyObject *func, PyObject *args);
/* The call itself, with C_RETURN or C_RAISE.  Consumes method, callable and args. */
extern _PyStackRef _PyInstrument_CallC(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                       const _Py_CODEUNIT *instr, int before,
                                       _PyStackRef method, _PyStackRef callable,
                                       _PyStackRef *args, int nargs, PyObject *kwnames);
extern PyObject *_PyInstrument_CallExC(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                       const _Py_CODEUNIT *instr, int before, PyObject *func,
                                       PyObject *args, PyObject *kwargs);
extern PyObject *_PyInstrument_LoadSuperAttr(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                             const _Py_CODEUNIT *instr, PyObject *super,
                                             PyObject *cls, PyObject *self, PyObject *name,
                                             int oparg);
extern int _PyInstrument_StopIteration(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                       const _Py_CODEUNIT *instr, PyObject *value);

/* Brings the units of an executable up to date with the monitored events.  0 or -1. */
extern int _Py_Instrument(PyThreadState *tstate, PyCodeObject *co, struct _PyExecutable *exec);
/* The events of all threads changed: moves suspended frames, marks running ones. */
extern int _PyMonitoring_EventsChanged(PyThreadState *tstate);
extern int _PyMonitoring_SetEvents(PyThreadState *tstate, int tool, uint32_t events);
extern int _PyMonitoring_SetLocalEvents(PyThreadState *tstate, PyCodeObject *co, int tool,
                                        uint32_t events);
extern uint32_t _PyMonitoring_GetLocalEvents(PyThreadState *tstate, PyCodeObject *co, int tool);
extern PyObject *_PyMonitoring_RegisterCallback(PyThreadState *tstate, int tool, int event,
                                                PyObject *callable);
/* Frees what instrumentation keeps for a code object. */
extern void _PyCodeMonitoring_Free(struct _PyCodeMonitoring *monitoring);
/* sys.monitoring: new reference or NULL. */
extern PyObject *_Py_CreateMonitoringObject(void);
extern void _PyMonitoring_Fini(PyInterpreterState *interp);

extern PyObject _PyInstrumentation_MISSING;
extern PyObject _PyInstrumentation_DISABLE;

#endif /* !Py_INTERNAL_INSTRUMENTS_H */
