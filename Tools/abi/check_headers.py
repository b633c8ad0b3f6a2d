#!/usr/bin/env python3
"""Check the headers of the tree.

- every public header compiles alone as C11 and C++11 with -Wall -Wextra -Werror, in the full
  and in the limited API; headers of Include/cpython that have a parent refuse direct use and
  are compiled through it;
- every internal header compiles alone as C11 with Py_BUILD_CORE, refuses to without it, says
  at each include of another one what it is for, and reaches at most ten others
  (the declarations of embedded state count as none).

usage: check_headers.py [--pyconfig DIR] [--only public|internal] [ROOT]
DIR is the directory of pyconfig.h and of generated headers; gen/ by default.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

MAX_TRANSITIVE = 10
# Declarations of structs that the three state structs embed by value: data only, no inline
# functions.  They always come together and are not counted one by one.
STATE = re.compile(r'pycore_(\w+_state|interp_parts|runtime_parts|gil|pending|lock|gc|heap|'
                   r'tstate)\.h')
WARN = ['-Wall', '-Wextra', '-Werror']
LIMITED = [None, '0x03020000', '0x03060000', '0x030a0000', '0x030b0000', '0x030c0000']


class Checker:
    def __init__(self, root, pyconfig):
        self.root = root
        self.include = os.path.join(root, 'Include')
        self.dirs = ['-I' + self.include] + ['-I' + d for d in pyconfig]
        self.problems = []

    def problem(self, header, text):
        self.problems.append('%s: %s' % (header, text))
        print(self.problems[-1])

    def compile(self, lines, flags, language):
        """Compile the lines; give the compiler's message, empty when all is well."""
        suffix, compiler, std = {'c': ('.c', os.environ.get('CC', 'gcc'), '-std=c11'),
                                 'gnu': ('.c', os.environ.get('CC', 'gcc'), '-std=gnu11'),
                                 'c++': ('.cpp', os.environ.get('CXX', 'g++'), '-std=c++11'),
                                 }[language]
        with tempfile.TemporaryDirectory() as tmp:
            name = os.path.join(tmp, 'check' + suffix)
            with open(name, 'w') as f:
                f.write('\n'.join(lines) + '\n')
            run = subprocess.run(
                [*shlex.split(compiler), std, '-D_GNU_SOURCE', '-fsyntax-only', '-fmax-errors=3',
                 *WARN, *self.dirs, *flags, name],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        return run.stdout if run.returncode else ''

    def public(self):
        top = sorted(n for n in os.listdir(self.include) if n.endswith('.h'))
        sub = sorted('cpython/' + n for n in os.listdir(os.path.join(self.include, 'cpython')))
        for header in top + sub:
            with open(os.path.join(self.include, header)) as f:
                text = f.read()
            parent = re.search(r'#\s*error "do not include this file directly, include (\S+)"',
                               text)
            if parent:
                if not self.compile(['#include "%s"' % header], [], 'c'):
                    self.problem(header, 'does not refuse to be included directly')
                header = parent[1]
            if 'expat' in header and not os.path.exists('/usr/include/expat.h'):
                continue
            if 'curses' in header and not os.path.exists('/usr/include/curses.h'):
                continue
            if header in top and not parent or header in sub:
                self.one_public(header)

    def one_public(self, header):
        for level in LIMITED:
            flags = ['-DPy_LIMITED_API=' + level] if level else []
            for language in ('c', 'c++') if level in (None, LIMITED[1], LIMITED[-1]) else ('c',):
                out = self.compile(['#include "%s"' % header], flags, language)
                if out:
                    self.problem(header, '%s, limited API %s:\n%s'
                                 % (language, level or 'off', out))

    def internal(self):
        base = os.path.join(self.include, 'internal')
        if not os.path.isdir(base):
            return
        self.dirs.append('-I' + base)
        reach = {}
        names = sorted(n for n in os.listdir(base) if n.endswith('.h'))
        for name in names:
            with open(os.path.join(base, name)) as f:
                text = f.read()
            reach[name] = set(re.findall(r'^\s*#\s*include\s+"(pycore_\w+\.h)"', text, re.M))
            for line in text.splitlines():
                if (re.match(r'\s*#\s*include\s+"pycore_', line)
                        and not re.search(r'"\s*(//|/\*)', line)):
                    self.problem(name, 'include without a comment: ' + line.strip())
            if not self.compile(['#include "%s"' % name], [], 'gnu'):
                self.problem(name, 'does not refuse code outside the core')
            out = self.compile(['#include "%s"' % name], ['-DPy_BUILD_CORE'], 'gnu')
            if out:
                self.problem(name, 'does not compile alone:\n' + out)
        for name in names:
            seen, todo = set(), list(reach[name])
            while todo:
                other = todo.pop()
                if other not in seen:
                    seen.add(other)
                    todo.extend(reach.get(other, ()))
            seen = {other for other in seen if not STATE.fullmatch(other)}
            if len(seen) > MAX_TRANSITIVE:
                self.problem(name, 'reaches %d internal headers: %s'
                             % (len(seen), ' '.join(sorted(seen))))


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--pyconfig', action='append', help='directory of pyconfig.h')
    parser.add_argument('--only', choices=['public', 'internal'])
    parser.add_argument('root', nargs='?', default=root)
    args = parser.parse_args()
    checker = Checker(args.root, args.pyconfig or [os.path.join(args.root, 'gen'), args.root])
    if args.only != 'internal':
        checker.public()
    if args.only != 'public':
        checker.internal()
    print('%d problem(s)' % len(checker.problems))
    return 1 if checker.problems else 0


if __name__ == '__main__':
    sys.exit(main())
