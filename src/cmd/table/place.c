/* The cursor of TABLE: "~", a check number of 8 hex digits, ".", the position in 16 hex
 * digits; and for clients ".", the id of the last client shown, ".", its nick.
 *
 * A position is an order by hashes, which are other ones after a restart. The check
 * number depends on the key of the hashes and on the table, so that a cursor that means
 * nothing is refused and does not skip rows. */
#include "place.h"

#include "base/hash.h"
#include "base/str.h"
#include "proto/name.h"
#include "state/server.h"

#include <string.h>

#define CHECK_DIGITS 8
#define POSITION_DIGITS 16

static void
write_check(const struct server *srv, const struct table *table,
            char out[CHECK_DIGITS + 1])
{
    char text[40];
    str_format(text, sizeof text, "TABLE %s", table->name);
    str_format(out, CHECK_DIGITS + 1, "%08x",
               hash_bytes(&srv->hash_key, text, strlen(text)));
}

void
table_place_write(const struct server *srv, const struct table *table,
                  const struct table_place *at, char out[PLACE_TEXT])
{
    struct str s;
    char check[CHECK_DIGITS + 1];
    write_check(srv, table, check);
    str_init(&s, out, PLACE_TEXT);
    str_addf(&s, "%c%s.%016llx", TABLE_CURSOR, check, (unsigned long long)at->at);
    if (at->id)
        str_addf(&s, ".%llu.%s", (unsigned long long)at->id, at->nick);
}

/* Reads n lower-case hex digits. */
static bool
read_digits(const char *text, size_t n, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = str_hex_digit(text[i]);
        if (digit < 0 || (text[i] >= 'A' && text[i] <= 'F'))
            return false;
        *out = *out << 4 | (unsigned)digit;
    }
    return true;
}

/* Reads ".id.nick", or nothing. */
static bool
read_client(const char *text, struct table_place *out)
{
    char id[24];
    if (*text == '\0')
        return true;
    if (*text != '.')
        return false;
    size_t n = strcspn(text + 1, ".");
    if (n >= sizeof id || text[1 + n] == '\0')
        return false;
    str_format(id, sizeof id, "%.*s", (int)n, text + 1);
    if (strlen(text + n + 2) >= sizeof out->nick)
        return false;
    str_format(out->nick, sizeof out->nick, "%s", text + n + 2);
    return str_to_uint(id, 1, UINT64_MAX, &out->id);
}

bool
table_place_read(const struct server *srv, const struct table *table, const char *text,
                 struct table_place *out)
{
    char check[CHECK_DIGITS + 1];
    memset(out, 0, sizeof *out);
    write_check(srv, table, check);
    if (*text != TABLE_CURSOR || strncmp(text + 1, check, CHECK_DIGITS) != 0 ||
        text[1 + CHECK_DIGITS] != '.')
        return false;
    text += 1 + CHECK_DIGITS + 1;
    if (!read_digits(text, POSITION_DIGITS, &out->at) ||
        !read_client(text + POSITION_DIGITS, out))
        return false;
    return out->id == 0 || table->by_host;
}
