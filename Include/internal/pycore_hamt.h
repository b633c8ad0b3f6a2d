/* Persistent hash maps (Python/hamt.c). */
#ifndef Py_INTERNAL_HAMT_H
#define Py_INTERNAL_HAMT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct PyHamtNode PyHamtNode;

typedef struct {
    PyObject_HEAD
    PyHamtNode *h_root;
    PyObject *h_weakreflist;
    Py_ssize_t h_count;
} PyHamtObject;

extern PyTypeObject _PyHamt_Type;
extern PyTypeObject _PyHamt_BitmapNode_Type;
extern PyTypeObject _PyHamtKeys_Type;
extern PyTypeObject _PyHamtValues_Type;
extern PyTypeObject _PyHamtItems_Type;

#define PyHamt_Check(o) Py_IS_TYPE((o), &_PyHamt_Type)

/* New empty map. */
extern PyHamtObject *_PyHamt_New(void);
/* New map in which `key` has the value `val`. */
extern PyHamtObject *_PyHamt_Assoc(PyHamtObject *o, PyObject *key, PyObject *val);
/* Map without `key`: a new one, or `o` again (new reference) if the key is not there. */
extern PyHamtObject *_PyHamt_Without(PyHamtObject *o, PyObject *key);
/* 1 and *val (borrowed), 0 without the key, or -1 with an error. */
extern int _PyHamt_Find(PyHamtObject *o, PyObject *key, PyObject **val);
/* 1, 0, or -1 with an error. */
extern int _PyHamt_Eq(PyHamtObject *v, PyHamtObject *w);
extern Py_ssize_t _PyHamt_Len(PyHamtObject *o);
/* New iterators. */
extern PyObject *_PyHamt_NewIterKeys(PyHamtObject *o);
extern PyObject *_PyHamt_NewIterValues(PyHamtObject *o);
extern PyObject *_PyHamt_NewIterItems(PyHamtObject *o);

#endif /* !Py_INTERNAL_HAMT_H */
