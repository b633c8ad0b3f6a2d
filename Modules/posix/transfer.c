/* transfer.c - many buffers at once, and data from one descriptor to another: readv, writev,
 * sendfile, copy_file_range, splice.
 * Written from the library reference (os) and the manual pages.
 */
#include "posix.h"

#include <limits.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "sig/transfer.sig.h"

/* ---- vectors ---- */

typedef struct {
    struct iovec *iov;
    Py_buffer *views;
    Py_ssize_t count;           /* views that are held */
} buffer_vector;

static void
vector_release(buffer_vector *v)
{
    for (Py_ssize_t i = 0; i < v->count; i++) {
        PyBuffer_Release(&v->views[i]);
    }
    PyMem_Free(v->iov);
    PyMem_Free(v->views);
}

/* The buffers of a sequence.  0, or -1 with an error and nothing held. */
static int
vector_fill(buffer_vector *v, PyObject *seq, const char *function, int flags)
{
    if (!PySequence_Check(seq)) {
        PyErr_Format(PyExc_TypeError, "%s() arg 2 must be a sequence", function);
        return -1;
    }
    Py_ssize_t n = PySequence_Size(seq);
    if (n < 0) {
        return -1;
    }
    v->count = 0;
    v->iov = PyMem_New(struct iovec, n + 1);
    v->views = PyMem_New(Py_buffer, n + 1);
    if (v->iov == NULL || v->views == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(seq, i);
        if (item == NULL) {
            goto error;
        }
        int rc = PyObject_GetBuffer(item, &v->views[i], flags);
        Py_DECREF(item);
        if (rc < 0) {
            goto error;
        }
        v->count++;
        v->iov[i].iov_base = v->views[i].buf;
        v->iov[i].iov_len = (size_t)v->views[i].len;
    }
    return 0;
error:
    vector_release(v);
    return -1;
}

/* Limits the count to what the C type takes; the system refuses more than IOV_MAX. */
static int
vector_count(const buffer_vector *v)
{
    return (int)Py_MIN(v->count, INT_MAX);
}

static Py_ssize_t
call_result(Py_ssize_t n, int pending)
{
    if (n < 0 && !pending) {
        posix_error();
    }
    return n;
}

/*sig posix.readv(module, fd: int, buffers, /) -> ssize

Read from a file descriptor fd into an iterable of buffers.

The buffers should be mutable buffers accepting bytes.  Each is filled before
the next one is.  Returns the total number of bytes read.
*/
static Py_ssize_t
posix_readv_impl(PyObject *module, int fd, PyObject *buffers)
{
    (void)module;
    buffer_vector v;
    Py_ssize_t n;
    int pending;
    if (vector_fill(&v, buffers, "readv", PyBUF_WRITABLE) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(n, pending, readv(fd, v.iov, vector_count(&v)));
    n = call_result(n, pending);
    vector_release(&v);
    return n;
}

/*sig posix.preadv(module, fd: int, buffers, offset: long, flags: int = 0, /) -> ssize

Reads from a file descriptor into a number of mutable bytes-like objects.

Like readv(), from the given offset, without moving the position; flags are
RWF_HIPRI and RWF_NOWAIT.
*/
static Py_ssize_t
posix_preadv_impl(PyObject *module, int fd, PyObject *buffers, long offset, int flags)
{
    (void)module;
    buffer_vector v;
    Py_ssize_t n;
    int pending;
    if (vector_fill(&v, buffers, "preadv2", PyBUF_WRITABLE) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(n, pending, preadv2(fd, v.iov, vector_count(&v), offset, flags));
    n = call_result(n, pending);
    vector_release(&v);
    return n;
}

/*sig posix.writev(module, fd: int, buffers, /) -> ssize

Iterate over buffers, and write the contents of each to a file descriptor.

Returns the total number of bytes written.
buffers must be a sequence of bytes-like objects.
*/
static Py_ssize_t
posix_writev_impl(PyObject *module, int fd, PyObject *buffers)
{
    (void)module;
    buffer_vector v;
    Py_ssize_t n;
    int pending;
    if (vector_fill(&v, buffers, "writev", PyBUF_SIMPLE) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(n, pending, writev(fd, v.iov, vector_count(&v)));
    n = call_result(n, pending);
    vector_release(&v);
    return n;
}

/*sig posix.pwritev(module, fd: int, buffers, offset: long, flags: int = 0, /) -> ssize

Writes the contents of bytes-like objects to a file descriptor at a given offset.

Like writev(), without moving the position; flags are RWF_DSYNC, RWF_SYNC and
RWF_APPEND.
*/
static Py_ssize_t
posix_pwritev_impl(PyObject *module, int fd, PyObject *buffers, long offset, int flags)
{
    (void)module;
    buffer_vector v;
    Py_ssize_t n;
    int pending;
    if (vector_fill(&v, buffers, "pwritev", PyBUF_SIMPLE) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(n, pending, pwritev2(fd, v.iov, vector_count(&v), offset, flags));
    n = call_result(n, pending);
    vector_release(&v);
    return n;
}

/* ---- from descriptor to descriptor ---- */

/* An offset, or None for the position of the descriptor (*offset stays as it is).  1, or 0 with
   an error. */
static int
get_offset(PyObject *obj, off_t *offset)
{
    if (obj == Py_None) {
        return 1;
    }
    *offset = PyLong_AsLong(obj);
    return !(*offset == -1 && PyErr_Occurred());
}

static int
check_count(Py_ssize_t count)
{
    if (count < 0) {
        PyErr_SetString(PyExc_ValueError, "negative value for 'count' not allowed");
        return -1;
    }
    return 0;
}

/*sig posix.sendfile(module, out_fd: int, in_fd: int, offset: object, count: ssize) -> ssize

Copy count bytes from file descriptor in_fd to file descriptor out_fd.

An offset of None means the position of in_fd, which is then moved.
*/
static Py_ssize_t
posix_sendfile_impl(PyObject *module, int out_fd, int in_fd, PyObject *offset, Py_ssize_t count)
{
    (void)module;
    off_t place = 0;
    Py_ssize_t n;
    int pending;
    if (!get_offset(offset, &place)) {
        return -1;
    }
    off_t *where = offset == Py_None ? NULL : &place;
    UNLOCKED_RETRY(n, pending, sendfile(out_fd, in_fd, where, (size_t)count));
    return call_result(n, pending);
}

/*sig posix.copy_file_range(module, src: int, dst: int, count: ssize,
                          offset_src: object = None, offset_dst: object = None) -> ssize

Copy count bytes from one file descriptor to another.

  src
    Source file descriptor.
  dst
    Destination file descriptor.
  count
    Number of bytes to copy.
  offset_src
    Starting offset in src; None for its position.
  offset_dst
    Starting offset in dst; None for its position.

Returns the number of bytes copied, which may be less than count.
*/
static Py_ssize_t
posix_copy_file_range_impl(PyObject *module, int src, int dst, Py_ssize_t count,
                           PyObject *offset_src, PyObject *offset_dst)
{
    (void)module;
    off_t from = 0, to = 0;
    Py_ssize_t n;
    int pending;
    if (check_count(count) < 0 || !get_offset(offset_src, &from)
        || !get_offset(offset_dst, &to)) {
        return -1;
    }
    off_t *from_where = offset_src == Py_None ? NULL : &from;
    off_t *to_where = offset_dst == Py_None ? NULL : &to;
    UNLOCKED_RETRY(n, pending, copy_file_range(src, from_where, dst, to_where, (size_t)count, 0));
    return call_result(n, pending);
}

/*sig posix.splice(module, src: int, dst: int, count: ssize, offset_src: object = None,
                 offset_dst: object = None, flags: uint_mask = 0) -> ssize

Transfer count bytes from one pipe to a descriptor or vice versa.

  src
    Source file descriptor.
  dst
    Destination file descriptor.
  count
    Number of bytes to copy.
  offset_src
    Starting offset in src; None for its position.
  offset_dst
    Starting offset in dst; None for its position.
  flags
    Flags to modify the semantics of the call.

The offset of the descriptor that is a pipe must be None.
*/
static Py_ssize_t
posix_splice_impl(PyObject *module, int src, int dst, Py_ssize_t count, PyObject *offset_src,
                  PyObject *offset_dst, unsigned int flags)
{
    (void)module;
    off_t from = 0, to = 0;
    Py_ssize_t n;
    int pending;
    if (check_count(count) < 0 || !get_offset(offset_src, &from)
        || !get_offset(offset_dst, &to)) {
        return -1;
    }
    off_t *from_where = offset_src == Py_None ? NULL : &from;
    off_t *to_where = offset_dst == Py_None ? NULL : &to;
    UNLOCKED_RETRY(n, pending, splice(src, from_where, dst, to_where, (size_t)count, flags));
    return call_result(n, pending);
}

const PyMethodDef _PyPosix_TransferMethods[] = {
    POSIX_READV_METHODDEF
    POSIX_PREADV_METHODDEF
    POSIX_WRITEV_METHODDEF
    POSIX_PWRITEV_METHODDEF
    POSIX_SENDFILE_METHODDEF
    POSIX_COPY_FILE_RANGE_METHODDEF
    POSIX_SPLICE_METHODDEF
    {NULL, NULL}
};
