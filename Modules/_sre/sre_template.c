/* Templates: what re._parser.parse_template() makes of a replacement string.
 *
 * A template is a literal, followed by pairs of a group number and a literal.  Empty literals
 * behind groups are not kept.
 *
 * Written from re/__init__.py, re/_parser.py and observation.
 */
#include "sre.h"

static int
template_traverse(PyObject *op, visitproc visit, void *arg)
{
    sre_template *self = (sre_template *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->literal);
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        Py_VISIT(self->items[i].literal);
    }
    return 0;
}

static void
template_dealloc(PyObject *op)
{
    sre_template *self = (sre_template *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->literal);
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        Py_XDECREF(self->items[i].literal);
    }
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static _Py_SHARED PyType_Slot template_slots[] = {
    {Py_tp_dealloc, template_dealloc},
    {Py_tp_traverse, template_traverse},
    {0, NULL}
};

_Py_SHARED PyType_Spec _PySre_TemplateSpec = {
    .name = "_sre.SRE_Template",
    .basicsize = offsetof(sre_template, items),
    .itemsize = sizeof(sre_template_item),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_HAVE_GC,
    .slots = template_slots,
};

/* Is it a literal that adds something? */
static inline bool
has_text(PyObject *literal)
{
    if (PyUnicode_Check(literal)) {
        return PyUnicode_GET_LENGTH(literal) != 0;
    }
    return !PyBytes_Check(literal) || PyBytes_GET_SIZE(literal) != 0;
}

/* New reference: the template of a list [literal, group, literal, ...]. */
PyObject *
_PySre_NewTemplate(sre_module *module, PyObject *list)
{
    assert(PyList_Check(list));
    Py_ssize_t size = PyList_GET_SIZE(list);
    if ((size & 1) == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid template");
        return NULL;
    }
    Py_ssize_t pairs = size / 2;
    sre_template *self = PyObject_GC_NewVar(sre_template, module->template_type, pairs);
    if (self == NULL) {
        return NULL;
    }
    self->literal = Py_NewRef(PyList_GET_ITEM(list, 0));
    self->chunks = 1 + pairs;
    for (Py_ssize_t i = 0; i < pairs; i++) {
        self->items[i].literal = NULL;
    }
    for (Py_ssize_t i = 0; i < pairs; i++) {
        PyObject *number = PyList_GET_ITEM(list, 2 * i + 1);
        PyObject *literal = PyList_GET_ITEM(list, 2 * i + 2);
        Py_ssize_t index = PyLong_AsSsize_t(number);
        if (index == -1 && PyErr_Occurred()) {
            goto error;
        }
        if (index < 0) {
            PyErr_SetString(PyExc_TypeError, "invalid template");
            goto error;
        }
        self->items[i].index = index;
        if (has_text(literal)) {
            self->items[i].literal = Py_NewRef(literal);
            self->chunks++;
        }
    }
    PyObject_GC_Track(self);
    return (PyObject *)self;

error:
    PyObject_GC_Track(self);
    Py_DECREF(self);
    return NULL;
}

/* The template function of the package re, looked up once per module.  Borrowed. */
static PyObject *
template_function(sre_module *module)
{
    if (module->compile_template == NULL) {
        PyObject *re = PyImport_ImportModule("re");
        if (re == NULL) {
            return NULL;
        }
        PyObject *func = PyObject_GetAttrString(re, "_compile_template");
        Py_DECREF(re);
        if (func == NULL) {
            return NULL;
        }
        Py_XSETREF(module->compile_template, func);
    }
    return module->compile_template;
}

/* str or bytes with the text of `source`, NULL without exception if it is neither. */
static PyObject *
hashable_source(PyObject *source)
{
    if (PyUnicode_Check(source)) {
        return PyUnicode_FromObject(source);
    }
    if (!PyObject_CheckBuffer(source)) {
        return NULL;
    }
    return PyBytes_FromObject(source);
}

/* New reference: the template of a replacement string, from re's cache. */
PyObject *
_PySre_CompileTemplate(sre_module *module, sre_pattern *pattern, PyObject *source)
{
    PyObject *func = template_function(module);
    if (func == NULL) {
        return NULL;
    }
    Py_INCREF(func);
    PyObject *args[] = {(PyObject *)pattern, source};
    PyObject *res = PyObject_Vectorcall(func, args, 2, NULL);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_TypeError) && !PyUnicode_CheckExact(source)
        && !PyBytes_CheckExact(source)) {
        /* perhaps it could not be hashed: again with a plain object */
        PyObject *exc = PyErr_GetRaisedException();
        args[1] = hashable_source(source);
        if (args[1] == NULL && !PyErr_Occurred()) {
            PyErr_SetRaisedException(exc);
        }
        else {
            Py_DECREF(exc);
        }
        if (args[1] != NULL) {
            res = PyObject_Vectorcall(func, args, 2, NULL);
            Py_DECREF(args[1]);
        }
    }
    Py_DECREF(func);
    if (res != NULL && !Py_IS_TYPE(res, module->template_type)) {
        PyErr_Format(PyExc_RuntimeError,
                     "the result of compiling a replacement string is %.200s, not %.200s",
                     Py_TYPE(res)->tp_name, module->template_type->tp_name);
        Py_CLEAR(res);
    }
    return res;
}

/* New reference: the template with the groups of the match. */
PyObject *
_PySre_Expand(sre_template *self, sre_match *match)
{
    if (Py_SIZE(self) == 0) {
        return Py_NewRef(self->literal);
    }
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    if (has_text(self->literal) && PyList_Append(list, self->literal) < 0) {
        goto error;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *group = _PySre_MatchGroup(match, self->items[i].index, Py_None);
        if (group == NULL) {
            goto error;
        }
        int res = group == Py_None ? 0 : PyList_Append(list, group);
        Py_DECREF(group);
        if (res < 0) {
            goto error;
        }
        PyObject *literal = self->items[i].literal;
        if (literal != NULL && PyList_Append(list, literal) < 0) {
            goto error;
        }
    }
    assert(PyList_GET_SIZE(list) <= self->chunks);
    PyObject *res = _PySre_Join(list, self->literal);
    Py_DECREF(list);
    return res;

error:
    Py_DECREF(list);
    return NULL;
}
