"""The first start without a configuration and without a certificate, and the lines for TLS of README.md; see run.sh.

The server makes a certificate. irene (irssi), willy (WeeChat), helen (HexChat) and cathy (catgirl) type those lines as
they are printed, with the fingerprint of the start line in the place of FINGERPRINT, and talk. With another fingerprint
they do not connect. The ports are those of the built-in configuration, in a network of the test's own.
"""
import os
import re
import subprocess
import urllib.request

from cast import ensure, irc, main, printed, step, talk_on_channel
from windows import Catgirl, Hexchat, Irssi, Tmux, Weechat

import network  # after cast, which knows where it is

TABLE = "README.md", "| client | TLS on 127.0.0.1, port 6697 |"
WRONG_PEM = "catgirl -t ./other.pem -h ::1 -p 6697 -n cathy"


class BuiltIn(irc.Server):
    """A server without a configuration file, in an empty directory."""

    def __init__(self):
        super().__init__(config="", port=6667)

    def spawn(self):
        os.unlink(self.config)
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen([irc.BINARY], stdin=subprocess.DEVNULL, stdout=err, stderr=err, cwd=self.dir)


def check_page(digits, told):
    with step("the page at port 8067 has the lines of README.md"):
        with urllib.request.urlopen("http://127.0.0.1:8067/", timeout=10) as page:
            shown = re.findall("<dd><code>(.*?)</code></dd>", page.read().decode())
        lines = printed(*TABLE, "irssi", FINGERPRINT=told)[:1] + printed(*TABLE, "WeeChat", FINGERPRINT=digits)[:2] + \
            printed(*TABLE, "HexChat")[:1]
        wanted = [re.sub(r"(add|connect) tls\b", r"\1 local-tls", line) for line in lines]
        ensure(shown[:4] == wanted, "%s\n%s" % (shown, wanted))


def connect(s):
    digits = re.search(r"event=start .* fingerprint=(\w{64}) ", s.server.log())[1]
    told = subprocess.run("openssl x509 -in var/tls.pem -noout -fingerprint -sha256", shell=True, cwd=s.server.dir,
                          capture_output=True, text=True).stdout.strip().partition("=")[2]
    with step("the start line has the fingerprint of var/tls.pem, and all four addresses"):
        ensure(told.replace(":", "").lower() == digits, told)
        ensure('listen="127.0.0.1:6667 [::1]:6667 127.0.0.1:6697 [::1]:6697 127.0.0.1:8067(' in s.server.log(), s.server.log())
    check_page(digits, told)
    s.irssi.type(printed(*TABLE, "irssi", FINGERPRINT=told)[0])
    for line in printed(*TABLE, "WeeChat", FINGERPRINT=digits)[:2]:
        s.weechat.type(line)
    s.hexchat.type(printed(*TABLE, "HexChat")[0])
    keep, start = printed(*TABLE, "catgirl", NICK="cathy")
    ensure(subprocess.run(keep, shell=True, cwd=s.server.dir, timeout=20).returncode == 0, keep)
    s.catgirl = Catgirl(s.tmux, "catgirl", start, s.server.dir)
    with step("irssi, WeeChat, HexChat and catgirl connect with the lines of README.md", vital=True):
        s.irssi.expect(1, "Welcome to the Local network, irene!")
        s.weechat.expect("server", "certificate fingerprint matches", "Welcome to the Local network, willy!")
        s.hexchat.expect("server", "Welcome to the Local network, helen!")
        s.catgirl.expect(0, "You arrive in Local")


def talk(s):
    talk_on_channel(s, ["hello from irssi, ümläute and 日本", "hello from weechat", "hello from hexchat", "hello from catgirl"])
    s.irssi.type("/whois cathy", 2)
    s.weechat.type("/whois irene", "#talk")
    s.hexchat.type("/whois willy", "#talk")
    s.catgirl.type("/whois helen", 1)
    with step("WHOIS says that they are on a secure connection"):
        s.irssi.expect(1, "is using a secure connection", "End of WHOIS")
        s.weechat.expect("server", r"\[irene\] is using a secure connection")
        s.hexchat.expect("#talk", r"\[willy\] is using a secure connection")
        s.catgirl.expect(0, "helen is using a secure connection")


def pin(s):
    """From [::1], so that the host of the others does not connect too often."""
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=irc.localhost",
                    "-keyout", "other.key", "-out", "other.pem"], check=True, capture_output=True, cwd=s.server.dir)
    with step("[::1] is served as well, and no client connects with another fingerprint"):
        s.irssi.type("/connect -tls -notls_verify -tls_pinned_cert %s ::1 6697" % ":".join(["00"] * 32))
        s.irssi.expect(1, "Pinned certificate mismatch", "Connection lost to ::1")
        s.weechat.type("/server add wrong ::1/6697 -ssl -ssl_fingerprint=" + 64 * "0")
        s.weechat.type("/connect wrong")
        s.weechat.expect("irc.server.wrong", "certificate fingerprint does NOT match", "TLS handshake failed")
        s.weechat.type("/disconnect wrong")
        wrong = Catgirl(s.tmux, "wrong", WRONG_PEM, s.server.dir)
        wrong.expect(0, "certificate verification failed", "catgirl has ended")


def leave(s):
    s.weechat.type("/quit good night", "server")
    s.catgirl.type("/quit sleep well", 1)
    s.hexchat.type("/quit see you", "#talk")
    with step("each quits with its words"):
        s.irssi.expect(2, "willy .* has quit .*good night", "cathy .* has quit .*sleep well", "helen .* has quit .*see you")
    s.keep_window("irssi", s.irssi.lines(2))
    for title, client in ("WeeChat", s.weechat), ("HexChat", s.hexchat):
        for window in "server", "#talk":
            s.keep_window("%s, %s" % (title, window), client.lines(window))
    s.check_windows(allowed="Failed loading notification plugin")


def play(s):
    s.tmux = s.opened(Tmux(s.directory))
    s.irssi = Irssi(s.tmux, "irssi", "irene")
    s.weechat = s.opened(Weechat(s.directory, "tls"))
    s.weechat.type("/set irc.server_default.nicks willy")
    s.hexchat = s.opened(Hexchat(s.directory, "helen"))
    connect(s)
    talk(s)
    pin(s)
    s.shoot(s.hexchat, "hexchat-tls")
    leave(s)


if __name__ == "__main__":
    network.enter()
    main(play, server=BuiltIn)
