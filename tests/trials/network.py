"""A line like that of a hotel on another continent: a TCP proxy that delays, limits and loses.

Loss on a TCP connection is not seen as missing bytes but as waiting: a lost segment is sent again after the
retransmission time-out, and what was sent after it waits for it. So each segment of 1,460 bytes is lost with the given
chance, and a lost one stalls its direction by one round trip and a half, at least by 200 ms (RFC 6298).
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

SEGMENT = 1460
LEAST_TIMEOUT = 0.2


@dataclass(frozen=True)
class Line:
    """Seconds for a round trip, bits per second in each direction, the chance that a segment is lost."""

    round_trip: float = 0.4
    bits_per_second: float = 1_000_000
    loss: float = 0.02


@contextlib.contextmanager
def behind(line: Line, port: int, seed: int = 1) -> Iterator[int]:
    """Yield the port of a proxy to `127.0.0.1:port` over a line."""
    loop = asyncio.new_event_loop()
    proxy = _Proxy(line, port, random.Random(seed))
    started = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        proxy.port = loop.run_until_complete(proxy.listen())
        started.set()
        loop.run_forever()
        everything = asyncio.all_tasks(loop)
        for task in everything:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*everything, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait()
    try:
        yield proxy.port
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


class _Proxy:
    def __init__(self, line: Line, target: int, chance: random.Random) -> None:
        self.line, self.target, self.chance = line, target, chance
        self.port = 0
        self.free_at = {"up": 0.0, "down": 0.0}  # when each direction of the line has room again

    async def listen(self) -> int:
        self.server = await asyncio.start_server(self.connected, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.line.round_trip)  # SYN and its answer
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry("up", reader, far_writer), self.carry("down", far_reader, writer))

    async def carry(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what comes, each segment when it would arrive: in order, none before the one ahead of it."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        deliver = asyncio.create_task(self.deliver(queue, writer))
        loop, arrives = asyncio.get_running_loop(), 0.0
        with contextlib.suppress(OSError):
            while data := await reader.read(SEGMENT):
                sent = max(loop.time(), self.free_at[way]) + len(data) * 8 / self.line.bits_per_second
                self.free_at[way] = sent
                lost = max(LEAST_TIMEOUT, 1.5 * self.line.round_trip) if self.chance.random() < self.line.loss else 0
                arrives = max(arrives, sent + self.line.round_trip / 2 + lost)
                await queue.put((arrives, data))
        await queue.put((max(arrives, loop.time() + self.line.round_trip / 2), b""))
        await deliver

    async def deliver(self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                arrives, data = await queue.get()
                await asyncio.sleep(max(0.0, arrives - loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
