/* Debug builds: shared objects are immutable, and this file checks it.
 *
 * When the runtime has started, a copy of the section "pyshared" is taken.  Later writes are either
 * announced (_PyShared_BeginWrite, _PyShared_EndWrite: a static type is made ready, a module
 * definition gets its index) or known by their place (the cached hash of a str, bytes or
 * frozenset).  Any other difference, looked for at each announcement and at the end of the runtime,
 * is a defect: the process is aborted with a message that names the object.
 *
 * The copy is process state; it is guarded by the types lock.
 * Written from InternalDocs/objects.rst. */

#include "Python.h"
#include "pycore_object.h"      // prototypes
#include "pycore_shared.h"      // __start_pyshared

#ifdef Py_DEBUG

#include <dlfcn.h>
#include <sys/mman.h>

static size_t
section_size(void)
{
    return (size_t)(__stop_pyshared - __start_pyshared);
}

void
_PyShared_Remember(void)
{
    struct types_runtime_state *types = &_PyRuntime.types;
    _PyProcessLock_Lock(&_PyRuntime.types_lock);
    if (types->shared_copy == NULL && section_size() > 0) {
        /* Without memory nothing is checked. */
        void *copy = mmap(NULL, section_size(), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (copy != MAP_FAILED) {
            memcpy(copy, __start_pyshared, section_size());
            types->shared_copy = copy;
        }
    }
    _PyProcessLock_Unlock(&_PyRuntime.types_lock);
}

/* Is `word` the hash of a shared str, bytes or frozenset? */
static int
is_cached_hash(const uintptr_t *word)
{
    const size_t type_field = offsetof(PyObject, ob_type);
    static const struct {
        PyTypeObject *type;
        size_t offset;
    } caching[] = {
        {&PyUnicode_Type, offsetof(PyASCIIObject, hash)},
        {&PyBytes_Type, offsetof(PyBytesObject, ob_shash)},
        {&PyFrozenSet_Type, offsetof(PySetObject, hash)},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(caching); i++) {
        const char *op = (const char *)word - caching[i].offset;
        if (op >= __start_pyshared
            && *(PyTypeObject *const *)(op + type_field) == caching[i].type) {
            return 1;
        }
    }
    return 0;
}

static _Py_NO_RETURN void
report(const uintptr_t *word, uintptr_t before)
{
    Dl_info info = {0};
    const char *name = dladdr(word, &info) != 0 && info.dli_sname != NULL ? info.dli_sname : "?";
    fprintf(stderr, "shared object was changed: %p (%s+%td), %#zx before, %#zx now\n",
            (const void *)word, name,
            info.dli_saddr != NULL ? (const char *)word - (char *)info.dli_saddr : (ptrdiff_t)0,
            (size_t)before, (size_t)*word);
    fflush(stderr);
    abort();
}

void
_PyShared_Check(void)
{
    const uintptr_t *copy = _PyRuntime.types.shared_copy;
    if (copy == NULL) {
        return;
    }
    const uintptr_t *now = (const uintptr_t *)__start_pyshared;
    assert((uintptr_t)now % sizeof(uintptr_t) == 0);
    for (size_t i = 0; i < section_size() / sizeof(*now); i++) {
        if (now[i] != copy[i] && !is_cached_hash(&now[i])) {
            report(&now[i], copy[i]);
        }
    }
}

void
_PyShared_BeginWrite(void)
{
    assert(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    if (_PyRuntime.types.shared_writers++ == 0) {
        _PyShared_Check();
    }
}

void
_PyShared_EndWrite(void)
{
    assert(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    if (--_PyRuntime.types.shared_writers == 0 && _PyRuntime.types.shared_copy != NULL) {
        memcpy(_PyRuntime.types.shared_copy, __start_pyshared, section_size());
    }
}

#endif  /* Py_DEBUG */
