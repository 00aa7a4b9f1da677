#!/bin/sh
# Prints README.md with its generated tables made anew. The command table is what `HELP` knows: the
# rows of src/cmd/, asked of the sources themselves. Usage: readme-tables.sh IRCD README
set -eu
cd "$(dirname "$0")/.."
readme=$2
exec python3 - "$readme" <<'PY'
import glob, re, sys

def strings(text):
    """C string literals side by side are one."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))

rows = []
for path in sorted(glob.glob("src/cmd/*.c")):
    text = open(path).read()
    for table in re.findall(r"const struct command commands_\w+\[\] = \{(.*?)\n\};", text, re.S):
        pattern = (r'\{\s*("[A-Z]+"),\s*\w+,\s*\d+,\s*WHEN_\w+,\s*(\d+),\s*(PRIV_\w+),\s*[\w |]+,'
                   r'\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}')
        for name, cost, priv, syntax, text_help in re.findall(pattern, table):
            rows.append((strings(name), strings(syntax), strings(text_help), cost, priv))
rows.sort()
assert len(rows) > 20, "the command rows were not found"

def cell(text):
    return text.replace("|", "\\|")

def commands():
    out = ["| command | what it does | tokens | needs |", "|---|---|---|---|"]
    for name, syntax, text_help, cost, priv in rows:
        need = {"PRIV_NONE": "", "PRIV_OPER": "operator"}.get(priv, "`%s`" % priv[5:])
        syntax = " " + cell(syntax) if syntax else ""
        out.append("| `%s%s` | %s | %s | %s |" % (name, syntax, cell(text_help), cost, need))
    return "\n".join(out)

def privileges():
    out = ["| privilege | what it allows |", "|---|---|"]
    for name, text_help in re.findall(r'^PRIV\((\w+),\s*"(.*)"\)', open("include/policy/privs.def").read(), re.M):
        out.append("| `%s` | %s |" % (name, text_help))
    return "\n".join(out)

tables = {"commands": commands, "privileges": privileges}
readme = open(sys.argv[1]).read()
for name, make in tables.items():
    begin, end = "<!-- %s: generated -->" % name, "<!-- /%s -->" % name
    assert begin in readme and end in readme, "README.md lacks the marks of the table '%s'" % name
    head, rest = readme.split(begin, 1)
    readme = head + begin + "\n" + make() + "\n" + end + rest.split(end, 1)[1]
sys.stdout.write(readme)
PY
