/* Evaluation: entry points of the loop, recursion limits, and the helpers that instruction
 * bodies call.
 *
 * Nothing here keeps state of its own: it lives in the thread state (frames, recursion
 * counters), the interpreter (limits, tools) and the frames.
 * Written from the C API reference, the dis documentation and InternalDocs/evaluation.rst. */
#ifndef Py_INTERNAL_CEVAL_H
#define Py_INTERNAL_CEVAL_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_pystate.h"     // _PyThreadState_IMPL()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_private_api.h" // _Py_CheckRecursiveCall()

/* ---- recursion ----------------------------------------------------------- */

/* True when this C function runs on the thread's recorded stack with room to spare. */
static inline int
_Py_StackHasRoom(PyThreadState *tstate)
{
    const struct _PyOSThread *os = _PyThreadState_IMPL(tstate)->os_thread;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return os != NULL && here - (uintptr_t)os->stack_soft_low < os->stack_soft_size;
}

/* Where the last part of the C stack begins (at its high end); NULL on a foreign stack. */
static inline char *
_Py_StackLow(PyThreadState *tstate)
{
    const struct _PyOSThread *os = _PyThreadState_IMPL(tstate)->os_thread;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return os != NULL && here - ((uintptr_t)os->stack_base - os->stack_size) < os->stack_size
           ? os->stack_soft_low : NULL;
}

/* True when it runs on the recorded stack, in its last part. */
static inline int
_Py_StackIsShort(PyThreadState *tstate)
{
    const struct _PyOSThread *os = _PyThreadState_IMPL(tstate)->os_thread;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return os != NULL && here - ((uintptr_t)os->stack_base - os->stack_size)
                         < os->stack_size - os->stack_soft_size;
}

/* Counts one level of C recursion.  0, or nonzero with RecursionError set; then (only) there is
 * nothing to leave.  On a foreign stack (greenlets, coroutines in C) the counter decides. */
static inline int
_Py_EnterRecursiveCallTstate(PyThreadState *tstate, const char *where)
{
    tstate->c_recursion_remaining--;
    if (_Py_StackHasRoom(tstate)) {
        return 0;
    }
    return _Py_CheckRecursiveCall(tstate, where);
}

static inline void
_Py_LeaveRecursiveCallTstate(PyThreadState *tstate)
{
    tstate->c_recursion_remaining++;
}

static inline int
_Py_EnterRecursiveCall(const char *where)
{
    return _Py_EnterRecursiveCallTstate(_PyThreadState_GET(), where);
}

static inline void
_Py_LeaveRecursiveCall(void)
{
    _Py_LeaveRecursiveCallTstate(_PyThreadState_GET());
}

/* The next item for an iterator that wraps another: like tp_iternext, but a long chain of wrappers
 * ends with RecursionError. */
static inline PyObject *
_PyIter_NextNested(PyObject *it)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while iterating")) {
        return NULL;
    }
    PyObject *item = Py_TYPE(it)->tp_iternext(it);
    _Py_LeaveRecursiveCallTstate(tstate);
    return item;
}

/* ---- evaluation ---------------------------------------------------------- */

extern PyObject *_PyEval_EvalFrameDefault(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                          int throwflag);

/* Runs a frame, by the PEP 523 hook if there is one. */
static inline PyObject *
_PyEval_EvalFrame(PyThreadState *tstate, _PyInterpreterFrame *frame, int throwflag)
{
    _PyFrameEvalFunction hook = tstate->interp->eval_frame;
    if (hook == NULL) {
        return _PyEval_EvalFrameDefault(tstate, frame, throwflag);
    }
    return hook(tstate, frame, throwflag);
}

/* Calls a function with C arguments (borrowed); locals (borrowed) may be NULL. */
extern PyObject *_PyEval_Vector(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals,
                                PyObject *const *args, size_t nargs, PyObject *kwnames);
/* A frame for a call whose arguments lie on the stack.  Consumes func and args, also when it
 * fails (NULL with an exception).  kwnames (borrowed) may be NULL. */
extern _PyInterpreterFrame *_PyEvalFramePushAndInit(PyThreadState *tstate, PyFunctionObject *func,
                                                    _PyStackRef *args, Py_ssize_t nargs,
                                                    PyObject *kwnames);
/* The same for f(*args, **kwargs); consumes func, borrows the tuple and the dict (or NULL). */
extern _PyInterpreterFrame *_PyEvalFramePushAndInit_Ex(PyThreadState *tstate,
                                                       PyFunctionObject *func,
                                                       PyObject *args, PyObject *kwargs);
/* Ends a frame of the data stack or of a generator; the previous frame is not touched. */
extern void _PyEval_FrameClearAndPop(PyThreadState *tstate, _PyInterpreterFrame *frame);

/* Room for a call of func, its locals from `first_null` on set to NULL.  Stores func without a
 * new reference: the caller provides it.  NULL with MemoryError. */
extern _PyInterpreterFrame *_PyFrame_PushFunction(PyThreadState *tstate, PyFunctionObject *func,
                                                  int first_null);

/* Looks up the handler for instruction `index`; 1 if there is one. */
extern int _PyEval_FindHandler(PyCodeObject *code, int index, int *level, int *handler,
                               int *lasti);

/* ---- form changes (executable.c) ----------------------------------------- */

/* Counts an entry (or back edge) of cold code.  True: the frame has changed over to an
 * executable; instr_ptr and code_base are set. */
extern int _PyEval_ColdCodeWarms(PyThreadState *tstate, _PyInterpreterFrame *frame, int entry);
/* RESUME found the breaker word different from the executable's: brings instrumentation up to
 * date.  1 if the units changed, 0 if not, -1 with an exception. */
extern int _PyEval_WarmResume(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* An exception is about to be raised in a suspended generator, which sees no RESUME: its form is
 * brought up to date.  The exception stays current. */
extern void _PyEval_BeforeThrow(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* A frame marked _Py_FRAME_CHANGE_FORM changes over; next is translated. */
extern const _Py_CODEUNIT *_PyEval_ChangeForm(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                              const _Py_CODEUNIT *next);

/* ---- errors about names (ceval_names.c) ---------------------------------- */

extern void _PyEval_FormatExcCheckArg(PyThreadState *tstate, PyObject *exc, const char *format,
                                      PyObject *obj);
extern void _PyEval_UnboundLocal(PyThreadState *tstate, _PyInterpreterFrame *frame, int oparg);
extern void _PyEval_UnboundDeref(PyThreadState *tstate, PyCodeObject *co, int oparg);
extern PyObject *_PyEval_LoadFromDictOrDeref(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                             PyObject *ns, int oparg);
extern PyObject *_PyEval_LoadFromDictOrGlobals(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                               PyObject *ns, PyObject *name);
extern PyObject *_PyEval_LoadGlobal(PyThreadState *tstate, PyObject *globals, PyObject *builtins,
                                    PyObject *name);
extern PyObject *_PyEval_LoadBuildClass(PyThreadState *tstate, PyObject *builtins);
extern int _PyEval_StoreName(PyThreadState *tstate, PyObject *ns, PyObject *name, PyObject *value);
extern int _PyEval_DeleteName(PyThreadState *tstate, PyObject *ns, PyObject *name);
extern int _PyEval_DeleteGlobal(PyThreadState *tstate, PyObject *globals, PyObject *name);
extern int _PyEval_SetupAnnotations(PyThreadState *tstate, PyObject *ns);
extern PyObject *_PyEval_ImportName(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                    PyObject *name, PyObject *fromlist, PyObject *level);
extern PyObject *_PyEval_ImportFrom(PyThreadState *tstate, PyObject *v, PyObject *name);
extern PyObject *_PyEval_GetBuiltin(PyObject *name);
/* The builtins that code with these globals sees: borrowed, or NULL with an exception. */
extern PyObject *_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals);

/* ---- operations (ceval_ops.c) -------------------------------------------- */

extern const binaryfunc _PyEval_BinaryOps[26];      /* indexed by NB_* */
extern int _PyEval_UnpackIterable(PyThreadState *tstate, PyObject *v, int before, int after,
                                  _PyStackRef *sp);
extern PyObject *_PyEval_GetSlice(PyObject *container, PyObject *start, PyObject *stop);
extern int _PyEval_SetSlice(PyObject *container, PyObject *start, PyObject *stop, PyObject *value);
extern PyObject *_PyEval_FormatValue(PyObject *value, PyObject *spec, int conversion);
extern int _PyEval_ListExtend(PyThreadState *tstate, PyObject *list, PyObject *iterable);
extern int _PyEval_DictUpdate(PyThreadState *tstate, PyObject *dict, PyObject *update);
extern int _PyEval_DictMerge(PyThreadState *tstate, PyObject *callable, PyObject *dict,
                             PyObject *update);
extern PyObject *_PyEval_LoadSuperAttr(PyThreadState *tstate, PyObject *super, PyObject *cls,
                                       PyObject *self, PyObject *name, int oparg, int *bound);
extern PyObject *_PyEval_GetYieldFromIter(PyThreadState *tstate, PyCodeObject *code,
                                          PyObject *iterable);
extern PyObject *_PyEval_GetAwaitable(PyThreadState *tstate, PyObject *iterable, int where);
extern PyObject *_PyEval_GetAIter(PyThreadState *tstate, PyObject *iterable);
extern PyObject *_PyEval_GetANext(PyThreadState *tstate, PyObject *aiter);
extern PySendResult _PyEval_Send(PyThreadState *tstate, _PyInterpreterFrame *frame,
                                 PyObject *receiver, PyObject *value, PyObject **result);
extern int _PyEval_IterationFailed(PyThreadState *tstate, _PyInterpreterFrame *frame);
extern int _PyEval_ExceptionMatches(PyThreadState *tstate, PyObject *exc, PyObject *type);
extern int _PyEval_ExceptionGroupMatch(PyThreadState *tstate, PyObject *exc, PyObject *type,
                                       PyObject **match, PyObject **rest);
extern int _PyEval_CheckExceptTypeValid(PyThreadState *tstate, PyObject *type);
extern int _PyEval_CheckExceptStarTypeValid(PyThreadState *tstate, PyObject *type);
/* Sets the exception of a raise statement; consumes both.  1: it is being raised again. */
extern int _PyEval_Raise(PyThreadState *tstate, PyObject *exc, PyObject *cause);
extern PyObject *_PyEval_BeforeWith(PyThreadState *tstate, PyObject *manager, int is_async,
                                    PyObject **exit);
extern PyObject *_PyEval_MatchKeys(PyThreadState *tstate, PyObject *map, PyObject *keys);
extern PyObject *_PyEval_MatchClass(PyThreadState *tstate, PyObject *subject, PyObject *type,
                                    Py_ssize_t nargs, PyObject *names);

/* ---- calls (ceval_call.c) ------------------------------------------------ */

/* Vectorcall with arguments on the stack (borrowed); args[-1] is scratch. */
extern PyObject *_PyEval_CallObject(PyThreadState *tstate, PyObject *callable, _PyStackRef *args,
                                    Py_ssize_t nargs, PyObject *kwnames);
/* A METH_O or METH_NOARGS function (arg then NULL), with the recursion check. */
extern PyObject *_PyEval_CallO(PyThreadState *tstate, PyCFunction meth, PyObject *self,
                               _PyStackRef arg);
/* The positional arguments of f(*iterable) as a tuple, new reference. */
extern PyObject *_PyEval_StarArgsTuple(PyThreadState *tstate, PyObject *func, PyObject *iterable);
/* Turns the KeyError or AttributeError of a failed ** into the TypeError of a call. */
extern void _PyEval_FormatKwargsError(PyThreadState *tstate, PyObject *func, PyObject *kwargs);

/* A function or method made by a given C function (len, isinstance). */
static inline int
_PyEval_IsBuiltinFunction(PyObject *func, PyCFunction meth)
{
    return PyCFunction_CheckExact(func) && PyCFunction_GET_FUNCTION(func) == meth;
}

extern int _PyEval_IsListAppend(PyObject *func);

/* C functions of builtins that have specialised calls (bltinmodule.c). */
extern PyObject *_PyBuiltin_Len(PyObject *module, PyObject *obj);
extern PyObject *_PyBuiltin_IsInstance(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* ---- setting of limits and hooks (ceval.c) ------------------------------- */

extern void _PyEval_Fini(void);
/* The builtins that a function with these globals sees: borrowed, or NULL with an error. */
extern PyObject *_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals);
/* func(*args) with tracing switched on again: new reference, or NULL with an error. */
extern PyObject *_PyEval_CallTracing(PyObject *func, PyObject *args);
extern int _PyEval_SetCoroutineOriginTrackingDepth(int depth);
extern int _PyEval_GetCoroutineOriginTrackingDepth(void);
extern int _PyEval_SetAsyncGenFirstiter(PyObject *firstiter);
extern int _PyEval_SetAsyncGenFinalizer(PyObject *finalizer);

#endif /* !Py_INTERNAL_CEVAL_H */
