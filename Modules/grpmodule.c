/* grp: the database of groups.
 *
 * Written from the library reference (grp), getgrnam(3) and observed messages. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _Py_Gid_Converter()
#include "users.h"              // _PyUsers_Get()

#include <unistd.h>

#include "sig/grpmodule.sig.h"

typedef struct {
    PyTypeObject *struct_group;
} grp_state;

static const PyStructSequence_Field group_fields[] = {
    {"gr_name", "group name"},
    {"gr_passwd", "password"},
    {"gr_gid", "group id"},
    {"gr_mem", "group members"},
    {NULL, NULL}
};

static const PyStructSequence_Desc group_desc = {
    "grp.struct_group",
    "grp.struct_group: an entry of the database of groups.\n\n"
    "A tuple of (gr_name, gr_passwd, gr_gid, gr_mem), also by attributes of these names.",
    (PyStructSequence_Field *)group_fields, 4
};

static int
fetch_next(const void *Py_UNUSED(key), users_entry *e, void **found)
{
    return getgrent_r(&e->record.gr, e->strings, e->size, (struct group **)found);
}

static int
fetch_name(const void *name, users_entry *e, void **found)
{
    return getgrnam_r(name, &e->record.gr, e->strings, e->size, (struct group **)found);
}

static int
fetch_gid(const void *gid, users_entry *e, void **found)
{
    return getgrgid_r(*(const gid_t *)gid, &e->record.gr, e->strings, e->size,
                      (struct group **)found);
}

/* The list of the members' names; NULL with an error. */
static PyObject *
make_members(char *const *names)
{
    PyObject *list = PyList_New(0);
    for (; list != NULL && names != NULL && *names != NULL; names++) {
        PyObject *name = PyUnicode_DecodeFSDefault(*names);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

static PyObject *
make_entry(PyTypeObject *type, const users_entry *entry)
{
    const struct group *gr = &entry->record.gr;
    PyObject *values[] = {
        _PyUsers_String(gr->gr_name), _PyUsers_String(gr->gr_passwd),
        _PyLong_FromGid(gr->gr_gid), make_members(gr->gr_mem),
    };
    return _PyUsers_Record(type, values, Py_ARRAY_LENGTH(values));
}

static const struct users_database groups = {
    .rewind = setgrent, .close = endgrent, .next = fetch_next, .make = make_entry,
    .size_name = _SC_GETGR_R_SIZE_MAX,
};

static PyTypeObject *
entry_type(PyObject *module)
{
    return ((grp_state *)PyModule_GetState(module))->struct_group;
}

/*sig grp.getgrgid(module, id: conv[_Py_Gid_Converter, gid_t])

Return the group database entry for the given numeric group ID.

If id is not valid, raise KeyError.
*/
static PyObject *
grp_getgrgid_impl(PyObject *module, gid_t id)
{
    PyObject *result = _PyUsers_Get(&groups, entry_type(module), fetch_gid, &id);
    if (result == NULL && !PyErr_Occurred()) {
        PyObject *shown = _PyLong_FromGid(id);
        if (shown != NULL) {
            PyErr_Format(PyExc_KeyError, "getgrgid(): gid not found: %S", shown);
            Py_DECREF(shown);
        }
    }
    return result;
}

/*sig grp.getgrnam(module, name: unicode)

Return the group database entry for the given group name.

If name is not valid, raise KeyError.
*/
static PyObject *
grp_getgrnam_impl(PyObject *module, PyObject *name)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(name);
    char *text;
    if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &text, NULL) < 0) {
        Py_XDECREF(bytes);
        return NULL;
    }
    PyObject *result = _PyUsers_Get(&groups, entry_type(module), fetch_name, text);
    Py_DECREF(bytes);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_KeyError, "getgrnam(): name not found: %R", name);
    }
    return result;
}

/*sig grp.getgrall(module)

Return a list of all available group entries, in arbitrary order.

An entry whose name starts with '+' or '-' represents an instruction
to use YP/NIS and may not be accessible via getgrnam or getgrgid.
*/
static PyObject *
grp_getgrall_impl(PyObject *module)
{
    return _PyUsers_List(&groups, entry_type(module));
}

static _Py_SHARED PyMethodDef grp_methods[] = {
    GRP_GETGRGID_METHODDEF
    GRP_GETGRNAM_METHODDEF
    GRP_GETGRALL_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
grp_exec(PyObject *module)
{
    grp_state *state = PyModule_GetState(module);
    state->struct_group = PyStructSequence_NewType((PyStructSequence_Desc *)&group_desc);
    return state->struct_group == NULL ? -1 : PyModule_AddType(module, state->struct_group);
}

static int
grp_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((grp_state *)PyModule_GetState(module))->struct_group);
    return 0;
}

static int
grp_clear(PyObject *module)
{
    Py_CLEAR(((grp_state *)PyModule_GetState(module))->struct_group);
    return 0;
}

static void
grp_free(void *module)
{
    (void)grp_clear(module);
}

static _Py_SHARED PyModuleDef_Slot grp_slots[] = {
    {Py_mod_exec, grp_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(grp_doc,
"Access to the database of groups.\n\n"
"An entry is a tuple of four items: gr_name, gr_passwd, gr_gid and gr_mem.  The id is an\n"
"integer, the members are a list of names; the group that a user's own entry (see pwd)\n"
"names need not list that user.");

static _Py_SHARED struct PyModuleDef grp_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "grp",
    .m_doc = grp_doc,
    .m_size = sizeof(grp_state),
    .m_methods = grp_methods,
    .m_slots = grp_slots,
    .m_traverse = grp_traverse,
    .m_clear = grp_clear,
    .m_free = grp_free,
};

PyMODINIT_FUNC
PyInit_grp(void)
{
    return PyModuleDef_Init(&grp_module);
}
