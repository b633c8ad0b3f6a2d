#!/usr/bin/env python3
"""Write down where the Unicode 3.2.0 database differs from the 15.0.0 one.

Usage: observe_ucd_3_2_0.py >ucd_3_2_0.txt      (with any Python of version 3.12)

`unicodedata.ucd_3_2_0` describes Unicode 3.2.0, which IDNA (RFC 3490) demands.  The files of that
version are in no package, so the answers of a Python that has them are the source: each line of
the output, "property;first..last;value", is one observed answer that differs from that of
`unicodedata`.  Code points younger than 3.2 are left out: DerivedAge.txt tells them, and they
have no properties.
"""

import sys
import unicodedata as new

PROPERTIES = ["category", "bidirectional", "combining", "east_asian_width", "mirrored",
              "decimal", "digit", "numeric", "decomposition", "name"]
WITH_DEFAULT = {"decimal", "digit", "numeric", "name"}


def value(database, name, char):
    args = (char, None) if name in WITH_DEFAULT else (char,)
    return getattr(database, name)(*args)


def main():
    old = new.ucd_3_2_0
    if new.unidata_version != "15.0.0":
        sys.exit("a Python with Unicode 15.0.0 is needed")
    print("# Observed differences of Unicode 3.2.0 from 15.0.0: "
          "property;first..last;value in 3.2.0.")
    print("# Written by observe_ucd_3_2_0.py; code points younger than 3.2 are left out.")
    for name in PROPERTIES:
        runs = []
        for code in range(sys.maxunicode + 1):
            char = chr(code)
            if old.category(char) == "Cn":
                continue
            answer = value(old, name, char)
            if answer == value(new, name, char):
                continue
            if runs and runs[-1][1] == code - 1 and runs[-1][2] == answer:
                runs[-1][1] = code
            else:
                runs.append([code, code, answer])
        for first, last, answer in runs:
            print("%s;%04X..%04X;%s" % (name, first, last, answer))


if __name__ == "__main__":
    main()
