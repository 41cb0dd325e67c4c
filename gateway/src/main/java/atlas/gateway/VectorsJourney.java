package atlas.gateway;

import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.VectorsUsed;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.gateway.Embedder.Embedded;
import atlas.gateway.Embedder.Otherwise;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.VectorAnswers;
import atlas.gateway.openai.VectorRequests;
import atlas.guard.Channel;
import atlas.guard.GuardSettings;
import atlas.guard.Inspection;
import atlas.guard.PromptPart;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.Resource;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.vectors.Attribute;
import atlas.vectors.Change;
import atlas.vectors.Hit;
import atlas.vectors.NewItem;
import atlas.vectors.NewStore;
import atlas.vectors.StoreCard;
import atlas.vectors.VectorItem;
import atlas.vectors.VectorStore;
import atlas.vectors.VectorStores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The journey of a request about vector stores: who is it, may it do this, with this store; what
 * does it bring, is that harmless; say so in the journal; do it.
 *
 * <p>A store is its owner's. Somebody else of the tenant reaches it only where policy permits
 * {@code vectors.shared} on it as well, which no built-in role has; whoever may not reach it is
 * told the same as if it were not there. Texts become vectors on the journey of any request for
 * embeddings.
 */
final class VectorsJourney {
    private static final String KIND = "vectors";
    private static final Headers JSON = Headers.of("content-type", "application/json");
    private static final String ENTRY = "atlas-journal-entry";

    private final Gate gate;
    private final Rooms rooms;
    private final VectorStores stores;
    private final Embedder embedder;
    private final Recording recording;
    private final Exit exit;

    VectorsJourney(
            Gate gate,
            Rooms rooms,
            VectorStores stores,
            RequestJourney requests,
            Recording recording,
            Exit exit) {
        this.gate = gate;
        this.rooms = rooms;
        this.stores = stores;
        this.embedder = new Embedder(requests, "");
        this.recording = recording;
        this.exit = exit;
    }

    /** A store that this caller may do this to: made by {@link #reach} alone. */
    private record Reached(Permit permit, VectorStore store) {}

    /** Texts that may be kept: made by {@link #inspect} alone. */
    private record Inspected(GuardReport report) {}

    /** An answer. */
    private record Said(Headers headers, byte[] body) {
        static Said of(byte[] body) {
            return new Said(JSON, body);
        }
    }

    List<Way> ways() {
        return List.of(
                new Way(VectorPath.ALL, List.of("GET", "POST"), this::travel),
                new Way(
                        VectorPath.ALL + "/{store...}",
                        List.of("GET", "POST", "DELETE"),
                        this::travel));
    }

    void travel(Exchange exchange) {
        Trip trip = new Trip(exchange, "vector_stores", System.nanoTime());
        try {
            Principal caller = gate.enter(trip);
            VectorPath path = VectorPath.of(exchange.path());
            Said said =
                    path.store().isEmpty()
                            ? all(trip, caller)
                            : one(trip, caller, path.store().get(), path);
            exchange.respond(200, said.headers(), said.body());
            exit.answered(trip);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (Otherwise ended) {
            InnerExchange.Kept answer = ended.answer();
            exchange.respond(answer.status(), answer.headers(), answer.body());
            exit.answered(trip, "not_embedded", answer.status());
        } catch (InvalidRequest e) {
            String message = String.valueOf(e.getMessage());
            exit.refuse(trip, new Refused(Refusal.INVALID_REQUEST, message, message, e.field()));
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    private Said all(Trip trip, Principal caller) throws Refused, InvalidRequest {
        return switch (trip.exchange().method()) {
            case "GET" -> list(trip, permit(trip, caller, Action.VECTORS_LIST));
            case "POST" -> create(trip, permit(trip, caller, Action.VECTORS_CREATE));
            default -> throw otherMethod("`GET` and `POST`");
        };
    }

    private Said one(Trip trip, Principal caller, String id, VectorPath path)
            throws Refused, InvalidRequest, Otherwise {
        String method = trip.exchange().method();
        return switch (path.below()) {
            case VectorPath.SEARCH -> {
                Bodies.requirePost(trip.exchange());
                yield search(trip, reach(trip, caller, Action.VECTORS_SEARCH, id));
            }
            case VectorPath.VECTORS -> items(trip, caller, id, path.item());
            default ->
                    switch (method) {
                        case "GET" ->
                                Said.of(
                                        VectorAnswers.store(
                                                reach(trip, caller, Action.VECTORS_LIST, id)
                                                        .store()
                                                        .card()));
                        case "POST" -> update(trip, reach(trip, caller, Action.VECTORS_WRITE, id));
                        case "DELETE" ->
                                delete(trip, reach(trip, caller, Action.VECTORS_DELETE, id));
                        default -> throw otherMethod("`GET`, `POST` and `DELETE`");
                    };
        };
    }

    private Said items(Trip trip, Principal caller, String id, Optional<String> item)
            throws Refused, InvalidRequest, Otherwise {
        String method = trip.exchange().method();
        if (item.isEmpty()) {
            return switch (method) {
                case "GET" -> listItems(trip, reach(trip, caller, Action.VECTORS_SEARCH, id));
                case "POST" -> add(trip, reach(trip, caller, Action.VECTORS_WRITE, id));
                default -> throw otherMethod("`GET` and `POST`");
            };
        }
        return switch (method) {
            case "GET" -> item(trip, reach(trip, caller, Action.VECTORS_SEARCH, id), item.get());
            case "DELETE" ->
                    remove(trip, reach(trip, caller, Action.VECTORS_WRITE, id), item.get());
            default -> throw otherMethod("`GET` and `DELETE`");
        };
    }

    private static Refused otherMethod(String takes) {
        return new Refused(
                Refusal.METHOD_NOT_ALLOWED, "this path takes " + takes + " only", "method", null);
    }

    private Permit permit(Trip trip, Principal caller, Action action) throws Refused {
        trip.at(Step.DECIDE);
        Resource any = new Resource(KIND, Resource.ANY, caller.tenant());
        return switch (decide(trip, caller, action, any)) {
            case Permit permit -> permit;
            case Deny deny -> throw new Refused(Refusal.FORBIDDEN, reason(deny));
        };
    }

    /** Policy is asked before the store is looked for, so that a refusal says nothing about it. */
    private Reached reach(Trip trip, Principal caller, Action action, String id) throws Refused {
        trip.at(Step.DECIDE);
        Resource resource = new Resource(KIND, id, caller.tenant());
        Permit permit =
                switch (decide(trip, caller, action, resource)) {
                    case Permit given -> given;
                    case Deny deny ->
                            throw new Refused(Refusal.VECTOR_STORE_NOT_FOUND, reason(deny));
                };
        trip.at(Step.ADMIT);
        VectorStore store =
                stores.find(caller.tenant(), id)
                        .orElseThrow(
                                () -> new Refused(Refusal.VECTOR_STORE_NOT_FOUND, "no such store"));
        if (!mayReach(trip, caller, store)) {
            throw new Refused(Refusal.VECTOR_STORE_NOT_FOUND, "another principal's store");
        }
        return new Reached(permit, store);
    }

    private boolean mayReach(Trip trip, Principal caller, VectorStore store) {
        if (store.owner().equals(caller.id())) {
            return true;
        }
        Resource resource = new Resource(KIND, store.id(), caller.tenant());
        return decide(trip, caller, Action.VECTORS_SHARED, resource) instanceof Permit;
    }

    private Decision decide(Trip trip, Principal caller, Action action, Resource resource) {
        Decision decision =
                rooms.policy()
                        .decide(
                                caller,
                                action,
                                resource,
                                Circumstances.from(trip.exchange().source()));
        trip.decidedBy(decision.policyId());
        return decision;
    }

    private static String reason(Deny deny) {
        return deny.reason() + " (" + deny.policyId() + ")";
    }

    private Said list(Trip trip, Permit permit) throws Refused {
        Principal caller = permit.principal();
        List<StoreCard> cards = new ArrayList<>();
        for (VectorStore store : stores.readable(caller.tenant())) {
            if (mayReach(trip, caller, store)) {
                cards.add(store.card());
            }
        }
        Listing listing = Listing.of(trip.exchange().query());
        Listing.Page<StoreCard> page =
                listing.page(
                        cards,
                        StoreCard::id,
                        Comparator.comparing(StoreCard::created).thenComparing(StoreCard::id));
        return Said.of(VectorAnswers.stores(page.shown(), page.more()));
    }

    private Said create(Trip trip, Permit permit) throws Refused, InvalidRequest {
        trip.at(Step.READ);
        VectorRequests.Create wanted = VectorRequests.create(json(trip));
        Principal caller = permit.principal();
        String id = VectorStores.newStoreId();
        Use use = new Use(trip, permit, "create", id, caller.id(), List.of());
        record(use, nothing(), Optional.empty());
        NewStore store =
                new NewStore(
                        caller.tenant(),
                        caller.id(),
                        wanted.name(),
                        wanted.model(),
                        wanted.metadata(),
                        wanted.dimensions());
        return done(
                use,
                () ->
                        switch (stores.make(id, store)) {
                            case VectorStores.Made.Store(VectorStore made) ->
                                    Said.of(VectorAnswers.store(made.card()));
                            case VectorStores.Made.OverQuota(String message) ->
                                    throw overQuota(message);
                        });
    }

    private Said update(Trip trip, Reached reached) throws Refused, InvalidRequest {
        trip.at(Step.READ);
        VectorRequests.Update wanted = VectorRequests.update(json(trip));
        VectorStore store = reached.store();
        Use use = use(trip, reached, "update", List.of());
        record(use, nothing(), Optional.empty());
        return done(
                use,
                () -> {
                    StoreCard was = store.card();
                    store.rename(
                            wanted.name().orElse(was.name()),
                            wanted.metadata().orElse(was.metadata()));
                    return Said.of(VectorAnswers.store(store.card()));
                });
    }

    private Said delete(Trip trip, Reached reached) throws Refused {
        Use use = use(trip, reached, "delete", List.of());
        record(use, nothing(), Optional.empty());
        return done(
                use,
                () -> {
                    stores.delete(reached.store());
                    return Said.of(VectorAnswers.deleted("vector_store", reached.store().id()));
                });
    }

    private Said listItems(Trip trip, Reached reached) throws Refused {
        Listing listing = Listing.of(trip.exchange().query());
        List<VectorItem> all = reached.store().items(Optional.empty(), Integer.MAX_VALUE);
        Listing.Page<VectorItem> page =
                listing.page(
                        all,
                        VectorItem::id,
                        Comparator.comparing(VectorItem::created).thenComparing(VectorItem::id));
        List<String> ids = page.shown().stream().map(VectorItem::id).toList();
        record(use(trip, reached, "read", ids), nothing(), Optional.empty());
        return Said.of(VectorAnswers.items(page.shown(), page.more()));
    }

    private Said item(Trip trip, Reached reached, String id) throws Refused {
        VectorItem item = found(reached, id);
        record(use(trip, reached, "read", List.of(id)), nothing(), Optional.empty());
        return Said.of(VectorAnswers.item(item));
    }

    private Said remove(Trip trip, Reached reached, String id) throws Refused {
        found(reached, id);
        Use use = use(trip, reached, "remove", List.of(id));
        record(use, nothing(), Optional.empty());
        return done(
                use,
                () -> {
                    reached.store().remove(List.of(id));
                    return Said.of(VectorAnswers.deleted("vector_store.vector", id));
                });
    }

    private static VectorItem found(Reached reached, String id) throws Refused {
        return reached.store()
                .item(id)
                .orElseThrow(() -> new Refused(Refusal.VECTOR_NOT_FOUND, "no such vector"));
    }

    private Said add(Trip trip, Reached reached) throws Refused, InvalidRequest, Otherwise {
        trip.at(Step.READ);
        byte[] body = json(trip);
        List<VectorRequests.Item> items = VectorRequests.add(body);
        Inspected inspected = inspect(trip, reached, items);
        List<VectorRequests.Item> plain =
                items.stream().filter(item -> item.vector().isEmpty()).toList();
        List<String> texts =
                plain.stream().map(item -> item.text().orElseThrow().reveal()).toList();
        Embedded embedded = embed(trip, reached, texts);

        trip.at(Step.RECORD);
        int next = 0;
        List<NewItem> added = new ArrayList<>();
        for (VectorRequests.Item item : items) {
            Sensitive<float[]> vector =
                    item.vector().isPresent()
                            ? item.vector().get()
                            : Sensitive.of(embedded.vectors().get(next++));
            added.add(
                    new NewItem(
                            VectorStores.newItemId(),
                            reached.permit().principal().id(),
                            item.text().orElse(Sensitive.of("")),
                            item.attributes(),
                            vector));
        }
        List<String> ids = added.stream().map(NewItem::id).toList();
        Use use = use(trip, reached, "add", ids);
        Recording kept = recording.of(trip.caller(), "");
        record(use, inspected.report(), Optional.of(kept.texts(body, words(items))));
        Said said =
                done(
                        use,
                        () ->
                                switch (reached.store().add(added)) {
                                    case Change.Done _ ->
                                            Said.of(VectorAnswers.added(reached.store().id(), ids));
                                    case Change.OverQuota(String message) ->
                                            throw overQuota(message);
                                    case Change.Unfit(String message) -> throw unfit(message);
                                });
        return withEntry(said, embedded);
    }

    private Said search(Trip trip, Reached reached) throws Refused, InvalidRequest, Otherwise {
        trip.at(Step.READ);
        VectorRequests.Search wanted = VectorRequests.search(json(trip));
        List<String> queries = wanted.queries().stream().map(Sensitive::reveal).toList();
        Embedded embedded = embed(trip, reached, queries);
        List<Sensitive<float[]>> vectors = new ArrayList<>();
        wanted.vector().ifPresent(vectors::add);
        embedded.vectors().forEach(vector -> vectors.add(Sensitive.of(vector)));

        Map<String, Hit> best = new HashMap<>();
        for (Sensitive<float[]> vector : vectors) {
            List<Hit> hits =
                    reached.store()
                            .search(vector, wanted.most(), wanted.filter())
                            .orElseThrow(() ->
                                    unfit("the vector does not fit the vectors of this store"));
            for (Hit hit : hits) {
                best.merge(
                        hit.item().id(),
                        hit,
                        (one, other) -> one.similarity() >= other.similarity() ? one : other);
            }
        }
        List<Hit> shown =
                best.values().stream()
                        .filter(hit -> VectorAnswers.score(hit) >= wanted.threshold())
                        .sorted(Comparator.comparingDouble(Hit::similarity).reversed())
                        .limit(wanted.most())
                        .toList();
        List<String> ids = shown.stream().map(hit -> hit.item().id()).toList();
        trip.at(Step.RECORD);
        record(use(trip, reached, "search", ids), nothing(), Optional.empty());
        return withEntry(Said.of(VectorAnswers.found(queries, shown)), embedded);
    }

    /** What is kept will be read by models later, and by then nobody says who wrote it. */
    private Inspected inspect(Trip trip, Reached reached, List<VectorRequests.Item> items)
            throws Refused {
        trip.at(Step.INSPECT);
        Principal caller = reached.permit().principal();
        String model = reached.store().card().model().orElse("");
        Inspection inspection =
                rooms.guard()
                        .inspect(
                                words(items),
                                new GuardSettings.Asked(caller.id(), caller.roles(), model));
        trip.knows(inspection.report());
        exit.judged(inspection);
        return switch (inspection) {
            case Inspection.Clean _, Inspection.Flagged _ -> new Inspected(inspection.report());
            case Inspection.Blocked(GuardReport _, String reason) ->
                    throw new Refused(Refusal.PROMPT_INJECTION, reason, reason, null);
        };
    }

    private static List<PromptPart> words(List<VectorRequests.Item> items) {
        List<PromptPart> parts = new ArrayList<>();
        for (int i : IntStream.range(0, items.size()).toArray()) {
            VectorRequests.Item item = items.get(i);
            item.text()
                    .ifPresent(text ->
                            parts.add(
                                    new PromptPart(
                                            Channel.DOCUMENT,
                                            "vectors[" + i + "].text",
                                            text.reveal())));
            String name = "vectors[" + i + "].attributes";
            for (Map.Entry<String, Attribute> entry : item.attributes().entrySet()) {
                parts.add(new PromptPart(Channel.DOCUMENT, name, entry.getKey()));
                if (entry.getValue() instanceof Attribute.Text(String value)) {
                    parts.add(new PromptPart(Channel.DOCUMENT, name, value));
                }
            }
        }
        return parts;
    }

    private Embedded embed(Trip trip, Reached reached, List<String> texts)
            throws Refused, Otherwise {
        if (texts.isEmpty()) {
            return new Embedded(List.of(), "");
        }
        trip.at(Step.FORWARD);
        String model =
                reached.store()
                        .card()
                        .model()
                        .or(() -> stores.config().embeddingModel())
                        .orElseThrow(() ->
                                unfit(
                                        "this store names no model that embeds texts; send"
                                                + " vectors, or make it with `embedding_model`"));
        return embedder.embed(trip.exchange(), reached.permit().principal(), model, texts);
    }

    private byte[] json(Trip trip) throws Refused {
        byte[] body = trip.exchange().body();
        if (body.length > 0) {
            Bodies.requireJson(trip.exchange());
        }
        return body;
    }

    private static Said withEntry(Said said, Embedded embedded) {
        return embedded.entry().isEmpty()
                ? said
                : new Said(said.headers().with(ENTRY, embedded.entry()), said.body());
    }

    private static Refused overQuota(String message) {
        return new Refused(Refusal.QUOTA_EXCEEDED, message, message, null);
    }

    private static Refused unfit(String message) {
        return new Refused(Refusal.INVALID_REQUEST, message, message, null);
    }

    private static GuardReport nothing() {
        return GuardReport.skipped(0);
    }

    /** What is done, as the journal has it. */
    private record Use(
            Trip trip, Permit permit, String act, String store, String owner, List<String> items) {
        VectorsUsed fact(String outcome, GuardReport report, Optional<Content> content) {
            return new VectorsUsed(
                    trip.exchange().requestId(),
                    trip.actor(),
                    act,
                    store,
                    owner,
                    items,
                    outcome,
                    permit.policyId(),
                    report,
                    content);
        }
    }

    private static Use use(Trip trip, Reached reached, String act, List<String> items) {
        VectorStore store = reached.store();
        return new Use(trip, reached.permit(), act, store.id(), store.owner(), items);
    }

    /** Durable when it returns: nothing is done, and nothing shown, that is not recorded. */
    private void record(Use use, GuardReport report, Optional<Content> content) {
        rooms.journal().append(use.fact("allowed", report, content));
    }

    private interface Work {
        Said work() throws Refused;
    }

    /** What was recorded and did not happen after all is recorded as that. */
    private Said done(Use use, Work work) throws Refused {
        try {
            return work.work();
        } catch (Refused | RuntimeException e) {
            rooms.journal().append(use.fact("failed", nothing(), Optional.empty()));
            throw e;
        }
    }
}
