/* Data: the type _CData, the memory of an instance, the objects it keeps alive, and the reading and
 * writing of its parts.
 *
 * Invariants: `ptr` is valid memory of `size` bytes as long as the datum lives, unless the user
 * gave the address.  A datum with a base has no memory of its own and keeps no objects: those of
 * its pointers are kept by the outermost one, under a key that says where the pointer is: its index
 * and those of the data around it, as hexadecimal numbers with colons between them.  Memory that
 * somebody may know the address of (`shared`) is not freed by resize() but with the datum.
 *
 * Written from the library reference (ctypes) and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"
#include "structmember.h"       // PyMemberDef

/* ------------------------------------------------------------------------------------- memory */

/* Give a new datum zeroed memory; 0, or -1 with MemoryError. */
static int
allocate(datum *self, Py_ssize_t size)
{
    assert(self->ptr == NULL && size >= 0);
    if ((size_t)size <= sizeof(self->value)) {
        self->ptr = (char *)&self->value;
    }
    else {
        self->ptr = PyMem_Calloc(1, (size_t)size);
        if (self->ptr == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    self->owned = 1;
    self->size = size;
    return 0;
}

static bool
has_block(datum *self)
{
    return self->owned && self->ptr != NULL && self->ptr != (char *)&self->value;
}

/* Release the memory, also what resize() left. */
static void
release_memory(datum *self)
{
    if (has_block(self)) {
        PyMem_Free(self->ptr);
    }
    self->ptr = NULL;
    self->size = 0;
    while (self->old != NULL) {
        struct old_block *next = self->old->next;
        PyMem_Free(self->old->memory);
        PyMem_Free(self->old);
        self->old = next;
    }
}

int
ctypes_resize_data(datum *self, Py_ssize_t size)
{
    assert(self->owned);
    if (size <= self->size || (!has_block(self) && (size_t)size <= sizeof(self->value))) {
        self->size = size;
        return 0;
    }
    struct old_block *old = NULL;
    if (self->shared && has_block(self)) {
        old = PyMem_Malloc(sizeof(*old));
        if (old == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    char *fresh = PyMem_Calloc(1, (size_t)size);
    if (fresh == NULL) {
        PyMem_Free(old);
        PyErr_NoMemory();
        return -1;
    }
    memcpy(fresh, self->ptr, (size_t)self->size);
    if (old != NULL) {
        *old = (struct old_block){self->old, self->ptr};
        self->old = old;
    }
    else if (has_block(self)) {
        PyMem_Free(self->ptr);
    }
    self->ptr = fresh;
    self->size = size;
    return 0;
}

/* -------------------------------------------------------------------------------- instances */

/* A new instance without memory, or NULL with an exception. */
static datum *
new_datum(PyTypeObject *type)
{
    ctype_info *info = info_of_type(type);
    assert(info->ready);
    datum *self = (datum *)type->tp_alloc(type, 0);
    if (self != NULL) {
        info->final = true;
        self->length = info->length;
    }
    return self;
}

PyObject *
ctypes_data_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    ctype_info *info = info_of_type(type);
    if (!info->ready) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    datum *self = new_datum(type);
    if (self != NULL && allocate(self, info->size) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyObject *
ctypes_new_part(PyTypeObject *type, PyObject *base, Py_ssize_t index, char *ptr)
{
    ctype_info *info = info_of_type(type);
    assert(base == NULL || index >= 0 || info_of(base)->kind == C_POINTER);
    datum *self = new_datum(type);
    if (self == NULL) {
        return NULL;
    }
    if (base == NULL) {
        if (allocate(self, info->size) < 0) {
            Py_DECREF(self);
            return NULL;
        }
        memcpy(self->ptr, ptr, (size_t)info->size);
        return (PyObject *)self;
    }
    self->ptr = ptr;
    self->size = info->size;
    self->base = Py_NewRef(base);
    self->index = index;
    ((datum *)base)->shared = true;
    return (PyObject *)self;
}

PyObject *
ctypes_new_at(PyTypeObject *type, char *ptr)
{
    if (PySys_Audit("ctypes.cdata", "n", (Py_ssize_t)ptr) < 0) {
        return NULL;
    }
    datum *self = new_datum(type);
    if (self != NULL) {
        self->ptr = ptr;
        self->size = info_of_type(type)->size;
    }
    return (PyObject *)self;
}

int
ctypes_data_traverse(PyObject *op, visitproc visit, void *arg)
{
    datum *self = (datum *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->base);
    Py_VISIT(self->objects);
    return 0;
}

int
ctypes_data_clear(PyObject *op)
{
    datum *self = (datum *)op;
    /* Without its base or what it keeps, the memory of a datum may be gone.  Nobody can reach
       it any more but other garbage that goes: it finds a size of 0. */
    if (!self->owned) {
        self->ptr = (char *)&self->value;
        self->size = 0;
    }
    Py_CLEAR(self->base);
    Py_CLEAR(self->objects);
    return 0;
}

void
ctypes_data_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    assert(Py_REFCNT(op) == 0);
    PyObject_GC_UnTrack(op);
    ctypes_data_clear(op);
    release_memory((datum *)op);
    type->tp_free(op);
    Py_DECREF(type);
}

/* ------------------------------------------------------------------------ objects that are kept */

/* The datum whose memory it is in the end. */
static datum *
outermost(datum *self)
{
    while (self->base != NULL) {
        self = (datum *)self->base;
    }
    return self;
}

PyObject *
ctypes_kept_objects(datum *self)
{
    datum *owner = outermost(self);
    assert(owner->base == NULL);
    if (owner->objects == NULL) {
        owner->objects = owner->length > 0 ? PyDict_New() : Py_NewRef(Py_None);
    }
    return owner->objects;
}

PyObject *
ctypes_kept_dict(datum *self)
{
    datum *owner = outermost(self);
    if (ctypes_kept_objects(self) == Py_None) {
        PyObject *dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
        Py_XSETREF(owner->objects, dict);
    }
    return owner->objects;
}

/* The key of a part: its index and those of the data that it is in. */
static PyObject *
part_key(datum *self, Py_ssize_t index)
{
    PyObject *key = PyUnicode_FromFormat("%x", (int)index);
    for (; key != NULL && self->base != NULL; self = (datum *)self->base) {
        Py_SETREF(key, PyUnicode_FromFormat("%U:%x", key, (int)self->index));
    }
    return key;
}

int
ctypes_keep(datum *self, Py_ssize_t index, PyObject *keep)
{
    if (keep == Py_None) {
        Py_DECREF(keep);
        return 0;
    }
    assert(keep != NULL);
    PyObject *objects = ctypes_kept_objects(self);
    if (objects == NULL) {
        Py_DECREF(keep);
        return -1;
    }
    if (!PyDict_CheckExact(objects)) {
        Py_XSETREF(outermost(self)->objects, keep);
        return 0;
    }
    PyObject *key = part_key(self, index);
    Py_INCREF(objects);
    int result = key != NULL ? PyDict_SetItem(objects, key, keep) : -1;
    Py_DECREF(objects);
    Py_XDECREF(key);
    Py_DECREF(keep);
    return result;
}

/* ---------------------------------------------------------------------------------------- parts */

bool
ctypes_is_derived(ctypes_state *state, PyTypeObject *type)
{
    return PyObject_TypeCheck((PyObject *)type, state->simple_meta)
           && type->tp_base != state->simple_type;
}

PyObject *
ctypes_get(PyObject *type, const struct ctype_access *access, PyObject *base, Py_ssize_t index,
           Py_ssize_t size, char *ptr)
{
    if (access != NULL && access->code != NULL) {
        return ctypes_load(access, ptr, size);
    }
    ctypes_state *state = state_of_type((PyTypeObject *)type);
    ctype_info *info = ctypes_type_info(state, type);
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    if (info->kind == C_SIMPLE && !ctypes_is_derived(state, (PyTypeObject *)type)) {
        return ctypes_load(&info->access, ptr, size);
    }
    return ctypes_new_part((PyTypeObject *)type, base, index, ptr);
}

static PyObject *store_part(PyObject *type, const struct ctype_access *access, PyObject *value,
                            Py_ssize_t size, char *ptr);

/* Store an instance of the type that is made with a tuple of arguments. */
static PyObject *
store_tuple(PyObject *type, PyObject *args, Py_ssize_t size, char *ptr)
{
    PyObject *made = PyObject_CallObject(type, args);
    if (made == NULL) {
        ctypes_extend_error(PyExc_RuntimeError, "(%s) ", ((PyTypeObject *)type)->tp_name);
        return NULL;
    }
    PyObject *keep = store_part(type, NULL, made, size, ptr);
    Py_DECREF(made);
    return keep;
}

/* Store a datum: what is kept, as for ctypes_store(). */
static PyObject *
store_datum(ctypes_state *state, PyObject *type, ctype_info *info, datum *source, Py_ssize_t size,
            char *ptr)
{
    int match = PyObject_IsInstance((PyObject *)source, type);
    if (match < 0) {
        return NULL;
    }
    if (match) {
        PyObject *kept = ctypes_kept_objects(source);
        memmove(ptr, source->ptr, (size_t)Py_MIN(size, source->size));
        return Py_XNewRef(kept);
    }
    ctype_info *other = ctypes_object_info(state, (PyObject *)source);
    if (info->kind == C_POINTER && other != NULL && other->kind == C_ARRAY && other->proto != NULL
        && info->proto != NULL)
    {
        match = PyObject_IsSubclass(other->proto, info->proto);
        if (match < 0) {
            return NULL;
        }
        if (match) {
            PyObject *kept = ctypes_kept_objects(source);
            memcpy(ptr, &source->ptr, sizeof(source->ptr));
            source->shared = true;
            return kept != NULL ? PyTuple_Pack(2, kept, source) : NULL;
        }
    }
    return PyErr_Format(PyExc_TypeError, "incompatible types, %s instance instead of %s instance",
                        Py_TYPE(source)->tp_name, ((PyTypeObject *)type)->tp_name);
}

static PyObject *
store_part(PyObject *type, const struct ctype_access *access, PyObject *value, Py_ssize_t size,
           char *ptr)
{
    if (access != NULL && access->code != NULL && access->bits == 0) {
        return ctypes_store(access, ptr, value, size);
    }
    ctypes_state *state = state_of_type((PyTypeObject *)type);
    ctype_info *info = ctypes_type_info(state, type);
    if (info == NULL) {
        PyErr_SetString(PyExc_TypeError, "abstract class");
        return NULL;
    }
    if (is_datum(state, value)) {
        if (access != NULL && access->bits > 0) {
            PyObject *plain = PyObject_IsInstance(value, type) == 1
                              ? ctypes_load(&info->access, ((datum *)value)->ptr, size)
                              : Py_NewRef(value);
            PyObject *keep = plain != NULL ? ctypes_store(access, ptr, plain, size) : NULL;
            Py_XDECREF(plain);
            return keep;
        }
        return store_datum(state, type, info, (datum *)value, size, ptr);
    }
    if (info->kind == C_SIMPLE) {
        return ctypes_store(access != NULL && access->bits > 0 ? access : &info->access, ptr,
                            value, size);
    }
    if (PyTuple_Check(value)) {
        return store_tuple(type, value, size, ptr);
    }
    if (info->kind == C_POINTER && value == Py_None) {
        memset(ptr, 0, sizeof(void *));
        Py_RETURN_NONE;
    }
    return PyErr_Format(PyExc_TypeError, "expected %s instance, got %s",
                        ((PyTypeObject *)type)->tp_name, Py_TYPE(value)->tp_name);
}

int
ctypes_set(datum *base, PyObject *type, const struct ctype_access *access, PyObject *value,
           Py_ssize_t index, Py_ssize_t size, char *ptr)
{
    PyObject *keep = store_part(type, access, value, size, ptr);
    return keep != NULL ? ctypes_keep(base, index, keep) : -1;
}

/* ------------------------------------------------------------------------------ the type _CData */

int
ctypes_data_getbuffer(PyObject *op, Py_buffer *view, int Py_UNUSED(flags))
{
    datum *self = (datum *)op;
    ctype_info *info = info_of(self), *item = info;
    while (item->kind == C_ARRAY && item->proto != NULL) {
        item = info_of_type((PyTypeObject *)item->proto);
    }
    if (!info->ready || self->size < info->size) {
        PyErr_SetString(PyExc_BufferError, "the instance has less memory than its type needs");
        view->obj = NULL;
        return -1;
    }
    self->shared = true;
    view->buf = self->ptr;
    view->obj = Py_NewRef(op);
    view->len = self->size;
    view->readonly = 0;
    view->format = info->format != NULL ? info->format : "B";
    view->ndim = info->ndim;
    view->shape = info->shape;
    view->itemsize = item->size;
    view->strides = NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    return 0;
}

static Py_hash_t
data_hash(PyObject *Py_UNUSED(self))
{
    PyErr_SetString(PyExc_TypeError, "unhashable type");
    return -1;
}

static PyObject *
data_from_outparam(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *
data_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    datum *self = (datum *)op;
    if (info_of(self)->has_pointer) {
        PyErr_SetString(PyExc_ValueError, "ctypes objects containing pointers cannot be pickled");
        return NULL;
    }
    PyObject *dict = PyObject_GetAttrString(op, "__dict__");
    if (dict == NULL) {
        return NULL;
    }
    return Py_BuildValue("O(O(NN))", state_of(self)->unpickle, Py_TYPE(op), dict,
                         PyBytes_FromStringAndSize(self->ptr, self->size));
}

static PyObject *
data_setstate(PyObject *op, PyObject *args)
{
    datum *self = (datum *)op;
    PyObject *dict, *bytes;
    if (!PyArg_ParseTuple(args, "O!S", &PyDict_Type, &dict, &bytes)) {
        return NULL;
    }
    Py_ssize_t size = Py_MIN(PyBytes_GET_SIZE(bytes), self->size);
    memmove(self->ptr, PyBytes_AS_STRING(bytes), (size_t)size);
    PyObject *own = PyObject_GetAttrString(op, "__dict__");
    if (own == NULL) {
        return NULL;
    }
    if (!PyDict_Check(own)) {
        PyErr_Format(PyExc_TypeError, "%.200s.__dict__ must be a dictionary, not %.200s",
                     Py_TYPE(op)->tp_name, Py_TYPE(own)->tp_name);
        Py_DECREF(own);
        return NULL;
    }
    int failed = PyDict_Update(own, dict);
    Py_DECREF(own);
    return failed ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef data_methods[] = {
    {"__ctypes_from_outparam__", data_from_outparam, METH_NOARGS, NULL},
    {"__reduce__", data_reduce, METH_NOARGS, NULL},
    {"__setstate__", data_setstate, METH_VARARGS, NULL},
    {NULL}
};

static PyMemberDef data_members[] = {
    {"_b_base_", T_OBJECT, offsetof(datum, base), READONLY, "the base object"},
    {"_b_needsfree_", T_INT, offsetof(datum, owned), READONLY,
     "whether the object owns the memory or not"},
    {"_objects", T_OBJECT, offsetof(datum, objects), READONLY,
     "internal objects tree (NEVER CHANGE THIS OBJECT!)"},
    {NULL}
};

static PyType_Slot data_slots[] = {
    {Py_tp_doc, (void *)"What all ctypes data types have in common: a block of memory."},
    {Py_tp_traverse, ctypes_data_traverse},
    {Py_tp_clear, ctypes_data_clear},
    {Py_tp_dealloc, ctypes_data_dealloc},
    {Py_tp_hash, data_hash},
    {Py_tp_methods, data_methods},
    {Py_tp_members, data_members},
    {Py_bf_getbuffer, ctypes_data_getbuffer},
    {0, NULL}
};

PyType_Spec ctypes_data_spec = {
    .name = "_ctypes._CData",
    .basicsize = sizeof(datum),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = data_slots,
};
