package grpc

import (
	"testing"

	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// TestBindEmptyTuple: a tuple without elements is empty, not null, also as the
// first value that a call ever binds.
func TestBindEmptyTuple(t *testing.T) {
	message, err := pb.Marshal(&proto.Value{Inner: &proto.Value_Collection{Collection: &proto.Collection{}}})
	if err != nil {
		t.Fatal(err)
	}
	tuple := &cqltype.Type{Kind: cqltype.Tuple, Elems: []*cqltype.Type{{Kind: cqltype.Int}}}
	v, err := new(call).bindValue(tuple, message)
	if err != nil || v.Bytes == nil || len(v.Bytes) > 0 {
		t.Errorf("bound as %v, %v", v.Bytes, err)
	}
}
