"""Generators, yield from, iterators."""


def numbers(n):
    for i in range(n):
        yield i


def both(n):
    yield from numbers(n)
    yield from (i * 2 for i in numbers(n))


def main():
    return sum(both(300_000)) + sum(a * b for a, b in zip(numbers(200_000), numbers(200_000)))


print([main() for _ in range(8)][-1])
