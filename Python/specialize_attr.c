/* Specialisation of attribute access.
 *
 * Every form depends on the type's version tag: as long as it stands, the attributes of the type
 * and its bases are what they were, so what was found along the MRO (or not found) holds, and a
 * borrowed pointer to it is safe.
 *
 *     found on the type          in the instance                 form
 *     nothing, plain value       value in the values block       INSTANCE_VALUE
 *     nothing, plain value       value in its dict               WITH_HINT
 *     slot descriptor            -                               SLOT
 *     property with a function   -                               PROPERTY
 *     function                   cannot be hidden                METHOD_*
 *
 * Written from the data model reference (attribute access, descriptors), PEP 659, and the
 * descriptions of the instructions in bytecodes.c. */

#include "Python.h"
#include "pycore_dict.h"        // values and keys
#include "pycore_function.h"    // _PyFunction_IsSimple()
#include "pycore_moduleobject.h" // _PyModule_GetDict()
#include "pycore_opcode.h"      // codes
#include "pycore_specialize.h"  // prototypes
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()
#include "structmember.h"       // T_OBJECT_EX

enum descriptor_kind {
    ABSENT,             /* nothing on the type */
    MUTABLE,            /* its type may become a descriptor type, unseen by the owner's version */
    PLAIN,              /* not a descriptor */
    METHOD,             /* binds like a function */
    NON_DATA,           /* other descriptor without __set__ */
    SLOT,               /* member of __slots__ */
    PROPERTY,           /* property object */
    DATA                /* other data descriptor */
};

static enum descriptor_kind
classify(PyTypeObject *tp, PyObject *descr)
{
    if (descr == NULL) {
        return ABSENT;
    }
    PyTypeObject *dt = Py_TYPE(descr);
    if (!PyType_HasFeature(dt, Py_TPFLAGS_IMMUTABLETYPE)) {
        return MUTABLE;
    }
    if (dt->tp_descr_set != NULL) {
        if (dt == &PyMemberDescr_Type) {
            PyMemberDescrObject *member = (PyMemberDescrObject *)descr;
            PyMemberDef *def = member->d_member;
            if (def->type == T_OBJECT_EX && !(def->flags & ~READONLY) && def->offset > 0
                && def->offset <= UINT16_MAX && PyType_IsSubtype(tp, member->d_common.d_type)) {
                return SLOT;
            }
            return DATA;
        }
        return dt == &PyProperty_Type ? PROPERTY : DATA;
    }
    if (dt->tp_descr_get == NULL) {
        return PLAIN;
    }
    return PyType_HasFeature(dt, Py_TPFLAGS_METHOD_DESCRIPTOR) ? METHOD : NON_DATA;
}

/* object.__getattribute__ does the lookup, possibly with a __getattr__ behind it. */
static int
generic_getattr(PyTypeObject *tp)
{
    if (tp->tp_getattro == PyObject_GenericGetAttr) {
        return 1;
    }
    return tp->tp_getattro == _Py_slot_tp_getattr_hook
           && _PyType_Lookup(tp, &_Py_ID(__getattribute__))
              == _PyType_Lookup(&PyBaseObject_Type, &_Py_ID(__getattribute__));
}

/* Where the instance keeps `name`: 1 in its values block, 2 in its dict (entry *index); 0 if
 * nowhere (or nowhere useful). */
static int
find_in_instance(PyObject *owner, PyObject *name, Py_ssize_t *index)
{
    PyTypeObject *tp = Py_TYPE(owner);
    if (!PyType_HasFeature(tp, Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    PyDictValues *values = _PyEval_InlineValues(owner);
    if (values != NULL) {
        PyDictKeysObject *keys = ((PyHeapTypeObject *)tp)->ht_cached_keys;
        *index = keys == NULL ? DKIX_EMPTY : _PyDictKeys_StringLookup(keys, name);
        return *index >= 0 && *index < values->capacity ? 1 : 0;
    }
    PyDictObject *dict = _PyEval_ManagedDict(owner);
    if (dict == NULL || !PyDict_CheckExact((PyObject *)dict) || dict->ma_values != NULL
        || !DK_IS_UNICODE(dict->ma_keys)) {
        return 0;
    }
    *index = _PyDictKeys_StringLookup(dict->ma_keys, name);
    return *index >= 0 && *index <= UINT16_MAX
           && _PyEval_DictAtHint(dict, (uint16_t)*index, name) != NULL ? 2 : 0;
}

/* ---- loads --------------------------------------------------------------- */

static int
load_from_module(PyThreadState *tstate, PyObject *owner, _Py_CODEUNIT *unit, PyObject *name)
{
    PyDictObject *dict = (PyDictObject *)_PyModule_GetDict(owner);
    if (dict == NULL || !PyDict_CheckExact((PyObject *)dict) || dict->ma_values != NULL
        || !DK_IS_UNICODE(dict->ma_keys)) {
        return 0;
    }
    /* A descriptor of the module type comes first. */
    if (_PyType_Lookup(&PyModule_Type, name) != NULL) {
        return 0;
    }
    Py_ssize_t index = _PyDictKeys_StringLookup(dict->ma_keys, name);
    if (index < 0 || index > UINT16_MAX) {
        return 0;
    }
    uint32_t version = _PyDictKeys_GetVersionForCurrentState(tstate->interp, dict->ma_keys);
    if (version == 0) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    unit[4].cache = (uint16_t)index;
    return LOAD_ATTR_MODULE;
}

static int
load_from_class(PyTypeObject *cls, _Py_CODEUNIT *unit, PyObject *name)
{
    /* A metaclass of its own may have anything; that of `type` cannot change. */
    if (!Py_IS_TYPE(cls, &PyType_Type) || _PyType_Lookup(&PyType_Type, name) != NULL) {
        return 0;
    }
    unsigned int version = _PyType_GetVersionTag(cls);
    PyObject *descr = _PyType_Lookup(cls, name);
    if (version == 0 || descr == NULL) {
        return 0;
    }
    /* Functions and the like give themselves when looked up on the class. */
    enum descriptor_kind kind = classify(cls, descr);
    if (kind != PLAIN && kind != METHOD) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    _Py_WriteCache64(unit + 6, descr);
    return LOAD_ATTR_CLASS;
}

static int
load_method(PyThreadState *tstate, PyObject *owner, _Py_CODEUNIT *unit, PyObject *name,
            PyObject *descr)
{
    PyTypeObject *tp = Py_TYPE(owner);
    int opcode;
    if (PyType_HasFeature(tp, Py_TPFLAGS_MANAGED_DICT)) {
        PyDictKeysObject *keys = ((PyHeapTypeObject *)tp)->ht_cached_keys;
        if (_PyEval_InlineValues(owner) == NULL || keys == NULL
            || _PyDictKeys_StringLookup(keys, name) != DKIX_EMPTY) {
            return 0;
        }
        uint32_t version = _PyDictKeys_GetVersionForCurrentState(tstate->interp, keys);
        if (version == 0) {
            return 0;
        }
        _Py_WriteCache32(unit + 4, version);
        opcode = LOAD_ATTR_METHOD_WITH_VALUES;
    }
    else if (tp->tp_dictoffset == 0) {
        opcode = LOAD_ATTR_METHOD_NO_DICT;
    }
    else if (tp->tp_dictoffset > 0
             && *(PyObject **)((char *)owner + tp->tp_dictoffset) == NULL) {
        opcode = LOAD_ATTR_METHOD_LAZY_DICT;
    }
    else {
        return 0;
    }
    _Py_WriteCache64(unit + 6, descr);
    return opcode;
}

/* A property whose getter is a simple Python function. */
static int
load_property(PyThreadState *tstate, _Py_CODEUNIT *unit, PyObject *descr)
{
    PyObject *fget = PyObject_GetAttr(descr, &_Py_ID(fget));
    if (fget == NULL) {
        PyErr_Clear();
        return 0;
    }
    int opcode = 0;
    if (PyFunction_Check(fget) && tstate->interp->eval_frame == NULL
        && _PyFunction_IsSimple((PyFunctionObject *)fget, 1)) {
        uint32_t version = _PyFunction_GetVersionForCurrentState((PyFunctionObject *)fget);
        if (version != 0) {
            _Py_WriteCache32(unit + 4, version);
            _Py_WriteCache64(unit + 6, fget);   /* the property, part of the type, owns it */
            opcode = LOAD_ATTR_PROPERTY;
        }
    }
    Py_DECREF(fget);
    return opcode;
}

static int
load_by_getattribute(PyThreadState *tstate, PyTypeObject *tp, _Py_CODEUNIT *unit)
{
    if (tp->tp_getattro != _Py_slot_tp_getattro || tstate->interp->eval_frame != NULL
        || _PyType_Lookup(tp, &_Py_ID(__getattr__)) != NULL) {
        return 0;
    }
    PyObject *func = _PyType_Lookup(tp, &_Py_ID(__getattribute__));
    if (func == NULL || !PyFunction_Check(func)
        || !_PyFunction_IsSimple((PyFunctionObject *)func, 2)) {
        return 0;
    }
    uint32_t version = _PyFunction_GetVersionForCurrentState((PyFunctionObject *)func);
    if (version == 0) {
        return 0;
    }
    _Py_WriteCache32(unit + 4, version);
    _Py_WriteCache64(unit + 6, func);
    return LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN;
}

static int
load_from_instance(PyThreadState *tstate, PyObject *owner, _Py_CODEUNIT *unit, PyObject *name,
                   int method)
{
    PyTypeObject *tp = Py_TYPE(owner);
    unsigned int version = _PyType_GetVersionTag(tp);
    if (version == 0) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    if (!generic_getattr(tp)) {
        return method ? 0 : load_by_getattribute(tstate, tp, unit);
    }
    PyObject *descr = _PyType_Lookup(tp, name);
    enum descriptor_kind kind = classify(tp, descr);
    if (kind == SLOT) {
        unit[4].cache = (uint16_t)((PyMemberDescrObject *)descr)->d_member->offset;
        return LOAD_ATTR_SLOT;
    }
    if (kind == PROPERTY) {
        return method ? 0 : load_property(tstate, unit, descr);
    }
    if (kind == DATA || kind == MUTABLE) {
        return 0;
    }
    Py_ssize_t index;
    int where = find_in_instance(owner, name, &index);
    if (where == 1 && _PyEval_InlineValues(owner)->values[index] != NULL) {
        unit[4].cache = (uint16_t)index;
        return LOAD_ATTR_INSTANCE_VALUE;
    }
    if (where == 2) {
        unit[4].cache = (uint16_t)index;
        return LOAD_ATTR_WITH_HINT;
    }
    if (kind == METHOD && method) {
        return load_method(tstate, owner, unit, name, descr);
    }
    return 0;
}

void
_Py_Specialize_LoadAttr(PyThreadState *tstate, PyObject *owner, const _Py_CODEUNIT *instr,
                        PyObject *name, int method)
{
    _Py_CODEUNIT *unit = (_Py_CODEUNIT *)instr;
    int opcode;
    if (PyModule_CheckExact(owner)) {
        opcode = load_from_module(tstate, owner, unit, name);
    }
    else if (PyType_Check(owner)) {
        opcode = load_from_class((PyTypeObject *)owner, unit, name);
    }
    else {
        opcode = load_from_instance(tstate, owner, unit, name, method);
    }
    if (opcode) {
        _PyAdaptive_Success(unit, opcode);
    }
    else {
        _PyAdaptive_Failure(unit);
    }
}

/* ---- stores -------------------------------------------------------------- */

static int
store_to_instance(PyObject *owner, _Py_CODEUNIT *unit, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(owner);
    unsigned int version = _PyType_GetVersionTag(tp);
    if (version == 0 || tp->tp_setattro != PyObject_GenericSetAttr) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    PyObject *descr = _PyType_Lookup(tp, name);
    enum descriptor_kind kind = classify(tp, descr);
    if (kind == SLOT) {
        PyMemberDef *def = ((PyMemberDescrObject *)descr)->d_member;
        if (def->flags & READONLY) {
            return 0;
        }
        unit[4].cache = (uint16_t)def->offset;
        return STORE_ATTR_SLOT;
    }
    if (kind == PROPERTY || kind == DATA || kind == MUTABLE) {
        return 0;
    }
    Py_ssize_t index;
    int where = find_in_instance(owner, name, &index);
    if (where == 0) {
        return 0;
    }
    unit[4].cache = (uint16_t)index;
    return where == 1 ? STORE_ATTR_INSTANCE_VALUE : STORE_ATTR_WITH_HINT;
}

void
_Py_Specialize_StoreAttr(PyThreadState *Py_UNUSED(tstate), PyObject *owner,
                         const _Py_CODEUNIT *instr, PyObject *name)
{
    _Py_CODEUNIT *unit = (_Py_CODEUNIT *)instr;
    int opcode = PyModule_CheckExact(owner) || PyType_Check(owner)
                 ? 0 : store_to_instance(owner, unit, name);
    if (opcode) {
        _PyAdaptive_Success(unit, opcode);
    }
    else {
        _PyAdaptive_Failure(unit);
    }
}
