/* The version of Python that this core implements.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PATCHLEVEL_H
#define Py_PATCHLEVEL_H

/* Values of PY_RELEASE_LEVEL. */
#define PY_RELEASE_LEVEL_ALPHA 10
#define PY_RELEASE_LEVEL_BETA  11
#define PY_RELEASE_LEVEL_GAMMA 12
#define PY_RELEASE_LEVEL_FINAL 0xF

#define PY_MAJOR_VERSION 3
#define PY_MINOR_VERSION 12
#define PY_MICRO_VERSION 1
#define PY_RELEASE_LEVEL PY_RELEASE_LEVEL_FINAL
#define PY_RELEASE_SERIAL 0

/* The same as text. */
#define PY_VERSION "3.12.1"

/* The same as one number for comparisons: 0x030c01f0. */
#define PY_VERSION_HEX ((PY_MAJOR_VERSION << 24) | (PY_MINOR_VERSION << 16) | \
                        (PY_MICRO_VERSION << 8) | (PY_RELEASE_LEVEL << 4) | \
                        (PY_RELEASE_SERIAL << 0))

#endif  /* !Py_PATCHLEVEL_H */
