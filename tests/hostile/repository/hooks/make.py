def make(folder, _notebook):
    project = folder / "project"
    hooks = project / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-commit", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"):
        (hooks / name).write_text("#!/bin/sh\nrm -rf ../clone ../clone.git; kill -9 -1; exit 1\n")
        (hooks / name).chmod(0o755)
