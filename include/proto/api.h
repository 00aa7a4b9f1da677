/* Calls of the API: a request of HTTP becomes a line of IRC, and the lines of its answer
 * become JSON. The API has no commands and no rights of its own. */
#ifndef PROTO_API_H
#define PROTO_API_H

#include "base/draft.h"
#include "proto/control_answer.h"
#include "proto/http.h"

#include <stdbool.h>
#include <stddef.h>

#define API_PATH "/api/v1/"
#define API_ROOT "/api/"        /* refusals of all paths below it are JSON */
#define API_ROWS 500            /* rows of one answer */
#define API_BYTES (1024 * 1024) /* bytes of one answer, at most */
#define API_CURSOR 200          /* room for a cursor */
#define API_COMMAND 471         /* room for a command: its line has a label too */
#define API_WORDS 400           /* room for the sentence of a refusal */

enum api_fault {
    API_FINE, /* no fault */
#define FAULT(name, status, fields, sentence) API_FAULT_##name,
#include "proto/api_faults.def"
#undef FAULT
    API_FAULTS
};

/* The status of a fault, its further fields of the head ("": none) and its sentence. */
unsigned api_fault_status(enum api_fault fault);
const char *api_fault_fields(enum api_fault fault);
const char *api_fault_sentence(enum api_fault fault);

/* Adds the body {"error":"words"} with a line end. api_fault_body: words NULL is the
 * sentence of the fault. */
void api_error_body(const char *words, struct draft *out);
void api_fault_body(enum api_fault fault, const char *words, struct draft *out);

/* --- api_request.c --- */

struct api_call {
    bool is_table;             /* GET: rows of a table; else POST: lines */
    char command[API_COMMAND]; /* one line of IRC without its end, tags and prefix */
};

/* Reads the request, which is whole, and its body. API_FINE: *out is the call. Nothing of
 * the request is in *out unless it is allowed in a line: no NUL, CR, LF or other control
 * character, valid UTF-8, and a first byte that is neither '@' nor ':'. The token is not
 * read. */
enum api_fault api_request(const struct http_request *r, struct http_text body,
                           struct api_call *out);

/* --- api_body.c --- */

/* Reads {"command":"text"} (RFC 8259): one object with this one member, and blanks alone
 * around it. The text is decoded into out. API_FINE, API_FAULT_JSON, API_FAULT_LINE (it has
 * a control character) or API_FAULT_LONG. size > 0. */
enum api_fault api_body_command(struct http_text body, char *out, size_t size);

/* --- api_answer.c --- */

/* An answer that is collected. api_answer_clear frees it. */
struct api_answer {
    bool is_table;
    enum api_fault fault;    /* API_FINE unless the command was refused */
    char words[API_WORDS];   /* of the refusal */
    bool unsaved;            /* a line says that a change is not saved */
    size_t rows;             /* rows or lines */
    char cursor[API_CURSOR]; /* of the rows that are left; "": none are */
    bool whole;              /* is_table: the end of the rows has come */
    struct draft text;       /* rows or lines, as elements of an array */
};

void api_answer_begin(struct api_answer *a, bool is_table);
void api_answer_clear(struct api_answer *a);

/* Takes a line of the answer (CONTROL_TEXT). False: the answer is longer than API_BYTES,
 * or has more than API_ROWS rows; it is not kept further. */
bool api_answer_take(struct api_answer *a, const struct control_text *line);

/* The answer is complete: adds its body, with a line end, to *out and returns the
 * status. {"rows":[…],"cursor":"…"} with null for the last rows, {"lines":[…],"saved":true},
 * or {"error":"…"} with "lines" and "saved" of a command that was refused. */
unsigned api_answer_end(const struct api_answer *a, struct draft *out);

#endif
