"""Compiles the message catalogues when the package is installed or built, so that no binary is kept in git.

`python hatch_build.py` does it by hand, after a catalogue was edited.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> None:
    """Writes a .mo beside each .po under crm_sheets/locale; a mistake in a .po is an error."""
    for source in sorted((root / "crm_sheets" / "locale").rglob("*.po")):
        with source.open("rb") as readable:
            catalogue = read_po(readable, abort_invalid=True)
        with source.with_suffix(".mo").open("wb") as writable:
            write_mo(writable, catalogue)


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before the files of the wheel are collected, for an editable install too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compiles."""
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent)
