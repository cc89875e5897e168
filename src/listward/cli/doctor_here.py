"""What runs, here and elsewhere, and whether all of it goes by the rules as they are written: plain sentences."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from listward.cli.approved import approval_fault
from listward.cli.doctor_words import Line, State, fine, missing, note
from listward.cli.running import Running, ago, read, running_here
from listward.cli.usable import usable
from listward.config.approval import SHOWN, approval_of
from listward.config.faults import ConfigError, Fault
from listward.config.load import Configuration, load
from listward.config.paths import state_directory
from listward.config.vocabulary import vocabulary
from listward.queue.store.connect import connect
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.presence import Present


@dataclass(frozen=True, slots=True)
class Overall:
    """Statements by part. `runs` says whether anything runs on this machine."""

    parts: Mapping[str, tuple[Line, ...]]
    runs: bool

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, each once."""
        lines = [line for part in self.parts.values() for line in part]
        return tuple(dict.fromkeys(line.advice for line in lines if line.state is State.MISSING and line.advice))


async def overall(directory: Path) -> Overall:
    """Look at the files, at this machine and at the store. Raises ConfigError where not even the site can be read."""
    faults: tuple[Fault, ...] = ()
    try:
        configuration, _ = usable(directory)
    except ConfigError as error:
        configuration, faults = load(directory), error.faults
    state = state_directory(configuration.site)
    here = {role: read(state, role) for role in running_here(state)}
    parts = {
        "The configuration": (*(missing(str(fault), "Mend it.") for fault in faults), *_files(configuration)),
        "What runs here": tuple(_here(here, configuration)),
        "The store and what runs by it": tuple(await _elsewhere(configuration)),
    }
    return Overall(parts, bool(here))


def _files(configuration: Configuration) -> Iterator[Line]:
    policy, table = configuration.policy, configuration.site.policy
    approval = approval_of(policy, table)
    digest = approval.digest[:SHOWN]
    said = f"Policy {digest} as it is written. {approval.sentence(vocabulary('en'))}"
    if approval.is_outdated or approval_fault(configuration) is not None:
        yield missing(said, f'When it is approved, write approved_hash = "{digest}" under [policy], and reload.')
    else:
        yield fine(said) if approval.is_given else note(said)
    if table.mode == "observe":
        yield note("It observes: mail is judged and counted, and passes.")


def _here(here: Mapping[str, Running | None], configuration: Configuration) -> Iterator[Line]:
    if not here:
        yield note("Nothing runs here with this state.")
    for role, running in here.items():
        if running is None:
            yield note(f"{role} starts.")
            continue
        yield from _refusals(running)
        for name, runs in running.processes.items():
            if not runs.pid:
                yield missing(f"{name} has ended, and is started again.", "See in the log why it ends.")
                continue
            text = f"{name} runs {runs.label[:SHOWN]}, for {ago(runs.since)}"
            if runs.label != running.policy:
                yield missing(f"{text}; the others run {running.policy[:SHOWN]}.", _again())
            else:
                yield fine(f"{text}.")
        if running.policy != configuration.policy.digest:
            yield missing(f"{role} runs another policy than is written.", _again())


def _refusals(running: Running) -> Iterator[Line]:
    for reason in running.refused:
        since = ago(running.refused_at)
        yield missing(f"{running.role} refused a reload {since} ago and keeps the old rules: {reason}", _again())


def _again() -> str:
    return "Run `listward config check`, then `listward reload`; a process that stays behind is named."


async def _elsewhere(configuration: Configuration) -> Iterator[Line]:
    try:
        store = connect(configuration.site)
    except (OSError, ValueError) as error:
        return iter([missing(f"The store cannot be used: {error}", "Mend [store].")])
    try:
        found = await store.presence.all()
        await store.check_durable()
    except StoreUnavailable as error:
        return iter([missing(f"The store does not serve: {error}.", "Start it, and see its own log.")])
    finally:
        await store.close()
    return iter([fine("The store answers, and keeps what it is given."), *_processes(found, configuration)])


def _processes(found: tuple[Present, ...], configuration: Configuration) -> Iterator[Line]:
    """All gateways, couriers and consoles that share the store; the newest rules are those to run."""
    newest = max((each.since for each in found), default=0.0)
    wanted = configuration.policy.digest
    for each in found:
        text = f"{each.name} runs {each.policy[:SHOWN]}, said {max(0, int(time.time() - each.at))} seconds ago"
        if each.policy == wanted:
            yield fine(f"{text}.")
        else:
            older = f", {int(newest - each.since)} seconds older" if newest > each.since else ""
            yield missing(f"{text}{older}: not what is written here.", _again())
