"""Strings: joining, splitting, replacing, formatting."""


def main():
    words = ["word%d" % (i % 977) for i in range(100_000)]
    text = " ".join(words)
    count = 0
    for part in text.split("word9"):
        count += len(part.strip().upper())
    text = text.replace("word1", "WORD-1").lower()
    return count + text.count("8") + len("".join(f"{i:>6}|" for i in range(60_000)))


print([main() for _ in range(8)][-1])
