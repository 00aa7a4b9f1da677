"""The environment changes no test and no build. Each variable that a test reads has the prefix
IRCD_TEST_, make takes its own variables from the command line alone, and the tree may lie anywhere.

usage: environment_test.py BINARY [test…]
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import irc

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "../.."))
# Names that mean the same to every program: where programs and temporary files are, which compiler, which make.
COMMON = {"PATH", "CC", "GCC", "MAKE", "TMPDIR", "OPENSSL_CONF"}
# How a C source, a Python program and a shell script read a variable; the last one if it may be missing.
READS = {
    ".c": r'getenv\("(\w+)"\)',
    ".py": r'environ(?:\.get\(|\[)"(\w+)"|"(\w+)" (?:not )?in os\.environ',
    ".sh": r"\$\{([A-Z]\w*):?[-+=?]",
}
FOREIGN = ("LIMIT", "ROUNDS", "ROWS", "SERVERS", "PEERS", "PACE", "COMMANDS", "RELOADS", "ATTACK", "SEED", "VERBOSE",
           "POINTS", "SHOT", "KEEP", "NAMES", "TARGETS", "SECONDS", "BOX_DIR", "MODEL_SEED", "MODEL_AUDIT",
           "FAIL_AT", "FAIL_FOR", "COUNT_TO", "SLOW_SYNC", "SLOW_WRITE", "ACCEPT_FAULT",
           "V", "SAN", "WERROR", "VALGRIND", "ARGS", "SUITE", "TEST", "GDB", "JOBS")


def environment(**more):
    """Without what the make that runs this test has left there, which make takes for its own command line."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k not in FOREIGN}
    return dict(kept, **more)


class Environment(unittest.TestCase):
    def test_each_variable_that_a_test_reads_has_the_prefix(self):
        read = 0
        for path in glob.glob(os.path.join(TOP, "tests/**/*"), recursive=True):
            pattern = READS.get(os.path.splitext(path)[1])
            if not pattern:
                continue
            with open(path, encoding="utf-8") as f:
                names = {"".join(x) for x in re.findall(pattern, f.read())}
            for name in names - COMMON:
                read += 1
                self.assertTrue(name.startswith("IRCD_TEST_"), "%s reads %s" % (os.path.relpath(path, TOP), name))
        self.assertGreater(read, 20, "the sources were not read")

    def test_foreign_variables_change_no_test(self):
        done = subprocess.run([os.path.join(HERE, "run.sh"), irc.BINARY, os.path.join(HERE, "bench_report_test.py")],
                              env=environment(**{name: "0x" for name in FOREIGN}), capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\Abench_report_test: \d+ passed, 0 failed\n\Z")

    def test_a_place_that_no_other_user_can_reach_changes_no_test(self):
        """As in a clone below /root: with blanks in its name, started there, and with standard input closed."""
        with tempfile.TemporaryDirectory(prefix="ircd test ") as place:
            binary = shutil.copy(irc.BINARY, place)
            os.chmod(binary, 0o700)
            for program, tests in (
                    ("sandbox_test", ["test_the_user_is_changed_and_owns_the_data",
                                      "test_a_directory_of_another_user_is_an_error"]),
                    ("bans_file_test", ["test_a_directory_that_cannot_be_written_is_dumped_as_it_is"])):
                command = [sys.executable, os.path.join(HERE, program + ".py"), binary, *tests]
                done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command], cwd=place, timeout=60, text=True,
                                      env=environment(TMPDIR=place), capture_output=True)
                self.assertEqual(done.stdout, "%s: %d passed, 0 failed\n" % (program, len(tests)), done.stderr)

    def commands(self, *arguments, **more):
        done = subprocess.run(["make", "-nB", "-C", TOP, *arguments], env=environment(**more), capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.sub(" +", " ", done.stdout)

    def test_foreign_variables_change_no_build(self):
        for goal in "all", "crash", "soak", "bench", "defences", "fuzz", "run":
            usual = self.commands(goal)
            self.assertTrue(self.commands(goal, **{name: "7" for name in FOREIGN}) == usual, goal)

    def test_the_command_line_reaches_the_tests(self):
        for arguments, said in (
                (["bench", "ROWS=idle state", "ROUNDS=1"], "IRCD_TEST_ROUNDS='1' IRCD_TEST_ROWS='idle state' tests/bench/run.sh"),
                (["soak", "COMMANDS=5", "RELOADS=0"], "IRCD_TEST_COMMANDS='5' IRCD_TEST_RELOADS='0' tests/soak.sh"),
                (["crash", "ROUNDS=7"], "tests/e2e/crash.sh 7 "),
                (["test", "SUITE=glob", "TEST=star", "GDB=1"], "IRCD_TEST_GDB='1' tests/test.sh build 'glob' 'star'"),
                (["all", "SAN=thread"], "-fsanitize=thread"),
                (["check"], "-Werror")):
            self.assertTrue(said in self.commands(*arguments), arguments)

    def test_compile_commands_have_each_file_also_a_new_one(self):
        with tempfile.TemporaryDirectory(prefix="ircd test ") as place:
            for name in "GNUmakefile", "src", "include", "tests":
                copy = shutil.copytree if os.path.isdir(os.path.join(TOP, name)) else shutil.copy
                copy(os.path.join(TOP, name), os.path.join(place, name))
            for name in None, "src/base/tea.c":
                if name is not None:
                    with open(os.path.join(place, name), "w") as f:
                        f.write("int tea;\n")
                subprocess.run(["make", "-C", place, "compile_commands.json"], check=True, env=environment(), timeout=60,
                               stdout=subprocess.DEVNULL)
                with open(os.path.join(place, "compile_commands.json")) as f:
                    rows = json.load(f)
                files = {row["file"] for row in rows}
                self.assertEqual({os.path.relpath(path, place) for path in glob.glob(place + "/src/**/*.c", recursive=True)} - files,
                                 set())
                self.assertEqual([name for name in files if not os.path.isfile(os.path.join(place, name))], [])
            os.makedirs(os.path.join(place, "build/src/base"), exist_ok=True)
            row = [row for row in rows if row["file"] == name][0]
            subprocess.run(row["command"], shell=True, cwd=row["directory"], check=True, timeout=60)


if __name__ == "__main__":
    irc.main()
