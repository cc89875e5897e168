"""Judges chunks of an archive, in this process or in several, always in input order and with little in flight."""

import asyncio
import json
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from listward.cli.archives import Record, RecordError
from listward.cli.configured import configuration_at
from listward.cli.judging import Given, NoNames, offline_judge, transaction_for
from listward.cli.verdicts import as_json
from listward.filters.identity.origin import OriginKind
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement, Mode
from listward.filters.verdict_json import queue_of

CHUNK_RECORDS, CHUNK_OCTETS = 64, 2_000_000
IN_FLIGHT = 3


@dataclass(frozen=True, slots=True)
class Orders:
    """How to judge: the configuration folders (one, or two to compare), what is given, whether JSON is wanted."""

    directories: tuple[Path | None, ...]
    given: Given
    origin: OriginKind | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """One policy's verdict on one message, in short."""

    action: str
    queue: str
    rules: tuple[str, ...]
    shadow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One message judged: by each policy, or why it could not be."""

    path: str
    verdicts: tuple[Verdict, ...] = ()
    origin: str = ""
    line: str = ""
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether two policies differ on what people notice."""
        return len({(verdict.action, verdict.queue) for verdict in self.verdicts}) > 1


def judge_all(records: Iterable[Record], orders: Orders, jobs: int) -> Iterator[Result]:
    """Yield one result a record, in input order; with several jobs at most a few chunks for each are in flight."""
    judges_for(orders.directories)  # read once, here: faults are named at once, and forked workers inherit it
    chunks = _chunks(records)
    if jobs == 1:
        for chunk in chunks:
            yield from judge_chunk(orders, chunk)
        return
    # Forked workers inherit the judges; where threads run, a fork could inherit their locks, so workers start anew.
    context = multiprocessing.get_context("fork" if threading.active_count() == 1 else "spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting: deque[Future[list[Result]]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(judge_chunk, orders, chunk))
            if len(waiting) >= jobs * IN_FLIGHT:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


@cache
def judges_for(directories: tuple[Path | None, ...]) -> tuple[Judge, ...]:
    """Return a judge for each folder, made once a process."""
    return tuple(offline_judge(configuration_at(directory), NoNames()) for directory in directories)


def judge_chunk(orders: Orders, chunk: list[Record]) -> list[Result]:
    """Judge a chunk in one event loop."""
    return asyncio.run(_judge_chunk(orders, chunk))


async def _judge_chunk(orders: Orders, chunk: list[Record]) -> list[Result]:
    judges = judges_for(orders.directories)
    return [await _judge(orders, judges, record) for record in chunk]


async def _judge(orders: Orders, judges: tuple[Judge, ...], record: Record) -> Result:
    try:
        identity, stored = record.message()
    except RecordError as error:
        return Result(record.path, error=str(error))
    judgements = []
    for judge in judges:
        transaction, message = transaction_for(stored, orders.given, judge.directory, time.time())
        at_word = orders.origin is None
        judgements.append(await judge.judge(transaction, orders.origin, at_word, message))
    verdicts = tuple(map(_verdict, judgements))
    line = json.dumps(_object(record.path, identity, judgements)) if orders.as_json else ""
    return Result(record.path, verdicts, judgements[0].origin.kind.value, line)


def _object(path: str, identity: str, judgements: list[Judgement]) -> dict[str, Any]:
    shown = as_json(path, judgements[0])
    if identity:
        shown["id"] = identity
    if len(judgements) > 1:
        other = as_json(path, judgements[1])
        shown["against"] = {key: other[key] for key in ("action", "queue", "reply", "recipients", "policy")}
        shown["changed"] = (shown["action"], shown["queue"]) != (other["action"], other["queue"])
    return shown


def _verdict(judgement: Judgement) -> Verdict:
    fired = [outcome for verdict in judgement.recipients for outcome in verdict.outcomes if outcome.fired]
    return Verdict(
        judgement.action.value,
        queue_of(judgement),
        tuple(dict.fromkeys(outcome.rule for outcome in fired if outcome.action is not None)),
        tuple(dict.fromkeys(outcome.rule for outcome in fired if outcome.mode is Mode.SHADOW)),
    )


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    octets = 0
    for record in records:
        chunk.append(record)
        octets += len(record.data)
        if len(chunk) >= CHUNK_RECORDS or octets >= CHUNK_OCTETS:
            yield chunk
            chunk, octets = [], 0
    if chunk:
        yield chunk
