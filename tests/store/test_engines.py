"""Databases have their own rows, and share what was compiled for one of them."""

from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, bindparam, insert, select

from crm_sheets.sync.store.engines import Statements, engine_of

ROWS = Table("rows", MetaData(), Column("number", Integer), Column("squared", Integer))


def test_a_statement_is_compiled_once_for_all_databases_of_a_process(tmp_path: Path) -> None:
    engines = [engine_of(f"sqlite:///{tmp_path / name / 'state.db'}") for name in "abc"]
    engines.append(engine_of("sqlite://"))
    for engine in engines:
        ROWS.metadata.create_all(engine)
    statements = engines[0].get_execution_options()["compiled_cache"]
    assert isinstance(statements, Statements)
    found, counts = [], []
    for place, engine in enumerate(engines):
        with engine.begin() as connection:
            connection.execute(insert(ROWS), [{"number": each, "squared": each**2} for each in range(place + 2)])
            asked = select(ROWS.c.squared).where(ROWS.c.number == bindparam("wanted"))
            found.append(connection.execute(asked, {"wanted": place + 1}).scalar())
            assert connection.execute(select(ROWS.c.number)).scalars().all() == [*range(place + 2)]
        counts.append(len(statements))
        engine.dispose()
    assert found == [1, 4, 9, 16]
    assert counts[0] == counts[-1] > 0
