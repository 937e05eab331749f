package upstream

import (
	"bytes"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// TestErrorsPass checks that a node's errors come back to the byte, with fields
// that gocql drops (the contentions of a CAS) and any that this release does not
// know.
func TestErrorsPass(t *testing.T) {
	for name, err := range map[string]*cqlerr.Error{
		"contended CAS": {Code: cqlerr.WriteTimeout, Message: "CAS operation timed out: received 1 of 2 required responses after 7 contention retries",
			Consistency: 8, Received: 1, BlockFor: 2, WriteType: "CAS", Contentions: 7},
		"unavailable":  {Code: cqlerr.Unavailable, Message: "Cannot achieve consistency level QUORUM", Consistency: 4, BlockFor: 2, Alive: 1},
		"read failure": {Code: cqlerr.ReadFailure, Message: "failed", Consistency: 4, BlockFor: 2, Failures: map[string]uint16{"127.0.0.3": 1}},
		"CAS unknown":  {Code: cqlerr.CASWriteUnknown, Message: "unknown", Consistency: 8, Received: 1, BlockFor: 2},
	} {
		for v := wire.V3; v <= wire.V5; v++ {
			body := append(wire.Error{Err: err}.AppendBody(nil, v), "of a later release"...)
			n := startNode(t, func(c *nodeConn, e wire.Envelope) { c.raw(e.Stream, wire.OpError, 0, body) })
			c := startCluster(t, Options{}, n)
			if r := await(t, ask(c, query(v, "SELECT"))); r.err != nil || r.op != wire.OpError || !bytes.Equal(r.body, body) {
				t.Errorf("%s, %s: %v %v\n got %q\nwant %q", name, v, r.err, r.op, r.body, body)
			}
		}
	}
	// What the test rests on: version 5 has the count in its bytes.
	with := &cqlerr.Error{Code: cqlerr.WriteTimeout, WriteType: "CAS", Contentions: 7}
	without := &cqlerr.Error{Code: cqlerr.WriteTimeout, WriteType: "CAS"}
	if bytes.Equal(wire.Error{Err: with}.AppendBody(nil, wire.V5), wire.Error{Err: without}.AppendBody(nil, wire.V5)) {
		t.Error("the contentions are not in the body")
	}
}
