/* mmap: files, and memory without a file, as arrays of bytes.
 *
 * Invariants:
 * - `data` is NULL when the object is closed; all else does not matter then.
 * - While `exports` is not 0 the mapping stays where it is: close() and resize() are refused.  What
 *   works without the GIL counts as an export.
 * - Code of Python's may run whenever arguments are converted, and may close or resize the mapping:
 *   is_open() and the limits are looked at after that.
 * - Nothing is read from a mapping without PROT_READ or PROT_WRITE, nor written to one without
 *   PROT_WRITE, nor to memory behind the end of a shared anonymous one.  What the kernel does when
 *   somebody else shortens the file (SIGBUS) is beyond the module.
 *
 * Methods are parsed by PyArg_ParseTuple(): on a closed object, all arguments are as good as none.
 *
 * Written from the library reference (mmap), Linux manual pages and observed behaviour.
 */
#include "Python.h"
#include "pycore_bytesobject.h" // _PyBytes_Find()
#include "pycore_fileutils.h"   // _Py_dup()
#include "structmember.h"       // PyMemberDef

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum {
    ACCESS_DEFAULT,
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_COPY
} access_mode;

typedef struct {
    PyObject_HEAD
    char *data;                 /* or NULL */
    Py_ssize_t size;
    Py_ssize_t pos;             /* of read() and its kin; may lie behind the end after resize() */
    off_t offset;               /* of data[0] in the file */
    int fd;                     /* own duplicate, or -1: no file */
    int prot;                   /* PROT_* that the kernel was told */
    bool shared;
    access_mode access;
    Py_ssize_t capacity;        /* of shared memory without a file: it cannot grow beyond */
    Py_ssize_t exports;
    PyObject *weakreflist;
} mmap_object;

/* ------------------------------------------------------------------------------------- guards */

static bool
is_open(mmap_object *self)
{
    if (self->data == NULL) {
        PyErr_SetString(PyExc_ValueError, "mmap closed or invalid");
    }
    return self->data != NULL;
}

/* Whether it is open and may be read; false with an exception. */
static bool
is_readable(mmap_object *self)
{
    if (!is_open(self)) {
        return false;
    }
    if ((self->prot & (PROT_READ | PROT_WRITE)) == 0) {
        PyErr_SetString(PyExc_TypeError, "mmap can't read a map without PROT_READ.");
        return false;
    }
    return true;
}

/* Whether it is open and may be written to; false with an exception. */
static bool
is_writable(mmap_object *self)
{
    if (!is_open(self)) {
        return false;
    }
    if (self->access == ACCESS_READ || (self->prot & PROT_WRITE) == 0) {
        PyErr_SetString(PyExc_TypeError, "mmap can't modify a readonly memory map.");
        return false;
    }
    return true;
}

/* Whether it is open and can be resized; false with an exception. */
static bool
is_resizable(mmap_object *self)
{
    if (!is_open(self)) {
        return false;
    }
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError, "mmap can't resize with extant buffers exported.");
        return false;
    }
    if (self->access == ACCESS_READ || self->access == ACCESS_COPY) {
        PyErr_SetString(PyExc_TypeError,
                        "mmap can't resize a readonly or copy-on-write memory map.");
        return false;
    }
    return true;
}

/* Bytes from the position to the end. */
static Py_ssize_t
bytes_left(mmap_object *self)
{
    assert(self->pos >= 0 && self->size > 0);
    return self->pos < self->size ? self->size - self->pos : 0;
}

/* Parse the arguments of a method of an open object; whether that worked and it is still open. */
static bool
parse(mmap_object *self, PyObject *args, const char *format, ...)
{
    if (!is_open(self)) {
        return false;
    }
    va_list va;
    va_start(va, format);
    int parsed = PyArg_VaParse(args, format, va);
    va_end(va);
    return parsed && is_open(self);
}

/* ------------------------------------------------------------------------------ open and close */

/* Set prot, flags and the access mode as they depend on each other; 0, or -1 with ValueError. */
static int
choose_access(mmap_object *self, int access, int *flags, int prot)
{
    const int both = PROT_READ | PROT_WRITE;
    if (access != ACCESS_DEFAULT && (*flags != MAP_SHARED || prot != both)) {
        PyErr_SetString(PyExc_ValueError, "mmap can't specify both access and flags, prot.");
        return -1;
    }
    switch (access) {
        case ACCESS_DEFAULT:
            access = (prot & both) == both ? ACCESS_DEFAULT
                     : prot & PROT_WRITE ? ACCESS_WRITE : ACCESS_READ;
            break;
        case ACCESS_READ:
            prot = PROT_READ;
            break;
        case ACCESS_WRITE:
            break;
        case ACCESS_COPY:
            *flags = MAP_PRIVATE;
            break;
        default:
            PyErr_SetString(PyExc_ValueError, "mmap invalid access parameter.");
            return -1;
    }
    self->access = (access_mode)access;
    self->prot = prot;
    return 0;
}

/* Take the size from a regular file, or see that it has it; 0, or -1 with ValueError. */
static int
check_file(int fd, off_t offset, Py_ssize_t *size)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        return 0;       /* the kernel says what is wrong */
    }
    const char *problem = NULL;
    if (*size == 0) {
        problem = status.st_size == 0 ? "cannot mmap an empty file"
                  : offset >= status.st_size ? "mmap offset is greater than file size" : NULL;
        *size = problem == NULL ? (Py_ssize_t)(status.st_size - offset) : 0;
    }
    else if (offset > status.st_size || status.st_size - offset < *size) {
        problem = "mmap length is greater than file size";
    }
    if (problem != NULL) {
        PyErr_SetString(PyExc_ValueError, problem);
        return -1;
    }
    return 0;
}

/* The next multiple of the page size. */
static Py_ssize_t
whole_pages(Py_ssize_t size)
{
    Py_ssize_t page = (Py_ssize_t)sysconf(_SC_PAGESIZE);
    return size <= PY_SSIZE_T_MAX - page ? (size + page - 1) / page * page : size;
}

/* Have the kernel map it; 0, or -1 with OSError. */
static int
map(mmap_object *self, int fd, int flags)
{
    if (fd == -1) {
        flags |= MAP_ANONYMOUS;
    }
    else {
        self->fd = _Py_dup(fd);
        if (self->fd < 0) {
            return -1;
        }
    }
    self->shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    self->capacity = whole_pages(self->size);
    void *data = MAP_FAILED;
    if (flags & MAP_FIXED) {
        errno = EINVAL;         /* the address would be 0 */
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        data = mmap(NULL, (size_t)self->size, self->prot, flags, self->fd, self->offset);
        Py_END_ALLOW_THREADS
    }
    if (data == MAP_FAILED) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    self->data = data;
    return 0;
}

static PyObject *
mmap_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *const keywords[] = {"fileno", "length", "flags", "prot", "access", "offset", NULL};
    int fd, flags = MAP_SHARED, prot = PROT_READ | PROT_WRITE, access = ACCESS_DEFAULT;
    Py_ssize_t size;
    long offset = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "in|iiil", (char **)keywords, &fd, &size,
                                     &flags, &prot, &access, &offset))
    {
        return NULL;
    }
    if (size < 0 || offset < 0) {
        PyErr_Format(PyExc_OverflowError, "memory mapped %s must be positive",
                     size < 0 ? "length" : "offset");
        return NULL;
    }
    mmap_object *self = (mmap_object *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->fd = -1;
    self->offset = offset;
    if (choose_access(self, access, &flags, prot) < 0
        || PySys_Audit("mmap.__new__", "inil", fd, size, (int)self->access, offset) < 0
        || check_file(fd, offset, &size) < 0)
    {
        Py_DECREF(self);
        return NULL;
    }
    self->size = size;
    if (map(self, fd, flags) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* Give the mapping and the file back. */
static void
unmap(mmap_object *self)
{
    char *data = self->data;
    int fd = self->fd;
    assert(self->exports == 0);
    self->data = NULL;
    self->fd = -1;
    if (data != NULL || fd >= 0) {
        Py_BEGIN_ALLOW_THREADS
        if (data != NULL) {
            munmap(data, (size_t)self->size);
        }
        if (fd >= 0) {
            close(fd);
        }
        Py_END_ALLOW_THREADS
    }
}

static int
mmap_traverse(mmap_object *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
mmap_dealloc(mmap_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    unmap(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
mmap_close(mmap_object *self, PyObject *Py_UNUSED(ignored))
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError, "cannot close exported pointers exist");
        return NULL;
    }
    unmap(self);
    Py_RETURN_NONE;
}

static PyObject *
mmap_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return is_open((mmap_object *)self) ? Py_NewRef(self) : NULL;
}

static PyObject *
mmap_exit(mmap_object *self, PyObject *Py_UNUSED(args))
{
    return mmap_close(self, NULL);
}

static PyObject *
mmap_get_closed(mmap_object *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->data == NULL);
}

static PyObject *
mmap_repr(mmap_object *self)
{
    static const char *const names[] = {
        [ACCESS_DEFAULT] = "ACCESS_DEFAULT", [ACCESS_READ] = "ACCESS_READ",
        [ACCESS_WRITE] = "ACCESS_WRITE", [ACCESS_COPY] = "ACCESS_COPY",
    };
    const char *type = Py_TYPE(self)->tp_name;
    if (self->data == NULL) {
        return PyUnicode_FromFormat("<%s closed=True>", type);
    }
    return PyUnicode_FromFormat("<%s closed=False, access=%s, length=%zd, pos=%zd, offset=%lld>",
                                type, names[self->access], self->size, self->pos,
                                (long long)self->offset);
}

/* -------------------------------------------------------------------------------- like a file */

/* n bytes from the position on, which moves. */
static PyObject *
take(mmap_object *self, Py_ssize_t n)
{
    assert(n >= 0 && n <= bytes_left(self));
    PyObject *bytes = PyBytes_FromStringAndSize(self->data + self->pos, n);
    if (bytes != NULL) {
        self->pos += n;
    }
    return bytes;
}

static PyObject *
mmap_read(mmap_object *self, PyObject *args)
{
    Py_ssize_t n = PY_SSIZE_T_MAX;
    if (!parse(self, args, "|O&:read", _Py_convert_optional_to_ssize_t, &n)
        || !is_readable(self))
    {
        return NULL;
    }
    Py_ssize_t left = bytes_left(self);
    return take(self, n < 0 || n > left ? left : n);
}

static PyObject *
mmap_readline(mmap_object *self, PyObject *Py_UNUSED(ignored))
{
    if (!is_readable(self)) {
        return NULL;
    }
    Py_ssize_t left = bytes_left(self);
    const char *begin = self->data + self->pos;
    const char *end = left > 0 ? memchr(begin, '\n', (size_t)left) : NULL;
    return take(self, end != NULL ? end + 1 - begin : left);
}

static PyObject *
mmap_read_byte(mmap_object *self, PyObject *Py_UNUSED(ignored))
{
    if (!is_readable(self)) {
        return NULL;
    }
    if (bytes_left(self) == 0) {
        PyErr_SetString(PyExc_ValueError, "read byte out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)self->data[self->pos++]);
}

static PyObject *
mmap_write(mmap_object *self, PyObject *args)
{
    Py_buffer view;
    PyObject *result = NULL;
    if (!is_open(self) || !PyArg_ParseTuple(args, "y*:write", &view)) {
        return NULL;
    }
    if (is_writable(self)) {
        if (view.len > bytes_left(self)) {
            PyErr_SetString(PyExc_ValueError, "data out of range");
        }
        else {
            result = PyLong_FromSsize_t(view.len);
        }
    }
    if (result != NULL && view.len > 0) {
        memmove(self->data + self->pos, view.buf, (size_t)view.len);
        self->pos += view.len;
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
mmap_write_byte(mmap_object *self, PyObject *args)
{
    unsigned char value;
    if (!parse(self, args, "b:write_byte", &value) || !is_writable(self)) {
        return NULL;
    }
    if (bytes_left(self) == 0) {
        PyErr_SetString(PyExc_ValueError, "write byte out of range");
        return NULL;
    }
    self->data[self->pos++] = (char)value;
    Py_RETURN_NONE;
}

static PyObject *
mmap_seek(mmap_object *self, PyObject *args)
{
    Py_ssize_t distance, where;
    int whence = 0;
    if (!parse(self, args, "n|i:seek", &distance, &whence)) {
        return NULL;
    }
    if (whence < 0 || whence > 2) {
        PyErr_SetString(PyExc_ValueError, "unknown seek type");
        return NULL;
    }
    Py_ssize_t from = whence == 0 ? 0 : whence == 1 ? self->pos : self->size;
    if (__builtin_add_overflow(from, distance, &where) || where < 0 || where > self->size) {
        PyErr_SetString(PyExc_ValueError, "seek out of range");
        return NULL;
    }
    self->pos = where;
    Py_RETURN_NONE;
}

static PyObject *
mmap_tell(mmap_object *self, PyObject *Py_UNUSED(ignored))
{
    return is_open(self) ? PyLong_FromSsize_t(self->pos) : NULL;
}

static PyObject *
mmap_size(mmap_object *self, PyObject *Py_UNUSED(ignored))
{
    struct stat status;
    if (!is_open(self)) {
        return NULL;
    }
    if (fstat(self->fd, &status) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLongLong(status.st_size);
}

/* Move an index that counts from the end, and clip it. */
static Py_ssize_t
clip(Py_ssize_t index, Py_ssize_t size)
{
    if (index < 0) {
        index += size;
    }
    return Py_MAX(0, Py_MIN(index, size));
}

typedef Py_ssize_t (*find_function)(const char *, Py_ssize_t, const char *, Py_ssize_t,
                                    Py_ssize_t);

static PyObject *
find_with(mmap_object *self, PyObject *args, const char *format, find_function find)
{
    Py_buffer view;
    Py_ssize_t start = self->pos, end = self->size, result = -1;
    if (!is_open(self) || !PyArg_ParseTuple(args, format, &view, &start, &end)) {
        return NULL;
    }
    if (!is_readable(self)) {
        PyBuffer_Release(&view);
        return NULL;
    }
    start = clip(start, self->size);
    end = clip(end, self->size);
    if (start <= end) {
        result = find(self->data + start, end - start, view.buf, view.len, start);
    }
    PyBuffer_Release(&view);
    return PyLong_FromSsize_t(result);
}

static PyObject *
mmap_find(mmap_object *self, PyObject *args)
{
    return find_with(self, args, "y*|nn:find", _PyBytes_Find);
}

static PyObject *
mmap_rfind(mmap_object *self, PyObject *args)
{
    return find_with(self, args, "y*|nn:rfind", _PyBytes_ReverseFind);
}

static PyObject *
mmap_move(mmap_object *self, PyObject *args)
{
    Py_ssize_t to, from, n;
    if (!parse(self, args, "nnn:move", &to, &from, &n) || !is_writable(self)) {
        return NULL;
    }
    if (to < 0 || from < 0 || n < 0 || self->size - to < n || self->size - from < n) {
        PyErr_SetString(PyExc_ValueError, "source, destination, or count out of range");
        return NULL;
    }
    memmove(self->data + to, self->data + from, (size_t)n);
    Py_RETURN_NONE;
}

/* ---------------------------------------------------------------------------------- the kernel */

static PyObject *
mmap_flush(mmap_object *self, PyObject *args)
{
    Py_ssize_t offset = 0, size = self->size;
    if (!parse(self, args, "|nn:flush", &offset, &size)) {
        return NULL;
    }
    if (offset < 0 || size < 0 || self->size < offset || self->size - offset < size) {
        PyErr_SetString(PyExc_ValueError, "flush values out of range");
        return NULL;
    }
    if (self->access == ACCESS_READ || self->access == ACCESS_COPY) {
        Py_RETURN_NONE;
    }
    int failed;
    self->exports++;
    Py_BEGIN_ALLOW_THREADS
    failed = msync(self->data + offset, (size_t)size, MS_SYNC);
    Py_END_ALLOW_THREADS
    self->exports--;
    if (failed) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
mmap_madvise(mmap_object *self, PyObject *args)
{
    int option;
    Py_ssize_t start = 0, size = self->size;
    if (!parse(self, args, "i|nn:madvise", &option, &start, &size)) {
        return NULL;
    }
    if (start < 0 || start >= self->size) {
        PyErr_SetString(PyExc_ValueError, "madvise start out of bounds");
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "madvise length invalid");
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX - start) {
        PyErr_SetString(PyExc_OverflowError, "madvise length too large");
        return NULL;
    }
    size = Py_MIN(size, self->size - start);
    if (madvise(self->data + start, (size_t)size, option) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

/* Give mapping and file another size, so that the mapping never is the bigger one; 0, or -1 with
   OSError. */
static int
resize_to(mmap_object *self, Py_ssize_t size)
{
    bool grow = size > self->size;
    if (grow && self->fd >= 0 && ftruncate(self->fd, self->offset + size) < 0) {
        goto failed;
    }
    void *data = mremap(self->data, (size_t)self->size, (size_t)size, MREMAP_MAYMOVE);
    if (data == MAP_FAILED) {
        goto failed;
    }
    self->data = data;
    self->size = size;
    if (!grow && self->fd >= 0 && ftruncate(self->fd, self->offset + size) < 0) {
        goto failed;
    }
    return 0;
failed:
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

static PyObject *
mmap_resize(mmap_object *self, PyObject *args)
{
    Py_ssize_t size;
    if (!parse(self, args, "n:resize", &size) || !is_resizable(self)) {
        return NULL;
    }
    if (size < 0 || size > PY_SSIZE_T_MAX - self->offset) {
        PyErr_SetString(PyExc_ValueError, "new size out of range");
        return NULL;
    }
    if (self->fd < 0 && self->shared && size > self->capacity) {
        /* The kernel would map addresses without memory. */
        PyErr_SetString(PyExc_ValueError,
                        "mmap: can't expand a shared anonymous mapping on Linux");
        return NULL;
    }
    if (size == 0) {
        errno = EINVAL;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (resize_to(self, size) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ------------------------------------------------------------------------------ like an array */

static Py_ssize_t
mmap_length(mmap_object *self)
{
    return is_open(self) ? self->size : -1;
}

/* Turn the key, which counts from the end if it is negative, into an index; whether that worked,
   and the object can be used as `usable` says. */
static bool
key_as_index(mmap_object *self, PyObject *key, Py_ssize_t *index,
             bool (*usable)(mmap_object *))
{
    *index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if ((*index == -1 && PyErr_Occurred()) || !usable(self)) {
        return false;
    }
    if (*index < 0) {
        *index += self->size;
    }
    if (*index < 0 || *index >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return false;
    }
    return true;
}

static PyObject *
mmap_item(mmap_object *self, Py_ssize_t index)
{
    if (!is_readable(self)) {
        return NULL;
    }
    if (index < 0 || index >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return NULL;
    }
    return PyBytes_FromStringAndSize(self->data + index, 1);
}

/* The bytes of a slice with a step. */
static PyObject *
take_slice(mmap_object *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    PyObject *bytes = PyBytes_FromStringAndSize(step == 1 ? self->data + start : NULL, n);
    if (bytes != NULL && step != 1) {
        char *to = PyBytes_AS_STRING(bytes);
        for (Py_ssize_t i = 0; i < n; i++) {
            to[i] = self->data[start + i * step];
        }
    }
    return bytes;
}

static PyObject *
mmap_subscript(mmap_object *self, PyObject *key)
{
    if (!is_readable(self)) {
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t index;
        return key_as_index(self, key, &index, is_readable)
               ? PyLong_FromLong((unsigned char)self->data[index]) : NULL;
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "mmap indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0 || !is_readable(self)) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(self->size, &start, &stop, step);
    return take_slice(self, n > 0 ? start : 0, n > 0 ? step : 1, n);
}

static int
assign_index(mmap_object *self, PyObject *key, PyObject *value)
{
    Py_ssize_t index;
    if (!key_as_index(self, key, &index, is_writable)) {
        return -1;
    }
    if (value == NULL || !PyIndex_Check(value)) {
        PyErr_SetString(PyExc_TypeError, value == NULL ? "mmap doesn't support item deletion"
                                         : "mmap item value must be an int");
        return -1;
    }
    Py_ssize_t byte = PyNumber_AsSsize_t(value, PyExc_TypeError);
    if (byte == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (byte < 0 || byte > 255) {
        PyErr_SetString(PyExc_ValueError, "mmap item value must be in range(0, 256)");
        return -1;
    }
    if (!is_writable(self)) {
        return -1;
    }
    if (index >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return -1;
    }
    self->data[index] = (char)byte;
    return 0;
}

static int
assign_slice(mmap_object *self, PyObject *key, PyObject *value)
{
    Py_ssize_t start, stop, step;
    Py_buffer view;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "mmap object doesn't support slice deletion");
        return -1;
    }
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int result = -1;
    if (is_writable(self)) {
        Py_ssize_t n = PySlice_AdjustIndices(self->size, &start, &stop, step);
        if (view.len != n) {
            PyErr_SetString(PyExc_IndexError, "mmap slice assignment is wrong size");
        }
        else {
            const char *from = view.buf;
            if (step == 1) {
                memmove(self->data + start, from, (size_t)n);
            }
            else {
                for (Py_ssize_t i = 0; i < n; i++) {
                    self->data[start + i * step] = from[i];
                }
            }
            result = 0;
        }
    }
    PyBuffer_Release(&view);
    return result;
}

static int
mmap_ass_subscript(mmap_object *self, PyObject *key, PyObject *value)
{
    if (!is_writable(self)) {
        return -1;
    }
    if (PyIndex_Check(key)) {
        return assign_index(self, key, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "mmap indices must be integer");
        return -1;
    }
    return assign_slice(self, key, value);
}

static int
mmap_getbuffer(mmap_object *self, Py_buffer *view, int flags)
{
    if (!is_readable(self)) {
        view->obj = NULL;
        return -1;
    }
    bool readonly = self->access == ACCESS_READ || (self->prot & PROT_WRITE) == 0;
    if (PyBuffer_FillInfo(view, (PyObject *)self, self->data, self->size, readonly, flags) < 0) {
        return -1;
    }
    self->exports++;
    return 0;
}

static void
mmap_releasebuffer(mmap_object *self, Py_buffer *Py_UNUSED(view))
{
    assert(self->exports > 0);
    self->exports--;
}

/* ------------------------------------------------------------------------ the type, the module */

#define METHOD(NAME, FLAGS) {#NAME, (PyCFunction)mmap_ ## NAME, FLAGS, NULL}

static PyMethodDef mmap_methods[] = {
    METHOD(close, METH_NOARGS),
    METHOD(find, METH_VARARGS),
    METHOD(rfind, METH_VARARGS),
    METHOD(flush, METH_VARARGS),
    METHOD(madvise, METH_VARARGS),
    METHOD(move, METH_VARARGS),
    METHOD(read, METH_VARARGS),
    METHOD(read_byte, METH_NOARGS),
    METHOD(readline, METH_NOARGS),
    METHOD(resize, METH_VARARGS),
    METHOD(seek, METH_VARARGS),
    METHOD(size, METH_NOARGS),
    METHOD(tell, METH_NOARGS),
    METHOD(write, METH_VARARGS),
    METHOD(write_byte, METH_VARARGS),
    {"__enter__", (PyCFunction)mmap_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)mmap_exit, METH_VARARGS, NULL},
    {NULL}
};

static PyMemberDef mmap_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(mmap_object, weakreflist), READONLY, NULL},
    {NULL}
};

static PyGetSetDef mmap_getset[] = {
    {"closed", (getter)mmap_get_closed, NULL, NULL, NULL},
    {NULL}
};

PyDoc_STRVAR(mmap_doc,
"Windows: mmap(fileno, length[, tagname[, access[, offset]]])\n\
\n\
Maps length bytes from the file specified by the file handle fileno,\n\
and returns a mmap object.  If length is larger than the current size\n\
of the file, the file is extended to contain length bytes.  If length\n\
is 0, the maximum length of the map is the current size of the file,\n\
except that if the file is empty Windows raises an exception (you cannot\n\
create an empty mapping on Windows).\n\
\n\
Unix: mmap(fileno, length[, flags[, prot[, access[, offset]]]])\n\
\n\
Maps length bytes from the file specified by the file descriptor fileno,\n\
and returns a mmap object.  If length is 0, the maximum length of the map\n\
will be the current size of the file when mmap is called.\n\
flags specifies the nature of the mapping. MAP_PRIVATE creates a\n\
private copy-on-write mapping, so changes to the contents of the mmap\n\
object will be private to this process, and MAP_SHARED creates a mapping\n\
that's shared with all other processes mapping the same areas of the file.\n\
The default value is MAP_SHARED.\n\
\n\
To map anonymous memory, pass -1 as the fileno (both versions).");

static PyType_Slot mmap_slots[] = {
    {Py_tp_new, mmap_new},
    {Py_tp_dealloc, mmap_dealloc},
    {Py_tp_repr, mmap_repr},
    {Py_tp_doc, (void *)mmap_doc},
    {Py_tp_methods, mmap_methods},
    {Py_tp_members, mmap_members},
    {Py_tp_getset, mmap_getset},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, mmap_traverse},
    {Py_sq_length, mmap_length},
    {Py_sq_item, mmap_item},
    {Py_mp_length, mmap_length},
    {Py_mp_subscript, mmap_subscript},
    {Py_mp_ass_subscript, mmap_ass_subscript},
    {Py_bf_getbuffer, mmap_getbuffer},
    {Py_bf_releasebuffer, mmap_releasebuffer},
    {0, NULL}
};

static PyType_Spec mmap_spec = {
    .name = "mmap.mmap",
    .basicsize = sizeof(mmap_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = mmap_slots,
};

#define CONSTANT(NAME) {#NAME, NAME}

static const struct {
    const char *name;
    int value;
} constants[] = {
    CONSTANT(PROT_EXEC), CONSTANT(PROT_READ), CONSTANT(PROT_WRITE),
    CONSTANT(MAP_SHARED), CONSTANT(MAP_PRIVATE), CONSTANT(MAP_DENYWRITE),
    CONSTANT(MAP_EXECUTABLE), CONSTANT(MAP_ANON), CONSTANT(MAP_ANONYMOUS),
    CONSTANT(MAP_POPULATE), CONSTANT(MAP_STACK),
    CONSTANT(ACCESS_DEFAULT), CONSTANT(ACCESS_READ), CONSTANT(ACCESS_WRITE),
    CONSTANT(ACCESS_COPY),
    CONSTANT(MADV_NORMAL), CONSTANT(MADV_RANDOM), CONSTANT(MADV_SEQUENTIAL),
    CONSTANT(MADV_WILLNEED), CONSTANT(MADV_DONTNEED), CONSTANT(MADV_REMOVE),
    CONSTANT(MADV_DONTFORK), CONSTANT(MADV_DOFORK), CONSTANT(MADV_HWPOISON),
    CONSTANT(MADV_MERGEABLE), CONSTANT(MADV_UNMERGEABLE), CONSTANT(MADV_HUGEPAGE),
    CONSTANT(MADV_NOHUGEPAGE), CONSTANT(MADV_DONTDUMP), CONSTANT(MADV_DODUMP),
    CONSTANT(MADV_FREE),
};

static int
mmap_exec(PyObject *module)
{
    long page = sysconf(_SC_PAGESIZE);
    PyObject *type = PyType_FromModuleAndSpec(module, &mmap_spec, NULL);
    int result = type != NULL ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants) && result == 0; i++) {
        result = PyModule_AddIntConstant(module, constants[i].name, constants[i].value);
    }
    if (result < 0 || PyModule_AddIntConstant(module, "PAGESIZE", page) < 0
        || PyModule_AddIntConstant(module, "ALLOCATIONGRANULARITY", page) < 0)
    {
        return -1;
    }
    return PyModule_AddObjectRef(module, "error", PyExc_OSError);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, mmap_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef mmap_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "mmap",
    .m_size = 0,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit_mmap(void)
{
    return PyModuleDef_Init(&mmap_module);
}
