"""Cells to values and back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.changes import Value
from crm_sheets.language import LOCALES, language
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.codecs import FLAW_CODES, CodecContext, Flaw, PhoneKind, canonical, display, holds, parse, render
from crm_sheets.schema.codecs.moments import moment_of, serial_of

CHINA = CodecContext(ZoneInfo("Asia/Shanghai"))
BERLIN = CodecContext(ZoneInfo("Europe/Berlin"))
OLD_MAC = CodecContext(ZoneInfo("Asia/Shanghai"), date1904=True)


def read(kind: Kind, raw: CellValue, context: CodecContext = CHINA) -> Value:
    """The value, or the code of the flaw after an exclamation mark."""
    found = parse(raw, Column(kind), context)
    return f"!{found.code}" if isinstance(found, Flaw) else found


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("13800000000", "13800000000"),
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 13812345678", "13812345678"),
        (8613812345678, "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("电话：13800000000", "13800000000"),
        ("1.3812345678E+10", "13812345678"),
        ("1.38E+10", "!digits-lost"),
        ("(010) 62345678", "010-62345678"),
        ("0755-2677 0000", "0755-26770000"),
        (1062345678, "010-62345678"),
        ("010-62345678转801", "010-62345678-801"),
        ("010-62345678 ext. 801", "010-62345678-801"),
        ("010-62345678-801", "010-62345678-801"),
        ("4008108888", "400-810-8888"),
        ("400-810-8888转2", "400-810-8888-2"),
        ("+1 650-253-0000", "+16502530000"),
        ("00852 2123 4567", "+85221234567"),
        ("62345678", "!phone-without-area-code"),
        ("13800000000/13900000000", "!phone-several"),
        ("13800000000、13900000000", "!phone-several"),
        ("12345", "!not-a-phone"),
        ("138123456789", "!not-a-phone"),
        ("1381234567", "!not-a-phone"),
        (True, "!not-a-phone"),
        ("   ", None),
    ],
)
def test_phones(raw: CellValue, expected: Value) -> None:
    assert read(Kind.PHONE, raw) == expected


def test_a_team_may_allow_only_some_kinds_of_phones() -> None:
    context = CodecContext(ZoneInfo("Asia/Shanghai"), phone_kinds=frozenset({PhoneKind.MOBILE}))
    assert read(Kind.PHONE, "13800000000", context) == "13800000000"
    refused = parse("010-62345678", Column(Kind.PHONE), context)
    assert isinstance(refused, Flaw)
    assert (refused.code, refused.parameters["kind"], refused.parameters["kinds"]) == (
        "phone-kind-not-allowed",
        "座机",
        "手机",
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (45000, date(2023, 3, 15)),
        (45000.75, date(2023, 3, 15)),
        ("45000", date(2023, 3, 15)),
        (" 45000.75", date(2023, 3, 15)),
        (20240305, date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024/3/5", date(2024, 3, 5)),
        ("2024-03-05", date(2024, 3, 5)),
        ("2024.3.5", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("2024年3月5号 星期二", date(2024, 3, 5)),
        ("２０２４／３／５", date(2024, 3, 5)),
        ("25/12/2024", date(2024, 12, 25)),
        ("12/25/2024", date(2024, 12, 25)),
        ("5/5/2024", date(2024, 5, 5)),
        ("5 March 2024", date(2024, 3, 5)),
        ("Mar 5, 2024", date(2024, 3, 5)),
        ("2024-03-05T23:00:00Z", date(2024, 3, 6)),
        (datetime(2024, 3, 5, 23, 0), date(2024, 3, 5)),  # noqa: DTZ001 - wall time, as a cell has it
        ("03/04/2024", "!date-ambiguous"),
        ("24/3/5", "!date-short-year"),
        ("05-Mar-24", "!date-short-year"),
        ("3月5日", "!date-without-year"),
        ("2024-02-30", "!date-not-in-calendar"),
        (60, "!date-not-in-calendar"),
        (20240230, "!date-not-in-calendar"),
        (59, "!date-out-of-range"),
        (2024, "!date-out-of-range"),
        ("1899-12-31", "!date-out-of-range"),
        ("2205-01-01", "!date-out-of-range"),
        (-5, "!not-a-date"),
        (float("nan"), "!not-a-date"),
        (1e300, "!not-a-date"),
        (True, "!not-a-date"),
        ("明天", "!not-a-date"),
        ("4500", "!not-a-date"),
        ("04500", "!not-a-date"),
        ("2024年3月", "!not-a-date"),
    ],
)
def test_dates(raw: CellValue, expected: Value) -> None:
    assert read(Kind.DATE, raw) == expected


def test_serials_of_the_1904_system_count_from_1904() -> None:
    assert read(Kind.DATE, 45000 - 1462, OLD_MAC) == date(2023, 3, 15)
    assert serial_of(date(2023, 3, 15), date1904=True) == 45000 - 1462


def test_the_day_that_never_was_divides_the_serials_of_1900() -> None:
    founders = CodecContext(ZoneInfo("Asia/Shanghai"), earliest=date(1900, 1, 1))
    assert [read(Kind.DATE, serial, founders) for serial in (1, 59, 60, 61)] == [
        date(1900, 1, 1),
        date(1900, 2, 28),
        "!date-not-in-calendar",
        date(1900, 3, 1),
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (45000.604166666664, "2023-03-15 14:30:00"),
        (45000.99999999, "2023-03-16 00:00:00"),
        (45000, "2023-03-15 00:00:00"),
        ("45000.604166666664", "2023-03-15 14:30:00"),
        ("2024/3/5 14:30:15", "2024-03-05 14:30:15"),
        ("2024年3月5日 下午3点", "2024-03-05 15:00:00"),
        ("2024年3月5日下午3点半", "2024-03-05 15:30:00"),
        ("2024年3月5日15时20分", "2024-03-05 15:20:00"),
        ("2024-03-05 3:30 PM", "2024-03-05 15:30:00"),
        ("2024-03-05 12:00 am", "2024-03-05 00:00:00"),
        ("2024-03-05T14:30:00.700+08:00", "2024-03-05 14:30:00"),
        ("2024-03-05T14:30Z", "2024-03-05 22:30:00"),
        ("14:30", "!not-a-moment"),
        ("2024-03-05 25:00", "!not-a-moment"),
        ("明天下午", "!not-a-moment"),
        ("03/04/2024 10:00", "!date-ambiguous"),
    ],
)
def test_moments(raw: CellValue, expected: str) -> None:
    found = read(Kind.DATETIME, raw)
    if isinstance(found, datetime):
        assert found.tzinfo is UTC
        found = found.astimezone(CHINA.zone).strftime("%Y-%m-%d %H:%M:%S")
    assert found == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (1200, "1200.00"),
        (0.1 + 0.2, "0.30"),
        (33.335, "33.34"),
        ("1,234.50", "1234.50"),
        ("￥1,200", "1200.00"),
        ("1.2万", "12000.00"),
        ("3亿", "300000000.00"),
        ("人民币50万元", "500000.00"),
        ("１２００", "1200.00"),
        ("(500)", "-500.00"),
        ("1,5", "!number-ambiguous"),
        ("1.234,50", "!number-ambiguous"),
        ("约50万", "!not-a-number"),
        ("万", "!not-a-number"),
        (float("inf"), "!not-a-number"),
        (float("nan"), "!not-a-number"),
        (True, "!not-a-number"),
    ],
)
def test_money(raw: CellValue, expected: str) -> None:
    assert str(read(Kind.MONEY, raw)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("15%", "0.15"),
        (0.15, "0.15"),
        (15, "0.15"),
        ("15", "0.15"),
        (1, "1"),
        (1.5, "0.015"),
        ("０.５％", "0.005"),
        (150, "!out-of-range"),
        (-0.1, "!out-of-range"),
        ("abc", "!not-a-percentage"),
    ],
)
def test_percentages(raw: CellValue, expected: str) -> None:
    assert str(read(Kind.PERCENT, raw)) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (Kind.INTEGER, 5.0, 5),
        (Kind.INTEGER, "120人", 120),
        (Kind.INTEGER, 5.5, "!not-whole"),
        (Kind.INTEGER, "100-200", "!not-a-number"),
        (Kind.BOOLEAN, "是", True),
        (Kind.BOOLEAN, "离职", False),
        (Kind.BOOLEAN, " no ", False),
        (Kind.BOOLEAN, 1, True),
        (Kind.BOOLEAN, "也许", "!not-a-boolean"),
        (Kind.TAGS, "行业-制造业; 级别-A类；a,b、c\nA", ("行业-制造业", "级别-A类", "a", "b", "c")),
        (Kind.TAGS, "; ;", None),
        (Kind.LINKS, "http://a/b,c; D:\\x y.doc", ("http://a/b,c", "D:\\x y.doc")),
        (Kind.TEXT, " 华为\r\n公司 ", "华为 公司"),
        (Kind.TEXT, "=1+1", "=1+1"),
        (Kind.TEXT, 12.0, "12"),
        (Kind.TEXT, 1e20, "100000000000000000000"),
        (Kind.TEXT, "a\x00\x0b\ufeff", "a"),
        (Kind.TEXT, "e\u0301", "\u00e9"),
        (Kind.TEXT, CellError("#REF!"), "!cell-error"),
        (Kind.TEXT, Formula("A1"), "!formula-without-value"),
        (Kind.TEXT, Formula("A1", CellError("#N/A")), "!cell-error"),
        (Kind.DATE, Formula("A1", 45000), date(2023, 3, 15)),
        (Kind.LONG_TEXT, "a\r\nb\rc\td ", "a\nb\nc\td"),
        (Kind.EMAIL, " Ｚhang@QQ.com", "zhang@qq.com"),
        (Kind.EMAIL, "mailto:a@b。cn", "a@b.cn"),
        (Kind.CREDIT_CODE, "9111 0000 6000-37341l", "91110000600037341L"),
        (Kind.ID_NUMBER, 110101199001011234, "!digits-lost"),
        (Kind.ID, "ｃ-7k3q9", "C-7K3Q9"),
    ],
)
def test_other_kinds(kind: Kind, raw: CellValue, expected: Value) -> None:
    found = read(kind, raw)
    assert found == expected
    assert type(found) is type(expected)


TEAMS = {"china": CHINA, "berlin": BERLIN, "1904": OLD_MAC}
TEXTS = st.text(max_size=30) | st.from_regex(r"[0-9（()）+\-. ,/年月日万%:：转ext]{0,18}", fullmatch=True)
RAWS: st.SearchStrategy[CellValue] = (
    TEXTS
    | st.integers(-(10**19), 10**19)
    | st.integers(0, 60_000)
    | st.floats()
    | st.floats(3_700, 73_000)
    | st.floats(-2, 101)
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.integers(13_000_000_000, 19_999_999_999)
)


@pytest.mark.parametrize("kind", Kind)
@example(raw="¯¸", team="china")  # each decomposes, and what is left of both combines in another order
@given(raw=RAWS, team=st.sampled_from(sorted(TEAMS)))
@settings(max_examples=80, deadline=None)
def test_what_went_in_comes_out(kind: Kind, raw: CellValue, team: str) -> None:
    column, context = Column(kind), TEAMS[team]
    value = parse(raw, column, context)
    if isinstance(value, Flaw):
        assert value.code in (*FLAW_CODES, "out-of-range")
        return
    cell = render(value, column, context)
    assert parse(cell, column, context) == value
    stored = serial_of(cell, context.date1904) if isinstance(cell, date) else cell
    assert parse(stored, column, context) == value
    assert holds(stored, value, column, context)
    assert canonical(value, column, context) == value
    assert isinstance(display(value, column, context), str)


@given(moment=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
@settings(max_examples=100, deadline=None)
def test_moments_of_the_doubled_hour_settle_after_one_reading(moment: datetime) -> None:
    column = Column(Kind.DATETIME)
    once = canonical(moment, column, BERLIN)
    assert canonical(once, column, BERLIN) == once
    assert isinstance(once, datetime)
    assert abs((once - moment).total_seconds()) in (0.0, 3600.0) or moment.microsecond


def test_the_hours_of_a_clock_change_in_berlin() -> None:
    doubled, left_out = "2024-10-27 02:30", "2024-03-31 02:30"
    assert read(Kind.DATETIME, doubled, BERLIN) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert read(Kind.DATETIME, left_out, BERLIN) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_what_stands_in_a_sealed_column_goes_into_no_message() -> None:
    column = Column(Kind.ID_NUMBER, sealed=True)
    found = parse(110101199001011234, column, CHINA)
    assert isinstance(found, Flaw)
    assert found.parameters == {"found": "***"}
    assert display("11010119900101123X", column, CHINA) == "***"


def test_values_are_shown_as_people_write_them() -> None:
    moment = datetime(2024, 3, 5, 6, 30, tzinfo=UTC)
    assert display(moment, Column(Kind.DATETIME), CHINA) == "2024-03-05 14:30"
    assert display(Decimal("1234.5"), Column(Kind.MONEY), CHINA) == "1,234.50"
    assert display(Decimal("0.15"), Column(Kind.PERCENT), CHINA) == "15%"
    assert display(True, Column(Kind.BOOLEAN), CHINA) == "是"
    assert display(("a", "b"), Column(Kind.TAGS), CHINA) == "a; b"
    assert display(None, Column(Kind.TAGS), CHINA) == ""


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", FLAW_CODES)
def test_each_flaw_has_a_message(code: str, locale: str) -> None:
    assert language(locale).has(f"issue.{code}")


@pytest.mark.parametrize("date1904", [False, True])
def test_a_serial_number_is_the_moment_that_it_was_made_of(date1904: bool) -> None:
    for text in ("2026-11-22T11:00:07", "2026-11-22", "1999-12-31T23:59:59"):
        moment = datetime.fromisoformat(text)
        assert moment_of(serial_of(moment, date1904), date1904) == moment
    assert moment_of(-1) is None
    assert moment_of(1e300) is None
