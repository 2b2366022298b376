"""Which file names are versions of a workbook that a cloud drive put away."""

import unicodedata

import pytest

from crm_sheets.sync.conflict_names import ConflictName, conflict_name

VERSIONS = """
客户 的冲突副本 2026-11-22.xlsx                          any
客户 (张三的冲突副本 2026-11-22).xlsx                    any        张三
客户（李四 的冲突副本 2026-11-22）.xlsx                  any        李四
客户 (冲突文件 2026-11-22 09-30-00).xlsx                 any
客户(张三的冲突的副本).xlsx                              any        张三
客户 (conflicted copy 2026-11-22).xlsx                   nextcloud
客户 (Conflicted copy 2015-10-01 for jsmith).xlsx        nextcloud  jsmith
客户 (John's conflicted copy 2026-11-22).xlsx            dropbox    John
客户 (Ann Lee’s conflicted copy).xlsx                    dropbox    Ann Lee
客户 (SFConflict ann@example.com 2026-11-22-09-30-00).xlsx seafile  ann@example.com
客户.sync-conflict-20261122-093000-ABCDEF7.xlsx          syncthing  ABCDEF7
客户.sync-conflict-20261122-093000.xlsx                  syncthing
客户_conflict-20261122-093000.xlsx                       nextcloud
客户_Andy-PC_Jan-03-0901-2013_CaseConflict_1.xlsx        synology   Andy-PC
客户(Conflict_ann (Web browser)_2020-03-25-22-50-36).xlsx filecloud ann (Web browser)
客户 [conflicted].xlsx                                   pcloud
客户-副本.xlsx                                           wps
客户-副本(2).xlsx                                        wps
客户 (1).xlsx                                            any
客户(12).xlsx                                            any
客户 2.xlsx                                              icloud
客户-DESKTOP-ABC123.xlsx                                 onedrive   DESKTOP-ABC123
客户-张三的电脑.xlsx                                     onedrive   张三的电脑
客户-LAPTOP-7-2.xlsx                                     onedrive   LAPTOP-7-2
客户-PC名.xlsx                                           onedrive   PC名
客户.displaced-1.xlsx                                    crm-sheets
客户 (conflicted copy 2026-11-22) (1).xlsx               nextcloud
客户 (1)-DESKTOP-ABC123.xlsx                             any
客户 的冲突副本 2026-11-22.XLSX                          any
"""

OTHERS = """
客户.xlsx
客户2027.xlsx
客户名单.xlsx
客户-备份.xlsx
客户-20261122.xlsx
客户-2026-11-22.xlsx
客户-OLD.xlsx
客户-v2.xlsx
客户 - 副本.xlsx
客户 - Copy.xlsx
客户 (旧).xlsx
客户 (上海).xlsx
客户-华东.xlsx
客户 (1).csv
客户 (1)
~$客户 (1).xlsx
.~lock.客户 (1).xlsx#
.客户.1234.crm-sheets.tmp
联系人 (1).xlsx
(1).xlsx
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("line", lines(VERSIONS))
def test_versions(line: str) -> None:
    end = line.lower().index(".xlsx") + len(".xlsx")
    drive, _, who = line[end:].strip().partition(" ")
    assert conflict_name(line[:end], "客户.xlsx") == ConflictName(drive, who.strip())


@pytest.mark.parametrize("name", lines(OTHERS))
def test_other_files(name: str) -> None:
    assert conflict_name(name, "客户.xlsx") is None


def test_names_are_compared_as_file_systems_do() -> None:
    apart = unicodedata.normalize("NFD", "Café (1).xlsx")
    assert conflict_name(apart, "café.xlsx") == ConflictName("any")
    assert conflict_name("CAFÉ-MYPC1.xlsx", "café.xlsx") == ConflictName("onedrive", "MYPC1")


def test_a_view_of_a_person_is_no_version_of_anothers() -> None:
    assert conflict_name("E01-张三 (1).xlsx", "E01-张三.xlsx") == ConflictName("any")
    assert conflict_name("E01-张三丰.xlsx", "E01-张三.xlsx") is None
    assert conflict_name("E011-张三 (1).xlsx", "E01-张三.xlsx") is None
