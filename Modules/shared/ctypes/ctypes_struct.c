/* Structures and unions: the layout of their fields, the descriptors of fields (CField), and the
 * metatypes' and instances' work.
 *
 * Invariants: a structure's layout is set once, by the first `_fields_`; after that, or after a use
 * that needs its size, it is final.  A field never reads or writes beyond the instance's memory.
 *
 * The layout is that of GCC: a field is aligned to its type's alignment or to `_pack_` if that is
 * less.  A bit field goes into the storage of the bit field before it if it fits there, which
 * a larger type extends.  Where the types of neighbours differ, the places are those of CPython
 * 3.12, which are not in all cases the compiler's.
 *
 * Written from the library reference (ctypes), PEP 3118 and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

/* ------------------------------------------------------------------------------------- CField */

static int
field_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((field_object *)self)->proto);
    return 0;
}

static int
field_clear(PyObject *self)
{
    Py_CLEAR(((field_object *)self)->proto);
    return 0;
}

static void
field_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    field_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
field_repr(PyObject *op)
{
    field_object *self = (field_object *)op;
    const char *name = self->proto != NULL ? ((PyTypeObject *)self->proto)->tp_name : "?";
    if (self->access.bits > 0) {
        return PyUnicode_FromFormat("<Field type=%s, ofs=%zd:%d, bits=%d>", name, self->offset,
                                    self->access.shift, self->access.bits);
    }
    return PyUnicode_FromFormat("<Field type=%s, ofs=%zd, size=%zd>", name, self->offset,
                                self->size);
}

/* Whether the object has memory where the field is, and the field a type; false with an
   exception. */
static bool
check_instance(field_object *self, PyObject *op)
{
    PyObject *module = PyType_GetModule(Py_TYPE(self));
    ctypes_state *state = PyModule_GetState(module);
    assert(state != NULL);
    if (!is_datum(state, op)) {
        PyErr_SetString(PyExc_TypeError, "not a ctype instance");
        return false;
    }
    Py_ssize_t size = ((datum *)op)->size;
    if (self->proto == NULL || self->offset > size || self->size > size - self->offset) {
        PyErr_SetString(PyExc_ValueError, "the field is not in the memory of the instance");
        return false;
    }
    return true;
}

static PyObject *
field_get(PyObject *op, PyObject *instance, PyObject *Py_UNUSED(type))
{
    field_object *self = (field_object *)op;
    if (instance == NULL) {
        return Py_NewRef(op);
    }
    if (!check_instance(self, instance)) {
        return NULL;
    }
    ctypes_state *state = state_of(instance);
    bool whole = self->access.bits > 0
                 && ctypes_is_derived(state, (PyTypeObject *)self->proto);
    return ctypes_get(self->proto, whole ? NULL : &self->access, instance, self->index,
                      self->size, ((datum *)instance)->ptr + self->offset);
}

static int
field_set(PyObject *op, PyObject *instance, PyObject *value)
{
    field_object *self = (field_object *)op;
    if (!check_instance(self, instance)) {
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete attribute");
        return -1;
    }
    return ctypes_set((datum *)instance, self->proto, &self->access, value, self->index,
                      self->size, ((datum *)instance)->ptr + self->offset);
}

static PyObject *
field_get_offset(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(((field_object *)self)->offset);
}

/* The size in bytes; of a bit field: its width times 65536, plus the bits below it. */
static PyObject *
field_get_size(PyObject *op, void *Py_UNUSED(closure))
{
    field_object *self = (field_object *)op;
    if (self->access.bits > 0) {
        return PyLong_FromLong(((long)self->access.bits << 16) + self->access.shift);
    }
    return PyLong_FromSsize_t(self->size);
}

static PyGetSetDef field_getset[] = {
    {"offset", field_get_offset, NULL, "offset in bytes of this field", NULL},
    {"size", field_get_size, NULL, "size in bytes of this field", NULL},
    {NULL}
};

static PyType_Slot field_slots[] = {
    {Py_tp_doc, (void *)"Structure/Union member"},
    {Py_tp_traverse, field_traverse},
    {Py_tp_clear, field_clear},
    {Py_tp_dealloc, field_dealloc},
    {Py_tp_repr, field_repr},
    {Py_tp_descr_get, field_get},
    {Py_tp_descr_set, field_set},
    {Py_tp_getset, field_getset},
    {0, NULL}
};

PyType_Spec ctypes_field_spec = {
    .name = "_ctypes.CField",
    .basicsize = sizeof(field_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = field_slots,
};

/* ------------------------------------------------------------------------------------- layout */

/* A layout that is being computed. */
struct layout {
    ctypes_state *state;
    PyTypeObject *type;
    bool is_union, big_endian_bits;
    Py_ssize_t pack;                // 0: no limit to alignments
    Py_ssize_t offset;              // where the next field begins at the earliest
    Py_ssize_t size, align;         // of the whole up to now
    Py_ssize_t storage;             // bits of the storage of the last bit field, or 0
    Py_ssize_t used;                // bits of it
    Py_ssize_t index;
    bool has_pointer;
    struct ctype_bytes bytes;
    char *format;                   // PyMem block, or NULL
};

/* One element of _fields_; all borrowed. */
struct field_spec {
    PyObject *name, *type;
    int bits;                       // 0: no bit field
};

static int
add_to_format(char **format, const char *text)
{
    size_t old = *format != NULL ? strlen(*format) : 0;
    char *longer = PyMem_Realloc(*format, old + strlen(text) + 1);
    if (longer == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    strcpy(longer + old, text);
    *format = longer;
    return 0;
}

/* Add so many bytes of padding to the format. */
static int
pad_format(struct layout *layout, Py_ssize_t padding)
{
    char text[32] = "x";
    if (padding <= 0) {
        return 0;
    }
    if (padding > 1) {
        snprintf(text, sizeof(text), "%zdx", padding);
    }
    return add_to_format(&layout->format, text);
}

/* Add a field to the format of a structure; `end` is where the last one ended. */
static int
format_field(struct layout *layout, const struct field_spec *spec, const ctype_info *info,
             Py_ssize_t padding)
{
    const char *name = PyUnicode_AsUTF8(spec->name);
    if (layout->is_union || name == NULL) {
        return name != NULL ? 0 : -1;
    }
    char *text = ctypes_make_format("", info, ":");
    int failed = text == NULL || pad_format(layout, padding) < 0
                 || add_to_format(&layout->format, text) < 0
                 || add_to_format(&layout->format, name) < 0
                 || add_to_format(&layout->format, ":") < 0;
    PyMem_Free(text);
    return failed ? -1 : 0;
}

/* Round up; -1 with OverflowError. */
static Py_ssize_t
round_up(Py_ssize_t size, Py_ssize_t align)
{
    assert(size >= 0 && align > 0);
    Py_ssize_t rest = size % align;
    if (rest != 0 && size > PY_SSIZE_T_MAX - align) {
        PyErr_SetString(PyExc_OverflowError, "structure too large");
        return -1;
    }
    return rest != 0 ? size + align - rest : size;
}

static Py_ssize_t
field_align(struct layout *layout, const ctype_info *info)
{
    return layout->pack > 0 ? Py_MIN(layout->pack, info->align) : info->align;
}

/* Place something of its own storage; its offset, or -1 with OverflowError. */
static Py_ssize_t
place(struct layout *layout, const ctype_info *info)
{
    Py_ssize_t align = field_align(layout, info);
    Py_ssize_t offset = layout->is_union ? 0 : round_up(layout->offset, align);
    if (offset < 0) {
        return -1;
    }
    if (info->size > PY_SSIZE_T_MAX - offset) {
        PyErr_SetString(PyExc_OverflowError, "structure too large");
        return -1;
    }
    layout->align = Py_MAX(layout->align, align);
    layout->offset = offset + info->size;
    layout->size = Py_MAX(layout->size, layout->offset);
    return offset;
}

/* Place a bit field; its offset, or -1.  The bits below it go to *shift. */
static Py_ssize_t
place_bits(struct layout *layout, const ctype_info *info, int bits, Py_ssize_t *shift)
{
    Py_ssize_t width = info->size * 8, offset;
    assert(bits > 0 && bits <= width && width <= 64);
    assert(layout->used <= layout->storage);
    bool fits = layout->storage >= width && layout->used + bits <= layout->storage;
    if (!layout->is_union && fits) {
        offset = layout->offset - info->size;
    }
    else if (!layout->is_union && layout->storage > 0 && layout->storage <= width
             && layout->used + bits <= width)
    {
        layout->offset += (width - layout->storage) / 8;
        layout->size = Py_MAX(layout->size, layout->offset);
        layout->storage = width;
        offset = layout->offset - info->size;
    }
    else {
        offset = place(layout, info);
        layout->storage = width;
        layout->used = 0;
    }
    assert(offset < 0 || layout->used + bits <= layout->storage);
    *shift = layout->big_endian_bits ? layout->storage - layout->used - bits : layout->used;
    layout->used += bits;
    return offset;
}

/* Whether a type can have bit fields. */
static bool
allows_bits(const ctype_info *info)
{
    if (info->kind != C_SIMPLE) {
        return false;
    }
    enum code_kind kind = info->access.code->kind;
    return kind == K_SIGNED || kind == K_UNSIGNED || kind == K_BOOL;
}

static int
check_bits(const struct field_spec *spec, const ctype_info *info)
{
    if (!allows_bits(info)) {
        PyErr_Format(PyExc_TypeError, "bit fields not allowed for type %s",
                     ((PyTypeObject *)spec->type)->tp_name);
        return -1;
    }
    if (spec->bits <= 0 || spec->bits > info->size * 8) {
        PyErr_SetString(PyExc_ValueError, "number of bits invalid for bit field");
        return -1;
    }
    return 0;
}

/* How a field's value is accessed when its type does not tell: arrays of characters are text. */
static struct ctype_access
field_access(ctypes_state *state, const ctype_info *info)
{
    struct ctype_access access = {NULL};
    ctype_info *item = info->kind == C_ARRAY && info->proto != NULL
                       ? ctypes_type_info(state, info->proto) : NULL;
    if (item != NULL && item->kind == C_SIMPLE) {
        enum code_kind kind = item->access.code->kind;
        access.code = kind == K_CHAR ? &ctypes_bytes_code
                      : kind == K_WCHAR ? &ctypes_str_code : NULL;
    }
    return access;
}

static field_object *
new_field(ctypes_state *state, PyObject *proto)
{
    field_object *field = PyObject_GC_New(field_object, state->field_type);
    if (field != NULL) {
        field->proto = Py_NewRef(proto);
        field->offset = field->size = field->index = 0;
        field->access = (struct ctype_access){NULL};
        field->anonymous = false;
        PyObject_GC_Track(field);
    }
    return field;
}

/* Lay one field out and make its descriptor an attribute of the class. */
static int
add_field(struct layout *layout, const struct field_spec *spec, bool is_bits)
{
    ctype_info *info = ctypes_type_info(layout->state, spec->type);
    if (info == NULL) {
        PyErr_Format(PyExc_TypeError, "second item in _fields_ tuple (index %zd) must be a C type",
                     layout->index);
        return -1;
    }
    if (is_bits && check_bits(spec, info) < 0) {
        return -1;
    }
    info->final = true;
    Py_ssize_t end = layout->offset, shift = 0, offset;
    if (is_bits) {
        offset = place_bits(layout, info, spec->bits, &shift);
    }
    else {
        layout->storage = layout->used = 0;
        offset = place(layout, info);
    }
    if (offset < 0 || format_field(layout, spec, info, offset - end) < 0) {
        return -1;
    }
    field_object *field = new_field(layout->state, spec->type);
    if (field == NULL) {
        return -1;
    }
    assert(offset + info->size <= layout->size);
    field->offset = offset;
    field->size = info->size;
    field->index = layout->index;
    field->access = field_access(layout->state, info);
    if (is_bits) {
        field->access = info->access;
        field->access.bits = (unsigned char)spec->bits;
        field->access.shift = (unsigned char)shift;
    }
    layout->has_pointer |= info->has_pointer;
    ctypes_add_bytes(&layout->bytes, info, offset);
    int result = PyObject_SetAttr((PyObject *)layout->type, spec->name, (PyObject *)field);
    Py_DECREF(field);
    return result;
}

/* Take (name, type) or (name, type, bits) apart: whether there are bits, or -1 with TypeError. */
static int
read_spec(PyObject *pair, struct field_spec *spec)
{
    spec->bits = 0;
    if (PyTuple_Check(pair) && PyArg_ParseTuple(pair, "UO|i", &spec->name, &spec->type,
                                                &spec->bits))
    {
        return PyTuple_GET_SIZE(pair) == 3;
    }
    PyErr_SetString(PyExc_TypeError, "'_fields_' must be a sequence of (name, C type) pairs");
    return -1;
}

/* Read `_pack_`; 0, or -1 with an exception. */
static int
read_pack(struct layout *layout)
{
    PyObject *value;
    int found = ctypes_lookup((PyObject *)layout->type, "_pack_", &value);
    if (found <= 0) {
        return found;
    }
    int pack = _PyLong_AsInt(value);
    Py_DECREF(value);
    if (pack < 0) {
        if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError)
            && !PyErr_ExceptionMatches(PyExc_OverflowError))
        {
            return -1;
        }
        PyErr_SetString(PyExc_ValueError, "_pack_ must be a non-negative integer");
        return -1;
    }
    layout->pack = pack;
    return 0;
}

/* Begin with what is inherited. */
static int
start_layout(struct layout *layout, PyTypeObject *type, bool is_union)
{
    PyObject *swapped;
    *layout = (struct layout){.state = state_of_type(type), .type = type, .is_union = is_union,
                              .align = 1};
    int found = ctypes_lookup((PyObject *)type, "_swappedbytes_", &swapped);
    if (found < 0) {
        return -1;
    }
    if (found) {
        Py_DECREF(swapped);
    }
    layout->big_endian_bits = (PY_BIG_ENDIAN != 0) != (found == 1);
    if (read_pack(layout) < 0) {
        return -1;
    }
    ctype_info *base = ctypes_type_info(layout->state, (PyObject *)type->tp_base);
    if (base != NULL && base->size > 0) {
        layout->offset = is_union ? 0 : base->size;
        layout->size = base->size;
        layout->align = base->align;
    }
    if (base != NULL) {
        base->final = true;
        layout->index = base->length;
        layout->has_pointer = base->has_pointer;
        layout->bytes = base->bytes;
    }
    return is_union ? 0 : add_to_format(&layout->format, "T{");
}

/* The fields are laid out: let the type have the result. */
static int
finish_layout(struct layout *layout)
{
    ctype_info *info = info_of_type(layout->type);
    assert(layout->offset <= layout->size);
    Py_ssize_t size = round_up(layout->size, layout->align);
    if (size < 0 || pad_format(layout, layout->is_union ? 0 : size - layout->size) < 0
        || add_to_format(&layout->format, layout->is_union ? "B" : "}") < 0)
    {
        return -1;
    }
    if (info->final) {
        PyErr_SetString(PyExc_AttributeError, "Structure or union cannot contain itself");
        return -1;
    }
    PyMem_Free(info->format);
    info->format = layout->format;
    layout->format = NULL;
    ctypes_info_init(info, layout->is_union ? C_UNION : C_STRUCT, size, layout->align,
                     layout->index);
    info->final = true;
    info->has_pointer = layout->has_pointer;
    info->big_endian_bits = layout->big_endian_bits;
    info->bytes = layout->bytes;
    ctypes_set_struct_ffi(info);
    return 0;
}

static int make_anonymous(ctypes_state *state, PyObject *type);

/* Lay a class out by the sequence `_fields_`; 0, or -1 with an exception. */
static int
set_fields(PyTypeObject *type, PyObject *fields, bool is_union)
{
    struct layout layout;
    if (!info_of_type(type)->ready) {
        PyErr_SetString(PyExc_TypeError, "ctypes state is not initialized");
        return -1;
    }
    if (info_of_type(type)->final) {
        PyErr_SetString(PyExc_AttributeError, "_fields_ is final");
        return -1;
    }
    Py_ssize_t n = PySequence_Check(fields) ? PySequence_Size(fields) : -1;
    if (n < 0) {
        if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "'_fields_' must be a sequence of pairs");
        }
        return -1;
    }
    int result = start_layout(&layout, type, is_union);
    Py_ssize_t first = layout.index;
    for (Py_ssize_t i = 0; i < n && result == 0; i++) {
        struct field_spec spec;
        PyObject *pair = PySequence_GetItem(fields, i);
        int is_bits = pair != NULL ? read_spec(pair, &spec) : -1;
        layout.index = first + i;
        result = is_bits < 0 ? -1 : add_field(&layout, &spec, is_bits != 0);
        Py_XDECREF(pair);
    }
    layout.index = first + n;
    if (result == 0) {
        result = finish_layout(&layout);
    }
    PyMem_Free(layout.format);
    return result == 0 ? make_anonymous(layout.state, (PyObject *)type) : -1;
}

/* --------------------------------------------------------------------------- anonymous fields */

static int lift_fields(ctypes_state *state, PyObject *type, PyObject *proto, Py_ssize_t offset,
                       Py_ssize_t index);

/* Let the class have the field of this name of a type as its own, or the fields of that if it is
   anonymous itself.  The type begins at an offset in the class, as the field of an index. */
static int
lift_field(ctypes_state *state, PyObject *type, PyObject *proto, PyObject *name,
           Py_ssize_t offset, Py_ssize_t index)
{
    PyObject *inner = PyObject_GetAttr(proto, name);
    if (inner == NULL) {
        return -1;
    }
    field_object *from = (field_object *)inner, *field;
    int result = -1;
    if (!Py_IS_TYPE(inner, state->field_type) || from->proto == NULL) {
        PyErr_SetString(PyExc_TypeError, "unexpected type");
    }
    else if (from->anonymous) {
        result = lift_fields(state, type, from->proto, offset + from->offset,
                             index + from->index);
    }
    else if ((field = new_field(state, from->proto)) != NULL) {
        field->offset = offset + from->offset;
        field->size = from->size;
        field->index = index + from->index;
        field->access = from->access;
        result = PyObject_SetAttr(type, name, (PyObject *)field);
        Py_DECREF(field);
    }
    Py_DECREF(inner);
    return result;
}

/* The same of all fields of a type. */
static int
lift_fields(ctypes_state *state, PyObject *type, PyObject *proto, Py_ssize_t offset,
            Py_ssize_t index)
{
    PyObject *fields = PyObject_GetAttrString(proto, "_fields_");
    PyObject *fast = fields != NULL ? PySequence_Tuple(fields) : NULL;
    Py_XDECREF(fields);
    if (fast == NULL) {
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fast) && result == 0; i++) {
        PyObject *name = PySequence_GetItem(PyTuple_GET_ITEM(fast, i), 0);
        result = name != NULL ? lift_field(state, type, proto, name, offset, index) : -1;
        Py_XDECREF(name);
    }
    Py_DECREF(fast);
    return result;
}

/* Make the field of this name anonymous. */
static int
make_one_anonymous(ctypes_state *state, PyObject *type, PyObject *name)
{
    PyObject *op = PyObject_GetAttr(type, name);
    if (op == NULL) {
        return -1;
    }
    field_object *field = (field_object *)op;
    int result = -1;
    if (!Py_IS_TYPE(op, state->field_type) || field->proto == NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "'%U' is specified in _anonymous_ but not in _fields_", name);
    }
    else {
        field->anonymous = true;
        result = lift_fields(state, type, field->proto, field->offset, field->index);
    }
    Py_DECREF(op);
    return result;
}

static int
make_anonymous(ctypes_state *state, PyObject *type)
{
    PyObject *names;
    int found = ctypes_lookup(type, "_anonymous_", &names);
    if (found <= 0) {
        return found;
    }
    PyObject *fast = PySequence_Fast(names, "_anonymous_ must be a sequence");
    Py_DECREF(names);
    if (fast == NULL) {
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast) && result == 0; i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(fast, i));
        result = make_one_anonymous(state, type, name);
        Py_DECREF(name);
    }
    Py_DECREF(fast);
    return result;
}

/* ------------------------------------------------------------------------------ the metatypes */

static int
struct_type_init(PyObject *self, PyObject *args, bool is_union)
{
    ctype_info *info = info_of_type((PyTypeObject *)self);
    if (info->ready || PyTuple_GET_SIZE(args) != 3 || !PyDict_Check(PyTuple_GET_ITEM(args, 2))) {
        PyErr_Format(PyExc_TypeError, "type '%s' is already initialized or has no namespace",
                     ((PyTypeObject *)self)->tp_name);
        return -1;
    }
    PyObject *namespace = PyTuple_GET_ITEM(args, 2), *fields;
    int found = ctypes_lookup_item(namespace, "_abstract_", &fields);
    if (found != 0) {
        Py_XDECREF(fields);
        return found > 0 ? 0 : -1;
    }
    if (ctypes_lookup_item(namespace, "_fields_", &fields) < 0) {
        return -1;
    }
    ctypes_state *state = state_of_type((PyTypeObject *)self);
    PyTypeObject *parent = ((PyTypeObject *)self)->tp_base;
    ctype_info *base = ctypes_type_info(state, (PyObject *)parent);
    if (fields == NULL && base != NULL) {
        base->final = true;
        return ctypes_info_copy(info, base);
    }
    ctypes_info_init(info, is_union ? C_UNION : C_STRUCT, 0, 1, 0);
    ctypes_set_struct_ffi(info);
    int result = fields != NULL ? PyObject_SetAttrString(self, "_fields_", fields) : 0;
    Py_XDECREF(fields);
    return result;
}

int
ctypes_struct_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    return struct_type_init(self, args, false);
}

int
ctypes_union_type_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    return struct_type_init(self, args, true);
}

int
ctypes_struct_type_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    if (PyType_Type.tp_setattro(self, name, value) < 0) {
        return -1;
    }
    if (value == NULL || !PyUnicode_Check(name)
        || PyUnicode_CompareWithASCIIString(name, "_fields_") != 0)
    {
        return 0;
    }
    ctypes_state *state = state_of_type((PyTypeObject *)self);
    return set_fields((PyTypeObject *)self, value,
                      PyObject_TypeCheck(self, state->union_meta));
}

/* ------------------------------------------------------------------------ Structure and Union */

/* Whether the class itself (no base) has `_fields_`: 1 and a new reference to a tuple of them, 0,
   or -1 with an exception. */
static int
own_fields(PyTypeObject *type, PyObject **fields)
{
    PyObject *dict = PyType_GetDict(type);
    int found = ctypes_lookup_item(dict, "_fields_", fields);
    Py_DECREF(dict);
    if (found <= 0) {
        return found;
    }
    Py_SETREF(*fields, PySequence_Tuple(*fields));
    return *fields != NULL ? 1 : -1;
}

/* Set one field by position. */
static int
init_field(PyObject *self, PyObject *pair, PyObject *value, PyObject *kwargs)
{
    PyObject *name = PySequence_GetItem(pair, 0);
    if (name == NULL) {
        return -1;
    }
    int result = kwargs != NULL ? PyDict_Contains(kwargs, name) : 0;
    if (result > 0) {
        PyErr_Format(PyExc_TypeError, "duplicate values for field %R", name);
        result = -1;
    }
    if (result == 0) {
        result = PyObject_SetAttr(self, name, value);
    }
    Py_DECREF(name);
    return result;
}

/* Set the fields of a class, those of its bases first, from arguments at an index: the index behind
   the last that was used, or -1 with an exception. */
static Py_ssize_t
init_positional(PyObject *self, PyTypeObject *type, PyObject *args, PyObject *kwargs,
                Py_ssize_t index)
{
    PyTypeObject *base = type->tp_base;
    if (ctypes_type_info(state_of(self), (PyObject *)base) != NULL) {
        index = init_positional(self, base, args, kwargs, index);
        if (index < 0) {
            return -1;
        }
    }
    PyObject *fields;
    int found = own_fields(type, &fields);
    if (found <= 0) {
        return found < 0 ? -1 : index;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(fields);
    for (Py_ssize_t i = 0; i < n && index >= 0 && index < PyTuple_GET_SIZE(args); i++) {
        int failed = init_field(self, PyTuple_GET_ITEM(fields, i), PyTuple_GET_ITEM(args, index),
                                kwargs);
        index = failed ? -1 : index + 1;
    }
    Py_DECREF(fields);
    return index;
}

static int
struct_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0) {
        Py_ssize_t index = init_positional(self, Py_TYPE(self), args, kwargs, 0);
        if (index < 0) {
            return -1;
        }
        if (index < PyTuple_GET_SIZE(args)) {
            PyErr_SetString(PyExc_TypeError, "too many initializers");
            return -1;
        }
    }
    PyObject *name, *value;
    for (Py_ssize_t pos = 0; kwargs != NULL && PyDict_Next(kwargs, &pos, &name, &value);) {
        if (PyObject_SetAttr(self, name, value) < 0) {
            return -1;
        }
    }
    return 0;
}

#define STRUCT_SLOTS(DOC) \
    { \
        {Py_tp_doc, (void *)DOC}, \
        {Py_tp_new, ctypes_data_new}, \
        {Py_tp_init, struct_init}, \
        {Py_tp_traverse, ctypes_data_traverse}, \
        {Py_tp_clear, ctypes_data_clear}, \
        {Py_tp_dealloc, ctypes_data_dealloc}, \
        {Py_bf_getbuffer, ctypes_data_getbuffer}, \
        {0, NULL} \
    }

static PyType_Slot struct_slots[] = STRUCT_SLOTS("Structure base class");
static PyType_Slot union_slots[] = STRUCT_SLOTS("Union base class");

PyType_Spec ctypes_struct_spec = {
    .name = "_ctypes.Structure",
    .basicsize = sizeof(datum),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = struct_slots,
};

PyType_Spec ctypes_union_spec = {
    .name = "_ctypes.Union",
    .basicsize = sizeof(datum),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = union_slots,
};
