"""What `referline doctor` looks at: each check says what it found, or what to do."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from agent import addresses, readiness
from agent import clinic as clinics
from agent.clinic import Clinic, ClinicError, OnCall
from agent.settings import MODELS, Settings
from agent.store import Store, StoreError
from agent.vault import VaultError
from channels.callers import may_text
from channels.speech import model
from channels.speech.recogniser import Ears, SpeechModelError
from channels.speech.synthesis import SpeechUnavailable, Synthesiser, voices
from workers import redis_server

_CONNECT = 5.0
"""Seconds a server may take to answer the doctor."""
_TWILIO_API = "https://api.twilio.com"

Verdict = tuple[bool | None, str]
"""True: in order. False: to be fixed. None: not set up, and what that means."""
MARKS = {True: "ok", False: "FIX", None: "-"}


def _settings(settings: Settings) -> Verdict:
    return True, f"data in {settings.data_dir}, reached at {settings.public_base_url}"


def _database(settings: Settings) -> Verdict:
    store = None
    try:
        store = Store(settings.database_url, settings.vault)
        readiness.check(store)
    except (StoreError, VaultError, readiness.NotReady) as error:
        return False, str(error)
    finally:
        if store is not None:
            store.dispose()
    return True, "SQLite, up to date" if settings.database_url.startswith("sqlite") else "PostgreSQL, up to date"


def _clinic(settings: Settings) -> Verdict:
    try:
        clinic = clinics.load(settings.clinic_dir)
    except ClinicError as error:
        return False, str(error)
    lacking = [words for holds, words in _wants(clinic) if not holds]
    if lacking:
        return False, "\n".join(f"{settings.clinic_dir}/clinic.toml: {words}" for words in lacking)
    return True, f"{clinic.name}: {len(clinic.articles)} articles, {len(clinic.payers)} payer rows"


def _wants(clinic: Clinic) -> tuple[tuple[bool, str], ...]:
    return (
        (bool(clinic.phone), "phone is missing: people cannot be told where to reach a person"),
        (bool(clinic.coordinator_emails), "coordinator_emails is missing: nobody is told of new leads"),
        (bool(clinic.on_call), "on_call is missing: nobody is told at once of a red flag"),
    )


def _redis(settings: Settings) -> Verdict:
    address = redis_server.url(settings.redis_url, settings.data_dir)
    if redis_server.answers(address):
        return True, "answers"
    if settings.redis_url:
        return False, "REDIS_URL does not answer; until it does, the schedule delivers, slower"
    return None, "the embedded one is not running; `referline up` starts it"


def _smtp(settings: Settings) -> Verdict:
    if not settings.smtp_url:
        return None, "SMTP_URL is not set: e-mails are printed, not sent"
    server = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.hostname or "", server.port or 0, timeout=_CONNECT) as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException) as error:
        return False, f"SMTP_URL: the server does not answer as one ({type(error).__name__})"
    return True, f"{server.hostname} answers"


def _people(settings: Settings) -> Verdict:
    """Who is told of a red flag and put through to callers, and whether they can be reached at all."""
    try:
        clinic = clinics.load(settings.clinic_dir)
    except ClinicError:
        return None, "see clinic"
    where, ours = f"{settings.clinic_dir}/clinic.toml", {*clinic.numbers, settings.twilio_from} - {""}
    wrong = [f"{where}: on_call {person.name}: {words}" for person in clinic.on_call for words in _unreachable(person, ours)]
    if clinic.desk_number and clinic.desk_number in ours:
        wrong.append(f"{where}: desk_number is a number the line answers itself; a call would go round in circles")
    phones = [person.phone for person in clinic.on_call if person.phone]
    twice = sorted({number for number in phones if phones.count(number) > 1})
    wrong += [f"{where}: on_call has {addresses.national(number)} twice; name each person once" for number in twice]
    if wrong:
        return False, "\n".join(wrong)
    if not clinic.on_call:
        return None, "nobody is on call: who asks for a person after hours is called back, and red flags are e-mailed to the coordinators only"
    rung = [person.name for person in clinic.on_call if person.phone and person.calls != "none"]
    through = f"callers are put through to {', '.join(rung)}" if rung else "nobody of them is rung for callers"
    return True, f"alerts go to {', '.join(person.name for person in clinic.on_call)}, {clinic.acknowledge_minutes} min each; after hours {through}"


def _unreachable(person: OnCall, ours: set[str]) -> Iterator[str]:
    if not person.phone and not person.email:
        yield "has neither phone nor email; give one, or take the entry out"
    if person.phone in ours:
        yield "phone is the line's own number; give the person's own"
    elif person.phone and not may_text(person.phone, ours):
        yield f"phone {person.phone} is not one that is called or texted (United States and Canada, not premium); give another"


def _twilio(settings: Settings) -> Verdict:
    if not settings.sends_texts:
        return None, "TWILIO_ACCOUNT_SID is not set: Twilio's doors answer 403 and texts are printed"
    base, problems = settings.public_base_url, []
    if not base.startswith("https://"):
        problems.append("PUBLIC_BASE_URL must be the https address entered in the Twilio console: signatures are checked against it")
    if (number := settings.twilio_from) and (answered := _numbers(settings)) and number not in answered:
        problems.append(f"TWILIO_FROM {number} is not in numbers of clinic.toml: answers to texts would be turned away; add it there")
    if problem := _account(settings):
        problems.append(problem)
    if problems:
        return False, "\n".join(problems)
    return True, f"the account answers; enter {base}/twilio/voice and {base}/twilio/sms in the Twilio console, with /fallback as the fallbacks"


def _numbers(settings: Settings) -> tuple[str, ...]:
    try:
        return clinics.load(settings.clinic_dir).numbers
    except ClinicError:
        return ()


def _account(settings: Settings) -> str | None:
    """What is wrong with the credentials, if Twilio says so."""
    user, secret = (settings.twilio_api_key or settings.twilio_account_sid, settings.twilio_api_secret or settings.twilio_auth_token[0])
    address = f"{settings.twilio_api_base_url or _TWILIO_API}/2010-04-01/Accounts/{settings.twilio_account_sid}.json"
    try:
        answer = requests.get(address, auth=(user, secret), timeout=_CONNECT, allow_redirects=False)
    except requests.RequestException as error:
        return f"Twilio's API does not answer at {settings.twilio_api_base_url or _TWILIO_API} ({type(error).__name__}); texts wait until it does"
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        keys = "TWILIO_API_KEY and TWILIO_API_SECRET" if settings.twilio_api_key else "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        return f"Twilio refuses {keys}; copy them anew from its console"
    return None if answer.ok else f"Twilio's API answers {answer.status_code} for this account; look at it in Twilio's console"


def _speech(settings: Settings) -> Verdict:
    found = model.find(settings.vosk_model_dir, settings.data_dir / MODELS)
    if settings.vosk_model_dir is not None and found != settings.vosk_model_dir:
        return False, f"VOSK_MODEL_DIR: {settings.vosk_model_dir} holds no speech model; `referline models fetch` fetches one"
    if settings.voice_mode == "gather":
        without = ". Without a model, voice messages are kept and not transcribed"
        return None, "VOICE_MODE is gather: Twilio hears calls" + (f"; a model is in {found}" if found else without)
    if found is None:
        return False, "there is no speech model, so calls are heard by Twilio (gather); `referline models fetch` fetches one"
    try:
        Ears(found)
    except SpeechModelError as error:
        return False, f"{error}; `referline models fetch --again` fetches it anew"
    kind = f"{model.NAME}, checksum right" if model.is_pinned(found) else "not the one Referline was measured with"
    return True, f"model in {found} ({kind}), up to {settings.voice_calls_at_once} calls at once in each web process"


def _voice(settings: Settings) -> Verdict:
    chosen = voices(settings.speech_voices, settings.speech_rate)
    named = ", ".join(f"{voice.name} ({language})" for language, voice in chosen.items())
    if settings.voice_mode == "gather":
        return None, "VOICE_MODE is gather: Twilio speaks"
    try:
        Synthesiser(chosen).speak("yes")
    except SpeechUnavailable as error:
        return False, str(error)
    return True, f"{named}, {settings.speech_rate} words a minute"


CHECKS: dict[str, Callable[[Settings], Verdict]] = {
    "settings": _settings,
    "database": _database,
    "clinic": _clinic,
    "on-call": _people,
    "redis": _redis,
    "e-mail": _smtp,
    "twilio": _twilio,
    "speech": _speech,
    "voice": _voice,
}
"""What `referline doctor` looks at, in its order."""
