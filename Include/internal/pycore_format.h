/* Flags of %-style formatting: what stands between % and the width. */
#ifndef Py_INTERNAL_FORMAT_H
#define Py_INTERNAL_FORMAT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#define F_LJUST (1 << 0)        /* - */
#define F_SIGN  (1 << 1)        /* + */
#define F_BLANK (1 << 2)        /* space */
#define F_ALT   (1 << 3)        /* # */
#define F_ZERO  (1 << 4)        /* 0 */

#endif
