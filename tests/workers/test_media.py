"""Files at Twilio, fetched and deleted over real connections."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from agent.attachments import LARGEST
from tests.fakes.twilio_api import ACCOUNT, TOKEN, TwilioApi, twilio_api
from tests.fakes.twilio_files import BREAK_OFF, HANG_HALFWAY, JPEG, Cdn, a_wav, cdn, session_to
from workers import media
from workers.failures import ChannelPaused, DeliveryFailed, Permanent, Retryable, Unreachable
from workers.media import Blocked, Gone, Vendor

RECORDINGS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings"


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


def vendor(api: TwilioApi, made: Cdn | None = None, password: str = TOKEN) -> Vendor:
    return Vendor(ACCOUNT, password, urlsplit(api.url), session_to(made) if made else requests.Session())


def test_a_recording_is_fetched_as_a_wave_file_with_our_credentials(api: TwilioApi) -> None:
    sid = api.files.recording(a_wav())
    assert vendor(api).fetch(f"{RECORDINGS}/{sid}.wav") == a_wav()
    assert api.files.asked == [("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav")]


def test_a_picture_comes_from_the_cdn_which_never_sees_our_credentials(api: TwilioApi) -> None:
    """A25: a redirect to another host drops them."""
    with cdn(api.files) as made:
        url = api.files.media(JPEG)
        assert vendor(api, made).fetch(url) == JPEG
        assert made.shown == [None]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/2010-04-01/x",
        "https://api.twilio.com.evil.example/x",
        "https://evil.example/x",
        "https://api.twilio.com@evil.example/x",
        "https://api.twilio.com:8443/x",
        "https://twiliocdn.com.evil.example/x",
        "https://twiliocdn.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::1",
        "https://0x7f.1/x",
        "file:///etc/passwd",
        "gopher://api.twilio.com/x",
        "",
        "//api.twilio.com/x",
    ],
)
def test_nobody_else_is_ever_asked(api: TwilioApi, url: str) -> None:
    """A25, A53."""
    with pytest.raises(Blocked):
        vendor(api).fetch(url)
    with pytest.raises(Blocked):
        Vendor(ACCOUNT, TOKEN).forget(url)
    assert api.requests == []


@pytest.mark.parametrize("elsewhere", ["http://169.254.169.254/latest", "https://evil.example/x", "file:///etc/passwd", "http://mms.twiliocdn.com/x"])
def test_a_redirect_to_anybody_else_ends_there(api: TwilioApi, elsewhere: str) -> None:
    """A25, A53."""
    with cdn(api.files) as made:
        made.elsewhere = elsewhere
        with pytest.raises(Blocked):
            vendor(api, made).fetch(api.files.media(JPEG))


def test_redirects_have_an_end(api: TwilioApi) -> None:
    with cdn(api.files) as made:
        made.elsewhere = "https://mms.twiliocdn.com/round/and/round"
        with pytest.raises(Blocked):
            vendor(api, made).fetch(api.files.media(JPEG))
        assert len(made.shown) == media.REDIRECTS


def test_what_is_too_large_is_not_read_to_its_end(api: TwilioApi) -> None:
    """A25: neither by what it declares nor, without a word about its length, by what comes."""
    large = bytes(LARGEST + 1)
    with pytest.raises(Blocked, match="size"):
        vendor(api).fetch(api.files.media(large))
    with cdn(api.files) as made, pytest.raises(Blocked, match="size"):
        vendor(api, made).fetch(api.files.media(large))


@pytest.mark.parametrize(
    ("told", "kind"),
    [(429, Retryable), (500, Retryable), (503, Retryable), (BREAK_OFF, Retryable), (400, Permanent), (401, ChannelPaused), (403, ChannelPaused)],
)
def test_failures_are_what_they_mean(api: TwilioApi, told: str | int, kind: type[DeliveryFailed]) -> None:
    api.files.script = [told, told] if isinstance(told, int) else [told]
    url = api.files.media(JPEG)
    with pytest.raises(kind):
        vendor(api).fetch(url)
    if isinstance(told, int):
        with pytest.raises(kind):
            vendor(api).forget(url)


def test_a_wrong_password_stops_the_channel_and_no_file(api: TwilioApi) -> None:
    with pytest.raises(ChannelPaused):
        vendor(api, password="old").fetch(api.files.media(JPEG))


def test_a_host_that_cannot_be_reached_is_tried_later(api: TwilioApi) -> None:
    nowhere = Vendor(ACCOUNT, TOKEN, urlsplit("http://127.0.0.1:1"))
    with pytest.raises(Unreachable):
        nowhere.fetch(api.files.media(JPEG))


def test_a_file_that_stops_coming_is_given_up_in_time(api: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "READ", 0.3)
    api.files.script = [HANG_HALFWAY]
    with pytest.raises(Retryable, match="broke_off"):
        vendor(api).fetch(api.files.media(JPEG))


def test_a_file_that_comes_byte_by_byte_is_given_up_in_time(api: TwilioApi) -> None:
    """A socket's own time-out begins anew with every byte."""
    moments = iter([0.0, 1000.0, 2000.0])
    slow = vendor(api)
    slow.timer = lambda: next(moments)
    with pytest.raises(Retryable, match="slow"):
        slow.fetch(api.files.media(JPEG))


def test_what_is_not_there_is_gone(api: TwilioApi) -> None:
    with pytest.raises(Gone):
        vendor(api).fetch(f"{RECORDINGS}/RE{'f' * 32}.wav")


def test_deleting_is_asked_for_in_twilios_protocol_and_twice_is_no_mistake(api: TwilioApi) -> None:
    sid, url = api.files.recording(a_wav()), api.files.media(JPEG)
    for place in (f"{RECORDINGS}/{sid}", url):
        assert vendor(api).forget(place)
        assert vendor(api).forget(place)
    assert api.files.kept == {}
    assert api.files.asked[0] == ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.json")


def test_only_recordings_and_media_are_ever_deleted(api: TwilioApi) -> None:
    for path in ("", "/Messages/MM1", "/Recordings", f"/Calls/CA{'1' * 32}", f"/Recordings/RE{'1' * 32}/../../Calls"):
        assert not vendor(api).forget(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}{path}")
    assert api.requests == []
