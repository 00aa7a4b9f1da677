/* A raw line, before it is parsed. */
#include "line.h"

#include "base/attr.h"
#include "cmd/registry.h"
#include "proto/message.h"

ATTR_HOT struct input_line
line_look(const struct server *srv, char *line, size_t len)
{
    struct input_line raw = {.line = line, .len = len};
    raw.verb = message_verb(line, len, &raw.verb_len);
    raw.use = registry_use(srv, raw.verb, raw.verb_len);
    return raw;
}
