package atlas.control.api;

import static atlas.control.api.Field.Type.BOOLEAN;
import static atlas.control.api.Field.Type.INTEGER;
import static atlas.control.api.Field.Type.STRINGS;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.backup.BackupException;
import atlas.backup.BackupRecipient;
import atlas.backup.BackupRecipients;
import atlas.control.backup.HomeBackup;
import atlas.control.backup.Wish;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.BackupCreated;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.journal.JournalException;
import atlas.journal.JournalQuery;
import atlas.policy.Action;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Backups: making one and sending it, and which were made, checked and restored. */
final class BackupRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRoutes.class);
    private static final String PATH = "/api/v1/backups";
    private static final int LISTED = 50;
    private static final int PIECE = 256 << 10;

    private final HomeBackup backups;
    private final Journal journal;
    private final ReentrantLock making = new ReentrantLock();

    BackupRoutes(HomeBackup backups, Journal journal) {
        this.backups = backups;
        this.journal = journal;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        PATH,
                        Action.BACKUP_LIST,
                        "backup",
                        "the backups that were made, checked and restored last",
                        _ -> Reply.ok(Views.list("backups", listed()))),
                new Route(
                        "POST",
                        PATH,
                        Action.BACKUP_CREATE,
                        "backup",
                        "make a backup of this home, sealed for its recipients, and send it",
                        List.of(),
                        List.of(
                                required(
                                        "recipients",
                                        STRINGS,
                                        "who can open it, as `atlas backup keygen` wrote them"),
                                optional(
                                        "threshold",
                                        INTEGER,
                                        "how many of them it takes together; 1 when not given"),
                                optional("weights", BOOLEAN, "with the sealed models"),
                                optional(
                                        "kek",
                                        BOOLEAN,
                                        "with the key encryption key, when it is a file of the"
                                                + " home")),
                        false,
                        (Route.Operation.Streaming) this::create));
    }

    private List<Map<String, Object>> listed() {
        List<JournalEntry> entries = new ArrayList<>();
        for (String kind : List.of("backup.created", "backup.verified", "backup.restored")) {
            entries.addAll(journal.search(newest(kind)));
        }
        return entries.stream()
                .sorted(Comparator.comparingLong(JournalEntry::index).reversed())
                .limit(LISTED)
                .map(Views::entry)
                .toList();
    }

    private static JournalQuery newest(String kind) {
        return new JournalQuery(
                Optional.of(kind),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                LISTED,
                true);
    }

    private void create(Call call) throws Refusal, IOException {
        Wish wish = wish(call.input());
        Optional<String> refusal = backups.refusal(wish);
        if (refusal.isPresent()) {
            journal.append(act(call, "denied", Map.of("reason", refusal.get())));
            throw Problems.forbidden(refusal.get());
        }
        if (!making.tryLock()) {
            throw Problems.busy("a backup is being made; one at a time");
        }
        try {
            Map<String, Object> what = new LinkedHashMap<>();
            what.put("recipients", wish.to().ids());
            what.put("threshold", wish.to().threshold());
            what.put("contents", wish.contents());
            journal.append(act(call, "allowed", what));
            send(call, wish);
        } finally {
            making.unlock();
        }
    }

    private void send(Call call, Wish wish) throws IOException {
        Headers headers =
                Headers.of(
                        "content-type", "application/octet-stream",
                        "cache-control", "no-store",
                        "x-content-type-options", "nosniff");
        BodyWriter body = call.exchange().stream(200, headers);
        boolean whole = false;
        try {
            HomeBackup.Made made = backups.make(wish, new Pieces(body));
            // Recorded before its last byte leaves: what nobody knows of is not a backup.
            journal.append(created(call, wish, made));
            whole = true;
        } catch (IOException e) {
            // The caller left, or the disk failed: either way what was sent does not read as whole.
            LOG.atWarn().setCause(e).log("backup not finished");
            failed(call, "it could not be read or sent");
        } catch (BackupException | JournalException e) {
            LOG.atWarn().setCause(e).log("backup not made");
            failed(call, String.valueOf(e.getMessage()));
        } finally {
            if (whole) {
                body.close();
            } else {
                body.abort();
            }
        }
    }

    private void failed(Call call, String why) {
        journal.submit(act(call, "failed", Map.of("reason", why)));
    }

    private static AdminAct act(Call call, String outcome, Map<String, ?> after) {
        return new AdminAct(
                call.requestId(),
                call.actor(),
                call.route().action().wireName(),
                "backup",
                outcome,
                "",
                new String(Reply.json(after), StandardCharsets.UTF_8),
                call.policy());
    }

    private static BackupCreated created(Call call, Wish wish, HomeBackup.Made made) {
        return new BackupCreated(
                call.requestId(),
                call.actor(),
                made.label().id(),
                "api",
                made.label().bytes(),
                made.manifest().entries(),
                wish.to().ids(),
                wish.to().threshold(),
                wish.contents());
    }

    private static Wish wish(Input input) throws Refusal {
        try {
            List<BackupRecipient> recipients =
                    input.texts("recipients").stream().map(BackupRecipient::parse).toList();
            long threshold = input.integer("threshold", 1);
            return new Wish(
                    new BackupRecipients(Math.toIntExact(threshold), recipients),
                    input.flag("weights"),
                    input.flag("kek"));
        } catch (BackupException | ArithmeticException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }

    /** A body as a stream of pieces, so that few of them wait to be sent. */
    private static final class Pieces extends OutputStream {
        private final BodyWriter body;
        private long unflushed;

        Pieces(BodyWriter body) {
            this.body = body;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            body.write(Arrays.copyOfRange(bytes, offset, offset + length));
            unflushed += length;
            if (unflushed >= PIECE) {
                flush();
            }
        }

        @Override
        public void flush() throws IOException {
            body.flush();
            unflushed = 0;
        }
    }
}
