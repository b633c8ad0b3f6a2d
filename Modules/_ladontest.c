/* _ladontest: knobs for tests of the core.  Only in builds that can fail an allocation on demand
   (--with-pydebug, --with-alloc-failures, sanitizers).

   Written from InternalDocs/heap.rst ("Debugging").  */

#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "frameobject.h"        // PyFrame_LocalsToFast()
#include "pycore_pymem.h"       // _PyMem_SetFailNth()
#include "pycore_runtime.h"     // _PyRuntime
#include "pycore_strings.h"

#include "sig/_ladontest.sig.h"

/*sig _ladontest.fail_allocation(module, nth: longlong, /, every: longlong = 0) -> object

Let the nth allocation from now fail, and then every every-th one.

The count is the process's.  0 switches failing off.  Return True if the allocation of the last
call failed, False if it was not reached, None if there was no last call.
*/
static PyObject *
_ladontest_fail_allocation_impl(PyObject *Py_UNUSED(module), long long nth, long long every)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    int64_t left = __atomic_load_n(&memory->fail_after, __ATOMIC_RELAXED);
    int armed = memory->fail_armed;
    if (nth < 0 || every < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return NULL;
    }
    memory->fail_armed = nth != 0;
    if (_PyMem_SetFailNth(nth, every) < 0) {
        PyErr_SetString(PyExc_NotImplementedError, "this build cannot fail allocations");
        return NULL;
    }
    return !armed ? Py_None : left <= 0 ? Py_True : Py_False;
}

/*sig _ladontest.write_locals(module, frame: type[&PyFrame_Type], /) -> None

Write frame.f_locals back into the variables of the frame, as debuggers do.
*/
static int
_ladontest_write_locals_impl(PyObject *Py_UNUSED(module), PyObject *frame)
{
    PyFrame_LocalsToFast((PyFrameObject *)frame, 0);
    return 0;
}

static PyMethodDef ladontest_methods[] = {
    _LADONTEST_WRITE_LOCALS_METHODDEF
    _LADONTEST_FAIL_ALLOCATION_METHODDEF
    {NULL, NULL, 0, NULL}
};

static PyModuleDef_Slot ladontest_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef _Py_SHARED ladontest_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ladontest",
    .m_doc = PyDoc_STR("Knobs for tests of the core."),
    .m_methods = ladontest_methods,
    .m_slots = ladontest_slots,
};

PyMODINIT_FUNC
PyInit__ladontest(void)
{
    return PyModuleDef_Init(&ladontest_module);
}
