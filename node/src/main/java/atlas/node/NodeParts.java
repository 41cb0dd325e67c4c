package atlas.node;

import atlas.core.AuditLog;
import atlas.core.ModelRef;
import atlas.registry.OpenedModel;
import atlas.runtime.http.TlsIdentity;
import java.time.Clock;

/**
 * What a node is made of. The node uses these parts and closes none of them.
 *
 * @param models where verified models come from; a registry's {@code openForServing}
 * @param tls the node's certificate; its trust anchors are those of its callers
 * @param trustDomain whose {@code /gateway}, {@code /gateway/NAME} and {@code /control} may call
 */
public record NodeParts(
        Models models, AuditLog audit, TlsIdentity tls, String trustDomain, Clock clock) {

    /** Opens a version for serving, or throws the registry's refusal. */
    @FunctionalInterface
    public interface Models {
        OpenedModel openForServing(ModelRef ref, String node);
    }
}
