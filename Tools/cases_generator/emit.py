"""Writes C from the analysed model: dispatch cases, ids, tables.

The output is meant to be read (in a debugger, in a diff): one statement a line, the body as
it stands in bytecodes.c, no macro that hides a jump except the documented set of
Python/ceval_macros.h.  Written from README.md in this folder.
"""

import re

HEADER = "/* Made by Tools/cases_generator from {source}; do not edit. */\n"


def present(op):
    """C expression: slots that an operand takes."""
    return f"(({op.cond}) ? 1 : 0)" if op.cond else op.size


def total(ops):
    """C expression: slots of a list of operands (constants folded)."""
    number, terms = 0, []
    for op in ops:
        size = present(op)
        if size.isdigit():
            number += int(size)
        else:
            terms.append(size if size.replace("_", "").isalnum() or op.cond else f"({size})")
    if number or not terms:
        terms.append(str(number))
    return " + ".join(terms)


def stack_at(below):
    """C expression: the slot under which the operands `below` (listed upwards) lie."""
    depth = total(below)
    return f"stack_pointer[-{depth}]" if depth.isdigit() else f"stack_pointer[-({depth})]"


class Writer:
    def __init__(self, out, indent=0):
        self.out = out
        self.indent = indent

    def __call__(self, text=""):
        self.out.append(("    " * self.indent + text).rstrip() + "\n")


def body_text(tokens, indent, replace=None):
    """The body, with its own line structure, re-indented."""
    lines, line, last = [], [], None
    for t in tokens:
        if last is not None and t.line > last:
            lines.append(line)
            lines.extend([[]] * (t.line - last - 1))
            line = []
        line.append(t)
        last = t.line + t.text.count("\n")
    lines.append(line)
    out, depth = [], 0
    for line in lines:
        if not line:
            out.append("\n")
            continue
        lead = depth
        for t in line:
            if t.text in (")", "}", "]"):
                lead -= 1
            else:
                break
        for t in line:
            if t.kind == "op":
                depth += (t.text in "({[") - (t.text in ")}]")
        text = join(line, replace or {})
        if text.endswith(":") and text.startswith("case ") or text == "default:":
            lead -= 1
        out.append("    " * (indent + max(lead, 0)) + text + "\n")
    while out and out[0] == "\n":
        out.pop(0)
    return "".join(out)


TIGHT_BEFORE = {")", "]", ",", ";", ".", "->", "++", "--", "["}
TIGHT_AFTER = {"(", "[", ".", "->", "!", "~"}
UNARY_CONTEXT = {"(", ",", "=", "return", "?", ":", "{", "[", "&&", "||", "==", "!=", "<", ">",
                 "+", "-", "*", "<=", ">=", "&", "|", ";", "}", ""}
TYPE_NAME = re.compile(r"_?Py\w*|char|void|int|uint\d+_t|const|struct")
KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof"}
APART_FROM_PAREN = UNARY_CONTEXT | KEYWORDS | {"*", "/", "%", "<<", ">>", ")"}


def join(tokens, replace):
    out, prev, prev_unary, cast = "", "", False, False
    for t in tokens:
        text = replace.get(t.text, t.text)
        pointer = text == "*" and (TYPE_NAME.fullmatch(prev) is not None or prev == "*")
        unary = pointer or text in ("*", "&", "-", "+") and prev in UNARY_CONTEXT
        tight = (not out or text in TIGHT_BEFORE or prev in TIGHT_AFTER or prev_unary
                 or text == "(" and prev not in APART_FROM_PAREN)
        if text == "(" and prev == ")":
            tight = True
        if prev == "*" and text == "*" and prev_unary:
            tight = True
        if prev == ")" and cast:
            tight = True
        cast = text == ")" and prev == "*"
        out += text if tight else " " + text
        prev_unary = unary
        prev = text
    return out


class Cases:
    """The dispatch cases of Python/ceval.c."""

    def __init__(self, model, source):
        self.model = model
        self.source = source

    def generate(self):
        out = [HEADER.format(source=self.source)]
        ordered = sorted(self.model.instructions.values(), key=lambda i: i.name)
        for ins in ordered:
            out.append("\n")
            w = Writer(out, 1)
            {"inst": self.inst, "adaptive": self.adaptive, "super": self.super_inst}[
                ins.d.kind](ins, w)
        return "".join(out)

    # -- the parts of one case --
    def escapes(self, ins):
        return "noescape" not in ins.d.attributes

    def may_leave_cold(self, ins):
        """A generic instruction that can fail: it may have run Python code, and a tool in there may
        have marked the frame (ceval_macros.h).  Locals are at most unbound; calls look for the mark
        with the breaker."""
        attributes = set(ins.d.attributes)
        words = {t.text for t in ins.d.body if t.kind == "name"}
        return (words & {"ERROR_IF", "ERROR_TAKEN_IF"}
                and not words & {"CHECK_EVAL_BREAKER", "CHECK_EVAL_BREAKER_PUSHING"}
                and not attributes & {"internal", "local", "free"}
                and not ins.name.startswith("INSTRUMENTED_"))

    def prologue(self, ins, w, escapes):
        words = {t.text for t in (ins.d.body or ()) if t.kind == "name"}
        if escapes:
            w("frame->instr_ptr = next_instr;")
        used = [c for c in ins.d.caches if c.name in words]
        if used or "this_instr" in words:
            w("const _Py_CODEUNIT *const this_instr = next_instr;")
        w(f"next_instr += {1 + ins.caches};")
        offset = 1
        for c in ins.d.caches:
            if c in used:
                kind = {1: "uint16_t", 2: "uint32_t", 4: "uintptr_t"}[c.units]
                w(f"{kind} {c.name} = _Py_ReadCache{c.units * 16}(this_instr + {offset});")
            offset += c.units

    def load(self, d, w):
        words = {t.text for t in d.body if t.kind == "name"}
        n = len(d.inputs)
        for i in range(n - 1, -1, -1):
            op = d.inputs[i]
            closed = not (op.keep or op.take or "nofall" in d.attributes)
            wanted = op.name in words or closed
            if op.name == "unused" or not wanted:
                continue
            slot = stack_at(d.inputs[i:])
            if op.size != "1":
                w(f"_PyStackRef *{op.name} = &{slot};")
            elif op.cond:
                w(f"_PyStackRef {op.name} = ({op.cond}) ? {slot} : PyStackRef_NULL;")
            elif "owns" in d.attributes:
                w(f"_PyStackRef {op.name} = PyStackRef_Own(&{slot});")
            else:
                w(f"_PyStackRef {op.name} = {slot};")

    def declare(self, d, w):
        kept = [op for op in d.outputs if op.keep]
        fresh = [op for op in d.outputs if not op.keep]
        popped = [op for op in d.inputs if not op.keep]
        for i, op in enumerate(fresh):
            if op.name == "unused":
                continue
            if op.size != "1":
                below = total(popped)
                above = total(fresh[:i])
                w(f"_PyStackRef *{op.name} = stack_pointer - ({below}) + ({above});")
            elif op.cond:
                w(f"_PyStackRef {op.name} = PyStackRef_NULL;")
            else:
                w(f"_PyStackRef {op.name};")
        return kept

    def epilogue(self, d, w):
        if "nofall" in d.attributes:
            return
        popped = [op for op in d.inputs if not op.keep]
        fresh = [op for op in d.outputs if not op.keep]
        for op in popped:
            if op.take:
                continue
            if op.size != "1":
                w(f"_PyStackRef_CloseArray({op.name}, {op.size});")
            else:
                w(f"PyStackRef_CLOSE({op.name});")
        down, up = total(popped), total(fresh)
        if down.isdigit() and up.isdigit():
            n = int(up) - int(down)
            if n:
                w(f"stack_pointer {'+' if n > 0 else '-'}= {abs(n)};")
        elif down != up:
            parts = ([f"-({down})"] if down != "0" else []) + ([f"({up})"] if up != "0" else [])
            w(f"stack_pointer += {' + '.join(parts)};")
        for i, op in enumerate(fresh):
            if op.name == "unused" or op.size != "1":
                continue
            slot = stack_at(fresh[i:])
            if op.cond:
                w(f"if ({op.cond}) {{")
                w(f"    {slot} = {op.name};")
                w("}")
            else:
                w(f"{slot} = {op.name};")

    def emit_body(self, ins, w):
        replace = {}
        if ins.family:
            replace["DEOPT_IF"] = f"DEOPT_IF_{ins.family}"
        text = body_text(ins.d.body, w.indent, {})
        if ins.family:
            text = text.replace("DEOPT_IF(", f"DEOPT_IF({ins.family}, ")
        taken = [op for op in ins.d.inputs if op.take]
        if taken:
            text = text.replace("ERROR_TAKEN_IF(", f"ERROR_TAKEN_IF({total(taken)}, ")
        w.out.append(text)

    def inst(self, ins, w):
        w(f"TARGET({ins.name}) {{")
        w.indent += 1
        if ins.name in self.model.families or "label" in ins.d.attributes:
            w.indent -= 1
            w(f"generic_{ins.name}:")
            w.indent += 1
        self.prologue(ins, w, self.escapes(ins))
        self.load(ins.d, w)
        self.declare(ins.d, w)
        self.emit_body(ins, w)
        self.epilogue(ins.d, w)
        if "nofall" not in ins.d.attributes:
            w("DISPATCH_LEAVING_COLD();" if self.may_leave_cold(ins) else "DISPATCH();")
        w.indent -= 1
        w("}")
        if ins.name in self.model.families and self.model.families[ins.name]:
            w(f"miss_{ins.name}: {{")
            w.indent += 1
            w(f"next_instr -= {1 + ins.caches};")
            w(f"_PyAdaptive_Miss(next_instr, {ins.adaptive});")
            w(f"goto generic_{ins.name};")
            w.indent -= 1
            w("}")

    def adaptive(self, ins, w):
        base = self.model.instructions[ins.d.base]
        w(f"TARGET({ins.name}) {{")
        w.indent += 1
        w("const _Py_CODEUNIT *const this_instr = next_instr;")
        w("if (_PyAdaptive_Triggers(this_instr)) {")
        w.indent += 1
        w("frame->instr_ptr = next_instr;")
        words = {t.text for t in ins.d.body}
        for i, op in enumerate(base.d.inputs):
            if op.name in words:
                slot = stack_at(base.d.inputs[i:])
                if op.size != "1":
                    w(f"_PyStackRef *{op.name} = &{slot};")
                else:
                    w(f"_PyStackRef {op.name} = {slot};")
        w.out.append(body_text(ins.d.body, w.indent))
        w("DISPATCH_AGAIN();")
        w.indent -= 1
        w("}")
        w(f"goto generic_{base.name};")
        w.indent -= 1
        w("}")

    def super_inst(self, ins, w):
        parts = [self.model.instructions[n] for n in ins.d.members]
        w(f"TARGET({ins.name}) {{")
        w.indent += 1
        if any(self.escapes(p) for p in parts):
            w("frame->instr_ptr = next_instr;")
        for i, part in enumerate(parts):
            w("next_instr += 1;" if i == 0 else "oparg = (next_instr++)->op.arg;")
            w("{")
            w.indent += 1
            self.load(part.d, w)
            self.declare(part.d, w)
            self.emit_body(part, w)
            self.epilogue(part.d, w)
            w.indent -= 1
            w("}")
        w("DISPATCH();")
        w.indent -= 1
        w("}")


def targets(model, source):
    """The table of labels, one for each of the 256 codes."""
    labels = ["&&unknown_opcode"] * 256
    for ins in model.instructions.values():
        labels[ins.number] = f"&&TARGET_{ins.name}"
    return HEADER.format(source=source) + "".join(f"    {label},\n" for label in labels)


FLAGS = [("arg", 1), ("const", 2), ("name", 4), ("jump", 8), ("free", 16), ("local", 32),
         ("exc", 64), ("escape", 128), ("internal", 256), ("pseudo", 512), ("borrows", 1024)]
HAVE_ARGUMENT = 90      # 3.12: codes from here on use their argument


def flags_of(d, number):
    n = 1 if number >= HAVE_ARGUMENT else 0
    if number >= 256 and not ({"name", "jump", "local"} & set(d.attributes)):
        n = 0
    for name, bit in FLAGS[1:7]:
        if name in d.attributes:
            n |= bit
    if "noescape" not in d.attributes and d.kind != "pseudo":
        n |= 128
    if "internal" in d.attributes or d.kind == "adaptive":
        n |= 256
    if d.kind == "pseudo":
        n |= 512
    if "borrows" in d.attributes:
        n |= 1024
    return n


def header(model, source):
    """gen/pycore_opcode.h: internal codes, flags, prototypes of the tables."""
    out = [HEADER.format(source=source)]
    w = Writer(out)
    w("#ifndef Py_INTERNAL_OPCODE_H")
    w("#define Py_INTERNAL_OPCODE_H")
    w("#ifndef Py_BUILD_CORE")
    w('#  error "this header requires Py_BUILD_CORE define"')
    w("#endif")
    w()
    w('#include "Python.h"')
    w('#include "opcode.h"      // the codes that opcode.py publishes')
    w()
    w("/* Codes that exist in executables only; dis shows the generic instruction. */")
    internal = [i for i in model.instructions.values() if flags_of(i.d, i.number) & 256]
    for ins in sorted(internal, key=lambda i: i.number):
        w(f"#define {ins.name} {ins.number}")
    w()
    for name, bit in FLAGS:
        w(f"#define _Py_OPFLAG_{name.upper()} {bit}")
    w()
    w("#define _PyOpcode_LIMIT 267     /* one past the last pseudo instruction */")
    w("/* Cache units after the instruction, in both the cold and the running form. */")
    w("extern const uint8_t _PyOpcode_Caches[256];")
    w("/* The instruction of cold code that a specialised or adaptive one stands for.")
    w(" * Instrumented ones stand for themselves: see instrumentation.c. */")
    w("extern const uint8_t _PyOpcode_Deopt[256];")
    w("/* The adaptive form of a generic instruction, or 0. */")
    w("extern const uint8_t _PyOpcode_Adaptive[256];")
    w("/* _Py_OPFLAG_* */")
    w("extern const uint16_t _PyOpcode_Flags[_PyOpcode_LIMIT];")
    w('/* Names; "<17>" for codes without a meaning. */')
    w("extern const char *const _PyOpcode_OpName[_PyOpcode_LIMIT];")
    w("/* Values popped and pushed, or -1 for an unknown code. */")
    w("extern int _PyOpcode_num_popped(int opcode, int oparg, int jump);")
    w("extern int _PyOpcode_num_pushed(int opcode, int oparg, int jump);")
    w("/* The super-instruction for a pair of instructions, or 0. */")
    w("extern int _PyOpcode_SuperInstruction(int first, int second);")
    w()
    for name in ("arg", "const", "name", "jump", "free", "local"):
        w(f"#define OPCODE_HAS_{name.upper()}(OP) "
          f"((_PyOpcode_Flags[OP] & _Py_OPFLAG_{name.upper()}) != 0)")
    w()
    w("#endif /* !Py_INTERNAL_OPCODE_H */")
    return "".join(out)


def table(w, declaration, rows, default, size):
    w(f"{declaration} = {{")
    for i in range(size):
        value = rows.get(i, default)
        if value != default:
            w(f"    [{i}] = {value},")
    w("};")
    w()


def tables(model, source):
    """gen/opcode_tables.c.h: the definitions, included by Python/opcode_metadata.c."""
    out = [HEADER.format(source=source), "\n"]
    w = Writer(out)
    ins = model.instructions
    for i in sorted(ins.values(), key=lambda i: i.number):
        w(f'_Static_assert({i.name} == {i.number}, "opcode.h disagrees: {i.name}");')
    for d in model.pseudos.values():
        w(f'_Static_assert({d.name} == {d.number}, "opcode.h disagrees: {d.name}");')
    w()
    table(w, "const uint8_t _PyOpcode_Caches[256]",
          {i.number: i.caches for i in ins.values()}, 0, 256)
    deopt = {n: n for n in range(256)}
    deopt.update({i.number: model.deopt(i.name) for i in ins.values()})
    table(w, "const uint8_t _PyOpcode_Deopt[256]", deopt, None, 256)
    table(w, "const uint8_t _PyOpcode_Adaptive[256]",
          {i.number: i.adaptive or 0 for i in ins.values()}, 0, 256)
    everything = {i.number: i.d for i in ins.values()}
    everything.update({d.number: d for d in model.pseudos.values()})
    everything.update({d.number: d for d in model.reserved.values()})
    table(w, "const uint16_t _PyOpcode_Flags[_PyOpcode_LIMIT]",
          {n: flags_of(d, n) for n, d in everything.items()}, 0, 267)
    names = {n: f'"<{n}>"' for n in range(267)}
    names.update({n: f'"{d.name}"' for n, d in everything.items()})
    table(w, "const char *const _PyOpcode_OpName[_PyOpcode_LIMIT]", names, None, 267)
    effects(w, model)
    supers(w, model)
    return "".join(out)


def effects(w, model):
    for what in ("popped", "pushed"):
        w("int")
        w(f"_PyOpcode_num_{what}(int opcode, int oparg, int jump)")
        w("{")
        w("    (void)oparg;")
        w("    (void)jump;")
        w("    switch (opcode) {")
        groups = {}
        for name, i in model.instructions.items():
            d = i.d
            if d.kind == "adaptive":
                d = model.instructions[d.base].d
            if d.kind == "super":
                continue
            groups.setdefault(total(d.inputs if what == "popped" else d.outputs), []).append(name)
        for name, d in model.pseudos.items():
            text = total(d.inputs if what == "popped" else d.outputs)
            if what == "pushed" and d.jump_outputs is not None:
                text = f"jump ? {total(d.jump_outputs)} : {text}"
            groups.setdefault(text, []).append(name)
        for name in model.reserved:
            groups.setdefault("0", []).append(name)
        for text in sorted(groups):
            for name in sorted(groups[text]):
                w(f"    case {name}:")
            w(f"        return {text};")
        w("    default:")
        w("        return -1;")
        w("    }")
        w("}")
        w()


def supers(w, model):
    w("int")
    w("_PyOpcode_SuperInstruction(int first, int second)")
    w("{")
    for name, d in model.supers.items():
        w(f"    if (first == {d.members[0]} && second == {d.members[1]}) {{")
        w(f"        return {name};")
        w("    }")
    w("    return 0;")
    w("}")
