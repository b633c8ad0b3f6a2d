/* Time: one 64-bit number of nanoseconds, conversions with a rounding mode, clocks.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_PYTIME_H
#define Py_CPYTHON_PYTIME_H

#ifndef Py_LIMITED_API

#include "../object.h"
#include <sys/time.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef long _PyTime_t;
#define _PyTime_MIN INT64_MIN
#define _PyTime_MAX INT64_MAX
#define _SIZEOF_PYTIME_T 8

typedef enum {
    _PyTime_ROUND_FLOOR = 0,      /* towards minus infinity */
    _PyTime_ROUND_CEILING = 1,    /* towards plus infinity */
    _PyTime_ROUND_HALF_EVEN = 2,
    _PyTime_ROUND_UP = 3,         /* away from zero */
    _PyTime_ROUND_TIMEOUT = _PyTime_ROUND_UP
} _PyTime_round_t;

/* A constant number of seconds. */
#define _PYTIME_FROMSECONDS(seconds) ((_PyTime_t)(seconds) * (1000 * 1000 * 1000))

/* What time.get_clock_info() tells. */
typedef struct {
    const char *implementation;  /* C function used */
    int monotonic;
    int adjustable;
    double resolution;           /* in seconds */
} _Py_clock_info_t;

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(_PyTime_t) _PyDeadline_Get(_PyTime_t);
PyAPI_FUNC(_PyTime_t) _PyDeadline_Init(_PyTime_t);
PyAPI_FUNC(time_t) _PyLong_AsTime_t(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_FromTime_t(time_t);
PyAPI_FUNC(_PyTime_t) _PyTime_Add(_PyTime_t, _PyTime_t);
PyAPI_FUNC(_PyTime_t) _PyTime_AsMicroseconds(_PyTime_t, _PyTime_round_t);
PyAPI_FUNC(_PyTime_t) _PyTime_AsMilliseconds(_PyTime_t, _PyTime_round_t);
PyAPI_FUNC(_PyTime_t) _PyTime_AsNanoseconds(_PyTime_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyTime_AsNanosecondsObject(_PyTime_t);
PyAPI_FUNC(double) _PyTime_AsSecondsDouble(_PyTime_t);
PyAPI_FUNC(int) _PyTime_AsTimespec(_PyTime_t, struct timespec *);
PyAPI_FUNC(void) _PyTime_AsTimespec_clamp(_PyTime_t, struct timespec *);
PyAPI_FUNC(int) _PyTime_AsTimeval(_PyTime_t, struct timeval *, _PyTime_round_t);
PyAPI_FUNC(int) _PyTime_AsTimevalTime_t(_PyTime_t, time_t *, int *, _PyTime_round_t);
PyAPI_FUNC(void) _PyTime_AsTimeval_clamp(_PyTime_t, struct timeval *, _PyTime_round_t);
PyAPI_FUNC(_PyTime_t) _PyTime_FromMicrosecondsClamp(_PyTime_t);
PyAPI_FUNC(int) _PyTime_FromMillisecondsObject(_PyTime_t *, PyObject *, _PyTime_round_t);
PyAPI_FUNC(_PyTime_t) _PyTime_FromNanoseconds(_PyTime_t);
PyAPI_FUNC(int) _PyTime_FromNanosecondsObject(_PyTime_t *, PyObject *);
PyAPI_FUNC(_PyTime_t) _PyTime_FromSeconds(int);
PyAPI_FUNC(int) _PyTime_FromSecondsObject(_PyTime_t *, PyObject *, _PyTime_round_t);
PyAPI_FUNC(int) _PyTime_FromTimespec(_PyTime_t *, struct timespec *);
PyAPI_FUNC(int) _PyTime_FromTimeval(_PyTime_t *, struct timeval *);
PyAPI_FUNC(_PyTime_t) _PyTime_GetMonotonicClock(void);
PyAPI_FUNC(int) _PyTime_GetMonotonicClockWithInfo(_PyTime_t *, _Py_clock_info_t *);
PyAPI_FUNC(_PyTime_t) _PyTime_GetPerfCounter(void);
PyAPI_FUNC(int) _PyTime_GetPerfCounterWithInfo(_PyTime_t *, _Py_clock_info_t *);
PyAPI_FUNC(_PyTime_t) _PyTime_GetSystemClock(void);
PyAPI_FUNC(int) _PyTime_GetSystemClockWithInfo(_PyTime_t *, _Py_clock_info_t *);
PyAPI_FUNC(_PyTime_t) _PyTime_MulDiv(_PyTime_t, _PyTime_t, _PyTime_t);
PyAPI_FUNC(int) _PyTime_ObjectToTime_t(PyObject *, time_t *, _PyTime_round_t);
PyAPI_FUNC(int) _PyTime_ObjectToTimespec(PyObject *, time_t *, long *, _PyTime_round_t);
PyAPI_FUNC(int) _PyTime_ObjectToTimeval(PyObject *, time_t *, long *, _PyTime_round_t);
PyAPI_FUNC(int) _PyTime_gmtime(time_t, struct tm *);
PyAPI_FUNC(int) _PyTime_localtime(time_t, struct tm *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_PYTIME_H */
