"""Find the pure-Python standard library of 3.12 (InternalDocs/build.rst, "The standard library").

Order: an explicit directory; a CPython 3.12 on the machine (python3.12 on PATH, the usual
prefixes, pyenv); the npm package pyodide, whose python_stdlib.zip is CPython 3.12.7's.
"""

import glob
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile

PYODIDE = "pyodide@0.27.7"
PYODIDE_SHA256 = "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16"
# Parts of the package that belong to the browser.
NOT_FROM_PYODIDE = ("webbrowser.py", "_sysconfigdata__emscripten", "pyodide/", "_pyodide/")


def candidates():
    """Yield directories that may hold the library, best first."""
    found = shutil.which("python3.12")
    if found:
        prefix = os.path.dirname(os.path.dirname(os.path.realpath(found)))
        yield os.path.join(prefix, "lib", "python3.12")
    for prefix in ("/usr/local", "/usr", "/opt/python3.12"):
        yield os.path.join(prefix, "lib", "python3.12")
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version in sorted(glob.glob(os.path.join(root, "versions", "3.12*")), reverse=True):
        yield os.path.join(version, "lib", "python3.12")


def from_pyodide(cache):
    """Return a directory below `cache` with the library of the npm package (made at first need).

    Raises SystemExit when the package cannot be had or is not the known one.
    """
    target = os.path.join(cache, "pyodide-stdlib")
    if os.path.isfile(os.path.join(target, "os.py")):
        return target
    print("stdlib: no CPython 3.12 found; taking the npm package", PYODIDE)
    with tempfile.TemporaryDirectory() as tmp:
        done = subprocess.run(["npm", "pack", "--silent", PYODIDE], cwd=tmp,
                              capture_output=True, text=True)
        if done.returncode:
            raise SystemExit("stdlib: npm pack failed: " + done.stderr.strip())
        archive = os.path.join(tmp, done.stdout.split()[-1])
        with tarfile.open(archive) as tar:
            data = tar.extractfile("package/python_stdlib.zip").read()
    digest = hashlib.sha256(data).hexdigest()
    if digest != PYODIDE_SHA256:
        raise SystemExit(f"stdlib: python_stdlib.zip has sha256 {digest}, not the known one")
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        names = [n for n in zipped.namelist() if not n.startswith(NOT_FROM_PYODIDE)]
        zipped.extractall(target, names)
    return target


def find(explicit, cache):
    """Return the directory of the library; `explicit` is a path, "auto" or ""."""
    if explicit and explicit not in ("auto", "no", "yes"):
        if not os.path.isfile(os.path.join(explicit, "os.py")):
            raise SystemExit(f"stdlib: {explicit} has no os.py")
        return explicit
    for path in candidates():
        if os.path.isfile(os.path.join(path, "os.py")):
            return path
    return from_pyodide(cache)
