/* Argument parsing for generated code.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_MODSUPPORT_H
#  error "do not include this file directly, include modsupport.h"
#endif

#ifndef Py_CPYTHON_MODSUPPORT_H
#define Py_CPYTHON_MODSUPPORT_H

#ifdef __cplusplus
extern "C" {
#endif

/* What is parsed out of format and keywords on first use. */
typedef struct _PyArg_Parser {
    int initialized;              /* the members below are filled in */
    const char *format;           /* with types, function name after ":", message after ";" */
    const char *const *keywords;  /* names, "" for positional-only ones, NULL at the end */
    const char *fname;            /* function name, or NULL */
    const char *custom_msg;       /* message, or NULL */
    int pos;                      /* number of positional-only parameters */
    int min;                      /* of required ones */
    int max;                      /* of positional ones */
    PyObject *kwtuple;            /* names of keyword parameters */
    struct _PyArg_Parser *next;   /* list of all that have been filled in */
} _PyArg_Parser;

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(PyObject **) _Py_VaBuildStack(PyObject **, Py_ssize_t, const char *, va_list,
    Py_ssize_t *);
PyAPI_FUNC(PyObject **) _Py_VaBuildStack_SizeT(PyObject **, Py_ssize_t, const char *, va_list,
    Py_ssize_t *);
PyAPI_FUNC(void) _PyArg_BadArgument(const char *, const char *, const char *, PyObject *);
PyAPI_FUNC(int) _PyArg_CheckPositional(const char *, Py_ssize_t, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) _PyArg_NoKeywords(const char *, PyObject *);
PyAPI_FUNC(int) _PyArg_NoKwnames(const char *, PyObject *);
PyAPI_FUNC(int) _PyArg_NoPositional(const char *, PyObject *);
PyAPI_FUNC(int) _PyArg_ParseStack(PyObject *const *, Py_ssize_t, const char *, ...);
PyAPI_FUNC(int) _PyArg_ParseStackAndKeywords(PyObject *const *, Py_ssize_t, PyObject *,
    struct _PyArg_Parser *, ...);
PyAPI_FUNC(int) _PyArg_ParseStackAndKeywords_SizeT(PyObject *const *, Py_ssize_t, PyObject *,
    struct _PyArg_Parser *, ...);
PyAPI_FUNC(int) _PyArg_ParseStack_SizeT(PyObject *const *, Py_ssize_t, const char *, ...);
PyAPI_FUNC(int) _PyArg_ParseTupleAndKeywordsFast(PyObject *, PyObject *, struct _PyArg_Parser *,
    ...);
PyAPI_FUNC(int) _PyArg_ParseTupleAndKeywordsFast_SizeT(PyObject *, PyObject *,
    struct _PyArg_Parser *, ...);
PyAPI_FUNC(PyObject *const *) _PyArg_UnpackKeywords(PyObject *const *, Py_ssize_t, PyObject *,
    PyObject *, struct _PyArg_Parser *, int, int, int, PyObject **);
PyAPI_FUNC(PyObject *const *) _PyArg_UnpackKeywordsWithVararg(
    PyObject *const *, Py_ssize_t, PyObject *, PyObject *, struct _PyArg_Parser *, int, int,
    int, int, PyObject **);
PyAPI_FUNC(int) _PyArg_UnpackStack(PyObject *const *, Py_ssize_t, const char *, Py_ssize_t,
    Py_ssize_t, ...);
PyAPI_FUNC(int) _PyArg_VaParseTupleAndKeywordsFast(PyObject *, PyObject *,
    struct _PyArg_Parser *, va_list);
PyAPI_FUNC(int) _PyArg_VaParseTupleAndKeywordsFast_SizeT(PyObject *, PyObject *,
    struct _PyArg_Parser *, va_list);
PyAPI_FUNC(int) _PyModule_Add(PyObject *, const char *, Py_STEALS PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyModule_CreateInitialized(PyModuleDef *, int);

/* Fast paths of the functions of the same names. */
#define _PyArg_NoKeywords(funcname, kwargs) \
    ((kwargs) == NULL || _PyArg_NoKeywords((funcname), (kwargs)))
#define _PyArg_NoPositional(funcname, args) \
    ((args) == NULL || _PyArg_NoPositional((funcname), (args)))
#define _PyArg_NoKwnames(funcname, kwnames) \
    ((kwnames) == NULL || _PyArg_NoKwnames((funcname), (kwnames)))

#define _Py_ANY_VARARGS(n) ((n) == PY_SSIZE_T_MAX)
#define _PyArg_CheckPositional(funcname, nargs, min, max) \
    ((!_Py_ANY_VARARGS(max) && (min) <= (nargs) && (nargs) <= (max)) \
     || _PyArg_CheckPositional((funcname), (nargs), (min), (max)))

#define _PyArg_UnpackKeywords(args, nargs, kwargs, kwnames, parser, minpos, maxpos, minkw, buf) \
    (((minkw) == 0 && (kwargs) == NULL && (kwnames) == NULL \
      && (minpos) <= (nargs) && (nargs) <= (maxpos) && (args) != NULL) \
         ? (args) \
         : _PyArg_UnpackKeywords((args), (nargs), (kwargs), (kwnames), (parser), \
                                 (minpos), (maxpos), (minkw), (buf)))

#ifdef PY_SSIZE_T_CLEAN
#  define _Py_VaBuildStack _Py_VaBuildStack_SizeT
#  define _PyArg_ParseStack _PyArg_ParseStack_SizeT
#  define _PyArg_ParseStackAndKeywords _PyArg_ParseStackAndKeywords_SizeT
#  define _PyArg_ParseTupleAndKeywordsFast _PyArg_ParseTupleAndKeywordsFast_SizeT
#  define _PyArg_VaParseTupleAndKeywordsFast _PyArg_VaParseTupleAndKeywordsFast_SizeT
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_MODSUPPORT_H */
