"""A refresh of summaries against plain pandas: `python -m benchmarks.summaries [--deals N] [--follow-ups N]`.

One state store of 100,000 opportunities, 300,000 follow-ups and 20,000 customers, in one process, one side after the
other, several times; CPU seconds of the process, medians.

- ours: the records in the store → the columns that are read → all figures, with definitions, intervals and sentences →
  the cells of the tabs as they are written.
- plain: the same records from the same store (`read_sql_query`, `json.loads`, `DataFrame.from_records`) → the same
  figures with `groupby`, as floats, without a word of text and without cells (benchmarks.plain_summaries).

Every figure of the plain side must equal ours. Then one follow-up gets another method: only the tabs that this changes
are written.
"""

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from benchmarks.plain_summaries import PLAIN, Found, prepared, read
from benchmarks.summary_book import make_store, sizes_of
from benchmarks.summary_records import TODAY
from benchmarks.targets import Target, write_targets
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
FOLLOW_UPS = TabKey("follow_ups")
T = TypeVar("T")


def refreshed(draft: Draft) -> tuple[Summary, ...]:
    """What a cycle does: figures, and the cells of every tab."""
    found = compute(RULES, draft, CONTEXT)
    for summary in found:
        sheet_data_xml(summary, WORDS, b"")
    return found


def plain(path: Path) -> Found:
    """The same figures."""
    frames = read(path, ZONE)
    deals = prepared(frames, WORDS)
    found: Found = {}
    for figures in PLAIN.values():
        found |= figures(frames, deals, WORDS, TODAY)
    return found


def wrong(ours: tuple[Summary, ...], theirs: Found) -> list[str]:
    """Figures of the plain side that are not ours: money and days to the hundredth, rates to four decimals."""
    known = {figure.key: figure for summary in ours for figure in summary.figures}
    lines = []
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


def run(path: Path, times: int) -> list[Target]:
    """Both sides, in turn."""
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
        rewritten = _after_one(Draft(state, tabs), ours)
    finally:
        state.close()
    total = sum(len(summary.figures) for summary in ours)
    a, b = statistics.median(mine), statistics.median(plains)
    return [
        Target("figures of the plain side that are not ours", len(found), "figures", 0),
        Target("figures compared", len(theirs), f"of {total}"),
        Target("a refresh, records to cells", a, "CPU s"),
        Target("plain pandas, records to figures", b, "CPU s"),
        Target("a refresh against plain pandas", a / b, "times", AIM),
        Target(f"tabs written after one edit, of {len(ours)}", len(rewritten), " ".join(rewritten), 1),
    ]


def _after_one(draft: Draft, before: tuple[Summary, ...]) -> list[str]:
    """The tabs that are written after one follow-up got another method: a cycle writes those with another digest."""
    key = RowKey("F-000000")
    values = draft.values((FOLLOW_UPS, key)) or {}
    entries = CONTEXT.dictionaries.entries["follow_up_method"]
    method = next(entry.value for entry in entries if entry.value != values.get(ColumnKey("method")))
    draft.update((FOLLOW_UPS, key), {ColumnKey("method"): method})
    known = {summary.key: content_digest(summary) for summary in before}
    return [each.key for each in compute(RULES, draft, CONTEXT) if content_digest(each) != known[each.key]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--follow-ups", type=int, default=300_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--store", type=Path, help="keep the store there, and take it if it is there")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = options.store or Path(temporary) / "state.db"
        if not path.exists():
            make_store(path, sizes_of(options.deals, options.follow_ups), WORDS)
        targets = run(path, options.times)
    print(*targets, sep="\n")
    write_targets(options.json, targets)
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
