"""Shared by the stories: the report, the server and its wires, and the texts that no window may show."""
import contextlib
import os
import re
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import documents
import irc
from windows import Failure
from wire import Wire

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PASSWORD = "correct-horse"
OPER = '\noper "boss" { password = "%s"  hosts = { "*@*" }  privileges = { "all" } }\n'

# Refusals that every irssi causes on purpose.
EVERY_IRSSI = {
    "422": "there is no message of the day",
    "451": "irssi sends JOIN before it registers, to see what kind of server this is",
}
WRONG = r"(?i)unknown (?!connection)|not found|not enough|no such|not registered|critical|syntax"


class Tally:
    passed = failed = 0


@contextlib.contextmanager
def step(name, vital=False):
    """One line of the report. A failure is shown with its window, and the story goes on unless it is vital."""
    start = time.monotonic()
    try:
        yield
    except AssertionError as e:
        Tally.failed += 1
        print("not ok - %s (%.1f s)\n%s" % (name, time.monotonic() - start, e), flush=True)
        if vital:
            raise Failure("nothing else can be shown") from None
    else:
        Tally.passed += 1
        print("ok - %s (%.1f s)" % (name, time.monotonic() - start), flush=True)


def ensure(condition, text):
    if not condition:
        raise Failure(text)


def boss():
    """The oper block of boss."""
    return OPER % irc.run("--hash-password", input=PASSWORD + "\n").stdout.strip()


def printed(document, heading, client, **words):
    """What the row of a client has in ` `, in the table with this heading of a document, with words put in."""
    with open(os.path.join(TOP, document), encoding="utf-8") as f:
        table = f.read().split(heading + "\n")[1].split("\n\n")[0]
    lines = re.findall("`(.*?)`", re.search(r"(?m)^\| %s \|(.*)\|$" % client, table)[1])
    for word, text in words.items():
        lines = [line.replace(word, text) for line in lines]
    return lines


def talk_on_channel(s, heard):
    """irssi, WeeChat, HexChat and catgirl of the stage join #talk, and each says its text of heard."""
    s.irssi.type("/join #talk")
    s.irssi.expect(2, r"irene \[.*\] has joined #talk")
    s.weechat.type("/join #talk", "server")
    s.hexchat.type("/join #talk")
    s.catgirl.type("/join #talk")
    with step("all are on one channel"):
        s.irssi.expect(2, *[r"%s \[.*\] has joined #talk" % nick for nick in ("willy", "helen", "cathy")])
    windows = (s.irssi, 2), (s.weechat, "#talk"), (s.hexchat, "#talk"), (s.catgirl, 1)
    for text, (client, window) in zip(heard, windows):
        client.type(text, window)
    with step("all talk and hear each other"):
        for client, window in windows:
            client.expect(window, *heard)


class Stage:
    """A server and a wire for each client; all that a story opens here is closed at its end, last first."""

    def __init__(self, stack, directory, names, server=None):
        """server: makes one; without names there is no wire."""
        self.stack, self.directory = stack, directory
        make = server or (lambda: irc.Server(extra=boss(), server="cloak = true"))
        self.server = self.opened(make())
        self.wires = {name: self.opened(Wire(self.server.port, "127.0.0.%d" % n))
                      for n, name in enumerate(names, 2)}
        self.windows = {}  # title: lines, kept before a client ends

    def opened(self, thing):
        self.stack.callback(thing.close)
        return thing

    def keep_window(self, title, lines):
        self.windows[title] = list(lines)

    def check(self, wanted, allowed=""):
        """wanted: {client: {numeric: why}}, refusals that were caused on purpose; every other 4xx and 5xx is
        a failure, and so is a wanted one that did not come. allowed: lines of windows that look wrong and
        are not."""
        with step("no error was sent to any client but those caused on purpose"):
            for name, wire in self.wires.items():
                numerics = {l.numeric for l in wire.all() if l.numeric and l.numeric[0] in "45"}
                bad = [l for l in wire.all() if l.numeric in numerics - set(wanted[name])]
                ensure(not bad, "%s\n%s" % (name, "\n".join(map(str, bad))))
                missing = set(wanted[name]) - numerics
                ensure(not missing, "%s was not refused after all: %s" % (name, sorted(missing)))
        with step("nobody was told of flood or strikes"):
            for name, wire in self.wires.items():
                bad = wire.came(r"(?i)\bflood|\bstrike \d|sent too fast|dropped|RATE_LIMITED")
                ensure(not bad, "%s\n%s" % (name, "\n".join(map(str, bad))))
        with step("every PING of a client was answered at once, so none shows a lag"):
            for name, wire in self.wires.items():
                check_pongs(name, wire)
        self.check_windows(allowed)

    def check_windows(self, allowed=""):
        """No window that was kept, and no line of the log, has an error."""
        for title, lines in self.windows.items():
            with step("no error stands in the windows of " + title):
                bad = [l for l in lines if re.search(WRONG + "|warning|=!=", l)
                       and not (allowed and re.search(allowed, l))]
                ensure(not bad, "\n".join(bad))
        with step("the server has logged no error"):
            ensure(not re.search(r" (error|warn) (?!event=(descriptor-limit|root))", self.server.log()), self.server.log())

    def shoot(self, client, name):
        """Leaves a picture of HexChat's window."""
        if "IRCD_TEST_SHOT" in os.environ:
            client.display.screenshot(os.path.join(os.environ["IRCD_TEST_SHOT"], name + ".png"))

    def keep(self, path):
        """Writes all lines of the wires and of the windows to files."""
        with open(path, "w") as f:
            for name, wire in self.wires.items():
                f.writelines("%s %.2f %s\n" % (name, l.when, l) for l in wire.all())
            f.writelines("%s: %s\n" % (title, l) for title, lines in self.windows.items() for l in lines)


def check_pongs(name, wire):
    lines = wire.all()
    for i, line in enumerate(lines):
        asked = line.out and re.match(r"PING :?(\S+)", line.text)
        if not asked or line is lines[-1]:
            continue
        answers = [l for l in lines[i:] if not l.out and re.search(r" PONG \S+ :" + re.escape(asked[1]), l.text)]
        ensure(answers and answers[0].when - line.when < 1, "%s: no answer to %s" % (name, line))


def main(play, names=(), server=None):
    """Runs play(stage) to its end and says how it went; usage: STORY.py IRCD"""
    irc.BINARY = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    title = os.path.basename(sys.argv[0]).rpartition(".")[0]
    with tempfile.TemporaryDirectory(prefix="clients-") as directory, contextlib.ExitStack() as stack:
        stage = Stage(stack, directory, names, server)
        try:
            play(stage)
        except AssertionError as e:
            Tally.failed += 1
            print("not ok - the story came to its end\n%s" % e, flush=True)
        if "IRCD_TEST_KEEP" in os.environ:
            stage.keep("%s.%s" % (os.environ["IRCD_TEST_KEEP"], title))
        if Tally.failed:
            for name, wire in stage.wires.items():
                print("--- the wire of %s\n%s" % (name, wire.tail(40)))
    print("%s: %d passed, %d failed" % (title, Tally.passed, Tally.failed))
    sys.exit(1 if Tally.failed or not Tally.passed else 0)
