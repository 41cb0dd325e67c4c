package atlas.journal;

import java.io.IOException;

/** Lets the nth of many writes fail, with or without having been done. */
final class NthWrite {
    private final boolean persists;
    private int left;

    NthWrite(int nth, boolean persists) {
        this.left = nth;
        this.persists = persists;
    }

    /** A write. */
    interface Act {
        void run() throws IOException;
    }

    void run(Act act) throws IOException {
        boolean fails;
        synchronized (this) {
            fails = --left == 0;
        }
        if (!fails || persists) {
            act.run();
        }
        if (fails) {
            throw new IOException("injected");
        }
    }

    synchronized boolean reached() {
        return left <= 0;
    }

    /** From now on this many are let through. */
    synchronized void again(int nth) {
        left = nth;
    }
}
