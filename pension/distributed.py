"""The same run on a Dask cluster (extra ``dask``): tasks settle parts where they are, and send back that it is done.

Workers read their rows and write their parts themselves, so they must see the files of input and output under the same
paths and run the same versions. A worker that dies costs the parts it was at; they are settled again elsewhere. Bytes
are those of the run on one machine.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from pension import batch
from pension.accounting import Regime
from pension.errors import refuse
from pension.runs.manifest import versions
from pension.runs.part_runs import Hooks, PartJob, settle_parts
from pension.runs.parts import PartDirectory
from pension.runs.settling import Settler
from pension.runs.targets import is_directory

if TYPE_CHECKING:
    from pension.inputs.opening import Source
    from pension.parameters import Parameters

ATTEMPTS: Final = 5
"""How often parts are handed out again after workers died."""
MOST_PARTS: Final = 4
"""Most parts of a task that nobody chose the size of."""


def run(
    input: Source,
    output: str | os.PathLike[str],
    regimes: Sequence[str | Regime] = batch.DEFAULT_REGIMES,
    *,
    scheduler: Any,
    threads: int = 1,
    parts_a_task: int = 0,
    progress: batch.Progress | None = None,
    **options: Any,
) -> batch.RunSummary:
    """``pension.run`` into a directory of parts on a cluster.

    ``scheduler`` is an address (tcp://..) or a ``distributed.Client``; ``threads`` those of one task (0 is one: a
    worker has a slot for each task); ``parts_a_task`` how many parts a task settles, one after the other (0: up
    to four, each slot having two tasks or more). A row group or record batch that lies in the parts of two tasks is
    read for both. Other options as in ``pension.run``, but for ``observer`` and ``monitor``, which see one process.
    """
    if not is_directory(Path(output)):
        raise refuse("a cluster writes parts: give a directory (a name without suffix)", file=str(output))
    concerned = next((name for name in ("observer", "monitor") if options.get(name) is not None), None)
    if concerned is not None:
        raise refuse("sees one process, not a cluster", column=concerned)
    cluster = _Cluster(scheduler, max(threads, 1), max(parts_a_task, 0))
    return batch.run(input, output, regimes, progress=progress, execute=cluster, **options)


@dataclass(frozen=True)
class _Cluster:
    """Settles parts on a cluster (``batch.Execute``)."""

    scheduler: Any
    threads: int
    parts_a_task: int

    def __call__(self, job: PartJob, directory: PartDirectory, parts: Sequence[int], hooks: Hooks) -> None:
        client, mine = _client(self.scheduler)
        try:
            waiting = list(parts)
            for _ in range(ATTEMPTS):
                if not waiting:
                    return
                waiting = self._hand_out(client, job, waiting, hooks, len(parts) - len(waiting))
            if waiting:
                rule = f"workers died {ATTEMPTS} times; {len(waiting):,} parts are not done"
                raise refuse(rule, column="--scheduler")
        finally:
            if mine:
                _sent.clear()
                client.close()

    def _hand_out(self, client: Any, job: PartJob, parts: list[int], hooks: Hooks, done: int) -> list[int]:
        """Let the workers settle parts; those that were lost with workers."""
        import distributed

        # On every worker, so that one that dies takes nothing along that another needs.
        sent = client.scatter(replace(job, parameters=cast(Any, None)), broadcast=True, hash=False)
        values = _parameters_on(client, job.parameters)
        size = self.parts_a_task or _parts_a_task(len(parts), sum(client.nthreads().values()))
        chunks = [parts[at : at + size] for at in range(0, len(parts), size)]
        told = versions()
        futures = {client.submit(_task, sent, values, chunk, self.threads, told, pure=False): chunk for chunk in chunks}
        lost: list[int] = []
        try:
            for future in distributed.as_completed(futures):  # type: ignore[no-untyped-call]
                if future.status == "finished":
                    for number in futures[future]:
                        done += 1
                        if hooks.part_done is not None:
                            hooks.part_done(number)
                        if hooks.progress is not None:
                            hooks.progress(min(done * job.size, job.people.total))
                    continue
                error = future.exception() if future.status == "error" else None
                if error is not None and not _died(error):
                    raise error
                lost += futures[future]
        finally:
            client.cancel(list(futures))
        return sorted(lost)


def _client(scheduler: Any) -> tuple[Any, bool]:
    """(client, made here)."""
    try:
        from distributed import Client
    except ImportError as error:
        raise refuse("needs the extra dask: pip install 'pension-portability[dask]'", column="--scheduler") from error
    if isinstance(scheduler, Client):
        return scheduler, False
    try:
        return Client(scheduler), True  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise refuse(f"no scheduler answers there ({error})", column="--scheduler", value=scheduler) from error


def _died(error: BaseException) -> bool:
    """True for what a task fails of when workers died, not of itself."""
    from distributed import KilledWorker

    return isinstance(error, KilledWorker)


_sent: dict[str, Any] = {}
"""The parameters that were sent last: what stands for them on the workers, by their hash and the client's."""


def _parameters_on(client: Any, parameters: Parameters) -> Any:
    """The parameters on every worker. They are most of what a job consists of, and the same for many runs."""
    key = f"{client.id} {parameters.hash}"
    if key not in _sent or _sent[key].status != "finished":
        _sent.clear()
        _sent[key] = client.scatter(parameters, broadcast=True, hash=False)
    return _sent[key]


def _parts_a_task(parts: int, slots: int) -> int:
    """Within a task the next part is read while one is settled and the last one written, so a task has several; but few
    enough that slots do not wait for the last one, and that little is lost with a worker."""
    return max(1, min(MOST_PARTS, parts // (2 * max(slots, 1))))


_settlers: dict[str, Settler] = {}
"""The last job of this process, ready to settle."""


def _task(job: PartJob, parameters: Parameters, parts: list[int], threads: int, told: dict[str, str]) -> int:
    """Settle parts in a worker; how many. ``job`` comes without its parameters."""
    from pension._compile import set_threads

    mine = versions()
    if mine != told:
        names = ", ".join(name for name in told if mine.get(name) != told[name])
        raise refuse(f"a worker runs another version of: {names}", column="--scheduler")
    set_threads(threads)
    job = replace(job, parameters=parameters)
    directory = job.open()
    settler = _settlers.get(directory.hash)
    if settler is None:
        _settlers.clear()
        settler = _settlers[directory.hash] = job.settler()
    settle_parts(job, directory, parts, Hooks(), settler)
    return len(parts)
