/* tracemalloc.c - the C API of tracemalloc while there is no module _tracemalloc (limits.md):
 * tracing cannot be switched on, so every answer is the one for tracing switched off.
 * Written from the C API reference ("tracemalloc C API"). */
#include "Python.h"
#include "tracemalloc.h"

/* What the functions return when memory is not traced. */
#define NOT_TRACING (-2)

int
PyTraceMalloc_Track(unsigned int Py_UNUSED(domain), uintptr_t Py_UNUSED(ptr),
                    size_t Py_UNUSED(size))
{
    return NOT_TRACING;
}

int
PyTraceMalloc_Untrack(unsigned int Py_UNUSED(domain), uintptr_t Py_UNUSED(ptr))
{
    return NOT_TRACING;
}
