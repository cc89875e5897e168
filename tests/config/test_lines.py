"""Lines of TOML keys are found whatever the layout."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from listward.config.lines import key_lines, line_of

TEXT = '''# [not.a.table]
top = 1

[organisation]
domains = [
  "a.example",  # ] not the end
  "b.example",
]
words = """
[also.not]
key = 1
"""
"quoted key" = { inner = 1 }
a.b = 2

[[list]]
address = "one"

[[list]]
address = "two"

[list.more]
x = 1
'''


def test_lines_follow_tables_arrays_and_strings() -> None:
    """Keys in comments, multi-line arrays and multi-line strings are not taken for keys of the file."""
    lines = key_lines(TEXT)
    assert lines[("top",)] == 2
    assert lines[("organisation", "domains")] == 5
    assert lines[("organisation", "words")] == 9
    assert lines[("organisation", "quoted key")] == 13
    assert lines[("organisation", "a", "b")] == 14
    assert lines[("list", 0, "address")] == 17
    assert lines[("list", 1, "address")] == 20
    assert lines[("list", 1, "more", "x")] == 23
    assert ("also", "not") not in lines
    assert ("not", "a", "table") not in lines


def test_unknown_keys_fall_back_to_their_table() -> None:
    """A missing key is placed at the table that lacks it."""
    lines = key_lines(TEXT)
    assert line_of(lines, ("list", 1, "zone")) == 19
    assert line_of(lines, ("organisation", "domains", 1)) == 5
    assert line_of(lines, ("nowhere",)) == 0


NAMES = st.text("abc", min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(0, 9), min_size=1), min_size=1))
def test_every_key_of_a_file_has_its_line(tables: dict[str, dict[str, int]]) -> None:
    """For any tables written out, the line found holds the key."""
    written = "\n\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in table.items()) for name, table in tables.items()
    )
    assert tomllib.loads(written) == tables
    lines = key_lines(written)
    text = written.splitlines()
    for name, table in tables.items():
        for key in table:
            assert text[lines[(name, key)] - 1].startswith(f"{key} =")
