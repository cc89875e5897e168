"""A real Postfix instance in a folder of its own: before-queue proxy filter, or content filter with XFORWARD."""

import grp
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from free_ports import wait_for_port

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.party.example
mydestination =
local_recipient_maps =
relay_domains = party.example
relay_transport = gateway:[127.0.0.1]:{gateway}
default_transport = error:5.1.2 no way out of this test
bounce_queue_lifetime = 0
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
alias_maps =
disable_dns_lookups = yes
smtp_host_lookup = native
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_authorized_xclient_hosts = 127.0.0.1
"""

MASTER = """\
127.0.0.1:{before} inet n - n - - smtpd
  -o smtpd_proxy_filter=127.0.0.1:{gateway} -o smtpd_proxy_options=speed_adjust
127.0.0.1:{after} inet n - n - - smtpd
  -o content_filter=gateway:[127.0.0.1]:{gateway}
gateway unix - - n - 2 smtp -o smtp_send_xforward_command=yes
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def installed() -> bool:
    """Whether Postfix is here and may be started: it needs root."""
    return shutil.which("postfix", path="/usr/sbin:/usr/bin") is not None and os.geteuid() == 0


class PostfixServer:
    """One Postfix. `before` asks the gateway before its own 250; `after` says 250 first and filters then."""

    def __init__(self, folder: Path, before: int, after: int, gateway: int) -> None:
        self.before = before
        self.after = after
        self._folder = folder
        ports = {"before": before, "after": after, "gateway": gateway}
        for name in ("queue", "data"):
            (folder / name).mkdir(parents=True)
        os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        (folder / "main.cf").write_text(MAIN.format(folder=folder, **ports), encoding="utf-8")
        (folder / "master.cf").write_text(MASTER.format(**ports), encoding="utf-8")

    def start(self) -> None:
        """Start and wait for both doors."""
        self._command("start")
        wait_for_port(self.before, 20)
        wait_for_port(self.after, 20)

    def stop(self) -> None:
        """End the instance."""
        self._command("stop")

    def log(self) -> str:
        """The mail log so far."""
        path = self._folder / "mail.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _command(self, verb: str) -> None:
        # Output goes to a file: daemons that kept a pipe open would keep us waiting.
        with (self._folder / f"{verb}.out").open("wb") as output:
            subprocess.run(
                ["/usr/sbin/postfix", "-c", str(self._folder), verb],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=60,
            )
