# Suspended generators and objects of __main__ are finalised when the interpreter ends, and can
# still write.


def suspended():
    try:
        yield 1
    finally:
        print("generator finalised")


class Thing:
    def __del__(self):
        print("thing deleted")


generator = suspended()
next(generator)
thing = Thing()
print("end of the program")
