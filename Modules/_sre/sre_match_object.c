/* re.Match: the groups of a successful match.
 *
 * A match keeps the subject and the places of its groups.  A subject that is a buffer is asked for
 * its bytes anew when a group is read; one that became shorter gives shorter groups.
 *
 * Written from the re chapter of the library reference and observation.
 */
#include "sre.h"

#include "sig/sre_match_object.sig.h"

static int
match_traverse(PyObject *op, visitproc visit, void *arg)
{
    sre_match *self = (sre_match *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->string);
    Py_VISIT(self->regs);
    Py_VISIT(self->pattern);
    return 0;
}

static void
match_dealloc(PyObject *op)
{
    sre_match *self = (sre_match *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->string);
    Py_XDECREF(self->regs);
    Py_XDECREF(self->pattern);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

PyObject *
_PySre_NewMatch(sre_module *module, sre_pattern *pattern, sre_state *s)
{
    assert(s->nmarks == 2 * pattern->groups);
    sre_match *self = PyObject_GC_NewVar(sre_match, module->match_type, s->nmarks + 2);
    if (self == NULL) {
        return NULL;
    }
    self->string = Py_NewRef(s->string);
    self->regs = NULL;
    self->pattern = (sre_pattern *)Py_NewRef(pattern);
    self->pos = s->pos;
    self->endpos = s->end;
    self->lastindex = s->lastindex;
    self->groups = pattern->groups + 1;
    self->mark[0] = s->start;
    self->mark[1] = s->stop;
    for (Py_ssize_t i = 0; i < s->nmarks; i += 2) {
        bool set = s->marks[i] >= 0 && s->marks[i + 1] >= s->marks[i];
        self->mark[i + 2] = set ? s->marks[i] : -1;
        self->mark[i + 3] = set ? s->marks[i + 1] : -1;
    }
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
no_such_group(void)
{
    PyErr_SetString(PyExc_IndexError, "no such group");
    return NULL;
}

PyObject *
_PySre_MatchGroup(sre_match *self, Py_ssize_t index, PyObject *def)
{
    if (index < 0 || index >= self->groups) {
        return no_such_group();
    }
    Py_ssize_t start = self->mark[2 * index];
    Py_ssize_t end = self->mark[2 * index + 1];
    if (start < 0) {
        return Py_NewRef(def);
    }
    Py_ssize_t length;
    bool is_bytes;
    int kind;
    Py_buffer view;
    const void *text = _PySre_GetText(self->string, &length, &is_bytes, &kind, &view);
    if (text == NULL) {
        return NULL;
    }
    start = Py_MIN(start, length);
    end = Py_MIN(end, length);
    PyObject *res = _PySre_Slice(is_bytes, text, self->string, start, end);
    PyBuffer_Release(&view);
    return res;
}

/* Number of a group given by number or name, -1 with IndexError (or what the look-up raised). */
static Py_ssize_t
group_index(sre_match *self, PyObject *group)
{
    Py_ssize_t index = -1;
    if (PyIndex_Check(group)) {
        index = PyNumber_AsSsize_t(group, NULL);
    }
    else if (self->pattern->groupindex != NULL) {
        PyObject *number = PyDict_GetItemWithError(self->pattern->groupindex, group);
        if (number != NULL && PyLong_Check(number)) {
            index = PyLong_AsSsize_t(number);
        }
    }
    if (index < 0 || index >= self->groups) {
        if (!PyErr_Occurred()) {
            (void)no_such_group();
        }
        return -1;
    }
    return index;
}

static PyObject *
group_of(sre_match *self, PyObject *group, PyObject *def)
{
    Py_ssize_t index = group_index(self, group);
    return index < 0 ? NULL : _PySre_MatchGroup(self, index, def);
}

PyDoc_STRVAR(match_group_doc,
"group([group1, ...]) -> str or tuple.\n\
    Return subgroup(s) of the match by indices or names.\n\
    For 0 returns the entire match.");

static PyObject *
match_group(PyObject *op, PyObject *args)
{
    sre_match *self = (sre_match *)op;
    Py_ssize_t size = PyTuple_GET_SIZE(args);
    if (size == 0) {
        return _PySre_MatchGroup(self, 0, Py_None);
    }
    if (size == 1) {
        return group_of(self, PyTuple_GET_ITEM(args, 0), Py_None);
    }
    PyObject *res = PyTuple_New(size);
    for (Py_ssize_t i = 0; res != NULL && i < size; i++) {
        PyObject *item = group_of(self, PyTuple_GET_ITEM(args, i), Py_None);
        if (item == NULL) {
            Py_CLEAR(res);
            break;
        }
        PyTuple_SET_ITEM(res, i, item);
    }
    return res;
}

static PyObject *
match_subscript(PyObject *op, PyObject *name)
{
    return group_of((sre_match *)op, name, Py_None);
}

/*sig re.Match.expand(self, template)

Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.
*/
static PyObject *
match_expand_impl(sre_match *self, PyObject *template)
{
    sre_module *module = sre_module_of((PyObject *)self);
    PyObject *compiled = _PySre_CompileTemplate(module, self->pattern, template);
    if (compiled == NULL) {
        return NULL;
    }
    PyObject *res = _PySre_Expand((sre_template *)compiled, self);
    Py_DECREF(compiled);
    return res;
}

/*sig re.Match.groups(self, default = None)

Return a tuple containing all the subgroups of the match, from 1.

  default
    Is used for groups that did not participate in the match.
*/
static PyObject *
match_groups_impl(sre_match *self, PyObject *default_value)
{
    PyObject *res = PyTuple_New(self->groups - 1);
    for (Py_ssize_t i = 1; res != NULL && i < self->groups; i++) {
        PyObject *item = _PySre_MatchGroup(self, i, default_value);
        if (item == NULL) {
            Py_CLEAR(res);
            break;
        }
        PyTuple_SET_ITEM(res, i - 1, item);
    }
    return res;
}

/*sig re.Match.groupdict(self, default = None)

Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.

  default
    Is used for groups that did not participate in the match.
*/
static PyObject *
match_groupdict_impl(sre_match *self, PyObject *default_value)
{
    PyObject *res = PyDict_New();
    if (res == NULL || self->pattern->groupindex == NULL) {
        return res;
    }
    PyObject *key;
    Py_ssize_t pos = 0;
    while (PyDict_Next(self->pattern->groupindex, &pos, &key, NULL)) {
        Py_INCREF(key);
        PyObject *item = group_of(self, key, default_value);
        int failed = item == NULL || PyDict_SetItem(res, key, item) < 0;
        Py_XDECREF(item);
        Py_DECREF(key);
        if (failed) {
            Py_DECREF(res);
            return NULL;
        }
    }
    return res;
}

/*sig re.Match.start(self, group = 0, /) -> ssize

Return index of the start of the substring matched by group.
*/
static Py_ssize_t
match_start_impl(sre_match *self, PyObject *group)
{
    Py_ssize_t index = group == NULL ? 0 : group_index(self, group);
    return index < 0 ? -1 : self->mark[2 * index];
}

/*sig re.Match.end(self, group = 0, /) -> ssize

Return index of the end of the substring matched by group.
*/
static Py_ssize_t
match_end_impl(sre_match *self, PyObject *group)
{
    Py_ssize_t index = group == NULL ? 0 : group_index(self, group);
    return index < 0 ? -1 : self->mark[2 * index + 1];
}

static PyObject *
span_of(sre_match *self, Py_ssize_t index)
{
    assert(0 <= index && index < self->groups);
    return Py_BuildValue("(nn)", self->mark[2 * index], self->mark[2 * index + 1]);
}

/*sig re.Match.span(self, group = 0, /)

For match object m, return the 2-tuple (m.start(group), m.end(group)).
*/
static PyObject *
match_span_impl(sre_match *self, PyObject *group)
{
    Py_ssize_t index = group == NULL ? 0 : group_index(self, group);
    return index < 0 ? NULL : span_of(self, index);
}

/*sig re.Match.__copy__(self)
*/
static PyObject *
match___copy___impl(sre_match *self)
{
    return Py_NewRef(self);
}

/*sig re.Match.__deepcopy__(self, memo, /)
*/
static PyObject *
match___deepcopy___impl(sre_match *self, PyObject *Py_UNUSED(memo))
{
    return Py_NewRef(self);
}

static PyObject *
match_lastindex(PyObject *op, void *Py_UNUSED(closure))
{
    sre_match *self = (sre_match *)op;
    if (self->lastindex < 0) {
        Py_RETURN_NONE;
    }
    return PyLong_FromSsize_t(self->lastindex);
}

static PyObject *
match_lastgroup(PyObject *op, void *Py_UNUSED(closure))
{
    sre_match *self = (sre_match *)op;
    PyObject *names = self->pattern->indexgroup;
    if (self->lastindex < 0 || names == NULL || self->lastindex >= PyTuple_GET_SIZE(names)) {
        Py_RETURN_NONE;
    }
    return Py_NewRef(PyTuple_GET_ITEM(names, self->lastindex));
}

static PyObject *
match_regs(PyObject *op, void *Py_UNUSED(closure))
{
    sre_match *self = (sre_match *)op;
    if (self->regs != NULL) {
        return Py_NewRef(self->regs);
    }
    PyObject *regs = PyTuple_New(self->groups);
    for (Py_ssize_t i = 0; regs != NULL && i < self->groups; i++) {
        PyObject *item = span_of(self, i);
        if (item == NULL) {
            Py_CLEAR(regs);
            break;
        }
        PyTuple_SET_ITEM(regs, i, item);
    }
    if (regs != NULL) {
        Py_XSETREF(self->regs, Py_NewRef(regs));
    }
    return regs;
}

static PyObject *
match_repr(PyObject *op)
{
    sre_match *self = (sre_match *)op;
    PyObject *text = _PySre_MatchGroup(self, 0, Py_None);
    if (text == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromFormat("<%s object; span=(%zd, %zd), match=%.50R>",
                                         Py_TYPE(op)->tp_name, self->mark[0], self->mark[1], text);
    Py_DECREF(text);
    return res;
}

static _Py_SHARED PyMethodDef match_methods[] = {
    {"group", match_group, METH_VARARGS, match_group_doc},
    MATCH_START_METHODDEF
    MATCH_END_METHODDEF
    MATCH_SPAN_METHODDEF
    MATCH_GROUPS_METHODDEF
    MATCH_GROUPDICT_METHODDEF
    MATCH_EXPAND_METHODDEF
    MATCH___COPY___METHODDEF
    MATCH___DEEPCOPY___METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

static _Py_SHARED PyMemberDef match_members[] = {
    {"string", T_OBJECT, offsetof(sre_match, string), READONLY,
     PyDoc_STR("The string passed to match() or search().")},
    {"re", T_OBJECT, offsetof(sre_match, pattern), READONLY,
     PyDoc_STR("The regular expression object.")},
    {"pos", T_PYSSIZET, offsetof(sre_match, pos), READONLY,
     PyDoc_STR("The index into the string at which the RE engine started looking for a match.")},
    {"endpos", T_PYSSIZET, offsetof(sre_match, endpos), READONLY,
     PyDoc_STR("The index into the string beyond which the RE engine will not go.")},
    {NULL}
};

static _Py_SHARED PyGetSetDef match_getset[] = {
    {"lastindex", match_lastindex, NULL,
     PyDoc_STR("The integer index of the last matched capturing group.")},
    {"lastgroup", match_lastgroup, NULL,
     PyDoc_STR("The name of the last matched capturing group.")},
    {"regs", match_regs, NULL},
    {NULL}
};

PyDoc_STRVAR(match_doc,
"The result of re.match() and re.search().\n\
Match objects always have a boolean value of True.");

static _Py_SHARED PyType_Slot match_slots[] = {
    {Py_tp_dealloc, match_dealloc},
    {Py_tp_traverse, match_traverse},
    {Py_tp_repr, match_repr},
    {Py_tp_doc, (void *)match_doc},
    {Py_tp_methods, match_methods},
    {Py_tp_members, match_members},
    {Py_tp_getset, match_getset},
    {Py_mp_subscript, match_subscript},
    {0, NULL}
};

_Py_SHARED PyType_Spec _PySre_MatchSpec = {
    .name = "re.Match",
    .basicsize = offsetof(sre_match, mark),
    .itemsize = sizeof(Py_ssize_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_HAVE_GC,
    .slots = match_slots,
};
