#!/usr/bin/env python3
"""The command line: help, -t, --print-config, --hash-password, and the exit codes.

usage: command_line_test.py BINARY [test…]
"""
import hashlib
import os
import pty
import re
import select
import time
import subprocess

import irc


class CommandLine(irc.ProgramTest):
    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def test_help_names_every_option(self):
        for flag in (["-h"], ["--help"], ["ctl", "--help"]):
            got = self.check(flag, 0)
            for name in ("--config", "--test", "--print-config", "--print-reference", "--hash-password", "--make-token", "--detach",
                         "--pid-file", "--version", "--help", "-c", "-t", "-d", "-V", "-h"):
                self.assertIn(name, got.stdout)

    def test_version_is_one_line(self):
        for flag in "-V", "--version":
            self.check([flag], 0, out=r"\Aircd \d+\.\d+\.\d+\n\Z")

    def test_a_damaged_password_is_named_with_its_line(self):
        path = self.file("p.conf", 'server { password = "$argon2id$x" }\noper "a" {\n'
                         'password = "$argon2id$junk" hosts = { "*@*" } }\n')
        self.check(["-c", path, "-t"], 1, err=r'p\.conf:2: oper "a": .*--hash-password'
                   r'(?s:.*)p\.conf:1: server\.password: .*--hash-password')

    def test_wrong_arguments_are_refused_by_name(self):
        for args, err in (
            (["-x"], "unknown option.* -x"),
            (["--bogus"], "unknown option.* --bogus"),
            (["extra"], "superfluous argument extra"),
            (["status"], "commands to a server that runs begin with ctl: ircd ctl status"),
            (["-t", "a", "b"], "superfluous argument a"),
            (["-c"], "missing after -c"),
            (["--pid-file"], "missing after --pid-file"),
            (["-c", ""], "nothing given to option --config"),
            (["-c", "a", "-c", "b"], "given twice: option --config"),
            (["-t", "--print-config"], "does not go with"),
            (["--print-reference"], "missing after --print-reference"),
            (["--print-reference", "ircd.9"], 'no page "ircd.9"; there are: ircd.conf.5 ircd-commands.7'),
        ):
            with self.subTest(args=args):
                got = self.check(args, 1, out=r"\A\Z", err=r"\Aircd: .*" + err)
                self.assertEqual(got.stderr.count("\n"), 1)

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            for flag in "--help", "--print-config", "--version":
                got = irc.subprocess.run([irc.BINARY, flag], stdout=full, stderr=irc.subprocess.PIPE,
                                         timeout=irc.WAIT)
                self.assertEqual(got.returncode, 2)

    def test_a_good_configuration_is_fine(self):
        path = self.file("good.conf", 'server { name = "a.example" }\n')
        self.check(["-c", path, "-t"], 0, out=r"\A%s: configuration is fine\n\Z" % re.escape(path),
                   err=r"\A\Z")
        self.check(["-t"], 0, out="configuration is fine")
        self.assertEqual(os.listdir(self.dir), ["good.conf"], "checking makes no files")

    def test_every_fault_is_told_with_file_and_line(self):
        path = self.file("bad.conf", 'server { name = "a.example" }\nlimits {\n  per_host = 0\n'
                                     '  ping_every = "90"\n}\n')
        got = self.check(["-c", path, "-t"], 1, out=r"\A\Z")
        self.assertRegex(got.stderr, r"(?m)^%s:3: \S" % re.escape(path))
        self.assertRegex(got.stderr, r"(?m)^%s:4: \S" % re.escape(path))

    def test_a_broken_configuration_starts_nothing(self):
        path = self.file("bad.conf", 'bogus {\n')
        for more in [], ["-d"], ["--pid-file", "pid"]:
            self.check(["-c", path] + more, 1, err=r"^%s:1: \S" % re.escape(path))
        self.assertEqual(os.listdir(self.dir), ["bad.conf"])

    def test_an_unreadable_configuration_names_the_reason(self):
        for path, why in (("none.conf", "No such file"), (self.dir, "Is a directory")):
            self.check(["-c", path, "-t"], 1, err="%s: %s" % (re.escape(path), why))
        with open(os.path.join(self.dir, "nul.conf"), "wb") as f:
            f.write(b"server { }\n\0rest")
        self.check(["-c", "nul.conf", "-t"], 1, err="nul.conf: there is a NUL byte in line 2")
        with open(os.path.join(self.dir, "big.conf"), "wb") as f:
            f.write(b"#" * ((4 << 20) + 1))
        self.check(["-c", "big.conf", "-t"], 1, err="big.conf: larger than 4096 KiB")
        for encoding in "utf-16", "utf-16-le", "utf-16-be":
            with open(os.path.join(self.dir, "wide.conf"), "w", encoding=encoding) as f:
                f.write("server { }\n")
            self.check(["-c", "wide.conf", "-t"], 1, err="wide.conf: it is UTF-16; save it as UTF-8")

    def test_an_unreadable_motd_is_a_fault_of_the_configuration(self):
        path = self.file("a.conf", 'server {\n  motd = "none.txt"\n}\n')
        for more in ["-t"], []:
            self.check(["-c", path] + more, 1, err=r"a\.conf:2: .*none\.txt: No such file")

    def test_a_fifo_is_no_configuration_and_no_motd_and_is_not_waited_for(self):
        fifo = os.path.join(self.dir, "fifo")
        os.mkfifo(fifo)
        self.check(["-c", fifo], 1, err="fifo: it is not a regular file")
        path = self.file("b.conf", 'server {\n  motd = "fifo"\n}\n')
        self.check(["-c", path, "-t"], 1, err="b.conf:2: server.motd: cannot read .*fifo: it is not a regular file")

    def test_the_motd_is_relative_to_the_configuration(self):
        os.mkdir(os.path.join(self.dir, "sub"))
        self.file("sub/motd.txt", "hello\n")
        path = self.file("sub/a.conf", 'server { motd = "motd.txt" }\n')
        self.check(["-c", path, "-t"], 0)
        self.check(["-c", "sub/a.conf", "-t"], 0)

    def test_the_printed_sample_is_a_good_configuration(self):
        got = self.check(["--print-config"], 0, out="limits")
        self.check(["-c", self.file("sample.conf", got.stdout), "-t"], 0)

    def test_a_password_from_a_pipe_is_hashed(self):
        got = self.check(["--hash-password"], 0, out=r"\A\$argon2id\$\S+\n\Z", input="secret\n")
        again = self.check(["--hash-password"], 0, input="secret")
        self.assertNotEqual(got.stdout, again.stdout, "each has its own salt")

    def test_a_token_has_its_hash_on_the_second_line(self):
        got = self.check(["--make-token"], 0, out=r"\A[0-9a-f]{64}\nsha256:[0-9a-f]{64}\n\Z", err=r"\A\Z")
        token, hashed = got.stdout.split()
        self.assertEqual(hashed, "sha256:" + hashlib.sha256(token.encode()).hexdigest())
        self.assertNotEqual(self.check(["--make-token"], 0).stdout, got.stdout)
        conf = 'proxy "kiwi" { match = { "192.0.2.9" } accepts = { "webirc" } token = "%s" }\n'
        self.check(["-c", self.file("good.conf", conf % hashed), "-t"], 0)
        oper = 'oper "grafana" { hosts = { "*@127.0.0.1" } privileges = { "check" } token = "%s" }\n'
        self.check(["-c", self.file("oper.conf", oper % hashed), "-t"], 0)
        self.check(["-c", self.file("oper.conf", oper % token), "-t"], 1, err="--make-token")
        bad = self.check(["-c", self.file("bad.conf", conf % token), "-t"], 1, err="--make-token")
        self.assertNotIn(token, bad.stderr, "a fault shows no secret")

    def test_useless_passwords_are_refused(self):
        for text, why in (("", "empty"), ("\n", "empty"), ("a\tb\n", "control character"),
                          ("x" * 400, "longer"), ("secret\nmore\n", "second line"), ("a\n\n", "second line")):
            with self.subTest(text=text):
                self.check(["--hash-password"], 1, out=r"\A\Z", err=why, input=text)

    def test_a_terminal_shows_no_password(self):
        pid, fd = pty.fork()
        if pid == 0:
            try:
                os.execv(irc.BINARY, [irc.BINARY, "--hash-password"])
            finally:
                os._exit(127)  # never a second run of these tests
        self.addCleanup(os.close, fd)
        shown = self.terminal_until(fd, b"Password: ")
        os.write(fd, b"secret\n")
        shown += self.terminal_until(fd, b"Once more: ")
        os.write(fd, b"secret\n")
        shown += self.terminal_until(fd, b"$argon2id$")
        self.assertNotIn(b"secret", shown)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def terminal_until(self, fd, wanted):
        seen, end = b"", time.monotonic() + irc.WAIT
        while wanted not in seen:
            self.assertTrue(select.select([fd], [], [], max(0, end - time.monotonic()))[0], seen)
            seen += os.read(fd, 4096)
        return seen


if __name__ == "__main__":
    irc.main()
