/* Host names, IP addresses in text, and URIs taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lint/data/public_suffixes.h"
#include "lint/data/top_level_domains.h"
#include "lint/public_suffix.h"
#include "lint/uri.h"

static struct der_slice slice_of(const char *text)
{
    return der_slice((const uint8_t *)text, strlen(text));
}

static void uris(void **state)
{
    static const struct {
        const char *text;
        enum uri_fault fault;
        enum uri_host host;
    } all[] = {
        {"http://crl.beispiel.de/a.crl", URI_OK, URI_HOST_NAME},
        {"HTTP://crl.beispiel.de", URI_OK, URI_HOST_NAME},
        {"http://user:pw@crl.beispiel.de:8080/a?b=c#d", URI_OK, URI_HOST_NAME},
        {"http://crl.beispiel.de:/", URI_OK, URI_HOST_NAME},
        {"http://crl.beispiel.de./a.crl", URI_OK, URI_HOST_NAME},
        {"http://crl.beispiel.de../a.crl", URI_OK, URI_HOST_INVALID},
        {"http://./", URI_OK, URI_HOST_INVALID},
        {"http://192.0.2.1/", URI_OK, URI_HOST_IPV4},
        {"http://192.0.2.256/", URI_OK, URI_HOST_INVALID},
        {"http://[2001:db8::1]:80/", URI_OK, URI_HOST_IPV6},
        {"http://[2001:db8::1/", URI_AUTHORITY, URI_HOST_INVALID},
        {"http://[2001:db8]/", URI_AUTHORITY, URI_HOST_INVALID},
        {"http://[::1]x/", URI_AUTHORITY, URI_HOST_IPV6},
        {"http://localhost/", URI_OK, URI_HOST_SINGLE_LABEL},
        {"http://a_b.beispiel.de/", URI_OK, URI_HOST_INVALID},
        {"http:///a", URI_OK, URI_HOST_EMPTY},
        {"ldap:///cn=a,dc=b?certificateRevocationList", URI_OK, URI_HOST_EMPTY},
        {"ldap://ldap.beispiel.de/cn=A%20B,dc=de?a;binary?base?(x=y)", URI_OK, URI_HOST_NAME},
        {"urn:oid:1.2.3", URI_OK, URI_HOST_ABSENT},
        {"mailto:user@beispiel.de", URI_OK, URI_HOST_ABSENT},
        {"http:a", URI_OK, URI_HOST_ABSENT},
        {"", URI_EMPTY, URI_HOST_ABSENT},
        {"crl.beispiel.de/a.crl", URI_RELATIVE, URI_HOST_ABSENT},
        {"/a.crl", URI_RELATIVE, URI_HOST_ABSENT},
        {"//crl.beispiel.de/a.crl", URI_RELATIVE, URI_HOST_ABSENT},
        {"1http://crl.beispiel.de", URI_RELATIVE, URI_HOST_ABSENT},
        {":a", URI_RELATIVE, URI_HOST_ABSENT},
        {"http:", URI_SCHEME_ONLY, URI_HOST_ABSENT},
        {"http://crl.beispiel.de/a b", URI_CHARACTER, URI_HOST_NAME},
        {"http://crl.beispiel.de/a\\b", URI_CHARACTER, URI_HOST_NAME},
        {"http://crl.beispiel.de/\xc3\xa4", URI_CHARACTER, URI_HOST_NAME},
        {"http://crl.beispiel.de/%4", URI_PERCENT, URI_HOST_NAME},
        {"http://crl.beispiel.de/%4g", URI_PERCENT, URI_HOST_NAME},
        {"http://crl.beispiel.de/%4f", URI_OK, URI_HOST_NAME},
        {"http://crl.beispiel.de/a#b#c", URI_CHARACTER, URI_HOST_NAME},
        {"http://crl.beispiel.de:65536/", URI_PORT, URI_HOST_NAME},
        {"http://crl.beispiel.de:65535/", URI_OK, URI_HOST_NAME},
        {"http://crl.beispiel.de:8a/", URI_PORT, URI_HOST_NAME},
        {"http://a@b@crl.beispiel.de/", URI_AUTHORITY, URI_HOST_INVALID},
        {" http://crl.beispiel.de/", URI_RELATIVE, URI_HOST_ABSENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct uri uri;
        enum uri_fault fault = uri_parse(slice_of(all[i].text), &uri);

        if (fault != all[i].fault)
            fail_msg("\"%s\": %s", all[i].text, uri_fault_text(fault));
        if (uri.host_kind != all[i].host)
            fail_msg("\"%s\": host %d", all[i].text, (int)uri.host_kind);
    }
}

static void uri_parts(void **state)
{
    struct uri uri;

    (void)state;
    assert_int_equal(uri_parse(slice_of("hTTp://u:p@crl.beispiel.de:81/a/b?c=d?#e"), &uri), URI_OK);
    assert_true(uri_scheme_is(&uri, "http"));
    assert_false(uri_scheme_is(&uri, "https"));
    assert_true(uri.has_authority && uri.has_userinfo && uri.has_port && uri.has_query &&
                uri.has_fragment);
    assert_true(der_equal(uri.userinfo, slice_of("u:p")));
    assert_true(der_equal(uri.host, slice_of("crl.beispiel.de")));
    assert_true(der_equal(uri.port, slice_of("81")));
    assert_true(der_equal(uri.path, slice_of("/a/b")));
    assert_true(der_equal(uri.query, slice_of("c=d?")));
    assert_true(der_equal(uri.fragment, slice_of("e")));
}

static bool is_public(const char *text)
{
    struct uri uri;

    assert_int_equal(uri_parse(slice_of(text), &uri), URI_OK);
    return uri_host_is_public(&uri);
}

static void public_hosts(void **state)
{
    (void)state;
    assert_true(is_public("http://crl.beispiel.de/"));
    assert_true(is_public("http://crl.beispiel.DE/"));
    assert_true(is_public("http://crl.xn--fiqs8s/"));
    assert_false(is_public("http://crl.firma.lan/"));
    assert_false(is_public("http://crl.firma.local/"));
    assert_true(is_public("http://crl.beispiel.de./"));
    assert_false(is_public("http://crl.firma.local./"));
    assert_false(is_public("http://localhost/"));
    assert_true(is_public("http://8.8.8.8/"));
    assert_false(is_public("http://10.1.2.3/"));
    assert_false(is_public("http://100.127.0.1/"));
    assert_true(is_public("http://100.128.0.1/"));
    assert_false(is_public("http://172.31.0.1/"));
    assert_true(is_public("http://172.32.0.1/"));
    assert_false(is_public("http://192.0.2.1/"));
    assert_true(is_public("http://[2a00:1450::1]/"));
    assert_false(is_public("http://[2001:db8::1]/"));
    assert_false(is_public("http://[::1]/"));
    assert_false(is_public("http://[fe80::1]/"));
    assert_false(is_public("http://[fd00::1]/"));
    assert_false(is_public("http://[::ffff:10.0.0.1]/"));
}

static void addresses(void **state)
{
    static const uint8_t expected[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                         0,    0,    0,    0,    0, 1, 1, 2};
    static const char *const valid[] = {"::",
                                        "::1",
                                        "1::",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:1.2.3.4",
                                        "::ffff:1.2.3.4",
                                        "1:2:3:4:5:6:7::"};
    static const char *const invalid[] = {"",
                                          ":",
                                          ":::",
                                          "1",
                                          "1:2:3:4:5:6:7",
                                          "1:2:3:4:5:6:7:8:9",
                                          "1::2::3",
                                          "12345::",
                                          "g::",
                                          "1:2:3:4:5:6:7:8::",
                                          "1.2.3.4::",
                                          "::1.2.3",
                                          "1:",
                                          ":1",
                                          "fe80::1%25eth0"};
    uint8_t address[16];

    (void)state;
    assert_true(host_parse_ipv6(slice_of("2001:DB8::1:102"), address));
    assert_memory_equal(address, expected, sizeof(address));
    for (size_t i = 0; i < sizeof(valid) / sizeof(*valid); i++) {
        if (!host_parse_ipv6(slice_of(valid[i]), NULL))
            fail_msg("%s", valid[i]);
    }
    for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++) {
        if (host_parse_ipv6(slice_of(invalid[i]), NULL))
            fail_msg("%s", invalid[i]);
    }
    assert_true(host_parse_ipv4(slice_of("255.0.10.1"), address));
    assert_false(host_parse_ipv4(slice_of("255.0.10"), NULL));
    assert_false(host_parse_ipv4(slice_of("255.0.10.1."), NULL));
    assert_false(host_parse_ipv4(slice_of("255.0.10.01"), NULL));
    assert_false(host_parse_ipv4(slice_of("256.0.10.1"), NULL));
    assert_false(host_parse_ipv4(slice_of("1.2.3.4.5"), NULL));
    assert_false(host_address_is_global(der_slice(address, 5)));
}

static void host_names(void **state)
{
    struct host_name host;

    (void)state;
    assert_int_equal(host_name_check(slice_of("a.b-c.de"), &host), HOST_OK);
    assert_int_equal(host.num_labels, 3);
    assert_true(der_equal(host.last_label, slice_of("de")));
    assert_int_equal(host_name_check(slice_of(""), NULL), HOST_EMPTY);
    assert_int_equal(host_name_check(slice_of("."), NULL), HOST_LABEL_EMPTY);
    assert_int_equal(host_name_check(slice_of("a.de."), NULL), HOST_TRAILING_DOT);
    assert_int_equal(host_name_check(slice_of(".a.de"), NULL), HOST_LABEL_EMPTY);
    assert_int_equal(host_name_check(slice_of("a..de"), NULL), HOST_LABEL_EMPTY);
    assert_int_equal(host_name_check(slice_of("a-.de"), NULL), HOST_LABEL_HYPHEN);
    assert_int_equal(host_name_check(slice_of("a_b.de"), NULL), HOST_CHARACTER);
    assert_int_equal(host_name_check(slice_of(" "), NULL), HOST_CHARACTER);
    assert_int_equal(host_name_check(slice_of("a.123"), &host), HOST_OK);
    assert_true(host.numeric_last_label);
    assert_true(host_is_under(slice_of("A.Example.COM"), "example.com"));
    assert_false(host_is_under(slice_of("aexample.com"), "example.com"));
    assert_true(host_has_delegated_tld(slice_of("a.aaa")));
    assert_true(host_has_delegated_tld(slice_of("a.zw")));
    assert_false(host_has_delegated_tld(slice_of("a.zzz")));
    assert_false(host_has_delegated_tld(slice_of("a.d")));
    assert_false(host_has_delegated_tld(slice_of("")));
}

/* What the generators put into a table is what the look-up finds there. */
static void tables(void **state)
{
    static const struct name_table *const all[] = {&top_level_domains, &public_suffixes};

    (void)state;
    for (size_t t = 0; t < sizeof(all) / sizeof(*all); t++) {
        size_t num = all[t]->first[all[t]->mask + 1];

        assert_true(num > 1000);
        for (size_t i = 0; i < num; i++) {
            struct der_slice name = slice_of(all[t]->names[i]);

            assert_true(name_table_has(all[t], "", name));
            assert_false(name_table_has(all[t], "-", name));
        }
    }
    assert_true(name_table_has(&public_suffixes, "", slice_of("CO.uk")));
    assert_false(name_table_has(&public_suffixes, "", der_slice((const uint8_t *)"uk\0", 3)));
    assert_true(is_public_suffix(slice_of("Co.Uk")));
    assert_false(is_public_suffix(slice_of("beispiel.co.uk")));
    assert_true(is_public_suffix(slice_of("anything.ck")));
    assert_false(is_public_suffix(slice_of("www.ck")));
    assert_false(is_public_suffix(slice_of(".ck")));
    assert_false(is_public_suffix(slice_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris),      cmocka_unit_test(uri_parts),  cmocka_unit_test(public_hosts),
        cmocka_unit_test(addresses), cmocka_unit_test(host_names), cmocka_unit_test(tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
