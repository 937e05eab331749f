// Package elide leaves out, while a request is being read, what of it is longer
// than any value that may be stored, so that a value that will be refused is never
// in memory whole.
//
// In the place of what is left out stands a mark, of which Cuts know how much it
// stands for. The request then goes the way of all others – it is parsed, its
// sender's permissions are asked, its values are bound – until the guardrail on the
// size of values (package guardrail) finds the mark in a value, adds what is
// missing and refuses the request with the column's name and the true size.
// Whatever else has a mark in it is refused there, too: nothing shortened is ever
// run.
//
// JSON, Text and GraphQL shorten the strings of JSON, the literals of CQL and the
// strings of GraphQL's documents; values in the native protocol's messages are
// shortened by package wire.
package elide

// Least is the lowest limit: what is no longer than that is never shortened, for a
// mark and what is kept before it would hardly be shorter.
const Least = 4 << 10
