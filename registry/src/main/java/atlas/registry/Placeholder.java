package atlas.registry;

final class Placeholder {
    private Placeholder() {}
}
