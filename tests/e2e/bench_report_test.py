"""The report of `make bench`: medians, ratios, and the rows that failed; and the arguments that it refuses.

usage: bench_report_test.py BINARY [test…]
"""
import json
import os
import subprocess
import tempfile
import unittest

import irc

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench")
ROWS = """fan-out ns 1.25 0 0 all-paired load
crowd ns 1.2 0 0 all-based load
churn ns 0 40 3000 all load
"""


class Report(unittest.TestCase):
    def report(self, *runs, rows="fan-out crowd churn", servers="floor ircd"):
        with tempfile.TemporaryDirectory() as place:
            paths = [os.path.join(place, name) for name in ("rows", "runs")]
            for path, text in zip(paths, (ROWS, "".join(run + "\n" for run in runs))):
                with open(path, "w") as f:
                    f.write(text)
            done = subprocess.run(
                ["awk", "-f", os.path.join(BENCH, "report.awk"), "-v", "rounds=3", "-v",
                 "servers=" + servers, "-v", "rows=" + rows, *paths], capture_output=True, text=True)
        said = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if said["pass"] else 1, done.stderr)
        return {row["row"]: row for row in said["rows"]}, said["pass"]

    def test_a_paired_ratio_is_the_median_of_the_runs_own(self):
        rows, passed = self.report(
            "ircd fan-out ns 10 1000 5 7 100 8 9",   # 1.0
            "ircd fan-out ns 10 2400 5 7 200 8 9",   # 1.2: a slow second for both
            "ircd fan-out ns 10 1300 5 7 100 8 9",   # 1.3
            rows="fan-out")
        row = rows["fan-out"]
        self.assertTrue(passed)
        self.assertEqual(row["ratio"], 1.2)
        self.assertEqual(row["servers"]["ircd"]["ratios"], [1.0, 1.2, 1.3])
        self.assertEqual(row["servers"]["ircd"]["median"], 130)
        floor = row["servers"]["floor"]
        self.assertEqual((floor["runs"], floor["median"]), ([100, 200, 100], 100))
        self.assertEqual((floor["wall_ms"], floor["reads"]), (8, 9))

    def test_a_base_is_the_servers_own_and_not_the_floors(self):
        rows, passed = self.report("floor crowd ns 10 5000 5 7 100 8 9", "ircd crowd ns 10 1250 5 7 100 8 9",
                                   rows="crowd")
        self.assertFalse(passed)
        self.assertEqual(rows["crowd"]["ratio"], 1.25)
        self.assertEqual(rows["crowd"]["servers"]["ircd"]["bases"], [100])
        self.assertEqual(rows["crowd"]["servers"]["floor"]["runs"], [500])

    def test_the_floor_of_a_paired_row_is_the_one_beside_ircd(self):
        runs = "ircd fan-out ns 10 1000 5 7 100 8 9", "inspircd fan-out ns 10 9000 5 7 300 8 9"
        for servers, floors in (("floor ircd inspircd", [100]), ("floor inspircd", [100, 300])):
            rows, _ = self.report(*runs, rows="fan-out", servers=servers)
            self.assertEqual(rows["fan-out"]["servers"]["floor"]["runs"], floors)

    def test_a_limit_of_its_own(self):
        for cost, milliseconds, passes in ((400, 3000, True), (401, 3000, False), (400, 3001, False)):
            rows, passed = self.report("floor churn ns 10 200 9 9", f"ircd churn ns 10 {cost} {milliseconds} 9",
                                       rows="churn")
            self.assertEqual(passed, passes, rows)

    def test_what_was_not_measured_has_not_passed(self):
        good = "ircd churn ns 10 300 9 9"
        for bad in ("ircd churn FAIL", "floor churn FAIL", "ircd churn ns 0 300 9 9", "ircd churn ns 10 0 9 9"):
            rows, passed = self.report(good, bad, rows="churn")
            self.assertFalse(passed, bad)
        for bad in ("ircd fan-out ns 10 1000 5 7", "ircd fan-out ns 10 1000 5 7 0 8 9", "ircd fan-out FAIL"):
            rows, passed = self.report("ircd fan-out ns 10 1000 5 7 100 8 9", bad, rows="fan-out")
            self.assertFalse(passed, bad)
            self.assertEqual(rows["fan-out"]["servers"]["ircd"]["failed"], 1)
        self.assertFalse(self.report(good, rows="churn crowd")[1], "no run at all")

    def test_what_a_server_does_not_offer_is_no_failure(self):
        rows, passed = self.report("ircd churn ns 10 300 9 9", "floor churn NONE", rows="churn")
        self.assertTrue(passed)
        self.assertEqual(rows["churn"]["servers"]["floor"], {"median": None, "failed": 0})


class Arguments(unittest.TestCase):
    def test_bad_ones_are_refused_by_name(self):
        for name, value, said in (("IRCD_TEST_ROUNDS", "x", "IRCD_TEST_ROUNDS is 'x'; expected a number from 1"),
                                  ("IRCD_TEST_ROUNDS", "0", "IRCD_TEST_ROUNDS is '0'; expected a number from 1"),
                                  ("IRCD_TEST_SERVERS", "ircd hybrid", "there is no server 'hybrid'; expected floor, ircd")):
            done = subprocess.run([os.path.join(BENCH, "run.sh"), "."], env={**os.environ, name: value},
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    irc.main()
