"""Tests of the signature generator: python3 Tools/signature/test_generate.py"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import generate


def source(line, definition, doc=""):
    return f"/*sig {line}\n{doc}*/\n{definition}\n{{\n}}\n"


def emit(line, definition, doc=""):
    return generate.process(source(line, definition, doc), "x.c")[1]


LEN = "static PyObject *\nm_f_impl(PyObject *module, PyObject *x)"


class Conventions(unittest.TestCase):
    def test_noargs(self):
        text = emit("list.clear(self)", "static PyObject *\nlist_clear_impl(PyListObject *self)")
        self.assertIn("METH_NOARGS, list_clear__doc__},", text)
        self.assertIn("return list_clear_impl((PyListObject *)self);", text)

    def test_one_object(self):
        text = emit("m.f(module, x, /)", LEN)
        self.assertIn("METH_O,", text)
        self.assertIn('m_f(PyObject *module, PyObject *arg)', text)

    def test_fastcall(self):
        text = emit("m.f(module, x=None, /)", LEN)
        self.assertIn("METH_FASTCALL, m_f__doc__", text)
        self.assertIn('nargs > 1\n        && !_PyArg_CheckPositional("f", nargs, 0, 1)', text)

    def test_keywords(self):
        text = emit("m.f(module, x)", LEN)
        self.assertIn("METH_FASTCALL | METH_KEYWORDS", text)
        self.assertIn("_PyArg_NAME(x),", text)
        self.assertIn("if (kwnames != NULL || nargs != 1)", text)

    def test_required_keyword_only_always_unpacks(self):
        text = emit("m.f(module, *, x)", LEN)
        self.assertIn(".required = 0x1", text)
        self.assertNotIn("if (kwnames != NULL", text)

    def test_defining_class(self):
        text = emit("m.f(module, cls: defining_class, /)" .replace(", /", ""),
                    "static PyObject *\nm_f_impl(PyObject *module, PyTypeObject *cls)")
        self.assertIn("METH_METHOD | METH_FASTCALL | METH_KEYWORDS", text)
        self.assertIn("m_f_impl(module, cls)", text)

    def test_class_and_static(self):
        text = emit("@classmethod C.f(type, /)".replace(", /", ""),
                    "static PyObject *\nC_f_impl(PyTypeObject *type)")
        self.assertIn("METH_NOARGS | METH_CLASS", text)
        text = emit("@staticmethod C.f(x, /)", "static PyObject *\nC_f_impl(PyObject *x)")
        self.assertIn("METH_O | METH_STATIC", text)
        self.assertIn("return C_f_impl(x);", text)

    def test_new_and_init(self):
        text = emit("C.__new__(type, x=0, /)",
                    "static PyObject *\nc_new_impl(PyTypeObject *type, PyObject *x)")
        self.assertIn("c_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)", text)
        self.assertIn('_PyArg_NewNoKeywords(type, c_new, "C", kwargs)', text)
        self.assertNotIn("METHODDEF", text)
        text = emit("C.__init__(self, x=0)",
                    "static int\nc_init_impl(C *self, PyObject *x)")
        self.assertIn("return -1;", text)
        self.assertIn("return c_init_impl((C *)self, x);", text)

    def test_varargs(self):
        text = emit("m.f(module, *args)", LEN.replace("x", "args"))
        self.assertIn("args_ = _PyArg_TupleFromArray(args, nargs);", text)
        self.assertIn("Py_XDECREF(args_);", text)


class Text(unittest.TestCase):
    def shown(self, line, definition=LEN):
        functions, _ = generate.process(source(line, definition), "x.c")
        return generate.text_signature(functions[0])

    def test_signature_text(self):
        self.assertEqual(self.shown("m.f(module, x)"), "f($module, /, x)")
        self.assertEqual(self.shown("m.f(module)", "static PyObject *\nm_f_impl(PyObject *m)"),
                         "f($module, /)")
        self.assertEqual(self.shown("m.f(module, x, /)"), "f($module, x, /)")
        self.assertEqual(self.shown("m.f(module, *, x=None)"), "f($module, /, *, x=None)")
        self.assertEqual(self.shown("m.f(module, *x)"), "f($module, /, *x)")
        self.assertEqual(self.shown("m.f(module, x=NULL)"),
                         "f($module, /, x=<unrepresentable>)")
        self.assertEqual(
            self.shown("m.f(module, x: unicode = c\"NULL\" py\"'a, b'\")"),
            "f($module, /, x='a, b')")

    def test_docstring(self):
        text = emit("m.f(module, x, /)", LEN, '\nSay "x".\n\n  More.\n')
        self.assertIn('"f($module, x, /)\\n"\n"--\\n"\n"\\n"\n"Say \\"x\\".\\n"\n"\\n"\n'
                      '"  More.");', text)

    def test_no_signature(self):
        text = emit("@nosignature m.f(module, x, /)", LEN, "\nSay x.\n")
        self.assertIn('PyDoc_STRVAR(m_f__doc__,\n"Say x.");', text)
        text = emit("@nosignature m.f(module, x, /)", LEN, "")
        self.assertNotIn('PyDoc_STRVAR', text)
        self.assertIn('METH_O, NULL},', text)
        text = emit("@nosignature C.__new__(type, x=0, /)",
                    "static PyObject *\nc_new_impl(PyTypeObject *type, PyObject *x)", "\nMake.\n")
        self.assertIn('PyDoc_STRVAR(c_new__doc__,\n"Make.");', text)

    def test_conditions(self):
        text, = [generate.process("#ifdef A\n#if B > 1\n" + source("m.f(module, x)", LEN)
                                  + "#endif\n#endif\n", "x.c")[1]]
        self.assertIn("#if (defined(A)) && (B > 1)\n", text)
        self.assertIn("#ifndef M_F_METHODDEF\n", text)

    def test_else_condition(self):
        functions, _ = generate.process("#ifdef A\n#else\n" + source("m.f(module, x)", LEN)
                                        + "#endif\n", "x.c")
        self.assertEqual(functions[0].conditions, ("!(defined(A))",))

    def test_signature_in_string_is_ignored(self):
        functions, _ = generate.process('char *s = "/*sig f( */";\n', "x.c")
        self.assertEqual(functions, [])

    def test_names(self):
        functions, _ = generate.process(source(
            "m.f(module, a, /, b, *, c)",
            "static PyObject *\nm_f_impl(PyObject *m, PyObject *a, PyObject *b, PyObject *c)"),
            "x.c")
        self.assertEqual(generate.keyword_names(functions), {"b", "c"})


class Converters(unittest.TestCase):
    def test_buffer_is_released(self):
        text = emit("m.f(module, x: buffer)", LEN.replace("PyObject *x", "Py_buffer *x"))
        self.assertIn("goto exit;", text)
        self.assertIn("PyBuffer_Release(&x);", text)

    def test_struct_by_pointer(self):
        text = emit('m.f(module, x: conv[get, path_t &, drop, INIT("a", 1)])',
                    LEN.replace("PyObject *x", "path_t *x"))
        self.assertIn('path_t x = INIT("a", 1);', text)
        self.assertIn("if (!get(args[0], &x))", text)
        self.assertIn("drop(&x);", text)
        self.assertIn("m_f_impl(module, &x)", text)

    def test_every_converter_formats(self):
        for name, converter in generate.CONVERTERS.items():
            params = generate.declare(converter.ctype, "x")
            if converter.extra:
                params += f", {converter.extra} x_length"
            text = emit(f"m.f(module, x: {name})",
                        f"static PyObject *\nm_f_impl(PyObject *module, {params})")
            self.assertNotRegex(text, r"\{[nafdil]\}|FAIL|\{\{", name)

    def test_return_converters(self):
        for name, (ctype, test, convert) in generate.RETURNS.items():
            text = emit(f"m.f(module, x) -> {name}",
                        f"static {ctype}\nm_f_impl(PyObject *module, PyObject *x)")
            self.assertEqual("value_of_impl" in text, convert is not None)


class Errors(unittest.TestCase):
    def refuse(self, line, definition, message):
        with self.assertRaisesRegex(generate.SignatureError, message) as caught:
            emit(line, definition)
        self.assertRegex(str(caught.exception), r"^x\.c:\d+: error: ")

    def test_refused(self):
        for line, message in [
                ("m.f(module, x: nothing)", "unknown converter 'nothing'"),
                ("m.f(module, x", "never closed"),
                ("m.f(x)", "first parameter must be"),
                ("m.f(module, x) y", "text behind the signature"),
                ("m.f(module, x) -> y", "unknown return converter"),
                ("m.f(module, x=1, y)", "behind an optional one"),
                ("m.f(module, /, x)", "misplaced '/'"),
                ("m.f(module, x, *)", r"nothing behind '\*'"),
                ("m.f(module, x, x)", "twice"),
                ("m.f(module, **k, x)", "behind \\*\\*k"),
                ("m.f(module, x: int = 'a')", "does not fit"),
                ("m.f(module, x=foo)", "neither a Python literal"),
                ("m.f(type, x)", "'type' is for"),
                ("@other m.f(module, x)", "unknown prefix"),
                ("m.f(module, x: int)", "the impl has 'PyObject \\*'"),
                ("m.f(module, x, y)", "takes 2 parameters, the signature gives 3"),
                ("m.f(module, x) -> bool", "the impl returns PyObject \\*"),
        ]:
            with self.subTest(line):
                self.refuse(line, LEN, message)

    def test_definition_must_follow(self):
        self.refuse("m.f(module)", "int x;", "no C function definition")
        self.refuse("m.f(module)", "static PyObject *\nm_f(PyObject *m)", "must be named")

    def test_same_impl_twice(self):
        with self.assertRaises(generate.SignatureError):
            generate.process(source("m.f(module, x)", LEN) * 2, "x.c")

    def test_doc_needs_an_empty_line(self):
        with self.assertRaisesRegex(generate.SignatureError, "empty line"):
            emit("m.f(module, x)", LEN, "text\n")


if __name__ == "__main__":
    unittest.main()
