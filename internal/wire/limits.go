package wire

// The limits of the protocol layer. What goes past them is answered with an
// error and never held in memory.
const (
	// MaxFrameSize bounds an envelope, header included
	// (native_transport_max_frame_size, 16 MiB).
	MaxFrameSize = 16 << 20
	// MaxMessageSize bounds the body of an envelope that spans several segments
	// (native_transport_max_message_size), and an uncompressed v3/v4 body.
	MaxMessageSize = 16 << 20
	// MaxSegmentPayload is the largest payload of a v5 segment: 128 KiB - 1,
	// what the 17 bits of its length can say (native_protocol_v5.spec §2.2).
	MaxSegmentPayload = 1<<17 - 1
	// MaxStringLength is the largest [string], as its length is a [short].
	MaxStringLength = 1<<16 - 1
	// MaxConsecutiveErrors in one segment are answered one by one; one more
	// closes the connection (consecutive_message_errors_threshold).
	MaxConsecutiveErrors = 1
)
