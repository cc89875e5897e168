"""The tables of site.toml on who wrote a message: how it is proven, what is remembered of senders, whom we sign for."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from listward.config.table import Table
from listward.config.values import Domain


class Authentication(Table):
    """[authentication]: how authors are proven.

    `dmarc` says which standard finds the organisational domain and the record: "rfc7489" with the public suffix list,
    or "rfc9989" with its tree walk. `trusted_sealers` are the domains whose ARC seals count.
    """

    dmarc: Literal["rfc7489", "rfc9989"] = "rfc7489"
    trusted_sealers: tuple[Domain, ...] = ()


class Accounts(Table):
    """[accounts]: what is remembered of senders, in days without a message of theirs; 0 remembers nothing.

    `vouch_days`: a way that somebody vouched for. `habit_days`: what is usual for an author, against hijacked accounts.
    """

    vouch_days: int = Field(default=365, ge=0, le=365)
    habit_days: int = Field(default=90, ge=0, le=180)


class Mailman(Table):
    """[mailman]: how to log in to Mailman's REST interface, for the lists whose roster is a mailman:// address.

    `sync_s`: seconds between two questions for one list. `ca_file` holds the authorities to trust instead of the
    system's, for mailmans:// addresses.
    """

    user: str = "restadmin"
    password_file: Path | None = None
    ca_file: Path | None = None
    sync_s: float = Field(default=60, ge=1, le=3600)


class Signing(Table):
    """[signing]: the key for ARC seals on the way out. Without one nothing is sealed.

    `listward config signing-key` makes it; keep the file to the gateway alone, mode 0600. `selector` is the name under
    `domain` where its other half is published. Mail sealed so counts as ours when it comes back.
    """

    domain: Domain | Literal[""] = ""
    selector: str = ""
    key_file: Path | None = None
