#!/usr/bin/env python3
"""Write argument-parsing wrappers from signature comments in C files.

    generate.py OUTDIR FILE.c...       writes OUTDIR/sig/<name>.sig.h, if changed
    generate.py --names FILE.c...      prints the keyword names used, one a line

See README.rst beside this file for the language of the comments.

The tool works in three steps that share no state: `scan` finds the comments
and the C definitions below them, `parse_signature` turns a comment into a
`Function`, `emit` turns Functions into C text.  Anything not understood is an
error with file and line; nothing is guessed.
"""

import ast
import os
import re
import sys

MAX_PARAMETERS = 64     # one bit each in _PyArg_Signature.required


class SignatureError(Exception):
    """A comment or definition that the tool refuses."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: error: {message}")


# ---------------------------------------------------------------- converters

NULL = object()         # the default `NULL`: no value, not representable
MISSING = object()      # no default


class Converter:
    """How one annotation becomes C.

    ctype       type of the parameter of the impl
    local       declaration of the wrapper's variable; {n} is its name, {i} its
                initial value
    code        statements that convert {a} (a borrowed PyObject *) into {n};
                FAIL stands for the exit of the wrapper
    cleanup     statement run at the exit, or None
    passed      what the impl gets
    defaults    maps a Python value to C text, or returns None to refuse it
    """

    def __init__(self, ctype, code, *, local=None, cleanup=None, passed="{n}",
                 extra=None, extra_passed=None, defaults=None, initial=None):
        self.ctype = ctype
        self.code = code
        self.local = local or declare(ctype, "{n}") + "{i};"
        self.cleanup = cleanup
        self.passed = passed
        self.extra = extra                  # second impl parameter, utf8_size
        self.extra_passed = extra_passed
        self.defaults = defaults or (lambda value: None)
        self.initial = initial              # value when nothing else is known

    def expected_types(self):
        types = [self.ctype]
        if self.extra:
            types.append(self.extra)
        return types


def declare(ctype, name):
    return ctype + name if ctype.endswith("*") else f"{ctype} {name}"


def object_default(value):
    if value is None:
        return "Py_None"
    if value is True:
        return "Py_True"
    if value is False:
        return "Py_False"
    if value is Ellipsis:
        return "Py_Ellipsis"
    return "NULL"                           # shown, but the impl sees NULL


def pointer_default(value):
    return "NULL" if value is None else None


def none_object_default(value):
    return "Py_None" if value is None else "NULL"


def bool_default(value):
    return str(int(value)) if isinstance(value, (bool, int)) else None


def integer_default(value):
    return c_integer(value) if isinstance(value, int) else None


def double_default(value):
    return repr(float(value)) if isinstance(value, (int, float)) else None


def char_default(value):
    if isinstance(value, bytes) and len(value) == 1:
        return str(value[0])
    return None


def codepoint_default(value):
    if isinstance(value, str) and len(value) == 1:
        return str(ord(value))
    return None


def utf8_default(value):
    return c_string(value) if isinstance(value, str) else None


def utf8_none_default(value):
    return "NULL" if value is None else utf8_default(value)


def buffer_default(value):
    if value is None:
        return "{0}"
    if isinstance(value, bytes):
        return "{.buf = (void *)%s, .len = %d, .itemsize = 1}" % (
            c_string(value), len(value))
    if value == "":
        return '{.buf = (void *)"", .len = 0, .itemsize = 1}'
    return None


def c_integer(value):
    if value == -2**63:
        return "(-9223372036854775807LL - 1)"
    return str(value) if -2**31 < value < 2**31 else f"{value}LL"


def number(ctype, call, test="-1"):
    """A conversion by a function that returns the value, or `test` and an error."""
    cast = "({n} == %s && PyErr_Occurred())" % test
    return Converter(ctype, "{n} = %s;\nif %s {{\n    FAIL;\n}}" % (call, cast),
                     defaults=integer_default, initial="0")


def filled(ctype, call, defaults=integer_default, initial="0", **kw):
    """A conversion by a function that fills a pointer and returns 0 on errors."""
    return Converter(ctype, "if (!%s) {{\n    FAIL;\n}}" % call,
                     defaults=defaults, initial=initial, **kw)


def checked(check, name, ctype="PyObject *"):
    """An object of a certain type, passed as it is."""
    return Converter(
        ctype,
        "if (!%s) {{\n    _PyArg_BadArgument({f}, {d}, %s, {a});\n    FAIL;\n}}\n"
        "{n} = {a};" % (check, name),
        defaults=none_object_default, initial="NULL")


def buffer(get, check_contiguous=True):
    code = get
    if check_contiguous:
        code += ("if (!PyBuffer_IsContiguous(&{n}, 'C')) {{\n"
                 "    _PyArg_BadArgument({f}, {d}, \"contiguous buffer\", {a});\n"
                 "    FAIL;\n}}")
    return Converter("Py_buffer *", code, local="Py_buffer {n}{i};",
                     cleanup="if ({n}.obj != NULL) {{\n    PyBuffer_Release(&{n});\n}}",
                     passed="&{n}", defaults=buffer_default, initial="{0}")


def narrow(ctype, low, high, what):
    """An unsigned or short C type below long."""
    return Converter(
        ctype,
        "long {n}_long = PyLong_AsLong({a});\n"
        "if ({n}_long == -1 && PyErr_Occurred()) {{\n    FAIL;\n}}\n"
        "if ({n}_long < %s) {{\n"
        "    PyErr_SetString(PyExc_OverflowError,\n"
        "                    \"%s is less than minimum\");\n    FAIL;\n}}\n"
        "if ({n}_long > %s) {{\n"
        "    PyErr_SetString(PyExc_OverflowError,\n"
        "                    \"%s is greater than maximum\");\n    FAIL;\n}}\n"
        "{n} = (%s){n}_long;" % (low, what, high, what, ctype),
        defaults=integer_default, initial="0")


UTF8 = ("if (!PyUnicode_Check({a})) {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"str\", {a});\n    FAIL;\n}}\n"
        "{n} = _PyArg_AsUTF8NoNull({a});\n"
        "if ({n} == NULL) {{\n    FAIL;\n}}")

CONVERTERS = {
    "object": Converter("PyObject *", "{n} = {a};", defaults=object_default,
                        initial="NULL"),
    "bool": Converter("int", "{n} = PyObject_IsTrue({a});\nif ({n} < 0) {{\n    FAIL;\n}}",
                      defaults=bool_default, initial="0"),
    "uchar": narrow("unsigned char", "0", "UCHAR_MAX", "unsigned byte integer"),
    "short": narrow("short", "SHRT_MIN", "SHRT_MAX", "signed short integer"),
    "int": number("int", "_PyLong_AsInt({a})"),
    "long": number("long", "PyLong_AsLong({a})"),
    "longlong": number("long long", "PyLong_AsLongLong({a})"),
    "ushort": filled("unsigned short", "_PyLong_UnsignedShort_Converter({a}, &{n})"),
    "uint": filled("unsigned int", "_PyLong_UnsignedInt_Converter({a}, &{n})"),
    "ulong": filled("unsigned long", "_PyLong_UnsignedLong_Converter({a}, &{n})"),
    "ulonglong": filled("unsigned long long",
                        "_PyLong_UnsignedLongLong_Converter({a}, &{n})"),
    "size_t": filled("size_t", "_PyLong_Size_t_Converter({a}, &{n})"),
    "uchar_mask": number("unsigned char", "(unsigned char)PyLong_AsUnsignedLongMask({a})",
                         "(unsigned char)-1"),
    "ushort_mask": number("unsigned short", "(unsigned short)PyLong_AsUnsignedLongMask({a})",
                          "(unsigned short)-1"),
    "uint_mask": number("unsigned int", "(unsigned int)PyLong_AsUnsignedLongMask({a})",
                        "(unsigned int)-1"),
    "ulong_mask": Converter(
        "unsigned long",
        "if (!PyLong_Check({a})) {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"int\", {a});\n    FAIL;\n}}\n"
        "{n} = PyLong_AsUnsignedLongMask({a});",
        defaults=integer_default, initial="0"),
    "ulonglong_mask": Converter(
        "unsigned long long",
        "if (!PyLong_Check({a})) {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"int\", {a});\n    FAIL;\n}}\n"
        "{n} = PyLong_AsUnsignedLongLongMask({a});",
        defaults=integer_default, initial="0"),
    "ssize": filled("Py_ssize_t", "_PyArg_AsSsize({a}, &{n})"),
    "ssize_none": filled("Py_ssize_t", "_Py_convert_optional_to_ssize_t({a}, &{n})"),
    "slice_index": filled("Py_ssize_t", "_PyEval_SliceIndex({a}, &{n})"),
    "slice_index_int": filled("Py_ssize_t", "_PyEval_SliceIndexNotNone({a}, &{n})"),
    "double": Converter(
        "double",
        "if (PyFloat_CheckExact({a})) {{\n    {n} = PyFloat_AS_DOUBLE({a});\n}}\n"
        "else {{\n    {n} = PyFloat_AsDouble({a});\n"
        "    if ({n} == -1.0 && PyErr_Occurred()) {{\n        FAIL;\n    }}\n}}",
        defaults=double_default, initial="0.0"),
    "float": Converter(
        "float",
        "{n} = (float)PyFloat_AsDouble({a});\n"
        "if ({n} == -1.0f && PyErr_Occurred()) {{\n    FAIL;\n}}",
        defaults=double_default, initial="0.0f"),
    "complex": Converter(
        "Py_complex", "{n} = PyComplex_AsCComplex({a});\nif (PyErr_Occurred()) {{\n    FAIL;\n}}",
        initial="{0.0, 0.0}"),
    "char": Converter(
        "char",
        "if (PyBytes_Check({a}) && PyBytes_GET_SIZE({a}) == 1) {{\n"
        "    {n} = PyBytes_AS_STRING({a})[0];\n}}\n"
        "else if (PyByteArray_Check({a}) && PyByteArray_GET_SIZE({a}) == 1) {{\n"
        "    {n} = PyByteArray_AS_STRING({a})[0];\n}}\n"
        "else {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"a byte string of length 1\", {a});\n    FAIL;\n}}",
        defaults=char_default, initial="0"),
    "codepoint": Converter(
        "int",
        "if (!PyUnicode_Check({a}) || PyUnicode_GET_LENGTH({a}) != 1) {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"a unicode character\", {a});\n    FAIL;\n}}\n"
        "{n} = (int)PyUnicode_READ_CHAR({a}, 0);",
        defaults=codepoint_default, initial="0"),
    "utf8": Converter("const char *", UTF8, defaults=utf8_default, initial="NULL"),
    "utf8_none": Converter(
        "const char *",
        "if ({a} == Py_None) {{\n    {n} = NULL;\n}}\nelse {{\n"
        "    if (!PyUnicode_Check({a})) {{\n"
        "        _PyArg_BadArgument({f}, {d}, \"str or None\", {a});\n        FAIL;\n    }}\n"
        "    {n} = _PyArg_AsUTF8NoNull({a});\n"
        "    if ({n} == NULL) {{\n        FAIL;\n    }}\n}}",
        defaults=utf8_none_default, initial="NULL"),
    "utf8_size": Converter(
        "const char *",
        "if (!PyUnicode_Check({a})) {{\n"
        "    _PyArg_BadArgument({f}, {d}, \"str\", {a});\n    FAIL;\n}}\n"
        "{n} = PyUnicode_AsUTF8AndSize({a}, &{n}_length);\n"
        "if ({n} == NULL) {{\n    FAIL;\n}}",
        local="const char *{n}{i};\nPy_ssize_t {n}_length = {l};",
        extra="Py_ssize_t", extra_passed="{n}_length",
        defaults=utf8_default, initial="NULL"),
    "unicode": checked("PyUnicode_Check({a})", '"str"'),
    "bytes": checked("PyBytes_Check({a})", '"bytes"'),
    "bytearray": checked("PyByteArray_Check({a})", '"bytearray"'),
    "tuple": checked("PyTuple_Check({a})", '"tuple"'),
    "list": checked("PyList_Check({a})", '"list"'),
    "dict": checked("PyDict_Check({a})", '"dict"'),
    "set": checked("PySet_Check({a})", '"set"'),
    "type": checked("PyType_Check({a})", '"type"'),
    "buffer": buffer("if (PyObject_GetBuffer({a}, &{n}, PyBUF_SIMPLE) != 0) {{\n"
                     "    FAIL;\n}}\n"),
    "buffer_str": buffer("if (!_PyArg_AsBufferOrUTF8({a}, &{n})) {{\n    FAIL;\n}}\n"),
    "wbuffer": buffer("if (PyObject_GetBuffer({a}, &{n}, PyBUF_WRITABLE) < 0) {{\n"
                      "    _PyArg_BadArgument({f}, {d}, \"read-write bytes-like object\", {a});\n"
                      "    FAIL;\n}}\n"),
    "fildes": filled("int", "_PyLong_FileDescriptor_Converter({a}, &{n})"),
    "path": filled("PyObject *", "PyUnicode_FSConverter({a}, &{n})", pointer_default, "NULL",
                   cleanup="Py_XDECREF({n});"),
    "fsdecoded": filled("PyObject *", "PyUnicode_FSDecoder({a}, &{n})", pointer_default, "NULL",
                        cleanup="Py_XDECREF({n});"),
}

# Return annotation -> (C type of the impl, failure test, conversion of {r}).
RETURNS = {
    "object": ("PyObject *", None, None),
    "bool": ("int", "{r} == -1 && PyErr_Occurred()", "PyBool_FromLong((long){r})"),
    "int": ("int", "{r} == -1 && PyErr_Occurred()", "PyLong_FromLong((long){r})"),
    "long": ("long", "{r} == -1 && PyErr_Occurred()", "PyLong_FromLong({r})"),
    "ssize": ("Py_ssize_t", "{r} == -1 && PyErr_Occurred()", "PyLong_FromSsize_t({r})"),
    "size_t": ("size_t", "{r} == (size_t)-1 && PyErr_Occurred()", "PyLong_FromSize_t({r})"),
    "double": ("double", "{r} == -1.0 && PyErr_Occurred()", "PyFloat_FromDouble({r})"),
    "None": ("int", "{r} < 0", "Py_NewRef(Py_None)"),
}


def special_converter(text, fail):
    """The converters written with brackets: type[&T] and conv[...]."""
    match = re.fullmatch(r"(type|conv)\[(.*)\]", text, re.S)
    if not match:
        known = ", ".join(sorted(CONVERTERS))
        fail(f"unknown converter {text!r} (known: {known}, type[&T], conv[func, ctype])")
    parts = [part.strip() for part in split_top(match[2], ",")]
    if match[1] == "type":
        if len(parts) != 1 or not parts[0]:
            fail("type[...] takes one C expression, a PyTypeObject *")
        return checked("PyObject_TypeCheck({a}, (PyTypeObject *)(%s))" % brace(parts[0]),
                       "((PyTypeObject *)(%s))->tp_name" % brace(parts[0]))
    if not 2 <= len(parts) <= 4 or not all(parts):
        fail("conv[func, ctype, cleanup, initialiser]: two to four parts")
    func, ctype = parts[0], normal_type(parts[1])
    by_pointer = ctype.endswith("&")
    if by_pointer:
        ctype = ctype[:-1].strip()
    cleanup = None
    if len(parts) > 2:
        cleanup = f"{parts[2]}({'&' if by_pointer else ''}{{n}});"
    initial = brace(parts[3]) if len(parts) > 3 else (
        "{0}" if by_pointer else "NULL" if ctype.endswith("*") else "0")
    return filled(ctype + " *" if by_pointer else ctype, "%s({a}, &{n})" % func,
                  (lambda value: "NULL" if value is None else None)
                  if ctype.endswith("*") else integer_default, unbrace(initial),
                  local=declare(ctype, "{n}") + "{i};", cleanup=cleanup,
                  passed="&{n}" if by_pointer else "{n}")


def brace(text):
    return text.replace("{", "{{").replace("}", "}}")


def unbrace(text):
    return text.replace("{{", "{").replace("}}", "}")


# ----------------------------------------------------------- text utilities

def split_top(text, separator):
    """Split at separators outside brackets and string literals."""
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        char = text[i]
        if char in "\"'":
            i = end_of_string(text, i)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:i])
            start = i + 1
        i += 1
    parts.append(text[start:])
    return parts


def end_of_string(text, start):
    """Index behind the string literal that begins at `start`."""
    quote, i = text[start], start + 1
    while i < len(text) and text[i] != quote:
        i += 2 if text[i] == "\\" else 1
    return i + 1


def closing_paren(text, start):
    """Index of the parenthesis that closes the one at `start`, or -1."""
    depth, i = 0, start
    while i < len(text):
        char = text[i]
        if char in "\"'":
            i = end_of_string(text, i)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                return i
        i += 1
    return -1


def c_string(value):
    """A C string literal for str (as UTF-8) or bytes."""
    data = value.encode() if isinstance(value, str) else value
    out = []
    for byte in data:
        char = chr(byte)
        if char in "\"\\":
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif char == "\t":
            out.append("\\t")
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def normal_type(text):
    """One spelling for a C type: single spaces, none behind the last star."""
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(r"\s*\*\s*", " *", text)
    return re.sub(r"\* \*", "**", text).strip()


C_KEYWORDS = set("""auto break case char const continue default do double else enum extern
    float for goto if inline int long register restrict return short signed sizeof static
    struct switch typedef union unsigned void volatile while""".split())
WRAPPER_NAMES = {"self", "module", "type", "cls", "arg", "args", "nargs", "kwnames", "kwargs",
                 "argsbuf", "result", "value_of_impl", "exit", "signature", "names",
                 "stdin", "stdout", "stderr", "errno", "linux", "unix", "NULL", "signal"}


# ------------------------------------------------------------------- parsing

class Parameter:
    def __init__(self, name, kind, converter, default, shown, c_default, annotation):
        self.name = name
        self.kind = kind                # "pos", "both", "kw", "*", "**", "cls"
        self.converter = converter
        self.default = default          # MISSING, NULL or True
        self.shown = shown              # text of the default in the signature
        self.c_default = c_default      # its C text
        self.annotation = annotation
        self.c_name = name + "_" if name in C_KEYWORDS | WRAPPER_NAMES else name

    @property
    def required(self):
        return self.default is MISSING


class Function:
    """One signature comment, parsed, with the definition found below it."""

    def __init__(self):
        self.path = self.line = None
        self.decorators = []
        self.dotted = None
        self.first = None               # "self", "module", "type" or None
        self.parameters = []            # without the first one
        self.returns = "object"
        self.doc = ""
        self.impl = self.declaration = self.c_params = None
        self.conditions = ()

    @property
    def name(self):
        return self.dotted.split(".")[-1]

    @property
    def is_new(self):
        return self.name == "__new__" and "." in self.dotted

    @property
    def is_init(self):
        return self.name == "__init__" and "." in self.dotted

    @property
    def shown_name(self):
        """The name in error messages and in the docstring."""
        return self.dotted.split(".")[-2] if self.is_new or self.is_init else self.name

    @property
    def c_base(self):
        return self.impl[:-len("_impl")]

    def of_kind(self, *kinds):
        return [p for p in self.parameters if p.kind in kinds]

    @property
    def plain(self):
        """The parameters that occupy a slot of the argument array."""
        return self.of_kind("pos", "both", "kw")

    @property
    def vararg(self):
        return next(iter(self.of_kind("*")), None)

    @property
    def varkw(self):
        return next(iter(self.of_kind("**")), None)

    @property
    def defining_class(self):
        return next(iter(self.of_kind("cls")), None)


# @nosignature: the docstring says it all, as 3.12's does; inspect.signature() finds nothing.
PREFIXES = ("classmethod", "staticmethod", "coexist", "nosignature")


def parse_signature(text, path, line):
    """Parse the inside of a signature comment into a Function."""
    def fail(message):
        raise SignatureError(path, line, message)

    function = Function()
    function.path, function.line = path, line
    rest = text.lstrip()
    while rest.startswith("@"):
        match = re.match(r"@(\w+)\s+", rest)
        if not match or match[1] not in PREFIXES:
            fail("unknown prefix " + rest.split(None, 1)[0])
        if match[1] in function.decorators:
            fail(f"@{match[1]} twice")
        function.decorators.append(match[1])
        rest = rest[match.end():]
    match = re.match(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(?=\()", rest)
    if not match:
        fail("expected name(...) at the start of the comment")
    function.dotted = match[0]
    close = closing_paren(rest, match.end())
    if close < 0:
        fail("parenthesis is never closed")
    inside, rest = rest[match.end() + 1:close], rest[close + 1:]
    match = re.match(r"[ \t]*->[ \t]*(\w+)", rest)
    if match:
        if match[1] not in RETURNS:
            fail(f"unknown return converter {match[1]!r} (known: {', '.join(RETURNS)})")
        function.returns = match[1]
        rest = rest[match.end():]
    head, newline, doc = rest.partition("\n")
    if head.strip():
        fail(f"text behind the signature: {head.strip()!r}")
    if doc.strip() and doc.split("\n", 1)[0].strip():
        fail("an empty line must separate signature and docstring")
    function.doc = clean_doc(doc)
    parse_parameters(function, inside, fail)
    return function


def clean_doc(doc):
    lines = [l.rstrip() for l in doc.split("\n")]
    indents = [len(l) - len(l.lstrip()) for l in lines if l]
    indent = min(indents, default=0)
    return "\n".join(l[indent:] for l in lines).strip("\n").strip()


def parse_parameters(function, inside, fail):
    parts = [part.strip() for part in split_top(inside, ",")]
    if parts == [""]:
        parts = []
    elif parts[-1] == "":
        parts.pop()
    static = "staticmethod" in function.decorators
    if not static:
        if not parts or parts[0] not in ("self", "module", "type"):
            fail("first parameter must be self, module or type")
        function.first = parts.pop(0)
        if (function.first == "type") != ("classmethod" in function.decorators
                                          or function.is_new):
            fail("'type' is for @classmethod and __new__, and only for them")
    state, seen = "both", set()
    for part in parts:
        if not part:
            fail("empty parameter")
        if part == "/":
            if state != "both" or not function.of_kind("both"):
                fail("misplaced '/'")
            for parameter in function.of_kind("both"):
                parameter.kind = "pos"
            state = "after slash"
        elif part == "*":
            if state in ("kw", "end"):
                fail("misplaced '*'")
            state = "kw"
        else:
            parameter = parse_parameter(part, fail)
            if parameter.name in seen:
                fail(f"parameter {parameter.name!r} twice")
            seen.add(parameter.name)
            if state == "end":
                fail("parameter behind **" + function.varkw.name)
            if parameter.kind == "*":
                if state == "kw":
                    fail("'*' twice")
                state = "kw"
            elif parameter.kind == "**":
                state = "end"
            elif parameter.kind == "cls":
                if function.parameters:
                    fail("defining_class must be the first parameter behind self")
            else:
                parameter.kind = "kw" if state == "kw" else "both"
                if parameter.kind == "both" and parameter.required and any(
                        not p.required for p in function.of_kind("pos", "both")):
                    fail(f"required parameter {parameter.name!r} behind an optional one")
            function.parameters.append(parameter)
    if state == "kw" and not function.of_kind("*", "kw"):
        fail("nothing behind '*'")
    if len(function.plain) > MAX_PARAMETERS:
        fail(f"more than {MAX_PARAMETERS} parameters")
    check_shape(function, fail)


def check_shape(function, fail):
    if function.defining_class and (function.is_new or function.is_init):
        fail("defining_class does not fit __new__ and __init__")
    if function.returns != "object" and (function.is_new or function.is_init):
        fail("return converters do not fit __new__ and __init__")
    if function.is_new or function.is_init:
        if set(function.decorators) - {"nosignature"}:
            fail("only @nosignature fits __new__ and __init__")
    if function.is_init and function.first != "self":
        fail("__init__ begins with self")


def parse_parameter(text, fail):
    stars = len(text) - len(text.lstrip("*"))
    if stars:
        name = text[stars:]
        if stars > 2 or not name.isidentifier():
            fail(f"malformed parameter {text!r}")
        return Parameter(name, "*" * stars, CONVERTERS["object"], MISSING, None, None, None)
    left, equals, default_text = partition_default(text)
    name, colon, annotation = left.partition(":")
    name, annotation = name.strip(), annotation.strip()
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        fail(f"malformed parameter {text!r}")
    if colon and not annotation:
        fail(f"parameter {name!r}: empty annotation")
    if annotation == "defining_class":
        if equals:
            fail("defining_class takes no default")
        return Parameter(name, "cls", None, MISSING, None, None, annotation)
    converter = CONVERTERS.get(annotation or "object") or special_converter(annotation, fail)
    default, shown, c_default = MISSING, None, None
    if equals:
        default, shown, c_default = parse_default(name, converter, default_text.strip(), fail)
    return Parameter(name, "both", converter, default, shown, c_default, annotation or "object")


def partition_default(text):
    """Split at the first '=' outside brackets and strings."""
    parts = split_top(text, "=")
    if len(parts) == 1:
        return text, "", ""
    return parts[0], "=", "=".join(parts[1:])


SYSTEM_CONSTANTS = {"sys.maxsize": "PY_SSIZE_T_MAX", "-sys.maxsize": "-PY_SSIZE_T_MAX",
                    "sys.maxunicode": "0x10ffff"}


def parse_default(name, converter, text, fail):
    """Return (True or NULL, text to show, C text)."""
    match = re.fullmatch(r'c("(?:[^"\\]|\\.)*")\s+py("(?:[^"\\]|\\.)*")', text)
    if match:
        return True, ast.literal_eval(match[2]), ast.literal_eval(match[1])
    if text == "NULL":
        return NULL, "<unrepresentable>", converter.initial
    if text in SYSTEM_CONSTANTS:
        return True, text, SYSTEM_CONSTANTS[text]
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        fail(f"parameter {name!r}: {text!r} is neither a Python literal, NULL "
             f"nor c\"...\" py\"...\"")
    c_text = converter.defaults(value)
    if c_text is None:
        fail(f"parameter {name!r}: default {text} does not fit its converter")
    return True, text, c_text


# ------------------------------------------------------------------ scanning

COMMENT = re.compile(r"/\*sig\b(.*?)\*/", re.S)
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
                   r'|^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b(?:[^\n\\]|\\\n|\\.)*',
                   re.S | re.M)
DEFINITION = re.compile(r"\s*(?P<head>[A-Za-z_][\w\s*()]*?[\s*])(?P<name>[A-Za-z_]\w*)\s*\(")


def scan(text, path):
    """Yield a Function for each signature comment of a C file."""
    conditions = []
    for match in TOKEN.finditer(text):
        token = match[0]
        line = text.count("\n", 0, match.start()) + 1
        if token.lstrip().startswith("#"):
            track_condition(conditions, token, path, line)
        elif token.startswith("/*sig"):
            if not re.match(r"/\*sig\s", token):
                continue
            function = parse_signature(token[5:-2], path, line)
            function.conditions = tuple(conditions)
            find_definition(function, text, match.end())
            yield function


def track_condition(conditions, token, path, line):
    words = re.sub(r"/\*.*?\*/|\\\n", " ", token).strip().lstrip("#").strip()
    match = re.match(r"[a-z]+", words)
    keyword, rest = match[0], words[match.end():].strip()
    if keyword == "if":
        conditions.append(rest)
    elif keyword in ("ifdef", "ifndef"):
        conditions.append(("" if keyword == "ifdef" else "!") + f"defined({rest.split()[0]})")
    elif not conditions:
        raise SignatureError(path, line, f"#{keyword} without #if")
    elif keyword == "elif":
        conditions[-1] = f"!({conditions[-1]}) && ({rest})"
    elif keyword == "else":
        conditions[-1] = f"!({conditions[-1]})"
    else:
        conditions.pop()


def find_definition(function, text, start):
    """Read the head of the C definition below the comment and check it."""
    line = text.count("\n", 0, start) + 1

    def fail(message):
        raise SignatureError(function.path, line, f"{function.dotted}: {message}")

    match = DEFINITION.match(text, start)
    if not match:
        fail("no C function definition below the signature")
    close = closing_paren(text, match.end() - 1)
    if close < 0 or not re.match(r"\s*\{", text[close + 1:]):
        fail("a function body must follow the signature")
    function.impl = match["name"]
    if not function.impl.endswith("_impl"):
        fail(f"the C function must be named ..._impl, not {function.impl}")
    head = re.sub(r"\s+", " ", match["head"]).strip()
    params = text[match.end():close]
    params = re.sub(r"/\*.*?\*/|//[^\n]*", " ", params, flags=re.S)
    function.c_params = [re.sub(r"\s+", " ", p).strip() for p in split_top(params, ",")]
    if function.c_params == ["void"]:
        function.c_params = []
    function.declaration = head
    check_definition(function, fail)


def c_type_of(declaration):
    """The type of one C parameter declaration."""
    match = re.fullmatch(r"(.*?[\s*])Py_UNUSED\(\w+\)", declaration)
    if not match:
        match = re.fullmatch(r"(.*?[\s*])(\w+)", declaration)
    if not match:
        return None
    return normal_type(match[1])


def check_definition(function, fail):
    want = RETURNS[function.returns][0] if not function.is_init else "int"
    have = normal_type(re.sub(r"\b(static|inline|Py_NO_INLINE|Py_ALWAYS_INLINE|extern)\b", "",
                              function.declaration))
    if normal_type(have) != normal_type(want):
        fail(f"the impl returns {have}, the signature says {want}")
    expected = []
    if function.first:
        expected.append(("self", None))
    for parameter in function.parameters:
        if parameter.kind == "cls":
            expected.append((parameter.name, "PyTypeObject *"))
        elif parameter.kind in ("*", "**"):
            expected.append((parameter.name, "PyObject *"))
        else:
            for ctype in parameter.converter.expected_types():
                expected.append((parameter.name, ctype))
    if len(expected) != len(function.c_params):
        fail(f"the impl takes {len(function.c_params)} parameters, "
             f"the signature gives {len(expected)}")
    for (name, ctype), declaration in zip(expected, function.c_params):
        actual = c_type_of(declaration)
        if actual is None:
            fail(f"cannot read the C parameter {declaration!r}")
        if ctype is None:
            if not actual.endswith("*"):
                fail(f"first parameter {declaration!r} is no pointer")
            if function.first == "type" and actual != "PyTypeObject *":
                fail("the first parameter must be a PyTypeObject *")
        elif actual != normal_type(ctype):
            fail(f"parameter {name!r}: the impl has {actual!r}, "
                 f"the signature gives {normal_type(ctype)!r}")


# ------------------------------------------------------------------ emitting

def text_signature(function):
    """The `name(...)` line that inspect reads."""
    shown, has_slash, star = [], False, False
    first = function.first
    if first and not (function.is_new or function.is_init):
        shown.append("$" + first)
    plain = [p for p in function.parameters if p.kind != "cls"]
    has_pos = any(p.kind == "pos" for p in plain)
    if shown and not has_pos:
        shown.append("/")
    for index, p in enumerate(plain):
        if has_pos and not has_slash and p.kind != "pos":
            shown.append("/")
            has_slash = True
        if p.kind == "kw" and not star:
            if not function.vararg:
                shown.append("*")
            star = True
        text = p.kind + p.name if p.kind in ("*", "**") else p.name
        if p.kind == "*":
            star = True
        if p.default is not MISSING:
            text += "=" + p.shown
        shown.append(text)
    if has_pos and not has_slash:
        shown.append("/")
    return f"{function.shown_name}({', '.join(shown)})"


def emit_doc(function, out):
    lines = [text_signature(function) + "\n", "--\n", "\n"]
    if "nosignature" in function.decorators:
        if not function.doc:
            return
        lines = []
    if function.doc:
        doc_lines = function.doc.split("\n")
        lines += [l + "\n" for l in doc_lines[:-1]] + [doc_lines[-1]]
    out.append(f"PyDoc_STRVAR({function.c_base}__doc__,")
    for i, line in enumerate(lines):
        out.append(c_string(line) + (");" if i == len(lines) - 1 else ""))
    out.append("")


class Shape:
    """The calling convention chosen for a function, and its C head."""

    def __init__(self, function):
        plain, f = function.plain, function
        keywords = bool(f.of_kind("both", "kw") or f.varkw)
        self.tuple_call = f.is_new or f.is_init
        self.keywords = keywords or bool(f.defining_class)
        base = f.c_base
        first = "type" if f.first == "type" else "module" if f.first == "module" else "self"
        if f.first is None:
            first = "Py_UNUSED(null)"
        if f.is_new:
            self.flags, self.head = None, (
                f"static PyObject *\n{base}(PyTypeObject *type, PyObject *args, "
                f"PyObject *kwargs)")
        elif f.is_init:
            self.flags, self.head = None, (
                f"static int\n{base}(PyObject *self, PyObject *args, PyObject *kwargs)")
        elif f.defining_class:
            self.flags = "METH_METHOD | METH_FASTCALL | METH_KEYWORDS"
            indent = " " * (len(base) + 1)
            self.head = (f"static PyObject *\n{base}(PyObject *{first}, PyTypeObject *cls,\n"
                         f"{indent}PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)")
        elif self.keywords:
            self.flags = "METH_FASTCALL | METH_KEYWORDS"
            indent = " " * (len(base) + 1)
            self.head = (f"static PyObject *\n{base}(PyObject *{first}, PyObject *const *args, "
                         f"Py_ssize_t nargs,\n{indent}PyObject *kwnames)")
        elif not f.parameters:
            self.flags = "METH_NOARGS"
            self.head = (f"static PyObject *\n{base}(PyObject *{first}, "
                         f"PyObject *Py_UNUSED(ignored))")
        elif len(plain) == 1 and not f.vararg and plain[0].required:
            self.flags = "METH_O"
            self.head = f"static PyObject *\n{base}(PyObject *{first}, PyObject *arg)"
        else:
            self.flags = "METH_FASTCALL"
            self.head = (f"static PyObject *\n{base}(PyObject *{first}, "
                         f"PyObject *const *args, Py_ssize_t nargs)")


class Wrapper:
    """Builds the text of one wrapper function."""

    def __init__(self, function):
        self.f = function
        self.shape = Shape(function)
        self.declarations = []
        self.body = []
        self.cleanups = []
        f = function
        self.shown = c_string(f.shown_name)
        self.failure = "-1" if f.is_init else "NULL"
        self.positional = f.of_kind("pos", "both")
        self.required = sum(p.required for p in self.positional)

    # Statements are collected with FAIL in them, which becomes `goto exit` when
    # there is something to release, and a plain return otherwise.
    def add(self, text, indent=1):
        for line in text.split("\n"):
            self.body.append("    " * indent + line if line else "")

    def build(self):
        f, shape = self.f, self.shape
        for p in f.plain:
            self.declare_parameter(p)
        if shape.flags == "METH_O":
            self.convert(f.plain[0], "arg", 1)
        elif shape.flags != "METH_NOARGS":
            self.collect()
        self.call()
        return self.finish()

    def declare_parameter(self, p):
        c_initial = p.c_default if p.default is not MISSING else None
        if c_initial is None and (p.converter.cleanup or "&" in "".join(
                re.findall(r"&\{n\}", p.converter.code))):
            c_initial = p.converter.initial
        if c_initial is None and p.default is not MISSING:
            c_initial = p.converter.initial
        initial = f" = {c_initial}" if c_initial is not None else ""
        length = "0"
        if p.converter.extra and c_initial and c_initial.startswith('"'):
            length = f"sizeof({c_initial}) - 1"
        text = (p.converter.local.replace("{n}", p.c_name).replace("{i}", initial)
                .replace("{l}", length))
        self.declarations += text.split("\n")
        if p.converter.cleanup:
            self.cleanups.append(p.converter.cleanup.format(n=p.c_name))

    def display(self, p):
        if self.shape.flags == "METH_O":
            return '"argument"'
        if p.kind == "pos":
            return f'"argument {self.f.plain.index(p) + 1}"'
        return c_string(f"argument {p.name!r}")

    def convert(self, p, source, indent):
        code = p.converter.code.format(n=p.c_name, a=source, f=self.shown, d=self.display(p))
        self.add(code, indent)

    def collect(self):
        """Bring all arguments into `args[0..n)`, then convert each."""
        f, shape = self.f, self.shape
        if f.defining_class and not (f.plain or f.vararg or f.varkw):
            self.add('if (nargs != 0 || (kwnames != NULL && PyTuple_GET_SIZE(kwnames) != 0)) {\n'
                     '    (void)args;\n'
                     '    PyErr_SetString(PyExc_TypeError, '
                     f'{c_string(f.shown_name + "() takes no arguments")});\n    FAIL;\n}}')
            return
        if shape.tuple_call:
            self.declarations.append("Py_ssize_t nargs = PyTuple_GET_SIZE(args);")
            if f.plain or f.vararg or f.varkw:
                self.declarations.append(
                    "PyObject *const *argv = ((PyTupleObject *)args)->ob_item;")
            self.argv = "argv"
        else:
            self.argv = "args"
        if self.needs_unpack():
            self.unpack_with_keywords()
        else:
            self.check_positional()
        if f.vararg and not self.needs_unpack():
            count = len(self.positional)
            self.take_vararg(count)
        self.convert_all()

    def needs_unpack(self):
        """Whether keywords have to be matched with parameters here."""
        f = self.f
        return bool(f.of_kind("both", "kw") or f.varkw or f.defining_class)

    def check_positional(self):
        """Only positional parameters: a comparison, and no keywords."""
        f = self.f
        low, high = self.required, len(self.positional)
        if self.shape.tuple_call:
            what = "type" if f.is_new else "Py_TYPE(self)"
            helper = "New" if f.is_new else "Init"
            if high == 0 and not f.vararg:
                self.add(f"if ((kwargs != NULL || nargs != 0)\n"
                         f"    && !_PyArg_{helper}NoArguments({what}, {f.c_base}, {self.shown}, "
                         f"args, kwargs))\n{{\n    FAIL;\n}}")
                return
            self.add(f"if (kwargs != NULL\n"
                     f"    && !_PyArg_{helper}NoKeywords({what}, {f.c_base}, {self.shown}, "
                     f"kwargs))\n{{\n    FAIL;\n}}")
        if f.vararg:
            if low == 0:
                return
            test, maximum = f"nargs < {low}", "PY_SSIZE_T_MAX"
        else:
            test = f"nargs != {low}" if low == high else (
                f"nargs > {high}" if low == 0 else f"(nargs < {low} || nargs > {high})")
            maximum = str(high)
        self.add(f"if ({test}\n    && !_PyArg_CheckPositional({self.shown}, nargs, {low}, "
                 f"{maximum}))\n{{\n    FAIL;\n}}")

    def take_vararg(self, count):
        name = self.f.vararg.c_name
        self.declarations.append(f"PyObject *{name} = NULL;")
        rest = (f"{self.argv} + {count}, nargs > {count} ? nargs - {count} : 0" if count
                else f"{self.argv}, nargs")
        if self.shape.tuple_call and count == 0:
            self.add(f"{name} = Py_NewRef(args);")
        else:
            self.add(f"{name} = _PyArg_TupleFromArray({rest});\n"
                     f"if ({name} == NULL) {{\n    FAIL;\n}}")
        self.cleanups.append(f"Py_XDECREF({name});")

    def unpack_with_keywords(self):
        f, shape = self.f, self.shape
        plain = f.plain
        names = [p for p in plain if p.kind != "pos"]
        extra = bool(f.vararg) + bool(f.varkw)
        if names:
            self.declarations += [f"_PyArg_DECLARE({p.name})" for p in names]
            self.declarations.append("static const _PyArg_Name names[] = {")
            self.declarations += [f"    _PyArg_NAME({p.name})," for p in names]
            self.declarations.append("};")
        mask = sum(1 << i for i, p in enumerate(plain) if p.required)
        flags = []
        if f.vararg:
            flags.append("_PyArg_VARARG")
        if f.varkw:
            flags.append("_PyArg_VARKW")
        self.declarations += [
            "static const _PyArg_Signature signature = {",
            f"    .fname = {self.shown},",
            f"    .names = {'names' if names else 'NULL'},",
            f"    .required = {mask:#x},",
            f"    .total = {len(plain)},",
            f"    .positional_only = {len(f.of_kind('pos'))},",
            f"    .positional = {len(self.positional)},",
            f"    .min_positional = {self.required},",
            f"    .flags = {' | '.join(flags) or '0'},",
            "};",
        ]
        self.declarations.append(f"PyObject *argsbuf[{max(1, len(plain) + extra)}];")
        keywords = "NULL, kwargs" if shape.tuple_call else "kwnames, NULL"
        given = "kwargs" if shape.tuple_call else "kwnames"
        call = (f"if (_PyArg_UnpackSignature(&signature, {self.argv}, nargs, {keywords}, "
                f"argsbuf) < 0) {{\n    FAIL;\n}}")
        after = [f"{self.argv} = argsbuf;", f"nargs = {len(plain)};"]
        if not plain:
            after = []
        if extra or any(p.required for p in f.of_kind("kw")):
            self.add(call)
            for i, p in enumerate(x for x in (f.vararg, f.varkw) if x):
                self.declarations.append(f"PyObject *{p.c_name} = NULL;")
                self.cleanups.append(f"Py_XDECREF({p.c_name});")
                self.add(f"{p.c_name} = argsbuf[{len(plain) + i}];")
            for line in after:
                self.add(line)
        else:
            low, high = self.required, len(self.positional)
            tests = [f"{given} != NULL"]
            if low == high:
                tests.append(f"nargs != {low}")
            else:
                tests += [f"nargs < {low}"] * (low > 0) + [f"nargs > {high}"]
            self.add(f"if ({' || '.join(tests)}) {{")
            for line in call.split("\n") + after:
                self.add(line, 2)
            self.add("}")

    def convert_all(self):
        unpack = self.needs_unpack()
        for index, p in enumerate(self.f.plain):
            source = f"{self.argv}[{index}]"
            if p.required:
                self.convert(p, source, 1)
                continue
            test = f"nargs > {index}"
            if unpack:                      # the array may have holes
                test += f" && {source} != NULL"
            self.add(f"if ({test}) {{")
            self.convert(p, source, 2)
            self.add("}")

    def call(self):
        f = self.f
        passed = []
        if f.first:
            own = c_type_of(f.c_params[0])
            wrapper_type = "PyTypeObject *" if f.is_new else "PyObject *"
            name = f.first
            passed.append(name if own == wrapper_type else f"({own}){name}")
        for p in f.parameters:
            if p.kind == "cls":
                passed.append("cls")
            elif p.kind in ("*", "**"):
                passed.append(p.c_name)
            else:
                passed.append(p.converter.passed.format(n=p.c_name))
                if p.converter.extra:
                    passed.append(p.converter.extra_passed.format(n=p.c_name))
        expression = f"{f.impl}({', '.join(passed)})"
        ctype, test, convert = RETURNS[f.returns]
        if convert:
            self.declarations.append(declare(ctype, "value_of_impl;"))
            self.add(f"value_of_impl = {expression};")
            self.add("if (%s) {\n    FAIL;\n}" % test.format(r="value_of_impl"))
            expression = convert.format(r="value_of_impl")
        self.expression = expression

    def finish(self):
        lines = [*self.shape.head.split("\n"), "{"]
        result_type = "int " if self.f.is_init else "PyObject *"
        cleanup = bool(self.cleanups)
        if cleanup:
            self.declarations.insert(0, f"{result_type}result = {self.failure};")
        lines += ["    " + d for d in self.declarations]
        if self.declarations and self.body:
            lines.append("")
        fail = "goto exit" if cleanup else f"return {self.failure}"
        lines += [line.replace("FAIL;", fail + ";") for line in self.body]
        if cleanup:
            lines += [f"    result = {self.expression};", "exit:"]
            for text in self.cleanups:
                lines += ["    " + line for line in text.split("\n")]
            lines.append("    return result;")
        else:
            lines.append(f"    return {self.expression};")
        lines.append("}")
        return wrap_lines(lines)


def wrap_lines(lines):
    """Break lines beyond 100 columns behind a comma or before &&."""
    out = []
    for line in lines:
        while len(line) > 99 and not line.lstrip().startswith('"'):
            cut = line.rfind(", ", 0, 98)
            if cut <= 0 or line[:cut].count('"') % 2:
                break
            out.append(line[:cut + 1])
            indent = len(line) - len(line.lstrip())
            line = " " * (indent + 8) + line[cut + 2:]
        out.append(line)
    return out


def emit_function(function, out):
    conditions = [f"({c})" if len(function.conditions) > 1 else c for c in function.conditions]
    if conditions:
        out.append(f"#if {' && '.join(conditions)}")
        out.append("")
    wrapper = Wrapper(function)
    emit_doc(function, out)
    if wrapper.shape.flags:
        flags = [wrapper.shape.flags]
        for prefix, flag in (("classmethod", "METH_CLASS"), ("staticmethod", "METH_STATIC"),
                             ("coexist", "METH_COEXIST")):
            if prefix in function.decorators:
                flags.append(flag)
        out.append(f"#define {function.c_base.upper()}_METHODDEF \\")
        out.append(f"    {{\"{function.name}\", (PyCFunction)(void (*)(void)){function.c_base}, \\")
        doc = f"{function.c_base}__doc__"
        if "nosignature" in function.decorators and not function.doc:
            doc = "NULL"
        out.append(f"     {' | '.join(flags)}, {doc}}},")
        out.append("")
    head = function.declaration
    params = ", ".join(function.c_params) or "void"
    params = re.sub(r"Py_UNUSED\((\w+)\)", r"\1", params)
    out += wrap_lines([head, f"{function.impl}({params});"])
    out.append("")
    out += wrapper.build()
    out.append("")
    if conditions:
        out.append(f"#endif  /* {' && '.join(conditions)} */")
        out.append("")


HEADER = """\
/* Generated by Tools/signature/generate.py from {source}.  Do not edit.
   Include it once, behind the types and before the method tables of that file. */

#include "pycore_signature.h"     // _PyArg_Signature, _PyArg_UnpackSignature()
"""


def emit(functions, source):
    out = [HEADER.format(source=source)]
    for function in functions:
        emit_function(function, out)
    optional = [f for f in functions if f.conditions and not (f.is_new or f.is_init)]
    defined = set()
    for function in optional:
        macro = f"{function.c_base.upper()}_METHODDEF"
        if macro not in defined:
            defined.add(macro)
            out += [f"#ifndef {macro}", f"    #define {macro}", "#endif", ""]
    return "\n".join(out).rstrip("\n") + "\n"


def process(text, path):
    """Return (functions, C text) for the text of one C file."""
    functions = list(scan(text, path))
    names = {}
    for function in functions:
        key = (function.c_base, function.conditions)
        if key in names:
            raise SignatureError(path, function.line, f"{function.impl} has a signature already "
                                                      f"at line {names[key]}")
        names[key] = function.line
    return functions, emit(functions, os.path.basename(path))


def keyword_names(functions):
    return {p.name for f in functions for p in f.of_kind("both", "kw")}


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return False
    except FileNotFoundError:
        pass
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
    return True


def main(argv):
    if len(argv) < 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    names, failed = set(), False
    target = None
    if argv[1] != "--names":
        target = os.path.join(argv[1], "sig")
        os.makedirs(target, exist_ok=True)
    for path in argv[2:]:
        try:
            with open(path, encoding="utf-8") as file:
                functions, text = process(file.read(), path)
        except (SignatureError, OSError) as exc:
            print(exc, file=sys.stderr)
            failed = True
            continue
        names |= keyword_names(functions)
        stem = os.path.splitext(os.path.basename(path))[0]
        if target and functions:
            write_if_changed(os.path.join(target, stem + ".sig.h"), text)
    if target is None and not failed:
        print("\n".join(sorted(names)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
