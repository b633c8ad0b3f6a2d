"""Dicts with str and int keys."""


def main():
    table = {}
    for i in range(200_000):
        key = "k%d" % (i % 5000)
        table[key] = table.get(key, 0) + i
    squares = {i: i * i for i in range(200_000)}
    return sum(table.values()) + sum(squares[i] for i in range(0, 200_000, 7))


print([main() for _ in range(8)][-1])
