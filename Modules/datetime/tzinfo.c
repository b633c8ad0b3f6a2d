/* tzinfo.c - the abstract class tzinfo, and how the other types ask one.
 *
 * An answer of a tzinfo is checked here and nowhere else: None or a timedelta of less than a day.
 *
 * Written from the library reference (datetime) and observed messages.
 */
#include "_datetime.h"

PyObject *
_PyDateTime_Offset(PyObject *tzinfo, PyObject *method, PyObject *when)
{
    if (tzinfo == Py_None) {
        Py_RETURN_NONE;
    }
    assert(is_tzinfo(tzinfo));
    if (Py_IS_TYPE(tzinfo, &_PyDateTime_TimeZoneType)) {        /* it cannot be subclassed */
        return Py_NewRef(method == &_Py_ID(utcoffset) ? ((PyDateTime_TimeZone *)tzinfo)->offset
                                                      : Py_None);
    }
    PyObject *offset = PyObject_CallMethodOneArg(tzinfo, method, when);
    if (offset == NULL || offset == Py_None) {
        return offset;
    }
    if (!is_delta(offset)) {
        PyErr_Format(PyExc_TypeError, "tzinfo.%U() must return None or timedelta, not '%.200s'",
                     method, Py_TYPE(offset)->tp_name);
        Py_DECREF(offset);
        return NULL;
    }
    micros us = _PyDateTime_DeltaMicros(offset);
    if (us <= -US_PER_DAY || us >= US_PER_DAY) {
        PyErr_SetString(PyExc_ValueError, "offset must be a timedelta strictly between "
                        "-timedelta(hours=24) and timedelta(hours=24).");
        Py_DECREF(offset);
        return NULL;
    }
    return offset;
}

int
_PyDateTime_OffsetMicros(PyObject *tzinfo, PyObject *method, PyObject *when, int64_t *us)
{
    PyObject *offset = _PyDateTime_Offset(tzinfo, method, when);
    if (offset == NULL) {
        return -1;
    }
    int known = offset != Py_None;
    *us = known ? (int64_t)_PyDateTime_DeltaMicros(offset) : 0;
    Py_DECREF(offset);
    return known;
}

PyObject *
_PyDateTime_ZoneName(PyObject *tzinfo, PyObject *when)
{
    if (tzinfo == Py_None) {
        Py_RETURN_NONE;
    }
    PyObject *name = PyObject_CallMethodOneArg(tzinfo, &_Py_ID(tzname), when);
    if (name != NULL && name != Py_None && !PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "tzinfo.tzname() must return None or a string, not '%s'",
                     Py_TYPE(name)->tp_name);
        Py_CLEAR(name);
    }
    return name;
}

PyObject *
_PyDateTime_FromPickle(const struct clock_layout *layout, PyTypeObject *type, PyObject *args)
{
    const struct state_check *check = &layout->check;
    PyObject *self = NULL, *state = _PyDateTime_PickledState(args, 2, check);
    if (state == NULL) {
        return NULL;
    }
    assert(PyBytes_GET_SIZE(state) == check->size);
    PyObject *tzinfo = PyTuple_GET_SIZE(args) == 2 ? PyTuple_GET_ITEM(args, 1) : Py_None;
    if (tzinfo != Py_None && !is_tzinfo(tzinfo)) {
        PyErr_SetString(PyExc_TypeError, "bad tzinfo state arg");
    }
    else {
        self = clock_with_tzinfo(layout, type, tzinfo);
    }
    if (self != NULL) {
        unsigned char *data = (unsigned char *)self + layout->data;
        memcpy(data, PyBytes_AS_STRING(state), (size_t)check->size);
        data[check->size] = data[check->place] >> 7;        /* fold */
        data[check->place] &= 0x7f;
    }
    Py_DECREF(state);
    return self;
}

/* ---------------------------------------------------------------------------------- the class */

#define ABSTRACT(NAME)                                                                      \
    static PyObject *                                                                       \
    tzinfo_##NAME(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(when))                     \
    {                                                                                       \
        PyErr_SetString(PyExc_NotImplementedError,                                          \
                        "a tzinfo subclass must implement " #NAME "()");                    \
        return NULL;                                                                        \
    }

ABSTRACT(tzname)
ABSTRACT(utcoffset)
ABSTRACT(dst)

/* Ask the datetime `when` itself for an offset that may not be None.  0, or -1. */
static int
required_offset(PyObject *when, PyObject *method, int64_t *us)
{
    int known = _PyDateTime_OffsetMicros(datetime_tzinfo(when), method, when, us);
    if (known == 0) {
        PyErr_Format(PyExc_ValueError, "fromutc: non-None %U() result required", method);
    }
    return known == 1 ? 0 : -1;
}

int
_PyDateTime_CheckFromUtc(PyObject *self, PyObject *when)
{
    if (!is_datetime(when)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: argument must be a datetime");
        return -1;
    }
    if (datetime_tzinfo(when) != self) {
        PyErr_SetString(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
        return -1;
    }
    return 0;
}

/* The algorithm of the library reference: the standard offset is utcoffset() - dst(); what dst()
 * says about the standard time is added then. */
static PyObject *
tzinfo_fromutc(PyObject *self, PyObject *when)
{
    if (_PyDateTime_CheckFromUtc(self, when) < 0) {
        return NULL;
    }
    int64_t offset, dst;
    if (required_offset(when, &_Py_ID(utcoffset), &offset) < 0
        || required_offset(when, &_Py_ID(dst), &dst) < 0)
    {
        return NULL;
    }
    PyObject *result = _PyDateTime_Shift(when, offset - dst);
    if (result == NULL) {
        return NULL;
    }
    if (offset != dst) {
        int known = is_datetime(result)
                    ? _PyDateTime_OffsetMicros(datetime_tzinfo(result), &_Py_ID(dst), result, &dst)
                    : 0;
        if (known == 0) {
            PyErr_SetString(PyExc_ValueError,
                            "fromutc: tz.dst() gave inconsistent results; cannot convert");
        }
        if (known <= 0) {
            Py_DECREF(result);
            return NULL;
        }
    }
    if (dst != 0) {
        Py_SETREF(result, _PyDateTime_Shift(result, dst));
    }
    return result;
}

static PyObject *
tzinfo_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *getinitargs, *args;
    if (_PyObject_LookupAttr(self, &_Py_ID(__getinitargs__), &getinitargs) < 0) {
        return NULL;
    }
    args = getinitargs == NULL ? PyTuple_New(0) : PyObject_CallNoArgs(getinitargs);
    Py_XDECREF(getinitargs);
    PyObject *state = args == NULL ? NULL : _PyObject_GetState(self);
    PyObject *result = state == NULL ? NULL : PyTuple_Pack(3, Py_TYPE(self), args, state);
    Py_XDECREF(state);
    Py_XDECREF(args);
    return result;
}

static _Py_SHARED PyMethodDef tzinfo_methods[] = {
    {"tzname", tzinfo_tzname, METH_O, PyDoc_STR("datetime -> string name of time zone.")},
    {"utcoffset", tzinfo_utcoffset, METH_O,
     PyDoc_STR("datetime -> timedelta showing offset from UTC, negative values indicating West of "
               "UTC")},
    {"dst", tzinfo_dst, METH_O,
     PyDoc_STR("datetime -> DST offset as timedelta positive east of UTC.")},
    {"fromutc", tzinfo_fromutc, METH_O,
     PyDoc_STR("datetime in UTC -> datetime in local time.")},
    {"__reduce__", tzinfo_reduce, METH_NOARGS, PyDoc_STR("-> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

_Py_SHARED PyTypeObject _PyDateTime_TZInfoType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.tzinfo",
    .tp_basicsize = sizeof(PyDateTime_TZInfo),
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("Abstract base class for time zone info objects."),
    .tp_methods = tzinfo_methods,
    .tp_new = PyType_GenericNew,
};
