/* The module unicodedata: properties, names and normal forms of characters, Unicode 15.0.
 *
 * The functions of the module are at the same time the methods of the type UCD, whose only
 * object, ucd_3_2_0, answers for Unicode 3.2.0: `self` tells which.  The tables are const data
 * (Modules/unicodedata/); an interpreter owns nothing but the module, the type and that object.
 *
 * Written from the library reference (unicodedata) and observed messages; sources of the parts
 * stand in their files.
 */
#define PY_SSIZE_T_CLEAN            // for s#
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_ucnhash.h"
#include "structmember.h"           // PyMemberDef
#include "unicodedata/unicodedata.h"

#define NAME_BUFFER 256             /* longest name to be looked up, and room for any name */

typedef struct {
    PyObject_HEAD
    const char *version;
} UCDobject;

#include "sig/unicodedata.sig.h"

/* Is self the object for Unicode 3.2.0? */
static inline bool
is_old(PyObject *self)
{
    return self != NULL && !PyModule_Check(self);
}

/* What is returned where a character has no such value. */
static PyObject *
no_value(PyObject *default_value, const char *message)
{
    if (default_value == NULL) {
        PyErr_SetString(PyExc_ValueError, message);
        return NULL;
    }
    return Py_NewRef(default_value);
}

/* --- Values ----------------------------------------------------------------------------------- */

/*sig UCD.decimal(self, chr: codepoint, default: object = NULL, /)

Converts a Unicode character into its equivalent decimal value.

Returns the decimal value assigned to the character chr as integer.
If no such value is defined, default is returned, or, if not given,
ValueError is raised.
*/
static PyObject *
UCD_decimal_impl(PyObject *self, int chr, PyObject *default_value)
{
    Py_UCS4 ch = (Py_UCS4)chr;
    int value = -1;
    if (!is_old(self) || _PyUCD_Record(ch)->old_category != 0) {
        value = _PyUnicode_ToDecimalDigit(ch);
        if (value < 0 && is_old(self)) {
            value = _PyUCD_OldDecimal(ch);
        }
    }
    return value >= 0 ? PyLong_FromLong(value) : no_value(default_value, "not a decimal");
}

/*sig UCD.digit(self, chr: codepoint, default: object = NULL, /)

Converts a Unicode character into its equivalent digit value.

Returns the digit value assigned to the character chr as integer.
If no such value is defined, default is returned, or, if not given,
ValueError is raised.
*/
static PyObject *
UCD_digit_impl(PyObject *Py_UNUSED(self), int chr, PyObject *default_value)
{
    int value = _PyUnicode_ToDigit((Py_UCS4)chr);
    return value >= 0 ? PyLong_FromLong(value) : no_value(default_value, "not a digit");
}

/*sig UCD.numeric(self, chr: codepoint, default: object = NULL, /)

Converts a Unicode character into its equivalent numeric value.

Returns the numeric value assigned to the character chr as float.
If no such value is defined, default is returned, or, if not given,
ValueError is raised.
*/
static PyObject *
UCD_numeric_impl(PyObject *self, int chr, PyObject *default_value)
{
    Py_UCS4 ch = (Py_UCS4)chr;
    if ((is_old(self) && _PyUCD_Record(ch)->old_category == 0) || !_PyUnicode_IsNumeric(ch)) {
        return no_value(default_value, "not a numeric character");
    }
    return PyFloat_FromDouble(_PyUnicode_ToNumeric(ch));
}

/* --- Properties ------------------------------------------------------------------------------- */

/*sig UCD.category(self, chr: codepoint, /)

Returns the general category assigned to the character chr as string.
*/
static PyObject *
UCD_category_impl(PyObject *self, int chr)
{
    const struct char_record *record = _PyUCD_Record((Py_UCS4)chr);
    return PyUnicode_FromString(
        _PyUCD_CategoryName(is_old(self) ? record->old_category : record->category));
}

/*sig UCD.bidirectional(self, chr: codepoint, /)

Returns the bidirectional class assigned to the character chr as string.

If no such value is defined, an empty string is returned.
*/
static PyObject *
UCD_bidirectional_impl(PyObject *self, int chr)
{
    const struct char_record *record = _PyUCD_Record((Py_UCS4)chr);
    return PyUnicode_FromString(_PyUCD_BidiName(is_old(self) ? record->old_bidi : record->bidi));
}

/*sig UCD.combining(self, chr: codepoint, /)

Returns the canonical combining class assigned to the character chr as integer.

Returns 0 if no combining class is defined.
*/
static PyObject *
UCD_combining_impl(PyObject *self, int chr)
{
    const struct char_record *record = _PyUCD_Record((Py_UCS4)chr);
    return PyLong_FromLong(is_old(self) && record->old_category == 0 ? 0 : record->combining);
}

/*sig UCD.mirrored(self, chr: codepoint, /)

Returns the mirrored property assigned to the character chr as integer.

Returns 1 if the character has been identified as a "mirrored"
character in bidirectional text, 0 otherwise.
*/
static PyObject *
UCD_mirrored_impl(PyObject *self, int chr)
{
    const struct char_record *record = _PyUCD_Record((Py_UCS4)chr);
    return PyLong_FromLong(is_old(self) ? record->old_mirrored : record->mirrored);
}

/*sig UCD.east_asian_width(self, chr: codepoint, /)

Returns the east asian width assigned to the character chr as string.
*/
static PyObject *
UCD_east_asian_width_impl(PyObject *self, int chr)
{
    const struct char_record *record = _PyUCD_Record((Py_UCS4)chr);
    return PyUnicode_FromString(
        _PyUCD_WidthName(is_old(self) ? record->old_width : record->width));
}

/*sig UCD.decomposition(self, chr: codepoint, /)

Returns the character decomposition mapping assigned to the character chr as string.

An empty string is returned in case no such mapping is defined.
*/
static PyObject *
UCD_decomposition_impl(PyObject *self, int chr)
{
    int length;
    const char *tag;
    const Py_UCS4 *mapping = _PyUCD_Decomposition((Py_UCS4)chr, is_old(self), &length, &tag);
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyUnicodeWriter_WriteASCIIString(&writer, tag, (Py_ssize_t)strlen(tag)) < 0) {
        goto error;
    }
    for (int i = 0; i < length; i++) {
        char code[16];
        int n = snprintf(code, sizeof(code), "%s%04X", i > 0 || *tag != '\0' ? " " : "",
                         (unsigned int)mapping[i]);
        if (_PyUnicodeWriter_WriteASCIIString(&writer, code, n) < 0) {
            goto error;
        }
    }
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* --- Normal forms ----------------------------------------------------------------------------- */

/* 0, or -1 with ValueError. */
static int
parse_form(PyObject *text, enum form *form)
{
    static const struct {
        const char name[5];
        enum form form;
    } forms[] = {
        {"NFC", FORM_NFC}, {"NFKC", FORM_NFKC}, {"NFD", FORM_NFD}, {"NFKD", FORM_NFKD},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(forms); i++) {
        if (PyUnicode_CompareWithASCIIString(text, forms[i].name) == 0) {
            *form = forms[i].form;
            return 0;
        }
    }
    PyErr_SetString(PyExc_ValueError, "invalid normalization form");
    return -1;
}

/*sig UCD.is_normalized(self, form: unicode, unistr: unicode, /)

Return whether the Unicode string unistr is in the normal form 'form'.

Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
*/
static PyObject *
UCD_is_normalized_impl(PyObject *self, PyObject *form, PyObject *unistr)
{
    enum form wanted;
    if (PyUnicode_GET_LENGTH(unistr) == 0) {
        Py_RETURN_TRUE;             /* in any form, even one that does not exist */
    }
    if (parse_form(form, &wanted) < 0) {
        return NULL;
    }
    int answer = _PyUCD_IsNormalized(unistr, wanted, is_old(self));
    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

/*sig UCD.normalize(self, form: unicode, unistr: unicode, /)

Return the normal form 'form' for the Unicode string unistr.

Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
*/
static PyObject *
UCD_normalize_impl(PyObject *self, PyObject *form, PyObject *unistr)
{
    enum form wanted;
    if (PyUnicode_GET_LENGTH(unistr) == 0) {
        return Py_NewRef(unistr);
    }
    if (parse_form(form, &wanted) < 0) {
        return NULL;
    }
    return _PyUCD_Normalize(unistr, wanted, is_old(self));
}

/* --- Names ------------------------------------------------------------------------------------ */

/*sig UCD.name(self, chr: codepoint, default: object = NULL, /)

Returns the name assigned to the character chr as a string.

If no name is defined, default is returned, or, if not given,
ValueError is raised.
*/
static PyObject *
UCD_name_impl(PyObject *self, int chr, PyObject *default_value)
{
    char name[NAME_BUFFER];
    if (!_PyUCD_GetName((Py_UCS4)chr, is_old(self), name, sizeof(name))) {
        return no_value(default_value, "no such name");
    }
    return PyUnicode_FromString(name);
}

PyDoc_STRVAR(lookup_doc,
"lookup($self, name, /)\n"
"--\n"
"\n"
"Look up character by name.\n"
"\n"
"If a character with the given name is found, return the\n"
"corresponding character.  If not found, KeyError is raised.");

/* By hand: the name may be a str or a read-only buffer. */
static PyObject *
UCD_lookup(PyObject *self, PyObject *arg)
{
    const char *name;
    Py_ssize_t n;
    Py_UCS4 chars[UCD_SEQUENCE_LONGEST];
    if (!PyArg_Parse(arg, "s#:lookup", &name, &n)) {
        return NULL;
    }
    if (n > NAME_BUFFER) {
        PyErr_SetString(PyExc_KeyError, "name too long");
        return NULL;
    }
    int length = _PyUCD_FindName(name, (size_t)n, is_old(self), true, chars);
    if (length == 0) {
        char text[NAME_BUFFER + 1];
        memcpy(text, name, (size_t)n);
        text[n] = '\0';
        PyErr_Format(PyExc_KeyError, "undefined character name '%s'", text);
        return NULL;
    }
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, chars, length);
}

/* --- For \N{...} and the error handler namereplace -------------------------------------------- */

/* Aliases and sequences have no name of their own to give: with_alias_and_seq changes nothing. */
static int
capi_getname(Py_UCS4 code, char *buffer, int buflen, int Py_UNUSED(with_alias_and_seq))
{
    return buflen > 0 && _PyUCD_GetName(code, false, buffer, (size_t)buflen);
}

/* A named sequence is no single character: with_named_seq changes nothing. */
static int
capi_getcode(const char *name, int namelen, Py_UCS4 *code, int Py_UNUSED(with_named_seq))
{
    Py_UCS4 chars[UCD_SEQUENCE_LONGEST];
    if (namelen < 0 || _PyUCD_FindName(name, (size_t)namelen, false, false, chars) != 1) {
        return 0;
    }
    *code = chars[0];
    return 1;
}

static const _PyUnicode_Name_CAPI name_capi = {
    .getname = capi_getname,
    .getcode = capi_getcode,
};

/* --- The type and the module ------------------------------------------------------------------ */

static PyMethodDef ucd_methods[] = {
    UCD_DECIMAL_METHODDEF
    UCD_DIGIT_METHODDEF
    UCD_NUMERIC_METHODDEF
    UCD_CATEGORY_METHODDEF
    UCD_BIDIRECTIONAL_METHODDEF
    UCD_COMBINING_METHODDEF
    UCD_MIRRORED_METHODDEF
    UCD_EAST_ASIAN_WIDTH_METHODDEF
    UCD_DECOMPOSITION_METHODDEF
    UCD_NAME_METHODDEF
    {"lookup", UCD_lookup, METH_O, lookup_doc},
    UCD_IS_NORMALIZED_METHODDEF
    UCD_NORMALIZE_METHODDEF
    {NULL}
};

static PyMemberDef ucd_members[] = {
    {"unidata_version", T_STRING, offsetof(UCDobject, version), READONLY},
    {NULL}
};

static int
ucd_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
ucd_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot ucd_slots[] = {
    {Py_tp_dealloc, ucd_dealloc},
    {Py_tp_traverse, ucd_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, ucd_methods},
    {Py_tp_members, ucd_members},
    {0, NULL}
};

static PyType_Spec ucd_spec = {
    .name = "unicodedata.UCD",
    .basicsize = sizeof(UCDobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ucd_slots,
};

/* Add an object of the module's own making (consumed, may be NULL); 0 or -1. */
static int
add_new(PyObject *module, const char *name, PyObject *object)
{
    int result = PyModule_AddObjectRef(module, name, object);
    Py_XDECREF(object);
    return result;
}

static int
unicodedata_exec(PyObject *module)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &ucd_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    UCDobject *old = PyObject_GC_New(UCDobject, type);
    int result = PyModule_AddType(module, type);
    Py_DECREF(type);
    if (old != NULL) {
        old->version = "3.2.0";
        PyObject_GC_Track(old);
    }
    if (add_new(module, "ucd_3_2_0", (PyObject *)old) < 0 || result < 0
        || PyModule_AddStringConstant(module, "unidata_version", "15.0.0") < 0)
    {
        return -1;
    }
    return add_new(module, "_ucnhash_CAPI",
                   PyCapsule_New((void *)&name_capi, PyUnicodeData_CAPSULE_NAME, NULL));
}

static PyModuleDef_Slot unicodedata_slots[] = {
    {Py_mod_exec, unicodedata_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(unicodedata_doc,
"This module provides access to the Unicode Character Database which\n"
"defines character properties for all Unicode characters. The data in\n"
"this database is based on the UnicodeData.txt file version\n"
"15.0.0 which is publicly available from ftp://ftp.unicode.org/.\n"
"\n"
"The module uses the same names and symbols as defined by the\n"
"UnicodeData File Format 15.0.0.");

static _Py_SHARED struct PyModuleDef unicodedata_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "unicodedata",
    .m_doc = unicodedata_doc,
    .m_size = 0,
    .m_methods = ucd_methods,
    .m_slots = unicodedata_slots,
};

PyMODINIT_FUNC
PyInit_unicodedata(void)
{
    return PyModuleDef_Init(&unicodedata_module);
}
