"""Lists: comprehension, sorting, slicing, appending."""


def main():
    values = [(i * 7919) % 100_003 for i in range(200_000)]
    values.sort()
    values.sort(key=lambda v: -v)
    out = []
    for v in values:
        if v % 3:
            out.append(v)
    return sum(out[::2]) + len(out[10:-10])


print([main() for _ in range(8)][-1])
