/* Names compared, and names held against constraints (RFC 5280 sections 7.1 and 4.2.1.10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "lint/name_match.h"

static struct der_slice octets(const char *text)
{
    return der_slice((const uint8_t *)text, strlen(text));
}

static bool is_within(const char *mailbox, const char *constraint)
{
    return mailbox_is_within(octets(mailbox), octets(constraint));
}

static void mailboxes_at_a_host(void **state)
{
    (void)state;
    assert_true(is_within("a@example.com", "example.com"));
    assert_true(is_within("a@EXAMPLE.com", "example.COM"));
    assert_false(is_within("a@mail.example.com", "example.com"));
    assert_false(is_within("a@badexample.com", "example.com"));
    assert_false(is_within("a@example.com.evil.org", "example.com"));
}

static void mailboxes_below_a_domain(void **state)
{
    (void)state;
    assert_true(is_within("a@mail.example.com", ".example.com"));
    assert_true(is_within("a@a.b.example.com", ".Example.com"));
    assert_false(is_within("a@example.com", ".example.com"));
    assert_false(is_within("a@badexample.com", ".example.com"));
    assert_false(is_within("a@.example.com", ".example.com"));
}

static void one_mailbox(void **state)
{
    (void)state;
    assert_true(is_within("a@example.com", "a@EXAMPLE.com"));
    assert_false(is_within("A@example.com", "a@example.com"));
    assert_false(is_within("b@example.com", "a@example.com"));
    assert_false(is_within("a@mail.example.com", "a@example.com"));
}

static void the_last_at_sign_splits(void **state)
{
    (void)state;
    assert_true(is_within("\"a@evil.org\"@example.com", "example.com"));
    assert_false(is_within("\"a@example.com\"@evil.org", "example.com"));
}

static void an_empty_constraint_is_every_mailbox(void **state)
{
    (void)state;
    assert_true(is_within("a@example.com", ""));
    assert_true(mailbox_is_within(octets("a@example.com"), der_slice(NULL, 0)));
}

static void what_is_no_mailbox_is_within_nothing(void **state)
{
    (void)state;
    assert_false(is_within("example.com", "example.com"));
    assert_false(is_within("", "example.com"));
    assert_false(mailbox_is_within(der_slice(NULL, 0), octets("example.com")));
}

/* A Name of up to three RDNs with one attribute each; tag and value of each. */
struct rdn {
    enum asn1_oid type;
    uint8_t tag;
    const char *value;
};

static void make_name(struct asn1_name *name, const struct rdn *rdns, size_t num)
{
    memset(name, 0, sizeof(*name));
    name->num_rdns = (uint16_t)num;
    name->num_attributes = (uint16_t)num;
    for (size_t i = 0; i < num; i++) {
        struct asn1_attribute *attribute = &name->attributes[i];

        attribute->oid = rdns[i].type;
        attribute->type = asn1_oid_contents(rdns[i].type);
        attribute->value_tag = rdns[i].tag;
        attribute->value = octets(rdns[i].value);
        attribute->value_tlv = attribute->value; /* not compared when the values differ */
        attribute->value_valid = true;
        attribute->rdn = (uint16_t)i;
    }
}

static const struct rdn country = {OID_COUNTRY_NAME, DER_PRINTABLE_STRING, "DE"};
static const struct rdn organization = {OID_ORGANIZATION_NAME, DER_UTF8_STRING, "Beispiel AG"};
static const struct rdn shouted = {OID_ORGANIZATION_NAME, DER_PRINTABLE_STRING, " BEISPIEL   ag"};
static const struct rdn other = {OID_ORGANIZATION_NAME, DER_UTF8_STRING, "Beispiel GmbH"};

static void names_match_in_any_case_and_encoding(void **state)
{
    struct asn1_name a, b;

    (void)state;
    make_name(&a, (const struct rdn[]){country, organization}, 2);
    make_name(&b, (const struct rdn[]){country, shouted}, 2);
    assert_true(name_matches(&a, &b));
    make_name(&b, (const struct rdn[]){country, other}, 2);
    assert_false(name_matches(&a, &b));
    make_name(&b, (const struct rdn[]){organization, country}, 2);
    assert_false(name_matches(&a, &b));
    make_name(&b, (const struct rdn[]){country}, 1);
    assert_false(name_matches(&a, &b));
    assert_false(name_matches(&b, &a));
}

static void a_base_is_the_beginning_of_a_name(void **state)
{
    struct asn1_name name, base;

    (void)state;
    make_name(&name, (const struct rdn[]){country, organization}, 2);
    make_name(&base, (const struct rdn[]){country}, 1);
    assert_true(name_is_within(&name, &base));
    assert_false(name_is_within(&base, &name));
    make_name(&base, (const struct rdn[]){organization}, 1);
    assert_false(name_is_within(&name, &base));
    make_name(&base, NULL, 0);
    assert_true(name_is_within(&name, &base));
}

static void attributes_of_one_rdn_have_no_order(void **state)
{
    struct asn1_name a, b;

    (void)state;
    make_name(&a, (const struct rdn[]){country, organization}, 2);
    make_name(&b, (const struct rdn[]){shouted, country}, 2);
    a.num_rdns = b.num_rdns = 1;
    a.attributes[1].rdn = b.attributes[1].rdn = 0;
    assert_true(name_matches(&a, &b));
    b.num_rdns = 2;
    b.attributes[1].rdn = 1;
    assert_false(name_matches(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes_at_a_host),
        cmocka_unit_test(mailboxes_below_a_domain),
        cmocka_unit_test(one_mailbox),
        cmocka_unit_test(the_last_at_sign_splits),
        cmocka_unit_test(an_empty_constraint_is_every_mailbox),
        cmocka_unit_test(what_is_no_mailbox_is_within_nothing),
        cmocka_unit_test(names_match_in_any_case_and_encoding),
        cmocka_unit_test(a_base_is_the_beginning_of_a_name),
        cmocka_unit_test(attributes_of_one_rdn_have_no_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
