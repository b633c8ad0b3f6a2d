/* PyArg_ParseTupleAndKeywords and its relatives: arguments by format and keyword list.
 *
 * A keyword list is an array of names, "" for positional-only parameters, which come first.
 * Nothing about a list is remembered between calls: a _PyArg_Parser is read, never written, so
 * the statics of extension modules work in every interpreter.
 * Order of the checks, which decides what a wrong call is told: too many arguments, too many
 * positional ones, too few positional-only ones, each argument in turn (missing, wrong type),
 * and last keywords that found no parameter.
 * Written from the C API reference (parsing arguments) and the messages of CPython 3.12. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_getargs.h"     // _getargs_convert()


/* ------------------------------------------------------------------ given arguments */

/* The arguments of a call in either convention. */
typedef struct {
    PyObject *const *args;
    Py_ssize_t nargs;
    PyObject *kwargs;           /* dict, or NULL */
    PyObject *kwnames;          /* tuple, its values at kwvalues; or NULL */
    PyObject *const *kwvalues;
    Py_ssize_t nkwargs;
} call_args;

static void
set_call_args(call_args *call, PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
              PyObject *kwnames)
{
    assert(nargs >= 0 && (kwargs == NULL || PyDict_Check(kwargs)));
    assert(kwnames == NULL || PyTuple_CheckExact(kwnames));
    call->args = args;
    call->nargs = nargs;
    call->kwargs = kwargs;
    call->kwnames = kwnames;
    call->kwvalues = kwnames != NULL ? args + nargs : NULL;
    call->nkwargs = kwnames != NULL ? PyTuple_GET_SIZE(kwnames)
                  : kwargs != NULL ? PyDict_GET_SIZE(kwargs) : 0;
}

/* Steps through the keywords; *pos begins at 0.  0 at the end. */
static int
next_keyword(const call_args *call, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    if (call->kwnames != NULL) {
        if (*pos >= call->nkwargs) {
            return 0;
        }
        *key = PyTuple_GET_ITEM(call->kwnames, *pos);
        *value = call->kwvalues[*pos];
        (*pos)++;
        return 1;
    }
    return call->kwargs != NULL && PyDict_Next(call->kwargs, pos, key, value);
}

/* A key of a subclass of str, which may have its own hash and equality: what a dict finds. */
static int
odd_key_equals(PyObject *key, const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    int equal = text != NULL && PyObject_Hash(key) == PyObject_Hash(text)
                && PyObject_RichCompareBool(key, text, Py_EQ) == 1;
    Py_XDECREF(text);
    PyErr_Clear();
    return equal;
}

static int
key_equals(PyObject *key, const char *name)
{
    if (!PyUnicode_Check(key)) {
        return 0;
    }
    if (!PyUnicode_CheckExact(key)) {
        return odd_key_equals(key, name);
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(key, &size);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    return strlen(name) == (size_t)size && memcmp(text, name, (size_t)size) == 0;
}

/* The value of a keyword, borrowed, or NULL. */
static PyObject *
find_keyword(const call_args *call, const char *name)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    while (next_keyword(call, &pos, &key, &value)) {
        if (key_equals(key, name)) {
            return value;
        }
    }
    return NULL;
}


/* --------------------------------------------------------------------------- errors */

/* A function's name in messages: "f()", or `other` without one. */
#define FNAME(F, OTHER) (F) != NULL ? (F) : (OTHER), (F) != NULL ? "()" : ""

static void
too_many_error(const char *fname, int len, const call_args *call)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)",
                 FNAME(fname, "function"), "at most", len, call->nargs == 0 ? "keyword " : "",
                 len == 1 ? "" : "s", call->nargs + call->nkwargs);
}

static void
positional_error(const char *fname, const char *bound, int limit, Py_ssize_t nargs)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)",
                 FNAME(fname, "function"), bound, limit, limit == 1 ? "" : "s", nargs);
}

static void
missing_error(const char *fname, const char *name, int index)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%s' (pos %i)",
                 FNAME(fname, "function"), name, index + 1);
}

/* Raises for the first keyword without a parameter of its own; 0 if there is none (then keywords
   and parameters do match). */
static int
check_keywords(const call_args *call, const char *const *keywords, int pos, int len,
               const char *fname)
{
    /* Parameters given by position come first, so that they are told from unknown names. */
    for (int i = pos; i < len && i < call->nargs; i++) {
        if (find_keyword(call, keywords[i]) != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "argument for %.200s%s given by name ('%s') and position (%d)",
                         FNAME(fname, "function"), keywords[i], i + 1);
            return -1;
        }
    }
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (next_keyword(call, &at, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return -1;
        }
        int i = pos;
        while (i < len && !key_equals(key, keywords[i])) {
            i++;
        }
        if (i == len) {
            PyErr_Format(PyExc_TypeError, "'%S' is an invalid keyword argument for %.200s%s",
                         key, FNAME(fname, "this function"));
            return -1;
        }
    }
    return 0;
}


/* ------------------------------------------------------------------- by format */

/* What is known of a format before the arguments are looked at. */
typedef struct {
    const char *const *keywords;
    int pos;                    /* positional-only parameters */
    int len;                    /* all parameters */
    int min;                    /* units before '|' */
    int max;                    /* units before '$': parameters accepted by position */
    const char *fname;
    const char *message;
    int has_optional;           /* there is a '|' */
} keyword_spec;

/* Counts names and checks them: 0, or -1 with SystemError. */
static int
count_keywords(keyword_spec *spec, const char *const *keywords)
{
    spec->keywords = keywords;
    spec->pos = 0;
    while (keywords[spec->pos] != NULL && *keywords[spec->pos] == '\0') {
        spec->pos++;
    }
    spec->len = spec->pos;
    while (keywords[spec->len] != NULL) {
        if (*keywords[spec->len] == '\0') {
            PyErr_SetString(PyExc_SystemError, "Empty keyword parameter name");
            return -1;
        }
        spec->len++;
    }
    return 0;
}

/* Reads the marks of a format, and its name.  What is wrong with it shows when it is used. */
static void
scan_format(keyword_spec *spec, const char *format)
{
    spec->fname = strchr(format, ':');
    spec->message = NULL;
    if (spec->fname != NULL) {
        spec->fname++;
    }
    else {
        spec->message = strchr(format, ';');
        if (spec->message != NULL) {
            spec->message++;
        }
    }
    spec->min = spec->max = -1;
    int units = 0, level = 0;
    for (const char *p = format; *p != '\0' && *p != ':' && *p != ';'; p++) {
        if (*p == '(') {
            units += level++ == 0;
        }
        else if (*p == ')') {
            level--;
        }
        else if (level > 0) {
            continue;
        }
        else if (*p == '|') {
            spec->min = spec->min < 0 ? units : spec->min;
        }
        else if (*p == '$') {
            spec->max = spec->max < 0 ? units : spec->max;
        }
        else if (Py_ISALPHA(*p) && *p != 'e') {
            units++;
        }
    }
    spec->has_optional = spec->min >= 0;
    if (spec->min < 0) {
        spec->min = spec->len;
    }
    if (spec->max < 0) {
        spec->max = spec->len;
    }
}

/* Steps over '|' and '$' in front of unit i: 0, or -1 with SystemError. */
static int
take_marks(const keyword_spec *spec, const char **p_format, int i, int *bars, int *dollars)
{
    for (;; (*p_format)++) {
        const char *problem = NULL;
        if (**p_format == '|') {
            problem = ++*bars > 1 ? "Invalid format string (| specified twice)"
                    : *dollars > 0 ? "Invalid format string ($ before |)" : NULL;
        }
        else if (**p_format == '$') {
            problem = ++*dollars > 1 ? "Invalid format string ($ specified twice)"
                    : i < spec->pos ? "Empty parameter name after $" : NULL;
        }
        else {
            return 0;
        }
        if (problem != NULL) {
            PyErr_SetString(PyExc_SystemError, problem);
            return -1;
        }
    }
}

static int
at_end(const char *format)
{
    return *format == '\0' || *format == ':' || *format == ';';
}

static int
check_counts(const keyword_spec *spec, const call_args *call)
{
    if (call->nargs + call->nkwargs > spec->len) {
        too_many_error(spec->fname, spec->len, call);
        return -1;
    }
    if (call->nargs > spec->max) {
        if (spec->max == 0) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments",
                         FNAME(spec->fname, "function"));
        }
        else {
            positional_error(spec->fname, spec->has_optional ? "at most" : "exactly",
                             spec->max, call->nargs);
        }
        return -1;
    }
    return 0;
}

/* Converts the arguments one by one.  0, or -1 with an exception. */
static int
convert_all(const keyword_spec *spec, const call_args *call, const char *format, _getargs_va *va,
            int flags, _getargs_cleanups *cleanups)
{
    int levels[GETARGS_MAX_LEVELS];
    char msgbuf[512];
    Py_ssize_t nkwargs = call->nkwargs;
    int bars = 0, dollars = 0;
    for (int i = 0; i < spec->len; i++) {
        if (take_marks(spec, &format, i, &bars, &dollars) < 0) {
            return -1;
        }
        if (at_end(format)) {
            PyErr_Format(PyExc_SystemError,
                         "More keyword list entries (%d) than format specifiers (%d)",
                         spec->len, i);
            return -1;
        }
        PyObject *arg = NULL;
        if (i < call->nargs) {
            arg = call->args[i];
        }
        else if (i >= spec->pos && nkwargs > 0) {
            arg = find_keyword(call, spec->keywords[i]);
            nkwargs -= arg != NULL;
        }
        if (arg != NULL) {
            const char *msg = _getargs_convert(arg, &format, va, flags, levels, msgbuf,
                                               sizeof(msgbuf), cleanups);
            if (msg != NULL) {
                _getargs_set_error(i + 1, msg, levels, spec->fname, spec->message);
                return -1;
            }
            continue;
        }
        if (i < spec->min) {
            if (i < spec->pos) {
                int need = spec->min < spec->pos ? spec->min : spec->pos;
                positional_error(spec->fname, need < spec->max ? "at least" : "exactly", need,
                                 call->nargs);
            }
            else {
                missing_error(spec->fname, spec->keywords[i], i);
            }
            return -1;
        }
        /* Nothing left to convert: the rest of the format needs no look. */
        if (nkwargs == 0 && i >= call->nargs) {
            return 0;
        }
        const char *msg = _getargs_skip(&format, va, flags);
        if (msg != NULL) {
            PyErr_Format(PyExc_SystemError, "%s: '%s'", msg, format);
            return -1;
        }
    }
    if (!at_end(format) && *format != '|' && *format != '$') {
        PyErr_Format(PyExc_SystemError,
                     "more argument specifiers than keyword list entries "
                     "(remaining format:'%s')", format);
        return -1;
    }
    return nkwargs > 0 ? check_keywords(call, spec->keywords, spec->pos, spec->len, spec->fname)
                       : 0;
}

static int
parse_keywords(const call_args *call, const char *format, const char *const *keywords,
               const char *fname, const char *message, _getargs_va *va, int flags)
{
    keyword_spec spec;
    if (count_keywords(&spec, keywords) < 0) {
        return 0;
    }
    scan_format(&spec, format);
    if (fname != NULL || message != NULL) {
        spec.fname = fname;
        spec.message = message;
    }
    if (check_counts(&spec, call) < 0) {
        return 0;
    }
    _getargs_cleanups cleanups;
    _getargs_init_cleanups(&cleanups);
    assert(spec.pos <= spec.len && spec.min >= 0 && spec.max >= 0);
    int ok = convert_all(&spec, call, format, va, flags, &cleanups) == 0;
    return _getargs_finish_cleanups(&cleanups, ok);
}

static int
parse_tuple_and_dict(PyObject *args, PyObject *kwargs, const char *format,
                     const char *const *keywords, const char *fname, const char *message,
                     va_list va, int flags)
{
    if (args == NULL || !PyTuple_Check(args) || (kwargs != NULL && !PyDict_Check(kwargs))
        || format == NULL || keywords == NULL)
    {
        PyErr_BadInternalCall();
        return 0;
    }
    call_args call;
    set_call_args(&call, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), kwargs, NULL);
    _getargs_va lva;
    va_copy(lva.va, va);
    int ok = parse_keywords(&call, format, keywords, fname, message, &lva, flags);
    va_end(lva.va);
    return ok;
}


/* -------------------------------------------------------------------- entry points */

#undef PyArg_ParseTupleAndKeywords
#undef PyArg_VaParseTupleAndKeywords
#undef _PyArg_ParseTupleAndKeywordsFast
#undef _PyArg_ParseStackAndKeywords
#undef _PyArg_VaParseTupleAndKeywordsFast

#define PARSE_KEYWORDS(NAME, VANAME, FLAGS)                                     \
    int                                                                         \
    VANAME(PyObject *args, PyObject *kwargs, const char *format, char **kwlist, va_list va) \
    {                                                                           \
        return parse_tuple_and_dict(args, kwargs, format, (const char *const *)kwlist, \
                                    NULL, NULL, va, FLAGS);                     \
    }                                                                           \
                                                                                \
    int                                                                         \
    NAME(PyObject *args, PyObject *kwargs, const char *format, char **kwlist, ...) \
    {                                                                           \
        va_list va;                                                             \
        va_start(va, kwlist);                                                   \
        int ok = VANAME(args, kwargs, format, kwlist, va);                      \
        va_end(va);                                                             \
        return ok;                                                              \
    }

PARSE_KEYWORDS(PyArg_ParseTupleAndKeywords, PyArg_VaParseTupleAndKeywords, 0)
PARSE_KEYWORDS(_PyArg_ParseTupleAndKeywords_SizeT, _PyArg_VaParseTupleAndKeywords_SizeT,
               GETARGS_SIZE_T)

#define PARSE_FAST(NAME, VANAME, STACKNAME, FLAGS)                              \
    int                                                                         \
    VANAME(PyObject *args, PyObject *kwargs, struct _PyArg_Parser *parser, va_list va) \
    {                                                                           \
        return parse_tuple_and_dict(args, kwargs, parser->format, parser->keywords, \
                                    parser->fname, parser->custom_msg, va, FLAGS); \
    }                                                                           \
                                                                                \
    int                                                                         \
    NAME(PyObject *args, PyObject *kwargs, struct _PyArg_Parser *parser, ...)   \
    {                                                                           \
        va_list va;                                                             \
        va_start(va, parser);                                                   \
        int ok = VANAME(args, kwargs, parser, va);                              \
        va_end(va);                                                             \
        return ok;                                                              \
    }                                                                           \
                                                                                \
    int                                                                         \
    STACKNAME(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,       \
              struct _PyArg_Parser *parser, ...)                                \
    {                                                                           \
        call_args call;                                                         \
        set_call_args(&call, args, nargs, NULL, kwnames);                       \
        _getargs_va va;                                                         \
        va_start(va.va, parser);                                                \
        int ok = parse_keywords(&call, parser->format, parser->keywords, parser->fname, \
                                parser->custom_msg, &va, FLAGS);                \
        va_end(va.va);                                                          \
        return ok;                                                              \
    }

PARSE_FAST(_PyArg_ParseTupleAndKeywordsFast, _PyArg_VaParseTupleAndKeywordsFast,
           _PyArg_ParseStackAndKeywords, 0)
PARSE_FAST(_PyArg_ParseTupleAndKeywordsFast_SizeT, _PyArg_VaParseTupleAndKeywordsFast_SizeT,
           _PyArg_ParseStackAndKeywords_SizeT, GETARGS_SIZE_T)

int
PyArg_ValidateKeywordArguments(PyObject *kwargs)
{
    if (!PyDict_Check(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(kwargs, &pos, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return 0;
        }
    }
    return 1;
}


/* ----------------------------------------------------------- unpacking into an array */

/* What both functions check in the same way. */
static int
check_unpack_counts(const char *fname, const call_args *call, int len, int minpos, int maxpos,
                    int posonly, int has_vararg)
{
    if (!has_vararg && call->nargs + call->nkwargs > len) {
        too_many_error(fname, len, call);
        return -1;
    }
    if (!has_vararg && call->nargs > maxpos) {
        if (maxpos == 0) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments",
                         FNAME(fname, "function"));
        }
        else {
            positional_error(fname, minpos < maxpos ? "at most" : "exactly", maxpos,
                             call->nargs);
        }
        return -1;
    }
    int need = minpos < posonly ? minpos : posonly;
    if (call->nargs < need) {
        positional_error(fname, has_vararg || need < maxpos ? "at least" : "exactly", need,
                         call->nargs);
        return -1;
    }
    return 0;
}

/* Borrowed arguments in parameter order, NULL for absent ones; `vararg` is the place of the tuple
   for *args, or -1.  Returns the array, which may be args itself, or NULL with an exception. */
static PyObject *const *
unpack_keywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames,
                struct _PyArg_Parser *parser, int minpos, int maxpos, int minkw, int vararg,
                PyObject **buf)
{
    assert(kwargs == NULL || PyDict_Check(kwargs));
    assert(kwargs == NULL || kwnames == NULL);
    if (parser == NULL || parser->keywords == NULL || (args == NULL && nargs != 0)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    keyword_spec spec;
    if (count_keywords(&spec, parser->keywords) < 0) {
        return NULL;
    }
    const char *fname = parser->fname;
    call_args call;
    set_call_args(&call, args, nargs, kwargs, kwnames);
    if (vararg < 0 && call.nkwargs == 0 && minkw == 0 && minpos <= nargs && nargs <= maxpos
        && nargs == spec.len)
    {
        return args;
    }
    if (check_unpack_counts(fname, &call, spec.len, minpos, maxpos, spec.pos, vararg >= 0) < 0) {
        return NULL;
    }
    if (call.nargs > maxpos) {
        call.nargs = maxpos;            /* the others go to *args */
    }
    int required = minkw != 0 ? maxpos + minkw : minpos;
    assert(minpos <= maxpos && maxpos <= spec.len && minkw >= 0);
    assert(vararg < 0 || vararg == maxpos);
    Py_ssize_t left = call.nkwargs;
    PyObject *rest = NULL;
    if (vararg >= 0) {
        rest = PyTuple_New(nargs - call.nargs);
        if (rest == NULL) {
            return NULL;
        }
        for (Py_ssize_t i = call.nargs; i < nargs; i++) {
            PyTuple_SET_ITEM(rest, i - call.nargs, Py_NewRef(args[i]));
        }
    }
    for (int i = 0; i < spec.len; i++) {
        PyObject *arg = NULL;
        if (i < call.nargs) {
            arg = args[i];
        }
        else if (i >= spec.pos && left > 0) {
            arg = find_keyword(&call, spec.keywords[i]);
            left -= arg != NULL;
        }
        assert(i >= spec.pos || i >= minpos || arg != NULL);
        if (arg == NULL && (i < minpos || (maxpos <= i && i < required))) {
            missing_error(fname, spec.keywords[i], i);
            Py_XDECREF(rest);
            return NULL;
        }
        /* Keyword-only parameters come behind the place of *args. */
        buf[vararg >= 0 && i >= vararg ? i + 1 : i] = arg;
    }
    if (left > 0 && check_keywords(&call, spec.keywords, spec.pos, spec.len, fname) < 0) {
        Py_XDECREF(rest);
        return NULL;
    }
    if (vararg >= 0) {
        buf[vararg] = rest;
    }
    return buf;
}

#undef _PyArg_UnpackKeywords
PyObject *const *
_PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                      PyObject *kwnames, struct _PyArg_Parser *parser, int minpos, int maxpos,
                      int minkw, PyObject **buf)
{
    return unpack_keywords(args, nargs, kwargs, kwnames, parser, minpos, maxpos, minkw, -1, buf);
}

PyObject *const *
_PyArg_UnpackKeywordsWithVararg(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                                PyObject *kwnames, struct _PyArg_Parser *parser, int minpos,
                                int maxpos, int minkw, int vararg, PyObject **buf)
{
    return unpack_keywords(args, nargs, kwargs, kwnames, parser, minpos, maxpos, minkw, vararg,
                           buf);
}
