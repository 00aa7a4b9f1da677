#!/bin/sh
# Modules call each other in one direction: a circle of calls, inside a layer or over layers, is an
# error unless the list below names it with a reason. A listed circle that has gone or shrunk is an
# error too, so that the list only gets shorter. A module is one source file; a call is a function
# that its object needs and another object defines. Calls through tables are not seen. Usage: check-circles.sh [DIRECTORY OF OBJECTS]
set -eu
cd "$(dirname "$0")/.."

objects=$(find src -name '*.c' | sort | while read -r file; do
    object=${1:-build}/${file%.c}.o
    case $file in src/main/sandbox_*) [ -f "$object" ] || continue ;; esac # of another system
    [ -f "$object" ] || { echo "check-circles: $object is not built" >&2; exit 1; }
    echo "$object"
done)
nm -A -P $objects | python3 -c '
import re, sys

# One paragraph a circle: its modules, then the reason.
LISTED = """
"""

def module(path):
    return re.search(r"src/(.*)\.o", path).group(1)

owner, needs, modules = {}, [], set()
for row in sys.stdin:
    path, symbol, kind = row.split()[:3]
    name = module(path)
    modules.add(name)
    if kind == "U":
        needs.append((name, symbol))
    elif kind in "TW":  # a function; tables are not called
        owner[symbol] = name
calls = {name: {} for name in modules}
for caller, symbol in needs:
    callee = owner.get(symbol, caller)
    if callee != caller:
        calls[caller].setdefault(callee, []).append(symbol)

def find_circles():
    """The strongly connected sets of two or more modules (Tarjan)."""
    order, low, stack, found = {}, {}, [], []
    def visit(name):
        order[name] = low[name] = len(order)
        stack.append(name)
        for callee in sorted(calls[name]):
            if callee not in order:
                visit(callee)
            if callee in stack:
                low[name] = min(low[name], low[callee])
        if low[name] == order[name]:
            circle = stack[stack.index(name):]
            del stack[stack.index(name):]
            if len(circle) > 1:
                found.append(frozenset(circle))
    for name in sorted(modules):
        if name not in order:
            visit(name)
    return found

def show_circle(circle):
    for name in sorted(circle):
        for callee in sorted(circle & calls[name].keys()):
            print("    %s calls %s: %s" % (name, callee, " ".join(calls[name][callee])))

sys.setrecursionlimit(10000)
listed = [frozenset(row.split(":")[0].split()) for row in LISTED.strip().split("\n\n") if row]
bad = 0
circles = find_circles()
for circle in circles:
    if circle not in listed:
        print("circle of modules: " + " ".join(sorted(circle)))
        show_circle(circle)
        bad = 1
for circle in listed:
    if circle not in circles:
        print("no circle (any more), take it off the list: " + " ".join(sorted(circle)))
        bad = 1
print("circles: %d, all of them listed" % len(circles) if not bad else "circles: see above")
sys.exit(bad)
'
