/* Types that only live in the builtins module.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_BLTINMODULE_H
#define Py_BLTINMODULE_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFilter_Type;
PyAPI_DATA(PyTypeObject) PyMap_Type;
PyAPI_DATA(PyTypeObject) PyZip_Type;

#ifdef __cplusplus
}
#endif

#endif  /* !Py_BLTINMODULE_H */
