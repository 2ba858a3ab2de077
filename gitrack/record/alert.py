"""Telling a person: on the console, in the record, by a webhook or a command."""

import json
import os
import shlex
import subprocess
import threading
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from gitrack.model.run import Alert
from gitrack.record.notice import tell, warn_once
from gitrack.record.redaction import redact
from gitrack.record.values import text_from

LEVELS = ("INFO", "WARN", "ERROR")
_WAIT = 60.0  # seconds between two alerts of one title
_POST_SECONDS = 10.0


class Alerts:
    """
    The alerts of one run.

    Parameters
    ----------
    webhook : str or None
        Where each is posted to, as JSON; ``text`` and ``content`` suit chat programs.
    command : str or None
        What each runs: its words, then the title and the text.
    """

    def __init__(self, webhook: str | None = None, command: str | None = None) -> None:
        self._webhook = webhook
        self._command = command
        self._last: dict[str, float] = {}
        self._senders: list[threading.Thread] = []

    def send(
        self,
        run: str,
        title: Any,
        text: Any = "",
        level: Any = None,
        wait: float | timedelta | None = None,
    ) -> Alert | None:
        """
        Print an alert, and send it where the settings say, beside the training.

        Returns
        -------
        Alert or None
            The alert; None where one of this title came less than `wait` seconds ago.
        """
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
        now = time.monotonic()
        key = text_from(title)
        if now - self._last.get(key, -1e9) < (_WAIT if seconds is None else seconds):
            return None
        self._last[key] = now
        word = text_from(getattr(level, "value", level) or "INFO").upper()
        word = {"WARNING": "WARN"}.get(word, word)
        alert = Alert(
            title=redact(key),
            text=redact(text_from(text)),
            level=word if word in LEVELS else "INFO",
            timestamp=time.time(),
        )
        tell(f"{alert.level}: {alert.title}{': ' if alert.text else ''}{alert.text}")
        for send, target in ((_post, self._webhook), (_run, self._command)):
            if target:
                sender = threading.Thread(
                    target=send, args=(target, run, alert), name="gitrack-alert", daemon=True
                )
                sender.start()
                self._senders.append(sender)
        return alert

    def finish(self) -> None:
        """Give what is still being sent a few seconds."""
        for sender in self._senders:
            sender.join(_POST_SECONDS)


def _post(url: str, run: str, alert: Alert) -> None:
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    try:
        if not url.startswith(("https://", "http://")):
            raise ValueError("the webhook is no web address")  # noqa: TRY301
        line = f"{alert.level} {run}: {alert.title}\n{alert.text}".strip()
        body = json.dumps({**asdict(alert), "run": run, "text": line, "content": line})
        request = Request(url, body.encode(), {"Content-Type": "application/json"})  # noqa: S310
        with urlopen(request, timeout=_POST_SECONDS):  # noqa: S310 - the scheme is checked
            pass
    except (URLError, OSError, ValueError) as error:
        warn_once("webhook", f"an alert was not posted: {redact(str(error))}")


def _run(command: str, run: str, alert: Alert) -> None:
    try:
        words = [*shlex.split(command), alert.title, alert.text]
        environ = {**os.environ, "GITRACK_ALERT_LEVEL": alert.level, "GITRACK_ALERT_RUN": run}
        subprocess.run(
            words, env=environ, timeout=_POST_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        warn_once("alert command", f"the command of an alert failed: {error}")
