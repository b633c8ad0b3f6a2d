/* Sequences of the syntax tree. */

#include "Python.h"
#include "pycore_asdl.h"

void *
_Py_asdl_seq_alloc(Py_ssize_t size, size_t head, size_t item, PyArena *arena)
{
    assert(size >= 0);
    if ((size_t)size > (PY_SSIZE_T_MAX - sizeof(asdl_generic_seq)) / item) {
        PyErr_NoMemory();
        return NULL;
    }
    // One element at least, so that the struct with its declared element is whole.
    size_t bytes = head + item * (size_t)(size ? size : 1);
    asdl_seq *seq = _PyArena_Malloc(arena, bytes);
    if (seq != NULL) {
        memset(seq, 0, bytes);
        seq->size = size;
    }
    return seq;
}

_ASDL_DEFINE_SEQ_NEW(generic)
_ASDL_DEFINE_SEQ_NEW(identifier)
_ASDL_DEFINE_SEQ_NEW(int)
