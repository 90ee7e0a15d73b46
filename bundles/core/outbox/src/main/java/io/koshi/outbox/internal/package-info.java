/** Sends replies first in, first out per conversation, and keeps the receipts. */
package io.koshi.outbox.internal;
