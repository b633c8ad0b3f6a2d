/* users.h - records of the C library's databases of users and groups (for pwd, spwd and grp).
 *
 * The reentrant functions of the C library put a record's strings into memory of the caller: a
 * users_entry is a record with that memory behind it.  A lookup may wait for a server: the GIL is
 * released meanwhile.
 */
#ifndef Py_USERS_H
#define Py_USERS_H

#include "Python.h"

#include <grp.h>
#include <pwd.h>
#include <shadow.h>

typedef struct _users_entry {
    struct _users_entry *next;          /* in a list of all records */
    union {
        struct passwd pw;
        struct spwd sp;
        struct group gr;
    } record;                           /* its strings are in `strings` */
    size_t size;                        /* of `strings` */
    char strings[];
} users_entry;

/* Asks the C library for a record; *found is NULL if there is none.  0, or an error number. */
typedef int (*users_fetch)(const void *key, users_entry *entry, void **found);

/* One database. */
struct users_database {
    void (*rewind)(void);
    void (*close)(void);
    users_fetch next;                   /* without a key: the record at the position */
    PyObject *(*make)(PyTypeObject *type, const users_entry *entry);    /* new, or NULL */
    int size_name;                      /* for sysconf(): a guess of the size of a record */
};

/* The record of a key as an object of `type`: new reference.  NULL with MemoryError, or without
   an exception if there is no such record. */
extern PyObject *_PyUsers_Get(const struct users_database *db, PyTypeObject *type,
                              users_fetch fetch, const void *key);
/* A list of all records: new reference, or NULL with an exception. */
extern PyObject *_PyUsers_List(const struct users_database *db, PyTypeObject *type);

/* A field: new str, or None for a missing string; NULL with an exception. */
extern PyObject *_PyUsers_String(const char *text);
/* A struct sequence of the values, which are taken over.  NULL with an exception, also if one of
   the values is NULL. */
extern PyObject *_PyUsers_Record(PyTypeObject *type, PyObject **values, int n);

#endif  /* !Py_USERS_H */
