/* _datetimemodule.c - the module _datetime: the shared types of Modules/datetime and their C API.
 *
 * The types are made ready when the first interpreter imports the module, not at the start of the
 * process.  The struct of the C API is constant, so one capsule after the other may point to it.
 *
 * Written from the library reference (datetime), the C API reference (DateTime Objects) and the ABI
 * tables.
 */
#include "datetime/_datetime.h"
#include "pycore_heap.h"        // _PyHeap_EnterShared()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_shared.h"      // _PyShared_BeginWrite()
#include "pycore_type.h"        // _PyStaticType_InitBuiltin()

/* --- The types -------------------------------------------------------------------------------- */

/* Bases come first. */
static const struct {
    PyTypeObject *type;
    void *min, *max, *resolution, *utc;     /* class constants, or NULL */
} types[] = {
    {&_PyDateTime_DeltaType, &_PyDateTime_DeltaMin, &_PyDateTime_DeltaMax,
     &_PyDateTime_OneMicrosecond, NULL},
    {&_PyDateTime_TZInfoType, NULL, NULL, NULL, NULL},
    {&_PyDateTime_TimeZoneType, &_PyDateTime_TimeZoneMin, &_PyDateTime_TimeZoneMax, NULL,
     &_PyDateTime_UTC},
    {&_PyDateTime_DateType, &_PyDateTime_DateMin, &_PyDateTime_DateMax, &_PyDateTime_OneDay,
     NULL},
    {&_PyDateTime_TimeType, &_PyDateTime_TimeMin, &_PyDateTime_TimeMax,
     &_PyDateTime_OneMicrosecond, NULL},
    {&_PyDateTime_DateTimeType, &_PyDateTime_DateTimeMin, &_PyDateTime_DateTimeMax,
     &_PyDateTime_OneMicrosecond, NULL},
    {&_PyDateTime_IsoCalendarDateType, NULL, NULL, NULL, NULL},
};

static int
add_constant(PyObject *dict, PyObject *name, void *value)
{
    return value == NULL ? 0 : PyDict_SetItem(dict, name, value);
}

/* Makes the types with index i ready, in the process heap.  0, or -1 with an exception. */
static int
init_type(PyThreadState *tstate, size_t i)
{
    PyTypeObject *type = types[i].type;
    if (_PyType_HasFeature(type, Py_TPFLAGS_READY)) {
        return 0;               /* another interpreter was first */
    }
    if (type->tp_dict == NULL) {
        PyObject *dict = PyDict_New();
        if (dict == NULL || add_constant(dict, &_Py_ID(min), types[i].min) < 0
            || add_constant(dict, &_Py_ID(max), types[i].max) < 0
            || add_constant(dict, &_Py_ID(resolution), types[i].resolution) < 0
            || add_constant(dict, &_Py_ID(utc), types[i].utc) < 0)
        {
            Py_XDECREF(dict);
            return -1;
        }
        _PyShared_BeginWrite();
        type->tp_dict = dict;
        _PyShared_EndWrite();
    }
    return _PyStaticType_InitBuiltin(tstate, type);
}

static int
init_types(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int err = 0;
    _PyHeap_EnterShared(tstate);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types) && err == 0; i++) {
        err = init_type(tstate, i);
    }
    _PyHeap_LeaveShared(tstate);
    return err;
}

/* --- The C API -------------------------------------------------------------------------------- */

static PyObject *
new_datetime_and_fold(int year, int month, int day, int hour, int minute, int second, int us,
                      PyObject *tzinfo, int fold, PyTypeObject *type)
{
    const struct fields f = {
        .year = year, .month = month, .day = day, .hour = hour, .minute = minute,
        .second = second, .us = us, .fold = fold,
    };
    return _PyDateTime_NewDateTime(&f, tzinfo, type);
}

static PyObject *
new_datetime(int year, int month, int day, int hour, int minute, int second, int us,
             PyObject *tzinfo, PyTypeObject *type)
{
    return new_datetime_and_fold(year, month, day, hour, minute, second, us, tzinfo, 0, type);
}

static PyObject *
new_time_and_fold(int hour, int minute, int second, int us, PyObject *tzinfo, int fold,
                  PyTypeObject *type)
{
    const struct fields f = {
        .hour = hour, .minute = minute, .second = second, .us = us, .fold = fold,
    };
    return _PyDateTime_NewTime(&f, tzinfo, type);
}

static PyObject *
new_time(int hour, int minute, int second, int us, PyObject *tzinfo, PyTypeObject *type)
{
    return new_time_and_fold(hour, minute, second, us, tzinfo, 0, type);
}

static const PyDateTime_CAPI capi = {
    .DateType = &_PyDateTime_DateType,
    .DateTimeType = &_PyDateTime_DateTimeType,
    .TimeType = &_PyDateTime_TimeType,
    .DeltaType = &_PyDateTime_DeltaType,
    .TZInfoType = &_PyDateTime_TZInfoType,
    .TimeZone_UTC = (PyObject *)&_PyDateTime_UTC,
    .Date_FromDate = _PyDateTime_NewDate,
    .DateTime_FromDateAndTime = new_datetime,
    .Time_FromTime = new_time,
    .Delta_FromDelta = _PyDateTime_NewDelta,
    .TimeZone_FromTimeZone = _PyDateTime_NewTimeZone,
    .DateTime_FromTimestamp = _PyDateTime_FromTimestamp,
    .Date_FromTimestamp = _PyDateTime_DateFromTimestamp,
    .DateTime_FromDateAndTimeAndFold = new_datetime_and_fold,
    .Time_FromTimeAndFold = new_time_and_fold,
};

/* --- The module ------------------------------------------------------------------------------- */

static int
datetime_exec(PyObject *module)
{
    static PyTypeObject *const public[] = {
        &_PyDateTime_DateType, &_PyDateTime_DateTimeType, &_PyDateTime_TimeType,
        &_PyDateTime_DeltaType, &_PyDateTime_TZInfoType, &_PyDateTime_TimeZoneType,
    };
    if (init_types() < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(public); i++) {
        if (PyModule_AddType(module, public[i]) < 0) {
            return -1;
        }
    }
    if (PyModule_AddIntMacro(module, MINYEAR) < 0 || PyModule_AddIntMacro(module, MAXYEAR) < 0
        || PyModule_AddObjectRef(module, "UTC", (PyObject *)&_PyDateTime_UTC) < 0)
    {
        return -1;
    }
    PyObject *capsule = PyCapsule_New((void *)&capi, PyDateTime_CAPSULE_NAME, NULL);
    int err = PyModule_AddObjectRef(module, "datetime_CAPI", capsule);
    Py_XDECREF(capsule);
    return err;
}

static const PyModuleDef_Slot datetime_slots[] = {
    {Py_mod_exec, datetime_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef datetime_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_datetime",
    .m_doc = PyDoc_STR("Fast implementation of the datetime type."),
    .m_slots = (PyModuleDef_Slot *)datetime_slots,
};

PyMODINIT_FUNC
PyInit__datetime(void)
{
    return PyModuleDef_Init(&datetime_module);
}
