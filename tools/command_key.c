/* smimebr key: sealed keys and key references. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "key_commands.h"

void forbid_core_dumps(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
}

static int run_key(const struct command *command, int argc, char **argv)
{
    static const struct command *const list[] = {
        &command_key_generate,  &command_key_seal, &command_key_unseal,
        &command_key_reference, &command_key_show, NULL,
    };

    return run_subcommand(command, list, argc, argv);
}

const struct command command_key = {
    "key", "make, seal, unseal, reference and show CA keys",
    "Usage: smimebr key generate  [OPTION]... --out FILE             a new key, sealed\n"
    "       smimebr key seal      [OPTION]... --in KEY --out FILE    seal an existing key\n"
    "       smimebr key unseal    [OPTION]... --in FILE --out KEY    give up the seal\n"
    "       smimebr key reference [OPTION]... --to URI --out FILE    a file that leads to a key\n"
    "       smimebr key show      FILE                               what a key file says\n"
    "\n"
    "A sealed key is encrypted by a passphrase and can be loaded by smimebr only: it stops\n"
    "accidents and stray tools. Whoever has the passphrase can unseal it.\n"
    "\n"
    "`smimebr help key seal` and so on tell more.\n",
    run_key};
