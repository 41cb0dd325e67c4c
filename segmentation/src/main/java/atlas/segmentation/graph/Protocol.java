package atlas.segmentation.graph;

/** What a rule demands to be spoken over its transport, the weakest first. */
public enum Protocol {
    TCP(Transport.TCP),
    UDP(Transport.UDP),
    /** TLS 1.3 and nothing older; the server is authenticated. */
    TLS_1_3(Transport.TCP),
    /** TLS 1.3 with a client certificate. */
    MUTUAL_TLS_1_3(Transport.TCP);

    private final Transport transport;

    Protocol(Transport transport) {
        this.transport = transport;
    }

    public Transport transport() {
        return transport;
    }

    /** Whether a filter of packets alone cannot hold it. */
    public boolean needsTls() {
        return this == TLS_1_3 || this == MUTUAL_TLS_1_3;
    }

    /** The stricter of two demands on one transport. */
    public Protocol and(Protocol other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
