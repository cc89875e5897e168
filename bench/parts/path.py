"""The mail path: the same messages through every system, one after the other in each repetition."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace

from bench import systems
from bench.corpus import Template
from bench.load import Order
from bench.measure import QUIET_CORES, Sample, run
from bench.processes import NotStarted
from bench.rivals.amavis import amavis
from bench.rivals.postfix import postfix, proxying
from bench.rivals.rival import Rival
from bench.rivals.rspamd import rspamd
from bench.run import Bench, Part
from bench.tables import paired, pairs_table, speed_table, summary

FLOOR = "floor"
RELAY = "Listward way out"
INTERNAL = "Listward, author inside"
SIGNED = "Listward, member with SPF, DKIM, DMARC"
STRANGER = "Listward, stranger (held)"
OURS = (RELAY, INTERNAL, SIGNED, STRANGER)
PROXY = "Postfix proxy filter"
QUEUE = "Postfix queue"
RSPAMD = "Postfix + rspamd"
AMAVIS = "amavisd-new + SpamAssassin"

RIVALS = (
    Rival(PROXY, ("postfix",), ("postfix",), proxying),
    Rival(QUEUE, ("postfix",), ("postfix",), postfix),
    Rival(RSPAMD, ("postfix", "rspamd"), ("postfix", "rspamd"), rspamd),
    Rival(AMAVIS, ("amavisd", "spamassassin"), ("amavisd-new", "spamassassin"), amavis),
)
WARM_UP, WARM_UP_S = 20, 12.0
FEWEST = 40  # messages of a run, where it is not a quick one: enough to hold each kind of mail


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table: what is sent where, and whose CPU is counted."""

    name: str
    port: int
    roots: tuple[int, ...]
    templates: tuple[Template, ...]
    recipient: str = systems.LIST
    settled: Callable[[], bool] = lambda: True


def measure(bench: Bench) -> tuple[Part, list[Sample]]:
    """Measure every case at every number of connections in every repetition; a round beforehand warms up."""
    with _cases(bench) as (cases, left_out):
        samples = _rounds(bench, cases)
    rows = summary(samples, FLOOR)
    text = [
        speed_table(rows),
        "Against the rivals, medians of the ratios within a repetition:",
        pairs_table(samples, OURS, RIVAL_NAMES),
    ]
    text += [f"Left out: {name}, {why}." for name, why in left_out.items()]
    return Part("The mail path", "\n\n".join(text), figures(samples)), samples


RIVAL_NAMES = tuple(rival.name for rival in RIVALS)


def figures(samples: list[Sample], connections: int = 20) -> dict[str, float]:
    """What targets are set for, at that many connections."""
    found: dict[str, float] = {}
    for row in summary([sample for sample in samples if sample.connections == connections], FLOOR):
        for name in ("per_second", "of_floor", "cpu_ms", "p50_ms", "p99_ms"):
            if (value := row[name]) is not None:
                found[f"{row['system']}: {name}"] = float(str(value))
    for ours in OURS:
        for rival in RIVAL_NAMES:
            for kind in ("cpu_ms", "delivered_per_second"):
                ratio = paired(samples, ours, rival, connections, kind)
                if ratio is not None:
                    found[f"{ours} / {rival}: {kind}"] = ratio
    return found


def _rounds(bench: Bench, cases: list[Case]) -> list[Sample]:
    options, samples = bench.options, list[Sample]()
    sizes: dict[tuple[str, int], int] = {}
    fewest = max(1, min(FEWEST, options.messages // 15))
    for repetition in range(-1, options.repetitions):
        for case in cases:
            for connections in options.connections:
                place = (case.name, connections)
                sample = _one(bench, case, connections, sizes.get(place, WARM_UP), repetition)
                if repetition >= 0:
                    samples.append(sample)
                else:  # as many messages as fit into the time, so that a slow system does not hold up the others
                    fitting = int(sample.delivered_per_second * options.seconds)
                    sizes[place] = max(fewest, min(3 * options.messages, fitting))
    return samples


def _one(bench: Bench, case: Case, connections: int, messages: int, repetition: int) -> Sample:
    bound_s = 60.0 if repetition >= 0 else WARM_UP_S
    order = Order(case.port, case.recipient, case.templates, messages, connections, seconds=bound_s)
    said = f"{case.name}, C={connections}"
    bench.settle(said)
    sample = replace(
        run(case.name, order, bench.charged(*case.roots), bench.folder, case.settled), repetition=repetition
    )
    bench.tell(f"{said}: {sample.per_second:.0f}/s {sample.replies}")
    if sample.foreign_cores > QUIET_CORES:
        bench.noisy.append(said)
    return sample


@contextmanager
def _cases(bench: Bench) -> Iterator[tuple[list[Case], dict[str, str]]]:
    """Start everything; yields the cases, and why what is left out could not start."""
    mail, left_out = bench.mail, dict[str, str]()
    found = [Case(FLOOR, bench.around.sink, (), mail.internal)]
    with ExitStack() as stack:
        try:
            folder = bench.folder / "listward"
            ours = stack.enter_context(systems.listward(folder, bench.around, bench.options.workers))
            found += _ours(ours, bench)
        except NotStarted as error:
            left_out["Listward"] = str(error)
        for number, rival in enumerate(RIVALS):
            why = rival.missing()
            try:
                if why is None:
                    relay = stack.enter_context(rival.start(bench.folder / f"rival-{number}", bench.around))
                    found.append(Case(rival.name, relay.port, relay.roots, mail.internal, settled=relay.settled))
            except (NotStarted, OSError, LookupError) as error:
                why = str(error)
            if why is not None:
                left_out[rival.name] = why
                bench.tell(f"{rival.name} is left out: {why}")
        yield found, left_out


def _ours(ours: systems.Running, bench: Bench) -> list[Case]:
    ingress, roots, mail = ours.ports["ingress"], (ours.pid,), bench.mail
    return [
        Case(RELAY, ours.ports["egress"], roots, mail.internal, "reader@outside.test"),
        Case(INTERNAL, ingress, roots, mail.internal),
        Case(SIGNED, ingress, roots, mail.signed),
        Case(STRANGER, ingress, roots, mail.stranger),
    ]


def as_json(samples: list[Sample]) -> list[dict[str, object]]:
    """Every sample, for a file."""
    return [asdict(sample) for sample in samples]
