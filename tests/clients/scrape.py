#!/usr/bin/env python3
"""Prometheus, as Debian ships it, scrapes a server for a minute in which clients talk: the figures arrive, the alert
rules of contrib/prometheus load, and each query of the dashboard has an answer. Usage: scrape.py IRCD"""
import http.client
import json
import math
import os
import re
import subprocess
import time
import urllib.parse

from cast import PASSWORD, TOP, boss, ensure, irc, main, step

import programs  # after cast, which knows where it is

FOLDER = os.path.realpath(os.path.join(TOP, "contrib/prometheus"))
MINUTE = 60
EVERY = 2  # seconds between two scrapes: half of the requests that a host may make
# Figures that each scrape changes, and those of the machine.
MOVING = re.compile(r"ircd_(turn|store_save|http_requests|hosts|bytes)|process_")
CONFIG = """
global: {scrape_interval: %ds, evaluation_interval: %ds}
rule_files: [%s/alerts.yml]
scrape_configs:
  - job_name: ircd
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def fetch(port, path, source="127.0.0.9"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=irc.WAIT, source_address=(source, 0))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    ensure(answer.status == 200, "%s: %d %s" % (path, answer.status, text[:500]))
    return text


class Prometheus:
    def __init__(self, directory, target):
        self.port = irc.free_port()
        self.config = os.path.join(directory, "prometheus.yml")
        with open(self.config, "w") as f:
            f.write(CONFIG % (EVERY, EVERY, FOLDER, target))
        self.program = programs.prometheus(directory, self.config, self.port, "--log.level=warn")
        self.close, self.log = self.program.close, self.program.said

    def ask(self, path, **parameters):
        got = json.loads(fetch(self.port, "/api/v1/%s?%s" % (path, urllib.parse.urlencode(parameters))))
        ensure(got["status"] == "success", got)
        return got["data"]

    def query(self, expression):
        """[(labels, value)] of this moment."""
        return [(row["metric"], float(row["value"][1])) for row in self.ask("query", query=expression)["result"]]

    def one(self, expression):
        rows = self.query(expression)
        ensure(len(rows) == 1, "%s: %r" % (expression, rows))
        return rows[0][1]

    def is_up(self):
        return self.query('up{job="ircd"} == 1')

    def scraped(self):
        """Seconds since 1970 of the last scrape."""
        return self.one('timestamp(up{job="ircd"})')


def server():
    made = irc.Server(start=False, tls=False, extra=boss() + """
limits { connect_rate = "1000/1s" }
listen "127.0.0.1:%d" { serves = { "metrics", "health" } }
listen "127.0.0.1:%d" { tls = true }
""" % (irc.free_port(), irc.free_port()))
    text = open(made.config).read()
    made.web_port, made.tls_port = (int(port) for port in re.findall(r'listen "127.0.0.1:(\d+)"', text)[1:])
    made.start()
    return made


def check_text(s):
    with step("promtool: the text of the live server has no fault"):
        said = subprocess.run(["promtool", "check", "metrics"], input=fetch(s.server.web_port, "/metrics"), text=True,
                              capture_output=True, timeout=irc.WAIT)
        ensure(said.returncode == 0 and not said.stdout + said.stderr, said.stdout + said.stderr)
    with step("promtool: the configuration with the alert rules is right"):
        said = subprocess.run(["promtool", "check", "config", s.prometheus.config], text=True, capture_output=True, timeout=irc.WAIT)
        ensure(said.returncode == 0 and re.search(r"SUCCESS: \d\d rules found", said.stdout), said.stdout + said.stderr)


def talk(s, end):
    """Until then clients come, talk, are refused and ended."""
    alice = irc.Client(s.server.port, source="127.0.0.2", tls=False).register("alice").oper("boss", PASSWORD)
    bob = irc.Client(s.server.port, source="127.0.0.3", tls=False).register("bob")
    alice.send("JOIN #a")
    bob.send("JOIN #a")
    bob.expect(" 366 ")
    n = 0
    while time.monotonic() < end:
        n += 1
        with irc.Client(s.server.tls_port, source="127.0.%d.4" % n, tls=True).register("guest%d" % n) as guest:
            guest.send("PRIVMSG bob :hello %d" % n)
            bob.send("PRIVMSG #a :word %d" % n)
            bob.expect(" :hello %d$" % n)
            alice.send("STRIKE guest%d 1 :one" % n, "KLINE 10m *@127.0.%d.4 :out" % n)
            guest.expect("^ERROR")
        with irc.Client(s.server.port, source="127.0.%d.4" % n, tls=False) as refused:
            refused.send("NICK refused", "USER refused 0 * :refused")
            refused.expect("^ERROR")
        alice.silent(" PRIVMSG nothing", "turn%d" % n)
        time.sleep(1)
    return alice, bob


def check_values(s, p):
    """Nothing happens any more but scrapes; the next but one has begun when all that happened was counted."""
    ended = time.time()
    irc.wait_until(lambda: p.scraped() > ended + EVERY, 30, "a scrape")
    with step("each figure that Prometheus has is that of the server"):
        text = fetch(s.server.web_port, "/metrics")
        bad, seen = [], 0
        for series, value in re.findall(r"(?m)^(ircd_[^#\s]\S*?(?:\{.*\})?) (\S+)$", text):
            if not MOVING.match(series):
                seen += 1
                got = p.one(series)
                bad += ["%s: %s, and Prometheus has %s" % (series, value, got)] if got != float(value) else []
        ensure(not bad and seen > 100, "%d compared\n%s" % (seen, "\n".join(bad)))
    with step("its own scrapes are counted"):
        scrapes = p.one('ircd_http_requests_total{route="metrics",code="200"}')
        ensure(scrapes >= MINUTE / EVERY - 1, scrapes)


def check_rules(p):
    with step("each alert rule is judged, and none begins"):
        groups = p.ask("rules", type="alert")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        names = re.findall(r"(?m)^ +- alert: (\w+)$", open(os.path.join(FOLDER, "alerts.yml")).read())
        ensure([rule["name"] for rule in rules] == names and len(names) > 10, rules)
        bad = [rule for rule in rules if rule["health"] != "ok" or rule.get("lastError")]
        ensure(not bad, bad)
        firing = [rule["name"] for rule in rules if rule["state"] != "inactive"]
        ensure(not firing, firing)


def check_dashboard(p):
    dashboard = json.load(open(os.path.join(FOLDER, "grafana.json")))
    words = {"$instance": ".+", "$__rate_interval": "%ds" % MINUTE, "$__range": "%ds" % MINUTE}
    queries = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
    with step("each of the %d queries of the dashboard has an answer" % len(queries)):
        bad = []
        for title, expression in queries:
            for word, text in words.items():
                expression = expression.replace(word, text)
            rows = p.query(expression)
            if not rows:
                bad.append("%s: nothing: %s" % (title, expression))
            elif any(math.isnan(value) for _, value in rows):
                bad.append("%s: no number: %s" % (title, expression))
        ensure(not bad and len(queries) > 30, "\n".join(bad))


def play(s):
    p = s.prometheus = s.opened(Prometheus(s.directory, s.server.web_port))
    check_text(s)
    with step("Prometheus finds the server", vital=True):
        irc.wait_until(p.is_up, 30, lambda: "a scrape; " + p.log())
    clients = talk(s, time.monotonic() + MINUTE)
    with step("the target is up, and each scrape of the minute was answered"):
        targets = p.ask("targets", state="active")["activeTargets"]
        ensure([(t["health"], t["lastError"]) for t in targets] == [("up", "")], targets)
        ensure(p.one('min_over_time(up{job="ircd"}[%ds])' % MINUTE) == 1, "it was down")
        count = p.one('count_over_time(up{job="ircd"}[%ds])' % MINUTE)
        ensure(count >= MINUTE / EVERY - 2, "%d scrapes" % count)
    check_values(s, p)
    check_dashboard(p)
    check_rules(p)
    with step("Prometheus has logged no warning"):
        ensure(not p.log().strip(), p.log())
    for client in clients:
        client.close()
    s.check_windows()


if __name__ == "__main__":
    main(play, server=server)
