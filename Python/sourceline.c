/* Reading one line of a source file, for tracebacks and syntax errors.
 *
 * The file is read with stdio and decoded line by line, so that it works before the io module
 * does and costs no more than the line wanted.  A line ends with \n, \r or \r\n.  The encoding
 * is that of a BOM, of a coding comment in the first two lines (PEP 263), or UTF-8; what cannot be
 * decoded is replaced.
 * Written from PEP 263 and the C API reference (PyErr_ProgramText). */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_ProgramDecodedTextObject()
#include "pycore_fileutils.h"   // _Py_fopen_obj()
#include "pycore_traceback.h"   // _Py_ReadSourceLine()

/* Longest name of an encoding that is looked at. */
#define MAX_ENCODING 64

/* A line of bytes that grows as it is read. */
typedef struct {
    char *data;
    size_t size;
    size_t allocated;
} byte_line;

static int
append_byte(byte_line *line, char c)
{
    if (line->size == line->allocated) {
        assert(line->size <= line->allocated);
        size_t allocated = line->allocated == 0 ? 256 : line->allocated * 2;
        char *data = PyMem_RawRealloc(line->data, allocated);
        if (data == NULL) {
            return -1;
        }
        line->data = data;
        line->allocated = allocated;
    }
    line->data[line->size++] = c;
    return 0;
}

/* Reads the next line, its end included as one '\n': 1, 0 at the end of the file, -1 without
   memory (no exception set). */
static int
read_line(FILE *fp, byte_line *line)
{
    int c;
    line->size = 0;
    while ((c = getc_unlocked(fp)) != EOF) {
        if (c == '\r') {
            int next = getc_unlocked(fp);
            if (next != '\n' && next != EOF) {
                ungetc(next, fp);
            }
            c = '\n';
        }
        if (append_byte(line, (char)c) < 0) {
            return -1;
        }
        if (c == '\n') {
            return 1;
        }
    }
    return line->size > 0;
}

static int
is_encoding_char(char c)
{
    return Py_ISALNUM(c) || c == '-' || c == '_' || c == '.';
}

/* The encoding that a comment line names: 1 if it does, else 0 with *only_comment telling
   whether the next line may do it. */
static int
find_coding(const byte_line *line, char *encoding, int *only_comment)
{
    size_t i = 0, n = line->size;
    while (i < n && (line->data[i] == ' ' || line->data[i] == '\t' || line->data[i] == '\f')) {
        i++;
    }
    *only_comment = i == n || line->data[i] == '#' || line->data[i] == '\n';
    if (i == n || line->data[i] != '#') {
        return 0;
    }
    for (; i + 6 < n; i++) {
        if (memcmp(line->data + i, "coding", 6) != 0
            || (line->data[i + 6] != ':' && line->data[i + 6] != '='))
        {
            continue;
        }
        size_t start = i + 7;
        while (start < n && (line->data[start] == ' ' || line->data[start] == '\t')) {
            start++;
        }
        size_t end = start;
        while (end < n && is_encoding_char(line->data[end])) {
            end++;
        }
        if (end > start && end - start < MAX_ENCODING) {
            memcpy(encoding, line->data + start, end - start);
            encoding[end - start] = '\0';
            return 1;
        }
    }
    return 0;
}

/* Leaves line `lineno` in *line and sets the encoding, if the file says one: like read_line(). */
static int
seek_line(FILE *fp, int lineno, byte_line *line, char *encoding)
{
    int may_say = 1;
    encoding[0] = '\0';
    assert(lineno >= 1);
    for (int number = 1; ; number++) {
        int res = read_line(fp, line);
        if (res <= 0) {
            return res;
        }
        if (number == 1 && line->size >= 3 && memcmp(line->data, "\xef\xbb\xbf", 3) == 0) {
            line->size -= 3;
            memmove(line->data, line->data + 3, line->size);
            strcpy(encoding, "utf-8");
            may_say = 0;
        }
        if (number <= 2 && may_say && find_coding(line, encoding, &may_say)) {
            may_say = 0;
        }
        if (number == lineno) {
            return 1;
        }
    }
}

/* The second line may name the encoding of the first one. */
static void
look_ahead(FILE *fp, int lineno, char *encoding)
{
    byte_line next = {NULL, 0, 0};
    int only_comment;
    if (lineno == 1 && encoding[0] == '\0' && read_line(fp, &next) > 0) {
        find_coding(&next, encoding, &only_comment);
    }
    PyMem_RawFree(next.data);
}

static PyObject *
decode_line(const byte_line *line, const char *encoding)
{
    PyObject *text = PyUnicode_Decode(line->data, (Py_ssize_t)line->size,
                                      encoding[0] != '\0' ? encoding : "utf-8", "replace");
    if (text == NULL && PyErr_ExceptionMatches(PyExc_LookupError)) {
        PyErr_Clear();          /* an encoding that does not exist */
        text = PyUnicode_DecodeUTF8(line->data, (Py_ssize_t)line->size, "replace");
    }
    return text;
}

static int
read_from(FILE *fp, int lineno, const char *forced_encoding, int strip_eol, PyObject **result)
{
    byte_line line = {NULL, 0, 0};
    char encoding[MAX_ENCODING];
    int res = seek_line(fp, lineno, &line, encoding);
    if (res < 0) {
        PyErr_NoMemory();
    }
    if (res > 0) {
        if (strip_eol && line.size > 0 && line.data[line.size - 1] == '\n') {
            line.size--;
        }
        if (forced_encoding == NULL) {
            look_ahead(fp, lineno, encoding);
        }
        *result = decode_line(&line, forced_encoding != NULL ? forced_encoding : encoding);
        if (*result == NULL) {
            res = -1;
        }
    }
    PyMem_RawFree(line.data);
    return res;
}

int
_Py_ReadSourceLine(PyObject *filename, int lineno, const char *encoding, int strip_eol,
                   PyObject **line)
{
    assert(!PyErr_Occurred());
    *line = NULL;
    if (filename == NULL || lineno <= 0) {
        return 0;
    }
    FILE *fp = _Py_fopen_obj(filename, "rb");
    if (fp == NULL) {
        if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    int res = read_from(fp, lineno, encoding, strip_eol, line);
    fclose(fp);
    return res;
}

/* The line with its end, or NULL, without an exception, if it cannot be had. */
PyObject *
_PyErr_ProgramDecodedTextObject(PyObject *filename, int lineno, const char *encoding)
{
    PyObject *line;
    if (_Py_ReadSourceLine(filename, lineno, encoding, 0, &line) < 0) {
        PyErr_Clear();
        return NULL;
    }
    return line;
}

PyObject *
PyErr_ProgramTextObject(PyObject *filename, int lineno)
{
    return _PyErr_ProgramDecodedTextObject(filename, lineno, NULL);
}

PyObject *
PyErr_ProgramText(const char *filename, int lineno)
{
    if (filename == NULL || *filename == '\0') {
        return NULL;
    }
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (name == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *line = PyErr_ProgramTextObject(name, lineno);
    Py_DECREF(name);
    return line;
}
