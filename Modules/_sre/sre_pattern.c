/* re.Pattern: a compiled regular expression and the operations on subjects.
 *
 * The code of a pattern is validated before the object exists and never changes.
 *
 * Written from the re chapter of the library reference and observation.
 */
#include "sre.h"

#include "sig/sre_pattern.sig.h"

static int
pattern_traverse(PyObject *op, visitproc visit, void *arg)
{
    sre_pattern *self = (sre_pattern *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->pattern);
    Py_VISIT(self->groupindex);
    Py_VISIT(self->indexgroup);
    return 0;
}

static void
pattern_dealloc(PyObject *op)
{
    sre_pattern *self = (sre_pattern *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_XDECREF(self->pattern);
    Py_XDECREF(self->groupindex);
    Py_XDECREF(self->indexgroup);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* ------------------------------------------------------------------------------- birth */

/* Which subjects does the pattern fit, by its source?  0, or -1 with TypeError. */
static int
find_subject(PyObject *source, sre_subject *subject)
{
    if (source == Py_None) {
        *subject = SRE_ANY_SUBJECT;
        return 0;
    }
    Py_ssize_t length;
    bool is_bytes;
    int kind;
    Py_buffer view;
    if (_PySre_GetText(source, &length, &is_bytes, &kind, &view) == NULL) {
        return -1;
    }
    PyBuffer_Release(&view);
    *subject = is_bytes ? SRE_BYTES : SRE_STR;
    return 0;
}

/* Fills self->code from the list and validates it.  0, or -1 with an exception. */
static int
read_code(sre_pattern *self, PyObject *code, Py_ssize_t groups)
{
    Py_ssize_t size = Py_SIZE(self);
    for (Py_ssize_t i = 0; i < size; i++) {
        assert(PyList_GET_SIZE(code) == size);
        unsigned long word = PyLong_AsUnsignedLong(PyList_GET_ITEM(code, i));
        if (word == (unsigned long)-1 && PyErr_Occurred()) {
            return -1;
        }
        if (word > UINT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "regular expression code size limit exceeded");
            return -1;
        }
        self->code[i] = (sre_code)word;
    }
    int res = _PySre_Validate(self->code, size, groups);
    if (res == 0) {
        PyErr_SetString(PyExc_RuntimeError, "invalid SRE code");
    }
    return res == 1 ? 0 : -1;
}

/* New reference.  `code` is a list, `groupindex` a dict, `indexgroup` a tuple. */
PyObject *
_PySre_NewPattern(sre_module *module, PyObject *source, int flags, PyObject *code,
                  Py_ssize_t groups, PyObject *groupindex, PyObject *indexgroup)
{
    assert(PyList_Check(code) && PyDict_Check(groupindex) && PyTuple_Check(indexgroup));
    Py_ssize_t size = PyList_GET_SIZE(code);
    sre_pattern *self = PyObject_GC_NewVar(sre_pattern, module->pattern_type, size);
    if (self == NULL) {
        return NULL;
    }
    self->pattern = self->groupindex = self->indexgroup = self->weakreflist = NULL;
    self->groups = groups;
    self->flags = flags;
    self->subject = SRE_ANY_SUBJECT;
    int res = read_code(self, code, groups);
    if (res == 0) {
        res = find_subject(source, &self->subject);
    }
    if (res == 0) {
        self->pattern = Py_NewRef(source);
        if (PyDict_GET_SIZE(groupindex) > 0) {
            self->groupindex = Py_NewRef(groupindex);
            if (PyTuple_GET_SIZE(indexgroup) > 0) {
                self->indexgroup = Py_NewRef(indexgroup);
            }
        }
    }
    PyObject_GC_Track(self);
    if (res < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* ------------------------------------------------------------------------------- one match */

enum how { HOW_MATCH, HOW_FULLMATCH, HOW_SEARCH };

static PyObject *
match_once(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos, enum how how)
{
    sre_state s;
    if (_PySre_StateInit(&s, self, string, pos, endpos) < 0) {
        return NULL;
    }
    s.match_all = how == HOW_FULLMATCH;
    int found = how == HOW_SEARCH ? _PySre_Search(&s) : _PySre_Match(&s);
    PyObject *res = NULL;
    if (found > 0) {
        res = _PySre_NewMatch(sre_module_of((PyObject *)self), self, &s);
    }
    else if (found == 0) {
        res = Py_NewRef(Py_None);
    }
    _PySre_StateFini(&s);
    return res;
}

/*sig re.Pattern.match(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)

Matches zero or more characters at the beginning of the string.
*/
static PyObject *
pattern_match_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return match_once(self, string, pos, endpos, HOW_MATCH);
}

/*sig re.Pattern.fullmatch(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)

Matches against all of the string.
*/
static PyObject *
pattern_fullmatch_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return match_once(self, string, pos, endpos, HOW_FULLMATCH);
}

/*sig re.Pattern.search(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)

Scan through string looking for a match, and return a corresponding match object instance.

Return None if no position in the string matches.
*/
static PyObject *
pattern_search_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return match_once(self, string, pos, endpos, HOW_SEARCH);
}

/* ------------------------------------------------------------------------------- all matches */

/* Appends and releases the item, which may be NULL with an exception.  0 or -1. */
static int
append_stolen(PyObject *list, PyObject *item)
{
    if (item == NULL) {
        return -1;
    }
    int res = PyList_Append(list, item);
    Py_DECREF(item);
    return res;
}

/* What findall() says of a match: the group, or the tuple of groups. */
static PyObject *
found_item(sre_pattern *self, sre_state *s)
{
    if (self->groups < 2) {
        return _PySre_StateGroup(s, self->groups, true);
    }
    PyObject *item = PyTuple_New(self->groups);
    for (Py_ssize_t i = 0; item != NULL && i < self->groups; i++) {
        PyObject *group = _PySre_StateGroup(s, i + 1, true);
        if (group == NULL) {
            Py_CLEAR(item);
            break;
        }
        PyTuple_SET_ITEM(item, i, group);
    }
    return item;
}

/*sig re.Pattern.findall(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)

Return a list of all non-overlapping matches of pattern in string.
*/
static PyObject *
pattern_findall_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    sre_state s;
    if (_PySre_StateInit(&s, self, string, pos, endpos) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    int found = list == NULL ? -1 : 1;
    while (found > 0 && (found = _PySre_Search(&s)) > 0) {
        if (append_stolen(list, found_item(self, &s)) < 0) {
            found = -1;
        }
        _PySre_StateNext(&s);
    }
    if (found < 0) {
        Py_CLEAR(list);
    }
    _PySre_StateFini(&s);
    return list;
}

/*sig re.Pattern.scanner(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)
*/
static PyObject *
pattern_scanner_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return _PySre_NewScanner(sre_module_of((PyObject *)self), self, string, pos, endpos);
}

/*sig re.Pattern.finditer(self, string, pos: ssize = 0, endpos: ssize = sys.maxsize)

Return an iterator over all non-overlapping matches for the RE pattern in string.

For each match, the iterator returns a match object.
*/
static PyObject *
pattern_finditer_impl(sre_pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    PyObject *scanner = pattern_scanner_impl(self, string, pos, endpos);
    if (scanner == NULL) {
        return NULL;
    }
    PyObject *search = PyObject_GetAttrString(scanner, "search");
    Py_DECREF(scanner);
    if (search == NULL) {
        return NULL;
    }
    PyObject *iterator = PyCallIter_New(search, Py_None);
    Py_DECREF(search);
    return iterator;
}

/*sig re.Pattern.split(self, string, maxsplit: ssize = 0)

Split string by the occurrences of pattern.
*/
static PyObject *
pattern_split_impl(sre_pattern *self, PyObject *string, Py_ssize_t maxsplit)
{
    sre_state s;
    if (_PySre_StateInit(&s, self, string, 0, PY_SSIZE_T_MAX) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    int found = list == NULL ? -1 : 1;
    Py_ssize_t last = 0;
    for (Py_ssize_t n = 0; found > 0 && (maxsplit == 0 || n < maxsplit); n++) {
        found = _PySre_Search(&s);
        if (found <= 0) {
            break;
        }
        if (append_stolen(list, _PySre_Slice(s.is_bytes, s.text, s.string, last, s.start)) < 0) {
            found = -1;
        }
        for (Py_ssize_t i = 1; found > 0 && i <= self->groups; i++) {
            if (append_stolen(list, _PySre_StateGroup(&s, i, false)) < 0) {
                found = -1;
            }
        }
        last = s.stop;
        _PySre_StateNext(&s);
    }
    if (found >= 0
        && append_stolen(list, _PySre_Slice(s.is_bytes, s.text, s.string, last, s.end)) < 0) {
        found = -1;
    }
    if (found < 0) {
        Py_CLEAR(list);
    }
    _PySre_StateFini(&s);
    return list;
}

/* ------------------------------------------------------------------------------- sub() */

/* Is the replacement string its own result?  1, 0 or -1 with an exception. */
static int
is_literal(PyObject *repl)
{
    Py_ssize_t length;
    bool is_bytes;
    int kind;
    Py_buffer view;
    const void *text = _PySre_GetText(repl, &length, &is_bytes, &kind, &view);
    if (text == NULL) {
        /* what it is, is for the template compiler to say */
        PyErr_Clear();
        return 0;
    }
    int res;
    if (is_bytes) {
        res = memchr(text, '\\', (size_t)length) == NULL;
    }
    else {
        Py_ssize_t at = PyUnicode_FindChar(repl, '\\', 0, length, 1);
        res = at == -2 ? -1 : at == -1;
    }
    PyBuffer_Release(&view);
    return res;
}

/* What a match is replaced by: a literal, a template, or what a callable returns. */
typedef struct {
    sre_module *module;
    PyObject *object;       /* owned */
    enum { BY_LITERAL, BY_TEMPLATE, BY_CALL } kind;
} replacement;

static int
replacement_init(replacement *r, sre_pattern *self, PyObject *repl)
{
    r->module = sre_module_of((PyObject *)self);
    if (PyCallable_Check(repl)) {
        r->kind = BY_CALL;
        r->object = Py_NewRef(repl);
        return 0;
    }
    int literal = is_literal(repl);
    if (literal != 0) {
        r->kind = BY_LITERAL;
        r->object = literal < 0 ? NULL : Py_NewRef(repl);
        return literal < 0 ? -1 : 0;
    }
    r->kind = BY_TEMPLATE;
    r->object = _PySre_CompileTemplate(r->module, self, repl);
    if (r->object == NULL) {
        return -1;
    }
    sre_template *template = (sre_template *)r->object;
    if (Py_SIZE(template) == 0) {
        r->kind = BY_LITERAL;
        Py_SETREF(r->object, Py_NewRef(template->literal));
    }
    return 0;
}

/* New reference: the replacement for the match just found, None for nothing. */
static PyObject *
replacement_for(replacement *r, sre_pattern *self, sre_state *s)
{
    if (r->kind == BY_LITERAL) {
        return Py_NewRef(r->object);
    }
    PyObject *match = _PySre_NewMatch(r->module, self, s);
    if (match == NULL) {
        return NULL;
    }
    PyObject *res;
    if (r->kind == BY_TEMPLATE) {
        res = _PySre_Expand((sre_template *)r->object, (sre_match *)match);
    }
    else {
        res = PyObject_CallOneArg(r->object, match);
    }
    Py_DECREF(match);
    return res;
}

/* The parts of the result, as a list.  NULL with an exception. */
static PyObject *
substituted(sre_pattern *self, replacement *r, sre_state *s, Py_ssize_t count, Py_ssize_t *done)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    Py_ssize_t last = 0;
    int found = 0;
    for (*done = 0; count == 0 || *done < count; ++*done) {
        found = _PySre_Search(s);
        if (found <= 0) {
            break;
        }
        if (last < s->start
            && append_stolen(list, _PySre_Slice(s->is_bytes, s->text, s->string, last,
                                                s->start)) < 0) {
            goto error;
        }
        PyObject *item = replacement_for(r, self, s);
        if (item == NULL) {
            goto error;
        }
        int res = item == Py_None ? 0 : PyList_Append(list, item);
        Py_DECREF(item);
        if (res < 0) {
            goto error;
        }
        last = s->stop;
        _PySre_StateNext(s);
    }
    if (found < 0) {
        goto error;
    }
    if (last < s->end
        && append_stolen(list, _PySre_Slice(s->is_bytes, s->text, s->string, last, s->end)) < 0) {
        goto error;
    }
    return list;

error:
    Py_DECREF(list);
    return NULL;
}

/* New reference: the new string. */
static PyObject *
substitute(sre_pattern *self, PyObject *repl, PyObject *string, Py_ssize_t count, Py_ssize_t *done)
{
    replacement r;
    if (replacement_init(&r, self, repl) < 0) {
        return NULL;
    }
    sre_state s;
    if (_PySre_StateInit(&s, self, string, 0, PY_SSIZE_T_MAX) < 0) {
        Py_DECREF(r.object);
        return NULL;
    }
    PyObject *list = substituted(self, &r, &s, count, done);
    PyObject *res = list == NULL ? NULL : _PySre_Join(list, string);
    Py_XDECREF(list);
    _PySre_StateFini(&s);
    Py_DECREF(r.object);
    return res;
}

/*sig re.Pattern.sub(self, repl, string, count: ssize = 0)

Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl.
*/
static PyObject *
pattern_sub_impl(sre_pattern *self, PyObject *repl, PyObject *string, Py_ssize_t count)
{
    Py_ssize_t done;
    return substitute(self, repl, string, count, &done);
}

/*sig re.Pattern.subn(self, repl, string, count: ssize = 0)

Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.
*/
static PyObject *
pattern_subn_impl(sre_pattern *self, PyObject *repl, PyObject *string, Py_ssize_t count)
{
    Py_ssize_t done;
    PyObject *text = substitute(self, repl, string, count, &done);
    return text == NULL ? NULL : Py_BuildValue("(Nn)", text, done);
}

/* ------------------------------------------------------------------------------- the object */

/*sig re.Pattern.__copy__(self)
*/
static PyObject *
pattern___copy___impl(sre_pattern *self)
{
    return Py_NewRef(self);
}

/*sig re.Pattern.__deepcopy__(self, memo, /)
*/
static PyObject *
pattern___deepcopy___impl(sre_pattern *self, PyObject *Py_UNUSED(memo))
{
    return Py_NewRef(self);
}

static PyObject *
pattern_groupindex(PyObject *op, void *Py_UNUSED(closure))
{
    sre_pattern *self = (sre_pattern *)op;
    if (self->groupindex != NULL) {
        return PyDictProxy_New(self->groupindex);
    }
    return PyDict_New();
}

/* New reference: "re.I|re.M" and so on; empty if the flags say nothing. */
static PyObject *
flag_text(const sre_pattern *self)
{
    static const struct {
        const char *name;
        int flag;
    } names[] = {
        {"re.TEMPLATE", SRE_FLAG_TEMPLATE}, {"re.IGNORECASE", SRE_FLAG_IGNORECASE},
        {"re.LOCALE", SRE_FLAG_LOCALE}, {"re.MULTILINE", SRE_FLAG_MULTILINE},
        {"re.DOTALL", SRE_FLAG_DOTALL}, {"re.UNICODE", SRE_FLAG_UNICODE},
        {"re.VERBOSE", SRE_FLAG_VERBOSE}, {"re.DEBUG", SRE_FLAG_DEBUG},
        {"re.ASCII", SRE_FLAG_ASCII},
    };
    unsigned int flags = (unsigned int)self->flags;
    if (self->subject == SRE_STR
        && (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | SRE_FLAG_ASCII)) == SRE_FLAG_UNICODE) {
        flags &= ~(unsigned int)SRE_FLAG_UNICODE;
    }
    char text[160];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (flags & (unsigned int)names[i].flag) {
            used += (size_t)PyOS_snprintf(text + used, sizeof(text) - used, "%s%s",
                                          used == 0 ? "" : "|", names[i].name);
            flags &= ~(unsigned int)names[i].flag;
        }
    }
    if (flags != 0) {
        used += (size_t)PyOS_snprintf(text + used, sizeof(text) - used, "%s0x%x",
                                      used == 0 ? "" : "|", flags);
    }
    assert(used < sizeof(text));
    return PyUnicode_FromStringAndSize(text, (Py_ssize_t)used);
}

static PyObject *
pattern_repr(PyObject *op)
{
    sre_pattern *self = (sre_pattern *)op;
    PyObject *flags = flag_text(self);
    if (flags == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromFormat("re.compile(%.200R%s%U)", self->pattern,
                                         PyUnicode_GET_LENGTH(flags) > 0 ? ", " : "", flags);
    Py_DECREF(flags);
    return res;
}

static Py_hash_t
pattern_hash(PyObject *op)
{
    sre_pattern *self = (sre_pattern *)op;
    Py_hash_t hash = PyObject_Hash(self->pattern);
    if (hash == -1) {
        return -1;
    }
    /* FNV over the words: the code says nearly all, the rest need not be spread well */
    Py_uhash_t mixed = (Py_uhash_t)hash ^ 14695981039346656037u;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        mixed = (mixed ^ self->code[i]) * 1099511628211u;
    }
    mixed ^= (Py_uhash_t)self->flags ^ ((Py_uhash_t)self->subject << 32) ^ (Py_uhash_t)self->groups;
    return mixed == (Py_uhash_t)-1 ? -2 : (Py_hash_t)mixed;
}

static PyObject *
pattern_richcompare(PyObject *left, PyObject *right, int op)
{
    if ((op != Py_EQ && op != Py_NE) || Py_TYPE(left) != Py_TYPE(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    const sre_pattern *a = (sre_pattern *)left;
    const sre_pattern *b = (sre_pattern *)right;
    int same = a == b;
    if (!same && a->flags == b->flags && a->subject == b->subject && Py_SIZE(a) == Py_SIZE(b)
        && memcmp(a->code, b->code, (size_t)Py_SIZE(a) * sizeof(sre_code)) == 0) {
        same = PyObject_RichCompareBool(a->pattern, b->pattern, Py_EQ);
        if (same < 0) {
            return NULL;
        }
    }
    return PyBool_FromLong(same == (op == Py_EQ));
}

static _Py_SHARED PyMethodDef pattern_methods[] = {
    PATTERN_MATCH_METHODDEF
    PATTERN_FULLMATCH_METHODDEF
    PATTERN_SEARCH_METHODDEF
    PATTERN_SUB_METHODDEF
    PATTERN_SUBN_METHODDEF
    PATTERN_FINDALL_METHODDEF
    PATTERN_SPLIT_METHODDEF
    PATTERN_FINDITER_METHODDEF
    PATTERN_SCANNER_METHODDEF
    PATTERN___COPY___METHODDEF
    PATTERN___DEEPCOPY___METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

static _Py_SHARED PyMemberDef pattern_members[] = {
    {"pattern", T_OBJECT, offsetof(sre_pattern, pattern), READONLY,
     PyDoc_STR("The pattern string from which the RE object was compiled.")},
    {"flags", T_INT, offsetof(sre_pattern, flags), READONLY,
     PyDoc_STR("The regex matching flags.")},
    {"groups", T_PYSSIZET, offsetof(sre_pattern, groups), READONLY,
     PyDoc_STR("The number of capturing groups in the pattern.")},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(sre_pattern, weakreflist), READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef pattern_getset[] = {
    {"groupindex", pattern_groupindex, NULL,
     PyDoc_STR("A dictionary mapping group names to group numbers.")},
    {NULL}
};

PyDoc_STRVAR(pattern_doc, "Compiled regular expression object.");

static _Py_SHARED PyType_Slot pattern_slots[] = {
    {Py_tp_dealloc, pattern_dealloc},
    {Py_tp_traverse, pattern_traverse},
    {Py_tp_repr, pattern_repr},
    {Py_tp_hash, pattern_hash},
    {Py_tp_doc, (void *)pattern_doc},
    {Py_tp_richcompare, pattern_richcompare},
    {Py_tp_methods, pattern_methods},
    {Py_tp_members, pattern_members},
    {Py_tp_getset, pattern_getset},
    {0, NULL}
};

_Py_SHARED PyType_Spec _PySre_PatternSpec = {
    .name = "re.Pattern",
    .basicsize = offsetof(sre_pattern, code),
    .itemsize = sizeof(sre_code),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_HAVE_GC,
    .slots = pattern_slots,
};
