/* _stat: constants and functions that interpret os.stat() results.
 * Written from the library reference (stat) and sys/stat.h. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <sys/stat.h>

/* The mode as C value: 0, or -1 with an error set. */
static int
get_mode(PyObject *op, mode_t *mode)
{
    unsigned long value = PyLong_AsUnsignedLong(op);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    if (value > (mode_t)-1) {
        PyErr_SetString(PyExc_OverflowError, "mode out of range");
        return -1;
    }
    *mode = (mode_t)value;
    return 0;
}

#define PREDICATE(NAME)                                             \
    static PyObject *                                               \
    stat_S_IS ## NAME(PyObject *Py_UNUSED(self), PyObject *omode)   \
    {                                                               \
        mode_t mode;                                                \
        if (get_mode(omode, &mode) < 0) {                           \
            return NULL;                                            \
        }                                                           \
        return PyBool_FromLong(S_IS ## NAME(mode));                 \
    }

PREDICATE(BLK)
PREDICATE(CHR)
PREDICATE(DIR)
PREDICATE(FIFO)
PREDICATE(LNK)
PREDICATE(REG)
PREDICATE(SOCK)

/* Kinds of files that this system does not have. */
static PyObject *
stat_never(PyObject *Py_UNUSED(self), PyObject *omode)
{
    mode_t mode;
    if (get_mode(omode, &mode) < 0) {
        return NULL;
    }
    Py_RETURN_FALSE;
}

static PyObject *
stat_S_IMODE(PyObject *Py_UNUSED(self), PyObject *omode)
{
    mode_t mode;
    if (get_mode(omode, &mode) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(mode & 07777);
}

static PyObject *
stat_S_IFMT(PyObject *Py_UNUSED(self), PyObject *omode)
{
    mode_t mode;
    if (get_mode(omode, &mode) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(mode & S_IFMT);
}

static char
type_letter(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return '-';
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFBLK: return 'b';
    case S_IFCHR: return 'c';
    case S_IFIFO: return 'p';
    case S_IFSOCK: return 's';
    default: return '?';
    }
}

/* One of the three groups; `special` is setuid, setgid or sticky with its letter. */
static void
write_group(char *p, unsigned bits, int special, char letter)
{
    p[0] = bits & 4 ? 'r' : '-';
    p[1] = bits & 2 ? 'w' : '-';
    p[2] = special ? (bits & 1 ? letter : (char)Py_TOUPPER(letter)) : bits & 1 ? 'x' : '-';
}

static PyObject *
stat_filemode(PyObject *Py_UNUSED(self), PyObject *omode)
{
    mode_t mode;
    if (get_mode(omode, &mode) < 0) {
        return NULL;
    }
    char buf[10];
    buf[0] = type_letter(mode);
    write_group(buf + 1, mode >> 6, (mode & S_ISUID) != 0, 's');
    write_group(buf + 4, mode >> 3, (mode & S_ISGID) != 0, 's');
    write_group(buf + 7, mode, (mode & S_ISVTX) != 0, 't');
    return PyUnicode_FromStringAndSize(buf, sizeof(buf));
}

static PyMethodDef stat_methods[] = {
    {"S_ISBLK", stat_S_ISBLK, METH_O,
     "S_ISBLK(mode) -> bool\n\nReturn True if mode is from a block special device file."},
    {"S_ISCHR", stat_S_ISCHR, METH_O,
     "S_ISCHR(mode) -> bool\n\nReturn True if mode is from a character special device file."},
    {"S_ISDIR", stat_S_ISDIR, METH_O,
     "S_ISDIR(mode) -> bool\n\nReturn True if mode is from a directory."},
    {"S_ISFIFO", stat_S_ISFIFO, METH_O,
     "S_ISFIFO(mode) -> bool\n\nReturn True if mode is from a FIFO (named pipe)."},
    {"S_ISLNK", stat_S_ISLNK, METH_O,
     "S_ISLNK(mode) -> bool\n\nReturn True if mode is from a symbolic link."},
    {"S_ISREG", stat_S_ISREG, METH_O,
     "S_ISREG(mode) -> bool\n\nReturn True if mode is from a regular file."},
    {"S_ISSOCK", stat_S_ISSOCK, METH_O,
     "S_ISSOCK(mode) -> bool\n\nReturn True if mode is from a socket."},
    {"S_ISDOOR", stat_never, METH_O,
     "S_ISDOOR(mode) -> bool\n\nReturn True if mode is from a door."},
    {"S_ISPORT", stat_never, METH_O,
     "S_ISPORT(mode) -> bool\n\nReturn True if mode is from an event port."},
    {"S_ISWHT", stat_never, METH_O,
     "S_ISWHT(mode) -> bool\n\nReturn True if mode is from a whiteout."},
    {"S_IMODE", stat_S_IMODE, METH_O,
     "Return the portion of the file's mode that can be set by os.chmod()."},
    {"S_IFMT", stat_S_IFMT, METH_O,
     "Return the portion of the file's mode that describes the file type."},
    {"filemode", stat_filemode, METH_O,
     "Convert a file's mode to a string of the form '-rwxrwxrwx'"},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
    {"SF_APPEND", 0x40000},
    {"SF_ARCHIVED", 0x10000},
    {"SF_IMMUTABLE", 0x20000},
    {"SF_NOUNLINK", 0x100000},
    {"SF_SNAPSHOT", 0x200000},
    {"ST_ATIME", 7},
    {"ST_CTIME", 9},
    {"ST_DEV", 2},
    {"ST_GID", 5},
    {"ST_INO", 1},
    {"ST_MODE", 0},
    {"ST_MTIME", 8},
    {"ST_NLINK", 3},
    {"ST_SIZE", 6},
    {"ST_UID", 4},
    {"S_ENFMT", 02000},
    {"S_IEXEC", 0100},
    {"S_IFBLK", 060000},
    {"S_IFCHR", 020000},
    {"S_IFDIR", 040000},
    {"S_IFDOOR", 00},
    {"S_IFIFO", 010000},
    {"S_IFLNK", 0120000},
    {"S_IFPORT", 00},
    {"S_IFREG", 0100000},
    {"S_IFSOCK", 0140000},
    {"S_IFWHT", 00},
    {"S_IREAD", 0400},
    {"S_IRGRP", 040},
    {"S_IROTH", 04},
    {"S_IRUSR", 0400},
    {"S_IRWXG", 070},
    {"S_IRWXO", 07},
    {"S_IRWXU", 0700},
    {"S_ISGID", 02000},
    {"S_ISUID", 04000},
    {"S_ISVTX", 01000},
    {"S_IWGRP", 020},
    {"S_IWOTH", 02},
    {"S_IWRITE", 0200},
    {"S_IWUSR", 0200},
    {"S_IXGRP", 010},
    {"S_IXOTH", 01},
    {"S_IXUSR", 0100},
    {"UF_APPEND", 0x4},
    {"UF_COMPRESSED", 0x20},
    {"UF_HIDDEN", 0x8000},
    {"UF_IMMUTABLE", 0x2},
    {"UF_NODUMP", 0x1},
    {"UF_NOUNLINK", 0x10},
    {"UF_OPAQUE", 0x8},
};

static int
stat_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot stat_slots[] = {
    {Py_mod_exec, stat_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

PyDoc_STRVAR(stat_doc,
"S_IFMT_: file type bits\n"
"S_IFDIR: directory\n"
"S_IFCHR: character device\n"
"S_IFBLK: block device\n"
"S_IFREG: regular file\n"
"S_IFIFO: fifo (named pipe)\n"
"S_IFLNK: symbolic link\n"
"S_IFSOCK: socket file\n"
"S_IFDOOR: door\n"
"S_IFPORT: event port\n"
"S_IFWHT: whiteout\n"
"\n"
"S_ISUID: set UID bit\n"
"S_ISGID: set GID bit\n"
"S_ENFMT: file locking enforcement\n"
"S_ISVTX: sticky bit\n"
"S_IREAD: Unix V7 synonym for S_IRUSR\n"
"S_IWRITE: Unix V7 synonym for S_IWUSR\n"
"S_IEXEC: Unix V7 synonym for S_IXUSR\n"
"S_IRWXU: mask for owner permissions\n"
"S_IRUSR: read by owner\n"
"S_IWUSR: write by owner\n"
"S_IXUSR: execute by owner\n"
"S_IRWXG: mask for group permissions\n"
"S_IRGRP: read by group\n"
"S_IWGRP: write by group\n"
"S_IXGRP: execute by group\n"
"S_IRWXO: mask for others (not in group) permissions\n"
"S_IROTH: read by others\n"
"S_IWOTH: write by others\n"
"S_IXOTH: execute by others\n"
"\n"
"UF_NODUMP: do not dump file\n"
"UF_IMMUTABLE: file may not be changed\n"
"UF_APPEND: file may only be appended to\n"
"UF_OPAQUE: directory is opaque when viewed through a union stack\n"
"UF_NOUNLINK: file may not be renamed or deleted\n"
"UF_COMPRESSED: OS X: file is hfs-compressed\n"
"UF_HIDDEN: OS X: file should not be displayed\n"
"SF_ARCHIVED: file may be archived\n"
"SF_IMMUTABLE: file may not be changed\n"
"SF_APPEND: file may only be appended to\n"
"SF_NOUNLINK: file may not be renamed or deleted\n"
"SF_SNAPSHOT: file is a snapshot file\n"
"\n"
"ST_MODE\n"
"ST_INO\n"
"ST_DEV\n"
"ST_NLINK\n"
"ST_UID\n"
"ST_GID\n"
"ST_SIZE\n"
"ST_ATIME\n"
"ST_MTIME\n"
"ST_CTIME\n"
"\n"
"FILE_ATTRIBUTE_*: Windows file attribute constants\n"
"                   (only present on Windows)\n"
"");

_Py_SHARED static struct PyModuleDef stat_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_stat",
    .m_doc = stat_doc,
    .m_size = 0,
    .m_methods = stat_methods,
    .m_slots = stat_slots,
};

PyMODINIT_FUNC
PyInit__stat(void)
{
    return PyModuleDef_Init(&stat_module);
}
