/** The older swarm hub's TCP lines and REST, spelled for its clients as they are. */
package io.koshi.swarm.internal;
