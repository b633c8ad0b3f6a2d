"""Tests of the instruction language: reading, checking, writing."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import analysis
import dsl
import emit

BYTECODES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         os.pardir, os.pardir, "Python", "bytecodes.c")

FAMILY = """
family(ADD) = { ADD_INT };
inst(ADD = 1, (counter/1, left, right -- res)) { res = add(left, right); ERROR_IF(res == 0); }
adaptive(ADD_ADAPTIVE = 2, ADD) { specialize(left, this_instr); }
inst(ADD_INT = 3, internal, (unused/1, left, right -- res)) { DEOPT_IF(!ok(left)); res = 1; }
"""


def model(text):
    return analysis.analyse(dsl.read_text(text))


def cases(text):
    return emit.Cases(model(text), "test").generate()


def case(text, name):
    match = re.search(rf"    TARGET\({name}\) {{\n.*?\n    }}\n", cases(text), re.S)
    return match.group()


class ReaderTests(unittest.TestCase):
    def refused(self, text, message):
        with self.assertRaisesRegex(dsl.DSLError, message):
            model(text)

    def test_instruction(self):
        d, = dsl.read_text("inst(X = 7, name, noescape,"
                          " (c/2, a, take b[oparg + 1] -- r if (oparg & 1))) {}")
        self.assertEqual((d.name, d.number, d.attributes), ("X", 7, ["name", "noescape"]))
        self.assertEqual([(c.name, c.units) for c in d.caches], [("c", 2)])
        self.assertEqual([(o.name, o.size, o.take) for o in d.inputs],
                         [("a", "1", False), ("b", "oparg + 1", True)])
        self.assertEqual(d.outputs[0].cond, "oparg & 1")

    def test_pseudo_with_jump(self):
        d, = dsl.read_text("pseudo(S = 256, jump, (--), (-- e));")
        self.assertEqual((d.outputs, [o.name for o in d.jump_outputs]), ([], ["e"]))

    def test_unknown_definition(self):
        self.refused("macro(X = 1, (--)) {}", "unknown definition 'macro'")

    def test_unknown_attribute(self):
        self.refused("inst(X = 1, fast, (--)) {}", ":1: unknown attribute 'fast'")

    def test_error_has_line(self):
        self.refused("\n\ninst(X = 1, (a b -- )) {}", ":3: ")

    def test_unterminated_body(self):
        self.refused("inst(X = 1, (--)) { if (a) {", "unterminated body")

    def test_preprocessor(self):
        self.refused("inst(X = 1, (--)) {\n#if 1\n}", "preprocessor")

    def test_unexpected_character(self):
        self.refused("inst(X = 1, (--)) { @ }", "unexpected character '@'")

    def test_cache_behind_operand(self):
        self.refused("inst(X = 1, (a, c/1 --)) {}", "cache entries come first")

    def test_conditional_array(self):
        self.refused("inst(X = 1, (a[2] if (oparg) --)) {}", "cannot be conditional")


class AnalysisTests(unittest.TestCase):
    def refused(self, text, message):
        with self.assertRaisesRegex(dsl.DSLError, message):
            model(text)

    def test_family(self):
        m = model(FAMILY)
        self.assertEqual(m.instructions["ADD_INT"].family, "ADD")
        self.assertEqual(m.instructions["ADD"].adaptive, "ADD_ADAPTIVE")
        self.assertEqual([m.deopt(n) for n in ("ADD", "ADD_INT", "ADD_ADAPTIVE")], ["ADD"] * 3)

    def test_number_twice(self):
        self.refused("inst(X = 1, (--)) {} inst(Y = 1, (--)) {}", "number 1 is already X")

    def test_name_twice(self):
        self.refused("inst(X = 1, (--)) {} reserved(X = 2);", "defined twice")

    def test_number_ranges(self):
        self.refused("inst(X = 256, (--)) {}", "below 256")
        self.refused("pseudo(X = 255, (--));", "from 256 on")

    def test_cache_sizes_differ(self):
        self.refused(FAMILY.replace("unused/1", "unused/2"), "2 cache units instead of 1")

    def test_family_without_counter(self):
        self.refused(FAMILY.replace("counter/1", "x/1"), "its counter")

    def test_family_without_adaptive(self):
        self.refused(re.sub("adaptive.*\n", "", FAMILY), "without an adaptive form")

    def test_unknown_member(self):
        self.refused(FAMILY.replace("{ ADD_INT }", "{ ADD_STR }"), "unknown member ADD_STR")

    def test_generic_reads_cache(self):
        self.refused(FAMILY.replace("res = add(left, right);", "res = counter;"),
                     "may not read its cache")

    def test_guard_outside_family(self):
        self.refused("inst(X = 1, (a --)) { DEOPT_IF(a); }", "outside a family")

    def test_output_never_set(self):
        self.refused("inst(X = 1, (-- r)) { }", "output r is never set")

    def test_taken_below_kept(self):
        self.refused("inst(X = 1, (take a, b --)) { f(a); }", "must be taken too")

    def test_moved_operand(self):
        self.refused("inst(X = 1, (a, b -- b, a)) { f(); }", "different places")

    def test_error_taken_without_take(self):
        self.refused("inst(X = 1, (a --)) { ERROR_TAKEN_IF(1); }", "without a taken input")

    def test_noescape_fails(self):
        self.refused("inst(X = 1, noescape, (a --)) { ERROR_IF(a); }", "marked noescape")

    def test_jump_needs_mark(self):
        self.refused("inst(X = 1, (--)) { goto error; }", "control or nofall")
        self.refused("inst(X = 1, (--)) { stack_pointer -= 1; }", "control or nofall")

    def test_return(self):
        self.refused("inst(X = 1, nofall, (--)) { return; }", "return may not")

    def test_output_array_over_kept_input(self):
        self.refused("inst(X = 1, (seq -- values[oparg])) { f(values); }", "must be taken")

    def test_super_part_with_cache(self):
        self.refused(FAMILY + "inst(N = 4, (--)) {} super(S = 5) = N + ADD;", "cannot be part")


class EmitTests(unittest.TestCase):
    def test_closes_and_pops(self):
        text = case(FAMILY, "ADD")
        self.assertIn("_PyStackRef right = stack_pointer[-1];\n", text)
        self.assertIn("_PyStackRef left = stack_pointer[-2];\n", text)
        self.assertLess(text.index("PyStackRef_CLOSE(left);"), text.index("stack_pointer -= 1;"))
        self.assertIn("stack_pointer[-1] = res;\n        DISPATCH_LEAVING_COLD();", text)
        self.assertIn("next_instr += 2;", text)

    def test_escape_stores_pointer(self):
        self.assertIn("frame->instr_ptr = next_instr;", case("inst(X = 1, (--)) { f(); }", "X"))
        self.assertNotIn("instr_ptr", case("inst(X = 1, noescape, (--)) { f(); }", "X"))

    def test_leaving_cold(self):
        """Generic instructions that can fail look for a tool's mark; others do not."""
        for head, body, wanted in (("", "ERROR_IF(f());", True), ("", "f();", False),
                                   ("internal, ", "ERROR_IF(f());", False),
                                   ("local, ", "ERROR_IF(f());", False),
                                   ("", "ERROR_IF(f()); CHECK_EVAL_BREAKER();", False)):
            text = case(f"inst(X = 1, {head}control, (--)) {{ {body} }}", "X")
            self.assertEqual("DISPATCH_LEAVING_COLD();" in text, wanted, text)

    def test_taken_is_not_closed(self):
        text = case("inst(X = 1, (take a --)) { f(a); ERROR_TAKEN_IF(bad); }", "X")
        self.assertNotIn("CLOSE", text)
        self.assertIn("ERROR_TAKEN_IF(1, bad);", text)

    def test_kept_stays(self):
        text = case("inst(X = 1, (a, b -- a, r)) { r = f(a, b); }", "X")
        self.assertIn("PyStackRef_CLOSE(b);", text)
        self.assertNotIn("CLOSE(a)", text)
        self.assertNotIn("stack_pointer -=", text)
        self.assertIn("stack_pointer[-1] = r;", text)

    def test_array(self):
        text = case("inst(X = 1, (f, args[oparg] -- r)) { r = call(f, args); }", "X")
        self.assertIn("_PyStackRef *args = &stack_pointer[-(oparg)];", text)
        self.assertIn("_PyStackRef f = stack_pointer[-(oparg + 1)];", text)
        self.assertIn("_PyStackRef_CloseArray(args, oparg);", text)
        self.assertIn("stack_pointer += -(oparg + 1) + (1);", text)

    def test_conditional(self):
        text = case("inst(X = 1, (-- n if (oparg & 1), v)) { n = 0; v = 1; }", "X")
        self.assertIn("if (oparg & 1) {\n"
                      "            stack_pointer[-(((oparg & 1) ? 1 : 0) + 1)] = n;", text)

    def test_guard(self):
        self.assertIn("DEOPT_IF(ADD, !ok(left));", case(FAMILY, "ADD_INT"))
        self.assertIn("miss_ADD: {\n        next_instr -= 2;\n"
                      "        _PyAdaptive_Miss(next_instr, ADD_ADAPTIVE);",
                      cases(FAMILY))

    def test_adaptive(self):
        text = case(FAMILY, "ADD_ADAPTIVE")
        self.assertIn("if (_PyAdaptive_Triggers(this_instr)) {", text)
        self.assertIn("_PyStackRef left = stack_pointer[-2];", text)
        self.assertIn("DISPATCH_AGAIN();", text)
        self.assertIn("goto generic_ADD;", text)

    def test_cache_reads(self):
        text = case(FAMILY.replace("DEOPT_IF(!ok(left))", "DEOPT_IF(v)").replace("unused/1", "v/1"),
                    "ADD_INT")
        self.assertIn("uint16_t v = _Py_ReadCache16(this_instr + 1);", text)

    def test_super(self):
        text = case("inst(A = 1, (-- v)) { v = GET(oparg); } "
                    "inst(B = 2, (take v --)) { SET(oparg, v); }"
                    "super(AB = 3) = A + B;", "AB")
        self.assertIn("oparg = (next_instr++)->op.arg;", text)
        self.assertLess(text.index("GET(oparg)"), text.index("SET(oparg, v)"))

    def test_owned_inputs(self):
        text = case("inst(A = 1, owns, (a, take b -- )) { use(a, b); }", "A")
        self.assertIn("_PyStackRef b = PyStackRef_Own(&stack_pointer[-1]);", text)
        self.assertIn("_PyStackRef a = PyStackRef_Own(&stack_pointer[-2]);", text)

    def test_form(self):
        m = model("inst(A = 1, (-- v)) { v = 1; } inst(B = 2, internal, (-- v)) { v = 2; }"
                  "form(B) = A; super(BB = 3) = B + B; super(AA = 4) = A + A;")
        self.assertEqual([m.deopt(name) for name in ("A", "B", "BB", "AA")], ["A"] * 4)
        internal = [n for n, i in m.instructions.items() if emit.flags_of(i.d, i.number) & 256]
        self.assertEqual(internal, ["B", "BB"])

    def test_form_of_another_size(self):
        with self.assertRaisesRegex(dsl.DSLError, "1 cache units instead of 0"):
            model("inst(A = 1, (-- v)) { v = 1; } inst(B = 2, (c/1 -- v)) { v = c; } form(B) = A;")

    def test_borrowed_input_that_stays(self):
        with self.assertRaisesRegex(dsl.DSLError, "may be borrowed but stays"):
            model("inst(A = 1, borrows, (a -- a, b)) { b = a; }")

    def test_total(self):
        ops = [dsl.Operand("a"), dsl.Operand("b", size="oparg * 2"),
               dsl.Operand("c", cond="oparg & 1"),
               dsl.Operand("d")]
        self.assertEqual(emit.total(ops), "(oparg * 2) + ((oparg & 1) ? 1 : 0) + 2")


class RealFileTests(unittest.TestCase):
    """The description of the core itself."""

    @classmethod
    def setUpClass(cls):
        cls.model = analysis.analyse(dsl.read_file(BYTECODES), BYTECODES)

    def test_labels(self):
        table = emit.targets(self.model, "x").split("\n")[1:]
        self.assertEqual(len([line for line in table if line]), 256)

    def test_stack_effects(self):
        """Against dis.stack_effect of the 3.12 that runs this, if it is one."""
        if sys.version_info[:2] != (3, 12):
            self.skipTest("needs dis of 3.12")
        import dis
        for name, number in dis.opmap.items():
            if number >= 237 or name in ("CACHE", "RESERVED"):
                continue
            d = self.model.instructions[name].d
            for oparg in (0, 1, 2, 3, 4, 7) if number >= 90 else (0,):
                if name == "BUILD_SLICE" and oparg not in (2, 3):
                    continue
                if name in ("SWAP", "COPY", "LIST_APPEND", "SET_ADD", "MAP_ADD", "LIST_EXTEND",
                            "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE") and oparg == 0:
                    continue
                effect = (self.slots(d.outputs, oparg) - self.slots(d.inputs, oparg))
                with self.subTest(name=name, oparg=oparg):
                    self.assertEqual(
                        effect, dis.stack_effect(number, oparg if number >= 90 else None))

    @staticmethod
    def slots(ops, oparg):
        n = 0
        for op in ops:
            if op.cond:
                n += bool(eval(op.cond, {"oparg": oparg}))
            else:
                n += eval(op.size, {"oparg": oparg})
        return n

    def test_numbers_of_opcode_py(self):
        if sys.version_info[:2] != (3, 12):
            self.skipTest("needs opcode.py of 3.12")
        import opcode
        everything = {n: i.number for n, i in self.model.instructions.items()}
        everything.update((n, d.number) for n, d in self.model.pseudos.items())
        for name, number in opcode.opmap.items():
            if name not in ("CACHE", "RESERVED"):
                self.assertEqual(everything[name], number, name)
        for name, caches in zip(opcode.opname, opcode._inline_cache_entries):
            if caches:
                self.assertEqual(self.model.instructions[name].caches, caches, name)
        for attribute, codes in (("name", opcode.hasname), ("const", opcode.hasconst),
                                 ("local", opcode.haslocal), ("jump", opcode.hasjrel),
                                 ("exc", opcode.hasexc)):
            for code in codes:
                d = next(d for d in list(self.model.pseudos.values())
                         + [i.d for i in self.model.instructions.values()] if d.number == code)
                self.assertIn(attribute, d.attributes, d.name)


if __name__ == "__main__":
    unittest.main()
