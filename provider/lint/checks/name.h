/* Names: what every check of a distinguished name needs. */
#ifndef SMIMEBR_LINT_CHECKS_NAME_H
#define SMIMEBR_LINT_CHECKS_NAME_H

#include "lint/context.h"
#include "lint/text.h"

/* In a table: no rule here. */
#define NO_RULE LINT_NUM_RULES

/* The step of an attribute under its Name: `commonName`, `organizationIdentifier[1]`, `1.2.3.4`. */
struct asn1_path name_attribute_path(const struct asn1_path *name,
                                     const struct asn1_attribute *attribute);

/* The attribute of this type that follows `after` (NULL: the first one), or NULL. */
const struct asn1_attribute *name_next(const struct asn1_name *name, enum asn1_oid oid,
                                       const struct asn1_attribute *after);

/* True if the name holds an attribute of this type. */
bool name_has(const struct asn1_name *name, enum asn1_oid oid);

/* The value as text, by its own string tag. */
struct text name_text(const struct asn1_attribute *attribute);

/* A NUL terminated constant as text. */
struct text name_constant(const char *string);

/* True if the value is readable as characters. */
bool name_is_readable(const struct asn1_attribute *attribute);

/*
 * True if no octet of the value is of these classes (enum der_octet_class) and their absence is
 * known: then it has none of those ASCII characters.
 */
static inline bool name_lacks(const struct asn1_attribute *attribute, unsigned classes)
{
    return (attribute->absent & classes) == classes;
}

/*
 * The value as UTF-8: its own octets where the type allows it, else converted into buffer. False if
 * it is unreadable or longer than the buffer.
 */
bool name_utf8(const struct asn1_attribute *attribute, uint8_t *buffer, size_t buffer_len,
               struct der_slice *text);

/*
 * Copy a value to out, NUL terminated, if it consists of printing ASCII characters and fits;
 * false otherwise.
 */
bool name_ascii(const struct asn1_attribute *attribute, char *out, size_t out_size);
bool name_text_ascii(struct text text, char *out, size_t out_size);

/* Report rule at the value of attribute (a macro, so that the format is checked). */
#define name_found(context, rule, name_path, attribute, ...)                                       \
    do {                                                                                           \
        const struct asn1_path name_found_path = name_attribute_path(name_path, attribute);        \
        lint_found(context, rule, &name_found_path, (attribute)->value_tlv, __VA_ARGS__);          \
    } while (0)

/* The value of attribute, quoted for a message. */
const char *name_quote(struct lint_context *context, const struct asn1_attribute *attribute);

/*
 * Judge string types, upper bounds of RFC 5280 appendix A, repetitions and characters of a subject
 * or of a directoryName.
 */
void check_name_attributes(struct lint_context *context, const struct asn1_name *name,
                           const struct asn1_path *path);

/* The characters of one readable value: smime.dn.* */
void check_characters(struct lint_context *context, const struct asn1_attribute *attribute,
                      const struct asn1_path *name_path);

/* True if the first or the last character of a value is white space. */
bool name_has_outer_space(const struct asn1_attribute *attribute);

#endif
