# The frozen module __hello_only__: one that is in the program and in no library.
initialized = True
print("Hello world!")
