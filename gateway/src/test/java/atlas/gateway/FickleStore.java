package atlas.gateway;

import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A key store that can be away, and says when somebody asked it in vain. */
final class FickleStore implements ApiKeyStore {
    final MemoryApiKeyStore kept = new MemoryApiKeyStore();
    final CompletableFuture<Void> askedInVain = new CompletableFuture<>();
    volatile boolean away;

    private void require() {
        if (away) {
            askedInVain.complete(null);
            throw new StoreUnavailableException("away", null);
        }
    }

    @Override
    public void put(ApiKey key) {
        require();
        kept.put(key);
    }

    @Override
    public Optional<ApiKey> find(String id) {
        require();
        return kept.find(id);
    }

    @Override
    public List<ApiKey> all() {
        require();
        return kept.all();
    }

    @Override
    public void touched(String id, Instant when) {
        require();
        kept.touched(id, when);
    }

    @Override
    public void onChange(Runnable listener) {
        kept.onChange(listener);
    }
}
