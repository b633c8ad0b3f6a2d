/* Conversion between C doubles and text, independent of the locale.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYSTRTOD_H
#define Py_PYSTRTOD_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of PyOS_double_to_string(). */
#define Py_DTSF_SIGN 0x01       /* always a sign */
#define Py_DTSF_ADD_DOT_0 0x02  /* ".0" when the result looks like an integer */
#define Py_DTSF_ALT 0x04        /* the "#" form */
#define Py_DTSF_NO_NEG_0 0x08   /* no minus sign for a zero */

/* What PyOS_double_to_string() found the number to be. */
#define Py_DTST_FINITE 0
#define Py_DTST_INFINITE 1
#define Py_DTST_NAN 2

PyAPI_FUNC(char *) PyOS_double_to_string(double, char, int, int, int *);
PyAPI_FUNC(double) PyOS_string_to_double(const char *, char **, PyObject *);

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(double) _Py_parse_inf_or_nan(const char *, char **);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_string_to_number_with_underscores(
    const char *, Py_ssize_t, const char *, PyObject *, void *, PyObject *(*)(const char *,
    Py_ssize_t, void *));
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_PYSTRTOD_H */
