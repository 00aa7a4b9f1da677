"""The checks of the tree find the faults that they are for: check-ports.sh a port that could return a fact,
check-portable.py a name that only one system has,
check-words.py comments with too many words for people, check-names.py static functions that cannot be found by
name, torn.py declarations that a comment has split, check-citations.py names of files that are not there,
check-docs.sh a wrong form of CHANGELOG.md."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import irc

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PATIENCE = 120  # seconds for a check, which is not about time


def all_but_headers(unused, names):
    return [name for name in names if name.endswith((".c", ".def"))]


class Portable(unittest.TestCase):
    """check-portable.py on a tree of few files."""

    def check(self, path, text):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as tree:
            for folder in "src/net", "src/main", "src/store", "include/net":
                os.makedirs(os.path.join(tree, folder))
            with open(os.path.join(tree, path), "w") as f:
                f.write(text)
            got = subprocess.run([os.path.join(TOP, "tests/check-portable.py"), tree], capture_output=True, text=True,
                                 timeout=PATIENCE)
            return got.returncode, got.stdout + got.stderr

    def test_a_name_of_one_system_is_found_with_its_place(self):
        for text, name in (
                ("int f = accept4(1, 0, 0, 0);", "accept4"), ("int f = MSG_NOSIGNAL | 1;", "MSG_NOSIGNAL"),
                ("#define _GNU_SOURCE", "_GNU_SOURCE"), ("#include <linux/landlock.h>", "#include <linux/landlock.h>"),
                ("#  include <sys/prctl.h>", "#  include <sys/prctl.h>"), ("#include <malloc.h>", "#include <malloc.h>"),
                ("#ifdef __linux__", "__linux__"), ("#if defined(__OpenBSD__)", "__OpenBSD__"),
                ('f = open("/proc/self/status", 0);', '"/proc'), ("getrandom(&id, 8, 0);", "getrandom"),
                ("struct ucred c; getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n);", "SO_PEERCRED"),
                ("pledge(0, 0);", "pledge"), ("char *a = strchrnul(b, c);", "strchrnul"),
                ('char *a = "/* " + accept4();', "accept4"), ("st.st_mtim", "st_mtim"), ("kqueue();", "kqueue")):
            code, said = self.check("src/net/planted.c", "/* one\n * comment */\n%s\n" % text)
            self.assertEqual(code, 1, text)
            self.assertIn("src/net/planted.c:3: %s is not on all systems" % name, said)

    def test_comments_strings_and_parts_of_names_are_none(self):
        for text in ("/* accept4 of Linux, /proc/self */", "// prctl", 'const char *a = "accept4 prctl";', "int accept42;",
                     "int my_pledge;", 'open("/dev/null", 0);', "int mem_prctl_x;"):
            self.assertEqual(self.check("src/net/planted.c", text + "\n"), (0, "portable: fine, 1 files\n"), text)

    def test_each_name_has_its_place(self):
        for path, text, code in (
                ("src/net/os.c", "#define _GNU_SOURCE\naccept4();", 0), ("include/net/os.h", "#ifdef __APPLE__", 0),
                ("src/net/os.c", "prctl();", 1), ("src/main/sandbox_linux.c", "#include <cap-ng.h>\nprctl();", 0),
                ("src/main/sandbox_linux.c", "pledge();", 1), ("src/main/sandbox_openbsd.c", "pledge();", 0),
                ("src/main/sandbox_openbsd.c", "prctl();", 1), ("src/main/syscalls.c", "SCMP_SYS(getrandom)", 0),
                ("src/main/sandbox.c", "capng_clear(1);", 1), ("src/store/store_gdbm.c", "#define _DEFAULT_SOURCE", 0)):
            self.assertEqual(self.check(path, text + "\n")[0], code, (path, text))

    def test_a_tree_without_files_has_not_passed(self):
        self.assertEqual(self.check("src/net/readme", "")[0], 1)

    def test_this_tree(self):
        got = subprocess.run([os.path.join(TOP, "tests/check-portable.py")], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((got.returncode, got.stdout.split(",")[0]), (0, "portable: fine"))


class Ports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ircd-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for name in "include", "src":
            shutil.copytree(os.path.join(TOP, name), os.path.join(cls.folder, name), ignore=all_but_headers)

    def check(self, planted, file="include/state/shell.h", behind="struct shell {"):
        """What the check says of the tree with `planted` behind a text of a header."""
        path = os.path.join(self.folder, file)
        with open(path) as f:
            text = f.read()
        self.assertIn(behind, text)
        with open(path, "w") as f:
            f.write(text.replace(behind, behind + "\n" + planted, 1))
        got = subprocess.run([os.path.join(TOP, "tests/check-ports.sh"), self.folder], capture_output=True, text=True,
                             timeout=PATIENCE)
        with open(path, "w") as f:
            f.write(text)
        return got.returncode, got.stdout + got.stderr

    def test_the_tree_and_what_returns_nothing(self):
        for planted in ("", "void (*wipe)(void *ctx, const char *name, uint64_t n);"):
            code, said = self.check(planted)
            self.assertEqual((code, said.split(",")[0]), (0, "ports: fine"))

    def test_a_port_that_returns_a_fact(self):
        for planted in ("bool (*planted)(void *ctx);", "uint64_t (*planted)(void *ctx);", "int64_t\n(*planted)(void *ctx);",
                        "bool (*planted2)(void *ctx);", "const char *(*planted)(void *ctx);", "bool (*planted /* a */)(void *ctx);",
                        "struct mem_sum (*planted)(void *ctx,\n int n);"):
            code, said = self.check(planted)
            self.assertEqual(code, 1, planted)
            self.assertRegex(said, r"shell\.planted2? returns", planted)

    def test_a_fact_through_a_parameter_or_a_field(self):
        for planted in ("void (*planted)(void *ctx, bool *out);", "void (*planted)(void *ctx, void (*fn)(void *), void *to);",
                        "void (*planted)(void *ctx, store_fn *fn);", "bool planted;", "const bool *planted;"):
            code, said = self.check(planted)
            self.assertEqual(code, 1, planted)
            self.assertIn("planted", said)
        code, said = self.check("typedef bool planted_fn(void *ctx);\nstruct x { planted_fn *ask; };", behind="#define JOB_QUEUE 1024")
        self.assertEqual(code, 1)
        self.assertIn("x.ask returns bool", said)

    def test_a_new_port(self):
        for planted in ("struct dns_ops { bool (*ask)(struct dns *d); };", "struct dns { void *ctx; void (*ask)(void *ctx, int *out); };",
                        "struct dns { uint64_t (*ask)(void); };"):
            for file, behind in (("include/state/start.h", "#define STATE_START_H"), ("include/policy/oper_lockout.h", "#define POLICY_OPER_LOCKOUT_H")):
                code, said = self.check(planted, file, behind)
                self.assertEqual(code, 1, planted)
                self.assertIn(".ask ", said)

    def test_a_port_that_has_gone(self):
        code, said = self.check("", "include/state/store.h", "struct store_ops {")
        self.assertEqual(code, 0)
        code, said = self.check("_gone", "include/state/archive.h", "struct archive_ops ")
        self.assertEqual(code, 1)
        self.assertIn("archive_ops is not there", said)


class Words(unittest.TestCase):
    def check(self, path, text):
        """What the check says of a tree of this one file, and its exit code."""
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as folder:
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path))
            with open(path, "w") as f:
                f.write(text)
            got = subprocess.run([os.path.join(TOP, "tests/check-words.py"), folder], capture_output=True, text=True,
                                 timeout=PATIENCE)
            return got.returncode, got.stdout + got.stderr

    def test_a_word_for_people_is_named_with_its_place(self):
        for path in "src/cmd/tea.c", "include/cmd/tea.h", "include/cmd/tea.def", "tests/unit/test_tea.c":
            for word in "who", "Nobody", "whose", "whom", "somebody", "everybody", "anybody", "he", "him", "His":
                code, said = self.check(path, "int tea;\n/* Tea.\n * One fact of %s drinks it. */\n" % word)
                self.assertEqual(code, 1, word)
                self.assertIn("%s:3: %s\n" % (path, word), said)

    def test_commands_paths_strings_and_code_are_not_counted(self):
        for text in ("/* The answer of WHO, in src/cmd/who.c and lookup/who. */", 'char *a = "/* who */";', "int who; /* a nick */",
                     "char a = '\\\"'; /* the */ int he; /* host */"):
            code, said = self.check("src/tea.c", text + "\n")
            self.assertEqual(code, 0, said)

    def test_a_few_in_many_words_are_allowed(self):
        for words, code in (2000, 0), (100, 1):
            got, said = self.check("src/tea.c", "/* %s who */\n" % ("tea " * words))
            self.assertEqual(got, code, said)


class Names(unittest.TestCase):
    def check(self, **files):
        """What the check says of a tree of these files of src, and its exit code."""
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as folder:
            os.makedirs(os.path.join(folder, "src"))
            for name, text in files.items():
                with open(os.path.join(folder, "src", name + ".c"), "w") as f:
                    f.write(text)
            got = subprocess.run([os.path.join(TOP, "tests/check-names.py"), folder], capture_output=True, text=True,
                                 timeout=PATIENCE)
            return got.returncode, got.stdout + got.stderr

    FUNCTION = "static int\n%s(int cups)\n{\n    return cups;\n}\n"

    def test_a_short_name(self):
        self.assertEqual(self.check(tea=self.FUNCTION % "add_tea")[0], 0)
        code, said = self.check(tea="/* Tea. */\n" + self.FUNCTION % "brew")
        self.assertEqual(code, 1)
        self.assertIn("src/tea.c:3: brew has fewer than 6 letters\n", said)

    def test_a_name_that_stands_twice(self):
        code, said = self.check(green=self.FUNCTION % "add_tea", black="static inline " + self.FUNCTION[7:] % "add_tea")
        self.assertEqual(code, 1)
        self.assertIn("src/black.c:2: add_tea is the name of another static function as well: src/green.c:2\n", said)

    def test_declarations_calls_and_tables_are_no_functions(self):
        text = "static int\nbrew(int cups);\nstatic int cups[] = {\n    brew(1),\n};\n"
        self.assertEqual(self.check(tea=self.FUNCTION % "add_tea" + text)[0], 0)

    def test_a_tree_without_functions_is_no_tree(self):
        self.assertEqual(self.check()[0], 1)


class Torn(unittest.TestCase):
    def check(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".c", prefix="ircd-test-") as f:
            f.write(text)
            f.flush()
            got = subprocess.run([sys.executable, os.path.join(TOP, "tests/torn.py"), f.name], capture_output=True,
                                 text=True, timeout=PATIENCE)
        return got.returncode, got.stdout

    def test_a_declaration_that_a_comment_has_split(self):
        for text in ("struct x {\n    struct host *\n        host; /* of the client */\n};\n",
                     "#define LIMIT \\\n    20 /* bytes */\n"):
            code, said = self.check(text)
            self.assertEqual(code, 1, text)
            self.assertIn("torn declarations: 1\n", said)

    def test_whole_declarations(self):
        for text in ("struct x {\n    struct host *host; /* of the client */\n};\n",
                     "/* Of the client. */\nstatic struct host *host;\n",
                     "static const char *const names[] = {\n    \"a\", /* first */\n    \"b\", /* second */\n};\n"):
            self.assertEqual(self.check(text), (0, "torn declarations: 0\n"), text)

    def test_without_arguments_it_reads_the_tree_from_any_directory(self):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as folder:
            for directory, text in ("tests", None), ("src", "#define LIMIT \\\n    20 /* bytes */\n"):
                os.mkdir(os.path.join(folder, directory))
                if text is not None:
                    with open(os.path.join(folder, directory, "tea.c"), "w") as f:
                        f.write(text)
            shutil.copy(os.path.join(TOP, "tests/torn.py"), os.path.join(folder, "tests"))
            got = subprocess.run([sys.executable, os.path.join(folder, "tests/torn.py")], cwd="/", capture_output=True,
                                 text=True, timeout=PATIENCE)
            self.assertEqual(got.returncode, 1)
            self.assertIn("src/tea.c:1: ", got.stdout)


class Copy(unittest.TestCase):
    """A copy of what the checks of documents read, in a repository of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ircd-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_check(self, *command):
        got = subprocess.run([os.path.join(self.folder, command[0]), *command[1:]], capture_output=True, text=True,
                             timeout=PATIENCE)
        return got.returncode, got.stdout + got.stderr


class Citations(Copy):
    def setUp(self):
        super().setUp()
        for directory in "tests/e2e", "src", "contrib":
            os.makedirs(os.path.join(self.folder, directory))
        self.write("tests/e2e/install_test.py", "")  # the check itself names it
        shutil.copy(os.path.join(TOP, "tests/check-citations.py"), os.path.join(self.folder, "tests"))
        self.write("contrib/POLICY.md", "# Policy\n\n## 1. Prices\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as f:
            f.write(text)

    def check(self, name, text):
        self.write(name, text)
        got = self.run_check("tests/check-citations.py")
        os.remove(os.path.join(self.folder, name))
        return got

    def test_a_file_that_is_there(self):
        for name, text in (("src/tea.c", "/* contrib/POLICY.md 1, tea.c */\n"), ("contrib/TEA.md", "[x](POLICY.md), src/NAME.c"),
                           ("src/cup.c", 'char *a = "absent.c";\n')):
            self.assertEqual(self.check(name, text), (0, ""), name)

    def test_a_file_or_a_section_that_is_not_there_is_named_with_its_place(self):
        for name, text, said in (
                ("src/tea.c", "int a;\n/* See policy.md. */\n", "src/tea.c:2: names policy.md, which is not there\n"),
                ("src/tea.def", "/* src/absent.c */\n", "src/tea.def:1: names src/absent.c, "),
                ("contrib/TEA.md", "x\n\nsrc/absent.c\n", "contrib/TEA.md:3: names src/absent.c, "),
                ("tests/tea.py", "\x23 absent.sh\n", "tests/tea.py:1: names absent.sh, "),
                ("src/tea.h", "/* contrib/POLICY.md 2 */\n", "src/tea.h:1: names section 2 of contrib/POLICY.md, "),
                ("contrib/TEA.md", "(contrib/POLICY.md 3)\n", "contrib/TEA.md:1: names section 3 of contrib/POLICY.md, ")):
            code, got = self.check(name, text)
            self.assertEqual(code, 1, name)
            self.assertIn(said, got)

    def test_a_tree_that_git_does_not_list_has_not_passed(self):
        subprocess.run(["git", "init", "-q", self.folder], check=True)
        self.write(".git/info/exclude", "*\n")
        code, said = self.check("src/tea.c", "/* absent.c */\n")
        self.assertEqual(code, 1)
        self.assertIn("nothing was checked", said)


class Changelog(Copy):
    """The tree without its build and its corpus, with another CHANGELOG.md."""

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(TOP, "CHANGELOG.md")) as f:
            cls.text = f.read()

    def test_the_form(self):
        files = subprocess.run(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "--", ".", ":!tests/fuzz/corpus"],
                               capture_output=True, text=True, check=True).stdout.split("\n")
        for name in (name for name in files if os.path.isfile(os.path.join(TOP, name))):
            os.makedirs(os.path.dirname(os.path.join(self.folder, name)) or ".", exist_ok=True)
            shutil.copy(os.path.join(TOP, name), os.path.join(self.folder, name))
        change = "### Changed\n\n- "
        for wrong, place, said in (
                ("### Changed\n\nno sign\n- ", ":no sign\n", "each change begins with"),
                ("### Changed\n\n* ", ":* ", "each change begins with"),
                ("### Changed\n\n  more\n- ", ":  more\n", "one change is one line"),
                ("### Changed\n\n- " + 130 * "x", ":- xxx", "one change is one line"),
                ("### News\n\n- ", ":### News\n", "the parts of a release are"),
                ("## 9.0\n\n### Changed\n\n- ", ":## 9.0\n", "a release is")):
            with open(os.path.join(self.folder, "CHANGELOG.md"), "w") as f:
                f.write(self.text.replace(change, wrong, 1))
            code, got = self.run_check("tests/check-docs.sh", irc.BINARY)
            self.assertEqual(code, 1, wrong)
            self.assertRegex(got, r"(?m)^\d+%s" % re.escape(place))
            self.assertIn("CHANGELOG.md: " + said, got)


if __name__ == "__main__":
    irc.main()
