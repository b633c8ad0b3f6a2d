# An empty module for the tests of frozen modules.
