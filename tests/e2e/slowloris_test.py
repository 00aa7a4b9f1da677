#!/usr/bin/env python3
"""Slowloris: 300 connections of HTTP that send a byte a second. 256 are held, a canary that speaks IRC goes on talking,
all end at their deadline, and the page is there again.

usage: slowloris_test.py BINARY [test…]
"""
import select
import socket
import time

import canary
import irc
import web

ALONE = "it measures how fast a canary is answered"
CROWD, HELD = 300, 256
HEAD_TIME = 10  # seconds for a head
P99 = 0.02
SINGER = 'exempt "%s" { from = { "flood", "strikes" } }\n' % canary.ADDRESS


class Slowloris(canary.Case):
    def attack(self, server, crowd):
        """Sends a byte a second to each until the last has ended. Returns how long each was connected, what it was told,
        and the most descriptors of the server."""
        ended, told = {}, {http: b"" for http in crowd}
        poll = select.poll()
        by_number = {http.sock.fileno(): http for http in crowd}
        for number in by_number:
            poll.register(number, select.POLLIN)
        begun = time.monotonic()
        due, sent, most = begun, 0, 0
        while by_number and time.monotonic() < begun + 2 * HEAD_TIME:
            if time.monotonic() >= due:
                most = max(most, server.descriptors() if sent else 0)
                for http in by_number.values():
                    try:
                        http.send(b"GET / HTTP/1.1\r\nX: "[sent:sent + 1] or b"x")
                    except OSError:
                        pass  # its end is read below
                due, sent = due + 1, sent + 1
            for number, _ in poll.poll(max(0, 1000 * (due - time.monotonic()))):
                http = by_number[number]
                try:
                    got = http.sock.recv(65536)
                except BlockingIOError:
                    continue
                except OSError:
                    got = b""
                told[http] += got
                if not got:
                    ended[http] = time.monotonic() - http.begun
                    poll.unregister(number)
                    del by_number[number]
        self.assertFalse(by_number, "%d have not ended" % len(by_number))
        return ended, told, most

    def arrive(self, server):
        begun = time.monotonic()
        http = server.http()
        http.begun = begun
        return http

    def play(self, tls):
        with web.server(SINGER, tls=tls) as server:
            before = canary.Baseline(server, server.connect("witness", source="127.0.0.9"))
            with canary.Canary(server, p99=P99 * canary.patience()):
                crowd = [self.arrive(server) for _ in range(CROWD)]
                ended, told, most = self.attack(server, crowd)
            slow = [http for http in crowd if told[http].startswith(b"HTTP/1.1 408 ")]
            # One that has sent nothing when the next one comes makes room for it.
            full = [http for http in crowd if told[http].startswith(b"HTTP/1.1 503 ") or not told[http]]
            self.assertEqual((len(slow), len(full)), (HELD, CROWD - HELD))
            self.assertGreaterEqual(most - before.descriptors, HELD)
            self.assertTrue(all(HEAD_TIME - 1.5 < ended[http] < HEAD_TIME + 2 for http in slow), sorted(ended.values())[::30])
            self.assertTrue(all(ended[http] < 3 for http in full), [ended[http] for http in full])
            with server.http() as http:
                self.assertEqual(http.ask("/").status, 200)
            with server.web("ann") as client:
                client.send("PING :x")
                client.expect(" PONG ")
            for http in crowd:
                http.sock.close()
            before.restored(4 << 20)

    def test_three_hundred(self):
        self.play(False)

    def test_idle_connections_make_room(self):
        with web.server("") as server:
            crowd = [server.http() for _ in range(HELD)]
            for http in crowd:
                self.assertEqual(http.ask("/health").status, 200)
            with server.http() as http:
                self.assertEqual(http.ask("/health").status, 200)
            self.assertTrue(crowd[0].has_ended())
            self.assertEqual(crowd[-1].ask("/health").status, 200)
            for http in crowd:
                http.sock.close()

    def test_handshakes_that_wait_do_not_hold_up_http_without_tls(self):
        """All places of handshakes are taken, and the listeners with TLS pause."""
        with web.server("", start=False) as server:
            irc.make_certificate(server.dir)
            secure = irc.free_port()
            with open(server.config, "a") as f:
                f.write(irc.EXEMPT + 'tls_limits { handshakes = 8 }\n'
                        'tls "irc.test.example" { certificate = "cert.pem"  key = "key.pem" }\n' +
                        web.listen(secure, "health", more="tls = true"))
            server.start()
            crowd = [socket.create_connection(("127.0.0.1", secure), irc.WAIT) for _ in range(12)]
            for sock in crowd:
                sock.sendall(b"\x16\x03\x01\x01\x00\x01")
            time.sleep(0.3)
            start = time.monotonic()
            with server.http() as http:
                self.assertEqual(http.ask("/health").status, 200)
            self.assertLess(time.monotonic() - start, 2)
            for sock in crowd:
                sock.close()


if __name__ == "__main__":
    irc.main()
