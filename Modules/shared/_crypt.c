/* _crypt: password hashes by libcrypt; the module crypt is made of it.
 *
 * Written from the manual page crypt_r(3), the documentation of the module crypt and observed
 * behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers

#include <crypt.h>
#include <errno.h>

#include "sig/_crypt.sig.h"

/*sig _crypt.crypt(module, word: utf8, salt: utf8, /)

Hash a *word* with the given *salt* and return the hashed password.

*word* will usually be a user's password.  *salt* (either a random 2 or 16
character string, possibly prefixed with $digit$ to indicate the method)
will be used to perturb the encryption algorithm and produce distinct
results for a given *word*.
*/
static PyObject *
_crypt_crypt_impl(PyObject *Py_UNUSED(module), const char *word, const char *salt)
{
    struct crypt_data *data = PyMem_Calloc(1, sizeof(*data));
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    const char *hash;
    int err;
    Py_BEGIN_ALLOW_THREADS      /* a good hash takes its time */
    hash = crypt_r(word, salt, data);
    err = errno;
    Py_END_ALLOW_THREADS
    PyObject *result = NULL;
    if (hash != NULL) {
        result = PyUnicode_FromString(hash);
    }
    else {
        errno = err;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    PyMem_Free(data);
    return result;
}

static PyMethodDef crypt_functions[] = {
    _CRYPT_CRYPT_METHODDEF
    {NULL}
};

static PyModuleDef_Slot crypt_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef crypt_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_crypt",
    .m_size = 0,
    .m_methods = crypt_functions,
    .m_slots = crypt_slots,
};

PyMODINIT_FUNC
PyInit__crypt(void)
{
    return PyModuleDef_Init(&crypt_module);
}
