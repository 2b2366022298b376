"""`doctor` says when days off are not known for the time in which deadlines are counted."""

from datetime import timedelta
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.care import COVERED_DAYS, doctor
from crm_sheets.config import Settings, load
from crm_sheets.public_holidays import unknown_days


def settings_of(folder: Path, country: str) -> Settings:
    config = folder / "config.toml"
    config.write_text(
        f'[workbook]\npath = "crm.xlsx"\ntabs = ["customers", "calendar"]\n[calendar]\ncountry = "{country}"\n', "utf-8"
    )
    return load(config, {})


@pytest.mark.parametrize("country", ["CN", "GB", ""])
def test_the_coming_days_are_covered_or_named(tmp_path: Path, country: str) -> None:
    settings = settings_of(tmp_path, country)
    today = clock.now().astimezone(settings.workbook.zone).date()
    unknown = unknown_days(country, today, today + timedelta(days=COVERED_DAYS), (), "zh-CN")
    (found,) = (each for each in doctor(settings).examinations if each.name == "calendar")
    assert found.passed is not bool(unknown)
    assert all(f"{day} {name}" in found.found for day, name in unknown.items())
    assert country != "GB" or found.passed
    assert found.passed or "calendar" in found.remedy
