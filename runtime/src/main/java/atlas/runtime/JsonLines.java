package atlas.runtime;

import atlas.core.json.Json;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/** A log event as one JSON object on one line; facts are members of their own. */
final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final byte[] NONE = new byte[0];

    @Override
    public byte[] headerBytes() {
        return NONE;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        // A fact named twice, or like one of ours, must not make the line unreadable.
        Map<String, String> members = new LinkedHashMap<>();
        members.put("time", event.getInstant().toString());
        members.put("level", event.getLevel().toString());
        members.put("logger", event.getLoggerName());
        members.put("message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair fact : event.getKeyValuePairs()) {
                members.putIfAbsent(fact.key, String.valueOf(fact.value));
            }
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            members.putIfAbsent("error", ThrowableProxyUtil.asString(thrown));
        }
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartObject();
                    for (Map.Entry<String, String> member : members.entrySet()) {
                        out.writeStringField(member.getKey(), member.getValue());
                    }
                    out.writeEndObject();
                });
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    @Override
    public byte[] footerBytes() {
        return NONE;
    }
}
