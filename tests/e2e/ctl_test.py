"""`ircd ctl`: commands to a server that runs, from the shell.

usage: ctl_test.py BINARY [test…]
"""
import json
import os
import re
import signal
import socket
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

    def raw(self, register=True):
        """A connection to the control socket without `ircd ctl`."""
        sock = socket.socket(socket.AF_UNIX)
        self.addCleanup(sock.close)
        sock.settimeout(irc.WAIT)
        sock.connect(os.path.join(self.server.data, "control"))
        if register:
            sock.sendall(b"NICK raw\r\nUSER ctl 0 * :raw\r\n")
            self.await_line(sock, " 381 ")
        return sock

    def await_line(self, sock, text):
        got = b""
        while text.encode() not in got:
            more = sock.recv(65536)
            self.assertTrue(more, got)
            got += more
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
        for line in (r"server +irc\.test\.example, ircd \S+", r"up +\d+\S*", r"listener +127\.0\.0\.1:%d \S+( websocket)?" % self.server.port,
                     r"clients +1 of \d+, 1 registered, 0 operators", r"data +saved", r"store +\d+ records, \d+ bytes, in %s" % re.escape(self.server.data), r"configuration +%s" % re.escape(self.server.config), r"control +%s/control" % re.escape(self.server.data), r"sandbox +\S.*", r"nothing is wrong"):
            self.assertRegex(got, r"(?m)^%s$" % line)

    def test_table_prints_all_rows_of_all_pages_one_a_line(self):
        reason = "a long reason that no line of IRC has room for beside its other columns, " * 3
        for i in range(0, 1101, 100):
            lines = ["KLINE *@10.9.%d.%d set=2026-11-22T14:03:05.123Z until=never by=ann auto=no :%s%d" % (k // 256, k % 256, reason, k)
                     for k in range(i, min(i + 100, 1101))]
            self.ctl("bans", "import", "-", input="\n".join(lines) + "\n")
        rows = [json.loads(line) for line in self.ctl("table", "bans").stdout.splitlines()]
        self.assertEqual(sorted(row["mask"] for row in rows), sorted("*@10.9.%d.%d" % (k // 256, k % 256) for k in range(1101)))
        self.assertTrue(all(row["reason"].startswith(reason) for row in rows))
        got = self.ctl("--json", "table", "bans", "mask=*@10.9.0.7", "automatic=false").stdout.splitlines()
        self.assertEqual([json.loads(line)["mask"] for line in got], ["*@10.9.0.7"])

    def test_table_shows_each_table_and_refuses_what_is_wrong(self):
        with self.server.connect("ann") as ann:
            ann.send("JOIN #tea")
            ann.expect(" 366 ")
            clients = [json.loads(line) for line in self.ctl("table", "clients").stdout.splitlines()]
            channels = [json.loads(line) for line in self.ctl("table", "channels").stdout.splitlines()]
        self.assertEqual([(row["nick"], row["address"], row["registered"]) for row in clients], [("ann", "127.0.0.1", True)])
        self.assertEqual([(row["name"], row["members"]) for row in channels], [("#tea", 1)])
        self.ctl("kline", "1h", "192.0.2.7", "spam")
        log = [json.loads(line) for line in self.ctl("table", "log", "event=kline").stdout.splitlines()]
        self.assertEqual([(row["by"], row["mask"]) for row in log], [("owner", "*@192.0.2.7")])
        status = [json.loads(line) for line in self.ctl("table", "status", "key=wrong").stdout.splitlines()]
        self.assertEqual(status, [{"key": "wrong", "value": "nothing"}])
        for words, why in ((("tea",), "'tea' is no table"), (("bans", "tea=7"), "names no column"), (("bans", "x" * 300), "the filter is too long")):
            got = self.ctl("table", *words, code=1)
            self.assertIn(why, got.stderr)
            self.assertEqual(got.stdout, "")

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
        self.assertRegex(self.ctl("status", code=3).stdout, r"(?m)^\nwhat is wrong:\n  - the configuration read last is not in force: .*nonsense.*; `ircd -c FILE -t` tells all faults; mend them, then `ircd ctl rehash`$")
        self.server.write_config(good + 'include "missing.conf"\n')
        self.assertEqual(self.ctl("status", code=3).stderr, faulty)
        self.server.write_config(good)
        self.ctl("rehash")
        self.ctl("status")

    def test_commands_of_irc_have_exit_codes_and_one_line_in_the_log(self):
        self.assertIn("saved", self.ctl("kline", "1h", "*@192.0.2.7", "two words|for operators").stdout)
        self.assertEqual(self.server.log().count("event=kline "), 1)
        self.assertRegex(self.server.log(), r"event=kline by=owner ")
        self.assertEqual(re.findall(r"event=control nick=\S+ name=owner uid=(\S+) command=(\S+)", self.server.log()), [(str(os.getuid()), "KLINE")])
        self.assertIn("refused", self.ctl("KLINE", "1h", "*@*", "all", code=1).stderr)
        self.assertIn("NOSUCH", self.ctl("NOSUCH", code=1).stderr)
        self.assertIn("KLINE", self.ctl("KLINE", code=1).stderr)
        got = [json.loads(line) for line in self.ctl("--json", "UNKLINE", "*@192.0.2.8", code=1).stdout.splitlines()]
        self.assertTrue(got[0]["refused"])

    def test_words_that_cannot_be_sent_are_refused_before(self):
        for words in ("KLINE", "a b", "c"), ("WALLOPS", "a\nDIE irc.test.example"), ("", ), ("WALLOPS", "x" * 600):
            self.ctl(*words, code=1)
        self.ctl(code=1)

    def test_the_words_of_a_free_text_need_no_quotes(self):
        with self.server.connect("ann") as ann:
            self.ctl("kill", "ann", "go", "home|now", "please")
            self.assertIn("go home", "".join(ann.wait_closed()))
        self.ctl("kline", "FORCE", "2h", "*@192.0.2.20", "spam", "and", "more|seen by bob")
        self.ctl("kline", "*@192.0.2.21", "1h", "later")  # the length stands in front
        self.assertRegex(self.ctl("bans", "export").stdout, r"192\.0\.2\.20 .*:spam and more\|seen by bob\n[^ ]+ \*@192\.0\.2\.21 .*:1h later\n")
        with self.server.connect("bob") as bob:
            bob.send("OPER x y")
            self.ctl("privmsg", "bob", "hello", "there", "")
            bob.expect("PRIVMSG bob :hello there $")
            self.ctl("wallops", "hello", "there")
        self.assertIn('hello there', self.server.log())

    def test_a_text_of_a_user_cannot_command_the_terminal(self):
        with self.server.connect("ann") as ann:
            ann.send("JOIN #a")
            ann.send("TOPIC #a :\x1b[2J\x9b5m")
            ann.expect("TOPIC #a :*")
            self.assertEqual(self.ctl("list").stdout.splitlines()[1], r"#a 1 \x1b[2J\x9b5m")
            got = self.ctl("--json", "list").stdout
            self.assertTrue(got.isascii() and "\x1b" not in got, got)
            self.assertEqual(json.loads(got.splitlines()[1])["text"], "#a 1 \x1b[2J\x9b5m")

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
    def export(self):
        return self.ctl("bans", "export").stdout

    def test_bans_go_out_and_come_back_as_they_were(self):
        for i in range(3):
            self.ctl("KLINE", "2d", "u%d@base.example" % i, "number %d|for %s" % (i, "operators " * 20))
        self.ctl("DLINE", "FORCE", "198.51.100.0/24", "for good")
        self.ctl("RESV", "FORCE", "7d", "#closed*", "closed")
        self.ctl("XLINE", "*freemoney*", "spam")
        text = self.export()
        self.assertTrue(text.startswith("# ircd bans 1\n"), text)
        self.assertIn("u1@base.example", self.ctl("bans", "list").stdout)
        self.assertIn("6 there already", self.ctl("bans", "import", "-", input=text).stdout)
        for kind, mask in re.findall(r"(?m)^([A-Z]+) (\S+) ", text):
            self.ctl("UN" + kind, mask)
        self.assertIn("# end of bans: 0\n", self.export())
        got = self.ctl("bans", "import", "-", input=text)
        self.assertIn("6 bans set, saved\n", got.stdout)
        self.assertEqual(sorted(self.export().splitlines()), sorted(text.splitlines()))
        self.assertEqual(self.server.log().count("event=bans-import by=owner file=\"(standard input)\" bans=6"), 1)
        self.server.restart()
        self.assertEqual(sorted(self.export().splitlines()), sorted(text.splitlines()))

    def test_an_import_takes_one_file(self):
        for more in [], ["a", "b"]:
            got = self.ctl("bans", "import", *more, code=1)
            self.assertRegex(got.stderr, r"\Aircd: bans import needs the name of one file .*\n\Z")

    def test_a_reason_of_any_words_is_exported(self):
        self.ctl("KLINE", "1h", "*@192.0.2.31", "x, NOT saved: y")
        self.assertRegex(self.export(), r"(?m)^KLINE \*@192\.0\.2\.31 .* :x, NOT saved: y$")

    def test_one_wrong_line_is_named_and_nothing_is_set(self):
        path = self.server.path("bans.txt")
        with open(path, "w") as f:
            f.write("# ircd bans 1\nKLINE *@192.0.2.7 until=never :a\nKLINE *@* until=never :b\njunk\n"
                    "KLINE *@192.0.2.8 until=2001-01-01T00:00:00Z :old\n# end of bans: 4\n")
        got = self.ctl("bans", "import", path, code=1)
        self.assertEqual(got.stdout, "")
        self.assertRegex(got.stderr, r"^BANS refused: %s:3: \*@\* is too broad: .*\nBANS refused: %s:4: .*\n"
                         r"BANS refused: 2 of the lines are wrong; nothing was set\n$" % (path, path))
        self.assertIn("# end of bans: 0\n", self.export())
        with open(path, "w") as f:
            f.write("# ircd bans 1\nKLINE *@192.0.2.7 until=never :a\n")  # cut off
        self.assertIn("part of the file may be missing; if you edited it, remove its first line", self.ctl("bans", "import", path, code=1).stderr)
        edited = "# ircd bans 1\nKLINE *@192.0.2.7 until=never :a\nKLINE *@192.0.2.8 until=never :b\n# end of bans: 1\n"
        self.assertIn("there are 2 above it: part of the file may be missing; if you edited it, remove its first line",
                      self.ctl("bans", "import", "-", input=edited, code=1).stderr)
        self.assertIn("2 bans set", self.ctl("bans", "import", "-", input=edited.split("\n", 1)[1]).stdout)
        self.assertRegex(self.ctl("bans", "import", "/nowhere", code=1).stderr, r"^ircd: cannot read /nowhere: ")
        self.assertRegex(self.ctl("bans", "import", "/", code=1).stderr, r"^ircd: cannot read /: Is a directory")

    def test_masks_of_another_server_need_no_form(self):
        text = "*@192.0.2.9 1d spam|seen by bob\n192.0.2.10\n2001:db8::/32 never\nx@*.spam.example 90m\n# done\n"
        self.assertIn("4 bans set, saved\n", self.ctl("bans", "import", "-", input=text).stdout)
        self.assertRegex(self.export(), r"KLINE \*@192\.0\.2\.9 .* by=import auto=no :spam\|seen by bob\n")
        self.assertRegex(self.export(), r"KLINE \*@192\.0\.2\.10 \S+ until=never by=import auto=no :no reason given\n")
        got = self.ctl("bans", "import", "-", code=1, input="*@192.0.2.11 86400 spam\n")
        self.assertRegex(got.stderr, r'^BANS refused: \(standard input\):1: "86400": expected a length with a unit')

    def test_two_imports_do_not_mix_and_one_that_is_broken_off_sets_nothing(self):
        with self.raw() as first:
            first.sendall(b"BANS IMPORT BEGIN :x\r\nBANS IMPORT " + b"*@192.0.2.12 1h x\n".hex().encode() + b"\r\nPING :here\r\n")
            self.await_line(first, "PONG")
            self.assertIn("another import runs", self.ctl("bans", "import", "-", code=1, input="*@192.0.2.13\n").stderr)
        irc.wait_until(lambda: irc.run("-c", self.server.config, "ctl", "bans", "import", "-", input="*@192.0.2.13\n").returncode == 0)
        self.assertEqual(re.findall(r"(?m)^KLINE (\S+)", self.export()), ["*@192.0.2.13"])

    def test_ten_thousand_bans_come_in_and_go_out(self):
        text = "".join("*@10.%d.%d.%d 30d number\n" % (i // 2500, i // 50 % 50, i % 50) for i in range(10000))
        self.assertIn("10000 bans set, saved\n", self.ctl("bans", "import", "-", input=text).stdout)
        self.assertIn("# end of bans: 10000\n", self.export())


class Unexempt(Case):
    extra = ""

    def test_a_client_that_is_on_ends_by_an_imported_ban(self):
        with self.server.connect("ann", source="127.0.0.9") as ann:
            self.ctl("bans", "import", "-", input="*@127.0.0.9 1h bye\n")
            self.assertIn("bye", "".join(ann.wait_closed()))


class Crowded(Case):
    extra = "limits { clients = 1  per_host = 1  connect_rate = \"1/1h\" }\n"

    def test_a_full_server_and_a_ban_on_this_machine_do_not_lock_the_owner_out(self):
        with self.server.connect("ann"):
            for _ in range(12):
                self.assertIn("clients", self.ctl("status", code=3).stdout)
            self.ctl("DLINE", "FORCE", "0::1", "this machine")
            self.ctl("bans", "list")


if __name__ == "__main__":
    irc.main()
