/* The instances of Objects/stringops/search.h: one per character width (see there). */
#include "Python.h"
#include "pycore_stringops.h"   // the prototypes

#include <wchar.h>              // wmemchr

#define CHAR Py_UCS1
#define OP(x) _PyUCS1_##x
#include "../stringops/search.h"
#undef CHAR
#undef OP

#define CHAR Py_UCS2
#define OP(x) _PyUCS2_##x
#include "../stringops/search.h"
#undef CHAR
#undef OP

#define CHAR Py_UCS4
#define OP(x) _PyUCS4_##x
#include "../stringops/search.h"
