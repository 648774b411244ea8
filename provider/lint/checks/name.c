/*
 * Issuer and subject: their form (RFC 5280 section 4.1.2.4, 4.1.2.6; X.501 section 9.3), and the
 * string types and upper bounds that RFC 5280 appendix A gives to attribute values.
 */
#include "lint/checks/name.h"

#include <string.h>

#include "lint/hostname.h"
#include "lint/mailbox.h"

/* The string types that an attribute may have. */
enum strings {
    STRINGS_DIRECTORY, /* DirectoryString; only PrintableString and UTF8String in new names */
    STRINGS_PRINTABLE,
    STRINGS_IA5
};

struct attribute_syntax {
    enum asn1_oid oid;
    enum strings strings;
    enum lint_rule_number string_rule; /* when the type is none of these */
    uint16_t min, max;                 /* in characters; max 0: no bound */
    enum lint_rule_number length_rule;
};

/* RFC 5280 appendix A.1; X.520 for streetAddress, postalCode, businessCategory and dnQualifier. */
static const struct attribute_syntax syntaxes[] = {
    {OID_COMMON_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 64,
     RULE_RFC5280_DN_COMMON_NAME_LENGTH},
    {OID_SURNAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 32768,
     RULE_RFC5280_DN_SURNAME_LENGTH},
    {OID_SERIAL_NUMBER, STRINGS_PRINTABLE, RULE_RFC5280_DN_SERIAL_NUMBER_NOT_PRINTABLESTRING, 1, 64,
     RULE_RFC5280_DN_SERIAL_NUMBER_LENGTH},
    {OID_COUNTRY_NAME, STRINGS_PRINTABLE, RULE_RFC5280_DN_COUNTRY_NOT_PRINTABLESTRING, 2, 2,
     RULE_RFC5280_DN_COUNTRY_LENGTH},
    {OID_LOCALITY_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 128,
     RULE_RFC5280_DN_LOCALITY_LENGTH},
    {OID_STATE_OR_PROVINCE_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 128,
     RULE_RFC5280_DN_STATE_LENGTH},
    {OID_STREET_ADDRESS, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 128,
     RULE_RFC5280_DN_STREET_LENGTH},
    {OID_ORGANIZATION_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 64,
     RULE_RFC5280_DN_ORGANIZATION_NAME_LENGTH},
    {OID_ORGANIZATIONAL_UNIT_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 64,
     RULE_RFC5280_DN_ORGANIZATIONAL_UNIT_LENGTH},
    {OID_TITLE, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 64,
     RULE_RFC5280_DN_TITLE_LENGTH},
    {OID_BUSINESS_CATEGORY, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 128,
     RULE_RFC5280_DN_BUSINESS_CATEGORY_LENGTH},
    {OID_POSTAL_CODE, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 40,
     RULE_RFC5280_DN_POSTAL_CODE_LENGTH},
    {OID_GIVEN_NAME, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 32768,
     RULE_RFC5280_DN_GIVEN_NAME_LENGTH},
    {OID_INITIALS, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 32768,
     RULE_RFC5280_DN_INITIALS_LENGTH},
    {OID_GENERATION_QUALIFIER, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 32768,
     RULE_RFC5280_DN_GENERATION_QUALIFIER_LENGTH},
    {OID_DN_QUALIFIER, STRINGS_PRINTABLE, RULE_RFC5280_DN_DN_QUALIFIER_NOT_PRINTABLESTRING, 0, 0,
     NO_RULE},
    {OID_PSEUDONYM, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 1, 128,
     RULE_RFC5280_DN_PSEUDONYM_LENGTH},
    {OID_ORGANIZATION_IDENTIFIER, STRINGS_DIRECTORY, RULE_RFC5280_DN_UNEXPECTED_STRING_TYPE, 0, 0,
     NO_RULE},
    {OID_EMAIL_ADDRESS, STRINGS_IA5, RULE_RFC5280_DN_EMAIL_NOT_IA5STRING, 1, 255,
     RULE_RFC5280_DN_EMAIL_LENGTH},
    {OID_DOMAIN_COMPONENT, STRINGS_IA5, RULE_RFC5280_DN_DOMAIN_COMPONENT_NOT_IA5STRING, 1, 63,
     RULE_RFC5280_DN_DOMAIN_COMPONENT_LENGTH},
    {OID_USER_ID, STRINGS_DIRECTORY, RULE_RFC5280_DN_UID_STRING_TYPE, 0, 0, NO_RULE},
    {OID_JURISDICTION_LOCALITY, STRINGS_DIRECTORY, RULE_RFC5280_DN_UID_STRING_TYPE, 0, 0, NO_RULE},
    {OID_JURISDICTION_STATE, STRINGS_DIRECTORY, RULE_RFC5280_DN_UID_STRING_TYPE, 0, 0, NO_RULE},
    {OID_JURISDICTION_COUNTRY, STRINGS_PRINTABLE, RULE_RFC5280_DN_UID_STRING_TYPE, 0, 0, NO_RULE},
};

/* Attributes that say one thing about the subject: SBR 7.1.4.2.2 has each in the singular. */
static const enum asn1_oid single_valued[] = {
    OID_COMMON_NAME,   OID_ORGANIZATION_NAME, OID_ORGANIZATION_IDENTIFIER,
    OID_COUNTRY_NAME,  OID_SURNAME,           OID_PSEUDONYM,
    OID_SERIAL_NUMBER, OID_POSTAL_CODE,       OID_STATE_OR_PROVINCE_NAME,
    OID_LOCALITY_NAME,
};

/* Longer personal names than this meet software that cuts them (X.411). */
enum { RECOMMENDED_NAME_LENGTH = 64, DOMAIN_NAME_MAX = 253 };

struct asn1_path name_attribute_path(const struct asn1_path *name,
                                     const struct asn1_attribute *attribute)
{
    const struct asn1_path path = {name, asn1_oid_name(attribute->oid), attribute->type,
                                   attribute->occurrence > 0 ? attribute->occurrence : -1};
    return path;
}

const struct asn1_attribute *name_next(const struct asn1_name *name, enum asn1_oid oid,
                                       const struct asn1_attribute *after)
{
    size_t i = after == NULL ? 0 : (size_t)(after - name->attributes) + 1;

    for (; i < name->num_attributes; i++) {
        if (name->attributes[i].oid == oid)
            return &name->attributes[i];
    }
    return NULL;
}

bool name_has(const struct asn1_name *name, enum asn1_oid oid)
{
    return name_next(name, oid, NULL) != NULL;
}

struct text name_text(const struct asn1_attribute *attribute)
{
    return text_of(attribute->value_tag, attribute->value);
}

struct text name_constant(const char *string)
{
    return text_of(DER_UTF8_STRING, der_slice((const uint8_t *)string, strlen(string)));
}

bool name_is_readable(const struct asn1_attribute *attribute)
{
    /* the parser looked at every character */
    return attribute->value_valid;
}

bool name_text_ascii(struct text text, char *out, size_t out_size)
{
    struct der_slice rest = text.octets;
    uint32_t character;
    size_t used, len = 0;

    if (der_count_characters(text.tag, text.octets) == SIZE_MAX)
        return false;
    while ((used = der_next_character(text.tag, rest, &character)) > 0) {
        if (character < 0x20 || character > 0x7e || len + 1 >= out_size)
            return false;
        out[len++] = (char)character;
        rest = der_slice(rest.data + used, rest.len - used);
    }
    out[len] = '\0';
    return true;
}

bool name_utf8(const struct asn1_attribute *attribute, uint8_t *buffer, size_t buffer_len,
               struct der_slice *text)
{
    if (!name_is_readable(attribute))
        return false;
    if (attribute->value_tag != DER_UTF8_STRING && attribute->value_tag != DER_PRINTABLE_STRING)
        return mailbox_text(attribute->value_tag, attribute->value, buffer, buffer_len, text);
    *text = attribute->value;
    return text->len <= buffer_len;
}

bool name_ascii(const struct asn1_attribute *attribute, char *out, size_t out_size)
{
    if (name_is_readable(attribute) && name_lacks(attribute, DER_NOT_ASCII | DER_CONTROL)) {
        if (attribute->value.len >= out_size)
            return false;
        if (attribute->value.len > 0)
            memcpy(out, attribute->value.data, attribute->value.len);
        out[attribute->value.len] = '\0';
        return true;
    }
    return name_is_readable(attribute) && name_text_ascii(name_text(attribute), out, out_size);
}

const char *name_quote(struct lint_context *context, const struct asn1_attribute *attribute)
{
    return lint_quote(context, attribute->value_tag, attribute->value);
}

/* How much of a value that is too long is read character by character. A multiple of four. */
enum { SURVEYED_OCTETS = 256 };

static const struct attribute_syntax *find_syntax(enum asn1_oid oid)
{
    size_t i;

    for (i = 0; i < sizeof(syntaxes) / sizeof(*syntaxes); i++) {
        if (syntaxes[i].oid == oid)
            return &syntaxes[i];
    }
    return NULL;
}

static const char *string_type_name(uint8_t tag)
{
    switch (tag) {
    case DER_UTF8_STRING:
        return "UTF8String";
    case DER_NUMERIC_STRING:
        return "NumericString";
    case DER_PRINTABLE_STRING:
        return "PrintableString";
    case DER_TELETEX_STRING:
        return "T61String";
    case DER_IA5_STRING:
        return "IA5String";
    case DER_VISIBLE_STRING:
        return "VisibleString";
    case DER_UNIVERSAL_STRING:
        return "UniversalString";
    case DER_BMP_STRING:
        return "BMPString";
    default:
        return "no character string";
    }
}

static bool is_old_directory_string(uint8_t tag)
{
    return tag == DER_TELETEX_STRING || tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING;
}

static bool allows(enum strings strings, uint8_t tag)
{
    if (strings == STRINGS_PRINTABLE)
        return tag == DER_PRINTABLE_STRING;
    if (strings == STRINGS_IA5)
        return tag == DER_IA5_STRING;
    return tag == DER_PRINTABLE_STRING || tag == DER_UTF8_STRING || is_old_directory_string(tag);
}

static void check_string_type(struct lint_context *context, const struct attribute_syntax *syntax,
                              const struct asn1_attribute *attribute, const struct asn1_path *path)
{
    const uint8_t tag = attribute->value_tag;

    if (!allows(syntax->strings, tag))
        lint_found(context, syntax->string_rule, path, attribute->value_tlv,
                   "value is %s (tag 0x%02x)", string_type_name(tag), tag);
    else if (syntax->strings == STRINGS_DIRECTORY && is_old_directory_string(tag))
        lint_found(context, RULE_RFC5280_DN_DIRECTORYSTRING_TYPE, path, attribute->value_tlv,
                   "value is a %s", string_type_name(tag));
}

/* True if the policy has a waiver of the rule, whether or not it has effect for this object. */
static bool may_be_waived(const struct lint_context *context, enum lint_rule_number rule)
{
    const struct lint_policy *policy = context->request->policy;

    for (size_t i = 0; i < policy->num_waivers; i++) {
        if (policy->waivers[i].rule == rule)
            return true;
    }
    return false;
}

/* False if there are more characters than the type allows: refused, unless a waiver excuses it. */
static bool check_length(struct lint_context *context, const struct attribute_syntax *syntax,
                         const struct asn1_attribute *attribute, const struct asn1_path *path)
{
    const size_t num = name_lacks(attribute, DER_NOT_ASCII)
                           ? attribute->value.len
                           : der_count_characters(attribute->value_tag, attribute->value);
    enum lint_rule_number recommended = NO_RULE;

    if (syntax->max > 0 && (num < syntax->min || num > syntax->max)) {
        lint_found(context, syntax->length_rule, path, attribute->value_tlv,
                   "%s has %zu characters", name_quote(context, attribute), num);
        return num <= syntax->max;
    }
    if (attribute->oid == OID_GIVEN_NAME)
        recommended = RULE_RFC5280_DN_GIVEN_NAME_RECOMMENDED_LENGTH;
    if (attribute->oid == OID_SURNAME)
        recommended = RULE_RFC5280_DN_SURNAME_RECOMMENDED_LENGTH;
    if (recommended != NO_RULE && num > RECOMMENDED_NAME_LENGTH)
        lint_found(context, recommended, path, attribute->value_tlv, "value has %zu characters",
                   num);
    return true;
}

static void check_attribute(struct lint_context *context, const struct asn1_attribute *attribute,
                            const struct asn1_path *name_path)
{
    const struct attribute_syntax *syntax = find_syntax(attribute->oid);
    const struct asn1_path path = name_attribute_path(name_path, attribute);
    struct asn1_attribute beginning = *attribute;

    if (syntax != NULL)
        check_string_type(context, syntax, attribute, &path);
    else if (!der_is_character_string(attribute->value_tag))
        lint_found(context, RULE_SMIME_DN_UNPARSED_ATTRIBUTE, &path, attribute->value_tlv,
                   "value has tag 0x%02x, which is no character string", attribute->value_tag);

    if (!name_is_readable(attribute))
        return;
    if (attribute->value.len == 0)
        lint_found(context, RULE_SMIME_DN_EMPTY_VALUE, &path, attribute->value_tlv,
                   "the value is empty");
    if (syntax == NULL || check_length(context, syntax, attribute, &path) ||
        may_be_waived(context, syntax->length_rule)) {
        check_characters(context, attribute, name_path);
        return;
    }
    if (beginning.value.len > SURVEYED_OCTETS)
        beginning.value.len = SURVEYED_OCTETS;
    beginning.absent = 0;
    check_characters(context, &beginning, name_path);
}

static bool same_value(const struct asn1_attribute *a, const struct asn1_attribute *b)
{
    return der_equal(a->type, b->type) && der_equal(a->value_tlv, b->value_tlv);
}

static void check_repeated_value(struct lint_context *context, const struct asn1_name *name,
                                 const struct asn1_attribute *attribute,
                                 const struct asn1_path *path)
{
    const struct asn1_attribute *other;

    for (other = name->attributes; other < attribute; other++) {
        if (!same_value(other, attribute))
            continue;
        lint_found(context, RULE_SMIME_SUBJECT_IDENTICAL_ATTRIBUTE_REPEATED, path,
                   attribute->value_tlv, "%s occurs a second time with the same value",
                   lint_oid(context, attribute->type));
        return;
    }
}

static void check_repetitions(struct lint_context *context, const struct asn1_name *name,
                              const struct asn1_attribute *attribute,
                              const struct asn1_path *name_path)
{
    const struct asn1_path path = name_attribute_path(name_path, attribute);
    size_t i;

    if (attribute->occurrence == 0)
        return;
    check_repeated_value(context, name, attribute, &path);
    if (attribute->occurrence > 1)
        return;
    if (attribute->oid == OID_EMAIL_ADDRESS)
        lint_found(context, RULE_SMIME_SUBJECT_DUPLICATE_EMAIL_ATTRIBUTE, &path,
                   attribute->value_tlv, "a second emailAddress");
    for (i = 0; i < sizeof(single_valued) / sizeof(*single_valued); i++) {
        if (single_valued[i] == attribute->oid)
            lint_found(context, RULE_SMIME_SUBJECT_DUPLICATE_SINGLE_VALUED_ATTRIBUTE, &path,
                       attribute->value_tlv, "a second %s", lint_oid(context, attribute->type));
    }
}

/* What is wrong with one domainComponent as a label; NULL if nothing is. */
static const char *label_fault(struct der_slice label)
{
    struct host_name host;
    const enum host_fault fault = host_name_check(label, &host);

    if (fault != HOST_OK)
        return host_fault_text(fault);
    return host.num_labels == 1 ? NULL : "it holds more than one label";
}

/*
 * RFC 4519 section 2.4: each component is one label, the first one the top-level domain. Empty and
 * overlong labels are the matter of the length rule.
 */
static void check_domain_components(struct lint_context *context, const struct asn1_name *name,
                                    const struct asn1_path *path)
{
    const struct asn1_attribute *component = NULL;
    size_t len = 0;

    while ((component = name_next(name, OID_DOMAIN_COMPONENT, component)) != NULL) {
        const struct der_slice label = component->value;
        struct host_name host = {0};
        const char *fault;

        if (component->value_tag != DER_IA5_STRING || !component->value_valid || label.len == 0 ||
            label.len > 63)
            return;
        fault = label_fault(label);
        len += label.len + (component->occurrence > 0 ? 1 : 0);
        if (fault == NULL && len > DOMAIN_NAME_MAX && len - label.len - 1 <= DOMAIN_NAME_MAX)
            fault = "the domain name is longer than 253 octets";
        if (fault == NULL && component->occurrence == 0) {
            (void)host_name_check(label, &host);
            fault = host.numeric_last_label ? "a top-level domain is never all digits" : NULL;
        }
        if (fault != NULL)
            name_found(context, RULE_RFC5280_DN_DOMAIN_COMPONENT_SYNTAX, path, component, "%s: %s",
                       name_quote(context, component), fault);
    }
}

/* The rules about RelativeDistinguishedNames: the issuer has its own. */
struct rdn_rules {
    enum lint_rule_number duplicate_types;
    enum lint_rule_number multivalued;
};

static const struct rdn_rules issuer_rdn_rules = {
    RULE_SMIME_ISSUER_RDN_DUPLICATE_TYPES,
    RULE_SMIME_ISSUER_MULTIVALUED_RDN,
};
static const struct rdn_rules subject_rdn_rules = {
    RULE_RFC5280_SUBJECT_RDN_DUPLICATE_TYPES,
    RULE_SMIME_SUBJECT_MULTIVALUED_RDN,
};

static bool has_same_type_in_rdn(const struct asn1_name *name, size_t index)
{
    const struct asn1_attribute *attribute = &name->attributes[index];
    size_t i;

    for (i = index; i-- > 0 && name->attributes[i].rdn == attribute->rdn;) {
        if (der_equal(name->attributes[i].type, attribute->type))
            return true;
    }
    return false;
}

static void check_rdns(struct lint_context *context, const struct asn1_name *name,
                       const struct asn1_path *name_path, const struct rdn_rules *rules)
{
    size_t i;

    for (i = 1; i < name->num_attributes; i++) {
        const struct asn1_attribute *attribute = &name->attributes[i];
        const struct asn1_path path = name_attribute_path(name_path, attribute);

        if (attribute->rdn != name->attributes[i - 1].rdn)
            continue;
        if (has_same_type_in_rdn(name, i))
            lint_found(context, rules->duplicate_types, &path, attribute->value_tlv,
                       "RDN %u holds %s more than once", (unsigned)attribute->rdn,
                       lint_oid(context, attribute->type));
        if (i < 2 || name->attributes[i - 2].rdn != attribute->rdn)
            lint_found(context, rules->multivalued, &path, attribute->value_tlv,
                       "RDN %u holds more than one attribute", (unsigned)attribute->rdn);
    }
}

void check_name_attributes(struct lint_context *context, const struct asn1_name *name,
                           const struct asn1_path *path)
{
    size_t i;

    for (i = 0; i < name->num_attributes && !lint_is_flooded(context); i++) {
        check_attribute(context, &name->attributes[i], path);
        check_repetitions(context, name, &name->attributes[i], path);
    }
    check_domain_components(context, name, path);
    check_rdns(context, name, path, &subject_rdn_rules);
}

/* An empty RDNSequence, as opposed to a name that could not be read. */
static bool is_empty_sequence(const struct asn1_name *name)
{
    return name->tlv.len == 2 && name->num_rdns == 0;
}

static bool is_mailbox(const struct asn1_attribute *attribute)
{
    uint8_t buffer[MAILBOX_BUFFER];
    struct der_slice text;

    return mailbox_text(attribute->value_tag, attribute->value, buffer, sizeof(buffer), &text) &&
           mailbox_is_valid(text);
}

static void check_issuer_attribute(struct lint_context *context,
                                   const struct asn1_attribute *attribute,
                                   const struct asn1_path *name_path)
{
    if (attribute->oid == OID_COUNTRY_NAME &&
        (attribute->value_tag != DER_PRINTABLE_STRING || attribute->value.len != 2))
        name_found(context, RULE_SMIME_ISSUER_COUNTRY_NOT_PRINTABLE, name_path, attribute,
                   "countryName %s is %s of %zu octets", name_quote(context, attribute),
                   string_type_name(attribute->value_tag), attribute->value.len);
    if (attribute->oid == OID_EMAIL_ADDRESS && !is_mailbox(attribute))
        name_found(context, RULE_RFC5280_ISSUER_EMAIL_SYNTAX, name_path, attribute,
                   "emailAddress %s is no mailbox", name_quote(context, attribute));
    if (name_has_outer_space(attribute))
        name_found(context, RULE_SMIME_ISSUER_WHITESPACE, name_path, attribute,
                   "%s begins or ends with white space", name_quote(context, attribute));
}

static void check_issuer_name(struct lint_context *context)
{
    const struct asn1_path path = asn1_path(NULL, "issuer");
    const struct asn1_name *name = &context->certificate.issuer;
    size_t i;

    if (is_empty_sequence(name))
        lint_found(context, RULE_RFC5280_ISSUER_EMPTY, &path, name->tlv, "the name is empty");
    check_rdns(context, name, &path, &issuer_rdn_rules);
    for (i = 0; i < name->num_attributes; i++)
        check_issuer_attribute(context, &name->attributes[i], &path);
}

static void check_empty_subject(struct lint_context *context, const struct asn1_path *path)
{
    const struct asn1_name *name = &context->certificate.subject;
    const struct asn1_extension *san = context->certificate.decoded.subject_alt_name.x;

    if (!is_empty_sequence(name) || (san != NULL && san->critical))
        return;
    lint_found(context, RULE_RFC5280_SUBJECT_EMPTY_NEEDS_CRITICAL_SAN, path, name->tlv,
               san == NULL ? "the subject is empty and there is no subjectAltName"
                           : "the subject is empty and subjectAltName is not critical");
}

void check_name(struct lint_context *context)
{
    const struct asn1_path path = asn1_path(NULL, "subject");

    check_issuer_name(context);
    check_empty_subject(context, &path);
    check_name_attributes(context, &context->certificate.subject, &path);
}
