/*
 * The subject of a CA certificate: SBR 7.1.4.3.1 (commonName, organizationName, countryName) and
 * 7.1.4.1 (names that compare equal are the same octets).
 */
#include "lint/checks/ca.h"
#include "lint/checks/name.h"
#include "lint/country.h"
#include "lint/name_match.h"

static const struct asn1_path subject_path = {NULL, "subject", {NULL, 0}, -1};

/* The three attributes that SBR 7.1.4.3.1 demands, with the rows for subordinate CAs and roots. */
static const struct demanded {
    enum asn1_oid oid;
    enum lint_rule_number subordinate, root;
} demanded[] = {
    {OID_COMMON_NAME, RULE_SMIME_CA_SUBJECT_CN_MISSING, RULE_SMIME_ROOT_SUBJECT_CN_MISSING},
    {OID_ORGANIZATION_NAME, RULE_SMIME_CA_SUBJECT_O_MISSING, RULE_SMIME_ROOT_SUBJECT_O_MISSING},
    {OID_COUNTRY_NAME, RULE_SMIME_CA_SUBJECT_C_MISSING, RULE_SMIME_ROOT_SUBJECT_C_MISSING},
};

static enum lint_rule_number row(const struct lint_context *context,
                                 enum lint_rule_number subordinate, enum lint_rule_number root)
{
    return context->kind == LINT_KIND_ROOT ? root : subordinate;
}

static void check_demanded(struct lint_context *context, const struct asn1_name *subject)
{
    for (size_t i = 0; i < sizeof(demanded) / sizeof(demanded[0]); i++) {
        const struct asn1_attribute *first = asn1_find_attribute(subject, demanded[i].oid);
        const struct asn1_attribute *second;

        if (first == NULL) {
            lint_found(context, row(context, demanded[i].subordinate, demanded[i].root),
                       &subject_path, subject->tlv, "no %s", asn1_oid_name(demanded[i].oid));
            continue;
        }
        second = name_next(subject, demanded[i].oid, first);
        if (second != NULL)
            name_found(context,
                       row(context, RULE_SMIME_CA_SUBJECT_DUPLICATE_ATTRIBUTES,
                           RULE_SMIME_ROOT_SUBJECT_DUPLICATE_ATTRIBUTES),
                       &subject_path, second, "%s occurs more than once",
                       asn1_oid_name(demanded[i].oid));
    }
}

/* An ISO 3166-1 code: the SBR offers XX to subscribers, not to CAs. */
static void check_country(struct lint_context *context, const struct asn1_name *subject)
{
    enum lint_rule_number rule =
        row(context, RULE_SMIME_CA_SUBJECT_C_INVALID, RULE_SMIME_ROOT_SUBJECT_C_INVALID);
    char code[3];

    for (const struct asn1_attribute *country = name_next(subject, OID_COUNTRY_NAME, NULL);
         country != NULL; country = name_next(subject, OID_COUNTRY_NAME, country)) {
        if (!name_is_readable(country))
            continue;
        if (!name_ascii(country, code, sizeof(code)) || code[0] == '\0' || code[1] == '\0' ||
            country_status(code) != COUNTRY_ASSIGNED)
            name_found(context, rule, &subject_path, country, "%s is no ISO 3166-1 code",
                       name_quote(context, country));
    }
}

/* The names that the policy knows: the same name in other octets is another name to many. */
static void check_known_names(struct lint_context *context, const struct asn1_name *subject)
{
    const struct lint_policy *policy = context->request->policy;
    enum lint_rule_number rule = row(context, RULE_SMIME_CA_SUBJECT_SAME_NAME_DIFFERENT_BYTES,
                                     RULE_SMIME_ROOT_SUBJECT_SAME_NAME_DIFFERENT_BYTES);

    for (size_t i = 0; i < policy->num_known_cas; i++) {
        const struct asn1_certificate *known = &policy->known_cas[i]->view;

        if (der_equal(known->subject.tlv, subject->tlv) || !name_matches(&known->subject, subject))
            continue;
        lint_found(context, rule, &subject_path, subject->tlv,
                   "the name of a known CA in another encoding");
        if (lint_same_public_key(known->public_key.tlv, context->certificate.public_key.tlv))
            lint_found(context, RULE_SMIME_CROSS_SUBJECT_KEY_MISMATCH, &subject_path, subject->tlv,
                       "the key and the name of a known CA, the name in another encoding");
        return;
    }
}

/* SBR 7.1.4.3.1 lists three attributes; whatever else is there had to be verified. */
static void check_others(struct lint_context *context, const struct asn1_name *subject)
{
    enum lint_rule_number rule = row(context, RULE_SMIME_CA_SUBJECT_OTHER_ATTRIBUTES,
                                     RULE_SMIME_ROOT_SUBJECT_OTHER_ATTRIBUTES);

    for (size_t i = 0; i < subject->num_attributes; i++) {
        const struct asn1_attribute *attribute = &subject->attributes[i];

        if (attribute->oid != OID_COMMON_NAME && attribute->oid != OID_ORGANIZATION_NAME &&
            attribute->oid != OID_COUNTRY_NAME)
            name_found(context, rule, &subject_path, attribute, "%s %s",
                       lint_oid(context, attribute->type), name_quote(context, attribute));
    }
}

/* Two keys under one name: relying parties have to try both. */
static void check_unique(struct lint_context *context, const struct asn1_name *subject)
{
    const struct lint_policy *policy = context->request->policy;
    enum lint_rule_number rule =
        row(context, RULE_SMIME_CA_SUBJECT_CN_NOT_UNIQUE, RULE_SMIME_ROOT_SUBJECT_CN_NOT_UNIQUE);

    for (size_t i = 0; i < policy->num_known_cas; i++) {
        const struct asn1_certificate *known = &policy->known_cas[i]->view;

        if (!der_equal(known->subject.tlv, subject->tlv) ||
            lint_same_public_key(known->public_key.tlv, context->certificate.public_key.tlv))
            continue;
        lint_found(context, rule, &subject_path, subject->tlv,
                   "the name of a known CA that has another key");
        return;
    }
}

void check_ca_subject(struct lint_context *context)
{
    const struct asn1_name *subject = &context->certificate.subject;
    const struct asn1_name *issuer = &context->certificate.issuer;

    if (lint_breach_within(context, subject->tlv) && subject->num_attributes == 0)
        return;
    if (subject->num_rdns == 0) {
        lint_found(context,
                   row(context, RULE_SMIME_CA_SUBJECT_EMPTY, RULE_SMIME_ROOT_SUBJECT_EMPTY),
                   &subject_path, subject->tlv, "the subject is empty");
        return;
    }
    check_demanded(context, subject);
    check_country(context, subject);
    check_others(context, subject);
    check_known_names(context, subject);
    check_unique(context, subject);
    if (!der_equal(subject->tlv, issuer->tlv) && name_matches(subject, issuer))
        lint_found(context, RULE_SMIME_CA_SUBJECT_EQUAL_TO_ISSUER_DIFFERENT_BYTES, &subject_path,
                   subject->tlv, "the issuer name in another encoding");
}
