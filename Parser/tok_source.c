/* Where the tokenizer's lines come from: a string, a file, a terminal, a readline callable.

   Strings and files are decoded as a whole; lines of a terminal or of a callable are appended to
   the text one by one.  A file is read up to the first line that cannot be read; the exception for
   that line waits until the tokenizer gets there: an earlier line may be wrong in another way.
   Afterwards the text is UTF-8, lines end in "\n" (or "\r\n" where
   the caller wants them kept), and buf[size] is a '\n' and buf[size + 1] a NUL that do not count.
   Encoding: PEP 263.  Messages as observed. */

#include "Python.h"
#include "tokenizer.h"

#include <string.h>

static struct tokenizer *
tokenizer_new(void)
{
    struct tokenizer *tok = PyMem_Calloc(1, sizeof(*tok));
    if (tok == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    tok->at_line_start = 1;
    return tok;
}

void
_PyTokenizer_Free(struct tokenizer *tok)
{
    PyMem_Free(tok->buf);
    PyMem_Free(tok->encoding);
    PyMem_Free(tok->modes);
    Py_XDECREF(tok->unreadable);
    Py_XDECREF(tok->readline);
    Py_XDECREF(tok->filename);
    PyMem_Free(tok);
}

/* Makes room for n more bytes of text; moves all pointers into it. */
static int
reserve(struct tokenizer *tok, size_t n)
{
    if (n > (size_t)PY_SSIZE_T_MAX / 2 - tok->size) {
        PyErr_NoMemory();
        return -1;
    }
    size_t wanted = tok->size + n;
    if (tok->buf != NULL && wanted <= tok->allocated) {
        return 0;
    }
    if (tok->buf != NULL && wanted < 2 * tok->allocated) {
        wanted = 2 * tok->allocated;
    }
    char *old = tok->buf;
    size_t cur = (size_t)(tok->cur - old), line_start = (size_t)(tok->line_start - old);
    size_t line_end = (size_t)(tok->line_end - old);
    char *buf = PyMem_Realloc(old, wanted + 2);
    if (buf == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    tok->buf = buf;
    tok->allocated = wanted;
    tok->cur = buf + (old ? cur : 0);
    tok->line_start = buf + (old ? line_start : 0);
    tok->line_end = buf + (old ? line_end : 0);
    return 0;
}

/* Appends text with its newlines translated (those of a callable are kept).  end_line: add a
   missing last newline. */
static int
append(struct tokenizer *tok, const char *s, size_t n, int end_line)
{
    if (reserve(tok, n + 1) < 0) {
        return -1;
    }
    char *out = tok->buf + tok->size;
    if (tok->readline != NULL || memchr(s, '\r', n) == NULL) {
        memcpy(out, s, n);
        out += n;
    }
    else {
        for (const char *end = s + n; s < end; s++) {
            if (*s == '\r') {
                *out++ = '\n';
                s += s + 1 < end && s[1] == '\n';
            }
            else {
                *out++ = *s;
            }
        }
    }
    tok->implicit_newline = end_line && n > 0 && out[-1] != '\n';
    if (tok->implicit_newline) {
        *out++ = '\n';
    }
    tok->size = (size_t)(out - tok->buf);
    assert(tok->size <= tok->allocated);
    out[0] = '\n';
    out[1] = '\0';
    return 0;
}

/* Raises for a line with a NUL in it. */
static void
null_bytes(struct tokenizer *tok, const char *line, int lineno)
{
    PyObject *text = PyUnicode_DecodeUTF8(line, (Py_ssize_t)strcspn(line, "\n"), "replace");
    if (text == NULL) {
        return;
    }
    PyObject *args = Py_BuildValue("(s(OiiNii))", "source code cannot contain null bytes",
                                   tok->filename ? tok->filename : Py_None, lineno, 0, text,
                                   lineno, 0);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
}

/* Encoding declarations. */

/* "utf-8" and "iso-8859-1" for their usual spellings, else the name. */
static const char *
normal_name(const char *s, size_t n)
{
    char buf[13];
    size_t i;
    for (i = 0; i < 12 && i < n; i++) {
        buf[i] = s[i] == '_' ? '-' : (char)Py_TOLOWER(s[i]);
    }
    buf[i] = '\0';
    if (strcmp(buf, "utf-8") == 0 || strncmp(buf, "utf-8-", 6) == 0) {
        return "utf-8";
    }
    static const char * const latin[] = {"latin-1", "iso-8859-1", "iso-latin-1"};
    for (i = 0; i < 3; i++) {
        size_t length = strlen(latin[i]);
        if (strncmp(buf, latin[i], length) == 0 && (buf[length] == '\0' || buf[length] == '-')) {
            return "iso-8859-1";
        }
    }
    return NULL;
}

static char *
copy_name(const char *s, size_t n)
{
    const char *normal = normal_name(s, n);
    if (normal != NULL) {
        s = normal;
        n = strlen(normal);
    }
    char *copy = PyMem_Malloc(n + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

/* The declaration in one line: start and length of the name, or NULL. */
static const char *
coding_in_line(const char *line, const char *end, size_t *length)
{
    const char *p = line;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\f')) {
        p++;
    }
    if (p >= end || *p != '#') {
        return NULL;
    }
    for (; end - p > 6; p++) {
        if (memcmp(p, "coding", 6) != 0 || (p[6] != ':' && p[6] != '=')) {
            continue;
        }
        const char *name = p + 7;
        while (name < end && (*name == ' ' || *name == '\t')) {
            name++;
        }
        const char *stop = name;
        while (stop < end && (Py_ISALNUM(*stop) || *stop == '-' || *stop == '_' || *stop == '.')) {
            stop++;
        }
        if (stop > name) {
            *length = (size_t)(stop - name);
            return name;
        }
    }
    return NULL;
}

static int
is_blank_or_comment(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\f')) {
        p++;
    }
    return p == end || *p == '#';
}

/* The declared encoding in the first two lines: 1 and a new name, 0 if there is none,
   -1 with an exception. */
static int
find_coding(const char *s, size_t n, char **name)
{
    const char *end = s + n;
    *name = NULL;
    for (int line = 0; line < 2 && s < end; line++) {
        const char *stop = s;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        size_t length;
        const char *found = coding_in_line(s, stop, &length);
        if (found != NULL) {
            *name = copy_name(found, length);
            return *name ? 1 : -1;
        }
        if (!is_blank_or_comment(s, stop)) {
            break;
        }
        s = stop + (stop < end);
        if (s < end && stop[0] == '\r' && *s == '\n') {
            s++;
        }
    }
    return 0;
}

/* Decodes bytes with an encoding other than UTF-8 and appends them. */
static int
append_decoded(struct tokenizer *tok, const char *s, size_t n, const char *encoding, int end_line)
{
    PyObject *text = PyUnicode_Decode(s, (Py_ssize_t)n, encoding, NULL);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    int err = utf8 == NULL ? -1 : append(tok, utf8, (size_t)size, end_line);
    Py_DECREF(text);
    return err;
}

/* Appends bytes in the encoding that they declare.  0, or -1 with an exception. */
static int
append_source(struct tokenizer *tok, const char *s, size_t n, int end_line)
{
    int bom = n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0;
    if (bom) {
        s += 3;
        n -= 3;
    }
    if (find_coding(s, n, &tok->encoding) < 0) {
        return -1;
    }
    if (tok->encoding == NULL || strcmp(tok->encoding, "utf-8") == 0) {
        if (bom && tok->encoding == NULL) {
            tok->encoding = copy_name("utf-8", 5);
            if (tok->encoding == NULL) {
                return -1;
            }
        }
        return append(tok, s, n, end_line);
    }
    if (bom) {
        PyErr_Format(PyExc_SyntaxError, "encoding problem: %s with BOM", tok->encoding);
        return -1;
    }
    return append_decoded(tok, s, n, tok->encoding, end_line);
}

/* Strings. */

struct tokenizer *
_PyTokenizer_FromUTF8(const char *str, int exec_input)
{
    struct tokenizer *tok = tokenizer_new();
    if (tok == NULL) {
        return NULL;
    }
    if (append(tok, str, strlen(str), exec_input) < 0) {
        _PyTokenizer_Free(tok);
        return NULL;
    }
    return tok;
}

struct tokenizer *
_PyTokenizer_FromString(const char *str, int exec_input)
{
    struct tokenizer *tok = tokenizer_new();
    if (tok == NULL) {
        return NULL;
    }
    if (append_source(tok, str, strlen(str), exec_input) < 0) {
        _PyTokenizer_Free(tok);
        return NULL;
    }
    tok->byte_columns = tok->encoding == NULL;
    return tok;
}

/* Files. */

static char *
read_all(FILE *fp, size_t *size)
{
    size_t allocated = 16 * 1024, n = 0;
    char *buf = PyMem_Malloc(allocated);
    while (buf != NULL) {
        n += fread(buf + n, 1, allocated - n, fp);
        if (n < allocated) {
            if (ferror(fp)) {
                PyErr_SetFromErrno(PyExc_OSError);
                clearerr(fp);
                PyMem_Free(buf);
                return NULL;
            }
            *size = n;
            return buf;
        }
        allocated *= 2;
        char *grown = allocated > (size_t)PY_SSIZE_T_MAX ? NULL : PyMem_Realloc(buf, allocated);
        if (grown == NULL) {
            PyMem_Free(buf);
        }
        buf = grown;
    }
    PyErr_NoMemory();
    return NULL;
}

/* The text ends before the line that begins at `end`; what is set now is raised instead of it. */
static void
end_unreadable(struct tokenizer *tok, size_t end)
{
    assert(end <= tok->size && PyErr_Occurred());
    tok->size = end;
    tok->implicit_newline = 0;
    tok->buf[end] = '\n';
    tok->buf[end + 1] = '\0';
    Py_XSETREF(tok->unreadable, PyErr_GetRaisedException());
}

/* For text without a declaration: refuses the first line that is not UTF-8, with its number. */
static int
check_utf8(struct tokenizer *tok)
{
    PyObject *s = PyUnicode_DecodeUTF8(tok->buf, (Py_ssize_t)tok->size, NULL);
    if (s != NULL) {
        Py_DECREF(s);
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        return -1;
    }
    PyObject *error = PyErr_GetRaisedException();
    Py_ssize_t at = 0;
    int err = PyUnicodeDecodeError_GetStart(error, &at);
    Py_DECREF(error);
    if (err < 0) {
        return -1;
    }
    int lineno = 1;
    size_t line = 0;
    for (Py_ssize_t i = 0; i < at; i++) {
        if (tok->buf[i] == '\n') {
            lineno++;
            line = (size_t)i + 1;
        }
    }
    PyErr_Format(PyExc_SyntaxError, "Non-UTF-8 code starting with '\\x%.2x' in file %V on line %i, "
                 "but no encoding declared; see https://peps.python.org/pep-0263/ for details",
                 (unsigned char)tok->buf[at], tok->filename, "<string>", lineno);
    end_unreadable(tok, line);
    return 0;
}

/* For bytes that are not in the declared encoding.  Files are decoded in blocks of 8 KiB: the
   lines in the blocks before are text.  0, or -1 with a SyntaxError if there are none. */
static int
encoding_problem(struct tokenizer *tok, const char *bytes)
{
    Py_ssize_t at = 0;
    int decoding = PyErr_ExceptionMatches(PyExc_UnicodeDecodeError);
    PyObject *error = PyErr_GetRaisedException();
    if (decoding && PyUnicodeDecodeError_GetStart(error, &at) < 0) {
        at = 0;
        PyErr_Clear();
    }
    size_t readable = (size_t)(at - at % (8 * 1024));
    while (readable > 0 && bytes[readable - 1] != '\n') {
        readable--;
    }
    if (readable == 0) {
        Py_DECREF(error);
        PyErr_Format(PyExc_SyntaxError, "encoding problem: %s", tok->encoding);
        return -1;
    }
    if (append_decoded(tok, bytes, readable, tok->encoding, 1) < 0) {
        Py_DECREF(error);
        return -1;
    }
    PyErr_SetRaisedException(error);
    end_unreadable(tok, tok->size);
    return 0;
}

static int
append_file(struct tokenizer *tok, FILE *fp, const char *enc)
{
    size_t n;
    char *bytes = read_all(fp, &n);
    if (bytes == NULL) {
        return -1;
    }
    const char *nul = memchr(bytes, '\0', n);
    if (nul != NULL) {
        int lineno = 1;
        const char *line = bytes;
        for (const char *p = bytes; p < nul; p++) {
            if (*p == '\n') {
                lineno++;
                line = p + 1;
            }
        }
        null_bytes(tok, line, lineno);
        tok->unreadable = PyErr_GetRaisedException();
        n = (size_t)(line - bytes);
    }
    int err;
    if (enc != NULL) {
        tok->encoding = copy_name(enc, strlen(enc));
        err = tok->encoding == NULL ? -1 : append_decoded(tok, bytes, n, enc, 1);
    }
    else {
        err = append_source(tok, bytes, n, 1);
        if (err == 0 && tok->encoding == NULL) {
            err = check_utf8(tok);
        }
        else if (err < 0 && tok->encoding != NULL && PyErr_ExceptionMatches(PyExc_Exception)
                 && !PyErr_ExceptionMatches(PyExc_SyntaxError)
                 && !PyErr_ExceptionMatches(PyExc_MemoryError))
        {
            err = encoding_problem(tok, bytes);
        }
    }
    PyMem_Free(bytes);
    return err;
}

struct tokenizer *
_PyTokenizer_FromFile(FILE *fp, const char *enc, const char *ps1, const char *ps2,
                      PyObject *filename)
{
    struct tokenizer *tok = tokenizer_new();
    if (tok == NULL) {
        return NULL;
    }
    tok->filename = Py_NewRef(filename);
    tok->fp = fp;
    tok->ps1 = ps1;
    tok->ps2 = ps2;
    int err;
    if (ps1 == NULL && ps2 == NULL) {
        err = append_file(tok, fp, enc);
        tok->fp = NULL;
    }
    else {
        if (enc != NULL) {
            tok->encoding = copy_name(enc, strlen(enc));
        }
        err = enc != NULL && tok->encoding == NULL ? -1 : append(tok, "", 0, 0);
    }
    if (err < 0) {
        _PyTokenizer_Free(tok);
        return NULL;
    }
    return tok;
}

struct tokenizer *
_PyTokenizer_FromReadline(PyObject *readline, const char *enc, int extra_tokens)
{
    struct tokenizer *tok = tokenizer_new();
    if (tok == NULL) {
        return NULL;
    }
    tok->extra_tokens = extra_tokens;
    if (enc != NULL) {
        tok->encoding = copy_name(enc, strlen(enc));
    }
    tok->readline = Py_NewRef(readline);
    if ((enc != NULL && tok->encoding == NULL) || append(tok, "", 0, 0) < 0) {
        _PyTokenizer_Free(tok);
        return NULL;
    }
    return tok;
}

/* Lines one by one. */

/* What is typed at a prompt up to the end of a line: a PyMem_Malloc'ed string, or NULL with an
   exception.  After a line that ends without a newline the prompt comes again; the end of input
   is answered by a newline on stderr. */
static char *
read_at_prompt(struct tokenizer *tok)
{
    char *text = NULL;
    size_t n = 0;
    for (;;) {
        char *line = PyOS_Readline(tok->fp ? tok->fp : stdin, stdout, tok->ps1);
        tok->ps1 = tok->ps2 ? tok->ps2 : tok->ps1;
        if (line == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_SetNone(PyExc_KeyboardInterrupt);
            }
            PyMem_Free(text);
            return NULL;
        }
        size_t more = strlen(line);
        if (more == 0) {
            fputc('\n', stderr);
            fflush(stderr);
        }
        if (text == NULL) {
            text = line;
        }
        else {
            char *joined = PyMem_Realloc(text, n + more + 1);
            if (joined != NULL) {
                memcpy(joined + n, line, more + 1);
                text = joined;
            }
            PyMem_Free(line);
            if (joined == NULL) {
                PyMem_Free(text);
                PyErr_NoMemory();
                return NULL;
            }
        }
        n += more;
        if (more == 0 || text[n - 1] == '\n') {
            tok->prompt_ended = more == 0 && n > 0;
            return text;
        }
    }
}

/* Appends a line typed at a prompt: 1, 0 at the end, -1 with an exception. */
static int
prompt_line(struct tokenizer *tok)
{
    if (tok->prompt_ended) {
        return 0;
    }
    char *line = read_at_prompt(tok);
    if (line == NULL) {
        return -1;
    }
    size_t n = strlen(line);
    int result = -1;
    if (n == 0) {
        result = 0;
    }
    else if (tok->encoding != NULL && strcmp(tok->encoding, "utf-8") != 0) {
        result = append_decoded(tok, line, n, tok->encoding, 1) < 0 ? -1 : 1;
    }
    else {
        PyObject *text = PyUnicode_DecodeUTF8(line, (Py_ssize_t)n, NULL);
        if (text != NULL) {
            result = append(tok, line, n, 1) < 0 ? -1 : 1;
            Py_DECREF(text);
        }
    }
    PyMem_Free(line);
    return result;
}

/* The same from the callable. */
static int
readline_line(struct tokenizer *tok)
{
    PyObject *line = PyObject_CallNoArgs(tok->readline);
    if (line == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (tok->encoding != NULL) {
        if (!PyBytes_Check(line)) {
            PyErr_SetString(PyExc_TypeError, "readline() returned a non-bytes object");
            Py_DECREF(line);
            return -1;
        }
        Py_SETREF(line, PyUnicode_Decode(PyBytes_AS_STRING(line), PyBytes_GET_SIZE(line),
                                         tok->encoding, "replace"));
    }
    else if (!PyUnicode_Check(line)) {
        PyErr_SetString(PyExc_TypeError, "readline() returned a non-string object");
        Py_CLEAR(line);
    }
    if (line == NULL) {
        return -1;
    }
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(line, &n);
    int result = -1;
    if (utf8 != NULL) {
        result = n == 0 ? 0 : append(tok, utf8, (size_t)n, 1) < 0 ? -1 : 1;
    }
    Py_DECREF(line);
    return result;
}

static int
read_more(struct tokenizer *tok)
{
    int more;
    size_t before = tok->size;
    if (tok->done != TOK_OK) {
        return 0;
    }
    if (tok->unreadable != NULL) {
        PyErr_SetRaisedException(Py_NewRef(tok->unreadable));
        more = -1;
    }
    else if (tok->readline != NULL) {
        more = readline_line(tok);
    }
    else if (tok->fp != NULL) {
        more = prompt_line(tok);
    }
    else {
        more = 0;
    }
    if (more == 0) {
        tok->done = TOK_EOF;
    }
    else if (more > 0 && memchr(tok->buf + before, '\0', tok->size - before) != NULL) {
        null_bytes(tok, tok->buf + before, tok->lineno + 1);
        more = -1;
    }
    if (more < 0) {
        tok->done = TOK_RAISED;
    }
    return more;
}

int
_PyTokenizer_NextLine(struct tokenizer *tok)
{
    if (tok->line_end == NULL) {
        tok->cur = tok->line_start = tok->line_end = tok->buf;
    }
    if (tok->line_end >= tok->buf + tok->size) {
        int more = read_more(tok);
        if (more <= 0) {
            return more;
        }
    }
    char *start = tok->line_end, *end = tok->buf + tok->size;
    if (tok->readline == NULL) {
        // A newline is found: buf[size] is one.
        char *newline = memchr(start, '\n', (size_t)(end - start) + 1);
        assert(newline != NULL);
        end = newline < end ? newline + 1 : newline;
    }
    if (end - start > INT_MAX || tok->lineno == INT_MAX) {
        PyErr_SetString(PyExc_OverflowError,
                        "Parser column offset overflow - source line is too big");
        tok->done = TOK_RAISED;
        return -1;
    }
    tok->cur = tok->line_start = start;
    tok->line_end = end;
    tok->logical_line = (size_t)(start - tok->buf);
    tok->lineno++;
    return 1;
}
