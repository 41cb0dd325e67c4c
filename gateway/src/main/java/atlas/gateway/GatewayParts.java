package atlas.gateway;

import atlas.core.AuditLog;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import atlas.identity.Authenticator;
import atlas.identity.spending.Spending;
import atlas.identity.token.AtlasTokens;
import atlas.identity.token.TokenExchange;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.journal.JournalQuery;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.ServingModels;
import atlas.runtime.http.TlsIdentity;
import atlas.watch.Metrics;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a gateway is made of. The gateway uses these parts and closes none of them.
 *
 * @param tokens empty where none are given
 * @param spending what keys have used of what they may use
 * @param server the certificate callers see; its trust anchors are those of client certificates
 * @param workload the certificate shown to nodes; its trust anchors are those of the nodes
 */
public record GatewayParts(
        Authenticator authenticator,
        Optional<Tokens> tokens,
        PolicyDecisionPoint policy,
        ServingModels registry,
        PromptGuard guard,
        OutputFilter filter,
        AuditLog journal,
        Receipts receipts,
        Metrics metrics,
        Spending spending,
        TlsIdentity server,
        TlsIdentity workload,
        Clock clock) {

    /**
     * Who gives tokens, and how they are checked.
     *
     * @param published empty while that is not known here
     */
    public record Tokens(
            TokenExchange exchange, Supplier<Optional<AtlasTokens.Published>> published) {}

    /** The journal as receipts need it. */
    public interface Receipts {
        /** The entries about one request, oldest first. */
        List<JournalEntry> find(String requestId);

        /**
         * The C2SP tlog-proof of one entry.
         *
         * @throws atlas.journal.JournalException when no checkpoint covers it and none can be had
         */
        String prove(long index);

        /** What can be shown of an entry to who holds no key; empty when nothing can. */
        Optional<JournalEntry.Evidence> evidence(long index);

        /** The note that signs for these parts of a receipt. */
        String sign(String requestId, List<JournalEntry.Evidence> parts);

        /** The receipts of this journal. */
        static Receipts of(Journal journal) {
            return new Receipts() {
                @Override
                public List<JournalEntry> find(String requestId) {
                    return journal.search(JournalQuery.request(requestId));
                }

                @Override
                public String prove(long index) {
                    return journal.prove(index);
                }

                @Override
                public Optional<JournalEntry.Evidence> evidence(long index) {
                    return journal.evidence(index);
                }

                @Override
                public String sign(String requestId, List<JournalEntry.Evidence> parts) {
                    return journal.signReceipt(requestId, parts);
                }
            };
        }
    }
}
