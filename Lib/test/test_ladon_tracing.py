"""Tracing moves running frames to instrumented executables, in one interpreter alone.

Issue "Foundations", point 5.  ladon_data/tracing_programs.py is traced, profiled and monitored, and
what is seen compared with CPython 3.12 (ladon_data/tracing_expected.txt).
"""

import importlib.util
import os
import sys
import unittest
import warnings

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladon_data")
PROGRAMS = os.path.join(DATA, "tracing_programs.py")


def load_programs():
    """The module of programs, made anew."""
    spec = importlib.util.spec_from_file_location("tracing_programs", PROGRAMS)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def expected():
    """What CPython says, by the program's name."""
    blocks = {}
    with open(os.path.join(DATA, "tracing_expected.txt"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("== "):
                blocks[line[3:]] = lines = []
            else:
                lines.append(line)
    return blocks


class ProgramTests(unittest.TestCase):
    maxDiff = 3000

    def test_as_cpython(self):
        """Each program sees what it sees in CPython 3.12, cold and warm."""
        blocks = expected()
        module = load_programs()
        self.assertEqual(list(blocks), list(module.PROGRAMS))
        for name, func in module.PROGRAMS.items():
            with self.subTest(name):
                self.assertEqual("\n".join(func()), "\n".join(blocks[name]))

    def test_first_tracer_of_an_interpreter(self):
        """All frames are cold when a special method sets the first tracer of an interpreter."""
        lines = expected()["switched_on_in_protocols"]
        script = ("import sys, _xxinterpchannels as channels\n"
                  "from importlib.util import spec_from_file_location, module_from_spec\n"
                  "spec = spec_from_file_location('tracing_programs', path)\n"
                  "module = module_from_spec(spec)\n"
                  "spec.loader.exec_module(module)\n"
                  "channels.send(out, module.protocol_events(module.STATEMENTS[number]))\n")
        cid = channels.create()
        for number, line in enumerate(lines):
            interp = interpreters.create()
            try:
                interpreters.run_string(interp, script, {"path": PROGRAMS, "number": number,
                                                         "out": int(cid)})
                self.assertEqual(channels.recv_wait(cid, 10), line)
            finally:
                interpreters.destroy(interp)
        channels.destroy(cid)


class MonitoringTests(unittest.TestCase):
    """Where the documentation says more than CPython 3.12.1 does."""

    def setUp(self):
        self.module = load_programs()

    def test_star_calls(self):
        """f(*args) has its CALL event whatever f is, and MISSING stands for no argument."""
        def called(*args, **kwargs):
            dict(**kwargs)
        self.module.HIDDEN.discard(called.__code__)
        seen = []

        def callback(code, offset, func, arg0):
            if code.co_name in ("called", "caller"):
                seen.append((func, arg0))

        def caller():
            called(*[1], **{"a": 2})
        monitoring = sys.monitoring
        monitoring.use_tool_id(2, "test")
        try:
            monitoring.register_callback(2, monitoring.events.CALL, callback)
            monitoring.set_events(2, monitoring.events.CALL)
            caller()
            monitoring.set_events(2, 0)
        finally:
            monitoring.free_tool_id(2)
        self.assertEqual(seen, [(called, 1), (dict, monitoring.MISSING)])

    def test_raising_in_exception_handled(self):
        """The exception of a callback does not come back to the handler that it announced."""
        def program():
            try:
                try:
                    raise ValueError
                except (ValueError, LookupError):
                    return "inner"
            except LookupError:
                return "outer"
        for _ in range(2):
            seen = []
            program_code = program.__code__

            def callback(code, offset, exc):
                if code is program_code:
                    seen.append(type(exc))
                    if len(seen) == 1:
                        raise LookupError
            monitoring = sys.monitoring
            monitoring.use_tool_id(2, "test")
            try:
                event = monitoring.events.EXCEPTION_HANDLED
                monitoring.register_callback(2, event, callback)
                monitoring.set_events(2, event)
                result = program()
                monitoring.set_events(2, 0)
            finally:
                monitoring.free_tool_id(2)
            self.assertEqual((seen[0], seen[-1], result), (ValueError, LookupError, "outer"))
            self.assertIsNone(sys.exception())
            for _ in range(30):
                program()

    def test_opcodes_at_once(self):
        """f_trace_opcodes set by the running tracer counts from there on."""
        out = self.module.traced(self.module.opcode_target, 1, opcodes=True)
        self.assertIn("opcode opcode_target:1 None", out)


def resumed(log):
    log.append("start")
    x = yield 1
    log.append(("x", x))
    try:
        y = yield 2
        log.append(("y", y))
    except ValueError:
        log.append("caught")
    yield 3


class JumpFromYieldTests(unittest.TestCase):
    """f_lineno set in the event of a yield: the value is delivered, then the generator jumps."""

    def tearDown(self):
        sys.settrace(None)

    def start(self, at, to):
        """A generator run to the yield in line `at`, with a jump to line `to` waiting there."""
        log = []
        first = resumed.__code__.co_firstlineno

        def tracer(frame, event, arg):
            if frame.f_code is not resumed.__code__:
                return None
            if event == "line":
                log.append(frame.f_lineno - first)
            if event == "return" and frame.f_lineno == first + at and not done:
                done.append(1)
                frame.f_lineno = first + to
            return tracer
        done = []
        generator = resumed(log)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sys.settrace(tracer)
            value = next(generator)
            while not done:
                value = generator.send("sent")
        self.assertEqual(generator.gi_frame.f_lineno - first, to)
        self.assertEqual(value, 1 if at == 2 else 2)
        del log[:]
        return generator, log

    def test_resumed(self):
        for repeat in range(20):
            generator, log = self.start(2, 1)
            self.assertEqual(generator.send("lost"), 1)
            sys.settrace(None)
            self.assertEqual(generator.send("kept"), 2)
            self.assertEqual(log, [1, "start", 2, ("x", "kept")])
            generator.close()

    def test_out_of_try(self):
        for repeat in range(20):
            generator, log = self.start(5, 9)
            self.assertEqual(next(generator), 3)
            self.assertRaises(StopIteration, next, generator)
            self.assertEqual(log, [9])

    def test_resumed_untraced(self):
        for repeat in range(20):
            generator, log = self.start(2, 5)
            sys.settrace(None)
            self.assertEqual(next(generator), 2)
            self.assertEqual(generator.send(4), 3)
            self.assertEqual(log, [("y", 4)])
            generator.close()

    def test_thrown_into(self):
        """An exception is raised where the generator yielded; the jump is forgotten."""
        for repeat in range(20):
            generator, log = self.start(5, 1)
            self.assertEqual(generator.throw(ValueError), 3)
            self.assertEqual(log, [7, 8, "caught", 9])
            generator.close()

    def test_dropped(self):
        for repeat in range(20):
            generator, log = self.start(2, 1)
            del generator
            self.assertEqual(log, [])

    def test_refused(self):
        with self.assertRaisesRegex(ValueError, "can't jump into an 'except' block"):
            self.start(2, 8)


class TracingTests(unittest.TestCase):
    def tearDown(self):
        sys.settrace(None)

    def test_switched_on_deep_in_cold_code(self):
        """A tracer set three frames deep sees the rest of every caller, and of a generator."""
        namespace = {}
        source = (
            "def inner(frames):\n"              # 1
            "    set_trace(frames)\n"           # 2
            "    return 1\n"                    # 3
            "def middle(frames):\n"             # 4
            "    x = inner(frames)\n"           # 5
            "    return x + 1\n"                # 6
            "def outer(frames):\n"              # 7
            "    y = middle(frames)\n"          # 8
            "    z = y + 1\n"                   # 9
            "    return z\n"                    # 10
            "def gen():\n"                      # 11
            "    a = 1\n"                       # 12
            "    yield a\n"                     # 13
            "    b = 2\n"                       # 14
            "    yield b\n"                     # 15
        )
        events = []

        def tracer(frame, event, arg):
            if frame.f_code.co_filename == "<deep>":
                events.append((event, frame.f_code.co_name, frame.f_lineno))
            return tracer

        def set_trace(frames):
            frame = sys._getframe(1)
            while frame is not None and frame.f_code.co_filename == "<deep>":
                frame.f_trace = tracer
                frame = frame.f_back
            frames[0].gi_frame.f_trace = tracer
            sys.settrace(tracer)

        namespace["set_trace"] = set_trace
        exec(compile(source, "<deep>", "exec"), namespace)
        generator = namespace["gen"]()
        next(generator)
        result = namespace["outer"]([generator])
        value = next(generator)
        sys.settrace(None)
        self.assertEqual((result, value), (3, 2))
        lines = [(name, line) for event, name, line in events if event == "line"]
        self.assertEqual(lines, [("inner", 3), ("middle", 6), ("outer", 9), ("outer", 10),
                                 ("gen", 14), ("gen", 15)])

    def test_other_interpreter_is_untouched(self):
        """A tracer in one interpreter changes nothing in another that runs the same code."""
        events = []

        def tracer(frame, event, arg):
            if frame.f_code is os.path.join.__code__:
                events.append(event)
            return tracer

        cid = channels.create()
        interp = interpreters.create()
        sys.settrace(tracer)
        try:
            interpreters.run_string(
                interp,
                "import os, sys, dis\n"
                "import _xxinterpchannels as channels\n"
                "for _ in range(100): os.path.join('a', 'b')\n"
                "names = [i.opname for i in dis.get_instructions(os.path.join, adaptive=True)]\n"
                "channels.send(out, (sys.gettrace() is None,\n"
                "                    any(n.startswith('INSTRUMENTED') for n in names)))\n",
                {"out": int(cid)})
            answer = channels.recv_wait(cid, 10)
        finally:
            sys.settrace(None)
            interpreters.destroy(interp)
            channels.destroy(cid)
        self.assertEqual(answer, (True, False))
        self.assertEqual(events, [])
        sys.settrace(tracer)
        os.path.join("a", "b")
        sys.settrace(None)
        self.assertIn("line", events)


if __name__ == "__main__":
    unittest.main()
