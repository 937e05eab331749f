package schemafirst

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// AppendTrace adds the trace of an operation to an answer, as gateways of a
// federation ask for it: extensions.ftv1 is a Trace of Apollo's reports.proto in
// base64. It tells the time of the whole operation and its root fields.
func (x *resolver) AppendTrace(r *exec.Run, answer []byte, start time.Time) []byte {
	if len(answer) == 0 || answer[len(answer)-1] != '}' {
		return answer
	}
	end := time.Now()
	took := uint64(end.Sub(start))
	var root []byte
	for _, f := range r.Fields() {
		var node []byte
		node = appendBytes(node, 1, []byte(f.Key))                      // response_name
		node = appendBytes(node, 3, []byte(f.Definition.Type.String())) // type
		node = appendVarint(node, 9, took)                              // end_time
		node = appendBytes(node, 13, []byte(f.Parent.Name))             // parent_type
		root = appendBytes(root, 12, node)                              // child
	}
	var trace []byte
	trace = appendBytes(trace, 3, timestampMessage(end))
	trace = appendBytes(trace, 4, timestampMessage(start))
	trace = appendVarint(trace, 11, took) // duration_ns
	trace = appendBytes(trace, 14, root)
	answer = append(answer[:len(answer)-1], `,"extensions":{"ftv1":"`...)
	answer = base64.StdEncoding.AppendEncode(answer, trace)
	return append(answer, `"}}`...)
}

// timestampMessage is a google.protobuf.Timestamp.
func timestampMessage(t time.Time) []byte {
	return appendVarint(appendVarint(nil, 1, uint64(t.Unix())), 2, uint64(t.Nanosecond()))
}

// appendVarint and appendBytes append a field of a protocol buffer.
func appendVarint(dst []byte, field, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, field<<3), value)
}

func appendBytes(dst []byte, field uint64, value []byte) []byte {
	dst = binary.AppendUvarint(dst, field<<3|2)
	return append(binary.AppendUvarint(dst, uint64(len(value))), value...)
}
