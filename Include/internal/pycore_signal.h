#ifndef Py_INTERNAL_SIGNAL_H
#define Py_INTERNAL_SIGNAL_H
/* Signals inside the core (Modules/signalmodule.c); state: struct _signals_runtime_state. */
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Set up the handlers of the main interpreter: SIGPIPE ignored, SIGINT raises KeyboardInterrupt.
   Returns 0, or -1 with an exception. */
extern int _PySignal_Init(int install_signal_handlers);
/* Put the system's handlers back and drop the Python ones; main interpreter only. */
extern void _PySignal_Fini(void);
/* In a forked child: forget signals that arrived for the parent. */
extern void _PySignal_AfterFork(void);
extern int _PyOS_InterruptOccurred(PyThreadState *tstate);

#endif  /* !Py_INTERNAL_SIGNAL_H */
