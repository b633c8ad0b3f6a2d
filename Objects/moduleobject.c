/* moduleobject.c - module objects, and what C modules are made from (PyModuleDef): single-phase and
 * multi-phase initialisation up to the execution slots.
 *
 * Invariants: md_dict is a dict from __new__ on; md_state, if the definition wants one, is zeroed
 * memory allocated by PyModule_ExecDef (multi-phase) or at creation (single-phase), and freed
 * after the definition's m_free ran.  Definitions are process data: an index is given once, under
 * the types lock.
 *
 * Written from the C API reference ("Module Objects"), PEP 489, PEP 3121, PEP 562, PEP 684 and
 * observed messages.
 */
#include "Python.h"
#include "pycore_dict.h"        // PyDictObject
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_interp.h"      // feature_flags
#include "pycore_import.h"      // _PyImport_ResolveNameWithPackageContext()
#include "pycore_lifecycle.h"
#include "pycore_moduleobject.h" // PyModuleObject
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()
#include "pycore_shared.h"      // _PyShared_BeginWrite()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

#include <string.h>

#include "sig/moduleobject.sig.h"

#define MODULE(op) ((PyModuleObject *)(op))

_Py_SHARED PyTypeObject PyModuleDef_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(struct PyModuleDef),
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

/* ------------------------------------------------------------------------------ definitions */

/* Makes a definition an object and gives it its index.  Borrowed. */
PyObject *
PyModuleDef_Init(PyModuleDef *def)
{
    assert(_PyType_HasFeature(&PyModuleDef_Type, Py_TPFLAGS_READY));
    if (__atomic_load_n(&def->m_base.m_index, __ATOMIC_ACQUIRE) == 0) {
        _PyProcessLock_Lock(&_PyRuntime.types_lock);
        if (def->m_base.m_index == 0) {
            _PyShared_BeginWrite();
            _Py_SetImmortal((PyObject *)def);
            Py_SET_TYPE((PyObject *)def, &PyModuleDef_Type);
            __atomic_store_n(&def->m_base.m_index, ++_PyRuntime.imports.last_module_index,
                             __ATOMIC_RELEASE);
            _PyShared_EndWrite();
        }
        _PyProcessLock_Unlock(&_PyRuntime.types_lock);
    }
    return (PyObject *)def;
}

/* ------------------------------------------------------------------------------ making modules */

static int
init_dict(PyModuleObject *mod, PyObject *dict, PyObject *name, PyObject *doc)
{
    assert(dict != NULL);
    if (doc == NULL) {
        doc = Py_None;
    }
    if (PyDict_SetItem(dict, &_Py_ID(__name__), name) != 0 ||
        PyDict_SetItem(dict, &_Py_ID(__doc__), doc) != 0 ||
        PyDict_SetItem(dict, &_Py_ID(__package__), Py_None) != 0 ||
        PyDict_SetItem(dict, &_Py_ID(__loader__), Py_None) != 0 ||
        PyDict_SetItem(dict, &_Py_ID(__spec__), Py_None) != 0)
    {
        return -1;
    }
    if (PyUnicode_CheckExact(name)) {
        Py_XSETREF(mod->md_name, Py_NewRef(name));
    }
    return 0;
}

/* A module with an empty dict, which has room for `room` names; not tracked. */
static PyModuleObject *
new_notrack(PyTypeObject *type, Py_ssize_t room)
{
    PyModuleObject *m = (PyModuleObject *)_PyType_AllocNoTrack(type, 0);
    if (m == NULL) {
        return NULL;
    }
    m->md_def = NULL;
    m->md_state = NULL;
    m->md_weaklist = NULL;
    m->md_name = NULL;
    m->md_dict = _PyDict_NewPresized(room);
    if (m->md_dict == NULL) {
        Py_DECREF(m);
        return NULL;
    }
    return m;
}

static PyObject *
module_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    PyObject *self = (PyObject *)new_notrack(type, 0);
    if (self != NULL) {
        _PyObject_GC_TRACK(self);
    }
    return self;
}

static PyObject *
new_sized(PyObject *name, Py_ssize_t room)
{
    PyModuleObject *m = new_notrack(&PyModule_Type, room);
    if (m == NULL) {
        return NULL;
    }
    if (init_dict(m, m->md_dict, name, NULL) != 0) {
        Py_DECREF(m);
        return NULL;
    }
    _PyObject_GC_TRACK((PyObject *)m);
    return (PyObject *)m;
}

PyObject *
PyModule_NewObject(PyObject *name)
{
    return new_sized(name, 0);
}

PyObject *
PyModule_New(const char *name)
{
    PyObject *nameobj = PyUnicode_FromString(name);
    if (nameobj == NULL) {
        return NULL;
    }
    PyObject *module = PyModule_NewObject(nameobj);
    Py_DECREF(nameobj);
    return module;
}

static Py_ssize_t
count_methods(const PyMethodDef *methods)
{
    Py_ssize_t n = 0;
    while (methods != NULL && methods[n].ml_name != NULL) {
        n++;
    }
    return n;
}

/* A module built for another API version still works; the warning says so. */
static int
check_api_version(const char *name, int module_api_version)
{
    if (module_api_version != PYTHON_API_VERSION && module_api_version != PYTHON_ABI_VERSION) {
        return PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                                "Python C API version mismatch for module %.100s: "
                                "This Python has API version %d, module %.100s has version %d.",
                                name, PYTHON_API_VERSION, name, module_api_version) == 0;
    }
    return 1;
}

/* Adds the functions; `dict` is the module's own dict, or NULL: any object, by setattr. */
static int
add_methods_to_object(PyObject *module, PyObject *dict, PyObject *name, PyMethodDef *functions)
{
    for (PyMethodDef *fdef = functions; fdef->ml_name != NULL; fdef++) {
        if (fdef->ml_flags & (METH_CLASS | METH_STATIC)) {
            PyErr_SetString(PyExc_ValueError,
                            "module functions cannot set METH_CLASS or METH_STATIC");
            return -1;
        }
        PyObject *key = PyUnicode_InternFromString(fdef->ml_name);
        PyObject *func = key != NULL ? PyCFunction_NewEx(fdef, module, name) : NULL;
        int res = func == NULL ? -1 : dict != NULL ? PyDict_SetItem(dict, key, func)
                                                   : PyObject_SetAttr(module, key, func);
        Py_XDECREF(key);
        Py_XDECREF(func);
        if (res < 0) {
            return -1;
        }
    }
    return 0;
}

/* The dict to put functions in, borrowed; NULL: the object wants setattr. */
static PyObject *
own_dict(PyObject *module)
{
    return PyModule_CheckExact(module) ? MODULE(module)->md_dict : NULL;
}

PyObject *
PyModule_Create2(PyModuleDef *module, int module_api_version)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->interp->imports.modules == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError,
                         "Python import machinery not initialized");
        return NULL;
    }
    return _PyModule_CreateInitialized(module, module_api_version);
}

/* Single-phase: a module with state, functions and docstring. */
PyObject *
_PyModule_CreateInitialized(PyModuleDef *module, int module_api_version)
{
    if (PyModuleDef_Init(module) == NULL) {
        return NULL;
    }
    const char *name = module->m_name;
    if (!check_api_version(name, module_api_version)) {
        return NULL;
    }
    if (module->m_slots != NULL) {
        PyErr_Format(PyExc_SystemError,
                     "module %s: PyModule_Create is incompatible with m_slots", name);
        return NULL;
    }
    name = _PyImport_ResolveNameWithPackageContext(name);
    /* As many other names as functions, about: so it is in sys and builtins. */
    Py_ssize_t room = 2 * count_methods(module->m_methods);
    PyObject *nameobj = PyUnicode_InternFromString(name);
    PyModuleObject *m = (PyModuleObject *)(nameobj != NULL ? new_sized(nameobj, room) : NULL);
    Py_XDECREF(nameobj);
    if (m == NULL) {
        return NULL;
    }
    if (module->m_size > 0) {
        m->md_state = PyMem_Calloc(1, (size_t)module->m_size);
        if (m->md_state == NULL) {
            PyErr_NoMemory();
            Py_DECREF(m);
            return NULL;
        }
    }
    if (module->m_methods != NULL && PyModule_AddFunctions((PyObject *)m, module->m_methods) != 0) {
        Py_DECREF(m);
        return NULL;
    }
    if (module->m_doc != NULL && PyModule_SetDocString((PyObject *)m, module->m_doc) != 0) {
        Py_DECREF(m);
        return NULL;
    }
    m->md_def = module;
    return (PyObject *)m;
}

/* What the slots of a definition say. */
struct module_slots {
    PyObject *(*create)(PyObject *, PyModuleDef *);
    int has_execution_slots;
    void *multiple_interpreters;    /* Py_MOD_... */
};

static int
read_slots(PyModuleDef *def, const char *name, struct module_slots *out)
{
    int has_interpreters_slot = 0;
    out->multiple_interpreters = Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED;
    for (PyModuleDef_Slot *slot = def->m_slots; slot != NULL && slot->slot; slot++) {
        switch (slot->slot) {
            case Py_mod_create:
                if (out->create != NULL) {
                    PyErr_Format(PyExc_SystemError,
                                 "module %s has multiple create slots", name);
                    return -1;
                }
                out->create = (PyObject *(*)(PyObject *, PyModuleDef *))slot->value;
                break;
            case Py_mod_exec:
                out->has_execution_slots = 1;
                break;
            case Py_mod_multiple_interpreters:
                if (has_interpreters_slot) {
                    PyErr_Format(PyExc_SystemError,
                                 "module %s has more than one 'multiple interpreters' slots",
                                 name);
                    return -1;
                }
                out->multiple_interpreters = slot->value;
                has_interpreters_slot = 1;
                break;
            default:
                assert(slot->slot < 0 || slot->slot > _Py_mod_LAST_SLOT);
                PyErr_Format(PyExc_SystemError, "module %s uses unknown slot ID %i", name,
                             slot->slot);
                return -1;
        }
    }
    return 0;
}

/* May this interpreter load the module?  0, or -1 with ImportError. */
static int
check_interpreter(const char *name, const struct module_slots *slots)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (slots->multiple_interpreters == Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED) {
        if (!_Py_IsMainInterpreter(interp) &&
            _PyImport_CheckSubinterpIncompatibleExtensionAllowed(name) < 0)
        {
            return -1;
        }
    }
    else if (slots->multiple_interpreters != Py_MOD_PER_INTERPRETER_GIL_SUPPORTED &&
             interp->own_gil_used && !_Py_IsMainInterpreter(interp) &&
             _PyImport_CheckSubinterpIncompatibleExtensionAllowed(name) < 0)
    {
        return -1;
    }
    return 0;
}

static int
check_definition(PyModuleDef *def, const char *name)
{
    if (def->m_size < 0) {
        PyErr_Format(PyExc_SystemError,
                     "module %s: m_size may not be negative for multi-phase initialization",
                     name);
        return -1;
    }
    return 0;
}

/* The module object, by the create slot or plain. */
static PyObject *
create_module(PyModuleDef *def, PyObject *spec, PyObject *nameobj, const char *name,
              const struct module_slots *slots)
{
    if (slots->create == NULL) {
        return new_sized(nameobj, count_methods(def->m_methods));
    }
    PyObject *m = slots->create(spec, def);
    if (m == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError,
                         "creation of module %s failed without setting an exception", name);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {
        _PyErr_FormatFromCauseTstate(_PyThreadState_GET(), PyExc_SystemError,
                                     "creation of module %s raised unreported exception", name);
        Py_DECREF(m);
        return NULL;
    }
    return m;
}

PyObject *
PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int module_api_version)
{
    PyModuleDef_Init(def);
    PyObject *nameobj = PyObject_GetAttrString(spec, "name");
    if (nameobj == NULL) {
        return NULL;
    }
    PyObject *m = NULL;
    struct module_slots slots = {0};
    const char *name = PyUnicode_AsUTF8(nameobj);
    if (name == NULL || !check_api_version(name, module_api_version) ||
        check_definition(def, name) < 0 || read_slots(def, name, &slots) < 0 ||
        check_interpreter(name, &slots) < 0)
    {
        goto done;
    }
    m = create_module(def, spec, nameobj, name, &slots);
    if (m == NULL) {
        goto done;
    }
    if (PyModule_Check(m)) {
        MODULE(m)->md_state = NULL;
        MODULE(m)->md_def = def;
    }
    else if (def->m_size > 0 || def->m_traverse || def->m_clear || def->m_free) {
        PyErr_Format(PyExc_SystemError,
                     "module %s is not a module object, but requests module state", name);
        Py_CLEAR(m);
        goto done;
    }
    else if (slots.has_execution_slots) {
        PyErr_Format(PyExc_SystemError,
                     "module %s specifies execution slots, but did not create "
                     "a ModuleType instance", name);
        Py_CLEAR(m);
        goto done;
    }
    if ((def->m_methods != NULL &&
         add_methods_to_object(m, own_dict(m), nameobj, def->m_methods) != 0) ||
        (def->m_doc != NULL && PyModule_SetDocString(m, def->m_doc) != 0))
    {
        Py_CLEAR(m);
    }
done:
    Py_DECREF(nameobj);
    return m;
}

/* Runs the execution slots; allocates the state first. */
int
PyModule_ExecDef(PyObject *module, PyModuleDef *def)
{
    const char *name = PyModule_GetName(module);
    if (name == NULL) {
        return -1;
    }
    if (def->m_size >= 0) {
        PyModuleObject *md = MODULE(module);
        if (md->md_state == NULL) {
            /* Always a pointer, so that "not initialised" can be told apart. */
            md->md_state = PyMem_Calloc(1, def->m_size == 0 ? 1 : (size_t)def->m_size);
            if (md->md_state == NULL) {
                PyErr_NoMemory();
                return -1;
            }
        }
    }
    for (PyModuleDef_Slot *slot = def->m_slots; slot != NULL && slot->slot; slot++) {
        if (slot->slot == Py_mod_create || slot->slot == Py_mod_multiple_interpreters) {
            continue;       /* done when the module was made */
        }
        if (slot->slot != Py_mod_exec) {
            PyErr_Format(PyExc_SystemError, "module %s initialized with unknown slot %i", name,
                         slot->slot);
            return -1;
        }
        int ret = ((int (*)(PyObject *))slot->value)(module);
        if (ret != 0) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_SystemError,
                             "execution of module %s failed without setting an exception",
                             name);
            }
            return -1;
        }
        if (PyErr_Occurred()) {
            _PyErr_FormatFromCauseTstate(_PyThreadState_GET(), PyExc_SystemError,
                                         "execution of module %s raised unreported exception",
                                         name);
            return -1;
        }
    }
    return 0;
}

int
PyModule_AddFunctions(PyObject *m, PyMethodDef *functions)
{
    PyObject *name = PyModule_GetNameObject(m);
    if (name == NULL) {
        return -1;
    }
    int res = add_methods_to_object(m, own_dict(m), name, functions);
    Py_DECREF(name);
    return res;
}

int
PyModule_SetDocString(PyObject *m, const char *doc)
{
    PyObject *v = PyUnicode_FromString(doc);
    if (v == NULL || PyObject_SetAttr(m, &_Py_ID(__doc__), v) != 0) {
        Py_XDECREF(v);
        return -1;
    }
    Py_DECREF(v);
    return 0;
}

/* ------------------------------------------------------------------------------ accessors */

/* What is made at the first look at it (lateparts.c, sysmodule_streams.c): makes it when `name`,
 * which is missing, is of that kind (NULL: the whole dict is looked at).  1: made, 0: nothing to
 * do, -1 with an error. */
static int
make_what_waits(PyModuleObject *m, PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp = tstate->interp;
    int made = 0;
    if (_Py_LatePartsWait(interp)) {
        if (name != NULL) {
            made = _Py_MakeLatePartsFor(tstate, name);
        }
        else if ((PyObject *)m == interp->sys_module || (PyObject *)m == interp->builtins_module) {
            made = _Py_MakeLateParts(tstate) < 0 ? -1 : 1;
        }
    }
    if (made < 0 || interp->sys_module != (PyObject *)m ||
        interp->streams.stage == _Py_STREAMS_NONE || interp->streams.stage == _Py_STREAMS_MADE ||
        (name != NULL && !_PySys_IsStreamName(name)))
    {
        return made;
    }
    return _PySys_EnsureStreams(tstate) < 0 ? -1 : 1;
}

PyObject *
PyModule_GetDict(PyObject *m)
{
    if (!PyModule_Check(m)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (make_what_waits(MODULE(m), NULL) < 0) {
        PyErr_Clear();          /* the dict is there; the rest is tried again when read */
    }
    return _PyModule_GetDict(m);
}

PyObject *
PyModule_GetNameObject(PyObject *m)
{
    if (!PyModule_Check(m)) {
        PyErr_BadArgument();
        return NULL;
    }
    PyObject *d = MODULE(m)->md_dict;
    PyObject *name = NULL;
    if (d != NULL && PyDict_Check(d)) {
        name = PyDict_GetItemWithError(d, &_Py_ID(__name__));
    }
    if (name == NULL || !PyUnicode_Check(name)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "nameless module");
        }
        return NULL;
    }
    return Py_NewRef(name);
}

const char *
PyModule_GetName(PyObject *m)
{
    PyObject *name = PyModule_GetNameObject(m);
    if (name == NULL) {
        return NULL;
    }
    assert(Py_REFCNT(name) >= 2);
    Py_DECREF(name);        /* the module's dict holds it */
    return PyUnicode_AsUTF8(name);
}

PyObject *
PyModule_GetFilenameObject(PyObject *mod)
{
    if (!PyModule_Check(mod)) {
        PyErr_BadArgument();
        return NULL;
    }
    PyObject *dict = MODULE(mod)->md_dict;
    PyObject *file = dict == NULL ? NULL : PyDict_GetItemWithError(dict, &_Py_ID(__file__));
    if (file == NULL || !PyUnicode_Check(file)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "module filename missing");
        }
        return NULL;
    }
    return Py_NewRef(file);
}

const char *
PyModule_GetFilename(PyObject *m)
{
    PyObject *fileobj = PyModule_GetFilenameObject(m);
    if (fileobj == NULL) {
        return NULL;
    }
    const char *utf8 = PyUnicode_AsUTF8(fileobj);
    Py_DECREF(fileobj);     /* the module's dict holds it */
    return utf8;
}

PyModuleDef *
PyModule_GetDef(PyObject *m)
{
    if (!PyModule_Check(m)) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyModule_GetDef(m);
}

void *
PyModule_GetState(PyObject *m)
{
    if (!PyModule_Check(m)) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyModule_GetState(m);
}

/* ------------------------------------------------------------------------------ clearing */

void
_PyModule_Clear(PyObject *m)
{
    PyObject *d = MODULE(m)->md_dict;
    if (d != NULL) {
        _PyModule_ClearDict(d);
    }
}

static int
keep_for_second_pass(PyObject *key)
{
    return PyUnicode_READ_CHAR(key, 0) != '_' || PyUnicode_READ_CHAR(key, 1) == '_';
}

/* Sets the names to None in two passes: first those with one underscore in front, then the others
 * except __builtins__, so that destructors of the latter still find the built-in functions. */
void
_PyModule_ClearDict(PyObject *d)
{
    for (int pass = 0; pass < 2; pass++) {
        Py_ssize_t pos = 0;
        PyObject *key, *value;
        while (PyDict_Next(d, &pos, &key, &value)) {
            if (value == Py_None || !PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) {
                continue;
            }
            int private_name = PyUnicode_GET_LENGTH(key) > 1 ? !keep_for_second_pass(key)
                               : PyUnicode_READ_CHAR(key, 0) == '_';
            if (pass == 0 ? !private_name : _PyUnicode_Equal(key, &_Py_ID(__builtins__))) {
                continue;
            }
            if (PyDict_SetItem(d, key, Py_None) != 0) {
                PyErr_WriteUnraisable(NULL);
            }
        }
    }
}

/* ------------------------------------------------------------------------------ the type */

/*sig module.__init__(self, name: unicode, doc=None)

Create a module object.

The name must be a string; the optional doc argument can have any type.
*/
static int
module_init_impl(PyModuleObject *self, PyObject *name, PyObject *doc)
{
    PyObject *dict = self->md_dict;
    assert(dict != NULL);
    return init_dict(self, dict, name, doc);
}

static void
module_dealloc(PyObject *self)
{
    PyModuleObject *m = MODULE(self);
    PyObject_GC_UnTrack(m);
    int verbose = _PyInterpreterState_GetConfigRef(_PyInterpreterState_GET())->verbose;
    if (verbose && m->md_name != NULL) {
        PySys_FormatStderr("# destroy %U\n", m->md_name);
    }
    if (m->md_weaklist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    /* m_free runs if the state exists, or if there is none to wait for. */
    if (m->md_def != NULL && m->md_def->m_free != NULL &&
        (m->md_def->m_size <= 0 || m->md_state != NULL))
    {
        m->md_def->m_free(m);
    }
    Py_XDECREF(m->md_dict);
    Py_XDECREF(m->md_name);
    PyMem_Free(m->md_state);
    Py_TYPE(m)->tp_free(self);
}

static PyObject *
module_repr(PyObject *m)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_LatePartsWait(tstate->interp) && _Py_MakeLateParts(tstate) < 0) {
        return NULL;
    }
    PyObject *importlib = tstate->interp->imports.importlib;
    if (importlib == NULL) {
        PyObject *name = MODULE(m)->md_name;
        return PyUnicode_FromFormat("<module '%V'>", name, "?");
    }
    return PyObject_CallMethod(importlib, "_module_repr", "O", m);
}

/* __spec__._initializing: 1 while the module is being executed. */
int
_PyModuleSpec_IsInitializing(PyObject *spec)
{
    if (spec == NULL) {
        return 0;
    }
    PyObject *value;
    int rc = _PyObject_LookupAttr(spec, &_Py_ID(_initializing), &value);
    if (rc > 0) {
        rc = PyObject_IsTrue(value);
        Py_DECREF(value);
    }
    if (rc < 0) {
        PyErr_Clear();
        return 0;
    }
    return rc;
}

/* __spec__._uninitialized_submodules contains the name. */
static int
is_uninitialized_submodule(PyObject *spec, PyObject *name)
{
    if (spec == NULL) {
        return 0;
    }
    PyObject *value;
    int rc = _PyObject_LookupAttr(spec, &_Py_ID(_uninitialized_submodules), &value);
    if (rc > 0) {
        rc = PySequence_Contains(value, name);
        Py_DECREF(value);
    }
    if (rc < 0) {
        PyErr_Clear();
        return 0;
    }
    return rc;
}

/* AttributeError in the words that fit the module's state. */
static void
raise_no_attribute(PyModuleObject *m, PyObject *name)
{
    PyObject *mod_name = PyDict_GetItemWithError(m->md_dict, &_Py_ID(__name__));
    if (mod_name == NULL || !PyUnicode_Check(mod_name)) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_AttributeError, "module has no attribute '%U'", name);
        }
        return;
    }
    Py_INCREF(mod_name);
    PyObject *spec = PyDict_GetItemWithError(m->md_dict, &_Py_ID(__spec__));
    if (spec == NULL && PyErr_Occurred()) {
        Py_DECREF(mod_name);
        return;
    }
    Py_XINCREF(spec);
    if (_PyModuleSpec_IsInitializing(spec)) {
        PyErr_Format(PyExc_AttributeError,
                     "partially initialized module '%U' has no attribute '%U' "
                     "(most likely due to a circular import)", mod_name, name);
    }
    else if (is_uninitialized_submodule(spec, name)) {
        PyErr_Format(PyExc_AttributeError,
                     "cannot access submodule '%U' of module '%U' "
                     "(most likely due to a circular import)", name, mod_name);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U'", mod_name, name);
    }
    Py_XDECREF(spec);
    Py_DECREF(mod_name);
}

/* Generic lookup, then the module's own __getattr__ (PEP 562). */
PyObject *
_Py_module_getattro_impl(PyModuleObject *m, PyObject *name, int suppress)
{
    if (name == &_Py_ID(__dict__) && make_what_waits(m, NULL) < 0) {
        return NULL;
    }
    PyObject *attr = _PyObject_GenericGetAttrWithDict((PyObject *)m, name, m->md_dict, 1);
    if (attr != NULL || PyErr_Occurred()) {
        return attr;
    }
    int made = make_what_waits(m, name);
    if (made != 0) {
        return made < 0 ? NULL
            : _PyObject_GenericGetAttrWithDict((PyObject *)m, name, m->md_dict, suppress);
    }
    assert(m->md_dict != NULL);
    PyObject *getattr = PyDict_GetItemWithError(m->md_dict, &_Py_ID(__getattr__));
    if (getattr != NULL) {
        Py_INCREF(getattr);
        PyObject *result = PyObject_CallOneArg(getattr, name);
        Py_DECREF(getattr);
        if (result == NULL && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
        return result;
    }
    if (!PyErr_Occurred() && !suppress) {
        raise_no_attribute(m, name);
    }
    return NULL;
}

PyObject *
_Py_module_getattro(PyObject *m, PyObject *name)
{
    return _Py_module_getattro_impl(MODULE(m), name, 0);
}

static int
module_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyModuleObject *m = MODULE(self);
    /* Not before the state exists: traverse functions expect it. */
    if (m->md_def != NULL && m->md_def->m_traverse != NULL &&
        (m->md_def->m_size <= 0 || m->md_state != NULL))
    {
        int res = m->md_def->m_traverse(self, visit, arg);
        if (res) {
            return res;
        }
    }
    Py_VISIT(m->md_dict);
    return 0;
}

static int
module_clear(PyObject *self)
{
    PyModuleObject *m = MODULE(self);
    if (m->md_def != NULL && m->md_def->m_clear != NULL &&
        (m->md_def->m_size <= 0 || m->md_state != NULL))
    {
        if (m->md_def->m_clear(self)) {
            PySys_FormatStderr("Exception ignored in m_clear of module%s%V\n",
                               m->md_name ? " " : "", m->md_name, "");
            PyErr_WriteUnraisable(NULL);
        }
    }
    Py_CLEAR(m->md_dict);
    return 0;
}

/* `del sys.stdout` deletes a stream that is there; `sys.meta_path = []` replaces one that is
   there. */
static int
module_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int res = 0;
    if (value == NULL && PyUnicode_Check(name)) {
        res = make_what_waits(MODULE(self), name);
    }
    else if (self == tstate->interp->sys_module || self == tstate->interp->builtins_module) {
        res = _Py_PrepareAssignment(tstate, name);
    }
    if (res < 0) {
        return -1;
    }
    return PyObject_GenericSetAttr(self, name, value);
}

static PyObject *
module_dir(PyObject *self, PyObject *Py_UNUSED(args))
{
    PyObject *result = NULL;
    PyObject *dict = PyObject_GetAttr(self, &_Py_ID(__dict__));
    if (dict == NULL) {
        return NULL;
    }
    if (PyDict_Check(dict)) {
        PyObject *dirfunc = PyDict_GetItemWithError(dict, &_Py_ID(__dir__));
        if (dirfunc != NULL) {
            result = PyObject_CallNoArgs(dirfunc);
        }
        else if (!PyErr_Occurred()) {
            result = PyDict_Keys(dict);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
    }
    Py_DECREF(dict);
    return result;
}

/* The dict behind the attribute __dict__: new reference; AttributeError when it is no dict. */
static PyObject *
annotations_dict(PyObject *m)
{
    PyObject *dict = PyObject_GetAttr(m, &_Py_ID(__dict__));
    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
module_get_annotations(PyObject *m, void *Py_UNUSED(ignored))
{
    PyObject *dict = annotations_dict(m);
    if (dict == NULL) {
        return NULL;
    }
    PyObject *annotations = PyDict_GetItemWithError(dict, &_Py_ID(__annotations__));
    if (annotations != NULL) {
        Py_INCREF(annotations);
    }
    else if (!PyErr_Occurred()) {
        annotations = PyDict_New();
        if (annotations != NULL &&
            PyDict_SetItem(dict, &_Py_ID(__annotations__), annotations) < 0)
        {
            Py_CLEAR(annotations);
        }
    }
    Py_DECREF(dict);
    return annotations;
}

static int
module_set_annotations(PyObject *m, PyObject *value, void *Py_UNUSED(ignored))
{
    PyObject *dict = annotations_dict(m);
    if (dict == NULL) {
        return -1;
    }
    int ret;
    if (value != NULL) {
        ret = PyDict_SetItem(dict, &_Py_ID(__annotations__), value);
    }
    else {
        ret = PyDict_DelItem(dict, &_Py_ID(__annotations__));
        if (ret < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetString(PyExc_AttributeError, "__annotations__");
        }
    }
    Py_DECREF(dict);
    return ret;
}

static _Py_SHARED PyMemberDef module_members[] = {
    {"__dict__", _Py_T_OBJECT, offsetof(PyModuleObject, md_dict), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyMethodDef module_methods[] = {
    {"__dir__", module_dir, METH_NOARGS,
     PyDoc_STR("__dir__() -> list\nspecialized dir() implementation")},
    {NULL}
};

static _Py_SHARED PyGetSetDef module_getsets[] = {
    {"__annotations__", module_get_annotations, module_set_annotations},
    {NULL}
};

_Py_SHARED PyTypeObject PyModule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "module",
    .tp_basicsize = sizeof(PyModuleObject),
    .tp_dealloc = module_dealloc,
    .tp_repr = module_repr,
    .tp_getattro = _Py_module_getattro,
    .tp_setattro = module_setattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = module_init__doc__,
    .tp_traverse = module_traverse,
    .tp_clear = module_clear,
    .tp_weaklistoffset = offsetof(PyModuleObject, md_weaklist),
    .tp_methods = module_methods,
    .tp_members = module_members,
    .tp_getset = module_getsets,
    .tp_dictoffset = offsetof(PyModuleObject, md_dict),
    .tp_init = module_init,
    .tp_new = module_new,
    .tp_free = PyObject_GC_Del,
};
