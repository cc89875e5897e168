"""Transfer encodings: tolerant where all readers agree, with every reading where they do not."""

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import transfer
from listward.filters.message.defects import Defects
from listward.filters.message.transfer import decode_transfer, every_decoding, uu_files

SECRET = b"the quick brown fox jumps over the lazy dog"
ENCODED = base64.b64encode(SECRET)


def decode(body: bytes, encoding: str, textual: bool = False) -> tuple[bytes, tuple[bytes, ...], set[str]]:
    defects = Defects()
    decoded = decode_transfer(body, encoding, textual, defects)
    return decoded.content, decoded.others, {defect.name for defect in defects.take()}


@pytest.mark.parametrize(
    "body",
    [
        ENCODED,
        ENCODED[:20] + b"\n" + ENCODED[20:] + b"\n",
        ENCODED[:20] + b"\n\n" + ENCODED[20:],
        b" ".join(ENCODED[at : at + 4] for at in range(0, len(ENCODED), 4)),
        b"\t" + ENCODED + b" \n",
    ],
)
def test_base64_with_white_space_is_read_alike(body: bytes) -> None:
    """White space between the letters matters to nobody."""
    assert decode(body, "base64") == (SECRET, (), set())


@pytest.mark.parametrize(
    "body",
    [
        ENCODED[:10] + b"-----" + ENCODED[10:],
        ENCODED[:10] + b"#" + ENCODED[10:],
        b"QUFB====\n" + ENCODED,
        b"QUI=\n" + ENCODED,
        b"--foo x\n" + ENCODED,
    ],
)
def test_base64_with_junk_is_a_defect_and_found(body: bytes) -> None:
    """Where readers differ the secret is in one of the readings, and the defect is named."""
    content, others, defects = decode(body, "base64")
    assert any(SECRET in reading for reading in (content, *others))
    assert "broken-base64" in defects


def test_missing_padding_is_harmless() -> None:
    """Everybody decodes text whose padding was lost."""
    content, _, defects = decode(ENCODED.rstrip(b"="), "base64")
    assert content == SECRET
    assert defects == {"base64-padding"}


def test_list_footer_below_base64_is_harmless() -> None:
    """Lists add plain footers below encoded text: the content is whole and the footer is kept."""
    content, others, defects = decode(ENCODED + b"\n\n_____\nboard mailing list\n", "base64")
    assert content == SECRET
    assert b"board mailing list" in others[0]
    assert defects == {"base64-footer"}


@pytest.mark.parametrize("body", [b"a=3Db", b"a=3db", b"a= \n=3D= \nb", b"a=\n=3Db\n="])
def test_quoted_printable_is_tolerant(body: bytes) -> None:
    """Lower-case digits, white space after soft breaks and a last lone sign are read alike."""
    content, _, defects = decode(body, "quoted-printable")
    assert content.replace(b"a=b", b"").strip() == b""
    assert not defects


def test_broken_quoted_printable_matters_in_files_only() -> None:
    """In a text a stray sign is shown by all; in a file it makes another file."""
    assert decode(b"x=zz", "quoted-printable", textual=True)[2] == set()
    assert decode(b"x=5 8", "quoted-printable", textual=False)[2] == {"broken-quoted-printable"}


def test_unknown_encoding_shows_all_decodings() -> None:
    """What may be base64 for somebody is decoded as base64 too."""
    content, others, defects = decode(ENCODED, "x-base64")
    assert content == ENCODED
    assert SECRET in others
    assert defects == {"unknown-transfer-encoding"}


def uuencode(name: str, content: bytes) -> bytes:
    chunks = (binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))
    return f"begin 644 {name}\n".encode() + b"".join(chunks) + b"`\nend\n"


def test_files_in_uuencode_are_found() -> None:
    """Names and contents of several files in one text, one after the other."""
    text = b"hello\n" + uuencode("a.exe", SECRET) + b"and\n" + uuencode("b.txt", SECRET * 5)
    assert uu_files(text) == (("a.exe", SECRET), ("b.txt", SECRET * 5))
    assert SECRET in every_decoding(text)


def test_talk_of_beginning_is_no_file() -> None:
    """The word alone starts nothing."""
    assert uu_files(b"we begin 644 days later\n") == ()


@given(st.binary(max_size=300))
def test_round_trips(content: bytes) -> None:
    """What was encoded properly comes back without a defect."""
    assert decode(base64.encodebytes(content), "base64") == (content, (), set())
    text = quopri.encodestring(content.replace(b"\r", b""))
    assert decode(text, "quoted-printable")[2] == set()


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "x-uue", "8bit"]))
def test_decoding_never_raises(body: bytes, encoding: str) -> None:
    """Whatever the bytes, some reading comes out."""
    assert isinstance(decode(body, encoding)[0], bytes)
    assert isinstance(every_decoding(body), tuple)


@given(
    st.binary(max_size=200), st.integers(1, 80), st.sampled_from([b"\n", b" \n", b"\t", b"\r\n"]), st.binary(max_size=3)
)
def test_base64_decodes_as_the_slow_reference(octets: bytes, width: int, between: bytes, junk: bytes) -> None:
    """Whichever way is taken, what is nothing but base64 gives its octets and everything else is a defect."""
    encoded = base64.b64encode(octets)
    body = between.join(encoded[at : at + width] for at in range(0, len(encoded), width)) + junk
    try:
        expected = binascii.a2b_base64(body.translate(None, b" \t\r\n"), strict_mode=True)
    except binascii.Error:
        with pytest.raises(binascii.Error):
            transfer._strict(body)
    else:
        assert transfer._strict(body) == expected
