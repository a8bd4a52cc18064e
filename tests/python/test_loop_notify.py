"""Notifications reach real servers, at least once; secrets stay out of everything that is kept or told."""

import json
import socket
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import holdfast as hf
import pytest
from aiosmtpd.controller import Controller as SmtpServer
from aiosmtpd.smtp import AuthResult

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop

STATES = ["collecting", "training", "evaluating", "deploying", "monitoring"]


def remember(told):
    """What a configuration can name."""
    REMEMBERED.append(told)


REMEMBERED: list = []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), json.loads(body)))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status == "hang":
            self.server.let_go.wait(20)
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.seen, server.answers, server.let_go = [], [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def url(hook):
    return f"http://127.0.0.1:{hook.server_port}/services/T0/s3cr3t-path?token=s3cr3t"


def train(job):
    return hf.Package.open(Path(job.workdir).parents[4] / "better.zip")


def run(loop):
    while (step := loop.step()).before != step.after or step.decision:
        pass


def undelivered(workspace, channel):
    from holdfast import _core

    return [row for row in _core.undelivered(workspace._core, "line") if row.channel == channel]


def test_a_callable_is_told_of_every_transition(workspace):
    told = []
    loop = shop.controller(workspace, train, notify=[told.append])
    run(loop)
    assert [one.after for one in told] == STATES
    assert [one.before for one in told] == ["monitoring", *STATES[:-1]]
    assert [one.outcome for one in told] == ["", "", "", "", "live"]
    assert {one.job for one in told} == {"line-1"}
    sentences = {decision.sequence: decision.sentence for decision in loop.history()}
    assert [one.sentence for one in told] == [sentences[one.decision] for one in told]


def test_a_webhook_is_posted_json(workspace, hook, monkeypatch):
    monkeypatch.setenv("HOOK_URL", url(hook))
    monkeypatch.setenv("HOOK_AUTHORIZATION", "Bearer s3cr3t")
    receiver = hf.Webhook(url_env="HOOK_URL", headers_env={"Authorization": "HOOK_AUTHORIZATION"})
    run(shop.controller(workspace, train, notify=[receiver]))
    assert [body["after"] for _, _, body in hook.seen] == STATES
    path, headers, body = hook.seen[-1]
    assert path == "/services/T0/s3cr3t-path?token=s3cr3t"
    assert (headers["Authorization"], headers["Content-Type"]) == ("Bearer s3cr3t", "application/json")
    assert set(body) == {
        "sequence", "endpoint", "time", "before", "after", "outcome", "job", "decision", "sentence",
    }  # fmt: skip
    assert undelivered(workspace, "webhook") == []


def test_what_fails_is_tried_again_until_it_is_delivered(workspace, hook, clock):
    hook.answers = [500]
    loop = shop.controller(workspace, train, notify=[hf.Webhook(url(hook))])
    run(loop)
    # The first failed, so in that step none was tried after it; the later ones were.
    waiting = undelivered(workspace, "webhook")
    assert [(row.attempts, row.error) for row in waiting] == [
        (1, 'webhook "webhook": HTTP status 500 seen, 2xx wanted')
    ]
    clock.advance("9s")
    loop.deliver()
    assert len(undelivered(workspace, "webhook")) == 1
    clock.advance("1s")
    loop.deliver()
    assert undelivered(workspace, "webhook") == []
    sequences = [body["sequence"] for _, _, body in hook.seen]
    assert sorted(set(sequences)) == [1, 2, 3, 4, 5]
    assert sequences.count(1) == 2


def test_attempts_back_off_up_to_an_hour(workspace, hook, clock):
    hook.answers = [500] * 100
    loop = shop.controller(workspace, train, notify=[hf.Webhook(url(hook))])
    loop.step()
    waits = []
    for _ in range(12):
        (row,) = undelivered(workspace, "webhook")
        waits.append((row.next_try - clock.now()).total_seconds())
        clock.set(row.next_try)
        loop.deliver()
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]


def test_one_that_hangs_holds_the_loop_no_longer_than_its_time_out(workspace, hook):
    hook.answers = ["hang"]
    loop = shop.controller(workspace, train, notify=[hf.Webhook(url(hook), timeout_s=0.2)])
    loop.step()
    (row,) = undelivered(workspace, "webhook")
    assert "no end within 0.2 s" in row.error or "not reached" in row.error
    run(loop)
    assert loop.status().outcome == "live"


def test_a_callable_that_hangs_is_left_behind(workspace):
    from holdfast._notify import _Bounded

    let_go = threading.Event()
    bounded = _Bounded("slow", lambda _: let_go.wait(30), 0.05)
    with pytest.raises(hf.Unavailable, match="no end within"):
        bounded(None)
    with pytest.raises(hf.Unavailable, match="still hangs"):
        bounded(None)
    let_go.set()
    shop.wait(lambda: not bounded._hanging.is_alive(), "its end")
    bounded(None)


def test_a_redirect_does_not_take_secrets_elsewhere(workspace, hook):
    hook.answers = [302]
    shop.controller(workspace, train, notify=[hf.Webhook(url(hook))]).step()
    assert len(hook.seen) == 1
    assert "HTTP status 302" in undelivered(workspace, "webhook")[0].error


def test_secrets_are_nowhere(workspace, hook, tmp_path, monkeypatch, capfd):
    port = hook.server_port
    monkeypatch.setenv("HOOK_URL", f"http://127.0.0.1:{port}/s3cr3t")
    monkeypatch.setenv("DEAD_URL", "http://127.0.0.1:1/s3cr3t?s3cr3t")
    monkeypatch.setenv("USER_URL", "http://s3cr3t:s3cr3t@127.0.0.1:1/")
    monkeypatch.setenv("BAD_URL", "http://127.0.0.1:s3cr3t/s3cr3t x")
    monkeypatch.setenv("PASSWORD", "s3cr3t")
    hook.answers = [500, 302, 404]
    loop = shop.controller(
        workspace,
        shop.program(tmp_path, shop.GOOD),
        notify=[
            "log",
            hf.Webhook(url_env="HOOK_URL", headers_env={"Authorization": "PASSWORD"}),
            hf.Webhook(url_env="DEAD_URL", name="dead"),
            hf.Webhook(url_env="BAD_URL", name="bad"),
            hf.Webhook(url_env="UNSET_URL", name="unset"),
            hf.Webhook(url_env="USER_URL", name="user"),
            hf.Email("a@b.c", sender="d@b.c", host="127.0.0.1", port=1, user="u", password_env="PASSWORD"),
        ],
    )
    loop.save()
    loop.step()
    shown = repr(loop)
    errors = {row.channel: row.error for row in undelivered(workspace, "webhook")}
    for channel in ("dead", "bad", "unset", "user", "email"):
        errors[channel] = undelivered(workspace, channel)[0].error
    assert "environment variable UNSET_URL is not set" in errors["unset"]
    assert "Connection refused" in errors["dead"] and "Connection refused" in errors["email"]
    workspace.close()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "ws").rglob("*") if path.is_file())
    assert b"HOOK_URL" in kept
    assert b"s3cr3t" not in kept
    said = capfd.readouterr()
    assert "s3cr3t" not in said.out + said.err + shown + json.dumps(errors)


def test_a_url_in_clear_cannot_be_saved(workspace):
    loop = shop.controller(workspace, train, notify=[hf.Webhook("http://127.0.0.1:1/s3cr3t")])
    with pytest.raises(hf.Unsupported, match="url_env") as refused:
        loop.save()
    assert "s3cr3t" not in str(refused.value)


def test_saved_receivers_are_told_by_whoever_loads_the_loop(workspace, hook, monkeypatch):
    monkeypatch.setenv("HOOK_URL", url(hook))
    REMEMBERED.clear()
    loop = shop.controller(workspace, train, notify=[remember, hf.Webhook(url_env="HOOK_URL"), "log"])
    loop.save()
    del loop
    run(hf.Controller.load(workspace, "line"))
    assert [one.after for one in REMEMBERED] == STATES
    assert len(hook.seen) == 5


def test_a_lambda_is_refused_by_name(workspace):
    with pytest.raises(hf.Unsupported, match="<lambda>"):
        shop.controller(workspace, train, notify=[lambda told: None]).save()


def test_two_receivers_of_one_name_are_refused(workspace):
    with pytest.raises(hf.InvalidArgument, match='"webhook" given twice'):
        shop.controller(workspace, train, notify=[hf.Webhook("http://a"), hf.Webhook("http://b")])


class Mailbox:
    def __init__(self):
        self.messages = []
        self.logins = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return self.answer

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"s3cr3t")


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    server = SmtpServer(
        box,
        hostname="127.0.0.1",
        port=box.port,
        authenticator=box.authenticate,
        auth_require_tls=False,
        auth_required=True,
    )
    server.start()
    yield box
    server.stop()


def mail(mailbox, **options):
    return hf.Email(
        ["a@example.org", "b@example.org"], sender="loop@example.org", host="127.0.0.1", port=mailbox.port,
        security="none", user="loop", password_env="MAIL_PASSWORD", **options,
    )  # fmt: skip


def test_an_e_mail_is_sent(workspace, mailbox, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "s3cr3t")
    run(shop.controller(workspace, train, notify=[mail(mailbox)]))
    assert len(mailbox.messages) == 5
    sender, to, text = mailbox.messages[-1]
    assert (sender, to) == ("loop@example.org", ["a@example.org", "b@example.org"])
    assert "Subject: [holdfast] line: live" in text
    assert "deployed line v2 in place of v1" in text
    assert mailbox.logins[0] == (b"loop", b"s3cr3t")


def test_a_servers_refusal_is_told_without_its_words(workspace, mailbox, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "s3cr3t")
    mailbox.answer = "554 no mail for s3cr3t"
    shop.controller(workspace, train, notify=[mail(mailbox)]).step()
    (row,) = undelivered(workspace, "email")
    assert row.error == f'e-mail "email" by 127.0.0.1:{mailbox.port}: SMTP status 554 seen, success wanted'


def test_a_new_receiver_hears_nothing_of_the_past(workspace):
    run(shop.controller(workspace, train, notify=()))
    told = []
    loop = shop.controller(workspace, train, notify=[told.append])
    loop.deliver()
    assert told == []
    rows = sqlite3.connect(workspace.folder / "holdfast.db").execute("SELECT count(*) FROM outbox").fetchone()
    assert rows == (5,)
