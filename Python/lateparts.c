/* Late parts of an interpreter: importlib, and what site adds to builtins (exit, help, ...).
 *
 * The main interpreter makes them at its start.  In another one they are made together at the first
 * need: an import that sys.modules does not answer, or a look at what they would have put
 * somewhere:
 *
 *  - a name of sys or builtins that is missing until then (is_late_name()), read, assigned or
 *    deleted as an attribute or by the C API, or met as an unknown global;
 *  - the whole dict of sys or builtins; a frame's or a function's builtins;
 *  - the names of a module's globals: globals(), and locals(), vars(), dir() at module level.
 *
 * Until then the names are missing from the dicts, so nobody but a miss pays for the question.
 *
 * interp->imports.late_stage: NONE (not set up: nobody may trigger), WAITING, MAKING (one thread at
 * work, which holds the import lock; its nested looks find what is there, other threads wait),
 * MADE.  After a failure the stage is WAITING again and what was made stays.
 *
 * The user's program does not notice the making: no tracing, no collection, and an exception in
 * flight survives.
 * Written from InternalDocs/births.rst. */
#include "Python.h"
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_import.h"      // _PyImport_AcquireLock()
#include "pycore_initconfig.h"  // _PyErr_SetFromPyStatus()
#include "pycore_lifecycle.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"     // _Py_ID()

/* From now on the first need makes them: 0, or -1 with an error.  What they are going to set must
 * be missing, so the None of a new module goes. */
int
_Py_DeferLateParts(PyThreadState *tstate, PyObject *main_dict)
{
    PyInterpreterState *interp = tstate->interp;
    assert(interp->imports.late_stage == _Py_LATE_NONE);
    if (PyDict_DelItem(interp->sysdict, &_Py_ID(__spec__)) < 0 ||
        PyDict_DelItem(interp->sysdict, &_Py_ID(__loader__)) < 0 ||
        PyDict_DelItem(interp->builtins, &_Py_ID(__spec__)) < 0 ||
        PyDict_DelItem(interp->builtins, &_Py_ID(__loader__)) < 0 ||
        PyDict_DelItem(main_dict, &_Py_ID(__loader__)) < 0) {
        return -1;
    }
    interp->imports.late_stage = _Py_LATE_WAITING;
    return 0;
}

static int
make_parts(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyStatus status = _PyImport_InitImportlib(tstate);
    if (_PyStatus_EXCEPTION(status)) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetFromPyStatus(status);
        }
        return -1;
    }
    return interp->site.stage == _Py_SITE_PENDING ? _PySite_Complete(tstate) : 0;
}

/* Under the import lock. */
static int
make_under_lock(PyThreadState *tstate)
{
    struct _import_state *st = &tstate->interp->imports;
    st->late_stage = _Py_LATE_MAKING;
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    int collecting = PyGC_Disable();
    PyThreadState_EnterTracing(tstate);
    int res = make_parts(tstate);
    PyThreadState_LeaveTracing(tstate);
    if (collecting) {
        PyGC_Enable();
    }
    if (st->late_stage == _Py_LATE_MAKING) {        /* the interpreter did not end meanwhile */
        st->late_stage = res == 0 ? _Py_LATE_MADE : _Py_LATE_WAITING;
    }
    if (res < 0) {
        Py_XDECREF(exc);
    }
    else {
        _PyErr_SetRaisedException(tstate, exc);
    }
    return res;
}

/* Makes them if that was not done yet: 0, or -1 with an error. */
int
_Py_MakeLateParts(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    struct _import_state *st = &interp->imports;
    if (st->late_stage == _Py_LATE_NONE || st->late_stage == _Py_LATE_MADE ||
        (st->late_stage == _Py_LATE_MAKING && st->lock_owner == PyThread_get_thread_ident())) {
        return 0;
    }
    _PyImport_AcquireLock(interp);
    if (st->lock == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int res = st->late_stage == _Py_LATE_WAITING ? make_under_lock(tstate) : 0;
    (void)_PyImport_ReleaseLock(interp);
    return res;
}

/* Is it a name that the late parts put into sys, builtins or __main__? */
static int
is_late_name(PyObject *name)
{
    PyObject *const names[] = {
        &_Py_ID(__loader__), &_Py_ID(__spec__), &_Py_ID(modules), &_Py_ID(meta_path),
        &_Py_ID(path_hooks), &_Py_ID(path_importer_cache), &_Py_ID(exit), &_Py_ID(quit),
        &_Py_ID(copyright), &_Py_ID(credits), &_Py_ID(license), &_Py_ID(help),
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (name == names[i] || (!PyUnicode_CHECK_INTERNED(name) && _PyUnicode_EQ(name, names[i])))
        {
            return 1;
        }
    }
    return 0;
}

int
_Py_MakeLatePartsFor(PyThreadState *tstate, PyObject *name)
{
    if (!_Py_LatePartsWait(tstate->interp) || !PyUnicode_Check(name) || !is_late_name(name)) {
        return 0;
    }
    return _Py_MakeLateParts(tstate) < 0 ? -1 : 1;
}

/* A list of finders is replaced as a whole: what would be added to it later comes first. */
int
_Py_PrepareAssignment(PyThreadState *tstate, PyObject *name)
{
    struct _import_state *st = &tstate->interp->imports;
    if (_Py_MakeLatePartsFor(tstate, name) < 0) {
        return -1;
    }
    if (st->late_stage == _Py_LATE_MADE && !st->external_installed && st->importlib != NULL &&
        (name == &_Py_ID(meta_path) || name == &_Py_ID(path_hooks))) {
        return _PyImport_EnsureExternal(tstate);
    }
    return 0;
}

/* At the end: they are not made any more. */
void
_Py_ForgetLateParts(PyInterpreterState *interp)
{
    if (interp->imports.late_stage != _Py_LATE_NONE) {
        interp->imports.late_stage = _Py_LATE_MADE;
    }
}
