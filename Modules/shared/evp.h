/* Hash objects of libcrypto: what the types of _md5, _sha1, _sha2, _sha3 and _hashlib do.
 *
 * A module fetches its algorithms (EVP_MD) when it is executed and owns them; a context holds a
 * reference of its own.  Contexts are used as hashlib.h says, algorithms by anybody.
 *
 * Written from the manual pages EVP_MD_fetch(3) and EVP_DigestInit(3) of OpenSSL 3.0.
 */
#ifndef LADON_EVP_H
#define LADON_EVP_H

#include "Python.h"
#include "pycore_strhex.h"          // _Py_strhex()
#include "hashlib.h"

#include <openssl/err.h>
#include <openssl/evp.h>

typedef struct {
    PyObject_HEAD
    EVP_MD_CTX *context;            /* owned; NULL in an object whose making failed */
    PyThread_type_lock lock;        /* see hashlib.h */
} EVPobject;

/* Raise what libcrypto says of a failure, or `otherwise` if it says nothing; NULL. */
static inline PyObject *
evp_raise_as(PyObject *type, const char *otherwise)
{
    unsigned long code = ERR_peek_last_error();
    const char *library = code != 0 ? ERR_lib_error_string(code) : NULL;
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    if (code != 0 && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        return PyErr_NoMemory();
    }
    if (library != NULL && reason != NULL) {
        PyErr_Format(type, "[%s] %s", library, reason);
    }
    else {
        PyErr_SetString(type, otherwise);
    }
    return NULL;
}

static inline PyObject *
evp_raise(void)
{
    return evp_raise_as(PyExc_ValueError, "no reason supplied");
}

/* An algorithm by its OpenSSL name, to be freed with EVP_MD_free(); NULL with an exception. */
static inline EVP_MD *
evp_fetch(const char *name)
{
    EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
    if (md == NULL) {
        evp_raise();
    }
    return md;
}

static inline int
evp_update(void *context, const void *data, size_t n)
{
    return EVP_DigestUpdate(context, data, n) == 1 ? 0 : -1;
}

/* Hash data into an object; 0, or -1 with an exception. */
static inline int
evp_hash(EVPobject *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_data(data, &view) < 0) {
        return -1;
    }
    int result = hash_buffer(&view, self->context, &self->lock, evp_update);
    PyBuffer_Release(&view);
    if (result < 0) {
        evp_raise();
    }
    return result;
}

/* An object without a state: the context is empty. */
static inline EVPobject *
evp_allocate(PyTypeObject *type)
{
    EVPobject *self = (EVPobject *)PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        assert(self->context == NULL && self->lock == NULL);
        self->context = EVP_MD_CTX_new();
        if (self->context == NULL) {
            evp_raise();
            Py_CLEAR(self);
        }
    }
    return self;
}

/* A new object that has hashed `data` (NULL: nothing), or NULL with an exception. */
static inline PyObject *
evp_new(PyTypeObject *type, const EVP_MD *md, PyObject *data)
{
    assert(md != NULL);
    EVPobject *self = evp_allocate(type);
    if (self == NULL) {
        return NULL;
    }
    if (EVP_DigestInit_ex(self->context, md, NULL) != 1) {
        evp_raise();
        Py_CLEAR(self);
    }
    else if (data != NULL && evp_hash(self, data) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* 0, or -1 with an exception. */
static inline int
evp_copy_context(EVPobject *self, EVP_MD_CTX *to)
{
    PyThread_type_lock held = self->lock;
    hash_enter(held);
    int copied = EVP_MD_CTX_copy_ex(to, self->context);
    hash_leave(held);
    if (copied != 1) {
        evp_raise();
        return -1;
    }
    return 0;
}

static inline PyObject *
evp_copy(EVPobject *self)
{
    EVPobject *copy = evp_allocate(Py_TYPE(self));
    if (copy != NULL && evp_copy_context(self, copy->context) < 0) {
        Py_CLEAR(copy);
    }
    return (PyObject *)copy;
}

/* Write the digest of what was hashed so far: n bytes, freely chosen for an extendable function
   (`extendable`), else those of the algorithm.  0, or -1 with an exception. */
static inline int
evp_finish(EVPobject *self, unsigned char *digest, size_t n, int extendable)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result = 0;
    if (context == NULL) {
        evp_raise();
        return -1;
    }
    if (evp_copy_context(self, context) < 0) {
        result = -1;
    }
    else if ((extendable ? EVP_DigestFinalXOF(context, digest, n)
                         : EVP_DigestFinal_ex(context, digest, NULL)) != 1) {
        evp_raise();
        result = -1;
    }
    EVP_MD_CTX_free(context);
    return result;
}

/* The number of bytes of a digest whose length the algorithm tells. */
static inline int
evp_size(EVPobject *self)
{
    int size = EVP_MD_CTX_get_size(self->context);
    assert(size >= 0 && size <= EVP_MAX_MD_SIZE);
    return size;
}

static inline PyObject *
evp_digest(EVPobject *self)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (evp_finish(self, digest, 0, 0) < 0) {
        return NULL;
    }
    return PyBytes_FromStringAndSize((const char *)digest, evp_size(self));
}

static inline PyObject *
evp_hexdigest(EVPobject *self)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (evp_finish(self, digest, 0, 0) < 0) {
        return NULL;
    }
    return _Py_strhex((const char *)digest, evp_size(self));
}

static inline int
evp_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static inline void
evp_dealloc(PyObject *op)
{
    EVPobject *self = (EVPobject *)op;
    PyTypeObject *type = Py_TYPE(op);
    if (PyType_IS_GC(type)) {
        PyObject_GC_UnTrack(op);
    }
    EVP_MD_CTX_free(self->context);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    type->tp_free(op);
    Py_DECREF(type);
}

static inline PyObject *
evp_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(EVP_MD_CTX_get_block_size(((EVPobject *)self)->context));
}

static inline PyObject *
evp_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(evp_size((EVPobject *)self));
}

#endif
