"""The Chinese comments as feedback: every one of them comes in as it was written, and is counted."""

import csv
import shutil
from collections import Counter

import pytest

from tests.app.examples import SHARED, Example, rows_of, run_example

DATA = SHARED / "zh_feedback"
TYPES = {"1": "表扬", "0": "投诉"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Chinese comments are not on this machine"),
    pytest.mark.skipif(shutil.which("sh") is None, reason="run.sh needs a shell"),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return run_example("zh_feedback", DATA, tmp_path_factory.mktemp("zh_feedback"))


@pytest.fixture(scope="module")
def comments() -> list[dict[str, str]]:
    with (DATA / "waimai_2000.csv").open(encoding="utf-8-sig", newline="") as readable:
        return list(csv.DictReader(readable))


def test_counts_agree(example: Example, comments: list[dict[str, str]]) -> None:
    types = Counter(TYPES[comment["label"]] for comment in comments)
    assert example.figures["feedback.feedbacks"] == len(comments) == 2000
    assert {name: example.figures[f"feedback.by_type.feedbacks[{name}]"] for name in types} == types
    assert example.figures["feedback.by_state.feedbacks[已处理]"] == len(comments)
    assert example.figures["feedback.unresolved"] == 0


def test_every_comment_stands_in_the_book_as_it_was_written(example: Example, comments: list[dict[str, str]]) -> None:
    """But for a control character that one of them begins with: a workbook cannot hold it."""
    rows = rows_of(example.folder / "反馈.xlsx", "反馈")
    told = Counter((row["反馈类型"], row["反馈内容"]) for row in rows if row["反馈内容"])
    written = ((TYPES[comment["label"]], comment["review"].strip().replace("\b", "")) for comment in comments)
    assert told == Counter(written)
