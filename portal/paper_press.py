"""Sets one paper as PDF: run by `portal/typesetting.py` in a process of its own, with little memory and time.

Usage: `python -I paper_press.py TEMPLATE`, with the job as JSON on standard input; the PDF comes on standard output.
Reads only the templates and the typefaces; what the paper says is data and never markup. Imports nothing of the portal.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

CPU_SECONDS = 8
MEMORY_BYTES = 1024 * 1024 * 1024
OPEN_FILES = 64
NOWHERE = "/nonexistent"


def limit() -> None:
    """Bind this process to what an honest paper needs; it writes no file."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def press(template: Path, job: dict[str, Any]) -> bytes:
    """Return the tagged PDF of a template and its data. The same job makes the same bytes."""
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["typefaces"]]),
        sys_inputs={"data": json.dumps(job["data"])},
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=job["at"])
    if not isinstance(made, bytes):
        raise TypeError("a paper is one file")
    return made


if __name__ == "__main__":
    work = json.load(sys.stdin)
    limit()
    sys.stdout.buffer.write(press(Path(sys.argv[1]), work))
