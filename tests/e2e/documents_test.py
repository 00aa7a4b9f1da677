"""Each command that a document names is run, or is known to need another place.

usage: documents_test.py BINARY [test…]
"""
import glob
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import documents
import irc
import tls_facts_test
from documents import DOCUMENTS, fences, spans

MOVES = [title for title in ("From InspIRCd 3", "From solanum (charybdis, ratbox)", "From ircd-hybrid 8", "From ngIRCd",
                             "From Ergo", "Bans of other servers", "Modes of other servers")]
# Programs of commands in sentences, and where these are tried.
ELSEWHERE = {
    "systemctl": "boot", "chown": "boot", "install": "boot", "journalctl": "boot", "pkill": "boot", "adduser": "boot",
    "fail2ban-client": "boot",
    "apt-get": "tests/package", "mv": "tests/package",
    "catgirl": "tests/clients", "openssl": "tests/clients",
    "podman": "tests/container", "certbot": "needs an authority", "runuser": "needs a file",
    "kill": "needs a process", "ulimit": "of a shell", "grep": "needs a log",
}


def words_of_others():
    """{server or program: names of its options} of options_of_others.txt"""
    with open(os.path.join(os.path.dirname(__file__), "options_of_others.txt")) as f:
        return {name: set(words.split()) for name, words in re.findall(r"(?m)^\[(.*)\]\n((?:[^\[\n].*\n)+)", f.read())}


class Fences(unittest.TestCase):
    def test_each_fence_has_a_word_that_says_how_it_is_tried(self):
        for document in DOCUMENTS:
            for fence in fences(document):
                self.assertIn(fence.word, documents.WORDS, "%s:%d" % fence[:2])

    def test_commands_for_root_are_whole(self):
        for document in DOCUMENTS:
            for fence in fences(document, "sh", "sh stopped", "sh root", "sh elsewhere"):
                done = subprocess.run(["sh", "-n"], input=fence.text, capture_output=True, text=True)
                self.assertEqual(done.stderr, "", "%s:%d" % fence[:2])

    def test_what_cannot_be_run_is_little_and_its_options_are_those_of_the_programs(self):
        helps = {"apt-get": ["--help"], "certbot": ["--help", "all"], "apparmor_parser": ["--help"]}
        found = [line for document in DOCUMENTS for fence in fences(document, "sh elsewhere")
                 for line in fence.text.splitlines()]
        print("\nnot run: %d commands of documents, only compared with the help: %s" % (len(found), "; ".join(found)))
        self.assertLessEqual(len(found), 8)
        for line in found:
            program, *words = shlex.split(line, comments=True)
            if program == "podman":
                # Options up to the name of the image or container are those of podman; tests/container plays what they do.
                before = " ".join(words).replace("--name ircd", "--name").partition(" ircd ")[0].split()
                options = {word for word in before if word.startswith("-")} | {words[0]}
                self.assertEqual(options - words_of_others()["podman"], set(), line)
                continue
            self.assertIn(program, helps, line)
            done = subprocess.run([program] + helps[program], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout + done.stderr))
            for word in words:
                if word.startswith("-"):
                    self.assertIn(word.partition("=")[0], options, line)
            if words and not words[0].startswith(("-", "/")):
                self.assertRegex(done.stdout, r"(?m)^ *(\(default\) )?%s\b" % words[0], line)


    def test_what_the_gates_run_is_there(self):
        with open(os.path.join(documents.TOP, ".ci/run"), encoding="utf-8") as f:
            gates = f.read()
        for document in DOCUMENTS:
            for fence in fences(document, "sh gate"):
                for line in fence.text.splitlines():
                    goals = line.removeprefix("make ").split()  # package-test makes the package as well
                    for goal in goals:
                        self.assertRegex(gates, r"(?m)^make (.* )?%s(-test)?( |$)" % re.escape(goal), "%s:%d" % fence[:2])

    def test_a_command_in_a_sentence_is_of_a_program_whose_commands_are_tried(self):
        """tests/boot/documents.py runs those of root. Options of ircd and goals of make are looked up."""
        usage = irc.run("--help").stdout
        goals = "".join(documents.read(name) for name in ("GNUmakefile", "tests/tests.mk"))
        tried = set(ELSEWHERE) | {"ircd", "make", "man"}
        for document in DOCUMENTS:
            for span in spans(document, without=MOVES):
                program, *words = span.text.split()
                looks = re.fullmatch("[a-z][a-z0-9-]+", program) and re.search(r" -\w", span.text)
                if not words or program == "timeout" or not (looks or program in tried or shutil.which(program)):
                    continue  # timeout is an option of haproxy
                self.assertIn(program, tried, "%s:%d: nothing tries %s" % span)
                if program == "man":
                    self.assertTrue(glob.glob(os.path.join(documents.TOP, "contrib", words[0] + ".[578]")), span)
                if program == "ircd" and words[0] != "ctl":
                    for word in words:
                        if word.startswith("-") and len(word) > 1:
                            self.assertRegex(usage, r"(?m)(^|[ ,])%s\b" % re.escape(word), span)
                if program == "make" and not words[0].startswith("…"):
                    for word in words:
                        self.assertRegex(goals, r"(?m)^([\w -]+ )?%s( [\w-]+)*:" % re.escape(word), span)


class Events(unittest.TestCase):
    def test_each_event_that_a_document_names_is_logged(self):
        known = set(re.findall(r"(?m)^\| `([a-z-]+)` \|", documents.read("contrib/EVENTS.md")))
        named = [name for document in DOCUMENTS for names in re.findall(r"event=\(?([a-z|-]+)", documents.read(document))
                 for name in names.split("|")]
        table = documents.read("contrib/OPERATING.md").split("| event | what to do |\n")[1].split("\n\n")[0]
        named += [name for row in table.split("\n") for name in re.findall("`([a-z-]+)`", row.split(" | ")[0])]
        self.assertGreater(len(named), 30)
        self.assertEqual(set(named) - known, set())


class Links(unittest.TestCase):
    def test_each_link_to_a_section_leads_to_one(self):
        seen = 0
        for path in glob.glob(os.path.join(documents.TOP, "contrib/*.md")) + [os.path.join(documents.TOP, "README.md")]:
            with open(path, encoding="utf-8") as f:
                links = re.findall(r"\]\(([^)#: ]*)#([^)]+)\)", f.read())
            for file, anchor in links:
                with open(os.path.join(os.path.dirname(path), file) if file else path, encoding="utf-8") as f:
                    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^```.*?^```$", "", f.read()))
                anchors = [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]
                self.assertIn(anchor, anchors, os.path.basename(path))
                seen += 1
        self.assertGreater(seen, 40)


class Shell(unittest.TestCase):
    """The fences `sh` and `sh stopped`, with the files of an installation below a directory of the test."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)
        for name in "etc/ircd", "var/lib", "var/log/ircd", "backup", "work", "bin", "usr/local/share":
            os.makedirs(os.path.join(self.dir, name))
        os.symlink(irc.BINARY, os.path.join(self.dir, "bin/ircd"))
        os.symlink(os.path.abspath(os.path.join(documents.TOP, "contrib")), os.path.join(self.dir, "usr/local/share/ircd"))
        config = irc.BASE.replace("{data}", self.place("/var/lib/ircd")).replace(
            "{log}", 'file = "%s"' % self.place("/var/log/ircd/ircd.log"))
        self.server = irc.Server(start=False, directory=os.path.join(self.dir, "etc/ircd"),
                                 config=config + irc.oper_block().replace("{", "{{").replace("}", "}}"))
        self.addCleanup(self.server.close)

    def place(self, text):
        """Paths of the installation become those of the test."""
        return re.sub(r"(?<![\w.])/(etc/ircd|var/lib/ircd|var/log/ircd|backup|usr/local)(?=[/\s]|$)", self.dir + r"/\1", text)

    def run_fence(self, fence):
        done = subprocess.run(["sh", "-ec", self.place(fence.text)], cwd=os.path.join(self.dir, "work"), timeout=60,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, PATH=self.dir + "/bin:" + os.environ["PATH"]))
        self.assertEqual(done.returncode, 0, "%s:%d\n%s%s%s" % (*fence[:2], fence.text, done.stdout, done.stderr))
        return done.stdout

    def test_the_commands_run(self):
        with open(os.path.join(self.dir, "work/xline.db"), "w") as f:
            f.write("VERSION 1\nLINE Z 198.51.100.7 eve 1700000000 0 :spam\n")
        self.server.start()
        with self.server.connect("alice") as alice, self.server.connect("bob", source="127.0.0.2"):
            alice.oper()
            alice.send("KLINE 1h bob :spam")
            alice.expect("removed 1 client, saved")
        ran = 0
        for document in DOCUMENTS:
            for fence in fences(document, "sh", "sh stopped"):
                if fence.word == "sh stopped":
                    self.assertEqual(self.server.stop(), 0)
                self.run_fence(fence)
                ran += 1
                if fence.word == "sh stopped":
                    self.server.start()
        self.assertGreater(ran, 5)


class Configurations(unittest.TestCase):
    """The fences `conf` have no fault, with what their placeholders stand for."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def filled(self, text):
        for name, path in re.findall(r'tls +"([^"]+)" *\{ certificate = "([^"]+)"', text):
            place = os.path.join(self.dir, os.path.dirname(path))
            os.makedirs(place, exist_ok=True)
            tls_facts_test.sign_certificate(place, name)
            os.rename(place + "/cert.pem", place + "/fullchain.pem")
            os.rename(place + "/key.pem", place + "/privkey.pem")
        for placeholder, meant in (("sha256:...", irc.run("--make-token").stdout.split()[1]), ("/run/ircd", self.dir),
                                   ("3c4d8b1f…0fed", 64 * "a"), ("$argon2id$…", irc.password_hash("secret"))):
            text = text.replace(placeholder, meant)
        for needed, block in (("tls = true", 'listen "127.0.0.1:6697" { tls = true }\n'),
                              ('operclass "moderator"', 'operclass "moderator" { privileges = { "kill" } }\n')):
            text = text if needed in text or needed.split()[0] not in text and "moderator" not in text else block + text
        if "proxy = true" in text and "accepts" not in text:
            text += '\nproxy "p" { match = { "192.0.2.9" }  accepts = { "proxy-protocol" } }\n'
        return text

    def test_each_is_without_a_fault(self):
        for document in DOCUMENTS:
            for fence in fences(document, "conf"):
                with open(self.dir + "/ircd.conf", "w") as f:
                    f.write(self.filled(fence.text))
                done = irc.run("-c", self.dir + "/ircd.conf", "-t", cwd=self.dir)
                self.assertEqual(done.returncode, 0, "%s:%d %s" % (*fence[:2], done.stderr))

    def test_one_in_a_sentence_is_without_a_fault(self):
        blocks = set(re.findall(r'(?m)^#? ?(\w+)(?: +"[^"]*")? *\{', irc.run("--print-config").stdout))
        seen = 0
        for document in DOCUMENTS:
            for span in spans(document, without=MOVES):
                if re.fullmatch(r'(%s)( +"[^"]*")? *\{ .*\}' % "|".join(blocks), span.text) and \
                        not re.search("…|[A-Z]{4}", span.text):
                    done = irc.run("-c", "-", "-t", input=self.filled(span.text), cwd=self.dir)
                    self.assertEqual(done.returncode, 0, "%s:%d %s: " % span + done.stderr)
                    seen += 1
        self.assertGreater(seen, 5)


class Options(unittest.TestCase):
    """The tables for operators of other servers name options that exist, here and there."""

    def test_the_right_column_names_options_of_this_server(self):
        sample = irc.run("--print-config").stdout
        known, block = set(), None
        for line in sample.splitlines():
            opened = re.match(r"#? ?(\w+)(?: +\"[^\"]*\")? *\{", line)
            block = opened[1] if opened else block
            for name in re.findall(r"(?:^[# ]+|[{ ] )(\w+) =", line):
                known.add("%s.%s" % (block, name))
        seen = 0
        for document in DOCUMENTS:
            for span in spans(document):
                if re.fullmatch(r"(%s)\.(?!pem$)[a-z_0-9]+" % "|".join({each.split(".")[0] for each in known}), span.text):
                    self.assertIn(span.text, known, "%s:%d" % span[:2])
                    seen += 1
        self.assertGreater(seen, 100)

    def test_the_left_column_names_options_of_the_other_server(self):
        known = words_of_others()
        known.pop("podman")
        text = documents.read("contrib/OPERATING.md")
        self.assertEqual(set(known), {"InspIRCd 3", "solanum (charybdis, ratbox)", "ircd-hybrid 8", "ngIRCd", "Ergo"})
        for name, words in known.items():
            rows = re.findall(r"(?m)^\| (.*?) \| (.*) \|$", text.split("\n### From %s\n" % name)[1].split("\n### ")[0])[2:]
            self.assertGreater(len(rows), 20)
            for there, _ in rows:
                for span in re.findall("`([^`]+)`", there):
                    for word in re.findall(r"[A-Za-z][\w.-]*", re.sub(r'"[^"]*"', "", span)):
                        self.assertIn(word, words, "%s: %s" % (name, there))


if __name__ == "__main__":
    irc.main()
