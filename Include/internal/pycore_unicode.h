/* Internal interface of the str type; prototypes grouped under the file that defines them. */
#ifndef Py_INTERNAL_UNICODE_H
#define Py_INTERNAL_UNICODE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_error_handler.h"   // _Py_error_handler

struct _Py_interned_table;

#define _PyUnicode_MAX 0x10ffff

/* --- Objects/unicode/create.c -------------------------------------------------------------- */

extern PyObject *_PyUnicode_GetEmpty(void);                 /* borrowed, immortal */
extern PyObject *_PyUnicode_FromUCS1(const Py_UCS1 *s, Py_ssize_t n);
extern PyObject *_PyUnicode_FromUCS2(const Py_UCS2 *s, Py_ssize_t n);
extern PyObject *_PyUnicode_FromUCS4(const Py_UCS4 *s, Py_ssize_t n);
extern PyObject *_PyUnicode_FromChar(Py_UCS4 ch);           /* a str of one character */
/* Widen or narrow n characters; narrowing requires that every character fits. */
extern void _PyUnicode_CopyKind(int dkind, void *dest, Py_ssize_t dpos,
                                int skind, const void *src, Py_ssize_t spos, Py_ssize_t n);
/* The least of 0x7f, 0xff, 0xffff, 0x10ffff that bounds all n characters. */
extern Py_UCS4 _PyUnicode_MaxCharOf(int kind, const void *data, Py_ssize_t n);
/* Fresh PyMem block with the text widened to kind, or NULL with MemoryError. */
extern void *_PyUnicode_Widened(int skind, const void *src, Py_ssize_t n, int kind);
extern int _PyUnicode_IsModifiable(PyObject *op);
/* New reference: `op` itself when it is an exact str, else an exact copy. */
extern PyObject *_PyUnicode_Unchanged(PyObject *op);
/* 0, or -1 with TypeError "must be str, not X". */
extern int _PyUnicode_EnsureStr(PyObject *op);
extern void _PyUnicode_ClearHash(PyObject *op);
extern PyObject *_PyUnicode_SubtypeFrom(PyTypeObject *type, PyObject *text);
extern void _PyUnicode_Dealloc(PyObject *op);

/* The text of a str, taken apart once. */
struct _unicode_view {
    int kind;
    const void *data;
    Py_ssize_t length;
};

static inline struct _unicode_view
_PyUnicode_View(PyObject *op)
{
    struct _unicode_view v = {PyUnicode_KIND(op), PyUnicode_DATA(op), PyUnicode_GET_LENGTH(op)};
    return v;
}

/* --- Objects/unicode/compare.c ------------------------------------------------------------- */

extern Py_hash_t _PyUnicode_Hash(PyObject *op);             /* tp_hash */

static inline Py_hash_t
_PyUnicode_CachedHash(PyObject *op)
{
    return __atomic_load_n(&((PyASCIIObject *)op)->hash, __ATOMIC_RELAXED);
}

/* --- Objects/unicode/intern.c -------------------------------------------------------------- */

/* Take a dying string out of the current heap's table; 0 if it is not in there. */
extern int _PyUnicode_Unintern(PyObject *op);
/* Free the table of an ending heap. */
extern void _PyUnicode_ClearInternedTable(struct _Py_interned_table *table);
extern void _PyUnicode_ClearIds(PyInterpreterState *interp);

/* --- Objects/unicode/find.c ---------------------------------------------------------------- */

/* Index of sub in str[start:end] (already clipped), -1 not found, -2 with an exception. */
extern Py_ssize_t _PyUnicode_FindSlice(PyObject *str, PyObject *sub,
                                       Py_ssize_t start, Py_ssize_t end, int direction);
extern Py_ssize_t _PyUnicode_CountSlice(PyObject *str, PyObject *sub,
                                        Py_ssize_t start, Py_ssize_t end);
extern int _PyUnicode_TailMatch(PyObject *str, PyObject *sub,
                                Py_ssize_t start, Py_ssize_t end, int direction);
extern PyObject *_PyUnicode_ReplaceN(PyObject *str, PyObject *old, PyObject *new_,
                                     Py_ssize_t maxcount);

/* --- Objects/unicode/split.c --------------------------------------------------------------- */

extern PyObject *_PyUnicode_SplitAny(PyObject *str, PyObject *sep_or_none, Py_ssize_t max);
extern PyObject *_PyUnicode_RSplitAny(PyObject *str, PyObject *sep_or_none, Py_ssize_t max);
extern PyObject *_PyUnicode_Strip(PyObject *str, int which, PyObject *chars_or_none);
extern PyObject *_PyUnicode_Pad(PyObject *str, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill);
extern PyObject *_PyUnicode_ExpandTabs(PyObject *str, int tabsize);
extern PyObject *_PyUnicode_ZFill(PyObject *str, Py_ssize_t width);
extern PyObject *_PyUnicode_Repeat(PyObject *str, Py_ssize_t n);

enum { _PyUnicode_STRIP_LEFT = 0, _PyUnicode_STRIP_RIGHT = 1, _PyUnicode_STRIP_BOTH = 2 };

/* --- Objects/unicode/case.c ---------------------------------------------------------------- */

extern PyObject *_PyUnicode_Lower(PyObject *str);
extern PyObject *_PyUnicode_Upper(PyObject *str);
extern PyObject *_PyUnicode_Title(PyObject *str);
extern PyObject *_PyUnicode_Capitalize(PyObject *str);
extern PyObject *_PyUnicode_SwapCase(PyObject *str);
extern PyObject *_PyUnicode_CaseFold(PyObject *str);

enum _unicode_predicate {
    _PyUnicode_IS_ALPHA, _PyUnicode_IS_ALNUM, _PyUnicode_IS_DECIMAL, _PyUnicode_IS_DIGIT,
    _PyUnicode_IS_NUMERIC, _PyUnicode_IS_SPACE, _PyUnicode_IS_PRINTABLE,
    _PyUnicode_IS_LOWER, _PyUnicode_IS_UPPER, _PyUnicode_IS_TITLE,
};
extern int _PyUnicode_Test(PyObject *str, enum _unicode_predicate what);
extern PyObject *_PyUnicode_Repr(PyObject *str);            /* tp_repr */

/* --- Objects/unicode/strformat.c ----------------------------------------------------------- */

extern PyObject *_PyUnicode_DoFormat(PyObject *format, PyObject *args, PyObject *kwargs);
extern PyObject *_PyUnicode_FormatterParser(PyObject *format);
extern PyObject *_PyUnicode_FormatterFieldNameSplit(PyObject *name);
extern PyTypeObject _PyUnicodeFormatterIter_Type;
extern PyTypeObject _PyUnicodeFieldNameIter_Type;

/* --- Objects/unicode/translate.c ----------------------------------------------------------- */

extern PyObject *_PyUnicode_Translate(PyObject *str, PyObject *table, const char *errors);
extern PyObject *_PyUnicode_MakeTrans(PyObject *x, PyObject *y, PyObject *z);
extern PyTypeObject _PyUnicodeEncodingMap_Type;

/* --- Objects/unicode/codec_errors.c -------------------------------------------------------- */

/* One decoding run: input, output and what the error handler needs.  Everything that reads the
   input reads it through `start`..`end`, since a handler may substitute another bytes object. */
struct _unicode_decoder {
    const char *encoding;           /* name for the exception */
    const char *errors;             /* NULL means strict */
    const char *start;              /* first byte of the input */
    const char *end;                /* one past its last byte */
    _Py_error_handler handler;      /* looked up at the first error; _Py_ERROR_UNKNOWN before */
    PyObject *callback;             /* strong, or NULL */
    PyObject *exc;                  /* strong UnicodeDecodeError, reused, or NULL */
    PyObject *input;                /* strong: the object of exc */
    _PyUnicodeWriter writer;
};

extern void _PyUnicode_DecoderInit(struct _unicode_decoder *d, const char *encoding,
                                   const char *s, Py_ssize_t size, const char *errors);
extern void _PyUnicode_DecoderClear(struct _unicode_decoder *d);       /* drops the writer too */
extern PyObject *_PyUnicode_DecoderFinish(struct _unicode_decoder *d); /* the str; clears d */
/* Handle undecodable input [from, to).  Returns where to go on in d->start..d->end, or NULL with
   an exception. */
extern const char *_PyUnicode_DecoderError(struct _unicode_decoder *d, const char *from,
                                           const char *to, const char *reason);

/* One encoding run's error state. */
struct _unicode_encoder {
    const char *encoding;
    const char *errors;             /* NULL means strict */
    PyObject *str;                  /* borrowed text */
    _Py_error_handler handler;      /* as above */
    PyObject *callback;             /* strong, or NULL */
    PyObject *exc;                  /* strong UnicodeEncodeError, or NULL */
};

extern void _PyUnicode_EncoderInit(struct _unicode_encoder *e, const char *encoding,
                                   PyObject *str, const char *errors);
extern void _PyUnicode_EncoderClear(struct _unicode_encoder *e);
/* Ask the registered handler about str[from:to].  Returns its replacement (str or bytes, new
   reference) and the position to go on from, or NULL with an exception. */
extern PyObject *_PyUnicode_EncoderError(struct _unicode_encoder *e, const char *reason,
                                         Py_ssize_t from, Py_ssize_t to, Py_ssize_t *newpos);
extern void _PyUnicode_RaiseEncodeError(struct _unicode_encoder *e, const char *reason,
                                        Py_ssize_t from, Py_ssize_t to);
/* Find e->handler; 0 or -1 with an exception. */
extern _Py_error_handler _PyUnicode_EncoderHandler(struct _unicode_encoder *e);
/* Append the \x, \u, \U or &#...; forms of str[from:to] to p, which has room. */
extern char *_PyUnicode_BackslashForms(PyObject *str, Py_ssize_t from, Py_ssize_t to, char *p);
extern char *_PyUnicode_XmlForms(PyObject *str, Py_ssize_t from, Py_ssize_t to, char *p);
extern Py_ssize_t _PyUnicode_BackslashSize(PyObject *str, Py_ssize_t from, Py_ssize_t to);
extern Py_ssize_t _PyUnicode_XmlSize(PyObject *str, Py_ssize_t from, Py_ssize_t to);

/* --- Objects/unicode/codec_utf8.c ---------------------------------------------------------- */

/* Bytes needed for the text in UTF-8 when surrogates are allowed through. */
extern Py_ssize_t _PyUnicode_UTF8Length(int kind, const void *data, Py_ssize_t n);
extern int _PyUnicode_FillUTF8(PyObject *op);
/* wchar_t conversions that need no interpreter; results as documented at the definitions. */
PyAPI_FUNC(int) _Py_DecodeUTF8Ex(const char *s, Py_ssize_t size, wchar_t **wstr, size_t *wlen,
                            const char **reason, _Py_error_handler errors);
PyAPI_FUNC(wchar_t *) _Py_DecodeUTF8_surrogateescape(const char *arg, Py_ssize_t arglen,
                                                     size_t *wlen);
PyAPI_FUNC(int) _Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos,
                            const char **reason, int raw_malloc, _Py_error_handler errors);
/* Length of the leading run of bytes < 0x80. */
extern Py_ssize_t _PyUnicode_AsciiRun(const char *s, const char *end);

/* --- Objects/unicode/codec_common.c -------------------------------------------------------- */

/* "UTF 8", "utf8", ... -> "utf_8" form in buffer; 0 when it does not fit or is not ASCII. */
extern int _PyUnicode_NormalizeEncoding(const char *name, char *buffer, size_t size);
/* Choose the filesystem codec from the configuration; 0 or -1 with an exception. */
extern int _PyUnicode_InitFSCodec(PyThreadState *tstate);
extern PyStatus _PyUnicode_InitEncodings(PyThreadState *tstate);
extern void _PyUnicode_ClearFSCodec(PyInterpreterState *interp);

/* --- Objects/unicodeobject.c --------------------------------------------------------------- */

extern PyStatus _PyUnicode_InitTypes(PyInterpreterState *interp);
extern void _PyUnicode_Fini(PyInterpreterState *interp);

#endif
