"""A sieve over a bytearray."""


def main():
    n = 1_000_000
    sieve = bytearray([1]) * (n + 1)
    sieve[0:2] = b"\0\0"
    for i in range(2, 1001):
        if sieve[i]:
            sieve[i * i::i] = bytes(len(range(i * i, n + 1, i)))
    count = 0
    for flag in sieve:
        count += flag
    return count


print([main() for _ in range(8)][-1])
