#!/usr/bin/env python3
"""Comments of C speak of clients, hosts and operators as things: few of their words are words for people.

Counts, for each 1,000 words of comments of the files .c, .h and .def, the words of PEOPLE and of PRONOUNS.
Words in capitals are commands (WHO), and words in a path (lookup/who.c) are names: neither is counted.

Usage: check-words.py [DIRECTORY]   (the exit code is 1 if a figure is above its limit; each place is listed)
"""
import os
import re
import sys

top = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

PEOPLE = "who|whom|whose|nobody|somebody"
PRONOUNS = "everybody|anybody|he|him|his"
TREES = ("src", "include", "tests")
LIMIT = 1.0  # of each, for 1,000 words of comments of a tree

TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|(/\*.*?\*/|//[^\n]*)', re.S)
WORD = re.compile(r"[A-Za-z']+")


def comments(text):
    """(where, text) of each comment; what looks like one in a string is none."""
    return [(found.start(1), found.group(1)) for found in TOKEN.finditer(text) if found.group(1)]


def places(words, comment):
    """Where the comment has one of these words, in small letters or with a capital in front."""
    for found in re.finditer(r"(?<![\w/.<-])(?:%s)(?![\w/>-]|\.\w)" % words, comment, re.I):
        if not found.group().isupper():
            yield found.start(), found.group()


def sources(folder):
    for directory, _, names in os.walk(folder):
        yield from (os.path.join(directory, name) for name in names if name.endswith((".c", ".h", ".def")))


summary, failed = [], False
for tree in TREES:
    total, found = 0, ([], [])
    for path in sorted(sources(os.path.join(top, tree))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for start, comment in comments(text):
            total += len(WORD.findall(comment))
            for kind, words in enumerate((PEOPLE, PRONOUNS)):
                found[kind].extend("%s:%d: %s" % (os.path.relpath(path, top), 1 + text.count("\n", 0, start + at), word)
                                   for at, word in places(words, comment))
    figures = [1000 * len(listed) / max(total, 1) for listed in found]
    summary.append("%s %.2f and %.2f" % (tree, *figures))
    for words, listed, figure in zip((PEOPLE, PRONOUNS), found, figures):
        if figure > LIMIT:
            failed = True
            print("\n".join(listed))
            print("%s: %d of %d words of comments are %s: %.2f in 1,000, at most %.1f"
                  % (tree, len(listed), total, words, figure, LIMIT))
print("words for people and pronouns in 1,000 words of comments: " + ", ".join(summary))
sys.exit(1 if failed else 0)
