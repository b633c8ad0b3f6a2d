/* _zoneinfo.c - the module _zoneinfo: ZoneInfo, a tzinfo by the IANA time zone database.
 *
 * Files are found and read by Python code, zoneinfo._tzpath and zoneinfo._common; what they say is
 * kept in a table (Modules/zoneinfo).
 *
 * ZoneInfo(key) gives the same object as long as one lives: each class has a weak dictionary of its
 * objects by key.  ZoneInfo itself also keeps the last few alive, so that one that is made again
 * and again is not read again and again.  Both belong to the interpreter.
 *
 * Written from the library reference (zoneinfo), PEP 615 and observed behaviour.
 */
#include "zoneinfo/zoneinfo.h"
#include "pycore_long.h"        // _PyLong_GetOne()
#include "pycore_signature.h"
#include "structmember.h"       // PyMemberDef

#include <stddef.h>

#define N_KEPT 8

typedef struct {
    PyDateTime_TZInfo base;
    PyObject *weakreflist;
    PyObject *key;              /* None if there is none */
    PyObject *file_repr;        /* repr() of the file it was read from, or NULL */
    bool from_cache;            /* made by ZoneInfo(key), and so unpickled */
    struct zone_table table;
} ZoneInfo;

typedef struct {
    PyTypeObject *type;
    PyObject *weak;             /* a WeakValueDictionary: the objects of `type` by key */
    PyObject *kept[N_KEPT];     /* those used last, the last one first; NULL behind them */
} zoneinfo_state;

static struct PyModuleDef zoneinfo_module;

/* The state, by ZoneInfo or a subclass; NULL with an exception for others. */
static zoneinfo_state *
state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &zoneinfo_module);
    return module == NULL ? NULL : PyModule_GetState(module);
}

#include "sig/_zoneinfo.sig.h"

/* --- Making and ending ------------------------------------------------------------------------ */

/* An attribute of a module, called with one argument. */
static PyObject *
call_library(const char *module, const char *name, PyObject *arg)
{
    PyObject *function = _PyImport_GetModuleAttrString(module, name);
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(function, arg);
    Py_DECREF(function);
    return result;
}

/* Reads an open file into a new object. */
static PyObject *
zone_of_file(PyTypeObject *type, PyObject *file, PyObject *key)
{
    PyObject *data = call_library("zoneinfo._common", "load_data", file);
    if (data == NULL) {
        return NULL;
    }
    ZoneInfo *self = (ZoneInfo *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->key = Py_NewRef(key);
        if (_PyZoneInfo_FillTable(&self->table, data) < 0) {
            Py_CLEAR(self);
        }
    }
    Py_DECREF(data);
    return (PyObject *)self;
}

/* The open file of a key: on the search path, else in the package tzdata. */
static PyObject *
open_key(PyObject *key)
{
    PyObject *path = call_library("zoneinfo._tzpath", "find_tzfile", key);
    if (path == NULL) {
        return NULL;
    }
    PyObject *file;
    if (path == Py_None) {
        file = call_library("zoneinfo._common", "load_tzdata", key);
    }
    else {
        PyObject *open = _PyImport_GetModuleAttrString("io", "open");
        file = open == NULL ? NULL : PyObject_CallFunction(open, "Os", path, "rb");
        Py_XDECREF(open);
    }
    Py_DECREF(path);
    return file;
}

static PyObject *
zone_of_key(PyTypeObject *type, PyObject *key, bool from_cache)
{
    PyObject *file = open_key(key);
    if (file == NULL) {
        return NULL;
    }
    PyObject *self = zone_of_file(type, file, key);
    if (self != NULL) {
        ((ZoneInfo *)self)->from_cache = from_cache;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *closed = PyObject_CallMethodNoArgs(file, &_Py_ID(close));
    Py_DECREF(file);
    if (closed == NULL) {
        Py_CLEAR(self);
    }
    Py_XDECREF(closed);
    _PyErr_ChainExceptions1(exc);
    return self;
}

static int
zoneinfo_traverse(ZoneInfo *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->key);
    return 0;
}

/* Methods rely on a key. */
static int
zoneinfo_clear(ZoneInfo *self)
{
    Py_XSETREF(self->key, Py_NewRef(Py_None));
    return 0;
}

static void
zoneinfo_dealloc(ZoneInfo *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    Py_XDECREF(self->key);
    Py_XDECREF(self->file_repr);
    _PyZoneInfo_ClearTable(&self->table);
    type->tp_free(self);
    Py_DECREF(type);
}

/* --- Caches ----------------------------------------------------------------------------------- */

static PyObject *
new_weak_dict(void)
{
    PyObject *type = _PyImport_GetModuleAttrString("weakref", "WeakValueDictionary");
    PyObject *dict = type == NULL ? NULL : PyObject_CallNoArgs(type);
    Py_XDECREF(type);
    return dict;
}

/* The objects of a class by key: new reference. */
static PyObject *
weak_dict_of(zoneinfo_state *state, PyTypeObject *type)
{
    return type == state->type ? Py_NewRef(state->weak)
                               : PyObject_GetAttr((PyObject *)type, &_Py_ID(_weak_cache));
}

/* Takes the object with a key out of those that are kept: new reference, NULL if it is not there,
 * with an exception if the comparison failed. */
static PyObject *
take_kept(zoneinfo_state *state, PyObject *key)
{
    for (int i = 0; i < N_KEPT && state->kept[i] != NULL; i++) {
        PyObject *zone = Py_NewRef(state->kept[i]);
        int equal = PyObject_RichCompareBool(((ZoneInfo *)zone)->key, key, Py_EQ);
        /* The comparison may have changed everything. */
        if (equal > 0 && state->kept[i] == zone) {
            memmove(&state->kept[i], &state->kept[i + 1],
                    (size_t)(N_KEPT - 1 - i) * sizeof(PyObject *));
            state->kept[N_KEPT - 1] = NULL;
            Py_DECREF(zone);    /* that of the array; ours is the result */
            return zone;
        }
        Py_DECREF(zone);
        if (equal < 0) {
            return NULL;
        }
    }
    return NULL;
}

static void
keep(zoneinfo_state *state, PyObject *zone)
{
    assert(Py_IS_TYPE(zone, state->type));
    PyObject *oldest = state->kept[N_KEPT - 1];
    memmove(&state->kept[1], &state->kept[0], (N_KEPT - 1) * sizeof(PyObject *));
    state->kept[0] = Py_NewRef(zone);
    Py_XDECREF(oldest);
}

static void
drop_kept(zoneinfo_state *state)
{
    for (int i = 0; i < N_KEPT; i++) {
        Py_CLEAR(state->kept[i]);
    }
}

/* The object of a key that lives, or a new one. */
static PyObject *
living_or_new(PyObject *weak, PyTypeObject *type, PyObject *key)
{
    PyObject *zone = PyObject_CallMethodOneArg(weak, &_Py_ID(get), key);
    if (zone != Py_None) {
        return zone;
    }
    Py_DECREF(zone);
    zone = zone_of_key(type, key, true);
    if (zone != NULL) {
        Py_SETREF(zone, PyObject_CallMethodObjArgs(weak, &_Py_ID(setdefault), key, zone, NULL));
    }
    return zone;
}

/* The object of a key: one of those kept, one that lives, or a new one. */
static PyObject *
cached_zone(PyTypeObject *type, PyObject *key)
{
    PyObject *zone = NULL;
    zoneinfo_state *state = state_of(type);
    if (state == NULL) {
        return NULL;
    }
    if (type == state->type) {
        zone = take_kept(state, key);
    }
    if (zone == NULL) {
        PyObject *weak = PyErr_Occurred() ? NULL : weak_dict_of(state, type);
        zone = weak == NULL ? NULL : living_or_new(weak, type, key);
        Py_XDECREF(weak);
    }
    if (zone != NULL && Py_IS_TYPE(zone, state->type)) {
        keep(state, zone);
    }
    return zone;
}

static PyObject *
zoneinfo_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"key", NULL};
    PyObject *key;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O", (char **)keywords, &key)) {
        return NULL;
    }
    return cached_zone(type, key);
}

/* Forgets one key.  0, or -1 with an exception. */
static int
forget(zoneinfo_state *state, PyTypeObject *type, PyObject *weak, PyObject *key)
{
    if (type == state->type) {
        Py_XDECREF(take_kept(state, key));
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    PyObject *zone = PyObject_CallMethodObjArgs(weak, &_Py_ID(pop), key, Py_None, NULL);
    Py_XDECREF(zone);
    return zone == NULL ? -1 : 0;
}

static int
forget_keys(zoneinfo_state *state, PyTypeObject *type, PyObject *weak, PyObject *keys)
{
    PyObject *it = PyObject_GetIter(keys), *key;
    if (it == NULL) {
        return -1;
    }
    while ((key = PyIter_Next(it)) != NULL) {
        int err = forget(state, type, weak, key);
        Py_DECREF(key);
        if (err < 0) {
            break;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

/*sig @classmethod zoneinfo.ZoneInfo.clear_cache(type, *, only_keys=None) -> None

Clear the ZoneInfo cache.
*/
static int
zoneinfo_ZoneInfo_clear_cache_impl(PyTypeObject *type, PyObject *only_keys)
{
    zoneinfo_state *state = state_of(type);
    PyObject *weak = state == NULL ? NULL : weak_dict_of(state, type);
    if (weak == NULL) {
        return -1;
    }
    int err;
    if (only_keys != Py_None) {
        err = forget_keys(state, type, weak, only_keys);
    }
    else {
        if (type == state->type) {
            drop_kept(state);
        }
        PyObject *done = PyObject_CallMethodNoArgs(weak, &_Py_ID(clear));
        err = done == NULL ? -1 : 0;
        Py_XDECREF(done);
    }
    Py_DECREF(weak);
    return err;
}

/* Each subclass has a cache of its own. */
static PyObject *
zoneinfo_init_subclass(PyObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *weak = new_weak_dict();
    int err = weak == NULL ? -1 : PyObject_SetAttr(type, &_Py_ID(_weak_cache), weak);
    Py_XDECREF(weak);
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

/* --- Other constructors, pickling ------------------------------------------------------------- */

/*sig @classmethod zoneinfo.ZoneInfo.no_cache(type, key)

Get a new instance of ZoneInfo, bypassing the cache.
*/
static PyObject *
zoneinfo_ZoneInfo_no_cache_impl(PyTypeObject *type, PyObject *key)
{
    return zone_of_key(type, key, false);
}

/*sig @classmethod zoneinfo.ZoneInfo.from_file(type, file_obj, /, key=None)

Create a ZoneInfo file from a file object.
*/
static PyObject *
zoneinfo_ZoneInfo_from_file_impl(PyTypeObject *type, PyObject *file_obj, PyObject *key)
{
    PyObject *repr = PyObject_Repr(file_obj);
    PyObject *self = repr == NULL ? NULL : zone_of_file(type, file_obj, key);
    if (self == NULL) {
        Py_XDECREF(repr);
        return NULL;
    }
    ((ZoneInfo *)self)->file_repr = repr;
    return self;
}

/*sig @classmethod zoneinfo.ZoneInfo._unpickle(type, key, from_cache: bool, /)

Private method used in unpickling.
*/
static PyObject *
zoneinfo_ZoneInfo__unpickle_impl(PyTypeObject *type, PyObject *key, int from_cache)
{
    return from_cache ? cached_zone(type, key) : zone_of_key(type, key, false);
}

static PyObject *
zoneinfo_reduce(ZoneInfo *self, PyObject *Py_UNUSED(ignored))
{
    if (self->file_repr != NULL) {
        PyObject *error = _PyImport_GetModuleAttrString("pickle", "PicklingError");
        if (error != NULL) {
            PyErr_SetString(error, "Cannot pickle a ZoneInfo file from a file stream.");
            Py_DECREF(error);
        }
        return NULL;
    }
    PyObject *unpickle = PyObject_GetAttr((PyObject *)Py_TYPE(self), &_Py_ID(_unpickle));
    if (unpickle == NULL) {
        return NULL;
    }
    return Py_BuildValue("N(Oi)", unpickle, self->key, (int)self->from_cache);
}

/* --- Answers ---------------------------------------------------------------------------------- */

/* An int attribute, or what a method without arguments gives: 0, or -1 with an exception. */
static int
get_int(PyObject *op, PyObject *name, bool call, int *value)
{
    PyObject *number = call ? PyObject_CallMethodNoArgs(op, name) : PyObject_GetAttr(op, name);
    if (number == NULL) {
        return -1;
    }
    long n = PyLong_AsLong(number);
    Py_DECREF(number);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (n < INT_MIN || n > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "%U out of range", name);
        return -1;
    }
    *value = (int)n;
    return 0;
}

/* The fields of a datetime, or of something that has its attributes: 0, or -1 with an exception. */
static int
get_fields(PyObject *when, struct fields *f)
{
    if (is_datetime(when)) {
        *f = (struct fields){
            .year = PyDateTime_GET_YEAR(when), .month = PyDateTime_GET_MONTH(when),
            .day = PyDateTime_GET_DAY(when),
            .hour = PyDateTime_DATE_GET_HOUR(when), .minute = PyDateTime_DATE_GET_MINUTE(when),
            .second = PyDateTime_DATE_GET_SECOND(when), .fold = PyDateTime_DATE_GET_FOLD(when),
        };
        return 0;
    }
    int ordinal;
    *f = (struct fields){0};
    if (get_int(when, &_Py_ID(toordinal), true, &ordinal) < 0
        || get_int(when, &_Py_ID(hour), false, &f->hour) < 0
        || get_int(when, &_Py_ID(minute), false, &f->minute) < 0
        || get_int(when, &_Py_ID(second), false, &f->second) < 0
        || _PyDateTime_CheckOrdinal(ordinal) < 0)
    {
        return -1;
    }
    _PyDateTime_SetDate(f, ordinal);
    return 0;
}

static int64_t
seconds_of(const struct fields *f)
{
    assert(f->month >= 1 && f->month <= 12);
    int64_t days = _PyDateTime_Ordinal(f->year, f->month, f->day) - EPOCH_ORDINAL;
    return days * SECONDS_PER_DAY + f->hour * 3600LL + f->minute * 60LL + f->second;
}

/* What holds at a local time, in *info: NULL if that is unknown (no time, and the zone changes).
 * 0, or -1 with an exception. */
static int
find_local(ZoneInfo *self, PyObject *when, const struct ttinfo **info)
{
    struct fields f;
    if (when == Py_None) {
        *info = self->table.fixed ? &self->table.rule.std : NULL;
        return 0;
    }
    if (get_fields(when, &f) < 0) {
        return -1;
    }
    *info = _PyZoneInfo_AtLocal(&self->table, seconds_of(&f), f.year, f.fold);
    return 0;
}

/*sig zoneinfo.ZoneInfo.utcoffset(self, dt, /)

Retrieve a timedelta representing the UTC offset in a zone at the given datetime.
*/
static PyObject *
zoneinfo_ZoneInfo_utcoffset_impl(ZoneInfo *self, PyObject *dt)
{
    const struct ttinfo *info;
    return find_local(self, dt, &info) < 0 ? NULL : Py_NewRef(info ? info->utcoff : Py_None);
}

/*sig zoneinfo.ZoneInfo.dst(self, dt, /)

Retrieve a timedelta representing the amount of DST applied in a zone at the given datetime.
*/
static PyObject *
zoneinfo_ZoneInfo_dst_impl(ZoneInfo *self, PyObject *dt)
{
    const struct ttinfo *info;
    return find_local(self, dt, &info) < 0 ? NULL : Py_NewRef(info ? info->dstoff : Py_None);
}

/*sig zoneinfo.ZoneInfo.tzname(self, dt, /)

Retrieve a string containing the abbreviation for the time zone that applies in a zone at a given
datetime.
*/
static PyObject *
zoneinfo_ZoneInfo_tzname_impl(ZoneInfo *self, PyObject *dt)
{
    const struct ttinfo *info;
    return find_local(self, dt, &info) < 0 ? NULL : Py_NewRef(info ? info->name : Py_None);
}

/* A datetime with fold set: takes the reference. */
static PyObject *
with_fold(PyObject *when)
{
    PyObject *replace = PyObject_GetAttr(when, &_Py_ID(replace));
    Py_DECREF(when);
    if (replace == NULL) {
        return NULL;
    }
    PyObject *args[] = {_PyLong_GetOne()}, *names = PyTuple_Pack(1, &_Py_ID(fold));
    PyObject *result = names == NULL ? NULL : PyObject_Vectorcall(replace, args, 0, names);
    Py_XDECREF(names);
    Py_DECREF(replace);
    return result;
}

static PyObject *
zoneinfo_fromutc(ZoneInfo *self, PyObject *when)
{
    if (_PyDateTime_CheckFromUtc((PyObject *)self, when) < 0) {
        return NULL;
    }
    struct fields f;
    int fold;
    if (get_fields(when, &f) < 0) {
        return NULL;
    }
    const struct ttinfo *info = _PyZoneInfo_AtUtc(&self->table, seconds_of(&f), f.year, &fold);
    PyObject *result = _PyDateTime_Shift(when, (micros)info->offset * US_PER_SECOND);
    return result != NULL && fold ? with_fold(result) : result;
}

static PyObject *
zoneinfo_repr(ZoneInfo *self)
{
    const char *type = Py_TYPE(self)->tp_name;
    if (self->key != Py_None || self->file_repr == NULL) {
        return PyUnicode_FromFormat("%s(key=%R)", type, self->key);
    }
    return PyUnicode_FromFormat("%s.from_file(%U)", type, self->file_repr);
}

static PyObject *
zoneinfo_str(ZoneInfo *self)
{
    return self->key != Py_None ? Py_NewRef(self->key) : zoneinfo_repr(self);
}

/* --- The type and the module ------------------------------------------------------------------ */

static const PyMethodDef zoneinfo_methods[] = {
    ZONEINFO_ZONEINFO_CLEAR_CACHE_METHODDEF
    ZONEINFO_ZONEINFO_NO_CACHE_METHODDEF
    ZONEINFO_ZONEINFO_FROM_FILE_METHODDEF
    ZONEINFO_ZONEINFO_UTCOFFSET_METHODDEF
    ZONEINFO_ZONEINFO_DST_METHODDEF
    ZONEINFO_ZONEINFO_TZNAME_METHODDEF
    {"fromutc", (PyCFunction)zoneinfo_fromutc, METH_O,
     PyDoc_STR("Given a datetime with local time in UTC, retrieve an adjusted datetime in local "
               "time.")},
    {"__reduce__", (PyCFunction)zoneinfo_reduce, METH_NOARGS,
     PyDoc_STR("Function for serialization with the pickle protocol.")},
    ZONEINFO_ZONEINFO__UNPICKLE_METHODDEF
    {"__init_subclass__", (PyCFunction)(void (*)(void))zoneinfo_init_subclass,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS, PyDoc_STR("Function to initialize subclasses.")},
    {NULL, NULL, 0, NULL}
};

static const PyMemberDef zoneinfo_members[] = {
    {"key", T_OBJECT_EX, offsetof(ZoneInfo, key), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(ZoneInfo, weakreflist), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static const PyType_Slot zoneinfo_slots[] = {
    {Py_tp_dealloc, zoneinfo_dealloc},
    {Py_tp_traverse, zoneinfo_traverse},
    {Py_tp_clear, zoneinfo_clear},
    {Py_tp_repr, zoneinfo_repr},
    {Py_tp_str, zoneinfo_str},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, (PyMethodDef *)zoneinfo_methods},
    {Py_tp_members, (PyMemberDef *)zoneinfo_members},
    {Py_tp_new, zoneinfo_new},
    {0, NULL}
};

static const PyType_Spec zoneinfo_spec = {
    .name = "zoneinfo.ZoneInfo",
    .basicsize = sizeof(ZoneInfo),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)zoneinfo_slots,
};

static int
zoneinfo_exec(PyObject *module)
{
    zoneinfo_state *state = PyModule_GetState(module);
    assert(state != NULL && state->type == NULL);
    /* It makes the base class ready. */
    PyObject *base = _PyImport_GetModuleAttrString("datetime", "tzinfo");
    if (base == NULL) {
        return -1;
    }
    PyObject *ours = (PyObject *)&_PyDateTime_TZInfoType;
    if (base != ours) {
        PyErr_SetString(PyExc_ImportError, "datetime is not the one of _datetime");
    }
    else {
        state->type = (PyTypeObject *)PyType_FromModuleAndSpec(
            module, (PyType_Spec *)&zoneinfo_spec, base);
    }
    Py_DECREF(base);
    if (state->type == NULL || PyModule_AddType(module, state->type) < 0) {
        return -1;
    }
    state->weak = new_weak_dict();
    return state->weak == NULL ? -1 : 0;
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    zoneinfo_state *state = PyModule_GetState(module);
    Py_VISIT(state->type);
    Py_VISIT(state->weak);
    for (int i = 0; i < N_KEPT; i++) {
        Py_VISIT(state->kept[i]);
    }
    return 0;
}

static int
module_clear(PyObject *module)
{
    zoneinfo_state *state = PyModule_GetState(module);
    drop_kept(state);
    Py_CLEAR(state->weak);
    Py_CLEAR(state->type);
    return 0;
}

static void
module_free(void *module)
{
    (void)module_clear((PyObject *)module);
}

static const PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, zoneinfo_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef zoneinfo_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_zoneinfo",
    .m_doc = PyDoc_STR("C implementation of the zoneinfo module"),
    .m_size = sizeof(zoneinfo_state),
    .m_slots = (PyModuleDef_Slot *)module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__zoneinfo(void)
{
    return PyModuleDef_Init(&zoneinfo_module);
}
