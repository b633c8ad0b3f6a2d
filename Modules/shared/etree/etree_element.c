/* The type Element of _elementtree, and iterators over trees.
 *
 * An element has its attributes and children in an `extra` block, which one without any does not
 * have; the first four children lie in the block itself.
 *
 * Invariants: children are elements.  Whatever runs Python code (comparing tags, copying,
 * finalizers) may change any tree: loops over children hold what they use, and look at the length
 * again; what is removed is released when the tree is whole again.
 *
 * Written from the library reference (xml.etree.ElementTree) and observed behaviour of CPython 3.12
 * with and without its accelerator.
 */
#include "etree.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

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

#include "sig/etree_element.sig.h"

/* ------------------------------------------------------------------- attributes and children */

bool
etree_expect_element(etree_state *state, PyObject *op)
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
    if (n > PY_SSIZE_T_MAX / 16 - extra->length) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t size = extra->length + n;
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

int
etree_add_child(element *self, PyObject *child)
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
    if (self->extra == NULL || self->extra->attrib == NULL) {
        PyObject *attrib = PyDict_New();
        if (attrib == NULL || need_extra(self) < 0) {
            Py_XDECREF(attrib);
            return NULL;
        }
        if (self->extra->attrib == NULL) {
            self->extra->attrib = attrib;
        }
        else {
            Py_DECREF(attrib);      /* a collection ran code that made them */
        }
    }
    return self->extra->attrib;
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

element *
etree_make_element(PyTypeObject *type, PyObject *tag, PyObject *attrib)
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

PyObject *
etree_collect_attrib(PyObject *attrib, PyObject *kwargs)
{
    PyObject *key = NULL, *rest = NULL, *result = NULL;
    if (attrib != NULL) {
        result = PyDict_Copy(attrib);
        if (result != NULL && kwargs != NULL && PyDict_Update(result, kwargs) < 0) {
            Py_CLEAR(result);
        }
        return result;
    }
    if (kwargs == NULL) {
        return NULL;
    }
    key = PyUnicode_FromString("attrib");
    rest = PyDict_Copy(kwargs);
    if (key == NULL || rest == NULL) {
        goto done;
    }
    attrib = PyDict_GetItemWithError(kwargs, key);
    if (attrib == NULL) {
        result = PyErr_Occurred() ? NULL : Py_NewRef(rest);
    }
    else if (!PyDict_Check(attrib)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.100s",
                     Py_TYPE(attrib)->tp_name);
    }
    else if (PyDict_DelItem(rest, key) == 0) {
        result = etree_collect_attrib(attrib, rest);
    }
done:
    Py_XDECREF(key);
    Py_XDECREF(rest);
    return result;
}

/* ---------------------------------------------------------------------------- life of elements */

static PyObject *
element_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return (PyObject *)etree_make_element(type, Py_None, NULL);
}

static int
element_init(element *self, PyObject *args, PyObject *kwargs)
{
    PyObject *tag, *attrib = NULL;
    if (!PyArg_ParseTuple(args, "O|O!:Element", &tag, &PyDict_Type, &attrib)) {
        return -1;
    }
    attrib = etree_collect_attrib(attrib, kwargs);
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
    element *copy = etree_make_element(state->element_type, self->tag, NULL);
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
        if (child != NULL && etree_expect_element(state, child)) {
            result = etree_add_child(copy, child);
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
    element *copy = etree_make_element(state->element_type, Py_None, NULL);
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
        result = etree_expect_element(state, child) ? etree_add_child(&fresh, child) : -1;
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
    Py_INCREF(tag);         /* releasing old children may change the dict */
    Py_INCREF(text);
    Py_INCREF(tail);
    if (restore_extra(self, attrib, children) < 0) {
        Py_DECREF(tag);
        Py_DECREF(text);
        Py_DECREF(tail);
        return -1;
    }
    Py_SETREF(self->tag, tag);
    Py_SETREF(self->text, text);
    Py_SETREF(self->tail, tail);
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
           ? etree_add_child(self, subelement) : -1;
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
        result = etree_expect_element(state, child) ? etree_add_child(self, child) : -1;
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
        if (equal && there) {
            return i;       /* the element keeps the child: nothing ran */
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
    PyObject *made = (PyObject *)etree_make_element(state->element_type, tag, copy);
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
        if (!etree_expect_element(state_of(self), value)) {
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
        result = etree_expect_element(state, PyTuple_GET_ITEM(sequence, i)) ? 0 : -1;
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

PyType_Spec etree_iterator_spec = {
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

PyType_Spec etree_element_spec = {
    .name = "xml.etree.ElementTree.Element",
    .basicsize = sizeof(element),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = element_slots,
};
