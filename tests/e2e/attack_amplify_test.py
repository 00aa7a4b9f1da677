"""Reply amplification: the bytes that a client gets for each byte it sends, and those that others get for it.

Each command is sent by a client of its own, 26 times in one packet (the burst and all that may
wait), to a server with 200 people and 100 channels; all at once, with a canary. Counted are the
server's answers to it, and what a member of its channel hears of it, times the members.

usage: attack_amplify_test.py BINARY [test…]
"""
import collections
import os
import re
import selectors
import time

import canary
import irc
import transport

ALONE = "it measures how fast a canary is answered"
PEOPLE, CHANNELS, TIMES = 200, 100, 26
SECONDS = 3
PER_TOKEN = 4096  # bytes of answers that a token may buy
# One answer more than was paid for: LIST of a hundred long topics. WHO has a letter more for clients with TLS.
LONGEST = 48 * 1024 + 1024 * transport.TLS
# Most bytes for least: what is sent, if not the bare command or COMMAND nobody; answers for a byte
# sent; bytes to others for a byte sent. Limits are some twice of what was measured. A command
# without a row has the limits of OTHER.
OTHER = ("%s nobody", 20, 0)
SPOKEN = 5 * PEOPLE // 2  # a short line of one's own, with its source, to each
ROWS = {
    "WHO": ("WHO *", 450, 0),
    "WHO #": ("WHO #big", 620, 0),
    "NAMES": ("NAMES #big", 50, 0),
    "NAMES,": ("NAMES #big,#c1,#c2,#c3", 20, 0),
    "LIST": ("LIST", 950, 0),
    "HELP": ("HELP", 110, 0),
    "HELPOP": ("HELPOP", 80, 0),
    "HELP x": ("HELP CMODES", 140, 0),
    "INFO": ("INFO", 70, 0),
    "MOTD": ("MOTD", 270, 0),
    "WHOIS": ("WHOIS p1,p2,p3,p4", 20, 0),
    "WHOWAS": ("WHOWAS gone", 20, 0),
    "ADMIN": ("ADMIN", 20, 0),
    "LUSERS": ("LUSERS", 45, 0),
    "VERSION": ("VERSION", 80, 0),
    "ISUPPORT": ("ISUPPORT", 70, 0),
    "MAP": ("MAP", 25, 0),
    "LINKS": ("LINKS", 20, 0),
    "TIME": ("TIME", 20, 0),
    "STATS": ("STATS u", 20, 0),
    "STATS m": ("STATS m", 20, 0),
    "STATS ?": ("STATS ?", 20, 0),
    "STATS l": ("STATS l", 20, 0),
    "CAP": ("CAP LS 302", 30, 0),
    "TRACE": ("TRACE", 20, 0),
    "ISON": ("ISON p1 p2 p3 p4 p5 p6 p7 p8 p9 p0", 20, 0),
    "USERHOST": ("USERHOST p1 p2 p3 p4 p5", 20, 0),
    "USERIP": ("USERIP p1 p2", 20, 0),
    "MODE": ("MODE #big", 20, 0),
    "MODE b": ("MODE #bans b", 160, 0),
    "MONITOR": ("MONITOR + p1,p2,p3,p4,p5,p6,p7,p8,p9", 20, 0),
    "MONITOR S": ("MONITOR S", 20, 0),
    "PING": ("PING x", 20, 0),
    "QUIT": ("QUIT :" + "q" * 200, 20, SPOKEN),
    "PRIVMSG": ("PRIVMSG #big :x", 20, SPOKEN),
    "NOTICE": ("NOTICE #big :x", 20, SPOKEN),
    "PRIVMSG,": ("PRIVMSG p1,p2,p3,p4 :x", 20, 0),
    "TAGMSG": ("TAGMSG #big", 20, 0),
    "NICK": ("NICK a%n000", 20, SPOKEN),
    "SETNAME": ("SETNAME :x%n", 20, 0),
    "AWAY": ("AWAY :x%n", 20, 0),
    "JOIN": ("JOIN #n%n", 20, 0),
    "PART": ("PART #big\r\nJOIN #big", 30, SPOKEN),
    "TOPIC": ("TOPIC #big", 20, 0),
    "TOPIC set": ("TOPIC #big :%n", 20, 0),
    "KICK": ("KICK #big p1", 20, 0),
    "INVITE": ("INVITE p1 #big", 20, 0),
    "KNOCK": ("KNOCK #big", 20, 0),
    "OPER": ("OPER x y", 20, 0),
    "ACCEPT": ("ACCEPT *", 20, 0),
    "RENAME": ("RENAME #big #large%n", 20, 0),
    "unknown": ("X", 25, 0),
    "too long": ("x" * 600, 20, 0),
}
EXEMPT = "".join('exempt "%s/16" { from = { "connections", "throttle", %s } }\n' % row for row in (
    ("127.0.0.0", '"flood", "strikes"'), ("127.1.0.0", '"flood", "strikes"'), ("127.7.0.0", '"flood", "strikes"'),
    ("127.9.0.0", '"strikes"')))


class Asker:
    """One command's client: sends it and counts what the server says to it."""

    def __init__(self, server, number, name, line):
        self.name, self.line, self.number = name, line, number
        self.client = server.connect(source="127.9.%d.1" % number, pong=False)
        self.client.send("NICK a%d" % number, "USER a%d 0 * :a" % number)
        self.client.expect(r" (376|422) ")
        self.client.send("JOIN #big,#a%d" % number)
        self.client.expect(r" 366 a%d #a%d " % (number, number))
        self.own = re.compile(rb"^(:irc\.test\.example |:a\d*!a%d@|ERROR|FAIL)" % number)
        self.rest, self.bytes = b"", 0

    def ask(self):
        lines = [self.line.replace("%n", str(n)) for n in range(TIMES)]
        self.sent = sum(len(line) + 2 for line in lines)
        self.client.send(*lines)

    def read(self):
        """False when the connection has ended."""
        try:
            got = self.client.sock.recv(1 << 18)
        except OSError:
            got = b""
        *lines, self.rest = (self.rest + got).split(b"\n")
        self.bytes += sum(len(line) + 1 for line in lines if self.own.match(line))
        return bool(got)


class Amplification(canary.Case):
    def populate(self, server):
        """Clients with long names on #big, and channels with long topics."""
        people = [irc.Client(server.port, source="127.1.0.1") for _ in range(PEOPLE)]
        for i, p in enumerate(people):
            mine = ["JOIN #c%d" % i, "TOPIC #c%d :%s" % (i, "t" * 300)] if i < CHANNELS else []
            p.send("NICK p%d" % i, "USER u 0 * :%s" % ("long name " * 10), "JOIN #big", *mine)
        for i, p in enumerate(people):
            if i == 0:
                p.send("JOIN #bans", *["MODE #bans +bbbbbbbbbb " + " ".join(
                    "nick%d!user%d@host-%d.example.net" % (n, n, n) for n in range(10 * k, 10 * k + 10)) for k in range(10)])
            p.expect(" 366 p%d #%s" % (i, "c%d " % i if i < CHANNELS else "big"))
            p.sock.settimeout(None)
        with irc.Client(server.port, source="127.1.0.1") as gone:
            gone.register("gone").send("QUIT")
            gone.wait_closed()
        return people

    def commands(self, server):
        with server.connect("oper") as oper:
            oper.oper().send("HELP")
            names = []
            while not re.search(" 706 ", oper.lines[-1]):
                match = re.match(r"\S+ 705 \S+ \* :([A-Z ]+)$", oper.line())
                names += match.group(1).split() if match else []
        return names

    def meanwhile(self, askers, people):
        """Reads all connections for SECONDS; counts the bytes of each asker that the first member receives."""
        heard, rest = collections.Counter(), b""
        with selectors.DefaultSelector() as poll:
            for asker in askers:
                poll.register(asker.client.sock, selectors.EVENT_READ, asker)
            for p in people:
                poll.register(p.sock, selectors.EVENT_READ)
            for p in people:
                canary.drain(p.sock)
            begun = time.monotonic()
            for asker in askers:
                asker.ask()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for key, _ in poll.select(0.1):
                    if key.data:
                        if not key.data.read():
                            poll.unregister(key.fileobj)
                    elif key.fileobj is not people[0].sock:
                        canary.drain(key.fileobj)
                    else:
                        *lines, rest = (rest + key.fileobj.recv(1 << 18)).split(b"\n")
                        for line in lines:
                            match = re.match(rb":[^ !]+!a(\d+)@", line)
                            if match:
                                heard[int(match.group(1))] += len(line) + 1
            # By the burst and what comes back meanwhile.
            self.bought = (10 + 2 * (time.monotonic() - begun)) * PER_TOKEN
        return heard

    def test_no_command_gets_much_for_little(self):
        with irc.Server(extra=EXEMPT + irc.oper_block(), server='motd = "motd.txt"', start=False) as server:
            with open(server.path("motd.txt"), "w") as f:
                f.write(("m" * 70 + "\n") * 40)
            server.start()
            people = self.populate(server)
            rows = {name: (OTHER[0] % name,) + OTHER[1:] for name in self.commands(server)}
            rows.update(ROWS)
            witness = server.connect("witness")
            before = canary.Baseline(server, witness)
            askers = [Asker(server, n, name, row[0]) for n, (name, row) in enumerate(sorted(rows.items()))]
            with canary.Canary(server):
                heard = self.meanwhile(askers, people)
            for asker in askers:
                self.judge(asker, heard[asker.number] * PEOPLE, *rows[asker.name][1:])
                asker.client.close()
            before.restored(4 << 20)  # their queues of answers, in pieces of 4 KiB

    def judge(self, asker, heard, answers_most, heard_most):
        what = "%-14s %5d bytes sent, %6d answered: %4d for 1, heard by others: %4d for 1" % (
            asker.name, asker.sent, asker.bytes, asker.bytes / asker.sent, heard / asker.sent)
        if "IRCD_TEST_VERBOSE" in os.environ:
            print(what)
        with self.subTest(what):
            self.assertLessEqual(asker.bytes, self.bought + LONGEST)
            self.assertLessEqual(asker.bytes / asker.sent, answers_most)
            self.assertLessEqual(heard / asker.sent, heard_most)


if __name__ == "__main__":
    irc.main()
