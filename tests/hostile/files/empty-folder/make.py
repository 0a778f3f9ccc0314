def make(folder, notebook):
    pass
