/* The empty table of frozen modules: linked into the bootstrap interpreter and the unit tests. */
#include "Python.h"
#include "pycore_import.h"

const struct _PyFrozenModule _PyFrozen_Modules[] = {{NULL, NULL, 0, NULL, NULL}};

int
_PyFrozen_Init(PyThreadState *Py_UNUSED(tstate))
{
    return 0;
}
