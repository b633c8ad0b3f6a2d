/* Per-interpreter state of monitoring (PEP 669) and of the legacy tracing built on it.
 * Owner: Python/instrumentation.c. */
#ifndef Py_INTERNAL_INSTRUMENTS_STATE_H
#define Py_INTERNAL_INSTRUMENTS_STATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _PY_MONITORING_TOOLS    8       /* ids 6 and 7: sys.setprofile and sys.settrace */
#define _PY_MONITORING_ALL_EVENTS 17

struct _instruments_state {
    uint64_t restarts;              /* calls of sys.monitoring.restart_events() */
    uint64_t version;               /* grows with every change of the monitored events */
    uint8_t tools[_PY_MONITORING_ALL_EVENTS];   /* bit per tool that wants the event */
    PyObject *tool_names[_PY_MONITORING_TOOLS]; /* sys.monitoring.use_tool_id */
    PyObject *callables[_PY_MONITORING_TOOLS][_PY_MONITORING_ALL_EVENTS];
    PyObject *disable;              /* sys.monitoring.DISABLE */
    PyObject *missing;              /* sys.monitoring.MISSING */
    int legacy_initialized;         /* the two reserved tools have their callables */
};

#endif /* !Py_INTERNAL_INSTRUMENTS_STATE_H */
