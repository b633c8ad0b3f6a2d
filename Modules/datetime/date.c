/* date.c - date: a day of the years 1 to 9999, and what date.isocalendar() gives.
 *
 * The bytes of year, month and day lie in an order in which they compare as the dates do.
 *
 * Written from the library reference (datetime) and observed messages.
 */
#include "_datetime.h"
#include "sig/date.sig.h"

/* --- Instances -------------------------------------------------------------------------------- */

void
_PyDateTime_StoreDate(unsigned char *data, int year, int month, int day)
{
    assert(year >= 0 && year <= 0xffff);
    data[0] = (unsigned char)(year >> 8);
    data[1] = (unsigned char)year;
    data[2] = (unsigned char)month;
    data[3] = (unsigned char)day;
}

PyObject *
_PyDateTime_NewDate(int year, int month, int day, PyTypeObject *type)
{
    if (_PyDateTime_CheckDate(year, month, day) < 0) {
        return NULL;
    }
    PyDateTime_Date *self = (PyDateTime_Date *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->hashcode = -1;
        _PyDateTime_StoreDate(self->data, year, month, day);
    }
    return (PyObject *)self;
}

/* type(year, month, day): subclasses, among them datetime, get their constructor called. */
static PyObject *
make_date(PyObject *type, int year, int month, int day)
{
    if (type == (PyObject *)&_PyDateTime_DateType) {
        return _PyDateTime_NewDate(year, month, day, &_PyDateTime_DateType);
    }
    return PyObject_CallFunction(type, "iii", year, month, day);
}

static PyObject *
make_date_of_ordinal(PyObject *type, int ordinal)
{
    struct fields f;
    _PyDateTime_SetDate(&f, ordinal);
    return make_date(type, f.year, f.month, f.day);
}

static int
ordinal_of(PyObject *self)
{
    assert(is_date(self));
    return _PyDateTime_Ordinal(PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self),
                               PyDateTime_GET_DAY(self));
}

static struct fields
fields_of(PyObject *self)
{
    return (struct fields){
        .year = PyDateTime_GET_YEAR(self), .month = PyDateTime_GET_MONTH(self),
        .day = PyDateTime_GET_DAY(self),
    };
}

PyObject *
_PyDateTime_PickledState(PyObject *args, Py_ssize_t max_args, const struct state_check *check)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1 || n > max_args) {
        return NULL;
    }
    assert(check->place < check->size);
    PyObject *state = PyTuple_GET_ITEM(args, 0), *bytes = NULL;
    Py_UCS4 byte = 0;
    if (PyBytes_Check(state) && PyBytes_GET_SIZE(state) == check->size) {
        byte = (unsigned char)PyBytes_AS_STRING(state)[check->place];
    }
    else if (PyUnicode_Check(state) && PyUnicode_GET_LENGTH(state) == check->size) {
        byte = PyUnicode_READ_CHAR(state, check->place);
    }
    else {
        return NULL;
    }
    byte &= (Py_UCS4)check->mask;
    if (byte < (Py_UCS4)check->first || byte > (Py_UCS4)check->last) {
        return NULL;
    }
    if (PyBytes_Check(state)) {
        return Py_NewRef(state);
    }
    bytes = PyUnicode_AsLatin1String(state);
    if (bytes == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Format(PyExc_ValueError, "Failed to encode latin1 string when unpickling a %s "
                     "object. pickle.load(data, encoding='latin1') is assumed.", check->what);
    }
    return bytes;
}

static PyObject *
date_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const struct state_check check = {
        .size = _PyDateTime_DATE_DATASIZE, .place = 2, .first = 1, .last = 12, .mask = ~0,
        .what = "date",
    };
    PyObject *state = _PyDateTime_PickledState(args, kwargs == NULL ? 1 : 0, &check);
    if (state != NULL) {
        PyDateTime_Date *self = (PyDateTime_Date *)type->tp_alloc(type, 0);
        if (self != NULL) {
            self->hashcode = -1;
            memcpy(self->data, PyBytes_AS_STRING(state), _PyDateTime_DATE_DATASIZE);
        }
        Py_DECREF(state);
        return (PyObject *)self;
    }
    static const char *const keywords[] = {"year", "month", "day", NULL};
    int year, month, day;
    if (PyErr_Occurred()
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "iii", (char **)keywords, &year, &month,
                                        &day))
    {
        return NULL;
    }
    return _PyDateTime_NewDate(year, month, day, type);
}

/* --- Other constructors ----------------------------------------------------------------------- */

/*sig @classmethod datetime.date.fromtimestamp(type, timestamp, /)

Create a date from a POSIX timestamp.

The timestamp is a number, e.g. created via time.time(), that is interpreted
as local time.
*/
static PyObject *
datetime_date_fromtimestamp_impl(PyTypeObject *type, PyObject *timestamp)
{
    time_t when;
    struct fields f;
    if (_PyTime_ObjectToTime_t(timestamp, &when, _PyTime_ROUND_FLOOR) < 0
        || _PyDateTime_LocalDate(when, &f) < 0)
    {
        return NULL;
    }
    return make_date((PyObject *)type, f.year, f.month, f.day);
}

/* Of the C API. */
PyObject *
_PyDateTime_DateFromTimestamp(PyObject *type, PyObject *args)
{
    PyObject *timestamp;
    if (!PyArg_UnpackTuple(args, "fromtimestamp", 1, 1, &timestamp)) {
        return NULL;
    }
    return datetime_date_fromtimestamp_impl((PyTypeObject *)type, timestamp);
}

static PyObject *
date_today(PyObject *type, PyObject *Py_UNUSED(ignored))
{
    PyObject *time = _PyImport_GetModuleAttrString("time", "time");
    PyObject *now = time == NULL ? NULL : PyObject_CallNoArgs(time);
    Py_XDECREF(time);
    if (now == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodOneArg(type, &_Py_ID(fromtimestamp), now);
    Py_DECREF(now);
    return result;
}

static PyObject *
date_fromordinal(PyObject *type, PyObject *args)
{
    int ordinal;
    if (!PyArg_ParseTuple(args, "i:fromordinal", &ordinal)) {
        return NULL;
    }
    if (ordinal < 1) {
        PyErr_SetString(PyExc_ValueError, "ordinal must be >= 1");
        return NULL;
    }
    if (ordinal > MAX_ORDINAL) {
        PyErr_Format(PyExc_ValueError, "year %d is out of range", MAXYEAR + 1);
        return NULL;
    }
    return make_date_of_ordinal(type, ordinal);
}

static PyObject *
date_fromisoformat(PyObject *type, PyObject *text)
{
    struct fields f = {0};
    if (_PyDateTime_ParseDate(text, &f) < 0) {
        return NULL;
    }
    return make_date(type, f.year, f.month, f.day);
}

static PyObject *
date_fromisocalendar(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"year", "week", "day", NULL};
    int year, week, day;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii:fromisocalendar", (char **)keywords,
                                     &year, &week, &day))
    {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_ValueError, "ISO calendar component out of range");
        }
        return NULL;
    }
    enum iso_problem problem;
    int ordinal = _PyDateTime_IsoOrdinal(year, week, day, &problem);
    if (ordinal != 0) {
        /* The last days of week 52 of 9999 are in year 10000. */
        return ordinal <= MAX_ORDINAL ? make_date_of_ordinal(type, ordinal)
                                      : make_date(type, MAXYEAR + 1, 1, ordinal - MAX_ORDINAL);
    }
    switch (problem) {
    case ISO_BAD_YEAR:
        return PyErr_Format(PyExc_ValueError, "Year is out of range: %d", year);
    case ISO_BAD_WEEK:
        return PyErr_Format(PyExc_ValueError, "Invalid week: %d", week);
    case ISO_BAD_DAY:
        return PyErr_Format(PyExc_ValueError, "Invalid day: %d (range is [1, 7])", day);
    }
    Py_UNREACHABLE();
}

/* --- Arithmetic ------------------------------------------------------------------------------- */

/* date + delta or date - delta: only whole days count. */
static PyObject *
shift_days(PyObject *self, PyObject *delta, int sign)
{
    int64_t ordinal = ordinal_of(self)
                      + sign * (int64_t)PyDateTime_DELTA_GET_DAYS(delta);
    if (_PyDateTime_CheckOrdinal(ordinal) < 0) {
        return NULL;
    }
    return make_date_of_ordinal((PyObject *)Py_TYPE(self), (int)ordinal);
}

static PyObject *
date_add(PyObject *left, PyObject *right)
{
    if (is_datetime(left) || is_datetime(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (is_date(left) && is_delta(right)) {
        return shift_days(left, right, 1);
    }
    if (is_delta(left) && is_date(right)) {
        return shift_days(right, left, 1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
date_subtract(PyObject *left, PyObject *right)
{
    if (!is_date(left) || is_datetime(left) || is_datetime(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (is_date(right)) {
        return _PyDateTime_NewDelta(ordinal_of(left) - ordinal_of(right), 0, 0, 0,
                                    &_PyDateTime_DeltaType);
    }
    if (is_delta(right)) {
        return shift_days(left, right, -1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
date_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!is_date(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int diff = memcmp(((PyDateTime_Date *)self)->data, ((PyDateTime_Date *)other)->data,
                      _PyDateTime_DATE_DATASIZE);
    Py_RETURN_RICHCOMPARE(diff, 0, op);
}

static Py_hash_t
date_hash(PyDateTime_Date *self)
{
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    KEEP_HASH(self, _Py_HashBytes(self->data, _PyDateTime_DATE_DATASIZE));
}

/* --- Text ------------------------------------------------------------------------------------- */

static PyObject *
date_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%s(%d, %d, %d)", Py_TYPE(self)->tp_name,
                                PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self),
                                PyDateTime_GET_DAY(self));
}

static PyObject *
date_isoformat(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromFormat("%04d-%02d-%02d", PyDateTime_GET_YEAR(self),
                                PyDateTime_GET_MONTH(self), PyDateTime_GET_DAY(self));
}

static PyObject *
date_str(PyObject *self)
{
    return PyObject_CallMethodNoArgs(self, &_Py_ID(isoformat));
}

static PyObject *
date_ctime(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f = fields_of(self);
    return _PyDateTime_Ctime(&f);
}

/* Also that of datetime, whose microseconds and tzinfo are used. */
static PyObject *
date_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"format", NULL};
    PyObject *format;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", (char **)keywords, &format)) {
        return NULL;
    }
    PyObject *tuple = PyObject_CallMethodNoArgs(self, &_Py_ID(timetuple));
    if (tuple == NULL) {
        return NULL;
    }
    int full = is_datetime(self);
    PyObject *result = _PyDateTime_Strftime(format, tuple,
                                            full ? PyDateTime_DATE_GET_MICROSECOND(self) : 0,
                                            full ? datetime_tzinfo(self) : Py_None, self);
    Py_DECREF(tuple);
    return result;
}

static PyObject *
date_timetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f = fields_of(self);
    return _PyDateTime_StructTime(&f, -1);
}

/* --- Parts, replacing, pickling --------------------------------------------------------------- */

static PyObject *
date_year(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_YEAR(self));
}

static PyObject *
date_month(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_MONTH(self));
}

static PyObject *
date_day(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_DAY(self));
}

static PyObject *
date_toordinal(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(ordinal_of(self));
}

static PyObject *
date_weekday(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(_PyDateTime_Weekday(ordinal_of(self)));
}

static PyObject *
date_isoweekday(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(_PyDateTime_Weekday(ordinal_of(self)) + 1);
}

static PyObject *
date_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"year", "month", "day", NULL};
    struct fields f = fields_of(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iii:replace", (char **)keywords, &f.year,
                                     &f.month, &f.day))
    {
        return NULL;
    }
    return _PyDateTime_NewDate(f.year, f.month, f.day, Py_TYPE(self));
}

static PyObject *
date_reduce(PyDateTime_Date *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(y#)", Py_TYPE(self), self->data,
                         (Py_ssize_t)_PyDateTime_DATE_DATASIZE);
}

/* --- IsoCalendarDate -------------------------------------------------------------------------- */

static PyObject *
isocalendar_of(PyTypeObject *type, int year, int week, int weekday)
{
    assert(PyType_IsSubtype(type, &PyTuple_Type));
    PyObject *self = type->tp_alloc(type, 3);
    if (self == NULL) {
        return NULL;
    }
    const int values[] = {year, week, weekday};
    for (int i = 0; i < 3; i++) {
        PyObject *item = PyLong_FromLong(values[i]);
        if (item == NULL) {
            Py_DECREF(self);
            return NULL;
        }
        PyTuple_SET_ITEM(self, i, item);
    }
    return self;
}

static PyObject *
date_isocalendar(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int year, week, weekday;
    _PyDateTime_ToIso(ordinal_of(self), &year, &week, &weekday);
    return isocalendar_of(&_PyDateTime_IsoCalendarDateType, year, week, weekday);
}

static PyObject *
isocalendar_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"year", "week", "weekday", NULL};
    int year, week, weekday;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii:IsoCalendarDate", (char **)keywords,
                                     &year, &week, &weekday))
    {
        return NULL;
    }
    return isocalendar_of(type, year, week, weekday);
}

static PyObject *
isocalendar_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%.200s(year=%S, week=%S, weekday=%S)", Py_TYPE(self)->tp_name,
                                PyTuple_GET_ITEM(self, 0), PyTuple_GET_ITEM(self, 1),
                                PyTuple_GET_ITEM(self, 2));
}

/* It comes back as a tuple. */
static PyObject *
isocalendar_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O((OOO))", &PyTuple_Type, PyTuple_GET_ITEM(self, 0),
                         PyTuple_GET_ITEM(self, 1), PyTuple_GET_ITEM(self, 2));
}

/* The closure is the item: 0, 1 or 2. */
static PyObject *
isocalendar_item(PyObject *self, void *index)
{
    return Py_NewRef(PyTuple_GET_ITEM(self, (intptr_t)index));
}

static _Py_SHARED PyMethodDef isocalendar_methods[] = {
    {"__reduce__", isocalendar_reduce, METH_NOARGS, PyDoc_STR("__reduce__() -> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyGetSetDef isocalendar_getset[] = {
    {"year", isocalendar_item, NULL, NULL, (void *)0},
    {"week", isocalendar_item, NULL, NULL, (void *)1},
    {"weekday", isocalendar_item, NULL, NULL, (void *)2},
    {NULL, NULL, NULL, NULL, NULL}
};

PyDoc_STRVAR(isocalendar_doc,
"The result of date.isocalendar() or datetime.isocalendar()\n\
\n\
This object may be accessed either as a tuple of\n\
  ((year, week, weekday)\n\
or via the object attributes as named in the above tuple.");

_Py_SHARED PyTypeObject _PyDateTime_IsoCalendarDateType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.IsoCalendarDate",
    .tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_repr = isocalendar_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = isocalendar_doc,
    .tp_methods = isocalendar_methods,
    .tp_getset = isocalendar_getset,
    .tp_base = &PyTuple_Type,
    .tp_new = isocalendar_new,
};

/* --- The type --------------------------------------------------------------------------------- */

static _Py_SHARED PyMethodDef date_methods[] = {
    DATETIME_DATE_FROMTIMESTAMP_METHODDEF
    {"fromordinal", date_fromordinal, METH_VARARGS | METH_CLASS,
     PyDoc_STR("int -> date corresponding to a proleptic Gregorian ordinal.")},
    {"fromisoformat", date_fromisoformat, METH_O | METH_CLASS,
     PyDoc_STR("str -> Construct a date from a string in ISO 8601 format.")},
    {"fromisocalendar", (PyCFunction)(void (*)(void))date_fromisocalendar,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     PyDoc_STR("int, int, int -> Construct a date from the ISO year, week number and weekday.\n\n"
               "This is the inverse of the date.isocalendar() function")},
    {"today", date_today, METH_NOARGS | METH_CLASS,
     PyDoc_STR("Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).")},
    {"ctime", date_ctime, METH_NOARGS, PyDoc_STR("Return ctime() style string.")},
    {"strftime", (PyCFunction)(void (*)(void))date_strftime, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("format -> strftime() style string.")},
    {"__format__", _PyDateTime_Format, METH_VARARGS, PyDoc_STR("Formats self with strftime.")},
    {"timetuple", date_timetuple, METH_NOARGS,
     PyDoc_STR("Return time tuple, compatible with time.localtime().")},
    {"isocalendar", date_isocalendar, METH_NOARGS,
     PyDoc_STR("Return a named tuple containing ISO year, week number, and weekday.")},
    {"isoformat", date_isoformat, METH_NOARGS,
     PyDoc_STR("Return string in ISO 8601 format, YYYY-MM-DD.")},
    {"isoweekday", date_isoweekday, METH_NOARGS,
     PyDoc_STR("Return the day of the week represented by the date.\n"
               "Monday == 1 ... Sunday == 7")},
    {"toordinal", date_toordinal, METH_NOARGS,
     PyDoc_STR("Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1.")},
    {"weekday", date_weekday, METH_NOARGS,
     PyDoc_STR("Return the day of the week represented by the date.\n"
               "Monday == 0 ... Sunday == 6")},
    {"replace", (PyCFunction)(void (*)(void))date_replace, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("Return date with new specified fields.")},
    {"__reduce__", (PyCFunction)date_reduce, METH_NOARGS,
     PyDoc_STR("__reduce__() -> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyGetSetDef date_getset[] = {
    {"year", date_year, NULL, NULL, NULL},
    {"month", date_month, NULL, NULL, NULL},
    {"day", date_day, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}
};

static _Py_SHARED PyNumberMethods date_as_number = {
    .nb_add = date_add,
    .nb_subtract = date_subtract,
};

_Py_SHARED PyTypeObject _PyDateTime_DateType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.date",
    .tp_basicsize = sizeof(PyDateTime_Date),
    .tp_repr = date_repr,
    .tp_as_number = &date_as_number,
    .tp_hash = (hashfunc)date_hash,
    .tp_str = date_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("date(year, month, day) --> date object"),
    .tp_richcompare = date_richcompare,
    .tp_methods = date_methods,
    .tp_getset = date_getset,
    .tp_new = date_new,
};

_Py_SHARED PyDateTime_Date _PyDateTime_DateMin = {
    PyObject_HEAD_INIT(&_PyDateTime_DateType)
    .hashcode = -1,
    .data = {0, MINYEAR, 1, 1},
};

_Py_SHARED PyDateTime_Date _PyDateTime_DateMax = {
    PyObject_HEAD_INIT(&_PyDateTime_DateType)
    .hashcode = -1,
    .data = {MAXYEAR >> 8, MAXYEAR & 0xff, 12, 31},
};
