"""What the README shows an operator works as it stands there.

usage: readme_test.py BINARY [test…]
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import irc

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")


def blocks(section):
    """The texts in ``` of the section with this title."""
    with open(README, encoding="utf-8") as f:
        text = f.read().split("\n## %s\n" % section)[1].split("\n## ")[0]
    return re.findall(r"(?ms)^```\n(.*?)^```$", text)


MAN = os.path.join(os.path.dirname(README), "contrib/ircd.8")
ACTIONS = {"t", "-print-config", "-print-reference", "-hash-password", "-dump-bans", "-load-bans", "-simulate", "-replay"}


class Man(unittest.TestCase):
    def setUp(self):
        with open(MAN, encoding="utf-8") as f:
            self.text = f.read()

    def test_each_command_of_the_synopsis_stands_alone(self):
        synopsis = self.text.split(".Sh SYNOPSIS\n")[1].split(".Sh ")[0]
        for command in synopsis.split(".Nm\n")[1:]:
            does = [x for x in re.findall(r"(?m)^\.Fl (\S+)", command) if x in ACTIONS]
            self.assertLessEqual(len(does), 1, command)
        self.assertEqual(len(synopsis.split(".Nm\n")) - 1, 10)

    def test_a_quote_ends_with_what_is_quoted(self):
        """Ql takes the rest of its line, so that only punctuation may follow the one word."""
        for line in re.findall(r"(?m)^\..*\bQl\b.*$", self.text):
            self.assertRegex(line, r"\bQl \S+( [.,:;)])*$")

    def test_the_blocks_with_a_title_are_all_there(self):
        sample = irc.run("--print-config").stdout
        titled = set(re.findall(r'(?m)^#? *(\w+) +"[^"]*" *\{', sample))
        page = irc.run("--print-reference", "ircd.conf.5").stdout
        self.assertEqual(set(re.findall(r"(?m)^\.Ss (\w+) \\\(dq\w", page)), titled)


class Readme(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def shell(self, command):
        """With /etc and /var being ours, no other user, and the program under test being the one that is installed."""
        tools = os.path.join(self.dir, "bin")
        if not os.path.exists(tools):
            os.mkdir(tools)
            os.symlink(irc.BINARY, os.path.join(tools, "ircd"))
        command = re.sub(r" /(etc|var)/", r" '%s'/\1/" % self.dir, command).replace("-o ircd -g ircd ", "")
        return subprocess.run(["sh", "-c", command], text=True, timeout=irc.WAIT, stdin=subprocess.DEVNULL,
                              capture_output=True, env=dict(os.environ, PATH=tools + ":" + os.environ["PATH"]))

    def test_the_example_is_a_good_configuration_after_the_commands_above_it(self):
        commands, example, start = blocks("Running it for real")
        wanted = [x for x in commands.splitlines() if "/etc/" in x or "/var/" in x and "useradd" not in x]
        self.assertEqual(len(wanted), 5, commands)
        for command in wanted:
            self.assertEqual(self.shell(command).returncode, 0, command)
        check, = [x for x in start.splitlines() if x.startswith("ircd -c /etc/ircd/ircd.conf -t ")]
        self.assertEqual(self.shell(check).returncode, 0, "the sample")
        path = os.path.join(self.dir, "etc/ircd/ircd.conf")
        for text, code in (example, 1), (re.sub(r'"\$argon2id[^"]*"', '"%s"' % irc.password_hash("x"), example), 0):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            got = self.shell(check)
            self.assertEqual(got.returncode, code, got.stderr)
        with open(path, "w", encoding="utf-8") as f:
            f.write(example)
        line = 1 + [n for n, x in enumerate(example.splitlines()) if "$argon2id" in x][0]
        self.assertRegex(self.shell(check).stderr, r'\A\S+/ircd\.conf:%d: oper "alice": .*--hash-password' % line)


if __name__ == "__main__":
    irc.main()
