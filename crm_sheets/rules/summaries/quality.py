"""汇总_数据质量: how complete the records are, what is wrong with them, and whose they are."""

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from crm_sheets.rules.summaries.base import (
    FINDINGS,
    Block,
    Chart,
    ChartKind,
    Counted,
    Figure,
    Frames,
    Measure,
    Number,
    Rate,
    Summary,
    SummaryContext,
    SummaryRule,
    Unit,
    columns,
    ratio,
    sight_of,
)
from crm_sheets.rules.summaries.blocks import Blueprint, Group, build, headline, sentence, summary_of
from crm_sheets.rules.summaries.frames import column
from crm_sheets.rules.summaries.staff import holders
from crm_sheets.rules.summaries.units import PEOPLE, UNITS
from crm_sheets.rules.summaries.vectors import chosen, sums_by
from crm_sheets.rules.summaries.wording import share
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

    from crm_sheets.rules.summaries.vectors import Counts, Flags

KEY = "quality"

MATTER: Final = {
    "customers": "name type industry contact phone email region source status level owner",
    "follow_ups": "customer method content planned_at owner",
    "opportunities": "customer stage amount close_date source owner",
    "feedback": "customer date type content state owner",
    "orders": "customer ordered_on state owner",
    "order_lines": "order product quantity unit_price cost",
    "payments": "amount due_on owner",
    "contracts": "customer amount signed_on starts_on ends_on owner",
    "services": "customer opened_at type priority owner",
}
"""The columns of each tab that ought to be filled in, whoever else does without."""

_ROWS, _FILLED = Measure("quality_rows", Unit.COUNT), Measure("cells_filled", Unit.COUNT)
_WANTED = Measure("cells_wanted", Unit.COUNT)
_COMPLETE = Measure("completeness", Unit.RATIO, interval=True)
_ERRORS, _WARNINGS = Measure("row_errors", Unit.COUNT), Measure("row_warnings", Unit.COUNT)
_CLEAN = Measure("rows_clean", Unit.RATIO, interval=True)
_DOUBLES = Measure("suspected_doubles", Unit.COUNT)
_CELLS = Blueprint("by_column", "column", (_WANTED, _FILLED, _COMPLETE), 20, Chart(ChartKind.BAR, (3,)))
_OF_GROUP = (_ROWS, _COMPLETE, _ERRORS, _WARNINGS, _CLEAN, _DOUBLES)
_TABS = Blueprint("by_tab", "tab", _OF_GROUP, 10, Chart(ChartKind.COLUMN, (3, 4)))
_CODES = Blueprint("by_code", "finding", (Measure("findings", Unit.COUNT), Measure("share", Unit.RATIO)), 15)
_OF_PERSON = {"department": "department", "group": "group", "person": "name"}
"""The attribute of staff.Member that each of UNITS is."""

_SUMS = ("rows", "wanted", "filled", "errors", "warnings", "faulty", "doubles", "judged")


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The records as of today; a cell that the reader may not see is neither filled nor blank for them."""
    import pandas as pd

    cells: list[Group] = []
    parts = [_tab(frames, tab, cells, context) for tab in MATTER if frames.get(TabKey(tab))]
    rows = pd.concat(parts, ignore_index=True) if parts else _nothing()
    cells.sort(key=lambda group: (_value(group[1][2]), group[0]))
    heads = _headlines(rows, context)
    return summary_of(
        KEY,
        context,
        headlines=heads,
        blocks=(
            build(KEY, _CELLS, cells[: _CELLS.capacity], context, cells[_CELLS.capacity :]),
            _by(rows, _TABS, context),
            *(
                _by(rows, Blueprint(f"by_{unit}", unit, _OF_GROUP, 15, Chart(ChartKind.BAR, (3, 4))), context)
                for unit in reversed(UNITS)
            ),
            _by_code(frames, context),
        ),
        conclusion=_conclusion(heads, cells, rows, context),
    )


def _value(rate: Counted) -> Number:
    return (rate.value if isinstance(rate, Rate) else rate) or 0


def _nothing() -> "DataFrame":
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype="int64") for name in (*_SUMS, "tab", *UNITS)})


def _tab(frames: Frames, tab: str, cells: list[Group], context: SummaryContext) -> "DataFrame":
    """For each person what of the rows of a tab is filled in; adds to `cells` what each column says."""
    import numpy as np
    import pandas as pd

    words, known = context.language, frames[TabKey(tab)]
    count = len(next(iter(known.values())))
    label = tab_label(TabKey(tab), words)
    wanted, filled = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for name in MATTER[tab].split():
        if ColumnKey(name) not in known:
            continue
        seen = _seen(frames, tab, name, count)
        there = _filled(frames, tab, name) & seen
        wanted, filled = wanted + seen, filled + there
        if seen.any():
            numbers = int(seen.sum()), int(there.sum())
            cells.append(
                (
                    f"{label} · {column_label(TabKey(tab), ColumnKey(name), words)}",
                    (*numbers, Rate(numbers[1], numbers[0])),
                )
            )
    errors, warnings = _found(frames, tab, count)
    whose, people = holders(frames, tab, "owner", context)

    def added(numbers: "Counts | Flags") -> "Counts":
        return np.bincount(whose, weights=numbers, minlength=len(people)).astype(np.int64)

    sums = {
        "rows": added(np.ones(count, dtype=np.int64)),
        "wanted": added(wanted),
        "filled": added(filled),
        "errors": added(errors),
        "warnings": added(warnings),
        "faulty": added(errors > 0),
        "doubles": added(_filled(frames, tab, "duplicates")),
        "judged": added(_seen(frames, tab, "duplicates", count) & (ColumnKey("duplicates") in known)),
    }
    own = {unit: [getattr(person, of) for person in people] for unit, of in _OF_PERSON.items()}
    found = pd.DataFrame({**own, "tab": label, **sums})
    return chosen(found, found["rows"].to_numpy() > 0)


def _filled(frames: Frames, tab: str, name: str) -> "Flags":
    import numpy as np

    values = column(frames, tab, name)
    return np.array([not (value is None or (isinstance(value, str) and not value)) for value in values], dtype=bool)


def _seen(frames: Frames, tab: str, name: str, count: int) -> "Flags":
    """Which cells of a column the reader may see: all where nothing else is said."""
    import numpy as np

    flags = frames.get(sight_of(TabKey(tab)), {}).get(ColumnKey(name))
    return np.ones(count, dtype=bool) if flags is None else np.array(flags, dtype=bool)


def _found(frames: Frames, tab: str, count: int) -> "tuple[Counts, Counts]":
    """Errors and warnings of each row of a tab."""
    import numpy as np

    at = np.array(column(frames, FINDINGS, "place"), dtype=np.int64)
    here = np.array(column(frames, FINDINGS, "tab"), dtype=object) == tab
    severity = np.array(column(frames, FINDINGS, "severity"), dtype=object)
    errors, warnings = (
        np.bincount(at[here & (severity == kind)], minlength=count)[:count] for kind in ("error", "warning")
    )
    return errors, warnings


def _rates(row: dict[str, Number]) -> tuple[Counted, ...]:
    """The numbers of _OF_GROUP."""
    rows, wanted, filled, faulty = (int(row[name] or 0) for name in ("rows", "wanted", "filled", "faulty"))
    return rows, Rate(filled, wanted), row["errors"], row["warnings"], Rate(rows - faulty, rows), _doubles(row)


def _doubles(row: dict[str, Number]) -> Number:
    """Nobody looks for doubles but among customers: of whoever has none of these that is unknown, and not 0."""
    return row["doubles"] if row["judged"] else None


def _headlines(rows: "DataFrame", context: SummaryContext) -> tuple[Figure, ...]:
    sums: dict[str, Number] = {name: int(rows[name].sum()) for name in _SUMS}
    return tuple(
        headline(KEY, measure, number, context) for measure, number in zip(_OF_GROUP, _rates(sums), strict=True)
    )


def _by(rows: "DataFrame", plan: Blueprint, context: SummaryContext) -> Block:
    sums = sums_by(rows, plan.group, _SUMS, ())
    names = list(sums) if plan is _TABS else sorted(sums, key=lambda name: (-(sums[name]["errors"] or 0), name))
    return build(KEY, plan, [(name, _rates(sums[name])) for name in names], context)


def _by_code(frames: Frames, context: SummaryContext) -> Block:
    """Which errors and warnings are found most often, in the words of the sheet; what a message names is left out.

    They add up to those that the other figures tell: of the tabs that matter, and of nothing that only informs.
    """
    judged = {tab for tab in MATTER if frames.get(TabKey(tab))}
    names = (column(frames, FINDINGS, name) for name in ("tab", "severity", "code"))
    counts = Counter(
        str(code)
        for tab, severity, code in zip(*names, strict=True)
        if tab in judged and severity in ("error", "warning")
    )
    total = sum(counts.values())
    named_: dict[str, int] = {}
    for code, count in counts.items():
        text = _message(code, context)
        named_[text] = named_.get(text, 0) + count
    ordered = sorted(named_, key=lambda text: (-named_[text], text))
    return build(KEY, _CODES, [(text, (named_[text], ratio(named_[text], total))) for text in ordered], context)


def _message(code: str, context: SummaryContext) -> str:
    text = context.language.messages.get(f"issue.{code}", code)
    return re.sub(r"\{[^{}]*\}", "…", text)


def _conclusion(heads: tuple[Figure, ...], cells: list[Group], rows: "DataFrame", context: SummaryContext) -> str:
    text = context.language.text
    count, complete, errors, _, _, doubles = heads
    if not count.value:
        return ""
    worst = cells[0] if cells else None
    faulty = sums_by(rows[rows["errors"] > 0], "person", ("errors",), ())
    most = min(faulty, key=lambda name: (-(faulty[name]["errors"] or 0), name), default="")
    return sentence(
        context,
        (
            text("quality.conclusion.complete", rows=f"{count.value:,}", rate=share(complete.value)),
            text("quality.conclusion.worst", column=worst[0], rate=share(_value(worst[1][2])))
            if worst and _value(worst[1][2]) != 1
            else "",
            text("quality.conclusion.errors", errors=f"{errors.value:,}", name=most, most=f"{faulty[most]['errors']:,}")
            if errors.value
            else text("quality.conclusion.no_errors"),
            text("quality.conclusion.doubles", doubles=f"{doubles.value:,}") if doubles.value else "",
        ),
    )


QUALITY = SummaryRule(
    KEY,
    columns(customers="name"),
    compute,
    also=columns(people=PEOPLE, **{**MATTER, "customers": f"{MATTER['customers']} check duplicates"}),
    judges=True,
)
