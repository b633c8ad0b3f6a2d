/* pickle: one object is written.  Numbers, strings, bytes and buffers are here.
 *
 * An object is first shown to persistent_id(), then looked for in the memo; what it is written as
 * depends on its exact type: everything else, subclasses too, is for its reducer
 * (savereduced.c).
 *
 * Written from the library reference (pickle, pickletools), PEP 307, 3154 and 574, and pickles made
 * by 3.12 at every protocol.
 */
#include "pickle.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCall
#include "pycore_strings.h"     // _Py_ID

/* --- Numbers ---------------------------------------------------------------------------------- */

static int
save_bool(struct pickling *p, PyObject *object)
{
    if (p->protocol >= 2) {
        return write_opcode(p, object == Py_True ? OP_NEWTRUE : OP_NEWFALSE);
    }
    return _PyPickle_Write(p, object == Py_True ? "I01\n" : "I00\n", 4);
}

/* A number as a line of text. */
static int
save_text_number(struct pickling *p, enum opcode opcode, PyObject *repr, const char *end)
{
    int result = -1;
    Py_ssize_t size;
    const char *text = repr != NULL ? PyUnicode_AsUTF8AndSize(repr, &size) : NULL;
    if (text != NULL) {
        result = write_opcode(p, opcode) < 0 || _PyPickle_Write(p, text, size) < 0
                 || _PyPickle_Write(p, end, (Py_ssize_t)strlen(end)) < 0 ? -1 : 0;
    }
    Py_XDECREF(repr);
    return result;
}

/* An int that needs more than four bytes, as two's complement of the fewest bytes. */
static int
save_counted_long(struct pickling *p, PyObject *object)
{
    size_t bits = _PyLong_NumBits(object);
    if (bits == (size_t)-1 && PyErr_Occurred()) {
        return -1;
    }
    size_t bytes = bits / 8 + 1;            /* there is always room for the sign */
    if (bytes > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "int too large to pickle");
        return -1;
    }
    bool is_short = bytes < 256;
    char *at = add_room(p, (is_short ? 2 : 5) + (Py_ssize_t)bytes);
    if (at == NULL) {
        return -1;
    }
    at[0] = (char)(is_short ? OP_LONG1 : OP_LONG4);
    put_little(at + 1, bytes, is_short ? 1 : 4);
    char *number = at + (is_short ? 2 : 5);
    if (_PyLong_AsByteArray((PyLongObject *)object, (unsigned char *)number, bytes, 1, 1) < 0) {
        return -1;
    }
    /* -0x80 needs no byte for the sign, 0x80 does. */
    if (bytes > 1 && number[bytes - 1] == (char)0xff && (number[bytes - 2] & 0x80) != 0) {
        put_little(at + 1, bytes - 1, is_short ? 1 : 4);
        if (bytes == 256) {
            /* Now it has a short size: three bytes fewer. */
            at[0] = (char)OP_LONG1;
            at[1] = (char)0xff;
            memmove(at + 2, number, bytes - 1);
            p->used -= 3;
        }
        p->used--;
    }
    return 0;
}

static int
save_long(struct pickling *p, PyObject *object)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(object, &overflow);
    assert(value != -1 || !PyErr_Occurred());
    bool fits = !overflow && value == (int32_t)value;
    if (!fits && p->protocol >= 2) {
        return save_counted_long(p, object);
    }
    if (!fits || !p->bin) {
        return save_text_number(p, fits ? OP_INT : OP_LONG, PyObject_Repr(object),
                                fits ? "\n" : "L\n");
    }
    bool is_unsigned = value >= 0 && value <= 0xffff;
    int bytes = !is_unsigned ? 4 : value <= 0xff ? 1 : 2;
    return _PyPickle_WriteOpcode(p, bytes == 4 ? OP_BININT : bytes == 1 ? OP_BININT1 : OP_BININT2,
                                 (size_t)value, bytes);
}

static int
save_float(struct pickling *p, PyObject *object)
{
    if (!p->bin) {
        return save_text_number(p, OP_FLOAT, PyObject_Repr(object), "\n");
    }
    char bytes[8];
    return PyFloat_Pack8(PyFloat_AS_DOUBLE(object), bytes, 0) < 0
           || write_opcode(p, OP_BINFLOAT) < 0 ? -1 : _PyPickle_Write(p, bytes, 8);
}

/* --- The memo --------------------------------------------------------------------------------- */

/* An opcode with the number of an object. */
static int
write_number(struct pickling *p, const char *opcodes, Py_ssize_t number, const char *error)
{
    if (!p->bin) {
        char text[32];
        int n = snprintf(text, sizeof(text), "%c%zd\n", opcodes[0], number);
        return _PyPickle_Write(p, text, n);
    }
    if (number < 256) {
        return _PyPickle_WriteOpcode(p, opcodes[1], (size_t)number, 1);
    }
    if ((size_t)number <= UINT32_MAX) {
        return _PyPickle_WriteOpcode(p, opcodes[2], (size_t)number, 4);
    }
    PyErr_SetString(p->state->PicklingError, error);
    return -1;
}

int
_PyPickle_WriteGet(struct pickling *p, Py_ssize_t number)
{
    static const char opcodes[] = {OP_GET, OP_BINGET, OP_LONG_BINGET};
    return write_number(p, opcodes, number, "memo id too large for LONG_BINGET");
}

int
_PyPickle_Memoize(struct pickling *p, PyObject *object)
{
    static const char opcodes[] = {OP_PUT, OP_BINPUT, OP_LONG_BINPUT};
    if (p->fast) {
        return 0;
    }
    Py_ssize_t number = p->memo->used;
    if (_PyPickleMemo_Set(p->memo, object, number) < 0) {
        return -1;
    }
    if (p->protocol >= 4) {
        return write_opcode(p, OP_MEMOIZE);
    }
    return write_number(p, opcodes, number, "memo id too large for LONG_BINPUT");
}

/* --- Strings and bytes ------------------------------------------------------------------------ */

/* Bytes behind an opcode and their number; opcodes are those for 1, 4 and 8 bytes of size (0: not
 * to be used). */
static int
save_counted(struct pickling *p, const unsigned char *opcodes, const char *data, Py_ssize_t size,
             PyObject *object, const char *error)
{
    char header[9];
    int which = size <= 0xff && opcodes[0] != 0 ? 0
                : (size_t)size <= UINT32_MAX && opcodes[1] != 0 ? 1 : 2;
    static const int bytes[] = {1, 4, 8};
    if (opcodes[which] == 0) {
        PyErr_SetString(PyExc_OverflowError, error);
        return -1;
    }
    header[0] = (char)opcodes[which];
    put_little(header + 1, (size_t)size, bytes[which]);
    return _PyPickle_WriteBig(p, header, 1 + bytes[which], data, size, object);
}

/* As raw-unicode-escape, with the characters escaped that end a line or a file, or begin an
 * escape. */
static PyObject *
encode_as_line(PyObject *str)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (length > PY_SSIZE_T_MAX / 10) {
        return PyErr_NoMemory();
    }
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length * 10);
    if (bytes == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(bytes), *at = start;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        bool is_special = c == '\\' || c == '\n' || c == '\r' || c == '\0' || c == 0x1a;
        if (c <= 0xff && !is_special) {
            *at++ = (char)c;
            continue;
        }
        int digits = c <= 0xffff ? 4 : 8;
        *at++ = '\\';
        *at++ = digits == 4 ? 'u' : 'U';
        while (digits-- > 0) {
            *at++ = "0123456789abcdef"[c >> (4 * digits) & 0xf];
        }
    }
    return _PyBytes_Resize(&bytes, at - start) < 0 ? NULL : bytes;
}

static int
save_str_as_line(struct pickling *p, PyObject *str)
{
    PyObject *line = encode_as_line(str);
    if (line == NULL) {
        return -1;
    }
    int result = write_opcode(p, OP_UNICODE) < 0
                 || _PyPickle_Write(p, PyBytes_AS_STRING(line), PyBytes_GET_SIZE(line)) < 0
                 ? -1 : _PyPickle_Write(p, "\n", 1);
    Py_DECREF(line);
    return result;
}

static int
save_str_as_utf8(struct pickling *p, PyObject *str)
{
    static const unsigned char opcodes[2][3] = {
        {0, OP_BINUNICODE, 0}, {OP_SHORT_BINUNICODE, OP_BINUNICODE, OP_BINUNICODE8},
    };
    PyObject *encoded = NULL;
    Py_ssize_t size;
    const char *data;
    if (PyUnicode_IS_COMPACT_ASCII(str)) {
        data = PyUnicode_DATA(str);
        size = PyUnicode_GET_LENGTH(str);
    }
    else {
        /* Lone surrogates are written as if they were characters. */
        encoded = _PyUnicode_AsUTF8String(str, "surrogatepass");
        if (encoded == NULL) {
            return -1;
        }
        data = PyBytes_AS_STRING(encoded);
        size = PyBytes_GET_SIZE(encoded);
    }
    int result = save_counted(p, opcodes[p->protocol >= 4], data, size, encoded,
                              "serializing a string larger than 4 GiB requires pickle protocol 4 "
                              "or higher");
    Py_XDECREF(encoded);
    return result;
}

static int
save_str(struct pickling *p, PyObject *str)
{
    if ((p->bin ? save_str_as_utf8(p, str) : save_str_as_line(p, str)) < 0) {
        return -1;
    }
    return _PyPickle_Memoize(p, str);
}

/* bytes that are written as such, in the name of an object. */
static int
save_bytes_data(struct pickling *p, PyObject *object, const char *data, Py_ssize_t size)
{
    static const unsigned char opcodes[2][3] = {
        {OP_SHORT_BINBYTES, OP_BINBYTES, 0}, {OP_SHORT_BINBYTES, OP_BINBYTES, OP_BINBYTES8},
    };
    if (save_counted(p, opcodes[p->protocol >= 4], data, size, object,
                     "serializing a bytes object larger than 4 GiB requires pickle protocol 4 "
                     "or higher") < 0)
    {
        return -1;
    }
    return _PyPickle_Memoize(p, object);
}

static int
save_bytearray_data(struct pickling *p, PyObject *object, const char *data, Py_ssize_t size)
{
    static const unsigned char opcodes[] = {0, 0, OP_BYTEARRAY8};
    assert(p->protocol >= 5);
    if (save_counted(p, opcodes, data, size, object, NULL) < 0) {
        return -1;
    }
    return _PyPickle_Memoize(p, object);
}

/* callable(*args) with arguments that were just made (stolen). */
static int
save_call(struct pickling *p, PyObject *callable, PyObject *args, PyObject *object)
{
    int result = args != NULL ? _PyPickle_SaveCall(p, callable, args, object) : -1;
    Py_XDECREF(args);
    return result;
}

int
_PyPickle_SaveBytes(struct pickling *p, PyObject *bytes)
{
    if (p->protocol >= 3) {
        return save_bytes_data(p, bytes, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    }
    /* Python 2 has no bytes: it gets its str from text of the same ordinals, and bytes() is a name
     * of str there. */
    if (PyBytes_GET_SIZE(bytes) == 0) {
        return save_call(p, (PyObject *)&PyBytes_Type, PyTuple_New(0), bytes);
    }
    PyObject *text = PyUnicode_DecodeLatin1(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                            "strict");
    if (text == NULL) {
        return -1;
    }
    PyObject *args = PyTuple_Pack(2, text, &_Py_ID(latin1));
    Py_DECREF(text);
    return save_call(p, p->state->codecs_encode, args, bytes);
}

int
_PyPickle_SaveByteArray(struct pickling *p, PyObject *array)
{
    if (p->protocol >= 5) {
        return save_bytearray_data(p, array, PyByteArray_AS_STRING(array),
                                   PyByteArray_GET_SIZE(array));
    }
    if (PyByteArray_GET_SIZE(array) == 0) {
        return save_call(p, (PyObject *)&PyByteArray_Type, PyTuple_New(0), array);
    }
    PyObject *bytes = PyBytes_FromObject(array);
    if (bytes == NULL) {
        return -1;
    }
    PyObject *args = PyTuple_Pack(1, bytes);
    Py_DECREF(bytes);
    return save_call(p, (PyObject *)&PyByteArray_Type, args, array);
}

/* Is a buffer to be written in the pickle?  1, 0: the callback has taken it, or -1. */
static int
is_in_band(struct pickling *p, PyObject *buffer)
{
    if (p->buffer_callback == NULL) {
        return 1;
    }
    PyObject *result = _PyPickle_CallHook(p->buffer_callback, NULL, buffer);
    if (result == NULL) {
        return -1;
    }
    int in_band = PyObject_IsTrue(result);
    Py_DECREF(result);
    return in_band;
}

int
_PyPickle_SaveBuffer(struct pickling *p, PyObject *buffer)
{
    if (p->protocol < 5) {
        PyErr_SetString(p->state->PicklingError,
                        "PickleBuffer can only pickled with protocol >= 5");
        return -1;
    }
    const Py_buffer *view = PyPickleBuffer_GetBuffer(buffer);
    if (view == NULL) {
        return -1;
    }
    if (view->suboffsets != NULL || !PyBuffer_IsContiguous(view, 'A')) {
        PyErr_SetString(p->state->PicklingError, "PickleBuffer can not be pickled when pointing "
                                                 "to a non-contiguous buffer");
        return -1;
    }
    int in_band = is_in_band(p, buffer);
    if (in_band < 0) {
        return -1;
    }
    /* The callback may have released the buffer. */
    view = PyPickleBuffer_GetBuffer(buffer);
    if (view == NULL) {
        return -1;
    }
    if (!in_band) {
        return write_opcode(p, OP_NEXT_BUFFER) < 0
               || (view->readonly && write_opcode(p, OP_READONLY_BUFFER) < 0) ? -1 : 0;
    }
    return view->readonly ? save_bytes_data(p, buffer, view->buf, view->len)
                          : save_bytearray_data(p, buffer, view->buf, view->len);
}

/* --- Any object ------------------------------------------------------------------------------- */

/* An object that may contain others. */
static int
save_compound(struct pickling *p, PyObject *object)
{
    static const struct {
        PyTypeObject *type;
        int (*save)(struct pickling *p, PyObject *object);
    } types[] = {
        {&PyDict_Type, _PyPickle_SaveDict}, {&PyTuple_Type, _PyPickle_SaveTuple},
        {&PyList_Type, _PyPickle_SaveList}, {&PySet_Type, _PyPickle_SaveSet},
        {&PyFrozenSet_Type, _PyPickle_SaveFrozenSet},
        {&PyByteArray_Type, _PyPickle_SaveByteArray}, {&PyPickleBuffer_Type, _PyPickle_SaveBuffer},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (types[i].type == Py_TYPE(object)) {
            return types[i].save(p, object);
        }
    }
    return _PyPickle_SaveOther(p, object);
}

/* A frame ends between objects. */
static inline int
check_frame(struct pickling *p)
{
    return p->frame_start >= 0 ? _PyPickle_EndBigFrame(p) : 0;
}

/* Write an object that has no persistent id. */
static int
save_by_type(struct pickling *p, PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    int result;
    if (type == &PyLong_Type) {
        result = save_long(p, object);
    }
    else if (object == Py_None) {
        result = write_opcode(p, OP_NONE);
    }
    else if (type == &PyBool_Type) {
        result = save_bool(p, object);
    }
    else if (type == &PyFloat_Type) {
        result = save_float(p, object);
    }
    else {
        Py_ssize_t number = memo_find(p->memo, object);
        if (number >= 0) {
            result = _PyPickle_WriteGet(p, number);
        }
        else if (type == &PyUnicode_Type) {
            result = save_str(p, object);
        }
        else if (type == &PyBytes_Type) {
            result = _PyPickle_SaveBytes(p, object);
        }
        else {
            if (_Py_EnterRecursiveCall(" while pickling an object")) {
                return -1;
            }
            result = save_compound(p, object);
            _Py_LeaveRecursiveCall();
        }
    }
    return result;
}

/* A persistent id as a line: only ASCII. */
static int
save_id_as_line(struct pickling *p, PyObject *id)
{
    PyObject *text = PyObject_Str(id);
    if (text == NULL) {
        return -1;
    }
    int result = -1;
    if (!PyUnicode_IS_ASCII(text)) {
        PyErr_SetString(p->state->PicklingError,
                        "persistent IDs in protocol 0 must be ASCII strings");
    }
    else if (write_opcode(p, OP_PERSID) == 0
             && _PyPickle_Write(p, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)) == 0)
    {
        result = _PyPickle_Write(p, "\n", 1);
    }
    Py_DECREF(text);
    return result;
}

/* If the Pickler's user knows the object by a name of its own, write that.  1 if so, 0, or -1. */
static int
save_persistent(struct pickling *p, PyObject *object)
{
    PyObject *id = _PyPickle_CallHook(p->persistent_id, p->persistent_self, object);
    if (id == NULL) {
        return -1;
    }
    int result = 0;
    if (id != Py_None) {
        result = !p->bin ? save_id_as_line(p, id)
                 : check_frame(p) < 0 || save_by_type(p, id) < 0 ? -1
                 : write_opcode(p, OP_BINPERSID);
        result = result < 0 ? -1 : 1;
    }
    Py_DECREF(id);
    return result;
}

int
_PyPickle_Save(struct pickling *p, PyObject *object)
{
    if (check_frame(p) < 0) {
        return -1;
    }
    if (p->persistent_id != NULL) {
        int done = save_persistent(p, object);
        if (done != 0) {
            return done < 0 ? -1 : 0;
        }
    }
    return save_by_type(p, object);
}

int
_PyPickle_SaveNew(struct pickling *p, PyObject *object)
{
    int result = object != NULL ? _PyPickle_Save(p, object) : -1;
    Py_XDECREF(object);
    return result;
}
