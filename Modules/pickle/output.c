/* pickle: the bytes that are written, and their frames (PEP 3154).
 *
 * Everything goes to one bytes object, which grows.  While `framing` is on, the first byte outside
 * a frame begins one: room for its header is kept, and filled in when the frame ends.  A Pickler
 * gives the output to its file at the end of a big frame and at the end of the pickle.
 *
 * Invariant: `limit` is -1 where the next byte needs more than room (add_room then comes here).
 */
#include "pickle.h"

#define FIRST_SIZE 4096

/* What the next byte finds. */
static void
set_limit(struct pickling *p)
{
    bool plain = p->output != NULL && (!p->framing || p->frame_start >= 0);
    p->limit = plain ? PyBytes_GET_SIZE(p->output) : -1;
}

int
_PyPickle_NewOutput(struct pickling *p)
{
    Py_XSETREF(p->output, PyBytes_FromStringAndSize(NULL, FIRST_SIZE));
    p->used = 0;
    p->frame_start = -1;
    set_limit(p);
    return p->output != NULL ? 0 : -1;
}

/* Make the output big enough for `size` bytes. */
static int
grow(struct pickling *p, Py_ssize_t size)
{
    if (p->output == NULL) {
        p->used = 0;
        p->output = PyBytes_FromStringAndSize(NULL, Py_MAX(size, FIRST_SIZE));
    }
    else if (size > PyBytes_GET_SIZE(p->output)) {
        Py_ssize_t more = size <= PY_SSIZE_T_MAX / 2 ? size + size / 2 : size;
        if (_PyBytes_Resize(&p->output, more) < 0) {
            p->used = 0;
            p->frame_start = -1;
        }
    }
    set_limit(p);
    return p->output != NULL ? 0 : -1;
}

char *
_PyPickle_MakeRoom(struct pickling *p, Py_ssize_t n)
{
    bool begins = p->framing && p->frame_start < 0;
    Py_ssize_t header = begins ? FRAME_HEADER : 0;
    assert(n >= 0);
    if (n > PY_SSIZE_T_MAX - p->used - header) {
        PyErr_NoMemory();
        return NULL;
    }
    if (grow(p, p->used + header + n) < 0) {
        return NULL;
    }
    if (begins) {
        p->frame_start = p->used;
        p->used += header;
        set_limit(p);
    }
    char *at = PyBytes_AS_STRING(p->output) + p->used;
    p->used += n;
    assert(p->used <= p->limit);
    return at;
}

int
_PyPickle_Write(struct pickling *p, const char *data, Py_ssize_t n)
{
    char *at = add_room(p, n);
    if (at == NULL) {
        return -1;
    }
    memcpy(at, data, (size_t)n);
    return 0;
}

int
_PyPickle_WriteOpcode(struct pickling *p, enum opcode opcode, size_t argument, int bytes)
{
    char *at = add_room(p, 1 + bytes);
    if (at == NULL) {
        return -1;
    }
    at[0] = (char)opcode;
    put_little(at + 1, argument, bytes);
    return 0;
}

void
_PyPickle_EndFrame(struct pickling *p)
{
    if (p->frame_start < 0) {
        return;
    }
    char *header = PyBytes_AS_STRING(p->output) + p->frame_start;
    Py_ssize_t size = p->used - p->frame_start - FRAME_HEADER;
    assert(size >= 0);
    if (size >= FRAME_MINIMUM) {
        header[0] = (char)OP_FRAME;
        put_little(header + 1, (size_t)size, 8);
    }
    else {
        memmove(header, header + FRAME_HEADER, (size_t)size);
        p->used -= FRAME_HEADER;
    }
    p->frame_start = -1;
    set_limit(p);
}

int
_PyPickle_EndBigFrame(struct pickling *p)
{
    if (p->used - p->frame_start - FRAME_HEADER < FRAME_TARGET) {
        return 0;
    }
    _PyPickle_EndFrame(p);
    return p->write != NULL ? _PyPickle_Flush(p) : 0;
}

/* Give an object with bytes to the file. */
static int
call_write(struct pickling *p, PyObject *object)
{
    PyObject *result = _PyPickle_CallHook(p->write, NULL, object);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

int
_PyPickle_Flush(struct pickling *p)
{
    assert(p->write != NULL && p->frame_start < 0);
    PyObject *output = p->output;
    Py_ssize_t used = p->used;
    p->output = NULL;
    p->used = 0;
    set_limit(p);
    if (output == NULL || _PyBytes_Resize(&output, used) < 0) {
        return output == NULL && !PyErr_Occurred() ? 0 : -1;
    }
    int result = call_write(p, output);
    Py_DECREF(output);
    return result;
}

/* A big object to the file, without a copy. */
static int
write_apart(struct pickling *p, const char *data, Py_ssize_t size, PyObject *object)
{
    if (_PyPickle_Flush(p) < 0) {
        return -1;
    }
    object = object != NULL ? Py_NewRef(object) : PyBytes_FromStringAndSize(data, size);
    int result = object != NULL ? call_write(p, object) : -1;
    Py_XDECREF(object);
    return result;
}

int
_PyPickle_WriteBig(struct pickling *p, const char *header, Py_ssize_t header_size,
                   const char *data, Py_ssize_t size, PyObject *object)
{
    bool framing = p->framing;
    int result = -1;
    if (size < FRAME_TARGET) {
        return _PyPickle_Write(p, header, header_size) < 0 ? -1 : _PyPickle_Write(p, data, size);
    }
    _PyPickle_EndFrame(p);
    p->framing = false;
    set_limit(p);
    if (_PyPickle_Write(p, header, header_size) == 0) {
        result = p->write != NULL ? write_apart(p, data, size, object)
                                  : _PyPickle_Write(p, data, size);
    }
    p->framing = framing;
    set_limit(p);
    return result;
}
