"""The replies that we give ourselves when a next hop gave none that can be used. Temporary unless nothing can help."""

from listward.wire.reply import Reply

CANNOT_CONNECT = Reply(451, "4.4.1", "The next mail server does not answer; try again later")
CONNECTION_LOST = Reply(451, "4.4.2", "The connection to the next mail server broke; try again later")
TOO_SLOW = Reply(451, "4.4.2", "The next mail server did not answer in time; try again later")
OUT_OF_STEP = Reply(451, "4.5.0", "The next mail server gave an unexpected answer; try again later")
CLOSING = Reply(451, "4.3.2", "The next mail server is closing; try again later")
NO_TLS = Reply(451, "4.7.4", "No protected connection to the next mail server; try again later")
NOT_VERIFIED = Reply(451, "4.7.4", "The certificate of the next mail server cannot be verified; try again later")
SHUT_DOWN = Reply(451, "4.3.2", "This server is closing; try again later")
FAILED = Reply(451, "4.3.0", "The message could not be passed on; try again later")

TOO_BIG = Reply(552, "5.3.4", "The message is larger than the next mail server takes")
NEEDS_8BITMIME = Reply(550, "5.6.3", "The next mail server takes no 8-bit text; send it encoded")
NEEDS_SMTPUTF8 = Reply(550, "5.6.7", "The next mail server takes no international addresses")
BAD_ADDRESS = Reply(553, "5.1.3", "The address is not a valid mail address")
BAD_PARAMETER = Reply(501, "5.5.4", "A parameter of the envelope is malformed")
BAD_CONTENT = Reply(554, "5.6.0", "The message holds a bare CR, a bare LF or a NUL")

_TROUBLES = frozenset({CANNOT_CONNECT, CONNECTION_LOST, TOO_SLOW, OUT_OF_STEP, CLOSING, NO_TLS, NOT_VERIFIED, FAILED})


def in_words(trouble: Reply) -> str:
    """Say for a log why a server is of no use now: its codes, and words only where they are ours."""
    words = f" {trouble.text.partition(';')[0]}" if trouble in _TROUBLES else ""
    return f"{trouble.code} {trouble.enhanced}{words}"


def fit(reply: Reply) -> Reply:
    """Return a next hop's refusal as it may be passed on: with an enhanced code, and not 421: our session goes on."""
    if reply.code == 421:
        return CLOSING
    return Reply(reply.code, reply.enhanced or f"{reply.code // 100}.0.0", reply.text or "Refused")
