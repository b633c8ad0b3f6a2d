/* watch.c - dict watchers: callbacks that are told of changes to the dicts they are set on.
 *
 * The ids live in the interpreter (dict_state.watchers); the low byte of a dict's version tag
 * says which of them watch it.  Written from the C API reference.
 */
#include "Python.h"
#include "pycore_shared.h"      // _Py_IsShared()
#include "dict.h"

/* The callback of an id, NULL with an exception if the id is free. */
static PyDict_WatchCallback
watcher_of(PyInterpreterState *interp, int id)
{
    if (id < 0 || id >= DICT_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid dict watcher ID %d", id);
        return NULL;
    }
    PyDict_WatchCallback callback = interp->dict_state.watchers[id];
    if (callback == NULL) {
        PyErr_Format(PyExc_ValueError, "No dict watcher set for ID %d", id);
    }
    return callback;
}

/* Checks both arguments of (un)watching; 0 fine, -1 with an exception. */
static int
check_watch(int id, PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-dictionary");
        return -1;
    }
    return watcher_of(_PyInterpreterState_GET(), id) == NULL ? -1 : 0;
}

int
PyDict_Watch(int id, PyObject *dict)
{
    if (check_watch(id, dict) < 0) {
        return -1;
    }
    /* A shared dict never changes, so there is nothing to tell. */
    if (!_Py_IsShared(dict)) {
        ((PyDictObject *)dict)->ma_version_tag |= (uint64_t)1 << id;
    }
    return 0;
}

int
PyDict_Unwatch(int id, PyObject *dict)
{
    if (check_watch(id, dict) < 0) {
        return -1;
    }
    if (!_Py_IsShared(dict)) {
        ((PyDictObject *)dict)->ma_version_tag &= ~((uint64_t)1 << id);
    }
    return 0;
}

/* Registers a callback: its id, or -1 with RuntimeError. */
int
PyDict_AddWatcher(PyDict_WatchCallback callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0; i < DICT_MAX_WATCHERS; i++) {
        if (interp->dict_state.watchers[i] == NULL) {
            interp->dict_state.watchers[i] = callback;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more dict watcher IDs available");
    return -1;
}

int
PyDict_ClearWatcher(int id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (watcher_of(interp, id) == NULL) {
        return -1;
    }
    interp->dict_state.watchers[id] = NULL;
    return 0;
}

static const char *
event_name(PyDict_WatchEvent event)
{
    static const char *const names[] = {
        [PyDict_EVENT_ADDED] = "PyDict_EVENT_ADDED",
        [PyDict_EVENT_MODIFIED] = "PyDict_EVENT_MODIFIED",
        [PyDict_EVENT_DELETED] = "PyDict_EVENT_DELETED",
        [PyDict_EVENT_CLONED] = "PyDict_EVENT_CLONED",
        [PyDict_EVENT_CLEARED] = "PyDict_EVENT_CLEARED",
        [PyDict_EVENT_DEALLOCATED] = "PyDict_EVENT_DEALLOCATED",
    };
    return names[event];
}

/* Calls the watchers in `watcher_bits`; their exceptions are reported as unraisable. */
void
_PyDict_SendEvent(int watcher_bits, PyDict_WatchEvent event, PyDictObject *mp, PyObject *key,
                  PyObject *value)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0; i < DICT_MAX_WATCHERS; i++) {
        PyDict_WatchCallback callback = interp->dict_state.watchers[i];
        if (!(watcher_bits & (1 << i)) || callback == NULL) {
            continue;
        }
        if (callback(event, (PyObject *)mp, key, value) < 0) {
            /* The dict itself may be half dead; its address has to do. */
            PyObject *context = PyUnicode_FromFormat("%s watcher callback for <dict at %p>",
                                                     event_name(event), mp);
            if (context == NULL) {
                context = Py_NewRef(Py_None);
            }
            PyErr_WriteUnraisable(context);
            Py_DECREF(context);
        }
    }
}
