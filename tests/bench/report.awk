# Turns what run.sh has collected into JSON (standard output) and a table (standard error).
#
# First file: the rows, "row unit max_ratio max_value max_ms servers program" (0: no limit). Second
# file: the runs, "server row unit count cost milliseconds reads base", "server row NONE" (does not
# offer it) or "server row FAIL". The value of a run is cost / count; a server's value is the median
# of its runs. The ratio is to the floor's value, or in rows whose servers end in "-based" or "-paired"
# the median of value / base; in the latter the base is the floor's value. A row passes if floor and ircd have failed in no run and ircd holds the row's
# limits. Exit 1 if a row does not pass.

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
function ratio_of(name, row,    base) {
	if (name == "floor" && paired[row])
		return 1
	if (based[row] || paired[row])
		return median_of(own, name SUBSEP row)
	base = median("floor" SUBSEP row)
	return base > 0 ? median(name SUBSEP row) / base : 0
}

function wall_of(key, none) { return (key, 1) in wall ? sprintf("%d", median_of(wall, key)) : none }

function server_json(key,    i, list) {
	for (i = 1; i <= runs[key]; i++)
		list = list (i > 1 ? ", " : "") sprintf("%.1f", value[key, i])
	return sprintf("{\"median\": %s, \"runs\": [%s], \"failed\": %d, \"count\": %.0f, " \
	    "\"wall_ms\": %s, \"reads\": %d}", runs[key] ? sprintf("%.1f", median(key)) : "null", \
	    list, failed[key], count[key], wall_of(key, "null"), reads[key])
}

function limits(row,    s) {
	if (max_ratio[row] > 0)
		s = "\"ratio\": " max_ratio[row]
	if (max_value[row] > 0)
		s = s (s ? ", " : "") "\"value\": " max_value[row]
	if (max_ms[row] > 0)
		s = s (s ? ", " : "") "\"wall_ms\": " max_ms[row]
	return "{" s "}"
}

function passes(row, ratio,    key) {
	key = "ircd" SUBSEP row
	if (!runs[key] || failed[key] || failed["floor" SUBSEP row])
		return 0
	if (max_ratio[row] > 0 && (ratio == 0 || ratio > max_ratio[row]))
		return 0
	if (max_ms[row] > 0 && median_of(wall, key) > max_ms[row])
		return 0
	return !(max_value[row] > 0 && median(key) > max_value[row])
}

function note(key) { return failed[key] ? "FAILED" : lacks[key] ? "does not offer it" : "" }

function report(row,    i, key, ratio, pass, list) {
	ratio = ratio_of("ircd", row)
	pass = passes(row, ratio)
	for (i = 1; i <= server_count; i++) {
		key = server[i] SUBSEP row
		if (!runs[key] && !failed[key] && !lacks[key])
			continue # a row of others
		list = list (list ? ",\n      " : "") text(server[i]) ": " server_json(key)
		put(sprintf("%-17s %-9s %12s %-12s %6s %8s %9.0f  %s", row, server[i], \
		    runs[key] ? sprintf("%.1f", median(key)) : "-", unit[row], \
		    ratio_of(server[i], row) ? sprintf("%.2f", ratio_of(server[i], row)) : "-", \
		    wall_of(key, "-"), count[key], note(key)))
	}
	if (!pass)
		put(sprintf("%-17s does not pass: limits %s", row, limits(row)))
	printf "    {\"row\": %s, \"unit\": %s,\n     \"servers\": {\n      %s},\n", text(row), \
	    text(unit[row]), list
	printf "     \"ratio\": %s, \"limits\": %s, \"pass\": %s}", \
	    (ratio > 0 ? sprintf("%.3f", ratio) : "null"), limits(row), (pass ? "true" : "false")
	return pass
}

FNR == NR { unit[$1] = $2; max_ratio[$1] = $3; max_value[$1] = $4; max_ms[$1] = $5; based[$1] = $6 ~ /-based$/; paired[$1] = $6 ~ /-paired$/; next }

{ key = $1 SUBSEP $2 }

$3 == "NONE" { lacks[key]++; next }

$3 == "FAIL" || $4 == 0 { failed[key]++; next }

{
	value[key, ++runs[key]] = $5 / $4
	count[key] = $4
	wall[key, runs[key]] = $6
	own[key, runs[key]] = $8 > 0 ? $5 / $4 / $8 : 0
	reads[key] = $7
	if (paired[$2] && $1 == "ircd") {
		key = "floor" SUBSEP $2
		value[key, ++runs[key]] = $8
		count[key] = $4
	}
}

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
