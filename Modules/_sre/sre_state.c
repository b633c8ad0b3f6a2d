/* Subjects and the state of a search, slices of subjects.
 *
 * Written from the re chapter of the library reference and observation.
 */
#include "sre.h"

/* The characters of a str or bytes-like object: sets all of its results and fills `view` (obj NULL:
   nothing to release).  NULL with TypeError for anything else. */
const void *
_PySre_GetText(PyObject *string, Py_ssize_t *length, bool *is_bytes, int *kind, Py_buffer *view)
{
    view->obj = NULL;
    view->buf = NULL;
    if (PyUnicode_Check(string)) {
        *length = PyUnicode_GET_LENGTH(string);
        *kind = (int)PyUnicode_KIND(string);
        *is_bytes = false;
        return PyUnicode_DATA(string);
    }
    if (PyObject_GetBuffer(string, view, PyBUF_SIMPLE) < 0) {
        view->obj = NULL;
        PyErr_Format(PyExc_TypeError, "expected string or bytes-like object, got '%.200s'",
                     Py_TYPE(string)->tp_name);
        return NULL;
    }
    *length = view->len;
    *kind = 1;
    *is_bytes = true;
    if (view->buf == NULL) {
        if (view->len != 0) {
            PyBuffer_Release(view);
            PyErr_SetString(PyExc_ValueError, "Buffer is NULL");
            return NULL;
        }
        return "";
    }
    return view->buf;
}

static inline Py_ssize_t
clipped(Py_ssize_t index, Py_ssize_t length)
{
    return index < 0 ? 0 : index > length ? length : index;
}

/* Prepares a search of string[start:end].  0, or -1 with an exception and nothing to release. */
int
_PySre_StateInit(sre_state *s, sre_pattern *pattern, PyObject *string, Py_ssize_t start,
                 Py_ssize_t end)
{
    Py_ssize_t length;
    memset(s, 0, sizeof(*s));
    s->text = _PySre_GetText(string, &length, &s->is_bytes, &s->kind, &s->view);
    if (s->text == NULL) {
        return -1;
    }
    if (s->is_bytes ? pattern->subject == SRE_STR : pattern->subject == SRE_BYTES) {
        PyErr_SetString(PyExc_TypeError, s->is_bytes
                        ? "cannot use a string pattern on a bytes-like object"
                        : "cannot use a bytes pattern on a string-like object");
        goto error;
    }
    s->nmarks = pattern->groups * 2;
    if (s->nmarks > 0) {
        s->marks = PyMem_New(Py_ssize_t, s->nmarks);
        if (s->marks == NULL) {
            PyErr_NoMemory();
            goto error;
        }
    }
    s->string = Py_NewRef(string);
    s->code = pattern->code;
    s->pos = s->start = clipped(start, length);
    s->end = clipped(end, length);
    s->lastindex = -1;
    return 0;

error:
    PyBuffer_Release(&s->view);
    return -1;
}

void
_PySre_StateFini(sre_state *s)
{
    PyBuffer_Release(&s->view);
    PyMem_Free(s->marks);
    PyMem_Free(s->stack);
    s->marks = NULL;
    s->stack = NULL;
    Py_CLEAR(s->string);
}

void
_PySre_StateNext(sre_state *s)
{
    assert(s->stop >= s->start);
    s->must_advance = s->stop == s->start;
    s->start = s->stop;
}

/* New reference: string[start:end] as str or bytes. */
PyObject *
_PySre_Slice(bool is_bytes, const void *text, PyObject *string, Py_ssize_t start, Py_ssize_t end)
{
    assert(0 <= start && start <= end);
    if (!is_bytes) {
        return PyUnicode_Substring(string, start, end);
    }
    if (PyBytes_CheckExact(string) && start == 0 && end == PyBytes_GET_SIZE(string)) {
        return Py_NewRef(string);
    }
    return PyBytes_FromStringAndSize((const char *)text + start, end - start);
}

/* New reference: group `index` of a match just found; if unset None or, with `empty`, ''. */
PyObject *
_PySre_StateGroup(sre_state *s, Py_ssize_t index, bool empty)
{
    Py_ssize_t start = s->start;
    Py_ssize_t end = s->stop;
    if (index > 0) {
        assert(2 * index - 1 < s->nmarks);
        start = s->marks[2 * index - 2];
        end = s->marks[2 * index - 1];
    }
    if (start < 0 || end < start) {
        if (!empty) {
            return Py_NewRef(Py_None);
        }
        start = end = 0;
    }
    return _PySre_Slice(s->is_bytes, s->text, s->string, start, end);
}

/* New reference: the parts, joined as str or bytes are, whatever `string` is. */
PyObject *
_PySre_Join(PyObject *list, PyObject *string)
{
    if (PyUnicode_Check(string)) {
        PyObject *empty = PyUnicode_FromStringAndSize(NULL, 0);
        PyObject *res = empty == NULL ? NULL : PyUnicode_Join(empty, list);
        Py_XDECREF(empty);
        return res;
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    PyObject *res = empty == NULL ? NULL : PyObject_CallMethod(empty, "join", "O", list);
    Py_XDECREF(empty);
    return res;
}
