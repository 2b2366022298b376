"""A server that takes several questions at once is asked so, and every refusal is still told for what it is."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from crm_sheets.errors import Undeliverable
from crm_sheets.sync.notifiers.email import EmailNotifier
from tests.mailing.post_office import ARCHIVE, REFUSED, PostOffice
from tests.notifiers.test_email import message


@pytest.fixture
def notifier(post: PostOffice) -> Iterator[EmailNotifier]:
    with closing(EmailNotifier(replace(post.smtp(), blind_copy=ARCHIVE))) as made:
        yield made


def test_each_mail_and_its_copy_arrive_once(post: PostOffice, notifier: EmailNotifier) -> None:
    for number in range(4):
        notifier.send(message(key=str(number), text="正文\n.点开头\n..\n."))
    assert [len(post.wait_for(box, 4)) for box in ("wang", "archive")] == [4, 4]


def test_what_is_refused_goes_to_no_archive_either(post: PostOffice, notifier: EmailNotifier) -> None:
    notifier.send(message(key="a"))
    with pytest.raises(Undeliverable, match=r"550 5\.1\.1"):
        notifier.send(message(key="b", to_address=REFUSED))
    notifier.send(message(key="c"))
    assert [len(post.wait_for(box, 2)) for box in ("wang", "archive")] == [2, 2]
