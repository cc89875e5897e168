"""A header block: names are plain, fields keep their order and octets, addresses are plain or in doubt."""

from listward.filters.message import limits
from listward.filters.message.addresses import read_addresses
from listward.filters.message.defects import Defects
from listward.filters.message.headers import decoded, split_fields

GROW = (
    b"A:\r\n",
    b"A : b\r\n\tc\r\n",
    b"From: (",
    b"From: a <",
    b"To: a@b.example, ",
    b'To: "',
    b"To: a:b;",
    b"\x80:\r\n",
)


def one(data: bytes) -> None:
    """Split, decode and read the addresses."""
    fields = split_fields(data, Defects(), top=True)
    assert len(fields) <= limits.FIELDS
    at = 0
    for field in fields:
        assert field.name.isascii()
        assert field.key == field.name.lower()
        at = data.find(field.raw, at)
        assert at >= 0
    values = [decoded(field) for field in fields]
    assert not any(set("\r\n\0\x7f") & set(value.value) for value in values)
    for found in read_addresses(values).lists.values():
        for mailbox in (mailbox for one_list in found for mailbox in one_list.mailboxes):
            assert mailbox.address.count("@") >= 1
            assert mailbox.address.rpartition("@")[2].isascii()
            assert not set("\r\n\0<>") & set(mailbox.address.rpartition("@")[2])
