"""One spelling of a JSON document, so that everybody who hashes it gets the same SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return a document as UTF-8 JSON with sorted keys and no spaces. Masses and times in it are strings."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical document in hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()
