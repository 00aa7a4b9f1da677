"""A container in which systemd runs, the commands that are typed in it, and their transcript."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, os.path.join(TOP, "tests/boot"))
from leader import find_leader, wait_for

PATHS = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
         "DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "TERM": "dumb"}


class Machine:
    """pid: of container.sh; root: the root directory of the container; transcript: a file."""

    def __init__(self, pid, root, transcript):
        self.root = root
        self.leader = wait_for("the container", lambda: find_leader(pid))
        self.transcript = open(transcript, "w")
        self.enter = ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"]
        wait_for("the boot", lambda: self.quietly("systemctl is-system-running") in ("running\n", "degraded\n"))

    def enter_network(self, names):
        """Starts this program again in the network of the container, where these names lead to this machine."""
        if os.environ.get("IRCD_TEST_INSIDE") == self.leader:
            return
        hosts = os.path.dirname(self.root) + "/hosts"
        with open(hosts, "w") as f:
            f.write("127.0.0.1 localhost %s\n" % names)
        os.environ["IRCD_TEST_INSIDE"] = self.leader
        os.execvp("nsenter", ["nsenter", "-t", self.leader, "-n", "unshare", "--mount", "sh", "-c",
                              'mount --bind "$0" /etc/hosts && exec "$@"', hosts, sys.executable] + sys.argv)

    def quietly(self, command):
        """The output of a command that is no part of the story."""
        return subprocess.run(self.enter + ["sh", "-c", command], text=True, env=PATHS, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60).stdout

    def tell(self, text):
        """A sentence of the transcript that is no command."""
        self.transcript.write("\n== %s\n" % text)
        self.transcript.flush()

    def note(self, typed, answer):
        answer = re.sub(r"(?m)^\(Reading database \.\.\. (\d+%)?\n", "", answer)
        self.transcript.write("\n# %s\n%s" % (typed, answer))
        self.transcript.flush()

    def type(self, command, *expected, code=0):
        """Types a line into a shell of root, and returns the answer, which has a match for each pattern."""
        done = subprocess.run(self.enter + ["sh", "-c", "cd && " + command], text=True, env=PATHS, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90)
        self.note(command, done.stdout)
        assert done.returncode == code, "%s\nexit code %d\n%s" % (command, done.returncode, done.stdout)
        for pattern in expected:
            assert re.search(pattern, done.stdout), "%s\nno %s in:\n%s" % (command, pattern, done.stdout)
        return done.stdout

    def answer(self, command, *answers):
        """Types a command that asks, and an answer to each question. Returns all that the terminal shows."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("nsenter", self.enter + ["sh", "-c", "cd && exec " + command], PATHS)
        shown, left, end = "", list(answers), time.monotonic() + 30
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 0.2)[0]:
                if left and shown.endswith(": "):
                    os.write(terminal, left.pop(0).encode() + b"\n")
                continue
            try:
                more = os.read(terminal, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more.decode().replace("\r", "")
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        self.note(command, shown)
        assert status == 0 and not left, "exit code %d, answers left: %s\n%s" % (status, left, shown)
        return shown

    def read(self, path):
        with open(self.root + path) as f:
            return f.read()

    def write(self, path, text):
        """A file of the newcomer's, as an editor writes it."""
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w") as f:
            f.write(text)
        self.note("cat %s" % path, text)

    def close(self):
        self.transcript.close()
        try:
            os.kill(int(self.leader), signal.SIGKILL)
        except ProcessLookupError:
            pass
