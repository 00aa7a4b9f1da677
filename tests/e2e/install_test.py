"""`make install` installs the files that the documents name, and `make uninstall` removes them.

usage: install_test.py BINARY [test…]
"""
import glob
import os
import re
import subprocess
import tempfile
import unittest

import irc

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
DOCUMENTS = ["README.md", "contrib/ircd.8"] + [os.path.relpath(x, TOP) for x in glob.glob(TOP + "/contrib/*.md")]


class Install(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="ircd test ")
        self.addCleanup(place.cleanup)
        self.root = os.path.join(place.name, "root")
        os.mkdir(self.root)

    def make(self, goal):
        """With the binary under test, whatever is built."""
        folder = os.path.relpath(os.path.dirname(irc.BINARY), TOP)
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
        done = subprocess.run(["make", "-s", "-o", "all", "B=" + folder, goal, "DESTDIR=" + self.root], cwd=TOP, env=env,
                              text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def path(self, name):
        return os.path.join(self.root, "usr/local", name)

    def files(self):
        return [os.path.join(d, f) for d, _, names in os.walk(self.root) for f in names]

    def test_every_path_that_the_documents_name_is_installed(self):
        self.make("install")
        named = set()
        for document in DOCUMENTS:
            with open(os.path.join(TOP, document), encoding="utf-8") as f:
                text = f.read()
            paths = re.findall(r"(?<![\w.])/usr/local/([\w./-]*\w)", text)
            paths += re.findall(r"(?m)^\.(?:It )?Pa (share/\S+)", text)
            for path in paths:
                self.assertTrue(os.path.exists(self.path(path)), "%s names %s" % (document, path))
            named |= set(paths)
        self.assertTrue({"bin/ircd", "share/ircd/backup.sh", "share/ircd/conf/ircd.conf"} <= named, named)

    def test_every_manual_page_that_the_documents_name_is_installed(self):
        self.make("install")
        named = set()
        for document in DOCUMENTS:
            with open(os.path.join(TOP, document), encoding="utf-8") as f:
                text = f.read()
            named |= set(re.findall(r"`man (ircd[\w.-]*)`", text)) | set(re.findall(r"(?m)^\.Xr (ircd\S*) ", text))
        self.assertLessEqual({"ircd", "ircd.conf", "ircd-commands"}, named)
        for name in named:
            pages = glob.glob(self.path("share/man/man?/%s.?" % name))
            self.assertEqual(len(pages), 1, name)
            section = pages[0][-1]
            self.assertEqual(os.path.basename(os.path.dirname(pages[0])), "man" + section)

    def test_links_between_installed_documents_lead_somewhere(self):
        self.make("install")
        doc, links = self.path("share/doc/ircd"), 0
        for name in ["README.md"] + ["contrib/" + os.path.basename(x) for x in DOCUMENTS if x.startswith("contrib/") and x.endswith(".md")]:
            with open(os.path.join(doc, name), encoding="utf-8") as f:
                for link in re.findall(r"\]\(([^)#:]+)\)", f.read()):
                    links += 1
                    self.assertTrue(os.path.exists(os.path.join(doc, os.path.dirname(name), link)), (name, link))
        self.assertGreater(links, 10)

    def test_what_is_installed_works_and_goes_again(self):
        os.makedirs(self.path("bin"))
        with open(self.path("bin/other"), "w") as f:
            f.write("not ours\n")
        self.make("install")
        sample = subprocess.run([self.path("bin/ircd"), "-c", self.path("share/ircd/conf/ircd.conf"), "-t"],
                                capture_output=True, text=True, timeout=irc.WAIT)
        self.assertEqual(sample.returncode, 0, sample.stderr)
        for trace in "evening", "spam-wave", "reconnect-storm":
            replay = subprocess.run([self.path("bin/ircd"), "--simulate", self.path("share/ircd/traces/%s.jsonl" % trace)],
                                    capture_output=True, text=True, timeout=irc.WAIT)
            self.assertEqual(replay.returncode, 0, replay.stderr)
        with irc.Server() as server:
            env = dict(os.environ, IRCD=self.path("bin/ircd"))
            copy = subprocess.run([self.path("share/ircd/backup.sh"), server.data, server.path("copy")], env=env,
                                  capture_output=True, text=True, timeout=irc.WAIT)
            self.assertEqual(copy.returncode, 0, copy.stderr)
        self.make("uninstall")
        self.assertEqual(self.files(), [self.path("bin/other")])


if __name__ == "__main__":
    irc.main()
