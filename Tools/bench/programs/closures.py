"""Closures, lambdas, sorting by key, map and filter."""


def adder(n):
    return lambda x: x + n


def main():
    functions = [adder(i) for i in range(100)]
    total = 0
    for _ in range(3000):
        for f in functions:
            total = f(total) & 0xFFFF
    return total + sum(map(lambda v: v * 2, filter(lambda v: v % 2, range(200_000))))


print([main() for _ in range(8)][-1])
