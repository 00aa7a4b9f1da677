"""Clients over TLS that believe one authority, talk, become operators by password and by certificate, and read why a
host is refused; see run.sh.

irene uses irssi, willy WeeChat, helen HexChat, cathy catgirl. Each first connects as it is, and refuses the server's
certificate; then its system knows the authority that has signed it, which WeeChat is told by an option of its own. Each
has a certificate too, made and used by the lines of contrib/MODERATING.md.
"""
import os
import re
import shutil
import subprocess
import time

from cast import PASSWORD, TOP, boss, ensure, irc, main, printed, step, talk_on_channel
from windows import Budget, Catgirl, Hexchat, Irssi, Tmux, Weechat

DOCUMENT = "contrib/MODERATING.md"
HEADING = "| client | how it shows the certificate to the server |"
FIRST = "contrib/OPERATING.md", "| client | with TLS, and a certificate of an authority |"
CLIENTS = "irssi", "weechat", "hexchat", "catgirl"

CONFIG = """
server {{ name = "irc.test.example"  network = "Test"  {server} }}
listen "127.0.0.1:{port}" {{ tls = true }}
listen "[::1]:{port}" {{ tls = true }}
tls "localhost" {{ certificate = "cert.pem"  key = "key.pem" }}
database {{ path = "{data}" }}
log {{ {log} }}
"""
EXEMPT = 'exempt "127.0.0.1" { from = { "connections", "throttle" } }\nexempt "::1" { from = { "connections", "throttle" } }\n'


def openssl(directory, *args):
    return subprocess.run(["openssl"] + list(args), check=True, capture_output=True, text=True, cwd=directory).stdout


def make_key(directory, name, subject, *args):
    """Makes NAME.pem and NAME.key there."""
    openssl(directory, "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "90",
            "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + subject, *args)


def certificate_lines():
    """How an operator makes a certificate."""
    with open(os.path.join(TOP, DOCUMENT), encoding="utf-8") as f:
        section = f.read().split("\n### Certificates of operators\n")[1].split("\n## ")[0]
    return re.search(r"(?ms)^```sh\n(openssl req .*?)^```$", section)[1]


def server():
    """One with a certificate for localhost, signed by ca.pem, and an oper block for the certificate of each client."""
    made = irc.Server(config="", start=False)
    make_key(made.dir, "ca", "An authority")
    make_key(made.dir, "server", "localhost", "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost",
             "-addext", "basicConstraints=critical,CA:FALSE")
    os.rename(made.path("server.pem"), made.path("cert.pem"))
    os.rename(made.path("server.key"), made.path("key.pem"))
    prints = []
    for name in CLIENTS:
        os.mkdir(made.path(name))
        said = subprocess.run(certificate_lines(), shell=True, cwd=made.path(name), capture_output=True, text=True, check=True)
        prints.append('"%s"' % said.stdout.strip().partition("=")[2])
    made.prints = dict(zip(CLIENTS, prints))
    text = CONFIG.format(server="cloak = true", port=made.port, data=made.data, log="")
    text += EXEMPT + boss() + 'oper "cert" { certfp = { %s }  hosts = { "*@*" }  privileges = { "all" } }\n' % ", ".join(prints)
    made.write_config(text)
    made.start()
    return made


def distrust(s):
    """As the clients are, without the authority. HexChat shows its refusal, and logs nothing of it."""
    s.irssi.type("/connect -tls -tls_verify localhost %d" % s.server.port)
    s.weechat.type("/server add local localhost/%d -ssl" % s.server.port)
    s.weechat.type("/connect local")
    s.hexchat.type("/server -ssl localhost %d" % s.server.port)
    with step("without the authority irssi, WeeChat, HexChat and catgirl refuse the certificate"):
        s.irssi.expect(1, "Could not verify TLS servers certificate: unable to get local issuer", "Connection lost to localhost")
        s.weechat.expect("irc.server.local", "peer's certificate is NOT trusted", "TLS handshake failed")
        wrong = Catgirl(s.tmux, "wrong", "catgirl -h localhost -p %d -n cathy" % s.server.port, s.server.dir)
        wrong.expect(0, "certificate verification failed", "catgirl has ended")
        Budget.wait(lambda: s.hexchat.said("Looking up localhost"), "its start", lambda: "")
        time.sleep(2)
        ensure(not s.hexchat.said("Welcome"), "HexChat has connected")
        s.shoot(s.hexchat, "hexchat-refused")
    s.weechat.type("/disconnect local")


def lines_of(s, client, document=DOCUMENT, heading=HEADING):
    """What a document tells to type, with the server of the test."""
    return [line.replace("irc.example.org", "localhost").replace("6697", str(s.server.port))
            for line in printed(document, heading, client)]


def trust(s):
    """Each on its home, where alice.pem is."""
    def lines(client):
        return lines_of(s, client)

    def give(client, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(s.server.path(client + "/alice.pem"), path)

    knows = {"SSL_CERT_FILE": s.server.path("ca.pem")}
    s.irssi = Irssi(s.tmux, "trusting", "irene", **knows)
    give("irssi", os.path.join(s.directory, "trusting", "alice.pem"))
    s.irssi.type(lines("irssi")[0])
    give("weechat", os.path.join(s.directory, "weechat-home", "alice.pem"))
    s.weechat.type("/set weechat.network.gnutls_ca_user " + s.server.path("ca.pem"))
    for line in lines("WeeChat")[:2]:
        s.weechat.type(line)
    give("catgirl", os.path.join(s.directory, "catgirl", "alice.pem"))
    s.catgirl = Catgirl(s.tmux, "catgirl", lines("catgirl")[0].replace("-n alice", "-n cathy"), s.directory, **knows)
    s.hexchat.close()
    home = os.path.join(s.directory, "hexchat-home")
    certificate, connect = lines("HexChat")
    give("hexchat", certificate.replace("~/.config", home))
    s.hexchat = s.opened(Hexchat(home, "helen", **knows))
    s.hexchat.type(connect)
    with step("with it they connect", vital=True):
        s.irssi.expect(1, "Issuer:  CN: An authority", "Welcome to the Test network, irene!")
        s.weechat.expect("server", "peer's certificate is trusted", "Welcome to the Test network, willy!")
        s.catgirl.expect(0, "You arrive in Test")
        s.hexchat.expect("server", "Welcome to the Test network, helen!")


def talk(s):
    talk_on_channel(s, ["hello from " + name for name in CLIENTS])


def look(s):
    """671 for all, 276 for oneself."""
    s.irssi.type("/whois irene irene", 2)
    s.weechat.type("/whois willy", "#talk")
    s.hexchat.type("/whois helen", "#talk")
    s.catgirl.type("/whois cathy", 1)
    with step("WHOIS shows a secure connection, and to oneself the fingerprint"):
        has = "has client certificate fingerprint "
        for client, window, name in ((s.irssi, 1, "irssi"), (s.weechat, "server", "weechat"),
                                     (s.hexchat, "#talk", "hexchat"), (s.catgirl, 0, "catgirl")):
            client.expect(window, "is using a secure connection", has + s.digits[name])
    s.irssi.type("/whois willy", 2)
    with step("to another client that is no operator it shows no fingerprint"):
        s.irssi.expect(1, "is using a secure connection", "End of WHOIS")
        ensure(not [line for line in s.irssi.lines(1) if s.digits["weechat"] in line], s.irssi.show(1))


def rule(s):
    """By password, and, when that is over, by certificate. irssi and WeeChat ask for a password, so there is a *."""
    for client, window, nick, command, by_certificate, told in (
            (s.irssi, 1, "irene", "/", "/oper cert *", "You are now an IRC operator"),
            (s.weechat, "server", "willy", "/", "/oper cert *", "You are now an IRC operator"),
            (s.hexchat, "server", "helen", "/", "/oper cert", "You are now an IRC operator"),
            (s.catgirl, 0, "cathy", "/quote ", "/quote OPER cert", r"cathy sets cathy \+o")):
        for line in command + "oper boss " + PASSWORD, by_certificate:
            client.type(line, *[] if client is s.hexchat else [window])
            with step("%s becomes an operator by %s" % (nick, line)):
                client.expect(window, told)
            if line != by_certificate:
                client.type("%smode %s -o" % (command, nick), *[] if client is s.hexchat else [window])
    s.irssi.type("/whois willy", 2)
    with step("to an operator WHOIS shows the fingerprint of another"):
        s.irssi.expect(1, "has client certificate fingerprint " + s.digits["weechat"])


def connect_first(s):
    """The rows of OPERATING.md, without a certificate of the client. HexChat has typed its row already."""
    irssi = Irssi(s.tmux, "first", "fritz", SSL_CERT_FILE=s.server.path("ca.pem"))
    irssi.type(lines_of(s, "irssi", *FIRST)[0])
    with step("irssi and WeeChat connect by the lines of OPERATING.md, which are those that HexChat has typed"):
        irssi.expect(1, "Issuer:  CN: An authority", "Welcome to the Test network, fritz!")
        added, connect = (line.replace("example", "first") for line in lines_of(s, "WeeChat", *FIRST)[:2])
        s.weechat.type(added)
        s.weechat.type("/set irc.server.first.nicks frida")
        s.weechat.type(connect)
        s.weechat.expect("irc.server.first", "peer's certificate is trusted", "Welcome to the Test network, frida!")
        ensure(lines_of(s, "HexChat", *FIRST) == lines_of(s, "HexChat")[1:2], "HexChat has typed another line")
    irssi.type("/quit")
    s.weechat.type("/disconnect first")


def refuse(s):
    s.irssi.type("/quote DLINE 10m 127.0.0.5 :go away")
    s.irssi.expect(1, r"D-line 127\.0\.0\.5 set .* saved")
    other = Irssi(s.tmux, "other", "eve")
    line = "/connect -tls -notls_verify -host 127.0.0.5 127.0.0.1 %d" % s.server.port
    other.type(line)
    with step("a host with a D-line reads why, in irssi"):
        other.expect(1, "Closing Link: 127.0.0.5 .*go away", "Connection lost to 127.0.0.1")
    other.type(line)
    with step("the second time in a minute irssi reads «access denied»"):
        other.expect(1, "(?i)access denied", "Connection lost to 127.0.0.1")


def leave(s):
    s.shoot(s.hexchat, "hexchat-operator")
    for title, client, windows in (("irssi", s.irssi, (1, 2)), ("WeeChat", s.weechat, ("server", "#talk")),
                                   ("HexChat", s.hexchat, ("server", "#talk")), ("catgirl", s.catgirl, (0, 1))):
        for window in windows:
            s.keep_window("%s, %s" % (title, window), client.lines(window))
    s.check_windows(allowed="Could not verify TLS|NOT trusted|issuer is unknown|TLS handshake failed|Error in the cert"
                            "|Failed loading notification plugin")


def play(s):
    s.digits = {name: digits.strip('"').replace(":", "").lower() for name, digits in s.server.prints.items()}
    s.tmux = s.opened(Tmux(s.directory))
    s.irssi = Irssi(s.tmux, "irssi", "irene")
    s.weechat = s.opened(Weechat(s.directory, "example"))
    s.weechat.type("/set irc.server_default.nicks willy")
    s.hexchat = Hexchat(s.directory, "helen")
    for act in distrust, trust, talk, look, rule, connect_first, refuse, leave:
        act(s)


if __name__ == "__main__":
    main(play, server=server)
