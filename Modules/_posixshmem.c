/* _posixshmem: shared memory objects of POSIX.
 *
 * Written from the library reference (multiprocessing.shared_memory), shm_open(3) and observed
 * behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "sig/_posixshmem.sig.h"

/* The name for the system, borrowed; NULL with an exception.  Names with null characters name
   nothing. */
static const char *
shared_name(PyObject *path)
{
    Py_ssize_t length;
    const char *name = PyUnicode_AsUTF8AndSize(path, &length);
    if (name != NULL && strlen(name) != (size_t)length) {
        errno = ENOENT;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return NULL;
    }
    return name;
}

/*sig _posixshmem.shm_open(module, path: unicode, flags: int, mode: int = 511) -> int

Open a shared memory object.  Returns a file descriptor (integer).
*/
static int
_posixshmem_shm_open_impl(PyObject *Py_UNUSED(module), PyObject *path, int flags, int mode)
{
    const char *name = shared_name(path);
    int fd, pending = 0;
    if (name == NULL) {
        return -1;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = shm_open(name, flags, (mode_t)mode);       /* not inherited */
        Py_END_ALLOW_THREADS
    } while (fd < 0 && errno == EINTR && !(pending = PyErr_CheckSignals()));
    if (fd < 0 && !pending) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    return fd;
}

/*sig _posixshmem.shm_unlink(module, path: unicode) -> None

Remove a shared memory object (similar to unlink()).

Remove a shared memory object name, and, once all processes  have  unmapped
the object, de-allocates and destroys the contents of the associated memory
region.
*/
static int
_posixshmem_shm_unlink_impl(PyObject *Py_UNUSED(module), PyObject *path)
{
    const char *name = shared_name(path);
    int rc, pending = 0;
    if (name == NULL) {
        return -1;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        rc = shm_unlink(name);
        Py_END_ALLOW_THREADS
    } while (rc < 0 && errno == EINTR && !(pending = PyErr_CheckSignals()));
    if (rc < 0 && !pending) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    return rc;
}

static _Py_SHARED PyMethodDef posixshmem_methods[] = {
    _POSIXSHMEM_SHM_OPEN_METHODDEF
    _POSIXSHMEM_SHM_UNLINK_METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyModuleDef_Slot posixshmem_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef posixshmem_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixshmem",
    .m_doc = "POSIX shared memory module",
    .m_methods = posixshmem_methods,
    .m_slots = posixshmem_slots,
};

PyMODINIT_FUNC
PyInit__posixshmem(void)
{
    return PyModuleDef_Init(&posixshmem_module);
}
