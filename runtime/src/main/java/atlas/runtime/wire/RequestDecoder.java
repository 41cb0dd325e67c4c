package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1.1 requests, one at a time; the connection asks for the next. */
abstract class RequestDecoder extends Http1Decoder {
    private final ServerContext context;
    private String method = "";
    private String target = "";
    private @Nullable String authority;
    private @Nullable RequestHead head;
    private @Nullable BodyBuffer body;
    private long expected;
    private boolean keepAlive = true;

    RequestDecoder(ServerContext context) {
        super(context.limits.maxHeaderBytes());
        this.context = context;
    }

    /** The client waits for leave to send its body. */
    abstract void expectsContinue();

    abstract void request(RequestHead head, BodyBuffer body, boolean keepAlive);

    @Override
    void startLine(String line) throws BadMessage {
        int first = line.indexOf(' ');
        int second = line.indexOf(' ', first + 1);
        if (first < 1 || second < 0 || line.indexOf(' ', second + 1) >= 0) {
            throw BadMessage.malformed("the request line is not method, target and version");
        }
        String version = line.substring(second + 1);
        if (!version.equals("HTTP/1.1")) {
            if (version.startsWith("HTTP/") && version.length() == 8) {
                throw new BadMessage(505, "http-version", "only HTTP/1.1 and HTTP/2 are served");
            }
            throw BadMessage.malformed("the request line does not end with a version");
        }
        method = line.substring(0, first);
        target = line.substring(first + 1, second);
        authority = null;
        if (target.startsWith("https://")) {
            // RFC 9112 §3.2.2: the absolute form is accepted; its host must be the host field's.
            int slash = target.indexOf('/', 8);
            int mark = target.indexOf('?', 8);
            int stop = slash < 0 || (mark >= 0 && mark < slash) ? mark : slash;
            authority = stop < 0 ? target.substring(8) : target.substring(8, stop);
            String rest = stop < 0 ? "" : target.substring(stop);
            target = rest.startsWith("/") ? rest : "/" + rest;
        }
    }

    @Override
    long head(Fields fields) throws BadMessage {
        Long framing = framing(fields);
        expected = framing == null ? 0 : framing;
        if (fields.occurrences("host") != 1) {
            throw BadMessage.malformed("exactly one host is needed");
        }
        keepAlive = !RequestRules.listed(fields, "connection", "close");
        String expectation = fields.first("expect");
        head = RequestRules.head(method, target, authority, fields);
        if (expected > context.limits.maxBodyBytes()) {
            throw BadMessage.bodyTooLarge(context.limits.maxBodyBytes());
        }
        if (expectation != null) {
            if (!expectation.equalsIgnoreCase("100-continue")) {
                throw new BadMessage(417, "expectation", "only 100-continue can be expected");
            }
            if (expected != 0) {
                expectsContinue();
            }
        }
        body = new BodyBuffer(context);
        return expected;
    }

    @Override
    void content(ByteBuf in, int length) throws BadMessage {
        if (body != null) {
            body.add(in, length, expected);
        }
    }

    @Override
    void end() {
        RequestHead complete = head;
        BodyBuffer content = body;
        head = null;
        body = null;
        if (complete != null && content != null) {
            request(complete, content, keepAlive);
        }
    }

    /** The path as far as it is known, for an error body. */
    String pathSoFar() {
        return head != null ? head.path() : "";
    }

    /** Frees a body that will never be complete. */
    void discard() {
        if (body != null) {
            body.release();
            body = null;
        }
    }
}
