package atlas.control.login;

import atlas.core.Principal;
import java.time.Instant;

/**
 * A session as it may be shown.
 *
 * @param id names it in lists, records and revocations; says nothing about its cookie
 * @param principal who is signed in; its credential is this session
 * @param lastUsed when a person last did something with it
 * @param ends when it ends however busy it is
 * @param source the address it was opened from
 */
public record Session(
        String id,
        Principal principal,
        String method,
        String provider,
        Instant opened,
        Instant lastUsed,
        Instant ends,
        String source) {}
