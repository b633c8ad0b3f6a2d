/* sys: audit hooks (PEP 578), and writing to sys.stdout and sys.stderr from C.
 *
 * C hooks belong to the process (_PyRuntime.audit; only added, read without the lock), Python
 * hooks to the interpreter (interp->audit_hooks).
 * Written from PEP 578, the C API reference ("System Functions") and observed behaviour. */
#include "Python.h"
#include "pycore_lifecycle.h"
#include "pycore_lock.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"
#include "pycore_sysmodule.h"

#include "sig/sysmodule_io.sig.h"

/* ---- audit ---------------------------------------------------------------------------- */

static _Py_AuditHookEntry *
first_hook(void)
{
    return __atomic_load_n(&_PyRuntime.audit.head, __ATOMIC_ACQUIRE);
}

static int
should_audit(PyInterpreterState *interp)
{
    return first_hook() != NULL || (interp != NULL && interp->audit_hooks != NULL);
}

/* Runs the Python hooks with tracing off unless a hook asks for it by __cantrace__. */
static int
call_python_hooks(PyThreadState *tstate, PyObject *hooks, PyObject *event, PyObject *args)
{
    int res = 0;
    PyThreadState_EnterTracing(tstate);
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = Py_NewRef(PyList_GET_ITEM(hooks, i));
        PyObject *flag = NULL;
        int cantrace = -1;
        if (_PyObject_LookupAttr(hook, &_Py_ID(__cantrace__), &flag) >= 0) {
            cantrace = flag != NULL ? PyObject_IsTrue(flag) : 0;
        }
        Py_XDECREF(flag);
        if (cantrace < 0) {
            res = -1;
        }
        else {
            if (cantrace) {
                PyThreadState_LeaveTracing(tstate);
            }
            PyObject *argv[2] = {event, args};
            PyObject *result = PyObject_Vectorcall(hook, argv, 2, NULL);
            if (cantrace) {
                PyThreadState_EnterTracing(tstate);
            }
            res = result != NULL ? 0 : -1;
            Py_XDECREF(result);
        }
        Py_DECREF(hook);
    }
    PyThreadState_LeaveTracing(tstate);
    return res;
}

static int
audit_with_args(PyThreadState *tstate, const char *event, PyObject *args)
{
    PyObject *exc = PyErr_GetRaisedException();
    int res = 0;
    for (_Py_AuditHookEntry *e = first_hook(); res == 0 && e != NULL; e = e->next) {
        res = e->hook(event, args, e->userdata) < 0 ? -1 : 0;
    }
    PyObject *hooks = tstate->interp->audit_hooks;
    if (res == 0 && hooks != NULL) {
        PyObject *name = PyUnicode_FromString(event);
        Py_INCREF(hooks);
        res = name != NULL ? call_python_hooks(tstate, hooks, name, args) : -1;
        Py_DECREF(hooks);
        Py_XDECREF(name);
    }
    if (res == 0) {
        PyErr_SetRaisedException(exc);
    }
    else {
        Py_XDECREF(exc);
    }
    return res;
}

static int
audit_va(PyThreadState *tstate, const char *event, const char *format, va_list vargs)
{
    if (tstate == NULL || !should_audit(tstate->interp)) {
        return 0;
    }
    PyObject *args;
    if (format == NULL || format[0] == '\0') {
        args = PyTuple_New(0);
    }
    else {
        args = _Py_VaBuildValue_SizeT(format, vargs);
        if (args != NULL && !PyTuple_Check(args)) {
            Py_SETREF(args, PyTuple_Pack(1, args));
        }
    }
    if (args == NULL) {
        return -1;
    }
    int res = audit_with_args(tstate, event, args);
    Py_DECREF(args);
    return res;
}

/* 0, or -1 with the hook's exception set. */
int
_PySys_Audit(PyThreadState *tstate, const char *event, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    int res = audit_va(tstate, event, format, vargs);
    va_end(vargs);
    return res;
}

int
PySys_Audit(const char *event, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    int res = audit_va(_PyThreadState_GET(), event, format, vargs);
    va_end(vargs);
    return res;
}

/* Works before the runtime is initialised: 0, or -1 (with an error set if there is a thread
   state). */
int
PySys_AddAuditHook(Py_AuditHookFunction hook, void *userdata)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL && PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();      /* the hooks refuse: silently not added */
            return 0;
        }
        return -1;
    }
    _Py_AuditHookEntry *entry = PyMem_RawMalloc(sizeof(*entry));
    if (entry == NULL) {
        if (tstate != NULL) {
            PyErr_NoMemory();
        }
        return -1;
    }
    *entry = (_Py_AuditHookEntry){.next = NULL, .hook = hook, .userdata = userdata};
    _PyProcessLock_Lock(&_PyRuntime.audit.lock);
    _Py_AuditHookEntry **link = &_PyRuntime.audit.head;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    __atomic_store_n(link, entry, __ATOMIC_RELEASE);
    _PyProcessLock_Unlock(&_PyRuntime.audit.lock);
    return 0;
}

/* At the end of the runtime, when no other thread runs. */
void
_PySys_ClearAuditHooks(PyThreadState *tstate)
{
    (void)tstate;
    _Py_AuditHookEntry *entry = first_hook();
    __atomic_store_n(&_PyRuntime.audit.head, NULL, __ATOMIC_RELEASE);
    while (entry != NULL) {
        _Py_AuditHookEntry *next = entry->next;
        PyMem_RawFree(entry);
        entry = next;
    }
}

/*sig sys.addaudithook(module, hook)

Adds a new audit hook callback.
*/
static PyObject *
sys_addaudithook_impl(PyObject *module, PyObject *hook)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_Exception)) {
            PyErr_Clear();      /* a hook refused: silently not added */
            Py_RETURN_NONE;
        }
        return NULL;
    }
    PyInterpreterState *interp = tstate->interp;
    if (interp->audit_hooks == NULL) {
        interp->audit_hooks = PyList_New(0);
        if (interp->audit_hooks == NULL) {
            return NULL;
        }
        /* gc.get_objects() must not show it. */
        PyObject_GC_UnTrack(interp->audit_hooks);
    }
    if (PyList_Append(interp->audit_hooks, hook) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(audit_doc,
"audit(event, *args)\n"
"\n"
"Passes the event to any audit hooks that are attached.");

static PyObject *
sys_audit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    PyThreadState *tstate = _PyThreadState_GET();
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "audit() missing 1 required positional argument: "
                        "'event'");
        return NULL;
    }
    if (!should_audit(tstate->interp)) {
        Py_RETURN_NONE;
    }
    if (!PyUnicode_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "expected str for argument 'event', not %.200s",
                     Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    const char *event = PyUnicode_AsUTF8(args[0]);
    PyObject *rest = event != NULL ? PyTuple_New(nargs - 1) : NULL;
    if (rest == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 1; i < nargs; i++) {
        PyTuple_SET_ITEM(rest, i - 1, Py_NewRef(args[i]));
    }
    int res = audit_with_args(tstate, event, rest);
    Py_DECREF(rest);
    return res == 0 ? Py_NewRef(Py_None) : NULL;
}

PyMethodDef _PySys_io_methods[] = {
    SYS_ADDAUDITHOOK_METHODDEF
    {"audit", _PyCFunction_CAST(sys_audit), METH_FASTCALL, audit_doc},
    {NULL, NULL, 0, NULL},
};

/* ---- writing --------------------------------------------------------------------------------- */

static int
write_unicode(PyObject *file, PyObject *text)
{
    if (file == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethodOneArg(file, &_Py_ID(write), text);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static int
write_text(PyObject *file, const char *text)
{
    PyObject *str = PyUnicode_FromString(text);
    int res = str != NULL ? write_unicode(file, str) : -1;
    Py_XDECREF(str);
    return res;
}

/* At most 1000 bytes, then a note; falls back to the C stream. */
static void
sys_write(PyObject *name, FILE *fp, const char *format, va_list vargs)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *file = _PySys_GetAttr(_PyThreadState_GET(), name);
    char buffer[1001];
    int written = vsnprintf(buffer, sizeof(buffer), format, vargs);
    if (write_text(file, buffer) != 0) {
        PyErr_Clear();
        fputs(buffer, fp);
    }
    if (written < 0 || (size_t)written >= sizeof(buffer)) {
        static const char truncated[] = "... truncated";
        if (write_text(file, truncated) != 0) {
            PyErr_Clear();
            fputs(truncated, fp);
        }
    }
    PyErr_SetRaisedException(exc);
}

void
PySys_WriteStdout(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    sys_write(&_Py_ID(stdout), stdout, format, vargs);
    va_end(vargs);
}

void
PySys_WriteStderr(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    sys_write(&_Py_ID(stderr), stderr, format, vargs);
    va_end(vargs);
}

static void
sys_format(PyObject *name, FILE *fp, const char *format, va_list vargs)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *file = _PySys_GetAttr(_PyThreadState_GET(), name);
    PyObject *message = PyUnicode_FromFormatV(format, vargs);
    if (message != NULL) {
        if (write_unicode(file, message) != 0) {
            PyErr_Clear();
            const char *utf8 = PyUnicode_AsUTF8(message);
            if (utf8 == NULL) {
                PyErr_Clear();
            }
            else {
                fputs(utf8, fp);
            }
        }
        Py_DECREF(message);
    }
    PyErr_SetRaisedException(exc);
}

void
PySys_FormatStdout(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    sys_format(&_Py_ID(stdout), stdout, format, vargs);
    va_end(vargs);
}

void
PySys_FormatStderr(const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    sys_format(&_Py_ID(stderr), stderr, format, vargs);
    va_end(vargs);
}
