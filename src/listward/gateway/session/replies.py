"""Every reply that does not depend on a message: RFC 5321 codes, RFC 3463 enhanced codes, plain words."""

from functools import lru_cache

from listward.wire.reply import Reply

LINE_LIMIT = 400  # octets of one reply line, its CRLF included

OK = Reply(250, "2.0.0", "OK")
SENDER_OK = Reply(250, "2.1.0", "OK")
RECIPIENT_OK = Reply(250, "2.1.5", "OK")
BYE = Reply(221, "2.0.0", "Bye")
GO_AHEAD = Reply(354, "", "End the message with a line that holds one dot")
HELP = Reply(214, "2.0.0", "This server takes mail for mailing lists. See RFC 5321")
CANNOT_VERIFY = Reply(252, "2.1.5", "Addresses are not told here; send the message and see")

NOT_KNOWN = Reply(500, "5.5.1", "This command is not known here")
NOT_OFFERED = Reply(502, "5.5.1", "This command is not offered here")
LINE_TOO_LONG = Reply(500, "5.5.2", "The command line is too long")
BAD_LINE = Reply(500, "5.5.2", "A command line ends with CR LF and holds no control characters")
NO_ARGUMENT = Reply(501, "5.5.4", "This command takes nothing after it")
BAD_HELO = Reply(501, "5.5.4", "Give the name of your server after the command")
BAD_ARGUMENT = Reply(501, "5.5.4", "What follows the command is not well formed")
BAD_CHUNK = Reply(501, "5.5.4", "BDAT needs a size, and LAST or nothing after it")
HELO_FIRST = Reply(503, "5.5.1", "Say EHLO first")
MAIL_FIRST = Reply(503, "5.5.1", "Say MAIL first")
MAIL_TWICE = Reply(503, "5.5.1", "A message is already under way; RSET drops it")
CHUNKS_BEGUN = Reply(503, "5.5.1", "The message has begun with BDAT and must go on with it")
NO_RECIPIENTS = Reply(554, "5.5.1", "No recipient was accepted")
TLS_ON = Reply(503, "5.5.1", "TLS is already on")
TLS_NOT_HERE = Reply(502, "5.5.1", "TLS is not offered here")
NAMED_ALREADY = Reply(503, "5.5.1", "The client is named already; another one needs a connection of its own")
XCLIENT_IN_MAIL = Reply(503, "5.5.1", "Not while a message is under way")

BAD_PARAMETER = Reply(555, "5.5.4", "A parameter is not known here")
NEEDS_UTF8 = Reply(553, "5.6.7", "A non-ASCII address needs SMTPUTF8")
BAD_SENDER = Reply(501, "5.1.7", "The sender's address is not well formed")
BAD_RECIPIENT = Reply(501, "5.1.3", "The recipient's address is not well formed")
NO_SUCH_ADDRESS = Reply(550, "5.1.1", "There is no such address here")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Enough recipients for one message; send the rest in another one")

HEADER_TOO_LARGE = Reply(552, "5.3.4", "Not delivered. The header of the message is larger than this server takes")
NO_ROOM = Reply(452, "4.3.1", "No room for it at the moment. Nothing is lost; your mail service tries again by itself")
BARE_OCTETS = Reply(
    550,
    "5.6.0",
    "Not delivered. The message holds a NUL, or CR or LF alone, which mail does not allow (RFC 5321 2.3.8)",
)
LATER = Reply(451, "4.3.0", "Not delivered yet. Nothing is lost; your mail service tries again by itself")

TOO_MANY = {
    "clients": Reply(421, "4.3.2", "Too many connections at the moment; try again later"),
    "clients_per_address": Reply(421, "4.7.0", "Too many connections from your address; try again later"),
    "clients_per_network": Reply(421, "4.7.0", "Too many connections from your network; try again later"),
    "connection_rate": Reply(421, "4.7.0", "Too many new connections from your address; try again later"),
}
NOT_FOR_YOU = Reply(554, "5.7.1", "This door is only for the organisation's list server")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors; closing")
TOO_MANY_COMMANDS = Reply(421, "4.7.0", "Too many commands in one connection; closing")
TIMED_OUT = {
    "idle": Reply(421, "4.4.2", "Nothing came for too long; closing"),
    "data_rate": Reply(421, "4.4.2", "The message came too slowly; closing"),
    "data_time": Reply(421, "4.4.2", "The message took too long; closing"),
    "session_time": Reply(421, "4.4.2", "This connection has lasted long enough; closing"),
}
CLOSING = Reply(421, "4.3.2", "This server is closing down; try again later")
NOT_HTTP = Reply(421, "4.7.0", "This is a mail server; closing")
EARLY_TALKER = Reply(421, "4.7.0", "Wait for the greeting before you send; closing")
AHEAD_OF_TLS = Reply(421, "4.7.0", "Wait for TLS to be on before you send; closing")

READY_FOR_TLS = Reply(220, "2.0.0", "Ready to start TLS")
TLS_FIRST = Reply(530, "5.7.0", "Say STARTTLS first")
LOGIN_FIRST = Reply(530, "5.7.0", "Log in first")
LOGGED_IN = Reply(235, "2.7.0", "Logged in")
LOGGED_IN_ALREADY = Reply(503, "5.5.1", "You are logged in already")
NO_LOGIN = Reply(535, "5.7.8", "Name or password is wrong")
LOGIN_ABORTED = Reply(501, "5.7.0", "The log-in was ended")
BAD_LOGIN = Reply(501, "5.5.2", "This is not well-formed base64 of a name and a password")
LOGIN_TOO_LONG = Reply(500, "5.5.6", "The line is too long for a name and a password")
LOGIN_LATER = Reply(454, "4.7.0", "Too many wrong passwords from your address; try again in a minute")
NOT_THIS_WAY = Reply(504, "5.5.4", "This way to log in is not offered here")
NOT_YOUR_ADDRESS = Reply(
    550, "5.7.1", "Not delivered. The address in From is not one that this log-in may write as. Use your own address"
)


@lru_cache(maxsize=16)
def too_large(most: int) -> Reply:
    """Return the refusal of a message of more than `most` octets; read in a bounce, it says what is allowed."""
    bound = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1000} kB"
    return Reply(552, "5.3.4", f"Not delivered. This server takes messages of up to {bound}, and this one is larger")


@lru_cache(maxsize=256)
def octets(reply: Reply) -> bytes:
    """Return the reply as sent: ASCII, every line within the limit, whatever its words held."""
    lines = reply.render().encode("ascii", "replace").split(b"\r\n")
    return b"".join(line[: LINE_LIMIT - 2].translate(_PRINTABLE) + b"\r\n" for line in lines)


_PRINTABLE = bytes(octet if 32 <= octet < 127 else 63 for octet in range(256))
