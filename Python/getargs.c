/* PyArg_Parse*: arguments by a format string, positional ones.
 *
 * A format is read left to right, together with the va_list of addresses that it describes.
 * One unit is converted by convert_simple(), grouped by letters in one function each; nested
 * "(...)" units recurse over sequences.  Whatever was allocated or exported for earlier units is
 * on an undo list, run when a later unit fails.  Conversion messages are C text without
 * the argument's number; _getargs_set_error() makes the exception out of both.
 * Keywords are in Python/getargs_keywords.c.
 * Written from the C API reference (parsing arguments) and the messages of CPython 3.12. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_getargs.h"     // _getargs_convert()

#include <float.h>
#include <limits.h>

#define BAD_UNIT "impossible<bad format char>"
#define BAD_FORMAT "(" BAD_UNIT ")"
#define NOT_A_TUPLE "new style getargs format but argument is not a tuple"


/* ---------------------------------------------------------------------- undo list */

void
_getargs_init_cleanups(_getargs_cleanups *list)
{
    list->entries = list->fixed;
    list->used = 0;
    list->allocated = (int)Py_ARRAY_LENGTH(list->fixed);
}

static int
free_pointer(PyObject *Py_UNUSED(self), void *item)
{
    void **address = item;
    PyMem_Free(*address);
    *address = NULL;
    return 0;
}

static int
release_buffer(PyObject *Py_UNUSED(self), void *item)
{
    PyBuffer_Release(item);
    return 0;
}

/* 0, or -1 with MemoryError after undoing the new entry. */
static int
add_cleanup(_getargs_cleanups *list, void *item, int (*destroy)(PyObject *, void *))
{
    assert(item != NULL && list->used <= list->allocated);
    if (list->used == list->allocated) {
        int allocated = list->allocated * 2;
        _getargs_cleanup *entries = PyMem_Malloc((size_t)allocated * sizeof(*entries));
        if (entries == NULL) {
            PyErr_NoMemory();
            destroy(NULL, item);
            return -1;
        }
        memcpy(entries, list->entries, (size_t)list->used * sizeof(*entries));
        if (list->entries != list->fixed) {
            PyMem_Free(list->entries);
        }
        list->entries = entries;
        list->allocated = allocated;
    }
    list->entries[list->used].item = item;
    list->entries[list->used].destroy = destroy;
    list->used++;
    return 0;
}

int
_getargs_finish_cleanups(_getargs_cleanups *list, int ok)
{
    if (!ok) {
        for (int i = 0; i < list->used; i++) {
            list->entries[i].destroy(NULL, list->entries[i].item);
        }
    }
    if (list->entries != list->fixed) {
        PyMem_Free(list->entries);
    }
    return ok;
}


/* ------------------------------------------------------------------------- errors */

void
_getargs_set_error(Py_ssize_t iarg, const char *msg, const int *levels, const char *fname,
                   const char *message)
{
    if (PyErr_Occurred()) {
        return;
    }
    char buf[512];
    assert(msg != NULL && iarg >= 0);
    if (message == NULL) {
        char *p = buf;
        size_t room = sizeof(buf);
        if (fname != NULL) {
            p += PyOS_snprintf(p, room, "%.200s() ", fname);
        }
        if (iarg != 0) {
            p += PyOS_snprintf(p, room - (size_t)(p - buf), "argument %zd", iarg);
            for (int i = 0; i < GETARGS_MAX_LEVELS && levels[i] > 0 && p - buf < 220; i++) {
                p += PyOS_snprintf(p, room - (size_t)(p - buf), ", item %d", levels[i] - 1);
            }
        }
        else {
            p += PyOS_snprintf(p, room - (size_t)(p - buf), "argument");
        }
        PyOS_snprintf(p, room - (size_t)(p - buf), " %.256s", msg);
        message = buf;
    }
    PyErr_SetString(msg[0] == '(' ? PyExc_SystemError : PyExc_TypeError, message);
}

static const char *
type_text(PyObject *arg)
{
    return arg == Py_None ? "None" : Py_TYPE(arg)->tp_name;
}

/* "must be X, not Y"; a text in parentheses (a fault of the caller) as it is. */
static const char *
mismatch(const char *expected, PyObject *arg, char *msgbuf, size_t bufsize)
{
    assert(expected != NULL && arg != NULL);
    if (expected[0] == '(') {
        PyOS_snprintf(msgbuf, bufsize, "%.100s", expected);
    }
    else {
        PyOS_snprintf(msgbuf, bufsize, "must be %.50s, not %.50s", expected, type_text(arg));
    }
    return msgbuf;
}

/* What a conversion returns when an exception is set already. */
#define ERROR_SET "(error pending)"


/* ------------------------------------------------------------------ format units */

/* All that a unit may need, so that the families below have one signature. */
typedef struct {
    PyObject *arg;
    const char *format;         /* behind the letters read so far */
    _getargs_va *va;
    int flags;
    char *msgbuf;
    size_t bufsize;
    _getargs_cleanups *cleanups;
} unit;

#define NEXT(U, TYPE) va_arg((U)->va->va, TYPE)
#define MISMATCH(U, EXPECTED) mismatch((EXPECTED), (U)->arg, (U)->msgbuf, (U)->bufsize)

/* Takes the character c if it comes next. */
static inline int
accept(unit *u, char c)
{
    if (*u->format != c) {
        return 0;
    }
    u->format++;
    return 1;
}

/* A C long between two bounds. */
static int
ranged_long(PyObject *arg, long low, long high, const char *what, long *value)
{
    *value = PyLong_AsLong(arg);
    if (*value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*value < low || *value > high) {
        PyErr_Format(PyExc_OverflowError, "%s is %s", what,
                     *value < low ? "less than minimum" : "greater than maximum");
        return -1;
    }
    return 0;
}

/* Units for integers of limited range: b h i l n L. */
static const char *
convert_signed(unit *u, char c)
{
    long value;
    switch (c) {
    case 'b': {
        unsigned char *p = NEXT(u, unsigned char *);
        if (ranged_long(u->arg, 0, UCHAR_MAX, "unsigned byte integer", &value) < 0) {
            return ERROR_SET;
        }
        *p = (unsigned char)value;
        return NULL;
    }
    case 'h': {
        short *p = NEXT(u, short *);
        if (ranged_long(u->arg, SHRT_MIN, SHRT_MAX, "signed short integer", &value) < 0) {
            return ERROR_SET;
        }
        *p = (short)value;
        return NULL;
    }
    case 'i': {
        int *p = NEXT(u, int *);
        if (ranged_long(u->arg, INT_MIN, INT_MAX, "signed integer", &value) < 0) {
            return ERROR_SET;
        }
        *p = (int)value;
        return NULL;
    }
    case 'l': {
        long *p = NEXT(u, long *);
        value = PyLong_AsLong(u->arg);
        if (value == -1 && PyErr_Occurred()) {
            return ERROR_SET;
        }
        *p = value;
        return NULL;
    }
    case 'n': {
        Py_ssize_t *p = NEXT(u, Py_ssize_t *);
        Py_ssize_t size = -1;
        PyObject *index = PyNumber_Index(u->arg);
        if (index != NULL) {
            size = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
        if (size == -1 && PyErr_Occurred()) {
            return ERROR_SET;
        }
        *p = size;
        return NULL;
    }
    default: {
        assert(c == 'L');
        long long *p = NEXT(u, long long *);
        long long number = PyLong_AsLongLong(u->arg);
        if (number == -1 && PyErr_Occurred()) {
            return ERROR_SET;
        }
        *p = number;
        return NULL;
    }
    }
}

/* Units for integers without overflow check: B H I k K. */
static const char *
convert_masked(unit *u, char c)
{
    if (c == 'k' || c == 'K') {
        void *p = NEXT(u, void *);
        if (!PyLong_Check(u->arg)) {
            return MISMATCH(u, "int");
        }
        if (c == 'k') {
            *(unsigned long *)p = PyLong_AsUnsignedLongMask(u->arg);
        }
        else {
            *(unsigned long long *)p = PyLong_AsUnsignedLongLongMask(u->arg);
        }
        return NULL;
    }
    void *p = NEXT(u, void *);
    unsigned long value = PyLong_AsUnsignedLongMask(u->arg);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return ERROR_SET;
    }
    if (c == 'B') {
        *(unsigned char *)p = (unsigned char)value;
    }
    else if (c == 'H') {
        *(unsigned short *)p = (unsigned short)value;
    }
    else {
        *(unsigned int *)p = (unsigned int)value;
    }
    return NULL;
}

/* Units f d D p. */
static const char *
convert_real(unit *u, char c)
{
    if (c == 'D') {
        Py_complex *p = NEXT(u, Py_complex *);
        Py_complex value = PyComplex_AsCComplex(u->arg);
        if (PyErr_Occurred()) {
            return ERROR_SET;
        }
        *p = value;
        return NULL;
    }
    if (c == 'p') {
        int *p = NEXT(u, int *);
        int truth = PyObject_IsTrue(u->arg);
        if (truth < 0) {
            return ERROR_SET;
        }
        *p = truth != 0;
        return NULL;
    }
    void *p = NEXT(u, void *);
    double value = PyFloat_AsDouble(u->arg);
    if (value == -1.0 && PyErr_Occurred()) {
        return ERROR_SET;
    }
    if (c == 'f') {
        *(float *)p = (float)value;
    }
    else {
        *(double *)p = value;
    }
    return NULL;
}

/* Units c and C. */
static const char *
convert_character(unit *u, char c)
{
    if (c == 'C') {
        int *p = NEXT(u, int *);
        if (!PyUnicode_Check(u->arg) || PyUnicode_GET_LENGTH(u->arg) != 1) {
            return MISMATCH(u, "a unicode character");
        }
        *p = (int)PyUnicode_READ_CHAR(u->arg, 0);
        return NULL;
    }
    char *p = NEXT(u, char *);
    if (PyBytes_Check(u->arg) && PyBytes_GET_SIZE(u->arg) == 1) {
        *p = PyBytes_AS_STRING(u->arg)[0];
    }
    else if (PyByteArray_Check(u->arg) && PyByteArray_GET_SIZE(u->arg) == 1) {
        *p = PyByteArray_AS_STRING(u->arg)[0];
    }
    else {
        return MISMATCH(u, "a byte string of length 1");
    }
    return NULL;
}

/* A contiguous buffer of an object: 0, or -1 with *expected naming what is wanted (an exception
   may be set too, and then counts). */
static int
get_buffer(PyObject *arg, Py_buffer *view, const char **expected)
{
    if (PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) != 0) {
        *expected = "bytes-like object";
        return -1;
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        *expected = "contiguous buffer";
        return -1;
    }
    return 0;
}

/* The memory of an object whose buffer needs no release: its size, or -1 as above. */
static Py_ssize_t
get_memory(PyObject *arg, const void **p, const char **expected)
{
    PyBufferProcs *procs = Py_TYPE(arg)->tp_as_buffer;
    Py_buffer view;
    assert(p != NULL && expected != NULL);
    *p = NULL;
    if (procs != NULL && procs->bf_releasebuffer != NULL) {
        *expected = "read-only bytes-like object";
        return -1;
    }
    if (get_buffer(arg, &view, expected) < 0) {
        return -1;
    }
    Py_ssize_t size = view.len;
    *p = view.buf;
    PyBuffer_Release(&view);
    return size;
}

/* '#' stores a Py_ssize_t, so the caller must have said that it means that. */
static int
hash_allowed(const unit *u)
{
    if (u->flags & GETARGS_SIZE_T) {
        return 1;
    }
    PyErr_SetString(PyExc_SystemError, "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
    return 0;
}

static const char *
add_buffer(unit *u, Py_buffer *view)
{
    return add_cleanup(u->cleanups, view, release_buffer) < 0 ? ERROR_SET : NULL;
}

/* Units y* s* z*. */
static const char *
convert_to_buffer(unit *u, char c)
{
    Py_buffer *p = NEXT(u, Py_buffer *);
    if (c == 'z' && u->arg == Py_None) {
        PyBuffer_FillInfo(p, NULL, NULL, 0, 1, 0);
    }
    else if (c != 'y' && PyUnicode_Check(u->arg)) {
        Py_ssize_t len;
        const char *text = PyUnicode_AsUTF8AndSize(u->arg, &len);
        if (text == NULL || PyBuffer_FillInfo(p, u->arg, (void *)text, len, 1, 0) < 0) {
            return ERROR_SET;
        }
    }
    else {
        const char *expected;
        if (get_buffer(u->arg, p, &expected) < 0) {
            return MISMATCH(u, expected);
        }
    }
    return add_buffer(u, p);
}

/* Units y# s# z#. */
static const char *
convert_to_memory(unit *u, char c)
{
    const void **p = NEXT(u, const void **);
    if (c != 'y' && !hash_allowed(u)) {
        return ERROR_SET;
    }
    const void *memory = NULL;
    Py_ssize_t count = 0;
    if (c == 'z' && u->arg == Py_None) {
        /* NULL and 0 */
    }
    else if (c != 'y' && PyUnicode_Check(u->arg)) {
        memory = PyUnicode_AsUTF8AndSize(u->arg, &count);
        if (memory == NULL) {
            return ERROR_SET;
        }
    }
    else {
        const char *expected;
        count = get_memory(u->arg, &memory, &expected);
        if (count < 0) {
            return MISMATCH(u, expected);
        }
        if (!hash_allowed(u)) {
            return ERROR_SET;
        }
    }
    *p = memory;
    *NEXT(u, Py_ssize_t *) = count;
    return NULL;
}

/* Units y s z without suffix: text without NUL. */
static const char *
convert_to_string(unit *u, char c)
{
    const char **p = NEXT(u, const char **);
    Py_ssize_t size;
    if (c == 'z' && u->arg == Py_None) {
        *p = NULL;
        return NULL;
    }
    if (c == 'y') {
        const char *expected;
        size = get_memory(u->arg, (const void **)p, &expected);
        if (size < 0) {
            return MISMATCH(u, expected);
        }
    }
    else if (PyUnicode_Check(u->arg)) {
        *p = PyUnicode_AsUTF8AndSize(u->arg, &size);
        if (*p == NULL) {
            return ERROR_SET;
        }
    }
    else {
        return MISMATCH(u, c == 'z' ? "str or None" : "str");
    }
    if (strlen(*p) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError,
                        c == 'y' ? "embedded null byte" : "embedded null character");
        return ERROR_SET;
    }
    return NULL;
}

static const char *
convert_text(unit *u, char c)
{
    if (accept(u, '*')) {
        return convert_to_buffer(u, c);
    }
    if (accept(u, '#')) {
        return convert_to_memory(u, c);
    }
    return convert_to_string(u, c);
}

/* The bytes of unit es or et (`recode` for es): new reference, or NULL with *msg set. */
static PyObject *
encode_argument(unit *u, const char *encoding, int recode, const char **msg)
{
    if (!recode && PyBytes_Check(u->arg)) {
        return Py_NewRef(u->arg);
    }
    if (!recode && PyByteArray_Check(u->arg)) {
        PyObject *bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(u->arg),
                                                    PyByteArray_GET_SIZE(u->arg));
        *msg = ERROR_SET;
        return bytes;
    }
    if (!PyUnicode_Check(u->arg)) {
        *msg = MISMATCH(u, recode ? "str" : "str, bytes or bytearray");
        return NULL;
    }
    PyObject *bytes = PyUnicode_AsEncodedString(u->arg, encoding, NULL);
    if (bytes == NULL) {
        *msg = MISMATCH(u, "(encoding failed)");
    }
    else if (!PyBytes_Check(bytes)) {
        Py_CLEAR(bytes);
        *msg = MISMATCH(u, "(encoder failed to return bytes)");
    }
    return bytes;
}

/* Copies into memory allocated here, to be freed by the caller's caller. */
static const char *
store_new_copy(unit *u, char **buffer, PyObject *bytes)
{
    size_t size = (size_t)PyBytes_GET_SIZE(bytes);
    *buffer = PyMem_Malloc(size + 1);
    if (*buffer == NULL) {
        PyErr_NoMemory();
        return ERROR_SET;
    }
    if (add_cleanup(u->cleanups, buffer, free_pointer) < 0) {
        return ERROR_SET;
    }
    memcpy(*buffer, PyBytes_AS_STRING(bytes), size + 1);
    return NULL;
}

/* es# and et#: into the given buffer if there is one. */
static const char *
store_with_size(unit *u, char **buffer, PyObject *bytes)
{
    if (!hash_allowed(u)) {
        return ERROR_SET;
    }
    Py_ssize_t *plen = NEXT(u, Py_ssize_t *);
    if (plen == NULL) {
        return MISMATCH(u, "(buffer_len is NULL)");
    }
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    if (*buffer == NULL) {
        const char *msg = store_new_copy(u, buffer, bytes);
        if (msg != NULL) {
            return msg;
        }
    }
    else {
        if (size + 1 > *plen) {
            PyErr_Format(PyExc_ValueError, "encoded string too long (%zd, maximum length %zd)",
                         size, *plen - 1);
            return ERROR_SET;
        }
        memcpy(*buffer, PyBytes_AS_STRING(bytes), (size_t)size + 1);
    }
    *plen = size;
    return NULL;
}

/* Units es et es# et#. */
static const char *
convert_encoded(unit *u, char Py_UNUSED(c))
{
    const char *encoding = NEXT(u, const char *);
    if (encoding == NULL) {
        encoding = PyUnicode_GetDefaultEncoding();
    }
    int recode;
    if (accept(u, 's')) {
        recode = 1;
    }
    else if (accept(u, 't')) {
        recode = 0;
    }
    else {
        return MISMATCH(u, "(unknown parser marker combination)");
    }
    char **buffer = NEXT(u, char **);
    if (buffer == NULL) {
        return MISMATCH(u, "(buffer is NULL)");
    }
    const char *msg;
    PyObject *bytes = encode_argument(u, encoding, recode, &msg);
    if (bytes == NULL) {
        return msg;
    }
    if (accept(u, '#')) {
        msg = store_with_size(u, buffer, bytes);
    }
    else if (strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
        msg = MISMATCH(u, "encoded string without null bytes");
    }
    else {
        msg = store_new_copy(u, buffer, bytes);
    }
    Py_DECREF(bytes);
    return msg;
}

typedef int (*converter_function)(PyObject *, void *);

/* Units O O! O& S U Y. */
static const char *
convert_object(unit *u, char c)
{
    if (c == 'O' && accept(u, '&')) {
        converter_function convert = NEXT(u, converter_function);
        void *address = NEXT(u, void *);
        int res = convert(u->arg, address);
        if (res == 0) {
            return MISMATCH(u, "(unspecified)");
        }
        if (res == Py_CLEANUP_SUPPORTED && add_cleanup(u->cleanups, address, convert) < 0) {
            return ERROR_SET;
        }
        return NULL;
    }
    if (c == 'O' && accept(u, '!')) {
        PyTypeObject *type = NEXT(u, PyTypeObject *);
        PyObject **p = NEXT(u, PyObject **);
        if (!PyType_IsSubtype(Py_TYPE(u->arg), type)) {
            return MISMATCH(u, type->tp_name);
        }
        *p = u->arg;
        return NULL;
    }
    PyObject **p = NEXT(u, PyObject **);
    if (c == 'S' && !PyBytes_Check(u->arg)) {
        return MISMATCH(u, "bytes");
    }
    if (c == 'Y' && !PyByteArray_Check(u->arg)) {
        return MISMATCH(u, "bytearray");
    }
    if (c == 'U' && !PyUnicode_Check(u->arg)) {
        return MISMATCH(u, "str");
    }
    *p = u->arg;
    return NULL;
}

/* Unit w*. */
static const char *
convert_writable(unit *u, char Py_UNUSED(c))
{
    Py_buffer *p = NEXT(u, Py_buffer *);
    if (!accept(u, '*')) {
        return MISMATCH(u, "(invalid use of 'w' format character)");
    }
    if (PyObject_GetBuffer(u->arg, p, PyBUF_WRITABLE) < 0) {
        PyErr_Clear();
        return MISMATCH(u, "read-write bytes-like object");
    }
    if (!PyBuffer_IsContiguous(p, 'C')) {
        PyBuffer_Release(p);
        return MISMATCH(u, "contiguous buffer");
    }
    return add_buffer(u, p);
}

static const char *
convert_simple(unit *u)
{
    char c = *u->format++;
    switch (c) {
    case 'b': case 'h': case 'i': case 'l': case 'n': case 'L':
        return convert_signed(u, c);
    case 'B': case 'H': case 'I': case 'k': case 'K':
        return convert_masked(u, c);
    case 'f': case 'd': case 'D': case 'p':
        return convert_real(u, c);
    case 'c': case 'C':
        return convert_character(u, c);
    case 'y': case 's': case 'z':
        return convert_text(u, c);
    case 'e':
        return convert_encoded(u, c);
    case 'O': case 'S': case 'U': case 'Y':
        return convert_object(u, c);
    case 'w':
        return convert_writable(u, c);
    default:
        return MISMATCH(u, BAD_FORMAT);
    }
}


/* ------------------------------------------------------------------- nested items */

/* The number of units at the top level of a group, up to its ')' or the end. */
static int
count_units(const char *format)
{
    int level = 0, n = 0;
    for (;; format++) {
        char c = *format;
        if (c == '(') {
            n += level == 0;
            level++;
        }
        else if (c == ')') {
            if (level == 0) {
                return n;
            }
            level--;
        }
        else if (c == ':' || c == ';' || c == '\0') {
            return n;
        }
        else if (level == 0 && Py_ISALPHA(c) && c != 'e') {
            /* The second letter counts for "es" and "et". */
            n++;
        }
    }
}

/* The items of a sequence by the units of a group; format is behind the '('. */
static const char *
convert_group(PyObject *arg, const char **p_format, _getargs_va *p_va, int flags, int *levels,
              char *msgbuf, size_t bufsize, _getargs_cleanups *cleanups)
{
    const char *format = *p_format;
    assert(arg != NULL && format[-1] == '(');
    int n = count_units(format);
    levels[0] = 0;
    if (!PySequence_Check(arg) || PyBytes_Check(arg)) {
        PyOS_snprintf(msgbuf, bufsize, "must be %d-item sequence, not %.50s", n, type_text(arg));
        return msgbuf;
    }
    Py_ssize_t len = PySequence_Size(arg);
    if (len != n) {
        PyOS_snprintf(msgbuf, bufsize, "must be sequence of length %d, not %zd", n, len);
        return msgbuf;
    }
    for (int i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        if (item == NULL) {
            PyErr_Clear();
            levels[0] = i + 1;
            levels[1] = 0;
            PyOS_snprintf(msgbuf, bufsize, "%s", "is not retrievable");
            return msgbuf;
        }
        const char *msg = _getargs_convert(item, &format, p_va, flags, levels + 1, msgbuf,
                                           bufsize, cleanups);
        /* As documented, results borrow from the argument: the sequence keeps the item. */
        Py_DECREF(item);
        if (msg != NULL) {
            levels[0] = i + 1;
            return msg;
        }
    }
    *p_format = format;
    return NULL;
}

const char *
_getargs_convert(PyObject *arg, const char **p_format, _getargs_va *p_va, int flags, int *levels,
                 char *msgbuf, size_t bufsize, _getargs_cleanups *cleanups)
{
    if (**p_format == '(') {
        const char *format = *p_format + 1;
        const char *msg = convert_group(arg, &format, p_va, flags, levels, msgbuf, bufsize,
                                        cleanups);
        if (msg == NULL) {
            *p_format = format + 1;
        }
        return msg;
    }
    assert(arg != NULL);
    unit u = {arg, *p_format, p_va, flags, msgbuf, bufsize, cleanups};
    const char *msg = convert_simple(&u);
    if (msg == NULL) {
        *p_format = u.format;
    }
    else {
        levels[0] = 0;
    }
    return msg;
}

/* Steps over the C arguments of one simple unit. */
static const char *
skip_simple(const char **p_format, _getargs_va *p_va, int flags)
{
    const char *format = *p_format;
    char c = *format++;
    (void)va_arg(p_va->va, void *);
    switch (c) {
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'l': case 'k': case 'L':
    case 'K': case 'n': case 'f': case 'd': case 'D': case 'c': case 'p': case 'C':
    case 'S': case 'Y': case 'U':
        break;
    case 'e':                           /* that was the encoding */
        (void)va_arg(p_va->va, char **);
        if (*format != 's' && *format != 't') {
            return BAD_UNIT;
        }
        format++;
        /* fall through */
    case 's': case 'z': case 'y': case 'w':
        if (*format == '#') {
            if (!(flags & GETARGS_SIZE_T)) {
                return "PY_SSIZE_T_CLEAN macro must be defined for '#' formats";
            }
            (void)va_arg(p_va->va, Py_ssize_t *);
            format++;
        }
        else if (*format == '*') {
            format++;
        }
        break;
    case 'O':
        if (*format == '!' || *format == '&') {
            (void)va_arg(p_va->va, void *);
            format++;
        }
        break;
    default:
        return BAD_UNIT;
    }
    *p_format = format;
    return NULL;
}

const char *
_getargs_skip(const char **p_format, _getargs_va *p_va, int flags)
{
    if (**p_format != '(') {
        return skip_simple(p_format, p_va, flags);
    }
    (*p_format)++;
    while (**p_format != ')') {
        if (**p_format == '\0' || **p_format == ':' || **p_format == ';') {
            return "Unmatched left paren in format string";
        }
        const char *msg = _getargs_skip(p_format, p_va, flags);
        if (msg != NULL) {
            return msg;
        }
    }
    (*p_format)++;
    return NULL;
}


/* ------------------------------------------------------------- whole argument lists */

/* What a format says apart from its units. */
typedef struct {
    int min, max;               /* how many arguments */
    const char *fname;          /* behind ':' or NULL */
    const char *message;        /* behind ';' or NULL */
} format_summary;

static void
summarize_format(const char *format, format_summary *summary)
{
    int level = 0, min = -1, max = 0;
    summary->fname = summary->message = NULL;
    for (int end = 0; !end; ) {
        char c = *format++;
        switch (c) {
        case '(':
            max += level == 0;
            level++;
            if (level >= GETARGS_MAX_LEVELS - 2) {
                Py_FatalError("too many tuple nesting levels in argument format string");
            }
            break;
        case ')':
            if (level == 0) {
                Py_FatalError("excess ')' in getargs format");
            }
            level--;
            break;
        case '\0':
            end = 1;
            break;
        case ':':
            summary->fname = format;
            end = 1;
            break;
        case ';':
            summary->message = format;
            end = 1;
            break;
        case '|':
            if (level == 0) {
                min = max;
            }
            break;
        default:
            if (level == 0 && Py_ISALPHA(c) && c != 'e') {
                max++;
            }
            break;
        }
    }
    if (level != 0) {
        Py_FatalError("missing ')' in getargs format");
    }
    summary->max = max;
    summary->min = min < 0 ? max : min;
}

/* Raises for a wrong number of arguments. */
static void
count_error(const format_summary *summary, Py_ssize_t nargs)
{
    int min = summary->min, max = summary->max;
    if (summary->message != NULL) {
        PyErr_SetString(PyExc_TypeError, summary->message);
        return;
    }
    int limit = nargs < min ? min : max;
    PyErr_Format(PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)",
                 summary->fname != NULL ? summary->fname : "function",
                 summary->fname != NULL ? "()" : "",
                 min == max ? "exactly" : nargs < min ? "at least" : "at most",
                 limit, limit == 1 ? "" : "s", nargs);
}

/* PyArg_Parse(): one argument, or none. */
static int
parse_compat(PyObject *arg, const char *format, const format_summary *summary, _getargs_va *va,
             int flags, _getargs_cleanups *cleanups)
{
    int levels[GETARGS_MAX_LEVELS];
    char msgbuf[256];
    if (summary->max == 0) {
        if (arg == NULL) {
            return 1;
        }
        PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments",
                     summary->fname != NULL ? summary->fname : "function",
                     summary->fname != NULL ? "()" : "");
        return 0;
    }
    if (summary->min != 1 || summary->max != 1) {
        PyErr_SetString(PyExc_SystemError, "old style getargs format uses new features");
        return 0;
    }
    if (arg == NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes at least one argument",
                     summary->fname != NULL ? summary->fname : "function",
                     summary->fname != NULL ? "()" : "");
        return 0;
    }
    const char *msg = _getargs_convert(arg, &format, va, flags, levels, msgbuf, sizeof(msgbuf),
                                       cleanups);
    if (msg != NULL) {
        /* There is no number to give. */
        _getargs_set_error(levels[0], msg, levels + 1, summary->fname, summary->message);
        return 0;
    }
    return 1;
}

static int
parse_items(PyObject *const *args, Py_ssize_t nargs, const char *format,
            const format_summary *summary, _getargs_va *va, int flags,
            _getargs_cleanups *cleanups)
{
    int levels[GETARGS_MAX_LEVELS];
    char msgbuf[256];
    if (nargs < summary->min || nargs > summary->max) {
        count_error(summary, nargs);
        return 0;
    }
    assert(summary->min <= summary->max);
    const char *start = format;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (*format == '|') {
            format++;
        }
        const char *msg = _getargs_convert(args[i], &format, va, flags, levels, msgbuf,
                                           sizeof(msgbuf), cleanups);
        if (msg != NULL) {
            _getargs_set_error(i + 1, msg, levels, summary->fname, summary->message);
            return 0;
        }
    }
    if (*format != '\0' && !Py_ISALPHA(*format) && *format != '(' && *format != '|'
        && *format != ':' && *format != ';')
    {
        PyErr_Format(PyExc_SystemError, "bad format string: %.200s", start);
        return 0;
    }
    return 1;
}

static int
parse_args(PyObject *compat_arg, PyObject *const *args, Py_ssize_t nargs, const char *format,
           _getargs_va *va, int flags)
{
    format_summary summary;
    _getargs_cleanups cleanups;
    summarize_format(format, &summary);
    _getargs_init_cleanups(&cleanups);
    int ok = (flags & GETARGS_COMPAT)
        ? parse_compat(compat_arg, format, &summary, va, flags, &cleanups)
        : parse_items(args, nargs, format, &summary, va, flags, &cleanups);
    return _getargs_finish_cleanups(&cleanups, ok);
}

static int
parse_tuple(PyObject *args, const char *format, va_list va, int flags)
{
    if (!(flags & GETARGS_COMPAT) && (args == NULL || !PyTuple_Check(args))) {
        PyErr_SetString(PyExc_SystemError, NOT_A_TUPLE);
        return 0;
    }
    _getargs_va lva;
    va_copy(lva.va, va);
    int ok = (flags & GETARGS_COMPAT)
        ? parse_args(args, NULL, 0, format, &lva, flags)
        : parse_args(NULL, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), format,
                     &lva, flags);
    va_end(lva.va);
    return ok;
}


/* -------------------------------------------------------------------- entry points */

#undef PyArg_Parse
#undef PyArg_ParseTuple
#undef PyArg_VaParse
#undef _PyArg_ParseStack

#define PARSE(NAME, FLAGS)                                                      \
    int                                                                         \
    NAME(PyObject *args, const char *format, ...)                               \
    {                                                                           \
        va_list va;                                                             \
        va_start(va, format);                                                   \
        int ok = parse_tuple(args, format, va, FLAGS);                          \
        va_end(va);                                                             \
        return ok;                                                              \
    }

PARSE(PyArg_Parse, GETARGS_COMPAT)
PARSE(_PyArg_Parse_SizeT, GETARGS_COMPAT | GETARGS_SIZE_T)
PARSE(PyArg_ParseTuple, 0)
PARSE(_PyArg_ParseTuple_SizeT, GETARGS_SIZE_T)

int
PyArg_VaParse(PyObject *args, const char *format, va_list va)
{
    return parse_tuple(args, format, va, 0);
}

int
_PyArg_VaParse_SizeT(PyObject *args, const char *format, va_list va)
{
    return parse_tuple(args, format, va, GETARGS_SIZE_T);
}

#define PARSE_STACK(NAME, FLAGS)                                                \
    int                                                                         \
    NAME(PyObject *const *args, Py_ssize_t nargs, const char *format, ...)      \
    {                                                                           \
        _getargs_va va;                                                         \
        va_start(va.va, format);                                                \
        int ok = parse_args(NULL, args, nargs, format, &va, FLAGS);             \
        va_end(va.va);                                                          \
        return ok;                                                              \
    }

PARSE_STACK(_PyArg_ParseStack, 0)
PARSE_STACK(_PyArg_ParseStack_SizeT, GETARGS_SIZE_T)


/* ------------------------------------------------------------- unpacking and checks */

#undef _PyArg_CheckPositional
int
_PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    assert(min >= 0 && min <= max);
    if (nargs >= min && nargs <= max) {
        return 1;
    }
    Py_ssize_t limit = nargs < min ? min : max;
    const char *bound = min == max ? "" : nargs < min ? "at least " : "at most ";
    if (name != NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name, bound,
                     limit, limit == 1 ? "" : "s", nargs);
    }
    else {
        PyErr_Format(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd",
                     bound, limit, limit == 1 ? "" : "s", nargs);
    }
    return 0;
}

static int
unpack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max,
       va_list vargs)
{
    assert(nargs >= 0 && (args != NULL || nargs == 0));
    if (!_PyArg_CheckPositional(name, nargs, min, max)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject **o = va_arg(vargs, PyObject **);
        *o = args[i];
    }
    return 1;
}

int
PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError,
                        "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    va_list vargs;
    va_start(vargs, max);
    int ok = unpack(((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), name, min, max,
                    vargs);
    va_end(vargs);
    return ok;
}

int
_PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min,
                   Py_ssize_t max, ...)
{
    va_list vargs;
    va_start(vargs, max);
    int ok = unpack(args, nargs, name, min, max, vargs);
    va_end(vargs);
    return ok;
}

#undef _PyArg_NoKeywords
#undef _PyArg_NoPositional
#undef _PyArg_NoKwnames

/* 1 if there are no keyword arguments (dict or NULL), else 0 with TypeError. */
int
_PyArg_NoKeywords(const char *funcname, PyObject *kwargs)
{
    if (kwargs == NULL) {
        return 1;
    }
    if (!PyDict_CheckExact(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyDict_GET_SIZE(kwargs) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", funcname);
    return 0;
}

int
_PyArg_NoPositional(const char *funcname, PyObject *args)
{
    if (args == NULL) {
        return 1;
    }
    if (!PyTuple_CheckExact(args)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyTuple_GET_SIZE(args) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", funcname);
    return 0;
}

int
_PyArg_NoKwnames(const char *funcname, PyObject *kwnames)
{
    if (kwnames == NULL) {
        return 1;
    }
    assert(PyTuple_CheckExact(kwnames));
    if (PyTuple_GET_SIZE(kwnames) == 0) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", funcname);
    return 0;
}

void
_PyArg_BadArgument(const char *fname, const char *displayname, const char *expected,
                   PyObject *arg)
{
    PyErr_Format(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", fname, displayname,
                 expected, type_text(arg));
}
