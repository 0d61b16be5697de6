"""The process that opens a stranger's file: told which file on the command line, limited, and able to do nothing but answer.

Lines out, each one JSON object: {"page": n, "of": m} as it goes, then {"document": {...}} or {"unreadable": why, "page": n}.
Run by `knowledge.documents.bounded`, never imported by anything.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from knowledge.documents import formats
from knowledge.documents.document import Document, Unreadable, to_json
from knowledge.documents.formats import Progress

Read: TypeAlias = Callable[[Progress], Document]

MEMORY = 256 * 1024 * 1024
"""Bytes of address space, the interpreter and its libraries included."""
CPU_SECONDS = 30
PAGE_SECONDS = 0.9
"""Processor time one page may take; a page of a real document takes a few hundredths to a few tenths. A busy machine makes no difference, and
with a tenth for the process to come up a hostile file is refused after about one second, within the two it may take."""
_DEEPEST = 3000


def main() -> None:
    """Read the file named by the first argument. Ends with 0 whenever it could say what is wrong."""
    path = Path(sys.argv[1])

    def choose() -> Read:
        importer = formats.choose(path)
        return lambda progress: importer.read(path, progress)

    answer(choose)


def answer(choose: Callable[[], Read]) -> None:
    """Say what `choose` finds to read with reads. Libraries are imported before the limits: they are ours, and may leave their compiled form."""
    at = [0]

    def progress(page: int, of: int) -> None:
        at[0] = page
        # Nobody handles the signal, so it ends the process, whatever a parser is caught in.
        signal.setitimer(signal.ITIMER_PROF, PAGE_SECONDS)
        _say({"page": page, "of": of})

    try:
        read = choose()
        _limit()
        progress(0, 0)
        document = read(progress)
    except Unreadable as error:
        _say({"unreadable": error.why, "page": error.page or at[0]})
    except MemoryError:
        _say({"unreadable": "it takes more memory than a document may", "page": at[0]})
    except RecursionError:
        _say({"unreadable": "it is nested too deeply", "page": at[0]})
    except Exception as error:  # noqa: BLE001 - a boundary: parsers of strangers' files raise anything, and the person must hear that it is damaged
        _say({"unreadable": f"the file is damaged ({type(error).__name__})", "page": at[0]})
    else:
        sys.stdout.write(f'{{"document": {to_json(document)}}}\n')
        sys.stdout.flush()


def _limit() -> None:
    """From here on: this much memory and time, no file written, nothing dumped."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    sys.setrecursionlimit(_DEEPEST)


def _say(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
