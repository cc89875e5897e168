"""`python -m bench`: the mail path, everything measured side by side in one run on this machine.

In each repetition every system gets the same orders one after the other: the floor (load generator straight to the
sink), Listward's way out (relay and routing guard, no content filters), Listward as shipped for three kinds of author,
and Postfix's own in-transaction relay where it is installed. Ratios are taken within a repetition.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import systems
from bench.corpus import Author, Template, raw_messages, template
from bench.load import Order
from bench.measure import Sample, run
from bench.processes import NotStarted
from bench.signing import Key, new_key, signed
from bench.tables import NoMarkers, between_markers, speed_table, summary

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table: what is sent where."""

    name: str
    port: int
    pid: int
    templates: tuple[Template, ...]
    recipient: str = systems.LIST


@dataclass(frozen=True, slots=True)
class Mail:
    """The messages by author: inside the organisation, a member whose domain signs, a stranger."""

    internal: tuple[Template, ...]
    signed: tuple[Template, ...]
    stranger: tuple[Template, ...]


def make_mail(seed: int, count: int, key: Key) -> Mail:
    """Make the corpora."""

    def of(domain: str, sign: bool = False) -> tuple[Template, ...]:
        made = raw_messages(seed, count, Author(domain, systems.LIST))
        return tuple(template(sender, signed(raw, domain, key) if sign else raw) for sender, raw in made)

    return Mail(of("bench.test"), of("signed.bench.test", sign=True), of("stranger.test"))


@contextmanager
def cases(folder: Path, options: argparse.Namespace) -> Iterator[tuple[int, list[Case]]]:
    """Start everything; yields the sink's pid and the cases. Leaves out, with a line on stderr, what cannot start."""
    key = new_key()
    mail = make_mail(options.seed, options.corpus, key)
    with ExitStack() as stack:
        (sink, dns), pids = stack.enter_context(systems.surroundings(folder, key.public))
        found = [Case("floor", sink, 0, mail.internal)]
        try:
            ours = stack.enter_context(systems.listward(folder / "listward", sink, dns, options.workers))
            found += _ours(ours, mail)
        except NotStarted as error:
            print(f"listward is left out: {error}", file=sys.stderr)
        missing = systems.postfix_missing()
        if missing is None:
            folder.chmod(0o755)  # Postfix's own users must get in
            rival = stack.enter_context(systems.postfix(folder / "postfix", sink))
            found.append(Case("Postfix proxy filter, no filters", rival.ports["ingress"], rival.pid, mail.internal))
        else:
            print(f"the rival is left out: {missing}", file=sys.stderr)
        yield pids, found


def _ours(ours: systems.Running, mail: Mail) -> list[Case]:
    ingress, egress = ours.ports["ingress"], ours.ports["egress"]
    return [
        Case("Listward way out, no content filters", egress, ours.pid, mail.internal, "reader@outside.test"),
        Case("Listward as shipped, author inside", ingress, ours.pid, mail.internal),
        Case("Listward as shipped, member with SPF and DKIM", ingress, ours.pid, mail.signed),
        Case("Listward as shipped, stranger (held)", ingress, ours.pid, mail.stranger),
    ]


def measure(options: argparse.Namespace) -> list[Sample]:
    """Every case, every number of connections, every repetition; one round beforehand warms up and is not counted."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="listward-bench-") as name, cases(Path(name), options) as (sink, found):
        for repetition in range(-1, options.repetitions):
            for case in found:
                for connections in options.connections:
                    messages = options.messages if repetition >= 0 else max(50, options.messages // 10)
                    order = Order(case.port, case.recipient, case.templates, messages, connections)
                    sample = run(case.name, order, case.pid, sink, Path(name))
                    if repetition >= 0:
                        samples.append(sample)
                        print(
                            f"{case.name}, C={connections}: {sample.per_second:.0f}/s {sample.replies}", file=sys.stderr
                        )
    return samples


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=1000, help="messages a run (default 1000)")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=[1, 20], help="connections at once (default 1 20)"
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--corpus", type=int, default=300, help="different messages (default 300)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2, help="gateway workers (default 2)")
    parser.add_argument("--json", type=Path, help="write every sample and the medians to this file")
    parser.add_argument("--page", type=Path, default=PAGE, help="write the table into this page")
    return parser.parse_args(arguments)


def machine() -> dict[str, object]:
    """What was measured on."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {
        "cpus": os.cpu_count(),
        "model": model.partition(":")[2].strip(),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write it down."""
    options = options_from(arguments)
    samples = measure(options)
    rows, here = summary(samples), machine()
    table = speed_table(rows)
    where = (
        f"{here['cpus']} CPUs ({here['model']}), Python {here['python']}, Linux {here['kernel']}. Medians of "
        f"{options.repetitions} repetitions of {options.messages} messages, {options.workers} gateway workers."
    )
    print(table)
    if options.json:
        kept = {"machine": here, "summary": rows, "samples": [asdict(sample) for sample in samples]}
        options.json.write_text(json.dumps(kept, indent=1) + "\n")
    try:
        between_markers(options.page, "bench", f"{where}\n\n{table}")
    except (OSError, NoMarkers) as error:
        print(f"bench: the page was not written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
