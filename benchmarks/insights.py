"""汇总_洞察 beside plain calls of the same libraries: `python -m benchmarks.insights [--deals N] [--store PATH]`.

The store of benchmarks.summaries, in one process, one side after the other, CPU seconds, medians; libraries are
imported before, and both sides have one thread: threads of the linear algebra mostly wait. It is a benchmark of its
own, as this tab does not count but fit: ten regressions, two models of purchases, five clusterings, sixty forecasts.
It rests for an hour after each time (SummaryRule.rest), unlike the other tabs.

- ours: records in the store → the columns that are read → figures, worklist, reasons in words → cells of the tab.
- plain: the same records by `json_extract` → the same fits by scikit-learn, scipy and statsmodels → figures as floats;
  no worklist, no words, no cells (benchmarks.plain_insights).
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.plain_frames import TABS, Book, Found, tab_of
from benchmarks.plain_insights import insights
from benchmarks.summaries import AIM, CONTEXT, WORDS, ZONE, peak, timed
from benchmarks.summary_book import make_store, sizes_of
from benchmarks.summary_records import TODAY
from benchmarks.targets import Target, write_targets
from crm_sheets.draft import Draft
from crm_sheets.figures import compute
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.rules.summaries.insights import INSIGHTS
from crm_sheets.schema.book import TABS as OURS
from crm_sheets.sync.backends.xlsx.summary_sheets import sheet_data_xml
from crm_sheets.sync.store.sql import SqlState


def refreshed(draft: Draft) -> Summary:
    """What a cycle does."""
    (found,) = compute((INSIGHTS,), draft, CONTEXT)
    sheet_data_xml(found, WORDS, b"", date1904=False)
    return found


def plain(path: Path) -> Found:
    """The same figures."""
    names = ("opportunities", "customers", "orders", "people", "stage_history")
    with sqlite3.connect(path) as connection:
        frames = {name: tab_of(connection, name, TABS[name], ZONE) for name in names}
    with threadpool_limits(1):
        return insights(Book(frames, pd.DataFrame(), WORDS, TODAY, pd.Timestamp(TODAY)))


def wrong(summary: Summary, theirs: Found) -> list[str]:
    """Figures that are not the same on both sides."""
    known = {figure.key: float(figure.value) for figure in summary.figures if figure.value is not None}
    groups = [value for key, value in known.items() if "segment_customers" in key]
    known |= {f"segments {place}": value for place, value in enumerate(groups)}
    return [
        f"{key}: plain {value}, ours {known.get(key)}"
        for key, value in theirs.items()
        if key not in known or abs(known[key] - value) > (0.51 if value > 1 else 0.000051)
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--store", type=Path, help="keep the store there, and take it if it is there")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = options.store or Path(temporary) / "state.db"
        if not path.exists():
            make_store(path, sizes_of(options.deals, 3 * options.deals), WORDS)
        state = SqlState(f"sqlite:///{path}", OURS)
        try:
            sides = [
                (timed(lambda: refreshed(Draft(state, {tab.key: tab for tab in OURS}))), timed(lambda: plain(path)))
                for _ in range(options.times)
            ]
        finally:
            state.close()
    (ours, _), (theirs, _) = sides[-1]
    found = wrong(ours, theirs)
    print(*found[:20], sep="\n")
    print(
        *(f"{name}: {verdict}" for name, verdict, _ in next(b for b in ours.blocks if b.key == "trust").rows), sep="\n"
    )
    mine, plainly = (statistics.median(spent[side][1] for spent in sides) for side in (0, 1))
    targets = [
        Target("figures that are not the same on both sides", len(found), "figures", 0),
        Target("figures compared", len(theirs), f"of {len(ours.figures)}"),
        Target("the insights, records to cells", mine, "CPU s"),
        Target("plain libraries, records to figures", plainly, "CPU s"),
        Target("the insights against plain libraries", mine / plainly, "times", AIM),
        Target("peak of the process with both sides", peak(), "MiB"),
    ]
    print(*targets, sep="\n")
    write_targets(options.json, targets)
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
