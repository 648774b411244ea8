/* Certificates of CAs: what the parts about roots and subordinate CAs share. */
#ifndef SMIMEBR_LINT_CHECKS_CA_H
#define SMIMEBR_LINT_CHECKS_CA_H

#include "lint/checks/extensions.h"

/* Bits of keyUsage that matter to a CA (RFC 5280 section 4.2.1.3). */
enum {
    CA_DIGITAL_SIGNATURE = 1u << 0,
    CA_NON_REPUDIATION = 1u << 1,
    CA_KEY_CERT_SIGN = 1u << 5,
    CA_CRL_SIGN = 1u << 6
};

/* SBR 7.1.2.1 (a), (b) and 7.1.2.2 (d), (e) say the same of both; the rows differ. */
struct ca_rows {
    enum lint_rule_number constraints_missing, constraints_not_critical, ca_false;
    enum lint_rule_number usage_missing, usage_not_critical, usage_bits, usage_other_bits;
};

/* basicConstraints and keyUsage. */
void check_ca_basics(struct lint_context *context, const struct ca_rows *rows);

/* SBR 7.1.4.3: the subject of a root or of a subordinate CA. */
void check_ca_subject(struct lint_context *context);

/* SBR 7.1.2.1 */
void check_root(struct lint_context *context);

/* SBR 7.1.2.2, for certificates in scope. */
void check_subordinate_ca(struct lint_context *context);

/* SBR 7.1.2.2 (g): extKeyUsage of a subordinate CA or cross certificate in scope. */
void check_ca_purposes(struct lint_context *context);

/* The nameConstraints that the certificate itself holds: SBR 7.1.5, RFC 5280 section 4.2.1.10. */
void check_name_constraints_form(struct lint_context *context);

/* Index of the first reserved identifier in certificatePolicies; policies.num if there is none. */
uint16_t ca_find_reserved_policy(const struct asn1_decoded_extensions *decoded);

/* True if certificatePolicies holds anyPolicy. */
bool ca_has_any_policy(const struct asn1_decoded_extensions *decoded);

/* True if extKeyUsage is there, decoded, and holds the purpose. */
bool ca_has_purpose(const struct asn1_decoded_extensions *decoded, enum asn1_oid oid);

#endif
