"""Our mark: only we can write it, and only we can read which list it names."""

from listward.gateway.trace.marker import Marker, binding, without_markers

ID = "0123456789abcdefghjk"
LISTS = ("a@x.example", "b@x.example")


def test_a_mark_names_its_lists_to_us_alone() -> None:
    """With our key the lists are known, with another nothing is."""
    field = Marker(b"key").field(ID, LISTS)
    assert Marker(b"key").passed(field, (*LISTS, "c@x.example")) == frozenset(LISTS)
    assert Marker(b"other").passed(field, LISTS) == frozenset()
    assert b"x.example" not in field


def test_marks_of_one_message_say_nothing_of_another() -> None:
    """A mark copied under another id is no mark."""
    marker = Marker(b"key")
    field = marker.field(ID, LISTS)
    assert marker.passed(field.replace(ID.encode(), b"1" + ID[1:].encode()), LISTS) == frozenset()


def test_many_lists_fold_and_read_back() -> None:
    """A long field is folded; unfolding gives it back."""
    marker = Marker(b"key")
    many = tuple(f"list{number}@x.example" for number in range(40))
    field = marker.field(ID, many)
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert marker.passed(field, many) == frozenset(many)


def test_damaged_fields_are_nothing() -> None:
    """Whatever stands there, there is an answer."""
    marker = Marker(b"key")
    for value in (b"", b" x", b" \xff\xfe", b" " + ID.encode(), b" " + b"0 " * 5000):
        assert marker.passed(b"X-Listward-Id:" + value + b"\r\n", LISTS) == frozenset()
    assert marker.passed(b"Subject: x\r\n", LISTS) == frozenset()


def test_every_field_of_this_name_goes() -> None:
    """Folded, repeated, in any case."""
    header = b"x-listward-id: a\r\n b\r\nA: 1\r\nX-LISTWARD-ID : c\r\n"
    assert without_markers(header) == b"A: 1\r\n"


RESULTS = b"Authentication-Results: mx.x.example;\r\n spf=pass  smtp.mailfrom=a.example\r\n"
LETTER = "<one@a.example>"


def _marked(marker: Marker) -> bytes:
    return RESULTS + marker.field(ID, LISTS, binding(RESULTS, LETTER))


def test_results_are_known_by_their_mark() -> None:
    """However a server on the way has folded them; the lists are known as before."""
    marker = Marker(b"key")
    header = _marked(marker)
    assert marker.results(header, LETTER) == "mx.x.example; spf=pass smtp.mailfrom=a.example"
    assert marker.results(header.replace(b"\r\n spf", b" spf").replace(b"  smtp", b"\r\n\tsmtp"), LETTER)
    assert marker.passed(header, (*LISTS, "c@x.example")) == frozenset(LISTS)


def test_results_of_anybody_else_are_not_known() -> None:
    """Changed ones, those of another message, of another id, without our mark, or under another key."""
    marker = Marker(b"key")
    header = _marked(marker)
    assert marker.results(header.replace(b"spf=pass", b"dmarc=pass"), LETTER) == ""
    assert marker.results(header, "<two@a.example>") == ""
    assert marker.results(header.replace(ID.encode(), b"1" + ID[1:].encode()), LETTER) == ""
    assert marker.results(RESULTS + marker.field(ID, LISTS), LETTER) == ""
    assert marker.results(RESULTS, LETTER) == ""
    assert Marker(b"other").results(header, LETTER) == ""
    assert marker.results(marker.field(ID, (), binding(RESULTS, LETTER)), LETTER) == ""


def test_the_marked_ones_are_found_among_others() -> None:
    """Whatever others wrote in our name stands above or below."""
    marker = Marker(b"key")
    forged = b"Authentication-Results: mx.x.example; dmarc=pass\r\n"
    assert marker.results(forged + _marked(marker) + forged, LETTER).endswith("smtp.mailfrom=a.example")
