"""The aliases of contrib/MODERATING.md, and each line of its day of a moderator, typed in irssi and in WeeChat; see run.sh.

alice is an operator, and bob a client that comes back after each line that removes it. documents_irc_test.py shows
what the server makes of these lines; here it is shown that the clients send them.
"""

from cast import EVERY_IRSSI, PASSWORD, documents, ensure, irc, main, step
from windows import Budget, Irssi, Tmux, Weechat

EXEMPT = 'exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood", "strikes" } }\n'
WANTED = {"irssi": EVERY_IRSSI, "WeeChat": {"422": "there is no message of the day"}}


def server():
    return irc.Server(extra=irc.oper_block("alice", PASSWORD) + EXEMPT)


def words(line):
    """A line of IRC without the colon of its last word."""
    return line.replace(" :", " ", 1).split()


def seat(s):
    """bob is on #tea."""
    if s.bob is not None:
        try:
            s.bob.send("JOIN #tea")
            s.bob.silent("never")
            return
        except (irc.Closed, OSError):
            s.bob.close()
            s.lifter.send("UNKLINE *@127.0.0.9", "PING lifted")
            s.lifter.expect("PONG.*lifted")
    s.bob = irc.Client(s.server.port, source="127.0.0.9")
    s.bob.register("bob")
    s.bob.send("JOIN #tea")
    s.bob.expect(" 366 ")


def day():
    return [line for fence in documents.fences("contrib/MODERATING.md", "irc") if fence.section == "A day of a moderator"
            for line in documents.typed(fence.text)]


def live(s, name, client, window, nick):
    """The whole day in one client."""
    wire, names = s.wires[name], documents.aliases(name)
    for alias, body in names.items():
        client.type("/alias %s%s %s" % ("add " if name == "WeeChat" else "", alias, body), 1 if name == "irssi" else window)
    for line in day():
        seat(s)
        # The day is written for irssi; the nick of the operator differs.
        line = line.replace("PASSWORD", PASSWORD).replace("/mode alice", "/mode " + nick)
        wanted = words(documents.raw(documents.expand(line, documents.aliases(), nick, "#tea"), "#tea"))
        before = len(wire.all())
        client.type(line, window)
        with step("%s sends %s" % (name, " ".join(wanted).replace(PASSWORD, "…"))):
            Budget.wait(lambda: [each for each in wire.all(before) if each.out and words(each.text) == wanted],
                        " ".join(wanted), lambda: client.show(window) + wire.tail())


def play(s):
    s.bob, s.lifter = None, s.opened(irc.Client(s.server.port, source="127.0.0.8"))
    s.lifter.register("lifter")
    s.lifter.oper("alice", PASSWORD)
    s.lifter.send("JOIN #tea")
    tmux = s.opened(Tmux(s.directory))
    irssi = Irssi(tmux, "irssi", "alice")
    for line in "/set paste_verify_line_count 0", "/set cmds_max_at_once 1000", "/set cmd_queue_speed 10msec":
        irssi.type(line)
    irssi.type("/connect 127.0.0.1 %d" % s.wires["irssi"].port)
    irssi.expect(1, "Welcome to the Test network, alice!")
    weechat = s.opened(Weechat(s.directory))
    weechat.type("/server add local 127.0.0.1/%d -nicks=wilma -notls" % s.wires["WeeChat"].port)
    weechat.type("/set irc.server.local.anti_flood_prio_high 0")
    weechat.type("/connect local")
    weechat.expect("server", "Welcome to the Test network, wilma!")
    for name, client, window in ("irssi", irssi, 1), ("WeeChat", weechat, "server"):
        client.type("/join #tea", window)
        Budget.wait(lambda: s.wires[name].came(" 366 "), "JOIN", s.wires[name].tail)
        s.lifter.send("SAMODE #tea +o " + ("alice" if name == "irssi" else "wilma"))
    live(s, "irssi", irssi, 2, "alice")
    live(s, "WeeChat", weechat, "#tea", "wilma")
    with step("the aliases of both clients are the same"):
        ensure(set(documents.aliases()) == set(documents.aliases("WeeChat")), "they differ")
    with step("no line was refused"):
        for name, wire in s.wires.items():
            bad = [str(each) for each in wire.all() if (each.numeric or "0")[0] in "45" and each.numeric not in WANTED[name]]
            ensure(not bad, "%s\n%s" % (name, "\n".join(bad)))


if __name__ == "__main__":
    main(play, WANTED, server)
