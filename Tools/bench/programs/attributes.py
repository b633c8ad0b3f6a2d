"""Attributes and methods of instances."""


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, dx, dy):
        return Point(self.x + dx, self.y + dy)

    @property
    def size(self):
        return self.x * self.x + self.y * self.y


def main():
    p = Point(0, 0)
    total = 0
    for i in range(150_000):
        p = p.moved(1, 2)
        total += p.size
    return total


print([main() for _ in range(8)][-1])
