"""Messages through a channel, sent and received by two interpreters in turn, without waiting."""

import time

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

COUNT = 20000

RECEIVE = """
import _xxinterpchannels as channels
for _ in range(count):
    channels.recv(cid)
"""


def rate(message):
    """Return messages per second."""
    interp, cid = interpreters.create(), channels.create()
    interpreters.run_string(interp, "import _xxinterpchannels")
    start = time.perf_counter()
    for _ in range(COUNT):
        channels.send(cid, message)
    interpreters.run_string(interp, RECEIVE, {"cid": int(cid), "count": COUNT})
    spent = time.perf_counter() - start
    channels.destroy(cid)
    interpreters.destroy(interp)
    return COUNT / spent


print("messages: int", rate(12345), "/s")
print("messages: str", rate("a message of some length"), "/s")
print("messages: bytes 4 KiB", rate(bytes(4096)), "/s")
