/* The files inside of the program are those of src/web/. */
#include "../../src/main/web_files.h"
#include "asked.h"
#include "box.h"
#include "net/web.h"
#include "test.h"

#include <string.h>

static void
each_file_is_inside_of_the_program(void)
{
    struct web_file file;
    char path[80];
    size_t n, i;
    for (i = 0; web_files_at(i, &file); i++) {
        snprintf(path, sizeof path, "src/web/%s", file.name);
        char *bytes = box_read_file(path, &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        EQUAL_NUMBER(file.size, n);
        CU_ASSERT(file.size == n && memcmp(file.bytes, bytes, n) == 0);
        free(bytes);
        CU_ASSERT(memcmp(file.packed, "\x1f\x8b\x08\x00\x00\x00\x00\x00", 8) == 0);
        CU_ASSERT_STRING_NOT_EQUAL(file.type, "application/octet-stream");
        CU_ASSERT(strstr(file.type, "text/") == NULL || strstr(file.type, "utf-8"));
    }
    CU_ASSERT(i >= 3);
    CU_ASSERT(!web_files_find("nothing.css", &file));
    CU_ASSERT(!web_files_find("", &file));
    CU_ASSERT(web_files_find("style.css", &file));
}

static void
check_file(const char *path, const char *fields, unsigned status, const char *added)
{
    struct asked asked;
    struct web_answer out = {0};
    asked_make(&asked, path, fields);
    web_files_answer(&asked.request, &out);
    EQUAL_NUMBER(out.status, status);
    if (added)
        EQUAL_TEXT(out.fields, added);
    CU_ASSERT((out.size > 0) == (status == 200));
    CU_ASSERT(status == 0 || strcmp(out.cache, "no-cache") == 0);
    asked_clear(&asked);
}

#define PLAIN "Vary: Accept-Encoding\r\n"
#define PACKED "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n"

static void
a_file_is_compressed_if_the_client_takes_that(void)
{
    check_file("/style.css", "", 200, PLAIN);
    check_file("/style.css", "Accept-Encoding: gzip\r\n", 200, PACKED);
    check_file("/style.css", "Accept-Encoding: br, gzip;q=0\r\n", 200, PLAIN);
    check_file("/style.css", "Accept-Encoding: deflate, *\r\n", 200, PACKED);
    check_file("/nothing.css", "", 0, NULL);
    check_file("/index.html", "", 0, NULL);
    check_file("/a/style.css", "", 0, NULL);
    check_file("/STYLE.css", "", 0, NULL);
}

static void
each_form_has_a_tag_and_304_answers_it(void)
{
    struct asked asked;
    struct web_answer plain = {0}, packed = {0}, other = {0};
    char fields[200];
    asked_make(&asked, "/style.css", "");
    web_files_answer(&asked.request, &plain);
    asked_clear(&asked);
    asked_make(&asked, "/style.css", "Accept-Encoding: gzip\r\n");
    web_files_answer(&asked.request, &packed);
    asked_clear(&asked);
    asked_make(&asked, "/favicon.svg", "");
    web_files_answer(&asked.request, &other);
    asked_clear(&asked);
    EQUAL_NUMBER(plain.tag[0], '"');
    EQUAL_NUMBER(plain.tag[strlen(plain.tag) - 1], '"');
    CU_ASSERT_STRING_NOT_EQUAL(plain.tag, packed.tag);
    CU_ASSERT_STRING_NOT_EQUAL(plain.tag, other.tag);
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", plain.tag);
    check_file("/style.css", fields, 304, PLAIN);
    check_file("/favicon.svg", fields, 200, NULL);
    snprintf(fields, sizeof fields,
             "Accept-Encoding: gzip\r\nIf-None-Match: \"x\", %s\r\n", packed.tag);
    check_file("/style.css", fields, 304, PACKED);
    snprintf(fields, sizeof fields, "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n",
             plain.tag);
    check_file("/style.css", fields, 200, PACKED);
}

SUITE(web_files)
{
    TEST(each_file_is_inside_of_the_program);
    TEST(a_file_is_compressed_if_the_client_takes_that);
    TEST(each_form_has_a_tag_and_304_answers_it);
}
