/* Debug hooks of the allocators: fill bytes, guards, and checks at every free and realloc.

   Layout of a block of N bytes at p, S = sizeof(size_t) (documented in the C API reference):

       p[-2S : -S]    N, most significant byte first
       p[-S]          letter of the domain: 'r', 'm' or 'o'
       p[-S+1 : 0]    S-1 bytes 0xFD
       p[0 : N]       the block; 0xCD when fresh, 0xDD when freed
       p[N : N+S]     S bytes 0xFD

   The domain is told by the hook's context, the address of the wrapped allocator in
   _PyRuntime.memory.

   Written from the C API reference ("PyMem_SetupDebugHooks").  */

#include "Python.h"
#include "pycore_pymem.h"       // PYMEM_CLEANBYTE
#include "pycore_tracemalloc.h" // _PyTraceMalloc_Dump()

#define S sizeof(size_t)
#define GUARDS (3 * S)

static char
api_letter(const void *ctx)
{
    struct _process_memory *memory = &_PyRuntime.memory;
    if (ctx == &memory->debug_raw) {
        return 'r';
    }
    return ctx == &memory->debug_mem ? 'm' : 'o';
}

static size_t
read_size(const uint8_t *p)
{
    size_t value = 0;
    for (size_t i = 0; i < S; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

static void
write_size(uint8_t *p, size_t value)
{
    for (size_t i = S; i-- > 0; value >>= 8) {
        p[i] = (uint8_t)value;
    }
}

/* Domains mem and obj need the GIL once the runtime runs. */
static void
check_gil(const char *func, const void *ctx)
{
    if (api_letter(ctx) != 'r' && _PyRuntime.core_initialized && !PyGILState_Check()) {
        _Py_FatalErrorFunc(func, "Python memory allocator called without holding the GIL");
    }
}

/* ---- Report ------------------------------------------------------------- */

static void
report_pad(const uint8_t *pad, size_t count, const char *where,
           const uint8_t *p, size_t offset)
{
    size_t good = 0;
    while (good < count && pad[good] == PYMEM_FORBIDDENBYTE) {
        good++;
    }
    fprintf(stderr, "    The %zu pad bytes at %s%zd are ", count, where, (Py_ssize_t)offset);
    if (good == count) {
        fputs("FORBIDDENBYTE, as expected.\n", stderr);
        return;
    }
    fprintf(stderr, "not all FORBIDDENBYTE (0x%02x):\n", PYMEM_FORBIDDENBYTE);
    for (size_t i = 0; i < count; i++) {
        Py_ssize_t at = pad + i - p;
        fprintf(stderr, "        at p%s%zd: 0x%02x%s\n", at < 0 ? "" : "+", at, pad[i],
                pad[i] == PYMEM_FORBIDDENBYTE ? "" : " *** OUCH");
    }
}

static void
report_data(const uint8_t *p, size_t size)
{
    if (size == 0) {
        return;
    }
    fputs("    Data at p:", stderr);
    size_t shown = size > 16 ? 8 : size;
    for (size_t i = 0; i < shown; i++) {
        fprintf(stderr, " %02x", p[i]);
    }
    if (size > 16) {
        fputs(" ...", stderr);
        for (size_t i = size - 8; i < size; i++) {
            fprintf(stderr, " %02x", p[i]);
        }
    }
    fputc('\n', stderr);
}

/* Say everything about the block at `ptr` on stderr. */
void
_PyObject_DebugDumpAddress(const void *ptr)
{
    const uint8_t *p = ptr;
    fprintf(stderr, "Debug memory block at address p=%p:", ptr);
    if (p == NULL) {
        fputc('\n', stderr);
        return;
    }
    fprintf(stderr, " API '%c'\n", p[-(Py_ssize_t)S]);
    size_t size = read_size(p - 2 * S);
    fprintf(stderr, "    %zu bytes originally requested\n", size);
    report_pad(p - S + 1, S - 1, "p-", p, S - 1);
    const uint8_t *tail = p + size;
    fprintf(stderr, "    The %zu pad bytes at tail=%p are ", S, (const void *)tail);
    size_t good = 0;
    while (good < S && tail[good] == PYMEM_FORBIDDENBYTE) {
        good++;
    }
    if (good == S) {
        fputs("FORBIDDENBYTE, as expected.\n", stderr);
    }
    else {
        fprintf(stderr, "not all FORBIDDENBYTE (0x%02x):\n", PYMEM_FORBIDDENBYTE);
        for (size_t i = 0; i < S; i++) {
            fprintf(stderr, "        at tail+%zu: 0x%02x%s\n", i, tail[i],
                    tail[i] == PYMEM_FORBIDDENBYTE ? "" : " *** OUCH");
        }
    }
    report_data(p, size);
    fputc('\n', stderr);
    _PyTraceMalloc_Dump(ptr);
    fflush(stderr);
}

static void _Py_NO_RETURN
block_error(const char *func, const void *ptr, const char *message)
{
    _PyObject_DebugDumpAddress(ptr);
    _Py_FatalErrorFormat(func, "%s", message);
}

/* Check the guards of a block that is about to be freed or resized.  `func` has the name that
   CPython reports, whatever the domain. */
static void
check_block(const char *func, char api, const uint8_t *p)
{
    char id = (char)p[-(Py_ssize_t)S];
    if (id != api) {
        char message[100];
        PyOS_snprintf(message, sizeof(message),
                      "bad ID: Allocated using API '%c', verified using API '%c'", id, api);
        block_error(func, p, message);
    }
    for (size_t i = 1; i < S; i++) {
        if (p[-(Py_ssize_t)i] != PYMEM_FORBIDDENBYTE) {
            block_error(func, p, "bad leading pad byte");
        }
    }
    size_t size = read_size(p - 2 * S);
    for (size_t i = 0; i < S; i++) {
        if (p[size + i] != PYMEM_FORBIDDENBYTE) {
            block_error(func, p, "bad trailing pad byte");
        }
    }
}

/* ---- The hooks ---------------------------------------------------------- */

static void *
dress(uint8_t *base, size_t size, char api)
{
    uint8_t *p = base + 2 * S;
    write_size(base, size);
    base[S] = (uint8_t)api;
    memset(base + S + 1, PYMEM_FORBIDDENBYTE, S - 1);
    memset(p + size, PYMEM_FORBIDDENBYTE, S);
    return p;
}

void *
_PyMem_DebugMalloc(void *ctx, size_t size)
{
    PyMemAllocatorEx *alloc = ctx;
    check_gil(__func__, ctx);
    if (size > (size_t)PY_SSIZE_T_MAX - GUARDS) {
        return NULL;
    }
    uint8_t *base = alloc->malloc(alloc->ctx, size + GUARDS);
    if (base == NULL) {
        return NULL;
    }
    memset(base + 2 * S, PYMEM_CLEANBYTE, size);
    return dress(base, size, api_letter(ctx));
}

void *
_PyMem_DebugCalloc(void *ctx, size_t nelem, size_t elsize)
{
    PyMemAllocatorEx *alloc = ctx;
    check_gil(__func__, ctx);
    size_t size;
    if (__builtin_mul_overflow(nelem, elsize, &size)
        || size > (size_t)PY_SSIZE_T_MAX - GUARDS) {
        return NULL;
    }
    uint8_t *base = alloc->calloc(alloc->ctx, 1, size + GUARDS);
    return base != NULL ? dress(base, size, api_letter(ctx)) : NULL;
}

void
_PyMem_DebugFree(void *ctx, void *ptr)
{
    PyMemAllocatorEx *alloc = ctx;
    check_gil(__func__, ctx);
    if (ptr == NULL) {
        return;
    }
    uint8_t *p = ptr;
    check_block("_PyMem_DebugRawFree", api_letter(ctx), p);
    size_t size = read_size(p - 2 * S);
    memset(p - 2 * S, PYMEM_DEADBYTE, size + GUARDS);
    alloc->free(alloc->ctx, p - 2 * S);
}

/* The block always moves (a pointer kept into the old one shows up), unless memory is short. */
void *
_PyMem_DebugRealloc(void *ctx, void *ptr, size_t size)
{
    PyMemAllocatorEx *alloc = ctx;
    if (ptr == NULL) {
        return _PyMem_DebugMalloc(ctx, size);
    }
    check_gil(__func__, ctx);
    check_block("_PyMem_DebugRawRealloc", api_letter(ctx), ptr);
    if (size > (size_t)PY_SSIZE_T_MAX - GUARDS) {
        return NULL;
    }
    uint8_t *old = ptr;
    size_t old_size = read_size(old - 2 * S);
    uint8_t *base = alloc->malloc(alloc->ctx, size + GUARDS);
    if (base == NULL) {
        if (size > old_size) {
            return NULL;
        }
        return dress(old - 2 * S, size, api_letter(ctx));   /* shrinks in place */
    }
    uint8_t *p = dress(base, size, api_letter(ctx));
    memcpy(p, old, size < old_size ? size : old_size);
    if (size > old_size) {
        memset(p + old_size, PYMEM_CLEANBYTE, size - old_size);
    }
    memset(old - 2 * S, PYMEM_DEADBYTE, old_size + GUARDS);
    alloc->free(alloc->ctx, old - 2 * S);
    return p;
}
