"""Integers: small ones, large ones, conversion."""


def main():
    total = 0
    for i in range(600_000):
        total += (i * 3) ^ (i >> 2) & 0xFF
    big = 1
    for i in range(1, 1500):
        big *= i
    return total + len(str(big)) + big % 1_000_007


print([main() for _ in range(8)][-1])
