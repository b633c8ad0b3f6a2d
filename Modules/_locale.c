/* The module _locale: the C library's locale functions.
 *
 * The locale is a property of the process: what one interpreter sets, all see.  Text of the C
 * library is decoded with the current LC_CTYPE encoding.
 *
 * Written from the library reference (locale, gettext) and POSIX.
 */
#include "Python.h"
#include "pycore_fileutils.h"       // _Py_GetLocaleconvNumeric, _Py_GetLocaleEncodingObject
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <wchar.h>

typedef struct {
    PyObject *error;            /* locale.Error */
} locale_state;

#include "sig/_locale.sig.h"

static locale_state *
get_state(PyObject *module)
{
    locale_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static PyObject *
decode(const char *s)
{
    return PyUnicode_DecodeLocale(s, NULL);
}

/*sig _locale.setlocale(module, category: int, locale: utf8_none = NULL, /)

Activates/queries locale processing.
*/
static PyObject *
_locale_setlocale_impl(PyObject *module, int category, const char *locale)
{
    const char *result = setlocale(category, locale);
    if (result == NULL) {
        PyErr_SetString(get_state(module)->error, locale != NULL ? "unsupported locale setting"
                                                                 : "locale query failed");
        return NULL;
    }
    return decode(result);
}

/* --- localeconv ------------------------------------------------------------------------------- */

/* The sizes of groups as a list; a last 0 means repetition, CHAR_MAX the end. */
static PyObject *
copy_grouping(const char *s)
{
    PyObject *list = PyList_New(0);
    if (list == NULL || s[0] == '\0') {
        return list;
    }
    for (int last = 0; !last; s++) {
        last = *s == '\0' || *s == CHAR_MAX;
        PyObject *n = PyLong_FromLong(*s);
        int res = n != NULL ? PyList_Append(list, n) : -1;
        Py_XDECREF(n);
        if (res < 0) {
            Py_CLEAR(list);
            break;
        }
    }
    return list;
}

/* dict[name] = value; steals value, which may be NULL with an exception. */
static int
put(PyObject *dict, const char *name, PyObject *value)
{
    int res = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return res;
}

#define TEXT(FIELD) (put(dict, #FIELD, decode(lc->FIELD)) < 0)
#define NUMBER(FIELD) (put(dict, #FIELD, PyLong_FromLong(lc->FIELD)) < 0)

/*sig _locale.localeconv(module)

Returns numeric and monetary locale-specific parameters.
*/
static PyObject *
_locale_localeconv_impl(PyObject *Py_UNUSED(module))
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    struct lconv *lc = localeconv();
    PyObject *decimal_point = NULL, *thousands_sep = NULL;
    if (TEXT(int_curr_symbol) || TEXT(currency_symbol) || TEXT(mon_decimal_point)
        || TEXT(mon_thousands_sep) || put(dict, "mon_grouping", copy_grouping(lc->mon_grouping)) < 0
        || TEXT(positive_sign) || TEXT(negative_sign) || NUMBER(int_frac_digits)
        || NUMBER(frac_digits) || NUMBER(p_cs_precedes) || NUMBER(p_sep_by_space)
        || NUMBER(n_cs_precedes) || NUMBER(n_sep_by_space) || NUMBER(p_sign_posn)
        || NUMBER(n_sign_posn) || _Py_GetLocaleconvNumeric(lc, &decimal_point, &thousands_sep) < 0)
    {
        goto error;
    }
    if (put(dict, "decimal_point", decimal_point) < 0) {
        Py_DECREF(thousands_sep);
        goto error;
    }
    if (put(dict, "thousands_sep", thousands_sep) < 0
        || put(dict, "grouping", copy_grouping(lc->grouping)) < 0)
    {
        goto error;
    }
    return dict;

error:
    Py_DECREF(dict);
    return NULL;
}

/* --- Collation -------------------------------------------------------------------------------- */

/*sig _locale.strcoll(module, os1: unicode, os2: unicode, /)

Compares two strings according to the locale.
*/
static PyObject *
_locale_strcoll_impl(PyObject *Py_UNUSED(module), PyObject *os1, PyObject *os2)
{
    PyObject *res = NULL;
    wchar_t *a = PyUnicode_AsWideCharString(os1, NULL);
    wchar_t *b = a != NULL ? PyUnicode_AsWideCharString(os2, NULL) : NULL;
    if (b != NULL) {
        res = PyLong_FromLong(wcscoll(a, b));
    }
    PyMem_Free(a);
    PyMem_Free(b);
    return res;
}

/*sig _locale.strxfrm(module, string: unicode, /)

Return a string that can be used as a key for locale-aware comparisons.
*/
static PyObject *
_locale_strxfrm_impl(PyObject *Py_UNUSED(module), PyObject *string)
{
    wchar_t *s = PyUnicode_AsWideCharString(string, NULL);
    if (s == NULL) {
        return NULL;
    }
    size_t room = wcslen(s) + 1, need;
    wchar_t *key = NULL;
    PyObject *res = NULL;
    for (;;) {
        wchar_t *grown = PyMem_Realloc(key, room * sizeof(wchar_t));
        if (grown == NULL) {
            PyErr_NoMemory();
            break;
        }
        key = grown;
        errno = 0;
        need = wcsxfrm(key, s, room);
        if (errno != 0 && errno != ERANGE) {
            PyErr_SetFromErrno(PyExc_OSError);
            break;
        }
        if (need < room) {
            res = PyUnicode_FromWideChar(key, (Py_ssize_t)need);
            break;
        }
        if (need > PY_SSIZE_T_MAX / sizeof(wchar_t) - 1) {
            PyErr_NoMemory();
            break;
        }
        room = need + 1;
    }
    PyMem_Free(key);
    PyMem_Free(s);
    return res;
}

/* --- nl_langinfo ------------------------------------------------------------------------------ */

struct constant {
    const char *name;
    int value;
};

#define CONSTANT(NAME) {#NAME, NAME}

static const struct constant langinfo_constants[] = {
    CONSTANT(DAY_1), CONSTANT(DAY_2), CONSTANT(DAY_3), CONSTANT(DAY_4),
    CONSTANT(DAY_5), CONSTANT(DAY_6), CONSTANT(DAY_7), CONSTANT(ABDAY_1),
    CONSTANT(ABDAY_2), CONSTANT(ABDAY_3), CONSTANT(ABDAY_4), CONSTANT(ABDAY_5),
    CONSTANT(ABDAY_6), CONSTANT(ABDAY_7), CONSTANT(MON_1), CONSTANT(MON_2),
    CONSTANT(MON_3), CONSTANT(MON_4), CONSTANT(MON_5), CONSTANT(MON_6),
    CONSTANT(MON_7), CONSTANT(MON_8), CONSTANT(MON_9), CONSTANT(MON_10),
    CONSTANT(MON_11), CONSTANT(MON_12), CONSTANT(ABMON_1), CONSTANT(ABMON_2),
    CONSTANT(ABMON_3), CONSTANT(ABMON_4), CONSTANT(ABMON_5), CONSTANT(ABMON_6),
    CONSTANT(ABMON_7), CONSTANT(ABMON_8), CONSTANT(ABMON_9), CONSTANT(ABMON_10),
    CONSTANT(ABMON_11), CONSTANT(ABMON_12), CONSTANT(RADIXCHAR), CONSTANT(THOUSEP),
    CONSTANT(CRNCYSTR), CONSTANT(D_FMT), CONSTANT(D_T_FMT), CONSTANT(T_FMT),
    CONSTANT(AM_STR), CONSTANT(PM_STR), CONSTANT(CODESET), CONSTANT(T_FMT_AMPM),
    CONSTANT(ERA), CONSTANT(ERA_D_FMT), CONSTANT(ERA_D_T_FMT), CONSTANT(ERA_T_FMT),
    CONSTANT(ALT_DIGITS), CONSTANT(YESEXPR), CONSTANT(NOEXPR), {"_DATE_FMT", _DATE_FMT},
};

/*sig _locale.nl_langinfo(module, key: int, /)

Return the value for the locale information associated with key.
*/
static PyObject *
_locale_nl_langinfo_impl(PyObject *Py_UNUSED(module), int key)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(langinfo_constants); i++) {
        if (langinfo_constants[i].value == key) {
            const char *result = nl_langinfo(key);
            return decode(result != NULL ? result : "");
        }
    }
    PyErr_SetString(PyExc_ValueError, "unsupported langinfo constant");
    return NULL;
}

/* --- Message catalogues ----------------------------------------------------------------------- */

/*sig _locale.gettext(module, msg: utf8, /)

Return translation of msg.
*/
static PyObject *
_locale_gettext_impl(PyObject *Py_UNUSED(module), const char *msg)
{
    return decode(gettext(msg));
}

/*sig _locale.dgettext(module, domain: utf8_none, msg: utf8, /)

Return translation of msg in domain.
*/
static PyObject *
_locale_dgettext_impl(PyObject *Py_UNUSED(module), const char *domain, const char *msg)
{
    return decode(dgettext(domain, msg));
}

/*sig _locale.dcgettext(module, domain: utf8_none, msg: utf8, category: int, /)

Return translation of msg in domain and category.
*/
static PyObject *
_locale_dcgettext_impl(PyObject *Py_UNUSED(module), const char *domain, const char *msg,
                       int category)
{
    return decode(dcgettext(domain, msg, category));
}

/*sig _locale.textdomain(module, domain: utf8_none, /)

Set the C library's domain, returning the new domain.
*/
static PyObject *
_locale_textdomain_impl(PyObject *Py_UNUSED(module), const char *domain)
{
    domain = textdomain(domain);
    return domain != NULL ? decode(domain) : PyErr_SetFromErrno(PyExc_OSError);
}

/*sig _locale.bindtextdomain(module, domain: utf8, dir, /)

Bind the C library's domain to dir.
*/
static PyObject *
_locale_bindtextdomain_impl(PyObject *module, const char *domain, PyObject *dir)
{
    if (domain[0] == '\0') {
        PyErr_SetString(get_state(module)->error, "domain must be a non-empty string");
        return NULL;
    }
    PyObject *bytes = NULL;
    if (dir != Py_None && !PyUnicode_FSConverter(dir, &bytes)) {
        return NULL;
    }
    const char *bound = bindtextdomain(domain, bytes != NULL ? PyBytes_AS_STRING(bytes) : NULL);
    PyObject *res = bound != NULL ? decode(bound) : PyErr_SetFromErrno(PyExc_OSError);
    Py_XDECREF(bytes);
    return res;
}

/*sig _locale.bind_textdomain_codeset(module, domain: utf8, codeset: utf8_none, /)

Bind the C library's domain to codeset.
*/
static PyObject *
_locale_bind_textdomain_codeset_impl(PyObject *Py_UNUSED(module), const char *domain,
                                     const char *codeset)
{
    codeset = bind_textdomain_codeset(domain, codeset);
    if (codeset != NULL) {
        return decode(codeset);
    }
    Py_RETURN_NONE;
}

/*sig _locale.getencoding(module)

Get the current locale encoding.
*/
static PyObject *
_locale_getencoding_impl(PyObject *Py_UNUSED(module))
{
    return _Py_GetLocaleEncodingObject();
}

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef locale_methods[] = {
    _LOCALE_SETLOCALE_METHODDEF
    _LOCALE_LOCALECONV_METHODDEF
    _LOCALE_STRCOLL_METHODDEF
    _LOCALE_STRXFRM_METHODDEF
    _LOCALE_NL_LANGINFO_METHODDEF
    _LOCALE_GETTEXT_METHODDEF
    _LOCALE_DGETTEXT_METHODDEF
    _LOCALE_DCGETTEXT_METHODDEF
    _LOCALE_TEXTDOMAIN_METHODDEF
    _LOCALE_BINDTEXTDOMAIN_METHODDEF
    _LOCALE_BIND_TEXTDOMAIN_CODESET_METHODDEF
    _LOCALE_GETENCODING_METHODDEF
    {NULL}
};

static const struct constant constants[] = {
    CONSTANT(LC_CTYPE), CONSTANT(LC_TIME), CONSTANT(LC_COLLATE), CONSTANT(LC_MONETARY),
    CONSTANT(LC_MESSAGES), CONSTANT(LC_NUMERIC), CONSTANT(LC_ALL), CONSTANT(CHAR_MAX),
};

static int
add_constants(PyObject *module, const struct constant *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (PyModule_AddIntConstant(module, table[i].name, table[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
locale_exec(PyObject *module)
{
    locale_state *state = get_state(module);
    if (add_constants(module, constants, Py_ARRAY_LENGTH(constants)) < 0
        || add_constants(module, langinfo_constants, Py_ARRAY_LENGTH(langinfo_constants)) < 0)
    {
        return -1;
    }
    state->error = PyErr_NewException("locale.Error", NULL, NULL);
    return state->error != NULL ? PyModule_AddObjectRef(module, "Error", state->error) : -1;
}

static int
locale_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->error);
    return 0;
}

static int
locale_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->error);
    return 0;
}

static void
locale_free(void *module)
{
    locale_clear((PyObject *)module);
}

static PyModuleDef_Slot locale_slots[] = {
    {Py_mod_exec, locale_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef locale_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_locale",
    .m_doc = PyDoc_STR("Support for POSIX locales."),
    .m_size = sizeof(locale_state),
    .m_methods = locale_methods,
    .m_slots = locale_slots,
    .m_traverse = locale_traverse,
    .m_clear = locale_clear,
    .m_free = locale_free,
};

PyMODINIT_FUNC
PyInit__locale(void)
{
    return PyModuleDef_Init(&locale_module);
}
