"""A session with irssi and WeeChat: the commands that are typed, and the lines that their windows show; see run.sh.

irene sits at irssi and founds #talk; willy sits at WeeChat and becomes wilma. Two more irssi have fifty
channels to join by themselves: one paces its lines as it comes, the other sends without pause.
"""
import re

from cast import EVERY_IRSSI, PASSWORD, ensure, main, step
from windows import Budget, Irssi, Tmux, Weechat

CHANNELS = ["#c%d" % n for n in range(1, 51)]

WANTED = {
    "irssi": EVERY_IRSSI,
    "WeeChat": {
        "404": "willy talks while the channel is moderated",
        "422": "there is no message of the day",
        "465": "willy comes back while a K-line stands",
        "470": "wilma is sent on from a channel that is closed",
        "473": "willy tries an invite-only channel without invitation",
        "482": "willy sets the topic without being an operator",
    },
    "fast": {**EVERY_IRSSI, "465": "it comes back while a K-line stands"},
    "many": EVERY_IRSSI,
}


def join_fifty(tmux, name, wire, *settings):
    """An irssi that knows fifty channels, on its way to the server."""
    client = Irssi(tmux, name, name)
    for line in settings:
        client.type(line)
    client.type("/network add local")
    for channel in CHANNELS:
        client.type("/channel add -auto %s local" % channel)
    client.type("/server add -network local 127.0.0.1 %d" % wire.port)
    client.type("/connect local")
    return client


def connect(s):
    s.irssi.type("/network add local")
    s.irssi.type("/channel add -auto #talk local")
    s.irssi.type("/server add -network local 127.0.0.1 %d" % s.wires["irssi"].port)
    s.irssi.type("/connect local")
    s.weechat.type("/server add local 127.0.0.1/%d -nicks=willy -autojoin=#talk" % s.wires["WeeChat"].port)
    with step("irssi connects and joins its channel"):
        s.irssi.expect(1, "Welcome to the Test network, irene!")
        s.irssi.expect(2, r"irene \[.*\] has joined #talk", r"#talk: Total of 1 nicks \[1 ops")
    s.weechat.type("/connect local")
    with step("WeeChat connects and joins its channel, both see it"):
        s.weechat.expect("server", "Welcome to the Test network, willy!")
        s.weechat.expect("#talk", r"willy \(.*@\S+\) has joined #talk", "Channel #talk: 2 nicks")
        s.irssi.expect(2, r"willy \[.*@\S+\] has joined #talk")


def talk(s):
    s.irssi.type("hello from irssi, ümläute and 日本", 2)
    s.weechat.type("hello from weechat, ümläute and 日本", "#talk")
    with step("both talk and hear each other"):
        s.weechat.expect("#talk", "@irene hello from irssi, ümläute and 日本")
        s.irssi.expect(2, "< willy> hello from weechat, ümläute and 日本")
    s.irssi.type("/topic news of the day", 2)
    s.weechat.type("/topic mine", "#talk")
    with step("the topic is set and seen; without rights it is refused in words"):
        s.irssi.expect(2, "irene changed the topic of #talk to: news of the day")
        s.weechat.expect("#talk", 'irene has changed topic for #talk .*to "news of the day"', "(?i)operator")
    s.irssi.type("/names", 2)
    s.weechat.type("/names", "#talk")
    with step("NAMES lists both"):
        s.irssi.expect(2, r"\[@irene\] +\[ willy\]", "#talk: Total of 2 nicks")
        s.weechat.expect("#talk", r"Nicks #talk: \[@irene willy\]")
    s.irssi.type("/whois willy", 2)
    s.weechat.type("/whois irene", "#talk")
    with step("WHOIS of each other"):
        s.irssi.expect(1, r"willy \[.*@\S+\]", "channels : #talk", "server   : irc.test.example",
                       "idle     :", "End of WHOIS")
        s.weechat.expect("server", r"\[irene\] \(.*@\S+\)", r"\[irene\] @#talk",
                         r"\[irene\] irc.test.example", r"\[irene\] idle:", r"\[irene\] End of WHOIS")


def moderate(s):
    s.irssi.type("/mode +m", 2)
    with step("+m is seen by both and silences WeeChat, which reads why"):
        s.weechat.expect("#talk", r"Mode #talk \[\+m\] by irene")
        s.irssi.expect(2, r"mode/#talk \[\+m\] by irene")
        s.weechat.type("nobody hears this", "#talk")
        s.weechat.expect("#talk", r"Cannot send to channel \(\+m")
    s.irssi.type("/voice willy", 2)
    with step("+v lets it talk again"):
        s.weechat.expect("#talk", r"Mode #talk \[\+v willy\] by irene")
        s.weechat.type("heard again", "#talk")
        s.irssi.expect(2, r"<\+willy> heard again")
    with step("irssi has learned all it asks about its channel"):
        # It may have come before lines that were waited for.
        Budget.wait(lambda: re.search(r"Join to #talk was synced in \d+ secs", "\n".join(s.irssi.lines(2))), "it", lambda: s.irssi.show(2))
    s.irssi.type("/mode -m+b *!*@192.0.2.7", 2)
    with step("a ban is set and taken away"):
        s.weechat.expect("#talk", r"Mode #talk \[-m\+b \*!\*@192\.0\.2\.7\] by irene")
        s.irssi.expect(2, r"mode/#talk \[-m\+b \*!\*@192\.0\.2\.7\] by irene")
        s.irssi.type("/unban *!*@192.0.2.7", 2)
        s.weechat.expect("#talk", r"Mode #talk \[-b \*!\*@192\.0\.2\.7\] by irene")
    s.irssi.type("/kick willy off you go", 2)
    with step("the kicked one sees it and comes back"):
        s.weechat.expect("#talk", r"irene has kicked willy \(off you go\)")
        s.irssi.expect(2, r"willy was kicked from #talk by irene \[off you go\]")
        s.weechat.type("/join #talk", "server")
        s.irssi.expect(2, "willy .* has joined #talk")
    s.irssi.type("/mode +i", 2)
    s.weechat.type("/part", "#talk")
    with step("an invite-only channel is closed to who left it"):
        s.irssi.expect(2, r"willy .* has left #talk", r"mode/#talk \[\+i\]")
        s.weechat.type("/join #talk", "server")
        s.weechat.expect("#talk", r"Cannot join channel \(\+i\)")
    s.irssi.type("/invite willy", 2)
    with step("an invitation is seen and opens it"):
        s.weechat.expect("server", "You have been invited to #talk by irene")
        s.weechat.type("/join #talk", "server")
        s.irssi.expect(2, "willy .* has joined #talk")
        s.irssi.type("/mode -i", 2)
        s.weechat.expect("#talk", r"Mode #talk \[-i\] by irene")


def be_away(s):
    s.weechat.type("/away gone fishing", "server")
    with step("away is confirmed, seen in WHOIS and by who writes"):
        s.weechat.expect("server", "(?i)marked as being away")
        s.irssi.type("/whois willy", 2)
        s.irssi.expect(1, "away     : gone fishing", "End of WHOIS")
        s.irssi.type("/msg willy are you there?", 2)
        s.weechat.expect("irene", "irene are you there")
        s.irssi.expect(3, "<irene> are you there", "willy is away: gone fishing")
    s.weechat.type("yes, am back", "irene")
    s.weechat.type("/away", "server")
    with step("a private answer arrives; the end of away is confirmed"):
        s.irssi.expect(3, "<willy> yes, am back")
        s.weechat.expect("server", "(?i)no longer marked as being away")


def rule(s):
    s.irssi.type("/oper boss " + PASSWORD)
    with step("irene becomes an operator"):
        s.irssi.expect(1, "You are now an IRC operator")
    s.irssi.type("/quote KLINE 10m willy :spamming the channel")
    with step("a K-line removes WeeChat, which reads the reason; the operator reads that it is saved"):
        s.irssi.expect(1, r"K-line \*@127\.0\.0\.3 set until .* UTC \(10m\): removed 1 client, saved")
        s.weechat.expect("server", "spamming the channel")
        s.irssi.expect(2, "willy .* has quit .*spamming the channel")
    with step("coming back is refused with the same reason"):
        s.weechat.type("/connect local", "server")
        s.weechat.expect("server", "connected to 127.0.0.1", "spamming the channel")
    s.irssi.type("/quote UNKLINE *@127.0.0.3")
    s.weechat.type("/disconnect local", "server")  # it would come back by itself, sooner or later
    with step("after UNKLINE it is in again"):
        s.irssi.expect(1, r"K-line \*@127\.0\.0\.3 removed, saved")
        s.weechat.type("/connect local", "server")
        s.irssi.expect(2, "willy .* has joined #talk")


def ask(s):
    s.weechat.type("/nick wilma", "server")
    with step("a new nick is seen by both"):
        s.irssi.expect(2, "willy is now known as wilma")
        s.weechat.expect("#talk", "You are now known as wilma")
    s.irssi.type("/ctcp wilma version", 2)
    s.weechat.type("/ctcp irene ping", "#talk")
    with step("CTCP VERSION and PING are answered"):
        s.irssi.expect(3, "CTCP VERSION reply from wilma: WeeChat")
        s.weechat.expect("server", "CTCP reply from irene: PING")
    s.irssi.type("/list -yes", 2)
    s.weechat.type("/list", "server")
    with step("LIST shows the channel with its topic"):
        s.irssi.expect(1, "#talk 2 .*news of the day")
        s.weechat.expect("server", r"#talk\(2\): news of the day")
    s.irssi.type("/who #talk", 2)
    s.weechat.type("/who #talk", "#talk")
    with step("WHO shows both"):
        s.irssi.expect(1, "#talk +irene", "#talk +wilma", "End of /?WHO")
        s.weechat.expect("server", r"\[#talk\] irene", r"\[#talk\] wilma", r"\[#talk\] End of WHO")


def fifty(s):
    """Every query that irssi sent after its joins was answered, at once, and by nothing else."""
    for name, window in ("fast", s.fast), ("many", s.many):
        wire = s.wires[name]
        with step("irssi (%s) joins fifty channels by itself" % name):
            Budget.wait(lambda: len(wire.came(r" 366 ")) >= 50, "the joins", wire.tail)
        with step("its queries are answered at once (%s)" % name):
            if name == "fast":
                Budget.wait(lambda: len(wire.came(r" 368 ")) >= 50, "the lists of bans", wire.tail)
                window.expect(21, r"Join to #c\d+ was synced in \d+ secs")
            check_answers(wire)
            ensure("Lag" not in window.bar(), "lag: " + window.bar())


def check_answers(wire):
    """MODE brings 324, WHO 315, MODE b 368, each within a second."""
    lines = wire.all()
    sent = [(i, line) for i, line in enumerate(lines) if line.out and re.match(r"(MODE|WHO) #", line.text)]
    print("# irssi sent %d queries after its joins, e.g. %s" %
          (len(sent), [l.text for _, l in sent[:1] + sent[50:51] + sent[100:101]]))
    ensure(len(sent) >= 10, "only %d queries:\n%s" % (len(sent), wire.tail()))
    for i, line in sent:
        verb, channel, *rest = line.text.split()
        end = "315" if verb == "WHO" else "368" if rest else "324"
        answers = [l for l in lines[i:] if l.numeric == end and (" %s " % channel) in l.text]
        if not answers and line is sent[-1][1]:
            continue  # on its way
        ensure(answers and answers[0].when - line.when < 1, "no answer to %s:\n%s" % (line.text, wire.tail()))


def rule_irssi(s):
    s.irssi.type("/quote KLINE 10m fast :too fast a client")
    with step("a K-line removes irssi, which reads the reason"):
        s.irssi.expect(1, r"K-line \*@127\.0\.0\.4 set until .*removed 1 client, saved")
        s.fast.expect(1, "Closing Link.*too fast a client", "Connection lost to")
    s.fast.type("/connect local")
    with step("coming back is refused with the same reason, in irssi"):
        s.fast.expect(1, r"Closing Link.*too fast a client")


def shape(s):
    """Channel modes S j f z P, set in irssi and felt in WeeChat."""
    s.irssi.type("/mode +Sj 60 9:10", 2)
    with step("+Sj is seen; slow mode says how long to wait"):
        s.weechat.expect("#talk", r"Mode #talk \[\+Sj 60 9:10\] by irene")
        s.weechat.type("the first one", "#talk")
        s.irssi.expect(2, "< wilma> the first one")
        s.weechat.type("the second one", "#talk")
        s.weechat.expect("#talk", r"Cannot send to channel \(\+S: one message in 60 seconds")
    s.irssi.type("/mode -Sj+mz", 2)
    with step("+mz: operators alone hear who may not speak"):
        s.weechat.expect("#talk", r"Mode #talk \[-Sj\+mz\] by irene")
        s.weechat.type("for the operators", "#talk")
        s.irssi.expect(2, "wilma:%#talk> for the operators")
    s.irssi.type("/mode -mz", 2)
    s.irssi.type("/quote JOIN #lobby,#closed")
    s.irssi.type("/quote MODE #lobby +P")
    s.irssi.type("/quote MODE #closed +if #lobby")
    with step("+P and +f are set; who is refused is sent on"):
        Budget.wait(lambda: s.wires["irssi"].came(r" MODE #closed \+if :?#lobby"), "+f", s.wires["irssi"].tail)
        ensure(s.wires["irssi"].came(r" MODE #lobby \+P"), s.wires["irssi"].tail())
        s.weechat.type("/join #closed", "server")
        s.weechat.expect("#lobby", r"wilma \(.*\) has joined #lobby")


def leave(s):
    s.weechat.type("/quit good night", "server")
    with step("/quit is seen with its words; WeeChat ends by itself"):
        s.irssi.expect(2, r"wilma .* has quit .*good night")
        Budget.wait(lambda: s.weechat.process.poll() is not None, "its end", lambda: "")
    s.keep_window("irssi", [l for n in (1, 2, 3) for l in s.irssi.lines(n)])
    s.keep_window("irssi, many", s.many.lines(1))
    s.keep_window("irssi, fast", s.fast.lines(1))
    s.irssi.type("/quit sleep well", 2)
    with step("irssi quits too"):
        Budget.wait(lambda: s.wires["irssi"].came(r"^ERROR .*sleep well"), "ERROR", s.wires["irssi"].tail)


def keep_weechat(s):
    for name in "core", "server", "#talk", "irene":
        s.keep_window("WeeChat, " + name, s.weechat.lines(name))


def play(s):
    tmux = s.opened(Tmux(s.directory))
    s.irssi = Irssi(tmux, "irssi", "irene")
    s.weechat = s.opened(Weechat(s.directory))
    s.many = join_fifty(tmux, "many", s.wires["many"])
    connect(s)
    s.fast = join_fifty(tmux, "fast", s.wires["fast"], "/set cmds_max_at_once 1000", "/set cmd_queue_speed 10msec")
    for act in talk, moderate, be_away, rule, ask, fifty, rule_irssi, shape, leave:
        act(s)
    keep_weechat(s)
    s.check(WANTED, allowed="=!= Closing Link: 127.0.0.3")  # the K-line


if __name__ == "__main__":
    main(play, WANTED)
