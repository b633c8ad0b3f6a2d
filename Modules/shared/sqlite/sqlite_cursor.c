/* Cursor: executing statements and fetching rows.
 *
 * Invariants:
 * - While an operation is under way the cursor is locked, so that what it calls (adapters,
 *   converters, sequences of parameters) cannot use it.
 * - A cursor with a statement stands at a row of its result, which the next fetch converts before
 *   it goes on to the row behind it.  At the end it gives the statement up.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3, PEP 249 and observed
 * behaviour.
 */
#include "sqlite.h"

#include "sig/sqlite_cursor.sig.h"

/* ---------------------------------------------------------------------------------- operations */

static bool
check_unlocked(cursor *self)
{
    if (self->locked) {
        PyErr_SetString(state_of_type(Py_TYPE(self))->errors[ProgrammingError],
                        "Recursive use of cursors not allowed.");
    }
    return !self->locked;
}

/* Whether the cursor can be used, but for being closed; false with ProgrammingError. */
static bool
check_initialised(cursor *self)
{
    if (self->connection == NULL) {
        PyErr_SetString(state_of_type(Py_TYPE(self))->errors[ProgrammingError],
                        "Base Cursor.__init__ not called.");
        return false;
    }
    return true;
}

/* Begin an operation, which cursor_end() ends; false with an exception. */
static bool
cursor_begin(cursor *self)
{
    if (!check_initialised(self)) {
        return false;
    }
    if (self->closed) {
        PyErr_SetString(self->connection->state->errors[ProgrammingError],
                        "Cannot operate on a closed cursor.");
        return false;
    }
    if (!check_unlocked(self)) {
        return false;
    }
    /* First, as others may come while we wait for the connection. */
    self->locked = true;
    if (!connection_begin(self->connection)) {
        self->locked = false;
        return false;
    }
    return true;
}

static void
cursor_end(cursor *self)
{
    assert(self->locked);
    connection_end(self->connection);
    self->locked = false;
}

static void
drop_statement(cursor *self)
{
    if (self->statement != NULL) {
        statement *st = self->statement;
        self->statement = NULL;
        statement_release(st);
        Py_DECREF(st);
    }
}

/* ------------------------------------------------------------------------------------- columns */

/* The name of a column for the description: without "[type]" at its end, if types are looked for
   there.  A new reference, or NULL with an exception. */
static PyObject *
column_name(cursor *self, int column)
{
    const char *name = sqlite3_column_name(self->statement->handle->stmt, column);
    if (name == NULL) {
        return PyErr_NoMemory();
    }
    size_t size = strlen(name);
    if (self->connection->detect_types & PARSE_COLNAMES) {
        const char *bracket = strchr(name, '[');
        if (bracket != NULL) {
            size = (size_t)(bracket - name);
            size -= size > 0 && name[size - 1] == ' ';
        }
    }
    return PyUnicode_FromStringAndSize(name, (Py_ssize_t)size);
}

static PyObject *
make_description(cursor *self, int n)
{
    PyObject *description = PyTuple_New(n);
    for (int i = 0; i < n && description != NULL; i++) {
        PyObject *name = column_name(self, i);
        PyObject *column = NULL;
        if (name != NULL) {
            column = PyTuple_Pack(7, name, Py_None, Py_None, Py_None, Py_None, Py_None, Py_None);
            Py_DECREF(name);
        }
        if (column == NULL) {
            Py_CLEAR(description);
        }
        else {
            PyTuple_SET_ITEM(description, i, column);
        }
    }
    return description;
}

/* The converter for a name of so many bytes: a new reference; NULL if there is none, or with an
   exception. */
static PyObject *
find_converter(cursor *self, const char *name, size_t size)
{
    PyObject *str = PyUnicode_FromStringAndSize(name, (Py_ssize_t)size);
    PyObject *key = str != NULL ? PyObject_CallMethod(str, "upper", NULL) : NULL;
    Py_XDECREF(str);
    if (key == NULL) {
        return NULL;
    }
    PyObject *converter = PyDict_GetItemWithError(self->connection->state->converters, key);
    Py_XINCREF(converter);
    Py_DECREF(key);
    return converter;
}

/* The converter of a column or None: a new reference, or NULL with an exception. */
static PyObject *
column_converter(cursor *self, int column)
{
    sqlite3_stmt *stmt = self->statement->handle->stmt;
    PyObject *converter = NULL;
    if (self->connection->detect_types & PARSE_COLNAMES) {
        const char *name = sqlite3_column_name(stmt, column);
        const char *begin = name != NULL ? strchr(name, '[') : NULL;
        const char *end = begin != NULL ? strchr(begin, ']') : NULL;
        if (end != NULL) {
            converter = find_converter(self, begin + 1, (size_t)(end - begin - 1));
        }
    }
    if (converter == NULL && !PyErr_Occurred()
        && (self->connection->detect_types & PARSE_DECLTYPES))
    {
        const char *type = sqlite3_column_decltype(stmt, column);
        if (type != NULL) {
            converter = find_converter(self, type, strcspn(type, " ("));
        }
    }
    return converter != NULL || PyErr_Occurred() ? converter : Py_NewRef(Py_None);
}

/* Set description and converters for the result of the statement; 0, or -1 with an exception. */
static int
describe_columns(cursor *self)
{
    int n = sqlite3_column_count(self->statement->handle->stmt);
    PyObject *description = n > 0 ? make_description(self, n) : Py_NewRef(Py_None);
    if (description == NULL) {
        return -1;
    }
    Py_XSETREF(self->description, description);
    if (self->connection->detect_types == 0 || n == 0) {
        return 0;
    }
    PyObject *converters = PyTuple_New(n);
    for (int i = 0; i < n && converters != NULL; i++) {
        PyObject *converter = column_converter(self, i);
        if (converter == NULL) {
            Py_CLEAR(converters);
        }
        else {
            PyTuple_SET_ITEM(converters, i, converter);
        }
    }
    Py_XSETREF(self->converters, converters);
    return converters != NULL ? 0 : -1;
}

/* ---------------------------------------------------------------------------------------- rows */

static PyObject *
decode_text(cursor *self, int column, const char *text, Py_ssize_t size)
{
    PyObject *str = PyUnicode_FromStringAndSize(text, size);
    if (str != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        return str;
    }
    PyErr_Clear();
    PyObject *readable = PyUnicode_DecodeUTF8(text, size, "replace");
    const char *name = sqlite3_column_name(self->statement->handle->stmt, column);
    if (readable != NULL && name != NULL) {
        PyErr_Format(self->connection->state->errors[OperationalError],
                     "Could not decode to UTF-8 column '%s' with text '%U'", name, readable);
    }
    else if (readable != NULL) {
        PyErr_NoMemory();
    }
    Py_XDECREF(readable);
    return NULL;
}

static PyObject *
text_value(cursor *self, int column)
{
    sqlite3_stmt *stmt = self->statement->handle->stmt;
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    Py_ssize_t size = sqlite3_column_bytes(stmt, column);
    PyObject *factory = self->connection->text_factory;
    if (factory == (PyObject *)&PyUnicode_Type) {
        return decode_text(self, column, text, size);
    }
    if (factory == (PyObject *)&PyByteArray_Type) {
        return PyByteArray_FromStringAndSize(text, size);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(text, size);
    if (bytes == NULL || factory == (PyObject *)&PyBytes_Type) {
        return bytes;
    }
    factory = Py_NewRef(factory != NULL ? factory : Py_None);
    PyObject *value = PyObject_CallOneArg(factory, bytes);
    Py_DECREF(factory);
    Py_DECREF(bytes);
    return value;
}

/* The bytes of a blob, or of another value as text. */
static PyObject *
blob_value(cursor *self, int column)
{
    sqlite3_stmt *stmt = self->statement->handle->stmt;
    const void *data = sqlite3_column_blob(stmt, column);
    if (data == NULL && sqlite3_errcode(sqlite3_db_handle(stmt)) == SQLITE_NOMEM) {
        return PyErr_NoMemory();
    }
    return PyBytes_FromStringAndSize(data, sqlite3_column_bytes(stmt, column));
}

/* What a converter makes of a value; of an empty blob it is None, as of NULL. */
static PyObject *
converted_value(cursor *self, int column, PyObject *converter)
{
    PyObject *bytes = blob_value(self, column);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *value;
    if (PyBytes_GET_SIZE(bytes) == 0
        && sqlite3_column_type(self->statement->handle->stmt, column) == SQLITE_BLOB)
    {
        value = Py_NewRef(Py_None);
    }
    else {
        value = PyObject_CallOneArg(converter, bytes);
    }
    Py_DECREF(bytes);
    return value;
}

/* The value of a column in the present row: a new reference, or NULL with an exception. */
static PyObject *
column_value(cursor *self, int column)
{
    sqlite3_stmt *stmt = self->statement->handle->stmt;
    int type = sqlite3_column_type(stmt, column);
    if (type == SQLITE_NULL) {
        return Py_NewRef(Py_None);
    }
    if (self->converters != NULL && column < PyTuple_GET_SIZE(self->converters)) {
        PyObject *converter = PyTuple_GET_ITEM(self->converters, column);
        if (converter != Py_None) {
            return converted_value(self, column, converter);
        }
    }
    switch (type) {
        case SQLITE_INTEGER: return PyLong_FromLongLong(sqlite3_column_int64(stmt, column));
        case SQLITE_FLOAT: return PyFloat_FromDouble(sqlite3_column_double(stmt, column));
        case SQLITE_TEXT: return text_value(self, column);
        default: return blob_value(self, column);
    }
}

static PyObject *
make_row(cursor *self)
{
    int n = sqlite3_data_count(self->statement->handle->stmt);
    PyObject *row = PyTuple_New(n);
    for (int i = 0; i < n && row != NULL; i++) {
        PyObject *value = column_value(self, i);
        if (value == NULL) {
            Py_CLEAR(row);
        }
        else {
            PyTuple_SET_ITEM(row, i, value);
        }
    }
    return row;
}

/* The database of the statement, which is not the connection's if __init__() was called again. */
static sqlite3 *
database(cursor *self)
{
    return sqlite3_db_handle(self->statement->handle->stmt);
}

/* Go to the next row of the statement: SQLITE_ROW or SQLITE_DONE, or -1 with an exception.  At the
   end the rows that were changed are counted. */
static int
step(cursor *self)
{
    int rc = statement_step(self->connection, self->statement);
    if (rc == SQLITE_DONE && self->statement->is_dml) {
        self->rowcount += (long)sqlite3_changes64(database(self));
    }
    return rc;
}

/* The next row without the factory: a new reference; NULL without an exception at the end, or with
   one.  In an operation. */
static PyObject *
next_row(cursor *self)
{
    if (self->statement == NULL) {
        return NULL;
    }
    if (self->statement->handle->owner == NULL) {
        /* The connection was closed, and opened again by another __init__(). */
        drop_statement(self);
        PyErr_SetString(self->connection->state->errors[ProgrammingError],
                        "Cannot operate on a closed database.");
        return NULL;
    }
    PyObject *row = make_row(self);
    if (row == NULL) {
        return NULL;
    }
    int rc = step(self);
    if (rc != SQLITE_ROW) {
        drop_statement(self);
    }
    if (rc < 0) {
        Py_CLEAR(row);
    }
    return row;
}

/* tp_iternext */
static PyObject *
cursor_next(PyObject *op)
{
    cursor *self = (cursor *)op;
    if (!cursor_begin(self)) {
        return NULL;
    }
    PyObject *row = next_row(self);
    cursor_end(self);
    if (row != NULL && self->row_factory != NULL && self->row_factory != Py_None) {
        PyObject *factory = Py_NewRef(self->row_factory);
        Py_SETREF(row, PyObject_CallFunctionObjArgs(factory, op, row, NULL));
        Py_DECREF(factory);
    }
    return row;
}

/* ----------------------------------------------------------------------------------- executing */

/* Execute the statement with parameters; SQLITE_ROW or SQLITE_DONE, or -1 with an exception.
   `first`: the columns are not known yet. */
static int
execute_with(cursor *self, PyObject *parameters, bool first)
{
    if (statement_bind(self->connection, self->statement, parameters) < 0) {
        return -1;
    }
    int rc = step(self);
    return rc >= 0 && first && describe_columns(self) < 0 ? -1 : rc;
}

static int
execute_once(cursor *self, PyObject *parameters)
{
    int rc = execute_with(self, parameters, true);
    if (rc < 0) {
        return -1;
    }
    PyObject *rowid = PyLong_FromLongLong(sqlite3_last_insert_rowid(self->connection->db));
    if (rowid == NULL) {
        return -1;
    }
    Py_XSETREF(self->lastrowid, rowid);
    if (rc == SQLITE_DONE) {
        drop_statement(self);
    }
    return 0;
}

/* Execute the statement for each item of the iterator; rows that come out are not kept. */
static int
execute_all(cursor *self, PyObject *iterator)
{
    PyObject *parameters;
    for (bool first = true; (parameters = PyIter_Next(iterator)) != NULL; first = false) {
        int rc = execute_with(self, parameters, first);
        Py_DECREF(parameters);
        while (rc == SQLITE_ROW) {
            rc = step(self);
        }
        if (rc < 0) {
            return -1;
        }
        (void)sqlite3_reset(self->statement->handle->stmt);
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    drop_statement(self);
    return 0;
}

/* Execute SQL with parameters, or (`multiple`) with those of each item of an iterator.  0, or -1
   with an exception.  In an operation. */
static int
execute(cursor *self, bool multiple, PyObject *sql, PyObject *parameters)
{
    connection *conn = self->connection;
    drop_statement(self);
    Py_XSETREF(self->description, Py_NewRef(Py_None));
    Py_CLEAR(self->converters);
    self->rowcount = -1;
    statement *st = statement_get(conn, sql);
    if (st == NULL) {
        return -1;
    }
    st->in_use = true;
    self->statement = st;
    if (multiple && !st->is_dml) {
        PyErr_SetString(conn->state->errors[ProgrammingError],
                        "executemany() can only execute DML statements.");
        return -1;
    }
    if (st->is_dml) {
        if (connection_begin_transaction(conn) < 0) {
            return -1;
        }
        self->rowcount = 0;
    }
    return multiple ? execute_all(self, parameters) : execute_once(self, parameters);
}

/* The common part of the two methods, which return the cursor. */
static PyObject *
execute_method(cursor *self, bool multiple, PyObject *sql, PyObject *parameters)
{
    if (!cursor_begin(self)) {
        return NULL;
    }
    int result = execute(self, multiple, sql, parameters);
    if (result < 0) {
        self->rowcount = -1;
        drop_statement(self);
    }
    cursor_end(self);
    return result < 0 ? NULL : Py_NewRef(self);
}

/*sig Cursor.execute(self, sql: unicode, parameters: object = (), /)

Executes an SQL statement.
*/
static PyObject *
Cursor_execute_impl(cursor *self, PyObject *sql, PyObject *parameters)
{
    parameters = parameters != NULL ? Py_NewRef(parameters) : PyTuple_New(0);
    if (parameters == NULL) {
        return NULL;
    }
    PyObject *result = execute_method(self, false, sql, parameters);
    Py_DECREF(parameters);
    return result;
}

/*sig Cursor.executemany(self, sql: unicode, seq_of_parameters, /)

Repeatedly executes an SQL statement.
*/
static PyObject *
Cursor_executemany_impl(cursor *self, PyObject *sql, PyObject *seq_of_parameters)
{
    PyObject *iterator = PyObject_GetIter(seq_of_parameters);
    if (iterator == NULL) {
        return NULL;
    }
    PyObject *result = execute_method(self, true, sql, iterator);
    Py_DECREF(iterator);
    return result;
}

/* Execute the first statement of a script: the text behind it, or NULL with an exception. */
static const char *
execute_first(connection *conn, const char *script)
{
    sqlite3_stmt *stmt;
    const char *tail;
    int rc;
    WITHOUT_GIL(conn,
        rc = sqlite3_prepare_v2(conn->db, script, -1, &stmt, &tail);
        if (rc == SQLITE_OK && stmt != NULL) {
            while (sqlite3_step(stmt) == SQLITE_ROW) {
            }
            rc = sqlite3_finalize(stmt);
        }
    );
    if (connection_raise_pending(conn)) {
        return NULL;
    }
    if (rc != SQLITE_OK) {
        sqlite_set_error(conn, rc);
        return NULL;
    }
    return tail;
}

/*sig Cursor.executescript(self, sql_script: utf8_size, /)

Executes multiple SQL statements at once.
*/
static PyObject *
Cursor_executescript_impl(cursor *self, const char *script, Py_ssize_t size)
{
    if (strlen(script) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    if (!cursor_begin(self)) {
        return NULL;
    }
    connection *conn = self->connection;
    if (size > sqlite3_limit(conn->db, SQLITE_LIMIT_SQL_LENGTH, -1)) {
        PyErr_SetString(conn->state->errors[DataError], "query string is too large");
        script = NULL;
    }
    else if (connection_commit_before_script(conn) < 0) {
        script = NULL;
    }
    while (script != NULL && *script != '\0') {
        script = execute_first(conn, script);
    }
    cursor_end(self);
    return script != NULL ? Py_NewRef(self) : NULL;
}

/* ------------------------------------------------------------------------------------ fetching */

/*sig Cursor.fetchone(self)

Fetches one row from the resultset.
*/
static PyObject *
Cursor_fetchone_impl(cursor *self)
{
    PyObject *row = cursor_next((PyObject *)self);
    return row == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : row;
}

/* A list of at most so many rows (0: all), or NULL with an exception. */
static PyObject *
fetch(cursor *self, int limit)
{
    PyObject *rows = PyList_New(0);
    for (int n = 0; rows != NULL && (limit <= 0 || n < limit); n++) {
        PyObject *row = cursor_next((PyObject *)self);
        if (row == NULL) {
            break;
        }
        if (PyList_Append(rows, row) < 0) {
            Py_CLEAR(rows);
        }
        Py_DECREF(row);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(rows);
    }
    return rows;
}

/*sig Cursor.fetchmany(self, size: int = c"((cursor *)self)->arraysize" py"1")

Fetches several rows from the resultset.

  size
    The default value is set by the Cursor.arraysize attribute.
*/
static PyObject *
Cursor_fetchmany_impl(cursor *self, int size)
{
    return fetch(self, size);
}

/*sig Cursor.fetchall(self)

Fetches all rows from the resultset.
*/
static PyObject *
Cursor_fetchall_impl(cursor *self)
{
    return fetch(self, 0);
}

/*sig Cursor.setinputsizes(self, sizes, /)

Required by DB-API. Does nothing in sqlite3.
*/
static PyObject *
Cursor_setinputsizes_impl(cursor *Py_UNUSED(self), PyObject *Py_UNUSED(sizes))
{
    Py_RETURN_NONE;
}

/*sig Cursor.setoutputsize(self, size, column=None, /)

Required by DB-API. Does nothing in sqlite3.
*/
static PyObject *
Cursor_setoutputsize_impl(cursor *Py_UNUSED(self), PyObject *Py_UNUSED(size),
                          PyObject *Py_UNUSED(column))
{
    Py_RETURN_NONE;
}

/*sig Cursor.close(self) -> None

Closes the cursor.
*/
static int
Cursor_close_impl(cursor *self)
{
    if (!check_unlocked(self) || !check_initialised(self)
        || !connection_check_thread(self->connection))
    {
        return -1;
    }
    drop_statement(self);
    self->closed = true;
    return 0;
}

/* ------------------------------------------------------------------------------------ the type */

/*sig @nosignature Cursor.__init__(self, connection:
                                   type[state_of_type(Py_TYPE(self))->connection_type], /)

*/
static int
Cursor_init_impl(cursor *self, PyObject *conn)
{
    if (!check_unlocked(self)) {
        return -1;
    }
    self->locked = true;
    drop_statement(self);
    Py_XSETREF(self->connection, (connection *)Py_NewRef(conn));
    Py_CLEAR(self->converters);
    Py_XSETREF(self->description, Py_NewRef(Py_None));
    Py_XSETREF(self->lastrowid, Py_NewRef(Py_None));
    Py_XSETREF(self->row_factory, Py_NewRef(Py_None));
    self->arraysize = 1;
    self->rowcount = -1;
    self->closed = false;
    self->locked = false;
    return connection_check_thread(self->connection) ? 0 : -1;
}

static int
cursor_traverse(PyObject *op, visitproc visit, void *arg)
{
    cursor *self = (cursor *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->connection);
    Py_VISIT(self->description);
    Py_VISIT(self->lastrowid);
    Py_VISIT(self->row_factory);
    Py_VISIT(self->converters);
    Py_VISIT(self->statement);
    return 0;
}

static int
cursor_clear(PyObject *op)
{
    cursor *self = (cursor *)op;
    drop_statement(self);
    Py_CLEAR(self->connection);
    Py_CLEAR(self->description);
    Py_CLEAR(self->lastrowid);
    Py_CLEAR(self->row_factory);
    Py_CLEAR(self->converters);
    return 0;
}

static void
cursor_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    (void)cursor_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMethodDef cursor_methods[] = {
    CURSOR_CLOSE_METHODDEF
    CURSOR_EXECUTE_METHODDEF
    CURSOR_EXECUTEMANY_METHODDEF
    CURSOR_EXECUTESCRIPT_METHODDEF
    CURSOR_FETCHALL_METHODDEF
    CURSOR_FETCHMANY_METHODDEF
    CURSOR_FETCHONE_METHODDEF
    CURSOR_SETINPUTSIZES_METHODDEF
    CURSOR_SETOUTPUTSIZE_METHODDEF
    {NULL}
};

static PyMemberDef cursor_members[] = {
    {"connection", T_OBJECT, offsetof(cursor, connection), READONLY, NULL},
    {"description", T_OBJECT, offsetof(cursor, description), READONLY, NULL},
    {"arraysize", T_INT, offsetof(cursor, arraysize), 0, NULL},
    {"lastrowid", T_OBJECT, offsetof(cursor, lastrowid), READONLY, NULL},
    {"rowcount", T_LONG, offsetof(cursor, rowcount), READONLY, NULL},
    {"row_factory", T_OBJECT, offsetof(cursor, row_factory), 0, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(cursor, weakreflist), READONLY, NULL},
    {NULL}
};

static PyType_Slot cursor_slots[] = {
    {Py_tp_init, Cursor_init},
    {Py_tp_dealloc, cursor_dealloc},
    {Py_tp_traverse, cursor_traverse},
    {Py_tp_clear, cursor_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, cursor_next},
    {Py_tp_methods, cursor_methods},
    {Py_tp_members, cursor_members},
    {Py_tp_doc, (void *)"SQLite database cursor class."},
    {0, NULL}
};

PyType_Spec sqlite_cursor_spec = {
    .name = "sqlite3.Cursor",
    .basicsize = sizeof(cursor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = cursor_slots,
};
