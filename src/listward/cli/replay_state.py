"""Where a replay stands, kept in a file: a run that was ended, however, goes on there with the same totals."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from listward.cli.archive_files import files
from listward.cli.output import Refusal, WrongUse
from listward.cli.replay_store import roster_marks
from listward.cli.tally import Tally
from listward.config.mailman_url import is_mailman
from listward.config.site import Site
from listward.filters.judge import Judge

FORM = 1
STDOUT = 1
_WORDS = {
    "configuration": "the configuration has changed since",
    "archives": "the archives are others, or have changed since",
    "options": "the options are others",
    "labels": "the labels have changed since",
    "form": "it was written by another release",
}


@dataclass(slots=True)
class Output:
    """Where objects are printed: which file that is, "" for a pipe or a terminal, and how long it is by now."""

    file: str = ""
    octets: int = 0

    @classmethod
    def now(cls) -> "Output":
        """Look at standard output."""
        found = os.fstat(STDOUT)
        return cls(f"{found.st_dev}:{found.st_ino}", found.st_size) if stat.S_ISREG(found.st_mode) else cls()


@dataclass(slots=True)
class State:
    """How far a run has come: `records` are done, `printed` is the output up to them.

    `made_of` are digests of what a run depends on. `began` is in Unix seconds, `seconds` what it took so far.
    """

    made_of: dict[str, str]
    began: float
    tally: Tally
    records: int = 0
    printed: Output = field(default_factory=Output)
    seconds: float = 0.0
    done: bool = False
    form: int = field(default=FORM)


def load_state(path: Path, made_of: dict[str, str]) -> State | None:
    """Return what the file says, None where there is none. Raises WrongUse, and Refusal for a run of something else."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongUse(f"listward: {path}: cannot be read: {error.strerror}") from None
    try:
        state = msgspec.json.decode(content, type=State)
    except (msgspec.MsgspecError, RecursionError):
        raise WrongUse(f"listward: {path}: does not say where a replay stands") from None
    different = [name for name, value in made_of.items() if state.made_of.get(name) != value]
    different += ["form"] if state.form != FORM else []
    if different:
        reasons = "; ".join(_WORDS[name] for name in different)
        raise Refusal(f"listward: {path}: this run cannot go on: {reasons}. Delete the file to begin anew.")
    return state


def save_state(path: Path, state: State) -> None:
    """Write it so that a reader finds the old file or the new one. Raises WrongUse."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
    except OSError as error:
        raise WrongUse(f"listward: {path}: cannot be written: {error.strerror}") from None


def cut_output(kept: Output) -> None:
    """Take what was printed after the state was kept off the output's end: it will come again. Raises Refusal."""
    now = Output.now()
    if now.file != kept.file or now.octets < kept.octets:
        raise Refusal("listward: the output is not the one this run has begun. Append to that file: >> FILE")
    if kept.file:
        os.ftruncate(STDOUT, kept.octets)
        os.lseek(STDOUT, 0, os.SEEK_END)


def digest_of_archives(paths: Iterable[Path]) -> tuple[str, int]:
    """Return a digest of names, sizes and times of all files, and their octets together."""
    digest, octets = hashlib.sha256(), 0
    for path in files(list(paths)):
        try:
            found = path.stat()
        except OSError:
            continue
        octets += found.st_size
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest(), octets


def digest_of_judges(judges: Iterable[Judge]) -> str:
    """Return a digest of everything that verdicts depend on: policies, sites, rosters and the model."""
    digest = hashlib.sha256()
    for judge in judges:
        known = f"{judge.policy.digest}\n{judge.site!r}\n{sorted(roster_marks(judge).items())}\n"
        digest.update(known.encode("utf-8", "surrogateescape"))
        for content in _rosters(judge.site):
            digest.update(hashlib.sha256(content).digest())
        digest.update(hashlib.sha256(judge.model.packed()).digest())
    return digest.hexdigest()


def _rosters(site: Site) -> Iterable[bytes]:
    for name in dict.fromkeys(entry.roster for entry in site.lists if entry.roster and not is_mailman(entry.roster)):
        path = site.directory / name
        yield path.read_bytes() if path.is_file() else b""


def digest_of_options(options: object) -> str:
    """Return a digest of anything whose `repr` says all of it."""
    return hashlib.sha256(repr(options).encode("utf-8", "backslashreplace")).hexdigest()
