/*
 * Certificates out of any number of files, folders and audit logs, one at a time: what is read is
 * never kept, so that memory does not grow with the inputs.
 *
 * A file holds one certificate in DER, PEM with any number of blocks among other text, or the lines
 * of an audit log. A folder is read with all below it; symbolic links inside it are not followed,
 * so that nothing is read twice and no loop has an effect.
 */
#ifndef SMIMEBR_TOOLS_SURVEY_INPUT_H
#define SMIMEBR_TOOLS_SURVEY_INPUT_H

#include "der/der.h"

struct survey_certificate {
    const char *file; /* valid during the call, as are the octets */
    uint64_t number;  /* of the block or line in the file, from 1; 0: the file is the certificate */
    struct der_slice der;
    bool is_tbs; /* to-be-signed octets out of an audit log */
};

struct survey_input {
    /* Returns false to stop. */
    bool (*visit)(void *argument, const struct survey_certificate *certificate);
    /* NULL, or called now and then with the octets read so far. */
    void (*progress)(void *argument, uint64_t octets);
    void *argument;

    uint64_t octets;      /* read so far */
    uint64_t num_files;   /* read */
    uint64_t num_without; /* ... of which in folders, and without any certificate */
    bool in_trouble;      /* something could not be read; it was complained about */
};

/* Visit all certificates of a file or folder; "-" is standard input. False if visit said stop. */
bool survey_input_read(struct survey_input *input, const char *path);

/* Octets in all files that survey_input_read() would read, as far as that can be told. */
uint64_t survey_input_measure(const char *path);

#endif
