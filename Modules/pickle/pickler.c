/* pickle: the type Pickler and the proxy of its memo.
 *
 * Written from the library reference (pickle) and observed behaviour; sizes as 3.12 reports them.
 */
#include "pickle.h"
#include "pycore_signature.h"
#include "pycore_strings.h"     // _Py_ID
#include "structmember.h"       // PyMemberDef

/* What its memo attribute gives: the Pickler, whose memo can be looked at and cleared. */
typedef struct {
    PyObject_HEAD
    PicklerObject *pickler;     /* owned */
} PicklerMemoProxyObject;

#include "sig/pickler.sig.h"

/* object.__sizeof__() of both types is what programs see. */
_Static_assert(sizeof(PicklerObject) == 152, "size of Pickler");

/* --- Hooks ------------------------------------------------------------------------------------ */

PyObject *
_PyPickle_Unbind(PyObject *self, PyObject **method)
{
    if (*method == NULL || !PyMethod_Check(*method) || PyMethod_GET_SELF(*method) != self) {
        return NULL;
    }
    Py_SETREF(*method, Py_NewRef(PyMethod_GET_FUNCTION(*method)));
    return self;
}

PyObject *
_PyPickle_CallHook(PyObject *function, PyObject *self, PyObject *argument)
{
    PyObject *args[] = {self, argument};
    Py_INCREF(function);
    PyObject *result = self != NULL ? PyObject_Vectorcall(function, args, 2, NULL)
                                    : PyObject_CallOneArg(function, argument);
    Py_DECREF(function);
    return result;
}

PyObject *
_PyPickle_GetHook(PyObject *function, PyObject *self, const char *name)
{
    if (function == NULL) {
        PyErr_SetString(PyExc_AttributeError, name);
        return NULL;
    }
    return self != NULL ? PyMethod_New(function, self) : Py_NewRef(function);
}

int
_PyPickle_NoDeletion(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
        return -1;
    }
    return 0;
}

int
_PyPickle_SetHook(PyObject **function, PyObject **self, PyObject *value, const char *name)
{
    if (_PyPickle_NoDeletion(value) < 0) {
        return -1;
    }
    if (!PyCallable_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a callable taking one argument", name);
        return -1;
    }
    *self = NULL;
    Py_XSETREF(*function, Py_NewRef(value));
    return 0;
}

/* --- One piece of work ------------------------------------------------------------------------ */

/* The protocol that an argument means: 0, or -1 with an exception. */
static int
set_protocol(struct pickling *p, PyObject *protocol)
{
    long number = DEFAULT_PROTOCOL;
    if (protocol != Py_None) {
        number = PyLong_AsLong(protocol);
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (number < 0) {
            number = HIGHEST_PROTOCOL;
        }
        else if (number > HIGHEST_PROTOCOL) {
            PyErr_Format(PyExc_ValueError, "pickle protocol must be <= %d", HIGHEST_PROTOCOL);
            return -1;
        }
    }
    p->protocol = (int)number;
    p->bin = number > 0;
    return 0;
}

int
_PyPickle_Begin(struct pickling *p, PyObject *protocol, bool fix_imports,
                PyObject *buffer_callback)
{
    if (set_protocol(p, protocol) < 0) {
        return -1;
    }
    p->fix_imports = fix_imports && p->protocol < 3;
    if (buffer_callback != Py_None) {
        if (p->protocol < 5) {
            PyErr_SetString(PyExc_ValueError, "buffer_callback needs protocol >= 5");
            return -1;
        }
        p->buffer_callback = Py_NewRef(buffer_callback);
    }
    p->memo = _PyPickleMemo_New();
    return p->memo != NULL ? _PyPickle_NewOutput(p) : -1;
}

int
_PyPickle_SetFile(struct pickling *p, PyObject *file)
{
    if (_PyObject_LookupAttr(file, &_Py_ID(write), &p->write) < 0) {
        return -1;
    }
    if (p->write == NULL) {
        PyErr_SetString(PyExc_TypeError, "file must have a 'write' attribute");
        return -1;
    }
    return 0;
}

/* A whole pickle but for its first opcode. */
static int
dump_framed(struct pickling *p, PyObject *object)
{
    p->framing = p->protocol >= 4;
    p->limit = p->framing ? -1 : p->limit;
    int result = _PyPickle_Save(p, object) < 0 ? -1 : write_opcode(p, OP_STOP);
    if (result == 0) {
        _PyPickle_EndFrame(p);
    }
    p->framing = false;
    return result;
}

int
_PyPickle_Dump(struct pickling *p, PyObject *object)
{
    p->framing = false;
    p->fast_nesting = 0;
    Py_CLEAR(p->fast_memo);
    if ((p->output == NULL || p->used != 0) && _PyPickle_NewOutput(p) < 0) {
        return -1;
    }
    if (p->protocol >= 2 && _PyPickle_WriteOpcode(p, OP_PROTO, (size_t)p->protocol, 1) < 0) {
        return -1;
    }
    return dump_framed(p, object);
}

void
_PyPickle_End(struct pickling *p)
{
    struct memo *memo = p->memo;
    p->memo = NULL;
    _PyPickleMemo_Free(memo);
    Py_CLEAR(p->output);
    Py_CLEAR(p->write);
    Py_CLEAR(p->persistent_id);
    Py_CLEAR(p->dispatch_table);
    Py_CLEAR(p->reducer_override);
    Py_CLEAR(p->buffer_callback);
    Py_CLEAR(p->fast_memo);
}

/* --- The type --------------------------------------------------------------------------------- */

static pickle_state *
state_of(PicklerObject *self)
{
    return _PyPickle_StateOfType(Py_TYPE(self));
}

/*sig _pickle.Pickler.__init__(self, file, protocol=None, fix_imports: bool = True,
                               buffer_callback=None)

This takes a binary file for writing a pickle data stream.

The optional *protocol* argument tells the pickler to use the given
protocol; supported protocols are 0, 1, 2, 3, 4 and 5.  The default
protocol is 4. It was introduced in Python 3.4, and is incompatible
with previous versions.

Specifying a negative protocol version selects the highest protocol
version supported.  The higher the protocol used, the more recent the
version of Python needed to read the pickle produced.

The *file* argument must have a write() method that accepts a single
bytes argument. It can thus be a file object opened for binary
writing, an io.BytesIO instance, or any other custom object that meets
this interface.

If *fix_imports* is True and protocol is less than 3, pickle will try
to map the new Python 3 names to the old module names used in Python
2, so that the pickle data stream is readable with Python 2.

If *buffer_callback* is None (the default), buffer views are
serialized into *file* as part of the pickle stream.

If *buffer_callback* is not None, then it can be called any number
of times with a buffer view.  If the callback returns a false value
(such as None), the given buffer is out-of-band; otherwise the
buffer is serialized in-band, i.e. inside the pickle stream.

It is an error if *buffer_callback* is not None and *protocol*
is None or smaller than 5.
*/
static int
pickler_init_impl(PicklerObject *self, PyObject *file, PyObject *protocol, int fix_imports,
                  PyObject *buffer_callback)
{
    /* A hook of a dump() that runs may have called us: `self->p` is whole at every moment. */
    struct pickling p = {.state = state_of(self), .self = (PyObject *)self};
    if (_PyPickle_Begin(&p, protocol, fix_imports != 0, buffer_callback) < 0
        || _PyPickle_SetFile(&p, file) < 0
        || _PyObject_LookupAttr((PyObject *)self, &_Py_ID(persistent_id), &p.persistent_id) < 0
        || _PyObject_LookupAttr((PyObject *)self, &_Py_ID(dispatch_table), &p.dispatch_table) < 0)
    {
        _PyPickle_End(&p);
        return -1;
    }
    p.persistent_self = _PyPickle_Unbind((PyObject *)self, &p.persistent_id);
    struct pickling old = self->p;
    self->p = p;
    _PyPickle_End(&old);
    return 0;
}

/*sig _pickle.Pickler.clear_memo(self) -> None

Clears the pickler's "memo".

The memo is the data structure that remembers which objects the
pickler has already seen, so that shared or recursive objects are
pickled by reference and not by value.  This method is useful when
re-using picklers.
*/
static int
pickler_clear_memo_impl(PicklerObject *self)
{
    return self->p.memo != NULL ? _PyPickleMemo_Clear(self->p.memo) : 0;
}

/*sig _pickle.Pickler.__sizeof__(self) -> size_t

Returns size in memory, in bytes.
*/
static size_t
pickler___sizeof___impl(PicklerObject *self)
{
    size_t size = _PyObject_SIZE(Py_TYPE(self));
    if (self->p.memo != NULL) {
        size += sizeof(struct memo) + (self->p.memo->mask + 1) * sizeof(struct memo_entry);
    }
    if (self->p.output != NULL) {
        size += (size_t)Py_SIZE(self->p.output) + offsetof(PyBytesObject, ob_sval) + 1;
    }
    return size;
}

/*sig _pickle.Pickler.dump(self, obj, /) -> None

Write a pickled representation of the given object to the open file.
*/
static int
pickler_dump_impl(PicklerObject *self, PyObject *obj)
{
    struct pickling *p = &self->p;
    if (p->write == NULL) {
        PyErr_Format(state_of(self)->PicklingError,
                     "Pickler.__init__() was not called by %s.__init__()",
                     Py_TYPE(self)->tp_name);
        return -1;
    }
    PyObject *override;
    if (_PyObject_LookupAttr((PyObject *)self, &_Py_ID(reducer_override), &override) < 0) {
        return -1;
    }
    Py_XSETREF(p->reducer_override, override);
    int result = _PyPickle_Dump(p, obj) < 0 ? -1 : _PyPickle_Flush(p);
    /* It is a method of ours: as long as it is held, there is a cycle. */
    Py_CLEAR(p->reducer_override);
    return result;
}

/* --- Attributes ------------------------------------------------------------------------------- */

static PyObject *
pickler_get_persistent_id(PicklerObject *self, void *Py_UNUSED(closure))
{
    return _PyPickle_GetHook(self->p.persistent_id, self->p.persistent_self, "persistent_id");
}

static int
pickler_set_persistent_id(PicklerObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    return _PyPickle_SetHook(&self->p.persistent_id, &self->p.persistent_self, value,
                             "persistent_id");
}

static PyObject *
pickler_get_memo(PicklerObject *self, void *Py_UNUSED(closure))
{
    PyTypeObject *type = state_of(self)->PicklerMemoProxy_Type;
    PicklerMemoProxyObject *proxy = (PicklerMemoProxyObject *)type->tp_alloc(type, 0);
    if (proxy != NULL) {
        proxy->pickler = (PicklerObject *)Py_NewRef(self);
    }
    return (PyObject *)proxy;
}

/* A memo from a dict of pairs, a number and an object. */
static struct memo *
memo_of_dict(PyObject *dict)
{
    struct memo *memo = _PyPickleMemo_New();
    Py_ssize_t position = 0;
    PyObject *key, *value;
    while (memo != NULL && PyDict_Next(dict, &position, &key, &value)) {
        Py_ssize_t number = -1;
        if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 2) {
            PyErr_SetString(PyExc_TypeError, "'memo' values must be 2-item tuples");
        }
        else if (!PyLong_Check(PyTuple_GET_ITEM(value, 0))) {
            PyErr_SetString(PyExc_TypeError, "an integer is required");
        }
        else {
            number = PyLong_AsSsize_t(PyTuple_GET_ITEM(value, 0));
        }
        if ((number == -1 && PyErr_Occurred())
            || _PyPickleMemo_Set(memo, PyTuple_GET_ITEM(value, 1), number) < 0)
        {
            _PyPickleMemo_Free(memo);
            return NULL;
        }
    }
    return memo;
}

static int
pickler_set_memo(PicklerObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    struct memo *memo = NULL;
    if (_PyPickle_NoDeletion(value) < 0) {
        return -1;
    }
    if (Py_IS_TYPE(value, state_of(self)->PicklerMemoProxy_Type)) {
        PicklerObject *other = ((PicklerMemoProxyObject *)value)->pickler;
        memo = other->p.memo != NULL ? _PyPickleMemo_Copy(other->p.memo) : _PyPickleMemo_New();
    }
    else if (PyDict_Check(value)) {
        memo = memo_of_dict(value);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "'memo' attribute must be a PicklerMemoProxy object or dict, not %.200s",
                     Py_TYPE(value)->tp_name);
    }
    if (memo == NULL) {
        return -1;
    }
    struct memo *old = self->p.memo;
    self->p.memo = memo;
    _PyPickleMemo_Free(old);
    return 0;
}

static int
pickler_traverse(PicklerObject *self, visitproc visit, void *arg)
{
    const struct memo *memo = self->p.memo;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->p.write);
    Py_VISIT(self->p.persistent_id);
    Py_VISIT(self->p.dispatch_table);
    Py_VISIT(self->p.reducer_override);
    Py_VISIT(self->p.buffer_callback);
    Py_VISIT(self->p.fast_memo);
    for (size_t i = 0; memo != NULL && i <= memo->mask; i++) {
        Py_VISIT(memo->table[i].key);
    }
    return 0;
}

static int
pickler_clear(PicklerObject *self)
{
    _PyPickle_End(&self->p);
    return 0;
}

static void
pickler_dealloc(PicklerObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    _PyPickle_End(&self->p);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef pickler_methods[] = {
    PICKLER_DUMP_METHODDEF
    PICKLER_CLEAR_MEMO_METHODDEF
    PICKLER___SIZEOF___METHODDEF
    {NULL}
};

static PyMemberDef pickler_members[] = {
    {"bin", T_INT, offsetof(PicklerObject, p.bin)},
    {"fast", T_INT, offsetof(PicklerObject, p.fast)},
    {"dispatch_table", T_OBJECT_EX, offsetof(PicklerObject, p.dispatch_table)},
    {NULL}
};

static PyGetSetDef pickler_getsets[] = {
    {"memo", (getter)pickler_get_memo, (setter)pickler_set_memo},
    {"persistent_id", (getter)pickler_get_persistent_id, (setter)pickler_set_persistent_id},
    {NULL}
};

static PyType_Slot pickler_slots[] = {
    {Py_tp_dealloc, pickler_dealloc},
    {Py_tp_methods, pickler_methods},
    {Py_tp_members, pickler_members},
    {Py_tp_getset, pickler_getsets},
    {Py_tp_init, pickler_init},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_traverse, pickler_traverse},
    {Py_tp_clear, pickler_clear},
    {Py_tp_doc, (void *)pickler_init__doc__},
    {0, NULL}
};

PyType_Spec _PyPickler_Spec = {
    .name = "_pickle.Pickler",
    .basicsize = sizeof(PicklerObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = pickler_slots,
};

/* --- The memo's proxy ------------------------------------------------------------------------- */

/*sig _pickle.PicklerMemoProxy.clear(self) -> None

Remove all items from memo.
*/
static int
pickler_memo_clear_impl(PicklerMemoProxyObject *self)
{
    return pickler_clear_memo_impl(self->pickler);
}

/*sig _pickle.PicklerMemoProxy.copy(self)

Copy the memo to a new object.
*/
static PyObject *
pickler_memo_copy_impl(PicklerMemoProxyObject *self)
{
    const struct memo *memo = self->pickler->p.memo;
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && memo != NULL && i <= memo->mask; i++) {
        const struct memo_entry *entry = &memo->table[i];
        if (entry->key == NULL) {
            continue;
        }
        PyObject *id = PyLong_FromVoidPtr(entry->key);
        PyObject *value = id != NULL ? Py_BuildValue("nO", entry->number, entry->key) : NULL;
        if (value == NULL || PyDict_SetItem(dict, id, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(id);
        Py_XDECREF(value);
    }
    return dict;
}

/*sig _pickle.PicklerMemoProxy.__reduce__(self)

Implement pickle support.
*/
static PyObject *
pickler_memo___reduce___impl(PicklerMemoProxyObject *self)
{
    PyObject *dict = pickler_memo_copy_impl(self);
    return dict != NULL ? Py_BuildValue("O(N)", &PyDict_Type, dict) : NULL;
}

static int
pickler_memo_traverse(PicklerMemoProxyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->pickler);
    return 0;
}

static void
pickler_memo_dealloc(PicklerMemoProxyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->pickler);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef pickler_memo_methods[] = {
    PICKLER_MEMO_CLEAR_METHODDEF
    PICKLER_MEMO_COPY_METHODDEF
    PICKLER_MEMO___REDUCE___METHODDEF
    {NULL}
};

static PyType_Slot pickler_memo_slots[] = {
    {Py_tp_dealloc, pickler_memo_dealloc},
    {Py_tp_traverse, pickler_memo_traverse},
    {Py_tp_methods, pickler_memo_methods},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {0, NULL}
};

PyType_Spec _PyPicklerMemoProxy_Spec = {
    .name = "_pickle.PicklerMemoProxy",
    .basicsize = sizeof(PicklerMemoProxyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = pickler_memo_slots,
};
