package atlas.cli;

import picocli.CommandLine.Command;

/** Receipts of single inferences. */
@Command(
        name = "receipt",
        description = "Check what a client was given as proof of an inference.",
        subcommands = {ReceiptVerify.class})
final class ReceiptCommands extends Group {}
