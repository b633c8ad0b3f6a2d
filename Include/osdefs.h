/* Characters of the platform's paths.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_OSDEFS_H
#define Py_OSDEFS_H

#define SEP L'/'
#define DELIM L':'
#ifndef MAXPATHLEN
#  define MAXPATHLEN 4096
#endif

#endif  /* !Py_OSDEFS_H */
