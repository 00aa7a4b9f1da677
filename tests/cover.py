#!/usr/bin/env python3
"""A table of the lines that a build with --coverage has run, by file of src/, the least covered first.

usage: cover.py BUILD_DIR
"""
import collections
import glob
import json
import os
import subprocess
import sys


def counts_of(build):
    """How often each line of each file ran, over all that was linked."""
    files = collections.defaultdict(collections.Counter)
    for data in glob.glob(os.path.join(glob.escape(build), "src/**/*.gcda"), recursive=True):
        told = subprocess.run(["gcov", "--json-format", "--stdout", data], check=True, capture_output=True).stdout
        for report in map(json.loads, told.splitlines()):
            for file in report["files"]:
                for line in file["lines"]:
                    files[os.path.relpath(file["file"])][line["line_number"]] += line["count"]
    return files


def main(build):
    ran = notes = 0
    rows = []
    counts = counts_of(build)
    # A file of which no program ran a line has no data at all.
    for path in glob.glob("src/**/*.c", recursive=True):
        if not counts[path] and not path.startswith("src/main/sandbox_"):  # that of another system is not built
            sys.exit("cover: nothing is known of %s" % path)
    for path, lines in counts.items():
        if not path.startswith("src/") or not lines:
            continue
        hit = sum(count > 0 for count in lines.values())
        ran, notes = ran + hit, notes + len(lines)
        missed = [str(n) for n in sorted(lines) if lines[n] == 0]
        rows.append((hit / len(lines), path, hit, len(lines), " ".join(missed[:12]) + (" ..." if missed[12:] else "")))
    for share, path, hit, known, missed in sorted(rows):
        print("%6.1f %%  %5d of %5d  %-34s %s" % (100 * share, hit, known, path, missed))
    print("%6.1f %%  %5d of %5d  in %d files" % (100 * ran / notes, ran, notes, len(rows)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
