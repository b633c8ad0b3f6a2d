/* Private functions that CPython 3.12 exports and declares in no public header: extension
   modules find them by name, so their prototypes are fixed. Sections are named after the
   header where CPython keeps them; the types of another owner's header stand there too:
   pycore_fileutils.h, pycore_hashtable.h, pycore_initconfig.h (_PyArgv), pycore_symtable.h,
   pycore_compile.h.
   Written from the ABI tables. */

#ifndef Py_INTERNAL_PRIVATE_API_H
#define Py_INTERNAL_PRIVATE_API_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct pyruntimestate;  // pycore_runtime.h
struct _arena;          // PyArena of pycore_pyarena.h
struct _mod;            // mod_ty of the syntax tree
struct symtable;        // pycore_symtable.h
struct _PyCodeConstructor;  // pycore_code.h

/* -- Module initialisers (Modules/) -- */

PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__abc(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__ast(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__codecs(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__collections(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__functools(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__io(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__locale(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__operator(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__signal(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__sre(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__stat(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__string(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__symtable(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__thread(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__tokenize(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__tracemalloc(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__typing(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__weakref(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_atexit(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_errno(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_faulthandler(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_gc(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_itertools(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_posix(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_pwd(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInit_time(void);

/* -- pycore_asdl.h -- */

PyAPI_FUNC(void *) _PyArena_Malloc(struct _arena *, size_t);

/* -- pycore_bytesobject.h -- */

PyAPI_FUNC(Py_ssize_t) _PyBytes_Find(const char *, Py_ssize_t, const char *, Py_ssize_t,
    Py_ssize_t);
PyAPI_FUNC(void) _PyBytes_Repeat(char *, Py_ssize_t, const char *, Py_ssize_t);
PyAPI_FUNC(Py_ssize_t) _PyBytes_ReverseFind(const char *, Py_ssize_t, const char *, Py_ssize_t,
    Py_ssize_t);

/* -- pycore_call.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_Call(PyThreadState *, PyObject *, PyObject *,
    PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_Call_Prepend(PyThreadState *, PyObject *, PyObject *,
    PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_FastCallDictTstate(
    PyThreadState *, PyObject *, PyObject *const *, size_t, PyObject *);

/* -- pycore_ceval.h -- */

PyAPI_FUNC(int) _PyEval_AddPendingCall(PyInterpreterState *, int (*)(void *), void *, int);
PyAPI_FUNC(void) _PyEval_SignalAsyncExc(PyInterpreterState *);
PyAPI_FUNC(void) _PyEval_SignalReceived(PyInterpreterState *);
PyAPI_FUNC(int) _Py_CheckRecursiveCall(PyThreadState *, const char *);

/* -- pycore_code.h -- */

PyAPI_FUNC(Py_NEWREF PyCodeObject *) _PyCode_New(struct _PyCodeConstructor *);
PyAPI_FUNC(int) _PyCode_Validate(struct _PyCodeConstructor *);

/* -- pycore_compile.h -- */

PyAPI_FUNC(Py_NEWREF PyCodeObject *) _PyAST_Compile(struct _mod *, PyObject *,
    PyCompilerFlags *, int, struct _arena *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCompile_CodeGen(PyObject *, PyObject *, PyCompilerFlags *,
    int, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCompile_OptimizeCfg(PyObject *, PyObject *, int);

/* -- pycore_dtoa.h -- */

PyAPI_FUNC(char *) _Py_dg_dtoa(double, int, int, int *, int *, char **);
PyAPI_FUNC(void) _Py_dg_freedtoa(char *);
PyAPI_FUNC(double) _Py_dg_strtod(const char *, char **);

/* -- pycore_floatobject.h -- */

PyAPI_FUNC(void) _PyFloat_DebugMallocStats(FILE *);
PyAPI_FUNC(int) _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *, PyObject *, PyObject *,
    Py_ssize_t, Py_ssize_t);

/* -- pycore_import.h -- */

PyAPI_FUNC(int) _PyImport_CheckSubinterpIncompatibleExtensionAllowed(const char *);
PyAPI_FUNC(int) _PyImport_ClearExtension(PyObject *, PyObject *);

/* -- pycore_initconfig.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _PyConfig_AsDict(const PyConfig *);
PyAPI_FUNC(int) _PyConfig_FromDict(PyConfig *, PyObject *);
PyAPI_FUNC(void) _PyConfig_InitCompatConfig(PyConfig *);
PyAPI_FUNC(void) _PyPreConfig_InitCompatConfig(PyPreConfig *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyWideStringList_AsList(const PyWideStringList *);
PyAPI_FUNC(void) _PyWideStringList_Clear(PyWideStringList *);
PyAPI_FUNC(PyStatus) _PyWideStringList_Extend(PyWideStringList *, const PyWideStringList *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_GetCurrent(void);
PyAPI_FUNC(void) _Py_ClearArgcArgv(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_GetConfigsAsDict(void);
PyAPI_FUNC(const char *) _Py_GetEnv(int, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_Get_Getpath_CodeObject(void);
PyAPI_FUNC(void) _Py_get_env_flag(int, int *, const char *);
PyAPI_FUNC(const wchar_t *) _Py_get_xoption(const PyWideStringList *, const wchar_t *);
PyAPI_FUNC(int) _Py_str_to_int(const char *, int *);

/* -- pycore_interp.h -- */

PyAPI_FUNC(void) _PyInterpreterState_IDDecref(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_IDIncref(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_IDInitref(PyInterpreterState *);
PyAPI_FUNC(PyInterpreterState *) _PyInterpreterState_LookUpID(int64_t);

/* -- pycore_long.h -- */

PyAPI_FUNC(int) _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *, PyObject *, PyObject *,
    Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(char *) _PyLong_FormatBytesWriter(_PyBytesWriter *, char *, PyObject *, int, int);
PyAPI_FUNC(int) _PyLong_FormatWriter(_PyUnicodeWriter *, PyObject *, int, int);

/* -- pycore_namespace.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _PyNamespace_New(PyObject *);

/* -- pycore_object.h -- */

PyAPI_FUNC(int) _PyDict_CheckConsistency(PyObject *, int);
PyAPI_FUNC(int) _PyType_CheckConsistency(PyTypeObject *);
PyAPI_FUNC(void) _Py_FatalRefcountErrorFunc(const char *, const char *);

/* -- pycore_obmalloc.h -- */

PyAPI_FUNC(int) _PyObject_DebugMallocStats(FILE *);

/* -- pycore_pathconfig.h -- */

PyAPI_FUNC(void) _PyPathConfig_ClearGlobal(void);

/* -- pycore_pyarena.h -- */

PyAPI_FUNC(int) _PyArena_AddPyObject(struct _arena *, PyObject *);
PyAPI_FUNC(void) _PyArena_Free(struct _arena *);
PyAPI_FUNC(struct _arena *) _PyArena_New(void);

/* -- pycore_pyerrors.h -- */

PyAPI_FUNC(void) _PyErr_ChainStackItem(_PyErr_StackItem *);
PyAPI_FUNC(int) _PyErr_CheckSignalsTstate(PyThreadState *);
PyAPI_FUNC(void) _PyErr_Clear(PyThreadState *);
PyAPI_FUNC(int) _PyErr_ExceptionMatches(PyThreadState *, PyObject *);
PyAPI_FUNC(void) _PyErr_Fetch(PyThreadState *, PyObject **, PyObject **, PyObject **);
PyAPI_FUNC(PyObject *) _PyErr_Format(PyThreadState *, PyObject *, const char *, ...);
PyAPI_FUNC(PyObject *) _PyErr_FormatFromCauseTstate(PyThreadState *, PyObject *, const char *,
    ...);
PyAPI_FUNC(PyObject *) _PyErr_NoMemory(PyThreadState *);
PyAPI_FUNC(void) _PyErr_NormalizeException(PyThreadState *, PyObject **, PyObject **,
    PyObject **);
PyAPI_FUNC(void) _PyErr_Restore(PyThreadState *, Py_STEALS PyObject *, Py_STEALS PyObject *,
    Py_STEALS PyObject *);
PyAPI_FUNC(void) _PyErr_SetNone(PyThreadState *, PyObject *);
PyAPI_FUNC(void) _PyErr_SetObject(PyThreadState *, PyObject *, PyObject *);
PyAPI_FUNC(void) _PyErr_SetString(PyThreadState *, PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyExc_CreateExceptionGroup(const char *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyExc_PrepReraiseStar(PyObject *, PyObject *);
PyAPI_FUNC(void) _Py_DumpExtensionModules(int, PyInterpreterState *);
PyAPI_FUNC(Py_ssize_t) _Py_UTF8_Edit_Cost(PyObject *, PyObject *, Py_ssize_t);

/* -- pycore_pylifecycle.h -- */

PyAPI_FUNC(void) _PyErr_Display(PyObject *, PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(void) _PyErr_DisplayException(PyObject *, PyObject *);
PyAPI_FUNC(void) _PyErr_Print(PyThreadState *);
PyAPI_FUNC(void) _PyThreadState_DeleteCurrent(PyThreadState *);
PyAPI_FUNC(void) _Py_ClearStandardStreamEncoding(void);
PyAPI_FUNC(int) _Py_HandleSystemExit(int *);
PyAPI_FUNC(int) _Py_IsLocaleCoercionTarget(const char *);

/* -- pycore_pymem.h -- */

PyAPI_FUNC(int) _PyMem_GetAllocatorName(const char *, PyMemAllocatorName *);
PyAPI_FUNC(int) _PyMem_SetDefaultAllocator(PyMemAllocatorDomain, PyMemAllocatorEx *);
PyAPI_FUNC(int) _PyMem_SetupAllocators(PyMemAllocatorName);

/* -- pycore_pystate.h -- */

PyAPI_FUNC(int) _PyCrossInterpreterData_ReleaseAndRawFree(_PyCrossInterpreterData *);
PyAPI_FUNC(PyStatus) _PyInterpreterState_Enable(struct pyruntimestate *);
PyAPI_FUNC(int) _PyInterpreterState_IsRunningMain(PyInterpreterState *);
PyAPI_FUNC(void) _PyInterpreterState_SetNotRunningMain(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_SetRunningMain(PyInterpreterState *);
PyAPI_FUNC(int) _PyOS_InterruptOccurred(PyThreadState *);
PyAPI_FUNC(int) _PyState_AddModule(PyThreadState *, PyObject *, PyModuleDef *);
PyAPI_FUNC(void) _PyThreadState_Bind(PyThreadState *);
PyAPI_FUNC(void) _PyThreadState_DeleteExcept(PyThreadState *);
PyAPI_FUNC(void) _PyThreadState_Init(PyThreadState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_New(PyInterpreterState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_Swap(struct pyruntimestate *, PyThreadState *);

/* -- pycore_runtime.h -- */

PyAPI_FUNC(void) _PyRuntimeState_Fini(struct pyruntimestate *);
PyAPI_FUNC(PyStatus) _PyRuntimeState_Init(struct pyruntimestate *);
PyAPI_FUNC(void) _PyRuntime_Finalize(void);
PyAPI_FUNC(PyStatus) _PyRuntime_Initialize(void);

/* -- pycore_strhex.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _Py_strhex(const char *, const Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_strhex_bytes(const char *, const Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_strhex_bytes_with_sep(const char *, const Py_ssize_t,
    PyObject *, const int);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_strhex_with_sep(const char *, const Py_ssize_t, PyObject *,
    const int);

/* -- pycore_structseq.h -- */

PyAPI_FUNC(Py_NEWREF PyTypeObject *) _PyStructSequence_NewType(
    PyStructSequence_Desc *, unsigned long);

/* -- pycore_token.h -- */

PyAPI_FUNC(int) _PyToken_OneChar(int);
PyAPI_FUNC(int) _PyToken_ThreeChars(int, int, int);
PyAPI_FUNC(int) _PyToken_TwoChars(int, int);

/* -- pycore_traceback.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _PyTraceBack_FromFrame(PyObject *, PyFrameObject *);
PyAPI_FUNC(int) _PyTraceBack_Print_Indented(PyObject *, int, const char *, const char *,
    const char *, PyObject *);
PyAPI_FUNC(void) _Py_DumpASCII(int, PyObject *);
PyAPI_FUNC(void) _Py_DumpDecimal(int, size_t);
PyAPI_FUNC(void) _Py_DumpHexadecimal(int, uintptr_t, Py_ssize_t);
PyAPI_FUNC(void) _Py_DumpTraceback(int, PyThreadState *);
PyAPI_FUNC(const char *) _Py_DumpTracebackThreads(int, PyInterpreterState *, PyThreadState *);
PyAPI_FUNC(int) _Py_WriteIndent(int, PyObject *);
PyAPI_FUNC(int) _Py_WriteIndentedMargin(int, const char *, PyObject *);

/* -- pycore_typeobject.h -- */

PyAPI_FUNC(Py_BORROWED PyObject *) _PyType_GetDict(PyTypeObject *);

/* -- pycore_warnings.h -- */

PyAPI_FUNC(Py_NEWREF PyObject *) _PyWarnings_Init(void);

/* -- Other -- */

PyAPI_FUNC(Py_NEWREF PyObject *) PyMarshal_Init(void);
_Py_DEPRECATED_EXTERNALLY(3.3) PyAPI_FUNC(Py_ssize_t) PyUnicode_GetSize(PyObject *);
PyAPI_FUNC(void) PyUnicode_InternImmortal(PyObject **);
PyAPI_FUNC(Py_NEWREF PyObject *) (Py_CompileStringFlags)(const char *, const char *, int,
    PyCompilerFlags *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_FromUid(uid_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_LookupSpecial(PyObject *, PyObject *);
PyAPI_FUNC(int) _Py_Gid_Converter(PyObject *, gid_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_FromGid(gid_t);
PyAPI_FUNC(int) _Py_Sigset_Converter(PyObject *, void *);
PyAPI_FUNC(int) _Py_Uid_Converter(PyObject *, uid_t *);

#endif  /* !Py_INTERNAL_PRIVATE_API_H */
