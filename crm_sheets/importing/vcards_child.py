"""The process that reads a stranger's cards: `python -m crm_sheets.importing.vcards_child` < task."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets.sync.backends.xlsx.untrusted_child import bound

if TYPE_CHECKING:
    from vobject.base import ContentLine

LONGEST = 1_000_000
"""Characters of one card: a card with pictures is large, one that never ends is a mistake."""

_CARD = re.compile(r"^BEGIN:VCARD\s*$.*?^END:VCARD\s*?$", re.I | re.M | re.S)
_PICTURE = re.compile(r"^(?:\w+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*?\n(?![ \t])(?=[A-Z-]+[.:;])", re.I | re.M | re.S)
_MOBILE_FIRST = ("cell", "mobile", "pref")
_PLAIN = {"TITLE": "title", "NOTE": "note", "URL": "website", "EMAIL": "email"}


def main() -> int:
    """Reads the cards that the task on standard input names, one after the other; a broken one stops no other."""
    task = json.load(sys.stdin)
    bound(int(task["memory"]), float(task["seconds"]))
    text = Path(task["path"]).read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")
    cards = [_card(found, text.count("\n", 0, found.start()) + 1) for found in _CARD.finditer(text)]
    Path(task["answer"]).write_text(json.dumps(cards, ensure_ascii=False), encoding="utf-8")
    return 0


def _card(found: re.Match[str], line: int) -> dict[str, list[str]]:
    from vobject.base import VObjectError, readOne

    told: dict[str, list[str]] = {"line": [str(line)]}
    text = _PICTURE.sub("", found[0])
    try:
        if len(text) > LONGEST:
            return {**told, "unread": [text[:500]]}
        card = readOne(text, allowQP=True)
    except (VObjectError, ValueError, LookupError, UnicodeError):
        return {**told, "unread": [text[:500]]}
    ranked: dict[str, list[tuple[int, str]]] = {}
    for each in card.lines():
        for name, value in _facts(each):
            if value.strip():
                ranked.setdefault(name, []).append((_rank(each), value.strip()))
    for name, values in ranked.items():
        told[name] = list(dict.fromkeys(value for _, value in sorted(values, key=lambda pair: pair[0])))
    if "name" not in told and "full" in told:
        told["name"] = told["full"]
    return told


def _facts(line: "ContentLine") -> Iterator[tuple[str, str]]:
    value = line.value
    match line.name:
        case "FN":
            yield "name", str(value)
        case "N":
            yield "full", _full_name(value)
        case "ORG":
            parts = [str(part) for part in value] if isinstance(value, list) else [str(value)]
            yield "firm", parts[0]
            yield "note", " ".join(part for part in parts[1:] if part)
        case "TEL":
            yield "phone", str(value).removeprefix("tel:")
        case "ADR":
            yield "address", _address(value)
        case "BDAY":
            yield "birthday", str(value).partition("T")[0]
        case name if name in _PLAIN:
            yield _PLAIN[name], str(value)


def _full_name(name: object) -> str:
    """Family name first, without a space where both are Chinese."""
    family, given = (_text(getattr(name, part, "")) for part in ("family", "given"))
    return f"{family}{given}" if not f"{family}{given}".isascii() else f"{given} {family}".strip()


def _address(address: object) -> str:
    """From the country down to the street, as it is written in Chinese; as in English where it is all ASCII."""
    parts = [_text(getattr(address, part, "")) for part in ("region", "city", "street", "extended")]
    if "".join(parts).isascii():
        return ", ".join(part for part in reversed(parts) if part)
    return "".join(parts)


def _text(part: object) -> str:
    return " ".join(str(each) for each in part) if isinstance(part, list) else str(part or "")


def _rank(line: "ContentLine") -> int:
    """Mobile phones and what is preferred come first."""
    kinds = [*line.singletonparams, *line.params.get("TYPE", [])]
    said = ",".join(str(kind) for kind in kinds).lower()
    return min((place for place, word in enumerate(_MOBILE_FIRST) if word in said), default=len(_MOBILE_FIRST))


if __name__ == "__main__":
    sys.exit(main())
