from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.mail_server import HANG, AnyPort, MailServer, Stage, mail_server
from workers.failures import Ambiguous, ChannelPaused, DeliveryFailed, Permanent, Retryable
from workers.message import Outgoing
from workers.transports.email import Email, Server

NOTE = Outgoing(id="0199-row", to="desk@clinic.example", subject="New request RL-7K3M9Q", text="See RL-7K3M9Q.", html="<p>See RL-7K3M9Q.</p>")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def email(server: MailServer, timeout: float = 0.5, user: str = "", password: str = "") -> Email:
    return Email(Server("127.0.0.1", server.port, user, password), "line@clinic.example", timeout=timeout)


def failure(of: Email, message: Outgoing = NOTE) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        of.send(message)
    return caught.value


def test_a_message_arrives_as_plain_text_and_html(server: MailServer) -> None:
    assert email(server).send(NOTE) == "<0199-row@clinic.example>"
    [letter] = server.received
    assert (letter["To"], letter["Subject"], letter["From"]) == ("desk@clinic.example", "New request RL-7K3M9Q", "line@clinic.example")
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


def test_every_attempt_has_the_same_message_id(server: MailServer) -> None:
    """A31: a receiver that got the first can drop the second."""
    assert email(server).send(NOTE) == email(server).send(NOTE)
    assert len(set(server.message_ids())) == 1


@pytest.mark.parametrize(
    ("stage", "reply", "kind", "code"),
    [
        ("MAIL", "421 closing", Retryable, "smtp_421"),
        ("RCPT", "450 greylisted", Retryable, "smtp_450"),
        ("DATA", "451 busy", Retryable, "smtp_451"),
        ("RCPT", "550 no such user", Permanent, "smtp_550"),
        ("DATA", "554 refused", Permanent, "smtp_554"),
        ("MAIL", "530 login first", ChannelPaused, "smtp_530"),
    ],
)
def test_the_reply_decides_what_becomes_of_the_message(server: MailServer, stage: Stage, reply: str, kind: type[DeliveryFailed], code: str) -> None:
    """A31: 4xx is tried again, 5xx is final, a refused login stops the channel."""
    server.script[stage] = [reply]
    found = failure(email(server))
    assert (type(found), found.code) == (kind, code)
    assert server.received == []


def test_silence_after_the_message_was_handed_over_is_ambiguous(server: MailServer) -> None:
    """A31: hang after DATA."""
    server.script["DATA"] = [HANG]
    assert isinstance(failure(email(server)), Ambiguous)


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT"])
def test_silence_before_the_message_was_handed_over_is_tried_again(server: MailServer, stage: Stage) -> None:
    server.script[stage] = [HANG]
    assert isinstance(failure(email(server)), Retryable)


def test_a_server_slow_to_say_goodbye_has_still_accepted_the_message(server: MailServer) -> None:
    server.script["QUIT"] = [HANG]
    assert email(server).send(NOTE)


def test_nobody_listening_is_tried_again() -> None:
    assert isinstance(failure(Email(Server("127.0.0.1", 1), "line@clinic.example", timeout=0.5)), Retryable)
    assert isinstance(failure(Email(Server("mail.invalid", 25), "line@clinic.example", timeout=0.5)), Retryable)


def test_a_wrong_password_stops_the_channel() -> None:
    """A31: 535."""
    with mail_server(passwords={"line": "right"}) as server:
        assert email(server, user="line", password="right").send(NOTE)
        assert failure(email(server, user="line", password="wrong")).code == "smtp_535"
        assert isinstance(failure(email(server, user="line", password="wrong")), ChannelPaused)


def test_a_server_without_encryption_is_not_spoken_to_when_it_was_asked_for(server: MailServer) -> None:
    found = failure(Email(Server("127.0.0.1", server.port, starttls=True), "line@clinic.example", timeout=0.5))
    assert isinstance(found, ChannelPaused)
    assert server.received == []


def test_an_untrusted_certificate_stops_the_channel(tmp_path: Path) -> None:
    """An expired or forged certificate is nobody's message's fault."""
    controller = AnyPort(Sink(), hostname="127.0.0.1", port=0, ssl_context=_own_certificate(tmp_path))
    controller.start()
    try:
        found = failure(Email(Server("127.0.0.1", controller.port, tls=True), "line@clinic.example", timeout=1.0))
    finally:
        controller.stop()
    assert (type(found), found.code) == (ChannelPaused, "smtp_certificate")


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"])
def test_a_line_break_in_an_address_cannot_add_a_header(server: MailServer, to: str) -> None:
    found = failure(email(server), Outgoing("row", to, "subject", "text"))
    assert isinstance(found, Permanent)
    assert server.received == []


def test_a_line_break_in_a_subject_cannot_add_a_header(server: MailServer) -> None:
    assert isinstance(failure(email(server), Outgoing("row", "a@b.example", "x\r\nBcc: c@d.example", "text")), Permanent)


def test_an_address_the_server_cannot_take_is_that_messages_own_problem(server: MailServer) -> None:
    """A33: one odd address does not stop the channel for all others."""
    assert isinstance(failure(email(server), Outgoing("row", "doctora@clínica.example", "s", "t")), Permanent)
    assert email(server).send(NOTE)


def test_what_the_server_says_is_not_repeated(server: MailServer) -> None:
    """A41: servers quote addresses."""
    server.script["RCPT"] = ["550 desk@clinic.example is unknown here"]
    found = failure(email(server))
    assert "desk" not in repr(found)
    assert found.__cause__ is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25)),
        ("smtp://u%40x:p%3Aw@mail.example:2525?starttls=true", Server("mail.example", 2525, "u@x", "p:w", starttls=True)),
        ("smtp://mail.example?starttls=1", Server("mail.example", 587, starttls=True)),
        ("smtps://u:p@mail.example", Server("mail.example", 465, "u", "p", tls=True)),
    ],
)
def test_the_address_of_the_server_is_read(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        Server.parse(url)


def _own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(days=1))
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
