/* The capsule `unicodedata._ucnhash_CAPI`: character names for \N{...} and namereplace. */
#ifndef Py_INTERNAL_UCNHASH_H
#define Py_INTERNAL_UCNHASH_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define PyUnicodeData_CAPSULE_NAME "unicodedata._ucnhash_CAPI"

typedef struct _PyUnicode_Name_CAPI {
    /* Write the name of `code` to buffer; 1 on success, 0 when it has none (no exception). */
    int (*getname)(Py_UCS4 code, char *buffer, int buflen, int with_alias_and_seq);
    /* Find the character called name[:namelen]; 1 and *code on success, else 0. */
    int (*getcode)(const char *name, int namelen, Py_UCS4 *code, int with_named_seq);
} _PyUnicode_Name_CAPI;

/* The capsule's pointer (borrowed), imported once per interpreter; NULL with an exception. */
extern _PyUnicode_Name_CAPI *_PyUnicode_GetNameCAPI(void);

#endif
