#include "asked.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

void
asked_make(struct asked *asked, const char *target, const char *fields)
{
    size_t size = strlen(target) + strlen(fields) + 64;
    asked->text = malloc(size);
    bool named = strncmp(fields, "Host:", 5) == 0;
    int n = snprintf(asked->text, size, "GET %s HTTP/1.1\r\n%s%s\r\n", target,
                     named ? "" : "Host: localhost\r\n", fields);
    http_begin(&asked->head);
    CU_ASSERT_EQUAL_FATAL(http_parse(&asked->head, asked->text, (size_t)n), HTTP_WHOLE);
    asked->request = (struct web_request){.head = &asked->head,
                                          .listener = "127.0.0.1:8067",
                                          .serves = ~0u,
                                          .local = true};
    addr_parse("127.0.0.1", &asked->request.addr);
}

void
asked_clear(struct asked *asked)
{
    free(asked->text);
}
