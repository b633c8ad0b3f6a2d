/* Layout of str objects (PEP 393), unchecked access to their characters, classes of
   characters, and the writer that builds a str piece by piece.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_UNICODEOBJECT_H
#  error "do not include this file directly, include unicodeobject.h"
#endif

#ifndef Py_CPYTHON_UNICODEOBJECT_H
#define Py_CPYTHON_UNICODEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#define PY_UNICODE_TYPE wchar_t
typedef wchar_t Py_UNICODE;

/* ---- Surrogates ---- */

static inline int
Py_UNICODE_IS_SURROGATE(Py_UCS4 ch)
{
    return 0xD800 <= ch && ch <= 0xDFFF;
}

static inline int
Py_UNICODE_IS_HIGH_SURROGATE(Py_UCS4 ch)
{
    return 0xD800 <= ch && ch <= 0xDBFF;
}

static inline int
Py_UNICODE_IS_LOW_SURROGATE(Py_UCS4 ch)
{
    return 0xDC00 <= ch && ch <= 0xDFFF;
}

static inline Py_UCS4
Py_UNICODE_JOIN_SURROGATES(Py_UCS4 high, Py_UCS4 low)
{
    assert(Py_UNICODE_IS_HIGH_SURROGATE(high));
    assert(Py_UNICODE_IS_LOW_SURROGATE(low));
    return 0x10000 + (((high & 0x03FF) << 10) | (low & 0x03FF));
}

/* The two halves of a character beyond U+FFFF. */
static inline Py_UCS4
Py_UNICODE_HIGH_SURROGATE(Py_UCS4 ch)
{
    assert(0x10000 <= ch && ch <= 0x10FFFF);
    return 0xD800 + ((ch - 0x10000) >> 10);
}

static inline Py_UCS4
Py_UNICODE_LOW_SURROGATE(Py_UCS4 ch)
{
    assert(0x10000 <= ch && ch <= 0x10FFFF);
    return 0xDC00 + (ch & 0x3FF);
}

/* ---- Layout ----
   Three forms, one the prefix of the next. compact: the characters follow the struct,
   PyASCIIObject when ascii is set, PyCompactUnicodeObject otherwise. Not compact (an
   instance of a subclass): PyUnicodeObject, whose data points to them. kind is the size of
   one character: the smallest that holds the largest one. */

typedef struct {
    PyObject_HEAD
    Py_ssize_t length;                          /* number of characters */
    Py_hash_t hash;                             /* -1 while not computed */
    struct {
        unsigned int interned : 2;              /* SSTATE_... */
        unsigned int kind : 3;                  /* bytes of a character */
        unsigned int compact : 1;               /* characters follow the struct */
        unsigned int ascii : 1;                 /* all below 128 */
        unsigned int statically_allocated : 1;  /* part of the program */
    } state;
} PyASCIIObject;

typedef struct {
    PyASCIIObject _base;
    Py_ssize_t utf8_length;  /* bytes of utf8 without the NUL */
    char *utf8;              /* NULL while not computed */
} PyCompactUnicodeObject;

typedef struct {
    PyCompactUnicodeObject _base;
    union {
        void *any;
        Py_UCS1 *latin1;
        Py_UCS2 *ucs2;
        Py_UCS4 *ucs4;
    } data;
} PyUnicodeObject;

/* Values of state.interned. */
#define SSTATE_NOT_INTERNED 0
#define SSTATE_INTERNED_MORTAL 1
#define SSTATE_INTERNED_IMMORTAL 2
#define SSTATE_INTERNED_IMMORTAL_STATIC 3

/* Values of state.kind. */
enum PyUnicode_Kind {
    PyUnicode_1BYTE_KIND = 1,
    PyUnicode_2BYTE_KIND = 2,
    PyUnicode_4BYTE_KIND = 4
};

/* A str under construction. buffer is NULL or the str that data, maxchar, size and kind
   describe; pos characters are written. readonly: buffer is somebody's str, to be copied
   before a write. min_length, min_char and overallocate are wishes of the user. */
typedef struct {
    PyObject *buffer;
    void *data;
    int kind;
    Py_UCS4 maxchar;
    Py_ssize_t size;
    Py_ssize_t pos;
    Py_ssize_t min_length;
    Py_UCS4 min_char;
    unsigned char overallocate;
    unsigned char readonly;
} _PyUnicodeWriter;

PyAPI_DATA(const unsigned char) _Py_ascii_whitespace[128];

PyAPI_FUNC(const char *) PyUnicode_AsUTF8(PyObject *);
PyAPI_FUNC(Py_ssize_t) PyUnicode_CopyCharacters(PyObject *, Py_ssize_t, PyObject *, Py_ssize_t,
    Py_ssize_t);
PyAPI_FUNC(Py_ssize_t) PyUnicode_Fill(PyObject *, Py_ssize_t, Py_ssize_t, Py_UCS4);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromKindAndData(int, const void *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_New(Py_ssize_t, Py_UCS4);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_AsASCIIString(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_AsLatin1String(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_AsUTF8String(PyObject *, const char *);
PyAPI_FUNC(int) _PyUnicode_CheckConsistency(PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_Copy(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_DecodeRawUnicodeEscapeStateful(
    const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_DecodeUnicodeEscapeInternal(
    const char *, Py_ssize_t, const char *, Py_ssize_t *, const char **);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_DecodeUnicodeEscapeStateful(
    const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyAPI_FUNC(int) _PyUnicode_EQ(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_EncodeCharmap(PyObject *, PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_EncodeUTF16(PyObject *, const char *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_EncodeUTF32(PyObject *, const char *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_EncodeUTF7(PyObject *, int, int, const char *);
PyAPI_FUNC(int) _PyUnicode_Equal(PyObject *, PyObject *);
PyAPI_FUNC(int) _PyUnicode_EqualToASCIIId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(int) _PyUnicode_EqualToASCIIString(PyObject *, const char *);
PyAPI_FUNC(void) _PyUnicode_FastCopyCharacters(PyObject *, Py_ssize_t, PyObject *, Py_ssize_t,
    Py_ssize_t);
PyAPI_FUNC(void) _PyUnicode_FastFill(PyObject *, Py_ssize_t, Py_ssize_t, Py_UCS4);
PyAPI_FUNC(Py_UCS4) _PyUnicode_FindMaxChar(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) _PyUnicode_FormatAdvancedWriter(_PyUnicodeWriter *, PyObject *, PyObject *,
    Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_FormatLong(PyObject *, int, int, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_FromASCII(const char *, Py_ssize_t);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyUnicode_FromId(_Py_Identifier *);
PyAPI_FUNC(Py_ssize_t) _PyUnicode_InsertThousandsGrouping(_PyUnicodeWriter *, Py_ssize_t,
    PyObject *, Py_ssize_t, Py_ssize_t, Py_ssize_t, const char *, PyObject *, Py_UCS4 *);
PyAPI_FUNC(int) _PyUnicode_IsAlpha(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsCaseIgnorable(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsCased(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsDecimalDigit(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsDigit(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsLinebreak(const Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsLowercase(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsNumeric(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsPrintable(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsTitlecase(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsUppercase(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsWhitespace(const Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsXidContinue(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_IsXidStart(Py_UCS4);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_JoinArray(PyObject *, PyObject *const *,
    Py_ssize_t);
PyAPI_FUNC(Py_ssize_t) _PyUnicode_ScanIdentifier(PyObject *);
PyAPI_FUNC(int) _PyUnicode_ToDecimalDigit(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_ToDigit(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_ToFoldedFull(Py_UCS4, Py_UCS4 *);
PyAPI_FUNC(int) _PyUnicode_ToLowerFull(Py_UCS4, Py_UCS4 *);
PyAPI_FUNC(Py_UCS4) _PyUnicode_ToLowercase(Py_UCS4);
PyAPI_FUNC(double) _PyUnicode_ToNumeric(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_ToTitleFull(Py_UCS4, Py_UCS4 *);
PyAPI_FUNC(Py_UCS4) _PyUnicode_ToTitlecase(Py_UCS4);
PyAPI_FUNC(int) _PyUnicode_ToUpperFull(Py_UCS4, Py_UCS4 *);
PyAPI_FUNC(Py_UCS4) _PyUnicode_ToUppercase(Py_UCS4);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *);
PyAPI_FUNC(int) _PyUnicode_WideCharString_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyUnicode_WideCharString_Opt_Converter(PyObject *, void *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicode_XStrip(PyObject *, int, PyObject *);
PyAPI_FUNC(void) _PyUnicodeWriter_Dealloc(_PyUnicodeWriter *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicodeWriter_Finish(_PyUnicodeWriter *);
PyAPI_FUNC(void) _PyUnicodeWriter_Init(_PyUnicodeWriter *);
PyAPI_FUNC(int) _PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *, Py_ssize_t, Py_UCS4);
PyAPI_FUNC(int) _PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *, int);
PyAPI_FUNC(int) _PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *, const char *, Py_ssize_t);
PyAPI_FUNC(int) _PyUnicodeWriter_WriteChar(_PyUnicodeWriter *, Py_UCS4);
PyAPI_FUNC(int) _PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *, const char *,
    Py_ssize_t);
PyAPI_FUNC(int) _PyUnicodeWriter_WriteStr(_PyUnicodeWriter *, PyObject *);
PyAPI_FUNC(int) _PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *, PyObject *, Py_ssize_t,
    Py_ssize_t);

#define _PyASCIIObject_CAST(op) (assert(PyUnicode_Check(op)), _Py_CAST(PyASCIIObject *, (op)))
#define _PyCompactUnicodeObject_CAST(op) \
    (assert(PyUnicode_Check(op)), _Py_CAST(PyCompactUnicodeObject *, (op)))
#define _PyUnicodeObject_CAST(op) \
    (assert(PyUnicode_Check(op)), _Py_CAST(PyUnicodeObject *, (op)))

/* ---- Unchecked access ---- */

/* 0, or one of the SSTATE values. */
static inline unsigned int
PyUnicode_CHECK_INTERNED(PyObject *op)
{
    return _PyASCIIObject_CAST(op)->state.interned;
}
#define PyUnicode_CHECK_INTERNED(op) PyUnicode_CHECK_INTERNED(_PyObject_CAST(op))

/* Always so since 3.12. */
static inline unsigned int
PyUnicode_IS_READY(PyObject *Py_UNUSED(op))
{
    return 1;
}
#define PyUnicode_IS_READY(op) PyUnicode_IS_READY(_PyObject_CAST(op))

static inline int
PyUnicode_READY(PyObject *Py_UNUSED(op))
{
    return 0;
}
#define PyUnicode_READY(op) PyUnicode_READY(_PyObject_CAST(op))

static inline unsigned int
PyUnicode_IS_ASCII(PyObject *op)
{
    return _PyASCIIObject_CAST(op)->state.ascii;
}
#define PyUnicode_IS_ASCII(op) PyUnicode_IS_ASCII(_PyObject_CAST(op))

static inline unsigned int
PyUnicode_IS_COMPACT(PyObject *op)
{
    return _PyASCIIObject_CAST(op)->state.compact;
}
#define PyUnicode_IS_COMPACT(op) PyUnicode_IS_COMPACT(_PyObject_CAST(op))

static inline int
PyUnicode_IS_COMPACT_ASCII(PyObject *op)
{
    return _PyASCIIObject_CAST(op)->state.ascii && _PyASCIIObject_CAST(op)->state.compact;
}
#define PyUnicode_IS_COMPACT_ASCII(op) PyUnicode_IS_COMPACT_ASCII(_PyObject_CAST(op))

#define PyUnicode_KIND(op) _Py_RVALUE(_PyASCIIObject_CAST(op)->state.kind)

static inline void *
_PyUnicode_COMPACT_DATA(PyObject *op)
{
    if (PyUnicode_IS_ASCII(op)) {
        return _Py_STATIC_CAST(void *, _PyASCIIObject_CAST(op) + 1);
    }
    return _Py_STATIC_CAST(void *, _PyCompactUnicodeObject_CAST(op) + 1);
}

static inline void *
_PyUnicode_NONCOMPACT_DATA(PyObject *op)
{
    assert(!PyUnicode_IS_COMPACT(op));
    return _PyUnicodeObject_CAST(op)->data.any;
}

static inline void *
PyUnicode_DATA(PyObject *op)
{
    if (PyUnicode_IS_COMPACT(op)) {
        return _PyUnicode_COMPACT_DATA(op);
    }
    return _PyUnicode_NONCOMPACT_DATA(op);
}
#define PyUnicode_DATA(op) PyUnicode_DATA(_PyObject_CAST(op))

/* The characters as an array of the kind that the caller knows them to have. */
#define PyUnicode_1BYTE_DATA(op) _Py_STATIC_CAST(Py_UCS1 *, PyUnicode_DATA(op))
#define PyUnicode_2BYTE_DATA(op) _Py_STATIC_CAST(Py_UCS2 *, PyUnicode_DATA(op))
#define PyUnicode_4BYTE_DATA(op) _Py_STATIC_CAST(Py_UCS4 *, PyUnicode_DATA(op))

static inline Py_ssize_t
PyUnicode_GET_LENGTH(PyObject *op)
{
    return _PyASCIIObject_CAST(op)->length;
}
#define PyUnicode_GET_LENGTH(op) PyUnicode_GET_LENGTH(_PyObject_CAST(op))

/* Store value, which fits the kind, at index. No check at all. */
static inline void
PyUnicode_WRITE(int kind, void *data, Py_ssize_t index, Py_UCS4 value)
{
    assert(index >= 0);
    if (kind == PyUnicode_1BYTE_KIND) {
        assert(value <= 0xffU);
        _Py_STATIC_CAST(Py_UCS1 *, data)[index] = _Py_STATIC_CAST(Py_UCS1, value);
    }
    else if (kind == PyUnicode_2BYTE_KIND) {
        assert(value <= 0xffffU);
        _Py_STATIC_CAST(Py_UCS2 *, data)[index] = _Py_STATIC_CAST(Py_UCS2, value);
    }
    else {
        assert(kind == PyUnicode_4BYTE_KIND);
        assert(value <= 0x10ffffU);
        _Py_STATIC_CAST(Py_UCS4 *, data)[index] = value;
    }
}
#define PyUnicode_WRITE(kind, data, index, value) \
    PyUnicode_WRITE(_Py_STATIC_CAST(int, kind), _Py_CAST(void *, data), \
                    (index), _Py_STATIC_CAST(Py_UCS4, value))

static inline Py_UCS4
PyUnicode_READ(int kind, const void *data, Py_ssize_t index)
{
    assert(index >= 0);
    if (kind == PyUnicode_1BYTE_KIND) {
        return _Py_STATIC_CAST(const Py_UCS1 *, data)[index];
    }
    if (kind == PyUnicode_2BYTE_KIND) {
        return _Py_STATIC_CAST(const Py_UCS2 *, data)[index];
    }
    assert(kind == PyUnicode_4BYTE_KIND);
    return _Py_STATIC_CAST(const Py_UCS4 *, data)[index];
}
#define PyUnicode_READ(kind, data, index) \
    PyUnicode_READ(_Py_STATIC_CAST(int, kind), _Py_STATIC_CAST(const void *, data), (index))

/* For one character; a loop takes kind and data once and uses PyUnicode_READ. */
static inline Py_UCS4
PyUnicode_READ_CHAR(PyObject *unicode, Py_ssize_t index)
{
    assert(index <= PyUnicode_GET_LENGTH(unicode));  /* the NUL may be read */
    return PyUnicode_READ(PyUnicode_KIND(unicode), PyUnicode_DATA(unicode), index);
}
#define PyUnicode_READ_CHAR(unicode, index) \
    PyUnicode_READ_CHAR(_PyObject_CAST(unicode), (index))

/* The largest character that a str of this form may hold: not always one it does hold. */
static inline Py_UCS4
PyUnicode_MAX_CHAR_VALUE(PyObject *op)
{
    if (PyUnicode_IS_ASCII(op)) {
        return 0x7fU;
    }
    unsigned int kind = PyUnicode_KIND(op);
    if (kind == PyUnicode_1BYTE_KIND) {
        return 0xffU;
    }
    if (kind == PyUnicode_2BYTE_KIND) {
        return 0xffffU;
    }
    assert(kind == PyUnicode_4BYTE_KIND);
    return 0x10ffffU;
}
#define PyUnicode_MAX_CHAR_VALUE(op) PyUnicode_MAX_CHAR_VALUE(_PyObject_CAST(op))

/* ---- Writer ---- */

/* The writer's struct is above; Prepare makes room for LENGTH more characters up to
   MAXCHAR and gives 0, or -1 with an exception. */
#define _PyUnicodeWriter_Prepare(WRITER, LENGTH, MAXCHAR) \
    (((MAXCHAR) <= (WRITER)->maxchar && (LENGTH) <= (WRITER)->size - (WRITER)->pos) \
         ? 0 \
         : (((LENGTH) == 0) \
                ? 0 \
                : _PyUnicodeWriter_PrepareInternal((WRITER), (LENGTH), (MAXCHAR))))
#define _PyUnicodeWriter_PrepareKind(WRITER, KIND) \
    ((KIND) <= (WRITER)->kind \
         ? 0 \
         : _PyUnicodeWriter_PrepareKindInternal((WRITER), (KIND)))

/* Name of old of PyUnicode_AsUTF8(). */
#define _PyUnicode_AsString PyUnicode_AsUTF8

/* ---- Classes of characters ---- */

#define Py_UNICODE_ISLOWER(ch) _PyUnicode_IsLowercase(ch)
#define Py_UNICODE_ISUPPER(ch) _PyUnicode_IsUppercase(ch)
#define Py_UNICODE_ISTITLE(ch) _PyUnicode_IsTitlecase(ch)
#define Py_UNICODE_ISLINEBREAK(ch) _PyUnicode_IsLinebreak(ch)
#define Py_UNICODE_TOLOWER(ch) _PyUnicode_ToLowercase(ch)
#define Py_UNICODE_TOUPPER(ch) _PyUnicode_ToUppercase(ch)
#define Py_UNICODE_TOTITLE(ch) _PyUnicode_ToTitlecase(ch)
#define Py_UNICODE_ISDECIMAL(ch) _PyUnicode_IsDecimalDigit(ch)
#define Py_UNICODE_ISDIGIT(ch) _PyUnicode_IsDigit(ch)
#define Py_UNICODE_ISNUMERIC(ch) _PyUnicode_IsNumeric(ch)
#define Py_UNICODE_ISPRINTABLE(ch) _PyUnicode_IsPrintable(ch)
#define Py_UNICODE_TODECIMAL(ch) _PyUnicode_ToDecimalDigit(ch)
#define Py_UNICODE_TODIGIT(ch) _PyUnicode_ToDigit(ch)
#define Py_UNICODE_TONUMERIC(ch) _PyUnicode_ToNumeric(ch)
#define Py_UNICODE_ISALPHA(ch) _PyUnicode_IsAlpha(ch)

static inline int
Py_UNICODE_ISSPACE(Py_UCS4 ch)
{
    if (ch < 128) {
        return _Py_ascii_whitespace[ch];
    }
    return _PyUnicode_IsWhitespace(ch);
}

static inline int
Py_UNICODE_ISALNUM(Py_UCS4 ch)
{
    return Py_UNICODE_ISALPHA(ch) || Py_UNICODE_ISDECIMAL(ch) || Py_UNICODE_ISDIGIT(ch)
           || Py_UNICODE_ISNUMERIC(ch);
}

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_UNICODEOBJECT_H */
