"""On which line of the config a mistake stands, as far as that can be seen without reading TOML again."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from crm_sheets.config_source import PREFIX
from crm_sheets.errors import Line

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_OPTION = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_LONG = re.compile(r'"""|' + "'''")
_LAST = re.compile(r"(\.[^.\[\]]*|\[\d+\])$")


def on_lines(lines: Iterable[Line], path: Path, environment: Collection[str]) -> tuple[Line, ...]:
    """Mistakes in the order of the file, each with its line where the file has the option, or the table that lacks it.

    Args:
        lines: most name their file and option; what is wrong with a variable names that.
        path: the config.
        environment: names of variables; what one of them overrides stands on no line.
    """
    there = line_numbers(path.read_text(encoding="utf-8-sig"))
    elsewhere = {
        name.removeprefix(PREFIX).lower().replace("__", ".") for name in environment if name.startswith(PREFIX)
    }
    placed = [(_number(str(said.parameters.get("option", "")), there, elsewhere), said) for said in lines]
    placed.sort(key=lambda each: each[0])
    return tuple(_on(number, said) if number else said for number, said in placed)


def line_numbers(text: str) -> Mapping[str, int]:
    """The lines of the tables and options of a TOML text, from 1, by their path: `grant[2].columns`."""
    numbers: dict[str, int] = {}
    tables: Counter[str] = Counter()
    table, inside = "", False
    for number, row in enumerate(text.splitlines(), 1):
        if not inside:
            if header := _HEADER.match(row):
                table = _path(header[2])
                if header[1] == "[[":
                    tables[table] += 1
                    table = f"{table}[{tables[table]}]"
                numbers.setdefault(table, number)
            elif option := _OPTION.match(row):
                numbers.setdefault(f"{table}.{_path(option[1])}".lstrip("."), number)
        inside ^= len(_LONG.findall(row)) % 2 == 1
    return numbers


def _path(written: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in written.split("."))


def _number(option: str, there: Mapping[str, int], elsewhere: Collection[str]) -> int:
    """The line of an option, or of what it is in; 0 where it has none."""
    if any(option == each or option.startswith((f"{each}.", f"{each}[")) for each in elsewhere):
        return 0
    while option and option not in there:
        option = _LAST.sub("", option) if _LAST.search(option) else ""
    return there.get(option, 0)


def _on(number: int, said: Line) -> Line:
    name = str(said.parameters["name"])
    where = f"{name}:{number}"
    return Line(where + said.removeprefix(name), said.key, **{**said.parameters, "name": where})
