/* Collects the schemas that apply together to one value. A hostile schema may refer eight times to
 * one that refers eight times to one that ...: each node is taken once, so the list is never longer
 * than the schema. */
#include <stdlib.h>

#include "runtime/json/schema/node.h"
#include "runtime/json/schema/scratch.h"

static int same_add(struct same *same, const struct node *node)
{
    if (same->count == same->cap) {
        size_t cap = same->cap ? same->cap * 2 : 16;
        const struct node **more = reallocarray(same->node, cap, sizeof *more);

        if (!more)
            return -1;
        same->node = more;
        same->cap = cap;
    }
    same->node[same->count++] = node;
    return 0;
}

/* Recursion: at most one level per node, so SCHEMA_NODES_MAX. */
static int collect(struct scratch *s, struct node *node, struct same *same)
{
    const struct rule *ref = node_rule(node, "$ref"), *all = node_rule(node, "allOf");

    if (node->stamp == s->stamp)
        return 0;
    node->stamp = s->stamp;
    if (same_add(same, node) < 0)
        return -1;
    if (ref && collect(s, ref->nodes[0], same) < 0)
        return -1;
    for (size_t i = 0; all && i < all->count; i++)
        if (collect(s, all->nodes[i], same) < 0)
            return -1;
    return 0;
}

int same_collect(struct scratch *s, const struct node *node, struct same *same)
{
    *same = (struct same){0};
    s->stamp++;
    return collect(s, (struct node *)node, same);
}

void same_free(struct same *same)
{
    free(same->node);
    *same = (struct same){0};
}
