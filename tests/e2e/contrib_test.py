#!/usr/bin/env python3
"""The files of contrib/ for other programs: each is given to the program that reads it.

usage: contrib_test.py BINARY [test…]
"""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import irc
import transport

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
CONTRIB = os.path.join(TOP, "contrib")
OPEN = """
server {{ name = "irc.test.example"  cloak = false  password = "{hash}" }}
listen "127.0.0.1:{port}" {{ {tls} }}
listen "[::1]:{port}" {{ {tls} }}
database {{ path = "{data}" }}
log {{ level = "trace" }}
limits {{ per_host = 2  per_network = 1000 }}
exempt "127.0.0.9" {{ from = {{ "connections", "throttle", "flood", "strikes", "bans" }} }}
{oper}
"""


def run(*args, **options):
    return subprocess.run(args, text=True, capture_output=True, timeout=60, **options)


class Fail2ban(unittest.TestCase):
    def found(self, log, mode, **environment):
        """The addresses that the filter finds in the text, in order."""
        with tempfile.NamedTemporaryFile("w", prefix="ircd-test-") as f:
            f.write(log)
            f.flush()
            got = run("fail2ban-regex", "-o", "<ip> <time>", f.name, CONTRIB + "/fail2ban/filter.d/ircd.conf[mode=%s]" % mode,
                      env=dict(os.environ, **environment))
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        return [line.split()[0] for line in got.stdout.splitlines()], got.stdout

    def refused(self, server, host, source=None):
        with irc.Client(server.port, host=host, source=source) as client:
            client.expect(transport.told(r"^ERROR :"))

    def recorded(self):
        """The log of a run with three refused hosts, three wrong passwords and a ban, all twice, and of users that
        write lines like those of the log."""
        config = OPEN.replace("{hash}", irc.password_hash("enter")).replace("{oper}", irc.oper_block().replace(
            "{", "{{").replace("}", "}}"))
        fake = "event=refused host=198.51.100.%d"
        with irc.Server(config=config) as server:
            def user(nick, source, password="enter", name="x"):
                client = irc.Client(server.port, source=source)
                client.send("PASS " + password, "NICK " + nick, "USER user 0 * :" + name)
                return client
            ann = user("ann", "127.0.0.9", name=fake % 1)
            ann.expect(" 376 | 422 ")
            ann.oper()
            for turn in 1, 2:
                held = [irc.Client(server.port, source="127.0.0.5") for _ in range(2)]
                self.refused(server, "127.0.0.1", "127.0.0.5")
                held += [irc.Client(server.port, host="::1") for _ in range(2)]
                self.refused(server, "::1")
                for client in held:
                    client.close()
                irc.wait_until(lambda: len(re.findall("event=exit .* cause=closed", server.log())) >= 4 * turn)
                wrong = user("bob", "127.0.0.6", password="wrong")
                wrong.expect(" 464 ")
                wrong.wait_closed()
                mallory = user("mallory", "127.0.0.7", name=fake % 2)
                mallory.expect(" 376 | 422 ")
                mallory.send("OPER alice nonsense", "OPER %s x" % (fake % 3).replace(" ", "_"), "PRIVMSG ann :\x01 " + fake % 4,
                             "JOIN #info_" + fake % 5, "AWAY :info " + fake % 6)
                mallory.expect(" 464 | 491 ")
                mallory.expect(" 464 | 491 ")
                mallory.send("QUIT :info " + fake % 7)
                mallory.wait_closed()
                eve = user("eve", "127.0.0.8", name=fake % 8)
                eve.expect(" 376 | 422 ")
                ann.send("STRIKE eve 5 :info " + fake % 9)
                eve.wait_closed()
                ann.expect(" :STRIKE .*saved")
                ann.send("PARDON 127.0.0.8", "PARDON 127.0.0.7", "PARDON 127.0.0.6")
                for _ in range(3):
                    ann.expect(" :PARDON ")
            self.assertEqual(server.stop(), 0)
            return server.log()

    def test_each_mode_finds_the_meant_lines_of_a_run_and_no_others(self):
        log = self.recorded()
        self.assertGreater(log.count("event=refused host=198.51.100."), 10)
        self.assertEqual(self.found(log, "refused")[0], ["127.0.0.5", "::1"] * 2)
        self.assertEqual(self.found(log, "auth")[0], ["127.0.0.6", "127.0.0.7", "127.0.0.7"] * 2)
        self.assertEqual(self.found(log, "banned")[0], ["127.0.0.8"] * 2)

    LINES = """\
2026-11-22T14:03:05.123Z info event=refused host=2001:db8::7 told="ERROR :Closing Link: (Too many connections)"
2026-11-22T14:03:06.123Z info event=refused host=192.0.2.7 suppressed=12 told="ERROR :Closing Link: 192.0.2.7 (x)"
2026-11-22T14:03:07.123Z info event=refused client=bob!bob@192.0.2.8 told="ERROR :Closing Link: 192.0.2.8 (x)"
2026-11-22T14:03:08.123Z info event=kline by=server mask=*@2001:db8:0:1::/64 reason=flood
2026-11-22T14:03:09.123Z info event=kline by=alice mask=*@192.0.2.9 reason="event=kline by=server mask=*@192.0.2.10 "
"""

    def test_times_are_utc_and_a_network_is_one(self):
        for zone in "UTC", "Asia/Tokyo":
            self.assertEqual(self.found(self.LINES, "refused", TZ=zone)[1], "2001:db8::7 1795356185\n192.0.2.7 1795356186\n")
        self.assertEqual(self.found(self.LINES, "banned")[0], ["2001:db8:0:1::/64"])

    def test_the_jail_is_one(self):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as conf:
            shutil.copytree("/etc/fail2ban", conf, dirs_exist_ok=True)
            for other in os.listdir(conf + "/jail.d"):
                os.remove(conf + "/jail.d/" + other)
            shutil.copytree(CONTRIB + "/fail2ban", conf, dirs_exist_ok=True)
            with open(conf + "/jail.d/ircd.conf") as f:
                jail = f.read()
            with open(conf + "/jail.d/ircd.conf", "w") as f:
                f.write(jail.replace("/var/log/ircd/ircd.log", conf + "/jail.conf"))
            got = run("fail2ban-client", "-c", conf, "-d")
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertNotRegex(got.stdout + got.stderr, "ERROR|Have not found")
        for row in ("['add', 'ircd', 'auto']", "['set', 'ircd', 'maxretry', 20]", "['set', 'ircd', 'findtime', '60']",
                    "['set', 'ircd', 'bantime', '600']", "event=refused host=<ADDR>"):
            self.assertIn(row, got.stdout)


class AppArmor(unittest.TestCase):
    PARSER = shutil.which("apparmor_parser") or "/sbin/apparmor_parser"

    def test_the_profile_parses(self):
        got = run(self.PARSER, "-Q", "-K", CONTRIB + "/apparmor/usr.sbin.ircd")
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertNotIn("rror", got.stderr.replace("errors", ""))
        names = run(self.PARSER, "-N", CONTRIB + "/apparmor/usr.sbin.ircd")
        self.assertEqual(names.stdout, "ircd\n")

    def test_a_fault_would_be_found(self):
        with open(CONTRIB + "/apparmor/usr.sbin.ircd") as f:
            bad = f.read().replace("network inet stream,", "network inet stream")
        self.assertNotEqual(run(self.PARSER, "-Q", "-K", input=bad).returncode, 0)


class Logrotate(unittest.TestCase):
    def test_a_rotation_loses_no_line(self):
        with irc.Server(log='file = "ircd.log"') as server:
            path = server.path("ircd.log")
            with open(CONTRIB + "/logrotate/ircd") as f:
                text = f.read()
            tell = "! systemctl is-active --quiet ircd.service || systemctl kill --signal=USR1 --kill-whom=main ircd.service"
            self.assertIn(tell, text)
            text = text.replace("/var/log/ircd/ircd.log", path).replace(tell, "kill -USR1 %d" % server.process.pid)
            owner = [run("id", flag).stdout.strip() for flag in ("-un", "-gn")]
            text = text.replace("ircd ircd\n", "%s %s\n" % tuple(owner))
            with open(server.path("rotate"), "w") as f:
                f.write(text)
            os.chmod(server.path("rotate"), 0o644)
            for turn in range(1, 4):
                got = run(shutil.which("logrotate") or "/usr/sbin/logrotate", "-f", "-s", server.path("state"), server.path("rotate"))
                self.assertEqual((got.returncode, got.stderr), (0, ""))
                irc.wait_until(lambda: server.read("ircd.log.1") != "", what="a rotated log")
                server.send_signal(signal.SIGHUP)
                irc.wait_until(lambda: "event=rehash" in server.read("ircd.log"), what="a line in the new log")
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
            names = sorted(n for n in os.listdir(server.dir) if n.startswith("ircd.log"))
            self.assertEqual(names, ["ircd.log", "ircd.log.1", "ircd.log.2.gz", "ircd.log.3.gz"])


class Completion(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="ircd-test-")
        self.addCleanup(place.cleanup)
        self.dir = place.name

    def options(self):
        return set(re.findall(r"(?m)^  .. {0,2},? *(--[a-z-]+)", irc.run("--help").stdout)) | {"--help"}

    def bash(self, *words):
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ircd; printf "%s\\n" "${COMPREPLY[@]}"'
        got = run("bash", "-c", script, "bash", CONTRIB + "/completion/ircd.bash", "ircd", *words)
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        return got.stdout.split()

    def test_bash_knows_every_option_and_page(self):
        every = self.bash("--")
        self.assertEqual(set(every), self.options())
        self.assertGreater(len(every), 10)
        self.assertEqual(self.bash("--has"), ["--hash-password"])
        pages = ["ircd.conf.5", "ircd-commands.7", "ircd.bash", "ircd.zsh"]
        for words in (["--print-reference", ""], ["--print-reference", "="], ["--print-reference", "=", ""]):
            self.assertEqual(self.bash(*words), pages)
        self.assertEqual(self.bash("--print-reference", "ircd-"), ["ircd-commands.7"])
        for before in "-c", "--config", "--pid-file", "--load-bans":
            self.assertEqual(self.bash(before, "x"), [])  # the default of complete: files
        got = run("bash", "-c", 'source "$1"; complete -p ircd', "bash", CONTRIB + "/completion/ircd.bash")
        self.assertEqual(got.stdout, "complete -o default -F _ircd ircd\n")

    # Types into a shell with a terminal and prints what the line has become.
    ZSH = """
zmodload zsh/zpty
zpty -b z zsh -f -i
zpty -w z "PS1=; fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D; echo REA''DY"
out=
while [[ $out != *READY* ]] && zpty -r z line; do out+=$line; done
zpty -w -n z "ircd $2"$'\\t'
out= n=0
while [[ $out != *$3* ]] && ((n++ < 100)); do zpty -rt z line && out+=$line || sleep 0.1; done
print -r -- "$out"
zpty -d z
"""

    def zsh(self, typed, expected):
        shutil.copy(CONTRIB + "/completion/ircd.zsh", self.dir + "/_ircd")
        got = run("zsh", "-f", "-c", self.ZSH, "zsh", self.dir, typed, expected, env=dict(os.environ, TERM="dumb"))
        self.assertIn(expected, got.stdout)

    def test_zsh_completes_an_option_a_page_and_a_file(self):
        with open(self.dir + "/only-one.conf", "w"):
            pass
        self.zsh("--has", "ircd --hash-password")
        self.zsh("--print-reference=ircd-", "--print-reference=ircd-commands.7")
        self.zsh("-c %s/only" % self.dir, "/only-one.conf")

    def test_zsh_reads_every_option(self):
        stub = '_arguments() { print -rl -- "$@" }; source "$1"'
        got = run("zsh", "-f", "-c", stub, "zsh", CONTRIB + "/completion/ircd.zsh")
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertEqual(set(re.findall(r"(?m)^(?:\(.*?\))?(--[a-z-]+)=?\[", got.stdout)), self.options())


if __name__ == "__main__":
    irc.main()
