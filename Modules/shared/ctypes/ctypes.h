/* What the files of the module _ctypes share.
 *
 * Words: a "C type" is a class whose metatype is one of the module's six (for a structure, union,
 * array, pointer, function or simple type); its ctype_info is part of the class object.  A class
 * without `ready` is abstract: it has no size and no instances.  A "datum" is an instance of a C
 * type: it has or refers to memory.  A "code" is the letter of a simple type (`_type_`).
 *
 * Keeping things alive: a datum that lies in another's memory has that as `base`; the objects that
 * pointers in the memory need are in `objects` of the outermost one.
 */
#ifndef LADON_CTYPES_H
#define LADON_CTYPES_H

#include "Python.h"

#include <ffi.h>
#include <stdbool.h>
#include <stdint.h>

#define MAX_ARGUMENTS 1024          // CTYPES_MAX_ARGCOUNT

/* _flags_ of a function type. */
#define FUNC_CDECL 0x1
#define FUNC_PYTHONAPI 0x4          // keeps the GIL, looks for an exception
#define FUNC_USE_ERRNO 0x8
#define FUNC_USE_LASTERROR 0x10     // of Windows

typedef struct {
    PyTypeObject *struct_meta, *union_meta, *pointer_meta, *array_meta, *simple_meta,
                 *function_meta;
    PyTypeObject *data_type, *struct_type, *union_type, *pointer_type, *array_type, *simple_type,
                 *function_type;
    PyTypeObject *field_type, *param_type, *callback_type;
    PyObject *argument_error;
    PyObject *pointer_cache;        // dict: C type to the type of pointers to it
    PyObject *unpickle;             // the module's function _unpickle
} ctypes_state;

/* How values of a code are read and written. */
enum code_kind {
    K_CHAR, K_SIGNED, K_UNSIGNED, K_BOOL, K_VARIANT_BOOL, K_FLOAT, K_DOUBLE, K_LONGDOUBLE, K_WCHAR,
    K_CHAR_PTR, K_WCHAR_PTR, K_POINTER, K_OBJECT,
    K_BYTES, K_STR                  // an array of char or wchar_t that is used as a value
};

struct ctype_code {
    char letter;
    enum code_kind kind;
    unsigned char size, align;
    ffi_type *ffi;
    char format;                    // of the struct module, for buffers
};

/* A simple value somewhere in memory. */
struct ctype_access {
    const struct ctype_code *code;  // NULL: it is no simple value
    bool swapped;                   // not in the machine's byte order
    unsigned char bits, shift;      // of a bit field (bits > 0): its width, and bits below it
};

enum ctype_kind {C_SIMPLE, C_STRUCT, C_UNION, C_ARRAY, C_POINTER, C_FUNCTION};

/* Which of the first 16 bytes hold floating point values, and which other ones: what decides how
   a small structure is passed. */
struct ctype_bytes {
    uint16_t floating, other;
    bool long_double;               // there is one
};

typedef struct {
    bool ready;                     // what follows is valid
    bool final;                     // of structures: _fields_ cannot be set any more
    bool has_pointer;               // instances cannot be pickled
    bool big_endian_bits;           // of structures: bit fields begin at the highest bit
    enum ctype_kind kind;
    Py_ssize_t size, align;
    Py_ssize_t length;              // fields, items, 1 for pointers and functions, 0 if simple
    struct ctype_bytes bytes;
    ffi_type *ffi;                  // of libffi, or &own_ffi
    ffi_type own_ffi;
    ffi_type *elements[8];          // of own_ffi, ends with NULL
    struct ctype_access access;     // of simple types
    PyObject *proto;                // type of items or of what is pointed to, or NULL
    PyObject *arrays;               // dict: length to weakref of an array type; or NULL
    Py_ssize_t arrays_limit;        // of its size: beyond it dead entries are removed
    char *format;                   // PyMem block, or NULL: "B"
    int ndim;
    Py_ssize_t *shape;              // PyMem block, or NULL
    int flags;                      // of functions: FUNC_...
    PyObject *argtypes, *converters, *restype;  // of functions: tuples and an object, or NULL
    PyObject *check;                // _check_retval_ of a function's restype, or NULL
} ctype_info;

/* A class object with its information. */
typedef struct {
    PyHeapTypeObject type;
    ctype_info info;
} ctype_object;

union ctype_value {
    char c;
    signed char b;
    short h;
    int i;
    long l;
    long long q;
    float f;
    double d;
    long double g;
    void *p;
    ffi_arg word;
};

/* Memory of a datum that was resized while somebody may have its address. */
struct old_block {
    struct old_block *next;
    void *memory;
};

typedef struct {
    PyObject_HEAD
    char *ptr;                      // the memory
    PyObject *base;                 // the datum whose memory it is, or NULL
    PyObject *objects;              // dict of kept objects, or one object, or NULL
    Py_ssize_t size;                // of the memory
    Py_ssize_t length;              // see ctype_info
    Py_ssize_t index;               // in the base
    int owned;                      // the memory is this object's: `value`, or a PyMem block
    bool shared;                    // somebody else may have the address
    struct old_block *old;
    union ctype_value value;
} datum;

typedef struct {
    datum data;
    PyObject *argtypes, *converters, *restype, *check, *errcheck, *paramflags;  // each or NULL
} function_object;

typedef struct {
    PyObject_HEAD
    Py_ssize_t offset, size;        // in bytes
    Py_ssize_t index;               // of the field in the structure
    PyObject *proto;                // its type
    struct ctype_access access;     // of bit fields and character arrays; code may be NULL
    bool anonymous;                 // the structure's _anonymous_ names it
} field_object;

/* An argument for a call. */
typedef struct {
    PyObject_HEAD
    ffi_type *ffi;
    char tag;                       // a code, or 'P' for addresses, 'V' for structures
    union ctype_value value;        // of a structure: p points to it
    PyObject *object;               // what it keeps alive, or NULL
} param_object;

extern struct PyModuleDef ctypes_module;

static inline ctype_info *
info_of_type(PyTypeObject *type)
{
    assert(PyType_Check(type) && Py_TYPE(type)->tp_basicsize >= (Py_ssize_t)sizeof(ctype_object));
    return &((ctype_object *)type)->info;
}

/* The information of a datum's type. */
static inline ctype_info *
info_of(void *self)
{
    return info_of_type(Py_TYPE((PyObject *)self));
}

/* The state of the module of a C type. */
static inline ctypes_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(type), &ctypes_module);
    assert(module != NULL);
    return (ctypes_state *)PyModule_GetState(module);
}

static inline ctypes_state *
state_of(void *self)
{
    return state_of_type(Py_TYPE((PyObject *)self));
}

static inline bool
is_datum(ctypes_state *state, PyObject *op)
{
    return PyObject_TypeCheck(op, state->data_type);
}

/* The address that a pointer or function has in its memory, which may be unaligned; NULL also for
   a datum whose memory is too small. */
static inline void *
address_in(const datum *self)
{
    void *address = NULL;
    if (self->size >= (Py_ssize_t)sizeof(address)) {
        memcpy(&address, self->ptr, sizeof(address));
    }
    return address;
}

/* --- _ctypes.c -------------------------------------------------------------------------------- */

/* Look an attribute up: 1 and a new reference, 0 without an exception, or -1 with one. */
int ctypes_lookup(PyObject *op, const char *name, PyObject **result);
/* Look a name up in a dict: the same results. */
int ctypes_lookup_item(PyObject *dict, const char *name, PyObject **result);
/* Replace the exception by one of this class: format and arguments, then name and text of the
   old one.  The format is a prefix that ends with a space. */
void ctypes_extend_error(PyObject *exception, const char *format, ...);
/* The address of a symbol in what has the attribute _handle; 0, or -1 with the given class of
   exception for an unknown symbol or another one. */
int ctypes_symbol_of(PyObject *dll, const char *name, PyObject *exception, void **result);

/* --- ctypes_code.c ---------------------------------------------------------------------------- */

#define CTYPES_CODES "cbBhHiIlLdfuzZqQPXOv?g"

extern const struct ctype_code ctypes_bytes_code, ctypes_str_code;

/* The code of a letter, or NULL. */
const struct ctype_code *ctypes_find_code(char letter);
/* Whether a code has a variant in the other byte order. */
bool ctypes_can_swap(const struct ctype_code *code);
/* The value in memory, `size` bytes of it for arrays: a new reference, or NULL with an
   exception. */
PyObject *ctypes_load(const struct ctype_access *access, const char *ptr, Py_ssize_t size);
/* Store a value.  Return what must live as long as the memory, or None (a new reference), or NULL
   with an exception. */
PyObject *ctypes_store(const struct ctype_access *access, char *ptr, PyObject *value,
                       Py_ssize_t size);

/* --- ctypes_info.c ---------------------------------------------------------------------------- */

/* The information of a C type, or NULL (no exception) for anything else and abstract ones. */
ctype_info *ctypes_type_info(ctypes_state *state, PyObject *type);
/* The same of a datum's type. */
ctype_info *ctypes_object_info(ctypes_state *state, PyObject *op);
/* Make a type ready, with what is common: no exception. */
void ctypes_info_init(ctype_info *info, enum ctype_kind kind, Py_ssize_t size, Py_ssize_t align,
                      Py_ssize_t length);
/* Copy what a structure inherits; 0, or -1 with MemoryError. */
int ctypes_info_copy(ctype_info *info, ctype_info *from);
/* Add the bytes of a part at an offset to those of the whole. */
void ctypes_add_bytes(struct ctype_bytes *bytes, const ctype_info *part, Py_ssize_t offset);
/* Set the type for libffi of a structure or union from its size, align and bytes. */
void ctypes_set_struct_ffi(ctype_info *info);
/* A format: "head", the shape in parentheses if there is one, the format of a type (NULL: "B").
   A PyMem block, or NULL with MemoryError. */
char *ctypes_make_format(const char *head, const ctype_info *info, const char *tail);
/* The array type of so many items (new reference), or NULL with an exception. */
PyObject *ctypes_array_type(ctypes_state *state, PyTypeObject *item, Py_ssize_t length);
/* from_param of types in general. */
PyObject *ctypes_from_param(PyObject *type, PyObject *value);
/* The same function of the value's attribute _as_parameter_; like ctypes_lookup(). */
int ctypes_as_parameter(PyObject *(*from_param)(PyObject *, PyObject *), PyObject *type,
                        PyObject *value, PyObject **result);
int ctypes_make_metatypes(PyObject *module, ctypes_state *state);

/* --- ctypes_data.c ---------------------------------------------------------------------------- */

extern PyType_Spec ctypes_data_spec;
extern PyType_Spec ctypes_simple_spec, ctypes_struct_spec, ctypes_union_spec, ctypes_array_spec,
                   ctypes_pointer_spec, ctypes_function_spec, ctypes_field_spec,
                   ctypes_param_spec, ctypes_callback_spec;

/* Slots of the types of data. */
PyObject *ctypes_data_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int ctypes_data_traverse(PyObject *self, visitproc visit, void *arg);
int ctypes_data_clear(PyObject *self);
void ctypes_data_dealloc(PyObject *self);
int ctypes_data_getbuffer(PyObject *self, Py_buffer *view, int flags);
/* A datum in memory of another one, or with a copy of the memory if base is NULL. */
PyObject *ctypes_new_part(PyTypeObject *type, PyObject *base, Py_ssize_t index, char *ptr);
/* A datum at an address. */
PyObject *ctypes_new_at(PyTypeObject *type, char *ptr);
/* Change the size of memory that the datum has; 0, or -1 with MemoryError. */
int ctypes_resize_data(datum *self, Py_ssize_t size);
/* The objects that a datum keeps: borrowed dict, object or None; NULL with MemoryError. */
PyObject *ctypes_kept_objects(datum *self);
/* The same; in place of None there is a new dict. */
PyObject *ctypes_kept_dict(datum *self);
/* Keep an object (consumed; None: nothing) for the part of a datum; 0, or -1 with an exception. */
int ctypes_keep(datum *self, Py_ssize_t index, PyObject *keep);
/* The value of a part: `access` may be NULL or without code, then the type tells. */
PyObject *ctypes_get(PyObject *type, const struct ctype_access *access, PyObject *base,
                     Py_ssize_t index, Py_ssize_t size, char *ptr);
/* Set it; 0, or -1 with an exception. */
int ctypes_set(datum *base, PyObject *type, const struct ctype_access *access, PyObject *value,
               Py_ssize_t index, Py_ssize_t size, char *ptr);
/* Whether values of the type are its instances though it is simple: it is a subclass of another
   C type. */
bool ctypes_is_derived(ctypes_state *state, PyTypeObject *type);

/* --- ctypes_types.c, ctypes_struct.c, ctypes_function.c: inits of the metatypes --------------- */

int ctypes_simple_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_pointer_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_array_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_struct_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_union_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_function_type_init(PyObject *self, PyObject *args, PyObject *kwargs);
int ctypes_struct_type_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *ctypes_simple_from_param(PyObject *type, PyObject *value);
PyObject *ctypes_pointer_from_param(PyObject *type, PyObject *value);
PyObject *ctypes_pointer_set_type(PyObject *self, PyObject *type);

/* --- ctypes_call.c ---------------------------------------------------------------------------- */

/* A parameter without a value; its object is consumed (or NULL). */
param_object *ctypes_new_param(ctypes_state *state, char tag, ffi_type *ffi, PyObject *object);
/* A parameter that is an address; the object is not consumed. */
PyObject *ctypes_address_param(ctypes_state *state, char tag, void *ptr, PyObject *object);
/* Call a C function.  `argtypes` (converters) may be NULL; restype: NULL means int.  A new
   reference, or NULL with an exception. */
PyObject *ctypes_call(ctypes_state *state, void *function, PyObject *args, int flags,
                      PyObject *converters, PyObject *restype, PyObject *check);
/* The thread's copy of errno (borrowed memory), or NULL with an exception. */
int *ctypes_errno(void);
/* Exchange errno with the thread's copy; 0, or -1 with an exception. */
int ctypes_swap_errno(void);

/* --- ctypes_callback.c ------------------------------------------------------------------------ */

/* A new callback object that calls `callable`; *code is its address. */
PyObject *ctypes_new_callback(ctypes_state *state, PyObject *callable, PyObject *argtypes,
                              PyObject *restype, int flags, void **code);

#endif
