/* Statements: compiling SQL, the cache of a connection, binding parameters, stepping.
 *
 * Invariants:
 * - A statement that is not in use has been reset and has no values bound.
 * - The cache has at most `cache_size` statements; one that is in use may be dropped from it and
 *   lives on with its cursor.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3 and observed behaviour.
 */
#include "sqlite.h"

/* ----------------------------------------------------------------------------------- compiling */

const char *
sqlite_skip_blank(const char *sql)
{
    for (;;) {
        sql += strspn(sql, " \t\n\r\f");
        if (sql[0] == '-' && sql[1] == '-') {
            sql += strcspn(sql, "\n");
        }
        else if (sql[0] == '/' && sql[1] == '*') {
            const char *end = strstr(sql + 2, "*/");
            sql = end != NULL ? end + 2 : sql + strlen(sql);
        }
        else {
            return sql;
        }
    }
}

static bool
is_dml(const char *sql)
{
    static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "REPLACE"};
    sql = sqlite_skip_blank(sql);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(words); i++) {
        if (sqlite3_strnicmp(sql, words[i], (int)strlen(words[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The text of one statement, or NULL with an exception. */
static const char *
check_sql(connection *self, PyObject *sql, Py_ssize_t *size)
{
    const char *text = PyUnicode_AsUTF8AndSize(sql, size);
    if (text == NULL) {
        return NULL;
    }
    if (*size > sqlite3_limit(self->db, SQLITE_LIMIT_SQL_LENGTH, -1)) {
        PyErr_SetString(self->state->errors[DataError], "query string is too large");
        return NULL;
    }
    if (strlen(text) != (size_t)*size) {
        PyErr_SetString(self->state->errors[ProgrammingError],
                        "the query contains a null character");
        return NULL;
    }
    return text;
}

statement *
statement_new(connection *self, PyObject *sql)
{
    Py_ssize_t size;
    const char *text = check_sql(self, sql, &size);
    if (text == NULL) {
        return NULL;
    }
    struct handle *handle = handle_new(self);
    if (handle == NULL) {
        return NULL;
    }
    const char *tail;
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_prepare_v2(self->db, text, (int)size + 1, &handle->stmt, &tail));
    statement *st = NULL;
    if (rc != SQLITE_OK) {
        sqlite_set_error(self, rc);
    }
    else if (*sqlite_skip_blank(tail) != '\0') {
        PyErr_SetString(self->state->errors[ProgrammingError],
                        "You can only execute one statement at a time.");
    }
    else {
        st = PyObject_GC_New(statement, self->state->statement_type);
    }
    if (st == NULL) {
        handle_release(handle);
        return NULL;
    }
    st->handle = handle;
    st->in_use = false;
    st->is_dml = is_dml(text);
    st->stamp = 0;
    PyObject_GC_Track(st);
    return st;
}

/* ----------------------------------------------------------------------------------- the cache */

/* Drop the statement from the cache that was not used for longest; 0, or -1 with an exception. */
static int
drop_oldest(PyObject *cache)
{
    PyObject *oldest = NULL, *key, *value;
    unsigned long long stamp = ULLONG_MAX;
    Py_ssize_t pos = 0;
    while (PyDict_Next(cache, &pos, &key, &value)) {
        if (((statement *)value)->stamp < stamp) {
            stamp = ((statement *)value)->stamp;
            oldest = key;
        }
    }
    assert(oldest != NULL);
    Py_INCREF(oldest);
    int result = PyDict_DelItem(cache, oldest);
    Py_DECREF(oldest);
    return result;
}

statement *
statement_get(connection *self, PyObject *sql)
{
    if (!PyUnicode_CheckExact(sql)) {
        /* Not from the cache: its equality may be anything. */
        return statement_new(self, sql);
    }
    statement *st = (statement *)PyDict_GetItemWithError(self->cache, sql);
    if (st == NULL && PyErr_Occurred()) {
        return NULL;
    }
    if (st != NULL && !st->in_use && st->handle != NULL) {
        st->stamp = ++self->clock;
        return (statement *)Py_NewRef(st);
    }
    bool replace = st == NULL || st->handle == NULL;
    st = statement_new(self, sql);
    if (st == NULL || !replace || self->cache_size <= 0) {
        return st;
    }
    st->stamp = ++self->clock;
    while (PyDict_GET_SIZE(self->cache) >= self->cache_size) {
        if (drop_oldest(self->cache) < 0) {
            Py_DECREF(st);
            return NULL;
        }
    }
    if (PyDict_SetItem(self->cache, sql, (PyObject *)st) < 0) {
        Py_CLEAR(st);
    }
    return st;
}

void
statement_release(statement *st)
{
    assert(st->in_use);
    struct handle *handle = st->handle;
    connection *owner = handle->owner;
    if (owner == NULL) {        /* closed with the connection */
        st->in_use = false;
        return;
    }
    if (!connection_try_begin(owner)) {
        st->handle = NULL;
        st->in_use = false;
        handle_release(handle);
        return;
    }
    Py_INCREF(owner);
    sqlite3_stmt *stmt = handle->stmt;
    if (sqlite3_stmt_busy(stmt)) {
        /* Still in use: this may call finalize() of an aggregate, which may execute the same. */
        PyObject *exc = PyErr_GetRaisedException();
        WITHOUT_GIL(owner, (void)sqlite3_reset(stmt));
        PyErr_SetRaisedException(exc);
    }
    else if (stmt != NULL) {
        (void)sqlite3_reset(stmt);
    }
    if (stmt != NULL) {
        (void)sqlite3_clear_bindings(stmt);
    }
    st->in_use = false;
    connection_end(owner);
    Py_DECREF(owner);
}

/* --------------------------------------------------------------------------------- parameters */

static bool
needs_adapter(sqlite_state *state, PyObject *value)
{
    return state->base_type_adapted
           || !(PyLong_CheckExact(value) || PyFloat_CheckExact(value)
                || PyUnicode_CheckExact(value) || PyByteArray_CheckExact(value)
                || value == Py_None || PyBytes_CheckExact(value));
}

int
sqlite_as_int64(PyObject *op, sqlite3_int64 *number)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to SQLite INTEGER");
        return -1;
    }
    *number = value;
    return 0;
}

static int
check_size(Py_ssize_t size, const char *what)
{
    if (size > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s longer than INT_MAX bytes", what);
        return -1;
    }
    return 0;
}

/* Bind a value that needs no adapter: a result code, or -1 with an exception. */
static int
bind_value(connection *self, sqlite3_stmt *stmt, int position, PyObject *value)
{
    if (value == Py_None) {
        return sqlite3_bind_null(stmt, position);
    }
    if (PyLong_Check(value)) {
        sqlite3_int64 number;
        return sqlite_as_int64(value, &number) < 0 ? -1
                                                   : sqlite3_bind_int64(stmt, position, number);
    }
    if (PyFloat_Check(value)) {
        return sqlite3_bind_double(stmt, position, PyFloat_AS_DOUBLE(value));
    }
    if (PyUnicode_Check(value)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(value, &size);
        if (text == NULL || check_size(size, "string") < 0) {
            return -1;
        }
        return sqlite3_bind_text(stmt, position, text, (int)size, SQLITE_TRANSIENT);
    }
    if (PyObject_CheckBuffer(value)) {
        Py_buffer view;
        if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        int rc = check_size(view.len, "BLOB");
        if (rc == 0) {
            rc = sqlite3_bind_blob(stmt, position, view.buf, (int)view.len, SQLITE_TRANSIENT);
        }
        PyBuffer_Release(&view);
        return rc;
    }
    PyErr_Format(self->state->errors[ProgrammingError],
                 "Error binding parameter %d: type '%s' is not supported", position,
                 Py_TYPE(value)->tp_name);
    return -1;
}

/* Bind a value, whose reference is consumed; it may be NULL with an exception.  0, or -1 with an
   exception. */
static int
bind_parameter(connection *self, sqlite3_stmt *stmt, int position, PyObject *value)
{
    sqlite_state *state = self->state;
    if (value != NULL && needs_adapter(state, value)) {
        Py_SETREF(value, sqlite_adapt(state, value, (PyObject *)state->protocol_type, value));
    }
    if (value == NULL) {
        return -1;
    }
    int rc = bind_value(self, stmt, position, value);
    Py_DECREF(value);
    if (rc > 0) {
        sqlite_set_error(self, rc);
    }
    return rc == SQLITE_OK ? 0 : -1;
}

static int
warn_named(int position, const char *name)
{
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "Binding %d ('%s') is a named parameter, but you supplied a sequence "
                            "which requires nameless (qmark) placeholders. Starting with Python "
                            "3.14 an sqlite3.ProgrammingError will be raised.", position, name);
}

static int
bind_sequence(connection *self, sqlite3_stmt *stmt, PyObject *parameters)
{
    int needed = sqlite3_bind_parameter_count(stmt);
    Py_ssize_t given = PySequence_Size(parameters);
    if (given < 0) {
        return -1;
    }
    if (given != needed) {
        PyErr_Format(self->state->errors[ProgrammingError],
                     "Incorrect number of bindings supplied. The current statement uses %d, and "
                     "there are %zd supplied.", needed, given);
        return -1;
    }
    for (int i = 0; i < needed; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt, i + 1);
        if ((name != NULL && warn_named(i + 1, name) < 0)
            || bind_parameter(self, stmt, i + 1, PySequence_GetItem(parameters, i)) < 0)
        {
            return -1;
        }
    }
    return 0;
}

/* The parameter's value in a mapping: a new reference, or NULL with an exception. */
static PyObject *
named_parameter(connection *self, PyObject *parameters, const char *name)
{
    PyObject *value = PyMapping_GetItemString(parameters, name + 1);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_LookupError)) {
        PyErr_Format(self->state->errors[ProgrammingError],
                     "You did not supply a value for binding parameter :%s.", name + 1);
    }
    return value;
}

static int
bind_mapping(connection *self, sqlite3_stmt *stmt, PyObject *parameters)
{
    int needed = sqlite3_bind_parameter_count(stmt);
    for (int i = 0; i < needed; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt, i + 1);
        if (name == NULL) {
            PyErr_Format(self->state->errors[ProgrammingError],
                         "Binding %d has no name, but you supplied a dictionary (which has only "
                         "names).", i + 1);
            return -1;
        }
        if (bind_parameter(self, stmt, i + 1, named_parameter(self, parameters, name)) < 0) {
            return -1;
        }
    }
    return 0;
}

int
statement_bind(connection *self, statement *st, PyObject *parameters)
{
    assert(st->in_use && st->handle->owner == self);
    sqlite3_stmt *stmt = st->handle->stmt;
    if (PyDict_Check(parameters)) {
        return bind_mapping(self, stmt, parameters);
    }
    if (PySequence_Check(parameters)) {
        return bind_sequence(self, stmt, parameters);
    }
    if (PyMapping_Check(parameters)) {
        return bind_mapping(self, stmt, parameters);
    }
    PyErr_SetString(self->state->errors[ProgrammingError], "parameters are of unsupported type");
    return -1;
}

/* ------------------------------------------------------------------------------------ stepping */

int
statement_step(connection *self, statement *st)
{
    sqlite3_stmt *stmt = st->handle->stmt;
    if (stmt == NULL) {
        return SQLITE_DONE;         /* nothing but comments */
    }
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_step(stmt));
    if (connection_raise_pending(self)) {
        return -1;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        sqlite_set_db_error(self->state, sqlite3_db_handle(stmt), rc);
        return -1;
    }
    return rc;
}

/* ------------------------------------------------------------------------------------ the type */

static int
statement_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
statement_dealloc(PyObject *op)
{
    statement *self = (statement *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->handle != NULL) {
        handle_release(self->handle);
    }
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot statement_slots[] = {
    {Py_tp_dealloc, statement_dealloc},
    {Py_tp_traverse, statement_traverse},
    {0, NULL}
};

PyType_Spec sqlite_statement_spec = {
    .name = "sqlite3.Statement",
    .basicsize = sizeof(statement),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = statement_slots,
};
