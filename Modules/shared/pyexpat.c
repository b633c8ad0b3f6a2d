/* pyexpat: XML parsers by libexpat, whose events call handlers written in Python.
 *
 * A handler's attribute that is not None has its callback registered with libexpat.  All callbacks
 * go through call_with_frame(): it flushes the text that waits in the buffer (`buffer_text`), makes
 * the arguments, and adds a line of this file to the traceback of an exception.
 *
 * Invariants:
 * - After an exception the parser is stopped and has no handlers, and a callback does nothing while
 *   an exception is set, so that libexpat, which may go on for a few events, calls nobody.
 * - libexpat is not reentrant: while `input.parsing` is set, Parse() and ParseFile() are refused.
 *   All else that a handler can do (change handlers, the buffer, its size) leaves no pointer
 *   behind that is used after the handler returns.
 * - A parser of an external entity uses structures of its parent: it holds a reference to it, which
 *   is given up when its own have been freed, and never earlier.
 *
 * Written from expat.h of libexpat 2.5, the documentation of xml.parsers.expat and observed
 * behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "pyexpat.h"
#include "expat_input.h"

#include <stdbool.h>

#define READ_SIZE 2048          // what ParseFile() reads at a time
#define BUFFER_SIZE 8192        // of text, if buffer_size does not say otherwise

/* The kinds of event: X(name, name of the attribute, callback). */
#define HANDLERS(X) \
    X(StartElement, StartElementHandler, start_element) \
    X(EndElement, EndElementHandler, end_element) \
    X(ProcessingInstruction, ProcessingInstructionHandler, processing_instruction) \
    X(CharacterData, CharacterDataHandler, character_data) \
    X(UnparsedEntityDecl, UnparsedEntityDeclHandler, unparsed_entity_decl) \
    X(NotationDecl, NotationDeclHandler, notation_decl) \
    X(StartNamespaceDecl, StartNamespaceDeclHandler, start_namespace_decl) \
    X(EndNamespaceDecl, EndNamespaceDeclHandler, end_namespace_decl) \
    X(Comment, CommentHandler, comment) \
    X(StartCdataSection, StartCdataSectionHandler, start_cdata_section) \
    X(EndCdataSection, EndCdataSectionHandler, end_cdata_section) \
    X(Default, DefaultHandler, default_event) \
    X(DefaultHandlerExpand, DefaultHandlerExpand, default_expand) \
    X(NotStandalone, NotStandaloneHandler, not_standalone) \
    X(ExternalEntityRef, ExternalEntityRefHandler, external_entity_ref) \
    X(StartDoctypeDecl, StartDoctypeDeclHandler, start_doctype_decl) \
    X(EndDoctypeDecl, EndDoctypeDeclHandler, end_doctype_decl) \
    X(EntityDecl, EntityDeclHandler, entity_decl) \
    X(XmlDecl, XmlDeclHandler, xml_decl) \
    X(ElementDecl, ElementDeclHandler, element_decl) \
    X(AttlistDecl, AttlistDeclHandler, attlist_decl) \
    X(SkippedEntity, SkippedEntityHandler, skipped_entity)

enum event {
#define X(NAME, ATTRIBUTE, CALLBACK) NAME,
    HANDLERS(X)
#undef X
    N_EVENTS
};

typedef struct {
    PyTypeObject *xmlparser_type;
    PyObject *error;
} pyexpat_state;

typedef struct xmlparser {
    PyObject_HEAD
    XML_Parser expat;               // owned
    struct xmlparser *parent;       // of a parser of an external entity, which uses its structures
    PyObject *intern;               // dict: str or None to the one that is used instead; or NULL
    PyObject *handlers[N_EVENTS];   // NULL: None
    char *buffer;                   // text that waits for more, or NULL (buffer_text is false)
    int buffer_size, buffer_used;
    struct expat_input input;
    bool ordered_attributes, specified_attributes, namespace_prefixes;
} xmlparser;

static inline pyexpat_state *
get_state(PyObject *module)
{
    pyexpat_state *state = (pyexpat_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static inline pyexpat_state *
state_of(xmlparser *self)
{
    return (pyexpat_state *)PyType_GetModuleState(Py_TYPE(self));
}

static void register_callback(xmlparser *self, enum event event, bool on);

#include "sig/pyexpat.sig.h"

/* ----------------------------------------------------------------------- calling the handlers */

/* A new reference to the str of so many bytes of UTF-8 (-1: up to the NUL), to None for NULL; or
   NULL with an exception. */
static PyObject *
text(const XML_Char *s, Py_ssize_t size)
{
    if (s == NULL) {
        return Py_NewRef(Py_None);
    }
    return PyUnicode_DecodeUTF8(s, size >= 0 ? size : (Py_ssize_t)strlen(s), "strict");
}

/* text() for names, of which the dict `intern` keeps one of each. */
static PyObject *
name(xmlparser *self, const XML_Char *s)
{
    PyObject *str = text(s, -1);
    if (str == NULL || self->intern == NULL) {
        return str;
    }
    PyObject *kept = Py_XNewRef(PyDict_SetDefault(self->intern, str, str));
    Py_DECREF(str);
    return kept;
}

/* An exception is set: end the parser's work. */
static void
stop(xmlparser *self)
{
    assert(PyErr_Occurred());
    PyObject *exc = PyErr_GetRaisedException();
    XML_StopParser(self->expat, XML_FALSE);
    for (enum event event = 0; event < N_EVENTS; event++) {
        register_callback(self, event, false);
        Py_CLEAR(self->handlers[event]);
    }
    PyErr_SetRaisedException(exc);
}

/* Call a handler with n arguments, whose references are consumed; an argument may be NULL with an
   exception.  Return its result or NULL with an exception, which ends the parser's work. */
static PyObject *
call_with_frame(const char *funcname, int line, xmlparser *self, enum event event,
                PyObject **args, int n)
{
    PyObject *result = NULL;
    bool complete = true;
    for (int i = 0; i < n; i++) {
        complete = complete && args[i] != NULL;
    }
    if (complete) {
        PyObject *handler = Py_NewRef(self->handlers[event]);
        result = PyObject_Vectorcall(handler, args, (size_t)n, NULL);
        Py_DECREF(handler);
        if (result == NULL) {
            _PyTraceback_Add(funcname, __FILE__, line);
        }
    }
    for (int i = 0; i < n; i++) {
        Py_XDECREF(args[i]);
    }
    if (result == NULL) {
        stop(self);
    }
    return result;
}

static bool
has_handler(xmlparser *self, enum event event)
{
    return self->handlers[event] != NULL && !PyErr_Occurred();
}

static void
call_character_data(xmlparser *self, const char *s, int size)
{
    PyObject *str = text(s, size);
    Py_XDECREF(call_with_frame("CharacterData", __LINE__, self, CharacterData, &str, 1));
}

/* Give the text in the buffer to the handler; 0, or -1 with an exception. */
static int
flush_text(xmlparser *self)
{
    int used = self->buffer_used;
    if (used > 0) {
        assert(self->buffer != NULL && used <= self->buffer_size);
        self->buffer_used = 0;      /* first: the handler may come here again */
        if (has_handler(self, CharacterData)) {
            call_character_data(self, self->buffer, used);
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

static bool
begin_event(xmlparser *self, enum event event)
{
    return has_handler(self, event) && flush_text(self) == 0 && has_handler(self, event);
}

/* Call the handler of an event, if there is one, with arguments as the format says:
     n  const XML_Char *    a name (or None for NULL), as the dict `intern` has it
     t  const XML_Char *    text (or None for NULL)
     d  XML_Char *, int     that many bytes of text (or None for NULL)
     i  int
     o  PyObject *          consumed; NULL with an exception
   Return the result, or NULL if there is none or with an exception. */
static PyObject *
call_event(const char *funcname, int line, xmlparser *self, enum event event,
           const char *format, ...)
{
    PyObject *args[7];
    int n = 0;
    va_list va;
    va_start(va, format);
    for (const char *f = format; *f != '\0'; f++) {
        assert(n < (int)Py_ARRAY_LENGTH(args));
        switch (*f) {
            case 'n': args[n++] = name(self, va_arg(va, const XML_Char *)); break;
            case 't': args[n++] = text(va_arg(va, const XML_Char *), -1); break;
            case 'i': args[n++] = PyLong_FromLong(va_arg(va, int)); break;
            case 'o': args[n++] = va_arg(va, PyObject *); break;
            default: {
                assert(*f == 'd');
                const XML_Char *s = va_arg(va, const XML_Char *);
                args[n++] = text(s, va_arg(va, int));
            }
        }
        if (args[n - 1] == NULL) {
            break;
        }
    }
    va_end(va);
    return call_with_frame(funcname, line, self, event, args, n);
}

/* A callback whose result does not matter. */
#define NOTIFY(EVENT, ...) \
    do { \
        xmlparser *self = (xmlparser *)data; \
        if (begin_event(self, EVENT)) { \
            Py_XDECREF(call_event(#EVENT, __LINE__, self, EVENT, __VA_ARGS__)); \
        } \
    } while (0)

/* The handler's answer as an int: 0, which ends the parser's work, if there is none. */
static int
answer(xmlparser *self, PyObject *result)
{
    if (result == NULL) {
        return 0;
    }
    long number = PyLong_AsLong(result);
    Py_DECREF(result);
    if (number == -1 && PyErr_Occurred()) {
        stop(self);
        return 0;
    }
    return number != 0;
}

/* ---------------------------------------------------------------------------------- callbacks */

static void
character_data(void *data, const XML_Char *s, int size)
{
    xmlparser *self = (xmlparser *)data;
    if (!has_handler(self, CharacterData)) {
        return;
    }
    if (self->buffer != NULL && size > self->buffer_size - self->buffer_used
        && (flush_text(self) < 0 || !has_handler(self, CharacterData)))
    {
        return;
    }
    if (self->buffer == NULL || size > self->buffer_size) {
        call_character_data(self, s, size);
        return;
    }
    memcpy(self->buffer + self->buffer_used, s, (size_t)size);
    self->buffer_used += size;
}

/* Attributes as a dict, or as a list of names and values in turn. */
static PyObject *
make_attributes(xmlparser *self, const XML_Char **atts)
{
    int n = 0;
    if (self->specified_attributes) {
        n = XML_GetSpecifiedAttributeCount(self->expat);
    }
    else {
        while (atts[n] != NULL) {
            n += 2;
        }
    }
    PyObject *container = self->ordered_attributes ? PyList_New(n) : PyDict_New();
    for (int i = 0; i < n && container != NULL; i += 2) {
        PyObject *key = name(self, atts[i]);
        PyObject *value = key != NULL ? text(atts[i + 1], -1) : NULL;
        if (value == NULL) {
            Py_XDECREF(key);
            Py_CLEAR(container);
        }
        else if (PyList_CheckExact(container)) {
            PyList_SET_ITEM(container, i, key);
            PyList_SET_ITEM(container, i + 1, value);
        }
        else {
            int failed = PyDict_SetItem(container, key, value);
            Py_DECREF(key);
            Py_DECREF(value);
            if (failed) {
                Py_CLEAR(container);
            }
        }
    }
    return container;
}

static void
start_element(void *data, const XML_Char *element, const XML_Char **atts)
{
    xmlparser *self = (xmlparser *)data;
    if (begin_event(self, StartElement)) {
        PyObject *attributes = make_attributes(self, atts);
        PyObject *args[2] = {attributes != NULL ? name(self, element) : NULL, attributes};
        Py_XDECREF(call_with_frame("StartElement", __LINE__, self, StartElement, args, 2));
    }
}

static void
end_element(void *data, const XML_Char *element)
{
    NOTIFY(EndElement, "n", element);
}

static void
processing_instruction(void *data, const XML_Char *target, const XML_Char *content)
{
    NOTIFY(ProcessingInstruction, "nt", target, content);
}

static void
unparsed_entity_decl(void *data, const XML_Char *entity, const XML_Char *base,
                     const XML_Char *system_id, const XML_Char *public_id,
                     const XML_Char *notation)
{
    NOTIFY(UnparsedEntityDecl, "nnnnn", entity, base, system_id, public_id, notation);
}

static void
notation_decl(void *data, const XML_Char *notation, const XML_Char *base,
              const XML_Char *system_id, const XML_Char *public_id)
{
    NOTIFY(NotationDecl, "nnnn", notation, base, system_id, public_id);
}

static void
start_namespace_decl(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    NOTIFY(StartNamespaceDecl, "nn", prefix, uri);
}

static void
end_namespace_decl(void *data, const XML_Char *prefix)
{
    NOTIFY(EndNamespaceDecl, "n", prefix);
}

static void
comment(void *data, const XML_Char *content)
{
    NOTIFY(Comment, "t", content);
}

static void
start_cdata_section(void *data)
{
    NOTIFY(StartCdataSection, "");
}

static void
end_cdata_section(void *data)
{
    NOTIFY(EndCdataSection, "");
}

static void
default_event(void *data, const XML_Char *s, int size)
{
    NOTIFY(Default, "d", s, size);
}

static void
default_expand(void *data, const XML_Char *s, int size)
{
    NOTIFY(DefaultHandlerExpand, "d", s, size);
}

static int
not_standalone(void *data)
{
    xmlparser *self = (xmlparser *)data;
    if (!begin_event(self, NotStandalone)) {
        return !PyErr_Occurred();
    }
    return answer(self, call_event("NotStandalone", __LINE__, self, NotStandalone, ""));
}

static int
external_entity_ref(XML_Parser parser, const XML_Char *context, const XML_Char *base,
                    const XML_Char *system_id, const XML_Char *public_id)
{
    xmlparser *self = (xmlparser *)XML_GetUserData(parser);
    if (!begin_event(self, ExternalEntityRef)) {
        return !PyErr_Occurred();
    }
    return answer(self, call_event("ExternalEntityRef", __LINE__, self, ExternalEntityRef,
                                        "tnnn", context, base, system_id, public_id));
}

static void
start_doctype_decl(void *data, const XML_Char *doctype, const XML_Char *system_id,
                   const XML_Char *public_id, int has_internal_subset)
{
    NOTIFY(StartDoctypeDecl, "nnni", doctype, system_id, public_id, has_internal_subset);
}

static void
end_doctype_decl(void *data)
{
    NOTIFY(EndDoctypeDecl, "");
}

static void
entity_decl(void *data, const XML_Char *entity, int is_parameter, const XML_Char *value,
            int value_size, const XML_Char *base, const XML_Char *system_id,
            const XML_Char *public_id, const XML_Char *notation)
{
    NOTIFY(EntityDecl, "nidnnnn", entity, is_parameter, value, value_size, base, system_id,
           public_id, notation);
}

static void
xml_decl(void *data, const XML_Char *version, const XML_Char *encoding, int standalone)
{
    NOTIFY(XmlDecl, "tti", version, encoding, standalone);
}

/* The tuple of one node of a content model, with a tuple of empty places for the children. */
static PyObject *
model_node(const XML_Content *model)
{
    PyObject *children = PyTuple_New((Py_ssize_t)model->numchildren);
    PyObject *content = children != NULL ? text(model->name, -1) : NULL;
    if (content == NULL) {
        Py_XDECREF(children);
        return NULL;
    }
    return Py_BuildValue("(iiNN)", (int)model->type, (int)model->quant, content, children);
}

/* A content model as tuples in tuples, of any depth: new reference, or NULL with an exception. */
static PyObject *
make_model(const XML_Content *root)
{
    struct level {
        const XML_Content *model;
        PyObject *children;             // borrowed from the tree
        unsigned int done;              // of the children
    } *levels = NULL;
    size_t depth = 0, room = 0;
    const XML_Content *model = root;
    PyObject *tree = NULL;
    for (;;) {
        PyObject *node = model_node(model);
        if (node == NULL) {
            goto failed;
        }
        if (depth == 0) {
            tree = node;
        }
        else {
            PyTuple_SET_ITEM(levels[depth - 1].children, levels[depth - 1].done++, node);
        }
        if (depth == room) {
            room = room != 0 ? 2 * room : 16;
            struct level *bigger = PyMem_Realloc(levels, room * sizeof(struct level));
            if (bigger == NULL) {
                PyErr_NoMemory();
                goto failed;
            }
            levels = bigger;
        }
        levels[depth++] = (struct level){model, PyTuple_GET_ITEM(node, 3), 0};
        while (depth > 0 && levels[depth - 1].done == levels[depth - 1].model->numchildren) {
            depth--;
        }
        if (depth == 0) {
            PyMem_Free(levels);
            return tree;
        }
        model = &levels[depth - 1].model->children[levels[depth - 1].done];
    }
failed:
    PyMem_Free(levels);
    Py_XDECREF(tree);
    return NULL;
}

static void
element_decl(void *data, const XML_Char *element, XML_Content *model)
{
    xmlparser *self = (xmlparser *)data;
    if (begin_event(self, ElementDecl)) {
        PyObject *tree = make_model(model);
        PyObject *args[2] = {tree != NULL ? name(self, element) : NULL, tree};
        Py_XDECREF(call_with_frame("ElementDecl", __LINE__, self, ElementDecl, args, 2));
    }
    XML_FreeContentModel(self->expat, model);
}

static void
attlist_decl(void *data, const XML_Char *element, const XML_Char *attribute,
             const XML_Char *type, const XML_Char *value, int is_required)
{
    NOTIFY(AttlistDecl, "nntti", element, attribute, type, value, is_required);
}

static void
skipped_entity(void *data, const XML_Char *entity, int is_parameter)
{
    NOTIFY(SkippedEntity, "ni", entity, is_parameter);
}

/* --------------------------------------------------------------------------- table of handlers */

#define X(NAME, ATTRIBUTE, CALLBACK) \
    static void \
    set_ ## NAME(XML_Parser parser, bool on) \
    { \
        XML_Set ## ATTRIBUTE(parser, on ? CALLBACK : NULL); \
    }
HANDLERS(X)
#undef X

/* Have libexpat call back, or not. */
static void
register_callback(xmlparser *self, enum event event, bool on)
{
    static void (*const setters[N_EVENTS])(XML_Parser, bool) = {
#define X(NAME, ATTRIBUTE, CALLBACK) [NAME] = set_ ## NAME,
        HANDLERS(X)
#undef X
    };
    setters[event](self->expat, on);
}

/* ------------------------------------------------------------------------------------- parsing */

/* Raise ExpatError for the state of libexpat; NULL. */
static PyObject *
expat_failed(xmlparser *self, enum XML_Error code)
{
    PyObject *error = state_of(self)->error;
    XML_Size line = XML_GetErrorLineNumber(self->expat);
    XML_Size column = XML_GetErrorColumnNumber(self->expat);
    PyObject *message = expat_message(XML_ErrorString(code), line, column);
    PyObject *exc = message != NULL ? PyObject_CallOneArg(error, message) : NULL;
    Py_XDECREF(message);
    const struct {
        const char *name;
        size_t value;
    } attributes[] = {{"code", (size_t)code}, {"offset", column}, {"lineno", line}};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(attributes) && exc != NULL; i++) {
        PyObject *number = PyLong_FromSize_t(attributes[i].value);
        if (number == NULL || PyObject_SetAttrString(exc, attributes[i].name, number) < 0) {
            Py_CLEAR(exc);
        }
        Py_XDECREF(number);
    }
    if (exc != NULL) {
        PyErr_SetObject(error, exc);
        Py_DECREF(exc);
    }
    return NULL;
}

/* Give libexpat bytes of any number: 0, or -1 with an exception. */
static int
parse_bytes(xmlparser *self, const char *data, Py_ssize_t size, bool final)
{
    enum XML_Status status = expat_parse(self->expat, &self->input, data, size, final);
    if (PyErr_Occurred()) {
        return -1;
    }
    if (status == XML_STATUS_ERROR) {
        expat_failed(self, XML_GetErrorCode(self->expat));
        return -1;
    }
    return flush_text(self);
}

/*sig xmlparser.Parse(self, cls: defining_class, data, isfinal: bool = False, /)

Parse XML data.

`isfinal' should be true at end of input.
*/
static PyObject *
xmlparser_Parse_impl(xmlparser *self, PyTypeObject *Py_UNUSED(cls), PyObject *data, int isfinal)
{
    int result;
    if (PyUnicode_Check(data)) {
        Py_ssize_t size;
        const char *utf8 = PyUnicode_AsUTF8AndSize(data, &size);
        if (utf8 == NULL) {
            return NULL;
        }
        if (!self->input.parsing) {
            (void)XML_SetEncoding(self->expat, "utf-8");    /* too late but for the first part */
        }
        result = parse_bytes(self, utf8, size, isfinal != 0);
    }
    else {
        Py_buffer view;
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        result = parse_bytes(self, (const char *)view.buf, view.len, isfinal != 0);
        PyBuffer_Release(&view);
    }
    return result < 0 ? NULL : PyLong_FromLong(XML_STATUS_OK);
}

/* Read and parse a part of the file: 1, 0 at its end, -1 with an exception. */
static int
parse_part(xmlparser *self, PyObject *read)
{
    PyObject *data = PyObject_CallFunction(read, "i", READ_SIZE);
    Py_buffer view;
    int result = -1;
    if (data == NULL) {
        return -1;
    }
    if (!PyBytes_Check(data) && !PyByteArray_Check(data)) {
        PyErr_Format(PyExc_TypeError, "read() did not return a bytes object (type=%.400s)",
                     Py_TYPE(data)->tp_name);
    }
    else if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) == 0) {
        if (view.len > READ_SIZE) {
            PyErr_Format(PyExc_ValueError, "read() returned too much data: "
                         "%i bytes requested, %zd returned", READ_SIZE, view.len);
        }
        else if (parse_bytes(self, (const char *)view.buf, view.len, view.len == 0) == 0) {
            result = view.len > 0;
        }
        PyBuffer_Release(&view);
    }
    Py_DECREF(data);
    return result;
}

/*sig xmlparser.ParseFile(self, cls: defining_class, file, /)

Parse XML data from file-like object.
*/
static PyObject *
xmlparser_ParseFile_impl(xmlparser *self, PyTypeObject *Py_UNUSED(cls), PyObject *file)
{
    PyObject *read = PyObject_GetAttrString(file, "read");
    if (read == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_SetString(PyExc_TypeError, "argument must have 'read' attribute");
        }
        return NULL;
    }
    int more;
    do {
        more = parse_part(self, read);
    } while (more > 0);
    Py_DECREF(read);
    return more < 0 ? NULL : PyLong_FromLong(XML_STATUS_OK);
}

/*sig xmlparser.SetBase(self, base: utf8, /)

Set the base URL for the parser.
*/
static PyObject *
xmlparser_SetBase_impl(xmlparser *self, const char *base)
{
    if (XML_SetBase(self->expat, base) == XML_STATUS_ERROR) {
        return PyErr_NoMemory();
    }
    Py_RETURN_NONE;
}

/*sig xmlparser.GetBase(self)

Return base URL string for the parser.
*/
static PyObject *
xmlparser_GetBase_impl(xmlparser *self)
{
    return text(XML_GetBase(self->expat), -1);
}

/*sig xmlparser.GetInputContext(self)

Return the untranslated text of the input that caused the current event.

If the event was generated by a large amount of text (such as a start tag
for an element with many attributes), not all of the text may be available.
*/
static PyObject *
xmlparser_GetInputContext_impl(xmlparser *self)
{
    int offset, size;
    const char *context = NULL;
    if (self->input.parsing) {
        context = XML_GetInputContext(self->expat, &offset, &size);
    }
    if (context == NULL) {
        Py_RETURN_NONE;
    }
    assert(0 <= offset && offset <= size);
    return PyBytes_FromStringAndSize(context + offset, size - offset);
}

/* ------------------------------------------------------------------------------ making parsers */

/* A new object without libexpat's parser, or NULL with an exception.  Takes the reference to
   `intern`, which may be NULL. */
static xmlparser *
allocate_parser(PyTypeObject *type, PyObject *intern)
{
    xmlparser *self = PyObject_GC_New(xmlparser, type);
    if (self == NULL) {
        Py_XDECREF(intern);
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof(*self) - sizeof(PyObject));
    self->intern = intern;
    self->buffer_size = BUFFER_SIZE;
    return self;
}

/*sig xmlparser.ExternalEntityParserCreate(self, cls: defining_class, context: utf8_none,
                                           encoding: utf8 = NULL, /)

Create a parser for parsing an external entity based on the information passed to the
ExternalEntityRefHandler.
*/
static PyObject *
xmlparser_ExternalEntityParserCreate_impl(xmlparser *self, PyTypeObject *cls,
                                          const char *context, const char *encoding)
{
    xmlparser *child = allocate_parser(cls, Py_XNewRef(self->intern));
    if (child == NULL) {
        return NULL;
    }
    child->parent = (xmlparser *)Py_NewRef(self);
    child->buffer_size = self->buffer_size;
    child->ordered_attributes = self->ordered_attributes;
    child->specified_attributes = self->specified_attributes;
    child->namespace_prefixes = self->namespace_prefixes;
    child->expat = XML_ExternalEntityParserCreate(self->expat, context, encoding);
    if (self->buffer != NULL) {
        child->buffer = PyMem_Malloc((size_t)child->buffer_size);
    }
    if (child->expat == NULL || (self->buffer != NULL && child->buffer == NULL)) {
        PyErr_NoMemory();
        Py_DECREF(child);
        return NULL;
    }
    XML_SetUserData(child->expat, child);
    for (enum event event = 0; event < N_EVENTS; event++) {
        child->handlers[event] = Py_XNewRef(self->handlers[event]);
        register_callback(child, event, child->handlers[event] != NULL);
    }
    PyObject_GC_Track(child);
    return (PyObject *)child;
}

/*sig xmlparser.SetParamEntityParsing(self, flag: int, /)

Controls parsing of parameter entities (including the external DTD subset).

Possible flag values are XML_PARAM_ENTITY_PARSING_NEVER,
XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE and
XML_PARAM_ENTITY_PARSING_ALWAYS. Returns true if setting the flag
was successful.
*/
static PyObject *
xmlparser_SetParamEntityParsing_impl(xmlparser *self, int flag)
{
    enum XML_ParamEntityParsing when = (enum XML_ParamEntityParsing)flag;
    return PyLong_FromLong(XML_SetParamEntityParsing(self->expat, when));
}

/*sig xmlparser.UseForeignDTD(self, cls: defining_class, flag: bool = True, /)

Allows the application to provide an artificial external subset if one is not specified as part of
the document instance.

This readily allows the use of a 'default' document type controlled by the
application, while still getting the advantage of providing document type
information to the parser. 'flag' defaults to True if not provided.
*/
static PyObject *
xmlparser_UseForeignDTD_impl(xmlparser *self, PyTypeObject *Py_UNUSED(cls), int flag)
{
    enum XML_Error code = XML_UseForeignDTD(self->expat, flag ? XML_TRUE : XML_FALSE);
    if (code != XML_ERROR_NONE) {
        return expat_failed(self, code);
    }
    Py_RETURN_NONE;
}

static PyMethodDef xmlparser_methods[] = {
    XMLPARSER_PARSE_METHODDEF
    XMLPARSER_PARSEFILE_METHODDEF
    XMLPARSER_SETBASE_METHODDEF
    XMLPARSER_GETBASE_METHODDEF
    XMLPARSER_GETINPUTCONTEXT_METHODDEF
    XMLPARSER_EXTERNALENTITYPARSERCREATE_METHODDEF
    XMLPARSER_SETPARAMENTITYPARSING_METHODDEF
    XMLPARSER_USEFOREIGNDTD_METHODDEF
    {NULL}
};

static int
xmlparser_traverse(xmlparser *self, visitproc visit, void *arg)
{
    for (int i = 0; i < N_EVENTS; i++) {
        Py_VISIT(self->handlers[i]);
    }
    Py_VISIT(self->intern);
    Py_VISIT(self->parent);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* The parent stays: see the top of the file. */
static int
xmlparser_clear(xmlparser *self)
{
    for (int i = 0; i < N_EVENTS; i++) {
        Py_CLEAR(self->handlers[i]);
    }
    Py_CLEAR(self->intern);
    return 0;
}

static void
xmlparser_dealloc(xmlparser *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, xmlparser_dealloc)
    assert(!self->input.parsing);
    if (self->expat != NULL) {
        XML_ParserFree(self->expat);
    }
    PyMem_Free(self->buffer);
    xmlparser_clear(self);
    Py_XDECREF(self->parent);
    PyObject_GC_Del(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

/* ---------------------------------------------------------------------------------- attributes */

static enum event
event_of(void *closure)
{
    return (enum event)(intptr_t)closure;
}

static PyObject *
get_handler(xmlparser *self, void *closure)
{
    PyObject *handler = self->handlers[event_of(closure)];
    return Py_NewRef(handler != NULL ? handler : Py_None);
}

static int
not_deletable(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Cannot delete attribute");
    }
    return value == NULL ? -1 : 0;
}

static int
set_handler(xmlparser *self, PyObject *value, void *closure)
{
    enum event event = event_of(closure);
    if (not_deletable(value) < 0) {
        return -1;
    }
    if (event == CharacterData && flush_text(self) < 0) {
        return -1;      /* what waited was for the old handler */
    }
    Py_XSETREF(self->handlers[event], value != Py_None ? Py_NewRef(value) : NULL);
    register_callback(self, event, self->handlers[event] != NULL);
    return 0;
}

#define NUMBER(NAME, EXPRESSION) \
    static PyObject * \
    get_ ## NAME(xmlparser *self, void *Py_UNUSED(closure)) \
    { \
        return PyLong_FromLong((long)(EXPRESSION)); \
    }

NUMBER(code, XML_GetErrorCode(self->expat))
NUMBER(line, XML_GetCurrentLineNumber(self->expat))
NUMBER(column, XML_GetCurrentColumnNumber(self->expat))
NUMBER(byte_index, XML_GetCurrentByteIndex(self->expat))
NUMBER(buffer_size, self->buffer_size)
NUMBER(buffer_used, self->buffer_used)

static int
set_buffer_size(xmlparser *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (not_deletable(value) < 0) {
        return -1;
    }
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "buffer_size must be an integer");
        return -1;
    }
    long size = PyLong_AsLong(value);
    if (size <= 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "buffer_size must be greater than zero");
        }
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "buffer_size must not be greater than %i", INT_MAX);
        return -1;
    }
    if (flush_text(self) < 0) {
        return -1;
    }
    if (self->buffer != NULL && size != self->buffer_size) {
        char *buffer = PyMem_Malloc((size_t)size);
        if (buffer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        PyMem_Free(self->buffer);
        self->buffer = buffer;
    }
    self->buffer_size = (int)size;
    return 0;
}

static PyObject *
get_buffer_text(xmlparser *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->buffer != NULL);
}

static int
set_buffer_text(xmlparser *self, PyObject *value, void *Py_UNUSED(closure))
{
    int on = not_deletable(value) < 0 ? -1 : PyObject_IsTrue(value);
    if (on < 0 || flush_text(self) < 0) {
        return -1;
    }
    if (on && self->buffer == NULL) {
        self->buffer = PyMem_Malloc((size_t)self->buffer_size);
        if (self->buffer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    else if (!on) {
        PyMem_Free(self->buffer);
        self->buffer = NULL;
    }
    return 0;
}

/* Three flags, of which the closure is the offset. */
static bool *
flag_of(xmlparser *self, void *closure)
{
    return (bool *)((char *)self + (intptr_t)closure);
}

static PyObject *
get_flag(xmlparser *self, void *closure)
{
    return PyBool_FromLong(*flag_of(self, closure));
}

static int
set_flag(xmlparser *self, PyObject *value, void *closure)
{
    int on = not_deletable(value) < 0 ? -1 : PyObject_IsTrue(value);
    if (on < 0) {
        return -1;
    }
    *flag_of(self, closure) = on != 0;
    XML_SetReturnNSTriplet(self->expat, self->namespace_prefixes);
    return 0;
}

#define READ_ONLY(NAME, GETTER) {NAME, (getter)GETTER, NULL, NULL, NULL}
#define FLAG(NAME) \
    {#NAME, (getter)get_flag, (setter)set_flag, NULL, (void *)offsetof(xmlparser, NAME)}

static PyGetSetDef xmlparser_getset[] = {
    READ_ONLY("ErrorCode", get_code),
    READ_ONLY("ErrorLineNumber", get_line),
    READ_ONLY("ErrorColumnNumber", get_column),
    READ_ONLY("ErrorByteIndex", get_byte_index),
    READ_ONLY("CurrentLineNumber", get_line),
    READ_ONLY("CurrentColumnNumber", get_column),
    READ_ONLY("CurrentByteIndex", get_byte_index),
    {"buffer_size", (getter)get_buffer_size, (setter)set_buffer_size, NULL, NULL},
    {"buffer_text", (getter)get_buffer_text, (setter)set_buffer_text, NULL, NULL},
    READ_ONLY("buffer_used", get_buffer_used),
    FLAG(namespace_prefixes),
    FLAG(ordered_attributes),
    FLAG(specified_attributes),
#define X(NAME, ATTRIBUTE, CALLBACK) \
    {#ATTRIBUTE, (getter)get_handler, (setter)set_handler, NULL, (void *)(intptr_t)NAME},
    HANDLERS(X)
#undef X
    {NULL}
};

static PyMemberDef xmlparser_members[] = {
    {"intern", T_OBJECT, offsetof(xmlparser, intern), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(xmlparser_doc, "XML parser");

static PyType_Slot xmlparser_slots[] = {
    {Py_tp_doc, (void *)xmlparser_doc},
    {Py_tp_dealloc, xmlparser_dealloc},
    {Py_tp_traverse, xmlparser_traverse},
    {Py_tp_clear, xmlparser_clear},
    {Py_tp_methods, xmlparser_methods},
    {Py_tp_members, xmlparser_members},
    {Py_tp_getset, xmlparser_getset},
    {0, NULL}
};

static PyType_Spec xmlparser_spec = {
    .name = "pyexpat.xmlparser",
    .basicsize = sizeof(xmlparser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = xmlparser_slots,
};

/* ---------------------------------------------------------------------------------- the module */

/*sig pyexpat.ParserCreate(module, encoding: utf8_none = None,
                           namespace_separator: utf8_none = None, intern: object = NULL)

Return a new XML parser object.
*/
static PyObject *
pyexpat_ParserCreate_impl(PyObject *module, const char *encoding,
                          const char *namespace_separator, PyObject *intern)
{
    if (namespace_separator != NULL && strlen(namespace_separator) > 1) {
        PyErr_SetString(PyExc_ValueError, "namespace_separator must be at most one character, "
                        "omitted, or None");
        return NULL;
    }
    if (intern != NULL && intern != Py_None && !PyDict_Check(intern)) {
        PyErr_SetString(PyExc_TypeError, "intern must be a dictionary");
        return NULL;
    }
    PyObject *names = intern == NULL ? PyDict_New() : intern != Py_None ? Py_NewRef(intern) : NULL;
    if (names == NULL && intern == NULL) {
        return NULL;
    }
    xmlparser *self = allocate_parser(get_state(module)->xmlparser_type, names);
    if (self == NULL) {
        return NULL;
    }
    self->expat = expat_create(encoding, namespace_separator);
    if (self->expat == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    XML_SetUserData(self->expat, self);
    XML_SetUnknownEncodingHandler(self->expat, expat_unknown_encoding, NULL);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

/*sig pyexpat.ErrorString(module, code: long, /)

Returns string error for given number.
*/
static PyObject *
pyexpat_ErrorString_impl(PyObject *Py_UNUSED(module), long code)
{
    return text(XML_ErrorString((enum XML_Error)code), -1);
}

static PyMethodDef pyexpat_functions[] = {
    PYEXPAT_PARSERCREATE_METHODDEF
    PYEXPAT_ERRORSTRING_METHODDEF
    {NULL}
};

static const struct PyExpat_CAPI capi = {
    .magic = (char *)PyExpat_CAPI_MAGIC,
    .size = sizeof(capi),
    .MAJOR_VERSION = XML_MAJOR_VERSION,
    .MINOR_VERSION = XML_MINOR_VERSION,
    .MICRO_VERSION = XML_MICRO_VERSION,
    .ErrorString = XML_ErrorString,
    .GetErrorCode = XML_GetErrorCode,
    .GetErrorColumnNumber = XML_GetErrorColumnNumber,
    .GetErrorLineNumber = XML_GetErrorLineNumber,
    .Parse = XML_Parse,
    .ParserCreate_MM = XML_ParserCreate_MM,
    .ParserFree = XML_ParserFree,
    .SetCharacterDataHandler = XML_SetCharacterDataHandler,
    .SetCommentHandler = XML_SetCommentHandler,
    .SetDefaultHandlerExpand = XML_SetDefaultHandlerExpand,
    .SetElementHandler = XML_SetElementHandler,
    .SetNamespaceDeclHandler = XML_SetNamespaceDeclHandler,
    .SetProcessingInstructionHandler = XML_SetProcessingInstructionHandler,
    .SetUnknownEncodingHandler = XML_SetUnknownEncodingHandler,
    .SetUserData = XML_SetUserData,
    .SetStartDoctypeDeclHandler = XML_SetStartDoctypeDeclHandler,
    .SetEncoding = XML_SetEncoding,
    .DefaultUnknownEncodingHandler = expat_unknown_encoding,
    .SetHashSalt = XML_SetHashSalt,
};

/* X(name without XML_ERROR_), in the order of their numbers, of which the first is 1. */
#define ERRORS(X) \
    X(NO_MEMORY) X(SYNTAX) X(NO_ELEMENTS) X(INVALID_TOKEN) X(UNCLOSED_TOKEN) X(PARTIAL_CHAR) \
    X(TAG_MISMATCH) X(DUPLICATE_ATTRIBUTE) X(JUNK_AFTER_DOC_ELEMENT) X(PARAM_ENTITY_REF) \
    X(UNDEFINED_ENTITY) X(RECURSIVE_ENTITY_REF) X(ASYNC_ENTITY) X(BAD_CHAR_REF) \
    X(BINARY_ENTITY_REF) X(ATTRIBUTE_EXTERNAL_ENTITY_REF) X(MISPLACED_XML_PI) \
    X(UNKNOWN_ENCODING) X(INCORRECT_ENCODING) X(UNCLOSED_CDATA_SECTION) \
    X(EXTERNAL_ENTITY_HANDLING) X(NOT_STANDALONE) X(UNEXPECTED_STATE) X(ENTITY_DECLARED_IN_PE) \
    X(FEATURE_REQUIRES_XML_DTD) X(CANT_CHANGE_FEATURE_ONCE_PARSING) X(UNBOUND_PREFIX) \
    X(UNDECLARING_PREFIX) X(INCOMPLETE_PE) X(XML_DECL) X(TEXT_DECL) X(PUBLICID) X(SUSPENDED) \
    X(NOT_SUSPENDED) X(ABORTED) X(FINISHED) X(SUSPEND_PE) X(RESERVED_PREFIX_XML) \
    X(RESERVED_PREFIX_XMLNS) X(RESERVED_NAMESPACE_URI) X(INVALID_ARGUMENT) X(NO_BUFFER) \
    X(AMPLIFICATION_LIMIT_BREACH)

static const struct {
    const char *name;
    enum XML_Error code;
} error_table[] = {
#define X(NAME) {"XML_ERROR_" #NAME, XML_ERROR_ ## NAME},
    ERRORS(X)
#undef X
};

#define CONSTANT(NAME) {#NAME, NAME}

static const struct {
    const char *name;
    int value;
} model_table[] = {
    CONSTANT(XML_CTYPE_EMPTY), CONSTANT(XML_CTYPE_ANY), CONSTANT(XML_CTYPE_MIXED),
    CONSTANT(XML_CTYPE_NAME), CONSTANT(XML_CTYPE_CHOICE), CONSTANT(XML_CTYPE_SEQ),
    CONSTANT(XML_CQUANT_NONE), CONSTANT(XML_CQUANT_OPT), CONSTANT(XML_CQUANT_REP),
    CONSTANT(XML_CQUANT_PLUS),
};

/* Put an object (a new reference, or NULL with an exception) into the module; 0 or -1. */
static int
add_object(PyObject *module, const char *key, PyObject *object)
{
    int result = PyModule_AddObjectRef(module, key, object);
    Py_XDECREF(object);
    return result;
}

/* The module within the module: borrowed, or NULL with an exception. */
static PyObject *
add_submodule(PyObject *module, const char *full_name, const char *doc)
{
    PyObject *submodule = PyImport_AddModule(full_name);
    if (submodule == NULL || PyModule_SetDocString(submodule, doc) < 0
        || PyModule_AddObjectRef(module, strrchr(full_name, '.') + 1, submodule) < 0)
    {
        return NULL;
    }
    return submodule;
}

static int
add_error(PyObject *errors, PyObject *codes, PyObject *messages, size_t i)
{
    PyObject *message = text(XML_ErrorString(error_table[i].code), -1);
    PyObject *code = PyLong_FromLong(error_table[i].code);
    int result = -1;
    if (message != NULL && code != NULL
        && PyModule_AddObjectRef(errors, error_table[i].name, message) == 0
        && PyDict_SetItem(codes, message, code) == 0)
    {
        result = PyDict_SetItem(messages, code, message);
    }
    Py_XDECREF(message);
    Py_XDECREF(code);
    return result;
}

static int
add_errors(PyObject *module)
{
    PyObject *errors = add_submodule(module, "pyexpat.errors",
                                     "Constants used to describe error conditions.");
    PyObject *codes = PyDict_New(), *messages = PyDict_New();
    int result = errors == NULL || codes == NULL || messages == NULL ? -1 : 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(error_table) && result == 0; i++) {
        result = add_error(errors, codes, messages, i);
    }
    if (result == 0) {
        result = PyModule_AddObjectRef(errors, "codes", codes);
    }
    if (result == 0) {
        result = PyModule_AddObjectRef(errors, "messages", messages);
    }
    Py_XDECREF(codes);
    Py_XDECREF(messages);
    return result;
}

static int
add_model(PyObject *module)
{
    PyObject *model = add_submodule(module, "pyexpat.model",
                                    "Constants used to interpret content model information.");
    int result = model == NULL ? -1 : 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(model_table) && result == 0; i++) {
        result = PyModule_AddIntConstant(model, model_table[i].name, model_table[i].value);
    }
    return result;
}

/* [(name, number)] of what libexpat was built with. */
static PyObject *
make_features(void)
{
    PyObject *list = PyList_New(0);
    for (const XML_Feature *f = XML_GetFeatureList(); f->feature != XML_FEATURE_END; f++) {
        PyObject *pair = list != NULL ? Py_BuildValue("(sl)", f->name, f->value) : NULL;
        if (pair == NULL || PyList_Append(list, pair) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(pair);
        if (list == NULL) {
            break;
        }
    }
    return list;
}

static int
pyexpat_exec(PyObject *module)
{
    pyexpat_state *state = get_state(module);
    XML_Expat_Version version = XML_ExpatVersionInfo();
    state->xmlparser_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &xmlparser_spec, NULL);
    if (state->xmlparser_type == NULL) {
        return -1;
    }
    state->error = PyErr_NewException("xml.parsers.expat.ExpatError", NULL, NULL);
    if (PyModule_AddObjectRef(module, "error", state->error) < 0
        || PyModule_AddObjectRef(module, "ExpatError", state->error) < 0
        || PyModule_AddObjectRef(module, "XMLParserType", (PyObject *)state->xmlparser_type) < 0
        || PyModule_AddStringConstant(module, "EXPAT_VERSION", XML_ExpatVersion()) < 0
        || add_object(module, "version_info", Py_BuildValue("(iii)", version.major, version.minor,
                                                            version.micro)) < 0
        || PyModule_AddStringConstant(module, "native_encoding", "UTF-8") < 0
        || add_errors(module) < 0 || add_model(module) < 0
        || add_object(module, "features", make_features()) < 0
        || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_NEVER) < 0
        || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE) < 0
        || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_ALWAYS) < 0)
    {
        return -1;
    }
    return add_object(module, "expat_CAPI",
                      PyCapsule_New((void *)&capi, PyExpat_CAPSULE_NAME, NULL));
}

static int
pyexpat_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->xmlparser_type);
    Py_VISIT(get_state(module)->error);
    return 0;
}

static int
pyexpat_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->xmlparser_type);
    Py_CLEAR(get_state(module)->error);
    return 0;
}

static void
pyexpat_free(void *module)
{
    pyexpat_clear((PyObject *)module);
}

static PyModuleDef_Slot pyexpat_slots[] = {
    {Py_mod_exec, pyexpat_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef pyexpat_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyexpat",
    .m_doc = PyDoc_STR("Python wrapper for Expat parser."),
    .m_size = sizeof(pyexpat_state),
    .m_methods = pyexpat_functions,
    .m_slots = pyexpat_slots,
    .m_traverse = pyexpat_traverse,
    .m_clear = pyexpat_clear,
    .m_free = pyexpat_free,
};

PyMODINIT_FUNC
PyInit_pyexpat(void)
{
    return PyModuleDef_Init(&pyexpat_module);
}
