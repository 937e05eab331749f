// Package wire is the native protocol, versions 3, 4 and 5: envelopes, the
// segments of version 5, body compression, and one file per message. It is
// pure: bytes in, bytes out, no sockets, no goroutines.
//
//	socket bytes --Stream--> Envelope --Decode<Message>--> request
//	response --AppendBody--> Output (envelopes, segments) --> socket bytes
//
// Decoding copies nothing: byte slices point into the buffer they were read
// from, and lengths are checked against what is there before anything is
// allocated. Encoding appends to a buffer that the caller keeps.
//
// The reference is native_protocol_v{3,4,5}.spec; where the specification is
// silent the answers are those of Apache Cassandra 5.0.
package wire
