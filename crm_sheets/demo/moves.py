"""The made-up team's moves of deals before its workbook was looked after: through which stages each came, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from crm_sheets.tables import RowKey

SKIPPED = 0.1
"""Of the stages on its way a deal skips so many."""

_DAYS = (4, 6, 8, 11, 14, 18, 23)
"""How long a deal stands in a stage."""


@dataclass(frozen=True, slots=True)
class PastMove:
    """When a deal came to a stage, from which one, and after how many days there."""

    deal: RowKey
    number: int
    from_stage: str | None
    to_stage: str
    at: datetime
    days: int | None


def past_moves(
    deals: Iterable[tuple[RowKey, str, datetime]], running: tuple[str, ...], random: Random
) -> Iterator[PastMove]:
    """The moves of each deal up to the stage in which it stands, that one included, from the first on.

    Args:
        deals: key, stage, and since when the deal stands in it.
        running: the stages of deals that are not over, in order; one that is over stood in some of them.
        random: of the demo.
    """
    for deal, stage, since in sorted(deals):
        reached = running.index(stage) if stage in running else random.randint(1, len(running))
        way = [*(each for each in running[:reached] if random.random() >= SKIPPED), stage]
        stays = [random.choice(_DAYS) for _ in way[1:]]
        at = since - timedelta(days=sum(stays))
        before: str | None = None
        for number, (to_stage, days) in enumerate(zip(way, (0, *stays), strict=True), start=1):
            at += timedelta(days=days)
            yield PastMove(deal, number, before, to_stage, at, days if before else None)
            before = to_stage
