package atlas.registry;

/** How far a push has come, in bytes of the files to be stored. */
public record Progress(String file, long doneBytes, long totalBytes) {}
