"""TLS: connections through memory and sockets, their threads, callbacks and failures."""

import _ssl
import gc
import itertools
import os
import socket
import ssl
import sys
import tempfile
import threading
import time
import unittest
import weakref

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

try:
    import test
    from test import support
    CERTS = os.path.join(os.path.dirname(test.__file__), "certdata")
except ImportError:
    CERTS = ""
AUTHORITY = os.path.join(CERTS, "pycacert.pem")
CERTIFICATE = os.path.join(CERTS, "keycert3.pem")       # of "localhost", by the authority


def contexts(certificate=CERTIFICATE):
    """Return a client's and a server's context that fit."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(AUTHORITY)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    return client, server


def connect(client, server, name="localhost", **options):
    """Return the ends of a connection through memory, before the handshake."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    return (client.wrap_bio(back, there, server_hostname=name, **options),
            server.wrap_bio(there, back, server_side=True))


def shake(*ends):
    """Do the handshake of both ends; an exception of either ends it."""
    waiting = list(ends)
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)


def over_sockets(client, server, timeout=None):
    """Return the ends of a connection over a pair of sockets, after the handshake."""
    near, far = socket.socketpair()
    with near, far:
        made = []
        thread = threading.Thread(
            target=lambda: made.append(server.wrap_socket(far, server_side=True)))
        thread.start()
        end = client.wrap_socket(near, server_hostname="localhost")
        thread.join()
    end.settimeout(timeout)
    made[0].settimeout(timeout)
    return end, made[0]


@unittest.skipUnless(os.path.exists(CERTIFICATE), "needs the certificates of the package test")
class SSLTests(unittest.TestCase):
    def test_memory(self):
        """A connection through memory, to its end."""
        near, far = connect(*contexts())
        self.assertIsNone(near.version())
        shake(near, far)
        self.assertEqual(near.version(), far.version())
        self.assertEqual(near.get_channel_binding(), far.get_channel_binding())
        self.assertIn((("commonName", "localhost"),), near.getpeercert()["subject"])
        data = os.urandom(200_000)
        self.assertEqual(near.write(data), len(data))
        self.assertEqual(far.read(3) + b"".join(iter(lambda: self.read(far), b"")), data)
        with self.assertRaises(ssl.SSLWantReadError):
            near.unwrap()
        self.assertEqual(far.read(), b"")
        far.unwrap()
        near.unwrap()
        with self.assertRaises(ssl.SSLZeroReturnError):
            near.read()

    def read(self, end):
        """Read what there is."""
        try:
            return end.read(1 << 20)
        except ssl.SSLWantReadError:
            return b""

    def test_errors(self):
        """Exceptions have the numbers and names of OpenSSL."""
        client, server = contexts()
        near, far = connect(client, server, "elsewhere")
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            shake(near, far)
        error = caught.exception
        self.assertIsInstance(error, ValueError)
        self.assertEqual((error.errno, error.library, error.reason, error.verify_code),
                         (1, "SSL", "CERTIFICATE_VERIFY_FAILED", 62))
        self.assertEqual(error.verify_message,
                         "Hostname mismatch, certificate is not valid for 'elsewhere'.")
        self.assertRegex(str(error), r"^\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify "
                                     r"failed: Hostname mismatch, .* \(_ssl\.c:\d+\)$")
        with self.assertRaises(ssl.SSLError) as caught:
            client.load_cert_chain(__file__)
        self.assertEqual((caught.exception.library, caught.exception.reason), ("SSL", None))
        with self.assertRaises(FileNotFoundError):
            client.load_verify_locations("no such file")
        with self.assertRaises(ssl.SSLError) as caught:
            client.load_dh_params(AUTHORITY)
        self.assertEqual((caught.exception.library, caught.exception.reason),
                         ("PEM", "NO_START_LINE"))

    def test_socket_modes(self):
        """Timeouts, operations that do not wait, sockets that are closed or gone."""
        near, far = over_sockets(*contexts(), timeout=0.05)
        with near, far:
            with self.assertRaisesRegex(TimeoutError, "The read operation timed out"):
                near.recv(1)
            with self.assertRaisesRegex(TimeoutError, "The write operation timed out"):
                while True:
                    near.send(bytes(100_000))
        near, far = over_sockets(*contexts(), timeout=0)
        with near, far:
            self.assertRaises(ssl.SSLWantReadError, near.recv, 1)
            connection = near._sslobj
        self.assertRaises(ssl.SSLError, connection.shutdown)
        del near
        gc.collect()
        with self.assertRaisesRegex(ssl.SSLError, "Underlying socket connection gone"):
            connection.read(1)

    def test_threads_on_one_connection(self):
        """One thread waits for data while another writes, in both directions at once."""
        size, piece = 3_000_000, 50_000
        ends = over_sockets(*contexts())
        failures = []

        def send(end):
            try:
                for _ in range(size // piece):
                    end.sendall(b"x" * piece)
            except Exception as error:
                failures.append(error)

        def receive(end):
            try:
                left = size
                while left:
                    data = end.recv(20_000)
                    self.assertEqual(data, b"x" * len(data))
                    left -= len(data)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(end,))
                   for end in ends for work in (receive, send)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            for end in ends:
                end.cipher(), end.pending(), end.session_reused, end.getpeercert(True)
            time.sleep(0.001)
        for end in ends:
            end.close()
        self.assertEqual(failures, [])

    def test_threads_on_one_memory(self):
        """Threads that use a MemoryBIO while a connection does."""
        near, far = connect(*contexts())
        shake(near, far)
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        stop = threading.Event()

        def disturb():
            while not stop.is_set():
                there.write(b"abc")
                there.pending, there.eof
                there.read(3)

        threads = [threading.Thread(target=disturb) for _ in range(3)]
        for thread in threads:
            thread.start()
        client, server = contexts()
        for _ in range(30):
            end = server.wrap_bio(there, back, server_side=True)
            self.assertRaises(ssl.SSLError, lambda: [end.do_handshake() for _ in range(1000)])
        stop.set()
        for thread in threads:
            thread.join()

    def test_callbacks(self):
        """What callbacks may do and what becomes of their exceptions."""
        client, server = contexts()
        seen = []

        def name_asked(end, name, context):
            seen.append((name, context is server, end.version(), end.server_side))
            with self.assertRaises(RuntimeError):
                end.do_handshake()
            end.context = contexts()[1]

        server.sni_callback = name_asked
        near, far = connect(client, server)
        shake(near, far)
        self.assertEqual(seen, [("localhost", True, None, True)])
        self.assertIsNot(far.context, server)

        class Wrong(Exception):
            pass

        def message(end, direction, version, content_type, msg_type, data):
            raise Wrong

        client._msg_callback = message
        with self.assertRaises(Wrong):
            shake(*connect(client, contexts()[1]))

        def password():
            raise Wrong

        protected = os.path.join(CERTS, "keycert.passwd.pem")
        with self.assertRaises(Wrong):
            server.load_cert_chain(protected, password=password)
        def nested_password():
            server.load_cert_chain(protected, password="somepass")
            return b"somepass"

        server.load_cert_chain(protected, password=nested_password)

    def test_keylog(self):
        """Secrets are written as lines; a file that takes none is the handshake's error."""
        client, server = contexts()
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "keys")
            client.keylog_filename = path
            shake(*connect(client, server))
            with open(path) as file:
                lines = file.read().splitlines()
            self.assertRegex(lines[0], "^# TLS secrets log file")
            self.assertGreater(len(lines), 4)
            client.keylog_filename = None
        if os.path.exists("/dev/full"):
            client.keylog_filename = "/dev/full"
            self.assertRaises(OSError, shake, *connect(client, server))

    def test_sessions(self):
        """A session is resumed by a connection of the same context only."""
        client, server = contexts()
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        near, far = connect(client, server)
        shake(near, far)
        session = near.session
        again = connect(client, server, session=session)
        shake(*again)
        self.assertTrue(again[0].session_reused and again[1].session_reused)
        self.assertEqual(again[0].get_channel_binding(), again[1].get_channel_binding())
        self.assertEqual(session, near.session)
        with self.assertRaisesRegex(ValueError, "different SSLContext"):
            connect(contexts()[0], server, session=session)

    def test_lives(self):
        """Connections, owners and contexts in cycles are collected."""
        client, server = contexts()
        near, far = connect(client, server)
        server.sni_callback = lambda *args: (far, None)[1]
        client._msg_callback = lambda *args: (near, None)[1]
        shake(near, far)
        dead = [weakref.ref(x) for x in (client, server, near, far)]
        del client, server, near, far
        gc.collect()
        self.assertEqual([ref() for ref in dead], [None] * 4)
        connection = contexts()[0]._wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False, "localhost")
        self.assertIsNone(connection.owner)
        self.assertRaises(ssl.SSLWantReadError, connection.do_handshake)

    def test_interpreters(self):
        """Interpreters connect at the same time."""
        code = ("import sys; sys.path[:0] = [%r]; import test_ladon_ssl as t\n"
                "for _ in range(3): t.shake(*t.connect(*t.contexts()))\n"
                % os.path.dirname(os.path.abspath(__file__)))
        ladon_support.run_in_interpreters(code, times=2, threads=3)

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        """Each allocation of Python's may fail (OpenSSL has its own)."""
        def action():
            client, server = contexts()
            server.sni_callback = lambda *args: None
            client._msg_callback = lambda *args: None
            client.set_alpn_protocols(["a", "b"])
            server.set_alpn_protocols(["b"])
            near, far = connect(client, server)
            shake(near, far)
            near.write(b"data")
            far.read(10)
            near.getpeercert(), near.getpeercert(True), near.session, far.shared_ciphers()
            near._sslobj.get_verified_chain(), near.cipher(), near.selected_alpn_protocol()
            client.get_ca_certs(), client.get_ciphers(), client.session_stats()
            try:
                shake(*connect(client, server, "elsewhere"))
            except ssl.SSLCertVerificationError as error:
                error.verify_message

        with support.catch_unraisable_exception():
            lost, number = ladon_support.lost_blocks(
                action, (MemoryError, ssl.SSLError),    # the callback for names is not called
                numbers=itertools.chain(range(1, 250), itertools.count(250, 17)))
        self.assertGreater(number, 300)
        self.assertLess(lost, 100)

    @ladon_support.needs_failing_allocations
    def test_import_memory_errors(self):
        """So may each of the module's making."""
        def action():
            sys.modules.pop("_ssl")
            import _ssl as fresh
            fresh.MemoryBIO()

        self.addCleanup(sys.modules.__setitem__, "_ssl", _ssl)
        lost, number = ladon_support.lost_blocks(
            action, (MemoryError, RuntimeError, ImportError),   # of locks, of the capsule
            numbers=itertools.chain(range(1, 200), itertools.count(200, 7)),
            prepare=lambda: sys.modules.__setitem__("_ssl", _ssl))
        self.assertGreater(number, 200)
        self.assertLess(lost, 300)


if __name__ == "__main__":
    unittest.main()
