"""The table of architecture.md names every module of the top of the house, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "crm_sheets"
DATA = {"locale", "__pycache__"}


def modules(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in DATA:
            yield f"{path.name}/"
        elif path.suffix == ".py" and not path.name.startswith("__"):
            yield path.name


def test_the_table_names_every_module() -> None:
    there = {*modules(HOUSE), *modules(HOUSE / "sync")} - {"sync/"}
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = re.search(r"(?s)\| layer .*?\n\n", page)
    assert table is not None
    layers = [line.split("|")[1] for line in table[0].splitlines()[2:] if line]
    named = {name.removeprefix("sync/") for layer in layers for name in re.findall(r"`([^`]+)`", layer)}
    assert named == there
