#!/bin/sh
# tests/bench/run.sh BUILD_DIR: the costs of ircd, beside the smallest server that does the same.
#
# Each row of load.c runs several times, the servers in turn, each time a fresh process; where a short
# talk can be repeated, the floor runs beside each server and the two take turns within the run. The
# rows of bans.c, storm.c and web.c, with 100,000 bans in the store, are of ircd alone. In the rows of latency.c
# ircd must also be faster than InspIRCd, so that runs as well: where it is not installed they do not
# pass, unless IRCD_TEST_SERVERS leaves it out. JSON goes to standard output, a table to standard error.
# Exit 0: every row ran and ircd holds its limits; 1: one does not (so without ircd none does); 2:
# nothing could be measured. It ends only what it started, by process id.
#
#   IRCD_TEST_ROUNDS=3               runs of each row; the median counts
#   IRCD_TEST_ROWS="fan-out idle"    these rows instead of all (PROGRAM -l lists them)
#   IRCD_TEST_PEERS=1                ngircd and inspircd as well, where they are installed
#   IRCD_TEST_SERVERS="floor ircd"   exactly these servers, and the floor beside them; the latency is not
#                                    compared with InspIRCd unless it is one of them
set -u

refuse() {
	echo "bench: $1" >&2
	exit 2
}

[ $# -eq 1 ] || { echo "usage: run.sh BUILD_DIR" >&2; exit 2; }
ROUNDS=${IRCD_TEST_ROUNDS:-3}
case $ROUNDS in
*[!0-9]* | 0*) refuse "IRCD_TEST_ROUNDS is '$ROUNDS'; expected a number from 1" ;;
esac
SERVERS=${IRCD_TEST_SERVERS:-floor ircd}
for server in $SERVERS; do
	case $server in
	floor | ircd | ngircd | inspircd) ;;
	*) refuse "there is no server '$server'; expected floor, ircd, ngircd or inspircd" ;;
	esac
done
BESIDE='' # what the rows of latency have beside these
[ -n "${IRCD_TEST_SERVERS:-}" ] || BESIDE=inspircd
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$1" || exit 2
BUILD=. # the names of programs go through word splitting, and the folder may have blanks in its name
LOAD=$BUILD/bench/load
PATH=$PATH:/usr/sbin:/usr/local/sbin
case ${TMPDIR:-} in *[[:space:]]*) unset TMPDIR ;; esac
TMP=$(mktemp -d) || exit 2
SERVER=''
LOADER=''
# A server must not outlive this script, not even when it is killed itself.
LEASH=$(command -v setpriv >/dev/null && echo setpriv --pdeathsig KILL)

stop() {
	for pid in $LOADER $SERVER; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	SERVER=''
	LOADER=''
}
trap 'stop; rm -rf "$TMP"' EXIT
trap 'exit 2' INT TERM HUP
# shellcheck disable=SC3045
ulimit -n "$(ulimit -Hn)"

# A certificate as ircd makes it for itself: pem has it with its key.
make_certificate() {
	[ -e "$TMP/pem" ] && return
	command -v openssl >/dev/null || refuse "the program openssl is missing"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench.localhost \
		-keyout "$TMP/key.pem" -out "$TMP/certificate.pem" 2>/dev/null || refuse "openssl makes no certificate"
	cat "$TMP/key.pem" "$TMP/certificate.pem" >"$TMP/pem"
}

# Each NAME_config PORT DIRECTORY writes DIRECTORY/conf; each NAME_command prints how to start it.
# A row over TLS takes NAME_tls_config: TLS on 127.0.0.1, plain text on 127.0.0.2. A row of WebSocket or
# HTTP takes NAME_ws_config: a web listener on 127.0.0.1, plain text on 127.0.0.2.
floor_config() { :; }
floor_tls_config() {
	make_certificate
	cp "$TMP/pem" "$2/pem"
}
floor_command() { echo "$BUILD/bench/floor $1 $(find "$2" -name pem)"; }

ircd_config() {
	cat >"$2/conf" <<-END
		server { name = "bench.localhost" cloak = false }
		listen "127.0.0.1:$1" { }
		database { path = "$2/data" }
		log { level = "error" }
		limits { clients = 30000 }
		exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood", "strikes", "bans" } }
	END
}
# The same with bans, and without an exempt block.
banned_config() {
	ircd_config "$1" "$2"
	sed -i -e "s|path = .*|path = \"$TMP/bans\" }|" -e 's|, "bans"||' "$2/conf"
}
# The same with a web listener, plain text on 127.0.0.2, and an operator.
web_config() {
	banned_config "$1" "$2"
	serve_web "$1" "$2" '"metrics"'
	echo "oper \"bench\" { password = \"$(echo bench | "$BUILD/ircd" --hash-password)\" hosts = { \"*@*\" } privileges = { \"all\" } }" \
		>>"$2/conf"
}
serve_web() { # PORT DIRECTORY ROLES
	sed -i -e 's|^listen.*|listen "127.0.0.1:'"$1"'" { serves = { '"$3"' } }\nlisten "127.0.0.2:'"$1"'" { }|' "$2/conf"
}
ircd_tls_config() {
	ircd_config "$1" "$2"
	sed -i -e 's|^listen.*|listen "127.0.0.1:'"$1"'" { tls = true }\nlisten "127.0.0.2:'"$1"'" { }|' "$2/conf"
}
ircd_ws_config() {
	ircd_config "$1" "$2"
	serve_web "$1" "$2" '"websocket"'
}
ircd_command() { echo "$BUILD/ircd -c $2/conf"; }

ngircd_config() {
	cat >"$2/conf" <<-END
		[Global]
		Name = bench.localhost
		Info = bench
		Listen = 127.0.0.1
		Ports = $1
		[Limits]
		MaxConnections = 0
		MaxConnectionsIP = 0
		MaxJoins = 0
		MaxPenaltyTime = 0
		MaxListSize = 0
		PingTimeout = 600
		PongTimeout = 600
		[Options]
		DNS = no
		Ident = no
		PAM = no
	END
}
ngircd_command() { echo "ngircd -n -f $2/conf"; }

inspircd_config() {
	mkdir "$2/data" "$2/logs"
	cat >"$2/conf" <<-END
		<config format="xml">
		<server name="bench.localhost" description="bench" network="Bench" id="1AB">
		<admin name="bench" nick="bench" email="bench@bench.localhost">
		<path configdir="$2" datadir="$2/data" logdir="$2/logs" runtimedir="$2">
		<pid file="$2/pid">
		<bind address="127.0.0.1" port="$1" type="clients">
		<connect allow="*" timeout="60" pingfreq="600" threshold="1000000" commandrate="1000000" fakelag="no"
		 softsendq="4194304" hardsendq="8388608" recvq="65536" localmax="30000" globalmax="30000"
		 maxchans="100" resolvehostnames="no" useident="no" maxconnwarn="no">
		<performance softlimit="30000" somaxconn="1024" netbuffersize="65535">
		<options defaultmodes="n" hostintopic="no" splitwhois="no">
		<security userstats="Pu">
		<limits maxnick="31">
		<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="ircd.log">
		<module name="cap"> <module name="ircv3_ctctags">
		<module name="ircv3_servertime"> <module name="ircv3_msgid">
	END
}
inspircd_tls_config() {
	inspircd_config "$1" "$2"
	make_certificate
	sed -i -e 's|^<bind.*|<bind address="127.0.0.1" port="'"$1"'" type="clients" sslprofile="bench">\
			<bind address="127.0.0.2" port="'"$1"'" type="clients">|' "$2/conf"
	cat >>"$2/conf" <<-END
		<module name="ssl_gnutls">
		<sslprofile name="bench" provider="gnutls" certfile="$TMP/certificate.pem" keyfile="$TMP/key.pem">
	END
}
inspircd_command() {
	root=$([ "$(id -u)" = 0 ] && echo --runasroot)
	echo "inspircd --nofork $root --config $2/conf"
}

# The line of one run, as report.awk reads it: the measurements, NONE if the server lacks a feature of
# the row, or FAIL.
result() {
	if [ "$1" = 0 ]; then
		echo "$server $(cat "$TMP/line")" >>"$TMP/results"
	elif [ "$1" = 3 ]; then
		echo "$server $row NONE" >>"$TMP/results"
	else
		echo "$server $row FAIL" >>"$TMP/results"
		echo "$server failed in $row; the end of its log, and of the second server's if there is one:" >&2
		tail -n 5 "$dir"*/log >&2
	fi
}

# One row of bans, which starts what it needs.
measure_bans() {
	server=ircd row=$1 dir=$TMP/alone
	mkdir -p "$dir"
	port=$("$LOAD" -p) || return 1
	banned_config "$port" "$dir"
	set --
	[ "$row" = start ] && set -- "$BUILD/ircd" "$dir/conf" "$port"
	"$BUILD/bench/bans" "$row" "$@" >"$TMP/line" 2>"$dir/log" &
	LOADER=$!
	wait "$LOADER"
	result $?
	LOADER=
}

# Starts a server with that configuration in a new folder, and appends "port pid" to TARGETS.
start() { # SERVER CONFIG FOLDER
	rm -rf "$3"
	mkdir "$3"
	port=$("$LOAD" -p) || return 1
	while echo "$TARGETS" | grep -q "^ $port "; do # of the first, which does not listen yet
		port=$("$LOAD" -p) || return 1
	done
	"$2_config" "$port" "$3"
	# shellcheck disable=SC2046,SC2086
	$LEASH $("$1_command" "$port" "$3") </dev/null >"$3/log" 2>&1 &
	SERVER="$SERVER $!"
	TARGETS="$TARGETS $port $!"
}

# The servers of $row, as load -l has it.
kind() { sed -n "s/^$row .* \(.*\) .*/\1/p" "$TMP/rows"; }

# One row of load, storm or web on one server, or where the row has two on both.
measure() {
	server=$1 row=$2 program=$3 dir=$TMP/$1 TARGETS='' pace=''
	config=$server tls=''
	[ "$server" = ngircd ] && pace=8 # its listen queue has room for ten
	case $program in
	storm) config=banned ;;
	web) config=web ;;
	esac
	case $row in
	tls-*) tls=_tls ;;
	ws-*) tls=_ws ;;
	esac
	if ! command -v "$config${tls}_config" >/dev/null; then
		result 3
		return
	fi
	rm -rf "$dir.second"
	start "$server" "$config$tls" "$dir" || return 1
	case $(kind) in
	*-based) [ "$program" = tls ] || start "$server" "$config$tls" "$dir.second" || return 1 ;;
	*-paired | *-over) start floor "floor$tls" "$dir.second" || return 1 ;;
	esac
	# shellcheck disable=SC2086
	IRCD_TEST_PACE=$pace "$BUILD/bench/$program" "$row" $TARGETS >"$TMP/line" &
	LOADER=$!
	wait "$LOADER"
	result $?
	LOADER=
	stop
}

# A server that the row needs and that is not installed has failed in it.
must_be_there() {
	if [ "$server" != "$BESIDE" ] || command -v "$server" >/dev/null; then
		return
	fi
	echo "bench: $server is not installed, so $row cannot be compared with it; SERVERS='floor ircd' leaves it out" >&2
	echo "$server $row FAIL" >>"$TMP/results"
	return 1
}

if [ "${IRCD_TEST_PEERS:-0}" = 1 ]; then
	for peer in ngircd inspircd; do
		command -v "$peer" >/dev/null && SERVERS="$SERVERS $peer"
	done
fi
case " $SERVERS " in *" inspircd "*) BESIDE='' ;; esac
for program in bench/load bench/floor bench/bans bench/storm bench/web bench/tls bench/latency ircd; do
	[ -x "$BUILD/$program" ] || refuse "$BUILD/$program is missing"
done

# "row unit max_ratio max_value max_ms servers program"; servers: all, servers (not the floor), ircd;
# with "-based" when the ratio is to a second process of the same server, "-paired" when it is to a
# floor that runs beside it, and "-over" (peers: compared with InspIRCd) when max_value is of the difference to that floor: each has its
# turn some times within one run.
{
	"$BUILD/bench/load" -l | sed "s/\$/ load/"
	for program in tls latency; do
		"$BUILD/bench/$program" -l | sed "s/\$/ $program/"
	done
	for program in bans storm web; do
		"$BUILD/bench/$program" -l | sed "s/\$/ 0 ircd $program/"
	done
} >"$TMP/rows"
[ "$(wc -l <"$TMP/rows")" -gt 3 ] || exit 2
: >"$TMP/results"
ROWS=${IRCD_TEST_ROWS:-$(cut -d' ' -f1 "$TMP/rows")}
for row in $ROWS; do
	program=$(sed -n "s/^$row .* //p" "$TMP/rows")
	[ -n "$program" ] || refuse "there is no row $row"
	servers=$SERVERS
	case $(kind) in
	peers-over) servers="$(echo "$SERVERS" | sed 's/floor *//') $BESIDE" ;;
	servers* | *-paired) servers=$(echo "$SERVERS" | sed 's/floor *//') ;;
	ircd*) servers=ircd ;;
	esac
	[ -n "$servers" ] || refuse "the row $row needs a server beside the floor"
	case $program in
	bans | storm | web) [ -d "$TMP/bans" ] || "$BUILD/bench/bans" make "$TMP/bans" || exit 2 ;;
	esac
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		for server in $servers; do
			grep -q "^$server $row [FN][AO][IN]" "$TMP/results" && continue
			must_be_there || continue
			if [ "$program" = bans ]; then
				measure_bans "$row" || exit 2
			else
				measure "$server" "$row" "$program" || exit 2
			fi
		done
	done
done

awk -f "$HERE/report.awk" \
	-v date="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
	-v commit="$(git -C "$HERE" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
	-v cores="$(getconf _NPROCESSORS_ONLN)" \
	-v cpu="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
	-v kernel="$(uname -sr)" -v rounds="$ROUNDS" -v servers="$SERVERS $BESIDE" -v rows="$(echo "$ROWS" | tr "\n" " ")" \
	"$TMP/rows" "$TMP/results"
