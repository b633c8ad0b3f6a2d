/* instance.c - attributes of instances.
 *
 * An instance of a class with Py_TPFLAGS_MANAGED_DICT starts with a values block in the word in
 * front of it (pycore_dict.h); the names are in the class's shared keys (ht_cached_keys).  A dict
 * is made when somebody asks for it, or when the shared keys have no room for a name:
 *
 *   word of the instance        meaning
 *   values block (low bit 1)    attributes by entry number of the class's keys
 *   dict, split table           the dict took the values block over
 *   dict, combined table        the instance went its own way
 *   NULL                        nothing yet: the class has no shared keys, or all was cleared
 *
 * Written from PEP 412, the C API reference (tp_dictoffset, Py_TPFLAGS_MANAGED_DICT) and
 * observed behaviour.
 */
#include "Python.h"
#include "dict.h"

/* Keys for the instances of a new class, NULL if there is no memory (no exception: the class
   then works without). */
PyDictKeysObject *
_PyDict_NewKeysForClass(void)
{
    PyDictKeysObject *keys = _PyDictKeys_New(NEXT_LOG2_SHARED_KEYS_MAX_SIZE, DICT_KEYS_SPLIT);
    if (keys == NULL) {
        PyErr_Clear();
    }
    return keys;
}

Py_ssize_t
_PyDictKeys_AddShared(PyDictKeysObject *keys, PyObject *name)
{
    assert(PyUnicode_CheckExact(name) && DK_IS_SPLIT(keys));
    Py_hash_t hash = dict_hash(name);
    if (hash == -1) {
        PyErr_Clear();
        return DKIX_EMPTY;
    }
    Py_ssize_t ix = _PyDictKeys_LookupUnicode(keys, name, hash);
    if (ix == DKIX_EMPTY && keys->dk_usable > 0) {
        ix = keys->dk_nentries;
        _PyDictKeys_Append(keys, Py_NewRef(name), hash, NULL);
    }
    assert(ix < SHARED_KEYS_MAX_SIZE);
    return ix;
}

/* Gives a new instance its values block. */
static int
init_values(PyObject *obj, PyTypeObject *type)
{
    PyDictKeysObject *keys = CACHED_KEYS(type);
    if (keys->dk_usable > 1) {
        /* Later instances get smaller blocks, until only one name may still come. */
        keys->dk_usable--;
    }
    PyDictValues *values = _PyDictValues_New(keys);
    if (values == NULL) {
        return -1;
    }
    _PyDictOrValues_SetValues(_PyObject_DictOrValuesPointer(obj), values);
    return 0;
}

/* To be called for every new object: 0, or -1 with MemoryError. */
int
_PyObject_InitializeDict(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_dictoffset == 0 || !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    PyDictKeysObject *keys = CACHED_KEYS(type);
    if (keys == NULL || keys->dk_usable + keys->dk_nentries == 0) {
        return 0;
    }
    return init_values(obj, type);
}

/* New dict on a values block, which it takes over if it can be made. */
static PyObject *
make_dict(PyDictKeysObject *keys, PyDictValues *values)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    PyDictObject *mp = (PyDictObject *)dict;
    dictkeys_incref(keys);
    mp->ma_keys = keys;
    mp->ma_values = values;
    mp->ma_used = values->size;
    for (int i = 0; i < values->capacity; i++) {
        PyObject *value = values->values[i];
        if (value != NULL && _PyObject_GC_MAY_BE_TRACKED(value)) {
            _PyObject_GC_TRACK(dict);
            break;
        }
    }
    ASSERT_CONSISTENT(mp);
    return dict;
}

/* New dict with the attributes in `values`, which it takes over on success.  The caller stores
   it in the instance. */
PyObject *
_PyObject_MakeDictFromInstanceAttributes(PyObject *obj, PyDictValues *values)
{
    PyDictKeysObject *keys = CACHED_KEYS(Py_TYPE(obj));
    assert(keys != NULL && values != NULL);
    return make_dict(keys, values);
}

/* The way back: if nobody else has the dict and it is still split, the instance gets the values
   block.  1 done, 0 not possible. */
int
_PyObject_MakeInstanceAttributesFromDict(PyObject *obj, PyDictOrValues *dorv)
{
    PyObject *op = _PyDictOrValues_GetDict(*dorv);
    if (op == NULL || !PyDict_CheckExact(op) || Py_REFCNT(op) != 1) {
        return 0;
    }
    PyDictObject *dict = (PyDictObject *)op;
    if (dict->ma_values == NULL || dict->ma_keys != CACHED_KEYS(Py_TYPE(obj))
        || (dict->ma_version_tag & DICT_VERSION_MASK))
    {
        return 0;
    }
    _PyDictOrValues_SetValues(dorv, dict->ma_values);
    PyDictKeysObject *keys = dict->ma_keys;
    dict->ma_keys = _PyDict_EmptyKeys();
    dict->ma_values = NULL;
    dict->ma_used = 0;
    _PyDictKeys_DecRef(keys);
    Py_DECREF(op);
    return 1;
}

/* ------------------------------------------------------------------------ single attributes */

static void
no_attribute(PyObject *obj, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                 Py_TYPE(obj)->tp_name, name);
}

/* Turns the values block of an instance into a dict: borrowed, NULL with MemoryError. */
static PyObject *
materialize(PyObject *obj, PyDictValues *values)
{
    PyObject *dict = make_dict(CACHED_KEYS(Py_TYPE(obj)), values);
    if (dict != NULL) {
        _PyDictOrValues_SetDict(_PyObject_DictOrValuesPointer(obj), dict);
    }
    return dict;
}

/* For names that the shared keys cannot take (no room, or no exact str, whose comparison may run
   code): the instance gets a dict, and that the item. */
static int
store_in_dict(PyObject *obj, PyDictValues *values, PyObject *name, PyObject *value)
{
    PyObject *dict = Py_XNewRef(materialize(obj, values));
    if (dict == NULL) {
        return -1;
    }
    int err = value != NULL ? PyDict_SetItem(dict, name, value) : PyDict_DelItem(dict, name);
    if (err < 0 && value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        no_attribute(obj, name);
    }
    Py_DECREF(dict);
    return err;
}

/* obj.name = value, or deletes it (value NULL), while the instance has a values block.  0, or -1
   with an exception (AttributeError if there is nothing to delete). */
int
_PyObject_StoreInstanceAttribute(PyObject *obj, PyDictValues *values, PyObject *name,
                                 PyObject *value)
{
    PyDictKeysObject *keys = CACHED_KEYS(Py_TYPE(obj));
    assert(keys != NULL && values != NULL);
    assert(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT);
    if (!PyUnicode_CheckExact(name)) {
        return store_in_dict(obj, values, name, value);
    }
    Py_ssize_t ix = value != NULL ? _PyDictKeys_AddShared(keys, name)
                                  : _PyDictKeys_StringLookup(keys, name);
    if (ix < 0) {
        if (value != NULL) {
            return store_in_dict(obj, values, name, value);
        }
        no_attribute(obj, name);
        return -1;
    }
    PyObject *old = values->values[ix];
    values->values[ix] = Py_XNewRef(value);
    if (old == NULL) {
        if (value == NULL) {
            no_attribute(obj, name);
            return -1;
        }
        _PyDictValues_AddToInsertionOrder(values, ix);
    }
    else {
        if (value == NULL) {
            _PyDictValues_RemoveFromOrder(values, ix);
        }
        Py_DECREF(old);
    }
    return 0;
}

/* New reference to the attribute, NULL without an exception if it is not there (a name that is no
   exact str may raise). */
PyObject *
_PyObject_GetInstanceAttribute(PyObject *obj, PyDictValues *values, PyObject *name)
{
    if (!PyUnicode_CheckExact(name)) {
        PyObject *dict = Py_XNewRef(materialize(obj, values));
        if (dict == NULL) {
            return NULL;
        }
        PyObject *value = Py_XNewRef(PyDict_GetItemWithError(dict, name));
        Py_DECREF(dict);
        return value;
    }
    Py_ssize_t ix = _PyDictKeys_StringLookup(CACHED_KEYS(Py_TYPE(obj)), name);
    return ix < 0 ? NULL : Py_XNewRef(values->values[ix]);
}

/* True if the object has no instance attributes. */
int
_PyObject_IsInstanceDictEmpty(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_dictoffset == 0) {
        return 1;
    }
    PyObject *dict;
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyDictOrValues word = *_PyObject_DictOrValuesPointer(obj);
        if (_PyDictOrValues_IsValues(word)) {
            return _PyDictOrValues_GetValues(word)->size == 0;
        }
        dict = _PyDictOrValues_GetDict(word);
    }
    else {
        PyObject **place = _PyObject_ComputedDictPointer(obj);
        dict = place == NULL ? NULL : *place;
    }
    return dict == NULL || ((PyDictObject *)dict)->ma_used == 0;
}

/* ------------------------------------------------------------------------- all of an instance */

/* Releases the values block of a dying instance. */
void
_PyObject_FreeInstanceAttributes(PyObject *obj)
{
    PyDictOrValues *place = _PyObject_DictOrValuesPointer(obj);
    if (!_PyDictOrValues_IsValues(*place)) {
        return;
    }
    PyDictValues *values = _PyDictOrValues_GetValues(*place);
    /* Code that the releases run finds no attributes any more. */
    place->word = 0;
    for (int i = 0; i < values->capacity; i++) {
        Py_XDECREF(values->values[i]);
    }
    PyMem_Free(values);
}

int
_PyObject_VisitInstanceAttributes(PyObject *obj, visitproc visit, void *arg)
{
    PyDictOrValues word = *_PyObject_DictOrValuesPointer(obj);
    if (!_PyDictOrValues_IsValues(word)) {
        return 0;
    }
    PyDictValues *values = _PyDictOrValues_GetValues(word);
    for (int i = 0; i < values->capacity; i++) {
        Py_VISIT(values->values[i]);
    }
    return 0;
}

/* Unsets all attributes of a live instance. */
void
_PyObject_ClearInstanceAttributes(PyObject *obj)
{
    PyDictOrValues *place = _PyObject_DictOrValuesPointer(obj);
    /* Releasing runs code that may set attributes again or make the dict: look anew each time. */
    for (int i = 0; i < SHARED_KEYS_MAX_SIZE && _PyDictOrValues_IsValues(*place); i++) {
        PyDictValues *values = _PyDictOrValues_GetValues(*place);
        if (i < values->capacity && values->values[i] != NULL) {
            PyObject *old = values->values[i];
            values->values[i] = NULL;
            _PyDictValues_RemoveFromOrder(values, i);
            Py_DECREF(old);
        }
    }
}

/* tp_traverse's part for types with Py_TPFLAGS_MANAGED_DICT. */
int
_PyObject_VisitManagedDict(PyObject *obj, visitproc visit, void *arg)
{
    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    PyDictOrValues word = *_PyObject_DictOrValuesPointer(obj);
    if (_PyDictOrValues_IsValues(word)) {
        return _PyObject_VisitInstanceAttributes(obj, visit, arg);
    }
    Py_VISIT(_PyDictOrValues_GetDict(word));
    return 0;
}

/* tp_clear's part, also used when such an object dies. */
void
_PyObject_ClearManagedDict(PyObject *obj)
{
    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return;
    }
    PyDictOrValues *place = _PyObject_DictOrValuesPointer(obj);
    if (_PyDictOrValues_IsValues(*place)) {
        _PyObject_FreeInstanceAttributes(obj);
    }
    else {
        Py_CLEAR(place->dict);
    }
}

/* ---------------------------------------------------------------------------- __dict__ */

/* Where a type without a managed dict keeps the dict pointer of an object; NULL if nowhere. */
PyObject **
_PyObject_ComputedDictPointer(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    assert(!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT));
    Py_ssize_t offset = type->tp_dictoffset;
    if (offset == 0) {
        return NULL;
    }
    if (offset < 0) {
        /* Counted from the end of the object, which may have items (ob_size may carry a sign). */
        assert(offset != -1);
        Py_ssize_t n = type->tp_itemsize == 0 ? 0
                       : PyLong_Check(obj)
                           ? (Py_ssize_t)(((PyLongObject *)obj)->long_value.lv_tag >> 3)
                           : Py_ABS(((PyVarObject *)obj)->ob_size);
        offset += (Py_ssize_t)_PyObject_VAR_SIZE(type, n);
        assert(offset > 0 && offset % (Py_ssize_t)sizeof(void *) == 0);
    }
    return (PyObject **)((char *)obj + offset);
}

/* Empty split dict on the keys of a class. */
static PyObject *
new_dict_for_class(PyTypeObject *type)
{
    PyDictKeysObject *keys = type->tp_flags & Py_TPFLAGS_HEAPTYPE ? CACHED_KEYS(type) : NULL;
    if (keys == NULL || keys->dk_usable + keys->dk_nentries == 0) {
        return PyDict_New();
    }
    PyDictValues *values = _PyDictValues_New(keys);
    if (values == NULL) {
        return NULL;
    }
    dictkeys_incref(keys);
    return _PyDict_NewObject(keys, values, 0);
}

/* Getter of __dict__: the dict of the object, made if need be.  New reference. */
PyObject *
PyObject_GenericGetDict(PyObject *obj, void *Py_UNUSED(context))
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyDictOrValues *place = _PyObject_DictOrValuesPointer(obj);
        PyObject *dict;
        if (_PyDictOrValues_IsValues(*place)) {
            dict = make_dict(CACHED_KEYS(type), _PyDictOrValues_GetValues(*place));
            if (dict != NULL) {
                _PyDictOrValues_SetDict(place, dict);
            }
        }
        else {
            dict = _PyDictOrValues_GetDict(*place);
            if (dict == NULL) {
                dict = new_dict_for_class(type);
                _PyDictOrValues_SetDict(place, dict);
            }
        }
        return Py_XNewRef(dict);
    }
    PyObject **place = _PyObject_ComputedDictPointer(obj);
    if (place == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return NULL;
    }
    if (*place == NULL) {
        *place = new_dict_for_class(type);
    }
    return Py_XNewRef(*place);
}

/* Sets (or deletes, value NULL) an item in the dict that *dictptr points to, which is made if it
   does not exist. */
int
_PyObjectDict_SetItem(PyTypeObject *type, PyObject **dictptr, PyObject *name, PyObject *value)
{
    assert(dictptr != NULL);
    PyObject *dict = *dictptr;
    if (dict == NULL) {
        dict = new_dict_for_class(type);
        if (dict == NULL) {
            return -1;
        }
        *dictptr = dict;
    }
    return value == NULL ? PyDict_DelItem(dict, name) : PyDict_SetItem(dict, name, value);
}
