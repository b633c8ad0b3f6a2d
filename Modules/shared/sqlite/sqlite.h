/* What the files of the module _sqlite3 share.
 *
 * Threads.  A connection has a lock, which its thread may take again: connection_begin() takes it,
 * connection_end() gives it back.  Whoever calls SQLite for a connection owns its lock.  The GIL is
 * released (WITHOUT_GIL) around what may take long or call back; then `tstate` is the thread state
 * that was detached, with which a callback takes the GIL again, whatever the interpreter.  So
 * SQLite's own mutex of a connection is never waited for: that would be with the GIL, which its
 * owner may be waiting for in a callback.
 *
 * Closing.  close() only marks a connection as closed when it is called during another operation,
 * as by a callback; connection_end() of the outermost one closes the database, and what SQLite
 * calls until then is valid.  Statements and blobs are handles: the connection lists all that are
 * open and closes them before the database.  (Only when __init__() is called again statements stay
 * open, and SQLite keeps their database as long.)  When an object with a handle dies while another
 * thread owns the connection, the handle goes to the list `garbage`, which that thread looks
 * through in the end.
 */
#ifndef LADON_SQLITE_H
#define LADON_SQLITE_H

#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <sqlite3.h>
#include <stdbool.h>

#define LEGACY_TRANSACTION_CONTROL (-1)
#define PARSE_DECLTYPES 1
#define PARSE_COLNAMES 2

/* The exceptions: X(name, base). */
#define SQLITE_EXCEPTIONS(X) \
    X(Warning, PyExc_Exception) \
    X(Error, PyExc_Exception) \
    X(InterfaceError, state->errors[Error]) \
    X(DatabaseError, state->errors[Error]) \
    X(DataError, state->errors[DatabaseError]) \
    X(OperationalError, state->errors[DatabaseError]) \
    X(IntegrityError, state->errors[DatabaseError]) \
    X(InternalError, state->errors[DatabaseError]) \
    X(ProgrammingError, state->errors[DatabaseError]) \
    X(NotSupportedError, state->errors[DatabaseError])

enum error {
#define X(NAME, BASE) NAME,
    SQLITE_EXCEPTIONS(X)
#undef X
    N_ERRORS
};

/* Methods of aggregates. */
enum method {STEP, INVERSE, VALUE, FINALIZE, N_METHODS};

typedef struct {
    PyTypeObject *connection_type, *cursor_type, *statement_type, *row_type, *blob_type,
                 *protocol_type;
    PyObject *errors[N_ERRORS];
    PyObject *methods[N_METHODS];   // names: interned str
    PyObject *adapters;             // dict: (type, protocol) to a callable
    PyObject *converters;           // dict: name in upper case to a callable
    bool base_type_adapted;         // a type of which SQLite has values may have an adapter
    bool callback_tracebacks;
} sqlite_state;

typedef struct connection connection;

/* An open statement or blob of a connection. */
struct handle {
    struct handle *next, **place;   // in one of the lists of the connection
    connection *owner;              // borrowed, or NULL: the connection has closed this
    sqlite3_stmt *stmt;             // or NULL
    sqlite3_blob *blob;             // or NULL
};

/* What SQLite calls for a function, an aggregate or a collation. */
struct callback {
    struct callback *next, **place; // in the list of the connection
    connection *owner;              // borrowed: SQLite frees this before the connection dies
    PyObject *callable;             // or NULL, when the garbage collector has cleared it
};

struct connection {
    PyObject_HEAD
    sqlite_state *state;            // of the module, which the type keeps alive
    sqlite3 *db;                    // or NULL: not open
    bool initialised;
    bool closed;                    // as Python code sees it; `db` may be open a little longer
    bool check_same_thread;
    int detect_types;
    int autocommit;                 // 0, 1 or LEGACY_TRANSACTION_CONTROL
    const char *isolation_level;    // one of static strings, or NULL: None
    unsigned long thread;           // that created it

    PyThread_type_lock lock;
    unsigned long owner;            // thread that has the lock, if depth > 0
    int depth;                      // operations of the owner
    PyThreadState *tstate;          // detached by the owner, or NULL: it has the GIL

    struct handle *handles, *garbage;
    struct callback *callbacks;
    PyObject *pending;              // exception of a callback that cannot report one, or NULL
    PyObject *authorizer, *progress_handler, *trace_callback;   // or NULL
    PyObject *cache;                // dict: SQL to statement
    int cache_size;
    unsigned long long clock;       // stamps the use of statements in the cache
    PyObject *row_factory, *text_factory;
    PyObject *errors[N_ERRORS];     // what the members Connection.Error, ... show
};

typedef struct {
    PyObject_HEAD
    struct handle *handle;          // or NULL: given up
    bool in_use;                    // by a cursor
    bool is_dml;                    // begins with INSERT, UPDATE, DELETE or REPLACE
    unsigned long long stamp;       // of the last use
} statement;

typedef struct {
    PyObject_HEAD
    connection *connection;         // or NULL: not initialised
    PyObject *description;          // tuple or None
    PyObject *lastrowid;            // int or None
    PyObject *row_factory;
    PyObject *weakreflist;
    PyObject *converters;           // tuple of a callable or None for each column, or NULL
    statement *statement;           // at a row that is not fetched yet, or NULL
    long rowcount;
    int arraysize;
    bool closed;
    bool locked;                    // an operation is under way
} cursor;

extern struct PyModuleDef sqlite_module;
extern PyType_Spec sqlite_connection_spec, sqlite_cursor_spec, sqlite_statement_spec,
                   sqlite_row_spec, sqlite_blob_spec;

static inline sqlite_state *
get_state(PyObject *module)
{
    sqlite_state *state = (sqlite_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* The state of the module of a type, which may be a subclass. */
static inline sqlite_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &sqlite_module);
    assert(module != NULL);
    return get_state(module);
}

static inline void
release_gil(connection *self)
{
    assert(self->depth > 0 && self->tstate == NULL);
    self->tstate = PyEval_SaveThread();
}

static inline void
take_gil(connection *self)
{
    PyThreadState *tstate = self->tstate;
    assert(tstate != NULL);
    self->tstate = NULL;
    PyEval_RestoreThread(tstate);
}

/* Do something, like a call of SQLite, without the GIL; the caller owns the connection. */
#define WITHOUT_GIL(SELF, ...) \
    do { \
        release_gil(SELF); \
        __VA_ARGS__; \
        take_gil(SELF); \
    } while (0)

/* --- _sqlite3.c ------------------------------------------------------------------------------- */

/* The value for SQLite that an object is adapted to for a protocol: a new reference; or NULL with
   an exception.  `alt` (or NULL: ProgrammingError) is what comes out without adapter. */
PyObject *sqlite_adapt(sqlite_state *state, PyObject *op, PyObject *protocol, PyObject *alt);
/* Set the exception for the last error of a database, or for rc if the database has none; one that
   is set already or that a callback has left stays. */
void sqlite_set_error(connection *self, int rc);
/* The same for a database that belongs to no connection. */
void sqlite_set_db_error(sqlite_state *state, sqlite3 *db, int rc);
/* Whether it is a boolean option of a connection, SQLITE_DBCONFIG_... */
bool sqlite_is_dbconfig(int op);

/* --- sqlite_connection.c ---------------------------------------------------------------------- */

/* Whether the connection is initialised and open; false with ProgrammingError. */
bool connection_check(connection *self);
/* connection_check() and whether this thread may use it. */
bool connection_check_thread(connection *self);
/* Check that and begin an operation, which connection_end() ends; false with an exception. */
bool connection_begin(connection *self);
void connection_end(connection *self);
/* The same, for what the operation comes to: an int (-1 with an exception) or an object. */
static inline int
end_int(connection *self, int result)
{
    connection_end(self);
    return result;
}

static inline PyObject *
end_object(connection *self, PyObject *result)
{
    connection_end(self);
    return result;
}

/* Begin an operation on whatever connection, unless another thread has one. */
bool connection_try_begin(connection *self);
/* Execute a statement without results; 0, or -1 with an exception.  In an operation. */
int connection_exec(connection *self, const char *sql);
/* Begin a transaction before data is changed, if the isolation level says so; 0 or -1. */
int connection_begin_transaction(connection *self);
/* Commit before a script, if there is a transaction and no autocommit attribute; 0 or -1. */
int connection_commit_before_script(connection *self);
/* End the transaction by "COMMIT" or "ROLLBACK", as methods of that name do; 0 or -1. */
int connection_end_transaction(connection *self, const char *how);
/* Set the attribute, which may begin or commit a transaction; 0 or -1. */
int connection_set_autocommit(connection *self, int autocommit);
/* What __init__ does: close the database of an earlier call, and open one.  0, or -1 with an
   exception; then the connection is not initialised. */
int connection_open(connection *self, PyObject *database, bool uri, double timeout);
/* Close the database when the operation ends; 0, or -1 if pending changes were not undone. */
int connection_close(connection *self);
/* Whether an exception of a callback waits; if so, it is set. */
bool connection_raise_pending(connection *self);

/* Converters of arguments: 1, or 0 with an exception. */
int convert_isolation_level(PyObject *op, const char **level);
int convert_autocommit(PyObject *op, int *autocommit);

/* Slots of the type. */
void connection_finalize(PyObject *op);
int connection_traverse(PyObject *op, visitproc visit, void *arg);
int connection_clear(PyObject *op);
void connection_dealloc(PyObject *op);

/* A new handle for nothing yet, or NULL with MemoryError. */
struct handle *handle_new(connection *owner);
/* Close what the handle is for, and free it. */
void handle_release(struct handle *handle);

/* --- sqlite_callbacks.c ----------------------------------------------------------------------- */

/* What methods of Connection do, in an operation: 0, or -1 with an exception. */
int sqlite_create_function(connection *self, const char *name, int n_arg, PyObject *func,
                           bool deterministic);
int sqlite_create_aggregate(connection *self, const char *name, int n_arg, PyObject *type);
int sqlite_create_window_function(connection *self, const char *name, int n_arg, PyObject *type);
int sqlite_create_collation(connection *self, const char *name, PyObject *callable);
int sqlite_set_authorizer(connection *self, PyObject *callable);
int sqlite_set_progress_handler(connection *self, PyObject *callable, int n);
int sqlite_set_trace_callback(connection *self, PyObject *callable);

/* --- sqlite_statement.c ----------------------------------------------------------------------- */

/* A new statement of the connection, or NULL with an exception.  In an operation. */
statement *statement_new(connection *self, PyObject *sql);
/* The same or one from the cache that nobody uses. */
statement *statement_get(connection *self, PyObject *sql);
/* Bind parameters (a sequence or mapping); 0, or -1 with an exception. */
int statement_bind(connection *self, statement *st, PyObject *parameters);
/* Go to the next row: SQLITE_ROW or SQLITE_DONE, or -1 with an exception. */
int statement_step(connection *self, statement *st);
/* End the use of a statement, which may go on in the cache. */
void statement_release(statement *st);
/* An int as SQLite has them; 0, or -1 with OverflowError. */
int sqlite_as_int64(PyObject *op, sqlite3_int64 *number);
/* The text behind white space and comments. */
const char *sqlite_skip_blank(const char *sql);

/* --- sqlite_blob.c ---------------------------------------------------------------------------- */

/* What Connection.blobopen() does, in an operation. */
PyObject *sqlite_blobopen(connection *self, const char *table, const char *column, PyObject *row,
                          bool readonly, const char *name);

#endif
