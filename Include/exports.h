/* Symbol visibility: what a shared object exports, imports or keeps to itself.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_EXPORTS_H
#define Py_EXPORTS_H

#if defined(__GNUC__) || defined(__clang__)
#  define Py_IMPORTED_SYMBOL __attribute__((visibility("default")))
#  define Py_EXPORTED_SYMBOL __attribute__((visibility("default")))
#  define Py_LOCAL_SYMBOL __attribute__((visibility("hidden")))
#else
#  define Py_IMPORTED_SYMBOL
#  define Py_EXPORTED_SYMBOL
#  define Py_LOCAL_SYMBOL
#endif

#endif  /* !Py_EXPORTS_H */
