"""irssi and HexChat on a channel with clients that speak IRC over WebSockets, text and binary, plain and over TLS, directly
and behind Debian's nginx and haproxy; see run.sh.

irene (irssi) and helen (HexChat) connect over plain TCP. t0, b0, t1 … are connections of this script, two on each way of
WAYS: t speaks text, b binary.
"""
import re

from cast import PASSWORD, boss, ensure, irc, main, step
from windows import Budget, Hexchat, Irssi, Tmux

import web  # after cast, which knows where it is
from web_fronts import WAYS, Fronts

WANTED = {"irssi": {"422": "there is no message of the day", "451": "irssi sends JOIN before it registers"},
          "HexChat": {"422": "there is no message of the day"}}
GREETING = "ümläute and 日本"


def server():
    """One behind both programs. Each client has an address of its own; irssi and HexChat those of their wires."""
    fronts = Fronts(irc.Server(extra=boss(), server="cloak = true", start=False))
    fronts.port = fronts.server.port
    fronts.log = fronts.server.log
    return fronts


def connect(s):
    s.irssi.type("/connect 127.0.0.1 %d" % s.wires["irssi"].port)
    with step("irssi and HexChat connect", vital=True):
        s.irssi.expect(1, "Welcome to the Test network, irene!")
        s.hexchat.expect("server", "Welcome to the Test network, helen!")
        s.hexchat.expect("#talk", "Now talking on #talk")
    s.irssi.type("/join #talk")
    s.irssi.expect(2, r"irene \[.*\] has joined #talk")
    s.clients, s.sources = {}, {}
    for n, way in enumerate(WAYS):
        with step("a text client and a binary one connect: " + way[0], vital=True):
            for kind in "t", "b":
                nick, source = "%s%d" % (kind, n), web.fresh_address()
                client = s.server.connect(way, nick, source, binary=kind == "b")
                client.send("JOIN #talk")
                client.expect(" 366 ")
                s.clients[nick], s.sources[nick] = client, source
                s.irssi.expect(2, r"%s \[.*\] has joined #talk" % nick)
                s.hexchat.expect("#talk", r"%s \(.*\) has joined" % nick)


def talk(s):
    with step("irssi and HexChat are heard by each"):
        for nick, client in (("irene", s.irssi), ("helen", s.hexchat)):
            client.type("hello from %s, %s" % (nick, GREETING), 2 if nick == "irene" else "#talk")
            for hearer in s.clients.values():
                hearer.expect(r"^:%s!\S+ PRIVMSG #talk :hello from %s, %s$" % (nick, nick, GREETING))
        s.irssi.expect(2, "<.?helen> hello from helen")
        s.hexchat.expect("#talk", "<.?irene> hello from irene")
    with step("each is heard by irssi, HexChat and all others"):
        for nick, client in s.clients.items():
            client.send("PRIVMSG #talk :hello from %s, %s" % (nick, GREETING))
            for other, hearer in s.clients.items():
                if other != nick:
                    hearer.expect(r"^:%s!\S+ PRIVMSG #talk :hello from %s, %s$" % (nick, nick, GREETING))
        for client, window in (s.irssi, 2), (s.hexchat, "#talk"):
            client.expect(window, *["<.?%s> hello from %s, %s" % (nick, nick, GREETING) for nick in s.clients])
    with step("private messages go both ways"):
        s.irssi.type("/msg t0 in private", 2)
        s.clients["t0"].expect(r"^:irene!\S+ PRIVMSG t0 :in private$")
        s.clients["t0"].send("PRIVMSG irene :so am I")
        s.irssi.expect(3, "<t0> so am I")


def look(s):
    with step("WHOIS says who is on a secure connection"):
        for n, way in enumerate(WAYS):
            for nick in "t%d" % n, "b%d" % n:
                said = web.whois(s.clients["t0"], nick)
                ensure((" 671 " in said) == way[2], "%s, %s: %s" % (nick, way[0], said))


def rule(s):
    s.irssi.type("/oper boss " + PASSWORD)
    s.irssi.expect(1, "You are now an IRC operator")
    for n, way in enumerate(WAYS):
        nick, other = "b%d" % n, "t%d" % n
        with step("a K-line hits the address of one client alone: " + way[0]):
            s.irssi.type("/quote KLINE 10m %s :no spam of %s" % (nick, nick))
            s.irssi.expect(1, r"K-line \*@%s set until .* removed 1 client, saved" % re.escape(s.sources[nick]))
            code, lines = s.clients[nick].close_code()
            ensure(code == 1008 and "no spam of " + nick in lines[-1], "%s %s" % (code, lines[-1:]))
            s.irssi.expect(2, "%s .* has quit .*no spam of %s" % (nick, nick))
            s.hexchat.expect("#talk", "%s has quit .*no spam of %s" % (nick, nick))
            s.clients[other].send("PRIVMSG #talk :still here")
            s.irssi.expect(2, "<.?%s> still here" % other)
            with s.server.connect(way, None, s.sources[nick], binary=True) as again:
                again.send("NICK " + nick, "USER u 0 * :x")
                code, lines = again.close_code()
            ensure(code == 1008 and "no spam of " + nick in lines[-1], "%s %s" % (code, lines[-1:]))


def leave(s):
    with step("each quits with its words"):
        for n in range(len(WAYS)):
            client = s.clients["t%d" % n]
            client.send("QUIT :good night %d" % n)
            ensure(client.close_code()[0] == 1000, "the close code")
            s.irssi.expect(2, "t%d .* has quit .*good night %d" % (n, n))
    s.keep_window("irssi", s.irssi.lines(2))
    s.irssi.type("/quit sleep well", 2)
    with step("irssi quits too"):
        Budget.wait(lambda: s.wires["irssi"].came(r"^ERROR .*sleep well"), "ERROR", s.wires["irssi"].tail)
    s.keep_window("HexChat", s.hexchat.lines("#talk"))


def play(s):
    s.irssi = Irssi(s.opened(Tmux(s.directory)), "irssi", "irene")
    s.hexchat = s.opened(Hexchat(s.directory, "helen", s.wires["HexChat"].port, "#talk"))
    for act in connect, talk, look, rule, leave:
        act(s)
    s.check(WANTED, allowed="Failed loading notification plugin")


if __name__ == "__main__":
    main(play, WANTED, server)
