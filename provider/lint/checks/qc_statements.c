/*
 * qcStatements: SBR 7.1.2.3 (k), RFC 3739 section 3.2.6, ETSI EN 319 412-5 and, for identifiers of
 * persons, EN 319 412-1.
 */
#include <string.h>

#include "lint/checks/qc_information.h"
#include "lint/checks/statements.h"

/* 0.4.0.194112.1, the policies of EN 319 411-2; the last arc says for whom and on what device. */
static const uint8_t etsi_policy_arc[] = {0x04, 0x00, 0x8b, 0xec, 0x40, 0x01};
enum { QCP_N = 0, QCP_L = 1, QCP_N_QSCD = 2, QCP_L_QSCD = 3 };

const struct asn1_typed *find_statement(const struct asn1_decoded_extensions *decoded,
                                        enum asn1_oid oid)
{
    const struct asn1_typed_list *statements = &decoded->qc_statements.statements;

    if (decoded->qc_statements.x == NULL || !decoded->qc_statements.x->decoded)
        return NULL;
    for (size_t i = 0; i < statements->num; i++) {
        if (statements->list[i].oid == oid)
            return &statements->list[i];
    }
    return NULL;
}

static struct asn1_path statement_path(const struct asn1_path *extension,
                                       const struct asn1_decoded_extensions *decoded,
                                       const struct asn1_typed *statement)
{
    return asn1_path_index(extension, "",
                           (int)(statement - decoded->qc_statements.statements.list));
}

static void check_compliance(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_typed *statement)
{
    if (statement->value_tlv.len > 0)
        lint_found(context, RULE_ETSI_QC_COMPLIANCE_HAS_INFO, path, statement->tlv,
                   "statementInfo %s", lint_hex(context, statement->value_tlv));
    lint_found(context, RULE_ETSI_QC_COMPLIANCE_IN_MAILBOX_VALIDATED, path, statement->tlv,
               "QcCompliance in a mailbox-validated certificate");
}

static void check_sscd(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_typed *statement)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;

    if (statement->value_tlv.len > 0)
        lint_found(context, RULE_ETSI_QC_SSCD_HAS_INFO, path, statement->tlv, "statementInfo %s",
                   lint_hex(context, statement->value_tlv));
    if (find_statement(decoded, OID_QCS_COMPLIANCE) == NULL &&
        find_statement(decoded, OID_QCS_CC_LEGISLATION) == NULL)
        lint_found(context, RULE_ETSI_QC_SSCD_WITHOUT_COMPLIANCE, path, statement->tlv,
                   "neither QcCompliance nor QcCClegislation");
}

/* eSign for natural persons, eSeal for legal ones: what the SBR's Types say of the subject. */
static void check_type_value(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_typed *statement, const struct der_element *type)
{
    switch (asn1_oid_lookup(type->contents)) {
    case OID_QCT_ESIGN:
        lint_found(context, RULE_ETSI_QC_TYPE_ESIGN_NEEDS_PERSON, path, statement->tlv,
                   "eSign, and the subject is no identified person");
        break;
    case OID_QCT_ESEAL:
        lint_found(context, RULE_ETSI_QC_TYPE_ESEAL_NEEDS_ORG, path, statement->tlv,
                   "eSeal, and the subject is no organization");
        break;
    case OID_QCT_WEB:
        lint_found(context, RULE_ETSI_QC_TYPE_WEB_IN_SMIME, path, statement->tlv, "web");
        break;
    default:
        lint_found(context, RULE_ETSI_QC_TYPE_UNKNOWN, path, statement->tlv, "type %s",
                   lint_oid(context, type->contents));
        break;
    }
}

static void check_type(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_typed *statement)
{
    struct der_element list, type;
    struct der_reader reader;
    size_t count = 0;

    if (!qc_read_sequence(statement->value_tlv, &list)) {
        lint_found(context, RULE_ETSI_QC_TYPE_COUNT, path, statement->tlv,
                   "no SEQUENCE of object identifiers");
        return;
    }
    reader = der_reader(list.contents);
    while (der_read_tag(&reader, DER_OID, &type) == DER_OK &&
           der_check_primitive(&type) == DER_OK) {
        count++;
        check_type_value(context, path, statement, &type);
    }
    if (!der_at_end(&reader))
        lint_found(context, RULE_ETSI_QC_TYPE_COUNT, path, statement->tlv,
                   "no SEQUENCE of object identifiers");
    else if (count != 1)
        lint_found(context, RULE_ETSI_QC_TYPE_COUNT, path, statement->tlv, "%zu types", count);
}

static void check_disclosure(struct lint_context *context, const struct asn1_path *path,
                             const struct asn1_typed *statement)
{
    struct qc_disclosure found;

    if (!qc_read_disclosure(statement->value_tlv, &found)) {
        lint_found(context, RULE_ETSI_QC_PDS_SYNTAX, path, statement->tlv,
                   "no list of URL and two-letter language");
        return;
    }
    if (found.not_https.data != NULL)
        lint_found(context, RULE_ETSI_QC_PDS_HTTPS, path, statement->tlv, "%s",
                   lint_quote(context, DER_IA5_STRING, found.not_https));
    if (found.bad_language.data != NULL)
        lint_found(context, RULE_ETSI_QC_PDS_LANGUAGE, path, statement->tlv,
                   "language %s is no lower-case ISO 639-1 code",
                   lint_quote(context, DER_PRINTABLE_STRING, found.bad_language));
    else if (!found.english)
        lint_found(context, RULE_ETSI_QC_PDS_LANGUAGE, path, statement->tlv, "no English entry");
}

static void check_limit_value(struct lint_context *context, const struct asn1_path *path,
                              const struct asn1_typed *statement)
{
    bool numeric = false;
    const char *fault = qc_limit_value_fault(statement->value_tlv, &numeric);

    if (fault != NULL)
        lint_found(context, RULE_ETSI_QC_LIMIT_VALUE, path, statement->tlv, "%s", fault);
    else if (numeric)
        lint_found(context, RULE_ETSI_QC_LIMIT_VALUE_NUMERIC_CURRENCY, path, statement->tlv,
                   "the currency is a number");
}

static void check_retention_period(struct lint_context *context, const struct asn1_path *path,
                                   const struct asn1_typed *statement)
{
    struct der_reader reader = der_reader(statement->value_tlv);
    struct der_element years;

    if (der_read_tag(&reader, DER_INTEGER, &years) != DER_OK || !der_at_end(&reader) ||
        der_check_primitive(&years) != DER_OK)
        lint_found(context, RULE_ETSI_QC_RETENTION_PERIOD, path, statement->tlv, "no INTEGER");
    else if (der_integer_is_negative(years.contents))
        lint_found(context, RULE_ETSI_QC_RETENTION_PERIOD, path, statement->tlv,
                   "a negative number of years");
}

static void check_cc_legislation(struct lint_context *context, const struct asn1_path *path,
                                 const struct asn1_typed *statement)
{
    const char *fault = qc_countries_fault(statement->value_tlv);

    if (fault != NULL)
        lint_found(context, RULE_ETSI_QC_CC_LEGISLATION, path, statement->tlv, "%s", fault);
    if (find_statement(&context->certificate.decoded, OID_QCS_COMPLIANCE) != NULL)
        lint_found(context, RULE_ETSI_QC_CC_LEGISLATION_WITH_EU_COMPLIANCE, path, statement->tlv,
                   "QcCClegislation together with QcCompliance");
}

static void check_ident_method(struct lint_context *context, const struct asn1_path *path,
                               const struct asn1_typed *statement)
{
    struct der_slice arc = asn1_oid_contents(OID_QCS_IDENT_METHOD);
    struct der_element list, method;
    struct der_reader reader;

    if (!qc_read_sequence(statement->value_tlv, &list)) {
        lint_found(context, RULE_ETSI_QC_IDENT_METHOD, path, statement->tlv,
                   "no SEQUENCE of object identifiers");
        return;
    }
    reader = der_reader(list.contents);
    if (der_read_tag(&reader, DER_OID, &method) != DER_OK || !der_at_end(&reader))
        lint_found(context, RULE_ETSI_QC_IDENT_METHOD, path, statement->tlv,
                   "not exactly one object identifier");
    else if (!asn1_oid_under(method.contents, arc) || method.contents.len == arc.len)
        lint_found(context, RULE_ETSI_QC_IDENT_METHOD, path, statement->tlv, "method %s",
                   lint_oid(context, method.contents));
}

static void check_qscd_legislation(struct lint_context *context, const struct asn1_path *path,
                                   const struct asn1_typed *statement)
{
    const char *fault = qc_countries_fault(statement->value_tlv);

    if (fault != NULL)
        lint_found(context, RULE_ETSI_QC_QSCD_LEGISLATION, path, statement->tlv, "%s", fault);
    else if (find_statement(&context->certificate.decoded, OID_QCS_SSCD) == NULL)
        lint_found(context, RULE_ETSI_QC_QSCD_LEGISLATION, path, statement->tlv,
                   "QcQSCDlegislation without QcSSCD");
}

/* EN 319 412-1: `DE:` and the like, a scheme that a nation defines for itself. */
static bool has_national_scheme(const struct asn1_name *subject, enum asn1_oid type)
{
    const struct asn1_attribute *attribute = asn1_find_attribute(subject, type);
    const uint8_t *octets;

    if (attribute == NULL || attribute->value.len < 3)
        return false;
    octets = attribute->value.data;
    return octets[0] >= 'A' && octets[0] <= 'Z' && octets[1] >= 'A' && octets[1] <= 'Z' &&
           octets[2] == ':';
}

static void check_semantics(struct lint_context *context, const struct asn1_path *path,
                            const struct asn1_typed *statement)
{
    const struct asn1_name *subject = &context->certificate.subject;
    struct qc_semantics semantics;
    bool natural, legal;

    if (statement->value_tlv.len == 0)
        return;
    if (!qc_read_semantics(statement->value_tlv, &semantics)) {
        lint_found(context, RULE_ETSI_QC_SEMANTICS_SYNTAX, path, statement->tlv,
                   "no SemanticsInformation with at least one field");
        return;
    }
    natural = semantics.identifier == OID_SEMANTICS_NATURAL &&
              has_national_scheme(subject, OID_SERIAL_NUMBER);
    legal = semantics.identifier == OID_SEMANTICS_LEGAL &&
            has_national_scheme(subject, OID_ORGANIZATION_IDENTIFIER);
    if ((natural || legal) && !semantics.authority_uri)
        lint_found(context, RULE_ETSI_QC_NAME_REGISTRATION_AUTHORITIES, path, statement->tlv,
                   "a national scheme, and nameRegistrationAuthorities holds no URI");
}

static void check_psd2(struct lint_context *context, const struct asn1_path *path,
                       const struct asn1_typed *statement)
{
    const struct asn1_attribute *identifier =
        asn1_find_attribute(&context->certificate.subject, OID_ORGANIZATION_IDENTIFIER);

    if (identifier == NULL || identifier->value.len < 3 ||
        memcmp(identifier->value.data, "PSD", 3) != 0)
        lint_found(context, RULE_ETSI_QC_PSD2_STATEMENT, path, statement->tlv,
                   "roles of a payment service provider, and no organizationIdentifier PSD...");
}

static void check_pkix_v1(struct lint_context *context, const struct asn1_path *path,
                          const struct asn1_typed *statement)
{
    lint_found(context, RULE_ETSI_QC_V1_SYNTAX_PRESENT, path, statement->tlv, "%s",
               lint_oid(context, statement->type));
}

static void check_type_as_statement(struct lint_context *context, const struct asn1_path *path,
                                    const struct asn1_typed *statement)
{
    lint_found(context, RULE_ETSI_QC_TYPE_AS_STATEMENT, path, statement->tlv, "%s",
               lint_oid(context, statement->type));
}

static const struct statement_check {
    enum asn1_oid oid;
    void (*check)(struct lint_context *context, const struct asn1_path *path,
                  const struct asn1_typed *statement);
} statement_checks[] = {
    {OID_QCS_PKIX_V1, check_pkix_v1},
    {OID_QCS_PKIX_V2, check_semantics},
    {OID_QCS_COMPLIANCE, check_compliance},
    {OID_QCS_LIMIT_VALUE, check_limit_value},
    {OID_QCS_RETENTION_PERIOD, check_retention_period},
    {OID_QCS_SSCD, check_sscd},
    {OID_QCS_PDS, check_disclosure},
    {OID_QCS_TYPE, check_type},
    {OID_QCS_CC_LEGISLATION, check_cc_legislation},
    {OID_QCS_IDENT_METHOD, check_ident_method},
    {OID_QCS_QSCD_LEGISLATION, check_qscd_legislation},
    {OID_QCS_PSD2, check_psd2},
};

static bool statement_came_before(const struct asn1_typed_list *statements, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (der_equal(statements->list[i].type, statements->list[index].type))
            return true;
    }
    return false;
}

static void check_statement(struct lint_context *context, const struct asn1_path *path,
                            const struct asn1_typed_list *statements, size_t index)
{
    const struct asn1_typed *statement = &statements->list[index];
    struct der_slice types = asn1_oid_contents(OID_QCS_TYPE);

    if (statement_came_before(statements, index))
        lint_found(context, RULE_ETSI_QC_DUPLICATE_STATEMENT, path, statement->tlv,
                   "%s occurs twice", lint_oid(context, statement->type));
    if (asn1_oid_under(statement->type, types) && statement->type.len > types.len) {
        check_type_as_statement(context, path, statement);
        return;
    }
    for (size_t i = 0; i < sizeof(statement_checks) / sizeof(statement_checks[0]); i++) {
        if (statement_checks[i].oid != statement->oid)
            continue;
        statement_checks[i].check(context, path, statement);
        return;
    }
    lint_found(context, RULE_ETSI_QC_UNKNOWN_STATEMENT, path, statement->tlv, "statement %s",
               lint_oid(context, statement->type));
}

/*
 * EN 319 412-5 clause 5: an EU qualified certificate carries QcPDS. Without QcType it is one for
 * electronic signatures, which an organization does not make.
 */
static void check_mandatory_set(struct lint_context *context, const struct asn1_path *extension)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_typed *compliance = find_statement(decoded, OID_QCS_COMPLIANCE);
    struct asn1_path path;

    if (compliance == NULL)
        return;
    path = statement_path(extension, decoded, compliance);
    if (find_statement(decoded, OID_QCS_PDS) == NULL)
        lint_found(context, RULE_ETSI_QC_MANDATORY_SET, &path, compliance->tlv,
                   "QcCompliance without QcPDS");
    else if (context->profile.type == LINT_OV && find_statement(decoded, OID_QCS_TYPE) == NULL)
        lint_found(context, RULE_ETSI_QC_MANDATORY_SET, &path, compliance->tlv,
                   "QcCompliance without QcType in an organization-validated certificate");
}

/* The last arc of an EN 319 411-2 policy for persons; -1 for any other policy. */
static int etsi_policy(struct der_slice oid)
{
    if (oid.len != sizeof(etsi_policy_arc) + 1 ||
        !asn1_oid_under(oid, der_slice(etsi_policy_arc, sizeof(etsi_policy_arc))))
        return -1;
    return oid.data[oid.len - 1] <= QCP_L_QSCD ? oid.data[oid.len - 1] : -1;
}

/* EN 319 411-2: what the policy promises, the statements should say. */
static void check_policy_agreement(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->policies.x;
    struct asn1_path extension;

    if (x == NULL || !x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->policies.num; i++) {
        const struct asn1_policy *policy = &decoded->policies.policies[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);
        int number = etsi_policy(policy->type);
        bool qscd = number == QCP_N_QSCD || number == QCP_L_QSCD;
        bool natural = number == QCP_N || number == QCP_N_QSCD;
        const char *fault = NULL;

        if (number < 0)
            continue;
        if (find_statement(decoded, OID_QCS_COMPLIANCE) == NULL)
            fault = "no QcCompliance";
        else if (qscd && find_statement(decoded, OID_QCS_SSCD) == NULL)
            fault = "no QcSSCD";
        else if (natural && context->profile.type == LINT_OV)
            fault = "a policy for natural persons in an organization-validated certificate";
        if (fault != NULL)
            lint_found(context, RULE_ETSI_QC_POLICY_AGREEMENT, &path, policy->tlv, "%s: %s",
                       lint_oid(context, policy->type), fault);
    }
}

/* True if QcType has just this type. */
static bool type_is(const struct asn1_typed *statement, enum asn1_oid oid)
{
    struct der_element list, type;
    struct der_reader reader;

    if (statement == NULL || !qc_read_sequence(statement->value_tlv, &list))
        return false;
    reader = der_reader(list.contents);
    return der_read_tag(&reader, DER_OID, &type) == DER_OK && der_at_end(&reader) &&
           asn1_oid_lookup(type.contents) == oid;
}

/* eSign with sponsor- and individual-validated, eSeal with organization-validated, else nothing. */
static void check_type_of_subject(struct lint_context *context, const struct asn1_path *extension)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_typed *type = find_statement(decoded, OID_QCS_TYPE);
    const struct asn1_typed *sscd = find_statement(decoded, OID_QCS_SSCD);
    const struct asn1_typed *odd = NULL;
    struct asn1_path path;

    if (context->profile.type == LINT_MV)
        odd = type != NULL ? type : sscd;
    else if (context->profile.type == LINT_OV && type_is(type, OID_QCT_ESIGN))
        odd = type;
    else if ((context->profile.type == LINT_SV || context->profile.type == LINT_IV) &&
             type_is(type, OID_QCT_ESEAL))
        odd = type;
    if (odd == NULL)
        return;
    path = statement_path(extension, decoded, odd);
    lint_found(context, RULE_SMIME_CROSS_FIELD_QUALIFIED_POLICY_AND_TYPE, &path, odd->tlv,
               "%s does not suit the certificate Type", lint_oid(context, odd->type));
}

void check_qc_statements(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->qc_statements.x;
    const struct asn1_typed_list *statements = &decoded->qc_statements.statements;
    struct asn1_path extension;

    check_policy_agreement(context);
    if (x == NULL)
        return;
    extension_not_critical(context, RULE_SMIME_QC_CRITICAL, x);
    extension_must_decode(context, RULE_ETSI_QC_SYNTAX, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < statements->num; i++) {
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        check_statement(context, &path, statements, i);
    }
    check_mandatory_set(context, &extension);
    check_type_of_subject(context, &extension);
}
