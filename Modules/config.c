/* The modules linked into the program.  sys, builtins and marshal: see the end of the table. */
#include "Python.h"

#define LADON_MODULES(X) \
    X(_abc) \
    X(_ast) \
    X(_asyncio) \
    X(_bisect) \
    X(_codecs) \
    X(_collections) \
    X(_contextvars) \
    X(_csv) \
    X(_datetime) \
    X(_functools) \
    X(_heapq) \
    X(_imp) \
    X(_io) \
    X(_json) \
    X(_locale) \
    X(_lsprof) \
    X(_multiprocessing) \
    X(_opcode) \
    X(_operator) \
    X(_pickle) \
    X(_posixshmem) \
    X(_posixsubprocess) \
    X(_queue) \
    X(_random) \
    X(_signal) \
    X(_socket) \
    X(_sre) \
    X(_stat) \
    X(_statistics) \
    X(_string) \
    X(_struct) \
    X(_symtable) \
    X(_thread) \
    X(_tokenize) \
    X(_tracemalloc) \
    X(_typing) \
    X(_warnings) \
    X(_weakref) \
    X(_xxinterpchannels) \
    X(_xxsubinterpreters) \
    X(_zoneinfo) \
    X(array) \
    X(atexit) \
    X(audioop) \
    X(binascii) \
    X(cmath) \
    X(errno) \
    X(faulthandler) \
    X(fcntl) \
    X(gc) \
    X(grp) \
    X(itertools) \
    X(math) \
    X(mmap) \
    X(posix) \
    X(pwd) \
    X(resource) \
    X(select) \
    X(spwd) \
    X(syslog) \
    X(termios) \
    X(time) \
    X(unicodedata) \
    X(zlib)

#define DECLARE(NAME) extern PyObject *PyInit_ ## NAME(void);
LADON_MODULES(DECLARE)
#ifdef LADON_FAIL_NTH
DECLARE(_ladontest)
#endif

extern PyObject *PyMarshal_Init(void);

#define ROW(NAME) {#NAME, PyInit_ ## NAME},

struct _inittab _PyImport_Inittab[] = {
    LADON_MODULES(ROW)
#ifdef LADON_FAIL_NTH
    ROW(_ladontest)
#endif
    {"marshal", PyMarshal_Init},
    /* Made by the start of an interpreter: the rows say that the names are taken. */
    {"builtins", NULL},
    {"sys", NULL},
    {NULL, NULL},
};

struct _inittab *PyImport_Inittab = _PyImport_Inittab;
