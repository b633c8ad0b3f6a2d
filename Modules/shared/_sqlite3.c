/* _sqlite3: SQL databases by SQLite, the C half of the package sqlite3.
 *
 * This file has the module: exceptions, constants, adapters, and how errors of SQLite become
 * exceptions.  The types are in the folder sqlite; sqlite.h there says how the parts work together.
 *
 * Invariants:
 * - There is no state beside the module's, so that every interpreter has its own adapters,
 *   converters and exceptions; connections are never shared between interpreters.
 * - An exception that SQLite's error would hide (one that a callback has raised) is kept.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3, PEP 246, PEP 249 and
 * observed behaviour.
 */
#include "sqlite/sqlite.h"

#if SQLITE_VERSION_NUMBER < 3037000
#  error "SQLite 3.37 or newer is needed"
#endif

#include "sig/_sqlite3.sig.h"

/* Names without "SQLITE_". */
#define RESULT_CODES(X) \
    X(ABORT) X(ABORT_ROLLBACK) X(AUTH) X(AUTH_USER) X(BUSY) X(BUSY_RECOVERY) X(BUSY_SNAPSHOT) \
    X(BUSY_TIMEOUT) X(CANTOPEN) X(CANTOPEN_CONVPATH) X(CANTOPEN_DIRTYWAL) X(CANTOPEN_FULLPATH) \
    X(CANTOPEN_ISDIR) X(CANTOPEN_NOTEMPDIR) X(CANTOPEN_SYMLINK) X(CONSTRAINT) X(CONSTRAINT_CHECK) \
    X(CONSTRAINT_COMMITHOOK) X(CONSTRAINT_FOREIGNKEY) X(CONSTRAINT_FUNCTION) X(CONSTRAINT_NOTNULL) \
    X(CONSTRAINT_PINNED) X(CONSTRAINT_PRIMARYKEY) X(CONSTRAINT_ROWID) X(CONSTRAINT_TRIGGER) \
    X(CONSTRAINT_UNIQUE) X(CONSTRAINT_VTAB) X(CORRUPT) X(CORRUPT_INDEX) X(CORRUPT_SEQUENCE) \
    X(CORRUPT_VTAB) X(DONE) X(EMPTY) X(ERROR) X(ERROR_MISSING_COLLSEQ) X(ERROR_RETRY) \
    X(ERROR_SNAPSHOT) X(FORMAT) X(FULL) X(INTERNAL) X(INTERRUPT) X(IOERR) X(IOERR_ACCESS) \
    X(IOERR_AUTH) X(IOERR_BEGIN_ATOMIC) X(IOERR_BLOCKED) X(IOERR_CHECKRESERVEDLOCK) X(IOERR_CLOSE) \
    X(IOERR_COMMIT_ATOMIC) X(IOERR_CONVPATH) X(IOERR_CORRUPTFS) X(IOERR_DATA) X(IOERR_DELETE) \
    X(IOERR_DELETE_NOENT) X(IOERR_DIR_CLOSE) X(IOERR_DIR_FSYNC) X(IOERR_FSTAT) X(IOERR_FSYNC) \
    X(IOERR_GETTEMPPATH) X(IOERR_LOCK) X(IOERR_MMAP) X(IOERR_NOMEM) X(IOERR_RDLOCK) X(IOERR_READ) \
    X(IOERR_ROLLBACK_ATOMIC) X(IOERR_SEEK) X(IOERR_SHMLOCK) X(IOERR_SHMMAP) X(IOERR_SHMOPEN) \
    X(IOERR_SHMSIZE) X(IOERR_SHORT_READ) X(IOERR_TRUNCATE) X(IOERR_UNLOCK) X(IOERR_VNODE) \
    X(IOERR_WRITE) X(LOCKED) X(LOCKED_SHAREDCACHE) X(LOCKED_VTAB) X(MISMATCH) X(MISUSE) X(NOLFS) \
    X(NOMEM) X(NOTADB) X(NOTFOUND) X(NOTICE) X(NOTICE_RECOVER_ROLLBACK) X(NOTICE_RECOVER_WAL) \
    X(OK) X(OK_LOAD_PERMANENTLY) X(OK_SYMLINK) X(PERM) X(PROTOCOL) X(RANGE) X(READONLY) \
    X(READONLY_CANTINIT) X(READONLY_CANTLOCK) X(READONLY_DBMOVED) X(READONLY_DIRECTORY) \
    X(READONLY_RECOVERY) X(READONLY_ROLLBACK) X(ROW) X(SCHEMA) X(TOOBIG) X(WARNING) \
    X(WARNING_AUTOINDEX)

#define ACTIONS(X) \
    X(ALTER_TABLE) X(ANALYZE) X(ATTACH) X(CREATE_INDEX) X(CREATE_TABLE) X(CREATE_TEMP_INDEX) \
    X(CREATE_TEMP_TABLE) X(CREATE_TEMP_TRIGGER) X(CREATE_TEMP_VIEW) X(CREATE_TRIGGER) \
    X(CREATE_VIEW) X(CREATE_VTABLE) X(DELETE) X(DENY) X(DETACH) X(DROP_INDEX) X(DROP_TABLE) \
    X(DROP_TEMP_INDEX) X(DROP_TEMP_TABLE) X(DROP_TEMP_TRIGGER) X(DROP_TEMP_VIEW) X(DROP_TRIGGER) \
    X(DROP_VIEW) X(DROP_VTABLE) X(FUNCTION) X(IGNORE) X(INSERT) X(PRAGMA) X(READ) X(RECURSIVE) \
    X(REINDEX) X(SAVEPOINT) X(SELECT) X(TRANSACTION) X(UPDATE)

#define LIMITS(X) \
    X(LIMIT_ATTACHED) X(LIMIT_COLUMN) X(LIMIT_COMPOUND_SELECT) X(LIMIT_EXPR_DEPTH) \
    X(LIMIT_FUNCTION_ARG) X(LIMIT_LENGTH) X(LIMIT_LIKE_PATTERN_LENGTH) X(LIMIT_SQL_LENGTH) \
    X(LIMIT_TRIGGER_DEPTH) X(LIMIT_VARIABLE_NUMBER) X(LIMIT_VDBE_OP) X(LIMIT_WORKER_THREADS)

#define DBCONFIGS(X) \
    X(DBCONFIG_DEFENSIVE) X(DBCONFIG_DQS_DDL) X(DBCONFIG_DQS_DML) X(DBCONFIG_ENABLE_FKEY) \
    X(DBCONFIG_ENABLE_FTS3_TOKENIZER) X(DBCONFIG_ENABLE_LOAD_EXTENSION) X(DBCONFIG_ENABLE_QPSG) \
    X(DBCONFIG_ENABLE_TRIGGER) X(DBCONFIG_ENABLE_VIEW) X(DBCONFIG_LEGACY_ALTER_TABLE) \
    X(DBCONFIG_LEGACY_FILE_FORMAT) X(DBCONFIG_NO_CKPT_ON_CLOSE) X(DBCONFIG_RESET_DATABASE) \
    X(DBCONFIG_TRIGGER_EQP) X(DBCONFIG_TRUSTED_SCHEMA) X(DBCONFIG_WRITABLE_SCHEMA)

/* ------------------------------------------------------------------------------------- errors */

static const struct {
    int code;
    const char *name;
} result_codes[] = {
#define X(NAME) {SQLITE_##NAME, "SQLITE_" #NAME},
    RESULT_CODES(X)
#undef X
};

static const char *
result_code_name(int code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(result_codes); i++) {
        if (result_codes[i].code == code) {
            return result_codes[i].name;
        }
    }
    return "unknown";
}

/* The class of exceptions for a result code. */
static enum error
error_class(int code)
{
    switch (code & 0xff) {
        case SQLITE_INTERNAL:
        case SQLITE_NOTFOUND:
            return InternalError;
        case SQLITE_ERROR:
        case SQLITE_PERM:
        case SQLITE_ABORT:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_READONLY:
        case SQLITE_INTERRUPT:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_EMPTY:
        case SQLITE_SCHEMA:
            return OperationalError;
        case SQLITE_TOOBIG:
            return DataError;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
            return IntegrityError;
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
            return InterfaceError;
        default:
            return DatabaseError;
    }
}

/* Set an attribute to a new value, which is consumed; 0, or -1 with an exception. */
static int
set_attribute(PyObject *op, const char *name, PyObject *value)
{
    int result = value != NULL ? PyObject_SetAttrString(op, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

void
sqlite_set_db_error(sqlite_state *state, sqlite3 *db, int rc)
{
    int code = sqlite3_extended_errcode(db);
    const char *message = sqlite3_errmsg(db);
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        code = rc;
        message = sqlite3_errstr(rc);
    }
    if ((code & 0xff) == SQLITE_NOMEM) {
        PyErr_NoMemory();
        return;
    }
    PyObject *exc = PyObject_CallFunction(state->errors[error_class(code)], "s", message);
    if (exc != NULL
        && set_attribute(exc, "sqlite_errorcode", PyLong_FromLong(code)) == 0
        && set_attribute(exc, "sqlite_errorname",
                         PyUnicode_FromString(result_code_name(code))) == 0)
    {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
    }
    Py_XDECREF(exc);
}

void
sqlite_set_error(connection *self, int rc)
{
    if (!connection_raise_pending(self) && !PyErr_Occurred()) {
        sqlite_set_db_error(self->state, self->db, rc);
    }
}

/* ------------------------------------------------------------------------------------ adapters */

/* Call a method of `op` named `name` with an argument, as a step of sqlite_adapt(): 1 with a result
   other than None; 0 if there is no such method, or it gives None or raises TypeError; -1 with any
   other exception. */
static int
call_adapting_method(PyObject *op, const char *name, PyObject *arg, PyObject **result)
{
    PyObject *method = PyObject_GetAttrString(op, name);
    if (method == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    *result = PyObject_CallOneArg(method, arg);
    Py_DECREF(method);
    if (*result == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (*result == Py_None) {
        Py_CLEAR(*result);
        return 0;
    }
    return 1;
}

PyObject *
sqlite_adapt(sqlite_state *state, PyObject *op, PyObject *protocol, PyObject *alt)
{
    PyObject *key = PyTuple_Pack(2, Py_TYPE(op), protocol);
    if (key == NULL) {
        return NULL;
    }
    PyObject *adapter = Py_XNewRef(PyDict_GetItemWithError(state->adapters, key));
    Py_DECREF(key);
    PyObject *result = NULL;
    if (adapter != NULL) {
        result = PyObject_CallOneArg(adapter, op);
        Py_DECREF(adapter);
        return result;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    int found = call_adapting_method(protocol, "__adapt__", op, &result);
    if (found == 0) {
        found = call_adapting_method(op, "__conform__", protocol, &result);
    }
    if (found != 0) {
        return result;
    }
    if (alt == NULL) {
        PyErr_SetString(state->errors[ProgrammingError], "can't adapt");
    }
    return Py_XNewRef(alt);
}

/*sig _sqlite3.adapt(module, obj,
                     proto: object = c"(PyObject *)get_state(module)->protocol_type"
                     py"PrepareProtocolType",
                     alt: object = NULL, /)

Adapt given object to given protocol.
*/
static PyObject *
_sqlite3_adapt_impl(PyObject *module, PyObject *obj, PyObject *proto, PyObject *alt)
{
    return sqlite_adapt(get_state(module), obj, proto, alt);
}

/*sig _sqlite3.register_adapter(module, type, adapter, /) -> None

Register a function to adapt Python objects to SQLite values.
*/
static int
_sqlite3_register_adapter_impl(PyObject *module, PyObject *type, PyObject *adapter)
{
    sqlite_state *state = get_state(module);
    if (type == (PyObject *)&PyLong_Type || type == (PyObject *)&PyFloat_Type
        || type == (PyObject *)&PyUnicode_Type || type == (PyObject *)&PyByteArray_Type
        || type == (PyObject *)&PyBytes_Type || type == (PyObject *)Py_TYPE(Py_None))
    {
        state->base_type_adapted = true;
    }
    PyObject *key = PyTuple_Pack(2, type, state->protocol_type);
    if (key == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(state->adapters, key, adapter);
    Py_DECREF(key);
    return result;
}

/*sig _sqlite3.register_converter(module, typename: unicode, converter, /) -> None

Register a function to convert SQLite values to Python objects.
*/
static int
_sqlite3_register_converter_impl(PyObject *module, PyObject *typename, PyObject *converter)
{
    PyObject *name = PyObject_CallMethod(typename, "upper", NULL);
    if (name == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(get_state(module)->converters, name, converter);
    Py_DECREF(name);
    return result;
}

static int
protocol_init(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return 0;
}

static int
protocol_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
protocol_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot protocol_slots[] = {
    {Py_tp_init, protocol_init},
    {Py_tp_dealloc, protocol_dealloc},
    {Py_tp_traverse, protocol_traverse},
    {Py_tp_doc, (void *)"PEP 246 style object adaption protocol type."},
    {0, NULL}
};

static PyType_Spec protocol_spec = {
    .name = "sqlite3.PrepareProtocol",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = protocol_slots,
};

/* ---------------------------------------------------------------------------------- functions */

PyDoc_STRVAR(connect_doc,
"connect($module, /, database, timeout=5.0, detect_types=0,\n"
"        isolation_level='', check_same_thread=True,\n"
"        factory=ConnectionType, cached_statements=128, uri=False, *,\n"
"        autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)\n"
"--\n"
"\n"
"Open a connection to the SQLite database file database.\n"
"\n"
"Use \":memory:\" for a database that is in RAM instead of on disk.");

/* All arguments go to the factory. */
static PyObject *
sqlite_connect(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const Py_ssize_t factory_position = 5;
    PyObject *factory = (PyObject *)get_state(module)->connection_type;
    if (nargs > factory_position) {
        factory = args[factory_position];
    }
    for (Py_ssize_t i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, i), "factory") == 0) {
            factory = args[nargs + i];
        }
    }
    return PyObject_Vectorcall(factory, args, (size_t)nargs, kwnames);
}

/*sig _sqlite3.complete_statement(module, statement: utf8) -> bool

Checks if a string contains a complete SQL statement.
*/
static int
_sqlite3_complete_statement_impl(PyObject *Py_UNUSED(module), const char *statement)
{
    return sqlite3_complete(statement) != 0;
}

/*sig _sqlite3.enable_callback_tracebacks(module, enable: bool, /) -> None

Enable or disable callback functions throwing errors to stderr.
*/
static int
_sqlite3_enable_callback_tracebacks_impl(PyObject *module, int enable)
{
    get_state(module)->callback_tracebacks = enable != 0;
    return 0;
}

static PyMethodDef sqlite_functions[] = {
    _SQLITE3_ADAPT_METHODDEF
    _SQLITE3_COMPLETE_STATEMENT_METHODDEF
    {"connect", (PyCFunction)(void (*)(void))sqlite_connect, METH_FASTCALL | METH_KEYWORDS,
     connect_doc},
    _SQLITE3_ENABLE_CALLBACK_TRACEBACKS_METHODDEF
    _SQLITE3_REGISTER_ADAPTER_METHODDEF
    _SQLITE3_REGISTER_CONVERTER_METHODDEF
    {NULL}
};

/* ---------------------------------------------------------------------------------- the module */

static const struct {
    const char *name;
    int value;
} constants[] = {
#define X(NAME) {"SQLITE_" #NAME, SQLITE_##NAME},
    RESULT_CODES(X)
    ACTIONS(X)
    LIMITS(X)
    DBCONFIGS(X)
#undef X
    {"LEGACY_TRANSACTION_CONTROL", LEGACY_TRANSACTION_CONTROL},
    {"PARSE_DECLTYPES", PARSE_DECLTYPES},
    {"PARSE_COLNAMES", PARSE_COLNAMES},
};

bool
sqlite_is_dbconfig(int op)
{
    switch (op) {
#define X(NAME) case SQLITE_##NAME:
        DBCONFIGS(X)
#undef X
            return true;
        default:
            return false;
    }
}

static int
add_constants(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    /* PEP 249's level of each of SQLite's: single-threaded, serialized, multi-threaded. */
    static const int levels[] = {0, 3, 1};
    int mode = sqlite3_threadsafe();
    assert(mode >= 0 && mode < (int)Py_ARRAY_LENGTH(levels));
    if (PyModule_AddIntConstant(module, "threadsafety", levels[mode]) < 0
        || PyModule_AddStringConstant(module, "_deprecated_version", "2.6.0") < 0)
    {
        return -1;
    }
    return PyModule_AddStringConstant(module, "sqlite_version", sqlite3_libversion());
}

static int
add_exceptions(PyObject *module, sqlite_state *state)
{
#define X(NAME, BASE) \
    state->errors[NAME] = PyErr_NewException("sqlite3." #NAME, BASE, NULL); \
    if (PyModule_AddObjectRef(module, #NAME, state->errors[NAME]) < 0) { \
        return -1; \
    }
    SQLITE_EXCEPTIONS(X)
#undef X
    return 0;
}

/* A type of the module; the reference belongs to *place. */
static int
add_type(PyObject *module, PyType_Spec *spec, bool public, PyTypeObject **place)
{
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (*place == NULL) {
        return -1;
    }
    return public ? PyModule_AddType(module, *place) : 0;
}

static int
add_method_names(sqlite_state *state)
{
    static const char *const names[N_METHODS] = {
        [STEP] = "step", [INVERSE] = "inverse", [VALUE] = "value", [FINALIZE] = "finalize",
    };
    for (int i = 0; i < N_METHODS; i++) {
        state->methods[i] = PyUnicode_InternFromString(names[i]);
        if (state->methods[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

static int
sqlite_exec(PyObject *module)
{
    sqlite_state *state = get_state(module);
    int rc = sqlite3_initialize();
    if (rc != SQLITE_OK) {
        PyErr_SetString(PyExc_ImportError, sqlite3_errstr(rc));
        return -1;
    }
    if (add_exceptions(module, state) < 0 || add_method_names(state) < 0
        || add_type(module, &sqlite_statement_spec, false, &state->statement_type) < 0
        || add_type(module, &sqlite_blob_spec, true, &state->blob_type) < 0
        || add_type(module, &sqlite_connection_spec, true, &state->connection_type) < 0
        || add_type(module, &sqlite_cursor_spec, true, &state->cursor_type) < 0
        || add_type(module, &protocol_spec, true, &state->protocol_type) < 0
        || add_type(module, &sqlite_row_spec, true, &state->row_type) < 0
        || add_constants(module) < 0)
    {
        return -1;
    }
    state->adapters = PyDict_New();
    if (PyModule_AddObjectRef(module, "adapters", state->adapters) < 0) {
        return -1;
    }
    state->converters = PyDict_New();
    return PyModule_AddObjectRef(module, "converters", state->converters);
}

static int
sqlite_traverse(PyObject *module, visitproc visit, void *arg)
{
    sqlite_state *state = get_state(module);
    Py_VISIT(state->connection_type);
    Py_VISIT(state->cursor_type);
    Py_VISIT(state->statement_type);
    Py_VISIT(state->row_type);
    Py_VISIT(state->blob_type);
    Py_VISIT(state->protocol_type);
    Py_VISIT(state->adapters);
    Py_VISIT(state->converters);
    for (int i = 0; i < N_ERRORS; i++) {
        Py_VISIT(state->errors[i]);
    }
    return 0;
}

static int
sqlite_clear(PyObject *module)
{
    sqlite_state *state = get_state(module);
    Py_CLEAR(state->connection_type);
    Py_CLEAR(state->cursor_type);
    Py_CLEAR(state->statement_type);
    Py_CLEAR(state->row_type);
    Py_CLEAR(state->blob_type);
    Py_CLEAR(state->protocol_type);
    Py_CLEAR(state->adapters);
    Py_CLEAR(state->converters);
    for (int i = 0; i < N_ERRORS; i++) {
        Py_CLEAR(state->errors[i]);
    }
    for (int i = 0; i < N_METHODS; i++) {
        Py_CLEAR(state->methods[i]);
    }
    return 0;
}

static void
sqlite_free(void *module)
{
    sqlite_clear((PyObject *)module);
}

static PyModuleDef_Slot sqlite_slots[] = {
    {Py_mod_exec, sqlite_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

struct PyModuleDef sqlite_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sqlite3",
    .m_size = sizeof(sqlite_state),
    .m_methods = sqlite_functions,
    .m_slots = sqlite_slots,
    .m_traverse = sqlite_traverse,
    .m_clear = sqlite_clear,
    .m_free = sqlite_free,
};

PyMODINIT_FUNC
PyInit__sqlite3(void)
{
    return PyModuleDef_Init(&sqlite_module);
}
