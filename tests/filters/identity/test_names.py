"""Names compare as people see them: words in any order, without initials, titles and look-alikes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.identity.names import claims_to_speak, key, readings


@pytest.mark.parametrize(
    "other",
    [
        "Vega, Emil",
        "EMIL VEGA",
        "Emil V. Vega",
        "Emi1 Vega",
        "Em1l  Vega",
        "Ernil Vega",
        "Dr. Emil Vega",
        "\u0415mil Véga",
    ],
)
def test_the_same_name(other: str) -> None:
    """Order, case, accents, initials, titles and digits for letters make no other name."""
    assert key(other) == key("Emil Vega")


@pytest.mark.parametrize("other", ["Emil", "Emilia Vega", "Emil Vegas", "Emil Ruiz", "E. Vega", "Emil Maria Vega"])
def test_other_names(other: str) -> None:
    """Near names, parts of a name and longer ones are others."""
    assert key(other) != key("Emil Vega")


def test_readings_with_and_without_brackets() -> None:
    """What stands in brackets may be a remark or the name itself; one word alone is nobody's."""
    assert key("Emil Vega") in readings("Emil Vega (Madrid)")
    assert key("Emil Vega") in readings("[Emil Vega]")
    assert readings("Emil") == readings("E. V.") == readings("") == frozenset()


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("Example Party", True),
        ("The Example Party (Board)", True),
        ("Treasurer of the Example Party", True),
        ("Party Chair", True),
        ("Example", False),
        ("Chair", False),
        ("Example Party Zoe", False),
        ("Zoe, Party Chair", False),
        ("", False),
    ],
)
def test_names_of_the_organisation_and_its_offices(name: str, speaks: bool) -> None:
    """Only where nobody else is named besides."""
    assert claims_to_speak(name, "The Example Party") is speaks


@given(st.text(max_size=60))
def test_any_name_has_an_answer(name: str) -> None:
    """No text makes it raise, and a name is itself in any case."""
    assert key(name) == key(f" {name} ")
    assert claims_to_speak(name, "") in {True, False}
