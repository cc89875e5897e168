"""One message, parsed once: header fields in order, parts, and lazy text views."""

from dataclasses import dataclass, field
from functools import cached_property

from listward.filters.message.addresses import Addresses, read_addresses
from listward.filters.message.digest import body_digest
from listward.filters.message.quoting import divide
from listward.filters.message.signs import has_letters
from listward.filters.message.values import Defect, Field, Link, Mailbox, Part
from listward.filters.message.views import Texts, attached_text, is_attachment, message_id, names_message, read_texts

__all__ = ["Defect", "Field", "Link", "Mailbox", "Message", "Part"]

# Fewer letters say nothing by themselves: the message is what it calls a quotation.
_OWN_LETTERS = 80


@dataclass(frozen=True)
class Message:
    """A parsed message. Built by `parse.parse_message`; the views are computed when first asked for.

    The body begins at `body_start` of `raw`. `parts` are the usual reading; `alternatives` are what other readers would
    see besides, for scanners.
    """

    raw: bytes = field(repr=False)
    fields: tuple[Field, ...]
    body_start: int
    parts: tuple[Part, ...] = field(repr=False)
    defects: tuple[Defect, ...] = ()
    alternatives: tuple[Part, ...] = field(default=(), repr=False)

    @property
    def body(self) -> bytes:
        """The body: a copy, made anew each time, for a large one is not to be held twice."""
        return self.raw[self.body_start :]

    @cached_property
    def _by_name(self) -> dict[str, tuple[Field, ...]]:
        named: dict[str, tuple[Field, ...]] = {}
        for candidate in self.fields:
            key = candidate.name.lower()
            named[key] = (*named.get(key, ()), candidate)
        return named

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of that name, in order, whatever its case."""
        return self._by_name.get(name.lower(), ())

    def first(self, name: str) -> str:
        """The first field's decoded value, "" where there is none."""
        found = self.all(name)
        return found[0].value if found else ""

    @cached_property
    def subject(self) -> str:
        """The decoded subject."""
        return self.first("Subject").strip()

    @cached_property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, "" where there is none."""
        return message_id(self.first("Message-ID"))

    @cached_property
    def is_reply(self) -> bool:
        """Whether the message names an earlier one that it answers (RFC 5322, section 3.6.4)."""
        return names_message(self.first("In-Reply-To")) or names_message(self.first("References"))

    @cached_property
    def author(self) -> Mailbox | None:
        """The one author; None unless there is exactly one From field with exactly one address, plainly written."""
        return self.from_mailboxes[0] if len(self.all("From")) == 1 and len(self.from_mailboxes) == 1 else None

    @cached_property
    def addresses(self) -> Addresses:
        """All address fields, parsed."""
        return read_addresses(self.fields)

    @cached_property
    def from_mailboxes(self) -> tuple[Mailbox, ...]:
        """The addresses of all From fields; () where a From field can be read in two ways."""
        return self.addresses.strict("from")

    @cached_property
    def to_mailboxes(self) -> tuple[Mailbox, ...]:
        """Every address that some reader finds in To."""
        return self.addresses.of("to")

    @cached_property
    def cc_mailboxes(self) -> tuple[Mailbox, ...]:
        """Every address that some reader finds in Cc."""
        return self.addresses.of("cc")

    @cached_property
    def reply_to_mailboxes(self) -> tuple[Mailbox, ...]:
        """Every address that some reader finds in Reply-To."""
        return self.addresses.of("reply-to")

    @cached_property
    def sender_mailboxes(self) -> tuple[Mailbox, ...]:
        """Every address that some reader finds in Sender."""
        return self.addresses.of("sender")

    @cached_property
    def texts(self) -> Texts:
        """Visible and hidden text and links of all text parts."""
        return read_texts(self.parts, self.alternatives)

    @property
    def visible_text(self) -> str:
        """What people see, plain and HTML, line ends as "\\n"; the first 5 MiB."""
        return self.texts.visible

    @property
    def hidden_text(self) -> str:
        """What HTML carries without showing it."""
        return self.texts.hidden

    @cached_property
    def attached_text(self) -> str:
        """The text of attached text files and pages, line ends as "\\n"; the first 64 kB of all of them."""
        return attached_text(self.parts)

    @property
    def links(self) -> tuple[Link, ...]:
        """Links of HTML and plain text."""
        return self.texts.links

    @cached_property
    def _divided(self) -> tuple[str, str]:
        own, quoted = divide(self.visible_text)
        if quoted and not self.is_reply and not has_letters(own, _OWN_LETTERS):
            return self.visible_text, ""
        return own, quoted

    @property
    def own_text(self) -> str:
        """The visible text without what is quoted from earlier messages.

        All of it where hardly a word is the author's and the message answers none: then the signs of a quotation lie.
        """
        return self._divided[0]

    @property
    def quoted_text(self) -> str:
        """What is quoted from earlier messages."""
        return self._divided[1]

    @cached_property
    def attachments(self) -> tuple[Part, ...]:
        """Parts that are files: named, marked as attachment, or not text; of every reading."""
        return tuple(part for part in (*self.parts, *self.alternatives) if is_attachment(part))

    @cached_property
    def body_digest(self) -> str:
        """Hex SHA-256 of the body, line ends and white space at their ends aside."""
        return body_digest(self.raw, self.body_start)

    @cached_property
    def all_defects(self) -> tuple[Defect, ...]:
        """The parser's defects and those of the addresses and texts, each name once."""
        every = (*self.defects, *self.addresses.defects, *self.texts.defects)
        return tuple({defect.name: defect for defect in reversed(every)}.values())[::-1]
