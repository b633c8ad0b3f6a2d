/* Layout of set and frozenset objects and unchecked access.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_SETOBJECT_H
#  error "do not include this file directly, include setobject.h"
#endif

#ifndef Py_CPYTHON_SETOBJECT_H
#define Py_CPYTHON_SETOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PySet_MINSIZE 8

/* A slot of the table: free (key NULL), in use, or left by a removal. */
typedef struct {
    PyObject *key;   /* NULL when the slot is free */
    Py_hash_t hash;  /* of the key */
} setentry;

/* fill counts slots in use and slots left by removals, used only those in use. The table has
   mask + 1 slots; small ones stand in smalltable. hash is only that of a frozenset. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t fill;         /* slots not free */
    Py_ssize_t used;         /* items */
    Py_ssize_t mask;         /* number of slots - 1 */
    setentry *table;         /* the slots */
    Py_hash_t hash;          /* of a frozenset, -1 while not computed */
    Py_ssize_t finger;       /* where pop() goes on */
    setentry smalltable[8];  /* slots of a small set */
    PyObject *weakreflist;   /* weak references to this object */
} PySetObject;

PyAPI_DATA(PyObject *) _PySet_Dummy;

#define _PySet_CAST(so) (assert(PyAnySet_Check(so)), _Py_CAST(PySetObject *, so))

static inline Py_ssize_t
PySet_GET_SIZE(PyObject *so)
{
    return _PySet_CAST(so)->used;
}
#define PySet_GET_SIZE(so) PySet_GET_SIZE(_PyObject_CAST(so))

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PySet_NextEntry(PyObject *, Py_ssize_t *, PyObject **, Py_hash_t *);
PyAPI_FUNC(int) _PySet_Update(PyObject *, PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_SETOBJECT_H */
