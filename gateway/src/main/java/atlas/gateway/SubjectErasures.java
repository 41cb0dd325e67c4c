package atlas.gateway;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.VectorsUsed;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.json.Json;
import atlas.journal.JournalEntry;
import atlas.journal.JournalException;
import atlas.journal.SearchResult;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out of the vector stores what erased subjects brought. The journal's own record of an
 * erasure is what counts: it is read again from where the last look ended, so that a crash, a vault
 * without keys or an older copy of the stores only delays it.
 */
final class SubjectErasures {
    static final String KIND = "subject.erased";

    private static final Logger LOG = LoggerFactory.getLogger(SubjectErasures.class);

    private final VectorStores stores;
    private final GatewayParts.Subjects subjects;
    private final AuditLog journal;
    private long known;

    SubjectErasures(VectorStores stores, GatewayParts.Subjects subjects, AuditLog journal) {
        this.stores = stores;
        this.subjects = subjects;
        this.journal = journal;
        this.known = stores.erasuresKnown();
    }

    /** Looks for erasures not known yet, and follows them; what cannot be done now is left. */
    synchronized void follow() {
        // What is made from now on is younger than every erasure there is.
        if (stores.isEmpty()) {
            return;
        }
        try {
            Map<String, Instant> erased = new HashMap<>();
            long looked = known - 1;
            boolean complete = false;
            while (!complete) {
                SearchResult page = subjects.erasures(looked);
                for (JournalEntry entry : page.entries()) {
                    erased.put(subject(entry), entry.when());
                }
                looked = page.lastLooked();
                complete = page.complete();
            }
            if (erased.isEmpty()) {
                known = looked + 1;
            } else if (erase(erased)) {
                stores.erasuresKnown(looked + 1);
                known = looked + 1;
            }
        } catch (KeyUnavailableException
                | VectorsException
                | JournalException
                | AuditUnavailableException e) {
            LOG.atWarn().setCause(e).log("erasures not followed in the vector stores yet");
        }
    }

    /** Says whether every store was looked at. */
    private boolean erase(Map<String, Instant> erased) {
        Map<List<String>, String> pseudonyms = new HashMap<>();
        VectorStores.Erased gone =
                stores.erase((tenant, principal) -> {
                    String called =
                            pseudonyms.computeIfAbsent(
                                    List.of(tenant, principal),
                                    _ -> subjects.pseudonym(tenant, principal));
                    return Optional.ofNullable(erased.get(called));
                });
        if (!gone.stores().isEmpty() || gone.items() > 0) {
            LOG.atInfo()
                    .addKeyValue("stores", gone.stores().size())
                    .addKeyValue("items", gone.items())
                    .log("an erased subject's vectors are gone");
            journal.append(
                    new VectorsUsed(
                            "",
                            Actor.system("vectors"),
                            "erase",
                            "",
                            "",
                            new ArrayList<>(gone.stores()),
                            "allowed",
                            "",
                            GuardReport.skipped(0),
                            Optional.empty()));
        }
        return gone.whole();
    }

    private static String subject(JournalEntry entry) {
        try (JsonParser in = Json.factory().createParser(entry.json())) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = in.currentName().equals("subject");
                in.nextToken();
                if (found) {
                    return in.getText();
                }
                in.skipChildren();
            }
            throw new JournalException("an erasure in the journal names nobody", null);
        } catch (IOException e) {
            throw new UncheckedIOException("an entry of the journal is not JSON", e);
        }
    }
}
