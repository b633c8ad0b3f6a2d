/* What the files of the module _elementtree share. */
#ifndef LADON_ETREE_H
#define LADON_ETREE_H

#include "Python.h"

#include <stdbool.h>

#define STATIC_CHILDREN 4

typedef struct {
    PyTypeObject *element_type, *iterator_type, *builder_type, *parser_type;
    PyObject *parse_error;
    PyObject *element_path;     // the module xml.etree.ElementPath
    PyObject *deepcopy;         // copy.deepcopy
    PyObject *comment_factory, *pi_factory;     // of _set_factories(), or NULL
} etree_state;

typedef struct {
    PyObject *attrib;           // dict, or NULL: empty
    Py_ssize_t length, allocated;
    PyObject **children;        // static_children, or a block of its own
    PyObject *static_children[STATIC_CHILDREN];
} element_extra;

typedef struct {
    PyObject_HEAD
    PyObject *tag, *text, *tail;    // never NULL but while it is collected
    element_extra *extra;           // or NULL
    PyObject *weakreflist;
} element;

/* What may be reported to a queue. */
enum event {START, END, START_NS, END_NS, COMMENT, PI, N_EVENTS};

typedef struct {
    PyObject_HEAD
    PyObject *root;             // the first element, or NULL
    PyObject *current;          // the innermost open element, or NULL
    PyObject *last;             // the element that was started last, or NULL
    PyObject *ended;            // the node behind which text comes, or NULL: text is of `last`
    PyObject *data;             // list of texts, or NULL
    PyObject *stack;            // list of the open elements around `current`
    PyObject *element_factory, *comment_factory, *pi_factory;   // or NULL
    bool insert_comments, insert_pis;
    PyObject *report;           // called with events, or NULL
    PyObject *events[N_EVENTS]; // name in the report, or NULL: not reported
} treebuilder;

extern struct PyModuleDef etree_module;
extern PyType_Spec etree_element_spec, etree_iterator_spec, etree_builder_spec;

static inline etree_state *
get_state(PyObject *module)
{
    etree_state *state = (etree_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* The state of the module of an object, whose type may be a subclass. */
static inline etree_state *
state_of(void *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE((PyObject *)self), &etree_module);
    assert(module != NULL);
    return get_state(module);
}

static inline Py_ssize_t
child_count(element *self)
{
    return self->extra != NULL ? self->extra->length : 0;
}

static inline bool
is_element(etree_state *state, PyObject *op)
{
    return PyObject_TypeCheck(op, state->element_type);
}

/* A callable, or NULL for None and for what is not given. */
static inline PyObject *
given(PyObject *op)
{
    return op != Py_None ? Py_XNewRef(op) : NULL;
}

/* --- etree_element.c -------------------------------------------------------------------------- */

/* A new element with the dict (not copied, or NULL), or NULL with an exception. */
element *etree_make_element(PyTypeObject *type, PyObject *tag, PyObject *attrib);
/* The attributes that the arguments `attrib` (a dict or NULL) and keywords mean: a new dict; NULL
   without an exception if there are none of both, or with one. */
PyObject *etree_collect_attrib(PyObject *attrib, PyObject *kwargs);
/* Whether it is an element; false with TypeError. */
bool etree_expect_element(etree_state *state, PyObject *op);
/* Append a child (not consumed); 0, or -1 with MemoryError. */
int etree_add_child(element *self, PyObject *child);

/* --- etree_builder.c -------------------------------------------------------------------------- */

/* What the methods of TreeBuilder do: new references, or NULL with an exception. */
PyObject *etree_builder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *etree_builder_start(treebuilder *self, PyObject *tag, PyObject *attrib);
PyObject *etree_builder_end(treebuilder *self);
PyObject *etree_builder_comment(treebuilder *self, PyObject *text);
PyObject *etree_builder_pi(treebuilder *self, PyObject *target, PyObject *text);
/* Take text: it belongs to the first element or what comes after it.  0, or -1 with MemoryError. */
int etree_builder_data(treebuilder *self, PyObject *text);
/* The root, or None. */
PyObject *etree_builder_result(treebuilder *self);
/* Report an event if somebody wants it; 0, or -1 with an exception. */
int etree_report_event(treebuilder *self, enum event event, PyObject *value);

#endif
