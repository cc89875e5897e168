"""Where the CPU time of a message goes: every process sampled under load, its time divided by part."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bench import proc, systems
from bench.corpus import Template
from bench.load import Order
from bench.measure import run
from bench.processes import python
from bench.run import Bench, Part
from bench.sampled import OTHER, Counts, places
from bench.tables import markdown, number

CONNECTIONS = 20
MOST_FILES = 15
STORE_SERVER, DKIM, REST = "store server", "identity: DKIM", "other"

# Part -> beginnings of file names; the first that fits counts.
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("session: commands and content", ("gateway/session/", "gateway/server.py", "gateway/submission")),
    ("trace fields", ("gateway/trace/",)),
    ("reader: handing over", ("gateway/reader/", "filters/reading.py", "filters/guard.py")),
    ("reader: HTML", ("filters/message/html", "filters/message/styles")),
    ("reader: parse, text, words", ("filters/message/",)),
    (
        "reader: solicitation",
        ("filters/content/appeal", "filters/content/solicit", "filters/content/pay", "filters/content/bech32"),
    ),
    ("reader: spam model", ("filters/learner/",)),
    ("reader: structure, file types", ("filters/content/",)),
    (
        DKIM,
        tuple(f"filters/identity/{name}" for name in ("dkim", "keys", "signatures", "canonical", "evidence")),
    ),
    ("identity: SPF, DMARC, origin", ("filters/identity/",)),
    ("routing", ("filters/routing/",)),
    ("policy and judging", ("filters/", "config/")),
    ("store calls", ("queue/store/", "gateway/records.py", "gateway/latestore.py")),
    ("next hop", ("wire/", "gateway/relay.py")),
    ("log and metrics", ("runtime/maillog", "runtime/metrics", "runtime/exposition", "gateway/account.py")),
    ("course of a message", ("gateway/",)),
    ("courier, notices, audit, console", ("queue/",)),
    ("event loop, sockets, the store's answers", (OTHER, "runtime/role.py")),
    (STORE_SERVER, (STORE_SERVER,)),
    (REST, ("",)),
)
BUDGET = "relay 0.5, reader 0.37, content 0.15 to 0.3, store 0.07, log and policy 0.1, identity 0.65"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was used so far: CPU seconds and samples by process."""

    cpu: Mapping[int, proc.Process]
    samples: Mapping[int, Mapping[str, int]]


def measure(bench: Bench) -> Part:
    """Load it with each kind of mail in turn."""
    counts_file = bench.folder / "samples"
    names = places()
    counts = Counts(counts_file, names)
    with systems.listward(
        bench.folder / "profile", bench.around, bench.options.workers, python("bench.sampled", str(counts_file))
    ) as ours:
        ingress, mail = ours.ports["ingress"], bench.mail
        loads = {
            "way out": _load(bench, ours, counts, ours.ports["egress"], mail.internal, "reader@outside.test"),
            "author inside": _load(bench, ours, counts, ingress, mail.internal),
            "member, signed": _load(bench, ours, counts, ingress, mail.signed),
            "stranger, held": _load(bench, ours, counts, ingress, mail.stranger),
        }
    parts = {kind: by_part(load) for kind, load in loads.items()}
    text = _table(parts) + f"\n\nSampled at C={CONNECTIONS}, CPU ms a message. The sampler's own cost is in it."
    text += f" Goals, in ms: {BUDGET}.\n\nThe files that take most, of a signed member's message:\n\n"
    signed = loads["member, signed"]
    most = sorted(signed.items(), key=lambda item: -item[1])[:MOST_FILES]
    text += markdown(("file", "CPU ms"), [[f"`{name}`", number(ms, 2)] for name, ms in most])
    return Part("Where the time goes", text, {"profile: dkim_ms": parts["member, signed"].get(DKIM, 0.0)})


def _load(
    bench: Bench,
    ours: systems.Running,
    counts: Counts,
    port: int,
    templates: tuple[Template, ...],
    recipient: str = systems.LIST,
) -> dict[str, float]:
    """Send; return CPU ms a message by file."""
    warm = Order(port, recipient, templates, 100, CONNECTIONS)
    run("warm up", warm, bench.charged(ours.pid), bench.folder)
    bench.settle("profile")
    before = Moment(proc.tree(ours.pid), counts.by_process())
    order = Order(port, recipient, templates, max(500, bench.options.messages), CONNECTIONS, seconds=60)
    sample = run("profile", order, bench.charged(ours.pid), bench.folder)
    after = Moment(proc.tree(ours.pid), counts.by_process())
    bench.tell(f"profile: {sample.per_second:.0f}/s {sample.replies}")
    return {name: seconds * 1000 / sample.messages for name, seconds in divided(before, after).items()}


def divided(before: Moment, after: Moment) -> dict[str, float]:
    """CPU seconds by file: each process's own, shared out by its samples; STORE_SERVER and REST have none."""
    found: defaultdict[str, float] = defaultdict(float)
    for pid, process in after.cpu.items():
        used = process.cpu_s - (before.cpu[pid].cpu_s if pid in before.cpu else 0.0)
        early = before.samples.get(pid, {})
        taken = {name: count - early.get(name, 0) for name, count in after.samples.get(pid, {}).items()}
        total = sum(taken.values())
        if not total:
            found[REST if process.name.startswith(proc.ROLE_PREFIX) else STORE_SERVER] += used
        for name, count in taken.items():
            found[name] += used * count / total if total else 0.0
    return {name: seconds for name, seconds in found.items() if seconds}


def by_part(load: Mapping[str, float]) -> dict[str, float]:
    """Add up the files of each part."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, value in load.items():
        found[part_of(name)] += value
    return dict(found)


def part_of(name: str) -> str:
    """The part that a file belongs to."""
    return next(part for part, beginnings in PARTS if name.startswith(beginnings))


def _table(loads: Mapping[str, Mapping[str, float]]) -> str:
    names = [part for part, _ in PARTS]
    rows = [
        [part, *(_cell(load.get(part, 0.0), sum(load.values())) for load in loads.values())]
        for part in names
        if any(load.get(part, 0.0) for load in loads.values())
    ]
    rows.append(["in all", *(number(sum(load.values()), 2) for load in loads.values())])
    return markdown(("part", *loads), rows)


def _cell(milliseconds: float, whole: float) -> str:
    return f"{milliseconds:.2f} ({milliseconds / whole * 100 if whole else 0:.0f} %)"
