/* Operations on frame objects that only tools need; not part of Python.h.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FRAMEOBJECT_H
#define Py_FRAMEOBJECT_H

#include "pyframe.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/frameobject.h"
#endif

#endif  /* !Py_FRAMEOBJECT_H */
