"""Listward as it ships, on free ports of 127.0.0.1, and what stands around every system: the sink and a name server."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import NAMES
from bench.processes import free_ports, python, running
from bench.rivals.rival import Around

LIST = "members@bench.test"

SITE = """\
[organisation]
name = "Bench"
domains = ["bench.test"]
internal_networks = ["127.0.0.0/8"]

[addresses]
help = "help@bench.test"

[gateway]
listen = ["127.0.0.1:{ingress}"]
workers = {workers}
hostname = "gateway.bench.test"
max_clients = 5000
max_clients_per_address = 5000

[egress]
listen = ["127.0.0.1:{egress}"]
next_hop = "smtp://127.0.0.1:{sink}"

[dns]
servers = ["127.0.0.1:{dns}"]
timeout_s = 2.0

[console]
listen = "127.0.0.1:{console}"

[metrics]
listen = "127.0.0.1:{metrics}"

[limits]
held_bytes_total = 100000000000
held_bytes_per_sender = 100000000000
strangers_held_per_hour = 0

[[group]]
name = "moderators"
members = ["moderator@bench.test"]

[[queue]]
name = "moderators"
group = "moderators"

[[list]]
address = "members@bench.test"
zone = "members"
next_hop = "smtp://127.0.0.1:{sink}"
roster = "roster.csv"
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that listens: `pid` is the root of its processes, 0 where there is none to charge."""

    ports: dict[str, int]
    pid: int


@contextmanager
def listward(folder: Path, around: Around, workers: int, prefix: Sequence[str] = ()) -> Iterator[Running]:
    """The whole product as it ships, on its embedded store; ports "ingress", "egress", "console" and "metrics".

    `prefix` stands in front of its arguments instead of the program's name.
    """
    ports, site = make_site(folder, around, workers)
    program = prefix or (str(Path(sys.executable).parent / "listward"),)
    with running([*program, "run", "--config", str(site)], folder / "listward.log", ports["ingress"]) as pid:
        yield Running(ports, pid)


def make_site(folder: Path, around: Around, workers: int = 2) -> tuple[dict[str, int], Path]:
    """Write a configuration folder; return its ports and itself."""
    ports = dict(zip(("ingress", "egress", "console", "metrics"), free_ports(4), strict=True))
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "site.toml").write_text(SITE.format(sink=around.sink, dns=around.dns, workers=workers, **ports))
    people = "".join(
        f"{name}@signed.bench.test,{name},member\n" for name in (full.split()[0].lower() for full in NAMES)
    )
    (site / "roster.csv").write_text("address,name,role\n" + people)
    return ports, site


@contextmanager
def surroundings(folder: Path, public_key: str) -> Iterator[tuple[Around, tuple[int, ...]]]:
    """The sink and the name server; yields their ports and pids."""
    with ExitStack() as stack:
        around = Around(*free_ports(2))
        sink = stack.enter_context(running(python("bench.sink", str(around.sink)), folder / "sink.log", around.sink))
        names = python("bench.names", public_key, str(around.dns))
        yield around, (sink, stack.enter_context(running(names, folder / "names.log", None)))
