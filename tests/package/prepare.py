#!/usr/bin/env python3
"""Makes the packages of package_test.py from the one that was built.

usage: prepare.py BUILT NEW-DIRECTORY

1.deb         as it was built
2.deb         a later version with another program
3.deb         one whose configuration has changed as well
restarts.deb  one that restarts the server, as packages usually do
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile


def edit(path, change):
    with open(path) as f:
        text = f.read()
    new = change(text)
    assert new != text, path
    with open(path, "w") as f:
        f.write(new)


def append(path, what):
    with open(path, "ab") as f:
        f.write(what)


def main():
    built, out = sys.argv[1:]
    first, = [x for x in glob.glob(built + "/ircd-policy_*.deb")]
    os.mkdir(out)
    shutil.copy(first, out + "/1.deb")
    with tempfile.TemporaryDirectory(prefix="ircd-test-") as tree:
        subprocess.run(["dpkg-deb", "-R", first, tree + "/x"], check=True)
        tree += "/x"

        def pack(name, number):
            edit(tree + "/DEBIAN/control", lambda s: re.sub(r"(?m)^(Version: [^+\n]*).*", r"\1+%d" % number, s))
            subprocess.run(["dpkg-deb", "--root-owner-group", "-z1", "-b", tree, "%s/%s.deb" % (out, name)], check=True,
                           stdout=subprocess.DEVNULL)

        append(tree + "/usr/bin/ircd", b"\n")
        pack("2", 2)
        append(tree + "/etc/ircd/ircd.conf", b"# a line of the new version\n")
        pack("3", 3)
        edit(tree + "/DEBIAN/postinst", lambda s: s.replace("deb-systemd-invoke start ", "deb-systemd-invoke restart "))
        pack("restarts", 4)


main()
