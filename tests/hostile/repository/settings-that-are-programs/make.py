def make(folder, _notebook):
    project = folder / "project"
    with (project / ".git" / "config").open("a") as config:
        config.write(
            "[core]\n\tfsmonitor = rm -rf ../clone\n\tsshCommand = false\n\tpager = kill -9 -1\n\teditor = false\n"
            "[alias]\n\tls-tree = !false\n[uploadpack]\n\tpackObjectsHook = false\n[diff]\n\texternal = false\n"
            "[filter \"x\"]\n\tsmudge = kill -9 -1\n\tclean = kill -9 -1\n"
        )
