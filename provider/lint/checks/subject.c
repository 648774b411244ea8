/*
 * Subject attributes by Type and Generation: SBR 7.1.4.2.3 to 7.1.4.2.6, and the walk over a Name
 * that serves the subject and each directoryName of the SAN.
 */
#include "lint/checks/subject.h"

#include "lint/checks/common_name.h"
#include "lint/checks/name.h"

enum { NUM_TYPES = 4, NUM_GENERATIONS = 3 };
enum cell { MAY, SHALL, NOT };

struct type_row {
    enum asn1_oid oid; /* OID_UNKNOWN: the row "Other" */
    uint8_t cells[NUM_TYPES][NUM_GENERATIONS];
    enum lint_rule_number rules[NUM_TYPES]; /* broken when a cell says SHALL or SHALL NOT */
};

#define NONE               NO_RULE
#define BARRED(type, name) RULE_SMIME_PROFILE_##type##_##name##_PROHIBITED
#define MISSING(name)      RULE_SMIME_PROFILE_##name##_MISSING

/* clang-format off */
/*
 * One row per attribute in the order of the SBR's tables. The cells of a Type are those of its
 * table: Legacy, Multipurpose, Strict; NOT is SHALL NOT.
 */
static const struct type_row type_table[] = {
    /* Mailbox-validated     Organization-validated Sponsor-validated      Individual-validated
     * 7.1.4.2.3             7.1.4.2.4              7.1.4.2.5              7.1.4.2.6 */
    {OID_COMMON_NAME,
     {{MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {NONE, NONE, NONE, NONE}},
    {OID_ORGANIZATION_NAME,
     {{NOT, NOT, NOT},       {SHALL, SHALL, SHALL}, {SHALL, SHALL, SHALL}, {NOT, NOT, NOT}},
     {BARRED(MV, ORGANIZATION_NAME), MISSING(ORGANIZATION_NAME),
      MISSING(ORGANIZATION_NAME), BARRED(IV, ORGANIZATION_NAME)}},
    {OID_ORGANIZATIONAL_UNIT_NAME,
     {{NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {NOT, NOT, NOT}},
     {BARRED(MV, ORGANIZATIONAL_UNIT), NONE, NONE, BARRED(IV, ORGANIZATIONAL_UNIT)}},
    {OID_ORGANIZATION_IDENTIFIER,
     {{NOT, NOT, NOT},       {SHALL, SHALL, SHALL}, {SHALL, SHALL, SHALL}, {NOT, NOT, NOT}},
     {BARRED(MV, ORGANIZATION_IDENTIFIER), MISSING(ORGANIZATION_IDENTIFIER),
      MISSING(ORGANIZATION_IDENTIFIER), BARRED(IV, ORGANIZATION_IDENTIFIER)}},
    {OID_GIVEN_NAME,
     {{NOT, NOT, NOT},       {NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, GIVEN_NAME), BARRED(OV, GIVEN_NAME), NONE, NONE}},
    {OID_SURNAME,
     {{NOT, NOT, NOT},       {NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, SURNAME), BARRED(OV, SURNAME), NONE, NONE}},
    {OID_PSEUDONYM,
     {{NOT, NOT, NOT},       {NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, PSEUDONYM), BARRED(OV, PSEUDONYM), NONE, NONE}},
    {OID_SERIAL_NUMBER,
     {{MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {NONE, NONE, NONE, NONE}},
    {OID_EMAIL_ADDRESS,
     {{MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {NONE, NONE, NONE, NONE}},
    {OID_TITLE,
     {{NOT, NOT, NOT},       {NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, TITLE), BARRED(OV, TITLE), NONE, NONE}},
    {OID_STREET_ADDRESS,
     {{NOT, NOT, NOT},       {MAY, MAY, NOT},       {MAY, MAY, NOT},       {MAY, MAY, NOT}},
     {BARRED(MV, STREET_ADDRESS), BARRED(OV, STREET_ADDRESS),
      BARRED(SV, STREET_ADDRESS), BARRED(IV, STREET_ADDRESS)}},
    {OID_LOCALITY_NAME,
     {{NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, LOCALITY), NONE, NONE, NONE}},
    {OID_STATE_OR_PROVINCE_NAME,
     {{NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, STATE), NONE, NONE, NONE}},
    {OID_POSTAL_CODE,
     {{NOT, NOT, NOT},       {MAY, MAY, NOT},       {MAY, MAY, NOT},       {MAY, MAY, NOT}},
     {BARRED(MV, POSTAL_CODE), BARRED(OV, POSTAL_CODE),
      BARRED(SV, POSTAL_CODE), BARRED(IV, POSTAL_CODE)}},
    {OID_COUNTRY_NAME,
     {{NOT, NOT, NOT},       {MAY, MAY, MAY},       {MAY, MAY, MAY},       {MAY, MAY, MAY}},
     {BARRED(MV, COUNTRY), NONE, NONE, NONE}},
    {OID_UNKNOWN,
     {{NOT, NOT, NOT},       {MAY, NOT, NOT},       {MAY, NOT, NOT},       {MAY, NOT, NOT}},
     {BARRED(MV, OTHER_ATTRIBUTE), BARRED(OV, OTHER_ATTRIBUTE),
      BARRED(SV, OTHER_ATTRIBUTE), BARRED(IV, OTHER_ATTRIBUTE)}},
};
/* clang-format on */

static size_t type_column(enum lint_type type)
{
    return type == LINT_MV ? 0 : type == LINT_OV ? 1 : type == LINT_SV ? 2 : 3;
}

static size_t generation_column(enum lint_generation generation)
{
    return generation == LINT_LEGACY ? 0 : generation == LINT_MULTIPURPOSE ? 1 : 2;
}

bool lint_profile_attribute(struct lint_profile profile, size_t row, enum asn1_oid *attribute,
                            enum lint_presence *presence)
{
    static const enum lint_presence meanings[] = {
        [MAY] = LINT_PERMITTED, [SHALL] = LINT_REQUIRED, [NOT] = LINT_PROHIBITED};

    if (row >= sizeof(type_table) / sizeof(*type_table))
        return false;
    *attribute = type_table[row].oid;
    *presence =
        meanings[type_table[row]
                     .cells[type_column(profile.type)][generation_column(profile.generation)]];
    return true;
}

static const struct type_row *find_row(enum asn1_oid oid)
{
    const struct type_row *row = type_table;

    while (row->oid != oid && row->oid != OID_UNKNOWN)
        row++;
    return row;
}

/* The subject is judged by the rule itself; a directoryName is told what it lacks by one rule. */
static void report_missing(struct lint_context *context, enum lint_rule_number rule,
                           const struct asn1_name *name, const struct asn1_path *path, bool in_san,
                           const char *what)
{
    if (in_san)
        rule = RULE_SMIME_SAN_DIRECTORYNAME_PROFILE;
    lint_found(context, rule, path, name->tlv, "no %s, which %s requires", what,
               lint_profile_name(context->profile));
}

static void check_type_table(struct lint_context *context, const struct asn1_name *name,
                             const struct asn1_path *path, bool in_san)
{
    const size_t type = type_column(context->profile.type);
    const size_t generation = generation_column(context->profile.generation);
    size_t i;

    for (i = 0; i < name->num_attributes; i++) {
        const struct asn1_attribute *attribute = &name->attributes[i];
        const struct type_row *row = find_row(attribute->oid);
        const struct asn1_path place = name_attribute_path(path, attribute);

        if (row->cells[type][generation] == NOT)
            lint_found(context, row->rules[type], &place, attribute->tlv, "%s %s, which %s bars",
                       lint_oid(context, attribute->type), name_quote(context, attribute),
                       lint_profile_name(context->profile));
    }
    for (i = 0; i < sizeof(type_table) / sizeof(*type_table); i++) {
        const struct type_row *row = &type_table[i];

        if (row->cells[type][generation] == SHALL && !name_has(name, row->oid))
            report_missing(context, row->rules[type], name, path, in_san, asn1_oid_name(row->oid));
    }
}

/* Notes 1 and 2 of 7.1.4.2.5 and 7.1.4.2.6. */
static void check_personal_name(struct lint_context *context, const struct asn1_name *name,
                                const struct asn1_path *path, bool in_san)
{
    const bool named = name_has(name, OID_GIVEN_NAME) || name_has(name, OID_SURNAME) ||
                       name_has(name, OID_PSEUDONYM);
    const bool is_person = context->profile.type == LINT_SV || context->profile.type == LINT_IV;

    if (!is_person || named)
        return;
    if (context->profile.generation != LINT_LEGACY)
        report_missing(context, RULE_SMIME_PROFILE_PERSONAL_NAME_OR_PSEUDONYM_MISSING, name, path,
                       in_san, "givenName, surname or pseudonym");
    else if (!name_has(name, OID_COMMON_NAME) && !in_san)
        lint_found(context, RULE_SMIME_PROFILE_LEGACY_NO_PERSON_NAME_AT_ALL, path, name->tlv,
                   "there is no commonName, givenName, surname or pseudonym");
}

/* SBR 7.1.4.2.2(e): a single legal name goes into surname. */
static void check_given_name_alone(struct lint_context *context, const struct asn1_name *name,
                                   const struct asn1_path *path)
{
    const struct asn1_attribute *given_name = name_next(name, OID_GIVEN_NAME, NULL);

    if (given_name == NULL || name_has(name, OID_SURNAME) || name_has(name, OID_PSEUDONYM))
        return;
    name_found(context, RULE_SMIME_PROFILE_GIVEN_NAME_WITHOUT_SURNAME, path, given_name,
               "givenName %s without surname", name_quote(context, given_name));
}

void check_subject_name(struct lint_context *context, const struct asn1_name *name,
                        const struct asn1_path *path, bool in_san)
{
    const bool determined = context->profile.type != LINT_TYPE_NONE &&
                            context->profile.generation != LINT_GENERATION_NONE;

    if (in_san)
        check_name_attributes(context, name, path);
    /* The Type tables bind a directoryName since SBR 1.0.10, 7.1.4.2.2 always did. */
    if (determined && (!in_san || lint_binds(context, RULE_SMIME_SAN_DIRECTORYNAME_PROFILE))) {
        check_type_table(context, name, path, in_san);
        check_personal_name(context, name, path, in_san);
    }
    check_given_name_alone(context, name, path);
    check_common_name(context, name, path, in_san);
    check_name_mailboxes(context, name, path, in_san);
    check_identity(context, name, path, in_san);
    check_geography(context, name, path, in_san);
    check_organization_identifiers(context, name, path, in_san);
    check_person_identifiers(context, name, path, in_san);
    check_name_advice(context, name, path);
    check_person_numbers(context, name, path);
    check_states(context, name, path);
}

void check_subject(struct lint_context *context)
{
    const struct asn1_path path = asn1_path(NULL, "subject");

    check_subject_name(context, &context->certificate.subject, &path, false);
}
