"""Turns the event log of a help desk into one row for each ticket: python convert.py helpdesk.csv tickets.csv."""

import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

HEADER = ("ticket", "opened", "answered", "solved", "activities")


def tickets(events: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """One tuple per ticket, in the order of HEADER and of their numbers; `answered` is blank for a single event."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in events:
        found[event["CaseID"]].append((event["CompleteTimestamp"], event["ActivityID"]))
    rows = []
    for ticket in sorted(found, key=int):
        done = sorted(found[ticket], key=lambda event: event[0])  # of equal times the first written came first
        answered = done[1][0] if len(done) > 1 else ""
        rows.append((ticket, done[0][0], answered, done[-1][0], "-".join(activity for _, activity in done)))
    return rows


def main(source: Path, target: Path) -> None:
    """Reads the log and writes the tickets."""
    with source.open(encoding="utf-8-sig", newline="") as readable:
        rows = tickets(list(csv.DictReader(readable)))
    with target.open("w", encoding="utf-8", newline="") as writable:
        csv.writer(writable).writerows([HEADER, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
