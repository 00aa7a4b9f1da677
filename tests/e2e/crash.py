#!/usr/bin/python3
"""The whole server against kill -9: an operator sets, replaces and removes K-lines in a pipeline
and reads which are acknowledged as saved; the server is killed at a random moment and started
again; STATS K and k must list every acknowledged one and no acknowledged removal.

    crash.py keep ROUNDS SECONDS IRCD    exit 0 if nothing acknowledged was lost in any round
    crash.py lose ROUNDS SECONDS IRCD    exit 0 as soon as something was lost or damaged

The exit status is 3 where the server could not be tested at all.
"""
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

MASKS = 1500  # bans at most; enough for the database to split its buckets now and then
WINDOW = 150  # commands not yet answered at most
KILL_AFTER = 0.12  # seconds of traffic at most
# Password "crash"; the cheapest argon2id there is, as this is not what is tested.
PASSWORD = ("$argon2id$v=19$m=8,t=1,p=1$lbcUMnoX/yv6sEI2+eKMbQ$"
            "wCFkk/3GBkaV6JpOFoP2wX6yHlT/1tPjNJd9olbD4Hg")

CONFIG = """
server {{ name = "crash.test.example"  network = "Crash" }}
listen "127.0.0.1:{port}" {{ }}
database {{ path = "{data}" }}
exempt "127.0.0.0/8" {{ from = {{ "connections", "throttle", "flood", "strikes", "bans" }} }}
oper "crash" {{ password = "{password}"  hosts = {{ "*@*" }}  privileges = {{ "all" }} }}
"""


class Damaged(Exception):
    """The server no longer starts on its database."""


class Untestable(Exception):
    """Something that no loss of data explains."""


class Client:
    """A line client that answers PING."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""
        self.lines = []

    def send(self, *lines):
        self.sock.sendall("".join(line + "\r\n" for line in lines).encode())

    def receive(self, timeout):
        """Reads what has arrived within timeout; False when the connection is gone."""
        self.sock.settimeout(max(timeout, 0.0005))
        try:
            data = self.sock.recv(262144)
        except socket.timeout:
            return True
        except OSError:
            return False
        self.take(data)
        return bool(data)

    def take(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            text = line.rstrip(b"\r").decode(errors="replace")
            if text.startswith("PING "):
                self.send("PONG " + text[5:])
            else:
                self.lines.append(text)

    def wait(self, pattern, timeout=15):
        """All lines up to one that matches, that one included."""
        got, end = [], time.monotonic() + timeout
        while time.monotonic() < end:
            while self.lines:
                got.append(self.lines.pop(0))
                if re.search(pattern, got[-1]):
                    return got
            if not self.receive(0.5) and not self.lines:
                break
        raise Untestable("no answer like %r; got:\n%s" % (pattern, "\n".join(got[-8:])))


class Server:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.process = None
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.config = os.path.join(directory, "ircd.conf")
        with open(self.config, "w", encoding="ascii") as f:
            f.write(CONFIG.format(port=self.port, password=PASSWORD,
                                  data=os.path.join(directory, "data")))

    def start(self):
        log = open(os.path.join(self.directory, "log"), "ab")
        self.process = subprocess.Popen([self.binary, "-c", self.config], stdout=log,
                                        stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def connect(self):
        end = time.monotonic() + 15
        while time.monotonic() < end:
            try:
                sock = socket.create_connection(("127.0.0.1", self.port), 5)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return Client(sock)
            except OSError:
                if self.process.poll() is not None:
                    raise Damaged("the server does not start:\n" + self.log_end()) from None
                time.sleep(0.003)
        raise Untestable("the server does not listen")

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_end(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as f:
            return "".join(f.readlines()[-4:]).rstrip()


def log_in(client):
    client.send("NICK crash", "USER crash 0 * :crash")
    client.wait(r" 001 ")
    client.send("OPER crash crash")
    client.wait(r" 381 ")


class Model:
    """What was asked for and what was acknowledged. A ban's state is the number of the command
    that set it, which stands in its reason; None: there is no ban."""

    def __init__(self):
        self.acked = {}  # mask -> state
        self.pending = {}  # mask -> state that the unanswered command asks for
        self.number = 0
        self.changes = 0

    def command(self):
        """A command for a mask that has none unanswered."""
        while True:
            mask = "u%d@h.crash.example" % random.randrange(MASKS)
            if mask not in self.pending:
                break
        self.number += 1
        if self.acked.get(mask) is not None and random.random() < 0.45:
            self.pending[mask] = None
            return "UNKLINE " + mask
        self.pending[mask] = self.number
        fill = "x" * random.randrange(150)
        length = "1d " if self.timed(self.number) else ""
        return "KLINE %s%s :#%d# %s" % (length, mask, self.number, fill)

    @staticmethod
    def timed(number):
        return number % 3 == 0

    def answer(self, line):
        found = re.search(r" NOTICE .*?(u\d+@h\.crash\.example)\b.*\bsaved", line)
        if not found:
            if re.search(r" (4\d\d|5\d\d) |ERROR", line):
                raise Untestable("refused: " + line)
            return
        mask = found.group(1)
        if "NOT saved" in line or mask not in self.pending:
            raise Untestable("unexpected: " + line)
        if re.search(r"\bset\b", line) and self.pending[mask] is None:
            raise Untestable("not a removal: " + line)
        self.acked[mask] = self.pending.pop(mask)
        self.changes += 1

    def lost(self, listed):
        """Masks whose listed state neither was acknowledged nor is being asked for."""
        wrong = []
        for mask in set(self.acked) | set(listed) | set(self.pending):
            allowed = {self.acked.get(mask)}
            if mask in self.pending:
                allowed.add(self.pending[mask])
            if listed.get(mask) not in allowed:
                wrong.append("%s: listed %s, may be %s" % (mask, listed.get(mask), allowed))
        self.acked = dict(listed)
        self.pending = {}
        return wrong


def list_bans(client):
    """mask -> state, from both lists; a ban in the wrong list counts as state -1."""
    listed = {}
    for letter in "Kk":
        client.send("STATS " + letter)
        for line in client.wait(r" 219 "):
            found = re.search(r" 216 .*?(u\d+@h\.crash\.example)\b.*#(\d+)#", line)
            if found:
                number = int(found.group(2))
                right = Model.timed(number) == (letter == "k")
                listed[found.group(1)] = number if right else -1
            elif " 216 " in line:
                listed[line] = -1
    return listed


def traffic(server, client, model):
    """Commands in a pipeline until the moment has come; then kill -9, then what still came."""
    end = time.monotonic() + random.random() * KILL_AFTER
    while time.monotonic() < end:
        room = WINDOW - len(model.pending)
        if room > WINDOW // 4:
            client.send(*[model.command() for _ in range(random.randint(1, room))])
        if not client.receive(min(0.002, max(end - time.monotonic(), 0))):
            raise Untestable("the server closed the connection: " + server.log_end())
        for line in client.lines:
            model.answer(line)
        client.lines = []
    server.kill()
    while client.receive(0.5):
        pass
    for line in client.lines:
        model.answer(line)
    client.sock.close()


def check(server, model):
    """Starts the server; a logged-in client, and what is wrong with the bans it lists."""
    server.start()
    client = server.connect()
    log_in(client)
    return client, model.lost(list_bans(client))


def run(keep, rounds, seconds, binary, directory):
    server, model, done, wrong = Server(binary, directory), Model(), 0, []
    end = time.monotonic() + seconds
    try:
        client, wrong = check(server, model)
        while done < rounds and not wrong and time.monotonic() < end:
            traffic(server, client, model)
            done += 1
            client, wrong = check(server, model)
    except Damaged as e:
        if done == 0:
            raise Untestable(str(e)) from None
        print("  " + str(e).replace("\n", "\n  "))
        wrong = ["damaged"]
    finally:
        server.kill()
    for line in wrong[:5]:
        print("  " + line)
    damaged = wrong == ["damaged"]
    print("crash: %d rounds, %d acknowledged changes, %d lost, %d damaged" %
          (done, model.changes, 0 if damaged else len(wrong), damaged))
    if keep:
        return 0 if done == rounds and not wrong else 1
    return 0 if wrong else 1


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in ("keep", "lose"):
        sys.exit(__doc__)
    directory = tempfile.mkdtemp(prefix="ircd-crash-")
    try:
        return run(sys.argv[1] == "keep", int(sys.argv[2]), float(sys.argv[3]),
                   os.path.abspath(sys.argv[4]), directory)
    except Untestable as e:
        print("crash: cannot test: %s" % e)
        return 3
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
