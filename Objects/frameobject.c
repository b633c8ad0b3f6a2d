/* Frame objects: what Python code sees of a frame.
 *
 *     frame runs         f->f_frame is on the data stack or in a generator (f is reached from it)
 *     frame has ended    f->f_frame == f->_f_frame_data, owner FRAME_OWNED_BY_FRAME_OBJECT
 *
 * f_locals of a function is a snapshot: a dict made from the fast locals, cells and free
 * variables at each request (f_fast_as_locals says that one exists), and written back when a
 * trace function returns.
 *
 * Setting f_lineno (a jump) is in frame_jump.c.
 * Written from the data model reference (frame objects), the C API reference (Frame Objects),
 * PEP 667's description of the old behaviour, PEP 709, and observed behaviour. */

#include "Python.h"
#include "frameobject.h"        // PyFrame_New() is exported
#include "pycore_ceval.h"       // _PyEval_BuiltinsFromGlobals()
#include "pycore_code.h"        // _PyLocals_GetKind()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_lifecycle.h"   // _Py_MakeLateParts()
#include "pycore_freelist.h"    // frames
#include "pycore_frame_jump.h"  // _PyFrame_SetLineno()
#include "pycore_genobject.h"   // _PyFrame_GetGenerator()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_opcode.h"      // COPY_FREE_VARS
#include "pycore_strings.h"     // _Py_ID()
#include "structmember.h"       // PyMemberDef

static PyMemberDef frame_members[] = {
    {"f_trace_lines", T_BOOL, offsetof(PyFrameObject, f_trace_lines), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

int
PyFrame_GetLineNumber(PyFrameObject *f)
{
    assert(f != NULL);
    if (f->f_lineno != 0) {
        return f->f_lineno;
    }
    return PyUnstable_InterpreterFrame_GetLine(f->f_frame);
}

static PyObject *
frame_getlineno(PyFrameObject *f, void *Py_UNUSED(closure))
{
    int lineno = PyFrame_GetLineNumber(f);
    return lineno < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(lineno);
}

static int
frame_setlineno(PyFrameObject *f, PyObject *value, void *Py_UNUSED(closure))
{
    return _PyFrame_SetLineno(f, value);
}

static PyObject *
frame_getlasti(PyFrameObject *f, void *Py_UNUSED(closure))
{
    int lasti = _PyInterpreterFrame_LASTI(f->f_frame);
    return PyLong_FromLong(lasti < 0 ? -1 : lasti * (long)sizeof(_Py_CODEUNIT));
}

static PyObject *
frame_getlocals(PyFrameObject *f, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", f, "f_locals") < 0) {
        return NULL;
    }
    return PyFrame_GetLocals(f);
}

static PyObject *
frame_getglobals(PyFrameObject *f, void *Py_UNUSED(closure))
{
    PyObject *globals = f->f_frame->f_globals;
    return Py_NewRef(globals == NULL ? Py_None : globals);
}

static PyObject *
frame_getbuiltins(PyFrameObject *f, void *Py_UNUSED(closure))
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_LatePartsWait(tstate->interp) && _Py_MakeLateParts(tstate) < 0) {
        return NULL;
    }
    PyObject *builtins = f->f_frame->f_builtins;
    return Py_NewRef(builtins == NULL ? Py_None : builtins);
}

static PyObject *
frame_getcode(PyFrameObject *f, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", f, "f_code") < 0) {
        return NULL;
    }
    return (PyObject *)PyFrame_GetCode(f);
}

static PyObject *
frame_getback(PyFrameObject *f, void *Py_UNUSED(closure))
{
    PyFrameObject *back = PyFrame_GetBack(f);
    if (back == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return (PyObject *)back;
}

static PyObject *
frame_gettrace_opcodes(PyFrameObject *f, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(f->f_trace_opcodes);
}

static int
frame_settrace_opcodes(PyFrameObject *f, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyBool_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
        return -1;
    }
    f->f_trace_opcodes = Py_IsTrue(value);
    if (f->f_trace_opcodes) {
        return _PyEval_SetOpcodeTrace(f);
    }
    return 0;
}

static PyObject *
frame_gettrace(PyFrameObject *f, void *Py_UNUSED(closure))
{
    return Py_NewRef(f->f_trace == NULL ? Py_None : f->f_trace);
}

static int
frame_settrace(PyFrameObject *f, PyObject *value, void *Py_UNUSED(closure))
{
    if (Py_IsNone(value)) {
        value = NULL;
    }
    if (value != f->f_trace) {
        Py_XSETREF(f->f_trace, Py_XNewRef(value));
        if (value != NULL && f->f_trace_opcodes) {
            return _PyEval_SetOpcodeTrace(f);
        }
    }
    return 0;
}

static PyGetSetDef frame_getset[] = {
    {"f_back", (getter)frame_getback, NULL, NULL, NULL},
    {"f_locals", (getter)frame_getlocals, NULL, NULL, NULL},
    {"f_lineno", (getter)frame_getlineno, (setter)frame_setlineno, NULL, NULL},
    {"f_trace", (getter)frame_gettrace, (setter)frame_settrace, NULL, NULL},
    {"f_lasti", (getter)frame_getlasti, NULL, NULL, NULL},
    {"f_globals", (getter)frame_getglobals, NULL, NULL, NULL},
    {"f_builtins", (getter)frame_getbuiltins, NULL, NULL, NULL},
    {"f_code", (getter)frame_getcode, NULL, NULL, NULL},
    {"f_trace_opcodes", (getter)frame_gettrace_opcodes, (setter)frame_settrace_opcodes, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- life ---------------------------------------------------------------- */

static void
frame_dealloc(PyFrameObject *f)
{
    if (_PyObject_GC_IS_TRACKED((PyObject *)f)) {
        _PyObject_GC_UNTRACK((PyObject *)f);
    }
    Py_TRASHCAN_BEGIN(f, frame_dealloc);
    PyCodeObject *co = NULL;
    /* A frame that still runs is not ours to clear. */
    if (f->f_frame != NULL && f->f_frame->owner == FRAME_OWNED_BY_FRAME_OBJECT) {
        _PyInterpreterFrame *frame = (_PyInterpreterFrame *)f->_f_frame_data;
        assert(f->f_frame == frame && frame->frame_obj == NULL);
        co = frame->f_code;
        frame->f_code = NULL;
        _PyFrame_ClearLocals(frame);
        Py_CLEAR(frame->f_funcobj);
    }
    Py_CLEAR(f->f_back);
    Py_CLEAR(f->f_trace);
    PyObject_GC_Del(f);
    Py_XDECREF(co);
    Py_TRASHCAN_END;
}

static int
frame_traverse(PyFrameObject *f, visitproc visit, void *arg)
{
    Py_VISIT(f->f_back);
    Py_VISIT(f->f_trace);
    if (f->f_frame == NULL || f->f_frame->owner != FRAME_OWNED_BY_FRAME_OBJECT) {
        return 0;
    }
    return _PyFrame_Traverse(f->f_frame, visit, arg);
}

static int
frame_tp_clear(PyFrameObject *f)
{
    Py_CLEAR(f->f_trace);
    /* Locals and the stack; the code object stays so that the frame remains usable. */
    _PyInterpreterFrame *frame = f->f_frame;
    int n = frame->stacktop;
    int nlocals = _PyFrame_GetCode(frame)->co_nlocalsplus;
    for (int i = 0; i < n; i++) {
        PyStackRef_CLEAR(frame->localsplus[i]);
    }
    frame->stacktop = n < nlocals ? n : nlocals;
    Py_CLEAR(frame->f_locals);
    return 0;
}

PyDoc_STRVAR(clear__doc__, "F.clear(): clear most references held by the frame");

static PyObject *
frame_clear(PyFrameObject *f, PyObject *Py_UNUSED(ignored))
{
    if (f->f_frame->owner == FRAME_OWNED_BY_GENERATOR) {
        PyGenObject *gen = _PyFrame_GetGenerator(f->f_frame);
        if (gen->gi_frame_state == FRAME_EXECUTING) {
            goto running;
        }
        _PyGen_Finalize((PyObject *)gen);
    }
    else if (f->f_frame->owner == FRAME_OWNED_BY_THREAD) {
        goto running;
    }
    else {
        assert(f->f_frame->owner == FRAME_OWNED_BY_FRAME_OBJECT);
        frame_tp_clear(f);
    }
    Py_RETURN_NONE;
running:
    PyErr_SetString(PyExc_RuntimeError, "cannot clear an executing frame");
    return NULL;
}

PyDoc_STRVAR(sizeof__doc__, "F.__sizeof__() -> size of F in memory, in bytes");

static PyObject *
frame_sizeof(PyFrameObject *f, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t res = (Py_ssize_t)offsetof(PyFrameObject, _f_frame_data)
                     + (Py_ssize_t)offsetof(_PyInterpreterFrame, localsplus);
    PyCodeObject *code = _PyFrame_GetCode(f->f_frame);
    res += (code->co_nlocalsplus + code->co_stacksize) * (Py_ssize_t)sizeof(_PyStackRef);
    return PyLong_FromSsize_t(res);
}

static PyObject *
frame_repr(PyFrameObject *f)
{
    PyCodeObject *code = _PyFrame_GetCode(f->f_frame);
    return PyUnicode_FromFormat("<frame at %p, file %R, line %d, code %S>", f, code->co_filename,
                                PyFrame_GetLineNumber(f), code->co_name);
}

static PyMethodDef frame_methods[] = {
    {"clear", (PyCFunction)frame_clear, METH_NOARGS, clear__doc__},
    {"__sizeof__", (PyCFunction)frame_sizeof, METH_NOARGS, sizeof__doc__},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyFrame_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "frame",
    .tp_basicsize = offsetof(PyFrameObject, _f_frame_data) + offsetof(_PyInterpreterFrame,
                                                                      localsplus),
    .tp_itemsize = sizeof(_PyStackRef),
    .tp_dealloc = (destructor)frame_dealloc,
    .tp_repr = (reprfunc)frame_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)frame_traverse,
    .tp_clear = (inquiry)frame_tp_clear,
    .tp_methods = frame_methods,
    .tp_members = frame_members,
    .tp_getset = frame_getset,
};

/* An object for a frame of this code, not tracked, f_frame not set.  New reference or NULL. */
PyFrameObject *
_PyFrame_New_NoTrack(PyCodeObject *code)
{
    int slots = code->co_nlocalsplus + code->co_stacksize;
    PyFrameObject *f = PyObject_GC_NewVar(PyFrameObject, &PyFrame_Type, slots);
    if (f == NULL) {
        return NULL;
    }
    f->f_back = NULL;
    f->f_frame = NULL;
    f->f_trace = NULL;
    f->f_trace_lines = 1;
    f->f_trace_opcodes = 0;
    f->f_fast_as_locals = 0;
    f->f_lineno = 0;
    return f;
}

/* A frame that never ran, for debuggers and Cython's tracebacks.  New reference or NULL. */
PyFrameObject *
PyFrame_New(PyThreadState *tstate, PyCodeObject *code, PyObject *globals, PyObject *locals)
{
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New((PyObject *)code, globals);
    if (func == NULL) {
        return NULL;
    }
    PyFrameObject *f = _PyFrame_New_NoTrack(code);
    if (f == NULL) {
        Py_DECREF(func);
        return NULL;
    }
    assert(tstate == NULL || tstate->interp != NULL);
    (void)tstate;
    _PyInterpreterFrame *frame = (_PyInterpreterFrame *)f->_f_frame_data;
    frame->previous = NULL;
    _PyFrame_Initialize(frame, func, Py_XNewRef(locals), code, 0);
    f->f_frame = frame;
    frame->owner = FRAME_OWNED_BY_FRAME_OBJECT;
    /* Not before the first traceable instruction: the frame must look complete. */
    frame->instr_ptr = frame->code_base + code->co_firsttraceable;
    _PyObject_GC_TRACK((PyObject *)f);
    return f;
}

/* ---- f_locals ------------------------------------------------------------ */

/* In a frame that has not run COPY_FREE_VARS yet, the closure is still in the function only. */
static void
init_free_vars(_PyInterpreterFrame *frame)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    int lasti = _PyInterpreterFrame_LASTI(frame);
    if (!(lasti < 0 || (lasti == 0 && _PyCode_UNITS(co)->op.code == COPY_FREE_VARS))
        || frame->f_funcobj == NULL || !PyFunction_Check(frame->f_funcobj)) {
        return;
    }
    PyObject *closure = ((PyFunctionObject *)frame->f_funcobj)->func_closure;
    if (closure == NULL || frame->owner == FRAME_OWNED_BY_THREAD) {
        return;
    }
    int offset = co->co_nlocalsplus - co->co_nfreevars;
    for (int i = 0; i < co->co_nfreevars; i++) {
        if (PyStackRef_IsNull(frame->localsplus[offset + i])) {
            frame->localsplus[offset + i] = PyStackRef_FromPyObjectNew(
                PyTuple_GET_ITEM(closure, i));
        }
    }
    frame->instr_ptr = frame->code_base;
}

/* Is local i to be shown, and with what value (borrowed, NULL: unbound)?  May box. -1: error. */
static int
frame_get_var(_PyInterpreterFrame *frame, PyCodeObject *co, int i, PyObject **pvalue)
{
    _PyLocals_Kind kind = _PyLocals_GetKind(co->co_localspluskinds, i);
    /* Free variables of class bodies belong to another scope. */
    if ((kind & CO_FAST_FREE) && !(co->co_flags & CO_OPTIMIZED)) {
        return 0;
    }
    PyObject *value = NULL;
    if (frame->stacktop != 0) {
        value = PyStackRef_Materialize(&frame->localsplus[i]);
        if (value == NULL && !PyStackRef_IsNull(frame->localsplus[i])) {
            return -1;
        }
        if (value != NULL && ((kind & CO_FAST_FREE) || ((kind & CO_FAST_CELL) && PyCell_Check(value)
                              && _PyInterpreterFrame_LASTI(frame) >= 0))) {
            /* An argument that will become a cell is not one before MAKE_CELL ran; a cell as a
             * value of such an argument cannot be told apart only before that. */
            value = PyCell_GET(value);
        }
    }
    *pvalue = value;
    return 1;
}

/* The namespace of a frame; new reference.  Hidden names are those of inlined comprehensions. */
PyObject *
_PyFrame_GetLocals(_PyInterpreterFrame *frame, int include_hidden)
{
    PyObject *locals = frame->f_locals;
    if (locals == NULL) {
        locals = frame->f_locals = PyDict_New();
        if (locals == NULL) {
            return NULL;
        }
    }
    PyObject *hidden = NULL;
    if (include_hidden) {
        hidden = PyDict_New();
        if (hidden == NULL) {
            return NULL;
        }
    }
    init_free_vars(frame);
    PyCodeObject *co = _PyFrame_GetCode(frame);
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        PyObject *value;
        int shown = frame_get_var(frame, co, i, &value);
        if (shown < 0) {
            goto error;
        }
        if (!shown) {
            continue;
        }
        PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, i);
        if (_PyLocals_GetKind(co->co_localspluskinds, i) & CO_FAST_HIDDEN) {
            if (include_hidden && value != NULL && PyObject_SetItem(hidden, name, value) < 0) {
                goto error;
            }
            continue;
        }
        if (value == NULL) {
            if (PyObject_DelItem(locals, name) != 0) {
                if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
                    goto error;
                }
                PyErr_Clear();
            }
        }
        else if (PyObject_SetItem(locals, name, value) != 0) {
            goto error;
        }
    }
    if (include_hidden && PyDict_GET_SIZE(hidden) > 0) {
        /* A merged copy: the inlined comprehension's names must not stay in the snapshot. */
        PyObject *merged = PyDict_New();
        if (merged == NULL || PyDict_Update(merged, locals) < 0
            || PyDict_Update(merged, hidden) < 0) {
            Py_XDECREF(merged);
            goto error;
        }
        Py_DECREF(hidden);
        return merged;
    }
    Py_XDECREF(hidden);
    return Py_NewRef(locals);
error:
    Py_XDECREF(hidden);
    return NULL;
}

int
_PyFrame_FastToLocalsWithError(_PyInterpreterFrame *frame)
{
    PyObject *locals = _PyFrame_GetLocals(frame, 0);
    if (locals == NULL) {
        return -1;
    }
    Py_DECREF(locals);
    return 0;
}

PyObject *
PyFrame_GetLocals(PyFrameObject *f)
{
    if (f == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *locals = _PyFrame_GetLocals(f->f_frame, 1);
    if (locals != NULL) {
        f->f_fast_as_locals = 1;
    }
    return locals;
}

int
PyFrame_FastToLocalsWithError(PyFrameObject *f)
{
    if (f == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    int err = _PyFrame_FastToLocalsWithError(f->f_frame);
    if (err == 0) {
        f->f_fast_as_locals = 1;
    }
    return err;
}

void
PyFrame_FastToLocals(PyFrameObject *f)
{
    assert(!PyErr_Occurred());
    if (PyFrame_FastToLocalsWithError(f) < 0) {
        PyErr_Clear();
    }
}

/* A frame that runs C code has its stack pointer in a register, and its stack may borrow from a
 * local that is written to.  So the old value stays alive as long as the interpreter.  Only
 * debuggers that call PyFrame_LocalsToFast() for such a frame come here.  0, or -1 with
 * MemoryError. */
static int
keep_alive(_PyStackRef old)
{
    PyObject *dict = PyInterpreterState_GetDict(PyInterpreterState_Get());
    if (dict == NULL) {
        return -1;
    }
    PyObject *kept = PyDict_GetItemWithError(dict, &_Py_ID(_replaced_locals));
    if (kept == NULL) {
        kept = PyList_New(0);
        int err = kept == NULL ? -1 : PyDict_SetItem(dict, &_Py_ID(_replaced_locals), kept);
        Py_XDECREF(kept);
        if (err < 0) {
            return -1;
        }
    }
    return PyList_Append(kept, PyStackRef_AsPyObjectBorrow(old));
}

/* Writes one value back into its slot or cell. */
static void
store_fast(_PyInterpreterFrame *frame, PyCodeObject *co, int i, PyObject *value)
{
    _PyLocals_Kind kind = _PyLocals_GetKind(co->co_localspluskinds, i);
    PyObject *cell = NULL;
    if (!PyStackRef_IsNull(frame->localsplus[i]) && (kind & (CO_FAST_CELL | CO_FAST_FREE))) {
        PyObject *old = PyStackRef_Materialize(&frame->localsplus[i]);
        if (old != NULL && PyCell_Check(old)) {
            cell = old;
        }
    }
    if (cell != NULL) {
        if (PyCell_GET(cell) != value) {
            PyCell_Set(cell, value);
        }
        return;
    }
    _PyStackRef old = frame->localsplus[i];
    if (frame->stacktop < 0 && PyStackRef_IsOwned(old) && keep_alive(old) < 0) {
        PyErr_Clear();
        return;         /* no memory: the local stays what it was */
    }
    frame->localsplus[i] = value == NULL ? PyStackRef_NULL : PyStackRef_FromPyObjectNew(value);
    PyStackRef_XCLOSE(old);
}

void
_PyFrame_LocalsToFast(_PyInterpreterFrame *frame, int clear)
{
    PyObject *locals = frame->f_locals;
    PyCodeObject *co = _PyFrame_GetCode(frame);
    if (locals == NULL) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (frame->stacktop >= 0 && _PyFrame_OwnEntries(frame) < 0) {
        PyErr_Clear();      /* no memory: nothing is written */
        PyErr_SetRaisedException(exc);
        return;
    }
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        _PyLocals_Kind kind = _PyLocals_GetKind(co->co_localspluskinds, i);
        if (kind & CO_FAST_HIDDEN) {
            continue;
        }
        if ((kind & CO_FAST_FREE) && !(co->co_flags & CO_OPTIMIZED)) {
            continue;       /* class bodies */
        }
        PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, i);
        PyObject *value = PyObject_GetItem(locals, name);
        if (value == NULL) {
            PyErr_Clear();
            if (!clear) {
                continue;
            }
        }
        if (value == NULL && !PyStackRef_IsNull(frame->localsplus[i])
            && !(kind & (CO_FAST_CELL | CO_FAST_FREE))) {
            /* LOAD_FAST does not check: a local once bound is never unbound behind its back. */
            if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0,
                                 "assigning None to unbound local %R", name) < 0) {
                PyErr_Clear();
            }
            value = Py_NewRef(Py_None);
        }
        store_fast(frame, co, i, value);
        Py_XDECREF(value);
    }
    PyErr_SetRaisedException(exc);
}

void
PyFrame_LocalsToFast(PyFrameObject *f, int clear)
{
    assert(f != NULL);
    if (f->f_fast_as_locals && f->f_frame->owner != FRAME_OWNED_BY_CSTACK) {
        _PyFrame_LocalsToFast(f->f_frame, clear);
        f->f_fast_as_locals = 0;
    }
}

PyObject *
PyFrame_GetVar(PyFrameObject *f, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "name must be str, not %s", Py_TYPE(name)->tp_name);
        return NULL;
    }
    _PyInterpreterFrame *frame = f->f_frame;
    init_free_vars(frame);
    PyCodeObject *co = _PyFrame_GetCode(frame);
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        if (!_PyUnicode_Equal(PyTuple_GET_ITEM(co->co_localsplusnames, i), name)) {
            continue;
        }
        PyObject *value;
        int shown = frame_get_var(frame, co, i, &value);
        if (shown < 0) {
            return NULL;
        }
        if (shown && value != NULL) {
            return Py_NewRef(value);
        }
        break;
    }
    PyErr_Format(PyExc_NameError, "variable %R does not exist", name);
    return NULL;
}

PyObject *
PyFrame_GetVarString(PyFrameObject *f, const char *name)
{
    PyObject *str = PyUnicode_FromString(name);
    if (str == NULL) {
        return NULL;
    }
    PyObject *value = PyFrame_GetVar(f, str);
    Py_DECREF(str);
    return value;
}

/* ---- other accessors ----------------------------------------------------- */

PyCodeObject *
PyFrame_GetCode(PyFrameObject *f)
{
    assert(f != NULL);
    return (PyCodeObject *)Py_NewRef(_PyFrame_GetCode(f->f_frame));
}

/* New reference, or NULL: no such frame (or no memory, with MemoryError). */
PyFrameObject *
PyFrame_GetBack(PyFrameObject *f)
{
    assert(f != NULL);
    PyFrameObject *back = f->f_back;
    if (back == NULL) {
        _PyInterpreterFrame *previous = _PyFrame_GetFirstComplete(f->f_frame->previous);
        if (previous != NULL) {
            back = _PyFrame_GetFrameObject(previous);
        }
    }
    return (PyFrameObject *)Py_XNewRef(back);
}

PyObject *
PyFrame_GetGlobals(PyFrameObject *f)
{
    return frame_getglobals(f, NULL);
}

PyObject *
PyFrame_GetBuiltins(PyFrameObject *f)
{
    return frame_getbuiltins(f, NULL);
}

int
PyFrame_GetLasti(PyFrameObject *f)
{
    int lasti = _PyInterpreterFrame_LASTI(f->f_frame);
    return lasti < 0 ? -1 : lasti * (int)sizeof(_Py_CODEUNIT);
}

PyObject *
PyFrame_GetGenerator(PyFrameObject *f)
{
    if (f->f_frame->owner != FRAME_OWNED_BY_GENERATOR) {
        return NULL;
    }
    return Py_NewRef((PyObject *)_PyFrame_GetGenerator(f->f_frame));
}

int
_PyFrame_IsEntryFrame(PyFrameObject *f)
{
    _PyInterpreterFrame *previous = f->f_frame->previous;
    return previous == NULL || previous->owner == FRAME_OWNED_BY_CSTACK;
}
