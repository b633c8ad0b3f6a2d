/* Template: cutting a sequence of characters into a list of pieces.
 *
 * The including file defines
 *   CHAR          element type
 *   OP(x)         name of an instance
 *   FIND, RFIND   search functions of that width
 *   PIECE(whole, s, i, j)   new reference: the piece s[i:j] of the object `whole`
 *   IS_SPACE(c)   white space
 *   IS_BREAK(c)   line boundary
 *
 * Every function returns a new list or NULL with an exception.  max is the greatest number of cuts.
 */

static int
OP(add)(PyObject *list, PyObject *whole, const CHAR *s, Py_ssize_t i, Py_ssize_t j)
{
    (void)s;                    /* not every PIECE needs it */
    assert(0 <= i && i <= j);
    PyObject *piece = PIECE(whole, s, i, j);
    if (piece == NULL) {
        return -1;
    }
    int res = PyList_Append(list, piece);
    Py_DECREF(piece);
    return res;
}

static PyObject *
OP(split_space)(PyObject *whole, const CHAR *s, Py_ssize_t n, Py_ssize_t max)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t i = 0;
    for (;;) {
        while (i < n && IS_SPACE(s[i])) {
            i++;
        }
        if (i == n) {
            return list;
        }
        Py_ssize_t j = i;
        if (max-- > 0) {
            while (j < n && !IS_SPACE(s[j])) {
                j++;
            }
        }
        else {
            j = n;
        }
        if (OP(add)(list, whole, s, i, j) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        i = j;
    }
}

static PyObject *
OP(rsplit_space)(PyObject *whole, const CHAR *s, Py_ssize_t n, Py_ssize_t max)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t j = n;
    for (;;) {
        while (j > 0 && IS_SPACE(s[j - 1])) {
            j--;
        }
        if (j == 0) {
            break;
        }
        Py_ssize_t i = j;
        if (max-- > 0) {
            while (i > 0 && !IS_SPACE(s[i - 1])) {
                i--;
            }
        }
        else {
            i = 0;
        }
        if (OP(add)(list, whole, s, i, j) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        j = i;
    }
    if (PyList_Reverse(list) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

static PyObject *
OP(split_by)(PyObject *whole, const CHAR *s, Py_ssize_t n, const CHAR *sep, Py_ssize_t m,
             Py_ssize_t max)
{
    assert(m > 0);
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t i = 0;
    while (max-- > 0) {
        Py_ssize_t step = FIND(s + i, n - i, sep, m);
        if (step < 0) {
            break;
        }
        if (OP(add)(list, whole, s, i, i + step) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        i += step + m;
    }
    if (OP(add)(list, whole, s, i, n) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

static PyObject *
OP(rsplit_by)(PyObject *whole, const CHAR *s, Py_ssize_t n, const CHAR *sep, Py_ssize_t m,
              Py_ssize_t max)
{
    assert(m > 0);
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t j = n;
    while (max-- > 0) {
        Py_ssize_t pos = RFIND(s, j, sep, m);
        if (pos < 0) {
            break;
        }
        if (OP(add)(list, whole, s, pos + m, j) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        j = pos;
    }
    if (OP(add)(list, whole, s, 0, j) < 0 || PyList_Reverse(list) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

static PyObject *
OP(splitlines)(PyObject *whole, const CHAR *s, Py_ssize_t n, int keepends)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; ) {
        Py_ssize_t j = i;
        while (j < n && !IS_BREAK(s[j])) {
            j++;
        }
        Py_ssize_t next = j;
        if (j < n) {
            next += s[j] == '\r' && j + 1 < n && s[j + 1] == '\n' ? 2 : 1;
        }
        if (OP(add)(list, whole, s, i, keepends ? next : j) < 0) {
            Py_DECREF(list);
            return NULL;
        }
        i = next;
    }
    return list;
}
