/* Counters of a statistics build. This core has none; the two macros are part of the API.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYSTATS_H
#define Py_PYSTATS_H

#define _Py_INCREF_STAT_INC() ((void)0)
#define _Py_DECREF_STAT_INC() ((void)0)

#endif  /* !Py_PYSTATS_H */
