/* pickle: the bytes that are read.
 *
 * loads() reads from memory.  A file is read by pieces: a frame or an argument at once, a line, or
 * a single opcode; if the file can be peeked into, a piece is what lies ready.  Such a piece is
 * taken from the file only when its use is known, so that the file stands right behind the pickle
 * at the end.
 *
 * Invariants: next <= view.len; peeked == view.len if the whole piece was taken from the file (or
 * there is none); otherwise it is where that part begins that is in the file still.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

#define PEEK_SIZE (128 * 1024)

int
_PyPickle_Truncated(struct loading *u)
{
    PyErr_SetString(u->state->UnpicklingError, "pickle data was truncated");
    return -1;
}

void
_PyPickle_ForgetInput(struct input *in)
{
    Py_buffer view = in->view;
    in->view.obj = NULL;
    in->view.buf = NULL;
    in->view.len = in->next = in->peeked = 0;
    PyBuffer_Release(&view);
}

/* Read from a new piece (stolen; NULL is an error that happened): 0, or -1 with an exception. */
static int
set_piece(struct input *in, PyObject *piece, bool peeked)
{
    Py_buffer view;
    int result = piece != NULL ? PyObject_GetBuffer(piece, &view, PyBUF_CONTIG_RO) : -1;
    Py_XDECREF(piece);
    if (result < 0) {
        return -1;
    }
    /* The release of the old piece may run any code: the new one is in place. */
    Py_buffer old = in->view;
    in->view = view;
    in->next = 0;
    in->peeked = peeked ? 0 : view.len;
    PyBuffer_Release(&old);
    return 0;
}

/* method(size): new reference, or NULL. */
static PyObject *
call_with_size(PyObject *method, Py_ssize_t size)
{
    PyObject *argument = PyLong_FromSsize_t(size);
    PyObject *result = argument != NULL ? _PyPickle_CallHook(method, NULL, argument) : NULL;
    Py_XDECREF(argument);
    return result;
}

/* Take from the file what of a piece that was peeked at has been used. */
static int
take_used(struct input *in)
{
    Py_ssize_t used = in->next - in->peeked;
    if (in->peeked == in->view.len || used <= 0) {
        return 0;
    }
    PyObject *taken = call_with_size(in->read, used);
    Py_XDECREF(taken);
    in->peeked = Py_MIN(in->next, in->view.len);
    return taken != NULL ? 0 : -1;
}

int
_PyPickle_EndInput(struct loading *u)
{
    struct input *in = &u->in;
    if (in->read == NULL) {
        return 0;
    }
    int result = take_used(in);
    if (result < 0 || in->next == in->view.len || in->peeked < in->view.len) {
        _PyPickle_ForgetInput(in);
    }
    return result;
}

/* Look at what the file has ready: 1: a piece, 0: nothing, or it cannot do that; or -1. */
static int
peek(struct input *in)
{
    if (in->peek == NULL) {
        return 0;
    }
    PyObject *piece = call_with_size(in->peek, PEEK_SIZE);
    if (piece == NULL && PyErr_ExceptionMatches(PyExc_NotImplementedError)) {
        PyErr_Clear();
        Py_CLEAR(in->peek);
        return 0;
    }
    return set_piece(in, piece, true) < 0 ? -1 : in->view.len > 0;
}

/* Read from the file, which has nothing peeked at: n bytes or fewer. */
static int
read_piece(struct input *in, Py_ssize_t n)
{
    return set_piece(in, call_with_size(in->read, n), false);
}

/* A piece that was taken from the file must be used up: frames end between opcodes. */
static int
check_used_up(struct loading *u)
{
    const struct input *in = &u->in;
    if (in->next < in->view.len && in->peeked == in->view.len) {
        PyErr_SetString(u->state->UnpicklingError, "pickle exhausted before end of frame");
        return -1;
    }
    return 0;
}

const char *
_PyPickle_FetchSlow(struct loading *u, Py_ssize_t n)
{
    struct input *in = &u->in;
    assert(n > in->view.len - in->next);
    if (in->read == NULL) {
        _PyPickle_Truncated(u);
        return NULL;
    }
    if (check_used_up(u) < 0 || take_used(in) < 0) {
        return NULL;
    }
    int ready = n < PEEK_SIZE ? peek(in) : 0;
    if (ready < 0) {
        return NULL;
    }
    if (!ready || in->view.len < n) {
        if (read_piece(in, n) < 0) {
            return NULL;
        }
        if (in->view.len < n) {
            _PyPickle_Truncated(u);
            return NULL;
        }
    }
    in->next = n;
    return in->view.buf;
}

/* A writable view of memory of a bytes or bytearray.  Views of the view, which the file may keep,
   hold the owner and its size. */
static PyObject *
writable_view(PyObject *owner, char *to, Py_ssize_t n)
{
    PyObject *view = PyMemoryView_FromMemory(to, n, PyBUF_WRITE);
    if (view != NULL) {
        ((PyMemoryViewObject *)view)->mbuf->master.obj = Py_NewRef(owner);
        if (PyByteArray_CheckExact(owner)) {
            ((PyByteArrayObject *)owner)->ob_exports++;
        }
    }
    return view;
}

/* Let the file fill memory of `owner`: how many bytes it had, or -1 with an exception. */
static Py_ssize_t
call_readinto(struct input *in, PyObject *owner, char *to, Py_ssize_t n)
{
    PyObject *view = writable_view(owner, to, n);
    PyObject *result = view != NULL ? _PyPickle_CallHook(in->readinto, NULL, view) : NULL;
    if (view != NULL) {
        /* The memory is not there for longer: whoever has kept the view has nothing. */
        PyObject *error = PyErr_GetRaisedException();
        PyObject *released = PyObject_CallMethodNoArgs(view, &_Py_ID(release));
        if (released == NULL) {
            Py_CLEAR(result);
        }
        Py_XDECREF(released);
        if (error != NULL) {
            PyErr_SetRaisedException(error);
        }
        Py_DECREF(view);
    }
    Py_ssize_t got = result != NULL ? PyLong_AsSsize_t(result) : -1;
    Py_XDECREF(result);
    if (got < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "readinto() returned negative size");
    }
    return got;
}

/* The same by read(), for files that have no readinto(). */
static Py_ssize_t
call_read(struct input *in, char *to, Py_ssize_t n)
{
    PyObject *bytes = call_with_size(in->read, n);
    Py_ssize_t got = -1;
    if (bytes == NULL) {
        return -1;
    }
    if (!PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_ValueError, "read() returned non-bytes object (%R)", bytes);
    }
    else {
        got = Py_MIN(PyBytes_GET_SIZE(bytes), n);
        memcpy(to, PyBytes_AS_STRING(bytes), (size_t)got);
    }
    Py_DECREF(bytes);
    return got;
}

int
_PyPickle_FetchInto(struct loading *u, PyObject *owner, char *to, Py_ssize_t n)
{
    struct input *in = &u->in;
    Py_ssize_t here = Py_MIN(n, in->view.len - in->next);
    if (here > 0) {
        memcpy(to, (const char *)in->view.buf + in->next, (size_t)here);
        in->next += here;
    }
    if (here == n) {
        return 0;
    }
    if (in->read == NULL) {
        return _PyPickle_Truncated(u);
    }
    if (take_used(in) < 0) {
        return -1;
    }
    Py_ssize_t got = in->readinto != NULL ? call_readinto(in, owner, to + here, n - here)
                                          : call_read(in, to + here, n - here);
    return got < 0 ? -1 : got < n - here ? _PyPickle_Truncated(u) : 0;
}

Py_ssize_t
_PyPickle_FetchLine(struct loading *u, const char **line)
{
    struct input *in = &u->in;
    Py_ssize_t left = in->view.len - in->next;
    *line = left > 0 ? (const char *)in->view.buf + in->next : NULL;
    const char *end = left > 0 ? memchr(*line, '\n', (size_t)left) : NULL;
    if (end != NULL) {
        in->next += end + 1 - *line;
        return end + 1 - *line;
    }
    if (in->read == NULL) {
        return _PyPickle_Truncated(u);
    }
    if (check_used_up(u) < 0 || take_used(in) < 0) {
        return -1;
    }
    Py_INCREF(in->readline);
    PyObject *piece = PyObject_CallNoArgs(in->readline);
    Py_DECREF(in->readline);
    if (set_piece(in, piece, false) < 0) {
        return -1;
    }
    *line = in->view.buf;
    if (in->view.len == 0 || (*line)[in->view.len - 1] != '\n') {
        return _PyPickle_Truncated(u);
    }
    in->next = in->view.len;
    return in->view.len;
}

int
_PyPickle_FetchFrame(struct loading *u, Py_ssize_t n)
{
    if (fetch(u, n) == NULL) {
        return -1;
    }
    u->in.next -= n;
    return 0;
}
