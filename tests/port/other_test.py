#!/usr/bin/env python3
"""A server as for macOS (make port), on Linux: no sandbox, and calls that other systems have.

usage: other_test.py BINARY [test…]
"""
import os
import pwd
import re
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import irc

ROOT = os.geteuid() == 0
SECRET = "correct-horse"
NONBLOCK, CLOEXEC = 0o4000, 0o2000000  # of Linux, as /proc/PID/fdinfo shows them


def descriptors(pid):
    """The flags of each socket of the process."""
    folder = "/proc/%d/fd" % pid
    for number in os.listdir(folder):
        if os.readlink(os.path.join(folder, number)).startswith("socket:"):
            with open("/proc/%d/fdinfo/%s" % (pid, number)) as f:
                yield int(re.search(r"flags:\s*(\d+)", f.read()).group(1), 8)


class Other(unittest.TestCase):
    def test_the_start_line_and_the_check_say_that_there_is_no_sandbox(self):
        with irc.Server() as server:
            self.assertRegex(server.log(), r'event=start .*sandbox="none on this system, uid \d+"')
            told = irc.run("-c", server.config, "-t")
            self.assertEqual(told.returncode, 0)
            self.assertIn("process.sandbox: ircd has no sandbox for this system, so the server can do all that its user can",
                          told.stderr)
        with irc.Server(extra=irc.EXEMPT + "process { sandbox = false }\n") as server:
            self.assertRegex(server.log(), r'sandbox="off, uid \d+"')
            self.assertNotIn("process.sandbox", irc.run("-c", server.config, "-t").stderr)

    def test_sockets_are_nonblocking_and_closed_on_exec(self):
        with irc.Server() as server, server.connect("ann"), server.connect("bob"):
            flags = list(descriptors(server.process.pid))
            self.assertGreaterEqual(len(flags), 3)
            for each in flags:
                self.assertEqual(each & (NONBLOCK | CLOEXEC), NONBLOCK | CLOEXEC, oct(each))

    def test_a_unix_socket_has_its_mode(self):
        with irc.Server(start=False) as server:
            for mode in "0600", "0666":
                path = server.path("socket" + mode)
                with open(server.config, "a") as f:
                    f.write('listen "unix:%s" {\n  mode = "%s"\n}\n' % (path, mode))
            server.start()
            for mode in "0600", "0666":
                self.assertEqual(stat.S_IMODE(os.stat(server.path("socket" + mode)).st_mode), int(mode, 8))

    def test_root_becomes_the_user_with_its_group_alone(self):
        user = pwd.getpwnam("nobody")
        with irc.Server(extra=irc.EXEMPT + 'process { user = "nobody" }\n', start=False) as server:
            os.chmod(server.dir, 0o755)
            if not ROOT:
                self.assertIn("only root can become nobody", irc.run("-c", server.config, "-t").stderr)
                return
            server.start()
            with open("/proc/%d/status" % server.process.pid) as f:
                status = dict(line.rstrip("\n").split(":", 1) for line in f)
            self.assertEqual(status["Uid"].split(), [str(user.pw_uid)] * 4)
            self.assertEqual(status["Gid"].split(), [str(user.pw_gid)] * 4)
            self.assertEqual(status["Groups"].split(), [str(user.pw_gid)])
            with server.connect("ann"):
                pass

    def test_restart_finds_the_program_in_path(self):
        with irc.Server(extra=irc.EXEMPT + irc.oper_block("alice", SECRET), start=False) as server:
            folder, name = os.path.split(irc.BINARY)
            with open(server.path("stderr"), "a") as err:
                server.process = subprocess.Popen([name, "-c", server.config], stdin=subprocess.DEVNULL, stdout=err, stderr=err,
                                                  cwd=server.dir, env=dict(os.environ, PATH="/nonexistent:" + folder))
            irc.wait_until(server._listens, what="the server to listen")
            alice = server.connect("alice").oper("alice", SECRET)
            alice.send("RESTART irc.test.example")
            alice.wait_closed()
            irc.wait_until(lambda: len(re.findall("event=start ", server.log())) == 2, what="a new start")
            irc.wait_until(server._listens, what="the port")


if __name__ == "__main__":
    irc.main()
