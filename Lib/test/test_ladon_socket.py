"""The module _socket: addresses, timeouts and signals, messages, many interpreters, no memory.

CPython 3.12.1 passes the classes that need nothing of ours, except test_list_that_shrinks.
"""

import _socket
import errno
import gc
import os
import signal
import socket
import sys
import threading
import time
import unittest
import warnings

import _xxsubinterpreters as interpreters

try:
    import _ladontest
except ImportError:
    _ladontest = None

HOST = "127.0.0.1"


def descriptors():
    """The number of open descriptors."""
    return len(os.listdir("/proc/self/fd"))


class AddressTests(unittest.TestCase):
    def make(self, family, kind=socket.SOCK_DGRAM, proto=0):
        """A socket object of any family; the kernel may not know it, so IPv4 lies below."""
        inner = _socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made = _socket.socket(family, kind, proto, inner.detach())
        self.addCleanup(made.close)
        return made

    def refused(self, made, address, kind, text):
        with self.assertRaises(kind) as caught:
            made.bind(address)
        self.assertEqual(str(caught.exception), text, address)

    def test_internet(self):
        """Host, port, flow label, scope: how wrong ones are refused."""
        ipv4, ipv6 = self.make(socket.AF_INET), self.make(socket.AF_INET6)
        pair = "AF_INET address must be a pair (host, port)"
        four = "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
        self.refused(ipv4, [HOST, 1], TypeError, "bind(): AF_INET address must be tuple, not list")
        self.refused(ipv4, (HOST,), TypeError, pair)
        self.refused(ipv4, (HOST, 1, 2), TypeError, pair)
        self.refused(ipv6, ("::1", 1, 2, 3, 4), TypeError, four)
        for made, host in ((ipv4, HOST), (ipv6, "::1")):
            for port in (-1, 65536, 2**70):
                self.refused(made, (host, port), OverflowError, "bind(): port must be 0-65535.")
            self.refused(made, (None, 1), TypeError,
                         "str, bytes or bytearray expected, not NoneType")
            for name in ("a\0b", b"a\0b", bytearray(b"\0")):
                self.refused(made, (name, 1), TypeError,
                             "host name must not contain null character")
            self.refused(made, ("\xe9" * 64, 1), TypeError, "encoding of hostname failed")
        for flow in (-1, 2**20):
            self.refused(ipv6, ("::1", 1, flow), OverflowError,
                         "bind(): flowinfo must be 0-1048575.")
        self.refused(ipv6, ("<broadcast>", 1), OSError, "address family mismatched")
        with self.assertRaises(socket.gaierror):
            ipv4.bind(("::1", 1))

    def test_unix(self):
        """Paths, abstract names, the names that the system chooses."""
        made = self.make(socket.AF_UNIX)
        self.refused(made, "x" * 108, OSError, "AF_UNIX path too long")
        self.refused(made, b"\0" + b"x" * 108, OSError, "AF_UNIX path too long")
        self.refused(made, 1, TypeError, "a bytes-like object is required, not 'int'")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as two:
            self.assertEqual(one.getsockname(), "")
            name = b"\0" + os.urandom(100).hex().encode()[:107]
            one.bind(name)
            self.assertEqual(one.getsockname(), name)
            two.bind("")
            self.assertEqual(two.getsockname()[:1], b"\0")
            two.sendto(b"x", memoryview(name))
            self.assertEqual(one.recvfrom(5), (b"x", two.getsockname()))

    def test_kernel_families(self):
        """Families of the kernel: the forms of their addresses."""
        can = self.make(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
        self.refused(can, (), TypeError, "AF_CAN address must be a tuple (interface, )")
        self.refused(can, ("x" * 40,), OSError, "AF_CAN interface name too long")
        self.refused(can, ("nonesuch",), OSError, "[Errno 19] No such device")
        odd = self.make(socket.AF_CAN, socket.SOCK_RAW, 99)
        self.refused(odd, ("lo",), OSError, "bind(): unsupported CAN protocol")
        alg = self.make(socket.AF_ALG, socket.SOCK_SEQPACKET)
        self.refused(alg, ("x" * 14, "y"), ValueError, "AF_ALG type too long.")
        self.refused(alg, ("x", "y" * 64), ValueError, "AF_ALG name too long.")
        tipc = self.make(socket.AF_TIPC)
        self.refused(tipc, (9, 1, 2, 3), TypeError, "Invalid address type")
        for family, name in ((socket.AF_VSOCK, "AF_VSOCK"), (socket.AF_QIPCRTR, "AF_QIPCRTR")):
            made = self.make(family)
            self.refused(made, 1, TypeError,
                         f"getsockaddrarg: {name} address must be tuple, not int")
            self.refused(made, (1,), TypeError,
                         "getsockaddrarg() takes exactly 2 arguments (1 given)")
        self.refused(self.make(77), (), OSError, "bind(): bad family")
        with self.assertRaisesRegex(OSError, "getsockaddrlen: bad family"):
            self.make(77).getsockname()

    def test_netlink(self):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as made:
            made.bind((0, 0))
            pid, groups = made.getsockname()
            self.assertGreater(pid, 0)
            self.assertEqual(groups, 0)

    def test_packet(self):
        try:
            made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        except PermissionError:
            self.skipTest("needs root")
        with made:
            made.bind(("lo", 0x1234))
            self.assertEqual(made.getsockname()[:3], ("lo", 0x1234, 0))
            for address, kind in ((("lo", 65536), OverflowError), (("lo", 2**70), OverflowError),
                                  (("lo", 0, 0, 0, b"x" * 9), ValueError), (("lo",), TypeError),
                                  (("lo\0", 1), ValueError), (("nonesuch", 1), OSError)):
                self.assertRaises(kind, made.bind, address)

    def test_names(self):
        """Numbers are answered without a resolver, special names too."""
        self.assertEqual(socket.gethostbyname(""), "0.0.0.0")
        self.assertEqual(socket.gethostbyname("<broadcast>"), "255.255.255.255")
        self.assertEqual(socket.gethostbyname("192.0.2.1"), "192.0.2.1")
        with self.assertRaisesRegex(OSError, "wildcard resolved to multiple address"):
            socket.gethostbyaddr("")
        self.assertEqual(socket.getnameinfo(("::1", 80, 1, 2), 3), ("::1%2", "80"))
        with self.assertRaisesRegex(OSError, "IPv4 sockaddr must be 2 tuple"):
            socket.getnameinfo((HOST, 80, 0), 3)

    def test_unknown_number_of_interface(self):
        """A number that does not fit is no other interface."""
        self.assertRaises(OSError, socket.if_indextoname, 2**31)


class TimeTests(unittest.TestCase):
    def setUp(self):
        self.a, self.b = socket.socketpair()
        self.addCleanup(self.a.close)
        self.addCleanup(self.b.close)

    def alarm(self, handler, first, interval=0):
        old = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, first, interval)

    def test_signals_do_not_lengthen(self):
        """An operation goes on after a signal with what is left of its time (PEP 475)."""
        calls = []
        self.alarm(lambda *args: calls.append(1), 0.02, 0.02)
        self.a.settimeout(0.3)
        for operation in (lambda: self.a.recv(1), lambda: self.a.recvmsg(1),
                          lambda: self.a.recv_into(bytearray(1)),
                          lambda: self.a.sendall(bytes(10**7))):
            start = time.monotonic()
            with self.assertRaisesRegex(TimeoutError, "^timed out$"):
                operation()
            self.assertTrue(0.28 < time.monotonic() - start < 5)
        self.assertGreater(len(calls), 5)

    def test_signal_while_blocking(self):
        self.alarm(lambda *args: self.b.send(b"x"), 0.05)
        self.assertEqual(self.a.recv(1), b"x")

    def test_handler_raises(self):
        def handler(*args):
            raise ZeroDivisionError

        for timeout in (None, 10):
            self.a.settimeout(timeout)
            self.alarm(handler, 0.05)
            self.assertRaises(ZeroDivisionError, self.a.recv, 1)

    def test_handler_closes(self):
        """A socket that a handler closes is a bad descriptor at once."""
        for timeout in (None, 10):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            made.bind("")
            made.settimeout(timeout)
            self.alarm(lambda *args: made.close(), 0.05)
            with self.assertRaises(OSError) as caught:
                made.recv(1)
            self.assertEqual(caught.exception.errno, errno.EBADF)

    def test_connect(self):
        """connect() to a server that does not answer: time over, and signals."""
        server = socket.create_server((HOST, 0), backlog=0)
        self.addCleanup(server.close)
        waiting = []
        for _ in range(3):
            made = socket.socket()
            self.addCleanup(made.close)
            made.settimeout(0.1)
            waiting.append(made.connect_ex(server.getsockname()))
        self.assertEqual(waiting[0], 0)
        self.assertEqual(waiting[-1], errno.EAGAIN)
        made = socket.socket()
        self.addCleanup(made.close)
        made.settimeout(0.1)
        with self.assertRaisesRegex(TimeoutError, "^timed out$"):
            made.connect(server.getsockname())
        with socket.socket() as blocking:
            calls = []

            def handler(*args):
                calls.append(1)
                if len(calls) == 3:
                    raise ZeroDivisionError

            self.alarm(handler, 0.05, 0.05)
            self.assertRaises(ZeroDivisionError, blocking.connect, server.getsockname())

    def test_connect_goes_on(self):
        """A blocking connect() that a signal interrupted is waited for (PEP 475)."""
        server = socket.create_server((HOST, 0), backlog=0)
        self.addCleanup(server.close)
        first = socket.create_connection(server.getsockname())
        self.addCleanup(first.close)
        accepted, calls = [], []

        def handler(*args):
            calls.append(1)
            if len(calls) == 3:
                accepted.append(server.accept()[0])

        self.alarm(handler, 0.05, 0.05)
        with socket.socket() as made:
            made.connect(server.getsockname())
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.assertEqual(made.getpeername(), server.getsockname())
        for each in accepted:
            each.close()

    def test_long_timeout(self):
        """A timeout of more milliseconds than poll() takes."""
        self.a.settimeout(10**9)
        threading.Timer(0.05, self.b.send, (b"x",)).start()
        self.assertEqual(self.a.recv(1), b"x")

    def test_empty_datagram(self):
        """sendall() of nothing sends an empty datagram."""
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with a, b:
            a.sendall(b"")
            self.assertEqual(b.recvfrom(5)[0], b"")

    def test_modes(self):
        """SOCK_NONBLOCK is a timeout of 0; descriptors are not inherited."""
        with socket.socket(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as made:
            self.assertEqual((made.gettimeout(), made.type), (0.0, socket.SOCK_STREAM))
            self.assertFalse(os.get_blocking(made.fileno()))
        server = socket.create_server((HOST, 0))
        with server, socket.create_connection(server.getsockname()) as made:
            accepted, _ = server.accept()
            with accepted:
                for each in (server, made, accepted, self.a, self.b):
                    self.assertFalse(os.get_inheritable(each.fileno()))


class MessageTests(unittest.TestCase):
    def setUp(self):
        self.a, self.b = socket.socketpair()
        self.addCleanup(self.a.close)
        self.addCleanup(self.b.close)

    def test_several_items(self):
        """Items of ancillary data arrive as they were sent, buffers as one message."""
        r, w = os.pipe()
        self.addCleanup(os.close, r)
        self.addCleanup(os.close, w)
        socket.send_fds(self.a, [b"ab", bytearray(b"cd"), memoryview(b"ef")], [r, w])
        data, fds, flags, address = socket.recv_fds(self.b, 10, 2)
        self.addCleanup(lambda: [os.close(fd) for fd in fds])
        self.assertEqual((data, len(fds), address), (b"abcdef", 2, None))
        self.assertEqual(os.fstat(fds[0]).st_ino, os.fstat(r).st_ino)

    def test_truncated(self):
        """Descriptors without room are not received; nothing is left open."""
        before = descriptors()
        socket.send_fds(self.a, [b"x"], [0, 0, 0])
        data, items, flags, _ = self.b.recvmsg(1, socket.CMSG_LEN(4))
        self.assertTrue(flags & socket.MSG_CTRUNC)
        for _, _, fds in items:
            for i in range(0, len(fds), 4):
                os.close(int.from_bytes(fds[i:i + 4], sys.byteorder))
        self.assertEqual(descriptors(), before)

    def test_sizes(self):
        largest = 2**31 - 1 - socket.CMSG_LEN(0)
        self.assertEqual(socket.CMSG_LEN(largest), 2**31 - 1)
        for length in (-1, largest + 1, 2**63 - 1):
            self.assertRaises(OverflowError, socket.CMSG_LEN, length)
            self.assertRaises(OverflowError, socket.CMSG_SPACE, length)
        for size in (-1, 2**31, 2**63 - 1):
            self.assertRaises(ValueError, self.a.recvmsg, 1, size)
            self.assertRaises(ValueError, self.a.recvmsg_into, [], size)

    def test_refused(self):
        message = "must be an iterable of single-segment read-write buffers"
        for buffers in ([b"x"], [1], ["x"], [memoryview(bytearray(4))[::2]]):
            with self.assertRaisesRegex(TypeError, message):
                self.a.recvmsg_into(buffers)
        for items in ([1], [(1, 2)], [("x", 2, b"")], [(1, 2, "x")], 5):
            self.assertRaises(TypeError, self.a.sendmsg, [b"x"], items)

    def test_list_that_shrinks(self):
        """Exporting a buffer may change the list of buffers."""
        buffers = []

        class Clearing(bytearray):
            def __buffer__(self, flags):
                buffers.clear()
                return super().__buffer__(flags)

        buffers[:] = [bytearray(b"a"), Clearing(b"b"), bytearray(b"c")]
        self.assertEqual(self.a.sendmsg(buffers), 2)
        self.assertEqual(self.b.recv(5), b"ab")


class ObjectTests(unittest.TestCase):
    def test_unclosed(self):
        """The end of an open socket closes it with a warning, even if that is an error."""
        before = descriptors()
        with self.assertWarnsRegex(ResourceWarning, "unclosed <socket object, fd="):
            _socket.socket()
            gc.collect()
        self.assertEqual(descriptors(), before)
        unraisable, old = [], sys.unraisablehook
        sys.unraisablehook = lambda args: unraisable.append(args.exc_type)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                _socket.socket()
                gc.collect()
        finally:
            sys.unraisablehook = old
        self.assertEqual(unraisable, [ResourceWarning])
        self.assertEqual(descriptors(), before)

    def test_detect(self):
        """A socket of a descriptor knows what it is."""
        with socket.socket(type=socket.SOCK_DGRAM) as made:
            other = _socket.socket(fileno=made.fileno())
            self.assertEqual((other.family, other.type, other.proto),
                             (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP))
            self.assertEqual(other.detach(), made.fileno())
        for fd, kind in ((-1, ValueError), (2**70, OverflowError), ("x", TypeError)):
            self.assertRaises(kind, _socket.socket, fileno=fd)
        with open(os.devnull) as file, self.assertRaises(OSError) as caught:
            _socket.socket(2, 1, 0, file.fileno())
        self.assertEqual(caught.exception.errno, errno.ENOTSOCK)

    def test_subclass(self):
        class Sub(_socket.socket):
            def __new__(cls, *args):
                return super().__new__(cls)

        class SubSub(Sub):
            pass

        for cls in (Sub, SubSub):
            made = cls(socket.AF_INET)
            self.assertIsNone(made.gettimeout())
            made.close()
        self.assertIsNone(_socket.socket.__new__(_socket.socket).gettimeout())

    def test_descriptor_out_of_range(self):
        """A descriptor that does not fit is refused, not cut off."""
        self.assertRaises(OverflowError, _socket.close, 2**70)
        self.assertRaises(OverflowError, _socket.dup, 2**70)

    def test_options(self):
        with socket.socket() as made:
            self.assertRaises(TypeError, made.setsockopt, 1, 2, 2**40)
            self.assertRaises(OSError, made.setsockopt, 1, 2, None, 4)
            for size in (-1, 1025):
                self.assertRaises(OSError, made.getsockopt, 1, 2, size)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, (1).to_bytes(4, "little"))
            self.assertEqual(made.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), 1)

    def test_capsule(self):
        self.assertIn('"_socket.CAPI"', repr(_socket.CAPI))


class InterpreterTests(unittest.TestCase):
    def run_all(self, count, source):
        """Run the source in that many interpreters at the same time."""
        failures = []

        def work():
            interp = interpreters.create()
            try:
                interpreters.run_string(interp, source)
            except Exception as exc:
                failures.append(exc)
            interpreters.destroy(interp)

        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_default_timeout(self):
        """The default timeout and the type belong to an interpreter."""
        socket.setdefaulttimeout(7.5)
        self.addCleanup(socket.setdefaulttimeout, None)
        self.run_all(2, f"""if True:
            import _socket
            assert _socket.getdefaulttimeout() is None
            assert id(_socket.socket) != {id(_socket.socket)}
            _socket.setdefaulttimeout(2)
        """)
        self.assertEqual(socket.getdefaulttimeout(), 7.5)

    def test_at_once(self):
        """Connections and lookups of several interpreters at the same time."""
        before = descriptors()
        self.run_all(4, """if True:
            import socket, threading
            server = socket.create_server(("127.0.0.1", 0))
            for i in range(30):
                with socket.create_connection(server.getsockname()) as made:
                    other, address = server.accept()
                    with other:
                        made.sendall(b"x" * 5000)
                        made.shutdown(socket.SHUT_WR)
                        assert sum(map(len, iter(lambda: other.recv(999), b""))) == 5000
                assert socket.gethostbyname("localhost").startswith("127.")
                assert socket.getservbyname("http", "tcp") == 80
                assert socket.getservbyport(80, "tcp") == "http"
                assert socket.getprotobyname("tcp") == 6
                assert socket.getaddrinfo("localhost", 80)
            server.close()
        """)
        self.assertEqual(descriptors(), before)


@unittest.skipIf(_ladontest is None, "needs a build that can fail allocations")
class NoMemoryTests(unittest.TestCase):
    """Each action runs with its n-th allocation failing, for all n.

    What it raises is MemoryError, and no block and no descriptor is left behind.
    """

    def check(self, action, *others, after=lambda: None):
        """`after` runs behind each action, with allocations that do not fail."""
        for _ in range(3):
            action()
            after()
        gc.collect()
        blocks, fds = sys.getallocatedblocks(), descriptors()
        for n in range(1, 400):
            _ladontest.fail_allocation(n)
            failed = True
            try:
                action()
                failed = False
            except (MemoryError, *others):
                pass
            finally:
                fired = _ladontest.fail_allocation(0)
                after()
            if not failed and not fired:
                break
        action()
        after()
        gc.collect()
        self.assertGreater(n, 1)
        self.assertLess(sys.getallocatedblocks() - blocks, 20)
        self.assertEqual(descriptors(), fds)

    def setUp(self):
        self.enterContext(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)

    def test_life(self):
        self.check(lambda: _socket.socket().close())
        self.check(lambda: [made.close() for made in _socket.socketpair()])

    def test_addresses(self):
        with socket.socket(type=socket.SOCK_DGRAM) as one, \
                socket.socket(type=socket.SOCK_DGRAM) as two:
            one.bind((HOST, 0))
            to = one.getsockname()
            self.check(lambda: (two.sendto(b"x", to), one.recvfrom(1), one.getsockname()))
            self.check(lambda: (two.sendto(b"x", (bytearray(HOST.encode()), to[1])),
                                one.recvfrom_into(bytearray(1))))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
            made.bind("")
            self.check(lambda: (made.sendto(b"x", made.getsockname()), made.recvfrom(9)))

    def test_accept(self):
        """A connection that cannot be returned is closed."""
        with socket.create_server((HOST, 0)) as server:
            address = server.getsockname()

            def action():
                with socket.socket() as made:
                    made.connect(address)
                    os.close(server._accept()[0])

            self.check(action)

    def test_messages(self):
        """Descriptors that cannot be returned are closed."""
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        b.setblocking(False)
        item = (socket.SOL_SOCKET, socket.SCM_RIGHTS, bytes(4))

        received = [None]

        def action():
            a.sendmsg([b"x", b"y"], [item, item])
            received[0] = b.recvmsg(5, 100)

        def close_received():
            if received[0] is not None:
                for _, _, fds in received[0][1]:
                    for i in range(0, len(fds), 4):
                        os.close(int.from_bytes(fds[i:i + 4], sys.byteorder))
                received[0] = None
            try:
                b.recv(5)           # what was sent, if it was not received
            except BlockingIOError:
                pass

        with a, b:
            self.check(action, after=close_received)
            self.check(lambda: (a.send(b"xy"), b.recvmsg_into([bytearray(1), bytearray(1)])),
                       after=close_received)

    def test_lookups(self):
        self.check(lambda: socket.gethostbyname(HOST))
        self.check(lambda: _socket.getaddrinfo(HOST, 80))
        self.check(lambda: _socket.getnameinfo((HOST, 80), 3))
        self.check(lambda: _socket.getservbyport(80), OSError)
        self.check(lambda: _socket.getservbyname("http"), OSError)
        self.check(lambda: _socket.if_nameindex(), OSError)
        self.check(lambda: _socket.gethostbyname_ex("localhost"), OSError)


if __name__ == "__main__":
    unittest.main()
