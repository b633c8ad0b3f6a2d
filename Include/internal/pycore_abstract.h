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

/* What _PySequence_IterSearch() looks for. */
#ifndef PY_ITERSEARCH_COUNT
#  define PY_ITERSEARCH_COUNT    1
#  define PY_ITERSEARCH_INDEX    2
#  define PY_ITERSEARCH_CONTAINS 3
#endif

#endif /* !Py_INTERNAL_ABSTRACT_H */
