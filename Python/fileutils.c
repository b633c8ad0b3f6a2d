/* Files and the locale's encoding.
 *
 * Decoding: in UTF-8 mode, or when the locale's codeset is UTF-8, the core's own codec with
 * surrogateescape; otherwise the C library's multibyte functions, byte by byte where they fail.
 * Descriptors are made non-inheritable (PEP 446); interrupted calls are repeated (PEP 475).
 * Written from the C API reference (Py_DecodeLocale, Py_EncodeLocale), PEP 383, 446, 475, POSIX. */
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_pystate.h"     // _PyRuntime

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* ---- the locale's encoding --------------------------------------------------------- */

static int
locale_is_utf8(int current_locale)
{
    if (!current_locale && _PyRuntime.preconfig.utf8_mode) {
        return 1;
    }
    const char *codeset = nl_langinfo(CODESET);
    return codeset != NULL && (strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0);
}

/* The locale's encoding, PyMem_RawMalloc'ed; NULL without memory. */
wchar_t *
_Py_GetLocaleEncoding(void)
{
    const char *name = nl_langinfo(CODESET);
    if (name == NULL || name[0] == '\0') {
        name = "utf-8";
    }
    size_t len = strlen(name);
    wchar_t *result = PyMem_RawMalloc((len + 1) * sizeof(wchar_t));
    if (result == NULL) {
        return NULL;
    }
    for (size_t i = 0; i <= len; i++) {
        result[i] = (unsigned char)name[i];
    }
    return result;
}

/* The same as a new str, or NULL with MemoryError. */
PyObject *
_Py_GetLocaleEncodingObject(void)
{
    wchar_t *encoding = _Py_GetLocaleEncoding();
    if (encoding == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *str = PyUnicode_FromWideChar(encoding, -1);
    PyMem_RawFree(encoding);
    return str;
}

void
_Py_ResetForceASCII(void)
{
    /* Nothing is cached: nl_langinfo() is asked each time. */
}

int
_Py_GetForceASCII(void)
{
    return 0;
}

/* ---- decoding ------------------------------------------------------------------------- */

static int
check_handler(_Py_error_handler errors, int *surrogateescape)
{
    switch (errors) {
    case _Py_ERROR_STRICT:
        *surrogateescape = 0;
        return 0;
    case _Py_ERROR_SURROGATEESCAPE:
        *surrogateescape = 1;
        return 0;
    default:
        return -1;
    }
}

/* Through mbrtowc(); undecodable bytes become U+DC80..U+DCFF or an error. */
static int
decode_multibyte(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
                 int surrogateescape)
{
    size_t size = strlen(arg) + 1;
    wchar_t *result = PyMem_RawMalloc(size * sizeof(wchar_t));
    if (result == NULL) {
        return -1;
    }
    mbstate_t state;
    memset(&state, 0, sizeof(state));
    const char *in = arg;
    wchar_t *out = result;
    size_t left = size - 1;
    while (left > 0) {
        size_t n = mbrtowc(out, in, left, &state);
        if (n == 0) {
            break;
        }
        int bad = n == (size_t)-1 || n == (size_t)-2 || (*out >= 0xD800 && *out <= 0xDFFF);
        if (bad) {
            if (!surrogateescape) {
                PyMem_RawFree(result);
                if (wlen != NULL) {
                    *wlen = (size_t)(in - arg);
                }
                if (reason != NULL) {
                    *reason = "decoding error";
                }
                return -2;
            }
            *out++ = 0xDC00 + (unsigned char)*in++;
            left--;
            memset(&state, 0, sizeof(state));
            continue;
        }
        out++;
        in += n;
        left -= n;
    }
    *out = L'\0';
    if (wlen != NULL) {
        *wlen = (size_t)(out - result);
    }
    *wstr = result;
    return 0;
}

int
_Py_DecodeLocaleEx(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
                   int current_locale, _Py_error_handler errors)
{
    if (locale_is_utf8(current_locale)) {
        return _Py_DecodeUTF8Ex(arg, (Py_ssize_t)strlen(arg), wstr, wlen, reason, errors);
    }
    int surrogateescape;
    if (check_handler(errors, &surrogateescape) < 0) {
        return -3;
    }
    return decode_multibyte(arg, wstr, wlen, reason, surrogateescape);
}

/* PyMem_RawMalloc'ed; NULL with *wlen == -1 (memory) or -2 (not decodable). */
wchar_t *
Py_DecodeLocale(const char *arg, size_t *wlen)
{
    wchar_t *wstr;
    int res = _Py_DecodeLocaleEx(arg, &wstr, wlen, NULL, 0, _Py_ERROR_SURROGATEESCAPE);
    if (res != 0) {
        if (wlen != NULL) {
            *wlen = (size_t)res;
        }
        return NULL;
    }
    return wstr;
}

/* ---- encoding ---------------------------------------------------------------------------- */

static int
encode_multibyte(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                 int raw_malloc, int surrogateescape)
{
    size_t capacity = wcslen(text) * MB_CUR_MAX + 1;
    char *result = raw_malloc ? PyMem_RawMalloc(capacity) : PyMem_Malloc(capacity);
    if (result == NULL) {
        return -1;
    }
    mbstate_t state;
    memset(&state, 0, sizeof(state));
    char *out = result;
    for (size_t i = 0; text[i] != L'\0'; i++) {
        wchar_t ch = text[i];
        if (ch >= 0xDC80 && ch <= 0xDCFF && surrogateescape) {
            *out++ = (char)(ch - 0xDC00);
            continue;
        }
        size_t n = ch >= 0xD800 && ch <= 0xDFFF ? (size_t)-1 : wcrtomb(out, ch, &state);
        if (n == (size_t)-1) {
            if (raw_malloc) {
                PyMem_RawFree(result);
            }
            else {
                PyMem_Free(result);
            }
            if (error_pos != NULL) {
                *error_pos = i;
            }
            if (reason != NULL) {
                *reason = "encoding error";
            }
            return -2;
        }
        out += n;
    }
    *out = '\0';
    *str = result;
    return 0;
}

static int
encode_locale(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
              int raw_malloc, int current_locale, _Py_error_handler errors)
{
    if (locale_is_utf8(current_locale)) {
        return _Py_EncodeUTF8Ex(text, str, error_pos, reason, raw_malloc, errors);
    }
    int surrogateescape;
    if (check_handler(errors, &surrogateescape) < 0) {
        return -3;
    }
    return encode_multibyte(text, str, error_pos, reason, raw_malloc, surrogateescape);
}

int
_Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                   int current_locale, _Py_error_handler errors)
{
    return encode_locale(text, str, error_pos, reason, 1, current_locale, errors);
}

static char *
encode_surrogateescape(const wchar_t *text, size_t *error_pos, int raw_malloc)
{
    char *str;
    int res = encode_locale(text, &str, error_pos, NULL, raw_malloc, 0,
                            _Py_ERROR_SURROGATEESCAPE);
    if (res != -2 && error_pos != NULL) {
        *error_pos = (size_t)-1;
    }
    return res == 0 ? str : NULL;
}

/* PyMem_Malloc'ed; NULL with *error_pos == -1 (memory) or the position of the bad character. */
char *
Py_EncodeLocale(const wchar_t *text, size_t *error_pos)
{
    return encode_surrogateescape(text, error_pos, 0);
}

/* The same, PyMem_RawMalloc'ed. */
char *
_Py_EncodeLocaleRaw(const wchar_t *text, size_t *error_pos)
{
    return encode_surrogateescape(text, error_pos, 1);
}

/* Decimal point and thousands separator of localeconv() as new strs: 0, or -1 with an error. */
int
_Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep)
{
    *decimal_point = PyUnicode_DecodeLocale(lc->decimal_point, NULL);
    if (*decimal_point == NULL) {
        return -1;
    }
    *thousands_sep = PyUnicode_DecodeLocale(lc->thousands_sep, NULL);
    if (*thousands_sep == NULL) {
        Py_CLEAR(*decimal_point);
        return -1;
    }
    return 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

int
_Py_fstat_noraise(int fd, struct stat *status)
{
    return fstat(fd, status);
}

/* 0, or -1 with OSError set. */
int
_Py_fstat(int fd, struct stat *status)
{
    int res;
    Py_BEGIN_ALLOW_THREADS
    res = fstat(fd, status);
    Py_END_ALLOW_THREADS
    if (res != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* 0; -1 with errno set; -2 with an exception set.  `path` is a str. */
int
_Py_stat(PyObject *path, struct stat *status)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path);
    if (bytes == NULL) {
        return -2;
    }
    int res = stat(PyBytes_AS_STRING(bytes), status);
    Py_DECREF(bytes);
    return res;
}

static int
set_cloexec(int fd, int cloexec)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0) {
        return -1;
    }
    int wanted = cloexec ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
    return wanted == flags ? 0 : fcntl(fd, F_SETFD, wanted);
}

/* 1 or 0; -1 with OSError set. */
int
_Py_get_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return !(flags & FD_CLOEXEC);
}

/* 0, or -1 with OSError set.  `atomic_flag_works` is accepted for the prototype's sake: on Linux
 * O_CLOEXEC always works. */
int
_Py_set_inheritable(int fd, int inheritable, int *atomic_flag_works)
{
    if (atomic_flag_works != NULL && !inheritable) {
        *atomic_flag_works = 1;
    }
    if (set_cloexec(fd, !inheritable) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* For a child between fork and exec: -1 with errno set. */
int
_Py_set_inheritable_async_safe(int fd, int inheritable, int *atomic_flag_works)
{
    (void)atomic_flag_works;
    return set_cloexec(fd, !inheritable);
}

/* A non-inheritable descriptor, or -1 with OSError set. */
int
_Py_open(const char *pathname, int flags)
{
    int fd;
    PyObject *path = PyUnicode_DecodeFSDefault(pathname);
    if (path == NULL || PySys_Audit("open", "OOi", path, Py_None, flags) < 0) {
        Py_XDECREF(path);
        return -1;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = open(pathname, flags | O_CLOEXEC);
        Py_END_ALLOW_THREADS
    } while (fd < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (fd < 0 && !PyErr_Occurred()) {
        PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, path, NULL);
    }
    Py_DECREF(path);
    return fd;
}

int
_Py_open_noraise(const char *pathname, int flags)
{
    return open(pathname, flags | O_CLOEXEC);
}

FILE *
_Py_wfopen(const wchar_t *path, const wchar_t *mode)
{
    char cmode[16];
    size_t i = 0;
    for (; mode[i] != L'\0' && i < sizeof(cmode) - 2; i++) {
        cmode[i] = (char)mode[i];
    }
    cmode[i++] = 'e';           /* O_CLOEXEC */
    cmode[i] = '\0';
    char *cpath = _Py_EncodeLocaleRaw(path, NULL);
    if (cpath == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    FILE *file = fopen(cpath, cmode);
    PyMem_RawFree(cpath);
    return file;
}

/* `path` is a str or path-like; NULL with an exception set. */
FILE *
_Py_fopen_obj(PyObject *path, const char *mode)
{
    PyObject *bytes;
    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    if (PySys_Audit("open", "Osi", path, mode, 0) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    const char *cpath = PyBytes_AS_STRING(bytes);
    FILE *file;
    int failed_in_handler = 0;
    do {
        Py_BEGIN_ALLOW_THREADS
        file = fopen(cpath, mode);
        Py_END_ALLOW_THREADS
    } while (file == NULL && errno == EINTR &&
             !(failed_in_handler = PyErr_CheckSignals() < 0));
    int saved = errno;
    Py_DECREF(bytes);
    if (file == NULL) {
        if (!failed_in_handler) {
            errno = saved;
            PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        }
        return NULL;
    }
    if (set_cloexec(fileno(file), 1) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        fclose(file);
        return NULL;
    }
    return file;
}

#define _PY_READ_MAX ((size_t)PY_SSIZE_T_MAX)

/* Bytes read; -1 with an exception set (errno kept). */
Py_ssize_t
_Py_read(int fd, void *buf, size_t count)
{
    Py_ssize_t n;
    int err, failed_in_handler = 0;
    if (count > _PY_READ_MAX) {
        count = _PY_READ_MAX;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = read(fd, buf, count);
        err = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && err == EINTR && !(failed_in_handler = PyErr_CheckSignals() < 0));
    if (failed_in_handler) {
        errno = err;
        return -1;
    }
    if (n < 0) {
        errno = err;
        PyErr_SetFromErrno(PyExc_OSError);
        errno = err;
    }
    return n;
}

static Py_ssize_t
write_impl(int fd, const void *buf, size_t count, int gil_held)
{
    Py_ssize_t n;
    int err, failed_in_handler = 0;
    if (count > _PY_READ_MAX) {
        count = _PY_READ_MAX;
    }
    if (!gil_held) {
        do {
            errno = 0;
            n = write(fd, buf, count);
            err = errno;
        } while (n < 0 && err == EINTR);
        errno = err;
        return n;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = write(fd, buf, count);
        err = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && err == EINTR && !(failed_in_handler = PyErr_CheckSignals() < 0));
    errno = err;
    if (failed_in_handler) {
        return -1;
    }
    if (n < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        errno = err;
    }
    return n;
}

/* Bytes written; -1 with an exception set (errno kept). */
Py_ssize_t
_Py_write(int fd, const void *buf, size_t count)
{
    return write_impl(fd, buf, count, 1);
}

/* Needs no thread state; -1 with errno set. */
Py_ssize_t
_Py_write_noraise(int fd, const void *buf, size_t count)
{
    return write_impl(fd, buf, count, 0);
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* Length of the target, or -1 with errno set. */
int
_Py_wreadlink(const wchar_t *path, wchar_t *buf, size_t buflen)
{
    char cbuf[PATH_MAX + 1];
    char *cpath = _Py_EncodeLocaleRaw(path, NULL);
    if (cpath == NULL) {
        errno = EINVAL;
        return -1;
    }
    ssize_t n = readlink(cpath, cbuf, PATH_MAX);
    PyMem_RawFree(cpath);
    if (n < 0) {
        return -1;
    }
    cbuf[n] = '\0';
    size_t len;
    wchar_t *target = Py_DecodeLocale(cbuf, &len);
    if (target == NULL || len >= buflen) {
        PyMem_RawFree(target);
        errno = EINVAL;
        return -1;
    }
    wcscpy(buf, target);
    PyMem_RawFree(target);
    return (int)len;
}

/* `resolved`, or NULL with errno set. */
wchar_t *
_Py_wrealpath(const wchar_t *path, wchar_t *resolved, size_t len)
{
    char cresolved[PATH_MAX + 1];
    char *cpath = _Py_EncodeLocaleRaw(path, NULL);
    if (cpath == NULL) {
        errno = EINVAL;
        return NULL;
    }
    char *res = realpath(cpath, cresolved);
    PyMem_RawFree(cpath);
    if (res == NULL) {
        return NULL;
    }
    size_t n;
    wchar_t *decoded = Py_DecodeLocale(cresolved, &n);
    if (decoded == NULL || n >= len) {
        PyMem_RawFree(decoded);
        errno = EINVAL;
        return NULL;
    }
    wcscpy(resolved, decoded);
    PyMem_RawFree(decoded);
    return resolved;
}

/* `buf`, or NULL with errno set. */
wchar_t *
_Py_wgetcwd(wchar_t *buf, size_t buflen)
{
    char cwd[PATH_MAX + 1];
    if (getcwd(cwd, sizeof(cwd)) == NULL) {
        return NULL;
    }
    size_t n;
    wchar_t *decoded = Py_DecodeLocale(cwd, &n);
    if (decoded == NULL || n >= buflen) {
        PyMem_RawFree(decoded);
        errno = ENAMETOOLONG;
        return NULL;
    }
    wcscpy(buf, decoded);
    PyMem_RawFree(decoded);
    return buf;
}

/* Removes ".", ".." and doubled slashes in place (two leading slashes stay two, as POSIX lets them
 * differ).  `size` is the length or -1.  Returns `path`. */
wchar_t *
_Py_normpath(wchar_t *path, Py_ssize_t size)
{
    size_t len = size < 0 ? wcslen(path) : (size_t)size;
    if (len == 0) {
        return path;
    }
    size_t root = 0;
    while (root < len && path[root] == L'/') {
        root++;
    }
    size_t kept_root = root == 2 ? 2 : root > 0 ? 1 : 0;
    size_t out = kept_root;
    size_t depth = 0;           /* normal components written so far */
    for (size_t in = root; in < len;) {
        size_t start = in;
        while (in < len && path[in] != L'/') {
            in++;
        }
        size_t n = in - start;
        while (in < len && path[in] == L'/') {
            in++;
        }
        if (n == 0 || (n == 1 && path[start] == L'.')) {
            continue;
        }
        int up = n == 2 && path[start] == L'.' && path[start + 1] == L'.';
        if (up && depth > 0) {
            while (out > kept_root && path[out - 1] != L'/') {
                out--;
            }
            if (out > kept_root) {
                out--;
            }
            depth--;
            continue;
        }
        if (up && kept_root > 0) {
            continue;
        }
        if (out > kept_root) {
            path[out++] = L'/';
        }
        wmemmove(path + out, path + start, n);
        out += n;
        depth += !up;
    }
    if (out == 0 && len > 0) {
        path[out++] = L'.';
    }
    path[out] = L'\0';
    return path;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

/* A non-inheritable copy, or -1 with OSError set. */
int
_Py_dup(int fd)
{
    int copy;
    Py_BEGIN_ALLOW_THREADS
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    Py_END_ALLOW_THREADS
    if (copy < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return copy;
}

/* 1 or 0; -1 with OSError set. */
int
_Py_get_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL, 0);
    if (flags < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return !(flags & O_NONBLOCK);
}

/* 0, or -1 with OSError set. */
int
_Py_set_blocking(int fd, int blocking)
{
    int arg = !blocking;
    if (ioctl(fd, FIONBIO, &arg) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* os.device_encoding: a new str, or None if the descriptor is no terminal. */
PyObject *
_Py_device_encoding(int fd)
{
    if (!isatty(fd)) {
        Py_RETURN_NONE;
    }
    if (_PyRuntime.preconfig.utf8_mode) {
        return PyUnicode_FromString("utf-8");
    }
    return _Py_GetLocaleEncodingObject();
}

/* Closes first..last, ignoring errors. */
void
_Py_closerange(int first, int last)
{
    first = first < 0 ? 0 : first;
    if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0) {
        return;
    }
    for (int fd = first; fd <= last; fd++) {
        (void)close(fd);
    }
}
