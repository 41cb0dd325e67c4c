package atlas.policy;

import atlas.policy.contract.GrantStoreContract;

class MemoryGrantStoreTest extends GrantStoreContract {
    @Override
    protected GrantStore store() {
        return new MemoryGrantStore();
    }
}
