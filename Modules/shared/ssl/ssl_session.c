/* ssl_session.c - the type SSLSession.
 *
 * A session object has a copy of its own: libssl goes on writing to the one of a connection.
 *
 * Written from the documentation of ssl.SSLSession and SSLSocket.session, the manual pages
 * SSL_get_session(3), SSL_SESSION_get0_id(3) and SSL_set_session(3) of OpenSSL 3.0, and observed
 * behaviour.
 */
#include "ssl.h"

static int
session_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((ssl_session *)self)->context);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* The context has no way back to the session: nothing to clear. */
static void
session_dealloc(PyObject *op)
{
    ssl_session *self = (ssl_session *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    SSL_SESSION_free(self->session);
    Py_XDECREF(self->context);
    type->tp_free(op);
    Py_DECREF(type);
}

static const unsigned char *
session_id(PyObject *self, unsigned int *size)
{
    return SSL_SESSION_get_id(((ssl_session *)self)->session, size);
}

static PyObject *
session_richcompare(PyObject *op, PyObject *other, int comparison)
{
    if (!Py_IS_TYPE(other, Py_TYPE(op)) || (comparison != Py_EQ && comparison != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    unsigned int n, m;
    const unsigned char *a = session_id(op, &n), *b = session_id(other, &m);
    bool equal = n == m && memcmp(a, b, n) == 0;
    return PyBool_FromLong(equal == (comparison == Py_EQ));
}

static PyObject *
session_get_id(PyObject *self, void *Py_UNUSED(closure))
{
    unsigned int size;
    const unsigned char *id = session_id(self, &size);
    return PyBytes_FromStringAndSize((const char *)id, size);
}

static PyObject *
session_get_time(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(SSL_SESSION_get_time(((ssl_session *)self)->session));
}

static PyObject *
session_get_timeout(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(SSL_SESSION_get_timeout(((ssl_session *)self)->session));
}

static PyObject *
session_get_hint(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLong(
        SSL_SESSION_get_ticket_lifetime_hint(((ssl_session *)self)->session));
}

static PyObject *
session_get_has_ticket(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(SSL_SESSION_has_ticket(((ssl_session *)self)->session));
}

static PyGetSetDef session_getset[] = {
    {"has_ticket", session_get_has_ticket, NULL,
     PyDoc_STR("Does the session contain a ticket?"), NULL},
    {"id", session_get_id, NULL, PyDoc_STR("Session id"), NULL},
    {"ticket_lifetime_hint", session_get_hint, NULL, PyDoc_STR("Ticket life time hint."), NULL},
    {"time", session_get_time, NULL,
     PyDoc_STR("Session creation time (seconds since epoch)."), NULL},
    {"timeout", session_get_timeout, NULL, PyDoc_STR("Session timeout (delta in seconds)."), NULL},
    {NULL}
};

static PyType_Slot session_slots[] = {
    {Py_tp_dealloc, session_dealloc},
    {Py_tp_traverse, session_traverse},
    {Py_tp_richcompare, session_richcompare},
    {Py_tp_getset, session_getset},
    {0, NULL}
};

PyType_Spec _PySSL_SessionSpec = {
    .name = "_ssl.SSLSession",
    .basicsize = sizeof(ssl_session),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = session_slots,
};

PyObject *
_PySSL_GetSession(ssl_socket *self)
{
    SSL_SESSION *now = SSL_get_session(self->ssl);
    if (now == NULL) {
        Py_RETURN_NONE;
    }
    if (SSL_SESSION_get0_cipher(now) == NULL) {
        PyErr_SetString(PyExc_ValueError, "i2d() failed");  /* a handshake is under way */
        return NULL;
    }
    PyTypeObject *type = self->state->session_type;
    ssl_session *session = (ssl_session *)PyType_GenericAlloc(type, 0);
    if (session == NULL) {
        return NULL;
    }
    session->context = (ssl_context *)Py_NewRef(self->context);
    session->session = SSL_SESSION_dup(now);
    if (session->session == NULL) {
        RAISE_QUEUE(self->state);
        Py_CLEAR(session);
    }
    return (PyObject *)session;
}

int
_PySSL_SetSession(ssl_socket *self, PyObject *value)
{
    if (value == NULL || !Py_IS_TYPE(value, self->state->session_type)) {
        PyErr_SetString(PyExc_TypeError, "Value is not a SSLSession.");
        return -1;
    }
    ssl_session *session = (ssl_session *)value;
    const char *error = NULL;
    if (session->context->ctx != self->context->ctx) {
        error = "Session refers to a different SSLContext.";
    }
    else if (self->server_side) {
        error = "Cannot set session for server-side SSLSocket.";
    }
    else if (SSL_is_init_finished(self->ssl)) {
        error = "Cannot set session after handshake.";
    }
    if (error != NULL) {
        PyErr_SetString(PyExc_ValueError, error);
        return -1;
    }
    SSL_SESSION *copy = SSL_SESSION_dup(session->session);
    int set = copy != NULL && SSL_set_session(self->ssl, copy) == 1;
    SSL_SESSION_free(copy);
    if (!set) {
        RAISE_QUEUE(self->state);
        return -1;
    }
    return 0;
}
