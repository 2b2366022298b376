"""Reports are imported when they are asked for: each name has one module to be asked for in."""

from importlib import import_module

import pytest

from crm_sheets import reports


def test_every_report_is_found_in_its_module() -> None:
    assert sorted(name for names in reports._HOMES.values() for name in names) == sorted(reports.__all__)
    for home, names in reports._HOMES.items():
        module = import_module(f"crm_sheets.reports.{home}")
        assert [getattr(reports, name) for name in names] == [getattr(module, name) for name in names], home


def test_another_name_is_no_report() -> None:
    with pytest.raises(AttributeError, match="NoReport"):
        reports.NoReport  # noqa: B018
