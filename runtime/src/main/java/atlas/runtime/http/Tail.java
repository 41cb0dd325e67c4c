package atlas.runtime.http;

import java.io.ByteArrayOutputStream;

/** Holds what a filter writes while it ends, from whatever thread it does so. */
final class Tail implements ByteSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    @Override
    public synchronized void write(byte[] source, int offset, int length) {
        bytes.write(source, offset, length);
    }

    synchronized byte[] take() {
        byte[] all = bytes.toByteArray();
        bytes.reset();
        return all;
    }
}
