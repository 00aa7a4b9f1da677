"""The report of `make bench`: medians, ratios, and the rows that failed; the arguments that it refuses; the rows that
are compared with InspIRCd where it is not installed.

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
tls-idle bytes/client 0 15872 0 servers tls
tls-fan-out ns/delivery 1.25 0 0 servers-based tls
tls-handshake ns/handshake 1.15 0 0 servers-based tls
tls-burst ns/p99 0 100000000 0 servers tls
tls-hold ns/p99 0 20000000 0 servers load
latency ns/p99 0 5000 0 peers-over latency
huge ns/p99 0 5000 0 servers-over latency
"""
STUBS = {
    "bench/load": 'case $1 in -l) for i in 1 2 3 4; do echo "row$i ns 0 0 0 all"; done;; -p) echo $$;; esac',
    "bench/latency": 'case $1 in -l) echo "latency ns/p99 0 5000 0 peers-over";; *) echo "latency ns/p99 1 9 5 0 9 5 0 9 9";; esac',
    "bench/floor": "exec sleep 10", "ircd": "exec sleep 10", "bench/bans": "", "bench/storm": "", "bench/tls": "", "bench/web": "",
}


def latency(server, p99, p50, floor=(1000, 500), lines=800):
    return f"{server} latency ns/p99 {lines} {lines * p99} 4400 0 {floor[0]} 4401 0 {p50} {floor[1]}"


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

    def test_the_gates_of_rows_over_tls(self):
        for row, good, bad in (
                ("tls-idle", "ircd tls-idle bytes/client 10 158720 9 0", "ircd tls-idle bytes/client 10 158730 9 0"),
                ("tls-hold", "ircd tls-hold ns/p99 10 200000000 9 0", "ircd tls-hold ns/p99 10 200000010 9 0"),
                ("tls-burst", "ircd tls-burst ns/p99 10 1000000000 9 0", "ircd tls-burst ns/p99 10 1000000010 9 0"),
                ("tls-fan-out", "ircd tls-fan-out ns 10 1250 9 0 100 9 0", "ircd tls-fan-out ns 10 1251 9 0 100 9 0"),
                ("tls-handshake", "ircd tls-handshake ns 10 1150 9 0 100 9 0",
                 "ircd tls-handshake ns 10 1151 9 0 100 9 0")):
            self.assertTrue(self.report(good, rows=row)[1], row)
            self.assertFalse(self.report(bad, rows=row)[1], row)
            self.assertFalse(self.report(good, f"ircd {row} FAIL", rows=row)[1], row)

    def test_a_latency_may_be_so_much_over_the_floors(self):
        for p99, p50, passes in ((6000, 5500, True), (6001, 500, False), (1000, 5501, False), (900, 400, True)):
            rows, passed = self.report(latency("ircd", p99, p50), rows="latency")
            self.assertEqual(passed, passes, (p99, p50))
            of = rows["latency"]["servers"]["ircd"]
            self.assertEqual((of["median"], of["p50"], of["over"], of["p50_over"]), (p99, p50, [p99 - 1000], [p50 - 500]))
            floor = rows["latency"]["servers"]["floor"]
            self.assertEqual((floor["median"], floor["p50"], floor["wall_ms"]), (1000, 500, 4401))
            self.assertEqual(rows["latency"]["limits"], {"over": 5000})

    def test_a_latency_over_the_floors_is_the_median_of_the_runs_own(self):
        runs = [latency("ircd", 2000, 600), latency("ircd", 90000, 80000, (89000, 79000)), latency("ircd", 9000, 9000)]
        rows, passed = self.report(*runs, rows="latency")
        self.assertEqual(rows["latency"]["servers"]["ircd"]["over"], [1000, 1000, 8000])
        self.assertEqual(rows["latency"]["servers"]["ircd"]["p50_runs"], [600, 80000, 9000])
        self.assertTrue(passed)

    def test_a_latency_is_not_above_inspircds(self):
        of_peer, servers = latency("inspircd", 3000, 2000), "floor ircd inspircd"
        for p99, p50, passes in ((3999, 2999, True), (4000, 2999, False), (3999, 3000, False)):  # by less than 1,000
            rows, passed = self.report(latency("ircd", p99, p50), of_peer, rows="latency", servers=servers)
            self.assertEqual(passed, passes, (p99, p50))
            self.assertEqual(rows["latency"]["servers"]["floor"]["runs"], [1000], "the floor beside ircd")
            self.assertEqual(rows["latency"]["limits"], {"over": 5000, "below": "inspircd"})
        for floor, passes in (((1000, 500), False), ((3001, 1501), True), ((3000, 1501), False), ((3001, 1500), False)):
            slow_minute = latency("ircd", 6000, 4000, floor)  # the peer is 2,000 and 1,500 above its floor
            self.assertEqual(self.report(slow_minute, of_peer, rows="latency", servers=servers)[1], passes, floor)
        good = latency("ircd", 900, 400)
        self.assertFalse(self.report(good, rows="latency", servers=servers)[1], "not measured")
        for bad in ("inspircd latency FAIL", "ircd latency FAIL", "inspircd latency ns/p99 800 9 5 0 7 5 0",
                    "inspircd latency ns/p99 800 9 5 0 7 5 0 9 0"):
            self.assertFalse(self.report(good, of_peer, bad, rows="latency", servers=servers)[1], bad)
        rows, passed = self.report(good.replace("latency", "huge"), rows="huge", servers=servers)
        self.assertTrue(passed, "a row that is compared with the floor only")


class WithoutInspircd(unittest.TestCase):
    """run.sh with programs that measure nothing, where there is no inspircd."""

    def bench(self, **environment):
        with tempfile.TemporaryDirectory() as place:
            os.mkdir(os.path.join(place, "bench"))
            for name, text in STUBS.items():
                with open(os.path.join(place, name), "w") as f:
                    f.write("#!/bin/sh\n%s\n" % text)
                os.chmod(f.name, 0o755)
            for name in ("run.sh", "report.awk"):
                with open(os.path.join(BENCH, name)) as f, open(os.path.join(place, name), "w") as copy:
                    copy.write(f.read().replace("/usr/sbin", "/nowhere"))
            return subprocess.run(["sh", os.path.join(place, "run.sh"), place], capture_output=True, text=True, timeout=60, env={
                "PATH": "/usr/bin:/bin", "IRCD_TEST_ROUNDS": "2", "IRCD_TEST_ROWS": "latency", **environment})

    def test_a_comparison_that_cannot_be_made_fails_and_says_so(self):
        done = self.bench()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr.count("bench: inspircd is not installed, so latency cannot be compared with it"), 1)
        row = json.loads(done.stdout)["rows"][0]
        self.assertEqual(row["servers"]["inspircd"], {"median": None, "failed": 1})
        self.assertEqual(row["servers"]["ircd"]["runs"], [9, 9])
        self.assertFalse(row["pass"])

    def test_the_servers_can_leave_it_out(self):
        done = self.bench(IRCD_TEST_SERVERS="floor ircd")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("inspircd", done.stderr + done.stdout)


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
