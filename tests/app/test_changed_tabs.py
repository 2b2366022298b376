"""A cycle writes the tabs that an edit changes, and leaves every byte of the others: sheet by sheet in the file."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from crm_sheets.cells import CellValue
from tests.app.offices import NOW, Office, made

LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
DEAL: Mapping[str, CellValue] = {
    "机会名称": "产线改造",
    "客户": "上海宏图机械有限公司",
    "预计成交金额": 300_000,
    "阶段": "需求分析",
    "负责人": "王芳",
}


def sheets(book: Path) -> Mapping[str, str]:
    """A hash of each sheet's part, by the name of the sheet."""
    with zipfile.ZipFile(book) as archive:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        parts = {link.attrib["Id"]: link.attrib["Target"].removeprefix("/xl/") for link in links}
        named = ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
        return {
            sheet.attrib["name"]: hashlib.sha256(archive.read(f"xl/{parts[sheet.attrib[LINK]]}")).hexdigest()
            for sheet in named
        }


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        office = made(tmp_path_factory.mktemp("tabs") / "office")
        office.add("机会", [DEAL])
        office.sync()
    return office


@pytest.mark.parametrize(
    ("tab", "cells", "summaries"),
    [
        ("客户", {"联系电话": "13900139000"}, set()),
        ("客户", {"所属行业": "金融"}, {"汇总_客户"}),
        ("机会", {"预计成交金额": 450_000}, {"汇总_销售漏斗"}),
    ],
)
def test_only_summaries_that_say_something_else_are_written(
    office: Office, tab: str, cells: Mapping[str, CellValue], summaries: set[str]
) -> None:
    before = sheets(office.book)
    assert before.keys() >= {"汇总_客户", "汇总_销售漏斗"}
    office.type(tab, 2, cells)
    office.sync()
    after = sheets(office.book)
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert tab in changed
    assert {name for name in changed if name.startswith("汇总_")} == summaries
