"""What is found for a whole column at once is what the functions find that read one cell."""

import random

import pytest

from benchmarks.customers import customers
from crm_sheets.rules.duplicates.addresses import address_in
from crm_sheets.rules.duplicates.columns_of_cells import (
    addresses_of,
    codes_of_cells,
    contacts_of,
    emails_of,
    mobiles_of,
    organisations_of,
    phones_of_cells,
)
from crm_sheets.rules.duplicates.columns_of_names import TRADER_NUMBERS, names_of
from crm_sheets.rules.duplicates.fields import code_in, contact_in, email_in, organisation_of, phones_in
from crm_sheets.rules.duplicates.hashes import Parts, hashes_of
from crm_sheets.rules.duplicates.names import parts_of
from crm_sheets.rules.duplicates.regions import regions
from crm_sheets.rules.duplicates.spans import plain_spans
from crm_sheets.rules.duplicates.text import plain

SIGNS = (
    "省市县区路街道巷弄胡同号室#有限公司厂店行集团股份分公司科技贸易广东深圳北京朝阳海西蒙古直王经理总先生"
    " -—·()（）【】/、;转x+.@_0123456789０９٣abgmail.comＡß㎏é\u0301\u200b\0\n"
)
SEED = 5


def mutated(chance: random.Random, text: str) -> str:
    """The text with up to three signs put in, left out or put in place of others."""
    signs = list(text)
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(signs) + 1)
        signs[place : place + chance.randrange(3)] = chance.choices(SIGNS, k=chance.randrange(3))
    return "".join(signs)


@pytest.fixture(scope="module")
def cells() -> dict[str, list[str]]:
    chance = random.Random(SEED)
    found: dict[str, list[str]] = {}
    for hard in (False, True):
        for row in customers(700, SEED, hard, family=2):
            for column in ("name", "contact", "phone", "email", "address", "credit_code"):
                typed = getattr(row, column)
                found.setdefault(column, []).append(typed)
                found[column].append(mutated(chance, typed))
                found[column].append("".join(chance.choices(SIGNS, k=chance.randrange(12))))
    return found


def test_plain(cells: dict[str, list[str]]) -> None:
    for column in cells.values():
        assert plain_spans(column).texts() == [plain(cell) for cell in column]
    assert plain_spans([None, "", " Ａ ", "a\x1eb "]).texts() == ["", "", "a", "a\x1eb"]


def test_names(cells: dict[str, list[str]]) -> None:
    found = names_of(plain_spans(cells["name"]))
    traders = {number: form for form, number in TRADER_NUMBERS.items()}
    numbers = (found.region, found.start, found.cut, found.end, found.trader, found.chinese, found.bare)
    for row, (typed, whole, region, start, cut, end, trader, chinese, bare) in enumerate(
        zip(cells["name"], found.whole.texts(), *(each.tolist() for each in numbers), strict=True)
    ):
        name = parts_of(plain(typed))
        branch, roman = found.branches.get(row, ""), found.romans.get(row, "")
        made = (whole, regions()[region], branch, start, cut, end, traders[trader], chinese, bare, roman)
        assert made == tuple(name), typed


def test_contacts(cells: dict[str, list[str]]) -> None:
    assert contacts_of(plain_spans(cells["contact"])).texts() == [contact_in(plain(cell)) for cell in cells["contact"]]


def test_codes(cells: dict[str, list[str]]) -> None:
    codes = codes_of_cells(plain_spans(cells["credit_code"]))
    expected = [code_in(plain(cell)) for cell in cells["credit_code"]]
    assert codes.texts() == expected
    organisations = organisations_of(codes, Parts(codes.codes))
    assert organisations.tolist() == hashes_of([organisation_of(code) or code for code in expected]).tolist()


def test_phones(cells: dict[str, list[str]]) -> None:
    every, first, second = phones_of_cells(plain_spans(cells["phone"]))
    expected = [phones_in(plain(cell)) for cell in cells["phone"]]
    assert every.texts() == [" ".join(numbers) for numbers in expected]
    assert list(zip(first.texts(), second.texts(), strict=True)) == [(*numbers, "", "")[:2] for numbers in expected]
    mobile = [
        int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) == 10 and numbers[0].isascii() else -1
        for numbers in expected
    ]
    assert mobiles_of(every).tolist() == mobile


def test_emails(cells: dict[str, list[str]]) -> None:
    address, hashes, desk, company = emails_of(plain_spans(cells["email"]))
    expected = [email_in(plain(cell)) for cell in cells["email"]]
    assert address.texts() == [email.address for email in expected]
    assert hashes.tolist() == hashes_of([email.address for email in expected]).tolist()
    assert desk.tolist() == [email.shared for email in expected]
    assert company.tolist() == hashes_of([email.company for email in expected]).tolist()


def test_addresses(cells: dict[str, list[str]]) -> None:
    whole, hashes, place, number = addresses_of(plain_spans(cells["address"]))
    expected = [address_in(plain(cell)) for cell in cells["address"]]
    assert whole.texts() == [address.whole for address in expected]
    assert hashes.tolist() == hashes_of([address.whole for address in expected]).tolist()
    assert place.tolist() == hashes_of([address.place for address in expected]).tolist()
    assert number.tolist() == hashes_of([address.number for address in expected]).tolist()
