/* perfmap.c - the file /tmp/perf-PID.map, by which the tool perf names code made at run time.
 *
 * One file per process, made at the first entry; entries of all interpreters go to it under the
 * lock.  Lines are "<start in hex> <size in hex> <name>".
 * Written from the C API reference ("Support for Perf Maps"). */
#include "Python.h"
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_perf.h"        // _PyPerfMap_AfterForkChild()
#include "pycore_runtime.h"     // _PyRuntime

#include <fcntl.h>
#include <stdio.h>      // dprintf()
#include <unistd.h>

#ifndef O_NOFOLLOW
#  define O_NOFOLLOW 0
#endif

/* ---- the file; all under the lock ------------------------------------------------------------ */

static void
map_name(char *name, size_t size, pid_t pid)
{
    PyOS_snprintf(name, size, "/tmp/perf-%jd.map", (intmax_t)pid);
}

/* 0, or -1 with errno when the file cannot be made. */
static int
open_map(struct _perf_runtime_state *perf)
{
    if (perf->map >= 0) {
        return 0;
    }
    char name[64];
    perf->pid = getpid();
    map_name(name, sizeof(name), perf->pid);
    perf->map = open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    return perf->map < 0 ? -1 : 0;
}

static void
close_map(struct _perf_runtime_state *perf)
{
    if (perf->map >= 0) {
        close(perf->map);
        perf->map = -1;
    }
}

/* ---- what others call ------------------------------------------------------------------------ */

/* Opens the map unless it is open: 0, or -1 with errno.  Needs no thread state. */
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
        dprintf(perf->map, "%jx %x %s\n", (uintmax_t)(uintptr_t)code_addr, code_size, entry_name);
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
    close_map(perf);
    _PyProcessLock_Unlock(&perf->lock);
}

/* The child has the code that its parent's map names, at the same addresses.  No other thread is
 * here.  What cannot be copied is left out. */
void
_PyPerfMap_AfterForkChild(void)
{
    struct _perf_runtime_state *perf = &_PyRuntime.perf;
    if (perf->map < 0) {
        return;
    }
    char name[64], part[4096];
    map_name(name, sizeof(name), perf->pid);
    close_map(perf);
    int parents = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (parents < 0) {
        return;
    }
    ssize_t n = open_map(perf);
    while (n >= 0 && (n = read(parents, part, sizeof(part))) > 0) {
        n = write(perf->map, part, (size_t)n) == n ? n : -1;
    }
    close(parents);
}
