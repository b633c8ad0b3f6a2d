/* typeobject.c - the type `type`: attributes of classes, calling a class, its own life.
 *
 * The rest of the machinery is in Objects/type/:
 *   ready.c     completing a type             mro.c       method resolution order, layouts
 *   lookup.c    attributes, cache, versions   slotdefs.c  special methods and slots
 *   new.c       class statements              slotfuncs.c calling special methods
 *   spec.c      types from a PyType_Spec      subtype.c   instances of Python classes
 *   base.c      the type object               super.c     the type super
 *   statics.c   static types: shared ones, and those of extension modules
 *
 * Written from the data model chapter, the library reference ("Special Attributes", type()), the
 * C API reference and observed messages.
 */
#include "Python.h"
#include "pycore_ceval.h"       // Py_EnterRecursiveCall()
#include "pycore_dict.h"        // _PyDictKeys_DecRef()
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_unionobject.h" // _Py_union_type_or()
#include "type/type.h"

#include "sig/typeobject.sig.h"

#include <string.h>

/* ---------------------------------------------------------------------------- small queries */

unsigned long
PyType_GetFlags(PyTypeObject *type)
{
    return type->tp_flags;
}

int
PyType_SUPPORTS_WEAKREFS(PyTypeObject *type)
{
    return type->tp_weaklistoffset != 0;
}

/* The name behind the last dot. */
const char *
_PyType_Name(PyTypeObject *type)
{
    assert(type->tp_name != NULL);
    const char *s = strrchr(type->tp_name, '.');
    return s == NULL ? type->tp_name : s + 1;
}

PyObject *
_PyType_GetDict(PyTypeObject *type)
{
    return type->tp_dict;
}

PyObject *
_PyType_GetBases(PyTypeObject *type)
{
    return type->tp_bases;
}

PyObject *
_PyType_GetMRO(PyTypeObject *type)
{
    return type->tp_mro;
}

PyObject *
PyType_GetDict(PyTypeObject *type)
{
    return Py_XNewRef(type->tp_dict);
}

static PyObject *
type_name(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return Py_NewRef(((PyHeapTypeObject *)type)->ht_name);
    }
    return PyUnicode_InternFromString(_PyType_Name(type));
}

static PyObject *
type_qualname(PyTypeObject *type, void *context)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return Py_NewRef(((PyHeapTypeObject *)type)->ht_qualname);
    }
    return type_name(type, context);
}

PyObject *
PyType_GetName(PyTypeObject *type)
{
    return type_name(type, NULL);
}

PyObject *
PyType_GetQualName(PyTypeObject *type)
{
    return type_qualname(type, NULL);
}

/* ------------------------------------------------------------------------- texts of C types */

/* A docstring of C may begin with "name(signature)\n--\n\n". */
#define SIGNATURE_END ")\n--\n\n"
#define SIGNATURE_END_LENGTH 6

/* The '(' of the signature, or NULL if the text does not begin with the name and one. */
static const char *
find_signature(const char *name, const char *doc)
{
    if (doc == NULL || name == NULL) {
        return NULL;
    }
    const char *dot = strrchr(name, '.');
    if (dot != NULL) {
        name = dot + 1;
    }
    size_t length = strlen(name);
    if (strncmp(doc, name, length) != 0 || doc[length] != '(') {
        return NULL;
    }
    return doc + length;
}

/* Behind the end mark, or NULL if a blank line comes first. */
static const char *
skip_signature(const char *doc)
{
    for (; *doc != '\0'; doc++) {
        if (*doc == ')' && strncmp(doc, SIGNATURE_END, SIGNATURE_END_LENGTH) == 0) {
            return doc + SIGNATURE_END_LENGTH;
        }
        if (*doc == '\n' && doc[1] == '\n') {
            return NULL;
        }
    }
    return NULL;
}

static const char *
doc_without_signature(const char *name, const char *internal_doc)
{
    const char *doc = find_signature(name, internal_doc);
    if (doc != NULL) {
        doc = skip_signature(doc);
    }
    return doc != NULL ? doc : internal_doc;
}

/* New reference: the text without the signature, None if there is none. */
PyObject *
_PyType_GetDocFromInternalDoc(const char *name, const char *internal_doc)
{
    const char *doc = doc_without_signature(name, internal_doc);
    if (doc == NULL || *doc == '\0') {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(doc);
}

/* New reference: "(signature)", or None. */
PyObject *
_PyType_GetTextSignatureFromInternalDoc(const char *name, const char *internal_doc)
{
    const char *start = find_signature(name, internal_doc);
    const char *end = start == NULL ? NULL : skip_signature(start);
    if (end == NULL) {
        Py_RETURN_NONE;
    }
    end -= SIGNATURE_END_LENGTH - 1;    /* keeps the ')' */
    assert(end[-1] == ')');
    return PyUnicode_FromStringAndSize(start, end - start);
}

/* ------------------------------------------------------------------------------ attributes */

int
_PyType_CheckSetSpecial(PyTypeObject *type, PyObject *value, const char *name)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set '%s' attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    if (value == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    return PySys_Audit("object.__setattr__", "OsO", type, name, value) < 0 ? -1 : 0;
}

static int
type_set_name(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, value, "__name__") < 0) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__name__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t size;
    const char *tp_name = PyUnicode_AsUTF8AndSize(value, &size);
    if (tp_name == NULL) {
        return -1;
    }
    if (strlen(tp_name) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    type->tp_name = tp_name;
    Py_SETREF(((PyHeapTypeObject *)type)->ht_name, Py_NewRef(value));
    return 0;
}

static int
type_set_qualname(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, value, "__qualname__") < 0) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__qualname__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_SETREF(((PyHeapTypeObject *)type)->ht_qualname, Py_NewRef(value));
    return 0;
}

/* The value of a key of the type's own dict: borrowed; NULL without exception: not there. */
static PyObject *
own_attribute(PyTypeObject *type, PyObject *name)
{
    return PyDict_GetItemWithError(type->tp_dict, name);
}

PyObject *
_PyType_Module(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        PyObject *mod = own_attribute(type, &_Py_ID(__module__));
        if (mod == NULL && !PyErr_Occurred()) {
            PyErr_Format(PyExc_AttributeError, "__module__");
        }
        return Py_XNewRef(mod);
    }
    const char *s = strrchr(type->tp_name, '.');
    if (s == NULL) {
        return Py_NewRef(&_Py_ID(builtins));
    }
    PyObject *mod = PyUnicode_FromStringAndSize(type->tp_name, s - type->tp_name);
    if (mod != NULL) {
        PyUnicode_InternInPlace(&mod);
    }
    return mod;
}

PyObject *
_PyType_GetModuleName(PyTypeObject *type)
{
    return _PyType_Module(type, NULL);
}

static int
type_set_module(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, value, "__module__") < 0) {
        return -1;
    }
    PyType_Modified(type);
    return PyDict_SetItem(type->tp_dict, &_Py_ID(__module__), value);
}

static PyObject *
type_abstractmethods(PyTypeObject *type, void *Py_UNUSED(context))
{
    PyObject *res = NULL;
    /* `type` itself has this getset under the name. */
    if (type != &PyType_Type) {
        res = own_attribute(type, &_Py_ID(__abstractmethods__));
    }
    if (res == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_AttributeError, &_Py_ID(__abstractmethods__));
        }
        return NULL;
    }
    return Py_NewRef(res);
}

static int
type_set_abstractmethods(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError,
                     "cannot set '__abstractmethods__' attribute of immutable type '%s'",
                     type->tp_name);
        return -1;
    }
    int abstract = 0, res;
    if (value != NULL) {
        abstract = PyObject_IsTrue(value);
        if (abstract < 0) {
            return -1;
        }
        res = PyDict_SetItem(type->tp_dict, &_Py_ID(__abstractmethods__), value);
    }
    else {
        res = PyDict_DelItem(type->tp_dict, &_Py_ID(__abstractmethods__));
        if (res < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_AttributeError, &_Py_ID(__abstractmethods__));
            return -1;
        }
    }
    if (res == 0) {
        PyType_Modified(type);
        if (abstract) {
            type->tp_flags |= Py_TPFLAGS_IS_ABSTRACT;
        }
        else {
            type->tp_flags &= ~Py_TPFLAGS_IS_ABSTRACT;
        }
    }
    return res;
}

static PyObject *
type_get_bases(PyTypeObject *type, void *Py_UNUSED(context))
{
    return type->tp_bases == NULL ? Py_NewRef(Py_None) : Py_NewRef(type->tp_bases);
}

static int
type_set_bases(PyTypeObject *type, PyObject *new_bases, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, new_bases, "__bases__") < 0) {
        return -1;
    }
    return _PyType_AssignBases(type, new_bases);
}

static PyObject *
type_get_mro(PyTypeObject *type, void *Py_UNUSED(context))
{
    return Py_NewRef(type->tp_mro == NULL ? Py_None : type->tp_mro);
}

static PyObject *
type_dict(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (type->tp_dict == NULL) {
        Py_RETURN_NONE;
    }
    return PyDictProxy_New(type->tp_dict);
}

static PyObject *
type_get_doc(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_doc != NULL) {
        return _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
    }
    PyObject *result = own_attribute(type, &_Py_ID(__doc__));
    if (result == NULL) {
        if (PyErr_Occurred()) {
            return NULL;
        }
        Py_RETURN_NONE;
    }
    descrgetfunc get = Py_TYPE(result)->tp_descr_get;
    if (get != NULL) {
        return get(result, NULL, (PyObject *)type);
    }
    return Py_NewRef(result);
}

static int
type_set_doc(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, value, "__doc__") < 0) {
        return -1;
    }
    PyType_Modified(type);
    return PyDict_SetItem(type->tp_dict, &_Py_ID(__doc__), value);
}

static PyObject *
type_get_text_signature(PyTypeObject *type, void *Py_UNUSED(context))
{
    return _PyType_GetTextSignatureFromInternalDoc(type->tp_name, type->tp_doc);
}

static PyObject *
type_get_annotations(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_AttributeError, "type object '%s' has no attribute '__annotations__'",
                     type->tp_name);
        return NULL;
    }
    PyObject *annotations = own_attribute(type, &_Py_ID(__annotations__));
    if (annotations != NULL) {
        descrgetfunc get = Py_TYPE(annotations)->tp_descr_get;
        return get != NULL ? get(annotations, NULL, (PyObject *)type) : Py_NewRef(annotations);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    annotations = PyDict_New();
    if (annotations != NULL) {
        if (PyDict_SetItem(type->tp_dict, &_Py_ID(__annotations__), annotations) < 0) {
            Py_CLEAR(annotations);
        }
        else {
            PyType_Modified(type);
        }
    }
    return annotations;
}

static int
type_set_annotations(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError,
                     "cannot set '__annotations__' attribute of immutable type '%s'",
                     type->tp_name);
        return -1;
    }
    int result;
    if (value != NULL) {
        result = PyDict_SetItem(type->tp_dict, &_Py_ID(__annotations__), value);
    }
    else {
        result = PyDict_DelItem(type->tp_dict, &_Py_ID(__annotations__));
        if (result < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Format(PyExc_AttributeError, "__annotations__");
        }
    }
    if (result == 0) {
        PyType_Modified(type);
    }
    return result;
}

static PyObject *
type_get_type_params(PyTypeObject *type, void *Py_UNUSED(context))
{
    PyObject *params = own_attribute(type, &_Py_ID(__type_params__));
    if (params == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return params != NULL ? Py_NewRef(params) : PyTuple_New(0);
}

static int
type_set_type_params(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (_PyType_CheckSetSpecial(type, value, "__type_params__") < 0) {
        return -1;
    }
    int result = PyDict_SetItem(type->tp_dict, &_Py_ID(__type_params__), value);
    if (result == 0) {
        PyType_Modified(type);
    }
    return result;
}

static _Py_SHARED PyGetSetDef type_getsets[] = {
    {"__name__", (getter)type_name, (setter)type_set_name, NULL},
    {"__qualname__", (getter)type_qualname, (setter)type_set_qualname, NULL},
    {"__bases__", (getter)type_get_bases, (setter)type_set_bases, NULL},
    {"__mro__", (getter)type_get_mro, NULL, NULL},
    {"__module__", (getter)_PyType_Module, (setter)type_set_module, NULL},
    {"__abstractmethods__", (getter)type_abstractmethods, (setter)type_set_abstractmethods,
     NULL},
    {"__dict__", (getter)type_dict, NULL, NULL},
    {"__doc__", (getter)type_get_doc, (setter)type_set_doc, NULL},
    {"__text_signature__", (getter)type_get_text_signature, NULL, NULL},
    {"__annotations__", (getter)type_get_annotations, (setter)type_set_annotations, NULL},
    {"__type_params__", (getter)type_get_type_params, (setter)type_set_type_params, NULL},
    {NULL}
};

static _Py_SHARED PyMemberDef type_members[] = {
    {"__basicsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_basicsize), Py_READONLY},
    {"__itemsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_itemsize), Py_READONLY},
    {"__flags__", Py_T_ULONG, offsetof(PyTypeObject, tp_flags), Py_READONLY},
    {"__weakrefoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_weaklistoffset),
     Py_READONLY},
    {"__base__", _Py_T_OBJECT, offsetof(PyTypeObject, tp_base), Py_READONLY},
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_dictoffset), Py_READONLY},
    {NULL}
};

/* --------------------------------------------------------------------------------- methods */

static PyObject *
type_repr(PyTypeObject *type)
{
    PyObject *mod = _PyType_Module(type, NULL);
    if (mod == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(mod)) {
        Py_SETREF(mod, NULL);
    }
    PyObject *name = type_qualname(type, NULL);
    if (name == NULL) {
        Py_XDECREF(mod);
        return NULL;
    }
    PyObject *res;
    if (mod != NULL && !_PyUnicode_Equal(mod, &_Py_ID(builtins))) {
        res = PyUnicode_FromFormat("<class '%U.%U'>", mod, name);
    }
    else {
        res = PyUnicode_FromFormat("<class '%s'>", type->tp_name);
    }
    Py_XDECREF(mod);
    Py_DECREF(name);
    return res;
}

/* type(x) is the class of x, for `type` itself only; else makes an instance. */
static PyObject *
type_call(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (type == &PyType_Type) {
        Py_ssize_t nargs = PyTuple_GET_SIZE(args);
        if (nargs == 1 && (kwds == NULL || PyDict_GET_SIZE(kwds) == 0)) {
            return Py_NewRef(Py_TYPE(PyTuple_GET_ITEM(args, 0)));
        }
        if (nargs != 3) {
            PyErr_SetString(PyExc_TypeError, "type() takes 1 or 3 arguments");
            return NULL;
        }
    }
    if (type->tp_new == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
        return NULL;
    }
    PyObject *obj = type->tp_new(type, args, kwds);
    obj = _Py_CheckFunctionResult(tstate, (PyObject *)type, obj, NULL);
    if (obj == NULL) {
        return NULL;
    }
    /* __new__ may give anything; only instances of the class are initialised. */
    if (!PyObject_TypeCheck(obj, type)) {
        return obj;
    }
    type = Py_TYPE(obj);
    if (type->tp_init != NULL && type->tp_init(obj, args, kwds) < 0) {
        assert(_PyErr_Occurred(tstate));
        Py_SETREF(obj, NULL);
    }
    return obj;
}

static PyObject *
type_vectorcall(PyObject *metatype, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs == 1 && metatype == (PyObject *)&PyType_Type &&
        (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0))
    {
        return Py_NewRef(Py_TYPE(args[0]));
    }
    return _PyObject_MakeTpCall(_PyThreadState_GET(), metatype, args, nargs, kwnames);
}

static int
type_init(PyObject *Py_UNUSED(cls), PyObject *args, PyObject *kwds)
{
    assert(args != NULL && PyTuple_Check(args));
    if (kwds != NULL && PyTuple_GET_SIZE(args) == 1 && PyDict_GET_SIZE(kwds) != 0) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes no keyword arguments");
        return -1;
    }
    if (PyTuple_GET_SIZE(args) != 1 && PyTuple_GET_SIZE(args) != 3) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
        return -1;
    }
    return 0;
}

/* X | Y of classes is a union (PEP 604). */
static _Py_SHARED PyNumberMethods type_as_number = {
    .nb_or = _Py_union_type_or,
};

/*sig type.mro(self)

Return a type's method resolution order.
*/
static PyObject *
type_mro_impl(PyTypeObject *self)
{
    PyObject *seq = _PyType_ComputeMRO(self);
    if (seq != NULL && !PyList_Check(seq)) {
        Py_SETREF(seq, PySequence_List(seq));
    }
    return seq;
}

/*sig type.__subclasses__(self)

Return a list of immediate subclasses.
*/
static PyObject *
type___subclasses___impl(PyTypeObject *self)
{
    return _PyType_GetSubclasses(self);
}

static PyObject *
type_prepare(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(args),
             Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
    return PyDict_New();
}

/*sig type.__instancecheck__(self, instance, /) -> bool

Check if an object is an instance.
*/
static int
type___instancecheck___impl(PyTypeObject *self, PyObject *instance)
{
    return _PyObject_RealIsInstance(instance, (PyObject *)self);
}

/*sig type.__subclasscheck__(self, subclass, /) -> bool

Check if a class is a subclass.
*/
static int
type___subclasscheck___impl(PyTypeObject *self, PyObject *subclass)
{
    return _PyObject_RealIsSubclass(subclass, (PyObject *)self);
}

/* Adds the names of a class and of its bases, by their attributes. */
static int
merge_class_dict(PyObject *dict, PyObject *aclass)
{
    PyObject *classdict;
    if (_PyObject_LookupAttr(aclass, &_Py_ID(__dict__), &classdict) < 0) {
        return -1;
    }
    if (classdict != NULL) {
        int status = PyDict_Update(dict, classdict);
        Py_DECREF(classdict);
        if (status < 0) {
            return -1;
        }
    }
    PyObject *bases;
    if (_PyObject_LookupAttr(aclass, &_Py_ID(__bases__), &bases) < 0) {
        return -1;
    }
    if (bases == NULL) {
        return 0;
    }
    Py_ssize_t n = PySequence_Size(bases);  /* anything with a length: the attribute is free */
    int status = n < 0 ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < n; i++) {
        PyObject *base = PySequence_GetItem(bases, i);
        if (base == NULL) {
            status = -1;
            break;
        }
        if (Py_EnterRecursiveCall(" in __dir__")) {
            status = -1;
        }
        else {
            status = merge_class_dict(dict, base);
            Py_LeaveRecursiveCall();
        }
        Py_DECREF(base);
    }
    Py_DECREF(bases);
    return status;
}

int
_PyType_MergeClassDict(PyObject *dict, PyObject *aclass)
{
    return merge_class_dict(dict, aclass);
}

/*sig type.__dir__(self)

Specialized __dir__ implementation for types.
*/
static PyObject *
type___dir___impl(PyTypeObject *self)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (merge_class_dict(dict, (PyObject *)self) == 0) {
        result = PyDict_Keys(dict);
    }
    Py_DECREF(dict);
    return result;
}

/*sig type.__sizeof__(self)

Return memory consumption of the type object.
*/
static PyObject *
type___sizeof___impl(PyTypeObject *self)
{
    size_t size = sizeof(PyTypeObject);
    if (_PyType_HasFeature(self, Py_TPFLAGS_HEAPTYPE)) {
        PyHeapTypeObject *et = (PyHeapTypeObject *)self;
        size = sizeof(PyHeapTypeObject) + (size_t)Py_SIZE(self) * sizeof(PyMemberDef);
        if (et->ht_cached_keys != NULL) {
            PyDictKeysObject *keys = et->ht_cached_keys;
            size += DK_INDEX_BYTES(keys) + sizeof(*keys) +
                    (size_t)USABLE_FRACTION(DK_SIZE(keys)) * sizeof(PyDictUnicodeEntry);
        }
    }
    return PyLong_FromSize_t(size);
}

PyDoc_STRVAR(type_prepare_doc,
"__prepare__() -> dict\n"
"used to create the namespace for the class statement");

static _Py_SHARED PyMethodDef type_methods[] = {
    TYPE_MRO_METHODDEF
    TYPE___SUBCLASSES___METHODDEF
    {"__prepare__", _PyCFunction_CAST(type_prepare),
     METH_FASTCALL | METH_KEYWORDS | METH_CLASS, type_prepare_doc},
    TYPE___INSTANCECHECK___METHODDEF
    TYPE___SUBCLASSCHECK___METHODDEF
    TYPE___DIR___METHODDEF
    TYPE___SIZEOF___METHODDEF
    {NULL}
};

/* ----------------------------------------------------------- __new__ of C types, for Python */

/* X.__new__(S, ...): S must be a subclass whose layout X's C function can make. */
PyObject *
_PyType_NewWrapper(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (self == NULL || !PyType_Check(self)) {
        PyErr_Format(PyExc_SystemError, "__new__() called with non-type 'self'");
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)self;
    if (!PyTuple_Check(args) || PyTuple_GET_SIZE(args) < 1) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(): not enough arguments", type->tp_name);
        return NULL;
    }
    PyObject *arg0 = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(arg0)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)",
                     type->tp_name, Py_TYPE(arg0)->tp_name);
        return NULL;
    }
    PyTypeObject *subtype = (PyTypeObject *)arg0;
    if (!PyType_IsSubtype(subtype, type)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s",
                     type->tp_name, subtype->tp_name, subtype->tp_name, type->tp_name);
        return NULL;
    }
    /* The most derived base that is no Python class must be made by this function. */
    PyTypeObject *staticbase = subtype;
    while (staticbase != NULL && staticbase->tp_new == _PyType_SlotNew) {
        staticbase = staticbase->tp_base;
    }
    if (staticbase != NULL && staticbase->tp_new != type->tp_new) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()",
                     type->tp_name, subtype->tp_name, staticbase->tp_name);
        return NULL;
    }
    args = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (args == NULL) {
        return NULL;
    }
    PyObject *res = type->tp_new(subtype, args, kwds);
    Py_DECREF(args);
    return res;
}

static _Py_SHARED PyMethodDef new_methoddef[] = {
    {"__new__", _PyCFunction_CAST(_PyType_NewWrapper), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("__new__($type, *args, **kwargs)\n--\n\n"
               "Create and return a new object.  "
               "See help(type) for accurate signature.")},
    {0}
};

int
_PyType_AddNewWrapper(PyTypeObject *type)
{
    int r = PyDict_Contains(type->tp_dict, &_Py_ID(__new__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    PyObject *func = PyCFunction_NewEx(new_methoddef, (PyObject *)type, NULL);
    if (func == NULL) {
        return -1;
    }
    r = PyDict_SetItem(type->tp_dict, &_Py_ID(__new__), func);
    Py_DECREF(func);
    return r;
}

/* ------------------------------------------------------------------------ the type's own life */

/* Heap types only: static ones are never deallocated. */
static void
type_dealloc(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyHeapTypeObject *et = (PyHeapTypeObject *)self;
    _PyObject_ASSERT(self, _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
    if (_PyObject_GC_IS_TRACKED(self)) {
        _PyObject_GC_UNTRACK(self);
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (type->tp_bases != NULL) {
        _PyType_RemoveFromBases(type, type->tp_bases);
    }
    PyErr_SetRaisedException(exc);
    PyObject_ClearWeakRefs(self);
    Py_XDECREF(type->tp_base);
    Py_XDECREF(type->tp_dict);
    Py_XDECREF(type->tp_bases);
    Py_XDECREF(type->tp_mro);
    Py_XDECREF(type->tp_cache);
    _PyType_ClearSubclasses(type);
    PyObject_Free((char *)type->tp_doc);    /* always a copy in a heap type */
    Py_XDECREF(et->ht_name);
    Py_XDECREF(et->ht_qualname);
    Py_XDECREF(et->ht_slots);
    if (et->ht_cached_keys != NULL) {
        _PyDictKeys_DecRef(et->ht_cached_keys);
    }
    Py_XDECREF(et->ht_module);
    PyMem_Free(et->_ht_tpname);
    Py_TYPE(type)->tp_free(self);
}

static int
type_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = (PyTypeObject *)self;
    /* Static types have no collector head: the collector does not come here. */
    _PyObject_ASSERT(self, _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
    Py_VISIT(type->tp_dict);
    Py_VISIT(type->tp_cache);
    Py_VISIT(type->tp_mro);
    Py_VISIT(type->tp_bases);
    Py_VISIT(type->tp_base);
    Py_VISIT(((PyHeapTypeObject *)type)->ht_module);
    /* tp_subclasses holds weak references without callbacks; the slots are strings. */
    return 0;
}

/* Enough to break the cycles through the dict and the MRO; base and bases must stay, since
 * instances that die later need them. */
static int
type_clear(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    _PyObject_ASSERT(self, _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
    PyType_Modified(type);
    if (type->tp_dict != NULL) {
        PyDict_Clear(type->tp_dict);
    }
    Py_CLEAR(((PyHeapTypeObject *)type)->ht_module);
    Py_CLEAR(type->tp_mro);
    return 0;
}

static int
type_is_gc(PyObject *type)
{
    return _PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HEAPTYPE) != 0;
}

PyDoc_STRVAR(type_doc,
"type(object) -> the object's type\n"
"type(name, bases, dict, **kwds) -> a new type");

_Py_SHARED PyTypeObject PyType_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "type",
    .tp_basicsize = sizeof(PyHeapTypeObject),
    .tp_itemsize = sizeof(PyMemberDef),
    .tp_dealloc = type_dealloc,
    .tp_vectorcall_offset = offsetof(PyTypeObject, tp_vectorcall),
    .tp_repr = (reprfunc)type_repr,
    .tp_as_number = &type_as_number,
    .tp_call = (ternaryfunc)type_call,
    .tp_getattro = _PyType_GetAttro,
    .tp_setattro = _PyType_SetAttro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_TYPE_SUBCLASS | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_ITEMS_AT_END,
    .tp_doc = type_doc,
    .tp_traverse = type_traverse,
    .tp_clear = type_clear,
    .tp_weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
    .tp_methods = type_methods,
    .tp_members = type_members,
    .tp_getset = type_getsets,
    .tp_dictoffset = offsetof(PyTypeObject, tp_dict),
    .tp_init = type_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = _PyType_New,
    .tp_free = PyObject_GC_Del,
    .tp_is_gc = type_is_gc,
    .tp_vectorcall = type_vectorcall,
};
