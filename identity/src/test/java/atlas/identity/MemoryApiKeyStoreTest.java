package atlas.identity;

import atlas.identity.contract.ApiKeyStoreContract;

class MemoryApiKeyStoreTest extends ApiKeyStoreContract {
    @Override
    protected ApiKeyStore store() {
        return new MemoryApiKeyStore();
    }
}
