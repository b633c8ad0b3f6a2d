/* Second pass over the symbol table: the scope of every name in every block.

   A block is given the names bound in enclosing functions, the names declared global there and the
   type parameters in reach; it decides its own names, then its children, then which of its
   locals are cells because a child needs them, and reports upwards what stays free.  All sets
   are Python sets of str.  Classes are transparent: what they bind is not seen by the blocks
   inside them, except by PEP 695 scopes directly in the class, which get `class_entry`.

   A comprehension (not a generator expression) is inlined (PEP 709): its names move into the block
   around it, its children become that block's children.

   Written from: the language reference, "Resolution of names"; PEP 227, 3104, 695, 709. */

#include "Python.h"
#include "pycore_global_objects.h"  // _Py_ID()
#include "pycore_strings.h"         // _Py_ID()
#include "pycore_symtable.h"
#include "pycore_symtable_analyze.h"

/* What a block sees of its surroundings. */
struct surroundings {
    PyObject *bound;        /* set: names bound in enclosing functions; NULL for the module */
    PyObject *global;       /* set: names that are global there */
    PyObject *type_params;  /* set: type parameters in reach */
    PySTEntryObject *class_entry;   /* class whose namespace is consulted first, or NULL */
};

/* A block under analysis. */
struct block {
    struct symtable *st;
    PySTEntryObject *ste;
    struct surroundings *outer;
    PyObject *scopes;       /* dict: name -> int scope */
    PyObject *local;        /* set: names bound here */
    PyObject *free;         /* set: names that children leave free, until found here */
    PyObject *free_outside; /* set: names that the surroundings have to provide; borrowed */
    PyObject *inlined_cells;/* set: cells of comprehensions inlined here */
};

static int analyze_block(struct symtable *st, PySTEntryObject *ste,
                         struct surroundings *outer, PyObject *free);

/* Error at the `global` or `nonlocal` statement that names `name`. */
static int
error_at_directive(struct block *b, PyObject *name)
{
    PyObject *rows = b->ste->ste_directives;
    assert(rows != NULL && PyList_Check(rows));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows); i++) {
        PyObject *row = PyList_GET_ITEM(rows, i);
        if (PyUnicode_Compare(PyTuple_GET_ITEM(row, 0), name) == 0) {
            int at[4];
            for (int k = 0; k < 4; k++) {
                at[k] = (int)PyLong_AsLong(PyTuple_GET_ITEM(row, k + 1));
            }
            PyErr_RangedSyntaxLocationObject(b->st->st_filename, at[0], at[1] + 1,
                                             at[2], at[3] + 1);
            return -1;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "BUG: internal directive bookkeeping broken");
    return -1;
}

static int
set_scope(PyObject *scopes, PyObject *name, int scope)
{
    PyObject *v = PyLong_FromLong(scope);
    assert(LOCAL <= scope && scope <= CELL);
    if (v == NULL) {
        return -1;
    }
    int rc = PyDict_SetItem(scopes, name, v);
    Py_DECREF(v);
    return rc;
}

static int
add_all(PyObject *set, PyObject *more)
{
    PyObject *r = PyNumber_InPlaceOr(set, more);
    if (r == NULL) {
        return -1;
    }
    assert(r == set);
    Py_DECREF(r);
    return 0;
}

static int
set_free(struct block *b, PyObject *name)
{
    b->ste->ste_free = 1;
    return set_scope(b->scopes, name, FREE) < 0 ? -1 : PySet_Add(b->free_outside, name);
}

static int
analyze_nonlocal(struct block *b, PyObject *name)
{
    struct surroundings *outer = b->outer;
    assert(b->ste != NULL);
    if (outer->bound == NULL) {
        PyErr_Format(PyExc_SyntaxError, "nonlocal declaration not allowed at module level");
        return error_at_directive(b, name);
    }
    int found = PySet_Contains(outer->bound, name);
    if (found < 0) {
        return -1;
    }
    if (!found) {
        PyErr_Format(PyExc_SyntaxError, "no binding for nonlocal '%U' found", name);
        return error_at_directive(b, name);
    }
    int is_param = PySet_Contains(outer->type_params, name);
    if (is_param < 0) {
        return -1;
    }
    if (is_param) {
        PyErr_Format(PyExc_SyntaxError,
                     "nonlocal binding not allowed for type parameter '%U'", name);
        return error_at_directive(b, name);
    }
    return set_free(b, name);
}

static int
analyze_bound(struct block *b, PyObject *name, long flags)
{
    struct surroundings *outer = b->outer;
    if (set_scope(b->scopes, name, LOCAL) < 0
        || PySet_Add(b->local, name) < 0
        || PySet_Discard(outer->global, name) < 0)
    {
        return -1;
    }
    if (flags & DEF_TYPE_PARAM) {
        return PySet_Add(outer->type_params, name);
    }
    return PySet_Discard(outer->type_params, name) < 0 ? -1 : 0;
}

/* A name that the block only reads. */
static int
analyze_read(struct block *b, PyObject *name)
{
    struct surroundings *outer = b->outer;
    assert(b->outer != NULL);
    if (outer->class_entry != NULL) {
        long cls = _PyST_GetSymbol(outer->class_entry, name);
        if (PyErr_Occurred()) {
            return -1;
        }
        if (cls & DEF_GLOBAL) {
            return set_scope(b->scopes, name, GLOBAL_EXPLICIT);
        }
        if ((cls & DEF_BOUND) && !(cls & DEF_NONLOCAL)) {
            return set_scope(b->scopes, name, GLOBAL_IMPLICIT);
        }
    }
    int found = outer->bound == NULL ? 0 : PySet_Contains(outer->bound, name);
    if (found < 0) {
        return -1;
    }
    if (found) {
        return set_free(b, name);
    }
    found = PySet_Contains(outer->global, name);
    if (found < 0) {
        return -1;
    }
    if (!found && b->ste->ste_nested) {
        b->ste->ste_free = 1;
    }
    return set_scope(b->scopes, name, GLOBAL_IMPLICIT);
}

static int
analyze_name(struct block *b, PyObject *name, long flags)
{
    struct surroundings *outer = b->outer;
    if (flags & DEF_GLOBAL) {
        if (flags & DEF_NONLOCAL) {
            PyErr_Format(PyExc_SyntaxError, "name '%U' is nonlocal and global", name);
            return error_at_directive(b, name);
        }
        if (set_scope(b->scopes, name, GLOBAL_EXPLICIT) < 0
            || PySet_Add(outer->global, name) < 0
            || (outer->bound != NULL && PySet_Discard(outer->bound, name) < 0))
        {
            return -1;
        }
        return 0;
    }
    if (flags & DEF_NONLOCAL) {
        return analyze_nonlocal(b, name);
    }
    if (flags & DEF_BOUND) {
        return analyze_bound(b, name, flags);
    }
    return analyze_read(b, name);
}

/* --- comprehensions ------------------------------------------------------------------------ */

static int
is_free_in_children(PySTEntryObject *ste, PyObject *name)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ste->ste_children); i++) {
        PySTEntryObject *child = (PySTEntryObject *)PyList_GET_ITEM(ste->ste_children, i);
        if (_PyST_GetScope(child, name) == FREE) {
            return 1;
        }
    }
    return 0;
}

/* Move the names of an inlined comprehension into the block.  comp_free: what it leaves free. */
static int
inline_comprehension(struct block *b, PySTEntryObject *comp, PyObject *comp_free)
{
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    int hides_class_cell = 0;
    assert(comp->ste_comprehension != NoComprehension);
    while (PyDict_Next(comp->ste_symbols, &pos, &name, &value)) {
        long all = PyLong_AsLong(value);
        long flags = all & ((1 << SCOPE_OFFSET) - 1);
        int scope = (int)(all >> SCOPE_OFFSET) & SCOPE_MASK;
        if (flags & DEF_PARAM) {
            continue;       /* the iterator, ".0", stays on the stack */
        }
        if (scope == FREE && b->ste->ste_type == ClassBlock
            && _PyUnicode_EqualToASCIIString(name, "__class__"))
        {
            /* The cell is for methods; the class body itself, where this now runs, has no such
               name. */
            scope = GLOBAL_IMPLICIT;
            hides_class_cell = 1;
            if (!is_free_in_children(comp, name) && PySet_Discard(comp_free, name) < 0) {
                return -1;
            }
        }
        if ((scope == CELL || (flags & DEF_COMP_CELL))
            && PySet_Add(b->inlined_cells, name) < 0)
        {
            return -1;
        }
        PyObject *existing = PyDict_GetItemWithError(b->ste->ste_symbols, name);
        if (existing == NULL) {
            if (PyErr_Occurred()) {
                return -1;
            }
            PyObject *v = PyLong_FromLong(flags);
            int rc = v == NULL ? -1 : PyDict_SetItem(b->ste->ste_symbols, name, v);
            Py_XDECREF(v);
            if (rc < 0 || set_scope(b->scopes, name, scope) < 0) {
                return -1;
            }
        }
        else if ((PyLong_AsLong(existing) & DEF_BOUND) && b->ste->ste_type != ClassBlock
                 && !is_free_in_children(comp, name)
                 && PySet_Discard(comp_free, name) < 0)
        {
            /* free in the comprehension, local around it: now simply a local */
            return -1;
        }
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    return hides_class_cell ? PyDict_DelItem(comp->ste_symbols, &_Py_ID(__class__)) : 0;
}

/* Replace each inlined comprehension in ste_children by its own children. */
static int
splice_children(PySTEntryObject *ste)
{
    assert(PyList_Check(ste->ste_children));
    for (Py_ssize_t i = PyList_GET_SIZE(ste->ste_children) - 1; i >= 0; i--) {
        PySTEntryObject *child = (PySTEntryObject *)PyList_GET_ITEM(ste->ste_children, i);
        if (child->ste_comp_inlined
            && PyList_SetSlice(ste->ste_children, i, i + 1, child->ste_children) < 0)
        {
            return -1;
        }
    }
    return 0;
}

/* --- children ------------------------------------------------------------------------------ */

static int
analyze_child(struct block *b, PySTEntryObject *child, struct surroundings *inner)
{
    PySTEntryObject *ste = b->ste;
    struct surroundings mine = {0};
    PyObject *child_free = PySet_New(NULL);
    int rc = -1;
    /* Each child works on copies, so that siblings do not see each other's declarations. */
    mine.bound = PySet_New(inner->bound);
    mine.global = PySet_New(inner->global);
    mine.type_params = PySet_New(inner->type_params);
    if (child_free == NULL || mine.bound == NULL || mine.global == NULL
        || mine.type_params == NULL)
    {
        goto done;
    }
    if (child->ste_can_see_class_scope) {
        mine.class_entry = ste->ste_type == ClassBlock ? ste : b->outer->class_entry;
    }
    int inlined = child->ste_comprehension != NoComprehension
                  && child->ste_comprehension != GeneratorExpression
                  && !ste->ste_can_see_class_scope;
    if (analyze_block(b->st, child, &mine, child_free) < 0) {
        goto done;
    }
    if (inlined) {
        if (inline_comprehension(b, child, child_free) < 0) {
            goto done;
        }
        child->ste_comp_inlined = 1;
    }
    if (add_all(b->free, child_free) < 0) {
        goto done;
    }
    if (child->ste_free || child->ste_child_free) {
        ste->ste_child_free = 1;
    }
    rc = 0;
done:
    Py_XDECREF(child_free);
    Py_XDECREF(mine.bound);
    Py_XDECREF(mine.global);
    Py_XDECREF(mine.type_params);
    return rc;
}

/* --- finishing a block --------------------------------------------------------------------- */

/* Locals that children use freely, or that an inlined comprehension made a cell, are cells. */
static int
find_cells(struct block *b)
{
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    assert(_PyST_IsFunctionLike(b->ste));
    while (PyDict_Next(b->scopes, &pos, &name, &value)) {
        if (PyLong_AsLong(value) != LOCAL) {
            continue;
        }
        int needed = PySet_Contains(b->free, name);
        if (needed == 0) {
            needed = PySet_Contains(b->inlined_cells, name);
        }
        if (needed < 0
            || (needed && (set_scope(b->scopes, name, CELL) < 0
                           || PySet_Discard(b->free, name) < 0)))
        {
            return -1;
        }
    }
    return 0;
}

/* __class__ and __classdict__ are provided by the class itself. */
static int
take_class_cells(struct block *b)
{
    int rc = PySet_Discard(b->free, &_Py_ID(__class__));
    assert(b->ste->ste_type == ClassBlock);
    if (rc < 0) {
        return -1;
    }
    if (rc) {
        b->ste->ste_needs_class_closure = 1;
    }
    rc = PySet_Discard(b->free, &_Py_ID(__classdict__));
    if (rc < 0) {
        return -1;
    }
    if (rc) {
        b->ste->ste_needs_classdict = 1;
    }
    return 0;
}

static int
store_flags(PyObject *symbols, PyObject *name, long flags)
{
    PyObject *v = PyLong_FromLong(flags);
    int rc = v == NULL ? -1 : PyDict_SetItem(symbols, name, v);
    Py_XDECREF(v);
    return rc;
}

/* Write the scopes into the entry, and the names that pass through it on the way to a child. */
static int
update_symbols(struct block *b)
{
    PyObject *symbols = b->ste->ste_symbols, *name, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(symbols, &pos, &name, &value)) {
        long flags = PyLong_AsLong(value);
        int in_cells = PySet_Contains(b->inlined_cells, name);
        PyObject *scope = PyDict_GetItemWithError(b->scopes, name);
        if (in_cells < 0 || scope == NULL) {
            assert(PyErr_Occurred());
            return -1;
        }
        if (in_cells) {
            flags |= DEF_COMP_CELL;
        }
        flags |= PyLong_AsLong(scope) << SCOPE_OFFSET;
        if (store_flags(symbols, name, flags) < 0) {
            return -1;
        }
    }
    PyObject *iter = PyObject_GetIter(b->free);
    if (iter == NULL) {
        return -1;
    }
    int rc = 0;
    while (rc == 0 && (name = PyIter_Next(iter)) != NULL) {
        value = PyDict_GetItemWithError(symbols, name);
        if (value != NULL) {
            /* A method's free variable that the class also knows: it must pass through even if the
               class's own use of the name is another variable. */
            if (b->ste->ste_type == ClassBlock || b->ste->ste_can_see_class_scope) {
                rc = store_flags(symbols, name, PyLong_AsLong(value) | DEF_FREE_CLASS);
            }
        }
        else if (PyErr_Occurred()) {
            rc = -1;
        }
        else {
            int known = b->outer->bound == NULL ? 1 : PySet_Contains(b->outer->bound, name);
            if (known < 0) {
                rc = -1;
            }
            else if (known) {
                rc = store_flags(symbols, name, (long)FREE << SCOPE_OFFSET);
            }
        }
        Py_DECREF(name);
    }
    Py_DECREF(iter);
    return rc < 0 || PyErr_Occurred() ? -1 : 0;
}

static int
analyze_names(struct block *b)
{
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(b->ste->ste_symbols, &pos, &name, &value)) {
        if (analyze_name(b, name, PyLong_AsLong(value)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What the children see: names of a class are not passed on, its __class__ cell is. */
static int
describe_surroundings(struct block *b, struct surroundings *inner)
{
    PySTEntryObject *ste = b->ste;
    if (ste->ste_type == ClassBlock) {
        return PySet_Add(inner->bound, &_Py_ID(__class__)) < 0
               || PySet_Add(inner->bound, &_Py_ID(__classdict__)) < 0 ? -1 : 0;
    }
    if (_PyST_IsFunctionLike(ste) && add_all(inner->bound, b->local) < 0) {
        return -1;
    }
    if (b->outer->bound != NULL && add_all(inner->bound, b->outer->bound) < 0) {
        return -1;
    }
    return add_all(inner->global, b->outer->global);
}

static int
analyze_in(struct block *b, struct surroundings *inner)
{
    PySTEntryObject *ste = b->ste;
    /* What a class declares does not reach its children: copy before its names are looked at. */
    if (ste->ste_type == ClassBlock
        && (add_all(inner->global, b->outer->global) < 0
            || (b->outer->bound != NULL && add_all(inner->bound, b->outer->bound) < 0)))
    {
        return -1;
    }
    if (analyze_names(b) < 0 || describe_surroundings(b, inner) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ste->ste_children); i++) {
        PyObject *child = PyList_GET_ITEM(ste->ste_children, i);
        assert(PySTEntry_Check(child));
        if (analyze_child(b, (PySTEntryObject *)child, inner) < 0) {
            return -1;
        }
    }
    if (splice_children(ste) < 0) {
        return -1;
    }
    if (_PyST_IsFunctionLike(ste)) {
        if (find_cells(b) < 0) {
            return -1;
        }
    }
    else if (ste->ste_type == ClassBlock && take_class_cells(b) < 0) {
        return -1;
    }
    return update_symbols(b);
}

/* Analyse ste; names it leaves free are added to `free`.  0, or -1 with an exception. */
static int
analyze_block(struct symtable *st, PySTEntryObject *ste, struct surroundings *outer,
              PyObject *free)
{
    struct block b = {.st = st, .ste = ste, .outer = outer, .free_outside = free};
    struct surroundings inner = {.type_params = outer->type_params};
    int rc = -1;
    if (Py_EnterRecursiveCall(" during compilation")) {
        return -1;
    }
    b.scopes = PyDict_New();
    b.local = PySet_New(NULL);
    b.free = PySet_New(NULL);
    b.inlined_cells = PySet_New(NULL);
    inner.bound = PySet_New(NULL);
    inner.global = PySet_New(NULL);
    if (b.scopes != NULL && b.local != NULL && b.free != NULL && b.inlined_cells != NULL
        && inner.bound != NULL && inner.global != NULL
        && analyze_in(&b, &inner) == 0)
    {
        rc = add_all(free, b.free);
    }
    Py_XDECREF(b.scopes);
    Py_XDECREF(b.local);
    Py_XDECREF(b.free);
    Py_XDECREF(b.inlined_cells);
    Py_XDECREF(inner.bound);
    Py_XDECREF(inner.global);
    Py_LeaveRecursiveCall();
    return rc;
}

int
_PySymtable_Analyze(struct symtable *st)
{
    struct surroundings outer = {0};
    PyObject *free = PySet_New(NULL);
    int rc = -1;
    outer.global = PySet_New(NULL);
    outer.type_params = PySet_New(NULL);
    assert(st->st_top != NULL && st->st_top->ste_type == ModuleBlock);
    if (free != NULL && outer.global != NULL && outer.type_params != NULL) {
        rc = analyze_block(st, st->st_top, &outer, free);
    }
    Py_XDECREF(free);
    Py_XDECREF(outer.global);
    Py_XDECREF(outer.type_params);
    return rc;
}
