/* The module _lsprof: the profiler behind cProfile.
 *
 *   entry       what is known of one function: a code object or a built-in function
 *   sub-entry   the same of it when it was called by another one
 *   call        a call that has not returned; calls lie on one stack per Profiler
 *
 * The profiler is a tool of sys.monitoring (PEP 669): its callbacks are methods of the Profiler.
 * A call's time is the difference of two readings of the timer; the time that its own calls take
 * is summed up in it and subtracted for its inline time.
 *
 * Entries are found by address: a code object is owned by its entry, a method table of a
 * built-in function is not, but its entry has the name already.
 *
 * What may run Python code, the timer and the making of a name, does so when no pointer into the
 * tables or the stack is held, or while `in_timer` is set: then disable() and clear() are refused
 * and events are ignored.
 *
 * Written from the library reference (profile, sys.monitoring), PEP 669 and observed behaviour.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "pycore_instruments.h" // event numbers, _PyInstrumentation_MISSING

#include <stdbool.h>
#include <stdint.h>

#define TOOL_NAME "cProfile"
#define TOOL_ID 2               /* sys.monitoring.PROFILER_ID */

/* Counts of one function, or of one function as another one calls it.  A node of a table. */
struct counts {
    const void *key;
    struct counts *next;        /* in the same bucket */
    _PyTime_t total, inner;     /* in units of the timer; `inner` without further calls */
    long calls, recursive_calls;
    long level;                 /* calls that have not returned */
};

/* Chains of nodes; a node begins with its counts. */
struct table {
    struct counts **buckets;    /* owned; NULL: none yet */
    size_t size;                /* a power of two, or 0 */
    size_t used;
};

struct entry {
    struct counts counts;       /* key: the code object or method table */
    PyObject *function;         /* code object or str, owned */
    struct table callees;       /* nodes: struct counts; key: struct entry */
};

struct call {
    struct entry *entry;
    _PyTime_t start;
    _PyTime_t in_calls;         /* time of the calls it has made */
};

typedef struct {
    PyObject_HEAD
    struct table entries;
    struct call *stack;         /* owned */
    Py_ssize_t depth, allocated;
    PyObject *timer;            /* owned; NULL: the system's */
    double unit;                /* of a timer with whole numbers, in seconds; 0: seconds */
    bool enabled, subcalls, builtins;
    bool in_timer;
    bool no_memory;             /* something was not recorded */
} ProfilerObject;

typedef struct {
    PyTypeObject *profiler_type, *entry_type, *subentry_type;
} lsprof_state;

#include "sig/_lsprof.sig.h"

/* --- Tables ----------------------------------------------------------------------------------- */

static size_t
bucket_of(const struct table *table, const void *key)
{
    return (size_t)((uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 32)
           & (table->size - 1);
}

static struct counts *
table_find(const struct table *table, const void *key)
{
    struct counts *node = table->size > 0 ? table->buckets[bucket_of(table, key)] : NULL;
    while (node != NULL && node->key != key) {
        node = node->next;
    }
    return node;
}

static int
table_grow(struct table *table)
{
    struct table bigger = {.size = table->size > 0 ? 2 * table->size : 8};
    bigger.buckets = PyMem_Calloc(bigger.size, sizeof(struct counts *));
    if (bigger.buckets == NULL) {
        return -1;
    }
    for (size_t i = 0; i < table->size; i++) {
        for (struct counts *node = table->buckets[i], *next; node != NULL; node = next) {
            struct counts **bucket = &bigger.buckets[bucket_of(&bigger, node->key)];
            next = node->next;
            node->next = *bucket;
            *bucket = node;
        }
    }
    bigger.used = table->used;
    PyMem_Free(table->buckets);
    *table = bigger;
    return 0;
}

/* A new node of `size` bytes, or NULL without an exception. */
static struct counts *
table_add(struct table *table, const void *key, size_t size)
{
    assert(table_find(table, key) == NULL);
    if (table->used == table->size && table_grow(table) < 0) {
        return NULL;
    }
    struct counts *node = PyMem_Calloc(1, size);
    if (node != NULL) {
        struct counts **bucket = &table->buckets[bucket_of(table, key)];
        node->key = key;
        node->next = *bucket;
        *bucket = node;
        table->used++;
    }
    return node;
}

/* Free a table and its nodes; those of entries own a function and a table. */
static void
table_free(struct table *table, bool of_entries)
{
    struct table old = *table;
    memset(table, 0, sizeof(*table));
    for (size_t i = 0; i < old.size; i++) {
        for (struct counts *node = old.buckets[i], *next; node != NULL; node = next) {
            next = node->next;
            if (of_entries) {
                struct entry *entry = (struct entry *)node;
                table_free(&entry->callees, false);
                Py_DECREF(entry->function);
            }
            PyMem_Free(node);
        }
    }
    PyMem_Free(old.buckets);
}

/* --- Time ------------------------------------------------------------------------------------- */

/* What a timer has returned, in units: 0, or -1 with an exception. */
static int
read_timer_value(const ProfilerObject *self, PyObject *value, _PyTime_t *time)
{
    return self->unit > 0.0 ? _PyTime_FromNanosecondsObject(time, value)
           : _PyTime_FromSecondsObject(time, value, _PyTime_ROUND_FLOOR);
}

/* All that may run Python code here counts as the timer's. */
static _PyTime_t
call_timer(ProfilerObject *self)
{
    _PyTime_t time = 0;
    PyObject *timer = Py_NewRef(self->timer);
    assert(!self->in_timer);
    self->in_timer = true;
    PyObject *value = PyObject_CallNoArgs(timer);
    if (value == NULL || read_timer_value(self, value, &time) < 0) {
        PyErr_WriteUnraisable(timer);
        time = 0;
    }
    Py_XDECREF(value);
    Py_DECREF(timer);
    self->in_timer = false;
    return time;
}

static inline _PyTime_t
now(ProfilerObject *self)
{
    return self->timer != NULL ? call_timer(self) : _PyTime_GetPerfCounter();
}

/* --- Calls ------------------------------------------------------------------------------------ */

/* A built-in function that is called. */
struct builtin {
    const PyMethodDef *method;
    PyObject *self;             /* borrowed; NULL: none */
    PyObject *module;           /* its name, borrowed; NULL: none */
};

/* The name of a built-in function: new reference, or NULL with an exception.  It may run Python
 * code, the repr() of what a subclass has under the function's name. */
static PyObject *
name_of_builtin(const struct builtin *called)
{
    const char *name = called->method->ml_name;
    PyObject *module = called->module;
    if (called->self != NULL) {
        PyObject *str = PyUnicode_FromString(name);
        if (str == NULL) {
            return NULL;
        }
        PyObject *found = Py_XNewRef(_PyType_Lookup(Py_TYPE(called->self), str));
        Py_DECREF(str);
        if (found != NULL) {
            PyObject *repr = PyObject_Repr(found);
            Py_DECREF(found);
            return repr;
        }
        return module != NULL && PyUnicode_Check(module)
               ? PyUnicode_FromFormat("<built-in method %U.%s>", module, name)
               : PyUnicode_FromFormat("<built-in method %s>", name);
    }
    if (module != NULL && PyUnicode_Check(module)
        && !_PyUnicode_EqualToASCIIString(module, "builtins"))
    {
        return PyUnicode_FromFormat("<%U.%s>", module, name);
    }
    return PyUnicode_FromFormat("<%s>", name);
}

/* The entry of a code object, or of a built-in function if `called` is one; it is made if need be.
 * NULL, and no exception, without memory. */
static struct entry *
entry_of(ProfilerObject *self, const void *key, PyObject *code, const struct builtin *called)
{
    struct counts *node = table_find(&self->entries, key);
    if (node != NULL) {
        return (struct entry *)node;
    }
    PyObject *function = called != NULL ? name_of_builtin(called) : Py_NewRef(code);
    if (function == NULL) {
        PyErr_Clear();
        self->no_memory = true;
        return NULL;
    }
    node = table_find(&self->entries, key);     /* the name may have taken Python code */
    if (node == NULL) {
        node = table_add(&self->entries, key, sizeof(struct entry));
        if (node != NULL) {
            ((struct entry *)node)->function = Py_NewRef(function);
        }
        self->no_memory = self->no_memory || node == NULL;
    }
    Py_DECREF(function);
    return (struct entry *)node;
}

/* The functions that the last call's caller has called; NULL: they are not recorded. */
static struct table *
callees_of_caller(const ProfilerObject *self)
{
    return self->subcalls && self->depth >= 2 ? &self->stack[self->depth - 2].entry->callees : NULL;
}

/* Count a call of the entry by its caller. */
static void
enter_subentry(ProfilerObject *self, const struct entry *entry)
{
    struct table *callees = callees_of_caller(self);
    if (callees != NULL) {
        struct counts *sub = table_find(callees, entry);
        sub = sub != NULL ? sub : table_add(callees, entry, sizeof(struct counts));
        if (sub != NULL) {
            sub->level++;
        }
        self->no_memory = self->no_memory || sub == NULL;
    }
}

/* A place for one more call on the stack: 0, or -1 without an exception. */
static int
stack_room(ProfilerObject *self)
{
    if (self->depth == self->allocated) {
        size_t more = 2 * (size_t)self->allocated + 32;
        struct call *stack = PyMem_Realloc(self->stack, more * sizeof(struct call));
        if (stack == NULL) {
            return -1;
        }
        self->stack = stack;
        self->allocated = (Py_ssize_t)more;
    }
    return 0;
}

/* A function is called. */
static void
enter_call(ProfilerObject *self, const void *key, PyObject *code, const struct builtin *called)
{
    if (self->in_timer) {
        return;
    }
    struct entry *entry = entry_of(self, key, code, called);
    if (self->in_timer) {
        return;         /* another thread's, while a name was made */
    }
    if (entry == NULL || stack_room(self) < 0) {
        self->no_memory = true;
        return;
    }
    struct call *call = &self->stack[self->depth++];
    call->entry = entry;
    call->in_calls = 0;
    entry->counts.level++;
    enter_subentry(self, entry);
    /* The timer comes last, so that the time above is not the function's. */
    _PyTime_t start = now(self);
    assert(self->depth > 0);
    self->stack[self->depth - 1].start = start;
}

/* Add a call that is over. */
static void
count_call(struct counts *counts, _PyTime_t total, _PyTime_t inner)
{
    if (--counts->level == 0) {
        counts->total += total;
    }
    else {
        counts->recursive_calls++;
    }
    counts->inner += inner;
    counts->calls++;
}

/* The last call is over, and was one of the entry. */
static void
end_call(ProfilerObject *self, struct entry *entry)
{
    assert(self->depth > 0);
    _PyTime_t time = now(self);
    const struct call *call = &self->stack[self->depth - 1];
    _PyTime_t total = time - call->start, inner = total - call->in_calls;
    count_call(&entry->counts, total, inner);
    struct table *callees = callees_of_caller(self);
    struct counts *sub = callees != NULL ? table_find(callees, entry) : NULL;
    if (sub != NULL) {
        count_call(sub, total, inner);
    }
    self->depth--;
    if (self->depth > 0) {
        self->stack[self->depth - 1].in_calls += total;
    }
}

/* A function returns.  It has no entry if it was called before enable(), or without memory. */
static void
leave_call(ProfilerObject *self, const void *key)
{
    if (!self->in_timer && self->depth > 0) {
        struct entry *entry = (struct entry *)table_find(&self->entries, key);
        if (entry != NULL) {
            end_call(self, entry);
        }
    }
}

/* End all calls that have not returned. */
static void
end_all_calls(ProfilerObject *self)
{
    while (self->depth > 0) {
        end_call(self, self->stack[self->depth - 1].entry);
    }
}

/* --- Events ----------------------------------------------------------------------------------- */

/* Arguments of callbacks: the code object, an offset, and what the event is about. */

static PyObject *
profiler_pystart_callback(ProfilerObject *self, PyObject *const *args, Py_ssize_t n)
{
    if (n > 0) {
        enter_call(self, args[0], args[0], NULL);
    }
    Py_RETURN_NONE;
}

static PyObject *
profiler_pyreturn_callback(ProfilerObject *self, PyObject *const *args, Py_ssize_t n)
{
    if (n > 0) {
        leave_call(self, args[0]);
    }
    Py_RETURN_NONE;
}

/* Whether a built-in function is called, and which one.  A method of a type, called with an object
 * of it, is that object's. */
static bool
find_builtin(PyObject *callable, PyObject *first, struct builtin *called)
{
    if (PyCFunction_Check(callable)) {
        const PyCFunctionObject *function = (PyCFunctionObject *)callable;
        *called = (struct builtin){function->m_ml, function->m_self, function->m_module};
        return true;
    }
    if (Py_IS_TYPE(callable, &PyMethodDescr_Type) && first != &_PyInstrumentation_MISSING
        && PyObject_TypeCheck(first, PyDescr_TYPE(callable)))
    {
        *called = (struct builtin){((PyMethodDescrObject *)callable)->d_method, first, NULL};
        return true;
    }
    return false;
}

static PyObject *
profiler_ccall_callback(ProfilerObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct builtin called;
    if (self->builtins && n > 3 && find_builtin(args[2], args[3], &called)) {
        enter_call(self, called.method, NULL, &called);
    }
    Py_RETURN_NONE;
}

static PyObject *
profiler_creturn_callback(ProfilerObject *self, PyObject *const *args, Py_ssize_t n)
{
    struct builtin called;
    if (self->builtins && n > 3 && find_builtin(args[2], args[3], &called)) {
        leave_call(self, called.method);
    }
    Py_RETURN_NONE;
}

static const struct {
    int event;
    const char *callback;
} event_table[] = {
    {PY_MONITORING_EVENT_PY_START, "_pystart_callback"},
    {PY_MONITORING_EVENT_PY_RESUME, "_pystart_callback"},
    {PY_MONITORING_EVENT_PY_THROW, "_pystart_callback"},
    {PY_MONITORING_EVENT_PY_RETURN, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_PY_YIELD, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_PY_UNWIND, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_CALL, "_ccall_callback"},
    {PY_MONITORING_EVENT_C_RETURN, "_creturn_callback"},
    {PY_MONITORING_EVENT_C_RAISE, "_creturn_callback"},
};

/* sys.monitoring.method(TOOL_ID, ...): 0, or -1 with an exception. */
static int
call_monitoring(const char *method, const char *format, ...)
{
    PyObject *monitoring = _PyImport_GetModuleAttrString("sys", "monitoring");
    PyObject *function = monitoring != NULL ? PyObject_GetAttrString(monitoring, method) : NULL;
    Py_XDECREF(monitoring);
    if (function == NULL) {
        return -1;
    }
    va_list va;
    va_start(va, format);
    PyObject *args = Py_VaBuildValue(format, va);
    va_end(va);
    PyObject *result = args != NULL ? PyObject_CallObject(function, args) : NULL;
    Py_DECREF(function);
    Py_XDECREF(args);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* Register the callbacks of a Profiler, or none. */
static int
register_callbacks(ProfilerObject *self, bool none)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(event_table); i++) {
        PyObject *callback = none ? Py_NewRef(Py_None)
                             : PyObject_GetAttrString((PyObject *)self, event_table[i].callback);
        int result = callback != NULL ? call_monitoring("register_callback", "(iiO)", TOOL_ID,
                                                        1 << event_table[i].event, callback) : -1;
        Py_XDECREF(callback);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

static int
set_events(bool none)
{
    int events = 0;
    for (size_t i = 0; !none && i < Py_ARRAY_LENGTH(event_table); i++) {
        events |= 1 << event_table[i].event;
    }
    return call_monitoring("set_events", "(ii)", TOOL_ID, events);
}

/* Give the tool back. */
static int
leave_monitoring(ProfilerObject *self)
{
    return register_callbacks(self, true) < 0 || set_events(true) < 0
           ? -1 : call_monitoring("free_tool_id", "(i)", TOOL_ID);
}

/* --- Methods ---------------------------------------------------------------------------------- */

static int
not_in_timer(const ProfilerObject *self, const char *what)
{
    if (self->in_timer) {
        PyErr_Format(PyExc_RuntimeError, "cannot %s profiler in external timer", what);
        return -1;
    }
    return 0;
}

/*sig @nosignature _lsprof.Profiler.enable(self, subcalls: bool = c"-1" py"True",
                                             builtins: bool = c"-1" py"True") -> None

enable(subcalls=True, builtins=True)

Start collecting profiling information.
If 'subcalls' is True, also records for each function
statistics separated according to its current caller.
If 'builtins' is True, records the time spent in
built-in functions separately from their caller.

*/
static int
profiler_enable_impl(ProfilerObject *self, int subcalls, int builtins)
{
    if (call_monitoring("use_tool_id", "(is)", TOOL_ID, TOOL_NAME) < 0) {
        if (PyErr_ExceptionMatches(PyExc_ValueError)) {
            PyErr_SetString(PyExc_ValueError, "Another profiling tool is already active");
        }
        return -1;
    }
    self->subcalls = subcalls >= 0 ? subcalls != 0 : self->subcalls;
    self->builtins = builtins >= 0 ? builtins != 0 : self->builtins;
    self->enabled = true;
    if (register_callbacks(self, false) == 0 && set_events(false) == 0) {
        return 0;
    }
    PyObject *error = PyErr_GetRaisedException();
    self->enabled = false;
    if (leave_monitoring(self) < 0) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(error);
    return -1;
}

/*sig @nosignature _lsprof.Profiler.disable(self) -> None

disable()

Stop collecting profiling information.

*/
static int
profiler_disable_impl(ProfilerObject *self)
{
    if (not_in_timer(self, "disable") < 0) {
        return -1;
    }
    if (self->enabled) {
        if (leave_monitoring(self) < 0) {
            return -1;
        }
        self->enabled = false;
        end_all_calls(self);
    }
    if (self->no_memory) {
        self->no_memory = false;
        PyErr_SetString(PyExc_MemoryError, "memory was exhausted while profiling");
        return -1;
    }
    return 0;
}

static void
forget(ProfilerObject *self)
{
    self->depth = self->allocated = 0;
    PyMem_Free(self->stack);
    self->stack = NULL;
    table_free(&self->entries, true);
}

/*sig @nosignature _lsprof.Profiler.clear(self) -> None

clear()

Clear all profiling information collected so far.

*/
static int
profiler_clear_impl(ProfilerObject *self)
{
    if (not_in_timer(self, "clear") < 0) {
        return -1;
    }
    forget(self);
    return 0;
}

/* A struct sequence from a function and its counts, with room behind: new reference, or NULL. */
static PyObject *
make_stats(PyTypeObject *type, PyObject *function, const struct counts *counts, double unit)
{
    PyObject *stats = PyStructSequence_New(type);
    if (stats == NULL) {
        return NULL;
    }
    PyStructSequence_SetItem(stats, 0, Py_NewRef(function));
    PyStructSequence_SetItem(stats, 1, PyLong_FromLong(counts->calls));
    PyStructSequence_SetItem(stats, 2, PyLong_FromLong(counts->recursive_calls));
    PyStructSequence_SetItem(stats, 3, PyFloat_FromDouble(unit * (double)counts->total));
    PyStructSequence_SetItem(stats, 4, PyFloat_FromDouble(unit * (double)counts->inner));
    for (Py_ssize_t i = 1; i < 5; i++) {
        if (PyStructSequence_GetItem(stats, i) == NULL) {
            Py_DECREF(stats);
            return NULL;
        }
    }
    return stats;
}

/* Add what was just made (stolen; NULL is an error that happened) to a list. */
static int
append_new(PyObject *list, PyObject *item)
{
    int result = item != NULL ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return result;
}

/* The calls that a function has made: a list, None if there are none, or NULL. */
static PyObject *
stats_of_callees(const lsprof_state *state, const struct table *table, double unit)
{
    PyObject *list = NULL;
    for (size_t i = 0; i < table->size; i++) {
        for (const struct counts *node = table->buckets[i]; node != NULL; node = node->next) {
            const struct entry *callee = node->key;
            list = list != NULL ? list : PyList_New(0);
            if (list == NULL
                || append_new(list, make_stats(state->subentry_type, callee->function, node,
                                               unit)) < 0)
            {
                Py_XDECREF(list);
                return NULL;
            }
        }
    }
    return list != NULL ? list : Py_NewRef(Py_None);
}

static PyObject *
stats_of_entry(const lsprof_state *state, const struct entry *entry, double unit)
{
    PyObject *stats = make_stats(state->entry_type, entry->function, &entry->counts, unit);
    PyObject *calls = stats != NULL ? stats_of_callees(state, &entry->callees, unit) : NULL;
    if (calls == NULL) {
        Py_XDECREF(stats);
        return NULL;
    }
    PyStructSequence_SetItem(stats, 5, calls);
    return stats;
}

/*sig _lsprof.Profiler.getstats(self, cls: defining_class)

list of profiler_entry objects.

getstats() -> list of profiler_entry objects

Return all information collected by the profiler.
Each profiler_entry is a tuple-like object with the
following attributes:

    code          code object
    callcount     how many times this was called
    reccallcount  how many times called recursively
    totaltime     total time in this entry
    inlinetime    inline time in this entry (not in subcalls)
    calls         details of the calls

The calls attribute is either None or a list of
profiler_subentry objects:

    code          called code object
    callcount     how many times this is called
    reccallcount  how many times this is called recursively
    totaltime     total time spent in this call
    inlinetime    inline time (not in further subcalls)
*/
static PyObject *
profiler_getstats_impl(ProfilerObject *self, PyTypeObject *cls)
{
    const lsprof_state *state = PyType_GetModuleState(cls);
    double unit = self->timer != NULL && self->unit > 0.0 ? self->unit : 1e-9;
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < self->entries.size; i++) {
        struct counts *node = self->entries.buckets[i];
        for (; list != NULL && node != NULL; node = node->next) {
            if (node->calls > 0
                && append_new(list, stats_of_entry(state, (struct entry *)node, unit)) < 0)
            {
                Py_CLEAR(list);
            }
        }
    }
    return list;
}

static int
profiler_init(ProfilerObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"timer", "timeunit", "subcalls", "builtins", NULL};
    PyObject *timer = NULL;
    double unit = 0.0;
    int subcalls = 1, builtins = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Odpp:Profiler", (char **)keywords, &timer,
                                     &unit, &subcalls, &builtins))
    {
        return -1;
    }
    self->subcalls = subcalls != 0;
    self->builtins = builtins != 0;
    self->unit = unit;
    Py_XSETREF(self->timer, timer != NULL && timer != Py_None ? Py_NewRef(timer) : NULL);
    return 0;
}

static int
profiler_traverse(ProfilerObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->timer);
    return 0;
}

static int
profiler_tp_clear(ProfilerObject *self)
{
    Py_CLEAR(self->timer);
    return 0;
}

/* The callbacks hold an enabled profiler.  If it is freed, others were registered in their place,
 * and the tool is not its own any more. */
static void
profiler_dealloc(ProfilerObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    forget(self);
    Py_XDECREF(self->timer);
    type->tp_free(self);
    Py_DECREF(type);
}

#define CALLBACK(NAME) {"_" #NAME, (PyCFunction)(void (*)(void))profiler_ ## NAME, METH_FASTCALL}

static const PyMethodDef profiler_methods[] = {
    PROFILER_GETSTATS_METHODDEF
    PROFILER_ENABLE_METHODDEF
    PROFILER_DISABLE_METHODDEF
    PROFILER_CLEAR_METHODDEF
    CALLBACK(pystart_callback),
    CALLBACK(pyreturn_callback),
    CALLBACK(ccall_callback),
    CALLBACK(creturn_callback),
    {NULL}
};

PyDoc_STRVAR(profiler_doc,
"Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)\n"
"\n"
"    Builds a profiler object using the specified timer function.\n"
"    The default timer is a fast built-in one based on real time.\n"
"    For custom timer functions returning integers, timeunit can\n"
"    be a float specifying a scale (i.e. how long each integer unit\n"
"    is, in seconds).\n");

static const PyType_Slot profiler_slots[] = {
    {Py_tp_doc, (void *)profiler_doc},
    {Py_tp_methods, (PyMethodDef *)profiler_methods},
    {Py_tp_init, profiler_init},
    {Py_tp_dealloc, profiler_dealloc},
    {Py_tp_traverse, profiler_traverse},
    {Py_tp_clear, profiler_tp_clear},
    {0, NULL}
};

static const PyType_Spec profiler_spec = {
    .name = "_lsprof.Profiler",
    .basicsize = sizeof(ProfilerObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)profiler_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static const PyStructSequence_Field entry_fields[] = {
    {"code", "code object or built-in function name"},
    {"callcount", "how many times this was called"},
    {"reccallcount", "how many times called recursively"},
    {"totaltime", "total time in this entry"},
    {"inlinetime", "inline time in this entry (not in subcalls)"},
    {"calls", "details of the calls"},
    {NULL}
};

static const PyStructSequence_Field subentry_fields[] = {
    {"code", "called code object or built-in function name"},
    {"callcount", "how many times this is called"},
    {"reccallcount", "how many times this is called recursively"},
    {"totaltime", "total time spent in this call"},
    {"inlinetime", "inline time (not in further subcalls)"},
    {NULL}
};

static const PyStructSequence_Desc entry_desc = {
    .name = "_lsprof.profiler_entry", .fields = (PyStructSequence_Field *)entry_fields,
    .n_in_sequence = 6,
};

static const PyStructSequence_Desc subentry_desc = {
    .name = "_lsprof.profiler_subentry", .fields = (PyStructSequence_Field *)subentry_fields,
    .n_in_sequence = 5,
};

static int
lsprof_traverse(PyObject *module, visitproc visit, void *arg)
{
    lsprof_state *state = PyModule_GetState(module);
    Py_VISIT(state->profiler_type);
    Py_VISIT(state->entry_type);
    Py_VISIT(state->subentry_type);
    return 0;
}

static int
lsprof_clear(PyObject *module)
{
    lsprof_state *state = PyModule_GetState(module);
    Py_CLEAR(state->profiler_type);
    Py_CLEAR(state->entry_type);
    Py_CLEAR(state->subentry_type);
    return 0;
}

static void
lsprof_free(void *module)
{
    lsprof_clear((PyObject *)module);
}

static int
lsprof_exec(PyObject *module)
{
    lsprof_state *state = PyModule_GetState(module);
    PyType_Spec *spec = (PyType_Spec *)&profiler_spec;
    state->profiler_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (state->profiler_type == NULL || PyModule_AddType(module, state->profiler_type) < 0) {
        return -1;
    }
    state->entry_type = PyStructSequence_NewType((PyStructSequence_Desc *)&entry_desc);
    if (state->entry_type == NULL || PyModule_AddType(module, state->entry_type) < 0) {
        return -1;
    }
    state->subentry_type = PyStructSequence_NewType((PyStructSequence_Desc *)&subentry_desc);
    return state->subentry_type != NULL ? PyModule_AddType(module, state->subentry_type) : -1;
}

static const PyModuleDef_Slot lsprof_slots[] = {
    {Py_mod_exec, lsprof_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef lsprof_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_lsprof",
    .m_doc = PyDoc_STR("Fast profiler"),
    .m_size = sizeof(lsprof_state),
    .m_slots = (PyModuleDef_Slot *)lsprof_slots,
    .m_traverse = lsprof_traverse,
    .m_clear = lsprof_clear,
    .m_free = lsprof_free,
};

PyMODINIT_FUNC
PyInit__lsprof(void)
{
    return PyModuleDef_Init(&lsprof_module);
}
