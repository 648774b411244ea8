/* A unit test with one mutant on: which, and where to tell what was reached, the environment says.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mutants/mutant.h"
#include "num_mutants.h"

static void tell_reached(void)
{
    const char *path = getenv("SMIMEBR_MUTANT_REACHED");
    FILE *out = path != NULL ? fopen(path, "wb") : NULL;

    if (out == NULL)
        return;
    (void)fwrite(mutant_reached, 1, NUM_MUTANTS + 1, out);
    (void)fclose(out);
}

__attribute__((constructor)) static void choose_mutant(void)
{
    const char *number = getenv("SMIMEBR_MUTANT");

    (void)mutant_is_site;
    mutant_on = number != NULL ? (unsigned)strtoul(number, NULL, 10) : 0;
    (void)atexit(tell_reached);
}
