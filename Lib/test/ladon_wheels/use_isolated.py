"""Three of the packages in further interpreters: what loads, and what refuses as it does in 3.12.

usage: use_isolated.py main|others   (who imports first)
"""

import sys

import _xxsubinterpreters as interpreters
from common import show

PROGRAM = """
import sys
sys.path[:0] = {path!r}
import {name}
"""
USES = {
    "markupsafe._speedups": "assert markupsafe._speedups._escape_inner('<') == '&lt;'",
    "markupsafe": "assert markupsafe.escape('<') == '&lt;'",
    "frozenlist._frozenlist": "assert frozenlist._frozenlist.FrozenList([1]) == [1]",
    "frozenlist": "assert list(frozenlist.FrozenList([1])) == [1]",
    "bcrypt": "assert bcrypt.gensalt(4)",
    "bcrypt._bcrypt": "assert bcrypt.gensalt(4)",
}


def run(name, isolated):
    """Import NAME in a new interpreter and use it; the error of either is raised here."""
    interp = interpreters.create(isolated=isolated)
    try:
        interpreters.run_string(interp, PROGRAM.format(path=sys.path, name=name) + USES[name])
    finally:
        interpreters.destroy(interp)
    return "works"


def use_in_main():
    """Import and use all three here."""
    for name in USES:
        show(f"main: {name}", lambda: exec(PROGRAM.format(path=[], name=name) + USES[name], {}))


if sys.argv[1] == "main":
    use_in_main()
for turn in (1, 2):
    for name in USES:
        show(f"isolated {turn}: {name}", run, name, True)
    for name in USES:
        show(f"main's lock {turn}: {name}", run, name, False)
use_in_main()
