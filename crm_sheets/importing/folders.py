"""Which files of an intake folder are to be taken in now, and what they are called afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import time

DONE, ERRORS = "done", "errors"
UNFINISHED = frozenset({".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".opdownload"})
"""Endings that programs give to what they are still writing."""

MARK = 8
"""Characters of a file's digest in its name afterwards: two files of one name never meet."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that lies in the intake folder.

    Attributes:
        place: below the folder, with forward slashes: what patterns are compared with.
        quiet: nobody has written to it for long enough.
    """

    path: Path
    place: str
    size: int
    modified_ns: int
    quiet: bool

    def unchanged(self) -> bool:
        """Whether it still is what was read."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.modified_ns)


def dropped(folder: Path, quiet: float) -> Iterator[Dropped]:
    """The files below the folder, ordered; links and what is hidden or unfinished are left alone.

    Args:
        folder: the intake folder.
        quiet: seconds for which nobody may have written to a file that is taken.
    """
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in {DONE, ERRORS} or any(part.startswith((".", "~$")) for part in parts):
            continue
        if path.is_symlink() or not path.is_file() or path.suffix.lower() in UNFINISHED:
            continue
        try:
            about = path.stat()
        except OSError:  # taken away again since the folder was listed
            continue
        rested = time() - about.st_mtime
        yield Dropped(path, "/".join(parts), about.st_size, about.st_mtime_ns, not 0 <= rested < quiet)


def digest_of_file(path: Path) -> str:
    """What the content of a file is known by."""
    with path.open("rb") as readable:
        digest = blake2b(digest_size=16)
        while piece := readable.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def place_after(folder: Path, file: Dropped, digest: str, outcome: str, ending: str = "") -> Path:
    """Where a file, or what is written beside it, is put: the same place when it is done again after a crash.

    Args:
        folder: the intake folder.
        file: that was taken.
        digest: of its content.
        outcome: DONE or ERRORS.
        ending: of another file beside it; "" for the file itself.
    """
    below = file.path.relative_to(folder).parent
    return folder / outcome / below / f"{file.path.stem}-{digest[:MARK]}{ending or file.path.suffix}"
