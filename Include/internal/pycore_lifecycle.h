/* Start and end of the runtime and of interpreters: who does what, in which order.
 *
 * Every piece reports failure by PyStatus (or -1 with an exception); Python/pylifecycle.c undoes
 * what was done.  Prototypes are grouped under the file that defines them.
 * Written from InternalDocs/lifecycle.rst. */
#ifndef Py_INTERNAL_LIFECYCLE_H
#define Py_INTERNAL_LIFECYCLE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_interp.h"      // PyInterpreterState

/* -- Python/bootstrap_hash.c -- */
extern PyStatus _Py_HashRandomization_Init(const PyConfig *config);

/* -- Python/gc.c -- */
extern void _PyGC_InitInterpreter(PyInterpreterState *interp);
extern Py_ssize_t _PyGC_CollectNoFail(PyThreadState *tstate);
extern void _PyGC_DumpShutdownStats(PyInterpreterState *interp);
extern void _PyGC_Fini(PyInterpreterState *interp);

/* -- Objects -- */
extern PyStatus _PyUnicode_InitTypes(PyInterpreterState *interp);
extern PyStatus _PyUnicode_InitEncodings(PyThreadState *tstate);
extern void _PyUnicode_Fini(PyInterpreterState *interp);
extern void _PyAST_Fini(PyInterpreterState *interp);

/* -- Python/_warnings.c -- */
extern int _PyWarnings_InitState(PyInterpreterState *interp);
extern void _PyWarnings_Fini(PyInterpreterState *interp);

/* -- Python/codecs.c -- */
extern void _PyCodec_Fini(PyInterpreterState *interp);

/* -- Python/bltinmodule.c -- */
/* The module builtins: a new reference, or NULL with an error. */
extern PyObject *_PyBuiltin_Init(PyInterpreterState *interp);

/* -- Python/sysmodule.c -- */
/* Makes the module sys with what needs no configuration. */
extern PyStatus _PySys_Create(PyThreadState *tstate);
/* Sets what follows from interp->config (sys.path, sys.argv, sys.flags, ...). */
extern int _PySys_UpdateConfig(PyThreadState *tstate);
extern void _PySys_ClearAuditHooks(PyThreadState *tstate);
extern PyObject *_PySys_GetAttr(PyThreadState *tstate, PyObject *name);     /* borrowed */
extern int _PySys_SetAttr(PyObject *name, PyObject *value);
extern int _PySys_Audit(PyThreadState *tstate, const char *event, const char *format, ...);

/* -- Python/site.c -- */
/* `import site` when configured, or its outcome in the main interpreter inherited; once. */
extern PyStatus _Py_EnsureSite(PyThreadState *tstate);
/* The rest of the inheritance, with the late parts (stage PENDING).  0, or -1 with an error. */
extern int _PySite_Complete(PyThreadState *tstate);
extern void _PySite_Fini(void);
/* What goes first on sys.path of further interpreters.  0, or -1 with an error. */
extern int _PySite_SetPath0(const wchar_t *path0);
extern int _PySite_PrependPath0(PyThreadState *tstate);

/* -- Python/sysmodule_streams.c -- */
/* sys.stdin, sys.stdout, sys.stderr: made now, or at the first look at one of them.  0, or -1 with
   an error. */
extern int _PySys_EnsureStreams(PyThreadState *tstate);
extern void _PySys_DeferStreams(PyThreadState *tstate);
extern int _PySys_IsStreamName(PyObject *name);
extern void _PySys_ForgetLazyStreams(PyThreadState *tstate);
extern void _PySys_AfterForkStreams(PyInterpreterState *interp);
extern void _PySys_FiniStreams(PyInterpreterState *interp);
/* 0 if there is nothing to flush or it worked, -1 if stdout could not be flushed. */
extern int _Py_FlushStdFiles(PyThreadState *tstate);

/* -- Python/lateparts.c -- */
/* importlib and what site adds to builtins: made at the first need from now on.  0, or -1 with an
   error. */
extern int _Py_DeferLateParts(PyThreadState *tstate, PyObject *main_dict);
/* Are they missing?  Then somebody who needs them calls the next function. */
static inline int
_Py_LatePartsWait(const PyInterpreterState *interp)
{
    return interp->imports.late_stage == _Py_LATE_WAITING ||
           interp->imports.late_stage == _Py_LATE_MAKING;
}
/* 0, or -1 with an error. */
extern int _Py_MakeLateParts(PyThreadState *tstate);
/* Somebody looks for a name that is missing.  1: it is one of theirs, and they were made (look
   again); 0: nothing to do; -1 with an error. */
extern int _Py_MakeLatePartsFor(PyThreadState *tstate, PyObject *name);
/* Before an attribute of the module sys or builtins is set: 0, or -1 with an error. */
extern int _Py_PrepareAssignment(PyThreadState *tstate, PyObject *name);
extern void _Py_ForgetLateParts(PyInterpreterState *interp);

/* -- Python/import.c -- */
extern PyStatus _PyImport_Init(void);
extern void _PyImport_Fini(void);
/* What comes before importlib, or all there is when that is left out. */
extern PyStatus _PyImport_InitCore(PyThreadState *tstate, int importlib);
/* importlib._bootstrap, frozen; idempotent. */
extern PyStatus _PyImport_InitImportlib(PyThreadState *tstate);
/* __main__.__loader__, when there are both: 0, or -1 with an error. */
extern int _PyImport_SetMainLoader(PyThreadState *tstate);
/* importlib._bootstrap_external: finders for files; idempotent, also called lazily. */
extern PyStatus _PyImport_InitExternal(PyThreadState *tstate);
/* The same: 0, or -1 with an error. */
extern int _PyImport_EnsureExternal(PyThreadState *tstate);
extern void _PyImport_FinalizeModules(PyThreadState *tstate, int verbose);
extern void _PyImport_FiniCore(PyInterpreterState *interp);
extern void _PyImport_ClearModules(PyInterpreterState *interp);
extern PyObject *_PyImport_GetModules(PyInterpreterState *interp);          /* borrowed */
/* The full name of the single-phase module being loaded, if its last part is `name`. */
extern const char *_PyImport_ResolveNameWithPackageContext(const char *name);
extern int _PyImport_ReInitLock(PyInterpreterState *interp);

/* -- Modules/signalmodule.c -- */
extern int _PySignal_Init(int install_signal_handlers);
extern void _PySignal_Fini(void);

/* -- Modules/_io/_iomodule.c -- */
extern PyObject *_PyIO_NewOpen(void);
/* The binary layers over a descriptor, which they do not close; the module _io need not exist.  New
   reference, or NULL with an error. */
extern PyObject *_PyIO_OpenStandard(PyThreadState *tstate, int fd, int writing, int buffering);

/* -- Modules/_io/textio.c -- */
/* TextIOWrapper(buffer, encoding, errors, "\n", ...).  With `codec_waits`, codecs that the core has
   itself are looked up when they are needed.  New reference, or NULL with an error. */
extern PyObject *_PyIO_NewText(PyObject *buffer, PyObject *encoding, PyObject *errors,
                               int line_buffering, int write_through, int codec_waits);

/* -- Modules/atexitmodule.c -- */
extern PyStatus _PyAtExit_Init(PyInterpreterState *interp);
extern void _PyAtExit_Call(PyInterpreterState *interp);
extern void _PyAtExit_Fini(PyInterpreterState *interp);

/* -- Modules/faulthandler.c -- */
extern PyStatus _PyFaulthandler_Init(int enable);
extern void _PyFaulthandler_Fini(void);

/* -- Python/pylifecycle.c -- */
extern int _Py_IsBare(const PyConfig *config);

/* -- Python/pythonrun.c -- */
/* Whether the main program ended by KeyboardInterrupt: Py_RunMain() then dies by SIGINT. */
extern void _PyErr_NoteKeyboardInterrupt(int unhandled);

/* Python/pystate.c.  In the child of a fork: the memory of all threads of `interp` is free. */
extern void _PyThreadState_ForgetAll(PyInterpreterState *interp);

#endif /* !Py_INTERNAL_LIFECYCLE_H */
