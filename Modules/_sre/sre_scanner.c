/* _sre.SRE_Scanner: matches one after the other, what finditer() iterates over.
 *
 * A scanner that runs refuses to be run again by a signal handler or another thread.
 *
 * Written from observation.
 */
#include "sre.h"

#include "sig/sre_scanner.sig.h"

static int
scanner_traverse(PyObject *op, visitproc visit, void *arg)
{
    sre_scanner *self = (sre_scanner *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->pattern);
    Py_VISIT(self->state.string);
    Py_VISIT(self->state.view.obj);
    return 0;
}

static void
scanner_dealloc(PyObject *op)
{
    sre_scanner *self = (sre_scanner *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    _PySre_StateFini(&self->state);
    Py_XDECREF(self->pattern);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

PyObject *
_PySre_NewScanner(sre_module *module, sre_pattern *pattern, PyObject *string, Py_ssize_t pos,
                  Py_ssize_t endpos)
{
    sre_scanner *self = PyObject_GC_New(sre_scanner, module->scanner_type);
    if (self == NULL) {
        return NULL;
    }
    self->exhausted = self->executing = false;
    self->pattern = (sre_pattern *)Py_NewRef(pattern);
    int res = _PySre_StateInit(&self->state, pattern, string, pos, endpos);
    PyObject_GC_Track(self);
    if (res < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* One step with _PySre_Match or _PySre_Search. */
static PyObject *
scanner_step(sre_scanner *self, int (*run)(sre_state *))
{
    if (self->executing) {
        PyErr_SetString(PyExc_ValueError, "regular expression scanner already executing");
        return NULL;
    }
    if (self->exhausted) {
        Py_RETURN_NONE;
    }
    self->executing = true;
    int found = run(&self->state);
    self->executing = false;
    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        self->exhausted = true;
        Py_RETURN_NONE;
    }
    sre_module *module = sre_module_of((PyObject *)self);
    PyObject *match = _PySre_NewMatch(module, self->pattern, &self->state);
    _PySre_StateNext(&self->state);
    return match;
}

/*sig _sre.SRE_Scanner.match(self)
*/
static PyObject *
scanner_match_impl(sre_scanner *self)
{
    return scanner_step(self, _PySre_Match);
}

/*sig _sre.SRE_Scanner.search(self)
*/
static PyObject *
scanner_search_impl(sre_scanner *self)
{
    return scanner_step(self, _PySre_Search);
}

static _Py_SHARED PyMethodDef scanner_methods[] = {
    SCANNER_MATCH_METHODDEF
    SCANNER_SEARCH_METHODDEF
    {NULL}
};

static _Py_SHARED PyMemberDef scanner_members[] = {
    {"pattern", T_OBJECT, offsetof(sre_scanner, pattern), READONLY},
    {NULL}
};

static _Py_SHARED PyType_Slot scanner_slots[] = {
    {Py_tp_dealloc, scanner_dealloc},
    {Py_tp_traverse, scanner_traverse},
    {Py_tp_methods, scanner_methods},
    {Py_tp_members, scanner_members},
    {0, NULL}
};

_Py_SHARED PyType_Spec _PySre_ScannerSpec = {
    .name = "_sre.SRE_Scanner",
    .basicsize = sizeof(sre_scanner),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_HAVE_GC,
    .slots = scanner_slots,
};
