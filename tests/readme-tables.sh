#!/bin/sh
# Writes each document that is generated or has generated tables into DIRECTORY, made anew, and prints
# the names of these documents. The sample configuration and the manual pages are what the program
# prints. The tables of commands, events, causes, metrics and columns are made of the rows of the program (the unit suite
# tables writes them down), those of POLICY.md of tables in the source. The conformance table is made of
# all rows that say what the protocol is, and of conformance.txt, which says what is not there. The
# simulations are run. Usage: readme-tables.sh IRCD DIRECTORY
set -eu
cd "$(dirname "$0")/.."
IRCD_TEST_TABLES=$(mktemp)
export IRCD_TEST_TABLES
trap 'rm -f "$IRCD_TEST_TABLES"' EXIT
"$(dirname "$1")/tests/unit-tests" tables >"$IRCD_TEST_TABLES.log" || { cat "$IRCD_TEST_TABLES.log"; exit 1; }
rm -f "$IRCD_TEST_TABLES.log"
python3 - "$1" "$2" <<'PY'
import os, re, subprocess, sys

printed = {}
for line in open(os.environ["IRCD_TEST_TABLES"]):
    kind, *fields = line.rstrip("\n").split("\t")
    printed.setdefault(kind, []).append(fields)

def cell(text):
    return text.replace("|", "\\|")

def prose(text):
    """What HELP says, as Markdown: a mask keeps its * and its backslashes, and examples can be copied."""
    words, mark, examples = text.partition("for example ")
    words = re.sub(r"([*\\])", r"\\\1", words)
    return cell(words + mark + ", or ".join("`%s`" % e for e in examples.split(", or ") if e))

def commands():
    out = ["| command | what it does | tokens | needs |", "|---|---|---|---|"]
    for name, syntax, text_help, example, cost, priv in sorted(printed["command"]):
        need = {"": "", "an operator": "operator"}.get(priv, "`%s`" % priv)
        syntax = " " + cell(syntax) if syntax else ""
        text_help += "; for example " + example if example else ""
        out.append("| `%s%s` | %s | %s | %s |" % (name, syntax, prose(text_help), cost, need))
    return "\n".join(out)

def privileges():
    out = ["| privilege | what it allows |", "|---|---|"]
    for name, text_help in re.findall(r'^PRIV\((\w+),\s*"(.*)"\)', open("include/policy/privs.def").read(), re.M):
        out.append("| `%s` | %s |" % (name, text_help))
    return "\n".join(out)

def events():
    """One row a word of the log, with the keys of all rows that have it."""
    of, when = {}, {}
    for word, keys, text in printed["event"]:
        of.setdefault(word, []).extend(k for k in keys.split() if k not in of.get(word, []))
        when[word] = when.get(word) or text
    out = ["| event | keys | when |", "|---|---|---|"]
    out += ["| `%s` | %s | %s |" % (word, " ".join("`%s`" % k for k in of[word]), cell(when[word])) for word in of]
    kinds = {}
    for key, kind in sorted(printed["key"]):
        kinds[kind] = kinds.get(kind, "") + " `%s`" % key
    out += ["", "Keys that `log.redact` hides: a nick, user or host (one token each) in%s; text that a user or operator"
            " wrote (one token) in%s; addresses and masks among the words of the server in%s. Keys with numbers, without"
            " quotes in JSON:%s." % (kinds["IDENTITY"], kinds["TEXT"], kinds["WORDS"] + kinds["TOLD"], kinds["NUMBER"])]
    return "\n".join(out)

def causes():
    levels = {"ASKED": "debug", "EACH": "info", "BOUNDED": "info, bounded"}
    return "\n".join(["| cause | level | when |", "|---|---|---|"] +
                     ["| `%s` | %s | %s |" % (word, levels[logged], cell(when)) for word, when, logged in printed["cause"]])

def metrics():
    return "\n".join(["| metric | type | labels | what it shows |", "|---|---|---|---|"] + [
        "| `%s` | %s | %s | %s |" % (name, kind, " ".join("`%s`" % label for label in labels.split()), cell(text))
        for name, kind, labels, text in printed["metric"]])

def columns():
    """A table for each table, in the order of the program."""
    out, last = [], None
    for table, name, kind, searched, text in printed["column"]:
        if table != last:
            out += ["", "### %s" % table, "", "| column | type | searched | what it is |", "|---|---|---|---|"]
            last = table
        out.append("| `%s` | %s | %s | %s |" % (name, kind, searched, cell(text)))
    return "\n".join(out[1:])

def api_faults():
    rows = source("include/proto/api_faults.def", r'^FAULT\(\w+, *(\d+), *"[^"]*(?:\\"[^"]*)*", *"((?:\\"|[^"])*)"\)')
    assert len(rows) > 15, "the faults of the API were not found"
    return "\n".join(["| status | sentence |", "|---|---|"] +
                     ["| %s | %s |" % (status, cell(text.replace('\\"', '"'))) for status, text in sorted(rows)])

class Kind:
    """Names that are there, in order: {name: what it is}; and lines of conformance.txt: (names, why not)."""

    def __init__(self, there):
        self.there, self.missing = there, []

def source(path, pattern):
    return re.findall(pattern, open(path).read(), re.M)

def numerics():
    there = source("include/proto/numeric.h", r"^#define ((?:RPL|ERR)_\w+) (\d+), ")
    return dict(sorted(("%03d %s" % (int(number), name), "") for name, number in there))

def modes():
    rows = source("include/proto/modes.def", r"^CHAN\((\w+), *'(.)', \w+, *(?:0|'(.)'), *\"(.*)\"\)")
    kinds = {"LIST": "list: ", "KEY": "key: ", "NUMBER": "value: ", "FLAG": "", "PREFIX": "prefix"}
    return {letter: kinds[kind] + (" `%s`: " % symbol if symbol else "") + text
            for kind, letter, symbol, text in rows}

def conformance():
    caps = source("include/proto/caps.def", r'^CAP\(\w+, *"([^"]+)".*?(https://\S+)')
    caps += source("src/cmd/server/sts.c", r'^#define STS_NAME "([^"]+)".*?(https://\S+)')
    user = source("include/proto/modes.def", r"^USER\('(.)', \w+, *\"(.*)\"\)")
    kinds = {"command": Kind({row[0]: "" for row in sorted(printed["command"])}), "channel mode": Kind(modes()),
             "user mode": Kind(dict(user)), "numeric": Kind(numerics()), "token": Kind({row[0]: "" for row in printed["token"]}),
             "capability": Kind(dict(caps))}
    codes = source("include/proto/standard.def", r'^CODE\("(.+?)", *"(\w+)"\) */\* (https://\S+)')
    for line in open("tests/conformance.txt"):
        if line.strip() and not line.startswith("#"):
            kind, names, why = (part.strip() for part in line.split(" | ", 2))
            names = re.split(", " if kind == "numeric" else " ", names)
            here = [n for n in names if n in kinds[kind].there and (kind, n) != ("channel mode", "q")]
            assert not here, "tests/conformance.txt says that these are not there: %s" % here
            kinds[kind].missing.append((names, why))
    out = ["| kind | name | supported |", "|---|---|---|"]
    for kind, k in kinds.items():
        assert k.there and k.missing, kind
        if any(k.there.values()):
            out += ["| %s | `%s` %s | yes |" % (kind, name, cell(text)) for name, text in k.there.items()]
        else:  # a name says it all: as few rows as can be read
            groups = {}
            for name in k.there:
                groups.setdefault(name[0] if kind == "numeric" else "", []).append("`%s`" % name)
            out += ["| %s | %s | yes |" % (kind, " ".join(g)) for g in groups.values()]
        out += ["| %s | %s | no: %s |" % (kind, " ".join("`%s`" % n for n in names), cell(why))
                for names, why in k.missing]
    out += ["| standard reply | `%s %s` %s | yes, whatever the client's capabilities |" % row for row in codes]
    return "\n".join(out)

def simulation(name):
    """The command, the row of one who was banned if there is one, and the summary."""
    trace = "contrib/traces/%s.jsonl" % name  # where make install puts it is what the document names
    shown = "/usr/local/share/ircd/traces/%s.jsonl" % name
    out = subprocess.run([sys.argv[1], "--simulate", trace], check=True, capture_output=True, text=True).stdout
    hosts, summary = out.rstrip("\n").split("\n\n")
    rows = hosts.split("\n")
    banned = [rows[0]] + [row for row in rows if " banned after " in row][:1]
    return "\n".join(["```output", "$ ircd --simulate " + shown] + (banned if len(banned) > 1 else []) +
                     ["…", "", summary, "```"])

def counters():
    """The rows of counters.def with what their comments say."""
    subjects = {"SESSION": "each client", "KEPT": "the host"}
    computed = {"allow_lines": "`flood.burst`, `flood.interval`", "allow_free_lines": "20, one each second",
                "allow_free_joins": "`limits.channels_per_client` × `limits.per_host`, each minute",
                "allow_connections": "`limits.connect_rate`", "allow_passwords": "`limits.wrong_passwords`"}
    rows = re.findall(r"^COUNTER\((\w+), *(\w+), *(\w+)\((\w+)\), *(\w+), *(\w+)\) */\*(.*?)\*/",
                      open("include/policy/counters.def").read(), re.M | re.S)
    assert len(rows) > 10, "the counters were not found"
    return "\n".join(["| counter | of | limits | option | carried |", "|---|---|---|---|---|"] + [
        "| `%s` | %s | %s | %s | %s |" % (name, subjects[subject], cell(" ".join(text.replace("*", " ").split())),
                                         "`flood.%s`" % option if how == "RATE" else computed[option],
                                         "yes" if carried == "CARRIED" else "no")
        for name, subject, how, option, strike, carried, text in rows])

def strike_causes():
    rows = re.findall(r'\[STRIKE_(\w+)\] = \{"([^"]+)",\s*"([^"]+)",\s*(\d+),\s*(true|false)\}',
                      open("src/policy/strikes.c").read())
    assert len(rows) > 10, "the causes of strikes were not found"
    return "\n".join(["| cause | the user reads | strikes | may ban |", "|---|---|---|---|"] + [
        "| `%s` | %s | %s | %s |" % (name, text, "as many as given" if which == "BY_OPER" else weight,
                                    "yes" if bans == "true" else "no")
        for which, name, text, weight, bans in rows])

def policy_options():
    """The blocks of the policy layer, from the sample."""
    sample = subprocess.run([sys.argv[1], "--print-config"], check=True, capture_output=True, text=True).stdout
    out = ["| option | default | what it does |", "|---|---|---|"]
    for block in ("limits", "flood", "strikes", "waves", "opers"):
        body = sample.split("\n%s {\n" % block, 1)[1].split("\n}", 1)[0]
        for name, value, text in re.findall(r"^ *# (\w+) = (.*?) +# (.*)$", body, re.M):
            out.append("| `%s.%s` | `%s` | %s |" % (block, name, value, cell(text)))
    return "\n".join(out)

documents = {
    "contrib/POLICY.md": {"counters": counters, "causes": strike_causes, "policy-options": policy_options},
    "contrib/COMMANDS.md": {"commands": commands},
    "contrib/CONFORMANCE.md": {"conformance": conformance},
    "contrib/METRICS.md": {"metrics": metrics},
    "contrib/API.md": {"api-faults": api_faults},
    "contrib/TABLES.md": {"columns": columns},
    "contrib/EVENTS.md": {"events": events, "causes": causes},
    "contrib/MODERATING.md": {"privileges": privileges},
    "contrib/OPERATING.md": {trace: lambda trace=trace: simulation(trace)
                             for trace in ("evening", "spam-wave", "reconnect-storm")},
}
for path, tables in documents.items():
    text = open(path).read()
    for name, make in tables.items():
        begin, end = "<!-- %s: generated -->" % name, "<!-- /%s -->" % name
        assert begin in text and end in text, "%s lacks the marks of the table '%s'" % (path, name)
        head, rest = text.split(begin, 1)
        text = head + begin + "\n" + make() + "\n" + end + rest.split(end, 1)[1]
    copy = os.path.join(sys.argv[2], path)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "w") as f:
        f.write(text)
    print(path)
printed_whole = {"conf/ircd.conf": ["--print-config"], "contrib/ircd.conf.5": ["--print-reference", "ircd.conf.5"],
                 "contrib/ircd-commands.7": ["--print-reference", "ircd-commands.7"],
                 "contrib/completion/ircd.bash": ["--print-reference", "ircd.bash"],
                 "contrib/completion/ircd.zsh": ["--print-reference", "ircd.zsh"]}
for path, arguments in printed_whole.items():
    copy = os.path.join(sys.argv[2], path)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "w") as f:
        subprocess.run([sys.argv[1]] + arguments, check=True, stdout=f)
    print(path)
PY
