/* Punycode (the samples of RFC 3492 section 7.1), A-labels, Unicode properties, folded names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lint/data/unicode_tables.h"
#include "lint/idna.h"
#include "lint/text.h"

static struct der_slice slice_of(const char *text)
{
    return der_slice((const uint8_t *)text, strlen(text));
}

static struct text utf8(const char *text)
{
    return text_of(DER_UTF8_STRING, slice_of(text));
}

/* RFC 3492 section 7.1 (A), (B), (D), (L), (P), (S), in lower case. */
static const struct {
    uint32_t points[24];
    size_t num;
    const char *encoded;
} samples[] = {
    {{0x644, 0x64A, 0x647, 0x645, 0x627, 0x628, 0x62A, 0x643, 0x644, 0x645, 0x648, 0x634, 0x639,
      0x631, 0x628, 0x64A, 0x61F},
     17,
     "egbpdaj6bu4bxfgehfvwxn"},
    {{0x4ED6, 0x4EEC, 0x4E3A, 0x4EC0, 0x4E48, 0x4E0D, 0x8BF4, 0x4E2D, 0x6587},
     9,
     "ihqwcrb4cv8a8dqg056pqjye"},
    {{'p', 'r', 'o', 0x10D, 'p', 'r',  'o',   's', 't', 0x11B, 'n',
      'e', 'm', 'l', 'u',   'v', 0xED, 0x10D, 'e', 's', 'k',   'y'},
     22,
     "proprostnemluvesky-uyb24dma41a"},
    {{'3', 0x5E74, 'b', 0x7D44, 0x91D1, 0x516B, 0x5148, 0x751F}, 8, "3b-ww4c5e180e575a65lsy2b"},
    {{'m', 'a', 'j', 'i', 0x3067, 'k', 'o', 'i', 0x3059, 0x308B, '5', 0x79D2, 0x524D},
     13,
     "majikoi5-783gue6qz075azm5e"},
    {{'-', '>', ' ', '$', '1', '.', '0', '0', ' ', '<', '-'}, 11, "-> $1.00 <--"},
};

static void punycode_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        uint32_t points[IDNA_MAX];
        uint8_t encoded[IDNA_MAX];
        size_t len;

        assert_int_equal(idna_decode(slice_of(samples[i].encoded), points), samples[i].num);
        assert_memory_equal(points, samples[i].points, samples[i].num * sizeof(*points));
        len = idna_encode(samples[i].points, samples[i].num, encoded, sizeof(encoded));
        assert_true(der_equal(der_slice(encoded, len), slice_of(samples[i].encoded)));
    }
}

static void punycode_faults(void **state)
{
    uint32_t points[IDNA_MAX];
    uint8_t encoded[4];

    (void)state;
    assert_int_equal(idna_decode(slice_of("bcher-kv"), points), 0);
    assert_int_equal(idna_decode(slice_of("bcher-kv!"), points), 0);
    assert_int_equal(idna_decode(slice_of("99999999"), points), 0);
    assert_int_equal(idna_decode(slice_of("-kva"), points), 0);
    assert_int_equal(idna_decode(slice_of(""), points), 0);
    assert_int_equal(idna_decode(slice_of("b\xc3\xa4-kva"), points), 0);
    assert_int_equal(idna_encode(samples[0].points, samples[0].num, encoded, sizeof(encoded)), 0);
}

static void alabels(void **state)
{
    static const struct {
        const char *label;
        enum idna_fault fault;
    } all[] = {
        {"xn--bcher-kva", IDNA_OK},      {"XN--Bcher-KVA", IDNA_OK},
        {"xn--strae-oqa", IDNA_OK}, /* sharp s is PVALID */
        {"xn--fiqs8s", IDNA_OK},    /* Han */
        {"xn--wgbh1c", IDNA_OK},    /* Arabic */
        {"xn--abc-", IDNA_ONLY_ASCII},   {"xn--bcher-kv", IDNA_NOT_DECODABLE},
        {"xn--", IDNA_NOT_DECODABLE},    {"xn--ll-0ea", IDNA_OK}, /* l, middle dot, l */
        {"xn--al-0ea", IDNA_CODE_POINT},                          /* a, middle dot, l */
        {"xn--i-7iq", IDNA_CODE_POINT},                           /* a dingbat */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        enum idna_fault found = idna_check_alabel(slice_of(all[i].label));

        if (found != all[i].fault)
            fail_msg("%s: %s", all[i].label, idna_fault_text(found));
    }
    assert_true(idna_is_alabel(slice_of("xN--a")));
    assert_false(idna_is_alabel(slice_of("xn-a")));
    assert_false(idna_is_alabel(slice_of("axn--a")));
}

/* An A-label made from code points, so that the rule and not the encoder is tested. */
static enum idna_fault fault_of(const uint32_t *points, size_t num)
{
    uint8_t label[4 + IDNA_MAX] = {'x', 'n', '-', '-'};
    size_t len = idna_encode(points, num, label + 4, IDNA_MAX - 4);

    assert_true(len > 0);
    return idna_check_alabel(der_slice(label, 4 + len));
}

static void ulabel_rules(void **state)
{
    static const uint32_t decomposed[] = {'u', 0x308, 'b'};
    static const uint32_t capital[] = {0xDC, 'b'};
    static const uint32_t mark_first[] = {0x301, 'b'};
    static const uint32_t hyphens[] = {'a', 'b', '-', '-', 0xE4};
    static const uint32_t virama[] = {0x915, 0x94D, 0x200D, 0x937};
    static const uint32_t no_virama[] = {0x915, 0x200D, 0x937};
    static const uint32_t persian[] = {0x645, 0x6CC, 0x200C, 0x62E, 0x648};
    static const uint32_t latin_joiner[] = {'a', 0x200C, 0xE4};
    static const uint32_t katakana_dot[] = {0x30A2, 0x30FB, 0x30A4};
    static const uint32_t stray_dot[] = {0xE4, 0x30FB, 'b'};
    static const uint32_t mixed_digits[] = {0x661, 0x6F1};
    static const uint32_t arabic_digits[] = {0x661, 0x662};

    (void)state;
    assert_int_equal(fault_of(decomposed, 3), IDNA_NOT_NFC);
    assert_int_equal(fault_of(capital, 2), IDNA_CODE_POINT);
    assert_int_equal(fault_of(mark_first, 2), IDNA_BEGINS_WITH_MARK);
    assert_int_equal(fault_of(hyphens, 5), IDNA_HYPHENS);
    assert_int_equal(fault_of(virama, 4), IDNA_OK);
    assert_int_equal(fault_of(no_virama, 3), IDNA_CODE_POINT);
    assert_int_equal(fault_of(persian, 5), IDNA_OK);
    assert_int_equal(fault_of(latin_joiner, 3), IDNA_CODE_POINT);
    assert_int_equal(fault_of(katakana_dot, 3), IDNA_OK);
    assert_int_equal(fault_of(stray_dot, 3), IDNA_CODE_POINT);
    assert_int_equal(fault_of(mixed_digits, 2), IDNA_CODE_POINT);
    assert_int_equal(fault_of(arabic_digits, 2), IDNA_OK);
}

static void properties(void **state)
{
    (void)state;
    assert_int_equal(unicode_fold('Q'), 'q');
    assert_int_equal(unicode_fold(0xC4), 0xE4);
    assert_int_equal(unicode_fold(0x100), 0x101);
    assert_int_equal(unicode_fold(0x101), 0x101);
    assert_int_equal(unicode_fold(0x3A3), 0x3C3);
    assert_int_equal(unicode_fold(0x3C2), 0x3C3);
    assert_int_equal(unicode_fold(0x416), 0x436);
    assert_int_equal(unicode_fold(0x531), 0x561);
    assert_int_equal(unicode_fold(0x4E2D), 0x4E2D);
    assert_int_equal(unicode_base(0x1EAD), 'a');
    assert_int_equal(unicode_base('z'), 'z');
    assert_int_equal(unicode_combining_class(0x301), 230);
    assert_int_equal(unicode_script(0x416), SCRIPT_CYRILLIC);
    assert_int_equal(unicode_script('1'), SCRIPT_COMMON);
    assert_int_equal(unicode_script(0x6F22), SCRIPT_HAN);
    assert_int_equal(unicode_script(0xD55C), SCRIPT_HANGUL);
    assert_int_equal(unicode_idna('A'), IDNA_DISALLOWED);
    assert_int_equal(unicode_idna('a'), IDNA_PVALID);
    assert_int_equal(unicode_idna(0x378), IDNA_UNASSIGNED);
    assert_int_equal(unicode_idna(0x110000), IDNA_DISALLOWED);
}

static void normalization(void **state)
{
    static const char *const normal[] = {
        "",
        "abc",
        "\xc3\xa4",
        "\xed\x95\x9c",
        "\xe1\xba\xad",
        "q\xcc\xa3\xcc\x87", /* dot below, dot above */
    };
    static const char *const other[] = {
        "a\xcc\x88",                /* a, diaeresis */
        "q\xcc\x87\xcc\xa3",        /* marks out of order */
        "\xe2\x84\xab",             /* the Angstrom sign */
        "\xe1\x84\x92\xe1\x85\xa1", /* jamo that make a syllable */
        "\xc3\xa2\xcc\xa3",         /* a circumflex, dot below */
        "\xf0\x9d\x85\x9e",         /* excluded from composition */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(normal) / sizeof(*normal); i++)
        assert_true(unicode_is_nfc(DER_UTF8_STRING, slice_of(normal[i])));
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
        assert_false(unicode_is_nfc(DER_UTF8_STRING, slice_of(other[i])));
}

static void names_compared(void **state)
{
    static const uint8_t bmp[] = {0, 'M', 0, 0xFC, 0, 'l', 0, 'l', 0, 'e', 0, 'r'};

    (void)state;
    assert_true(text_equal(utf8("Beispiel  GmbH "), utf8(" BEISPIEL GMBH")));
    assert_true(text_equal(utf8("STRASSE"), utf8("Stra\xc3\x9f"
                                                 "e")));
    assert_true(text_equal(utf8("a \xc3\x9f"
                                "b"),
                           utf8("A SSB")));
    assert_true(text_equal(utf8("\xce\x91\xce\xa3"), utf8("\xce\xb1\xcf\x82")));
    assert_true(text_equal(utf8("M\xc3\xbcller"), text_of(DER_BMP_STRING, der_slice(bmp, 12))));
    assert_false(text_equal(utf8("Beispiel GmbH"), utf8("Beispiel AG")));
    assert_false(text_equal(utf8("BeispielGmbH"), utf8("Beispiel GmbH")));
    assert_false(text_equal(utf8("Muller"), utf8("M\xc3\xbcller")));
    assert_true(text_contains(utf8("PN: Alpha One "), utf8("alpha  one")));
    assert_false(text_contains(utf8("PN: Alpha"), utf8("Alphas")));
    assert_false(text_contains(utf8("PN"), utf8(" ")));
    assert_true(text_same(utf8("M\xc3\xbcller"), text_of(DER_BMP_STRING, der_slice(bmp, 12))));
    assert_false(text_same(utf8("a"), utf8("A")));
}

static void words_shared(void **state)
{
    (void)state;
    assert_true(text_share_word(utf8("Dr. Erika M\xc3\xbcller"), utf8("MUELLER")));
    assert_true(text_share_word(utf8("Jose Garc\xc3\xad"
                                     "a"),
                                utf8("Garcia Lorca")));
    assert_true(text_share_word(utf8("S\xc3\xb8rensen, Lars"), utf8("Soerensen")));
    assert_true(text_share_word(utf8("O'Brien"), utf8("OBrien")));
    assert_true(text_share_word(utf8("Li"), utf8("Li")));
    assert_true(text_share_word(utf8("Anna-Lena Gro\xc3\x9f"), utf8("Gross")));
    assert_false(text_share_word(utf8("Beispiel GmbH"), utf8("Erika")));
    assert_false(text_share_word(utf8("J Smith"), utf8("J Jones")));
    assert_false(text_share_word(utf8("Ann"), utf8("Anna")));
    assert_false(text_share_word(utf8(""), utf8("")));
    assert_int_equal(text_scripts(utf8("Ab 1\xd0\x96")),
                     1u << SCRIPT_LATIN | 1u << SCRIPT_CYRILLIC);
}

/* Two code points that have a composite are not in Normalization Form C, whatever the second is. */
static void compositions(void **state)
{
    (void)state;
    for (size_t i = 0; i < unicode_num_compositions; i++) {
        const uint32_t pair[] = {unicode_compositions[i].first, unicode_compositions[i].second};
        uint8_t octets[8];

        for (size_t k = 0; k < sizeof(octets); k++)
            octets[k] = (uint8_t)(pair[k / 4] >> (24 - 8 * (k % 4)));
        assert_false(unicode_is_nfc(DER_UNIVERSAL_STRING, der_slice(octets, sizeof(octets))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(punycode_samples), cmocka_unit_test(punycode_faults),
        cmocka_unit_test(alabels),          cmocka_unit_test(ulabel_rules),
        cmocka_unit_test(properties),       cmocka_unit_test(normalization),
        cmocka_unit_test(names_compared),   cmocka_unit_test(words_shared),
        cmocka_unit_test(compositions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
