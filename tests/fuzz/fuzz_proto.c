/* Parsers of the wire: lines, tags, masks, names, and the line cutter under random
 * splits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/linebuf.h"
#include "proto/mask.h"
#include "proto/message.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "state/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
parse_line(char *line, size_t len)
{
    struct message m;
    struct mask mask;
    char err[256], user[NAME_USER_MAX + 1], value[64];
    struct tag tag;
    msec length;
    utf8_cut(line, len, len / 2);
    name_is_nick(line, NAME_NICK_MAX);
    name_is_channel(line);
    name_make_user(line, user);
    duration_parse(line, DURATION_BARE_MINUTES, &length);
    if (mask_parse_strict(line, &mask, err, sizeof err))
        mask_glob(mask.host, mask.text);
    if (mask_parse_loose(line, &mask))
        mask_glob(mask.text, line);
    message_tags_length(line, len);
    if (message_parse(line, len, &m) != MESSAGE_OK)
        return;
    for (const char *at = m.tags; at && tag_next(&at, &tag);)
        tag_unescape(tag.value, tag.value_len, value, sizeof value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linebuf lb = {0};
    struct record_reader in;
    char err[256], text[64];
    size_t split = size ? data[0] % 16 + 1 : 1;
    if (record_open(&in, data, size, err, sizeof err)) {
        record_number(&in);
        record_text(&in, text, sizeof text);
    }
    for (size_t at = 0; at < size; at += split) {
        size_t n = size - at < split ? size - at : split, len;
        char *room = malloc(n + 1), *bytes = room, *line;
        memcpy(room, data + at, n);
        while (n > 0) {
            enum linebuf_got got = linebuf_next(&lb, 510, &bytes, &n, &line, &len);
            if (got == LINEBUF_LINE)
                parse_line(line, len);
            if (got == LINEBUF_MORE)
                break;
        }
        free(room);
    }
    linebuf_clear(&lb);
    return 0;
}
