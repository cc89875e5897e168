"""The whole of Listward as a process: nobody learns over the wire who is on a list, nor by how long an answer takes."""

import re
import smtplib
import statistics
import time
from pathlib import Path

import pytest
from dns_server import DnsServer
from running import Running
from scripted_hop import ScriptedHop

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live"), pytest.mark.timeout(120)]

LIST = "members@party.example"
MEMBER, STRANGER = "ann@members.example", "bob@members.example"
PAIRS = 10
CLASS_S = 0.25
"""Answers that differ by less are of one class of delay: nothing here waits on purpose for any standing."""
_OWN = re.compile(r"(?<=Ref )\S+|(?<=Case )[0-9]+")


def _message(address: str, number: int) -> bytes:
    head = f"From: <{address}>\r\nTo: {LIST}\r\nSubject: Minutes\r\nMessage-ID: <{number}@attack.example>\r\n"
    return (head + "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nDear all\r\n").encode()


def _session(running: Running, address: str, number: int) -> tuple[list[tuple[int, str]], float]:
    """Every reply of a session that forges the address, and how long the last took."""
    with smtplib.SMTP("127.0.0.1", running.smtp, local_hostname="out.attack.example", timeout=50) as client:
        said = [client.ehlo(), client.vrfy(address), client.expn(LIST), client.mail("x@elsewhere.example")]
        said += [client.rcpt(LIST), client.rcpt(address), client.rcpt("members-owner@party.example")]
        said += [client.rset(), client.mail("x@elsewhere.example"), client.rcpt(LIST)]
        start = time.monotonic()
        said.append(client.data(_message(address, number)))
        took = time.monotonic() - start
    plain = [(code, _OWN.sub("#", text.decode().replace(address, "(address)"))) for code, text in said]
    return plain, took


def test_a_forged_member_and_a_forged_stranger_are_told_the_same(
    tmp_path: Path, names: DnsServer, list_server: ScriptedHop
) -> None:
    """Word for word, with as many questions to name servers, and within one class of delay."""
    with Running(tmp_path / "site", names.address, list_server.url) as running:
        _session(running, STRANGER, 0)  # what is fetched once is fetched for neither of the two
        took: dict[str, list[float]] = {MEMBER: [], STRANGER: []}
        for number in range(1, 2 * PAIRS + 1):
            address = MEMBER if number % 2 else STRANGER
            asked = len(names.asked)
            said, seconds = _session(running, address, number)
            took[address].append(seconds)
            if number == 1:
                expected = said
            assert said == expected
            assert len(names.asked) == asked
        assert said[-1][0] == 250
        medians = [statistics.median(times) for times in took.values()]
        assert abs(medians[0] - medians[1]) < CLASS_S
        cases = running.cases()
        assert {str(case["origin"]) for case in cases} == {"unproven"}
        assert {str(case["basis"]) for case in cases} == {"not-proven"}
        assert '"basis": "not-proven"' in running.log() or '"basis":"not-proven"' in running.log()
        assert MEMBER not in running.log()
