/* Operclass blocks, in whatever order they stand in the file: what extends what is
 * looked up when all are known. A class that cannot be resolved must never leave an
 * operator with fewer or more rights than written: it is a fault, and there is no
 * configuration. */
#include "operclass.h"

#include "base/mem.h"
#include "base/str.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

struct config_operclass *
operclass_add(struct config *c, const char *name)
{
    c->operclass = xrealloc(c->operclass, (c->n_operclass + 1) * sizeof *c->operclass);
    c->operclass[c->n_operclass] = (struct config_operclass){.name = xstrdup(name)};
    return &c->operclass[c->n_operclass++];
}

const char *
operclass_lacks(const void *entry)
{
    const struct config_operclass *o = entry;
    return o->privileges != 0 || o->extends != NULL
               ? NULL
               : "option privileges is missing: what its operators may do";
}

bool
operclass_read_privilege(const struct reading *r, uint64_t *privileges)
{
    char expected[1000];
    struct str s;
    if (strcmp(r->text, "all") == 0) {
        *privileges = UINT64_MAX;
        return true;
    }
    str_init(&s, expected, sizeof expected);
    str_add(&s, "a privilege; there are: all");
    for (unsigned i = 0; r->words->privileges[i] != NULL; i++) {
        str_addf(&s, ", %s", r->words->privileges[i]);
        if (strcmp(r->words->privileges[i], r->text) != 0)
            continue;
        *privileges |= UINT64_C(1) << i;
        return true;
    }
    return value_refuse(r, expected);
}

bool
read_operclass_privilege(const struct reading *r)
{
    struct config_operclass *o = r->base;
    return operclass_read_privilege(r, &o->privileges);
}

bool
read_operclass_extends(const struct reading *r)
{
    struct config_operclass *o = r->base;
    if (*r->text == '\0')
        return value_refuse(r, "the name of an operclass block");
    xreplace(&o->extends, r->text);
    o->extends_line = r->line;
    return true;
}

static struct config_operclass *
find(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_operclass; i++)
        if (strcmp(c->operclass[i].name, name) == 0)
            return &c->operclass[i];
    return NULL;
}

static void
fault_unknown(const struct config *c, struct faults *faults, int line,
              const char *whose, const char *owner, const char *name)
{
    char known[300];
    struct str s;
    str_init(&s, known, sizeof known);
    for (size_t i = 0; i < c->n_operclass; i++)
        str_addf(&s, "%s \"%s\"",
                 i ? "," : "; there are:", SHOWN(c->operclass[i].name));
    fault_add(faults, line, "%s \"%s\" %s: \"%s\" is no operclass block%s", whose,
              SHOWN(owner), strcmp(whose, "oper") == 0 ? "class" : "extends",
              SHOWN(name), s.len ? known : "; there is none");
}

/* Walks from a class along what it extends, never longer than there are classes. */
static void
inherit(const struct config *c, struct faults *faults, struct config_operclass *o)
{
    size_t steps = 0;
    const struct config_operclass *from = o;
    while (from->extends != NULL) {
        const struct config_operclass *next = find(c, from->extends);
        if (next == NULL)
            break; /* told where it stands */
        if (next == o || ++steps > c->n_operclass)
            break;
        o->privileges |= next->privileges;
        from = next;
    }
    if (o->extends != NULL && find(c, o->extends) == NULL)
        fault_unknown(c, faults, o->extends_line, "operclass", o->name, o->extends);
    else if (from->extends != NULL && find(c, from->extends) == o)
        fault_add(faults, o->extends_line,
                  "operclass \"%s\" extends: \"%s\" leads back to \"%s\"; "
                  "classes must not extend each other in a circle",
                  SHOWN(o->name), SHOWN(o->extends), SHOWN(o->name));
}

void
operclass_resolve(struct config *c, struct faults *faults)
{
    for (size_t i = 0; i < c->n_operclass; i++)
        inherit(c, faults, &c->operclass[i]);
    for (size_t i = 0; i < c->n_oper; i++) {
        struct config_oper *oper = &c->oper[i];
        if (oper->class == NULL)
            continue;
        const struct config_operclass *class = find(c, oper->class);
        if (class != NULL)
            oper->privileges |= class->privileges;
        else
            fault_unknown(c, faults, oper->class_line, "oper", oper->name, oper->class);
    }
}

void
operclass_clear(struct config *c)
{
    for (size_t i = 0; i < c->n_operclass; i++) {
        free(c->operclass[i].name);
        free(c->operclass[i].extends);
    }
    free(c->operclass);
}
