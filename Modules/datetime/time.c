/* time.c - time: a time of day, with or without a tzinfo.
 *
 * A time without tzinfo is allocated without the field for it (hastzinfo is 0), unless it belongs
 * to a subclass.  fold lies in both forms.
 *
 * Written from the library reference (datetime), PEP 495 and observed messages.
 */
#include "_datetime.h"

/* --- Instances -------------------------------------------------------------------------------- */

void
_PyDateTime_StoreTime(unsigned char *data, const struct fields *f)
{
    assert(f->hour >= 0 && f->hour < 24 && f->us >= 0 && f->us < US_PER_SECOND);
    data[0] = (unsigned char)f->hour;
    data[1] = (unsigned char)f->minute;
    data[2] = (unsigned char)f->second;
    data[3] = (unsigned char)(f->us >> 16);
    data[4] = (unsigned char)(f->us >> 8);
    data[5] = (unsigned char)f->us;
}

static struct fields
fields_of(PyObject *self)
{
    return (struct fields){
        .hour = PyDateTime_TIME_GET_HOUR(self), .minute = PyDateTime_TIME_GET_MINUTE(self),
        .second = PyDateTime_TIME_GET_SECOND(self), .us = PyDateTime_TIME_GET_MICROSECOND(self),
        .fold = PyDateTime_TIME_GET_FOLD(self),
    };
}

static const struct clock_layout layout = {
    .type = &_PyDateTime_TimeType,
    .naive_size = sizeof(_PyDateTime_BaseTime),
    .data = offsetof(PyDateTime_Time, data),
    .tzinfo = offsetof(PyDateTime_Time, tzinfo),
    .check = {
        .size = _PyDateTime_TIME_DATASIZE, .place = 0, .first = 0, .last = 23, .mask = ~0x80,
        .what = "time",
    },
};
static_assert(offsetof(PyDateTime_Time, fold)
              == offsetof(PyDateTime_Time, data) + _PyDateTime_TIME_DATASIZE, "fold behind data");

static PyObject *
time_alloc(PyTypeObject *type, Py_ssize_t aware)
{
    return clock_alloc(&layout, type, aware);
}

PyObject *
_PyDateTime_NewTime(const struct fields *f, PyObject *tzinfo, PyTypeObject *type)
{
    if (_PyDateTime_CheckTime(f) < 0 || _PyDateTime_CheckTzinfo(tzinfo) < 0) {
        return NULL;
    }
    PyDateTime_Time *self = (PyDateTime_Time *)clock_with_tzinfo(&layout, type, tzinfo);
    if (self != NULL) {
        _PyDateTime_StoreTime(self->data, f);
        self->fold = (unsigned char)f->fold;
    }
    return (PyObject *)self;
}

static PyObject *
time_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *tzinfo = Py_None, *self = _PyDateTime_FromPickle(&layout, type, args);
    if (self != NULL) {
        return self;
    }
    static const char *const keywords[] = {"hour", "minute", "second", "microsecond", "tzinfo",
                                           "fold", NULL};
    struct fields f = {0};
    if (PyErr_Occurred()
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiO$i", (char **)keywords, &f.hour,
                                        &f.minute, &f.second, &f.us, &tzinfo, &f.fold))
    {
        return NULL;
    }
    return _PyDateTime_NewTime(&f, tzinfo, type);
}

static PyObject *
time_fromisoformat(PyObject *type, PyObject *text)
{
    struct fields f = {0};
    PyObject *tzinfo, *result;
    if (_PyDateTime_ParseTime(text, &f, &tzinfo) < 0) {
        return NULL;
    }
    if (type == (PyObject *)&_PyDateTime_TimeType) {
        result = _PyDateTime_NewTime(&f, tzinfo, &_PyDateTime_TimeType);
    }
    else {
        result = PyObject_CallFunction(type, "iiiiO", f.hour, f.minute, f.second, f.us, tzinfo);
    }
    Py_DECREF(tzinfo);
    return result;
}

static PyObject *
time_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"hour", "minute", "second", "microsecond", "tzinfo",
                                           "fold", NULL};
    struct fields f = fields_of(self);
    PyObject *tzinfo = time_tzinfo(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiO$i:replace", (char **)keywords, &f.hour,
                                     &f.minute, &f.second, &f.us, &tzinfo, &f.fold)
        || _PyDateTime_CheckFold(f.fold) < 0)
    {
        return NULL;
    }
    return _PyDateTime_NewTime(&f, tzinfo, Py_TYPE(self));
}

static void
time_dealloc(PyDateTime_Time *self)
{
    if (self->hastzinfo) {
        Py_XDECREF(self->tzinfo);
    }
    Py_TYPE(self)->tp_free(self);
}

/* --- What the tzinfo says --------------------------------------------------------------------- */

static PyObject *
time_utcoffset(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_Offset(time_tzinfo(self), &_Py_ID(utcoffset), Py_None);
}

static PyObject *
time_dst(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_Offset(time_tzinfo(self), &_Py_ID(dst), Py_None);
}

static PyObject *
time_tzname(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_ZoneName(time_tzinfo(self), Py_None);
}

/* The offset in microseconds: 1, 0 if there is none, -1 with an exception. */
static int
offset_of(PyObject *self, int64_t *us)
{
    return _PyDateTime_OffsetMicros(time_tzinfo(self), &_Py_ID(utcoffset), Py_None, us);
}

/* --- Order ------------------------------------------------------------------------------------ */

/* Microseconds since midnight. */
static int64_t
micros_of(PyObject *self)
{
    struct fields f = fields_of(self);
    return (f.hour * 3600 + f.minute * 60 + f.second) * US_PER_SECOND + f.us;
}

static PyObject *
time_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!is_time(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int64_t offset = 0, other_offset = 0;
    if (time_tzinfo(self) != time_tzinfo(other)) {
        int aware = offset_of(self, &offset);
        int other_aware = aware < 0 ? -1 : offset_of(other, &other_offset);
        if (other_aware < 0) {
            return NULL;
        }
        if (aware != other_aware) {
            if (op == Py_EQ || op == Py_NE) {
                return PyBool_FromLong(op == Py_NE);
            }
            PyErr_SetString(PyExc_TypeError, "can't compare offset-naive and offset-aware times");
            return NULL;
        }
    }
    if (offset == other_offset) {
        int diff = memcmp(((PyDateTime_Time *)self)->data, ((PyDateTime_Time *)other)->data,
                          _PyDateTime_TIME_DATASIZE);
        Py_RETURN_RICHCOMPARE(diff, 0, op);
    }
    int64_t a = micros_of(self) - offset, b = micros_of(other) - other_offset;
    Py_RETURN_RICHCOMPARE(a, b, op);
}

/* Equal times have equal hashes: those with an offset are counted from UTC.  fold does not count,
 * and the tzinfo cannot ask for it. */
static Py_hash_t
compute_hash(PyDateTime_Time *self)
{
    int64_t offset;
    if (offset_of((PyObject *)self, &offset) < 0) {
        return -1;
    }
    if (offset == 0) {
        return _Py_HashBytes(self->data, _PyDateTime_TIME_DATASIZE);
    }
    int64_t us = micros_of((PyObject *)self) - offset;
    if (us < 0 || us >= US_PER_DAY) {
        return _PyDateTime_HashMicros(us);
    }
    int seconds = (int)(us / US_PER_SECOND);
    const struct fields f = {
        .hour = seconds / 3600, .minute = seconds / 60 % 60, .second = seconds % 60,
        .us = (int)(us % US_PER_SECOND),
    };
    unsigned char data[_PyDateTime_TIME_DATASIZE];
    _PyDateTime_StoreTime(data, &f);
    return _Py_HashBytes(data, sizeof(data));
}

static Py_hash_t
time_hash(PyDateTime_Time *self)
{
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    KEEP_HASH(self, compute_hash(self));
}

/* --- Text ------------------------------------------------------------------------------------- */

static PyObject *
time_repr(PyObject *self)
{
    struct fields f = fields_of(self);
    const char *type = Py_TYPE(self)->tp_name;
    PyObject *head;
    if (f.us != 0) {
        head = PyUnicode_FromFormat("%s(%d, %d, %d, %d", type, f.hour, f.minute, f.second, f.us);
    }
    else if (f.second != 0) {
        head = PyUnicode_FromFormat("%s(%d, %d, %d", type, f.hour, f.minute, f.second);
    }
    else {
        head = PyUnicode_FromFormat("%s(%d, %d", type, f.hour, f.minute);
    }
    return _PyDateTime_ReprTail(head, f.fold, time_tzinfo(self), 1);
}

static PyObject *
time_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"timespec", NULL};
    const char *timespec = "auto";
    char clock[CLOCK_SIZE], offset[OFFSET_SIZE];
    struct fields f = fields_of(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s:isoformat", (char **)keywords, &timespec)
        || _PyDateTime_FormatClock(clock, &f, timespec) < 0
        || _PyDateTime_FormatUtcoffset(offset, time_tzinfo(self), Py_None, ":") < 0)
    {
        return NULL;
    }
    return PyUnicode_FromFormat("%s%s", clock, offset);
}

static PyObject *
time_str(PyObject *self)
{
    return PyObject_CallMethodNoArgs(self, &_Py_ID(isoformat));
}

/* The day is 1 January 1900, as for time.strptime(). */
static PyObject *
time_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"format", NULL};
    PyObject *format;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", (char **)keywords, &format)) {
        return NULL;
    }
    struct fields f = fields_of(self);
    PyObject *tuple = Py_BuildValue("iiiiiiiii", 1900, 1, 1, f.hour, f.minute, f.second, 0, 1, -1);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = _PyDateTime_Strftime(format, tuple, f.us, time_tzinfo(self), Py_None);
    Py_DECREF(tuple);
    return result;
}

/* --- Parts, pickling -------------------------------------------------------------------------- */

_PyDateTime_GETTER(time, hour, PyDateTime_TIME_GET_HOUR)
_PyDateTime_GETTER(time, minute, PyDateTime_TIME_GET_MINUTE)
_PyDateTime_GETTER(time, second, PyDateTime_TIME_GET_SECOND)
_PyDateTime_GETTER(time, microsecond, PyDateTime_TIME_GET_MICROSECOND)
_PyDateTime_GETTER(time, fold, PyDateTime_TIME_GET_FOLD)

static PyObject *
time_get_tzinfo(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(time_tzinfo(self));
}

static PyObject *
reduce(PyObject *self, int protocol)
{
    return _PyDateTime_Reduce(self, ((PyDateTime_Time *)self)->data, _PyDateTime_TIME_DATASIZE, 0,
                              PyDateTime_TIME_GET_FOLD(self), time_tzinfo(self), protocol);
}

static PyObject *
time_reduce_ex(PyObject *self, PyObject *args)
{
    int protocol;
    return PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol) ? reduce(self, protocol) : NULL;
}

static PyObject *
time_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return reduce(self, 2);
}

/* --- The type --------------------------------------------------------------------------------- */

PyDoc_STRVAR(time_isoformat_doc,
"Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\
\n\
The optional argument timespec specifies the number of additional terms\n\
of the time to include. Valid options are 'auto', 'hours', 'minutes',\n\
'seconds', 'milliseconds' and 'microseconds'.\n");

static _Py_SHARED PyMethodDef time_methods[] = {
    {"isoformat", (PyCFunction)(void (*)(void))time_isoformat, METH_VARARGS | METH_KEYWORDS,
     time_isoformat_doc},
    {"strftime", (PyCFunction)(void (*)(void))time_strftime, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("format -> strftime() style string.")},
    {"__format__", _PyDateTime_Format, METH_VARARGS, PyDoc_STR("Formats self with strftime.")},
    {"utcoffset", time_utcoffset, METH_NOARGS, PyDoc_STR("Return self.tzinfo.utcoffset(self).")},
    {"tzname", time_tzname, METH_NOARGS, PyDoc_STR("Return self.tzinfo.tzname(self).")},
    {"dst", time_dst, METH_NOARGS, PyDoc_STR("Return self.tzinfo.dst(self).")},
    {"replace", (PyCFunction)(void (*)(void))time_replace, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("Return time with new specified fields.")},
    {"fromisoformat", time_fromisoformat, METH_O | METH_CLASS,
     PyDoc_STR("string -> time from a string in ISO 8601 format")},
    {"__reduce_ex__", time_reduce_ex, METH_VARARGS,
     PyDoc_STR("__reduce_ex__(proto) -> (cls, state)")},
    {"__reduce__", time_reduce, METH_NOARGS, PyDoc_STR("__reduce__() -> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyGetSetDef time_getset[] = {
    {"hour", time_hour, NULL, NULL, NULL},
    {"minute", time_minute, NULL, NULL, NULL},
    {"second", time_second, NULL, NULL, NULL},
    {"microsecond", time_microsecond, NULL, NULL, NULL},
    {"tzinfo", time_get_tzinfo, NULL, NULL, NULL},
    {"fold", time_fold, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}
};

PyDoc_STRVAR(time_doc,
"time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\
\n\
All arguments are optional. tzinfo may be None, or an instance of\n\
a tzinfo subclass. The remaining arguments may be ints.\n");

_Py_SHARED PyTypeObject _PyDateTime_TimeType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.time",
    .tp_basicsize = sizeof(PyDateTime_Time),
    .tp_dealloc = (destructor)time_dealloc,
    .tp_repr = time_repr,
    .tp_hash = (hashfunc)time_hash,
    .tp_str = time_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = time_doc,
    .tp_richcompare = time_richcompare,
    .tp_methods = time_methods,
    .tp_getset = time_getset,
    .tp_alloc = time_alloc,
    .tp_new = time_new,
};

_Py_SHARED PyDateTime_Time _PyDateTime_TimeMin = {
    PyObject_HEAD_INIT(&_PyDateTime_TimeType)
    .hashcode = -1,
};

_Py_SHARED PyDateTime_Time _PyDateTime_TimeMax = {
    PyObject_HEAD_INIT(&_PyDateTime_TimeType)
    .hashcode = -1,
    .data = {23, 59, 59, 999999 >> 16, 999999 >> 8 & 0xff, 999999 & 0xff},
};
