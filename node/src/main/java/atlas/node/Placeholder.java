package atlas.node;

final class Placeholder {
    private Placeholder() {}
}
