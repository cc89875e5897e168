"""What each list server calls its sub-addresses. One table a server; nothing else in the product knows these names."""

from dataclasses import dataclass, field

from listward.filters.routing.kinds import Kind


@dataclass(frozen=True, slots=True)
class Word:
    """One sub-address word, as in list-request. `token` says that more may follow: a confirmation token or VERP."""

    kind: Kind
    token: bool = False


@dataclass(frozen=True, slots=True)
class ServerNames:
    """Sub-addresses of one kind of list server.

    `delimiters` stand between the list's name and the word, `marks` between the word and its token. `alone` are local
    parts that the server itself answers on a list's domain, such as sympa@; `prefixed` are words before the name, as
    in owner-list.
    """

    delimiters: tuple[str, ...]  # one character each
    words: dict[str, Word]
    marks: tuple[str, ...] = ("+",)
    alone: dict[str, Word] = field(default_factory=dict)
    prefixed: dict[str, Word] = field(default_factory=dict)


COMMAND, BOUNCE, OWNER = Word(Kind.COMMAND), Word(Kind.BOUNCE, token=True), Word(Kind.OWNER)
CONFIRM = Word(Kind.COMMAND, token=True)

# Mailman 3, runners/lmtp.py: bounces, confirm, join, leave, owner, request, subscribe, unsubscribe.
MAILMAN3 = ServerNames(
    delimiters=("-",),
    words={
        **dict.fromkeys(("request", "join", "leave", "subscribe", "unsubscribe"), COMMAND),
        "confirm": CONFIRM,
        "bounces": BOUNCE,
        "owner": OWNER,
    },
)

# Sympa, aliases manager: -request and -editor reach people; -owner is the return path; VERP is bounce+list==user@.
SYMPA = ServerNames(
    delimiters=("-",),
    words={
        **dict.fromkeys(("subscribe", "unsubscribe", "sigsub", "signoff"), COMMAND),
        **dict.fromkeys(("request", "editor"), OWNER),
        "owner": BOUNCE,
    },
    alone={
        "sympa": COMMAND,
        "sympa-request": OWNER,
        "sympa-owner": BOUNCE,
        "listmaster": OWNER,
        "bounce": BOUNCE,
        "abuse-feedback-report": BOUNCE,
    },
)

_MLMMJ_FORMS = ("", "-digest", "-nomail", "-both")

# mlmmj, listtexts and prepmlmmj: list+subscribe-digest, list+confsub-TOKEN, list+bounces-N-user=domain, list+get-N.
MLMMJ = ServerNames(
    delimiters=("+", "-"),
    words={
        **{f"{word}{form}": COMMAND for word in ("subscribe", "unsubscribe") for form in _MLMMJ_FORMS},
        **{f"{word}{form}": CONFIRM for word in ("confsub", "confunsub") for form in _MLMMJ_FORMS},
        **dict.fromkeys(
            ("subconf", "unsubconf", "get", "moderate", "release", "reject", "permit", "obstruct"), CONFIRM
        ),
        **dict.fromkeys(("help", "faq", "list", "list-digest", "list-nomail"), COMMAND),
        "bounces": BOUNCE,
        "owner": OWNER,
    },
    marks=("-", "+"),
)

# Any other server: the customs of RFC 2142 section 6 and of the servers above, Majordomo's owner-list among them.
GENERIC = ServerNames(
    delimiters=("-", "+"),
    words={
        **dict.fromkeys(("request", "join", "leave", "subscribe", "unsubscribe", "help"), COMMAND),
        "confirm": CONFIRM,
        **dict.fromkeys(("bounces", "bounce"), BOUNCE),
        **dict.fromkeys(("owner", "admin"), OWNER),
    },
    marks=("+", "-"),
    prefixed={"owner": OWNER},
)

SERVERS = {"mailman3": MAILMAN3, "sympa": SYMPA, "mlmmj": MLMMJ, "generic": GENERIC}
