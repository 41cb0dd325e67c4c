package atlas.runtime.http;

/** Takes bytes on their way to the client; copies them, never blocks. */
public interface ByteSink {
    void write(byte[] bytes, int offset, int length);
}
