/* Intrusive doubly linked lists: a list and its nodes have the same type. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev, *next;
};

/* The structure that holds this node. */
#define LIST_ENTRY(node, type, field)                                                  \
    ((type *)(void *)((char *)(node)-offsetof(type, field)))

/* LIST_EACH: the body must not remove a node. LIST_EACH_SAFE: the body may remove the
 * node `var`, but no other one. */
#define LIST_EACH(head, var)                                                           \
    for (struct list *var = (head)->next; var != (head); var = var->next)
#define LIST_EACH_SAFE(head, var, tmp)                                                 \
    for (struct list *var = (head)->next, *tmp = var->next; var != (head);             \
         var = tmp, tmp = var->next)

static inline void
list_init(struct list *l)
{
    l->prev = l->next = l;
}

static inline bool
list_empty(const struct list *l)
{
    return l->next == l;
}

static inline void
list_append(struct list *head, struct list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void
list_prepend(struct list *head, struct list *node)
{
    list_append(head->next, node);
}

/* The node is linked to itself afterwards, so a second removal does nothing. */
static inline void
list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

#endif
