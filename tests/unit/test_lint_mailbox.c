/* The grammar of Mailbox Addresses: what each string has against it, and when two are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lint/mailbox.h"

static struct der_slice slice_of(const char *text)
{
    return der_slice((const uint8_t *)text, strlen(text));
}

/* Bits that say something about a good mailbox, not against it. */
enum { REMARKS = MAILBOX_LOCAL_PART_ASCII | MAILBOX_DOMAIN_HAS_ALABEL };

static uint32_t faults_of(enum mailbox_form form, const char *text)
{
    struct mailbox mailbox;

    return mailbox_parse(form, slice_of(text), &mailbox) & ~(uint32_t)REMARKS;
}

struct expectation {
    const char *text;
    uint32_t faults;
};

static void expect_all(enum mailbox_form form, const struct expectation *all, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        uint32_t found = faults_of(form, all[i].text);

        if (found != all[i].faults)
            fail_msg("\"%s\": %#x instead of %#x", all[i].text, found, all[i].faults);
    }
}

#define LOCAL_64 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234"
#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
#define DOMAIN_253                                                                                 \
    LABEL_63 "." LABEL_63 "." LABEL_63                                                             \
             ".aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee12345678.de"

static void ascii_mailboxes(void **state)
{
    static const struct expectation all[] = {
        {"user@beispiel.de", 0},
        {"first.last+tag@sub.beispiel.de", 0},
        {"!#$%&'*+-/=?^_`{|}~@beispiel.de", 0},
        {"user@xn--bcher-kva.de", 0},
        {"1@3com.de", 0},
        {LOCAL_64 "@beispiel.de", 0},
        {LOCAL_64 "5@beispiel.de", MAILBOX_LOCAL_PART_TOO_LONG},
        {"a@" LABEL_63 ".de", 0},
        {"a@" LABEL_63 "4.de", MAILBOX_DOMAIN_SYNTAX},
        {"a@" DOMAIN_253, 0},
        {"a@x" DOMAIN_253, MAILBOX_DOMAIN_TOO_LONG | MAILBOX_DOMAIN_SYNTAX},
        {"a@x." DOMAIN_253, MAILBOX_DOMAIN_TOO_LONG},
        {"", MAILBOX_NOT_ADDR_SPEC | MAILBOX_NO_AT_SIGN},
        {"user", MAILBOX_NOT_ADDR_SPEC | MAILBOX_NO_AT_SIGN},
        {"\"a@b\"", MAILBOX_NOT_ADDR_SPEC | MAILBOX_NO_AT_SIGN},
        {"a@b@beispiel.de", MAILBOX_NOT_ADDR_SPEC},
        {"a@beispiel.de,b@beispiel.de", MAILBOX_NOT_ADDR_SPEC},
        {"mailto:user@beispiel.de", MAILBOX_NOT_ADDR_SPEC},
        {"SMTP:user@beispiel.de", MAILBOX_NOT_ADDR_SPEC},
        {"<user@beispiel.de>", MAILBOX_ANGLE_BRACKETS},
        {"User <user@beispiel.de>", MAILBOX_ANGLE_BRACKETS},
        {"user(work)@beispiel.de", MAILBOX_ANGLE_BRACKETS},
        {" user@beispiel.de", MAILBOX_WHITESPACE},
        {"user@beispiel.de\n", MAILBOX_WHITESPACE},
        {"us er@beispiel.de", MAILBOX_WHITESPACE},
        {"user\t@beispiel.de", MAILBOX_WHITESPACE},
        {"@beispiel.de", MAILBOX_LOCAL_PART_EMPTY},
        {"user@", MAILBOX_DOMAIN_MISSING},
        {"@", MAILBOX_LOCAL_PART_EMPTY | MAILBOX_DOMAIN_MISSING},
        {".user@beispiel.de", MAILBOX_LOCAL_PART_DOTS},
        {"user.@beispiel.de", MAILBOX_LOCAL_PART_DOTS},
        {"us..er@beispiel.de", MAILBOX_LOCAL_PART_DOTS},
        {"us;er@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"us\\er@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"us\x7f"
         "er@beispiel.de",
         MAILBOX_LOCAL_PART_CHARSET},
        {"us\"er\"@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"\"us er\"@beispiel.de", MAILBOX_LOCAL_PART_QUOTED},
        {"\"us@er..<>\"@beispiel.de", MAILBOX_LOCAL_PART_QUOTED},
        {"\"us\\\"er\"@beispiel.de", MAILBOX_LOCAL_PART_QUOTED},
        {"\"us\ter\"@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"\"us\"er@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"\"user@beispiel.de", MAILBOX_LOCAL_PART_CHARSET},
        {"us\xc3\xa4r@beispiel.de", MAILBOX_NON_ASCII},
        {"user@b\xc3\xbc"
         "cher.de",
         MAILBOX_NON_ASCII},
        {"user@beispiel_.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@-beispiel.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@beispiel-.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@beispiel..de", MAILBOX_DOMAIN_SYNTAX},
        {"user@.beispiel.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@beispiel.de.", MAILBOX_DOMAIN_SYNTAX},
        {"user@beispiel.de:25", MAILBOX_DOMAIN_SYNTAX},
        {"user@[192.0.2.1]", MAILBOX_ADDRESS_LITERAL},
        {"user@[IPv6:2001:db8::1]", MAILBOX_ADDRESS_LITERAL},
        {"user@192.0.2.1", MAILBOX_DOMAIN_NUMERIC_TLD},
        {"user@beispiel", MAILBOX_DOMAIN_SINGLE_LABEL},
        {"user@localhost", MAILBOX_DOMAIN_SINGLE_LABEL | MAILBOX_DOMAIN_RESERVED_TLD},
        {"user@firma.local", MAILBOX_DOMAIN_RESERVED_TLD},
        {"user@local.de", 0},
        {"user@mylocal", MAILBOX_DOMAIN_SINGLE_LABEL},
        {"user@host.home.arpa", MAILBOX_DOMAIN_RESERVED_TLD},
        {"user@home.arpa.de", 0},
        {"user@Firma.INTERNAL", MAILBOX_DOMAIN_RESERVED_TLD | MAILBOX_DOMAIN_NOT_LOWER_CASE},
        {"user@Beispiel.de", MAILBOX_DOMAIN_NOT_LOWER_CASE},
        {"User@beispiel.de", 0},
        {"user@example.com", MAILBOX_DOMAIN_EXAMPLE_OR_ONION},
        {"user@mail.example.org", MAILBOX_DOMAIN_EXAMPLE_OR_ONION},
        {"user@myexample.com", 0},
        {"user@abc.onion", MAILBOX_DOMAIN_EXAMPLE_OR_ONION},
        {"user@xn--.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@xn--bcher.de", MAILBOX_DOMAIN_ALABEL_CODEPOINTS},
        {"user@xn--a-.de", MAILBOX_DOMAIN_SYNTAX},
        {"user@xn--99999999.de", MAILBOX_DOMAIN_ALABEL_INVALID},
        {"user@ab--cd.de", MAILBOX_DOMAIN_ALABEL_CODEPOINTS},
        {"*@beispiel.de", MAILBOX_WILDCARD},
        {"*a@beispiel.de", 0},
    };

    (void)state;
    expect_all(MAILBOX_ASCII, all, sizeof(all) / sizeof(*all));
}

static void utf8_mailboxes(void **state)
{
    static const struct expectation all[] = {
        {"us\xc3\xa4r@beispiel.de", 0},
        {"\xe7\x94\xa8\xe6\x88\xb7@beispiel.de", 0},
        {"us\xc3\xa4r@b\xc3\xbc"
         "cher.de",
         MAILBOX_DOMAIN_HAS_ULABEL},
        {"us\xc3\xa4r@b\xc3\xbc"
         "cher..de",
         MAILBOX_DOMAIN_HAS_ULABEL | MAILBOX_DOMAIN_SYNTAX},
        {"us\xc3\xa4r@xn--bcher-kva.de", 0},
        {"us\xc2\xa0r@beispiel.de", MAILBOX_WHITESPACE},
        {"us\xe3\x80\x80r@beispiel.de", MAILBOX_WHITESPACE},
        {"us\xc3\xa4r", MAILBOX_NOT_ADDR_SPEC | MAILBOX_NO_AT_SIGN},
        {"us\xc3\xa4r@Beispiel.de", MAILBOX_DOMAIN_NOT_LOWER_CASE},
        {"\"us \xc3\xa4r\"@beispiel.de", MAILBOX_LOCAL_PART_QUOTED},
        {"us\xc3\xa4..r@beispiel.de", MAILBOX_LOCAL_PART_DOTS},
    };
    struct mailbox mailbox;

    (void)state;
    expect_all(MAILBOX_UTF8, all, sizeof(all) / sizeof(*all));
    assert_true(mailbox_parse(MAILBOX_UTF8, slice_of("user@xn--bcher-kva.de"), &mailbox) ==
                (MAILBOX_LOCAL_PART_ASCII | MAILBOX_DOMAIN_HAS_ALABEL));
    assert_true(mailbox_parse(MAILBOX_UTF8, slice_of("us\xc3\xa4r@beispiel.de"), &mailbox) == 0);
}

static void parts(void **state)
{
    struct mailbox mailbox;

    (void)state;
    (void)mailbox_parse(MAILBOX_ASCII, slice_of("\"a@b\"@mail.beispiel.de"), &mailbox);
    assert_true(der_equal(mailbox.local_part, slice_of("\"a@b\"")));
    assert_true(der_equal(mailbox.domain, slice_of("mail.beispiel.de")));
    assert_int_equal(mailbox.num_labels, 3);
}

static void evident_mailboxes(void **state)
{
    (void)state;
    assert_true(mailbox_is_evident(slice_of("user@beispiel.de")));
    assert_true(mailbox_is_evident(slice_of("us\xc3\xa4r@b\xc3\xbc"
                                            "cher.de")));
    assert_true(mailbox_is_evident(slice_of("user@firma.local")));
    assert_false(mailbox_is_evident(slice_of("user@beispiel")));
    assert_false(mailbox_is_evident(slice_of("user@[192.0.2.1]")));
    assert_false(mailbox_is_evident(slice_of("2@3.50")));
    assert_false(mailbox_is_evident(slice_of("User <user@beispiel.de>")));
    assert_false(mailbox_is_evident(slice_of("")));
    assert_true(mailbox_is_valid(slice_of("user@beispiel")));
    assert_true(mailbox_is_valid(slice_of("user@[192.0.2.1]")));
    assert_false(mailbox_is_valid(slice_of("a@beispiel.de;b@beispiel.de")));
    assert_false(mailbox_is_valid(slice_of("user")));
}

static void equality(void **state)
{
    (void)state;
    assert_true(mailbox_equal(slice_of("user@beispiel.de"), slice_of("user@BEISPIEL.de")));
    assert_false(mailbox_equal(slice_of("User@beispiel.de"), slice_of("user@beispiel.de")));
    assert_false(mailbox_equal(slice_of("user@beispiel.de"), slice_of("user@beispiel.dk")));
    assert_false(mailbox_equal(slice_of("user@beispiel.de"), slice_of("user@beispiel.de ")));
    assert_false(mailbox_equal(slice_of("\"A@b\"@c.de"), slice_of("\"a@b\"@c.de")));
    assert_false(mailbox_equal(slice_of("USER"), slice_of("user")));
    assert_true(mailbox_equal(slice_of(""), slice_of("")));
}

static void text_of_every_type(void **state)
{
    static const uint8_t bmp[] = {0, 'a', 0, '@', 0x20, 0xac};
    static const uint8_t latin[] = {'a', 0xe4};
    static const uint8_t universal[] = {0, 1, 0xf6, 0};
    uint8_t buffer[MAILBOX_BUFFER];
    struct der_slice text;

    (void)state;
    assert_true(
        mailbox_text(DER_BMP_STRING, der_slice(bmp, sizeof(bmp)), buffer, sizeof(buffer), &text));
    assert_true(der_equal(text, slice_of("a@\xe2\x82\xac")));
    assert_true(mailbox_text(DER_TELETEX_STRING, der_slice(latin, sizeof(latin)), buffer,
                             sizeof(buffer), &text));
    assert_true(der_equal(text, slice_of("a\xc3\xa4")));
    assert_true(mailbox_text(DER_UNIVERSAL_STRING, der_slice(universal, sizeof(universal)), buffer,
                             sizeof(buffer), &text));
    assert_true(der_equal(text, slice_of("\xf0\x9f\x98\x80")));
    assert_false(mailbox_text(DER_BMP_STRING, der_slice(bmp, sizeof(bmp)), buffer, 4, &text));
    assert_false(mailbox_text(DER_BMP_STRING, der_slice(bmp, 3), buffer, sizeof(buffer), &text));
    assert_false(mailbox_text(DER_INTEGER, slice_of("a"), buffer, sizeof(buffer), &text));
}

/* No octets at all, cut anywhere, lead outside of the text. */
static void hostile_octets(void **state)
{
    static const char *const seeds[] = {"\"a\\\"b\"@c.de", "\xc3\xa4\xe2\x82@\xf0\x9f",
                                        "a@xn--kva-.d",    "<(\"@[",
                                        "..@..",           "\\\"@\""};
    struct mailbox mailbox;

    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
        size_t len = strlen(seeds[i]);

        for (size_t cut = 0; cut <= len; cut++) {
            uint8_t copy[64];
            uint8_t *exact = test_malloc(cut == 0 ? 1 : cut);

            memcpy(copy, seeds[i], len);
            memcpy(exact, copy, cut);
            for (enum mailbox_form form = MAILBOX_ASCII; form <= MAILBOX_UTF8; form++) {
                (void)mailbox_parse(form, der_slice(exact, cut), &mailbox);
                assert_true(mailbox.domain.len + mailbox.local_part.len <= cut);
            }
            test_free(exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_mailboxes), cmocka_unit_test(utf8_mailboxes),
        cmocka_unit_test(parts),           cmocka_unit_test(evident_mailboxes),
        cmocka_unit_test(equality),        cmocka_unit_test(text_of_every_type),
        cmocka_unit_test(hostile_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
