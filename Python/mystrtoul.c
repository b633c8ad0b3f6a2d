/* mystrtoul.c - PyOS_strtoul() and PyOS_strtol(): numbers of C in any base, whatever the locale.
 *
 * Written from the C API reference ("String conversion and formatting") and by comparing results
 * with CPython 3.12, tables of texts and bases in the unit test. */
#include "Python.h"

#include <errno.h>
#include <limits.h>

/* Value of a digit, 36 or more for what is none in any base. */
static unsigned int
digit_value(char c)
{
    if (Py_ISDIGIT(c)) {
        return (unsigned int)(c - '0');
    }
    return Py_ISALPHA(c) ? (unsigned int)(Py_TOLOWER(c) - 'a') + 10 : 36;
}

/* Base that the letter of a prefix stands for, or 0. */
static int
prefix_base(char c)
{
    switch (Py_TOLOWER(c)) {
        case 'x': return 16;
        case 'o': return 8;
        case 'b': return 2;
        default: return 0;
    }
}

/* The number at the start of `str`, after white space; base 0 goes by the prefix.  *ptr, if wanted,
 * gets the end of what was understood.  Too large a number is ULONG_MAX with ERANGE, and is read
 * to its end. */
unsigned long
PyOS_strtoul(const char *str, char **ptr, int base)
{
    unsigned long result = 0;
    int overflow = 0;
    while (*str != '\0' && Py_ISSPACE(*str)) {
        str++;
    }
    if (base != 0 && (base < 2 || base > 36)) {
        goto done;
    }
    if (*str == '0') {
        int prefix = prefix_base(str[1]);
        if (prefix != 0 && (base == 0 || base == prefix)) {
            if (digit_value(str[2]) >= (unsigned int)prefix) {
                str++;          /* only the zero counts */
                goto done;
            }
            base = prefix;
            str += 2;
        }
        else if (base == 0) {   /* no octal numbers of the old kind */
            while (*str == '0') {
                str++;
            }
            goto done;
        }
    }
    if (base == 0) {
        base = 10;
    }
    for (unsigned int digit; (digit = digit_value(*str)) < (unsigned int)base; str++) {
        overflow |= __builtin_mul_overflow(result, (unsigned long)base, &result);
        overflow |= __builtin_add_overflow(result, (unsigned long)digit, &result);
    }
    if (overflow) {
        errno = ERANGE;
        result = ULONG_MAX;
    }
done:
    if (ptr != NULL) {
        *ptr = (char *)str;
    }
    return result;
}

/* The same with a sign; too large a number of either sign is LONG_MAX with ERANGE. */
long
PyOS_strtol(const char *str, char **ptr, int base)
{
    while (*str != '\0' && Py_ISSPACE(*str)) {
        str++;
    }
    char sign = *str;
    if (sign == '+' || sign == '-') {
        str++;
    }
    unsigned long value = PyOS_strtoul(str, ptr, base);
    if (value <= (unsigned long)LONG_MAX) {
        return sign == '-' ? -(long)value : (long)value;
    }
    if (sign == '-' && value == (unsigned long)LONG_MAX + 1) {
        return LONG_MIN;
    }
    errno = ERANGE;
    return LONG_MAX;
}
