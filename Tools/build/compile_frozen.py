"""Compile modules for freezing; run by the bootstrap interpreter in bare mode.

Usage: _bootstrap_python -X bare compile_frozen.py LIST

Each line of LIST is "source<TAB>code file name<TAB>output": the source is compiled under the code
file name, and the marshalled code object written to the output.  Uses built-in modules only.
"""

import marshal
import posix
import sys


def read(path):
    """Return the bytes of a file."""
    fd = posix.open(path, posix.O_RDONLY)
    parts = []
    while True:
        data = posix.read(fd, 1 << 20)
        if not data:
            break
        parts.append(data)
    posix.close(fd)
    return b"".join(parts)


def write(path, data):
    """Write bytes to a file."""
    fd = posix.open(path, posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC, 0o644)
    while data:
        data = data[posix.write(fd, data):]
    posix.close(fd)


for line in read(sys.argv[1]).decode().splitlines():
    source, filename, output = line.split("\t")
    code = compile(read(source), filename, "exec", dont_inherit=True, optimize=0)
    write(output, marshal.dumps(code))
