/* Blob: the bytes of one value of the database, read and written in place.
 *
 * A blob's handle has no sqlite3_blob any more when the connection has closed it, which
 * blob_begin() finds out first; when the row was changed, every access gives SQLITE_ABORT.
 *
 * Written from sqlite3.h of SQLite 3.40, the documentation of sqlite3 and observed behaviour.
 */
#include "sqlite.h"

typedef struct {
    PyObject_HEAD
    connection *connection;
    struct handle *handle;      // or NULL: closed
    int offset;
    PyObject *weakreflist;
} blob;

#include "sig/sqlite_blob.sig.h"

/* Whether the blob is open, in an operation: asked again after all that may run other code.  False
   with an exception. */
static bool
check_open(blob *self)
{
    if (self->handle == NULL || self->handle->blob == NULL) {
        PyErr_SetString(self->connection->state->errors[ProgrammingError],
                        "Cannot operate on a closed blob.");
        return false;
    }
    return true;
}

/* Begin an operation on the connection; false with an exception. */
static bool
blob_begin(blob *self)
{
    if (!connection_begin(self->connection)) {
        return false;
    }
    if (!check_open(self)) {
        connection_end(self->connection);
        return false;
    }
    return true;
}

static int
blob_size(blob *self)
{
    return sqlite3_blob_bytes(self->handle->blob);
}

/* Read bytes; 0, or -1 with an exception. */
static int
read_at(blob *self, char *data, Py_ssize_t size, Py_ssize_t offset)
{
    assert(size >= 0 && offset >= 0);
    int rc;
    WITHOUT_GIL(self->connection,
        rc = sqlite3_blob_read(self->handle->blob, data, (int)size, (int)offset));
    if (rc != SQLITE_OK) {
        sqlite_set_error(self->connection, rc);
        return -1;
    }
    return 0;
}

/* Write bytes, which nobody may release in between; 0, or -1 with an exception. */
static int
write_at(blob *self, const char *data, Py_ssize_t size, Py_ssize_t offset)
{
    if (size > blob_size(self) - offset) {
        PyErr_SetString(PyExc_ValueError, "data longer than blob length");
        return -1;
    }
    int rc;
    WITHOUT_GIL(self->connection,
        rc = sqlite3_blob_write(self->handle->blob, data, (int)size, (int)offset));
    if (rc != SQLITE_OK) {
        sqlite_set_error(self->connection, rc);
        return -1;
    }
    return 0;
}

/* A bytes object of a part, or NULL with an exception. */
static PyObject *
read_bytes(blob *self, Py_ssize_t size, Py_ssize_t offset)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL && size > 0 && read_at(self, PyBytes_AS_STRING(bytes), size, offset) < 0) {
        Py_CLEAR(bytes);
    }
    return bytes;
}

/* ------------------------------------------------------------------------------------- methods */

static void
release(blob *self)
{
    if (self->handle != NULL) {
        struct handle *handle = self->handle;
        self->handle = NULL;
        handle_release(handle);
    }
}

/*sig Blob.close(self) -> None

Close the blob.
*/
static int
Blob_close_impl(blob *self)
{
    /* In its turn, as another thread may be reading. */
    if (!connection_begin(self->connection)) {
        return -1;
    }
    release(self);
    return end_int(self->connection, 0);
}

/*sig Blob.read(self, length: int = -1, /)

Read data at the current offset position.

  length
    Read length in bytes.

If the end of the blob is reached, the data up to end of file will be returned.
When length is not specified, or is negative, Blob.read() will read until the
end of the blob.
*/
static PyObject *
Blob_read_impl(blob *self, int length)
{
    if (!blob_begin(self)) {
        return NULL;
    }
    int rest = blob_size(self) - self->offset;
    if (rest < 0) {
        rest = 0;       /* the row was changed, as reading finds out */
    }
    if (length < 0 || length > rest) {
        length = rest;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes != NULL && read_at(self, PyBytes_AS_STRING(bytes), length, self->offset) < 0) {
        Py_CLEAR(bytes);
    }
    if (bytes != NULL) {
        self->offset += length;
    }
    return end_object(self->connection, bytes);
}

/*sig Blob.write(self, data: buffer, /) -> None

Write data at the current offset.

This function cannot change the blob length.  Writing beyond the end of the
blob will result in an exception being raised.
*/
static int
Blob_write_impl(blob *self, Py_buffer *data)
{
    if (!blob_begin(self)) {
        return -1;
    }
    int result = write_at(self, data->buf, data->len, self->offset);
    if (result == 0) {
        self->offset += (int)data->len;
    }
    return end_int(self->connection, result);
}

/* The offset that seek() means, or -1 with an exception. */
static long long
seek_offset(blob *self, int offset, int origin)
{
    long long size = blob_size(self), base;
    switch (origin) {
        case SEEK_SET: base = 0; break;
        case SEEK_CUR: base = self->offset; break;
        case SEEK_END: base = size; break;
        default:
            PyErr_SetString(PyExc_ValueError,
                            "'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END");
            return -1;
    }
    if (base + offset > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "seek offset results in overflow");
        return -1;
    }
    if (base + offset < 0 || base + offset > size) {
        PyErr_SetString(PyExc_ValueError, "offset out of blob range");
        return -1;
    }
    return base + offset;
}

/*sig Blob.seek(self, offset: int, origin: int = 0, /) -> None

Set the current access position to offset.

The origin argument defaults to os.SEEK_SET (absolute blob positioning).
Other values for origin are os.SEEK_CUR (seek relative to the current position)
and os.SEEK_END (seek relative to the blob's end).
*/
static int
Blob_seek_impl(blob *self, int offset, int origin)
{
    if (!blob_begin(self)) {
        return -1;
    }
    long long position = seek_offset(self, offset, origin);
    if (position >= 0) {
        self->offset = (int)position;
    }
    return end_int(self->connection, position < 0 ? -1 : 0);
}

/*sig Blob.tell(self) -> int

Return the current access position for the blob.
*/
static int
Blob_tell_impl(blob *self)
{
    return blob_begin(self) ? end_int(self->connection, self->offset) : -1;
}

/*sig Blob.__enter__(self)

Blob context manager enter.
*/
static PyObject *
Blob___enter___impl(blob *self)
{
    return blob_begin(self) ? end_object(self->connection, Py_NewRef(self)) : NULL;
}

/*sig Blob.__exit__(self, type, val, tb, /)

Blob context manager exit.
*/
static PyObject *
Blob___exit___impl(blob *self, PyObject *Py_UNUSED(type), PyObject *Py_UNUSED(val),
                   PyObject *Py_UNUSED(tb))
{
    if (!blob_begin(self)) {
        return NULL;
    }
    release(self);
    return end_object(self->connection, Py_NewRef(Py_False));
}

/* ------------------------------------------------------------------------------------ indexing */

static Py_ssize_t
blob_length(PyObject *op)
{
    blob *self = (blob *)op;
    return blob_begin(self) ? end_int(self->connection, blob_size(self)) : -1;
}

/* The offset for an index, or -1 with an exception. */
static Py_ssize_t
index_offset(blob *self, PyObject *key)
{
    Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if ((i == -1 && PyErr_Occurred()) || !check_open(self)) {
        return -1;
    }
    Py_ssize_t size = blob_size(self);
    if (i < 0) {
        i += size;
    }
    if (i < 0 || i >= size) {
        PyErr_SetString(PyExc_IndexError, "Blob index out of range");
        return -1;
    }
    return i;
}

static PyObject *
get_item(blob *self, PyObject *key)
{
    Py_ssize_t offset = index_offset(self, key);
    char byte;
    if (offset < 0 || read_at(self, &byte, 1, offset) < 0) {
        return NULL;
    }
    return PyLong_FromLong((unsigned char)byte);
}

static PyObject *
get_slice(blob *self, PyObject *key)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0 || !check_open(self)) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(blob_size(self), &start, &stop, step);
    if (step == 1 || n == 0) {
        return read_bytes(self, n, start);
    }
    Py_ssize_t low = Py_MIN(start, start + (n - 1) * step);
    PyObject *span = read_bytes(self, Py_ABS((n - 1) * step) + 1, low);
    PyObject *part = span != NULL ? PyBytes_FromStringAndSize(NULL, n) : NULL;
    for (Py_ssize_t i = 0; i < n && part != NULL; i++) {
        PyBytes_AS_STRING(part)[i] = PyBytes_AS_STRING(span)[start - low + i * step];
    }
    Py_XDECREF(span);
    return part;
}

static PyObject *
blob_subscript(PyObject *op, PyObject *key)
{
    blob *self = (blob *)op;
    if (!blob_begin(self)) {
        return NULL;
    }
    PyObject *result = NULL;
    if (PyIndex_Check(key)) {
        result = get_item(self, key);
    }
    else if (PySlice_Check(key)) {
        result = get_slice(self, key);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "Blob indices must be integers");
    }
    return end_object(self->connection, result);
}

static int
set_item(blob *self, PyObject *key, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Blob doesn't support item deletion");
        return -1;
    }
    Py_ssize_t offset = index_offset(self, key);
    if (offset < 0) {
        return -1;
    }
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "'%s' object cannot be interpreted as an integer",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    int overflow;
    long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || number < 0 || number > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    char byte = (char)number;
    return write_at(self, &byte, 1, offset);
}

/* Write every step-th byte of a span: what lies between is read first. */
static int
write_spread(blob *self, const char *data, Py_ssize_t n, Py_ssize_t start, Py_ssize_t step)
{
    Py_ssize_t low = Py_MIN(start, start + (n - 1) * step);
    PyObject *span = read_bytes(self, Py_ABS((n - 1) * step) + 1, low);
    if (span == NULL) {
        return -1;
    }
    char *bytes = PyBytes_AS_STRING(span);
    for (Py_ssize_t i = 0; i < n; i++) {
        bytes[start - low + i * step] = data[i];
    }
    int result = write_at(self, bytes, PyBytes_GET_SIZE(span), low);
    Py_DECREF(span);
    return result;
}

static int
set_slice(blob *self, PyObject *key, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Blob doesn't support slice deletion");
        return -1;
    }
    Py_ssize_t start, stop, step;
    Py_buffer view;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0
        || PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0)
    {
        return -1;
    }
    if (!check_open(self)) {
        PyBuffer_Release(&view);
        return -1;
    }
    int result = 0;
    Py_ssize_t n = PySlice_AdjustIndices(blob_size(self), &start, &stop, step);
    if (view.len != n) {
        PyErr_SetString(PyExc_IndexError, "Blob slice assignment is wrong size");
        result = -1;
    }
    else if (n > 0) {
        result = step == 1 ? write_at(self, view.buf, n, start)
                           : write_spread(self, view.buf, n, start, step);
    }
    PyBuffer_Release(&view);
    return result;
}

static int
blob_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    blob *self = (blob *)op;
    if (!blob_begin(self)) {
        return -1;
    }
    int result = -1;
    if (PyIndex_Check(key)) {
        result = set_item(self, key, value);
    }
    else if (PySlice_Check(key)) {
        result = set_slice(self, key, value);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "Blob indices must be integers");
    }
    return end_int(self->connection, result);
}

/* ---------------------------------------------------------------------------- making and dying */

PyObject *
sqlite_blobopen(connection *self, const char *table, const char *column, PyObject *row,
                bool readonly, const char *name)
{
    sqlite3_int64 rowid;
    if (sqlite_as_int64(row, &rowid) < 0) {
        return NULL;
    }
    struct handle *handle = handle_new(self);
    if (handle == NULL) {
        return NULL;
    }
    int rc;
    WITHOUT_GIL(self, rc = sqlite3_blob_open(self->db, name, table, column, rowid, !readonly,
                                             &handle->blob));
    blob *op = NULL;
    if (rc != SQLITE_OK) {
        sqlite_set_error(self, rc);
    }
    else {
        op = PyObject_GC_New(blob, self->state->blob_type);
    }
    if (op == NULL) {
        handle_release(handle);
        return NULL;
    }
    op->connection = (connection *)Py_NewRef(self);
    op->handle = handle;
    op->offset = 0;
    op->weakreflist = NULL;
    PyObject_GC_Track(op);
    return (PyObject *)op;
}

static int
blob_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((blob *)op)->connection);
    return 0;
}

static void
blob_dealloc(PyObject *op)
{
    blob *self = (blob *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    release(self);
    Py_DECREF(self->connection);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMethodDef blob_methods[] = {
    BLOB___ENTER___METHODDEF
    BLOB___EXIT___METHODDEF
    BLOB_CLOSE_METHODDEF
    BLOB_READ_METHODDEF
    BLOB_SEEK_METHODDEF
    BLOB_TELL_METHODDEF
    BLOB_WRITE_METHODDEF
    {NULL}
};

static PyMemberDef blob_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(blob, weakreflist), READONLY, NULL},
    {NULL}
};

static PyType_Slot blob_slots[] = {
    {Py_tp_dealloc, blob_dealloc},
    {Py_tp_traverse, blob_traverse},
    {Py_tp_methods, blob_methods},
    {Py_tp_members, blob_members},
    {Py_mp_length, blob_length},
    {Py_mp_subscript, blob_subscript},
    {Py_mp_ass_subscript, blob_ass_subscript},
    {0, NULL}
};

PyType_Spec sqlite_blob_spec = {
    .name = "sqlite3.Blob",
    .basicsize = sizeof(blob),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = blob_slots,
};
