/* posixmodule.c - the module posix: its functions by subject, types and state.
 *
 * The functions are in Modules/posix/.  Written from the library reference (os) and observed
 * behaviour.
 */
#include "posix/posix.h"
#include "pycore_object.h"      // _Py_SHARED

static const PyMethodDef *const method_tables[] = {
    _PyPosix_StatMethods, _PyPosix_FileMethods, _PyPosix_DirMethods, _PyPosix_FdMethods,
    _PyPosix_EnvironMethods, _PyPosix_ForkMethods, _PyPosix_TerminalMethods,
    _PyPosix_SystemMethods, _PyPosix_IdMethods, _PyPosix_ExecMethods, _PyPosix_WaitMethods,
    _PyPosix_SchedMethods, _PyPosix_ConfMethods, _PyPosix_TransferMethods, _PyPosix_XattrMethods,
};

PyTypeObject *
_PyPosix_AddStructSequence(PyObject *module, const char *name, const PyStructSequence_Desc *desc,
                           PyTypeObject **place)
{
    assert(*place == NULL);
    *place = PyStructSequence_NewType((PyStructSequence_Desc *)desc);
    if (*place == NULL || PyModule_AddObjectRef(module, name, (PyObject *)*place) < 0) {
        return NULL;            /* the module's end clears the place */
    }
    return *place;
}

static const PyStructSequence_Field terminal_size_fields[] = {
    {"columns", "width of the terminal window in characters"},
    {"lines", "height of the terminal window in characters"},
    {NULL, NULL}
};

static const PyStructSequence_Desc terminal_size_desc = {
    "os.terminal_size",
    "A tuple of (columns, lines) for holding terminal window size",
    (PyStructSequence_Field *)terminal_size_fields, 2
};

static const PyStructSequence_Field times_fields[] = {
    {"user", "user time"},
    {"system", "system time"},
    {"children_user", "user time of children"},
    {"children_system", "system time of children"},
    {"elapsed", "elapsed time since an arbitrary point in the past"},
    {NULL, NULL}
};

static const PyStructSequence_Desc times_desc = {
    "posix.times_result",
    "times_result: Result from os.times().\n\n"
    "A tuple of (user, system, children_user, children_system, elapsed), also by attributes\n"
    "of these names.",
    (PyStructSequence_Field *)times_fields, 5
};

static const PyStructSequence_Field uname_fields[] = {
    {"sysname", "operating system name"},
    {"nodename", "name of machine on network (implementation-defined)"},
    {"release", "operating system release"},
    {"version", "operating system version"},
    {"machine", "hardware identifier"},
    {NULL, NULL}
};

static const PyStructSequence_Desc uname_desc = {
    "posix.uname_result",
    "uname_result: Result from os.uname().\n\n"
    "A tuple of (sysname, nodename, release, version, machine), also by attributes of these\n"
    "names.",
    (PyStructSequence_Field *)uname_fields, 5
};

static int
add_types(PyObject *module)
{
    posix_state *state = posix_get_state(module);
    if (_PyPosix_AddStatTypes(module) < 0 || _PyPosix_AddDirTypes(module) < 0
        || _PyPosix_AddProcessTypes(module) < 0) {
        return -1;
    }
    if (_PyPosix_AddStructSequence(module, "terminal_size", &terminal_size_desc,
                                   &state->terminal_size) == NULL
        || _PyPosix_AddStructSequence(module, "times_result", &times_desc,
                                      &state->times_result) == NULL
        || _PyPosix_AddStructSequence(module, "uname_result", &uname_desc,
                                      &state->uname_result) == NULL) {
        return -1;
    }
    return 0;
}

static int
posix_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(method_tables); i++) {
        if (PyModule_AddFunctions(module, (PyMethodDef *)method_tables[i]) < 0) {
            return -1;
        }
    }
    if (add_types(module) < 0 || _PyPosix_AddConstants(module) < 0
        || _PyPosix_AddEnviron(module) < 0 || _PyPosix_AddConfNames(module) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "error", PyExc_OSError);
}

#define STATE_REFS(X)                                                               \
    X(stat_result) X(statvfs_result) X(terminal_size) X(times_result) X(uname_result) \
    X(sched_param) X(waitid_result) X(direntry) X(scandir_iterator) X(struct_rusage)

static int
posix_traverse(PyObject *module, visitproc visit, void *arg)
{
    posix_state *state = posix_get_state(module);
#define VISIT(NAME) Py_VISIT(state->NAME);
    STATE_REFS(VISIT)
#undef VISIT
    return 0;
}

static int
posix_clear(PyObject *module)
{
    posix_state *state = posix_get_state(module);
#define CLEAR(NAME) Py_CLEAR(state->NAME);
    STATE_REFS(CLEAR)
#undef CLEAR
    return 0;
}

static void
posix_free(void *module)
{
    posix_clear((PyObject *)module);
}

static const PyModuleDef_Slot posix_slots[] = {
    {Py_mod_exec, posix_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(posix_doc,
"The interface to the operating system that the C and POSIX standards describe.\n\n"
"Use the module os, which is the same on all systems.");

static _Py_SHARED struct PyModuleDef posix_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "posix",
    .m_doc = posix_doc,
    .m_size = sizeof(posix_state),
    .m_slots = (PyModuleDef_Slot *)posix_slots,
    .m_traverse = posix_traverse,
    .m_clear = posix_clear,
    .m_free = posix_free,
};

PyMODINIT_FUNC
PyInit_posix(void)
{
    return PyModuleDef_Init(&posix_module);
}
