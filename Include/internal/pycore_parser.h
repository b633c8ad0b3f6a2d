/* From text to syntax tree.

   mode is Py_single_input, Py_file_input, Py_eval_input or Py_func_type_input.  flags may be NULL;
   PyCF_* bits in cf_flags are honoured, and cf_feature_version with PyCF_ONLY_AST.
   The result lives in the arena.  On failure the result is NULL and an exception is set. */

#ifndef Py_INTERNAL_PARSER_H
#define Py_INTERNAL_PARSER_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_ast.h"             // mod_ty

#include <stdio.h>                  // FILE

/* Parses a NUL-terminated string: UTF-8 with PyCF_IGNORE_COOKIE, else as the BOM or the coding
   line says. */
mod_ty _PyParser_ASTFromString(const char *str, PyObject *filename, int mode,
                               PyCompilerFlags *flags, PyArena *arena);

/* Parses a file.  enc overrides the coding line when not NULL.  With ps1 (and ps2) not NULL the
   input is interactive: prompts are shown and one statement is read.  *errcode (may be NULL)
   becomes E_EOF when the input ended before a statement began. */
mod_ty _PyParser_ASTFromFile(FILE *fp, PyObject *filename, const char *enc, int mode,
                             const char *ps1, const char *ps2, PyCompilerFlags *flags,
                             int *errcode, PyArena *arena);

/* As above, and *source (may be NULL) becomes the text of the statement, a new str reference. */
mod_ty _PyParser_InteractiveASTFromFile(FILE *fp, PyObject *filename, const char *enc, int mode,
                                        const char *ps1, const char *ps2, PyCompilerFlags *flags,
                                        int *errcode, PyObject **source, PyArena *arena);

#endif  /* !Py_INTERNAL_PARSER_H */
