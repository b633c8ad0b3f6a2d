/* Flags of the compiler, future features, stack effects.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_COMPILE_H
#  error "do not include this file directly, include compile.h"
#endif

#ifndef Py_CPYTHON_COMPILE_H
#define Py_CPYTHON_COMPILE_H

#include "cpython/code.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PyCF_MASK \
    (CO_FUTURE_DIVISION | CO_FUTURE_ABSOLUTE_IMPORT | CO_FUTURE_WITH_STATEMENT \
     | CO_FUTURE_PRINT_FUNCTION | CO_FUTURE_UNICODE_LITERALS | CO_FUTURE_BARRY_AS_BDFL \
     | CO_FUTURE_GENERATOR_STOP | CO_FUTURE_ANNOTATIONS)
#define PyCF_MASK_OBSOLETE (CO_NESTED)

#define PyCF_SOURCE_IS_UTF8 0x0100
#define PyCF_DONT_IMPLY_DEDENT 0x0200
#define PyCF_ONLY_AST 0x0400
#define PyCF_IGNORE_COOKIE 0x0800
#define PyCF_TYPE_COMMENTS 0x1000
#define PyCF_ALLOW_TOP_LEVEL_AWAIT 0x2000
#define PyCF_ALLOW_INCOMPLETE_INPUT 0x4000
/* Those that compile() takes. */
#define PyCF_COMPILE_MASK \
    (PyCF_ONLY_AST | PyCF_ALLOW_TOP_LEVEL_AWAIT | PyCF_TYPE_COMMENTS \
     | PyCF_DONT_IMPLY_DEDENT | PyCF_ALLOW_INCOMPLETE_INPUT)

/* cf_feature_version is the minor version whose syntax is accepted; it counts only with
   PyCF_ONLY_AST. */
typedef struct {
    int cf_flags;            /* PyCF_... and CO_FUTURE_... flags */
    int cf_feature_version;  /* minor version of the syntax */
} PyCompilerFlags;
#define _PyCompilerFlags_INIT {0, PY_MINOR_VERSION}

/* A range of source text. */
typedef struct {
    int lineno;
    int end_lineno;
    int col_offset;
    int end_col_offset;
} _PyCompilerSrcLocation;

#define SRC_LOCATION_FROM_AST(n) \
    (_PyCompilerSrcLocation) { \
        .lineno = (n)->lineno, \
        .end_lineno = (n)->end_lineno, \
        .col_offset = (n)->col_offset, \
        .end_col_offset = (n)->end_col_offset \
    }

/* The future statements of a module: CO_FUTURE flags, and where the last one stands. */
typedef struct {
    int ff_features;                     /* CO_FUTURE_... flags */
    _PyCompilerSrcLocation ff_location;  /* of the last future statement */
} PyFutureFeatures;

#define FUTURE_NESTED_SCOPES "nested_scopes"
#define FUTURE_GENERATORS "generators"
#define FUTURE_DIVISION "division"
#define FUTURE_ABSOLUTE_IMPORT "absolute_import"
#define FUTURE_WITH_STATEMENT "with_statement"
#define FUTURE_PRINT_FUNCTION "print_function"
#define FUTURE_UNICODE_LITERALS "unicode_literals"
#define FUTURE_BARRY_AS_BDFL "barry_as_FLUFL"
#define FUTURE_GENERATOR_STOP "generator_stop"
#define FUTURE_ANNOTATIONS "annotations"

/* Result of the stack effect functions for an invalid instruction. */
#define PY_INVALID_STACK_EFFECT INT_MAX
PyAPI_FUNC(int) PyCompile_OpcodeStackEffect(int, int);
PyAPI_FUNC(int) PyCompile_OpcodeStackEffectWithJump(int, int, int);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_COMPILE_H */
