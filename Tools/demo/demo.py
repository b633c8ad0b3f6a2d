"""The main job: parse, compile and tokenize the standard library with isolated interpreters.

Usage: python demo.py [--interpreters 1,2] [--files N] [--directory DIR]

For each number of interpreters, so many threads run one isolated interpreter each (an own GIL,
an own heap).  The files are handed out through one shared channel; each worker sends back a digest
of every file's AST, code objects and tokens.  Printed: progress, files per second, the speed-up,
and whether all runs gave the same result.
"""

import argparse
import hashlib
import os
import sys
import sysconfig
import threading
import time

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

WORKER = r"""
import _xxinterpchannels as channels
import _sha2
import ast
import io
import marshal
import tokenize
import warnings

warnings.simplefilter("ignore")


def digest_of(path):
    # One digest over the tree, the code objects and the tokens of a file; errors count too.
    with open(path, "rb") as file:
        source = file.read()
    result = _sha2.sha256()
    try:
        tree = ast.parse(source, path)
        result.update(ast.dump(tree, include_attributes=True).encode("utf-8", "surrogatepass"))
        result.update(marshal.dumps(compile(tree, path, "exec", dont_inherit=True)))
    except (SyntaxError, ValueError) as error:
        result.update(repr(error).encode("utf-8", "backslashreplace"))
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            result.update(repr(tuple(token)).encode("utf-8", "backslashreplace"))
    except (SyntaxError, tokenize.TokenError) as error:
        result.update(repr(error).encode("utf-8", "backslashreplace"))
    return result.hexdigest()


while True:
    path = channels.recv_wait(files_in)
    if path is None:
        break
    channels.send(done, path + "\0" + digest_of(path))
channels.send(done, None)
"""


def sources(directory):
    """Return the .py files below directory, the larger ones first: the work ends evenly."""
    found = []
    for folder, dirs, names in os.walk(directory):
        dirs[:] = [d for d in dirs if d not in ("__pycache__", "site-packages")]
        found += [os.path.join(folder, name) for name in names if name.endswith(".py")]
    return sorted(found, key=lambda path: (-os.path.getsize(path), path))


def run(n_interpreters, files):
    """Return (seconds, digest over all files) of one run."""
    files_in, done = channels.create(), channels.create()
    ids = [interpreters.create() for _ in range(n_interpreters)]
    errors = []

    def work(interp):
        try:
            interpreters.run_string(interp, WORKER,
                                    {"files_in": int(files_in), "done": int(done)})
        except Exception as error:
            errors.append(error)
            channels.send(done, None)

    # The clock starts when the workers are ready: each waits for its first file.
    threads = [threading.Thread(target=work, args=(interp,)) for interp in ids]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for path in files:
        channels.send(files_in, path)
    for _ in threads:
        channels.send(files_in, None)
    results, ended, shown = {}, 0, 0
    while ended < n_interpreters:
        answer = channels.recv_wait(done)
        if answer is None:
            ended += 1
            continue
        path, digest = answer.split("\0")
        results[path] = digest
        if len(results) * 10 // len(files) > shown:
            shown = len(results) * 10 // len(files)
            print(f"  {n_interpreters} interpreter(s): {len(results)} of {len(files)} files",
                  flush=True)
    seconds = time.perf_counter() - start
    for thread in threads:
        thread.join()
    for interp in ids:
        interpreters.destroy(interp)
    channels.destroy(files_in)
    channels.destroy(done)
    if errors:
        raise errors[0]
    total = hashlib.sha256()
    for path in sorted(results):
        total.update(f"{path} {results[path]}\n".encode("utf-8", "backslashreplace"))
    return seconds, total.hexdigest()


def main():
    """Run; arguments as in the module's docstring.  Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interpreters", default="1,2")
    parser.add_argument("--files", type=int, default=0, help="only so many files; 0: all")
    parser.add_argument("--directory", default=sysconfig.get_path("stdlib"))
    args = parser.parse_args()
    files = sources(args.directory)
    if args.files:
        files = files[::max(1, len(files) // args.files)]
    print(f"{len(files)} files below {args.directory}")
    base = first = None
    status = 0
    for count in map(int, args.interpreters.split(",")):
        seconds, digest = run(count, files)
        line = f"{count} interpreter(s): {len(files) / seconds:.0f} files/s, {seconds:.2f} s"
        if base is None:
            base, first = seconds, digest
        else:
            line += f", {base / seconds:.2f} times as fast"
            if digest != first:
                status = 1
        print(line)
        print("  digest", digest)
    print("same result" if status == 0 else "DIFFERENT RESULTS")
    return status


if __name__ == "__main__":
    sys.exit(main())
