/* The shape of the catalogue: what every row must hold, whoever writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lint/catalogue.h"
#include "lint/profile.h"

static void dates_are_exact(void **state)
{
    (void)state;
    assert_true(LINT_DATE(1970, 1, 1) == 0);
    assert_true(LINT_DATE(2000, 3, 1) == 951868800);
    assert_true(LINT_DATE(2023, 9, 1) == 1693526400);
    assert_true(LINT_DATE(2024, 2, 29) == 1709164800);
    assert_true(LINT_DATE(2026, 12, 31) == 1798675200);
}

static void each_rule_is_found_by_its_id(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++)
        assert_ptr_equal(lint_rule_by_id(lint_rules[i].id), &lint_rules[i]);
    assert_null(lint_rule_by_id(""));
    assert_null(lint_rule_by_id(NULL));
    assert_null(lint_rule_by_id("smime"));
    assert_null(lint_rule_by_id("smime.version.not_v3 "));
    assert_null(lint_rule_by_id("zzz"));
    assert_null(lint_rule_by_id("a"));
}

/* Lower case, digits, dots and underscores, and at least two parts. */
static void ids_are_well_formed(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++) {
        const char *id = lint_rules[i].id;

        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._"), strlen(id));
        assert_non_null(strchr(id, '.'));
        assert_null(strstr(id, ".."));
    }
}

static void rows_are_filled_in(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];
        size_t len = strlen(rule->requirement);

        assert_true(rule->source[0] != '\0');
        assert_true(len > 10);
        assert_true(rule->tier >= 1 && rule->tier <= 3);
        assert_true(rule->severity <= LINT_ERROR);
        assert_true(rule->scope != 0);
        assert_true(rule->types <= (LINT_MV | LINT_OV | LINT_SV | LINT_IV));
        assert_true(rule->generations <= (LINT_LEGACY | LINT_MULTIPURPOSE | LINT_STRICT));
        assert_true(rule->needs <= NEEDS_EXTERNAL);
        if (rule->state == STATE_CHECKED && rule->remedy[0] == '\0')
            fail_msg("%s is checked and has no remedy", rule->id);
    }
}

static void periods_are_sane(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];

        if (rule->from != LINT_NO_DATE) {
            assert_true(rule->from >= LINT_DATE(2000, 1, 1));
            assert_true(rule->from < LINT_DATE(2040, 1, 1));
        }
        if (rule->until != LINT_NO_DATE)
            assert_true(rule->until > LINT_DATE(2023, 1, 1));
        if (rule->from != LINT_NO_DATE && rule->until != LINT_NO_DATE)
            assert_true(rule->from < rule->until);
    }
}

/* A special finding must not be milder than the general one that it hides. */
static void generals_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < lint_num_generals; i++) {
        const struct lint_rule *general = &lint_rules[lint_generals[i].general];
        const struct lint_rule *special = &lint_rules[lint_generals[i].special];

        assert_ptr_not_equal(general, special);
        if (general->state != STATE_CHECKED || special->state != STATE_CHECKED)
            fail_msg("%s is general to %s: one is not checked", general->id, special->id);
        if (special->severity < general->severity)
            fail_msg("%s would hide %s, which is graver", special->id, general->id);
        for (size_t j = 0; j < i; j++)
            assert_false(lint_generals[j].general == lint_generals[i].general &&
                         lint_generals[j].special == lint_generals[i].special);
    }
}

static void encoding_rows_bind_every_object(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];

        /* der.size_limits is advice about sizes, no matter of the encoding */
        if (strncmp(rule->id, "der.", 4) != 0 || rule->state != STATE_CHECKED ||
            i == RULE_DER_SIZE_LIMITS)
            continue;
        assert_int_equal(rule->severity, LINT_ERROR);
        assert_int_equal(rule->waivable, NOT_WAIVABLE);
        assert_true(rule->from == LINT_NO_DATE && rule->until == LINT_NO_DATE);
        assert_true((rule->scope & SCOPE_CERTIFICATE) == SCOPE_CERTIFICATE);
        assert_true((rule->scope & SCOPE_UNKNOWN) != 0);
    }
}

/*
 * Rows that no check reports say why in place of the remedy. Their number is written down here, so
 * that none is added or forgotten unseen.
 */
static void unchecked_rows_have_a_reason(void **state)
{
    enum { NUM_PLANNED = 0, NUM_PROCESS = 17 };
    size_t planned = 0, process = 0;

    (void)state;
    for (int i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];

        if (rule->state == STATE_CHECKED)
            continue;
        planned += rule->state == STATE_PLANNED;
        process += rule->state == STATE_PROCESS;
        printf("%s %s: %s\n", rule->state == STATE_PLANNED ? "planned" : "process", rule->id,
               rule->remedy);
        if (rule->remedy[0] == '\0')
            fail_msg("%s is not checked and gives no reason", rule->id);
    }
    assert_int_equal(planned, NUM_PLANNED);
    assert_int_equal(process, NUM_PROCESS);
}

/* Requirements of a root programme bear its name. */
static void programmes_have_their_names(void **state)
{
    (void)state;
    for (int i = RULE_APPLE_ROOT_KEY; i <= RULE_MOZILLA_SUBCA_PURPOSES; i++) {
        const char *prefix = i <= RULE_APPLE_SUBCA_KEY_REUSED         ? "apple."
                             : i <= RULE_GMAIL_SUBCA_PATH_LEN_MISSING ? "gmail."
                             : i <= RULE_MICROSOFT_SUBCA_PURPOSES     ? "microsoft."
                                                                      : "mozilla.";

        assert_int_equal(strncmp(lint_rules[i].id, prefix, strlen(prefix)), 0);
    }
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int kind = 0; kind < LINT_KIND_COUNT; kind++)
        assert_int_equal(lint_kind_by_name(lint_kind_name((enum lint_kind)kind)), kind);
    assert_int_equal(lint_kind_by_name("certificate"), LINT_KIND_UNKNOWN);
    assert_string_equal(lint_kind_name(LINT_KIND_SUBORDINATE_CA), "subordinate-ca");
    assert_string_equal(lint_severity_name(LINT_WARNING), "warning");
}

static void profiles_have_names_and_policies(void **state)
{
    const enum lint_type types[] = {LINT_MV, LINT_OV, LINT_SV, LINT_IV};
    const enum lint_generation generations[] = {LINT_LEGACY, LINT_MULTIPURPOSE, LINT_STRICT};
    uint16_t seen = 0;
    struct lint_profile found;

    (void)state;
    for (int t = 0; t < 4; t++) {
        for (int g = 0; g < 3; g++) {
            struct lint_profile profile = {types[t], generations[g]};

            assert_int_equal(seen & lint_profile_bit(profile), 0);
            seen |= lint_profile_bit(profile);
            assert_true(lint_profile_by_name(lint_profile_name(profile), &found));
            assert_int_equal(lint_profile_bit(found), lint_profile_bit(profile));
            assert_true(lint_profile_by_policy(lint_profile_policy(profile), &found));
            assert_int_equal(lint_profile_bit(found), lint_profile_bit(profile));
        }
    }
    assert_int_equal(seen, 0x0fff);
    assert_false(lint_profile_by_name("strict", &found));
    assert_false(lint_profile_by_policy(OID_ANY_POLICY, &found));
    assert_string_equal(lint_profile_name((struct lint_profile){LINT_MV, LINT_GENERATION_NONE}),
                        "");
}

static void ruleset_names_text_and_digest(void **state)
{
    const char *ruleset = lint_ruleset();
    size_t len = strlen(ruleset);

    (void)state;
    assert_int_equal(strncmp(ruleset, "SBR 1.0.16 (2026-09-28)", 23), 0);
    assert_true(len > 12);
    assert_int_equal(strspn(ruleset + len - 12, "0123456789abcdef"), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_exact),
        cmocka_unit_test(each_rule_is_found_by_its_id),
        cmocka_unit_test(ids_are_well_formed),
        cmocka_unit_test(rows_are_filled_in),
        cmocka_unit_test(periods_are_sane),
        cmocka_unit_test(generals_are_sound),
        cmocka_unit_test(encoding_rows_bind_every_object),
        cmocka_unit_test(unchecked_rows_have_a_reason),
        cmocka_unit_test(programmes_have_their_names),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(profiles_have_names_and_policies),
        cmocka_unit_test(ruleset_names_text_and_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
