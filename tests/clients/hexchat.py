"""A session with HexChat: the commands that are typed, and the lines that its windows show; see run.sh.

helen uses HexChat and makes #talk; tom is a plain connection of this script. A picture of the
window is left in the directory IRCD_TEST_SHOT, if that is set.
"""
import time

from cast import ensure, main, step
from windows import Budget, Hexchat

WANTED = {
    "HexChat": {
        "403": "helen knocks on a channel that is not there",
        "404": "helen talks while the channel is moderated",
        "422": "there is no message of the day",
    },
}


def told(s, pattern):
    """A line in any tab."""
    Budget.wait(lambda: s.hexchat.said(pattern), pattern, s.wires["HexChat"].tail)


def came(s, pattern):
    """A line that has come over the wire, if it is not known which tab shows it."""
    Budget.wait(lambda: s.wires["HexChat"].came(pattern), pattern, s.wires["HexChat"].tail)


def connect(s):
    with step("HexChat connects by its command line and joins its channel", vital=True):
        s.hexchat.expect("server", "Welcome to the Test network, helen!")
        s.hexchat.expect("#talk", "Now talking on #talk")
        s.tom = s.opened(s.server.connect("tom", source="127.0.0.9"))
        s.tom.send("JOIN #talk")
        s.hexchat.expect("#talk", r"tom \(user@\S+\) has joined")


def talk(s):
    s.hexchat.type("hello from hexchat, ümläute and 日本", "#talk")
    with step("both talk and hear each other"):
        s.tom.expect(r"^:helen!\S+ PRIVMSG #talk :hello from hexchat, ümläute and 日本$")
        s.tom.send("PRIVMSG #talk :hello, ümläute and 日本", "PRIVMSG #talk :\x01ACTION waves\x01")
        s.hexchat.expect("#talk", "<tom> hello, ümläute and 日本", "tom waves")
    with step("Tab completes a nick"):
        s.hexchat.keys("to", "Tab", "hi", "Return")
        s.tom.expect(r"^:helen!\S+ PRIVMSG #talk :tom[:,] ?hi$")
    s.tom.send("PRIVMSG helen :in private")
    with step("a private message opens a tab, and is answered there"):
        s.hexchat.expect("tom", "<tom> in private")
        s.hexchat.type("so am I", "tom")
        s.tom.expect(r"^:helen!\S+ PRIVMSG tom :so am I$")
    s.tom.send("AWAY :gone fishing", "NICK thomas")
    with step("a new nick and a new topic are seen"):
        s.hexchat.expect("#talk", "tom is now known as thomas")
        s.hexchat.type("/topic news of the day", "#talk")
        s.tom.expect(r"^:helen!\S+ TOPIC #talk :news of the day$")
        s.hexchat.expect("#talk", "helen has changed the topic to: news of the day")
    s.tom.send("NICK tom", "AWAY")


def ask(s):
    s.hexchat.type("/whois tom", "#talk")
    s.hexchat.type("/mode #talk", "#talk")
    with step("/whois, /mode"):
        s.hexchat.expect("#talk", r"\[tom\] \(user@\S+\)", r"\[tom\] #talk", r"\[tom\] End of WHOIS list")
        told(s, r"#talk.* \+nt|modes: \+nt")
    s.hexchat.type("/who tom", "#talk")
    s.hexchat.type("/quote LIST #t*", "#talk")
    with step("/who, and LIST opens a window of its own"):
        came(s, " 315 helen tom ")
        came(s, " 322 helen #talk 2 ")
        came(s, " 323 helen ")


def moderate(s):
    s.hexchat.type("/ban bad!*@*", "#talk")
    s.hexchat.type("/quiet loud!*@*", "#talk")
    with step("/ban, /quiet"):
        s.tom.expect(r"^:helen!\S+ MODE #talk \+b bad!\*@\*$")
        s.tom.expect(r"^:helen!\S+ MODE #talk \+q loud!\*@\*$")
        s.hexchat.expect("#talk", r"helen sets ban on bad!\*@\*", r"helen sets quiet on loud!\*@\*")
    s.hexchat.type("/unban bad!*@*", "#talk")
    s.hexchat.type("/unquiet loud!*@*", "#talk")
    with step("/unban, /unquiet"):
        s.hexchat.expect("#talk", r"helen removes ban on bad!\*@\*", r"helen removes quiet on loud!\*@\*")
    s.hexchat.type("/op tom", "#talk")
    s.hexchat.expect("#talk", "helen gives channel operator status to tom")
    s.tom.send("MODE #talk +m-o helen")
    with step("who may not talk reads why"):
        s.hexchat.expect("#talk", "tom removes channel operator status from helen")
        s.hexchat.type("nobody hears this", "#talk")
        told(s, "Cannot send to channel")
        s.tom.send("MODE #talk -m+o helen")
        s.hexchat.expect("#talk", "tom gives channel operator status to helen")
    s.hexchat.type("/kick tom off you go", "#talk")
    with step("/kick"):
        s.tom.expect(r"^:helen!\S+ KICK #talk tom :off you go$")
        s.hexchat.expect("#talk", r"helen has kicked tom from #talk \(off you go\)")
    s.hexchat.type("/mode #talk +i", "#talk")
    s.hexchat.expect("#talk", "helen sets mode [+]i on #talk")
    s.tom.send("KNOCK #talk")
    with step("a knock is heard, and /invite opens"):
        s.tom.expect(" 711 tom #talk ")
        told(s, "asked for an invitation")
        s.hexchat.type("/invite tom", "#talk")
        s.tom.expect(r"^:helen!\S+ INVITE tom :?#talk$")
        s.tom.send("JOIN #talk")
        s.hexchat.expect("#talk", r"tom \(user@\S+\) has joined")
    s.hexchat.type("/knock #nowhere", "#talk")
    with step("/knock where there is nothing"):
        told(s, "#nowhere.*No such channel")


def watch(s):
    s.hexchat.type("/notify eve", "#talk")
    with step("/notify: HexChat asks with MONITOR and is told"):
        Budget.wait(lambda: s.wires["HexChat"].sent(r"^MONITOR \+ eve"), "MONITOR", s.wires["HexChat"].tail)
        eve = s.server.connect("eve", source="127.0.0.8")
        told(s, "Notify: eve is online")
        eve.close()
        told(s, r"(?s)Notify: eve is online.*Notify: eve is offline")
    s.hexchat.type("/ignore tom!*@* CHAN", "#talk")
    with step("/ignore: tom is not heard, and then he is again"):
        s.hexchat.expect("#talk", r"tom!\*@\* added to ignore list")
        s.tom.send("PRIVMSG #talk :can you hear me", "MODE #talk +v tom")
        s.tom.expect(" 482 tom #talk ")
        came(s, "PRIVMSG #talk :can you hear me")
        time.sleep(0.5)  # what has come is shown, if it is
        s.hexchat.type("/unignore tom!*@*", "#talk")
        s.hexchat.expect("#talk", r"tom!\*@\* removed from ignore list")
        s.tom.send("PRIVMSG #talk :and now")
        s.hexchat.expect("#talk", "<tom> and now")
        ensure(not s.hexchat.said("can you hear me"), "heard")
    s.hexchat.type("/away gone fishing", "#talk")
    with step("/away is confirmed and seen, /back ends it"):
        came(s, " 306 helen ")
        s.tom.send("PRIVMSG helen :are you there?")
        s.tom.expect(" 301 tom helen :gone fishing")
        s.hexchat.type("/back", "#talk")
        came(s, " 305 helen ")
    s.hexchat.type("/lagcheck", "#talk")
    with step("the lag is measured"):
        came(s, " PONG .*LAG")


def come_back(s):
    s.hexchat.type("/mode #talk -i", "#talk")
    s.hexchat.expect("#talk", "helen sets mode -i on #talk")
    s.wires["HexChat"].cut()
    with step("after the wire was cut it comes back to its channel"):
        s.tom.expect(r"^:helen!\S+ QUIT ")
        s.tom.expect(r"^:helen!\S+ JOIN :?#talk", timeout=20)
        time.sleep(1)  # the picture is to show it


def leave(s):
    wire = s.wires["HexChat"]
    with step("/quit is seen with its words"):
        # What waits for its own flood control is not sent any more once it quits.
        Budget.wait(lambda: time.monotonic() - wire.all()[-1].when > 4, "it to be silent", wire.tail)
        s.hexchat.type("/quit good night", "#talk")
        s.tom.expect(r"^:helen!\S+ QUIT .*good night", timeout=20)


def play(s):
    s.hexchat = s.opened(Hexchat(s.directory, "helen", s.wires["HexChat"].port, "#talk"))
    try:
        for act in connect, talk, ask, moderate, watch, come_back:
            act(s)
    finally:
        s.shoot(s.hexchat, "hexchat")
    leave(s)
    for name in "server", "#talk", "tom":
        s.keep_window("HexChat, " + name, s.hexchat.lines(name))
    s.check(WANTED, allowed="#nowhere :No such channel|Failed loading notification plugin")


if __name__ == "__main__":
    main(play, WANTED)
