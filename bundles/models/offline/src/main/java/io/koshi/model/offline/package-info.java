/** Answers without a network, so that a first start works. */
package io.koshi.model.offline;
