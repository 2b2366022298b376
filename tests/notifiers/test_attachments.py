"""Mails with pictures and files, read back by the email package."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from crm_sheets.sync.notifiers.base import Attachment, CalendarPart, Message
from crm_sheets.sync.notifiers.mime import Sender, compose

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
PNG, PDF = bytes(range(256)) * 3, b"%PDF-1.7\n" + b"\xff" * 1000
FILES = (
    Attachment("1.png", "image/png", PNG, "abc@crm-sheets"),
    Attachment('周报 "2026"\r\nX: y.pdf', "application/pdf", PDF),
)


def sent(files: tuple[Attachment, ...], html: str = '<img src="cid:abc@crm-sheets">', **more: object) -> EmailMessage:
    message = Message("k", "w@example.com", "王芳", "周报", "正文", html, NOW, files=files, **more)  # type: ignore[arg-type]
    found = message_from_bytes(compose(message, Sender("crm@example.com")).content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def tree(part: EmailMessage) -> object:
    kind = part.get_content_type()
    return (kind, [tree(each) for each in part.iter_parts()]) if part.is_multipart() else kind  # type: ignore[arg-type]


def test_pictures_stand_with_the_html_and_files_beside_it() -> None:
    mail = sent(FILES)
    related = ("multipart/related", ["text/html", "image/png"])
    assert tree(mail) == ("multipart/mixed", [("multipart/alternative", ["text/plain", related]), "application/pdf"])
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert parts["image/png"]["Content-ID"] == "<abc@crm-sheets>"
    assert parts["image/png"].get_content_disposition() == "inline"
    assert parts["image/png"].get_content() == PNG
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ('周报 "2026" X: y.pdf', PDF)
    assert mail["X"] is None


def test_without_files_a_mail_is_what_it_was() -> None:
    assert tree(sent(())) == ("multipart/alternative", ["text/plain", "text/html"])
    assert tree(sent((), html="")) == "text/plain"


def test_an_invitation_may_have_files_too() -> None:
    mail = sent(FILES[1:], calendar=CalendarPart("REQUEST", "BEGIN:VCALENDAR"))
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert tree(mail) == ("multipart/mixed", [alternative, "application/pdf", "application/ics"])
