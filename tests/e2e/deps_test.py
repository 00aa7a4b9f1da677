"""Packages are installed before anything else, only missing ones, and with an error if that is not possible. No
package manager is touched: apt and dpkg are scripts of this test.

usage: deps_test.py BINARY [test…]
"""
import os
import shutil
import subprocess
import tempfile
import unittest

import irc

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


class Deps(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)
        for tool in "sh", "grep":
            os.symlink(shutil.which(tool), os.path.join(self.dir, tool))
        self.tool("id", "echo 0")

    def tool(self, name, text):
        """A new file, never what a link of that name leads to."""
        path = os.path.join(self.dir, name)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "x") as f:
            f.write("#!/bin/sh\n" + text + "\n")
        os.chmod(path, 0o755)

    def deps(self, *packages):
        return subprocess.run([os.path.join(TOP, "tests/deps.sh"), *packages], text=True, capture_output=True,
                              env={"PATH": self.dir}, stdin=subprocess.DEVNULL, timeout=irc.WAIT)

    def has(self, *installed):
        """A Debian system where these are installed."""
        self.tool("dpkg-query", 'for p; do :; done\ncase " %s " in *" $p "*) echo install ok installed ;; *) exit 1 ;; esac'
                  % " ".join(installed))
        self.tool("apt-get", 'echo "apt-get $*" >>"%s/said"' % self.dir)

    def said(self):
        try:
            with open(os.path.join(self.dir, "said")) as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def test_only_what_is_missing_is_installed(self):
        self.has("gcc", "make")
        self.assertEqual(self.deps("gcc", "make").returncode, 0)
        self.assertEqual(self.said(), [])
        got = self.deps("gcc", "libev-dev", "make", "uthash-dev")
        self.assertEqual((got.returncode, got.stdout), (0, "installing: libev-dev uthash-dev\n"))
        self.assertEqual(self.said(), ["apt-get update -qq",
                                       "apt-get install -y -qq --no-install-recommends libev-dev uthash-dev"])

    def test_an_ordinary_user_goes_by_sudo_or_is_told(self):
        self.has("gcc")
        self.tool("id", "echo 1000")
        got = self.deps("gcc", "libev-dev")
        self.assertEqual(got.returncode, 1)
        self.assertIn("  apt-get install --no-install-recommends libev-dev\n", got.stderr)
        self.tool("sudo", 'echo "sudo $*" >>"%s/said"' % self.dir)
        self.assertEqual(self.deps("gcc", "libev-dev").returncode, 0)
        self.assertEqual(self.said()[-1], "sudo apt-get install -y -qq --no-install-recommends libev-dev")

    def test_without_apt_it_says_what_is_needed_and_goes_on(self):
        got = self.deps("gcc", "libev-dev")
        self.assertEqual((got.returncode, got.stdout), (0, ""))
        self.assertRegex(got.stderr, r"\AThere is no apt here.*:\n  gcc\n  libev-dev\n\Z")


class First(unittest.TestCase):
    """In a copy of the tree without anything built, where tests/deps.sh takes its time."""

    def order(self, *goals):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as tree:
            shutil.copy(os.path.join(TOP, "GNUmakefile"), tree)
            for name in "src", "include", "tests":
                shutil.copytree(os.path.join(TOP, name), os.path.join(tree, name))
            for name, what in ("deps.sh", "sleep 0.3; echo installed $# packages"), ("cc", "echo compiled; exit 1"):
                path = os.path.join(tree, "tests", name)
                with open(path, "w") as f:
                    f.write("#!/bin/sh\n%s\n" % what)
                os.chmod(path, 0o755)
            env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k not in ("CC", "MFLAGS")}
            done = subprocess.run(["make", "-s", "-j4", "CC=tests/cc", *goals], cwd=tree, env=env, text=True,
                                  capture_output=True, timeout=irc.WAIT)
            return [x for x in done.stdout.splitlines() if x.startswith(("installed", "compiled"))]

    def test_packages_come_before_the_compiler(self):
        for goals in ("deps", "run"), ("deps", "all"), ("deps-check", "check"), ("deps-check", "clients"), \
                ("deps-check", "bench"), ("deps-packaging", "all"):
            said = self.order(*goals)
            self.assertRegex(said[0], r"\Ainstalled \d+ packages", goals)
            self.assertEqual(set(said[1:]), {"compiled"}, goals)

    def test_running_needs_no_more_packages_than_building(self):
        run, = [int(x.split()[1]) for x in self.order("deps")]
        check, = [int(x.split()[1]) for x in self.order("deps-check")]
        self.assertLess(run, 15)
        self.assertGreater(check, run + 10)


if __name__ == "__main__":
    irc.main()
