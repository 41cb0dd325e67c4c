package atlas.cli;

import picocli.CommandLine.Command;

/** The activity journal. */
@Command(
        name = "journal",
        description = "Read, prove and verify the activity journal; erase whom it is about.",
        subcommands = {
            JournalVerify.class,
            JournalReading.Tail.class,
            JournalReading.Search.class,
            JournalReading.Show.class,
            JournalReading.Prove.class,
            JournalReading.CheckpointNow.class,
            JournalReading.Witnesses.class,
            JournalExport.class,
            JournalReading.ExportersNow.class,
            JournalRetain.class,
            JournalSubjectCommands.Shred.class,
            JournalSubjectCommands.Hold.class,
            JournalSubjectCommands.Release.class,
            JournalSubjectCommands.Holds.class,
            JournalDatabaseSchema.class,
        })
final class JournalCommands extends Group {}
