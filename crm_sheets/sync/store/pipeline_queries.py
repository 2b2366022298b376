"""The pipeline of each day in the state store: a line of a deal holds from one day up to another."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, Select, func, insert, select, update

from crm_sheets.snapshots import PipelineChange, PipelineHistory, PipelineLine
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.queries import Queries, chunks, insert_all, plain_rows
from crm_sheets.tables import RowKey

_T = tables.pipeline
_COLUMNS = (_T.c.deal, _T.c.since, _T.c.until, _T.c.stage, _T.c.amount, _T.c.weighted, _T.c.close, _T.c.owner)
_Stored = tuple[str, str, str | None, str, int, int, str | None, str]


class PipelineQueries(Queries):
    """What is asked of it."""

    def pipeline_day(self) -> date | None:
        """See State."""
        with self.engine.connect() as connection:
            last = connection.scalar(select(func.max(tables.pipeline_days.c.day)))
        return date.fromisoformat(last) if last else None

    def standing_pipeline(self) -> tuple[PipelineLine, ...]:
        """See State."""
        return self._lines(select(*_COLUMNS).where(_T.c.until.is_(None)))

    def pipeline(self) -> PipelineHistory:
        """See State."""
        days = select(tables.pipeline_days.c.day).order_by(tables.pipeline_days.c.day)
        with self.engine.connect() as connection:
            known = tuple(date.fromisoformat(day) for day in connection.scalars(days))
        return PipelineHistory(self._lines(select(*_COLUMNS).order_by(_T.c.deal, _T.c.since)), known)

    def _lines(self, query: "Select[_Stored]") -> tuple[PipelineLine, ...]:
        with self.engine.connect() as connection:
            found = plain_rows(connection, query)
        told = {text for _, since, until, _, _, _, close, _ in found for text in (since, until, close) if text}
        days = {text: date.fromisoformat(text) for text in told}  # there are few of them, and a line has up to three
        return tuple(
            PipelineLine(
                RowKey(deal),
                days[since],
                days[until] if until else None,
                stage,
                amount,
                weighted,
                days[close] if close else None,
                owner,
            )
            for deal, since, until, stage, amount, weighted, close, owner in found
        )


def put_pipeline(connection: Connection, change: PipelineChange) -> None:
    """Writes down what a day changed."""
    day = change.day.isoformat()
    for chunk in chunks(sorted(change.ended)):
        connection.execute(update(_T).where(_T.c.until.is_(None), _T.c.deal.in_(chunk)).values(until=day))
    insert_all(connection, _T, _stored(change.begun))
    connection.execute(insert(tables.pipeline_days).values(day=day))


def plant_pipeline(connection: Connection, lines: Iterable[PipelineLine], days: Iterable[date]) -> None:
    """Puts in days of the past that nobody kept: for the made-up team, and for whoever brings a history along."""
    insert_all(connection, _T, _stored(lines))
    insert_all(connection, tables.pipeline_days, ({"day": day.isoformat()} for day in days))


def _stored(lines: Iterable[PipelineLine]) -> Iterable[Mapping[str, object]]:
    for line in lines:
        yield {
            "deal": line.deal,
            "since": line.since.isoformat(),
            "until": line.until.isoformat() if line.until else None,
            "stage": line.stage,
            "amount": line.amount,
            "weighted": line.weighted,
            "close": line.close.isoformat() if line.close else None,
            "owner": line.owner,
        }
