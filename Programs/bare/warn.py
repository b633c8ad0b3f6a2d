"""The module _warnings without the module warnings."""

import _warnings
import sys

folder = __file__.rpartition("/")[0] + "/"


class Sink:
    """Prints what is written, without the folder of this file."""

    def write(self, text):
        print(text.replace(folder, ""), end="")

    def flush(self):
        pass


sys.stderr = Sink()


def t(s, g=None):
    try:
        print(s, '->', repr(eval(s)))
    except BaseException as e:
        print(s, '->', type(e).__name__, e)


t('_warnings.warn("hello")')
t('_warnings.warn("hello")')


def f():
    _warnings.warn("in f", DeprecationWarning, 2)


f()
t('_warnings.warn("a",int)')
t('_warnings.warn("a","b")')
t('_warnings.warn(UserWarning("inst"))')
t('_warnings.warn()')
t('_warnings.warn("q",skip_file_prefixes=(1,))')
t('_warnings.warn("q",skip_file_prefixes=[1])')
t('_warnings.warn("q",skip_file_prefixes=("/nope",))')
t('_warnings.warn_explicit("m",UserWarning,"file.py",12)')
t('_warnings.warn_explicit("m",UserWarning,"file.py",12,"mod",{})')
t('_warnings.warn_explicit("m",UserWarning,"file.py",12,"mod",3)')
t('_warnings.warn_explicit("m",UserWarning,"file.py",12,module=None)')
t('_warnings.warn_explicit("m",UserWarning,1,12)')
t('_warnings.warn_explicit("m",UserWarning,"f",12,"m",{},3)')
_warnings.filters.insert(0, ("error", None, UserWarning, None, 0))
_warnings._filters_mutated()
t('_warnings.warn("hello")')
_warnings.filters[0] = ("once", None, UserWarning, None, 0)
_warnings._filters_mutated()
for i in range(3):
    t('_warnings.warn("once")')
    t('_warnings.warn("once")')
_warnings.filters[0] = ("module", None, UserWarning, None, 0)
_warnings._filters_mutated()
for i in range(3):
    t('_warnings.warn("mod")')
    t('_warnings.warn("mod")')
_warnings.filters[0] = ("always", None, UserWarning, None, 0)
_warnings._filters_mutated()
for i in range(2):
    t('_warnings.warn("alw")')
_warnings.filters[0] = ("bogus", None, UserWarning, None, 0)
_warnings._filters_mutated()
t('_warnings.warn("x")')
_warnings.filters[0] = ("ignore", None, UserWarning, None, 0)
_warnings._filters_mutated()
t('_warnings.warn("x")')
_warnings.filters[0] = (1, None, UserWarning, None, 0)
_warnings._filters_mutated()
t('_warnings.warn("x")')
_warnings.filters[0] = 1
_warnings._filters_mutated()
t('_warnings.warn("x")')
_warnings.filters[0] = ("always", "text", UserWarning, "__main__", 5)
_warnings._filters_mutated()
t('_warnings.warn("text")')


class Pat:
    def match(s, x):
        print('match', x)
        return True


_warnings.filters[0] = ("error", Pat(), UserWarning, Pat(), 0)
_warnings._filters_mutated()
t('_warnings.warn("text")')
