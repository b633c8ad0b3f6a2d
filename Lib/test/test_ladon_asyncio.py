"""_asyncio: futures and tasks where memory ends, in isolated interpreters, and misused."""

import _asyncio
import asyncio
import gc
import sys
import textwrap
import threading
import unittest
import warnings
import weakref

try:
    import ladon_support as support
except ImportError:
    from test import ladon_support as support


class Loop:
    """As much of an event loop as futures need; what is scheduled runs in run()."""

    def __init__(self):
        self.ready = []
        self.reports = []

    def get_debug(self):
        return False

    def is_running(self):
        return True

    def call_soon(self, function, *args, context=None):
        self.ready.append((function, args))

    def call_exception_handler(self, context):
        self.reports.append(context)

    def run(self):
        while self.ready:
            function, args = self.ready.pop(0)
            function(*args)


class FutureTests(unittest.TestCase):
    def setUp(self):
        self.loop = Loop()

    def future(self):
        return _asyncio.Future(loop=self.loop)

    def test_uninitialized(self):
        """A future or task without __init__() is harmless."""
        for cls in _asyncio.Future, _asyncio.Task:
            future = cls.__new__(cls)
            for name in dir(cls):
                if not name.startswith("__"):
                    for args in (), (1,):
                        try:
                            value = getattr(future, name)
                            if callable(value):
                                value(*args)
                        except (RuntimeError, TypeError, ValueError,
                                asyncio.InvalidStateError):
                            pass
            self.assertRaises(RuntimeError, iter, future)
            self.assertRaises(RuntimeError, repr, future)

    def test_made_by_type(self):
        """The helper types can be instantiated, to no effect."""
        future = self.future()
        self.assertEqual(list(type(iter(future))()), [])
        task = _asyncio.Task(self.coroutine(), loop=self.loop)
        self.assertRaises(TypeError, type(self.loop.ready[0][0])())
        self.loop.run()
        self.assertEqual(task.result(), 1)

    async def coroutine(self):
        return 1

    def test_init_again(self):
        """__init__() makes a future as new, also while its callbacks are handed out."""
        future = self.future()

        def call_soon(function, *args, context=None):
            future.__init__(loop=self.loop)
        self.loop.call_soon = call_soon
        for _ in range(3):
            future.add_done_callback(print)
        future.set_result(1)
        self.assertFalse(future.done())
        self.assertIsNone(future._callbacks)

    def test_result_that_looks_back(self):
        """What a future held may use it while __init__() makes it as new."""
        future = self.future()
        seen = []

        class Looking:
            def __del__(self):
                seen.append(future.done())
                future.__init__(loop=future_loop)
                future.set_result(2)
        future_loop = self.loop
        future.set_result(Looking())
        future.__init__(loop=self.loop)
        self.assertEqual(seen, [False])
        self.assertEqual(future.result(), 2)
        future.__init__(loop=self.loop)
        self.assertFalse(future.done())

    def test_callbacks_that_compare(self):
        """Comparing callbacks may change the callbacks."""
        future = self.future()

        class Comparing:
            def __eq__(self, other):
                if other is len:
                    future.remove_done_callback(print)
                    future.add_done_callback(repr)
                return True
        for function in print, Comparing(), print, Comparing():
            future.add_done_callback(function)
        future.remove_done_callback(len)
        future.cancel()
        self.assertIsNone(future._callbacks)

    def test_exception_class_that_finishes(self):
        """An exception class may set the result of the future while it is called."""
        future = self.future()

        class Odd(Exception):
            def __init__(self):
                future.set_result(1)
        self.assertRaises(asyncio.InvalidStateError, future.set_exception, Odd)
        self.assertEqual(future.result(), 1)

    def test_chain(self):
        """A long chain of futures goes away without recursion."""
        future = None
        for _ in range(100_000):
            future, last = self.future(), future
            future.set_result(last)
        del future, last

    def test_cycles(self):
        """Futures, tasks, iterators and steps in cycles are collected."""
        async def wait(future):
            future.task = asyncio.current_task(self.loop)
            await future
        future = self.future()
        _asyncio.Task(wait(future), loop=self.loop)
        self.loop.run()
        future.task._log_destroy_pending = False
        future.step, future.loop = iter(future), self.loop
        ref = weakref.ref(future)
        del future
        self.loop = None
        gc.collect()
        self.assertIsNone(ref())

    def test_log(self):
        """Exceptions nobody asks for and pending tasks that go away are reported."""
        future = self.future()
        future.set_exception(ValueError("lost"))
        del future
        task = _asyncio.Task(self.coroutine(), loop=self.loop)
        self.loop.ready.clear()
        del task
        self.assertEqual([report["message"] for report in self.loop.reports],
                         ["Future exception was never retrieved",
                          "Task was destroyed but it is pending!"])
        for report in self.loop.reports:        # they would be reported again
            if "task" in report:
                report["task"]._log_destroy_pending = False
                report["task"].get_coro().close()

    def test_running_loop_is_of_the_thread(self):
        """The running loop is the thread's own."""
        seen = []
        _asyncio._set_running_loop(5)
        try:
            thread = threading.Thread(target=lambda: seen.append(_asyncio._get_running_loop()))
            thread.start()
            thread.join()
            self.assertEqual(seen, [None])
            self.assertEqual(_asyncio.get_running_loop(), 5)
        finally:
            _asyncio._set_running_loop(None)


@support.needs_failing_allocations
class MemoryTests(unittest.TestCase):
    """Every allocation may fail: MemoryError, and nothing is lost."""

    def check(self, action):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # coroutines never awaited
            support.lost_blocks(action)         # fills caches of what failures lead to
            lost, number = support.lost_blocks(action)
        self.assertGreater(number, 2)
        self.assertLess(lost, 5)

    def test_future(self):
        def action():
            future = _asyncio.Future(loop=Loop())
            for function in print, len, repr:
                future.add_done_callback(function)
            future._callbacks
            future.remove_done_callback(len)
            it = iter(future)
            next(it)
            future.set_result(3)
            next(it, None)
        self.check(action)

    def test_cancel(self):
        def action():
            future = _asyncio.Future(loop=Loop())
            future.cancel("message")
            try:
                future.result()
            except asyncio.CancelledError:
                pass
        self.check(action)

    def test_task(self):
        async def work(future):
            await asyncio.sleep(0)
            await future

        def action():
            loop, tasks = Loop(), []
            future = _asyncio.Future(loop=loop)
            try:
                tasks.append(_asyncio.Task(work(future), loop=loop, name="name"))
                tasks.append(_asyncio.Task(work(future), loop=loop, eager_start=True))
                loop.run()
                future.set_result(1)
                loop.run()
            finally:
                for task in tasks:
                    task._log_destroy_pending = task._log_traceback = False
            for task in tasks:
                # The exception of a task, a MemoryError, is not lost.
                if task.done():
                    task.result()
        hook, sys.unraisablehook = sys.unraisablehook, lambda unraisable: None
        try:
            self.check(action)
        finally:
            sys.unraisablehook = hook

    def test_module(self):
        def failed_import():
            try:
                self.import_again()
            except RuntimeError as error:       # importlib makes it of a lock that fails
                raise MemoryError from error
        support.fail_each_allocation(failed_import)
        self.import_again()

    @staticmethod
    def import_again():
        saved = sys.modules.pop("_asyncio")
        try:
            import _asyncio as fresh
            assert fresh is not saved
        finally:
            sys.modules["_asyncio"] = saved


class InterpreterTests(unittest.TestCase):
    def test_parallel(self):
        """Interpreters run loops of their own at the same time."""
        support.run_in_interpreters(textwrap.dedent("""
            import asyncio, _asyncio
            async def work(n):
                await asyncio.sleep(0)
                return n
            async def main():
                assert len(asyncio.all_tasks()) == 1
                return await asyncio.gather(*map(work, range(50)))
            assert asyncio.run(main()) == list(range(50))
            assert asyncio.Task is _asyncio.Task
            assert not _asyncio._current_tasks and not _asyncio._eager_tasks
        """), 3)


if __name__ == "__main__":
    unittest.main()
