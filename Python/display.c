/* Printing exceptions: sys.excepthook, PyErr_Print() and their C relatives.
 *
 * One display carries a context: where to print, how deep it is in exception groups (which
 * draw a tree with margins), and the exceptions seen so far, so that rings of causes and contexts
 * end.  A failure to print one part (a broken __str__) is replaced by a note; a failure of the
 * file ends the display.  Nothing raised on the way gets out.
 * Written from the language and library references, PEP 654, PEP 678 and observed behaviour of
 * 3.12. */

#include "Python.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCallTstate()
#include "pycore_errors.h"      // _Py_Offer_Suggestions()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyInterpreterState_GetConfigRef()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()
#include "pycore_traceback.h"   // _PyTraceBack_Print_Indented()

#define MAX_GROUP_WIDTH 15
#define MAX_GROUP_DEPTH 10
#define SOURCE_INDENT 4

/* One display. */
typedef struct {
    PyObject *file;
    PyObject *seen;             /* set of ids of exceptions shown, or NULL */
    int group_depth;            /* 0 outside groups; a top-level group is at 1 */
    int need_close;             /* the frame of a finished group is still open at the bottom */
} display;

#define INDENT(D) (2 * (D)->group_depth)
#define MARGIN(D) ((D)->group_depth > 0 ? "| " : "")

static const char cause_message[] =
    "The above exception was the direct cause of the following exception:\n";
static const char context_message[] =
    "During handling of the above exception, another exception occurred:\n";

static int
write_margin(display *d)
{
    return _Py_WriteIndentedMargin(INDENT(d), MARGIN(d), d->file);
}

static int
write_text(display *d, const char *text)
{
    return PyFile_WriteString(text, d->file);
}


/* --------------------------------------------------------------------- syntax errors */

/* What a SyntaxError says of its place. */
typedef struct {
    PyObject *message, *filename, *text;    /* strong; filename and text may be NULL */
    Py_ssize_t lineno, offset, end_lineno, end_offset;
} syntax_info;

static void
clear_syntax_info(syntax_info *info)
{
    Py_CLEAR(info->message);
    Py_CLEAR(info->filename);
    Py_CLEAR(info->text);
}

/* An attribute as a new reference, NULL for None; 0, or -1 with an exception. */
static int
get_optional(PyObject *exc, PyObject *name, PyObject **value)
{
    *value = PyObject_GetAttr(exc, name);
    if (*value == NULL) {
        return -1;
    }
    if (*value == Py_None) {
        Py_CLEAR(*value);
    }
    return 0;
}

/* An int attribute; None or (if `optional`) its absence gives `missing`. */
static int
get_number(PyObject *exc, PyObject *name, Py_ssize_t missing, int optional, Py_ssize_t *value)
{
    PyObject *v;
    *value = missing;
    if (optional) {
        if (_PyObject_LookupAttr(exc, name, &v) < 0) {
            return -1;
        }
    }
    else {
        v = PyObject_GetAttr(exc, name);
        if (v == NULL) {
            return -1;
        }
    }
    if (v == NULL || v == Py_None) {
        Py_XDECREF(v);
        return 0;
    }
    *value = PyLong_AsSsize_t(v);
    Py_DECREF(v);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

/* Without a line number nothing of the place is shown. */
static int
get_lineno(PyObject *exc, Py_ssize_t *value)
{
    PyObject *v = PyObject_GetAttr(exc, &_Py_ID(lineno));
    if (v == NULL) {
        return -1;
    }
    *value = PyLong_AsSsize_t(v);
    Py_DECREF(v);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static int
parse_syntax_error(PyObject *exc, syntax_info *info)
{
    memset(info, 0, sizeof(*info));
    info->message = PyObject_GetAttr(exc, &_Py_ID(msg));
    if (info->message == NULL
        || get_optional(exc, &_Py_ID(filename), &info->filename) < 0
        || get_lineno(exc, &info->lineno) < 0
        || get_number(exc, &_Py_ID(offset), -1, 0, &info->offset) < 0
        || get_number(exc, &_Py_ID(end_lineno), info->lineno, 1, &info->end_lineno) < 0
        || get_number(exc, &_Py_ID(end_offset), -1, 1, &info->end_offset) < 0
        || get_optional(exc, &_Py_ID(text), &info->text) < 0)
    {
        PyErr_Clear();
        clear_syntax_info(info);
        return -1;
    }
    return 0;
}

static int
is_leading_space(Py_UCS4 ch)
{
    return ch == ' ' || ch == '\t' || ch == '\f';
}

/* The line of a SyntaxError, stripped, and markers under the fault: 0, or -1 with an exception. */
static int
print_error_text(display *d, const syntax_info *info)
{
    if (!PyUnicode_Check(info->text)) {
        return 0;
    }
    assert(info->message != NULL);
    Py_ssize_t size = PyUnicode_GET_LENGTH(info->text);
    Py_ssize_t first = 0, end = size;
    while (end > 0 && PyUnicode_READ_CHAR(info->text, end - 1) == '\n') {
        end--;
    }
    /* Only the first of several lines. */
    Py_ssize_t newline = PyUnicode_FindChar(info->text, '\n', 0, end, 1);
    if (newline >= 0) {
        end = newline;
    }
    while (first < end && is_leading_space(PyUnicode_READ_CHAR(info->text, first))) {
        first++;
    }
    PyObject *line = PyUnicode_Substring(info->text, first, end);
    if (line == NULL) {
        return -1;
    }
    int res = write_margin(d) < 0 || _Py_WriteIndent(SOURCE_INDENT, d->file) < 0
        || PyFile_WriteObject(line, d->file, Py_PRINT_RAW) < 0 || write_text(d, "\n") < 0 ? -1 : 0;
    Py_DECREF(line);
    if (res < 0 || info->offset < 1) {
        return res;
    }
    Py_ssize_t offset = info->offset, end_offset = info->end_offset;
    if (info->end_lineno > info->lineno) {
        end_offset = size;      /* the fault goes on in later lines */
    }
    else if (end_offset <= 0 || end_offset == offset) {
        end_offset = offset + 1;
    }
    Py_ssize_t line_size = end - first;
    Py_ssize_t caret = offset - 1 - first;
    Py_ssize_t caret_end = end_offset - 1 - first;
    if (caret < 0) {
        return 0;
    }
    caret = Py_MIN(caret, line_size);
    caret_end = Py_MIN(caret_end, line_size);
    if (caret_end <= caret) {
        caret_end = caret + 1;
    }
    if (write_margin(d) < 0 || _Py_WriteIndent(SOURCE_INDENT, d->file) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < caret; i++) {
        /* Keep tabs, so that the marker stands under its character. */
        Py_UCS4 ch = PyUnicode_READ_CHAR(info->text, first + i);
        if (write_text(d, ch == '\t' ? "\t" : " ") < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = caret; i < caret_end; i++) {
        if (write_text(d, "^") < 0) {
            return -1;
        }
    }
    return write_text(d, "\n");
}

/* File, line and text of an exception with print_file_and_line.  *message becomes its msg
   (new reference) in place of the exception.  0, or -1 with an exception. */
static int
print_file_and_line(display *d, PyObject *exc, PyObject **message)
{
    PyObject *flag;
    int res = _PyObject_LookupAttr(exc, &_Py_ID(print_file_and_line), &flag);
    if (res <= 0) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(flag);
    syntax_info info;
    if (parse_syntax_error(exc, &info) < 0) {
        return 0;
    }
    Py_SETREF(*message, Py_NewRef(info.message));
    PyObject *filename = info.filename != NULL ? PyObject_Str(info.filename)
                                               : PyUnicode_FromString("<string>");
    PyObject *line = filename == NULL ? NULL
        : PyUnicode_FromFormat("  File \"%U\", line %zd\n", filename, info.lineno);
    Py_XDECREF(filename);
    res = line == NULL || write_margin(d) < 0
        || PyFile_WriteObject(line, d->file, Py_PRINT_RAW) < 0 ? -1 : 0;
    Py_XDECREF(line);
    if (res == 0 && info.text != NULL) {
        res = print_error_text(d, &info);
    }
    clear_syntax_info(&info);
    return res;
}


/* -------------------------------------------------------------------- one exception */

static int
print_traceback(display *d, PyObject *exc)
{
    PyObject *tb = ((PyBaseExceptionObject *)exc)->traceback;
    assert(PyExceptionInstance_Check(exc) && (tb == NULL || PyTraceBack_Check(tb)));
    if (tb == NULL) {
        return 0;
    }
    int is_group = PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup);
    const char *header = is_group ? EXCEPTION_GROUP_TB_HEADER : EXCEPTION_TB_HEADER;
    const char *header_margin = is_group && d->group_depth == 1 ? "+ " : MARGIN(d);
    return _PyTraceBack_Print_Indented(tb, INDENT(d), MARGIN(d), header_margin, header, d->file);
}

/* "module.Type" */
static int
print_type_name(display *d, PyTypeObject *type)
{
    PyObject *module;
    int res;
    if (_PyObject_LookupAttr((PyObject *)type, &_Py_ID(__module__), &module) < 0) {
        PyErr_Clear();
        module = NULL;
    }
    if (module == NULL || !PyUnicode_Check(module)) {
        res = write_text(d, "<unknown>.");
    }
    else if (_PyUnicode_EqualToASCIIString(module, "builtins")
             || _PyUnicode_EqualToASCIIString(module, "__main__"))
    {
        res = 0;
    }
    else {
        res = PyFile_WriteObject(module, d->file, Py_PRINT_RAW) < 0 || write_text(d, ".") < 0
            ? -1 : 0;
    }
    Py_XDECREF(module);
    if (res < 0) {
        return -1;
    }
    PyObject *qualname = PyType_GetQualName(type);
    if (qualname == NULL || !PyUnicode_Check(qualname)) {
        PyErr_Clear();
        res = write_text(d, "<unknown>");
    }
    else {
        res = PyFile_WriteObject(qualname, d->file, Py_PRINT_RAW);
    }
    Py_XDECREF(qualname);
    return res;
}

/* ": message" unless that is empty. */
static int
print_message(display *d, PyObject *value)
{
    if (value == Py_None) {
        return 0;
    }
    PyObject *text = PyObject_Str(value);
    int res = 0;
    if (text == NULL) {
        PyErr_Clear();
        return write_text(d, ": <exception str() failed>");
    }
    if (!PyUnicode_Check(text) || PyUnicode_GET_LENGTH(text) != 0) {
        res = write_text(d, ": ") < 0 || PyFile_WriteObject(text, d->file, Py_PRINT_RAW) < 0
            ? -1 : 0;
    }
    Py_DECREF(text);
    return res;
}

static int
print_suggestion(display *d, PyObject *exc)
{
    PyObject *text = _Py_Offer_Suggestions(exc);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    int res = PyFile_WriteObject(text, d->file, Py_PRINT_RAW);
    Py_DECREF(text);
    return res;
}

/* The lines of one note, each with the margin. */
static int
print_note(display *d, PyObject *note)
{
    PyObject *text = PyUnicode_Check(note) ? Py_NewRef(note) : PyObject_Str(note);
    if (text == NULL) {
        PyErr_Clear();
        return write_margin(d) < 0 || write_text(d, "<note str() failed>\n") < 0 ? -1 : 0;
    }
    PyObject *newline = PyUnicode_FromOrdinal('\n');
    PyObject *lines = newline == NULL ? NULL : PyUnicode_Split(text, newline, -1);
    Py_XDECREF(newline);
    Py_DECREF(text);
    if (lines == NULL) {
        return -1;
    }
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(lines); i++) {
        res = write_margin(d) < 0
            || PyFile_WriteObject(PyList_GET_ITEM(lines, i), d->file, Py_PRINT_RAW) < 0
            || write_text(d, "\n") < 0 ? -1 : 0;
    }
    Py_DECREF(lines);
    return res;
}

static int
print_notes(display *d, PyObject *exc)
{
    PyObject *notes;
    if (_PyObject_LookupAttr(exc, &_Py_ID(__notes__), &notes) < 0) {
        PyErr_Clear();
        return write_margin(d) < 0
            || write_text(d, "Ignored error getting __notes__\n") < 0 ? -1 : 0;
    }
    if (notes == NULL) {
        return 0;
    }
    int res = 0;
    if (!PySequence_Check(notes) || PyUnicode_Check(notes) || PyBytes_Check(notes)) {
        PyObject *repr = PyObject_Repr(notes);
        if (repr == NULL) {
            PyErr_Clear();
            res = write_margin(d) < 0 || write_text(d, "<__notes__ repr() failed>\n") < 0 ? -1 : 0;
        }
        else {
            res = write_margin(d) < 0 || PyFile_WriteObject(repr, d->file, Py_PRINT_RAW) < 0
                || write_text(d, "\n") < 0 ? -1 : 0;
            Py_DECREF(repr);
        }
    }
    else {
        Py_ssize_t n = PySequence_Size(notes);
        res = n < 0 ? -1 : 0;
        for (Py_ssize_t i = 0; res == 0 && i < n; i++) {
            PyObject *note = PySequence_GetItem(notes, i);
            res = note == NULL ? -1 : print_note(d, note);
            Py_XDECREF(note);
        }
    }
    Py_DECREF(notes);
    return res;
}

/* One exception without those it is chained to: 0, or -1 with an exception. */
static int
print_exception(display *d, PyObject *exc)
{
    if (!PyExceptionInstance_Check(exc)) {
        return write_margin(d) < 0
            || write_text(d, "TypeError: print_exception(): Exception expected for value, ") < 0
            || write_text(d, Py_TYPE(exc)->tp_name) < 0
            || write_text(d, " found\n") < 0 ? -1 : 0;
    }
    fflush(stdout);
    if (print_traceback(d, exc) < 0) {
        return -1;
    }
    PyObject *message = Py_NewRef(exc);
    int res = print_file_and_line(d, exc, &message) < 0
        || write_margin(d) < 0
        || print_type_name(d, Py_TYPE(exc)) < 0
        || print_message(d, message) < 0
        || print_suggestion(d, exc) < 0
        || write_text(d, "\n") < 0
        || print_notes(d, exc) < 0 ? -1 : 0;
    Py_DECREF(message);
    return res;
}


/* ------------------------------------------------------------------ chains and groups */

static int print_recursive(display *d, PyObject *exc);

/* Records an exception as shown.  1 if it was not yet, 0 if it was; problems are ignored. */
static int
mark_seen(display *d, PyObject *exc)
{
    assert(PyExceptionInstance_Check(exc));
    if (d->seen == NULL) {
        return 0;               /* chains cannot be followed safely */
    }
    PyObject *id = PyLong_FromVoidPtr(exc);
    int known = id == NULL ? -1 : PySet_Contains(d->seen, id);
    if (known == 0 && PySet_Add(d->seen, id) < 0) {
        known = -1;
    }
    Py_XDECREF(id);
    if (known != 0) {
        PyErr_Clear();
    }
    return known == 0;
}

static int
was_seen(display *d, PyObject *exc)
{
    PyObject *id = d->seen == NULL ? NULL : PyLong_FromVoidPtr(exc);
    int known = id == NULL ? 1 : PySet_Contains(d->seen, id);
    Py_XDECREF(id);
    if (known < 0) {
        PyErr_Clear();
    }
    return known != 0;
}

static int
print_chained(display *d, PyObject *exc, const char *message)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " in print_chained")) {
        return -1;
    }
    int need_close = d->need_close;
    int res = print_recursive(d, exc);
    d->need_close = need_close;
    _Py_LeaveRecursiveCallTstate(tstate);
    if (res < 0) {
        return -1;
    }
    return write_margin(d) < 0 || write_text(d, "\n") < 0
        || write_margin(d) < 0 || write_text(d, message) < 0
        || write_margin(d) < 0 || write_text(d, "\n") < 0 ? -1 : 0;
}

/* What was raised before `exc`: its cause, or its context unless that is suppressed. */
static int
print_cause_and_context(display *d, PyObject *exc)
{
    if (!mark_seen(d, exc)) {
        return 0;
    }
    PyBaseExceptionObject *base = (PyBaseExceptionObject *)exc;
    if (base->cause != NULL) {
        if (was_seen(d, base->cause)) {
            return 0;
        }
        PyObject *cause = Py_NewRef(base->cause);
        int res = print_chained(d, cause, cause_message);
        Py_DECREF(cause);
        return res;
    }
    if (base->context != NULL && !base->suppress_context) {
        if (was_seen(d, base->context)) {
            return 0;
        }
        PyObject *context = Py_NewRef(base->context);
        int res = print_chained(d, context, context_message);
        Py_DECREF(context);
        return res;
    }
    return 0;
}

/* The line above item i of a group: a branch of the tree. */
static int
print_branch(display *d, Py_ssize_t i, int truncated)
{
    PyObject *label = truncated ? PyUnicode_FromString("...") : PyUnicode_FromFormat("%zd", i + 1);
    PyObject *line = label == NULL ? NULL
        : PyUnicode_FromFormat("%s+---------------- %U ----------------\n",
                               i == 0 ? "+-" : "  ", label);
    Py_XDECREF(label);
    assert(d->group_depth >= 2);
    int res = line == NULL || _Py_WriteIndent(INDENT(d) - 2, d->file) < 0
        || PyFile_WriteObject(line, d->file, Py_PRINT_RAW) < 0 ? -1 : 0;
    Py_XDECREF(line);
    return res;
}

static int
print_group_item(display *d, PyObject *excs, Py_ssize_t i, Py_ssize_t shown)
{
    Py_ssize_t total = PyTuple_GET_SIZE(excs);
    int is_last = i == shown - 1;
    int truncated = i >= MAX_GROUP_WIDTH;
    if (is_last) {
        d->need_close = 1;      /* an inner group may close the frame for us */
    }
    if (print_branch(d, i, truncated) < 0) {
        return -1;
    }
    int res;
    if (truncated) {
        Py_ssize_t more = total - MAX_GROUP_WIDTH;
        PyObject *line = PyUnicode_FromFormat("and %zd more exception%s\n", more,
                                              more > 1 ? "s" : "");
        res = line == NULL || write_margin(d) < 0
            || PyFile_WriteObject(line, d->file, Py_PRINT_RAW) < 0 ? -1 : 0;
        Py_XDECREF(line);
    }
    else {
        PyThreadState *tstate = _PyThreadState_GET();
        if (_Py_EnterRecursiveCallTstate(tstate, " in print_exception_group")) {
            return -1;
        }
        res = print_recursive(d, PyTuple_GET_ITEM(excs, i));
        _Py_LeaveRecursiveCallTstate(tstate);
    }
    if (res == 0 && is_last && d->need_close) {
        res = _Py_WriteIndent(INDENT(d), d->file) < 0
            || write_text(d, "+------------------------------------\n") < 0 ? -1 : 0;
        d->need_close = 0;
    }
    return res;
}

static int
print_group(display *d, PyObject *exc)
{
    if (d->group_depth > MAX_GROUP_DEPTH) {
        PyObject *line = PyUnicode_FromFormat("... (max_group_depth is %d)\n", MAX_GROUP_DEPTH);
        int res = line == NULL || write_margin(d) < 0
            || PyFile_WriteObject(line, d->file, Py_PRINT_RAW) < 0 ? -1 : 0;
        Py_XDECREF(line);
        return res;
    }
    int outermost = d->group_depth == 0;
    if (outermost) {
        d->group_depth++;
    }
    int res = print_exception(d, exc);
    if (res == 0) {
        PyObject *excs = Py_NewRef(((PyBaseExceptionGroupObject *)exc)->excs);
        assert(PyTuple_Check(excs));
        Py_ssize_t shown = Py_MIN(PyTuple_GET_SIZE(excs), MAX_GROUP_WIDTH + 1);
        d->need_close = 0;
        d->group_depth++;
        for (Py_ssize_t i = 0; res == 0 && i < shown; i++) {
            res = print_group_item(d, excs, i, shown);
        }
        d->group_depth--;
        Py_DECREF(excs);
    }
    if (outermost) {
        d->group_depth--;
    }
    return res;
}

static int
print_recursive(display *d, PyObject *exc)
{
    if (PyExceptionInstance_Check(exc)) {
        if (print_cause_and_context(d, exc) < 0) {
            return -1;
        }
        if (PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup)) {
            return print_group(d, exc);
        }
    }
    return print_exception(d, exc);
}


/* -------------------------------------------------------------------- entry points */

static void
flush_file(PyObject *file)
{
    PyObject *res = PyObject_CallMethodNoArgs(file, &_Py_ID(flush));
    if (res == NULL) {
        PyErr_Clear();
        return;
    }
    Py_DECREF(res);
}

/* Prints to a file.  `unused` is what used to be the type. */
void
_PyErr_Display(PyObject *file, PyObject *Py_UNUSED(unused), PyObject *value, PyObject *tb)
{
    assert(file != NULL && file != Py_None);
    if (PyExceptionInstance_Check(value) && tb != NULL && PyTraceBack_Check(tb)
        && ((PyBaseExceptionObject *)value)->traceback == NULL)
    {
        PyException_SetTraceback(value, tb);
    }
    display d = {.file = file};
    d.seen = PySet_New(NULL);
    if (d.seen == NULL) {
        PyErr_Clear();
    }
    if (print_recursive(&d, value) < 0) {
        PyErr_Clear();
        _PyObject_Dump(value);
        fprintf(stderr, "lost sys.stderr\n");
    }
    Py_XDECREF(d.seen);
    flush_file(file);
}

void
_PyErr_DisplayException(PyObject *file, PyObject *exc)
{
    _PyErr_Display(file, NULL, exc, NULL);
}

void
PyErr_Display(PyObject *unused, PyObject *value, PyObject *tb)
{
    PyObject *file = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(stderr));
    if (file == NULL) {
        _PyObject_Dump(value);
        fprintf(stderr, "lost sys.stderr\n");
        return;
    }
    if (file == Py_None) {
        return;
    }
    Py_INCREF(file);
    _PyErr_Display(file, unused, value, tb);
    Py_DECREF(file);
}

void
PyErr_DisplayException(PyObject *exc)
{
    PyErr_Display(NULL, exc, NULL);
}

/* Clears the pending exception.  1 if it is a SystemExit that ends the process, with the exit
   status stored; else 0, with the exception still pending. */
int
_Py_HandleSystemExit(int *exitcode_p)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyInterpreterState_GetConfigRef(tstate->interp)->inspect) {
        return 0;               /* -i: not even SystemExit ends it */
    }
    if (!_PyErr_ExceptionMatches(tstate, PyExc_SystemExit)) {
        return 0;
    }
    fflush(stdout);
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyObject *code = NULL;
    if (_PyObject_LookupAttr(exc, &_Py_ID(code), &code) < 0) {
        _PyErr_Clear(tstate);
    }
    if (code == NULL) {
        code = Py_NewRef(exc);
    }
    int status = 0;
    if (code == Py_None) {
        status = 0;
    }
    else if (PyLong_Check(code)) {
        status = (int)PyLong_AsLong(code);
    }
    else {
        PyObject *file = _PySys_GetAttr(tstate, &_Py_ID(stderr));
        if (file != NULL && file != Py_None) {
            PyFile_WriteObject(code, file, Py_PRINT_RAW);
        }
        else {
            PyObject_Print(code, stderr, Py_PRINT_RAW);
            fflush(stderr);
        }
        PySys_WriteStderr("\n");
        status = 1;
    }
    _PyErr_Clear(tstate);
    Py_DECREF(code);
    Py_DECREF(exc);
    *exitcode_p = status;
    return 1;
}

static void
handle_system_exit(void)
{
    int exitcode;
    if (_Py_HandleSystemExit(&exitcode)) {
        Py_Exit(exitcode);
    }
}

/* sys.last_exc and the older three. */
static void
set_last_exception(PyObject *exc, PyObject *tb)
{
    if (_PySys_SetAttr(&_Py_ID(last_exc), exc) < 0
        || _PySys_SetAttr(&_Py_ID(last_type), (PyObject *)Py_TYPE(exc)) < 0
        || _PySys_SetAttr(&_Py_ID(last_value), exc) < 0
        || _PySys_SetAttr(&_Py_ID(last_traceback), tb) < 0)
    {
        PyErr_Clear();
    }
}

/* The hook failed: shows its exception and the one it was called for. */
static void
report_failed_hook(PyThreadState *tstate, PyObject *exc)
{
    handle_system_exit();
    PyObject *hook_exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    fflush(stdout);
    PySys_WriteStderr("Error in sys.excepthook:\n");
    if (hook_exc != NULL) {
        PyErr_DisplayException(hook_exc);
    }
    PySys_WriteStderr("\nOriginal exception was:\n");
    PyErr_DisplayException(exc);
    Py_XDECREF(hook_exc);
}

static void
print_pending(PyThreadState *tstate, int set_sys_last_vars)
{
    assert(tstate != NULL);
    handle_system_exit();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (exc == NULL) {
        return;
    }
    PyObject *type = (PyObject *)Py_TYPE(exc);
    PyObject *tb = PyException_GetTraceback(exc);
    if (tb == NULL) {
        tb = Py_NewRef(Py_None);
    }
    if (set_sys_last_vars) {
        set_last_exception(exc, tb);
    }
    PyObject *hook = Py_XNewRef(_PySys_GetAttr(tstate, &_Py_ID(excepthook)));
    if (PySys_Audit("sys.excepthook", "OOOO", hook != NULL ? hook : Py_None, type, exc, tb) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();
            goto done;
        }
        _PyErr_WriteUnraisableMsg("in audit hook", NULL);
    }
    if (hook == NULL) {
        PySys_WriteStderr("sys.excepthook is missing\n");
        PyErr_DisplayException(exc);
    }
    else {
        PyObject *args[3] = {type, exc, tb};
        PyObject *result = PyObject_Vectorcall(hook, args, 3, NULL);
        if (result == NULL) {
            report_failed_hook(tstate, exc);
        }
        Py_XDECREF(result);
    }
done:
    Py_XDECREF(hook);
    Py_DECREF(tb);
    Py_DECREF(exc);
}

void
_PyErr_Print(PyThreadState *tstate)
{
    print_pending(tstate, 1);
}

void
PyErr_PrintEx(int set_sys_last_vars)
{
    print_pending(_PyThreadState_GET(), set_sys_last_vars);
}

void
PyErr_Print(void)
{
    PyErr_PrintEx(1);
}
