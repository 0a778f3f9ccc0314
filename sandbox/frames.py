"""Frames of a zygote's channel: a kind (1 byte), a length (4 bytes, big-endian) and that many bytes.

To the zygote: PRELOAD and LEASE (JSON), DATA (for the job's stdin), END (stop the job).
From it: READY and OVER (JSON), DATA and ERRORS (what the job wrote on stdout and stderr). Standard library only.
"""

from __future__ import annotations

import struct

PRELOAD, LEASE, END = b"P", b"L", b"E"
READY, OVER = b"R", b"O"
DATA, ERRORS = b"D", b"S"
_HEADER = struct.Struct(">cL")
LONGEST = 2**20  # bytes that one frame may carry


def frame(kind: bytes, payload: bytes | memoryview = b"") -> bytes:
    """Return one frame."""
    return _HEADER.pack(kind, len(payload)) + payload


class Frames:
    """Frames out of a stream of bytes."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Take what came; return the frames that are whole by now. ValueError: one that is too long."""
        self._data += data
        found = []
        start = 0
        while len(self._data) - start >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._data, start)
            if length > LONGEST:
                raise ValueError(f"a frame of {length} bytes, more than {LONGEST}")
            end = start + _HEADER.size + length
            if len(self._data) < end:
                break
            found.append((kind, bytes(self._data[start + _HEADER.size : end])))
            start = end
        del self._data[:start]
        return found
