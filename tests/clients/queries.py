"""Queries with irssi and WeeChat: lists, bans, quiets, notify, monitor, knocks, ignores; see run.sh.

ivan sits at irssi and founds #room; wanda sits at WeeChat. eve is nobody's client: she comes, talks and
goes, so that there is something to see.
"""
import re
import time

from cast import EVERY_IRSSI, PASSWORD, ensure, main, step
from windows import Budget, Irssi, Tmux, Weechat

WANTED = {
    "irssi": EVERY_IRSSI,
    "WeeChat": {
        "404": "wanda is quieted when she talks",
        "422": "there is no message of the day",
    },
}


def connect(s):
    s.irssi.type("/network add local")
    s.irssi.type("/channel add -auto #room local")
    s.irssi.type("/server add -network local 127.0.0.1 %d" % s.wires["irssi"].port)
    s.irssi.type("/connect local")
    s.weechat.type("/server add local 127.0.0.1/%d -nicks=wanda -autojoin=#room" % s.wires["WeeChat"].port)
    with step("both are on the channel, and eve as well", vital=True):
        s.irssi.expect(1, "Welcome to the Test network, ivan!", r"Mode change \[\+i\]")
        s.irssi.expect(2, r"ivan \[.*\] has joined #room")
        s.weechat.type("/connect local")
        s.irssi.expect(2, r"wanda \[.*@\S+\] has joined #room")
        s.eve = s.opened(s.server.connect("eve", source="127.0.0.9"))
        s.eve.send("JOIN #room")
        s.irssi.expect(2, r"eve \[.*@\S+\] has joined #room")
        s.weechat.expect("#room", r"eve \(.*@\S+\) has joined #room")
    s.irssi.type("/notify eve", 2)  # it asks once in a while


def complete(s):
    """The clients' own lists of who is there are right: the Tab key finds them."""
    with step("Tab completes a nick in irssi and in WeeChat"):
        s.irssi.keys("ev", "Tab", window=2)
        Budget.wait(lambda: "eve:" in s.irssi.prompt(), "the nick", s.irssi.prompt)
        s.irssi.keys("hello", "Enter", window=2)
        s.eve.expect(r"^:ivan!\S+ PRIVMSG #room :eve: hello$")
        s.weechat.type("/input insert iv", "#room")
        s.weechat.type("/input complete_next", "#room")
        s.weechat.type("/input return", "#room")
        s.eve.expect(r"^:wanda!\S+ PRIVMSG #room :ivan: ?$")


def look(s):
    # What it has asked by itself must be answered first: it hides those answers.
    Budget.wait(lambda: s.wires["WeeChat"].came(" 315 wanda #room "), "its own WHO", s.wires["WeeChat"].tail)
    s.weechat.type("/who eve", "#room")
    s.weechat.type("/whois eve eve", "#room")
    s.weechat.type("/list #r*", "#room")
    s.weechat.type("/mode #room", "#room")
    with step("WeeChat: /who, /whois, /list, /mode"):
        s.weechat.expect("server", r"\[\*\] eve|\[#room\] eve", r"\[eve\] End of WHO ", r"\[eve\] \(.*@\S+\)",
                         r"\[eve\] End of WHOIS", r"#room\(3\)")
        s.weechat.expect("#room", r"Mode #room \[\+nt\]")
    s.irssi.type("/who eve", 2)
    s.irssi.type("/whois eve eve", 2)
    s.irssi.type("/mode #room", 2)
    with step("irssi: /who, /whois, /mode"):
        s.irssi.expect(1, r"(\*|#room) +eve", "End of /?WHO")
        s.irssi.expect(1, r"eve \[.*@\S+\]", "End of WHOIS")
        s.irssi.expect(2, r"mode/#room \[\+nt\]")


def lists(s):
    s.irssi.type("/op wanda", 2)
    with step("irssi makes WeeChat an operator"):
        s.weechat.expect("#room", r"Mode #room \[\+o wanda\] by ivan")
    s.weechat.type("/ban bad!*@*", "#room")
    s.weechat.type("/quiet loud!*@*", "#room")
    s.weechat.type("/mode #room +e good!*@*", "#room")
    s.weechat.type("/mode #room +I guest!*@*", "#room")
    with step("WeeChat: /ban, /quiet, and the lists e and I"):
        s.irssi.expect(2, r"mode/#room \[\+b bad!\*@\*\] by wanda", r"mode/#room \[\+q loud!\*@\*\] by wanda",
                       r"mode/#room \[\+e good!\*@\*\] by wanda", r"mode/#room \[\+I guest!\*@\*\] by wanda")
    s.weechat.type("/ban", "#room")
    s.weechat.type("/quiet", "#room")
    for letter in "eI":
        s.weechat.type("/mode #room " + letter, "#room")
    with step("WeeChat shows the lists with who set them"):
        s.weechat.expect("#room", r"\[#room\] .*bad!\*@\* banned by wanda", r"\[#room\] .*loud!\*@\* quieted by wanda",
                         r"\[#room\] .*good!\*@\* by wanda", r"\[#room\] .*guest!\*@\* invited by wanda")
    s.irssi.type("/ban", 2)
    s.irssi.type("/mode #room q", 2)
    s.irssi.type("/mode #room e", 2)
    s.irssi.type("/mode #room I", 2)
    with step("irssi shows them as well"):
        s.irssi.expect(2, r"1 - #room: ban bad!\*@\*", r"#room: quiet loud!\*@\*|loud!\*@\*",
                       r"#room: ban exception good!\*@\*", r"guest!\*@\*")
    s.weechat.type("/unban bad!*@*", "#room")
    s.weechat.type("/unquiet loud!*@*", "#room")
    s.irssi.type("/mode -e good!*@*", 2)
    with step("/unban, /unquiet"):
        s.irssi.expect(2, r"mode/#room \[-b bad!\*@\*\] by wanda", r"mode/#room \[-q loud!\*@\*\] by wanda")
        s.weechat.expect("#room", r"Mode #room \[-e good!\*@\*\] by ivan")
    s.irssi.type("/ban eve", 2)
    with step("irssi: /ban of a nick keeps her from speaking, /unban lets her again"):
        s.irssi.expect(2, r"mode/#room \[\+b \S+@\S+\] by ivan")
        s.eve.send("PRIVMSG #room :am I heard?")
        s.eve.expect(" 404 eve #room ")
        s.irssi.type("/unban -first", 2)
        s.irssi.expect(2, r"mode/#room \[-b \S+@\S+\] by ivan")
        s.eve.send("PRIVMSG #room :heard again")
        s.irssi.expect(2, "< eve> heard again")
    s.irssi.type("/mode -o+q wanda wanda!*@*", 2)
    with step("who is quieted reads why"):
        s.weechat.expect("#room", r"Mode #room \[-o\+q wanda wanda!\*@\*\] by ivan")
        s.weechat.type("nobody hears this", "#room")
        s.weechat.expect("#room", r"Cannot send to channel \(")
        s.irssi.type("/mode -q wanda!*@*", 2)
        s.weechat.expect("#room", r"Mode #room \[-q wanda!\*@\*\] by ivan")


def watch(s):
    s.weechat.type("/notify add eve", "server")
    with step("WeeChat asks with MONITOR, irssi with ISON"):
        s.weechat.expect("server", r"notify: eve \(\S+\) is connected")
        Budget.wait(lambda: s.wires["irssi"].came(" 303 ivan :eve"), "ISON", s.wires["irssi"].tail)
        Budget.wait(lambda: any("eve" in line and "has joined to local" in line for line in s.irssi.lines(1)),
                    "the notice", lambda: s.irssi.show(1))
        ensure(s.wires["WeeChat"].sent("^MONITOR [+] eve"), s.wires["WeeChat"].tail())
    s.eve.send("QUIT :for a moment")
    with step("WeeChat sees her go and come"):
        s.weechat.expect("server", "notify: eve has quit")
        s.weechat.type("/whowas eve", "server")
        s.weechat.expect("server", r"\[eve\] \(.*@\S+\) was eve", r"\[eve\] End of WHOWAS")
        s.irssi.expect(2, "eve .* has quit")
        s.eve = s.opened(s.server.connect("eve", source="127.0.0.9"))
        s.weechat.expect("server", r"notify: eve \(\S+\) has connected")
    s.weechat.type("/quote MONITOR L", "server")
    with step("WeeChat shows the list, and the lists are emptied"):
        s.weechat.expect("server", r"(?i)eve", "(?i)end of monitor list")
        s.weechat.type("/notify del eve", "server")
        s.irssi.type("/unnotify eve", 2)
        Budget.wait(lambda: s.wires["WeeChat"].sent("^MONITOR - eve"), "MONITOR -", s.wires["WeeChat"].tail)


def knock(s):
    s.irssi.type("/mode +i", 2)
    s.weechat.expect("#room", r"Mode #room \[\+i\] by ivan")
    s.eve.send("KNOCK #room")
    with step("a knock is heard by the operator"):
        s.eve.expect(" 711 eve #room ")
        s.irssi.expect(1, r"#room eve!\S+ has asked for an invitation")
    s.irssi.type("/invite eve", 2)
    with step("the invitation opens"):
        s.irssi.expect(1, "Inviting eve to #room")
        s.eve.expect(r"^:ivan!\S+ INVITE eve :?#room")
        s.eve.send("JOIN #room")
        s.irssi.expect(2, "eve .* has joined #room")
        s.weechat.expect("#room", "eve .* has joined #room")
    s.eve.send("JOIN #den", "MODE #den +i")
    s.eve.expect(" MODE #den [+]i")
    s.irssi.type("/knock #den", 2)
    s.weechat.type("/quote KNOCK #den", "server")
    with step("irssi and WeeChat knock themselves"):
        s.eve.expect(r" 710 \S+ #den (ivan|wanda)!")
        s.eve.expect(r" 710 \S+ #den (ivan|wanda)!")
        s.weechat.expect("server", "#den.*(?i:knock)")
        s.irssi.expect(1, "#den.*(?i:knock)")


def ignore(s):
    s.irssi.type("/ignore eve", 2)
    s.weechat.type("/ignore add eve", "#room")
    with step("/ignore: neither hears eve"):
        s.irssi.expect(1, "(?i)ignoring .*eve")
        s.weechat.expect("core", "(?i)ignore added")
        s.eve.send("PRIVMSG #room :can you hear me", "PING over")
        s.eve.expect("PONG .*over")
        s.weechat.type("/me waits", "#room")
        s.irssi.expect(2, "wanda waits")
        for lines in s.irssi.lines(2), s.weechat.lines("#room"):
            ensure(not any("can you hear me" in line for line in lines), "\n".join(lines[-5:]))
    s.irssi.type("/unignore eve", 2)
    s.weechat.type("/ignore del -all", "core")


def show_lag(s):
    """Both measure it by PING once a minute; a short time is set so that it is seen here."""
    s.irssi.type("/set lag_check_time 1s")
    s.weechat.type("/set irc.network.lag_check 1")
    with step("both measure the lag and show none"):
        for wire in s.wires.values():
            Budget.wait(lambda w=wire: len(w.sent("^PING ")) >= 2 and w.came(" PONG "), "PING", wire.tail)
        time.sleep(0.5)
        ensure("Lag" not in s.irssi.bar(), "lag: " + s.irssi.bar())
        # A buffer has this variable while its server lags.
        s.weechat.type("/eval /print -core lag: ${if:${lag}==?none:${lag}}", "server")
        s.weechat.expect("core", "lag: none")


def come_back(s):
    """The wires are cut, as by a flat battery."""
    s.irssi.type("/mode -i", 2)
    s.weechat.expect("#room", r"Mode #room \[-i\] by ivan")
    for wire in s.wires.values():
        wire.cut()
    with step("after the wires were cut both come back to their channel"):
        s.irssi.expect(1, "Connection lost to")
        s.irssi.type("/reconnect recon-1", 1)
        s.irssi.expect(2, r"ivan \[.*\] has joined #room")
        s.irssi.expect(2, r"wanda \[.*\] has joined #room")  # WeeChat waits ten seconds


def play(s):
    tmux = s.opened(Tmux(s.directory))
    s.irssi = Irssi(tmux, "irssi", "ivan")
    s.weechat = s.opened(Weechat(s.directory))
    for act in connect, complete, lists, look, watch, knock, ignore, show_lag, come_back:
        act(s)
    s.keep_window("irssi", [l for n in (1, 2) for l in s.irssi.lines(n)])
    for name in "core", "server", "#room":
        s.keep_window("WeeChat, " + name, s.weechat.lines(name))
    s.check(WANTED, allowed="connection closed by peer")  # the wire that was cut


if __name__ == "__main__":
    main(play, WANTED)
