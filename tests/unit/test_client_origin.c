/* Ids name their node: no two nodes give the same id, and the ids of a single server
 * are as they were before there were nodes. */
#include "state/client.h"
#include "state/msgid.h"
#include "state/origin.h"
#include "world.h"

#include <string.h>

static void
an_id_tells_the_node_that_gave_it(void)
{
    struct origin only = {.node = 0}, third = {.node = 3};
    EQUAL_NUMBER(origin_id(&only, 7), 7);
    CU_ASSERT(origin_id(&third, 7) != 7);
    EQUAL_NUMBER(origin_node_of(origin_id(&only, 7)), 0);
    EQUAL_NUMBER(origin_node_of(origin_id(&third, 7)), 3);
    EQUAL_NUMBER(origin_node_of(origin_id(&third, ((uint64_t)1 << 48) - 1)), 3);
}

static void
clients_of_two_nodes_have_different_ids(void)
{
    struct world *w = world_new(NULL);
    uint64_t here = world_connect(w, "192.0.2.1")->client->user.id;
    w->srv->me.node = 0xffff;
    uint64_t there = world_connect(w, "192.0.2.1")->client->user.id;
    EQUAL_NUMBER(origin_node_of(here), 0);
    EQUAL_NUMBER(origin_node_of(there), 0xffff);
    world_free(w);
}

static void
message_ids_and_references_name_the_node_unless_there_is_one_server(void)
{
    struct world *w = world_new(NULL);
    char id[MSGID_TEXT], reference[ORIGIN_REFERENCE_TEXT];
    msgid_text(&w->srv->me, 0x1234, id);
    EQUAL_TEXT(id, "0000000000001234");
    origin_reference_next(w->srv, reference);
    CU_ASSERT(strchr(reference, '-') == NULL);
    w->srv->me.node = 0xffff;
    msgid_text(&w->srv->me, UINT64_MAX, id);
    EQUAL_TEXT(id, "ffffffffffffffff-ffff");
    for (int i = 0; i < 100; i++) {
        origin_reference_next(w->srv, reference);
        const char *dash = strchr(reference, '-');
        CU_ASSERT_FATAL(dash != NULL);
        EQUAL_TEXT(dash, "-ffff");
    }
    world_free(w);
}

SUITE(client_origin)
{
    TEST(an_id_tells_the_node_that_gave_it);
    TEST(clients_of_two_nodes_have_different_ids);
    TEST(message_ids_and_references_name_the_node_unless_there_is_one_server);
}
