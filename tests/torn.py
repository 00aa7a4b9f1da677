#!/usr/bin/env python3
"""Declarations that are split over two lines only because a comment stands behind them: the comment
belongs above. Prints each with its place, and their number; exit code 1 if there is one.

usage: torn.py [FILE…]   (without files: all .c and .h of src, include and tests)
"""
import os
import re
import sys

WIDTH = 88  # .clang-format
# A line that ends so is whole, or goes on for a reason of its own.
WHOLE = re.compile(r"([;{}:]|\*/|^\s*|^\s*[*/].*|^#.*[^\\]|\belse|\bdo)$")

STATEMENT = re.compile(r"\s*((if|else|for|while|return|case)\b|[\w>.()-]+ [-+|&]?= |[\w>.()-]+\($)")


def torn(lines):
    for n in range(1, len(lines)):
        before, line = lines[n - 1], lines[n]
        code, comment, _ = line.partition("/*")
        if not comment or not code.strip() or not re.search(r"([;,]|\d|[A-Z])\s*$", code) or WHOLE.search(before):
            continue
        if "(" in before and ";" in before or "/*" in before or before.rstrip().endswith(("&&", "||", "?")):
            continue
        if before.rstrip().endswith(",") and not re.search(r"\([^)]*$", before):
            continue  # a row of a table
        if STATEMENT.match(before) or before.rstrip().endswith('"'):
            continue
        whole = before.rstrip(" \\") + (" " if not before.endswith("(") else "") + code.strip()
        if len(whole) <= WIDTH:
            yield n, before, line


def sources():
    for tree in ("src", "include", "tests"):
        for directory, _, names in os.walk(tree):
            yield from (os.path.join(directory, name) for name in sorted(names) if name.endswith((".c", ".h")))


def main():
    count = 0
    if not sys.argv[1:]:
        os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    for path in sys.argv[1:] or sources():
        with open(path, encoding="utf-8") as f:
            for n, before, line in torn(f.read().split("\n")):
                count += 1
                print("%s:%d: %s %s" % (path, n, before.strip(), line.strip()))
    print("torn declarations: %d" % count)
    return count > 0


if __name__ == "__main__":
    sys.exit(main())
