/* Comparison of C strings without regard to ASCII case. */
#include "Python.h"

/* At most size characters; the sign of the first difference. */
int
PyOS_mystrnicmp(const char *s1, const char *s2, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char a = Py_TOLOWER((unsigned char)s1[i]), b = Py_TOLOWER((unsigned char)s2[i]);
        if (a != b || a == '\0') {
            return a - b;
        }
    }
    return 0;
}

int
PyOS_mystricmp(const char *s1, const char *s2)
{
    return PyOS_mystrnicmp(s1, s2, PY_SSIZE_T_MAX);
}
