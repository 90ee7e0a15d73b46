package io.koshi.codec.internal;

/** Where in the input a value stands; becomes a JSON Pointer (RFC 6901) when something is wrong there. */
record Place(Place parent, Object token) {
    static final Place ROOT = new Place(null, "");

    Place at(Object token) {
        return new Place(this, token);
    }

    @Override
    public String toString() {
        if (parent == null) {
            return "";
        }
        return parent + "/" + token.toString().replace("~", "~0").replace("/", "~1");
    }
}
