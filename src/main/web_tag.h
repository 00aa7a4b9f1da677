/* The tag of an entity of HTTP (RFC 9110 8.8.3), by which a browser asks whether what it
 * has is what the server would send. */
#ifndef SRC_MAIN_WEB_TAG_H
#define SRC_MAIN_WEB_TAG_H

#include <stddef.h>

struct web_answer;
struct web_request;

#define WEB_TAG 48 /* room for a tag, its NUL included */

/* Makes the tag of these bytes: equal for equal bytes, in quotes. `form` names the coding
 * of the content, such as "gzip", because each has a tag of its own; "": none. */
void web_tag_make(const void *bytes, size_t n, const char *form, char out[WEB_TAG]);

/* Gives a whole answer this tag, which must live as long as the answer: 200, or 304
 * without a body if the client has it. The client asks each time (no-cache). */
void web_tag_answer(const struct web_request *r, const char *tag,
                    struct web_answer *out);

#endif
