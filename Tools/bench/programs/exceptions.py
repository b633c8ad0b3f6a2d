"""Raising and catching."""


class Special(Exception):
    pass


def check(i):
    if i % 3 == 0:
        raise Special(i)
    return i


def main():
    total = 0
    for i in range(250_000):
        try:
            total += check(i)
        except Special as error:
            total -= error.args[0]
        finally:
            total += 1
    return total


print([main() for _ in range(8)][-1])
