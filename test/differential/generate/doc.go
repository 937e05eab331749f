// Package generate makes random CQL programs: schemas, writes, reads and schema
// changes, the same for the same seed.
//
//	seed --Program--> cases (without answers) --differential--> two servers
//
// What a program asks has one right answer. Times that a server's clock would
// decide are in the statements: writes to a "timed" table carry USING TIMESTAMP,
// drawn from few values, so that ties and writes out of order are common; every
// request carries now_in_seconds, so that TTLs expire when the program says so
// and not while it runs. Tables with lightweight transactions, whose timestamps
// are the server's, are never asked for writetime.
//
// Indexes are made before and after the rows. Entries of a BATCH message are prepared
// or text.
//
// Most statements are right, some have a mistake: what is refused, and with which
// words, is compared as well. A file makes one kind of statement or clause.
package generate
