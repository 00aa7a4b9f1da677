/* What policy remembers: hosts, networks, bans. Policy gives verdicts; enact/strike.h
 * and enact/ban.h carry out those that happen without a command (end clients,
 * set bans) and tell clients, operators and the log. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/list.h"
#include "base/mem.h"
#include "base/msec.h"
#include "policy/ban/due.h"
#include "policy/ban/index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ban;
struct host;
struct network;
struct server;

enum ban_kind { BAN_KLINE, BAN_DLINE, BAN_RESV, BAN_XLINE, BAN_KINDS };

struct policy {
    struct host *hosts; /* uthash by prefix */
    /* Hosts without a client, oldest first: those with neither strikes nor a level, and
     * the others. */
    struct list idle_clean, idle_struck;
    /* Where in idle_struck host_tick goes on; &idle_struck: at its start. */
    struct list *settling;
    size_t n_hosts;
    struct mem_sum notes_held;    /* of all hosts */
    struct network *networks;     /* uthash by prefix */
    struct ban *bans;             /* uthash by kind and folded mask */
    struct list kinds[BAN_KINDS]; /* struct ban.link, in the order they were set */
    size_t n_bans[BAN_KINDS];
    size_t ban_memory[BAN_KINDS]; /* with their texts, a sum of mem_block */
    struct list automatic; /* struct ban.by_strikes, in the order they were set */
    size_t n_automatic;
    struct ban_index index[BAN_KINDS]; /* the same bans, by what they match */
    struct ban_due due;                /* those that end */
    /* Records that are stored under wrong keys, while loading: of bans
     * (src/policy/ban/record.c) and of hosts (host.c). */
    struct list stale, old_hosts;
};

#endif
