/* The engine of connections: locks, handles, transactions, opening and closing (see sqlite.h for
 * the rules); the methods that Python code sees are in sqlite_database.c.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3, PEP 249 and observed
 * behaviour.
 */
#include "sqlite.h"

/* -------------------------------------------------------------------------------------- checks */

bool
connection_check(connection *self)
{
    if (!self->initialised) {
        /* Its state may be unknown yet. */
        PyErr_SetString(state_of_type(Py_TYPE(self))->errors[ProgrammingError],
                        "Base Connection.__init__ not called.");
        return false;
    }
    if (self->closed) {
        PyErr_SetString(self->state->errors[ProgrammingError],
                        "Cannot operate on a closed database.");
        return false;
    }
    assert(self->db != NULL);
    return true;
}

static bool
check_thread(connection *self)
{
    unsigned long thread = PyThread_get_thread_ident();
    if (self->initialised && self->check_same_thread && thread != self->thread) {
        PyErr_Format(self->state->errors[ProgrammingError],
                     "SQLite objects created in a thread can only be used in that same thread. "
                     "The object was created in thread id %lu and this is thread id %lu.",
                     self->thread, thread);
        return false;
    }
    return true;
}

bool
connection_check_thread(connection *self)
{
    return check_thread(self) && connection_check(self);
}

/* ------------------------------------------------------------------------------------ the lock */

static void
own(connection *self)
{
    assert(self->depth == 0 && self->tstate == NULL);
    self->owner = PyThread_get_thread_ident();
    self->depth = 1;
}

static bool
is_owner(connection *self)
{
    return self->depth > 0 && self->owner == PyThread_get_thread_ident();
}

bool
connection_try_begin(connection *self)
{
    if (is_owner(self)) {
        self->depth++;
        return true;
    }
    if (PyThread_acquire_lock_timed(self->lock, 0, 0) != PY_LOCK_ACQUIRED) {
        return false;
    }
    own(self);
    return true;
}

/* Take the lock, for which signals are handled while waiting; false with an exception. */
static bool
lock(connection *self)
{
    if (connection_try_begin(self)) {
        return true;
    }
    PyLockStatus status;
    do {
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(self->lock, -1, 1);
        Py_END_ALLOW_THREADS
        if (status == PY_LOCK_INTR && PyErr_CheckSignals() < 0) {
            return false;
        }
    } while (status != PY_LOCK_ACQUIRED);
    own(self);
    return true;
}

bool
connection_begin(connection *self)
{
    if (!connection_check_thread(self) || !lock(self)) {
        return false;
    }
    if (!connection_check(self)) {      /* another thread has closed it while we waited */
        connection_end(self);
        return false;
    }
    return true;
}

static void close_database(connection *self);
static void close_handles(connection *self);

/* Whether something is left to close when an operation ends. */
static bool
is_untidy(connection *self)
{
    return self->garbage != NULL || (self->closed && (self->db != NULL || self->handles != NULL));
}

void
connection_end(connection *self)
{
    assert(is_owner(self) && self->tstate == NULL);
    /* What is called in here may close the connection, and leave further handles. */
    while (self->depth == 1 && is_untidy(self)) {
        PyObject *exc = PyErr_GetRaisedException();
        if (self->closed) {
            close_database(self);
        }
        else {
            close_handles(self);
        }
        PyErr_SetRaisedException(exc);
    }
    if (--self->depth == 0) {
        PyThread_release_lock(self->lock);
    }
}

bool
connection_raise_pending(connection *self)
{
    if (self->pending == NULL) {
        return false;
    }
    PyObject *exc = self->pending;
    self->pending = NULL;
    PyErr_SetRaisedException(exc);
    return true;
}

/* ------------------------------------------------------------------------------------- handles */

static void
link_handle(struct handle *handle, struct handle **list)
{
    handle->next = *list;
    handle->place = list;
    if (*list != NULL) {
        (*list)->place = &handle->next;
    }
    *list = handle;
}

static void
unlink_handle(struct handle *handle)
{
    assert(*handle->place == handle);
    *handle->place = handle->next;
    if (handle->next != NULL) {
        handle->next->place = handle->place;
    }
}

struct handle *
handle_new(connection *owner)
{
    assert(is_owner(owner));
    struct handle *handle = PyMem_New(struct handle, 1);
    if (handle == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *handle = (struct handle){.owner = owner};
    link_handle(handle, &owner->handles);
    return handle;
}

/* Take a handle from its list and close it; its object still knows it if `keep` is true, else it is
   freed.  The caller owns the connection. */
static void
close_handle(struct handle *handle, bool keep)
{
    connection *owner = handle->owner;
    sqlite3_stmt *stmt = handle->stmt;
    sqlite3_blob *blob = handle->blob;
    unlink_handle(handle);
    handle->owner = NULL;
    handle->stmt = NULL;
    handle->blob = NULL;
    if (!keep) {
        PyMem_Free(handle);
    }
    /* Results are those of earlier calls, whose errors have been reported. */
    WITHOUT_GIL(owner, (void)sqlite3_finalize(stmt); (void)sqlite3_blob_close(blob));
}

/* Close those that nobody knows any more, and if the connection is closed all. */
static void
close_handles(connection *self)
{
    while (self->garbage != NULL || (self->closed && self->handles != NULL)) {
        if (self->garbage != NULL) {
            close_handle(self->garbage, false);
        }
        else {
            close_handle(self->handles, true);
        }
    }
}

/* Close the blobs.  They cannot keep a database as statements can: SQLite forgets to give it up
   with a blob whose row was changed. */
static void
close_blobs(connection *self)
{
    struct handle *handle = self->handles;
    while (handle != NULL) {
        if (handle->blob != NULL) {
            close_handle(handle, true);
            handle = self->handles;     /* anything may have happened */
        }
        else {
            handle = handle->next;
        }
    }
}

void
handle_release(struct handle *handle)
{
    connection *owner = handle->owner;
    if (owner == NULL) {
        PyMem_Free(handle);
    }
    else if (!connection_try_begin(owner)) {
        unlink_handle(handle);
        link_handle(handle, &owner->garbage);
    }
    else {
        /* The connection must not die when the GIL is released. */
        Py_INCREF(owner);
        PyObject *exc = PyErr_GetRaisedException();
        close_handle(handle, false);
        connection_end(owner);
        Py_DECREF(owner);
        PyErr_SetRaisedException(exc);
    }
}

/* -------------------------------------------------------------------------------- transactions */

int
connection_exec(connection *self, const char *sql)
{
    assert(is_owner(self));
    sqlite3_stmt *stmt;
    int rc;
    WITHOUT_GIL(self,
        rc = sqlite3_prepare_v2(self->db, sql, -1, &stmt, NULL);
        if (rc == SQLITE_OK) {
            (void)sqlite3_step(stmt);
            rc = sqlite3_finalize(stmt);
        }
    );
    if (rc != SQLITE_OK) {
        sqlite_set_error(self, rc);
        return -1;
    }
    return 0;
}

static bool
in_transaction(connection *self)
{
    return !sqlite3_get_autocommit(self->db);
}

int
connection_begin_transaction(connection *self)
{
    if (self->autocommit != LEGACY_TRANSACTION_CONTROL || self->isolation_level == NULL
        || in_transaction(self))
    {
        return 0;
    }
    char sql[32];
    PyOS_snprintf(sql, sizeof(sql), "BEGIN %s", self->isolation_level);
    return connection_exec(self, sql);
}

int
connection_commit_before_script(connection *self)
{
    if (self->autocommit != LEGACY_TRANSACTION_CONTROL || !in_transaction(self)) {
        return 0;
    }
    return connection_exec(self, "COMMIT");
}

int
connection_end_transaction(connection *self, const char *how)
{
    if (self->autocommit == LEGACY_TRANSACTION_CONTROL) {
        return in_transaction(self) ? connection_exec(self, how) : 0;
    }
    if (self->autocommit) {
        return 0;
    }
    return connection_exec(self, how) < 0 ? -1 : connection_exec(self, "BEGIN");
}

int
connection_set_autocommit(connection *self, int autocommit)
{
    if (autocommit == 1 && in_transaction(self) && connection_exec(self, "COMMIT") < 0) {
        return -1;
    }
    if (autocommit == 0 && !in_transaction(self) && connection_exec(self, "BEGIN") < 0) {
        return -1;
    }
    self->autocommit = autocommit;
    return 0;
}

/* ------------------------------------------------------------------------- opening and closing */

int
convert_isolation_level(PyObject *op, const char **level)
{
    static const char *const levels[] = {"", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"};
    if (op == Py_None) {
        *level = NULL;
        return 1;
    }
    if (!PyUnicode_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "isolation_level must be str or None");
        return 0;
    }
    const char *text = _PyArg_AsUTF8NoNull(op);
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(levels); i++) {
        if (sqlite3_stricmp(text, levels[i]) == 0) {
            *level = levels[i];
            return 1;
        }
    }
    PyErr_SetString(PyExc_ValueError, "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', "
                                      "or 'EXCLUSIVE'");
    return 0;
}

int
convert_autocommit(PyObject *op, int *autocommit)
{
    if (PyBool_Check(op)) {
        *autocommit = op == Py_True;
        return 1;
    }
    if (PyLong_Check(op)) {
        long value = PyLong_AsLong(op);
        if (value == -1 && PyErr_Occurred()) {
            return 0;
        }
        if (value == LEGACY_TRANSACTION_CONTROL) {
            *autocommit = LEGACY_TRANSACTION_CONTROL;
            return 1;
        }
    }
    PyErr_SetString(PyExc_ValueError,
                    "autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL");
    return 0;
}

/* Close the database.  Statements are closed first if the connection is marked as closed; else they
   stay, and SQLite keeps their database until the last of them is closed.  The caller is the owner,
   and no exception is set. */
static void
close_database(connection *self)
{
    assert(self->depth == 1 && !PyErr_Occurred());
    Py_CLEAR(self->cache);
    close_handles(self);
    close_blobs(self);
    sqlite3 *db = self->db;
    self->db = NULL;
    WITHOUT_GIL(self, (void)sqlite3_close_v2(db));
    assert(!self->closed || (self->callbacks == NULL && self->handles == NULL));
    Py_CLEAR(self->authorizer);
    Py_CLEAR(self->progress_handler);
    Py_CLEAR(self->trace_callback);
}

int
connection_close(connection *self)
{
    assert(is_owner(self));
    int result = 0;
    if (self->depth == 1 && self->autocommit == 0 && in_transaction(self)) {
        result = connection_exec(self, "ROLLBACK");
    }
    self->closed = true;        /* connection_end() does the rest */
    return result;
}

/* Open a database; NULL with an exception. */
static sqlite3 *
open_database(sqlite_state *state, const char *path, bool uri, double timeout)
{
    sqlite3 *db;
    int rc;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_open_v2(path, &db, flags | (uri ? SQLITE_OPEN_URI : 0), NULL);
    Py_END_ALLOW_THREADS
    if (db == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (rc != SQLITE_OK) {
        sqlite_set_db_error(state, db, rc);
        sqlite3_close(db);
        return NULL;
    }
    double milliseconds = timeout * 1000.0;
    (void)sqlite3_busy_timeout(db, milliseconds < INT_MAX ? (int)Py_MAX(milliseconds, 0.0)
                                                          : INT_MAX);
    return db;
}

/* Begin an operation that is no part of another, for __init__(); false with an exception. */
static bool
begin_alone(connection *self)
{
    if (self->lock == NULL) {
        self->lock = PyThread_allocate_lock();
        if (self->lock == NULL) {
            PyErr_NoMemory();
            return false;
        }
    }
    if (!check_thread(self) || !lock(self)) {
        return false;
    }
    if (self->depth > 1) {
        PyErr_SetString(state_of_type(Py_TYPE(self))->errors[ProgrammingError],
                        "Cannot initialise a connection while it is in use.");
        connection_end(self);
        return false;
    }
    return true;
}

/* Close what an earlier call of __init__() has opened.  0, or -1 with an exception. */
static int
close_for_init(connection *self)
{
    if (!self->initialised || self->closed) {
        self->initialised = false;
        return 0;
    }
    int result = connection_close(self);
    PyObject *exc = PyErr_GetRaisedException();
    self->closed = false;           /* cursors may still fetch from the old database */
    self->initialised = false;
    close_database(self);
    PyErr_SetRaisedException(exc);
    return result;
}

/* Take over an open database, with `cache` consumed. */
static void
take_database(connection *self, sqlite_state *state, sqlite3 *db, PyObject *cache)
{
    assert(self->db == NULL && self->cache == NULL);
    self->state = state;
    self->db = db;
    self->cache = cache;
    self->thread = PyThread_get_thread_ident();
    self->autocommit = LEGACY_TRANSACTION_CONTROL;
    self->closed = false;
    self->initialised = true;
    for (int i = 0; i < N_ERRORS; i++) {
        Py_XSETREF(self->errors[i], Py_NewRef(state->errors[i]));
    }
    Py_XSETREF(self->row_factory, Py_NewRef(Py_None));
    Py_XSETREF(self->text_factory, Py_NewRef((PyObject *)&PyUnicode_Type));
}

int
connection_open(connection *self, PyObject *database, bool uri, double timeout)
{
    PyObject *path;
    if (!PyUnicode_FSConverter(database, &path)) {
        return -1;
    }
    if (PySys_Audit("sqlite3.connect", "O", database) < 0 || !begin_alone(self)) {
        Py_DECREF(path);
        return -1;
    }
    sqlite_state *state = state_of_type(Py_TYPE(self));
    sqlite3 *db = NULL;
    PyObject *cache = close_for_init(self) == 0 ? PyDict_New() : NULL;
    if (cache != NULL) {
        db = open_database(state, PyBytes_AS_STRING(path), uri, timeout);
    }
    Py_DECREF(path);
    if (db != NULL) {
        take_database(self, state, db, cache);
    }
    else {
        Py_XDECREF(cache);
    }
    return end_int(self, db != NULL ? 0 : -1);
}

void
connection_finalize(PyObject *op)
{
    connection *self = (connection *)op;
    if (self->lock == NULL || self->closed || !connection_try_begin(self)) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (self->db == NULL) {
        self->closed = true;
    }
    else if (connection_close(self) < 0) {
        PyErr_Clear();
    }
    connection_end(self);
    PyErr_SetRaisedException(exc);
}

int
connection_traverse(PyObject *op, visitproc visit, void *arg)
{
    connection *self = (connection *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->pending);
    Py_VISIT(self->authorizer);
    Py_VISIT(self->progress_handler);
    Py_VISIT(self->trace_callback);
    Py_VISIT(self->cache);
    Py_VISIT(self->row_factory);
    Py_VISIT(self->text_factory);
    for (int i = 0; i < N_ERRORS; i++) {
        Py_VISIT(self->errors[i]);
    }
    for (struct callback *callback = self->callbacks; callback != NULL; callback = callback->next) {
        Py_VISIT(callback->callable);
    }
    return 0;
}

int
connection_clear(PyObject *op)
{
    connection *self = (connection *)op;
    Py_CLEAR(self->pending);
    Py_CLEAR(self->authorizer);
    Py_CLEAR(self->progress_handler);
    Py_CLEAR(self->trace_callback);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->row_factory);
    Py_CLEAR(self->text_factory);
    for (int i = 0; i < N_ERRORS; i++) {
        Py_CLEAR(self->errors[i]);
    }
    for (struct callback *callback = self->callbacks; callback != NULL; callback = callback->next) {
        Py_CLEAR(callback->callable);
    }
    return 0;
}

void
connection_dealloc(PyObject *op)
{
    connection *self = (connection *)op;
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    assert(self->depth == 0);
    if (self->lock != NULL && !self->closed && connection_try_begin(self)) {
        /* Only if the finalizer ran before an __init__() that came later. */
        self->closed = true;
        connection_end(self);
    }
    assert(self->db == NULL && self->handles == NULL && self->garbage == NULL);
    (void)connection_clear(op);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    type->tp_free(op);
    Py_DECREF(type);
}
