/*
 * The entries of a CRL: SBR 7.2.2, RFC 5280 section 5.3. There may be millions, so that one walk
 * judges them with flat memory, and a fault that many entries share is one finding, at the first
 * of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lint/checks/crl.h"

enum {
    REASON_UNSPECIFIED = 0,
    REASON_UNUSED = 7,
    REASON_LAST = 10,
    SERIAL_MAX = 20,
    MAX_ENTRY_EXTENSIONS = 64
};

/* No X.509 certificate of the Internet was revoked before that. */
#define EARLIEST_REVOCATION LINT_DATE(1999, 1, 1)

enum fault {
    FAULT_SERIAL_RANGE,
    FAULT_DATE_AFTER_THIS_UPDATE,
    FAULT_DATE_TOO_EARLY,
    FAULT_DUPLICATE_EXTENSION,
    FAULT_UNKNOWN_CRITICAL,
    FAULT_REASON_CRITICAL,
    FAULT_REASON_UNSPECIFIED,
    FAULT_REASON_UNDEFINED,
    FAULT_REASON_REMOVE,
    FAULT_REASON_CA_ONLY,
    FAULT_REASON_MISSING,
    FAULT_INVALIDITY_DATE,
    FAULT_CERTIFICATE_ISSUER,
    FAULT_HOLD_INSTRUCTION,
    FAULT_DECLARED_CA_MISSING,
    FAULT_DECLARED_CA_HOLD,
    FAULT_STRICT_HOLD,
    FAULT_HOLD_NOT_OFFERED,
    FAULT_TOO_MANY_EXTENSIONS,
    NUM_FAULTS
};

static const enum lint_rule_number fault_rules[NUM_FAULTS] = {
    [FAULT_SERIAL_RANGE] = RULE_CRL_ENTRY_SERIAL_RANGE,
    [FAULT_DATE_AFTER_THIS_UPDATE] = RULE_CRL_REVOCATION_DATE_AFTER_THIS_UPDATE,
    [FAULT_DATE_TOO_EARLY] = RULE_CRL_REVOCATION_DATE_TOO_EARLY,
    [FAULT_DUPLICATE_EXTENSION] = RULE_CRL_ENTRY_DUPLICATE_EXTENSION,
    [FAULT_UNKNOWN_CRITICAL] = RULE_CRL_UNKNOWN_CRITICAL_EXTENSION,
    [FAULT_REASON_CRITICAL] = RULE_CRL_REASON_CRITICAL,
    [FAULT_REASON_UNSPECIFIED] = RULE_CRL_REASON_UNSPECIFIED,
    [FAULT_REASON_UNDEFINED] = RULE_CRL_REASON_UNDEFINED_VALUE,
    [FAULT_REASON_REMOVE] = RULE_CRL_REASON_REMOVE_FROM_CRL_IN_FULL,
    [FAULT_REASON_CA_ONLY] = RULE_CRL_REASON_CA_ONLY_IDP,
    [FAULT_REASON_MISSING] = RULE_CRL_REASON_MISSING_FOR_SUBSCRIBER,
    [FAULT_INVALIDITY_DATE] = RULE_CRL_INVALIDITY_DATE,
    [FAULT_CERTIFICATE_ISSUER] = RULE_CRL_CERTIFICATE_ISSUER_ENTRY,
    [FAULT_HOLD_INSTRUCTION] = RULE_CRL_HOLD_INSTRUCTION,
    [FAULT_DECLARED_CA_MISSING] = RULE_CRL_REASON_MISSING_FOR_CA,
    [FAULT_DECLARED_CA_HOLD] = RULE_CRL_REASON_HOLD_FOR_CA,
    [FAULT_STRICT_HOLD] = RULE_CRL_REASON_HOLD_FOR_STRICT,
    [FAULT_HOLD_NOT_OFFERED] = RULE_CRL_REASON_HOLD_WITHOUT_DOCUMENTATION,
    [FAULT_TOO_MANY_EXTENSIONS] = RULE_ENGINE_RULE_NOT_EVALUATED,
};

/* The first entry with a fault, and how many have it. */
struct tally {
    size_t num;
    size_t index;
    const char *field;    /* step below the entry; NULL: the entry itself */
    struct der_slice oid; /* of the extension below crlEntryExtensions; empty: none */
    struct der_slice at;
    char detail[LINT_QUOTE_MAX];
};

struct walk {
    struct lint_context *context;
    size_t index;
    struct asn1_crl_entry entry;
    struct der_slice previous;  /* serial of the entry before */
    bool ascending, descending; /* so far, strictly */
    struct tally tallies[NUM_FAULTS];
};

static struct tally *__attribute__((format(printf, 4, 5)))
note(struct walk *walk, enum fault fault, struct der_slice at, const char *detail, ...)
{
    struct tally *tally = &walk->tallies[fault];
    va_list arguments;

    if (tally->num++ > 0)
        return tally;
    tally->index = walk->index;
    tally->field = NULL;
    tally->oid = der_slice(NULL, 0);
    tally->at = at;
    va_start(arguments, detail);
    if (vsnprintf(tally->detail, sizeof(tally->detail), detail, arguments) < 0)
        tally->detail[0] = '\0';
    va_end(arguments);
    return tally;
}

/* A fault of one extension of the entry. */
static void note_extension(struct walk *walk, enum fault fault,
                           const struct asn1_extension *extension, struct der_slice at,
                           const char *detail)
{
    struct tally *tally = note(walk, fault, at, "%s", detail);

    if (tally->num == 1)
        tally->oid = extension->type;
}

static void note_field(struct walk *walk, enum fault fault, const char *field, struct der_slice at,
                       const char *detail)
{
    struct tally *tally = note(walk, fault, at, "%s", detail);

    if (tally->num == 1)
        tally->field = field;
}

/* Numbers that are not negative, in minimal encoding. */
static int compare(struct der_slice a, struct der_slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

static void check_serial(struct walk *walk)
{
    struct der_slice serial = walk->entry.serial;

    if (serial.len > SERIAL_MAX || der_integer_is_negative(serial) ||
        (serial.len == 1 && serial.data[0] == 0))
        note_field(walk, FAULT_SERIAL_RANGE, "userCertificate", serial,
                   serial.len > SERIAL_MAX           ? "more than 20 octets"
                   : der_integer_is_negative(serial) ? "negative"
                                                     : "zero");
    if (walk->index > 0) {
        int order = compare(walk->previous, serial);

        walk->ascending = walk->ascending && order < 0;
        walk->descending = walk->descending && order > 0;
    }
    walk->previous = serial;
}

static void check_date(struct walk *walk)
{
    const struct asn1_time *date = &walk->entry.revocation_date;
    const struct asn1_time *this_update = &walk->context->crl.this_update;

    if (!date->valid)
        return;
    if (this_update->valid && date->seconds > this_update->seconds)
        note_field(walk, FAULT_DATE_AFTER_THIS_UPDATE, "revocationDate", date->tlv,
                   lint_time(walk->context, date->seconds));
    if (date->seconds < EARLIEST_REVOCATION)
        note_field(walk, FAULT_DATE_TOO_EARLY, "revocationDate", date->tlv,
                   lint_time(walk->context, date->seconds));
}

/* certificateHold is for subscribers, not for Strict, and for CAs that describe it. */
static void check_hold(struct walk *walk, const struct asn1_extension *extension)
{
    const struct asn1_crl *crl = &walk->context->crl;
    const struct lint_policy *policy = walk->context->request->policy;

    if (crl->issuing_distribution_point.x != NULL && crl->issuing_distribution_point.only_ca_certs)
        note_extension(walk, FAULT_REASON_CA_ONLY, extension, extension->tlv,
                       "certificateHold (6) for a CA certificate");
    else if (policy->status_of == LINT_STATUS_OF_CAS)
        note_extension(walk, FAULT_DECLARED_CA_HOLD, extension, extension->tlv,
                       "certificateHold (6), and status-of is cas");
    if (policy->status_of == LINT_STATUS_OF_STRICT)
        note_extension(walk, FAULT_STRICT_HOLD, extension, extension->tlv,
                       "certificateHold (6), and status-of is strict");
    if (policy->no_suspension)
        note_extension(walk, FAULT_HOLD_NOT_OFFERED, extension, extension->tlv,
                       "certificateHold (6), and suspension is not offered");
}

/* SBR 7.2.2 for an entry with a reason code. */
static void check_reason_value(struct walk *walk, const struct asn1_extension *extension)
{
    const struct asn1_crl *crl = &walk->context->crl;
    int reason = walk->entry.reason;

    if (extension->critical)
        note_extension(walk, FAULT_REASON_CRITICAL, extension, extension->tlv, "critical is TRUE");
    if (reason == REASON_UNSPECIFIED)
        note_extension(walk, FAULT_REASON_UNSPECIFIED, extension, extension->tlv,
                       "unspecified (0)");
    else if ((reason == REASON_UNUSED || reason < 0 || reason > REASON_LAST) &&
             !lint_breach_within(walk->context, extension->tlv))
        note_extension(walk, FAULT_REASON_UNDEFINED, extension, extension->tlv,
                       reason == REASON_UNUSED ? "7 is not used" : "no defined reason");
    else if (reason == CRL_REASON_REMOVE_FROM_CRL && crl->delta_indicator.x == NULL)
        note_extension(walk, FAULT_REASON_REMOVE, extension, extension->tlv,
                       "removeFromCRL (8) in a complete CRL");
    if (reason == CRL_REASON_CERTIFICATE_HOLD)
        check_hold(walk, extension);
}

static void check_reason_missing(struct walk *walk)
{
    const struct asn1_crl *crl = &walk->context->crl;

    if (walk->entry.reason_present)
        return;
    if (crl->issuing_distribution_point.x != NULL && crl->issuing_distribution_point.only_ca_certs)
        note(walk, FAULT_REASON_CA_ONLY, walk->entry.tlv, "no reasonCode for a CA certificate");
    else if (walk->context->request->policy->status_of == LINT_STATUS_OF_CAS)
        note(walk, FAULT_DECLARED_CA_MISSING, walk->entry.tlv,
             "no reasonCode, and status-of is cas");
    else
        note(walk, FAULT_REASON_MISSING, walk->entry.tlv, "no reasonCode");
}

/* The place where the parser found fault, so that this finding takes its place. */
static struct der_slice breach_in(const struct lint_context *context, struct der_slice octets)
{
    const struct asn1_breaches *breaches = &context->crl.breaches;
    uintptr_t first = (uintptr_t)octets.data;

    for (size_t i = 0; i < breaches->num; i++) {
        uintptr_t place = (uintptr_t)breaches->list[i].at.data;

        if (place >= first && place - first < octets.len)
            return breaches->list[i].at;
    }
    return octets;
}

/* GeneralizedTime to the second, in UTC. */
static void check_invalidity_date(struct walk *walk, const struct asn1_extension *extension)
{
    struct der_reader reader = der_reader(extension->value);
    struct der_element element;
    int64_t seconds;

    if (extension->critical)
        note_extension(walk, FAULT_INVALIDITY_DATE, extension, extension->tlv, "critical is TRUE");
    else if (der_read_tag(&reader, DER_GENERALIZEDTIME, &element) != DER_OK ||
             !der_time(DER_GENERALIZEDTIME, element.contents, &seconds) || !der_at_end(&reader))
        note_extension(walk, FAULT_INVALIDITY_DATE, extension,
                       breach_in(walk->context, extension->tlv),
                       "no GeneralizedTime of the form YYYYMMDDHHMMSSZ");
}

static void check_certificate_issuer(struct walk *walk, const struct asn1_extension *extension)
{
    const struct asn1_crl *crl = &walk->context->crl;

    if (!extension->critical)
        note_extension(walk, FAULT_CERTIFICATE_ISSUER, extension, extension->tlv,
                       "critical is FALSE");
    else if (crl->issuing_distribution_point.x == NULL || !crl->issuing_distribution_point.indirect)
        note_extension(walk, FAULT_CERTIFICATE_ISSUER, extension, extension->tlv,
                       "the CRL is not indirect");
    /* The serials of another issuer follow: their order says nothing. */
    walk->ascending = false;
    walk->descending = false;
}

static void check_extension(struct walk *walk, const struct asn1_extension *extension)
{
    switch (extension->oid) {
    case OID_EXT_REASON_CODE:
        if (walk->entry.reason_tlv.data == extension->tlv.data)
            check_reason_value(walk, extension);
        return;
    case OID_EXT_INVALIDITY_DATE:
        check_invalidity_date(walk, extension);
        return;
    case OID_EXT_CERTIFICATE_ISSUER:
        check_certificate_issuer(walk, extension);
        return;
    case OID_EXT_HOLD_INSTRUCTION:
        note_extension(walk, FAULT_HOLD_INSTRUCTION, extension, extension->tlv,
                       "holdInstructionCode is present");
        return;
    default:
        if (extension->critical)
            note_extension(walk, FAULT_UNKNOWN_CRITICAL, extension, extension->tlv,
                           "critical is TRUE and the extension is not known");
        return;
    }
}

static void check_extensions_of_entry(struct walk *walk)
{
    struct der_slice rest = walk->entry.extensions;
    struct der_slice seen[MAX_ENTRY_EXTENSIONS];
    struct asn1_extension extension;
    size_t num = 0;

    while (asn1_next_extension(&rest, &extension)) {
        bool repeated = false;

        if (num == MAX_ENTRY_EXTENSIONS) {
            note(walk, FAULT_TOO_MANY_EXTENSIONS, walk->entry.tlv,
                 "too many extensions: what lies beyond could not be judged");
            return;
        }
        for (size_t i = 0; i < num && !repeated; i++)
            repeated = der_equal(seen[i], extension.type);
        seen[num++] = extension.type;
        if (repeated)
            note_extension(walk, FAULT_DUPLICATE_EXTENSION, &extension, extension.tlv,
                           "the extension occurs more than once");
        check_extension(walk, &extension);
    }
}

static void report(struct lint_context *context, enum fault fault, const struct tally *tally)
{
    struct asn1_path entry = asn1_path_index(NULL, "revokedCertificates", (int)tally->index);
    struct asn1_path extensions = asn1_path(&entry, "crlEntryExtensions");
    struct asn1_path extension = asn1_path(&extensions, asn1_oid_name(asn1_oid_lookup(tally->oid)));
    struct asn1_path field = asn1_path(&entry, tally->field);
    const struct asn1_path *path = &entry;

    if (extension.name == NULL)
        extension.oid = tally->oid;
    if (tally->oid.len > 0)
        path = &extension;
    else if (tally->field != NULL)
        path = &field;
    if (tally->num > 1)
        lint_found(context, fault_rules[fault], path, tally->at, "%s; so in %zu entries",
                   tally->detail, tally->num);
    else
        lint_found(context, fault_rules[fault], path, tally->at, "%s", tally->detail);
}

/* A list in strict order repeats nothing; any other needs a table. */
static void check_repeats(const struct walk *walk)
{
    struct lint_context *context = walk->context;
    struct crl_repeats repeats;
    struct asn1_path path;

    if (walk->ascending || walk->descending || !lint_binds(context, RULE_CRL_DUPLICATE_SERIAL))
        return;
    if (!crl_find_repeats(context, &repeats)) {
        lint_check_failed(context, RULE_CRL_DUPLICATE_SERIAL, "no memory");
        return;
    }
    if (repeats.num == 0)
        return;
    path = asn1_path_index(NULL, "revokedCertificates", (int)repeats.index);
    lint_found(context, RULE_CRL_DUPLICATE_SERIAL, &path, repeats.at,
               "%zu entr%s of an earlier serial", repeats.num, repeats.num == 1 ? "y" : "ies");
}

void check_crl_entries(struct lint_context *context)
{
    struct der_slice rest = context->crl.revoked;
    struct walk walk;

    walk.context = context;
    walk.index = 0;
    walk.previous = der_slice(NULL, 0);
    walk.ascending = true;
    walk.descending = true;
    for (int fault = 0; fault < NUM_FAULTS; fault++)
        walk.tallies[fault].num = 0;
    for (; asn1_crl_next_entry(&rest, &walk.entry); walk.index++) {
        check_serial(&walk);
        check_date(&walk);
        check_extensions_of_entry(&walk);
        check_reason_missing(&walk);
    }
    for (int fault = 0; fault < NUM_FAULTS; fault++) {
        if (walk.tallies[fault].num > 0)
            report(context, (enum fault)fault, &walk.tallies[fault]);
    }
    check_repeats(&walk);
}
