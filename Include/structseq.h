/* Struct sequences: tuples whose items have names too.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_STRUCTSEQ_H
#define Py_STRUCTSEQ_H

#include "object.h"
#include "tupleobject.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct PyStructSequence_Field {
    const char *name;  /* PyStructSequence_UnnamedField for none */
    const char *doc;   /* docstring, or NULL */
} PyStructSequence_Field;

typedef struct PyStructSequence_Desc {
    const char *name;
    const char *doc;
    PyStructSequence_Field *fields;  /* ended by a NULL name */
    int n_in_sequence;               /* how many are items too */
} PyStructSequence_Desc;

/* Name of a field that has none. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_DATA(const char * const) PyStructSequence_UnnamedField;
#endif

PyAPI_FUNC(Py_BORROWED PyObject *) PyStructSequence_GetItem(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyStructSequence_New(PyTypeObject *);
PyAPI_FUNC(Py_NEWREF PyTypeObject *) PyStructSequence_NewType(PyStructSequence_Desc *);
PyAPI_FUNC(void) PyStructSequence_SetItem(PyObject *, Py_ssize_t, Py_STEALS PyObject *);

#ifndef Py_LIMITED_API
PyAPI_FUNC(void) PyStructSequence_InitType(PyTypeObject *, PyStructSequence_Desc *);
PyAPI_FUNC(int) PyStructSequence_InitType2(PyTypeObject *, PyStructSequence_Desc *);
#endif

#ifndef Py_LIMITED_API
typedef PyTupleObject PyStructSequence;

#  define PyStructSequence_SET_ITEM PyTuple_SET_ITEM
#  define PyStructSequence_GET_ITEM PyTuple_GET_ITEM
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_STRUCTSEQ_H */
