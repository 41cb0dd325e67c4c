package atlas.gateway;

import atlas.core.AuditEvent.SubjectErased;
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
import atlas.journal.SearchResult;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.ServingModels;
import atlas.runtime.http.TlsIdentity;
import atlas.vectors.VectorStores;
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
 * @param vectors empty where no vector stores are kept
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
        Clock clock,
        Optional<Vectors> vectors) {

    /** A gateway without vector stores. */
    public GatewayParts(
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
        this(
                authenticator,
                tokens,
                policy,
                registry,
                guard,
                filter,
                journal,
                receipts,
                metrics,
                spending,
                server,
                workload,
                clock,
                Optional.empty());
    }

    /** The same gateway with vector stores. */
    public GatewayParts keeping(Vectors stores) {
        return new GatewayParts(
                authenticator,
                tokens,
                policy,
                registry,
                guard,
                filter,
                journal,
                receipts,
                metrics,
                spending,
                server,
                workload,
                clock,
                Optional.of(stores));
    }

    /**
     * Who gives tokens, and how they are checked.
     *
     * @param published empty while that is not known here
     */
    public record Tokens(
            TokenExchange exchange, Supplier<Optional<AtlasTokens.Published>> published) {}

    /**
     * Vector stores, and the journal that says whose must go.
     *
     * @param answers where answers given before are kept
     */
    public record Vectors(VectorStores stores, VectorStores answers, Subjects subjects) {}

    /** The journal as vector stores need it, which keep what subjects brought. */
    public interface Subjects {
        /** The next erasures after an entry, oldest first. */
        SearchResult erasures(long after);

        /** What a subject is called in them. */
        String pseudonym(String tenant, String principal);

        /** Told of each new erasure. */
        void onErased(Runnable listener);

        /** The subjects of this journal. */
        static Subjects of(Journal journal) {
            return new Subjects() {
                @Override
                public SearchResult erasures(long after) {
                    return journal.find(JournalQuery.ofKind(SubjectErasures.KIND, after, PAGE));
                }

                @Override
                public String pseudonym(String tenant, String principal) {
                    return journal.subjects().pseudonym(tenant, principal);
                }

                @Override
                public void onErased(Runnable listener) {
                    journal.onAppended(appended -> {
                        if (appended.event() instanceof SubjectErased) {
                            listener.run();
                        }
                    });
                }
            };
        }
    }

    private static final int PAGE = 1000;

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
