"""Whether a running stack is the one that was asked for. Start is safe to repeat, on every engine alike."""

from __future__ import annotations

from sandbox import services, web
from sandbox.engine import Progress, RunningStack, StackSpec


def still_good(found: RunningStack, spec: StackSpec, progress: Progress) -> bool:
    """Return whether `found` serves `spec`; tell the person why when it must be restarted."""
    if found.version != spec.version:
        old = found.version or "?"
        progress(f"{spec.lab} runs version {old}, restarting it as {spec.version}; the work is kept")
        return False
    if spec.port not in (None, found.port):
        progress(f"{spec.lab} runs on port {found.port}, restarting it on {spec.port}; the work is kept")
        return False
    wanted = {one.title for one in map(services.find, spec.services) if one.page}
    if not wanted <= set(found.pages):
        lacking = ", ".join(sorted(wanted - set(found.pages)))
        progress(f"{spec.lab} runs without {lacking}, restarting it; the work is kept")
        return False
    if all(web.answers(url, found.token, timeout=10) for url in web.probe_urls(found.port, spec.services)):
        return True
    progress(f"{spec.lab} runs but does not answer, restarting it; the work is kept")
    return False
