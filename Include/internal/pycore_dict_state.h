/* pycore_dict_state.h - what an interpreter keeps for its dicts.
 *
 * Struct only, so that pycore_interp.h can embed it.  Written from PEP 509 (version tags) and the
 * C API reference of dict watchers.
 */
#ifndef Py_INTERNAL_DICT_STATE_H
#define Py_INTERNAL_DICT_STATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define DICT_MAX_WATCHERS 8

struct _Py_dict_state {
    /* Last version tag handed out, in steps of DICT_VERSION_INCREMENT; the low byte stays 0.
       Written by the holder of the GIL. */
    uint64_t global_version;
    /* Callbacks of PyDict_AddWatcher, by watcher id; NULL = free id. */
    PyDict_WatchCallback watchers[DICT_MAX_WATCHERS];
};

#endif /* !Py_INTERNAL_DICT_STATE_H */
