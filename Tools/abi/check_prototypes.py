#!/usr/bin/env python3
"""Check that every exported function has the prototype that CPython 3.12 gives it.

Each prototype of prototypes.tsv is declared again behind the headers; a conflict is a compile
error.  Functions that no public header of CPython declares are compared with our internal headers.

usage: check_prototypes.py [-I DIR ...] [--cc CC] INCLUDE
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = ('Python.h', 'structmember.h', 'frameobject.h', 'marshal.h', 'osdefs.h', 'tracemalloc.h',
          'dynamic_annotations.h')


def table():
    """Yield (name, prototype, is public)."""
    with open(os.path.join(HERE, 'prototypes.tsv'), encoding='utf-8') as f:
        for line in f:
            if not line.startswith('#'):
                name, prototype, where = line.rstrip('\n').split('\t')
                yield name, prototype, where == 'public'


def compile_all(rows, headers, args, defines):
    """Return {function: compiler's message} for the prototypes that conflict with the headers."""
    source = ['#define PY_SSIZE_T_CLEAN'] + ['#define %s 1' % name for name in defines]
    source += ['#include "%s"' % header for header in headers]
    for name, prototype in rows:
        source += ['#undef ' + name, '#line 1 "%s"' % name, 'extern %s;' % prototype]
    with tempfile.NamedTemporaryFile('w', suffix='.c', encoding='utf-8') as f:
        f.write('\n'.join(source) + '\n')
        f.flush()
        run = subprocess.run(args.cc.split() + ['-std=gnu11', '-fsyntax-only', '-w'] +
                             ['-I' + path for path in args.I + [args.include]] + [f.name],
                             stderr=subprocess.PIPE, universal_newlines=True)
    found = {}
    for m in re.finditer(r'^(\w+):1:\d+: error: (.*)$', run.stderr, re.MULTILINE):
        found.setdefault(m[1], m[2])
    if run.returncode and not found:
        sys.exit(run.stderr)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('-I', action='append', default=[], help='more directories of headers')
    parser.add_argument('--cc', default=os.environ.get('CC', 'gcc'))
    parser.add_argument('include', help='the directory Include')
    args = parser.parse_args()
    rows = list(table())
    public = [row[:2] for row in rows if row[2]]
    private = [row[:2] for row in rows if not row[2]]
    wrong = compile_all(public, PUBLIC, args, [])
    args.I.append(os.path.join(args.include, 'internal'))
    internal = sorted(os.path.basename(path) for path in
                      glob.glob(os.path.join(args.include, 'internal', '*.h')))
    wrong.update(compile_all(private, PUBLIC + tuple(internal), args, ['Py_BUILD_CORE']))
    for name, message in wrong.items():
        print('%s: %s' % (name, message))
    print('%d prototypes, %d wrong' % (len(rows), len(wrong)))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
