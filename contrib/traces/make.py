#!/usr/bin/env python3
"""Writes the three traces of this folder: make.py [DIRECTORY].

The same bytes each time: chance comes from a generator of its own with a fixed seed. What clients do
is what they do by default: irssi sends 5 commands at once and then one each 2.2 s, and connects again
after 5 minutes; WeeChat sends a message each 2 s and connects again after 10 s, then 20, 40 ...; HexChat
spaces its lines like irssi and connects again each 10 s. README.md describes the format.
"""
import json
import os
import sys


class Chance:
    """A linear congruential generator; good enough to look like people, and never changes."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def between(self, low, high):
        """Seconds, to the tenth."""
        return (low * 10 + self.below((high - low) * 10 + 1)) / 10


class Trace:
    def __init__(self):
        self.events = []

    def add(self, time, who, **event):
        self.events.append((round(time, 1), len(self.events), {"id": who, **event}))

    def line(self, time, who, text):
        self.add(time, who, line=text)

    def write(self, path):
        with open(path, "w") as f:
            for time, _, event in sorted(self.events, key=lambda e: e[:2]):
                f.write(json.dumps({"time": time, **event}, separators=(",", ":")) + "\n")


WORDS = "tea milk rain late train again good song maybe tomorrow window garden bread code green".split()


def talk(chance):
    return " ".join(WORDS[chance.below(len(WORDS))] for _ in range(3 + chance.below(10)))


def login(nick):
    return ["CAP LS 302", "NICK " + nick, "USER %s 0 * :%s" % (nick, nick), "CAP END"]


# --- a normal evening ---------------------------------------------------------------------------------

def batches(channels):
    """JOIN takes lists; clients keep their lines short."""
    return ["JOIN " + ",".join(channels[i:i + 25]) for i in range(0, len(channels), 25)]


def queries(channels):
    """What irssi asks after joining: a kind for all channels, then the next kind."""
    return ([("MODE %s" % c) for c in channels] + [("WHO %s" % c) for c in channels] +
            [("MODE %s b" % c) for c in channels])


def spaced(trace, time, who, lines, at_once, each):
    """Lines as a client's own flood protection lets them go. Returns when the last one went."""
    for n, text in enumerate(lines):
        if n >= at_once:
            time += each
        trace.line(time, who, text)
    return time


def arrive(trace, time, who, nick, address, channels, quick):
    """Connects, joins, asks. A quick client asks as fast as the network takes it."""
    trace.add(time, who, connect=address, login=login(nick))
    trace.line(time + 0.3, who, "MODE %s +i" % nick)
    for n, batch in enumerate(batches(channels)):
        trace.line(time + 0.4 + n / 10, who, batch)
    if quick:
        trace.add(time + 0.8, who, lines=queries(channels))
    else:
        spaced(trace, time + 0.8, who, queries(channels), 5, 2.2)


def evening():
    """30 people, one hour: they come, sit on up to 50 channels, talk, paste; a third loses its line once."""
    trace, chance = Trace(), Chance(1)
    everything = ["#c%02d" % n for n in range(50)]
    end, split = 3600, 1800
    for n in range(30):
        who, nick = "p%02d" % n, "person%02d" % n
        address = "2001:db8:0:%x::7" % n if n % 7 == 6 else "198.18.%d.%d" % (n, 10 + n)
        channels = everything[:[50, 50, 12, 8, 5][n % 5]]
        came = chance.between(0, 600)
        arrive(trace, came, who, nick, address, channels, n % 5 == 1)
        busy = [came + 400]  # what is said from here on does not meet the queries

        def live(until):
            """Talks now and then, and lets the server know that it is there."""
            time = busy[0]
            while time < until:
                trace.line(time, who, "PRIVMSG %s :%s" % (channels[chance.below(len(channels))], talk(chance)))
                time += chance.between(40, 160)
            time = came + 30
            while time < until:
                trace.line(time, who, "PING :lag%d" % (time * 10))
                time += 60

        if n % 3 == 0:  # the network splits: all at once, and all are back within seconds
            live(split - 5)
            trace.add(split, who, close=True)
            came = split + chance.between(8, 16)
            arrive(trace, came, who, nick, address, channels, n % 5 == 1)
            busy[0] = came + 400
        live(end - 10)
        if n % 4 == 0:  # thirty lines from irssi or HexChat
            spaced(trace, 2700 + 3 * n, who, ["PRIVMSG #c00 :" + talk(chance) for _ in range(30)], 5, 2.2)
        if n % 4 == 1:  # thirty lines from WeeChat
            spaced(trace, 2700 + 3 * n, who, ["PRIVMSG #c01 :" + talk(chance) for _ in range(30)], 1, 2.0)
        if n == 2:  # thirty lines from a client that protects nobody, on a slow line
            spaced(trace, 2900, who, ["PRIVMSG #c02 :" + talk(chance) for _ in range(30)], 1, 0.2)
        if n == 7:  # a screenful at once
            trace.add(3000, who, lines=["PRIVMSG #c03 :" + talk(chance) for _ in range(24)])
        if n % 10 == 5:  # cannot decide on a nick
            for step, name in enumerate(["", "_", "|away", ""]):
                trace.line(3200 + n + 9 * step, who, "NICK " + nick + name)
            trace.line(3240 + n, who, "AWAY :supper")
            trace.line(3300 + n, who, "AWAY")
        trace.line(end, who, "QUIT :good night")
        trace.add(end, who, close=True)
    return trace


# --- a wave of spam -----------------------------------------------------------------------------------

def bot(trace, chance, n, start):
    """Comes, joins, and pastes at full speed what it was told; notices are not for it."""
    who = "bot%03d" % n
    event = {"connect": "198.18.%d.%d" % (n // 8, 20 + n), "login":
             ["NICK %s" % who, "USER %s 0 * :x" % who, "JOIN #c00"]}
    if n % 4 == 3:
        event["retry"] = [2]  # these come again when they are thrown out
    target = "#c00" if n % 2 else "person%02d" % (n % 5)
    trace.add(start, who, **event)
    text = "PRIVMSG %s :buy now pills.example/%d" % (target, n)
    trace.add(start + 0.3, who, lines=[text] * 30)
    for second in range(1, 9):
        trace.add(start + 0.3 + second, who, lines=[text] * 8)
    trace.add(start + 60, who, close=True)


def spam_wave():
    """200 addresses, 8 of each /24, within 5 seconds, on a server that has been up for two minutes."""
    trace, chance = Trace(), Chance(2)
    for n in range(5):
        who = "person%02d" % n
        trace.add(n, who, connect="192.0.2.%d" % (10 + n), login=login(who) + ["JOIN #c00"])
        for time in range(20, 180, 20):
            trace.line(time + n, who, "PRIVMSG #c00 :" + talk(chance))
        trace.add(200, who, close=True)
    for n in range(200):
        bot(trace, chance, n, 120 + chance.between(0, 5))
    return trace


# --- everybody is back at once ------------------------------------------------------------------------

WAITS = [[300], [10, 20, 40, 80, 160, 320, 600], [10]]  # irssi, WeeChat, HexChat


def reconnect_storm():
    """The server was restarted: 40 people behind one NAT and 40 others are back at once, for half an hour."""
    trace, chance = Trace(), Chance(3)
    for n in range(80):
        who = "person%02d" % n
        address = "203.0.113.5" if n < 40 else "198.18.%d.%d" % (n, n)
        channels = ["#c%02d" % c for c in range(1 + n % 12)]
        trace.add(chance.between(0, 8), who, connect=address, retry=WAITS[n % 3],
                  login=login(who) + batches(channels))
        trace.add(1800, who, close=True)
    return trace


def main(directory):
    evening().write(os.path.join(directory, "evening.jsonl"))
    spam_wave().write(os.path.join(directory, "spam-wave.jsonl"))
    reconnect_storm().write(os.path.join(directory, "reconnect-storm.jsonl"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
