/* Objects that stand for an interpreter's number.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_INTERPRETERIDOBJECT_H
#define Py_INTERPRETERIDOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/interpreteridobject.h"
#endif

#endif  /* !Py_INTERPRETERIDOBJECT_H */
