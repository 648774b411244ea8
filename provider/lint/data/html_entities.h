/* Names of HTML character references, lower case, sorted (html_entities.c is generated). */
#ifndef SMIMEBR_LINT_DATA_HTML_ENTITIES_H
#define SMIMEBR_LINT_DATA_HTML_ENTITIES_H

#include <stddef.h>

extern const char html_entities[][9];
extern const size_t num_html_entities;

#endif
