"""Telling systemd how we are: one datagram to the socket that it names (sd_notify(3)); nothing happens elsewhere."""

import os
import socket
from collections.abc import Mapping

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


def notify(message: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Sends `message` and says whether anybody listens. It never fails: a service manager is a comfort, not a need."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path or not hasattr(socket, "AF_UNIX"):
        return False
    address = "\0" + path[1:] if path.startswith("@") else path  # @ stands for Linux's abstract name space
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(message.encode(), address)
    except OSError:
        return False
    return True


def status_line(text: str) -> str:
    """The message that shows `text` in `systemctl status`; line breaks would begin another message."""
    return "STATUS=" + " ".join(text.split())
