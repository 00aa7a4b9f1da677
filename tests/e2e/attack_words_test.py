"""Input that is no IRC client's: other protocols, and fifty clients that guess the password of an operator.

HTTP alone, with a body that would be IRC, is in limits_test.py; guesses at the server's password in
flood_test.py.

usage: attack_words_test.py BINARY [test…]
"""
import os
import re
import selectors
import socket
import time

import canary
import irc
import transport

ALONE = "it measures how fast a canary is answered"
COPIES = 25  # of each of these, at once
HELLO = bytes.fromhex("16030100c8010000c40303") + os.urandom(32) + bytes.fromhex("20") + os.urandom(32) + \
    bytes.fromhex("0020130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035000a0100005b")
IRC = b"NICK evil\r\nUSER e 0 * :e\r\nJOIN #evil\r\n"
HTTP = rb"This is IRC, not HTTP"
LATE = rb"Registration timed out"
FLOOD = rb"Excess Flood"
CLOSED = None  # at once, without a word: a client of TLS reads no text
HEADER = CLOSED if transport.TLS else rb"This port takes no PROXY header"
OPENINGS = (
    # name, what is sent, how it ends
    ("TLS 1.3 hello", HELLO + os.urandom(91).replace(b"\n", b"x"), CLOSED),
    ("TLS hello with lines", HELLO.replace(b"\n", b"x") + b"\r\n" * 10, CLOSED),
    ("TLS hello for ever", HELLO * 40, CLOSED),
    ("SSL 2 hello", bytes.fromhex("802e010301") + os.urandom(41).replace(b"\n", b"x"), LATE),
    ("HTTP POST of IRC", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" + IRC, HTTP),
    ("HTTP GET of IRC", b"GET /%0ANICK%20evil HTTP/1.1\r\n" + IRC, HTTP),
    ("HTTP 2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", LATE),
    ("WebSocket", b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", HTTP),
    ("PROXY v1", b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 6667\r\n", HEADER),
    ("PROXY v2", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12), HEADER),
    ("SOCKS 5", b"\x05\x01\x00", LATE),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(200), LATE),
    ("SMTP", b"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", LATE),
    ("RDP", bytes.fromhex("030000130ee000000000000100080003000000"), LATE),
    ("Redis", b"*1\r\n$4\r\nPING\r\n", LATE),
    ("NULs", bytes(5000), FLOOD),
    ("line ends", b"\n" * 5000, FLOOD),
    ("noise with lines", (os.urandom(60).replace(b"\n", b"") + b"\r\n") * 60, FLOOD),
)


class Protocols(canary.Case):
    def ends(self, server, until):
        """[what each was told] for COPIES of each opening, in order."""
        socks = [s for i in range(COPIES) for s in canary.crowd(server, len(OPENINGS))]
        said = {s: b"" for s in socks}
        with selectors.DefaultSelector() as poll:
            for i, s in enumerate(socks):
                s.setblocking(False)
                poll.register(s, selectors.EVENT_READ)
                try:
                    s.send(OPENINGS[i % len(OPENINGS)][1])
                except OSError:
                    pass
            while poll.get_map() and time.monotonic() < until:
                for key, _ in poll.select(0.2):
                    try:
                        got = canary.receive(key.fileobj)
                    except OSError:
                        got = b""
                    said[key.fileobj] += got or b""
                    if got == b"":
                        poll.unregister(key.fileobj)
        canary.close_all(socks)
        return [said[s] for s in socks]

    def test_other_protocols_end_in_words_and_never_register(self):
        with irc.Server(extra=irc.EXEMPT + 'limits { registration_timeout = "2s" }\n') as server:
            before = canary.Baseline(server, server.connect("witness"))
            for _ in range(canary.HEAVY):
                with canary.Canary(server):
                    begun = time.monotonic()
                    ends = self.ends(server, begun + 8)
                self.assertLess(time.monotonic() - begun, 6)
                for i, words in enumerate(ends):
                    name, _, end = OPENINGS[i % len(OPENINGS)]
                    with self.subTest(name):
                        if end is CLOSED:
                            self.assertEqual(words, b"")
                            continue
                        self.assertRegex(words, rb"ERROR :Closing Link: (127\.1\.\d+\.\d+ )?\((" + end + rb").*\)\r\n\Z")
                        self.assertNotIn(b" 001 ", words)
                        self.assertLess(len(words), 4096)
            before.restored((1 << 20) + canary.client_memory(len(ends)))


class Guesses(canary.Case):
    def guess(self, clients, times):
        """All guess at once. Returns the lines of each up to a PONG."""
        told = []
        for n in range(times):
            for i, client in enumerate(clients):
                client.send("OPER %s guess%d" % (("alice", "nobody%d" % i)[n % 2], n))
        for client in clients:
            client.send("PING end")
            while not re.search(" PONG .*end$|^ERROR", client.line(30)):
                pass
            told += client.lines
        return told

    def count(self, told, pattern):
        return sum(bool(re.search(pattern, line)) for line in told)

    def guessers(self, server, sources):
        clients = []
        for n, source in enumerate(sources):
            client = server.connect("g%d" % n, source=source)
            client.lines.clear()
            clients.append(client)
        return clients

    def test_fifty_sockets_of_one_host_get_three_guesses(self):
        free = 'exempt "127.0.0.66" { from = { "connections", "throttle", "flood", "strikes" } }\n'
        free += irc.EXEMPT.replace("127.0.0.0/8", "127.0.0.1") + irc.EXEMPT.replace("127.0.0.0/8", "127.7.0.0/16")
        with irc.Server(extra=free + irc.oper_block()) as server:
            witness = server.connect("witness")
            before = canary.Baseline(server, witness)
            with canary.Canary(server):
                used = server.cpu_seconds()
                clients = self.guessers(server, ["127.0.0.66"] * 50)
                told = self.guess(clients, 4 * canary.HEAVY)
                used = server.cpu_seconds() - used
            self.assertEqual(self.count(told, " 464 "), 3)
            self.assertEqual(self.count(told, "too many failures from your host"), 200 * canary.HEAVY - 3)
            self.assertEqual(self.count(told, " 381 "), 0)
            self.assertLess(used, 1.5 * canary.patience(), "three hashes' time and not two hundred's")
            self.assertEqual(len(re.findall("event=oper-failed", server.log())), 3)
            witness.oper().send("MODE witness -o")  # its own host is not locked out
            canary.close_all(clients)
            before.restored(2 << 20)

    def test_a_login_gets_in_while_ninety_hosts_guess_and_no_other_client_waits(self):
        with irc.Server(extra=irc.EXEMPT + canary.oper_block()) as server:
            witness = server.connect("witness")
            before = canary.Baseline(server, witness)
            with canary.Canary(server):
                clients = self.guessers(server, ["127.1.1.%d" % (n + 1) for n in range(90)])
                for client in clients:
                    client.send("OPER alice guess")
                time.sleep(0.2)
                new = server.connect("newcomer")
                new.oper()  # a host of its own has its turn
                new.close()
                told = self.guess(clients, 0)
            self.assertEqual(self.count(told, " 464 "), 90)
            witness.oper().send("MODE witness -o")
            canary.close_all(clients)
            before.restored(2 << 20)


if __name__ == "__main__":
    irc.main()
