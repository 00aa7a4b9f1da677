#!/usr/bin/env python3
"""The sandbox: the state that /proc shows, the acts that it refuses inside, and a server that still works."""
import ctypes
import os
import pwd
import re
import signal
import subprocess
import tempfile
import unittest

import irc

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))


def status(server):
    text = open("/proc/%d/status" % server.process.pid).read()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def threads(server):
    return ["/proc/%d/task/%s/status" % (server.process.pid, t)
            for t in os.listdir("/proc/%d/task" % server.process.pid)]


class OldKernel:
    """Makes the kernel of a process older: libseccomp refuses it calls, as a kernel that lacks them."""
    ALLOW, LANDLOCK, PRCTL, GET_SECCOMP, SET_SECCOMP = 0x7fff0000, b"landlock_create_ruleset", b"prctl", 21, 22
    ENOSYS, EINVAL = 38, 22

    class Compared(ctypes.Structure):
        _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]

    def __init__(self, landlock, seccomp):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.landlock, self.seccomp = landlock, seccomp

    def refuse(self, rules, error, name, *first):
        call = self.library.seccomp_syscall_resolve_name(name)
        compared = [self.Compared(0, 4, value, 0) for value in first]  # SCMP_CMP_EQ
        assert self.library.seccomp_rule_add(rules, 0x00050000 | error, call, len(compared), *compared) == 0, name

    def __call__(self):
        """In the child, before the program starts."""
        rules = ctypes.c_void_p(self.library.seccomp_init(self.ALLOW))
        if not self.landlock:
            self.refuse(rules, self.ENOSYS, self.LANDLOCK)
        if not self.seccomp:
            self.refuse(rules, self.EINVAL, self.PRCTL, self.GET_SECCOMP)
            self.refuse(rules, self.EINVAL, self.PRCTL, self.SET_SECCOMP)
            self.refuse(rules, self.ENOSYS, b"seccomp")
        assert self.library.seccomp_load(rules) == 0


class Walls(unittest.TestCase):
    def test_a_kernel_without_a_part_is_named_by_the_check_and_the_start(self):
        files, calls = "Landlock, so the server can reach all files of its user", "seccomp, so the server can make all system calls"
        for landlock, seccomp, warning, start in (
                (True, True, "", r"landlock \d+, seccomp"), (False, True, files, "no landlock, seccomp"),
                (True, False, calls, r"landlock \d+, no seccomp"),
                (False, False, files + ", and no " + calls, "no landlock, no seccomp")):
            with irc.Server(start=False) as server:
                old = OldKernel(landlock, seccomp)
                told = subprocess.run([irc.BINARY, "-c", server.config, "-t"], preexec_fn=old, capture_output=True, text=True,
                                      timeout=irc.WAIT)
                self.assertEqual(told.returncode, 0)
                self.assertEqual(told.stderr, "warning: process.sandbox: this kernel has no %s\n" % warning if warning else "")
                server._limit, server.nofile = old, True  # what the child calls before it starts
                server.start()
                self.assertRegex(server.log(), 'event=start .*sandbox="%s, no capabilities, uid' % start)
                with server.connect("ann"):
                    pass

    def test_every_thread_is_inside(self):
        with irc.Server() as server:
            with server.connect("ann"):
                self.assertGreaterEqual(len(threads(server)), 3)  # loop, store writer, password worker
                for thread in threads(server):
                    text = open(thread).read()
                    self.assertRegex(text, r"NoNewPrivs:\s+1\n")
                    self.assertRegex(text, r"Seccomp:\s+2\n")
                    # Only root may empty the bounding set; without new privileges it gives nothing.
                    for kind in ["Inh", "Prm", "Eff", "Amb"] + ["Bnd"] * (os.geteuid() == 0):
                        self.assertRegex(text, r"Cap%s:\s+0+\n" % kind)
            self.assertRegex(server.log(), r'event=start .*sandbox="landlock \d+, seccomp, no capabilities, uid \d+"')

    def test_it_can_be_turned_off(self):
        with irc.Server(extra=irc.EXEMPT + "process { sandbox = false }\n") as server:
            self.assertEqual(status(server)["Seccomp"], "0")
            self.assertEqual(status(server)["NoNewPrivs"], "0")
            self.assertRegex(server.log(), r'sandbox="off, uid \d+"')

    ALLOWED = ["makes a file in data", "renames and removes in data", "starts a thread", "reads its configuration",
               "signals itself", "becomes nonblocking", "sends", "sets a plain mode", "listens"]

    def probe(self, mode):
        """What holds, and a dictionary from attempt to "done" or "refused"."""
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as work:
            probe, data, other, conf = (os.path.join(work, n) for n in ("probe", "data", "other", "conf/ircd.conf"))
            sources = [os.path.join(TOP, "src", n) for n in (
                "main/sandbox.c", "main/sandbox_linux.c", "main/sandbox_paths.c", "main/landlock.c", "main/syscalls.c",
                "main/user.c", "main/directory.c", "base/str.c")]
            subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Werror",
                            "-I", os.path.join(TOP, "include"), "-I", os.path.join(TOP, "src"), "-o", probe,
                            os.path.join(HERE, "sandbox_probe.c"), *sources, "-lseccomp", "-lcap-ng"], check=True)
            os.mkdir(data)
            os.mkdir(os.path.dirname(conf))
            for name in other, conf:
                with open(name, "w") as f:
                    f.write("secret\n")
            secret = "/etc/shadow" if os.access("/etc/shadow", os.R_OK) else "/etc/passwd"
            done = subprocess.run([probe, mode, data, conf, other, secret], check=True, capture_output=True, text=True,
                                  timeout=irc.WAIT)
            lines = done.stdout.splitlines()
            return lines[0], dict(line.split(": ") for line in lines[1:])

    def test_inside_only_its_own_files_are_left(self):
        holds, got = self.probe("locked")
        self.assertRegex(holds, r"^landlock \d+, seccomp, no capabilities, uid \d+$")
        self.assertEqual([name for name, what in got.items() if what == "done"], self.ALLOWED)
        self.assertGreaterEqual(len(got), 40)

    def test_each_attempt_would_succeed_outside(self):
        got = self.probe("open")[1]
        failed = [name for name, what in got.items() if what != "done" and not name.endswith("?")]
        self.assertEqual(failed, [])

    def test_landlock_alone_keeps_files_connections_and_signals(self):
        holds, got = self.probe("landlock")
        version = int(holds.split()[1])
        kept = {"reads a secret", "reads another file", "writes another file", "lists another directory"}
        if version >= 4:
            kept.add("connects")
        if version >= 6:
            kept |= {"signals another", "signals another thread"}
        for name in kept:
            self.assertEqual(got[name], "refused", name)
        for name in self.ALLOWED:
            self.assertEqual(got[name], "done", name)


SECRET = b"Xyzzy-plugh-4711"


def memory(server):
    """The writable memory of the server, piece by piece, with its name in /proc/PID/maps."""
    pid = server.process.pid
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            span, access, *rest = line.split()
            start, end = (int(n, 16) for n in span.split("-"))
            if not access.startswith("rw") or end - start > 1 << 28:  # a sanitizer's shadow
                continue
            mem.seek(start)
            yield mem.read(end - start), rest[-1]


def found(server):
    return [name for piece, name in memory(server) if SECRET in piece]


class Memory(unittest.TestCase):
    def owner_and_limit(self, process):
        """Whose /proc/PID/mem is, which is root's alone if the process is not dumpable, and the soft and hard
        limit of core files; run as an ordinary user, which is nobody if this is root."""
        user = 'user = "nobody"' if os.geteuid() == 0 else ""
        with irc.Server(extra=irc.EXEMPT + "process { %s %s }\n" % (user, process), start=False) as server:
            os.chmod(server.dir, 0o777)
            server.start()
            owner = os.stat("/proc/%d/mem" % server.process.pid).st_uid
            limits = open("/proc/%d/limits" % server.process.pid).read()
            return owner, re.search(r"Max core file size +(\S+) +(\S+)", limits).groups()

    def test_no_core_dump_and_no_debugger(self):
        owner, limits = self.owner_and_limit("sandbox = true")
        self.assertEqual(owner, 0)
        self.assertEqual(limits[0], "0")

    def test_a_developer_may_have_both(self):
        owner, limits = self.owner_and_limit("core_dumps = true")
        self.assertNotEqual(owner, 0)
        self.assertEqual(limits[0], limits[1])

    def test_a_password_is_not_in_memory_once_it_was_checked(self):
        extra = irc.EXEMPT + irc.oper_block(password=SECRET.decode())
        if os.geteuid() != 0:
            extra += "process { core_dumps = true }\n"
        with irc.Server(extra=extra, server='password = "%s"' % irc.password_hash(SECRET.decode())) as server:
            with server.connect() as eve:
                eve.send("PASS %s" % SECRET.decode())
                eve.send("PING 1")
                irc.wait_until(lambda: found(server), what="the password in the memory of who has not registered")
            with server.connect() as ann, server.connect() as half:
                half.sock.sendall(b"PASS " + SECRET)
                ann.send("PASS %s" % SECRET.decode())
                ann.register("ann")
                ann.send("OPER alice %s" % SECRET.decode())
                ann.expect(r" 381 ")
                ann.send("OPER bob %s" % SECRET.decode())
                ann.expect(r" 464 ")
                half.close()
                irc.wait_until(lambda: not found(server), what=lambda: "an end of the password: %s" % found(server))


class Work(unittest.TestCase):
    def test_rehash_log_reopening_and_the_store_go_on(self):
        extra = irc.EXEMPT + irc.oper_block()
        with irc.Server(extra=extra, start=False) as server:
            text = open(server.config).read().replace("log {", 'log { file = "%s"' % server.path("ircd.log"))
            server.write_config(text.replace('server {', 'server { motd = "motd.txt"'))
            with open(server.path("motd.txt"), "w") as f:
                f.write("first\n")
            server.start()
            with server.connect("ann") as ann:
                ann.oper()
                ann.send("KLINE 1h *@192.0.2.7 :x")
                ann.expect(r"set until .* saved")
                with open(server.path("motd.txt"), "w") as f:
                    f.write("second\n")
                ann.send("REHASH")
                ann.expect(r" 382 ")
                ann.send("MOTD")
                ann.expect(r" 372 .*second")
                os.rename(server.path("ircd.log"), server.path("old.log"))
                server.send_signal(signal.SIGUSR1)
                irc.wait_until(lambda: os.path.exists(server.path("ircd.log")), what="a new log")
                ann.send("UNKLINE *@192.0.2.7")
                ann.expect(r"removed.*saved")
                irc.wait_until(lambda: "event=unkline" in server.read("ircd.log"), what="unkline in the new log")

    def test_a_configuration_that_is_a_link_is_read_again(self):
        with irc.Server(extra=irc.EXEMPT + irc.oper_block(), start=False) as server:
            os.mkdir(server.path("real"))
            os.rename(server.config, server.path("real/real.conf"))
            os.mkdir(server.path("etc"))
            os.symlink("../real/real.conf", server.path("etc/ircd.conf"))
            server.config = server.path("etc/ircd.conf")
            server.start()
            with server.connect("ann") as ann:
                ann.oper()
                ann.send("REHASH")
                irc.wait_until(lambda: "event=rehash" in server.log(), what="the end of REHASH")
                self.assertIn("event=rehash by=", server.log())

    def test_a_message_of_the_day_elsewhere_is_refused_in_words(self):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as other:
            with open(os.path.join(other, "motd.txt"), "w") as f:
                f.write("elsewhere\n")
            with irc.Server(extra=irc.EXEMPT + irc.oper_block()) as server, server.connect("ann") as ann:
                ann.oper()
                text = open(server.config).read()
                server.write_config(text.replace("server {", 'server { motd = "%s/motd.txt"' % other))
                ann.send("REHASH")
                ann.expect(r"REHASH refused.*cannot read %s/motd.txt: Permission denied" % re.escape(other))
                ann.send("MOTD")
                ann.expect(r" 422 ")

    def test_the_pid_file_is_removed_at_the_end(self):
        with irc.Server(start=False) as server:
            server.args = ["--pid-file", server.path("run.pid")]
            server.start()
            self.assertEqual(server.read("run.pid"), "%d\n" % server.process.pid)
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.exists(server.path("run.pid")))


class User(unittest.TestCase):
    """Only root can become somebody else; anybody else gets a sentence. Both are tested as what we are."""

    def server(self, user, **options):
        return irc.Server(extra=irc.EXEMPT + 'process { user = "%s" }\n' % user, start=False, **options)

    def test_the_user_is_changed_and_owns_the_data(self):
        with self.server("nobody") as server:
            os.chmod(server.dir, 0o755)
            if os.geteuid() != 0:
                server.spawn()
                self.assertEqual(server.wait(), 1)
                self.assertRegex(server.log(), "(cannot become process.user|cannot give it to).*nobody")
                return
            server.start()
            nobody = pwd.getpwnam("nobody").pw_uid
            self.assertEqual(status(server)["Uid"].split(), [str(nobody)] * 4)
            self.assertEqual(status(server)["Groups"].strip(), "")
            self.assertEqual(os.stat(server.data).st_uid, nobody)
            with server.connect("ann"):
                pass
            self.assertEqual(server.stop(), 0)

    def test_an_unknown_user_is_an_error(self):
        with self.server("no-such-user") as server:
            server.spawn()
            self.assertEqual(server.wait(), 1)
            self.assertIn("process.user: there is no user 'no-such-user'", server.log())

    def test_a_directory_of_another_user_is_an_error(self):
        with self.server("nobody") as server:
            os.chmod(server.dir, 0o755)
            os.mkdir(server.data, 0o700)
            server.spawn()
            self.assertEqual(server.wait(), 1)
            expected = "may not write there" if os.geteuid() == 0 else "cannot become process.user"
            self.assertIn(expected, server.log())


if __name__ == "__main__":
    irc.main()
