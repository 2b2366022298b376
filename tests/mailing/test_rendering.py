"""Every kind of mail, with long texts in it: drawn by Chromium at the width of a window and of a telephone."""

import html as markup
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.example_letters import example_letters
from crm_sheets.app.workspace import opened
from crm_sheets.language import LOCALES
from crm_sheets.sync.templates import Templates, shipped_folder
from tests.app.offices import CONFIG, NOW, Office, made

WIDTHS = (600, 360)
LONG = "深圳市前海深港现代服务业合作区某某信息技术有限公司 https://example.com/" + "a" * 90
LARGEST = 100 * 1024
FORBIDDEN = {
    "flex or grid": r"display\s*:\s*(?:inline-)?(?:flex|grid)",
    "position": r"[;\"\s]position\s*:",
    "float": r"[;\"\s]float\s*:",
    "calc or variables": r"calc\(|var\(",
    "a picture that is not in the mail": r"<img(?! src=\"cid:)|<(?:svg|video|picture|canvas)\b|url\(",
    "a script": r"<(?:script|iframe|form|input|link)\b|\son\w+=",
}
"""What Outlook does not draw, or mail programs take out."""

LOOK = """
const found = [];
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument, wide = frame.clientWidth;
  for (const each of page.querySelectorAll("*")) {
    const style = page.defaultView.getComputedStyle(each);
    if (style.display === "inline" || style.display === "none") continue;
    if (each.scrollWidth > each.clientWidth && each.clientWidth > 0 || each.getBoundingClientRect().right > wide + 0.5)
      found.push([frame.id, each.tagName, each.scrollWidth, each.clientWidth, each.textContent.trim().slice(0, 40)]);
  }
  const text = page.body.innerText;
  if (text.length < 40 || text.includes("\\ufffd")) found.push([frame.id, "text", text.slice(0, 80)]);
}
document.body.dataset.found = JSON.stringify(found);
"""


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The HTML of each kind of mail in each language."""
    found: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        office = made(tmp_path_factory.mktemp("letters"))
        for locale in LOCALES:
            found |= dict(_of(office, locale))
    return found


def _of(office: Office, locale: str) -> Iterator[tuple[str, str]]:
    office.config.write_text(CONFIG + f'locale = "{locale}"\n', encoding="utf-8")
    with opened(office.settings) as workspace:
        for kind, content in example_letters(workspace, Templates(), clock.now()):
            yield f"{locale}-{kind}", content.html.replace("TEST", LONG)


def test_each_template_is_among_them(letters: dict[str, str]) -> None:
    templates = {path.name.partition(".")[0] for path in (shipped_folder() / "zh-CN").iterdir()} - {"reminder"}
    kinds = {name.removeprefix("zh-CN-").partition("-")[0] for name in letters if name.startswith("zh-CN-")}
    assert templates <= kinds


def test_what_outlook_draws(letters: dict[str, str]) -> None:
    for name, html in letters.items():
        assert len(html.encode()) < LARGEST, name
        for what, pattern in FORBIDDEN.items():
            assert not re.search(pattern, html, re.IGNORECASE), f"{name}: {what}"
        tables = re.findall(r"<table\b[^>]*>", html)
        assert tables, name
        assert all('role="presentation"' in table for table in tables), name
        assert "<!--[if mso]><table" in html, name


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not on this machine")
def test_nothing_is_cut_off(letters: dict[str, str], tmp_path: Path) -> None:
    frames = "".join(
        f'<iframe id="{name}@{width}" width="{width}" height="900" frameborder="0" '
        f'srcdoc="{markup.escape(html)}"></iframe>'
        for name, html in letters.items()
        for width in WIDTHS
    )
    page = tmp_path / "letters.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><body>{frames}<script>window.onload = () => {{{LOOK}}}</script>',
        encoding="utf-8",
    )
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=20000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    told = re.search(r'data-found="([^"]*)"', done.stdout)
    assert told is not None, done.stderr[-2000:]
    found = json.loads(markup.unescape(told[1]))
    assert found == [], "\n".join(map(str, found[:40]))
