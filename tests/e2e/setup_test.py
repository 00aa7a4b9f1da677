#!/usr/bin/env python3
"""Includes, secrets from files, the configuration on standard input, --print-config --minimal and --setup.

usage: setup_test.py BINARY [test…]
"""
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import tempfile
import unittest

import irc

PUBLIC = re.compile(r"0\.0\.0\.0:(6667|6697)")


class Base(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o600):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def check(self, args, code, out="(?s).*", err="(?s).*", **options):
        got = irc.run(*args, cwd=self.dir, **options)
        self.assertEqual(got.returncode, code, got)
        self.assertRegex(got.stdout, out)
        self.assertRegex(got.stderr, err)
        return got


class Includes(Base):
    def test_files_come_in_the_order_of_their_names(self):
        main = self.write("a.conf", 'include "conf.d/*.conf"\n')
        self.write("conf.d/10.conf", "limits { per_host = 5 }\n")
        self.write("conf.d/20.conf", "limits { per_host = 6 }\n")
        self.write("conf.d/.hidden.conf", "junk\n")
        self.write("conf.d/other.txt", "junk\n")
        self.check(["-c", main, "-t"], 1,
                   err=r"\A\S+/conf\.d/20\.conf:1: block limits is there twice; the first is on line 1 of \S+/10\.conf\n\Z")

    def test_a_file_that_is_missing_or_a_directory_is_one_fault(self):
        main = self.write("a.conf", '\ninclude "one.conf"\n')
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: cannot read \S+/one\.conf: No such file or directory\n\Z")
        os.mkdir(self.path("one.conf"))
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: cannot read \S+/one\.conf: Is a directory\n\Z")

    def test_a_circle_through_a_link_is_refused(self):
        main = self.write("a.conf", 'include "conf.d/*"\n')
        os.mkdir(self.path("conf.d"))
        os.symlink("../a.conf", self.path("conf.d/b.conf"))
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:1: the include of \S+/conf\.d/b\.conf: the file includes itself\n\Z")

    def test_a_secret_that_all_can_read_is_told(self):
        digest = irc.run("--hash-password", input="secret").stdout
        self.write("alice.hash", digest, 0o644)
        main = self.write("a.conf", 'oper "alice" { password_file = "alice.hash" hosts = { "*@*" } privileges = { "all" } }\n')
        self.check(["-c", main, "-t"], 0, err=r"every user of this machine may use the secret in \S+/alice\.hash, whose mode is 0644; chmod 640")
        os.chmod(self.path("alice.hash"), 0o640)
        self.check(["-c", main, "-t"], 0, err=r"\A\Z")

    def test_a_wrong_secret_names_its_line_and_is_not_shown(self):
        self.write("alice.hash", "sesame\n")
        main = self.write("a.conf", '\noper "alice" { password_file = "alice.hash" hosts = { "*@*" } privileges = { "all" } }\n')
        got = self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: oper \"alice\" password: ")
        self.assertNotIn("sesame", got.stderr)

    def test_standard_input_is_a_configuration(self):
        self.check(["-c", "-", "-t"], 0, out=r"\A\(standard input\): configuration is fine\n", input="limits { per_host = 5 }\n")
        self.check(["-c", "-", "-t"], 1, err=r"\A\(standard input\):2: unknown block \"x\"", input="\nx { }\n")


class Minimal(Base):
    def test_it_has_twelve_lines_and_is_valid(self):
        text = self.check(["--print-config", "--minimal"], 0).stdout
        self.assertEqual(text.count("\n"), 12)
        self.write("alice.hash", irc.run("--hash-password", input="secret").stdout)
        self.write("motd.txt", "Hello.\n")
        for pattern, ours in ((r'"/var/(lib|log)/', '"'), (r'user = "ircd"', 'user = ""')):
            text, found = re.subn(pattern, ours, text)
            self.assertGreater(found, 0)
        self.check(["-c", self.write("a.conf", text), "-t"], 0)

    def test_minimal_alone_is_refused(self):
        self.check(["--minimal"], 1, err="goes with --print-config only")


class Setup(Base):
    ANSWERS = ["--name", "irc.example.org", "--oper", "alice", "--user", ""]

    def test_it_writes_what_it_says(self):
        got = self.check(["--setup", self.path("etc")] + self.ANSWERS, 0, err=r"\A\Z", input="")
        password = re.search(r"(?m)^    /oper alice (\S{20})$", got.stdout).group(1)
        self.assertEqual(sorted(os.listdir(self.path("etc"))), ["alice.hash", "ircd.conf", "log", "motd.txt", "var"])
        for name in "ircd.conf", "alice.hash":
            self.assertEqual(stat.S_IMODE(os.stat(self.path("etc/" + name)).st_mode) & 0o007, 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("etc/var")).st_mode), 0o700)
        with open(self.path("etc/ircd.conf")) as f:
            text = f.read()
        self.assertNotIn(password, text)
        self.assertIn('network = "example"', text)
        for command in re.findall(r"(?m)^    ircd (.* -t) ", got.stdout):
            self.check(command.split(), 0)

    def test_it_overwrites_nothing(self):
        for name in "ircd.conf", "alice.hash", "motd.txt":
            path = self.write("etc/" + name, "mine\n")
            self.check(["--setup", self.path("etc")] + self.ANSWERS, 1, out=r"\A\Z",
                       err=r"\Aircd: \S+/%s is there already, and --setup overwrites nothing\n\Z" % re.escape(name), input="")
            self.assertEqual(os.listdir(self.path("etc")), [name])
            os.unlink(path)

    def test_each_wrong_answer_is_one_sentence(self):
        for args, err in (
            (["--name", "irc"], r'--name: server\.name: "irc" is not a server name'),
            (["--name", "irc.a.b", "--network", "a b"], r"--network: server\.network: "),
            (["--name", "irc.a.b", "--oper", "a/b"], r"--oper: the name becomes the name of a file"),
            (["--name", "irc.a.b", "--oper", "a$b"], r"--oper: the character \$ cannot be used here"),
            (["--name", "irc.a.b"], r"--setup needs --oper, because there is no terminal to ask"),
            ([], r"--setup needs --name, because there is no terminal to ask"),
        ):
            self.check(["--setup", self.path("etc")] + args, 1, out=r"\A\Z", err=r"\Aircd: %s[^\n]*\n\Z" % err, input="")
            self.assertFalse(os.path.exists(self.path("etc")))

    @unittest.skipIf(os.getuid() != 0, "only root can give another user")
    def test_a_user_that_does_not_exist_is_told_with_the_command_that_makes_it(self):
        self.check(["--setup", self.path("etc"), "--name", "irc.a.b", "--oper", "alice", "--user", "nosuchuser"], 1,
                   err=r"\Aircd: the user nosuchuser does not exist; make it with: useradd .* nosuchuser\n\Z", input="")

    def test_a_directory_that_cannot_be_made_leaves_nothing(self):
        self.check(["--setup", "/proc/ircd"] + self.ANSWERS, 2, err=r"\Aircd: cannot make the directory /proc/ircd: [^\n]*\n\Z", input="")
        self.write("etc/log", "a file, not a directory\n")
        self.check(["--setup", self.path("etc")] + self.ANSWERS, 2, err=r"\Aircd: cannot make the directory \S+/log: File exists\n\Z", input="")
        self.assertEqual(os.listdir(self.path("etc")), ["log"])

    def test_other_modes_take_no_answers(self):
        self.check(["-t", "--name", "irc.a.b"], 1, err="go with --setup only")
        self.check(["--setup", self.path("etc"), "-c", "x"], 1, err="excludes --config")
        self.check(["--setup", self.path("etc"), "--name", "a.b", "--name", "c.d"], 1, err="given twice")

    def test_a_terminal_is_asked_and_a_wrong_answer_is_asked_again(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(irc.BINARY, [irc.BINARY, "--setup", self.path("etc"), "--user", ""])
        self.addCleanup(os.close, terminal)
        shown = b""
        for prompt, answer in ((b"Name of the server", b"wrong"), (b"Name of the server", b"irc.example.org"),
                               (b"[example]: ", b""), (b"Name of the operator", b"alice"), (b"Mail address", b"a@example.org"),
                               (b"/oper alice ", None)):
            while prompt not in shown:
                self.assertTrue(select.select([terminal], [], [], irc.WAIT)[0], shown)
                try:
                    more = os.read(terminal, 4096)
                except OSError:
                    break
                shown += more
            self.assertIn(prompt, shown)
            if answer is not None:
                shown = b""
                os.write(terminal, answer + b"\n")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        with open(self.path("etc/ircd.conf")) as f:
            self.assertIn('email = "a@example.org"', f.read())


class Served(Base):
    """What a running server does with its files."""

    def configuration(self, port):
        digest = irc.run("--hash-password", input="secret").stdout
        self.write("alice.hash", digest)
        self.write("conf.d/opers.conf", 'oper "alice" { password_file = "alice.hash" hosts = { "*@*" } privileges = { "all" } }\n')
        return 'listen "127.0.0.1:%d" { }\ndatabase { path = "" }\ninclude "conf.d/*.conf"\n' % port

    def start(self, args, port, text=None):
        process = subprocess.Popen([irc.BINARY] + args, cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        if text is not None:
            process.stdin.write(text)
        process.stdin.close()
        line = ""
        while "event=start " not in line:
            line = process.stderr.readline()
            self.assertTrue(line, "the server has ended")
        return irc.Client(port)

    def become_operator(self, client):
        client.register("ann")
        client.send("OPER alice secret")
        client.expect(r":\S+ 381 ann ")

    def test_rehash_reads_includes_again_inside_the_sandbox(self):
        port = irc.free_port()
        main = self.write("a.conf", self.configuration(port))
        with self.start(["-c", main], port) as client:
            self.become_operator(client)
            self.write("conf.d/new.conf", "limits { x = 1 }\n")
            client.send("REHASH")
            client.expect(r"conf\.d/new\.conf:1: unknown option \"x\" in block limits")
            self.write("conf.d/new.conf", 'admin { location = "here" }\n')
            client.send("REHASH")
            client.expect(r":\S+ 382 ")
            client.send("ADMIN")
            client.expect(r":\S+ 257 ann .*here")

    def test_standard_input_is_not_read_again(self):
        port = irc.free_port()
        text = self.configuration(port)
        with self.start(["-c", "-"], port, text) as client:
            self.become_operator(client)
            client.send("REHASH")
            client.expect(r"the configuration came from standard input, which cannot be read again")


if __name__ == "__main__":
    irc.main()
