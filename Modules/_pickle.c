/* The module _pickle: what the module pickle does, in C.
 *
 * The work is in the folder pickle/ (pickle.h says which file does what): objects are written by
 * save*.c, read by load*.c.  Here are the functions of the module and its state.
 *
 * Written from the library reference (pickle), PEP 307, 3154 and 574, the descriptions of opcodes
 * in pickletools, and observed behaviour; pickles are equal to those of 3.12 byte for byte.
 */
#include "pickle/pickle.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"     // _Py_ID

#include "sig/_pickle.sig.h"

static inline pickle_state *
get_state(PyObject *module)
{
    pickle_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

pickle_state *
_PyPickle_StateOfType(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyPickle_Module);
    assert(module != NULL);
    return get_state(module);
}

/* --- Functions -------------------------------------------------------------------------------- */

/*sig _pickle.dump(module, obj, file, protocol=None, *, fix_imports: bool = True,
                   buffer_callback=None) -> None

Write a pickled representation of obj to the open file object file.

This is equivalent to ``Pickler(file, protocol).dump(obj)``, but may
be more efficient.

The optional *protocol* argument tells the pickler to use the given
protocol; supported protocols are 0, 1, 2, 3, 4 and 5.  The default
protocol is 4. It was introduced in Python 3.4, and is incompatible
with previous versions.

Specifying a negative protocol version selects the highest protocol
version supported.  The higher the protocol used, the more recent the
version of Python needed to read the pickle produced.

The *file* argument must have a write() method that accepts a single
bytes argument.  It can thus be a file object opened for binary
writing, an io.BytesIO instance, or any other custom object that meets
this interface.

If *fix_imports* is True and protocol is less than 3, pickle will try
to map the new Python 3 names to the old module names used in Python
2, so that the pickle data stream is readable with Python 2.

If *buffer_callback* is None (the default), buffer views are serialized
into *file* as part of the pickle stream.  It is an error if
*buffer_callback* is not None and *protocol* is None or smaller than 5.
*/
static int
pickle_dump_impl(PyObject *module, PyObject *obj, PyObject *file, PyObject *protocol,
                 int fix_imports, PyObject *buffer_callback)
{
    struct pickling p = {.state = get_state(module)};
    int result = -1;
    if (_PyPickle_Begin(&p, protocol, fix_imports != 0, buffer_callback) == 0
        && _PyPickle_SetFile(&p, file) == 0 && _PyPickle_Dump(&p, obj) == 0)
    {
        result = _PyPickle_Flush(&p);
    }
    _PyPickle_End(&p);
    return result;
}

/*sig _pickle.dumps(module, obj, protocol=None, *, fix_imports: bool = True, buffer_callback=None)

Return the pickled representation of the object as a bytes object.

The optional *protocol* argument tells the pickler to use the given
protocol; supported protocols are 0, 1, 2, 3, 4 and 5.  The default
protocol is 4. It was introduced in Python 3.4, and is incompatible
with previous versions.

Specifying a negative protocol version selects the highest protocol
version supported.  The higher the protocol used, the more recent the
version of Python needed to read the pickle produced.

If *fix_imports* is True and *protocol* is less than 3, pickle will
try to map the new Python 3 names to the old module names used in
Python 2, so that the pickle data stream is readable with Python 2.

If *buffer_callback* is None (the default), buffer views are serialized
into *file* as part of the pickle stream.  It is an error if
*buffer_callback* is not None and *protocol* is None or smaller than 5.
*/
static PyObject *
pickle_dumps_impl(PyObject *module, PyObject *obj, PyObject *protocol, int fix_imports,
                  PyObject *buffer_callback)
{
    struct pickling p = {.state = get_state(module)};
    PyObject *bytes = NULL;
    if (_PyPickle_Begin(&p, protocol, fix_imports != 0, buffer_callback) == 0
        && _PyPickle_Dump(&p, obj) == 0)
    {
        bytes = p.output;
        p.output = NULL;
        _PyBytes_Resize(&bytes, p.used);
    }
    _PyPickle_End(&p);
    return bytes;
}

/*sig _pickle.load(module, file, *, fix_imports: bool = True, encoding: utf8 = 'ASCII',
                   errors: utf8 = 'strict', buffers = c"NULL" py"()")

Read and return an object from the pickle data stored in a file.

This is equivalent to ``Unpickler(file).load()``, but may be more
efficient.

The protocol version of the pickle is detected automatically, so no
protocol argument is needed.  Bytes past the pickled object's
representation are ignored.

The argument *file* must have two methods, a read() method that takes
an integer argument, and a readline() method that requires no
arguments.  Both methods should return bytes.  Thus *file* can be a
binary file object opened for reading, an io.BytesIO object, or any
other custom object that meets this interface.

Optional keyword arguments are *fix_imports*, *encoding* and *errors*,
which are used to control compatibility support for pickle stream
generated by Python 2.  If *fix_imports* is True, pickle will try to
map the old Python 2 names to the new names used in Python 3.  The
*encoding* and *errors* tell pickle how to decode 8-bit string
instances pickled by Python 2; these default to 'ASCII' and 'strict',
respectively.  The *encoding* can be 'bytes' to read these 8-bit
string instances as bytes objects.
*/
static PyObject *
pickle_load_impl(PyObject *module, PyObject *file, int fix_imports, const char *encoding,
                 const char *errors, PyObject *buffers)
{
    struct loading u = {.state = get_state(module)};
    PyObject *result = NULL;
    if (_PyPickle_SetInputFile(&u, file) == 0
        && _PyPickle_BeginLoad(&u, fix_imports != 0, encoding, errors, buffers) == 0)
    {
        result = _PyPickle_Load(&u);
    }
    _PyPickle_EndLoad(&u);
    return result;
}

/*sig _pickle.loads(module, data: buffer, /, *, fix_imports: bool = True, encoding: utf8 = 'ASCII',
                    errors: utf8 = 'strict', buffers = c"NULL" py"()")

Read and return an object from the given pickle data.

The protocol version of the pickle is detected automatically, so no
protocol argument is needed.  Bytes past the pickled object's
representation are ignored.

Optional keyword arguments are *fix_imports*, *encoding* and *errors*,
which are used to control compatibility support for pickle stream
generated by Python 2.  If *fix_imports* is True, pickle will try to
map the old Python 2 names to the new names used in Python 3.  The
*encoding* and *errors* tell pickle how to decode 8-bit string
instances pickled by Python 2; these default to 'ASCII' and 'strict',
respectively.  The *encoding* can be 'bytes' to read these 8-bit
string instances as bytes objects.
*/
static PyObject *
pickle_loads_impl(PyObject *module, Py_buffer *data, int fix_imports, const char *encoding,
                  const char *errors, PyObject *buffers)
{
    struct loading u = {.state = get_state(module)};
    PyObject *result = NULL;
    if (_PyPickle_BeginLoad(&u, fix_imports != 0, encoding, errors, buffers) == 0) {
        u.in.view.buf = data->buf;
        u.in.view.len = u.in.peeked = data->len;
        result = _PyPickle_Load(&u);
    }
    _PyPickle_EndLoad(&u);
    return result;
}

static PyMethodDef pickle_functions[] = {
    PICKLE_DUMP_METHODDEF
    PICKLE_DUMPS_METHODDEF
    PICKLE_LOAD_METHODDEF
    PICKLE_LOADS_METHODDEF
    {NULL}
};

/* --- The module ------------------------------------------------------------------------------- */

/* Everything that the state owns. */
#define STATE_OBJECTS(X) \
    X(PickleError) X(PicklingError) X(UnpicklingError) X(Pickler_Type) X(Unpickler_Type) \
    X(PicklerMemoProxy_Type) X(UnpicklerMemoProxy_Type) X(dispatch_table) X(extension_registry) \
    X(inverted_registry) X(extension_cache) X(name_mapping) X(import_mapping) \
    X(reverse_name_mapping) X(reverse_import_mapping) X(codecs_encode) X(getattr) X(partial)

static int
pickle_traverse(PyObject *module, visitproc visit, void *arg)
{
    pickle_state *state = get_state(module);
#define VISIT(NAME) Py_VISIT(state->NAME);
    STATE_OBJECTS(VISIT)
#undef VISIT
    return 0;
}

static int
pickle_clear(PyObject *module)
{
    pickle_state *state = get_state(module);
#define CLEAR(NAME) Py_CLEAR(state->NAME);
    STATE_OBJECTS(CLEAR)
#undef CLEAR
    return 0;
}

static void
pickle_free(void *module)
{
    pickle_clear((PyObject *)module);
}

/* Get something of another module, which must be a dict or, if not, callable. */
static int
get_other(PyObject **to, const char *module, const char *name, bool is_dict)
{
    *to = _PyImport_GetModuleAttrString(module, name);
    if (*to == NULL) {
        return -1;
    }
    if (is_dict ? !PyDict_CheckExact(*to) : !PyCallable_Check(*to)) {
        PyErr_Format(PyExc_RuntimeError, is_dict ? "%s.%s should be a dict, not %.200s"
                                                 : "%s.%s should be a callable, not %.200s",
                     module, name, Py_TYPE(*to)->tp_name);
        return -1;
    }
    return 0;
}

static int
get_others(pickle_state *state)
{
    const struct {
        PyObject **to;
        const char *module, *name;
        bool is_dict;
    } others[] = {
        {&state->dispatch_table, "copyreg", "dispatch_table", true},
        {&state->extension_registry, "copyreg", "_extension_registry", true},
        {&state->inverted_registry, "copyreg", "_inverted_registry", true},
        {&state->extension_cache, "copyreg", "_extension_cache", true},
        {&state->name_mapping, "_compat_pickle", "NAME_MAPPING", true},
        {&state->import_mapping, "_compat_pickle", "IMPORT_MAPPING", true},
        {&state->reverse_name_mapping, "_compat_pickle", "REVERSE_NAME_MAPPING", true},
        {&state->reverse_import_mapping, "_compat_pickle", "REVERSE_IMPORT_MAPPING", true},
        {&state->codecs_encode, "codecs", "encode", false},
        {&state->getattr, "builtins", "getattr", false},
        {&state->partial, "functools", "partial", false},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(others); i++) {
        if (get_other(others[i].to, others[i].module, others[i].name, others[i].is_dict) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Make an exception and add it to the module. */
static int
add_error(PyObject *module, PyObject **error, const char *full_name, PyObject *base)
{
    *error = PyErr_NewException(full_name, base, NULL);
    return *error == NULL ? -1
           : PyModule_AddObjectRef(module, strchr(full_name, '.') + 1, *error);
}

static int
add_type(PyObject *module, PyTypeObject **type, PyType_Spec *spec, bool is_public)
{
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type == NULL ? -1 : is_public ? PyModule_AddType(module, *type) : 0;
}

static int
pickle_exec(PyObject *module)
{
    pickle_state *state = get_state(module);
    return get_others(state) < 0
           || add_type(module, &state->Pickler_Type, &_PyPickler_Spec, true) < 0
           || add_type(module, &state->Unpickler_Type, &_PyUnpickler_Spec, true) < 0
           || add_type(module, &state->PicklerMemoProxy_Type, &_PyPicklerMemoProxy_Spec, false) < 0
           || add_type(module, &state->UnpicklerMemoProxy_Type, &_PyUnpicklerMemoProxy_Spec,
                       false) < 0
           || PyModule_AddType(module, &PyPickleBuffer_Type) < 0
           || add_error(module, &state->PickleError, "_pickle.PickleError", NULL) < 0
           || add_error(module, &state->PicklingError, "_pickle.PicklingError",
                        state->PickleError) < 0
           || add_error(module, &state->UnpicklingError, "_pickle.UnpicklingError",
                        state->PickleError) < 0 ? -1 : 0;
}

static PyModuleDef_Slot pickle_slots[] = {
    {Py_mod_exec, pickle_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED struct PyModuleDef _PyPickle_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pickle",
    .m_doc = PyDoc_STR("Optimized C implementation for the Python pickle module."),
    .m_size = sizeof(pickle_state),
    .m_methods = pickle_functions,
    .m_slots = pickle_slots,
    .m_traverse = pickle_traverse,
    .m_clear = pickle_clear,
    .m_free = pickle_free,
};

PyMODINIT_FUNC
PyInit__pickle(void)
{
    return PyModuleDef_Init(&_PyPickle_Module);
}
