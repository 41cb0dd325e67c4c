package atlas.runtime.http;

/** Whether a client must show a certificate; one that is shown is always verified. */
public enum ClientAuth {
    NONE,
    OPTIONAL,
    REQUIRED
}
