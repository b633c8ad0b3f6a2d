/* termios: attributes of terminals.
 *
 * Attributes are a list: four flags, two speeds, the list of control characters.  A character is a
 * bytes object of length 1; in non-canonical mode those at VMIN and VTIME are numbers, because they
 * count there.  Errors of the system are termios.error, which is no OSError.
 * Written from the library reference (termios), termios(3), ioctl_tty(2) and observed behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <limits.h>
#include <sys/ioctl.h>
#include <termios.h>

/* Another name of the same character. */
#ifndef VSWTCH
#  define VSWTCH VSWTC
#endif

typedef struct {
    PyObject *error;            /* the exception class */
} termios_state;

#include "sig/termios.sig.h"

static PyObject *
system_error(PyObject *module)
{
    return PyErr_SetFromErrno(((termios_state *)PyModule_GetState(module))->error);
}

/* The result of a call of the system: 0, or -1 with an exception. */
static int
done(PyObject *module, int rc)
{
    if (rc < 0) {
        system_error(module);
    }
    return rc < 0 ? -1 : 0;
}

#define UNLOCKED(STATEMENT)             \
    do {                                \
        Py_BEGIN_ALLOW_THREADS          \
        STATEMENT;                      \
        Py_END_ALLOW_THREADS            \
    } while (0)

/* ----------------------------------------------------------------------------- attributes */

/* The list of control characters. */
static PyObject *
make_characters(const struct termios *mode)
{
    int counting = (mode->c_lflag & ICANON) == 0;
    PyObject *list = PyList_New(NCCS);
    for (int i = 0; list != NULL && i < NCCS; i++) {
        const char *c = (const char *)&mode->c_cc[i];
        PyObject *item = counting && (i == VMIN || i == VTIME) ? PyLong_FromLong(mode->c_cc[i])
                                                               : PyBytes_FromStringAndSize(c, 1);
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
    int rc;
    UNLOCKED(rc = tcgetattr(fd, &mode));
    if (rc < 0) {
        return system_error(module);
    }
    PyObject *characters = make_characters(&mode);
    if (characters == NULL) {
        return NULL;
    }
    return Py_BuildValue("[kkkkkkN]", (unsigned long)mode.c_iflag, (unsigned long)mode.c_oflag,
                         (unsigned long)mode.c_cflag, (unsigned long)mode.c_lflag,
                         (unsigned long)cfgetispeed(&mode), (unsigned long)cfgetospeed(&mode),
                         characters);
}

/* A list of that length; TypeError otherwise. */
static int
check_list(PyObject *object, Py_ssize_t length, const char *message)
{
    if (!PyList_Check(object) || PyList_GET_SIZE(object) != length) {
        PyErr_Format(PyExc_TypeError, message, length);
        return -1;
    }
    return 0;
}

/* The flags and speeds of a list: six numbers, of which the low bits count.  Converting one may run
   code that changes the list. */
static int
parse_numbers(PyObject *attributes, unsigned int numbers[6])
{
    for (int i = 0; i < 6; i++) {
        PyObject *item = PyList_GetItem(attributes, i);
        if (item == NULL) {
            return -1;
        }
        Py_INCREF(item);
        long value = PyLong_AsLong(item);
        Py_DECREF(item);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        numbers[i] = (unsigned int)value;
    }
    return 0;
}

static int
parse_character(PyObject *item, cc_t *to)
{
    if (PyBytes_Check(item) && PyBytes_GET_SIZE(item) == 1) {
        *to = (cc_t)PyBytes_AS_STRING(item)[0];
        return 0;
    }
    if (!PyLong_Check(item)) {
        PyErr_SetString(PyExc_TypeError,
                        "tcsetattr: elements of attributes must be characters or integers");
        return -1;
    }
    long value = PyLong_AsLong(item);       /* an int: runs no code */
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    *to = (cc_t)value;
    return 0;
}

/* Changes the mode to what the list says: 0, or -1 with an exception. */
static int
parse_attributes(PyObject *module, PyObject *attributes, struct termios *mode)
{
    unsigned int numbers[6];
    if (parse_numbers(attributes, numbers) < 0) {
        return -1;
    }
    PyObject *characters = PyList_GetItem(attributes, 6);
    if (characters == NULL
        || check_list(characters, NCCS,
                      "tcsetattr: attributes[6] must be %zd element list") < 0) {
        return -1;
    }
    for (int i = 0; i < NCCS; i++) {
        if (parse_character(PyList_GET_ITEM(characters, i), &mode->c_cc[i]) < 0) {
            return -1;
        }
    }
    mode->c_iflag = numbers[0];
    mode->c_oflag = numbers[1];
    mode->c_cflag = numbers[2];
    mode->c_lflag = numbers[3];
    if (cfsetispeed(mode, numbers[4]) < 0) {
        return done(module, -1);
    }
    return done(module, cfsetospeed(mode, numbers[5]));
}

/*sig termios.tcsetattr(module, fd: fildes, when: int, attributes: object, /) -> None

Set the tty attributes for file descriptor fd.

The attributes to be set are taken from the attributes argument, which
is a list like the one returned by tcgetattr(). The when argument
determines when the attributes are changed: termios.TCSANOW to
change immediately, termios.TCSADRAIN to change after transmitting all
queued output, or termios.TCSAFLUSH to change after transmitting all
queued output and discarding all queued input.
*/
static int
termios_tcsetattr_impl(PyObject *module, int fd, int when, PyObject *attributes)
{
    struct termios mode;
    int rc;
    if (check_list(attributes, 7, "tcsetattr, arg 3: must be %zd element list") < 0) {
        return -1;
    }
    UNLOCKED(rc = tcgetattr(fd, &mode));        /* for what the list does not have */
    if (rc < 0) {
        return done(module, rc);
    }
    if (parse_attributes(module, attributes, &mode) < 0) {
        return -1;
    }
    UNLOCKED(rc = tcsetattr(fd, when, &mode));
    return done(module, rc);
}

/* ----------------------------------------------------------------------------- the line */

/*sig termios.tcsendbreak(module, fd: fildes, duration: int, /) -> None

Send a break on file descriptor fd.

A zero duration sends a break for 0.25-0.5 seconds; a nonzero duration
has a system dependent meaning.
*/
static int
termios_tcsendbreak_impl(PyObject *module, int fd, int duration)
{
    int rc;
    UNLOCKED(rc = tcsendbreak(fd, duration));
    return done(module, rc);
}

/*sig termios.tcdrain(module, fd: fildes, /) -> None

Wait until all output written to file descriptor fd has been transmitted.
*/
static int
termios_tcdrain_impl(PyObject *module, int fd)
{
    int rc;
    UNLOCKED(rc = tcdrain(fd));
    return done(module, rc);
}

/*sig termios.tcflush(module, fd: fildes, queue: int, /) -> None

Discard queued data on file descriptor fd.

The queue selector specifies which queue: termios.TCIFLUSH for the input
queue, termios.TCOFLUSH for the output queue, or termios.TCIOFLUSH for
both queues.
*/
static int
termios_tcflush_impl(PyObject *module, int fd, int queue)
{
    int rc;
    UNLOCKED(rc = tcflush(fd, queue));
    return done(module, rc);
}

/*sig termios.tcflow(module, fd: fildes, action: int, /) -> None

Suspend or resume input or output on file descriptor fd.

The action argument can be termios.TCOOFF to suspend output,
termios.TCOON to restart output, termios.TCIOFF to suspend input,
or termios.TCION to restart input.
*/
static int
termios_tcflow_impl(PyObject *module, int fd, int action)
{
    int rc;
    UNLOCKED(rc = tcflow(fd, action));
    return done(module, rc);
}

/* ---------------------------------------------------------------------------- window size */

/*sig termios.tcgetwinsize(module, fd: fildes, /)

Get the tty winsize for file descriptor fd.

Returns a tuple (ws_row, ws_col).
*/
static PyObject *
termios_tcgetwinsize_impl(PyObject *module, int fd)
{
    struct winsize size;
    int rc;
    UNLOCKED(rc = ioctl(fd, TIOCGWINSZ, &size));
    if (rc < 0) {
        return system_error(module);
    }
    return Py_BuildValue("(ii)", (int)size.ws_row, (int)size.ws_col);
}

/* Item i of a sequence as a number of lines or columns: 0, or -1 with an exception. */
static int
parse_side(PyObject *sequence, Py_ssize_t i, unsigned short *side)
{
    PyObject *item = PySequence_GetItem(sequence, i);
    if (item == NULL) {
        return -1;
    }
    long value = PyLong_AsLong(item);
    Py_DECREF(item);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > USHRT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "winsize value(s) out of range.");
        return -1;
    }
    *side = (unsigned short)value;
    return 0;
}

/*sig termios.tcsetwinsize(module, fd: fildes, winsize: object, /) -> None

Set the tty winsize for file descriptor fd.

The winsize to be set is taken from the winsize argument, which
is a two-item tuple (ws_row, ws_col) like the one returned by tcgetwinsize().
*/
static int
termios_tcsetwinsize_impl(PyObject *module, int fd, PyObject *winsize)
{
    unsigned short rows, columns;
    struct winsize size;
    int rc;
    if (!PySequence_Check(winsize) || PySequence_Size(winsize) != 2) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "tcsetwinsize, arg 2: must be a two-item sequence");
        }
        return -1;
    }
    if (parse_side(winsize, 0, &rows) < 0 || parse_side(winsize, 1, &columns) < 0) {
        return -1;
    }
    UNLOCKED(rc = ioctl(fd, TIOCGWINSZ, &size));        /* for the sizes in pixels */
    if (rc == 0) {
        size.ws_row = rows;
        size.ws_col = columns;
        UNLOCKED(rc = ioctl(fd, TIOCSWINSZ, &size));
    }
    return done(module, rc);
}

/* -------------------------------------------------------------------------------- module */

static _Py_SHARED PyMethodDef termios_methods[] = {
    TERMIOS_TCGETATTR_METHODDEF
    TERMIOS_TCSETATTR_METHODDEF
    TERMIOS_TCSENDBREAK_METHODDEF
    TERMIOS_TCDRAIN_METHODDEF
    TERMIOS_TCFLUSH_METHODDEF
    TERMIOS_TCFLOW_METHODDEF
    TERMIOS_TCGETWINSIZE_METHODDEF
    TERMIOS_TCSETWINSIZE_METHODDEF
    {NULL, NULL, 0, NULL}
};

#define CONSTANTS(X) \
    X(B0) X(B1000000) X(B110) X(B115200) X(B1152000) X(B1200) X(B134) X(B150) X(B1500000) \
    X(B1800) X(B19200) X(B200) X(B2000000) X(B230400) X(B2400) X(B2500000) X(B300) X(B3000000) \
    X(B3500000) X(B38400) X(B4000000) X(B460800) X(B4800) X(B50) X(B500000) X(B57600) X(B576000) \
    X(B600) X(B75) X(B921600) X(B9600) X(BRKINT) X(BS0) X(BS1) X(BSDLY) X(CBAUD) X(CBAUDEX) \
    X(CDSUSP) X(CEOF) X(CEOL) X(CEOT) X(CERASE) X(CFLUSH) X(CIBAUD) X(CINTR) X(CKILL) X(CLNEXT) \
    X(CLOCAL) X(CQUIT) X(CR0) X(CR1) X(CR2) X(CR3) X(CRDLY) X(CREAD) X(CRPRNT) X(CRTSCTS) X(CS5) \
    X(CS6) X(CS7) X(CS8) X(CSIZE) X(CSTART) X(CSTOP) X(CSTOPB) X(CSUSP) X(CWERASE) X(ECHO) \
    X(ECHOCTL) X(ECHOE) X(ECHOK) X(ECHOKE) X(ECHONL) X(ECHOPRT) X(EXTA) X(EXTB) X(FF0) X(FF1) \
    X(FFDLY) X(FIOASYNC) X(FIOCLEX) X(FIONBIO) X(FIONCLEX) X(FIONREAD) X(FLUSHO) X(HUPCL) \
    X(ICANON) X(ICRNL) X(IEXTEN) X(IGNBRK) X(IGNCR) X(IGNPAR) X(IMAXBEL) X(INLCR) X(INPCK) \
    X(IOCSIZE_MASK) X(IOCSIZE_SHIFT) X(ISIG) X(ISTRIP) X(IUCLC) X(IXANY) X(IXOFF) X(IXON) X(NCC) \
    X(NCCS) X(NL0) X(NL1) X(NLDLY) X(NOFLSH) X(N_MOUSE) X(N_PPP) X(N_SLIP) X(N_STRIP) X(N_TTY) \
    X(OCRNL) X(OFDEL) X(OFILL) X(OLCUC) X(ONLCR) X(ONLRET) X(ONOCR) X(OPOST) X(PARENB) X(PARMRK) \
    X(PARODD) X(PENDIN) X(TAB0) X(TAB1) X(TAB2) X(TAB3) X(TABDLY) X(TCFLSH) X(TCGETA) X(TCGETS) \
    X(TCIFLUSH) X(TCIOFF) X(TCIOFLUSH) X(TCION) X(TCOFLUSH) X(TCOOFF) X(TCOON) X(TCSADRAIN) \
    X(TCSAFLUSH) X(TCSANOW) X(TCSBRK) X(TCSBRKP) X(TCSETA) X(TCSETAF) X(TCSETAW) X(TCSETS) \
    X(TCSETSF) X(TCSETSW) X(TCXONC) X(TIOCCONS) X(TIOCEXCL) X(TIOCGETD) X(TIOCGICOUNT) \
    X(TIOCGLCKTRMIOS) X(TIOCGPGRP) X(TIOCGSERIAL) X(TIOCGSOFTCAR) X(TIOCGWINSZ) X(TIOCINQ) \
    X(TIOCLINUX) X(TIOCMBIC) X(TIOCMBIS) X(TIOCMGET) X(TIOCMIWAIT) X(TIOCMSET) X(TIOCM_CAR) \
    X(TIOCM_CD) X(TIOCM_CTS) X(TIOCM_DSR) X(TIOCM_DTR) X(TIOCM_LE) X(TIOCM_RI) X(TIOCM_RNG) \
    X(TIOCM_RTS) X(TIOCM_SR) X(TIOCM_ST) X(TIOCNOTTY) X(TIOCNXCL) X(TIOCOUTQ) X(TIOCPKT) \
    X(TIOCPKT_DATA) X(TIOCPKT_DOSTOP) X(TIOCPKT_FLUSHREAD) X(TIOCPKT_FLUSHWRITE) \
    X(TIOCPKT_NOSTOP) X(TIOCPKT_START) X(TIOCPKT_STOP) X(TIOCSCTTY) X(TIOCSERCONFIG) \
    X(TIOCSERGETLSR) X(TIOCSERGETMULTI) X(TIOCSERGSTRUCT) X(TIOCSERGWILD) X(TIOCSERSETMULTI) \
    X(TIOCSERSWILD) X(TIOCSER_TEMT) X(TIOCSETD) X(TIOCSLCKTRMIOS) X(TIOCSPGRP) X(TIOCSSERIAL) \
    X(TIOCSSOFTCAR) X(TIOCSTI) X(TIOCSWINSZ) X(TOSTOP) X(VDISCARD) X(VEOF) X(VEOL) X(VEOL2) \
    X(VERASE) X(VINTR) X(VKILL) X(VLNEXT) X(VMIN) X(VQUIT) X(VREPRINT) X(VSTART) X(VSTOP) \
    X(VSUSP) X(VSWTC) X(VSWTCH) X(VT0) X(VT1) X(VTDLY) X(VTIME) X(VWERASE) X(XCASE) X(XTABS)

#define ROW(NAME) {#NAME, (long)(NAME)},

static const struct {
    const char *name;
    long value;
} constants[] = {
    CONSTANTS(ROW)
};

static int
termios_exec(PyObject *module)
{
    termios_state *state = PyModule_GetState(module);
    state->error = PyErr_NewException("termios.error", NULL, NULL);
    if (state->error == NULL || PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
termios_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((termios_state *)PyModule_GetState(module))->error);
    return 0;
}

static int
termios_clear(PyObject *module)
{
    Py_CLEAR(((termios_state *)PyModule_GetState(module))->error);
    return 0;
}

static void
termios_free(void *module)
{
    (void)termios_clear(module);
}

static _Py_SHARED PyModuleDef_Slot termios_slots[] = {
    {Py_mod_exec, termios_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(termios_doc,
"Attributes of terminals, by the calls of POSIX.\n\n"
"The functions take a file descriptor first: an integer, or an object with a fileno() method.");

static _Py_SHARED struct PyModuleDef termios_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "termios",
    .m_doc = termios_doc,
    .m_size = sizeof(termios_state),
    .m_methods = termios_methods,
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
