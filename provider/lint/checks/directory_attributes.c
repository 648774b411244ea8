/* subjectDirectoryAttributes: SBR 7.1.2.3 (j), RFC 3739 section 3.2.2. */
#include "lint/checks/statements.h"
#include "lint/country.h"

enum { PLACE_OF_BIRTH_MAX = 128 };

static void value_found(struct lint_context *context, enum lint_rule_number rule,
                        const struct asn1_path *path, const struct der_element *value,
                        const char *what)
{
    lint_found(context, rule, path, value->tlv, "%s: %s",
               lint_quote(context, value->tag, value->contents), what);
}

static void check_gender(struct lint_context *context, const struct asn1_path *path,
                         const struct der_element *value)
{
    uint8_t letter = value->contents.len == 1 ? value->contents.data[0] : 0;

    if (value->tag != DER_PRINTABLE_STRING ||
        (letter != 'M' && letter != 'm' && letter != 'F' && letter != 'f'))
        value_found(context, RULE_SMIME_SDA_GENDER, path, value, "neither M nor F");
}

static void check_date_of_birth(struct lint_context *context, const struct asn1_path *path,
                                const struct der_element *value)
{
    enum { DAY = 86400, NOON = 43200 };
    int64_t seconds;

    if (value->tag != DER_GENERALIZEDTIME || !der_time(value->tag, value->contents, &seconds))
        value_found(context, RULE_SMIME_SDA_DATE_OF_BIRTH, path, value, "no GeneralizedTime");
    else if (((seconds % DAY) + DAY) % DAY != NOON)
        lint_found(context, RULE_SMIME_SDA_DATE_OF_BIRTH, path, value->tlv, "%s is not at noon",
                   lint_time(context, seconds));
    else if (seconds > context->latest)
        lint_found(context, RULE_SMIME_SDA_DATE_OF_BIRTH, path, value->tlv, "%s lies in the future",
                   lint_time(context, seconds));
}

static bool is_directory_string(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_TELETEX_STRING ||
           tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING;
}

static void check_place_of_birth(struct lint_context *context, const struct asn1_path *path,
                                 const struct der_element *value)
{
    size_t characters;

    if (!is_directory_string(value->tag)) {
        value_found(context, RULE_SMIME_SDA_PLACE_OF_BIRTH, path, value, "no DirectoryString");
        return;
    }
    characters = der_count_characters(value->tag, value->contents);
    if (characters == 0 || characters > PLACE_OF_BIRTH_MAX)
        value_found(context, RULE_SMIME_SDA_PLACE_OF_BIRTH, path, value, "not 1 to 128 characters");
}

static void check_country(struct lint_context *context, const struct asn1_path *path,
                          const struct der_element *value)
{
    char code[3] = "";

    if (value->tag == DER_PRINTABLE_STRING && value->contents.len == 2) {
        code[0] = (char)value->contents.data[0];
        code[1] = (char)value->contents.data[1];
    }
    if (code[0] == '\0' || country_status(code) != COUNTRY_ASSIGNED)
        value_found(context, RULE_SMIME_SDA_COUNTRY_OF, path, value,
                    "no PrintableString with an ISO 3166-1 code");
}

static const struct attribute_check {
    enum asn1_oid oid;
    bool single_valued;
    void (*check)(struct lint_context *context, const struct asn1_path *path,
                  const struct der_element *value);
} attribute_checks[] = {
    {OID_GENDER, true, check_gender},
    {OID_DATE_OF_BIRTH, true, check_date_of_birth},
    {OID_PLACE_OF_BIRTH, true, check_place_of_birth},
    {OID_COUNTRY_OF_CITIZENSHIP, false, check_country},
    {OID_COUNTRY_OF_RESIDENCE, false, check_country},
};

static const struct attribute_check *find_attribute_check(enum asn1_oid oid)
{
    for (size_t i = 0; i < sizeof(attribute_checks) / sizeof(attribute_checks[0]); i++) {
        if (attribute_checks[i].oid == oid)
            return &attribute_checks[i];
    }
    return NULL;
}

static bool came_before(const struct asn1_typed_list *attributes, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (der_equal(attributes->list[i].type, attributes->list[index].type))
            return true;
    }
    return false;
}

static bool is_in_subject(const struct asn1_name *subject, struct der_slice type)
{
    for (size_t i = 0; i < subject->num_attributes; i++) {
        if (der_equal(subject->attributes[i].type, type))
            return true;
    }
    return false;
}

static void check_attribute(struct lint_context *context, const struct asn1_path *path,
                            const struct asn1_typed *attribute)
{
    const struct attribute_check *row = find_attribute_check(attribute->oid);
    struct der_reader reader = der_reader(attribute->value_tlv);
    struct der_element set, value;
    size_t values = 0;

    if (der_read_tag(&reader, DER_SET, &set) != DER_OK)
        return;
    reader = der_reader(set.contents);
    while (der_read(&reader, &value) == DER_OK) {
        values++;
        if (row != NULL)
            row->check(context, path, &value);
    }
    if (values == 0)
        lint_found(context, RULE_SMIME_SDA_SYNTAX, path, attribute->tlv, "%s has no value",
                   lint_oid(context, attribute->type));
    if (row != NULL && row->single_valued && values > 1)
        lint_found(context, RULE_SMIME_SDA_DUPLICATE_ATTRIBUTE, path, attribute->tlv,
                   "%s has %zu values", lint_oid(context, attribute->type), values);
}

void check_directory_attributes(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    const struct asn1_extension *x = decoded->subject_directory_attributes.x;
    const struct asn1_typed_list *attributes = &decoded->subject_directory_attributes.attributes;
    struct asn1_path extension;

    if (x == NULL)
        return;
    extension_found(context, RULE_SMIME_SDA_PROHIBITED, x, "the extension is present");
    extension_found(context, RULE_SMIME_SDA_LEGACY_MAILBOX_VALIDATED, x,
                    "personal attributes in a mailbox-validated certificate");
    extension_not_critical(context, RULE_SMIME_SDA_CRITICAL, x);
    extension_must_decode(context, RULE_SMIME_SDA_SYNTAX, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    if (attributes->num == 0)
        extension_found(context, RULE_SMIME_SDA_SYNTAX, x, "no attribute");
    for (size_t i = 0; i < attributes->num; i++) {
        const struct asn1_typed *attribute = &attributes->list[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        check_attribute(context, &path, attribute);
        if (came_before(attributes, i))
            lint_found(context, RULE_SMIME_SDA_DUPLICATE_ATTRIBUTE, &path, attribute->tlv,
                       "%s occurs twice", lint_oid(context, attribute->type));
        if (is_in_subject(&certificate->subject, attribute->type))
            lint_found(context, RULE_SMIME_SDA_REPEATS_DN, &path, attribute->tlv,
                       "%s is in the subject as well", lint_oid(context, attribute->type));
    }
}
