/* format.c - text of dates and times, except repr() and isoformat() themselves.
 *
 * strftime() is that of the module time, so that there is one; it gets a format in which the codes
 * that need a tzinfo or microseconds are already replaced.
 *
 * Written from the library reference (datetime) and observed behaviour.
 */
#include "_datetime.h"

void
_PyDateTime_FormatOffset(char buf[OFFSET_SIZE], int64_t us, const char *colon)
{
    assert(us > -US_PER_DAY && us < US_PER_DAY);
    char sign = us < 0 ? '-' : '+';
    us = us < 0 ? -us : us;
    int seconds = (int)(us / US_PER_SECOND), parts = (int)(us % US_PER_SECOND);
    int length = PyOS_snprintf(buf, OFFSET_SIZE, "%c%02d%s%02d", sign, seconds / 3600, colon,
                               seconds / 60 % 60);
    if (seconds % 60 != 0 || parts != 0) {
        length += PyOS_snprintf(buf + length, (size_t)(OFFSET_SIZE - length), "%s%02d", colon,
                                seconds % 60);
    }
    if (parts != 0) {
        length += PyOS_snprintf(buf + length, (size_t)(OFFSET_SIZE - length), ".%06d", parts);
    }
    assert(length < OFFSET_SIZE);
    (void)length;
}

int
_PyDateTime_FormatUtcoffset(char buf[OFFSET_SIZE], PyObject *tzinfo, PyObject *when,
                            const char *colon)
{
    int64_t us;
    int known = _PyDateTime_OffsetMicros(tzinfo, &_Py_ID(utcoffset), when, &us);
    buf[0] = '\0';
    if (known == 1) {
        _PyDateTime_FormatOffset(buf, us, colon);
    }
    return known < 0 ? -1 : 0;
}

int
_PyDateTime_FormatClock(char buf[CLOCK_SIZE], const struct fields *f, const char *timespec)
{
    static const char *const specs[] = {"hours", "minutes", "seconds", "milliseconds",
                                        "microseconds"};
    const size_t n_specs = Py_ARRAY_LENGTH(specs);
    size_t spec = 0;
    if (strcmp(timespec, "auto") == 0) {
        timespec = f->us == 0 ? "seconds" : "microseconds";
    }
    while (spec < n_specs && strcmp(timespec, specs[spec]) != 0) {
        spec++;
    }
    switch (spec) {
    case 0:
        PyOS_snprintf(buf, CLOCK_SIZE, "%02d", f->hour);
        return 0;
    case 1:
        PyOS_snprintf(buf, CLOCK_SIZE, "%02d:%02d", f->hour, f->minute);
        return 0;
    case 2:
        PyOS_snprintf(buf, CLOCK_SIZE, "%02d:%02d:%02d", f->hour, f->minute, f->second);
        return 0;
    case 3:
        PyOS_snprintf(buf, CLOCK_SIZE, "%02d:%02d:%02d.%03d", f->hour, f->minute, f->second,
                      f->us / 1000);
        return 0;
    case 4:
        PyOS_snprintf(buf, CLOCK_SIZE, "%02d:%02d:%02d.%06d", f->hour, f->minute, f->second,
                      f->us);
        return 0;
    default:
        PyErr_SetString(PyExc_ValueError, "Unknown timespec value");
        return -1;
    }
}

PyObject *
_PyDateTime_ReprTail(PyObject *head, int fold, PyObject *tzinfo, int fold_last)
{
    if (head == NULL) {
        return NULL;
    }
    const char *fold_text = fold ? ", fold=1" : "";
    PyObject *text;
    if (tzinfo == Py_None) {
        text = PyUnicode_FromFormat("%U%s)", head, fold_text);
    }
    else if (fold_last) {
        text = PyUnicode_FromFormat("%U, tzinfo=%R%s)", head, tzinfo, fold_text);
    }
    else {
        text = PyUnicode_FromFormat("%U%s, tzinfo=%R)", head, fold_text, tzinfo);
    }
    Py_DECREF(head);
    return text;
}

PyObject *
_PyDateTime_Ctime(const struct fields *f)
{
    static const char weekdays[] = "MonTueWedThuFriSatSun";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int weekday = _PyDateTime_Weekday(_PyDateTime_Ordinal(f->year, f->month, f->day));
    assert(f->month >= 1 && f->month <= 12);
    return PyUnicode_FromFormat("%.3s %.3s %2d %02d:%02d:%02d %04d", weekdays + 3 * weekday,
                                months + 3 * (f->month - 1), f->day, f->hour, f->minute,
                                f->second, f->year);
}

PyObject *
_PyDateTime_StructTime(const struct fields *f, int dst)
{
    PyObject *type = _PyImport_GetModuleAttrString("time", "struct_time");
    if (type == NULL) {
        return NULL;
    }
    int weekday = _PyDateTime_Weekday(_PyDateTime_Ordinal(f->year, f->month, f->day));
    int yday = _PyDateTime_DaysBeforeMonth(f->year, f->month) + f->day;
    PyObject *result = PyObject_CallFunction(type, "((iiiiiiiii))", f->year, f->month, f->day,
                                             f->hour, f->minute, f->second, weekday, yday, dst);
    Py_DECREF(type);
    return result;
}

PyObject *
_PyDateTime_Format(PyObject *self, PyObject *args)
{
    PyObject *format;
    if (!PyArg_ParseTuple(args, "U:__format__", &format)) {
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(format) == 0) {
        return PyObject_Str(self);
    }
    return PyObject_CallMethodOneArg(self, &_Py_ID(strftime), format);
}

/* -------------------------------------------------------------------------------- strftime() */

/* What the codes are made of; answers of the tzinfo are asked for once at most. */
struct formatted {
    int us;
    PyObject *tzinfo, *when;
    PyObject *zone_name;        /* the text for %Z, or NULL: not asked yet */
};

static PyObject *
zone_name_text(PyObject *tzinfo, PyObject *when)
{
    PyObject *name = _PyDateTime_ZoneName(tzinfo, when);
    if (name == NULL) {
        return NULL;
    }
    if (name == Py_None) {
        return PyUnicode_FromString("");
    }
    /* It must come through time.strftime() unchanged. */
    PyObject *text = PyObject_CallMethod(name, "replace", "ss", "%", "%%");
    Py_DECREF(name);
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "tzname.replace() did not return a string");
        Py_CLEAR(text);
    }
    if (text != NULL && PyUnicode_AsUTF8(text) == NULL) {   /* as for the format itself */
        Py_CLEAR(text);
    }
    return text;
}

static int
write_zone_name(_PyUnicodeWriter *writer, struct formatted *data)
{
    if (data->zone_name == NULL) {
        data->zone_name = zone_name_text(data->tzinfo, data->when);
        if (data->zone_name == NULL) {
            return -1;
        }
    }
    return _PyUnicodeWriter_WriteStr(writer, data->zone_name);
}

static int
write_offset(_PyUnicodeWriter *writer, struct formatted *data, const char *colon)
{
    char text[OFFSET_SIZE];
    if (_PyDateTime_FormatUtcoffset(text, data->tzinfo, data->when, colon) < 0) {
        return -1;
    }
    return _PyUnicodeWriter_WriteASCIIString(writer, text, (Py_ssize_t)strlen(text));
}

static int
write_us(_PyUnicodeWriter *writer, int us)
{
    char text[16];
    int length = PyOS_snprintf(text, sizeof(text), "%06d", us);
    return _PyUnicodeWriter_WriteASCIIString(writer, text, length);
}

/* Writes the replacement of the code at `code`, behind a percent sign.  The number of characters
 * that it has, 0 if it is left to time.strftime(), -1 with an exception. */
static int
write_code(_PyUnicodeWriter *writer, struct formatted *data, const char *code)
{
    int err;
    switch (*code) {
    case 'z':
        err = write_offset(writer, data, "");
        break;
    case 'Z':
        err = write_zone_name(writer, data);
        break;
    case 'f':
        err = write_us(writer, data->us);
        break;
    case ':':
        if (code[1] != 'z') {
            return 0;
        }
        return write_offset(writer, data, ":") < 0 ? -1 : 2;
    default:
        return 0;
    }
    return err < 0 ? -1 : 1;
}

/* Copies the format with all known codes replaced.  0, or -1 with an exception. */
static int
write_format(_PyUnicodeWriter *writer, struct formatted *data, PyObject *format)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(format, &length);    /* it ends with a NUL */
    if (text == NULL) {
        return -1;
    }
    const char *end = text + length, *copied = text, *p = text;
    PyObject *piece;
    while ((p = memchr(p, '%', (size_t)(end - p))) != NULL) {
        piece = PyUnicode_DecodeUTF8(copied, p - copied, NULL);
        int err = piece == NULL ? -1 : _PyUnicodeWriter_WriteStr(writer, piece);
        Py_XDECREF(piece);
        int n = err < 0 ? -1 : write_code(writer, data, p + 1);
        if (n < 0) {
            return -1;
        }
        copied = n > 0 ? p + 1 + n : p;
        /* An unknown code goes with its percent sign, which may be followed by a second one. */
        p = n > 0 ? copied : Py_MIN(p + 2, end);
    }
    piece = PyUnicode_DecodeUTF8(copied, end - copied, NULL);
    int err = piece == NULL ? -1 : _PyUnicodeWriter_WriteStr(writer, piece);
    Py_XDECREF(piece);
    return err;
}

PyObject *
_PyDateTime_Strftime(PyObject *format, PyObject *timetuple, int us, PyObject *tzinfo,
                     PyObject *when)
{
    struct formatted data = {.us = us, .tzinfo = tzinfo, .when = when};
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    int err = write_format(&writer, &data, format);
    Py_XDECREF(data.zone_name);
    if (err < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    PyObject *replaced = _PyUnicodeWriter_Finish(&writer);
    PyObject *strftime = replaced == NULL ? NULL
                         : _PyImport_GetModuleAttrString("time", "strftime");
    PyObject *result = strftime == NULL ? NULL
                       : PyObject_CallFunctionObjArgs(strftime, replaced, timetuple, NULL);
    Py_XDECREF(strftime);
    Py_XDECREF(replaced);
    return result;
}

/* --- Pickling --------------------------------------------------------------------------------- */

PyObject *
_PyDateTime_Reduce(PyObject *self, const unsigned char *data, Py_ssize_t size, int place, int fold,
                   PyObject *tzinfo, int protocol)
{
    unsigned char state[_PyDateTime_DATETIME_DATASIZE];
    assert(0 <= place && place < size && size <= (Py_ssize_t)sizeof(state));
    memcpy(state, data, size);
    if (protocol > 3 && fold) {
        state[place] |= 0x80;
    }
    if (tzinfo == Py_None) {
        return Py_BuildValue("O(y#)", Py_TYPE(self), state, size);
    }
    return Py_BuildValue("O(y#O)", Py_TYPE(self), state, size, tzinfo);
}
