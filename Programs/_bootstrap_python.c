/* The bootstrap interpreter: the core without frozen modules, used by the build to make them. */
#include "Python.h"
#include "pycore_import.h"

const struct _PyFrozenModule _PyFrozen_Modules[] = {{NULL, NULL, 0, NULL}};

int
_PyFrozen_Init(PyThreadState *Py_UNUSED(tstate))
{
    return 0;
}

int
main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
