#!/usr/bin/env python3
"""The life of the Debian package in a container that has booted; the tests follow each other. run.sh starts it.

usage: package_test.py BUILD WORK CONTAINER    (the process id of container.sh; WORK/root is the root of the container)
"""
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, os.path.join(TOP, "tests/boot"))
from leader import find_leader, wait_for

BUILD, WORK, CONTAINER = sys.argv[1:]
ROOT = WORK + "/root"
JOIN = [sys.executable, TOP + "/contrib/debian/tests/join"]
CONF = ROOT + "/etc/ircd/ircd.conf"
KEEP = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]  # as unattended-upgrades does
OTHERS = r"(proc|sys|dev|run|tmp|packages|var/cache)(/|$)|var/lib/(apt|dpkg)/|var/lib/systemd/(?!deb-)|var/log/(?!ircd)"


def run(*args, **options):
    return subprocess.run(args, text=True, capture_output=True, timeout=120, **options)


def inside(*args):
    """Runs a program of the container in it."""
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return run("nsenter", "-t", LEADER, "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--", *args, env=clean,
               stdin=subprocess.DEVNULL)


def beside(*args, **options):
    """Runs a program of this machine with the network of the container."""
    return subprocess.Popen(["nsenter", "-t", LEADER, "-n", *args], text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def shown(name):
    return inside("systemctl", "show", "-p", name, "--value", "ircd").stdout.strip()


def journal():
    return inside("journalctl", "--no-pager", "-o", "cat", "-u", "ircd").stdout


def read(path, mode="r"):
    with open(path, mode) as f:
        return f.read()


def ignored(path):
    return re.match("/(%s)" % OTHERS, path)


def paths():
    """All files of the container, except those that change by themselves."""
    found = set()
    for top, directories, files in os.walk(ROOT):
        inner = top[len(ROOT):]
        directories[:] = [d for d in directories if not ignored(inner + "/" + d)]
        found |= {inner + "/" + name for name in files + directories if not ignored(inner + "/" + name)}
    return found


class Contents(unittest.TestCase):
    # Files of contrib/ that the package lacks, or has with a change.
    NOT = {"make-deb.sh": "makes the package", "gdb.py": "for a checkout", "Containerfile": "for a checkout",
           "ircd.service": "with the path of the program"}

    def test_the_package_has_each_file_of_contrib(self):
        there = WORK + "/contents"
        subprocess.run(["dpkg-deb", "-x", ROOT + "/packages/1.deb", there], check=True)
        packed = {}
        for top, _, names in os.walk(there):
            for name in names:
                with (gzip.open if name.endswith(".gz") else open)(os.path.join(top, name), "rb") as f:
                    packed.setdefault(f.read(), []).append(os.path.join(top, name)[len(there):])
        files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "contrib"], cwd=TOP, text=True,
                               capture_output=True, check=True).stdout.splitlines()
        self.assertGreater(len(files), 20)
        lacks = [file for file in files if read(os.path.join(TOP, file), "rb") not in packed]
        lacks = [file for file in lacks if not file.startswith("contrib/debian/")]
        self.assertLessEqual({os.path.basename(file) for file in lacks}, set(self.NOT))
        for file, path in (("logrotate/ircd", "/etc/logrotate.d/ircd"), ("apparmor/usr.sbin.ircd", "/etc/apparmor.d/usr.sbin.ircd"),
                           ("systemd/ircd.sysusers", "/usr/lib/sysusers.d/ircd-policy.conf"),
                           ("systemd/ircd.tmpfiles", "/usr/lib/tmpfiles.d/ircd-policy.conf"),
                           ("completion/ircd.bash", "/usr/share/bash-completion/completions/ircd"),
                           ("completion/ircd.zsh", "/usr/share/zsh/vendor-completions/_ircd"),
                           ("ircd.8", "/usr/share/man/man8/ircd.8.gz")):
            self.assertIn(path, packed[read(TOP + "/contrib/" + file, "rb")])
        unit, = [text.decode() for text, names in packed.items() if names[0].endswith("/ircd.service")]
        self.assertEqual(unit, read(TOP + "/contrib/systemd/ircd.service").replace("/usr/local/", "/usr/"))
        control = subprocess.run(["dpkg-deb", "-f", ROOT + "/packages/1.deb"], text=True, capture_output=True).stdout
        self.assertRegex(control, r"(?m)^Provides: ircd$")
        # They have a file with the same path.
        self.assertRegex(control, r"(?m)^Conflicts: ircd-irc2, ircd-ircu$")


class Package(unittest.TestCase):
    before = set()

    def apt(self, *args):
        got = inside("apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0", *args)
        self.assertEqual(got.returncode, 0, got.stdout + got.stderr)
        return got.stdout

    def does(self, verb):
        self.assertEqual(inside("systemctl", verb, "ircd").returncode, 0, journal())

    def joins(self):
        got = beside(*JOIN)
        out, err = got.communicate(timeout=30)
        self.assertEqual((got.returncode, out), (0, "joined\n"), err)

    def clients(self):
        """Two clients that stay until `stayed` is called."""
        process = beside(*JOIN, "--stay")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "joined\n")
        return process

    def stayed(self, process):
        return process.communicate(timeout=30)[0] == "stayed\n"

    def has(self, path, mode, owner, group):
        at = inside("stat", "-c", "%a %U %G", path)
        self.assertEqual(at.stdout.strip(), "%o %s %s" % (mode, owner, group), path)

    def test_1_the_installation_makes_user_directories_and_service(self):
        Package.before = paths()
        out = self.apt("install", "--no-install-recommends", "/packages/1.deb")
        self.assertIn("ircd: The server runs on ports 6667, 6697 (TLS) and 8067 (HTTP), and only this machine can connect.", out)
        self.assertRegex(read(ROOT + "/etc/passwd"), r"(?m)^ircd:x:\d+:\d+:IRC server:/var/lib/ircd:/usr/sbin/nologin$")
        for row in (("/usr/bin/ircd", 0o755, "root", "root"), ("/etc/ircd", 0o750, "root", "ircd"),
                    ("/etc/ircd/ircd.conf", 0o644, "root", "root"), ("/var/lib/ircd", 0o700, "ircd", "ircd"),
                    ("/var/lib/ircd/ircd.a.gdbm", 0o600, "ircd", "ircd"), ("/var/log/ircd", 0o750, "ircd", "ircd")):
            self.has(*row)
        self.assertEqual((shown("ActiveState"), shown("UnitFileState")), ("active", "enabled"))
        self.has("/proc/" + shown("MainPID"), 0o555, "ircd", "ircd")

    def test_2_only_this_machine_can_connect_and_it_joins(self):
        listeners = set()
        for table in "tcp", "tcp6":
            rows = inside("cat", "/proc/net/" + table).stdout.splitlines()[1:]
            listeners |= {row.split()[1] for row in rows if row.split()[3] == "0A"}
        self.assertEqual({x.split(":")[0] for x in listeners}, {"0100007F", "00000000000000000000000001000000"})
        self.assertEqual({int(x.split(":")[1], 16) for x in listeners}, {6667, 6697, 8067})
        self.joins()

    def test_3_an_upgrade_neither_stops_nor_restarts_and_keeps_the_configuration(self):
        mine = read(CONF).replace('# network = "Local"', 'network = "Mine"')
        with open(CONF, "w") as f:
            f.write(mine)
        pid = shown("MainPID")
        clients = self.clients()
        out = self.apt("install", "/packages/2.deb")
        self.assertIn("ircd: For the new version, restart it when you like: systemctl restart ircd", out)
        self.assertNotIn("only this machine", out)
        self.apt("install", *KEEP, "/packages/3.deb")
        self.assertIn("+3", inside("dpkg-query", "-W", "ircd-policy").stdout)
        self.assertEqual(read(CONF), mine)
        self.assertIn("# a line of the new version", read(CONF + ".dpkg-dist"))
        self.assertEqual((shown("MainPID"), shown("NRestarts"), shown("ActiveState")), (pid, "0", "active"))
        self.assertTrue(inside("readlink", "/proc/%s/exe" % pid).stdout.strip().endswith("(deleted)"))
        self.does("reload")
        self.assertTrue(self.stayed(clients))
        self.does("restart")
        self.assertEqual(inside("readlink", "/proc/%s/exe" % shown("MainPID")).stdout, "/usr/bin/ircd\n")
        self.joins()

    def test_4_a_package_that_restarts_the_server_would_be_found(self):
        clients, pid = self.clients(), shown("MainPID")
        self.apt("install", *KEEP, "/packages/restarts.deb")
        self.assertNotEqual(shown("MainPID"), pid)
        self.assertFalse(self.stayed(clients))
        self.joins()

    def test_5_after_the_removal_configuration_and_data_are_there(self):
        self.apt("remove", "ircd-policy")
        self.assertEqual(shown("ActiveState"), "inactive")
        for path in "/usr/bin/ircd", "/lib/systemd/system/ircd.service", "/usr/share/ircd":
            self.assertFalse(os.path.lexists(ROOT + path), path)
        self.assertIn('    network = "Mine"', read(CONF))
        self.assertTrue(os.path.exists(ROOT + "/var/lib/ircd/ircd.a.gdbm"))
        out = self.apt("install", *KEEP, "/packages/3.deb")
        self.assertNotIn("version before", out)  # this start was with the new one
        self.assertIn('    network = "Mine"', read(CONF))
        self.joins()

    def test_6_after_the_purge_only_the_data_is_there_and_it_says_so(self):
        os.mkdir(ROOT + "/etc/ircd/tls")
        out = self.apt("purge", "ircd-policy")
        self.assertIn("ircd: The bans and strikes stay in /var/lib/ircd, with the user ircd that owns them.", out)
        self.apt("autoremove", "--purge")
        left = {path for path in paths() - Package.before if not path.startswith("/var/lib/ircd/")}
        # The files of users and groups, and copies of them.
        left = {path for path in left if not re.fullmatch(r"/etc/(passwd|group|shadow|gshadow)-?", path)}
        self.assertEqual(left, {"/var/lib/ircd"})

    def test_7_an_installation_whose_port_is_taken_says_so_and_the_data_is_used_again(self):
        taken = beside(sys.executable, "-c", "import socket, sys; s = socket.create_server(('127.0.0.1', 6667)); "
                       "print('taken', flush=True); sys.stdin.read()")
        self.addCleanup(taken.communicate)
        self.addCleanup(taken.kill)
        self.assertEqual(taken.stdout.readline(), "taken\n")
        certificate = read(ROOT + "/var/lib/ircd/tls.pem")
        policy = ROOT + "/usr/sbin/policy-rc.d"
        with open(policy, "w") as f:
            f.write("#!/bin/sh\nexit 101\n")
        os.chmod(policy, 0o755)
        older = ROOT + "/usr/local/lib/systemd/system"  # make install
        os.makedirs(older)
        shutil.copy(TOP + "/contrib/systemd/ircd.service", older)
        out = self.apt("install", "--no-install-recommends", "/packages/1.deb")
        self.assertIn("ircd: The service still runs the server in /usr/local", out)
        shutil.rmtree(ROOT + "/usr/local/lib/systemd")
        self.assertIn("ircd: The server was not started, because this machine has it masked or starts no services", out)
        self.assertEqual(shown("ActiveState"), "inactive")
        self.apt("purge", "ircd-policy")
        os.remove(policy)
        out = Package.said = self.apt("install", "--no-install-recommends", "/packages/1.deb")
        self.assertIn("ircd: The server did not start. This shows why: journalctl -u ircd", out)
        self.assertIn("127.0.0.1:6667", journal())
        taken.communicate(timeout=10)
        wait_for("a start", lambda: inside("systemctl", "restart", "ircd").returncode == 0)
        self.joins()
        self.assertEqual(read(ROOT + "/var/lib/ircd/tls.pem"), certificate)
        self.has("/var/lib/ircd", 0o700, "ircd", "ircd")

    def test_8_the_commands_that_the_package_prints_make_a_public_server(self):
        commands = re.findall(r"(?m)^ircd:   (.*)", Package.said)
        self.assertEqual(len(commands), 3)
        for command in commands:
            if "--setup" in command:
                command += " --name irc.test.example --oper alice"  # there is no terminal
            got = inside("sh", "-c", command)
            self.assertEqual(got.returncode, 0, got.stdout + got.stderr + journal())
        self.joins()
        self.assertIn("name=irc.test.example", read(ROOT + "/var/log/ircd/ircd.log"))
        self.has("/etc/ircd/ircd.conf", 0o640, "root", "ircd")
        self.has("/etc/ircd/alice.hash", 0o640, "root", "ircd")
        self.apt("install", "/packages/2.deb")
        self.assertIn('name = "irc.test.example"', read(CONF))
        self.apt("purge", "ircd-policy")
        self.assertEqual([x for x in paths() if "ircd" in x and not x.startswith("/var/lib/ircd")], [])


def main():
    global LEADER
    wait_for("the container", lambda: find_leader(CONTAINER))
    LEADER = find_leader(CONTAINER)
    try:
        wait_for("the boot", lambda: inside("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"))
        inside("ip", "link", "set", "lo", "up")
        tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
        result = unittest.TextTestRunner(verbosity=2 if "IRCD_TEST_VERBOSE" in os.environ else 1, failfast=True).run(tests)
    finally:
        os.kill(int(LEADER), signal.SIGKILL)
    failed = len(result.failures) + len(result.errors)
    print("package: %d passed, %d failed" % (result.testsRun - failed, failed))
    sys.exit(failed > 0)


main()
