/* frame.f_lineno = N: a tracer sends a frame to another line.
 *
 * What lies on the evaluation stack at each instruction is found by abstract interpretation of the
 * code (struct stacks).  The jump goes to the instruction that begins the line and whose stack the
 * present one can become by popping: loops and with blocks may be left, not entered.
 *
 *     kind        compatible with a target that wants
 *     OBJECT      OBJECT
 *     ITERATOR    OBJECT, ITERATOR (the loop goes on)
 *     EXCEPTION   OBJECT, EXCEPTION (the same handler)
 *     LASTI       OBJECT, LASTI
 *     EMPTY       EMPTY (a NULL, or what may be one: the first of a method's two entries)
 *
 * In the event of a yield the value is delivered all the same, and the generator jumps when it is
 * resumed (_Py_FRAME_JUMP).  Until then its frame is cold: RESUME of cold code looks for the flag.
 *
 * Written from the library reference (sys.settrace, frame objects), the descriptions of the
 * instructions in bytecodes.c, and the messages of 3.12. */

#include "Python.h"
#include "frameobject.h"        // PyFrame_LocalsToFast()
#include "pycore_code.h"        // line table
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_frame_jump.h"  // prototypes
#include "pycore_instruments.h" // events
#include "pycore_opcode.h"      // codes, effects

enum kind { UNKNOWN, OBJECT, ITERATOR, EXCEPTION, LASTI, EMPTY };

/* One row of kinds for each unit; depth -1: the unit was not reached. */
struct stacks {
    PyCodeObject *code;
    int n;                  /* units */
    int width;              /* entries in a row */
    int16_t *depth;         /* [n] */
    uint8_t *kinds;         /* [n * width] */
    int changed;            /* the last pass reached something new */
};

/* ---- abstract interpretation --------------------------------------------- */

static void
reach(struct stacks *st, int target, const uint8_t *row, int depth)
{
    if (target < 0 || target >= st->n || st->depth[target] >= 0 || depth < 0
        || depth > st->width) {
        return;
    }
    st->depth[target] = (int16_t)depth;
    memcpy(st->kinds + (size_t)target * (size_t)st->width, row, (size_t)depth);
    st->changed = 1;
}

static int
keeps_kinds(int opcode)
{
    switch (opcode) {
    case LIST_APPEND: case SET_ADD: case MAP_ADD: case LIST_EXTEND: case SET_UPDATE:
    case DICT_UPDATE: case DICT_MERGE: case POP_TOP: case POP_EXCEPT: case NOP: case RESUME:
    case STORE_FAST: case STORE_NAME: case STORE_GLOBAL: case STORE_DEREF: case STORE_ATTR:
    case STORE_SUBSCR: case STORE_SLICE: case DELETE_SUBSCR: case DELETE_ATTR: case END_FOR:
    case END_ASYNC_FOR: case KW_NAMES: case MAKE_CELL: case COPY_FREE_VARS: case DELETE_FAST:
    case DELETE_NAME: case DELETE_GLOBAL: case DELETE_DEREF: case SETUP_ANNOTATIONS:
        return 1;
    default:
        return 0;
    }
}

/* The effect on `row` of an instruction that goes on with the next one; the new depth. */
static int
apply(int opcode, int oparg, uint8_t *row, int depth, int width)
{
    switch (opcode) {
    case COPY:
        if (oparg <= depth && depth < width) {
            row[depth] = row[depth - oparg];
        }
        return depth + 1;
    case SWAP:
        if (oparg <= depth) {
            uint8_t top = row[depth - 1];
            row[depth - 1] = row[depth - oparg];
            row[depth - oparg] = top;
        }
        return depth;
    case GET_ITER:
    case GET_AITER:
        row[depth - 1] = ITERATOR;
        return depth;
    case PUSH_EXC_INFO:
        row[depth - 1] = EXCEPTION;
        if (depth < width) {
            row[depth] = EXCEPTION;
        }
        return depth + 1;
    case RETURN_GENERATOR:      /* what is sent first lies on the stack of the generator */
        if (depth < width) {
            row[depth] = OBJECT;
        }
        return depth + 1;
    case PUSH_NULL:
    case LOAD_FAST_AND_CLEAR:
        if (depth < width) {
            row[depth] = EMPTY;
        }
        return depth + 1;
    }
    int delta = _PyOpcode_num_pushed(opcode, oparg, 0) - _PyOpcode_num_popped(opcode, oparg, 0);
    for (int i = 0; i < delta && depth + i < width; i++) {
        row[depth + i] = OBJECT;
    }
    depth += delta;
    if (depth > 0 && depth <= width && !keeps_kinds(opcode)
        && _PyOpcode_num_pushed(opcode, oparg, 0) > 0) {
        row[depth - 1] = OBJECT;
    }
    if ((opcode == LOAD_GLOBAL || opcode == LOAD_ATTR || opcode == LOAD_SUPER_ATTR)
        && (oparg & 1) && depth >= 2 && depth <= width) {
        row[depth - 2] = EMPTY;
    }
    return depth;
}

/* Carries the stack of unit i on to where execution can go from there. */
static void
step(struct stacks *st, int i, int opcode, int oparg, uint8_t *row)
{
    int depth = st->depth[i];
    int next = i + 1 + _PyOpcode_Caches[opcode];
    memcpy(row, st->kinds + (size_t)i * (size_t)st->width, (size_t)depth);
    switch (opcode) {
    case RETURN_VALUE: case RETURN_CONST: case RAISE_VARARGS: case RERAISE:
        return;
    case JUMP_FORWARD:
        reach(st, next + oparg, row, depth);
        return;
    case JUMP_BACKWARD: case JUMP_BACKWARD_NO_INTERRUPT:
        reach(st, next - oparg, row, depth);
        return;
    case POP_JUMP_IF_TRUE: case POP_JUMP_IF_FALSE: case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
        reach(st, next + oparg, row, depth - 1);
        reach(st, next, row, depth - 1);
        return;
    case SEND:
        row[depth - 1] = OBJECT;
        reach(st, next + oparg, row, depth);
        reach(st, next, row, depth);
        return;
    case FOR_ITER:
        reach(st, next + oparg + 1, row, depth - 1);
        if (depth < st->width) {
            row[depth] = OBJECT;
            reach(st, next + oparg, row, depth + 1);
            reach(st, next, row, depth + 1);
        }
        return;
    default:
        reach(st, next, row, apply(opcode, oparg, row, depth, st->width));
    }
}

static const unsigned char *
read_number(const unsigned char *p, int *value)
{
    int v = *p & 63;
    while (*p & 64) {
        p++;
        v = v << 6 | (*p & 63);
    }
    *value = v;
    return p + 1;
}

/* Handlers begin with the stack of the range they guard, cut, plus lasti and the exception. */
static void
reach_handlers(struct stacks *st, uint8_t *row)
{
    PyObject *table = st->code->co_exceptiontable;
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(table);
    const unsigned char *end = p + PyBytes_GET_SIZE(table);
    while (p < end) {
        int start, length, handler, depth;
        p = read_number(p, &start);
        p = read_number(p, &length);
        p = read_number(p, &handler);
        p = read_number(p, &depth);
        int level = depth >> 1;
        if (start >= st->n || st->depth[start] < level || level + 2 > st->width) {
            continue;
        }
        memcpy(row, st->kinds + (size_t)start * (size_t)st->width, (size_t)level);
        if (depth & 1) {
            row[level++] = LASTI;
        }
        row[level++] = EXCEPTION;
        reach(st, handler, row, level);
    }
}

static void
free_stacks(struct stacks *st)
{
    PyMem_Free(st->depth);
    PyMem_Free(st->kinds);
}

/* 0, or -1 with MemoryError; free_stacks() in any case. */
static int
find_stacks(struct stacks *st, PyCodeObject *code)
{
    st->code = code;
    st->n = (int)code->co_nunits;
    st->width = code->co_stacksize + 2;
    st->depth = PyMem_New(int16_t, st->n);
    st->kinds = PyMem_Calloc((size_t)st->n, (size_t)st->width);
    uint8_t *row = PyMem_Calloc((size_t)st->width + 1, 1);
    if (st->depth == NULL || st->kinds == NULL || row == NULL) {
        PyMem_Free(row);
        PyErr_NoMemory();
        return -1;
    }
    for (int i = 0; i < st->n; i++) {
        st->depth[i] = -1;
    }
    st->depth[0] = 0;
    const _Py_CODEUNIT *units = _PyCode_UNITS(code);
    do {
        st->changed = 0;
        int oparg = 0;
        for (int i = 0; i < st->n;) {
            int opcode = units[i].op.code;
            oparg = oparg << 8 | units[i].op.arg;
            if (st->depth[i] >= 0) {
                step(st, i, opcode, oparg, row);
            }
            if (opcode != EXTENDED_ARG) {
                oparg = 0;
            }
            i += 1 + _PyOpcode_Caches[opcode];
        }
        reach_handlers(st, row);
    } while (st->changed);
    PyMem_Free(row);
    return 0;
}

/* ---- the jump ------------------------------------------------------------ */

static int
compatible(const uint8_t *from, int from_depth, const uint8_t *to, int to_depth)
{
    if (to_depth > from_depth) {
        return 0;
    }
    for (int i = 0; i < to_depth; i++) {
        int ok = to[i] == OBJECT ? from[i] != EMPTY : to[i] == from[i];
        if (!ok) {
            return 0;
        }
    }
    return 1;
}

static const char *
explain(const struct stacks *st, int target)
{
    int depth = st->depth[target];
    if (depth < 0) {
        return "can't jump into an exception handler, or code may be unreachable";
    }
    switch (depth == 0
            ? OBJECT : st->kinds[(size_t)target * (size_t)st->width + (size_t)depth - 1]) {
    case EXCEPTION:
        return "can't jump into an 'except' block as there's no exception";
    case LASTI:
        return "can't jump into a re-raising block as there's no location";
    case ITERATOR:
        return "can't jump into the body of a for loop";
    default:
        return "incompatible stacks";
    }
}

/* Line at the start of each instruction that begins one, else -1; NULL with MemoryError. */
static int *
mark_lines(PyCodeObject *code)
{
    int n = (int)code->co_nunits;
    int *lines = PyMem_New(int, n);
    if (lines == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        lines[i] = -1;
    }
    PyCodeAddressRange bounds;
    _PyCode_InitAddressRange(code, &bounds);
    int last = -1;
    while (_PyLineTable_NextAddressRange(&bounds)) {
        int start = bounds.ar_start / (int)sizeof(_Py_CODEUNIT);
        if (bounds.ar_line != last && bounds.ar_line != -1 && start < n) {
            lines[start] = last = bounds.ar_line;
        }
    }
    return lines;
}

/* The first line from `line` on that has code, or -1. */
static int
line_not_before(const int *lines, int n, int line)
{
    int best = INT_MAX;
    for (int i = 0; i < n; i++) {
        if (lines[i] >= line && lines[i] < best) {
            best = lines[i];
        }
    }
    return best == INT_MAX ? -1 : best;
}

/* The best instruction of the line: the deepest compatible stack.  -1: none, *msg says why. */
static int
choose_target(const struct stacks *st, const int *lines, int line, const uint8_t *from,
              int from_depth, const char **msg)
{
    int best = -1;
    *msg = "cannot find bytecode for specified line";
    for (int i = 0; i < st->n; i++) {
        if (lines[i] != line) {
            continue;
        }
        const uint8_t *to = st->kinds + (size_t)i * (size_t)st->width;
        if (st->depth[i] >= 0 && compatible(from, from_depth, to, st->depth[i])) {
            if (best < 0 || st->depth[i] > st->depth[best]) {
                best = i;
            }
        }
        else if (best < 0) {
            *msg = explain(st, i);
        }
    }
    return best;
}

/* Unbound locals become None: LOAD_FAST does not check.  0, or -1 (the warning is an error). */
static int
bind_unbound(_PyInterpreterFrame *frame, PyCodeObject *code)
{
    int unbound = 0;
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        unbound += PyStackRef_IsNull(frame->localsplus[i]);
    }
    if (unbound == 0) {
        return 0;
    }
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0, "assigning None to %d unbound local%s",
                         unbound, unbound == 1 ? "" : "s") < 0) {
        return -1;
    }
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        if (PyStackRef_IsNull(frame->localsplus[i])) {
            frame->localsplus[i] = PyStackRef_None;
        }
    }
    return 0;
}

/* The event allows a jump.  0, or -1 with ValueError. */
static int
check_event(PyThreadState *tstate)
{
    switch (tstate->what_event) {
    case PY_MONITORING_EVENT_PY_RESUME:
    case PY_MONITORING_EVENT_JUMP:
    case PY_MONITORING_EVENT_BRANCH:
    case PY_MONITORING_EVENT_LINE:
    case PY_MONITORING_EVENT_PY_YIELD:
        return 0;
    case PY_MONITORING_EVENT_PY_START:
    case PY_MONITORING_EVENT_PY_THROW:
        PyErr_Format(PyExc_ValueError, "can't jump from the 'call' trace event of a new frame");
        return -1;
    case PY_MONITORING_EVENT_CALL:
    case PY_MONITORING_EVENT_C_RETURN:
        PyErr_SetString(PyExc_ValueError, "can't jump during a call");
        return -1;
    case PY_MONITORING_EVENT_INSTRUCTION:
    case PY_MONITORING_EVENT_PY_RETURN:
    case PY_MONITORING_EVENT_PY_UNWIND:
    case PY_MONITORING_EVENT_RAISE:
    case PY_MONITORING_EVENT_C_RAISE:
    case PY_MONITORING_EVENT_EXCEPTION_HANDLED:
    case PY_MONITORING_EVENT_STOP_ITERATION:
    case PY_MONITORING_EVENT_RERAISE:
        PyErr_Format(PyExc_ValueError, "can only jump from a 'line' trace event");
        return -1;
    default:
        PyErr_SetString(PyExc_ValueError, "f_lineno can only be set in a trace function");
        return -1;
    }
}

/* Pops the stack to `depth`; leaving a handler restores the exception of the one outside. */
static void
pop_to(PyThreadState *tstate, _PyInterpreterFrame *frame, PyCodeObject *code, const uint8_t *kinds,
       int depth)
{
    int now = frame->stacktop - code->co_nlocalsplus;
    while (now > depth) {
        now--;
        _PyStackRef top = frame->localsplus[--frame->stacktop];
        if (kinds[now] == EXCEPTION) {
            /* Its value is the exception that was being handled before. */
            PyObject *exc = PyStackRef_AsPyObjectSteal(top);
            Py_XSETREF(tstate->exc_info->exc_value, Py_IsNone(exc) ? NULL : Py_NewRef(exc));
            Py_DECREF(exc);
        }
        else {
            PyStackRef_XCLOSE(top);
        }
    }
}

/* Finds the target of a jump to a line, and performs it unless that has to wait.  The line that the
 * frame gets to, or -1 with an exception. */
static int
jump_to_line(PyThreadState *tstate, _PyInterpreterFrame *frame, int new_lineno, int wait)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    struct stacks st = {0};
    int res = -1;
    uint8_t *from = NULL;
    int *lines = mark_lines(code);
    if (lines == NULL) {
        return -1;
    }
    int line = line_not_before(lines, (int)code->co_nunits, new_lineno);
    if (line < 0) {
        PyErr_Format(PyExc_ValueError, "line %d comes after the current code block", new_lineno);
        goto done;
    }
    if (find_stacks(&st, code) < 0) {
        goto done;
    }
    assert(frame->stacktop >= code->co_nlocalsplus);
    int depth = frame->stacktop - code->co_nlocalsplus;
    from = PyMem_Malloc((size_t)depth + 1);
    if (from == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    /* What is known of the present stack; what an event's instruction has pushed is an object. */
    int here = _PyInterpreterFrame_LASTI(frame);
    for (int i = 0; i < depth; i++) {
        from[i] = i < st.depth[here] ? st.kinds[(size_t)here * (size_t)st.width + (size_t)i]
                                     : OBJECT;
    }
    const char *msg;
    int target = choose_target(&st, lines, line, from, depth, &msg);
    if (target < 0) {
        PyErr_SetString(PyExc_ValueError, msg);
        goto done;
    }
    if (bind_unbound(frame, code) < 0) {
        goto done;
    }
    if (!wait) {
        pop_to(tstate, frame, code, from, st.depth[target]);
        frame->instr_ptr = frame->code_base + target;
    }
    res = line;
done:
    PyMem_Free(from);
    PyMem_Free(lines);
    free_stacks(&st);
    return res;
}

int
_PyFrame_JumpAtResume(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    assert(frame->flags & _Py_FRAME_JUMP && frame->frame_obj != NULL);
    int line = frame->frame_obj->f_lineno;
    _PyFrame_ForgetJump(frame);
    return jump_to_line(tstate, frame, line, 0) < 0 ? -1 : 0;
}

void
_PyFrame_ForgetJump(_PyInterpreterFrame *frame)
{
    if (frame->flags & _Py_FRAME_JUMP) {
        frame->flags &= (uint8_t)~_Py_FRAME_JUMP;
        frame->frame_obj->f_lineno = 0;
    }
}

int
_PyFrame_SetLineno(PyFrameObject *f, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (!PyLong_CheckExact(value)) {
        PyErr_SetString(PyExc_ValueError, "lineno must be an integer");
        return -1;
    }
    PyThreadState *tstate = PyThreadState_Get();
    _PyInterpreterFrame *frame = f->f_frame;
    if (check_event(tstate) < 0) {
        return -1;
    }
    if (f->f_trace == NULL) {
        PyErr_SetString(PyExc_ValueError, "f_lineno can only be set in a trace function");
        return -1;
    }
    int overflow;
    long lineno = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow || lineno > INT_MAX || lineno < INT_MIN) {
        PyErr_SetString(PyExc_ValueError, "lineno out of range");
        return -1;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    if ((int)lineno < code->co_firstlineno) {
        PyErr_Format(PyExc_ValueError, "line %d comes before the current code block", (int)lineno);
        return -1;
    }
    if (frame->stacktop < 0 || _PyFrame_IsIncomplete(frame)) {
        PyErr_SetString(PyExc_ValueError, "can only jump in the frame that is being traced");
        return -1;
    }
    /* Locals that the tracer changed come first. */
    PyFrame_LocalsToFast(f, 0);
    int wait = tstate->what_event == PY_MONITORING_EVENT_PY_YIELD;
    int line = jump_to_line(tstate, frame, (int)lineno, wait);
    if (line < 0) {
        return -1;
    }
    _PyFrame_ForgetJump(frame);
    f->f_lineno = 0;
    if (wait) {
        frame->instr_ptr = _PyCode_UNITS(code) + _PyInterpreterFrame_LASTI(frame);
        frame->code_base = _PyCode_UNITS(code);
        frame->flags |= _Py_FRAME_JUMP;
        f->f_lineno = line;
    }
    return 0;
}
