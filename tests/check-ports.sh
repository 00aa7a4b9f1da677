#!/bin/sh
# The core asks nothing outside: a function that is called through a pointer in a struct of its
# headers returns void, or stands below with the reason why the core stays a function of its turns.
# A port, which the shell implements (struct shell, each *_ops, each struct with `void *ctx`), also
# has no other data, and gives nothing back through a parameter. Usage: check-ports.sh [DIRECTORY]
set -eu
cd "${1:-$(dirname "$0")/..}"

python3 - <<'END'
import glob, re, sys

LAYERS = "base state policy enact cmd session".split()
PORTS = {"shell": "state/shell.h", "store_ops": "state/store.h", "archive_ops": "state/archive.h"}

LISTED = {
    # ports
    "store_ops.put": "tickets count up from 1, so that each store gives the same ones",
    "store_ops.count": "a COUNT entry behind the command has what it returned",
    "shell.memory": "a MEMORY entry behind the command has what it gave",
    "store_ops.scan": "only before the first put; RECORD entries have what it gave",
    "player_hooks.parse": "a function of the text, which stands in the entry",
    "player_hooks.cut": "tests: where input is cut must make no difference",
}
# Rows and lists whose functions are the core's own; a struct with `void *ctx` is never one.
OWN = "ban_kind_row cursor event_row overload record_kind relay subsystem table".split()

def strip_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.S)

def structs(text):
    """The name and the body of each struct, enclosed ones included."""
    for m in re.finditer(r"\bstruct\s+(\w+)\s*\{", text):
        depth, end = 1, m.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield m.group(1), text[m.end():end - 1]

def split_parameters(text):
    return [p.strip() for p in re.sub(r"\([^()]*\)\s*\([^()]*\)", "(*fn)", text).split(",")]

def gives_back(parameter):
    if parameter.startswith("(") or "(*fn)" in parameter or re.search(r"\w+_fn \*", parameter):
        return True
    return "*" in parameter and not parameter.startswith("const ")

bad, functions, seen, types = [], 0, set(), set()
files = sorted(f for layer in LAYERS for top in ("include", "src")
               for f in glob.glob("%s/%s/**/*.h" % (top, layer), recursive=True))
texts = {f: strip_comments(open(f).read()) for f in files}
for text in texts.values():  # types of functions: a pointer to one is a call as well
    types.update((m.group(2), m.group(1)) for m in re.finditer(r"\btypedef\s+([\w\s*]+?)\b(\w+)\s*\([^*]", text))
types = dict(types)

for file in files:
    for name, body in structs(texts[file]):
        own = name in OWN and "void *ctx" not in body
        seen.update([name] if own else [])
        rows = [" ".join(row.split()) for row in body.split(";") if row.strip()]
        calls = [m for m in (re.fullmatch(r"(.*?)\s*\(\s*\*\s*(?:const )?(\w+)\s*\)\s*\((.*)\)", row) for row in rows) if m]
        is_port = bool(calls) and (name in PORTS or name.endswith("_ops") or "void *ctx" in rows)
        if is_port:
            seen.add(name)
        for m in calls:
            functions += 1
            result, called, parameters = m.groups()
            full = "%s.%s" % (name, called)
            if own or full in LISTED:
                seen.add(full)
                continue
            if result != "void":
                bad.append("%s: %s returns %s" % (file, full, result))
            elif is_port:
                bad += ["%s: %s gives back through `%s`" % (file, full, p)
                        for p in split_parameters(parameters)[1:] if gives_back(p)]
        for row in rows:
            typed = None if own else re.fullmatch(r"(?:const )?(\w+) \*(?:const )?(\w+)", row)
            if typed and typed.group(1) in types and types[typed.group(1)].strip() != "void":
                bad.append("%s: %s.%s returns %s" % (file, name, typed.group(2), types[typed.group(1)].strip()))
            elif is_port and name in PORTS and "(" not in row and row != "void *ctx":
                bad.append("%s: %s has `%s`" % (file, name, row))

for gone in sorted((set(LISTED) | set(PORTS) | set(OWN)) - seen):
    bad.append("%s is not there (any more): take it off the list in tests/check-ports.sh" % gone)
for fault in bad:
    print(fault + (": a fact from outside is an entry of a turn (include/session/turn.h)" if "not there" not in fault else ""))
if not bad:
    print("ports: fine, %d functions" % functions)
sys.exit(bool(bad))
END
