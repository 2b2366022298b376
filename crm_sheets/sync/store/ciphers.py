"""Encryption of sealed values and of backups: AES-256-GCM (NIST SP 800-38D) under keys derived from the team's key.

The key itself encrypts nothing: what is used is derived from it by HKDF-Expand (RFC 5869, one block; the key is
uniformly random, so nothing need be extracted first), another one for each purpose.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from crm_sheets.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
ID_CHARACTERS = 16
"""Of the id of a key, which is no secret: it says which key opens a text."""


def new_key() -> str:
    """A random key as people keep it: 44 characters of base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def key_from(text: str, name: str) -> bytes:
    """The key that a text holds.

    Raises:
        ConfigError: it is none; `name` says where it stands in the config.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError((f"{name}: not a key; `crm-sheets keys new` makes one: 44 characters of base64",))
    return key


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose."""
    return hmac.digest(key, b"crm-sheets " + purpose.encode("ascii") + b"\x01", "sha256")


class Cipher:
    """One key of the team, for one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key, self._purpose = key, purpose
        self.id = derived(key, "id").hex()[:ID_CHARACTERS]

    @cached_property
    def _aes(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # a cycle without a sealed edit needs it not

        return AESGCM(derived(self._key, self._purpose))

    def encrypt(self, plain: bytes, about: bytes) -> bytes:
        """Random nonce, then the text with its tag; `about` must be given again to open it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, plain, about)

    def decrypt(self, sealed: bytes, about: bytes) -> bytes | None:
        """What encrypt() was given; None when the text or what it is about was changed."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._aes.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except InvalidTag:
            return None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a team: the first encrypts, all of them decrypt."""

    keys: Sequence[bytes]

    def current(self, purpose: str) -> Cipher:
        """The cipher that new texts get."""
        return Cipher(self.keys[0], purpose)

    def by_id(self, purpose: str) -> dict[str, Cipher]:
        """The ciphers of all keys, by the id of the key."""
        return {cipher.id: cipher for cipher in (Cipher(key, purpose) for key in reversed(self.keys))}
