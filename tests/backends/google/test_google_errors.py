"""What Google refuses is said with the name of the spreadsheet, the account, and the remedy."""

import pytest

from crm_sheets.errors import ServiceError, ServiceUnavailable, WorkbookUnreadable, WriteRefused
from crm_sheets.language import in_words, language
from crm_sheets.sync.backends.google.errors import Answer, Refused, Why, in_our_terms

WHO = "robot@team.iam.gserviceaccount.com"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("writing", [False, True])
@pytest.mark.parametrize("why", Why)
def test_every_refusal_has_words(why: Why, writing: bool, locale: str) -> None:
    error = in_our_terms(Refused(Answer(why, 400, "Nope.")), "客户表", WHO, writing=writing)
    said = in_words(error, language(locale))

    assert said.strip()
    assert "{" not in said
    assert "客户表" in said or "Google" in said
    assert WHO in said or "Nope." in said or why is Why.NOT_A_SPREADSHEET


@pytest.mark.parametrize(("why", "writing", "kind", "code"), [
    (Why.DENIED, False, WorkbookUnreadable, 3),
    (Why.DENIED, True, WriteRefused, 3),
    (Why.MISSING, True, WorkbookUnreadable, 3),
    (Why.STORAGE, True, WriteRefused, 3),
    (Why.LOGIN, False, ServiceUnavailable, 4),
    (Why.DISABLED, False, ServiceUnavailable, 4),
    (Why.RATE, True, ServiceError, 4),
])  # fmt: skip
def test_each_is_of_the_kind_that_the_daemon_knows(why: Why, writing: bool, kind: type[Exception], code: int) -> None:
    error = in_our_terms(Refused(Answer(why, 403, "")), "表", "", writing=writing)

    assert type(error) is kind
    assert error.exit_code == code
