"""The API of HTTP (/api/v1): rights, tokens, what is saved, pages of rows and calls at once, with the client of Python.

usage: api_test.py BINARY [test…]
"""
import concurrent.futures
import glob
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import attack_restart_test
import irc
from store_test import LimitedFiles

TOKEN = "a-token-of-32-characters-0123456"


def digest(token):
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def block(name="bot", token=TOKEN, privileges='"all"', hosts='"*@*"'):
    return 'oper "%s" { token = "%s" hosts = { %s } privileges = { %s } }\n' % (name, digest(token), hosts, privileges)


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.text = status, fields, body.decode()
        self.json = json.loads(self.text) if self.text else None

    def __repr__(self):
        return "%d %s" % (self.status, self.text)


class Case(unittest.TestCase):
    def start(self, extra=None, kind=irc.Server, exempt=irc.EXEMPT, **options):
        self.web = irc.free_port()
        extra = block() if extra is None else extra
        self.server = kind(extra=exempt + extra + 'listen "127.0.0.1:%d" { serves = { "api", "health" } }\n' % self.web,
                           **options)
        self.addCleanup(self.server.close)
        return self.server

    def ask(self, path, body=None, token=TOKEN, method=None, fields=(), scheme="http", **options):
        """Asks by urllib; a body that is no text becomes JSON."""
        headers = dict(fields)
        if token is not None:
            headers.setdefault("Authorization", "Bearer " + token)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request("%s://127.0.0.1:%d/api/v1/%s" % (scheme, self.web, path), data=body,
                                         headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=40, **options) as got:
                return Answer(got.status, got.headers, got.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def run_command(self, line, token=TOKEN):
        return self.ask("command", {"command": line}, token)

    def ask_from(self, address, path="status", token=TOKEN):
        """Asks from this address of loopback."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=irc.WAIT, source_address=(address, 0))
        connection.request("GET", "/api/v1/" + path, headers={"Authorization": "Bearer " + token})
        got = connection.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        connection.close()
        return answer

    def rows(self, path, token=TOKEN):
        """All rows of a table, page by page, and the number of rows of each page."""
        rows, pages, cursor = [], [], ""
        while cursor is not None:
            query = "?" + urllib.parse.urlencode({"cursor": cursor}) if cursor else ""
            got = self.ask(path + query, token=token)
            self.assertEqual(got.status, 200, got)
            rows += got.json["rows"]
            pages.append(len(got.json["rows"]))
            cursor = got.json["cursor"]
        return rows, pages


class Requests(Case):
    def test_each_request_has_its_status_and_each_refusal_a_sentence(self):
        self.start()
        cases = [
            ("status", {}, 200), ("clients", {}, 200), ("channels", {}, 200), ("hosts", {}, 200), ("bans", {}, 200),
            ("log", {}, 200), ("bans?filter=spam", {}, 200),
            ("none", {}, 404), ("", {}, 404), ("bans/", {}, 404), ("bans?page=1", {}, 400),
            ("bans?cursor=1", {}, 400), ("bans?cursor=~1", {}, 400), ("bans?filter=nothing=1", {}, 400),
            ("bans?cursor=~1&cursor=~2", {}, 400), ("bans?filter=%0d%0aDIE", {}, 400),
            ("command", {}, 405), ("bans", {"body": {"command": "STATS s"}}, 405),
            ("command", {"body": {"command": "STATS s"}}, 200),
            ("command", {"body": {}}, 400), ("command", {"body": {"command": 1}}, 400),
            ("command", {"body": {"command": ""}}, 400), ("command", {"body": {"command": "A\r\nDIE irc.test.example"}}, 400),
            ("command", {"body": {"command": "A\0"}}, 400), ("command", {"body": {"command": "@label=x STATS s"}}, 400),
            ("command", {"body": {"command": ":x STATS s"}}, 400), ("command", {"body": b"junk", "fields":
             {"Content-Type": "application/json"}}, 400),
            ("command", {"body": {"command": "STATS " + "x" * 600}}, 413),
            ("command", {"body": b'{"command":"STATS s"}', "fields": {"Content-Type": "text/plain"}}, 415),
            ("command", {"body": b"command=STATS+s"}, 415),
            ("command", {"body": {"command": "NOSUCH x"}}, 400), ("command", {"body": {"command": "KLINE"}}, 400),
            ("command", {"body": {"command": "kline 1h *@*"}}, 400), ("command", {"body": {"command": "testmask xline :"}}, 400),
            ("command", {"body": {"command": "PRIVMSG alice :x"}}, 403), ("command", {"body": {"command": "QUIT"}}, 403),
            ("command", {"body": {"command": "JOIN #a"}}, 403), ("command", {"body": {"command": "OPER a b"}}, 403),
            ("status", {"token": None}, 401), ("status", {"token": "wrong"}, 401),
            ("command", {"token": None, "body": {"command": "DIE irc.test.example"}}, 401),
            ("status", {"token": None, "fields": {"Authorization": "Basic YTpi"}}, 401),
            ("status", {"token": None, "fields": {"Authorization": TOKEN}}, 401),
        ]
        for path, options, status in cases:
            with self.subTest(path=path, **options):
                got = self.ask(path, **options)
                self.assertEqual(got.status, status, got)
                self.assertEqual(got.fields["Content-Type"], "application/json")
                self.assertEqual(got.fields["Cache-Control"], "no-store")
                if status != 200:
                    self.assertRegex(got.json["error"], r"^[A-Z].* ")
                if status == 401:
                    self.assertRegex(got.fields["WWW-Authenticate"], "^Bearer")
                if status == 405:
                    self.assertIn(got.fields["Allow"], ("POST", "GET, HEAD"))
        self.assertIsNone(self.server.process.poll())
        self.assertEqual([row["value"] for row in self.rows("status")[0] if row["key"] == "wrong"], ["nothing"])

    def test_head_is_get_without_its_body(self):
        self.start()
        get, head = self.ask("bans"), self.ask("bans", method="HEAD")
        self.assertEqual((head.status, head.text), (200, ""))
        self.assertEqual(head.fields["Content-Length"], get.fields["Content-Length"])

    def test_a_listener_without_the_role_has_no_api(self):
        port = irc.free_port()
        self.start(extra=block() + 'listen "127.0.0.1:%d" { serves = { "health" } }\n' % port)
        self.web = port
        self.assertEqual(self.ask_raw("status"), 404)

    def ask_raw(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=irc.WAIT)
        connection.request("GET", "/api/v1/" + path, headers={"Authorization": "Bearer " + TOKEN})
        status = connection.getresponse().status
        connection.close()
        return status

    def test_calls_come_by_tls_too(self):
        self.start(tls=True)
        port = irc.free_port()
        with open(self.server.config) as f:
            text = f.read()
        self.server.write_config(text + 'listen "127.0.0.1:%d" { tls = true serves = { "api" } }\n' % port)
        self.server.stop()
        self.server.start()
        self.web = port
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        got = self.ask("command", {"command": "KLINE 1h *@192.0.2.1 :spam"}, scheme="https", context=trust)
        self.assertEqual((got.status, got.json["saved"]), (200, True), got)


class Rights(Case):
    # A command that needs the privilege and nothing else; or the path of a table.
    needed = {
        "kill": "KILL nobody :x", "kline": "KLINE 1h *@192.0.2.9 :x", "dline": "DLINE 1h 192.0.2.9 :x",
        "resv": "RESV 1h guest* :x", "xline": "XLINE 1h *spam* :x", "unban": "UNKLINE *@192.0.2.9",
        "check": "bans", "strike": "STRIKE 192.0.2.9 1 :x", "rehash": "REHASH", "die": "DIE wrong.example",
        "wallops": "WALLOPS :x", "override": "SAMODE #a +n",
    }

    def test_every_privilege_is_refused_without_it(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../include/policy/privs.def")) as f:
            names = re.findall(r"(?m)^PRIV\((\w+),", f.read())
        without = "none-" + TOKEN
        self.start(extra=block("none", without, '"flood_exempt"')
                   + "".join(block(name, name + TOKEN, '"%s"' % name) for name in self.needed)
                   + block("spy", "spy" + TOKEN, '"spy", "check"'))
        self.assertEqual(set(names) - set(self.needed), {"permanent", "see_address", "flood_exempt", "spy"})
        for name, line in self.needed.items():
            with self.subTest(privilege=name):
                ask = self.ask if line == "bans" else lambda path, token: self.run_command(path, token)
                got = ask(line, token=without)
                self.assertEqual(got.status, 403, got)
                self.assertIn("privilege '%s'" % name, got.json["error"])
                self.assertNotEqual(ask(line, token=name + TOKEN).status, 403)
                for other in self.needed:
                    if other != name:
                        self.assertEqual(ask(line, token=other + TOKEN).status, 403, (name, other))
        self.assertEqual(self.ask("log", token="check" + TOKEN).status, 403)
        self.assertEqual(self.ask("log", token="spy" + TOKEN).status, 200)
        got = self.run_command("KLINE *@192.0.2.77 :x", "kline" + TOKEN)
        self.assertNotEqual(got.status, 200, got)  # permanent
        got = self.ask("clients", token="check" + TOKEN)
        self.assertEqual({row["address"] for row in got.json["rows"]} - {None}, set())

    def test_a_block_with_a_token_alone_is_not_for_oper(self):
        self.start()
        with self.server.connect("eve") as eve:
            eve.send("OPER bot " + TOKEN)
            eve.expect(" (464|491) ")


class Tokens(Case):
    def test_the_token_is_in_no_file(self):
        server = self.start(log='level = "debug" journal = "turns"')
        wrong = "wrong-token-of-an-attacker"
        self.assertEqual(self.ask("bans").status, 200)
        self.assertEqual(self.ask("bans", token=wrong).status, 401)
        self.assertEqual(self.run_command("OPER alice hunter2").status, 403)
        self.assertEqual(self.run_command("hunter3 x").status, 400)
        rows = json.dumps(self.rows("log")[0])
        self.assertEqual(server.stop(), 0)
        files = [path for path in glob.glob(server.dir + "/**", recursive=True) if os.path.isfile(path)]
        self.assertTrue(any(path.endswith(".journal") for path in files), files)
        for path in files:
            with open(path, "rb") as f:
                text = f.read()
            self.assertNotIn(TOKEN.encode(), text, path)
            self.assertNotIn(wrong.encode(), text, path)
        for text in server.log(), rows:
            for secret in digest(TOKEN)[7:], digest(wrong)[7:], "hunter2", "hunter3":
                self.assertNotIn(secret, text)
        self.assertEqual(len(re.findall(r"event=api name=bot host=127\.0\.0\.1 command=OPER\n", server.log())), 1)

    def test_wrong_tokens_close_the_door_of_their_host_as_wrong_passwords_do(self):
        self.start(extra=block() + irc.oper_block() + 'opers { failures = "3/2s" }\n')
        for _ in range(3):
            self.assertEqual(self.ask_from("127.0.0.7", token="wrong").status, 401)
        got = self.ask_from("127.0.0.7")
        self.assertEqual(got.status, 429, got)
        self.assertIn("Retry-After", got.fields)
        self.assertEqual(self.ask_from("127.0.0.8").status, 200)
        time.sleep(2.2)
        self.assertEqual(self.ask_from("127.0.0.7").status, 200)

    def test_the_hosts_of_the_block_hold(self):
        self.start(extra=block(hosts='"*@127.0.0.7"') + block("other", "other", hosts='"*@127.0.0.8"'))
        self.assertEqual(self.ask_from("127.0.0.7").status, 200)
        for token, address in ((TOKEN, "127.0.0.8"), (TOKEN, "127.0.0.9"), ("x", "127.0.0.9")):
            got = self.ask_from(address, token=token)
            self.assertEqual(got.status, 403, got)
            self.assertIn("hosts", got.json["error"])

    def test_rehash_changes_the_token(self):
        server = self.start(extra=block(privileges='"rehash"'))
        with open(server.config) as f:
            text = f.read()
        server.write_config(text.replace(digest(TOKEN), digest("new")))
        got = self.run_command("REHASH")
        self.assertEqual(got.status, 200, got)
        self.assertIn("REHASH: the new configuration is in force", "\n".join(got.json["lines"]))
        self.assertEqual(self.run_command("REHASH").status, 401)
        self.assertEqual(self.run_command("REHASH", "new").status, 200)
        server.write_config(text.replace("token", "tokens"))
        got = self.run_command("REHASH", "new")
        self.assertEqual((got.status, got.json["saved"]), (400, False), got)


class Effects(Case):
    def test_a_kline_removes_a_client_before_its_answer(self):
        self.start(exempt="")
        eve, mallory = self.server.connect("eve"), self.server.connect()
        mallory.register("mallory", user="mallory")
        got = self.run_command("KILL eve :spam")
        self.assertEqual((got.status, got.json["saved"]), (200, True), got)
        eve.expect("ERROR .*spam")
        got = self.run_command("KLINE FORCE 1h *mallory@* :spam")
        self.assertEqual((got.status, got.json["saved"]), (200, True), got)
        self.assertRegex(got.json["lines"][0], r"removed 1 client, saved$")
        mallory.expect("ERROR .*spam")
        self.assertEqual([row["setter"] for row in self.rows("bans")[0]], ["bot"])

    def test_a_crash_loses_nothing_that_was_saved(self):
        self.start()
        self.assertTrue(self.run_command("KLINE 1h *@192.0.2.1 :spam").json["saved"])
        self.server.restart()  # by SIGKILL
        self.assertEqual([row["mask"] for row in self.rows("bans")[0]], ["*@192.0.2.1"])

    def test_an_answer_waits_for_a_slow_disk_and_others_do_not(self):
        disk = lambda **options: attack_restart_test.SlowDisk(600, 0, **options)
        self.start(kind=disk)
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            begun = time.monotonic()
            slow = threads.submit(self.run_command, "KLINE 1h *@192.0.2.1 :spam")
            irc.wait_until(lambda: len(self.rows("bans")[0]) == 1, what="the ban")
            self.assertFalse(slow.done())
            got = slow.result()
            self.assertGreater(time.monotonic() - begun, 0.5)
        self.assertEqual((got.status, got.json["saved"]), (200, True), got)

    def test_what_is_not_saved_is_not_called_saved(self):
        server = self.start(kind=LimitedFiles)
        server.fill()
        got = self.run_command("KLINE 1h *@192.0.2.1 :spam")
        self.assertEqual((got.status, got.json["saved"]), (200, False), got)
        self.assertIn("NOT saved", got.json["lines"][0])
        server.free()

    def test_the_words_of_a_caller_do_not_say_what_is_saved(self):
        self.start()
        for line in "GLOBOPS :NOT saved", "GLOBOPS :x, NOT saved: y", "KLINE 1h *@192.0.2.1 :x, NOT saved: y", "BANS EXPORT", \
                "CHECK 192.0.2.1":
            got = self.run_command(line)
            self.assertEqual((got.status, got.json["saved"]), (200, True), (line, got))

    def test_pages_of_1200_bans_have_each_once(self):
        server = self.start()
        server.stop()
        bans = server.path("bans.txt")
        with open(bans, "w") as f:
            f.writelines("*@10.%d.%d.1\n" % (n // 250, n % 250) for n in range(1200))
        self.assertEqual(irc.run("-c", server.config, "--load-bans", bans).returncode, 0)
        server.start()
        rows, pages = self.rows("bans")
        masks = [row["mask"] for row in rows]
        self.assertEqual((len(masks), len(set(masks))), (1200, 1200))
        self.assertLessEqual(max(pages), 500)
        self.assertGreaterEqual(len(pages), 3)
        # Changes between two pages: what was there all the time comes once.
        got = self.ask("bans")
        seen = [row["mask"] for row in got.json["rows"]]
        self.assertEqual(self.run_command("UNKLINE " + seen[-1]).status, 200)
        self.run_command("KLINE 1h *@192.0.2.1 :x")
        while got.json["cursor"]:
            got = self.ask("bans?cursor=" + urllib.parse.quote(got.json["cursor"]))
            seen += [row["mask"] for row in got.json["rows"]]
        seen = [mask for mask in seen if mask != "*@192.0.2.1"]
        self.assertEqual((len(seen), set(seen)), (1200, set(masks)))

    def test_calls_at_once_get_their_own_answers(self):
        self.start()

        def call(n):
            got = self.run_command("KLINE 1h *@192.0.2.%d :spam" % n)
            self.assertEqual((got.status, len(got.json["lines"])), (200, 1), got)
            self.assertIn("192.0.2.%d " % n, got.json["lines"][0])

        with concurrent.futures.ThreadPoolExecutor(6) as threads:
            list(threads.map(call, range(1, 50)))
        self.assertEqual(len(self.rows("bans")[0]), 49)

    def test_a_client_that_leaves_ends_nothing_but_its_call(self):
        disk = lambda **options: attack_restart_test.SlowDisk(300, 0, **options)
        self.start(kind=disk)
        body = b'{"command":"KLINE 1h *@192.0.2.1 :spam"}'
        with socket.create_connection(("127.0.0.1", self.web)) as sock:
            sock.sendall(b"POST /api/v1/command HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                         b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (TOKEN.encode(), len(body), body))
        self.assertEqual(self.run_command("KLINE 1h *@192.0.2.2 :spam").status, 200)
        self.assertEqual(len(self.rows("bans")[0]), 2)

    def test_the_command_that_ends_the_server_is_answered(self):
        server = self.start()
        got = self.run_command("DIE irc.test.example :maintenance")
        self.assertEqual((got.status, got.json["lines"]), (200, []), got)
        self.assertEqual(got.fields["Connection"], "close")
        self.assertEqual(server.wait(), 0)

    def test_calls_under_way_at_the_end_are_answered(self):
        # A save takes two fsyncs, and the end waits a second for it.
        server = self.start(kind=lambda **options: attack_restart_test.SlowDisk(300, 0, **options))
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            call = threads.submit(self.run_command, "KLINE 1h *@192.0.2.1 :spam")
            server.wait_log("event=kline ")  # and the disk is not done
            server.send_signal(signal.SIGTERM)
            got = call.result()
        self.assertEqual((got.status, got.json["saved"]), (200, True), got)
        self.assertIn("192.0.2.1", got.json["lines"][0])
        self.assertEqual(server.wait(), 0)
        server.start()
        self.assertEqual([row["mask"] for row in self.rows("bans")[0]], ["*@192.0.2.1"])

    def test_the_end_waits_a_second_for_the_disk(self):
        """What the server cannot know it does not say, and a call that comes too late has no effect."""
        server = self.start(kind=lambda **options: attack_restart_test.SlowDisk(800, 0, **options))
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            call = threads.submit(self.run_command, "KLINE 1h *@192.0.2.1 :spam")
            time.sleep(0.15)
            begun = time.monotonic()
            server.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            late = self.run_command("KLINE 1h *@192.0.2.2 :spam")
            got = call.result()
            self.assertLess(time.monotonic() - begun, 1.6)
        self.assertEqual((late.status, late.json["error"]), (503, "The server ends; the command has not run."), late)
        ended = "The server has ended the call; the command may still have an effect, saved or not."
        self.assertEqual((got.status, got.json["error"]), (503, ended), got)
        server.wait()
        server.start()
        self.assertEqual([row["mask"] for row in self.rows("bans")[0]], ["*@192.0.2.1"])

    def test_calls_are_seen_by_no_user(self):
        self.start(extra=block() + irc.oper_block())
        alice = self.server.connect("alice")
        alice.oper()
        alice.send("MODE alice +s +cof")
        for _ in range(5):
            self.assertEqual(self.ask("status").status, 200)
        alice.send("LUSERS", "WHO *", "TRACE", "PING done")
        alice.expect(" 265 alice 1 1 ")
        alice.silent("api")


if __name__ == "__main__":
    irc.main()
