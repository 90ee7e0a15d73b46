/** Reads and writes JSON and CBOR trees and binds them to records. */
package io.koshi.codec.internal;
