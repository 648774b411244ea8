/* What the subcommands of `smimebr key` share. */
#ifndef SMIMEBR_TOOLS_KEY_COMMANDS_H
#define SMIMEBR_TOOLS_KEY_COMMANDS_H

#include <openssl/types.h>

#include "command.h"
#include "files.h"
#include "keyfile/keyfile.h"

extern const struct command command_key_generate, command_key_seal, command_key_unseal,
    command_key_reference, command_key_show;

/* How a key is to be sealed, and where to. */
struct sealing {
    const char *out;
    const char *pubout;          /* NULL: none */
    const char *passphrase_file; /* NULL: terminal or standard input */
    char *floor;                 /* lines collected from --floor; NULL: none was given */
    unsigned cost;               /* log2 N */
    enum files_overwrite overwrite;
};

/* Options of every subcommand that seals. */
enum {
    SEALING_OUT = 1,
    SEALING_PUBOUT,
    SEALING_PASSPHRASE,
    SEALING_FLOOR,
    SEALING_COST,
    SEALING_FORCE,
    SEALING_OTHER
};
#define SEALING_OPTIONS                                                                            \
    {"out", true, SEALING_OUT}, {"pubout", true, SEALING_PUBOUT},                                  \
        {"passphrase-file", true, SEALING_PASSPHRASE}, {"floor", true, SEALING_FLOOR},             \
        {"cost", true, SEALING_COST},                                                              \
    {                                                                                              \
        "force", false, SEALING_FORCE                                                              \
    }

#define SEALING_HELP                                                                               \
    "  --out FILE              the sealed key\n"                                                   \
    "  --pubout FILE           also write the public key\n"                                        \
    "  --floor FILE|LINE       least policy of the key: a file, or a line such as\n"               \
    "                          'objects = subscriber, crl'; may be repeated. A policy that is\n"   \
    "                          laxer refuses the key\n"                                            \
    "  --passphrase-file FILE  its first line is the passphrase; otherwise it is typed twice, "    \
    "or\n"                                                                                         \
    "                          is the next line of standard input if that is no terminal\n"        \
    "  --cost N                scrypt works with 2^N blocks of 1 KiB, 14 to 18; 15 (32 MiB) is\n"  \
    "                          the default\n"                                                      \
    "  --force                 overwrite existing files\n"

void sealing_init(struct sealing *sealing);
void sealing_clear(struct sealing *sealing);

/* Take one of SEALING_OPTIONS; false after a complaint. */
bool sealing_option(const struct command *command, struct sealing *sealing, int id,
                    const char *value);

/* False after a complaint: no --out, a file that is in the way, a bad floor. */
bool sealing_check(const struct command *command, struct sealing *sealing);

/* Seal, write and describe; the exit code. */
int sealing_finish(OSSL_LIB_CTX *libctx, const struct sealing *sealing, const uint8_t *pkcs8,
                   size_t pkcs8_len);

/* Print what a sealed key says without its passphrase. */
bool print_sealed(const char *file, const uint8_t *der, size_t der_len, struct failure *failure);

/* Keep secrets out of core dumps. */
void forbid_core_dumps(void);

#endif
