package atlas.gateway.openai;

import atlas.runtime.http.ByteSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A sink that keeps everything. */
final class Bytes implements ByteSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(byte[] chunk, int offset, int length) {
        bytes.write(chunk, offset, length);
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
