/* termios: control of terminals.
 *
 * Attributes are a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc], which is copied before it
 * is converted, since the conversion of an item may change it.  System calls, of which some wait
 * for the terminal, are done without the GIL.
 *
 * Written from the library reference (termios), the Linux manual pages termios(3) and
 * ioctl_tty(2), and observed behaviour.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

typedef struct {
    PyObject *error;
} termios_state;

static inline termios_state *
get_state(PyObject *module)
{
    termios_state *state = (termios_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/termios.sig.h"

/* The result of a system call that returned `failed`: None, or NULL with termios.error. */
static PyObject *
finish(PyObject *module, int failed)
{
    if (failed) {
        return PyErr_SetFromErrno(get_state(module)->error);
    }
    Py_RETURN_NONE;
}

/* ---------------------------------------------------------------------------------- attributes */

/* The control characters: bytes, but two numbers if lines are not put together. */
static PyObject *
characters(const struct termios *mode)
{
    PyObject *list = PyList_New(NCCS);
    for (int i = 0; i < NCCS && list != NULL; i++) {
        bool number = (mode->c_lflag & ICANON) == 0 && (i == VMIN || i == VTIME);
        PyObject *item = number ? PyLong_FromLong(mode->c_cc[i])
                                : PyBytes_FromStringAndSize((const char *)&mode->c_cc[i], 1);
        if (item == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, item);
        }
    }
    return list;
}

/*sig termios.tcgetattr(module, fd: fildes, /)

Get the tty attributes for file descriptor fd.

Returns a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc]
where cc is a list of the tty special characters (each a string of
length 1, except the items with indices VMIN and VTIME, which are
integers when these fields are defined).  The interpretation of the
flags and the speeds as well as the indexing in the cc array must be
done using the symbolic constants defined in this module.
*/
static PyObject *
termios_tcgetattr_impl(PyObject *module, int fd)
{
    struct termios mode;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tcgetattr(fd, &mode);
    Py_END_ALLOW_THREADS
    if (failed) {
        return finish(module, failed);
    }
    PyObject *cc = characters(&mode);
    return cc == NULL ? NULL
           : Py_BuildValue("[kkkkkkN]", (unsigned long)mode.c_iflag,
                           (unsigned long)mode.c_oflag, (unsigned long)mode.c_cflag,
                           (unsigned long)mode.c_lflag, (unsigned long)cfgetispeed(&mode),
                           (unsigned long)cfgetospeed(&mode), cc);
}

/* Set the control characters from a list; 0, or -1 with an exception. */
static int
set_characters(struct termios *mode, PyObject *list)
{
    if (!PyList_Check(list) || PyList_GET_SIZE(list) != NCCS) {
        PyErr_Format(PyExc_TypeError, "tcsetattr: attributes[6] must be %d element list", NCCS);
        return -1;
    }
    for (int i = 0; i < NCCS; i++) {
        PyObject *item = PyList_GET_ITEM(list, i);
        if (PyBytes_Check(item) && PyBytes_GET_SIZE(item) == 1) {
            mode->c_cc[i] = (cc_t)*PyBytes_AS_STRING(item);
        }
        else if (PyLong_Check(item)) {
            long number = PyLong_AsLong(item);      /* runs no code of the item's */
            if (number == -1 && PyErr_Occurred()) {
                return -1;
            }
            mode->c_cc[i] = (cc_t)number;
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "tcsetattr: elements of attributes must be characters or integers");
            return -1;
        }
    }
    return 0;
}

/* Put attributes (a tuple of 7 items) into `mode`; 0, or -1 with an exception. */
static int
set_mode(PyObject *module, struct termios *mode, PyObject *attributes)
{
    unsigned int numbers[6];
    for (int i = 0; i < 6; i++) {
        long number = PyLong_AsLong(PyTuple_GET_ITEM(attributes, i));
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        numbers[i] = (unsigned int)number;
    }
    mode->c_iflag = numbers[0];
    mode->c_oflag = numbers[1];
    mode->c_cflag = numbers[2];
    mode->c_lflag = numbers[3];
    if (set_characters(mode, PyTuple_GET_ITEM(attributes, 6)) < 0) {
        return -1;
    }
    if (cfsetispeed(mode, numbers[4]) < 0 || cfsetospeed(mode, numbers[5]) < 0) {
        PyErr_SetFromErrno(get_state(module)->error);
        return -1;
    }
    return 0;
}

/*sig termios.tcsetattr(module, fd: fildes, when: int, attributes: object, /)

Set the tty attributes for file descriptor fd.

The attributes to be set are taken from the attributes argument, which
is a list like the one returned by tcgetattr(). The when argument
determines when the attributes are changed: termios.TCSANOW to
change immediately, termios.TCSADRAIN to change after transmitting all
queued output, or termios.TCSAFLUSH to change after transmitting all
queued output and discarding all queued input.
*/
static PyObject *
termios_tcsetattr_impl(PyObject *module, int fd, int when, PyObject *attributes)
{
    if (!PyList_Check(attributes) || PyList_GET_SIZE(attributes) != 7) {
        PyErr_SetString(PyExc_TypeError, "tcsetattr, arg 3: must be 7 element list");
        return NULL;
    }
    struct termios mode;
    int failed;
    PyObject *given = PyList_AsTuple(attributes);
    if (given == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    failed = tcgetattr(fd, &mode);      /* for what attributes do not say */
    Py_END_ALLOW_THREADS
    if (failed) {
        Py_DECREF(given);
        return finish(module, failed);
    }
    int result = set_mode(module, &mode, given);
    Py_DECREF(given);
    if (result < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    failed = tcsetattr(fd, when, &mode);
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/* ---------------------------------------------------------------------------------------- lines */

/*sig termios.tcsendbreak(module, fd: fildes, duration: int, /)

Send a break on file descriptor fd.

A zero duration sends a break for 0.25-0.5 seconds; a nonzero duration
has a system dependent meaning.
*/
static PyObject *
termios_tcsendbreak_impl(PyObject *module, int fd, int duration)
{
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tcsendbreak(fd, duration);
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/*sig termios.tcdrain(module, fd: fildes, /)

Wait until all output written to file descriptor fd has been transmitted.
*/
static PyObject *
termios_tcdrain_impl(PyObject *module, int fd)
{
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tcdrain(fd);
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/*sig termios.tcflush(module, fd: fildes, queue: int, /)

Discard queued data on file descriptor fd.

The queue selector specifies which queue: termios.TCIFLUSH for the input
queue, termios.TCOFLUSH for the output queue, or termios.TCIOFLUSH for
both queues.
*/
static PyObject *
termios_tcflush_impl(PyObject *module, int fd, int queue)
{
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tcflush(fd, queue);
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/*sig termios.tcflow(module, fd: fildes, action: int, /)

Suspend or resume input or output on file descriptor fd.

The action argument can be termios.TCOOFF to suspend output,
termios.TCOON to restart output, termios.TCIOFF to suspend input,
or termios.TCION to restart input.
*/
static PyObject *
termios_tcflow_impl(PyObject *module, int fd, int action)
{
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tcflow(fd, action);
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/* ---------------------------------------------------------------------------------- window size */

/*sig termios.tcgetwinsize(module, fd: fildes, /)

Get the tty winsize for file descriptor fd.

Returns a tuple (ws_row, ws_col).
*/
static PyObject *
termios_tcgetwinsize_impl(PyObject *module, int fd)
{
    struct winsize size;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = ioctl(fd, TIOCGWINSZ, &size);
    Py_END_ALLOW_THREADS
    if (failed) {
        return finish(module, failed);
    }
    return Py_BuildValue("(HH)", size.ws_row, size.ws_col);
}

/* An item of a window size: 0, or -1 with an exception. */
static int
size_item(PyObject *sequence, Py_ssize_t index, unsigned short *value)
{
    PyObject *item = PySequence_GetItem(sequence, index);
    if (item == NULL) {
        return -1;
    }
    long number = PyLong_AsLong(item);
    Py_DECREF(item);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (number < 0 || number > USHRT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "winsize value(s) out of range.");
        return -1;
    }
    *value = (unsigned short)number;
    return 0;
}

/*sig termios.tcsetwinsize(module, fd: fildes, winsize: object, /)

Set the tty winsize for file descriptor fd.

The winsize to be set is taken from the winsize argument, which
is a two-item tuple (ws_row, ws_col) like the one returned by tcgetwinsize().
*/
static PyObject *
termios_tcsetwinsize_impl(PyObject *module, int fd, PyObject *winsize)
{
    if (!PySequence_Check(winsize) || PySequence_Size(winsize) != 2) {
        if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError,
                            "tcsetwinsize, arg 2: must be a two-item sequence");
        }
        return NULL;
    }
    unsigned short rows, columns;
    if (size_item(winsize, 0, &rows) < 0 || size_item(winsize, 1, &columns) < 0) {
        return NULL;
    }
    struct winsize size;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = ioctl(fd, TIOCGWINSZ, &size);      /* for the size in pixels */
    if (!failed) {
        size.ws_row = rows;
        size.ws_col = columns;
        failed = ioctl(fd, TIOCSWINSZ, &size);
    }
    Py_END_ALLOW_THREADS
    return finish(module, failed);
}

/* ---------------------------------------------------------------------------------- the module */

static PyMethodDef termios_functions[] = {
    TERMIOS_TCGETATTR_METHODDEF
    TERMIOS_TCSETATTR_METHODDEF
    TERMIOS_TCSENDBREAK_METHODDEF
    TERMIOS_TCDRAIN_METHODDEF
    TERMIOS_TCFLUSH_METHODDEF
    TERMIOS_TCFLOW_METHODDEF
    TERMIOS_TCGETWINSIZE_METHODDEF
    TERMIOS_TCSETWINSIZE_METHODDEF
    {NULL}
};

#define CONSTANTS(X) \
    X(B0) X(B1000000) X(B110) X(B115200) X(B1152000) X(B1200) X(B134) X(B150) X(B1500000) \
    X(B1800) X(B19200) X(B200) X(B2000000) X(B230400) X(B2400) X(B2500000) X(B300) X(B3000000) \
    X(B3500000) X(B38400) X(B4000000) X(B460800) X(B4800) X(B50) X(B500000) X(B57600) \
    X(B576000) X(B600) X(B75) X(B921600) X(B9600) X(BRKINT) X(BS0) X(BS1) X(BSDLY) X(CBAUD) \
    X(CBAUDEX) X(CDSUSP) X(CEOF) X(CEOL) X(CEOT) X(CERASE) X(CFLUSH) X(CIBAUD) X(CINTR) \
    X(CKILL) X(CLNEXT) X(CLOCAL) X(CQUIT) X(CR0) X(CR1) X(CR2) X(CR3) X(CRDLY) X(CREAD) \
    X(CRPRNT) X(CRTSCTS) X(CS5) X(CS6) X(CS7) X(CS8) X(CSIZE) X(CSTART) X(CSTOP) X(CSTOPB) \
    X(CSUSP) X(CWERASE) X(ECHO) X(ECHOCTL) X(ECHOE) X(ECHOK) X(ECHOKE) X(ECHONL) X(ECHOPRT) \
    X(EXTA) X(EXTB) X(FF0) X(FF1) X(FFDLY) X(FIOASYNC) X(FIOCLEX) X(FIONBIO) X(FIONCLEX) \
    X(FIONREAD) X(FLUSHO) X(HUPCL) X(ICANON) X(ICRNL) X(IEXTEN) X(IGNBRK) X(IGNCR) X(IGNPAR) \
    X(IMAXBEL) X(INLCR) X(INPCK) X(IOCSIZE_MASK) X(IOCSIZE_SHIFT) X(ISIG) X(ISTRIP) X(IUCLC) \
    X(IXANY) X(IXOFF) X(IXON) X(NCC) X(NCCS) X(NL0) X(NL1) X(NLDLY) X(NOFLSH) X(N_MOUSE) \
    X(N_PPP) X(N_SLIP) X(N_STRIP) X(N_TTY) X(OCRNL) X(OFDEL) X(OFILL) X(OLCUC) X(ONLCR) \
    X(ONLRET) X(ONOCR) X(OPOST) X(PARENB) X(PARMRK) X(PARODD) X(PENDIN) X(TAB0) X(TAB1) \
    X(TAB2) X(TAB3) X(TABDLY) X(TCFLSH) X(TCGETA) X(TCGETS) X(TCIFLUSH) X(TCIOFF) X(TCIOFLUSH) \
    X(TCION) X(TCOFLUSH) X(TCOOFF) X(TCOON) X(TCSADRAIN) X(TCSAFLUSH) X(TCSANOW) X(TCSBRK) \
    X(TCSBRKP) X(TCSETA) X(TCSETAF) X(TCSETAW) X(TCSETS) X(TCSETSF) X(TCSETSW) X(TCXONC) \
    X(TIOCCONS) X(TIOCEXCL) X(TIOCGETD) X(TIOCGICOUNT) X(TIOCGLCKTRMIOS) X(TIOCGPGRP) \
    X(TIOCGSERIAL) X(TIOCGSOFTCAR) X(TIOCGWINSZ) X(TIOCINQ) X(TIOCLINUX) X(TIOCMBIC) \
    X(TIOCMBIS) X(TIOCMGET) X(TIOCMIWAIT) X(TIOCMSET) X(TIOCM_CAR) X(TIOCM_CD) X(TIOCM_CTS) \
    X(TIOCM_DSR) X(TIOCM_DTR) X(TIOCM_LE) X(TIOCM_RI) X(TIOCM_RNG) X(TIOCM_RTS) X(TIOCM_SR) \
    X(TIOCM_ST) X(TIOCNOTTY) X(TIOCNXCL) X(TIOCOUTQ) X(TIOCPKT) X(TIOCPKT_DATA) \
    X(TIOCPKT_DOSTOP) X(TIOCPKT_FLUSHREAD) X(TIOCPKT_FLUSHWRITE) X(TIOCPKT_NOSTOP) \
    X(TIOCPKT_START) X(TIOCPKT_STOP) X(TIOCSCTTY) X(TIOCSERCONFIG) X(TIOCSERGETLSR) \
    X(TIOCSERGETMULTI) X(TIOCSERGSTRUCT) X(TIOCSERGWILD) X(TIOCSERSETMULTI) X(TIOCSERSWILD) \
    X(TIOCSER_TEMT) X(TIOCSETD) X(TIOCSLCKTRMIOS) X(TIOCSPGRP) X(TIOCSSERIAL) X(TIOCSSOFTCAR) \
    X(TIOCSTI) X(TIOCSWINSZ) X(TOSTOP) X(VDISCARD) X(VEOF) X(VEOL) X(VEOL2) X(VERASE) X(VINTR) \
    X(VKILL) X(VLNEXT) X(VMIN) X(VQUIT) X(VREPRINT) X(VSTART) X(VSTOP) X(VSUSP) X(VSWTC) \
    X(VT0) X(VT1) X(VTDLY) X(VTIME) X(VWERASE) X(XCASE) X(XTABS)

static const struct {
    const char *name;
    long value;
} constants[] = {
#define X(NAME) {#NAME, NAME},
    CONSTANTS(X)
#undef X
    {"VSWTCH", VSWTC},
};

static int
termios_exec(PyObject *module)
{
    termios_state *state = get_state(module);
    state->error = PyErr_NewException("termios.error", NULL, NULL);
    int result = PyModule_AddObjectRef(module, "error", state->error);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants) && result == 0; i++) {
        result = PyModule_AddIntConstant(module, constants[i].name, constants[i].value);
    }
    return result;
}

static int
termios_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->error);
    return 0;
}

static int
termios_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->error);
    return 0;
}

static void
termios_free(void *module)
{
    termios_clear((PyObject *)module);
}

PyDoc_STRVAR(termios_doc,
"This module provides an interface to the Posix calls for tty I/O control.\n\
For a complete description of these calls, see the Posix or Unix manual\n\
pages. It is only available for those Unix versions that support Posix\n\
termios style tty I/O control.\n\
\n\
All functions in this module take a file descriptor fd as their first\n\
argument. This can be an integer file descriptor, such as returned by\n\
sys.stdin.fileno(), or a file object, such as sys.stdin itself.");

static PyModuleDef_Slot termios_slots[] = {
    {Py_mod_exec, termios_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef termios_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "termios",
    .m_doc = termios_doc,
    .m_size = sizeof(termios_state),
    .m_methods = termios_functions,
    .m_slots = termios_slots,
    .m_traverse = termios_traverse,
    .m_clear = termios_clear,
    .m_free = termios_free,
};

PyMODINIT_FUNC
PyInit_termios(void)
{
    return PyModuleDef_Init(&termios_module);
}
