"""What can be wrong with Mailman's REST interface: few kinds, each with a sentence for administrators."""

from enum import StrEnum


class Kind(StrEnum):
    """The word that logs say, and what it means."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    REFUSED = "wrong-password"
    NO_LIST = "no-such-list"
    REDIRECTED = "redirected"
    SERVER_ERROR = "server-error"
    GARBAGE = "not-understood"
    TOO_LARGE = "too-large"
    SLOW = "too-slow"
    CHANGING = "changed-while-read"
    NO_PASSWORD = "no-password"  # noqa: S105  # a word for logs, no password


SENTENCES = {
    Kind.UNREACHABLE: "nobody answers there",
    Kind.TLS: "the certificate is not one to trust; [mailman] ca_file names other authorities",
    Kind.REFUSED: "user or password is wrong; see [mailman] and Mailman's [webservice]",
    Kind.NO_LIST: "it has no such list",
    Kind.REDIRECTED: "it points elsewhere, and the password goes nowhere else",
    Kind.SERVER_ERROR: "it has a fault of its own; its log says which",
    Kind.GARBAGE: "what answers there is no Mailman 3, or only half an answer came",
    Kind.TOO_LARGE: "the answer is larger than any roster",
    Kind.SLOW: "the answer takes too long",
    Kind.CHANGING: "the roster changed again and again while it was read",
    Kind.NO_PASSWORD: "the password file cannot be read, or is empty",
}


class MailmanTrouble(Exception):
    """A roster could not be read; the last good copy stays."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(SENTENCES[kind])
        self.kind = kind
