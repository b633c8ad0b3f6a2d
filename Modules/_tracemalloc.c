/* The module _tracemalloc: the functions of Python/tracemalloc.c for the module tracemalloc.
 * Written from the library reference (tracemalloc) and observed behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "tracemalloc.h"

#include "sig/_tracemalloc.sig.h"

/*sig _tracemalloc.is_tracing(module) -> bool

Return True if the tracemalloc module is tracing Python memory allocations.
*/
static int
_tracemalloc_is_tracing_impl(PyObject *Py_UNUSED(module))
{
    return _PyTraceMalloc_IsTracing();
}

/*sig _tracemalloc.clear_traces(module) -> None

Clear traces of memory blocks allocated by Python.
*/
static int
_tracemalloc_clear_traces_impl(PyObject *Py_UNUSED(module))
{
    _PyTraceMalloc_ClearTraces();
    return 0;
}

/*sig _tracemalloc._get_traces(module)

Get traces of all memory blocks allocated by Python.

Return a list of (size: int, traceback: tuple) tuples.
traceback is a tuple of (filename: str, lineno: int) tuples.

Return an empty list if the tracemalloc module is disabled.
*/
static PyObject *
_tracemalloc__get_traces_impl(PyObject *Py_UNUSED(module))
{
    return _PyTraceMalloc_GetTraces();
}

/*sig _tracemalloc._get_object_traceback(module, obj, /)

Get the traceback where the Python object obj was allocated.

Return a tuple of (filename: str, lineno: int) tuples.
Return None if the tracemalloc module is disabled or did not
trace the allocation of the object.
*/
static PyObject *
_tracemalloc__get_object_traceback_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return _PyTraceMalloc_GetObjectTraceback(obj);
}

/*sig _tracemalloc.start(module, nframe: int = 1, /) -> None

Start tracing Python memory allocations.

Also set the maximum number of frames stored in the traceback of a
trace to nframe.
*/
static int
_tracemalloc_start_impl(PyObject *Py_UNUSED(module), int nframe)
{
    return _PyTraceMalloc_Start(nframe);
}

/*sig _tracemalloc.stop(module) -> None

Stop tracing Python memory allocations.

Also clear traces of memory blocks allocated by Python.
*/
static int
_tracemalloc_stop_impl(PyObject *Py_UNUSED(module))
{
    _PyTraceMalloc_Stop();
    return 0;
}

/*sig _tracemalloc.get_traceback_limit(module) -> int

Get the maximum number of frames stored in the traceback of a trace.

By default, a trace of an allocated memory block only stores
the most recent frame: the limit is 1.
*/
static int
_tracemalloc_get_traceback_limit_impl(PyObject *Py_UNUSED(module))
{
    return _PyTraceMalloc_GetTracebackLimit();
}

/*sig _tracemalloc.get_tracemalloc_memory(module)

Get the memory usage in bytes of the tracemalloc module.

This memory is used internally to trace memory allocations.
*/
static PyObject *
_tracemalloc_get_tracemalloc_memory_impl(PyObject *Py_UNUSED(module))
{
    return PyLong_FromSize_t(_PyTraceMalloc_GetMemory());
}

/*sig _tracemalloc.get_traced_memory(module)

Get the current size and peak size of memory blocks traced by tracemalloc.

Returns a tuple: (current: int, peak: int).
*/
static PyObject *
_tracemalloc_get_traced_memory_impl(PyObject *Py_UNUSED(module))
{
    return _PyTraceMalloc_GetTracedMemory();
}

/*sig _tracemalloc.reset_peak(module) -> None

Set the peak size of memory blocks traced by tracemalloc to the current size.

Do nothing if the tracemalloc module is not tracing memory allocations.
*/
static int
_tracemalloc_reset_peak_impl(PyObject *Py_UNUSED(module))
{
    _PyTraceMalloc_ResetPeak();
    return 0;
}

static _Py_SHARED PyMethodDef tracemalloc_methods[] = {
    _TRACEMALLOC_IS_TRACING_METHODDEF
    _TRACEMALLOC_CLEAR_TRACES_METHODDEF
    _TRACEMALLOC__GET_TRACES_METHODDEF
    _TRACEMALLOC__GET_OBJECT_TRACEBACK_METHODDEF
    _TRACEMALLOC_START_METHODDEF
    _TRACEMALLOC_STOP_METHODDEF
    _TRACEMALLOC_GET_TRACEBACK_LIMIT_METHODDEF
    _TRACEMALLOC_GET_TRACEMALLOC_MEMORY_METHODDEF
    _TRACEMALLOC_GET_TRACED_MEMORY_METHODDEF
    _TRACEMALLOC_RESET_PEAK_METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyModuleDef_Slot tracemalloc_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef tracemalloc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tracemalloc",
    .m_doc = "Debug module to trace memory blocks allocated by Python.",
    .m_methods = tracemalloc_methods,
    .m_slots = tracemalloc_slots,
};

PyMODINIT_FUNC
PyInit__tracemalloc(void)
{
    return PyModuleDef_Init(&tracemalloc_module);
}
