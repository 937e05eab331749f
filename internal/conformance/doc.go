// Package conformance plays files of CQL cases against anything that speaks CQL
// and holds the answers to the recorded ones. The files are test/conformance/*.cql;
// their answers were recorded from a real Apache Cassandra, never from us.
//
//	file --ReadFile--> File{Cases} --Play--> Session.Run, case by case --> Answer
//	Answer --Format--> text, compared with (or recorded as) the case's answer
//
// A Session is a connection: the engine in process, or a driver connected to a
// server. Every file runs in a new keyspace that is named after it.
//
// # The format
//
// A case is a statement, a line of four dashes, and the answer, which an empty
// line ends. Lines that start with # in front of a case are comments. To add
// cases write statement and dashes and run the recorder.
//
//	SELECT k, v FROM t WHERE k = 1
//	----
//	k int | v text
//	1 | 'x'
//	(1 row)
//
// An answer without rows is OK. An error is ERR, its code and its message, on one
// line. A warning is a line WARN with its text behind the answer. Values are CQL
// literals; \n, \r and \\ stand for those characters, so that a row is a line, and
// \e for a row without any.
//
// Lines that start with @ in front of the statement say how to run it:
//
//	@page 2            fetch pages of two rows; a line of -- ends each but the last
//	@bind 1, 'x'       prepare it and bind these values, unset() among them;
//	                   no tuples of several fields, for gocql can't bind them
//	@batch unlogged 1  send a BATCH message, logged, unlogged or counter, perhaps with a
//	                   timestamp; each line of the statement is an entry of it, a
//	                   prepared one if "@bind 1, 'x'" with its values stands behind
//	@unordered         the order of the rows does not matter
//	@ignore now, id    the values of these columns don't matter; they show as *
//	@anymessage        only the code of the error matters
//	@now 1700000000    what time it is for TTLs (now_in_seconds of protocol v5)
//	@anyerror why      any error will do: Cassandra's own is that of a bug, a
//	                   server error with a Java exception; shows as ERR *
//	@sleep 1.1s        wait first
//	@eventually        ask again, for a while, until the answer is the recorded one: it
//	                   tells of what is done in the background
//	@as user password  run it as that role, logged in at the first such line of the file
//	@login user passw. the same, but log in anew
//	@differs why       our answer differs on purpose, and is not compared
package conformance
