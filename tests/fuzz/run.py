"""Runs the fuzz targets for long, guided by coverage (atheris): `make fuzz SECONDS=600`, or with names of targets.

What breaks a property is kept under var/fuzz/crashers and its way back printed; the inputs found on the way stay in
var/fuzz/NAME for the next run. `--replay FILE NAME` runs one input again.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from fuzzing import NAMES, corpus, read_input, target  # noqa: E402 - found only with the path above

WORK = ROOT / "var" / "fuzz"
CRASHERS = WORK / "crashers"


def main() -> int:
    """Run all targets one after another, or do as the options say; 1 where something broke."""
    parser = argparse.ArgumentParser(description="Fuzz the parsers.")
    parser.add_argument("names", nargs="*", default=NAMES, help=f"targets, of: {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=600, help="for all targets together")
    parser.add_argument("--one", action="store_true", help="stay in this process, which ends with the target")
    parser.add_argument("--replay", type=Path, help="run this one input")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(NAMES)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    if chosen.replay:
        with target(chosen.names[0]) as one:
            one(read_input(chosen.replay))
        return 0
    if chosen.one:
        fuzz(chosen.names[0], chosen.seconds)
    return run_all(chosen.names, max(1, chosen.seconds // len(chosen.names)))


def run_all(names: list[str], seconds: int) -> int:
    """Each target in a process of its own: libFuzzer ends the process it runs in."""
    broken = []
    for name in names:
        start = time.monotonic()
        CRASHERS.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, __file__, "--one", "--seconds", str(seconds), name]
        with (WORK / f"{name}.log").open("wb") as log:
            code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        lines = (WORK / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        runs = next((line for line in reversed(lines) if line.startswith("Done ")), "")
        print(f"{name:12} {time.monotonic() - start:5.0f} s  {runs or lines[-1:]}", flush=True)
        if code:
            broken.append(name)
    for name in broken:
        print(f"BROKEN: {name}: see var/fuzz/{name}.log and var/fuzz/crashers/{name}-*; run one again with")
        print(f"    .venv/bin/python tests/fuzz/run.py --replay var/fuzz/crashers/{name}-... {name}")
    return 1 if broken else 0


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target; ends the process."""
    import atheris

    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(corpus(name)):
        (folder / f"seed-{number}").write_bytes(data)
    with atheris.instrument_imports(include=["listward"]), target(name) as one:
        options = [f"-max_total_time={seconds}", f"-artifact_prefix={CRASHERS / name}-", "-max_len=20000"]
        limits = ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]
        atheris.Setup([name, *options, *limits, str(folder)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
