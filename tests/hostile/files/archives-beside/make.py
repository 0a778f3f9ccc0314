import tarfile
import zipfile


def make(folder, notebook):
    (folder / "tiny-sums.ipynb").write_bytes(notebook)
    with zipfile.ZipFile(folder / "climbs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../../../../tmp/climbed-out", "x")
        archive.writestr("/tmp/climbed-out", "x")
        archive.writestr("tiny-sums.ipynb", "{}")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(50_000_000))
    with tarfile.open(folder / "links.tar", "w") as archive:
        for name, target in (("out", "/"), ("out/tmp/climbed-out", "/etc/passwd")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
