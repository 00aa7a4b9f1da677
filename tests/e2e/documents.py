"""What README.md, OPERATING.md, MODERATING.md, METRICS.md and API.md tell their reader to type, taken from their text.

A fence has a word that says how its lines are tried:

    sh          commands for a shell that change nothing outside of the files of the server: documents_test.py runs
                them with a server that runs, and the container of `make documents` runs them as root
    sh stopped  the same, while no server runs
    sh root     commands for root: the container runs them
    sh elsewhere  commands that need the network or a kernel of their own; their options are compared with the help of
                the program
    sh gate     goals of make that .ci/run has
    irc         what is typed in a client: documents_test.py sends it, moderating.py types it
    conf        a configuration, or lines for one
    output      what a program prints
    sh web      commands for a shell that ask a web listener: documents_web_test.py runs them
    nginx       a file of that program: documents_web_test.py gives it to the program; also haproxy and prometheus
    json        a file of a web client: documents_web_test.py connects as the client does
"""
import collections
import os
import re

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
DOCUMENTS = "README.md", "contrib/OPERATING.md", "contrib/MODERATING.md", "contrib/METRICS.md", \
    "contrib/API.md"
WORDS = "sh", "sh stopped", "sh root", "sh elsewhere", "sh gate", "irc", "conf", "output", \
    "sh web", "nginx", "haproxy", "prometheus", "json"

Fence = collections.namedtuple("Fence", "document line section word text")
Span = collections.namedtuple("Span", "document line text")


def read(document):
    with open(os.path.join(TOP, document), encoding="utf-8") as f:
        return f.read()


def fences(document, *words):
    """All fences of a document, or those with one of these words."""
    found, section, start, lines = [], "", None, read(document).split("\n")
    for number, line in enumerate(lines, 1):
        if start is None and line.startswith("#"):
            section = line.lstrip("# ")
        elif line.startswith("```") and start is None:
            start, word = number, line[3:].strip()
        elif line == "```":
            text = "".join(each + "\n" for each in lines[start:number - 1])
            found.append(Fence(document, start, section, word, text))
            start = None
    if start is not None:
        raise AssertionError("%s:%d: a fence has no end" % (document, start))
    return [each for each in found if not words or each.word in words]


def spans(document, without=()):
    """The texts in ` ` outside of fences, of all sections but those."""
    found, fenced, left_out, text = [], False, False, []
    for number, line in enumerate(read(document).split("\n"), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif line.startswith("#") and not fenced:
            left_out = line.lstrip("# ") in without
        text.append("" if fenced or left_out or line.startswith("```") else line)
    whole = "\n".join(text)
    for each in re.finditer(r"`([^`]+)`", whole):
        found.append(Span(document, whole.count("\n", 0, each.start()) + 1, re.sub(r"\s+", " ", each[1])))
    return found


def typed(text):
    """The lines that are typed in a client; three blanks separate a line from its explanation."""
    return [re.split(r" {3,}", line)[0] for line in text.split("\n") if line.startswith("/")]


def aliases(client="irssi"):
    """{name: body} of the aliases that MODERATING.md gives to a client."""
    lead = "/alias add " if client == "WeeChat" else "/alias "
    found = {}
    for fence in fences("contrib/MODERATING.md", "irc"):
        for line in typed(fence.text):
            if line.startswith(lead) and line.startswith("/alias add ") == (client == "WeeChat"):
                name, body = line[len(lead):].split(" ", 1)
                found[name] = body
    return found


def expand(line, names, nick, channel):
    """The line that a client with these aliases makes of a typed one, as irssi does it."""
    name, _, rest = line[1:].partition(" ")
    if name not in names:
        return line
    words, body = rest.split(), names[name]
    if not re.search(r"\$\d", body):
        return (body + " " + rest).strip().replace("$N", nick).replace("$C", channel)
    body = re.sub(r"\$(\d)(-?)", lambda m: " ".join(words[int(m[1]):] if m[2] else words[int(m[1]):int(m[1]) + 1]), body)
    return body.replace("$N", nick).replace("$C", channel)


def raw(line, channel):
    """The line of IRC that a client sends for a typed one."""
    word, _, rest = line[1:].partition(" ")
    if word == "quote":
        return rest
    if word == "kick":
        nick, _, reason = rest.partition(" ")
        return "KICK %s %s :%s" % (channel, nick, reason)
    return (word.upper() + " " + rest).strip()
