#!/usr/bin/env python3
"""A newcomer installs a server, sets it up, and runs it until it is removed; run.sh starts this for each way.

usage: newcomer.py IRCD WAY WORK CONTAINER TRANSCRIPT

WAY is `package` or `source`, CONTAINER the process id of container.sh, WORK/root its root. Each step types commands and
expects the words of the answers.
"""
import os
import re
import subprocess
import sys
import time

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path[:0] = [os.path.join(TOP, "tests/clients"), os.path.join(TOP, "tests/e2e")]
from machine import Machine, wait_for
from windows import Budget, Catgirl, Irssi, Tmux, Weechat

NAME = "irc.example.org"
LIVE = "/etc/letsencrypt/live/" + NAME
HERE = 'exempt "127.0.0.0/8" { from = { "connections", "throttle" } }\n'


def openssl(*args, cwd, **options):
    return subprocess.run(["openssl"] + list(args), check=True, capture_output=True, text=True, cwd=cwd, **options).stdout


class Newcomer:
    def __init__(self, ircd, way, work, container, transcript):
        self.way, self.work = way, work
        self.package = way == "package"
        self.share = "/usr/share/ircd" if self.package else "/usr/local/share/ircd"
        self.machine = Machine(container, work + "/root", transcript)
        self.type, self.tell = self.machine.type, self.machine.tell
        self.clients = []

    def sign(self, days):
        """What certbot does: an authority signs a certificate for the server."""
        if not os.path.exists(self.work + "/ca.pem"):
            openssl("req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "90", "-keyout",
                    "ca.key", "-out", "ca.pem", "-subj", "/CN=An authority", cwd=self.work)
        live = self.machine.root + LIVE
        os.makedirs(live, exist_ok=True)
        openssl("req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", str(days),
                "-keyout", live + "/privkey.pem", "-out", live + "/fullchain.pem", "-subj", "/CN=" + NAME, "-CA", "ca.pem",
                "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:" + NAME, "-addext", "basicConstraints=critical,CA:FALSE",
                cwd=self.work)
        os.chmod(live + "/privkey.pem", 0o600)
        return openssl("x509", "-noout", "-serial", "-in", live + "/fullchain.pem", cwd=self.work).strip()

    def serial(self):
        """That of the certificate that a new client is shown."""
        shown = openssl("s_client", "-connect", NAME + ":6697", "-servername", NAME, "-CAfile", "ca.pem", "-verify_return_error",
                        cwd=self.work, input="QUIT\r\n")
        return openssl("x509", "-noout", "-serial", cwd=self.work, input=shown).strip()

    def install(self):
        self.tell("installing")
        if self.package:
            self.type("apt-get install -qq -y ./ircd-policy.deb", "The server runs on ports 6667, 6697", "ircd --setup /etc/ircd")
            return
        self.type("make -s -C /src -o all install", "Next: systemd-sysusers; systemd-tmpfiles .*; ircd --setup /etc/ircd")
        self.type("systemd-sysusers")
        self.type("systemd-tmpfiles --create --prefix=/etc/ircd")

    def set_up(self):
        self.tell("the configuration of a public server")
        if self.package:
            self.type("ircd --setup /etc/ircd --name %s --oper alice --email staff@example.org" % NAME,
                      r"/etc/ircd/ircd\.conf is there already, and --setup overwrites nothing", code=1)
            self.type("mv /etc/ircd/ircd.conf /etc/ircd/ircd.conf.package")
            said = self.type("ircd --setup /etc/ircd --name %s --oper alice --email staff@example.org" % NAME)
        else:
            said = self.machine.answer("ircd --setup /etc/ircd", NAME, "", "alice", "staff@example.org", "")
        for words in "/etc/ircd/ircd.conf (the configuration)", "Run next:", "systemctl restart ircd", "The password is stored nowhere":
            assert words in said, said
        self.password = re.search(r"/oper alice (\S+)\n", said)[1]
        self.type("ircd -c /etc/ircd/ircd.conf -t")

    def certify(self):
        self.tell("a certificate: certbot has written %s" % LIVE)
        self.first = self.sign(60)
        hook = "/etc/letsencrypt/renewal-hooks/deploy/ircd"
        self.hook = "RENEWED_LINEAGE=%s %s" % (LIVE, hook)
        self.type("install -D -m 755 %s/certbot-deploy.sh %s" % (self.share, hook))
        self.type(self.hook)
        self.machine.write("/etc/ircd/conf.d/tls.conf", 'tls "%s" { certificate = "tls/%s/fullchain.pem"  key = "tls/%s/privkey.pem" }\n'
                           % (NAME, NAME, NAME))
        self.machine.write("/etc/ircd/conf.d/here.conf", HERE)
        self.type("ircd -c /etc/ircd/ircd.conf -t")

    def start(self):
        self.tell("starting it")
        self.type("systemctl daemon-reload")
        self.type("systemctl enable ircd")
        self.type("systemctl restart ircd")
        self.type("systemctl status ircd", r"Active: active \(running\)", r'Status: "0 clients, saved"')
        self.type("ircd ctl status", "irc.example.org", "0.0.0.0:6697", "nothing is wrong")
        self.type("runuser -u nobody -- ircd ctl status", "^ircd: /etc/ircd/ircd.conf: Permission denied; only root and the user", code=1)
        self.type("ircd -t", "^warning: without -c, /etc/ircd/ircd.conf is not checked")

    def connect(self):
        self.tell("three clients, over TLS")
        knows = {"SSL_CERT_FILE": self.work + "/ca.pem"}
        self.tmux = Tmux(self.work)
        self.clients.append(self.tmux)
        self.irssi = Irssi(self.tmux, "irssi", "alice", **knows)
        self.weechat = Weechat(self.work, "example")
        self.clients.append(self.weechat)
        weechat = self.make_client_certificate()
        for line in ("/set weechat.network.gnutls_ca_user " + self.work + "/ca.pem", "/set irc.server_default.nicks willy",
                     "/server add example %s/6697 -ssl -ssl_cert=%s" % (NAME, weechat), "/connect example"):
            self.weechat.type(line)
        self.irssi.type("/connect -tls -tls_verify %s 6697" % NAME)
        self.catgirl = Catgirl(self.tmux, "catgirl", "catgirl -h %s -p 6697 -n cathy" % NAME, self.work, **knows)
        self.irssi.expect(1, "Issuer:  CN: An authority", "Welcome to the example network, alice!", "Welcome\\.")
        self.weechat.expect("server", "peer's certificate is trusted", "Welcome to the example network, willy!")
        self.catgirl.expect(0, "You arrive in example")
        for client, window, said in ((self.irssi, 1, "Issuer|Welcome"), (self.weechat, "server", "certificate|Welcome"),
                                     (self.catgirl, 0, "arrive|certificate")):
            lines = [line.strip() for line in client.lines(window) if re.search(said, line)]
            self.machine.note("(%s connects)" % type(client).__name__, "\n".join(lines) + "\n")
        self.join()
        self.hear("hello", "good evening")
        self.type("ircd ctl status", "clients +3")

    def join(self):
        self.irssi.type("/join #tea")
        self.irssi.expect(2, r"alice \[.*\] has joined #tea")
        self.weechat.type("/join #tea", "server")
        self.catgirl.type("/join #tea")
        self.irssi.expect(2, *[nick + r" \[.*\] has joined #tea" for nick in ("willy", "cathy")])

    def hear(self, *texts):
        """irssi and WeeChat say something, and all three read both."""
        self.irssi.type(texts[0], 2)
        self.weechat.type(texts[1], "#tea")
        for client, window in (self.irssi, 2), (self.weechat, "#tea"), (self.catgirl, 1):
            client.expect(window, *texts)

    def make_client_certificate(self):
        """For willy; returns the file with the key."""
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj",
                "/CN=willy", "-keyout", "willy.key", "-out", "willy.crt", cwd=self.work)
        with open(self.work + "/willy.pem", "w") as f:
            f.writelines(open(self.work + "/" + name).read() for name in ("willy.crt", "willy.key"))
        self.print = openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", "willy.crt", cwd=self.work).strip().partition("=")[2]
        return self.work + "/willy.pem"

    def rule(self):
        self.tell("an operator by password")
        self.show(self.irssi, 1, "/oper alice " + self.password, "You are now an IRC operator")
        self.tell("an operator by certificate")
        self.machine.write("/etc/ircd/conf.d/willy.conf", 'oper "willy" { certfp = { "%s" }  hosts = { "*@*" }  privileges = { "all" } }\n'
                           % self.print)
        self.type("systemctl reload ircd")
        wait_for("the rehash", lambda: "event=rehash " in self.machine.read("/var/log/ircd/ircd.log"))
        self.show(self.weechat, "server", "/oper willy *", "You are now an IRC operator")
        self.tell("a ban, and a channel that stays")
        self.show(self.irssi, 1, "/quote KLINE 1d *@198.51.100.7 :spam", r"K-line \*@198\.51\.100\.7 set until .* saved")
        self.show(self.irssi, 2, "/mode #tea +P", r"\+P")
        self.show(self.irssi, 2, "/topic Tea at five", "Tea at five")
        self.type("ircd ctl bans list", r"198\.51\.100\.7.*spam")

    def show(self, client, window, line, expected):
        client.type(line, window)
        client.expect(window, expected)
        answer = [each for each in client.lines(window) if re.search(expected, each)][-1]
        self.machine.note("(%s) %s" % (type(client).__name__, line), answer.strip() + "\n")

    def rotate(self):
        self.tell("the log is rotated")
        if not self.package:
            self.type("cp %s/logrotate/ircd /etc/logrotate.d/" % self.share)
        self.type("logrotate --force /etc/logrotate.d/ircd")
        self.weechat.type("/oper willy *", "server")
        wait_for("a line in the new log", lambda: self.machine.quietly("cat /var/log/ircd/ircd.log"))
        self.type("ls -l /var/log/ircd", r"ircd ircd .* ircd\.log\n", r"ircd\.log\.1\n")
        self.type("tail -n 1 /var/log/ircd/ircd.log", "event=")

    def renew(self):
        self.tell("certbot has renewed the certificate")
        assert self.serial() == self.first
        second = self.sign(90)
        self.type(self.hook)
        wait_for("the new certificate", lambda: self.serial() == second, 10)
        self.machine.note("(openssl s_client) the certificate that a new client is shown", second + "\n")
        self.hear("still here", "so am I")
        self.type("ircd ctl status", r"certificate.* 8\d|8\d days", "clients +3")

    def upgrade(self):
        self.tell("a new version")
        self.type("%s/backup.sh /var/lib/ircd /root/before" % self.share)
        if self.package:
            self.type("apt-get install -qq -y ./ircd-policy-new.deb", "no client was disconnected", "systemctl restart ircd")
        else:
            self.type("make -s -C /src -o all install", "systemctl restart ircd")
            self.type("systemctl daemon-reload")
        self.hear("an upgrade", "I have noticed nothing")
        self.type("ircd -c /etc/ircd/ircd.conf -t")
        self.type("systemctl restart ircd")
        self.irssi.expect(1, "Closing Link: .*")
        answer = [line for line in self.irssi.lines(1) if "Closing Link" in line][-1]
        self.machine.note("(irssi)", answer.strip() + "\n")
        self.return_clients()

    def return_clients(self):
        self.irssi.type("/connect -tls -tls_verify %s 6697" % NAME, 1)
        self.weechat.type("/reconnect example", "server")
        for client, window in (self.irssi, 1), (self.weechat, "server"):
            client.expect(window, "Welcome to the example network")

    def back_up(self):
        self.tell("a backup, a disaster, and the backup again")
        said = self.machine.answer("%s/backup.sh /var/lib/ircd /root/backup" % self.share)
        assert "The copy in /root/backup is good" in said, said
        self.type("ls /root/backup", "bans.txt", r"ircd\.a\.gdbm")
        self.type("ircd ctl UNKLINE '*@198.51.100.7'", "removed, saved")
        self.type("ircd ctl MODE '#tea' -P")
        self.type("ircd ctl bans list", "0 of 0 bans")
        self.type("systemctl stop ircd")
        self.type("ircd ctl status", "is not running|no server", code=2)
        self.type("mkdir /root/broken && mv /var/lib/ircd/ircd.*.gdbm /root/broken")
        self.type("cp /root/backup/ircd.*.gdbm /var/lib/ircd && chown -R ircd: /var/lib/ircd")
        self.type("systemctl start ircd")
        self.type("ircd ctl bans list", r"198\.51\.100\.7.*spam")
        self.return_clients()
        self.irssi.type("/join #tea", 1)
        self.irssi.expect(2, "Tea at five")
        self.machine.note("(irssi) /join #tea", [line for line in self.irssi.lines(2) if "Tea at five" in line][-1].strip() + "\n")

    def remove(self):
        self.tell("removing it")
        if self.package:
            self.type("apt-get purge -qq -y ircd-policy", "The bans and strikes stay in /var/lib/ircd")
        else:
            self.type("systemctl disable --now ircd")
            self.type("make -s -C /src uninstall", "Left: /etc/ircd, /var/lib/ircd")
        self.type("command -v ircd", code=127)
        self.type("ls /var/lib/ircd", r"ircd\.a\.gdbm")

    def close(self):
        for client in self.clients:
            client.close()
        self.machine.close()


STEPS = ("install", "set_up", "certify", "start", "connect", "rule", "rotate", "renew", "upgrade", "back_up", "remove")


def main():
    story = Newcomer(*sys.argv[1:])
    story.machine.enter_network(NAME)
    Budget.end = time.monotonic() + 150
    passed = 0
    try:
        for step in STEPS:
            begun = time.monotonic()
            getattr(story, step)()
            passed += 1
            print("ok - %s, %s (%.1f s)" % (story.way, step.replace("_", " "), time.monotonic() - begun), flush=True)
    except AssertionError as e:
        print("not ok - %s, %s\n%s" % (story.way, step.replace("_", " "), e), flush=True)
    finally:
        story.close()
    print("newcomer_%s: %d passed, %d failed" % (story.way, passed, passed < len(STEPS)))
    sys.exit(passed < len(STEPS))


if __name__ == "__main__":
    main()
