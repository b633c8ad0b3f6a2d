"""Meaning of the definitions: numbers, families, stack layout, and the checks.

Everything that can be wrong about an instruction without looking at what its C code
computes is refused here.  Written from README.md in this folder.
"""

import re
from dataclasses import dataclass, field

from dsl import DSLError


@dataclass
class Instruction:
    d: object                   # dsl.Definition
    name: str
    number: int
    family: str = ""            # generic instruction of the family it belongs to
    caches: int = 0             # units after the instruction
    adaptive: str = ""          # name of its adaptive form (generic instructions of families)


@dataclass
class Model:
    instructions: dict = field(default_factory=dict)    # real ones: inst, adaptive, super
    pseudos: dict = field(default_factory=dict)
    families: dict = field(default_factory=dict)        # generic name -> member names
    supers: dict = field(default_factory=dict)
    forms: dict = field(default_factory=dict)           # other form -> generic name
    reserved: dict = field(default_factory=dict)

    def deopt(self, name):
        """The instruction that dis shows and cold code contains."""
        ins = self.instructions[name]
        if ins.d.kind == "adaptive":
            return ins.d.base
        if ins.d.kind == "super":
            return self.deopt(ins.d.members[0])
        return ins.family or self.forms.get(name, name)


class Checker:
    def __init__(self, definitions, filename):
        self.definitions = definitions
        self.filename = filename
        self.model = Model()
        self.numbers = {}

    def fail(self, d, message):
        raise DSLError(f"{self.filename}:{d.line}: {d.name}: {message}")

    def run(self):
        for d in self.definitions:
            if d.kind not in ("family", "form"):
                self.add(d)
        for d in self.definitions:
            if d.kind == "family":
                self.family(d)
            elif d.kind == "form":
                self.form(d)
        for ins in self.model.instructions.values():
            if ins.d.kind == "adaptive":
                self.adaptive(ins)
            elif ins.d.kind == "super":
                self.super_inst(ins)
            else:
                self.operands(ins.d)
                self.body(ins)
        for name in self.model.families:
            if not self.model.instructions[name].adaptive:
                self.fail(self.model.instructions[name].d, "family without an adaptive form")
        return self.model

    def add(self, d):
        m = self.model
        if d.name in m.instructions or d.name in m.pseudos or d.name in m.reserved:
            self.fail(d, "defined twice")
        if d.number in self.numbers:
            self.fail(d, f"number {d.number} is already {self.numbers[d.number]}")
        self.numbers[d.number] = d.name
        if d.kind == "pseudo":
            if d.number < 256:
                self.fail(d, "pseudo instructions have numbers from 256 on")
            m.pseudos[d.name] = d
            return
        if d.number > 255:
            self.fail(d, "real instructions have numbers below 256")
        if d.kind == "reserved":
            m.reserved[d.name] = d
            return
        m.instructions[d.name] = Instruction(d, d.name, d.number,
                                             caches=sum(c.units for c in d.caches))
        if d.kind == "super":
            m.supers[d.name] = d

    def family(self, d):
        m = self.model
        if d.name not in m.instructions:
            self.fail(d, "family of an unknown instruction")
        if d.name in m.families:
            self.fail(d, "family given twice")
        generic = m.instructions[d.name]
        if not generic.d.caches or generic.d.caches[0].name != "counter":
            self.fail(d, "the first cache entry of a family is its counter")
        m.families[d.name] = d.members
        for name in d.members:
            if name not in m.instructions:
                self.fail(d, f"unknown member {name}")
            member = m.instructions[name]
            if member.family:
                self.fail(d, f"{name} is in two families")
            if member.caches != generic.caches:
                self.fail(d, f"{name} has {member.caches} cache units instead of {generic.caches}")
            member.family = d.name

    def form(self, d):
        m = self.model
        for name in (d.name, d.base):
            if name not in m.instructions:
                self.fail(d, f"unknown instruction {name}")
        member, generic = m.instructions[d.name], m.instructions[d.base]
        if member.family:
            self.fail(d, f"{d.name} stands for {member.family} already")
        if member.caches != generic.caches:
            self.fail(d, f"{d.name} has {member.caches} cache units instead of {generic.caches}")
        m.forms[d.name] = d.base

    def adaptive(self, ins):
        base = self.model.instructions.get(ins.d.base)
        if base is None or ins.d.base not in self.model.families:
            self.fail(ins.d, f"{ins.d.base} is not the head of a family")
        if base.adaptive:
            self.fail(ins.d, f"{base.name} has two adaptive forms")
        base.adaptive = ins.name
        ins.caches = base.caches

    def super_inst(self, ins):
        for name in ins.d.members:
            part = self.model.instructions.get(name)
            if part is None or part.d.kind != "inst":
                self.fail(ins.d, f"unknown part {name}")
            if part.caches or "nofall" in part.d.attributes:
                self.fail(ins.d, f"{name} cannot be part of a super-instruction")
            if "internal" in part.d.attributes and "internal" not in ins.d.attributes:
                ins.d.attributes.append("internal")

    def operands(self, d):
        for group in (d.inputs, d.outputs):
            seen = set()
            for op in group:
                if op.name in seen and op.name != "unused":
                    self.fail(d, f"operand {op.name} twice")
                seen.add(op.name)
        # An input that has the same place in the outputs stays where it is.
        for i, (a, b) in enumerate(zip(d.inputs, d.outputs)):
            if (a.name, a.size, a.cond) != (b.name, b.size, b.cond):
                break
            a.keep = b.keep = True
        outputs = {op.name for op in d.outputs if not op.keep}
        for op in d.inputs:
            if op.keep and op.take:
                self.fail(d, f"{op.name} is taken but stays on the stack")
            if not op.keep and op.name in outputs and op.name != "unused":
                self.fail(d, f"{op.name} is input and output at different places")
            if op.name == "unused" and not op.keep and not op.take:
                self.fail(d, "an input called unused must stay or be taken")
            if op.keep and "borrows" in d.attributes:
                self.fail(d, f"{op.name} may be borrowed but stays on the stack")
        taken = [i for i, op in enumerate(d.inputs) if op.take]
        if taken and any(not op.take for op in d.inputs[taken[0]:]):
            self.fail(d, "inputs above a taken one must be taken too")

    def body(self, ins):
        d, words = ins.d, [t.text for t in ins.d.body if t.kind == "name"]
        taken = any(op.take for op in d.inputs)
        if "ERROR_TAKEN_IF" in words and not taken:
            self.fail(d, "ERROR_TAKEN_IF without a taken input")
        if "DEOPT_IF" in words and not ins.family:
            self.fail(d, "DEOPT_IF outside a family")
        if "noescape" in d.attributes:
            for word in ("ERROR_IF", "ERROR_TAKEN_IF"):
                if word in words:
                    self.fail(d, f"{word} in an instruction marked noescape")
        if ins.name in self.model.families:
            for cache in d.caches:      # cold units hold zeros there
                if cache.name in words:
                    self.fail(d, f"a generic instruction may not read its cache ({cache.name})")
        if any(op.size != "1" and not op.keep for op in d.outputs) \
                and any(not op.take and not op.keep for op in d.inputs):
            self.fail(d, "inputs under an output array must be taken")
        for op in d.outputs:
            if not op.keep and op.name != "unused" and op.name not in words \
                    and "nofall" not in d.attributes:
                self.fail(d, f"output {op.name} is never set")
        for word in words:
            if re.fullmatch(r"(stack_pointer|goto|UNWIND|DISPATCH\w*)", word) \
                    and not {"nofall", "control"} & set(d.attributes):
                self.fail(d, f"{word} may appear only in instructions marked control or nofall")
        if "return" in words:
            self.fail(d, "return may not appear in a body")


def analyse(definitions, filename="<text>"):
    return Checker(definitions, filename).run()
