#!/usr/bin/env python3
"""What README.md, OPERATING.md and MODERATING.md tell root to type, in the order of their lines; run.sh starts this
inside of a container that has booted. A section that begins with nothing finds a machine without the server."""
import os
import re
import shutil
import ssl
import socket
import subprocess
import sys
import time

sys.path.insert(0, "/src/tests/e2e")
import documents

# Sections that begin on a machine without the server.
FRESH = "Running it for real", "From a fresh Debian to a public server"
STOPPED = "sh stopped"
# Programs whose commands in sentences are run as well, if nothing in them is a placeholder.
PROGRAMS = "systemctl", "chown", "install", "journalctl", "pkill", "make", "ircd", "adduser", "fail2ban-client"
# Those that documents_test.py compares with the help alone, or that need an editor.
LEFT = (r"make (deps|bench|package)|systemctl (stop|edit ircd)$"
        r"|ircd (--setup /etc/ircd|--hash-password|--simulate|--dump-bans|-t|ctl.*)$")
CODES = {"journalctl -k -g type=1326": (0, 1), "systemctl status ircd": (0, 3)}


def run(command, **options):
    return subprocess.run(["sh", "-ec", command], capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
                          cwd="/src", **options)


def quiet(*commands):
    for command in commands:
        run(command + " || true")


def active():
    return run("systemctl is-active ircd || true").stdout.strip() == "active"


def unmake():
    """No server, no files of it, no user."""
    quiet("systemctl disable --now ircd.socket ircd", "pkill -x ircd", "sleep 1", "apt-get purge --yes ircd-policy",
          "make uninstall", "userdel ircd")
    for path in ("/etc/ircd", "/var/lib/ircd", "/var/log/ircd", "/srv/ircd", "/etc/systemd/system/ircd.service.d",
                 "/etc/systemd/system/ircd.socket", "/etc/letsencrypt"):
        shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)
    quiet("systemctl daemon-reload", "systemctl reset-failed")


def certify():
    """What certbot leaves, signed by an authority of the test."""
    live = "/etc/letsencrypt/live/irc.example.org"
    os.makedirs("/etc/letsencrypt/renewal-hooks/deploy", exist_ok=True)
    os.makedirs(live, exist_ok=True)
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 90 "
    done = run("cd %s; %s -subj '/CN=An authority' -keyout /out/ca.key -out /out/ca.pem; "
               "%s -subj /CN=irc.example.org -addext subjectAltName=DNS:irc.example.org "
               "-addext basicConstraints=critical,CA:FALSE -CA /out/ca.pem -CAkey /out/ca.key -keyout privkey.pem -out cert.pem; "
               "cat cert.pem /out/ca.pem >fullchain.pem" % (live, made, made))
    assert done.returncode == 0, done.stderr


def say(*lines, until, authority=None, port=6697):
    """What a client over TLS reads; with an authority it compares the certificate."""
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = authority is not None
    context.verify_mode = ssl.CERT_REQUIRED if authority else ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 20) as plain:
        with context.wrap_socket(plain, server_hostname="irc.example.org") as s:
            s.sendall("".join(line + "\r\n" for line in ("NICK ann", "USER ann 0 * :ann") + lines).encode())
            got = ""
            while not re.search(until, got):
                more = s.recv(4096)
                assert more, got
                got += more.decode()
    return got


class Walk:
    """The state that one command leaves to the next."""

    passed = failed = 0
    password = None

    def serve(self, fence):
        """A command `sh` finds a server that runs, if there is a unit; another one what the command before has left."""
        if fence.word == "sh stopped":
            quiet("systemctl stop ircd.socket ircd")
        elif fence.word == "sh" and run("pgrep -x ircd || true").stdout == "" and \
                os.path.exists("/usr/local/lib/systemd/system/ircd.service"):
            quiet("systemctl daemon-reload", "systemctl start ircd")

    def before(self, fence):
        if fence.section in FRESH and ("make install" in fence.text or "apt-get install --yes ./build" in fence.text):
            unmake()
        if "certbot-deploy.sh" in fence.text:
            certify()
        if fence.text.startswith("adduser"):
            self.expect("useradd --system debian-tor")
        if "event=exit client=bob!" in fence.text and fence.word == "sh":
            self.serve(fence)
            with socket.create_connection(("127.0.0.1", 6667), 20) as bob:
                bob.sendall(b"NICK bob\r\nUSER bob 0 * :bob\r\n")
                assert b" 001 bob " in bob.recv(4096)
                self.expect("ircd ctl KILL bob spam; ircd ctl PARDON 203.0.113.9; ircd ctl KLINE 1h '*@203.0.113.9' spam")
        if "xline.db" in fence.text:
            with open("/src/xline.db", "w") as f:
                f.write("VERSION 1\nLINE Z 198.51.100.7 eve 1700000000 0 :spam\n")
        if "replaced" in fence.text:
            self.expect("ircd ctl KLINE 1d '*@203.0.113.99' spam")
        if "backup/ircd-before" in fence.text:
            self.expect("ircd ctl KLINE 1d '*@203.0.113.98' spam")
        self.serve(fence)

    def expect(self, command, pattern=""):
        done = run(command)
        assert done.returncode == 0 and re.search(pattern, done.stdout), (command, done)

    def after(self, fence, said):
        """What the commands were for."""
        password = re.search(r"(?m)^ *(?:.*: )?/oper alice (\S+)$", said)
        self.password = password[1] if password else self.password
        if "systemctl restart ircd\n" in fence.text and fence.section == FRESH[1]:
            assert said.endswith("nothing is wrong\n"), said
            assert " 001 ann " in say(until=" (376|422) ", authority="/out/ca.pem")
            assert " 381 ann " in say("OPER alice " + self.password, until=" (381|464|491) ann ")
            self.renew()
        if fence.section == FRESH[0]:
            assert " 381 ann " in say("OPER alice " + self.password, until=" (381|464|491) ann ")
        if "/etc/nftables.conf" in fence.text:
            self.expect("nft list ruleset", r"policy drop(?s:.*)6697")
        if "apt-get install --yes ./build" in fence.text:
            self.expect("ircd --setup /etc/ircd --name irc.example.org --oper alice")
            self.expect("systemctl start ircd; ircd ctl status", "listen")
            unmake()
            self.expect("make install; systemd-sysusers; systemd-tmpfiles --create --prefix=/etc/ircd")
        if "replaced" in fence.text:
            assert "203.0.113.99" not in run("ircd ctl bans list").stdout
        if "ircd-status" in fence.text:
            assert said == "", said
        if "ircd-backup" in fence.text:
            self.expect("test -s /backup/ircd-$(date +%F)/bans.txt")
        if "jail.d/debian.local" in fence.text:
            for _ in range(50):  # its start does not wait for the jails
                if run("fail2ban-client status ircd").returncode == 0:
                    break
                time.sleep(0.1)
            self.expect("fail2ban-client status ircd; fail2ban-client status sshd", "Currently banned")
            self.expect("fail2ban-client set ircd banip 203.0.113.5; sleep 1; nft list ruleset", r"203\.0\.113\.5")
        if "backup/ircd-before" in fence.text:
            assert " 001 ann " in say(until=" (376|422) ") and "203.0.113" in run("ircd ctl bans list").stdout
        if "logrotate --force" in fence.text:
            self.expect("grep -c event= /var/log/ircd/ircd.log.1")
        if "ircd.socket" in fence.text:
            assert fence.text.startswith("systemctl stop") or " 001 ann " in say(until=" (376|422) ") and active()
        if fence.text == "systemctl stop ircd.socket ircd":
            quiet("systemctl disable ircd.socket", "rm /etc/systemd/system/ircd.socket", "systemctl daemon-reload")
        if fence.text == "make uninstall":
            self.expect("! command -v ircd; make install; systemctl daemon-reload")
        if "/srv/ircd" in fence.text:
            assert os.path.exists("/srv/ircd/control")

    def renew(self):
        """certbot has renewed the certificate, and runs the hook: the server shows the new one, signed by a new authority."""
        certify()
        self.expect("RENEWED_LINEAGE=/etc/letsencrypt/live/irc.example.org /etc/letsencrypt/renewal-hooks/deploy/ircd")
        for _ in range(50):
            try:
                assert " 001 ann " in say(until=" (376|422) ", authority="/out/ca.pem")
                return
            except ssl.SSLError:
                time.sleep(0.1)
        raise AssertionError("the server shows the old certificate")

    def walk(self, fence):
        where = "%s:%d" % (fence.document, fence.line)
        start = time.monotonic()
        try:
            self.before(fence)
            done = run(fence.text, env=dict(os.environ, EDITOR="true"))
            assert done.returncode in CODES.get(fence.text, (0,)), (done.returncode, done.stdout[-1500:], done.stderr[-1500:])
            self.after(fence, done.stdout)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as e:
            self.failed += 1
            print("not ok - %s %s\n%s\n%r\n%s" % (where, fence.word, fence.text, e, run(
                "journalctl --no-pager -o cat -u ircd -n 8").stdout), flush=True)
        else:
            self.passed += 1
            print("ok - %s %s (%.1f s)" % (where, fence.text.split("\n")[0], time.monotonic() - start), flush=True)


def commands():
    """Fences, and commands in sentences as fences of their own, in the order of their lines."""
    for document in documents.DOCUMENTS:
        found = documents.fences(document, "sh", STOPPED, "sh root")
        for span in documents.spans(document):
            if span.text.split()[0] in PROGRAMS and " " in span.text and not re.search(r"…|[A-Z]{3}|<", span.text) and \
                    not re.match(LEFT, span.text):
                found.append(documents.Fence(document, span.line, "", "sh", span.text))
        yield from sorted(found, key=lambda each: each.line)


if __name__ == "__main__":
    run("ip link set lo up")
    walk = Walk()
    for fence in commands():
        walk.walk(fence)
    print("documents: %d passed, %d failed" % (walk.passed, walk.failed))
