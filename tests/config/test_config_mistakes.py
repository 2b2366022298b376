"""Mistakes of both sorts, of what can be read and of what it means, are told in one start, and each of them once."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sheets.config import Settings, load
from crm_sheets.config_lines import line_numbers
from crm_sheets.config_readable import readable
from crm_sheets.config_section import Section
from crm_sheets.config_source import Tree
from crm_sheets.errors import ConfigError, Line
from crm_sheets.language import in_words, language
from tests.config.test_config import MINIMAL, mistakes

EVERYWHERE = """
[workbook]
path = "crm.xlsx"
zone = "Asia/Shanghi"
tabs = ["customers", "ordrs", "follow_ups", "opportunities", "targets", "people", "dictionaries"]

[sync]
intervall = "30s"

[status]
dormant_after = "36h"

[levels]
period = "12h"
match = "some"

[service]
near = 2

[calendar]
country = "XX"
hours = ["18:00-09:00"]

[reminders]
payments_before = ["soon"]

[mail]
port = 70000
host = "smtp.example.com"

[mail.inbox]
host = "imap.example.com"

[summaries]
show = ["funnel", "funnels"]

[duplicates.merge]
columns = { fone = "newest", phone = "latest" }

[intake]
quiet = "often"
[[intake.source]]
files = "*.xlsx"
tab = "custmers"
[[intake.source]]
files = "*.csv"
tab = "customers"
match = ["nme, 联系电话"]
mode = "upsert"

[[form]]
sheet = "表单回复"
tab = "customers"
columns = { name = "公司", fone = "手机", created_at = "时间戳" }

[[field]]
tab = "customers"
key = "grade"
label = "评级"
type = "colour"
after = "nme"
visible_to = ["finanse"]

[[field]]
tab = "customers"
key = "score"
label = "评分"
type = "number"
computed = "employes * 2"

[[field]]
tab = "opportunities"
key = "reason"
type = "choice"

[[rule]]
name = "big"
tab = "opportunities"
when = "amont > 100万"
required = ["competitr"]
severity = "bad"

[[grant]]
role = "sales"
tab = "customers"
rows = "onw"
columns = { phone = "write", fone = "read" }

[[deny]]
role = "slaes"
tab = "customers"
cap = "none"
when = "level = = 1"

[approvals]
approver = "role:cheif"

[[approval]]
name = "流失"
tab = "customers"
columns = ["stauts"]
steps = [{ approver = "manager" }]
remind = "1d"
on_timeout = "explode"
"""

TOLD = [
    "workbook.zone", "workbook.tabs", "workbook.tabs", "sync.intervall", "status.dormant_after", "levels.period",
    "levels.match", "service.near", "calendar.country", "calendar.hours", "reminders.payments_before[1]",
    "mail", "mail.port", "mail.inbox", "summaries.show",
    "duplicates.merge.columns.phone", "duplicates.merge.columns", "intake.quiet", "intake.source[1].tab",
    "intake.source[2].match", "intake.source[2].mode", "form[1].columns", "form[1].columns",
    "field[1].type", "field[1].after", "field[1].visible_to", "field[2].computed", "field[3].label",
    "field[3].values", "rule[1].when", "rule[1].required", "rule[1].severity", "grant[1].rows",
    "grant[1].columns.phone", "grant[1].columns", "deny[1].role", "deny[1].cap", "deny[1].when",
    "approvals.approver", "approval[1].columns", "approval[1].on_timeout",
]  # fmt: skip


def options(lines: list[str]) -> list[str]:
    return [line.split(": ")[1] for line in lines]


def test_mistakes_of_form_hide_none_of_meaning(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, EVERYWHERE)
    assert sorted(options(lines)) == sorted(TOLD), "\n".join(lines)


def test_they_stand_in_the_order_of_the_file_each_with_its_line(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, EVERYWHERE)
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers)
    rows = ["", *EVERYWHERE.splitlines()]
    for number, option in zip(numbers, options(lines), strict=True):
        path = [re.sub(r"\[\d+\]", "", part) for part in option.split(".")]
        written = re.match(r"\[*([\w.]+)", rows[number])
        assert written is not None
        assert written[1].rpartition(".")[2] in path, (option, rows[number])


def test_each_is_told_in_the_words_of_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(EVERYWHERE, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    chinese = in_words(caught.value, language("zh-CN")).splitlines()
    assert len(chinese) == len(TOLD)
    assert [line for line in chinese if not re.search(r"[\u4e00-\u9fff]{2}", line.split("：", 2)[2])] == []


ODD: tuple[object, ...] = (
    3.5,
    -1,
    10**9,
    float("nan"),
    "x y",
    "",
    True,
    [[]],
    ["x"] * 600,
    {"a": {}},
    date(2026, 1, 1),
)


def odd_trees(model: type[Section], around: Callable[[Tree], Tree] = lambda tree: tree) -> Iterator[tuple[str, Tree]]:
    """Every option of every section with values that it may not take, each in a config of its own."""
    for name, option in model.model_fields.items():
        yield from ((name, around({name: value})) for value in ODD)
        for kind in (option.annotation, *getattr(option.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, Section):
                several = kind is not option.annotation

                def below(tree: Tree, name: str = name, several: bool = several) -> Tree:
                    return around({name: [tree] if several else tree})

                yield from odd_trees(kind, below)


def test_whatever_stands_there_is_told_once_and_in_chinese() -> None:
    words = language("zh-CN")
    unsaid, twice = set(), set()
    for name, tree in odd_trees(Settings):
        lines = [line for line in readable(tree, Settings, "config.toml").lines if isinstance(line, Line)]
        unsaid |= {line.key for line in lines if not words.has(line.key)}
        named = [line.parameters["option"] for line in lines]
        twice |= {(name, option) for option in named if named.count(option) > 1}
    assert not unsaid
    assert not twice


FIELD = '[[field]]\ntab = "customers"\nkey = "grade"\nlabel = "评级"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[mail]\nuser = "me"\npassword = "geheim"\n', "mail.password"),
        ('[mail]\nusr = "me"\npassword = { env = "A" }\n', "mail.usr"),
        ('[mail]\nhost = "localhost"\nsender = 3\n', "mail.sender"),
        (FIELD + 'typ = "choice"\nvalues = ["a"]\n', "field[1].typ"),
        (FIELD.replace("label", "lable"), "field[1].lable"),
        (FIELD.replace("tab", "tba"), "field[1].tba"),
        (FIELD + 'type = "numbr"\nminimum = 1\ndefault = 3\n', "field[1].type"),
        (FIELD + FIELD.replace("grade", "Two").replace("评级", "二") + 'after = "grade"\n', "field[2].key"),
        (FIELD.replace("grade", "Grade") + '[[rule]]\nname = "r"\ntab = "customers"\nwhen = "Grade == \'a\'"\n'
         'required = ["Grade"]\n', "field[1].key"),
        (FIELD + 'type = "colour"\n[[rule]]\nname = "r"\ntab = "customers"\nwhen = "评级 > 3"\nmessage = "x"\n',
         "field[1].type"),
        (FIELD + 'format = "[A-Z"\nexample = "A"\n[[deny]]\nrole = "*"\ntab = "customers"\ncolumns = ["grade"]\n',
         "field[1].format"),
        (FIELD.replace("customers", "custmers") + '[[rule]]\nname = "r"\ntab = "customers"\nwhen = "name is blank"\n'
         'required = ["grade"]\n', "field[1].tab"),
        (FIELD + 'type = "choice"\ndictionary = "grades"\nvalues = [3]\n' + FIELD.replace("grade", "two").replace(
            "评级", "二") + 'type = "choice"\ndictionary = "grades"\n', "field[1].values[1]"),
        ('[[rule]]\nname = "r"\ntab = "customers"\nwhen = "name is blank"\nrequird = ["phone"]\n', "rule[1].requird"),
        ('[[grant]]\nrole = "外援"\ntab = "customers"\ncolums = { "*" = "read" }\n'
         '[[deny]]\nrole = "外援"\ntab = "customers"\n', "grant[1].colums"),
        ('[[grant]]\nrole = "sales"\ntab = ["customers", "ordrs"]\ncolumns = { total = "read" }\n', "grant[1].tab"),
        ('[[approval]]\nname = "a"\ntab = "customers"\ncolums = ["status"]\nsteps = [{ approver = "manager" }]\n',
         "approval[1].colums"),
        ('[[approval]]\nname = "a"\ntab = "customers"\ndelete = true\nsteps = [{ approver = "manager" }]\n'
         'timeout = "soon"\nremind = "1d"\n', "approval[1].timeout"),
        ('[[mirror]]\nname = "m"\npath = 3\n', "mirror[1].path"),
        ('[views]\nencrypt = true\n[sealed]\nkey = "geheim"\n', "sealed.key"),
        ('[[robots]]\nname = "g"\nkind = "wecom"\nurl = { env = "A" }\nreader = 7\n[views]\nenabled = true\n',
         "robots[1].reader"),
    ],
)  # fmt: skip
def test_what_follows_from_a_mistake_is_not_told_besides(tmp_path: Path, text: str, told: str) -> None:
    assert options(mistakes(tmp_path, MINIMAL + text)) == [told]


@pytest.mark.parametrize(
    ("workbook", "text", "told"),
    [
        ('path = "a.xlsx"\ntabs = ["customers", "ordes"]', '[[form]]\nsheet = "a"\ntab = "orders"\n'
         'columns = { customer = "客户" }\n', "workbook.tabs"),
        ('path = "a.xlsx"\ntabs = ["customers", 3]', '[[form]]\nsheet = "a"\ntab = "orders"\n'
         'columns = { customer = "客户" }\n', "workbook.tabs[2]"),
        ("path = 3", "", "workbook.path"),
        ('pth = "a.xlsx"', "", "workbook.pth"),
        ('spreadsheet = "https://docs.google.com/spreadsheets/d/abcdefghijk"', '[google]\ncredentials = "geheim"\n',
         "google.credentials"),
    ],
)  # fmt: skip
def test_nor_what_follows_from_a_mistake_in_the_workbook(tmp_path: Path, workbook: str, text: str, told: str) -> None:
    assert options(mistakes(tmp_path, f"[workbook]\n{workbook}\n{text}")) == [told]


def test_what_environment_variables_say_is_told_besides_and_stands_on_no_line(tmp_path: Path) -> None:
    text = MINIMAL + '[mail]\nport = 25\nhost = "localhost"\n[sync]\ninterval = "soon"\n' + FIELD
    environment = {
        "CRM_SHEETS_MAIL__PORT": "many",
        "CRM_SHEETS_MAIL__SENDER": "[",  # its lack is no mistake of its own
        "CRM_SHEETS_FIELD__TAB": "customers",
        "CRM_SHEETS_SUMMARIES__SHOW": '["funnels"]',
    }
    lines = mistakes(tmp_path, text, environment)
    assert [line.partition(": ")[0] for line in lines] == [
        "CRM_SHEETS_FIELD__TAB", "CRM_SHEETS_MAIL__SENDER", "config.toml", "config.toml", "config.toml:7",
    ]  # fmt: skip
    assert options(lines[2:]) == ["mail.port", "summaries.show", "sync.interval"]


def test_lines_are_counted_past_long_texts_and_through_quotes() -> None:
    text = 'a = """\nb = 1\n"""\n"c d" = 2\n[e . f]\ng.h = 3\n[[i]]\n[[i]]  # again\nj = ["""x"""]\nk = 4\n'
    assert line_numbers(text) == {
        "a": 1, "c d": 4, "e.f": 5, "e.f.g.h": 6, "i[1]": 7, "i[2]": 8, "i[2].j": 9, "i[2].k": 10,
    }  # fmt: skip


class Break(NamedTuple):
    """One mistake: in which table, what is written there, and which option it is told of."""

    table: str
    text: str
    option: str


BREAKS = (
    Break("[sync]", 'interval = "soon"', "sync.interval"),
    Break("[sync]", "colour = 1", "sync.colour"),
    Break("[status]", 'dormant_after = "1h"', "status.dormant_after"),
    Break("[levels]", 'by = "moods"', "levels.by"),
    Break("[calendar]", 'country = "XX"', "calendar.country"),
    Break("[calendar]", 'hours = ["9-5"]', "calendar.hours"),
    Break("[summaries]", 'show = ["funnels"]', "summaries.show"),
    Break("[mail]", "port = 0", "mail.port"),
    Break("[mail]", 'host = "localhost"', "mail"),
    Break("[mail.inbox]", 'archive_address = "a@example.com"', "mail.inbox"),
    Break("[views]", "encrypt = true", "views.encrypt"),
    Break("[duplicates.merge]", 'columns = { fone = "newest" }', "duplicates.merge.columns"),
    Break("[approvals]", 'approver = "role:cheif"', "approvals.approver"),
    Break("[[intake.source]]", 'files = "*"\ntab = "nothing"', "intake.source[{n}].tab"),
    Break("[[intake.source]]", 'files = "*"\nmode = "never"', "intake.source[{n}].mode"),
    Break("[[mirror]]", 'name = "m"', "mirror[{n}]"),
    Break("[[mirror]]", 'name = "b c"\npath = "b.xlsx"', "mirror[{n}].name"),
    Break("[[form]]", 'sheet = "s"\ntab = "customers"\ncolumns = { fone = "a" }', "form[{n}].columns"),
    Break("[[form]]", 'sheet = ""\ntab = "customers"\ncolumns = { name = "a" }', "form[{n}].sheet"),
    Break("[[field]]", 'tab = "customers"\nkey = "one"\nlabel = "一"\nafter = "nme"', "field[{n}].after"),
    Break("[[field]]", 'tab = "customers"\nkey = "two"\nlabel = "二"\ntype = "colour"', "field[{n}].type"),
    Break("[[field]]", 'tab = "customers"\nkey = "three"', "field[{n}].label"),
    Break("[[field]]", 'tab = "customers"\nkey = "Four"\nlabel = "四"', "field[{n}].key"),
    Break("[[field]]", 'tab = "customers"\nkey = "five"\nlabel = "五"\nunique = "x"', "field[{n}].unique"),
    Break("[[rule]]", 'name = "a"\ntab = "customers"\nwhen = "nme == 1"\nmessage = "x"', "rule[{n}].when"),
    Break("[[rule]]", 'name = "b"\ntab = "customers"\nmessage = "x"', "rule[{n}].when"),
    Break("[[rule]]", 'name = "c"\ntab = "customers"\nwhen = "name is blank"', "rule[{n}].message"),
    Break("[[grant]]", 'role = "sales"\ntab = "custmers"\ncolumns = { "*" = "read" }', "grant[{n}].tab"),
    Break("[[grant]]", 'role = "sales"\ntab = "customers"\ncolumns = { "*" = "rd" }', "grant[{n}].columns.*"),
    Break("[[deny]]", 'role = "nobody"\ntab = "customers"', "deny[{n}].role"),
    Break("[[deny]]", 'role = "*"\ntab = "customers"\ncap = "most"', "deny[{n}].cap"),
    Break("[[approval]]", 'name = "a"\ntab = "customers"\nsteps = [{ approver = "manager" }]', "approval[{n}]"),
    Break("[[approval]]", 'name = "b"\ntab = "customers"\ndelete = true\nsteps = []', "approval[{n}].steps"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.sampled_from(BREAKS), min_size=1))
def test_as_many_mistakes_are_told_as_were_made(tmp_path: Path, chosen: set[Break]) -> None:
    tables: dict[str, list[Break]] = {}
    for each in BREAKS:
        if each in chosen:
            tables.setdefault(each.table, []).append(each)
    text, expected = MINIMAL, []
    for table, made in tables.items():
        several = table.startswith("[[")
        text += "" if several else f"{table}\n"
        for number, each in enumerate(made, 1):
            text += (f"{table}\n" if several else "") + each.text + "\n"
            expected.append(each.option.format(n=number))
    assert sorted(options(mistakes(tmp_path, text))) == sorted(expected)
