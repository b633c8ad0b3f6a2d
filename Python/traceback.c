/* Traceback objects and their printing.
 *
 * A traceback records a frame and the offset of the instruction at work; its line number is
 * computed when somebody asks (tb_lineno is -1 until then) unless the frame has a line set by
 * hand.  Chains grow at the front as an exception leaves frames.
 * Printing shows each entry with its source line and markers under the part that was at work
 * (PEP 657); a run of equal entries is shortened.
 * Written from the C API and language references, PEP 657 and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_code.h"        // PyCode_Addr2Line()
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_frame.h"       // struct _frame
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_signature.h"   // _PyArg_UnpackSignature()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()
#include "pycore_traceback.h"   // _Py_ReadSourceLine()
#include "frameobject.h"        // PyFrame_New()
#include "structmember.h"       // PyMemberDef

#include "sig/traceback.sig.h"

#define SOURCE_LINE_INDENT 4
#define DEFAULT_LIMIT 1000
/* This many equal entries are shown, further ones counted. */
#define REPETITIONS_SHOWN 3


/* ------------------------------------------------------------------------- the type */

static PyObject *
create_traceback(PyTracebackObject *next, PyFrameObject *frame, int lasti, int lineno)
{
    assert(next == NULL || PyTraceBack_Check(next));
    assert(frame != NULL && PyFrame_Check(frame));
    PyTracebackObject *tb = PyObject_GC_New(PyTracebackObject, &PyTraceBack_Type);
    if (tb == NULL) {
        return NULL;
    }
    tb->tb_next = (PyTracebackObject *)Py_XNewRef(next);
    tb->tb_frame = (PyFrameObject *)Py_NewRef(frame);
    tb->tb_lasti = lasti;
    tb->tb_lineno = lineno;
    _PyObject_GC_TRACK((PyObject *)tb);
    return (PyObject *)tb;
}

/*sig TracebackType.__new__(type, tb_next: object, tb_frame: type[&PyFrame_Type],
                            tb_lasti: int, tb_lineno: int)

Create a new traceback object.
*/
static PyObject *
traceback_new_impl(PyTypeObject *type, PyObject *tb_next, PyObject *tb_frame, int tb_lasti,
                   int tb_lineno)
{
    assert(type == &PyTraceBack_Type);
    (void)type;
    if (tb_next == Py_None) {
        tb_next = NULL;
    }
    else if (!PyTraceBack_Check(tb_next)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object or None, got '%s'",
                     Py_TYPE(tb_next)->tp_name);
        return NULL;
    }
    return create_traceback((PyTracebackObject *)tb_next, (PyFrameObject *)tb_frame, tb_lasti,
                            tb_lineno);
}

static PyObject *
traceback_dir(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[ssss]", "tb_frame", "tb_next", "tb_lasti", "tb_lineno");
}

static PyObject *
traceback_get_next(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *next = (PyObject *)((PyTracebackObject *)op)->tb_next;
    return Py_NewRef(next != NULL ? next : Py_None);
}

static int
traceback_set_next(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    PyTracebackObject *self = (PyTracebackObject *)op;
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    if (value == Py_None) {
        value = NULL;
    }
    else if (!PyTraceBack_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object, got '%s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    for (PyTracebackObject *tb = (PyTracebackObject *)value; tb != NULL; tb = tb->tb_next) {
        if (tb == self) {
            PyErr_SetString(PyExc_ValueError, "traceback loop detected");
            return -1;
        }
    }
    Py_XSETREF(self->tb_next, (PyTracebackObject *)Py_XNewRef(value));
    return 0;
}

static int
get_lineno(PyTracebackObject *tb)
{
    if (tb->tb_lineno != -1) {
        return tb->tb_lineno;
    }
    PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
    int lineno = PyCode_Addr2Line(code, tb->tb_lasti);
    Py_DECREF(code);
    return lineno;
}

static PyObject *
traceback_get_lineno(PyObject *op, void *Py_UNUSED(closure))
{
    int lineno = get_lineno((PyTracebackObject *)op);
    return lineno < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(lineno);
}

static void
traceback_dealloc(PyObject *op)
{
    PyTracebackObject *tb = (PyTracebackObject *)op;
    PyObject_GC_UnTrack(tb);
    Py_TRASHCAN_BEGIN(tb, traceback_dealloc)
    Py_XDECREF(tb->tb_next);
    Py_XDECREF(tb->tb_frame);
    PyObject_GC_Del(tb);
    Py_TRASHCAN_END
}

static int
traceback_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyTracebackObject *tb = (PyTracebackObject *)op;
    Py_VISIT(tb->tb_next);
    Py_VISIT(tb->tb_frame);
    return 0;
}

static int
traceback_clear(PyObject *op)
{
    PyTracebackObject *tb = (PyTracebackObject *)op;
    Py_CLEAR(tb->tb_next);
    Py_CLEAR(tb->tb_frame);
    return 0;
}

static PyMethodDef traceback_methods[] = {
    {"__dir__", traceback_dir, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef traceback_members[] = {
    {"tb_frame", T_OBJECT, offsetof(PyTracebackObject, tb_frame), READONLY | PY_AUDIT_READ, NULL},
    {"tb_lasti", T_INT, offsetof(PyTracebackObject, tb_lasti), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef traceback_getset[] = {
    {"tb_next", traceback_get_next, traceback_set_next, NULL, NULL},
    {"tb_lineno", traceback_get_lineno, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

_Py_SHARED PyTypeObject PyTraceBack_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "traceback",
    .tp_basicsize = sizeof(PyTracebackObject),
    .tp_dealloc = traceback_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = traceback_new__doc__,
    .tp_traverse = traceback_traverse,
    .tp_clear = traceback_clear,
    .tp_methods = traceback_methods,
    .tp_members = traceback_members,
    .tp_getset = traceback_getset,
    .tp_new = traceback_new,
};


/* --------------------------------------------------------- adding to an exception */

/* A traceback entry for where the frame is now, in front of tb_next (or NULL). */
PyObject *
_PyTraceBack_FromFrame(PyObject *tb_next, PyFrameObject *frame)
{
    assert(tb_next == NULL || PyTraceBack_Check(tb_next));
    int lasti = PyFrame_GetLasti(frame);
    int lineno = frame->f_lineno != 0 ? frame->f_lineno : -1;
    return create_traceback((PyTracebackObject *)tb_next, frame, lasti, lineno);
}

/* Adds the frame to the traceback of the pending exception: 0, or -1 with another exception,
   which has the pending one as its context. */
int
PyTraceBack_Here(PyFrameObject *frame)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL && PyExceptionInstance_Check(exc));
    PyBaseExceptionObject *base = (PyBaseExceptionObject *)exc;
    PyObject *newtb = _PyTraceBack_FromFrame(base->traceback, frame);
    if (newtb == NULL) {
        _PyErr_ChainExceptions1(exc);
        return -1;
    }
    Py_XSETREF(base->traceback, newtb);
    _PyErr_SetRaisedException(tstate, exc);
    return 0;
}

/* Adds an entry for a place that has no Python frame, as C code does for its callers. */
void
_PyTraceback_Add(const char *funcname, const char *filename, int lineno)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyFrameObject *frame = NULL;
    PyObject *globals = PyDict_New();
    PyCodeObject *code = globals == NULL ? NULL : PyCode_NewEmpty(filename, funcname, lineno);
    if (code != NULL) {
        frame = PyFrame_New(tstate, code, globals, NULL);
        Py_DECREF(code);
    }
    Py_XDECREF(globals);
    if (frame == NULL) {
        _PyErr_ChainExceptions1(exc);
        return;
    }
    frame->f_lineno = lineno;
    _PyErr_SetRaisedException(tstate, exc);
    PyTraceBack_Here(frame);
    Py_DECREF(frame);
}


/* -------------------------------------------------------------------- source lines */

int
_Py_WriteIndent(int indent, PyObject *f)
{
    char spaces[] = "          ";
    assert(indent >= 0);
    while (indent > 0) {
        int n = indent < 10 ? indent : 10;
        spaces[n] = '\0';
        if (PyFile_WriteString(spaces, f) < 0) {
            return -1;
        }
        indent -= n;
    }
    return 0;
}

int
_Py_WriteIndentedMargin(int indent, const char *margin, PyObject *f)
{
    if (_Py_WriteIndent(indent, f) < 0) {
        return -1;
    }
    return margin != NULL ? PyFile_WriteString(margin, f) : 0;
}

static int
is_blank(Py_UCS4 ch)
{
    return ch == ' ' || ch == '\t' || ch == '\014';
}

/* Reads a line of the file, or of a file of that name on sys.path. */
static int
find_line(PyObject *filename, int lineno, PyObject **line)
{
    int res = _Py_ReadSourceLine(filename, lineno, NULL, 1, line);
    if (res != 0) {
        return res;
    }
    PyObject *path = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(path));   /* borrowed */
    if (path == NULL || !PyList_Check(path)) {
        return 0;
    }
    Py_ssize_t sep = PyUnicode_FindChar(filename, '/', 0, PyUnicode_GET_LENGTH(filename), -1);
    PyObject *tail = PyUnicode_Substring(filename, sep + 1, PyUnicode_GET_LENGTH(filename));
    if (tail == NULL) {
        return -1;
    }
    Py_INCREF(path);
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(path); i++) {
        PyObject *folder = PyList_GET_ITEM(path, i);
        if (!PyUnicode_Check(folder) || PyUnicode_GET_LENGTH(folder) == 0) {
            continue;
        }
        PyObject *name = PyUnicode_FromFormat("%U/%U", folder, tail);
        res = name == NULL ? -1 : _Py_ReadSourceLine(name, lineno, NULL, 1, line);
        Py_XDECREF(name);
    }
    Py_DECREF(path);
    Py_DECREF(tail);
    return res;
}

/* The margin in front of a source line belongs to exception groups. */
static int
display_line_with_margin(PyObject *f, PyObject *filename, int lineno, int indent,
                         int margin_indent, const char *margin, int *truncation, PyObject **line)
{
    if (line != NULL) {
        *line = NULL;
    }
    if (filename == NULL) {
        return 0;
    }
    PyObject *text;
    int res = find_line(filename, lineno, &text);
    if (res <= 0) {
        return res;
    }
    Py_ssize_t start = 0, end = PyUnicode_GET_LENGTH(text);
    while (start < end && is_blank(PyUnicode_READ_CHAR(text, start))) {
        start++;
    }
    if (truncation != NULL) {
        *truncation = (int)start;
    }
    PyObject *shown = PyUnicode_Substring(text, start, end);
    res = shown == NULL || _Py_WriteIndentedMargin(margin_indent, margin, f) < 0
        || _Py_WriteIndent(indent, f) < 0 || PyFile_WriteObject(shown, f, Py_PRINT_RAW) < 0
        || PyFile_WriteString("\n", f) < 0 ? -1 : 0;
    Py_XDECREF(shown);
    if (line != NULL && res == 0) {
        *line = text;
    }
    else {
        Py_DECREF(text);
    }
    return res;
}

int
_Py_DisplaySourceLine(PyObject *f, PyObject *filename, int lineno, int indent, int *truncation,
                      PyObject **line)
{
    return display_line_with_margin(f, filename, lineno, indent, 0, NULL, truncation, line);
}


/* ------------------------------------------------------------- markers (PEP 657) */

/* A part of a source line, in characters. */
typedef struct {
    Py_ssize_t start, end;      /* what was at work */
    Py_ssize_t left, right;     /* its operator: [left, right), or -1 */
} marked_range;

/* The number of characters in the first `offset` bytes of the line as UTF-8, or -1 with an
   exception. */
static Py_ssize_t
byte_to_character_offset(PyObject *line, Py_ssize_t offset)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(line, &size);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < offset && i < size; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return n;
}

/* Finds what to mark: 1, 0 if nothing, -1 with an exception. */
static int
find_range(PyTracebackObject *tb, PyCodeObject *code, PyObject *line, int truncation,
           marked_range *range)
{
    int start_line, end_line, start_byte, end_byte;
    if (!PyCode_Addr2Location(code, tb->tb_lasti, &start_line, &start_byte, &end_line, &end_byte)
        || start_line < 0 || end_line < 0 || start_byte < 0 || end_byte < 0)
    {
        return 0;
    }
    Py_ssize_t stripped_end = PyUnicode_GET_LENGTH(line);
    while (stripped_end > 0 && Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(line, stripped_end - 1))) {
        stripped_end--;
    }
    range->start = byte_to_character_offset(line, start_byte);
    range->end = start_line == end_line ? byte_to_character_offset(line, end_byte)
                                        : stripped_end;
    if (range->start < 0 || range->end < 0) {
        return -1;
    }
    range->left = range->right = -1;
    if (start_line == end_line) {
        PyObject *segment = PyUnicode_Substring(line, range->start, range->end);
        if (segment == NULL) {
            return -1;
        }
        int res = _Py_FindAnchors(segment, &range->left, &range->right);
        Py_DECREF(segment);
        if (res < 0) {
            return -1;
        }
        if (res > 0) {
            range->left += range->start;
            range->right += range->start;
        }
    }
    /* Markers under all of the line say nothing. */
    return range->left >= 0 || range->end - range->start != stripped_end - truncation;
}

/* unicodedata.east_asian_width() as a new reference if the line has more than ASCII; otherwise, and
   if it is not to be had, NULL without an exception: each character counts one column then. */
static PyObject *
get_width_function(PyObject *line)
{
    if (PyUnicode_IS_ASCII(line)) {
        return NULL;
    }
    PyObject *module = PyImport_ImportModule("unicodedata");
    PyObject *function = module == NULL ? NULL
                                        : PyObject_GetAttrString(module, "east_asian_width");
    Py_XDECREF(module);
    if (function == NULL) {
        PyErr_Clear();
    }
    return function;
}

/* The columns of the character at i: 2 if it is wide or fullwidth, else 1; -1 with an exception. */
static int
get_columns(PyObject *line, Py_ssize_t i, PyObject *width_function)
{
    Py_UCS4 ch = PyUnicode_READ_CHAR(line, i);
    if (ch < 0x80 || width_function == NULL) {
        return 1;
    }
    PyObject *arg = PyUnicode_FromOrdinal((int)ch);
    PyObject *width = arg == NULL ? NULL : PyObject_CallOneArg(width_function, arg);
    Py_XDECREF(arg);
    if (width == NULL) {
        return -1;
    }
    int wide = PyUnicode_Check(width) && (PyUnicode_CompareWithASCIIString(width, "W") == 0
                                          || PyUnicode_CompareWithASCIIString(width, "F") == 0);
    Py_DECREF(width);
    return wide ? 2 : 1;
}

static int
print_markers(PyObject *f, PyObject *line, const marked_range *range, int truncation)
{
    PyObject *width_function = get_width_function(line);
    Py_ssize_t end = Py_MIN(range->end, PyUnicode_GET_LENGTH(line));
    int res = 0;
    for (Py_ssize_t i = truncation; i < end && res == 0; i++) {
        const char *mark = "^";
        if (i < range->start) {
            mark = " ";
        }
        else if (range->left >= 0 && (i < range->left || i >= range->right)) {
            mark = "~";
        }
        int columns = get_columns(line, i, width_function);
        res = columns < 0 ? -1 : 0;
        while (columns-- > 0 && res == 0) {
            res = PyFile_WriteString(mark, f);
        }
    }
    Py_XDECREF(width_function);
    return res < 0 ? -1 : PyFile_WriteString("\n", f);
}

/* The source line of an entry and the markers under it. */
static int
display_source(PyTracebackObject *tb, PyObject *f, PyCodeObject *code, int lineno,
               int margin_indent, const char *margin)
{
    int truncation = 0;
    PyObject *line;
    if (display_line_with_margin(f, code->co_filename, lineno, SOURCE_LINE_INDENT, margin_indent,
                                 margin, &truncation, &line) < 0)
    {
        return -1;
    }
    if (line == NULL || tb->tb_lasti < 0) {
        Py_XDECREF(line);
        return 0;
    }
    marked_range range;
    int res = find_range(tb, code, line, truncation, &range);
    if (res > 0) {
        res = _Py_WriteIndentedMargin(margin_indent, margin, f) < 0
            || _Py_WriteIndent(SOURCE_LINE_INDENT, f) < 0
            || print_markers(f, line, &range, truncation) < 0 ? -1 : 0;
    }
    Py_DECREF(line);
    return res;
}


/* ------------------------------------------------------------------------- printing */

static int
display_entry(PyTracebackObject *tb, PyObject *f, PyCodeObject *code, int lineno, int indent,
              const char *margin)
{
    PyObject *line = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n", code->co_filename,
                                          lineno, code->co_name);
    if (line == NULL) {
        return -1;
    }
    int res = _Py_WriteIndentedMargin(indent, margin, f) < 0
        || PyFile_WriteObject(line, f, Py_PRINT_RAW) < 0 ? -1 : 0;
    Py_DECREF(line);
    if (res < 0) {
        return -1;
    }
    if (display_source(tb, f, code, lineno, indent, margin) < 0) {
        /* The source is an extra: only a broken file object counts. */
        PyErr_Clear();
    }
    return 0;
}

static int
display_repetitions(PyObject *f, long count, int indent, const char *margin)
{
    count -= REPETITIONS_SHOWN;
    PyObject *line = PyUnicode_FromFormat("  [Previous line repeated %ld more time%s]\n", count,
                                          count > 1 ? "s" : "");
    if (line == NULL) {
        return -1;
    }
    int res = _Py_WriteIndentedMargin(indent, margin, f) < 0
        || PyFile_WriteObject(line, f, Py_PRINT_RAW) < 0 ? -1 : 0;
    Py_DECREF(line);
    return res;
}

static int
display_entries(PyTracebackObject *tb, PyObject *f, long limit, int indent, const char *margin)
{
    long depth = 0;
    for (PyTracebackObject *t = tb; t != NULL; t = t->tb_next) {
        depth++;
    }
    for (; tb != NULL && depth > limit; depth--) {  /* the last ones are the interesting ones */
        tb = tb->tb_next;
    }
    PyObject *last_file = NULL, *last_name = NULL;  /* borrowed: `tb` keeps them */
    int last_line = -1;
    long count = 0;
    for (; tb != NULL; tb = tb->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        int lineno = get_lineno(tb);
        int same = last_file != NULL && code->co_filename == last_file && lineno == last_line
            && code->co_name == last_name;
        if (!same) {
            if (count > REPETITIONS_SHOWN && display_repetitions(f, count, indent, margin) < 0) {
                goto error;
            }
            last_file = code->co_filename;
            last_line = lineno;
            last_name = code->co_name;
            count = 0;
        }
        count++;
        if (count <= REPETITIONS_SHOWN
            && (display_entry(tb, f, code, lineno, indent, margin) < 0 || PyErr_CheckSignals() < 0))
        {
            goto error;
        }
        Py_DECREF(code);
        continue;
error:
        Py_DECREF(code);
        return -1;
    }
    return count > REPETITIONS_SHOWN ? display_repetitions(f, count, indent, margin) : 0;
}

/* sys.tracebacklimit, clipped: 0 or less shows nothing. */
static int
get_limit(long *limit)
{
    *limit = DEFAULT_LIMIT;
    PyObject *value = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(tracebacklimit));
    if (value == NULL || !PyLong_Check(value)) {
        return 0;
    }
    int overflow;
    *limit = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow > 0) {
        *limit = LONG_MAX;
    }
    else if (overflow < 0) {
        *limit = 0;
    }
    return *limit == -1 && PyErr_Occurred() ? -1 : 0;
}

int
_PyTraceBack_Print_Indented(PyObject *v, int indent, const char *margin,
                            const char *header_margin, const char *header, PyObject *f)
{
    if (v == NULL) {
        return 0;
    }
    if (!PyTraceBack_Check(v)) {
        PyErr_BadInternalCall();
        return -1;
    }
    long limit;
    if (get_limit(&limit) < 0) {
        return -1;
    }
    if (limit <= 0) {
        return 0;
    }
    if (_Py_WriteIndentedMargin(indent, header_margin, f) < 0
        || PyFile_WriteString(header, f) < 0)
    {
        return -1;
    }
    return display_entries((PyTracebackObject *)v, f, limit, indent, margin);
}

int
PyTraceBack_Print(PyObject *v, PyObject *f)
{
    return _PyTraceBack_Print_Indented(v, 0, NULL, NULL, EXCEPTION_TB_HEADER, f);
}
