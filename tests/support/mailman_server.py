"""A real Mailman 3 core in a folder of its own: LMTP in, SMTP out, REST to look."""

import base64
import json
import os
import signal
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from free_ports import wait_for_port
from mailmanclient import Client

PASSWORD = "rest"
VENV = Path(__file__).resolve().parents[2] / ".venv-mailman"

CONFIG = """\
[mailman]
site_owner: owner@party.example
layout: eco
[paths.eco]
var_dir: {folder}
bin_dir: {venv}/bin
queue_dir: {folder}/queue
list_data_dir: {folder}/lists
log_dir: {folder}/logs
lock_dir: {folder}/locks
data_dir: {folder}/data
cache_dir: {folder}/cache
etc_dir: {folder}/etc
messages_dir: {folder}/messages
archive_dir: {folder}/archives
template_dir: {folder}/templates
pid_file: {folder}/master.pid
lock_file: {folder}/locks/master.lck
[mta]
incoming: mailman.mta.null.NullMTA
outgoing: mailman.mta.deliver.deliver
lmtp_host: 127.0.0.1
lmtp_port: {lmtp}
smtp_host: 127.0.0.1
smtp_port: {smtp}
[webservice]
hostname: 127.0.0.1
port: {rest}
admin_user: rest
admin_pass: rest
workers: 1
[dmarc]
resolver_timeout: 1s
org_domain_data_url: file://{folder}/psl.dat
[runner.archive]
start: no
[runner.bounces]
start: no
[runner.digest]
start: no
[runner.retry]
start: no
[runner.task]
start: no
[runner.nntp]
start: no
"""


def installed() -> bool:
    """Whether the locked Mailman was installed for the tests."""
    return (VENV / "bin" / "mailman").exists()


class MailmanServer:
    """One running Mailman. `smtp` is the port it sends to; `lmtp` and `rest` are where it listens."""

    def __init__(self, folder: Path, smtp: int, lmtp: int, rest: int) -> None:
        self.lmtp = lmtp
        self.rest = rest
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "psl.dat").write_text("example\n", encoding="utf-8")
        self._config = folder / "mailman.cfg"
        self._config.write_text(
            CONFIG.format(folder=folder, venv=VENV, lmtp=lmtp, smtp=smtp, rest=rest), encoding="utf-8"
        )
        self._master: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Create the schema, start the runners and wait for both doors."""
        environment = {**os.environ, "HOME": str(self._folder)}
        mailman = [str(VENV / "bin" / "mailman"), "-C", str(self._config)]
        if os.geteuid() == 0:
            mailman.insert(1, "--run-as-root")
        subprocess.run([*mailman, "info"], env=environment, check=True, capture_output=True, timeout=60)
        with (self._folder / "master.out").open("wb") as output:
            self._master = subprocess.Popen(
                [str(VENV / "bin" / "master"), "-C", str(self._config)],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for_port(self.lmtp, 90)
            wait_for_port(self.rest, 90)
        except BaseException:  # what does not start must not outlive the test that started it
            self.stop()
            raise

    def stop(self) -> None:
        """End the master and, should it not end them, its runners."""
        if self._master is None:
            return
        self._master.send_signal(signal.SIGTERM)
        try:
            self._master.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()

    @property
    def client(self) -> Client:
        """Mailman's own client of the REST interface, logged in."""
        return Client(f"http://127.0.0.1:{self.rest}/3.1", PASSWORD, PASSWORD)

    def add_list(self, address: str, members: list[str]) -> None:
        """Make a list with these people, who may post."""
        list_id = address.replace("@", ".")
        self._call("lists", fqdn_listname=address)
        self._call(f"lists/{list_id}/config", "PATCH", send_welcome_message="false", default_member_action="accept")
        for member in members:
            flags = dict.fromkeys(("pre_verified", "pre_confirmed", "pre_approved"), "true")
            self._call("members", list_id=list_id, subscriber=member, **flags)

    def add_domain(self, domain: str) -> None:
        """Serve this domain."""
        self._call("domains", mail_host=domain)

    def held(self, address: str) -> int:
        """How many posts Mailman itself holds for a list."""
        answer = self._call(f"lists/{address.replace('@', '.')}/held", "GET")
        return int(answer["total_size"])

    def _call(self, path: str, method: str = "POST", **values: str) -> dict[str, object]:
        data = urllib.parse.urlencode(values).encode() if values else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest}/3.1/{path}", data, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(b"rest:rest").decode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else {}
