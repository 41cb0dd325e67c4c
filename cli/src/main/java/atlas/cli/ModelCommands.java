package atlas.cli;

import picocli.CommandLine.Command;

/** Models: signed and scanned offline; pushed, approved and deployed through the control plane. */
@Command(
        name = "model",
        description = "Sign, verify, scan, push, approve and deploy models.",
        subcommands = {
            ModelTrust.Sign.class,
            ModelTrust.Verify.class,
            ModelTrust.Scan.class,
            ModelRegistryCommands.Push.class,
            ModelRegistryCommands.List.class,
            ModelRegistryCommands.Show.class,
            ModelRegistryCommands.Approve.class,
            ModelRegistryCommands.Deploy.class,
            ModelRegistryCommands.Rollback.class,
            ModelRegistryCommands.Retire.class,
            ModelRegistryCommands.Bom.class,
        })
final class ModelCommands extends Group {}
