/* Monitoring (PEP 669): which events tools want, instrumented executables, and the delivery of
 * events.
 *
 * A change of the wanted events raises interp->instruments.version.  Threads see it in their
 * breaker word, and executables that carry another version are brought up to date: at RESUME, or at
 * once for those that frames are running (_PyMonitoring_EventsChanged).  Cold code has no
 * instrumentation; while tools are active frames leave it.
 *
 * In an executable, an instruction with an event is replaced by its INSTRUMENTED_ form.  What LINE
 * and INSTRUCTION events cover is remembered beside (line_opcode, instr_opcode), LINE outermost.
 * Everything else is restored from the code object's immutable units.
 *
 * While a tool's callback runs the thread's `tracing` is positive and no events are sent.
 * A callback may change everything here: nothing is held across one but numbers.
 *
 * Written from PEP 669, the library reference (sys.monitoring) and observed behaviour. */

#include "Python.h"
#include "pycore_breaker.h"     // _PY_EVAL_EVENTS_MASK
#include "pycore_ceval.h"       // _PyEval_CallObject()
#include "pycore_code.h"        // records
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_executable.h"  // struct _PyExecutable
#include "pycore_instruments.h" // prototypes
#include "pycore_object.h"      // _PyObject_HEAD_INIT
#include "pycore_opcode.h"      // tables
#include "pycore_specialize.h"  // counters

_Py_SHARED PyObject _PyInstrumentation_DISABLE = _PyObject_HEAD_INIT(&PyBaseObject_Type);
_Py_SHARED PyObject _PyInstrumentation_MISSING = _PyObject_HEAD_INIT(&PyBaseObject_Type);

/* ---- instructions and their events --------------------------------------- */

/* The event of a generic instruction, or -1; *instrumented gets the instrumented form. */
static int
event_of(_Py_CODEUNIT unit, int *instrumented)
{
    switch (unit.op.code) {
    case RESUME:
        *instrumented = INSTRUMENTED_RESUME;
        return unit.op.arg == 0 ? PY_MONITORING_EVENT_PY_START : PY_MONITORING_EVENT_PY_RESUME;
    case RETURN_VALUE:
        *instrumented = INSTRUMENTED_RETURN_VALUE;
        return PY_MONITORING_EVENT_PY_RETURN;
    case RETURN_CONST:
        *instrumented = INSTRUMENTED_RETURN_CONST;
        return PY_MONITORING_EVENT_PY_RETURN;
    case YIELD_VALUE:
        *instrumented = INSTRUMENTED_YIELD_VALUE;
        return PY_MONITORING_EVENT_PY_YIELD;
    case CALL:
        *instrumented = INSTRUMENTED_CALL;
        return PY_MONITORING_EVENT_CALL;
    case CALL_FUNCTION_EX:
        *instrumented = INSTRUMENTED_CALL_FUNCTION_EX;
        return PY_MONITORING_EVENT_CALL;
    case LOAD_SUPER_ATTR:
        *instrumented = INSTRUMENTED_LOAD_SUPER_ATTR;
        return PY_MONITORING_EVENT_CALL;
    case JUMP_FORWARD:
        *instrumented = INSTRUMENTED_JUMP_FORWARD;
        return PY_MONITORING_EVENT_JUMP;
    case JUMP_BACKWARD:
        *instrumented = INSTRUMENTED_JUMP_BACKWARD;
        return PY_MONITORING_EVENT_JUMP;
    case POP_JUMP_IF_TRUE:
        *instrumented = INSTRUMENTED_POP_JUMP_IF_TRUE;
        return PY_MONITORING_EVENT_BRANCH;
    case POP_JUMP_IF_FALSE:
        *instrumented = INSTRUMENTED_POP_JUMP_IF_FALSE;
        return PY_MONITORING_EVENT_BRANCH;
    case POP_JUMP_IF_NONE:
        *instrumented = INSTRUMENTED_POP_JUMP_IF_NONE;
        return PY_MONITORING_EVENT_BRANCH;
    case POP_JUMP_IF_NOT_NONE:
        *instrumented = INSTRUMENTED_POP_JUMP_IF_NOT_NONE;
        return PY_MONITORING_EVENT_BRANCH;
    case FOR_ITER:
        *instrumented = INSTRUMENTED_FOR_ITER;
        return PY_MONITORING_EVENT_BRANCH;
    case END_FOR:
        *instrumented = INSTRUMENTED_END_FOR;
        return PY_MONITORING_EVENT_STOP_ITERATION;
    case END_SEND:
        *instrumented = INSTRUMENTED_END_SEND;
        return PY_MONITORING_EVENT_STOP_ITERATION;
    default:
        return -1;
    }
}

/* What runs in an executable for a generic instruction that is not to be specialised. */
static int
plain_form(int opcode)
{
    return opcode == RESUME ? RESUME_WARM
           : opcode == JUMP_BACKWARD ? JUMP_BACKWARD_WARM : opcode;
}

/* Is this unit's code one that only instrumentation writes? */
static int
is_instrumented(int opcode)
{
    return opcode >= MIN_INSTRUMENTED_OPCODE && opcode <= INSTRUMENTED_LINE;
}

/* Puts the form back that may be specialised. */
static void
restore_unit(struct _PyExecutable *exec, uint32_t i)
{
    int base = _PyCode_UNITS(exec->code)[i].op.code;
    int adaptive = _PyOpcode_Adaptive[base];
    exec->units[i].op.code = (uint8_t)(adaptive ? adaptive : plain_form(base));
    if (adaptive) {
        exec->units[i + 1].cache = _Py_ADAPTIVE_START;
    }
}

/* ---- what is kept per code object ---------------------------------------- */

void
_PyCodeMonitoring_Free(struct _PyCodeMonitoring *m)
{
    if (m != NULL) {
        PyMem_Free(m->tools);
        PyMem_Free(m->line_tools);
        PyMem_Free(m->line_opcode);
        PyMem_Free(m->instr_tools);
        PyMem_Free(m->instr_opcode);
        PyMem_Free(m);
    }
}

/* The record's monitoring data, made at need; NULL with MemoryError. */
static struct _PyCodeMonitoring *
get_monitoring(PyThreadState *tstate, PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(tstate->interp, co);
    if (record == NULL) {
        return NULL;
    }
    if (record->monitoring == NULL) {
        struct _PyCodeMonitoring *m = PyMem_Calloc(1, sizeof(*m));
        if (m == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        m->n_units = co->co_nunits;
        record->monitoring = m;
    }
    return record->monitoring;
}

static struct _PyCodeMonitoring *
peek_monitoring(PyThreadState *tstate, PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_PeekRecord(tstate->interp, co);
    return record == NULL ? NULL : record->monitoring;
}

static int
make_array(uint8_t **array, uint32_t n)
{
    if (*array == NULL) {
        *array = PyMem_Calloc(n, 1);
        if (*array == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

/* ---- line starts --------------------------------------------------------- */

/* Execution does not go on with the next instruction. */
static int
ends_block(int opcode)
{
    switch (opcode) {
    case JUMP_FORWARD: case JUMP_BACKWARD: case JUMP_BACKWARD_NO_INTERRUPT: case RETURN_VALUE:
    case RETURN_CONST: case RAISE_VARARGS: case RERAISE:
        return 1;
    default:
        return 0;
    }
}

/* Marks in `mark` the units where execution can enter a line: the first of each run of a line, and
 * the targets of jumps and handlers.  Units before and at the first RESUME are left out. */
static void
mark_line_starts(PyCodeObject *co, uint8_t *mark)
{
    const _Py_CODEUNIT *units = _PyCode_UNITS(co);
    uint32_t n = co->co_nunits;
    PyCodeAddressRange range;
    _PyCode_InitAddressRange(co, &range);
    int current = -1;           /* line of the instruction before, if it leads here */
    int oparg = 0;
    uint32_t first = (uint32_t)co->co_firsttraceable;
    uint8_t after_resume = 0;
    for (uint32_t i = 0; i < n;) {
        int opcode = units[i].op.code;
        int caches = _PyOpcode_Caches[opcode];
        int line = _PyCode_CheckLineNumber((int)(i * sizeof(_Py_CODEUNIT)), &range);
        if (i > first && line >= 0 && (line != current || after_resume)) {
            mark[i] = 1;
        }
        if (i >= first && (line >= 0 || i == first)) {
            current = line;
        }
        after_resume = i == first;
        if (ends_block(opcode)) {
            current = -1;
        }
        oparg = oparg << 8 | units[i].op.arg;
        if (OPCODE_HAS_JUMP(opcode)) {
            Py_ssize_t target = (Py_ssize_t)i + 1 + caches
                                + (opcode == JUMP_BACKWARD || opcode == JUMP_BACKWARD_NO_INTERRUPT
                                   ? -(Py_ssize_t)oparg : (Py_ssize_t)oparg);
            if (opcode == FOR_ITER) {
                target += 1;                    /* END_FOR is skipped */
            }
            if (target >= 0 && target < (Py_ssize_t)n && opcode != SEND) {
                mark[target] = 2;               /* has a line? decided below */
            }
        }
        if (opcode != EXTENDED_ARG) {
            oparg = 0;
        }
        i += 1 + (uint32_t)caches;
    }
    _PyCode_InitAddressRange(co, &range);
    for (uint32_t i = 0; i < n; i++) {
        if (mark[i] == 2) {
            int line = _PyCode_CheckLineNumber((int)(i * sizeof(_Py_CODEUNIT)), &range);
            mark[i] = line >= 0 && i > first;
        }
    }
}

static int
line_at(PyCodeObject *co, Py_ssize_t index)
{
    return PyCode_Addr2Line(co, (int)(index * (Py_ssize_t)sizeof(_Py_CODEUNIT)));
}

/* ---- instrumenting ------------------------------------------------------- */

/* Tools for each local event: those set globally and those set for this code. */
static void
wanted_tools(PyThreadState *tstate, const struct _PyCodeMonitoring *m, uint8_t *wanted)
{
    for (int e = 0; e < PY_MONITORING_INSTRUMENTED_EVENTS; e++) {
        wanted[e] = tstate->interp->instruments.tools[e] | m->local[e];
    }
}

static void
instrument_unit(struct _PyExecutable *exec, struct _PyCodeMonitoring *m, uint32_t i, int any)
{
    _Py_CODEUNIT base = _PyCode_UNITS(exec->code)[i];
    int instrumented = 0;
    event_of(base, &instrumented);
    int opcode = m->tools != NULL && m->tools[i] ? instrumented : 0;
    if (m->instr_tools != NULL && m->instr_tools[i]) {
        m->instr_opcode[i] = (uint8_t)(opcode ? opcode : plain_form(base.op.code));
        opcode = INSTRUMENTED_INSTRUCTION;
    }
    if (m->line_tools != NULL && m->line_tools[i]) {
        m->line_opcode[i] = (uint8_t)(opcode ? opcode : plain_form(base.op.code));
        opcode = INSTRUMENTED_LINE;
    }
    if (opcode) {
        exec->units[i].op.code = (uint8_t)opcode;
    }
    else if (is_instrumented(exec->units[i].op.code)) {
        restore_unit(exec, i);
    }
    else if (any && _PyOpcode_Deopt[exec->units[i].op.code] != exec->units[i].op.code
             && _PyOpcode_Caches[base.op.code] == 0) {
        /* A pair would run over the instrumentation of its second half. */
        exec->units[i].op.code = (uint8_t)plain_form(base.op.code);
    }
}

int
_Py_Instrument(PyThreadState *tstate, PyCodeObject *co, struct _PyExecutable *exec)
{
    assert(exec->code == co);
    struct _PyCodeMonitoring *m = get_monitoring(tstate, co);
    if (m == NULL) {
        return -1;
    }
    uint8_t wanted[PY_MONITORING_INSTRUMENTED_EVENTS];
    uint8_t added[PY_MONITORING_INSTRUMENTED_EVENTS];
    uint8_t removed[PY_MONITORING_INSTRUMENTED_EVENTS];
    int restarted = m->restarts != tstate->interp->instruments.restarts;
    int any = 0;
    wanted_tools(tstate, m, wanted);
    for (int e = 0; e < PY_MONITORING_INSTRUMENTED_EVENTS; e++) {
        /* Locations that a tool has disabled stay so unless everything is restarted. */
        added[e] = restarted ? wanted[e] : wanted[e] & (uint8_t)~m->active[e];
        removed[e] = m->active[e] & (uint8_t)~wanted[e];
        any |= wanted[e];
    }
    uint8_t line = wanted[PY_MONITORING_EVENT_LINE];
    uint8_t instruction = wanted[PY_MONITORING_EVENT_INSTRUCTION];
    uint32_t n = co->co_nunits;
    if ((any && make_array(&m->tools, n) < 0)
        || (line && (make_array(&m->line_tools, n) < 0 || make_array(&m->line_opcode, n) < 0))
        || (instruction
            && (make_array(&m->instr_tools, n) < 0 || make_array(&m->instr_opcode, n) < 0))) {
        return -1;
    }
    uint8_t *starts = NULL;
    if (added[PY_MONITORING_EVENT_LINE]) {
        starts = PyMem_Calloc(n, 1);
        if (starts == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        mark_line_starts(co, starts);
    }
    const _Py_CODEUNIT *units = _PyCode_UNITS(co);
    for (uint32_t i = 0; i < n; i += 1 + (uint32_t)_PyOpcode_Caches[units[i].op.code]) {
        int form;
        int event = event_of(units[i], &form);
        if (event >= 0 && m->tools != NULL) {
            m->tools[i] = (m->tools[i] & (uint8_t)~removed[event]) | added[event];
        }
        if (m->line_tools != NULL) {
            m->line_tools[i] &= (uint8_t)~removed[PY_MONITORING_EVENT_LINE];
            if (starts != NULL && starts[i]) {
                m->line_tools[i] |= added[PY_MONITORING_EVENT_LINE];
            }
        }
        if (m->instr_tools != NULL) {
            m->instr_tools[i] &= (uint8_t)~removed[PY_MONITORING_EVENT_INSTRUCTION];
            if (i > (uint32_t)co->co_firsttraceable && units[i].op.code != RESUME) {
                m->instr_tools[i] |= added[PY_MONITORING_EVENT_INSTRUCTION];
            }
        }
        instrument_unit(exec, m, i, any);
    }
    PyMem_Free(starts);
    memcpy(m->active, wanted, sizeof(wanted));
    m->restarts = tstate->interp->instruments.restarts;
    exec->monitoring_version =
        (uintptr_t)tstate->interp->instruments.version << _PY_EVAL_EVENTS_BITS;
    return 0;
}

/* ---- suspended frames ---------------------------------------------------- */

/* A frame in the middle of a call: `in_python` if the callee is a Python frame of the same loop, so
 * that nobody but the frame itself knows where it goes on. */
static int
update_frame(PyThreadState *tstate, _PyInterpreterFrame *frame, int in_python)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (_PyFrame_IsIncomplete(frame)) {
        return 0;               /* will see its RESUME */
    }
    if (!_PyFrame_IsCold(frame)) {
        struct _PyExecutable *exec = _PyExecutable_OfUnits(frame->code_base);
        return _Py_Instrument(tstate, co, exec);
    }
    if (!in_python) {
        frame->flags |= _Py_FRAME_CHANGE_FORM;
        return 0;
    }
    struct _PyExecutable *exec = _PyExecutable_Get(tstate, co);
    if (exec == NULL) {
        return 0;               /* stays cold: no memory */
    }
    if (_Py_Instrument(tstate, co, exec) < 0) {
        return -1;
    }
    frame->instr_ptr = exec->units + _PyInterpreterFrame_LASTI(frame);
    frame->code_base = exec->units;
    return 0;
}

static int
update_thread(PyThreadState *tstate, PyThreadState *thread, uintptr_t version)
{
    uintptr_t breaker = _Py_LoadBreaker(thread);
    while (!__atomic_compare_exchange_n(&thread->eval_breaker, &breaker,
                                        (breaker & _PY_EVAL_EVENTS_MASK) | version, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
    }
    int in_python = 0;
    _PyInterpreterFrame *frame = thread->cframe->current_frame;
    for (; frame != NULL; frame = frame->previous) {
        if (frame->owner == FRAME_OWNED_BY_CSTACK) {
            in_python = 0;
            continue;
        }
        if (update_frame(tstate, frame, in_python) < 0) {
            return -1;
        }
        in_python = 1;
    }
    return 0;
}

int
_PyMonitoring_EventsChanged(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    interp->instruments.version++;
    uintptr_t version = (uintptr_t)interp->instruments.version << _PY_EVAL_EVENTS_BITS;
    for (PyThreadState *t = interp->threads.head; t != NULL; t = t->next) {
        if (update_thread(tstate, t, version) < 0) {
            return -1;
        }
    }
    return 0;
}

/* events: bit per event.  0 or -1. */
int
_PyMonitoring_SetEvents(PyThreadState *tstate, int tool, uint32_t events)
{
    assert(0 <= tool && tool < _PY_MONITORING_TOOLS);
    uint8_t bit = (uint8_t)(1u << tool);
    int changed = 0;
    for (int e = 0; e < PY_MONITORING_EVENTS; e++) {
        uint8_t *tools = &tstate->interp->instruments.tools[e];
        uint8_t value = events & (1u << e) ? *tools | bit : *tools & (uint8_t)~bit;
        changed |= value != *tools;
        *tools = value;
    }
    return changed ? _PyMonitoring_EventsChanged(tstate) : 0;
}

int
_PyMonitoring_SetLocalEvents(PyThreadState *tstate, PyCodeObject *co, int tool, uint32_t events)
{
    struct _PyCodeMonitoring *m = get_monitoring(tstate, co);
    if (m == NULL) {
        return -1;
    }
    uint8_t bit = (uint8_t)(1u << tool);
    int changed = 0;
    for (int e = 0; e < PY_MONITORING_INSTRUMENTED_EVENTS; e++) {
        uint8_t value = events & (1u << e) ? m->local[e] | bit : m->local[e] & (uint8_t)~bit;
        changed |= value != m->local[e];
        m->local[e] = value;
    }
    return changed ? _PyMonitoring_EventsChanged(tstate) : 0;
}

uint32_t
_PyMonitoring_GetLocalEvents(PyThreadState *tstate, PyCodeObject *co, int tool)
{
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, co);
    uint32_t events = 0;
    for (int e = 0; m != NULL && e < PY_MONITORING_INSTRUMENTED_EVENTS; e++) {
        events |= (uint32_t)((m->local[e] >> tool) & 1) << e;
    }
    return events;
}

/* Sets a callback (borrowed; NULL: none) and returns the old one, or NULL. */
PyObject *
_PyMonitoring_RegisterCallback(PyThreadState *tstate, int tool, int event, PyObject *callable)
{
    PyObject **slot = &tstate->interp->instruments.callables[tool][event];
    PyObject *old = *slot;
    *slot = Py_XNewRef(callable);
    return old;
}

void
_PyMonitoring_Fini(PyInterpreterState *interp)
{
    for (int t = 0; t < _PY_MONITORING_TOOLS; t++) {
        for (int e = 0; e < PY_MONITORING_EVENTS; e++) {
            Py_CLEAR(interp->instruments.callables[t][e]);
        }
        Py_CLEAR(interp->instruments.tool_names[t]);
    }
    memset(interp->instruments.tools, 0, sizeof(interp->instruments.tools));
}

/* ---- delivery ------------------------------------------------------------ */

static const char *const event_names[PY_MONITORING_EVENTS] = {
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP",
    "BRANCH", "STOP_ITERATION", "RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE",
    "C_RETURN", "C_RAISE",
};

/* Calls one tool.  0; 1: it asked for DISABLE; -1: exception. */
static int
call_tool(PyThreadState *tstate, int tool, int event, PyObject **args, Py_ssize_t nargs)
{
    PyObject *callable = tstate->interp->instruments.callables[tool][event];
    if (callable == NULL) {
        return 0;
    }
    Py_INCREF(callable);
    int old_what = tstate->what_event;
    tstate->what_event = event;
    tstate->tracing++;
    PyObject *res = PyObject_Vectorcall(callable, args + 1,
                                        (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    tstate->tracing--;
    tstate->what_event = old_what;
    Py_DECREF(callable);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);             /* DISABLE is immortal */
    return res == &_PyInstrumentation_DISABLE;
}

/* A tool does not want this location's event any more. */
static void
disable_location(PyThreadState *tstate, PyCodeObject *co, int tool, int event, Py_ssize_t i)
{
    struct _PyCodeRecord *record = _PyCode_PeekRecord(tstate->interp, co);
    if (record == NULL || record->monitoring == NULL || record->executable == NULL) {
        return;
    }
    struct _PyCodeMonitoring *m = record->monitoring;
    uint8_t *array = event == PY_MONITORING_EVENT_LINE ? m->line_tools
                     : event == PY_MONITORING_EVENT_INSTRUCTION ? m->instr_tools : m->tools;
    if (array != NULL) {
        array[i] &= (uint8_t)~(1u << tool);
        instrument_unit(record->executable, m, (uint32_t)i, 1);
    }
}

/* Which tools want the event of this location (C_RETURN and C_RAISE: see after_c_call). */
static uint8_t
tools_for(PyThreadState *tstate, PyCodeObject *co, int event, Py_ssize_t i)
{
    assert(event < PY_MONITORING_EVENT_C_RETURN);
    if (event >= PY_MONITORING_INSTRUMENTED_EVENTS) {
        return tstate->interp->instruments.tools[event];
    }
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, co);
    if (m == NULL) {
        return 0;
    }
    uint8_t *array = event == PY_MONITORING_EVENT_LINE ? m->line_tools
                     : event == PY_MONITORING_EVENT_INSTRUCTION ? m->instr_tools : m->tools;
    return array == NULL ? 0 : array[i];
}

/* args[0] is scratch, args[1] the code object, args[2] the offset (or line), args[3...] more. */
static int
send_event(PyThreadState *tstate, uint8_t tools, int event, PyCodeObject *co, Py_ssize_t i,
           PyObject **args, Py_ssize_t nargs)
{
    for (int tool = 0; tools >> tool; tool++) {
        if (!(tools >> tool & 1)) {
            continue;
        }
        int res = call_tool(tstate, tool, event, args, nargs);
        if (res < 0) {
            return -1;
        }
        if (res == 0) {
            continue;
        }
        if (event < PY_MONITORING_INSTRUMENTED_EVENTS) {
            disable_location(tstate, co, tool, event, i);
        }
        else {
            PyErr_Format(PyExc_ValueError, "Cannot disable %s events. Callback removed.",
                         event_names[event]);
            Py_CLEAR(tstate->interp->instruments.callables[tool][event]);
            return -1;
        }
    }
    return 0;
}

/* (code, offset, ...) for these tools. */
static int
send_to_tools(PyThreadState *tstate, uint8_t tools, int event, _PyInterpreterFrame *frame,
              const _Py_CODEUNIT *instr, PyObject *arg0, PyObject *arg1)
{
    if (!tools) {
        return 0;
    }
    PyCodeObject *co = _PyFrame_GetCode(frame);
    Py_ssize_t i = instr - frame->code_base;
    PyObject *offset = PyLong_FromSsize_t(i * (Py_ssize_t)sizeof(_Py_CODEUNIT));
    if (offset == NULL) {
        return -1;
    }
    PyObject *args[5] = {NULL, (PyObject *)co, offset, arg0, arg1};
    int res = send_event(tstate, tools, event, co, i, args,
                         2 + (arg0 != NULL) + (arg1 != NULL));
    Py_DECREF(offset);
    return res;
}

/* The tools that want an event of this instruction now. */
static uint8_t
tools_here(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
           const _Py_CODEUNIT *instr)
{
    return tstate->tracing ? 0 : tools_for(tstate, _PyFrame_GetCode(frame), event,
                                           instr - frame->code_base);
}

/* The common case: (code, offset, ...) for all that want it. */
static int
send_at_offset(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
               const _Py_CODEUNIT *instr, PyObject *arg0, PyObject *arg1)
{
    return send_to_tools(tstate, tools_here(tstate, event, frame, instr), event, frame, instr,
                         arg0, arg1);
}

int
_Py_call_instrumentation(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                         const _Py_CODEUNIT *instr)
{
    return send_at_offset(tstate, event, frame, instr, NULL, NULL);
}

int
_Py_call_instrumentation_arg(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                             const _Py_CODEUNIT *instr, PyObject *arg)
{
    return send_at_offset(tstate, event, frame, instr, arg, NULL);
}

int
_Py_call_instrumentation_2args(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                               const _Py_CODEUNIT *instr, PyObject *arg0, PyObject *arg1)
{
    return send_at_offset(tstate, event, frame, instr, arg0, arg1);
}

int
_Py_call_instrumentation_exc(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                             const _Py_CODEUNIT *instr)
{
    if (tstate->tracing) {
        return 0;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    int res = send_at_offset(tstate, event, frame, instr, exc, NULL);
    if (res < 0) {
        Py_DECREF(exc);
    }
    else {
        _PyErr_SetRaisedException(tstate, exc);
    }
    return res;
}

const _Py_CODEUNIT *
_Py_call_instrumentation_jump(PyThreadState *tstate, int event, _PyInterpreterFrame *frame,
                              const _Py_CODEUNIT *instr, const _Py_CODEUNIT *target)
{
    assert(event == PY_MONITORING_EVENT_JUMP || event == PY_MONITORING_EVENT_BRANCH);
    assert(frame->instr_ptr == instr);
    if (tstate->tracing) {
        return target;
    }
    PyObject *to = PyLong_FromSsize_t((target - frame->code_base)
                                      * (Py_ssize_t)sizeof(_Py_CODEUNIT));
    if (to == NULL) {
        return NULL;
    }
    int res = send_at_offset(tstate, event, frame, instr, to, NULL);
    Py_DECREF(to);
    if (res < 0) {
        return NULL;
    }
    if (frame->instr_ptr != instr) {
        return frame->instr_ptr;        /* f_lineno was set */
    }
    return target;
}

int
_Py_call_instrumentation_line(PyThreadState *tstate, _PyInterpreterFrame *frame,
                              const _Py_CODEUNIT *instr, const _Py_CODEUNIT *prev)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    Py_ssize_t i = instr - frame->code_base;
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, co);
    assert(m != NULL && m->line_opcode != NULL && m->line_opcode[i] != 0);
    int original = m->line_opcode[i];
    if (tstate->tracing) {
        return original;
    }
    int line = line_at(co, i);
    Py_ssize_t before = prev - frame->code_base;
    if (before >= 0 && before < (Py_ssize_t)co->co_nunits && before != i) {
        _Py_CODEUNIT unit = _PyCode_UNITS(co)[before];
        int started = unit.op.code == RESUME && unit.op.arg == 0;
        if (!started && line_at(co, before) == line) {
            return original;            /* still on that line */
        }
    }
    PyObject *number = PyLong_FromLong(line);
    if (number == NULL) {
        return -1;
    }
    PyObject *args[3] = {NULL, (PyObject *)co, number};
    int res = send_event(tstate, m->line_tools[i], PY_MONITORING_EVENT_LINE, co, i, args, 2);
    Py_DECREF(number);
    return res < 0 ? -1 : original;
}

int
_PyInstrument_BehindLine(PyThreadState *tstate, _PyInterpreterFrame *frame,
                         const _Py_CODEUNIT *instr)
{
    if (instr->op.code != INSTRUMENTED_LINE) {
        return instr->op.code;
    }
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, _PyFrame_GetCode(frame));
    assert(m != NULL && m->line_opcode != NULL);
    return m->line_opcode[instr - frame->code_base];
}

int
_Py_call_instrumentation_instruction(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                     const _Py_CODEUNIT *instr)
{
    Py_ssize_t i = instr - frame->code_base;
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, _PyFrame_GetCode(frame));
    assert(m != NULL && m->instr_opcode != NULL && m->instr_opcode[i] != 0);
    int original = m->instr_opcode[i];
    return send_at_offset(tstate, PY_MONITORING_EVENT_INSTRUCTION, frame, instr, NULL, NULL) < 0
           ? -1 : original;
}

/* ---- calls --------------------------------------------------------------- */

#define NOT_PYTHON 0x100        /* the callee does not run in the loop; the tools are below */

static int
runs_in_loop(PyThreadState *tstate, PyObject *func)
{
    return PyFunction_Check(func) && tstate->interp->eval_frame == NULL
           && ((PyFunctionObject *)func)->vectorcall == _PyFunction_Vectorcall;
}

/* What CALL events show of a call: the function and its first argument, borrowed. */
static void
call_operands(_PyStackRef method, _PyStackRef callable, _PyStackRef *args, int nargs,
              PyObject **func, PyObject **arg0)
{
    PyObject *c = PyStackRef_AsPyObjectBorrow(callable);
    if (!PyStackRef_IsNull(method)) {
        *func = PyStackRef_AsPyObjectBorrow(method);
        *arg0 = c;
    }
    else {
        *func = c;
        *arg0 = nargs > 0 ? PyStackRef_AsPyObjectBorrow(args[0]) : &_PyInstrumentation_MISSING;
    }
}

int
_PyInstrument_BeforeCall(PyThreadState *tstate, _PyInterpreterFrame *frame,
                         const _Py_CODEUNIT *instr, _PyStackRef method, _PyStackRef callable,
                         _PyStackRef *args, int nargs)
{
    PyObject *func, *arg0;
    call_operands(method, callable, args, nargs, &func, &arg0);
    uint8_t tools = tools_here(tstate, PY_MONITORING_EVENT_CALL, frame, instr);
    if (send_to_tools(tstate, tools, PY_MONITORING_EVENT_CALL, frame, instr, func, arg0) < 0) {
        return -1;
    }
    if (PyStackRef_IsNull(method) && Py_IS_TYPE(func, &PyMethod_Type)) {
        func = PyMethod_GET_FUNCTION(func);
    }
    return runs_in_loop(tstate, func) ? 0 : NOT_PYTHON | tools;
}

/* C_RETURN or C_RAISE after a call; consumes result (NULL: it failed) and returns it.
 * `before` is what the function in front of the call said: the tools that got its CALL event, even
 * if they disabled it, get this one, unless they want no events of calls any more. */
static PyObject *
after_c_call(PyThreadState *tstate, _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr,
             int before, PyObject *func, PyObject *arg0, PyObject *result)
{
    struct _PyCodeMonitoring *m = peek_monitoring(tstate, _PyFrame_GetCode(frame));
    uint8_t tools = m == NULL ? 0 : (uint8_t)before & m->active[PY_MONITORING_EVENT_CALL];
    if (result == NULL) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        if (send_to_tools(tstate, tools, PY_MONITORING_EVENT_C_RAISE, frame, instr, func,
                          arg0) < 0) {
            Py_DECREF(exc);
        }
        else {
            _PyErr_SetRaisedException(tstate, exc);
        }
        return NULL;
    }
    if (send_to_tools(tstate, tools, PY_MONITORING_EVENT_C_RETURN, frame, instr, func, arg0) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

_PyStackRef
_PyInstrument_CallC(PyThreadState *tstate, _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr,
                    int before, _PyStackRef method, _PyStackRef callable, _PyStackRef *args,
                    int nargs, PyObject *kwnames)
{
    PyObject *func, *arg0;
    call_operands(method, callable, args, nargs, &func, &arg0);
    Py_INCREF(func);
    Py_INCREF(arg0);
    PyObject *result;
    if (!PyStackRef_IsNull(method)) {
        result = _PyEval_CallObject(tstate, PyStackRef_AsPyObjectBorrow(method), args - 1,
                                    nargs + 1, kwnames);
    }
    else {
        result = _PyEval_CallObject(tstate, PyStackRef_AsPyObjectBorrow(callable), args, nargs,
                                    kwnames);
    }
    result = after_c_call(tstate, frame, instr, before, func, arg0, result);
    Py_DECREF(func);
    Py_DECREF(arg0);
    _PyStackRef_CloseArray(args - 2, nargs + 2);
    return PyStackRef_XFromPyObjectSteal(result);
}

/* The first positional argument of f(*args), borrowed. */
static PyObject *
first_of(PyObject *args)
{
    int known = PyTuple_CheckExact(args) || PyList_CheckExact(args);
    return known && PySequence_Fast_GET_SIZE(args) > 0
           ? PySequence_Fast_GET_ITEM(args, 0) : &_PyInstrumentation_MISSING;
}

int
_PyInstrument_BeforeCallEx(PyThreadState *tstate, _PyInterpreterFrame *frame,
                           const _Py_CODEUNIT *instr, PyObject *func, PyObject *args)
{
    uint8_t tools = tools_here(tstate, PY_MONITORING_EVENT_CALL, frame, instr);
    if (send_to_tools(tstate, tools, PY_MONITORING_EVENT_CALL, frame, instr, func,
                      first_of(args)) < 0) {
        return -1;
    }
    return runs_in_loop(tstate, func) ? 0 : NOT_PYTHON | tools;
}

PyObject *
_PyInstrument_CallExC(PyThreadState *tstate, _PyInterpreterFrame *frame, const _Py_CODEUNIT *instr,
                      int before, PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyObject *tuple = _PyEval_StarArgsTuple(tstate, func, args);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call(func, tuple, kwargs);
    result = after_c_call(tstate, frame, instr, before, func, first_of(tuple), result);
    Py_DECREF(tuple);
    return result;
}

/* super().name with its events: the super object is made after all.  New reference, or NULL. */
PyObject *
_PyInstrument_LoadSuperAttr(PyThreadState *tstate, _PyInterpreterFrame *frame,
                            const _Py_CODEUNIT *instr, PyObject *super, PyObject *cls,
                            PyObject *self, PyObject *name, int oparg)
{
    PyObject *args[2] = {cls, self};
    PyObject *arg0 = oparg & 2 ? cls : &_PyInstrumentation_MISSING;
    uint8_t tools = tools_here(tstate, PY_MONITORING_EVENT_CALL, frame, instr);
    if (send_to_tools(tstate, tools, PY_MONITORING_EVENT_CALL, frame, instr, super, arg0) < 0) {
        return NULL;
    }
    PyObject *object = PyObject_Vectorcall(super, args, oparg & 2 ? 2 : 0, NULL);
    if (!PyFunction_Check(super)) {
        object = after_c_call(tstate, frame, instr, tools, super, arg0, object);
    }
    PyObject *attr = object != NULL ? PyObject_GetAttr(object, name) : NULL;
    Py_XDECREF(object);
    return attr;
}

int
_PyInstrument_StopIteration(PyThreadState *tstate, _PyInterpreterFrame *frame,
                            const _Py_CODEUNIT *instr, PyObject *value)
{
    if (tstate->tracing) {
        return 0;
    }
    _PyErr_SetObject(tstate, PyExc_StopIteration, value);       /* takes a tuple apart, as 3.12 */
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    int res = send_at_offset(tstate, PY_MONITORING_EVENT_STOP_ITERATION, frame, instr, exc, NULL);
    Py_DECREF(exc);
    return res;
}
