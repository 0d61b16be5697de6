"""Sealing of contact details and everything said: AES-256-GCM, bound to the place it is stored in.

Sealed form: version (1 byte) | key id (4) | nonce (12) | ciphertext and tag. The key id is the start of the key's SHA-256,
so keys need no names and the newest can be put first at any time. Look-ups go by a blind index, an HMAC under a
key of its own. The ready-made SQLAlchemy types are deterministic or bind nothing to the row, which lets whoever can write to
the database move one person's number into another's record.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID = slice(1, 5)
_NONCE = slice(5, 17)


class VaultError(Exception):
    """A sealed value cannot be opened here, or a key cannot be used. The message says what to do and quotes no value."""


class Vault:
    """Opens with every key given, seals with the first."""

    def __init__(self, keys: Sequence[bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise VaultError("ENCRYPTION_KEYS needs at least one key of 32 bytes; `referline keys new` prints one")
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._newest = key_id(keys[0])
        self._index_key = index_key

    def seal(self, plain: str, aad: str) -> bytes:
        """Encrypt under the newest key for one place only; `aad` is `table.column.row-id`."""
        return self.seal_bytes(plain.encode("utf-8", "surrogatepass"), aad)

    def seal_bytes(self, plain: bytes, aad: str) -> bytes:
        """The same for what is no text."""
        nonce = secrets.token_bytes(12)
        return _VERSION + self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, aad.encode())

    def open(self, sealed: bytes, aad: str) -> str:
        """Decrypt. Raises VaultError for an unknown key, for bytes moved from another place, and for changed bytes."""
        return self.open_bytes(sealed, aad).decode("utf-8", "surrogatepass")

    def open_bytes(self, sealed: bytes, aad: str) -> bytes:
        """The same for what is no text."""
        if sealed[:1] != _VERSION or len(sealed) < _NONCE.stop + 16:
            raise VaultError("a sealed value has a form this version does not know")
        cipher = self._ciphers.get(sealed[_KEY_ID])
        if cipher is None:
            raise VaultError("the key this was sealed with is not in ENCRYPTION_KEYS; put it back, at the end of the list")
        try:
            return cipher.decrypt(sealed[_NONCE], sealed[_NONCE.stop :], aad.encode())
        except InvalidTag as error:
            raise VaultError("a sealed value was changed, or moved here from another row or column") from error

    def newest(self, sealed: bytes) -> bool:
        """Whether it is already sealed under the newest key."""
        return sealed[_KEY_ID] == self._newest

    def index(self, field: str, normalised: str) -> bytes:
        """Blind index of a normalised value, 16 bytes; the same value under another field gives another index."""
        return hmac.new(self._index_key, f"{field}\0{normalised}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]


def key_id(key: bytes) -> bytes:
    """Four bytes that tell keys apart and give nothing away."""
    return hashlib.sha256(key).digest()[:4]


def new_key() -> str:
    """A fresh key in the form ENCRYPTION_KEYS takes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def decode_key(text: str) -> bytes:
    """Raises VaultError unless `text` is 32 bytes in URL-safe base64."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultError("a key must be 32 bytes in URL-safe base64; `referline keys new` prints one") from error
    if len(key) != KEY_BYTES:
        raise VaultError(f"a key must be 32 bytes, this one has {len(key)}; `referline keys new` prints one")
    return key


def index_key(secret: str) -> bytes:
    """The blind index's key, derived from SECRET_KEY so that rotating ENCRYPTION_KEYS leaves every index as it is (RFC 5869)."""
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=b"referline blind index").derive(secret.encode())
