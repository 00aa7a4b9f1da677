/* The memory of policy: hosts, networks and bans. Policy gives verdicts. Commands carry
 * out the verdicts that they ask for. enact/strike.h and enact/ban.h carry out the
 * others: they end clients, set bans, and tell clients, operators and the log. */
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
struct policy_counts;
struct server;

enum ban_kind { BAN_KLINE, BAN_DLINE, BAN_RESV, BAN_XLINE, BAN_KINDS };

struct policy {
    struct host *hosts; /* uthash by prefix */
    /* Hosts without a connection, the oldest first: those without strikes and level,
     * and the others. */
    struct list idle_clean, idle_struck;
    /* The next host of idle_struck that host_tick settles; &idle_struck: the first. */
    struct list *settling;
    size_t n_hosts;
    size_t n_struck;              /* hosts with strikes or a level (host.struck) */
    struct policy_counts *counts; /* owned (policy/counts.h) */
    struct mem_sum notes_held;    /* the notes of all hosts */
    struct network *networks;     /* uthash by prefix */
    struct ban *bans;             /* uthash by kind and folded mask */
    /* struct ban.link, in the order in which they were set */
    struct list kinds[BAN_KINDS];
    size_t n_bans[BAN_KINDS];
    size_t ban_memory[BAN_KINDS]; /* bytes with their texts, a sum of mem_block */
    /* struct ban.by_strikes, in the order in which they were set */
    struct list automatic;
    size_t n_automatic;
    /* all bans, by the texts and addresses that they match */
    struct ban_index index[BAN_KINDS];
    struct ban_due due; /* bans that have an end, the next end first */
    /* Records found under an outdated key while records are loaded: of bans
     * (src/policy/ban/record.c) and of hosts (host.c). */
    struct list stale, old_hosts;
};

#endif
