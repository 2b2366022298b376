"""The process ends between any two durable steps, and what it knew of sealed texts is gone: none of them is."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from crm_sheets.schema.sealed import is_sealed
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.store.ciphers import KeyRing
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.sync.desks import COLUMNS, Crash, Desk, customer

CUSTOMERS, NUMBER = TabKey("customers"), ColumnKey("id_number")
FIRST, SECOND = "110101199003070134", "110101194901010018"
MASKS = {FIRST: "110101********0134", SECOND: "110101********0018"}


def started(desk: Desk, crash_after: int | None = None) -> Vault:
    """The program as it starts, with nothing in its memory; it ends after so many durable steps."""
    vault = desk.state.keeper = Vault(desk.state, KeyRing([b"k" * 32]))
    steps = iter(range(1_000))

    def checkpoint(_: str) -> None:
        if next(steps) == crash_after:
            raise Crash

    codec = replace(desk.setup.codec, sealer=vault)
    desk.cycle = Cycle(desk.state, desk.backend, replace(desk.setup, codec=codec, checkpoint=checkpoint))
    return vault


def office() -> Desk:
    desk = Desk(columns={"customers": COLUMNS["customers"].replace("phone", "phone id_number")})
    started(desk)
    customer(desk, "张三", type="个人客户", id_number=FIRST)
    return desk


def types_a_number(desk: Desk) -> None:
    desk.type("customers", 0, "id_number", SECOND)


def adds_a_row(desk: Desk) -> None:
    customer(desk, "王五", type="个人客户", phone="13900139000", id_number=SECOND)


def copies_a_row_and_types(desk: Desk) -> None:
    desk.grid("customers").append(list(desk.grid("customers")[1]))
    desk.type("customers", 1, "id_number", SECOND)


@pytest.mark.parametrize("steps", range(7))
@pytest.mark.parametrize("edit", [types_a_number, adds_a_row, copies_a_row_and_types])
def test_a_typed_number_is_kept_whatever_ends(edit: Callable[[Desk], None], steps: int) -> None:
    desk = office()
    desk.sync()
    edit(desk)
    started(desk, crash_after=steps)
    with suppress(Crash):
        desk.sync()
    vault = started(desk)
    desk.sync()
    shown = [desk.cell("customers", row, "id_number") for row in range(len(desk.grid("customers")) - 1)]
    assert set(shown) <= set(MASKS.values())
    assert MASKS[SECOND] in shown
    texts = {
        vault.reveal(CUSTOMERS, RowKey(key), NUMBER, values["id_number"])
        for key, values in desk.records("customers").items()
    }
    assert SECOND in texts
    assert not desk.sync().written
    assert all(is_sealed(values["id_number"]) for values in desk.records("customers").values())


def test_a_held_file_keeps_its_number_and_the_store_has_it_already() -> None:
    desk = office()
    desk.sync()
    types_a_number(desk)
    desk.backend.held_by = "李四"
    desk.sync()
    assert desk.cell("customers", 0, "id_number") == SECOND
    vault = started(desk)
    desk.sync()
    (key,) = desk.records("customers")
    assert vault.reveal(CUSTOMERS, RowKey(key), NUMBER, desk.records("customers")[key]["id_number"]) == SECOND
    desk.backend.held_by = None
    desk.sync()
    assert desk.cell("customers", 0, "id_number") == MASKS[SECOND]
