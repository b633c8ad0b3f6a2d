/* The program `python`: everything is in Py_BytesMain(). */
#include "Python.h"

int
main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
