"""Floats: an n-body step by step."""


def main():
    x, y, z = 0.1, 0.2, 0.3
    vx, vy, vz = 0.01, 0.02, 0.03
    for _ in range(250_000):
        r2 = x * x + y * y + z * z
        f = 0.001 / (r2 + 0.01)
        vx -= f * x
        vy -= f * y
        vz -= f * z
        x += vx * 0.01
        y += vy * 0.01
        z += vz * 0.01
    return x + y + z


print([main() for _ in range(8)][-1])
