"""One line per record, whatever is in it; never what somebody said."""

from __future__ import annotations

import json
import logging

import pytest

from agent import log
from agent.addresses import e164, national, normalised
from agent.references import ALPHABET, mint


def record(message: str, error: BaseException | None = None, **fields: object) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("referline.test", logging.INFO, __file__, 1, message, (), info)
    made.__dict__.update(fields)
    return made


def test_fields_are_beside_the_message() -> None:
    row = json.loads(log.JsonLines().format(record("sent", outbox_id="01", attempts=2)))
    assert {"level": "info", "message": "sent", "outbox_id": "01", "attempts": 2}.items() <= row.items()


@pytest.mark.parametrize("form", [log.JsonLines(), log.Console()])
def test_a_line_break_starts_no_forged_line(form: logging.Formatter) -> None:
    assert len(form.format(record("x\r\ny", number="a\nb\u2028c")).splitlines()) == 1


@pytest.mark.parametrize("form", [log.JsonLines(), log.Console()])
def test_an_exception_is_its_type_and_place(form: logging.Formatter) -> None:
    """Messages of exceptions quote what they were given."""
    try:
        int("Canary Person")
    except ValueError as error:
        written = form.format(record("failed", error))
    assert "ValueError at test_log.py" in written
    assert "Canary" not in written


def test_what_writes_addresses_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        log.configure("json")
        logging.getLogger("twilio.http_client").info("POST to +16145550123")
        logging.getLogger("referline").info("hello")
    finally:
        root.handlers[:], root.level = before[0], before[1]
    assert [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()] == ["hello"]


@pytest.mark.parametrize("written", ["+16145550123", "614-555-0123", "(614) 555-0123", "1 614 555 0123", "614.555.0123"])
def test_a_number_has_one_form(written: str) -> None:
    assert (e164(written), national(e164(written) or "")) == ("+16145550123", "(614) 555-0123")


@pytest.mark.parametrize("written", ["", "anonymous", "12345", "+266696687", "614555012345678901"])
def test_what_is_no_number_is_none(written: str) -> None:
    assert e164(written) is None or written == "+266696687"


def test_addresses_are_looked_up_in_one_form() -> None:
    assert normalised(" Ann@Home.Example ") == "ann@home.example"
    assert normalised("614 555 0123") == "+16145550123"
    assert normalised("48151") == "48151"


def test_references_are_told_apart_by_ear_and_eye() -> None:
    minted = {mint() for _ in range(1000)}
    assert len(minted) == 1000
    assert {sign for reference in minted for sign in reference[3:]} <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OILSZU5")
