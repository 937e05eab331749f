package exec

import (
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// pagingState says where the next page starts. Its bytes go to the client and
// come back, so they carry a digest of the query and a checksum and are
// checked like any other input:
//
//	version(1) digest(8) remaining(uvarint) inPartition(uvarint) flags(1)
//	partition(uvarint length, bytes) [columns(uvarint) (length+1, bytes)...] crc32c(4)
type pagingState struct {
	digest uint64
	// remaining rows of the LIMIT; inPartition those of PER PARTITION LIMIT in the
	// position's partition. plan.NoLimit when there is none.
	remaining, inPartition int
	position               store.Position
}

const (
	pagingVersion = 1

	flagPartitionDone = 1
	flagClustering    = 2

	// maxPagingState bounds the bytes of a state that are looked at: a partition
	// key and clustering values of 64 KB each.
	maxPagingState = 4 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errPagingState is what Cassandra answers to a state it can't read.
func errPagingState() error {
	return cqlerr.New(cqlerr.Protocol, "Invalid value for the paging state")
}

// digestOf is the digest of a plan with the values of its WHERE clause.
func digestOf(p *plan.SelectPlan, values []backend.Value) uint64 {
	if p.WhereFrom >= p.WhereTo {
		return p.Digest
	}
	h := fnv.New64a()
	var b [9]byte
	binary.BigEndian.PutUint64(b[:], p.Digest)
	_, _ = h.Write(b[:8])
	for i := p.WhereFrom; i < p.WhereTo && i < len(values); i++ {
		binary.BigEndian.PutUint64(b[1:], uint64(len(values[i].Bytes)))
		b[0] = 0
		if values[i].Bytes == nil {
			b[0] = 1
		}
		_, _ = h.Write(b[:])
		_, _ = h.Write(values[i].Bytes)
	}
	return h.Sum64()
}

func (s *pagingState) encode() []byte {
	b := make([]byte, 0, 64+len(s.position.Partition))
	b = append(b, pagingVersion)
	b = binary.BigEndian.AppendUint64(b, s.digest)
	b = binary.AppendUvarint(b, uint64(s.remaining))
	b = binary.AppendUvarint(b, uint64(s.inPartition))
	flags := byte(0)
	if s.position.PartitionDone {
		flags |= flagPartitionDone
	}
	if s.position.Clustering != nil {
		flags |= flagClustering
	}
	b = append(b, flags)
	b = appendBytes(b, s.position.Partition)
	if s.position.Clustering != nil {
		b = binary.AppendUvarint(b, uint64(len(s.position.Clustering)))
		for _, v := range s.position.Clustering {
			b = appendBytes(b, v)
		}
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// appendBytes appends length+1 and the bytes; 0 is null.
func appendBytes(b, v []byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(v))+1)
	return append(b, v...)
}

// decodePagingState reads a state of a query on t with that digest. Every value in it
// is valid for its column afterwards.
func decodePagingState(b []byte, digest uint64, t *schema.Table) (*pagingState, error) {
	if len(b) < 13 || len(b) > maxPagingState || b[0] != pagingVersion ||
		crc32.Checksum(b[:len(b)-4], castagnoli) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return nil, errPagingState()
	}
	r := stateReader{b: b[1 : len(b)-4], ok: true}
	s := &pagingState{digest: r.uint64()}
	s.remaining, s.inPartition = r.limit(), r.limit()
	flags := r.byte()
	s.position.PartitionDone = flags&flagPartitionDone != 0
	s.position.Partition = r.bytes()
	if flags&flagClustering != 0 {
		n := r.uvarint()
		if n != uint64(len(t.Clustering)) && !(t.Dense() && n > 0 && n < uint64(len(t.Clustering))) {
			return nil, errPagingState()
		}
		for range n {
			s.position.Clustering = append(s.position.Clustering, r.bytes())
		}
	}
	if !r.ok || len(r.b) != 0 || s.digest != digest || !validPosition(&s.position, t) {
		return nil, errPagingState()
	}
	return s, nil
}

// validPosition checks the values of a position against their columns.
func validPosition(p *store.Position, t *schema.Table) bool {
	if len(p.Partition) == 0 || len(p.Partition) > plan.MaxKeyLength {
		return false
	}
	key, ok := cqltype.SplitPartitionKey(nil, p.Partition, len(t.PartitionKey))
	if !ok {
		return false
	}
	for i, v := range key {
		if t.PartitionKey[i].Type.Validate(v) != nil {
			return false
		}
	}
	for i, v := range p.Clustering {
		if v == nil || t.Clustering[i].Type.Validate(v) != nil {
			return false
		}
	}
	return true
}

// stateReader reads the parts of a state; ok turns false at the first that does not fit.
type stateReader struct {
	b  []byte
	ok bool
}

func (r *stateReader) take(n int) []byte {
	if n > len(r.b) {
		r.ok, r.b = false, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *stateReader) byte() byte {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *stateReader) uint64() uint64 {
	if v := r.take(8); v != nil {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

func (r *stateReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.ok, r.b = false, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *stateReader) limit() int {
	v := r.uvarint()
	if v > plan.NoLimit {
		r.ok = false
		return 0
	}
	return int(v)
}

func (r *stateReader) bytes() []byte {
	n := r.uvarint()
	if n == 0 {
		return nil
	}
	if n-1 > uint64(len(r.b)) {
		r.ok, r.b = false, nil
		return nil
	}
	return r.take(int(n - 1))
}
