/*
 * Legal Entity Identifier and role: SBR 7.1.2.3 (l), ISO 17442-1:2020 clause 6 and ISO
 * 17442-2:2020 clause 4.
 */
#include "lint/checks/statements.h"
#include "lint/lei.h"

enum { ROLE_MAX = 100 };

static void check_identifier(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->lei.x;
    struct asn1_path path;

    if (x == NULL)
        return;
    extension_found(context, RULE_SMIME_LEI_PROHIBITED, x, "a Legal Entity Identifier is present");
    extension_not_critical(context, RULE_SMIME_LEI_CRITICAL, x);
    extension_must_decode(context, RULE_SMIME_LEI_STRING, x);
    if (!x->decoded)
        return;
    path = extension_path(x);
    if (decoded->lei.tag != DER_PRINTABLE_STRING || !lei_is_well_formed(decoded->lei.value))
        lint_found(context, RULE_SMIME_LEI_STRING, &path, x->tlv,
                   "%s is no PrintableString of 18 capitals or digits and 2 digits",
                   lint_quote(context, decoded->lei.tag, decoded->lei.value));
    else if (!lei_checksum_is_valid(decoded->lei.value))
        lint_found(context, RULE_SMIME_LEI_CHECKSUM, &path, x->tlv, "%s: wrong check digits",
                   lint_quote(context, decoded->lei.tag, decoded->lei.value));
}

static void check_role(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->lei_role.x;
    struct asn1_path path;

    if (x == NULL)
        return;
    extension_found(context, RULE_SMIME_LEI_ROLE_PROHIBITED_MV_IV, x, "an LEI role is present");
    extension_found(context, RULE_SMIME_LEI_ROLE_PROHIBITED_OV, x, "an LEI role is present");
    extension_not_critical(context, RULE_SMIME_LEI_ROLE_CRITICAL, x);
    extension_must_decode(context, RULE_SMIME_LEI_ROLE_STRING, x);
    if (decoded->lei.x == NULL)
        extension_found(context, RULE_SMIME_LEI_ROLE_WITHOUT_LEI, x, "a role and no LEI");
    if (!x->decoded)
        return;
    path = extension_path(x);
    if (decoded->lei_role.tag != DER_PRINTABLE_STRING || decoded->lei_role.value.len == 0 ||
        decoded->lei_role.value.len > ROLE_MAX)
        lint_found(context, RULE_SMIME_LEI_ROLE_STRING, &path, x->tlv,
                   "%s is no PrintableString of 1 to 100 characters",
                   lint_quote(context, decoded->lei_role.tag, decoded->lei_role.value));
}

void check_lei(struct lint_context *context)
{
    check_identifier(context);
    check_role(context);
}
