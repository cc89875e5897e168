"""`listward doctor identity` says what would be known about mail from an address, and what is missing."""

import asyncio
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dns_server import DnsServer
from identity_world import edwards_record, rsa_record
from redis_server import running_server, site_for
from rich.console import Console

from listward.cli import doctor
from listward.cli.doctor_report import examine
from listward.cli.doctor_store import remembered, store_lines
from listward.cli.doctor_words import State
from listward.cli.main import main
from listward.cli.output import Unreachable
from listward.config.load import load
from listward.filters.identity.standing import How, Method
from listward.filters.identity.standing import Path as SendingPath
from listward.queue.store.connect import connect
from listward.queue.store.keys import NAME as KEY_NAME

SITE = """
[organisation]
name = "The Example Party"
domains = ["party.example"]
internal_domains = ["office.example"]
{inside}
[addresses]
notices = "listward@party.example"
[gateway]
hostname = "mx.party.example"
[dns]
servers = ["{dns}"]
timeout_s = 0.5
[authentication]
dmarc = "{dmarc}"
[[list]]
address = "board@lists.party.example"
zone = "internal"
next_hop = "lmtp://127.0.0.1:8024"
roster = "board.csv"
[[list]]
address = "news@lists.party.example"
zone = "public"
next_hop = "lmtp://127.0.0.1:8024"
"""
INSIDE = 'internal_networks = ["10.0.0.0/8"]\ndkim_internal = ["party.example:sel1"]'
ROSTER = """address,name,role,until
ana@party.example,Ana Ruiz,officer,
ben@mail.example,Ben Okoro,member,
dov@mail.example,Dov Levi,banned,
"""
GOOD = {
    "party.example": {"TXT": ["v=spf1 include:spf.mail.example mx -all"], "MX": ["10 mx.party.example"]},
    "mx.party.example": {"A": ["192.0.2.1"]},
    "spf.mail.example": {"TXT": ["v=spf1 ip4:198.51.100.7 ~all"]},
    "_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]},
    "sel1._domainkey.party.example": {"TXT": [rsa_record()]},
    "mail.example": {"TXT": ["v=spf1 ip4:203.0.113.9 ~all", "other"], "A": ["192.0.2.3"]},
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=none"]},
}
Doctor = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[DnsServer]:
    """A name server that knows both domains."""
    with DnsServer(dict(GOOD)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: DnsServer) -> Path:
    """A configuration whose name server that is."""
    return write(tmp_path, server.address)


def write(folder: Path, dns: str, dmarc: str = "rfc7489", inside: str = INSIDE) -> Path:
    """Write a configuration."""
    (folder / "site.toml").write_text(SITE.format(dns=dns, dmarc=dmarc, inside=inside), encoding="utf-8")
    (folder / "board.csv").write_text(ROSTER, encoding="utf-8")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], folder: Path) -> Doctor:
    """Run the command; its exit code, stdout and stderr."""

    def go(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "identity", *arguments, "--config", str(folder)])
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return go


def test_all_is_well(run: Doctor) -> None:
    """A person of ours with everything in place: every statement is fine, nothing is to do, exit code 0."""
    code, out, err = run("ana@party.example", "--client-ip", "198.51.100.7")
    assert (code, err) == (0, "")
    assert out == (
        "ana@party.example\n"
        "\nThe domain\n"
        "  ok: party.example is our own.\n"
        "  ok: party.example takes mail, so our answers arrive.\n"
        "\nSPF\n"
        "  ok: party.example has an SPF record with 2 lookups. It says that no other server may send (-all).\n"
        "  ok: SPF names the server 198.51.100.7.\n"
        "\nDKIM\n"
        "  ok: The DKIM key sel1 of party.example can be used: RSA, 2048 bits.\n"
        "\nDMARC\n"
        "  ok: The DMARC record at _dmarc.party.example asks to refuse mail that is not proven"
        " (p=reject, by RFC 7489).\n"
        "\nRosters\n"
        "  ok: ana@party.example is an officer of board@lists.party.example.\n"
        "\nWhat mail from there would be\n"
        "  From our own networks it is internal.\n"
        "  Signed whole by our own key, and to the list, it is internal.\n"
        "  Signed by its domain (DKIM) it is a member's on board@lists.party.example;"
        " a proven stranger's on news@lists.party.example.\n"
        "  From a server that SPF names it is a member's on board@lists.party.example;"
        " a proven stranger's on news@lists.party.example.\n"
        "  With no proof it is forged.\n"
        "\nWhat to do\n"
        "  Nothing is missing.\n"
    )


@pytest.mark.parametrize(
    ("name", "entry", "said", "advice"),
    [
        ("mail.example", {"A": ["192.0.2.3"]}, "has no SPF record", "publish an SPF record"),
        ("mail.example", {"TXT": ["v=spf1 -all", "v=spf1 ~all"]}, "has 2 SPF records", "make one SPF record"),
        ("mail.example", {"TXT": ["v=spf1 ip4:nonsense -all"]}, "has a mistake", "correct the SPF record"),
        ("mail.example", {"TXT": ["v=spf1 +all"]}, "every server in the world", "end the SPF record in -all"),
        ("mail.example", {"TXT": ["v=spf1 ip4:0.0.0.0/0 -all"]}, "every server in the world", "in -all"),
        ("mail.example", {"TXT": ["v=spf1 include:mail.example -all"]}, "more than 10 times", "shorten"),
        ("mail.example", {"TXT": ["v=spf1 ip4:203.0.113.9 ~all"]}, "takes no mail", "publish an MX record"),
        ("mail.example", {"TXT": ["v=spf1 -all"], "MX": ["0 ."]}, "takes no mail", "publish an MX record"),
        ("mail.example", None, "mail.example does not exist", "a slip in mail.example"),
        ("mail.example", {"error": "SERVFAIL"}, "could not be asked", "name servers of mail.example"),
        ("_dmarc.mail.example", None, "has no DMARC record", "at _dmarc.mail.example"),
        ("_dmarc.mail.example", {"TXT": ["v=DMARC1; p=x"]}, "has a mistake", "one correct DMARC record"),
        ("_dmarc.mail.example", {"error": "SERVFAIL"}, "DMARC of mail.example could not be asked", "Try again later"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(
    run: Doctor, server: DnsServer, name: str, entry: dict[str, Any] | None, said: str, advice: str
) -> None:
    """Each fault of a domain is one sentence, and one line says who can mend it how; the exit code is 1."""
    server.zone = {key: value for key, value in {**GOOD, name: entry}.items() if value is not None}
    code, out, err = run("ben@mail.example")
    assert (code, err) == (1, "")
    statements, _, to_do = out.partition("What to do")
    assert said in statements
    assert advice in to_do
    assert "Nothing is missing" not in out


def test_a_member_elsewhere_is_fine(run: Doctor) -> None:
    """A domain that is not ours, with SPF and DMARC: nothing is missing, and without proof mail is unproven."""
    code, out, _ = run("Ben@Mail.Example.")
    assert code == 0
    assert "mail.example is not ours." in out
    assert "It says that other servers are doubtful (~all)." in out
    assert "asks for nothing where mail is not proven (p=none, by RFC 7489)" in out
    assert "With no proof it is unproven." in out
    assert "Give --selector S" in out
    assert "our own" not in out


def test_a_server_that_spf_does_not_name(run: Doctor) -> None:
    """The result for the server asked about is said, whatever it is."""
    code, out, _ = run("ben@mail.example", "--client-ip", "198.51.100.7")
    assert code == 1
    assert "missing: SPF does not name the server 198.51.100.7: softfail." in out
    assert run("ben@mail.example", "--client-ip", "203.0.113.9")[0] == 0
    assert run("ben@mail.example", "--client-ip", "2001:db8::1")[0] == 1


@pytest.mark.parametrize(
    ("record", "code", "said"),
    [
        (rsa_record(), 0, "can be used: RSA, 2048 bits."),
        (rsa_record(1024), 0, "can be used: RSA, 1024 bits."),
        (edwards_record(), 0, "can be used: Ed25519."),
        (rsa_record(tags="v=DKIM1; t=y; "), 1, "is in test mode (t=y)"),
        ("v=DKIM1; p=", 1, "cannot be used: the key is revoked."),
        ("hello", 1, "cannot be used: no key is published."),
        (None, 1, "cannot be used: no key is published."),
    ],
    ids=["rsa", "short", "edwards", "testing", "revoked", "other", "none"],
)
def test_a_selector_is_looked_at(run: Doctor, server: DnsServer, record: str | None, code: int, said: str) -> None:
    """A selector that is given says whether its key could prove anything."""
    server.zone = {**GOOD, **({"s1._domainkey.mail.example": {"TXT": [record]}} if record else {})}
    found = run("ben@mail.example", "--selector", "s1")
    assert found[0] == code
    assert f"The DKIM key s1 of mail.example {said}" in found[1]


def test_our_own_key_is_looked_at_unasked(run: Doctor, server: DnsServer) -> None:
    """The keys that the configuration names for a domain of ours are looked at, and one that is away is missing."""
    server.zone = {name: entry for name, entry in GOOD.items() if name != "sel1._domainkey.party.example"}
    code, out, _ = run("ana@party.example")
    assert code == 1
    assert "Ask the administrator of party.example to publish a key at sel1._domainkey.party.example." in out


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("x@parti.example", "parti.example looks like our party.example and is not."),
        ("x@below.party.example", "below.party.example lies in our name and is not named in the configuration"),
        ("board@lists.party.example", "is a list, or sends our notices: nobody writes as this."),
        ("listward@party.example", "is a list, or sends our notices: nobody writes as this."),
    ],
)
def test_whose_domain_it_is(run: Doctor, address: str, said: str) -> None:
    """Look-alikes, domains below ours and addresses that nobody writes as are called what they are."""
    code, out, _ = run(address)
    assert code == 1
    assert said in out


def test_without_any_way_inside_that_is_missing(run: Doctor, folder: Path, server: DnsServer) -> None:
    """Where neither networks nor keys of ours are configured, the setting is named to put them in."""
    write(folder, server.address, inside="")
    code, out, _ = run("ana@party.example")
    assert code == 1
    assert "Put your networks into internal_networks, or party.example:SELECTOR" in out
    assert "From our own networks" not in out
    write(folder, server.address, inside='internal_networks = ["10.0.0.0/8"]')
    assert run("ana@party.example")[0] == 0


def test_rosters_and_roles(run: Doctor, folder: Path) -> None:
    """Strangers, the banned, and a roster that cannot be read."""
    assert "missing: nobody@mail.example is in no roster." in run("nobody@mail.example")[1]
    assert "dov@mail.example is banned on board@lists.party.example." in run("dov@mail.example")[1]
    (folder / "board.csv").write_text("no columns\n", encoding="utf-8")
    code, out, _ = run("ben@mail.example")
    assert code == 1
    assert "The roster of board@lists.party.example could not be read." in out


def test_a_member_whose_mail_proves_nothing_has_a_way(run: Doctor, folder: Path) -> None:
    """It says who may vouch, where that is possible: never on an internal list, never for officers or strangers."""
    says = "a moderator looks at it first, and may vouch for its way on news@lists.party.example."
    site = folder / "site.toml"
    site.write_text(f'{site.read_text(encoding="utf-8")}roster = "board.csv"\n', encoding="utf-8")
    assert says in run("ben@mail.example")[1]
    for address in ("ana@party.example", "dov@mail.example", "eve@mail.example"):
        assert "vouch" not in run(address)[1]


def test_a_roster_from_mailman_is_in_the_store(run: Doctor, folder: Path) -> None:
    """It is not broken because nobody asked for it."""
    (folder / "password").write_text("rest", encoding="utf-8")
    site = folder / "site.toml"
    mailman = 'roster = "mailman://127.0.0.1:1"\n[mailman]\npassword_file = "password"\n'
    site.write_text(f"{site.read_text(encoding='utf-8')}{mailman}", encoding="utf-8")
    out = run("eve@mail.example")[1]
    assert "The roster of news@lists.party.example was not looked at." in out
    assert "Give --store to look at rosters from Mailman" in out
    assert "could not be read" not in out
    assert "is in no roster" not in out


def test_nobody_proves_a_domain_that_is_not_there(run: Doctor) -> None:
    """What mail signed by it would be is no question."""
    out = run("eve@nowhere.example")[1]
    assert "nowhere.example does not exist." in out
    assert "Signed by its domain" not in out
    assert "With no proof it is unproven." in out


def test_the_newer_standard_says_where_it_found_the_record(run: Doctor, folder: Path, server: DnsServer) -> None:
    """Under RFC 9989 the record of a suffix counts, and the statement names standard and place."""
    write(folder, server.address, dmarc="rfc9989")
    server.zone = {
        "news.mail.example": {"TXT": ["v=spf1 -all"], "A": ["192.0.2.3"]},
        "_dmarc.example": {"TXT": ["v=DMARC1; p=none; sp=quarantine; t=y; psd=y"]},
    }
    out = run("ben@news.mail.example")[1]
    assert "at _dmarc.example asks for nothing where mail is not proven (p=none, by RFC 9989)." in out
    assert "The record is in test mode, so this is one step less." in out


def test_programs_get_facts_and_sentences(run: Doctor) -> None:
    """One JSON object with every fact, every statement, and what is missing."""
    code, out, _ = run("nobody@mail.example", "--selector", "s1", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["address"] == "nobody@mail.example"
    assert found["domain"] == {"name": "mail.example", "exists": True, "mx": ["mail.example"]}
    assert found["spf"] == {
        "records": ["v=spf1 ip4:203.0.113.9 ~all"],
        "others": "softfail",
        "client": "",
        "lookups": 0,
    }
    assert found["dmarc"] == {"policy": "none", "at": "mail.example", "inherited": False, "broken": False}
    assert [key["selector"] for key in found["dkim"]] == ["s1"]
    assert (found["rosters"], found["remembered"]) == ({}, None)
    assert set(found["origins"]["with no proof"]) == {"unproven"}
    assert len(found["missing"]) == 2
    assert {line["state"] for line in found["statements"]} <= {state.value for state in State}


def test_dns_that_is_away(run: Doctor, folder: Path) -> None:
    """Without any answer from DNS: exit code 3, one line, and what is known without DNS all the same."""
    write(folder, "127.0.0.1:1")
    code, out, err = run("ana@party.example")
    assert (code, err) == (3, "listward: DNS does not answer: 127.0.0.1:1\n")
    assert "an officer of board@lists.party.example" in out
    assert "has no" not in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ana"],
        ["@party.example"],
        ["ana@"],
        ["ana@par ty.example"],
        ["ana@party.example\x1b[2J"],
        ["ana@party.example", "--client-ip", "1.2.3"],
        ["ana@party.example", "--selector", "a..b"],
        ["ana@party.example", "--selector", "a\nb"],
    ],
)
def test_wrong_use_is_one_line(run: Doctor, arguments: list[str]) -> None:
    """What cannot be an address, a server or a selector is refused in one plain line."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("listward: ")
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize("arguments", [["lists"], ["lists", "--fix"], ["store"]])
def test_other_verbs_are_not_there_yet(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Promised verbs say plainly that this release does not have them."""
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    assert ended.value.code == 2
    assert (
        capsys.readouterr().err
        == f"listward: doctor {arguments[0]} is not in this release; CHANGELOG.md says what is\n"
    )


@pytest.mark.parametrize("width", [40, 32, 80])
def test_it_fits_a_narrow_screen(folder: Path, width: int) -> None:
    """On a terminal lines are wrapped at words to its width; colours are only there."""
    report = asyncio.run(examine("ben@mail.example", "198.51.100.7", (), load(folder).site, None))
    shown, plain = io.StringIO(), io.StringIO()
    doctor._print(report, Console(file=shown, width=width, force_terminal=True, color_system=None))
    assert max(map(len, shown.getvalue().splitlines())) <= width
    doctor._print(report, Console(file=shown, width=width, force_terminal=True, color_system="standard"))
    assert "\x1b[" in shown.getvalue()
    doctor._print(report, Console(file=plain, width=width, soft_wrap=True))
    assert "\x1b" not in plain.getvalue()
    assert "SPF does not name the server 198.51.100.7: softfail." in plain.getvalue()


PATH = SendingPath(Method.DKIM, "forwarder.example", "s1")


@pytest.mark.live
def test_programs_hear_what_the_store_remembers(run: Doctor, folder: Path) -> None:
    """With --store the JSON object has vouches and freeze as values; a key that is none is one plain line."""
    with running_server() as running:
        site = site_for(running)
        table = f'[store]\nurl = "{site.store.url}"\npath = "{site.store.path}"\n'
        config = folder / "site.toml"
        config.write_text(table + config.read_text(encoding="utf-8"), encoding="utf-8")

        async def vouch() -> None:
            store = connect(site)
            await store.accounts.vouch("board@party.example", "ben@mail.example", PATH, "mod", How.RELEASE, time.time())
            await store.close()

        asyncio.run(vouch())
        code, out, err = run("ben@mail.example", "--store", "--json")
        assert (code, err) == (0, "")
        told = json.loads(out)["remembered"]
        assert (told["frozen"], [vouch["path"]["selector"] for vouch in told["vouches"]]) == (False, ["s1"])
        (site.store.path / KEY_NAME).write_text("none\n")
        code, out, err = run("ben@mail.example", "--store")
        assert (code, out, err.count("\n")) == (3, "", 1)
        assert err.startswith("listward: the store: ")


async def test_the_store_is_asked_for_vouches_and_freezes() -> None:
    """With a store: who vouched for which way, and that an account is frozen; without any, one plain line."""
    with running_server() as running:
        site = site_for(running)
        store = connect(site)
        try:
            await store.accounts.vouch("board@party.example", "ben@mail.example", PATH, "mod", How.RELEASE, 1.8e9)
            await store.accounts.freeze(["dov@mail.example"], "mod", "stolen", 1.8e9)
        finally:
            await store.close()
        (vouched,) = store_lines("ben@mail.example", await remembered("ben@mail.example", site))
        frozen, nobody = store_lines("dov@mail.example", await remembered("dov@mail.example", site))
    assert vouched.state is State.FINE
    assert "mod vouched for mail signed by forwarder.example with the key s1 to board@party.example" in vouched.text
    assert (frozen.state, nobody.state) == (State.MISSING, State.NOTE)
    assert "is frozen" in frozen.text
    assert "listward account thaw dov@mail.example" in frozen.advice
    with pytest.raises(Unreachable):
        await remembered("ben@mail.example", site)
