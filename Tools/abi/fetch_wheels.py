#!/usr/bin/env python3
"""Fetch the extension modules of wheels.txt, built for CPython 3.12, and unpack them.

usage: fetch_wheels.py DIR

Files go to DIR/files and are kept; DIR/site is what they unpack to, ready for sys.path.  A file
that is there with the right hash is not fetched again.  pip, its index and its settings are those
of the interpreter that runs this script.  Exit status 3: pip is missing or no index answers.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, 'wheels.txt')
PLATFORMS = ('manylinux1_x86_64', 'manylinux2010_x86_64', 'manylinux2014_x86_64',
             'manylinux_2_17_x86_64', 'manylinux_2_28_x86_64')


def wanted():
    """Map the hash of each wheel to its name."""
    with open(LIST, encoding='utf-8') as f:
        return {m[2]: m[1] for m in re.finditer(r'^([\w.-]+)==\S+ --hash=sha256:(\w+)$', f.read(),
                                                re.MULTILINE)}


def present(files):
    """Map hash to path of each wheel in the directory FILES."""
    found = {}
    for path in glob.glob(os.path.join(files, '*.whl')):
        with open(path, 'rb') as f:
            found[hashlib.sha256(f.read()).hexdigest()] = path
    return found


def fetch(files):
    """Let pip fetch what is missing; return its exit status."""
    command = [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check',
               '--no-deps', '--only-binary=:all:', '--require-hashes', '--python-version', '3.12',
               '--implementation', 'cp', '--abi', 'cp312', '--abi', 'abi3', '--dest', files,
               '--requirement', LIST]
    for platform in PLATFORMS:
        command += ['--platform', platform]
    return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=300).returncode


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files, site = (os.path.join(sys.argv[1], name) for name in ('files', 'site'))
    os.makedirs(files, exist_ok=True)
    names = wanted()
    if not names.keys() <= present(files).keys():
        status = fetch(files)
        if status:
            print('the wheels of %s could not be fetched: pip ended with %d' % (LIST, status))
            sys.exit(3)
    found = present(files)
    shutil.rmtree(site, ignore_errors=True)
    for digest in names:
        with zipfile.ZipFile(found[digest]) as wheel:
            wheel.extractall(site)
    print(site)


if __name__ == '__main__':
    main()
