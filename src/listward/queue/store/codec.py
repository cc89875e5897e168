"""How text lies at rest: compressed, then encrypted in pieces, with a digest of the whole."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import DamagedBody

PIECE = 256 * 1024  # a 50 MiB value in one write stalls small writes for half a second, in pieces a quarter of it
LEVEL = 3
_ID, _NONCE = 4, 12


class Codec:
    """Seals and opens. Each sealed value is key id, nonce, AES-256-GCM text and tag, bound to its place by `place`."""

    def __init__(self, ring: KeyRing) -> None:
        self._id = key_id(ring.current)
        self._current = AESGCM(ring.current)
        self._ciphers = {identity: AESGCM(key) for identity, key in ring.keys.items()}
        self._naming = hmac.digest(ring.current, b"listward names", "sha256")

    def pseudonym(self, text: str) -> str:
        """Return a keyed name for an address: equal addresses have equal names, and nobody can guess back."""
        plain = text.lower().encode(errors="surrogateescape")
        return hmac.new(self._naming, plain, hashlib.sha256).hexdigest()[:24]

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt a value for one place: it opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE)
        return self._id + nonce + self._current.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt a value. Raises DamagedBody when it was changed, moved or sealed with a key we do not have."""
        cipher = self._ciphers.get(sealed[:_ID])
        if cipher is None:
            raise DamagedBody("it was encrypted with a key that is not here")
        try:
            return cipher.decrypt(sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :], place.encode())
        except (InvalidTag, ValueError):
            raise DamagedBody("it was changed after it was written") from None

    def seal_record(self, plain: bytes, place: str) -> bytes:
        """Compress and encrypt a small record."""
        return self.seal(zstandard.ZstdCompressor(level=LEVEL).compress(plain), place)

    def open_record(self, sealed: bytes, place: str) -> bytes:
        """Undo `seal_record`. Raises DamagedBody."""
        return _expand(self.open(sealed, place), 16 * 1024 * 1024)

    def seal_body(self, body: bytes, number: str) -> tuple[bytes, ...]:
        """Compress a message and encrypt it in pieces; case, piece and count of pieces are part of what is checked."""
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(body)
        starts = range(0, len(packed), PIECE)
        return tuple(
            self.seal(packed[start : start + PIECE], _place(number, index, len(starts)))
            for index, start in enumerate(starts)
        )

    def open_body(self, pieces: Sequence[bytes], number: str, size: int, digest: str) -> bytes:
        """Undo `seal_body` and check size and SHA-256 of the whole. Raises DamagedBody."""
        packed = b"".join(self.open(piece, _place(number, index, len(pieces))) for index, piece in enumerate(pieces))
        body = _expand(packed, size)
        if len(body) != size or not hmac.compare_digest(digest_of(body), digest):
            raise DamagedBody("it does not match its digest")
        return body


def digest_of(body: bytes) -> str:
    """Return the hex SHA-256 of a message."""
    return hashlib.sha256(body).hexdigest()


def _place(number: str, index: int, count: int) -> str:
    return f"body:{number}:{index}:{count}"


def _expand(packed: bytes, most: int) -> bytes:
    try:
        if zstandard.frame_content_size(packed) > most:
            raise DamagedBody("it is longer than it was")
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        raise DamagedBody("it cannot be unpacked") from None
