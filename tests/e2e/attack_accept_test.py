"""accept fails with every error that accept(2) names, and callers hang up before it.

At 64 descriptors and for refused crowds: process_test.py and storm_test.py.

usage: attack_accept_test.py BINARY [test…]
"""
import errno
import mmap
import re
import socket
import struct
import time

import canary
import irc

ALONE = "it measures how fast a canary is answered"
CALLERS = (errno.ECONNABORTED, errno.EINTR, errno.EPROTO, errno.ENETDOWN, errno.ENOPROTOOPT, errno.EPERM,
           errno.EHOSTDOWN, errno.ENONET, errno.EHOSTUNREACH, errno.EOPNOTSUPP, errno.ENETUNREACH)
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Faulty(canary.Preloaded):
    """A server whose accept4 fails when it is told to."""
    source = "accept_fault"

    def environment(self):
        return {"IRCD_TEST_ACCEPT_FAULT": self.path("control")}

    def spawn(self):
        with open(self.path("control"), "wb") as f:
            f.write(bytes(12))
        with open(self.path("control"), "r+b") as f:
            self.control = mmap.mmap(f.fileno(), 12)
        super().spawn()

    def fail(self, error, times):
        """The next calls of accept4 fail, as many as given; earlier failures do not count any more."""
        self.control[:] = struct.pack("iii", 0, 0, 0)
        self.control[:] = struct.pack("iii", error, times, 0)

    def failed(self):
        return struct.unpack("iii", self.control[:])[2]


class Accept(canary.Case):
    def test_each_error_of_a_caller_is_the_callers_alone(self):
        with Faulty() as server:
            before = canary.Baseline(server, server.connect("witness"))
            with canary.Canary(server):
                for error in CALLERS * canary.HEAVY:
                    with self.subTest(errno.errorcode[error]):
                        server.fail(error, 3)
                        server.connect("alice").close()
                        self.assertEqual(server.failed(), 3)
            self.assertNotIn("out-of-descriptors", server.log())
            before.restored(256 << 10)

    def test_each_shortage_pauses_and_never_spins(self):
        with Faulty() as server:
            before = canary.Baseline(server, server.connect("witness"))
            for error in SHORTAGES:
                with canary.Canary(server), self.subTest(errno.errorcode[error]):
                    server.fail(error, 1 << 30)
                    used = server.cpu_seconds()
                    waiting = socket.create_connection(("127.0.0.1", server.port))
                    time.sleep(0.6)
                    self.assertLess(server.failed(), 20, "accepting goes on as if nothing had happened")
                    self.assertGreater(server.failed(), 1, "it is tried again")
                    self.assertLess(server.cpu_seconds() - used, 0.1 * canary.patience())
                    server.fail(0, 0)
                    server.connect("alice").close()
                    waiting.close()
            self.assertEqual(len(re.findall("event=out-of-descriptors", server.log())), 1)
            before.restored(256 << 10)

    def test_a_caller_that_is_gone_before_accept_costs_nothing(self):
        with irc.Server() as server:
            before = canary.Baseline(server, server.connect("witness"))
            with canary.Canary(server):
                for _ in range(10 * canary.HEAVY):
                    server.send_signal(irc.signal.SIGSTOP)
                    there = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
                    for i, s in enumerate(there):
                        if i % 2:
                            s.sendall(b"NICK a\r\n")
                        if i % 3:
                            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        s.close()
                    server.send_signal(irc.signal.SIGCONT)
                    time.sleep(0.05)
            before.restored(1 << 20)


class Descriptors(canary.Case):
    def test_at_1024_everything_else_goes_on(self):
        with irc.Server(nofile=1024, extra=irc.EXEMPT + irc.oper_block()) as server:
            oper = server.connect("alice").oper()
            before = canary.Baseline(server, oper)
            with canary.Canary(server):
                held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1100)]
                irc.wait_until(lambda: "event=out-of-descriptors" in server.log())
                # Waits, because a caller that is turned away has one for a moment.
                irc.wait_until(lambda: server.descriptors() < 1024 - 7, what="some to be kept for files")
                oper.send("KLINE 1h *@192.0.2.1 :x")
                oper.expect(r"K-line \*@192\.0\.2\.1 set until .* removed 0 clients, saved$")
                oper.send("REHASH")
                oper.expect("REHASH: the new configuration is in force$")
                server.send_signal(irc.signal.SIGHUP)
                irc.wait_until(lambda: len(re.findall(r"event=rehash ", server.log())) == 2)
                used = server.cpu_seconds()
                time.sleep(0.5)
                self.assertLess(server.cpu_seconds() - used, 0.1 * canary.patience(), "it does not spin")
                for s in held:
                    s.close()
            irc.wait_until(lambda: server.descriptors() <= before.descriptors)
            server.connect("bob").close()
            before.restored(2 << 20)


if __name__ == "__main__":
    irc.main()
