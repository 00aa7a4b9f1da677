/* Operclass blocks, in any order in the file: what a class extends is looked up when
 * all classes are known. An operator must never have fewer or more privileges than
 * written: a class that cannot be resolved is a fault, and there is no
 * configuration. */
#include "titled.h"

#include "base/str.h"

#include <string.h>

static const struct config_operclass *
find_operclass(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_operclass; i++)
        if (strcmp(c->operclass[i].name, name) == 0)
            return &c->operclass[i];
    return NULL;
}

static void
tell_unknown_class(const struct config *c, struct faults *faults, int line,
                   const char *block, const char *owner, const char *name)
{
    char known[300];
    struct str s;
    str_init(&s, known, sizeof known);
    for (size_t i = 0; i < c->n_operclass; i++)
        str_addf(&s, "%s \"%s\"",
                 i ? "," : "; there are:", SHOWN(c->operclass[i].name));
    fault_add(faults, line, "%s \"%s\" %s: \"%s\" is no operclass block%s", block,
              SHOWN(owner), strcmp(block, "oper") == 0 ? "class" : "extends",
              SHOWN(name), s.len ? known : "; there is none");
}

/* Adds the privileges of all classes that o extends, directly or not. The walk ends
 * after as many steps as there are classes, because they may extend each other in a
 * circle. */
static void
inherit_privileges(const struct config *c, struct faults *faults,
                   struct config_operclass *o)
{
    size_t steps = 0;
    const struct config_operclass *from = o;
    while (from->extends != NULL) {
        const struct config_operclass *next = find_operclass(c, from->extends);
        if (next == NULL)
            break; /* reported at the class that extends it */
        if (next == o || ++steps > c->n_operclass)
            break;
        o->privileges |= next->privileges;
        from = next;
    }
    if (o->extends != NULL && find_operclass(c, o->extends) == NULL)
        tell_unknown_class(c, faults, o->extends_line, "operclass", o->name,
                           o->extends);
    else if (from->extends != NULL && find_operclass(c, from->extends) == o)
        fault_add(faults, o->extends_line,
                  "operclass \"%s\" extends: \"%s\" leads back to \"%s\"; "
                  "classes must not extend each other in a circle",
                  SHOWN(o->name), SHOWN(o->extends), SHOWN(o->name));
}

void
operclass_resolve(struct config *c, struct faults *faults)
{
    for (size_t i = 0; i < c->n_operclass; i++)
        inherit_privileges(c, faults, &c->operclass[i]);
    for (size_t i = 0; i < c->n_oper; i++) {
        struct config_oper *oper = &c->oper[i];
        if (oper->class == NULL)
            continue;
        const struct config_operclass *class = find_operclass(c, oper->class);
        if (class != NULL)
            oper->privileges |= class->privileges;
        else
            tell_unknown_class(c, faults, oper->class_line, "oper", oper->name,
                               oper->class);
    }
}
