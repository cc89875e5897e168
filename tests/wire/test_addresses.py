"""The reader of MAIL and RCPT arguments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.wire.addresses import (
    AddressError,
    ParsedPath,
    after_keyword,
    is_safe_address,
    is_safe_parameter,
    parse_path,
)

GOOD = [
    "a@b.test",
    "A.Long.Name@MixedCase.Test",
    "board-bounces+alice=home.test@party.test",
    "board-confirm+0123456789abcdef@party.test",
    "!#$%&'*+/=?^_`{|}~-@b.test",
    '"quoted local"@b.test',
    '"with > and @ and \\" inside"@b.test',
    '""@b.test',
    "a@localhost",
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "x" * 64 + "@b.test",
    "a@" + ".".join(["y" * 60] * 4),
]
BAD = [
    "",
    "@b.test",
    "a",
    "a@",
    "a@b@c.test",
    ".a@b.test",
    "a.@b.test",
    "a..b@b.test",
    "a b@b.test",
    "a@b..test",
    "a@.b.test",
    "a@b.test.",
    "a@-b.test",
    "a@b-.test",
    "a@b_c.test",
    "a@b.test,c@d.test",
    '"open@b.test',
    '"a"b@b.test',
    '"bad \\',
    "a@[192.0.2.256]",
    "a@[192.0.2.1",
    "a@[2001:db8::1]",
    "a@[IPv6:fe80::1%eth0]",
    "a@[x-tag:what]",
    "a(comment)@b.test",
    "a\\b@b.test",
    "<a@b.test>",
    "a:b@c.test",
]


@pytest.mark.parametrize("address", GOOD)
def test_good_addresses_pass_unchanged(address: str) -> None:
    """What is well-formed comes out as it was written: case, quoting and all."""
    assert parse_path(f"<{address}>") == ParsedPath(address)
    assert is_safe_address(address)


@pytest.mark.parametrize("address", BAD)
def test_bad_addresses_are_refused(address: str) -> None:
    """What is malformed is refused as syntax, and is not safe to write either."""
    with pytest.raises(AddressError) as refused:
        parse_path(f"<{address}>")
    assert refused.value.kind == "syntax"
    assert not is_safe_address(address)


@pytest.mark.parametrize(
    "argument", ["", "a@b.test", "<a@b.test", "a@b.test>", "<a@b.test>x", "x<a@b.test>", "<<a@b.test>>"]
)
def test_the_brackets_are_needed(argument: str) -> None:
    """Only <address> is a path, and a space parts it from parameters."""
    with pytest.raises(AddressError):
        parse_path(argument)


@pytest.mark.parametrize("code", [*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xD800])
def test_controls_are_refused_everywhere(code: int) -> None:
    """No control character passes: bare, quoted, in the domain or in a parameter, not even with SMTPUTF8."""
    character = chr(code)
    for argument in (
        f"<a{character}@b.test>",
        f'<"a{character}b"@b.test>',
        f'<"a\\{character}b"@b.test>',
        f"<a@b{character}.test>",
        f"<a@b.test> BODY=8BIT{character}MIME",
    ):
        with pytest.raises(AddressError):
            parse_path(argument, smtputf8=True)
    assert not is_safe_address(f'"a{character}b"@b.test')


def test_injected_header_lines_are_refused() -> None:
    """A quoted CR LF cannot smuggle a field or a command."""
    assert not is_safe_address('"a\r\nBcc:victim"@b.test')
    with pytest.raises(AddressError):
        parse_path('<"a\nBcc:x"@b.test>')


def test_the_null_path_needs_leave() -> None:
    """<> is a reverse path only where the caller allows it."""
    assert parse_path("<>", null=True).address == ""
    with pytest.raises(AddressError):
        parse_path("<>")
    assert not is_safe_address("")


def test_bare_postmaster_needs_leave() -> None:
    """<postmaster> without a domain is for RCPT (RFC 5321 section 4.1.1.3)."""
    assert parse_path("<PostMaster>", postmaster=True).address == "PostMaster"
    with pytest.raises(AddressError):
        parse_path("<postmaster>")
    assert is_safe_address("postmaster")


def test_source_routes_are_dropped() -> None:
    """A route before the mailbox is read and forgotten."""
    assert parse_path("<@one.test,@two.test:a@b.test>").address == "a@b.test"


@pytest.mark.parametrize(
    "path", ["@one.test", "@one.test:", "@one.test,two.test:a@b.test", "@:a@b.test", "@one test:a@b.test"]
)
def test_malformed_routes_are_refused(path: str) -> None:
    """A route must itself be well-formed."""
    with pytest.raises(AddressError):
        parse_path(f"<{path}>")


@pytest.mark.parametrize(
    "address",
    [
        "x" * 65 + "@b.test",
        "a@" + "y" * 64 + ".test",
        "a@" + ".".join(["y" * 60] * 5),
        "x" * 300 + "@b.test",
        "\u00e9" * 33 + "@b.test",
    ],
)
def test_limits_are_counted_in_octets(address: str) -> None:
    """64 octets before the @, 63 a label, 255 a domain, 256 a path."""
    with pytest.raises(AddressError) as refused:
        parse_path(f"<{address}>", smtputf8=True)
    assert refused.value.kind == "too-long"


def test_the_local_limit_can_be_raised() -> None:
    """Senders with long variable paths exist; a caller may allow them up to the path's limit."""
    long = "bounces+" + "x" * 80 + "@b.test"
    assert parse_path(f"<{long}>", local_limit=200).address == long


def test_endless_arguments_are_refused_at_once() -> None:
    """Work is bounded before any matching starts."""
    with pytest.raises(AddressError) as refused:
        parse_path("<" + '"\\' * 1_000_000)
    assert refused.value.kind == "too-long"


@pytest.mark.parametrize("address", ["ren\u00e9@b.test", "a@b\u00fccher.test", '"r\u00e9n\u00e9"@b.test'])
def test_international_addresses_need_smtputf8(address: str) -> None:
    """Non-ASCII needs the caller's leave or the parameter, and then passes unchanged."""
    with pytest.raises(AddressError) as refused:
        parse_path(f"<{address}>")
    assert refused.value.kind == "smtputf8-needed"
    assert parse_path(f"<{address}>", smtputf8=True).address == address
    assert parse_path(f"<{address}> SMTPUTF8").address == address


def test_an_international_domain_must_have_a_name_in_dns() -> None:
    """A domain without an ASCII form is refused."""
    with pytest.raises(AddressError):
        parse_path("<a@b\u00fc..test>", smtputf8=True)


def test_parameters_are_read() -> None:
    """Keywords are compared in capitals; what was written is kept."""
    path = parse_path("<a@b.test> size=1234 Body=8BITMIME RET=HDRS  ENVID=x+2By")
    assert path.size == 1234
    assert path.get("BODY") == "8BITMIME"
    assert path.has("RET")
    assert not path.has("AUTH")
    assert path.get("AUTH") is None
    assert path.written == ("size=1234", "Body=8BITMIME", "RET=HDRS", "ENVID=x+2By")


@pytest.mark.parametrize(
    "parameters",
    [
        "SIZE=",
        "SIZE",
        "SIZE=-1",
        "SIZE=1e3",
        "SIZE=\u0661\u0662",
        "SIZE=" + "9" * 21,
        "=1",
        "-X=1",
        "BODY=",
        "A=b=c",
        "SIZE=1 size=2",
        "B\u00f6dy=1",
    ],
)
def test_malformed_parameters_are_refused(parameters: str) -> None:
    """A parameter is KEYWORD or KEYWORD=value, once, and SIZE takes ASCII digits alone."""
    with pytest.raises(AddressError):
        parse_path(f"<a@b.test> {parameters}", smtputf8=True)


def test_no_size_is_none() -> None:
    """Without SIZE there is no declared size."""
    assert parse_path("<a@b.test>").size is None


@pytest.mark.parametrize(
    ("parameter", "safe"),
    [("NOTIFY=NEVER", True), ("RET=\r\nRSET", False), ("A B", False), ("", False), ("A==", False)],
)
def test_safe_parameters(parameter: str, safe: bool) -> None:
    """Exactly one well-formed parameter is safe to write."""
    assert is_safe_parameter(parameter) is safe


@pytest.mark.parametrize("argument", ["FROM:<a@b.test>", "from:<a@b.test>", "From: <a@b.test>"])
def test_the_keyword_is_taken_off(argument: str) -> None:
    """FROM: is read in any case, with the space that many clients put behind it."""
    assert after_keyword(argument, "FROM:") == "<a@b.test>"


def test_a_missing_keyword_is_refused() -> None:
    """MAIL <a@b.test> is no command."""
    with pytest.raises(AddressError):
        after_keyword("<a@b.test>", "FROM:")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet='<>@".\\ a:,[]=\r\n\0', max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text either parses into something safe or is refused with the typed error."""
    for argument in (text, f"<{text}>", f"<a@b.test> {text}"):
        try:
            path = parse_path(argument, null=True, smtputf8=True)
        except AddressError:
            continue
        assert path.address == "" or is_safe_address(path.address)
        assert all(is_safe_parameter(written) for written in path.written)
        assert not {"\r", "\n", "\0"} & set("".join((path.address, *path.written)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_what_is_safe_stays_one_path(address: str) -> None:
    """A safe address written between brackets reads back as the same address."""
    if is_safe_address(address) and address.lower() != "postmaster":
        assert parse_path(f"<{address}>", smtputf8=True, local_limit=256).address == address
