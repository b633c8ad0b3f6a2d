/* The stages of the compiler one by one, for tests (_testinternalcapi).

   Instructions are lists of tuples (opcode, oparg, line, end line, column, end column); the
   argument of a jump or block push is the index of the instruction that it names.

   Written from what test.support.bytecode_helper exchanges with these functions. */

#include "Python.h"
#include "pycore_code.h"            // _PyCode_ConstantKey()
#include "pycore_codegen.h"

/* --- from and to lists --------------------------------------------------------------------- */

/* Fields of an instruction. */
static int
get_ints(PyObject *tuple, int *values, int n)
{
    for (int i = 0; i < n; i++) {
        if (i == 1 && values[0] < HAVE_ARGUMENT) {
            values[1] = 0;      /* whatever stands there */
            continue;
        }
        long v = PyLong_AsLong(PyTuple_GET_ITEM(tuple, i));
        if (v == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (v < INT_MIN || v > INT_MAX) {
            PyErr_SetString(PyExc_ValueError, "instruction field out of range");
            return -1;
        }
        values[i] = (int)v;
    }
    return 0;
}

/* Append the instruction that `item` describes. */
static int
add_instruction(_PyInstrSequence *seq, PyObject *item, Py_ssize_t count)
{
    int f[6];
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 6) {
        PyErr_SetString(PyExc_ValueError, "expected a 6-tuple");
        return -1;
    }
    if (get_ints(item, f, 6) < 0) {
        return -1;
    }
    if (_PyOpcode_StackEffect(f[0], 0, -1) == _PyOpcode_INVALID_EFFECT || f[1] < 0
        || (_PyOpcode_HasTarget(f[0]) && f[1] >= count))
    {
        PyErr_SetString(PyExc_ValueError, "invalid instruction");
        return -1;
    }
    location loc = {f[2], f[3], f[4], f[5]};
    return _PyInstrSequence_Append(seq, f[0], f[1], loc);
}

/* Give each instruction that is a target a label, and its jumps that label. */
static int
place_labels(_PyInstrSequence *seq)
{
    int *label_of = _PyArena_Malloc(seq->arena, (size_t)(seq->count + 1) * sizeof(int));
    assert(seq->n_labels == 0);
    if (label_of == NULL) {
        return -1;
    }
    for (int i = 0; i < seq->count; i++) {
        label_of[i] = -1;
    }
    for (int i = 0; i < seq->count; i++) {
        _PyInstruction *in = &seq->items[i];
        if (!_PyOpcode_HasTarget(in->opcode)) {
            continue;
        }
        int at = in->oparg;
        if (label_of[at] < 0) {
            int label = _PyInstrSequence_NewLabel(seq);
            if (label < 0) {
                return -1;
            }
            seq->labels[label] = at;
            label_of[at] = label;
        }
        in->oparg = label_of[at];
    }
    return 0;
}

static int
sequence_from_list(_PyInstrSequence *seq, PyObject *list, PyArena *arena)
{
    *seq = (_PyInstrSequence){.arena = arena};
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return -1;
    }
    Py_ssize_t n = PyList_GET_SIZE(list);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (add_instruction(seq, PyList_GET_ITEM(list, i), n) < 0) {
            return -1;
        }
    }
    return place_labels(seq);
}

static int
append_instruction(PyObject *list, int opcode, int oparg, location loc)
{
    PyObject *item = Py_BuildValue("(iiiiii)", opcode, oparg, loc.lineno, loc.end_lineno,
                                   loc.col_offset, loc.end_col_offset);
    int rc = item == NULL ? -1 : PyList_Append(list, item);
    assert(PyList_Check(list));
    Py_XDECREF(item);
    return rc;
}

static PyObject *
list_from_sequence(_PyInstrSequence *seq)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < seq->count; i++) {
        _PyInstruction *in = &seq->items[i];
        int oparg = _PyOpcode_HasTarget(in->opcode) ? seq->labels[in->oparg] : in->oparg;
        if (append_instruction(list, in->opcode, oparg, in->loc) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *
list_from_graph(_PyCfg *g)
{
    int n = 0;
    assert(g->entry != NULL);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        b->offset = n;
        n += b->count;
    }
    PyObject *list = PyList_New(0);
    for (_PyCfgBlock *b = g->entry; list != NULL && b != NULL; b = b->next) {
        for (int i = 0; list != NULL && i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            int oparg = _PyOpcode_HasTarget(in->opcode) ? in->target->offset : in->oparg;
            if (append_instruction(list, in->opcode, oparg, in->loc) < 0) {
                Py_CLEAR(list);
            }
        }
    }
    return list;
}

/* --- stages -------------------------------------------------------------------------------- */

/* What the metadata of a unit looks like to Python. */
static PyObject *
metadata_dict(struct code_unit *u)
{
    PyObject *consts = PyDict_New();
    assert(u->meta.u_name != NULL);
    for (Py_ssize_t i = 0; consts != NULL && i < PyList_GET_SIZE(u->consts); i++) {
        PyObject *key = _PyCode_ConstantKey(PyList_GET_ITEM(u->consts, i));
        PyObject *index = PyLong_FromSsize_t(i);
        if (key == NULL || index == NULL || PyDict_SetItem(consts, key, index) < 0) {
            Py_CLEAR(consts);
        }
        Py_XDECREF(key);
        Py_XDECREF(index);
    }
    if (consts == NULL) {
        return NULL;
    }
    _PyCompile_CodeUnitMetadata *m = &u->meta;
    return Py_BuildValue("{sOsNsOsOsOsOsnsnsn}", "name", m->u_name, "consts", consts,
                         "names", m->u_names, "varnames", m->u_varnames,
                         "cellvars", m->u_cellvars, "freevars", m->u_freevars,
                         "argcount", m->u_argcount, "posonlyargcount", m->u_posonlyargcount,
                         "kwonlyargcount", m->u_kwonlyargcount);
}

static PyObject *
generate(mod_ty mod, PyObject *filename, PyCompilerFlags *flags, int optimize, PyArena *arena)
{
    struct compiler c;
    PyObject *result = NULL;
    if (_PyCg_Start(&c, mod, filename, flags, optimize, arena) == 0) {
        int add_none = _PyCg_Module(&c, mod);
        if (add_none) {
            _PyCg_LoadConst(&c, NO_LOCATION, Py_None);
        }
        _PyCg_Emit(&c, NO_LOCATION, RETURN_VALUE, 0);
        if (!c.failed) {
            PyObject *list = list_from_sequence(&c.u->seq);
            PyObject *metadata = list == NULL ? NULL : metadata_dict(c.u);
            if (metadata != NULL) {
                result = PyTuple_Pack(2, list, metadata);
            }
            Py_XDECREF(list);
            Py_XDECREF(metadata);
        }
    }
    _PyCg_End(&c);
    return result;
}

/* Code of a module before optimisation: (instructions, metadata); NULL with an exception. */
PyObject *
_PyCompile_CodeGen(PyObject *ast, PyObject *filename, PyCompilerFlags *flags, int optimize,
                   int compile_mode)
{
    PyCompilerFlags own = {0, PY_MINOR_VERSION};
    PyObject *result = NULL;
    if (!PyAST_Check(ast)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "expected an AST");
        }
        return NULL;
    }
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    mod_ty mod = PyAST_obj2mod(ast, arena, compile_mode);
    if (mod != NULL && _PyAST_Validate(mod)) {
        result = generate(mod, filename, flags ? flags : &own, optimize, arena);
    }
    _PyArena_Free(arena);
    return result;
}

/* Instructions as the flow graph leaves them; consts (a list) is changed in place. */
PyObject *
_PyCompile_OptimizeCfg(PyObject *instructions, PyObject *consts, int nlocals)
{
    PyArena *arena = _PyArena_New();
    PyObject *const_cache = PyDict_New(), *result = NULL;
    _PyInstrSequence seq;
    _PyCfg g;
    if (!PyList_Check(consts)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
    }
    else if (arena != NULL && const_cache != NULL
             && sequence_from_list(&seq, instructions, arena) == 0
             && _PyCfg_FromSequence(&g, &seq, arena) == 0)
    {
        _PyCfgUnit unit = {.consts = consts, .const_cache = const_cache, .nlocals = nlocals,
                           .firstlineno = 1};
        if (_PyCfg_Optimize(&g, &unit) == 0) {
            result = list_from_graph(&g);
        }
    }
    Py_XDECREF(const_cache);
    if (arena != NULL) {
        _PyArena_Free(arena);
    }
    return result;
}

/* Constants in the order of their indices. */
static PyObject *
consts_list(PyObject *dict)
{
    PyObject *list = PyList_New(PyDict_GET_SIZE(dict)), *key, *index;
    Py_ssize_t pos = 0;
    assert(PyDict_Check(dict));
    while (list != NULL && PyDict_Next(dict, &pos, &key, &index)) {
        Py_ssize_t i = PyLong_AsSsize_t(index);
        PyObject *value = PyTuple_CheckExact(key) && PyTuple_GET_SIZE(key) >= 2
                          ? PyTuple_GET_ITEM(key, 1) : key;
        if (i < 0 || i >= PyList_GET_SIZE(list) || PyList_GET_ITEM(list, i) != NULL) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "bad index of a constant");
            }
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, Py_NewRef(value));
    }
    return list;
}

/* Code object from instructions, as they are. */
PyCodeObject *
_PyCompile_Assemble(_PyCompile_CodeUnitMetadata *u, PyObject *filename, PyObject *instructions)
{
    PyArena *arena = _PyArena_New();
    PyObject *const_cache = PyDict_New(), *consts = consts_list(u->u_consts);
    PyCodeObject *co = NULL;
    _PyInstrSequence seq;
    _PyCfg g;
    if (arena != NULL && const_cache != NULL && consts != NULL
        && sequence_from_list(&seq, instructions, arena) == 0
        && _PyCfg_FromSequence(&g, &seq, arena) == 0
        && _PyCfg_LabelExceptionTargets(&g) == 0)
    {
        co = _PyAssemble_MakeCodeObject(u, const_cache, consts, &g, 0, filename);
    }
    Py_XDECREF(consts);
    Py_XDECREF(const_cache);
    if (arena != NULL) {
        _PyArena_Free(arena);
    }
    return co;
}
