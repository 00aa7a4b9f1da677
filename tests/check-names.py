#!/usr/bin/env python3
"""A static function of src and include can be found by its name: six letters or more, and no other has it.

Usage: check-names.py [DIRECTORY]   (the exit code is 1 if a name is too short or stands twice; each is listed)
"""
import collections
import os
import re
import sys

top = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

SHORTEST = 6
# The formatter puts the name of a function at the start of a line, and what it returns above.
STATIC = re.compile(r"^static\b[^;={]*?\n([a-z_]\w*)\([^;]*?\n\{", re.M)


def statics():
    """Each static function: (name, where)."""
    for tree in ("src", "include"):
        for directory, _, names in os.walk(os.path.join(top, tree)):
            for path in sorted(os.path.join(directory, name) for name in names if name.endswith((".c", ".h"))):
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                for found in STATIC.finditer(text):
                    line = text.count("\n", 0, found.start(1)) + 1
                    yield found.group(1), "%s:%d" % (os.path.relpath(path, top), line)


places = collections.defaultdict(list)
for name, where in statics():
    places[name].append(where)
bad = 0
for name, found in sorted(places.items()):
    if len(name) < SHORTEST:
        bad += 1
        print("%s: %s has fewer than %d letters" % (found[0], name, SHORTEST))
    if len(found) > 1:
        bad += 1
        print("%s: %s is the name of another static function as well: %s" % (found[0], name, " ".join(found[1:])))
if not places:
    sys.exit("check-names: no static function in %s" % top)
print("names: %d static functions, %d faults" % (sum(map(len, places.values())), bad))
sys.exit(bad > 0)
