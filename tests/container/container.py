#!/usr/bin/env python3
"""The image of contrib/Containerfile as a container; run.sh has built it and starts this in a network of its own.

usage: container.py BINARY [test…], with the root directory of the image in IRCD_TEST_ROOT and what buildah says of it in
IRCD_TEST_IMAGE.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import irc

ROOT = os.environ["IRCD_TEST_ROOT"]
with open(os.environ["IRCD_TEST_IMAGE"]) as f:
    IMAGE = json.load(f)["Docker"]["config"]
UID = 6667
TEXT = """server { name = "irc.test.example" }
listen "0.0.0.0:6667" { }
listen "[::]:6667" { }
listen "0.0.0.0:6697" { tls = true }
database { path = "/var/lib/ircd" }
exempt "127.0.0.0/8" { from = { "connections", "throttle" } }
"""
LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"


class Container:
    """The image as a container whose first process is that of ENTRYPOINT; directories of this machine are its
    /etc/ircd and its volume. Nothing else can be written."""

    def __init__(self, configuration, data, *words, calls=LANDLOCK, writable=False):
        self.log_file = tempfile.TemporaryFile("w+")
        self.output_file = tempfile.TemporaryFile("w+")
        how = "--bind=" if writable else "--bind-ro="
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", ROOT, "--read-only", "--user=" + IMAGE["User"], "--chdir=" + IMAGE["WorkingDir"],
             how + configuration + ":/etc/ircd", "--bind=" + data + ":/var/lib/ircd", "--register=no", "--keep-unit",
             "--system-call-filter=" + calls, "--drop-capability=all", "--no-new-privileges=yes",
             "--console=pipe", "--setenv=NOTIFY_SOCKET="] + IMAGE["Entrypoint"] + (list(words) or IMAGE["Cmd"]),
            stdin=subprocess.DEVNULL, stdout=self.output_file, stderr=self.log_file)

    @staticmethod
    def _read(f):
        f.seek(0)
        return f.read()

    def log(self):
        return self._read(self.log_file)

    def output(self):
        return self._read(self.output_file)

    def first(self):
        """The first process of the container, by its number on this machine; None while there is none."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/status" % pid) as f:
                    status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if status["PPid"] == str(self.nspawn.pid) and status["Name"] == "ircd":
                return int(pid)
        return None

    def wait_started(self):
        def check():
            return "event=start " in self.log() or self.nspawn.poll() is not None
        irc.wait_until(check, what=lambda: "the start; the log:\n" + self.log())
        if self.nspawn.poll() is not None:
            raise AssertionError("the container has ended:\n" + self.log())
        self.pid = self.first()
        return self

    def run(self, *command, user=UID):
        """A command in the container, as `podman exec` runs it."""
        return subprocess.run(["nsenter", "-t", str(self.pid), "-m", "-p", "-i", "-u", "-r", "-w", "-S", str(user), "-G", str(user)] +
                              list(command), capture_output=True, text=True, timeout=30)

    def health(self):
        """As `podman healthcheck run` does."""
        return self.run(*IMAGE["Healthcheck"]["Test"][1:])

    def stop(self):
        """As `podman stop` does: STOPSIGNAL to the first process. Returns the exit code."""
        os.kill(self.pid, getattr(signal, IMAGE["StopSignal"]))
        return self.nspawn.wait(10)

    def close(self):
        pid = self.first()
        if self.nspawn.poll() is None:
            if pid:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGKILL)
            else:
                self.nspawn.kill()
            self.nspawn.wait(10)
        self.log_file.close()
        self.output_file.close()


class Image(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.mkdtemp(prefix="ircd-container-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.place)
        os.chmod(self.place, 0o755)
        self.configuration, self.data = (os.path.join(self.place, each) for each in ("conf", "data"))
        for path in self.configuration, self.data:
            os.mkdir(path)
            os.chown(path, UID, UID)
        self.write(TEXT)

    def write(self, text):
        with open(self.configuration + "/ircd.conf", "w") as f:
            f.write(text)

    def container(self, *words, **options):
        made = Container(self.configuration, self.data, *words, **options)
        self.addCleanup(made.close)
        return made

    def start(self, *words, **options):
        return self.container(*words, **options).wait_started()

    def fails_for_good(self, why):
        made = self.container()
        self.assertEqual(made.nspawn.wait(20), 1, made.log())
        self.assertRegex(made.log().splitlines()[-1], r"\A%s\Z" % why)

    def client(self, nick="ann", port=6667):
        made = irc.Client(port, tls=port == 6697)
        self.addCleanup(made.close)
        return made.register(nick)

    def test_the_image_has_the_server_and_nothing_that_builds_it(self):
        self.assertEqual(IMAGE["Entrypoint"], ["/usr/local/bin/ircd"])
        self.assertEqual((IMAGE["User"], IMAGE["StopSignal"]), ("ircd", "SIGTERM"))
        self.assertEqual((set(IMAGE["Volumes"]), set(IMAGE["ExposedPorts"])), ({"/var/lib/ircd"}, {"6667/tcp", "6697/tcp"}))
        for name in "usr/bin/gcc", "usr/bin/make", "src", "installed":
            self.assertFalse(os.path.exists(os.path.join(ROOT, name)), name)
        self.assertEqual(os.listdir(ROOT + "/var/lib/apt/lists"), [])
        self.assertEqual(os.listdir(ROOT + "/etc/ircd"), [])
        there = os.stat(ROOT + "/var/lib/ircd")
        self.assertEqual((there.st_uid, there.st_gid, there.st_mode & 0o777), (UID, UID, 0o700))

    def test_a_container_serves_with_and_without_tls_and_logs_to_standard_error(self):
        made = self.start()
        self.client("ann")
        self.client("bob", port=6697)
        made.stop()
        self.assertIn("event=end", made.log())
        self.assertEqual(made.output(), "")

    def test_the_server_is_the_first_process_without_root_and_inside_of_its_sandbox(self):
        made = self.start()
        self.assertEqual(os.readlink("/proc/%d/exe" % made.pid), "/usr/local/bin/ircd")
        with open("/proc/%d/status" % made.pid) as f:
            status = f.read()
        for line in r"NSpid:\t\d+\t1\n", r"Uid:\t6667\t6667\t6667\t6667\n", r"CapEff:\t0+\n", r"NoNewPrivs:\t1\n", r"Seccomp:\t2\n":
            self.assertRegex(status, line)
        self.assertRegex(made.log(), r'event=start .*sandbox="landlock \d+, seccomp, no capabilities, uid 6667"')

    def test_a_part_of_the_sandbox_that_the_container_refuses_is_named(self):
        made = self.start(calls="~" + LANDLOCK)
        self.assertIn('sandbox="no landlock, seccomp, no capabilities, uid 6667"', made.log())
        self.client()

    def test_the_first_process_leaves_no_zombie(self):
        made = self.start()
        pid = made.run("sh", "-c", "sleep 3 >/dev/null 2>&1 & echo $!").stdout.strip()

        def status():
            return made.run("sh", "-c", "cat /proc/%s/status 2>/dev/null || echo none" % pid).stdout

        self.assertRegex(status(), r"(?s)Name:\tsleep\n.*PPid:\t1\n")
        irc.wait_until(lambda: status() == "none\n", what=status)

    def test_a_stop_tells_the_clients_and_a_new_container_has_the_bans_of_the_volume(self):
        self.write(TEXT + irc.oper_block())
        made = self.start()
        oper = self.client().oper()
        oper.send("KLINE 1d *@127.0.0.9 :spam")
        oper.expect("set until .* saved")
        self.assertEqual(made.stop(), 0)
        self.assertRegex(oper.wait_closed()[-1], "^ERROR :Closing Link: ")
        made = self.start()
        banned = irc.Client(6667, source="127.0.0.9")
        self.addCleanup(banned.close)
        banned.send("NICK eve", "USER eve 0 * :eve")
        self.assertIn("spam", " ".join(banned.wait_closed()))
        self.assertLessEqual({"ircd.a.gdbm", "ircd.b.gdbm"}, set(os.listdir(self.data)))

    def test_hup_reads_the_configuration_again(self):
        made = self.start()
        self.write(TEXT + 'listen "0.0.0.0:6668" { }\n')
        os.kill(made.pid, signal.SIGHUP)
        irc.wait_until(lambda: "event=rehash " in made.log(), what="the rehash")
        self.client(port=6668)

    def test_status_is_told_inside_of_the_container(self):
        made = self.start()
        done = made.run(*IMAGE["Entrypoint"], "-c", "/etc/ircd/ircd.conf", "ctl", "status")
        self.assertEqual(done.stderr, "")
        self.assertIn("0.0.0.0:6667", done.stdout)

    def test_the_health_check_tells_a_server_that_serves_from_one_that_hangs(self):
        made = self.start()
        done = made.health()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.count("\n"), 1)
        os.kill(made.pid, signal.SIGSTOP)
        done = made.health()
        self.assertEqual(done.returncode, 1, done)
        os.kill(made.pid, signal.SIGCONT)
        self.assertEqual(made.health().returncode, 0)

    def test_a_network_without_ipv6_is_enough(self):
        name = "/proc/sys/net/ipv6/conf/%s/disable_ipv6"

        def disable(value):
            for each in "all", "lo":
                with open(name % each, "w") as f:
                    f.write(value)

        self.addCleanup(disable, "0")
        disable("1")
        self.start()
        self.client()

    def test_setup_writes_a_configuration_that_starts(self):
        os.remove(self.configuration + "/ircd.conf")
        made = self.container("--setup", "/etc/ircd", "--name", "irc.test.example", "--oper", "alice", writable=True)
        self.assertEqual((made.nspawn.wait(20), made.log()), (0, ""))
        self.assertIn("Log: standard error.", made.output())
        self.start()
        password = re.search(r"/oper alice (\S+)\n", made.output()).group(1)
        self.client("bob", port=6697).oper("alice", password)

    def test_what_is_missing_is_one_sentence(self):
        os.remove(self.configuration + "/ircd.conf")
        self.fails_for_good(r"/etc/ircd/ircd\.conf: No such file or directory; `ircd --setup` makes one")

    def test_a_volume_of_another_user_is_one_sentence(self):
        os.chown(self.data, 0, 0)
        os.chmod(self.data, 0o700)
        self.fails_for_good("ircd: cannot lock the data directory /var/lib/ircd: Permission denied; the server runs as the user .*")


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    irc.main()
