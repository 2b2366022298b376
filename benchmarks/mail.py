"""Mails that are due at once, against a bare loop of smtplib: `python -m benchmarks.mail [--mails N]`.

Both send through the same postfix on loopback (TLS, login) in the same run, in turns, one connection each: the loop
sends one mail that is ready made; ours takes each from the outbox, looks up its receiver, puts it into words, and
writes down in two durable steps what became of it. The memory is that of the sending process, before and meanwhile.
"""

import argparse
import os
import smtplib
import ssl
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks.targets import Target, write_targets
from crm_sheets import app
from crm_sheets.app.mail import mail_round
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import load
from crm_sheets.state import OutboxItem
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from crm_sheets.sync.notifiers.base import Message
from crm_sheets.sync.notifiers.mime import Sender, compose
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.tables import RowKey, TabKey
from tests.mailing.post_office import CRM, DOMAIN, PostOffice, missing, post_office
from tests.notifiers.servers import PASSWORD

TURNS = 4
RECEIVER = f"wang@{DOMAIN}"
CONFIG = """
[workbook]
path = "客户.xlsx"
quiet = "0s"
[mail]
host = "127.0.0.1"
port = {port}
user = "{crm}"
password = {{ env = "CRM_MAIL_PASSWORD" }}
sender = "客户管理 <{crm}>"
ca_file = "{certificate}"
"""


@dataclass
class Memory:
    """Resident memory of this process while something runs; MB."""

    highest: float = 0.0

    def __post_init__(self) -> None:
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self.first = self.now()
        self._watch.start()

    @staticmethod
    def now() -> float:
        return float(psutil.Process().memory_info().rss) / 1e6

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self.highest = max(self.highest, self.now())

    def stop(self) -> float:
        """By how much it grew at most."""
        self._done.set()
        self._watch.join()
        return max(self.highest, self.now()) - self.first


def made(folder: Path, post: PostOffice) -> Path:
    """A team of one."""
    config = folder / "config.toml"
    text = CONFIG.format(port=post.submission, crm=CRM, certificate=post.certificate)
    config.write_text(text, encoding="utf-8")
    app.init(config, workbook=None, locale=None, adopt=False, all_columns=False)
    settings = load(config)
    book = config.with_name("客户.xlsx")
    header = [str(cell or "").rstrip(" *") for cell in read_workbook(book).sheets["组织"].rows[0].cells]
    person = {"工号": "E01", "姓名": "王芳", "部门": "销售部", "角色": "销售专员", "邮箱": RECEIVER}
    cells = {(2, header.index(name) + 1): value for name, value in person.items()}
    patch_workbook(book, book.with_suffix(".new"), {"组织": cells})
    book.with_suffix(".new").replace(book)
    app.sync(settings)
    return config


def queue(workspace: Workspace, turn: int, count: int) -> None:
    now = datetime.now(UTC)
    told = {"customer": "华为技术有限公司", "subject": "电话回访", "content": "确认报价 " * 20, "contact": "李娜"}
    items = (
        OutboxItem(
            f"due|{turn}|{number}", "due", "王芳", now - timedelta(minutes=1), TabKey("follow_ups"),
            RowKey(f"F-{number}"), {**told, "due_at": now.isoformat()},
        )
        for number in range(count)
    )  # fmt: skip
    with workspace.state.transaction() as connection:
        put_outbox(connection, items, now)


def bare(post: PostOffice, mail: bytes, count: int) -> float:
    """Seconds that a loop of smtplib takes."""
    server = smtplib.SMTP("127.0.0.1", post.submission)
    server.starttls(context=ssl.create_default_context(cafile=str(post.certificate)))
    server.login(CRM, PASSWORD)
    begun = time.perf_counter()
    for _ in range(count):
        server.sendmail(CRM, [RECEIVER], mail)
    taken = time.perf_counter() - begun
    server.quit()
    return taken


def ours(workspace: Workspace, count: int) -> float:
    """Seconds that a round of ours takes, with its connection and login."""
    begun = time.perf_counter()
    done = mail_round(workspace, datetime.now(UTC))
    taken = time.perf_counter() - begun
    assert len(done.sent) == count, done
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if why := missing():
        print(f"skipped: {why}")
        return 0
    os.environ["CRM_MAIL_PASSWORD"] = PASSWORD
    part = options.mails // TURNS
    seconds, growth = {"bare": 0.0, "ours": 0.0}, 0.0
    with post_office() as post, tempfile.TemporaryDirectory() as folder:
        config = made(Path(folder), post)
        with opened(load(config)) as workspace:
            queue(workspace, -1, 20)
            ours(workspace, 20)  # imports, templates, the first connection
            (sample, *_) = post.wait_for("wang", 20)
            ready = compose(
                Message("x", RECEIVER, "王芳", "【跟进提醒】", "文" * 400, "<p>文</p>" * 700, datetime.now(UTC)),
                Sender(CRM),
            ).content
            print(f"a mail of ours {len(sample)} bytes, of the loop {len(ready)}")
            for turn in range(TURNS):
                seconds["bare"] += bare(post, ready, part)
                queue(workspace, turn, part)
                memory = Memory()
                seconds["ours"] += ours(workspace, part)
                growth = max(growth, memory.stop())
                drained(post, 20 + 2 * part * (turn + 1))
        arrived = post.count("wang")
    rates = {name: part * TURNS / taken for name, taken in seconds.items()}
    print(f"{part * TURNS} mails each, {arrived} arrived: bare {rates['bare']:.0f}/s, ours {rates['ours']:.0f}/s")
    targets = [
        Target("mails a second, of those of a bare loop", rates["ours"] / rates["bare"], "times", 0.8, least=True),
        Target("memory while they are sent, beyond that before", growth, "MB", 30.0),
    ]
    for target in targets:
        print(target)
    write_targets(options.json, targets)
    return int(not all(target.met for target in targets))


def drained(post: PostOffice, count: int) -> None:
    """Waits until everything was delivered, so that one turn does not pay for the one before."""
    until = time.monotonic() + 120.0
    while post.count("wang") < count and time.monotonic() < until:
        time.sleep(0.2)


if __name__ == "__main__":
    raise SystemExit(main())
