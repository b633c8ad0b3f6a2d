/* snprintf with a guaranteed NUL and one error convention.
 *
 * The result is the length without limit; 0 <= result < size means that all was written.  A size
 * above INT_MAX is refused with -666.
 */
#include "Python.h"

int
PyOS_vsnprintf(char *str, size_t size, const char *format, va_list va)
{
    assert(str != NULL && size > 0 && format != NULL);
    int len;
    if (size > INT_MAX - 512) {
        len = -666;
    }
    else {
        len = vsnprintf(str, size, format, va);
    }
    if (size > 0) {
        str[size - 1] = '\0';
    }
    return len;
}

int
PyOS_snprintf(char *str, size_t size, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    int len = PyOS_vsnprintf(str, size, format, va);
    va_end(va);
    return len;
}
