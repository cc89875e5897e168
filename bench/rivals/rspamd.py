"""Postfix with rspamd as its milter. Behind smtpd_proxy_filter a milter sees no content, so mail is queued here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import free_ports, running
from bench.rivals.postfix import postfix
from bench.rivals.rival import Around, Relay

# What asks other servers, or remembers in Redis. What is left is rspamd's rules, regular expressions and MIME reading.
OFF = (
    "antivirus",
    "arc",
    "asn",
    "bayes_expiry",
    "bimi",
    "clickhouse",
    "dkim",
    "dkim_signing",
    "dmarc",
    "elastic",
    "emails",
    "external_services",
    "fuzzy_check",
    "greylist",
    "hfilter",
    "history_redis",
    "http_headers",
    "known_senders",
    "maillist",
    "metric_exporter",
    "mid",
    "mx_check",
    "neural",
    "p0f",
    "phishing",
    "ratelimit",
    "rbl",
    "replies",
    "reputation",
    "rspamd_update",
    "spamassassin",
    "spf",
    "surbl",
    "url_redirector",
)
STARTED_WITHIN_S = 90  # it compiles its patterns first


@contextmanager
def rspamd(folder: Path, around: Around, workers: int = 1) -> Iterator[Relay]:
    """Postfix, queue and rspamd: both trees are charged."""
    base, etc = folder / "rspamd", folder / "rspamd/etc"
    shutil.copytree("/etc/rspamd", etc)
    local, ports = etc / "local.d", dict(zip(("milter", "normal", "controller"), free_ports(3), strict=True))
    local.mkdir(exist_ok=True)
    for name, text in _settings(base, around, ports, workers).items():
        (local / name).write_text(text)
    (base / "db").mkdir()
    for path in (folder, base, etc):
        path.chmod(0o755)
    shutil.chown(base / "db", "_rspamd", "_rspamd")
    given = [f"--var=CONFDIR={etc}", f"--var=LOCAL_CONFDIR={etc}", f"--var=DBDIR={base}/db", f"--var=RUNDIR={base}/db"]
    command = ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(etc / "rspamd.conf"), *given]
    milter = f"smtpd_milters=inet:127.0.0.1:{ports['milter']}"
    with (
        running(command, folder / "rspamd.log", ports["milter"], STARTED_WITHIN_S) as pid,
        postfix(folder / "postfix", around, milter) as relay,
    ):
        yield Relay(relay.port, (*relay.roots, pid), relay.settled)


def _settings(base: Path, around: Around, ports: dict[str, int], workers: int) -> dict[str, str]:
    return {
        **{f"{name}.conf": "enabled = false;\n" for name in OFF},
        "options.inc": f'dns {{ nameserver = ["127.0.0.1:{around.dns}"]; timeout = 0.5s; }}\n'
        f'control_socket = "{base}/db/control.sock mode=0600";\n',
        "logging.inc": 'type = "console";\nlevel = "warning";\n',
        "worker-normal.inc": f'bind_socket = "127.0.0.1:{ports["normal"]}";\ncount = {workers};\n',
        "worker-proxy.inc": f'bind_socket = "127.0.0.1:{ports["milter"]}";\nmilter = yes;\ncount = {workers};\n'
        f'upstream "local" {{ default = yes; hosts = "127.0.0.1:{ports["normal"]}"; }}\n',
        "worker-controller.inc": f'bind_socket = "127.0.0.1:{ports["controller"]}";\n',
        "worker-fuzzy.inc": "enabled = false;\n",
        "actions.conf": "reject = 9999;\nadd_header = 6;\ngreylist = 9998;\n",
    }
