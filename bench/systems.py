"""The systems that are measured, each listening on a free port of 127.0.0.1 and relaying to the sink."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import NAMES
from bench.processes import free_port, python, running

LIST = "members@bench.test"

SITE = """\
[organisation]
name = "Bench"
domains = ["bench.test"]
internal_networks = ["127.0.0.0/8"]

[addresses]
help = "help@bench.test"

[gateway]
listen = ["127.0.0.1:{ingress}"]
workers = {workers}
hostname = "gateway.bench.test"
max_clients = 1000
max_clients_per_address = 1000

[egress]
listen = ["127.0.0.1:{egress}"]
next_hop = "smtp://127.0.0.1:{sink}"

[dns]
servers = ["127.0.0.1:{dns}"]
timeout_s = 2.0

[console]
listen = "127.0.0.1:{console}"

[metrics]
listen = "127.0.0.1:{metrics}"

[limits]
held_bytes_total = 10000000000
held_bytes_per_sender = 1000000000

[[group]]
name = "moderators"
members = ["moderator@bench.test"]

[[queue]]
name = "moderators"
group = "moderators"

[[list]]
address = "members@bench.test"
zone = "members"
next_hop = "smtp://127.0.0.1:{sink}"
roster = "roster.csv"
"""

POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.bench.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
disable_dns_lookups = yes
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
message_size_limit = 62914560
mailbox_size_limit = 0
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
default_process_limit = 120
"""

POSTFIX_MASTER = """\
127.0.0.1:{port} inet n - n - 110 smtpd -o smtpd_proxy_filter=127.0.0.1:{sink}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
smtp unix - - n - - smtp
relay unix - - n - - smtp
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that listens: `pid` is the root of its processes, 0 where there is none to charge."""

    ports: dict[str, int]
    pid: int


@contextmanager
def listward(folder: Path, sink: int, dns: int, workers: int) -> Iterator[Running]:
    """The whole product as it ships, on its embedded store; ports "ingress" and "egress"."""
    ports = {name: free_port() for name in ("ingress", "egress", "console", "metrics")}
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "site.toml").write_text(SITE.format(sink=sink, dns=dns, workers=workers, **ports))
    people = "".join(
        f"{name}@signed.bench.test,{name},member\n" for name in (full.split()[0].lower() for full in NAMES)
    )
    (site / "roster.csv").write_text("address,name,role\n" + people)
    command = [str(Path(sys.executable).parent / "listward"), "run", "--config", str(site)]
    with running(command, folder / "listward.log", ports["ingress"]) as pid:
        yield Running(ports, pid)


def postfix_missing() -> str | None:
    """Why Postfix cannot be measured here, or None."""
    if shutil.which("postfix") is None:
        return "Postfix is not installed (apt install postfix)"
    return None if os.geteuid() == 0 else "Postfix starts as root only"


@contextmanager
def postfix(folder: Path, sink: int) -> Iterator[Running]:
    """Postfix with smtpd_proxy_filter: relays within the transaction, like Listward, and filters nothing."""
    port, config = free_port(), folder / "config"
    for name in ("config", "queue", "data"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    shutil.chown(folder / "data", "postfix")
    (config / "main.cf").write_text(POSTFIX_MAIN.format(folder=folder, sink=sink))
    (config / "master.cf").write_text(POSTFIX_MASTER.format(port=port, sink=sink))
    with running(["postfix", "-c", str(config), "start-fg"], folder / "postfix.log", port):
        yield Running({"ingress": port}, int((folder / "queue/pid/master.pid").read_text()))


@contextmanager
def surroundings(folder: Path, public_key: str) -> Iterator[tuple[tuple[int, int], int]]:
    """The sink and the name server; yields their ports and the sink's pid."""
    with ExitStack() as stack:
        sink, dns = free_port(), free_port()
        pid = stack.enter_context(running(python("bench.sink", str(sink)), folder / "sink.log", sink))
        stack.enter_context(running(python("bench.names", public_key, str(dns)), folder / "names.log", None))
        yield (sink, dns), pid
