/* Argument parsing of built-ins: what the wrappers written by
   Tools/signature/generate.py call.  A signature is const data: there is nothing
   to initialise at run time, so it can be shared by all interpreters.

   In the core, keyword names are static interned strings and are first compared
   by identity; in modules built apart from the core (Py_BUILD_CORE_MODULE) they
   are C strings and are compared by text. */

#ifndef Py_INTERNAL_SIGNATURE_H
#define Py_INTERNAL_SIGNATURE_H

#if !defined(Py_BUILD_CORE) && !defined(Py_BUILD_CORE_MODULE)
#  error "this header requires Py_BUILD_CORE or Py_BUILD_CORE_MODULE"
#endif

#include "Python.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef Py_BUILD_CORE
#  include "pycore_strings.h"           // _Py_ID_ADDRESS()
typedef PyObject *_PyArg_Name;
#  define _PyArg_DECLARE(NAME) _Py_ID_DECLARE(NAME);
#  define _PyArg_NAME(NAME) _Py_ID_ADDRESS(NAME)
#else
typedef const char *_PyArg_Name;
#  define _PyArg_DECLARE(NAME)
#  define _PyArg_NAME(NAME) #NAME
#endif

/* Flags of a signature. */
#define _PyArg_VARARG 1     // *args: a tuple goes to out[total]
#define _PyArg_VARKW  2     // **kwargs: a dict or NULL goes behind that

typedef struct {
    const char *fname;          // name in messages, without "()"
    const _PyArg_Name *names;   // of parameters [positional_only, total)
    uint64_t required;          // bit i: parameter i has no default
    unsigned char total;            // parameters with a slot in the array, at most 64
    unsigned char positional_only;  // the first ones, not accepted by keyword
    unsigned char positional;       // accepted by position; the others by keyword only
    unsigned char min_positional;   // required among these
    unsigned char flags;            // _PyArg_VARARG, _PyArg_VARKW
} _PyArg_Signature;

/* Fill out[0..total) with borrowed arguments, NULL where none was given, and the
   slots behind it with new references to the rest as the flags say.  Keywords
   come as kwnames (their values follow args[nargs-1]) or as the dict kwargs; both
   may be NULL.  `out` may not overlap `args`.  Return 0, or -1 with TypeError. */
extern int _PyArg_UnpackSignature(const _PyArg_Signature *sig, PyObject *const *args,
                                  Py_ssize_t nargs, PyObject *kwnames, PyObject *kwargs,
                                  PyObject **out);

/* For a tp_new or tp_init that takes no keywords (no arguments at all): 1 if the
   call is fine, 0 with TypeError.  A subclass that overrides the other one of the two
   slots may be called with anything, as `object` does it. */
extern int _PyArg_NewNoKeywords(PyTypeObject *type, newfunc own, const char *fname,
                                PyObject *kwargs);
extern int _PyArg_InitNoKeywords(PyTypeObject *type, initproc own, const char *fname,
                                 PyObject *kwargs);
extern int _PyArg_NewNoArguments(PyTypeObject *type, newfunc own, const char *fname,
                                 PyObject *args, PyObject *kwargs);
extern int _PyArg_InitNoArguments(PyTypeObject *type, initproc own, const char *fname,
                                  PyObject *args, PyObject *kwargs);

/* A new tuple of n items of an array, or NULL with an exception. */
extern PyObject *_PyArg_TupleFromArray(PyObject *const *array, Py_ssize_t n);

/* Converters: 1, or 0 with an exception. */
extern int _PyArg_AsSsize(PyObject *arg, Py_ssize_t *value);
extern int _PyArg_AsBufferOrUTF8(PyObject *arg, Py_buffer *view);

/* The UTF-8 form of a str (borrowed from it); NULL with ValueError if it contains
   a NUL character, or with UnicodeEncodeError. */
extern const char *_PyArg_AsUTF8NoNull(PyObject *str);

#ifdef __cplusplus
}
#endif
#endif  /* !Py_INTERNAL_SIGNATURE_H */
