#!/usr/bin/env python3
"""The service manager: what it is told (sd_notify), and the units of contrib/systemd.

usage: service_test.py BINARY [test…]
"""
import ctypes
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import irc

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


class Manager:
    """A datagram socket, as systemd has one. told: what has come, with the process of each datagram."""

    def __init__(self, test, abstract=False, **environment):
        self.place = tempfile.TemporaryDirectory(prefix="ircd-test-")
        test.addCleanup(self.place.cleanup)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        test.addCleanup(self.socket.close)
        name = "@ircd-test-%d" % os.getpid() if abstract else os.path.join(self.place.name, "notify")
        self.socket.bind(name.replace("@", "\0"))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        patch = mock.patch.dict(os.environ, NOTIFY_SOCKET=name, **environment)
        patch.start()
        test.addCleanup(patch.stop)
        self.told = []

    def next(self, timeout=irc.WAIT):
        """The next datagram as a dictionary, PID included."""
        self.socket.settimeout(timeout)
        data, more, _, _ = self.socket.recvmsg(4096, 100)
        pid = struct.unpack("3i", more[0][2])[0]
        self.told.append(dict((x.split("=", 1) for x in data.decode().splitlines()), PID=pid))
        return self.told[-1]

    def wait(self, key):
        """The next datagram with this key; AssertionError after a while."""
        end = time.monotonic() + irc.WAIT
        while time.monotonic() < end:
            try:
                told = self.next(max(0.001, end - time.monotonic()))
            except TimeoutError:
                break
            if key in told:
                return told
        raise AssertionError("no %s; came: %r" % (key, self.told))


class Told(unittest.TestCase):
    def test_ready_comes_when_clients_can_connect(self):
        manager = Manager(self)
        with irc.Server(start=False) as server:
            server.spawn()
            told = manager.wait("READY")
            with server.connect("ann"):
                self.assertEqual(told, {"READY": "1", "STATUS": "0 clients, saved", "PID": server.process.pid})
                status = open("/proc/%d/status" % server.process.pid).read()
                self.assertRegex(status, r"Seccomp:\s+2\n")

    def test_the_socket_may_have_an_abstract_name(self):
        manager = Manager(self, abstract=True)
        with irc.Server() as server:
            manager.wait("READY")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(manager.wait("STOPPING")["STOPPING"], "1")

    def test_signs_of_life_come_from_inside_the_sandbox(self):
        manager = Manager(self, WATCHDOG_USEC="900000")
        with irc.Server() as server:
            manager.wait("READY")
            manager.wait("WATCHDOG")
            begin = time.monotonic()
            for _ in range(5):
                self.assertEqual(manager.wait("WATCHDOG")["PID"], server.process.pid)
            took = time.monotonic() - begin
            self.assertGreater(took, 1.2)  # five thirds of the 0.9 s are 1.5 s
            self.assertLess(took, 3.5)  # with a tick a second it would be 5 s

    def test_a_stopped_server_gives_no_sign(self):
        manager = Manager(self, WATCHDOG_USEC="300000")
        with irc.Server() as server:
            manager.wait("WATCHDOG")
            server.send_signal(signal.SIGSTOP)
            with self.assertRaises(TimeoutError):
                while True:
                    manager.next(1)
            server.send_signal(signal.SIGCONT)
            manager.wait("WATCHDOG")

    def test_no_sign_for_the_watchdog_of_another_process(self):
        manager = Manager(self, WATCHDOG_USEC="300000", WATCHDOG_PID="1")
        with irc.Server():
            with self.assertRaises(TimeoutError):
                while True:
                    self.assertNotIn("WATCHDOG", manager.next(1.5))

    def reloads(self, manager, status):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        told = manager.wait("RELOADING")
        self.assertLess(abs(int(told["MONOTONIC_USEC"]) - before), irc.WAIT * 1e6)
        self.assertEqual(manager.wait("READY")["STATUS"], status)

    def test_a_reload_is_told_with_its_moment_and_result(self):
        manager = Manager(self)
        with irc.Server(extra=irc.EXEMPT + irc.oper_block()) as server, server.connect("ann") as ann:
            manager.wait("READY")
            server.send_signal(signal.SIGHUP)
            self.reloads(manager, "1 client, saved")
            with open(server.config) as f:
                text = f.read()
            server.write_config(text + "nonsense\n")
            server.send_signal(signal.SIGHUP)
            self.reloads(manager, "1 client, saved; the new configuration has faults and is not in force")
            server.write_config(text)
            ann.oper()
            ann.send("REHASH")
            self.reloads(manager, "1 client, saved")

    def test_the_status_tells_of_changes_that_cannot_be_saved(self):
        manager = Manager(self)
        with irc.Server(extra=irc.EXEMPT + irc.oper_block()) as server, server.connect("ann") as ann:
            ann.oper()
            before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (512, before[1]))
            ann.send("KLINE 1h *@127.0.0.77 :x")
            ann.expect(" NOT saved")
            server.send_signal(signal.SIGHUP)
            self.reloads(manager, "1 client, changes are not saved")
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
            ann.expect(" :K-line .*, saved$")
            server.send_signal(signal.SIGHUP)
            self.reloads(manager, "1 client, saved")

    def test_a_server_in_memory_says_so(self):
        manager = Manager(self)
        with irc.Server(config=irc.BASE.replace('"{data}"', '""')):
            self.assertEqual(manager.wait("READY")["STATUS"], "0 clients, in memory only")

    def test_the_end_is_told_before_clients_are(self):
        for end in signal.SIGTERM, "DIE irc.test.example":
            manager = Manager(self)
            with irc.Server(extra=irc.EXEMPT + irc.oper_block()) as server, server.connect("ann") as ann:
                if end == signal.SIGTERM:
                    server.send_signal(end)
                else:
                    ann.oper()
                    ann.send(end)
                self.assertEqual(manager.wait("STOPPING")["STATUS"], "saves and ends")
                ann.wait_closed()
                self.assertEqual(server.wait(), 0)

    def test_a_restart_is_a_reload_of_the_same_process(self):
        manager = Manager(self)
        with irc.Server(extra=irc.EXEMPT + irc.oper_block() + "process { sandbox = false  core_dumps = true }\n") as server:
            first = manager.wait("READY")
            with server.connect("ann") as ann:
                ann.oper()
                ann.send("RESTART irc.test.example")
                self.assertEqual(manager.wait("RELOADING")["PID"], first["PID"])
                self.assertEqual(manager.wait("READY")["PID"], first["PID"])
            self.assertFalse(any("STOPPING" in told for told in manager.told))
            server.connect("bob").close()

    def test_a_socket_that_cannot_be_used_is_a_warning(self):
        with mock.patch.dict(os.environ, NOTIFY_SOCKET="/nonexistent/notify"), irc.Server() as server:
            server.connect("ann").close()
            server.wait_log(r'event=start-warning note="cannot tell the service manager '
                            r'\(NOTIFY_SOCKET=/nonexistent/notify\): No such file or directory"')

    def test_a_start_that_fails_is_never_ready(self):
        manager = Manager(self)
        with irc.Server() as first, irc.Server(start=False, port=first.port) as second:
            manager.wait("READY")
            second.spawn()
            self.assertEqual(second.wait(), 2)
            self.assertEqual(first.stop(), 0)
            manager.wait("STOPPING")
            self.assertFalse(any(told["PID"] == second.process.pid for told in manager.told))

class Activated(unittest.TestCase):
    """Sockets that the service manager has opened: systemd-socket-activate starts the program at the first connection."""

    def activate(self, server, *listen, name="irc", args=()):
        """Starts it with these sockets and makes the first connection, which is returned."""
        ports = [int(x.rsplit(":", 1)[1]) for x in listen if not x.startswith("/")]
        with open(server.path("stderr"), "a") as err:
            server.process = subprocess.Popen(
                ["systemd-socket-activate", *(word for x in listen for word in ("-l", x)), "--fdname=" + name,
                 "-E", "NOTIFY_SOCKET", "-E", "LD_PRELOAD", "-E", "ASAN_OPTIONS", irc.BINARY, "-c", server.config, *args],
                stdin=subprocess.DEVNULL, stdout=err, stderr=err, cwd=server.dir)
        first = irc.wait_until(lambda: self.reached(listen[0], ports), what=server.log)
        self.addCleanup(first.close)
        return first

    def reached(self, where, ports):
        first = socket.socket(socket.AF_UNIX if where.startswith("/") else socket.AF_INET)
        try:
            first.connect(where if where.startswith("/") else ("127.0.0.1", ports[0]))
        except OSError:
            first.close()
            return None
        return first

    def server(self, extra=irc.EXEMPT, **options):
        made = irc.Server(start=False, extra=extra, **options)
        self.addCleanup(made.close)
        return made

    def test_clients_are_served_on_a_passed_socket_inside_the_sandbox(self):
        manager = Manager(self)
        server = self.server()
        self.activate(server, "127.0.0.1:%d" % server.port)
        self.assertEqual(manager.wait("READY")["PID"], server.process.pid)
        with server.connect("ann"):
            self.assertRegex(open("/proc/%d/status" % server.process.pid).read(), r"Seccomp:\s+2\n")
            where = os.readlink("/proc/%d/fd/3" % server.process.pid)
            listening = [line.split()[9] for line in open("/proc/net/tcp").readlines()[1:]
                         if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == server.port]
            self.assertEqual(["socket:[%s]" % inode for inode in listening], [where])
        self.assertRegex(server.log(), r"event=start .*listen=127\.0\.0\.1:%d " % server.port)
        self.assertEqual(server.stop(), 0)

    def test_a_passed_socket_has_the_options_of_our_own(self):
        server = self.server()
        self.activate(server, "127.0.0.1:%d" % server.port)
        server.wait_log("event=start ")
        process = os.pidfd_open(server.process.pid)
        self.addCleanup(os.close, process)
        copy = ctypes.CDLL(None, use_errno=True).syscall(438, process, 3, 0)  # pidfd_getfd
        self.assertGreaterEqual(copy, 0, os.strerror(ctypes.get_errno()))
        with socket.socket(fileno=copy) as passed:
            self.assertEqual(passed.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1)
            self.assertEqual(passed.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT), 32768)

    def test_other_listeners_are_opened_by_the_server(self):
        server = self.server(extra=irc.EXEMPT + 'listen "127.0.0.2:%d" { }\n' % irc.free_port())
        self.activate(server, "127.0.0.1:%d" % server.port)
        server.wait_log("event=start ")
        other = int(re.search(r'127\.0\.0\.2:(\d+)', server.log()).group(1))
        with server.connect("ann"), irc.Client(other, host="127.0.0.2") as bob:
            bob.register("bob")

    def test_ipv6_and_unix_sockets_are_matched_as_well(self):
        port = irc.free_port()
        server = self.server(config=irc.BASE + 'listen "[::1]:%d" {{ }}\n' % port)
        path = server.path("irc.sock")
        with open(server.config, "a") as f:
            f.write('listen "unix:%s" { }\n' % path)
        self.activate(server, "127.0.0.1:%d" % server.port, "[::1]:%d" % port, path)
        server.wait_log("event=start ")
        with irc.Client(port, host="::1") as ann:
            ann.register("ann")
        before = os.stat(path).st_ino
        self.assertEqual(server.stop(), 0)
        self.assertEqual(os.stat(path).st_ino, before, "the manager's socket is not removed")

    def test_a_socket_without_a_block_is_an_error(self):
        other = irc.free_port()
        for config, listen, why in (
                (irc.BASE, ("127.0.0.1:{port}", "127.0.0.1:%d" % other), r"socket 127\.0\.0\.1:%d \(irc\)" % other),
                (irc.BASE, ("127.0.0.1:%d" % other,), r"socket 127\.0\.0\.1:%d \(irc\)" % other),
                ('listen "[::]:{port}" {{ }}\n', ("[::]:{port}",), r"socket \[::\]:\d+ \(irc\), but .* and v6only = false \(or ")):
            with self.subTest(listen=listen):
                server = self.server(config=config)
                self.activate(server, *(x.format(port=server.port) for x in listen))
                self.assertEqual(server.wait(), 1, server.log())
                self.assertRegex(server.log(), r"ircd: the service manager has passed the " + why)
                self.assertIn("no listen block is left with this address", server.log())

    def test_a_socket_that_is_no_listener_is_an_error(self):
        server = self.server()
        for kind, accept in (socket.SOCK_DGRAM, None), (socket.SOCK_STREAM, None):
            with socket.socket(socket.AF_INET, kind) as passed, open(server.path("stderr"), "a") as err:
                passed.bind(("127.0.0.1", 0))
                script = 'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=odd exec "$@"'
                server.process = subprocess.Popen(["bash", "-c", script, "bash", str(passed.fileno()), irc.BINARY, "-c", server.config],
                                                  pass_fds=[passed.fileno()], stderr=err, cwd=server.dir)
                self.assertEqual(server.wait(), 1)
            self.assertRegex(server.log(), r"passed descriptor 3 \(odd\), which is no listening stream socket; .*Accept=no")

    def test_more_sockets_than_can_be_used_are_an_error(self):
        script = 'LISTEN_PID=$$ LISTEN_FDS="$1" exec "$2" -c "$3"'
        for number in "101", "many":
            server = self.server()
            with open(server.path("stderr"), "a") as err:
                server.process = subprocess.Popen(["bash", "-c", script, "bash", number, irc.BINARY, server.config],
                                                  stderr=err, cwd=server.dir)
                self.assertEqual(server.wait(), 1)
            self.assertIn("ircd: the service manager has passed %s sockets (LISTEN_FDS), and at most 100" % number, server.log())

    def test_sockets_of_another_process_are_not_taken(self):
        server = self.server()
        with mock.patch.dict(os.environ, LISTEN_PID="1", LISTEN_FDS="1"):
            server.start()
            server.connect("ann").close()

    def test_a_rehash_without_the_block_and_with_it_again(self):
        server = self.server(extra=irc.EXEMPT + 'listen "127.0.0.2:%d" { }\n' % irc.free_port())
        with open(server.config) as f:
            text = f.read()
        without = re.sub(r'(?m)^listen "127\.0\.0\.1:.*\n', "", text)
        self.activate(server, "127.0.0.1:%d" % server.port)
        server.wait_log("event=start ")
        server.connect("ann").close()
        for count, now in (1, without), (2, text):
            server.write_config(now)
            server.send_signal(signal.SIGHUP)
            irc.wait_until(lambda: len(re.findall("event=listeners ", server.log())) == count, what=server.log)
        server.connect("bob").close()

    def test_a_restart_takes_the_sockets_again(self):
        server = self.server(extra=irc.EXEMPT + irc.oper_block() + "process { sandbox = false  core_dumps = true }\n")
        self.activate(server, "127.0.0.1:%d" % server.port)
        server.wait_log("event=start ")
        with server.connect("ann") as ann:
            ann.oper()
            ann.send("RESTART irc.test.example")
            ann.wait_closed()
        server.connect("bob").close()  # it waits in the kernel until the new program accepts
        self.assertEqual(len(re.findall("event=start ", server.log())), 2)
        self.assertEqual(server.stop(), 0)

    def test_in_the_background_as_well(self):
        server = self.server(log='file = "ircd.log"')
        self.activate(server, "127.0.0.1:%d" % server.port, args=["-d", "--pid-file", server.path("pid")])
        self.assertEqual(server.wait(), 0, server.log())
        pid = int(server.read("pid"))
        try:
            server.connect("ann").close()
        finally:
            os.kill(pid, signal.SIGTERM)
            irc.wait_until(lambda: not os.path.exists("/proc/%d" % pid) or "event=end" in server.read("ircd.log"))


def sets_of_calls():
    """The sets of system calls of systemd, each with all calls in it."""
    direct = {}
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if line.startswith("@"):
            name = words[0]
            direct[name] = set()
        elif words and line.startswith(" "):
            direct[name] |= set(words)

    def all_of(one):
        return set().union(*(all_of(x) for x in direct[one])) if one.startswith("@") else {one}
    return {name: all_of(name) for name in direct}


class Units(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="ircd-test-")
        self.addCleanup(place.cleanup)
        self.root = place.name
        os.chmod(self.root, 0o755)
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
        folder = os.path.relpath(os.path.dirname(irc.BINARY), TOP)
        subprocess.run(["make", "-s", "-o", "all", "B=" + folder, "install", "PREFIX=" + self.root], cwd=TOP, env=env,
                       check=True, timeout=60)
        self.units = [os.path.join(self.root, name) for name in ("lib/systemd/system/ircd.service", "share/ircd/systemd/ircd.socket")]

    def analyze(self, *args):
        return subprocess.run(["systemd-analyze", *args], text=True, capture_output=True, timeout=60,
                              env=dict(os.environ, MANPATH=self.root + "/share/man"))

    def test_systemd_finds_no_fault(self):
        got = self.analyze("verify", *self.units)
        self.assertEqual((got.returncode, got.stdout, got.stderr), (0, "", ""))

    def test_a_fault_would_be_found(self):
        with open(self.units[0], "a") as f:
            f.write("Nonsense=1\n")
        self.assertNotEqual(self.analyze("verify", *self.units).stderr, "")

    def test_the_service_is_exposed_as_little_as_possible(self):
        got = self.analyze("security", "--offline=true", "--threshold=15", "--no-pager", self.units[0])
        self.assertEqual(got.returncode, 0, got.stdout)
        self.assertLessEqual(float(re.search(r"Overall exposure level for ircd.service: ([\d.]+)", got.stdout).group(1)), 1.5)

    # What only the start uses.
    START = ("socket bind connect listen getsockname getsockopt setsockopt prctl seccomp landlock_create_ruleset "
             "landlock_add_rule landlock_restrict_self setrlimit prlimit64 execve pipe2 eventfd2 epoll_create1 mmap "
             "mprotect clone clone3 tgkill umask fchown fchmod open openat sendto sendmsg ioctl fcntl")

    def test_its_filter_has_every_call_that_the_server_may_make(self):
        sets, allowed = sets_of_calls(), set()
        with open(self.units[0]) as f:
            for words in re.findall(r"(?m)^SystemCallFilter=(.*)", f.read()):
                for word in words.lstrip("~").split():
                    calls = sets[word] if word.startswith("@") else {word}
                    allowed = allowed - calls if words.startswith("~") else allowed | calls
        with open(os.path.join(TOP, "src/main/syscalls.c")) as f:
            own = set(re.findall(r"SCMP_SYS\((\w+)\)", re.sub(r"(?s)#if SANITIZED.*?#endif", "", f.read())))
        self.assertGreater(len(own), 90)
        self.assertEqual((own | set(self.START.split())) - allowed, set())

    def test_the_service_starts_the_installed_program(self):
        with open(self.units[0]) as f:
            text = f.read()
        paths = set(re.findall(r"(?m)^Exec\w+=(\S+/ircd) ", text))
        self.assertEqual(paths, {self.root + "/bin/ircd"})
        self.assertNotIn("/usr/local", text)

    def test_the_user_and_the_directory_of_the_configuration_can_be_made(self):
        root = os.path.join(self.root, "machine")
        os.makedirs(root + "/etc")
        for tool, kind in ("systemd-sysusers", "sysusers"), ("systemd-tmpfiles", "tmpfiles"):
            file = os.path.join(self.root, "lib/%s.d/ircd.conf" % kind)
            if kind == "tmpfiles" and os.geteuid() != 0:  # only root gives a directory to root
                continue
            subprocess.run([tool, "--root=" + root] + ["--create"] * (kind == "tmpfiles") + [file], check=True,
                           capture_output=True, timeout=irc.WAIT)
        with open(root + "/etc/passwd") as f:
            self.assertRegex(f.read(), r"(?m)^ircd:x:\d+:\d+:IRC server:/var/lib/ircd:.*nologin$")
        if os.geteuid() == 0:
            self.assertEqual(os.stat(root + "/etc/ircd").st_mode & 0o777, 0o750)


if __name__ == "__main__":
    irc.main()
