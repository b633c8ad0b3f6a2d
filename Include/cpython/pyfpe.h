/* Two macros of old that do nothing.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_PYFPE_H
#define Py_CPYTHON_PYFPE_H

#ifndef Py_LIMITED_API

#define PyFPE_START_PROTECT(err_string, leave_stmt)
#define PyFPE_END_PROTECT(v)

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_PYFPE_H */
