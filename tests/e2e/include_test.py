#!/usr/bin/env python3
"""Includes, secrets from files and the configuration on standard input.

usage: include_test.py BINARY [test…]
"""
import grp
import os
import pwd
import re
import signal
import subprocess
import unittest

import irc
import replay_test
from setup_test import Base

ROOT = os.geteuid() == 0


class Includes(Base):
    def test_files_come_in_the_order_of_their_names(self):
        main = self.write("a.conf", 'include "conf.d/*.conf"\n')
        self.write("conf.d/10.conf", "limits { per_host = 5 }\n")
        self.write("conf.d/20.conf", "limits { per_host = 6 }\n")
        self.write("conf.d/.hidden.conf", "junk\n")
        self.write("conf.d/other.txt", "junk\n")
        self.check(["-c", main, "-t"], 1,
                   err=r"\A\S+/conf\.d/20\.conf:1: block limits is there twice; the first is on line 1 of \S+/10\.conf "
                       r"\(included by \S+/a\.conf:1\)\n\Z")

    def test_a_file_that_is_missing_or_a_directory_is_one_fault(self):
        main = self.write("a.conf", '\ninclude "one.conf"\n')
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: cannot read \S+/one\.conf: No such file or directory; \S.*\n\Z")
        os.mkdir(self.path("one.conf"))
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: cannot read \S+/one\.conf: Is a directory; \S.*\n\Z")

    def test_a_circle_through_a_link_is_refused(self):
        main = self.write("a.conf", 'include "conf.d/*"\n')
        os.mkdir(self.path("conf.d"))
        os.symlink("../a.conf", self.path("conf.d/b.conf"))
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:1: the include of \S+/conf\.d/b\.conf: the file includes itself\n\Z")

    def test_a_fault_names_all_includes_that_lead_to_it(self):
        main = self.write("a.conf", '\ninclude "one.conf"\n')
        self.write("one.conf", '\n\ninclude "two.conf"\n')
        self.write("two.conf", "limits { x = 1 }\ntls 'a.example' { certificate = 'none' key = 'none' }\n"
                               "server { motd = 'none' }")
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/two\.conf:1: unknown option .x. in block limits "
                                              r"\(included by \S+/one\.conf:3, by \S+/a\.conf:2\)\n\Z")
        self.write("two.conf", "\nserver { motd = 'none' }")
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/two\.conf:2: server\.motd: cannot read .* \(included by \S+/one\.conf:3, by ")
        self.write("two.conf", "\ntls 'a.example' { certificate = 'none' key = 'none' }\nlisten '127.0.0.1:1' { tls = true }")
        self.check(["-c", main, "-t"], 1, err=r"(?m)^\S+/two\.conf:2: tls .* \(included by \S+/one\.conf:3, by ")
        self.write("two.conf", "oper 'a' { password = '$argon2id$v=19$x' hosts = { '*@*' } privileges = { 'all' } }")
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/two\.conf:1: oper .a.: the password is no whole .* \(included by \S+/one\.conf:3, by ")

    def test_a_file_need_not_end_with_a_newline(self):
        main = self.write("a.conf", 'include "conf.d/*"\nflood { burst = 12 }')
        self.write("conf.d/1", "limits { per_host = 5 } # end")
        self.write("conf.d/2", "admin { email = 'a@example.org' }")
        self.check(["-c", main, "-t"], 0, err=r"\A\Z")

    def test_an_open_block_is_told_where_it_begins(self):
        main = self.write("a.conf", 'include "one.conf"\npassword_file = "two.conf"\n}\n')
        self.write("one.conf", "\nserver {\n")
        self.write("two.conf", "$argon2id$\n")
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/one\.conf:2: the block that begins here lacks its closing brace "
                                              r"\(included by \S+/a\.conf:1\)\n\Z")

    def test_files_that_are_no_text_are_one_fault_each(self):
        main = self.write("a.conf", 'include "conf.d/*.conf"\n')
        os.mkdir(self.path("conf.d"))
        for content, why in ((b"limits { }\n\x00\x01", r"there is a NUL byte in line 2"),
                             ("limits { }".encode("utf-16"), r"it is UTF-16; save it as UTF-8"),
                             (b"#" * (5 << 20), r"larger than 4096 KiB")):
            with open(self.path("conf.d/x.conf"), "wb") as f:
                f.write(content)
            self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:1: cannot read \S+/conf\.d/x\.conf: %s\n\Z" % why)
        os.unlink(self.path("conf.d/x.conf"))
        os.mkfifo(self.path("conf.d/x.conf"))
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:1: cannot read \S+/conf\.d/x\.conf: it is not a regular file; \S.*\n\Z")

    def test_a_file_or_directory_that_may_not_be_read_is_one_fault(self):
        os.chmod(self.dir, 0o755)
        main = self.write("a.conf", 'include "conf.d/*.conf"\n', 0o644)
        path = self.write("conf.d/x.conf", "limits { }\n", 0)
        user = "nobody" if ROOT else None
        os.chmod(self.path("conf.d"), 0o755)
        self.check(["-c", main, "-t"], 1, user=user, err=r"\A\S+/a\.conf:1: cannot read \S+/conf\.d/x\.conf: Permission denied; \S.*\n\Z")
        os.chmod(self.path("conf.d"), 0)
        self.addCleanup(os.chmod, self.path("conf.d"), 0o755)
        self.check(["-c", main, "-t"], 1, user=user, err=r"\A\S+/a\.conf:1: cannot include conf\.d/\*\.conf: Permission denied; \S.*\n\Z")
        if ROOT:
            os.chmod(self.path("conf.d"), 0o755)
            self.write("a.conf", 'process { user = "nobody" }\ninclude "conf.d/*.conf"\n', 0o644)
            self.check(["-c", main, "-t"], 0, err=re.escape(path))

    def test_a_pattern_may_name_no_file_but_not_a_directory_that_is_missing(self):
        main = self.write("a.conf", 'include "conf.d/*.conf"\n')
        self.check(["-c", main, "-t"], 0, err=r"\Awarning: an include names no file, because \S+/conf\.d is not a directory\n\Z")
        os.mkdir(self.path("conf.d"))
        self.check(["-c", main, "-t"], 0, err=r"\A\Z")

    def test_a_secret_is_one_line_and_no_message_shows_it(self):
        main = self.write("a.conf", 'server {\n    password_file = "secret" }\n')
        self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: cannot use the secret in secret: No such file or directory; \S.*\n\Z")
        digest = irc.run("--hash-password", input="secret").stdout
        for text, why in (("", r"cannot use the secret in secret: it is empty"),
                          ("\n", r"cannot use the secret in secret: it is empty"),
                          ("sesame\nsesame\n", r"cannot use the secret in secret: it has a second line; expected one, the secret"),
                          ("sesame" * 1000, r"cannot use the secret in secret: larger than 4 KiB"),
                          ("sesame\n", r"server\.password: the value is not .*hash-password.*")):
            self.write("secret", text)
            got = self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: %s\n\Z" % why)
            self.assertNotIn("sesame", got.stderr)
        for text in digest, digest.rstrip("\n"), digest.replace("\n", "\r\n"):
            self.write("secret", text)
            self.check(["-c", main, "-t"], 0, err=r"\A\Z")

    def test_a_secret_that_all_can_read_is_told(self):
        digest = irc.run("--hash-password", input="secret").stdout
        self.write("alice.hash", digest, 0o644)
        main = self.write("a.conf", 'oper "alice" { password_file = "alice.hash" hosts = { "*@*" } privileges = { "all" } }\n')
        self.check(["-c", main, "-t"], 0, err=r"every user of this machine may use the secret in \S+/alice\.hash, whose mode is 0644; chmod 640")
        if ROOT:  # without its group the server could not read it then
            group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
            other = self.write("b.conf", open(main).read() + 'process { user = "nobody" }\n')
            self.check(["-c", other, "-t"], 0, err=r"whose mode is 0644; chgrp %s (\S+/alice\.hash) && chmod 640 \1\n" % group)
        os.chmod(self.path("alice.hash"), 0o640)
        self.check(["-c", main, "-t"], 0, err=r"\A\Z")

    def test_a_wrong_secret_names_its_line_and_is_not_shown(self):
        self.write("alice.hash", "sesame\n")
        main = self.write("a.conf", '\noper "alice" { password_file = "alice.hash" hosts = { "*@*" } privileges = { "all" } }\n')
        got = self.check(["-c", main, "-t"], 1, err=r"\A\S+/a\.conf:2: oper \"alice\" password: ")
        self.assertNotIn("sesame", got.stderr)

    def test_standard_input_is_one_file(self):
        for args in (["--load-bans", "-"], ["--simulate", "-"]):
            self.check(["-c", "-"] + args, 1, err="standard input can be only one of two files", input="")

    def test_the_sample_is_not_taken_for_the_configuration(self):
        self.check(["-c", self.write("a.conf", ""), "--print-config"], 1, out=r"\A\Z",
                   err=r"\Aircd: --print-config prints the defaults, so it excludes --config[^\n]*\n\Z")

    def test_standard_input_is_a_configuration(self):
        self.check(["-c", "-", "-t"], 0, out=r"\A\(standard input\): configuration is fine\n", input="limits { per_host = 5 }\n")
        self.check(["-c", "-", "-t"], 1, err=r"\A\(standard input\):2: unknown block \"x\"", input="\nx { }\n")


class Served(Base):
    """What a running server does with its files."""

    def configuration(self, port, up=""):
        digest = irc.run("--hash-password", input="secret").stdout
        self.write("alice.hash", digest)
        self.write("conf.d/opers.conf", 'oper "alice" { password_file = "%salice.hash" hosts = { "*@*" } privileges = { "all" } }\n' % up)
        return 'listen "127.0.0.1:%d" { }\ndatabase { path = "" }\ninclude "%sconf.d/*.conf"\n' % (port, up)

    def start(self, args, port, text=None):
        process = self.process = subprocess.Popen([irc.BINARY] + args, cwd=self.dir, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
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

    def test_a_directory_elsewhere_is_read_again_inside_the_sandbox(self):
        port = irc.free_port()
        os.mkdir(self.path("elsewhere"))
        main = self.write("etc/a.conf", self.configuration(port, "../") + 'include "%s/*.conf"\n' % self.path("elsewhere"))
        with self.start(["-c", main], port) as client:
            self.become_operator(client)
            self.write("elsewhere/new.conf", 'admin { location = "here" }\n')
            client.send("REHASH")
            client.expect(r":\S+ 382 ")
            client.send("ADMIN")
            client.expect(r":\S+ 257 ann .*here")

    def test_a_journal_is_replayed_without_the_files(self):
        port = irc.free_port()
        main = self.write("a.conf", self.configuration(port) + 'log { journal = "j" }\nserver { password_file = "secret" }\n')
        self.write("secret", irc.run("--hash-password", input="sesame").stdout)
        self.write("conf.d/limits.conf", "limits { nick_length = 9 }\n")
        with self.start(["-c", main], port) as client:
            client.send("PASS sesame")
            self.become_operator(client)
            self.write("conf.d/new.conf", 'admin { location = "here" }\n')
            client.send("REHASH")
            client.expect(r":\S+ 382 ")
            client.send("ADMIN")
            client.expect(r":\S+ 257 ann .*here")
            client.send("NICK tenletters")
            client.expect(" 432 ann tenletters :.*1 to 9 letters")
        self.process.terminate()
        self.assertEqual(self.process.wait(irc.WAIT), 0)
        for name in "conf.d/limits.conf", "conf.d/new.conf", "conf.d/opers.conf", "alice.hash", "secret", "a.conf":
            os.unlink(self.path(name))
        path = replay_test.journal_of(self)
        got = replay_test.replay(path)
        self.assertEqual((got["hash"], got["ended"]), (replay_test.hash_in(path), "in order"))

    def test_standard_input_is_not_read_again(self):
        port = irc.free_port()
        text = self.configuration(port) + "process { sandbox = false }\n"
        with self.start(["-c", "-"], port, text) as client:
            self.become_operator(client)
            client.send("REHASH")
            client.expect(r"the configuration came from standard input, which cannot be read again")
            client.send("RESTART irc.localhost :test")
            client.expect(r"the configuration came from standard input, which cannot be read again; DIE ends the server")
            self.process.send_signal(signal.SIGHUP)
            client.expect(r"the configuration came from standard input, which cannot be read again")

    def test_standard_input_is_read_before_the_server_detaches(self):
        port = irc.free_port()
        self.check(["-c", "-", "-d", "--pid-file", "pid"], 0, input=self.configuration(port))
        with open(self.path("pid")) as f:
            self.addCleanup(self.end_detached, int(f.read()))
        with irc.Client(port) as client:
            self.become_operator(client)

    @staticmethod
    def end_detached(pid):
        """It removes its files until it has ended."""
        os.kill(pid, signal.SIGTERM)
        irc.wait_until(lambda: not os.path.exists("/proc/%d" % pid))


if __name__ == "__main__":
    irc.main()
