"""Making classes and dispatching on them."""


def main():
    total = 0
    for i in range(3000):
        cls = type("C%d" % i, (), {"value": i, "get": lambda self: self.value})
        total += cls().get()

    class Base:
        def run(self):
            return 1

    class Derived(Base):
        def run(self):
            return super().run() + 1

    objects = [Base(), Derived()] * 60_000
    return total + sum(o.run() for o in objects if isinstance(o, Base))


print([main() for _ in range(8)][-1])
