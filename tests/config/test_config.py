"""The config: every option loads, every mistake is told, all of them at once."""

import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from crm_sheets.config import Settings, load
from crm_sheets.config_source import option_paths
from crm_sheets.errors import ConfigError
from crm_sheets.guards import Limits
from crm_sheets.language import LOCALES, in_words, language
from crm_sheets.permissions import SHARED_ROLE, Level
from crm_sheets.tables import ColumnKey, TabKey

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
MINIMAL = '[workbook]\npath = "crm.xlsx"\n'


def loaded(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment or {})


def mistakes(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environment)
    return list(caught.value.problems)


def uncommented(text: str) -> str:
    """The example with every `# option = …` line switched on."""
    return re.sub(r"(?m)^# (?=(\w+ = |\[\[))", "", text)


def test_example_says_nothing_but_the_defaults(tmp_path: Path) -> None:
    example = loaded(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    minimal = loaded(tmp_path, '[workbook]\npath = "客户管理.xlsx"\n')
    assert example == minimal


def test_example_loads_with_every_comment_switched_on(tmp_path: Path) -> None:
    settings = loaded(tmp_path, uncommented(EXAMPLE.read_text(encoding="utf-8")))
    assert settings.mail.host == "smtp.example.com"
    assert settings.grant[0].columns["credit_code"] == "read"
    assert settings.deny[0].reason


def test_every_option_is_in_the_example() -> None:
    written = set()
    section = ""
    for line in uncommented(EXAMPLE.read_text(encoding="utf-8")).splitlines():
        if found := re.match(r"\[+([\w.]+)\]+", line):
            section = found[1] + "."
            written.add(found[1])
        elif found := re.match(r"(\w+) =", line):
            written.add(section + found[1])
    secrets = {"mail.password", "mail.inbox.password", "state.url", "sealed.key", "sealed.old_keys"}
    secrets |= {"google.credentials", "robots.url", "robots.secret"}
    options = {option for option in option_paths(Settings) if option.rpartition(".")[0] not in secrets}
    assert options - written == set()


def test_relative_paths_are_taken_from_the_folder_of_the_config(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, MINIMAL + '[log]\nfile = "logs/crm.log"\n[mail]\nuser = "u"\npassword = {file = "pw"}\n'
    )
    assert settings.workbook.path == tmp_path / "crm.xlsx"
    assert settings.backups.folder == tmp_path / "backups"
    assert settings.log.file == tmp_path / "logs/crm.log"
    assert settings.state.database_url() == f"sqlite:///{(tmp_path / 'state.db').as_posix()}"
    (tmp_path / "pw").write_text("geheim\n", encoding="utf-8")
    assert settings.mail.password is not None
    assert settings.mail.password.reveal().get_secret_value() == "geheim"


def test_every_mistake_is_told_at_once_with_its_path_and_remedy(tmp_path: Path) -> None:
    lines = mistakes(
        tmp_path,
        """
        [workbook]
        path = "crm.xlsx"
        zone = "Asia/Shanghi"
        [sync]
        intervall = "30s"
        interval = "soon"
        [mail]
        prot = 25
        port = 70000
        password = "geheim"
        [[grant]]
        role = "shared"
        tab = "customers"
        columns = { phone = "write" }
        """,
    )
    text = "\n".join(lines)
    assert "config.toml:6: sync.intervall: no such option; did you mean sync.interval?" in lines
    assert "config.toml:9: mail.prot: no such option; did you mean mail.port?" in lines
    assert 'sync.interval: write a duration such as "30s"' in text
    assert "mail.port:" in text
    assert "workbook.zone:" in text
    assert "mail.password: a secret never stands in the config" in text
    assert "grant[1].columns.phone:" in text
    assert len(lines) == 7


@pytest.mark.parametrize("given", ['"geheim4711"', "4711", '["geheim4711"]'])
@pytest.mark.parametrize(
    "place", ["[mail]\npassword", "[mail.inbox]\npassword", "[sealed]\nkey", "[sealed]\nold_keys",
              "[google]\ncredentials", '[[robots]]\nname = "g"\nkind = "wecom"\nurl',
              '[[robots]]\nname = "g"\nkind = "wecom"\nurl = { env = "A" }\nsecret'],
)  # fmt: skip
def test_a_refused_secret_is_not_repeated(tmp_path: Path, place: str, given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, f"{MINIMAL}{place} = {given}\n")
    said = [str(caught.value), *(in_words(caught.value, language(locale)) for locale in LOCALES)]
    assert "4711" not in "\n".join(said)


def test_an_option_in_the_wrong_section_is_found_where_it_belongs(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, MINIMAL + '[state]\ninterval = "1s"\n')
    assert lines == ["config.toml:4: state.interval: no such option; did you mean sync.interval?"]


def test_unknown_tabs_and_columns_are_named(tmp_path: Path) -> None:
    lines = mistakes(
        tmp_path,
        """
        [workbook]
        path = "crm.xlsx"
        tabs = ["customers", "clients"]
        [[grant]]
        role = "shared"
        tab = "custmers"
        columns = { "*" = "edit" }
        [[deny]]
        role = "shared"
        tab = "customers"
        columns = ["fone"]
        [summaries]
        show = ["funnel", "funnels"]
        """,
    )
    assert [line.split(": ")[1] for line in lines] == [
        "workbook.tabs",
        "grant[1].tab",
        "deny[1].columns",
        "summaries.show",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path = ", "not TOML"),
        ("[mail]\nport = 25\n", "workbook.path: missing"),
        (MINIMAL + '[mail]\nhost = "localhost"\n', "sender is missing"),
        (MINIMAL + '[mail]\nuser = "me"\n', "user and password belong together"),
        (MINIMAL + '[mail]\nuser = "me"\npassword = {env = "A", file = "b"}\n', "exactly one of env, file, keyring"),
    ],
)
def test_bad_configs(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(mistakes(tmp_path, text))


def test_a_config_that_is_not_there_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="crm-sheets init"):
        load(tmp_path / "none.toml", {})


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        MINIMAL + "[mail]\nport = 25\n",
        {
            "CRM_SHEETS_MAIL__PORT": "465",
            "CRM_SHEETS_SYNC__INTERVAL": "2min",
            "CRM_SHEETS_SUMMARIES__ENABLED": "false",
            "CRM_SHEETS_MAIL__ADMINISTRATORS": '["a@example.com"]',
            "CRM_SHEETS_NOW": "2026-11-22T09:00:00+08:00",
        },
    )
    assert settings.mail.port == 465
    assert settings.sync.interval == timedelta(minutes=2)
    assert not settings.summaries.enabled
    assert settings.mail.administrators == ("a@example.com",)


def test_a_secret_in_the_environment_overrides_where_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SHEETS_MAIL__PASSWORD", "geheim")
    settings = loaded(tmp_path, MINIMAL + '[mail]\nuser = "me"\n', {"CRM_SHEETS_MAIL__PASSWORD": "geheim"})
    assert settings.mail.password is not None
    assert settings.mail.password.reveal().get_secret_value() == "geheim"
    assert "geheim" not in repr(settings)


def test_a_secret_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL + '[state]\nurl = {env = "NOT_SET_ANYWHERE"}\n')
    with pytest.raises(ConfigError, match="NOT_SET_ANYWHERE"):
        settings.state.database_url()


def test_durations_and_times(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, MINIMAL + '[sync]\ninterval = "1h 30min"\n[reminders.digest]\nat = "7:05"\nweekdays = ["sat"]\n'
    )
    assert settings.sync.interval == timedelta(minutes=90)
    assert settings.reminders.digest.at == time(7, 5)


def test_brakes_default_to_those_of_the_core(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL).sync.limits == Limits()


def test_without_grants_the_shared_workbook_is_open(tmp_path: Path) -> None:
    policy = loaded(tmp_path, MINIMAL).policy
    assert policy.decide(SHARED_ROLE, TabKey("customers"), ColumnKey("phone")).level is Level.EDIT
    assert policy.may_delete(SHARED_ROLE, TabKey("customers"))


def test_grants_and_denies_become_the_policy(tmp_path: Path) -> None:
    text = """
        [[grant]]
        role = "shared"
        tab = "customers"
        columns = { "*" = "edit", phone = "read" }
        create = true
        [[deny]]
        role = "*"
        tab = "customers"
        columns = ["email"]
        cap = "hidden"
        reason = "kept by the office"
    """
    policy = loaded(tmp_path, MINIMAL + text).policy
    customers = TabKey("customers")
    assert policy.decide(SHARED_ROLE, customers, ColumnKey("name")).level is Level.EDIT
    assert policy.decide(SHARED_ROLE, customers, ColumnKey("phone")).level is Level.READ
    assert policy.decide(SHARED_ROLE, customers, ColumnKey("email")).reason == "kept by the office"
    assert policy.may_create(SHARED_ROLE, customers)
    assert not policy.may_delete(SHARED_ROLE, customers)
    assert policy.decide(SHARED_ROLE, TabKey("feedback"), ColumnKey("content")).level is Level.HIDDEN


def test_targets_need_what_they_are_measured_by(tmp_path: Path) -> None:
    told = mistakes(tmp_path, MINIMAL + 'tabs = ["customers", "targets", "people", "dictionaries"]\n')
    assert len(told) == 1
    assert '"performance"' in told[0]
    used = MINIMAL + 'tabs = ["customers", "targets", "performance", "people", "dictionaries"]\n'
    assert loaded(tmp_path, used).workbook.tabs[2] == "performance"
