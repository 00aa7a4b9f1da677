/* The one list of subsystems.
 *
 * The order matters: an answer that waits is given up before the operators read that
 * its client leaves, they read it before the peers do, and the host takes over what the
 * client owes before its counters go. A long answer goes on before held lines run, and
 * these before a timeout. Records of hosts are settled before those of bans. The server
 * frees all in the opposite order. */
#include "lifecycle.h"

#include "cmd/ack.h"
#include "cmd/announce.h"
#include "cmd/isupport.h"
#include "cmd/job.h"
#include "cmd/mode_list.h"
#include "cmd/oper.h"
#include "cmd/registry.h"
#include "policy/ban/ban.h"
#include "policy/class.h"
#include "policy/cloaking.h"
#include "policy/debt.h"
#include "policy/door.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/rejoin.h"
#include "policy/targets.h"
#include "policy/throttle.h"
#include "policy/wave.h"
#include "state/accept.h"
#include "state/channel.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/monitor.h"
#include "state/msgid.h"
#include "state/out.h"
#include "state/outsider.h"
#include "state/overload.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/watch.h"
#include "state/whowas.h"

static void
watch_exit(struct server *srv, struct client *c)
{
    if (c->host) /* else it has left already (session_rehome) */
        WATCH(srv, leave, c);
}

static const struct subsystem watch_subsystem = {
    .name = "watch",
    .client_leaves = watch_exit,
};

/* clang-format off: one a line, however long the names are */
const struct subsystem *const lifecycle_subsystems[] = {
    &journal_subsystem,        &asking_subsystem,    &registry_subsystem,
    &isupport_subsystem,       &ack_subsystem,       &job_subsystem,
    &whowas_subsystem,         &oper_subsystem,      &announce_subsystem,
    &watch_subsystem,          &policy_subsystem,    &class_subsystem,
    &throttle_subsystem,       &client_subsystem,    &channel_subsystem,
    &channel_record_subsystem, &outsider_subsystem,  &queue_subsystem,
    &recvq_subsystem,          &monitor_subsystem,   &accept_subsystem,
    &targets_subsystem,        &rejoin_subsystem,    &cursor_subsystem,
    &held_subsystem,           &timeouts_subsystem,  &host_subsystem,
    &debt_subsystem,           &door_subsystem,      &ban_subsystem,
    &wave_subsystem,           &cloaking_subsystem,  &msgid_subsystem,
    &notices_subsystem,        &mode_list_subsystem, NULL,
};
/* clang-format on */
