# An empty package for the tests of frozen modules.
