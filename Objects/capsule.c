/* Capsules: C pointers passed between extension modules.
 * Written from the C API reference ("Capsules") and observed behaviour of 3.12. */
#include "Python.h"
#include "pycore_object.h"

typedef struct {
    PyObject_HEAD
    void *pointer;              /* never NULL in a valid capsule */
    const char *name;           /* borrowed from the maker, or NULL */
    void *context;
    PyCapsule_Destructor destructor;
} PyCapsule;

static int
is_legal(PyObject *o, const char *message)
{
    if (o == NULL || !PyCapsule_CheckExact(o) || ((PyCapsule *)o)->pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, message);
        return 0;
    }
    return 1;
}

#define CHECK(O, FUNCTION) \
    is_legal((O), FUNCTION " called with invalid PyCapsule object")

static int
same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

PyObject *
PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor destructor)
{
    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_New called with null pointer");
        return NULL;
    }
    PyCapsule *capsule = PyObject_New(PyCapsule, &PyCapsule_Type);
    if (capsule == NULL) {
        return NULL;
    }
    capsule->pointer = pointer;
    capsule->name = name;
    capsule->context = NULL;
    capsule->destructor = destructor;
    return (PyObject *)capsule;
}

int
PyCapsule_IsValid(PyObject *op, const char *name)
{
    PyCapsule *capsule = (PyCapsule *)op;
    return capsule != NULL && PyCapsule_CheckExact(capsule) && capsule->pointer != NULL &&
           same_name(capsule->name, name);
}

void *
PyCapsule_GetPointer(PyObject *op, const char *name)
{
    if (!CHECK(op, "PyCapsule_GetPointer")) {
        return NULL;
    }
    PyCapsule *capsule = (PyCapsule *)op;
    if (!same_name(name, capsule->name)) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_GetPointer called with incorrect name");
        return NULL;
    }
    return capsule->pointer;
}

const char *
PyCapsule_GetName(PyObject *op)
{
    return CHECK(op, "PyCapsule_GetName") ? ((PyCapsule *)op)->name : NULL;
}

PyCapsule_Destructor
PyCapsule_GetDestructor(PyObject *op)
{
    return CHECK(op, "PyCapsule_GetDestructor") ? ((PyCapsule *)op)->destructor : NULL;
}

void *
PyCapsule_GetContext(PyObject *op)
{
    return CHECK(op, "PyCapsule_GetContext") ? ((PyCapsule *)op)->context : NULL;
}

int
PyCapsule_SetPointer(PyObject *op, void *pointer)
{
    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError, "PyCapsule_SetPointer called with null pointer");
        return -1;
    }
    if (!CHECK(op, "PyCapsule_SetPointer")) {
        return -1;
    }
    ((PyCapsule *)op)->pointer = pointer;
    return 0;
}

int
PyCapsule_SetName(PyObject *op, const char *name)
{
    if (!CHECK(op, "PyCapsule_SetName")) {
        return -1;
    }
    ((PyCapsule *)op)->name = name;
    return 0;
}

int
PyCapsule_SetDestructor(PyObject *op, PyCapsule_Destructor destructor)
{
    if (!CHECK(op, "PyCapsule_SetDestructor")) {
        return -1;
    }
    ((PyCapsule *)op)->destructor = destructor;
    return 0;
}

int
PyCapsule_SetContext(PyObject *op, void *context)
{
    if (!CHECK(op, "PyCapsule_SetContext")) {
        return -1;
    }
    ((PyCapsule *)op)->context = context;
    return 0;
}

/* The pointer of the capsule "module.attr. ...", whose own name must be the same. */
void *
PyCapsule_Import(const char *name, int no_block)
{
    (void)no_block;
    size_t size = strlen(name) + 1;
    char *copy = PyMem_Malloc(size);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, name, size);
    PyObject *object = NULL;
    void *result = NULL;
    for (char *part = copy; part != NULL;) {
        char *dot = strchr(part, '.');
        if (dot != NULL) {
            *dot++ = '\0';
        }
        if (object == NULL) {
            object = PyImport_ImportModule(part);
            if (object == NULL) {
                PyErr_Format(PyExc_ImportError, "PyCapsule_Import could not import module \"%s\"",
                             part);
            }
        }
        else {
            Py_SETREF(object, PyObject_GetAttrString(object, part));
        }
        if (object == NULL) {
            goto done;
        }
        part = dot;
    }
    if (PyCapsule_IsValid(object, name)) {
        result = ((PyCapsule *)object)->pointer;
    }
    else {
        PyErr_Format(PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
    }
done:
    Py_XDECREF(object);
    PyMem_Free(copy);
    return result;
}

static void
capsule_dealloc(PyObject *op)
{
    PyCapsule *capsule = (PyCapsule *)op;
    if (capsule->destructor != NULL) {
        capsule->destructor(op);
    }
    PyObject_Free(op);
}

static PyObject *
capsule_repr(PyObject *o)
{
    PyCapsule *capsule = (PyCapsule *)o;
    const char *quote = capsule->name != NULL ? "\"" : "";
    return PyUnicode_FromFormat("<capsule object %s%s%s at %p>", quote,
                                capsule->name != NULL ? capsule->name : "NULL", quote, capsule);
}

PyDoc_STRVAR(capsule_doc,
"Capsule objects let you wrap a C \"void *\" pointer in a Python\n"
"object.  They're a way of passing data through the Python interpreter\n"
"without creating your own custom type.\n"
"\n"
"Capsules are used for communication between extension modules.\n"
"They provide a way for an extension module to export a C interface\n"
"to other extension modules, so that extension modules can use the\n"
"Python import mechanism to link to one another.\n");

_Py_SHARED PyTypeObject PyCapsule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "PyCapsule",
    .tp_basicsize = sizeof(PyCapsule),
    .tp_dealloc = capsule_dealloc,
    .tp_repr = capsule_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = capsule_doc,
};
