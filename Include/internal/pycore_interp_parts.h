/* Small parts of the interpreter state whose subjects need no header of their own.
 * Each struct names the file that owns it; only that file writes it. */
#ifndef Py_INTERNAL_INTERP_PARTS_H
#define Py_INTERNAL_INTERP_PARTS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Objects/exceptions.c */
struct _exc_state {
    /* MemoryErrors kept for hard times, linked by dict */
    PyBaseExceptionObject *memerrors_freelist;
    int memerrors_numfree;
    PyObject *exc_group_type;   /* ExceptionGroup, a heap type with two bases; strong */
    PyTypeObject *unraisable_args_type; /* argument of sys.unraisablehook, made at need; strong */
    struct {
        uintptr_t gc_head[2];   /* empty PyGC_Head: never tracked */
        PyBaseExceptionObject ob;   /* immortal MemoryError for when the list is empty */
    } last_resort;
};

/* Python/_warnings.c */
struct _warnings_state {
    PyObject *filters;          /* list */
    PyObject *once_registry;    /* dict */
    PyObject *default_action;   /* str */
    long filters_version;       /* counts changes of the filters */
};

/* Python/codecs.c */
struct _codecs_state {
    PyObject *search_path;      /* list of search functions */
    PyObject *search_cache;     /* dict encoding -> CodecInfo */
    PyObject *error_registry;   /* dict name -> handler */
    int initialized;
};

/* Objects/longobject.c */
struct _long_state {
    int max_str_digits;         /* limit of int <-> str; 0: none */
};

/* Modules/atexitmodule.c */
struct atexit_callback {
    void (*func)(void *);
    void *data;
    struct atexit_callback *next;
};

struct atexit_py_callback;

struct _atexit_state {
    struct atexit_callback *ll_callbacks;   /* C callbacks, newest first (PyUnstable_AtExit) */
    struct atexit_py_callback **callbacks;  /* Python callbacks, oldest first */
    int ncallbacks;
    int callback_len;                       /* allocated length of `callbacks` */
};

/* Python/site.c */
enum { _Py_SITE_NONE, _Py_SITE_PENDING, _Py_SITE_DONE };

struct _site_state {
    int stage;                  /* _Py_SITE_*: PENDING is completed with the late parts */
    int importing;              /* `import site` runs */
    int ran_code;               /* meanwhile, source text was executed (lines of .pth files) */
};

/* Python/sysmodule_streams.c: the standard streams */
enum { _Py_STREAMS_NONE, _Py_STREAMS_LAZY, _Py_STREAMS_MAKING, _Py_STREAMS_MADE };

struct _streams_state {
    int stage;                  /* _Py_STREAMS_* */
    unsigned long maker;        /* thread id that makes them; valid while MAKING */
    PyThread_type_lock lock;    /* held by the maker; NULL until needed */
};

/* Python/lateparts.c: importlib and what site adds to builtins */
enum { _Py_LATE_NONE, _Py_LATE_WAITING, _Py_LATE_MAKING, _Py_LATE_MADE };

/* Python/import.c */
struct _import_state {
    PyObject *modules;          /* sys.modules: dict, strong */
    PyObject *modules_by_index; /* list: PyModuleDef index -> module */
    PyObject *importlib;        /* the module importlib._bootstrap, or NULL */
    PyObject *importlib_external;   /* importlib._bootstrap_external, completed at first need */
    PyObject *import_func;      /* builtins.__import__ as it was at start */
    /* in main: (filename, name) -> copied dict of an m_size == -1 module */
    PyObject *legacy_copies;
    int override_frozen_modules;    /* -1 off, 0 default, 1 on */
    int override_multi_interp_extensions_check; /* as above */
    int dlopenflags;
    int late_stage;             /* _Py_LATE_*; MAKING under the import lock */
    int external_installed;     /* path based finders are in place */
    uint64_t lock_owner;        /* thread id that holds the import lock; 0: none */
    int lock_level;
    PyThread_type_lock lock;    /* the import lock, made at first need */
    int time_level;             /* -X importtime: imports under way */
    int time_header_shown;
    int64_t time_nested;        /* ns that the imports inside the present one took */
    Py_ssize_t last_module_index;
};

/* Objects/funcobject.c, Objects/dictobject.c, Objects/codeobject.c: watchers */
struct _func_state {
    uint32_t next_version;      /* function versions above the shared range; 0: used up */
    PyFunction_WatchCallback watchers[8];
    uint8_t active_watchers;    /* bit per slot in use */
    PyCode_WatchCallback code_watchers[8];
    uint8_t active_code_watchers;
};

/* Default of sys.setrecursionlimit(). */
#define Py_DEFAULT_RECURSION_LIMIT 1000

/* Objects/genobject.c, Python/ceval.c */
struct _ceval_state {
    int recursion_limit;        /* sys.setrecursionlimit */
    int trace_threads;          /* threads with a trace function */
    int profile_threads;        /* threads with a profile function */
};

/* Modules/_contextvars: token of a missing value, version of contexts */
struct _context_state {
    PyObject *missing;          /* Token.MISSING */
    PyObject *empty_map;        /* the empty mapping, shared by all new contexts */
};

/* What the 3.12 C API exposes per interpreter */
struct _pythreads_state {
    uint64_t next_unique_id;    /* id of the next thread state */
    /* list of thread states; guarded by the runtime's `interpreters` lock */
    PyThreadState *head;
    PyThreadState *main;        /* the thread that runs __main__, or NULL */
    PyThreadState *home;        /* state kept between runs, or NULL: used by the one runner, or by
                                   whoever ends the interpreter when nobody runs there */
    long count;                 /* threads started by `threading` that still run */
    size_t stacksize;           /* stack size of new threads; 0: the platform's */
};

#endif /* !Py_INTERNAL_INTERP_PARTS_H */
