"""The commands and files in the README work as they are.

usage: readme_test.py BINARY [test…]
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
from tls_facts_test import sign_certificate

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")


def blocks(section, file=README):
    """The texts in ``` of the section with this title."""
    with open(file, encoding="utf-8") as f:
        text = f.read().split("\n## %s\n" % section)[1].split("\n## ")[0]
    return re.findall(r"(?ms)^```[^`\n]*\n(.*?)^```$", text)


MAN = os.path.join(os.path.dirname(README), "contrib/ircd.8")
ACTIONS = {"t", "-print-config", "-print-reference", "-health", "-hash-password", "-make-token", "-setup", "-dump-bans", "-load-bans", "-simulate", "-replay"}


class Man(unittest.TestCase):
    def setUp(self):
        with open(MAN, encoding="utf-8") as f:
            self.text = f.read()

    def test_each_command_of_the_synopsis_stands_alone(self):
        synopsis = self.text.split(".Sh SYNOPSIS\n")[1].split(".Sh ")[0]
        for command in synopsis.split(".Nm\n")[1:]:
            does = [x for x in re.findall(r"(?m)^\.Fl (\S+)", command) if x in ACTIONS]
            self.assertLessEqual(len(does), 1, command)
        self.assertEqual(len(synopsis.split(".Nm\n")) - 1, 14)

    def test_a_quote_ends_with_what_is_quoted(self):
        """Ql takes the rest of its line, so that only punctuation may follow the one word."""
        for line in re.findall(r"(?m)^\..*\bQl\b.*$", self.text):
            self.assertRegex(line, r'\bQl (\S+|"[^"]+")( [.,:;)])*$')

    def test_the_blocks_with_a_title_are_all_there(self):
        sample = irc.run("--print-config").stdout
        titled = set(re.findall(r'(?m)^#? *(\w+) +"[^"]*" *\{', sample))
        page = irc.run("--print-reference", "ircd.conf.5").stdout
        self.assertEqual(set(re.findall(r"(?m)^\.Ss (\w+) \\\(dq\w", page)), titled)


CONTRIB = os.path.join(os.path.dirname(README), "contrib/")


class Examples(unittest.TestCase):
    """The examples about TLS and proxies in contrib are taken as they are."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def check(self, text):
        with open(self.dir + "/ircd.conf", "w") as f:
            f.write(text)
        done = irc.run("-c", self.dir + "/ircd.conf", "-t", cwd=self.dir)
        self.assertEqual(done.returncode, 0, text + done.stderr)
        return done.stderr

    def test_the_blocks_for_tls(self):
        seen = 0
        for section, listens in ("TLS", "listen \"[::]:6697\" { tls = true }\n"), ("TLS alone", ""):
            (text,) = blocks(section, CONTRIB + "OPERATING.md")
            for name, path in re.findall(r'tls +"([^"]+)" *\{ certificate = "([^"]+)"', text):
                place = os.path.join(self.dir, os.path.dirname(path))
                os.makedirs(place, exist_ok=True)
                sign_certificate(place, name)
                os.rename(place + "/cert.pem", place + "/fullchain.pem")
                os.rename(place + "/key.pem", place + "/privkey.pem")
                seen += 1
            self.assertNotIn("tls \"", self.check(listens + text))
        self.assertEqual(seen, 3)

    def test_the_blocks_for_proxies_and_the_lines_of_haproxy(self):
        (text,) = blocks("Proxies and gateways", CONTRIB + "OPERATING.md")
        self.assertEqual(text.count('"sha256:..."'), 1)
        token = irc.run("--make-token").stdout.split()[1]
        self.check(text.replace("sha256:...", token).replace("/run/ircd", self.dir))
        with open(CONTRIB + "OPERATING.md", encoding="utf-8") as f:
            lines = [re.sub(r"\s+", " ", each) for each in re.findall(r"`((?:bind|server) [^`]+)`", f.read())]
        self.assertEqual([each.split()[0] for each in lines], ["server", "bind", "server"])
        sign_certificate(self.dir, "irc.test.example")
        with open(self.dir + "/both.pem", "w") as out:
            for name in "cert.pem", "key.pem":
                with open(os.path.join(self.dir, name)) as f:
                    out.write(f.read())
        plain, bind, secure = lines
        with open(self.dir + "/haproxy.cfg", "w") as f:
            f.write("defaults\n mode tcp\n timeout connect 5s\n timeout client 5m\n timeout server 5m\n"
                    "listen a\n bind 127.0.0.1:6667\n %s\nlisten b\n %s\n %s\n" % (plain, bind, secure))
        done = subprocess.run(["haproxy", "-c", "-f", "haproxy.cfg"], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_certificate_of_an_operator(self):
        with open(CONTRIB + "MODERATING.md", encoding="utf-8") as f:
            text = f.read()
        block, made = re.findall(r"(?ms)^```[^`\n]*\n(.*?)^```$", text.split("### Certificates of operators\n")[1])[:2]
        shown = subprocess.run(["sh", "-ec", made], cwd=self.dir, capture_output=True, text=True, check=True).stdout
        self.assertTrue(os.path.exists(self.dir + "/alice.pem"))
        self.assertEqual(os.stat(self.dir + "/alice.pem").st_mode & 0o777, 0o600)
        self.check('operclass "moderator" { privileges = { "kill" } }\nlisten "127.0.0.1:6697" { tls = true }\n' +
                   block.replace("3c4d8b1f…0fed", shown.strip().partition("=")[2]))


class Readme(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def shell(self, command, port):
        """With /etc being ours, no other user, loopback alone, and the program under test being installed."""
        tools = os.path.join(self.dir, "bin")
        if not os.path.exists(tools):
            os.mkdir(tools)
            os.symlink(irc.BINARY, os.path.join(tools, "ircd"))
        edit = r"""\1
sed -i -e '/\[::\]/d' -e 's/0.0.0.0:6667/127.0.0.1:%d/' -e 's/0.0.0.0:6697/127.0.0.1:%d/' /etc/ircd/ircd.conf""" % (port, port + 1)
        for pattern, ours in ((r"(?m)^make .*\n", ""), (r"(?m)^id ircd .*\n", ""), (r"--user ircd", "--user ''"),
                              (r"(?m)^(ircd --setup .*)$", edit), (r"/etc/", "%s/" % self.dir)):
            command, found = re.subn(pattern, ours, command)
            self.assertGreater(found, 0, pattern)
        command = command.replace("conf -d", "conf -d --pid-file %s/pid" % self.dir)
        return subprocess.run(["sh", "-c", command], text=True, timeout=irc.WAIT, stdin=subprocess.DEVNULL,
                              capture_output=True, env=dict(os.environ, PATH=tools + ":" + os.environ["PATH"]))

    def stop(self):
        with open(os.path.join(self.dir, "pid")) as f:
            os.kill(int(f.read()), signal.SIGTERM)
        irc.wait_until(lambda: not os.path.exists(os.path.join(self.dir, "pid")))

    def test_the_block_makes_a_server_with_an_operator_from_nothing(self):
        block, additions = blocks("Running it for real")
        port = irc.free_port()
        got = self.shell(block, port)
        self.assertEqual((got.returncode, got.stderr), (0, ""), got)
        self.addCleanup(self.stop)
        name, password = re.search(r"connect to irc\.example\.org, .*:\n    /oper (\S+) (\S+)\n", got.stdout).groups()
        with irc.Client(port + transport.TLS, tls=transport.TLS) as client:
            client.register("ann")
            client.send("OPER %s %s" % (name, password))
            client.expect(r":\S+ 381 ann ")
            client.send("KLINE 1h *@198.51.100.7 :spam")
            client.expect(r":\S+ NOTICE ann :K-line .* saved$")
        path = os.path.join(self.dir, "ircd/ircd.conf")
        self.assertEqual(os.stat(path).st_mode & 0o007, 0)
        again = self.shell(block, port)
        self.assertEqual((again.returncode, again.stderr),
                         (1, "ircd: %s is there already, and --setup overwrites nothing; to begin anew, move it away\n" % path))
        with open(path, "a", encoding="utf-8") as f:
            f.write(additions)
        self.assertEqual(irc.run("-c", path, "-t").returncode, 0)


if __name__ == "__main__":
    irc.main()
