#!/bin/sh
# usage: run.sh [NAME…]
# Takes out one defence at a time, and its test must fail then. NAME.patch beside this script takes
# NAME out; its first line names the test:
#
#   # test: tests/e2e/NAME_test.py [TEST…]    the whole program, or those tests of it
#   # test: tests/e2e/crash.py MODE ROUNDS SECONDS
#   # test: unit SUITE… | shell SUITE…
#
# Every test must pass on the tree as it is, and fail by its own judgement (not by a crash of the
# test, nor a timeout) on the tree without the defence. All of it happens on a copy of the tree, in
# one build directory, so that a try compiles a file or two. IRCD_TEST_VERBOSE=1 shows what the tests say.
set -u
cd "$(dirname "$0")/../.." || exit 2
here=tests/defences
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
tree=$work/tree obj=$work/obj log=$work/log
export PYTHONDONTWRITEBYTECODE=1 GIT_CEILING_DIRECTORIES="$work"
ulimit -f 2097152 # a store without its defences may write for ever

die() {
	echo "defences: $*" >&2
	exit 2
}

names=$*
if [ $# -eq 0 ]; then
	names=$(cd "$here" && ls ./*.patch | sed 's|^\./||; s|\.patch$||')
fi
for name in $names; do
	[ -r "$here/$name.patch" ] || die "there is no $here/$name.patch"
	head -n 1 "$here/$name.patch" | grep -Eq '^# test: (unit|shell) .|^# test: tests/e2e/[a-z_]+\.py' ||
		die "$here/$name.patch names no test in its first line"
done

mkdir "$tree" || exit 2
git ls-files -co --exclude-standard | while read -r file; do
	[ -e "$file" ] && echo "$file"
done | tar -cf - -T - | tar -xf - -C "$tree" || exit 2

test_of() { head -n 1 "$here/$1.patch" | sed 's/^# test: //'; }

# Builds what TEST needs in the copied tree; the output of make in $log.
build() {
	case $1 in
	unit\ *) goal=$obj/tests/unit-tests ;;
	shell\ *) goal=$obj/tests/shell-tests ;;
	*) goal=$obj/ircd ;;
	esac
	make -C "$tree" -j"$(nproc)" B="$obj" "$goal" >"$log" 2>&1
}

# Runs TEST: 0 passed, 1 failed as tests fail, any other code is a broken run; its output is in $log.
run() {
	set -f
	set -- $1
	set +f
	kind=$1
	shift
	case $kind in
	unit | shell) (cd "$tree" && timeout -k 5 120 "$obj/tests/$kind-tests" "$@") >"$log" 2>&1 ;;
	*/crash.py) timeout -k 5 180 /usr/bin/python3 "$tree/$kind" "$@" "$obj/ircd" >"$log" 2>&1 ;;
	*) timeout -k 5 120 /usr/bin/python3 "$tree/$kind" "$obj/ircd" "$@" >"$log" 2>&1 ;;
	esac
	code=$?
	[ -z "${IRCD_TEST_VERBOSE:-}" ] || cat "$log"
	[ $code -ne 1 ] && return $code
	# A script that cannot run ends with 1, too.
	case $kind in
	unit | shell) grep -Eq '^ +asserts .*[1-9][0-9]* +n/a$' "$log" ;;
	*/crash.py) true ;;
	*) tail -n 1 "$log" | grep -Eq '^[a-z_]+: [0-9]+ passed, [1-9][0-9]* failed$' ;;
	esac || return 3
	return 1
}

failed=0 tested='|'
for name in $names; do
	test=$(test_of "$name")
	case $tested in *"|$test|"*) continue ;; esac
	tested="$tested$test|"
	build "$test" || { cat "$log"; die "the tree does not build"; }
	run "$test" && continue
	tail -n 40 "$log"
	echo "defences: $test does not pass on the tree as it is"
	failed=1
done
[ $failed -eq 0 ] || exit 1

# The files of a patch, restored, are newer than what was made of them without the defence.
for name in $names; do
	test=$(test_of "$name") patch=$PWD/$here/$name.patch
	(cd "$tree" && git apply "$patch") || die "$here/$name.patch does not apply"
	build "$test" || { cat "$log"; die "the tree does not build without $name"; }
	run "$test"
	code=$?
	if [ $code -eq 1 ]; then
		echo "defence $name: seen by $test"
	else
		failed=1
		tail -n 20 "$log"
		echo "defence $name: NOT SEEN by $test (exit code $code)"
	fi
	(cd "$tree" && git apply -R "$patch") || exit 2
done
exit $failed
