"""What is tried beyond reading: each file that TLS needs is named by its own key, in words that say what to do."""

import shutil
from pathlib import Path

import pytest
import trustme

from listward.cli.usable import usable
from listward.config.faults import ConfigError

SITE = """\
[organisation]
name = "The Example Party"
domains = ["party.example"]

[gateway]
tls_certificate = "cert.pem"
tls_key = "key.pem"

[submission]
listen = ["127.0.0.1:2587"]
client_ca = "clients.pem"
passwords_file = "passwords"

[[submission.identity]]
name = "web"
from = ["party.example"]
origin = "internal"

[next_hops]
ca_file = "ours.pem"

[[list]]
address = "members@party.example"
zone = "members"
next_hop = "lmtp://127.0.0.1:8024"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration whose files all load."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "clients.pem")
    authority.cert_pem.write_to_path(tmp_path / "ours.pem")
    leaf = authority.issue_cert("lists.party.example")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.issue_cert("other.party.example").private_key_pem.write_to_path(tmp_path / "other-key.pem")
    (tmp_path / "passwords").write_text("")
    (tmp_path / "site.toml").write_text(SITE)
    return tmp_path


def fault(folder: Path) -> str:
    """The one fault, without the folder."""
    with pytest.raises(ConfigError) as raised:
        usable(folder)
    (only,) = raised.value.faults
    return str(only).removeprefix(f"{folder}/")


def test_files_that_load_are_no_fault(folder: Path) -> None:
    """The configuration that the others break is whole."""
    assert usable(folder)[0].site.submission.client_ca == Path("clients.pem")


@pytest.mark.parametrize(
    ("file", "by", "told"),
    [
        (
            "key.pem",
            "other-key.pem",
            "site.toml:6: gateway.tls_certificate: cannot be used: the key does not belong to",
        ),
        ("cert.pem", "key.pem", "site.toml:6: gateway.tls_certificate: cannot be used: not a certificate and its key"),
        ("clients.pem", "passwords", "site.toml:11: submission.client_ca: cannot be used: there is no certificate in"),
        ("ours.pem", "key.pem", "site.toml:20: next_hops.ca_file: cannot be used: there is no certificate in it"),
    ],
)
def test_each_file_is_named_by_its_own_key(folder: Path, file: str, by: str, told: str) -> None:
    """A file that holds something else leads to the line to mend, without OpenSSL's words."""
    shutil.copy(folder / by, folder / file)
    assert fault(folder).startswith(told)
