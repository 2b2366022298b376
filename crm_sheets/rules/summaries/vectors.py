"""Columns as arrays: what is counted over a hundred thousand rows is worked out once for each value that occurs.

Amounts are whole hundredths, so that their sums are exact.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING

from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import Frames, Number, SummaryContext, once, sight_of
from crm_sheets.rules.summaries.frames import column
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Texts = NDArray[np.object_]
    Days = NDArray[np.datetime64]
    Counts = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Amounts = NDArray[np.int64] | NDArray[np.float64]


def factorized(values: Sequence[Value]) -> "tuple[Counts, Texts]":
    """The different values of a column, and which of them each row has: -1 for None."""
    import numpy as np
    import pandas as pd

    return once(values, "factorized", lambda: pd.factorize(np.array(values, dtype=object)))


def named(values: Sequence[Value], name_of: Callable[[str], str], blank: str) -> "Texts":
    """The name of each value, asked once for each that occurs; `blank` for blank cells."""
    import numpy as np

    codes, found = factorized(values)
    names = [blank if value == "" else name_of(str(value)) for value in found]
    return np.array([*names, blank], dtype=object)[codes]  # a blank has code -1: the last


def known_values(values: Sequence[Value], dictionary: str, context: SummaryContext) -> "Texts":
    """A drop-down column as group names: spelling variants of a value count as the value of the dictionary."""

    def name_of(text: str) -> str:
        entry = context.dictionaries.entry(dictionary, text)
        return entry.value if entry else text

    return named(values, name_of, context.language.text("summary.blank"))


def days(values: Sequence[Value], context: SummaryContext) -> "Days":
    """Days in the team's zone, NaT for blanks; of a column that holds dates, of which there are few different ones."""
    import numpy as np

    codes, found = factorized(values)
    known = [context.day(value) for value in found]
    return np.array([*known, None], dtype="datetime64[D]")[codes]


def instants(values: Sequence[Value], context: SummaryContext) -> "Days":
    """Days in the team's zone, NaT for blanks; of a column that holds instants, of which no two are alike."""
    import pandas as pd

    def found() -> "Days":
        if any(type(value) is date for value in values):
            return days(values, context)
        instants_ = pd.to_datetime(pd.Series(list(values), dtype=object), utc=True)
        local = instants_.dt.tz_convert(context.zone).dt.tz_localize(None)
        return local.to_numpy().astype("datetime64[D]")

    return once(values, ("instants", context.zone), found)


def hundredths(values: Sequence[Value]) -> "Counts":
    """Amounts as whole hundredths; 0 for blanks."""
    import numpy as np

    def found() -> "Counts":
        whole: Counts = np.rint(np.nan_to_num(np.array(values, dtype=float)) * 100).astype(np.int64)
        return whole

    return once(values, "hundredths", found)


def amounts(frames: Frames, tab: str, name: str) -> "Amounts":
    """A column of amounts as whole hundredths, 0 for blanks; NaN for what the reader may not see, if anything is."""
    return _seen(frames, tab, name, hundredths(column(frames, tab, name)))


def quantities(frames: Frames, tab: str, name: str) -> "Amounts":
    """A column of quantities, likewise, in hundredths of hundredths: 0.125 t of a product are not 0.13 t."""
    import numpy as np

    values = np.nan_to_num(np.array(column(frames, tab, name), dtype=float))
    return _seen(frames, tab, name, np.rint(values * 10_000).astype(np.int64))


def _seen(frames: Frames, tab: str, name: str, found: "Counts") -> "Amounts":
    import numpy as np

    seen = frames.get(sight_of(TabKey(tab)), {}).get(ColumnKey(name))
    return found if seen is None or all(seen) else np.where(np.array(seen, dtype=bool), found, np.nan)


def covered_amounts(frames: Frames, tab: str, worth: str) -> "Amounts":
    """The amounts (column `worth`) of the rows of which the profit is known, 0 of the others; NaN for those whose
    profit the reader may not see."""
    import numpy as np
    import pandas as pd

    known = pd.notna(np.array(column(frames, tab, "profit"), dtype=object))
    found: Amounts = np.where(known, amounts(frames, tab, worth), 0)
    seen = frames.get(sight_of(TabKey(tab)), {}).get(ColumnKey("profit"))
    return found if seen is None or all(seen) else np.where(np.array(seen, dtype=bool), found, np.nan)


def hides(frames: Frames, tab: str, name: str) -> bool:
    """Whether the reader may not see some cells of a column that is computed or counts something."""
    seen = frames.get(sight_of(TabKey(tab)), {}).get(ColumnKey(name))
    return seen is not None and not all(seen)


def chosen(rows: "DataFrame", flags: "Flags") -> "DataFrame":
    """The rows for which it is true."""
    found: DataFrame = rows[flags]
    return found


def amount(sum_of_hundredths: float) -> Decimal:
    """A sum of hundredths as an amount."""
    return Decimal(int(sum_of_hundredths)).scaleb(-2)


def known_amount(sum_of_hundredths: float) -> Decimal | None:
    """A sum of hundredths as an amount; None for NaN."""
    return None if isnan(sum_of_hundredths) else amount(sum_of_hundredths)


def sum_of(of: "Series[int] | Series[float]") -> Decimal | None:
    """The sum of a column of `amounts`. What is hidden is unknown, not 0: None where nothing else is there."""
    total = of.sum()
    return None if not total and of.hasnans else amount(total)


def grouped_sums(rows: "DataFrame", by: str | list[str], sums: Sequence[str]) -> "DataFrame":
    """The sums of columns by group, in the order of first appearance; NaN where sum_of says None."""
    grouped = rows.groupby(by, sort=False)
    found: DataFrame = grouped[list(sums)].sum()
    for name in sums:
        if rows[name].hasnans:
            hidden = rows[name].isna().groupby([rows[each] for each in ([by] if isinstance(by, str) else by)]).any()
            found[name] = found[name].mask((found[name] == 0) & hidden.reindex(found.index))
    return found


def days_of(rows: "DataFrame", name: str) -> "Days":
    """A column of days of a data frame, as days: pandas knows seconds only."""
    return rows[name].to_numpy().astype("datetime64[D]")


def period_names(of: "Days", period_of: Callable[[date], str]) -> "Texts":
    """What period each day falls into; "" for NaT."""
    import numpy as np

    if not len(of):
        return np.array([], dtype=object)
    found, codes = np.unique(of, return_inverse=True)
    names = ["" if np.isnat(day) else period_of(day.item()) for day in found]
    return np.array(names, dtype=object)[codes]


def sums_by(rows: "DataFrame", by: str, counts: Sequence[str], amounts: Sequence[str]) -> dict[str, dict[str, Number]]:
    """Sums of the columns for each text of `by`: whole numbers, and amounts of what is in hundredths (see sum_of)."""
    if rows.empty:
        return {}
    grouped = grouped_sums(rows, by, [*counts, *amounts])
    found: dict[str, dict[str, Number]] = {}
    for group, line in zip(grouped.index, grouped.itertuples(index=False, name=None), strict=True):
        numbers = [int(value) for value in line[: len(counts)]]
        found[str(group)] = dict(zip(counts, numbers, strict=True)) | {
            name: known_amount(value) for name, value in zip(amounts, line[len(counts) :], strict=True)
        }
    return found


def quantiles(of: "Series[int] | Series[float]", shares: Sequence[float]) -> tuple[Decimal | None, ...]:
    """Quantiles between which is interpolated (type 7 of Hyndman and Fan, 1996), two decimals; None of nothing."""
    if of.empty:
        return tuple(None for _ in shares)
    return tuple(two_decimals(value) for value in of.quantile(list(shares)))


def two_decimals(value: float) -> Decimal:
    """A number that was not added up from amounts."""
    return Decimal(f"{value:.2f}")
