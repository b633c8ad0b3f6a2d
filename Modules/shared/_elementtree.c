/* _elementtree: the types Element, TreeBuilder and XMLParser of xml.etree.ElementTree, in C.
 *
 * This file has XMLParser and the module; the rest is in the folder etree.  XMLParser calls a
 * TreeBuilder (of exactly that type) directly, and the methods of any other target through Python.
 *
 * Invariants: an XMLParser without `expat` was not initialised; one that was stays so.  libexpat is
 * not reentrant: a handler cannot feed its own parser.  After an exception libexpat is stopped, and
 * callbacks do nothing while one is set.
 *
 * Written from the library reference (xml.etree.ElementTree), expat.h and observed behaviour of
 * CPython 3.12 with and without its accelerator.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "etree/etree.h"
#include "expat_input.h"

#define READ_SIZE (64 * 1024)   // what _parse_whole() reads at a time

/* In the order of enum event. */
static const char *const event_names[N_EVENTS] = {
    "start", "end", "start-ns", "end-ns", "comment", "pi"
};

/* Methods of the target that an XMLParser calls: X(name). */
#define TARGET_METHODS(X) \
    X(start) X(end) X(data) X(comment) X(pi) X(doctype) X(close) X(start_ns) X(end_ns)

typedef struct {
    PyObject_HEAD
    XML_Parser expat;           // owned, or NULL
    struct expat_input input;
    PyObject *target;
    treebuilder *builder;       // the target if it is exactly a TreeBuilder (borrowed), or NULL
    PyObject *entity;           // dict of the user's: name to text
    PyObject *names;            // dict: name as libexpat has it (bytes) to str
#define X(NAME) PyObject *NAME;
    struct {
        TARGET_METHODS(X)
    } on;                       // bound methods of a target that is no TreeBuilder, or NULL
#undef X
} xmlparser;

#include "sig/_elementtree.sig.h"

/* -------------------------------------------------------------------------- callbacks of expat */

/* An exception is set: end libexpat's work. */
static void
stop(xmlparser *self)
{
    assert(PyErr_Occurred());
    XML_StopParser(self->expat, XML_FALSE);
}

/* What a callback ends with: the result is not needed; NULL is an exception. */
static void
done(xmlparser *self, PyObject *result)
{
    if (result == NULL) {
        stop(self);
    }
    Py_XDECREF(result);
}

static PyObject *
text(const char *s, Py_ssize_t size)
{
    return PyUnicode_DecodeUTF8(s, size, "strict");
}

/* text(), or None for NULL. */
static PyObject *
text_or_none(const char *s)
{
    return s != NULL ? text(s, (Py_ssize_t)strlen(s)) : Py_NewRef(Py_None);
}

/* text(), or "" for NULL. */
static PyObject *
text_or_empty(const char *s)
{
    return text_or_none(s != NULL ? s : "");
}

/* The str of a name: "uri}tag" becomes "{uri}tag".  New reference, or NULL with an exception. */
static PyObject *
universal_name(xmlparser *self, const char *s)
{
    size_t size = strlen(s);
    PyObject *key = PyBytes_FromStringAndSize(s, (Py_ssize_t)size);
    if (key == NULL) {
        return NULL;
    }
    PyObject *name = Py_XNewRef(PyDict_GetItemWithError(self->names, key));
    if (name == NULL && !PyErr_Occurred()) {
        name = text(s, (Py_ssize_t)size);
        if (name != NULL && strchr(s, '}') != NULL) {
            Py_SETREF(name, PyUnicode_FromFormat("{%U", name));
        }
        if (name != NULL && PyDict_SetItem(self->names, key, name) < 0) {
            Py_CLEAR(name);
        }
    }
    Py_DECREF(key);
    return name;
}

/* Raise ParseError; NULL. */
static PyObject *
raise_parse_error(etree_state *state, enum XML_Error code, const char *problem, XML_Size line,
                  XML_Size column)
{
    PyObject *message = expat_message(problem, line, column);
    PyObject *exc = message != NULL ? PyObject_CallOneArg(state->parse_error, message) : NULL;
    PyObject *number = exc != NULL ? PyLong_FromLong((long)code) : NULL;
    PyObject *position = number != NULL ? Py_BuildValue("(nn)", (Py_ssize_t)line,
                                                        (Py_ssize_t)column) : NULL;
    if (position != NULL && PyObject_SetAttrString(exc, "code", number) == 0
        && PyObject_SetAttrString(exc, "position", position) == 0)
    {
        PyErr_SetObject(state->parse_error, exc);
    }
    Py_XDECREF(position);
    Py_XDECREF(number);
    Py_XDECREF(exc);
    Py_XDECREF(message);
    return NULL;
}

/* Give text to the target; a new reference, or NULL with an exception. */
static PyObject *
give_data(xmlparser *self, PyObject *value)
{
    if (self->builder != NULL) {
        return etree_builder_data(self->builder, value) == 0 ? Py_NewRef(Py_None) : NULL;
    }
    return self->on.data != NULL ? PyObject_CallOneArg(self->on.data, value)
                                 : Py_NewRef(Py_None);
}

/* What no other callback gets: among others, references to entities that libexpat does not know. */
static void
on_default(void *data, const XML_Char *s, int size)
{
    xmlparser *self = data;
    if (PyErr_Occurred() || size < 2 || s[0] != '&') {
        return;
    }
    PyObject *key = text(s + 1, size - 2);
    PyObject *value = key != NULL ? Py_XNewRef(PyDict_GetItemWithError(self->entity, key)) : NULL;
    if (value != NULL) {
        done(self, give_data(self, value));
        Py_DECREF(value);
    }
    else {
        if (!PyErr_Occurred()) {
            PyObject *problem = PyUnicode_FromFormat("undefined entity &%U;", key);
            const char *utf8 = problem != NULL ? PyUnicode_AsUTF8(problem) : NULL;
            if (utf8 != NULL) {
                raise_parse_error(state_of(self), XML_ERROR_UNDEFINED_ENTITY, utf8,
                                  XML_GetErrorLineNumber(self->expat),
                                  XML_GetErrorColumnNumber(self->expat));
            }
            Py_XDECREF(problem);
        }
        stop(self);
    }
    Py_XDECREF(key);
}

/* A dict of names and values in turn, or NULL with an exception. */
static PyObject *
make_attributes(xmlparser *self, const XML_Char **atts)
{
    PyObject *dict = PyDict_New();
    for (; dict != NULL && atts[0] != NULL; atts += 2) {
        PyObject *key = universal_name(self, atts[0]);
        PyObject *value = key != NULL ? text_or_none(atts[1]) : NULL;
        if (value == NULL || PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

static void
on_start(void *data, const XML_Char *name, const XML_Char **atts)
{
    xmlparser *self = data;
    if (PyErr_Occurred() || (self->builder == NULL && self->on.start == NULL)) {
        return;
    }
    PyObject *tag = universal_name(self, name);
    PyObject *attrib = tag != NULL ? make_attributes(self, atts) : NULL;
    PyObject *result = NULL;
    if (attrib != NULL) {
        result = self->builder != NULL
                 ? etree_builder_start(self->builder, tag, attrib)
                 : PyObject_CallFunctionObjArgs(self->on.start, tag, attrib, NULL);
    }
    Py_XDECREF(tag);
    Py_XDECREF(attrib);
    done(self, result);
}

static void
on_data(void *data, const XML_Char *s, int size)
{
    xmlparser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    PyObject *str = text(s, size);
    PyObject *result = str != NULL ? give_data(self, str) : NULL;
    Py_XDECREF(str);
    done(self, result);
}

static void
on_end(void *data, const XML_Char *name)
{
    xmlparser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->builder != NULL) {
        done(self, etree_builder_end(self->builder));
    }
    else if (self->on.end != NULL) {
        PyObject *tag = universal_name(self, name);
        done(self, tag != NULL ? PyObject_CallOneArg(self->on.end, tag) : NULL);
        Py_XDECREF(tag);
    }
}

static void
on_start_ns(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    xmlparser *self = data;
    bool report = self->builder != NULL && self->builder->events[START_NS] != NULL;
    if (PyErr_Occurred() || (!report && self->on.start_ns == NULL)) {
        return;
    }
    PyObject *pair = Py_BuildValue("(NN)", text_or_empty(prefix), text_or_empty(uri));
    PyObject *result = NULL;
    if (pair != NULL && report) {
        result = etree_report_event(self->builder, START_NS, pair) == 0 ? Py_NewRef(Py_None) : NULL;
    }
    else if (pair != NULL) {
        result = PyObject_Call(self->on.start_ns, pair, NULL);
    }
    Py_XDECREF(pair);
    done(self, result);
}

static void
on_end_ns(void *data, const XML_Char *prefix)
{
    xmlparser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->builder != NULL) {
        int failed = etree_report_event(self->builder, END_NS, Py_None);
        done(self, failed ? NULL : Py_NewRef(Py_None));
    }
    else if (self->on.end_ns != NULL) {
        PyObject *str = text_or_empty(prefix);
        done(self, str != NULL ? PyObject_CallOneArg(self->on.end_ns, str) : NULL);
        Py_XDECREF(str);
    }
}

static void
on_comment(void *data, const XML_Char *s)
{
    xmlparser *self = data;
    if (PyErr_Occurred() || (self->builder == NULL && self->on.comment == NULL)) {
        return;
    }
    PyObject *str = text_or_none(s), *result = NULL;
    if (str != NULL) {
        result = self->builder != NULL ? etree_builder_comment(self->builder, str)
                                       : PyObject_CallOneArg(self->on.comment, str);
        Py_DECREF(str);
    }
    done(self, result);
}

static void
on_pi(void *data, const XML_Char *name, const XML_Char *content)
{
    xmlparser *self = data;
    if (PyErr_Occurred() || (self->builder == NULL && self->on.pi == NULL)) {
        return;
    }
    PyObject *target = text_or_none(name);
    PyObject *str = target != NULL ? text_or_none(content) : NULL;
    PyObject *result = NULL;
    if (str != NULL) {
        result = self->builder != NULL
                 ? etree_builder_pi(self->builder, target, str)
                 : PyObject_CallFunctionObjArgs(self->on.pi, target, str, NULL);
    }
    Py_XDECREF(target);
    Py_XDECREF(str);
    done(self, result);
}

static void
on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
           const XML_Char *public_id, int Py_UNUSED(has_internal_subset))
{
    xmlparser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->on.doctype != NULL) {
        PyObject *args = Py_BuildValue("(NNN)", text_or_none(name), text_or_none(public_id),
                                       text_or_none(system_id));
        done(self, args != NULL ? PyObject_Call(self->on.doctype, args, NULL) : NULL);
        Py_XDECREF(args);
        return;
    }
    int defined = PyObject_HasAttrString((PyObject *)self, "doctype");
    if (defined && PyErr_WarnEx(PyExc_RuntimeWarning,
                                "The doctype() method of XMLParser is ignored.  "
                                "Define doctype() method on the TreeBuilder target.", 1) < 0)
    {
        stop(self);
    }
}

/* ---------------------------------------------------------------------------------- XMLParser */

static PyObject *
parser_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static int
parser_traverse(xmlparser *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->target);
    Py_VISIT(self->entity);
    Py_VISIT(self->names);
#define X(NAME) Py_VISIT(self->on.NAME);
    TARGET_METHODS(X)
#undef X
    return 0;
}

/* Give up all that a parser has. */
static void
release_parts(xmlparser *self)
{
    assert(!self->input.parsing);
    if (self->expat != NULL) {
        XML_ParserFree(self->expat);
        self->expat = NULL;
    }
    self->builder = NULL;
#define X(NAME) Py_CLEAR(self->on.NAME);
    TARGET_METHODS(X)
#undef X
    Py_CLEAR(self->target);
    Py_CLEAR(self->entity);
    Py_CLEAR(self->names);
}

static int
parser_clear(xmlparser *self)
{
    release_parts(self);
    return 0;
}

static void
parser_dealloc(xmlparser *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    release_parts(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Get a method of the target if it has it: 0, or -1 with an exception. */
static int
find_method(PyObject *target, const char *name, PyObject **place)
{
    assert(*place == NULL);
    *place = PyObject_GetAttrString(target, name);
    if (*place == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

/* Set the target, and what of it is called; 0, or -1 with an exception. */
static int
set_target(etree_state *state, xmlparser *self, PyObject *target)
{
    self->target = target != Py_None ? Py_NewRef(target)
                                     : etree_builder_new(state->builder_type, NULL, NULL);
    if (self->target == NULL) {
        return -1;
    }
    if (Py_IS_TYPE(self->target, state->builder_type)) {
        self->builder = (treebuilder *)self->target;
        return 0;
    }
#define X(NAME) \
    if (find_method(self->target, #NAME, &self->on.NAME) < 0) { \
        return -1; \
    }
    TARGET_METHODS(X)
#undef X
    return 0;
}

static void
register_callbacks(xmlparser *self)
{
    XML_Parser expat = self->expat;
    XML_SetUserData(expat, self);
    XML_SetElementHandler(expat, on_start, on_end);
    XML_SetDefaultHandlerExpand(expat, on_default);
    XML_SetCharacterDataHandler(expat, on_data);
    XML_SetNamespaceDeclHandler(expat, self->on.start_ns != NULL ? on_start_ns : NULL,
                                self->on.end_ns != NULL ? on_end_ns : NULL);
    if (self->builder != NULL || self->on.comment != NULL) {
        XML_SetCommentHandler(expat, on_comment);
    }
    if (self->builder != NULL || self->on.pi != NULL) {
        XML_SetProcessingInstructionHandler(expat, on_pi);
    }
    XML_SetStartDoctypeDeclHandler(expat, on_doctype);
    XML_SetUnknownEncodingHandler(expat, expat_unknown_encoding, NULL);
}

/*sig XMLParser.__init__(self, *, target = None, encoding: utf8_none = None)

*/
static int
parser_init_impl(xmlparser *self, PyObject *target, const char *encoding)
{
    /* The target's attributes may run code that uses the parser: it changes at once, or not. */
    xmlparser fresh = {.entity = PyDict_New(), .names = PyDict_New()};
    if (fresh.entity == NULL || fresh.names == NULL
        || set_target(state_of(self), &fresh, target) < 0)
    {
        goto failed;
    }
    fresh.expat = expat_create(encoding, "}");
    if (fresh.expat == NULL) {
        goto failed;
    }
    if (self->input.parsing) {
        PyErr_SetString(PyExc_RuntimeError, "the parser is at work: it called a handler");
        goto failed;
    }
    xmlparser old = *self;
    fresh.ob_base = self->ob_base;
    *self = fresh;
    register_callbacks(self);
    release_parts(&old);
    return 0;
failed:
    release_parts(&fresh);
    return -1;
}

/* Whether it is initialised; false with ValueError. */
static bool
check_initialised(xmlparser *self)
{
    if (self->expat == NULL) {
        PyErr_SetString(PyExc_ValueError, "XMLParser.__init__() wasn't called");
    }
    return self->expat != NULL;
}

/* Parse bytes: 0, or -1 with an exception. */
static int
parse_bytes(xmlparser *self, const char *data, Py_ssize_t size, bool final)
{
    enum XML_Status status = expat_parse(self->expat, &self->input, data, size, final);
    if (PyErr_Occurred()) {
        return -1;
    }
    if (status == XML_STATUS_ERROR) {
        enum XML_Error code = XML_GetErrorCode(self->expat);
        raise_parse_error(state_of(self), code, XML_ErrorString(code),
                          XML_GetErrorLineNumber(self->expat),
                          XML_GetErrorColumnNumber(self->expat));
        return -1;
    }
    return 0;
}

/*sig XMLParser.close(self)

*/
static PyObject *
XMLParser_close_impl(xmlparser *self)
{
    if (!check_initialised(self) || parse_bytes(self, "", 0, true) < 0) {
        return NULL;
    }
    if (self->builder != NULL) {
        return etree_builder_result(self->builder);
    }
    return self->on.close != NULL ? PyObject_CallNoArgs(self->on.close) : Py_NewRef(Py_None);
}

/*sig XMLParser.feed(self, data, /) -> None

*/
static int
XMLParser_feed_impl(xmlparser *self, PyObject *data)
{
    if (!check_initialised(self)) {
        return -1;
    }
    if (PyUnicode_Check(data)) {
        Py_ssize_t size;
        const char *utf8 = PyUnicode_AsUTF8AndSize(data, &size);
        if (utf8 == NULL) {
            return -1;
        }
        if (!self->input.parsing) {
            (void)XML_SetEncoding(self->expat, "utf-8");    /* too late but for the first part */
        }
        return parse_bytes(self, utf8, size, false);
    }
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int result = parse_bytes(self, view.buf, view.len, false);
    PyBuffer_Release(&view);
    return result;
}

/* Read and parse a part: 1, 0 at the end (whatever is neither bytes nor str, or empty), or -1 with
   an exception. */
static int
parse_part(xmlparser *self, PyObject *read)
{
    PyObject *data = PyObject_CallFunction(read, "i", READ_SIZE);
    int result = 0;
    if (data == NULL) {
        return -1;
    }
    if (PyUnicode_CheckExact(data) && PyUnicode_GET_LENGTH(data) > 0) {
        Py_SETREF(data, PyUnicode_AsEncodedString(data, "utf-8", "surrogatepass"));
        if (data == NULL) {
            return -1;
        }
        if (!self->input.parsing) {
            (void)XML_SetEncoding(self->expat, "utf-8");
        }
    }
    if (PyBytes_CheckExact(data) && PyBytes_GET_SIZE(data) > 0) {
        result = parse_bytes(self, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), false);
        result = result == 0 ? 1 : -1;
    }
    Py_DECREF(data);
    return result;
}

/*sig XMLParser._parse_whole(self, file, /)

*/
static PyObject *
XMLParser__parse_whole_impl(xmlparser *self, PyObject *file)
{
    if (!check_initialised(self)) {
        return NULL;
    }
    PyObject *read = PyObject_GetAttrString(file, "read");
    if (read == NULL) {
        return NULL;
    }
    int more;
    do {
        more = parse_part(self, read);
    } while (more > 0);
    Py_DECREF(read);
    if (more < 0 || parse_bytes(self, "", 0, true) < 0) {
        return NULL;
    }
    return self->builder != NULL ? etree_builder_result(self->builder) : Py_NewRef(Py_None);
}

/* The event that a name means: -1 with ValueError. */
static int
event_of(PyObject *name)
{
    const char *s = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name)
                    : PyBytes_Check(name) ? PyBytes_AS_STRING(name) : NULL;
    if (s == NULL) {
        PyErr_SetString(PyExc_ValueError, "invalid events sequence");
        return -1;
    }
    for (int event = 0; event < N_EVENTS; event++) {
        if (strcmp(s, event_names[event]) == 0) {
            return event;
        }
    }
    PyErr_Format(PyExc_ValueError, "unknown event '%s'", s);
    return -1;
}

/* Have the builder report the event, by this name, from now on. */
static void
enable_event(xmlparser *self, treebuilder *builder, enum event event, PyObject *name)
{
    Py_XSETREF(builder->events[event], Py_NewRef(name));
    if (event == START_NS) {
        XML_SetStartNamespaceDeclHandler(self->expat, on_start_ns);
    }
    else if (event == END_NS) {
        XML_SetEndNamespaceDeclHandler(self->expat, on_end_ns);
    }
}

/* Have the builder report the events of a sequence, or "end" for None; 0, or -1 with an
   exception. */
static int
enable_events(xmlparser *self, treebuilder *builder, PyObject *events)
{
    PyObject *sequence = events != Py_None ? PySequence_Fast(events, "events must be a sequence")
                                           : Py_BuildValue("(s)", event_names[END]);
    if (sequence == NULL) {
        return -1;
    }
    int event = 0;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence) && event >= 0; i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
        event = event_of(name);
        if (event >= 0) {
            enable_event(self, builder, (enum event)event, name);
        }
        Py_DECREF(name);
    }
    Py_DECREF(sequence);
    return event < 0 ? -1 : 0;
}

/*sig XMLParser._setevents(self, events_queue, events_to_report = None, /) -> None

*/
static int
XMLParser__setevents_impl(xmlparser *self, PyObject *events_queue, PyObject *events_to_report)
{
    if (!check_initialised(self)) {
        return -1;
    }
    treebuilder *builder = (treebuilder *)Py_XNewRef(self->builder);
    int result = -1;
    if (builder == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "event handling only supported for ElementTree.TreeBuilder targets");
        return -1;
    }
    PyObject *append = PyObject_GetAttrString(events_queue, "append");
    if (append != NULL) {
        Py_XSETREF(builder->report, append);
        for (int event = 0; event < N_EVENTS; event++) {
            Py_CLEAR(builder->events[event]);
        }
        result = enable_events(self, builder, events_to_report);
    }
    Py_DECREF(builder);
    return result;
}

static PyObject *
parser_get_version(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("Expat %d.%d.%d", XML_MAJOR_VERSION, XML_MINOR_VERSION,
                                XML_MICRO_VERSION);
}

static PyMethodDef parser_methods[] = {
    XMLPARSER_FEED_METHODDEF
    XMLPARSER_CLOSE_METHODDEF
    XMLPARSER__PARSE_WHOLE_METHODDEF
    XMLPARSER__SETEVENTS_METHODDEF
    {NULL}
};

static PyMemberDef parser_members[] = {
    {"entity", T_OBJECT, offsetof(xmlparser, entity), READONLY, NULL},
    {"target", T_OBJECT, offsetof(xmlparser, target), READONLY, NULL},
    {NULL}
};

static PyGetSetDef parser_getset[] = {
    {"version", parser_get_version, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot parser_slots[] = {
    {Py_tp_new, parser_new},
    {Py_tp_init, parser_init},
    {Py_tp_dealloc, parser_dealloc},
    {Py_tp_traverse, parser_traverse},
    {Py_tp_clear, parser_clear},
    {Py_tp_methods, parser_methods},
    {Py_tp_members, parser_members},
    {Py_tp_getset, parser_getset},
    {0, NULL}
};

static PyType_Spec parser_spec = {
    .name = "xml.etree.ElementTree.XMLParser",
    .basicsize = sizeof(xmlparser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = parser_slots,
};

/* ---------------------------------------------------------------------------------- the module */

static PyObject *
etree_subelement(PyObject *module, PyObject *args, PyObject *kwargs)
{
    etree_state *state = get_state(module);
    PyObject *parent, *tag, *attrib = NULL;
    if (!PyArg_ParseTuple(args, "O!O|O!:SubElement", state->element_type, &parent, &tag,
                          &PyDict_Type, &attrib))
    {
        return NULL;
    }
    attrib = etree_collect_attrib(attrib, kwargs);
    if (attrib == NULL && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *child = (PyObject *)etree_make_element(state->element_type, tag, attrib);
    Py_XDECREF(attrib);
    if (child != NULL && etree_add_child((element *)parent, child) < 0) {
        Py_CLEAR(child);
    }
    return child;
}

/*sig _elementtree._set_factories(module, comment_factory, pi_factory, /)

Change the factories used to create comments and processing instructions.

For internal use only.
*/
static PyObject *
_elementtree__set_factories_impl(PyObject *module, PyObject *comment_factory,
                                 PyObject *pi_factory)
{
    etree_state *state = get_state(module);
    if (comment_factory != Py_None && !PyCallable_Check(comment_factory)) {
        PyErr_Format(PyExc_TypeError, "Comment factory must be callable, not %.100s",
                     Py_TYPE(comment_factory)->tp_name);
        return NULL;
    }
    if (pi_factory != Py_None && !PyCallable_Check(pi_factory)) {
        PyErr_Format(PyExc_TypeError, "PI factory must be callable, not %.100s",
                     Py_TYPE(pi_factory)->tp_name);
        return NULL;
    }
    PyObject *old = PyTuple_Pack(2, state->comment_factory != NULL ? state->comment_factory
                                                                   : Py_None,
                                 state->pi_factory != NULL ? state->pi_factory : Py_None);
    if (old != NULL) {
        Py_XSETREF(state->comment_factory, given(comment_factory));
        Py_XSETREF(state->pi_factory, given(pi_factory));
    }
    return old;
}

static PyMethodDef etree_functions[] = {
    {"SubElement", (PyCFunction)(void (*)(void))etree_subelement, METH_VARARGS | METH_KEYWORDS,
     NULL},
    _ELEMENTTREE__SET_FACTORIES_METHODDEF
    {NULL}
};

/* A type of the module: the reference belongs to *place; its name is public unless it begins with
   an underscore. */
static int
add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **place)
{
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (*place == NULL) {
        return -1;
    }
    return strrchr(spec->name, '.')[1] == '_' ? 0 : PyModule_AddType(module, *place);
}

static int
etree_exec(PyObject *module)
{
    etree_state *state = get_state(module);
    if (add_type(module, &etree_iterator_spec, &state->iterator_type) < 0
        || add_type(module, &etree_builder_spec, &state->builder_type) < 0
        || add_type(module, &etree_element_spec, &state->element_type) < 0
        || add_type(module, &parser_spec, &state->parser_type) < 0)
    {
        return -1;
    }
    PyObject *copy = PyImport_ImportModule("copy");
    if (copy == NULL) {
        return -1;
    }
    state->deepcopy = PyObject_GetAttrString(copy, "deepcopy");
    Py_DECREF(copy);
    if (state->deepcopy == NULL) {
        return -1;
    }
    state->element_path = PyImport_ImportModule("xml.etree.ElementPath");
    if (state->element_path == NULL) {
        return -1;
    }
    state->parse_error = PyErr_NewException("xml.etree.ElementTree.ParseError",
                                            PyExc_SyntaxError, NULL);
    return PyModule_AddObjectRef(module, "ParseError", state->parse_error);
}

static int
etree_traverse(PyObject *module, visitproc visit, void *arg)
{
    etree_state *state = get_state(module);
    Py_VISIT(state->element_type);
    Py_VISIT(state->iterator_type);
    Py_VISIT(state->builder_type);
    Py_VISIT(state->parser_type);
    Py_VISIT(state->parse_error);
    Py_VISIT(state->element_path);
    Py_VISIT(state->deepcopy);
    Py_VISIT(state->comment_factory);
    Py_VISIT(state->pi_factory);
    return 0;
}

static int
etree_clear(PyObject *module)
{
    etree_state *state = get_state(module);
    Py_CLEAR(state->element_type);
    Py_CLEAR(state->iterator_type);
    Py_CLEAR(state->builder_type);
    Py_CLEAR(state->parser_type);
    Py_CLEAR(state->parse_error);
    Py_CLEAR(state->element_path);
    Py_CLEAR(state->deepcopy);
    Py_CLEAR(state->comment_factory);
    Py_CLEAR(state->pi_factory);
    return 0;
}

static void
etree_free(void *module)
{
    etree_clear((PyObject *)module);
}

static PyModuleDef_Slot etree_slots[] = {
    {Py_mod_exec, etree_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

struct PyModuleDef etree_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_elementtree",
    .m_size = sizeof(etree_state),
    .m_methods = etree_functions,
    .m_slots = etree_slots,
    .m_traverse = etree_traverse,
    .m_clear = etree_clear,
    .m_free = etree_free,
};

PyMODINIT_FUNC
PyInit__elementtree(void)
{
    return PyModuleDef_Init(&etree_module);
}
