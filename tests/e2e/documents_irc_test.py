"""Each line that a document tells its reader to type in a client does what it says.

alice is an operator, and operator of #tea. bob, at 192.0.2.7 by a proxy, is on #tea and comes back after each command that
removes it. A command without an entry in ANSWERS fails.

usage: documents_irc_test.py BINARY [test…]
"""
import re
import unittest

import documents
import irc
from documents import DOCUMENTS, fences, spans, typed
from documents_test import MOVES

CONFIG = """
server {{ name = "irc.example.org"  cloak = false }}
listen "127.0.0.1:{port}" {{ proxy = true }}
database {{ path = "{data}" }}
proxy "test" {{ match = {{ "127.0.0.1" }}  accepts = {{ "proxy-protocol" }} }}
exempt "198.51.100.1" {{ from = {{ "connections", "throttle", "flood", "strikes", "bans" }} }}
exempt "192.0.2.0/24" {{ from = {{ "connections", "throttle" }} }}
opers {{ plaintext = "allow" }}
"""

# What alice reads after each command, and bob if it begins with bob: the beginning of the typed line as the server gets it.
ANSWERS = {
    "ACCEPT": r" 28[12] |NOTICE",
    "BANS EXPORT": r"end of bans: \d",
    "BANS": r"End of BANS: \d+ of \d+ bans",
    "CHECK": r"End of CHECK",
    "DIE": r"ERROR :Closing Link",
    "DLINE": r"NOTICE alice :D-line \S+ set .*saved",
    "GLOBOPS": r"\*\*\* GLOBOPS from alice: ",
    "HELP": r" 706 alice ",
    "JOIN": r" 366 alice #tea |JOIN :?#tea",
    "KICK": r":alice!\S+ KICK #tea bob :enough",
    "KILL": r"\*\*\* alice killed bob ",
    "KLINE": r"NOTICE alice :K-line \S+ set .*saved",
    "MODE #": r":alice!\S+ MODE #tea ",
    "MODE alice": r" 008 alice | MODE alice ",
    "NOTICE bob": r"bob: :alice!\S+ NOTICE bob :Warning: this is",
    "OPER": r" 381 alice ",
    "PARDON": r"NOTICE alice :PARDON 192\.0\.2\.7.*: cleared \d",
    "REHASH TLS": r" 382 alice ",
    "REHASH": r" 382 alice ",
    "RESV": r"NOTICE alice :RESV \S+ set .*saved",
    "STATS": r" 219 alice ",
    "STRIKES": r"End of STRIKES|NOTICE alice :STRIKES? ",
    "STRIKE": r"NOTICE alice :STRIKE 192\.0\.2\.7 \(bob\): \d of 5 strikes, saved",
    "TABLE bans": r" TABLE bans \* end",
    "TESTMASK": r" 727 alice ",
    "UNDLINE": r"NOTICE alice :D-line \S+ removed, saved",
    "UNKLINE": r"NOTICE alice :K-line \S+ removed, saved",
    "UNXLINE": r"NOTICE alice :X-line \S+ removed, saved",
    "WHOIS": r" 318 alice ",
    "XLINE": r"NOTICE alice :X-line \S+ set .*saved",
}
# What must have been done before, with the rest of the command put in.
BEFORE = {"UNKLINE": "KLINE 1h %s :test", "UNDLINE": "DLINE 1h %s :test", "UNXLINE": "XLINE 1h %s :test",
          "PARDON": "STRIKE %s 2 :test", "MODE #tea -b": "MODE #tea +b %s", "MODE #tea -mj": "MODE #tea +mj 5:10",
          "JOIN": "PART %s"}
UNDONE = {"K": "UNKLINE", "D": "UNDLINE", "X": "UNXLINE", "RESV": "UNRESV"}
# What a client does by itself; moderating.py, tls.py and tls_start.py type it.
OF_CLIENTS = "alias", "connect", "server", "save", "quote"
# Texts in ` ` that look like commands and are typed nowhere: answers of the server, and shapes.
SHOWN = (r"NOTICE bob :", r"RESV Guest\* set until", r"ERROR :", r"(KLINE user@host|DLINE address) :reason$",
         r"MODE (\+s \+f|-x)$", r"/quote KLINE$", r"(XLINE|RESV) NOW$", r"OPER alice( \*)?$",
         r"MODE #c \+b \*!\*@\*\.<net>", r"MODE #channel \+P$")
# alice's own client and server end with it.
LAST = r"DIE "


class Typed(unittest.TestCase):
    def setUp(self):
        self.names, self.ends = documents.aliases(), []
        self.server = irc.Server(config=CONFIG + irc.oper_block().replace("{", "{{").replace("}", "}}"), tls=False)
        self.addCleanup(self.server.close)
        self.alice, self.bob = self.join("alice", "198.51.100.1"), None

    def join(self, nick, address):
        client = irc.Client(self.server.port)
        client.send("PROXY TCP4 %s 127.0.0.1 5000 6667" % address)
        client.register(nick)
        client.send("JOIN #tea")
        client.expect(" 366 ")
        if nick == "alice":
            client.oper()
            client.send("MODE alice -s")
        return client

    def seat_bob(self):
        if self.bob is not None:
            try:
                self.bob.send("JOIN #tea")
                self.bob.silent("never")
                return
            except (irc.Closed, OSError):
                self.bob.close()
        self.bob = self.join("bob", "192.0.2.7")

    def told(self, line, pattern):
        """The server gets the line, and the one that must come is there."""
        reader = self.bob if pattern.startswith("bob: ") else self.alice
        self.alice.send(line)
        try:
            return reader.expect(pattern.replace("bob: ", "")).string
        except AssertionError as e:
            raise AssertionError("%s: %s" % (line, e)) from None

    def try_line(self, line, where):
        """One typed line."""
        word = line[1:].split()[0]
        if word in OF_CLIENTS and word != "quote":
            return False
        sent = documents.raw(documents.expand(line, self.names, "alice", "#tea"), "#tea")
        self.try_raw(sent.replace("PASSWORD", "secret"), where)
        return True

    def try_raw(self, sent, where):
        keys = [each for each in ANSWERS if sent == each or sent.startswith(each + ("" if each.endswith("#") else " "))]
        self.assertTrue(keys, "%s:%d: nothing is known of an answer to %s" % (*where, sent))
        if re.match(LAST, sent):
            return self.ends.append((sent, ANSWERS[keys[0]]))
        self.seat_bob()
        for start, before in BEFORE.items():
            if sent.startswith(start + " "):
                self.alice.send(before % sent[len(start) + 1:] if "%s" in before else before)
                if "test" in before:
                    self.alice.expect("saved")
                self.alice.silent("never")
        answer = self.told(sent, ANSWERS[max(keys, key=len)])
        banned = re.search(r"NOTICE alice :(?:(\w)-line|(RESV)) (\S+) set ", answer)
        if banned:
            self.told("%s %s" % (UNDONE[banned[1] or banned[2]], banned[3]), "removed, saved")
        self.told("PARDON 192.0.2.7", "PARDON ")

    def end(self):
        """The commands that end the server, of which one is sent."""
        for sent, pattern in self.ends[:1]:
            self.told(sent, pattern)
            self.assertEqual(self.server.wait(), 0)

    def test_each_line_of_a_fence(self):
        ran = 0
        for document in DOCUMENTS:
            for fence in fences(document, "irc"):
                lines = typed(fence.text)
                self.assertTrue(lines, "%s:%d" % fence[:2])
                ran += sum(self.try_line(line, fence[:2]) for line in lines)
        self.end()
        self.assertGreater(ran, 50)

    def test_each_alias_is_used_in_the_day_of_a_moderator(self):
        used = {line[1:].split()[0] for fence in fences("contrib/MODERATING.md", "irc")
                if fence.section == "A day of a moderator" for line in typed(fence.text)}
        self.assertEqual(set(self.names) - used, set())
        self.assertEqual(set(self.names), set(documents.aliases("WeeChat")))

    def test_each_command_in_a_sentence(self):
        commands = set(re.findall(r"(?m)^\| `([A-Z]+)", documents.read("contrib/COMMANDS.md")))
        routes = re.findall(r'(?m)^ROUTE\(\w+, *"(/[^"]*)"', documents.read("include/net/web_routes.def"))
        paths = {"/admin"}.union(routes)  # of HTTP
        ran = 0
        for document in DOCUMENTS:
            for span in spans(document, without=MOVES):
                word, _, rest = span.text.partition(" ")
                if any(re.match(each, span.text) for each in SHOWN) or "…" in span.text or span.text in paths:
                    continue
                if re.fullmatch(r"/[a-z]+", word):
                    self.assertTrue(word[1:] in self.names or word[1:].upper() in commands or word[1:] in OF_CLIENTS, span)
                    ran += bool(rest) and self.try_line(span.text, span[:2])
                elif word in commands and rest:
                    self.try_raw(span.text, span[:2])
                    ran += 1
        self.end()
        self.assertGreater(ran, 20)


if __name__ == "__main__":
    irc.main()
