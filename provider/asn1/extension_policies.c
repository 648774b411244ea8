/*
 * certificatePolicies and policyMappings (RFC 5280 sections 4.2.1.4 and 4.2.1.5).
 */
#include <limits.h>

#include "asn1/decode.h"

/* DisplayText ::= CHOICE { IA5String, VisibleString, BMPString, UTF8String } */
static bool is_display_text(uint8_t tag)
{
    return tag == DER_IA5_STRING || tag == DER_VISIBLE_STRING || tag == DER_BMP_STRING ||
           tag == DER_UTF8_STRING;
}

/* NoticeReference ::= SEQUENCE { organization DisplayText, noticeNumbers SEQUENCE OF INTEGER } */
static void check_notice_ref(struct asn1_cursor *notice)
{
    struct asn1_cursor fields, numbers;
    struct der_element element;

    if (!asn1_take_any(notice, "noticeRef", &element))
        return;
    fields = asn1_enter(notice->scope, notice->path, &element);
    if (!is_display_text(asn1_next_tag(&fields))) {
        asn1_report(notice->scope, notice->path, "noticeRef", ASN1_BREACH_GRAMMAR, element.tlv,
                    "organization is no DisplayText");
        return;
    }
    if (!asn1_take_primitive(&fields, "noticeRef", asn1_next_tag(&fields), &element))
        return;
    if (!asn1_take(&fields, "noticeRef", DER_SEQUENCE, &element))
        return;
    asn1_finish(&fields);
    numbers = asn1_enter(notice->scope, notice->path, &element);
    while (asn1_more(&numbers)) {
        if (!asn1_take_primitive(&numbers, "noticeRef", DER_INTEGER, &element))
            return;
    }
}

/* UserNotice ::= SEQUENCE { noticeRef OPTIONAL, explicitText DisplayText OPTIONAL } */
static void read_user_notice(struct asn1_cursor *fields, struct asn1_policy_qualifier *qualifier)
{
    struct asn1_cursor notice;
    struct der_element element;
    uint8_t tag;

    if (!asn1_take(fields, NULL, DER_SEQUENCE, &element))
        return;
    qualifier->qualifier_tlv = element.tlv;
    qualifier->qualifier_tag = element.tag;
    qualifier->qualifier = element.contents;
    notice = asn1_enter(fields->scope, fields->path, &element);
    if (asn1_next_tag(&notice) == DER_SEQUENCE) {
        qualifier->notice_ref = true;
        check_notice_ref(&notice);
    }
    tag = asn1_next_tag(&notice);
    if (asn1_more(&notice) && is_display_text(tag)) {
        if (!asn1_take_primitive(&notice, "explicitText", tag, &element))
            return;
        qualifier->explicit_text = true;
        qualifier->text_tag = tag;
        qualifier->text = element.contents;
    } else if (asn1_more(&notice) && !qualifier->notice_ref) {
        asn1_report(notice.scope, notice.path, "explicitText", ASN1_BREACH_GRAMMAR, notice.whole,
                    "no DisplayText");
        return;
    }
    asn1_finish(&notice);
}

static void read_qualifier_value(struct asn1_cursor *fields,
                                 struct asn1_policy_qualifier *qualifier)
{
    struct der_element element;

    switch (qualifier->oid) {
    case OID_QT_USER_NOTICE:
        read_user_notice(fields, qualifier);
        return;
    case OID_QT_CPS:
        if (!asn1_take_primitive(fields, NULL, DER_IA5_STRING, &element))
            return;
        break;
    default:
        if (!asn1_take_any(fields, NULL, &element))
            return;
        asn1_check_any(fields->scope, fields->path, NULL, element.tlv);
        break;
    }
    qualifier->qualifier_tlv = element.tlv;
    qualifier->qualifier_tag = element.tag;
    qualifier->qualifier = element.contents;
}

/* PolicyQualifierInfo ::= SEQUENCE { policyQualifierId, qualifier ANY } */
static bool read_qualifier(struct asn1_cursor *list, struct asn1_policy_qualifier *qualifier)
{
    struct asn1_cursor fields;
    struct der_element element;

    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    qualifier->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, NULL, DER_OID, &element))
        return false;
    qualifier->type = element.contents;
    qualifier->oid = asn1_oid_lookup(element.contents);
    read_qualifier_value(&fields, qualifier);
    asn1_finish(&fields);
    return true;
}

static void read_qualifiers(struct asn1_cursor *list, struct asn1_policy *policy,
                            struct asn1_decoded_extensions *decoded, bool *full)
{
    static const struct asn1_policy_qualifier none;
    const struct asn1_path *parent = list->path;

    if (!asn1_not_empty(list))
        return;
    for (int i = 0; asn1_more(list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(parent, "policyQualifiers", i);
        struct asn1_policy_qualifier qualifier = none;

        list->path = &step;
        if (!read_qualifier(list, &qualifier))
            continue;
        if (!asn1_has_room(list->scope, &step, decoded->policies.num_qualifiers,
                           ASN1_MAX_QUALIFIERS, qualifier.tlv, full))
            continue;
        decoded->policies.qualifiers[decoded->policies.num_qualifiers++] = qualifier;
        policy->num_qualifiers++;
    }
    list->path = parent;
}

/* PolicyInformation ::= SEQUENCE { policyIdentifier, policyQualifiers SIZE (1..MAX) OPTIONAL } */
static bool read_policy(struct asn1_cursor *list, struct asn1_policy *policy,
                        struct asn1_decoded_extensions *decoded, bool *full)
{
    struct asn1_cursor fields, qualifiers;
    struct der_element element;

    policy->qualifiers_present = false;
    policy->first_qualifier = decoded->policies.num_qualifiers;
    policy->num_qualifiers = 0;
    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    policy->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!asn1_take_primitive(&fields, NULL, DER_OID, &element))
        return false;
    policy->type = element.contents;
    policy->oid = asn1_oid_lookup(element.contents);
    if (!asn1_more(&fields))
        return true;
    if (!asn1_take(&fields, "policyQualifiers", DER_SEQUENCE, &element))
        return true;
    policy->qualifiers_present = true;
    qualifiers = asn1_enter(list->scope, list->path, &element);
    read_qualifiers(&qualifiers, policy, decoded, full);
    asn1_finish(&fields);
    return true;
}

void asn1_decode_policies(struct asn1_scope *scope, const struct asn1_path *path,
                          const struct asn1_extension *extension,
                          struct asn1_decoded_extensions *decoded)
{
    struct asn1_policy policy;
    struct asn1_cursor list;
    bool full = false;
    bool qualifiers_full = false;

    decoded->policies.num = 0;
    decoded->policies.num_qualifiers = 0;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &list) || !asn1_not_empty(&list))
        return;
    for (int i = 0; asn1_more(&list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);

        list.path = &step;
        if (!read_policy(&list, &policy, decoded, &qualifiers_full))
            continue;
        if (asn1_has_room(scope, path, decoded->policies.num, ASN1_MAX_POLICIES, policy.tlv, &full))
            decoded->policies.policies[decoded->policies.num++] = policy;
    }
}

/* PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { two policy identifiers } */
void asn1_decode_policy_mappings(struct asn1_scope *scope, const struct asn1_path *path,
                                 const struct asn1_extension *extension,
                                 struct asn1_decoded_extensions *decoded)
{
    struct asn1_cursor list, fields;
    struct der_element element, issuer, subject;
    bool full = false;

    decoded->policy_mappings.num = 0;
    if (!asn1_enter_value(scope, path, extension, DER_SEQUENCE, &list) || !asn1_not_empty(&list))
        return;
    for (int i = 0; asn1_more(&list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(path, "", i);
        size_t num = decoded->policy_mappings.num;

        list.path = &step;
        if (!asn1_take(&list, NULL, DER_SEQUENCE, &element))
            continue;
        fields = asn1_enter(scope, &step, &element);
        if (!asn1_take_primitive(&fields, "issuerDomainPolicy", DER_OID, &issuer) ||
            !asn1_take_primitive(&fields, "subjectDomainPolicy", DER_OID, &subject))
            continue;
        asn1_finish(&fields);
        if (!asn1_has_room(scope, path, num, ASN1_MAX_MAPPINGS, element.tlv, &full))
            continue;
        decoded->policy_mappings.mappings[num].tlv = element.tlv;
        decoded->policy_mappings.mappings[num].issuer_domain = issuer.contents;
        decoded->policy_mappings.mappings[num].subject_domain = subject.contents;
        decoded->policy_mappings.num++;
    }
}
