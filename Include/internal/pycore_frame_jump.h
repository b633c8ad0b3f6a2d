/* Setting f_lineno and other things a tracer does to a frame.
 * Owner: Objects/frame_jump.c; Python/legacy_tracing.c. */
#ifndef Py_INTERNAL_FRAME_JUMP_H
#define Py_INTERNAL_FRAME_JUMP_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_frame.h"       // _PyInterpreterFrame

/* f.f_lineno = value: 0, or -1 with an exception.  Only from a trace function. */
extern int _PyFrame_SetLineno(PyFrameObject *f, PyObject *value);
/* The jump that the event of a yield asked for: 0, or -1 with an exception; or not after all. */
extern int _PyFrame_JumpAtResume(PyThreadState *tstate, _PyInterpreterFrame *frame);
extern void _PyFrame_ForgetJump(_PyInterpreterFrame *frame);
/* f.f_trace_opcodes was set: opcode events are wanted.  0 or -1. */
extern int _PyEval_SetOpcodeTrace(PyFrameObject *f);

#endif /* !Py_INTERNAL_FRAME_JUMP_H */
