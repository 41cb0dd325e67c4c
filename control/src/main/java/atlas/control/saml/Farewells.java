package atlas.control.saml;

import atlas.identity.saml.SamlServiceProvider.Message;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Logout messages that have to be posted, for the moment between the console's saying "signed out"
 * and the browser's asking for the form. Each is given out once; the eldest give way. Thread-safe.
 */
final class Farewells {
    private static final int MOST = 1_000;
    private static final Duration LIFETIME = Duration.ofMinutes(2);

    private final SecureRandom random = new SecureRandom();

    private record Kept(Message message, Instant until) {}

    /** Guarded by this. */
    private final Map<String, Kept> kept =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
                    return size() > MOST;
                }
            };

    synchronized String keep(Message message, Instant now) {
        byte[] handle = new byte[16];
        random.nextBytes(handle);
        String name = HexFormat.of().formatHex(handle);
        kept.put(name, new Kept(message, now.plus(LIFETIME)));
        return name;
    }

    synchronized Optional<Message> take(String name, Instant now) {
        Kept found = kept.remove(name);
        return found == null || !now.isBefore(found.until)
                ? Optional.empty()
                : Optional.of(found.message);
    }
}
