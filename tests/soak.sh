#!/bin/sh
# usage: soak.sh BUILD_DIR
# The long versions of four tests that `make check` runs in short, one after the other:
#
#   IRCD_TEST_COMMANDS=1000000  random commands, played to the server and to a plain model of it
#   IRCD_TEST_RELOADS=10000     by REHASH and by SIGHUP, half of them broken
#   IRCD_TEST_RECORDS=2000000   stored in one store and read back (1 GB of memory, 1 GB in $TMPDIR, a short path)
#   IRCD_TEST_ATTACK=25         the rounds of tests/e2e/attack_*_test.py, as many times as usual
#
# A closing line for each, with its seconds; 0 for a number leaves the part out. Exit 1 if one has
# failed. IRCD_TEST_ATTACK_SECONDS=600 is the most that one program of attacks may take.
set -u
[ $# -eq 1 ] && [ -x "$1/ircd" ] && [ -x "$1/tests/unit-tests" ] || { echo "usage: $0 BUILD_DIR" >&2; exit 2; }
build=$1
e2e=$(dirname "$0")/e2e
commands=${IRCD_TEST_COMMANDS:-1000000} reloads=${IRCD_TEST_RELOADS:-10000} attack=${IRCD_TEST_ATTACK:-25}
records=${IRCD_TEST_RECORDS:-2000000}
unset IRCD_TEST_RECORDS IRCD_TEST_COMMANDS IRCD_TEST_RELOADS IRCD_TEST_ATTACK
export PYTHONDONTWRITEBYTECODE=1
failed=0

# part WHAT COMMAND…
part() {
	what=$1 begun=$(date +%s)
	shift
	if "$@"; then
		echo "soak: $what: passed in $(($(date +%s) - begun)) s"
	else
		failed=1
		echo "soak: $what: FAILED"
	fi
}

model() {
	IRCD_TEST_MODEL_COMMANDS=$commands "$build/tests/unit-tests" model
}

reload() {
	IRCD_TEST_RELOADS=$reloads IRCD_TEST_LIMIT=600 /usr/bin/python3 "$e2e/attack_restart_test.py" "$build/ircd" \
		test_a_thousand_times_half_of_them_broken
}

records() {
	IRCD_TEST_DIR=$box IRCD_TEST_RECORDS=$records "$build/tests/shell-tests" store_many
	result=$?
	rm -rf "$box"
	return $result
}

attacks() {
	IRCD_TEST_ATTACK=$attack IRCD_TEST_LIMIT=${IRCD_TEST_ATTACK_SECONDS:-600} "$e2e/run.sh" "$build/ircd" "$e2e"/attack_*_test.py
}

[ "$commands" -eq 0 ] || part "$commands commands against the model" model
[ "$reloads" -eq 0 ] || part "$reloads reloads, half of them broken" reload
if [ "$records" -gt 0 ]; then
	box=$(mktemp -d) || exit 2
	part "$records records in one store" records
fi
[ "$attack" -eq 0 ] || part "attacks, $attack times as long" attacks
exit $failed
