"""Shared by the end-to-end tests: a server of its own, a client that speaks lines, and a runner.

Every wait has a limit, every port is free loopback, every file is in a temporary directory, and
only processes started here are ended.
"""
import atexit
import faulthandler
import functools
import os
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import transport
import web_socket

BINARY = None  # set by main
tls_context = transport.context
WAIT = 10.0  # seconds; the limit of any wait that does not name its own

BASE = """
server {{ name = "irc.test.example"  network = "Test"  {server} }}
listen "127.0.0.1:{port}" {{ {tls} }}
database {{ path = "{data}" }}
log {{ {log} }}
"""

EXEMPT = """
exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood", "strikes", "bans" } }
"""


held_ports = []  # sockets, as long as this program runs


def free_port():
    """A port that no program has, and neither has the next one. Below those that the kernel gives to
    connections; a name that only one socket of the machine can have keeps other tests away from it."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        top = int(f.read().split()[0])
    while True:
        port = random.randrange(10240, top, 2)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind("\0ircd-test-port-%d" % port)
            for each in port, port + 1:
                with socket.socket() as s:
                    s.bind(("", each))
        except OSError:
            name.close()
            continue
        held_ports.append(name)
        return port


@functools.lru_cache(maxsize=None)
def public_place():
    """A folder for temporary files that every user can reach; a clone below /root or a TMPDIR there is none."""
    for place in tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm":
        path, open_to_all = os.path.realpath(place), os.access(place, os.W_OK)
        while open_to_all and path != "/":
            open_to_all = os.stat(path).st_mode & 0o001
            path = os.path.dirname(path)
        if open_to_all:
            return place
    raise AssertionError("no folder for temporary files that every user can reach")


@functools.lru_cache(maxsize=None)
def public_binary():
    """A copy of BINARY that every user may run, which the one in the build folder need not be."""
    folder = tempfile.mkdtemp(prefix="ircd-test-", dir=public_place())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    copy = shutil.copy(BINARY, folder)
    os.chmod(copy, 0o755)
    return copy


def make_certificate(directory, name="irc.test.example", days=30, prefix="", kind="ec"):
    """Makes PREFIXcert.pem and PREFIXkey.pem there, self-signed; returns both paths."""
    paths = [os.path.join(directory, prefix + each) for each in ("cert.pem", "key.pem")]
    keys = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey"] + keys[kind] +
                   ["-keyout", paths[1], "-out", paths[0], "-days", str(days), "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:" + name], check=True, capture_output=True)
    return paths


def wait_until(check, timeout=WAIT, what="a condition"):
    """The first true result of check(), or AssertionError."""
    end = time.monotonic() + timeout
    while True:
        got = check()
        if got:
            return got
        if time.monotonic() > end:
            said = what() if callable(what) else what
            raise AssertionError("waited %.1f s in vain for %s" % (timeout, said))
        time.sleep(0.02)


class Server:
    """A server in a directory of its own.

    config: the whole text, with {port} and {data} to be filled in by str.format, or None for BASE;
    extra: appended to BASE as it stands; args: more of the command line; nofile: its descriptor
    limit; tls: whether the port of BASE speaks it. Use as a context manager, or call close.
    """

    def __init__(self, config=None, extra=EXEMPT, args=(), nofile=None, start=True, server="",
                 log="", directory=None, port=None, tls=None):
        self.tls = transport.TLS if tls is None else tls
        self.own_directory = directory is None
        self.dir = directory or tempfile.mkdtemp(prefix="ircd-test-", dir=public_place())
        self.port = port or free_port()
        if self.tls:
            transport.secure_ports.add(self.port)
        if transport.WS:
            transport.web_ports.add(self.port)
        self.data = os.path.join(self.dir, "data")
        self.config = os.path.join(self.dir, "ircd.conf")
        self.args = list(args)
        self.nofile = nofile
        self.process = None
        atexit.register(self.close)  # for a test that was broken off
        text = config if config is not None else BASE
        if "cloak" not in server:
            server += "  cloak = false"
        text = text.format(port=self.port, data=self.data, server=server, log=log, tls=transport.words(self.tls))
        text = text if config is not None else text + extra
        if os.geteuid() != 0 and "process {" not in text:
            text += "process { core_dumps = true }\n"  # else /proc/PID/fd is root's alone
        self.write_config(text)
        if start:
            try:
                self.start()
            except BaseException:
                self.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write_config(self, text):
        with open(self.config, "w") as f:
            f.write(text)

    def read(self, name):
        try:
            with open(self.path(name), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def log(self):
        """All that it has written to standard error."""
        return self.read("stderr")

    def wait_log(self, pattern, timeout=WAIT):
        return wait_until(lambda: re.search(pattern, self.log()), timeout,
                          lambda: "%r in the log:\n%s" % (pattern, self.log()))

    def _limit(self):
        if self.nofile:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.nofile, self.nofile))

    def spawn(self):
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen([BINARY, "-c", self.config] + self.args, stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, cwd=self.dir,
                                            preexec_fn=self._limit if self.nofile else None)

    def start(self, timeout=WAIT):
        """Until it accepts connections."""
        self.spawn()
        wait_until(self._listens, timeout, "the server to listen")

    def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended with %s:\n%s" % (self.process.returncode, self.log()))
        # Asked without connecting, which would cost the tests' host a connection.
        return any(line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == self.port
                   for line in open("/proc/net/tcp").readlines()[1:])

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=WAIT):
        """The exit code; AssertionError if it does not end."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError("the server did not end in %.1f s:\n%s" % (timeout, self.log())) from None

    def stop(self, number=signal.SIGTERM, timeout=WAIT):
        self.send_signal(number)
        return self.wait(timeout)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def restart(self):
        self.kill()
        self.start()

    def close(self):
        """Ends it and removes its directory; AssertionError if a sanitizer has reported a fault."""
        if "IRCD_TEST_COVER" in os.environ and self.process and self.process.poll() is None:
            self.process.terminate()  # it writes its counters at its end
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        fault = re.search(r"(?s)(ERROR: \w+Sanitizer|runtime error: ).*", self.log())
        if self.own_directory:
            shutil.rmtree(self.dir, ignore_errors=True)
        if fault:
            raise AssertionError(fault.group())

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def cpu_seconds(self):
        fields = open("/proc/%d/stat" % self.process.pid).read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self, nick=None, **options):
        """A client; with a nick, a registered one."""
        client = Client(self.port, **{"tls": self.tls, **options})
        if nick:
            client.register(nick)
        return client


class Closed(AssertionError):
    """The server has closed the connection."""


class Client:
    """A connection that speaks lines. PINGs are answered unless pong is False. source is the
    address to come from: all of 127.0.0.0/8 is loopback, so each is a host of its own."""

    refused = False  # by an alert

    def __init__(self, port, host="127.0.0.1", pong=True, timeout=WAIT, source=None, tls=None, name=None):
        """tls: True, False, or a context; name: of the server, as the client asks for it (SNI). A client that is
        refused by an alert reads transport.ALERT."""
        self.sock = socket.create_connection((host, port), timeout, source and (source, 0))
        self.rest = b""
        self.lines = []  # all that was received, without line ends
        self.pong = pong
        self.closed = False
        if port in transport.secure_ports if tls is None else tls:
            self._shake(tls or True, name)
        if port in transport.web_ports and not self.refused:
            self._upgrade()

    def _upgrade(self):
        try:
            self.sock = transport.upgrade(self.sock)
        except web_socket.Refused as e:
            self.rest, self.refused = b"ERROR :%d %s\n" % (e.status, e.body.strip()), True

    def _shake(self, tls, name):
        # The first line need not wait until the end of the handshake is acknowledged.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.sock = transport.wrap(self.sock, tls, name)
        except ssl.SSLError as e:
            if not transport.is_refusal(e):
                raise
            self.rest, self.refused = transport.ALERT.encode() + b"\n", True

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, *lines):
        self.raw(b"".join(line.encode() + b"\r\n" for line in lines))

    def raw(self, data):
        if self.refused:
            return  # a plain socket would take it, too
        self.sock.settimeout(WAIT)
        self.sock.sendall(data)

    def register(self, nick, user="user"):
        self.send("NICK " + nick, "USER %s 0 * :%s" % (user, nick))
        self.expect(r" (376|422) ")
        return self

    def oper(self, name="alice", password="secret"):
        self.send("OPER %s %s" % (name, password))
        self.expect(r" 381 ")
        return self

    def line(self, timeout=WAIT):
        """The next line; Closed at the end; AssertionError after timeout."""
        end = time.monotonic() + timeout
        while b"\n" not in self.rest:
            self._receive(end)
        line, _, self.rest = self.rest.partition(b"\n")
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        self.lines.append(text)
        if self.pong and text.startswith("PING "):
            self.send("PONG " + text[5:])
        return text

    def _receive(self, end):
        left = end - time.monotonic()
        if left <= 0:
            raise AssertionError("nothing came; the last lines: %r" % self.lines[-5:])
        try:
            got = b"" if self.refused else self._read_socket(left)
        except TimeoutError:
            return
        except (ConnectionError, ssl.SSLError):
            got = b""
        if not got:
            self.closed = True
            raise Closed("closed; the last lines: %r" % self.lines[-5:])
        self.rest += got

    def _read_socket(self, timeout):
        self.sock.settimeout(timeout)
        return self.sock.recv(65536)

    def expect(self, pattern, timeout=WAIT):
        """Reads until a line matches; returns the match."""
        end = time.monotonic() + timeout
        seen = []
        while True:
            left = end - time.monotonic()
            try:
                line = self.line(max(left, 0.001))
            except AssertionError as e:
                raise type(e)("no line matches %r; came: %r" % (pattern, seen[-10:])) from None
            seen.append(line)
            match = re.search(pattern, line)
            if match:
                return match

    def silent(self, pattern, token="silent"):
        """Nothing that matches comes before the answer to a PING sent now."""
        self.send("PING " + token)
        while True:
            line = self.line()
            if re.search(pattern, line):
                raise AssertionError("unexpected: %r" % line)
            if " PONG " in line and line.endswith(token):
                return

    def wait_closed(self, timeout=WAIT):
        """Reads until the server closes. Returns all lines that came."""
        end, seen = time.monotonic() + timeout, []
        while True:
            try:
                seen.append(self.line(max(end - time.monotonic(), 0.001)))
            except Closed:
                return seen


def run(*args, input=None, cwd=None, timeout=WAIT, user=None):
    """The program with these arguments, to its end: CompletedProcess with texts. user: a copy of it, as that user."""
    return subprocess.run([BINARY if user is None else public_binary()] + list(args), input=input, cwd=cwd, timeout=timeout, text=True,
                          stdin=subprocess.DEVNULL if input is None else None, capture_output=True, user=user)


@functools.lru_cache(maxsize=None)
def password_hash(password):
    return run("--hash-password", input=password + "\n").stdout.strip()


def oper_block(name="alice", password="secret", privileges='"all"', hosts='"*@*"'):
    """An oper for a configuration; the hash is made once for each password."""
    return 'oper "%s" { password = "%s"  hosts = { %s }  privileges = { %s } }\n' % (
        name, password_hash(password), hosts, privileges)


class _Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


class ProgramTest(unittest.TestCase):
    """Runs the program, without a server, in a directory of its own."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def check(self, args, code, out="(?s).*", err="(?s).*", **options):
        got = run(*args, cwd=self.dir, **options)
        self.assertEqual(got.returncode, code, got)
        self.assertRegex(got.stdout, out)
        self.assertRegex(got.stderr, err)
        return got


def main(limit=300):
    """usage: x_test.py BINARY [name…]; runs the calling module's tests and closes with a count. A name is
    that of a test, or a part of the names of some.
    It ends after limit seconds, or IRCD_TEST_LIMIT in the environment. The exit code is 1 if a test failed, 2 if there is none."""
    global BINARY
    if len(sys.argv) < 2:
        sys.exit("usage: %s BINARY [test…]" % sys.argv[0])
    BINARY = os.path.abspath(sys.argv[1])
    if not os.access(BINARY, os.X_OK):
        sys.exit("%s: no such program" % BINARY)
    faulthandler.dump_traceback_later(int(os.environ.get("IRCD_TEST_LIMIT", limit)), exit=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    flat = [t for suite in tests for t in suite]
    names = {t.id().split(".")[-1]: t for t in flat}
    wanted = flat if not sys.argv[2:] else [t for name, t in names.items() for asked in sys.argv[2:]
                                            if name == asked or asked not in names and asked in name]
    runner = unittest.TextTestRunner(resultclass=_Result, verbosity=2 if "IRCD_TEST_VERBOSE" in os.environ else 1)
    if not wanted:
        print("there is no such test", file=sys.stderr)
        sys.exit(2)
    result = runner.run(unittest.TestSuite(wanted))
    transport.list_plain_tests()
    failed = result.testsRun - result.passed
    name = os.path.basename(sys.argv[0]).rpartition(".")[0]
    print("%s: %d passed, %d failed" % (name, result.passed, failed))
    sys.exit(0 if failed == 0 and result.passed > 0 else 1)
