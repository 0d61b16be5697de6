"""A referring office's dense text: one to several patients in one message."""

from __future__ import annotations

from collections.abc import Mapping

from nlu.message import Message
from nlu.parse import Context, Reading
from nlu.vocabulary import Vocabulary


class OfficeReader:
    """Reads referrals out of an office's text; built once per clinic."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def read(self, message: Message, context: Context) -> tuple[Mapping[str, Reading], ...]:
        """One mapping of slots per patient; empty when the text is not an office's referral."""
        return ()
