package atlas.identity;

final class Placeholder {
    private Placeholder() {}
}
