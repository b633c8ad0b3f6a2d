/* Sequences in the syntax tree: a length and the elements, in one arena block.
   A NULL sequence is an empty one.  Elements live as long as the arena. */

#ifndef Py_INTERNAL_ASDL_H
#define Py_INTERNAL_ASDL_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_pyarena.h"         // PyArena

#include <assert.h>
#include <stddef.h>                 // offsetof()
#include <string.h>                 // memset()

/* Leaves of the tree.  Objects are owned by the arena. */
typedef PyObject *identifier;
typedef PyObject *string;
typedef PyObject *object;
typedef PyObject *constant;

#define _ASDL_SEQ_HEAD  \
    Py_ssize_t size;    \
    void **elements;                // == typed_elements

typedef struct {
    _ASDL_SEQ_HEAD
} asdl_seq;

typedef struct {
    _ASDL_SEQ_HEAD
    void *typed_elements[1];
} asdl_generic_seq;

typedef struct {
    _ASDL_SEQ_HEAD
    PyObject *typed_elements[1];
} asdl_identifier_seq;

typedef struct {
    _ASDL_SEQ_HEAD
    int typed_elements[1];
} asdl_int_seq;

/* New sequences with all elements zero; NULL with MemoryError. */
asdl_generic_seq *_Py_asdl_generic_seq_new(Py_ssize_t size, PyArena *arena);
asdl_identifier_seq *_Py_asdl_identifier_seq_new(Py_ssize_t size, PyArena *arena);
asdl_int_seq *_Py_asdl_int_seq_new(Py_ssize_t size, PyArena *arena);

/* The common allocation behind the typed constructors. */
void *_Py_asdl_seq_alloc(Py_ssize_t size, size_t head, size_t item, PyArena *arena);

#define _ASDL_DEFINE_SEQ_NEW(NAME)                                              \
    asdl_##NAME##_seq *                                                         \
    _Py_asdl_##NAME##_seq_new(Py_ssize_t size, PyArena *arena)                  \
    {                                                                           \
        asdl_##NAME##_seq *seq = _Py_asdl_seq_alloc(                            \
            size, offsetof(asdl_##NAME##_seq, typed_elements),                  \
            sizeof(seq->typed_elements[0]), arena);                             \
        if (seq != NULL) {                                                      \
            seq->elements = (void **)(void *)seq->typed_elements;               \
        }                                                                       \
        return seq;                                                             \
    }

#define asdl_seq_GET_UNTYPED(S, I) _Py_RVALUE((S)->elements[(I)])
#define asdl_seq_GET(S, I) _Py_RVALUE((S)->typed_elements[(I)])
#define asdl_seq_LEN(S) _Py_RVALUE(((S) == NULL ? 0 : (S)->size))

#define asdl_seq_SET(S, I, V)                                       \
    do {                                                            \
        Py_ssize_t _asdl_i = (I);                                   \
        assert((S) != NULL);                                        \
        assert(0 <= _asdl_i && _asdl_i < (S)->size);                \
        (S)->typed_elements[_asdl_i] = (V);                         \
    } while (0)

#define asdl_seq_SET_UNTYPED(S, I, V)                               \
    do {                                                            \
        Py_ssize_t _asdl_i = (I);                                   \
        assert((S) != NULL);                                        \
        assert(0 <= _asdl_i && _asdl_i < (S)->size);                \
        (S)->elements[_asdl_i] = (V);                               \
    } while (0)

#endif  /* !Py_INTERNAL_ASDL_H */
