/** Writes every log line, from slf4j and from the OSGi log, to one rotated file. */
package io.koshi.log.internal;
