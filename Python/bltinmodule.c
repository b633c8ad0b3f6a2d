/* The module builtins: the functions of the language that are always there.
 *
 * Iterator types (map, filter, zip) are in bltin_iter.c, class statements in bltin_class.c,
 * print() and input() in bltin_io.c.  `open` and the exceptions are added by their owners.
 * Written from the library reference (Built-in Functions), help() of 3.12 and observed
 * behaviour. */

#include "Python.h"
#include "pycore_ast.h"         // PyAST_obj2mod()
#include "pycore_bltin.h"       // parts in other files
#include "pycore_ceval.h"       // _PyEval_GetFrameLocals()
#include "pycore_compile.h"     // _PyAST_Compile()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_import.h"      // _PyFrozen_FixSpec()
#include "pycore_lifecycle.h"   // _PyBuiltin_Init()
#include "pycore_long.h"        // _PyLong_CompactValue()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pyarena.h"     // _PyArena_New()
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_signature.h"   // wrappers
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

#include "sig/bltinmodule.sig.h"

/* ---- numbers ------------------------------------------------------------- */

/*sig abs(module, x, /)

Return the absolute value of the argument.
*/
static PyObject *
builtin_abs_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    return PyNumber_Absolute(x);
}

/*sig divmod(module, x, y, /)

Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.
*/
static PyObject *
builtin_divmod_impl(PyObject *Py_UNUSED(module), PyObject *x, PyObject *y)
{
    return PyNumber_Divmod(x, y);
}

/*sig pow(module, base, exp, mod=None)

Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.

Some types, such as ints, are able to use a more efficient algorithm when
invoked using the three argument form.
*/
static PyObject *
builtin_pow_impl(PyObject *Py_UNUSED(module), PyObject *base, PyObject *exp, PyObject *mod)
{
    return PyNumber_Power(base, exp, mod);
}

/*sig round(module, number, ndigits=None)

Round a number to a given precision in decimal digits.

The return value is an integer if ndigits is omitted or None.  Otherwise
the return value has the same type as the number.  ndigits may be negative.
*/
static PyObject *
builtin_round_impl(PyObject *Py_UNUSED(module), PyObject *number, PyObject *ndigits)
{
    PyObject *meth = _PyObject_LookupSpecial(number, &_Py_ID(__round__));
    if (meth == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __round__ method",
                         Py_TYPE(number)->tp_name);
        }
        return NULL;
    }
    PyObject *res = Py_IsNone(ndigits) ? PyObject_CallNoArgs(meth)
                                       : PyObject_CallOneArg(meth, ndigits);
    Py_DECREF(meth);
    return res;
}

/*sig bin(module, number, /)

Return the binary representation of an integer.

   >>> bin(2796202)
   '0b1010101010101010101010'
*/
static PyObject *
builtin_bin_impl(PyObject *Py_UNUSED(module), PyObject *number)
{
    return PyNumber_ToBase(number, 2);
}

/*sig oct(module, number, /)

Return the octal representation of an integer.

   >>> oct(342391)
   '0o1234567'
*/
static PyObject *
builtin_oct_impl(PyObject *Py_UNUSED(module), PyObject *number)
{
    return PyNumber_ToBase(number, 8);
}

/*sig hex(module, number, /)

Return the hexadecimal representation of an integer.

   >>> hex(12648430)
   '0xc0ffee'
*/
static PyObject *
builtin_hex_impl(PyObject *Py_UNUSED(module), PyObject *number)
{
    return PyNumber_ToBase(number, 16);
}

/*sig chr(module, i: int, /)

Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.
*/
static PyObject *
builtin_chr_impl(PyObject *Py_UNUSED(module), int i)
{
    return PyUnicode_FromOrdinal(i);
}

/*sig ord(module, c, /)

Return the Unicode code point for a one-character string.
*/
static PyObject *
builtin_ord_impl(PyObject *Py_UNUSED(module), PyObject *c)
{
    Py_ssize_t size;
    if (PyBytes_Check(c)) {
        size = PyBytes_GET_SIZE(c);
        if (size == 1) {
            return PyLong_FromLong((unsigned char)*PyBytes_AS_STRING(c));
        }
    }
    else if (PyUnicode_Check(c)) {
        size = PyUnicode_GET_LENGTH(c);
        if (size == 1) {
            return PyLong_FromLong((long)PyUnicode_READ_CHAR(c, 0));
        }
    }
    else if (PyByteArray_Check(c)) {
        size = PyByteArray_GET_SIZE(c);
        if (size == 1) {
            return PyLong_FromLong((unsigned char)*PyByteArray_AS_STRING(c));
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "ord() expected string of length 1, but %.200s found",
                     Py_TYPE(c)->tp_name);
        return NULL;
    }
    PyErr_Format(PyExc_TypeError, "ord() expected a character, but string of length %zd found",
                 size);
    return NULL;
}

/* ---- sum ----------------------------------------------------------------- */

/* Sum of ints while they fit a long: goes on from *result, which stays owned.  Returns the item
 * that did not fit (the caller adds it), NULL at the end or on error. */
static PyObject *
sum_ints(PyObject *iter, PyObject **result, int *done)
{
    int overflow;
    long total = PyLong_AsLongAndOverflow(*result, &overflow);
    PyObject *item = NULL;
    *done = 0;
    if (overflow) {
        return NULL;
    }
    Py_CLEAR(*result);
    for (;;) {
        item = PyIter_Next(iter);
        if (item == NULL) {
            *done = 1;
            if (PyErr_Occurred()) {
                return NULL;
            }
            break;
        }
        if (!PyLong_CheckExact(item) && !PyBool_Check(item)) {
            break;
        }
        long b = PyLong_AsLongAndOverflow(item, &overflow);
        long next;
        if (overflow || __builtin_add_overflow(total, b, &next)) {
            break;
        }
        total = next;
        Py_DECREF(item);
    }
    *result = PyLong_FromLong(total);
    if (*result == NULL) {
        Py_CLEAR(item);
        *done = 1;
    }
    return item;
}

/* Sum of floats (and ints among them), compensated (Neumaier 1974): sum carries the leading part,
 * c what was lost. */
static PyObject *
sum_floats(PyObject *iter, PyObject **result, int *done)
{
    double sum = PyFloat_AS_DOUBLE(*result);
    double c = 0.0;
    PyObject *item;
    *done = 0;
    Py_CLEAR(*result);
    for (;;) {
        item = PyIter_Next(iter);
        if (item == NULL) {
            *done = 1;
            if (PyErr_Occurred()) {
                return NULL;
            }
            break;
        }
        if (PyFloat_CheckExact(item)) {
            double x = PyFloat_AS_DOUBLE(item);
            double t = sum + x;
            if (fabs(sum) >= fabs(x)) {
                c += (sum - t) + x;
            }
            else {
                c += (x - t) + sum;
            }
            sum = t;
        }
        else if (PyLong_Check(item)) {
            int overflow;
            long value = PyLong_AsLongAndOverflow(item, &overflow);
            if (overflow) {
                break;
            }
            sum += (double)value;
        }
        else {
            break;
        }
        Py_DECREF(item);
    }
    if (c != 0.0 && Py_IS_FINITE(c)) {
        sum += c;
    }
    *result = PyFloat_FromDouble(sum);
    if (*result == NULL) {
        Py_CLEAR(item);
        *done = 1;
    }
    return item;
}

static PyObject *
sum_start(PyObject *start)
{
    if (start == NULL) {
        return PyLong_FromLong(0);
    }
    const char *hint = PyUnicode_Check(start)
                       ? "sum() can't sum strings [use ''.join(seq) instead]"
                       : PyBytes_Check(start)
                       ? "sum() can't sum bytes [use b''.join(seq) instead]"
                       : PyByteArray_Check(start)
                       ? "sum() can't sum bytearray [use b''.join(seq) instead]" : NULL;
    if (hint != NULL) {
        PyErr_SetString(PyExc_TypeError, hint);
        return NULL;
    }
    return Py_NewRef(start);
}

/*sig sum(module, iterable, /, start: object = c"NULL" py"0")

Return the sum of a 'start' value (default: 0) plus an iterable of numbers

When the iterable is empty, return the start value.
This function is intended specifically for use with numeric values and may
reject non-numeric types.
*/
static PyObject *
builtin_sum_impl(PyObject *Py_UNUSED(module), PyObject *iterable, PyObject *start)
{
    PyObject *iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        return NULL;
    }
    PyObject *result = sum_start(start);
    if (result == NULL) {
        Py_DECREF(iter);
        return NULL;
    }
    PyObject *item = NULL;
    int done = 0;
    if (PyLong_CheckExact(result)) {
        item = sum_ints(iter, &result, &done);
        if (!done && item != NULL) {
            PyObject *next = PyNumber_Add(result, item);
            Py_DECREF(item);
            Py_SETREF(result, next);
            item = NULL;
            done = result == NULL;
        }
    }
    if (!done && result != NULL && PyFloat_CheckExact(result)) {
        item = sum_floats(iter, &result, &done);
        if (!done && item != NULL) {
            PyObject *next = PyNumber_Add(result, item);
            Py_DECREF(item);
            Py_SETREF(result, next);
            done = result == NULL;
        }
    }
    while (!done) {
        item = PyIter_Next(iter);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                Py_CLEAR(result);
            }
            break;
        }
        /* Not in place: start belongs to the caller. */
        PyObject *next = PyNumber_Add(result, item);
        Py_DECREF(item);
        Py_SETREF(result, next);
        done = result == NULL;
    }
    Py_DECREF(iter);
    return result;
}

/* ---- min, max ------------------------------------------------------------ */

PyDoc_STRVAR(min__doc__,
"min(iterable, *[, default=obj, key=func]) -> value\n"
"min(arg1, arg2, *args, *[, key=func]) -> value\n\n"
"With a single iterable argument, return its smallest item. The\n"
"default keyword-only argument specifies an object to return if\n"
"the provided iterable is empty.\n"
"With two or more arguments, return the smallest argument.");
PyDoc_STRVAR(max__doc__,
"max(iterable, *[, default=obj, key=func]) -> value\n"
"max(arg1, arg2, *args, *[, key=func]) -> value\n\n"
"With a single iterable argument, return its biggest item. The\n"
"default keyword-only argument specifies an object to return if\n"
"the provided iterable is empty.\n"
"With two or more arguments, return the largest argument.");

/* The keyword arguments key and default, borrowed. */
static int
min_max_keywords(const char *name, PyObject *const *values, PyObject *kwnames, PyObject **key,
                 PyObject **dflt)
{
    Py_ssize_t n = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (n > 2) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 2 keyword arguments (%zd given)", name,
                     n);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *kw = PyTuple_GET_ITEM(kwnames, i);
        if (_PyUnicode_EqualToASCIIString(kw, "key")) {
            *key = values[i];
        }
        else if (_PyUnicode_EqualToASCIIString(kw, "default")) {
            *dflt = values[i];
        }
        else {
            PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for %s()", kw, name);
            return -1;
        }
    }
    return 0;
}

/* Best of the iterator's items; the item that wins stays.  *best NULL: no items.  0 or -1. */
static int
best_of(PyObject *it, PyObject *key, int op, PyObject **best)
{
    PyObject *maxitem = NULL, *maxval = NULL, *item;
    while ((item = PyIter_Next(it)) != NULL) {
        PyObject *val = key == NULL ? Py_NewRef(item) : PyObject_CallOneArg(key, item);
        if (val == NULL) {
            goto fail;
        }
        int better = maxval == NULL ? 1 : PyObject_RichCompareBool(val, maxval, op);
        if (better < 0) {
            Py_DECREF(val);
            goto fail;
        }
        if (better) {
            Py_XSETREF(maxitem, item);
            Py_XSETREF(maxval, val);
        }
        else {
            Py_DECREF(item);
            Py_DECREF(val);
        }
    }
    if (PyErr_Occurred()) {
        goto fail;
    }
    Py_XDECREF(maxval);
    *best = maxitem;
    return 0;
fail:
    Py_XDECREF(item);
    Py_XDECREF(maxitem);
    Py_XDECREF(maxval);
    return -1;
}

static PyObject *
min_max(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, int op)
{
    const char *name = op == Py_LT ? "min" : "max";
    PyObject *key = NULL, *dflt = NULL, *best = NULL;
    if (nargs == 0) {
        PyErr_Format(PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
        return NULL;
    }
    if (min_max_keywords(name, args + nargs, kwnames, &key, &dflt) < 0) {
        return NULL;
    }
    if (nargs > 1 && dflt != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "Cannot specify a default for %s() with multiple positional arguments", name);
        return NULL;
    }
    if (key == Py_None) {
        key = NULL;
    }
    PyObject *source = args[0];
    if (nargs > 1) {
        source = PyTuple_New(nargs);
        if (source == NULL) {
            return NULL;
        }
        for (Py_ssize_t i = 0; i < nargs; i++) {
            PyTuple_SET_ITEM(source, i, Py_NewRef(args[i]));
        }
    }
    PyObject *it = PyObject_GetIter(source);
    if (nargs > 1) {
        Py_DECREF(source);
    }
    if (it == NULL) {
        return NULL;
    }
    int err = best_of(it, key, op, &best);
    Py_DECREF(it);
    if (err < 0) {
        return NULL;
    }
    if (best == NULL) {
        if (dflt != NULL) {
            return Py_NewRef(dflt);
        }
        PyErr_Format(PyExc_ValueError, "%s() iterable argument is empty", name);
    }
    return best;
}

static PyObject *
builtin_min(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_LT);
}

static PyObject *
builtin_max(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_GT);
}

/* ---- objects ------------------------------------------------------------- */

/*sig ascii(module, obj, /)

Return an ASCII-only representation of an object.

As repr(), return a string containing a printable representation of an
object, but escape the non-ASCII characters in the string returned by
repr() using \\x, \\u or \\U escapes. This generates a string similar
to that returned by repr() in Python 2.
*/
static PyObject *
builtin_ascii_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyObject_ASCII(obj);
}

/*sig repr(module, obj, /)

Return the canonical string representation of the object.

For many object types, including most builtins, eval() will return
this object.
*/
static PyObject *
builtin_repr_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyObject_Repr(obj);
}

/*sig callable(module, obj, /)

Return whether the object is callable (i.e., some kind of function).

Note that classes are callable, as are instances of classes with a
__call__() method.
*/
static PyObject *
builtin_callable_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyBool_FromLong(PyCallable_Check(obj));
}

/*sig format(module, value, format_spec: unicode = c"NULL" py"''", /)

Return type(value).__format__(value, format_spec)

Many built-in types implement format_spec according to the
Format Specification Mini-language. See help('FORMATTING') for
details.
*/
static PyObject *
builtin_format_impl(PyObject *Py_UNUSED(module), PyObject *value, PyObject *format_spec)
{
    return PyObject_Format(value, format_spec);
}

/*sig hash(module, obj, /)

Return the hash value for the given object.

Two objects that compare equal must also have the same hash value, but the
reverse is not necessarily true.
*/
static PyObject *
builtin_hash_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    Py_hash_t x = PyObject_Hash(obj);
    return x == -1 ? NULL : PyLong_FromSsize_t(x);
}

/*sig id(module, obj, /)

Return the identity of an object.

This is guaranteed to be unique among simultaneously existing objects.
*/
static PyObject *
builtin_id_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    PyObject *id = PyLong_FromVoidPtr(obj);
    if (id != NULL && PySys_Audit("builtins.id", "O", id) < 0) {
        Py_CLEAR(id);
    }
    return id;
}

/*sig delattr(module, obj, name, /)

Deletes the named attribute from the given object.

delattr(x, 'y') is equivalent to ``del x.y``
*/
static PyObject *
builtin_delattr_impl(PyObject *Py_UNUSED(module), PyObject *obj, PyObject *name)
{
    if (PyObject_DelAttr(obj, name) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig setattr(module, obj, name, value, /)

Sets the named attribute on the given object to the specified value.

setattr(x, 'y', v) is equivalent to ``x.y = v``
*/
static PyObject *
builtin_setattr_impl(PyObject *Py_UNUSED(module), PyObject *obj, PyObject *name, PyObject *value)
{
    if (PyObject_SetAttr(obj, name, value) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig getattr(module, object, name, default=NULL, /)

Get a named attribute from an object.

getattr(x, 'y') is equivalent to ``x.y``

When a default argument is given, it is returned when the attribute doesn't
exist; without it, an exception is raised in that case.
*/
static PyObject *
builtin_getattr_impl(PyObject *Py_UNUSED(module), PyObject *object, PyObject *name, PyObject *dflt)
{
    if (dflt == NULL) {
        return PyObject_GetAttr(object, name);
    }
    PyObject *value;
    if (_PyObject_LookupAttr(object, name, &value) == 0) {
        return Py_NewRef(dflt);
    }
    return value;
}

/*sig hasattr(module, obj, name, /)

Return whether the object has an attribute with the given name.

This is done by calling getattr(obj, name) and catching AttributeError.
*/
static PyObject *
builtin_hasattr_impl(PyObject *Py_UNUSED(module), PyObject *obj, PyObject *name)
{
    PyObject *value;
    int found = _PyObject_LookupAttr(obj, name, &value);
    if (found < 0) {
        return NULL;
    }
    Py_XDECREF(value);
    return PyBool_FromLong(found);
}

PyDoc_STRVAR(isinstance__doc__,
"isinstance($module, obj, class_or_tuple, /)\n"
"--\n\n"
"Return whether an object is an instance of a class or of a subclass thereof.\n\n"
"A tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to\n"
"check against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)\n"
"or ...`` etc.");

PyObject *
_PyBuiltin_IsInstance(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("isinstance", nargs, 2, 2)) {
        return NULL;
    }
    int res = PyObject_IsInstance(args[0], args[1]);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

/*sig issubclass(module, cls, class_or_tuple, /)

Return whether 'cls' is derived from another class or is the same class.

A tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to
check against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)
or ...``.
*/
static PyObject *
builtin_issubclass_impl(PyObject *Py_UNUSED(module), PyObject *cls, PyObject *class_or_tuple)
{
    int res = PyObject_IsSubclass(cls, class_or_tuple);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

PyDoc_STRVAR(len__doc__,
"len($module, obj, /)\n"
"--\n\n"
"Return the number of items in a container.");

PyObject *
_PyBuiltin_Len(PyObject *Py_UNUSED(module), PyObject *obj)
{
    Py_ssize_t n = PyObject_Size(obj);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/* ---- iteration ----------------------------------------------------------- */

/* 1 if a (not: no) item is true, looking for `wanted`; -1 with an exception. */
static int
search_truth(PyObject *iterable, int wanted)
{
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return -1;
    }
    iternextfunc iternext = Py_TYPE(it)->tp_iternext;
    PyObject *item;
    while ((item = iternext(it)) != NULL) {
        int truth = PyObject_IsTrue(item);
        Py_DECREF(item);
        if (truth < 0 || (truth != 0) == wanted) {
            Py_DECREF(it);
            return truth < 0 ? -1 : 1;
        }
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

/*sig all(module, iterable, /)

Return True if bool(x) is True for all values x in the iterable.

If the iterable is empty, return True.
*/
static PyObject *
builtin_all_impl(PyObject *Py_UNUSED(module), PyObject *iterable)
{
    int found = search_truth(iterable, 0);
    return found < 0 ? NULL : PyBool_FromLong(!found);
}

/*sig any(module, iterable, /)

Return True if bool(x) is True for any x in the iterable.

If the iterable is empty, return False.
*/
static PyObject *
builtin_any_impl(PyObject *Py_UNUSED(module), PyObject *iterable)
{
    int found = search_truth(iterable, 1);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

/*sig iter(module, object, sentinel=NULL, /)

Get an iterator from an object.

In the first form, the argument must supply its own iterator, or be a sequence.
In the second form, the callable is called until it returns the sentinel.
*/
static PyObject *
builtin_iter_impl(PyObject *Py_UNUSED(module), PyObject *object, PyObject *sentinel)
{
    if (sentinel == NULL) {
        return PyObject_GetIter(object);
    }
    if (!PyCallable_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "iter(object, sentinel): object must be callable");
        return NULL;
    }
    return PyCallIter_New(object, sentinel);
}

/*sig next(module, iterator, default=NULL, /)

Return the next item from the iterator.

If default is given and the iterator is exhausted,
it is returned instead of raising StopIteration.
*/
static PyObject *
builtin_next_impl(PyObject *Py_UNUSED(module), PyObject *iterator, PyObject *dflt)
{
    if (!PyIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator",
                     Py_TYPE(iterator)->tp_name);
        return NULL;
    }
    PyObject *res = Py_TYPE(iterator)->tp_iternext(iterator);
    if (res != NULL) {
        return res;
    }
    if (dflt != NULL) {
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return NULL;
            }
            PyErr_Clear();
        }
        return Py_NewRef(dflt);
    }
    if (!PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

/*sig aiter(module, async_iterable, /)

Return an AsyncIterator for an AsyncIterable object.
*/
static PyObject *
builtin_aiter_impl(PyObject *Py_UNUSED(module), PyObject *async_iterable)
{
    return PyObject_GetAIter(async_iterable);
}

/*sig anext(module, aiterator, default=NULL, /)

async anext(aiterator[, default])

Return the next item from the async iterator.  If default is given and the async
iterator is exhausted, it is returned instead of raising StopAsyncIteration.
*/
static PyObject *
builtin_anext_impl(PyObject *Py_UNUSED(module), PyObject *aiterator, PyObject *dflt)
{
    PyTypeObject *t = Py_TYPE(aiterator);
    if (t->tp_as_async == NULL || t->tp_as_async->am_anext == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterator", t->tp_name);
        return NULL;
    }
    PyObject *awaitable = t->tp_as_async->am_anext(aiterator);
    if (awaitable == NULL || dflt == NULL) {
        return awaitable;
    }
    PyObject *res = PyAnextAwaitable_New(awaitable, dflt);
    Py_DECREF(awaitable);
    return res;
}

PyDoc_STRVAR(sorted__doc__,
"sorted($module, iterable, /, *, key=None, reverse=False)\n"
"--\n\n"
"Return a new list containing all items from the iterable in ascending order.\n\n"
"A custom key function can be supplied to customize the sort order, and the\n"
"reverse flag can be set to request the result in descending order.");

/* key and reverse are list.sort's to check. */
static PyObject *
builtin_sorted(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
               PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("sorted", nargs, 1, 1)) {
        return NULL;
    }
    PyObject *list = PySequence_List(args[0]);
    if (list == NULL) {
        return NULL;
    }
    PyObject *sort = PyObject_GetAttr(list, &_Py_ID(sort));
    PyObject *none = sort == NULL ? NULL : PyObject_Vectorcall(sort, args + 1, 0, kwnames);
    Py_XDECREF(sort);
    if (none == NULL) {
        Py_DECREF(list);
        return NULL;
    }
    Py_DECREF(none);
    return list;
}

/* ---- namespaces ---------------------------------------------------------- */

/* The names of the current namespace are going to be looked at: if it is that of a module, the late
 * parts add to it.  0, or -1 with an error. */
static int
complete_namespace(int globals)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_Py_LatePartsWait(tstate->interp)) {
        return 0;
    }
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    return globals || (frame != NULL && frame->f_locals == frame->f_globals)
        ? _Py_MakeLateParts(tstate) : 0;
}

/*sig globals(module)

Return the dictionary containing the current scope's global variables.

NOTE: Updates to this dictionary *will* affect name lookups in the current
global scope and vice-versa.
*/
static PyObject *
builtin_globals_impl(PyObject *Py_UNUSED(module))
{
    return complete_namespace(1) < 0 ? NULL : Py_XNewRef(PyEval_GetGlobals());
}

/*sig locals(module)

Return a dictionary containing the current scope's local variables.

NOTE: Whether or not updates to this dictionary will affect name lookups in
the local scope and vice-versa is *implementation dependent* and not
covered by any backwards compatibility guarantees.
*/
static PyObject *
builtin_locals_impl(PyObject *Py_UNUSED(module))
{
    return complete_namespace(0) < 0 ? NULL : _PyEval_GetFrameLocals();
}

/*sig vars(module, object=NULL, /)

Show vars.

Without arguments, equivalent to locals().
With an argument, equivalent to object.__dict__.
*/
static PyObject *
builtin_vars_impl(PyObject *Py_UNUSED(module), PyObject *object)
{
    if (object == NULL) {
        return complete_namespace(0) < 0 ? NULL : _PyEval_GetFrameLocals();
    }
    PyObject *d;
    if (_PyObject_LookupAttr(object, &_Py_ID(__dict__), &d) == 0) {
        PyErr_SetString(PyExc_TypeError, "vars() argument must have __dict__ attribute");
    }
    return d;
}

/*sig dir(module, arg=NULL, /)

Show attributes of an object.

If called without an argument, return the names in the current scope.
Else, return an alphabetized list of names comprising (some of) the attributes
of the given object, and of attributes reachable from it.
If the object supplies a method named __dir__, it will be used; otherwise
the default dir() logic is used and returns:
  for a module object: the module's attributes.
  for a class object:  its attributes, and recursively the attributes
    of its bases.
  for any other object: its attributes, its class's attributes, and
    recursively the attributes of its class's base classes.
*/
static PyObject *
builtin_dir_impl(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return arg == NULL && complete_namespace(0) < 0 ? NULL : PyObject_Dir(arg);
}

/* ---- compile, eval, exec ------------------------------------------------- */

static PyObject *
compile_ast(PyObject *source, PyObject *filename, PyCompilerFlags *cf, int mode, int optimize)
{
    if (cf->cf_flags & PyCF_ONLY_AST) {
        return Py_NewRef(source);
    }
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *res = NULL;
    mod_ty mod = PyAST_obj2mod(source, arena, mode);
    if (mod != NULL && _PyAST_Validate(mod)) {
        res = (PyObject *)_PyAST_Compile(mod, filename, cf, optimize, arena);
    }
    _PyArena_Free(arena);
    return res;
}

/*sig compile(module, source, filename: fsdecoded, mode: utf8, flags: int = 0,
              dont_inherit: bool = False, optimize: int = -1, *, _feature_version: int = -1)

Compile source into a code object that can be executed by exec() or eval().

The source code may represent a Python module, statement or expression.
The filename will be used for run-time error messages.
The mode must be 'exec' to compile a module, 'single' to compile a
single (interactive) statement, or 'eval' to compile an expression.
The flags argument, if present, controls which future statements influence
the compilation of the code.
The dont_inherit argument, if true, stops the compilation inheriting
the effects of any future statements in effect in the code calling
compile; if absent or false these statements do influence the compilation,
in addition to any features explicitly specified.
*/
static PyObject *
builtin_compile_impl(PyObject *Py_UNUSED(module), PyObject *source, PyObject *filename,
                     const char *mode,
             int flags, int dont_inherit, int optimize, int feature_version)
{
    static const int start[] = {Py_file_input, Py_eval_input, Py_single_input, Py_func_type_input};
    PyCompilerFlags cf = _PyCompilerFlags_INIT;
    cf.cf_flags = flags | PyCF_SOURCE_IS_UTF8;
    if (feature_version >= 0 && (flags & PyCF_ONLY_AST)) {
        cf.cf_feature_version = feature_version;
    }
    if (flags & ~(PyCF_MASK | PyCF_MASK_OBSOLETE | PyCF_COMPILE_MASK)) {
        PyErr_SetString(PyExc_ValueError, "compile(): unrecognised flags");
        return NULL;
    }
    if (optimize < -1 || optimize > 2) {
        PyErr_SetString(PyExc_ValueError, "compile(): invalid optimize value");
        return NULL;
    }
    if (!dont_inherit) {
        PyEval_MergeCompilerFlags(&cf);
    }
    int kind;
    if (strcmp(mode, "exec") == 0) {
        kind = 0;
    }
    else if (strcmp(mode, "eval") == 0) {
        kind = 1;
    }
    else if (strcmp(mode, "single") == 0) {
        kind = 2;
    }
    else if (strcmp(mode, "func_type") == 0) {
        if (!(flags & PyCF_ONLY_AST)) {
            PyErr_SetString(PyExc_ValueError,
                            "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
            return NULL;
        }
        kind = 3;
    }
    else {
        PyErr_SetString(PyExc_ValueError,
                        flags & PyCF_ONLY_AST
                        ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
                        : "compile() mode must be 'exec', 'eval' or 'single'");
        return NULL;
    }
    int is_ast = PyAST_Check(source);
    if (is_ast < 0) {
        return NULL;
    }
    if (is_ast) {
        return compile_ast(source, filename, &cf, kind, optimize);
    }
    PyObject *copy;
    const char *str = _Py_SourceAsString(source, "compile", "string, bytes or AST", &cf, &copy);
    if (str == NULL) {
        return NULL;
    }
    PyObject *res = Py_CompileStringObject(str, filename, start[kind], &cf, optimize);
    Py_XDECREF(copy);
    return res;
}

/* Fills in the namespaces of eval() and exec(): new references.  0 or -1. */
static int
code_namespaces(PyThreadState *tstate, const char *name, PyObject **globals, PyObject **locals)
{
    if (Py_IsNone(*globals)) {
        *globals = Py_XNewRef(PyEval_GetGlobals());
        *locals = Py_IsNone(*locals) ? (*globals == NULL ? NULL : _PyEval_GetFrameLocals())
                                     : Py_NewRef(*locals);
        if (*globals == NULL && !_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, strcmp(name,
                                            "eval") == 0 ? PyExc_TypeError : PyExc_SystemError,
                             strcmp(name, "eval") == 0
                             ? "eval must be given globals and locals when called without a frame"
                             : "globals and locals cannot be NULL");
        }
        if (*globals == NULL || *locals == NULL) {
            Py_CLEAR(*globals);
            Py_CLEAR(*locals);
            return -1;
        }
    }
    else {
        *locals = Py_NewRef(Py_IsNone(*locals) ? *globals : *locals);
        Py_INCREF(*globals);
    }
    int known = PyDict_Contains(*globals, &_Py_ID(__builtins__));
    if (known == 0) {
        known = PyDict_SetItem(*globals, &_Py_ID(__builtins__), PyEval_GetBuiltins());
    }
    if (known < 0) {
        Py_CLEAR(*globals);
        Py_CLEAR(*locals);
        return -1;
    }
    return 0;
}

/*sig eval(module, source, globals=None, locals=None, /)

Evaluate the given source in the context of globals and locals.

The source may be a string representing a Python expression
or a code object as returned by compile().
The globals must be a dictionary and locals can be any mapping,
defaulting to the current globals and locals.
If only globals is given, locals defaults to it.
*/
static PyObject *
builtin_eval_impl(PyObject *Py_UNUSED(module), PyObject *source, PyObject *globals,
                  PyObject *locals)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = NULL, *copy = NULL;
    if (!Py_IsNone(locals) && !PyMapping_Check(locals)) {
        PyErr_SetString(PyExc_TypeError, "locals must be a mapping");
        return NULL;
    }
    if (!Py_IsNone(globals) && !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, PyMapping_Check(globals)
                        ? "globals must be a real dict; try eval(code, {}, mapping)"
                        : "globals must be a dict");
        return NULL;
    }
    if (code_namespaces(tstate, "eval", &globals, &locals) < 0) {
        return NULL;
    }
    if (PyCode_Check(source)) {
        if (PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        if (PyCode_GetNumFree((PyCodeObject *)source) > 0) {
            PyErr_SetString(PyExc_TypeError,
                            "code object passed to eval() may not contain free variables");
            goto done;
        }
        result = PyEval_EvalCode(source, globals, locals);
    }
    else {
        PyCompilerFlags cf = _PyCompilerFlags_INIT;
        cf.cf_flags = PyCF_SOURCE_IS_UTF8;
        const char *str = _Py_SourceAsString(source, "eval", "string, bytes or code", &cf, &copy);
        if (str == NULL) {
            goto done;
        }
        while (*str == ' ' || *str == '\t') {
            str++;
        }
        PyEval_MergeCompilerFlags(&cf);
        result = PyRun_StringFlags(str, Py_eval_input, globals, locals, &cf);
        Py_XDECREF(copy);
    }
done:
    Py_DECREF(globals);
    Py_DECREF(locals);
    return result;
}

/* The closure argument of exec() fits the code object.  0 or -1 with TypeError. */
static int
check_closure(PyObject *source, PyObject *closure)
{
    Py_ssize_t num_free = PyCode_GetNumFree((PyCodeObject *)source);
    if (num_free == 0) {
        if (closure != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "cannot use a closure with this code object");
            return -1;
        }
        return 0;
    }
    int ok = closure != NULL && PyTuple_CheckExact(closure)
             && PyTuple_GET_SIZE(closure) == num_free;
    for (Py_ssize_t i = 0; ok && i < num_free; i++) {
        ok = PyCell_Check(PyTuple_GET_ITEM(closure, i));
    }
    if (!ok) {
        PyErr_Format(PyExc_TypeError,
                     "code object requires a closure of exactly length %zd", num_free);
        return -1;
    }
    return 0;
}

/*sig exec(module, source, globals=None, locals=None, /, *, closure=None)

Execute the given source in the context of globals and locals.

The source may be a string representing one or more Python statements
or a code object as returned by compile().
The globals must be a dictionary and locals can be any mapping,
defaulting to the current globals and locals.
If only globals is given, locals defaults to it.
The closure must be a tuple of cellvars, and can only be used
when source is a code object requiring exactly that many cellvars.
*/
static PyObject *
builtin_exec_impl(PyObject *Py_UNUSED(module), PyObject *source, PyObject *globals,
                  PyObject *locals,
          PyObject *closure)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *v = NULL;
    if (!Py_IsNone(globals) && !PyDict_Check(globals)) {
        PyErr_Format(PyExc_TypeError, "exec() globals must be a dict, not %.100s",
                     Py_TYPE(globals)->tp_name);
        return NULL;
    }
    if (!Py_IsNone(locals) && !PyMapping_Check(locals)) {
        PyErr_Format(PyExc_TypeError, "locals must be a mapping or None, not %.100s",
                     Py_TYPE(locals)->tp_name);
        return NULL;
    }
    if (code_namespaces(tstate, "exec", &globals, &locals) < 0) {
        return NULL;
    }
    if (closure == Py_None) {
        closure = NULL;
    }
    if (PyCode_Check(source)) {
        if (check_closure(source, closure) < 0 || PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        if (_Py_IsShared(source) && _PyFrozen_FixSpec(tstate, source, globals) < 0) {
            goto done;
        }
        if (closure == NULL) {
            v = PyEval_EvalCode(source, globals, locals);
        }
        else {
            v = PyEval_EvalCodeEx(source, globals, locals, NULL, 0, NULL, 0, NULL, 0, NULL,
                                  closure);
        }
    }
    else {
        if (closure != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "closure can only be used when source is a code object");
            goto done;
        }
        if (tstate->interp->site.importing) {
            tstate->interp->site.ran_code = 1;      /* a line of a .pth file */
        }
        PyCompilerFlags cf = _PyCompilerFlags_INIT;
        cf.cf_flags = PyCF_SOURCE_IS_UTF8;
        PyObject *copy;
        const char *str = _Py_SourceAsString(source, "exec", "string, bytes or code", &cf, &copy);
        if (str == NULL) {
            goto done;
        }
        PyEval_MergeCompilerFlags(&cf);
        v = PyRun_StringFlags(str, Py_file_input, globals, locals, &cf);
        Py_XDECREF(copy);
    }
done:
    Py_DECREF(globals);
    Py_DECREF(locals);
    if (v == NULL) {
        return NULL;
    }
    Py_DECREF(v);
    Py_RETURN_NONE;
}

/*sig __import__(module, name, globals=None, locals=None, fromlist: object = c"NULL" py"()",
                 level: int = 0)

Import a module.

Because this function is meant for use by the Python
interpreter and not for general use, it is better to use
importlib.import_module() to programmatically import a module.

The globals argument is only used to determine the context;
they are not modified.  The locals argument is unused.  The fromlist
should be a list of names to emulate ``from name import ...``, or an
empty list to emulate ``import name``.
When importing a module from a package, note that __import__('A.B', ...)
returns package A when fromlist is empty, but its submodule B when
fromlist is not empty.  The level argument is used to determine whether to
perform absolute or relative imports: 0 is absolute, while a positive number
is the number of parent directories to search relative to the current module.
*/
static PyObject *
builtin___import___impl(PyObject *Py_UNUSED(module), PyObject *name, PyObject *globals,
                        PyObject *locals,
                PyObject *fromlist, int level)
{
    return PyImport_ImportModuleLevelObject(name, globals == Py_None ? NULL : globals, locals,
                                            fromlist, level);
}

PyDoc_STRVAR(breakpoint__doc__,
"breakpoint(*args, **kws)\n\n"
"Call sys.breakpointhook(*args, **kws).  sys.breakpointhook() must accept\n"
"whatever arguments are passed.\n\n"
"By default, this drops you into the pdb debugger.");

static PyObject *
builtin_breakpoint(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
                   PyObject *kwnames)
{
    PyObject *hook = PySys_GetObject("breakpointhook");
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.breakpointhook");
        return NULL;
    }
    if (PySys_Audit("builtins.breakpoint", "O", hook) < 0) {
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *res = PyObject_Vectorcall(hook, args, (size_t)nargs, kwnames);
    Py_DECREF(hook);
    return res;
}

/* ---- the module ---------------------------------------------------------- */

static PyMethodDef builtin_methods[] = {
    {"__build_class__", (PyCFunction)(void (*)(void))_PyBuiltin_BuildClass,
     METH_FASTCALL | METH_KEYWORDS, _PyBuiltin_BuildClass__doc__},
    BUILTIN___IMPORT___METHODDEF
    BUILTIN_ABS_METHODDEF
    BUILTIN_AITER_METHODDEF
    BUILTIN_ALL_METHODDEF
    BUILTIN_ANEXT_METHODDEF
    BUILTIN_ANY_METHODDEF
    BUILTIN_ASCII_METHODDEF
    BUILTIN_BIN_METHODDEF
    {"breakpoint", (PyCFunction)(void (*)(void))builtin_breakpoint, METH_FASTCALL | METH_KEYWORDS,
     breakpoint__doc__},
    BUILTIN_CALLABLE_METHODDEF
    BUILTIN_CHR_METHODDEF
    BUILTIN_COMPILE_METHODDEF
    BUILTIN_DELATTR_METHODDEF
    BUILTIN_DIR_METHODDEF
    BUILTIN_DIVMOD_METHODDEF
    BUILTIN_EVAL_METHODDEF
    BUILTIN_EXEC_METHODDEF
    BUILTIN_FORMAT_METHODDEF
    BUILTIN_GETATTR_METHODDEF
    BUILTIN_GLOBALS_METHODDEF
    BUILTIN_HASATTR_METHODDEF
    BUILTIN_HASH_METHODDEF
    BUILTIN_HEX_METHODDEF
    BUILTIN_ID_METHODDEF
    {"input", (PyCFunction)(void (*)(void))_PyBuiltin_Input, METH_FASTCALL,
     _PyBuiltin_Input__doc__},
    {"isinstance", (PyCFunction)(void (*)(void))_PyBuiltin_IsInstance, METH_FASTCALL,
     isinstance__doc__},
    BUILTIN_ISSUBCLASS_METHODDEF
    BUILTIN_ITER_METHODDEF
    {"len", (PyCFunction)_PyBuiltin_Len, METH_O, len__doc__},
    BUILTIN_LOCALS_METHODDEF
    {"max", (PyCFunction)(void (*)(void))builtin_max, METH_FASTCALL | METH_KEYWORDS, max__doc__},
    {"min", (PyCFunction)(void (*)(void))builtin_min, METH_FASTCALL | METH_KEYWORDS, min__doc__},
    BUILTIN_NEXT_METHODDEF
    BUILTIN_OCT_METHODDEF
    BUILTIN_ORD_METHODDEF
    BUILTIN_POW_METHODDEF
    {"print", (PyCFunction)(void (*)(void))_PyBuiltin_Print, METH_FASTCALL | METH_KEYWORDS,
     _PyBuiltin_Print__doc__},
    BUILTIN_REPR_METHODDEF
    BUILTIN_ROUND_METHODDEF
    BUILTIN_SETATTR_METHODDEF
    {"sorted", (PyCFunction)(void (*)(void))builtin_sorted, METH_FASTCALL | METH_KEYWORDS,
     sorted__doc__},
    BUILTIN_SUM_METHODDEF
    BUILTIN_VARS_METHODDEF
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(builtin_doc,
"Built-in functions, types, exceptions, and other objects.\n\n"
"This module provides direct access to all 'built-in'\n"
"identifiers of Python; for example, builtins.len is\n"
"the full name for the built-in function len().\n\n"
"This module is not normally accessed explicitly by most\n"
"applications, but can be useful in modules that provide\n"
"objects with the same name as a builtin and need the\n"
"built-in of that name.");

static _Py_SHARED struct PyModuleDef builtinsmodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "builtins",
    .m_doc = builtin_doc,
    .m_size = -1,           /* the core makes it, once for each interpreter */
    .m_methods = builtin_methods,
};

_Py_ID_DECLARE(None);
_Py_ID_DECLARE(Ellipsis);
_Py_ID_DECLARE(NotImplemented);
_Py_ID_DECLARE(False);
_Py_ID_DECLARE(True);
_Py_ID_DECLARE(bool);
_Py_ID_DECLARE(memoryview);
_Py_ID_DECLARE(bytearray);
_Py_ID_DECLARE(bytes);
_Py_ID_DECLARE(classmethod);
_Py_ID_DECLARE(complex);
_Py_ID_DECLARE(dict);
_Py_ID_DECLARE(enumerate);
_Py_ID_DECLARE(filter);
_Py_ID_DECLARE(float);
_Py_ID_DECLARE(frozenset);
_Py_ID_DECLARE(property);
_Py_ID_DECLARE(int);
_Py_ID_DECLARE(list);
_Py_ID_DECLARE(map);
_Py_ID_DECLARE(object);
_Py_ID_DECLARE(range);
_Py_ID_DECLARE(reversed);
_Py_ID_DECLARE(set);
_Py_ID_DECLARE(slice);
_Py_ID_DECLARE(staticmethod);
_Py_ID_DECLARE(str);
_Py_ID_DECLARE(super);
_Py_ID_DECLARE(tuple);
_Py_ID_DECLARE(type);
_Py_ID_DECLARE(zip);

static const struct {
    PyObject *name;
    PyObject *object;
} builtin_objects[] = {
    {_Py_ID_ADDRESS(None), Py_None},
    {_Py_ID_ADDRESS(Ellipsis), Py_Ellipsis},
    {_Py_ID_ADDRESS(NotImplemented), Py_NotImplemented},
    {_Py_ID_ADDRESS(False), Py_False},
    {_Py_ID_ADDRESS(True), Py_True},
    {_Py_ID_ADDRESS(bool), (PyObject *)&PyBool_Type},
    {_Py_ID_ADDRESS(memoryview), (PyObject *)&PyMemoryView_Type},
    {_Py_ID_ADDRESS(bytearray), (PyObject *)&PyByteArray_Type},
    {_Py_ID_ADDRESS(bytes), (PyObject *)&PyBytes_Type},
    {_Py_ID_ADDRESS(classmethod), (PyObject *)&PyClassMethod_Type},
    {_Py_ID_ADDRESS(complex), (PyObject *)&PyComplex_Type},
    {_Py_ID_ADDRESS(dict), (PyObject *)&PyDict_Type},
    {_Py_ID_ADDRESS(enumerate), (PyObject *)&PyEnum_Type},
    {_Py_ID_ADDRESS(filter), (PyObject *)&PyFilter_Type},
    {_Py_ID_ADDRESS(float), (PyObject *)&PyFloat_Type},
    {_Py_ID_ADDRESS(frozenset), (PyObject *)&PyFrozenSet_Type},
    {_Py_ID_ADDRESS(property), (PyObject *)&PyProperty_Type},
    {_Py_ID_ADDRESS(int), (PyObject *)&PyLong_Type},
    {_Py_ID_ADDRESS(list), (PyObject *)&PyList_Type},
    {_Py_ID_ADDRESS(map), (PyObject *)&PyMap_Type},
    {_Py_ID_ADDRESS(object), (PyObject *)&PyBaseObject_Type},
    {_Py_ID_ADDRESS(range), (PyObject *)&PyRange_Type},
    {_Py_ID_ADDRESS(reversed), (PyObject *)&PyReversed_Type},
    {_Py_ID_ADDRESS(set), (PyObject *)&PySet_Type},
    {_Py_ID_ADDRESS(slice), (PyObject *)&PySlice_Type},
    {_Py_ID_ADDRESS(staticmethod), (PyObject *)&PyStaticMethod_Type},
    {_Py_ID_ADDRESS(str), (PyObject *)&PyUnicode_Type},
    {_Py_ID_ADDRESS(super), (PyObject *)&PySuper_Type},
    {_Py_ID_ADDRESS(tuple), (PyObject *)&PyTuple_Type},
    {_Py_ID_ADDRESS(type), (PyObject *)&PyType_Type},
    {_Py_ID_ADDRESS(zip), (PyObject *)&PyZip_Type},
};

/* The module for one interpreter: new reference, or NULL with an exception. */
PyObject *
_PyBuiltin_Init(PyInterpreterState *interp)
{
    PyObject *mod = _PyModule_CreateInitialized(&builtinsmodule, PYTHON_API_VERSION);
    if (mod == NULL) {
        return NULL;
    }
    PyObject *dict = PyModule_GetDict(mod);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_objects); i++) {
        if (PyDict_SetItem(dict, builtin_objects[i].name, builtin_objects[i].object) < 0) {
            Py_DECREF(mod);
            return NULL;
        }
    }
    /* __debug__ is false under -O. */
    PyObject *debug = PyBool_FromLong(interp->config.optimization_level == 0);
    if (PyDict_SetItem(dict, &_Py_ID(__debug__), debug) < 0) {
        Py_DECREF(debug);
        Py_DECREF(mod);
        return NULL;
    }
    Py_DECREF(debug);
    interp->builtin_open = _PyIO_NewOpen();
    if (interp->builtin_open == NULL ||
        PyDict_SetItem(dict, &_Py_ID(open), interp->builtin_open) < 0 ||
        _PyBuiltins_AddExceptions(mod) < 0) {
        Py_DECREF(mod);
        return NULL;
    }
    return mod;
}
