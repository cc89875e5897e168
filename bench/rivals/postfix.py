"""Postfix as a relay to the sink: within the transaction, through its queue, or with a milter that scans."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import end, free_ports, running
from bench.rivals.rival import Around, Relay

MAIN = """\
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
smtpd_tls_security_level = none
smtp_tls_security_level = none
in_flow_delay = 0
message_size_limit = 62914560
mailbox_size_limit = 0
milter_default_action = tempfail
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
default_process_limit = 120
"""

MASTER = """\
127.0.0.1:{port} inet n - n - 110 smtpd{option}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
smtp unix - - n - - smtp
relay unix - - n - - smtp
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

WAITING = ("incoming", "active", "deferred", "maildrop")


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one instance."""

    folder: Path

    def empty(self) -> bool:
        """Whether every message that was taken has been delivered."""
        return not any(path.is_file() for name in WAITING for path in (self.folder / name).rglob("*"))


@contextmanager
def postfix(folder: Path, around: Around, option: str = "") -> Iterator[Relay]:
    """A private Postfix; `option` is one more of its smtpd's."""
    [port], config = free_ports(1), folder / "config"
    for name in ("config", "queue", "data"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    shutil.chown(folder / "data", "postfix")
    (config / "main.cf").write_text(MAIN.format(folder=folder, sink=around.sink))
    (config / "master.cf").write_text(MASTER.format(port=port, option=f" -o {option}" if option else ""))
    with running(["postfix", "-c", str(config), "start-fg"], folder / "postfix.log", port):
        master = int((folder / "queue/pid/master.pid").read_text())
        try:
            yield Relay(port, (master,), Queue(folder / "queue").empty)
        finally:
            end(master)  # the command that started it passes no signal on


@contextmanager
def proxying(folder: Path, around: Around) -> Iterator[Relay]:
    """Postfix that relays within the transaction, as Listward does, and filters nothing."""
    with postfix(folder, around, f"smtpd_proxy_filter=127.0.0.1:{around.sink}") as relay:
        yield relay
