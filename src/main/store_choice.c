/* Opens the store that the configuration asks for. No other file depends on which kind
 * it is. If the directory cannot be used, opening must fail: memory must never take its
 * place. */
#include "store_choice.h"

#include "base/event.h"
#include "base/log.h"
#include "base/str.h"
#include "policy/ban/ban.h"
#include "state/record.h"
#include "state/store_ram.h"
#include "store/store_gdbm.h"

/* Logs what the store found while opening: damage, repairs. */
static void
log_store_note(void *ctx, enum store_note how, const char *text)
{
    static const enum event events[] = {[STORE_INFO] = EVENT_store,
                                        [STORE_WARNING] = EVENT_store_warning,
                                        [STORE_LOSS] = EVENT_store_loss};
    struct store_choice *choice = ctx;
    choice->damaged |= how == STORE_LOSS;
    LOG_EVENT_LIKE(choice->log, events[how], store, .note = text);
}

static bool
is_ban_key(const void *key, size_t key_len)
{
    return record_kind_has(ban_records, key, key_len);
}

/* Called on the writer's thread. */
static void
wake_owner(void *ctx)
{
    struct store_choice *choice = ctx;
    choice->wake(choice->ctx);
}

static bool
close_memory(struct store *s)
{
    store_ram_free(s);
    return true;
}

static bool
close_disk(struct store *s)
{
    return store_gdbm_close(s, STORE_CLOSE_TIME);
}

static void
open_memory(struct store_choice *choice)
{
    choice->store = store_ram_new();
    str_format(choice->where, sizeof choice->where, "(memory)");
    choice->news = store_ram_news;
    choice->close = close_memory;
    LOG_EVENT(choice->log, store_in_memory,
              .note = "database.path is empty: nothing outlives this process");
}

static bool
open_disk(struct store_choice *choice, const char *path, bool look, char *err,
          size_t errlen)
{
    struct store_gdbm_options options = {.dir = path,
                                         .wake = wake_owner,
                                         .note = log_store_note,
                                         .is_ban = is_ban_key,
                                         .busy = &choice->busy,
                                         .look = look,
                                         .ctx = choice};
    choice->store = store_gdbm_open(&options, err, errlen);
    str_format(choice->where, sizeof choice->where, "%s", path);
    choice->news = store_gdbm_news;
    choice->stats = store_gdbm_stats;
    choice->close = close_disk;
    return choice->store != NULL;
}

bool
store_choice_open(struct store_choice *choice, const char *path, struct log *log,
                  void (*wake)(void *ctx), void *ctx, char *err, size_t errlen)
{
    *choice = (struct store_choice){.log = log, .wake = wake, .ctx = ctx};
    if (*path != '\0')
        return open_disk(choice, path, false, err, errlen);
    open_memory(choice);
    return true;
}

bool
store_choice_look(struct store_choice *choice, const char *path, struct log *log,
                  void (*wake)(void *ctx), void *ctx, char *err, size_t errlen)
{
    *choice = (struct store_choice){.log = log, .wake = wake, .ctx = ctx};
    return open_disk(choice, path, true, err, errlen);
}

static void
count_record(void *ctx, const void *key, size_t key_len, const void *value,
             size_t value_len)
{
    (void)key, (void)key_len, (void)value, (void)value_len;
    ++*(size_t *)ctx;
}

size_t
store_choice_count(const struct store_choice *choice)
{
    size_t n = 0;
    store_each(choice->store, count_record, &n);
    return n;
}

bool
store_choice_close(struct store_choice *choice)
{
    if (choice->store == NULL)
        return true;
    bool saved = choice->close(choice->store);
    choice->store = NULL;
    if (!saved)
        LOG_EVENT(choice->log, store_unsaved,
                  .note = "the last changes could not be written and are lost");
    return saved;
}
