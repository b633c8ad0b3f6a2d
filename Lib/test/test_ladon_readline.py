"""readline: editing at a prompt in a terminal, hooks, history, who may import it."""

import _xxsubinterpreters as interpreters
import os
import select
import signal
import sys
import tempfile
import time
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

try:
    import pty
    import readline
except ImportError:
    readline = None


class Terminal:
    """A python that runs in a terminal."""

    def __init__(self, *args, **environment):
        self.home = tempfile.TemporaryDirectory()
        self.output = b""
        self.seen = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.environ.update({"TERM": "xterm", "HOME": self.home.name, "INPUTRC": "/dev/null",
                                   "LC_ALL": "C.UTF-8", **environment})
                os.execv(sys.executable, [sys.executable, "-q", *args])
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        self.home.cleanup()

    def wait_for(self, text, seconds=20):
        """Read until the text comes; return what came before it."""
        deadline = time.monotonic() + seconds
        while (at := self.output.find(text, self.seen)) < 0:
            ready, _, _ = select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))
            try:
                data = os.read(self.fd, 4096) if ready else b""
            except OSError:
                data = b""              # nobody has the other end any more
            if not data:
                raise AssertionError(f"no {text!r} after {self.output[self.seen:]!r}")
            self.output += data
        before = self.output[self.seen:at]
        self.seen = at + len(text)
        return before

    def type(self, keys, answer):
        os.write(self.fd, keys)
        return self.wait_for(answer)


@unittest.skipIf(readline is None, "needs readline and pty")
class TerminalTests(unittest.TestCase):
    def test_prompt(self):
        """Editing and history at the prompt; the modules are there without being imported."""
        with Terminal("-i", "-S") as terminal:
            terminal.wait_for(b">>> ")
            terminal.type(b"a = 1234\n", b">>> ")
            terminal.type(b"+ 2 + a\x01print(a\x05)\n", b"2470\r\n>>> ")
            self.assertIn(b"KeyboardInterrupt", terminal.type(b"unfinished\x03", b"\r\n>>> "))
            terminal.type(b"\x10\x10\n", b"\r\n>>> ")
            terminal.type(b"import sys\n", b">>> ")
            terminal.type(b"'readline' in sys.modules\n", b"True\r\n>>> ")
            terminal.type(b"if a:\n", b"... ")
            terminal.type(b"\tprint(a * 2)\n", b"... ")
            terminal.type(b"\n", b"2468\r\n>>> ")
            terminal.type(b"sys.modules['readline'].get_history_item(2)\n", b"'print(a+ 2 + a)'")

    def test_not_at_the_prompt(self):
        """A program gets no readline, nor does an isolated python."""
        code = "import sys; print('readline' in sys.modules)"
        for args in (("-c", code), ("-I", "-i", "-c", code)):
            with Terminal(*args) as terminal:
                terminal.wait_for(b"False\r\n")

    def test_completion(self):
        """rlcompleter at the prompt, as site sets it up."""
        with Terminal("-i") as terminal:
            terminal.wait_for(b">>> ")
            terminal.type(b"abacus = 1; abadon = 2\n", b">>> ")
            terminal.type(b"aba\t\t", b"abacus  abadon")
            terminal.type(b"c\t + 41\n", b"42\r\n>>> ")
            terminal.type(b"import readl\t\x15import readline\n", b">>> ")
            terminal.type(b"readline.get_compl\ter_d\t)\n", b"readline.get_completer_delims()")

    def test_completer(self):
        """What a completer and a display hook get, and what becomes of their errors."""
        code = """import readline
def complete(text, state):
    if state == 0:
        print(f"<{text} {readline.get_begidx()} {readline.get_endidx()} "
              f"{readline.get_line_buffer()}>")
    if text == "error":
        raise KeyError
    if text == "again":
        try:
            input()
        except RuntimeError as error:
            print(error)
    if text == "gone":
        readline.set_completer(None)
    return [text + "1", text + "2", 3 if text == "number" else None][state]
def display(*args):
    print("<", ascii(args), ">", sep="")
    readline.redisplay()
readline.set_completer(complete)
readline.set_completion_display_matches_hook(display)
readline.parse_and_bind("tab: complete")
while True:
    print(ascii(input("> ")))
"""
        with Terminal("-c", code) as terminal:
            terminal.wait_for(b"> ")
            terminal.type("a é b\t".encode(), "<b 4 5 a é b>".encode())
            terminal.type(b"\t", b"<('b', ['b1', 'b2'], 2)>")
            terminal.type(b"\n", b"'a \\xe9 b'\r\n> ")
            for text in (b"error", b"number"):
                terminal.type(text + b"\t", b"<" + text + b" 0 ")
                terminal.type(b"\n", b"\r\n> ")
            terminal.type(b"again\t", b"can't re-enter readline")
            terminal.type(b"\n", b"'again'\r\n> ")
            terminal.type(b"gone\t", b"<gone 0 4 gone>")
            terminal.type(b"\n", b"\r\n> ")
            terminal.type(b"a\t\n", b"'a'\r\n> ")

    def test_hooks_and_history(self):
        code = """import readline
readline.set_startup_hook(lambda: readline.insert_text("first "))
readline.set_pre_input_hook(lambda: (readline.insert_text("second "), readline.redisplay()))
for _ in range(3):
    print(ascii(input("> ")))
readline.set_startup_hook(lambda: 1 / 0)
readline.set_pre_input_hook()
readline.set_auto_history(False)
print(ascii(input("> ")))
print([readline.get_history_item(i + 1) for i in range(readline.get_current_history_length())])
"""
        with Terminal("-c", code) as terminal:
            for text in (b"a", b"a", b"b"):
                terminal.wait_for(b"second ")
                terminal.type(text + b"\n", b"'first second " + text + b"'\r\n")
            terminal.type(b"not kept\n", b"'not kept'\r\n")
            terminal.wait_for(b"['first second a', 'first second b']")

    def test_signals(self):
        """Handlers run while one waits; their exceptions end the line, the next one is whole."""
        code = """import signal
def fail(*args):
    raise KeyError("from a handler")
signal.signal(signal.SIGUSR1, lambda *args: print("handled", flush=True))
signal.signal(signal.SIGUSR2, fail)
import readline
while True:
    try:
        print(repr(input("> ")))
    except Exception as error:
        print(repr(error))
    except KeyboardInterrupt:
        print("interrupted")
    except EOFError:
        break
"""
        with Terminal("-c", code) as terminal:
            terminal.wait_for(b"> ")
            terminal.type(b"ab", b"ab")
            os.kill(terminal.pid, signal.SIGUSR1)
            terminal.wait_for(b"handled")
            terminal.type(b"c\n", b"'abc'\r\n> ")
            terminal.type(b"lost", b"lost")
            os.kill(terminal.pid, signal.SIGUSR2)
            terminal.wait_for(b"KeyError('from a handler')\r\n> ")
            terminal.type(b"lost\x03", b"interrupted\r\n> ")
            terminal.type(b"kept\n", b"'kept'\r\n> ")
            terminal.type(b"\x04", b"EOFError()\r\n> ")

    def test_threads(self):
        """Other threads use the module, and Python, while one waits at the prompt."""
        code = """import readline, threading
stop = threading.Event()
def work():
    while not stop.is_set():
        readline.add_history("item")
        readline.get_line_buffer()
        if readline.get_current_history_length() > 50:
            readline.clear_history()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
print(repr(input("> ")))
stop.set()
for thread in threads:
    thread.join()
print(repr(input("> ")))
"""
        with Terminal("-c", code) as terminal:
            terminal.wait_for(b"> ")
            for _ in range(20):
                terminal.type(b"\x10\x10\x0e", b"")
            terminal.type(b"\x15\x0ba\n", b"'a'\r\n> ")
            terminal.type(b"b\n", b"'b'\r\n")

    def test_module_that_goes(self):
        """The prompt outlives the module, and another one takes its place."""
        code = """import gc, readline, sys
readline.set_completer(lambda text, state: text + "zz" if not state else None)
readline.parse_and_bind("tab: complete")
del readline, sys.modules["readline"]
gc.collect()
print(repr(input("> ")))
import readline
print(readline.get_completer(), readline.get_history_item(1))
print(repr(input("> ")))
"""
        with Terminal("-c", code) as terminal:
            terminal.wait_for(b"> ")
            terminal.type(b"a\t", b"azz")
            terminal.type(b"\n", b"'azz'")
            terminal.wait_for(b"None azz\r\n> ")
            terminal.type(b"b\n", b"'b'\r\n")


@unittest.skipIf(readline is None, "needs readline and pty")
class ModuleTests(unittest.TestCase):
    def setUp(self):
        readline.clear_history()
        self.addCleanup(readline.clear_history)
        self.addCleanup(readline.set_history_length, -1)

    def items(self):
        return [readline.get_history_item(i + 1)
                for i in range(readline.get_current_history_length())]

    def test_history(self):
        for item in ("one", "", "thr\xe9e", "\udc80", "x" * 10000):
            readline.add_history(item)
        readline.remove_history_item(1)
        readline.replace_history_item(0, "first")
        self.assertEqual(self.items(), ["first", "thr\xe9e", "\udc80", "x" * 10000])
        for number in (-1, 4, 2 ** 31 - 1, -2 ** 31):
            self.assertRaises(ValueError, readline.remove_history_item, number)
            self.assertRaises(ValueError, readline.replace_history_item, number, "x")
        for number in (-2 ** 31, -1, 0, 5, 2 ** 31 - 1):
            self.assertIsNone(readline.get_history_item(number))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "history")
            for item in "abcd":
                readline.add_history(item)
            readline.write_history_file(name)
            readline.append_history_file(2, os.fsencode(name))
            for number in (0, -1, -2 ** 31):
                readline.append_history_file(number, name)
            readline.clear_history()
            readline.read_history_file(name)
            self.assertEqual(self.items(), list("abcdcd"))
            readline.set_history_length(3)
            readline.append_history_file(2 ** 31 - 1, name)
            readline.clear_history()
            readline.read_history_file(name)
            self.assertEqual(self.items(), list("dcd"))
            for function in (readline.read_history_file, readline.read_init_file,
                             lambda name: readline.append_history_file(1, name),
                             readline.write_history_file):
                self.assertRaises(OSError, function, os.path.join(folder, "no", "file"))
                self.assertRaises(ValueError, function, "\0")

    def test_settings(self):
        self.addCleanup(readline.set_completer_delims, readline.get_completer_delims())
        self.addCleanup(readline.set_completer)
        for delims in ("", "abc\xe9", "\udc80"):
            readline.set_completer_delims(delims)
            self.assertEqual(readline.get_completer_delims(), delims)
        readline.set_completer(len)
        self.assertIs(readline.get_completer(), len)
        for name in ("completer", "startup_hook", "pre_input_hook",
                     "completion_display_matches_hook"):
            function = getattr(readline, "set_" + name)
            self.assertRaisesRegex(TypeError, f"^set_{name}", function, 3)
            self.assertIsNone(function(None))

    def test_interpreters(self):
        """It is the main interpreter's only, and others go on without it."""
        for isolated in (True, False):
            interp = interpreters.create(isolated=isolated)
            try:
                interpreters.run_string(interp, "try:\n"
                                                "    import readline\n"
                                                "except ImportError as error:\n"
                                                "    assert 'subinterpreters' in str(error)\n"
                                                "else:\n"
                                                "    raise AssertionError\n"
                                                "import rlcompleter, cmd, code, pdb\n")
            finally:
                interpreters.destroy(interp)

    def test_prompt_of_others(self):
        """input() in another interpreter does not use it."""
        code = ("import readline, _xxsubinterpreters as interpreters\n"
                "readline.set_startup_hook(lambda: readline.insert_text('not here'))\n"
                "id = interpreters.create()\n"
                "interpreters.run_string(id, 'print(repr(input(\"> \")))')\n")
        with Terminal("-c", code) as terminal:
            terminal.wait_for(b"> ")
            terminal.type(b"a\n", b"'a'\r\n")

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        def action():
            readline.add_history("one")
            readline.replace_history_item(0, "two\xe9")
            readline.get_history_item(1)
            readline.remove_history_item(0)
            readline.set_completer_delims(readline.get_completer_delims())
            readline.parse_and_bind("tab: complete")
            readline.get_line_buffer()

        lost, number = ladon_support.lost_blocks(action, prepare=readline.clear_history)
        self.assertLess(lost, 20)
        self.assertGreater(number, 8)


if __name__ == "__main__":
    unittest.main()
