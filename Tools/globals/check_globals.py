#!/usr/bin/env python3
"""Check that a program and its shared modules have no writable global that nobody accounts for.

Usage: check_globals.py PROGRAM [MODULE.so ...] [--list]

Reads the sections and symbols of each file with readelf.  A writable object must be in the
section of shared objects, an exported variable of the ABI, a table of a type that the C API
takes by pointer to non-const, or a row of exempt.tsv.  --list prints every writable object with
the class that admits it.  Exit status 1 if one is admitted by nothing, or if exempt.tsv has a
row that no longer applies to the program, gives no reason, or is one of forty or more.
"""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MAX_ROWS = 40

# Where the linker puts what programs write to.  Other sections with the flag W (.got, .dynamic,
# .init_array, ...) are written by the dynamic loader alone.
WRITABLE = re.compile(r"\.(l?data|l?bss|tdata|tbss|sdata|sbss)(\.(?!rel\.ro).*)?$|COMMON$")
SHARED_SECTION = "pyshared"

# Types that the C API takes by pointer to non-const although nobody writes to them: a static
# definition of one of them, found in the source file that the symbol table names, is a table.
API_TYPES = ("PyMethodDef", "PyGetSetDef", "PyMemberDef", "PyType_Slot", "PyType_Spec",
             "PyModuleDef_Slot", "PyStructSequence_Field", "PyStructSequence_Desc",
             "PyNumberMethods", "PySequenceMethods", "PyMappingMethods", "PyAsyncMethods",
             "PyBufferProcs")
# Written once for the process, with the index that PyModuleDef_Init() gives; the program's own lie
# among its shared objects, those of a module that is loaded with the module.
MODULE_TYPES = ("PyModuleDef",)
TABLE = r"^\s*(?:static\s+)?(?:struct\s+)?(?:%s)\s+(\w+)\s*(?:\[[^\]]*\])?\s*="
SOURCE_DIRS = ("Objects", "Python", "Modules", "Parser", "Programs")


class Symbol:
    """A data symbol: name, section, size, source file ("" unless it is static)."""

    def __init__(self, name, section, size, file):
        self.name, self.section, self.size, self.file = name, section, size, file


def readelf(option, path):
    """Return the lines that readelf prints."""
    done = subprocess.run(["readelf", option, "-W", path], stdout=subprocess.PIPE,
                          universal_newlines=True, env=dict(os.environ, LC_ALL="C"))
    if done.returncode:
        sys.exit(f"check_globals: readelf cannot read {path}")
    return done.stdout.splitlines()


def parse_sections(lines):
    """Return {index: name} from the output of readelf -S."""
    found = {}
    for line in lines:
        match = re.match(r"\s*\[\s*(\d+)\]\s+(\S+)\s", line)
        if match:
            found[match[1]] = match[2]
    return found


def parse_symbols(lines, sections):
    """Return the Symbols of objects and thread-local variables of .symtab, without doubles."""
    found, file, in_symtab = {}, "", False
    for line in lines:
        if line.startswith("Symbol table"):
            in_symtab = "'.symtab'" in line
            continue
        fields = line.split()
        if not in_symtab or len(fields) < 7 or not fields[0][:-1].isdigit():
            continue
        if fields[3] == "FILE":     # without a name: hidden globals of all files follow
            file = os.path.basename(fields[7]) if len(fields) > 7 else ""
            continue
        if len(fields) < 8:
            continue
        size, kind, binding, index, name = fields[2], fields[3], fields[4], fields[6], fields[7]
        if kind in ("OBJECT", "TLS", "COMMON") and index in sections:
            symbol = Symbol(name.split("@")[0], sections[index], int(size, 0),
                            file if binding == "LOCAL" else "")
            found[symbol.name, symbol.file] = symbol
    return list(found.values())


def exported_data(path):
    """Names of the variables that the ABI exports."""
    with open(path, encoding="utf-8") as rows:
        fields = [line.rstrip("\n").split("\t") for line in rows if not line.startswith("#")]
    return {row[0] for row in fields if row[1:2] == ["data"]}


def read_exemptions(path):
    """Return ({(symbol, file): reason}, list of complaints)."""
    rows, bad = {}, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 3 or not fields[2].strip():
                bad.append(f"{path}:{number}: not symbol, file, reason")
                continue
            rows[fields[0], "" if fields[1] == "-" else fields[1]] = fields[2]
    if len(rows) >= MAX_ROWS:
        bad.append(f"{path}: {len(rows)} rows; fewer than {MAX_ROWS} are allowed")
    return rows, bad


def source_tables(root, types=API_TYPES):
    """Return {(symbol, file)} of the definitions of the types, file "" standing for any."""
    pattern = re.compile(TABLE % "|".join(types), re.MULTILINE)
    found = set()
    for top in SOURCE_DIRS:
        for folder, _, files in os.walk(os.path.join(root, top)):
            for name in files:
                if name.endswith((".c", ".h")):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        for symbol in pattern.findall(file.read()):
                            found.add((symbol, name))
                            found.add((symbol, ""))
    return found


def classify(symbol, exported, tables):
    """What admits a writable symbol without a row of its own, or None."""
    if symbol.section == SHARED_SECTION:
        return "shared object"
    if not symbol.file and symbol.name in exported:
        return "exported by the ABI"
    if symbol.name == "_PyRuntime" and not symbol.file:
        return "the runtime"
    if symbol.section not in (".tbss", ".tdata") and (symbol.name, symbol.file) in tables:
        return "table of the API"
    return None


def check(symbols, exported, tables, exemptions, program=True):
    """Return (list of (symbol, class), list of complaints).

    For a shared module (not `program`) only the rows count that begin with "(if linked)".
    """
    optional = {key: reason for key, reason in exemptions.items()
                if reason.startswith("(if linked) ")}
    rows = exemptions if program else optional
    admitted, bad, used = [], [], set()
    for symbol in sorted(symbols, key=lambda s: (s.section, s.name, s.file)):
        if symbol.section != SHARED_SECTION and not WRITABLE.match(symbol.section):
            continue
        why = classify(symbol, exported, tables)
        if why is None and (symbol.name, symbol.file) in rows:
            used.add((symbol.name, symbol.file))
            why = "exempt: " + rows[symbol.name, symbol.file]
        if why is None:
            bad.append(f"writable global {symbol.name} ({symbol.size} bytes in {symbol.section}"
                       f"{', ' + symbol.file if symbol.file else ''})")
        else:
            admitted.append((symbol, why))
    for name, file in sorted(set(rows) - used - set(optional)):
        bad.append(f"exempt.tsv: nothing writable is called {name} {file}".rstrip())
    return admitted, bad


def main():
    """Check one program; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("modules", nargs="*", metavar="MODULE.so")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    exemptions, bad = read_exemptions(os.path.join(HERE, "exempt.tsv"))
    exported = exported_data(os.path.join(ROOT, "Tools", "abi", "exports.tsv"))
    tables, admitted = source_tables(ROOT), []
    module_tables = tables | source_tables(ROOT, MODULE_TYPES)
    for binary in [args.program] + args.modules:
        is_program = binary == args.program
        symbols = parse_symbols(readelf("-s", binary), parse_sections(readelf("-S", binary)))
        anchor = "_PyRuntime" if is_program else "_DYNAMIC"
        if not any(symbol.name == anchor for symbol in symbols):
            sys.exit(f"check_globals: {binary} has no symbol {anchor}: stripped?")
        found, more = check(symbols, exported, tables if is_program else module_tables,
                            exemptions, is_program)
        admitted += found
        bad += [f"{os.path.basename(binary)}: {text}" for text in more]
    if args.list:
        for symbol, why in admitted:
            print(f"{symbol.section}\t{symbol.name}\t{symbol.file or '-'}\t{symbol.size}\t{why}")
    for text in bad:
        print(text)
    counts = {}
    for _, why in admitted:
        kind = why.split(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) +
          f"; {len(bad)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
