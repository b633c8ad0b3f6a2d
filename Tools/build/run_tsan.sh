#!/bin/sh
# Run a command (a build, a check) with ThreadSanitizer's needs seen to.
#
# Usage: run_tsan.sh COMMAND ...
# The sanitizer wants the mappings of a process where it expects them: kernels that randomise
# addresses by more than 28 bits move them away, and every program would end with "unexpected memory
# mapping".  There the command runs without randomisation.  It keeps a record of 65,536 nested calls
# for each thread and is lost beyond: a C stack of 4 MiB ends before.  A forked child goes on being
# checked; a report makes the program's exit status 66.
set -eu
TSAN_OPTIONS="die_after_fork=0 history_size=5 ${TSAN_OPTIONS:-}"
export TSAN_OPTIONS
ulimit -s 4096
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 32)
if [ "$bits" -gt 28 ] && command -v setarch >/dev/null && setarch "$(uname -m)" -R true; then
    exec setarch "$(uname -m)" -R "$@"
fi
exec "$@"
