/* What SQLite calls: functions, aggregates, collations, and the handlers of a connection.
 *
 * Every callback is between enter() and leave(), which take the GIL with the thread state that the
 * operation under way has detached, and keep an exception that is set.
 *
 * Exceptions.  SQLite turns the failure of a callback into an error with a text of its own; the
 * exception itself is shown by sys.unraisablehook() after enable_callback_tracebacks(True), else
 * nowhere.  A collation cannot fail: its exception waits in `pending` for the end of the step.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3 and observed behaviour.
 */
#include "sqlite.h"

/* ------------------------------------------------------------------------- inside of callbacks */

struct frame {
    connection *owner;
    bool released;              // the GIL, by the operation under way
    PyObject *exc;
};

static struct frame
enter(connection *owner)
{
    struct frame frame = {.owner = owner, .released = owner->tstate != NULL};
    if (frame.released) {
        take_gil(owner);
    }
    frame.exc = PyErr_GetRaisedException();
    return frame;
}

static void
leave(struct frame frame)
{
    assert(!PyErr_Occurred());
    PyErr_SetRaisedException(frame.exc);
    if (frame.released) {
        release_gil(frame.owner);
    }
}

/* An exception of a callback that goes no further. */
static void
report(connection *owner, PyObject *callable)
{
    assert(PyErr_Occurred());
    if (owner->state->callback_tracebacks) {
        PyErr_WriteUnraisable(callable);
    }
    else {
        PyErr_Clear();
    }
}

/* An exception is set: let the function fail with a text. */
static void
fail(sqlite3_context *context, struct callback *callback, const char *text)
{
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
        sqlite3_result_error_nomem(context);
    }
    else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        sqlite3_result_error_toobig(context);
    }
    else {
        sqlite3_result_error(context, text, -1);
    }
    report(callback->owner, callback->callable);
}

/* fail() for a method of an aggregate. */
static void
fail_method(sqlite3_context *context, struct callback *callback, const char *method,
            const char *how)
{
    char text[80];
    PyOS_snprintf(text, sizeof(text), "user-defined aggregate's '%s' method %s", method, how);
    fail(context, callback, text);
}

/* A value of SQLite as an object: a new reference, or NULL with an exception. */
static PyObject *
from_value(sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
        case SQLITE_NULL:
            return Py_NewRef(Py_None);
        case SQLITE_INTEGER:
            return PyLong_FromLongLong(sqlite3_value_int64(value));
        case SQLITE_FLOAT:
            return PyFloat_FromDouble(sqlite3_value_double(value));
        case SQLITE_TEXT: {
            const char *text = (const char *)sqlite3_value_text(value);
            return text != NULL ? PyUnicode_FromStringAndSize(text, sqlite3_value_bytes(value))
                                : PyErr_NoMemory();
        }
        default: {
            const void *data = sqlite3_value_blob(value);
            int size = sqlite3_value_bytes(value);
            return data != NULL || size == 0 ? PyBytes_FromStringAndSize(data, size)
                                             : PyErr_NoMemory();
        }
    }
}

/* The arguments of a function: a new tuple, or NULL with an exception. */
static PyObject *
from_values(int n, sqlite3_value **values)
{
    PyObject *args = PyTuple_New(n);
    for (int i = 0; i < n && args != NULL; i++) {
        PyObject *arg = from_value(values[i]);
        if (arg == NULL) {
            Py_CLEAR(args);
        }
        else {
            PyTuple_SET_ITEM(args, i, arg);
        }
    }
    return args;
}

static int
set_bytes_result(sqlite3_context *context, PyObject *op)
{
    Py_buffer view;
    if (PyObject_GetBuffer(op, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    sqlite3_result_blob64(context, view.buf, (sqlite3_uint64)view.len, SQLITE_TRANSIENT);
    PyBuffer_Release(&view);
    return 0;
}

/* Make an object the result of a function; 0, or -1 with an exception. */
static int
set_result(sqlite3_context *context, sqlite_state *state, PyObject *op)
{
    if (op == Py_None) {
        sqlite3_result_null(context);
    }
    else if (PyLong_Check(op)) {
        sqlite3_int64 number;
        if (sqlite_as_int64(op, &number) < 0) {
            return -1;
        }
        sqlite3_result_int64(context, number);
    }
    else if (PyFloat_Check(op)) {
        sqlite3_result_double(context, PyFloat_AS_DOUBLE(op));
    }
    else if (PyUnicode_Check(op)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(op, &size);
        if (text == NULL) {
            return -1;
        }
        sqlite3_result_text64(context, text, (sqlite3_uint64)size, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    else if (PyObject_CheckBuffer(op)) {
        return set_bytes_result(context, op);
    }
    else {
        PyErr_Format(state->errors[ProgrammingError],
                     "User-defined functions cannot return '%s' values to SQLite",
                     Py_TYPE(op)->tp_name);
        return -1;
    }
    return 0;
}

/* Call it with values of SQLite: a new reference, or NULL with an exception. */
static PyObject *
call(PyObject *callable, int n, sqlite3_value **values)
{
    PyObject *args = from_values(n, values);
    PyObject *result = args != NULL ? PyObject_Call(callable, args, NULL) : NULL;
    Py_XDECREF(args);
    return result;
}

/* The callable: a new reference, or NULL with RuntimeError if it was garbage. */
static PyObject *
get_callable(struct callback *callback)
{
    if (callback->callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the callback is gone");
    }
    return Py_XNewRef(callback->callable);
}

/* ------------------------------------------------------------------------------ functions' life */

static struct callback *
make_callback(connection *owner, PyObject *callable)
{
    struct callback *callback = PyMem_New(struct callback, 1);
    if (callback == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *callback = (struct callback){
        .next = owner->callbacks,
        .place = &owner->callbacks,
        .owner = owner,
        .callable = Py_NewRef(callable),
    };
    if (callback->next != NULL) {
        callback->next->place = &callback->next;
    }
    owner->callbacks = callback;
    return callback;
}

/* SQLite's destructor of it. */
static void
free_callback(void *data)
{
    struct callback *callback = (struct callback *)data;
    struct frame frame = enter(callback->owner);
    *callback->place = callback->next;
    if (callback->next != NULL) {
        callback->next->place = callback->place;
    }
    PyObject *callable = callback->callable;
    PyMem_Free(callback);
    Py_XDECREF(callable);
    leave(frame);
}

/* --------------------------------------------------------------------- functions and aggregates */

static void
call_function(sqlite3_context *context, int n, sqlite3_value **values)
{
    struct callback *callback = (struct callback *)sqlite3_user_data(context);
    struct frame frame = enter(callback->owner);
    PyObject *callable = get_callable(callback);
    PyObject *result = callable != NULL ? call(callable, n, values) : NULL;
    if (result == NULL || set_result(context, callback->owner->state, result) < 0) {
        fail(context, callback, "user-defined function raised exception");
    }
    Py_XDECREF(result);
    Py_XDECREF(callable);
    leave(frame);
}

/* Where the instance of an aggregate is kept, which is NULL at first; or NULL with MemoryError. */
static PyObject **
instance_place(sqlite3_context *context)
{
    PyObject **place = (PyObject **)sqlite3_aggregate_context(context, sizeof(PyObject *));
    if (place == NULL) {
        PyErr_NoMemory();
    }
    return place;
}

/* Call a method of the instance, whose result becomes that of the function if it is wanted. */
static void
call_method(sqlite3_context *context, struct callback *callback, PyObject *instance,
            enum method which, int n, sqlite3_value **values, bool wanted)
{
    sqlite_state *state = callback->owner->state;
    const char *name = PyUnicode_AsUTF8(state->methods[which]);
    PyObject *method = PyObject_GetAttr(instance, state->methods[which]);
    if (method == NULL) {
        fail_method(context, callback, name, "not defined");
        return;
    }
    PyObject *result = call(method, n, values);
    Py_DECREF(method);
    if (result == NULL || (wanted && set_result(context, state, result) < 0)) {
        fail_method(context, callback, name, "raised error");
    }
    Py_XDECREF(result);
}

/* step() and inverse(): the first makes the instance. */
static void
update(sqlite3_context *context, enum method which, int n, sqlite3_value **values)
{
    struct callback *callback = (struct callback *)sqlite3_user_data(context);
    struct frame frame = enter(callback->owner);
    PyObject **place = instance_place(context);
    if (place != NULL && *place == NULL) {
        PyObject *callable = get_callable(callback);
        *place = callable != NULL ? PyObject_CallNoArgs(callable) : NULL;
        Py_XDECREF(callable);
    }
    if (place == NULL || *place == NULL) {
        fail_method(context, callback, "__init__", "raised error");
    }
    else {
        call_method(context, callback, *place, which, n, values, false);
    }
    leave(frame);
}

static void
call_step(sqlite3_context *context, int n, sqlite3_value **values)
{
    update(context, STEP, n, values);
}

static void
call_inverse(sqlite3_context *context, int n, sqlite3_value **values)
{
    update(context, INVERSE, n, values);
}

static void
call_value(sqlite3_context *context)
{
    struct callback *callback = (struct callback *)sqlite3_user_data(context);
    PyObject **place = (PyObject **)sqlite3_aggregate_context(context, 0);
    if (place != NULL && *place != NULL) {
        struct frame frame = enter(callback->owner);
        call_method(context, callback, *place, VALUE, 0, NULL, true);
        leave(frame);
    }
}

static void
call_finalize(sqlite3_context *context)
{
    struct callback *callback = (struct callback *)sqlite3_user_data(context);
    PyObject **place = (PyObject **)sqlite3_aggregate_context(context, 0);
    if (place != NULL && *place != NULL) {      /* else there were no rows, or no instance */
        struct frame frame = enter(callback->owner);
        PyObject *instance = *place;
        *place = NULL;
        call_method(context, callback, instance, FINALIZE, 0, NULL, true);
        Py_DECREF(instance);
        leave(frame);
    }
}

/* What create_function() and the like do; SQLite frees the callback also if it fails. */
static int
check_created(connection *self, int rc, const char *what)
{
    if (rc != SQLITE_OK) {
        PyErr_SetString(self->state->errors[OperationalError], what);
        return -1;
    }
    return 0;
}

int
sqlite_create_function(connection *self, const char *name, int n_arg, PyObject *func,
                       bool deterministic)
{
    struct callback *callback = make_callback(self, func);
    if (callback == NULL) {
        return -1;
    }
    int flags = SQLITE_UTF8 | (deterministic ? SQLITE_DETERMINISTIC : 0);
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_create_function_v2(self->db, name, n_arg, flags, callback,
                                                      call_function, NULL, NULL, free_callback));
    return check_created(self, rc, "Error creating function");
}

int
sqlite_create_aggregate(connection *self, const char *name, int n_arg, PyObject *type)
{
    struct callback *callback = make_callback(self, type);
    if (callback == NULL) {
        return -1;
    }
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_create_function_v2(self->db, name, n_arg, SQLITE_UTF8, callback,
                                                      NULL, call_step, call_finalize,
                                                      free_callback));
    return check_created(self, rc, "Error creating aggregate");
}

int
sqlite_create_window_function(connection *self, const char *name, int n_arg, PyObject *type)
{
    int rc;
    if (type == Py_None) {
        WITHOUT_GIL(self, rc = sqlite3_create_window_function(self->db, name, n_arg, SQLITE_UTF8,
                                                              NULL, NULL, NULL, NULL, NULL, NULL));
    }
    else {
        struct callback *callback = make_callback(self, type);
        if (callback == NULL) {
            return -1;
        }
        WITHOUT_GIL(self, rc = sqlite3_create_window_function(
            self->db, name, n_arg, SQLITE_UTF8, callback, call_step, call_finalize, call_value,
            call_inverse, free_callback));
    }
    if (rc != SQLITE_OK) {
        PyErr_SetString(self->state->errors[ProgrammingError], sqlite3_errstr(rc));
        return -1;
    }
    return 0;
}

/* ---------------------------------------------------------------------------------- collations */

/* The order that the callable gives, as a number below, equal to or above 0; with an exception it
   is 0.  What is no int counts as 0, as it always did. */
static int
compare(PyObject *callable, const char *a, int size_a, const char *b, int size_b)
{
    PyObject *x = PyUnicode_FromStringAndSize(a, size_a);
    PyObject *y = x != NULL ? PyUnicode_FromStringAndSize(b, size_b) : NULL;
    PyObject *result = y != NULL ? PyObject_CallFunctionObjArgs(callable, x, y, NULL) : NULL;
    Py_XDECREF(x);
    Py_XDECREF(y);
    int order = 0;
    if (result != NULL && PyLong_Check(result)) {
        order = _PyLong_Sign(result);
    }
    Py_XDECREF(result);
    return order;
}

static int
call_collation(void *data, int size_a, const void *a, int size_b, const void *b)
{
    struct callback *callback = (struct callback *)data;
    connection *owner = callback->owner;
    struct frame frame = enter(owner);
    int order = 0;
    PyObject *callable = owner->pending == NULL ? get_callable(callback) : NULL;
    if (callable != NULL) {
        order = compare(callable, (const char *)a, size_a, (const char *)b, size_b);
        Py_DECREF(callable);
    }
    if (PyErr_Occurred()) {
        Py_XSETREF(owner->pending, PyErr_GetRaisedException());
        order = 0;
    }
    leave(frame);
    return order;
}

int
sqlite_create_collation(connection *self, const char *name, PyObject *callable)
{
    struct callback *callback = NULL;
    if (callable != Py_None) {
        if (!PyCallable_Check(callable)) {
            PyErr_SetString(PyExc_TypeError, "parameter must be callable");
            return -1;
        }
        callback = make_callback(self, callable);
        if (callback == NULL) {
            return -1;
        }
    }
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_create_collation_v2(
        self->db, name, SQLITE_UTF8, callback, callback != NULL ? call_collation : NULL,
        callback != NULL ? free_callback : NULL));
    if (rc != SQLITE_OK) {
        /* Unlike for functions, the destructor was not called. */
        sqlite_set_error(self, rc);
        if (callback != NULL) {
            free_callback(callback);
        }
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------ handlers */

/* The answer of the authorizer; all but an int denies. */
static int
authorizer_answer(connection *self, PyObject *callable, PyObject *result)
{
    int answer = SQLITE_DENY;
    if (result != NULL && PyLong_Check(result)) {
        answer = _PyLong_AsInt(result);
    }
    if (PyErr_Occurred()) {
        report(self, callable);
        answer = SQLITE_DENY;
    }
    return answer;
}

static int
call_authorizer(void *data, int action, const char *arg1, const char *arg2, const char *db,
                const char *source)
{
    connection *self = (connection *)data;
    struct frame frame = enter(self);
    int answer = SQLITE_DENY;
    PyObject *callable = Py_XNewRef(self->authorizer);
    if (callable != NULL) {
        PyObject *result = PyObject_CallFunction(callable, "issss", action, arg1, arg2, db, source);
        answer = authorizer_answer(self, callable, result);
        Py_XDECREF(result);
        Py_DECREF(callable);
    }
    leave(frame);
    return answer;
}

/* Keep a callable (NULL for None) in *place, which SQLite's handler looks at; last, as dropping the
   old one may run any code. */
static void
keep(PyObject **place, PyObject *callable)
{
    Py_XSETREF(*place, callable != Py_None ? Py_NewRef(callable) : NULL);
}

int
sqlite_set_authorizer(connection *self, PyObject *callable)
{
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_set_authorizer(
        self->db, callable != Py_None ? call_authorizer : NULL, self));
    keep(&self->authorizer, callable);
    return check_created(self, rc, "Error setting authorizer callback");
}

static int
call_progress_handler(void *data)
{
    connection *self = (connection *)data;
    struct frame frame = enter(self);
    int stop = 0;
    PyObject *callable = Py_XNewRef(self->progress_handler);
    if (callable != NULL) {
        PyObject *result = PyObject_CallNoArgs(callable);
        stop = result != NULL ? PyObject_IsTrue(result) : -1;
        Py_XDECREF(result);
        if (stop < 0) {
            report(self, callable);
        }
        Py_DECREF(callable);
    }
    leave(frame);
    return stop != 0;
}

int
sqlite_set_progress_handler(connection *self, PyObject *callable, int n)
{
    WITHOUT_GIL(self, sqlite3_progress_handler(
        self->db, n, callable != Py_None ? call_progress_handler : NULL, self));
    keep(&self->progress_handler, callable);
    return 0;
}

/* The text of a statement with its parameters: a new reference, or NULL with an exception. */
static PyObject *
expanded_text(connection *self, sqlite3_stmt *stmt)
{
    char *sql = sqlite3_expanded_sql(stmt);
    if (sql == NULL) {
        PyErr_SetString(self->state->errors[DataError],
                        "Expanded SQL string exceeds the maximum string length");
        return NULL;
    }
    PyObject *text = PyUnicode_DecodeUTF8(sql, (Py_ssize_t)strlen(sql), "replace");
    sqlite3_free(sql);
    return text;
}

/* As for sqlite3_trace_v2(), with SQLITE_TRACE_STMT only. */
static int
call_trace_callback(unsigned int event, void *data, void *stmt, void *Py_UNUSED(sql))
{
    assert(event == SQLITE_TRACE_STMT);
    (void)event;
    connection *self = (connection *)data;
    struct frame frame = enter(self);
    PyObject *callable = Py_XNewRef(self->trace_callback);
    if (callable != NULL) {
        PyObject *text = expanded_text(self, (sqlite3_stmt *)stmt);
        if (text == NULL && PyErr_ExceptionMatches(self->state->errors[DataError])) {
            report(self, callable);
            text = PyUnicode_FromString(sqlite3_sql((sqlite3_stmt *)stmt));
        }
        PyObject *result = text != NULL ? PyObject_CallOneArg(callable, text) : NULL;
        if (result == NULL) {
            report(self, callable);
        }
        Py_XDECREF(result);
        Py_XDECREF(text);
        Py_DECREF(callable);
    }
    leave(frame);
    return 0;
}

int
sqlite_set_trace_callback(connection *self, PyObject *callable)
{
    int rc;
    bool on = callable != Py_None;
    WITHOUT_GIL(self, rc = sqlite3_trace_v2(self->db, on ? SQLITE_TRACE_STMT : 0,
                                            on ? call_trace_callback : NULL, self));
    keep(&self->trace_callback, callable);
    return check_created(self, rc, "Error setting trace callback");
}
