"""Which fonts are found."""

import pytest

from crm_sheets.dashboard.fonts import chinese_font
from crm_sheets.dashboard.pictures import can_draw


@pytest.mark.skipif(not can_draw(), reason="matplotlib or a font with Chinese characters is missing")
def test_a_font_that_came_after_matplotlib_made_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import fontManager

    known = chinese_font()
    monkeypatch.setattr(fontManager, "ttflist", [font for font in fontManager.ttflist if font.name == "DejaVu Sans"])
    chinese_font.cache_clear()
    assert chinese_font() == known
