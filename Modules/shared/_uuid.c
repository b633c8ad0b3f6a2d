/* _uuid: UUIDs of time and node (version 1) by libuuid, which may ask a daemon so that they are
 * unique among all processes.
 *
 * Written from the manual page uuid_generate(3), the documentation of the module uuid and observed
 * behaviour.
 */
#define PY_SSIZE_T_CLEAN
#include "Python.h"

#include <uuid/uuid.h>

/* (bytes, status): the status is 0 if a daemon or a file vouched for the UUID, else -1. */
static PyObject *
uuid_time_safe(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    uuid_t uuid;
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = uuid_generate_time_safe(uuid);
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(y#i)", (const char *)uuid, (Py_ssize_t)sizeof(uuid), status);
}

static PyMethodDef uuid_functions[] = {
    {"generate_time_safe", uuid_time_safe, METH_NOARGS, NULL},
    {NULL}
};

static int
uuid_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "has_uuid_generate_time_safe", 1);
}

static PyModuleDef_Slot uuid_slots[] = {
    {Py_mod_exec, uuid_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef uuid_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_uuid",
    .m_size = 0,
    .m_methods = uuid_functions,
    .m_slots = uuid_slots,
};

PyMODINIT_FUNC
PyInit__uuid(void)
{
    return PyModuleDef_Init(&uuid_module);
}
