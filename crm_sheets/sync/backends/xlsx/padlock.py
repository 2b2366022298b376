"""Workbooks with a password: opened into memory, and closed again before anything of them reaches the disk.

The encryption is that of the office programs (MS-OFFCRYPTO 2.3.4.10, agile: AES-256, SHA-512, 100,000 rounds), done by
msoffcrypto-tool, an optional package. Files that a program saved under an older scheme are opened as well.
"""

import struct
from collections.abc import Callable, Sequence
from hashlib import blake2b
from importlib.util import find_spec
from io import BytesIO
from typing import Final
from xml.parsers.expat import ExpatError

from crm_sheets.errors import UsageError, WorkbookUnreadable

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an encrypted workbook begins: it is a compound file with the zip container inside (MS-CFB 2.2)."""

PACKAGE: Final = "EncryptedPackage"
"""The stream that holds the workbook (MS-OFFCRYPTO 2.3.4.4)."""


def is_locked(data: bytes) -> bool:
    """Whether a file has a password."""
    return data.startswith(OLE) and PACKAGE.encode("utf-16-le") in data


def digest_of_locked(data: bytes) -> str:
    """Equal for the same file: each time it is encrypted anew it is another one."""
    return blake2b(data, digest_size=16).hexdigest()


class Padlock:
    """The passwords of one workbook. It remembers the last file that it opened or made, so that opening is paid once.

    Attributes:
        passwords: gives those that open it, the one in force first; asked only when a file is opened or written.
        closes: whether the workbook is written with a password; without, it is only opened.
        opened_by: the password that opened the last file; None where it had none.
    """

    def __init__(self, passwords: Callable[[], Sequence[str]], *, closes: bool = True) -> None:
        self.passwords, self.closes = passwords, closes
        self.opened_by: str | None = None
        self._last: tuple[str, bytes, str | None] = ("", b"", None)

    def open(self, data: bytes, name: str) -> bytes:
        """The workbook in a file; one without a password as it is.

        Args:
            data: the file.
            name: of the file, for messages.

        Raises:
            WorkbookUnreadable: none of the passwords opens it, or it is damaged.
        """
        if not is_locked(data):
            self.opened_by = None
            return data
        digest = digest_of_locked(data)
        if self._last[0] != digest:
            self._last = (digest, *self._opened(data, name))
        _, plain, self.opened_by = self._last
        return plain

    def close(self, plain: bytes) -> bytes:
        """The file to be written."""
        if not self.closes:
            return plain
        made, password = BytesIO(), self.passwords()[0]
        from msoffcrypto.format.ooxml import OOXMLFile

        OOXMLFile(BytesIO(plain)).encrypt(password, made)
        self._last = (digest_of_locked(made.getvalue()), plain, password)
        return made.getvalue()

    def _opened(self, data: bytes, name: str) -> tuple[bytes, str]:
        from msoffcrypto import OfficeFile
        from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

        broken = (FileFormatError, ParseError, OSError, ValueError, KeyError)
        try:
            for password in self.passwords():
                file = OfficeFile(BytesIO(data))
                try:
                    file.load_key(password=password, verify_password=True)
                except (InvalidKeyError, DecryptionError):
                    continue
                plain = BytesIO()
                file.decrypt(plain)
                return plain.getvalue(), password
        except (*broken, IndexError, struct.error, ExpatError) as error:
            raise WorkbookUnreadable(
                f"{name}: the encrypted file is damaged; take the last backup", "bad-crc"
            ) from error
        raise WorkbookUnreadable(
            f"{name}: it has a password that is not known; set it back to the one before, type a new one only in the "
            "workbook itself, or have it made anew: crm-sheets views password PERSON --reset",
            "encrypted",
        ).told("error.views.password_unknown", path=name)


def require_office() -> None:
    """Raises unless workbooks can be encrypted.

    Raises:
        UsageError: the package for it is not installed.
    """
    if find_spec("msoffcrypto") is None:
        raise UsageError("views.encrypt needs one package more: pip install 'crm-sheets[encryption]'").told(
            "error.views.encryption_missing"
        )
