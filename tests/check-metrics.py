#!/usr/bin/env python3
"""The metrics of a played session, the alert rules and the dashboard agree: each metric and label
that contrib/prometheus names exists, and the dashboard shows each metric. If promtool (Debian's package
prometheus) is there, it checks the text and the rules as well.
Usage: check-metrics.py UNIT-TESTS"""
import json, os, re, shutil, subprocess, sys, tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
FOLDER = "contrib/prometheus/"
NAME = re.compile(r"\b((?:ircd|process)_[a-z_]+)(\{[^}]*\})?")
SCRAPED = {"job", "instance"}  # labels that Prometheus adds
faults = []


def read_samples(text):
    """{name: {label: values}} of all metrics; a histogram has the names of its samples."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels = re.match(r"(\w+)(?:\{(.*)\})? ", line).groups()
            values = found.setdefault(name, {})
            for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""):
                values.setdefault(label, set()).add(value)
    return found


def check_expression(where, expression, samples):
    """Returns the names in it."""
    labels = set(SCRAPED)
    names = set()
    for name, selector in NAME.findall(expression):
        names.add(name)
        if name not in samples:
            faults.append("%s: no metric has the name %s" % (where, name))
            continue
        labels.update(samples[name])
        for label, how, value in re.findall(r'(\w+)(=~|!=|!~|=)"([^"]*)"', selector):
            if label not in SCRAPED and label not in samples[name]:
                faults.append("%s: %s has no label %s" % (where, name, label))
            elif label not in SCRAPED and how == "=" and value not in samples[name][label]:
                faults.append("%s: no sample of %s has %s=%s" % (where, name, label, value))
    for label in re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression))):
        if label not in labels:
            faults.append("%s: no metric in it has the label %s" % (where, label))
    return names


def check_rules(samples):
    rules = open(FOLDER + "alerts.yml").read().split("- alert: ")[1:]
    assert len(rules) > 10, "the rules were not found"
    tested = re.findall(r"- alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:", open("tests/prometheus/alerts_test.yml").read())
    for rule in rules:
        name = rule.split("\n", 1)[0]
        if name not in tested:
            faults.append("%s: alerts_test.yml does not expect it" % name)
        expression = re.search(r"expr: (.*)", rule).group(1)
        if not check_expression(name, expression, samples) and "up{" not in expression:
            faults.append("%s: its expression names no metric" % name)
        for label in re.findall(r"\$labels\.(\w+)", rule):
            used = set().union(*(samples.get(n, {}) for n, _ in NAME.findall(expression)))
            if label not in used | SCRAPED:
                faults.append("%s: its text has the label %s" % (name, label))


def check_dashboard(samples, rows):
    dashboard = json.load(open(FOLDER + "grafana.json"))
    panels, shown = dashboard["panels"], set()
    if len({panel["id"] for panel in panels}) != len(panels):
        faults.append("grafana.json: two panels have the same id")
    for panel in panels:
        for target in panel.get("targets", []):
            where = "grafana.json, " + panel["title"]
            names = check_expression(where, target["expr"], samples)
            shown.update(names)
            used = set().union(*(samples.get(name, {}) for name in names)) | SCRAPED
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                if label not in used:
                    faults.append("%s: its legend has the label %s" % (where, label))
    for row in rows - {re.sub("_bucket$", "", name) for name in shown}:
        faults.append("grafana.json: no panel shows " + row)


def run_promtool(*arguments, text=None):
    done = subprocess.run(["promtool"] + list(arguments), input=text, text=True, capture_output=True)
    if done.returncode != 0 or done.stderr.strip():
        faults.append("promtool %s:\n%s" % (" ".join(arguments), (done.stdout + done.stderr)[:2000]))


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "metrics")
    subprocess.run([sys.argv[1], "metrics"], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, IRCD_TEST_METRICS=path))
    text = open(path).read()
samples = read_samples(text)
rows = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
assert len(rows) > 30, "the metrics were not found"
check_rules(samples)
check_dashboard(samples, rows)
tool = shutil.which("promtool")
if tool:
    run_promtool("check", "metrics", text=text)
    run_promtool("check", "rules", FOLDER + "alerts.yml")
    run_promtool("test", "rules", "tests/prometheus/alerts_test.yml")
for fault in faults:
    print("metrics: " + fault)
print("metrics: %d, %s" % (len(rows), "see above" if faults else "fine" + ("" if tool else "; promtool is not there")))
sys.exit(bool(faults))
