/* The files are part of the program: a page that belongs to another version of the server
 * cannot be served, and nothing is read from a disk. The assembler takes their bytes in
 * (.incbin); the list is made from the folder. */
#include "web_files.h"

#include "base/str.h"
#include "net/web.h"
#include "proto/http_field.h"

#include <string.h>

#define WORDS_OF(x) #x
#define WORDS(x) WORDS_OF(x)
#ifdef __ELF__
#define READ_ONLY ".section .rodata\n"
#define BEFORE ".previous\n"
#else
#define READ_ONLY ".const\n"
#define BEFORE ".text\n"
#endif

/* The symbols are of this file alone. A NUL follows the bytes. */
#define SYMBOL(id) WORDS(__USER_LABEL_PREFIX__) "web_bytes_" #id
#define EMBED(id, path)                                                                \
    __asm__(READ_ONLY SYMBOL(id) ":\n.incbin \"" path                                  \
                                 "\"\n" SYMBOL(id) "_end:\n.byte 0\n" BEFORE);         \
    extern const char web_bytes_##id[], web_bytes_##id##_end[]
/* clang-format off */
#define WEB_FILE(id, name, path, packed) \
    EMBED(id, path);                     \
    EMBED(id##_packed, packed);
#include "web_files.inc"
#undef WEB_FILE
/* clang-format on */

struct row {
    const char *name;
    const char *at, *end;
    const char *packed, *packed_end;
};

static const struct row rows[] = {
#define WEB_FILE(id, name, path, packed)                                               \
    {name, web_bytes_##id, web_bytes_##id##_end, web_bytes_##id##_packed,              \
     web_bytes_##id##_packed_end},
#include "web_files.inc"
#undef WEB_FILE
};

#define FILES (sizeof rows / sizeof *rows)

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webmanifest", "application/manifest+json"},
};

static const char *
find_type(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

bool
web_files_at(size_t i, struct web_file *out)
{
    if (i >= FILES)
        return false;
    const struct row *row = &rows[i];
    *out = (struct web_file){.name = row->name,
                             .type = find_type(row->name),
                             .bytes = row->at,
                             .size = (size_t)(row->end - row->at),
                             .packed = row->packed,
                             .packed_size = (size_t)(row->packed_end - row->packed)};
    return true;
}

bool
web_files_find(const char *name, struct web_file *out)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(name, rows[i].name) == 0)
            return web_files_at(i, out);
    return false;
}

/* Made at the first request for the file. */
static const char *
find_tag(const struct web_file *file, bool packed)
{
    static char tags[FILES][2][WEB_TAG];
    size_t i = 0;
    while (strcmp(rows[i].name, file->name) != 0)
        i++;
    char *tag = tags[i][packed];
    if (*tag == '\0')
        web_tag_make(file->bytes, file->size, packed ? "gzip" : "", tag);
    return tag;
}

void
web_files_answer(const struct web_request *r, struct web_answer *out)
{
    struct web_file file;
    if (!web_files_find(r->head->path + 1, &file) || strstr(file.type, "html"))
        return;
    bool packed = file.packed_size < file.size && http_accepts_coding(r->head, "gzip");
    out->type = file.type;
    out->fields = packed ? "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n"
                         : "Vary: Accept-Encoding\r\n";
    out->body = packed ? file.packed : file.bytes;
    out->size = packed ? file.packed_size : file.size;
    web_tag_answer(r, find_tag(&file, packed), out);
}
