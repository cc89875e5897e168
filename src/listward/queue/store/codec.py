"""How text lies at rest: compressed, then encrypted in pieces, with a digest of the whole."""

import hashlib
import hmac
import secrets

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import DamagedBody

PIECE = 256 * 1024  # a 50 MiB value in one write stalls small writes for half a second, in pieces a quarter of it
LEVEL = 3
_ID, _NONCE = 4, 12
_LARGEST_RECORD = 16 * 1024 * 1024


class Codec:
    """Seals and opens. Each sealed value is key id, nonce, AES-256-GCM text and tag, bound to its place by `place`."""

    def __init__(self, ring: KeyRing) -> None:
        self._id = key_id(ring.current)
        self._current = AESGCM(ring.current)
        self._ciphers = {identity: AESGCM(key) for identity, key in ring.keys.items()}
        # For one thread. To make one costs more than a small text.
        self._packer = zstandard.ZstdCompressor(level=LEVEL)
        self._unpacker = zstandard.ZstdDecompressor()
        self._naming = hmac.digest(ring.current, b"listward names", "sha256")
        self._lasting = hmac.digest(ring.oldest, b"listward lasting names", "sha256")

    def pseudonym(self, text: str) -> str:
        """Return a keyed name for an address: equal addresses have equal names, and nobody can guess back."""
        return _named(self._naming, text)

    def lasting_name(self, text: str) -> str:
        """Return a name of the same kind that stays while the oldest key is kept: a frozen account has to stay so."""
        return _named(self._lasting, text)

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
        """Compress and encrypt a small record. In the event loop's thread alone."""
        return self.seal(self._packer.compress(plain), place)

    def open_record(self, sealed: bytes, place: str) -> bytes:
        """Undo `seal_record`, in the event loop's thread alone. Raises DamagedBody."""
        packed = self.open(sealed, place)
        try:
            if zstandard.frame_content_size(packed) > _LARGEST_RECORD:
                raise DamagedBody("it is longer than it was")
            return self._unpacker.decompress(packed)
        except zstandard.ZstdError:
            raise DamagedBody("it cannot be unpacked") from None

    def seal_piece(self, plain: bytes, number: str, index: int, count: int) -> bytes:
        """Compress and encrypt one piece of a message; case, piece and count of pieces are part of what is checked.

        In any thread.
        """
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(plain)
        return self.seal(packed, _place(number, index, count))

    def seal_small_piece(self, plain: bytes, number: str, index: int, count: int) -> bytes:
        """Do the same, in the event loop's thread alone."""
        return self.seal_record(plain, _place(number, index, count))

    def opener(self, number: str, count: int, size: int, digest: str) -> "BodyOpener":
        """Return what undoes `seal_piece` for all pieces of one message, in order."""
        return BodyOpener(self, number, count, size, digest)


class BodyOpener:
    """Opens the pieces of one message in order, and checks size and SHA-256 of the whole.

    A piece is compressed by itself. In a store of an earlier release all pieces together are one compressed frame.
    """

    def __init__(self, codec: Codec, number: str, count: int, size: int, digest: str) -> None:
        self._codec = codec
        self._number = number
        self._count = count
        self._left = size
        self._digest = digest
        self._found = hashlib.sha256()
        self._index = 0
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def open(self, sealed: bytes) -> bytes:
        """Return the text of the next piece. Raises DamagedBody."""
        plain = self._unpacked(self._codec.open(sealed, _place(self._number, self._index, self._count)))
        self._index += 1
        self._found.update(plain)
        return plain

    def end(self) -> None:
        """Check the whole; only now it may be used. Raises DamagedBody."""
        if self._left or self._frame is not None or not hmac.compare_digest(self._found.hexdigest(), self._digest):
            raise DamagedBody("it does not match its digest")

    def _unpacked(self, packed: bytes) -> bytes:
        plain = []
        while packed:
            frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            try:
                plain.append(frame.decompress(packed))
            except zstandard.ZstdError:
                raise DamagedBody("it cannot be unpacked") from None
            self._left -= len(plain[-1])
            if self._left < 0:
                raise DamagedBody("it is longer than it was")
            self._frame = None if frame.eof else frame
            packed = frame.unused_data if frame.eof else b""
        return b"".join(plain)


def _named(key: bytes, text: str) -> str:
    return hmac.digest(key, text.lower().encode(errors="surrogatepass"), "sha256").hex()[:24]


def pieces_of(size: int) -> int:
    """Return into how many pieces a message of this size is cut."""
    return max(1, -(-size // PIECE))


def _place(number: str, index: int, count: int) -> str:
    return f"body:{number}:{index}:{count}"
