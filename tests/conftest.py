"""Rules for all tests: where the shared vectors lie, and that each test says what is true."""

from pathlib import Path

import pytest
from hypothesis import settings
from vector_files import set_of, table

# The same examples in every run: a red test means a changed tree, not another draw. `make fuzz` draws anew each time.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("steady")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder beside the checkout."""
    return SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what reads the shared vectors where they are absent, and demand a docstring of every test."""
    absent = pytest.mark.skip(reason=f"the shared vectors are not at {SHARED.name}/ beside this checkout")
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(absent)
        if name := set_of(item):
            item.user_properties.append(("vectors", name))
        function = getattr(item, "function", None)
        if function is not None and not function.__doc__:
            raise pytest.UsageError(f"{item.nodeid}: a test says in its docstring what is true")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes and long texts by their length: one that holds a time or a key would differ between processes."""
    del config
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 60):
        return f"{argname}{len(val)}"
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--vectors` prints how many vectors of each published set pass."""
    parser.addoption("--vectors", action="store_true", help="print how many published vectors pass")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not terminalreporter.config.getoption("--vectors"):
        return
    reports = [
        (name, outcome == "passed")
        for outcome in ("passed", "failed", "error", "xfailed")
        for report in terminalreporter.stats.get(outcome, ())
        for key, name in report.user_properties
        if key == "vectors"
    ]
    terminalreporter.write_sep("=", "published vectors")
    for line in table(reports):
        terminalreporter.write_line(line)
