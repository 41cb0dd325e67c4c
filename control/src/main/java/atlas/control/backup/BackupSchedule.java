package atlas.control.backup;

import atlas.backup.BackupException;
import atlas.backup.BackupIdentity;
import atlas.backup.BackupRecipient;
import atlas.backup.BackupRecipients;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.BackupCreated;
import atlas.core.AuditEvent.BackupVerified;
import atlas.core.AuditLog;
import atlas.core.Sensitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a backup whenever one is due, reads it again at once, and journals what came of both. Only
 * after a drill that held do old ones go. What fails is logged, counted, journaled and tried again.
 */
public final class BackupSchedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupSchedule.class);
    private static final Duration AGAIN = Duration.ofMinutes(15);
    private static final Duration LOOK = Duration.ofMinutes(1);

    private final Plan plan;
    private final HomeBackup backups;
    private final AuditLog journal;
    private final Clock clock;
    private final BackupFolder folder;
    private final AtomicLong failures = new AtomicLong();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("backup-schedule").factory());
    private Instant notBefore = Instant.MIN;

    /**
     * What is made when.
     *
     * @param staging where a drill may put a sealed journal aside
     */
    public record Plan(
            Duration every,
            Path folder,
            Wish wish,
            int keep,
            List<BackupIdentity> drill,
            Path staging) {
        public Plan {
            drill = List.copyOf(drill);
        }
    }

    /** Does nothing before it is told to {@link #look}, or {@link #start}ed. */
    public BackupSchedule(Plan plan, HomeBackup backups, AuditLog journal, Clock clock) {
        this.plan = plan;
        this.backups = backups;
        this.journal = journal;
        this.clock = clock;
        this.folder = new BackupFolder(plan.folder());
    }

    /** Looks once a minute whether one is due. */
    public static BackupSchedule start(
            Plan plan, HomeBackup backups, AuditLog journal, Clock clock) {
        BackupSchedule schedule = new BackupSchedule(plan, backups, journal, clock);
        schedule.timer.scheduleWithFixedDelay(
                schedule::look, LOOK.toSeconds(), LOOK.toSeconds(), TimeUnit.SECONDS);
        return schedule;
    }

    /**
     * The keys in these files.
     *
     * @throws BackupException when one cannot be read, or is none
     */
    public static BackupRecipients recipients(List<Path> files, int threshold) {
        return new BackupRecipients(threshold, keys(files));
    }

    /** The same, on their own. */
    public static List<BackupRecipient> keys(List<Path> files) {
        return files.stream().map(file -> BackupRecipient.parse(read(file))).toList();
    }

    /** The identities in these files, likewise. */
    public static List<BackupIdentity> identities(List<Path> files) {
        return files.stream().map(file -> BackupIdentity.parse(Sensitive.of(read(file)))).toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BackupException("cannot read `" + file + "`", e);
        }
    }

    /** Backups that were due and not made, or did not hold. */
    public long failures() {
        return failures.get();
    }

    /** Makes one if it is due; never throws, for the timer would end. */
    public void look() {
        Instant now = clock.instant();
        if (now.isBefore(notBefore)) {
            return;
        }
        try {
            Instant due = folder.newest().map(last -> last.plus(plan.every())).orElse(Instant.MIN);
            if (!now.isBefore(due)) {
                run(now);
            }
        } catch (IOException | RuntimeException e) {
            notBefore = now.plus(AGAIN);
            failures.incrementAndGet();
            LOG.atError().setCause(e).log("scheduled backup not made; tried again");
            journal.submit(
                    new AdminAct(
                            "",
                            Actor.system("backup"),
                            "backup.create",
                            "backup",
                            "failed",
                            "",
                            "{\"reason\":\"" + e.getClass().getSimpleName() + "\"}"));
        }
    }

    private void run(Instant now) throws IOException {
        BackupFolder.Put<HomeBackup.Made> put =
                folder.put(
                        now,
                        (file, out) -> {
                            HomeBackup.Made made = backups.make(plan.wish(), out);
                            journal.append(created(file, made));
                            return made;
                        });
        BackupVerified drilled =
                new Drill(plan.staging(), plan.drill()).run(put.file(), put.made().label());
        journal.append(drilled);
        if (!drilled.verdict().equals("holds")) {
            failures.incrementAndGet();
            LOG.atError()
                    .addKeyValue("file", put.file())
                    .addKeyValue("verdict", drilled.verdict())
                    .addKeyValue("detail", drilled.detail())
                    .log("backup made, and does not hold");
            return;
        }
        folder.keepOnly(plan.keep());
        LOG.atInfo()
                .addKeyValue("file", put.file())
                .addKeyValue("entries", put.made().manifest().entries())
                .log("backup made and checked");
    }

    private BackupCreated created(Path file, HomeBackup.Made made) {
        return new BackupCreated(
                "",
                Actor.system("backup"),
                made.label().id(),
                file.toString(),
                made.label().bytes(),
                made.manifest().entries(),
                plan.wish().to().ids(),
                plan.wish().to().threshold(),
                plan.wish().contents());
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            // The journal closes next: one that is being made gets no end, and leaves nothing.
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
