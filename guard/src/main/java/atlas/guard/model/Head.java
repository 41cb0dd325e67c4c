package atlas.guard.model;

/** Which weights judge a text: one set for who speaks, one for what tools and documents bring. */
public enum Head {
    SPEAKER,
    CARRIED
}
