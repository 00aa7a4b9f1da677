#!/bin/sh
# The documents say what the program does: the sample configuration is --print-config's output,
# the tables of README.md and contrib/*.md are those made of the rows, versions agree, and comments are in
# plain English. Usage: check-docs.sh IRCD
set -eu
cd "$(dirname "$0")/.."
ircd=$1
bad=0

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"$ircd" -c conf/ircd.conf -t >/dev/null || bad=1

documents=$(tests/readme-tables.sh "$ircd" "$tmp") || bad=1
for document in $documents; do
    cmp -s "$tmp/$document" "$document" && continue
    echo "$document: it is out of date; run: make readme"
    diff -u "$document" "$tmp/$document" | head -20
    bad=1
done
# The numerics of CONFORMANCE.md are those that are sent.
sed -n 's/^#define \(\(RPL\|ERR\)_[A-Z0-9_]*\) .*/\1/p' include/proto/numeric.h | sort >"$tmp/numerics"
grep -rhow '\(RPL\|ERR\)_[A-Z0-9_]*' src | sort -u | comm -23 "$tmp/numerics" - >"$tmp/unsent"
[ ! -s "$tmp/unsent" ] || { echo "no source sends these numerics:"; cat "$tmp/unsent"; bad=1; }
tests/check-citations.py || bad=1
tests/check-words.py || bad=1
# The manual pages render without a warning of groff or mandoc. The pages that they name need not be installed here.
for page in contrib/*.[578]; do
    groff -ww -mandoc -Tutf8 "$page" 2>"$tmp/lint" >/dev/null || echo "groff has failed" >>"$tmp/lint"
    mandoc -T lint "$page" >"$tmp/mandoc" 2>&1 || [ $? -le 1 ] || echo "mandoc has failed" >>"$tmp/lint"
    grep -v 'STYLE: referenced manual not found: Xr ircd' "$tmp/mandoc" >>"$tmp/lint" || true
    [ ! -s "$tmp/lint" ] || { echo "$page: does not render cleanly:"; head -5 "$tmp/lint"; bad=1; }
done
# Each document is short enough to be read, and each link inside of the tree leads somewhere.
[ "$(wc -l <README.md)" -lt 200 ] || { echo "README.md has 200 lines or more; the place of details is contrib/"; bad=1; }
for document in README.md contrib/*.md; do
    for link in $(grep -o ']([^)#:]*' "$document" | cut -c3-); do
        [ -e "$(dirname "$document")/$link" ] || { echo "$document: $link is not there"; bad=1; }
    done
done

# HELP MODERATION and contrib/MODERATING.md show the same aliases.
sed -n 's/^ *"\(\/alias .*\)",$/\1/p' src/cmd/server/help.c >"$tmp/help"
grep '^/alias ' contrib/MODERATING.md | cmp -s - "$tmp/help" ||
    { echo "contrib/MODERATING.md: its /alias lines are not those of HELP MODERATION (src/cmd/server/help.c)"; bad=1; }

version=$("$ircd" -V | sed 's/^ircd[- ]*\([0-9.]*\).*/\1/;q')
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md has no section for $version"; bad=1; }
debian=$(sed -n '1s/^ircd-policy (\([0-9.]*\)-[0-9.]*) .*/\1/p' contrib/debian/changelog)
[ "$debian" = "$version" ] || { echo "contrib/debian/changelog begins with version $debian, and the program is $version"; bad=1; }
grep -n '^## ' CHANGELOG.md | grep -vE ':## (Unreleased|[0-9.]+ - [0-9]{4}-[0-9]{2}-[0-9]{2})$' &&
    { echo "CHANGELOG.md: a release is '## VERSION - YYYY-MM-DD'"; bad=1; }
grep -n '^### ' CHANGELOG.md | grep -vE ':### (Added|Changed|Fixed|Security)$' &&
    { echo "CHANGELOG.md: the parts of a release are Added, Changed, Fixed and Security"; bad=1; }
grep -nE '^ |.{131}' CHANGELOG.md && { echo "CHANGELOG.md: one change is one line"; bad=1; }
awk '/^## / { part = 0 } part && !/^(- .*)?$/ && !/^### / { print NR ":" $0; found = 1 } /^### / { part = 1 } END { exit !found }' \
    CHANGELOG.md && { echo "CHANGELOG.md: each change begins with '- '"; bad=1; }
grep -q '`make deps run`' README.md || { echo "README.md does not name 'make deps run'"; bad=1; }
grep -q '`make deps-check check`' README.md || { echo "README.md does not name 'make deps-check check'"; bad=1; }
for option in $("$ircd" --help | grep -o -- '--[a-z-]*' | sort -u); do
    grep -q -- "$option" contrib/ircd.8 || grep -q -- "$(echo "$option" | sed 's/-/\\\\-/g')" contrib/ircd.8 ||
        grep -qE -- "Fl.*$(echo "$option" | sed 's/^--//')" contrib/ircd.8 ||
        { echo "contrib/ircd.8 does not name $option"; bad=1; }
done
[ $bad = 0 ] && echo "documents: fine"
exit $bad
