package atlas.identity.contract;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every key store does; each implementation runs it. */
public abstract class ApiKeyStoreContract {
    private static final KeyLimits LIMITS =
            new KeyLimits(
                    List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32")),
                    Optional.of(Allowance.parse("1000000/24h")),
                    Optional.of(Allowance.parse("60/1m")));
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    /** An empty store. */
    protected abstract ApiKeyStore store();

    /** A key that fills every field. */
    protected static ApiKey key(String id, Instant issued) {
        byte[] hash = new byte[32];
        for (int i = 0; i < hash.length; i++) {
            hash[i] = (byte) (i * 7 + id.hashCode());
        }
        return new ApiKey(
                id,
                "team/α-service",
                Principal.Kind.SERVICE,
                "default",
                Set.of(Role.CONSUMER, Role.OPERATOR),
                List.of(new Glob("tiny-*"), new Glob("*")),
                LIMITS,
                issued,
                issued.plusSeconds(3600),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "note with 'quotes', \"more\" and ünïcode",
                hash);
    }

    @Test
    public void givesBackEveryFieldOfWhatWasPut() {
        ApiKeyStore store = store();
        ApiKey full =
                new ApiKey(
                        "aaaaaaaaaaaaaaaa",
                        "alice",
                        Principal.Kind.HUMAN,
                        "default",
                        Set.of(Role.AUDITOR),
                        List.of(),
                        KeyLimits.NONE,
                        T0,
                        T0.plusSeconds(60),
                        Optional.of(T0.plusSeconds(5)),
                        Optional.of("bbbbbbbbbbbbbbbb"),
                        Optional.of(T0.plusSeconds(4)),
                        "",
                        new byte[32]);
        store.put(full);
        store.put(key("cccccccccccccccc", T0));
        assertThat(store.find("aaaaaaaaaaaaaaaa")).contains(full);
        assertThat(store.find("cccccccccccccccc")).contains(key("cccccccccccccccc", T0));
    }

    @Test
    public void findsNothingUnderAnotherId() {
        ApiKeyStore store = store();
        store.put(key("aaaaaaaaaaaaaaaa", T0));
        assertThat(store.find("aaaaaaaaaaaaaaab")).isEmpty();
        assertThat(store.find("aaaaaaaa")).isEmpty();
        assertThat(store.find("AAAAAAAAAAAAAAAA")).isEmpty();
        assertThat(store.find("%")).isEmpty();
        assertThat(store.find("")).isEmpty();
    }

    @Test
    public void replacesTheKeyWithTheSameId() {
        ApiKeyStore store = store();
        store.put(key("aaaaaaaaaaaaaaaa", T0));
        ApiKey later = key("aaaaaaaaaaaaaaaa", T0.plusSeconds(1));
        store.put(later);
        assertThat(store.all()).containsExactly(later);
    }

    @Test
    public void listsInOrderOfIssue() {
        ApiKeyStore store = store();
        store.put(key("cccccccccccccccc", T0.plusSeconds(2)));
        store.put(key("aaaaaaaaaaaaaaaa", T0.plusSeconds(1)));
        store.put(key("bbbbbbbbbbbbbbbb", T0));
        assertThat(store.all())
                .extracting(ApiKey::id)
                .containsExactly("bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa", "cccccccccccccccc");
    }

    @Test
    public void notesAUseAndNeverMovesItBack() {
        ApiKeyStore store = store();
        store.put(key("aaaaaaaaaaaaaaaa", T0));
        store.touched("aaaaaaaaaaaaaaaa", T0.plusSeconds(9));
        store.touched("aaaaaaaaaaaaaaaa", T0.plusSeconds(3));
        store.touched("unknownunknownun", T0);
        assertThat(store.find("aaaaaaaaaaaaaaaa").orElseThrow().lastUsed())
                .contains(T0.plusSeconds(9));
        assertThat(store.all()).hasSize(1);
    }

    @Test
    public void tellsOfAChangeBeforePutReturnsAndOfNoUse() {
        ApiKeyStore store = store();
        ApiKey key = key("aaaaaaaaaaaaaaaa", T0);
        store.put(key);
        AtomicInteger changes = new AtomicInteger();
        AtomicReference<Optional<ApiKey>> seen = new AtomicReference<>(Optional.empty());
        store.onChange(() -> {
            changes.incrementAndGet();
            seen.set(store.find(key.id()));
        });
        store.touched(key.id(), T0.plusSeconds(1));
        assertThat(changes).hasValue(0);
        ApiKey other = key("cccccccccccccccc", T0);
        store.put(other);
        assertThat(changes).hasValue(1);
        store.put(key);
        assertThat(changes).hasValue(2);
        assertThat(seen.get()).as("the listener sees the change").isPresent();
    }
}
