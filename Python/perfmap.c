/* perfmap.c - the file /tmp/perf-PID.map, by which the tool perf names code made at run time.
 *
 * One file per process, made at the first entry; entries of all interpreters go to it under the
 * lock.  Lines are "<start in hex> <size in hex> <name>".
 * Written from the C API reference ("Support for Perf Maps"). */
#include "Python.h"
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_runtime.h"     // _PyRuntime

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#ifndef O_NOFOLLOW
#  define O_NOFOLLOW 0
#endif

/* Under the lock: 0, or -1 when the file cannot be made. */
static int
open_map(struct _perf_runtime_state *perf)
{
    if (perf->map != NULL) {
        return 0;
    }
    char name[64];
    snprintf(name, sizeof(name), "/tmp/perf-%jd.map", (intmax_t)getpid());
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }
    perf->map = fdopen(fd, "a");
    if (perf->map == NULL) {
        close(fd);
        return -1;
    }
    return 0;
}

/* Opens the map unless it is open: 0, or -1.  Needs no thread state. */
int
PyUnstable_PerfMapState_Init(void)
{
    struct _perf_runtime_state *perf = &_PyRuntime.perf;
    _PyProcessLock_Lock(&perf->lock);
    int res = open_map(perf);
    _PyProcessLock_Unlock(&perf->lock);
    return res;
}

/* Writes one entry, opening the map if needed: 0, or -1 when the file cannot be made. */
int
PyUnstable_WritePerfMapEntry(const void *code_addr, unsigned int code_size, const char *entry_name)
{
    struct _perf_runtime_state *perf = &_PyRuntime.perf;
    assert(entry_name != NULL);
    _PyProcessLock_Lock(&perf->lock);
    int res = open_map(perf);
    if (res == 0) {
        fprintf(perf->map, "%jx %x %s\n", (uintmax_t)(uintptr_t)code_addr, code_size, entry_name);
        fflush(perf->map);
    }
    _PyProcessLock_Unlock(&perf->lock);
    return res;
}

/* Closes the map; the file stays, perf reads it after the process ended. */
void
PyUnstable_PerfMapState_Fini(void)
{
    struct _perf_runtime_state *perf = &_PyRuntime.perf;
    _PyProcessLock_Lock(&perf->lock);
    if (perf->map != NULL) {
        fclose(perf->map);
        perf->map = NULL;
    }
    _PyProcessLock_Unlock(&perf->lock);
}
