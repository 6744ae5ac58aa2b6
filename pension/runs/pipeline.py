"""Reading ahead and writing behind in threads with short queues, so that disk and kernels work at the same time.

What goes wrong in a thread is raised where its results are awaited; a consumer that stops early ends the threads.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

_END: Final = object()
_PATIENCE: Final = 0.1
"""Seconds after which a waiting thread looks whether it is still wanted."""


class _Failure:
    """What a thread died of."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(items: Iterator[T], depth: int = 1) -> Iterator[T]:
    """The same items, made in another thread at most ``depth`` + 1 ahead of the consumer."""
    waiting: queue.Queue[Any] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=_PATIENCE)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as error:
            put(_Failure(error))
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=work, name="pension reader", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        stopped.set()
        thread.join()


class Abandoned(Exception):
    """The producer gave up: what was written so far is to be thrown away."""


class Behind(Generic[T]):
    """A thread that hands what it is given, in order, to ``consume(items)``."""

    def __init__(self, consume: Callable[[Iterator[T]], None], depth: int = 1) -> None:
        self._waiting: queue.Queue[Any] = queue.Queue(depth)
        self._error: BaseException | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(consume,), name="pension writer", daemon=True)
        self._thread.start()

    def _items(self) -> Iterator[T]:
        while (item := self._waiting.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item

    def _work(self, consume: Callable[[Iterator[T]], None]) -> None:
        try:
            consume(self._items())
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()

    def put(self, item: object) -> None:
        """Hand over; waits while the queue is full, raises what the thread died of."""
        while not self._done.is_set():
            try:
                self._waiting.put(item, timeout=_PATIENCE)
                return
            except queue.Full:
                continue
        if self._error is not None:
            raise self._error

    def finish(self) -> None:
        """Say that nothing more comes; ``join`` waits for the end."""
        self.put(_END)

    def join(self) -> None:
        """Wait for the end; raises what the thread died of."""
        # In slices, so that Ctrl-C is noticed.
        while not self._done.wait(_PATIENCE):
            pass
        self._thread.join()
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        """End the thread without keeping what it made; raises nothing."""
        while not self._done.is_set():
            try:
                self._waiting.put(_Failure(Abandoned()), timeout=_PATIENCE)
                break
            except queue.Full:
                continue
        self._thread.join()
