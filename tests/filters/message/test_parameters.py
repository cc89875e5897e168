"""Parameters of MIME fields: the strict reading and those of careless and generous readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import limits
from listward.filters.message.defects import Defects
from listward.filters.message.parameters import Structured, parse_structured, readings


def parse(text: str) -> tuple[Structured, set[str]]:
    defects = Defects()
    parsed = parse_structured(text.encode("utf-8"), defects)
    return parsed, {defect.name for defect in defects.take()}


@pytest.mark.parametrize(
    ("text", "boundary"),
    [
        ("multipart/mixed; boundary=foo", "foo"),
        ('multipart/mixed; boundary="foo bar"', "foo bar"),
        ("multipart/mixed; BOUNDARY=foo", "foo"),
        ("multipart/mixed;boundary=----=_Part_1.2", "----=_Part_1.2"),
        ("multipart/mixed; x=y; boundary=foo;", "foo"),
        ('multipart/mixed;\r\n\tboundary="foo"', "foo"),
        ("multipart/mixed; boundary*=us-ascii''fo%6F", "foo"),
        ("multipart/mixed; boundary*0=fo; boundary*1=o", "foo"),
    ],
)
def test_plain_boundaries_are_read(text: str, boundary: str) -> None:
    """Every way of writing one boundary gives that boundary, strictly."""
    parsed, defects = parse(text)
    assert parsed.value == "multipart/mixed"
    assert parsed.every("boundary") == (boundary,)
    assert parsed.strict
    assert not defects


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("multipart/mixed; boundary=foo; boundary=bar", ("foo", "bar")),
        ('multipart/mixed; x="; boundary=bar"; boundary=foo', ("foo", "bar")),
        ("multipart/mixed; boundary=foo; boundary*=utf-8''bar", ("foo", "bar")),
        ("multipart/mixed boundary=foo", ("foo",)),
        ('multipart/mixed; boundary="foo', ("foo",)),
    ],
)
def test_all_readings_of_a_boundary_are_kept(text: str, values: tuple[str, ...]) -> None:
    """Where readers differ, every reader's value is there."""
    assert parse(text)[0].every("boundary") == values


@pytest.mark.parametrize(
    "text",
    ["multipart/mixed boundary=foo", 'multipart/mixed; boundary="foo', "multipart/mixed; boundary=foo bar", "(x)/y"],
)
def test_what_breaks_the_grammar_is_not_strict(text: str) -> None:
    """The strict flag is only for what everybody reads alike."""
    assert not parse(text)[0].strict


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("attachment; filename*0=a.e; filename*1=xe", "a.exe"),
        ("attachment; filename*1=xe; filename*0=a.e", "a.exe"),
        ("attachment; filename*=utf-7''a+AC4-exe", "a.exe"),
        ("attachment; filename*=UTF-8''%e2%82%ac.exe", "€.exe"),
        ('attachment; filename="a\\".exe"', 'a".exe'),
        ('attachment; filename="a".exe', "a.exe"),
        ("attachment; filename()=a.exe", "a.exe"),
        ("attachment; filename=a;.exe", "a.exe"),
        ("attachment; filename=my file.exe", "my file.exe"),
    ],
)
def test_file_names_of_every_reader_are_found(text: str, name: str) -> None:
    """However a name is written, the name that some system would use is among the values."""
    assert name in parse(text)[0].every("filename")


@pytest.mark.parametrize("text", ["a/b; x*1=b; x*0=a", "a/b; x*0=a; x*2=b", "a/b; x*0=a; x*0=b"])
def test_disorder_in_sections_is_named(text: str) -> None:
    """RFC 2231 sections out of order, with gaps or doubled are read differently."""
    assert "disordered-parameter" in parse(text)[1]


def test_number_of_parameters_is_bounded() -> None:
    """Beyond the limit parameters are not read."""
    parsed, defects = parse("a/b" + "; x=y" * (limits.PARAMETERS + 5))
    assert len(parsed.parameters) == limits.PARAMETERS
    assert "too-many-parameters" in defects


def test_name_has_its_readings() -> None:
    """Encoded words in names are decoded by many readers; white space and dots at the end vanish on disk."""
    assert "a.exe" in readings("a.exe . ")
    assert "é.exe" in readings("=?iso-8859-1?q?=E9=2Eexe?=")


@given(st.text(max_size=200))
def test_parsing_never_raises(text: str) -> None:
    """Whatever the text, parsing gives values."""
    assert isinstance(parse(text)[0].value, str)
