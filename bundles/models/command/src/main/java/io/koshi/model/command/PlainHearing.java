package io.koshi.model.command;

/** Words on a terminal: colours and other control sequences (ECMA-48) are left out. */
final class PlainHearing implements Hearing {
    private static final char ESCAPE = '\u001b';
    private static final char BELL = '\u0007';

    private enum State {
        TEXT,
        ESCAPED,
        CONTROL,
        TITLE
    }

    private final Spoken spoken;
    private State state = State.TEXT;
    private boolean begun;

    PlainHearing(Spoken spoken) {
        this.spoken = spoken;
    }

    @Override
    public void hear(String characters) {
        StringBuilder words = new StringBuilder(characters.length());
        for (int i = 0; i < characters.length(); i++) {
            character(characters.charAt(i), words);
        }
        String said = words.toString();
        if (!begun) {
            said = said.stripLeading();
            begun = !said.isEmpty();
        }
        spoken.say(said);
    }

    private void character(char c, StringBuilder words) {
        switch (state) {
            case TEXT -> {
                if (c == ESCAPE) {
                    state = State.ESCAPED;
                } else if (c >= ' ' && c != 0x7f || c == '\n' || c == '\t') {
                    words.append(c);
                }
            }
            case ESCAPED -> state = c == '[' ? State.CONTROL : c == ']' ? State.TITLE : State.TEXT;
            case CONTROL -> state = c >= '@' && c <= '~' ? State.TEXT : State.CONTROL;
            case TITLE -> state = c == BELL ? State.TEXT : c == ESCAPE ? State.ESCAPED : State.TITLE;
            default -> throw new IllegalStateException(state.name());
        }
    }

    @Override
    public void end() {
        // words may end anywhere
    }
}
