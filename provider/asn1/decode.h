/*
 * Decoders of extension values, one per type. Each sets all of its decoded form first, reads the
 * value to its last octet and reports what breaks it; asn1_read_extensions then marks the
 * extension as decoded unless the structure was broken.
 */
#ifndef SMIMEBR_ASN1_DECODE_H
#define SMIMEBR_ASN1_DECODE_H

#include "asn1/parse.h"

/* AuthorityKeyIdentifier, as certificates and CRLs hold it */
struct asn1_key_identifier {
    bool present; /* keyIdentifier */
    struct der_slice octets;
    bool issuer_present;
    bool serial_present;
};

/* extensions.c */

/* Enter the constructed element that fills the value of extension exactly. */
bool asn1_enter_value(struct asn1_scope *scope, const struct asn1_path *path,
                      const struct asn1_extension *extension, uint8_t tag,
                      struct asn1_cursor *inner);

/* The universal primitive that fills the value of extension exactly, checked. */
bool asn1_only_primitive(struct asn1_scope *scope, const struct asn1_path *path,
                         const struct asn1_extension *extension, uint8_t tag,
                         struct der_element *element);

/* True if num < max; else a breach, once per list: *full remembers. */
bool asn1_has_room(struct asn1_scope *scope, const struct asn1_path *path, size_t num, size_t max,
                   struct der_slice at, bool *full);

/* extension_basic.c */
void asn1_decode_basic_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                   const struct asn1_extension *extension,
                                   struct asn1_decoded_extensions *decoded);
void asn1_decode_key_usage(struct asn1_scope *scope, const struct asn1_path *path,
                           const struct asn1_extension *extension,
                           struct asn1_decoded_extensions *decoded);
void asn1_decode_ext_key_usage(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_decoded_extensions *decoded);
void asn1_decode_authority_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                          const struct asn1_extension *extension,
                                          struct asn1_key_identifier *identifier);
void asn1_decode_subject_key_identifier(struct asn1_scope *scope, const struct asn1_path *path,
                                        const struct asn1_extension *extension,
                                        struct asn1_decoded_extensions *decoded);
void asn1_decode_policy_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                    const struct asn1_extension *extension,
                                    struct asn1_decoded_extensions *decoded);
void asn1_decode_inhibit_any_policy(struct asn1_scope *scope, const struct asn1_path *path,
                                    const struct asn1_extension *extension,
                                    struct asn1_decoded_extensions *decoded);

/* extension_names.c */
void asn1_decode_general_names(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_general_names *names);
void asn1_decode_name_constraints(struct asn1_scope *scope, const struct asn1_path *path,
                                  const struct asn1_extension *extension,
                                  struct asn1_decoded_extensions *decoded);

/* extension_points.c; points and list may be NULL: then only checked */
void asn1_decode_points(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, struct asn1_points *points);
void asn1_decode_access(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, uint16_t *num,
                        struct asn1_access *list);

/*
 * DistributionPointName inside its [0]: reports, stores the names if points is not NULL, and tells
 * which alternative it was.
 */
void asn1_read_point_name(struct asn1_scope *scope, const struct asn1_path *path,
                          const struct der_element *outer, struct asn1_point *point,
                          struct asn1_points *points);

/* extension_policies.c */
void asn1_decode_policies(struct asn1_scope *scope, const struct asn1_path *path,
                          const struct asn1_extension *extension,
                          struct asn1_decoded_extensions *decoded);
void asn1_decode_policy_mappings(struct asn1_scope *scope, const struct asn1_path *path,
                                 const struct asn1_extension *extension,
                                 struct asn1_decoded_extensions *decoded);

/* extension_statements.c */
void asn1_decode_directory_attributes(struct asn1_scope *scope, const struct asn1_path *path,
                                      const struct asn1_extension *extension,
                                      struct asn1_typed_list *list);
void asn1_decode_typed_list(struct asn1_scope *scope, const struct asn1_path *path,
                            const struct asn1_extension *extension, struct asn1_typed_list *list);
void asn1_decode_string(struct asn1_scope *scope, const struct asn1_path *path,
                        const struct asn1_extension *extension, uint8_t *tag,
                        struct der_slice *value);

/* extension_status.c: extensions of CRLs, CRL entries and OCSP responses */

/* IssuingDistributionPoint */
struct asn1_distribution_scope {
    bool empty;
    bool name_present;
    struct der_slice name;
    bool only_user_certs, only_ca_certs, only_some_reasons, indirect, only_attribute_certs;
};

void asn1_decode_issuing_point(struct asn1_scope *scope, const struct asn1_path *path,
                               const struct asn1_extension *extension,
                               struct asn1_distribution_scope *point);

/*
 * The value of any extension that this floor knows and no view keeps: it must be of its type
 * wherever it stands.
 */
void asn1_check_extension(struct asn1_scope *scope, const struct asn1_path *path,
                          struct asn1_extension *extension, void *view);

#endif
