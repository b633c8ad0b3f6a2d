/* _PyRuntime: the one writable object of the process.

   Its initialiser gives every process lock its place in the order, makes the memory API work before
   Py_Initialize() and names the main interpreter; all else is zero until
   _PyRuntime_Initialize() (pystate.c). */

#include "Python.h"
#include "pycore_lock.h"        // _PyProcessLock_INIT()
#include "pycore_pymem.h"       // _PyMem_INIT
#include "pycore_runtime.h"     // _PyRuntimeState

_PyRuntimeState _PyRuntime = {
    .interpreters = {
        .lock = _PyProcessLock_INIT(_Py_LOCK_INTERPRETERS),
    },
    .types_lock = _PyProcessLock_INIT(_Py_LOCK_TYPES),
    .memory = _PyMem_INIT,
    .imports = {
        .extensions_lock = _PyProcessLock_INIT(_Py_LOCK_EXTENSIONS),
    },
    .xidregistry = {.lock = _PyProcessLock_INIT(_Py_LOCK_XIDREGISTRY)},
    .channels = {.lock = _PyProcessLock_INIT(_Py_LOCK_CHANNELS)},
    .perf = {.lock = _PyProcessLock_INIT(_Py_LOCK_PERF), .map = -1},
    .tracemalloc = {.lock = _PyProcessLock_INIT(_Py_LOCK_TRACES), .max_frames = 1},
    .audit = {.lock = _PyProcessLock_INIT(_Py_LOCK_AUDIT)},
    .users = {.lock = _PyProcessLock_INIT(_Py_LOCK_USERS)},
    .signals = {.wakeup_fd = -1, .warn_on_full_buffer = 1},
    .main = &_PyRuntime._main_interpreter,
};
