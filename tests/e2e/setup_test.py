#!/usr/bin/env python3
"""--print-config --minimal and --setup.

usage: setup_test.py BINARY [test…]
"""
import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import termios
import time
import unittest

import irc


class Base(irc.ProgramTest):
    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o600):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)


class Minimal(Base):
    def test_it_has_twelve_lines_and_is_valid(self):
        text = self.check(["--print-config", "--minimal"], 0).stdout
        self.assertEqual(text.count("\n"), 12)
        self.write("alice.hash", irc.run("--hash-password", input="secret").stdout)
        self.write("motd.txt", "Hello.\n")
        os.mkdir(self.path("conf.d"))
        made = self.path("tls/irc.example.org/")
        os.makedirs(made)
        for ours, name in zip(irc.make_certificate(made, "irc.example.org"), ("fullchain.pem", "privkey.pem")):
            os.rename(ours, made + name)
        for pattern, ours in ((r'"/var/(lib|log)/(ircd/)?', '"'), (r'user = "ircd"', 'user = ""')):
            text, found = re.subn(pattern, ours, text)
            self.assertGreater(found, 0)
        got = self.check(["-c", self.write("a.conf", text), "-t"], 0)
        self.assertEqual(re.sub(r"warning: listen \S+ other machines connect without TLS.*\n", "", got.stderr), "")

    def test_minimal_alone_is_refused(self):
        self.check(["--minimal"], 1, err="goes with --print-config only")


class Setup(Base):
    ANSWERS = ["--name", "irc.example.org", "--oper", "alice", "--user", ""]

    def test_it_writes_what_it_says(self):
        got = self.check(["--setup", self.path("etc")] + self.ANSWERS, 0, err=r"\A\Z", input="")
        password = re.search(r"(?m)^    /oper alice (\S{20})$", got.stdout).group(1)
        self.assertEqual(sorted(os.listdir(self.path("etc"))), ["alice.hash", "conf.d", "ircd.conf", "log", "motd.txt", "var"])
        for name in "ircd.conf", "alice.hash":
            self.assertEqual(stat.S_IMODE(os.stat(self.path("etc/" + name)).st_mode) & 0o007, 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("etc/var")).st_mode), 0o700)
        with open(self.path("etc/ircd.conf")) as f:
            text = f.read()
        self.assertNotIn(password, text)
        self.assertIn('network = "example"', text)
        self.assertIn('#tls ', text)
        # Each command that it prints works as it is printed.
        edited = re.sub(r'listen +"\[::\].*\n', "", text.replace("0.0.0.0:6667", "127.0.0.1:%d" % irc.free_port())
                        .replace("0.0.0.0:6697", "127.0.0.1:%d" % irc.free_port()))
        with open(self.path("etc/ircd.conf"), "w") as f:
            f.write(edited)
        commands = re.findall(r"(?m)^    (\S*ircd -c .*?)  +# .*$", got.stdout)
        self.assertEqual([command.split()[-1] for command in commands], ["-t", "-d"])
        for command in commands:
            ran = subprocess.run(command + " --pid-file pid" * command.endswith("-d"), shell=True, cwd=self.dir, capture_output=True, text=True)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        with open(self.path("pid")) as f:
            os.kill(int(f.read()), signal.SIGTERM)
        self.until(lambda: not os.path.exists(self.path("pid")))

    def test_a_certificate_that_is_there_is_used(self):
        self.write("etc/tls/irc.example.org/fullchain.pem", "x")
        got = self.check(["--setup", self.path("etc")] + self.ANSWERS, 0, input="")
        self.assertNotIn("certificate of an authority", got.stdout)
        self.check(["-c", self.path("etc/ircd.conf"), "-t"], 1, err=r"/ircd\.conf:7: tls \S+ certificate: ")

    def test_a_directory_with_blanks_is_printed_for_the_shell(self):
        got = self.check(["--setup", "my 'own' etc//"] + self.ANSWERS, 0, input="")
        command = re.search(r"(?m)^    (.* -t)  +#", got.stdout).group(1)
        ran = subprocess.run(command, shell=True, cwd=self.dir, capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, "my 'own' etc/ircd.conf: configuration is fine\n"))

    def answer(self, text, code, err):
        got = self.check(["--setup", self.path("etc")] + ([] if os.getuid() else ["--user", ""]), code, err=err, input=text)
        self.assertEqual(os.path.exists(self.path("etc")), code == 0)
        return got

    def test_a_pipe_answers_line_by_line(self):
        self.answer("", 1, r"\Aircd: --setup needs --name: the input has ended, and nothing was written\n\Z")
        self.answer("irc.example.org\n\n", 1, r"\Aircd: --setup needs --oper: the input has ended, and nothing was written\n\Z")
        self.answer("wrong\nirc.example.org\n\nalice\n", 1, r"\Aircd: --name: [^\n]*\n\Z")
        self.answer("a" * 300 + "\nirc.example.org\n", 1, r"\Aircd: --name: longer than 254 bytes\n\Z")
        self.answer("irc.example.org\nNet\nalice\na@example.org", 0, r"\A\Z")
        with open(self.path("etc/ircd.conf")) as f:
            text = f.read()
        self.assertIn('network = "Net"', text)
        self.assertIn('email = "a@example.org"', text)

    def test_a_signal_while_it_asks_leaves_nothing(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        process = subprocess.Popen([irc.BINARY, "--setup", self.path("etc")], stdin=reader, stderr=subprocess.DEVNULL)
        os.close(reader)
        os.write(writer, b"irc.example.org\n\nali")
        self.until_read(writer)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(irc.WAIT), -signal.SIGINT)
        self.assertFalse(os.path.exists(self.path("etc")))

    def until(self, true):
        end = time.monotonic() + irc.WAIT
        while not true():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def until_read(self, pipe):
        """Waits until the process has taken all that is in the pipe."""
        self.until(lambda: struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0] == 0)

    def test_a_signal_while_it_writes_waits_until_the_password_is_printed(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            while os.write(writer, b"x" * 4096):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(writer, True)
        process = subprocess.Popen([irc.BINARY, "--setup", self.path("etc")] + self.ANSWERS, stdin=subprocess.DEVNULL, stdout=writer)
        os.close(writer)
        self.until(lambda: os.path.exists(self.path("etc/ircd.conf")))
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        with os.fdopen(reader, "rb") as f:
            self.assertRegex(f.read(), rb"(?m)^    /oper alice \S{20}$")
        self.assertEqual(process.wait(irc.WAIT), -signal.SIGINT)
        self.check(["-c", self.path("etc/ircd.conf"), "-t"], 0)

    def test_a_password_that_cannot_be_printed_leaves_nothing(self):
        with open("/dev/full", "w") as full:
            got = subprocess.run([irc.BINARY, "--setup", self.path("etc")] + self.ANSWERS, stdin=subprocess.DEVNULL, stdout=full,
                                 stderr=subprocess.PIPE, text=True)
        self.assertEqual((got.returncode, got.stderr), (2, "ircd: cannot print the password: No space left on device; "
                                                           "what was written is removed again\n"))
        self.assertFalse(os.path.exists(self.path("etc")))

    def test_a_file_that_comes_while_it_asks_is_not_overwritten(self):
        process = subprocess.Popen([irc.BINARY, "--setup", self.path("etc")] + (["--user", ""] if os.getuid() == 0 else []),
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        process.stdin.write("irc.example.org\n")
        process.stdin.flush()
        self.until_read(process.stdin)
        self.write("etc/motd.txt", "mine\n")
        err = process.communicate("\nalice\n\n", irc.WAIT)[1]
        self.assertEqual((process.returncode, err), (2, "ircd: cannot make %s: File exists; what was written is removed again\n"
                                                     % self.path("etc/motd.txt")))
        self.assertEqual(os.listdir(self.path("etc")), ["motd.txt"])
        with open(self.path("etc/motd.txt")) as f:
            self.assertEqual(f.read(), "mine\n")

    def test_a_full_disk_leaves_nothing(self):
        command = ('mkdir etc && mount -t tmpfs -o size=%s none etc && { "$1" --setup etc --name irc.example.org --oper alice --user "" '
                   '</dev/null; echo "code $?"; ls -A etc; }')
        for size, name in ("4k", r"motd\.txt"), ("8k", r"ircd\.conf"):
            got = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command % size, "sh", irc.BINARY],
                                 cwd=self.dir, capture_output=True, text=True)
            self.assertEqual(got.stdout, "code 2\n", got)
            self.assertRegex(got.stderr, r"\Aircd: cannot (write|make) etc/%s: No space left on device; what was written is removed again\n\Z" % name)
            os.rmdir(self.path("etc"))

    def test_it_overwrites_nothing(self):
        for name in "ircd.conf", "alice.hash", "motd.txt":
            path = self.write("etc/" + name, "mine\n")
            self.check(["--setup", self.path("etc")] + self.ANSWERS, 1, out=r"\A\Z",
                       err=r"\Aircd: \S+/%s is there already, and --setup overwrites nothing; to begin anew, move it away\n\Z" % re.escape(name), input="")
            self.assertEqual(os.listdir(self.path("etc")), [name])
            os.unlink(path)

    def test_each_wrong_answer_is_one_sentence(self):
        for args, err in (
            (["--name", "irc"], r'--name: server\.name: "irc" is not a server name'),
            (["--name", "irc.a.b", "--network", "a b"], r"--network: server\.network: "),
            (["--name", "irc.a.b", "--oper", "a/b"], r"--oper: the name becomes the name of a file"),
            (["--name", "irc.a.b", "--oper", "a$b"], r"--oper: the character \$ cannot be used here"),
            (["--name", "irc.a.b", "--oper", "a", "--email", "a b@c.d"], r'--email: "a b@c.d" is not a mail address'),
            (["--name", "irc.a.b", "--oper", "a", "--email", "nobody"], r'--email: "nobody" is not a mail address'),
            (["--name", "irc.a.b"], r"--setup needs --oper: the input has ended"),
            (["--name", "irc.a.b", "--oper", "a" * 256], r"--oper: longer than 255 bytes"),
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
        self.check(["--setup", self.path("etc")] + self.ANSWERS, 2, err=r"\Aircd: cannot make the directory \S+/log: File exists; what was written is removed again\n\Z", input="")
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
                               (b"[example]: ", b""), (b"Name of the operator", b"alice"), (b"Mail address", b"ask me"), (b"Mail address", b"a@example.org"),
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


@unittest.skipIf(os.getuid() != 0, "only root has /etc")
class Machine(Base):
    """In /etc of a mount namespace, with a network of its own, where the real ports are free."""

    START = """
set -e
mkdir -p "$1" && cp -L /etc/passwd /etc/group "$1" && mount --bind "$1" /etc
mount -t tmpfs -o mode=755 none /var/lib && mount -t tmpfs -o mode=755 none /var/log && ip link set lo up
add() { echo "ircd:x:4242:4242::/var/lib/ircd:/usr/sbin/nologin" >>/etc/passwd; echo "ircd:x:4242:" >>/etc/group; }
setup() { "$ircd" --setup /etc/ircd --name irc.example.org --oper alice </dev/null; }
modes() { stat -c "%a %U:%G %n" /etc/ircd /etc/ircd/* /var/lib/ircd /var/log/ircd; }
ircd=$2
"""

    def machine(self, script):
        got = subprocess.run(["unshare", "--mount", "--net", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", self.START + script, "sh",
                              self.path("etc"), irc.BINARY, irc.public_binary()], cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return got

    def test_root_in_etc(self):
        got = self.machine("""add; setup; modes; "$2" -c /etc/ircd/ircd.conf -t; "$2" -c /etc/ircd/ircd.conf -d --pid-file /var/lib/pid
            stat -c "%U %n" /var/lib/ircd/*; stat -c "%a %U %n" /var/log/ircd/*; grep Uid /proc/$(cat /var/lib/pid)/status""")
        self.assertEqual(re.sub(r"warning: listen \S+ other machines connect without TLS.*\n", "", got.stderr), "", got)
        self.assertEqual(got.returncode, 0)
        self.assertIn("Data: /var/lib/ircd. Log: /var/log/ircd/ircd.log.\n", got.stdout)
        for line in ("755 root:root /etc/ircd", "640 root:ircd /etc/ircd/alice.hash", "755 root:root /etc/ircd/conf.d", "640 root:ircd /etc/ircd/ircd.conf",
                     "640 root:ircd /etc/ircd/motd.txt", "700 ircd:ircd /var/lib/ircd", "750 ircd:ircd /var/log/ircd",
                     "ircd /var/lib/ircd/ircd.a.gdbm", "640 ircd /var/log/ircd/ircd.log"):
            self.assertIn("\n%s\n" % line, got.stdout)
        self.assertRegex(got.stdout, r"(?m)^Uid:\s+4242\s+4242\s")

    def test_ctl_asks_the_server_of_the_machine(self):
        """Not in "/", where there is a var, nor where another user has made a socket."""
        got = self.machine("""add; setup >/dev/null; "$2" -c /etc/ircd/ircd.conf -d; "$2" ctl status
            mkdir /etc/x; install -d -o nobody /etc/x/var; cd /etc/x
            python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("var/control")'; chown -R nobody var; "$2" ctl status""")
        self.assertEqual(got.stdout.count("\nconfiguration /etc/ircd/ircd.conf\n"), 2, got)
        self.assertEqual(got.returncode, 0)

    def test_without_the_user_nothing_is_written(self):
        got = self.machine("set +e; setup; echo code $?; ls -d /etc/ircd /var/lib/ircd /var/log/ircd; add; setup >/dev/null; echo code $?")
        self.assertEqual(got.stdout, "code 1\ncode 0\n")
        self.assertRegex(got.stderr, r"\Aircd: the user ircd does not exist; make it with: useradd [^\n]*\n(ls: .*\n){3}\Z")

    def test_data_that_exist_stay_and_a_wrong_owner_is_told_with_the_cure(self):
        got = self.machine("""add; mkdir -m 700 /var/lib/ircd; echo mine >/var/lib/ircd/note; setup >/dev/null; cat /var/lib/ircd/note; modes
            set +e; "$2" -c /etc/ircd/ircd.conf -t; "$2" -c /etc/ircd/ircd.conf; echo code $?
            chown -R ircd /var/lib/ircd; "$2" -c /etc/ircd/ircd.conf -d; echo code $?""")
        self.assertRegex(got.stdout, r"(?s)\Amine\n.*\n700 root:root /var/lib/ircd\n.*\ncode 1\ncode 0\n\Z")
        self.assertRegex(got.stderr, r"(?m)^warning: database\.path: .*chown -R ircd.* /var/lib/ircd")

    def test_a_user_in_etc_keeps_its_data_where_it_may_write(self):
        got = self.machine("""add; install -d -o ircd -g ircd /etc/ircd /var/lib/ircd
            setpriv --reuid ircd --regid ircd --clear-groups "$3" --setup /etc/ircd --name irc.example.org --oper alice </dev/null; modes 2>&1""")
        self.assertIn("Log: standard error.", got.stdout, got)


if __name__ == "__main__":
    irc.main()
