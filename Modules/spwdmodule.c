/* spwd: the database of shadow passwords (deprecated by PEP 594).
 *
 * Written from the library reference (spwd), getspnam(3), shadow(5) and observed messages. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "users.h"              // _PyUsers_Get()

#include <errno.h>
#include <unistd.h>

#include "sig/spwdmodule.sig.h"

typedef struct {
    PyTypeObject *struct_spwd;
} spwd_state;

#define TUPLE_FIELDS 9

/* The last two are attributes only: the names that two of the fields had once. */
static const PyStructSequence_Field spwd_fields[] = {
    {"sp_namp", "login name"},
    {"sp_pwdp", "encrypted password"},
    {"sp_lstchg", "date of last change"},
    {"sp_min", "min #days between changes"},
    {"sp_max", "max #days between changes"},
    {"sp_warn", "#days before pw expires to warn user about it"},
    {"sp_inact", "#days after pw expires until account is disabled"},
    {"sp_expire", "#days since 1970-01-01 when account expires"},
    {"sp_flag", "reserved"},
    {"sp_nam", "login name; deprecated"},
    {"sp_pwd", "encrypted password; deprecated"},
    {NULL, NULL}
};

static const PyStructSequence_Desc spwd_desc = {
    "spwd.struct_spwd",
    "spwd.struct_spwd: an entry of the database of shadow passwords.\n\n"
    "A tuple of (sp_namp, sp_pwdp, sp_lstchg, sp_min, sp_max, sp_warn, sp_inact, sp_expire,\n"
    "sp_flag), also by attributes of these names.",
    (PyStructSequence_Field *)spwd_fields, TUPLE_FIELDS
};

/* What a name is looked up with: the C library's answer tells "not allowed" from "not there". */
struct name_key {
    const char *name;
    int *error;
};

static int
fetch_next(const void *Py_UNUSED(key), users_entry *e, void **found)
{
    return getspent_r(&e->record.sp, e->strings, e->size, (struct spwd **)found);
}

static int
fetch_name(const void *key, users_entry *e, void **found)
{
    const struct name_key *wanted = key;
    *wanted->error = getspnam_r(wanted->name, &e->record.sp, e->strings, e->size,
                                (struct spwd **)found);
    return *wanted->error;
}

static PyObject *
make_entry(PyTypeObject *type, const users_entry *entry)
{
    const struct spwd *sp = &entry->record.sp;
    PyObject *values[] = {
        _PyUsers_String(sp->sp_namp), _PyUsers_String(sp->sp_pwdp),
        PyLong_FromLong(sp->sp_lstchg), PyLong_FromLong(sp->sp_min), PyLong_FromLong(sp->sp_max),
        PyLong_FromLong(sp->sp_warn), PyLong_FromLong(sp->sp_inact),
        PyLong_FromLong(sp->sp_expire), PyLong_FromLong((long)sp->sp_flag),
        NULL, NULL,
    };
    values[TUPLE_FIELDS] = Py_XNewRef(values[0]);
    values[TUPLE_FIELDS + 1] = Py_XNewRef(values[1]);
    return _PyUsers_Record(type, values, Py_ARRAY_LENGTH(values));
}

/* Records of this database have the size of a user's. */
static const struct users_database shadows = {
    .rewind = setspent, .close = endspent, .next = fetch_next, .make = make_entry,
    .size_name = _SC_GETPW_R_SIZE_MAX,
};

static PyTypeObject *
entry_type(PyObject *module)
{
    return ((spwd_state *)PyModule_GetState(module))->struct_spwd;
}

/*sig spwd.getspnam(module, arg: unicode, /)

Return the shadow password database entry for the given user name.

See `help(spwd)` for more on shadow password database entries.
*/
static PyObject *
spwd_getspnam_impl(PyObject *module, PyObject *arg)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(arg);
    char *text;
    if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &text, NULL) < 0) {
        Py_XDECREF(bytes);
        return NULL;
    }
    int error = 0;
    const struct name_key key = {text, &error};
    PyObject *result = _PyUsers_Get(&shadows, entry_type(module), fetch_name, &key);
    Py_DECREF(bytes);
    if (result == NULL && !PyErr_Occurred()) {
        if (error == EACCES || error == EPERM) {
            errno = error;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        PyErr_SetString(PyExc_KeyError, "getspnam(): name not found");
    }
    return result;
}

/*sig spwd.getspall(module)

Return a list of all available shadow password database entries, in arbitrary order.

See `help(spwd)` for more on shadow password database entries.
*/
static PyObject *
spwd_getspall_impl(PyObject *module)
{
    return _PyUsers_List(&shadows, entry_type(module));
}

static _Py_SHARED PyMethodDef spwd_methods[] = {
    SPWD_GETSPNAM_METHODDEF
    SPWD_GETSPALL_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
spwd_exec(PyObject *module)
{
    /* Between the line that imports and this are five frames of importlib. */
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "'spwd' is deprecated and slated for removal in Python 3.13", 6) < 0)
    {
        return -1;
    }
    spwd_state *state = PyModule_GetState(module);
    state->struct_spwd = PyStructSequence_NewType((PyStructSequence_Desc *)&spwd_desc);
    return state->struct_spwd == NULL ? -1 : PyModule_AddType(module, state->struct_spwd);
}

static int
spwd_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((spwd_state *)PyModule_GetState(module))->struct_spwd);
    return 0;
}

static int
spwd_clear(PyObject *module)
{
    Py_CLEAR(((spwd_state *)PyModule_GetState(module))->struct_spwd);
    return 0;
}

static void
spwd_free(void *module)
{
    (void)spwd_clear(module);
}

static _Py_SHARED PyModuleDef_Slot spwd_slots[] = {
    {Py_mod_exec, spwd_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(spwd_doc,
"Access to the database of shadow passwords, for privileged users.\n\n"
"An entry is a tuple of nine items: the login name and the encrypted password, then\n"
"integers: sp_lstchg, sp_min, sp_max, sp_warn, sp_inact, sp_expire and sp_flag (see\n"
"shadow(5)).");

static _Py_SHARED struct PyModuleDef spwd_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "spwd",
    .m_doc = spwd_doc,
    .m_size = sizeof(spwd_state),
    .m_methods = spwd_methods,
    .m_slots = spwd_slots,
    .m_traverse = spwd_traverse,
    .m_clear = spwd_clear,
    .m_free = spwd_free,
};

PyMODINIT_FUNC
PyInit_spwd(void)
{
    return PyModuleDef_Init(&spwd_module);
}
