/*
 * Name (RFC 5280 section 4.1.2.4): a SEQUENCE of SETs of AttributeTypeAndValue. The value is open;
 * character strings are checked by their type, anything else has to be well-formed.
 */
#include "asn1/parse.h"

/* What is being read: the whole Name, for counting occurrences, and where it goes. */
struct name_reader {
    struct asn1_scope *scope;
    const struct asn1_path *path;
    struct der_slice rdns;  /* contents of the Name, or one RDN TLV */
    struct asn1_name *name; /* NULL: only check */
    bool too_many;
};

void asn1_name_clear(struct asn1_name *name)
{
    name->tlv = der_slice(NULL, 0);
    name->num_rdns = 0;
    name->num_attributes = 0;
}

/* How many attributes of this type come before the one that holds `at`. */
static int count_before(struct der_slice rdns, struct der_slice type, const uint8_t *at)
{
    struct der_reader outer = der_reader(rdns);
    struct der_element rdn, attribute, oid;
    int count = 0;

    while (der_read(&outer, &rdn) == DER_OK) {
        struct der_reader set = der_reader(rdn.contents);

        while (der_read(&set, &attribute) == DER_OK) {
            struct der_reader pair = der_reader(attribute.contents);

            if (attribute.tlv.data + attribute.tlv.len > at)
                return count;
            if (der_read_tag(&pair, DER_OID, &oid) == DER_OK && der_equal(oid.contents, type))
                count++;
        }
    }
    return count;
}

/* The step of this attribute. Counting is left out when no breach could be stored anyhow. */
static struct asn1_path attribute_path(const struct name_reader *reader, struct der_slice type,
                                       const uint8_t *at)
{
    struct asn1_path step = asn1_path(reader->path, asn1_oid_name(asn1_oid_lookup(type)));
    const struct asn1_breaches *breaches = reader->scope->breaches;
    int occurrence;

    step.oid = type;
    if (breaches == NULL || breaches->num == ASN1_MAX_BREACHES)
        return step;
    occurrence = count_before(reader->rdns, type, at);
    step.index = occurrence == 0 ? -1 : occurrence;
    return step;
}

static void report_value(const struct name_reader *reader, struct der_slice type,
                         const struct der_element *value, enum der_fault fault)
{
    struct asn1_path step = attribute_path(reader, type, value->tlv.data);

    if (der_has_nul(value->tag, value->contents)) {
        asn1_report(reader->scope, &step, NULL, ASN1_BREACH_EMBEDDED_NUL, value->tlv, NULL);
        if (fault == DER_PRINTABLE_CHARSET) /* NUL is outside that alphabet as well */
            return;
    }
    if (fault != DER_OK)
        asn1_report_fault(reader->scope, &step, NULL, fault, value->tlv);
    else if (!der_is_character_string(value->tag))
        asn1_check_any(reader->scope, &step, NULL, value->tlv);
}

/* True if the octet classes alone tell that the string is of its type and without NUL. */
static bool is_plain_string(uint8_t tag, uint16_t absent)
{
    uint16_t others = tag == DER_PRINTABLE_STRING ? DER_NOT_PRINTABLE : DER_NOT_ASCII | DER_NUL;

    return (absent & others) == others;
}

/* True if the value is a character string that its type allows. */
static bool check_value(const struct name_reader *reader, struct der_slice type,
                        const struct der_element *value, uint16_t absent)
{
    enum der_fault fault = DER_OK;
    bool is_string;

    if (is_plain_string(value->tag, absent))
        return true;
    is_string = der_is_character_string(value->tag);
    if (is_string)
        fault = der_check_string(value->tag, value->contents);
    if (!is_string || fault != DER_OK || der_has_nul(value->tag, value->contents))
        report_value(reader, type, value, fault);
    return is_string && fault == DER_OK;
}

static bool same_type(const struct asn1_attribute *a, const struct asn1_attribute *b)
{
    return a->oid == b->oid && (a->oid != OID_UNKNOWN || der_equal(a->type, b->type));
}

static void store(struct name_reader *reader, const struct asn1_attribute *attribute)
{
    struct asn1_name *name = reader->name;
    struct asn1_attribute *slot;

    if (name == NULL)
        return;
    if (name->num_attributes == ASN1_MAX_ATTRIBUTES) {
        if (!reader->too_many)
            asn1_report(reader->scope, reader->path, NULL, ASN1_BREACH_TOO_MANY, attribute->tlv,
                        "attributes");
        reader->too_many = true;
        return;
    }
    slot = &name->attributes[name->num_attributes];
    *slot = *attribute;
    slot->rdn = name->num_rdns;
    slot->occurrence = 0;
    for (size_t i = name->num_attributes; i > 0; i--) {
        if (!same_type(&name->attributes[i - 1], attribute))
            continue;
        slot->occurrence = (uint16_t)(name->attributes[i - 1].occurrence + 1);
        break;
    }
    name->num_attributes++;
}

static bool not_rdn_sequence(const struct name_reader *reader, struct der_slice at,
                             const char *note)
{
    asn1_report(reader->scope, reader->path, NULL, ASN1_BREACH_NAME_NOT_RDNSEQUENCE, at, note);
    return false;
}

/* AttributeTypeAndValue */
static bool read_attribute(struct name_reader *reader, const struct der_element *element)
{
    struct asn1_cursor pair = asn1_enter(reader->scope, reader->path, element);
    struct asn1_attribute attribute;
    struct der_element part;

    if (element->tag != DER_SEQUENCE || asn1_next_tag(&pair) != DER_OID)
        return not_rdn_sequence(reader, element->tlv, "no AttributeTypeAndValue");
    if (!asn1_take_primitive(&pair, NULL, DER_OID, &part))
        return false;
    attribute.tlv = element->tlv;
    attribute.type = part.contents;
    attribute.oid = asn1_oid_lookup(part.contents);
    if (!asn1_more(&pair))
        return not_rdn_sequence(reader, element->tlv, "attribute without a value");
    if (!asn1_take_any(&pair, NULL, &part))
        return false;
    asn1_finish(&pair);
    attribute.value_tlv = part.tlv;
    attribute.value_tag = part.tag;
    attribute.value = part.contents;
    attribute.absent = der_absent_classes(part.tag, part.contents);
    attribute.value_valid = check_value(reader, attribute.type, &part, attribute.absent);
    store(reader, &attribute);
    return true;
}

static bool read_rdn(struct name_reader *reader, const struct der_element *rdn)
{
    struct asn1_cursor set = asn1_enter(reader->scope, reader->path, rdn);
    struct der_slice previous = {NULL, 0};
    struct der_element member;
    bool disordered = false;
    bool valid = true;

    if (!asn1_more(&set))
        return not_rdn_sequence(reader, rdn->tlv, "empty RelativeDistinguishedName");
    while (asn1_more(&set)) {
        if (!asn1_take_any(&set, NULL, &member))
            return false;
        asn1_check_set_order(&set, NULL, &previous, member.tlv, &disordered);
        valid = read_attribute(reader, &member) && valid;
    }
    return valid;
}

void asn1_check_rdn(struct asn1_scope *scope, const struct asn1_path *path,
                    const struct der_element *rdn)
{
    struct name_reader reader = {scope, path, rdn->tlv, NULL, false};

    (void)read_rdn(&reader, rdn);
}

bool asn1_read_name(struct asn1_scope *scope, const struct asn1_path *path, struct der_slice tlv,
                    struct asn1_name *name)
{
    struct name_reader reader = {scope, path, tlv, name, false};
    struct asn1_cursor outer = asn1_cursor(scope, path, tlv, tlv);
    struct asn1_cursor rdns;
    struct der_element element;
    bool valid = true;

    if (name != NULL) {
        asn1_name_clear(name);
        name->tlv = tlv;
    }
    if (!asn1_take_any(&outer, NULL, &element))
        return false;
    if (element.tag != DER_SEQUENCE)
        return not_rdn_sequence(&reader, element.tlv, "no SEQUENCE");
    asn1_finish(&outer);
    reader.rdns = element.contents;
    rdns = asn1_enter(scope, path, &element);
    while (asn1_more(&rdns)) {
        if (!asn1_take_any(&rdns, NULL, &element))
            return false;
        if (element.tag == DER_SET)
            valid = read_rdn(&reader, &element) && valid;
        else
            valid = not_rdn_sequence(&reader, element.tlv, "no SET");
        if (name != NULL && name->num_rdns < UINT16_MAX)
            name->num_rdns++;
    }
    return valid;
}

bool asn1_parse_name(struct der_slice name_tlv, const struct asn1_path *path,
                     struct asn1_name *name, struct asn1_breaches *breaches)
{
    struct asn1_scope scope = {breaches, false, false, false};

    return asn1_read_name(&scope, path, name_tlv, name);
}

const struct asn1_attribute *asn1_find_attribute(const struct asn1_name *name, enum asn1_oid oid)
{
    for (size_t i = 0; i < name->num_attributes; i++) {
        if (name->attributes[i].oid == oid)
            return &name->attributes[i];
    }
    return NULL;
}
