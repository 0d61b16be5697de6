"""Who we are to Twilio's REST API."""

from __future__ import annotations

from agent.settings import Settings


def credentials(settings: Settings) -> tuple[str, str]:
    """User and password: an API key where there is one, so that the Auth Token is used for verifying only. Needs an account."""
    if settings.twilio_api_key:
        return settings.twilio_api_key, settings.twilio_api_secret
    return settings.twilio_account_sid, settings.twilio_auth_token[0]
