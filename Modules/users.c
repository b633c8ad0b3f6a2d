/* users.c - the C library's databases of users and groups, for the modules pwd, spwd, grp.
 *
 * A record that does not fit its memory is asked for again with twice as much.  Going through all
 * records moves a position that the whole process shares: users.lock is held meanwhile, the
 * records are collected without making an object, and are turned into objects afterwards.  So
 * neither another interpreter nor a finaliser that goes through them gets in between.
 * Written from getpwnam(3), getpwent_r(3) and their kin for groups.
 */
#include "users.h"
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_runtime.h"     // _PyRuntime.users

#include <errno.h>
#include <unistd.h>

#define DEFAULT_SIZE 1024

/* The record of a key, PyMem_RawMalloc'ed.  NULL: there is none if *error is 0, else it is ENOMEM.
   Needs no GIL. */
static users_entry *
lookup(const struct users_database *db, users_fetch fetch, const void *key, int *error)
{
    long guess = sysconf(db->size_name);
    size_t size = guess > 0 ? (size_t)guess : DEFAULT_SIZE;
    users_entry *entry = NULL;
    *error = 0;
    for (;;) {
        users_entry *bigger = PyMem_RawRealloc(entry, sizeof(users_entry) + size);
        if (bigger == NULL) {
            PyMem_RawFree(entry);
            *error = ENOMEM;
            return NULL;
        }
        entry = bigger;
        entry->next = NULL;
        entry->size = size;
        void *found = NULL;
        int rc = fetch(key, entry, &found);
        if (rc == 0 && found != NULL) {
            assert(found == (void *)&entry->record);
            return entry;
        }
        if (rc != ERANGE && rc != EINTR) {
            PyMem_RawFree(entry);
            *error = rc == ENOMEM ? ENOMEM : 0;
            return NULL;
        }
        if (rc == ERANGE) {
            if (size > (size_t)PY_SSIZE_T_MAX / 4) {
                PyMem_RawFree(entry);
                *error = ENOMEM;
                return NULL;
            }
            size *= 2;
        }
    }
}

static void
free_entries(users_entry *list)
{
    while (list != NULL) {
        users_entry *next = list->next;
        PyMem_RawFree(list);
        list = next;
    }
}

/* The list of all records, as above. */
static users_entry *
all_entries(const struct users_database *db, int *error)
{
    users_entry *head = NULL, **tail = &head, *entry;
    _PyProcessLock_Lock(&_PyRuntime.users.lock);
    db->rewind();
    while ((entry = lookup(db, db->next, NULL, error)) != NULL) {
        *tail = entry;
        tail = &entry->next;
    }
    db->close();
    _PyProcessLock_Unlock(&_PyRuntime.users.lock);
    if (*error != 0) {
        free_entries(head);
        return NULL;
    }
    return head;
}

PyObject *
_PyUsers_Get(const struct users_database *db, PyTypeObject *type, users_fetch fetch,
             const void *key)
{
    users_entry *entry;
    int error;
    Py_BEGIN_ALLOW_THREADS
    entry = lookup(db, fetch, key, &error);
    Py_END_ALLOW_THREADS
    if (entry == NULL) {
        return error != 0 ? PyErr_NoMemory() : NULL;
    }
    PyObject *result = db->make(type, entry);
    free_entries(entry);
    return result;
}

PyObject *
_PyUsers_List(const struct users_database *db, PyTypeObject *type)
{
    users_entry *all;
    int error;
    Py_BEGIN_ALLOW_THREADS
    all = all_entries(db, &error);
    Py_END_ALLOW_THREADS
    if (error != 0) {
        return PyErr_NoMemory();
    }
    PyObject *list = PyList_New(0);
    for (users_entry *e = all; list != NULL && e != NULL; e = e->next) {
        PyObject *item = db->make(type, e);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    free_entries(all);
    return list;
}

PyObject *
_PyUsers_String(const char *text)
{
    return text != NULL ? PyUnicode_DecodeFSDefault(text) : Py_NewRef(Py_None);
}

PyObject *
_PyUsers_Record(PyTypeObject *type, PyObject **values, int n)
{
    PyObject *result = PyStructSequence_New(type);
    for (int i = 0; i < n; i++) {
        if (values[i] == NULL) {
            Py_CLEAR(result);
        }
    }
    for (int i = 0; i < n; i++) {
        if (result != NULL) {
            PyStructSequence_SetItem(result, i, values[i]);
        }
        else {
            Py_XDECREF(values[i]);
        }
    }
    return result;
}
