package atlas.control.link;

import atlas.control.enrol.Workload;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Sensitive;
import atlas.core.crypto.ObjectContext;
import atlas.core.json.Json;
import atlas.registry.ModelRegistry;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.vault.KeyVault;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node is given of a model that may serve: its record, its sealed objects, and, one by one
 * and journaled before each leaves, the keys of those objects. Thread-safe.
 */
public final class ModelReleases {
    private static final Logger LOG = LoggerFactory.getLogger(ModelReleases.class);
    private static final int BLOCK = 256 << 10;

    private final ModelRegistry registry;
    private final KeyVault vault;
    private final AuditLog journal;

    public ModelReleases(ModelRegistry registry, KeyVault vault, AuditLog journal) {
        this.registry = registry;
        this.vault = vault;
        this.journal = journal;
    }

    byte[] record(JsonNode asked) {
        return registry.release(ref(asked)).record();
    }

    // The answer is begun only when the object is there; what breaks after that ends it cut short,
    // and the node's digest does not come out.
    void object(Exchange exchange, String place) {
        String[] parts = place.split("/", -1);
        if (parts.length != 3) {
            throw new LinkException("not an object of a model", null);
        }
        Path object =
                registry.release(ModelRef.parse(parts[0] + "@" + parts[1]))
                        .objects()
                        .get(Digest.parse(parts[2]));
        if (object == null) {
            throw new LinkException("not an object of this model", null);
        }
        try (InputStream in = Files.newInputStream(object);
                BodyWriter out =
                        exchange.stream(
                                200, Headers.of("content-type", "application/octet-stream"))) {
            send(in, out);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("a sealed object was not sent to its end");
        }
    }

    private static void send(InputStream in, BodyWriter out) throws IOException {
        byte[] block = new byte[BLOCK];
        boolean whole = false;
        try {
            int n;
            while ((n = in.read(block)) > 0) {
                out.write(n == block.length ? block.clone() : Arrays.copyOf(block, n));
            }
            out.flush();
            whole = true;
        } finally {
            if (!whole) {
                out.abort();
            }
        }
    }

    byte[] key(Workload node, String requestId, JsonNode asked) {
        ModelRef ref = ref(asked);
        String file = Wire.text(asked, "file");
        ObjectContext context = registry.release(ref).contexts().get(file);
        if (context == null) {
            throw new LinkException("`" + ref + "` has no such file", null);
        }
        journal.append(
                new AdminAct(
                        requestId,
                        Actor.system("workload" + node.path()),
                        "key.release",
                        "model:" + ref + "/" + file,
                        "allowed",
                        "",
                        ""));
        Sensitive<byte[]> key = vault.releaseObjectKey(context, Wire.binary(asked, "wrapped"));
        return Json.bytes(out -> {
            out.writeStartObject();
            Wire.write(out, "key", key.reveal());
            out.writeEndObject();
        });
    }

    private static ModelRef ref(JsonNode asked) {
        return ModelRef.parse(Wire.text(asked, "model"));
    }
}
