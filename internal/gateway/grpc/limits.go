package grpc

import "time"

// The limits of what a client may send and ask for.
const (
	// maxMessage bounds a request, in bytes: gRPC's default.
	maxMessage = 4 << 20
	// smallMessage is what a request may have without being counted, and maxBytes
	// bounds, in bytes, all others that are worked on at once, unless the door
	// shares a bound with others.
	smallMessage = 64 << 10
	maxBytes     = 256 << 20
	// maxHeaders bounds the metadata of a call, in bytes.
	maxHeaders = 64 << 10
	// streamWindow and connectionWindow bound what a client may have sent of a
	// call, and of all calls of a connection, before it is read, in bytes. Left to
	// itself gRPC grows them, and measures the way with pings for that.
	streamWindow     = 256 << 10
	connectionWindow = 1 << 20
	// maxConnections at a time; others wait to be accepted.
	maxConnections = 4096
	// maxStreams bounds the calls of one connection at a time.
	maxStreams = 1024
	// maxRunning bounds the requests that are executed at a time; others wait up
	// to runTimeout and are then answered with RESOURCE_EXHAUSTED.
	maxRunning = 8192
	runTimeout = 10 * time.Second
	// maxStreamInFlight bounds the messages of one stream that are worked on at a
	// time; the next are not read before one of them is answered.
	maxStreamInFlight = 128
	// maxPreparedBytes bounds the cache of prepared statements.
	maxPreparedBytes = 32 << 20
	// maxBatch bounds the statements of one batch.
	maxBatch = 65535
	// maxValues bounds the values of one statement (native_protocol_v5.spec: a
	// [short] counts them).
	maxValues = 65535
	// maxErrorText bounds the text of an error, in bytes: it travels in a header,
	// of which clients take but a few kilobytes.
	maxErrorText = 2 << 10
	// maxPooled bounds the buffers that are kept for the next request, in bytes.
	maxPooled = 64 << 10
	// keptValues is the most values and statements that room is kept for.
	keptValues = 1 << 10

	defaultPageSize = 100

	// streamWorkers goroutines are kept for calls: a new one would begin with a
	// small stack. When all are busy, new ones are made.
	streamWorkers    = 128
	handshakeTimeout = 15 * time.Second
	// maxIdle is how long a connection may be without calls.
	maxIdle = 30 * time.Minute
	// pingAfter is when a silent connection is asked whether it lives, pingTimeout
	// how long it may take to say so, minPing how seldom a client may ask.
	pingAfter   = time.Minute
	pingTimeout = 20 * time.Second
	minPing     = 10 * time.Second

	// traceAttempts and traceWait: how often, and how long in between, a trace is
	// read until it is complete.
	traceAttempts = 20
	traceWait     = 10 * time.Millisecond
	// healthPeriod is how often the back end is asked whether it can serve, and
	// healthTimeout how long it may take to answer.
	healthPeriod  = 2 * time.Second
	healthTimeout = 2 * time.Second
)
