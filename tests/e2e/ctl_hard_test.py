"""`ircd ctl` and its socket when something is wrong.

usage: ctl_hard_test.py BINARY [test…]
"""
import json
import os
import signal
import subprocess
import time
import unittest

import attack_restart_test
import irc
from ctl_test import Case


class Reasons(Case):
    """One sentence and an exit code each."""

    def config_with(self, data):
        path = self.server.path("other.conf")
        with open(path, "w") as f:
            f.write('database { path = "%s" }\n' % data)
        return path

    def refused(self, data, why):
        got = irc.run("-c", self.config_with(data), "ctl", "status")
        self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (2, "", 1), got.stderr)
        self.assertRegex(got.stderr, why)
        got = irc.run("-c", self.config_with(data), "--health")
        self.assertEqual((got.returncode, got.stderr, got.stdout.count("\n")), (1, "", 1))

    def test_no_directory_no_socket_a_file_and_a_long_path(self):
        self.refused("/nowhere/at/all", "No such file or directory; no server runs with this data directory")
        self.refused(self.server.dir, "No such file or directory; no server runs with this data directory")
        with open(self.server.path("control"), "w"):
            pass
        self.refused(self.server.dir, "Connection refused; the server that made it does not run any more")
        self.refused("/tmp/" + "x" * 100, "the path of the data directory is too long for a socket")

    def test_another_user_is_told_that_it_may_not(self):
        if os.getuid() != 0:
            return  # only root becomes another user
        os.chmod(self.server.dir, 0o755)
        os.chmod(self.server.config, 0o644)
        got = subprocess.run([irc.public_binary(), "-c", self.server.config, "ctl", "status"], user=65534, group=65534,
                             extra_groups=[], cwd="/", capture_output=True, text=True)
        self.assertEqual(got.returncode, 2, got.stderr)
        self.assertRegex(got.stderr, r"^ircd: cannot connect to \S+: Permission denied; only the user of the server and root may use it\n$")

    def test_a_server_whose_socket_cannot_be_made_serves_and_says_so(self):
        data = os.path.join(self.server.dir, "d" * 120)
        with irc.Server(config=irc.BASE.replace("{data}", data), extra=irc.EXEMPT) as server:
            self.assertIn("is too long for a socket", server.log())
            server.connect("ann").close()
            self.assertEqual(server.stop(), 0)


class Load(Case):
    def test_many_at_once_with_rehashes_between_them(self):
        words = [["status"], ["rehash"], ["bans", "list"], ["wallops", "hello", "there"]] * 6
        running = [subprocess.Popen([irc.BINARY, "-c", self.server.config, "ctl"] + each, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for each in words]
        codes = [(each.communicate(timeout=60), each.returncode) for each in running]
        for (out, err), code in codes:
            # A REHASH while another one is at work is refused in words.
            self.assertTrue(code == 0 or "REHASH" in err, (out, err, code))
        self.ctl("status")

    def test_a_client_that_does_not_read_ends_and_harms_no_other(self):
        lazy = self.raw()
        lazy.settimeout(1)
        try:
            for _ in range(3000):
                lazy.sendall(b"HELP\r\nBANS EXPORT\r\nSTATS m\r\n" * 10)
        except OSError:
            pass  # its queue is full
        self.ctl("status")
        with self.server.connect("ann") as ann:
            ann.send("PING here")
            ann.expect("PONG .*here")

    def test_ten_megabytes_without_and_with_line_ends(self):
        for piece in (b"x" * 65536, b"PRIVMSG nobody :" + b"x" * 400 + b"\r\n"):
            sock = self.raw()
            sock.settimeout(1)
            try:
                for _ in range(10 * 2 ** 20 // len(piece)):
                    sock.sendall(piece)
            except OSError:
                pass
            sock.close()
            self.ctl("status")

    def test_one_that_is_killed_half_way_leaves_nothing_behind(self):
        self.server.process.send_signal(signal.SIGSTOP)
        ctl = subprocess.Popen([irc.BINARY, "-c", self.server.config, "ctl", "bans", "import", "-"], stdin=subprocess.PIPE)
        ctl.stdin.write(b"*@192.0.2.1\n" * 1000)
        time.sleep(0.2)
        ctl.kill()
        ctl.wait()
        ctl.stdin.close()
        self.server.process.send_signal(signal.SIGCONT)
        irc.wait_until(lambda: "clients       0 of" in self.ctl("status").stdout)
        self.assertIn("# end of bans: 0\n", self.ctl("bans", "export").stdout)

    def test_each_answer_is_json_if_asked_for(self):
        self.ctl("KLINE", "1d", "*@192.0.2.9", "r" * 200 + "|" + "s" * 150)
        for code, *words in ((0, "status"), (0, "rehash"), (0, "bans", "list"), (0, "bans", "export"), (0, "HELP"), (1, "KLINE"),
                             (1, "NOSUCH"), (1, "KLINE", "*@*", "x"), (0, "WALLOPS", "a\"b\\"), (0, "STATS", "m")):
            for line in self.ctl("--json", *words, code=code).stdout.splitlines():
                self.assertIsInstance(json.loads(line), dict, words)
        got = json.loads(self.ctl("--json", "bans", "import", "-", code=1, input="junk\n").stdout.splitlines()[0])
        self.assertTrue(got["refused"])


class Again(Case):
    extra = irc.EXEMPT + "process { sandbox = false }\n"

    def test_a_restart_leaves_one_socket_that_answers(self):
        self.assertIn("sandbox       off", self.ctl("status").stdout)
        self.ctl("RESTART", "irc.test.example", "new", "program")
        irc.wait_until(lambda: self.server.log().count("event=start ") == 2)
        self.ctl("status")
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(os.path.join(self.server.data, "control")))


class End(unittest.TestCase):
    """SIGTERM while a command waits for the disk."""

    def end_while_saving(self, fsync):
        server = attack_restart_test.SlowDisk(fsync, 0, extra=irc.EXEMPT)
        self.addCleanup(server.close)
        command = [irc.public_binary(), "-c", server.config, "ctl", "KLINE", "1h", "*@192.0.2.1", "spam"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ctl:
            irc.wait_until(lambda: "event=kline " in server.log())
            server.send_signal(signal.SIGTERM)
            out, err = ctl.communicate()
        return ctl.returncode, out, err

    def test_what_is_saved_in_time_is_called_saved(self):
        code, out, err = self.end_while_saving(400)
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"192\.0\.2\.1.*, saved\n$")

    def test_of_what_is_saved_later_nothing_is_said(self):
        code, out, err = self.end_while_saving(800)
        self.assertEqual((code, out), (2, ""))
        self.assertRegex(err, r"^ircd: the server says: .*\nircd: no answer has come; the command may still have an effect, saved or not\n$")


if __name__ == "__main__":
    irc.main()
