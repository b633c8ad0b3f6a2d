/* timezone.c - timezone: a tzinfo with a fixed offset.
 *
 * The one without a name and with offset 0 is the shared object timezone.utc, always.  It is not
 * enough to compare addresses with it to know UTC, because one with a name may have offset 0, too.
 *
 * Written from the library reference (datetime) and observed messages.
 */
#include "_datetime.h"

PyObject *
_PyDateTime_NewTimeZone(PyObject *offset, PyObject *name)
{
    if (!is_delta(offset) || (name != NULL && !PyUnicode_Check(name))) {
        PyErr_SetString(PyExc_TypeError, "a timezone is made of a timedelta and a str");
        return NULL;
    }
    micros us = _PyDateTime_DeltaMicros(offset);
    if (us == 0 && name == NULL) {
        return Py_NewRef((PyObject *)&_PyDateTime_UTC);
    }
    if (us <= -US_PER_DAY || us >= US_PER_DAY) {
        PyErr_Format(PyExc_ValueError, "offset must be a timedelta strictly between "
                     "-timedelta(hours=24) and timedelta(hours=24), not %R.", offset);
        return NULL;
    }
    PyTypeObject *type = &_PyDateTime_TimeZoneType;
    PyDateTime_TimeZone *self = (PyDateTime_TimeZone *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->offset = Py_NewRef(offset);
        self->name = Py_XNewRef(name);
    }
    return (PyObject *)self;
}

PyObject *
_PyDateTime_TimeZoneOfMicros(int64_t us)
{
    PyObject *offset = _PyDateTime_DeltaFromMicros(us);
    PyObject *zone = offset == NULL ? NULL : _PyDateTime_NewTimeZone(offset, NULL);
    Py_XDECREF(offset);
    return zone;
}

static PyObject *
timezone_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"offset", "name", NULL};
    PyObject *offset, *name = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|U:timezone", (char **)keywords,
                                     &_PyDateTime_DeltaType, &offset, &name))
    {
        return NULL;
    }
    return _PyDateTime_NewTimeZone(offset, name);
}

static void
timezone_dealloc(PyDateTime_TimeZone *self)
{
    Py_XDECREF(self->offset);
    Py_XDECREF(self->name);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *
timezone_richcompare(PyDateTime_TimeZone *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(other, &_PyDateTime_TimeZoneType)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = _PyDateTime_DeltaMicros(self->offset)
                == _PyDateTime_DeltaMicros(((PyDateTime_TimeZone *)other)->offset);
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
timezone_hash(PyDateTime_TimeZone *self)
{
    return PyObject_Hash(self->offset);
}

static PyObject *
timezone_repr(PyDateTime_TimeZone *self)
{
    const char *type_name = Py_TYPE(self)->tp_name;
    if (self == &_PyDateTime_UTC) {
        return PyUnicode_FromFormat("%s.utc", type_name);
    }
    if (self->name != NULL) {
        return PyUnicode_FromFormat("%s(%R, %R)", type_name, self->offset, self->name);
    }
    return PyUnicode_FromFormat("%s(%R)", type_name, self->offset);
}

static PyObject *
timezone_str(PyDateTime_TimeZone *self)
{
    if (self->name != NULL) {
        return Py_NewRef(self->name);
    }
    int64_t us = (int64_t)_PyDateTime_DeltaMicros(self->offset);
    if (us == 0) {
        return PyUnicode_FromString("UTC");
    }
    char text[OFFSET_SIZE];
    _PyDateTime_FormatOffset(text, us, ":");
    return PyUnicode_FromFormat("UTC%s", text);
}

/* Methods take a datetime or None.  0, or -1 with TypeError. */
static int
check_when(PyObject *when, const char *method)
{
    if (when != Py_None && !is_datetime(when)) {
        PyErr_Format(PyExc_TypeError, "%s(dt) argument must be a datetime instance or None, "
                     "not %.200s", method, Py_TYPE(when)->tp_name);
        return -1;
    }
    return 0;
}

static PyObject *
timezone_tzname(PyDateTime_TimeZone *self, PyObject *when)
{
    return check_when(when, "tzname") < 0 ? NULL : timezone_str(self);
}

static PyObject *
timezone_utcoffset(PyDateTime_TimeZone *self, PyObject *when)
{
    return check_when(when, "utcoffset") < 0 ? NULL : Py_NewRef(self->offset);
}

static PyObject *
timezone_dst(PyObject *Py_UNUSED(self), PyObject *when)
{
    return check_when(when, "dst") < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
timezone_fromutc(PyDateTime_TimeZone *self, PyObject *when)
{
    if (_PyDateTime_CheckFromUtc((PyObject *)self, when) < 0) {
        return NULL;
    }
    return _PyDateTime_Shift(when, _PyDateTime_DeltaMicros(self->offset));
}

static PyObject *
timezone_getinitargs(PyDateTime_TimeZone *self, PyObject *Py_UNUSED(ignored))
{
    if (self->name == NULL) {
        return PyTuple_Pack(1, self->offset);
    }
    return PyTuple_Pack(2, self->offset, self->name);
}

static _Py_SHARED PyMethodDef timezone_methods[] = {
    {"tzname", (PyCFunction)timezone_tzname, METH_O,
     PyDoc_STR("If name is specified when timezone is created, returns the name.  "
               "Otherwise returns offset as 'UTC(+|-)HH:MM'.")},
    {"utcoffset", (PyCFunction)timezone_utcoffset, METH_O, PyDoc_STR("Return fixed offset.")},
    {"dst", timezone_dst, METH_O, PyDoc_STR("Return None.")},
    {"fromutc", (PyCFunction)timezone_fromutc, METH_O,
     PyDoc_STR("datetime in UTC -> datetime in local time.")},
    {"__getinitargs__", (PyCFunction)timezone_getinitargs, METH_NOARGS,
     PyDoc_STR("pickle support")},
    {NULL, NULL, 0, NULL}
};

_Py_SHARED PyTypeObject _PyDateTime_TimeZoneType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.timezone",
    .tp_basicsize = sizeof(PyDateTime_TimeZone),
    .tp_dealloc = (destructor)timezone_dealloc,
    .tp_repr = (reprfunc)timezone_repr,
    .tp_hash = (hashfunc)timezone_hash,
    .tp_str = (reprfunc)timezone_str,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("Fixed offset from UTC implementation of tzinfo."),
    .tp_richcompare = (richcmpfunc)timezone_richcompare,
    .tp_methods = timezone_methods,
    .tp_base = &_PyDateTime_TZInfoType,
    .tp_new = timezone_new,
};

#define OFFSET(NAME, DAYS, SECONDS)                     \
    static _Py_SHARED PyDateTime_Delta NAME = {         \
        PyObject_HEAD_INIT(&_PyDateTime_DeltaType)      \
        .hashcode = -1,                                 \
        .days = DAYS,                                   \
        .seconds = SECONDS,                             \
    };

#define CONSTANT(NAME, OFFSET)                                          \
    _Py_SHARED PyDateTime_TimeZone NAME = {                             \
        .base = {PyObject_HEAD_INIT(&_PyDateTime_TimeZoneType)},        \
        .offset = (PyObject *)&OFFSET,                                  \
    };

OFFSET(least_offset, -1, 60)
OFFSET(greatest_offset, 0, SECONDS_PER_DAY - 60)
CONSTANT(_PyDateTime_UTC, _PyDateTime_DeltaZero)
CONSTANT(_PyDateTime_TimeZoneMin, least_offset)
CONSTANT(_PyDateTime_TimeZoneMax, greatest_offset)
