/* Connection: the methods and attributes that Python code sees.
 *
 * Most are an operation (connection_begin() to connection_end()) around one call of SQLite or of
 * the other files.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3, PEP 249 and observed
 * behaviour.
 */
#include "sqlite.h"

#include "sig/sqlite_database.sig.h"

/* ---------------------------------------------------------------------------- opening, closing */

/*sig Connection.__init__(self, database, timeout: double = 5.0, detect_types: int = 0,
                          isolation_level: conv[convert_isolation_level, const char *]
                          = c"\"\"" py"''",
                          check_same_thread: bool = True, factory: object = NULL,
                          cached_statements: int = 128, uri: bool = False, *,
                          autocommit: conv[convert_autocommit, int] = -1)

SQLite database connection object.
*/
static int
Connection_init_impl(connection *self, PyObject *database, double timeout, int detect_types,
                     const char *isolation_level, int check_same_thread,
                     PyObject *Py_UNUSED(factory), int cached_statements, int uri, int autocommit)
{
    if (connection_open(self, database, uri, timeout) < 0) {
        return -1;
    }
    self->detect_types = detect_types;
    self->isolation_level = isolation_level;
    self->check_same_thread = check_same_thread;
    self->cache_size = cached_statements;
    if (!connection_begin(self)) {
        return -1;
    }
    if (end_int(self, connection_set_autocommit(self, autocommit)) < 0) {
        return -1;
    }
    return PySys_Audit("sqlite3.connect/handle", "O", self) < 0 ? -1 : 0;
}

/*sig Connection.close(self) -> None

Close the database connection.

Any pending transaction is not committed implicitly.
*/
static int
Connection_close_impl(connection *self)
{
    if (self->initialised && self->closed) {
        return 0;
    }
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, connection_close(self));
}

/*sig Connection.interrupt(self) -> None

Abort any pending database operation.
*/
static int
Connection_interrupt_impl(connection *self)
{
    /* Not an operation: it is for those of other threads.  The database is open as long as the
       connection is not closed and the GIL is held. */
    if (!connection_check(self)) {
        return -1;
    }
    sqlite3_interrupt(self->db);
    return 0;
}

/* -------------------------------------------------------------------------------- transactions */

/*sig Connection.commit(self) -> None

Commit any pending transaction to the database.

If there is no open transaction, this method is a no-op.
*/
static int
Connection_commit_impl(connection *self)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, connection_end_transaction(self, "COMMIT"));
}

/*sig Connection.rollback(self) -> None

Roll back to the start of any pending transaction.

If there is no open transaction, this method is a no-op.
*/
static int
Connection_rollback_impl(connection *self)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, connection_end_transaction(self, "ROLLBACK"));
}

/*sig Connection.__enter__(self)

Called when the connection is used as a context manager.

Returns itself as a convenience to the caller.
*/
static PyObject *
Connection___enter___impl(connection *self)
{
    return connection_check(self) ? Py_NewRef(self) : NULL;
}

/*sig Connection.__exit__(self, type, value, traceback, /)

Called when the connection is used as a context manager.

If there was any exception, a rollback takes place; otherwise we commit.
*/
static PyObject *
Connection___exit___impl(connection *self, PyObject *type, PyObject *value, PyObject *traceback)
{
    int result;
    if (type == Py_None && value == Py_None && traceback == Py_None) {
        result = Connection_commit_impl(self);
        if (result < 0) {
            PyObject *exc = PyErr_GetRaisedException();
            if (Connection_rollback_impl(self) < 0) {
                _PyErr_ChainExceptions1(exc);
            }
            else {
                PyErr_SetRaisedException(exc);
            }
        }
    }
    else {
        result = Connection_rollback_impl(self);
    }
    return result < 0 ? NULL : Py_NewRef(Py_False);
}

/* ------------------------------------------------------------------------------------- cursors */

/*sig Connection.cursor(self, factory: object = NULL)

Return a cursor for the connection.
*/
static PyObject *
Connection_cursor_impl(connection *self, PyObject *factory)
{
    if (!connection_check_thread(self)) {
        return NULL;
    }
    PyTypeObject *cursor_type = self->state->cursor_type;
    PyObject *op = PyObject_CallOneArg(factory != NULL ? factory : (PyObject *)cursor_type,
                                       (PyObject *)self);
    if (op == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(op, cursor_type)) {
        PyErr_Format(PyExc_TypeError, "factory must return a cursor, not %.100s",
                     Py_TYPE(op)->tp_name);
        Py_DECREF(op);
        return NULL;
    }
    if (self->row_factory != NULL && self->row_factory != Py_None) {
        Py_XSETREF(((cursor *)op)->row_factory, Py_NewRef(self->row_factory));
    }
    return op;
}

/* Call a method of a new cursor. */
static PyObject *
call_cursor(connection *self, const char *method, PyObject *sql, PyObject *parameters)
{
    PyObject *op = PyObject_CallMethod((PyObject *)self, "cursor", NULL);
    PyObject *callable = op != NULL ? PyObject_GetAttrString(op, method) : NULL;
    Py_XDECREF(op);
    if (callable == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(callable, sql, parameters, NULL);
    Py_DECREF(callable);
    return result;
}

/*sig Connection.execute(self, sql: unicode, parameters: object = NULL, /)

Executes an SQL statement.
*/
static PyObject *
Connection_execute_impl(connection *self, PyObject *sql, PyObject *parameters)
{
    return call_cursor(self, "execute", sql, parameters);
}

/*sig Connection.executemany(self, sql: unicode, parameters, /)

Repeatedly executes an SQL statement.
*/
static PyObject *
Connection_executemany_impl(connection *self, PyObject *sql, PyObject *parameters)
{
    return call_cursor(self, "executemany", sql, parameters);
}

/*sig Connection.executescript(self, sql_script, /)

Executes multiple SQL statements at once.
*/
static PyObject *
Connection_executescript_impl(connection *self, PyObject *sql_script)
{
    return call_cursor(self, "executescript", sql_script, NULL);
}

/* tp_call: a statement */
static PyObject *
connection_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    connection *self = (connection *)op;
    PyObject *sql;
    if (!_PyArg_NoKeywords("sqlite3.Connection", kwargs) || !connection_check_thread(self)
        || !PyArg_ParseTuple(args, "U", &sql) || !connection_begin(self))
    {
        return NULL;
    }
    return end_object(self, (PyObject *)statement_get(self, sql));
}

/*sig Connection.iterdump(self)

Returns iterator to the dump of the database in an SQL text format.
*/
static PyObject *
Connection_iterdump_impl(connection *self)
{
    if (!connection_check(self)) {
        return NULL;
    }
    PyObject *module = PyImport_ImportModule("sqlite3.dump");
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethod(module, "_iterdump", "O", self);
    Py_DECREF(module);
    return result;
}

/* ----------------------------------------------------------------------------------- callbacks */

/*sig Connection.create_function(self, name: utf8, narg: int, func, *,
                                  deterministic: bool = False) -> None

Creates a new function.
*/
static int
Connection_create_function_impl(connection *self, const char *name, int narg, PyObject *func,
                                int deterministic)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_create_function(self, name, narg, func, deterministic));
}

/*sig Connection.create_aggregate(self, name: utf8, n_arg: int, aggregate_class) -> None

Creates a new aggregate.
*/
static int
Connection_create_aggregate_impl(connection *self, const char *name, int n_arg,
                                 PyObject *aggregate_class)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_create_aggregate(self, name, n_arg, aggregate_class));
}

/*sig Connection.create_window_function(self, name: utf8, num_params: int,
                                         aggregate_class, /) -> None

Creates or redefines an aggregate window function. Non-standard.

  name
    The name of the SQL aggregate window function to be created or
    redefined.
  num_params
    The number of arguments the step and inverse methods takes.
  aggregate_class
    A class with step(), finalize(), value(), and inverse() methods.
    Set to None to clear the window function.
*/
static int
Connection_create_window_function_impl(connection *self, const char *name, int num_params,
                                       PyObject *aggregate_class)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self,
                   sqlite_create_window_function(self, name, num_params, aggregate_class));
}

/*sig Connection.create_collation(self, name: utf8, callback, /) -> None

Creates a collation function.
*/
static int
Connection_create_collation_impl(connection *self, const char *name, PyObject *callback)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_create_collation(self, name, callback));
}

/*sig Connection.set_authorizer(self, authorizer_callback) -> None

Sets authorizer callback.
*/
static int
Connection_set_authorizer_impl(connection *self, PyObject *callback)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_set_authorizer(self, callback));
}

/*sig Connection.set_progress_handler(self, progress_handler, n: int) -> None

Sets progress handler callback.
*/
static int
Connection_set_progress_handler_impl(connection *self, PyObject *handler, int n)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_set_progress_handler(self, handler, n));
}

/*sig Connection.set_trace_callback(self, trace_callback) -> None

Sets a trace callback called for each SQL statement (passed as unicode).
*/
static int
Connection_set_trace_callback_impl(connection *self, PyObject *callback)
{
    if (!connection_begin(self)) {
        return -1;
    }
    return end_int(self, sqlite_set_trace_callback(self, callback));
}

/* --------------------------------------------------------------------------- limits and options */

/* Set a limit unless it is negative: the prior value, or -1 with an exception. */
static int
change_limit(connection *self, int category, int limit)
{
    if (!connection_begin(self)) {
        return -1;
    }
    int prior = sqlite3_limit(self->db, category, limit);
    if (prior < 0) {
        PyErr_SetString(self->state->errors[ProgrammingError], "'category' is out of bounds");
    }
    return end_int(self, prior);
}

/*sig Connection.setlimit(self, category: int, limit: int, /) -> int

Set connection run-time limits.

  category
    The limit category to be set.
  limit
    The new limit. If the new limit is a negative number, the limit is
    unchanged.

Attempts to increase a limit above its hard upper bound are silently truncated
to the hard upper bound. Regardless of whether or not the limit was changed,
the prior value of the limit is returned.
*/
static int
Connection_setlimit_impl(connection *self, int category, int limit)
{
    return change_limit(self, category, limit);
}

/*sig Connection.getlimit(self, category: int, /) -> int

Get connection run-time limits.

  category
    The limit category to be queried.
*/
static int
Connection_getlimit_impl(connection *self, int category)
{
    return change_limit(self, category, -1);
}

/* Set a boolean option to 0 or 1 (-1: not); its value then, or -1 with an exception. */
static int
change_config(connection *self, int op, int enable)
{
    if (!connection_begin(self)) {
        return -1;
    }
    int value = -1;
    if (!sqlite_is_dbconfig(op)) {
        PyErr_Format(PyExc_ValueError, "unknown config 'op': %d", op);
    }
    else {
        int rc = sqlite3_db_config(self->db, op, enable, &value);
        if (rc != SQLITE_OK) {
            sqlite_set_error(self, rc);
            value = -1;
        }
    }
    return end_int(self, value);
}

/*sig Connection.setconfig(self, op: int, enable: bool = True, /) -> None

Set a boolean connection configuration option.

  op
    The configuration verb; one of the sqlite3.SQLITE_DBCONFIG codes.
*/
static int
Connection_setconfig_impl(connection *self, int op, int enable)
{
    int value = change_config(self, op, enable);
    if (value >= 0 && value != enable) {
        PyErr_SetString(self->state->errors[OperationalError], "Unable to set config");
        value = -1;
    }
    return value < 0 ? -1 : 0;
}

/*sig Connection.getconfig(self, op: int, /) -> bool

Query a boolean connection configuration option.

  op
    The configuration verb; one of the sqlite3.SQLITE_DBCONFIG codes.
*/
static int
Connection_getconfig_impl(connection *self, int op)
{
    return change_config(self, op, -1);
}

#ifndef SQLITE_OMIT_LOAD_EXTENSION
/*sig Connection.enable_load_extension(self, enable: bool, /) -> None

Enable dynamic loading of SQLite extension modules.
*/
static int
Connection_enable_load_extension_impl(connection *self, int enable)
{
    if (PySys_Audit("sqlite3.enable_load_extension", "OO", self, enable ? Py_True : Py_False) < 0
        || !connection_begin(self))
    {
        return -1;
    }
    int rc = sqlite3_enable_load_extension(self->db, enable);
    if (rc != SQLITE_OK) {
        PyErr_SetString(self->state->errors[OperationalError], "Error enabling load extension");
    }
    return end_int(self, rc == SQLITE_OK ? 0 : -1);
}

/*sig Connection.load_extension(self, name: utf8, /, *, entrypoint: utf8_none = None) -> None

Load SQLite extension module.
*/
static int
Connection_load_extension_impl(connection *self, const char *name, const char *entrypoint)
{
    if (PySys_Audit("sqlite3.load_extension", "Os", self, name) < 0 || !connection_begin(self)) {
        return -1;
    }
    char *message = NULL;
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_load_extension(self->db, name, entrypoint, &message));
    if (rc != SQLITE_OK) {
        PyErr_SetString(self->state->errors[OperationalError],
                        message != NULL ? message : sqlite3_errstr(rc));
        sqlite3_free(message);
    }
    return end_int(self, rc == SQLITE_OK ? 0 : -1);
}
#else
#  define CONNECTION_ENABLE_LOAD_EXTENSION_METHODDEF
#  define CONNECTION_LOAD_EXTENSION_METHODDEF
#endif

/* ------------------------------------------------------------------------- databases as a whole */

/* The work of a backup between its beginning and end: a result code, or -1 with an exception. */
static int
copy_pages(connection *self, sqlite3_backup *backup, int pages, PyObject *progress, int sleep)
{
    for (;;) {
        int rc;
        WITHOUT_GIL(self, rc = sqlite3_backup_step(backup, pages));
        if (progress != Py_None) {
            PyObject *result = PyObject_CallFunction(progress, "iii", rc,
                                                     sqlite3_backup_remaining(backup),
                                                     sqlite3_backup_pagecount(backup));
            if (result == NULL) {
                return -1;
            }
            Py_DECREF(result);
        }
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
            WITHOUT_GIL(self, sqlite3_sleep(sleep));
        }
        else if (rc != SQLITE_OK) {
            return rc;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

/* Copy the database `name` into another connection, both owned; 0, or -1 with an exception. */
static int
copy_database(connection *self, connection *target, const char *name, int pages,
              PyObject *progress, int sleep)
{
    sqlite3_backup *backup;
    /* Pages are copied without SQL, so that nothing of the target's calls back. */
    WITHOUT_GIL(self, backup = sqlite3_backup_init(target->db, "main", self->db, name));
    if (backup == NULL) {
        sqlite_set_error(target, SQLITE_ERROR);
        return -1;
    }
    int rc = copy_pages(self, backup, pages, progress, sleep);
    int finished;
    WITHOUT_GIL(self, finished = sqlite3_backup_finish(backup));
    if (rc < 0) {
        return -1;
    }
    if (finished != SQLITE_OK) {
        sqlite_set_error(target, finished);
        return -1;
    }
    return 0;
}

/*sig Connection.backup(self, target: type[state_of_type(Py_TYPE(self))->connection_type], *,
                        pages: int = -1, progress: object = None, name: utf8 = 'main',
                        sleep: double = 0.25) -> None

Makes a backup of the database.
*/
static int
Connection_backup_impl(connection *self, PyObject *target_op, int pages, PyObject *progress,
                       const char *name, double sleep)
{
    connection *target = (connection *)target_op;
    double milliseconds = sleep * 1000.0;
    if (!(milliseconds >= 0 && milliseconds <= INT_MAX)) {
        PyErr_SetString(PyExc_ValueError, "sleep must be greater-than or equal to zero");
        return -1;
    }
    if (!connection_check_thread(self) || !connection_check_thread(target)) {
        return -1;
    }
    if (target == self) {
        PyErr_SetString(PyExc_ValueError, "target cannot be the same connection instance");
        return -1;
    }
    if (progress != Py_None && !PyCallable_Check(progress)) {
        PyErr_SetString(PyExc_TypeError, "progress argument must be a callable");
        return -1;
    }
    /* In the order of addresses, so that two backups in opposite directions wait for each other
       but not forever. */
    connection *first = self < target ? self : target, *second = self < target ? target : self;
    if (!connection_begin(first)) {
        return -1;
    }
    if (!connection_begin(second)) {
        return end_int(first, -1);
    }
    int result = copy_database(self, target, name, pages == 0 ? -1 : pages, progress,
                               (int)milliseconds);
    return end_int(first, end_int(second, result));
}

/*sig Connection.blobopen(self, table: utf8, column: utf8, row, /, *,
                           readonly: bool = False, name: utf8 = 'main')

Open and return a BLOB object.

  table
    Table name.
  column
    Column name.
  row
    Row index.
  readonly
    Open the BLOB without write permissions.
  name
    Database name.
*/
static PyObject *
Connection_blobopen_impl(connection *self, const char *table, const char *column, PyObject *row,
                         int readonly, const char *name)
{
    if (!connection_begin(self)) {
        return NULL;
    }
    return end_object(self, sqlite_blobopen(self, table, column, row, readonly, name));
}

/*sig Connection.serialize(self, *, name: utf8 = 'main')

Serialize a database into a byte string.

  name
    Which database to serialize.

For an ordinary on-disk database file, the serialization is just a copy of the
disk file. For an in-memory database or a "temp" database, the serialization is
the same sequence of bytes which would be written to disk if that database
were backed up to disk.
*/
static PyObject *
Connection_serialize_impl(connection *self, const char *name)
{
    if (!connection_begin(self)) {
        return NULL;
    }
    sqlite3_int64 size;
    unsigned char *data;
    bool copied = false;
    /* The memory of a database in RAM need not be copied twice. */
    WITHOUT_GIL(self,
        data = sqlite3_serialize(self->db, name, &size, SQLITE_SERIALIZE_NOCOPY);
        if (data == NULL) {
            data = sqlite3_serialize(self->db, name, &size, 0);
            copied = true;
        }
    );
    PyObject *bytes = NULL;
    if (data == NULL) {
        PyErr_Format(self->state->errors[OperationalError], "unable to serialize '%s'", name);
    }
    else {
        bytes = PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)size);
        if (copied) {
            sqlite3_free(data);
        }
    }
    return end_object(self, bytes);
}

/*sig Connection.deserialize(self, data: buffer_str, /, *, name: utf8 = 'main') -> None

Load a serialized database.

  data
    The serialized database content.
  name
    Which database to reopen with the deserialization.

The deserialize interface causes the database connection to disconnect from the
target database, and then reopen it as an in-memory database based on the given
serialized data.

The deserialize interface will fail with SQLITE_BUSY if the database is
currently in a read transaction or is involved in a backup operation.
*/
static int
Connection_deserialize_impl(connection *self, Py_buffer *data, const char *name)
{
    if (!connection_begin(self)) {
        return -1;
    }
    /* At least a byte, as no memory at all means another thing. */
    unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)Py_MAX(data->len, 1));
    if (copy == NULL) {
        PyErr_NoMemory();
        return end_int(self, -1);
    }
    const unsigned int flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
    int rc;
    WITHOUT_GIL(self,
        memcpy(copy, data->buf, (size_t)data->len);
        rc = sqlite3_deserialize(self->db, name, copy, data->len, data->len, flags);
    );
    if (rc != SQLITE_OK) {      /* SQLite has freed the copy */
        sqlite_set_error(self, rc);
    }
    return end_int(self, rc == SQLITE_OK ? 0 : -1);
}

/* ---------------------------------------------------------------------------------- attributes */

static PyObject *
get_isolation_level(PyObject *op, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    if (!connection_check(self)) {
        return NULL;
    }
    const char *level = self->isolation_level;
    return level != NULL ? PyUnicode_FromString(level) : Py_NewRef(Py_None);
}

static int
reject_deletion(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    return 0;
}

static int
set_isolation_level(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    const char *level;
    if (reject_deletion(value) < 0 || !connection_check_thread(self)
        || !convert_isolation_level(value, &level))
    {
        return -1;
    }
    if (level == NULL && Connection_commit_impl(self) < 0) {
        return -1;
    }
    self->isolation_level = level;
    return 0;
}

static PyObject *
get_autocommit(PyObject *op, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    if (!connection_check_thread(self)) {
        return NULL;
    }
    return self->autocommit == LEGACY_TRANSACTION_CONTROL ? PyLong_FromLong(self->autocommit)
                                                          : PyBool_FromLong(self->autocommit);
}

static int
set_autocommit(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    int autocommit;
    if (reject_deletion(value) < 0 || !connection_check_thread(self)
        || !convert_autocommit(value, &autocommit) || !connection_begin(self))
    {
        return -1;
    }
    return end_int(self, connection_set_autocommit(self, autocommit));
}

/* The next two call what SQLite allows to any thread. */

static PyObject *
get_in_transaction(PyObject *op, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    return connection_check(self) ? PyBool_FromLong(!sqlite3_get_autocommit(self->db)) : NULL;
}

static PyObject *
get_total_changes(PyObject *op, void *Py_UNUSED(closure))
{
    connection *self = (connection *)op;
    return connection_check(self) ? PyLong_FromLongLong(sqlite3_total_changes64(self->db)) : NULL;
}

static PyGetSetDef connection_getset[] = {
    {"isolation_level", get_isolation_level, set_isolation_level, NULL, NULL},
    {"autocommit", get_autocommit, set_autocommit, NULL, NULL},
    {"in_transaction", get_in_transaction, NULL, NULL, NULL},
    {"total_changes", get_total_changes, NULL, NULL, NULL},
    {NULL}
};

static PyMemberDef connection_members[] = {
#define X(NAME, BASE) \
    {#NAME, T_OBJECT, offsetof(connection, errors[NAME]), READONLY, NULL},
    SQLITE_EXCEPTIONS(X)
#undef X
    {"row_factory", T_OBJECT, offsetof(connection, row_factory), 0, NULL},
    {"text_factory", T_OBJECT, offsetof(connection, text_factory), 0, NULL},
    {NULL}
};

static PyMethodDef connection_methods[] = {
    CONNECTION_BACKUP_METHODDEF
    CONNECTION_BLOBOPEN_METHODDEF
    CONNECTION_CLOSE_METHODDEF
    CONNECTION_COMMIT_METHODDEF
    CONNECTION_CREATE_AGGREGATE_METHODDEF
    CONNECTION_CREATE_COLLATION_METHODDEF
    CONNECTION_CREATE_FUNCTION_METHODDEF
    CONNECTION_CREATE_WINDOW_FUNCTION_METHODDEF
    CONNECTION_CURSOR_METHODDEF
    CONNECTION_DESERIALIZE_METHODDEF
    CONNECTION_ENABLE_LOAD_EXTENSION_METHODDEF
    CONNECTION___ENTER___METHODDEF
    CONNECTION_EXECUTE_METHODDEF
    CONNECTION_EXECUTEMANY_METHODDEF
    CONNECTION_EXECUTESCRIPT_METHODDEF
    CONNECTION___EXIT___METHODDEF
    CONNECTION_GETCONFIG_METHODDEF
    CONNECTION_GETLIMIT_METHODDEF
    CONNECTION_INTERRUPT_METHODDEF
    CONNECTION_ITERDUMP_METHODDEF
    CONNECTION_LOAD_EXTENSION_METHODDEF
    CONNECTION_ROLLBACK_METHODDEF
    CONNECTION_SERIALIZE_METHODDEF
    CONNECTION_SET_AUTHORIZER_METHODDEF
    CONNECTION_SETCONFIG_METHODDEF
    CONNECTION_SETLIMIT_METHODDEF
    CONNECTION_SET_PROGRESS_HANDLER_METHODDEF
    CONNECTION_SET_TRACE_CALLBACK_METHODDEF
    {NULL}
};

static PyType_Slot connection_slots[] = {
    {Py_tp_init, Connection_init},
    {Py_tp_call, connection_call},
    {Py_tp_finalize, connection_finalize},
    {Py_tp_dealloc, connection_dealloc},
    {Py_tp_traverse, connection_traverse},
    {Py_tp_clear, connection_clear},
    {Py_tp_methods, connection_methods},
    {Py_tp_members, connection_members},
    {Py_tp_getset, connection_getset},
    {Py_tp_doc, (void *)"SQLite database connection object."},
    {0, NULL}
};

PyType_Spec sqlite_connection_spec = {
    .name = "sqlite3.Connection",
    .basicsize = sizeof(connection),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = connection_slots,
};
