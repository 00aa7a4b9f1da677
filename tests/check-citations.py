#!/usr/bin/env python3
"""Each file that a comment or a document names is there, under that path or the end of it.

Usage: check-citations.py   (no arguments; the exit code is 1 if a file is missing)
"""
import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

ENDINGS = r"(?:md|c|h|def|sh|py|gdb|mk|txt|inc|jsonl|conf|patch|supp|in|[578])"
NAMED = re.compile(r"(?<![\w./<>$*{%%-])((?:[\w.-]+/)*[\w.-]*[A-Za-z_][\w.-]*\.%s)(?![\w/*-]|\.\w)" % ENDINGS)

# What is named and is no file of the tree: files of other servers, examples, headers of the system, files
# that the build makes or the installation holds (tests/e2e/install_test.py looks at those).
ELSEWHERE = {"kline.conf", "dline.conf", "xline.conf", "resv.conf", "rkline.conf", "bans.txt", "motd.txt",
             "bans.conf", "old/bans.conf", "uthash.h", "suites.inc", "tables.inc", "numerics.inc"}
INSTALLED = ("share/", "usr/", "etc/", "var/")
PLACEHOLDER = re.compile(r"^_|(^|[/_])(x|[A-Z]{4,})[_.](?!md$)")  # test_NAME.c
# Comments of C. A text such as "conf.d/*.conf" begins none.
CODE = r'''"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'|/\*.*?\*/|//[^\n]*'''


def tree():
    got = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], text=True, capture_output=True)
    if got.returncode == 0:
        return [path for path in got.stdout.split("\n") if os.path.isfile(path)]
    walk = os.walk(".")  # an archive without a repository
    return [os.path.relpath(os.path.join(d, f)) for d, _, names in walk for f in names if not d.startswith("./build")]


def prose(path, text):
    """(where, text) of the parts of a file that people read."""
    if path.endswith((".c", ".h", ".def")):
        pattern = CODE
    elif path.endswith((".py", ".sh")) or os.path.basename(path) in ("GNUmakefile", "Makefile"):
        pattern = r'(?m)#.*$|"""(?:.|\n)*?"""'
    elif path.endswith(".patch"):
        pattern = r"\A(?:.*\n)*?(?=---)"
    elif path.endswith((".md", ".5", ".7", ".8", ".def", ".gdb", ".mk")):
        return [(0, text)]
    else:
        return []
    found = re.finditer(pattern, text, re.S if pattern == CODE else 0)
    return [(part.start(), part.group()) for part in found if pattern != CODE or part.group()[0] == "/"]


def missing(files):
    ends = set()
    for path in files:
        parts = path.split("/")
        ends.update("/".join(parts[i:]) for i in range(len(parts)))
    for path in files:
        try:
            with open(path, encoding="utf-8") as f:
                text = f.read()
        except UnicodeDecodeError:
            continue
        for start, part in prose(path, text):
            for found in NAMED.finditer(part):
                name = re.sub(r"^(\.\./)+", "", found.group(1))
                if name not in ends and name not in ELSEWHERE and not name.startswith(INSTALLED) \
                        and not PLACEHOLDER.search(name):
                    yield path, 1 + text.count("\n", 0, start + found.start()), name


def sections(files):
    """A comment or document that cites a section of contrib/POLICY.md cites one that is there."""
    with open("contrib/POLICY.md", encoding="utf-8") as f:
        there = re.findall(r"(?m)^## (\d+)\.", f.read())
    for path in files:
        if path.endswith((".c", ".h", ".def", ".py", ".md")):
            with open(path, encoding="utf-8") as f:
                text = f.read()
            for found in re.finditer(r"contrib/POLICY\.md (\d+)", text):
                if found.group(1) not in there:
                    yield path, 1 + text.count("\n", 0, found.start()), "section %s of contrib/POLICY.md" % found.group(1)


files = tree()
if "contrib/POLICY.md" not in files:
    sys.exit("check-citations.py: git does not list the files of this tree; nothing was checked")
bad = list(missing(files)) + list(sections(files))
for path, line, name in bad:
    print("%s:%d: names %s, which is not there" % (path, line, name))
sys.exit(1 if bad else 0)
