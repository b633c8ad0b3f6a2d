"""What the programs of test_ladon_wheels share: call, and print the result or the traceback.

The output is the same on every Python 3.12 at every place: paths are cut down to their last parts.
"""

import os
import re
import sys
import traceback

LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


def clean(text):
    """Return TEXT without the parts of it that depend on machine or library release."""
    text = re.sub(re.escape(LIBRARY) + r'(.*)", line \d+', r'\1", line ?', text)
    for path in sys.path:
        if path and os.path.isdir(path):
            text = text.replace(os.path.abspath(path) + os.sep, "")
    return text


def show(label, function, *args, **kwargs):
    """Print LABEL and repr(function(*args, **kwargs)), or the whole traceback."""
    try:
        result = function(*args, **kwargs)
    except BaseException:
        print(f"{label}:\n{clean(traceback.format_exc())}", end="")
    else:
        print(f"{label}: {clean(repr(result))}")


def subclass_tree(exception):
    """Return the names of the classes that EXCEPTION is an instance of."""
    return [cls.__name__ for cls in type(exception).__mro__]
