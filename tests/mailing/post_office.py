"""A real mail server on loopback: postfix (TLS, login) and dovecot (IMAP), as Debian's packages have them.

Some of example.com have a mailbox; mail for anybody else there is taken, and comes back.
"""

import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from crm_sheets.sync.notifiers.email import Security, SmtpSettings
from crm_sheets.sync.notifiers.mime import Sender
from tests.notifiers.servers import PASSWORD, make_certificate

POSTFIX, DOVECOT = "/usr/sbin/postfix", "/usr/sbin/dovecot"
DOMAIN = "example.com"
CRM = f"crm@{DOMAIN}"
ARCHIVE = f"archive@{DOMAIN}"
UNKNOWN = f"nobody@{DOMAIN}"
REFUSED = f"refused@{DOMAIN}"
OWNER = 65534  # nobody: owns the mailboxes
STARTING = 30.0

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.{domain}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 100
smtpd_reject_unlisted_recipient = no
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.pem
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{login}
smtpd_relay_restrictions = permit_sasl_authenticated,reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ {refused} = 550 5.1.1 nobody here }} }}, permit
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_timeout = 60
"""
SERVICES = """
127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
READING = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 100
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {login}
  }}
}}
"""


@dataclass(frozen=True)
class PostOffice:
    """The servers, running.

    Attributes:
        folder: everything of them; mailboxes are Maildirs in `mail/<name>`.
        certificate: that both show, to be trusted.
    """

    folder: Path
    submission: int
    submissions: int
    imap: int
    imaps: int

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    def smtp(self, **changes: object) -> SmtpSettings:
        """How our program sends through it."""
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.submission,
            "sender": Sender(CRM, "客户表"),
            "security": Security.STARTTLS,
            "user": CRM,
            "password": PASSWORD,
            "timeout": 20.0,
            "ca_file": self.certificate,
        }
        return SmtpSettings(**{**values, **changes})  # type: ignore[arg-type]

    def mails(self, name: str) -> list[bytes]:
        """What lies in a mailbox, whole mails."""
        box = self.folder / "mail" / name
        files = [*box.glob("new/*"), *box.glob("cur/*")]
        return [file.read_bytes() for file in sorted(files)]

    def count(self, name: str) -> int:
        """How many mails lie in a mailbox."""
        box = self.folder / "mail" / name
        return sum(1 for part in ("new", "cur") for _ in (box / part).glob("*"))

    def wait_for(self, name: str, count: int, seconds: float = 20.0) -> list[bytes]:
        """The mails of a mailbox once there are so many."""
        until = time.monotonic() + seconds
        while self.count(name) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.mails(name)

    def send(self, mail: EmailMessage, sender: str) -> None:
        """Somebody writes to the program."""
        before = self.count("crm")
        with smtplib.SMTP("127.0.0.1", self.submission) as server:
            server.starttls(context=ssl.create_default_context(cafile=str(self.certificate)))
            server.login(CRM, PASSWORD)
            server.send_message(mail, sender, [CRM])
        self.wait_for("crm", before + 1)

    def empty(self) -> None:
        """Takes all mails away."""
        for file in (self.folder / "mail").glob("*/[nc][eu][wr]/*"):
            file.unlink()


def missing() -> str:
    """Why there can be no post office here; empty when there can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "postfix starts for root only"
    absent = [program for program in (POSTFIX, DOVECOT) if not Path(program).exists()]
    return f"not installed: {', '.join(absent)} (apt-get install postfix dovecot-imapd)" if absent else ""


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Starts the servers in a folder of their own and stops them at the end."""
    folder = Path(tempfile.mkdtemp(prefix="post-office-"))
    folder.chmod(0o755)
    try:
        office, login = PostOffice(folder, *_free_ports(4)), _free_ports(1)[0]
        make_certificate(office.certificate)
        _write(office, login)
        _run(office, DOVECOT, "-c", folder / "dovecot.conf")
        try:
            _run(office, POSTFIX, "-c", folder / "etc", "start")
            try:
                for port in (office.submission, office.imap):
                    _wait_for_port(port)
                yield office
            finally:
                _run(office, POSTFIX, "-c", folder / "etc", "stop")
        finally:
            _run(office, DOVECOT, "-c", folder / "dovecot.conf", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(office: PostOffice, login: int) -> None:
    folder = office.folder
    for name in ("queue", "data", "run", "state", "mail", "etc"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mail", OWNER, OWNER)
    boxes = {name: name for name in ("crm", "archive", "wang")} | {
        "wangfang": "box",
        "zhangwei": "zhang",
        "news": "crm",
    }
    values = {
        "folder": folder,
        "domain": DOMAIN,
        "refused": REFUSED,
        "owner": OWNER,
        "password": PASSWORD,
        "login": login,
        "submission": office.submission,
        "submissions": office.submissions,
        "imap": office.imap,
        "imaps": office.imaps,
        "mailboxes": ", ".join(f"{{{name}@{DOMAIN} = {box}/}}" for name, box in boxes.items()),
    }
    (folder / "etc" / "main.cf").write_text(MAIN.format(**values), encoding="utf-8")
    (folder / "etc" / "master.cf").write_text(SERVICES.format(**values), encoding="utf-8")
    (folder / "dovecot.conf").write_text(READING.format(**values), encoding="utf-8")


def _run(office: PostOffice, *command: str | Path) -> None:
    """Runs a command whose children go on: what it says goes to a file, for a pipe would stay open."""
    log = office.folder / "commands.log"
    with log.open("a", encoding="utf-8") as said:
        done = subprocess.run(command, stdout=said, stderr=said, check=False, timeout=60)
    assert done.returncode == 0, log.read_text(encoding="utf-8")


def _free_ports(count: int) -> tuple[int, ...]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(int(each.getsockname()[1]) for each in sockets)
    for each in sockets:
        each.close()
    return ports


def _wait_for_port(port: int) -> None:
    until = time.monotonic() + STARTING
    while True:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=1.0)) as found:
                found.recv(1)
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
