"""_zoneinfo in C against the Python version; TZ strings; caches; interpreters; failing allocations.

CPython's test_zoneinfo, which needs lzma, tests the semantics; here is what it leaves out.
"""

import contextlib
import gc
import io
import random
import struct
import unittest
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import _common
from zoneinfo import _zoneinfo as pure

import _zoneinfo

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

ZoneInfo = _zoneinfo.ZoneInfo
HAVE_DATA = bool(zoneinfo.available_timezones())


def tzif(rule, transitions=(), types=((0, 0, "AAA"),)):
    """The bytes of a TZif file: transitions are (seconds, type), types (offset, dst, name)."""
    names = b"".join(name.encode() + b"\0" for *_, name in types)
    blocks = b""
    for letter in "lq":
        times = [when if letter == "q" else 0 for when, _ in transitions]
        blocks += b"TZif2" + bytes(15) + struct.pack(
            ">6l", 0, 0, 0, len(transitions), len(types), len(names))
        blocks += struct.pack(f">{len(times)}{letter}", *times)
        blocks += bytes(index for _, index in transitions)
        start = 0
        for offset, dst, name in types:
            blocks += struct.pack(">lbb", offset, dst, start)
            start += len(name) + 1
        blocks += names
    return blocks + b"\n" + rule.encode() + b"\n"


def zone(*args, cls=ZoneInfo, **kwargs):
    return cls.from_file(io.BytesIO(tzif(*args, **kwargs)))


def facts(z, moment, dst=True):
    """All that a zone says about a point in UTC and about the same reading of a local clock."""
    utc = z.fromutc(moment.replace(tzinfo=z))
    local = [moment.replace(tzinfo=z, fold=fold) for fold in (0, 1)]
    return (str(utc), utc.fold, [(t.utcoffset(), t.tzname(), dst and t.dst())
                                 for t in (utc, *local)])


class PureTests(unittest.TestCase):
    @unittest.skipUnless(HAVE_DATA, "needs a time zone database")
    def test_database(self):
        """Points all over the years, and around the transitions of a year."""
        rng = random.Random(1)
        keys = sorted(zoneinfo.available_timezones())
        for key in rng.sample(keys, 50) + ["Europe/Dublin", "Africa/Casablanca", "Asia/Tehran"]:
            ours, theirs = ZoneInfo.no_cache(key), pure.ZoneInfo.no_cache(key)
            self.assertEqual(ours.utcoffset(None), theirs.utcoffset(None), key)
            points = [datetime(rng.randint(2, 9997), 1, 1) + timedelta(
                seconds=rng.randrange(31 * 10**6)) for _ in range(60)]
            year = rng.choice([1945, 1976, 2005, 2030, 2061])
            points += [datetime(year, 1, 1) + timedelta(hours=6 * n) for n in range(0, 1460, 7)]
            for point in points:
                self.assertEqual(facts(ours, point), facts(theirs, point), (key, point))

    def test_synthetic(self):
        """Zones of random transitions, with and without a rule; what DST adds there is a guess."""
        rng = random.Random(2)
        for _ in range(150):
            types = [(rng.randrange(-40000, 40000), rng.randrange(2), name)
                     for name in ("A", "B", "C", "D")[:rng.randint(2, 4)]]
            times = sorted(rng.sample(range(0, 10**9), rng.randint(2, 8)))
            transitions = [(when, rng.randrange(len(types))) for when in times]
            rule = rng.choice(["", "LST-3LDT,M3.2.0,M11.1.0", "XXX3YYY2:30,J100/3,J250/-5",
                               "<-03>3<-02>,M10.1.0/0,M3.5.4/26"])
            ours = zone(rule, transitions, types)
            try:
                theirs = zone(rule, transitions, types, cls=pure.ZoneInfo)
            except IndexError:
                continue        # it does not bear DST without standard time at the end
            # A file does not say what was before its first transition, and says the same as its
            # rule around the last one; ours need not.
            for when in times[1:-1]:
                for seconds in (-86400, -3600, -1, 0, 1, 5000, 40000):
                    point = datetime(1970, 1, 1) + timedelta(seconds=when + seconds)
                    if times[0] + 10**6 < when + seconds < times[-1] - 10**6:
                        self.assertEqual(facts(ours, point, False), facts(theirs, point, False))
            for n in range(300):
                point = datetime(2010, 1, 1) + timedelta(hours=31 * n)
                if point.timetuple().tm_yday not in (1, 2, 365, 366):
                    self.assertEqual(facts(ours, point, False), facts(theirs, point, False), rule)


class RuleTests(unittest.TestCase):
    def test_days(self):
        """The three forms of days, in a leap year and another one."""
        for text, year, expected in [
                ("M3.2.0", 2020, (3, 8)), ("M2.5.6", 2020, (2, 29)), ("M2.5.6", 2021, (2, 27)),
                ("M12.5.4", 2021, (12, 30)), ("J59", 2020, (2, 28)), ("J60", 2020, (3, 1)),
                ("J60", 2021, (3, 1)), ("59", 2020, (2, 29)), ("59", 2021, (3, 1)),
                ("J365", 2020, (12, 31)), ("30", 2021, (1, 31))]:
            z = zone(f"STD0DST,{text}/12,{text}/15", types=())
            day = datetime(year, *expected, tzinfo=z)
            for hour, name in (11, "STD"), (13, "DST"), (15, "STD"):
                self.assertEqual(day.replace(hour=hour).tzname(), name, (text, year, hour))

    def test_permanent_dst(self):
        """It ends each year at the moment at which it starts."""
        z = zone("EST5EDT,0/0,J365/25", types=())
        for year in range(2019, 2025):
            for point in datetime(year, 1, 1), datetime(year, 7, 1), datetime(year, 12, 31, 23, 59):
                self.assertEqual(point.replace(tzinfo=z).tzname(), "EDT")
                utc = z.fromutc(point.replace(tzinfo=z))
                self.assertEqual((utc.tzname(), utc.fold), ("EDT", 0))

    def test_late_days(self):
        """Both changes of a year may come in the next one."""
        z = zone("AAA4BBB,365/167,364/160", types=())
        names = {datetime(year, 1, day, tzinfo=z).tzname() for year in (1, 2020, 2021, 9999)
                 for day in range(1, 9)}
        self.assertEqual(names, {"AAA", "BBB"})

    def test_negative_dst(self):
        z = zone("IST-1GMT0,M10.5.0,M3.5.0/1", types=())
        winter, summer = datetime(2030, 1, 1, tzinfo=z), datetime(2030, 7, 1, tzinfo=z)
        self.assertEqual((winter.tzname(), winter.dst()), ("GMT", timedelta(hours=-1)))
        self.assertEqual((summer.tzname(), summer.dst()), ("IST", timedelta(0)))
        twice = datetime(2030, 10, 27, 1, 30, tzinfo=z)
        self.assertEqual([twice.replace(fold=f).tzname() for f in (0, 1)], ["IST", "GMT"])
        self.assertEqual(twice.replace(fold=1).astimezone(UTC).astimezone(z).fold, 1)

    def test_malformed(self):
        for text, message in {
                "+5": "Invalid STD format in", "AAA": "Invalid STD offset in",
                "AAA25": "Invalid STD offset in", "AAA4:5": "Invalid STD offset in",
                "AAA4,M3.2.0,M11.1.0": "Invalid DST format in", "AAA4BBB": "Invalid DST offset in",
                "AAA4BBB,M3.2.0": "Missing transition rules in TZ string:",
                "AAA4BBB,M3.6.0,M11.1.0": "Malformed transition rule in TZ string:",
                "AAA4BBB,J0,J9": "Malformed transition rule in TZ string:",
                "AAA4BBB,M3.2.0/168,J9": "Malformed transition rule in TZ string:",
                "AAA4BBB,J8,J9,": "Extraneous characters at end of TZ string:",
                "": "No time zone information found"}.items():
            with self.assertRaisesRegex(ValueError, message):
                zone(text, types=())

    def test_strange_data(self):
        """What load_data() may give: errors, not crashes."""
        good = ((0,), (0,), (3600,), (0,), ("A",), b"A-1")
        for place, bad in [(0, (1,)), (0, (-1,)), (0, ("x",)), (0, ()), (1, (1.5,)), (1, (2**63,)),
                           (2, (2**31,)), (2, ()), (3, ()), (4, (5,)), (4, 5), (5, "A-1"), (5, 5)]:
            data = good[:place] + (bad,) + good[place + 1:]
            with self.subTest(data), self.load_data(data):
                self.assertRaises((ValueError, TypeError, OverflowError), ZoneInfo.from_file, 0)
        for data in None, (), 5:
            with self.load_data(data):
                self.assertRaises((ValueError, TypeError), ZoneInfo.from_file, 0)
        for when in -2**63, 2**63 - 1:
            with self.load_data(good[:1] + ((when,),) + good[2:]):
                z = ZoneInfo.from_file(0)
            for point in datetime.min, datetime.max:
                self.assertEqual(z.utcoffset(point), timedelta(hours=1))

    @contextlib.contextmanager
    def load_data(self, result):
        real = _common.load_data
        _common.load_data = lambda file: result
        try:
            yield
        finally:
            _common.load_data = real


class Sly(str):
    """A key that does something when it is compared."""

    action = staticmethod(lambda: None)

    def __eq__(self, other):
        self.action()
        return str(self) == other

    __hash__ = str.__hash__


@unittest.skipUnless(HAVE_DATA, "needs a time zone database")
class CacheTests(unittest.TestCase):
    def setUp(self):
        ZoneInfo.clear_cache()
        self.addCleanup(ZoneInfo.clear_cache)

    def test_changed_by_comparison(self):
        """Keys may clear the cache while it is searched."""
        kept = [ZoneInfo(key) for key in ("Europe/Berlin", "Asia/Tokyo", "UTC")]
        sly = Sly("UTC")
        sly.action = ZoneInfo.clear_cache
        self.assertEqual(ZoneInfo(sly).key, "UTC")
        kept.append(ZoneInfo("UTC"))
        sly = Sly("UTC")
        sly.action = lambda: 1 // 0
        self.assertRaises(ZeroDivisionError, ZoneInfo, sly)
        self.assertRaises(ZeroDivisionError, ZoneInfo.clear_cache, only_keys=[sly])
        del kept

    def test_subclasses(self):
        class Mine(ZoneInfo):
            pass

        mine = Mine("UTC")
        self.assertIs(mine, Mine("UTC"))
        self.assertIsNot(mine, ZoneInfo("UTC"))
        ZoneInfo.clear_cache()
        self.assertIs(mine, Mine("UTC"))
        Mine.clear_cache(only_keys=["UTC"])
        self.assertIsNot(mine, Mine("UTC"))
        del Mine._weak_cache
        self.assertRaises(AttributeError, Mine, "UTC")

    def test_cycle_through_key(self):
        class Key(str):
            pass

        key = Key("UTC")
        key.zone = ZoneInfo.no_cache(key)
        del key
        self.assertGreater(gc.collect(), 0)

    def test_values_like_datetimes(self):
        """What has the methods of a datetime will do."""
        class Like:
            hour, minute, second = 12, 0, 0

            def toordinal(self):
                return ordinal

        berlin = ZoneInfo("Europe/Berlin")
        ordinal = date(2020, 7, 1).toordinal()
        self.assertEqual(berlin.utcoffset(Like()), timedelta(hours=2))
        for ordinal in 0, 10**7, 2**40, 2**70, "x":
            self.assertRaises((OverflowError, TypeError), berlin.utcoffset, Like())


class InterpreterTests(unittest.TestCase):
    @unittest.skipUnless(HAVE_DATA, "needs a time zone database")
    def test_at_the_same_time(self):
        """Each interpreter has its own objects and cache; nothing is left of them."""
        code = ("from zoneinfo import ZoneInfo\nfrom datetime import *\n"
                "import _zoneinfo\nassert ZoneInfo is _zoneinfo.ZoneInfo\n"
                "z = ZoneInfo('Europe/Berlin')\nassert z is ZoneInfo('Europe/Berlin')\n"
                f"assert id(ZoneInfo) != {id(ZoneInfo)}\n"
                "for n in range(500):\n"
                "    t = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(n)\n"
                "    assert not t.astimezone(z) - t and t.astimezone(z).hour in (1, 2)\n")

        ladon_support.run_in_interpreters(code, 3)

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        """Each allocation fails once: MemoryError, and nothing is left behind."""
        data = tzif("LST-3LDT,M3.2.0,M11.1.0", [(0, 0), (10**8, 1), (2 * 10**8, 0)],
                    [(3600, 0, "A"), (7200, 1, "B")])

        def action():
            z = ZoneInfo.from_file(io.BytesIO(data), "key")
            for when in datetime(1972, 1, 1), datetime(2020, 11, 1, 1, 30):
                z.fromutc(when.replace(tzinfo=z))
            return repr(z), z.tzname(when)

        lost, number = ladon_support.lost_blocks(action)
        self.assertGreater(number, 30)
        self.assertLess(lost, 20)


if __name__ == "__main__":
    unittest.main()
