"""Tracing moves running frames to instrumented executables, in one interpreter alone.

Issue "Foundations", point 5.
"""

import os
import sys
import unittest

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters


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
