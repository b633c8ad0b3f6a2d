#!/usr/bin/env python3
"""Check that a linked program or library exports what CPython 3.12 exports.

Prints the names that are missing, by importance: stable ABI, public, private; and data of the
wrong size. export_exceptions.tsv lists the public and private names that may be missing, with the
reason; a row that is no longer true fails the check, and so does any name of the stable ABI.

usage: check_exports.py [--quiet] BINARY
"""
import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Structs that grow at their end, with the reason in layout_exceptions.tsv or in the core.
OWN_SIZE = {'_PyRuntime', '_PyParser_TokenNames'}


def expected():
    """Yield (name, kind, size, visibility, abi3) of every name that CPython exports."""
    with open(os.path.join(HERE, 'exports.tsv'), encoding='utf-8') as f:
        for line in f:
            if not line.startswith(('#', 'name\t')):
                cells = line.rstrip('\n').split('\t')
                yield tuple(cells + [''] * (5 - len(cells)))


def excused():
    """Map each name that may be missing to the reason."""
    with open(os.path.join(HERE, 'export_exceptions.tsv'), encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')]
    return {name: reason for name, reason in rows}


def exported(binary):
    """Map each defined dynamic symbol to (is data, size)."""
    run = subprocess.run(['readelf', '--dyn-syms', '--wide', binary], check=True,
                         stdout=subprocess.PIPE, universal_newlines=True)
    found = {}
    for line in run.stdout.splitlines():
        m = re.match(r'\s*\d+:\s+\w+\s+(\w+)\s+(\w+)\s+(\w+)\s+(\w+)\s+(\w+)\s+(\S+)', line)
        if m and m[5] != 'UND' and m[4] in ('DEFAULT', 'PROTECTED') and m[3] != 'LOCAL':
            size = int(m[1], 16) if m[1].startswith('0x') else int(m[1])
            found[m[6].split('@')[0]] = (m[2] == 'OBJECT', size)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quiet', action='store_true', help='numbers only')
    parser.add_argument('binary')
    args = parser.parse_args()
    found = exported(args.binary)
    reasons = excused()
    bad = []
    missing = {'stable ABI': [], 'public': [], 'private': []}
    total = dict.fromkeys(missing, 0)
    wrong = []
    for name, kind, size, visibility, abi3 in expected():
        level = 'stable ABI' if abi3 else visibility
        total[level] += 1
        if name not in found:
            missing[level].append(name)
            if name not in reasons or abi3:
                bad.append(name)
        elif name in reasons:
            bad.append(name)
            print('listed as missing, but exported: ' + name)
        elif kind == 'data':
            is_data, own = found[name]
            if not is_data or (size and own != int(size) and name not in OWN_SIZE):
                wrong.append('%s: %s bytes, expected %s' % (name, own, size))
    for level, names in missing.items():
        print('%s: %d of %d missing' % (level, len(names), total[level]))
        if not args.quiet:
            for name in names:
                print('    %s  %s' % (name, '(%s)' % reasons[name] if name in reasons else 'NEW'))
    for text in wrong:
        print('data of another size: ' + text)
    return 1 if bad or wrong else 0


if __name__ == '__main__':
    sys.exit(main())
