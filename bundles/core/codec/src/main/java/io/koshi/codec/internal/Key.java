package io.koshi.codec.internal;

/**
 * A name of a record's component, encoded once.
 *
 * @param json the quoted name and a colon
 * @param cbor the name as a CBOR text string
 */
record Key(String name, byte[] json, byte[] cbor) {
    static Key of(String name) {
        Out json = new Out();
        JsonSink.quote(json, name);
        json.put(':');
        Out cbor = new Out();
        CborSink.text(cbor, name);
        return new Key(name, json.toBytes(), cbor.toBytes());
    }
}
