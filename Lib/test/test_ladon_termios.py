"""termios: terminals of openpty(), bad attributes, and lists that change while they are used."""

import _xxsubinterpreters as interpreters
import os
import termios
import threading
import unittest


class Index:
    """An integer that does something when it is converted."""
    def __init__(self, action, value):
        self.action = action
        self.value = value

    def __index__(self):
        self.action()
        return self.value


class TermiosTests(unittest.TestCase):
    def setUp(self):
        self.control, self.fd = os.openpty()
        self.addCleanup(os.close, self.control)
        self.addCleanup(os.close, self.fd)

    def test_round_trip(self):
        """Attributes that are set are the ones that are got, in both forms of VMIN and VTIME."""
        mode = termios.tcgetattr(self.fd)
        self.assertEqual([type(item) for item in mode], [int] * 6 + [list])
        self.assertEqual(len(mode[6]), termios.NCCS)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[4] = mode[5] = termios.B9600
        mode[6][termios.VMIN] = 3
        mode[6][termios.VTIME] = b"\x07"
        for when in termios.TCSANOW, termios.TCSADRAIN, termios.TCSAFLUSH:
            self.assertIsNone(termios.tcsetattr(self.fd, when, mode))
        got = termios.tcgetattr(self.fd)
        mode[6][termios.VTIME] = 7
        self.assertEqual(got[3:], mode[3:])

    def test_changing_lists(self):
        """An item whose conversion changes the list."""
        for i in range(6):
            mode = termios.tcgetattr(self.fd)
            mode[i] = Index(mode.clear, mode[i])
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)
            self.assertEqual(mode, [])
        mode = termios.tcgetattr(self.fd)
        mode[5] = Index(mode[6].clear, mode[5])
        with self.assertRaisesRegex(TypeError, "32 element list"):
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)

    def test_bad_attributes(self):
        for i in range(7):
            for bad in None, "x", 1.5, 2 ** 63, -2 ** 64, [], [b"ab"] * 32, ["a"] * 32, [None] * 32:
                mode = termios.tcgetattr(self.fd)
                mode[i] = bad
                with self.assertRaises((TypeError, OverflowError)):
                    termios.tcsetattr(self.fd, termios.TCSANOW, mode)
        mode = termios.tcgetattr(self.fd)
        for bad in mode[:6], mode + [1], tuple(mode), None, 5:
            self.assertRaises(TypeError, termios.tcsetattr, self.fd, termios.TCSANOW, bad)
        mode[4] = 12345
        self.assertRaises(termios.error, termios.tcsetattr, self.fd, termios.TCSANOW, mode)

    def test_no_terminal(self):
        """Every function has errno and message of the system for what is no terminal."""
        mode = termios.tcgetattr(self.fd)
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        self.addCleanup(os.close, write)
        for name, args in (("tcgetattr", ()), ("tcsetattr", (0, mode)), ("tcsendbreak", (0,)),
                           ("tcdrain", ()), ("tcflush", (0,)), ("tcflow", (0,)),
                           ("tcgetwinsize", ()), ("tcsetwinsize", ((1, 2),))):
            with self.assertRaises(termios.error) as caught:
                getattr(termios, name)(read, *args)
            self.assertEqual(caught.exception.args, (25, "Inappropriate ioctl for device"))
            self.assertRaises(ValueError, getattr(termios, name), -1, *args)
            self.assertRaises(TypeError, getattr(termios, name), "0", *args)

    def test_window_size(self):
        termios.tcsetwinsize(self.fd, (25, 80))
        self.assertEqual(termios.tcgetwinsize(self.fd), (25, 80))
        for bad in (1,), (1, 2, 3), 5, None, {}, iter((1, 2)):
            self.assertRaises(TypeError, termios.tcsetwinsize, self.fd, bad)
        for bad in (-1, 1), (1, 65536), (2 ** 70, 1):
            self.assertRaises(OverflowError, termios.tcsetwinsize, self.fd, bad)
        self.assertEqual(termios.tcgetwinsize(self.control), (25, 80))

    def test_drain_without_the_lock(self):
        """Other threads run while tcdrain() and tcsetattr() wait for the terminal."""
        termios.tcflow(self.fd, termios.TCOOFF)
        done = []

        def work():
            done.append(termios.tcdrain(self.fd))
        thread = threading.Thread(target=work)
        thread.start()
        termios.tcflow(self.fd, termios.TCOON)
        thread.join()
        self.assertEqual(done, [None])

    def test_interpreters(self):
        interp = interpreters.create(isolated=True)
        self.addCleanup(interpreters.destroy, interp)
        interpreters.run_string(interp, f"""if True:
            import termios
            termios.tcsetwinsize({self.fd}, (7, 9))
            try:
                termios.tcgetattr(9999)
            except termios.error as error:
                assert error.args[0] == 9
        """)
        self.assertEqual(termios.tcgetwinsize(self.fd), (7, 9))


if __name__ == "__main__":
    unittest.main()
