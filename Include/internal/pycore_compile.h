/* From the syntax tree to code objects: what the compiler offers to the rest of the core. */
#ifndef Py_INTERNAL_COMPILE_H
#define Py_INTERNAL_COMPILE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_flowgraph.h"   // location
#include "pycore_pyarena.h"     // PyArena

struct _mod;
struct _expr;

/* Compile a module.  The tree may be changed (constants are folded in place).
   Returns a new code object; NULL with SyntaxError, RecursionError, MemoryError, ... */
PyAPI_FUNC(PyCodeObject *) _PyAST_Compile(struct _mod *mod, PyObject *filename,
                                    PyCompilerFlags *flags, int optimize, PyArena *arena);

/* Python/future.c: which features the module's `from __future__` imports switch on.
   1, or 0 with SyntaxError. */
extern int _PyFuture_FromAST(struct _mod *mod, PyObject *filename, PyFutureFeatures *future);

/* Python/ast_opt.c: fold constants in place.  1, or 0 with an exception. */
typedef struct {
    int optimize;           /* -O level, 0 to 2 */
    int ff_features;
} _PyASTOptimizeState;
extern int _PyAST_Optimize(struct _mod *mod, PyArena *arena, _PyASTOptimizeState *state);

/* Python/ast_unparse.c: source text of an expression; a new str. */
extern PyObject *_PyAST_ExprAsUnicode(struct _expr *e);


/* The canonical object equal to obj, in type and value down to the elements, among those seen
   so far in const_cache (a dict): equal constants of a module are one object.  A new reference. */
extern PyObject *_PyCompile_InternConst(PyObject *const_cache, PyObject *obj);

/* What is known of a code unit besides its instructions.  References are owned by the unit. */
typedef struct {
    PyObject *u_name;
    PyObject *u_qualname;
    PyObject *u_consts;         /* dict: constant key -> index; the objects are in the unit */
    PyObject *u_names;          /* dict: name -> index, as the ones below */
    PyObject *u_varnames;
    PyObject *u_cellvars;
    PyObject *u_freevars;       /* indices start after the cells */
    PyObject *u_fasthidden;     /* dict: fast locals of inlined comprehensions in a class or module;
                                   the value is True while inside one */
    Py_ssize_t u_argcount;      /* positional-or-keyword arguments, without the following */
    Py_ssize_t u_posonlyargcount;
    Py_ssize_t u_kwonlyargcount;
    int u_firstlineno;
} _PyCompile_CodeUnitMetadata;

/* Python/assemble.c: code object from an optimised graph; g is used up. */
extern PyCodeObject *_PyAssemble_MakeCodeObject(_PyCompile_CodeUnitMetadata *u,
                                                PyObject *const_cache, PyObject *consts,
                                                _PyCfg *g, int code_flags,
                                                PyObject *filename);

/* For _testinternalcapi: the stages one by one, with instructions as lists of tuples. */
PyAPI_FUNC(PyObject *) _PyCompile_CodeGen(PyObject *ast, PyObject *filename, PyCompilerFlags *flags,
                                    int optimize, int compile_mode);
PyAPI_FUNC(PyObject *) _PyCompile_OptimizeCfg(PyObject *instructions, PyObject *consts,
                                              int nlocals);
PyAPI_FUNC(PyCodeObject *) _PyCompile_Assemble(_PyCompile_CodeUnitMetadata *u, PyObject *filename,
                                         PyObject *instructions);

#endif
