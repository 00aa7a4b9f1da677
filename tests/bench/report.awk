# Turns what run.sh has collected into JSON (standard output) and a table (standard error).
#
# First file: the rows, "row unit max_ratio max_value max_ms servers program" (0: no limit). Second
# file: the runs, "server row unit count cost milliseconds reads", in rows with a second server "base
# milliseconds reads" of that behind it, and where they end in "-over" the median of the server and of
# the base, "server row NONE" (does not offer it) or "server row FAIL".
#
# The value of a run is cost / count; a server's value is the median of its runs. A row's ratio is to
# the floor's value, or where its servers end in "-based" or "-paired" the median of value / base. In
# paired rows the base is a run of the floor, whose own value is of those beside ircd. A run that has
# cost nothing has not been measured. A row passes if floor and ircd have failed in no run and ircd
# holds the row's limits.
#
# In rows that end in "-over" the value is the 99th percentile of times; it and the median may be above
# the base's by max_value, each as the median of the runs' own differences. In "peers-over", where InspIRCd is one of the
# servers, both must also be below InspIRCd's, as measured or as the differences to the floors, or above
# it by less than a fifth of max_value: times with twenty members are mostly those of the machine. Exit 1
# if a row does not pass.

function text(s) {
	gsub(/[\\"]/, "\\\\&", s)
	return "\"" s "\""
}

function put(line) { print line > "/dev/stderr" }

# The median of list[key, 1..runs[key]].
function median_of(list, key,    n, i, j, v, sorted) {
	n = runs[key]
	for (i = 1; i <= n; i++) {
		v = list[key, i]
		for (j = i - 1; j > 0 && sorted[j] > v; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	if (!n)
		return 0
	return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function median(key) { return median_of(value, key) }

# Of a server in a row; 0: there is none.
function ratio_of(name, row,    floor) {
	if (name == "floor" && (paired[row] || over[row]))
		return 1
	if (based[row] || paired[row] || over[row])
		return median_of(own, name SUBSEP row)
	floor = median("floor" SUBSEP row)
	return floor > 0 ? median(name SUBSEP row) / floor : 0
}

# list[key, 1..runs[key]] as JSON has it.
function array(list, key, format,    i, s) {
	for (i = 1; i <= runs[key]; i++)
		s = s (i > 1 ? ", " : "") sprintf(format, list[key, i])
	return "[" s "]"
}

function server_json(name, row,    key, s) {
	key = name SUBSEP row
	s = "\"failed\": " (failed[key] + 0)
	if (!runs[key])
		return "{\"median\": null, " s "}"
	s = sprintf("{\"median\": %.1f, \"runs\": %s, %s, \"count\": %.0f, \"wall_ms\": %d, \"reads\": %d", \
	    median(key), array(value, key, "%.1f"), s, count[key], median_of(wall, key), reads[key])
	if (ratio_of(name, row))
		s = s sprintf(", \"ratio\": %.3f", ratio_of(name, row))
	if (over[row])
		s = s sprintf(", \"p50\": %.1f, \"p50_runs\": %s", median_of(middle, key), array(middle, key, "%.1f"))
	if ((key, 1) in more)
		s = s sprintf(", \"over\": %s, \"p50_over\": %s", array(more, key, "%.1f"), array(middle_more, key, "%.1f"))
	if ((key, 1) in own)
		s = s ", \"ratios\": " array(own, key, "%.3f")
	if (based[row])
		s = s ", \"bases\": " array(base, key, "%.1f") sprintf(", \"base_reads\": %d", base_reads[key])
	return s "}"
}

function limits(row,    s) {
	if (max_ratio[row] > 0)
		s = "\"ratio\": " max_ratio[row]
	if (max_value[row] > 0)
		s = s (s ? ", " : "") (over[row] ? "\"over\": " : "\"value\": ") max_value[row]
	if (over[row] && has_peer(row))
		s = s ", \"below\": " text(peer)
	if (max_ms[row] > 0)
		s = s (s ? ", " : "") "\"wall_ms\": " max_ms[row]
	return "{" s "}"
}

function has_peer(row) { return peers[row] && (" " servers " ") ~ (" " peer " ") }

# As measured, or as the difference to the floor beside each: they run in different minutes.
function is_below(list, beyond, key, other, slack) {
	return median_of(list, key) < median_of(list, other) + slack || \
	    median_of(beyond, key) < median_of(beyond, other) + slack
}

# Of a row with "-over".
function is_quick(row,    key, other, slack) {
	key = "ircd" SUBSEP row
	if (median_of(more, key) > max_value[row] || median_of(middle_more, key) > max_value[row])
		return 0
	if (!has_peer(row))
		return 1
	other = peer SUBSEP row
	slack = max_value[row] / 5
	return runs[other] && !failed[other] && is_below(value, more, key, other, slack) && \
	    is_below(middle, middle_more, key, other, slack)
}

function passes(row, ratio,    key) {
	key = "ircd" SUBSEP row
	if (!runs[key] || failed[key] || failed["floor" SUBSEP row])
		return 0
	if (over[row])
		return is_quick(row)
	if (max_ratio[row] > 0 && (ratio == 0 || ratio > max_ratio[row]))
		return 0
	if (max_ms[row] > 0 && median_of(wall, key) > max_ms[row])
		return 0
	return !(max_value[row] > 0 && median(key) > max_value[row])
}

function note(key) {
	if ((key, 1) in middle)
		return sprintf("p50 %.1f%s", median_of(middle, key), failed[key] ? " FAILED" : "")
	return failed[key] ? "FAILED" : lacks[key] ? "does not offer it" : ""
}

function report(row,    i, key, ratio, pass, list) {
	ratio = ratio_of("ircd", row)
	pass = passes(row, ratio)
	for (i = 1; i <= server_count; i++) {
		key = server[i] SUBSEP row
		if (!runs[key] && !failed[key] && !lacks[key])
			continue # a row of others
		list = list (list ? ",\n      " : "") text(server[i]) ": " server_json(server[i], row)
		put(sprintf("%-17s %-9s %12s %-12s %6s %8s %9.0f  %s", row, server[i], \
		    runs[key] ? sprintf("%.1f", median(key)) : "-", unit[row], \
		    ratio_of(server[i], row) ? sprintf("%.2f", ratio_of(server[i], row)) : "-", \
		    runs[key] ? sprintf("%d", median_of(wall, key)) : "-", count[key], note(key)))
	}
	if (!pass)
		put(sprintf("%-17s does not pass: limits %s", row, limits(row)))
	printf "    {\"row\": %s, \"unit\": %s,\n     \"servers\": {\n      %s},\n", text(row), \
	    text(unit[row]), list
	printf "     \"ratio\": %s, \"limits\": %s, \"pass\": %s}", \
	    (ratio > 0 ? sprintf("%.3f", ratio) : "null"), limits(row), (pass ? "true" : "false")
	return pass
}

function add(key, cost, times, ms, n_reads) {
	value[key, ++runs[key]] = cost
	count[key] = times
	wall[key, runs[key]] = ms
	reads[key] = n_reads
}

BEGIN { peer = "inspircd" }

FNR == NR {
	unit[$1] = $2
	max_ratio[$1] = $3
	max_value[$1] = $4
	max_ms[$1] = $5
	based[$1] = $6 ~ /-based$/
	paired[$1] = $6 ~ /-paired$/
	over[$1] = $6 ~ /-over$/
	peers[$1] = $6 ~ /^peers/
	next
}

{ key = $1 SUBSEP $2 }

$3 == "NONE" { lacks[key]++; next }

$3 == "FAIL" || $4 == 0 || $5 == 0 { failed[key]++; next }

based[$2] || paired[$2] || over[$2] {
	if (!($8 > 0) || over[$2] && !($11 > 0 && $12 > 0)) {
		failed[key]++
		next
	}
	own[key, runs[key] + 1] = $5 / $4 / $8
	base[key, runs[key] + 1] = $8
	base_reads[key] = $10
	beside = (paired[$2] || over[$2]) && ($1 == "ircd" || (" " servers " ") !~ / ircd /)
	if (beside)
		add("floor" SUBSEP $2, $8, $4, $9, $10)
}

over[$2] {
	middle[key, runs[key] + 1] = $11
	more[key, runs[key] + 1] = $5 / $4 - $8
	middle_more[key, runs[key] + 1] = $11 - $12
	if (beside)
		middle["floor", $2, runs["floor", $2]] = $12
}

{ add(key, $5 / $4, $4, $6, $7) }

END {
	server_count = split(servers, server, " ")
	row_count = split(rows, row_name, " ")
	put(sprintf("%s  commit %s  %s, %d cores, %s, median of %d", date, commit, cpu, cores, kernel, rounds))
	put(sprintf("%-17s %-9s %12s %-12s %6s %8s %9s", "row", "server", "value", "unit", "ratio", \
	    "wall ms", "count"))
	printf "{\"date\": %s, \"commit\": %s,\n", text(date), text(commit)
	printf " \"machine\": {\"cpu\": %s, \"cores\": %d, \"kernel\": %s},\n", text(cpu), cores, text(kernel)
	printf " \"rounds\": %d,\n \"rows\": [\n", rounds
	for (i = 1; i <= row_count; i++) {
		bad += !report(row_name[i])
		print (i < row_count ? "," : "")
	}
	printf " ],\n \"pass\": %s}\n", (bad ? "false" : "true")
	exit (bad > 0)
}
