"""Pictures, voice messages and texts in the middle of a call: from the real doors to what a coordinator opens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from agent import attachments, outbox
from agent.attached import Attachment
from agent.bootstrap import Agent
from agent.models import Conversation, Task
from channels.emulator import PhoneCall, Twilio, over_http
from channels.media import patience
from channels.media.switchboard import EXTENSION, Limits, Speech
from channels.stream_emulator import Stream, on_streams
from channels.web import create_app
from tests.agent.record import all_leads, how_many, outgoing, transcript
from tests.fakes.clock import FakeClock
from tests.fakes.ears import FakeEars, FakeMouth, what
from tests.fakes.transcribers import FakeTranscriber
from tests.fakes.twilio_api import ACCOUNT, TOKEN, TwilioApi, twilio_api
from tests.fakes.twilio_files import JPEG, PDF, PNG, a_wav
from tests.fakes.web_server import serving
from tests.journeys import test_streams
from tests.journeys.conftest import PUBLIC_URL
from tests.journeys.test_doors import answer_to
from workers import listening, media, windows
from workers.delivery import Courier
from workers.transports import sms

SENDER = "+14155550101"
WORDS = (
    "hi this is maria lopez my number is four one five five five five oh one oh one i hurt my left knee "
    "and doctor smith sent me i have cigna please call me back thank you"
)


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


@pytest.fixture
def line(line: Agent, api: TwilioApi) -> Agent:
    """The line of the sample clinic, with an account at that Twilio."""
    told = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": (TOKEN,), "twilio_api_base_url": api.url}
    return replace(line, settings=line.settings.model_copy(update=told))


@pytest.fixture
def server(line: Agent) -> Iterator[str]:
    app = create_app(line, Limits(ahead_s=3600.0, messages_s=20_000.0, call_s=3600.0))
    with serving(app) as address:
        app.extensions[EXTENSION].install(Speech(FakeEars(), FakeMouth(letter_ms=2)))
        app.extensions[EXTENSION].close()
        yield address


@pytest.fixture
def twilio(server: str) -> Twilio:
    return Twilio(over_http(server), TOKEN, PUBLIC_URL, ACCOUNT)


def carry(line: Agent, clock: FakeClock, hears: str | None = WORDS, minutes: float = 1) -> None:
    """What the worker and the schedule do, until nothing is left to do."""
    errands = media.errands(line.store, clock, line.settings)
    texts = sms.build(line.settings)
    assert texts is not None
    courier = Courier(line.store, clock, {"sms": texts}, line.clinic, windows.load(), errands=errands)
    listener = Courier(line.store, clock, {}, line.clinic, windows.load(), errands={attachments.READ: listening.Read(line, FakeTranscriber(hears))})
    for _ in range(6):
        for row in outbox.due(line.store, clock(), 50):
            courier.deliver(row)
        listening.look(listener)
        clock.passes(minutes=minutes)


def mms(twilio: Twilio, *urls: str, body: str = "", kind: str = "image/jpeg") -> str:
    files = {f"MediaUrl{n}": url for n, url in enumerate(urls)} | {f"MediaContentType{n}": kind for n in range(len(urls))}
    return "\n".join(twilio.text(body, from_=SENDER, NumMedia=str(len(urls)), **files).texts)


def kept(line: Agent) -> list[bytes]:
    """The bytes of everything that is kept, in order."""
    with line.store.reading() as session:
        ids = session.scalars(select(Attachment.id).where(Attachment.standing == attachments.Standing.KEPT).order_by(Attachment.id)).all()
        return [attachments.contents(session, one) for one in ids]


def test_a_photo_of_the_card_is_on_the_lead_and_no_longer_at_twilio(twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """A picture without a word is a turn: acknowledged, kept, deleted where it came from."""
    twilio.text("my name is Maria Lopez", from_=SENDER)
    url = api.files.media(JPEG)
    said = mms(twilio, url)
    assert said.startswith("Your picture came, thank you. A coordinator will look at it.")
    assert said.endswith("?")
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert [(one["kind"], one["state"], one["media_type"], one["message"]) for one in lead["attachments"]] == [("picture", "kept", "image/jpeg", 2)]
    assert (kept(line), api.files.has(url)) == ([JPEG], False)
    assert "attachment" not in str(lead["notifications"]), "what is fetched is nobody's notification"


def test_a_picture_is_enough_to_begin_with(twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    mms(twilio, api.files.media(PNG), api.files.media(PDF, "application/pdf"))
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert [one["media_type"] for one in lead["attachments"]] == ["image/png", "application/pdf"]
    assert (lead["status"], lead["slots"]) == ("new", {})


def test_what_is_no_picture_is_said_so_blocked_and_deleted(twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """A25: by what is declared where that is plain, else by its first bytes; none of it is kept."""
    film, disguised = api.files.media(b"\x00\x00\x00\x18ftyp3gp4", "video/3gpp"), api.files.media(b"<svg onload=alert(1)>", "image/jpeg")
    assert "Pictures and PDF documents work." in mms(twilio, film, kind="video/3gpp")
    mms(twilio, disguised)
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert [(one["state"], one["reason"], one["size"]) for one in lead["attachments"]] == [("blocked", "kind", None)] * 2
    assert (kept(line), api.files.kept) == ([], {})
    assert ("GET", film.removeprefix("https://api.twilio.com")) not in api.files.asked


def test_a_picture_from_anywhere_else_is_not_even_noted(twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """A25, A53."""
    mms(twilio, "https://169.254.169.254/latest/meta-data", "http://api.twilio.com/x", "https://evil.example/x.jpg", body="see this")
    carry(line, clock)
    assert (how_many(line.store, Attachment), api.files.asked) == ([0], [])


def test_photos_one_by_one_are_no_machine(twilio: Twilio, api: TwilioApi) -> None:
    """A56 knows a machine by its words, and these have none."""
    assert all(mms(twilio, api.files.media(JPEG)) for _ in range(15))


def test_nobody_fills_the_disk_with_pictures(twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """What is past the limit is not fetched, is deleted at Twilio, and is not called received."""
    said = [mms(twilio, *(api.files.media(JPEG) for _ in range(10))) for _ in range(5)]
    assert ["enough files" in one for one in said] == [False] * 4 + [True]
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert [one["state"] for one in lead["attachments"]] == ["kept"] * 40 + ["blocked"] * 10
    assert (len([method for method, _ in api.files.asked if method == "GET"]), api.files.kept) == (40, {})


def a_message_after_silence(twilio: Twilio, server: str, line: Agent, api: TwilioApi, sound: bytes | None) -> PhoneCall:
    """Nobody speaks on the stream until the tone."""

    def says_nothing(stream: Stream) -> None:
        for _ in range(6_000):
            if not stream.open:
                return
            stream.frame()
            time.sleep(0.0005)

    call = PhoneCall(twilio, from_=SENDER, leaves=lambda: api.files.recording(sound) if sound else "")
    call.stream = on_streams(server.replace("http", "ws"), says_nothing)
    return call.dial()


@pytest.fixture
def streaming(line: Agent) -> Iterator[str]:
    app = create_app(line, Limits(ahead_s=3600.0, messages_s=20_000.0, call_s=3600.0))
    app.extensions[EXTENSION].install(Speech(FakeEars(), FakeMouth(letter_ms=2)))
    with serving(app) as address:
        yield address


def test_a_voice_message_is_fetched_read_and_told_of(line: Agent, streaming: str, api: TwilioApi, clock: FakeClock) -> None:
    """From the tone to the coordinator: the recording sealed, its words on the lead for review, Twilio's copy gone, an e-mail without one of them."""
    sound = a_wav(2.0)
    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    call = a_message_after_silence(twilio, streaming, line, api, sound)
    assert (call.recorded, call.heard[-1]) == (True, "Thank you. A coordinator will listen to your message. Goodbye.")
    call.hang_up()
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert (lead["slots"]["patient.name"]["value"], lead["slots"]["patient.phone"]["value"]) == ("Maria Lopez", "+14155550101")
    assert {(one["source"], one["needs_review"], one["confirmed"]) for one in lead["slots"].values()} == {("speech", True, False)}
    assert [(one["kind"], one["state"], one["heard"]) for one in lead["attachments"]] == [("voicemail", "kept", "transcribed")]
    assert (kept(line), api.files.kept) == ([sound], {})
    assert ("caller", WORDS) in transcript(line.store)
    mails = [payload for kind, _, _, payload in outgoing(line.store) if kind == "coordinator_email"]
    assert "voicemail" in [mail["event"] for mail in mails]
    assert not any("maria" in str(mail).lower() or "lopez" in str(mail).lower() for mail in mails)
    with line.store.reading() as session:
        assert {"voicemail", "call_back"} <= set(session.scalars(select(Task.kind)))


def test_a_red_flag_on_the_machine_is_an_alert(line: Agent, streaming: str, api: TwilioApi, clock: FakeClock) -> None:
    """A59."""
    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    a_message_after_silence(twilio, streaming, line, api, a_wav())
    carry(line, clock, "i have chest pain and i can't breathe")
    (lead,) = all_leads(line.store)
    assert (lead["urgent"], lead["outcome"]) == (True, "urgent")
    assert {"urgent_alert", "coordinator_email"} <= {kind for kind, *_ in outgoing(line.store)}


def test_a_voice_message_nobody_can_transcribe_is_kept_to_be_listened_to(line: Agent, streaming: str, api: TwilioApi, clock: FakeClock) -> None:
    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    a_message_after_silence(twilio, streaming, line, api, a_wav())
    carry(line, clock, None)
    (lead,) = all_leads(line.store)
    assert [(one["state"], one["heard"]) for one in lead["attachments"]] == [("kept", "not_transcribed")]
    assert lead["slots"] == {}


def test_silence_after_the_tone_leaves_nothing(line: Agent, streaming: str, api: TwilioApi) -> None:
    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    call = a_message_after_silence(twilio, streaming, line, api, None)
    assert (call.recorded, call.over, call.heard[-1]) == (True, True, "Goodbye.")
    assert how_many(line.store, Attachment, Task) == [0, 0]


def to_the_member_id(twilio: Twilio) -> tuple[PhoneCall, str]:
    """A call that has come to the question for the member ID."""
    call = PhoneCall(twilio, from_=SENDER).dial()
    said = call.say("i was referred by dr smith at the ortho center and i have cigna ppo")
    for _ in range(15):
        if "member ID" in said:
            return call, said
        answer = answer_to(said)
        said = call.press("4155550101#") if answer == "415-555-0101" else call.press("1") if answer == "yes" else call.say(answer)
    raise AssertionError(f"the member ID was never asked for: {call.heard}")


def text_from_the_call(line: Agent, clock: FakeClock, api: TwilioApi) -> str:
    carry(line, clock, minutes=0)
    (sent,) = [one for one in api.sent if one["to"] == SENDER]
    return str(sent["body"])


@pytest.mark.parametrize("said_instead", ["i don't have my card with me", "can i text it to you"])
def test_who_has_no_card_at_hand_is_texted_and_answers_in_the_middle_of_the_call(
    twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock, said_instead: str
) -> None:
    """The text goes by the outbox to where they call from; what comes back is on the same record, and the call goes on where it was."""
    call, _ = to_the_member_id(twilio)
    said = call.say(said_instead)
    assert "I will text you at the number you are calling from" in said
    assert "reply with the member ID or a photo" in said
    assert "days and times" in said
    assert "reply here with your member ID or a photo of your insurance card" in text_from_the_call(line, clock, api)
    (acknowledged,) = twilio.text("U7744102903", from_=SENDER).texts
    assert "?" not in acknowledged, "the question stays with the call"
    said = call.say("tuesday mornings")
    assert "automated assistant" not in said
    for _ in range(8):
        if call.over or all_leads(line.store)[0]["completeness"] == "complete":
            break
        said = call.press("1") if "right" in said else call.say(answer_to(said))
    call.hang_up()
    (lead,) = all_leads(line.store)
    assert how_many(line.store, Conversation) == [1]
    told = lead["slots"]["insurance.member_id"]
    assert (told["value"], told["source"], lead["completeness"], lead["missing"]) == ("U7744102903", "sms", "complete", [])
    assert lead["slots"]["preferred_times"]["source"] == "speech"


@pytest.mark.parametrize("by", ["words", "photo"])
def test_who_answers_the_text_after_the_call_answers_into_the_same_record(
    twilio: Twilio, line: Agent, api: TwilioApi, clock: FakeClock, by: str
) -> None:
    call, _ = to_the_member_id(twilio)
    call.say("i don't have it with me")
    call.say("tuesday mornings")
    call.hang_up()
    carry(line, clock)
    clock.passes(hours=3)
    if by == "words":
        twilio.text("my member id is U7744102903", from_=SENDER)
    else:
        assert "Your picture came" in mms(twilio, api.files.media(JPEG))
    carry(line, clock)
    (lead,) = all_leads(line.store)
    if by == "words":
        assert lead["slots"]["insurance.member_id"]["value"] == "U7744102903"
    else:
        assert (kept(line), lead["missing"]) == ([JPEG], ["insurance.member_id"])


def test_who_cannot_be_heard_takes_the_offer_of_a_text_and_goes_on_there(line: Agent, streaming: str, api: TwilioApi, clock: FakeClock) -> None:
    """The ladder of silence: asked again, offered a text, key 1; what is texted then is on the record of the call."""

    def mumbles(stream: Stream) -> None:
        offered = False
        for number in range(9_000):
            if not stream.open:
                return
            heard = [what(bytes(stream.ear.audio[at : at + 160])) for at in range(0, len(stream.ear.audio) - 159, 160)] if number % 50 == 0 else []
            if not offered and any("press 1" in sentence for sentence in heard if sentence):
                offered = True
                stream.press("1")
            stream.frame()
            time.sleep(0.0005)

    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    call = PhoneCall(twilio, from_=SENDER)
    call.stream = on_streams(streaming.replace("http", "ws"), mumbles)
    call.dial()
    assert (call.over, call.recorded) == (True, False)
    call.hang_up()
    assert "reply in words or with a photo of your card" in text_from_the_call(line, clock, api)
    twilio.text("my name is Maria Lopez and I have Cigna", from_=SENDER)
    mms(twilio, api.files.media(JPEG))
    carry(line, clock)
    (lead,) = all_leads(line.store)
    assert (how_many(line.store, Conversation), lead["slots"]["patient.name"]["value"], kept(line)) == ([1], "Maria Lopez", [JPEG])


def test_on_the_media_socket_the_card_is_asked_for_by_text_as_well(
    line: Agent, streaming: str, api: TwilioApi, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By audio alone, to the end of the call; the answer to the text changes the request that was sent."""
    monkeypatch.setattr(patience, "FIRST_MS", 90_000)
    answers = tuple((cue, "i don't have my card with me" if cue == "member" else answer) for cue, answer in test_streams.ANSWERS)
    monkeypatch.setattr(test_streams, "ANSWERS", answers)
    twilio = Twilio(over_http(streaming), TOKEN, PUBLIC_URL, ACCOUNT)
    call = PhoneCall(twilio, from_=SENDER)
    call.stream = on_streams(streaming.replace("http", "ws"), test_streams.Patient())
    call.dial()
    assert call.over
    assert all_leads(line.store)[0]["missing"] == ["insurance.member_id"]
    assert "photo of your insurance card" in text_from_the_call(line, clock, api)
    assert twilio.text("U7744102903", from_=SENDER).texts
    (lead,) = all_leads(line.store)
    assert (lead["completeness"], lead["missing"]) == ("complete", [])
    assert lead["slots"]["insurance.member_id"]["source"] == "sms"
    assert "changed" in [payload["event"] for kind, _, _, payload in outgoing(line.store) if kind == "coordinator_email"]


def test_no_text_is_promised_to_who_wants_none(twilio: Twilio, line: Agent, clock: FakeClock, api: TwilioApi) -> None:
    """47 CFR 64.1200(a)(10)."""
    twilio.text("STOP", from_=SENDER)
    call, _ = to_the_member_id(twilio)
    assert "text you" not in call.say("i don't have my card with me")
    carry(line, clock)
    assert [one for one in api.sent if one["to"] == SENDER] == []


def test_without_an_account_nobody_is_asked_for_anything(line: Agent) -> None:
    nobody = line.settings.model_copy(update={"twilio_account_sid": "", "twilio_auth_token": ()})
    assert media.errands(line.store, line.clock, nobody) == {}
