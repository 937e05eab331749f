package exec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

func pagedTable() *schema.Table {
	return &schema.Table{
		PartitionKey: []*schema.Column{{Name: "a", Type: cqltype.TypeInt}, {Name: "b", Type: cqltype.TypeText}},
		Clustering:   []*schema.Column{{Name: "c", Kind: schema.Clustering, Type: cqltype.TypeInt}},
	}
}

func pagingExample() *pagingState {
	return &pagingState{
		digest: 0x1122334455667788, remaining: 7, inPartition: plan.NoLimit,
		position: store.Position{Partition: []byte("\x00\x04\x00\x00\x00\x01\x00\x00\x01x\x00"), Clustering: [][]byte{{0, 0, 0, 5}}},
	}
}

func wantPagingError(t *testing.T, what string, err error) {
	t.Helper()
	var e *cqlerr.Error
	if !errors.As(err, &e) || e.Code != cqlerr.Protocol || e.Message != "Invalid value for the paging state" {
		t.Errorf("%s: got %v, want Cassandra's protocol error", what, err)
	}
}

func TestPagingStateRoundTrip(t *testing.T) {
	for _, done := range []bool{false, true} {
		want := pagingExample()
		want.position.PartitionDone = done
		if done {
			want.position.Clustering = nil
		}
		got, err := decodePagingState(want.encode(), want.digest, pagedTable())
		if err != nil {
			t.Fatal(err)
		}
		if got.remaining != want.remaining || got.inPartition != want.inPartition || got.position.PartitionDone != done ||
			!bytes.Equal(got.position.Partition, want.position.Partition) || len(got.position.Clustering) != len(want.position.Clustering) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestPagingStateForeign gives states that are damaged, of other queries, or do
// not fit the table.
func TestPagingStateForeign(t *testing.T) {
	s := pagingExample()
	good := s.encode()
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x40
		_, err := decodePagingState(bad, s.digest, pagedTable())
		wantPagingError(t, "damaged", err)
		_, err = decodePagingState(good[:i], s.digest, pagedTable())
		wantPagingError(t, "cut off", err)
	}
	_, err := decodePagingState(good, s.digest+1, pagedTable())
	wantPagingError(t, "other query", err)
	_, err = decodePagingState(append(bytes.Clone(good), 0), s.digest, pagedTable())
	wantPagingError(t, "longer", err)
	_, err = decodePagingState(bytes.Repeat([]byte{pagingVersion}, maxPagingState+1), s.digest, pagedTable())
	wantPagingError(t, "huge", err)
	for what, spoil := range map[string]func(*pagingState){
		"clustering of wrong size":  func(s *pagingState) { s.position.Clustering = [][]byte{{1, 2}} },
		"null clustering":           func(s *pagingState) { s.position.Clustering = [][]byte{nil} },
		"two clustering columns":    func(s *pagingState) { s.position.Clustering = [][]byte{{0, 0, 0, 1}, {0, 0, 0, 1}} },
		"partition of one column":   func(s *pagingState) { s.position.Partition = []byte("\x00\x04\x00\x00\x00\x01\x00") },
		"partition not utf8":        func(s *pagingState) { s.position.Partition = []byte("\x00\x04\x00\x00\x00\x01\x00\x00\x01\xff\x00") },
		"no partition":              func(s *pagingState) { s.position.Partition = nil },
		"partition longer than any": func(s *pagingState) { s.position.Partition = make([]byte, plan.MaxKeyLength+1) },
	} {
		s := pagingExample()
		spoil(s)
		_, err := decodePagingState(s.encode(), s.digest, pagedTable())
		wantPagingError(t, what, err)
	}
}

// FuzzPagingState decodes states whose checksum is right, whatever they hold.
func FuzzPagingState(f *testing.F) {
	good := pagingExample().encode()
	f.Add(good[:len(good)-4])
	f.Add([]byte{pagingVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
		s, err := decodePagingState(b, pagingExample().digest, pagedTable())
		if err != nil {
			wantPagingError(t, "decoded", err)
			return
		}
		if _, err := decodePagingState(s.encode(), s.digest, pagedTable()); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	})
}
