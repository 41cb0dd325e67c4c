package atlas.journal;

final class Placeholder {
    private Placeholder() {}
}
