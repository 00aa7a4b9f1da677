"""The scripts that run tests: run.sh runs programs side by side, test.sh the suites of a module.

usage: run_test.py BINARY [test…]
"""
import os
import signal
import subprocess
import tempfile
import time
import unittest

import irc

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ircd-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path


class Programs(Folder):
    """run.sh, with programs of a few lines in the place of tests."""
    FINE = "print('fine_test: 1 passed, 0 failed')\n"
    # It ignores SIGTERM, and so does the process that it starts.
    HANGING = ("import os, signal, subprocess, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
               "child = subprocess.Popen(['sleep', '100'])\n"
               "with open(__file__ + '.new', 'w') as f:\n    f.write('%d %d' % (os.getpid(), child.pid))\n"
               "os.rename(__file__ + '.new', __file__ + '.pids')\ntime.sleep(100)\n")

    def start(self, *programs, **environment):
        return subprocess.Popen([os.path.join(HERE, "run.sh"), irc.BINARY, *programs], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env={**os.environ, **environment}, start_new_session=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def finish(self, process):
        said = process.communicate(timeout=irc.WAIT)[0]
        return process.returncode, said

    def await_pids(self, program):
        until = time.monotonic() + irc.WAIT
        while not os.path.exists(program + ".pids"):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        with open(program + ".pids") as f:
            pids = [int(pid) for pid in f.read().split()]
        self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in pids if is_running(pid)])
        return pids

    def expect_ended(self, pids):
        until = time.monotonic() + irc.WAIT
        for pid in pids:
            while is_running(pid):
                self.assertLess(time.monotonic(), until, "%d runs" % pid)
                time.sleep(0.05)

    def test_all_that_a_failed_program_wrote_is_shown(self):
        fine = self.write("fine_test.py", self.FINE)
        bad = self.write("bad_test.py", "print('a cause')\nprint('bad_test: 0 passed, 1 failed')\nraise SystemExit(1)\n")
        self.assertEqual(self.finish(self.start(fine)), (0, "fine_test: 1 passed, 0 failed\n"))
        code, said = self.finish(self.start(bad, fine))
        self.assertEqual((code, sorted(said.splitlines())),
                         (1, ["a cause", "bad_test: 0 passed, 1 failed", "fine_test: 1 passed, 0 failed"]))

    def test_a_program_without_a_result_has_failed(self):
        for text in ("", "print('1 passed')\n", "raise SystemExit(3)\n"):
            mute = self.write("mute_test.py", text)
            code, said = self.finish(self.start(mute))
            self.assertEqual(code, 1, text)
            self.assertIn("mute_test: no result, exit code %d\n" % (3 if "3" in text else 0), said)

    def test_a_program_that_hangs_is_ended_with_all_that_it_started(self):
        hanging = self.write("hanging_test.py", self.HANGING)
        run = self.start(hanging, IRCD_TEST_LIMIT="1")
        pids = self.await_pids(hanging)
        code, said = self.finish(run)
        self.assertEqual(code, 1)
        self.assertIn("hanging_test: no result, exit code 1", said)
        self.expect_ended(pids)

    def test_an_interrupt_at_the_terminal_ends_all_that_was_started(self):
        hanging = self.write("hanging_test.py", self.HANGING)
        run = self.start(hanging)
        pids = self.await_pids(hanging)
        os.killpg(run.pid, signal.SIGINT)
        self.assertEqual(self.finish(run)[0], 130)
        self.assertEqual([pid for pid in pids if is_running(pid)], [])


def is_running(pid):
    """False also for a process that has ended and for which its parent has not waited."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Suites(Folder):
    """test.sh, with programs of a line in the place of those with the tests of C."""

    def run_suite(self, unit, shell, suite, part=""):
        for name, code in ("unit", unit), ("shell", shell):
            self.write("tests/%s-tests" % name, "#!/bin/sh\necho %s: $@\nexit %d\n" % (name, code), 0o755)
        done = subprocess.run([os.path.join(TOP, "tests/test.sh"), self.folder, suite, part], capture_output=True, text=True,
                              timeout=irc.WAIT, env={k: v for k, v in os.environ.items() if k != "IRCD_TEST_GDB"})
        return done.returncode, done.stdout, done.stderr

    def test_a_part_of_a_name_needs_a_test_in_one_suite_only(self):
        for unit, shell, code in (0, 0, 0), (0, 2, 0), (2, 0, 0), (2, 2, 2), (1, 2, 1), (2, 1, 1), (1, 0, 1):
            got, _, _ = self.run_suite(unit, shell, "trace", "three")
            self.assertEqual(got, code, (unit, shell))

    def test_a_suite_that_has_no_tests_fails(self):
        self.assertEqual(self.run_suite(2, 0, "wire")[0], 1)

    def test_an_unknown_suite_is_named_and_the_suites_are_listed(self):
        code, _, said = self.run_suite(0, 0, "no_such")
        self.assertEqual(code, 2)
        self.assertIn("there is no suite 'no_such'", said)
        self.assertRegex(said, r"\bknock\b")


if __name__ == "__main__":
    irc.main()
