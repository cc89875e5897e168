"""Judges messages of an archive by one policy or two, and counts what came of them."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from listward.cli.archives import Record, RecordError
from listward.cli.configured import configuration_at
from listward.cli.expectations import enforcing
from listward.cli.judging import Given, NoNames, as_received, offline_judge, transaction_of
from listward.cli.replay_marks import Marks
from listward.cli.tally import Judged, Tally
from listward.cli.verdicts import as_json
from listward.filters.identity.origin import OriginKind
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.reading import prepare, read


@dataclass(frozen=True, slots=True)
class Orders:
    """How to judge: the configuration folders (one, or two to compare), what is given, whether JSON is wanted.

    `in_force`: policies that only observe are taken as if they were in force. `began` is when the run began, in Unix
    seconds: messages without a date are judged as of then.
    """

    directories: tuple[Path | None, ...]
    given: Given
    origin: OriginKind | None
    as_json: bool
    began: float
    in_force: bool = False


@cache
def judges_for(directories: tuple[Path | None, ...], in_force: bool = False) -> tuple[Judge, ...]:
    """Return a judge for each folder, made once a process."""
    found = [configuration_at(directory) for directory in directories]
    judges = [offline_judge(enforcing(each) if in_force else each, NoNames()) for each in found]
    for judge in judges[1:]:
        judge.model = judges[0].model  # it is the one that ships
    for judge in judges:
        prepare(judge.context)  # before any message's time is bounded
    return tuple(judges)


def judge_chunk(orders: Orders, marks: Marks, chunk: list[Record], begin: Callable[[Record], object]) -> Judged:
    """Judge a chunk in one event loop; `begin` is called before each record. Raises MemoryError."""
    return asyncio.run(_judge_chunk(orders, marks, chunk, begin))


async def _judge_chunk(orders: Orders, marks: Marks, chunk: list[Record], begin: Callable[[Record], object]) -> Judged:
    judges = judges_for(orders.directories, orders.in_force)
    tally, lines = Tally.for_policies(len(judges)), []
    for record in chunk:
        begin(record)
        try:
            line = await _judge(orders, judges, marks, record, tally)
        except RecordError as error:
            tally.add_unread(record.path, str(error))
        except MemoryError:
            raise
        except Exception as error:  # one message more or less; its text may quote the message
            tally.add_unread(record.path, f"{record.path}: could not be judged: {type(error).__name__}")
        else:
            lines += [line] if line else []
    return Judged(tally, tuple(lines))


async def _judge(orders: Orders, judges: tuple[Judge, ...], marks: Marks, record: Record, tally: Tally) -> str:
    """Judge one message and count it; return its line of JSON, where one is wanted. Raises RecordError."""
    started = time.thread_time()
    identity, stored = record.message()
    judgements = await _judgements(orders, judges, stored)
    seconds = time.thread_time() - started
    found = marks.of(record.path, identity, judgements[0].facts, stored)
    tally.add(record.path, judgements, found, seconds)
    return json.dumps(_object(record.path, identity, judgements)) if orders.as_json else ""


async def _judgements(orders: Orders, judges: tuple[Judge, ...], stored: bytes) -> list[Judgement]:
    """Judge by each policy. Policies that look for the same things share one reading."""
    message = parse_message(as_received(stored))
    at = sent_at(message, orders.began)
    judgements, context, reading = [], None, None
    for judge in judges:
        if reading is None or judge.context != context:
            context, reading = judge.context, read(message, at, judge.context, judge.model, prove=False)
        transaction = transaction_of(message, orders.given, judge.directory, at)
        judgements.append(await judge.conclude(transaction, reading, orders.origin, orders.origin is None))
    return judgements


def sent_at(message: Message, latest: float) -> float:
    """When a message was sent, by its own Date; `latest` where it says none, or one that is still to come."""
    try:
        date = parsedate_to_datetime(message.first("Date"))
        sent = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return latest
    return sent if 0 <= sent <= latest else latest


def _object(path: str, identity: str, judgements: list[Judgement]) -> dict[str, Any]:
    shown = as_json(path, judgements[0])
    if identity:
        shown["id"] = identity
    if len(judgements) > 1:
        other = as_json(path, judgements[1])
        shown["against"] = {key: other[key] for key in ("action", "queue", "reply", "recipients", "policy")}
        shown["changed"] = (shown["action"], shown["queue"]) != (other["action"], other["queue"])
    return shown
