"""A refresh of summaries against plain pandas: `python -m benchmarks.summaries [--deals N] [--follow-ups N]`.

One state store of 100,000 opportunities with their stage history and pipeline of 200 days, 300,000 follow-ups, 20,000
customers, and orders, payments, services and whatever else there is in proportion (benchmarks.summary_book), in one
process, one side after the other, several times; CPU seconds of the process, medians. All tabs but 汇总_洞察, which
rests for an hour and does no counting.

- ours: the records in the store → the columns that are read → all figures, with definitions, intervals and sentences →
  the cells of the tabs as they are written.
- plain: the same records from the same store (`json_extract` within SQLite, which is faster than taking the JSON apart
  in Python, `read_sql_query`) → the same figures with `groupby`, as floats, without a word of text and without cells
  (benchmarks.plain_summaries).

Every figure must be the same on both sides, and none may be missing on one of them. Then one edit each in several tabs:
only the summaries that it changes are written.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from benchmarks.plain_frames import Found, read
from benchmarks.plain_summaries import PLAIN
from benchmarks.summary_book import make_store, sizes_of
from benchmarks.summary_records import TODAY
from benchmarks.targets import Target, write_targets
from crm_sheets.changes import Value
from crm_sheets.cli import SELDOM
from crm_sheets.draft import Draft
from crm_sheets.figures import compute, content_digest
from crm_sheets.language import language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Summary, SummaryContext
from crm_sheets.schema.book import TABS
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.sync.backends.xlsx.summary_sheets import sheet_data_xml
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey, TabKey

WORDS = language("zh-CN")
ZONE = "Asia/Shanghai"
AIM = 1.5
RULES = tuple(rule for rule in SUMMARIES if rule.key in PLAIN)
CONTEXT = SummaryContext(TODAY, ZoneInfo(ZONE), default_dictionaries(WORDS), WORDS)
T = TypeVar("T")


def refreshed(draft: Draft) -> tuple[Summary, ...]:
    """What a cycle does: figures, and the cells of every tab."""
    found = compute(RULES, draft, CONTEXT)
    for summary in found:
        sheet_data_xml(summary, WORDS, b"", date1904=False)
    return found


def plain(path: Path) -> Found:
    """The same figures."""
    book = read(path, ZONE, WORDS, TODAY)
    found: Found = {}
    for figures in PLAIN.values():
        found |= figures(book)
    return found


def wrong(ours: tuple[Summary, ...], theirs: Found) -> list[str]:
    """Figures that are not the same: money and days to the hundredth, rates to four decimals. What only ours has may
    be 0 or blank: months in which nothing was."""
    known = {figure.key: figure for summary in ours for figure in summary.figures}
    lines = [f"{key}: plain none, ours {figure.value}" for key, figure in known.items() if figure.value]
    lines = [line for line in lines if line.partition(": ")[0] not in theirs]
    for key, value in theirs.items():
        figure = known.get(key)
        if figure is None or figure.value is None or abs(float(figure.value) - value) > _slack(value, figure.unit):
            lines.append(f"{key}: plain {value}, ours {figure.value if figure else 'none'}")
    return lines


def _slack(value: float, unit: str) -> float:
    if unit == "count":
        return 0
    return 0.000051 if unit == "ratio" else max(0.0051, abs(value) * 1e-12)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What came of it, and the CPU seconds of the process that it took."""
    gc.collect()
    begun = time.process_time()
    found = work()
    return found, time.process_time() - begun


def run(path: Path, times: int, edits: tuple["Edit", ...]) -> list[Target]:
    """Both sides, in turn, with circles among objects looked for as seldom as in the program."""
    gc.set_threshold(SELDOM)
    tabs = {tab.key: tab for tab in TABS}
    state = SqlState(f"sqlite:///{path}", TABS)
    try:
        mine, plains = [], []
        for _ in range(times):
            ours, spent = timed(lambda: refreshed(Draft(state, tabs)))
            theirs, plainly = timed(lambda: plain(path))
            mine.append(spent)
            plains.append(plainly)
        found = wrong(ours, theirs)
        print(*found[:20], sep="\n")
        written = [_written(edit, Draft(state, tabs), ours) for edit in edits]
    finally:
        state.close()
    total = sum(len(summary.figures) for summary in ours)
    a, b = statistics.median(mine), statistics.median(plains)
    return [
        Target("figures that are not the same on both sides", len(found), "figures", 0),
        Target("figures compared", len(theirs), f"of {total}"),
        Target("a refresh, records to cells", a, "CPU s"),
        Target("plain pandas, records to figures", b, "CPU s"),
        Target("a refresh against plain pandas", a / b, "times", AIM),
        Target("peak of the process with both sides", peak(), "MiB"),
        *written,
    ]


def peak() -> float:
    """Most memory that the process had."""
    import resource  # there is none on Windows

    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


@dataclass(frozen=True, slots=True)
class Edit:
    """One cell gets a value that it has not, which concerns some of the summaries."""

    name: str
    tab: str
    key: str
    column: str
    value: Value
    concerns: frozenset[str]


EDITS = (
    Edit("another phone of a customer", "customers", "C-000000", "phone", "13911112222", frozenset()),
    Edit("another way of a follow-up", "follow_ups", "F-000000", "method", "", frozenset({"follow_ups"})),
    Edit("another level of a customer", "customers", "C-000000", "level", "", frozenset({"customers", "value"})),
    Edit("another amount of a payment", "payments", "P-000000", "amount", Decimal("1.23"), frozenset({"payments"})),
    Edit("a target that was raised", "targets", "T-000000", "value", Decimal(9), frozenset({"attainment", "review"})),
)


def _written(edit: Edit, draft: Draft, before: tuple[Summary, ...]) -> Target:
    """What is written after an edit: a cycle writes the tabs of summaries with another digest."""
    row = (TabKey(edit.tab), RowKey(edit.key))
    values, value = draft.values(row) or {}, edit.value
    column = draft.tabs[row[0]].columns[ColumnKey(edit.column)]
    if column.dictionary:
        known = CONTEXT.dictionaries.entries[column.dictionary]
        value = next(entry.value for entry in known if entry.value != values.get(column.key))
    draft.update(row, {column.key: value})
    known_digests = {summary.key: content_digest(summary) for summary in before}
    after = {each.key for each in compute(RULES, draft, CONTEXT) if content_digest(each) != known_digests[each.key]}
    name = f"tabs that {edit.name} concerns and that are not written, or the reverse"
    return Target(name, len(after ^ edit.concerns), f"of {len(RULES)}; " + " ".join(sorted(after)), 0)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--follow-ups", type=int, default=300_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--store", type=Path, help="keep the store there, and take it if it is there")
    parser.add_argument("--no-edits", action="store_true", help="only the two sides: each edit is a refresh of its own")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = options.store or Path(temporary) / "state.db"
        if not path.exists():
            make_store(path, sizes_of(options.deals, options.follow_ups), WORDS)
        targets = run(path, options.times, () if options.no_edits else EDITS)
    print(*targets, sep="\n")
    write_targets(options.json, targets)
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
