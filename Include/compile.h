/* Start symbols of the grammar.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_COMPILE_H
#define Py_COMPILE_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define Py_single_input 256
#define Py_file_input 257
#define Py_eval_input 258
#define Py_func_type_input 345

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/compile.h"
#endif

#endif  /* !Py_COMPILE_H */
