/* dirs.c - the contents of directories: listdir, scandir and its DirEntry.
 *
 * An iterator of scandir() owns its DIR until it is exhausted or closed.  A DirEntry caches what
 * it finds out: `stat` and `lstat` are NULL until they are asked for.
 * Written from PEP 471, the library reference (os.scandir) and observed behaviour.
 */
#include "posix.h"
#include "pycore_fileutils.h"   // _Py_dup()
#include "structmember.h"       // PyMemberDef

#include <dirent.h>
#include <stddef.h>

typedef struct {
    PyObject_HEAD
    PyObject *name;             /* str, or bytes if the directory's path is */
    PyObject *path;
    PyObject *stat;             /* stat_result or NULL */
    PyObject *lstat;
    unsigned char d_type;
    ino_t d_ino;
    int dir_fd;                 /* AT_FDCWD, or what the name is relative to (not owned) */
} DirEntry;

typedef struct {
    PyObject_HEAD
    path_arg path;              /* owned */
    DIR *dirp;                  /* NULL when closed */
} ScandirIterator;

#include "sig/dirs.sig.h"

/* ---- open and read ---- */

/* The directory of a path argument, which may be NULL and a descriptor (a duplicate is read, from
   its beginning).  NULL with an error. */
static DIR *
open_directory(const path_arg *path)
{
    DIR *dirp;
    if (!path->is_fd) {
        const char *name = path->narrow != NULL ? path->narrow : ".";
        UNLOCKED(dirp = opendir(name));
        return dirp != NULL ? dirp : (_PyPosix_PathError(path), NULL);
    }
    int fd = _Py_dup(path->fd);
    if (fd < 0) {
        return NULL;
    }
    UNLOCKED(dirp = fdopendir(fd));
    if (dirp == NULL) {
        _PyPosix_PathError(path);
        close(fd);
        return NULL;
    }
    rewinddir(dirp);
    return dirp;
}

static void
close_directory(const path_arg *path, DIR *dirp)
{
    UNLOCKED({
        if (path->is_fd) {
            rewinddir(dirp);    /* the position is shared with the caller's descriptor */
        }
        closedir(dirp);
    });
}

/* The next entry but "." and "..".  NULL at the end, or with an error set. */
static struct dirent *
next_entry(const path_arg *path, DIR *dirp)
{
    for (;;) {
        struct dirent *entry;
        errno = 0;
        UNLOCKED(entry = readdir(dirp));
        if (entry == NULL) {
            if (errno != 0) {
                _PyPosix_PathError(path);
            }
            return NULL;
        }
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            return entry;
        }
    }
}

static PyObject *
entry_name(const path_arg *path, const char *name)
{
    return path_is_bytes(path) ? PyBytes_FromString(name) : PyUnicode_DecodeFSDefault(name);
}

/*sig posix.listdir(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone,
               PATH(listdir, path, PATH_FD | PATH_NULLABLE)]
        = c"PATH(listdir, path, PATH_FD | PATH_NULLABLE)" py"None")

Return a list containing the names of the files in the directory.

  path
    A string, bytes, a path-like object, an open file descriptor, or None for
    the current directory.  The names are bytes if the path is.

The order is arbitrary, and '.' and '..' are not part of the list.
*/
static PyObject *
posix_listdir_impl(PyObject *module, path_arg *path)
{
    (void)module;
    if (PySys_Audit("os.listdir", "O", path_shown(path)) < 0) {
        return NULL;
    }
    DIR *dirp = open_directory(path);
    if (dirp == NULL) {
        return NULL;
    }
    struct dirent *entry;
    PyObject *list = PyList_New(0);
    while (list != NULL && (entry = next_entry(path, dirp)) != NULL) {
        PyObject *name = entry_name(path, entry->d_name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    if (list != NULL && PyErr_Occurred()) {
        Py_CLEAR(list);
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    close_directory(path, dirp);
    PyErr_Restore(type, value, traceback);
    return list;
}

/* ---- DirEntry ---- */

static posix_state *
entry_state(PyTypeObject *cls)
{
    PyObject *module = PyType_GetModule(cls);
    return module == NULL ? NULL : posix_get_state(module);
}

/* A fresh stat_result, or NULL with an error. */
static PyObject *
fetch_stat(DirEntry *self, posix_state *state, int follow)
{
    PyObject *bytes;
    struct stat st;
    int rc;
    int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    if (!PyUnicode_FSConverter(self->path, &bytes)) {
        return NULL;
    }
    const char *path = PyBytes_AS_STRING(bytes);
    UNLOCKED(rc = fstatat(self->dir_fd, path, &st, flags));
    int saved_errno = errno;
    Py_DECREF(bytes);
    if (rc != 0) {
        errno = saved_errno;
        return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, self->path);
    }
    return _PyPosix_StatResult(state, &st);
}

/* Cached; new reference or NULL with an error. */
static PyObject *
entry_lstat(DirEntry *self, posix_state *state)
{
    if (self->lstat == NULL) {
        PyObject *result = fetch_stat(self, state, 0);
        if (self->lstat == NULL) {
            self->lstat = result;
        }
        else {
            Py_XDECREF(result);
        }
    }
    return Py_XNewRef(self->lstat);
}

/* 1 or 0 by the mode of an entry, -1 with an error. */
static int
mode_is(posix_state *state, PyObject *stat, mode_t format)
{
    assert(Py_IS_TYPE(stat, state->stat_result));
    (void)state;
    long mode = PyLong_AsLong(PyStructSequence_GET_ITEM(stat, 0));
    if (mode == -1 && PyErr_Occurred()) {
        return -1;
    }
    return ((mode_t)mode & S_IFMT) == format;
}

static int
entry_is_symlink(DirEntry *self, posix_state *state)
{
    if (self->d_type != DT_UNKNOWN) {
        return self->d_type == DT_LNK;
    }
    PyObject *stat = entry_lstat(self, state);
    if (stat == NULL) {
        return -1;
    }
    int result = mode_is(state, stat, S_IFLNK);
    Py_DECREF(stat);
    return result;
}

static PyObject *
entry_stat(DirEntry *self, posix_state *state, int follow_symlinks)
{
    if (!follow_symlinks) {
        return entry_lstat(self, state);
    }
    if (self->stat == NULL) {
        int link = entry_is_symlink(self, state);
        if (link < 0) {
            return NULL;
        }
        PyObject *result = link ? fetch_stat(self, state, 1) : entry_lstat(self, state);
        if (self->stat == NULL) {
            self->stat = result;
        }
        else {
            Py_XDECREF(result);
        }
    }
    return Py_XNewRef(self->stat);
}

/* Whether the entry is of the kind: 1, 0, or -1 with an error.  A file that is gone is of no
   kind. */
static int
entry_is(DirEntry *self, posix_state *state, int follow_symlinks, mode_t format, int d_type)
{
    assert(format == S_IFDIR || format == S_IFREG);
    if (self->d_type != DT_UNKNOWN && !(follow_symlinks && self->d_type == DT_LNK)) {
        return self->d_type == d_type;
    }
    PyObject *stat = entry_stat(self, state, follow_symlinks);
    if (stat == NULL) {
        if (PyErr_ExceptionMatches(PyExc_FileNotFoundError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    int result = mode_is(state, stat, format);
    Py_DECREF(stat);
    return result;
}

/*sig DirEntry.is_symlink(self, cls: defining_class) -> bool

Return True if the entry is a symbolic link; cached per entry.
*/
static int
direntry_is_symlink_impl(DirEntry *self, PyTypeObject *cls)
{
    posix_state *state = entry_state(cls);
    return state == NULL ? -1 : entry_is_symlink(self, state);
}

/*sig DirEntry.is_junction(self) -> bool

Return True if the entry is a junction; cached per entry.
*/
static int
direntry_is_junction_impl(DirEntry *self)
{
    (void)self;
    return 0;                   /* only Windows has them */
}

/*sig DirEntry.stat(self, cls: defining_class, *, follow_symlinks: bool = True)

Return stat_result object for the entry; cached per entry.
*/
static PyObject *
direntry_stat_impl(DirEntry *self, PyTypeObject *cls, int follow_symlinks)
{
    posix_state *state = entry_state(cls);
    return state == NULL ? NULL : entry_stat(self, state, follow_symlinks);
}

/*sig DirEntry.is_dir(self, cls: defining_class, *, follow_symlinks: bool = True) -> bool

Return True if the entry is a directory; cached per entry.
*/
static int
direntry_is_dir_impl(DirEntry *self, PyTypeObject *cls, int follow_symlinks)
{
    posix_state *state = entry_state(cls);
    return state == NULL ? -1 : entry_is(self, state, follow_symlinks, S_IFDIR, DT_DIR);
}

/*sig DirEntry.is_file(self, cls: defining_class, *, follow_symlinks: bool = True) -> bool

Return True if the entry is a file; cached per entry.
*/
static int
direntry_is_file_impl(DirEntry *self, PyTypeObject *cls, int follow_symlinks)
{
    posix_state *state = entry_state(cls);
    return state == NULL ? -1 : entry_is(self, state, follow_symlinks, S_IFREG, DT_REG);
}

/*sig DirEntry.inode(self)

Return inode of the entry; cached per entry.
*/
static PyObject *
direntry_inode_impl(DirEntry *self)
{
    return PyLong_FromUnsignedLongLong(self->d_ino);
}

/*sig DirEntry.__fspath__(self)

Returns the path for the entry.
*/
static PyObject *
direntry___fspath___impl(DirEntry *self)
{
    return Py_NewRef(self->path);
}

static PyObject *
direntry_repr(DirEntry *self)
{
    return PyUnicode_FromFormat("<DirEntry %R>", self->name);
}

static void
direntry_dealloc(DirEntry *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->name);
    Py_XDECREF(self->path);
    Py_XDECREF(self->stat);
    Py_XDECREF(self->lstat);
    type->tp_free(self);
    Py_DECREF(type);
}

static const PyMemberDef direntry_members[] = {
    {"name", T_OBJECT_EX, offsetof(DirEntry, name), READONLY,
     "the entry's base filename, relative to scandir() \"path\" argument"},
    {"path", T_OBJECT_EX, offsetof(DirEntry, path), READONLY,
     "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)"},
    {NULL}
};

static const PyMethodDef direntry_methods[] = {
    DIRENTRY_IS_DIR_METHODDEF
    DIRENTRY_IS_FILE_METHODDEF
    DIRENTRY_IS_SYMLINK_METHODDEF
    DIRENTRY_IS_JUNCTION_METHODDEF
    DIRENTRY_STAT_METHODDEF
    DIRENTRY_INODE_METHODDEF
    DIRENTRY___FSPATH___METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static const PyType_Slot direntry_slots[] = {
    {Py_tp_dealloc, direntry_dealloc},
    {Py_tp_repr, direntry_repr},
    {Py_tp_methods, (void *)direntry_methods},
    {Py_tp_members, (void *)direntry_members},
    {0, NULL}
};

static const PyType_Spec direntry_spec = {
    .name = "posix.DirEntry",
    .basicsize = sizeof(DirEntry),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot *)direntry_slots,
};

/* directory + "/" + name as bytes; NULL is the current directory. */
static PyObject *
join_path(const char *directory, const char *name)
{
    if (directory == NULL) {
        directory = ".";
    }
    if (directory[0] == '\0') {
        return PyBytes_FromString(name);
    }
    size_t length = strlen(directory);
    const char *separator = directory[length - 1] == '/' ? "" : "/";
    return PyBytes_FromFormat("%s%s%s", directory, separator, name);
}

static PyObject *
direntry_from_dirent(posix_state *state, const path_arg *path, const struct dirent *dirent)
{
    DirEntry *entry = PyObject_New(DirEntry, state->direntry);
    if (entry == NULL) {
        return NULL;
    }
    entry->stat = entry->lstat = entry->path = NULL;
    entry->d_type = dirent->d_type;
    entry->d_ino = dirent->d_ino;
    entry->dir_fd = path->is_fd ? path->fd : AT_FDCWD;
    entry->name = entry_name(path, dirent->d_name);
    if (entry->name == NULL) {
        goto error;
    }
    if (path->is_fd) {
        entry->path = Py_NewRef(entry->name);
        return (PyObject *)entry;
    }
    entry->path = join_path(path->narrow, dirent->d_name);
    if (entry->path == NULL) {
        goto error;
    }
    if (!path_is_bytes(path)) {
        PyObject *bytes = entry->path;
        entry->path = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(bytes),
                                                       PyBytes_GET_SIZE(bytes));
        Py_DECREF(bytes);
        if (entry->path == NULL) {
            goto error;
        }
    }
    return (PyObject *)entry;
error:
    Py_DECREF(entry);
    return NULL;
}

/* ---- ScandirIterator ---- */

static void
scandir_shut(ScandirIterator *self)
{
    DIR *dirp = self->dirp;
    if (dirp != NULL) {
        self->dirp = NULL;      /* first: another thread may call next() meanwhile */
        close_directory(&self->path, dirp);
    }
}

static PyObject *
scandir_close(ScandirIterator *self, PyObject *Py_UNUSED(unused))
{
    scandir_shut(self);
    Py_RETURN_NONE;
}

static PyObject *
scandir_enter(PyObject *self, PyObject *Py_UNUSED(unused))
{
    return Py_NewRef(self);
}

static PyObject *
scandir_exit(ScandirIterator *self, PyObject *Py_UNUSED(args))
{
    scandir_shut(self);
    Py_RETURN_NONE;
}

static PyObject *
scandir_next(ScandirIterator *self)
{
    if (self->dirp == NULL) {
        return NULL;
    }
    posix_state *state = entry_state(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    struct dirent *dirent = next_entry(&self->path, self->dirp);
    if (dirent != NULL) {
        PyObject *entry = direntry_from_dirent(state, &self->path, dirent);
        if (entry != NULL) {
            return entry;
        }
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    scandir_shut(self);
    PyErr_Restore(type, value, traceback);
    return NULL;
}

static void
scandir_finalize(ScandirIterator *self)
{
    if (self->dirp == NULL) {
        return;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    scandir_shut(self);
    if (PyErr_ResourceWarning((PyObject *)self, 1, "unclosed scandir iterator %R", self) < 0
        && PyErr_ExceptionMatches(PyExc_Warning)) {
        PyErr_WriteUnraisable((PyObject *)self);
    }
    PyErr_Restore(type, value, traceback);
}

static void
scandir_dealloc(ScandirIterator *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (PyObject_CallFinalizerFromDealloc((PyObject *)self) < 0) {
        return;
    }
    assert(self->dirp == NULL);
    _PyPosix_PathDone(&self->path);
    type->tp_free(self);
    Py_DECREF(type);
}

static const PyMethodDef scandir_methods[] = {
    {"__enter__", scandir_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)scandir_exit, METH_VARARGS, NULL},
    {"close", (PyCFunction)scandir_close, METH_NOARGS, NULL},
    {NULL, NULL}
};

static const PyType_Slot scandir_slots[] = {
    {Py_tp_dealloc, scandir_dealloc},
    {Py_tp_finalize, scandir_finalize},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, scandir_next},
    {Py_tp_methods, (void *)scandir_methods},
    {0, NULL}
};

static const PyType_Spec scandir_spec = {
    .name = "posix.ScandirIterator",
    .basicsize = sizeof(ScandirIterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot *)scandir_slots,
};

/*sig posix.scandir(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone,
               PATH(scandir, path, PATH_FD | PATH_NULLABLE)]
        = c"PATH(scandir, path, PATH_FD | PATH_NULLABLE)" py"None")

Return an iterator of DirEntry objects for given path.

The path may be a string, bytes, a path-like object, an open file descriptor,
or None for the current directory.  The names and paths of the entries are
bytes if the path is.
*/
static PyObject *
posix_scandir_impl(PyObject *module, path_arg *path)
{
    posix_state *state = posix_get_state(module);
    if (PySys_Audit("os.scandir", "O", path_shown(path)) < 0) {
        return NULL;
    }
    ScandirIterator *it = PyObject_New(ScandirIterator, state->scandir_iterator);
    if (it == NULL) {
        return NULL;
    }
    it->dirp = NULL;
    it->path = *path;           /* the references move to the iterator */
    path->object = path->bytes = NULL;
    it->dirp = open_directory(&it->path);
    if (it->dirp == NULL) {
        Py_CLEAR(it);
    }
    return (PyObject *)it;
}

int
_PyPosix_AddDirTypes(PyObject *module)
{
    posix_state *state = posix_get_state(module);
    state->scandir_iterator = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&scandir_spec, NULL);
    if (state->scandir_iterator == NULL) {
        return -1;
    }
    state->direntry = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&direntry_spec, NULL);
    return state->direntry == NULL ? -1 : PyModule_AddType(module, state->direntry);
}

const PyMethodDef _PyPosix_DirMethods[] = {
    POSIX_LISTDIR_METHODDEF
    POSIX_SCANDIR_METHODDEF
    {NULL, NULL}
};
