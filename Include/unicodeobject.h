/* The str type. A str is a sequence of code points, whatever its storage.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_UNICODEOBJECT_H
#define Py_UNICODEOBJECT_H

#include "object.h"
#include <stdarg.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned int Py_UCS4;
typedef unsigned short Py_UCS2;
typedef unsigned char Py_UCS1;

#define Py_USING_UNICODE
#define Py_UNICODE_SIZE SIZEOF_WCHAR_T
#if Py_UNICODE_SIZE >= 4
#  define Py_UNICODE_WIDE
#endif

/* U+FFFD, what undecodable input is replaced with. */
#define Py_UNICODE_REPLACEMENT_CHARACTER ((Py_UCS4)0xFFFD)

PyAPI_DATA(PyTypeObject) PyUnicodeIter_Type;
PyAPI_DATA(PyTypeObject) PyUnicode_Type;

#define PyUnicode_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_UNICODE_SUBCLASS)
#define PyUnicode_CheckExact(op) Py_IS_TYPE((op), &PyUnicode_Type)

PyAPI_FUNC(void) PyUnicode_Append(PyObject **, PyObject *);
PyAPI_FUNC(void) PyUnicode_AppendAndDel(PyObject **, Py_STEALS PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsASCIIString(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsCharmapString(PyObject *, PyObject *);
_Py_DEPRECATED_EXTERNALLY(
    3.6) PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsDecodedObject(PyObject *, const char *,
    const char *);
_Py_DEPRECATED_EXTERNALLY(
    3.6) PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsDecodedUnicode(PyObject *, const char *,
    const char *);
_Py_DEPRECATED_EXTERNALLY(
    3.6) PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsEncodedObject(PyObject *, const char *,
    const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsEncodedString(PyObject *, const char *,
    const char *);
_Py_DEPRECATED_EXTERNALLY(
    3.6) PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsEncodedUnicode(PyObject *, const char *,
    const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsLatin1String(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsRawUnicodeEscapeString(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsUTF16String(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsUTF32String(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsUTF8String(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_AsUnicodeEscapeString(PyObject *);
PyAPI_FUNC(Py_ssize_t) PyUnicode_AsWideChar(PyObject *, wchar_t *, Py_ssize_t);
PyAPI_FUNC(wchar_t *) PyUnicode_AsWideCharString(PyObject *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_BuildEncodingMap(PyObject *);
PyAPI_FUNC(int) PyUnicode_Compare(PyObject *, PyObject *);
PyAPI_FUNC(int) PyUnicode_CompareWithASCIIString(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Concat(PyObject *, PyObject *);
PyAPI_FUNC(int) PyUnicode_Contains(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyUnicode_Count(PyObject *, PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Decode(const char *, Py_ssize_t, const char *,
    const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeASCII(const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeCharmap(const char *, Py_ssize_t, PyObject *,
    const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeFSDefault(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeFSDefaultAndSize(const char *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeLatin1(const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeRawUnicodeEscape(
    const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF16(const char *, Py_ssize_t, const char *,
    int *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF16Stateful(
    const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF32(const char *, Py_ssize_t, const char *,
    int *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF32Stateful(
    const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF7(const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF7Stateful(
    const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF8(const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUTF8Stateful(
    const char *, Py_ssize_t, const char *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeUnicodeEscape(
    const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_EncodeFSDefault(PyObject *);
PyAPI_FUNC(int) PyUnicode_FSConverter(PyObject *, void *);
PyAPI_FUNC(int) PyUnicode_FSDecoder(PyObject *, void *);
PyAPI_FUNC(Py_ssize_t) PyUnicode_Find(PyObject *, PyObject *, Py_ssize_t, Py_ssize_t, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Format(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromEncodedObject(
    PyObject *, const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromFormat(const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromFormatV(const char *, va_list);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromOrdinal(int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromString(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromStringAndSize(const char *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_FromWideChar(const wchar_t *, Py_ssize_t);
PyAPI_FUNC(const char *) PyUnicode_GetDefaultEncoding(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_InternFromString(const char *);
PyAPI_FUNC(void) PyUnicode_InternInPlace(PyObject **);
PyAPI_FUNC(int) PyUnicode_IsIdentifier(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Join(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Partition(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_RPartition(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_RSplit(PyObject *, PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Replace(PyObject *, PyObject *, PyObject *,
    Py_ssize_t);
PyAPI_FUNC(int) PyUnicode_Resize(PyObject **, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_RichCompare(PyObject *, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Split(PyObject *, PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Splitlines(PyObject *, int);
PyAPI_FUNC(Py_ssize_t) PyUnicode_Tailmatch(PyObject *, PyObject *, Py_ssize_t, Py_ssize_t, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Translate(PyObject *, PyObject *, const char *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(Py_UCS4 *) PyUnicode_AsUCS4(PyObject *, Py_UCS4 *, Py_ssize_t, int);
PyAPI_FUNC(Py_UCS4 *) PyUnicode_AsUCS4Copy(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeLocale(const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_DecodeLocaleAndSize(
    const char *, Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_EncodeLocale(PyObject *, const char *);
PyAPI_FUNC(Py_ssize_t) PyUnicode_FindChar(PyObject *, Py_UCS4, Py_ssize_t, Py_ssize_t, int);
PyAPI_FUNC(Py_ssize_t) PyUnicode_GetLength(PyObject *);
PyAPI_FUNC(Py_UCS4) PyUnicode_ReadChar(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyUnicode_Substring(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) PyUnicode_WriteChar(PyObject *, Py_ssize_t, Py_UCS4);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
PyAPI_FUNC(const char *) PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/unicodeobject.h"
#endif

#endif  /* !Py_UNICODEOBJECT_H */
