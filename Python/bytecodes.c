/* The instructions: one description of each, from which Tools/cases_generator makes the
 * cases of the evaluation loop, the codes, and the tables about them.  This file is not C;
 * the language is described in Tools/cases_generator/README.md.
 *
 * Invariants
 *   - A body finds its inputs in locals; unless marked `take` they stay owned by the stack, are
 *     closed after the body, and are released by the unwinder when the body fails.
 *   - Generic instructions run from const units as well: they never read their cache.
 *   - Specialised instructions test their guards (DEOPT_IF) before they change anything.
 *   - An instruction marked noescape runs no foreign code and cannot fail.
 *
 * Written from the documentation of the dis module (3.11 and 3.12), PEP 659, PEP 634, PEP 654,
 * PEP 657, PEP 669, PEP 709, and the output of dis. */

/* ---- nothing, stack, constants, locals ----------------------------------- */

reserved(CACHE = 0);
reserved(RESERVED = 17);

inst(NOP = 9, noescape, (--)) {
}

inst(POP_TOP = 1, (value --)) {
}

inst(PUSH_NULL = 2, noescape, (-- res)) {
    res = PyStackRef_NULL;
}

inst(COPY = 120, noescape, (items[oparg] -- items[oparg], top)) {
    top = PyStackRef_DUP(items[0]);
}

inst(SWAP = 99, noescape, (items[oparg] -- items[oparg])) {
    _PyStackRef top = items[oparg - 1];
    items[oparg - 1] = items[0];
    items[0] = top;
}

inst(LOAD_CONST = 100, const, noescape, (-- value)) {
    value = PyStackRef_FromPyObjectNew(GETCONST(oparg));
}

inst(LOAD_FAST = 124, local, noescape, (-- value)) {
    assert(!PyStackRef_IsNull(GETLOCAL(oparg)));
    value = PyStackRef_DUP(GETLOCAL(oparg));
}

inst(LOAD_FAST_CHECK = 127, local, (-- value)) {
    value = GETLOCAL(oparg);
    if (PyStackRef_IsNull(value)) {
        _PyEval_UnboundLocal(tstate, frame, oparg);
        ERROR_IF(true);
    }
    value = PyStackRef_DUP(value);
}

inst(LOAD_FAST_AND_CLEAR = 143, local, noescape, (-- value)) {
    value = GETLOCAL(oparg);
    GETLOCAL(oparg) = PyStackRef_NULL;
}

inst(STORE_FAST = 125, local, (take value --)) {
    SETLOCAL(oparg, value);
}

inst(DELETE_FAST = 126, local, (--)) {
    if (PyStackRef_IsNull(GETLOCAL(oparg))) {
        _PyEval_UnboundLocal(tstate, frame, oparg);
        ERROR_IF(true);
    }
    SETLOCAL(oparg, PyStackRef_NULL);
}

super(LOAD_FAST__LOAD_FAST = 88) = LOAD_FAST + LOAD_FAST;
super(LOAD_FAST__LOAD_CONST = 86) = LOAD_FAST + LOAD_CONST;
super(STORE_FAST__LOAD_FAST = 154) = STORE_FAST + LOAD_FAST;
super(STORE_FAST__STORE_FAST = 158) = STORE_FAST + STORE_FAST;
super(LOAD_CONST__LOAD_FAST = 84) = LOAD_CONST + LOAD_FAST;

/* ---- cells --------------------------------------------------------------- */

inst(MAKE_CELL = 135, free, (--)) {
    /* The slot may hold an argument; the cell takes it over. */
    PyObject *cell = PyCell_New(NULL);
    ERROR_IF(cell == NULL);
    _PyStackRef initial = GETLOCAL(oparg);
    if (!PyStackRef_IsNull(initial)) {
        ((PyCellObject *)cell)->ob_ref = PyStackRef_AsPyObjectSteal(initial);
    }
    GETLOCAL(oparg) = PyStackRef_FromPyObjectSteal(cell);
}

inst(LOAD_CLOSURE = 136, free, (-- value)) {
    value = GETLOCAL(oparg);
    if (PyStackRef_IsNull(value)) {
        _PyEval_UnboundLocal(tstate, frame, oparg);
        ERROR_IF(true);
    }
    value = PyStackRef_DUP(value);
}

inst(LOAD_DEREF = 137, free, (-- value)) {
    PyObject *v = PyCell_GET(PyStackRef_AsPyObjectBorrow(GETLOCAL(oparg)));
    if (v == NULL) {
        _PyEval_UnboundDeref(tstate, _PyFrame_GetCode(frame), oparg);
        ERROR_IF(true);
    }
    value = PyStackRef_FromPyObjectNew(v);
}

inst(STORE_DEREF = 138, free, (take value --)) {
    PyCellObject *cell = (PyCellObject *)PyStackRef_AsPyObjectBorrow(GETLOCAL(oparg));
    PyObject *old = cell->ob_ref;
    cell->ob_ref = PyStackRef_AsPyObjectSteal(value);
    Py_XDECREF(old);
}

inst(DELETE_DEREF = 139, free, (--)) {
    PyCellObject *cell = (PyCellObject *)PyStackRef_AsPyObjectBorrow(GETLOCAL(oparg));
    PyObject *old = cell->ob_ref;
    if (old == NULL) {
        _PyEval_UnboundDeref(tstate, _PyFrame_GetCode(frame), oparg);
        ERROR_IF(true);
    }
    cell->ob_ref = NULL;
    Py_DECREF(old);
}

inst(COPY_FREE_VARS = 149, noescape, (--)) {
    PyCodeObject *co = _PyFrame_GetCode(frame);
    PyObject *closure = ((PyFunctionObject *)frame->f_funcobj)->func_closure;
    assert(closure != NULL && oparg == co->co_nfreevars);
    int first = co->co_nlocalsplus - oparg;
    for (int i = 0; i < oparg; i++) {
        GETLOCAL(first + i) = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(closure, i));
    }
}

inst(LOAD_FROM_DICT_OR_DEREF = 176, free, (namespace -- value)) {
    PyObject *v = _PyEval_LoadFromDictOrDeref(tstate, frame,
                                              PyStackRef_AsPyObjectBorrow(namespace), oparg);
    ERROR_IF(v == NULL);
    value = PyStackRef_FromPyObjectSteal(v);
}

/* ---- names --------------------------------------------------------------- */

inst(LOAD_LOCALS = 87, (-- locals)) {
    if (LOCALS() == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals");
        ERROR_IF(true);
    }
    locals = PyStackRef_FromPyObjectNew(LOCALS());
}

inst(SETUP_ANNOTATIONS = 85, (--)) {
    ERROR_IF(_PyEval_SetupAnnotations(tstate, LOCALS()) < 0);
}

inst(LOAD_BUILD_CLASS = 71, (-- func)) {
    PyObject *v = _PyEval_LoadBuildClass(tstate, BUILTINS());
    ERROR_IF(v == NULL);
    func = PyStackRef_FromPyObjectSteal(v);
}

inst(LOAD_ASSERTION_ERROR = 74, noescape, (-- value)) {
    value = PyStackRef_FromPyObjectNew(PyExc_AssertionError);
}

inst(STORE_NAME = 90, name, (value --)) {
    ERROR_IF(_PyEval_StoreName(tstate, LOCALS(), GETNAME(oparg),
                               PyStackRef_AsPyObjectBorrow(value)) < 0);
}

inst(DELETE_NAME = 91, name, (--)) {
    ERROR_IF(_PyEval_DeleteName(tstate, LOCALS(), GETNAME(oparg)) < 0);
}

inst(LOAD_NAME = 101, name, (-- value)) {
    if (LOCALS() == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals");
        ERROR_IF(true);
    }
    PyObject *v = _PyEval_LoadFromDictOrGlobals(tstate, frame, LOCALS(), GETNAME(oparg));
    ERROR_IF(v == NULL);
    value = PyStackRef_FromPyObjectSteal(v);
}

inst(LOAD_FROM_DICT_OR_GLOBALS = 175, name, (namespace -- value)) {
    PyObject *v = _PyEval_LoadFromDictOrGlobals(
        tstate, frame, PyStackRef_AsPyObjectBorrow(namespace), GETNAME(oparg));
    ERROR_IF(v == NULL);
    value = PyStackRef_FromPyObjectSteal(v);
}

inst(STORE_GLOBAL = 97, name, (value --)) {
    ERROR_IF(PyDict_SetItem(GLOBALS(), GETNAME(oparg), PyStackRef_AsPyObjectBorrow(value)) < 0);
}

inst(DELETE_GLOBAL = 98, name, (--)) {
    ERROR_IF(_PyEval_DeleteGlobal(tstate, GLOBALS(), GETNAME(oparg)) < 0);
}

family(LOAD_GLOBAL) = { LOAD_GLOBAL_MODULE, LOAD_GLOBAL_BUILTIN };

inst(LOAD_GLOBAL = 116, name,
     (counter/1, index/1, module_version/1, builtin_version/1 -- null if (oparg & 1), value)) {
    PyObject *v = _PyEval_LoadGlobal(tstate, GLOBALS(), BUILTINS(), GETNAME(oparg >> 1));
    ERROR_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectSteal(v);
}

adaptive(LOAD_GLOBAL_ADAPTIVE = 177, LOAD_GLOBAL) {
    _Py_Specialize_LoadGlobal(tstate, GLOBALS(), BUILTINS(), this_instr, GETNAME(oparg >> 1));
}

inst(LOAD_GLOBAL_MODULE = 112, internal, noescape,
     (counter/1, index/1, module_version/1, unused/1 -- null if (oparg & 1), value)) {
    DEOPT_IF(!PyDict_CheckExact(GLOBALS()));
    PyDictKeysObject *keys = ((PyDictObject *)GLOBALS())->ma_keys;
    DEOPT_IF(keys->dk_version != module_version);
    PyObject *v = DK_UNICODE_ENTRIES(keys)[index].me_value;
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

inst(LOAD_GLOBAL_BUILTIN = 111, internal, noescape,
     (counter/1, index/1, module_version/1, builtin_version/1 -- null if (oparg & 1), value)) {
    DEOPT_IF(!PyDict_CheckExact(GLOBALS()));
    DEOPT_IF(!PyDict_CheckExact(BUILTINS()));
    DEOPT_IF(((PyDictObject *)GLOBALS())->ma_keys->dk_version != module_version);
    PyDictKeysObject *keys = ((PyDictObject *)BUILTINS())->ma_keys;
    DEOPT_IF(keys->dk_version != builtin_version);
    PyObject *v = DK_UNICODE_ENTRIES(keys)[index].me_value;
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

/* ---- unary and binary operations ----------------------------------------- */

inst(UNARY_NEGATIVE = 11, (value -- res)) {
    PyObject *v = PyNumber_Negative(PyStackRef_AsPyObjectBorrow(value));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(UNARY_INVERT = 15, (value -- res)) {
    PyObject *v = PyNumber_Invert(PyStackRef_AsPyObjectBorrow(value));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(UNARY_NOT = 12, (value -- res)) {
    int truth = _PyEval_IsTrue(value);
    ERROR_IF(truth < 0);
    res = truth ? PyStackRef_False : PyStackRef_True;
}

family(BINARY_OP) = {
    BINARY_OP_ADD_INT, BINARY_OP_SUBTRACT_INT, BINARY_OP_MULTIPLY_INT,
    BINARY_OP_COMPACT_INTS, BINARY_OP_ADD_FLOAT, BINARY_OP_SUBTRACT_FLOAT,
    BINARY_OP_MULTIPLY_FLOAT, BINARY_OP_TRUE_DIVIDE_FLOAT,
    BINARY_OP_ADD_UNICODE, BINARY_OP_INPLACE_ADD_UNICODE
};

inst(BINARY_OP = 122, (counter/1, lhs, rhs -- res)) {
    PyObject *v = _PyEval_BinaryOps[oparg](PyStackRef_AsPyObjectBorrow(lhs),
                                           PyStackRef_AsPyObjectBorrow(rhs));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

adaptive(BINARY_OP_ADAPTIVE = 178, BINARY_OP) {
    _Py_Specialize_BinaryOp(frame, PyStackRef_AsPyObjectBorrow(lhs),
                            PyStackRef_AsPyObjectBorrow(rhs), this_instr, oparg);
}

inst(BINARY_OP_ADD_INT = 7, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyLong_CheckExact(a) || !PyLong_CheckExact(b));
    PyObject *v = _PyLong_BothAreCompact((PyLongObject *)a, (PyLongObject *)b)
                  ? int_result(tstate, lhs, rhs, COMPACT(a) + COMPACT(b))
                  : big_int_result(lhs, rhs, _PyLong_Add);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_SUBTRACT_INT = 18, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyLong_CheckExact(a) || !PyLong_CheckExact(b));
    PyObject *v = _PyLong_BothAreCompact((PyLongObject *)a, (PyLongObject *)b)
                  ? int_result(tstate, lhs, rhs, COMPACT(a) - COMPACT(b))
                  : big_int_result(lhs, rhs, _PyLong_Subtract);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_MULTIPLY_INT = 14, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyLong_CheckExact(a) || !PyLong_CheckExact(b));
    PyObject *v = _PyLong_BothAreCompact((PyLongObject *)a, (PyLongObject *)b)
                  ? int_result(tstate, lhs, rhs, COMPACT(a) * COMPACT(b))
                  : big_int_result(lhs, rhs, _PyLong_Multiply);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_ADD_FLOAT = 6, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b));
    PyObject *v = float_result(tstate, lhs, rhs,
                               PyFloat_AS_DOUBLE(a) + PyFloat_AS_DOUBLE(b));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_SUBTRACT_FLOAT = 16, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b));
    PyObject *v = float_result(tstate, lhs, rhs,
                               PyFloat_AS_DOUBLE(a) - PyFloat_AS_DOUBLE(b));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_MULTIPLY_FLOAT = 13, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b));
    PyObject *v = float_result(tstate, lhs, rhs,
                               PyFloat_AS_DOUBLE(a) * PyFloat_AS_DOUBLE(b));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

/* Bitwise operators, shifts, floor division. */
inst(BINARY_OP_COMPACT_INTS = 191, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyLong_CheckExact(a) || !PyLong_CheckExact(b));
    DEOPT_IF(!_PyLong_BothAreCompact((PyLongObject *)a, (PyLongObject *)b));
    stwodigits value;
    DEOPT_IF(!compact_operation(oparg, COMPACT(a), COMPACT(b), &value));
    PyObject *v = int_result(tstate, lhs, rhs, value);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_TRUE_DIVIDE_FLOAT = 192, internal, (unused/1, take lhs, take rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b));
    DEOPT_IF(PyFloat_AS_DOUBLE(b) == 0.0);
    PyObject *v = float_result(tstate, lhs, rhs,
                               PyFloat_AS_DOUBLE(a) / PyFloat_AS_DOUBLE(b));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BINARY_OP_ADD_UNICODE = 8, internal, (unused/1, lhs, rhs -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyUnicode_CheckExact(a) || !PyUnicode_CheckExact(b));
    PyObject *v = PyUnicode_Concat(a, b);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

/* s = s + x and s += x: the local gives its reference up first, so that the str can grow in
 * place.  The store that follows belongs to this instruction. */
inst(BINARY_OP_INPLACE_ADD_UNICODE = 10, internal, (unused/1, take lhs, take rhs --)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(lhs);
    PyObject *b = PyStackRef_AsPyObjectBorrow(rhs);
    DEOPT_IF(!PyUnicode_CheckExact(a) || !PyUnicode_CheckExact(b));
    DEOPT_IF(_PyOpcode_Deopt[next_instr->op.code] != STORE_FAST);
    _PyStackRef *target = &GETLOCAL(next_instr->op.arg);
    DEOPT_IF(!PyStackRef_IsObject(*target, a));
    PyObject *left = PyStackRef_AsPyObjectSteal(lhs);
    PyStackRef_CLOSE(*target);      /* not the last reference: `left` is one */
    *target = PyStackRef_NULL;
    PyUnicode_Append(&left, b);
    PyStackRef_CLOSE(rhs);
    ERROR_TAKEN_IF(left == NULL);
    *target = PyStackRef_FromPyObjectSteal(left);
    next_instr += 1;
}

family(BINARY_SUBSCR) = {
    BINARY_SUBSCR_LIST_INT, BINARY_SUBSCR_TUPLE_INT, BINARY_SUBSCR_DICT, BINARY_SUBSCR_GETITEM
};

inst(BINARY_SUBSCR = 25, (counter/1, container, sub -- res)) {
    PyObject *v = PyObject_GetItem(PyStackRef_AsPyObjectBorrow(container),
                                   PyStackRef_AsPyObjectBorrow(sub));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

adaptive(BINARY_SUBSCR_ADAPTIVE = 179, BINARY_SUBSCR) {
    _Py_Specialize_BinarySubscr(tstate, PyStackRef_AsPyObjectBorrow(container),
                                PyStackRef_AsPyObjectBorrow(sub), this_instr);
}

inst(BINARY_SUBSCR_LIST_INT = 21, internal, (unused/1, container, sub -- res)) {
    PyObject *list = PyStackRef_AsPyObjectBorrow(container);
    PyObject *index = PyStackRef_AsPyObjectBorrow(sub);
    DEOPT_IF(!PyList_CheckExact(list) || !PyLong_CheckExact(index));
    DEOPT_IF(!_PyLong_IsNonNegativeCompact((PyLongObject *)index));
    Py_ssize_t i = _PyLong_CompactValue((PyLongObject *)index);
    DEOPT_IF(i >= PyList_GET_SIZE(list));
    res = PyStackRef_FromPyObjectNew(PyList_GET_ITEM(list, i));
}

inst(BINARY_SUBSCR_TUPLE_INT = 22, internal, (unused/1, container, sub -- res)) {
    PyObject *tuple = PyStackRef_AsPyObjectBorrow(container);
    PyObject *index = PyStackRef_AsPyObjectBorrow(sub);
    DEOPT_IF(!PyTuple_CheckExact(tuple) || !PyLong_CheckExact(index));
    DEOPT_IF(!_PyLong_IsNonNegativeCompact((PyLongObject *)index));
    Py_ssize_t i = _PyLong_CompactValue((PyLongObject *)index);
    DEOPT_IF(i >= PyTuple_GET_SIZE(tuple));
    res = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(tuple, i));
}

inst(BINARY_SUBSCR_DICT = 19, internal, (unused/1, container, sub -- res)) {
    PyObject *dict = PyStackRef_AsPyObjectBorrow(container);
    PyObject *key = PyStackRef_AsPyObjectBorrow(sub);
    DEOPT_IF(!PyDict_CheckExact(dict));
    PyObject *v = PyDict_GetItemWithError(dict, key);
    if (v == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetKeyError(key);
        }
        ERROR_IF(true);
    }
    res = PyStackRef_FromPyObjectNew(v);
}

inst(BINARY_SUBSCR_GETITEM = 20, internal, control, (unused/1, take container,
                                                     take sub -- unused)) {
    PyTypeObject *tp = PyStackRef_TYPE(container);
    DEOPT_IF(!PyType_HasFeature(tp, Py_TPFLAGS_HEAPTYPE));
    struct _specialization_cache *cache = &((PyHeapTypeObject *)tp)->_spec_cache;
    PyFunctionObject *getitem = (PyFunctionObject *)cache->getitem;
    DEOPT_IF(getitem == NULL || getitem->func_version != cache->getitem_version);
    PyCodeObject *code = (PyCodeObject *)getitem->func_code;
    DEOPT_IF(code->co_argcount != 2 || tstate->interp->eval_frame != NULL);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    _PyInterpreterFrame *new_frame = _PyFrame_PushFunction(
        tstate, getitem, 2);
    ERROR_IF(new_frame == NULL);
    Py_INCREF(getitem);
    new_frame->localsplus[0] = container;
    new_frame->localsplus[1] = sub;
    stack_pointer -= 2;
    PUSH_FRAME(new_frame);
}

inst(BINARY_SLICE = 26, (container, start, stop -- res)) {
    PyObject *v = _PyEval_GetSlice(PyStackRef_AsPyObjectBorrow(container),
                                   PyStackRef_AsPyObjectBorrow(start),
                                   PyStackRef_AsPyObjectBorrow(stop));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(STORE_SLICE = 27, (value, container, start, stop --)) {
    ERROR_IF(_PyEval_SetSlice(PyStackRef_AsPyObjectBorrow(container),
                              PyStackRef_AsPyObjectBorrow(start),
                              PyStackRef_AsPyObjectBorrow(stop),
                              PyStackRef_AsPyObjectBorrow(value)) < 0);
}

family(STORE_SUBSCR) = { STORE_SUBSCR_LIST_INT, STORE_SUBSCR_DICT };

inst(STORE_SUBSCR = 60, (counter/1, value, container, sub --)) {
    ERROR_IF(PyObject_SetItem(PyStackRef_AsPyObjectBorrow(container),
                              PyStackRef_AsPyObjectBorrow(sub),
                              PyStackRef_AsPyObjectBorrow(value)) < 0);
}

adaptive(STORE_SUBSCR_ADAPTIVE = 180, STORE_SUBSCR) {
    _Py_Specialize_StoreSubscr(PyStackRef_AsPyObjectBorrow(container),
                               PyStackRef_AsPyObjectBorrow(sub), this_instr);
}

inst(STORE_SUBSCR_LIST_INT = 160, internal, (unused/1, take value, take container, take sub --)) {
    PyObject *list = PyStackRef_AsPyObjectBorrow(container);
    PyObject *index = PyStackRef_AsPyObjectBorrow(sub);
    DEOPT_IF(!PyList_CheckExact(list) || !PyLong_CheckExact(index));
    DEOPT_IF(!_PyLong_IsNonNegativeCompact((PyLongObject *)index));
    Py_ssize_t i = _PyLong_CompactValue((PyLongObject *)index);
    DEOPT_IF(i >= PyList_GET_SIZE(list));
    PyObject *old = PyList_GET_ITEM(list, i);
    PyList_SET_ITEM(list, i, PyStackRef_AsPyObjectSteal(value));
    Py_DECREF(old);
    PyStackRef_CLOSE(sub);
    PyStackRef_CLOSE(container);
}

inst(STORE_SUBSCR_DICT = 159, internal, (unused/1, value, container, sub --)) {
    PyObject *dict = PyStackRef_AsPyObjectBorrow(container);
    DEOPT_IF(!PyDict_CheckExact(dict));
    ERROR_IF(PyDict_SetItem(dict, PyStackRef_AsPyObjectBorrow(sub),
                            PyStackRef_AsPyObjectBorrow(value)) < 0);
}

inst(DELETE_SUBSCR = 61, (container, sub --)) {
    ERROR_IF(PyObject_DelItem(PyStackRef_AsPyObjectBorrow(container),
                              PyStackRef_AsPyObjectBorrow(sub)) < 0);
}

/* ---- comparisons and tests ----------------------------------------------- */

family(COMPARE_OP) = { COMPARE_OP_INT, COMPARE_OP_FLOAT, COMPARE_OP_STR };

inst(COMPARE_OP = 107, (counter/1, left, right -- res)) {
    /* The operator is in the upper bits; the lower four are for specialised forms. */
    PyObject *v = PyObject_RichCompare(PyStackRef_AsPyObjectBorrow(left),
                                       PyStackRef_AsPyObjectBorrow(right), oparg >> 4);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

adaptive(COMPARE_OP_ADAPTIVE = 181, COMPARE_OP) {
    _Py_Specialize_CompareOp(PyStackRef_AsPyObjectBorrow(left),
                             PyStackRef_AsPyObjectBorrow(right), this_instr, oparg);
}

inst(COMPARE_OP_INT = 58, internal, (unused/1, left, right -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(left);
    PyObject *b = PyStackRef_AsPyObjectBorrow(right);
    DEOPT_IF(!PyLong_CheckExact(a) || !PyLong_CheckExact(b));
    DEOPT_IF(!_PyLong_IsCompact((PyLongObject *)a) || !_PyLong_IsCompact((PyLongObject *)b));
    Py_ssize_t x = _PyLong_CompactValue((PyLongObject *)a);
    Py_ssize_t y = _PyLong_CompactValue((PyLongObject *)b);
    res = _Py_CompareHolds(oparg >> 4, x < y, x > y, x == y) ? PyStackRef_True : PyStackRef_False;
}

inst(COMPARE_OP_FLOAT = 57, internal, (unused/1, left, right -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(left);
    PyObject *b = PyStackRef_AsPyObjectBorrow(right);
    DEOPT_IF(!PyFloat_CheckExact(a) || !PyFloat_CheckExact(b));
    double x = PyFloat_AS_DOUBLE(a);
    double y = PyFloat_AS_DOUBLE(b);
    res = _Py_CompareHolds(oparg >> 4, x < y, x > y, x == y) ? PyStackRef_True : PyStackRef_False;
}

inst(COMPARE_OP_STR = 59, internal, (unused/1, left, right -- res)) {
    PyObject *a = PyStackRef_AsPyObjectBorrow(left);
    PyObject *b = PyStackRef_AsPyObjectBorrow(right);
    DEOPT_IF(!PyUnicode_CheckExact(a) || !PyUnicode_CheckExact(b));
    assert((oparg >> 4) == Py_EQ || (oparg >> 4) == Py_NE);
    int equal = _PyUnicode_Equal(a, b);
    res = equal == ((oparg >> 4) == Py_EQ) ? PyStackRef_True : PyStackRef_False;
}

inst(IS_OP = 117, (left, right -- res)) {
    int same = PyStackRef_AsPyObjectBorrow(left) == PyStackRef_AsPyObjectBorrow(right);
    res = (same ^ oparg) ? PyStackRef_True : PyStackRef_False;
}

inst(CONTAINS_OP = 118, (left, right -- res)) {
    int found = PySequence_Contains(PyStackRef_AsPyObjectBorrow(right),
                                    PyStackRef_AsPyObjectBorrow(left));
    ERROR_IF(found < 0);
    res = (found ^ oparg) ? PyStackRef_True : PyStackRef_False;
}

inst(JUMP_FORWARD = 110, jump, noescape, (--)) {
    JUMPBY(oparg);
}

inst(JUMP_BACKWARD_NO_INTERRUPT = 134, jump, noescape, (--)) {
    JUMPBY(-oparg);
}

/* In cold code a backward jump counts towards an executable; see JUMP_BACKWARD_WARM. */
inst(JUMP_BACKWARD = 140, jump, control, (--)) {
    JUMPBY(-oparg);
    if (_PyEval_ColdCodeWarms(tstate, frame, 0)) {
        next_instr = frame->code_base + (next_instr - _PyCode_UNITS(_PyFrame_GetCode(frame)));
    }
    CHECK_EVAL_BREAKER();
}

inst(JUMP_BACKWARD_WARM = 190, internal, jump, control, (--)) {
    JUMPBY(-oparg);
    CHECK_EVAL_BREAKER();
}

inst(POP_JUMP_IF_FALSE = 114, jump, (value --)) {
    int truth = _PyEval_IsTrue(value);
    ERROR_IF(truth < 0);
    JUMPBY(truth ? 0 : oparg);
}

inst(POP_JUMP_IF_TRUE = 115, jump, (value --)) {
    int truth = _PyEval_IsTrue(value);
    ERROR_IF(truth < 0);
    JUMPBY(truth ? oparg : 0);
}

inst(POP_JUMP_IF_NONE = 129, jump, (value --)) {
    JUMPBY(PyStackRef_IsNone(value) ? oparg : 0);
}

inst(POP_JUMP_IF_NOT_NONE = 128, jump, (value --)) {
    JUMPBY(PyStackRef_IsNone(value) ? 0 : oparg);
}

/* ---- building ------------------------------------------------------------ */

inst(BUILD_STRING = 157, (pieces[oparg] -- str)) {
    PyObject **items = PyStackRef_Objects(pieces, oparg);
    ERROR_IF(items == NULL);
    PyObject *v = _PyUnicode_JoinArray(_PyUnicode_EMPTY, items, oparg);
    ERROR_IF(v == NULL);
    str = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_TUPLE = 102, (take values[oparg] -- tuple)) {
    PyObject **items = PyStackRef_Objects(values, oparg);
    ERROR_IF(items == NULL);
    PyObject *v = _PyTuple_FromArraySteal(items, oparg);
    ERROR_TAKEN_IF(v == NULL);
    tuple = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_LIST = 103, (take values[oparg] -- list)) {
    PyObject **items = PyStackRef_Objects(values, oparg);
    ERROR_IF(items == NULL);
    PyObject *v = _PyList_FromArraySteal(items, oparg);
    ERROR_TAKEN_IF(v == NULL);
    list = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_SET = 104, (values[oparg] -- set)) {
    PyObject *v = PySet_New(NULL);
    ERROR_IF(v == NULL);
    for (int i = 0; i < oparg; i++) {
        if (PySet_Add(v, PyStackRef_AsPyObjectBorrow(values[i])) < 0) {
            Py_DECREF(v);
            ERROR_IF(true);
        }
    }
    set = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_MAP = 105, (values[oparg * 2] -- map)) {
    PyObject **items = PyStackRef_Objects(values, oparg * 2);
    ERROR_IF(items == NULL);
    PyObject *v = _PyDict_FromItems(items, 2, items + 1, 2, oparg);
    ERROR_IF(v == NULL);
    map = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_CONST_KEY_MAP = 156, (values[oparg], keys -- map)) {
    PyObject *names = PyStackRef_AsPyObjectBorrow(keys);
    if (!PyTuple_CheckExact(names) || PyTuple_GET_SIZE(names) != (Py_ssize_t)oparg) {
        _PyErr_SetString(tstate, PyExc_SystemError, "bad BUILD_CONST_KEY_MAP keys argument");
        ERROR_IF(true);
    }
    PyObject **items = PyStackRef_Objects(values, oparg);
    ERROR_IF(items == NULL);
    PyObject *v = _PyDict_FromItems(&PyTuple_GET_ITEM(names, 0), 1, items, 1, oparg);
    ERROR_IF(v == NULL);
    map = PyStackRef_FromPyObjectSteal(v);
}

inst(BUILD_SLICE = 133, (start, stop, step if (oparg == 3) -- slice)) {
    PyObject *v = PySlice_New(PyStackRef_AsPyObjectBorrow(start), PyStackRef_AsPyObjectBorrow(stop),
                              PyStackRef_AsPyObjectBorrow(step));
    ERROR_IF(v == NULL);
    slice = PyStackRef_FromPyObjectSteal(v);
}

inst(FORMAT_VALUE = 155, (value, spec if ((oparg & 4) == 4) -- res)) {
    PyObject *v = _PyEval_FormatValue(PyStackRef_AsPyObjectBorrow(value),
                                      PyStackRef_AsPyObjectBorrow(spec), oparg & 3);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(LIST_APPEND = 145, (list, unused[oparg - 1], take value -- list, unused[oparg - 1])) {
    PyObject *v = PyStackRef_AsPyObjectSteal(value);
    ERROR_TAKEN_IF(_PyList_AppendTakeRef((PyListObject *)PyStackRef_AsPyObjectBorrow(list), v) < 0);
}

inst(SET_ADD = 146, (set, unused[oparg - 1], value -- set, unused[oparg - 1])) {
    ERROR_IF(PySet_Add(PyStackRef_AsPyObjectBorrow(set), PyStackRef_AsPyObjectBorrow(value)) < 0);
}

inst(MAP_ADD = 147, (dict, unused[oparg - 1], take key, take value -- dict, unused[oparg - 1])) {
    PyObject *k = PyStackRef_AsPyObjectSteal(key);
    PyObject *v = PyStackRef_AsPyObjectSteal(value);
    ERROR_TAKEN_IF(_PyDict_SetItem_Take2(
        (PyDictObject *)PyStackRef_AsPyObjectBorrow(dict), k, v) < 0);
}

inst(LIST_EXTEND = 162, (list, unused[oparg - 1], iterable -- list, unused[oparg - 1])) {
    ERROR_IF(_PyEval_ListExtend(tstate, PyStackRef_AsPyObjectBorrow(list),
                                PyStackRef_AsPyObjectBorrow(iterable)) < 0);
}

inst(SET_UPDATE = 163, (set, unused[oparg - 1], iterable -- set, unused[oparg - 1])) {
    ERROR_IF(_PySet_Update(PyStackRef_AsPyObjectBorrow(set),
                           PyStackRef_AsPyObjectBorrow(iterable)) < 0);
}

inst(DICT_UPDATE = 165, (dict, unused[oparg - 1], update -- dict, unused[oparg - 1])) {
    ERROR_IF(_PyEval_DictUpdate(tstate, PyStackRef_AsPyObjectBorrow(dict),
                                PyStackRef_AsPyObjectBorrow(update)) < 0);
}

inst(DICT_MERGE = 164,
     (callable, unused[1], dict, unused[oparg - 1], update
      -- callable, unused[1], dict, unused[oparg - 1])) {
    ERROR_IF(_PyEval_DictMerge(tstate, PyStackRef_AsPyObjectBorrow(callable),
                               PyStackRef_AsPyObjectBorrow(dict),
                               PyStackRef_AsPyObjectBorrow(update)) < 0);
}

family(UNPACK_SEQUENCE) = {
    UNPACK_SEQUENCE_TWO_TUPLE, UNPACK_SEQUENCE_TUPLE, UNPACK_SEQUENCE_LIST
};

inst(UNPACK_SEQUENCE = 92, (counter/1, take seq -- values[oparg])) {
    /* values[oparg - 1] will be the first item: the stack grows upwards. */
    int res = _PyEval_UnpackIterable(tstate, PyStackRef_AsPyObjectBorrow(seq), oparg, -1,
                                     values + oparg);
    PyStackRef_CLOSE(seq);
    ERROR_TAKEN_IF(res < 0);
}

adaptive(UNPACK_SEQUENCE_ADAPTIVE = 182, UNPACK_SEQUENCE) {
    _Py_Specialize_UnpackSequence(PyStackRef_AsPyObjectBorrow(seq), this_instr, oparg);
}

inst(UNPACK_SEQUENCE_TWO_TUPLE = 167, internal, (unused/1, take seq -- values[oparg])) {
    PyObject *s = PyStackRef_AsPyObjectBorrow(seq);
    DEOPT_IF(!PyTuple_CheckExact(s) || PyTuple_GET_SIZE(s) != 2);
    assert(oparg == 2);
    values[0] = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(s, 1));
    values[1] = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(s, 0));
    PyStackRef_CLOSE(seq);
}

inst(UNPACK_SEQUENCE_TUPLE = 166, internal, (unused/1, take seq -- values[oparg])) {
    PyObject *s = PyStackRef_AsPyObjectBorrow(seq);
    DEOPT_IF(!PyTuple_CheckExact(s) || PyTuple_GET_SIZE(s) != oparg);
    for (int i = 0; i < oparg; i++) {
        values[oparg - 1 - i] = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(s, i));
    }
    PyStackRef_CLOSE(seq);
}

inst(UNPACK_SEQUENCE_LIST = 161, internal, (unused/1, take seq -- values[oparg])) {
    PyObject *s = PyStackRef_AsPyObjectBorrow(seq);
    DEOPT_IF(!PyList_CheckExact(s) || PyList_GET_SIZE(s) != oparg);
    for (int i = 0; i < oparg; i++) {
        values[oparg - 1 - i] = PyStackRef_FromPyObjectNew(PyList_GET_ITEM(s, i));
    }
    PyStackRef_CLOSE(seq);
}

inst(UNPACK_EX = 94, (take seq -- values[(oparg & 0xFF) + 1 + (oparg >> 8)])) {
    int total = (oparg & 0xFF) + 1 + (oparg >> 8);
    int res = _PyEval_UnpackIterable(tstate, PyStackRef_AsPyObjectBorrow(seq), oparg & 0xFF,
                                     oparg >> 8, values + total);
    PyStackRef_CLOSE(seq);
    ERROR_TAKEN_IF(res < 0);
}

inst(MAKE_FUNCTION = 132,
     (take defaults if (oparg & 1), take kwdefaults if (oparg & 2), take annotations if (oparg & 4),
      take closure if (oparg & 8), take code -- func)) {
    PyFunctionObject *f = (PyFunctionObject *)PyFunction_New(PyStackRef_AsPyObjectBorrow(code),
                                                             GLOBALS());
    ERROR_IF(f == NULL);
    PyStackRef_CLOSE(code);
    if (oparg & 8) {
        f->func_closure = PyStackRef_AsPyObjectSteal(closure);
    }
    if (oparg & 4) {
        f->func_annotations = PyStackRef_AsPyObjectSteal(annotations);
    }
    if (oparg & 2) {
        f->func_kwdefaults = PyStackRef_AsPyObjectSteal(kwdefaults);
    }
    if (oparg & 1) {
        f->func_defaults = PyStackRef_AsPyObjectSteal(defaults);
    }
    func = PyStackRef_FromPyObjectSteal((PyObject *)f);
}

/* ---- attributes ---------------------------------------------------------- */

family(STORE_ATTR) = { STORE_ATTR_INSTANCE_VALUE, STORE_ATTR_SLOT, STORE_ATTR_WITH_HINT };

inst(STORE_ATTR = 95, name, (counter/1, unused/3, value, owner --)) {
    ERROR_IF(PyObject_SetAttr(PyStackRef_AsPyObjectBorrow(owner), GETNAME(oparg),
                              PyStackRef_AsPyObjectBorrow(value)) < 0);
}

adaptive(STORE_ATTR_ADAPTIVE = 183, STORE_ATTR) {
    _Py_Specialize_StoreAttr(tstate, PyStackRef_AsPyObjectBorrow(owner), this_instr,
                             GETNAME(oparg));
}

inst(STORE_ATTR_INSTANCE_VALUE = 113, internal,
     (unused/1, type_version/2, index/1, take value, take owner --)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    PyTypeObject *tp = Py_TYPE(obj);
    DEOPT_IF(tp->tp_version_tag != type_version);
    PyDictValues *dv = _PyEval_InlineValues(obj);
    DEOPT_IF(dv == NULL || index >= dv->capacity);
    PyObject *old = dv->values[index];
    dv->values[index] = PyStackRef_AsPyObjectSteal(value);
    if (old == NULL) {
        _PyDictValues_AddToInsertionOrder(dv, index);
    }
    else {
        Py_DECREF(old);
    }
    PyStackRef_CLOSE(owner);
}

inst(STORE_ATTR_SLOT = 148, internal,
     (unused/1, type_version/2, offset/1, take value, take owner --)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(Py_TYPE(obj)->tp_version_tag != type_version);
    PyObject **slot = (PyObject **)((char *)obj + offset);
    PyObject *old = *slot;
    *slot = PyStackRef_AsPyObjectSteal(value);
    Py_XDECREF(old);
    PyStackRef_CLOSE(owner);
}

inst(STORE_ATTR_WITH_HINT = 153, internal,
     (unused/1, type_version/2, hint/1, take value, take owner --)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    PyTypeObject *tp = Py_TYPE(obj);
    DEOPT_IF(tp->tp_version_tag != type_version);
    PyDictObject *dict = _PyEval_ManagedDict(obj);
    DEOPT_IF(dict == NULL || !PyDict_CheckExact((PyObject *)dict));
    PyObject *name = GETNAME(oparg);
    DEOPT_IF(_PyEval_DictAtHint(dict, hint, name) == NULL);
    PyObject *v = PyStackRef_AsPyObjectSteal(value);
    int res = PyDict_SetItem((PyObject *)dict, name, v);
    Py_DECREF(v);
    PyStackRef_CLOSE(owner);
    ERROR_TAKEN_IF(res < 0);
}

inst(DELETE_ATTR = 96, name, (owner --)) {
    ERROR_IF(PyObject_DelAttr(PyStackRef_AsPyObjectBorrow(owner), GETNAME(oparg)) < 0);
}

family(LOAD_ATTR) = {
    LOAD_ATTR_INSTANCE_VALUE, LOAD_ATTR_MODULE, LOAD_ATTR_WITH_HINT, LOAD_ATTR_SLOT,
    LOAD_ATTR_CLASS, LOAD_ATTR_PROPERTY, LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN,
    LOAD_ATTR_METHOD_WITH_VALUES, LOAD_ATTR_METHOD_NO_DICT, LOAD_ATTR_METHOD_LAZY_DICT
};

/* With the low bit set a method call follows: either (function, self) or (NULL, attribute). */
inst(LOAD_ATTR = 106, name,
     (counter/1, unused/8, take owner -- first if (oparg & 1), second)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    PyObject *name = GETNAME(oparg >> 1);
    if (oparg & 1) {
        PyObject *method = NULL;
        if (_PyObject_GetMethod(obj, name, &method)) {
            first = PyStackRef_FromPyObjectSteal(method);
            second = owner;
        }
        else {
            ERROR_IF(method == NULL);
            first = PyStackRef_NULL;
            second = PyStackRef_FromPyObjectSteal(method);
            PyStackRef_CLOSE(owner);
        }
    }
    else {
        PyObject *v = PyObject_GetAttr(obj, name);
        ERROR_IF(v == NULL);
        second = PyStackRef_FromPyObjectSteal(v);
        PyStackRef_CLOSE(owner);
    }
}

adaptive(LOAD_ATTR_ADAPTIVE = 184, LOAD_ATTR) {
    _Py_Specialize_LoadAttr(tstate, PyStackRef_AsPyObjectBorrow(owner), this_instr,
                            GETNAME(oparg >> 1), oparg & 1);
}

inst(LOAD_ATTR_INSTANCE_VALUE = 73, internal,
     (unused/1, type_version/2, index/1, unused/5, owner -- null if (oparg & 1), value)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(Py_TYPE(obj)->tp_version_tag != type_version);
    PyDictValues *dv = _PyEval_InlineValues(obj);
    DEOPT_IF(dv == NULL || index >= dv->capacity);
    PyObject *v = dv->values[index];
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

inst(LOAD_ATTR_MODULE = 76, internal,
     (unused/1, keys_version/2, index/1, unused/5, owner -- null if (oparg & 1), value)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(!PyModule_CheckExact(obj));
    PyDictObject *dict = (PyDictObject *)_PyModule_GetDict(obj);
    DEOPT_IF(dict == NULL || dict->ma_keys->dk_version != keys_version);
    PyObject *v = DK_UNICODE_ENTRIES(dict->ma_keys)[index].me_value;
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

inst(LOAD_ATTR_WITH_HINT = 79, internal,
     (unused/1, type_version/2, hint/1, unused/5, owner -- null if (oparg & 1), value)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(Py_TYPE(obj)->tp_version_tag != type_version);
    PyDictObject *dict = _PyEval_ManagedDict(obj);
    DEOPT_IF(dict == NULL || !PyDict_CheckExact((PyObject *)dict));
    PyObject *v = _PyEval_DictAtHint(dict, hint, GETNAME(oparg >> 1));
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

inst(LOAD_ATTR_SLOT = 78, internal,
     (unused/1, type_version/2, offset/1, unused/5, owner -- null if (oparg & 1), value)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(Py_TYPE(obj)->tp_version_tag != type_version);
    PyObject *v = *(PyObject **)((char *)obj + offset);
    DEOPT_IF(v == NULL);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew(v);
}

inst(LOAD_ATTR_CLASS = 70, internal,
     (unused/1, type_version/2, unused/2, descr/4, owner -- null if (oparg & 1), value)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    DEOPT_IF(!PyType_Check(obj));
    DEOPT_IF(((PyTypeObject *)obj)->tp_version_tag != type_version);
    null = PyStackRef_NULL;
    value = PyStackRef_FromPyObjectNew((PyObject *)descr);
}

inst(LOAD_ATTR_PROPERTY = 77, internal, control,
     (unused/1, type_version/2, func_version/2, fget/4, take owner -- unused if (oparg & 1),
      unused)) {
    PyTypeObject *tp = PyStackRef_TYPE(owner);
    DEOPT_IF(tp->tp_version_tag != type_version);
    DEOPT_IF((oparg & 1) || tstate->interp->eval_frame != NULL);
    PyFunctionObject *func = (PyFunctionObject *)fget;
    DEOPT_IF(func->func_version != func_version);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    assert(((PyCodeObject *)func->func_code)->co_argcount == 1);
    _PyInterpreterFrame *new_frame = push_function(tstate, func, 1);
    ERROR_IF(new_frame == NULL);
    Py_INCREF(func);
    new_frame->localsplus[0] = owner;
    stack_pointer -= 1;
    PUSH_FRAME(new_frame);
}

inst(LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN = 72, internal, control,
     (unused/1, type_version/2, func_version/2, getattribute/4, take owner
      -- unused if (oparg & 1), unused)) {
    PyTypeObject *tp = PyStackRef_TYPE(owner);
    DEOPT_IF(tp->tp_version_tag != type_version);
    DEOPT_IF((oparg & 1) || tstate->interp->eval_frame != NULL);
    PyFunctionObject *func = (PyFunctionObject *)getattribute;
    DEOPT_IF(func->func_version != func_version);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    assert(((PyCodeObject *)func->func_code)->co_argcount == 2);
    _PyInterpreterFrame *new_frame = _PyFrame_PushFunction(
        tstate, func, 2);
    ERROR_IF(new_frame == NULL);
    Py_INCREF(func);
    new_frame->localsplus[0] = owner;
    new_frame->localsplus[1] = PyStackRef_FromPyObjectNew(GETNAME(oparg >> 1));
    stack_pointer -= 1;
    PUSH_FRAME(new_frame);
}

/* A method of the type; the instance's dict cannot hide it (its keys are known). */
inst(LOAD_ATTR_METHOD_WITH_VALUES = 82, internal,
     (unused/1, type_version/2, keys_version/2, descr/4, take owner
      -- first if (oparg & 1), second)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    PyTypeObject *tp = Py_TYPE(obj);
    DEOPT_IF(tp->tp_version_tag != type_version);
    DEOPT_IF(_PyEval_InlineValues(obj) == NULL);
    DEOPT_IF(((PyHeapTypeObject *)tp)->ht_cached_keys->dk_version != keys_version);
    assert(oparg & 1);
    first = PyStackRef_FromPyObjectNew((PyObject *)descr);
    second = owner;
}

inst(LOAD_ATTR_METHOD_NO_DICT = 81, internal,
     (unused/1, type_version/2, unused/2, descr/4, take owner -- first if (oparg & 1), second)) {
    PyTypeObject *tp = PyStackRef_TYPE(owner);
    DEOPT_IF(tp->tp_version_tag != type_version);
    assert(tp->tp_dictoffset == 0 && (oparg & 1));
    first = PyStackRef_FromPyObjectNew((PyObject *)descr);
    second = owner;
}

inst(LOAD_ATTR_METHOD_LAZY_DICT = 80, internal,
     (unused/1, type_version/2, unused/2, descr/4, take owner -- first if (oparg & 1), second)) {
    PyObject *obj = PyStackRef_AsPyObjectBorrow(owner);
    PyTypeObject *tp = Py_TYPE(obj);
    DEOPT_IF(tp->tp_version_tag != type_version);
    assert(tp->tp_dictoffset > 0 && (oparg & 1));
    DEOPT_IF(*(PyObject **)((char *)obj + tp->tp_dictoffset) != NULL);
    first = PyStackRef_FromPyObjectNew((PyObject *)descr);
    second = owner;
}

family(LOAD_SUPER_ATTR) = { LOAD_SUPER_ATTR_ATTR, LOAD_SUPER_ATTR_METHOD };

/* oparg: name << 2 | two arguments << 1 | a method call follows. */
inst(LOAD_SUPER_ATTR = 141, name,
     (counter/1, super, class, take self -- first if (oparg & 1), second)) {
    int bound = 0;
    PyObject *v = _PyEval_LoadSuperAttr(tstate, PyStackRef_AsPyObjectBorrow(super),
                                        PyStackRef_AsPyObjectBorrow(class),
                                        PyStackRef_AsPyObjectBorrow(self),
                                        GETNAME(oparg >> 2), oparg, &bound);
    ERROR_IF(v == NULL);
    if (bound) {        /* an unbound function: the call passes self */
        first = PyStackRef_FromPyObjectSteal(v);
        second = self;
    }
    else {
        first = PyStackRef_NULL;
        second = PyStackRef_FromPyObjectSteal(v);
        PyStackRef_CLOSE(self);
    }
}

adaptive(LOAD_SUPER_ATTR_ADAPTIVE = 185, LOAD_SUPER_ATTR) {
    _Py_Specialize_LoadSuperAttr(PyStackRef_AsPyObjectBorrow(super),
                                 PyStackRef_AsPyObjectBorrow(class), this_instr, oparg & 1);
}

inst(LOAD_SUPER_ATTR_ATTR = 66, internal, (unused/1, super, class, self -- second)) {
    assert(!(oparg & 1));
    DEOPT_IF(!PyStackRef_IsObject(super, (PyObject *)&PySuper_Type));
    PyObject *cls = PyStackRef_AsPyObjectBorrow(class);
    DEOPT_IF(!PyType_Check(cls));
    PyObject *v = _PySuper_Lookup((PyTypeObject *)cls, PyStackRef_AsPyObjectBorrow(self),
                                  GETNAME(oparg >> 2), NULL);
    ERROR_IF(v == NULL);
    second = PyStackRef_FromPyObjectSteal(v);
}

inst(LOAD_SUPER_ATTR_METHOD = 67, internal, (unused/1, super, class, take self -- first, second)) {
    assert(oparg & 1);
    DEOPT_IF(!PyStackRef_IsObject(super, (PyObject *)&PySuper_Type));
    PyObject *cls = PyStackRef_AsPyObjectBorrow(class);
    DEOPT_IF(!PyType_Check(cls));
    int bound = 0;
    PyObject *v = _PySuper_Lookup((PyTypeObject *)cls, PyStackRef_AsPyObjectBorrow(self),
                                  GETNAME(oparg >> 2), &bound);
    ERROR_IF(v == NULL);
    if (bound) {
        first = PyStackRef_FromPyObjectSteal(v);
        second = self;
    }
    else {
        first = PyStackRef_NULL;
        second = PyStackRef_FromPyObjectSteal(v);
        PyStackRef_CLOSE(self);
    }
}

/* ---- import -------------------------------------------------------------- */

inst(IMPORT_NAME = 108, name, (level, fromlist -- module)) {
    PyObject *v = _PyEval_ImportName(tstate, frame, GETNAME(oparg),
                                     PyStackRef_AsPyObjectBorrow(fromlist),
                                     PyStackRef_AsPyObjectBorrow(level));
    ERROR_IF(v == NULL);
    module = PyStackRef_FromPyObjectSteal(v);
}

inst(IMPORT_FROM = 109, name, (module -- module, value)) {
    PyObject *v = _PyEval_ImportFrom(tstate, PyStackRef_AsPyObjectBorrow(module), GETNAME(oparg));
    ERROR_IF(v == NULL);
    value = PyStackRef_FromPyObjectSteal(v);
}

/* ---- iteration ----------------------------------------------------------- */

inst(GET_ITER = 68, (iterable -- iter)) {
    PyObject *v = PyObject_GetIter(PyStackRef_AsPyObjectBorrow(iterable));
    ERROR_IF(v == NULL);
    iter = PyStackRef_FromPyObjectSteal(v);
}

inst(GET_YIELD_FROM_ITER = 69, (iterable -- iter)) {
    PyObject *v = _PyEval_GetYieldFromIter(tstate, _PyFrame_GetCode(frame),
                                           PyStackRef_AsPyObjectBorrow(iterable));
    ERROR_IF(v == NULL);
    iter = PyStackRef_FromPyObjectSteal(v);
}

family(FOR_ITER) = { FOR_ITER_LIST, FOR_ITER_TUPLE, FOR_ITER_RANGE, FOR_ITER_GEN };

/* At the end of the iteration the iterator is dropped here and END_FOR is skipped. */
inst(FOR_ITER = 93, jump, control, (counter/1, iter -- iter, next)) {
    PyObject *it = PyStackRef_AsPyObjectBorrow(iter);
    PyObject *v = Py_TYPE(it)->tp_iternext(it);
    if (v == NULL) {
        ERROR_IF(_PyEval_IterationFailed(tstate, frame));
        FOR_ITER_DONE(iter);
    }
    next = PyStackRef_FromPyObjectSteal(v);
}

adaptive(FOR_ITER_ADAPTIVE = 186, FOR_ITER) {
    _Py_Specialize_ForIter(tstate, PyStackRef_AsPyObjectBorrow(iter), this_instr, oparg);
}

inst(FOR_ITER_LIST = 62, internal, control, (unused/1, iter -- iter, next)) {
    _PyListIterObject *it = (_PyListIterObject *)PyStackRef_AsPyObjectBorrow(iter);
    DEOPT_IF(!Py_IS_TYPE(it, &PyListIter_Type));
    PyListObject *seq = it->it_seq;
    if (seq == NULL || (size_t)it->it_index >= (size_t)PyList_GET_SIZE(seq)) {
        if (seq != NULL) {
            it->it_seq = NULL;
            Py_DECREF(seq);
        }
        FOR_ITER_DONE(iter);
    }
    next = PyStackRef_FromPyObjectNew(PyList_GET_ITEM(seq, it->it_index++));
}

inst(FOR_ITER_TUPLE = 63, internal, control, (unused/1, iter -- iter, next)) {
    _PyTupleIterObject *it = (_PyTupleIterObject *)PyStackRef_AsPyObjectBorrow(iter);
    DEOPT_IF(!Py_IS_TYPE(it, &PyTupleIter_Type));
    PyTupleObject *seq = it->it_seq;
    if (seq == NULL || it->it_index >= PyTuple_GET_SIZE(seq)) {
        if (seq != NULL) {
            it->it_seq = NULL;
            Py_DECREF(seq);
        }
        FOR_ITER_DONE(iter);
    }
    next = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(seq, it->it_index++));
}

inst(FOR_ITER_RANGE = 64, internal, control, (unused/1, iter -- iter, next)) {
    _PyRangeIterObject *it = (_PyRangeIterObject *)PyStackRef_AsPyObjectBorrow(iter);
    DEOPT_IF(!Py_IS_TYPE(it, &PyRangeIter_Type));
    if (it->len <= 0) {
        FOR_ITER_DONE(iter);
    }
    PyObject *v = _PyLong_FromCompact(tstate, it->start);
    ERROR_IF(v == NULL);
    it->start = (long)((unsigned long)it->start + (unsigned long)it->step);
    it->len--;
    next = PyStackRef_FromPyObjectSteal(v);
}

inst(FOR_ITER_GEN = 65, internal, control, (unused/1, iter -- iter, unused)) {
    PyGenObject *gen = (PyGenObject *)PyStackRef_AsPyObjectBorrow(iter);
    DEOPT_IF(!PyGen_CheckExact((PyObject *)gen) || tstate->interp->eval_frame != NULL);
    DEOPT_IF(gen->gi_frame_state >= FRAME_EXECUTING);
    RESUME_GENERATOR(gen, PyStackRef_None, oparg);
}

/* Reached only when a generator that ran inline returned: drops its value and the iterator. */
inst(END_FOR = 4, (iter, value --)) {
}

inst(END_SEND = 5, (receiver, take value -- res)) {
    res = value;
}

/* ---- generators and coroutines ------------------------------------------- */

inst(RETURN_GENERATOR = 75, nofall, (--)) {
    PyFunctionObject *func = (PyFunctionObject *)frame->f_funcobj;
    PyGenObject *gen = (PyGenObject *)_Py_MakeCoro(func);
    if (gen == NULL) {
        goto error;
    }
    _PyFrame_SetStackPointer(frame, stack_pointer);
    _PyInterpreterFrame *gen_frame = (_PyInterpreterFrame *)gen->gi_iframe;
    frame->return_offset = 1;
    _PyFrame_Copy(frame, gen_frame);
    gen->gi_frame_state = FRAME_CREATED;
    gen_frame->owner = FRAME_OWNED_BY_GENERATOR;
    _PyInterpreterFrame *prev = frame->previous;
    gen_frame->previous = NULL;
    tstate->py_recursion_remaining++;
    _PyThreadState_PopFrame(tstate, frame);
    frame = prev;
    LEAVE_TO_FRAME(PyStackRef_FromPyObjectSteal((PyObject *)gen));
}

family(SEND) = { SEND_GEN };

/* Either the receiver yields (go on) or it returned (jump, with its value). */
inst(SEND = 123, jump, control, (counter/1, receiver, value -- receiver, res)) {
    PyObject *r = PyStackRef_AsPyObjectBorrow(receiver);
    if ((PyGen_CheckExact(r) || PyCoro_CheckExact(r)) && tstate->interp->eval_frame == NULL &&
        (((PyGenObject *)r)->gi_frame_state == FRAME_SUSPENDED ||
         (((PyGenObject *)r)->gi_frame_state == FRAME_CREATED && PyStackRef_IsNone(value)))) {
        PyGenObject *gen = (PyGenObject *)r;
        stack_pointer -= 1;
        RESUME_GENERATOR(gen, value, oparg);
    }
    PyObject *v = NULL;
    PySendResult outcome = _PyEval_Send(tstate, frame, r, PyStackRef_AsPyObjectBorrow(value), &v);
    ERROR_IF(outcome == PYGEN_ERROR);
    res = PyStackRef_FromPyObjectSteal(v);
    JUMPBY(outcome == PYGEN_RETURN ? oparg : 0);
}

adaptive(SEND_ADAPTIVE = 187, SEND) {
    _Py_Specialize_Send(tstate, PyStackRef_AsPyObjectBorrow(receiver), this_instr);
}

inst(SEND_GEN = 168, internal, control, (unused/1, receiver, take value -- receiver, unused)) {
    PyGenObject *gen = (PyGenObject *)PyStackRef_AsPyObjectBorrow(receiver);
    DEOPT_IF(!Py_IS_TYPE(gen, &PyGen_Type) && !Py_IS_TYPE(gen, &PyCoro_Type));
    DEOPT_IF(tstate->interp->eval_frame != NULL);
    DEOPT_IF(gen->gi_frame_state != FRAME_SUSPENDED &&
             !(gen->gi_frame_state == FRAME_CREATED && PyStackRef_IsNone(value)));
    stack_pointer -= 1;
    RESUME_GENERATOR(gen, value, oparg);
}

inst(YIELD_VALUE = 150, nofall, (take value -- unused)) {
    stack_pointer -= 1;
    YIELD_TO_CALLER(value);
}

inst(GET_AWAITABLE = 131, (iterable -- iter)) {
    PyObject *v = _PyEval_GetAwaitable(tstate, PyStackRef_AsPyObjectBorrow(iterable), oparg);
    ERROR_IF(v == NULL);
    iter = PyStackRef_FromPyObjectSteal(v);
}

inst(GET_AITER = 50, (iterable -- iter)) {
    PyObject *v = _PyEval_GetAIter(tstate, PyStackRef_AsPyObjectBorrow(iterable));
    ERROR_IF(v == NULL);
    iter = PyStackRef_FromPyObjectSteal(v);
}

inst(GET_ANEXT = 51, (aiter -- aiter, awaitable)) {
    PyObject *v = _PyEval_GetANext(tstate, PyStackRef_AsPyObjectBorrow(aiter));
    ERROR_IF(v == NULL);
    awaitable = PyStackRef_FromPyObjectSteal(v);
}

inst(END_ASYNC_FOR = 54, control, (aiter, exc --)) {
    PyObject *e = PyStackRef_AsPyObjectBorrow(exc);
    if (!PyErr_GivenExceptionMatches(e, PyExc_StopAsyncIteration)) {
        _PyErr_SetRaisedException(tstate, Py_NewRef(e));
        monitor_exception(tstate, frame, PY_MONITORING_EVENT_RERAISE, next_instr - 1);
        UNWIND();
    }
}

inst(CLEANUP_THROW = 55, control, (iter, sent, exc -- none, value)) {
    PyObject *e = PyStackRef_AsPyObjectBorrow(exc);
    if (!PyErr_GivenExceptionMatches(e, PyExc_StopIteration)) {
        _PyErr_SetRaisedException(tstate, Py_NewRef(e));
        monitor_exception(tstate, frame, PY_MONITORING_EVENT_RERAISE, next_instr - 1);
        UNWIND();
    }
    value = PyStackRef_FromPyObjectNew(((PyStopIterationObject *)e)->value);
    none = PyStackRef_None;
}

/* ---- exceptions and with ------------------------------------------------- */

inst(PUSH_EXC_INFO = 35, (take exc -- previous, current)) {
    _PyErr_StackItem *info = tstate->exc_info;
    previous = info->exc_value != NULL ? PyStackRef_FromPyObjectSteal(info->exc_value)
                                       : PyStackRef_None;
    PyObject *e = PyStackRef_AsPyObjectSteal(exc);
    info->exc_value = Py_NewRef(e);
    current = PyStackRef_FromPyObjectSteal(e);
}

inst(POP_EXCEPT = 89, (take exc --)) {
    _PyErr_StackItem *info = tstate->exc_info;
    PyObject *old = info->exc_value;
    info->exc_value = PyStackRef_AsPyObjectSteal(exc);
    Py_XDECREF(old);
}

inst(CHECK_EXC_MATCH = 36, (exc, type -- exc, res)) {
    int match = _PyEval_ExceptionMatches(tstate, PyStackRef_AsPyObjectBorrow(exc),
                                         PyStackRef_AsPyObjectBorrow(type));
    ERROR_IF(match < 0);
    res = match ? PyStackRef_True : PyStackRef_False;
}

inst(CHECK_EG_MATCH = 37, (exc, type -- rest, match)) {
    PyObject *m = NULL;
    PyObject *r = NULL;
    ERROR_IF(_PyEval_ExceptionGroupMatch(tstate, PyStackRef_AsPyObjectBorrow(exc),
                                         PyStackRef_AsPyObjectBorrow(type), &m, &r) < 0);
    if (!Py_IsNone(m)) {
        PyErr_SetHandledException(m);
    }
    rest = PyStackRef_FromPyObjectSteal(r);
    match = PyStackRef_FromPyObjectSteal(m);
}

inst(RAISE_VARARGS = 130, nofall, (args[oparg] --)) {
    PyObject *exc = NULL;
    PyObject *cause = NULL;
    if (oparg == 2) {
        cause = PyStackRef_AsPyObjectSteal(args[1]);
    }
    if (oparg >= 1) {
        exc = PyStackRef_AsPyObjectSteal(args[0]);
    }
    stack_pointer -= oparg;
    if (_PyEval_Raise(tstate, exc, cause)) {
        /* a bare raise: the traceback has this frame already */
        monitor_exception(tstate, frame, PY_MONITORING_EVENT_RERAISE, next_instr - 1);
        UNWIND();
    }
    goto error;
}

inst(RERAISE = 119, nofall, (values[oparg], exc -- values[oparg])) {
    if (oparg) {        /* the place the exception came from */
        PyObject *lasti = PyStackRef_AsPyObjectBorrow(values[0]);
        assert(PyLong_CheckExact(lasti));
        frame->instr_ptr = frame->code_base + PyLong_AsLong(lasti);
    }
    PyObject *e = PyStackRef_AsPyObjectSteal(exc);
    assert(PyExceptionInstance_Check(e));
    stack_pointer -= 1;
    _PyErr_SetRaisedException(tstate, e);
    monitor_exception(tstate, frame, PY_MONITORING_EVENT_RERAISE, next_instr - 1);
    UNWIND();
}

inst(BEFORE_WITH = 53, (manager -- exit, res)) {
    PyObject *x = NULL;
    PyObject *v = _PyEval_BeforeWith(tstate, PyStackRef_AsPyObjectBorrow(manager), 0, &x);
    ERROR_IF(v == NULL);
    exit = PyStackRef_FromPyObjectSteal(x);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(BEFORE_ASYNC_WITH = 52, (manager -- exit, res)) {
    PyObject *x = NULL;
    PyObject *v = _PyEval_BeforeWith(tstate, PyStackRef_AsPyObjectBorrow(manager), 1, &x);
    ERROR_IF(v == NULL);
    exit = PyStackRef_FromPyObjectSteal(x);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(WITH_EXCEPT_START = 49, (exit, unused[2], exc -- exit, unused[2], exc, res)) {
    PyObject *e = PyStackRef_AsPyObjectBorrow(exc);
    PyObject *tb = PyException_GetTraceback(e);
    PyObject *stack[4] = {NULL, (PyObject *)Py_TYPE(e), e, tb != NULL ? tb : Py_None};
    PyObject *v = PyObject_Vectorcall(PyStackRef_AsPyObjectBorrow(exit), stack + 1,
                                      3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_XDECREF(tb);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

/* ---- pattern matching ---------------------------------------------------- */

inst(GET_LEN = 30, (obj -- obj, len)) {
    Py_ssize_t n = PyObject_Length(PyStackRef_AsPyObjectBorrow(obj));
    ERROR_IF(n < 0);
    PyObject *v = PyLong_FromSsize_t(n);
    ERROR_IF(v == NULL);
    len = PyStackRef_FromPyObjectSteal(v);
}

inst(MATCH_MAPPING = 31, noescape, (subject -- subject, res)) {
    res = PyType_HasFeature(PyStackRef_TYPE(subject), Py_TPFLAGS_MAPPING) ? PyStackRef_True
                                                                          : PyStackRef_False;
}

inst(MATCH_SEQUENCE = 32, noescape, (subject -- subject, res)) {
    res = PyType_HasFeature(PyStackRef_TYPE(subject), Py_TPFLAGS_SEQUENCE) ? PyStackRef_True
                                                                           : PyStackRef_False;
}

inst(MATCH_KEYS = 33, (subject, keys -- subject, keys, values)) {
    PyObject *v = _PyEval_MatchKeys(tstate, PyStackRef_AsPyObjectBorrow(subject),
                                    PyStackRef_AsPyObjectBorrow(keys));
    ERROR_IF(v == NULL);
    values = PyStackRef_FromPyObjectSteal(v);
}

inst(MATCH_CLASS = 152, (subject, type, names -- attrs)) {
    PyObject *v = _PyEval_MatchClass(tstate, PyStackRef_AsPyObjectBorrow(subject),
                                     PyStackRef_AsPyObjectBorrow(type), oparg,
                                     PyStackRef_AsPyObjectBorrow(names));
    ERROR_IF(v == NULL);
    attrs = PyStackRef_FromPyObjectSteal(v);
}

/* ---- calls --------------------------------------------------------------- */

inst(KW_NAMES = 172, const, noescape, (--)) {
    assert(kwnames == NULL);
    kwnames = GETCONST(oparg);
}

inst(CALL_INTRINSIC_1 = 173, (value -- res)) {
    PyObject *v = _PyIntrinsics_UnaryFunctions[oparg].func(tstate,
                                                           PyStackRef_AsPyObjectBorrow(value));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(CALL_INTRINSIC_2 = 174, (value2, value1 -- res)) {
    PyObject *v = _PyIntrinsics_BinaryFunctions[oparg].func(tstate,
                                                       PyStackRef_AsPyObjectBorrow(value2),
                                                       PyStackRef_AsPyObjectBorrow(value1));
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

family(CALL) = {
    CALL_BOUND_METHOD_EXACT_ARGS, CALL_PY_EXACT_ARGS, CALL_PY_WITH_DEFAULTS, CALL_PY_CLASS,
    CALL_NO_KW_TYPE_1,
    CALL_NO_KW_STR_1, CALL_NO_KW_TUPLE_1, CALL_BUILTIN_CLASS, CALL_NO_KW_BUILTIN_O,
    CALL_NO_KW_BUILTIN_FAST, CALL_BUILTIN_FAST_WITH_KEYWORDS, CALL_NO_KW_LEN,
    CALL_NO_KW_ISINSTANCE, CALL_NO_KW_LIST_APPEND, CALL_NO_KW_METHOD_DESCRIPTOR_O,
    CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS, CALL_NO_KW_METHOD_DESCRIPTOR_NOARGS,
    CALL_NO_KW_METHOD_DESCRIPTOR_FAST
};

/* Below the arguments lie (NULL, callable) or (function, self). */
inst(CALL = 171, control,
     (counter/1, func_version/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (PyStackRef_IsNull(method) && PyStackRef_TYPE(callable) == &PyMethod_Type) {
        PyMethodObject *m = (PyMethodObject *)PyStackRef_AsPyObjectBorrow(callable);
        args[-2] = method = PyStackRef_FromPyObjectNew(m->im_func);
        args[-1] = PyStackRef_FromPyObjectNew(m->im_self);
        PyStackRef_CLOSE(callable);
        callable = args[-1];
    }
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    if (Py_IS_TYPE(func, &PyFunction_Type) && tstate->interp->eval_frame == NULL &&
        ((PyFunctionObject *)func)->vectorcall == _PyFunction_Vectorcall) {
        PyObject *names = kwnames;
        kwnames = NULL;
        stack_pointer -= oparg + 2;
        _PyInterpreterFrame *new_frame = _PyEvalFramePushAndInit(
            tstate, (PyFunctionObject *)PyStackRef_AsPyObjectSteal(callable), args, nargs, names);
        if (new_frame == NULL) {
            goto error;
        }
        PUSH_FRAME(new_frame);
    }
    PyObject *v = _PyEval_CallObject(tstate, func, args, nargs, kwnames);
    kwnames = NULL;
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

adaptive(CALL_ADAPTIVE = 188, CALL) {
    int nargs = oparg;
    _PyStackRef target = callable;
    if (!PyStackRef_IsNull(method)) {
        target = method;
        nargs++;
    }
    _Py_Specialize_Call(tstate, PyStackRef_AsPyObjectBorrow(target), this_instr, nargs, kwnames,
                        PyStackRef_IsNull(method));
}

inst(CALL_BOUND_METHOD_EXACT_ARGS = 28, internal, control,
     (unused/1, func_version/2, take method, take callable, take args[oparg] -- unused)) {
    DEOPT_IF(!PyStackRef_IsNull(method) || PyStackRef_TYPE(callable) != &PyMethod_Type);
    PyMethodObject *m = (PyMethodObject *)PyStackRef_AsPyObjectBorrow(callable);
    PyFunctionObject *func = (PyFunctionObject *)m->im_func;
    DEOPT_IF(!Py_IS_TYPE(func, &PyFunction_Type) || func->func_version != func_version);
    DEOPT_IF(tstate->interp->eval_frame != NULL || kwnames != NULL);
    DEOPT_IF(((PyCodeObject *)func->func_code)->co_argcount != oparg + 1);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    _PyInterpreterFrame *new_frame = push_function(tstate, func, oparg + 1);
    ERROR_IF(new_frame == NULL);
    Py_INCREF(func);
    new_frame->localsplus[0] = PyStackRef_FromPyObjectNew(m->im_self);
    for (int i = 0; i < oparg; i++) {
        new_frame->localsplus[i + 1] = args[i];
    }
    PyStackRef_CLOSE(callable);
    stack_pointer -= oparg + 2;
    PUSH_FRAME(new_frame);
}

inst(CALL_PY_EXACT_ARGS = 23, internal, control,
     (unused/1, func_version/2, take method, take callable, take args[oparg] -- unused)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyFunctionObject *func = (PyFunctionObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!Py_IS_TYPE(func, &PyFunction_Type) || func->func_version != func_version);
    DEOPT_IF(tstate->interp->eval_frame != NULL || kwnames != NULL);
    DEOPT_IF(((PyCodeObject *)func->func_code)->co_argcount != nargs);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    _PyInterpreterFrame *new_frame = push_function(tstate, func, nargs);
    ERROR_IF(new_frame == NULL);
    (void)PyStackRef_AsPyObjectSteal(callable);     /* the frame has it now */
    for (int i = 0; i < nargs; i++) {
        new_frame->localsplus[i] = args[i];
    }
    stack_pointer -= oparg + 2;
    PUSH_FRAME(new_frame);
}

inst(CALL_PY_WITH_DEFAULTS = 24, internal, control,
     (unused/1, func_version/2, take method, take callable, take args[oparg] -- unused)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyFunctionObject *func = (PyFunctionObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!Py_IS_TYPE(func, &PyFunction_Type) || func->func_version != func_version);
    DEOPT_IF(tstate->interp->eval_frame != NULL || kwnames != NULL);
    DEOPT_IF(tstate->py_recursion_remaining <= 1);
    PyObject *defaults = func->func_defaults;
    DEOPT_IF(defaults == NULL);
    int total = ((PyCodeObject *)func->func_code)->co_argcount;
    int first_default = total - (int)PyTuple_GET_SIZE(defaults);
    DEOPT_IF(nargs < first_default || nargs >= total || first_default < 0);
    _PyInterpreterFrame *new_frame = push_function(tstate, func, total);
    ERROR_IF(new_frame == NULL);
    (void)PyStackRef_AsPyObjectSteal(callable);
    for (int i = 0; i < nargs; i++) {
        new_frame->localsplus[i] = args[i];
    }
    for (int i = nargs; i < total; i++) {
        new_frame->localsplus[i] = PyStackRef_FromPyObjectNew(
            PyTuple_GET_ITEM(defaults, i - first_default));
    }
    stack_pointer -= oparg + 2;
    PUSH_FRAME(new_frame);
}

/* A class with a Python __init__: the instance waits on the stack, and is what the call gives when
 * __init__ returns (leave_frame in ceval.c). */
inst(CALL_PY_CLASS = 193, internal, control,
     (unused/1, type_version/2, take method, take callable, take args[oparg] -- unused)) {
    PyTypeObject *tp = (PyTypeObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!PyStackRef_IsNull(method) || !Py_IS_TYPE(tp, &PyType_Type));
    DEOPT_IF(tp->tp_version_tag != type_version);
    DEOPT_IF(tstate->interp->eval_frame != NULL || tstate->py_recursion_remaining <= 1);
    PyFunctionObject *init = (PyFunctionObject *)_PyType_Lookup(tp, &_Py_ID(__init__));
    DEOPT_IF(!_PyFunction_IsSimpleInit(init, oparg + 1));       /* its code may have changed */
    assert(kwnames == NULL);
    PyObject *self = PyType_GenericAlloc(tp, 0);
    ERROR_IF(self == NULL);
    _PyInterpreterFrame *new_frame = push_function(tstate, init, oparg + 1);
    if (new_frame == NULL) {
        Py_DECREF(self);
        ERROR_IF(true);
    }
    Py_INCREF(init);
    new_frame->flags = _Py_FRAME_INIT;
    new_frame->localsplus[0] = PyStackRef_FromPyObjectNew(self);
    for (int i = 0; i < oparg; i++) {
        new_frame->localsplus[i + 1] = args[i];
    }
    args[-2] = PyStackRef_FromPyObjectSteal(self);
    PyStackRef_CLOSE(callable);
    stack_pointer -= oparg + 1;
    PUSH_FRAME(new_frame);
}

inst(CALL_NO_KW_TYPE_1 = 56, internal, (unused/1, unused/2, method, callable, args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 1 || !PyStackRef_IsNull(method));
    DEOPT_IF(!PyStackRef_IsObject(callable, (PyObject *)&PyType_Type));
    res = PyStackRef_FromPyObjectNew((PyObject *)PyStackRef_TYPE(args[0]));
}

inst(CALL_NO_KW_STR_1 = 47, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 1 || !PyStackRef_IsNull(method));
    DEOPT_IF(!PyStackRef_IsObject(callable, (PyObject *)&PyUnicode_Type));
    PyObject *v = PyObject_Str(PyStackRef_AsPyObjectBorrow(args[0]));
    PyStackRef_CLOSE(args[0]);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(3, res);
}

inst(CALL_NO_KW_TUPLE_1 = 48, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 1 || !PyStackRef_IsNull(method));
    DEOPT_IF(!PyStackRef_IsObject(callable, (PyObject *)&PyTuple_Type));
    PyObject *v = PySequence_Tuple(PyStackRef_AsPyObjectBorrow(args[0]));
    PyStackRef_CLOSE(args[0]);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(3, res);
}

inst(CALL_BUILTIN_CLASS = 29, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyTypeObject *tp = (PyTypeObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!PyType_Check((PyObject *)tp) || tp->tp_vectorcall == NULL);
    PyObject **items = PyStackRef_Objects(args, nargs);
    ERROR_IF(items == NULL);
    PyObject *v = tp->tp_vectorcall((PyObject *)tp, items,
                                    nargs - (kwnames != NULL ? PyTuple_GET_SIZE(kwnames) : 0),
                                    kwnames);
    kwnames = NULL;
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_NO_KW_BUILTIN_O = 40, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(kwnames != NULL || nargs != 1 || !PyCFunction_CheckExact(func));
    DEOPT_IF(PyCFunction_GET_FLAGS(func) != METH_O);
    PyObject *v = _PyEval_CallO(tstate, PyCFunction_GET_FUNCTION(func), PyCFunction_GET_SELF(func),
                                args[0]);
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_NO_KW_BUILTIN_FAST = 39, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(kwnames != NULL || !PyCFunction_CheckExact(func));
    DEOPT_IF(PyCFunction_GET_FLAGS(func) != METH_FASTCALL);
    PyObject **items = PyStackRef_Objects(args, nargs);
    ERROR_IF(items == NULL);
    PyObject *v = ((_PyCFunctionFast)(void (*)(void))PyCFunction_GET_FUNCTION(func))(
        PyCFunction_GET_SELF(func), items, nargs);
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_BUILTIN_FAST_WITH_KEYWORDS = 34, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!PyCFunction_CheckExact(func));
    DEOPT_IF(PyCFunction_GET_FLAGS(func) != (METH_FASTCALL | METH_KEYWORDS));
    PyObject **items = PyStackRef_Objects(args, nargs);
    ERROR_IF(items == NULL);
    PyObject *v = ((_PyCFunctionFastWithKeywords)(void (*)(void))PyCFunction_GET_FUNCTION(func))(
        PyCFunction_GET_SELF(func), items,
        nargs - (kwnames != NULL ? PyTuple_GET_SIZE(kwnames) : 0), kwnames);
    kwnames = NULL;
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_NO_KW_LEN = 42, internal, (unused/1, unused/2, method, callable, args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 1 || !PyStackRef_IsNull(method));
    DEOPT_IF(!_PyEval_IsBuiltinFunction(PyStackRef_AsPyObjectBorrow(callable), _PyBuiltin_Len));
    Py_ssize_t n = PyObject_Length(PyStackRef_AsPyObjectBorrow(args[0]));
    ERROR_IF(n < 0);
    PyObject *v = PyLong_FromSsize_t(n);
    ERROR_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
}

inst(CALL_NO_KW_ISINSTANCE = 41, internal,
     (unused/1, unused/2, method, callable, args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 2 || !PyStackRef_IsNull(method));
    DEOPT_IF(!_PyEval_IsBuiltinFunction(PyStackRef_AsPyObjectBorrow(callable),
                                        (PyCFunction)(void (*)(void))_PyBuiltin_IsInstance));
    int yes = PyObject_IsInstance(PyStackRef_AsPyObjectBorrow(args[0]),
                                  PyStackRef_AsPyObjectBorrow(args[1]));
    ERROR_IF(yes < 0);
    res = yes ? PyStackRef_True : PyStackRef_False;
}

inst(CALL_NO_KW_LIST_APPEND = 43, internal,
     (unused/1, unused/2, method, callable, take args[oparg] -- res)) {
    DEOPT_IF(kwnames != NULL || oparg != 1 || PyStackRef_IsNull(method));
    PyObject *func = PyStackRef_AsPyObjectBorrow(method);
    PyObject *list = PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(!PyList_CheckExact(list) || !_PyEval_IsListAppend(func));
    PyObject *item = PyStackRef_AsPyObjectSteal(args[0]);
    ERROR_TAKEN_IF(_PyList_AppendTakeRef((PyListObject *)list, item) < 0);
    res = PyStackRef_None;
}

inst(CALL_NO_KW_METHOD_DESCRIPTOR_O = 46, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyMethodDescrObject *descr = (PyMethodDescrObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(kwnames != NULL || nargs != 2 || !Py_IS_TYPE(descr, &PyMethodDescr_Type));
    DEOPT_IF(descr->d_method->ml_flags != METH_O);
    PyObject *self = PyStackRef_AsPyObjectBorrow(args[0]);
    DEOPT_IF(!Py_IS_TYPE(self, descr->d_common.d_type));
    PyObject *v = _PyEval_CallO(tstate, descr->d_method->ml_meth, self, args[1]);
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_NO_KW_METHOD_DESCRIPTOR_NOARGS = 45, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyMethodDescrObject *descr = (PyMethodDescrObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(kwnames != NULL || nargs != 1 || !Py_IS_TYPE(descr, &PyMethodDescr_Type));
    DEOPT_IF(descr->d_method->ml_flags != METH_NOARGS);
    PyObject *self = PyStackRef_AsPyObjectBorrow(args[0]);
    DEOPT_IF(!Py_IS_TYPE(self, descr->d_common.d_type));
    PyObject *v = _PyEval_CallO(tstate, descr->d_method->ml_meth, self, PyStackRef_NULL);
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_NO_KW_METHOD_DESCRIPTOR_FAST = 44, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyMethodDescrObject *descr = (PyMethodDescrObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(kwnames != NULL || nargs < 1 || !Py_IS_TYPE(descr, &PyMethodDescr_Type));
    DEOPT_IF(descr->d_method->ml_flags != METH_FASTCALL);
    PyObject *self = PyStackRef_AsPyObjectBorrow(args[0]);
    DEOPT_IF(!Py_IS_TYPE(self, descr->d_common.d_type));
    PyObject **items = PyStackRef_Objects(args, nargs);
    ERROR_IF(items == NULL);
    PyObject *v = ((_PyCFunctionFast)(void (*)(void))descr->d_method->ml_meth)(
        self, items + 1, nargs - 1);
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS = 38, internal, control,
     (unused/1, unused/2, take method, take callable, take args[oparg] -- res)) {
    int nargs = oparg;
    if (!PyStackRef_IsNull(method)) {
        callable = method;
        args--;
        nargs++;
    }
    PyMethodDescrObject *descr = (PyMethodDescrObject *)PyStackRef_AsPyObjectBorrow(callable);
    DEOPT_IF(nargs < 1 || !Py_IS_TYPE(descr, &PyMethodDescr_Type));
    DEOPT_IF(descr->d_method->ml_flags != (METH_FASTCALL | METH_KEYWORDS));
    DEOPT_IF(kwnames != NULL && PyTuple_GET_SIZE(kwnames) == nargs);
    PyObject *self = PyStackRef_AsPyObjectBorrow(args[0]);
    DEOPT_IF(!Py_IS_TYPE(self, descr->d_common.d_type));
    PyObject **items = PyStackRef_Objects(args, nargs);
    ERROR_IF(items == NULL);
    PyObject *v = ((_PyCFunctionFastWithKeywords)(void (*)(void))descr->d_method->ml_meth)(
        self, items + 1, nargs - 1 - (kwnames != NULL ? PyTuple_GET_SIZE(kwnames) : 0), kwnames);
    kwnames = NULL;
    _PyStackRef_CloseArray(stack_pointer - (oparg + 2), oparg + 2);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(oparg + 2, res);
}

inst(CALL_FUNCTION_EX = 142, label, control,
     (take null, take callable, take args, take kwargs if (oparg & 1) -- res)) {
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    PyObject *a = _PyEval_StarArgsTuple(tstate, func, PyStackRef_AsPyObjectBorrow(args));
    ERROR_IF(a == NULL);
    PyObject *k = PyStackRef_AsPyObjectBorrow(kwargs);
    if (Py_IS_TYPE(func, &PyFunction_Type) && tstate->interp->eval_frame == NULL &&
        ((PyFunctionObject *)func)->vectorcall == _PyFunction_Vectorcall) {
        _PyInterpreterFrame *new_frame = _PyEvalFramePushAndInit_Ex(
            tstate, (PyFunctionObject *)Py_NewRef(func), a, k);
        Py_DECREF(a);
        PyStackRef_XCLOSE(kwargs);
        PyStackRef_CLOSE(args);
        PyStackRef_CLOSE(callable);
        stack_pointer -= 3 + (oparg & 1);
        if (new_frame == NULL) {
            goto error;
        }
        PUSH_FRAME(new_frame);
    }
    PyObject *v = PyObject_Call(func, a, k);
    Py_DECREF(a);
    PyStackRef_XCLOSE(kwargs);
    PyStackRef_CLOSE(args);
    PyStackRef_CLOSE(callable);
    PyStackRef_XCLOSE(null);
    ERROR_TAKEN_IF(v == NULL);
    res = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER_PUSHING(3 + (oparg & 1), res);
}

/* ---- entering and leaving a frame ---------------------------------------- */

/* Cold code counts its entries here, and changes over when it has become warm or a tool is
 * active.  oparg: 0 start, 1 after yield, 2 after yield from, 3 after await. */
inst(RESUME = 151, control, (--)) {
    if (_PyEval_ColdCodeWarms(tstate, frame, 1)) {
        next_instr = frame->instr_ptr;
        DISPATCH();
    }
    if (frame->flags & _Py_FRAME_JUMP) {
        _PyFrame_SetStackPointer(frame, stack_pointer);
        int err = _PyFrame_JumpAtResume(tstate, frame);
        stack_pointer = _PyFrame_GetStackPointer(frame);
        ERROR_IF(err < 0);
        next_instr = frame->instr_ptr;
        DISPATCH_LEAVING_COLD();
    }
    if (oparg < 2) {
        CHECK_EVAL_BREAKER();
    }
}

inst(RESUME_WARM = 189, internal, control, (--)) {
    uintptr_t breaker = _Py_LoadBreaker(tstate);
    if (breaker != _PyExecutable_Version(frame)) {
        int changed = _PyEval_WarmResume(tstate, frame);
        ERROR_IF(changed < 0);
        if (changed) {
            next_instr = frame->instr_ptr;
            DISPATCH();
        }
        if (oparg < 2) {
            CHECK_EVAL_BREAKER();
        }
    }
}

inst(RETURN_VALUE = 83, nofall, (take value --)) {
    stack_pointer -= 1;
    RETURN_TO_CALLER(value);
}

inst(RETURN_CONST = 121, const, nofall, (--)) {
    RETURN_TO_CALLER(PyStackRef_FromPyObjectNew(GETCONST(oparg)));
}

/* Only in the marker frame of a C-level call of the loop. */
inst(INTERPRETER_EXIT = 3, nofall, (take value -- )) {
    stack_pointer -= 1;
    LEAVE_LOOP(PyStackRef_AsPyObjectSteal(value));
}

inst(EXTENDED_ARG = 144, noescape, nofall, (--)) {
    oparg = oparg << 8 | next_instr->op.arg;
    DISPATCH_CODE(next_instr->op.code);
}

/* ---- instrumented forms (instrumentation.c puts them into executables) ---- */

inst(INSTRUMENTED_RESUME = 240, control, (--)) {
    int changed = _PyEval_WarmResume(tstate, frame);
    ERROR_IF(changed < 0);
    if (changed) {
        next_instr = frame->instr_ptr;
        DISPATCH();
    }
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int err = _Py_call_instrumentation(
        tstate, oparg == 0 ? PY_MONITORING_EVENT_PY_START : PY_MONITORING_EVENT_PY_RESUME,
        frame, this_instr);
    if (err == 0 && frame->flags & _Py_FRAME_JUMP) {
        err = _PyFrame_JumpAtResume(tstate, frame);
    }
    stack_pointer = _PyFrame_GetStackPointer(frame);
    ERROR_IF(err < 0);
    if (frame->instr_ptr != this_instr) {       /* f_lineno was set */
        next_instr = frame->instr_ptr;
        DISPATCH();
    }
    if (oparg < 2) {
        CHECK_EVAL_BREAKER();
    }
}

inst(INSTRUMENTED_RETURN_VALUE = 242, nofall, (value --)) {
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int err = _Py_call_instrumentation_arg(tstate, PY_MONITORING_EVENT_PY_RETURN, frame, this_instr,
                                           PyStackRef_AsPyObjectBorrow(value));
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (err < 0) {
        goto error;
    }
    stack_pointer -= 1;
    RETURN_TO_CALLER(value);
}

inst(INSTRUMENTED_RETURN_CONST = 247, const, nofall, (--)) {
    PyObject *value = GETCONST(oparg);
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int err = _Py_call_instrumentation_arg(tstate, PY_MONITORING_EVENT_PY_RETURN, frame, this_instr,
                                           value);
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (err < 0) {
        goto error;
    }
    RETURN_TO_CALLER(PyStackRef_FromPyObjectNew(value));
}

inst(INSTRUMENTED_YIELD_VALUE = 243, nofall, (value -- unused)) {
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int err = _Py_call_instrumentation_arg(tstate, PY_MONITORING_EVENT_PY_YIELD, frame, this_instr,
                                           PyStackRef_AsPyObjectBorrow(value));
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (err < 0) {
        _PyFrame_ForgetJump(frame);
        goto error;
    }
    stack_pointer -= 1;
    YIELD_TO_CALLER(value);
}

inst(INSTRUMENTED_CALL = 241, nofall,
     (unused/1, unused/2, method, callable, args[oparg] -- unused)) {
    PyObject *names = kwnames;
    kwnames = NULL;
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int before = _PyInstrument_BeforeCall(tstate, frame, this_instr, method, callable, args,
                                          oparg);
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (before < 0) {
        goto error;
    }
    if (before == 0) {            /* a Python function runs as events of its own */
        next_instr = this_instr;
        kwnames = names;
        goto generic_CALL;
    }
    _PyStackRef res = _PyInstrument_CallC(tstate, frame, this_instr, before, method, callable, args,
                                          oparg, names);
    stack_pointer -= oparg + 2;
    if (PyStackRef_IsNull(res)) {
        goto error;
    }
    *stack_pointer++ = res;
    CHECK_EVAL_BREAKER();
    DISPATCH();
}

inst(INSTRUMENTED_CALL_FUNCTION_EX = 244, nofall,
     (null, callable, args, kwargs if (oparg & 1) -- unused)) {
    PyObject *func = PyStackRef_AsPyObjectBorrow(callable);
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int before = _PyInstrument_BeforeCallEx(tstate, frame, this_instr, func,
                                            PyStackRef_AsPyObjectBorrow(args));
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (before < 0) {
        goto error;
    }
    if (before == 0) {
        next_instr = this_instr;
        goto generic_CALL_FUNCTION_EX;
    }
    PyObject *v = _PyInstrument_CallExC(tstate, frame, this_instr, before, func,
                                        PyStackRef_AsPyObjectBorrow(args),
                                        PyStackRef_AsPyObjectBorrow(kwargs));
    int n = 3 + (oparg & 1);
    _PyStackRef_CloseArray(stack_pointer - n, n);
    stack_pointer -= n;
    if (v == NULL) {
        goto error;
    }
    *stack_pointer++ = PyStackRef_FromPyObjectSteal(v);
    CHECK_EVAL_BREAKER();
    DISPATCH();
}

inst(INSTRUMENTED_LOAD_SUPER_ATTR = 237, name,
     (unused/1, super, class, self -- first if (oparg & 1), second)) {
    PyObject *v = _PyInstrument_LoadSuperAttr(tstate, frame, this_instr,
                                              PyStackRef_AsPyObjectBorrow(super),
                                              PyStackRef_AsPyObjectBorrow(class),
                                              PyStackRef_AsPyObjectBorrow(self),
                                              GETNAME(oparg >> 2), oparg);
    ERROR_IF(v == NULL);
    first = PyStackRef_NULL;
    second = PyStackRef_FromPyObjectSteal(v);
}

inst(INSTRUMENTED_JUMP_FORWARD = 245, jump, control, (--)) {
    INSTRUMENTED_JUMP(this_instr, next_instr + oparg, PY_MONITORING_EVENT_JUMP);
}

inst(INSTRUMENTED_JUMP_BACKWARD = 246, jump, control, (--)) {
    INSTRUMENTED_JUMP(this_instr, next_instr - oparg, PY_MONITORING_EVENT_JUMP);
    CHECK_EVAL_BREAKER();
}

inst(INSTRUMENTED_POP_JUMP_IF_TRUE = 250, jump, control, (take value --)) {
    int truth = _PyEval_IsTrue(value);
    ERROR_IF(truth < 0);
    PyStackRef_CLOSE(value);
    stack_pointer -= 1;
    INSTRUMENTED_JUMP(this_instr, next_instr + (truth ? oparg : 0), PY_MONITORING_EVENT_BRANCH);
    stack_pointer += 1;
}

inst(INSTRUMENTED_POP_JUMP_IF_FALSE = 249, jump, control, (take value --)) {
    int truth = _PyEval_IsTrue(value);
    ERROR_IF(truth < 0);
    PyStackRef_CLOSE(value);
    stack_pointer -= 1;
    INSTRUMENTED_JUMP(this_instr, next_instr + (truth ? 0 : oparg), PY_MONITORING_EVENT_BRANCH);
    stack_pointer += 1;
}

inst(INSTRUMENTED_POP_JUMP_IF_NONE = 238, jump, control, (take value --)) {
    int none = PyStackRef_IsNone(value);
    PyStackRef_CLOSE(value);
    stack_pointer -= 1;
    INSTRUMENTED_JUMP(this_instr, next_instr + (none ? oparg : 0), PY_MONITORING_EVENT_BRANCH);
    stack_pointer += 1;
}

inst(INSTRUMENTED_POP_JUMP_IF_NOT_NONE = 239, jump, control, (take value --)) {
    int none = PyStackRef_IsNone(value);
    PyStackRef_CLOSE(value);
    stack_pointer -= 1;
    INSTRUMENTED_JUMP(this_instr, next_instr + (none ? 0 : oparg), PY_MONITORING_EVENT_BRANCH);
    stack_pointer += 1;
}

inst(INSTRUMENTED_FOR_ITER = 248, jump, nofall, (unused/1, iter -- iter, unused)) {
    PyObject *it = PyStackRef_AsPyObjectBorrow(iter);
    PyObject *v = Py_TYPE(it)->tp_iternext(it);
    const _Py_CODEUNIT *target = next_instr;
    if (v != NULL) {
        *stack_pointer++ = PyStackRef_FromPyObjectSteal(v);
    }
    else {
        if (_PyEval_IterationFailed(tstate, frame)) {
            goto error;
        }
        PyStackRef_CLOSE(iter);
        stack_pointer -= 1;
        target += oparg + 1;
    }
    INSTRUMENTED_JUMP(this_instr, target, PY_MONITORING_EVENT_BRANCH);
    DISPATCH();
}

inst(INSTRUMENTED_END_FOR = 251, control, (receiver, value --)) {
    /* The value that a generator returned: an artificial StopIteration event. */
    if (PyGen_Check(PyStackRef_AsPyObjectBorrow(receiver))) {
        _PyFrame_SetStackPointer(frame, stack_pointer);
        int err = _PyInstrument_StopIteration(tstate, frame, this_instr,
                                              PyStackRef_AsPyObjectBorrow(value));
        stack_pointer = _PyFrame_GetStackPointer(frame);
        ERROR_IF(err < 0);
    }
}

inst(INSTRUMENTED_END_SEND = 252, control, (receiver, take value -- res)) {
    PyObject *r = PyStackRef_AsPyObjectBorrow(receiver);
    if (PyGen_Check(r) || PyCoro_CheckExact(r)) {
        _PyFrame_SetStackPointer(frame, stack_pointer);
        int err = _PyInstrument_StopIteration(tstate, frame, this_instr,
                                              PyStackRef_AsPyObjectBorrow(value));
        stack_pointer = _PyFrame_GetStackPointer(frame);
        ERROR_IF(err < 0);
    }
    res = value;
}

inst(INSTRUMENTED_INSTRUCTION = 253, noescape, nofall, (--)) {
    frame->instr_ptr = this_instr;
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int original = _Py_call_instrumentation_instruction(tstate, frame, this_instr);
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (original < 0) {
        goto error;
    }
    next_instr = this_instr;
    DISPATCH_CODE_HERE(original);
}

inst(INSTRUMENTED_LINE = 254, noescape, nofall, (--)) {
    const _Py_CODEUNIT *previous_instr = frame->instr_ptr;
    frame->instr_ptr = this_instr;
    _PyFrame_SetStackPointer(frame, stack_pointer);
    int original = _Py_call_instrumentation_line(tstate, frame, this_instr, previous_instr);
    stack_pointer = _PyFrame_GetStackPointer(frame);
    if (original < 0) {
        goto error;
    }
    next_instr = frame->instr_ptr;
    if (next_instr != this_instr) {
        /* A tracer's jump: the line that the frame goes to has no event of its own. */
        oparg = next_instr->op.arg;
        original = _PyInstrument_BehindLine(tstate, frame, next_instr);
    }
    DISPATCH_CODE_HERE(original);
}

/* ---- the compiler's own -------------------------------------------------- */

pseudo(SETUP_FINALLY = 256, jump, exc, (--), (-- exc));
pseudo(SETUP_CLEANUP = 257, jump, exc, (--), (-- lasti, exc));
pseudo(SETUP_WITH = 258, jump, exc, (--), (-- exc));
pseudo(POP_BLOCK = 259, (--));
pseudo(JUMP = 260, jump, (--));
pseudo(JUMP_NO_INTERRUPT = 261, jump, (--));
pseudo(LOAD_METHOD = 262, name, (owner -- method, self));
pseudo(LOAD_SUPER_METHOD = 263, name, (super, class, self -- method, receiver));
pseudo(LOAD_ZERO_SUPER_METHOD = 264, name, (super, class, self -- method, receiver));
pseudo(LOAD_ZERO_SUPER_ATTR = 265, name, (super, class, self -- attr, unused));
pseudo(STORE_FAST_MAYBE_NULL = 266, local, (value --));
