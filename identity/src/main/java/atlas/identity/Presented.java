package atlas.identity;

import atlas.core.Sensitive;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Everything a request presented about its caller.
 *
 * @param bearer what follows {@code Bearer } in the Authorization header
 * @param apiKey the {@code x-api-key} header
 * @param peer the client certificate chain that TLS verified, leaf first; empty when there is none
 */
public record Presented(
        Optional<Sensitive<String>> bearer,
        Optional<Sensitive<String>> apiKey,
        List<X509Certificate> peer) {
    public Presented {
        peer = List.copyOf(peer);
    }
}
