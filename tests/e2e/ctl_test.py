"""`ircd ctl`: commands to a server that runs, from the shell.

usage: ctl_test.py BINARY [test…]
"""
import json
import os
import re
import signal
import stat
import time
import unittest

import irc
from store_test import LimitedFiles


class Case(unittest.TestCase):
    extra = irc.EXEMPT

    def setUp(self):
        self.server = irc.Server(extra=self.extra)
        self.addCleanup(self.server.close)

    def ctl(self, *words, code=0, **options):
        got = irc.run("-c", self.server.config, "ctl", *words, cwd=self.server.dir, timeout=60, **options)
        self.assertEqual(got.returncode, code, got.stderr + got.stdout)
        return got


class Socket(Case):
    def test_only_the_user_of_the_server_may_open_the_socket_and_it_goes_with_the_server(self):
        path = os.path.join(self.server.data, "control")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode))
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_socket_of_a_server_that_was_killed_is_replaced(self):
        self.server.restart()
        self.assertTrue(self.ctl("status").stdout.endswith("\n\nnothing is wrong\n"))

    def test_without_a_server_the_exit_code_is_2_with_one_sentence(self):
        self.server.kill()
        got = self.ctl("status", code=2)
        self.assertRegex(got.stderr, r"^ircd: cannot connect to .*/control: Connection refused; the server that made it .*\n$")
        os.remove(os.path.join(self.server.data, "control"))
        self.assertRegex(self.ctl("status", code=2).stderr, r"^ircd: .*no server runs with this data directory.*\n$")


class Commands(Case):
    def test_status_tells_what_a_newcomer_asks(self):
        with self.server.connect("ann"):
            got = self.ctl("status").stdout
        for line in (r"server +irc\.test\.example, ircd \S+", r"up +\d+\S*", r"listener +127\.0\.0\.1:%d \S+" % self.server.port,
                     r"clients +1 of \d+, 1 registered, 0 operators", r"data +saved", r"store +\d+ records, \d+ bytes, in %s" % re.escape(self.server.data), r"configuration +%s" % re.escape(self.server.config), r"control +%s/control" % re.escape(self.server.data), r"sandbox +\S.*", r"nothing is wrong"):
            self.assertRegex(got, r"(?m)^%s$" % line)

    def test_status_as_json_is_one_object(self):
        for words in ("--json", "status"), ("status", "--json"):
            got = json.loads(self.ctl(*words).stdout)
            self.assertEqual(got["wrong"], [])
            self.assertEqual(len(got["listener"]), 1)

    def test_a_wrong_configuration_is_refused_and_shown_by_status(self):
        good = open(self.server.config).read()
        self.assertIn("is in force", self.ctl("rehash").stdout)
        self.server.write_config(good + "nonsense = 1\n")
        faulty = "ircd: %s has faults now, which `ircd -t` with the same -c names\n" % self.server.config
        self.assertEqual(self.ctl("status").stderr, faulty)  # the server has not read it
        got = self.ctl("rehash", code=1)
        self.assertTrue(got.stderr.startswith(faulty + "REHASH refused, nothing changed"), got.stderr)
        self.assertRegex(self.ctl("status", code=3).stdout, r"(?m)^\nwhat is wrong:\n  - the configuration read last is not in force: .*nonsense.*; mend them, then `ircd ctl rehash`$")
        self.server.write_config(good)
        self.ctl("rehash")
        self.ctl("status")

    def test_commands_of_irc_have_exit_codes_and_one_line_in_the_log(self):
        self.assertIn("saved", self.ctl("kline", "1h", "*@192.0.2.7", "two words|for operators").stdout)
        self.assertEqual(self.server.log().count("event=kline "), 1)
        self.assertRegex(self.server.log(), r"event=kline by=owner ")
        self.assertEqual(re.findall(r"event=control nick=\S+ name=owner uid=(\S+)", self.server.log()), [str(os.getuid())])
        self.assertIn("refused", self.ctl("KLINE", "1h", "*@*", "all", code=1).stderr)
        self.assertIn("NOSUCH", self.ctl("NOSUCH", code=1).stderr)
        self.assertIn("KLINE", self.ctl("KLINE", code=1).stderr)
        got = [json.loads(line) for line in self.ctl("--json", "UNKLINE", "*@192.0.2.8", code=1).stdout.splitlines()]
        self.assertTrue(got[0]["refused"])

    def test_words_that_cannot_be_sent_are_refused_before(self):
        for words in ("KLINE", "a b", "c"), ("WALLOPS", "a\nDIE irc.test.example"), ("", ), ("WALLOPS", "x" * 600):
            self.ctl(*words, code=1)
        self.ctl(code=1)

    def test_die_ends_the_server_and_is_a_success(self):
        self.ctl("DIE", code=1)
        self.ctl("DIE", "irc.test.example", "maintenance work")
        self.assertEqual(self.server.wait(), 0)


class Health(Case):
    def health(self, code, *options, **more):
        got = irc.run(*(options or ("-c", self.server.config)), "--health", timeout=60, **more)
        self.assertEqual((got.returncode, got.stderr, got.stdout.count("\n")), (code, "", 1), got.stdout)
        return got.stdout

    def test_a_server_that_answers_and_saves_is_healthy_and_its_log_does_not_grow(self):
        before = self.server.log()
        with self.server.connect("ann"):
            self.assertEqual(self.health(0), "healthy: irc.test.example, %s; 1 clients; data saved\n" % irc.run("--version").stdout.strip())
        self.assertNotIn("event=control", self.server.log()[len(before):])
        self.server.write_config(open(self.server.config).read() + "nonsense = 1\n")
        self.health(0)

    def test_a_server_that_does_not_answer_is_unhealthy_after_a_moment(self):
        self.server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.server.process.send_signal, signal.SIGCONT)
        begun = time.monotonic()
        self.assertEqual(self.health(1), "unhealthy: the server does not answer\n")
        self.assertLess(time.monotonic() - begun, 9)

    def test_a_server_that_cannot_save_is_unhealthy(self):
        server = LimitedFiles(extra=irc.EXEMPT)
        self.addCleanup(server.close)
        self.health(0, "-c", server.config)
        server.fill()
        irc.run("-c", server.config, "ctl", "KLINE", "1h", "*@127.0.0.71", "x" * 150)
        why = self.health(1, "-c", server.config)
        self.assertRegex(why, "^unhealthy: irc.test.example, ircd .* cannot save its data: not saved: .*too large")
        self.assertEqual(irc.run("-c", server.config, "ctl", "status").returncode, 3)

    def test_each_reason_is_one_line(self):
        self.assertRegex(self.health(1, "-c", "/nowhere/x.conf"), "^unhealthy: /nowhere/x.conf: No such file")
        other = self.server.path("other.conf")
        with open(other, "w") as f:
            f.write("database { path = \"\" }\n")
        self.assertRegex(self.health(1, "-c", other), "^unhealthy: the server of this configuration keeps no data")
        self.server.kill()
        self.assertRegex(self.health(1), "^unhealthy: cannot connect to .*/control: Connection refused")


class Bans(Case):
    def test_bans_go_out_and_come_back_without_a_restart(self):
        for i in range(70):
            self.ctl("KLINE", "2d", "u%d@base.example" % i, "number %d|for %s" % (i, "operators " * 20))
            if i == 2 and "IRCD_TEST_LONG" not in os.environ:
                break
        self.ctl("DLINE", "FORCE", "198.51.100.0/24", "for good")
        text = self.ctl("bans", "export").stdout
        self.assertTrue(text.startswith("# ircd bans 1\n"), text)
        self.assertIn("u1@base.example", self.ctl("bans", "list").stdout)
        for mask in ["u%d@base.example" % i for i in range(3)]:
            self.ctl("UNKLINE", mask)
        self.ctl("UNDLINE", "198.51.100.0/24")
        got = self.ctl("bans", "import", "-", input=text)
        self.assertEqual(got.stdout, "4 bans set, 0 expired, 0 lines refused\n")
        again = self.ctl("bans", "export").stdout
        self.assertEqual(sorted(line.split()[1] for line in again.splitlines() if line[0] != "#"),
                         sorted(line.split()[1] for line in text.splitlines() if line[0] != "#"))

    def test_a_refused_line_is_named_and_the_others_are_set(self):
        got = self.ctl("bans", "import", "-", code=1, input="# ircd bans 1\nKLINE *@192.0.2.7 until=never :a\nKLINE *@* until=never :b\n"
                       "junk\nKLINE *@192.0.2.8 until=2001-01-01T00:00:00Z :old\n")
        self.assertEqual(got.stdout, "1 bans set, 1 expired, 2 lines refused\n")
        self.assertRegex(got.stderr, r"(?m)^-:3: .*\n-:4: ")
        self.assertRegex(self.ctl("bans", "import", "/nowhere", code=1).stderr, r"^ircd: cannot read /nowhere: ")


class Crowded(Case):
    extra = "limits { clients = 2  per_host = 1  connect_rate = \"1/1h\" }\n"

    def test_a_full_server_and_a_ban_on_this_machine_do_not_lock_the_owner_out(self):
        with self.server.connect("ann"):
            for _ in range(12):
                self.assertIn("clients", self.ctl("status", code=3).stdout)
            self.ctl("DLINE", "FORCE", "0::1", "this machine")
            self.ctl("bans", "list")


if __name__ == "__main__":
    irc.main()
