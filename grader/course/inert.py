"""Makes what a learner wrote or printed fit to be shown: nothing of it can run, load or pass for ours."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

from PIL import Image

MAX_TEXT = 20_000  # characters of one output or comment
MAX_SOURCE = 100_000  # of one cell
MAX_OUTPUTS = 40  # of one cell
MAX_IMAGES = 12  # of one notebook
MAX_IMAGE_BYTES = 2 * 2**20  # as it comes, in base64
MAX_PIXELS = 4_000_000
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def clip(text: Any, most: int = MAX_TEXT) -> str:
    """Text of at most so many characters, without control characters or marks that turn its direction."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return ""
    whole = (
        text if len(text) <= most else f"{text[:most]}\n[{len(text) - most} more characters are not shown]"
    )
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", whole.replace("\r\n", "\n").replace("\r", "\n"))


def fenced(text: Any, most: int = MAX_SOURCE) -> str:
    """Text as Markdown that shows it letter by letter: a code block whose fence is longer than any in it."""
    content = clip(text, most).replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{content}\n{fence}"


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """Plain text as a notebook's output."""
    return {"output_type": "stream", "name": name, "text": text}


class Outputs:
    """Reduces outputs to plain text and checked images; counts the images of a notebook."""

    def __init__(self) -> None:
        self._images = 0

    def inert(self, outputs: Any) -> list[dict[str, Any]]:
        """The outputs of one cell as they may be shown."""
        found = outputs if isinstance(outputs, list) else []
        made = [part for output in found[:MAX_OUTPUTS] for part in self._parts(output)]
        if len(found) > MAX_OUTPUTS:
            made.append(stream(f"[{len(found) - MAX_OUTPUTS} more outputs are not shown]\n"))
        return made

    def _parts(self, output: Any) -> Iterator[dict[str, Any]]:
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "stream":
            yield stream(clip(output.get("text")), "stderr" if output.get("name") == "stderr" else "stdout")
        elif kind == "error":
            trace = output.get("traceback")
            lines = [clip(line) for line in trace[:200]] if isinstance(trace, list) else []
            name, value = clip(output.get("ename"), 200), clip(output.get("evalue"), 2000)
            yield {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}
        elif kind in ("display_data", "execute_result"):
            data = output.get("data")
            yield from self._display(data if isinstance(data, dict) else {})

    def _display(self, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
        image = self._image(data.get("image/png"))
        left = sorted(str(kind)[:60] for kind in data if kind not in ("text/plain", "image/png"))
        if image:
            yield {"output_type": "display_data", "metadata": {}, "data": {"image/png": image}}
        elif "image/png" in data:
            left.append("image/png")
        if "text/plain" in data and not image:
            yield stream(clip(data["text/plain"]) + "\n")
        if left:
            yield stream(f"[not shown: {clip(', '.join(left), 200)}]\n")

    def _image(self, encoded: Any) -> str | None:
        if encoded is None or self._images >= MAX_IMAGES:
            return None
        made = png(encoded)
        self._images += made is not None
        return made


def png(encoded: Any) -> str | None:
    """A PNG drawn anew from its pixels, in base64; None when it is none or too large."""
    text = (
        "".join(encoded)
        if isinstance(encoded, list) and all(isinstance(x, str) for x in encoded)
        else encoded
    )
    if not isinstance(text, str) or len(text) > MAX_IMAGE_BYTES:
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
        drawn = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # without what came beside them
        target = io.BytesIO()
        drawn.save(target, "PNG")
    except Exception:  # noqa: BLE001  # whatever a made-up image provokes: it is not shown
        return None
    return base64.b64encode(target.getvalue()).decode()
