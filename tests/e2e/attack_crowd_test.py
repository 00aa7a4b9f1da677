"""Crowds: half-open connections, readers that do not read, deaths in the middle of a broadcast.

One of each kind is in limits_test.py, refused crowds and D-lined ones in storm_test.py. Here it is a thousand, with a canary.

usage: attack_crowd_test.py BINARY [test…]
"""
import re
import resource
import selectors
import signal
import socket
import struct
import time

import canary
import irc

ALONE = "it measures how fast a canary is answered, and counts crowds in seconds"
HALF_OPEN = 1000
READERS = 1000
DYING = 2000
LISTENING = 1500  # six times as many as are written to in one turn at least
KIB = 1024
# What each of the eight sends at once, and what it repeats every tenth of a second.
WAYS = (
    ("says nothing", b"", b""), ("NICK only", b"NICK n%d\r\n", b""), ("USER only", b"USER u 0 * :u\r\n", b""),
    ("negotiates for ever", b"CAP LS 302\r\nNICK n%d\r\nUSER u 0 * :u\r\n", b""),
    ("dribbles", b"", b"N"),
    ("garbage", bytes(range(128, 256)) + b"\x00\x01\x02 \xff\xfe\r\n", b""),
    ("half a line", b"NICK " + b"x" * 3000, b""), ("PASS only", b"PASS secret%d\r\n", b""),
)


class SmallStack(irc.Server):
    """A server whose threads have 256 KiB of stack each, so that nothing may recurse."""

    def __init__(self, **options):
        super().__init__(nofile=canary.DESCRIPTORS, **options)

    def _limit(self):
        super()._limit()
        resource.setrlimit(resource.RLIMIT_STACK, (256 * KIB, 256 * KIB))


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def join_all(server, witness, socks):
    """Registers each and has all join #load in one turn of the server, reading nothing."""
    there = users(witness)
    for i, s in enumerate(socks):
        s.sendall(b"NICK r%d\r\nUSER u 0 * :u\r\n" % i)
    irc.wait_until(lambda: users(witness) == there + len(socks), what="the crowd to register")
    server.send_signal(signal.SIGSTOP)
    for s in socks:
        s.sendall(b"JOIN #load\r\n")
    server.send_signal(signal.SIGCONT)
    witness.send("NAMES #load")
    witness.expect(" 366 ")


def join_tagged(server, socks, nick):
    """Registers each with message-tags and has it join #load."""
    for i, s in enumerate(socks):
        s.sendall(b"CAP REQ message-tags\r\nNICK %s%d\r\nUSER u 0 * :u\r\nCAP END\r\nJOIN #load\r\n" % (nick, i))
    witness = server.connect("of-" + nick.decode())
    irc.wait_until(lambda: on_load(witness, nick.decode()) == len(socks), what="the crowd to join")
    witness.close()


def on_load(witness, nick):
    """The number of clients on #load with nicks that begin so."""
    witness.send("NAMES #load")
    n = 0
    while True:
        line = witness.line()
        if " 366 " in line:
            return n
        n += len(re.findall(r"[ :@]%s\d+" % nick, line.split(" 353 ", 1)[-1]))


def talker_lines(client, pattern):
    """The number of received lines that match; asks for one more."""
    heard(client, "", [])
    return len([x for x in client.lines if re.search(pattern, x)])


def users(witness):
    return int(re.search(r"There are (\d+) users", canary.counts(witness)[0]).group(1))


def talker_on(server, nick):
    talker = server.connect(nick)
    talker.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    talker.send("JOIN #load")
    talker.expect(" 366 ")
    return talker


def heard(client, pattern, words):
    """Says the words and reads up to the answer of a PING behind them; how many lines match."""
    client.send(*words, "PING more")
    line, n = "", 0
    while not re.search(" PONG .*more$", line):
        line = client.line()
        n += bool(re.search(pattern, line))
    return n


class SlowRegistration(canary.Case):
    def rest(self, socks, until):
        """Sends single bytes until then, and reads: all that each was sent, in order."""
        said, where = [b""] * len(socks), {s: i for i, s in enumerate(socks)}
        with selectors.DefaultSelector() as poll:
            for s in socks:
                s.setblocking(False)
                poll.register(s, selectors.EVENT_READ)
            due = 0
            while poll.get_map() and time.monotonic() < until:
                for key, _ in poll.select(0.1):
                    try:
                        got = canary.receive(key.fileobj)
                    except OSError:
                        got = b""
                    said[where[key.fileobj]] += got or b""
                    if got == b"":
                        poll.unregister(key.fileobj)
                if time.monotonic() > due:
                    due = time.monotonic() + 0.1
                    self.dribble(poll)
        return said

    def dribble(self, poll):
        for key in list(poll.get_map().values()):
            more = WAYS[self.way[key.fileobj]][2]
            if more:
                try:
                    key.fileobj.send(more)
                except OSError:
                    pass

    def test_a_thousand_half_open_in_eight_ways_are_gone_in_time(self):
        extra = irc.EXEMPT + 'limits { registration_timeout = "3s" }\n'
        with irc.Server(extra=extra) as server:
            witness = server.connect("witness")
            before = canary.Baseline(server, witness)
            for _ in range(canary.HEAVY):
                self.half_open(server, before)

    def half_open(self, server, before):
        with canary.Canary(server):
            begun = time.monotonic()
            socks = canary.crowd(server, HALF_OPEN)
            self.way = {s: i % len(WAYS) for i, s in enumerate(socks)}
            for i, s in enumerate(socks):
                first = WAYS[i % len(WAYS)][1]
                s.sendall(first % i if b"%d" in first else first)
            irc.wait_until(lambda: server.descriptors() >= before.descriptors + HALF_OPEN)
            grown = canary.rss(server) - before.rss
            with server.connect("honest", source="127.1.0.1"):  # who is let in meanwhile
                pass
            said = self.rest(socks, begun + 10)
            took = time.monotonic() - begun
        self.assertLess(took, 6, "all are gone")
        for i, words in enumerate(said):
            self.assertRegex(words, rb"ERROR :Closing Link: 127\.1\.\d+\.\d+ \(Registration timed out\)\r\n\Z",
                             WAYS[i % len(WAYS)][0])
        # 4 KiB of input at most, a send queue of the same order, and the client itself
        self.assertLess(grown, HALF_OPEN * 12 * KIB * canary.patience() + canary.client_memory(HALF_OPEN))
        canary.close_all(socks)
        before.restored(2048 * KIB + canary.client_memory(HALF_OPEN))


class SlowReaders(canary.Case):
    def test_a_thousand_that_never_read_are_dropped_and_leave_nothing(self):
        with irc.Server(extra=irc.EXEMPT + "limits { sendq = 131072 }\n") as server:
            talker, witness = talker_on(server, "talker"), server.connect("witness")
            before = canary.Baseline(server, witness)
            kept = []
            for turn in range(3 + canary.HEAVY):
                socks = canary.crowd(server, READERS, tiny=True)
                join_all(server, witness, socks)
                with canary.Canary(server):
                    self.drop_all(talker)
                grown = canary.rss(server) - before.rss
                # Their queues share the lines, so they hold references to them.
                self.assertLess(grown, READERS * 24 * KIB * canary.patience() + canary.client_memory(READERS, blocked=True))
                canary.close_all(socks)
                # Up to three times the C library keeps more of what was freed, some 15 MiB in the end, and
                # it is chance in which turn; a lost queue each would be 17 MiB more each time.
                before.restored(READERS * 20 * KIB + canary.client_memory(READERS) if turn < 3 else 4096 * KIB)
                kept.append(canary.rss(server))
                before.rss = max(kept) if turn == 2 else before.rss

    def drop_all(self, talker):
        gone = sent = 0
        while gone < READERS:
            # 128 KiB of queue and what the kernel takes: limits.sendq would say nothing if the
            # kernel took megabytes for each.
            self.assertLess(sent, 600, "only %d of %d are gone" % (gone, READERS))
            gone += heard(talker, r"^:r\d+!\S+ QUIT :SendQ exceeded$", ["PRIVMSG #load :" + "x" * 400] * 10)
            sent += 10
        self.assertEqual(gone, READERS)


class Hearing(canary.Case):
    def arrive(self, socks):
        """Until each has heard the word that comes when all are there, and all names of the channel: they are told
        in several turns, and may end behind that word."""
        self.hear(socks, lambda said: b":all are there\r\n" in said and b" #load :End of NAMES list\r\n" in said)

    def hear(self, socks, last):
        """What each was sent, up to `last` (or until last(what it was sent) holds), or None: to the end."""
        is_last = last if callable(last) else lambda said: last and said.endswith(last)
        said = {s: bytearray() for s in socks}
        end = time.monotonic() + irc.WAIT * canary.patience()
        with selectors.DefaultSelector() as poll:
            for s in socks:
                s.setblocking(False)
                poll.register(s, selectors.EVENT_READ)
            while poll.get_map():
                self.assertLess(time.monotonic(), end, "%d have not heard all" % len(poll.get_map()))
                for key, _ in poll.select(1):
                    got = canary.receive(key.fileobj)
                    said[key.fileobj] += got or b""
                    if got == b"" or is_last(said[key.fileobj]):
                        poll.unregister(key.fileobj)
        return [bytes(said[s]) for s in socks]


class AllQueues(Hearing):
    """Clients are ended for memory, not for the length of queues that share it."""

    def at_once(self, server, socks, text):
        """All send the text in one turn of the server."""
        server.send_signal(signal.SIGSTOP)
        for s in socks:
            s.setblocking(True)
            s.sendall(text)
        server.send_signal(signal.SIGCONT)

    def test_lines_that_a_crowd_shares_end_no_member(self):
        """36 clients, 1,000 members: 160 MB to be sent, which are 170 KB of memory, within 16 MiB."""
        extra = irc.EXEMPT + "limits { sendq_total = 16777216 }\n"
        with irc.Server(extra=extra, nofile=canary.DESCRIPTORS) as server:
            talker = talker_on(server, "talker")
            crowd, speakers = canary.crowd(server, READERS), canary.crowd(server, 36, network=2)
            join_tagged(server, crowd, b"r")
            join_tagged(server, speakers, b"s")
            heard(talker, "", ["PRIVMSG #load :all are there"])
            self.arrive(crowd + speakers)
            grown = canary.rss(server)
            self.at_once(server, speakers, b"@+a=%s PRIVMSG #load :%s\r\n" % (b"x" * 4076, b"y" * 400))
            self.at_once(server, speakers[:24], b"PRIVMSG #load :%s\r\n" % (b"z" * 418) * 5)
            irc.wait_until(lambda: talker_lines(talker, r" PRIVMSG #load :(yyy|zzz)") >= 36 + 24 * 5)
            heard(talker, "", ["PRIVMSG #load :over"])
            said = self.hear(crowd + speakers, b":over\r\n")
            most = 24 * KIB * KIB * canary.patience() + canary.client_memory(READERS, blocked=True)
            self.assertLess(canary.rss(server) - grown, most)
            for words in said[:READERS]:
                self.assertEqual(words.count(b" PRIVMSG #load :yyy"), 36)
                self.assertEqual(words.count(b" PRIVMSG #load :zzz"), 24 * 5)
            self.assertFalse([x for x in talker.lines if " QUIT " in x])
            canary.close_all(crowd + speakers)

    def test_one_turn_of_a_crowd_takes_no_more_memory_than_all_queues_may(self):
        """3,000 lines of 300 clients: their places in the queues alone would take 10 MB."""
        extra = irc.EXEMPT + "limits { sendq_total = 1048576 }\n"
        with irc.Server(extra=extra, nofile=canary.DESCRIPTORS) as server:
            talker, crowd = talker_on(server, "talker"), canary.crowd(server, 300)
            join_tagged(server, crowd, b"r")
            heard(talker, "", ["PRIVMSG #load :all are there"])
            self.hear(crowd, b":all are there\r\n")
            for i in range(4):  # so that libev takes all of them in one turn
                self.at_once(server, crowd, b"PING %d\r\n" % i)
                self.hear(crowd, b" :%d\r\n" % i)
            peak = self.peak(server)
            self.at_once(server, crowd, b"PRIVMSG #load :%s\r\n" % (b"z" * 100) * 10)
            irc.wait_until(lambda: talker_lines(talker, r" PRIVMSG #load :z") >= 300)
            most = 5120 * KIB * canary.patience() + canary.client_memory(300, blocked=True)
            self.assertLess(self.peak(server) - peak, most)
            canary.close_all(crowd)

    def peak(self, server):
        """The most memory that the server has had, in bytes."""
        with open("/proc/%d/status" % server.process.pid) as f:
            return KIB * int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))

    def test_those_that_do_not_read_go_and_the_healthy_stay(self):
        extra = irc.EXEMPT + irc.oper_block() + "limits { sendq = 100000000 sendq_total = 1048576 }\n"
        with irc.Server(extra=extra, nofile=canary.DESCRIPTORS) as server:
            talker = talker_on(server, "talker").oper()
            healthy = talker_on(server, "healthy")
            socks = canary.crowd(server, 200, tiny=True)
            join_all(server, server.connect("witness"), socks)
            gone = sent = 0
            with canary.Canary(server):
                while gone < 200:
                    self.assertLess(sent, 20000, "only %d are gone" % gone)
                    gone += heard(talker, r"^:r\d+!\S+ QUIT :SendQ exceeded \(all queues together\)$",
                                  ["PRIVMSG #load :" + "x" * 400] * 20)
                    heard(healthy, "", [])
                    sent += 20
            self.assertGreater(sent, 200)
            told = [x for x in talker.lines if "read too slowly" in x]
            self.assertRegex(told[0], r" NOTICE talker :\*\*\* Send queues took \d+ bytes \(limits.sendq_total\)")
            self.assertIn("sendq-total", server.log())
            healthy.send("PING still")
            healthy.expect(" PONG .*still$")
            canary.close_all(socks)

    def test_one_turn_of_long_lines_ends_only_a_client_that_does_not_read(self):
        """240 lines are more than limits.sendq for each."""
        with irc.Server(extra=irc.EXEMPT, nofile=canary.DESCRIPTORS) as server:
            talker = talker_on(server, "talker")
            stuck = canary.crowd(server, 1, tiny=True, network=3)
            reader, speakers = canary.crowd(server, 1), canary.crowd(server, 80, network=2)
            join_tagged(server, reader, b"reader")
            join_tagged(server, stuck, b"stuck")
            join_tagged(server, speakers, b"s")
            heard(talker, "", ["PRIVMSG #load :all are there"])
            self.arrive(reader + speakers)
            self.at_once(server, speakers, b"PING x\r\n")  # a first turn of so many is cut in two by libev
            self.hear(speakers, b" :x\r\n")
            self.at_once(server, speakers, b"@+a=%s PRIVMSG #load :%s\r\n" % (b"x" * 4076, b"y" * 400) * 3)
            irc.wait_until(lambda: talker_lines(talker, r" QUIT :SendQ exceeded$") >= 1)
            heard(talker, "", ["PRIVMSG #load :over"])
            said = self.hear(reader, b":over\r\n")
            self.assertEqual(said[0].count(b" PRIVMSG #load :yyy"), 240)
            quits = [x for x in talker.lines if " QUIT " in x]
            self.assertEqual(len(quits), 1, quits)
            self.assertRegex(quits[0], "^:stuck0!")
            canary.close_all(reader + stuck + speakers)


class LongFanOuts(Hearing):
    """Fan-outs longer than a turn: clients that are written to later receive the same lines in the same order."""

    def audience(self, server, talker):
        """They are all on the channel, and nothing more of it is on its way."""
        witness = server.connect("witness")
        socks = canary.crowd(server, LISTENING)
        join_all(server, witness, socks)
        joined = 0
        while joined < LISTENING:
            joined += bool(re.search(r"^:r\d+!\S+ JOIN ", talker.line()))
        return socks

    def test_nothing_else_need_happen_for_the_last_to_hear(self):
        """On a silent server the next thing that happens is a tick, up to a second later."""
        with irc.Server(nofile=canary.DESCRIPTORS) as server:
            talker = talker_on(server, "talker")
            socks = self.audience(server, talker)
            heard(talker, "", ["PRIVMSG #load :all are there"])
            self.arrive(socks)
            took = []
            for i in range(8):
                begun = time.monotonic()
                talker.send("PRIVMSG #load :%d of the words" % i)
                self.hear(socks, b":%d of the words\r\n" % i)
                took.append(time.monotonic() - begun)
            self.assertLess(min(took), 1, took)

    def test_all_clients_receive_all_in_one_order_and_the_end(self):
        with irc.Server(nofile=canary.DESCRIPTORS) as server:
            talkers = [talker_on(server, "talker%d" % i) for i in range(4)]
            socks = self.audience(server, talkers[0])
            heard(talkers[0], "", ["PRIVMSG #load :all are there"])
            self.arrive(socks)
            with canary.Canary(server):
                for turn in range(20):
                    for i, talker in enumerate(talkers):
                        talker.send(*["PRIVMSG #load :%d %d %d" % (i, turn, n) for n in range(5)])
                for talker in talkers:
                    heard(talker, "", [])
            heard(talkers[0], "", ["PRIVMSG #load :over"])
            said = self.hear(socks, b":over\r\n")
            self.assertEqual(set(said), {said[0]})
            lines = re.findall(rb"PRIVMSG #load :(\d) (\d+) (\d)\r\n", said[0])
            self.assertEqual(len(lines), said[0].count(b"\r\n") - 1)
            for i in range(len(talkers)):
                mine = [(int(turn), int(n)) for who, turn, n in lines if int(who) == i]
                self.assertEqual(mine, [(turn, n) for turn in range(20) for n in range(5)])
            talkers[0].send("PRIVMSG #load :last words", "PING end")
            talkers[0].expect(" PONG .*end$")
            server.send_signal(signal.SIGTERM)
            for words in self.hear(socks, None):
                self.assertRegex(words, rb"^:talker0!\S+ PRIVMSG #load :last words\r\n(:\S+ NOTICE .*\r\n)?"
                                        rb"ERROR :Closing Link: [^\r]*\r\n$")
            self.assertEqual(server.wait(), 0)
            canary.close_all(socks)

    def end_twice(self):
        """True if the second signal came before most clients had been written to."""
        with irc.Server(nofile=canary.DESCRIPTORS) as server:
            talker = talker_on(server, "talker")
            socks = self.audience(server, talker)
            heard(talker, "", ["PRIVMSG #load :all are there"])
            self.arrive(socks)
            with selectors.DefaultSelector() as poll:
                for s in socks:
                    poll.register(s, selectors.EVENT_READ)
                server.send_signal(signal.SIGTERM)
                self.assertTrue(poll.select(irc.WAIT * canary.patience()))
                server.send_signal(signal.SIGSTOP)
                written = len(poll.select(0))
            server.send_signal(signal.SIGINT)
            server.send_signal(signal.SIGCONT)
            for words in self.hear(socks, None):
                self.assertRegex(words, rb"^(:\S+ NOTICE .*\r\n)?ERROR :Closing Link: [^\r]*\r\n$")
            self.assertEqual(server.wait(), 0)
            canary.close_all(socks)
            return written < LISTENING / 2

    def test_a_second_signal_ends_no_client_without_a_word(self):
        """It ends the server in the middle; on a busy machine it may come too late."""
        self.assertTrue(any(self.end_twice() for _ in range(10)))


class Deaths(canary.Case):
    """Clients end in the middle of a walk over members."""

    def test_two_thousand_die_in_one_broadcast_on_a_small_stack(self):
        extra = irc.EXEMPT + irc.oper_block() + "limits { sendq = 2000000 }\n"
        with SmallStack(extra=extra) as server:
            talker, witness = talker_on(server, "talker").oper(), server.connect("witness")
            healthy = talker_on(server, "healthy")
            before = canary.Baseline(server, witness)
            socks = canary.crowd(server, DYING, tiny=True)
            join_all(server, witness, socks)
            with canary.Canary(server):
                for _ in range(40):  # 172 KB for each, so that 128 KiB are left behind by far
                    self.assertEqual(heard(talker, " QUIT ", ["PRIVMSG #load :" + "x" * 400] * 10), 0)
                    heard(healthy, "", [])
                with open(server.config) as f:
                    text = f.read()
                server.write_config(text.replace("sendq = 2000000", "sendq = 131072"))
                talker.send("REHASH")
                talker.expect("REHASH: the new configuration is in force")
                self.assertEqual(heard(talker, " QUIT ", []), 0)
                # Their sockets are tried first, so that they go after the turn of the line.
                gone = heard(talker, r"^:r\d+!\S+ QUIT :SendQ exceeded$", ["PRIVMSG #load :the last straw"])
                gone += heard(talker, r"^:r\d+!\S+ QUIT :SendQ exceeded$", [])
                self.assertEqual(gone, DYING, "in one broadcast")
                healthy.expect("the last straw$")
                self.assertEqual(heard(healthy, " QUIT :SendQ exceeded$", []), DYING)
            canary.close_all(socks)
            before.restored(DYING * 24 * KIB + canary.client_memory(DYING, blocked=True))  # each held references to the JOINs of the others

    def test_every_way_to_die_while_others_talk_on_a_small_stack(self):
        # With a JOIN credit of one channel: what is left of a larger one ends the dead at their next line.
        extra = canary.BANNABLE + irc.oper_block() + "limits { channels_per_client = 1 }\n"
        with SmallStack(extra=extra) as server:
            talker, witness = talker_on(server, "talker").oper(), server.connect("witness")
            before = canary.Baseline(server, witness)
            turns = 2 * canary.HEAVY
            for turn in range(turns):
                socks = canary.crowd(server, 250, network=10 + turn % 100)
                join_all(server, witness, socks)
                with canary.Canary(server):
                    self.die(talker, socks)
                canary.close_all(socks)
                for ghost in "ghost1", "ghost246":  # whose names nobody has taken after his death
                    server.connect(ghost).close()
            talker.send("KILL talker :myself", "KILL talker :twice", "PRIVMSG #load :never")
            self.assertIn("Killed (talker (myself))", talker.wait_closed()[-1])
            talker = talker_on(server, "talker").oper()
            # Each turn has 50 K-lines, and 250 hosts that are remembered for a while (STATS z).
            before.restored((3584 + 200 * turns) * KIB + canary.client_memory(250))

    def die(self, talker, socks):
        gone = 0
        for i, sock in enumerate(socks):
            talk, nick = "PRIVMSG #load :%d" % i, "r%d" % i
            words = [talk] * 3
            if i % 5 == 0:
                words = [talk, "KILL %s :x" % nick, "KILL %s :twice" % nick, talk]
            elif i % 5 == 1:
                sock.sendall(b"PRIVMSG #load :bye\r\nQUIT :x\r\nPRIVMSG #load :NEVER\r\nNICK ghost%d\r\nQUIT\r\n" % i * 2)
            elif i % 5 == 2:
                reset(sock)
            elif i % 5 == 3:
                sock.sendall(b"PRIVMSG #load :" + b"z" * 20000)
            else:
                words = [talk, "KLINE 1m *@%s :x" % sock.getsockname()[0], talk]
            gone += heard(talker, r"^:r\d+!\S+ QUIT ", words)
        for _ in range(100):  # some have an end of their own pace
            if gone == len(socks):
                break
            time.sleep(0.02)
            gone += heard(talker, r"^:r\d+!\S+ QUIT ", [])
        self.assertEqual(gone, len(socks))
        self.assertFalse([x for x in talker.lines if "NEVER" in x])


if __name__ == "__main__":
    irc.main()
