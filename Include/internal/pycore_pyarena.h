/* Memory that is released all at once: the syntax tree, symbol table entries of one compilation.
   An arena also owns references to the objects that the tree mentions. */

#ifndef Py_INTERNAL_PYARENA_H
#define Py_INTERNAL_PYARENA_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct _arena PyArena;

/* A new arena, or NULL with MemoryError. */
PyAPI_FUNC(PyArena *) _PyArena_New(void);

/* Releases the memory and the references.  The exception state stays as it is. */
PyAPI_FUNC(void) _PyArena_Free(PyArena *arena);

/* A block aligned for any node, valid until the arena is freed, with undefined content.
   NULL with MemoryError. */
PyAPI_FUNC(void *) _PyArena_Malloc(PyArena *arena, size_t size);

/* Hands the reference over to the arena.  0, or -1 with MemoryError
   (then the reference is still the caller's). */
PyAPI_FUNC(int) _PyArena_AddPyObject(PyArena *arena, PyObject *obj);

#endif  /* !Py_INTERNAL_PYARENA_H */
