/* Comparing distinguished names, and holding names against nameConstraints (RFC 5280). */
#include "lint/name_match.h"

#include <string.h>

#include "lint/hostname.h"
#include "lint/text.h"

static bool attributes_match(const struct asn1_attribute *a, const struct asn1_attribute *b)
{
    if (!der_equal(a->type, b->type))
        return false;
    if (der_equal(a->value_tlv, b->value_tlv))
        return true;
    if (!der_is_character_string(a->value_tag) || !der_is_character_string(b->value_tag))
        return false;
    return text_equal(text_of(a->value_tag, a->value), text_of(b->value_tag, b->value));
}

/* The attributes of one RDN: they stand next to each other. */
struct rdn {
    const struct asn1_attribute *first;
    size_t num;
};

static struct rdn take_rdn(const struct asn1_name *name, size_t *next)
{
    struct rdn rdn = {&name->attributes[*next], 0};

    while (*next < name->num_attributes && name->attributes[*next].rdn == rdn.first->rdn) {
        rdn.num++;
        (*next)++;
    }
    return rdn;
}

/* A SET: each attribute has its like in the other one, in whatever order. */
static bool rdns_match(const struct rdn *a, const struct rdn *b)
{
    if (a->num != b->num)
        return false;
    for (size_t i = 0; i < a->num; i++) {
        size_t j = 0;

        while (j < b->num && !attributes_match(&a->first[i], &b->first[j]))
            j++;
        if (j == b->num)
            return false;
    }
    return true;
}

bool name_is_within(const struct asn1_name *name, const struct asn1_name *base)
{
    size_t next_name = 0;
    size_t next_base = 0;

    while (next_base < base->num_attributes) {
        struct rdn a, b;

        if (next_name == name->num_attributes)
            return false;
        a = take_rdn(name, &next_name);
        b = take_rdn(base, &next_base);
        if (!rdns_match(&a, &b))
            return false;
    }
    return true;
}

bool name_matches(const struct asn1_name *a, const struct asn1_name *b)
{
    return a->num_rdns == b->num_rdns && a->num_attributes == b->num_attributes &&
           name_is_within(a, b);
}

/* The last "@" splits: a quoted local part may hold others. False if there is none. */
static bool split_mailbox(struct der_slice mailbox, struct der_slice *local_part,
                          struct der_slice *domain)
{
    size_t at = mailbox.len;

    while (at > 0 && mailbox.data[at - 1] != '@')
        at--;
    if (at == 0)
        return false;
    *local_part = der_slice(mailbox.data, at - 1);
    *domain = der_slice(mailbox.data + at, mailbox.len - at);
    return true;
}

static bool ends_with(struct der_slice text, struct der_slice end)
{
    return text.len > end.len &&
           host_equal(der_slice(text.data + text.len - end.len, end.len), end);
}

/* True if the mailbox is "...@host"; one look at the place of the "@" tells most others apart. */
static bool is_at_host(struct der_slice mailbox, struct der_slice host)
{
    size_t at = mailbox.len - host.len - 1;

    return mailbox.len > host.len && mailbox.data[at] == '@' &&
           host_equal(der_slice(mailbox.data + at + 1, host.len), host);
}

bool mailbox_is_within(struct der_slice mailbox, struct der_slice constraint)
{
    struct der_slice local_part, domain, constraint_local_part, constraint_domain;

    if (constraint.len == 0)
        return true;
    if (constraint.data[0] != '.' && memchr(constraint.data, '@', constraint.len) == NULL)
        return is_at_host(mailbox, constraint);
    if (!split_mailbox(mailbox, &local_part, &domain))
        return false;
    if (split_mailbox(constraint, &constraint_local_part, &constraint_domain))
        return der_equal(local_part, constraint_local_part) &&
               host_equal(domain, constraint_domain);
    return ends_with(domain, constraint);
}
