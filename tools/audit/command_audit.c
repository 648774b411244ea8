/* smimebr audit: the readers of the audit log, and the two events that people write into it. */
#include "audit/audit_commands.h"

static const struct command *const subcommands[] = {
    &command_audit_verify,      &command_audit_show,
    &command_audit_follow,      &command_audit_note,
    &command_audit_index,       &command_audit_erase,
    &command_audit_replay,      &command_audit_reconcile,
    &command_audit_checkpoint,  &command_audit_prove,
    &command_audit_consistency, &command_audit_timestamp,
    &command_audit_report,      NULL,
};

static int run_audit(const struct command *command, int argc, char **argv)
{
    return run_subcommand(command, subcommands, argc, argv);
}

const struct command command_audit = {
    "audit", "verify, show, replay, reconcile and anchor the audit log",
    "Usage: smimebr audit verify FILE...\n"
    "       smimebr audit show [OPTION]... FILE...\n"
    "       smimebr audit follow [OPTION]... FILE\n"
    "       smimebr audit note FILE TEXT\n"
    "       smimebr audit index [OLD]... FILE\n"
    "       smimebr audit erase (--before DATE | --sequence N) FILE\n"
    "       smimebr audit replay [OPTION]... FILE...\n"
    "       smimebr audit reconcile FILE... -- ISSUED...\n"
    "       smimebr audit checkpoint --key KEY --state STATE FILE...\n"
    "       smimebr audit prove --checkpoint NOTE RECORD FILE...\n"
    "       smimebr audit consistency OLDER NEWER FILE...\n"
    "       smimebr audit timestamp --out REQUEST FILE\n"
    "       smimebr audit report --html OUT [OPTION]... FILE...\n"
    "\n"
    "  verify     hashes, chain, sequence and digests\n"
    "  show       print records, all or chosen ones\n"
    "  follow     print records as they are written, across rotation\n"
    "  note       append a note\n"
    "  index      make the index of serials = unique anew\n"
    "  erase      remove to-be-signed octets after the time of retention; the chain still "
    "verifies\n"
    "  replay     compute every verdict again from what the record holds\n"
    "  reconcile  hold the log against what was issued, both ways\n"
    "  checkpoint  sign what the log is now, if it extends what it was\n"
    "  prove      prove that a record is in the tree of a checkpoint, and check a proof\n"
    "  consistency  prove that one checkpoint extends another\n"
    "  timestamp  ask for a time-stamp on a checkpoint, and check it\n"
    "  report     write a page for the auditor\n"
    "\n"
    "Files of one log are named in the order of rotation, oldest first; '-' is standard input.\n"
    "See `smimebr help audit SUBCOMMAND`.\n",
    run_audit};
