"""amavisd-new with SpamAssassin between client and sink: within the transaction, local tests only, no virus scanner."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import free_ports, running
from bench.rivals.rival import Around, Relay

STARTED_WITHIN_S = 90  # SpamAssassin compiles its rules first

# A Perl file; numbers above 999 keep mail flowing whatever its score.
SETTINGS = """\
use strict;
$myhostname = 'amavis.bench.test'; $mydomain = 'bench.test';
$daemon_user = 'amavis'; $daemon_group = 'amavis';
$MYHOME = '{home}'; $TEMPBASE = '{home}'; $ENV{{TMPDIR}} = '{home}'; $db_home = '{home}';
$QUARANTINEDIR = undef; $lock_file = '{home}/lock'; $pid_file = '{home}/pid';
$inet_socket_bind = '127.0.0.1'; $inet_socket_port = {port};
@inet_acl = qw(127.0.0.1); @mynetworks = qw(127.0.0.0/8);
$forward_method = 'smtp:[127.0.0.1]:{sink}'; $notify_method = $forward_method;
$max_servers = {workers}; $max_requests = 1000; $enable_db = 0; $nanny_details_level = 0;
$enable_dkim_verification = 0; $enable_dkim_signing = 0; $do_syslog = 0; $log_level = 0;
@bypass_virus_checks_maps = (1); @local_domains_maps = (['.bench.test']);
$sa_local_tests_only = 1; $sa_mail_body_size_limit = 512*1024;
$sa_tag_level_deflt = -999; $sa_tag2_level_deflt = 6; $sa_kill_level_deflt = 9999;
$final_spam_destiny = D_PASS; $final_virus_destiny = D_PASS;
$final_banned_destiny = D_PASS; $final_bad_header_destiny = D_PASS;
$spam_quarantine_to = undef; $bad_header_quarantine_to = undef; $banned_quarantine_to = undef;
1;
"""


@contextmanager
def amavis(folder: Path, around: Around, workers: int = 2) -> Iterator[Relay]:
    """A private amavisd."""
    home, [port] = folder / "home", free_ports(1)
    home.mkdir(parents=True)
    folder.chmod(0o755)
    shutil.chown(home, "amavis", "amavis")
    config = folder / "amavis.conf"
    config.write_text(SETTINGS.format(home=home, port=port, sink=around.sink, workers=workers))
    program = shutil.which("amavisd") or shutil.which("amavisd-new", path=os.defpath + ":/usr/sbin") or "amavisd"
    command = [program, "-c", str(config), "foreground"]
    with running(command, folder / "amavis.log", port, STARTED_WITHIN_S) as pid:
        yield Relay(port, (pid,))
