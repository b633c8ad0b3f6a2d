/* The module _xxinterpchannels: channels between interpreters as Python objects.

   The channels are in Python/channels.c; this file has the exceptions, the type ChannelID and
   the functions.  A ChannelID is a reference to a channel, which goes with the last one;
   `end` says which end it stands for.  It crosses interpreters by registration: as id and
   end, with a reference of its own on the way.  One end of a channel that was made with
   _resolve=True arrives as an object of the Python module "interpreters" (PEP 554), if there is
   one.

   recv_wait() is ours: it blocks with the GIL released until a message comes.

   Written from PEP 554 and the behaviour of 3.12's module.  */

#include "Python.h"
#include "interpreteridobject.h"    // _PyInterpreterID_New()
#include "pycore_atexit.h"      // PyUnstable_AtExit()
#include "pycore_channels.h"    // _PyChannel_Send()
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_message.h"     // _PyMessage_FromObject()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

typedef struct {
    PyTypeObject *id_type;
    PyObject *error;            /* ChannelError */
    PyObject *not_found_error;
    PyObject *closed_error;
    PyObject *empty_error;
    PyObject *not_empty_error;
} channels_state;

static inline channels_state *
get_state(PyObject *module)
{
    return (channels_state *)PyModule_GetState(module);
}

/* Turn a result of channels.c into an exception, unless it is 0.  Returns -1 or 0. */
static int
handle_result(int rc, PyObject *module, int64_t cid)
{
    channels_state *state = get_state(module);
    long long id = (long long)cid;
    switch (rc) {
    case _Py_CHANNEL_OK:
        return 0;
    case _Py_CHANNEL_NOT_FOUND:
        PyErr_Format(state->not_found_error, "channel %lld not found", id);
        break;
    case _Py_CHANNEL_CLOSED:
        PyErr_Format(state->closed_error, "channel %lld is closed", id);
        break;
    case _Py_CHANNEL_EMPTY:
        PyErr_Format(state->empty_error, "channel %lld is empty", id);
        break;
    case _Py_CHANNEL_NOT_EMPTY:
        PyErr_Format(state->not_empty_error,
                     "channel %lld may not be closed if not empty (try force=True)", id);
        break;
    default:
        assert(rc == _Py_CHANNEL_NO_MEMORY);
        PyErr_NoMemory();
    }
    return -1;
}

/* ---- ChannelID ---------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    int64_t id;
    int end;                    /* _Py_CHANNEL_SEND, _RECV or _BOTH */
    int counted;                /* holds a reference to the channel */
    int resolve;                /* arrives as a SendChannel or RecvChannel */
} channelid;

struct id_converter_data {
    PyObject *module;
    int64_t cid;
};

/* Converter "O&": a ChannelID or an integer that is not negative. */
static int
channel_id_converter(PyObject *arg, void *ptr)
{
    struct id_converter_data *data = ptr;
    channels_state *state = get_state(data->module);
    if (Py_IS_TYPE(arg, state->id_type)) {
        data->cid = ((channelid *)arg)->id;
        return 1;
    }
    if (!PyIndex_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "channel ID must be an int, got %.100s",
                     Py_TYPE(arg)->tp_name);
        return 0;
    }
    PyObject *index = PyNumber_Index(arg);
    if (index == NULL) {
        return 0;
    }
    data->cid = PyLong_AsLongLong(index);
    Py_DECREF(index);
    if (data->cid == -1 && PyErr_Occurred()) {
        return 0;
    }
    if (data->cid < 0) {
        PyErr_Format(PyExc_ValueError, "channel ID must be a non-negative int, got %R", arg);
        return 0;
    }
    return 1;
}

/* New id object.  `force`: the channel need not exist.  NULL with an exception. */
static PyObject *
new_channelid(PyObject *module, int64_t cid, int end, int force, int resolve)
{
    PyTypeObject *type = get_state(module)->id_type;
    channelid *self = PyObject_New(channelid, type);
    if (self == NULL) {
        return NULL;
    }
    self->id = cid;
    self->end = end;
    self->counted = 0;
    self->resolve = resolve;
    int rc = _PyChannel_AddReference(cid);
    if (rc == 0) {
        self->counted = 1;
    }
    else if (!force) {
        Py_DECREF(self);
        (void)handle_result(rc, module, cid);
        return NULL;
    }
    return (PyObject *)self;
}

static void
channelid_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    channelid *self = (channelid *)op;
    if (self->counted) {
        PyObject *exc = PyErr_GetRaisedException();
        _PyChannel_DropReference(self->id);
        PyErr_SetRaisedException(exc);
    }
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
channelid_repr(PyObject *op)
{
    channelid *self = (channelid *)op;
    const char *format = self->end == _Py_CHANNEL_SEND ? "%s(%lld, send=True)"
                         : self->end == _Py_CHANNEL_RECV ? "%s(%lld, recv=True)" : "%s(%lld)";
    return PyUnicode_FromFormat(format, _PyType_Name(Py_TYPE(op)), (long long)self->id);
}

static PyObject *
channelid_str(PyObject *op)
{
    return PyUnicode_FromFormat("%lld", (long long)((channelid *)op)->id);
}

static PyObject *
channelid_int(PyObject *op)
{
    return PyLong_FromLongLong(((channelid *)op)->id);
}

static Py_hash_t
channelid_hash(PyObject *op)
{
    PyObject *number = channelid_int(op);
    if (number == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(number);
    Py_DECREF(number);
    return hash;
}

static PyObject *
channelid_richcompare(PyObject *self, PyObject *other, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    channelid *a = (channelid *)self;
    if (Py_IS_TYPE(other, Py_TYPE(self))) {
        channelid *b = (channelid *)other;
        int equal = a->id == b->id && a->end == b->end;
        return PyBool_FromLong((op == Py_EQ) == equal);
    }
    if (!PyNumber_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *number = channelid_int(self);
    if (number == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_RichCompare(number, other, op);
    Py_DECREF(number);
    return result;
}

static PyObject *
channelid_end(PyObject *op, void *Py_UNUSED(closure))
{
    static const char * const names[] = {"send", "recv", "both"};   /* ORDER ENDS */
    return PyUnicode_InternFromString(names[((channelid *)op)->end]);
}

/* The same channel, one end; `closure` points to the end's number. */
static PyObject *
channelid_one_end(PyObject *op, void *closure)
{
    PyObject *module = PyType_GetModule(Py_TYPE(op));
    if (module == NULL) {
        return NULL;
    }
    int end = *(const int *)closure;
    return new_channelid(module, ((channelid *)op)->id, end, 1, ((channelid *)op)->resolve);
}

static const int send_end = _Py_CHANNEL_SEND;
static const int recv_end = _Py_CHANNEL_RECV;

static const PyGetSetDef channelid_getsets[] = {
    {"end", channelid_end, NULL, PyDoc_STR("'send', 'recv', or 'both'"), NULL},
    {"send", channelid_one_end, NULL, PyDoc_STR("the 'send' end of the channel"),
     (void *)&send_end},
    {"recv", channelid_one_end, NULL, PyDoc_STR("the 'recv' end of the channel"),
     (void *)&recv_end},
    {NULL, NULL, NULL, NULL, NULL}
};

static const PyType_Slot channelid_slots[] = {
    {Py_tp_dealloc, channelid_dealloc},
    {Py_tp_doc, "A channel, or one of its ends."},
    {Py_tp_repr, channelid_repr},
    {Py_tp_str, channelid_str},
    {Py_tp_hash, channelid_hash},
    {Py_tp_richcompare, channelid_richcompare},
    {Py_tp_getset, (void *)channelid_getsets},
    {Py_nb_int, channelid_int},
    {Py_nb_index, channelid_int},
    {0, NULL}
};

/* ---- ChannelIDs that cross ---------------------------------------------- */

struct crossing_id {
    int64_t cid;
    int end;
    int counted;
    int resolve;
};

/* The SendChannel or RecvChannel for an id object: new reference; NULL with an exception. */
static PyObject *
resolve_end(PyObject *id)
{
    PyObject *module = PyImport_ImportModule("interpreters");
    if (module == NULL) {
        PyErr_Clear();
        module = PyImport_ImportModule("test.support.interpreters");
        if (module == NULL) {
            return NULL;
        }
    }
    const char *name = ((channelid *)id)->end == _Py_CHANNEL_SEND ? "SendChannel" : "RecvChannel";
    PyObject *type = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    PyObject *channel = type == NULL ? NULL : PyObject_CallOneArg(type, id);
    Py_XDECREF(type);
    return channel;
}

/* As observed: an error of any kind while resolving leaves the id itself, silently. */
static PyObject *
channelid_from_data(_PyCrossInterpreterData *data)
{
    struct crossing_id *id = data->data;
    PyObject *module = PyImport_ImportModule("_xxinterpchannels");
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = new_channelid(module, id->cid, id->end, 1, 0);
    Py_DECREF(module);
    if (result != NULL && id->resolve && id->end != _Py_CHANNEL_BOTH) {
        PyObject *channel = resolve_end(result);
        if (channel != NULL) {
            Py_SETREF(result, channel);
        }
        else {
            PyErr_Clear();
        }
    }
    return result;
}

static void
free_crossing_id(void *data)
{
    struct crossing_id *id = data;
    if (id->counted) {
        _PyChannel_DropReference(id->cid);
    }
    PyMem_RawFree(id);
}

static int
channelid_getdata(PyThreadState *tstate, PyObject *obj, _PyCrossInterpreterData *data)
{
    struct crossing_id *id = PyMem_RawMalloc(sizeof(*id));
    if (id == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    id->cid = ((channelid *)obj)->id;
    id->end = ((channelid *)obj)->end;
    id->resolve = ((channelid *)obj)->resolve;
    id->counted = _PyChannel_AddReference(id->cid) == 0;
    _PyCrossInterpreterData_Init(data, tstate->interp, id, NULL, channelid_from_data);
    data->free = free_crossing_id;
    return 0;
}

/* ---- Functions ---------------------------------------------------------- */

static inline int64_t
current_id(void)
{
    return _PyInterpreterState_GET()->id;
}

PyDoc_STRVAR(create_doc, "channel_create() -> cid\n\nMake a channel and return its ID.");

static PyObject *
channel_create(PyObject *module, PyObject *Py_UNUSED(unused))
{
    int64_t cid = _PyChannel_Create();
    if (cid < 0) {
        (void)handle_result((int)cid, module, -1);
        return NULL;
    }
    PyObject *id = new_channelid(module, cid, _Py_CHANNEL_BOTH, 0, 0);
    if (id == NULL) {
        (void)_PyChannel_Destroy(cid);
    }
    return id;
}

PyDoc_STRVAR(destroy_doc,
"channel_destroy(cid)\n"
"\n"
"Close the channel and forget it, as if it had never been.");

static PyObject *
channel_destroy(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", NULL};
    struct id_converter_data id = {module, 0};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&:channel_destroy", (char **)keywords,
                                     channel_id_converter, &id)
        || handle_result(_PyChannel_Destroy(id.cid), module, id.cid) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(list_all_doc,
"channel_list_all() -> [cid]\n"
"\n"
"Return the IDs of all channels.");

static PyObject *
channel_list_all(PyObject *module, PyObject *Py_UNUSED(unused))
{
    Py_ssize_t count;
    int64_t *cids = _PyChannel_List(&count);
    if (cids == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *ids = PyList_New(0);
    for (Py_ssize_t i = 0; i < count && ids != NULL; i++) {
        PyObject *id = new_channelid(module, cids[i], _Py_CHANNEL_BOTH, 0, 0);
        if (id == NULL) {
            if (PyErr_ExceptionMatches(get_state(module)->not_found_error)) {
                PyErr_Clear();      /* gone in the meantime */
                continue;
            }
            Py_CLEAR(ids);
        }
        else if (PyList_Append(ids, id) < 0) {
            Py_CLEAR(ids);
        }
        Py_XDECREF(id);
    }
    PyMem_RawFree(cids);
    return ids;
}

PyDoc_STRVAR(list_interpreters_doc,
"channel_list_interpreters(cid, *, send) -> [id]\n"
"\n"
"Return the IDs of the interpreters that use an end of the channel: the\n"
"sending one if `send` is true, else the receiving one.");

static PyObject *
channel_list_interpreters(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "send", NULL};
    struct id_converter_data id = {module, 0};
    int send = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&$p:channel_list_interpreters",
                                     (char **)keywords, channel_id_converter, &id, &send)) {
        return NULL;
    }
    int64_t *interp_ids = NULL;
    Py_ssize_t count = 0;
    int rc = _PyChannel_ListInterpreters(id.cid, send ? _Py_CHANNEL_SEND : _Py_CHANNEL_RECV,
                                         &interp_ids, &count);
    if (handle_result(rc, module, id.cid) < 0) {
        return NULL;
    }
    PyObject *ids = PyList_New(0);
    for (Py_ssize_t i = 0; i < count && ids != NULL; i++) {
        PyObject *interp_id = _PyInterpreterID_New(interp_ids[i]);
        if (interp_id == NULL || PyList_Append(ids, interp_id) < 0) {
            Py_CLEAR(ids);
        }
        Py_XDECREF(interp_id);
    }
    PyMem_RawFree(interp_ids);
    return ids;
}

PyDoc_STRVAR(send_doc,
"channel_send(cid, obj)\n"
"\n"
"Add the object's data to the channel's queue.");

static PyObject *
channel_send(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "obj", NULL};
    struct id_converter_data id = {module, 0};
    PyObject *obj;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O:channel_send", (char **)keywords,
                                     channel_id_converter, &id, &obj)) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    struct _Py_message message;
    if (handle_result(_PyChannel_CheckSend(id.cid, tstate->interp->id), module, id.cid) < 0
        || _PyMessage_FromObject(tstate, obj, _Py_MESSAGE_MAY_LEND, &message) < 0) {
        return NULL;
    }
    int rc = _PyChannel_Send(id.cid, tstate->interp->id, &message);
    if (rc != 0) {
        _PyMessage_Clear(&message);
        (void)handle_result(rc, module, id.cid);
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(recv_doc,
"channel_recv(cid, [default]) -> obj\n"
"\n"
"Return a new object from the data at the front of the channel's queue.  If\n"
"there is none, return the default, or raise ChannelEmptyError.");

static PyObject *
channel_recv(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "default", NULL};
    struct id_converter_data id = {module, 0};
    PyObject *fallback = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|O:channel_recv", (char **)keywords,
                                     channel_id_converter, &id, &fallback)) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    struct _Py_message message;
    int rc = _PyChannel_Recv(id.cid, tstate->interp->id, &message);
    if (rc == _Py_CHANNEL_EMPTY && fallback != NULL) {
        return Py_NewRef(fallback);
    }
    if (handle_result(rc, module, id.cid) < 0) {
        return NULL;
    }
    return _PyMessage_ToObject(tstate, &message);
}

PyDoc_STRVAR(recv_wait_doc,
"channel_recv_wait(cid, timeout=None) -> obj\n"
"\n"
"Return a new object from the data at the front of the channel's queue; wait\n"
"for it, at most `timeout` seconds.  Raises ChannelEmptyError when nothing came,\n"
"ChannelClosedError when the channel was closed.");

static PyObject *
channel_recv_wait(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "timeout", NULL};
    struct id_converter_data id = {module, 0};
    PyObject *timeout_obj = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|O:channel_recv_wait", (char **)keywords,
                                     channel_id_converter, &id, &timeout_obj)) {
        return NULL;
    }
    _PyTime_t deadline = -1;
    if (timeout_obj != Py_None) {
        _PyTime_t timeout;
        if (_PyTime_FromSecondsObject(&timeout, timeout_obj, _PyTime_ROUND_TIMEOUT) < 0) {
            return NULL;
        }
        if (timeout < 0) {
            PyErr_SetString(PyExc_ValueError, "timeout value must be positive");
            return NULL;
        }
        deadline = _PyDeadline_Init(timeout);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    struct _Py_message message;
    int waited = 0;
    for (;;) {
        int rc = _PyChannel_Recv(id.cid, tstate->interp->id, &message);
        if (rc == 0) {
            return _PyMessage_ToObject(tstate, &message);
        }
        if (rc != _Py_CHANNEL_EMPTY || waited == _Py_CHANNEL_EMPTY) {
            (void)handle_result(rc, module, id.cid);
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        waited = _PyChannel_Wait(id.cid, deadline);
        Py_END_ALLOW_THREADS
        if (waited == _Py_CHANNEL_INTERRUPTED && PyErr_CheckSignals() < 0) {
            return NULL;
        }
    }
}

/* send= and recv= as one end; both, if neither or both are true. */
static int
end_from_flags(int send, int recv)
{
    if (!send == !recv) {
        return _Py_CHANNEL_BOTH;
    }
    return send ? _Py_CHANNEL_SEND : _Py_CHANNEL_RECV;
}

PyDoc_STRVAR(close_doc,
"channel_close(cid, *, send=None, recv=None, force=False)\n"
"\n"
"Close the channel for all interpreters.\n"
"\n"
"An empty channel is closed at once.  With `force` queued data is dropped.\n"
"Otherwise closing the sending end lets the receivers take what is queued, and\n"
"closing the receiving end or both raises ChannelNotEmptyError.");

static PyObject *
channel_close(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "send", "recv", "force", NULL};
    struct id_converter_data id = {module, 0};
    int send = 0, recv = 0, force = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$ppp:channel_close", (char **)keywords,
                                     channel_id_converter, &id, &send, &recv, &force)) {
        return NULL;
    }
    int rc = _PyChannel_Close(id.cid, end_from_flags(send, recv), force);
    if (handle_result(rc, module, id.cid) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(release_doc,
"channel_release(cid, *, send=None, recv=None, force=True)\n"
"\n"
"Close an end of the channel, or both, for this interpreter.");

static PyObject *
channel_release(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"cid", "send", "recv", "force", NULL};
    struct id_converter_data id = {module, 0};
    int send = 0, recv = 0, force = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$ppp:channel_release", (char **)keywords,
                                     channel_id_converter, &id, &send, &recv, &force)) {
        return NULL;
    }
    int rc = _PyChannel_Release(id.cid, current_id(), end_from_flags(send, recv));
    if (handle_result(rc, module, id.cid) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(channel_id_doc,
"_channel_id(id, *, send=None, recv=None, force=False, _resolve=False)\n"
"\n"
"Return the ID object of a channel, or of one of its ends.  With `_resolve` an\n"
"end is received as a SendChannel or RecvChannel.");

static PyObject *
channel_id(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"id", "send", "recv", "force", "_resolve", NULL};
    struct id_converter_data id = {module, 0};
    int send = -1, recv = -1, force = 0, resolve = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$pppp:ChannelID.__new__",
                                     (char **)keywords, channel_id_converter, &id,
                                     &send, &recv, &force, &resolve)) {
        return NULL;
    }
    if (send == 0 && recv == 0) {
        PyErr_SetString(PyExc_ValueError, "'send' and 'recv' cannot both be False");
        return NULL;
    }
    return new_channelid(module, id.cid, end_from_flags(send == 1, recv == 1), force,
                         resolve);
}

/* ---- The module --------------------------------------------------------- */

#define WITH_KEYWORDS(name, func, doc) \
    {name, _PyCFunction_CAST(func), METH_VARARGS | METH_KEYWORDS, doc}

static const PyMethodDef channels_methods[] = {
    {"create", channel_create, METH_NOARGS, create_doc},
    WITH_KEYWORDS("destroy", channel_destroy, destroy_doc),
    {"list_all", channel_list_all, METH_NOARGS, list_all_doc},
    WITH_KEYWORDS("list_interpreters", channel_list_interpreters, list_interpreters_doc),
    WITH_KEYWORDS("send", channel_send, send_doc),
    WITH_KEYWORDS("recv", channel_recv, recv_doc),
    WITH_KEYWORDS("recv_wait", channel_recv_wait, recv_wait_doc),
    WITH_KEYWORDS("close", channel_close, close_doc),
    WITH_KEYWORDS("release", channel_release, release_doc),
    WITH_KEYWORDS("_channel_id", channel_id, channel_id_doc),
    {NULL, NULL, 0, NULL}
};

/* Exit callback of the interpreter that imported the module. */
static void
clear_interpreter(void *data)
{
    _PyChannels_ClearInterpreter(data);
}

static PyObject *
add_exception(PyObject *module, const char *name, PyObject *base)
{
    char full[100];
    PyOS_snprintf(full, sizeof(full), "_xxinterpchannels.%s", name);
    PyObject *exc = PyErr_NewException(full, base, NULL);
    if (exc != NULL && PyModule_AddObjectRef(module, name, exc) < 0) {
        Py_CLEAR(exc);
    }
    return exc;
}

static int
add_exceptions(PyObject *module, channels_state *state)
{
    state->error = add_exception(module, "ChannelError", PyExc_RuntimeError);
    if (state->error == NULL) {
        return -1;
    }
    state->not_found_error = add_exception(module, "ChannelNotFoundError", state->error);
    state->closed_error = add_exception(module, "ChannelClosedError", state->error);
    state->empty_error = add_exception(module, "ChannelEmptyError", state->error);
    state->not_empty_error = add_exception(module, "ChannelNotEmptyError", state->error);
    return state->not_found_error != NULL && state->closed_error != NULL
           && state->empty_error != NULL && state->not_empty_error != NULL ? 0 : -1;
}

static int
channels_exec(PyObject *module)
{
    channels_state *state = get_state(module);
    PyType_Spec spec = {
        .name = "_xxinterpchannels.ChannelID",
        .basicsize = sizeof(channelid),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = (PyType_Slot *)channelid_slots,
    };
    if (add_exceptions(module, state) < 0) {
        return -1;
    }
    state->id_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (state->id_type == NULL || PyModule_AddType(module, state->id_type) < 0
        || _PyCrossInterpreterData_RegisterClass(state->id_type, channelid_getdata) < 0) {
        return -1;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    return PyUnstable_AtExit(interp, clear_interpreter, interp);
}

static int
channels_traverse(PyObject *module, visitproc visit, void *arg)
{
    channels_state *state = get_state(module);
    Py_VISIT(state->id_type);
    Py_VISIT(state->error);
    Py_VISIT(state->not_found_error);
    Py_VISIT(state->closed_error);
    Py_VISIT(state->empty_error);
    Py_VISIT(state->not_empty_error);
    return 0;
}

static int
channels_clear(PyObject *module)
{
    channels_state *state = get_state(module);
    if (state->id_type != NULL) {
        (void)_PyCrossInterpreterData_UnregisterClass(state->id_type);
    }
    Py_CLEAR(state->id_type);
    Py_CLEAR(state->error);
    Py_CLEAR(state->not_found_error);
    Py_CLEAR(state->closed_error);
    Py_CLEAR(state->empty_error);
    Py_CLEAR(state->not_empty_error);
    return 0;
}

static void
channels_free(void *module)
{
    (void)channels_clear((PyObject *)module);
}

static const PyModuleDef_Slot channels_slots[] = {
    {Py_mod_exec, channels_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED static PyModuleDef channels_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_xxinterpchannels",
    .m_doc = PyDoc_STR("The primitives of channels: queues of data between interpreters."),
    .m_size = sizeof(channels_state),
    .m_methods = (PyMethodDef *)channels_methods,
    .m_slots = (PyModuleDef_Slot *)channels_slots,
    .m_traverse = channels_traverse,
    .m_clear = channels_clear,
    .m_free = channels_free,
};

PyMODINIT_FUNC
PyInit__xxinterpchannels(void)
{
    return PyModuleDef_Init(&channels_module);
}
