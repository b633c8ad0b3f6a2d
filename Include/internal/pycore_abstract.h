/* The abstract object protocols inside the core. */
#ifndef Py_INTERNAL_ABSTRACT_H
#define Py_INTERNAL_ABSTRACT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* PyIndex_Check() inlined. */
static inline int
_PyIndex_Check(PyObject *obj)
{
    PyNumberMethods *nb = Py_TYPE(obj)->tp_as_number;
    return nb != NULL && nb->nb_index != NULL;
}

/* -- Objects/abstract.c -- */

/* For a NULL argument: SystemError, unless an exception is pending already.  Returns NULL. */
extern PyObject *_PyAbstract_NullError(void);

/* -- Objects/abstract_number.c -- */

/* + and * by the number slots alone: the result, NULL with an exception, or NotImplemented. */
extern PyObject *_PyNumber_TryAdd(PyObject *v, PyObject *w, int inplace);
extern PyObject *_PyNumber_TryMultiply(PyObject *v, PyObject *w, int inplace);

#endif /* !Py_INTERNAL_ABSTRACT_H */
