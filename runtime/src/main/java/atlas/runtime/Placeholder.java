package atlas.runtime;

final class Placeholder {
    private Placeholder() {}
}
