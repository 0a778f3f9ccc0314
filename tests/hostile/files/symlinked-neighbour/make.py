def make(folder, notebook):
    folder.rmdir()
    folder.symlink_to("honest-own-cells")
