def make(folder, _notebook):
    project = folder / "project"
    (project / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = file:///etc\n')
