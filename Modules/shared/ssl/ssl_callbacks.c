/* ssl_callbacks.c - what libssl calls during an operation on a connection.
 *
 * The operation runs without the GIL; its thread state is self->released meanwhile.  A callback
 * takes the GIL with that thread state and gives it back when it is done.  The guard stays entered:
 * the callback may read the connection's attributes, no other thread comes in, and an operation on
 * the connection itself is refused.  An exception waits in the thread state until the operation is
 * over; further callbacks do nothing then.
 *
 * Written from the documentation of SSLContext.sni_callback, set_alpn_protocols() and
 * keylog_filename, the manual pages SSL_CTX_set_tlsext_servername_callback(3),
 * SSL_CTX_set_alpn_select_cb(3), SSL_CTX_set_msg_callback(3) and SSL_CTX_set_keylog_callback(3) of
 * OpenSSL 3.0, and observed behaviour.
 */
#define PY_SSIZE_T_CLEAN
#include "ssl.h"

/* Take the GIL if this thread has given it up: what leave_callback() needs. */
static PyThreadState *
enter_callback(ssl_socket *self)
{
    PyThreadState *tstate = self->released;
    if (tstate != NULL) {
        self->released = NULL;
        PyEval_RestoreThread(tstate);
    }
    return tstate;
}

static void
leave_callback(ssl_socket *self, PyThreadState *tstate)
{
    assert(self->released == NULL);
    if (tstate != NULL) {
        self->released = PyEval_SaveThread();
    }
}

/* Who a connection is for its user: the owner, else the object itself.  A new reference. */
static PyObject *
user_object(ssl_socket *self)
{
    PyObject *owner = self->owner != NULL ? PyWeakref_GET_OBJECT(self->owner) : Py_None;
    return Py_NewRef(owner != Py_None ? owner : (PyObject *)self);
}

/* ----------------------------------------------------------------------------------------- SNI */

/* The alert that a callback's result (consumed) means: 0 for none. */
static int
alert_of(PyObject *result, PyObject *callback)
{
    if (result == NULL) {
        PyErr_WriteUnraisable(callback);
        return SSL_AD_HANDSHAKE_FAILURE;
    }
    int alert = 0;
    if (result != Py_None) {
        alert = (int)PyLong_AsLong(result);
        if (PyErr_Occurred()) {
            PyErr_WriteUnraisable(result);
            alert = SSL_AD_INTERNAL_ERROR;
        }
    }
    Py_DECREF(result);
    return alert;
}

/* Call the callback with a name (NULL: none); SSL_TLSEXT_ERR_*. */
static int
call_sni_callback(ssl_socket *self, PyObject *callback, const char *name, int *alert)
{
    PyObject *text = name != NULL ? PyUnicode_DecodeASCII(name, (Py_ssize_t)strlen(name), NULL)
                                  : Py_NewRef(Py_None);
    if (text == NULL) {
        PyErr_WriteUnraisable(callback);
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    PyObject *user = user_object(self), *context = Py_NewRef(self->context);
    PyObject *result = PyObject_CallFunctionObjArgs(callback, user, text, context, NULL);
    Py_DECREF(context);
    Py_DECREF(user);
    Py_DECREF(text);
    bool accepted = result == Py_None;
    int number = alert_of(result, callback);
    if (accepted) {
        return SSL_TLSEXT_ERR_OK;
    }
    *alert = number;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int
_PySSL_ServerName(SSL *ssl, int *alert, void *Py_UNUSED(arg))
{
    ssl_socket *self = SSL_get_app_data(ssl);
    PyThreadState *tstate = enter_callback(self);
    PyObject *callback = Py_XNewRef(self->context->sni_callback);
    int result = SSL_TLSEXT_ERR_OK;
    if (PyErr_Occurred()) {
        *alert = SSL_AD_INTERNAL_ERROR;
        result = SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    else if (callback != NULL) {
        const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        result = call_sni_callback(self, callback, name, alert);
    }
    Py_XDECREF(callback);
    leave_callback(self, tstate);
    return result;
}

/* ---------------------------------------------------------------------------------------- ALPN */

int
_PySSL_SelectProtocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                      const unsigned char *in, unsigned int in_size, void *Py_UNUSED(arg))
{
    ssl_socket *self = SSL_get_app_data(ssl);
    PyThreadState *tstate = enter_callback(self);
    const unsigned char *mine = self->context->alpn;
    size_t size = self->context->alpn_size;
    int result = SSL_TLSEXT_ERR_NOACK;
    /* Each list is a row of lengths and names.  The result points into the client's, which lives
       as long as the call of libssl. */
    for (size_t i = 0; i < size && result != SSL_TLSEXT_ERR_OK; i += mine[i] + 1u) {
        for (unsigned int j = 0; j < in_size; j += in[j] + 1u) {
            if (in[j] == mine[i] && memcmp(in + j, mine + i, mine[i] + 1u) == 0) {
                *out = in + j + 1;
                *out_size = in[j];
                result = SSL_TLSEXT_ERR_OK;
                break;
            }
        }
    }
    leave_callback(self, tstate);
    return result;
}

/* ------------------------------------------------------------------------------------ messages */

/* What the type of a message is, by its first bytes. */
static int
message_type(int content_type, const unsigned char *data, size_t size)
{
    switch (content_type) {
    case SSL3_RT_CHANGE_CIPHER_SPEC:
        return SSL3_MT_CHANGE_CIPHER_SPEC;
    case SSL3_RT_ALERT:
        return size > 1 ? data[1] : -1;
    case SSL3_RT_HANDSHAKE:
    case SSL3_RT_HEADER:
    case SSL3_RT_INNER_CONTENT_TYPE:
        return size > 0 ? data[0] : -1;
    default:
        return -1;
    }
}

void
_PySSL_Message(int write, int version, int content_type, const void *data, size_t size, SSL *ssl,
               void *Py_UNUSED(arg))
{
    ssl_socket *self = SSL_get_app_data(ssl);
    if (self == NULL) {
        return;
    }
    PyThreadState *tstate = enter_callback(self);
    PyObject *callback = Py_XNewRef(self->context->msg_callback);
    if (callback != NULL && !PyErr_Occurred()) {
        const unsigned char *bytes = data;
        if (content_type == SSL3_RT_HEADER && size >= 3) {
            version = bytes[1] << 8 | bytes[2];
        }
        PyObject *user = user_object(self);
        PyObject *result = PyObject_CallFunction(callback, "Osiiiy#", user,
                                                 write ? "write" : "read", version, content_type,
                                                 message_type(content_type, bytes, size), data,
                                                 (Py_ssize_t)size);
        Py_XDECREF(result);
        Py_DECREF(user);
    }
    Py_XDECREF(callback);
    leave_callback(self, tstate);
}

/* ------------------------------------------------------------------------------------- secrets */

/* Append a line to the context's file; with an exception if that fails. */
static void
write_secret(ssl_context *context, const char *line)
{
    if (fprintf(context->keylog, "%s\n", line) < 0 || fflush(context->keylog) != 0) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, context->keylog_filename);
    }
}

void
_PySSL_Keylog(const SSL *ssl, const char *line)
{
    ssl_socket *self = SSL_get_app_data(ssl);
    PyThreadState *tstate = enter_callback(self);
    if (self->context->keylog != NULL && !PyErr_Occurred()) {
        write_secret(self->context, line);
    }
    leave_callback(self, tstate);
}
