"""Finding single fields in a raw header."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.trace import fields

LINES = st.lists(
    st.sampled_from([b"A: 1", b"a : 2", b" folded", b"\tB: x", b"B:", b"garbage", b"AB: 3", b"A", b": x", b"A:\t"]),
    max_size=8,
)


def test_the_header_ends_at_the_empty_line() -> None:
    """With a body, without one, without a header."""
    assert fields.header_end(b"A: 1\r\n\r\nbody") == 6
    assert fields.header_end(b"A: 1\r\n") == 6
    assert fields.header_end(b"\r\nbody") == 0
    assert fields.header_end(b"") == 0
    assert fields.body(b"A: 1\r\n\r\nbody") == b"body"


def test_names_compare_without_case_and_values_keep_their_folds() -> None:
    """RFC 5322 section 2.2; a space before the colon is the obsolete syntax, which readers still take."""
    header = b"A: 1\r\n\t2\r\na :3\r\nAB: 4\r\nX: A: 5\r\n"
    assert fields.values(header, b"A") == [b" 1\r\n\t2", b"3"]
    assert fields.first(header, b"ab") == b" 4"
    assert fields.first(header, b"missing") == b""
    assert fields.values(header, b"A", 1) == [b" 1\r\n\t2"]
    assert [fields.count(header, b"a", most) for most in (1, 9)] == [1, 2]
    assert fields.unfolded(b" 1\r\n\t2") == "1\t2"


@settings(max_examples=200, deadline=None)
@given(lines=LINES)
def test_removing_and_reading_agree(lines: list[bytes]) -> None:
    """After all fields of a name are removed none is found, and every other line is still there in order."""
    header = b"".join(line + b"\r\n" for line in lines)
    left = fields.without(header, b"A", lambda value: True)
    assert fields.values(left, b"A") == [] or left.startswith((b" ", b"\t"))
    assert fields.without_all(header, b"A") == left
    kept = iter(header.split(b"\r\n"))
    assert all(line in kept for line in left.split(b"\r\n"))
    assert fields.without(header, b"A", lambda value: False) == header


def test_many_fields_go_like_few() -> None:
    """Both ways of removing leave the same, also where the last line has no end."""
    few = b"A: 1\r\nB: 2\r\na:\r\n 3\r\nC: 4\r\n"
    for header in (few, few + b"A: 5"):
        assert fields.without_all(header * 40, b"A") == fields.without(header * 40, b"A", lambda value: True)


@settings(max_examples=200, deadline=None)
@given(lines=LINES, few=st.sampled_from([0, 2, 200]), most=st.integers(1, 4))
def test_one_look_finds_what_single_looks_find(lines: list[bytes], few: int, most: int) -> None:
    """Topmost values and the count are the same, also where so many fields are there that each name is looked for."""
    header = b"".join(line + b"\r\n" for line in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "_FEW", few)
        found, count = fields.survey(header, (b"B", b"AB"), b"A", most)
    tops = {name: fields.values(header, name, 1) for name in (b"B", b"AB")}
    assert found == {name: top[0] for name, top in tops.items() if top}
    assert count == fields.count(header, b"A", most)
