"""Two busy interpreters do not hold each other up: processor time per unit of work.

The figures come from Tools/bench/scaling.py; here only a generous bound is asked for, since the
machine may be busy.  A cache line that both wrote at every turn, or a lock that both took, makes
the ratio 2 and more.
"""

import importlib.util
import os
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", "..", "Tools", "bench", "scaling.py")
BOUND = 1.5


def load_tool():
    """Return Tools/bench/scaling.py as a module."""
    spec = importlib.util.spec_from_file_location("scaling", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@unittest.skipUnless(os.path.exists(TOOL), "needs the source tree")
@unittest.skipUnless((os.cpu_count() or 1) > 1, "needs two processors")
class ScalingTests(unittest.TestCase):
    def test_processor_time(self):
        scaling = load_tool()
        for name in scaling.PROGRAMS:
            with self.subTest(name):
                for _ in range(4):
                    alone, beside = scaling.measure(name, 1, 0.08)
                    if beside < BOUND * alone:
                        break
                else:
                    self.fail(f"{name}: {alone:.6f} s alone, {beside:.6f} s beside another")


if __name__ == "__main__":
    unittest.main()
