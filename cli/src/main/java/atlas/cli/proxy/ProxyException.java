package atlas.cli.proxy;

/** No token can be had: because the gateway says no, or because nobody can say. */
public final class ProxyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    ProxyException(boolean refused, String message) {
        super(message);
        this.refused = refused;
    }

    /** Whether the gateway refused the credential; otherwise it could not be asked. */
    public boolean refused() {
        return refused;
    }
}
