/**
 * The hub's frames, one machine for every transport that carries them: a door brings bytes and takes bytes, what they
 * mean is decided here.
 */
@Export
@Version("0.1.0")
package io.koshi.frame;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
