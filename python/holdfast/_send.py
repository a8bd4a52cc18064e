"""Sends over HTTP and SMTP: apart from what says to whom, since these clients are slow to import."""

from __future__ import annotations

import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any

from ._core import Unavailable


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take secrets in headers to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(what: str, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> None:
    """Posts JSON; Unavailable, without the URL, where no 2xx status comes back."""
    try:
        request = urllib.request.Request(
            url, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
        )
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=timeout_s):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise Unavailable(f"{what}: HTTP status {error.code} seen, 2xx wanted") from None
    except (OSError, HTTPException, ValueError) as error:
        # Its own text may hold the URL.
        reason = getattr(error, "reason", error)
        number = getattr(reason, "strerror", None) or type(reason).__name__
        raise Unavailable(f"{what}: not reached: {number}") from None


def mail(
    what: str,
    host: str,
    port: int,
    security: str,
    login: tuple[str, str] | None,
    headers: Mapping[str, str],
    text: str,
    timeout_s: float,
) -> None:
    """Sends one message; Unavailable, without the server's words, where it is not taken."""
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    try:
        connect = smtplib.SMTP_SSL if security == "tls" else smtplib.SMTP
        with connect(host, port, timeout=timeout_s) as server:
            if security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if login is not None:
                server.login(*login)
            server.send_message(message)
    except smtplib.SMTPResponseException as error:
        # A server's own words may repeat what it was told.
        raise Unavailable(f"{what}: SMTP status {error.smtp_code} seen, success wanted") from None
    except (OSError, smtplib.SMTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unavailable(f"{what}: not sent: {reason}") from None
