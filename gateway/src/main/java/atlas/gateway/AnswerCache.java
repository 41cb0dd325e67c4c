package atlas.gateway;

import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.gateway.Embedder.Otherwise;
import atlas.gateway.GatewayConfig.SemanticCache;
import atlas.gateway.openai.AnswerKey;
import atlas.gateway.openai.InferenceRequest;
import atlas.runtime.http.Exchange;
import atlas.vectors.Attribute;
import atlas.vectors.AttributeFilter;
import atlas.vectors.AttributeFilter.Compared;
import atlas.vectors.AttributeFilter.Comparison;
import atlas.vectors.Change;
import atlas.vectors.Hit;
import atlas.vectors.NewItem;
import atlas.vectors.NewStore;
import atlas.vectors.VectorItem;
import atlas.vectors.VectorStore;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers that engines gave, by the questions they were given to, sealed like every vector store.
 * One is given again to the same principal only, by the same version of the same model, when all
 * parameters and all messages but the last are the same and the last means the same. What is kept
 * is what the engine said: filter, record and receipt are made anew each time.
 */
final class AnswerCache {
    /** What stands in records in place of the node that made an answer. */
    static final String NODE = "semantic-cache";

    private static final Logger LOG = LoggerFactory.getLogger(AnswerCache.class);
    private static final String KEY = "key";
    private static final String SINCE = "since";

    private final SemanticCache config;
    private final VectorStores stores;
    private final Embedder embedder;
    private final String model;
    private final Clock clock;
    private final Map<String, VectorStore> own = new ConcurrentHashMap<>();

    /**
     * @param model embeds the questions
     */
    AnswerCache(
            SemanticCache config,
            VectorStores stores,
            Embedder embedder,
            String model,
            Clock clock) {
        this.config = config;
        this.stores = stores;
        this.embedder = embedder;
        this.model = model;
        this.clock = clock;
    }

    /** What a request was looked up by, to be kept with its answer. */
    record Asked(Principal caller, String key, Sensitive<float[]> vector) {}

    /** What a look brought. */
    sealed interface Look {
        /** An answer there was. */
        record Known(byte[] answer) implements Look {}

        /** None; the next one may be kept. */
        record Unknown(Asked asked) implements Look {}

        /** This request has nothing to do with answers that were given before. */
        record Apart() implements Look {}
    }

    /**
     * Looks for an answer to a request that may be answered: everything that decides about it has
     * been asked.
     *
     * @throws atlas.core.crypto.KeyUnavailableException when the vault has no keys
     */
    Look look(Exchange exchange, Principal caller, Served served, InferenceRequest request) {
        Optional<AnswerKey> reusable =
                config.appliesTo(request.model()) && !declined(exchange)
                        ? AnswerKey.of(request)
                        : Optional.empty();
        if (reusable.isEmpty()) {
            return new Look.Apart();
        }
        AnswerKey key = reusable.get();
        try {
            float[] vector =
                    embedder.embed(exchange, caller, model, List.of(key.question().reveal()))
                            .vectors()
                            .getFirst();
            Asked asked = new Asked(caller, named(served.identity(), key), Sensitive.of(vector));
            return nearest(asked)
                    .<Look>map(Look.Known::new)
                    .orElseGet(() -> new Look.Unknown(asked));
        } catch (Refused | Otherwise | VectorsException e) {
            // A cache is no reason not to answer.
            LOG.atInfo().setCause(e).log("answers given before are not looked at");
            return new Look.Apart();
        }
    }

    /** Keeps the answer to what was looked up; not being able to is told to the log only. */
    void keep(Asked asked, byte[] answer) {
        try {
            Change change = added(asked, answer);
            if (change instanceof Change.OverQuota) {
                // Full: what is old goes with what is not, which costs some engines' time.
                store(asked.caller(), false).ifPresent(stores::delete);
                added(asked, answer);
            }
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("an answer is not kept for later");
        }
    }

    private Change added(Asked asked, byte[] answer) {
        Optional<VectorStore> store = store(asked.caller(), true);
        if (store.isEmpty()) {
            return new Change.Done();
        }
        return store.get()
                .add(
                        List.of(
                                new NewItem(
                                        VectorStores.newItemId(),
                                        asked.caller().id(),
                                        Sensitive.of(new String(answer, StandardCharsets.UTF_8)),
                                        Map.of(
                                                KEY,
                                                new Attribute.Text(asked.key()),
                                                SINCE,
                                                new Attribute.Number(
                                                        clock.instant().getEpochSecond())),
                                        asked.vector())));
    }

    private Optional<byte[]> nearest(Asked asked) {
        Optional<VectorStore> store = store(asked.caller(), false);
        if (store.isEmpty()) {
            return Optional.empty();
        }
        long oldest = clock.instant().minus(config.maxAge()).getEpochSecond();
        AttributeFilter same =
                new AttributeFilter.And(
                        List.of(
                                new Compared(KEY, Comparison.EQ, new Attribute.Text(asked.key())),
                                new Compared(SINCE, Comparison.GTE, new Attribute.Number(oldest))));
        return store.get()
                .search(asked.vector(), 1, same)
                .filter(hits -> !hits.isEmpty())
                .map(List::getFirst)
                .filter(hit -> hit.similarity() >= config.similarity())
                .map(Hit::item)
                .map(VectorItem::text)
                .map(text -> text.reveal().getBytes(StandardCharsets.UTF_8));
    }

    /** The store of one principal's answers, which it never sees as one. */
    private Optional<VectorStore> store(Principal caller, boolean make) {
        String whose = caller.tenant() + "\n" + caller.id();
        VectorStore known = own.get(whose);
        if (known != null && stores.find(caller.tenant(), known.id()).isPresent()) {
            return Optional.of(known);
        }
        Optional<VectorStore> found =
                stores.readable(caller.tenant()).stream()
                        .filter(store -> store.owner().equals(caller.id()))
                        .findFirst();
        if (found.isEmpty() && make) {
            NewStore wanted =
                    new NewStore(caller.tenant(), caller.id(), NODE, Optional.empty(), Map.of(), 0);
            found =
                    switch (stores.make(VectorStores.newStoreId(), wanted)) {
                        case VectorStores.Made.Store(VectorStore made) -> Optional.of(made);
                        // Another request of the same principal was quicker.
                        case VectorStores.Made.OverQuota _ -> Optional.empty();
                    };
        }
        found.ifPresent(store -> own.put(whose, store));
        return found;
    }

    private static String named(ModelIdentity identity, AnswerKey key) {
        return Hashes.sha256(
                        identity.ref()
                                + "\n"
                                + identity.rootDigest().hex()
                                + "\n"
                                + key.rest().hex())
                .hex();
    }

    /** Whether the caller wants an answer that is made for it. */
    private static boolean declined(Exchange exchange) {
        return exchange.headers().all("cache-control").stream()
                .map(value -> value.toLowerCase(Locale.ROOT))
                .anyMatch(value -> value.contains("no-cache") || value.contains("no-store"));
    }
}
