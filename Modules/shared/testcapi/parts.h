/* The parts of _testcapi.  Each function adds the functions, types and constants of its file to the
 * module: 0, or -1 with an exception. */
#ifndef LADON_TESTCAPI_PARTS_H
#define LADON_TESTCAPI_PARTS_H

#include "Python.h"

#include <pthread.h>

typedef struct {
    struct c_thread *thread;    /* not joined yet, or NULL */
    pthread_t pthread;          /* if there is one: waits for `mutex` */
    pthread_mutex_t mutex;
    int has_pthread;
} testcapi_state;

#define TESTCAPI_PARTS(X) \
    X(Abstract) \
    X(Bytes) \
    X(Codecs) \
    X(Constants) \
    X(Containers) \
    X(Datetime) \
    X(Docstrings) \
    X(Exceptions) \
    X(Functions) \
    X(Getargs) \
    X(GetargsUnclean) \
    X(HeapTypes) \
    X(Interpreters) \
    X(Marshal) \
    X(Memory) \
    X(Misc) \
    X(Numbers) \
    X(Relative) \
    X(StructMembers) \
    X(Time) \
    X(Types) \
    X(Unicode) \
    X(Vectorcall) \
    X(Watchers)

#define DECLARE_PART(name) int _TestCapi_Add##name(PyObject *module);
TESTCAPI_PARTS(DECLARE_PART)
#undef DECLARE_PART

/* Makes a heap type of the module and adds it by its name: 0, or -1 with an exception. */
int _TestCapi_AddType(PyObject *module, PyType_Spec *spec, PyTypeObject *base);

#endif
