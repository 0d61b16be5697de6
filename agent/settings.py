"""Every setting, checked at the start and all problems named at once. The only reader of the environment.

Three places, the first wins: the environment, `.env` in the working directory, and `secrets.env` in DATA_DIR, which
`referline init` writes. `docs/settings.md` has the same list for people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent import addresses, secrets
from agent.vault import Vault, VaultError, decode_key, index_key

_CONFIG = SettingsConfigDict(env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)
_DOTENV = Path(".env")
_WEAKEST_SECRET = 32
MODELS = "models"
"""Folder of the fetched speech models, in DATA_DIR."""


def _split(value: object) -> object:
    return tuple(piece.strip() for piece in value.split(",") if piece.strip()) if isinstance(value, str) else value


def _url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/")

    return AfterValidator(check)


def _form(pattern: str, example: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not re.fullmatch(pattern, value):
            raise ValueError(f"does not look like {example}")
        return value

    return AfterValidator(check)


AccountSid = Annotated[str, _form(r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits")]
KeySid = Annotated[str, _form(r"SK[0-9a-fA-F]{32}", "SK and 32 hexadecimal digits")]
ServiceSid = Annotated[str, _form(r"MG[0-9a-fA-F]{32}", "MG and 32 hexadecimal digits")]
Web = Annotated[str, _url("http", "https")]
RedisUrl = Annotated[str, _url("redis", "rediss", "unix")]
MailUrl = Annotated[str, _url("smtp", "smtps")]
Mailbox = Annotated[str, _form(r"[^@\s]+@[^@\s]+", "an e-mail address")]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Comma separated in the environment."""


def _voices(value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        if not re.fullmatch(r"[a-z]{2}(-[a-z0-9]+)*(\+[A-Za-z0-9]+)?", name):
            raise ValueError(f"{name} does not look like an eSpeak voice such as en-us or es-419")
    if len({name[:2] for name in value}) < len(value):
        raise ValueError("names two voices for one language")
    return value


Voices = Annotated[Words, AfterValidator(_voices)]


class SettingsError(Exception):
    """Settings that cannot be used. `problems` names every one, each with what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("These settings need attention:", *(f"  {problem}" for problem in problems))))
        self.problems = problems


class Settings(BaseSettings):
    """The settings of one process. The environment has the names in upper case."""

    model_config = _CONFIG

    data_dir: Path = Field(Path("var"), description="Folder for the database, secrets, caches and the Redis socket; for its owner only")
    database_url: Annotated[str, _url("sqlite", "postgresql", "postgresql+psycopg")] = Field(
        default_factory=lambda so_far: f"sqlite:///{Path(so_far['data_dir']).absolute() / 'referline.db'}",
        description="postgresql://user@host/name, or sqlite:///path; SQLite in DATA_DIR when left out",
        repr=False,
    )
    redis_url: RedisUrl = Field("", description="Redis or Valkey; an embedded one is started when left out", repr=False)
    clinic_dir: Path = Field(Path("clinics/riverside"), description="The clinic's folder: clinic.toml, articles.jsonl, payers.csv")
    import_private_hosts: Words = Field((), description="Hosts of the clinic's own network, host or host:port, that documents may be fetched from")
    public_base_url: Web = Field("http://127.0.0.1:8000", description="Where Twilio and people reach this server")
    twilio_account_sid: AccountSid = Field("", description="Account SID")
    twilio_auth_token: Words = Field((), description="Auth Token; two, comma separated, while one replaces the other", repr=False)
    twilio_api_key: KeySid = Field("", description="API key for sending; the Auth Token when left out")
    twilio_api_secret: str = Field("", description="The API key's secret", repr=False)
    twilio_api_base_url: Web = Field("", description="Another host for Twilio's REST API: a region, or a test")
    twilio_from: str = Field("", description="Number texts are sent from, E.164")
    twilio_messaging_service_sid: ServiceSid = Field("", description="Messaging Service that sends texts, in place of TWILIO_FROM")
    voice_mode: Literal["stream", "gather"] = Field("gather", description="Who hears calls: our own recogniser (stream) or Twilio's (gather)")
    voice_calls_at_once: int = Field(40, ge=1, le=200, description="Calls one web process hears by itself at once; further ones are heard by Twilio")
    stream_signature: Literal["required", "off"] = Field("required", description="off: media streams are admitted by their token alone")
    vosk_model_dir: Path | None = Field(None, description="Folder of the speech model; left out, the one fetched into DATA_DIR/models")
    speech_rate: int = Field(160, ge=80, le=300, description="Words a minute that calls are spoken with, where we speak by ourselves")
    speech_voices: Voices = Field((), description="eSpeak voices, one for each language, such as en-us,es-419")
    smtp_url: MailUrl = Field("", description="smtp://user:pass@host:587?starttls=true; e-mails are printed when left out", repr=False)
    mail_from: Mailbox = Field("", description="Sender of e-mails; needed with SMTP_URL")
    slack_webhook_url: Annotated[str, _url("https")] = Field("", description="Slack incoming webhook for notices", repr=False)
    webhook_url: Web = Field("", description="Where events go as signed JSON", repr=False)
    webhook_secret: str = Field("", description="Signs what goes to WEBHOOK_URL", repr=False)
    secret_key: str = Field(description="Signs sessions and derives the look-up index; made by `referline init`", repr=False)
    encryption_keys: Words = Field(description="Keys of the sealed columns, newest first; made by `referline init`", repr=False)
    api_tokens: Words = Field((), description="Bearer tokens of the JSON API, comma separated", repr=False)
    log_format: Literal["json", "console"] = Field("console", description="json: one object per line")
    texts_a_day: int = Field(20_000, ge=100, description="Texts that one web process answers in a day; then it only keeps them and logs an error")
    session_idle_minutes: int = Field(30, ge=5, le=24 * 60, description="Quiet time after which a text thread counts as left, its lead partial")
    _vault: Vault = PrivateAttr()

    @field_validator("twilio_from")
    @classmethod
    def _number(cls, value: str) -> str:
        number = addresses.e164(value) if value else value
        if number is None:
            raise ValueError("is no telephone number; write it as +16145550142")
        return number

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: str) -> str:
        if len(value) < _WEAKEST_SECRET:
            raise ValueError(f"must have at least {_WEAKEST_SECRET} characters; delete it and run `referline init` to have one made")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("is empty; run `referline init` to have one made")
        for text in value:
            try:
                decode_key(text)
            except VaultError as error:
                raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if problems := _alone(self):
            raise ValueError("\n".join(problems))
        self._vault = Vault([decode_key(text) for text in self.encryption_keys], index_key(self.secret_key))
        return self

    @property
    def vault(self) -> Vault:
        """The vault these keys make."""
        return self._vault

    @property
    def sends_texts(self) -> bool:
        """Whether texts go out by Twilio; otherwise they are printed."""
        return bool(self.twilio_account_sid and self.twilio_auth_token)


_PAIRS = (
    ("twilio_account_sid", "twilio_auth_token"),
    ("twilio_auth_token", "twilio_account_sid"),
    ("twilio_api_key", "twilio_api_secret"),
    ("twilio_api_secret", "twilio_api_key"),
    ("smtp_url", "mail_from"),
    ("webhook_url", "webhook_secret"),
)


def _alone(given: Settings | _Given) -> list[str]:
    """What is set without what it needs beside it."""
    missing = [(wanted, name) for name, wanted in _PAIRS if getattr(given, name) and not getattr(given, wanted)]
    problems = [f"{wanted.upper()} is needed with {name.upper()}" for wanted, name in missing]
    if given.twilio_account_sid and not (given.twilio_from or given.twilio_messaging_service_sid):
        problems.append("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID is needed with TWILIO_ACCOUNT_SID")
    return problems


class _Given(BaseSettings):
    """What goes together, unchecked: a malformed setting hides none that is missing."""

    model_config = _CONFIG

    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_api_key: str = ""
    twilio_api_secret: str = ""
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""


class _Place(BaseSettings):
    """What must be known before the secrets can be read."""

    model_config = _CONFIG

    data_dir: Path = Path("var")
    secret_key: str = ""
    encryption_keys: Words = ()


class Folders(BaseSettings):
    """Where things lie: enough for commands that touch no record and need no secret."""

    model_config = _CONFIG

    data_dir: Path = Path("var")
    clinic_dir: Path = Path("clinics/riverside")
    vosk_model_dir: Path | None = None

    @property
    def models(self) -> Path:
        """Where fetched speech models are kept."""
        return self.data_dir / MODELS


def folders(**overrides: Any) -> Folders:
    """The folders alone; `overrides` (lower-case names) win. Raises SettingsError."""
    build: Callable[..., Folders] = Folders
    try:
        return build(_env_file=_DOTENV, **overrides)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise SettingsError(tuple(line for problem in found for line in _said(problem["loc"], problem["msg"]))) from None


def load(**overrides: Any) -> Settings:
    """Read and check every setting; `overrides` (lower-case names) win. Raises SettingsError with all problems at once."""
    place = _place(overrides)
    build: Callable[..., Settings] = Settings
    try:
        # Looked at here, because what reads it says nothing about a file that may not be read.
        secrets.path(place.data_dir).open("rb").close()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SettingsError((_unusable(place.data_dir, error),)) from None
    try:
        return build(_env_file=(secrets.path(place.data_dir), _DOTENV), **overrides)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        lines = [line for problem in found for line in _said(problem["loc"], problem["msg"])]
        raise SettingsError(tuple(dict.fromkeys((*lines, *_alone(_given(overrides)))))) from None


def prepare(**overrides: Any) -> Settings:
    """The same for `referline init` and `up`: first make the secrets that neither the environment nor the file has."""
    place = _place(overrides)
    given = {name.upper() for name in ("secret_key", "encryption_keys") if getattr(place, name)}
    try:
        secrets.ensure(place.data_dir, given)
    except OSError as error:
        raise SettingsError((_unusable(place.data_dir, error),)) from None
    return load(**overrides)


def _unusable(folder: Path, error: OSError) -> str:
    return f"DATA_DIR: {folder} cannot be used ({os.strerror(error.errno or 0)}); set it to a folder that this user may write to"


def _given(overrides: dict[str, Any]) -> _Given:
    build: Callable[..., _Given] = _Given
    return build(_env_file=_DOTENV, **{name: str(value) for name, value in overrides.items() if name in _Given.model_fields})


def _place(overrides: dict[str, Any]) -> _Place:
    build: Callable[..., _Place] = _Place
    return build(_env_file=_DOTENV, **{name: value for name, value in overrides.items() if name in _Place.model_fields})


def _said(where: tuple[int | str, ...], message: str) -> list[str]:
    words = message.removeprefix("Value error, ")
    if words == "Field required":
        words = "is missing; run `referline init` to have it made"
    if not where:
        return words.splitlines()
    return [f"{str(where[0]).upper()}: {words[:1].lower()}{words[1:]}"]
