"""_uuid: UUIDs of libuuid from many threads and interpreters."""

import _uuid
import _xxsubinterpreters as interpreters
import threading
import unittest
import uuid


class UuidTests(unittest.TestCase):
    def test_result(self):
        value, status = _uuid.generate_time_safe()
        self.assertEqual(uuid.UUID(bytes=value).version, 1)
        self.assertIn(status, (0, -1))
        self.assertRaises(TypeError, _uuid.generate_time_safe, 1)

    def test_threads(self):
        values = []

        def work():
            values.extend(_uuid.generate_time_safe()[0] for _ in range(200))
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(values)), 800)

    def test_interpreters(self):
        interp = interpreters.create(isolated=True)
        try:
            interpreters.run_string(interp, "import uuid; assert uuid.uuid1() != uuid.uuid1()")
        finally:
            interpreters.destroy(interp)


if __name__ == "__main__":
    unittest.main()
