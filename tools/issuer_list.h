/* The issuer certificates that the option --issuer names. */
#ifndef SMIMEBR_TOOLS_ISSUER_LIST_H
#define SMIMEBR_TOOLS_ISSUER_LIST_H

#include "lint/lint.h"

/* Begins as all zeros. */
struct issuer_list {
    struct lint_issuer **list;
    size_t num;
};

/* Add the certificates of the file at path; false after a complaint. */
bool issuer_list_read(struct issuer_list *issuers, const char *path);

void issuer_list_free(struct issuer_list *issuers);

#endif
