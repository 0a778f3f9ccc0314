def make(folder, _notebook):
    path = folder / "project" / "Dockerfile"
    path.write_text(path.read_text().replace("USER 1000\n", 'RUN ls /var/run/docker.sock || mount -t tmpfs none /mnt || chroot /proc/1/root true || test $(ls /sys/class/net | wc -l) -gt 1\n' + "USER 1000\n"))
