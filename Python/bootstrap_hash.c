/* Random bytes from the system, and the hash secret.

   The secret is chosen once per process, at the first initialisation, since shared objects
   keep their hashes. PYTHONHASHSEED=N fills it from a linear congruential generator, so that
   a run can be repeated; without a seed it comes from the system, without waiting for
   entropy.

   Written from getrandom(2) and the documentation of PYTHONHASHSEED.  */

#include "Python.h"
#include "pycore_hash.h"        // _Py_HashSecret_FromSeed()
#include "pycore_initconfig.h"  // _PyStatus_OK()
#include "pycore_lifecycle.h"   // _Py_HashRandomization_Init()
#include "pycore_pystate.h"     // _PyRuntime

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#define READ_CHUNK 256          /* getrandom() of this many bytes is never interrupted */

/* 1: done; 0: the system has no getrandom(), or would block and must not; -1: error (errno,
   and an exception if `raise`). */
static int
from_getrandom(char *buffer, Py_ssize_t size, int blocking, int raise)
{
    while (size > 0) {
        size_t n = size < READ_CHUNK ? (size_t)size : READ_CHUNK;
        ssize_t got = getrandom(buffer, n, blocking ? 0 : GRND_NONBLOCK);
        if (got < 0) {
            if (errno == ENOSYS || errno == EPERM || (errno == EAGAIN && !blocking)) {
                return 0;
            }
            if (errno == EINTR) {
                if (raise && PyErr_CheckSignals() < 0) {
                    return -1;
                }
                continue;
            }
            if (raise) {
                PyErr_SetFromErrno(PyExc_OSError);
            }
            return -1;
        }
        buffer += got;
        size -= got;
    }
    return 1;
}

/* 0, or -1 (with an exception if `raise`). */
static int
from_device(char *buffer, Py_ssize_t size, int raise)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (raise) {
            PyErr_SetString(PyExc_NotImplementedError, "/dev/urandom (or equivalent) not found");
        }
        return -1;
    }
    int rc = 0;
    while (size > 0) {
        ssize_t got = read(fd, buffer, (size_t)size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            if (raise) {
                PyErr_Format(PyExc_RuntimeError, "Failed to read %zd bytes from /dev/urandom",
                             size);
            }
            rc = -1;
            break;
        }
        buffer += got;
        size -= got;
    }
    close(fd);
    return rc;
}

static int
random_bytes(void *buffer, Py_ssize_t size, int blocking, int raise)
{
    if (size < 0) {
        if (raise) {
            PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        }
        return -1;
    }
    if (size == 0) {
        return 0;
    }
    int rc = from_getrandom(buffer, size, blocking, raise);
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    return from_device(buffer, size, raise);
}

/* Fill with random bytes, waiting for entropy if need be (os.urandom).  -1 with an exception. */
int
_PyOS_URandom(void *buffer, Py_ssize_t size)
{
    return random_bytes(buffer, size, 1, 1);
}

int
_PyOS_URandomNonblock(void *buffer, Py_ssize_t size)
{
    return random_bytes(buffer, size, 0, 1);
}

PyStatus
_Py_HashRandomization_Init(const PyConfig *config)
{
    if (_PyRuntime.hash_secret_set) {
        return _PyStatus_OK();
    }
    if (!config->use_hash_seed) {
        if (random_bytes(&_Py_HashSecret, sizeof(_Py_HashSecret), 0, 0) < 0) {
            return _PyStatus_ERR("failed to get random numbers to initialize Python");
        }
    }
    else {
        _Py_HashSecret_FromSeed(config->hash_seed);
    }
    _PyRuntime.hash_secret_set = 1;
    return _PyStatus_OK();
}
