#!/usr/bin/env python3
"""The service as systemd runs it; run.sh starts this inside of a container that has booted."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

CONFIG, LOG = "/etc/ircd/ircd.conf", "/var/log/ircd/ircd.log"
TEXT = """server { name = "irc.test.example" }
listen "127.0.0.1:6667" { }
listen "127.0.0.1:6697" { tls = true }
listen "unix:/run/ircd/irc.sock" { }
listen "127.0.0.1:8067" { serves = { "chat", "websocket", "metrics", "health" } }
database { path = "/var/lib/ircd" }
log { file = "/var/log/ircd/ircd.log" }
exempt "127.0.0.0/8" { from = { "connections", "throttle" } }
"""


def run(*args, **options):
    return subprocess.run(args, capture_output=True, text=True, timeout=60, **options)


def systemctl(*args):
    return run("systemctl", *args).returncode


def shown(name):
    return run("systemctl", "show", "-p", name, "--value", "ircd").stdout.strip()


def journal():
    return run("journalctl", "--no-pager", "-o", "cat", "-u", "ircd").stdout


def read(path):
    with open(path) as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def say(*lines, port=6667, until="376|422"):
    """What a client reads that sends these lines, until one that matches comes or the server closes."""
    with socket.create_connection(("127.0.0.1", port), 20) as s:
        s.sendall("".join(line + "\r\n" for line in ("NICK ann", "USER ann 0 * :ann") + lines).encode())
        got = b""
        while not re.search(until, got.decode()):
            more = s.recv(4096)
            if not more:
                break
            got += more
        return got.decode()


def fetch(path):
    with urllib.request.urlopen("http://127.0.0.1:8067" + path, timeout=20) as answer:
        return answer.read().decode()


class Service(unittest.TestCase):
    def setUp(self):
        systemctl("stop", "ircd.socket", "ircd")
        systemctl("reset-failed", "ircd")
        for path in glob.glob("/etc/systemd/system/ircd.*"):
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        systemctl("daemon-reload")
        write(CONFIG, TEXT)

    def start(self):
        self.assertEqual(systemctl("start", "ircd"), 0, journal())

    def fails_for_good(self, why):
        self.assertNotEqual(systemctl("start", "ircd"), 0)
        time.sleep(3)  # RestartSec is 2 s
        self.assertEqual((shown("ExecMainStatus"), shown("NRestarts"), shown("ActiveState")), ("1", "0", "failed"), journal())
        self.assertIn(why, journal())

    def test_the_machine_has_the_user_and_a_directory_that_others_do_not_read(self):
        self.assertRegex(read("/etc/passwd"), r"(?m)^ircd:x:\d+:\d+:IRC server:/var/lib/ircd:/usr/sbin/nologin$")
        there = os.stat("/etc/ircd")
        self.assertEqual((there.st_uid, there.st_mode & 0o777), (0, 0o750))
        self.assertEqual(run("stat", "-c", "%G", "/etc/ircd").stdout, "ircd\n")

    def test_a_start_serves_clients_inside_both_sandboxes(self):
        self.start()
        self.assertIn(" 001 ann ", say())
        self.assertRegex(read(LOG).splitlines()[-1], r'sandbox="landlock \d+, seccomp, no capabilities, uid [1-9]\d*"')
        status = read("/proc/%s/status" % shown("MainPID"))
        for line in r"CapBnd:\s+0+\n", r"CapEff:\s+0+\n", r"NoNewPrivs:\s+1\n", r"Seccomp:\s+2\n":
            self.assertRegex(status, line)
        self.assertEqual(shown("LimitNOFILE"), "262144")  # a machine may allow less
        self.assertRegex(run("systemctl", "status", "ircd").stdout, r'Status: "\d clients?, saved"')
        for path, mode in ("/var/lib/ircd", 0o700), ("/var/log/ircd", 0o750), ("/var/lib/ircd/ircd.a.gdbm", 0o600):
            self.assertEqual(os.stat(path).st_mode & 0o777, mode)
        self.assertTrue(os.path.exists("/run/ircd/irc.sock"))
        self.assertNotIn("libcap", journal())
        self.assertEqual(systemctl("stop", "ircd"), 0)
        self.assertEqual((shown("Result"), shown("ExecMainStatus")), ("success", "0"))

    def test_a_web_listener_answers_inside_both_sandboxes(self):
        self.start()
        self.assertEqual(fetch("/health"), "ok\n")
        self.assertIn("<!doctype html>", fetch("/"))
        self.assertIn('"websocket": "irc"', fetch("/config.json"))
        resident = re.search(r"(?m)^process_resident_memory_bytes (\S+)$", fetch("/metrics"))
        self.assertGreater(float(resident[1]), 1 << 20)
        with socket.create_connection(("127.0.0.1", 8067), 20) as s:
            s.sendall(b"GET /irc HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                      b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", s.recv(4096))  # the example of RFC 6455

    def test_a_wrong_configuration_is_not_tried_again(self):
        write(CONFIG, TEXT + "nonsense\n")
        self.fails_for_good("/etc/ircd/ircd.conf:9: ")
        os.remove(CONFIG)
        systemctl("reset-failed", "ircd")
        self.fails_for_good("/etc/ircd/ircd.conf: No such file or directory")

    def test_a_reload_with_a_fault_fails_and_changes_nothing(self):
        self.start()
        write(CONFIG, TEXT + "nonsense\n")
        self.assertNotEqual(systemctl("reload", "ircd"), 0)
        self.assertNotIn("rehash-refused", read(LOG))
        before = read(LOG).count("event=rehash ")
        write(CONFIG, TEXT)
        self.assertEqual(systemctl("reload", "ircd"), 0)
        for _ in range(100):
            if read(LOG).count("event=rehash ") > before:
                break
            time.sleep(0.1)
        self.assertEqual(read(LOG).count("event=rehash "), before + 1)
        self.assertEqual(shown("ActiveState"), "active")
        self.assertIn(" 001 ann ", say())

    def test_a_server_that_hangs_is_started_again(self):
        write("/etc/systemd/system/ircd.service.d/watchdog.conf", "[Service]\nWatchdogSec=2\nRestartSec=0\n")
        systemctl("daemon-reload")
        self.start()
        pid = shown("MainPID")
        time.sleep(5)
        self.assertEqual(shown("MainPID"), pid, "a server that runs is left alone")
        os.kill(int(pid), signal.SIGSTOP)
        for _ in range(100):
            if shown("MainPID") not in (pid, "0") and shown("ActiveState") == "active":
                break
            time.sleep(0.2)
        self.assertNotIn(shown("MainPID"), (pid, "0"))
        self.assertIn("Failed with result 'watchdog'", journal())
        self.assertIn(" 001 ann ", say())

    def test_the_log_is_rotated(self):
        self.start()
        write("/etc/logrotate.d/ircd", read("/usr/local/share/ircd/logrotate/ircd"))
        got = run("logrotate", "-f", "-s", "/tmp/state", "/etc/logrotate.d/ircd")
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertIn("event=start", read(LOG + ".1"))
        self.assertEqual(systemctl("stop", "ircd"), 0)
        self.assertIn("event=end", read(LOG))
        got = run("logrotate", "-f", "-s", "/tmp/state", "/etc/logrotate.d/ircd")
        self.assertEqual((got.returncode, got.stderr), (0, ""), "a server that does not run needs no signal")

    def test_a_lost_file_of_the_database_is_made_again(self):
        self.start()
        systemctl("stop", "ircd")
        os.remove("/var/lib/ircd/ircd.a.gdbm")
        self.start()
        self.assertIn("rewritten from ircd.b.gdbm, nothing is lost", read(LOG))

    def test_die_ends_the_service(self):
        done = run("/usr/local/bin/ircd", "--hash-password", input="secret\n").stdout.strip()
        write(CONFIG, TEXT + 'oper "alice" { password = "%s"  hosts = { "*@*" }  privileges = { "all" } }\n' % done)
        self.start()
        self.assertIn("ERROR", say("OPER alice secret", "DIE irc.test.example", until="ERROR"))
        for _ in range(50):
            if shown("ActiveState") == "inactive":
                break
            time.sleep(0.1)
        time.sleep(3)
        self.assertEqual((shown("ActiveState"), shown("Result")), ("inactive", "success"))

    def sockets(self, *ports):
        unit = read("/usr/local/share/ircd/systemd/ircd.socket")
        unit = re.sub(r"(?m)^ListenStream=.*\n", "", unit).replace(
            "[Socket]\n", "[Socket]\n" + "".join("ListenStream=127.0.0.1:%d\n" % port for port in ports))
        write("/etc/systemd/system/ircd.socket", unit)
        systemctl("daemon-reload")
        self.assertEqual(systemctl("start", "ircd.socket"), 0)

    def test_systemd_opens_a_low_port_and_no_client_is_refused_in_a_restart(self):
        write(CONFIG, TEXT + 'listen "127.0.0.1:80" { }\n')
        self.sockets(80, 6667)
        self.assertIn(" 001 ann ", say(port=80))  # this connection has started the server
        self.assertIn(" 001 ann ", say())
        self.assertEqual(systemctl("--no-block", "restart", "ircd"), 0)
        for _ in range(10):
            self.assertRegex(say(port=80), " 001 ann |^ERROR|^$")  # accepted by the old or the new one
            time.sleep(0.1)
        self.assertIn(" 001 ann ", say(port=80))
        self.assertEqual(shown("ActiveState"), "active")

    def test_a_socket_without_a_block_is_one_sentence(self):
        self.sockets(7000)
        self.fails_for_good("ircd: the service manager has passed the socket 127.0.0.1:7000 (ircd.socket), but no listen block")


if __name__ == "__main__":
    run("ip", "link", "set", "lo", "up")
    result = unittest.main(exit=False, verbosity=1, argv=sys.argv[:1]).result
    bad = len(result.failures) + len(result.errors)
    sys.stderr.flush()
    print("boot: %d passed, %d failed" % (result.testsRun - bad, bad))
