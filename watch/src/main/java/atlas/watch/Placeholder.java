package atlas.watch;

final class Placeholder {
    private Placeholder() {}
}
