/* The well-known codec error handlers, as an enum: for code that handles them itself. */
#ifndef Py_INTERNAL_ERROR_HANDLER_H
#define Py_INTERNAL_ERROR_HANDLER_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef enum {
    _Py_ERROR_UNKNOWN = 0,
    _Py_ERROR_STRICT,
    _Py_ERROR_SURROGATEESCAPE,
    _Py_ERROR_REPLACE,
    _Py_ERROR_IGNORE,
    _Py_ERROR_BACKSLASHREPLACE,
    _Py_ERROR_SURROGATEPASS,
    _Py_ERROR_XMLCHARREFREPLACE,
    _Py_ERROR_OTHER             /* registered by name */
} _Py_error_handler;

/* Objects/unicode/codec_errors.c: NULL means strict. */
PyAPI_FUNC(_Py_error_handler) _Py_GetErrorHandler(const char *errors);

#endif
