#!/usr/bin/env python3
"""generate.py BYTECODES OUTPUT_DIRECTORY

Makes from the instruction descriptions (Python/bytecodes.c):

    generated_cases.c.h   the cases of the evaluation loop
    opcode_targets.h      the table of their labels
    pycore_opcode.h       internal codes and the prototypes of the tables
    opcode_tables.c.h     the tables

A file is touched only when its text changes.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import analysis
import dsl
import emit


def write(path, text):
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def generate(source, outdir):
    label = "Python/" + os.path.basename(source)
    model = analysis.analyse(dsl.read_file(source), source)
    os.makedirs(outdir, exist_ok=True)
    for name, text in (
            ("generated_cases.c.h", emit.Cases(model, label).generate()),
            ("opcode_targets.h", emit.targets(model, label)),
            ("pycore_opcode.h", emit.header(model, label)),
            ("opcode_tables.c.h", emit.tables(model, label))):
        write(os.path.join(outdir, name), text)


def main(argv):
    if len(argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        generate(argv[1], argv[2])
    except dsl.DSLError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
