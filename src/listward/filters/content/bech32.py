"""Bech32 and bech32m check sums (BIP 173, BIP 350), for Bitcoin's segregated-witness and taproot addresses."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
BECH32, BECH32M = 1, 0x2BC830A3
LONGEST = 90  # BIP 173: an address is at most 90 characters


def _polymod(values: list[int]) -> int:
    """The BCH check sum of BIP 173."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def _expand(prefix: str) -> list[int]:
    """The human-readable part, as the check sum sees it."""
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _program_length(data: list[int]) -> int:
    """Bytes in the witness program, -1 where the padding is not zero (BIP 173)."""
    bits = 5 * len(data)
    spare = bits % 8
    if spare > 4 or (spare and data[-1] & (1 << spare) - 1):
        return -1
    return bits // 8


def is_segwit_address(address: str, prefix: str = "bc") -> bool:
    """Whether this is a valid segregated-witness address: version 0 by bech32, later versions by bech32m (BIP 350)."""
    if len(address) > LONGEST or (address.lower() != address and address.upper() != address):
        return False
    name, separator, text = address.lower().rpartition("1")
    if not separator or name != prefix or len(text) < 8 or not set(text) <= set(ALPHABET):
        return False
    data = [ALPHABET.index(letter) for letter in text]
    version, program = data[0], data[1:-6]
    length = _program_length(program)
    fits = length in {20, 32} if version == 0 else 2 <= length <= 40
    return version <= 16 and fits and _polymod(_expand(name) + data) == (BECH32M if version else BECH32)
