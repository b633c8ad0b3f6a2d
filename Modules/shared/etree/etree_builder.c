/* The type TreeBuilder of _elementtree.
 *
 * Text waits in `data` until something else comes; then it becomes text of `last`, or the tail of
 * `ended`, behind what is there.  Factories and the queue of events may do anything, also to the
 * builder: nothing borrowed is used after they were called.
 *
 * Written from the library reference (xml.etree.ElementTree) and observed behaviour of CPython 3.12
 * with and without its accelerator.
 */
#include "etree.h"
#include "pycore_signature.h"   // wrappers

#include "sig/etree_builder.sig.h"

PyObject *
etree_builder_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    treebuilder *self = (treebuilder *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->stack = PyList_New(0);
        if (self->stack == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

/*sig TreeBuilder.__init__(self, element_factory: object = None, *,
                           comment_factory: object = None, pi_factory: object = None,
                           insert_comments: bool = False, insert_pis: bool = False)

*/
static int
builder_init_impl(treebuilder *self, PyObject *element_factory, PyObject *comment_factory,
                  PyObject *pi_factory, int insert_comments, int insert_pis)
{
    etree_state *state = state_of(self);
    Py_XSETREF(self->element_factory, given(element_factory));
    Py_XSETREF(self->comment_factory, comment_factory != Py_None ? Py_NewRef(comment_factory)
                                      : Py_XNewRef(state->comment_factory));
    Py_XSETREF(self->pi_factory, pi_factory != Py_None ? Py_NewRef(pi_factory)
                                 : Py_XNewRef(state->pi_factory));
    self->insert_comments = self->comment_factory != NULL && insert_comments;
    self->insert_pis = self->pi_factory != NULL && insert_pis;
    return 0;
}

static int
builder_traverse(treebuilder *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (int i = 0; i < N_EVENTS; i++) {
        Py_VISIT(self->events[i]);
    }
    Py_VISIT(self->report);
    Py_VISIT(self->root);
    Py_VISIT(self->current);
    Py_VISIT(self->last);
    Py_VISIT(self->ended);
    Py_VISIT(self->data);
    Py_VISIT(self->stack);
    Py_VISIT(self->element_factory);
    Py_VISIT(self->comment_factory);
    Py_VISIT(self->pi_factory);
    return 0;
}

/* The stack stays: it is used without a look. */
static int
builder_clear(treebuilder *self)
{
    for (int i = 0; i < N_EVENTS; i++) {
        Py_CLEAR(self->events[i]);
    }
    Py_CLEAR(self->report);
    Py_CLEAR(self->root);
    Py_CLEAR(self->current);
    Py_CLEAR(self->last);
    Py_CLEAR(self->ended);
    Py_CLEAR(self->data);
    Py_CLEAR(self->element_factory);
    Py_CLEAR(self->comment_factory);
    Py_CLEAR(self->pi_factory);
    return self->stack != NULL ? PyList_SetSlice(self->stack, 0, PY_SSIZE_T_MAX, NULL) : 0;
}

static void
builder_dealloc(treebuilder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    builder_clear(self);
    Py_XDECREF(self->stack);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Add text (not consumed) behind the text in *place of an element; 0, or -1 with an exception. */
static int
etree_extend_place(PyObject **place, PyObject *text)
{
    PyObject *whole = *place == Py_None ? Py_NewRef(text) : PyUnicode_Concat(*place, text);
    if (whole == NULL) {
        return -1;
    }
    Py_SETREF(*place, whole);
    return 0;
}

/* The same for the attribute `name` of what another factory made. */
static int
extend_attribute(PyObject *node, const char *name, PyObject *text)
{
    PyObject *place = PyObject_GetAttrString(node, name);
    int result = -1;
    if (place != NULL && etree_extend_place(&place, text) == 0) {
        result = PyObject_SetAttrString(node, name, place);
    }
    Py_XDECREF(place);
    return result;
}

/* Give the text that waits to its node; 0, or -1 with an exception. */
static int
flush_data(treebuilder *self)
{
    PyObject *data = self->data;
    if (data == NULL) {
        return 0;
    }
    self->data = NULL;
    PyObject *text = NULL;
    if (PyList_GET_SIZE(data) == 1) {
        text = Py_NewRef(PyList_GET_ITEM(data, 0));
    }
    else {
        PyObject *empty = PyUnicode_FromStringAndSize(NULL, 0);
        text = empty != NULL ? PyUnicode_Join(empty, data) : NULL;
        Py_XDECREF(empty);
    }
    Py_DECREF(data);
    if (text == NULL) {
        return -1;
    }
    bool is_tail = self->ended != NULL;
    PyObject *node = Py_XNewRef(is_tail ? self->ended : self->last);
    int result = 0;
    if (node != NULL && Py_IS_TYPE(node, state_of(self)->element_type)) {
        element *e = (element *)node;
        result = etree_extend_place(is_tail ? &e->tail : &e->text, text);
    }
    else if (node != NULL) {
        result = extend_attribute(node, is_tail ? "tail" : "text", text);
    }
    Py_XDECREF(node);
    Py_DECREF(text);
    return result;
}

int
etree_report_event(treebuilder *self, enum event event, PyObject *value)
{
    if (self->report == NULL || self->events[event] == NULL) {
        return 0;
    }
    PyObject *pair = PyTuple_Pack(2, self->events[event], value);
    if (pair == NULL) {
        return -1;
    }
    PyObject *report = Py_NewRef(self->report);
    PyObject *result = PyObject_CallOneArg(report, pair);
    Py_DECREF(report);
    Py_DECREF(pair);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* Append a node to the innermost open element; 0, or -1 with an exception. */
static int
add_to_current(treebuilder *self, PyObject *node)
{
    etree_state *state = state_of(self);
    PyObject *current = Py_NewRef(self->current);
    int result = -1;
    if (Py_IS_TYPE(current, state->element_type)) {
        result = etree_expect_element(state, node) ? etree_add_child((element *)current, node) : -1;
    }
    else {
        PyObject *appended = PyObject_CallMethod(current, "append", "O", node);
        result = appended != NULL ? 0 : -1;
        Py_XDECREF(appended);
    }
    Py_DECREF(current);
    return result;
}

/* The node of a start tag, made by the factory or not; `attrib` may be NULL. */
static PyObject *
make_node(treebuilder *self, PyObject *tag, PyObject *attrib)
{
    if (self->element_factory == NULL) {
        return (PyObject *)etree_make_element(state_of(self)->element_type, tag, attrib);
    }
    PyObject *factory = Py_NewRef(self->element_factory);
    PyObject *attributes = attrib != NULL ? Py_NewRef(attrib) : PyDict_New();
    PyObject *node = NULL;
    if (attributes != NULL) {
        node = PyObject_CallFunctionObjArgs(factory, tag, attributes, NULL);
        Py_DECREF(attributes);
    }
    Py_DECREF(factory);
    return node;
}

/* Put a new open node into the tree and make it the current one; 0, or -1 with an exception. */
static int
open_node(treebuilder *self, PyObject *node)
{
    if (self->current != NULL) {
        if (add_to_current(self, node) < 0) {
            return -1;
        }
    }
    else if (self->root != NULL) {
        PyErr_SetString(state_of(self)->parse_error, "multiple elements on top level");
        return -1;
    }
    else {
        self->root = Py_NewRef(node);
    }
    /* None stands for "no element" at the bottom of the stack. */
    if (PyList_Append(self->stack, self->current != NULL ? self->current : Py_None) < 0) {
        return -1;
    }
    Py_XSETREF(self->current, Py_NewRef(node));
    Py_XSETREF(self->last, Py_NewRef(node));
    return 0;
}

PyObject *
etree_builder_start(treebuilder *self, PyObject *tag, PyObject *attrib)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    PyObject *node = make_node(self, tag, attrib);
    if (node == NULL) {
        return NULL;
    }
    Py_CLEAR(self->ended);
    if (open_node(self, node) < 0 || etree_report_event(self, START, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

PyObject *
etree_builder_end(treebuilder *self)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    Py_ssize_t depth = PyList_GET_SIZE(self->stack);
    if (depth == 0 || self->current == NULL) {
        PyErr_SetString(PyExc_IndexError, "pop from empty stack");
        return NULL;
    }
    PyObject *outer = PyList_GET_ITEM(self->stack, depth - 1);
    PyObject *node = self->current;
    self->current = outer != Py_None ? Py_NewRef(outer) : NULL;
    if (PyList_SetSlice(self->stack, depth - 1, depth, NULL) < 0) {
        Py_DECREF(node);
        return NULL;
    }
    Py_XSETREF(self->last, Py_NewRef(node));
    Py_XSETREF(self->ended, Py_NewRef(node));
    if (etree_report_event(self, END, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

int
etree_builder_data(treebuilder *self, PyObject *text)
{
    if (self->data == NULL) {
        if (self->last == NULL) {
            return 0;
        }
        self->data = PyList_New(0);
        if (self->data == NULL) {
            return -1;
        }
    }
    return PyList_Append(self->data, text);
}

/* Insert, if it is to be, what a factory made of a comment or processing instruction, and report
   it.  Consumes the node, which may be NULL with an exception, and returns it. */
static PyObject *
finish_node(treebuilder *self, enum event event, PyObject *node, bool insert)
{
    if (node != NULL && insert && self->current != NULL) {
        if (add_to_current(self, node) < 0) {
            Py_CLEAR(node);
        }
        else {
            Py_XSETREF(self->ended, Py_NewRef(node));
        }
    }
    if (node != NULL && etree_report_event(self, event, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

PyObject *
etree_builder_comment(treebuilder *self, PyObject *text)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    PyObject *node = Py_NewRef(text);
    if (self->comment_factory != NULL) {
        PyObject *factory = Py_NewRef(self->comment_factory);
        Py_SETREF(node, PyObject_CallOneArg(factory, text));
        Py_DECREF(factory);
    }
    return finish_node(self, COMMENT, node, self->insert_comments);
}

PyObject *
etree_builder_pi(treebuilder *self, PyObject *target, PyObject *text)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    PyObject *node;
    if (self->pi_factory != NULL) {
        PyObject *factory = Py_NewRef(self->pi_factory);
        node = PyObject_CallFunctionObjArgs(factory, target, text, NULL);
        Py_DECREF(factory);
    }
    else {
        node = PyTuple_Pack(2, target, text);
    }
    return finish_node(self, PI, node, self->insert_pis);
}

PyObject *
etree_builder_result(treebuilder *self)
{
    return Py_NewRef(self->root != NULL ? self->root : Py_None);
}

/*sig TreeBuilder.data(self, data, /) -> None

*/
static int
TreeBuilder_data_impl(treebuilder *self, PyObject *data)
{
    return etree_builder_data(self, data);
}

/*sig TreeBuilder.start(self, tag, attrs: dict, /)

*/
static PyObject *
TreeBuilder_start_impl(treebuilder *self, PyObject *tag, PyObject *attrs)
{
    return etree_builder_start(self, tag, attrs);
}

/*sig TreeBuilder.end(self, tag, /)

*/
static PyObject *
TreeBuilder_end_impl(treebuilder *self, PyObject *Py_UNUSED(tag))
{
    return etree_builder_end(self);
}

/*sig TreeBuilder.comment(self, text, /)

*/
static PyObject *
TreeBuilder_comment_impl(treebuilder *self, PyObject *text)
{
    return etree_builder_comment(self, text);
}

/*sig TreeBuilder.pi(self, target, text = None, /)

*/
static PyObject *
TreeBuilder_pi_impl(treebuilder *self, PyObject *target, PyObject *text)
{
    return etree_builder_pi(self, target, text);
}

/*sig TreeBuilder.close(self)

*/
static PyObject *
TreeBuilder_close_impl(treebuilder *self)
{
    return etree_builder_result(self);
}

static PyMethodDef builder_methods[] = {
    TREEBUILDER_DATA_METHODDEF
    TREEBUILDER_START_METHODDEF
    TREEBUILDER_END_METHODDEF
    TREEBUILDER_COMMENT_METHODDEF
    TREEBUILDER_PI_METHODDEF
    TREEBUILDER_CLOSE_METHODDEF
    {NULL}
};

static PyType_Slot builder_slots[] = {
    {Py_tp_new, etree_builder_new},
    {Py_tp_init, builder_init},
    {Py_tp_dealloc, builder_dealloc},
    {Py_tp_traverse, builder_traverse},
    {Py_tp_clear, builder_clear},
    {Py_tp_methods, builder_methods},
    {0, NULL}
};

PyType_Spec etree_builder_spec = {
    .name = "xml.etree.ElementTree.TreeBuilder",
    .basicsize = sizeof(treebuilder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = builder_slots,
};
