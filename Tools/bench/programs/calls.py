"""Calls of Python functions: recursion, defaults, keywords."""


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def add(a, b=1, *, scale=1):
    return (a + b) * scale


def main():
    fib(24)
    total = 0
    for i in range(150_000):
        total = add(total, scale=1)
        total = add(total, b=2)
    return total


print([main() for _ in range(8)][-1])
