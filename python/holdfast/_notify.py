"""Who is told what happens in a loop: the log, a callable, a webhook, an e-mail address.

Secrets are environment variables: a configuration, saved or not, holds their names, and errors hold neither their
values nor a webhook's path; of what a callable raises they hold the type alone. A receiver has ``timeout_s`` seconds
for each attempt, a callable 10, after which the loop goes on. A notification leaves the workspace after 30 days, or
when 1000 of its endpoint are newer; one that was not delivered by then is given up, with a warning and an event
"notifications_given_up".
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from . import _core
from ._callables import found, reference
from ._core import Notification

__all__ = ["Email", "Notification", "Webhook"]

Tell = Callable[[Notification], object]


def environment(name: str, what: str) -> str:
    """The value of an environment variable; its value is a secret, its name is not."""
    value = os.environ.get(name, "")
    if not value:
        raise _core.Unavailable(f"{what}: environment variable {name} is not set here")
    return value


class Webhook:
    """Posts each notification as a JSON object; any 2xx status is a receipt.

    ``url_env`` names the environment variable that holds the URL. A ``url`` given in clear is for URLs that are no
    secret, and cannot be saved. ``headers_env`` gives headers by the names of the variables that hold their values
    (``{"Authorization": "HOOK_AUTHORIZATION"}``). Redirects are refused. ``name`` stands for the receiver in the
    workspace.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        url_env: str | None = None,
        headers_env: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
        name: str = "webhook",
    ) -> None:
        if (url is None) == (url_env is None):
            raise _core.InvalidArgument(f'webhook "{name}": url and url_env given or neither, one of them wanted')
        self.name = name
        self.timeout_s = timeout_s
        self._url, self._url_env = url, url_env
        self._headers_env = dict(headers_env or {})

    def __call__(self, told: Notification) -> None:
        what = f'webhook "{self.name}"'
        url = self._url if self._url is not None else environment(self._url_env or "", what)
        if not url.startswith(("http://", "https://")):
            raise _core.InvalidArgument(f"{what}: a URL of another kind given, http or https wanted")
        if "@" in url.split("/", 3)[2]:
            raise _core.InvalidArgument(f"{what}: a URL with a user in it given, headers_env wanted")
        headers = {header: environment(name, what) for header, name in self._headers_env.items()}
        from ._send import post

        post(what, url, json.dumps(told.to_dict()).encode(), headers, self.timeout_s)

    def config(self) -> dict[str, Any] | None:
        """As it is saved; None with a URL in clear."""
        if self._url_env is None:
            return None
        return {
            "kind": "webhook",
            "name": self.name,
            "url_env": self._url_env,
            "headers_env": self._headers_env,
            "timeout_s": self.timeout_s,
        }

    why_not = "a url in clear given, url_env with the name of an environment variable wanted to save it"

    def __repr__(self) -> str:
        return f"Webhook(name={self.name!r})"


class Email:
    """Sends each notification as a message, by SMTP.

    ``security`` is "starttls", "tls" or "none". ``password_env`` names the environment variable that holds the
    password of ``user``.
    """

    def __init__(
        self,
        to: str | Iterable[str],
        *,
        sender: str,
        host: str,
        port: int = 587,
        security: Literal["starttls", "tls", "none"] = "starttls",
        user: str | None = None,
        password_env: str | None = None,
        timeout_s: float = 10.0,
        name: str = "email",
    ) -> None:
        if security not in ("starttls", "tls", "none"):
            raise _core.InvalidArgument(
                f'e-mail "{name}": security {security!r} given, "starttls", "tls" or "none" wanted'
            )
        if (user is None) != (password_env is None):
            raise _core.InvalidArgument(f'e-mail "{name}": one of user and password_env given, both or none wanted')
        self.name = name
        self.timeout_s = timeout_s
        self._to = [to] if isinstance(to, str) else list(to)
        self._sender, self._host, self._port, self._security = sender, host, port, security
        self._user, self._password_env = user, password_env

    def __call__(self, told: Notification) -> None:
        what = f'e-mail "{self.name}" by {self._host}:{self._port}'
        password = environment(self._password_env, what) if self._password_env else ""
        login = None if self._user is None else (self._user, password)
        headers = {
            "Subject": f"[holdfast] {told.endpoint}: {told.outcome or told.after}",
            "From": self._sender,
            "To": ", ".join(self._to),
            "X-Holdfast-Notification": str(told.sequence),
        }
        lines = [told.sentence, "", f"{told.before} -> {told.after}"] + [f"job {told.job}"] * bool(told.job)
        text = "\n".join([*lines, f"{told.time:%Y-%m-%d %H:%M:%S} UTC", ""])
        from ._send import mail

        mail(what, self._host, self._port, self._security, login, headers, text, self.timeout_s)

    def config(self) -> dict[str, Any]:
        """As it is saved."""
        return {
            "kind": "email",
            "name": self.name,
            "to": self._to,
            "sender": self._sender,
            "host": self._host,
            "port": self._port,
            "security": self._security,
            "user": self._user,
            "password_env": self._password_env,
            "timeout_s": self.timeout_s,
        }

    why_not = ""

    def __repr__(self) -> str:
        return f"Email(name={self.name!r})"


Receiver = Literal["log"] | Tell | Webhook | Email


class _Bounded:
    """Calls a receiver in a thread of its own and waits for it no longer than its time-out.

    A receiver that hangs keeps its thread; until it lets go, further attempts fail at once.
    """

    def __init__(self, name: str, tell: Tell, timeout_s: float) -> None:
        self._name, self._tell, self._timeout_s = name, tell, timeout_s
        self._hanging: threading.Thread | None = None

    def __call__(self, told: Notification) -> None:
        if self._hanging is not None and self._hanging.is_alive():
            raise _core.Unavailable(f'notifier "{self._name}": its last attempt still hangs')
        failed: list[str] = []

        def work() -> None:
            try:
                self._tell(told)
            except BaseException as error:
                # The words of a Webhook or an Email hold no secrets; a callable's own may.
                ours = isinstance(error, _core.Error) and isinstance(self._tell, (Webhook, Email))
                failed.append(str(error) if ours else f'notifier "{self._name}": {type(error).__name__} raised')

        thread = threading.Thread(target=work, name=f"holdfast-notify-{self._name}", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if thread.is_alive():
            self._hanging = thread
            raise _core.Unavailable(f'notifier "{self._name}": no end within {self._timeout_s:g} s')
        if failed:
            raise _core.Unavailable(failed[0])


def notifier(receiver: Receiver) -> _core.Notifier:
    """What the loop tells it through."""
    if isinstance(receiver, str):
        if receiver != "log":
            raise _core.InvalidArgument(f'notify: "{receiver}" given, "log", a callable, a Webhook or an Email wanted')
        return _core.log_notifier()
    if isinstance(receiver, (Webhook, Email)):
        bounded = _Bounded(receiver.name, receiver, receiver.timeout_s)
        return _core.python_notifier(receiver.name, bounded, receiver.config(), receiver.why_not)
    if not callable(receiver):
        raise _core.InvalidArgument(f'notify: {receiver!r} given, "log", a callable, a Webhook or an Email wanted')
    name, importable = reference(receiver)
    config = {"kind": "python", "name": name} if importable else None
    why_not = 'a function that another process can import as "module:function" wanted'
    return _core.python_notifier(name, _Bounded(name, receiver, 10.0), config, why_not)


def saved_notifier(config: Mapping[str, Any]) -> _core.Notifier:
    """From what ``notifier`` saved. NotFound for a function that cannot be imported here."""
    rest = {key: value for key, value in config.items() if key != "kind"}
    match config["kind"]:
        case "log":
            return notifier("log")
        case "webhook":
            return notifier(Webhook(**rest))
        case "email":
            return notifier(Email(**rest))
        case _:
            function = found(config["name"])
            if not callable(function):
                raise _core.NotFound(
                    f'notifier "{config["name"]}": not importable here, a module:function on sys.path wanted'
                )
            return notifier(function)
