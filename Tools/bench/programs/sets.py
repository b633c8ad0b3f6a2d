"""Sets, tuples and hashing."""


def main():
    seen = set()
    for i in range(250_000):
        seen.add((i % 500, i % 701))
    other = {(a, b) for a in range(300) for b in range(300)}
    return len(seen & other) + len(seen - other) + len(frozenset(range(100_000)) | {1, 2})


print([main() for _ in range(8)][-1])
