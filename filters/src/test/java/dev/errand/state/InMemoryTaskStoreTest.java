package dev.errand.state;

import java.util.List;

class InMemoryTaskStoreTest extends TaskStoreContract {
    private final InMemoryTaskStore store = new InMemoryTaskStore();

    @Override
    protected List<InMemoryTaskStore> replicas() {
        return List.of(store, store, store);
    }
}
