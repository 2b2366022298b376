"""Retention, value, payments, campaigns, feedback and services of a made-up book, and the same row by row."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import LOCALES, language
from crm_sheets.rules.summaries.base import Frames, Number, SummaryContext, SummaryRule
from crm_sheets.rules.summaries.campaigns import CAMPAIGNS
from crm_sheets.rules.summaries.customers import CUSTOMERS
from crm_sheets.rules.summaries.feedback import FEEDBACK
from crm_sheets.rules.summaries.orders import ORDERS
from crm_sheets.rules.summaries.payments import PAYMENTS
from crm_sheets.rules.summaries.retention import RETENTION
from crm_sheets.rules.summaries.services import SERVICES
from crm_sheets.rules.summaries.value import VALUE
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import ColumnKey, TabKey

TODAY, ZONE = date(2026, 11, 22), ZoneInfo("Asia/Shanghai")
WORDS = language("zh-CN")
CALENDAR = WorkCalendar(zone=ZONE)
RULES = (RETENTION, VALUE, PAYMENTS, CAMPAIGNS, FEEDBACK, SERVICES, CUSTOMERS, ORDERS)
Row = dict[str, Value]
Book = dict[str, list[Row]]
Sale = tuple[str, date | None, Decimal]
"""Customer ("" for nobody), day, amount."""


def context(locale: str = "zh-CN") -> SummaryContext:
    words = language(locale)
    return SummaryContext(TODAY, ZONE, default_dictionaries(words), words, calendar=CALENDAR)


def frames(book: Book) -> Frames:
    names = {tab: dict.fromkeys(name for row in rows for name in row) for tab, rows in book.items()}
    return {
        TabKey(tab): {ColumnKey(name): [row.get(name) for row in rows] for name in names[tab]}
        for tab, rows in book.items()
    }


def day(row: Row, name: str) -> date | None:
    value = row.get(name)
    assert value is None or isinstance(value, date)
    return value


def at(row: Row, name: str) -> datetime:
    value = row[name]
    assert isinstance(value, datetime)
    return value


def worth(row: Row, name: str) -> Decimal:
    value = row[name]
    assert isinstance(value, Decimal)
    return value


def whole_number(row: Row, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value


def money(source: random.Random) -> Decimal:
    return Decimal(source.randint(100, 999_999)).scaleb(-2)


def moment(source: random.Random) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=source.randint(0, 300_000))


@pytest.fixture(scope="module")
def book() -> Book:
    source = random.Random(7)
    people: list[Row] = [
        {"id": f"E{n}", "name": name, "department": unit, "group": group}
        for n, (name, unit, group) in enumerate(
            [("张伟", "销售部", "一组"), ("李娜", "销售部", "二组"), ("王芳", "客服部", None)]
        )
    ]
    owners = ["张伟", "E1", "王芳", "外人", None]
    customers: list[Row] = [
        {
            "id": f"C-{n:03}",
            "name": f"客户{n:03}",
            "owner": source.choice(owners),
            "merged_from": ("旧名",) if n == 5 else (),
        }
        for n in range(40)
    ]

    def customer() -> str:
        n = int(source.triangular(0, 39, 3))
        return source.choice([f"C-{n:03}", f"客户{n:03}", f"客户 {n:03}".replace(" ", ""), "旧名", "没登记"])

    deals: list[Row] = [
        {
            "id": f"D-{n}",
            "name": f"机会{n}",
            "customer": customer(),
            "stage": source.choice(["赢单", "输单", "需求分析"]),
            "close_date": source.choice([None, date(2025, 9, 1) + timedelta(days=source.randint(0, 500))]),
            "amount": money(source),
        }
        for n in range(60)
    ]
    orders: list[Row] = [
        {
            "id": f"O-{n}",
            "external": f"ERP{n}",
            "customer": source.choice([customer(), customer(), None]),
            "opportunity": source.choice([None, None, f"D-{n}", f"机会{n}"]),
            "ordered_on": source.choice([None, *(date(2025, 8, 1) + timedelta(days=source.randint(0, 520)),) * 9]),
            "state": source.choice(["已创建", "已完成", "已完成", "已取消", None]),
            "total": money(source),
            "profit": source.choice([None, money(source)]),
            "owner": source.choice(owners),
        }
        for n in range(160)
    ]
    payments: list[Row] = [
        {
            "order": source.choice([f"O-{n}", f"erp{n}", None]),
            "contract": source.choice([None, "HT-1"]),
            "customer": customer(),
            "due_on": source.choice([None, *(TODAY - timedelta(days=source.randint(-60, 150)),) * 4]),
            "paid_on": source.choice([None, TODAY - timedelta(days=source.randint(-5, 150))]),
            "amount": money(source),
            "method": source.choice(["微信", "银行转账", None]),
            "owner": source.choice(owners),
        }
        for n in range(120)
    ]
    feedback: list[Row] = [
        {
            "date": date(2026, 10, 1) + timedelta(days=source.randint(0, 50)),
            "type": source.choice(["投诉", "咨询"]),
            "source": None,
            "state": source.choice(["已处理", "处理中"]),
            "due": None,
            "resolved_at": source.choice([None, datetime(2026, 11, 22, 3, tzinfo=UTC)]),
            "satisfaction": source.choice([None, 1, 2, 3, 4, 5]),
            "recommendation": source.choice([None, *range(11)]),
            "owner": source.choice(owners),
        }
        for _ in range(80)
    ]
    services = [service(source, owners) for _ in range(150)]
    campaigns: list[Row] = [
        {
            "id": f"K-{n}",
            "name": f"活动{n}",
            "type": "线上",
            "starts_on": day,
            "ends_on": day + timedelta(days=9),
            "budget": cost,
        }
        for n, (day, cost) in enumerate(
            [(date(2026, 6, 1), Decimal(500)), (date(2026, 6, 5), None), (date(2026, 12, 1), Decimal(90))]
        )
    ]
    members: list[Row] = [
        {
            "campaign": source.choice(["K-0", "活动1", "K-2", "没有"]),
            "customer_id": f"C-{source.randint(0, 12):03}",
            "state": source.choice(["已邀请", "已参加", None]),
            "converted_on": source.choice([None, date(2026, 6, source.randint(5, 30))]),
        }
        for _ in range(60)
    ]
    return {
        "people": people,
        "customers": customers,
        "opportunities": deals,
        "orders": orders,
        "payments": payments,
        "contracts": [{"id": "T-1", "number": "HT-1", "state": "已终止"}],
        "feedback": feedback,
        "services": services,
        "campaigns": campaigns,
        "campaign_members": members,
        "calendar": [{"date": date(2026, 5, 1), "kind": "休息日"}, {"date": date(2026, 5, 9), "kind": "工作日"}],
    }


def service(source: random.Random, owners: Sequence[str | None]) -> Row:
    opened = moment(source)
    answered = opened + timedelta(minutes=source.randint(0, 600))
    return {
        "type": source.choice(["故障报修", "使用咨询"]),
        "priority": source.choice(["紧急", "普通", None]),
        "state": source.choice(["已解决", "处理中"]),
        "owner": source.choice(owners),
        "opened_at": opened,
        "first_response_at": source.choice([None, answered]),
        "solved_at": answered + timedelta(minutes=source.randint(0, 9_000)),
        "waited": source.choice([None, 30]),
        "response_due": opened + timedelta(minutes=300),
        "solve_due": source.choice([None, opened + timedelta(minutes=5_000)]),
        "sla_state": source.choice(["达标", "未达标", "已超时", None]),
    }


@pytest.fixture(scope="module")
def told(book: Book) -> Mapping[str, Number]:
    known = frames(book)
    figures = [figure for rule in RULES for figure in rule.compute(known, context()).figures]
    return {figure.key: figure.value for figure in figures}


def shares(part: int | Decimal, whole: int | Decimal, places: str = "0.0001") -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal(places), ROUND_HALF_UP) if whole else None


def who(text: Value) -> str:
    """The customer that a text names."""
    if text == "旧名":
        return "客户005"
    return f"客户{str(text)[2:]}" if str(text).startswith("C-") else str(text or "")


@pytest.fixture(scope="module")
def sales(book: Book) -> list[tuple[Row, Sale]]:
    """Orders that stand, and won deals that none of them names."""
    orders = [row for row in book["orders"] if row["state"] != "已取消"]
    named = {row["opportunity"] for row in orders}
    deals = [row for row in book["opportunities"] if row["stage"] == "赢单" and not {row["id"], row["name"]} & named]
    found = [(row, (who(row["customer"]), day(row, "ordered_on"), worth(row, "total"))) for row in orders]
    return found + [(row, (who(row["customer"]), day(row, "close_date"), worth(row, "amount"))) for row in deals]


@pytest.fixture(scope="module")
def bought(sales: list[tuple[Row, Sale]]) -> dict[str, list[tuple[date, Decimal]]]:
    """By customer, what is known to have been sold up to today."""
    found: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for _, (customer, on, amount) in sales:
        if customer and on and on <= TODAY:
            found[customer].append((on, amount))
    return found


def month_number(on: date) -> int:
    return on.year * 12 + on.month - 1


def test_cohorts_and_churn(told: Mapping[str, Number], bought: dict[str, list[tuple[date, Decimal]]]) -> None:
    months = {customer: {month_number(on) for on, _ in all_} for customer, all_ in bought.items()}
    now = month_number(TODAY)
    compared = 0
    for first in range(min(map(min, months.values())), max(map(max, months.values())) + 1):
        name = f"retention.months.{{}}[{first // 12:04}-{first % 12 + 1:02}]"
        cohort = [active for active in months.values() if min(active) == first]
        assert told[name.format("cohort")] == len(cohort)
        for ahead in range(1, 12):
            again = shares(sum(first + ahead in active for active in cohort), len(cohort))
            assert told[name.format(f"retained.{ahead}")] == (again if first + ahead < now else None)
            compared += again is not None and first + ahead < now
        before = [active for active in months.values() if first - 1 in active]
        lost = sum(first not in active for active in before)
        key = f"retention.month_churn.churn_rate[{first // 12:04}-{first % 12 + 1:02}]"
        assert told[key] == (shares(lost, len(before)) if first < now else None)
    assert compared > 40


def test_repeat_purchases(
    told: Mapping[str, Number], book: Book, bought: dict[str, list[tuple[date, Decimal]]]
) -> None:
    days = {customer: [on for on, _ in all_] for customer, all_ in bought.items()}
    again = {customer for customer, on in days.items() if len(on) > 1}
    assert (told["retention.buyers"], told["retention.repeat_buyers"]) == (len(days), len(again))
    gaps = [
        (after - before).days
        for on in days.values()
        for before, after in zip(sorted(set(on)), sorted(set(on))[1:], strict=False)
    ]
    assert told["retention.days_between"] == Decimal(str(median(gaps))).quantize(Decimal("0.01"))
    hers = {row["name"] for row in book["customers"] if row["owner"] in ("E1", "李娜")}
    mine = [customer for customer in days if customer in hers]
    assert told["retention.by_person.repeat_rate[李娜]"] == shares(len(again & set(mine)), len(mine))


def test_revenue_and_profit(told: Mapping[str, Number], sales: list[tuple[Row, Sale]]) -> None:
    whole = sum(amount for _, (*_, amount) in sales)
    known = [(worth(row, "profit"), amount) for row, (*_, amount) in sales if row.get("profit") is not None]
    assert told["value.revenue"] == whole
    assert told["value.known_profit"] == sum(profit for profit, _ in known)
    assert told["value.profit_known_of"] == shares(sum(amount for _, amount in known), whole)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for _, (customer, _, amount) in sales:
        spent[customer] += amount
    assert told["value.by_customer.revenue[没登记]"] == spent["没登记"]
    del spent[""]
    assert told["value.buyers"] == len(spent)
    top = sorted(spent.values(), reverse=True)[: -(-len(spent) // 5)]
    assert told["value.top_share"] == shares(sum(top), whole)


def test_fifths(told: Mapping[str, Number], bought: dict[str, list[tuple[date, Decimal]]]) -> None:
    measured = {
        "recency": {customer: Decimal(max(on for on, _ in all_).toordinal()) for customer, all_ in bought.items()},
        "frequency": {customer: Decimal(len(all_)) for customer, all_ in bought.items()},
        "monetary": {customer: sum((amount for _, amount in all_), Decimal(0)) for customer, all_ in bought.items()},
    }
    high: dict[str, set[str]] = {}
    for name, values in measured.items():
        ordered = sorted(values.values())
        borders = [ordered[-(-len(ordered) * part // 5) - 1] for part in (1, 2, 3, 4)]
        scores = {customer: 1 + sum(value > border for border in borders) for customer, value in values.items()}
        high[name] = {customer for customer, score in scores.items() if score >= 4}
        for fifth, label in ((5, "5（最高）"), (3, "3"), (1, "1（最低）")):
            chosen = [customer for customer, score in scores.items() if score == fifth]
            assert told[f"value.rfm.{name}_buyers[{label}]"] == len(chosen)
            revenue = sum(measured["monetary"][customer] for customer in chosen)
            assert told[f"value.rfm.{name}_revenue[{label}]"] == revenue
    best = high["recency"] & high["frequency"] & high["monetary"]
    assert told["value.rfm_types.buyers[重要价值客户（R高F高M高）]"] == len(best) > 0


def test_payments_and_their_age(told: Mapping[str, Number], book: Book) -> None:
    states = {str(row["id"]): row["state"] for row in book["orders"]}
    buckets: dict[str, Decimal] = defaultdict(Decimal)
    on_time = judged = 0
    for row in book["payments"]:
        due, paid, amount = day(row, "due_on"), day(row, "paid_on"), worth(row, "amount")
        if paid and paid <= TODAY:
            buckets["received"] += amount
            judged += due is not None
            on_time += due is not None and paid <= due
            continue
        order = "O-" + str(row["order"]).removeprefix("O-").removeprefix("erp") if row["order"] else ""
        if (states[order] == "已取消") if order else row["contract"]:
            continue  # cancelled, or its contract terminated
        late = (TODAY - due).days if due else 0
        buckets["open"] += amount
        age = "30" if late <= 30 else "60" if late <= 60 else "90" if late <= 90 else "90 天以上"
        label = "未填应付日期" if not due else "未到期" if late <= 0 else age
        buckets[{"30": "1–30 天", "60": "31–60 天", "90": "61–90 天"}.get(label, label)] += amount
        buckets["overdue"] += amount if late > 0 else 0
    assert told["payments.received"] == buckets["received"]
    assert told["payments.receivable"] == buckets["open"]
    assert told["payments.payments_overdue"] == buckets["overdue"]
    assert told["payments.overdue_share"] == shares(buckets["overdue"], buckets["open"])
    assert told["payments.paid_on_time"] == shares(on_time, judged)
    for label in ("未到期", "1–30 天", "31–60 天", "61–90 天", "90 天以上", "未填应付日期"):
        assert told[f"payments.ageing.receivable[{label}]"] == buckets[label] > 0


def test_campaigns(told: Mapping[str, Number], book: Book, sales: list[tuple[Row, Sale]]) -> None:
    once: set[int] = set()
    for n, campaign in enumerate(book["campaigns"]):
        rows = [row for row in book["campaign_members"] if row["campaign"] in (f"K-{n}", f"活动{n}")]
        members: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            members[who(row["customer_id"])].append(row)
        first = {
            customer: min(on for row in lines if (on := day(row, "converted_on")))
            for customer, lines in members.items()
            if any(row["converted_on"] for row in lines)
        }
        last = (day(campaign, "ends_on") or TODAY) + timedelta(days=30)
        counted = [
            (place, amount)
            for place, (_, (customer, on, amount)) in enumerate(sales)
            if customer in first and on and first[customer] <= on <= min(last, TODAY)
        ]
        once |= {place for place, _ in counted}
        key = f"campaigns.by_campaign.{{}}[活动{n}]"
        revenue = sum(amount for _, amount in counted)
        assert told[key.format("members")] == len(members)
        attended = sum(any(row["state"] == "已参加" for row in lines) for lines in members.values())
        begun = (day(campaign, "starts_on") or TODAY) <= TODAY
        assert told[key.format("attendance_rate")] == (shares(attended, len(members)) if begun else None)
        assert told[key.format("member_conversion")] == (shares(len(first), len(members)) if begun else None)
        assert told[key.format("attributed_revenue")] == revenue
        cost = worth(campaign, "budget") if campaign["budget"] and begun else None
        assert told[key.format("campaign_roi")] == (shares(revenue - cost, cost) if cost else None)
    assert told["campaigns.attributed_once"] == sum(sales[place][1][2] for place in once) > 0


def test_feedback(told: Mapping[str, Number], book: Book) -> None:
    for name, rows in {
        "": book["feedback"],
        "投诉": [row for row in book["feedback"] if row["type"] == "投诉"],
    }.items():
        key = f"feedback.by_type.{{}}[{name}]" if name else "feedback.{}"
        ratings = [whole_number(row, "satisfaction") for row in rows if row["satisfaction"]]
        answers = [whole_number(row, "recommendation") for row in rows if row["recommendation"] is not None]
        gap = sum(answer >= 9 for answer in answers) - sum(answer <= 6 for answer in answers)
        assert told[key.format("csat")] == shares(sum(rating >= 4 for rating in ratings), len(ratings))
        assert told[key.format("nps")] == shares(100 * gap, len(answers), "0.01")
    spans = sorted((TODAY - (day(row, "date") or TODAY)).days for row in book["feedback"] if row["resolved_at"])
    place = (len(spans) - 1) * 0.9
    low = int(place)
    ninth = spans[low] + (spans[min(low + 1, len(spans) - 1)] - spans[low]) * (place - low)
    assert told["feedback.handling_median"] == Decimal(f"{median(spans):.2f}")
    assert float(told["feedback.handling_p90"] or 0) == pytest.approx(ninth, abs=0.006)


def test_services_in_working_minutes(told: Mapping[str, Number], book: Book) -> None:
    calendar = WorkCalendar(zone=ZONE, own={date(2026, 5, 1): False, date(2026, 5, 9): True})

    def minutes(row: Row, until: str) -> int:
        return int(calendar.between(at(row, "opened_at"), at(row, until)).total_seconds() // 60)

    for priority in ("紧急", "普通"):
        rows = [row for row in book["services"] if row["priority"] == priority]
        answered = [minutes(row, "first_response_at") for row in rows if row["first_response_at"]]
        answered += [  # solved without another word: that was the answer
            minutes(row, "solved_at") for row in rows if row["state"] == "已解决" and not row["first_response_at"]
        ]
        solved = [
            max(minutes(row, "solved_at") - (30 if row["waited"] else 0), 0) for row in rows if row["state"] == "已解决"
        ]
        key = f"services.sla_by_priority.{{}}[{priority}]"
        assert told[key.format("response_minutes")] == round(Decimal(sum(answered)) / len(answered))
        assert told[key.format("solution_minutes")] == round(Decimal(sum(solved)) / len(solved))
        promised = [row for row in rows if row["state"] == "已解决" and row["solve_due"]]
        met = sum(at(row, "solved_at") <= at(row, "solve_due") for row in promised)
        assert told[key.format("solution_rate")] == shares(met, len(promised))
        judged = [row["sla_state"] for row in rows if row["sla_state"] in ("达标", "未达标")]
        assert told[key.format("sla_rate")] == shares(judged.count("达标"), len(judged))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_what_is_said_is_said_in_words(rule: SummaryRule, locale: str, book: Book) -> None:
    """Nothing of the catalogue is missing, nothing is left unfilled, and every block fits the sheet."""
    summary = rule.compute(frames(book), context(locale))
    assert summary.conclusion.endswith("。" if locale == "zh-CN" else ".")
    shown = [summary.conclusion, *(text for block in summary.blocks for text in (block.title, *block.header))]
    shown += [text for figure in summary.figures for text in (figure.label, figure.definition)]
    shown += [str(row[0]) for block in summary.blocks for row in block.rows]
    assert [text for text in shown if "summary." in text or "{" in text or ".conclusion" in text] == []
    assert all(len(block.header) == len(block.units) <= 14 for block in summary.blocks)
    assert all(len(row) == len(block.units) for block in summary.blocks for row in block.rows)
    keys = [figure.key for figure in summary.figures]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_few_cases_come_with_their_interval(rule: SummaryRule, book: Book) -> None:
    figures = [figure for figure in rule.compute(frames(book), context()).figures if figure.cases is not None]
    assert all((figure.low is not None) == (0 < (figure.cases or 0) < 30) for figure in figures)
    assert figures or rule in (VALUE, CUSTOMERS, ORDERS)
