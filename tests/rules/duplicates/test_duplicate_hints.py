"""What staff read."""

from crm_sheets.language import language
from crm_sheets.rules.duplicates import Pair, Subject, find_pairs, hint
from crm_sheets.rules.duplicates.compare import COLUMNS
from crm_sheets.rules.duplicates.subjects import ALIKE

PAIRS = [
    Pair("C-1", "C-2", 0.964, ("phone", "name"), False),
    Pair("C-0", "C-1", 0.9999, ("credit_code",), True),
]


def test_hints() -> None:
    assert hint("C-1", PAIRS, language("zh-CN")) == (
        "与 C-0 重复（相似度 99%：信用代码）；疑似与 C-2 重复（相似度 96%：电话、名称）"
    )
    assert hint("C-1", PAIRS, language("en")) == (
        "Duplicate of C-0 (99% alike: credit code); Possible duplicate of C-2 (96% alike: phone, name)"
    )
    assert hint("C-1", [], language("en")) == ""


def test_three_partners_are_named_and_the_others_counted() -> None:
    pairs = [Pair("C-1", f"D-{number}", 0.6 + number / 100, (), False) for number in range(5)]
    text = hint("C-1", pairs, language("zh-CN"))
    assert [number for number in range(5) if f"D-{number}" in text] == [2, 3, 4]
    assert text.endswith("；另有 2 条")


def test_every_column_has_words_in_both_languages() -> None:
    for locale in ("zh-CN", "en"):
        for end in ("", ALIKE):
            assert all(language(locale).has(f"duplicates.column.{column}{end}") for column in COLUMNS)


def test_what_is_only_alike_is_not_said_to_be_the_same() -> None:
    one = Subject("C-1", "济宁米岸电子有限公司", "李雷", "13812345678")
    other = Subject("C-2", "济宁米岸电子有限公司", "李雷", "13812345679")
    (pair,) = find_pairs([one, other])
    assert pair.keys == ("phone" + ALIKE, "name", "contact")
    assert "电话相似、名称、联系人" in hint("C-1", [pair], language("zh-CN"))
    assert "similar phone, name" in hint("C-1", [pair], language("en"))
