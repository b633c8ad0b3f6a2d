/* Small parts of the process state; each names the file that owns it. */
#ifndef Py_INTERNAL_RUNTIME_PARTS_H
#define Py_INTERNAL_RUNTIME_PARTS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_lock.h"        // struct _PyProcessLock

#include <signal.h>

#define _Py_NSIG 65

/* Modules/signalmodule.c */
struct _signals_runtime_state {
    struct {
        int tripped;            /* atomic: the signal arrived and was not handled yet */
        PyObject *func;         /* handler in the main interpreter; written under its GIL */
    } handlers[_Py_NSIG];
    int is_tripped;             /* atomic: any of the above */
    int wakeup_fd;              /* signal.set_wakeup_fd; -1: none */
    int warn_on_full_buffer;
    int wakeup_errno;           /* atomic: writing to wakeup_fd failed; to be reported */
    int sigint_default;         /* SIGINT raises KeyboardInterrupt and has no handler object yet */
    int unhandled_keyboard_interrupt;   /* atomic: exit by SIGINT */
    stack_t altstack;           /* reserved for faulthandler */
};

/* Python/crossinterp.c: types that may cross by registration */
struct _xidregitem {
    struct _xidregitem *next;
    PyTypeObject *cls;          /* shared static type, or kept alive by weakref */
    PyObject *weakref;          /* to a heap type, or NULL */
    int64_t interp_id;          /* owner of a heap type; -1 for shared types */
    uint64_t refcount;
    crossinterpdatafunc getdata;
};

struct _xidregistry {
    struct _PyProcessLock lock; /* guards the list */
    struct _xidregitem *head;   /* PyMem_RawMalloc'ed */
};

/* Parser/myreadline.c */
struct _readline_runtime_state {
    _PyMutex mutex;             /* held by the thread that reads a line, without any GIL */
};

/* Modules/syslogmodule.c: the C library has one log for the process */
struct _syslog_runtime_state {
    char *ident;                /* the last openlog()'s, in use by the C library; PyMem_RawMalloc'ed
                                   or NULL; for the main interpreter, under its GIL */
    int open;                   /* atomic: openlog() was called and no closelog() since; written as
                                   `ident` is */
};

/* Modules/_xxinterpchannelsmodule.c and its kin: channels outlive the interpreters that use them */
struct _channels_runtime_state {
    struct _PyProcessLock lock; /* guards the registry: everything below */
    void *channels;             /* list of channels, PyMem_RawMalloc'ed */
    int64_t next_channel_id;
    void *queues;               /* list of queues, PyMem_RawMalloc'ed */
    int64_t next_queue_id;
};

/* Python/tracemalloc.c: traces of the blocks of all interpreters, in memory of the C library */
struct _tracemalloc_runtime_state {
    struct _PyProcessLock lock; /* guards everything below */
    int tracing;                /* atomic: allocators read it without the lock */
    int max_frames;             /* frames that a traceback keeps, at most */
    uint64_t generation;        /* of the traces: another one after each clear */
    struct _traces *traces;     /* NULL while memory is not traced */
    int pins;                   /* readers of tracebacks that do not hold the lock */
    void *doomed;               /* traces that were cleared meanwhile, to be freed after them */
};

/* Modules/pwdmodule.c, Modules/grpmodule.c */
struct _users_runtime_state {
    struct _PyProcessLock lock; /* held from setpwent() to endpwent(), without any GIL; the same
                                   for groups: the C library has one position for the process */
};

/* Python/sysmodule.c */
typedef struct _Py_AuditHookEntry {
    struct _Py_AuditHookEntry *next;
    Py_AuditHookFunction hook;
    void *userdata;
} _Py_AuditHookEntry;

struct _audit_runtime_state {
    struct _PyProcessLock lock; /* guards additions; readers follow `head` with acquire */
    _Py_AuditHookEntry *head;
};

/* Python/site.c: what `import site` did in the main interpreter, for the others */
struct _site_runtime_state {
    char *outcome;              /* marshal data, PyMem_RawMalloc'ed, or NULL: not to be inherited */
    Py_ssize_t size;
    wchar_t *path0;             /* what the program put first on sys.path, or NULL; raw memory */
};

/* Python/sysmodule_info.c: immutable values that sys has in all interpreters */
#define _Py_SYS_SHARED_VALUES 19

struct _sys_runtime_state {
    int ready;                  /* the values are made; atomic, written under types_lock */
    PyObject *values[_Py_SYS_SHARED_VALUES];    /* shared objects */
    struct _inittab *inittab;   /* table that `builtin_names` was made from; under types_lock */
    PyObject *builtin_names;    /* sys.builtin_module_names */
};

/* Python/import.c */
struct _imports_runtime_state {
    struct _inittab *inittab;   /* PyImport_Inittab, or a copy made larger before start */
    int inittab_owned;          /* the table is PyMem_RawMalloc'ed */
    Py_ssize_t last_module_index;   /* guarded by types_lock */
    struct _PyProcessLock extensions_lock;  /* guards `extensions` */
    struct _known_extension *extensions;    /* kinds of the extension modules met: plain C data */
};

/* Python/pathconfig.c: what the deprecated Py_Set* functions stored, PyMem_RawMalloc'ed */
struct _path_config {
    wchar_t *program_full_path;
    wchar_t *prefix;
    wchar_t *exec_prefix;
    wchar_t *stdlib_dir;
    wchar_t *module_search_path;
    wchar_t *program_name;
    wchar_t *home;
    wchar_t *calculated_module_search_path;
    char *stdio_encoding;       /* Py_SetStandardStreamEncoding(); NULL: not set */
    char *stdio_errors;
};

/* Python/perfmap.c */
struct _perf_runtime_state {
    struct _PyProcessLock lock;     /* guards the rest */
    int map;                        /* descriptor of /tmp/perf-PID.map, or -1 */
    pid_t pid;                      /* in its name */
};

/* Modules/faulthandler.c.  Files are objects of the interpreter `owner`; -1: no object. */
struct _faulthandler_target {
    PyObject *file;             /* keeps the descriptor open, or NULL */
    int64_t owner;
    int fd;
};

struct _faulthandler_user_signal {
    int enabled;
    int all_threads;
    int chain;                  /* call the former handler as well */
    struct _faulthandler_target target;
    PyInterpreterState *interp;
    struct sigaction previous;
};

#define _Py_FAULTHANDLER_SIGNALS 5      /* SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSEGV */

struct _faulthandler_runtime_state {
    int enabled;                /* handlers of the fatal signals are installed */
    int all_threads;
    struct _faulthandler_target target;
    PyInterpreterState *interp; /* whose threads are dumped by a thread without a state */
    int installed[_Py_FAULTHANDLER_SIGNALS];
    struct sigaction previous[_Py_FAULTHANDLER_SIGNALS];
    int dumping;                /* a handler runs; atomic */
    stack_t stack;              /* alternate signal stack; ss_sp NULL: none */
    stack_t old_stack;
    struct _faulthandler_user_signal *user_signals;     /* table by number, or NULL; raw memory */
    struct {
        struct _faulthandler_target target;
        PyInterpreterState *interp;
        long long timeout;      /* microseconds */
        int repeat;
        int exit;
        char *header;           /* "Timeout (...)!\n", raw memory */
        size_t header_len;
        PyThread_type_lock cancel_event;    /* held by whoever may cancel; released to cancel */
        PyThread_type_lock running;         /* held while the thread runs */
    } watchdog;
};

#endif /* !Py_INTERNAL_RUNTIME_PARTS_H */
