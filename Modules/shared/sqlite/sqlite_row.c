/* Row: a tuple whose items also have the names of the columns.
 *
 * Written from the documentation of sqlite3 and observed behaviour.
 */
#include "sqlite.h"

typedef struct {
    PyObject_HEAD
    PyObject *data;             // tuple
    PyObject *description;      // of the cursor: a tuple, or None
} row;

#include "sig/sqlite_row.sig.h"

/* The signature is not shown, as for all types without docstring. */
/*sig @nosignature Row.__new__(type, cursor: type[state_of_type(type)->cursor_type], data: tuple, /)

*/
static PyObject *
Row_new_impl(PyTypeObject *type, PyObject *cursor_op, PyObject *data)
{
    row *self = (row *)type->tp_alloc(type, 0);
    if (self != NULL) {
        PyObject *description = ((cursor *)cursor_op)->description;
        self->data = Py_NewRef(data);
        self->description = Py_NewRef(description != NULL ? description : Py_None);
    }
    return (PyObject *)self;
}

static int
row_traverse(PyObject *op, visitproc visit, void *arg)
{
    row *self = (row *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->data);
    Py_VISIT(self->description);
    return 0;
}

static int
row_clear(PyObject *op)
{
    row *self = (row *)op;
    Py_CLEAR(self->data);
    Py_CLEAR(self->description);
    return 0;
}

static void
row_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    (void)row_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static Py_ssize_t
column_count(row *self)
{
    return self->description != Py_None ? PyTuple_GET_SIZE(self->description) : 0;
}

/* The name of a column (borrowed). */
static PyObject *
column_name(row *self, Py_ssize_t i)
{
    PyObject *column = PyTuple_GET_ITEM(self->description, i);
    assert(PyTuple_Check(column));
    return PyTuple_GET_ITEM(column, 0);
}

/*sig Row.keys(self)

Returns the keys of the row.
*/
static PyObject *
Row_keys_impl(row *self)
{
    Py_ssize_t n = column_count(self);
    PyObject *keys = PyList_New(n);
    for (Py_ssize_t i = 0; i < n && keys != NULL; i++) {
        PyList_SET_ITEM(keys, i, Py_NewRef(column_name(self, i)));
    }
    return keys;
}

/* Whether two str are equal but for the case of ASCII letters. */
static bool
equal_names(PyObject *a, PyObject *b)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(a);
    if (n != PyUnicode_GET_LENGTH(b)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 x = PyUnicode_READ_CHAR(a, i), y = PyUnicode_READ_CHAR(b, i);
        if (x != y && (x > 127 || y > 127 || Py_TOLOWER(x) != Py_TOLOWER(y))) {
            return false;
        }
    }
    return true;
}

static PyObject *
item_at(row *self, Py_ssize_t i)
{
    if (i < 0 || i >= PyTuple_GET_SIZE(self->data)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(self->data, i));
}

/* sq_item, for reversed(): the caller has added the length to negative indices. */
static PyObject *
row_item(PyObject *op, Py_ssize_t i)
{
    return item_at((row *)op, i);
}

static PyObject *
row_subscript(PyObject *op, PyObject *key)
{
    row *self = (row *)op;
    if (PyLong_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return item_at(self, i < 0 ? i + PyTuple_GET_SIZE(self->data) : i);
    }
    if (PyUnicode_Check(key)) {
        Py_ssize_t n = column_count(self);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (equal_names(key, column_name(self, i))) {
                return item_at(self, i);
            }
        }
        PyErr_SetString(PyExc_IndexError, "No item with that key");
        return NULL;
    }
    if (PySlice_Check(key)) {
        return PyObject_GetItem(self->data, key);
    }
    PyErr_SetString(PyExc_IndexError, "Index must be int or string");
    return NULL;
}

static Py_ssize_t
row_length(PyObject *op)
{
    return PyTuple_GET_SIZE(((row *)op)->data);
}

static PyObject *
row_iter(PyObject *op)
{
    return PyObject_GetIter(((row *)op)->data);
}

static Py_hash_t
row_hash(PyObject *op)
{
    row *self = (row *)op;
    Py_hash_t of_names = PyObject_Hash(self->description);
    Py_hash_t of_data = of_names != -1 ? PyObject_Hash(self->data) : -1;
    if (of_data == -1) {
        return -1;
    }
    Py_hash_t hash = of_names ^ of_data;
    return hash != -1 ? hash : -2;
}

static PyObject *
row_richcompare(PyObject *op, PyObject *other_op, int how)
{
    if ((how != Py_EQ && how != Py_NE)
        || !PyObject_TypeCheck(other_op, state_of_type(Py_TYPE(op))->row_type))
    {
        Py_RETURN_NOTIMPLEMENTED;
    }
    row *self = (row *)op, *other = (row *)other_op;
    int equal = PyObject_RichCompareBool(self->description, other->description, Py_EQ);
    if (equal > 0) {
        equal = PyObject_RichCompareBool(self->data, other->data, Py_EQ);
    }
    return equal < 0 ? NULL : PyBool_FromLong(how == Py_EQ ? equal : !equal);
}

static PyMethodDef row_methods[] = {
    ROW_KEYS_METHODDEF
    {NULL}
};

static PyType_Slot row_slots[] = {
    {Py_tp_new, Row_new},
    {Py_tp_dealloc, row_dealloc},
    {Py_tp_traverse, row_traverse},
    {Py_tp_clear, row_clear},
    {Py_tp_hash, row_hash},
    {Py_tp_richcompare, row_richcompare},
    {Py_tp_iter, row_iter},
    {Py_tp_methods, row_methods},
    {Py_mp_length, row_length},
    {Py_mp_subscript, row_subscript},
    {Py_sq_length, row_length},
    {Py_sq_item, row_item},
    {0, NULL}
};

PyType_Spec sqlite_row_spec = {
    .name = "sqlite3.Row",
    .basicsize = sizeof(row),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = row_slots,
};
