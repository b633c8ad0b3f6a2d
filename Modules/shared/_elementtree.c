/* _elementtree: the types Element, TreeBuilder and XMLParser of xml.etree.ElementTree, in C.
 *
 * An element has its attributes and children in an `extra` block, which one without any does not
 * have; the first four children lie in the block itself.  XMLParser calls a TreeBuilder (of exactly
 * that type) directly, and the methods of any other target through Python.
 *
 * Invariants:
 * - Children are elements.  Whatever runs Python code (comparing tags, factories, finalizers) may
 *   change any tree: loops over children hold what they use, and look at the length again; what is
 *   removed is released when the tree is whole again.
 * - Text that a TreeBuilder gets waits in `data` until something else comes; then it becomes
 *   text of `last`, or the tail of `ended`, behind what is there.
 * - An XMLParser without `expat` was not initialised.  libexpat is not reentrant: a handler cannot
 *   feed its own parser.  After an exception libexpat is stopped.
 *
 * Written from the library reference (xml.etree.ElementTree), expat.h and observed behaviour of
 * CPython 3.12 with and without its accelerator.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "expat_input.h"

#define STATIC_CHILDREN 4
#define READ_SIZE (64 * 1024)   // what _parse_whole() reads at a time

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

typedef struct {
    PyObject *parent;           // element
    Py_ssize_t next;            // index of the child that is next
} level;

typedef struct {
    PyObject_HEAD
    PyObject *root;             // until it was visited; then NULL
    PyObject *tag;              // wanted, or NULL: all
    bool gettext;               // it gives texts and tails instead of elements
    level *levels;              // from the root down
    Py_ssize_t depth, allocated;
} element_iterator;

/* What may be reported to a queue.  The order is that of event_names. */
enum event {START, END, START_NS, END_NS, COMMENT, PI, N_EVENTS};

static const char *const event_names[N_EVENTS] = {
    "start", "end", "start-ns", "end-ns", "comment", "pi"
};

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

static struct PyModuleDef etree_module;

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

#include "sig/_elementtree.sig.h"

/* ------------------------------------------------------------------- attributes and children */

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

/* Whether it is an element; false with TypeError. */
static bool
expect_element(etree_state *state, PyObject *op)
{
    if (!is_element(state, op)) {
        PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"",
                     Py_TYPE(op)->tp_name);
        return false;
    }
    return true;
}

/* Whether the argument is an element; false with TypeError. */
static bool
check_element_argument(etree_state *state, PyObject *op, const char *where)
{
    if (!is_element(state, op)) {
        PyErr_Format(PyExc_TypeError, "%s must be %s, not %.50s", where,
                     state->element_type->tp_name,
                     op == Py_None ? "None" : Py_TYPE(op)->tp_name);
        return false;
    }
    return true;
}

/* 0, or -1 with MemoryError. */
static int
need_extra(element *self)
{
    if (self->extra == NULL) {
        element_extra *extra = PyMem_Malloc(sizeof(element_extra));
        if (extra == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        extra->attrib = NULL;
        extra->length = 0;
        extra->allocated = STATIC_CHILDREN;
        extra->children = extra->static_children;
        self->extra = extra;
    }
    return 0;
}

/* Give up attributes and children, which may run any code; the element has none by then. */
static void
drop_extra(element *self)
{
    element_extra *extra = self->extra;
    if (extra != NULL) {
        self->extra = NULL;
        Py_XDECREF(extra->attrib);
        for (Py_ssize_t i = 0; i < extra->length; i++) {
            Py_DECREF(extra->children[i]);
        }
        if (extra->children != extra->static_children) {
            PyMem_Free(extra->children);
        }
        PyMem_Free(extra);
    }
}

/* Make room for n more children; 0, or -1 with MemoryError. */
static int
reserve(element *self, Py_ssize_t n)
{
    if (need_extra(self) < 0) {
        return -1;
    }
    element_extra *extra = self->extra;
    if (n <= extra->allocated - extra->length) {
        return 0;
    }
    Py_ssize_t size = extra->length + n;
    if (n > PY_SSIZE_T_MAX / 16 - extra->length) {
        PyErr_NoMemory();
        return -1;
    }
    size += (size >> 3) + (size < 9 ? 3 : 6);
    bool own = extra->children != extra->static_children;
    PyObject **children = PyMem_Realloc(own ? extra->children : NULL,
                                        (size_t)size * sizeof(PyObject *));
    if (children == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (!own) {
        memcpy(children, extra->static_children, sizeof(extra->static_children));
    }
    extra->children = children;
    extra->allocated = size;
    return 0;
}

/* Append a child (not consumed); 0, or -1 with MemoryError. */
static int
add_child(element *self, PyObject *child)
{
    if (reserve(self, 1) < 0) {
        return -1;
    }
    self->extra->children[self->extra->length++] = Py_NewRef(child);
    return 0;
}

/* The attributes, which can be changed: borrowed, or NULL with MemoryError. */
static PyObject *
need_attrib(element *self)
{
    if (need_extra(self) == 0 && self->extra->attrib == NULL) {
        PyObject *attrib = PyDict_New();
        if (attrib != NULL) {
            assert(self->extra->attrib == NULL);
            self->extra->attrib = attrib;
        }
    }
    return self->extra != NULL ? self->extra->attrib : NULL;
}

/* Make the dict (not consumed) the attributes; 0, or -1 with MemoryError. */
static int
set_attrib(element *self, PyObject *attrib)
{
    if (need_extra(self) < 0) {
        return -1;
    }
    Py_XSETREF(self->extra->attrib, Py_NewRef(attrib));
    return 0;
}

/* A new element with the dict (not copied, or NULL), or NULL with an exception. */
static element *
make_element(PyTypeObject *type, PyObject *tag, PyObject *attrib)
{
    element *self = (element *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->tag = Py_NewRef(tag);
    self->text = Py_NewRef(Py_None);
    self->tail = Py_NewRef(Py_None);
    if (attrib != NULL && PyDict_GET_SIZE(attrib) > 0 && set_attrib(self, attrib) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

/* The attributes that the arguments `attrib` (a dict or NULL) and keywords mean: a new dict; NULL
   without an exception if there are none of both, or with one. */
static PyObject *
collect_attrib(PyObject *attrib, PyObject *kwargs)
{
    PyObject *rest = NULL, *result = NULL;
    if (attrib == NULL && kwargs == NULL) {
        return NULL;
    }
    if (kwargs != NULL) {
        rest = PyDict_Copy(kwargs);
        if (rest == NULL) {
            return NULL;
        }
    }
    PyObject *named = NULL;
    if (attrib == NULL) {
        named = Py_XNewRef(PyDict_GetItemString(rest, "attrib"));
    }
    if (named != NULL) {
        if (!PyDict_Check(named)) {
            PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.100s",
                         Py_TYPE(named)->tp_name);
            goto done;
        }
        if (PyDict_DelItemString(rest, "attrib") < 0) {
            goto done;
        }
        attrib = named;
    }
    result = attrib != NULL ? PyDict_Copy(attrib) : PyDict_New();
    if (result != NULL && rest != NULL && PyDict_Update(result, rest) < 0) {
        Py_CLEAR(result);
    }
done:
    Py_XDECREF(named);
    Py_XDECREF(rest);
    return result;
}

/* ---------------------------------------------------------------------------- life of elements */

static PyObject *
element_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return (PyObject *)make_element(type, Py_None, NULL);
}

static int
element_init(element *self, PyObject *args, PyObject *kwargs)
{
    PyObject *tag, *attrib = NULL;
    if (!PyArg_ParseTuple(args, "O|O!:Element", &tag, &PyDict_Type, &attrib)) {
        return -1;
    }
    attrib = collect_attrib(attrib, kwargs);
    if (attrib == NULL && PyErr_Occurred()) {
        return -1;
    }
    int result = 0;
    if (attrib != NULL) {
        result = set_attrib(self, attrib);
        Py_DECREF(attrib);
    }
    if (result == 0) {
        Py_SETREF(self->tag, Py_NewRef(tag));
        Py_SETREF(self->text, Py_NewRef(Py_None));
        Py_SETREF(self->tail, Py_NewRef(Py_None));
    }
    return result;
}

static int
element_traverse(element *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->tag);
    Py_VISIT(self->text);
    Py_VISIT(self->tail);
    if (self->extra != NULL) {
        Py_VISIT(self->extra->attrib);
        for (Py_ssize_t i = 0; i < self->extra->length; i++) {
            Py_VISIT(self->extra->children[i]);
        }
    }
    return 0;
}

/* The three attributes become None, since the element may still be used by finalizers. */
static int
element_gc_clear(element *self)
{
    Py_XSETREF(self->tag, Py_NewRef(Py_None));
    Py_XSETREF(self->text, Py_NewRef(Py_None));
    Py_XSETREF(self->tail, Py_NewRef(Py_None));
    drop_extra(self);
    return 0;
}

static void
element_dealloc(element *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, element_dealloc)
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    element_gc_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static PyObject *
element_repr(PyObject *op)
{
    element *self = (element *)op;
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        if (entered > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                         Py_TYPE(op)->tp_name);
        }
        return NULL;
    }
    PyObject *result = PyUnicode_FromFormat("<Element %R at %p>", self->tag, self);
    Py_ReprLeave(op);
    return result;
}

/*sig Element.clear(self) -> None

*/
static int
Element_clear_impl(element *self)
{
    drop_extra(self);
    Py_SETREF(self->text, Py_NewRef(Py_None));
    Py_SETREF(self->tail, Py_NewRef(Py_None));
    return 0;
}

/*sig Element.__sizeof__(self) -> size_t

*/
static size_t
Element___sizeof___impl(element *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    if (self->extra != NULL) {
        size += sizeof(element_extra);
        if (self->extra->children != self->extra->static_children) {
            size += sizeof(PyObject *) * (size_t)self->extra->allocated;
        }
    }
    return size;
}

/* ------------------------------------------------------------------------- copies and pickles */

/*sig Element.__copy__(self)

*/
static PyObject *
Element___copy___impl(element *self)
{
    etree_state *state = state_of(self);
    PyObject *attrib = self->extra != NULL ? self->extra->attrib : NULL;
    element *copy = make_element(state->element_type, self->tag, NULL);
    if (copy == NULL || (attrib != NULL && set_attrib(copy, attrib) < 0)) {
        Py_XDECREF(copy);
        return NULL;
    }
    Py_SETREF(copy->text, Py_NewRef(self->text));
    Py_SETREF(copy->tail, Py_NewRef(self->tail));
    Py_ssize_t n = child_count(self);
    if (n > 0 && reserve(copy, n) < 0) {
        Py_DECREF(copy);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        copy->extra->children[i] = Py_NewRef(self->extra->children[i]);
        copy->extra->length++;
    }
    return (PyObject *)copy;
}

static PyObject *copy_tree(etree_state *, element *, PyObject *);

/* Whether it is a dict of str to str, as attributes are. */
static bool
is_plain_dict(PyObject *op)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    if (!PyDict_CheckExact(op)) {
        return false;
    }
    while (PyDict_Next(op, &pos, &key, &value)) {
        if (!PyUnicode_CheckExact(key) || !PyUnicode_CheckExact(value)) {
            return false;
        }
    }
    return true;
}

/* copy.deepcopy() of what an element has: new reference, or NULL with an exception. */
static PyObject *
copy_deeply(etree_state *state, PyObject *op, PyObject *memo)
{
    PyObject *copy;
    if (op == Py_None || PyUnicode_CheckExact(op)) {
        return Py_NewRef(op);
    }
    Py_INCREF(op);
    if (is_plain_dict(op)) {
        copy = PyDict_Copy(op);
    }
    else if (Py_IS_TYPE(op, state->element_type)) {
        copy = copy_tree(state, (element *)op, memo);
    }
    else {
        copy = PyObject_CallFunctionObjArgs(state->deepcopy, op, memo, NULL);
    }
    Py_DECREF(op);
    return copy;
}

/* memo[id(op)] = copy: 0, or -1 with an exception. */
static int
remember(PyObject *memo, void *op, PyObject *copy)
{
    PyObject *key = PyLong_FromVoidPtr(op);
    int result = key != NULL ? PyDict_SetItem(memo, key, copy) : -1;
    Py_XDECREF(key);
    return result;
}

/* Copy the attributes and children; 0, or -1 with an exception. */
static int
copy_extra(etree_state *state, element *self, element *copy, PyObject *memo)
{
    if (self->extra != NULL && self->extra->attrib != NULL) {
        PyObject *attrib = copy_deeply(state, self->extra->attrib, memo);
        int result = -1;
        if (attrib != NULL && !PyDict_Check(attrib)) {
            PyErr_SetString(PyExc_TypeError, "the copy of a dict is no dict");
        }
        else if (attrib != NULL) {
            result = set_attrib(copy, attrib);
        }
        Py_XDECREF(attrib);
        if (result < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < child_count(self); i++) {
        PyObject *child = copy_deeply(state, self->extra->children[i], memo);
        int result = -1;
        if (child != NULL && expect_element(state, child)) {
            result = add_child(copy, child);
        }
        Py_XDECREF(child);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

/* Put a copy of an attribute in its place in the copy; 0, or -1 with an exception. */
static int
copy_place(etree_state *state, PyObject *op, PyObject **place, PyObject *memo)
{
    PyObject *copy = copy_deeply(state, op, memo);
    if (copy != NULL) {
        Py_SETREF(*place, copy);
    }
    return copy != NULL ? 0 : -1;
}

/* A deep copy, or the one that the memo has. */
static PyObject *
copy_tree(etree_state *state, element *self, PyObject *memo)
{
    PyObject *key = PyLong_FromVoidPtr(self);
    PyObject *known = key != NULL ? PyDict_GetItemWithError(memo, key) : NULL;
    Py_XDECREF(key);
    if (known != NULL || PyErr_Occurred()) {
        return Py_XNewRef(known);
    }
    if (Py_EnterRecursiveCall(" in Element.__deepcopy__")) {
        return NULL;
    }
    element *copy = make_element(state->element_type, Py_None, NULL);
    if (copy != NULL
        && (remember(memo, self, (PyObject *)copy) < 0
            || copy_place(state, self->tag, &copy->tag, memo) < 0
            || copy_place(state, self->text, &copy->text, memo) < 0
            || copy_place(state, self->tail, &copy->tail, memo) < 0
            || copy_extra(state, self, copy, memo) < 0))
    {
        Py_CLEAR(copy);
    }
    Py_LeaveRecursiveCall();
    return (PyObject *)copy;
}

/*sig Element.__deepcopy__(self, memo: dict, /)

*/
static PyObject *
Element___deepcopy___impl(element *self, PyObject *memo)
{
    return copy_tree(state_of(self), self, memo);
}

/* A new list of children [start, start + n step), or NULL with MemoryError. */
static PyObject *
children_list(element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    PyObject *list = PyList_New(n);
    if (list == NULL) {
        return NULL;
    }
    if (n > 0 && Py_MAX(start, start + (n - 1) * step) >= child_count(self)) {
        /* A collection ran code that took children away. */
        PyErr_SetString(PyExc_RuntimeError, "element changed size");
        Py_DECREF(list);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyList_SET_ITEM(list, i, Py_NewRef(self->extra->children[start + i * step]));
    }
    return list;
}

/*sig Element.__getstate__(self)

*/
static PyObject *
Element___getstate___impl(element *self)
{
    PyObject *children = children_list(self, 0, 1, child_count(self));
    PyObject *attrib = self->extra != NULL ? Py_XNewRef(self->extra->attrib) : NULL;
    if (attrib == NULL) {
        attrib = PyDict_New();
    }
    if (children == NULL || attrib == NULL) {
        Py_XDECREF(children);
        Py_XDECREF(attrib);
        return NULL;
    }
    return Py_BuildValue("{sOsNsNsOsO}", "tag", self->tag, "_children", children,
                         "attrib", attrib, "text", self->text, "tail", self->tail);
}

/* Replace attributes and children by those of a pickle (a dict and a list, or NULL). */
static int
restore_extra(element *self, PyObject *attrib, PyObject *children)
{
    element fresh = {.extra = NULL};
    etree_state *state = state_of(self);
    int result = 0;
    if (attrib != NULL) {
        result = set_attrib(&fresh, attrib);
    }
    for (Py_ssize_t i = 0; children != NULL && result == 0 && i < PyList_GET_SIZE(children); i++) {
        PyObject *child = PyList_GET_ITEM(children, i);
        result = expect_element(state, child) ? add_child(&fresh, child) : -1;
    }
    if (result == 0) {
        element_extra *old = self->extra;
        self->extra = fresh.extra;
        fresh.extra = old;
    }
    drop_extra(&fresh);
    return result;
}

/*sig Element.__setstate__(self, state, /) -> None

*/
static int
Element___setstate___impl(element *self, PyObject *state)
{
    static char *const names[] = {"tag", "_children", "attrib", "text", "tail", NULL};
    PyObject *tag = NULL, *children = NULL, *attrib = NULL, *text = Py_None, *tail = Py_None;
    if (!PyDict_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "Don't know how to unpickle \"%.200R\" as an Element",
                     state);
        return -1;
    }
    PyObject *args = PyTuple_New(0);
    int parsed = args != NULL && PyArg_ParseTupleAndKeywords(
            args, state, "|$OOOOO", (char **)names, &tag, &children, &attrib, &text, &tail);
    Py_XDECREF(args);
    if (!parsed) {
        return -1;
    }
    if (tag == NULL) {
        PyErr_SetString(PyExc_TypeError, "tag may not be NULL");
        return -1;
    }
    if (children != NULL && !PyList_Check(children)) {
        PyErr_SetString(PyExc_TypeError, "'_children' is not a list");
        return -1;
    }
    if (attrib != NULL && !PyDict_Check(attrib)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.200s",
                     Py_TYPE(attrib)->tp_name);
        return -1;
    }
    if (restore_extra(self, attrib, children) < 0) {
        return -1;
    }
    Py_SETREF(self->tag, Py_NewRef(tag));
    Py_SETREF(self->text, Py_NewRef(text));
    Py_SETREF(self->tail, Py_NewRef(tail));
    return 0;
}

/* ----------------------------------------------------------------------- changing the children */

/*sig Element.append(self, cls: defining_class, subelement, /) -> None

*/
static int
Element_append_impl(element *self, PyTypeObject *cls, PyObject *subelement)
{
    etree_state *state = PyType_GetModuleState(cls);
    return check_element_argument(state, subelement, "append() argument 1")
           ? add_child(self, subelement) : -1;
}

/* The list or tuple of what is given for children: new reference, or NULL with TypeError. */
static PyObject *
children_given(PyObject *elements)
{
    PyObject *sequence = PySequence_Fast(elements, "");
    if (sequence == NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Format(PyExc_TypeError, "expected sequence, not \"%.200s\"",
                     Py_TYPE(elements)->tp_name);
    }
    return sequence;
}

/*sig Element.extend(self, cls: defining_class, elements, /) -> None

*/
static int
Element_extend_impl(element *self, PyTypeObject *cls, PyObject *elements)
{
    etree_state *state = PyType_GetModuleState(cls);
    PyObject *sequence = children_given(elements);
    if (sequence == NULL) {
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PySequence_Fast_GET_SIZE(sequence); i++) {
        PyObject *child = PySequence_Fast_GET_ITEM(sequence, i);
        result = expect_element(state, child) ? add_child(self, child) : -1;
    }
    Py_DECREF(sequence);
    return result;
}

/*sig Element.insert(self, index: ssize, subelement, /) -> None

*/
static int
Element_insert_impl(element *self, Py_ssize_t index, PyObject *subelement)
{
    if (!check_element_argument(state_of(self), subelement, "insert() argument 2")
        || reserve(self, 1) < 0)
    {
        return -1;
    }
    element_extra *extra = self->extra;
    if (index < 0) {
        index = Py_MAX(index + extra->length, 0);
    }
    index = Py_MIN(index, extra->length);
    memmove(extra->children + index + 1, extra->children + index,
            (size_t)(extra->length - index) * sizeof(PyObject *));
    extra->children[index] = Py_NewRef(subelement);
    extra->length++;
    return 0;
}

/* Take the child out: the reference to it is the caller's. */
static PyObject *
take_child(element *self, Py_ssize_t index)
{
    element_extra *extra = self->extra;
    assert(0 <= index && index < extra->length);
    PyObject *child = extra->children[index];
    extra->length--;
    memmove(extra->children + index, extra->children + index + 1,
            (size_t)(extra->length - index) * sizeof(PyObject *));
    return child;
}

/* The index of the child, or of one that is equal; -1 if there is none, -2 with an exception. */
static Py_ssize_t
find_child(element *self, PyObject *wanted)
{
    for (Py_ssize_t i = 0; i < child_count(self); i++) {
        if (self->extra->children[i] == wanted) {
            return i;
        }
    }
    for (Py_ssize_t i = 0; i < child_count(self); i++) {
        PyObject *child = Py_NewRef(self->extra->children[i]);
        int equal = PyObject_RichCompareBool(child, wanted, Py_EQ);
        bool there = i < child_count(self) && self->extra->children[i] == child;
        Py_DECREF(child);
        if (equal < 0) {
            return -2;
        }
        if (equal && there && i < child_count(self)) {
            return i;
        }
    }
    return -1;
}

/*sig Element.remove(self, subelement, /) -> None

*/
static int
Element_remove_impl(element *self, PyObject *subelement)
{
    if (!check_element_argument(state_of(self), subelement, "remove() argument")) {
        return -1;
    }
    Py_ssize_t index = find_child(self, subelement);
    if (index < 0) {
        if (index == -1) {
            PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
        }
        return -1;
    }
    Py_DECREF(take_child(self, index));
    return 0;
}

/*sig Element.makeelement(self, cls: defining_class, tag, attrib: dict, /)

*/
static PyObject *
Element_makeelement_impl(element *Py_UNUSED(self), PyTypeObject *cls, PyObject *tag,
                         PyObject *attrib)
{
    etree_state *state = PyType_GetModuleState(cls);
    PyObject *copy = PyDict_Copy(attrib);
    if (copy == NULL) {
        return NULL;
    }
    PyObject *made = (PyObject *)make_element(state->element_type, tag, copy);
    Py_DECREF(copy);
    return made;
}

/* ---------------------------------------------------------------------- elements as sequences */

static Py_ssize_t
element_length(element *self)
{
    return child_count(self);
}

static int
element_bool(element *self)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Testing an element's truth value will raise an exception in future "
                     "versions.  Use specific 'len(elem)' or 'elem is not None' test instead.",
                     1) < 0)
    {
        return -1;
    }
    return child_count(self) > 0;
}

static PyObject *
element_item(element *self, Py_ssize_t index)
{
    if (index < 0 || index >= child_count(self)) {
        PyErr_SetString(PyExc_IndexError, "child index out of range");
        return NULL;
    }
    return Py_NewRef(self->extra->children[index]);
}

/* Set or (value NULL) delete a child. */
static int
element_ass_item(element *self, Py_ssize_t index, PyObject *value)
{
    if (index < 0 || index >= child_count(self)) {
        PyErr_SetString(PyExc_IndexError, "child assignment index out of range");
        return -1;
    }
    PyObject *old;
    if (value == NULL) {
        old = take_child(self, index);
    }
    else {
        if (!expect_element(state_of(self), value)) {
            return -1;
        }
        old = self->extra->children[index];
        self->extra->children[index] = Py_NewRef(value);
    }
    Py_DECREF(old);
    return 0;
}

/* The index that a key means, counted from the front; -1 with an exception. */
static int
key_as_index(element *self, PyObject *key, Py_ssize_t *index)
{
    *index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (*index == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*index < 0) {
        *index += child_count(self);
    }
    return 0;
}

static PyObject *
element_subscript(element *self, PyObject *key)
{
    Py_ssize_t start, stop, step;
    if (PyIndex_Check(key)) {
        return key_as_index(self, key, &start) == 0 ? element_item(self, start) : NULL;
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "element indices must be integers");
        return NULL;
    }
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(child_count(self), &start, &stop, step);
    return children_list(self, start, step, n);
}

/* Delete n children from `start` on in steps of `step` >= 1; the references are the caller's. */
static void
close_gaps(element_extra *extra, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    Py_ssize_t to = start;
    for (Py_ssize_t from = start; from < extra->length; from++) {
        bool deleted = from - start < n * step && (from - start) % step == 0;
        if (!deleted) {
            extra->children[to++] = extra->children[from];
        }
    }
    extra->length = to;
}

/* Put m children for n in a row; the references to the old ones are the caller's. */
static void
replace_row(element_extra *extra, Py_ssize_t start, Py_ssize_t n, PyObject *const *items,
            Py_ssize_t m)
{
    assert(extra->length - n + m <= extra->allocated);
    memmove(extra->children + start + m, extra->children + start + n,
            (size_t)(extra->length - start - n) * sizeof(PyObject *));
    for (Py_ssize_t i = 0; i < m; i++) {
        extra->children[start + i] = Py_NewRef(items[i]);
    }
    extra->length += m - n;
}

/* Set or (sequence NULL) delete the children of a slice. */
static int
assign_slice(element *self, PyObject *slice, PyObject *sequence)
{
    Py_ssize_t start, stop, step;
    Py_ssize_t m = sequence != NULL ? PySequence_Fast_GET_SIZE(sequence) : 0;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0 || reserve(self, m) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(child_count(self), &start, &stop, step);
    PyObject *old = children_list(self, start, step, n);
    if (old == NULL) {
        return -1;
    }
    /* From here on nothing runs any code until the end; what children_list() ran is seen by it or
       does not matter. */
    element_extra *extra = self->extra;
    if (extra == NULL || start > extra->length || m > extra->allocated - extra->length) {
        PyErr_SetString(PyExc_RuntimeError, "element changed size");
        Py_DECREF(old);
        return -1;
    }
    PyObject *const *items = sequence != NULL ? PySequence_Fast_ITEMS(sequence) : NULL;
    int result = 0;
    if (sequence == NULL && n > 0) {
        close_gaps(extra, step > 0 ? start : start + (n - 1) * step, Py_ABS(step), n);
    }
    else if (sequence != NULL && step == 1) {
        replace_row(extra, start, n, items, m);
    }
    else if (sequence != NULL && m != n) {
        PyErr_Format(PyExc_ValueError, "attempt to assign sequence of size %zd to extended "
                     "slice of size %zd", m, n);
        result = -1;
    }
    else if (sequence != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            extra->children[start + i * step] = Py_NewRef(items[i]);
        }
    }
    if (result == 0) {
        /* The old children's references were the element's. */
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(PyList_GET_ITEM(old, i));
        }
    }
    Py_DECREF(old);
    return result;
}

static int
element_ass_subscript(element *self, PyObject *key, PyObject *value)
{
    Py_ssize_t index;
    if (PyIndex_Check(key)) {
        return key_as_index(self, key, &index) == 0 ? element_ass_item(self, index, value) : -1;
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "element indices must be integers");
        return -1;
    }
    if (value == NULL) {
        return assign_slice(self, key, NULL);
    }
    PyObject *sequence = children_given(value);
    if (sequence == NULL) {
        return -1;
    }
    /* A tuple, which nobody changes meanwhile. */
    Py_SETREF(sequence, PySequence_Tuple(sequence));
    int result = sequence != NULL ? 0 : -1;
    etree_state *state = state_of(self);
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(sequence); i++) {
        result = expect_element(state, PyTuple_GET_ITEM(sequence, i)) ? 0 : -1;
    }
    if (result == 0) {
        result = assign_slice(self, key, sequence);
    }
    Py_XDECREF(sequence);
    return result;
}

/* ---------------------------------------------------------------------- attributes of elements */

/*sig Element.get(self, key, default = None)

*/
static PyObject *
Element_get_impl(element *self, PyObject *key, PyObject *default_value)
{
    PyObject *attrib = self->extra != NULL ? Py_XNewRef(self->extra->attrib) : NULL;
    if (attrib == NULL) {
        return Py_NewRef(default_value);
    }
    PyObject *value = Py_XNewRef(PyDict_GetItemWithError(attrib, key));
    Py_DECREF(attrib);
    return value != NULL || PyErr_Occurred() ? value : Py_NewRef(default_value);
}

/*sig Element.set(self, key, value, /) -> None

*/
static int
Element_set_impl(element *self, PyObject *key, PyObject *value)
{
    PyObject *attrib = need_attrib(self);
    if (attrib == NULL) {
        return -1;
    }
    Py_INCREF(attrib);
    int result = PyDict_SetItem(attrib, key, value);
    Py_DECREF(attrib);
    return result;
}

/* The list that PyDict_Items() or PyDict_Keys() makes of the attributes. */
static PyObject *
attrib_list(element *self, PyObject *(*make)(PyObject *))
{
    if (self->extra == NULL || self->extra->attrib == NULL) {
        return PyList_New(0);
    }
    PyObject *attrib = Py_NewRef(self->extra->attrib);
    PyObject *list = make(attrib);
    Py_DECREF(attrib);
    return list;
}

/*sig Element.items(self)

*/
static PyObject *
Element_items_impl(element *self)
{
    return attrib_list(self, PyDict_Items);
}

/*sig Element.keys(self)

*/
static PyObject *
Element_keys_impl(element *self)
{
    return attrib_list(self, PyDict_Keys);
}

/* tag, text and tail: the closure is the offset. */
static PyObject **
place_of(element *self, void *closure)
{
    return (PyObject **)((char *)self + (intptr_t)closure);
}

static PyObject *
element_get_place(element *self, void *closure)
{
    return Py_NewRef(*place_of(self, closure));
}

/* Whether there is a value; false with AttributeError. */
static bool
not_deleted(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "can't delete element attribute");
    }
    return value != NULL;
}

static int
element_set_place(element *self, PyObject *value, void *closure)
{
    if (!not_deleted(value)) {
        return -1;
    }
    Py_SETREF(*place_of(self, closure), Py_NewRef(value));
    return 0;
}

static PyObject *
element_get_attrib(element *self, void *Py_UNUSED(closure))
{
    return Py_XNewRef(need_attrib(self));
}

static int
element_set_attrib(element *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (!not_deleted(value)) {
        return -1;
    }
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.200s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    return set_attrib(self, value);
}

/* --------------------------------------------------------------------------- finding children */

/* Whether a path, as far as it is a str or bytes, is just a tag: not for ElementPath.  Characters
   in braces are of a namespace. */
static bool
is_tag(PyObject *path)
{
    bool outside = true;
    const char *bytes = NULL;
    Py_ssize_t length;
    if (PyUnicode_Check(path)) {
        length = PyUnicode_GET_LENGTH(path);
    }
    else if (PyBytes_Check(path)) {
        bytes = PyBytes_AS_STRING(path);
        length = PyBytes_GET_SIZE(path);
    }
    else {
        return false;
    }
    Py_UCS4 before = 0, brace = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = bytes != NULL ? (unsigned char)bytes[i] : PyUnicode_READ_CHAR(path, i);
        if (c == '{') {
            outside = false;
        }
        else if (c == '}') {
            /* "{}a" and "{*}a" are patterns. */
            if (i == 1 || (i == 2 && before == '*' && brace == '{')) {
                return false;
            }
            outside = true;
        }
        else if (outside && c < 128 && strchr("/*[@.", (int)c) != NULL && c != 0) {
            return false;
        }
        brace = before;
        before = c;
    }
    return true;
}

/* Find the next child from *index on whose tag is `tag`: a new reference, and *index behind it.
   NULL if there is none, or with an exception. */
static PyObject *
next_with_tag(element *self, PyObject *tag, Py_ssize_t *index)
{
    while (*index < child_count(self)) {
        PyObject *child = Py_NewRef(self->extra->children[(*index)++]);
        PyObject *other = Py_NewRef(((element *)child)->tag);
        int equal = PyObject_RichCompareBool(other, tag, Py_EQ);
        Py_DECREF(other);
        if (equal > 0) {
            return child;
        }
        Py_DECREF(child);
        if (equal < 0) {
            break;
        }
    }
    return NULL;
}

/* Call a function of xml.etree.ElementPath with the element and up to three arguments. */
static PyObject *
element_path(element *self, const char *name, PyObject *path, PyObject *second, PyObject *third)
{
    PyObject *function = PyObject_GetAttrString(state_of(self)->element_path, name);
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(function, self, path, second, third, NULL);
    Py_DECREF(function);
    return result;
}

/*sig Element.find(self, cls: defining_class, path, namespaces = None)

*/
static PyObject *
Element_find_impl(element *self, PyTypeObject *Py_UNUSED(cls), PyObject *path,
                  PyObject *namespaces)
{
    if (!is_tag(path) || namespaces != Py_None) {
        return element_path(self, "find", path, namespaces, NULL);
    }
    Py_ssize_t index = 0;
    PyObject *child = next_with_tag(self, path, &index);
    return child != NULL || PyErr_Occurred() ? child : Py_NewRef(Py_None);
}

/*sig Element.findtext(self, cls: defining_class, path, default = None, namespaces = None)

*/
static PyObject *
Element_findtext_impl(element *self, PyTypeObject *Py_UNUSED(cls), PyObject *path,
                      PyObject *default_value, PyObject *namespaces)
{
    if (!is_tag(path) || namespaces != Py_None) {
        return element_path(self, "findtext", path, default_value, namespaces);
    }
    Py_ssize_t index = 0;
    PyObject *child = next_with_tag(self, path, &index);
    if (child == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(default_value);
    }
    PyObject *text = ((element *)child)->text;
    text = text == Py_None ? PyUnicode_FromStringAndSize(NULL, 0) : Py_NewRef(text);
    Py_DECREF(child);
    return text;
}

/*sig Element.findall(self, cls: defining_class, path, namespaces = None)

*/
static PyObject *
Element_findall_impl(element *self, PyTypeObject *Py_UNUSED(cls), PyObject *path,
                     PyObject *namespaces)
{
    if (!is_tag(path) || namespaces != Py_None) {
        return element_path(self, "findall", path, namespaces, NULL);
    }
    PyObject *list = PyList_New(0), *child;
    Py_ssize_t index = 0;
    while (list != NULL && (child = next_with_tag(self, path, &index)) != NULL) {
        if (PyList_Append(list, child) < 0) {
            Py_CLEAR(list);
        }
        Py_DECREF(child);
    }
    if (list != NULL && PyErr_Occurred()) {
        Py_CLEAR(list);
    }
    return list;
}

/*sig Element.iterfind(self, cls: defining_class, path, namespaces = None)

*/
static PyObject *
Element_iterfind_impl(element *self, PyTypeObject *Py_UNUSED(cls), PyObject *path,
                      PyObject *namespaces)
{
    return element_path(self, "iterfind", path, namespaces, NULL);
}

/* ---------------------------------------------------------------------------------- iterators */

static PyObject *
make_iterator(element *self, PyTypeObject *cls, PyObject *tag, bool gettext)
{
    etree_state *state = PyType_GetModuleState(cls);
    element_iterator *it = PyObject_GC_New(element_iterator, state->iterator_type);
    if (it == NULL) {
        return NULL;
    }
    it->root = Py_NewRef(self);
    it->tag = Py_XNewRef(tag);
    it->gettext = gettext;
    it->levels = NULL;
    it->depth = it->allocated = 0;
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

/*sig Element.iter(self, cls: defining_class, tag = None)

*/
static PyObject *
Element_iter_impl(element *self, PyTypeObject *cls, PyObject *tag)
{
    bool all = tag == Py_None
               || (PyUnicode_Check(tag) && PyUnicode_CompareWithASCIIString(tag, "*") == 0);
    return make_iterator(self, cls, all ? NULL : tag, false);
}

/*sig Element.itertext(self, cls: defining_class)

*/
static PyObject *
Element_itertext_impl(element *self, PyTypeObject *cls)
{
    return make_iterator(self, cls, NULL, true);
}

static int
iterator_traverse(element_iterator *it, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < it->depth; i++) {
        Py_VISIT(it->levels[i].parent);
    }
    Py_VISIT(it->root);
    Py_VISIT(it->tag);
    Py_VISIT(Py_TYPE(it));
    return 0;
}

static void
iterator_dealloc(element_iterator *it)
{
    PyTypeObject *type = Py_TYPE(it);
    PyObject_GC_UnTrack(it);
    for (Py_ssize_t i = 0; i < it->depth; i++) {
        Py_DECREF(it->levels[i].parent);
    }
    PyMem_Free(it->levels);
    Py_XDECREF(it->root);
    Py_XDECREF(it->tag);
    PyObject_GC_Del(it);
    Py_DECREF(type);
}

/* Go down to the element, whose reference is consumed; 0, or -1 with MemoryError. */
static int
descend(element_iterator *it, PyObject *to)
{
    if (it->depth == it->allocated) {
        Py_ssize_t size = it->allocated != 0 ? 2 * it->allocated : 8;
        level *levels = PyMem_Realloc(it->levels, (size_t)size * sizeof(level));
        if (levels == NULL) {
            Py_DECREF(to);
            PyErr_NoMemory();
            return -1;
        }
        it->levels = levels;
        it->allocated = size;
    }
    it->levels[it->depth++] = (level){to, 0};
    return 0;
}

/* Move on by one step: 1 with a new reference to the element that was reached, and whether it was
   entered or left; 0 at the end; -1 with MemoryError.  The root is not reported when it is left. */
static int
next_step(element_iterator *it, element **reached, bool *entered)
{
    PyObject *to = it->root;
    if (to != NULL) {
        it->root = NULL;
    }
    else if (it->depth == 0) {
        return 0;
    }
    else {
        level *top = &it->levels[it->depth - 1];
        element *parent = (element *)top->parent;
        if (top->next >= child_count(parent)) {
            it->depth--;
            if (it->depth == 0) {
                Py_DECREF(parent);
                return 0;
            }
            *reached = parent;
            *entered = false;
            return 1;
        }
        to = Py_NewRef(parent->extra->children[top->next++]);
    }
    if (descend(it, Py_NewRef(to)) < 0) {
        Py_DECREF(to);
        return -1;
    }
    *reached = (element *)to;
    *entered = true;
    return 1;
}

/* What the step to an element gives: 1 with a new reference, 0 if nothing, -1 with an exception. */
static int
result_of_step(element_iterator *it, element *reached, bool entered, PyObject **result)
{
    int given;
    if (it->gettext) {
        *result = Py_NewRef(entered ? reached->text : reached->tail);
        given = *result != Py_None ? PyObject_IsTrue(*result) : 0;
    }
    else {
        PyObject *tag = Py_NewRef(reached->tag);
        *result = Py_NewRef(reached);
        given = !entered ? 0 : it->tag == NULL ? 1 : PyObject_RichCompareBool(tag, it->tag, Py_EQ);
        Py_DECREF(tag);
    }
    if (given <= 0) {
        Py_CLEAR(*result);
    }
    return given;
}

static PyObject *
iterator_next(element_iterator *it)
{
    element *reached;
    bool entered;
    PyObject *result = NULL;
    while (next_step(it, &reached, &entered) > 0) {
        int given = result_of_step(it, reached, entered, &result);
        Py_DECREF(reached);
        if (given != 0) {
            break;
        }
    }
    return result;
}

static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {0, NULL}
};

static PyType_Spec iterator_spec = {
    .name = "_elementtree._element_iterator",
    .basicsize = sizeof(element_iterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = iterator_slots,
};

/* ---------------------------------------------------------------------------- the type Element */

static PyMethodDef element_methods[] = {
    ELEMENT_CLEAR_METHODDEF
    ELEMENT_GET_METHODDEF
    ELEMENT_SET_METHODDEF
    ELEMENT_FIND_METHODDEF
    ELEMENT_FINDTEXT_METHODDEF
    ELEMENT_FINDALL_METHODDEF
    ELEMENT_APPEND_METHODDEF
    ELEMENT_EXTEND_METHODDEF
    ELEMENT_INSERT_METHODDEF
    ELEMENT_REMOVE_METHODDEF
    ELEMENT_ITER_METHODDEF
    ELEMENT_ITERTEXT_METHODDEF
    ELEMENT_ITERFIND_METHODDEF
    ELEMENT_ITEMS_METHODDEF
    ELEMENT_KEYS_METHODDEF
    ELEMENT_MAKEELEMENT_METHODDEF
    ELEMENT___COPY___METHODDEF
    ELEMENT___DEEPCOPY___METHODDEF
    ELEMENT___SIZEOF___METHODDEF
    ELEMENT___GETSTATE___METHODDEF
    ELEMENT___SETSTATE___METHODDEF
    {NULL}
};

static PyMemberDef element_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(element, weakreflist), READONLY, NULL},
    {NULL}
};

#define PLACE(NAME, DOC) \
    {#NAME, (getter)element_get_place, (setter)element_set_place, PyDoc_STR(DOC), \
     (void *)offsetof(element, NAME)}

static PyGetSetDef element_getset[] = {
    PLACE(tag, "A string identifying what kind of data this element represents"),
    PLACE(text, "A string of text directly after the start tag, or None"),
    PLACE(tail, "A string of text directly after the end tag, or None"),
    {"attrib", (getter)element_get_attrib, (setter)element_set_attrib,
     PyDoc_STR("A dictionary containing the element's attributes"), NULL},
    {NULL}
};

static PyType_Slot element_slots[] = {
    {Py_tp_new, element_new},
    {Py_tp_init, element_init},
    {Py_tp_dealloc, element_dealloc},
    {Py_tp_traverse, element_traverse},
    {Py_tp_clear, element_gc_clear},
    {Py_tp_repr, element_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, element_methods},
    {Py_tp_members, element_members},
    {Py_tp_getset, element_getset},
    {Py_nb_bool, element_bool},
    {Py_sq_length, element_length},
    {Py_sq_item, element_item},
    {Py_sq_ass_item, element_ass_item},
    {Py_mp_length, element_length},
    {Py_mp_subscript, element_subscript},
    {Py_mp_ass_subscript, element_ass_subscript},
    {0, NULL}
};

static PyType_Spec element_spec = {
    .name = "xml.etree.ElementTree.Element",
    .basicsize = sizeof(element),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = element_slots,
};

/* --------------------------------------------------------------------------------- TreeBuilder */

static PyObject *
builder_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
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

/* A callable, or NULL for None and for what is not given. */
static inline PyObject *
given(PyObject *op)
{
    return op != Py_None ? Py_XNewRef(op) : NULL;
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
extend_place(PyObject **place, PyObject *text)
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
    if (place != NULL && extend_place(&place, text) == 0) {
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
        result = extend_place(is_tail ? &e->tail : &e->text, text);
    }
    else if (node != NULL) {
        result = extend_attribute(node, is_tail ? "tail" : "text", text);
    }
    Py_XDECREF(node);
    Py_DECREF(text);
    return result;
}

/* Report an event if somebody wants it; 0, or -1 with an exception. */
static int
report_event(treebuilder *self, enum event event, PyObject *value)
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
        result = expect_element(state, node) ? add_child((element *)current, node) : -1;
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
        return (PyObject *)make_element(state_of(self)->element_type, tag, attrib);
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

static PyObject *
builder_start(treebuilder *self, PyObject *tag, PyObject *attrib)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    PyObject *node = make_node(self, tag, attrib);
    if (node == NULL) {
        return NULL;
    }
    Py_CLEAR(self->ended);
    if (open_node(self, node) < 0 || report_event(self, START, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

static PyObject *
builder_end(treebuilder *self)
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
    if (report_event(self, END, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

/* Take text: it belongs to the first element or what comes after it.  0, or -1 with MemoryError. */
static int
builder_data(treebuilder *self, PyObject *text)
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
    if (node != NULL && report_event(self, event, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

static PyObject *
builder_comment(treebuilder *self, PyObject *text)
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

static PyObject *
builder_pi(treebuilder *self, PyObject *target, PyObject *text)
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

/*sig TreeBuilder.data(self, data, /) -> None

*/
static int
TreeBuilder_data_impl(treebuilder *self, PyObject *data)
{
    return builder_data(self, data);
}

/*sig TreeBuilder.start(self, tag, attrs: dict, /)

*/
static PyObject *
TreeBuilder_start_impl(treebuilder *self, PyObject *tag, PyObject *attrs)
{
    return builder_start(self, tag, attrs);
}

/*sig TreeBuilder.end(self, tag, /)

*/
static PyObject *
TreeBuilder_end_impl(treebuilder *self, PyObject *Py_UNUSED(tag))
{
    return builder_end(self);
}

/*sig TreeBuilder.comment(self, text, /)

*/
static PyObject *
TreeBuilder_comment_impl(treebuilder *self, PyObject *text)
{
    return builder_comment(self, text);
}

/*sig TreeBuilder.pi(self, target, text = None, /)

*/
static PyObject *
TreeBuilder_pi_impl(treebuilder *self, PyObject *target, PyObject *text)
{
    return builder_pi(self, target, text);
}

/*sig TreeBuilder.close(self)

*/
static PyObject *
TreeBuilder_close_impl(treebuilder *self)
{
    return Py_NewRef(self->root != NULL ? self->root : Py_None);
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
    {Py_tp_new, builder_new},
    {Py_tp_init, builder_init},
    {Py_tp_dealloc, builder_dealloc},
    {Py_tp_traverse, builder_traverse},
    {Py_tp_clear, builder_clear},
    {Py_tp_methods, builder_methods},
    {0, NULL}
};

static PyType_Spec builder_spec = {
    .name = "xml.etree.ElementTree.TreeBuilder",
    .basicsize = sizeof(treebuilder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = builder_slots,
};

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
        return builder_data(self->builder, value) == 0 ? Py_NewRef(Py_None) : NULL;
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
                 ? builder_start(self->builder, tag, attrib)
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
        done(self, builder_end(self->builder));
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
        result = report_event(self->builder, START_NS, pair) == 0 ? Py_NewRef(Py_None) : NULL;
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
        int failed = report_event(self->builder, END_NS, Py_None);
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
        result = self->builder != NULL ? builder_comment(self->builder, str)
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
                 ? builder_pi(self->builder, target, str)
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

static int
parser_clear(xmlparser *self)
{
    XML_Parser expat = self->expat;
    assert(!self->input.parsing);
    self->expat = NULL;
    self->builder = NULL;
    if (expat != NULL) {
        XML_ParserFree(expat);
    }
#define X(NAME) Py_CLEAR(self->on.NAME);
    TARGET_METHODS(X)
#undef X
    Py_CLEAR(self->target);
    Py_CLEAR(self->entity);
    Py_CLEAR(self->names);
    return 0;
}

static void
parser_dealloc(xmlparser *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    parser_clear(self);
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
set_target(xmlparser *self, PyObject *target)
{
    etree_state *state = state_of(self);
    self->target = target != Py_None ? Py_NewRef(target)
                                     : builder_new(state->builder_type, NULL, NULL);
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
    if (self->on.comment != NULL) {
        XML_SetCommentHandler(expat, on_comment);
    }
    if (self->on.pi != NULL) {
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
    if (self->input.parsing) {
        PyErr_SetString(PyExc_RuntimeError, "the parser is at work: it called a handler");
        return -1;
    }
    parser_clear(self);
    self->input.fed = 0;
    self->entity = PyDict_New();
    self->names = PyDict_New();
    if (self->entity == NULL || self->names == NULL || set_target(self, target) < 0) {
        parser_clear(self);
        return -1;
    }
    if (self->expat != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "XMLParser.__init__() called itself");
        return -1;
    }
    self->expat = expat_create(encoding, "}");
    if (self->expat == NULL) {
        parser_clear(self);
        return -1;
    }
    register_callbacks(self);
    return 0;
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
        return TreeBuilder_close_impl(self->builder);
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
    /* Getting it may have run code of the exporter's. */
    int result = check_initialised(self) ? parse_bytes(self, view.buf, view.len, false) : -1;
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
        if (check_initialised(self) && !self->input.parsing) {
            (void)XML_SetEncoding(self->expat, "utf-8");
        }
    }
    if (!check_initialised(self)) {
        result = -1;
    }
    else if (PyBytes_CheckExact(data) && PyBytes_GET_SIZE(data) > 0) {
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
    return self->builder != NULL ? TreeBuilder_close_impl(self->builder) : Py_NewRef(Py_None);
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

/* Report the event, by this name, from now on. */
static void
enable_event(xmlparser *self, enum event event, PyObject *name)
{
    Py_XSETREF(self->builder->events[event], Py_NewRef(name));
    switch (event) {
        case START_NS: XML_SetStartNamespaceDeclHandler(self->expat, on_start_ns); break;
        case END_NS: XML_SetEndNamespaceDeclHandler(self->expat, on_end_ns); break;
        case COMMENT: XML_SetCommentHandler(self->expat, on_comment); break;
        case PI: XML_SetProcessingInstructionHandler(self->expat, on_pi); break;
        default: break;         /* libexpat calls back anyway */
    }
}

/* "end" is reported if nothing else is said: 0, or -1 with MemoryError. */
static int
enable_end(xmlparser *self)
{
    PyObject *name = PyUnicode_InternFromString(event_names[END]);
    if (name == NULL) {
        return -1;
    }
    enable_event(self, END, name);
    Py_DECREF(name);
    return 0;
}

/* Report the events of a sequence; 0, or -1 with an exception. */
static int
enable_events(xmlparser *self, PyObject *events)
{
    PyObject *sequence = PySequence_Fast(events, "events must be a sequence");
    if (sequence == NULL) {
        return -1;
    }
    int event = 0;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence) && event >= 0; i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
        event = event_of(name);
        if (event >= 0 && self->builder != NULL && self->expat != NULL) {
            enable_event(self, (enum event)event, name);
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
    if (self->builder == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "event handling only supported for ElementTree.TreeBuilder targets");
        return -1;
    }
    PyObject *append = PyObject_GetAttrString(events_queue, "append");
    if (append == NULL) {
        return -1;
    }
    if (self->builder == NULL) {
        PyErr_SetString(PyExc_ValueError, "XMLParser.__init__() wasn't called");
        Py_DECREF(append);
        return -1;
    }
    Py_XSETREF(self->builder->report, append);
    for (int event = 0; event < N_EVENTS && self->builder != NULL; event++) {
        Py_CLEAR(self->builder->events[event]);
    }
    if (self->builder == NULL) {
        return check_initialised(self) ? 0 : -1;
    }
    return events_to_report == Py_None ? enable_end(self)
                                       : enable_events(self, events_to_report);
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
    attrib = collect_attrib(attrib, kwargs);
    if (attrib == NULL && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *child = (PyObject *)make_element(state->element_type, tag, attrib);
    Py_XDECREF(attrib);
    if (child != NULL && add_child((element *)parent, child) < 0) {
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
    if (add_type(module, &iterator_spec, &state->iterator_type) < 0
        || add_type(module, &builder_spec, &state->builder_type) < 0
        || add_type(module, &element_spec, &state->element_type) < 0
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

static struct PyModuleDef etree_module = {
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
