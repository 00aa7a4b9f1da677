"""Strikes by hand: given, seen, undone, and the same after kill -9.

usage: strike_test.py BINARY [test…]
"""
import unittest

import irc

SECRET = "correct-horse"
THERE = "127.0.0.8"
FREE = 'exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood" } }\n'


def server_with():
    return irc.Server(extra=irc.oper_block("alice", SECRET) + FREE)


def oper(server):
    return server.connect("alice").oper("alice", SECRET)


class Strikes(unittest.TestCase):
    def test_what_is_said_to_be_saved_is_there_after_kill_9(self):
        with server_with() as server:
            alice, bob = oper(server), server.connect("bob", source=THERE)
            alice.send("STRIKE bob 3 :advertising")
            bob.expect(r" NOTICE bob :Strike 3 of 5: advertising \(given by an operator\)\. At 5 your "
                       r"address is banned for 10 minutes\.$")
            alice.expect(r" NOTICE alice :STRIKE 127\.0\.0\.8 \(bob\): 3 of 5 strikes, saved$")
            server.kill()
            server.start()
            alice = oper(server)
            alice.send("STRIKES")
            alice.expect(r" :STRIKES 127\.0\.0\.8: 3 of 5, level 0, the last for advertising on bob by "
                         r"alice, since \d{4}-")
            alice.expect(r" :End of STRIKES: 1 host$")

    def test_the_ban_it_leads_to_is_pardoned_for_good(self):
        with server_with() as server:
            alice, bob = oper(server), server.connect("bob", source=THERE)
            alice.send("STRIKE bob 5 :spam")
            bob.expect(r"^ERROR :Closing Link: 127\.0\.0\.8 \(You are banned \(K-line\) until .* UTC "
                       r"\(10m\): 5 strikes, the last for spam\)$")
            alice.expect(r" :STRIKE 127\.0\.0\.8 \(bob\): 5 of 5 strikes, banned until .*: removed 1 "
                         r"client, saved$")
            alice.send("CHECK bob")
            alice.expect(r" :Left: bob!user@127\.0\.0\.8, at ")
            alice.expect(r" :Offence level: 1, falls by one at ")
            alice.expect(r" :K-line \*@127\.0\.0\.8 until .* \(automatic\), \d+ hits: 5 strikes")
            alice.expect(r" :End of CHECK$")
            alice.send("PARDON bob")
            alice.expect(r" :PARDON 127\.0\.0\.8 \(bob\): cleared 0 strikes, offence level 1 and 1 "
                         r"automatic ban \(K-line \*@127\.0\.0\.8\), saved$")
            server.connect("bob", source=THERE).close()
            server.kill()
            server.start()
            alice = oper(server)
            server.connect("bob", source=THERE)
            alice.send("STRIKES")
            alice.expect(r" :End of STRIKES: 0 hosts$")


if __name__ == "__main__":
    irc.main()
