package atlas.journal;

import java.io.IOException;

/** Makes a signed checkpoint known. Once it returns, the checkpoint is for ever. */
interface Proclamation {
    void proclaim(long size, byte[] note) throws IOException;
}
