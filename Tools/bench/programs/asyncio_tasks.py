"""asyncio: many short tasks, two tasks that hand items to each other, futures."""

import asyncio


async def short(n):
    await asyncio.sleep(0)
    return n


async def gathered(n):
    return sum(await asyncio.gather(*map(short, range(n))))


async def player(n, inbox, outbox):
    total = 0
    for i in range(n):
        total += await inbox.get()
        await outbox.put(i)
    return total


async def ping_pong(n):
    there, back = asyncio.Queue(1), asyncio.Queue(1)
    await there.put(1)
    return await asyncio.gather(player(n, there, back), player(n, back, there))


async def futures(n):
    loop = asyncio.get_running_loop()
    total = 0
    for i in range(n):
        future = loop.create_future()
        loop.call_soon(future.set_result, i)
        total += await future
    return total


async def main():
    for _ in range(3):
        result = await gathered(10_000), await ping_pong(5_000), await futures(10_000)
    print(result)


asyncio.run(main())
