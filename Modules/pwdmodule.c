/* pwd: the database of users.
 *
 * Written from the library reference (pwd), getpwnam(3) and observed messages. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _Py_Uid_Converter()
#include "users.h"              // _PyUsers_Get()

#include <unistd.h>

#include "sig/pwdmodule.sig.h"

typedef struct {
    PyTypeObject *struct_passwd;
} pwd_state;

static const PyStructSequence_Field passwd_fields[] = {
    {"pw_name", "user name"},
    {"pw_passwd", "password"},
    {"pw_uid", "user id"},
    {"pw_gid", "group id"},
    {"pw_gecos", "real name"},
    {"pw_dir", "home directory"},
    {"pw_shell", "shell program"},
    {NULL, NULL}
};

static const PyStructSequence_Desc passwd_desc = {
    "pwd.struct_passwd",
    "pwd.struct_passwd: an entry of the database of users.\n\n"
    "A tuple of (pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell), also by\n"
    "attributes of these names.",
    (PyStructSequence_Field *)passwd_fields, 7
};

static int
fetch_next(const void *Py_UNUSED(key), users_entry *e, void **found)
{
    return getpwent_r(&e->record.pw, e->strings, e->size, (struct passwd **)found);
}

static int
fetch_name(const void *name, users_entry *e, void **found)
{
    return getpwnam_r(name, &e->record.pw, e->strings, e->size, (struct passwd **)found);
}

static int
fetch_uid(const void *uid, users_entry *e, void **found)
{
    return getpwuid_r(*(const uid_t *)uid, &e->record.pw, e->strings, e->size,
                      (struct passwd **)found);
}

static PyObject *
make_entry(PyTypeObject *type, const users_entry *entry)
{
    const struct passwd *pw = &entry->record.pw;
    PyObject *values[] = {
        _PyUsers_String(pw->pw_name), _PyUsers_String(pw->pw_passwd),
        _PyLong_FromUid(pw->pw_uid), _PyLong_FromGid(pw->pw_gid),
        _PyUsers_String(pw->pw_gecos), _PyUsers_String(pw->pw_dir),
        _PyUsers_String(pw->pw_shell),
    };
    return _PyUsers_Record(type, values, Py_ARRAY_LENGTH(values));
}

static const struct users_database users = {
    .rewind = setpwent, .close = endpwent, .next = fetch_next, .make = make_entry,
    .size_name = _SC_GETPW_R_SIZE_MAX,
};

static PyTypeObject *
entry_type(PyObject *module)
{
    return ((pwd_state *)PyModule_GetState(module))->struct_passwd;
}

/*sig pwd.getpwuid(module, uidobj: object, /)

Return the password database entry for the given numeric user ID.

See `help(pwd)` for more on password database entries.
*/
static PyObject *
pwd_getpwuid_impl(PyObject *module, PyObject *uidobj)
{
    uid_t uid;
    if (!_Py_Uid_Converter(uidobj, &uid)) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_KeyError, "getpwuid(): uid not found");
        }
        return NULL;
    }
    PyObject *result = _PyUsers_Get(&users, entry_type(module), fetch_uid, &uid);
    if (result == NULL && !PyErr_Occurred()) {
        PyObject *shown = _PyLong_FromUid(uid);
        if (shown != NULL) {
            PyErr_Format(PyExc_KeyError, "getpwuid(): uid not found: %S", shown);
            Py_DECREF(shown);
        }
    }
    return result;
}

/*sig pwd.getpwnam(module, name: unicode, /)

Return the password database entry for the given user name.

See `help(pwd)` for more on password database entries.
*/
static PyObject *
pwd_getpwnam_impl(PyObject *module, PyObject *name)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(name);
    char *text;
    if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &text, NULL) < 0) {
        Py_XDECREF(bytes);
        return NULL;
    }
    PyObject *result = _PyUsers_Get(&users, entry_type(module), fetch_name, text);
    Py_DECREF(bytes);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_KeyError, "getpwnam(): name not found: %R", name);
    }
    return result;
}

/*sig pwd.getpwall(module)

Return a list of all available password database entries, in arbitrary order.

See help(pwd) for more on password database entries.
*/
static PyObject *
pwd_getpwall_impl(PyObject *module)
{
    return _PyUsers_List(&users, entry_type(module));
}

static _Py_SHARED PyMethodDef pwd_methods[] = {
    PWD_GETPWUID_METHODDEF
    PWD_GETPWNAM_METHODDEF
    PWD_GETPWALL_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
pwd_exec(PyObject *module)
{
    pwd_state *state = PyModule_GetState(module);
    state->struct_passwd = PyStructSequence_NewType((PyStructSequence_Desc *)&passwd_desc);
    return state->struct_passwd == NULL ? -1 : PyModule_AddType(module, state->struct_passwd);
}

static int
pwd_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((pwd_state *)PyModule_GetState(module))->struct_passwd);
    return 0;
}

static int
pwd_clear(PyObject *module)
{
    Py_CLEAR(((pwd_state *)PyModule_GetState(module))->struct_passwd);
    return 0;
}

static void
pwd_free(void *module)
{
    (void)pwd_clear(module);
}

static _Py_SHARED PyModuleDef_Slot pwd_slots[] = {
    {Py_mod_exec, pwd_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(pwd_doc,
"Access to the database of users.\n\n"
"An entry is a tuple of seven items: pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir\n"
"and pw_shell.  The ids are integers, all others are strings; KeyError is raised for an\n"
"entry that is not there.");

static _Py_SHARED struct PyModuleDef pwd_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pwd",
    .m_doc = pwd_doc,
    .m_size = sizeof(pwd_state),
    .m_methods = pwd_methods,
    .m_slots = pwd_slots,
    .m_traverse = pwd_traverse,
    .m_clear = pwd_clear,
    .m_free = pwd_free,
};

PyMODINIT_FUNC
PyInit_pwd(void)
{
    return PyModuleDef_Init(&pwd_module);
}
