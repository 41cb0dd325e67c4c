package atlas.runtime.wire;

/** One client connection, as the edge's drain sees it. */
interface Connection {
    /** Takes no further request and closes once nothing is in flight. Called on its loop. */
    void drain();
}
