/**
 * The test kit: what the tests of more than one bundle stand on. It knows api and libraries only, so that every bundle
 * can use it; what needs the real store or codec is in {@code io.koshi.testkit.room}.
 */
package io.koshi.testkit;
